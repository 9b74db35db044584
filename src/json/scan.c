/* SPDX-License-Identifier: Apache-2.0 */
/* scan.c: RFC 8259, strictly: no comments, no trailing commas, no leading zeros, no lone surrogates.
 *
 *  1. every byte of the text is looked at by the UTF-8 check and once more by the reader;
 *  2. nesting is limited (CDN_MAX_JSON_DEPTH), texts and numbers are, too;
 *  3. the pointer in an error is that of the value (or member) at fault; line and column count from 1,
 * columns in characters;
 *  4. U+0000 is refused although JSON could carry it: no name, code or address has one. */
#include "json/scan_priv.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Bytes that end the plain part of a text: NUL and other controls, '"' and '\'. */
static const uint8_t stops[256] = {
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,         1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, ['"'] = 1, ['\\'] = 1,
};

static uint64_t load64(const char *p) {
    uint64_t v;
    memcpy(&v, p, sizeof(v));
    return v;
}

/* How many bytes of sixteen and more at the beginning are ASCII, in steps of sixteen. */
static size_t ascii_run(const char *p, size_t n) {
    size_t at = 0;
#ifdef __SSE2__
    while (n - at >= 16 && !_mm_movemask_epi8(_mm_loadu_si128((const __m128i *)(const void *)(p + at))))
        at += 16;
#else
    (void)p, (void)n;
#endif
    return at;
}

/* Offset of the first byte that is not UTF-8; text.n when there is none. */
static size_t utf8_error(cordon_str text) {
    size_t at = ascii_run(text.p, text.n);
    while (at < text.n) {
        if (text.n - at >= 8 && (load64(text.p + at) & UINT64_C(0x8080808080808080)) == 0) {
            at += 8;
            continue;
        }
        const size_t from = at;
        if (cdn_utf8_strict(text, &at) < 0)
            return from;
        at += ascii_run(text.p + at, text.n - at);
    }
    return at;
}

int cdn_json_begin(struct cdn_scan *s, cordon_str text, struct cdn_arena *arena, struct cordon_error *e) {
    s->original = text;
    s->e = e;
    s->depth = 0;
    s->begin = s->p = s->end = NULL;
    if (text.n > CDN_MAX_REQUEST_BYTES)
        return cdn_fail(e, CORDON_E_LIMIT, "%zu bytes of JSON; at most %zu", text.n, CDN_MAX_REQUEST_BYTES);
    char *copy = cdn_arena_take(arena, text.n + CDN_JSON_PAD);
    if (!copy)
        return cdn_fail(e, CORDON_E_NOMEM, "out of memory while JSON is read");
    if (text.n)
        memcpy(copy, text.p, text.n);
    memset(copy + text.n, 0, CDN_JSON_PAD);
    s->begin = s->p = copy;
    s->end = copy + text.n;
    const size_t bad = utf8_error(text);
    if (bad < text.n)
        return cdn_json_fail(
            s, CORDON_E_SYNTAX, s->begin + bad, "byte 0x%02X is not UTF-8 here", (uint8_t)text.p[bad]);
    if (text.n >= 3 && memcmp(copy, "\xEF\xBB\xBF", 3) == 0)
        return cdn_json_fail(
            s, CORDON_E_SYNTAX, s->begin, "a byte order mark; JSON is UTF-8 and begins without one");
    cdn_json_space(s);
    return 0;
}

int cdn_json_end(struct cdn_scan *s) {
    cdn_json_space(s);
    if (s->p == s->end)
        return 0;
    return cdn_json_fail(s, CORDON_E_SYNTAX, s->p, "something follows the end of the value");
}

/* ---- errors ----------------------------------------------------------------------------------------- */

static void pointer_write(struct cdn_buf *b, const struct cdn_scan *s) {
    for (unsigned i = 0; i < s->depth; i++) {
        const struct cdn_json_step *step = &s->path[i];
        cdn_buf_char(b, '/');
        if (!step->key.p) {
            cdn_buf_int(b, step->index);
            continue;
        }
        for (size_t k = 0; k < step->key.n; k++) {
            if (step->key.p[k] == '~')
                cdn_buf_z(b, "~0");
            else if (step->key.p[k] == '/')
                cdn_buf_z(b, "~1");
            else
                cdn_buf_char(b, step->key.p[k]);
        }
    }
}

