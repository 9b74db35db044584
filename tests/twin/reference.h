/* SPDX-License-Identifier: Apache-2.0 */
/* reference.h: a slow decider, written from docs/semantics.md over the resolved rulebook: no snapshot, no
 * index, no memory of earlier answers, no bit sets. What the engine is compared with.
 *
 * It asks the places room what one item of evidence speaks of, and the model for the two tables of evidence
 * (weights, standards), which have tests of their own. */
#ifndef CDN_TEST_REFERENCE_H
#define CDN_TEST_REFERENCE_H

#include "decide/decision.h"
#include "places/places.h"
#include "rulebook/rulebook.h"

struct cdn_reference_hit {
    uint32_t measure;
    uint8_t value, standing, verdict;
};
struct cdn_reference {
    uint8_t verdict;
    bool conflict;
    uint32_t hit_count;
    struct cdn_reference_hit hits[256];
};
void cdn_reference_decide(const struct cdn_rulebook *rb,
                          const struct cdn_places *places,
                          const struct cdn_request *r,
                          int64_t at,
                          struct cdn_reference *ret);

#endif
