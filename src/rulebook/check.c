/* SPDX-License-Identifier: Apache-2.0 */
/* check.c: lints: what a rulebook may say, but hardly means. Each has a code, a line in docs/lints.md, and a
 * test that it speaks up and one that it keeps silent.
 *
 *  1. a lint never changes the rulebook and never makes it invalid;
 *  2. a lint looks at resolved meaning; where wording counts (titles, citations, notices) it looks for whole
 *     words, ASCII case aside;
 *  3. messages come in the order of the files. */
#include "rulebook/check.h"

#include <stdarg.h>
#include <stdio.h>

#include "places/codes.h"

struct cdn_at cdn_check_at(struct cdn_pos pos, size_t length) {
    return (struct cdn_at){pos, (uint32_t)CDN_MAX(CDN_MIN(length, (size_t)UINT16_MAX), (size_t)1)};
}

struct cdn_diagnostic *cdn_check_warn(
    struct cdn_check_run *c, const struct cdn_measure *m, const char *code, const char *fmt, ...) {
    char text[400];
    va_list args;
    va_start(args, fmt);
    const int n = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    return n < 0 ? NULL : cdn_rb_diag(c->diags, 2, code, cdn_check_at(m->pos, m->id.n), "%s", text);
}

static void hint(struct cdn_check_run *c, struct cdn_diagnostic *d, const char *text) {
    if (d)
        d->suggestion = cdn_rb_say(c->diags, "%s", text);
}

struct walk {
    cdn_check_fn fn;
    void *ctx;
};
static void walk(const struct walk *w, const struct cdn_expr *e, struct cdn_subject it, bool negated) {
    if (!e)
        return;
    if (e->test)
        w->fn(w->ctx, e->test, it, negated);
    const bool inner = e->op == CDN_EXPR_ANY || e->op == CDN_EXPR_EVERY;
    for (uint32_t i = 0; i < e->count; i++)
        walk(w, e->children[i], inner ? e->subject : it, negated != (e->op == CDN_EXPR_NOT));
}
void cdn_check_tests(const struct cdn_expr *e, cdn_check_fn fn, void *ctx) {
    const struct walk w = {fn, ctx};
    walk(&w, e, (struct cdn_subject){CDN_SUBJECT_NONE, 0}, false);
}
void cdn_check_measure_tests(const struct cdn_measure *m, cdn_check_fn fn, void *ctx) {
    cdn_check_tests(m->when, fn, ctx);
    for (uint32_t i = 0; i < m->except_count; i++)
        cdn_check_tests(m->excepts[i].when, fn, ctx);
    for (uint32_t i = 0; i < m->presume_count; i++)
        fn(ctx, m->presumes[i].test, (struct cdn_subject){CDN_SUBJECT_NONE, 0}, !m->presumes[i].value);
}

/* ---- words ------------------------------------------------------------------------------------------ */

static bool letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/* Whether a text holds one of the words (a NULL at the end). A word that ends in `*` may go on. */
static bool says(cordon_str text, const char *const *words) {
    for (size_t at = 0; at < text.n; at++) {
        if (at > 0 && letter(text.p[at - 1]))
            continue;
        for (size_t i = 0; words[i]; i++) {
            size_t n = strlen(words[i]);
            const bool open = words[i][n - 1] == '*';
            n -= open;
            if (text.n - at < n || !cdn_str_eq_nocase(cdn_str(text.p + at, n), cdn_str(words[i], n)))
                continue;
            if (open || at + n == text.n || !letter(text.p[at + n]))
                return true;
        }
    }
    return false;
}

/* Title, citation, sources and notices: everything that tells what the measure is meant to be. */
static bool measure_says(const struct cdn_measure *m, const char *const *words) {
    if (says(m->title, words) || says(m->legal, words))
        return true;
    for (uint32_t i = 0; i < m->source_count; i++) {
        if (says(m->sources[i].title, words))
            return true;
    }
    for (uint32_t i = 0; i < m->notice_count; i++) {
        if (says(m->notices[i].text, words))
            return true;
    }
    return false;
}

/* ---- dates, owners, sources
 * ----------------------------------------------------------------------------------- */