int cdn_json_place(struct cdn_scan *s, int code, const char *at) {
    if (!s->e)
        return code;
    const size_t offset = CDN_MIN((size_t)(at - s->begin), s->original.n);
    uint32_t line = 1;
    uint32_t column = 1;
    for (size_t i = 0; i < offset; i++) {
        const uint8_t c = (uint8_t)s->original.p[i];
        if (c == '\n') {
            line++;
            column = 1;
        } else if ((c & 0xC0) != 0x80) {
            column++;
        }
    }
    char storage[CORDON_ERROR_TEXT * 4];
    struct cdn_buf b;
    cdn_buf_fixed(&b, storage, sizeof(storage));
    pointer_write(&b, s);
    cdn_error_where(s->e, cdn_buf_get(&b), line, column);
    s->e->offset = offset;
    return code;
}

static const char *token_name(char c) {
    switch (c) {
    case '"':
        return "a text";
    case '{':
        return "an object";
    case '[':
        return "a list";
    case 't':
    case 'f':
        return "true or false";
    case 'n':
        return "null";
    case '\0':
        return "the end";
    default:
        return c == '-' || (c >= '0' && c <= '9') ? "a number" : NULL;
    }
}

int cdn_json_expected(struct cdn_scan *s, const char *what) {
    const char *got = token_name(*s->p);
    if (s->p == s->end)
        return cdn_json_fail(s, CORDON_E_SYNTAX, s->p, "the text ends where %s is expected", what);
    /* A wrong type can only be said of what is JSON. */
    const char *at = s->p;
    if (!got || *at == '\0')
        return cdn_json_fail(s, CORDON_E_SYNTAX, at, "expected %s", what);
    const int err = cdn_json_skip(s);
    if (err)
        return err;
    return cdn_json_fail(s, CORDON_E_TYPE, at, "expected %s, got %s", what, got);
}

/* ---- texts ------------------------------------------------------------------------------------------ */

static int hex4(const char *p) {
    int v = 0;
    for (int i = 0; i < 4; i++) {
        const char c = p[i];
        int d = 0;
        if (c >= '0' && c <= '9')
            d = c - '0';
        else if (c >= 'a' && c <= 'f')
            d = c - 'a' + 10;
        else if (c >= 'A' && c <= 'F')
            d = c - 'A' + 10;
        else
            return -1; /* NUL included: never reads past the end */
        v = v << 4 | d;
    }
    return v;
}

/* At the 'u' of "\uXXXX"; gives the code point and moves behind it; < 0: malformed. */
static int32_t unicode_escape(const char **at) {
    const char *p = *at + 1;
    int32_t cp = hex4(p);
    if (cp <= 0 || (cp >= 0xDC00 && cp <= 0xDFFF))
        return -1;
    p += 4;
    if (cp >= 0xD800 && cp <= 0xDBFF) {
        if (p[0] != '\\' || p[1] != 'u')
            return -1;
        const int32_t low = hex4(p + 2);
        if (low < 0xDC00 || low > 0xDFFF)
            return -1;
        cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
        p += 6;
    }
    *at = p;
    return cp;
}

/* One escape at '\\'. Writes at most 4 bytes to `out` and gives their number, 0: malformed. */
static size_t unescape(const char **at, char out[4]) {
    static const char plain[256] = {
        ['"'] = '"',
        ['\\'] = '\\',
        ['/'] = '/',
        ['b'] = '\b',
        ['f'] = '\f',
        ['n'] = '\n',
        ['r'] = '\r',
        ['t'] = '\t',
    };
    const char *p = *at + 1;
    if (*p == 'u') {
        const int32_t cp = unicode_escape(&p);
        if (cp < 0)
            return 0;
        *at = p;
        return cdn_utf8_encode((uint32_t)cp, out);
    }
    out[0] = plain[(uint8_t)*p];
    if (!out[0])
        return 0;
    *at = p + 1;
    return 1;
}

