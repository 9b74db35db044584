/* SPDX-License-Identifier: Apache-2.0 */
/* body.c: the body of a command.
 *
 * The text is first checked to be JSON as a whole, by the reader of requests; everything after that walks a
 * text that is known to be well formed, so that finding the end of a value is counting brackets outside of
 * strings. */
#include "service/body.h"

#include "base/limits.h"
#include "base/num.h"
#include "json/json.h"

static size_t skip_white(cordon_str s, size_t at) {
    while (at < s.n && (s.p[at] == ' ' || s.p[at] == '\t' || s.p[at] == '\n' || s.p[at] == '\r'))
        at++;
    return at;
}

static size_t skip_string(cordon_str s, size_t at) {
    for (at++; at < s.n && s.p[at] != '"'; at++) {
        if (s.p[at] == '\\')
            at++;
    }
    return CDN_MIN(at + 1, s.n);
}

static size_t skip_value(cordon_str s, size_t at) {
    unsigned depth = 0;
    while (at < s.n) {
        const char c = s.p[at];
        if (c == '"') {
            at = skip_string(s, at);
            if (!depth)
                return at;
            continue;
        }
        if (c == '{' || c == '[')
            depth++;
        else if (c == '}' || c == ']') {
            if (!depth)
                return at;
            if (--depth == 0)
                return at + 1;
        } else if (!depth && (c == ',' || c == ' ' || c == '\t' || c == '\n' || c == '\r')) {
            return at;
        }
        at++;
    }
    return at;
}

bool cdn_body_item(cordon_str array, size_t *at, cordon_str *ret) {
    size_t i = *at ? *at : 1;
    i = skip_white(array, i);
    if (i < array.n && array.p[i] == ',')
        i = skip_white(array, i + 1);
    if (i >= array.n || array.p[i] == ']')
        return false;
    const size_t end = skip_value(array, i);
    *ret = cdn_str(array.p + i, end - i);
    *at = end;
    return end > i;
}

bool cdn_body_number(cordon_str text, uint64_t *ret) {
    uint64_t v = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9' || v > (uint64_t)INT64_MAX / 10 - 1)
            return false;
        v = v * 10 + (uint64_t)(text.p[i] - '0');
    }
    if (!text.n)
        return false;
    *ret = v;
    return true;
}

/* ---- strings
 * --------------------------------------------------------------------------------------------------- */

static uint32_t hex4(const char *p) {
    uint32_t v = 0;
    for (unsigned i = 0; i < 4; i++) {
        const char c = p[i];
        v = v * 16 + (uint32_t)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    }
    return v;
}

static size_t unescape(cordon_str in, size_t at, char out[4], size_t *ret_n) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *simple = in.p[at + 1] != 'u' ? memchr(from, in.p[at + 1], sizeof(from) - 1) : NULL;
    if (simple) {
        out[0] = to[simple - from];
        *ret_n = 1;
        return at + 2;
    }
    uint32_t cp = at + 6 <= in.n ? hex4(in.p + at + 2) : 0xFFFD;
    size_t next = at + 6;
    if (cp >= 0xD800 && cp < 0xDC00 && next + 6 <= in.n && in.p[next] == '\\') {
        cp = 0x10000 + ((cp - 0xD800) << 10) + (hex4(in.p + next + 2) - 0xDC00);
        next += 6;
    }
    *ret_n = cdn_utf8_encode(cp, out);
    return CDN_MIN(next, in.n);
}

/* The text of a JSON string, in the arena. */
static int text_of(cordon_str json, struct cdn_arena *arena, cordon_str *ret) {
    const cordon_str in = cdn_str(json.p + 1, json.n - 2);
    char *p = cdn_arena_take(arena, in.n + 1);
    size_t n = 0;
    if (!p)
        return CORDON_E_NOMEM;
    for (size_t at = 0; at < in.n;) {
        if (in.p[at] != '\\' || at + 1 >= in.n) {
            p[n++] = in.p[at++];
            continue;
        }
        char bytes[4];
        size_t k = 0;
        at = unescape(in, at, bytes, &k);
        memcpy(p + n, bytes, k); /* never longer than the escape */
        n += k;
    }
    *ret = cdn_str(p, n);
    return 0;
}

