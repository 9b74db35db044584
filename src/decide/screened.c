/* SPDX-License-Identifier: Apache-2.0 */
/* screened.c: who of the listed parties somebody may be, by the engine's own screening: once per party and
 * decision, when a test first asks, against all lists of the snapshot that the rulebook names, with the
 * lowest thresholds of all tests. What a candidate is for one test follows from its own thresholds. */
#include "decide/decide_priv.h"

#include "model/request.h"

unsigned cdn_decide_sure(const struct cdn_test_rec *t) {
    return t->match ? t->match : CDN_SCREEN_SURE_AT;
}

unsigned cdn_decide_review(const struct cdn_test_rec *t) {
    const unsigned review = t->review ? t->review : CDN_SCREEN_REVIEW_AT;
    return CDN_MIN(review, cdn_decide_sure(t));
}

uint32_t cdn_decide_party_list(const struct cdn_decider *d, uint32_t list) {
    return d->snap->parties && d->snap->party_lists ? d->snap->party_lists[list] : CDN_PARTIES_NONE;
}

/* IMPLEMENTS: CS-LIST-AGE */
bool cdn_decide_list_stale(struct cdn_decider *d, uint32_t list, int64_t *ret_stale_at) {
    struct cdn_party_list p;
    const int64_t days = d->snap->lists[list].a;
    cdn_parties_list(d->snap->parties, cdn_decide_party_list(d, list), &p);
    int64_t stale_at = CDN_TIME_MAX;
    if (days) {
        const int64_t since = p.published != CDN_TIME_MIN ? p.published : p.retrieved;
        stale_at = since == CDN_TIME_MIN ? CDN_TIME_MIN : since + days * 86400;
    }
    if (p.stale.n)
        stale_at = CDN_TIME_MIN;
    if (ret_stale_at)
        *ret_stale_at = stale_at;
    cdn_decide_edge(d, stale_at);
    return d->at >= stale_at;
}

static void keep(struct cdn_decider *d, struct cdn_screened *s, const struct cdn_screen_result *r) {
    s->first = d->found_count;
    s->partial |= r->partial;
    s->steady_until = r->steady_until;
    for (uint32_t i = 0; i < r->count; i++) {
        if (d->found_count == CDN_MAX_FOUND) {
            s->partial = true;
            return;
        }
        d->found[d->found_count++] = r->candidates[i];
        s->count++;
    }
}

const struct cdn_screened *cdn_decide_screen(struct cdn_decider *d, uint32_t holder) {
    if (!d->screener || !d->screen_list_count)
        return NULL;
    d->screen_asked = true;
    struct cdn_screened *s = &d->screened[holder];
    if (s->epoch == d->epoch) {
        cdn_decide_edge(d, s->steady_until);
        return s;
    }
    *s = (struct cdn_screened){.epoch = d->epoch, .steady_until = CDN_TIME_MAX};
    cdn_decide_ask(d, holder, d->asked);
    s->asked = d->asked->query.name_count || d->asked->query.ident_count;
    if (s->asked) {
        struct cdn_screen_result r;
        cdn_screener_screen(d->screener, &d->asked->query, &r);
        keep(d, s, &r);
    }
    cdn_decide_edge(d, s->steady_until);
    return s;
}

bool cdn_decide_entry_on(const struct cdn_decider *d,
                         const struct cdn_test_rec *t,
                         uint32_t entry,
                         uint32_t *ret_list) {
    const struct cdn_party_source *source = NULL;
    const struct cdn_party_rec *rec = cdn_parties_entry(d->snap->parties, entry, &source);
    for (uint32_t i = t->lists.first; i < t->lists.first + t->lists.count; i++) {
        const uint32_t list = d->snap->indexes[i];
        const uint32_t number = cdn_decide_party_list(d, list);
        if (number == CDN_PARTIES_NONE || !cdn_party_on(source, rec, number))
            continue;
        if (ret_list)
            *ret_list = list;
        return cdn_party_at(rec, d->at);
    }
    return false;
}

/* IMPLEMENTS: CS-SCREEN */
unsigned cdn_decide_found(struct cdn_decider *d,
                          const struct cdn_test_rec *t,
                          uint32_t holder,
                          int party,
                          const struct cdn_screen_candidate *c) {
    unsigned score = 0;
    enum cdn_screen_strength strength = CDN_SCREEN_FULL;
    if (!cdn_decide_entry_on(d, t, c->entry, NULL))
        return CORDON_FALSE;
    const enum cdn_screen_verdict v =
        cdn_screen_judge(c, cdn_decide_sure(t), cdn_decide_review(t), &score, &strength);
    if (v == CDN_SCREEN_NO || cdn_decide_cleared_entry(d, holder, party, c->entry, NULL) == CDN_CLEARED)
        return CORDON_FALSE;
    return v == CDN_SCREEN_SURE ? CORDON_TRUE : CORDON_UNKNOWN;
}

unsigned cdn_decide_all_found(struct cdn_decider *d,
                              const struct cdn_test_rec *t,
                              uint32_t holder,
                              int party) {
    const struct cdn_screened *s = cdn_decide_screen(d, holder);
    unsigned value = CORDON_FALSE;
    for (uint32_t i = 0; s && i < s->count && value != CORDON_TRUE; i++)
        value = cdn_truth_or(value, cdn_decide_found(d, t, holder, party, &d->found[s->first + i]));
    return value;
}

bool cdn_decide_engine_answers(struct cdn_decider *d, uint32_t holder, uint32_t list) {
    if (cdn_decide_party_list(d, list) == CDN_PARTIES_NONE || cdn_decide_list_stale(d, list, NULL))
        return false;
    const struct cdn_screened *s = cdn_decide_screen(d, holder);
    return s && s->asked && !s->partial;
}