static int text_error(struct cdn_scan *s, const char *at) {
    if (*at == '\\')
        return cdn_json_fail(s, CORDON_E_SYNTAX, at, "no such escape in a text");
    if (at == s->end)
        return cdn_json_fail(s, CORDON_E_SYNTAX, at, "the text is not closed with \"");
    return cdn_json_fail(
        s, CORDON_E_SYNTAX, at, "control character 0x%02X in a text; write it as an escape", (uint8_t)*at);
}

/* The rest of a text from its first escape on. */
static int text_unescape(struct cdn_scan *s, char *from, char *p, cordon_str *ret) {
    char *to = p;
    const char *at = p;
    for (;;) {
        if (*at == '\\') {
            char bytes[4];
            const size_t n = unescape(&at, bytes);
            if (n == 0)
                return text_error(s, at);
            memcpy(to, bytes, n);
            to += n;
        } else if (!stops[(uint8_t)*at]) {
            *to++ = *at++;
        } else if (*at == '"') {
            break;
        } else {
            return text_error(s, at);
        }
    }
    s->p += at + 1 - s->p;
    *ret = cdn_str(from, (size_t)(to - from));
    return 0;
}

/* The end of the plain text at `p`. What is looked at ends at the latest with the zeros behind the copy. */
static char *plain_end(char *p) {
#ifdef __SSE2__
    for (;; p += 16) {
        const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1F)), v);
        const __m128i stop = _mm_or_si128(
            control,
            _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))));
        const unsigned mask = (unsigned)_mm_movemask_epi8(stop);
        if (mask)
            return p + __builtin_ctz(mask);
    }
#else
    while (!stops[(uint8_t)*p])
        p++;
    return p;
#endif
}

/* The text from `from` on, which is plain up to `p` and not over there, or longer than it may be. */
static __attribute__((noinline)) int text_rest(struct cdn_scan *s, char *from, char *p, cordon_str *ret) {
    cordon_str text;
    if (*p == '"') {
        s->p = p + 1;
        text = cdn_str(from, (size_t)(p - from));
    } else {
        const int err = *p == '\\' ? text_unescape(s, from, p, &text) : text_error(s, p);
        if (err)
            return err;
    }
    if (text.n > CDN_MAX_JSON_STRING)
        return cdn_json_fail(
            s, CORDON_E_LIMIT, from - 1, "a text of %zu bytes; at most %zu", text.n, CDN_MAX_JSON_STRING);
    *ret = text;
    return 0;
}

static inline int text_at(struct cdn_scan *s, cordon_str *ret) {
    char *const from = s->p + 1;
    char *const p = plain_end(from);
    const size_t n = (size_t)(p - from);
    if (__builtin_expect(*p != '"' || n > CDN_MAX_JSON_STRING, 0))
        return text_rest(s, from, p, ret);
    s->p = p + 1;
    *ret = cdn_str(from, n);
    return 0;
}

int cdn_json_text(struct cdn_scan *s, cordon_str *ret) {
    return text_at(s, ret);
}

/* ---- numbers and words ------------------------------------------------------------------------------- */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static char *digits_end(char *p) {
    while (is_digit(*p))
        p++;
    return p;
}

int cdn_json_number(struct cdn_scan *s, cordon_str *ret) {
    char *const from = s->p;
    char *p = from;
    if (*p == '-')
        p++;
    if (!is_digit(*p))
        return cdn_json_fail(s, CORDON_E_SYNTAX, p, "a number needs a digit here");
    if (*p == '0' && is_digit(p[1]))
        return cdn_json_fail(s, CORDON_E_SYNTAX, p, "a number does not begin with 0 and another digit");
    p = digits_end(p);
    if (*p == '.') {
        if (!is_digit(p[1]))
            return cdn_json_fail(s, CORDON_E_SYNTAX, p, "a fraction needs a digit after its point");
        p = digits_end(p + 1);
    }
    if (*p == 'e' || *p == 'E') {
        p += p[1] == '+' || p[1] == '-' ? 2 : 1;
        if (!is_digit(*p))
            return cdn_json_fail(s, CORDON_E_SYNTAX, p, "an exponent needs a digit");
        p = digits_end(p);
    }
    s->p = p;
    *ret = cdn_str(from, (size_t)(p - from));
    if (ret->n > CDN_MAX_JSON_NUMBER)
        return cdn_json_fail(
            s, CORDON_E_LIMIT, from, "a number of %zu characters; at most %d", ret->n, CDN_MAX_JSON_NUMBER);
    return 0;
}

