/* SPDX-License-Identifier: Apache-2.0 */
/* diff_expr.c: whether one condition says more than another.
 *
 * Only what follows from the form: fewer conjuncts, more alternatives, more places, a lower bar. `a` implies
 * `b` (b is WIDER) where OR    each alternative of a implies one of b; AND   each conjunct of b is implied by
 * one of a; NOT   the other way round; ANY, EVERY: as what they quantify. These steps hold with unknown and
 * contradictory values, too, since and, or and not are monotone in that order. All else is CHANGES: the
 * answer is never a guess.
 *
 *  1. the number of comparisons for one condition is bounded; beyond it the answer is CHANGES. */
#include "rulebook/diff_priv.h"

#include "base/limits.h"
#include "rulebook/print.h"

#define BUDGET 4000u
#define WIDE 32u /* operands of one AND or OR that are still compared with each other */

/* ---- the same? -------------------------------------------------------------------------------------- */

static bool same(struct cdn_differ *d, const struct cdn_expr *a, const struct cdn_expr *b) {
    struct cdn_buf x, y;
    if (d->err)
        return false;
    cdn_buf_init(&x, d->arena->parent, CDN_MIB(16));
    cdn_buf_init(&y, d->arena->parent, CDN_MIB(16));
    cdn_expr_write(&x, d->old, d->old_measure, a);
    if (!x.err)
        cdn_expr_write(&y, d->new, d->new_measure, b);
    if ((x.err || y.err) && !d->err)
        d->err = x.err ? x.err : y.err;
    const bool equal = !d->err && cdn_str_eq(cdn_buf_get(&x), cdn_buf_get(&y));
    cdn_buf_free(&x);
    cdn_buf_free(&y);
    return equal;
}

cordon_str cdn_df_expr_text(struct cdn_differ *d, bool new, const struct cdn_expr *e) {
    struct cdn_buf b;
    if (!e)
        return CDN_STR("always");
    cdn_df_begin(d, &b);
    cdn_expr_write(&b, new ? d->new : d->old, new ? d->new_measure : d->old_measure, e);
    return cdn_df_end(d, &b);
}

/* ---- places ----------------------------------------------------------------------------------------- */

void cdn_df_place_texts(
    struct cdn_differ *d, bool new, const struct cdn_place *items, uint32_t n, struct cdn_texts *ret) {
    for (uint32_t i = 0; i < n; i++) {
        struct cdn_buf b;
        cdn_df_begin(d, &b);
        cdn_place_write(&b, new ? d->new : d->old, &items[i]);
        cdn_df_push(d, ret, cdn_df_end(d, &b));
    }
}

static bool covers(const struct cdn_rulebook *of_big,
                   const struct cdn_place *big,
                   const struct cdn_rulebook *of_small,
                   const struct cdn_place *small) {
    if (big->kind == CDN_PLACE_COUNTRY && small->kind != CDN_PLACE_TERRITORY)
        return big->country == small->country;
    if (big->kind != small->kind)
        return false;
    if (big->kind == CDN_PLACE_TERRITORY)
        return cdn_str_eq(of_big->territories[big->territory].id, of_small->territories[small->territory].id);
    return cdn_str_eq(big->region, small->region);
}

/* Each of `small` lies in one of `big`. */
static bool all_in(const struct cdn_rulebook *of_big,
                   const struct cdn_place *big,
                   uint32_t big_count,
                   const struct cdn_rulebook *of_small,
                   const struct cdn_place *small,
                   uint32_t small_count) {
    for (uint32_t i = 0; i < small_count; i++) {
        uint32_t k = 0;
        while (k < big_count && !covers(of_big, &big[k], of_small, &small[i]))
            k++;
        if (k == big_count)
            return false;
    }
    return true;
}

static unsigned effect_of(bool grows, bool shrinks) {
    if (grows && shrinks)
        return CDN_EFFECT_NEUTRAL;
    return grows ? CDN_EFFECT_WIDER : shrinks ? CDN_EFFECT_NARROWER : CDN_EFFECT_CHANGES;
}

static unsigned places_effect(struct cdn_differ *d,
                              const struct cdn_place_set *a,
                              const struct cdn_place_set *b) {
    const unsigned items = effect_of(all_in(d->new, b->items, b->count, d->old, a->items, a->count),
                                     all_in(d->old, a->items, a->count, d->new, b->items, b->count));
    const unsigned except =
        effect_of(all_in(d->new, b->except, b->except_count, d->old, a->except, a->except_count),
                  all_in(d->old, a->except, a->except_count, d->new, b->except, b->except_count));
    return cdn_effect_both(items, cdn_effect_flip(except));
}

