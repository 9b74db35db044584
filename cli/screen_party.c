/* SPDX-License-Identifier: Apache-2.0 */
/* screen_party.c: from the cells of a row, the options of a command or a JSON record to a party. */
#include <stdlib.h>
#include <string.h>

#include "screen.h"

bool utf8_valid(cordon_str s) {
    for (size_t i = 0; i < s.n;) {
        const unsigned char c = (unsigned char)s.p[i];
        const size_t more = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2 : 3;
        if (c == 0 || (c >= 0x80 && c < 0xc2) || c > 0xf4 || i + more >= s.n + (more == 0))
            return false;
        for (size_t k = 1; k <= more; k++) {
            if (((unsigned char)s.p[i + k] & 0xc0) != 0x80)
                return false;
        }
        const unsigned char second = more ? (unsigned char)s.p[i + 1] : 0;
        if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second > 0x9f) || (c == 0xf0 && second < 0x90) ||
            (c == 0xf4 && second > 0x8f))
            return false;
        i += more + 1;
    }
    return true;
}

/* ---- parties
 * ------------------------------------------------------------------------------------------------ */

void party_clear(struct party *p) {
    memset(p->counts, 0, sizeof(p->counts));
    p->id = p->name = (cordon_str){"", 0};
    p->joined.n = 0;
    p->too_many = false;
    cordon_screen_party_init(&p->party);
}

void party_free(struct party *p) {
    cordon_buffer_free(&p->joined);
}

static cordon_str trimmed(cordon_str s) {
    while (s.n > 0 && (unsigned char)s.p[s.n - 1] <= ' ')
        s.n--;
    while (s.n > 0 && (unsigned char)*s.p <= ' ') {
        s.p++;
        s.n--;
    }
    return s;
}

/* "passport:AU:N123", "imo:9074729", or the value alone where the column says the kind. */
static cordon_screen_identifier identifier_of(const char *kind, cordon_str s) {
    cordon_screen_identifier ret = {.kind = kind ? cordon_text(kind) : (cordon_str){"", 0}, .value = s};
    ret.country = (cordon_str){"", 0};
    const char *const colon = kind ? NULL : memchr(s.p, ':', s.n);
    if (!colon)
        return ret;
    ret.kind = (cordon_str){s.p, (size_t)(colon - s.p)};
    ret.value = (cordon_str){colon + 1, s.n - ret.kind.n - 1};
    const char *const second = memchr(ret.value.p, ':', ret.value.n);
    if (second && second - ret.value.p == 2) {
        ret.country = (cordon_str){ret.value.p, 2};
        ret.value = (cordon_str){second + 1, ret.value.n - 3};
    }
    return ret;
}

static void add_one(struct party *p, enum field field, const char *kind, cordon_str text) {
    text = trimmed(text);
    if (text.n == 0)
        return;
    if (p->counts[field] == PARTY_VALUES) {
        p->too_many = true;
        return;
    }
    if (field == FIELD_IDENTIFIER)
        p->identifiers[p->counts[field]] = identifier_of(kind, text);
    p->texts[field][p->counts[field]++] = text;
}

void party_add(struct party *p, enum field field, const char *kind, cordon_str text, char separator) {
    while (separator && text.n > 0) {
        const char *const end = memchr(text.p, separator, text.n);
        const size_t n = end ? (size_t)(end - text.p) : text.n;
        add_one(p, field, kind, (cordon_str){text.p, n});
        text.p += end ? n + 1 : n;
        text.n -= end ? n + 1 : n;
    }
    if (!separator)
        add_one(p, field, kind, text);
}

/* first+last: with a space between. The texts move when the buffer grows, so its size is made sure of. */
static cordon_str join(struct party *p,
                       const struct columns *c,
                       size_t from,
                       size_t to,
                       const struct row *row,
                       const char *text) {
    const size_t begin = p->joined.n;
    for (size_t i = from; i < to; i++) {
        const struct cell *const cell = &row->cells[i];
        if (cell->n == 0)
            continue;
        if (p->joined.n > begin && !append(&p->joined, " ", 1))
            p->too_many = true;
        if (!append(&p->joined, text + cell->at, cell->n))
            p->too_many = true;
    }
    (void)c;
    return (cordon_str){p->joined.p ? p->joined.p + begin : "", p->joined.n - begin};
}

