/* SPDX-License-Identifier: Apache-2.0 */
/* compare.c: what a scenario expects against what was decided.
 *
 * Facts are compared in one spelling, "customer.billing_address", "customer.based_in": the first blank of the
 * decision's "customer based in {RU}" becomes a dot, further ones underscores, a set is cut off. */
#include "trial/trial_priv.h"

enum { NAME_MAX = 256, SEEN_MAX = 256 };

struct name {
    char text[NAME_MAX];
};

static cordon_str spell(cordon_str s, struct name *n) {
    struct cdn_buf b;
    bool dot = false;
    cdn_buf_fixed(&b, n->text, sizeof n->text);
    while (s.n && (s.p[s.n - 1] == ' ')) {
        s.n--;
    }
    for (size_t i = 0; i < s.n && s.p[i] != '{'; i++) {
        const char c = s.p[i];
        dot |= c == '.';
        cdn_buf_char(&b, c != ' ' ? c : dot ? '_' : '.');
        dot |= c == ' ';
    }
    while (b.n && b.p[b.n - 1] == '_') {
        b.n--;
    }
    return cdn_buf_get(&b);
}

static cordon_str measure_id(const struct cdn_trial *t, uint32_t i) {
    return cdn_snap_str(t->snapshot, t->snapshot->measures[i].id);
}

/* "customer.billing_address" of a pointer to evidence. */
static cordon_str pointer_name(const struct cdn_trial *t, const struct cdn_pointer *p, struct name *n) {
    const struct cdn_request *r = &t->scenario->request;
    const bool party = p->kind == CDN_SUBJECT_ROLE;
    const char *subject = party ? cdn_roles[r->parties[p->index].role].name : "request";
    const struct cdn_evidence *ev = NULL;
    if (party && p->evidence >= 0) {
        ev = &r->parties[p->index].evidence[p->evidence];
    } else if (p->kind == CDN_SUBJECT_OBJECT) {
        subject = cdn_objects[r->objects[p->index].kind].name;
        ev = p->evidence >= 0 ? &r->objects[p->index].evidence[p->evidence] : NULL;
    }
    struct cdn_buf b;
    cdn_buf_fixed(&b, n->text, sizeof n->text);
    cdn_buf_z(&b, subject);
    cdn_buf_char(&b, '.');
    cdn_buf_z(&b, ev ? cdn_evidence_kinds[ev->kind].name : p->field ? p->field : "");
    return cdn_buf_get(&b);
}

/* ---- sets of names
 * ------------------------------------------------------------------------------------------ */

struct seen {
    struct name names[SEEN_MAX];
    cordon_str list[SEEN_MAX];
    unsigned count;
};

static void see(struct seen *s, cordon_str name) {
    for (unsigned i = 0; i < s->count; i++) {
        if (cdn_str_eq(s->list[i], name)) {
            return;
        }
    }
    if (s->count < SEEN_MAX && name.n <= NAME_MAX) {
        memcpy(s->names[s->count].text, name.p, name.n);
        s->list[s->count] = cdn_str(s->names[s->count].text, name.n);
        s->count++;
    }
}

static bool expects(const struct cdn_expect_fact *facts, uint32_t count, cordon_str name) {
    struct name n;
    for (uint32_t i = 0; i < count; i++) {
        if (cdn_str_eq(spell(facts[i].text, &n), name)) {
            return true;
        }
    }
    return false;
}

static bool saw(const struct seen *s, cordon_str name) {
    for (unsigned i = 0; i < s->count; i++) {
        if (cdn_str_eq(s->list[i], name)) {
            return true;
        }
    }
    return false;
}

/* Each of the expected is there; with `complete`, nothing else is. */
static void compare_set(struct cdn_trial *t,
                        const char *what,
                        const struct cdn_expect_fact *facts,
                        uint32_t count,
                        bool complete,
                        const struct seen *s) {
    struct name n;
    for (uint32_t i = 0; i < count; i++) {
        if (!saw(s, spell(facts[i].text, &n))) {
            cdn_trial_fail(
                t, facts[i].pos, "expected %s %.*s; it is not there", what, CDN_FMT(facts[i].text));
        }
    }
    for (unsigned i = 0; complete && i < s->count; i++) {
        if (!expects(facts, count, s->list[i])) {
            cdn_trial_fail(t, t->scenario->pos, "%s %.*s was not expected", what, CDN_FMT(s->list[i]));
        }
    }
}

/* ---- the parts of a decision
 * -------------------------------------------------------------------------------- */

