/* SPDX-License-Identifier: Apache-2.0 */
/* json_in.c: see json_in_priv.h. */
#include "store/json_in_priv.h"

#include "base/num.h"
#include "store/record.h"

void cdn_in_init(struct cdn_in *in, cordon_str text, struct cdn_arena *arena, struct cordon_error *e) {
    *in = (struct cdn_in){text.p, text.p, text.p + text.n, arena, e, 0};
    if (!text.p)
        in->begin = in->p = in->end = "";
}

int cdn_in_fail(struct cdn_in *in, int code, const char *what, cordon_str which) {
    if (in->err)
        return in->err;
    in->err = code;
    (void)cdn_fail(in->e,
                   code,
                   which.n ? "%s `%.*s`" : "%s%.*s",
                   what,
                   (int)CDN_MIN(which.n, (size_t)64),
                   which.n ? which.p : "");
    if (in->e)
        in->e->offset = (uint64_t)(in->p - in->begin);
    in->p = in->end;
    return code;
}

static int syntax(struct cdn_in *in, const char *what) {
    return cdn_in_fail(in, CORDON_E_SYNTAX, what, (cordon_str){NULL, 0});
}

static void space(struct cdn_in *in) {
    while (in->p < in->end && (*in->p == ' ' || *in->p == '\n' || *in->p == '\t' || *in->p == '\r'))
        in->p++;
}

bool cdn_in_take(struct cdn_in *in, char c) {
    space(in);
    if (in->err || in->p == in->end || *in->p != c)
        return false;
    in->p++;
    return true;
}

bool cdn_in_open(struct cdn_in *in, char bracket) {
    if (cdn_in_take(in, bracket))
        return true;
    (void)cdn_in_fail(
        in, CORDON_E_TYPE, bracket == '{' ? "expected an object" : "expected a list", (cordon_str){NULL, 0});
    return false;
}

bool cdn_in_member(struct cdn_in *in, bool *first, cordon_str *ret_key) {
    if (in->err || cdn_in_take(in, '}'))
        return false;
    if (!*first && !cdn_in_take(in, ',')) {
        (void)syntax(in, "expected `,` or `}`");
        return false;
    }
    *first = false;
    cdn_in_text(in, ret_key);
    if (!in->err && !cdn_in_take(in, ':'))
        (void)syntax(in, "expected `:`");
    return !in->err;
}

bool cdn_in_element(struct cdn_in *in, bool *first) {
    if (in->err || cdn_in_take(in, ']'))
        return false;
    if (!*first && !cdn_in_take(in, ',')) {
        (void)syntax(in, "expected `,` or `]`");
        return false;
    }
    *first = false;
    return true;
}

/* ---- texts -----------------------------------------------------------------------------------------------
 */

static bool hex4(const char *p, const char *end, uint32_t *ret) {
    uint32_t v = 0;
    if (end - p < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        const char c = p[i];
        if (c >= '0' && c <= '9')
            v = v * 16 + (uint32_t)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            v = v * 16 + (uint32_t)((c | 0x20) - 'a') + 10;
        else
            return false;
    }
    *ret = v;
    return true;
}

/* After "\u": the code point, both halves of a pair. */
static bool unicode_escape(const char **p, const char *end, uint32_t *ret) {
    uint32_t high = 0;
    uint32_t low = 0;
    if (!hex4(*p, end, &high))
        return false;
    *p += 4;
    if (high < 0xD800 || high > 0xDFFF) {
        *ret = high;
        return high != 0;
    }
    if (high > 0xDBFF || end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u' || !hex4(*p + 2, end, &low) ||
        low < 0xDC00 || low > 0xDFFF)
        return false;
    *p += 6;
    *ret = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    return true;
}

/* One escape after the backslash; the bytes go to out. */
static bool escape(const char **p, const char *end, char *out, size_t *n) {
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    if (*p == end)
        return false;
    const char c = *(*p)++;
    if (c == 'u') {
        uint32_t cp = 0;
        if (!unicode_escape(p, end, &cp))
            return false;
        *n += cdn_utf8_encode(cp, out + *n);
        return true;
    }
    const char *at = memchr(from, c, sizeof(from) - 1);
    if (!at)
        return false;
    out[(*n)++] = to[at - from];
    return true;
}

