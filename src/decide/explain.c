/* SPDX-License-Identifier: Apache-2.0 */
/* explain.c: from a result to the full account of the decision: each measure with the tests that made it what
 * it is, outcomes per subject, what is missing, conflicts, duties, residue.
 *
 * Measures that hit are evaluated a second time, way by way; the first evaluation was for speed. What is told
 * comes from the same functions that decided, so that the account cannot differ from the decision. Right
 * after the decision, places, tests and who was screened are remembered from it (cdn_decider.decided).
 *
 * Order: measures by their number in the snapshot; outcomes, missing facts, contradictions and duties in the
 * order in which the measures bring them up; actions kept by name. */
#include "decide/explain_priv.h"

/* ---- memory ------------------------------------------------------------------------------------------- */

bool cdn_explain_grow(struct cdn_explain *x, struct cdn_list *list, size_t size) {
    if (!x->err)
        x->err = cdn_grow(&x->arena->as_alloc, &list->p, &list->cap, list->n + 1, size);
    return !x->err;
}

void cdn_explain_buf(struct cdn_explain *x, struct cdn_buf *b) {
    cdn_buf_init(b, &x->arena->as_alloc, CDN_MAX_DECISION_BYTES);
}

cordon_str cdn_explain_keep(struct cdn_explain *x, struct cdn_buf *b) {
    const cordon_str text = cdn_buf_get(b);
    if (b->err && !x->err)
        x->err = b->err;
    cdn_explain_buf(x, b);
    return text;
}

void cdn_explain_add_measure(struct cdn_explain *x, uint32_t **list, uint32_t *count, uint32_t measure) {
    uint32_t at = *count; /* measures come in their order, nearly always: its place is near the end */
    while (at > 0 && (*list)[at - 1] > measure)
        at--;
    if (at > 0 && (*list)[at - 1] == measure)
        return;
    if ((*count & (*count - 1)) == 0) { /* full at each power of two */
        uint32_t *more = cdn_arena_take(x->arena, (*count ? *count * 2 : 1) * sizeof *more);
        if (!more) {
            x->err = CORDON_E_NOMEM;
            return;
        }
        if (*count)
            memcpy(more, *list, *count * sizeof *more);
        *list = more;
    }
    memmove(*list + at + 1, *list + at, (*count - at) * sizeof **list);
    (*list)[at] = measure;
    (*count)++;
}

/* ---- one measure -------------------------------------------------------------------------------------- */

static unsigned standing_of(const struct cdn_assessment *a) {
    if (a->value == CORDON_FALSE)
        return a->when != CORDON_FALSE ? CDN_STANDING_EXCEPTED
               : a->presumed_away      ? CDN_STANDING_PRESUMED
                                       : CDN_STANDING_FALSE;
    if (a->licence == CORDON_TRUE)
        return CDN_STANDING_LIFTED;
    return a->value == CORDON_TRUE ? CDN_STANDING_APPLIED : CDN_STANDING_HELD_UNKNOWN;
}

/* Leaves d->bind as in the way that the hit is about: of its standing, and of its subject if there is one. */
static bool find_way(struct cdn_explain *x, const struct cdn_hit *hit, struct cdn_assessment *ret) {
    struct cdn_decider *d = x->d;
    const struct cdn_measure_rec *m = &d->snap->measures[hit->measure];
    d->bind = d->home;
    if (x->goes_on && d->assessed[hit - x->hits].only_way) {
        *ret = d->assessed[hit - x->hits];
        d->presumer = m;
        return true;
    }
    const uint32_t ways = cdn_decide_ways(d, m);
    bool found = false;
    struct cdn_binding best = d->home;
    for (uint32_t n = 0; n < ways && ways <= CDN_MAX_ASSIGNMENTS; n++) {
        struct cdn_assessment a;
        struct cdn_hit h = {0};
        cdn_decide_assign(d, m, &d->home, n);
        cdn_decide_assess(d, hit->measure, &a);
        cdn_decide_subject_of(d, &d->snap->outcomes[hit->outcome], &h);
        const bool right = h.subject_kind == hit->subject_kind && h.subject == hit->subject;
        if (standing_of(&a) != hit->standing || (found && !right))
            continue;
        found = true;
        best = d->bind;
        *ret = a;
        if (right)
            break;
    }
    d->bind = best;
    d->presumer = m;
    return found;
}

static int32_t exception_that_held(struct cdn_explain *x, const struct cdn_measure_rec *m) {
    for (uint32_t i = 0; i < m->excepts.count; i++) {
        if (cdn_decide_expr(x->d, x->d->snap->excepts[m->excepts.first + i].when) == CORDON_TRUE)
            return (int32_t)i;
    }
    return -1;
}

