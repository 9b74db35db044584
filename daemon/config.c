/* SPDX-License-Identifier: Apache-2.0 */
/* config.c: reads the settings; one table (settings.def) drives reader, default file and reload. */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/limits.h"

enum kind { KIND_text, KIND_path, KIND_count, KIND_size, KIND_span, KIND_flag };

struct setting {
    const char *name, *preset, *help, *group; /* group: a row that is a title, and nothing else */
    enum kind kind;
    size_t at, size;
    bool live;
};

static const struct setting settings[] = {
#define GROUP(title) {.group = (title)},
#define SETTING(member, is, value, reload, text)                                                             \
    {.name = #member,                                                                                        \
     .preset = (value),                                                                                      \
     .help = (text),                                                                                         \
     .kind = KIND_##is,                                                                                      \
     .at = offsetof(struct config, member),                                                                  \
     .size = sizeof(config_##is),                                                                            \
     .live = (reload)},
#include "settings.def"
#undef GROUP
#undef SETTING
};

struct unit {
    const char *name;
    uint64_t factor;
};
static const struct unit sizes[] = {{"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824}, {"", 1}};
static const struct unit spans[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};

static int read_number(cordon_str v, uint64_t *ret, cordon_str *ret_rest) {
    uint64_t n = 0;
    size_t i = 0;
    for (; i < v.n && v.p[i] >= '0' && v.p[i] <= '9'; i++) {
        if (n > (UINT64_MAX >> 8) / 10)
            return CORDON_E_RANGE;
        n = n * 10 + (uint64_t)(v.p[i] - '0');
    }
    if (i == 0)
        return CORDON_E_SYNTAX;
    *ret = n;
    *ret_rest = cdn_str_trim(cdn_str(v.p + i, v.n - i));
    return 0;
}

static int read_units(
    cordon_str v, const struct unit *units, size_t count, const char *forms, uint64_t *ret, cordon_error *e) {
    uint64_t n = 0;
    cordon_str rest = {0};
    const int err = read_number(v, &n, &rest);
    if (err)
        return cdn_fail(e, err, "`%.*s` is no number with a unit; write it like %s", CDN_FMT(v), forms);
    for (size_t i = 0; i < count; i++) {
        if (cdn_str_eq(rest, cdn_str_z(units[i].name))) {
            if (__builtin_mul_overflow(n, units[i].factor, &n) || n > INT64_MAX)
                return cdn_fail(e, CORDON_E_RANGE, "`%.*s` is too large", CDN_FMT(v));
            *ret = n;
            return 0;
        }
    }
    return cdn_fail(
        e, CORDON_E_SYNTAX, "the unit of `%.*s` is not known; write it like %s", CDN_FMT(v), forms);
}

static int read_value(const struct setting *s, void *to, cordon_str v, cordon_error *e) {
    cordon_str rest = {0};
    uint64_t n = 0;
    switch (s->kind) {
    case KIND_text:
    case KIND_path:
        if (v.n >= CONFIG_TEXT || memchr(v.p ? v.p : "", '\0', v.n))
            return cdn_fail(e, CORDON_E_LIMIT, "`%s` takes at most %d bytes", s->name, CONFIG_TEXT - 1);
        memset(to, 0, CONFIG_TEXT); /* all of it: settings are compared by their bytes */
        if (v.n > 0)
            memcpy(to, v.p, v.n);
        return 0;
    case KIND_count:
        if (read_number(v, &n, &rest) || rest.n > 0 || n > 100000000)
            return cdn_fail(e, CORDON_E_SYNTAX, "`%s` takes a whole number, not `%.*s`", s->name, CDN_FMT(v));
        memcpy(to, &n, sizeof(n));
        return 0;
    case KIND_size:
    case KIND_span: {
        const bool span = s->kind == KIND_span;
        const int err = read_units(v,
                                   span ? spans : sizes,
                                   span ? CDN_ARRAY_LEN(spans) : CDN_ARRAY_LEN(sizes),
                                   span ? "250ms, 30s, 5m, 1h, 1d" : "4096, 64KiB, 1MiB",
                                   &n,
                                   e);
        if (!err)
            memcpy(to, &n, sizeof(n));
        return err;
    }
    case KIND_flag: {
        const bool yes = cdn_str_eq(v, CDN_STR("yes"));
        if (!yes && !cdn_str_eq(v, CDN_STR("no")))
            return cdn_fail(e, CORDON_E_SYNTAX, "`%s` takes yes or no, not `%.*s`", s->name, CDN_FMT(v));
        memcpy(to, &yes, sizeof(yes));
        return 0;
    }
    default:
        return cdn_fail(e, CORDON_E_INTERNAL, "unknown kind of setting");
    }
}

void config_defaults(struct config *c) {
    *c = (struct config){0};
    for (size_t i = 0; i < CDN_ARRAY_LEN(settings); i++) {
        const struct setting *s = &settings[i];
        if (s->name)
            (void)read_value(s, (char *)c + s->at, cdn_str_z(s->preset), NULL); /* a test reads them all */
    }
}

static const struct setting *find(cordon_str name, cordon_error *e) {
    struct cdn_suggest near;
    cdn_suggest_init(&near, name);
    for (size_t i = 0; i < CDN_ARRAY_LEN(settings); i++) {
        const struct setting *s = &settings[i];
        if (s->name && cdn_str_eq(name, cdn_str_z(s->name)))
            return s;
        if (s->name)
            cdn_suggest_offer(&near, cdn_str_z(s->name));
    }
    (void)cdn_fail(e, CORDON_E_NAME, "there is no setting `%.*s`", CDN_FMT(name));
    if (cdn_suggest_found(&near))
        cdn_error_hint(e, "did you mean `%.*s`?", CDN_FMT(near.best));
    else
        cdn_error_hint(e, "`cordond --print-config` lists them all");
    return NULL;
}

/* Reads "name = value"; *ret_at: the byte of the line that is wrong, or the number of the setting. */
static int read_assignment(struct config *c, cordon_str line, size_t *ret_at, cordon_error *e) {
    const char *eq = memchr(line.p, '=', line.n);
    const cordon_str name = cdn_str_trim(cdn_str(line.p, eq ? (size_t)(eq - line.p) : line.n));
    *ret_at = name.n ? (size_t)(name.p - line.p) : 0;
    if (!eq) {
        (void)cdn_fail(e, CORDON_E_SYNTAX, "`%.*s` is no setting", CDN_FMT(line));
        cdn_error_hint(e, "write `name = value`, or `#` before a comment");
        return CORDON_E_SYNTAX;
    }
    const struct setting *s = find(name, e);
    if (!s)
        return CORDON_E_NAME;
    const cordon_str value = cdn_str_trim(cdn_str(eq + 1, line.n - (size_t)(eq + 1 - line.p)));
    *ret_at = value.n ? (size_t)(value.p - line.p) : line.n;
    const int err = read_value(s, (char *)c + s->at, value, e);
    if (!err)
        *ret_at = (size_t)(s - settings);
    return err;
}

static cordon_str without_comment(cordon_str line) {
    for (size_t i = 0; i < line.n; i++) {
        if (line.p[i] == '#' && (i == 0 || line.p[i - 1] == ' ' || line.p[i - 1] == '\t'))
            line.n = i;
    }
    return line;
}

int config_read(struct config *c, const char *file, cordon_str text, cordon_error *e) {
    struct config next = *c;
    uint32_t seen[CDN_ARRAY_LEN(settings)] = {0};
    cordon_str rest = text;
    for (uint32_t number = 1; rest.n > 0; number++) {
        const cordon_str whole = cdn_str_split(rest, '\n', &rest);
        const cordon_str line = without_comment(whole);
        size_t at = 0;
        if (cdn_str_trim(line).n == 0)
            continue;
        int err = read_assignment(&next, line, &at, e);
        if (!err && seen[at]) {
            err = cdn_fail(
                e, CORDON_E_CONFLICT, "`%s` was set in line %u already", settings[at].name, seen[at]);
            at = 0;
        }
        if (err) {
            cdn_error_where(e, cdn_str_z(file), number, (uint32_t)at + 1);
            return err;
        }
        seen[at] = number;
    }
    *c = next;
    return 0;
}

int config_set(struct config *c, cordon_str assignment, cordon_error *e) {
    size_t at = 0;
    return read_assignment(c, assignment, &at, e);
}

int config_check(const struct config *c, cordon_error *e) {
    struct sockaddr_storage a;
    const int err = config_address(c->listen, &a, e);
    if (err)
        return err;
    if ((c->tls_certificate[0] != '\0') != (c->tls_key[0] != '\0'))
        return cdn_fail(
            e, CORDON_E_CONFLICT, "tls_certificate and tls_key go together: one of them is empty");
    if (!config_is_loopback(&a) && !c->tls_certificate[0] && !c->allow_plain) {
        (void)cdn_fail(e, CORDON_E_CONFLICT, "`listen = %s` is beyond this machine, without TLS", c->listen);
        cdn_error_hint(e, "set tls_certificate and tls_key, or `allow_plain = yes` behind a proxy");
        return CORDON_E_CONFLICT;
    }
    if (c->data[0] == '\0')
        return cdn_fail(e, CORDON_E_CONFLICT, "`data` is empty: the journal needs a folder");
    if (c->threads > 256 || c->connections < 1 || c->connections > 100000)
        return cdn_fail(e, CORDON_E_RANGE, "threads is at most 256, connections from 1 to 100000");
    if (c->request_size < 1024 || c->request_size > CDN_MIB(1))
        return cdn_fail(e, CORDON_E_RANGE, "request_size is from 1KiB to 1MiB");
    if (c->idle_time < 1000 || c->request_time < 100 || c->answer_time < 10)
        return cdn_fail(e, CORDON_E_RANGE, "idle_time is at least 1s, request_time 100ms, answer_time 10ms");
    return 0;
}

void config_reload(struct config *to, const struct config *from, unsigned *ret_fixed) {
    unsigned fixed = 0;
    for (size_t i = 0; i < CDN_ARRAY_LEN(settings); i++) {
        const struct setting *s = &settings[i];
        if (!s->name)
            continue;
        void *a = (char *)to + s->at;
        const void *b = (const char *)from + s->at;
        const bool text = s->kind == KIND_text || s->kind == KIND_path;
        const bool same = text ? strcmp(a, b) == 0 : memcmp(a, b, s->size) == 0;
        if (!same && s->live)
            memcpy(a, b, s->size);
        else if (!same)
            fixed++;
    }
    *ret_fixed = fixed;
}

static void print_comment(FILE *out, const char *text) {
    (void)fputs("# ", out);
    for (const char *p = text; *p; p++) {
        (void)putc(*p, out);
        if (*p == '\n')
            (void)fputs("# ", out);
    }
    (void)putc('\n', out);
}

void config_print(FILE *out) {
    (void)fputs(
        "# cordond.conf: every setting with its default. Lines `name = value`; `#` starts a comment.\n"
        "# `cordond --check-config FILE` says whether a file is right. (restart): SIGHUP does not apply "
        "it.\n",
        out);
    for (size_t i = 0; i < CDN_ARRAY_LEN(settings); i++) {
        const struct setting *s = &settings[i];
        if (s->group) {
            (void)fprintf(out, "\n# ---- %s\n", s->group);
            continue;
        }
        (void)putc('\n', out);
        print_comment(out, s->help);
        (void)fprintf(out, "#%s = %s%s\n", s->name, s->preset, s->live ? "" : "    # (restart)");
    }
}

int config_address(const char *text, struct sockaddr_storage *ret, cordon_error *e) {
    const char *colon = strrchr(text, ':');
    char host[64] = "";
    uint64_t port = 0;
    cordon_str rest = {0};
    struct sockaddr_storage a = {0};
    size_t n = colon ? (size_t)(colon - text) : 0;
    if (!colon || n >= sizeof(host) || read_number(cdn_str_z(colon + 1), &port, &rest) || rest.n > 0 ||
        port > 65535) {
        return cdn_fail(
            e, CORDON_E_SYNTAX, "`%s` is no address with a port, like 127.0.0.1:8920 or [::1]:8920", text);
    }
    memcpy(host, text, n);
    if (n > 1 && host[0] == '[' && host[n - 1] == ']') {
        struct sockaddr_in6 *six = (struct sockaddr_in6 *)&a;
        host[n - 1] = '\0';
        six->sin6_family = AF_INET6;
        six->sin6_port = htons((uint16_t)port);
        if (inet_pton(AF_INET6, host + 1, &six->sin6_addr) != 1)
            return cdn_fail(e, CORDON_E_SYNTAX, "`%s` is no IPv6 address", host + 1);
    } else {
        struct sockaddr_in *four = (struct sockaddr_in *)&a;
        four->sin_family = AF_INET;
        four->sin_port = htons((uint16_t)port);
        if (inet_pton(AF_INET, n ? host : "127.0.0.1", &four->sin_addr) != 1)
            return cdn_fail(e, CORDON_E_SYNTAX, "`%s` is no IPv4 address; names are not looked up", host);
    }
    *ret = a;
    return 0;
}

bool config_is_loopback(const struct sockaddr_storage *a) {
    if (a->ss_family == AF_INET6) {
        const struct in6_addr *six = &((const struct sockaddr_in6 *)a)->sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(six))
            return six->s6_addr[12] == 127;
        return IN6_IS_ADDR_LOOPBACK(six);
    }
    return a->ss_family == AF_INET && (ntohl(((const struct sockaddr_in *)a)->sin_addr.s_addr) >> 24) == 127;
}