static bool reserve(cordon_buffer *b, size_t n) {
    if (b->cap >= n)
        return true;
    char *const more = realloc(b->p, n);
    if (!more)
        return false;
    b->p = more;
    b->cap = n;
    return true;
}

void party_of_row(struct party *p, const struct columns *columns, const struct row *row, const char *text) {
    party_clear(p);
    size_t all = 0;
    for (size_t i = 0; i < columns->count; i++)
        all += row->cells[i].n + 1;
    if (!reserve(&p->joined, all + 1)) {
        p->too_many = true;
        return;
    }
    for (size_t i = 0; i < columns->count;) {
        const struct column *const c = &columns->items[i];
        size_t end = i + 1;
        while (end < columns->count && columns->items[end].joined)
            end++;
        const cordon_str value = end > i + 1 ? join(p, columns, i, end, row, text)
                                             : (cordon_str){text + row->cells[i].at, row->cells[i].n};
        party_add(p, (enum field)c->field, c->kind, value, c->field == FIELD_ID ? '\0' : row->separator);
        i = end;
    }
}

void party_finish(struct party *p) {
    /* Aliases follow the name; there is room for both, since the screener takes fewer. */
    p->name = p->counts[FIELD_NAME] ? p->texts[FIELD_NAME][0] : (cordon_str){"", 0};
    p->id = p->counts[FIELD_ID] ? p->texts[FIELD_ID][0] : (cordon_str){"", 0};
    for (size_t i = 0; i < p->counts[FIELD_ALIAS]; i++) {
        if (p->counts[FIELD_NAME] == PARTY_VALUES) {
            p->too_many = true;
            break;
        }
        p->texts[FIELD_NAME][p->counts[FIELD_NAME]++] = p->texts[FIELD_ALIAS][i];
    }
    p->counts[FIELD_ALIAS] = 0;
    cordon_screen_party *const q = &p->party;
    q->names = p->texts[FIELD_NAME];
    q->name_count = p->counts[FIELD_NAME];
    q->type = p->counts[FIELD_TYPE] ? p->texts[FIELD_TYPE][0] : (cordon_str){"", 0};
    q->births = p->texts[FIELD_BIRTH];
    q->birth_count = p->counts[FIELD_BIRTH];
    q->birth_places = p->texts[FIELD_BIRTH_PLACE];
    q->birth_place_count = p->counts[FIELD_BIRTH_PLACE];
    q->addresses = p->texts[FIELD_ADDRESS];
    q->address_count = p->counts[FIELD_ADDRESS];
    q->nationalities = p->texts[FIELD_NATIONALITY];
    q->nationality_count = p->counts[FIELD_NATIONALITY];
    q->countries = p->texts[FIELD_COUNTRY];
    q->country_count = p->counts[FIELD_COUNTRY];
    q->gender = p->counts[FIELD_GENDER] ? p->texts[FIELD_GENDER][0] : (cordon_str){"", 0};
    q->identifiers = p->identifiers;
    q->identifier_count = p->counts[FIELD_IDENTIFIER];
}

/* ---- JSON
 * --------------------------------------------------------------------------------------------------- */

#define JSON_DEPTH 32

struct scan {
    const char *p, *end;
    cordon_buffer *storage;
    const char *why;
};

static char peek(struct scan *s) {
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\r' || *s->p == '\n'))
        s->p++;
    return s->p < s->end && !s->why ? *s->p : '\0';
}

static bool bad(struct scan *s, const char *why) {
    if (!s->why)
        s->why = why;
    return false;
}

static bool take(struct scan *s, char c) {
    if (peek(s) != c)
        return false;
    s->p++;
    return true;
}

