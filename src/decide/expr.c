/* SPDX-License-Identifier: Apache-2.0 */
/* expr.c: conditions in Kleene's logic with contradiction, under the roles as d->bind fills them.
 *
 * A branch is left out only when it cannot change the value at this instant: then the moments at which it
 * might change do not matter either, because the value of the whole rests on branches that were looked at.
 * IMPLEMENTS: CS-MISSING CS-ORDER: every operation is monotone, so that knowing less can only make a value
 * less certain, never the opposite; and none depends on the order of parties.
 * Depth is bounded by CDN_MAX_EXPR_DEPTH, which the snapshot's reader has checked. */
#include "decide/decide_priv.h"

/* What stands in for an unknown test, or UNKNOWN. */
static unsigned stand_in(struct cdn_decider *d, const struct cdn_asking *asked) {
    const int64_t p = cdn_decide_presumed(d, asked);
    if (p < 0)
        return CORDON_UNKNOWN;
    d->stood_in = true;
    return d->snap->presumes[p].value;
}

static inline unsigned expr_test(struct cdn_decider *d, uint32_t test) {
    struct cdn_asking asked;
    const unsigned value = cdn_decide_test_asked(d, test, &asked);
    return value == CORDON_UNKNOWN && d->presumer ? stand_in(d, &asked) : value;
}

static unsigned expr_branch(struct cdn_decider *d, const struct cdn_expr_rec *x);

/* Most nodes are tests: they are answered where they stand. */
static inline unsigned expr_node(struct cdn_decider *d, const struct cdn_expr_rec *x) {
    return x->op == CDN_EXPR_TEST ? expr_test(d, x->test) : expr_branch(d, x);
}

/* IMPLEMENTS: CS-QUANT */
static unsigned expr_quantified(struct cdn_decider *d, const struct cdn_expr_rec *x) {
    const bool is_object = x->subject_kind == CDN_SUBJECT_OBJECT;
    const bool every = x->op == CDN_EXPR_EVERY;
    const uint32_t n = is_object ? d->request->object_count : d->request->party_count;
    const int16_t it = d->bind.it;
    const bool it_is_object = d->bind.it_is_object;
    const struct cdn_expr_rec *child = &d->snap->exprs[d->snap->indexes[x->children.first]];
    unsigned value = every ? CORDON_TRUE : CORDON_FALSE;
    bool none = true;
    for (uint32_t i = 0; i < n; i++) {
        const unsigned what = is_object ? d->request->objects[i].kind : d->request->parties[i].role;
        if (x->subject_kind != CDN_SUBJECT_ANY_PARTY && what != x->subject_index)
            continue;
        none = false;
        d->bind.it = (int16_t)i;
        d->bind.it_is_object = is_object;
        const unsigned v = expr_node(d, child);
        value = every ? cdn_truth_and(value, v) : cdn_truth_or(value, v);
        if (value == (every ? CORDON_FALSE : CORDON_TRUE))
            break;
    }
    d->bind.it = it;
    d->bind.it_is_object = it_is_object;
    if (none)
        return cdn_decide_needed(d, x->subject_kind, x->subject_index) ? CORDON_UNKNOWN : CORDON_FALSE;
    return value;
}

static unsigned expr_branch(struct cdn_decider *d, const struct cdn_expr_rec *x) {
    const struct cdn_expr_rec *exprs = d->snap->exprs;
    const uint32_t *child = &d->snap->indexes[x->children.first], *end = child + x->children.count;
    unsigned value = CORDON_FALSE;
    switch ((enum cdn_expr_op)x->op) {
    case CDN_EXPR_AND:
        for (value = CORDON_TRUE; child < end && value != CORDON_FALSE; child++)
            value = cdn_truth_and(value, expr_node(d, &exprs[*child]));
        return value;
    case CDN_EXPR_OR:
        for (; child < end && value != CORDON_TRUE; child++)
            value = cdn_truth_or(value, expr_node(d, &exprs[*child]));
        return value;
    case CDN_EXPR_XOR:
        value = expr_node(d, &exprs[child[0]]);
        return cdn_truth_xor(value, expr_node(d, &exprs[child[1]]));
    case CDN_EXPR_NOT:
        return cdn_truth_not(expr_node(d, &exprs[child[0]]));
    case CDN_EXPR_ANY:
    case CDN_EXPR_EVERY:
        return expr_quantified(d, x);
    case CDN_EXPR_TRUE:
        return CORDON_TRUE;
    case CDN_EXPR_TEST:
        return expr_test(d, x->test);
    case CDN_EXPR_NONE:
    default:
        return CORDON_UNKNOWN;
    }
}

unsigned cdn_decide_expr(struct cdn_decider *d, uint32_t expr) {
    return expr == CDN_NO_INDEX ? (unsigned)CORDON_TRUE : expr_node(d, &d->snap->exprs[expr]);
}
