/* SPDX-License-Identifier: Apache-2.0 */
/* iin.c: opening the section of card ranges, and looking numbers up in it.
 *
 * Format (version 1, little endian): a header of 64 bytes (iin_format.h), then `count` runs of 8 bytes each,
 * `first << 16 | country`. A run begins at `first`, a number of 12 digits, and reaches to the next run or to
 * 999999999999; country 0 stands for no issuer.
 *
 * Invariants, checked by cdn_iin_open():
 *  1. there is a run, the first begins at 0, each begins after the one before it, and below 10^12;
 *  2. countries are 0 or two capital letters; neighbours differ. */
#include "places/iin.h"

#include "places/iin_format.h"

static uint64_t run_first(uint64_t run) {
    return run >> 16;
}

static uint16_t run_country(uint64_t run) {
    return (uint16_t)run;
}

static bool country_valid(uint16_t c) {
    const unsigned a = c >> 8;
    const unsigned b = c & 0xff;
    return c == 0 || (a >= 'A' && a <= 'Z' && b >= 'A' && b <= 'Z');
}

static bool runs_valid(const uint64_t *runs, uint32_t count) {
    if (count == 0 || run_first(runs[0]) != 0 || !country_valid(run_country(runs[0]))) {
        return false;
    }
    for (uint32_t i = 1; i < count; i++) {
        if (run_first(runs[i]) <= run_first(runs[i - 1]) || run_first(runs[i]) >= CDN_IIN_END ||
            run_country(runs[i]) == run_country(runs[i - 1]) || !country_valid(run_country(runs[i]))) {
            return false;
        }
    }
    return true;
}

int cdn_iin_open(const void *section, size_t size, struct cdn_iin_table *ret, struct cordon_error *e) {
    if ((uintptr_t)section % 8 != 0) {
        return cdn_fail(e, CORDON_E_ARG, "the section of card ranges is not 8-aligned");
    }
    const struct cdn_iin_header *const h = section;
    if (size < sizeof *h || memcmp(h->magic, CDN_IIN_MAGIC, sizeof h->magic) != 0) {
        return cdn_fail(e, CORDON_E_FORMAT, "not a section of card ranges");
    }
    if (h->version != CDN_IIN_VERSION) {
        return cdn_fail(e,
                        CORDON_E_VERSION,
                        "card ranges of version %u, this build reads %d",
                        h->version,
                        CDN_IIN_VERSION);
    }
    const uint64_t *const runs = (const uint64_t *)(const void *)(h + 1);
    if (h->zero != 0 || (size - sizeof *h) % sizeof *runs != 0 ||
        (size - sizeof *h) / sizeof *runs != h->count || !runs_valid(runs, h->count)) {
        return cdn_fail(e, CORDON_E_FORMAT, "the section of card ranges is damaged");
    }
    *ret = (struct cdn_iin_table){.runs = runs, .count = h->count, .ranges = h->ranges, .date = h->date};
    memcpy(ret->sha256, h->sha256, sizeof ret->sha256);
    return 0;
}

/* The run that covers `number`. */
static uint32_t run_of(const struct cdn_iin_table *t, uint64_t number) {
    uint32_t low = 0;
    uint32_t n = t->count;
    while (n > 1) {
        const uint32_t half = n / 2;
        low += run_first(t->runs[low + half]) <= number ? half : 0;
        n -= half;
    }
    return low;
}

int cdn_iin_lookup(const struct cdn_iin_table *t, cordon_str digits, uint16_t *ret) {
    if (digits.n < CDN_IIN_ASK_LEAST || digits.n > CDN_IIN_ASK_MOST) {
        return CORDON_E_SYNTAX;
    }
    uint64_t first = 0;
    uint64_t after = 1; /* the numbers first .. after - 1 begin with the digits */
    for (size_t i = 0; i < CDN_MAX(digits.n, (size_t)CDN_IIN_DIGITS); i++) {
        if (i < digits.n && (digits.p[i] < '0' || digits.p[i] > '9')) {
            return CORDON_E_SYNTAX;
        }
        if (i < CDN_IIN_DIGITS) {
            first = first * 10 + (i < digits.n ? (unsigned)(digits.p[i] - '0') : 0);
            after = i < digits.n ? first + 1 : after * 10;
        }
    }
    const uint32_t run = run_of(t, first);
    if (run + 1 < t->count && run_first(t->runs[run + 1]) < after) {
        return CORDON_E_CONFLICT;
    }
    *ret = run_country(t->runs[run]);
    return 0;
}