static void compare_facts(struct cdn_trial *t, const struct cdn_decision *d) {
    const struct cdn_scenario *sc = t->scenario;
    struct seen evidence = {.count = 0}, missing = {.count = 0}, contradictions = {.count = 0},
                presumed = {.count = 0};
    struct name n;
    for (uint32_t i = 0; i < d->measure_count; i++) {
        const struct cdn_account *a = &d->measures[i];
        for (uint32_t k = 0; k < a->because_count; k++) {
            const struct cdn_because *b = &a->because[k];
            if (b->presumed) {
                see(&presumed, spell(b->text, &n));
            }
            for (uint32_t m = 0; a->hit.standing == CDN_STANDING_APPLIED && m < b->evidence_count; m++) {
                if (!b->against[m] && b->evidence[m].evidence >= 0) {
                    see(&evidence, pointer_name(t, &b->evidence[m], &n));
                }
            }
        }
    }
    for (uint32_t i = 0; i < d->missing_count; i++) {
        see(&missing, spell(d->missing[i].fact, &n));
    }
    for (uint32_t i = 0; i < d->contradiction_count; i++) {
        see(&contradictions, spell(d->contradictions[i].fact, &n));
    }
    compare_set(t, "evidence", sc->evidence, sc->evidence_count, sc->has_evidence, &evidence);
    compare_set(t, "missing", sc->missing, sc->missing_count, sc->has_missing, &missing);
    compare_set(t, "contradiction", sc->contradictions, sc->contradiction_count, false, &contradictions);
    compare_set(t, "presumed", sc->presumed, sc->presumed_count, false, &presumed);
}

static const struct cdn_account *account_of(const struct cdn_decision *d, uint32_t measure) {
    for (uint32_t i = 0; i < d->measure_count; i++) {
        if (d->measures[i].hit.measure == measure) {
            return &d->measures[i];
        }
    }
    return NULL;
}

static const char *standing_word(const struct cdn_account *a) {
    static const char *const words[] = {"not there",
                                        "applied",
                                        "lifted",
                                        "excepted",
                                        "held",
                                        "false",
                                        "not in force",
                                        "not bound",
                                        "about other actions",
                                        "presumed away"};
    return a && a->hit.standing < CDN_ARRAY_LEN(words) ? words[a->hit.standing] : words[0];
}

static void compare_measures(struct cdn_trial *t, const struct cdn_decision *all) {
    static const uint8_t wanted[] = {[CDN_EXPECT_APPLIED] = CDN_STANDING_APPLIED,
                                     [CDN_EXPECT_LIFTED] = CDN_STANDING_LIFTED,
                                     [CDN_EXPECT_HELD] = CDN_STANDING_HELD_UNKNOWN,
                                     [CDN_EXPECT_EXCEPTED] = CDN_STANDING_EXCEPTED};
    for (uint32_t i = 0; i < t->scenario->measure_count; i++) {
        const struct cdn_expect_measure *x = &t->scenario->measures[i];
        const uint32_t index = t->snapshot_measure[x->measure];
        const struct cdn_account *a = account_of(all, index);
        const cordon_str id = measure_id(t, index);
        const unsigned standing = a ? a->hit.standing : CDN_STANDING_NONE;
        if (x->standing == CDN_EXPECT_ABSENT) {
            if (standing == CDN_STANDING_APPLIED || standing == CDN_STANDING_LIFTED ||
                standing == CDN_STANDING_HELD_UNKNOWN) {
                cdn_trial_fail(
                    t, x->pos, "measure %.*s must not be there; it is %s", CDN_FMT(id), standing_word(a));
            }
        } else if (x->standing < CDN_ARRAY_LEN(wanted) && standing != wanted[x->standing]) {
            const struct cdn_account want = {.hit = {.standing = wanted[x->standing]}};
            cdn_trial_fail(t,
                           x->pos,
                           "measure %.*s: expected %s, is %s",
                           CDN_FMT(id),
                           standing_word(&want),
                           standing_word(a));
        } else if (x->standing == CDN_EXPECT_LIFTED && x->by >= 0 && a &&
                   a->hit.lifted_by != (int32_t)t->snapshot_measure[x->by]) {
            cdn_trial_fail(t,
                           x->pos,
                           "measure %.*s is lifted, but not by %.*s",
                           CDN_FMT(id),
                           CDN_FMT(t->rb->measures[x->by].id));
        }
    }
}

static void compare_conflicts(struct cdn_trial *t, const struct cdn_decision *d) {
    for (uint32_t i = 0; i < t->scenario->conflict_count; i++) {
        const struct cdn_expect_conflict *x = &t->scenario->conflicts[i];
        const uint32_t a = t->snapshot_measure[x->measure], b = t->snapshot_measure[x->with];
        bool found = false;
        for (uint32_t k = 0; k < d->conflict_count; k++) {
            const struct cdn_conflict *c = &d->conflicts[k];
            found |= (c->measure == a && c->other == b) || (c->measure == b && c->other == a);
        }
        if (!found) {
            cdn_trial_fail(t,
                           x->pos,
                           "expected a conflict of %.*s with %.*s; there is none",
                           CDN_FMT(measure_id(t, a)),
                           CDN_FMT(measure_id(t, b)));
        }
    }
}