/* ---- members
 * ---------------------------------------------------------------------------------------------------- */

static int bad(struct cordon_error *e, int code, const char *name, const char *what) {
    char pointer[160];
    struct cdn_buf b;
    (void)cdn_fail(e, code, "%s", what);
    cdn_buf_fixed(&b, pointer, sizeof(pointer));
    cdn_buf_char(&b, '/');
    cdn_buf_put(&b, name, CDN_MIN(strlen(name), (size_t)120));
    cdn_error_where(e, cdn_buf_get(&b), 0, 0);
    return code;
}

static int allowed(cordon_str name, const char *const *names, struct cordon_error *e) {
    struct cdn_suggest s;
    cdn_suggest_init(&s, name);
    for (size_t i = 0; names && names[i]; i++) {
        if (cdn_str_eq(name, cdn_str_z(names[i])))
            return 0;
        cdn_suggest_offer(&s, cdn_str_z(names[i]));
    }
    if (!names)
        return 0;
    (void)cdn_fail(e, CORDON_E_NAME, "unknown member `%.*s`", (int)CDN_MIN(name.n, (size_t)100), name.p);
    if (cdn_suggest_found(&s))
        cdn_error_hint(e, "did you mean `%.*s`?", CDN_FMT(s.best));
    return CORDON_E_NAME;
}

int cdn_body_read(cordon_str text,
                  const char *const *names,
                  struct cdn_arena *arena,
                  struct cdn_body *ret,
                  struct cordon_error *e) {
    *ret = (struct cdn_body){.arena = arena};
    text = cdn_str_trim(text);
    if (!text.n)
        return 0;
    int err = cdn_json_check(text, arena, e);
    if (err)
        return err;
    if (text.p[0] != '{')
        return cdn_fail(e, CORDON_E_TYPE, "the body is to be a JSON object");
    size_t at = skip_white(text, 1);
    while (!err && at < text.n && text.p[at] != '}') {
        cordon_str name;
        const size_t end = skip_string(text, at);
        err = text_of(cdn_str(text.p + at, end - at), arena, &name);
        err = err ? err : allowed(name, names, e);
        for (unsigned i = 0; !err && i < ret->count; i++) {
            if (cdn_str_eq(ret->members[i].name, name))
                err = cdn_fail(e,
                               CORDON_E_CONFLICT,
                               "the member `%.*s` is there twice",
                               (int)CDN_MIN(name.n, (size_t)100),
                               name.p);
        }
        if (!err && ret->count == CDN_BODY_MEMBERS)
            err = cdn_fail(e, CORDON_E_LIMIT, "more than %d members", CDN_BODY_MEMBERS);
        if (err)
            break;
        at = skip_white(text, skip_white(text, end) + 1); /* the colon */
        const size_t over = skip_value(text, at);
        ret->members[ret->count++] = (struct cdn_body_member){name, cdn_str(text.p + at, over - at)};
        at = skip_white(text, over);
        if (at < text.n && text.p[at] == ',')
            at = skip_white(text, at + 1);
    }
    return err == CORDON_E_NOMEM ? cdn_fail(e, err, "out of memory") : err;
}

cordon_str cdn_body_raw(const struct cdn_body *b, const char *name) {
    for (unsigned i = 0; i < b->count; i++) {
        if (cdn_str_eq(b->members[i].name, cdn_str_z(name)) &&
            !cdn_str_eq(b->members[i].value, CDN_STR("null")))
            return b->members[i].value;
    }
    return cdn_str(NULL, 0);
}