/* ---- tests ------------------------------------------------------------------------------------------ */

static bool texts_in(const cordon_str *a, uint32_t n, const cordon_str *b, uint32_t m) {
    for (uint32_t i = 0; i < n; i++) {
        uint32_t k = 0;
        while (k < m && !cdn_str_eq(a[i], b[k]))
            k++;
        if (k == m)
            return false;
    }
    return true;
}

static unsigned texts_effect(const struct cdn_test *a, const struct cdn_test *b) {
    if ((uint64_t)a->text_count * b->text_count > 1000000U)
        return CDN_EFFECT_CHANGES;
    return effect_of(texts_in(a->texts, a->text_count, b->texts, b->text_count),
                     texts_in(b->texts, b->text_count, a->texts, a->text_count));
}

/* Bounds: `order` < 0 when the value of a is smaller. < and <= are met by more where the bound is larger. */
static unsigned bound_effect(unsigned cmp_a, unsigned cmp_b, int order) {
    const bool upper_a = cmp_a == CDN_CMP_LT || cmp_a == CDN_CMP_LE;
    const bool upper_b = cmp_b == CDN_CMP_LT || cmp_b == CDN_CMP_LE;
    const bool lower_a = cmp_a == CDN_CMP_GT || cmp_a == CDN_CMP_GE;
    const bool lower_b = cmp_b == CDN_CMP_GT || cmp_b == CDN_CMP_GE;
    if (!(upper_a && upper_b) && !(lower_a && lower_b))
        return CDN_EFFECT_CHANGES;
    if (order == 0) {
        const bool meets_a = cmp_a == CDN_CMP_LE || cmp_a == CDN_CMP_GE;
        const bool meets_b = cmp_b == CDN_CMP_LE || cmp_b == CDN_CMP_GE;
        return meets_a == meets_b ? CDN_EFFECT_NEUTRAL : meets_b ? CDN_EFFECT_WIDER : CDN_EFFECT_NARROWER;
    }
    return (order < 0) == upper_a ? CDN_EFFECT_WIDER : CDN_EFFECT_NARROWER;
}

static int order_of(int64_t a, int64_t b) {
    return a < b ? -1 : a > b;
}

static bool lists_in(const struct cdn_rulebook *of_a,
                     const struct cdn_test *a,
                     const struct cdn_rulebook *of_b,
                     const struct cdn_test *b) {
    for (uint32_t i = 0; i < a->list_count; i++) {
        uint32_t k = 0;
        while (k < b->list_count && !cdn_str_eq(of_a->lists[a->lists[i]].id, of_b->lists[b->lists[k]].id))
            k++;
        if (k == b->list_count)
            return false;
    }
    return true;
}

static unsigned lists_effect(struct cdn_differ *d, const struct cdn_test *a, const struct cdn_test *b) {
    return effect_of(lists_in(d->old, a, d->new, b), lists_in(d->new, b, d->old, a));
}

static unsigned owned_effect(struct cdn_differ *d, const struct cdn_test *a, const struct cdn_test *b) {
    const unsigned share = bound_effect(a->percent_strict ? CDN_CMP_GT : CDN_CMP_GE,
                                        b->percent_strict ? CDN_CMP_GT : CDN_CMP_GE,
                                        cdn_decimal_cmp(a->percent, b->percent));
    const unsigned together = effect_of(!a->aggregate || b->aggregate, a->aggregate || !b->aggregate);
    const unsigned control =
        effect_of(!a->or_controlled || b->or_controlled, a->or_controlled || !b->or_controlled);
    return cdn_effect_both(cdn_effect_both(share, lists_effect(d, a, b)), cdn_effect_both(together, control));
}

