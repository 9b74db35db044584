/* SPDX-License-Identifier: Apache-2.0 */
/* diff_measure.c: what changes in measures, licences, statutes and protections, clause by clause.
 *
 * The effect of a change is first that upon the clause, then turned over by the class: what makes a licence
 * or a protection reach further makes the restriction narrower; of a statute, which decides conflicts, it
 * cannot be said. */
#include "rulebook/diff_priv.h"

#include "base/limits.h"
#include "rulebook/print.h"

static int sign_of(const struct cdn_measure *m) {
    if (m->class_ == CDN_CLASS_MEASURE)
        return 1;
    return m->class_ == CDN_CLASS_STATUTE ? 0 : -1;
}

static unsigned signed_effect(const struct cdn_differ *d, unsigned effect) {
    return cdn_effect_signed(effect, d->sign);
}

static cordon_str moment_text(struct cdn_differ *d, const struct cdn_moment *m) {
    struct cdn_buf b;
    cdn_df_begin(d, &b);
    cdn_moment_write(&b, m);
    return cdn_df_end(d, &b);
}

/* ---- dates ------------------------------------------------------------------------------------------ */

static void effective(struct cdn_differ *d, const struct cdn_moment *a, const struct cdn_moment *b) {
    const unsigned effect = a->at == b->at  ? CDN_EFFECT_NEUTRAL
                            : b->at < a->at ? CDN_EFFECT_WIDER
                                            : CDN_EFFECT_NARROWER;
    cdn_df_clause(d, "effective", moment_text(d, a), moment_text(d, b), signed_effect(d, effect));
}

static void until(struct cdn_differ *d, const struct cdn_moment *a, const struct cdn_moment *b) {
    const int64_t from = a->written.n ? a->at : CDN_TIME_MAX, to = b->written.n ? b->at : CDN_TIME_MAX;
    const unsigned effect = from == to  ? CDN_EFFECT_NEUTRAL
                            : to > from ? CDN_EFFECT_WIDER
                                        : CDN_EFFECT_NARROWER;
    const size_t before = d->out->count;
    const cordon_str text = moment_text(d, b);
    cdn_df_clause(d, "until", moment_text(d, a), text, signed_effect(d, effect));
    if (d->err || d->out->count == before)
        return;
    struct cdn_change *c = &d->out->items[before];
    if (a->written.n == 0)
        c->words = cdn_df_say(d, "ends %.*s", CDN_FMT(text));
    else if (b->written.n == 0)
        c->words = cdn_df_say(d, "no longer ends (was to end %.*s)", CDN_FMT(c->from));
}

static void note(struct cdn_differ *d,
                 const char *clause,
                 const struct cdn_moment *a,
                 const struct cdn_moment *b) {
    cdn_df_clause(d, clause, moment_text(d, a), moment_text(d, b), CDN_EFFECT_NEUTRAL);
}

static void suspension_texts(struct cdn_differ *d, const struct cdn_measure *m, struct cdn_texts *ret) {
    for (uint32_t i = 0; i < m->suspension_count; i++) {
        const struct cdn_suspension *s = &m->suspensions[i];
        struct cdn_buf b;
        cdn_df_begin(d, &b);
        cdn_moment_write(&b, &s->from);
        if (s->until.written.n) {
            cdn_buf_z(&b, " to ");
            cdn_moment_write(&b, &s->until);
        }
        if (s->source.title.n || s->source.url.n) {
            cdn_buf_char(&b, ' ');
            cdn_source_write(&b, &s->source);
        }
        cdn_df_push(d, ret, cdn_df_end(d, &b));
    }
}

static void dates(struct cdn_differ *d, const struct cdn_measure *a, const struct cdn_measure *b) {
    struct cdn_texts from = {0}, to = {0};
    effective(d, &a->effective, &b->effective);
    until(d, &a->until, &b->until);
    suspension_texts(d, a, &from);
    suspension_texts(d, b, &to);
    cdn_df_lists(d, "suspended", CDN_STR("suspended"), &from, &to, signed_effect(d, CDN_EFFECT_NARROWER));
    note(d, "announced", &a->announced, &b->announced);
    note(d, "recorded", &a->recorded, &b->recorded);
}

