/* SPDX-License-Identifier: Apache-2.0 */
/* edge.c: comparing moments, and the instants at which such a comparison with "now" changes.
 *
 * A moment without a zone is an interval of instants; the answer of a comparison with an instant changes at
 * the beginning and at the end of that interval, and (for < against <=) one second after. All four are
 * edges: one that changes nothing costs a cache entry its life, one that is missing serves a wrong answer. */
#include "decide/decide_priv.h"

/* How far a day somewhere on Earth reaches beyond the same day in UTC (base/num.h). */
enum { EAST = 14 * 3600, WEST = 12 * 3600 };

/* IMPLEMENTS: CS-CHANGES */
void cdn_decide_edge_when(struct cdn_decider *d, struct cdn_when w) {
    const bool instant = w.kind == CDN_WHEN_INSTANT;
    const int64_t lo = instant ? w.first : w.first - EAST;
    const int64_t hi = instant ? w.first : w.after + WEST - 1;
    cdn_decide_edge(d, lo);
    cdn_decide_edge(d, lo + 1);
    cdn_decide_edge(d, hi);
    cdn_decide_edge(d, hi + 1);
}

unsigned cdn_decide_when_cmp(struct cdn_when a, unsigned cmp, struct cdn_when b) {
    switch (cmp) {
    case CDN_CMP_LT:
        return (unsigned)cdn_when_before(a, b);
    case CDN_CMP_LE:
        return (unsigned)cdn_when_not_after(a, b);
    case CDN_CMP_GT:
        return (unsigned)cdn_when_before(b, a);
    case CDN_CMP_GE:
        return (unsigned)cdn_when_not_after(b, a);
    default:
        return (unsigned)cdn_when_same(a, b);
    }
}

unsigned cdn_decide_at_before(struct cdn_decider *d, struct cdn_when w) {
    cdn_decide_edge_when(d, w);
    return (unsigned)cdn_when_before(cdn_when_instant(d->at), w);
}
