/* SPDX-License-Identifier: Apache-2.0 */
/* buf.c: output that grows up to a stated maximum, or fills fixed storage.
 *
 *  1. n <= cap <= max; the text is not NUL-terminated;
 *  2. a write happens as a whole or not at all; the first that fails sets `err`, and from then on
 *     nothing is written, so that the caller checks once, at the end;
 *  3. what is written must not lie in the buffer itself, which may move. */
#include <stdarg.h>
#include <stdio.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/base.h"

#define FIRST_CAP ((size_t)256)

void cdn_buf_init(struct cdn_buf *b, const struct cordon_alloc *alloc, size_t max) {
    *b = (struct cdn_buf){.alloc = alloc, .max = max};
}

/* NOLINTNEXTLINE(readability-non-const-parameter): it is written through b->p */
void cdn_buf_fixed(struct cdn_buf *b, char *storage, size_t size) {
    *b = (struct cdn_buf){.p = storage, .cap = size, .max = size};
}

void cdn_buf_free(struct cdn_buf *b) {
    if (b->alloc) {
        cdn_free(b->alloc, b->p, b->cap);
        b->p = NULL;
        b->cap = 0;
    }
    cdn_buf_clear(b);
}

void cdn_buf_clear(struct cdn_buf *b) {
    b->n = 0;
    b->err = 0;
}

/* Makes room for `n` more bytes and gives their place, or sets the error and gives NULL. The caller adds
 * what it wrote to b->n. */
static char *reserve(struct cdn_buf *b, size_t n) {
    if (b->err)
        return NULL;
    if (n > b->max - b->n) {
        b->err = CORDON_E_LIMIT;
        return NULL;
    }
    const size_t need = b->n + n;
    if (need > b->cap) {
        size_t cap = b->cap > b->max / 2 ? b->max : b->cap * 2;
        cap = CDN_MAX(CDN_MAX(cap, need), CDN_MIN(FIRST_CAP, b->max));
        char *p = b->cap ? b->alloc->resize(b->alloc->ctx, b->p, b->cap, cap) : cdn_alloc(b->alloc, cap);
        if (!p) {
            b->err = CORDON_E_NOMEM;
            return NULL;
        }
        b->p = p;
        b->cap = cap;
    }
    return b->p + b->n;
}

void cdn_buf_put_slow(struct cdn_buf *b, const void *p, size_t n) {
    char *to = n ? reserve(b, n) : NULL;
    if (!to)
        return;
    memcpy(to, p, n);
    b->n += n;
}

void cdn_buf_int(struct cdn_buf *b, int64_t v) {
    if (v >= 0 && v < 10) { /* indexes, mostly */
        cdn_buf_char(b, (char)('0' + v));
        return;
    }
    char digits[20]; /* "-9223372036854775808" */
    size_t at = sizeof(digits);
    uint64_t left = v < 0 ? UINT64_C(0) - (uint64_t)v : (uint64_t)v;
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left);
    if (v < 0)
        digits[--at] = '-';
    cdn_buf_put(b, digits + at, sizeof(digits) - at);
}

static const char hex_digits[16] = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

void cdn_buf_hex(struct cdn_buf *b, const uint8_t *p, size_t n) {
    size_t bytes = 0;
    if (__builtin_mul_overflow(n, (size_t)2, &bytes)) {
        b->err = b->err ? b->err : CORDON_E_LIMIT;
        return;
    }
    char *to = bytes ? reserve(b, bytes) : NULL;
    if (!to)
        return;
    for (size_t i = 0; i < n; i++) {
        *to++ = hex_digits[p[i] >> 4];
        *to++ = hex_digits[p[i] & 15];
    }
    b->n += bytes;
}

/* Whether a byte stands for itself in a JSON string; all of a UTF-8 sequence must be checked apart. */
static bool json_plain(uint8_t c) {
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Is one of eight bytes not plain? One is when its highest bit is set, when taking 0x20 from it borrows, or
 * when it equals a quote or a backslash (the difference is 0, and taking 1 from it borrows). A borrow into
 * the next byte can only claim too much, and only where another byte is not plain. */
static bool json_not_plain8(uint64_t v) {
    const uint64_t ones = UINT64_C(0x0101010101010101), high = UINT64_C(0x8080808080808080);
    const uint64_t quote = v ^ (ones * '"'), slash = v ^ (ones * '\\');
    return ((v | ((v - ones * 0x20) & ~v) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) & high) !=
           0;
}

/* Length of the plain text at the beginning of `p`. */
static size_t json_plain_run(const char *p, size_t n) {
    size_t at = 0;
    for (; n - at >= 8; at += 8) {
        uint64_t v;
        memcpy(&v, p + at, sizeof(v));
        if (json_not_plain8(v))
            break;
    }
    while (at < n && json_plain((uint8_t)p[at]))
        at++;
    return at;
}

#ifdef __SSE2__
/* A bit for each of sixteen bytes that is not plain: as signed numbers, controls and what is not ASCII are
 * both smaller than a space. Every x86-64 has this. */
static unsigned json_not_plain16(__m128i v) {
    const __m128i bad = _mm_or_si128(
        _mm_cmplt_epi8(v, _mm_set1_epi8(0x20)),
        _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))));
    return (unsigned)_mm_movemask_epi8(bad);
}