static void check_paper(struct cdn_check_run *c, const struct cdn_measure *m) {
    if (m->announced.written.n == 0)
        hint(c,
             cdn_check_warn(c, m, "undated", "`%.*s` does not say when it was announced", CDN_FMT(m->id)),
             "add: announced 2022-03-08");
    if (m->owner.n == 0)
        hint(c,
             cdn_check_warn(c, m, "ownerless", "nobody answers for `%.*s`", CDN_FMT(m->id)),
             "add: owner \"…\"");
    if (m->source_count == 0)
        hint(c,
             cdn_check_warn(c, m, "unsourced", "`%.*s` names no source", CDN_FMT(m->id)),
             "add: source \"…\" <https://…>");
}

static void zone_of(struct cdn_check_run *c, const struct cdn_moment *m) {
    if (m->written.n == 0 || m->zone.n > 0)
        return;
    struct cdn_diagnostic *d = cdn_rb_diag(c->diags,
                                           2,
                                           "date-without-zone",
                                           cdn_check_at(m->pos, m->written.n),
                                           "`%.*s` has no zone and was taken in UTC",
                                           CDN_FMT(m->written));
    hint(c, d, "add the zone in which it was meant: 2022-03-10 Europe/Brussels, or UTC");
}

static void zone_of_test(void *ctx, const struct cdn_test *t, struct cdn_subject it, bool negated) {
    struct cdn_check_run *c = ctx;
    (void)it;
    (void)negated;
    if (t->kind == CDN_TEST_NOW)
        zone_of(c, &t->moment);
}

static void check_zones(struct cdn_check_run *c, const struct cdn_measure *m) {
    zone_of(c, &m->effective);
    zone_of(c, &m->until);
    for (uint32_t i = 0; i < m->suspension_count; i++) {
        zone_of(c, &m->suspensions[i].from);
        zone_of(c, &m->suspensions[i].until);
    }
    for (uint32_t i = 0; i < m->keep_count; i++)
        zone_of(c, &m->keeps[i].until);
    cdn_check_measure_tests(m, zone_of_test, c);
}

static void check_verified(struct cdn_check_run *c, const struct cdn_source *sources, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (sources[i].unverified.n > 0)
            (void)cdn_rb_diag(c->diags,
                              3,
                              "unverified",
                              cdn_check_at(sources[i].pos, 1),
                              "not verified: %.*s",
                              CDN_FMT(sources[i].unverified));
    }
}

static void unsourced(struct cdn_check_run *c, struct cdn_pos pos, cordon_str id, const char *what) {
    struct cdn_diagnostic *d = cdn_rb_diag(c->diags,
                                           2,
                                           "unsourced",
                                           cdn_check_at(pos, id.n),
                                           "the %s `%.*s` names no source",
                                           what,
                                           CDN_FMT(id));
    hint(c, d, "add: source \"…\" <https://…>");
}

static void check_data(struct cdn_check_run *c) {
    const struct cdn_rulebook *rb = c->rb;
    for (uint32_t i = 0; i < rb->list_count; i++) {
        if (rb->lists[i].source_count == 0)
            unsourced(c, rb->lists[i].pos, rb->lists[i].id, "list");
        check_verified(c, rb->lists[i].sources, rb->lists[i].source_count);
    }
    for (uint32_t i = 0; i < rb->set_count; i++) {
        if (rb->sets[i].source_count == 0)
            unsourced(c, rb->sets[i].pos, rb->sets[i].id, "set");
        check_verified(c, rb->sets[i].sources, rb->sets[i].source_count);
    }
    for (uint32_t i = 0; i < rb->territory_count; i++) {
        if (rb->territories[i].source_count == 0)
            unsourced(c, rb->territories[i].pos, rb->territories[i].id, "territory");
        check_verified(c, rb->territories[i].sources, rb->territories[i].source_count);
    }
}

/* ---- over-broad: all of Ukraine
 * ---------------------------------------------------------------------------------- */

static const char *const embargo_words[] = {"crimea*",
                                            "krim",
                                            "donetsk*",
                                            "donezk",
                                            "luhansk*",
                                            "lugansk*",
                                            "sevastopol",
                                            "embargo*",
                                            "dnr",
                                            "lnr",
                                            "occupied",
                                            NULL};