/* ---- outcomes --------------------------------------------------------------------------------------- */

static cordon_str outcome_text(struct cdn_differ *d, bool new, const struct cdn_outcome *o) {
    struct cdn_buf b;
    cdn_df_begin(d, &b);
    cdn_outcome_write(&b, new ? d->new : d->old, o);
    return cdn_df_end(d, &b);
}

static unsigned reach(bool grows, bool shrinks) {
    if (grows && shrinks)
        return CDN_EFFECT_NEUTRAL;
    return grows ? CDN_EFFECT_WIDER : shrinks ? CDN_EFFECT_NARROWER : CDN_EFFECT_CHANGES;
}

static bool action_in(const struct cdn_rulebook *rb, const uint32_t *items, uint32_t n, cordon_str id) {
    for (uint32_t i = 0; i < n; i++) {
        if (cdn_str_eq(rb->actions[items[i]].id, id))
            return true;
    }
    return false;
}

/* Whether the outcome binds the action of that name. */
static bool binds_action(const struct cdn_rulebook *rb, const struct cdn_outcome *o, cordon_str id) {
    return o->any_action ? !action_in(rb, o->not_actions, o->not_action_count, id)
                         : action_in(rb, o->actions, o->action_count, id);
}

/* Every action that `a` binds, `b` binds too. */
static bool actions_in(const struct cdn_rulebook *ra,
                       const struct cdn_outcome *a,
                       const struct cdn_rulebook *rb,
                       const struct cdn_outcome *b) {
    if (a->any_action && !b->any_action)
        return false;
    if (a->any_action) {
        for (uint32_t i = 0; i < b->not_action_count; i++) {
            if (binds_action(ra, a, rb->actions[b->not_actions[i]].id))
                return false;
        }
        return true;
    }
    for (uint32_t i = 0; i < a->action_count; i++) {
        if (!binds_action(rb, b, ra->actions[a->actions[i]].id))
            return false;
    }
    return true;
}

static bool services_in(const struct cdn_rulebook *ra,
                        const struct cdn_outcome *a,
                        const struct cdn_rulebook *rb,
                        const struct cdn_outcome *b) {
    if (b->any_service || a->any_service)
        return b->any_service;
    for (uint32_t i = 0; i < a->service_count; i++) {
        uint32_t k = 0;
        while (k < b->service_count &&
               !cdn_str_eq(ra->services[a->services[i]].id, rb->services[b->services[k]].id))
            k++;
        if (k == b->service_count)
            return false;
    }
    return true;
}

static unsigned limit_effect(const struct cdn_outcome *a, const struct cdn_outcome *b) {
    if (cdn_str_eq(a->limit_to, b->limit_to) && a->has_cap == b->has_cap &&
        (!a->has_cap ||
         (a->cap_window == b->cap_window && memcmp(a->cap.currency, b->cap.currency, 4) == 0))) {
        const int order = a->has_cap ? cdn_decimal_cmp(a->cap.amount, b->cap.amount) : 0;
        return order == 0 ? CDN_EFFECT_NEUTRAL : order > 0 ? CDN_EFFECT_WIDER : CDN_EFFECT_NARROWER;
    }
    return CDN_EFFECT_CHANGES;
}

