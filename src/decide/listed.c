/* SPDX-License-Identifier: Apache-2.0 */
/* listed.c: parties on lists, and owned by those on lists, from what the engine's own screening found, what
 * the request supplies, and who owns whom.
 *
 * A hit of either is a hit. Screened without a match is false, not screened is unknown, a possible match is
 * unknown and stays so until somebody clears it (state) or confirms it. */
#include "decide/decide_priv.h"

static bool on_test(const struct cdn_decider *d, const struct cdn_test_rec *t, const struct cdn_listed *l) {
    for (uint32_t i = t->lists.first; i < t->lists.first + t->lists.count; i++) {
        const struct cdn_named_rec *list = &d->snap->lists[d->snap->indexes[i]];
        if (list->hash == l->list_hash && cdn_str_eq(cdn_snap_str(d->snap, list->id), l->list))
            return true;
    }
    return false;
}

static unsigned candidate(
    struct cdn_decider *d, const struct cdn_test_rec *t, int party, const struct cdn_listed *l, bool owned) {
    if (l->truth == CORDON_FALSE || l->owned != owned || !on_test(d, t, l) ||
        cdn_decide_cleared_listed(d, party, l, NULL) == CDN_CLEARED)
        return CORDON_FALSE;
    if (l->truth != CORDON_TRUE)
        return l->truth;
    if (l->score == 0 || l->score >= t->match) /* 0: confirmed without a score */
        return CORDON_TRUE;
    return l->score >= t->review ? CORDON_UNKNOWN : CORDON_FALSE;
}

unsigned cdn_decide_candidate(struct cdn_decider *d,
                              const struct cdn_test_rec *t,
                              int party,
                              const struct cdn_listed *l) {
    return candidate(d, t, party, l, t->kind == CDN_TEST_OWNED);
}

/* Did the request bring a result for list number `list`? */
static bool supplied(const struct cdn_decider *d, const struct cdn_party *p, uint32_t list, bool owned) {
    const struct cdn_named_rec *named = &d->snap->lists[list];
    for (uint32_t i = 0; i < p->listed_count; i++) {
        if (p->listed[i].owned == owned && p->listed[i].list_hash == named->hash &&
            cdn_str_eq(p->listed[i].list, cdn_snap_str(d->snap, named->id)))
            return true;
    }
    return false;
}

/* Unknown as long as one of the test's lists was not looked at. What the engine finds on lists says nothing
 * about who owns the party. */
static unsigned unscreened(struct cdn_decider *d, const struct cdn_test_rec *t, int party, bool owned) {
    const struct cdn_party *p = &d->request->parties[party];
    if (p->listed_have == CDN_HAVE_NOT_APPLICABLE ||
        (p->listed_have == CDN_HAVE_VALUE && p->listed_count == 0))
        return CORDON_FALSE;
    if (owned && p->owners_have == CDN_HAVE_VALUE && p->owner_count == 0)
        return CORDON_FALSE;
    for (uint32_t i = t->lists.first; i < t->lists.first + t->lists.count; i++) {
        const uint32_t list = d->snap->indexes[i];
        if (p->listed_have == CDN_HAVE_VALUE && supplied(d, p, list, owned))
            continue;
        if (owned || !cdn_decide_engine_answers(d, (uint32_t)party, list))
            return CORDON_UNKNOWN;
    }
    return CORDON_FALSE;
}

/* IMPLEMENTS: CS-SCREEN */
unsigned cdn_decide_listed(struct cdn_decider *d, const struct cdn_test_rec *t, int party) {
    const struct cdn_party *p = &d->request->parties[party];
    unsigned value = unscreened(d, t, party, false);
    for (uint32_t i = 0; i < p->listed_count && value != CORDON_TRUE; i++)
        value = cdn_truth_or(value, candidate(d, t, party, &p->listed[i], false));
    if (value != CORDON_TRUE)
        value = cdn_truth_or(value, cdn_decide_all_found(d, t, (uint32_t)party, party));
    return value;
}

bool cdn_decide_is_match(struct cdn_decider *d, const struct cdn_test_rec *t, int party) {
    const struct cdn_party *p = &d->request->parties[party];
    for (uint32_t i = 0; i < p->listed_count; i++) {
        const struct cdn_listed *l = &p->listed[i];
        if (candidate(d, t, party, l, l->owned) != CORDON_FALSE)
            return true;
    }
    return cdn_decide_all_found(d, t, (uint32_t)party, party) != CORDON_FALSE;
}

unsigned cdn_decide_owned_as_screened(struct cdn_decider *d, const struct cdn_test_rec *t, int party) {
    const struct cdn_party *p = &d->request->parties[party];
    struct cdn_shares s = {.open = unscreened(d, t, party, true) == CORDON_UNKNOWN};
    for (uint32_t i = 0; i < p->listed_count; i++) {
        const struct cdn_listed *l = &p->listed[i];
        struct cdn_stake stake = {.control = l->control, .sure_control = l->control};
        stake.open = l->percent_have != CDN_HAVE_VALUE;
        if (!stake.open)
            stake.low = stake.high = l->percent;
        cdn_decide_add_share(t, &s, candidate(d, t, party, l, true), &stake);
    }
    return cdn_decide_weigh(t, &s);
}

/* IMPLEMENTS: CS-OWNED */
unsigned cdn_decide_owned(struct cdn_decider *d, const struct cdn_test_rec *t, int party) {
    const unsigned value = cdn_decide_owned_as_screened(d, t, party);
    return value == CORDON_TRUE ? value : cdn_truth_or(value, cdn_decide_owned_through(d, t, party, false));
}
