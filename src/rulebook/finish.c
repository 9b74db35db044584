/* SPDX-License-Identifier: Apache-2.0 */
/* finish.c: what can be judged only when a measure, or everything, is read.
 *
 *  1. defaults that depend on other clauses are filled in: the instant of `is new`, the standard of each
 *     finding, the subject of each outcome;
 *  2. contradictions within a measure are errors: dates, actions kept and forbidden, roles that no action
 *     has, presumptions about nothing;
 *  3. circles of territories and of supersession are errors. */
#include "rulebook/priv.h"

#include "base/limits.h"

static struct cdn_at at_pos(struct cdn_pos pos) {
    return (struct cdn_at){pos, 1};
}
static struct cdn_at at_word(struct cdn_pos pos, const char *word) {
    return (struct cdn_at){pos, (uint32_t)strlen(word)};
}

typedef void (*test_fn)(struct cdn_parser *p, struct cdn_test *test, struct cdn_subject it, void *ctx);

static void each_test(
    struct cdn_parser *p, struct cdn_expr *e, struct cdn_subject it, test_fn fn, void *ctx) {
    if (!e)
        return;
    if (e->test)
        fn(p, e->test, it, ctx);
    const struct cdn_subject inner = e->op == CDN_EXPR_ANY || e->op == CDN_EXPR_EVERY ? e->subject : it;
    for (uint32_t i = 0; i < e->count; i++)
        each_test(p, e->children[i], inner, fn, ctx);
}

static void each_condition(struct cdn_parser *p, struct cdn_measure *m, test_fn fn, void *ctx) {
    const struct cdn_subject none = {CDN_SUBJECT_NONE, 0};
    each_test(p, m->when, none, fn, ctx);
    for (uint32_t i = 0; i < m->except_count; i++)
        each_test(p, m->excepts[i].when, none, fn, ctx);
}

static void fill_test(struct cdn_parser *p, struct cdn_test *test, struct cdn_subject it, void *ctx) {
    const struct cdn_measure *m = ctx;
    (void)p;
    (void)it;
    if (test->kind == CDN_TEST_FINDING)
        test->standard = m->standard;
    if (test->kind == CDN_TEST_NEW && test->moment.written.n == 0) {
        test->moment = m->effective;
        test->when = cdn_when_instant(m->effective.at);
    }
}

/* ---- presumptions ----------------------------------------------------------------------------------- */

static void compare(struct cdn_parser *p, struct cdn_test *test, struct cdn_subject it, void *ctx) {
    struct cdn_presume *x = ctx;
    if (!cdn_rb_same_test(test, it, x->test))
        return;
    struct cdn_test **slot = cdn_rb_push(p, &x->targets, &x->target_count, sizeof(struct cdn_test *));
    if (slot)
        *slot = test;
}

static void check_presumes(struct cdn_parser *p, struct cdn_measure *m) {
    for (uint32_t i = 0; i < m->presume_count && p->err == 0; i++) {
        struct cdn_presume *x = &m->presumes[i];
        fill_test(p, x->test, (struct cdn_subject){CDN_SUBJECT_NONE, 0}, m);
        each_condition(p, m, compare, x);
        if (x->target_count == 0)
            (void)cdn_rb_error(p,
                               "idle-presumption",
                               at_pos(x->pos),
                               "this presumes something that no condition of `%.*s` asks",
                               CDN_FMT(m->id));
    }
}

/* ---- outcomes --------------------------------------------------------------------------------------- */

static void first_role(struct cdn_parser *p, struct cdn_test *test, struct cdn_subject it, void *ctx) {
    struct cdn_subject *s = ctx;
    (void)p;
    (void)it;
    if (s->kind == CDN_SUBJECT_NONE && test->subject.kind == CDN_SUBJECT_ROLE)
        *s = test->subject;
}

/* Whom an outcome binds when nothing is said: the first role of the condition, else the first role that the
 * action needs. */
static void fill_subjects(struct cdn_parser *p, struct cdn_measure *m) {
    struct cdn_subject first = {CDN_SUBJECT_NONE, 0};
    each_test(p, m->when, first, first_role, &first);
    for (uint32_t i = 0; i < m->outcome_count; i++) {
        struct cdn_outcome *o = &m->outcomes[i];
        if (o->subject.kind != CDN_SUBJECT_NONE)
            continue;
        o->subject = first;
        if (first.kind == CDN_SUBJECT_NONE && o->action_count > 0) {
            const uint32_t roles = p->rb->actions[o->actions[0]].needs_roles;
            for (unsigned r = 1; r < CDN_ROLE_COUNT && o->subject.kind == CDN_SUBJECT_NONE; r++) {
                if (roles >> r & 1U)
                    o->subject = (struct cdn_subject){CDN_SUBJECT_ROLE, (uint8_t)r};
            }
        }
    }
}