static unsigned fact_effect(struct cdn_differ *d, const struct cdn_test *a, const struct cdn_test *b) {
    switch ((enum cdn_fact_type)cdn_fact_type_of(d->new, b->fact)) {
    case CDN_TYPE_CODE:
    case CDN_TYPE_CODES:
    case CDN_TYPE_TEXT:
        return a->cmp == b->cmp ? texts_effect(a, b) : CDN_EFFECT_CHANGES;
    case CDN_TYPE_PLACE:
        return places_effect(d, &a->places, &b->places);
    case CDN_TYPE_MONEY:
    case CDN_TYPE_NUMBER:
        if (memcmp(a->money.currency, b->money.currency, 4) != 0)
            return CDN_EFFECT_CHANGES;
        return bound_effect(a->cmp, b->cmp, cdn_decimal_cmp(a->money.amount, b->money.amount));
    case CDN_TYPE_WHEN:
        if (a->against_now != b->against_now || a->when.kind != b->when.kind)
            return CDN_EFFECT_CHANGES;
        return bound_effect(a->cmp,
                            b->cmp,
                            order_of(a->when.first + a->right_offset - a->left_offset,
                                     b->when.first + b->right_offset - b->left_offset));
    case CDN_TYPE_BOOL:
    case CDN_TYPE_NONE:
        break;
    }
    return CDN_EFFECT_CHANGES;
}

/* Whether the two ask the same of the same, with another operand at most. */
static bool same_head(struct cdn_differ *d, const struct cdn_test *a, const struct cdn_test *b) {
    if (a->kind != b->kind || a->subject.kind != b->subject.kind || a->subject.index != b->subject.index ||
        a->finding != b->finding || a->evidence != b->evidence || (a->fact == 0) != (b->fact == 0))
        return false;
    return a->fact == 0 || (cdn_str_eq(cdn_fact_words(d->old, a->fact), cdn_fact_words(d->new, b->fact)) &&
                            cdn_fact_type_of(d->old, a->fact) == cdn_fact_type_of(d->new, b->fact));
}

static unsigned test_effect(struct cdn_differ *d, const struct cdn_test *a, const struct cdn_test *b) {
    if (!same_head(d, a, b))
        return CDN_EFFECT_CHANGES;
    switch ((enum cdn_test_kind)a->kind) {
    case CDN_TEST_FINDING:
    case CDN_TEST_EVIDENCE:
        return places_effect(d, &a->places, &b->places);
    case CDN_TEST_TEXT:
        return texts_effect(a, b);
    case CDN_TEST_FACT:
        return fact_effect(d, a, b);
    case CDN_TEST_NEW: /* new is whose relation began at that date or later: the later, the fewer */
        if (a->service >= 0 || b->service >= 0)
            return CDN_EFFECT_CHANGES;
        return bound_effect(CDN_CMP_GE, CDN_CMP_GE, order_of(a->moment.at, b->moment.at));
    case CDN_TEST_LISTED:
        if (a->match != b->match || a->review != b->review)
            return CDN_EFFECT_CHANGES;
        return lists_effect(d, a, b);
    case CDN_TEST_OWNED:
        return owned_effect(d, a, b);
    case CDN_TEST_NOW:
        return bound_effect(a->cmp, b->cmp, order_of(a->moment.at, b->moment.at));
    case CDN_TEST_PRESENT:
    case CDN_TEST_NONE:
        break;
    }
    return CDN_EFFECT_CHANGES;
}

/* ---- conditions ------------------------------------------------------------------------------------- */

struct rest { /* operands of one side that the other has not */
    const struct cdn_expr *items[WIDE];
    unsigned count;
    bool overflow;
};

static const struct cdn_expr *operand(const struct cdn_expr *e, unsigned op, uint32_t i) {
    return e->op == op ? e->children[i] : e;
}
static uint32_t operands(const struct cdn_expr *e, unsigned op) {
    return e->op == op ? e->count : 1;
}

/* In one pass over both: what is in a and not in b, and the other way round. */
static void rests(struct cdn_differ *d,
                  const struct cdn_expr *a,
                  const struct cdn_expr *b,
                  unsigned op,
                  struct rest ret[2]) {
    const uint32_t n = operands(a, op), m = operands(b, op);
    ret[0].count = ret[1].count = 0;
    ret[0].overflow = ret[1].overflow = n > WIDE || m > WIDE;
    if (ret[0].overflow)
        return;
    bool found[WIDE] = {false};
    for (uint32_t i = 0; i < n && !d->err; i++) {
        uint32_t k = 0;
        while (k < m && (found[k] || !same(d, operand(a, op, i), operand(b, op, k))))
            k++;
        if (k < m)
            found[k] = true;
        else
            ret[0].items[ret[0].count++] = operand(a, op, i);
    }
    for (uint32_t k = 0; k < m; k++) {
        if (!found[k])
            ret[1].items[ret[1].count++] = operand(b, op, k);
    }
}

