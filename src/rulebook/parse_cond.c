/* SPDX-License-Identifier: Apache-2.0 */
/* parse_cond.c: conditions: or < xor < and < not < quantifier, bracket or test.
 *
 *  1. AND and OR are flat (two or more children), XOR has exactly two, left to right;
 *  2. inside `any`/`every` the tests about `it` have subject IT; the subject of the quantifier says who;
 *  3. nesting is bounded by CDN_MAX_EXPR_DEPTH (a chain of `xor` nests, too), the whole by
 *     CDN_MAX_EXPR_NODES. */
#include "rulebook/priv.h"

#include "base/limits.h"

static struct cdn_expr *parse_or(struct cdn_parser *p);

struct cdn_expr *cdn_rb_expr(struct cdn_parser *p, unsigned op, struct cdn_pos pos) {
    if (p->err != 0 || p->diags->err != 0)
        return NULL;
    if (++p->nodes > CDN_MAX_EXPR_NODES) {
        if (p->nodes == CDN_MAX_EXPR_NODES + 1)
            (void)cdn_rb_error(
                p, "too-large", (struct cdn_at){pos, 1}, "a condition has at most 65535 parts");
        return NULL;
    }
    struct cdn_expr *e = cdn_arena_zero(p->arena, 1, sizeof(*e));
    if (!e) {
        p->err = CORDON_E_NOMEM;
        return NULL;
    }
    e->op = (uint8_t)op;
    e->pos = pos;
    return e;
}

static struct cdn_expr *parent(struct cdn_parser *p, unsigned op, struct cdn_expr *child) {
    struct cdn_expr *e = child ? cdn_rb_expr(p, op, child->pos) : NULL;
    struct cdn_expr **slot = e ? cdn_rb_push(p, &e->children, &e->count, sizeof(struct cdn_expr *)) : NULL;
    if (!slot)
        return NULL;
    *slot = child;
    return e;
}

struct cdn_expr *cdn_rb_negate(struct cdn_parser *p, struct cdn_expr *e) {
    if (e && e->op == CDN_EXPR_NOT)
        return e->children[0];
    return parent(p, CDN_EXPR_NOT, e);
}

static bool enter(struct cdn_parser *p) {
    if (++p->depth <= CDN_MAX_EXPR_DEPTH)
        return true;
    (void)cdn_rb_error(p,
                       "too-deep",
                       cdn_rb_where(p, cdn_rb_peek(p)),
                       "conditions nest at most %d deep",
                       (int)CDN_MAX_EXPR_DEPTH);
    return false;
}

static void unknown_role(struct cdn_parser *p, const struct cdn_token *t, cordon_str head) {
    struct cdn_diagnostic *d = cdn_rb_error(
        p, "unknown-role", cdn_rb_where(p, t), "no role or kind of object is called `%.*s`", CDN_FMT(head));
    struct cdn_suggest g;
    cdn_suggest_init(&g, head);
    for (unsigned i = 1; i < CDN_ROLE_COUNT; i++)
        cdn_suggest_offer(&g, cdn_str_z(cdn_roles[i].name));
    for (unsigned i = 1; i < CDN_OBJECT_COUNT; i++)
        cdn_suggest_offer(&g, cdn_str_z(cdn_objects[i].name));
    if (cdn_suggest_found(&g))
        cdn_rb_suggest(p, d, g.best);
}

