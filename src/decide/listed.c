/* SPDX-License-Identifier: Apache-2.0 */
/* listed.c: parties on lists, and owned by those on lists, from the screening results of the request.
 *
 * Screened without a match is false, not screened is unknown, a possible match is unknown and stays so until
 * somebody clears it (state) or confirms it. */
#include "decide/decide_priv.h"

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

unsigned cdn_decide_candidate(struct cdn_decider *d,
                              const struct cdn_test_rec *t,
                              int party,
                              const struct cdn_listed *l) {
    if (l->truth == CORDON_FALSE || l->owned != (t->kind == CDN_TEST_OWNED) || !on_test(d, t, l) ||
        cleared(d, party, l))
        return CORDON_FALSE;
    if (l->truth != CORDON_TRUE)
        return l->truth;
    if (l->score == 0 || l->score >= t->match) /* 0: confirmed without a score */
        return CORDON_TRUE;
    return l->score >= t->review ? CORDON_UNKNOWN : CORDON_FALSE;
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

unsigned cdn_decide_listed(struct cdn_decider *d, const struct cdn_test_rec *t, int party) {
    const struct cdn_party *p = &d->request->parties[party];
    unsigned value = unscreened(d, t, p, false);
    for (uint32_t i = 0; i < p->listed_count && value != CORDON_TRUE; i++)
        value = cdn_truth_or(value, cdn_decide_candidate(d, t, party, &p->listed[i]));
    return value;
}

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

unsigned cdn_decide_owned(struct cdn_decider *d, const struct cdn_test_rec *t, int party) {
    const struct cdn_party *p = &d->request->parties[party];
    struct cdn_decimal sure = {0}, possible = {0};
    bool open = unscreened(d, t, p, true) == CORDON_UNKNOWN;
    for (uint32_t i = 0; i < p->listed_count; i++) {
        const struct cdn_listed *l = &p->listed[i];
        const unsigned v = cdn_decide_candidate(d, t, party, l);
        if (v == CORDON_FALSE)
            continue;
        if (l->control && (t->flags & CDN_TEST_OR_CONTROLLED)) {
            if (v == CORDON_TRUE)
                return CORDON_TRUE;
            open = true;
        }
        if (l->percent_have != CDN_HAVE_VALUE) {
            open = true;
            continue;
        }
        if (v == CORDON_TRUE)
            open |= !collect(t, l->percent, &sure);
        open |= !collect(t, l->percent, &possible);
    }
    if (enough(t, sure))
        return CORDON_TRUE;
    return open || enough(t, possible) ? CORDON_UNKNOWN : CORDON_FALSE;
}
