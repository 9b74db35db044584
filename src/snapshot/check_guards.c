/* SPDX-License-Identifier: Apache-2.0 */
/* check_guards.c: validates that no axis drops an outcome that could count.
 *
 * For every post of a group and every axis of the group: either the axis leaves the post unguarded, or the
 * condition of its measure has a necessary test (a test at the top, or below ANDs only) about the same thing
 * of the same subject, and every key that this test could need lets the post through.
 *
 * Keys of a test about places: the set's members, what is above them, and every place that lies, at some
 * date, in a territory that is a member. Keys of a test about a code: the hashes of its codes. */
#include "base/limits.h"
#include "places/places_view.h"
#include "snapshot/check_priv.h"

#define NO_ROW UINT32_MAX

struct guards {
    struct cdn_check *c;
    const struct cdn_group_rec *group;
    const struct cdn_axis_rec *axis;
    uint32_t *row_of; /* by place id; NO_ROW */
};

static bool bit(const uint64_t *row, uint32_t i) {
    return (row[i / 64] >> (i % 64)) & 1;
}

static const uint64_t *row_at(const struct guards *g, uint32_t row) {
    return g->c->s->words + row;
}

/* Rows lie inside WORD and have no bit past the last post. */
static bool row_ok(const struct guards *g, uint32_t row) {
    const uint32_t words = g->group->words, size = g->c->s->count[CDN_T_WORD], posts = g->group->posts.count;
    if (row >= size || words > size - row)
        return false;
    return posts % 64 == 0 || (row_at(g, row)[words - 1] >> (posts % 64)) == 0;
}

static bool lets_place(const struct guards *g, uint32_t place, uint32_t post) {
    return g->row_of[place] != NO_ROW && bit(row_at(g, g->row_of[place]), post);
}

static bool lets_code(const struct guards *g, uint64_t key, uint32_t post) {
    const struct cdn_guard_rec *rows = g->c->s->guards + g->axis->guards.first;
    uint32_t lo = 0, hi = g->axis->guards.count;
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (rows[mid].key == key)
            return bit(row_at(g, rows[mid].row), post);
        if (rows[mid].key < key)
            lo = mid + 1;
        else
            hi = mid;
    }
    return false;
}

static bool lets_set(const struct guards *g, uint32_t set, uint32_t post) {
    const struct cdn_snapshot *s = g->c->s;
    const uint64_t *members = s->setwords + s->sets[set].words;
    if (!cdn_check_spend(g->c, s->set_words))
        return false;
    for (uint32_t w = 0; w < s->set_words; w++)
        for (uint64_t left = members[w] | members[s->set_words + w]; left != 0; left &= left - 1)
            if (!lets_place(g, w * 64 + (uint32_t)__builtin_ctzll(left), post))
                return false;
    return true;
}

static bool same_axis(const struct cdn_axis_rec *x, const struct cdn_test_rec *t) {
    if (t->kind != x->kind || t->subject_kind != x->subject_kind || t->subject_index != x->subject_index)
        return false;
    switch (x->kind) {
    case CDN_TEST_FINDING:
        return t->finding == x->finding && t->standard == x->standard;
    case CDN_TEST_EVIDENCE:
        return t->evidence == x->evidence;
    default:
        return t->fact == x->fact && t->type == CDN_TYPE_CODE && t->cmp == CDN_CMP_IN;
    }
}

static bool lets_test(const struct guards *g, const struct cdn_test_rec *t, uint32_t post) {
    if (t->kind != CDN_TEST_FACT)
        return lets_set(g, t->set, post);
    if (!cdn_check_spend(g->c, t->codes.count))
        return false;
    for (uint32_t i = 0; i < t->codes.count; i++)
        if (!lets_code(g, g->c->s->codes[t->codes.first + i].hash, post))
            return false;
    return true;
}

/* Some necessary test below `expr` is about the axis, and its keys all let the post through. */
static bool necessary(const struct guards *g, uint32_t expr, uint32_t post) {
    const struct cdn_snapshot *s = g->c->s;
    const struct cdn_expr_rec *r = &s->exprs[expr];
    if (!cdn_check_spend(g->c, 1))
        return false;
    if (r->op == CDN_EXPR_TEST)
        return same_axis(g->axis, &s->tests[r->test]) && lets_test(g, &s->tests[r->test], post);
    if (r->op != CDN_EXPR_AND)
        return false;
    for (uint32_t i = 0; i < r->children.count; i++)
        if (necessary(g, s->indexes[r->children.first + i], post)) /* depth is limited: check_exprs.c */
            return true;
    return false;
}

