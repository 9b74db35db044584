/* SPDX-License-Identifier: Apache-2.0 */
/* measure.c: what becomes of one measure: force, whom it binds, condition, exceptions, licences, statutes,
 * outcome; and the conflicts between the hits of a decision.
 *
 * A role that several parties have is filled in each possible way. Everything up to the contribution to the
 * verdict is worked out per way, so that a licence which one customer holds does not lift what another
 * one's place forbids. */
#include "decide/decide_priv.h"

static bool suspended(struct cdn_decider *d, const struct cdn_measure_rec *m) {
    bool now = false;
    for (uint32_t i = m->suspensions.first; i < m->suspensions.first + m->suspensions.count; i++) {
        const struct cdn_suspension_rec *s = &d->snap->suspensions[i];
        cdn_decide_edge(d, s->from.at);
        cdn_decide_edge(d, s->until.at);
        now |= d->at >= s->from.at && d->at < s->until.at;
    }
    return now;
}

/* IMPLEMENTS: CS-FORCE */
bool cdn_decide_in_force(struct cdn_decider *d, const struct cdn_measure_rec *m) {
    cdn_decide_edge(d, m->effective.at);
    if (d->at < m->effective.at || d->at >= m->until.at)
        return false;
    cdn_decide_edge(d, m->until.at);
    return !suspended(d, m);
}

static bool index_has(const struct cdn_snapshot *s, struct cdn_run run, uint32_t what) {
    const uint32_t *p = &s->indexes[run.first], *const end = p + run.count;
    while (p < end && *p != what)
        p++;
    return p < end;
}

/* IMPLEMENTS: CS-BOUND
 * Who is not named, or not known, is presumed bound; a permission for some entities is then unknown. */
bool cdn_decide_bound(const struct cdn_decider *d, const struct cdn_measure_rec *m) {
    if ((!m->entities.count && !m->bound_countries.count) || d->entity == CDN_NO_INDEX)
        return true;
    return index_has(d->snap, m->entities, d->entity) ||
           index_has(d->snap, m->bound_countries, d->snap->entities[d->entity].a);
}

uint32_t cdn_decide_ways(const struct cdn_decider *d, const struct cdn_measure_rec *m) {
    uint32_t ways = 1;
    for (uint32_t i = 0; i < m->roles.count; i++) {
        const uint32_t role = d->snap->indexes[m->roles.first + i];
        if (d->bind.role[role] == CDN_BIND_OPEN)
            ways = CDN_MIN(ways * d->request->role_count[role], (uint32_t)CDN_MAX_ASSIGNMENTS + 1);
    }
    for (uint32_t i = 0; i < m->objects.count; i++) {
        const uint32_t kind = d->snap->indexes[m->objects.first + i];
        if (d->bind.object[kind] == CDN_BIND_OPEN)
            ways = CDN_MIN(ways * d->request->object_count_of[kind], (uint32_t)CDN_MAX_ASSIGNMENTS + 1);
    }
    return ways;
}

static int16_t nth_party(const struct cdn_request *r, uint32_t role, uint32_t n) {
    uint32_t i = r->role_first[role];
    for (;; i++) {
        if (r->parties[i].role == role && n-- == 0)
            return (int16_t)i;
    }
}
static int16_t nth_object(const struct cdn_request *r, uint32_t kind, uint32_t n) {
    uint32_t i = r->object_first[kind];
    for (;; i++) {
        if (r->objects[i].kind == kind && n-- == 0)
            return (int16_t)i;
    }
}

void cdn_decide_assign(struct cdn_decider *d,
                       const struct cdn_measure_rec *m,
                       const struct cdn_binding *base,
                       uint32_t n) {
    d->bind = *base;
    for (uint32_t i = 0; i < m->roles.count; i++) {
        const uint32_t role = d->snap->indexes[m->roles.first + i];
        if (d->bind.role[role] != CDN_BIND_OPEN)
            continue;
        const uint32_t count = d->request->role_count[role];
        d->bind.role[role] = nth_party(d->request, role, n % count);
        n /= count;
    }
    for (uint32_t i = 0; i < m->objects.count; i++) {
        const uint32_t kind = d->snap->indexes[m->objects.first + i];
        if (d->bind.object[kind] != CDN_BIND_OPEN)
            continue;
        const uint32_t count = d->request->object_count_of[kind];
        d->bind.object[kind] = nth_object(d->request, kind, n % count);
        n /= count;
    }
}