static unsigned outcome_effect(struct cdn_differ *d,
                               const struct cdn_outcome *a,
                               const struct cdn_outcome *b) {
    unsigned e = reach(b->verdict >= a->verdict, b->verdict <= a->verdict);
    if (a->verdict != b->verdict &&
        (a->verdict == CORDON_VERDICT_LIMIT || b->verdict == CORDON_VERDICT_LIMIT))
        e = b->verdict > a->verdict ? CDN_EFFECT_WIDER : CDN_EFFECT_NARROWER; /* the limit goes with it */
    else
        e = cdn_effect_both(e, limit_effect(a, b));
    e = cdn_effect_both(e, reach(actions_in(d->old, a, d->new, b), actions_in(d->new, b, d->old, a)));
    e = cdn_effect_both(e, reach(services_in(d->old, a, d->new, b), services_in(d->new, b, d->old, a)));
    e = cdn_effect_both(e, reach(b->scope >= a->scope, b->scope <= a->scope));
    const bool same_subject = a->subject.kind == b->subject.kind && a->subject.index == b->subject.index;
    return same_subject && a->form == b->form ? e : CDN_EFFECT_CHANGES;
}

/* How alike two outcomes are, to tell a changed line from one gone and one new. */
static unsigned likeness(struct cdn_differ *d, const struct cdn_outcome *a, const struct cdn_outcome *b) {
    unsigned n = 0;
    n += actions_in(d->old, a, d->new, b) || actions_in(d->new, b, d->old, a) ? 2 : 0;
    n += services_in(d->old, a, d->new, b) || services_in(d->new, b, d->old, a) ? 2 : 0;
    n += a->verdict == b->verdict ? 1 : 0;
    return n;
}

static void outcome_pair(struct cdn_differ *d, const struct cdn_outcome *a, const struct cdn_outcome *b) {
    const cordon_str from = a ? outcome_text(d, false, a) : cdn_str("", 0);
    const cordon_str to = b ? outcome_text(d, true, b) : cdn_str("", 0);
    const unsigned effect = a && b ? outcome_effect(d, a, b) : b ? CDN_EFFECT_WIDER : CDN_EFFECT_NARROWER;
    cdn_df_clause(d, "outcome", from, to, signed_effect(d, effect));
}

/* Greedy: equal lines first, then each old line with the likest new one that is left (likeness 3 and more).
 */
static void outcomes(struct cdn_differ *d, const struct cdn_measure *a, const struct cdn_measure *b) {
    uint8_t *used = cdn_arena_zero(d->arena, (size_t)a->outcome_count + b->outcome_count + 1, 1);
    if (!used && !d->err)
        d->err = CORDON_E_NOMEM;
    if (d->err)
        return;
    uint8_t *of_b = used + a->outcome_count;
    for (uint32_t i = 0; i < a->outcome_count && !d->err; i++) {
        const cordon_str text = outcome_text(d, false, &a->outcomes[i]);
        for (uint32_t k = 0; k < b->outcome_count && !used[i]; k++) {
            if (!of_b[k] && cdn_str_eq(text, outcome_text(d, true, &b->outcomes[k])))
                used[i] = of_b[k] = 1;
        }
    }
    for (uint32_t i = 0; i < a->outcome_count && !d->err; i++) {
        uint32_t best = UINT32_MAX;
        unsigned like = 2;
        for (uint32_t k = 0; k < b->outcome_count && !used[i]; k++) {
            const unsigned n = of_b[k] ? 0 : likeness(d, &a->outcomes[i], &b->outcomes[k]);
            if (n > like) {
                like = n;
                best = k;
            }
        }
        if (used[i])
            continue;
        outcome_pair(d, &a->outcomes[i], best == UINT32_MAX ? NULL : &b->outcomes[best]);
        if (best != UINT32_MAX)
            of_b[best] = 1;
    }
    for (uint32_t k = 0; k < b->outcome_count && !d->err; k++) {
        if (!of_b[k])
            outcome_pair(d, NULL, &b->outcomes[k]);
    }
}

/* ---- conditions ------------------------------------------------------------------------------------- */

