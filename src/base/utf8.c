/* SPDX-License-Identifier: Apache-2.0 */
/* utf8.c: UTF-8 as the Unicode standard defines it (table 3-7, well-formed byte sequences).
 *
 * The second byte of a sequence has a narrower range after E0, ED, F0 and F4, which is what keeps out
 * overlong forms, surrogates and values above U+10FFFF; all later bytes are 80..BF.
 *
 *  1. a call advances by 1 to 4 bytes and never past the end;
 *  2. a malformed sequence ends before the first byte that cannot continue it (that byte is read anew),
 *     so that one damaged character never swallows its neighbour. */
#include "base/base.h"

#define REPLACEMENT 0xFFFD

/* How a first byte continues; length 0: it cannot begin a sequence. */
struct lead {
    uint8_t length, low, high; /* bytes in all; range of the second */
};

static struct lead lead_of(uint8_t c) {
    if (c < 0xC2 || c > 0xF4)
        return (struct lead){0, 0, 0};
    if (c < 0xE0)
        return (struct lead){2, 0x80, 0xBF};
    if (c < 0xF0)
        return (struct lead){3, c == 0xE0 ? 0xA0 : 0x80, c == 0xED ? 0x9F : 0xBF};
    return (struct lead){4, c == 0xF0 ? 0x90 : 0x80, c == 0xF4 ? 0x8F : 0xBF};
}

int32_t cdn_utf8_strict(cordon_str s, size_t *at) {
    const uint8_t *p = (const uint8_t *)s.p + *at;
    const size_t left = s.n - *at;
    if (p[0] < 0x80) {
        *at += 1;
        return p[0];
    }
    const struct lead lead = lead_of(p[0]);
    if (lead.length == 0) {
        *at += 1;
        return -1;
    }
    int32_t cp = p[0] & (0x7F >> lead.length);
    size_t n = 1;
    for (; n < lead.length && n < left; n++) {
        const uint8_t low = n == 1 ? lead.low : 0x80;
        const uint8_t high = n == 1 ? lead.high : 0xBF;
        if (p[n] < low || p[n] > high)
            break;
        cp = cp << 6 | (p[n] & 0x3F);
    }
    *at += n;
    return n == lead.length ? cp : -1;
}

uint32_t cdn_utf8_next(cordon_str s, size_t *at) {
    const int32_t cp = cdn_utf8_strict(s, at);
    return cp < 0 ? REPLACEMENT : (uint32_t)cp;
}

/* A value that is no character (a surrogate, or above U+10FFFF) is written as U+FFFD. */
size_t cdn_utf8_encode(uint32_t cp, char out[4]) {
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
        cp = REPLACEMENT;
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    const size_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (cp & 0x3F));
        cp >>= 6;
    }
    out[0] = (char)((0xF00 >> n & 0xFF) | cp);
    return n;
}

bool cdn_utf8_valid(cordon_str s) {
    for (size_t at = 0; at < s.n;) {
        if (cdn_utf8_strict(s, &at) < 0)
            return false;
    }
    return true;
}

size_t cdn_utf8_length(cordon_str s) {
    size_t count = 0;
    for (size_t at = 0; at < s.n; count++)
        (void)cdn_utf8_next(s, &at);
    return count;
}