bool cdn_json_word(struct cdn_scan *s, const char *word) {
    const size_t n = strlen(word);
    if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0)
        return false;
    s->p += n;
    return true;
}

/* ---- structure --------------------------------------------------------------------------------------- */

int cdn_json_open(struct cdn_scan *s, char bracket, const char *what, bool *ret_more) {
    if (*s->p != bracket)
        return cdn_json_expected(s, what);
    if (s->depth >= CDN_MAX_JSON_DEPTH)
        return cdn_json_fail(s, CORDON_E_LIMIT, s->p, "nested deeper than %d", CDN_MAX_JSON_DEPTH);
    s->p++;
    cdn_json_space(s);
    if (*s->p == bracket + 2) { /* '{' + 2 == '}', '[' + 2 == ']' */
        s->p++;
        *ret_more = false;
        return 0;
    }
    s->path[s->depth++] = (struct cdn_json_step){{NULL, 0}, 0};
    *ret_more = true;
    return 0;
}

int cdn_json_key(struct cdn_scan *s, cordon_str *ret) {
    /* Until the name is known the object itself is what an error is about. */
    const unsigned depth = s->depth--;
    if (*s->p != '"')
        return cdn_json_fail(s, CORDON_E_SYNTAX, s->p, "expected the name of a member in \"\"");
    cordon_str key;
    const int err = text_at(s, &key);
    if (err)
        return err;
    s->depth = depth;
    s->path[depth - 1] = (struct cdn_json_step){key, 0};
    cdn_json_space(s);
    if (*s->p != ':')
        return cdn_json_fail(s, CORDON_E_SYNTAX, s->p, "expected `:` after the name of a member");
    s->p++;
    cdn_json_space(s);
    *ret = key;
    return 0;
}

int cdn_json_key_take(struct cdn_scan *s, size_t n) {
    s->path[s->depth - 1] = (struct cdn_json_step){cdn_str(s->p + 1, n), 0};
    s->p += n + 2;
    if (*s->p == ':' && (uint8_t)s->p[1] > ' ') { /* nearly all */
        s->p++;
        return 0;
    }
    cdn_json_space(s);
    if (*s->p != ':')
        return cdn_json_fail(s, CORDON_E_SYNTAX, s->p, "expected `:` after the name of a member");
    s->p++;
    cdn_json_space(s);
    return 0;
}

int cdn_json_next(struct cdn_scan *s, char bracket, bool *ret_more) {
    cdn_json_space(s);
    if (*s->p == ',') {
        s->p++;
        cdn_json_space(s);
        s->path[s->depth - 1].index++;
        *ret_more = true;
        return 0;
    }
    s->depth--;
    if (*s->p == bracket + 2) {
        s->p++;
        *ret_more = false;
        return 0;
    }
    return cdn_json_fail(s, CORDON_E_SYNTAX, s->p, "expected `,` or `%c`", bracket + 2);
}

/* ---- skipping ---------------------------------------------------------------------------------------- */

/* As cdn_json_text, without changing the text. */
static int text_skip(struct cdn_scan *s) {
    const char *from = s->p;
    const char *p = from + 1;
    for (;;) {
        if (!stops[(uint8_t)*p]) {
            p++;
        } else if (*p == '\\') {
            char bytes[4];
            if (unescape(&p, bytes) == 0)
                return text_error(s, p);
        } else if (*p == '"') {
            break;
        } else {
            return text_error(s, p);
        }
    }
    s->p += p + 1 - s->p;
    if ((size_t)(p - from) > CDN_MAX_JSON_STRING * 6)
        return cdn_json_fail(s, CORDON_E_LIMIT, from, "a text of more than %zu bytes", CDN_MAX_JSON_STRING);
    return 0;
}

