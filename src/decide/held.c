/* SPDX-License-Identifier: Apache-2.0 */
/* held.c: holds and appeals that the state tells of.
 *
 * A hold was put on by a decision or a person and is taken off by those who may release it, not by asking
 * again: until then it contributes at least `hold`, whatever the measure now comes to. It reaches as far as
 * its measure: what the measure keeps (taking one's data along) a hold does not take away. A hold that names
 * no measure, or one that this snapshot does not know, reaches everything. An appeal changes no verdict. */
#include "decide/decide_priv.h"

static bool among(const struct cdn_snapshot *s, struct cdn_run run, uint32_t what) {
    for (uint32_t i = run.first; i < run.first + run.count; i++) {
        if (s->indexes[i] == what)
            return true;
    }
    return false;
}

bool cdn_decide_concerns(const struct cdn_decider *d, const struct cdn_outcome_rec *o) {
    const bool action = o->flags & CDN_OUTCOME_ANY_ACTION ? !among(d->snap, o->not_actions, d->action)
                                                          : among(d->snap, o->actions, d->action);
    return action && (o->flags & CDN_OUTCOME_ANY_SERVICE || among(d->snap, o->services, d->service));
}

/* Whom it reaches: a licence, a statute and what is not known reach everything. */
static bool reaches(const struct cdn_decider *d, cordon_str measure) {
    const uint32_t number =
        measure.n ? cdn_snapshot_symbol(d->snap, CDN_SYMBOL_MEASURE, cdn_hash(measure, 0), measure)
                  : CDN_NO_INDEX;
    if (number == CDN_NO_INDEX || d->snap->measures[number].outcomes.count == 0)
        return true;
    const struct cdn_run run = d->snap->measures[number].outcomes;
    for (uint32_t i = run.first; i < run.first + run.count; i++) {
        if (cdn_decide_concerns(d, &d->snap->outcomes[i]))
            return true;
    }
    return false;
}

/* IMPLEMENTS: CS-HELD CS-APPEAL
 * An end that may or may not have come is not the end. */
bool cdn_decide_open(struct cdn_decider *d, const struct cdn_state *s, unsigned kind) {
    if (s->kind != kind || !reaches(d, s->measure))
        return false;
    return s->until_have != CDN_HAVE_VALUE || cdn_decide_at_before(d, s->until) != CORDON_FALSE;
}
