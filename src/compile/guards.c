/* SPDX-License-Identifier: Apache-2.0 */
/* guards.c: for each group and each thing that its conditions ask, which outcomes a key lets through.
 *
 * Only necessary tests guard: those at the top of `when` or below ANDs. Where one of them is false, the whole
 * is false. Tests below OR, XOR, NOT and the quantifiers say nothing by themselves. Of several tests about
 * one thing the first guards; the others would only make the sieve finer.
 *
 * The keys of a test about places are what could possibly satisfy it, or leave it open: the members and what
 * is above them. What lies in a member territory only at some dates is no key: an item that is resolved names
 * every territory that it lies in. */
#include "compile/build_priv.h"

/* An axis whose rows would take more than this is left out: the sieve is not worth the memory. */
#define AXIS_WORDS ((uint64_t)1 << 20)
#define AXIS_PAIRS ((size_t)1 << 22)

struct asked {
    uint64_t axis; /* kind, subject, standard and what is asked: sorts as the records must */
    uint32_t post, test;
};
struct pair {
    uint64_t key;
    uint32_t post;
};
struct list {
    void *items;
    size_t count, cap;
};

static void push(struct cdn_build *b, struct list *l, const void *item, size_t size) {
    if (b->err)
        return;
    const int err = cdn_grow(&b->arena->as_alloc, &l->items, &l->cap, l->count + 1, size);
    if (err) {
        (void)cdn_build_fail(b, err, "no memory for the index");
        return;
    }
    memcpy((char *)l->items + l->count++ * size, item, size);
}

/* ---- what is asked
 * --------------------------------------------------------------------------------------------- */

/* 0: the test does not guard. */
static uint64_t axis_of(const struct cdn_test_rec *t) {
    uint64_t what = 0;
    switch (t->kind) {
    case CDN_TEST_FINDING:
        what = t->finding;
        break;
    case CDN_TEST_EVIDENCE:
        what = t->evidence;
        break;
    case CDN_TEST_FACT:
        what = t->type == CDN_TYPE_CODE && t->cmp == CDN_CMP_IN ? t->fact : 0;
        break;
    default:
        break;
    }
    if (what == 0 || t->subject_kind == CDN_SUBJECT_IT)
        return 0;
    return (uint64_t)t->kind << 56 | (uint64_t)t->subject_kind << 48 | (uint64_t)t->subject_index << 40 |
           (uint64_t)(t->kind == CDN_TEST_FINDING ? t->standard : 0) << 32 | what;
}

static void ask(struct cdn_build *b, struct list *l, uint32_t expr, uint32_t post) {
    const struct cdn_expr_rec *r = &CDN_BUILD_ROWS(b, EXPR, struct cdn_expr_rec)[expr];
    if (r->op == CDN_EXPR_TEST) {
        const struct asked a = {
            axis_of(&CDN_BUILD_ROWS(b, TEST, struct cdn_test_rec)[r->test]), post, r->test};
        if (a.axis != 0)
            push(b, l, &a, sizeof(a));
    } else if (r->op == CDN_EXPR_AND) {
        for (uint32_t i = 0; i < r->children.count && !b->err; i++)
            ask(b, l, CDN_BUILD_ROWS(b, INDEX, uint32_t)[r->children.first + i], post);
    }
}

static int asked_order(const void *a, const void *b) {
    const struct asked *x = a, *y = b;
    if (x->axis != y->axis)
        return x->axis < y->axis ? -1 : 1;
    return (x->post > y->post) - (x->post < y->post);
}

/* ---- keys
 * -------------------------------------------------------------------------------------------------------- */

static void place_keys(struct cdn_build *b, struct list *pairs, uint32_t set, uint32_t post) {
    const uint32_t words = (b->places->place_count + 63) / 64;
    const uint64_t *rows =
        CDN_BUILD_ROWS(b, SETWORD, uint64_t) + CDN_BUILD_ROWS(b, SET, struct cdn_set_rec)[set].words;
    struct pair p;
    memset(&p, 0, sizeof(p));
    p.post = post;
    for (uint32_t w = 0; w < words; w++)
        for (uint64_t left = rows[w] | rows[words + w]; left != 0; left &= left - 1) {
            p.key = w * 64 + (uint64_t)__builtin_ctzll(left);
            push(b, pairs, &p, sizeof(p));
        }
}

static void keys_of(struct cdn_build *b, struct list *pairs, const struct asked *a) {
    const struct cdn_test_rec t = CDN_BUILD_ROWS(b, TEST, struct cdn_test_rec)[a->test];
    if (t.kind != CDN_TEST_FACT) {
        place_keys(b, pairs, t.set, a->post);
        return;
    }
    struct pair p;
    memset(&p, 0, sizeof(p));
    p.post = a->post;
    for (uint32_t i = 0; i < t.codes.count; i++) {
        p.key = CDN_BUILD_ROWS(b, CODE, struct cdn_code_rec)[t.codes.first + i].hash;
        push(b, pairs, &p, sizeof(p));
    }
}

static int pair_order(const void *a, const void *b) {
    const struct pair *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->post > y->post) - (x->post < y->post);
}

