/* SPDX-License-Identifier: Apache-2.0 */
/* listed.c: parties on lists, and owned by those on lists, from the screening results of the request and from
 * the owners that it names.
 *
 * Screened without a match is false, not screened is unknown, a possible match is unknown and stays so until
 * somebody clears it (state) or confirms it. An owner who is among the parties counts with all its share if
 * it is on the list or, by the same rule, owned by those on the list: link by link, at most
 * CDN_MAX_OWNER_CHAIN. */
#include "decide/decide_priv.h"

#include "base/limits.h"

static bool on_test(const struct cdn_decider *d, const struct cdn_test_rec *t, const struct cdn_listed *l) {
    for (uint32_t i = t->lists.first; i < t->lists.first + t->lists.count; i++) {
        const struct cdn_named_rec *list = &d->snap->lists[d->snap->indexes[i]];
        if (list->hash == l->list_hash && cdn_str_eq(cdn_snap_str(d->snap, list->id), l->list))
            return true;
    }
    return false;
}

static bool cleared(struct cdn_decider *d, int party, const struct cdn_listed *l) {
    for (uint32_t i = 0; i < d->request->state_count; i++) {
        const struct cdn_state *s = &d->request->state[i];
        if (s->kind != CDN_STATE_CLEARANCE || s->party != party || !cdn_str_eq(s->list, l->list) ||
            !cdn_str_eq(s->entry, l->entry))
            continue;
        if (s->until_have != CDN_HAVE_VALUE || cdn_decide_at_before(d, s->until) == CORDON_TRUE)
            return true;
    }
    return false;
}