/* From the byte after the opening quote: to the closing one; false without one. */
static bool find_quote(const char *p, const char *end, const char **ret_quote, bool *ret_escapes) {
    *ret_escapes = false;
    for (; p < end && *p != '"'; p++) {
        if ((unsigned char)*p < 0x20)
            return false;
        if (*p == '\\') {
            *ret_escapes = true;
            if (++p == end)
                return false;
        }
    }
    *ret_quote = p;
    return p < end;
}

void cdn_in_text(struct cdn_in *in, cordon_str *ret) {
    const char *quote = NULL;
    bool escapes = false;
    if (!cdn_in_take(in, '"')) {
        (void)cdn_in_fail(in, CORDON_E_TYPE, "expected a text", (cordon_str){NULL, 0});
        return;
    }
    if (!find_quote(in->p, in->end, &quote, &escapes)) {
        (void)syntax(in, "a text without its end");
        return;
    }
    cordon_str text = cdn_str(in->p, (size_t)(quote - in->p));
    if (escapes) {
        char *copy =
            cdn_arena_take(in->arena, text.n + 1); /* an escape is never shorter than what it stands for */
        size_t n = 0;
        if (!copy) {
            (void)cdn_in_fail(in, CORDON_E_NOMEM, "out of memory", (cordon_str){NULL, 0});
            return;
        }
        for (const char *p = in->p; p < quote;) {
            if (*p != '\\') {
                copy[n++] = *p++;
                continue;
            }
            p++;
            if (!escape(&p, quote, copy, &n)) {
                (void)syntax(in, "an escape that is none");
                return;
            }
        }
        text = cdn_str(copy, n);
    }
    if (!cdn_utf8_valid(text) || (text.n && memchr(text.p, 0, text.n))) {
        (void)syntax(in, "a text that is not UTF-8");
        return;
    }
    in->p = quote + 1;
    *ret = text;
}

/* ---- other scalars ----------------------------------------------------------------------------------------
 */

void cdn_in_count(struct cdn_in *in, uint64_t *ret) {
    uint64_t v = 0;
    space(in);
    const char *p = in->p;
    while (p < in->end && *p >= '0' && *p <= '9') {
        const uint64_t digit = (uint64_t)(*p++ - '0');
        if (v > ((uint64_t)INT64_MAX - digit) / 10) {
            (void)cdn_in_fail(in, CORDON_E_RANGE, "a number that is too large", (cordon_str){NULL, 0});
            return;
        }
        v = v * 10 + digit;
    }
    if (p == in->p || (*in->p == '0' && p - in->p > 1) ||
        (p < in->end && (*p == '.' || *p == 'e' || *p == 'E'))) {
        (void)cdn_in_fail(in, CORDON_E_TYPE, "expected a whole number", (cordon_str){NULL, 0});
        return;
    }
    in->p = p;
    *ret = v;
}

static bool word(struct cdn_in *in, const char *z) {
    const size_t n = strlen(z);
    space(in);
    if (in->err || (size_t)(in->end - in->p) < n || memcmp(in->p, z, n) != 0)
        return false;
    in->p += n;
    return true;
}

void cdn_in_flag(struct cdn_in *in, bool *ret) {
    if (word(in, "true"))
        *ret = true;
    else if (word(in, "false"))
        *ret = false;
    else
        (void)cdn_in_fail(in, CORDON_E_TYPE, "expected true or false", (cordon_str){NULL, 0});
}

void cdn_in_instant(struct cdn_in *in, int64_t *ret) {
    cordon_str text = {NULL, 0};
    int64_t at = 0;
    int32_t offset = 0;
    cdn_in_text(in, &text);
    if (in->err)
        return;
    if (cdn_time_parse(text, &at, &offset) != 0)
        (void)cdn_in_fail(in, CORDON_E_RANGE, "not an instant:", text);
    else
        *ret = at;
}