/* Sixteen bytes or more; the last sixteen overlap those before. */
static size_t json_plain_copy16(char *to, const char *p, size_t n) {
    size_t at = 0;
    for (; n - at > 16; at += 16) {
        const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + at));
        const unsigned mask = json_not_plain16(v);
        _mm_storeu_si128((__m128i *)(void *)(to + at), v);
        if (mask)
            return at + (unsigned)__builtin_ctz(mask);
    }
    at = n - 16;
    const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + at));
    const unsigned mask = json_not_plain16(v);
    _mm_storeu_si128((__m128i *)(void *)(to + at), v);
    return mask ? at + (unsigned)__builtin_ctz(mask) : n;
}
#endif

/* Four to sixteen bytes: the first and the last, which overlap. False: not all of it is plain. */
static bool json_plain_copy8(char *to, const char *p, size_t n) {
    if (n >= 8) {
        uint64_t v, w;
        memcpy(&v, p, sizeof(v));
        memcpy(&w, p + n - 8, sizeof(w));
        memcpy(to, &v, sizeof(v));
        memcpy(to + n - 8, &w, sizeof(w));
        return !json_not_plain8(v) && !json_not_plain8(w);
    }
    uint32_t v, w;
    memcpy(&v, p, sizeof(v));
    memcpy(&w, p + n - 4, sizeof(w));
    memcpy(to, &v, sizeof(v));
    memcpy(to + n - 4, &w, sizeof(w));
    return !json_not_plain8(v | (uint64_t)w << 32);
}

/* Copies the plain text at the beginning of `p` and gives its length; what is behind that in `to`, up to n
 * bytes, is of no meaning. */
static size_t json_plain_copy(char *to, const char *p, size_t n) {
#ifdef __SSE2__
    if (n >= 16)
        return json_plain_copy16(to, p, n);
#endif
    if (n >= 4 && n <= 16 && json_plain_copy8(to, p, n))
        return n;
    const size_t run = json_plain_run(p, n);
    for (size_t i = 0; i < run && n < 4; i++)
        to[i] = p[i];
    if (run && n >= 4)
        memcpy(to, p, run);
    return run;
}

static void json_escape(struct cdn_buf *b, uint8_t c) {
    char text[6] = {'\\', 'u', '0', '0', hex_digits[c >> 4], hex_digits[c & 15]};
    size_t n = 2;
    switch (c) {
    case '"':
    case '\\':
        text[1] = (char)c;
        break;
    case '\b':
        text[1] = 'b';
        break;
    case '\t':
        text[1] = 't';
        break;
    case '\n':
        text[1] = 'n';
        break;
    case '\f':
        text[1] = 'f';
        break;
    case '\r':
        text[1] = 'r';
        break;
    default:
        n = sizeof(text);
        break;
    }
    cdn_buf_put(b, text, n);
}

/* From `at` on, behind the opening quote; `begin`: where that is, for a failure. */
static void json_text_rest(struct cdn_buf *b, cordon_str utf8, size_t begin, size_t at) {
    while (at < utf8.n && !b->err) {
        const size_t from = at;
        const uint8_t c = (uint8_t)utf8.p[at];
        if (json_plain(c)) {
            at += json_plain_run(utf8.p + at, utf8.n - at);
            cdn_buf_put(b, utf8.p + from, at - from);
        } else if (c < 0x80) {
            at++;
            json_escape(b, c);
        } else if (cdn_utf8_strict(utf8, &at) >= 0) {
            cdn_buf_put(b, utf8.p + from, at - from);
        } else {
            cdn_buf_put(b, "\xEF\xBF\xBD", 3);
        }
    }
    cdn_buf_char(b, '"');
    if (b->err)
        b->n = begin;
}

/* Short escapes where JSON has them, \u00xx in small letters for the other controls, everything else as
 * it is: the form of RFC 8785, so that equal texts have equal bytes. A failure takes back the part that
 * was written. */
void cdn_buf_json(struct cdn_buf *b, cordon_str utf8) {
    const size_t begin = b->n;
    size_t at = 0;
    if (!b->err && utf8.n < b->cap - begin &&
        b->cap - begin - utf8.n >= 2) { /* nearly all: room, and plain */
        char *to = b->p + begin;
        *to++ = '"';
        at = json_plain_copy(to, utf8.p, utf8.n);
        b->n = begin + 1 + at;
        if (at == utf8.n) {
            to[at] = '"';
            b->n++;
            return;
        }
    } else {
        cdn_buf_char(b, '"');
    }
    json_text_rest(b, utf8, begin, at);
}

/* In fixed storage, a text longer than 255 bytes needs one byte to spare for the NUL of vsnprintf. */
void cdn_buf_printf(struct cdn_buf *b, const char *fmt, ...) {
    if (b->err)
        return;
    char brief[256];
    va_list args;
    va_start(args, fmt);
    const int n = vsnprintf(brief, sizeof(brief), fmt, args);
    va_end(args);
    if (n < 0) {
        b->err = CORDON_E_ARG;
        return;
    }
    if ((size_t)n < sizeof(brief)) {
        cdn_buf_put(b, brief, (size_t)n);
        return;
    }
    char *to = reserve(b, (size_t)n + 1);
    if (!to)
        return;
    va_start(args, fmt);
    (void)vsnprintf(to, (size_t)n + 1, fmt, args);
    va_end(args);
    b->n += (size_t)n;
}

void cdn_buf_room(struct cdn_buf *b, size_t n) {
    if (n)
        (void)reserve(b, n);
}

void cdn_buf_zero(struct cdn_buf *b, size_t n) {
    char *to = n ? reserve(b, n) : NULL;
    if (!to)
        return;
    memset(to, 0, n);
    b->n += n;
}

void cdn_buf_align(struct cdn_buf *b, size_t to) {
    const size_t over = to ? b->n % to : 0;
    if (over)
        cdn_buf_zero(b, to - over);
}
