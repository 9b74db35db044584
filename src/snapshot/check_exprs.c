/* SPDX-License-Identifier: Apache-2.0 */
/* check_exprs.c: validates expressions: they end, they are no deeper and no larger than the limits (counted
 * as trees, since rows are shared: a chain of rows that each name the one before twice would double the work
 * at every step), and `it` stands only inside a quantifier. */
#include "base/limits.h"
#include "snapshot/check_priv.h"

/* Of each expression: nodes as a tree, with the top bit set when `it` is used outside a quantifier. */
#define FREE_IT 0x80000000u

static bool arity_ok(const struct cdn_expr_rec *r) {
    switch (r->op) {
    case CDN_EXPR_AND:
    case CDN_EXPR_OR:
        return r->children.count >= 1;
    case CDN_EXPR_XOR:
        return r->children.count == 2;
    case CDN_EXPR_NOT:
    case CDN_EXPR_ANY:
    case CDN_EXPR_EVERY:
        return r->children.count == 1;
    case CDN_EXPR_TEST:
    case CDN_EXPR_TRUE:
        return r->children.count == 0;
    default:
        return false;
    }
}

static bool subject_ok(const struct cdn_expr_rec *r) {
    if (r->op == CDN_EXPR_ANY || r->op == CDN_EXPR_EVERY)
        return cdn_check_subject(r->subject_kind, r->subject_index, false) &&
               (r->subject_kind == CDN_SUBJECT_ROLE || r->subject_kind == CDN_SUBJECT_ANY_PARTY ||
                r->subject_kind == CDN_SUBJECT_OBJECT);
    return r->subject_kind == CDN_SUBJECT_NONE && r->subject_index == 0;
}

static int check_expr(struct cdn_check *c, uint32_t i, uint32_t *nodes) {
    const struct cdn_snapshot *s = c->s;
    const struct cdn_expr_rec *r = &s->exprs[i];
    const bool is_test = r->op == CDN_EXPR_TEST;
    if (!arity_ok(r) || !subject_ok(r) || !cdn_check_index(c, r->children, i, false) ||
        (is_test ? r->test >= s->count[CDN_T_TEST] : r->test != CDN_NO_INDEX))
        return CDN_BAD(c, "rules: expression %u", i);
    uint32_t size = 1, depth = 0, free_it = 0;
    if (is_test && s->tests[r->test].subject_kind == CDN_SUBJECT_IT)
        free_it = FREE_IT;
    for (uint32_t k = 0; k < r->children.count; k++) {
        const uint32_t child = s->indexes[r->children.first + k];
        size += nodes[child] & ~FREE_IT;
        free_it |= nodes[child] & FREE_IT;
        depth = CDN_MAX(depth, s->exprs[child].depth);
        if (size > CDN_MAX_EXPR_NODES)
            return cdn_fail(c->e, CORDON_E_LIMIT, "rules: expression %u is too large", i);
    }
    if (r->op == CDN_EXPR_ANY || r->op == CDN_EXPR_EVERY)
        free_it = 0;
    if (r->depth != depth + 1 || r->depth > CDN_MAX_EXPR_DEPTH)
        return CDN_BAD(c, "rules: depth of expression %u", i);
    nodes[i] = size | free_it;
    return 0;
}

static bool usable(const struct cdn_check *c, uint32_t expr, const uint32_t *nodes) {
    return expr < c->s->count[CDN_T_EXPR] && (nodes[expr] & FREE_IT) == 0;
}

/* Conditions of measures and of their exceptions. */
static int check_users(struct cdn_check *c, const uint32_t *nodes) {
    const struct cdn_snapshot *s = c->s;
    for (uint32_t i = 0; i < s->count[CDN_T_MEASURE]; i++) {
        const uint32_t when = s->measures[i].when, except = s->measures[i].except_any;
        if ((when != CDN_NO_INDEX && !usable(c, when, nodes)) ||
            (except != CDN_NO_INDEX && !usable(c, except, nodes)))
            return CDN_BAD(c, "rules: condition of measure %u", i);
    }
    for (uint32_t i = 0; i < s->count[CDN_T_EXCEPT]; i++)
        if (!usable(c, s->excepts[i].when, nodes))
            return CDN_BAD(c, "rules: exception %u", i);
    return 0;
}

int cdn_snapshot_check_exprs(struct cdn_check *c) {
    const uint32_t count = c->s->count[CDN_T_EXPR];
    uint32_t *nodes = cdn_alloc_zero(c->alloc, (size_t)count + 1, sizeof(*nodes));
    if (!nodes)
        return cdn_fail(c->e, CORDON_E_NOMEM, "no memory to check expressions");
    int err = 0;
    for (uint32_t i = 0; !err && i < count; i++)
        err = check_expr(c, i, nodes);
    if (!err)
        err = check_users(c, nodes);
    cdn_free(c->alloc, nodes, ((size_t)count + 1) * sizeof(*nodes));
    return err;
}
