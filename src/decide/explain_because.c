/* SPDX-License-Identifier: Apache-2.0 */
/* explain_because.c: walks a condition again, under the roles as d->bind fills them, and writes down the
 * tests that made it what it is, the facts that leave it open, and what contradicts itself.
 *
 * Of a false "and" only the false branches are told, of a true "or" only the true ones: the others did not
 * matter. A branch that is neither is open, and what is open in it is what would settle it. */
#include "decide/explain_priv.h"

/* Value of a node with presumptions, as the decision took it. */
static unsigned value_of(struct cdn_explain *x, uint32_t expr) {
    return cdn_decide_expr(x->d, expr);
}

/* ---- the items behind a test -------------------------------------------------------------------------- */

/* What a test rests on: pointers, and whether each speaks against it. */
struct grounds {
    struct cdn_pointer *items;
    bool *against;
    uint32_t n, room;
};

static void add_item(struct cdn_explain *x, struct grounds *g, struct cdn_pointer p, bool is_against) {
    if (!g->items) {
        g->items = cdn_arena_take(x->arena, g->room * (sizeof *g->items + sizeof *g->against));
        g->against = (bool *)(void *)(g->items + (g->items ? g->room : 0));
    }
    if (!g->items || g->n == g->room) {
        x->err = x->err ? x->err : CORDON_E_NOMEM;
        return;
    }
    g->items[g->n] = p;
    g->against[g->n++] = is_against;
}

static void collect_items(
    struct cdn_explain *x, const struct cdn_test_rec *t, int index, bool is_object, struct grounds *g) {
    const bool finding = t->kind == CDN_TEST_FINDING;
    const struct cdn_evidence *e = cdn_decide_evidence(x->d, index, is_object, &g->room);
    struct cdn_pointer p = cdn_explain_where(x, t, index, is_object);
    for (uint32_t i = 0; i < g->room; i++) {
        const bool asked =
            finding ? cdn_evidence_kinds[e[i].kind].strength[t->finding] > 0 : e[i].kind == t->evidence;
        if (!asked || e[i].have != CDN_HAVE_VALUE || cdn_decide_seen_later(x->d, &e[i]))
            continue;
        p.evidence = (int32_t)i;
        if (t->set == CDN_NO_INDEX) {
            add_item(x, g, p, false);
            continue;
        }
        const struct cdn_item *item = cdn_decide_item(x->d, index, is_object, i);
        if (finding ? !cdn_decide_strength(x->d, &e[i], item, t->finding, NULL) : !cdn_decide_has_voice(item))
            continue;
        const enum cdn_speaks how = cdn_decide_speaks(x->d->snap, item, t->set);
        const bool silent =
            how == CDN_SPEAKS_AGAINST && finding && (cdn_evidence_kinds[e[i].kind].flags & CDN_EV_FOR_ONLY);
        if (how != CDN_SPEAKS_NOT && !silent)
            add_item(x, g, p, how == CDN_SPEAKS_AGAINST);
    }
}

static const char *given_field(struct cdn_explain *x, unsigned fact) {
    struct cdn_buf b;
    cdn_explain_buf(x, &b);
    cdn_buf_z(&b, "facts/");
    cdn_buf_str(&b, cdn_snap_str(x->d->snap, x->d->snap->facts[fact - CDN_FACT_DECLARED_BASE].id));
    cdn_buf_char(&b, 0);
    const cordon_str s = cdn_explain_keep(x, &b);
    return s.n ? s.p : NULL;
}

static const char *field_of(struct cdn_explain *x, const struct cdn_test_rec *t) {
    switch ((enum cdn_test_kind)t->kind) {
    case CDN_TEST_NEW:
        return "relations";
    case CDN_TEST_LISTED:
    case CDN_TEST_OWNED:
        return "listed";
    case CDN_TEST_FACT:
        if (t->fact == CDN_FACT_SINCE || t->fact == CDN_FACT_PERIOD_END)
            return "relations";
        if (t->fact == CDN_FACT_UNIT_VALUE)
            return "value";
        if (t->fact == CDN_FACT_TLD)
            return "name";
        return t->fact >= CDN_FACT_DECLARED_BASE ? given_field(x, t->fact) : cdn_facts[t->fact].name;
    case CDN_TEST_NOW:
        return "at";
    case CDN_TEST_FINDING:
    case CDN_TEST_EVIDENCE:
    case CDN_TEST_TEXT:
    case CDN_TEST_PRESENT:
    case CDN_TEST_NONE:
    default:
        return NULL;
    }
}