static unsigned candidate(
    struct cdn_decider *d, const struct cdn_test_rec *t, int party, const struct cdn_listed *l, bool owned) {
    if (l->truth == CORDON_FALSE || l->owned != owned || !on_test(d, t, l) || cleared(d, party, l))
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

/* Was the party screened against list number `list` at all? */
static bool screened(const struct cdn_decider *d, const struct cdn_party *p, uint32_t list, bool owned) {
    const struct cdn_named_rec *named = &d->snap->lists[list];
    for (uint32_t i = 0; i < p->listed_count; i++) {
        if (p->listed[i].owned == owned && p->listed[i].list_hash == named->hash &&
            cdn_str_eq(p->listed[i].list, cdn_snap_str(d->snap, named->id)))
            return true;
    }
    return false;
}

/* Unknown as long as one of the test's lists was not looked at. */
static unsigned unscreened(const struct cdn_decider *d,
                           const struct cdn_test_rec *t,
                           const struct cdn_party *p,
                           bool owned) {
    if (p->listed_have == CDN_HAVE_NOT_APPLICABLE ||
        (p->listed_have == CDN_HAVE_VALUE && p->listed_count == 0))
        return CORDON_FALSE;
    if (owned && p->owners_have == CDN_HAVE_VALUE && p->owner_count == 0)
        return CORDON_FALSE;
    for (uint32_t i = t->lists.first; i < t->lists.first + t->lists.count; i++) {
        if (p->listed_have != CDN_HAVE_VALUE || !screened(d, p, d->snap->indexes[i], owned))
            return CORDON_UNKNOWN;
    }
    return CORDON_FALSE;
}

static unsigned listed(struct cdn_decider *d, const struct cdn_test_rec *t, int party) {
    const struct cdn_party *p = &d->request->parties[party];
    unsigned value = unscreened(d, t, p, false);
    for (uint32_t i = 0; i < p->listed_count && value != CORDON_TRUE; i++)
        value = cdn_truth_or(value, candidate(d, t, party, &p->listed[i], false));
    return value;
}

unsigned cdn_decide_listed(struct cdn_decider *d, const struct cdn_test_rec *t, int party) {
    return listed(d, t, party);
}

/* ---- ownership ---------------------------------------------------------------------------------------- */

struct shares {
    struct cdn_decimal sure, possible;
    bool open; /* how much is not known */
    bool controlled;
};

static bool enough(const struct cdn_test_rec *t, struct cdn_decimal percent) {
    const int cmp = cdn_decimal_cmp(percent, (struct cdn_decimal){t->mantissa, t->scale});
    return t->flags & CDN_TEST_STRICT ? cmp > 0 : cmp >= 0;
}

/* The sum of the shares, or the largest. Shares too long to add do not happen; then nothing is certain. */
static bool collect(const struct cdn_test_rec *t, struct cdn_decimal percent, struct cdn_decimal *total) {
    if (t->flags & CDN_TEST_AGGREGATE)
        return cdn_decimal_add(*total, percent, total) == 0;
    if (cdn_decimal_cmp(percent, *total) > 0)
        *total = percent;
    return true;
}

/* One holder's share; `holder` says whether the holder counts. */
static void add_share(const struct cdn_test_rec *t,
                      struct shares *s,
                      unsigned holder,
                      uint8_t percent_have,
                      struct cdn_decimal percent,
                      bool control) {
    if (holder == CORDON_FALSE)
        return;
    if (control && (t->flags & CDN_TEST_OR_CONTROLLED)) {
        s->controlled |= holder == CORDON_TRUE;
        s->open = true;
    }
    if (percent_have != CDN_HAVE_VALUE) {
        s->open = true;
        return;
    }
    if (holder == CORDON_TRUE)
        s->open |= !collect(t, percent, &s->sure);
    s->open |= !collect(t, percent, &s->possible);
}

static unsigned weigh(const struct cdn_test_rec *t, const struct shares *s) {
    if (s->controlled || enough(t, s->sure))
        return CORDON_TRUE;
    return s->open || enough(t, s->possible) ? CORDON_UNKNOWN : CORDON_FALSE;
}

/* By the results of screening alone. */
static unsigned owned_as_screened(struct cdn_decider *d, const struct cdn_test_rec *t, int party) {
    const struct cdn_party *p = &d->request->parties[party];
    struct shares s = {.open = unscreened(d, t, p, true) == CORDON_UNKNOWN};
    for (uint32_t i = 0; i < p->listed_count; i++) {
        const struct cdn_listed *l = &p->listed[i];
        add_share(t, &s, candidate(d, t, party, l, true), l->percent_have, l->percent, l->control);
    }
    return weigh(t, &s);
}

/* By the owners that the request names; `counts` says of each party whether it is on the list or owned. */
static unsigned owned_by_holders(const struct cdn_decider *d,
                                 const struct cdn_test_rec *t,
                                 int party,
                                 const uint8_t *counts) {
    const struct cdn_party *p = &d->request->parties[party];
    struct shares s = {.open = false};
    for (uint32_t i = 0; p->owners_have == CDN_HAVE_VALUE && i < p->owner_count; i++) {
        const struct cdn_ownership *o = &p->owners[i];
        if (o->party >= 0 && o->party < d->request->party_count)
            add_share(t, &s, counts[o->party], o->percent_have, o->percent, o->control);
    }
    return weigh(t, &s);
}

static bool is_match(struct cdn_decider *d, const struct cdn_test_rec *t, int party) {
    const struct cdn_party *p = &d->request->parties[party];
    for (uint32_t i = 0; i < p->listed_count; i++) {
        const struct cdn_listed *l = &p->listed[i];
        if (candidate(d, t, party, l, l->owned) != CORDON_FALSE)
            return true;
    }
    return false;
}

unsigned cdn_decide_owned_through(struct cdn_decider *d,
                                  const struct cdn_test_rec *t,
                                  int party,
                                  bool matches_only) {
    const struct cdn_request *r = d->request;
    uint8_t counts[CDN_MAX_PARTIES] = {0};
    if (r->parties[party].owners_have != CDN_HAVE_VALUE || r->parties[party].owner_count == 0)
        return CORDON_FALSE;
    for (int i = 0; i < r->party_count; i++) {
        counts[i] = CORDON_FALSE;
        if (!matches_only || is_match(d, t, i))
            counts[i] = (uint8_t)cdn_truth_or(listed(d, t, i), owned_as_screened(d, t, i));
    }
    bool changed = true;
    for (unsigned link = 0; changed && link < CDN_MAX_OWNER_CHAIN; link++) {
        changed = false;
        for (int i = 0; i < r->party_count; i++) {
            const unsigned v = cdn_truth_or(counts[i], owned_by_holders(d, t, i, counts));
            changed |= v != counts[i];
            counts[i] = (uint8_t)v;
        }
    }
    const unsigned value = owned_by_holders(d, t, party, counts);
    return changed ? cdn_truth_or(value, CORDON_UNKNOWN) : value;
}

/* IMPLEMENTS: CS-OWNED */
unsigned cdn_decide_owned(struct cdn_decider *d, const struct cdn_test_rec *t, int party) {
    return cdn_truth_or(owned_as_screened(d, t, party), cdn_decide_owned_through(d, t, party, false));
}
