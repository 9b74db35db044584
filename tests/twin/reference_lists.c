/* SPDX-License-Identifier: Apache-2.0 */
/* reference_lists.c: see reference.h. Lists and owners. */
#include "twin/reference_priv.h"

/* ---- lists -------------------------------------------------------------------------------------------- */

static bool cleared(const struct world *w, int party, const struct cdn_listed *l) {
    for (uint32_t i = 0; i < w->r->state_count; i++) {
        const struct cdn_state *s = &w->r->state[i];
        if (s->kind == CDN_STATE_CLEARANCE && s->party == party && cdn_str_eq(s->list, l->list) &&
            cdn_str_eq(s->entry, l->entry) &&
            (s->until_have != CDN_HAVE_VALUE || cdn_ref_surely_before(cdn_ref_now(w), s->until)))
            return true;
    }
    return false;
}
unsigned cdn_ref_candidate_as(const struct world *w,
                              const struct cdn_test *t,
                              struct whom x,
                              const struct cdn_listed *l,
                              bool as_owned) {
    bool wanted = false;
    for (uint32_t i = 0; i < t->list_count; i++)
        wanted |= cdn_str_eq(w->rb->lists[t->lists[i]].id, l->list);
    if (!wanted || l->owned != as_owned || cleared(w, x.index, l))
        return F;
    if (l->truth != T || l->score == 0)
        return l->truth;
    return l->score >= t->match ? T : l->score >= t->review ? U : F;
}
unsigned cdn_ref_candidate(const struct world *w,
                           const struct cdn_test *t,
                           struct whom x,
                           const struct cdn_listed *l) {
    return cdn_ref_candidate_as(w, t, x, l, t->kind == CDN_TEST_OWNED);
}
static bool all_screened(const struct world *w,
                         const struct cdn_test *t,
                         const struct cdn_party *p,
                         bool as_owned) {
    if (p->listed_have == CDN_HAVE_NOT_APPLICABLE)
        return true;
    if (p->listed_have == CDN_HAVE_VALUE && p->listed_count == 0)
        return true;
    if (as_owned && p->owners_have == CDN_HAVE_VALUE && p->owner_count == 0)
        return true;
    for (uint32_t i = 0; i < t->list_count; i++) {
        bool found = false;
        for (uint32_t k = 0; k < p->listed_count; k++)
            found |=
                cdn_str_eq(p->listed[k].list, w->rb->lists[t->lists[i]].id) && p->listed[k].owned == as_owned;
        if ((!found || p->listed_have != CDN_HAVE_VALUE) &&
            (as_owned || !w->lists || !cdn_ref_engine_answers(w, t->lists[i], (uint32_t)(p - w->r->parties))))
            return false;
    }
    return true;
}
unsigned cdn_ref_listed(const struct world *w, const struct cdn_test *t, struct whom x) {
    if (!x.party)
        return U;
    unsigned value = all_screened(w, t, x.party, false) ? F : U;
    for (uint32_t i = 0; i < x.party->listed_count; i++)
        value = cdn_ref_either(value, cdn_ref_candidate_as(w, t, x, &x.party->listed[i], false));
    if (w->lists)
        value = cdn_ref_either(
            value, cdn_ref_found(w, t, (struct ref_who){REF_PARTY, (uint32_t)x.index, 0, 0}, x.index));
    return value;
}
static bool reaches(const struct cdn_test *t, int64_t tenths) {
    const struct cdn_decimal share = {tenths, 1};
    const int c = cdn_decimal_cmp(share, t->percent);
    return t->percent_strict ? c > 0 : c >= 0;
}
static int64_t in_tenths(struct cdn_decimal d) { /* the generator gives one decimal */
    return d.scale == 0 ? d.mantissa * 10 : d.mantissa;
}
unsigned cdn_ref_owned_as_screened(const struct world *w, const struct cdn_test *t, struct whom x) {
    int64_t sure = 0, most = 0;
    if (!x.party)
        return U;
    bool open = !all_screened(w, t, x.party, true);
    for (uint32_t i = 0; i < x.party->listed_count; i++) {
        const struct cdn_listed *l = &x.party->listed[i];
        const unsigned v = cdn_ref_candidate_as(w, t, x, l, true);
        if (v == F)
            continue;
        if (l->control && t->or_controlled && v == T)
            return T;
        open |= (l->control && t->or_controlled) || l->percent_have != CDN_HAVE_VALUE;
        if (l->percent_have != CDN_HAVE_VALUE)
            continue;
        const int64_t share = in_tenths(l->percent);
        most = t->aggregate ? most + share : CDN_MAX(most, share);
        if (v == T)
            sure = t->aggregate ? sure + share : CDN_MAX(sure, share);
    }
    return reaches(t, sure) ? T : open || reaches(t, most) ? U : F;
}
/* By going down from owner to owner; nobody is asked again who is already on the way. */
static unsigned owned_down(
    const struct world *w, const struct cdn_test *t, int party, const bool *on_the_way, bool matches_only);