static unsigned value_of(struct cdn_decider *d, const struct cdn_measure_rec *m) {
    const unsigned when = cdn_decide_expr(d, m->when);
    if (when == CORDON_FALSE || m->except_any == CDN_NO_INDEX)
        return when;
    return cdn_truth_and(when, cdn_truth_not(cdn_decide_expr(d, m->except_any)));
}

/* Roles that the lifted or forbidden measure has filled stay filled; the others may be filled in any way. */
unsigned cdn_decide_other(struct cdn_decider *d, const struct cdn_measure_rec *other) {
    if (!cdn_decide_in_force(d, other) || !cdn_decide_bound(d, other))
        return CORDON_FALSE;
    const struct cdn_measure_rec *presumer = d->presumer;
    d->presumer = other;
    unsigned value = CORDON_FALSE;
    const uint32_t ways = cdn_decide_ways(d, other);
    if (ways == 1) {
        const struct cdn_binding base = d->bind;
        cdn_decide_assign(d, other, &base, 0);
        value = value_of(d, other);
        d->bind = base;
    } else if (ways > CDN_MAX_ASSIGNMENTS) {
        value = CORDON_UNKNOWN;
    } else {
        const struct cdn_binding base = d->bind;
        for (uint32_t n = 0; n < ways && value != CORDON_TRUE; n++) {
            cdn_decide_assign(d, other, &base, n);
            value = cdn_truth_or(value, value_of(d, other));
        }
        d->bind = base;
    }
    d->presumer = presumer;
    return value;
}

unsigned cdn_decide_licence(struct cdn_decider *d, const struct cdn_measure_rec *licence) {
    const unsigned value = cdn_decide_other(d, licence);
    if (value == CORDON_FALSE)
        return value;
    const bool bound_for_all = !licence->entities.count && !licence->bound_countries.count;
    const unsigned ours = bound_for_all || d->entity != CDN_NO_INDEX ? CORDON_TRUE : CORDON_UNKNOWN;
    return cdn_truth_and(cdn_truth_and(value, ours), cdn_decide_duties_kept(d, licence));
}

static bool on_condition(const struct cdn_snapshot *s, const struct cdn_measure_rec *licence) {
    for (uint32_t i = licence->duties.first; i < licence->duties.first + licence->duties.count; i++) {
        if (s->duties[i].condition)
            return true;
    }
    return false;
}

/* Of two licences that lift: the one without a condition, else the first by name, wherever they stand. */
static bool preferred(const struct cdn_snapshot *s, uint32_t licence, int32_t other) {
    if (other < 0)
        return true;
    const struct cdn_measure_rec *a = &s->measures[licence], *b = &s->measures[other];
    if (on_condition(s, a) != on_condition(s, b))
        return !on_condition(s, a);
    return cdn_str_cmp(cdn_snap_str(s, a->id), cdn_snap_str(s, b->id)) < 0;
}

/* IMPLEMENTS: CS-LIFT */
static void look_for_licence(struct cdn_decider *d,
                             const struct cdn_measure_rec *m,
                             struct cdn_assessment *a) {
    for (uint32_t i = 0; i < m->lifted_by.count; i++) {
        const uint32_t licence = d->snap->indexes[m->lifted_by.first + i];
        const unsigned value = cdn_decide_licence(d, &d->snap->measures[licence]);
        a->licence = (uint8_t)cdn_truth_or(a->licence, value);
        if (value == CORDON_TRUE && preferred(d->snap, licence, a->licence_measure))
            a->licence_measure = (int32_t)licence;
    }
}

/* IMPLEMENTS: CS-STATUTE
 * A statute of which it is not known whether it forbids is for a person to look at, as one that does. */
static void look_for_statute(struct cdn_decider *d,
                             const struct cdn_measure_rec *m,
                             struct cdn_assessment *a) {
    for (uint32_t i = 0; i < m->forbidden_by.count; i++) {
        const uint32_t statute = d->snap->indexes[m->forbidden_by.first + i];
        if (cdn_decide_other(d, &d->snap->measures[statute]) != CORDON_FALSE) {
            a->statute = (int32_t)statute;
            return;
        }
    }
}

