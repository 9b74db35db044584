/* SPDX-License-Identifier: Apache-2.0 */
/* check_shadow.c: measures that change nothing beside another, and exceptions that can never hold.
 *
 * Both are judged on conjunctions: a condition that is one test, or tests (or their negations) joined by
 * `and`. Whatever else a condition is, it is taken to be able to hold and not to be implied, so that the lint
 * keeps silent rather than being wrong. */
#include "rulebook/check.h"

enum { TERMS_MAX = 64, COMPARISONS_MAX = 10000000 };

struct term {
    const struct cdn_test *test;
    bool negated;
};
struct terms {
    struct term items[TERMS_MAX];
    uint32_t count;
    bool plain;    /* nothing but these */
    uint64_t asks; /* a bit per kind of question, by hash */
};

/* The kind of question that a test asks, as one bit: terms can imply each other only if this is the same. */
static uint64_t question(const struct cdn_test *t, bool negated) {
    const uint32_t key = (uint32_t)t->kind * 31U + t->subject.kind * 7U + t->subject.index * 131U +
                         t->finding * 17U + t->evidence * 257U + t->fact * 1031U + negated;
    return UINT64_C(1) << (key * UINT32_C(2654435761) >> 26);
}

static void collect(struct terms *t, const struct cdn_expr *e) {
    if (!e || e->op == CDN_EXPR_TRUE)
        return;
    const bool negated = e->op == CDN_EXPR_NOT;
    const struct cdn_expr *inner = negated ? e->children[0] : e;
    if (e->op == CDN_EXPR_AND) {
        for (uint32_t i = 0; i < e->count; i++)
            collect(t, e->children[i]);
    } else if (inner->op == CDN_EXPR_TEST && t->count < TERMS_MAX) {
        t->items[t->count++] = (struct term){inner->test, negated};
        t->asks |= question(inner->test, negated);
    } else {
        t->plain = false;
    }
}

static struct terms terms_of(const struct cdn_expr *e) {
    struct terms t = {.count = 0, .plain = true};
    collect(&t, e);
    return t;
}

/* ---- implication
 * ------------------------------------------------------------------------------------------- */

static bool place_in(const struct cdn_place *p, const struct cdn_place_set *set) {
    for (uint32_t i = 0; i < set->count; i++) {
        const struct cdn_place *s = &set->items[i];
        if (cdn_rb_same_place(p, s) ||
            (s->kind == CDN_PLACE_COUNTRY && p->kind == CDN_PLACE_REGION && p->country == s->country))
            return true;
    }
    return false;
}

/* Everything in `a` is in `b`. */
static bool places_within(const struct cdn_place_set *a, const struct cdn_place_set *b) {
    if (b->except_count > 0)
        return cdn_rb_same_places(a, b);
    for (uint32_t i = 0; i < a->count; i++) {
        if (!place_in(&a->items[i], b))
            return false;
    }
    return true;
}

static bool text_in(cordon_str s, const struct cdn_test *t) {
    for (uint32_t i = 0; i < t->text_count; i++) {
        if (cdn_str_eq(s, t->texts[i]))
            return true;
    }
    return false;
}
static bool texts_within(const struct cdn_test *a, const struct cdn_test *b) {
    for (uint32_t i = 0; i < a->text_count; i++) {
        if (!text_in(a->texts[i], b))
            return false;
    }
    return true;
}

/* When `a` holds, `b` holds. */
static bool implies(const struct term *a, const struct term *b) {
    const struct cdn_subject none = {CDN_SUBJECT_NONE, 0};
    if (a->negated != b->negated)
        return false;
    if (cdn_rb_same_test(a->test, none, b->test))
        return true;
    const struct cdn_test *narrow = a->negated ? b->test : a->test, *wide = a->negated ? a->test : b->test;
    if (narrow->places.count == 0 && narrow->text_count == 0)
        return false;
    struct cdn_test same = *narrow;
    same.places = wide->places;
    same.texts = wide->texts;
    same.text_count = wide->text_count;
    return cdn_rb_same_test(&same, none, wide) && narrow->cmp != CDN_CMP_PREFIX &&
           places_within(&narrow->places, &wide->places) && texts_within(narrow, wide);
}

static bool condition_within(const struct terms *narrow, const struct terms *wide) {
    for (uint32_t i = 0; i < wide->count; i++) {
        uint32_t k = 0;
        while (k < narrow->count && !implies(&narrow->items[k], &wide->items[i]))
            k++;
        if (k == narrow->count)
            return false;
    }
    return true;
}

static bool has(const uint32_t *items, uint32_t count, uint32_t value) {
    for (uint32_t i = 0; i < count; i++) {
        if (items[i] == value)
            return true;
    }
    return false;
}
static bool all_in(const uint32_t *a, uint32_t n, const uint32_t *b, uint32_t m) {
    for (uint32_t i = 0; i < n; i++) {
        if (!has(b, m, a[i]))
            return false;
    }
    return true;
}