static bool contains(const uint32_t *items, uint32_t count, uint32_t value) {
    for (uint32_t i = 0; i < count; i++) {
        if (items[i] == value)
            return true;
    }
    return false;
}

static bool forbids_action(const struct cdn_measure *m, uint32_t action) {
    for (uint32_t i = 0; i < m->outcome_count; i++) {
        const struct cdn_outcome *o = &m->outcomes[i];
        const bool stops = o->verdict == CORDON_VERDICT_DENY || o->verdict == CORDON_VERDICT_FREEZE;
        if (stops && (o->any_action ? !contains(o->not_actions, o->not_action_count, action)
                                    : contains(o->actions, o->action_count, action)))
            return true;
    }
    return false;
}

static void check_keeps(struct cdn_parser *p, const struct cdn_measure *m) {
    for (uint32_t i = 0; i < m->keep_count; i++) {
        for (uint32_t k = 0; k < m->keeps[i].action_count; k++) {
            const uint32_t action = m->keeps[i].actions[k];
            if (forbids_action(m, action))
                (void)cdn_rb_error(
                    p,
                    "kept-and-forbidden",
                    (struct cdn_at){m->keeps[i].pos, k == 0 ? (uint32_t)p->rb->actions[action].id.n : 1},
                    "`%.*s` is kept here, and the same measure forbids it",
                    CDN_FMT(p->rb->actions[action].id));
        }
    }
}

static void check_dates(struct cdn_parser *p, const struct cdn_measure *m) {
    const struct cdn_moment *from = &m->effective;
    if (from->written.n > 0 && m->until.written.n > 0 && m->until.at <= from->at)
        (void)cdn_rb_error(p,
                           "ends-before",
                           (struct cdn_at){m->until.pos, (uint32_t)m->until.written.n},
                           "this ends before it is in force");
}

/* IMPLEMENTS: CS-CLOSED */
static void check_closed(struct cdn_parser *p, const struct cdn_measure *m) {
    if (m->basis == CDN_BASIS_LAW && m->if_unknown == CORDON_VERDICT_ALLOW)
        (void)cdn_rb_error(p,
                           "law-allows-unknown",
                           p->if_allow,
                           "where law binds, what is unknown is held or denied, never allowed");
}

void cdn_rb_finish_measure(struct cdn_parser *p, struct cdn_measure *m) {
    each_condition(p, m, fill_test, m);
    check_presumes(p, m);
    fill_subjects(p, m);
    check_keeps(p, m);
    check_dates(p, m);
    check_closed(p, m);
}

/* ---- roles and objects that the actions have
 * ---------------------------------------------------------------- */

struct has_what {
    uint32_t roles, objects;
    uint32_t told_roles, told_objects; /* reported already: once per measure is enough */
    bool anything;                     /* any action, or an action that could not be read */
    const struct cdn_measure *m;
};

static void add_actions(const struct cdn_rulebook *rb, const struct cdn_measure *m, struct has_what *has) {
    for (uint32_t i = 0; i < m->outcome_count; i++) {
        const struct cdn_outcome *o = &m->outcomes[i];
        has->anything = has->anything || o->any_action || o->action_count == 0;
        for (uint32_t k = 0; k < o->action_count; k++) {
            const struct cdn_action *a = &rb->actions[o->actions[k]];
            has->roles |= a->needs_roles | a->may_roles;
            has->objects |= a->needs_objects | a->may_objects;
        }
    }
}

static bool had(const struct has_what *has, struct cdn_subject s) {
    if (has->anything || (s.kind != CDN_SUBJECT_ROLE && s.kind != CDN_SUBJECT_OBJECT))
        return true;
    return (s.kind == CDN_SUBJECT_ROLE ? has->roles : has->objects) >> s.index & 1U;
}

static bool had_or_told(struct has_what *has, struct cdn_subject s) {
    if (had(has, s))
        return true;
    uint32_t *told = s.kind == CDN_SUBJECT_ROLE ? &has->told_roles : &has->told_objects;
    const bool before = *told >> s.index & 1U;
    *told |= UINT32_C(1) << s.index;
    return before;
}

static void check_subject(struct cdn_parser *p, struct cdn_test *test, struct cdn_subject it, void *ctx) {
    struct has_what *has = ctx;
    const struct cdn_subject s = test->subject.kind == CDN_SUBJECT_IT ? it : test->subject;
    if (had_or_told(has, s))
        return;
    struct cdn_diagnostic *d = cdn_rb_error(p,
                                            "role-not-had",
                                            at_word(test->pos, cdn_rb_subject_name(test->subject)),
                                            "no action of `%.*s` has `%s`",
                                            CDN_FMT(has->m->id),
                                            cdn_rb_subject_name(s));
    if (d)
        d->suggestion =
            cdn_rb_say(p->diags, "an action says what it has: needs …, may …, %s", cdn_rb_subject_name(s));
}