/* IMPLEMENTS: CS-EXCEPT */
void cdn_decide_assess(struct cdn_decider *d, uint32_t measure, struct cdn_assessment *ret) {
    const struct cdn_measure_rec *m = &d->snap->measures[measure];
    const struct cdn_brief *b = &d->briefs[measure];
    struct cdn_assessment a = {.licence = CORDON_FALSE, .licence_measure = -1, .statute = -1};
    d->presumer = b->flags & CDN_BRIEF_PRESUMES ? m : NULL;
    d->stood_in = false;
    a.when = (uint8_t)cdn_decide_expr(d, b->when);
    const bool stood_in = d->stood_in;
    a.value = a.when;
    if (a.when != CORDON_FALSE && b->except_any != CDN_NO_INDEX) {
        a.except = (uint8_t)cdn_decide_expr(d, b->except_any);
        a.value = (uint8_t)cdn_truth_and(a.when, cdn_truth_not(a.except));
    }
    if (a.when == CORDON_FALSE && stood_in) {
        d->presumer = NULL;
        a.presumed_away = cdn_decide_expr(d, b->when) != CORDON_FALSE;
        d->presumer = m;
    }
    if (a.value != CORDON_FALSE && (b->flags & CDN_BRIEF_LIFTED))
        look_for_licence(d, m, &a);
    if (a.value != CORDON_FALSE && a.licence != CORDON_TRUE && (b->flags & CDN_BRIEF_FORBIDDEN))
        look_for_statute(d, m, &a);
    *ret = a;
}

unsigned cdn_decide_outcome(struct cdn_decider *d,
                            const struct cdn_measure_rec *m,
                            const struct cdn_outcome_rec *o) {
    if (!(o->flags & CDN_OUTCOME_CAP))
        return o->verdict;
    struct cdn_decimal left;
    switch (cdn_decide_cap(d, m, o, &left)) {
    case CORDON_TRUE:
        return CORDON_VERDICT_LIMIT;
    case CORDON_FALSE:
        return CORDON_VERDICT_DENY;
    default:
        return CORDON_VERDICT_HOLD;
    }
}

unsigned cdn_decide_forms(const struct cdn_outcome_rec *o) {
    if (o->verdict == CORDON_VERDICT_FREEZE || o->form == CDN_FORM_RETAIN)
        return CDN_FORMS_KEEP;
    const bool gives =
        o->form == CDN_FORM_RETURN || o->form == CDN_FORM_CLOSE_AND_RETURN || o->form == CDN_FORM_WITHDRAW;
    return gives ? CDN_FORMS_GIVE : 0;
}

void cdn_decide_subject_of(const struct cdn_decider *d,
                           const struct cdn_outcome_rec *o,
                           struct cdn_hit *ret) {
    unsigned kind = o->subject_kind, index = o->subject_index;
    if (kind == CDN_SUBJECT_NONE) {
        kind = d->briefs[o->measure].subject_kind;
        index = d->briefs[o->measure].subject_index;
    }
    ret->subject_kind = CDN_SUBJECT_REQUEST;
    ret->subject = 0;
    if (kind != CDN_SUBJECT_ROLE && kind != CDN_SUBJECT_OBJECT)
        return;
    int who = kind == CDN_SUBJECT_ROLE ? d->bind.role[index] : d->bind.object[index];
    if (who == CDN_BIND_OPEN)
        who = kind == CDN_SUBJECT_ROLE ? d->request->role_first[index] : d->request->object_first[index];
    if (who < 0)
        return;
    ret->subject_kind = (uint8_t)kind;
    ret->subject = (uint16_t)who;
}

static uint8_t *forms_slot(struct cdn_decider *d, unsigned kind, uint32_t who) {
    if (kind == CDN_SUBJECT_ROLE)
        return &d->party_forms[who];
    return kind == CDN_SUBJECT_OBJECT ? &d->object_forms[who] : &d->request_forms;
}

/* The outcome's role where several have it and the condition does not choose among them: it binds all. */
static bool binds_all(const struct cdn_decider *d, const struct cdn_outcome_rec *o) {
    if (o->subject_kind == CDN_SUBJECT_ROLE)
        return d->bind.role[o->subject_index] == CDN_BIND_OPEN;
    return o->subject_kind == CDN_SUBJECT_OBJECT && d->bind.object[o->subject_index] == CDN_BIND_OPEN;
}