/* "customer based in", before a list of places. */
static cordon_str test_head(struct cdn_differ *d, const struct cdn_test *t, struct cdn_subject it) {
    struct cdn_buf b;
    cdn_df_begin(d, &b);
    cdn_subject_write(&b, t->subject.kind == CDN_SUBJECT_IT ? it : t->subject);
    if (t->kind == CDN_TEST_FINDING && t->finding < CDN_FINDING_COUNT) {
        cdn_buf_char(&b, ' ');
        cdn_buf_z(&b, cdn_findings[t->finding].words);
    } else {
        cdn_buf_char(&b, '.');
        if (t->fact)
            cdn_buf_str(&b, cdn_fact_words(d->new, t->fact));
        else
            cdn_buf_z(&b, t->evidence < CDN_EVIDENCE_COUNT ? cdn_evidence_kinds[t->evidence].name : "?");
    }
    return cdn_df_end(d, &b);
}

static cordon_str test_text(struct cdn_differ *d, bool new, const struct cdn_test *t) {
    struct cdn_buf b;
    cdn_df_begin(d, &b);
    cdn_test_write(&b, new ? d->new : d->old, new ? d->new_measure : d->old_measure, t, false);
    return cdn_df_end(d, &b);
}

/* A change of nothing but the places of one test is told as a list. */
static bool place_change(struct cdn_differ *d,
                         const char *clause,
                         const struct cdn_leaf *leaf,
                         unsigned effect) {
    const struct cdn_test *a = leaf->a, *b = leaf->b;
    struct cdn_texts from = {0}, to = {0}, no_from = {0}, no_to = {0};
    if (b->places.count == 0 || a->places.count == 0)
        return false;
    cdn_df_place_texts(d, false, a->places.items, a->places.count, &from);
    cdn_df_place_texts(d, true, b->places.items, b->places.count, &to);
    cdn_df_place_texts(d, false, a->places.except, a->places.except_count, &no_from);
    cdn_df_place_texts(d, true, b->places.except, b->places.except_count, &no_to);
    const size_t before = d->out->count;
    const cordon_str head = test_head(d, b, leaf->it);
    cdn_df_lists(d, clause, head, &from, &to, effect);
    cdn_df_lists(d, clause, cdn_df_say(d, "%.*s, except", CDN_FMT(head)), &no_from, &no_to, effect);
    for (size_t i = before; i < d->out->count && !d->err;
         i++) { /* the effect is that of the whole condition */
        d->out->effects[d->out->items[i].effect]--;
        d->out->effects[effect]++;
        d->out->items[i].effect = (uint8_t)effect;
    }
    return d->out->count > before;
}

/* `turned`: -1 for what stands in an exception. */
static void condition(struct cdn_differ *d,
                      const char *clause,
                      const struct cdn_expr *a,
                      const struct cdn_expr *b,
                      int turned) {
    struct cdn_leaf leaf = {NULL, NULL, {CDN_SUBJECT_NONE, 0}};
    const unsigned e = cdn_df_expr_effect(d, a, b);
    const unsigned effect = signed_effect(d, turned < 0 ? cdn_effect_flip(e) : e);
    const cordon_str from = cdn_df_expr_text(d, false, a), to = cdn_df_expr_text(d, true, b);
    if (d->err || cdn_str_eq(from, to))
        return;
    if (cdn_df_expr_leaf(d, a, b, &leaf)) {
        if (place_change(d, clause, &leaf, effect) || d->err)
            return;
        cdn_df_clause(d, clause, test_text(d, false, leaf.a), test_text(d, true, leaf.b), effect);
        return;
    }
    cdn_df_clause(d, clause, from, to, effect);
}

static cordon_str except_text(struct cdn_differ *d, bool new, const struct cdn_except *x) {
    struct cdn_buf b;
    cdn_df_begin(d, &b);
    if (x->label.n) {
        cdn_quoted_write(&b, x->label);
        cdn_buf_char(&b, ' ');
    }
    cdn_expr_write(&b, new ? d->new : d->old, new ? d->new_measure : d->old_measure, x->when);
    return cdn_df_end(d, &b);
}

/* Which exception of the new measure is which of the old: that of the same words, else of the same label,
 * else, where as many are left over on both sides, in their order. 0: none; else index + 1. */