/* What a licence or statute rests on, with the roles of the measure filled. */
static void other_because(struct cdn_explain *x, uint32_t other, struct cdn_list *list, bool open) {
    struct cdn_decider *d = x->d;
    const struct cdn_measure_rec *m = &d->snap->measures[other];
    const struct cdn_binding base = d->bind;
    const struct cdn_measure_rec *presumer = d->presumer;
    const uint32_t ways = cdn_decide_ways(d, m);
    for (uint32_t n = 0; n < ways && ways <= CDN_MAX_ASSIGNMENTS && !x->err; n++) {
        cdn_decide_assign(d, m, &base, n);
        d->presumer = m;
        if (open) {
            cdn_explain_open(x, m->when);
            cdn_explain_open(x, m->except_any);
        } else if (cdn_decide_expr(d, m->when) == CORDON_TRUE) {
            cdn_explain_because(x, m->when, CORDON_TRUE, list);
            break;
        }
    }
    d->bind = base;
    d->presumer = presumer;
}

static void presumed_bound(struct cdn_explain *x, const struct cdn_measure_rec *m, struct cdn_list *list) {
    if ((!m->entities.count && !m->bound_countries.count) || x->d->entity != CDN_NO_INDEX)
        return;
    struct cdn_because *b = cdn_explain_push(x, list, sizeof *b);
    if (!b)
        return;
    *b = (struct cdn_because){
        .text = CDN_STR("acting entity is bound"), .value = CORDON_TRUE, .presumed = true};
    const bool named = x->d->request->acting_entity.n > 0;
    b->is = named ? x->d->request->acting_entity : CDN_STR("not given");
    b->presumed_why = named ? CDN_STR("the rulebook does not know the acting entity")
                            : CDN_STR("the request names no acting entity");
}

/* What is still open about a measure: its own condition, and licences that might lift it. */
static void tell_open(struct cdn_explain *x,
                      const struct cdn_measure_rec *m,
                      const struct cdn_assessment *a) {
    if (a->value >= CORDON_UNKNOWN) {
        cdn_explain_open(x, m->when);
        cdn_explain_open(x, m->except_any);
    }
    for (uint32_t i = 0; i < m->lifted_by.count && a->licence != CORDON_TRUE && !x->err; i++) {
        const uint32_t licence = x->d->snap->indexes[m->lifted_by.first + i];
        const struct cdn_measure_rec *l = &x->d->snap->measures[licence];
        if (cdn_decide_licence(x->d, l) < CORDON_UNKNOWN)
            continue;
        other_because(x, licence, NULL, true);
        if ((l->entities.count || l->bound_countries.count) && x->d->entity == CDN_NO_INDEX) {
            const struct cdn_pointer where = {
                .kind = CDN_SUBJECT_REQUEST, .evidence = -1, .field = "acting_entity"};
            const bool named = x->d->request->acting_entity.n > 0;
            cdn_explain_missing(x, CDN_STR("acting entity"), where, named ? "not known" : "not asked");
        }
    }
}

/* The same of each way in which the measure counts, as of its outcomes: every party that leaves it open. */
static void tell_open_ways(struct cdn_explain *x,
                           const struct cdn_measure_rec *m,
                           const struct cdn_hit *hit) {
    struct cdn_decider *d = x->d;
    d->bind = d->home;
    const uint32_t ways = cdn_decide_ways(d, m);
    for (uint32_t n = 0; n < ways && ways <= CDN_MAX_ASSIGNMENTS && !x->err; n++) {
        struct cdn_assessment a;
        cdn_decide_assign(d, m, &d->home, n);
        cdn_decide_assess(d, hit->measure, &a);
        d->presumer = m;
        if (a.value != CORDON_FALSE && a.licence != CORDON_TRUE)
            tell_open(x, m, &a);
    }
}