/* Notes the forms on whom the hit binds under the way at hand. True: on one of them they contradict. */
static bool note_forms(struct cdn_decider *d,
                       const struct cdn_outcome_rec *o,
                       const struct cdn_hit *h,
                       unsigned forms) {
    const bool is_object = h->subject_kind == CDN_SUBJECT_OBJECT;
    const uint32_t n = is_object ? d->request->object_count : d->request->party_count;
    bool conflict = false;
    d->forms_seen = true;
    for (uint32_t i = h->subject; i == h->subject || (binds_all(d, o) && i < n); i++) {
        if (i != h->subject &&
            (is_object ? d->request->objects[i].kind : d->request->parties[i].role) != o->subject_index)
            continue;
        uint8_t *slot = forms_slot(d, h->subject_kind, i);
        *slot = (uint8_t)(*slot | forms);
        conflict |= *slot == (CDN_FORMS_KEEP | CDN_FORMS_GIVE);
    }
    return conflict;
}

/* How firmly a way speaks: a stricter verdict first, then a certain one. */
static unsigned rank(unsigned verdict, unsigned value) {
    return verdict * 2 + (value == CORDON_TRUE);
}

/* What the outcome contributes under the way at hand. */
static unsigned contribution(struct cdn_decider *d,
                             const struct cdn_measure_rec *m,
                             const struct cdn_outcome_rec *o,
                             const struct cdn_assessment *a) {
    unsigned verdict = a->value == CORDON_UNKNOWN ? m->if_unknown : m->if_contradictory;
    if (a->value == CORDON_TRUE)
        verdict = cdn_decide_outcome(d, m, o);
    if (a->statute >= 0 && verdict > CORDON_VERDICT_ALLOW) {
        d->statute_conflict = true;
        return CORDON_VERDICT_HOLD;
    }
    return verdict;
}

/* IMPLEMENTS: CS-UNKNOWN */
static void take_outcomes(struct cdn_decider *d,
                          const struct cdn_measure_rec *m,
                          const uint32_t *posts,
                          uint32_t n,
                          const struct cdn_assessment *a,
                          struct cdn_hit *hit) {
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t number = d->snap->posts[posts[i]].outcome;
        const struct cdn_outcome_rec *o = &d->snap->outcomes[number];
        struct cdn_hit h = {.measure = hit->measure, .outcome = number, .lifted_by = -1, .value = a->value};
        h.verdict = (uint8_t)contribution(d, m, o, a);
        cdn_decide_subject_of(d, o, &h);
        const unsigned forms = a->value == CORDON_TRUE && a->statute < 0 ? cdn_decide_forms(o) : 0;
        if (forms && note_forms(d, o, &h, forms))
            d->form_conflict = true;
        h.standing = a->value == CORDON_TRUE || hit->standing == CDN_STANDING_APPLIED
                         ? CDN_STANDING_APPLIED
                         : CDN_STANDING_HELD_UNKNOWN;
        const bool first =
            hit->standing != CDN_STANDING_APPLIED && hit->standing != CDN_STANDING_HELD_UNKNOWN;
        const unsigned mine = rank(h.verdict, h.value), best = rank(hit->verdict, hit->value);
        if (first || mine > best || (mine == best && h.outcome < hit->outcome))
            *hit = h;
        else
            hit->standing = h.standing;
    }
}

/* A way in which the measure is lifted, excepted or presumed away: of note while nothing firmer is. */
static void take_spared(struct cdn_decider *d,
                        uint32_t post,
                        const struct cdn_assessment *a,
                        struct cdn_hit *hit) {
    const bool lifted = a->value != CORDON_FALSE;
    const unsigned standing = lifted                    ? CDN_STANDING_LIFTED
                              : a->when != CORDON_FALSE ? CDN_STANDING_EXCEPTED
                                                        : CDN_STANDING_PRESUMED;
    const bool weaker = hit->standing == CDN_STANDING_NONE ||
                        (hit->standing == CDN_STANDING_PRESUMED && standing != CDN_STANDING_PRESUMED) ||
                        (hit->standing == CDN_STANDING_EXCEPTED && lifted);
    if (!weaker)
        return;
    hit->outcome = d->snap->posts[post].outcome;
    hit->standing = (uint8_t)standing;
    hit->lifted_by = lifted ? a->licence_measure : -1;
    hit->verdict = CORDON_VERDICT_ALLOW;
    hit->value = a->value;
    cdn_decide_subject_of(d, &d->snap->outcomes[hit->outcome], hit);
}

static void edges_of_hit(struct cdn_decider *d, const struct cdn_measure_rec *m, const struct cdn_hit *hit) {
    if (!(d->briefs[hit->measure].flags & CDN_BRIEF_AFTER))
        return;
    if (hit->standing == CDN_STANDING_APPLIED || hit->standing == CDN_STANDING_HELD_UNKNOWN)
        cdn_decide_hit_edges(d, m);
}