static bool rests_on_evidence(const struct cdn_test_rec *t) {
    return t->kind == CDN_TEST_FINDING || t->kind == CDN_TEST_EVIDENCE || t->kind == CDN_TEST_TEXT;
}

static void collect_grounds(
    struct cdn_explain *x, const struct cdn_test_rec *t, int index, bool is_object, struct grounds *g) {
    *g = (struct grounds){.room = 1};
    if (index < 0 || !(cdn_decide_fits(t) & cdn_decide_fit_of(t, is_object)))
        return;
    if (rests_on_evidence(t)) {
        collect_items(x, t, index, is_object, g);
        return;
    }
    struct cdn_pointer p = cdn_explain_where(x, t, index, is_object);
    p.field = field_of(x, t);
    if (t->kind == CDN_TEST_LISTED && x->d->request->parties[index].listed_have != CDN_HAVE_VALUE &&
        cdn_decide_screen(x->d, (uint32_t)index))
        p.field = "name";
    if (t->kind == CDN_TEST_OWNED && cdn_decide_owned_through(x->d, t, index, true) != CORDON_FALSE)
        p.field = "owners";
    add_item(x, g, p, false);
}

/* ---- missing and contradictory ------------------------------------------------------------------------ */

static bool same_place(const struct cdn_pointer *a, const struct cdn_pointer *b) {
    return a->kind == b->kind && a->index == b->index && a->evidence == b->evidence;
}

void cdn_explain_missing(struct cdn_explain *x, cordon_str fact, struct cdn_pointer where, const char *why) {
    struct cdn_missing *list = x->missing.p;
    for (uint32_t i = 0; i < x->missing.n; i++) {
        if (cdn_str_eq(list[i].fact, fact) && cdn_str_eq(list[i].why, cdn_str_z(why)) &&
            same_place(&list[i].where, &where)) {
            cdn_explain_add_measure(x, &list[i].measures, &list[i].measure_count, x->measure);
            return;
        }
    }
    struct cdn_missing *m = cdn_explain_push(x, &x->missing, sizeof *m);
    if (!m)
        return;
    *m = (struct cdn_missing){.fact = fact, .where = where, .why = cdn_str_z(why)};
    cdn_explain_add_measure(x, &m->measures, &m->measure_count, x->measure);
}

static void contradiction(struct cdn_explain *x, const struct cdn_test_rec *t, int index, bool is_object) {
    struct grounds g;
    struct cdn_list sides[2] = {{0}, {0}};
    const cordon_str fact = cdn_explain_fact(x, t, index, is_object);
    const struct cdn_contradiction *old = x->contradictions.p;
    for (uint32_t i = 0; i < x->contradictions.n; i++) {
        if (old[i].measure == x->measure && cdn_str_eq(old[i].fact, fact))
            return;
    }
    collect_grounds(x, t, index, is_object, &g);
    for (uint32_t i = 0; i < g.n && !x->err; i++) {
        struct cdn_pointer *p = cdn_explain_push(x, &sides[g.against[i]], sizeof *p);
        if (p)
            *p = g.items[i];
    }
    struct cdn_contradiction *c = cdn_explain_push(x, &x->contradictions, sizeof *c);
    if (!c)
        return;
    *c = (struct cdn_contradiction){
        .fact = fact, .for_ = sides[0].p, .against = sides[1].p, .measure = x->measure};
    c->for_count = sides[0].n;
    c->against_count = sides[1].n;
}

static void open_test(struct cdn_explain *x, uint32_t test) {
    const struct cdn_test_rec *t = &x->d->snap->tests[test];
    bool is_object = false;
    const int index = cdn_decide_subject(x->d, t->subject_kind, t->subject_index, &is_object);
    if (cdn_decide_test(x->d, test) == CORDON_CONTRADICTORY) {
        contradiction(x, t, index, is_object);
        return;
    }
    cdn_explain_missing(x,
                        cdn_explain_fact(x, t, index, is_object),
                        cdn_explain_where(x, t, index, is_object),
                        cdn_explain_why(x, t, index, is_object));
    if (index >= 0 && !is_object && t->kind == CDN_TEST_LISTED)
        cdn_explain_apart(x, t, index);
}