static bool axis_fields(const struct cdn_axis_rec *x) {
    const bool subject = cdn_check_subject(x->subject_kind, x->subject_index, false);
    switch (x->kind) {
    case CDN_TEST_FINDING:
        return subject && x->finding > 0 && x->finding < CDN_FINDING_COUNT && x->standard > 0 &&
               x->standard < CDN_STANDARD_COUNT && x->evidence == 0 && x->fact == 0 && x->pad == 0;
    case CDN_TEST_EVIDENCE:
        return subject && x->evidence > 0 && x->evidence < CDN_EVIDENCE_COUNT && x->finding == 0 &&
               x->standard == 0 && x->fact == 0 && x->pad == 0;
    case CDN_TEST_FACT:
        return subject && x->fact > 0 && x->finding == 0 && x->standard == 0 && x->evidence == 0 &&
               x->pad == 0;
    default:
        return false;
    }
}

static int axis_order(const struct cdn_axis_rec *a, const struct cdn_axis_rec *b) {
    const unsigned x[] = {
        a->kind, a->subject_kind, a->subject_index, a->standard, a->finding, a->evidence, a->fact};
    const unsigned y[] = {
        b->kind, b->subject_kind, b->subject_index, b->standard, b->finding, b->evidence, b->fact};
    for (size_t i = 0; i < CDN_ARRAY_LEN(x); i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

/* Keys ascend; keys of places are places. Enters them in row_of. */
static int open_axis(struct guards *g) {
    const struct cdn_snapshot *s = g->c->s;
    const struct cdn_axis_rec *x = g->axis;
    if (!axis_fields(x) || !row_ok(g, x->unguarded) || !cdn_check_run(x->guards, s->count[CDN_T_GUARD]) ||
        !cdn_check_spend(g->c, x->guards.count))
        return CDN_BAD(g->c, "rules: an axis of a group");
    for (uint32_t i = x->guards.first; i < x->guards.first + x->guards.count; i++) {
        const struct cdn_guard_rec *r = &s->guards[i];
        if (r->pad != 0 || !row_ok(g, r->row) || (i > x->guards.first && r->key <= (r - 1)->key) ||
            (x->kind != CDN_TEST_FACT && (r->key == 0 || r->key >= s->rules->place_count)))
            return CDN_BAD(g->c, "rules: guard %u", i);
    }
    if (x->kind != CDN_TEST_FACT)
        for (uint32_t i = x->guards.first; i < x->guards.first + x->guards.count; i++)
            g->row_of[s->guards[i].key] = s->guards[i].row;
    return 0;
}

static void close_axis(struct guards *g) {
    const struct cdn_snapshot *s = g->c->s;
    if (g->axis->kind != CDN_TEST_FACT)
        for (uint32_t i = g->axis->guards.first; i < g->axis->guards.first + g->axis->guards.count; i++)
            g->row_of[s->guards[i].key] = NO_ROW;
}

static int check_axis(struct guards *g) {
    const struct cdn_snapshot *s = g->c->s;
    const int err = open_axis(g);
    if (err)
        return err;
    for (uint32_t i = 0; i < g->group->posts.count; i++) {
        if (bit(row_at(g, g->axis->unguarded), i))
            continue;
        const uint32_t when = s->measures[s->posts[g->group->posts.first + i].measure].when;
        if (when == CDN_NO_INDEX || !necessary(g, when, i))
            return CDN_BAD(
                g->c, "rules: an axis may drop outcome %u", s->posts[g->group->posts.first + i].outcome);
    }
    close_axis(g);
    return 0;
}

static int check_groups(struct guards *g) {
    const struct cdn_snapshot *s = g->c->s;
    uint32_t next = 0, guards = 0;
    for (uint32_t i = 0; i < s->count[CDN_T_GROUP]; i++) {
        g->group = &s->groups[i];
        const struct cdn_run axes = g->group->axes;
        if (!cdn_check_run(axes, s->count[CDN_T_AXIS]) || (axes.count != 0 && axes.first != next))
            return CDN_BAD(g->c, "rules: axes of group %u", i);
        next += axes.count;
        for (uint32_t k = 0; k < axes.count; k++) {
            g->axis = &s->axes[axes.first + k];
            if (k > 0 && axis_order(g->axis - 1, g->axis) >= 0)
                return CDN_BAD(g->c, "rules: axes of group %u are out of order", i);
            if (g->axis->guards.count != 0 && g->axis->guards.first != guards)
                return CDN_BAD(g->c, "rules: guards of group %u", i);
            guards += g->axis->guards.count;
            const int err = check_axis(g);
            if (err)
                return err;
        }
    }
    return next == s->count[CDN_T_AXIS] && guards == s->count[CDN_T_GUARD]
               ? 0
               : CDN_BAD(g->c, "rules: axes or guards of no group");
}

int cdn_snapshot_check_guards(struct cdn_check *c) {
    const size_t places = (size_t)c->s->rules->place_count;
    struct guards g = {.c = c, .row_of = cdn_alloc(c->alloc, places * sizeof(*g.row_of))};
    if (!g.row_of)
        return cdn_fail(c->e, CORDON_E_NOMEM, "no memory to check guards");
    memset(g.row_of, 0xFF, places * sizeof(*g.row_of));
    const int err = check_groups(&g);
    cdn_free(c->alloc, g.row_of, places * sizeof(*g.row_of));
    return err;
}
