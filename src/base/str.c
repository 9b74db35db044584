/* SPDX-License-Identifier: Apache-2.0 */
/* str.c: comparing, cutting, hashing and measuring slices of text.
 *
 *  1. no function reads past p[n-1] or needs a NUL; a slice {NULL, 0} is an empty text;
 *  2. case means ASCII case: bytes above 0x7F are compared as they are, whatever the locale;
 *  3. cdn_hash gives the same value on every machine, because bytes are read in a stated order. */
#include "base/base.h"
#include "base/limits.h"

static uint8_t lower(char c) {
    const uint8_t u = (uint8_t)c;
    return u >= 'A' && u <= 'Z' ? (uint8_t)(u + ('a' - 'A')) : u;
}

static bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool cdn_str_eq_nocase(cordon_str a, cordon_str b) {
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++) {
        if (lower(a.p[i]) != lower(b.p[i]))
            return false;
    }
    return true;
}

int cdn_str_cmp(cordon_str a, cordon_str b) {
    const size_t n = CDN_MIN(a.n, b.n);
    const int order = n ? memcmp(a.p, b.p, n) : 0;
    if (order)
        return order;
    return (a.n > b.n) - (a.n < b.n);
}

bool cdn_str_starts(cordon_str s, cordon_str prefix) {
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

cordon_str cdn_str_trim(cordon_str s) {
    while (s.n && is_space(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

cordon_str cdn_str_split(cordon_str s, char sep, cordon_str *rest) {
    const char *at = s.n ? memchr(s.p, sep, s.n) : NULL;
    if (!at) {
        *rest = cdn_str(s.n ? s.p + s.n : s.p, 0);
        return s;
    }
    const size_t n = (size_t)(at - s.p);
    *rest = cdn_str(at + 1, s.n - n - 1);
    return cdn_str(s.p, n);
}

/* ---- hash -----------------------------------------------------------------------------------------
 * Sixteen bytes at a time are mixed by one full 64x64 multiplication whose halves are folded together;
 * what is left over (at most 16 bytes) is read as two words that may overlap. The length goes into the
 * last step, so that texts padded by such overlaps differ. The constants are odd, without pattern, and
 * part of the file format: they never change. */

#define HASH_A UINT64_C(0x9e6c63d0876a9a5d)
#define HASH_B UINT64_C(0xd1b54a32d192ed03)
#define HASH_C UINT64_C(0x8cb92ba72f3d8dd7)

static uint64_t load32(const uint8_t *p) {
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24;
}

static uint64_t load64(const uint8_t *p) {
    return load32(p) | load32(p + 4) << 32;
}

/* The operands are added back in, so that an operand of zero does not wipe out the other. */
static uint64_t fold(uint64_t a, uint64_t b) {
    __extension__ const unsigned __int128 product = (unsigned __int128)a * b;
    return ((uint64_t)product ^ (uint64_t)(product >> 64)) + (a ^ (b << 32 | b >> 32));
}

uint64_t cdn_hash(cordon_str s, uint64_t seed) {
    const uint8_t *p = (const uint8_t *)s.p;
    uint64_t h = seed ^ HASH_A;
    uint64_t a = 0;
    uint64_t b = 0;
    size_t left = s.n;
    for (; left > 16; left -= 16, p += 16)
        h = fold(load64(p) ^ HASH_B, load64(p + 8) ^ h);
    if (left >= 8) {
        a = load64(p);
        b = load64(p + left - 8);
    } else if (left >= 4) {
        a = load32(p);
        b = load32(p + left - 4);
    } else if (left > 0) {
        a = (uint64_t)p[0] << 16 | (uint64_t)p[left / 2] << 8 | p[left - 1];
    }
    h = fold(a ^ HASH_B, b ^ h);
    return fold(h ^ HASH_C, (uint64_t)s.n ^ HASH_A);
}

/* ---- edit distance --------------------------------------------------------------------------------
 * The full Damerau-Levenshtein distance (insert, delete, replace, swap two neighbours, and edits between
 * the swapped) by the usual table. The table is on the stack, hence the limit of the length after equal
 * ends are cut off; beyond it the texts count as too far apart. Every later row's minimum is at least the
 * present one's, which allows giving up early. */

#define SIDE (CDN_MAX_DISTANCE_TEXT + 1)

struct distance {
    uint8_t cost[SIDE][SIDE]; /* [i][j]: from the first i bytes of a to the first j of b */
    uint8_t last_row[256];    /* the last row (from 1) in which a has this byte; 0: none */
};

/* Fills row `i`; returns its minimum. */
static unsigned distance_row(struct distance *d, cordon_str a, cordon_str b, size_t i) {
    const uint8_t x = lower(a.p[i - 1]);
    unsigned least = d->cost[i][0];
    size_t last_column = 0; /* the last column before j in which b has x */
    for (size_t j = 1; j <= b.n; j++) {
        const uint8_t y = lower(b.p[j - 1]);
        const size_t row = d->last_row[y];
        unsigned best = d->cost[i - 1][j - 1] + (x == y ? 0U : 1U);
        best = CDN_MIN(best, d->cost[i - 1][j] + 1U);
        best = CDN_MIN(best, d->cost[i][j - 1] + 1U);
        if (row && last_column) {
            const size_t between = (i - row - 1) + (j - last_column - 1);
            best = CDN_MIN(best, d->cost[row - 1][last_column - 1] + 1U + (unsigned)between);
        }
        d->cost[i][j] = (uint8_t)best;
        least = CDN_MIN(least, best);
        if (x == y)
            last_column = j;
    }
    d->last_row[x] = (uint8_t)i;
    return least;
}

unsigned cdn_str_distance(cordon_str a, cordon_str b, unsigned limit) {
    const unsigned too_far = limit == UINT32_MAX ? limit : limit + 1;
    while (a.n && b.n && lower(a.p[0]) == lower(b.p[0])) {
        a = cdn_str(a.p + 1, a.n - 1);
        b = cdn_str(b.p + 1, b.n - 1);
    }
    while (a.n && b.n && lower(a.p[a.n - 1]) == lower(b.p[b.n - 1])) {
        a.n--;
        b.n--;
    }
    const size_t apart = a.n > b.n ? a.n - b.n : b.n - a.n;
    if (apart > limit || a.n > CDN_MAX_DISTANCE_TEXT || b.n > CDN_MAX_DISTANCE_TEXT)
        return too_far;
    struct distance d;
    memset(d.last_row, 0, sizeof(d.last_row));
    for (size_t i = 0; i <= a.n; i++)
        d.cost[i][0] = (uint8_t)i;
    for (size_t j = 0; j <= b.n; j++)
        d.cost[0][j] = (uint8_t)j;
    for (size_t i = 1; i <= a.n; i++) {
        if (distance_row(&d, a, b, i) > limit)
            return too_far;
    }
    const unsigned result = d.cost[a.n][b.n];
    return result > limit ? too_far : result;
}