int cdn_body_text(const struct cdn_body *b, const char *name, cordon_str *ret, struct cordon_error *e) {
    const cordon_str raw = cdn_body_raw(b, name);
    if (!raw.n)
        return 0;
    if (raw.p[0] != '"')
        return bad(e, CORDON_E_TYPE, name, "is to be a text");
    const int err = text_of(raw, b->arena, ret);
    return err ? cdn_fail(e, err, "out of memory") : 0;
}

int cdn_body_count(const struct cdn_body *b, const char *name, uint64_t *ret, struct cordon_error *e) {
    const cordon_str raw = cdn_body_raw(b, name);
    if (raw.n && !cdn_body_number(raw, ret))
        return bad(e, CORDON_E_TYPE, name, "is to be a whole number");
    return 0;
}

int cdn_body_instant(const struct cdn_body *b, const char *name, int64_t *ret, struct cordon_error *e) {
    cordon_str text = {NULL, 0};
    int32_t offset = 0;
    const int err = cdn_body_text(b, name, &text, e);
    if (!err && text.n && cdn_time_parse(text, ret, &offset) < 0)
        return bad(e, CORDON_E_SYNTAX, name, "is to be an instant, such as 2026-10-01T09:00:00Z");
    return err;
}

static size_t items_of(cordon_str raw) {
    size_t at = 0, n = 0;
    cordon_str item;
    while (cdn_body_item(raw, &at, &item))
        n++;
    return n;
}

/* One item of a list, read to `to`. */
typedef int (*item_reader)(
    const struct cdn_body *b, const char *name, cordon_str item, void *to, struct cordon_error *e);

static int read_text_item(
    const struct cdn_body *b, const char *name, cordon_str item, void *to, struct cordon_error *e) {
    if (item.p[0] != '"')
        return bad(e, CORDON_E_TYPE, name, "is to be a list of texts");
    return text_of(item, b->arena, to) < 0 ? cdn_fail(e, CORDON_E_NOMEM, "out of memory") : 0;
}

static int read_count_item(
    const struct cdn_body *b, const char *name, cordon_str item, void *to, struct cordon_error *e) {
    (void)b;
    return cdn_body_number(item, to) ? 0 : bad(e, CORDON_E_TYPE, name, "is to be a list of whole numbers");
}

/* NULL: the member is not there. */
static int read_items(const struct cdn_body *b,
                      const char *name,
                      size_t size,
                      item_reader read,
                      const void **ret,
                      size_t *ret_count,
                      struct cordon_error *e) {
    const cordon_str raw = cdn_body_raw(b, name);
    size_t at = 0, n = 0;
    cordon_str item;
    int err = 0;
    *ret = NULL;
    if (!raw.n)
        return 0;
    if (raw.p[0] != '[')
        return bad(e,
                   CORDON_E_TYPE,
                   name,
                   read == read_text_item ? "is to be a list of texts" : "is to be a list of numbers");
    char *list = cdn_arena_zero(b->arena, items_of(raw) + 1, size);
    if (!list)
        return cdn_fail(e, CORDON_E_NOMEM, "out of memory");
    while (!err && cdn_body_item(raw, &at, &item))
        err = read(b, name, item, list + n++ * size, e);
    if (!err) {
        *ret = list;
        *ret_count = n;
    }
    return err;
}

int cdn_body_texts(const struct cdn_body *b,
                   const char *name,
                   const cordon_str **ret,
                   size_t *ret_count,
                   struct cordon_error *e) {
    const void *list = NULL;
    const int err = read_items(b, name, sizeof(cordon_str), read_text_item, &list, ret_count, e);
    if (list)
        *ret = list;
    return err;
}

int cdn_body_counts(const struct cdn_body *b,
                    const char *name,
                    const uint64_t **ret,
                    size_t *ret_count,
                    struct cordon_error *e) {
    const void *list = NULL;
    const int err = read_items(b, name, sizeof(uint64_t), read_count_item, &list, ret_count, e);
    if (list)
        *ret = list;
    return err;
}