static void mates(struct cdn_differ *d,
                  const struct cdn_measure *a,
                  const struct cdn_measure *b,
                  uint32_t *of_a,
                  uint32_t *of_b) {
    uint32_t left_a = a->except_count, left_b = b->except_count, next = 0;
    for (unsigned pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < a->except_count && !d->err; i++) {
            const struct cdn_except *x = &a->excepts[i];
            const cordon_str text = pass ? x->label : except_text(d, false, x);
            for (uint32_t k = 0; k < b->except_count && text.n && !of_a[i]; k++) {
                const struct cdn_except *y = &b->excepts[k];
                if (of_b[k] || !cdn_str_eq(text, pass ? y->label : except_text(d, true, y)))
                    continue;
                of_a[i] = k + 1;
                of_b[k] = i + 1;
                left_a--;
                left_b--;
            }
        }
    }
    for (uint32_t i = 0; i < a->except_count && left_a == left_b && left_a > 0; i++) {
        while (next < b->except_count && of_b[next])
            next++;
        if (of_a[i] || next == b->except_count)
            continue;
        of_a[i] = next + 1;
        of_b[next] = i + 1;
    }
}

static void excepts(struct cdn_differ *d, const struct cdn_measure *a, const struct cdn_measure *b) {
    const cordon_str none = {"", 0};
    const size_t count = (size_t)a->except_count + b->except_count;
    uint32_t *of_a = d->err ? NULL : cdn_arena_zero(d->arena, count + 1, sizeof(*of_a));
    if (!of_a) {
        d->err = d->err ? d->err : CORDON_E_NOMEM;
        return;
    }
    uint32_t *of_b = of_a + a->except_count;
    mates(d, a, b, of_a, of_b);
    for (uint32_t i = 0; i < a->except_count && !d->err; i++) {
        const struct cdn_except *x = &a->excepts[i], *y = of_a[i] ? &b->excepts[of_a[i] - 1] : NULL;
        if (!y) {
            cdn_df_clause(d, "except", except_text(d, false, x), none, signed_effect(d, CDN_EFFECT_WIDER));
            continue;
        }
        condition(d, "except", x->when, y->when, -1);
        cdn_df_clause(d, "except label", x->label, y->label, CDN_EFFECT_NEUTRAL);
    }
    for (uint32_t k = 0; k < b->except_count && !d->err; k++) {
        if (!of_b[k])
            cdn_df_clause(d,
                          "except",
                          none,
                          except_text(d, true, &b->excepts[k]),
                          signed_effect(d, CDN_EFFECT_NARROWER));
    }
}

/* ---- the rest --------------------------------------------------------------------------------------- */

static void keep_texts(struct cdn_differ *d, bool new, const struct cdn_measure *m, struct cdn_texts *ret) {
    for (uint32_t i = 0; i < m->keep_count; i++) {
        for (uint32_t k = 0; k < m->keeps[i].action_count; k++) {
            struct cdn_keep one = m->keeps[i];
            struct cdn_buf b;
            one.actions = &m->keeps[i].actions[k];
            one.action_count = 1;
            cdn_df_begin(d, &b);
            cdn_keep_write(&b, new ? d->new : d->old, &one);
            cdn_df_push(d, ret, cdn_df_end(d, &b));
        }
    }
}

static void duty_texts(
    struct cdn_differ *d, bool new, const struct cdn_measure *m, bool condition, struct cdn_texts *ret) {
    for (uint32_t i = 0; i < m->duty_count; i++) {
        struct cdn_buf b;
        if (m->duties[i].condition != condition)
            continue;
        cdn_df_begin(d, &b);
        cdn_duty_write(&b, new ? d->new : d->old, &m->duties[i]);
        cdn_df_push(d, ret, cdn_df_end(d, &b));
    }
}

static void presume_texts(struct cdn_differ *d,
                          bool new,
                          const struct cdn_measure *m,
                          struct cdn_texts *ret) {
    for (uint32_t i = 0; i < m->presume_count; i++) {
        struct cdn_buf b;
        cdn_df_begin(d, &b);
        cdn_presume_write(&b, new ? d->new : d->old, m, &m->presumes[i]);
        cdn_df_push(d, ret, cdn_df_end(d, &b));
    }
}

