/* SPDX-License-Identifier: Apache-2.0 */
/* explain_state.c: what the state tells of open holds and appeals, and the outcome of a hold. */
#include "decide/explain_priv.h"

static void subject_of(const struct cdn_explain *x, const struct cdn_state *s, struct cdn_pointer *ret) {
    *ret = (struct cdn_pointer){.kind = CDN_SUBJECT_REQUEST, .evidence = -1};
    if (s->party >= 0 && s->party < x->d->request->party_count) {
        ret->kind = CDN_SUBJECT_ROLE;
        ret->index = (uint16_t)s->party;
    }
}

static void hold_line(struct cdn_explain *x, const struct cdn_state *s) {
    struct cdn_outcome_line line = {.verdict = CORDON_VERDICT_HOLD, .basis = CDN_BASIS_POLICY};
    const uint32_t number =
        s->measure.n
            ? cdn_snapshot_symbol(x->d->snap, CDN_SYMBOL_MEASURE, cdn_hash(s->measure, 0), s->measure)
            : CDN_NO_INDEX;
    line.scope = CDN_SCOPE_REQUEST;
    subject_of(x, s, &line.subject);
    if (number != CDN_NO_INDEX)
        line.basis = x->d->snap->measures[number].basis;
    cdn_explain_add_line(x, &line, number);
}

/* IMPLEMENTS: CS-HELD CS-APPEAL */
void cdn_explain_states(struct cdn_explain *x) {
    const struct cdn_request *r = x->d->request;
    for (uint32_t i = 0; i < r->state_count && !x->err; i++) {
        const struct cdn_state *s = &r->state[i];
        const bool hold = cdn_decide_open(x->d, s, CDN_STATE_HOLD);
        if (!hold && !cdn_decide_open(x->d, s, CDN_STATE_APPEAL))
            continue;
        struct cdn_open *to = cdn_explain_push(x, hold ? &x->holds : &x->appeals, sizeof *to);
        if (!to)
            return;
        *to = (struct cdn_open){.measure = s->measure, .reference = s->reference, .by = s->by, .why = s->why};
        subject_of(x, s, &to->subject);
        to->has_until = s->until_have == CDN_HAVE_VALUE;
        to->until = s->until;
        if (hold)
            hold_line(x, s);
    }
}

bool cdn_explain_held_by_law(const struct cdn_explain *x) {
    const struct cdn_open *holds = x->holds.p;
    for (uint32_t i = 0; i < x->holds.n; i++) {
        const cordon_str id = holds[i].measure;
        const uint32_t number =
            id.n ? cdn_snapshot_symbol(x->d->snap, CDN_SYMBOL_MEASURE, cdn_hash(id, 0), id) : CDN_NO_INDEX;
        if (number != CDN_NO_INDEX && x->d->snap->measures[number].basis == CDN_BASIS_LAW)
            return true;
    }
    return false;
}