static void compare_duties(struct cdn_trial *t, const struct cdn_decision *d) {
    for (uint32_t i = 0; i < t->scenario->duty_count; i++) {
        const struct cdn_expect_duty *x = &t->scenario->duties[i];
        const uint32_t measure = t->snapshot_measure[x->measure];
        bool found = false, due = x->due.written.n == 0;
        for (uint32_t k = 0; k < d->duty_count; k++) {
            const struct cdn_duty_due *y = &d->duties[k];
            if (y->measure == measure && t->snapshot->duties[y->duty].kind == x->kind) {
                found = true;
                due |= y->has_due && y->due == x->due.at;
            }
        }
        if (!found || !due) {
            cdn_trial_fail(t,
                           x->pos,
                           found ? "a duty of %.*s is due at another instant"
                                 : "expected a duty of %.*s; it is not there",
                           CDN_FMT(measure_id(t, measure)));
        }
    }
}

static bool outcome_matches(const struct cdn_trial *t,
                            const struct cdn_expect_outcome *x,
                            const struct cdn_outcome_line *o) {
    const struct cdn_request *r = &t->scenario->request;
    bool subject = x->subject.kind == CDN_SUBJECT_NONE;
    if (x->subject.kind == CDN_SUBJECT_ROLE) {
        subject =
            o->subject.kind == CDN_SUBJECT_ROLE && r->parties[o->subject.index].role == x->subject.index;
    } else if (x->subject.kind == CDN_SUBJECT_OBJECT) {
        subject =
            o->subject.kind == CDN_SUBJECT_OBJECT && r->objects[o->subject.index].kind == x->subject.index;
    } else if (x->subject.kind == CDN_SUBJECT_REQUEST) {
        subject = o->subject.kind == CDN_SUBJECT_REQUEST;
    }
    return subject && (!x->verdict || x->verdict == o->verdict) && (!x->scope || x->scope == o->scope) &&
           (!x->form || x->form == o->form);
}

static void compare_outcomes(struct cdn_trial *t, const struct cdn_decision *d) {
    for (uint32_t i = 0; i < t->scenario->outcome_count; i++) {
        const struct cdn_expect_outcome *x = &t->scenario->outcomes[i];
        bool found = false;
        for (uint32_t k = 0; k < d->outcome_count; k++) {
            found |= outcome_matches(t, x, &d->outcomes[k]);
        }
        if (!found) {
            cdn_trial_fail(
                t, x->pos, "no outcome %s with that subject, scope and form", cdn_verdict_name(x->verdict));
        }
    }
    for (uint32_t i = 0; i < t->scenario->keep_count; i++) {
        const cordon_str action = t->rb->actions[t->scenario->keeps[i]].id;
        bool found = false;
        for (uint32_t k = 0; k < d->keep_count; k++) {
            found |= cdn_str_eq(d->keep[k], action);
        }
        if (!found) {
            cdn_trial_fail(
                t, t->scenario->verdict_pos, "expected to keep %.*s; it is not kept", CDN_FMT(action));
        }
    }
}

static void compare_changes(struct cdn_trial *t, const struct cdn_decision *d) {
    const struct cdn_scenario *sc = t->scenario;
    const int64_t want = sc->changes_never ? CDN_TIME_MAX : sc->changes_at.at;
    char text[64];
    struct cdn_buf b;
    if (sc->has_changes && d->changes_at != want) {
        cdn_buf_fixed(&b, text, sizeof text - 1);
        cdn_time_write(&b, d->changes_at);
        text[b.n] = '\0';
        cdn_trial_fail(t,
                       sc->verdict_pos,
                       "expected to change %s, changes at %s",
                       sc->changes_never ? "never" : "at another instant",
                       d->changes_at >= CDN_TIME_MAX ? "no time" : text);
    }
}

void cdn_trial_compare(struct cdn_trial *t, const struct cdn_decision *d, const struct cdn_decision *all) {
    if (d->verdict != t->scenario->verdict) {
        cdn_trial_fail(t,
                       t->scenario->verdict_pos,
                       "expected %s, decided %s",
                       cdn_verdict_name(t->scenario->verdict),
                       cdn_verdict_name(d->verdict));
        for (uint32_t i = 0; i < d->measure_count; i++) {
            cdn_trial_fail(t,
                           t->scenario->verdict_pos,
                           "  %.*s is %s",
                           CDN_FMT(measure_id(t, d->measures[i].hit.measure)),
                           standing_word(&d->measures[i]));
        }
    }
    compare_measures(t, all);
    compare_facts(t, d);
    compare_conflicts(t, d);
    compare_duties(t, d);
    compare_outcomes(t, d);
    compare_changes(t, d);
}