static void notice_texts(struct cdn_differ *d, const struct cdn_measure *m, struct cdn_texts *ret) {
    for (uint32_t i = 0; i < m->notice_count; i++) {
        struct cdn_buf b;
        cdn_df_begin(d, &b);
        cdn_buf_printf(&b, "%.*s ", CDN_FMT(m->notices[i].lang));
        cdn_quoted_write(&b, m->notices[i].text);
        cdn_df_push(d, ret, cdn_df_end(d, &b));
    }
}

static void measure_texts(
    struct cdn_differ *d, bool new, const uint32_t *items, uint32_t n, struct cdn_texts *ret) {
    for (uint32_t i = 0; i < n; i++)
        cdn_df_push(d, ret, (new ? d->new : d->old)->measures[items[i]].id);
}

static void bound_texts(struct cdn_differ *d, bool new, const struct cdn_measure *m, struct cdn_texts *ret) {
    const struct cdn_rulebook *rb = new ? d->new : d->old;
    for (uint32_t i = 0; i < m->entity_count; i++)
        cdn_df_push(d, ret, rb->entities[m->entities[i]].id);
    for (uint32_t i = 0; i < m->bound_places.count; i++) {
        struct cdn_buf b;
        cdn_df_begin(d, &b);
        cdn_buf_z(&b, "entities in ");
        cdn_place_write(&b, rb, &m->bound_places.items[i]);
        cdn_df_push(d, ret, cdn_df_end(d, &b));
    }
}

/* Nobody named means everybody. */
static void binds(struct cdn_differ *d, const struct cdn_measure *a, const struct cdn_measure *b) {
    struct cdn_texts from = {0}, to = {0};
    bound_texts(d, false, a, &from);
    bound_texts(d, true, b, &to);
    unsigned more = CDN_EFFECT_WIDER;
    if ((from.count == 0) != (to.count == 0)) /* the first named one leaves all others out */
        more = CDN_EFFECT_NARROWER;
    cdn_df_lists(d, "binds", CDN_STR("binds"), &from, &to, signed_effect(d, more));
}

static cordon_str basis_text(struct cdn_differ *d, const struct cdn_measure *m) {
    struct cdn_buf b;
    cdn_df_begin(d, &b);
    cdn_buf_z(&b, cdn_basis_name(m->basis));
    if (m->legal.n) {
        cdn_buf_char(&b, ' ');
        cdn_quoted_write(&b, m->legal);
    }
    cdn_buf_printf(&b, " of %.*s", CDN_FMT(m->issuer));
    return cdn_df_end(d, &b);
}

static cordon_str release_text(struct cdn_differ *d, const struct cdn_measure *m) {
    struct cdn_buf b;
    if (m->reason_class.n == 0 && m->release_authority.n == 0)
        return cdn_str("", 0);
    cdn_df_begin(d, &b);
    cdn_quoted_write(&b, m->reason_class);
    cdn_buf_z(&b, " by ");
    cdn_quoted_write(&b, m->release_authority);
    if (m->release_count)
        cdn_buf_printf(&b, " people %u", (unsigned)m->release_count);
    return cdn_df_end(d, &b);
}

static void level(
    struct cdn_differ *d, const char *clause, unsigned a, unsigned b, const char *from, const char *to) {
    const unsigned e = reach(b >= a, b <= a);
    cdn_df_clause(d, clause, cdn_str_z(from), cdn_str_z(to), signed_effect(d, e));
}

