/* SPDX-License-Identifier: Apache-2.0 */
/* rnd.c: splitmix64 (Steele, Lea, Flood 2014): one word of state, any seed is good, passes the usual tests.
 */
#include "support/rnd.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t from_env(const char *name, uint64_t otherwise) {
    const char *text = getenv(name);
    if (text == NULL || *text == '\0') {
        return otherwise;
    }
    return strtoull(text, NULL, 0);
}

void cdn_rnd_init(struct cdn_rnd *r, const char *what, uint64_t seed) {
    r->state = from_env("CORDON_SEED", seed);
    printf("# %s: CORDON_SEED=0x%" PRIx64 "\n", what, r->state);
    (void)fflush(stdout);
}

uint64_t cdn_rnd_next(struct cdn_rnd *r) {
    uint64_t z = (r->state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

uint64_t cdn_rnd_below(struct cdn_rnd *r, uint64_t n) {
    return n == 0 ? 0 : cdn_rnd_next(r) % n; /* the bias is below 2^-32 for every n that tests use */
}

int64_t cdn_rnd_between(struct cdn_rnd *r, int64_t low, int64_t high) {
    const uint64_t span = (uint64_t)high - (uint64_t)low + 1;
    return (int64_t)((uint64_t)low + (span == 0 ? cdn_rnd_next(r) : cdn_rnd_below(r, span)));
}

bool cdn_rnd_chance(struct cdn_rnd *r, unsigned of_1000) {
    return cdn_rnd_below(r, 1000) < of_1000;
}

void cdn_rnd_bytes(struct cdn_rnd *r, void *p, size_t n) {
    uint8_t *out = p;
    for (size_t i = 0; i < n; i++) {
        out[i] = (uint8_t)cdn_rnd_next(r);
    }
}

size_t cdn_rnd_rounds(size_t quick) {
    return (size_t)from_env("CORDON_ROUNDS", quick);
}