static unsigned counts(
    const struct world *w, const struct cdn_test *t, int party, const bool *on_the_way, bool matches_only) {
    const struct cdn_party *p = &w->r->parties[party];
    const struct whom x = {.party = p, .index = party};
    bool match = !matches_only;
    for (uint32_t i = 0; i < p->listed_count; i++)
        match |= cdn_ref_candidate_as(w, t, x, &p->listed[i], p->listed[i].owned) != F;
    const unsigned own =
        match ? cdn_ref_either(cdn_ref_listed(w, t, x), cdn_ref_owned_as_screened(w, t, x)) : F;
    return cdn_ref_either(own, owned_down(w, t, party, on_the_way, matches_only));
}
static unsigned owned_down(
    const struct world *w, const struct cdn_test *t, int party, const bool *on_the_way, bool matches_only) {
    const struct cdn_party *p = &w->r->parties[party];
    bool way[CDN_MAX_PARTIES];
    int64_t sure = 0, most = 0;
    bool open = false, controlled = false;
    for (int i = 0; i < CDN_MAX_PARTIES; i++)
        way[i] = on_the_way && on_the_way[i];
    way[party] = true;
    for (uint32_t i = 0; p->owners_have == CDN_HAVE_VALUE && i < p->owner_count; i++) {
        const struct cdn_ownership *o = &p->owners[i];
        if (o->party < 0)
            continue;
        unsigned v;
        if (way[o->party]) { /* what it is by itself; what it owns comes round again */
            const struct whom x = {.party = &w->r->parties[o->party], .index = o->party};
            bool match = !matches_only;
            for (uint32_t k = 0; k < x.party->listed_count; k++)
                match |= cdn_ref_candidate_as(w, t, x, &x.party->listed[k], x.party->listed[k].owned) != F;
            v = match ? cdn_ref_either(cdn_ref_listed(w, t, x), cdn_ref_owned_as_screened(w, t, x)) : F;
        } else {
            v = counts(w, t, o->party, way, matches_only);
        }
        if (v == F)
            continue;
        controlled |= o->control && t->or_controlled && v == T;
        open |= (o->control && t->or_controlled) || o->percent_have != CDN_HAVE_VALUE;
        if (o->percent_have != CDN_HAVE_VALUE)
            continue;
        const int64_t share = in_tenths(o->percent);
        most = t->aggregate ? most + share : CDN_MAX(most, share);
        if (v == T)
            sure = t->aggregate ? sure + share : CDN_MAX(sure, share);
    }
    return controlled || reaches(t, sure) ? T : open || reaches(t, most) ? U : F;
}
unsigned cdn_ref_owned(const struct world *w, const struct cdn_test *t, struct whom x) {
    if (!x.party)
        return U;
    return cdn_ref_either(cdn_ref_owned_as_screened(w, t, x),
                          w->lists ? cdn_ref_owned_through(w, t, (uint32_t)x.index, false)
                                   : owned_down(w, t, x.index, NULL, false));
}
bool cdn_ref_unlisted(const struct world *w, const struct cdn_test *t, struct whom x) {
    for (uint32_t i = 0; i < x.party->listed_count; i++) {
        if (cdn_ref_candidate(w, t, x, &x.party->listed[i]) != F)
            return false;
    }
    if (t->kind == CDN_TEST_LISTED)
        return !w->lists ||
               cdn_ref_found(w, t, (struct ref_who){REF_PARTY, (uint32_t)x.index, 0, 0}, x.index) == F;
    return (w->lists ? cdn_ref_owned_through(w, t, (uint32_t)x.index, true)
                     : owned_down(w, t, x.index, NULL, true)) == F;
}
