/* SPDX-License-Identifier: Apache-2.0 */
/* rnd.h: random numbers that are the same on every machine. The seed is a constant of the test, or
 * CORDON_SEED of the environment; cdn_rnd_init() prints it as a TAP comment, so that a failed run shows it.
 */
#ifndef CDN_TEST_RND_H
#define CDN_TEST_RND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cdn_rnd {
    uint64_t state;
};

void cdn_rnd_init(struct cdn_rnd *r, const char *what, uint64_t seed);
uint64_t cdn_rnd_next(struct cdn_rnd *r);
uint64_t cdn_rnd_below(struct cdn_rnd *r, uint64_t n);                 /* 0..n-1; 0 when n is 0 */
int64_t cdn_rnd_between(struct cdn_rnd *r, int64_t low, int64_t high); /* both included */
bool cdn_rnd_chance(struct cdn_rnd *r, unsigned of_1000);
void cdn_rnd_bytes(struct cdn_rnd *r, void *p, size_t n);
/* How many rounds a random comparison runs: `quick`, or CORDON_ROUNDS of the environment (nightly). */
size_t cdn_rnd_rounds(size_t quick);

#endif