static unsigned effect(struct cdn_differ *d, const struct cdn_expr *a, const struct cdn_expr *b);

static bool implies(struct cdn_differ *d, const struct cdn_expr *a, const struct cdn_expr *b) {
    const unsigned e = effect(d, a, b);
    return e == CDN_EFFECT_NEUTRAL || e == CDN_EFFECT_WIDER;
}
static bool implied(struct cdn_differ *d, const struct cdn_expr *a, const struct cdn_expr *b) {
    const unsigned e = effect(d, a, b);
    return e == CDN_EFFECT_NEUTRAL || e == CDN_EFFECT_NARROWER;
}

typedef bool (*relation)(struct cdn_differ *d, const struct cdn_expr *a, const struct cdn_expr *b);

/* For each of side `each` there is one of the other side in that relation (a of the old, b of the new). */
static bool each_has(struct cdn_differ *d, const struct rest r[2], unsigned each, relation holds) {
    const struct rest *of = &r[each], *in = &r[1 - each];
    for (unsigned i = 0; i < of->count; i++) {
        unsigned k = 0;
        while (k < in->count &&
               !(each == 0 ? holds(d, of->items[i], in->items[k]) : holds(d, in->items[k], of->items[i])))
            k++;
        if (k == in->count)
            return false;
    }
    return true;
}

static unsigned chain_effect(struct cdn_differ *d,
                             const struct cdn_expr *a,
                             const struct cdn_expr *b,
                             unsigned op) {
    struct rest r[2];
    rests(d, a, b, op, r);
    if (r[0].overflow)
        return CDN_EFFECT_CHANGES;
    const bool or = op == CDN_EXPR_OR;
    const bool wider = each_has(d, r, or ? 0 : 1, implies);
    const bool narrower = each_has(d, r, or ? 1 : 0, implied);
    return wider || narrower ? effect_of(wider, narrower) : CDN_EFFECT_CHANGES;
}

static unsigned effect(struct cdn_differ *d, const struct cdn_expr *a, const struct cdn_expr *b) {
    if (d->err || d->budget == 0)
        return CDN_EFFECT_CHANGES;
    d->budget--;
    if (same(d, a, b))
        return CDN_EFFECT_NEUTRAL;
    if (a->op == CDN_EXPR_OR || b->op == CDN_EXPR_OR)
        return chain_effect(d, a, b, CDN_EXPR_OR);
    if (a->op == CDN_EXPR_AND || b->op == CDN_EXPR_AND)
        return chain_effect(d, a, b, CDN_EXPR_AND);
    if (a->op != b->op)
        return CDN_EFFECT_CHANGES;
    if (a->op == CDN_EXPR_NOT)
        return cdn_effect_flip(effect(d, a->children[0], b->children[0]));
    if (a->op == CDN_EXPR_TEST)
        return test_effect(d, a->test, b->test);
    if ((a->op == CDN_EXPR_ANY || a->op == CDN_EXPR_EVERY) && a->subject.kind == b->subject.kind &&
        a->subject.index == b->subject.index)
        return effect(d, a->children[0], b->children[0]);
    return CDN_EFFECT_CHANGES;
}

unsigned cdn_df_expr_effect(struct cdn_differ *d, const struct cdn_expr *a, const struct cdn_expr *b) {
    if (!a || !b)
        return a == b ? CDN_EFFECT_NEUTRAL : b ? CDN_EFFECT_NARROWER : CDN_EFFECT_WIDER;
    d->budget = BUDGET;
    return effect(d, a, b);
}

bool cdn_df_expr_leaf(struct cdn_differ *d,
                      const struct cdn_expr *a,
                      const struct cdn_expr *b,
                      struct cdn_leaf *ret) {
    while (a && b && a->op == b->op && !d->err) {
        if (a->op == CDN_EXPR_TEST) {
            ret->a = a->test;
            ret->b = b->test;
            return same_head(d, a->test, b->test);
        }
        if (a->op == CDN_EXPR_AND || a->op == CDN_EXPR_OR) {
            struct rest r[2];
            rests(d, a, b, a->op, r);
            if (r[0].overflow || r[0].count != 1 || r[1].count != 1)
                return false;
            a = r[0].items[0];
            b = r[1].items[0];
        } else if (a->op == CDN_EXPR_NOT ||
                   ((a->op == CDN_EXPR_ANY || a->op == CDN_EXPR_EVERY) &&
                    a->subject.kind == b->subject.kind && a->subject.index == b->subject.index)) {
            if (a->op != CDN_EXPR_NOT)
                ret->it = a->subject;
            a = a->children[0];
            b = b->children[0];
        } else {
            return false;
        }
    }
    return false;
}

