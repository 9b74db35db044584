/* SPDX-License-Identifier: Apache-2.0 */
/* random_priv.h: shared by random_rulebook.c and random_request.c. */
#ifndef CDN_TEST_RANDOM_PRIV_H
#define CDN_TEST_RANDOM_PRIV_H

#include "support/random_rulebook.h"

void *cdn_random_take(struct cdn_arena *arena, size_t n, size_t size);
cordon_str cdn_random_name(struct cdn_arena *arena, const char *prefix, unsigned n);
struct cdn_when cdn_random_when(struct cdn_rnd *rnd);
unsigned cdn_random_kind(struct cdn_rnd *rnd);

#endif