static void tell_hit(struct cdn_explain *x, const struct cdn_hit *hit) {
    const struct cdn_measure_rec *m = &x->d->snap->measures[hit->measure];
    struct cdn_account account = {.hit = *hit, .except = -1};
    struct cdn_assessment a = {.value = hit->value, .licence_measure = -1, .statute = -1};
    struct cdn_list because = {0};
    x->measure = hit->measure;
    presumed_bound(x, m, &because);
    if (find_way(x, hit, &a)) {
        x->only_presumed = x->brief = hit->standing == CDN_STANDING_PRESUMED && !x->explain_all;
        cdn_explain_because(x, m->when, a.when, &because);
        x->brief = false;
        x->only_presumed = a.except == CORDON_FALSE;
        if (a.when != CORDON_FALSE)
            cdn_explain_because(x, m->except_any, a.except, &because);
        x->only_presumed = false;
        if (hit->standing == CDN_STANDING_EXCEPTED)
            account.except = exception_that_held(x, m);
        if (hit->standing == CDN_STANDING_LIFTED)
            other_because(x, (uint32_t)hit->lifted_by, &because, false);
    }
    /* Of what a licence lifts, nothing more needs to be known. */
    if (hit->standing == CDN_STANDING_APPLIED || hit->standing == CDN_STANDING_HELD_UNKNOWN)
        tell_open_ways(x, m, hit);
    if (hit->standing == CDN_STANDING_LIFTED)
        cdn_explain_duties(x, (uint32_t)hit->lifted_by, &account.provisional);
    bool unused = false;
    if (hit->standing == CDN_STANDING_APPLIED)
        cdn_explain_duties(x, hit->measure, &unused);
    account.because = because.p;
    account.because_count = because.n;
    struct cdn_account *to = cdn_explain_push(x, &x->accounts, sizeof *to);
    if (to)
        *to = account;
    if (hit->standing == CDN_STANDING_APPLIED || hit->standing == CDN_STANDING_HELD_UNKNOWN)
        cdn_explain_outcomes(x, hit);
}

/* ---- measures that did not hit ------------------------------------------------------------------------ */

static cordon_str why_not_in_force(struct cdn_explain *x, const struct cdn_measure_rec *m) {
    struct cdn_buf b;
    cdn_explain_buf(x, &b);
    if (x->d->at < m->effective.at) {
        cdn_buf_z(&b, "not yet in force (effective ");
        cdn_time_write(&b, m->effective.at);
        cdn_buf_char(&b, ')');
    } else if (x->d->at >= m->until.at) {
        cdn_buf_z(&b, "no longer in force (until ");
        cdn_time_write(&b, m->until.at);
        cdn_buf_char(&b, ')');
    } else {
        cdn_buf_z(&b, "suspended");
    }
    return cdn_explain_keep(x, &b);
}

/* A licence or statute says something only where it names a measure that concerns the request. */
static bool says_something(const struct cdn_explain *x, uint32_t measure) {
    const struct cdn_measure_rec *m = &x->d->snap->measures[measure];
    const struct cdn_run named = m->class_ == CDN_CLASS_LICENCE ? m->lifts : m->forbids;
    if (cdn_explain_concerns(x, measure))
        return true;
    for (uint32_t i = named.first; i < named.first + named.count; i++) {
        if (cdn_explain_concerns(x, x->d->snap->indexes[i]))
            return true;
    }
    return false;
}

/* Value of a measure that is no hit, over all ways; d->bind is left in the last one. */
static unsigned value_over_ways(struct cdn_explain *x, uint32_t measure) {
    struct cdn_decider *d = x->d;
    const struct cdn_measure_rec *m = &d->snap->measures[measure];
    unsigned value = CORDON_FALSE;
    d->bind = d->home;
    const uint32_t ways = cdn_decide_ways(d, m);
    if (ways > CDN_MAX_ASSIGNMENTS)
        return CORDON_UNKNOWN;
    for (uint32_t n = 0; n < ways && value != CORDON_TRUE; n++) {
        struct cdn_assessment a;
        cdn_decide_assign(d, m, &d->home, n);
        cdn_decide_assess(d, measure, &a);
        value = cdn_truth_or(value, a.value);
    }
    d->presumer = m;
    return value;
}

static void tell_other(struct cdn_explain *x, uint32_t measure) {
    const struct cdn_measure_rec *m = &x->d->snap->measures[measure];
    struct cdn_account account = {
        .hit = {.measure = measure, .lifted_by = -1, .subject_kind = CDN_SUBJECT_REQUEST}, .except = -1};
    struct cdn_list because = {0};
    if (!says_something(x, measure)) {
        account.hit.standing = CDN_STANDING_OTHER_ACTION;
        account.why_not = CDN_STR("says nothing about this action and service");
    } else if (!cdn_decide_in_force(x->d, m)) {
        account.hit.standing = CDN_STANDING_NOT_IN_FORCE;
        account.why_not = why_not_in_force(x, m);
    } else if (!cdn_decide_bound(x->d, m)) {
        account.hit.standing = CDN_STANDING_NOT_BOUND;
        account.why_not = CDN_STR("does not bind the acting entity");
    } else {
        account.hit.value = (uint8_t)value_over_ways(x, measure);
        account.hit.standing = account.hit.value == CORDON_FALSE  ? CDN_STANDING_FALSE
                               : account.hit.value == CORDON_TRUE ? CDN_STANDING_APPLIED
                                                                  : CDN_STANDING_HELD_UNKNOWN;
        cdn_explain_because(x, m->when, cdn_decide_expr(x->d, m->when), &because);
        cdn_explain_because(x, m->except_any, cdn_decide_expr(x->d, m->except_any), &because);
    }
    account.because = because.p;
    account.because_count = because.n;
    struct cdn_account *to = cdn_explain_push(x, &x->accounts, sizeof *to);
    if (to)
        *to = account;
}