/* ---- who uses a territory, set or list -------------------------------------------------------------- */

enum { PLUS = 1, MINUS = 2 };

static unsigned flipped(unsigned bits) {
    return (bits & PLUS ? MINUS : 0U) | (bits & MINUS ? PLUS : 0U);
}

static unsigned test_use(const struct cdn_test *t, enum cdn_used what, uint32_t index) {
    unsigned bits = 0;
    for (uint32_t i = 0; what == CDN_USED_TERRITORY && i < t->places.count; i++) {
        if (t->places.items[i].kind == CDN_PLACE_TERRITORY && t->places.items[i].territory == index)
            bits |= PLUS;
    }
    for (uint32_t i = 0; what == CDN_USED_TERRITORY && i < t->places.except_count; i++) {
        if (t->places.except[i].kind == CDN_PLACE_TERRITORY && t->places.except[i].territory == index)
            bits |= MINUS;
    }
    if (what == CDN_USED_SET && t->set >= 0 && (uint32_t)t->set == index)
        bits |= PLUS;
    for (uint32_t i = 0; what == CDN_USED_LIST && i < t->list_count; i++) {
        if (t->lists[i] == index)
            bits |= PLUS;
    }
    return bits;
}

static unsigned expr_use(const struct cdn_expr *e, enum cdn_used what, uint32_t index) {
    unsigned bits = 0;
    if (!e)
        return 0;
    if (e->op == CDN_EXPR_TEST)
        return test_use(e->test, what, index);
    for (uint32_t i = 0; i < e->count; i++)
        bits |= expr_use(e->children[i], what, index);
    if (e->op == CDN_EXPR_NOT)
        return flipped(bits);
    return e->op == CDN_EXPR_XOR && bits ? PLUS | MINUS : bits;
}

static unsigned measure_use(const struct cdn_measure *m, enum cdn_used what, uint32_t index) {
    unsigned bits = expr_use(m->when, what, index);
    for (uint32_t i = 0; i < m->except_count; i++)
        bits |= flipped(expr_use(m->excepts[i].when, what, index));
    for (uint32_t i = 0; what == CDN_USED_TERRITORY && i < m->bound_places.count; i++) {
        if (m->bound_places.items[i].kind == CDN_PLACE_TERRITORY &&
            m->bound_places.items[i].territory == index)
            bits |= PLUS;
    }
    if (m->class_ == CDN_CLASS_STATUTE && bits)
        return PLUS | MINUS;
    return m->class_ == CDN_CLASS_MEASURE ? bits : flipped(bits);
}

static unsigned use(const struct cdn_rulebook *rb, enum cdn_used what, uint32_t index, unsigned depth) {
    unsigned bits = 0;
    for (uint32_t i = 0; i < rb->measure_count; i++)
        bits |= measure_use(&rb->measures[i], what, index);
    if (what != CDN_USED_TERRITORY || depth >= CDN_MAX_SET_DEPTH)
        return bits;
    for (uint32_t i = 0; i < rb->territory_count && bits != (PLUS | MINUS); i++) {
        const struct cdn_territory *t = &rb->territories[i];
        for (uint32_t k = 0; k < t->part_count; k++) {
            if (t->parts[k].place.kind != CDN_PLACE_TERRITORY || t->parts[k].place.territory != index)
                continue;
            const unsigned outer = use(rb, what, i, depth + 1);
            bits |= t->parts[k].exclude ? flipped(outer) : outer;
        }
    }
    return bits;
}

unsigned cdn_df_use(const struct cdn_rulebook *rb, enum cdn_used what, uint32_t index) {
    const unsigned bits = use(rb, what, index, 0);
    if (bits == 0)
        return CDN_EFFECT_NEUTRAL;
    return bits == PLUS ? CDN_EFFECT_WIDER : bits == MINUS ? CDN_EFFECT_NARROWER : CDN_EFFECT_CHANGES;
}
