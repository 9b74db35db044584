/* SPDX-License-Identifier: Apache-2.0 */
/* lists_config.c: the configuration of `cordon lists update`: a word and its value on each line.
 *
 *     store /var/lib/cordon/lists
 *     list us/sdn
 *         part sdn
 *         url  https://…/SDN.CSV
 *
 * `#` begins a comment, indentation is for people. Settings before the first `list` are for all of them. */
#include "lists_config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cdn_config.h"

#define ETC "/etc/cordon/lists.conf"
#define USUAL_STORE "/var/lib/cordon/lists"

static int wrong(const struct lists_config *c, uint32_t line, const char *message, const char *hint) {
    cordon_error e = {.code = CORDON_E_SYNTAX, .line = line, .column = 1};
    (void)snprintf(e.where, sizeof(e.where), "%.200s", c->path);
    (void)snprintf(e.message, sizeof(e.message), "%s", message);
    (void)snprintf(e.hint, sizeof(e.hint), "%s", hint);
    return say_error(NULL, &e);
}

/* Digits up to `most`; *rest is what follows them. */
static bool number(const char *s, uint64_t most, uint64_t *ret, const char **rest) {
    uint64_t v = 0;
    const char *const from = s;
    for (; *s >= '0' && *s <= '9'; s++) {
        v = v * 10 + (uint64_t)(*s - '0');
        if (v > most)
            return false;
    }
    *ret = v;
    *rest = s;
    return s != from;
}

static bool whole(const char *s, uint64_t most, uint64_t *ret) {
    const char *rest = NULL;
    return number(s, most, ret, &rest) && *rest == '\0';
}

/* "5", "2.5" percent as thousandths. */
static bool permille(const char *s, uint32_t *ret) {
    const char *rest = NULL;
    uint64_t percent = 0;
    uint64_t tenth = 0;
    if (!number(s, 100, &percent, &rest))
        return false;
    if (rest[0] == '.' && rest[1] >= '0' && rest[1] <= '9') {
        tenth = (uint64_t)(rest[1] - '0');
        rest += 2;
    }
    if (*rest != '\0' && strcmp(rest, "%") != 0 && strcmp(rest, " %") != 0)
        return false;
    *ret = (uint32_t)(percent * 10 + tenth);
    return *ret <= 1000;
}

static bool set_rule(struct list_source *l, const char *word, const char *value, bool *ret_known) {
    uint64_t n = 0;
    *ret_known = true;
    if (strcmp(word, "shrink") == 0)
        return permille(value, &l->rules.shrink_permille);
    if (strcmp(word, "nameless") == 0)
        return permille(value, &l->rules.nameless_permille);
    if (strcmp(word, "least") == 0)
        return whole(value, UINT32_MAX, &l->rules.least);
    if (strcmp(word, "allow") == 0) {
        const uint32_t flag = strcmp(value, "stale") == 0   ? CORDON_LIST_STALE_ALLOWED
                              : strcmp(value, "older") == 0 ? CORDON_LIST_OLDER_ALLOWED
                                                            : 0;
        l->rules.flags |= flag;
        return flag != 0;
    }
    if (strcmp(word, "most") == 0) {
        const bool good = whole(value, 2048, &n) && n > 0;
        l->most = good ? n << 20 : l->most;
        return good;
    }
    if (strcmp(word, "timeout") == 0 || strcmp(word, "stall") == 0) {
        const bool good = whole(value, 86400, &n) && n > 0;
        *(word[0] == 't' ? &l->seconds : &l->stall) = (long)n;
        return good;
    }
    if (strcmp(word, "tries") == 0 || strcmp(word, "pause") == 0) {
        const bool good = whole(value, 100, &n) && (n > 0 || word[0] == 'p');
        *(word[0] == 't' ? &l->tries : &l->pause) = (unsigned)n;
        return good;
    }
    *ret_known = false;
    return true;
}

static int set_source(
    struct lists_config *c, struct list_source *l, const char *word, const char *value, uint32_t line) {
    if (strcmp(word, "url") == 0) {
        if (strncmp(value, "https://", 8) != 0 && strncmp(value, "http://", 7) != 0)
            return wrong(c, line, "an address begins with https:// or http://", "");
        if (l->url_count == LIST_URLS)
            return wrong(c, line, "a list has at most four files", "");
        l->urls[l->url_count++] = value;
        return 0;
    }
    if (strcmp(word, "part") == 0) {
        l->part = strcmp(value, "sdn") == 0            ? CORDON_LIST_PART_SDN
                  : strcmp(value, "consolidated") == 0 ? CORDON_LIST_PART_CONSOLIDATED
                                                       : CORDON_LIST_PART_UNSAID;
        return l->part ? 0 : wrong(c, line, "part is `sdn` or `consolidated`", "");
    }
    if (strcmp(word, "off") == 0) {
        l->off = value;
        return 0;
    }
    return wrong(
        c,
        line,
        "not a setting",
        "store, list; of a list: url, part, off, shrink, nameless, least, allow, most, timeout, stall, "
        "tries, pause");
}

