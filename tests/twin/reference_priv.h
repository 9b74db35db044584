/* SPDX-License-Identifier: Apache-2.0 */
/* reference_priv.h: what the parts of the reference share: who asks, what, and the logic of four values. */
#ifndef CDN_TEST_REFERENCE_PRIV_H
#define CDN_TEST_REFERENCE_PRIV_H

#include "twin/reference.h"

#include <string.h>

#include "base/limits.h"

enum { F = CORDON_FALSE, T = CORDON_TRUE, U = CORDON_UNKNOWN, C = CORDON_CONTRADICTORY };
enum { NOBODY = -1, SEVERAL = -2, MAX_WAYS = 64 };

struct world {
    const struct cdn_rulebook *rb;
    const struct cdn_places *places;
    const struct cdn_reference_lists *lists; /* NULL: the snapshot has none */
    const struct cdn_request *r;
    int64_t at;
    const struct cdn_action *action;
    uint32_t action_number, service_number;
    const struct cdn_measure *owner; /* whose condition is read: standard, presumptions */
    bool presume_nothing;
    int role[CDN_ROLE_COUNT], object[CDN_OBJECT_COUNT], it;
    bool it_is_object;
};

struct whom {
    const struct cdn_party *party;
    const struct cdn_object *object;
    int index;
};
struct voice {
    bool speaks; /* no doubt silences it */
    unsigned in; /* T for, F against, U silent about this set */
    unsigned doubt;
    bool may_mean; /* an ambiguous name may mean a place of the set */
};

/* reference_facts.c, reference_lists.c */
unsigned cdn_ref_both(unsigned a, unsigned b);
unsigned cdn_ref_either(unsigned a, unsigned b);
unsigned cdn_ref_opposite(unsigned a);
unsigned cdn_ref_exactly_one(unsigned a, unsigned b);
bool cdn_ref_surely_before(struct cdn_when a, struct cdn_when b);
struct cdn_when cdn_ref_now(const struct world *w);
unsigned cdn_ref_finding(const struct world *w, const struct cdn_test *t, struct whom x);
unsigned cdn_ref_evidence_in(const struct world *w, const struct cdn_test *t, struct whom x);
unsigned cdn_ref_present(const struct world *w, const struct cdn_test *t, struct whom x);
unsigned cdn_ref_fact(const struct world *w, const struct cdn_test *t, struct whom x);
unsigned cdn_ref_is_new(const struct world *w, const struct cdn_test *t, const struct cdn_party *p);
const struct cdn_value *cdn_ref_fact_of(const struct world *w, const struct cdn_test *t, struct whom x);
struct voice cdn_ref_listen(const struct world *w,
                            const struct cdn_evidence *e,
                            const struct cdn_place_set *set);
bool cdn_ref_usable(const struct world *w, const struct cdn_evidence *e);
bool cdn_ref_too_old(const struct world *w, const struct cdn_evidence *e, unsigned finding);
const struct cdn_evidence *cdn_ref_evidence_of(struct whom x, uint32_t *n);
unsigned cdn_ref_compare_when(struct cdn_when a, unsigned how, struct cdn_when b);
bool cdn_ref_convert(const struct world *w,
                     const struct cdn_money *m,
                     const char to[4],
                     struct cdn_decimal *ret);
unsigned cdn_ref_candidate(const struct world *w,
                           const struct cdn_test *t,
                           struct whom x,
                           const struct cdn_listed *l);
unsigned cdn_ref_listed(const struct world *w, const struct cdn_test *t, struct whom x);
unsigned cdn_ref_candidate_as(const struct world *w,
                              const struct cdn_test *t,
                              struct whom x,
                              const struct cdn_listed *l,
                              bool as_owned);
unsigned cdn_ref_owned(const struct world *w, const struct cdn_test *t, struct whom x);
unsigned cdn_ref_owned_as_screened(const struct world *w, const struct cdn_test *t, struct whom x);
/* Nothing that was found or supplied speaks for it. */
bool cdn_ref_unlisted(const struct world *w, const struct cdn_test *t, struct whom x);

/* reference_owners.c: with lists and a relations file. Somebody who is looked for on the lists: a party, an
 * owner of a party who is only a name, or a party of the relations file. */
enum ref_kind { REF_PARTY, REF_NAMED, REF_PERSON };
struct ref_who {
    enum ref_kind kind;
    uint32_t party, owner, person;
};
unsigned cdn_ref_found(const struct world *w, const struct cdn_test *t, struct ref_who who, int clearer);
/* Would the absence of hits on that list of the rulebook be an answer? */
bool cdn_ref_engine_answers(const struct world *w, uint32_t list, uint32_t party);
unsigned cdn_ref_owned_through(const struct world *w,
                               const struct cdn_test *t,
                               uint32_t party,
                               bool matches_only);

#endif