static int scalar_skip(struct cdn_scan *s) {
    cordon_str number;
    if (*s->p == '"')
        return text_skip(s);
    if (*s->p == '-' || is_digit(*s->p))
        return cdn_json_number(s, &number);
    if (cdn_json_word(s, "null") || cdn_json_word(s, "true") || cdn_json_word(s, "false"))
        return 0;
    return cdn_json_fail(s,
                         CORDON_E_SYNTAX,
                         s->p,
                         s->p == s->end ? "the text ends where a value is expected" : "expected a value");
}

static int key_skip(struct cdn_scan *s) {
    if (*s->p != '"')
        return cdn_json_fail(s, CORDON_E_SYNTAX, s->p, "expected the name of a member in \"\"");
    const int err = text_skip(s);
    if (err)
        return err;
    cdn_json_space(s);
    if (*s->p != ':')
        return cdn_json_fail(s, CORDON_E_SYNTAX, s->p, "expected `:` after the name of a member");
    s->p++;
    cdn_json_space(s);
    return 0;
}

/* Without recursion: the open brackets are kept in a small stack. */
int cdn_json_skip(struct cdn_scan *s) {
    char open[CDN_MAX_JSON_DEPTH];
    unsigned n = 0;
    const unsigned base = s->depth;
    for (;;) {
        int err = 0;
        bool more = false;
        if (*s->p == '{' || *s->p == '[') {
            const char bracket = *s->p;
            err = cdn_json_open(s, bracket, "a value", &more);
            if (!err && more) {
                open[n++] = bracket;
                err = bracket == '{' ? key_skip(s) : 0;
                if (!err)
                    continue;
            }
        } else {
            err = scalar_skip(s);
        }
        while (!err && n > 0) {
            const char bracket = open[n - 1];
            err = cdn_json_next(s, bracket, &more);
            if (!err && more) {
                err = bracket == '{' ? key_skip(s) : 0;
                break;
            }
            n--;
        }
        if (err || n == 0) {
            if (!err)
                s->depth = base;
            return err;
        }
    }
}

/* Whether the text at '"' is `name` once unescaped. */
static bool key_is(const char *p, cordon_str name) {
    size_t n = 0;
    p++;
    while (*p != '"') {
        char bytes[4] = {*p};
        size_t k = 1;
        if (*p == '\\')
            k = unescape(&p, bytes);
        else
            p++;
        if (k == 0 || n + k > name.n || memcmp(name.p + n, bytes, k) != 0)
            return false;
        n += k;
    }
    return n == name.n;
}

/* The text at '"' unescaped into `storage`; {NULL, 0} when it is longer. */
static cordon_str text_copy(const char *p, char storage[CDN_JSON_PEEK]) {
    size_t n = 0;
    p++;
    while (*p != '"') {
        char bytes[4] = {*p};
        size_t k = 1;
        if (*p == '\\')
            k = unescape(&p, bytes);
        else
            p++;
        if (k == 0 || n + k > CDN_JSON_PEEK)
            return cdn_str(NULL, 0);
        memcpy(storage + n, bytes, k);
        n += k;
    }
    return cdn_str(storage, n);
}

cordon_str cdn_json_peek(const struct cdn_scan *s, cordon_str name, char storage[CDN_JSON_PEEK]) {
    struct cdn_scan look;
    look.p = s->p;
    look.begin = s->begin;
    look.end = s->end;
    look.e = NULL;
    look.depth = 0;
    bool more = false;
    int err = cdn_json_open(&look, '{', "an object", &more);
    while (!err && more) {
        const char *key = look.p;
        err = key_skip(&look);
        if (!err && key_is(key, name)) {
            const char *from = look.p;
            return *from == '"' && text_skip(&look) == 0 ? text_copy(from, storage) : cdn_str(NULL, 0);
        }
        err = err ? err : cdn_json_skip(&look);
        err = err ? err : cdn_json_next(&look, '{', &more);
    }
    return cdn_str(NULL, 0);
}
