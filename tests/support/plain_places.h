/* SPDX-License-Identifier: Apache-2.0 */
/* plain_places.h: a stand-in for the places room in tests of the decider: a short list of places, items that
 * say outright what they speak of. Linked instead of src/places, so that a test chooses every doubt.
 *
 * An item speaks of its `country`, of the region in address.region ("UA-43"), and of each territory that has
 * that region as a part at the instant; where it is ambiguous, it may mean those territories instead. Its
 * `source` may name doubts: "ambiguous disagree anonymous hosting stale invalid context crowded". A country
 * that is not in the list: nothing (CDN_DOUBT_NOT_PLACED). */
#ifndef CDN_TEST_PLAIN_PLACES_H
#define CDN_TEST_PLAIN_PLACES_H

#include "places/places.h"
#include "rulebook/rulebook.h"

struct cdn_plain_territory {
    cordon_str region;
    unsigned territory; /* place id */
    int64_t from, until;
};
/* What `struct cdn_places *` points to in these tests. */
struct cdn_plain_places {
    cordon_str codes[1024]; /* by place id, from 1 */
    unsigned count;         /* ids 1 … count */
    uint16_t by_country[65536];
    struct cdn_plain_territory parts[64];
    unsigned part_count;
};
unsigned cdn_plain_place_add(struct cdn_plain_places *p, cordon_str code);
/* Countries AA … as given, regions and the rulebook's territories (whose parts are regions). */
void cdn_plain_places_fill(struct cdn_plain_places *p,
                           const cordon_str *codes,
                           unsigned count,
                           const struct cdn_rulebook *rb);

#endif
