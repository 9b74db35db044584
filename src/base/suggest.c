/* SPDX-License-Identifier: Apache-2.0 */
/* suggest.c: the nearest known name to one that nothing defines.
 *
 *  1. `best_distance` is one more than the largest distance that a candidate may still have;
 *  2. of equally near candidates the first offered stays, so the order of offering decides. */
#include "base/base.h"

static unsigned allowed(cordon_str wanted) {
    const size_t third = wanted.n / 3;
    return (unsigned)CDN_MAX(CDN_MIN(third, (size_t)3), (size_t)1);
}

void cdn_suggest_init(struct cdn_suggest *s, cordon_str wanted) {
    *s = (struct cdn_suggest){.wanted = wanted, .best_distance = allowed(wanted) + 1};
}

void cdn_suggest_offer(struct cdn_suggest *s, cordon_str candidate) {
    if (candidate.n == 0 || s->best_distance == 0)
        return;
    const unsigned distance = cdn_str_distance(s->wanted, candidate, s->best_distance - 1);
    if (distance < s->best_distance) {
        s->best = candidate;
        s->best_distance = distance;
    }
}

bool cdn_suggest_found(const struct cdn_suggest *s) {
    return s->best.n > 0;
}