static void standing(struct cdn_differ *d, const struct cdn_measure *a, const struct cdn_measure *b) {
    cdn_df_clause(d,
                  "class",
                  cdn_str_z(cdn_class_name(a->class_)),
                  cdn_str_z(cdn_class_name(b->class_)),
                  CDN_EFFECT_CHANGES);
    cdn_df_clause(d, "title", a->title, b->title, CDN_EFFECT_NEUTRAL);
    cdn_df_clause(d, "basis", basis_text(d, a), basis_text(d, b), CDN_EFFECT_CHANGES);
    cdn_df_clause(d, "owner", a->owner, b->owner, CDN_EFFECT_NEUTRAL);
    cdn_df_sources(d, a->sources, a->source_count, b->sources, b->source_count);
    /* a higher standard of proof is met by fewer */
    level(d,
          "evidence",
          b->standard,
          a->standard,
          cdn_standard_words(a->standard),
          cdn_standard_words(b->standard));
    level(d,
          "if unknown",
          a->if_unknown,
          b->if_unknown,
          cdn_verdict_name(a->if_unknown),
          cdn_verdict_name(b->if_unknown));
    level(d,
          "if contradictory",
          a->if_contradictory,
          b->if_contradictory,
          cdn_verdict_name(a->if_contradictory),
          cdn_verdict_name(b->if_contradictory));
}

static void accompaniment(struct cdn_differ *d, const struct cdn_measure *a, const struct cdn_measure *b) {
    struct cdn_texts from[5] = {{0}}, to[5] = {{0}};
    keep_texts(d, false, a, &from[0]);
    keep_texts(d, true, b, &to[0]);
    cdn_df_lists(d, "keep", CDN_STR("keep"), &from[0], &to[0], signed_effect(d, CDN_EFFECT_NARROWER));
    duty_texts(d, false, a, false, &from[1]);
    duty_texts(d, true, b, false, &to[1]);
    cdn_df_lists(d, "duty", CDN_STR("duty"), &from[1], &to[1], CDN_EFFECT_CHANGES);
    duty_texts(d, false, a, true, &from[2]);
    duty_texts(d, true, b, true, &to[2]);
    cdn_df_lists(
        d, "on condition", CDN_STR("on condition"), &from[2], &to[2], signed_effect(d, CDN_EFFECT_NARROWER));
    presume_texts(d, false, a, &from[3]);
    presume_texts(d, true, b, &to[3]);
    cdn_df_lists(d, "presume", CDN_STR("presume"), &from[3], &to[3], CDN_EFFECT_CHANGES);
    notice_texts(d, a, &from[4]);
    notice_texts(d, b, &to[4]);
    cdn_df_lists(d, "notice", CDN_STR("notice"), &from[4], &to[4], CDN_EFFECT_NEUTRAL);
    cdn_df_clause(d, "appeal", a->appeal, b->appeal, CDN_EFFECT_NEUTRAL);
    cdn_df_clause(d, "release", release_text(d, a), release_text(d, b), CDN_EFFECT_CHANGES);
}

static void others(struct cdn_differ *d, const struct cdn_measure *a, const struct cdn_measure *b) {
    struct cdn_texts from[3] = {{0}}, to[3] = {{0}};
    measure_texts(d, false, a->lifts, a->lift_count, &from[0]);
    measure_texts(d, true, b->lifts, b->lift_count, &to[0]);
    cdn_df_lists(d, "lifts", CDN_STR("lifts"), &from[0], &to[0], CDN_EFFECT_NARROWER);
    measure_texts(d, false, a->forbids, a->forbid_count, &from[1]);
    measure_texts(d, true, b->forbids, b->forbid_count, &to[1]);
    cdn_df_lists(d, "forbids", CDN_STR("forbids"), &from[1], &to[1], CDN_EFFECT_CHANGES);
    measure_texts(d, false, a->supersedes, a->supersede_count, &from[2]);
    measure_texts(d, true, b->supersedes, b->supersede_count, &to[2]);
    cdn_df_lists(d, "supersedes", CDN_STR("supersedes"), &from[2], &to[2], CDN_EFFECT_CHANGES);
}