/* ---- axes
 * -------------------------------------------------------------------------------------------------------- */

static size_t distinct(const struct pair *pairs, size_t n) {
    size_t keys = 0;
    for (size_t i = 0; i < n; i++)
        keys += i == 0 || pairs[i].key != pairs[i - 1].key;
    return keys;
}

static struct cdn_run add_guards(
    struct cdn_build *b, const struct pair *pairs, size_t n, uint32_t words, uint64_t *row) {
    const size_t first = b->tables[CDN_T_GUARD].count;
    for (size_t i = 0; i < n && !b->err;) {
        struct cdn_guard_rec g;
        memset(&g, 0, sizeof(g));
        g.key = pairs[i].key;
        memset(row, 0, words * sizeof(*row));
        for (; i < n && pairs[i].key == g.key; i++)
            row[pairs[i].post / 64] |= UINT64_C(1) << (pairs[i].post % 64);
        g.row = cdn_build_run(b, CDN_T_WORD, row, words).first;
        (void)cdn_build_add(b, CDN_T_GUARD, &g, 1);
    }
    const size_t count = b->tables[CDN_T_GUARD].count - first;
    return count ? (struct cdn_run){(uint32_t)first, (uint32_t)count} : (struct cdn_run){0, 0};
}

static void fill_axis(struct cdn_axis_rec *x, uint64_t axis) {
    memset(x, 0, sizeof(*x));
    x->kind = (uint8_t)(axis >> 56);
    x->subject_kind = (uint8_t)(axis >> 48);
    x->subject_index = (uint8_t)(axis >> 40);
    x->standard = (uint8_t)(axis >> 32);
    const uint16_t what = (uint16_t)axis;
    if (x->kind == CDN_TEST_FINDING)
        x->finding = what;
    else if (x->kind == CDN_TEST_EVIDENCE)
        x->evidence = what;
    else
        x->fact = what;
}

/* `asked` are the posts of one axis, each once or more. */
static void add_axis(
    struct cdn_build *b, const struct cdn_group_rec *g, const struct asked *asked, size_t n, uint64_t *row) {
    struct list pairs = {0};
    uint64_t *guarded = cdn_build_zero(b, g->words, sizeof(*guarded));
    if (!guarded)
        return;
    for (size_t i = 0; i < n && !b->err && pairs.count <= AXIS_PAIRS; i++) {
        if (i > 0 && asked[i].post == asked[i - 1].post)
            continue;
        guarded[asked[i].post / 64] |= UINT64_C(1) << (asked[i].post % 64);
        keys_of(b, &pairs, &asked[i]);
    }
    if (b->err || pairs.count > AXIS_PAIRS)
        return;
    cdn_build_sort(b, pairs.items, pairs.count, sizeof(struct pair), pair_order);
    if (b->err || (uint64_t)distinct(pairs.items, pairs.count) * g->words > AXIS_WORDS)
        return;
    struct cdn_axis_rec x;
    fill_axis(&x, asked[0].axis);
    x.guards = add_guards(b, pairs.items, pairs.count, g->words, row);
    for (uint32_t w = 0; w < g->words; w++)
        row[w] = ~guarded[w];
    if (g->posts.count % 64 != 0)
        row[g->words - 1] &= (UINT64_C(1) << (g->posts.count % 64)) - 1;
    x.unguarded = cdn_build_run(b, CDN_T_WORD, row, g->words).first;
    (void)cdn_build_add(b, CDN_T_AXIS, &x, 1);
}

static void guard_group(struct cdn_build *b, uint32_t group) {
    const struct cdn_group_rec g = CDN_BUILD_ROWS(b, GROUP, struct cdn_group_rec)[group];
    struct list asked = {0};
    uint64_t *row = cdn_build_zero(b, g.words, sizeof(*row));
    for (uint32_t i = 0; i < g.posts.count && !b->err; i++) {
        const struct cdn_post_rec *p = &CDN_BUILD_ROWS(b, POST, struct cdn_post_rec)[g.posts.first + i];
        const uint32_t when = CDN_BUILD_ROWS(b, MEASURE, struct cdn_measure_rec)[p->measure].when;
        if (when != CDN_NO_INDEX)
            ask(b, &asked, when, i);
    }
    if (b->err)
        return;
    cdn_build_sort(b, asked.items, asked.count, sizeof(struct asked), asked_order);
    const struct asked *a = asked.items;
    const size_t first = b->tables[CDN_T_AXIS].count;
    for (size_t i = 0; i < asked.count && !b->err;) {
        size_t end = i + 1;
        while (end < asked.count && a[end].axis == a[i].axis)
            end++;
        add_axis(b, &g, a + i, end - i, row);
        i = end;
    }
    const size_t count = b->tables[CDN_T_AXIS].count - first;
    if (count && !b->err)
        CDN_BUILD_ROWS(b, GROUP, struct cdn_group_rec)
    [group].axes = (struct cdn_run){(uint32_t)first, (uint32_t)count};
}

void cdn_build_guards(struct cdn_build *b) {
    for (uint32_t i = 0; !b->err && i < b->tables[CDN_T_GROUP].count; i++)
        guard_group(b, i);
}