static long hex4(struct scan *s) {
    long v = 0;
    for (int i = 0; i < 4; i++, s->p++) {
        const char c = s->p < s->end ? *s->p : '\0';
        const int d = c >= '0' && c <= '9'                 ? c - '0'
                      : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                           : -1;
        if (d < 0)
            return -1;
        v = v * 16 + d;
    }
    return v;
}

static bool code_point(struct scan *s) {
    long v = hex4(s);
    if (v >= 0xd800 && v < 0xdc00 && s->end - s->p > 6 && s->p[0] == '\\' && s->p[1] == 'u') {
        s->p += 2;
        const long low = hex4(s);
        v = low >= 0xdc00 && low < 0xe000 ? 0x10000 + ((v - 0xd800) << 10) + (low - 0xdc00) : -1;
    }
    if (v < 0 || (v >= 0xd800 && v < 0xe000))
        return bad(s, "a \\u escape that is no character");
    v = v < 0x20 ? 0x20 : v; /* a control character is as good as a blank */
    char out[4];
    size_t n = 0;
    if (v < 0x80) {
        out[n++] = (char)v;
    } else if (v < 0x800) {
        out[n++] = (char)(0xc0 | (v >> 6));
        out[n++] = (char)(0x80 | (v & 0x3f));
    } else if (v < 0x10000) {
        out[n++] = (char)(0xe0 | (v >> 12));
        out[n++] = (char)(0x80 | ((v >> 6) & 0x3f));
        out[n++] = (char)(0x80 | (v & 0x3f));
    } else {
        out[n++] = (char)(0xf0 | (v >> 18));
        out[n++] = (char)(0x80 | ((v >> 12) & 0x3f));
        out[n++] = (char)(0x80 | ((v >> 6) & 0x3f));
        out[n++] = (char)(0x80 | (v & 0x3f));
    }
    return append(s->storage, out, n) || bad(s, "no memory");
}

static bool string(struct scan *s) {
    if (!take(s, '"'))
        return bad(s, "a text was expected");
    while (s->p < s->end && !s->why) {
        const char c = *s->p++;
        if (c == '"')
            return true;
        if ((unsigned char)c < 0x20)
            return bad(s, "a control character in a text");
        if (c != '\\') {
            if (!append(s->storage, &c, 1))
                return bad(s, "no memory");
            continue;
        }
        const char e = s->p < s->end ? *s->p++ : '\0';
        if (e == 'u') {
            if (!code_point(s))
                return false;
        } else if (e == '"' || e == '\\' || e == '/') {
            if (!append(s->storage, &e, 1))
                return bad(s, "no memory");
        } else if (e == 'b' || e == 'f' || e == 'n' || e == 'r' || e == 't') {
            if (!append(s->storage, " ", 1))
                return bad(s, "no memory");
        } else {
            return bad(s, "an unknown escape in a text");
        }
    }
    return bad(s, "a text without end");
}

/* A number as it stands; true, false; nothing for null. */
static bool word(struct scan *s) {
    const char *const from = s->p;
    while (s->p < s->end && ((*s->p >= '0' && *s->p <= '9') || (*s->p >= 'a' && *s->p <= 'z') ||
                             *s->p == '-' || *s->p == '+' || *s->p == '.' || *s->p == 'E'))
        s->p++;
    const size_t n = (size_t)(s->p - from);
    if (n == 4 && memcmp(from, "null", 4) == 0)
        return true;
    const bool known = (n == 4 && memcmp(from, "true", 4) == 0) ||
                       (n == 5 && memcmp(from, "false", 5) == 0) ||
                       (n > 0 && (*from == '-' || (*from >= '0' && *from <= '9')));
    if (!known)
        return bad(s, "not JSON");
    return append(s->storage, from, n) || bad(s, "no memory");
}