static void check_roles(struct cdn_parser *p, struct cdn_measure *m) {
    struct has_what has = {.m = m, .anything = m->outcome_count == 0 && m->lift_count == 0};
    add_actions(p->rb, m, &has);
    for (uint32_t i = 0; i < m->lift_count; i++)
        add_actions(p->rb, &p->rb->measures[m->lifts[i]], &has);
    if (m->class_ == CDN_CLASS_LICENCE && m->lift_count == 0)
        return;
    each_condition(p, m, check_subject, &has);
    for (uint32_t i = 0; i < m->outcome_count; i++) {
        struct cdn_outcome *o = &m->outcomes[i];
        if (!had_or_told(&has, o->subject))
            (void)cdn_rb_error(p,
                               "role-not-had",
                               at_word(o->pos, cdn_verdict_name(o->verdict)),
                               "no action of `%.*s` has `%s`",
                               CDN_FMT(m->id),
                               cdn_rb_subject_name(o->subject));
    }
    for (uint32_t i = 0; i < m->lift_count; i++) {
        const struct cdn_measure *lifted = &p->rb->measures[m->lifts[i]];
        if (lifted->class_ != CDN_CLASS_MEASURE)
            (void)cdn_rb_error(p,
                               "lifts-no-measure",
                               at_pos(m->pos),
                               "`%.*s` is a %s, and only measures can be lifted",
                               CDN_FMT(lifted->id),
                               cdn_class_name(lifted->class_));
    }
}

/* ---- circles
 * ------------------------------------------------------------------------------------------------- */

/* Depth-first search with a stack of its own: a long chain is no reason to run out of stack. */
struct walk {
    struct cdn_parser *p;
    uint8_t *state; /* 0 new, 1 on the path, 2 done */
    uint32_t *path; /* nodes on the path */
    uint32_t *edge; /* next edge of each */
    uint32_t depth, node_count;
    bool territories; /* else supersession */
};

/* The i-th successor of a node: -1 none at this place, -2 no more. */
static int64_t successor(const struct walk *w, uint32_t node, uint32_t i) {
    const struct cdn_rulebook *rb = w->p->rb;
    if (!w->territories)
        return i < rb->measures[node].supersede_count ? (int64_t)rb->measures[node].supersedes[i] : -2;
    const struct cdn_territory *t = &rb->territories[node];
    if (i >= t->part_count)
        return -2;
    return t->parts[i].place.kind == CDN_PLACE_TERRITORY ? (int64_t)t->parts[i].place.territory : -1;
}

static void report_circle(struct walk *w, uint32_t node) {
    const struct cdn_rulebook *rb = w->p->rb;
    const cordon_str id = w->territories ? rb->territories[node].id : rb->measures[node].id;
    const struct cdn_pos pos = w->territories ? rb->territories[node].pos : rb->measures[node].pos;
    (void)cdn_rb_error(w->p,
                       "circle",
                       at_pos(pos),
                       w->territories ? "the territory `%.*s` is part of itself" : "`%.*s` supersedes itself",
                       CDN_FMT(id));
}

static void walk_from(struct walk *w, uint32_t start) {
    w->depth = 0;
    w->path[0] = start;
    w->edge[0] = 0;
    w->state[start] = 1;
    for (;;) {
        const uint32_t node = w->path[w->depth];
        const int64_t next = successor(w, node, w->edge[w->depth]++);
        if (next == -2) {
            w->state[node] = 2;
            if (w->depth-- == 0)
                return;
        } else if (next >= 0 && w->state[next] == 1) {
            report_circle(w, (uint32_t)next);
        } else if (next >= 0 && w->state[next] == 0) {
            w->state[next] = 1;
            w->path[++w->depth] = (uint32_t)next;
            w->edge[w->depth] = 0;
        }
    }
}

static void find_circles(struct cdn_parser *p, bool territories, uint32_t count) {
    struct walk w = {.p = p, .territories = territories, .node_count = count};
    if (count == 0 || p->err != 0)
        return;
    w.state = cdn_arena_zero(p->arena, count, 1);
    w.path = w.state ? cdn_arena_zero(p->arena, count, sizeof(*w.path)) : NULL;
    w.edge = w.path ? cdn_arena_zero(p->arena, count, sizeof(*w.edge)) : NULL;
    if (!w.edge) {
        p->err = CORDON_E_NOMEM;
        return;
    }
    for (uint32_t i = 0; i < count && p->err == 0; i++) {
        if (w.state[i] == 0)
            walk_from(&w, i);
    }
}

void cdn_rb_finish(struct cdn_parser *p) {
    for (uint32_t i = 0; i < p->rb->measure_count && p->err == 0; i++)
        check_roles(p, &p->rb->measures[i]);
    find_circles(p, true, p->rb->territory_count);
    find_circles(p, false, p->rb->measure_count);
}