void cdn_decide_measure(struct cdn_decider *d, uint32_t measure, const uint32_t *posts, uint32_t n) {
    const struct cdn_measure_rec *m = &d->snap->measures[measure];
    const unsigned flags = d->briefs[measure].flags;
    if (((flags & CDN_BRIEF_SUSPENDED) && suspended(d, m)) ||
        ((flags & CDN_BRIEF_BINDS) && !cdn_decide_bound(d, m)))
        return; /* that its time has come, the candidate's post has said */
    struct cdn_hit hit = {.measure = measure, .lifted_by = -1};
    unsigned value = CORDON_FALSE;
    d->bind = d->home;
    const uint32_t ways = d->several ? cdn_decide_ways(d, m) : 1;
    const bool too_many = ways > CDN_MAX_ASSIGNMENTS;
    struct cdn_assessment a = {.value = CORDON_UNKNOWN, .licence_measure = -1, .statute = -1};
    for (uint32_t way = 0; way < (too_many ? 1 : ways); way++) {
        if (!too_many) {
            if (ways > 1)
                cdn_decide_assign(d, m, &d->home, way);
            cdn_decide_assess(d, measure, &a);
        }
        if (a.value == CORDON_FALSE && a.when == CORDON_FALSE && !a.presumed_away)
            continue;
        value = cdn_truth_or(value, a.value);
        if (a.value == CORDON_FALSE || a.licence == CORDON_TRUE)
            take_spared(d, posts[0], &a, &hit);
        else
            take_outcomes(d, m, posts, n, &a, &hit);
        if (a.licence == CORDON_TRUE)
            cdn_decide_hit_edges(d, &d->snap->measures[a.licence_measure]);
    }
    if (hit.standing == CDN_STANDING_NONE)
        return;
    edges_of_hit(d, m, &hit);
    hit.value = (uint8_t)value;
    a.only_way = ways == 1;
    d->assessed[d->hit_count] = a;
    d->hits[d->hit_count++] = hit;
}

/* Does the hit bind somebody on whom forms contradict each other? All ways are looked at again: conflicts
 * are rare. */
bool cdn_decide_in_form_conflict(struct cdn_decider *d, const struct cdn_hit *hit) {
    const struct cdn_measure_rec *m = &d->snap->measures[hit->measure];
    const unsigned forms = cdn_decide_forms(&d->snap->outcomes[hit->outcome]);
    if (hit->standing != CDN_STANDING_APPLIED || !forms)
        return false;
    d->bind = d->home;
    const uint32_t ways = cdn_decide_ways(d, m);
    for (uint32_t way = 0; way < ways && ways <= CDN_MAX_ASSIGNMENTS; way++) {
        struct cdn_assessment a;
        struct cdn_hit h = {0};
        cdn_decide_assign(d, m, &d->home, way);
        cdn_decide_assess(d, hit->measure, &a);
        if (a.value != CORDON_TRUE || a.licence == CORDON_TRUE || a.statute >= 0)
            continue;
        cdn_decide_subject_of(d, &d->snap->outcomes[hit->outcome], &h);
        if (note_forms(d, &d->snap->outcomes[hit->outcome], &h, forms))
            return true;
    }
    return false;
}

/* IMPLEMENTS: CS-FORMS CS-PROTECT */
void cdn_decide_conflicts(struct cdn_decider *d) {
    bool is_protected = false;
    for (uint32_t i = 0; i < d->hit_count && d->snap_protects; i++) {
        const struct cdn_hit *h = &d->hits[i];
        is_protected |= h->standing == CDN_STANDING_APPLIED && h->value == CORDON_TRUE &&
                        d->snap->measures[h->measure].class_ == CDN_CLASS_PROTECT;
    }
    for (uint32_t i = 0; i < d->hit_count && (is_protected || d->form_conflict); i++) {
        struct cdn_hit *h = &d->hits[i];
        if (h->verdict <= CORDON_VERDICT_ALLOW)
            continue;
        if (is_protected) {
            d->protect_conflict = true;
            if (d->snap->measures[h->measure].basis != CDN_BASIS_LAW)
                h->verdict = CORDON_VERDICT_HOLD;
        }
        if (d->form_conflict && cdn_decide_in_form_conflict(d, h))
            h->verdict = CORDON_VERDICT_HOLD;
    }
}