/* Anything, without keeping it; no recursion, so that depth costs nothing. */
static bool skip(struct scan *s) {
    unsigned depth = 0;
    do {
        const char c = peek(s);
        const size_t before = s->storage->n;
        if (c == '{' || c == '[') {
            if (++depth > JSON_DEPTH)
                return bad(s, "nested too deeply");
            s->p++;
            continue;
        }
        if (c == '}' || c == ']') {
            if (depth-- == 0)
                return bad(s, "not JSON");
            s->p++;
        } else if (c == ',' || c == ':') {
            s->p++;
            continue;
        } else if (c == '"' ? !string(s) : !word(s)) {
            return false;
        }
        s->storage->n = before;
    } while (depth > 0 && !s->why);
    return !s->why;
}

static bool scalar(struct scan *s) {
    return peek(s) == '"' ? string(s) : word(s);
}

static bool items(struct scan *s, cordon_str name, json_member_fn member, void *ctx) {
    bool first = true;
    if (take(s, ']'))
        return true;
    do {
        if (!first && !append(s->storage, "\x1f", 1))
            return bad(s, "no memory");
        const size_t at = s->storage->n;
        if (peek(s) == '{' || peek(s) == '[') {
            if (!skip(s))
                return false;
            return bad(s, "a list of anything but texts and numbers");
        }
        if (!scalar(s) || !member(ctx, name, at, s->storage->n - at, first))
            return bad(s, "not JSON");
        first = false;
    } while (take(s, ','));
    return take(s, ']') || bad(s, "not JSON");
}

const char *json_object(cordon_str text, cordon_buffer *storage, json_member_fn member, void *ctx) {
    struct scan s = {.p = text.p, .end = text.p + text.n, .storage = storage};
    if (!take(&s, '{'))
        return "not a JSON object";
    if (take(&s, '}'))
        return peek(&s) ? "something follows the object" : NULL;
    do {
        char name[128];
        const size_t before = storage->n;
        (void)peek(&s);
        if (!string(&s))
            break;
        const size_t n = storage->n - before;
        if (n < sizeof(name))
            memcpy(name, storage->p + before, n);
        storage->n = before;
        if (!take(&s, ':')) {
            (void)bad(&s, "not JSON");
            break;
        }
        const cordon_str called = {n < sizeof(name) ? name : "", n < sizeof(name) ? n : 0};
        const char c = peek(&s);
        if (c == '{') {
            (void)skip(&s);
        } else if (c == '[') {
            s.p++;
            (void)items(&s, called, member, ctx);
        } else if (scalar(&s) && !member(ctx, called, before, storage->n - before, true)) {
            (void)bad(&s, "an unknown member");
        }
    } while (!s.why && take(&s, ','));
    if (!s.why && !take(&s, '}'))
        (void)bad(&s, "not JSON");
    if (!s.why && peek(&s))
        (void)bad(&s, "something follows the object");
    return s.why;
}

struct record {
    struct span {
        size_t at, n;
        int field;
    } spans[PARTY_VALUES * 4];
    size_t count;
};

static bool take_field(void *ctx, cordon_str name, size_t at, size_t n, bool first) {
    struct record *const r = ctx;
    (void)first;
    const int field =
        name.n == 5 && memcmp(name.p, "names", 5) == 0 ? FIELD_ALIAS : field_of_name(name.p, name.n);
    if (field < 0 || r->count == PARTY_VALUES * 4)
        return false;
    r->spans[r->count++] = (struct span){at, n, field};
    return true;
}

const char *party_of_json(struct party *p, cordon_str text, cordon_buffer *storage) {
    struct record r = {.count = 0};
    party_clear(p);
    storage->n = 0;
    if (!utf8_valid(text))
        return "not UTF-8, or with a NUL byte in it";
    const char *const why = json_object(text, storage, take_field, &r);
    for (size_t i = 0; !why && i < r.count; i++)
        party_add(p,
                  (enum field)r.spans[i].field,
                  NULL,
                  (cordon_str){storage->p + r.spans[i].at, r.spans[i].n},
                  '\0');
    if (!why) {
        party_finish(p);
        p->name = p->party.name_count ? p->party.names[0] : (cordon_str){"", 0};
    }
    return why;
}