static void compare(struct cdn_differ *d, const struct cdn_measure *a, const struct cdn_measure *b) {
    d->sign = a->class_ == b->class_ ? sign_of(b) : 0;
    d->old_measure = a;
    d->new_measure = b;
    standing(d, a, b);
    dates(d, a, b);
    outcomes(d, a, b);
    condition(d, "when", a->when, b->when, 1);
    excepts(d, a, b);
    binds(d, a, b);
    others(d, a, b);
    accompaniment(d, a, b);
    d->old_measure = d->new_measure = NULL;
}

/* ---- whole measures --------------------------------------------------------------------------------- */

static void added_or_removed(struct cdn_differ *d, const struct cdn_measure *m, bool added) {
    d->id = m->id;
    const int sign =
        m->supersede_count ? 0 : sign_of(m); /* what it puts in the place of others is not compared */
    const unsigned e = cdn_effect_signed(added ? CDN_EFFECT_WIDER : CDN_EFFECT_NARROWER, sign);
    struct cdn_change *c = cdn_df_change(d, added ? CDN_DIFF_ADDED : CDN_DIFF_REMOVED, "", e);
    if (!c)
        return;
    struct cdn_buf b;
    const size_t at = d->out->count - 1;
    cdn_df_begin(d, &b);
    cdn_buf_printf(&b, "%s %s", added ? "new" : "removed:", cdn_class_name(m->class_));
    if (m->effective.written.n) {
        cdn_buf_z(&b, ", effective ");
        cdn_moment_write(&b, &m->effective);
    }
    if (m->title.n) {
        cdn_buf_z(&b, ", ");
        cdn_quoted_write(&b, m->title);
    }
    d->out->items[at].words = cdn_df_end(d, &b);
}

static bool supersedes(const struct cdn_rulebook *rb, const struct cdn_measure *m, cordon_str id) {
    for (uint32_t i = 0; i < m->supersede_count; i++) {
        if (cdn_str_eq(rb->measures[m->supersedes[i]].id, id))
            return true;
    }
    return false;
}

/* What a measure newly supersedes ends when it takes effect: said where it ends, too. */
static void superseded(struct cdn_differ *d, const struct cdn_measure *before, const struct cdn_measure *by) {
    for (uint32_t i = 0; i < by->supersede_count && !d->err; i++) {
        const struct cdn_measure *ended = &d->new->measures[by->supersedes[i]];
        if (before && supersedes(d->old, before, ended->id))
            continue;
        d->id = ended->id;
        const cordon_str when = moment_text(d, &by->effective);
        const cordon_str words =
            cdn_df_say(d, "superseded by %.*s from %.*s", CDN_FMT(by->id), CDN_FMT(when));
        struct cdn_change *c = cdn_df_change(d, CDN_DIFF_CHANGED, "superseded", CDN_EFFECT_CHANGES);
        if (!c)
            return;
        c->to = by->id;
        c->words = words;
    }
}

static int index_measures(struct cdn_differ *d, const struct cdn_rulebook *rb, struct cdn_map *map) {
    cdn_map_init(map, &d->arena->as_alloc);
    for (uint32_t i = 0; i < rb->measure_count && !d->err; i++)
        d->err = cdn_map_put(map, rb->measures[i].id, i, NULL);
    return d->err;
}

void cdn_df_measures(struct cdn_differ *d) {
    struct cdn_map a, b;
    size_t at = 0;
    d->kind = CDN_DIFF_MEASURE;
    if (index_measures(d, d->old, &a) != 0 || index_measures(d, d->new, &b) != 0)
        return;
    for (uint32_t i = 0; i < d->old->measure_count && !d->err; i++) {
        if (!cdn_map_get(&b, d->old->measures[i].id, &at))
            added_or_removed(d, &d->old->measures[i], false);
    }
    for (uint32_t i = 0; i < d->new->measure_count && !d->err; i++) {
        const struct cdn_measure *m = &d->new->measures[i], *before = NULL;
        if (cdn_map_get(&a, m->id, &at)) {
            before = &d->old->measures[at];
            d->id = m->id;
            compare(d, before, m);
        } else {
            added_or_removed(d, m, true);
        }
        superseded(d, before, m);
    }
}