static int new_list(struct lists_config *c, const struct list_source *usual, const char *id, uint32_t line) {
    if (lists_config_find(c, id))
        return wrong(c, line, "this list stands here twice", "");
    if (c->count == MOST_LISTS)
        return wrong(c, line, "more than 64 lists", "");
    c->lists[c->count] = *usual;
    c->lists[c->count].id = id;
    c->lists[c->count++].line = line;
    return 0;
}

static int one_line(struct lists_config *c, struct list_source *usual, char *text, uint32_t line) {
    char *word = text + strspn(text, " \t");
    size_t end = strlen(word);
    while (end > 0 && (word[end - 1] == ' ' || word[end - 1] == '\t' || word[end - 1] == '\r'))
        word[--end] = '\0';
    if (*word == '\0' || *word == '#')
        return 0;
    char *value = word + strcspn(word, " \t");
    if (*value) {
        *value++ = '\0';
        value += strspn(value, " \t");
    }
    if (*value == '\0')
        return wrong(c, line, "a word without its value", "");
    if (strcmp(word, "list") == 0)
        return new_list(c, usual, value, line);
    if (strcmp(word, "store") == 0 && c->count == 0) {
        c->store = value;
        return 0;
    }
    struct list_source *const l = c->count ? &c->lists[c->count - 1] : usual;
    bool known = false;
    if (!set_rule(l, word, value, &known))
        return wrong(c, line, "not a value that this setting takes", "docs/lists.md tells units and limits");
    return known ? 0 : set_source(c, l, word, value, line);
}

static int check(const struct lists_config *c, const struct list_source *usual) {
    if (usual->url_count || usual->part || usual->off)
        return wrong(c, 1, "url, part and off belong below a `list`", "");
    for (size_t i = 0; i < c->count; i++) {
        if (c->lists[i].url_count == 0)
            return wrong(c, c->lists[i].line, "a list without an address", "give it a line `url https://…`");
    }
    return 0;
}

int lists_config_load(const char *path, struct lists_config *ret) {
    memset(ret, 0, sizeof(*ret));
    ret->path = path ? path : access(ETC, R_OK) == 0 ? ETC : CDN_DATADIR "/lists.conf";
    struct list_source usual = {
        .most = (uint64_t)512 << 20, .seconds = 1800, .stall = 60, .tries = 3, .pause = 2};
    cordon_list_rules_init(&usual.rules);
    cordon_error e = {0};
    if (read_input(ret->path, &ret->text, &e))
        return say_error(NULL, &e);
    if (memchr(ret->text.p ? ret->text.p : "", 0, ret->text.n))
        return wrong(ret, 1, "a NUL byte in it", "");
    char *const z = realloc(ret->text.p, ret->text.n + 1);
    if (!z)
        return EXIT_TROUBLE;
    z[ret->text.n] = '\0';
    ret->text.p = z;
    ret->text.cap = ret->text.n + 1;
    int status = 0;
    uint32_t line = 1;
    for (char *at = z; at && !status; line++) {
        char *const next = strchr(at, '\n');
        if (next)
            *next = '\0';
        status = one_line(ret, &usual, at, line);
        at = next ? next + 1 : NULL;
    }
    return status ? status : check(ret, &usual);
}

void lists_config_free(struct lists_config *c) {
    cordon_buffer_free(&c->text);
}

const struct list_source *lists_config_find(const struct lists_config *c, const char *id) {
    for (size_t i = 0; i < c->count; i++) {
        if (strcmp(c->lists[i].id, id) == 0)
            return &c->lists[i];
    }
    return NULL;
}

const char *lists_folder(const char *option, const struct lists_config *c) {
    const char *const environment = getenv("CORDON_LISTS");
    if (option)
        return option;
    if (environment && *environment)
        return environment;
    return c && c->store ? c->store : USUAL_STORE;
}

bool lists_expand(const char *url, char *to, size_t size, char missing[64]) {
    size_t n = 0;
    missing[0] = '\0';
    while (*url && n + 1 < size) {
        const char *const end = url[0] == '$' && url[1] == '{' ? strchr(url, '}') : NULL;
        if (!end) {
            to[n++] = *url++;
            continue;
        }
        char name[64];
        const size_t length = (size_t)(end - url) - 2;
        if (length >= sizeof(name))
            return false;
        memcpy(name, url + 2, length);
        name[length] = '\0';
        const char *const value = getenv(name);
        if (!value || !*value) {
            memcpy(missing, name, length + 1);
            return false;
        }
        const size_t k = strlen(value);
        if (n + k >= size)
            return false;
        memcpy(to + n, value, k);
        n += k;
        url = end + 1;
    }
    to[n] = '\0';
    return *url == '\0';
}