/* ---- whole values -----------------------------------------------------------------------------------------
 */

static void number(struct cdn_in *in) {
    const char *p = in->p;
    if (p < in->end && *p == '-')
        p++;
    const char *digits = p;
    while (p < in->end && *p >= '0' && *p <= '9')
        p++;
    bool good = p > digits && !(*digits == '0' && p - digits > 1);
    if (p < in->end && *p == '.') {
        const char *fraction = ++p;
        while (p < in->end && *p >= '0' && *p <= '9')
            p++;
        good = good && p > fraction;
    }
    if (p < in->end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < in->end && (*p == '+' || *p == '-'))
            p++;
        const char *power = p;
        while (p < in->end && *p >= '0' && *p <= '9')
            p++;
        good = good && p > power;
    }
    if (good)
        in->p = p;
    else
        (void)syntax(in, "expected a value");
}

static void scalar(struct cdn_in *in) {
    cordon_str ignored;
    space(in);
    if (in->p < in->end && *in->p == '"')
        cdn_in_text(in, &ignored);
    else if (!word(in, "true") && !word(in, "false") && !word(in, "null"))
        number(in);
}

/* One step at `depth` open brackets, whose kinds are in `stack`. */
static void value_step(struct cdn_in *in, char *stack, unsigned *depth, bool *first) {
    space(in);
    const char c = in->p < in->end ? *in->p : 0;
    if (*depth) {
        const char close = stack[*depth - 1] == '{' ? '}' : ']';
        if (c == close) {
            in->p++;
            (*depth)--;
            *first = false;
            return;
        }
        if (!*first && !cdn_in_take(in, ',')) {
            (void)syntax(in, "expected `,` or the end of the list");
            return;
        }
        *first = false;
        if (close == '}') {
            cordon_str key;
            cdn_in_text(in, &key);
            if (!in->err && !cdn_in_take(in, ':'))
                (void)syntax(in, "expected `:`");
        }
        space(in);
    }
    const char open = in->p < in->end ? *in->p : 0;
    if (open != '{' && open != '[') {
        scalar(in);
        return;
    }
    if (*depth == CDN_MAX_RECORD_DEPTH) {
        (void)cdn_in_fail(in, CORDON_E_LIMIT, "nested too deep", (cordon_str){NULL, 0});
        return;
    }
    in->p++;
    stack[(*depth)++] = open;
    *first = true;
}

void cdn_in_value(struct cdn_in *in, cordon_str *ret) {
    char stack[CDN_MAX_RECORD_DEPTH];
    unsigned depth = 0;
    bool first = true;
    space(in);
    const char *begin = in->p;
    do {
        value_step(in, stack, &depth, &first);
    } while (depth && !in->err);
    if (!in->err)
        *ret = cdn_str(begin, (size_t)(in->p - begin));
}

void cdn_in_step_over(struct cdn_in *in, cordon_str *ret) {
    space(in);
    const char *begin = in->p;
    const char *p = begin;
    uint64_t depth = 0;
    if (in->err)
        return;
    if (p == in->end || *p != '{') {
        (void)cdn_in_fail(in, CORDON_E_TYPE, "expected an object", (cordon_str){NULL, 0});
        return;
    }
    for (; p < in->end; p++) {
        if (*p == '"') {
            do {
                p = memchr(p + 1, '"', (size_t)(in->end - p - 1));
                size_t slashes = 0;
                while (p && p[-1 - (ptrdiff_t)slashes] == '\\')
                    slashes++;
                if (slashes % 2 == 0)
                    break;
            } while (p);
            if (!p)
                break;
        } else if (*p == '{' || *p == '[') {
            depth++;
        } else if ((*p == '}' || *p == ']') && --depth == 0) {
            in->p = p + 1;
            *ret = cdn_str(begin, (size_t)(in->p - begin));
            return;
        }
    }
    (void)syntax(in, "an object without its end");
}

void cdn_in_end(struct cdn_in *in) {
    space(in);
    if (!in->err && in->p != in->end)
        (void)syntax(in, "something after the end");
}