/* Did the branch, or the one whom a quantifier is over, matter to its parent? */
static bool matters(unsigned op, unsigned parent, unsigned branch) {
    if ((op == CDN_EXPR_AND || op == CDN_EXPR_EVERY) && parent == CORDON_FALSE)
        return branch == CORDON_FALSE;
    return (op != CDN_EXPR_OR && op != CDN_EXPR_ANY) || parent != CORDON_TRUE || branch == CORDON_TRUE;
}

/* Calls `walk` for each whom the quantifier, which came to `value`, is over and who mattered to that. */
static void each_element(struct cdn_explain *x,
                         const struct cdn_expr_rec *q,
                         unsigned value,
                         void (*walk)(struct cdn_explain *, uint32_t, unsigned, struct cdn_list *),
                         struct cdn_list *list) {
    struct cdn_decider *d = x->d;
    const struct cdn_request *r = d->request;
    const bool is_object = q->subject_kind == CDN_SUBJECT_OBJECT;
    const int16_t it = d->bind.it;
    const bool it_is_object = d->bind.it_is_object;
    const uint32_t child = d->snap->indexes[q->children.first];
    for (uint32_t i = 0; i < (is_object ? r->object_count : r->party_count) && !x->err; i++) {
        const unsigned what = is_object ? r->objects[i].kind : r->parties[i].role;
        if (q->subject_kind != CDN_SUBJECT_ANY_PARTY && what != q->subject_index)
            continue;
        d->bind.it = (int16_t)i;
        d->bind.it_is_object = is_object;
        const unsigned of_child = value_of(x, child);
        if (matters(q->op, value, of_child))
            walk(x, child, of_child, list);
    }
    d->bind.it = it;
    d->bind.it_is_object = it_is_object;
}

static void missing_role(struct cdn_explain *x, const struct cdn_expr_rec *q) {
    const bool is_object = q->subject_kind == CDN_SUBJECT_OBJECT;
    const uint32_t n = is_object ? x->d->request->object_count_of[q->subject_index]
                                 : x->d->request->role_count[q->subject_index];
    if (n || q->subject_kind == CDN_SUBJECT_ANY_PARTY)
        return;
    const char *name = is_object ? cdn_objects[q->subject_index].name : cdn_roles[q->subject_index].name;
    const struct cdn_pointer where = {.kind = CDN_SUBJECT_REQUEST, .evidence = -1};
    cdn_explain_missing(x, cdn_str_z(name), where, "nobody named");
}

static void open_walk(struct cdn_explain *x, uint32_t expr, unsigned value, struct cdn_list *unused) {
    (void)value;
    (void)unused;
    cdn_explain_open(x, expr);
}

void cdn_explain_open(struct cdn_explain *x, uint32_t expr) {
    if (expr == CDN_NO_INDEX || x->err || value_of(x, expr) < CORDON_UNKNOWN)
        return;
    const struct cdn_expr_rec *e = &x->d->snap->exprs[expr];
    if (e->op == CDN_EXPR_TEST) {
        open_test(x, e->test);
        return;
    }
    if (e->op == CDN_EXPR_ANY || e->op == CDN_EXPR_EVERY) {
        missing_role(x, e);
        each_element(x, e, value_of(x, expr), open_walk, NULL);
        return;
    }
    for (uint32_t i = 0; i < e->children.count; i++)
        cdn_explain_open(x, x->d->snap->indexes[e->children.first + i]);
}

/* ---- because ------------------------------------------------------------------------------------------ */

static bool told(const struct cdn_list *list, cordon_str text, const struct cdn_pointer *where) {
    const struct cdn_because *b = list->p;
    for (uint32_t i = 0; i < list->n; i++) {
        if (b[i].evidence_count && cdn_str_eq(b[i].text, text) && same_place(&b[i].evidence[0], where))
            return true;
    }
    return false;
}

/* The test in words; `it` is told by its role or kind. */
static cordon_str words_of(struct cdn_explain *x, const struct cdn_test_rec *t, int index, bool is_object) {
    const cordon_str text = cdn_snap_str(x->d->snap, t->text);
    if (t->subject_kind != CDN_SUBJECT_IT || index < 0 || text.n < 2 || text.p[0] != 'i' || text.p[1] != 't')
        return text;
    const struct cdn_request *r = x->d->request;
    const cordon_str who = cdn_str_z(is_object ? cdn_objects[r->objects[index].kind].name
                                               : cdn_roles[r->parties[index].role].name);
    char *to = cdn_arena_take(x->arena, who.n + text.n);
    if (!to) {
        x->err = CORDON_E_NOMEM;
        return text;
    }
    memcpy(to, who.p, who.n);
    memcpy(to + who.n, text.p + 2, text.n - 2);
    return cdn_str(to, who.n + text.n - 2);
}

