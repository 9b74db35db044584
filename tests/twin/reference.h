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
#include "screen/screener.h"

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
/* Lists and a relations file as whoever made them up knows them, not as a snapshot has them. What one name
 * scores against one entry the screening room is asked for, without its index (cdn_screener_scan). */
struct cdn_reference_entry {
    cordon_str list, id; /* each entry is on one list of the rulebook */
    int64_t from, until;
};
struct cdn_reference_person { /* of the relations file */
    cordon_str name;
    cordon_str number;      /* registration; empty: not stated */
    cordon_str list, entry; /* the entry that it is; empty: of no list */
    uint16_t country;       /* packed; 0: not stated */
};
struct cdn_reference_link {
    uint32_t owner, owned; /* persons */
    int64_t low, high;     /* hundredths of a percent */
    bool known, disputed;
    uint8_t kind; /* enum cdn_owner_link_kind */
    int64_t since, until;
};
struct cdn_reference_lists {
    struct cdn_screener *screener;
    const struct cdn_parties *parties; /* which entry a number of the screener is */
    const struct cdn_reference_entry *entries;
    uint32_t entry_count;
    const struct cdn_reference_person *persons;
    uint32_t person_count;
    const struct cdn_reference_link *links;
    uint32_t link_count;
    const cordon_str *have; /* lists of the rulebook that the snapshot has data of */
    uint32_t have_count;
};
/* A clearance whose `by` is "right" has the fingerprints of party and entry; any other has not. */
void cdn_reference_decide_listed(const struct cdn_rulebook *rb,
                                 const struct cdn_places *places,
                                 const struct cdn_reference_lists *lists,
                                 const struct cdn_request *r,
                                 int64_t at,
                                 struct cdn_reference *ret);
void cdn_reference_decide(const struct cdn_rulebook *rb,
                          const struct cdn_places *places,
                          const struct cdn_request *r,
                          int64_t at,
                          struct cdn_reference *ret);

#endif