/* `any shareholder national of RU`, `any goods (it.hs under … and …)`. */
static struct cdn_expr *quantified(struct cdn_parser *p, unsigned op) {
    const struct cdn_token *word = cdn_rb_next(p);
    const struct cdn_token *t = cdn_rb_peek(p);
    cordon_str whole, member = {NULL, 0};
    if (p->it.kind != CDN_SUBJECT_NONE) {
        (void)cdn_rb_error(p,
                           "nested-quantifier",
                           cdn_rb_where(p, word),
                           "`any` and `every` cannot stand within each other: `it` would mean two things");
        return NULL;
    }
    if (!cdn_rb_word(p, "a role, a kind of object or `party`", &whole))
        return NULL;
    const cordon_str head = cdn_str_split(whole, '.', &member);
    struct cdn_subject s = cdn_rb_subject_named(head);
    if (cdn_str_eq(head, CDN_STR("party")))
        s.kind = CDN_SUBJECT_ANY_PARTY;
    if (s.kind == CDN_SUBJECT_NONE) {
        unknown_role(p, t, head);
        return NULL;
    }
    p->it = s;
    struct cdn_expr *child;
    if (member.n == 0 && cdn_rb_take_sign(p, '(')) {
        child = enter(p) ? parse_or(p) : NULL;
        p->depth--;
        if (child && !cdn_rb_need_sign(p, ')', "`and`, `or` or `)`"))
            child = NULL;
    } else {
        child = cdn_rb_test_of(p, (struct cdn_subject){CDN_SUBJECT_IT, 0}, member, t);
    }
    p->it = (struct cdn_subject){CDN_SUBJECT_NONE, 0};
    struct cdn_expr *e = parent(p, op, child);
    if (e) {
        e->subject = s;
        e->pos = cdn_rb_pos(p, word);
    }
    return e;
}

static struct cdn_expr *parse_primary(struct cdn_parser *p) {
    const struct cdn_token *t = cdn_rb_peek(p);
    if (cdn_rb_take_sign(p, '(')) {
        struct cdn_expr *e = enter(p) ? parse_or(p) : NULL;
        p->depth--;
        return e && cdn_rb_need_sign(p, ')', "`and`, `or`, `xor` or `)`") ? e : NULL;
    }
    if (cdn_rb_is(t, "any"))
        return quantified(p, CDN_EXPR_ANY);
    if (cdn_rb_is(t, "every"))
        return quantified(p, CDN_EXPR_EVERY);
    return cdn_rb_test(p);
}

static struct cdn_expr *parse_not(struct cdn_parser *p) {
    bool negative = false;
    while (cdn_rb_take(p, "not"))
        negative = !negative;
    struct cdn_expr *e = parse_primary(p);
    return negative ? cdn_rb_negate(p, e) : e;
}

typedef struct cdn_expr *(*parse_fn)(struct cdn_parser *p);

static struct cdn_expr *parse_chain(struct cdn_parser *p, const char *word, unsigned op, parse_fn below) {
    struct cdn_expr *e = below(p);
    struct cdn_expr *chain = NULL;
    unsigned links = 0;
    while (e && cdn_rb_take(p, word)) {
        if (op == CDN_EXPR_XOR && ++links > CDN_MAX_EXPR_DEPTH) {
            (void)cdn_rb_error(p,
                               "too-deep",
                               cdn_rb_where(p, cdn_rb_peek(p)),
                               "at most %d tests are joined by `xor`",
                               (int)CDN_MAX_EXPR_DEPTH);
            return NULL;
        }
        struct cdn_expr *right = below(p);
        if (!right)
            return NULL;
        if (!chain || op == CDN_EXPR_XOR)
            e = chain = parent(p, op, e);
        struct cdn_expr **slot =
            chain ? cdn_rb_push(p, &chain->children, &chain->count, sizeof(struct cdn_expr *)) : NULL;
        if (!slot)
            return NULL;
        *slot = right;
    }
    return e;
}

static struct cdn_expr *parse_and(struct cdn_parser *p) {
    return parse_chain(p, "and", CDN_EXPR_AND, parse_not);
}
static struct cdn_expr *parse_xor(struct cdn_parser *p) {
    return parse_chain(p, "xor", CDN_EXPR_XOR, parse_and);
}
static struct cdn_expr *parse_or(struct cdn_parser *p) {
    return parse_chain(p, "or", CDN_EXPR_OR, parse_xor);
}

struct cdn_expr *cdn_rb_condition(struct cdn_parser *p) {
    return parse_or(p);
}