/* ---- the whole ---------------------------------------------------------------------------------------- */

/* IMPLEMENTS: CS-HTTP */
static uint16_t http_status(const struct cdn_explain *x, const struct cdn_hit *hits, uint32_t count) {
    if (x->result->verdict == CORDON_VERDICT_NONE)
        return 503;
    if (x->result->verdict <= CORDON_VERDICT_LIMIT)
        return 200;
    for (uint32_t i = 0; i < count; i++) {
        if (hits[i].verdict >= CORDON_VERDICT_HOLD &&
            x->d->snap->measures[hits[i].measure].basis == CDN_BASIS_LAW)
            return 451;
    }
    return cdn_explain_held_by_law(x) ? 451 : 403;
}

static void tell_all(struct cdn_explain *x, const struct cdn_hit *hits, uint32_t count) {
    uint32_t next = 0;
    for (uint32_t m = 0; x->explain_all && m < x->d->snap->count[CDN_T_MEASURE] && !x->err; m++) {
        if (next < count && hits[next].measure == m)
            tell_hit(x, &hits[next++]);
        else
            tell_other(x, m);
    }
    for (; next < count && !x->err; next++)
        tell_hit(x, &hits[next]);
}

static void hand_over(const struct cdn_explain *x, struct cdn_decision *d) {
    d->measures = x->accounts.p;
    d->measure_count = x->accounts.n;
    d->outcomes = x->outcomes.p;
    d->outcome_count = x->outcomes.n;
    d->missing = x->missing.p;
    d->missing_count = x->missing.n;
    d->contradictions = x->contradictions.p;
    d->contradiction_count = x->contradictions.n;
    d->conflicts = x->conflicts.p;
    d->conflict_count = x->conflicts.n;
    d->duties = x->duties.p;
    d->duty_count = x->duties.n;
    d->keep = x->keep.p;
    d->keep_count = x->keep.n;
    d->holds = x->holds.p;
    d->hold_count = x->holds.n;
    d->appeals = x->appeals.p;
    d->appeal_count = x->appeals.n;
    d->as_of = x->as_of.p;
    d->as_of_count = x->as_of.n;
}

/* Right after the decision, what it has worked out (places, tests, who was screened) need not be worked out
 * again. The moments at which it could change are in d->changes_at already. */
static int begin(struct cdn_explain *x, const struct cdn_request *request, int64_t at) {
    struct cdn_decider *d = x->d;
    const struct cdn_result *result = x->result;
    x->goes_on = d->decided && d->request == request && d->at == at && result->hits == d->hits &&
                 result->hit_count == d->hit_count && result->changes_at == d->changes_at;
    if (!x->goes_on)
        return cdn_decide_begin(d, request, at, NULL);
    d->decided = false;
    return 0;
}

int cdn_decision_build(struct cdn_decider *d,
                       const struct cdn_request *request,
                       const struct cdn_result *result,
                       int64_t at,
                       bool explain_all,
                       struct cdn_arena *arena,
                       struct cdn_decision *ret) {
    struct cdn_explain x = {.d = d, .arena = arena, .result = result, .explain_all = explain_all};
    const uint32_t count = result->hit_count;
    struct cdn_hit *hits = cdn_arena_take(arena, (count ? count : 1) * sizeof *hits);
    if (!hits)
        return CORDON_E_NOMEM;
    if (count)
        memcpy(hits, result->hits, count * sizeof *hits);
    x.hits = hits;
    const int err = begin(&x, request, at);
    if (err < 0)
        return err;
    for (uint32_t i = 0; i < count; i++)
        x.is_protected |= hits[i].standing == CDN_STANDING_APPLIED && hits[i].value == CORDON_TRUE &&
                          d->snap->measures[hits[i].measure].class_ == CDN_CLASS_PROTECT;
    tell_all(&x, hits, count);
    if (result->conflict)
        cdn_explain_conflicts(&x, hits, count);
    cdn_explain_keeps(&x, hits, count);
    cdn_explain_states(&x);
    cdn_explain_as_of(&x);
    cdn_explain_lists_as_of(&x);
    if (x.err)
        return x.err;
    struct cdn_decision decision = {
        .verdict = result->verdict, .semantics = CDN_SEMANTICS, .at = at, .explained = x.explain_all};
    /* More is told than was needed to decide; what is told can change earlier. */
    decision.changes_at = CDN_MIN(result->changes_at, d->changes_at);
    hand_over(&x, &decision);
    decision.notice_withheld = result->conflict;
    decision.http_status = http_status(&x, hits, count);
    *ret = decision;
    return 0;
}