static bool restricts(const struct cdn_measure *m) {
    for (uint32_t i = 0; i < m->outcome_count; i++) {
        if (m->outcomes[i].verdict > CORDON_VERDICT_ALLOW)
            return true;
    }
    return false;
}

struct broad {
    const struct cdn_place *place;
};
static void find_ukraine(void *ctx, const struct cdn_test *t, struct cdn_subject it, bool negated) {
    struct broad *b = ctx;
    (void)it;
    if (negated || b->place)
        return;
    for (uint32_t i = 0; i < t->places.count; i++) {
        const struct cdn_place *p = &t->places.items[i];
        if (p->kind == CDN_PLACE_COUNTRY && p->country == CDN_COUNTRY('U', 'A') &&
            t->places.except_count == 0)
            b->place = p;
    }
}

static void suggest_territory(struct cdn_check_run *c, struct cdn_diagnostic *d) {
    static const char *const crimea[] = {"crimea", "krim", "krym", NULL};
    for (uint32_t i = 0; d && i < c->rb->territory_count; i++) {
        const struct cdn_territory *t = &c->rb->territories[i];
        if (says(t->id, crimea) || says(t->title, crimea)) {
            d->suggestion = cdn_rb_say(c->diags, "did you mean `%.*s`?", CDN_FMT(t->id));
            return;
        }
    }
    hint(c, d, "did you mean Crimea: {UA-43, UA-40}?");
}

static void check_broad(struct cdn_check_run *c, const struct cdn_measure *m) {
    struct broad b = {NULL};
    if (m->class_ != CDN_CLASS_MEASURE || !restricts(m) ||
        (m->basis != CDN_BASIS_LAW && !measure_says(m, embargo_words)))
        return;
    cdn_check_tests(m->when, find_ukraine, &b);
    if (b.place)
        suggest_territory(
            c,
            cdn_rb_diag(
                c->diags, 2, "over-broad", cdn_check_at(b.place->pos, 2), "this names all of Ukraine"));
}

static void check_broad_territory(struct cdn_check_run *c, const struct cdn_territory *t) {
    if (!says(t->title, embargo_words) && !says(t->id, embargo_words))
        return;
    for (uint32_t i = 0; i < t->part_count; i++) {
        const struct cdn_place *p = &t->parts[i].place;
        if (!t->parts[i].exclude && p->kind == CDN_PLACE_COUNTRY && p->country == CDN_COUNTRY('U', 'A'))
            hint(c,
                 cdn_rb_diag(c->diags, 2, "over-broad", cdn_check_at(p->pos, 2), "this names all of Ukraine"),
                 "did you mean `part of`, or regions such as UA-43?");
    }
}

/* ---- evidence
 * ------------------------------------------------------------------------------------------------------ */

struct signals {
    unsigned weak, other; /* kinds of evidence asked directly; anything that proves more */
    unsigned findings, located, national, based;
    const struct cdn_test *first_weak, *silent;
};

static bool weak_kind(unsigned evidence) {
    const struct cdn_evidence_info *e = &cdn_evidence_kinds[evidence];
    return e->strength[CDN_FINDING_BASED] <= CDN_STRENGTH_WEAK &&
           e->strength[CDN_FINDING_NATIONAL] <= CDN_STRENGTH_WEAK;
}

static void count_signals(void *ctx, const struct cdn_test *t, struct cdn_subject it, bool negated) {
    struct signals *s = ctx;
    (void)it;
    (void)negated;
    const bool evidence = t->kind == CDN_TEST_EVIDENCE || t->kind == CDN_TEST_TEXT;
    if (evidence && (cdn_evidence_kinds[t->evidence].flags & CDN_EV_SILENT) && !s->silent)
        s->silent = t;
    if (t->kind == CDN_TEST_EVIDENCE && weak_kind(t->evidence)) { /* a text names somebody in particular */
        s->weak++;
        s->first_weak = s->first_weak ? s->first_weak : t;
    } else if (evidence || t->kind == CDN_TEST_FINDING || t->kind == CDN_TEST_LISTED ||
               t->kind == CDN_TEST_OWNED) {
        s->other++;
    }
    if (t->kind != CDN_TEST_FINDING)
        return;
    s->findings++;
    s->located += t->finding == CDN_FINDING_LOCATED;
    s->national += t->finding == CDN_FINDING_NATIONAL;
    s->based += t->finding == CDN_FINDING_BASED;
}