/* After `any` or `every` of a presumption: the role, then the test, which is about that role. */
static struct cdn_expr *single_quantified(struct cdn_parser *p) {
    const struct cdn_token *t = cdn_rb_peek(p);
    struct cdn_subject s = {CDN_SUBJECT_ANY_PARTY, 0};
    cordon_str whole, member = {NULL, 0};
    if (!cdn_rb_word(p, "a role, a kind of object or `party`", &whole))
        return NULL;
    const cordon_str head = cdn_str_split(whole, '.', &member);
    if (!cdn_str_eq(head, CDN_STR("party")))
        s = cdn_rb_subject_named(head);
    if (s.kind == CDN_SUBJECT_NONE) {
        unknown_role(p, t, head);
        return NULL;
    }
    return cdn_rb_test_of(p, s, member, t);
}

struct cdn_test *cdn_rb_single_test(struct cdn_parser *p, bool *ret_value) {
    bool value = true;
    while (cdn_rb_take(p, "not"))
        value = !value;
    const bool quantified_one = cdn_rb_take(p, "any") || cdn_rb_take(p, "every");
    const struct cdn_expr *e = quantified_one ? single_quantified(p) : cdn_rb_test(p);
    if (e && e->op == CDN_EXPR_NOT) {
        value = !value;
        e = e->children[0];
    }
    if (!e || e->op != CDN_EXPR_TEST)
        return NULL;
    *ret_value = value;
    return e->test;
}

/* ---- comparing -------------------------------------------------------------------------------------- */

bool cdn_rb_same_place(const struct cdn_place *a, const struct cdn_place *b) {
    return a->kind == b->kind && a->country == b->country && a->territory == b->territory &&
           cdn_str_eq(a->region, b->region);
}

static bool places_in(const struct cdn_place *a, uint32_t n, const struct cdn_place *b, uint32_t m) {
    for (uint32_t i = 0; i < n; i++) {
        uint32_t k = 0;
        while (k < m && !cdn_rb_same_place(&a[i], &b[k]))
            k++;
        if (k == m)
            return false;
    }
    return true;
}

bool cdn_rb_same_places(const struct cdn_place_set *a, const struct cdn_place_set *b) {
    return places_in(a->items, a->count, b->items, b->count) &&
           places_in(b->items, b->count, a->items, a->count) &&
           places_in(a->except, a->except_count, b->except, b->except_count) &&
           places_in(b->except, b->except_count, a->except, a->except_count);
}

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
static bool lists_in(const uint32_t *a, uint32_t n, const uint32_t *b, uint32_t m) {
    for (uint32_t i = 0; i < n; i++) {
        uint32_t k = 0;
        while (k < m && a[i] != b[k])
            k++;
        if (k == m)
            return false;
    }
    return true;
}

bool cdn_rb_same_test(const struct cdn_test *a, struct cdn_subject it_a, const struct cdn_test *b) {
    struct cdn_subject s = a->subject;
    if (s.kind == CDN_SUBJECT_IT && b->subject.kind != CDN_SUBJECT_IT && it_a.kind != CDN_SUBJECT_NONE)
        s = it_a;
    return a->kind == b->kind && a->cmp == b->cmp && s.kind == b->subject.kind &&
           s.index == b->subject.index && a->finding == b->finding && a->evidence == b->evidence &&
           a->fact == b->fact && cdn_rb_same_places(&a->places, &b->places) &&
           texts_in(a->texts, a->text_count, b->texts, b->text_count) &&
           texts_in(b->texts, b->text_count, a->texts, a->text_count) && a->boolean == b->boolean &&
           cdn_decimal_cmp(a->money.amount, b->money.amount) == 0 &&
           memcmp(a->money.currency, b->money.currency, 4) == 0 && a->when.kind == b->when.kind &&
           a->when.first == b->when.first && a->against_now == b->against_now &&
           a->left_offset == b->left_offset && a->right_offset == b->right_offset &&
           a->service == b->service && lists_in(a->lists, a->list_count, b->lists, b->list_count) &&
           lists_in(b->lists, b->list_count, a->lists, a->list_count) && a->match == b->match &&
           a->review == b->review && cdn_decimal_cmp(a->percent, b->percent) == 0 &&
           a->percent_strict == b->percent_strict && a->aggregate == b->aggregate &&
           a->or_controlled == b->or_controlled;
}
