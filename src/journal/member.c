/* SPDX-License-Identifier: Apache-2.0 */
/* member.c: going over JSON by slices. Records are written by Cordon, so nothing here explains what is wrong
 * with a text; it only never reads beyond it, and never nests deeper than the limit. */
#include "journal/member.h"

#include "base/limits.h"

static const char *skip_text(const char *p,
                             const char *end) { /* after the first quote → after the last; NULL */
    for (; p < end; p++) {
        if (*p == '"')
            return p + 1;
        if (*p == '\\')
            p++;
    }
    return NULL;
}

static const char *skip_value(const char *p, const char *end) {
    unsigned depth = 0;
    do {
        if (p >= end)
            return NULL;
        const char c = *p;
        if (c == '"') {
            p = skip_text(p + 1, end);
            if (!p)
                return NULL;
        } else if (c == '{' || c == '[') {
            p++;
            if (++depth > 2 * CDN_MAX_JSON_DEPTH)
                return NULL;
        } else if (c == '}' || c == ']') {
            if (depth == 0)
                return NULL;
            depth--;
            p++;
        } else if (depth > 0 && (c == ',' || c == ':')) {
            p++;
        } else {
            const char *from = p;
            while (p < end && ((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') || *p == '-' ||
                               *p == '+' || *p == '.' || *p == 'E'))
                p++;
            if (p == from)
                return NULL;
        }
    } while (depth > 0);
    return p;
}

struct cdn_walk cdn_walk_begin(cordon_str value) {
    struct cdn_walk w = {.first = true};
    if (value.n > 1 && (value.p[0] == '{' || value.p[0] == '[')) {
        w.close = value.p[0] == '{' ? '}' : ']';
        w.p = value.p + 1;
        w.end = value.p + value.n;
    }
    return w;
}

static bool ended(struct cdn_walk *w) {
    w->close = 0;
    return false;
}

bool cdn_walk_next(struct cdn_walk *w, cordon_str *ret_key, cordon_str *ret_value) {
    if (!w->close || w->p >= w->end || *w->p == w->close)
        return ended(w);
    if (!w->first && *w->p++ != ',')
        return ended(w);
    w->first = false;
    *ret_key = cdn_str(NULL, 0);
    if (w->close == '}') {
        if (w->p >= w->end || *w->p != '"')
            return ended(w);
        const char *after = skip_text(w->p + 1, w->end);
        if (!after || after >= w->end || *after != ':')
            return ended(w);
        *ret_key = cdn_str(w->p + 1, (size_t)(after - w->p) - 2);
        w->p = after + 1;
    }
    const char *after = skip_value(w->p, w->end);
    if (!after)
        return ended(w);
    *ret_value = cdn_str(w->p, (size_t)(after - w->p));
    w->p = after;
    return true;
}

cordon_str cdn_member(cordon_str object, const char *name) {
    struct cdn_walk w = cdn_walk_begin(object);
    cordon_str key, value;
    while (w.close == '}' && cdn_walk_next(&w, &key, &value)) {
        if (cdn_str_eq(key, cdn_str_z(name)))
            return value;
    }
    return cdn_str(NULL, 0);
}

cordon_str cdn_member_text(cordon_str object, const char *name) {
    const cordon_str value = cdn_member(object, name);
    return value.n >= 2 && value.p[0] == '"' ? cdn_str(value.p + 1, value.n - 2) : cdn_str(NULL, 0);
}

static int hex4(const char *p) {
    int v = 0;
    for (unsigned i = 0; i < 4; i++) {
        const char c = p[i];
        const int d = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
        if (d < 0)
            return -1;
        v = v << 4 | d;
    }
    return v;
}

/* The escape after a backslash at *p; advances. */
static void put_escape(struct cdn_buf *out, const char **p, const char *end) {
    const char c = *(*p)++;
    const char *from = "bfnrt", *to = "\b\f\n\r\t";
    const char *found = strchr(from, c);
    if (c != 'u' || end - *p < 4) {
        cdn_buf_char(out, found && c ? to[found - from] : c);
        return;
    }
    int32_t cp = hex4(*p);
    *p += 4;
    if (cp >= 0xd800 && cp < 0xdc00 && end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u') {
        const int low = hex4(*p + 2);
        if (low >= 0xdc00 && low < 0xe000) {
            cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
            *p += 6;
        }
    }
    char utf8[4];
    if (cp < 0 || (cp >= 0xd800 && cp < 0xe000))
        cp = 0xfffd;
    cdn_buf_put(out, utf8, cdn_utf8_encode((uint32_t)cp, utf8));
}

bool cdn_text_append(struct cdn_buf *out, cordon_str value) {
    if (value.n < 2 || value.p[0] != '"')
        return false;
    const char *p = value.p + 1, *end = value.p + value.n - 1;
    while (p < end) {
        const char *slash = memchr(p, '\\', (size_t)(end - p));
        const char *upto = slash ? slash : end;
        cdn_buf_put(out, p, (size_t)(upto - p));
        p = upto;
        if (slash) {
            p++;
            if (p < end)
                put_escape(out, &p, end);
        }
    }
    return true;
}

bool cdn_member_number(cordon_str object, const char *name, uint64_t *ret) {
    const cordon_str s = cdn_member(object, name);
    uint64_t v = 0;
    if (s.n == 0 || s.n > 19)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        v = v * 10 + (uint64_t)(s.p[i] - '0');
    }
    *ret = v;
    return true;
}