/* The same of two whose grounds were not collected: equal words about one party rest on the same. */
static bool told_briefly(struct cdn_explain *x,
                         const struct cdn_list *list,
                         cordon_str text,
                         const struct cdn_pointer *who,
                         const struct cdn_asking *asked) {
    const struct cdn_because *b = list->p;
    struct grounds g;
    for (uint32_t i = 0; i < list->n; i++) {
        if (!same_place(&b[i].who, who) || !cdn_str_eq(b[i].text, text))
            continue;
        collect_grounds(x, &x->d->snap->tests[asked->test], asked->index, asked->is_object, &g);
        return g.n > 0;
    }
    return false;
}

static void because_test(struct cdn_explain *x, uint32_t test, struct cdn_list *list) {
    const struct cdn_test_rec *t = &x->d->snap->tests[test];
    struct cdn_asking asked;
    const unsigned value = cdn_decide_test_asked(x->d, test, &asked);
    const int index = asked.index;
    const bool is_object = asked.is_object;
    const int64_t p = value == CORDON_UNKNOWN && x->d->presumer ? cdn_decide_presumed(x->d, &asked) : -1;
    if ((x->only_presumed && p < 0) || list->n >= CDN_MAX_BECAUSE)
        return;
    struct grounds g = {0};
    const cordon_str text = words_of(x, t, index, is_object);
    const struct cdn_pointer who = cdn_explain_where(x, t, index, is_object);
    if (!x->brief)
        collect_grounds(x, t, index, is_object, &g);
    if (x->brief ? told_briefly(x, list, text, &who, &asked) : g.n && told(list, text, g.items))
        return;
    struct cdn_because *b = cdn_explain_push(x, list, sizeof *b);
    if (!b)
        return;
    b->value = (uint8_t)value;
    b->text = text;
    b->who = who;
    if (p >= 0) {
        b->presumed = true;
        b->value = (uint8_t)x->d->snap->presumes[p].value;
        b->presumed_why = cdn_snap_str(x->d->snap, x->d->snap->presumes[p].why);
    }
    if (x->brief)
        return;
    b->is = cdn_explain_is(x, t, index, is_object);
    b->evidence = g.items;
    b->against = g.against;
    b->evidence_count = g.n;
    if (index >= 0 && !is_object && (t->kind == CDN_TEST_LISTED || t->kind == CDN_TEST_OWNED))
        cdn_explain_listed(x, t, index, b);
}

/* Value of a child of an expression that has come to `value`: most follow from that. */
static unsigned child_value(struct cdn_explain *x,
                            const struct cdn_expr_rec *e,
                            unsigned value,
                            uint32_t child) {
    if ((e->op == CDN_EXPR_OR && value == CORDON_FALSE) || (e->op == CDN_EXPR_AND && value == CORDON_TRUE))
        return value;
    return e->op == CDN_EXPR_NOT ? cdn_truth_not(value) : value_of(x, child);
}

/* The expression has come to `value`. */
static void because(struct cdn_explain *x, uint32_t expr, unsigned value, struct cdn_list *list) {
    const struct cdn_expr_rec *e = &x->d->snap->exprs[expr];
    if (x->err)
        return;
    if (e->op == CDN_EXPR_TEST) {
        because_test(x, e->test, list);
        return;
    }
    if (e->op == CDN_EXPR_ANY || e->op == CDN_EXPR_EVERY) {
        each_element(x, e, value, because, list);
        return;
    }
    for (uint32_t i = 0; i < e->children.count; i++) {
        const uint32_t child = x->d->snap->indexes[e->children.first + i];
        const unsigned of_child = child_value(x, e, value, child);
        if (matters(e->op, value, of_child))
            because(x, child, of_child, list);
    }
}

void cdn_explain_because(struct cdn_explain *x, uint32_t expr, unsigned value, struct cdn_list *list) {
    if (expr != CDN_NO_INDEX && !x->err)
        because(x, expr, value, list);
}