/* Outcome `a` adds nothing to outcome `b`. */
static bool outcome_within(const struct cdn_outcome *a, const struct cdn_outcome *b) {
    const bool services =
        b->any_service ||
        (!a->any_service && all_in(a->services, a->service_count, b->services, b->service_count));
    const bool actions =
        b->any_action ? b->not_action_count == 0
                      : !a->any_action && all_in(a->actions, a->action_count, b->actions, b->action_count);
    return services && actions && b->verdict >= a->verdict && b->scope >= a->scope && b->form == a->form &&
           a->subject.kind == b->subject.kind && a->subject.index == b->subject.index &&
           a->verdict != CORDON_VERDICT_LIMIT;
}

/* What is looked up often: which measures can cease to apply, and which speak of an action at all. */
struct index {
    uint8_t *mortal;       /* lifted, forbidden or superseded by something */
    uint32_t *first;       /* per action, and one more for `any action`: first entry, 0 none */
    uint32_t *next, *item; /* entries, from 1 */
    uint32_t entry_count, any;
    uint64_t *asks; /* of each measure's condition */
    bool *plain;
    uint64_t left; /* comparisons that may still be made: a lint is not worth minutes */
};

static void mark(uint8_t *flags, const uint32_t *items, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        flags[items[i]] = 1;
}

static bool candidate(const struct cdn_measure *m) {
    return m->class_ == CDN_CLASS_MEASURE && m->outcome_count > 0;
}

static void enter(struct index *x, uint32_t action, uint32_t measure) {
    if (x->first[action] && x->item[x->first[action]] == measure)
        return;
    const uint32_t entry = ++x->entry_count;
    x->item[entry] = measure;
    x->next[entry] = x->first[action];
    x->first[action] = entry;
}

/* Backwards, so that each list names the measures in the order of the rulebook. */
static void fill(const struct cdn_rulebook *rb, struct index *x) {
    for (uint32_t i = rb->measure_count; i-- > 0;) {
        const struct cdn_measure *m = &rb->measures[i];
        mark(x->mortal, m->lifts, m->lift_count);
        mark(x->mortal, m->forbids, m->forbid_count);
        mark(x->mortal, m->supersedes, m->supersede_count);
        for (uint32_t k = 0; candidate(m) && k < m->outcome_count; k++) {
            const struct cdn_outcome *o = &m->outcomes[k];
            if (o->any_action)
                enter(x, x->any, i);
            for (uint32_t a = 0; a < o->action_count; a++)
                enter(x, o->actions[a], i);
        }
    }
}

static bool build(struct cdn_check_run *c, struct index *x) {
    const struct cdn_rulebook *rb = c->rb;
    size_t entries = 1;
    for (uint32_t i = 0; i < rb->measure_count; i++) {
        for (uint32_t k = 0; k < rb->measures[i].outcome_count; k++)
            entries += 1 + (size_t)rb->measures[i].outcomes[k].action_count;
    }
    x->any = rb->action_count;
    x->mortal = cdn_arena_zero(c->diags->arena, rb->measure_count + 1U, 1);
    x->first = x->mortal ? cdn_arena_zero(c->diags->arena, rb->action_count + 1U, sizeof(*x->first)) : NULL;
    x->next = x->first ? cdn_arena_zero(c->diags->arena, entries, sizeof(*x->next)) : NULL;
    x->item = x->next ? cdn_arena_zero(c->diags->arena, entries, sizeof(*x->item)) : NULL;
    x->asks = x->item ? cdn_arena_zero(c->diags->arena, rb->measure_count + 1U, sizeof(*x->asks)) : NULL;
    x->plain = x->asks ? cdn_arena_zero(c->diags->arena, rb->measure_count + 1U, sizeof(*x->plain)) : NULL;
    if (!x->plain) {
        c->diags->err = CORDON_E_NOMEM;
        return false;
    }
    for (uint32_t i = 0; i < rb->measure_count; i++) {
        const struct terms t = terms_of(rb->measures[i].when);
        x->asks[i] = t.asks;
        x->plain[i] = t.plain;
    }
    x->left = COMPARISONS_MAX;
    fill(rb, x);
    return true;
}

static int64_t end_of(const struct cdn_measure *m) {
    return m->until.written.n > 0 ? m->until.at : CDN_TIME_MAX;
}

static bool always_beside(const struct cdn_measure *a, const struct cdn_measure *b) {
    return b->effective.at <= a->effective.at && end_of(b) >= end_of(a) && b->suspension_count == 0 &&
           b->except_count == 0 && b->entity_count == 0 && b->bound_country_count == 0 &&
           b->standard <= a->standard;
}

/* Measure b shadows measure a, whose terms are given. */
static bool shadows(
    const struct cdn_check_run *c, struct index *x, uint32_t ia, const struct terms *terms, uint32_t ib) {
    const struct cdn_measure *a = &c->rb->measures[ia], *b = &c->rb->measures[ib];
    if (!x->plain[ib] || (x->asks[ib] & ~x->asks[ia]) || x->mortal[ib] || !always_beside(a, b) ||
        x->left == 0)
        return false;
    x->left--;
    for (uint32_t i = 0; i < a->outcome_count; i++) {
        uint32_t k = 0;
        while (k < b->outcome_count && !outcome_within(&a->outcomes[i], &b->outcomes[k]))
            k++;
        if (k == b->outcome_count)
            return false;
    }
    const struct terms wide = terms_of(b->when);
    return condition_within(terms, &wide);
}