static bool binds_account(const struct cdn_outcome *o) {
    return (o->verdict == CORDON_VERDICT_DENY || o->verdict == CORDON_VERDICT_FREEZE) &&
           (o->scope == CDN_SCOPE_ACCOUNT || o->scope == CDN_SCOPE_RELATED_ACCOUNTS);
}

static void check_evidence(struct cdn_check_run *c, const struct cdn_measure *m, const struct signals *s) {
    if (s->silent)
        hint(c,
             cdn_rb_diag(c->diags,
                         2,
                         "silent-evidence",
                         cdn_check_at(s->silent->pos, 1),
                         "`%s` is recorded and never used as evidence",
                         cdn_evidence_kinds[s->silent->evidence].name),
             "language, time zone and memo lines say nothing about where somebody is or comes from");
    for (uint32_t i = 0; i < m->outcome_count && s->weak > 0 && s->other == 0; i++) {
        if (!binds_account(&m->outcomes[i]))
            continue;
        hint(c,
             cdn_rb_diag(c->diags,
                         2,
                         "single-weak-signal",
                         cdn_check_at(s->first_weak->pos, 1),
                         "an account is closed on `%s` alone, which is weak evidence",
                         cdn_evidence_kinds[s->first_weak->evidence].name),
             "ask for a finding (`customer based in …`), or bind the session instead of the account");
        break;
    }
    if (m->standard == CDN_STANDARD_ANY && s->findings > s->located &&
        (m->basis == CDN_BASIS_POLICY || m->basis == CDN_BASIS_SUPPLIER))
        hint(c,
             cdn_check_warn(c,
                            m,
                            "any-for-policy",
                            "`%.*s` is policy and takes any single piece of evidence for proof",
                            CDN_FMT(m->id)),
             "embargoes say `evidence any`; policy says `two kinds` or `strong`");
}

/* ---- wording
 * ---------------------------------------------------------------------------------------------------------
 */

static void check_wording(struct cdn_check_run *c, const struct cdn_measure *m, const struct signals *s) {
    static const char *const nationality[] = {"national",
                                              "nationals",
                                              "nationality",
                                              "nationalities",
                                              "citizen*",
                                              "passport*",
                                              "staatsangeh*",
                                              "ressortissant*",
                                              "nationalit*",
                                              NULL};
    static const char *const residence[] = {
        "based in", "resident*", "residing", "living in", "located in", NULL};
    static const char *const from[] = {"from", NULL};
    const bool says_nationality = measure_says(m, nationality);
    if (s->national > 0 && says(m->title, residence) && !says(m->title, nationality))
        hint(c,
             cdn_check_warn(c,
                            m,
                            "nationality-for-residence",
                            "the title of `%.*s` speaks of residence, the condition of nationality",
                            CDN_FMT(m->id)),
             "did you mean `based in`?");
    else if (s->national > 0 && !says_nationality)
        hint(c,
             cdn_check_warn(
                 c,
                 m,
                 "nationality-for-residence",
                 "`%.*s` asks for nationality, and neither title, citation, source nor notice mentions it",
                 CDN_FMT(m->id)),
             "did you mean `based in`?");
    if (s->national == 0 && s->based + s->located > 0 && says(m->title, nationality) &&
        !says(m->title, residence))
        hint(c,
             cdn_check_warn(c,
                            m,
                            "residence-for-nationality",
                            "the title of `%.*s` speaks of nationality, the condition of residence",
                            CDN_FMT(m->id)),
             "did you mean `national of`?");
    if (s->located > 0 && s->located == s->findings && says(m->title, from))
        hint(c,
             cdn_check_warn(c,
                            m,
                            "from-for-in",
                            "the title of `%.*s` says `from`, the condition asks who is there now",
                            CDN_FMT(m->id)),
             "`in` and `from` are not the same people: say `in`, or ask `based in`");
}

/* ---- residue and quantifiers
 * -------------------------------------------------------------------------------------------- */

static bool closes(const struct cdn_rulebook *rb, const struct cdn_outcome *o) {
    if (o->form == CDN_FORM_CLOSE_AND_RETURN)
        return true;
    if (o->verdict != CORDON_VERDICT_DENY || !binds_account(o))
        return false;
    if (o->any_action)
        return o->not_action_count == 0;
    for (uint32_t i = 0; i < o->action_count; i++) {
        if (cdn_str_eq(rb->actions[o->actions[i]].id, CDN_STR("account.use")))
            return true;
    }
    return false;
}

static void check_residue(struct cdn_check_run *c, const struct cdn_measure *m) {
    for (uint32_t i = 0; i < m->outcome_count && m->keep_count == 0; i++) {
        if (!closes(c->rb, &m->outcomes[i]))
            continue;
        hint(c,
             cdn_rb_diag(c->diags,
                         2,
                         "keeps-nothing",
                         cdn_check_at(m->outcomes[i].pos, 4),
                         "`%.*s` closes accounts and keeps nothing",
                         CDN_FMT(m->id)),
             "say what stays: keep data.export, funds.withdraw");
        return;
    }
}

static void check_every(struct cdn_check_run *c, const struct cdn_measure *m, const struct cdn_expr *e) {
    if (!e)
        return;
    uint32_t needed_roles = UINT32_MAX, needed_objects = UINT32_MAX;
    for (uint32_t i = 0; i < m->outcome_count; i++) {
        if (m->outcomes[i].any_action)
            needed_roles = needed_objects = 0;
        for (uint32_t k = 0; k < m->outcomes[i].action_count; k++) {
            needed_roles &= c->rb->actions[m->outcomes[i].actions[k]].needs_roles;
            needed_objects &= c->rb->actions[m->outcomes[i].actions[k]].needs_objects;
        }
    }
    const uint32_t needed = e->subject.kind == CDN_SUBJECT_ROLE     ? needed_roles >> e->subject.index & 1U
                            : e->subject.kind == CDN_SUBJECT_OBJECT ? needed_objects >> e->subject.index & 1U
                                                                    : 1;
    if (e->op == CDN_EXPR_EVERY && !needed)
        hint(c,
             cdn_rb_diag(c->diags,
                         2,
                         "every-of-none",
                         cdn_check_at(e->pos, 5),
                         "with no %s at all this holds",
                         cdn_rb_subject_name(e->subject)),
             "add a test that there is one, or let the action need it");
    for (uint32_t i = 0; i < e->count; i++)
        check_every(c, m, e->children[i]);
}

/* ---- all
 * ------------------------------------------------------------------------------------------------------------------
 */

static void check_measure(struct cdn_check_run *c, const struct cdn_measure *m) {
    struct signals s = {0};
    cdn_check_tests(m->when, count_signals, &s);
    check_paper(c, m);
    check_zones(c, m);
    check_verified(c, m->sources, m->source_count);
    check_broad(c, m);
    check_evidence(c, m, &s);
    check_wording(c, m, &s);
    check_residue(c, m);
    if (m->class_ == CDN_CLASS_MEASURE)
        check_every(c, m, m->when);
}

int cdn_rulebook_check(const struct cdn_rulebook *rb, struct cdn_diagnostics *diags) {
    if (!rb || !diags || !diags->arena)
        return CORDON_E_ARG;
    struct cdn_check_run c = {rb, diags};
    const size_t first = diags->count;
    for (uint32_t i = 0; i < rb->measure_count && diags->err == 0; i++)
        check_measure(&c, &rb->measures[i]);
    for (uint32_t i = 0; i < rb->territory_count && diags->err == 0; i++)
        check_broad_territory(&c, &rb->territories[i]);
    if (diags->err == 0)
        check_data(&c);
    if (diags->err == 0)
        cdn_check_unused(&c);
    if (diags->err == 0)
        cdn_check_shadowed(&c);
    cdn_rb_sort(diags, first);
    return diags->err;
}