static bool mutual(const struct cdn_check_run *c, struct index *x, uint32_t i, uint32_t k) {
    const struct terms terms = terms_of(c->rb->measures[k].when);
    return shadows(c, x, k, &terms, i);
}

/* The first measure of one list that shadows measure i; of two that shadow each other only the later one is
 * told. -1: none. */
static int64_t shadow_in(const struct cdn_check_run *c, struct index *x, uint32_t i, uint32_t action) {
    const struct terms terms = terms_of(c->rb->measures[i].when);
    for (uint32_t entry = x->first[action]; entry && x->left > 0; entry = x->next[entry]) {
        const uint32_t k = x->item[entry];
        if (k != i && shadows(c, x, i, &terms, k) && !(k > i && mutual(c, x, i, k)))
            return k;
    }
    return -1;
}

static void check_shadow(struct cdn_check_run *c, struct index *x, uint32_t i) {
    const struct cdn_measure *a = &c->rb->measures[i];
    int64_t k = shadow_in(c, x, i, x->any);
    if (k < 0 && a->outcomes[0].action_count > 0)
        k = shadow_in(c, x, i, a->outcomes[0].actions[0]);
    if (k < 0)
        return;
    const struct cdn_measure *b = &c->rb->measures[k];
    (void)cdn_check_warn(c,
                         a,
                         "shadowed",
                         "`%.*s` changes nothing: `%.*s` says as much or more",
                         CDN_FMT(a->id),
                         CDN_FMT(b->id));
}

/* ---- conditions that cannot hold
 * ------------------------------------------------------------------------------- */

static bool same_thing(const struct cdn_test *a, const struct cdn_test *b) {
    return a->kind == CDN_TEST_FACT && b->kind == CDN_TEST_FACT && a->fact == b->fact &&
           a->subject.kind == b->subject.kind && a->subject.index == b->subject.index &&
           a->cmp == CDN_CMP_IN && b->cmp == CDN_CMP_IN;
}

static bool exclude_each_other(const struct cdn_rulebook *rb, const struct term *a, const struct term *b) {
    const struct term not_b = {b->test, !b->negated};
    if (implies(a, &not_b))
        return true;
    if (a->negated || b->negated || !same_thing(a->test, b->test))
        return false;
    const unsigned type = cdn_rb_fact_info(rb, a->test->fact).type;
    if (type == CDN_TYPE_BOOL)
        return a->test->boolean != b->test->boolean;
    if (type != CDN_TYPE_CODE && type != CDN_TYPE_TEXT)
        return false;
    for (uint32_t i = 0; i < a->test->text_count; i++) {
        if (text_in(a->test->texts[i], b->test))
            return false;
    }
    return true;
}

static bool impossible(const struct cdn_rulebook *rb, const struct terms *a, const struct terms *b) {
    for (uint32_t i = 0; i < a->count; i++) {
        for (uint32_t k = 0; k < b->count; k++) {
            if ((a != b || i < k) && exclude_each_other(rb, &a->items[i], &b->items[k]))
                return true;
        }
    }
    return false;
}

static void check_never(struct cdn_check_run *c, const struct cdn_measure *m) {
    const struct terms when = terms_of(m->when);
    if (impossible(c->rb, &when, &when))
        (void)cdn_check_warn(c, m, "never-holds", "the condition of `%.*s` can never hold", CDN_FMT(m->id));
    for (uint32_t i = 0; i < m->except_count; i++) {
        const struct terms x = terms_of(m->excepts[i].when);
        if (impossible(c->rb, &x, &x) || impossible(c->rb, &x, &when))
            (void)cdn_rb_diag(c->diags,
                              2,
                              "never-holds",
                              cdn_check_at(m->excepts[i].pos, 1),
                              "this exception can never hold where `%.*s` applies",
                              CDN_FMT(m->id));
    }
    bool meets = m->lift_count == 0;
    for (uint32_t i = 0; i < m->lift_count; i++) {
        const struct cdn_measure *lifted = &c->rb->measures[m->lifts[i]];
        meets = meets || (end_of(lifted) > m->effective.at && end_of(m) > lifted->effective.at);
    }
    if (!meets)
        (void)cdn_check_warn(
            c, m, "never-holds", "`%.*s` is in force only when nothing that it lifts is", CDN_FMT(m->id));
}

void cdn_check_shadowed(struct cdn_check_run *c) {
    struct index x = {.entry_count = 0};
    if (!build(c, &x))
        return;
    for (uint32_t i = 0; i < c->rb->measure_count && c->diags->err == 0; i++) {
        check_never(c, &c->rb->measures[i]);
        if (candidate(&c->rb->measures[i]))
            check_shadow(c, &x, i);
    }
    if (x.left == 0 && c->diags->err == 0)
        (void)cdn_rb_diag(c->diags,
                          3,
                          "shadowed",
                          cdn_check_at(c->rb->measures[0].pos, 1),
                          "so many measures are alike that not all were compared with each other");
}
