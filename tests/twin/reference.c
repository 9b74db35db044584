/* SPDX-License-Identifier: Apache-2.0 */
/* reference.c: see reference.h. Conditions, measures, and what they add up to. Everything is worked out again
 * whenever it is needed. */
#include "twin/reference_priv.h"

/* ---- conditions --------------------------------------------------------------------------------------- */

static bool needed(const struct world *w, struct cdn_subject s) {
    if (s.kind == CDN_SUBJECT_ROLE)
        return w->action->needs_roles >> s.index & 1;
    return s.kind == CDN_SUBJECT_OBJECT && (w->action->needs_objects >> s.index & 1);
}
static unsigned ask(const struct world *w, const struct cdn_test *t, struct whom x) {
    switch (t->kind) {
    case CDN_TEST_FINDING:
        return cdn_ref_finding(w, t, x);
    case CDN_TEST_EVIDENCE:
        return cdn_ref_evidence_in(w, t, x);
    case CDN_TEST_FACT:
        return cdn_ref_fact(w, t, x);
    case CDN_TEST_NEW:
        return cdn_ref_is_new(w, t, x.party);
    case CDN_TEST_LISTED:
        return cdn_ref_listed(w, t, x);
    case CDN_TEST_OWNED:
        return cdn_ref_owned(w, t, x);
    case CDN_TEST_PRESENT:
        return cdn_ref_present(w, t, x);
    default:
        return U;
    }
}
static bool find_whom(const struct world *w, struct cdn_subject s, struct whom *ret) {
    const bool is_object = s.kind == CDN_SUBJECT_OBJECT || (s.kind == CDN_SUBJECT_IT && w->it_is_object);
    const int i = s.kind == CDN_SUBJECT_IT ? w->it : is_object ? w->object[s.index] : w->role[s.index];
    *ret = (struct whom){.index = i};
    if (i < 0)
        return false;
    if (is_object)
        ret->object = &w->r->objects[i];
    else
        ret->party = &w->r->parties[i];
    return true;
}
/* Nothing speaks for it, and no name was ambiguous. */
static bool silent(const struct world *w, const struct cdn_test *t) {
    struct whom x = {0};
    if (t->subject.kind != CDN_SUBJECT_REQUEST && !find_whom(w, t->subject, &x))
        return x.index == NOBODY;
    if (t->kind == CDN_TEST_NEW ||
        (t->kind == CDN_TEST_FACT && (t->fact == CDN_FACT_SINCE || t->fact == CDN_FACT_PERIOD_END)))
        return x.party->relations_have != CDN_HAVE_VALUE;
    if (t->kind == CDN_TEST_LISTED || t->kind == CDN_TEST_OWNED)
        return cdn_ref_unlisted(w, t, x);
    if (t->kind == CDN_TEST_FACT) {
        const struct cdn_value *v = cdn_ref_fact_of(w, t, x);
        return !v || v->have != CDN_HAVE_VALUE;
    }
    if (t->kind != CDN_TEST_FINDING && t->kind != CDN_TEST_EVIDENCE)
        return false;
    uint32_t n = 0;
    const struct cdn_evidence *e = cdn_ref_evidence_of(x, &n);
    for (uint32_t i = 0; i < n; i++) {
        const bool asked = t->kind == CDN_TEST_FINDING
                               ? cdn_evidence_kinds[e[i].kind].strength[t->finding] > 0
                               : e[i].kind == t->evidence;
        const struct voice v = cdn_ref_listen(w, &e[i], &t->places);
        if (asked && cdn_ref_usable(w, &e[i]) && (v.may_mean || v.in == T) &&
            !(t->kind == CDN_TEST_FINDING && cdn_ref_too_old(w, &e[i], t->finding)))
            return false;
    }
    return true;
}
/* Two tests that ask the same; places only when they are one and the same test. */
static bool same_question(const struct cdn_test *a, const struct cdn_test *b) {
    if (a == b)
        return true;
    if (a->kind != b->kind || a->cmp != b->cmp || a->subject.kind != b->subject.kind ||
        a->subject.index != b->subject.index || a->evidence != b->evidence || a->fact != b->fact ||
        a->finding != b->finding || a->text_count != b->text_count || a->boolean != b->boolean ||
        a->service != b->service || a->places.count || b->places.count || a->list_count != b->list_count ||
        a->match != b->match || a->review != b->review || a->percent_strict != b->percent_strict ||
        a->aggregate != b->aggregate || a->or_controlled != b->or_controlled ||
        cdn_decimal_cmp(a->percent, b->percent) != 0 || a->against_now != b->against_now ||
        a->left_offset != b->left_offset || a->right_offset != b->right_offset ||
        memcmp(a->money.currency, b->money.currency, 4) != 0 ||
        a->money.amount.mantissa != b->money.amount.mantissa || a->when.first != b->when.first ||
        a->when.kind != b->when.kind)
        return false;
    for (uint32_t i = 0; i < a->text_count; i++) {
        if (!cdn_str_eq(a->texts[i], b->texts[i]))
            return false;
    }
    for (uint32_t i = 0; i < a->list_count; i++) {
        if (a->lists[i] != b->lists[i])
            return false;
    }
    return true;
}
static unsigned test(const struct world *w, const struct cdn_test *t) {
    struct whom x = {0};
    unsigned value;
    if (t->kind == CDN_TEST_NOW)
        value = cdn_ref_compare_when(
            cdn_ref_now(w), t->cmp, cdn_when_plus(t->when, t->right_offset - t->left_offset));
    else if (t->subject.kind == CDN_SUBJECT_REQUEST || find_whom(w, t->subject, &x))
        value = ask(w, t, x);
    else
        value = needed(w, t->subject) ? U : F;
    for (uint32_t i = 0; value == U && !w->presume_nothing && i < w->owner->presume_count; i++) {
        if (same_question(w->owner->presumes[i].test, t))
            return silent(w, t) ? w->owner->presumes[i].value : U;
    }
    return value;
}
static unsigned condition(struct world *w, const struct cdn_expr *x);
static unsigned quantified(struct world *w, const struct cdn_expr *x) {
    const bool objects = x->subject.kind == CDN_SUBJECT_OBJECT;
    const int saved = w->it;
    const bool saved_kind = w->it_is_object;
    unsigned value = x->op == CDN_EXPR_ANY ? F : T;
    uint32_t seen = 0;
    for (uint32_t i = 0; i < (objects ? w->r->object_count : w->r->party_count); i++) {
        if (objects ? w->r->objects[i].kind != x->subject.index
                    : x->subject.kind == CDN_SUBJECT_ROLE && w->r->parties[i].role != x->subject.index)
            continue;
        seen++;
        w->it = (int)i;
        w->it_is_object = objects;
        const unsigned v = condition(w, x->children[0]);
        value = x->op == CDN_EXPR_ANY ? cdn_ref_either(value, v) : cdn_ref_both(value, v);
    }
    w->it = saved;
    w->it_is_object = saved_kind;
    return seen ? value : needed(w, x->subject) ? U : F;
}
static unsigned condition(struct world *w, const struct cdn_expr *x) {
    unsigned value = T;
    switch (x->op) {
    case CDN_EXPR_TRUE:
        return T;
    case CDN_EXPR_TEST:
        return test(w, x->test);
    case CDN_EXPR_NOT:
        return cdn_ref_opposite(condition(w, x->children[0]));
    case CDN_EXPR_XOR:
        return cdn_ref_exactly_one(condition(w, x->children[0]), condition(w, x->children[1]));
    case CDN_EXPR_AND:
        for (uint32_t i = 0; i < x->count; i++)
            value = cdn_ref_both(value, condition(w, x->children[i]));
        return value;
    case CDN_EXPR_OR:
        value = F;
        for (uint32_t i = 0; i < x->count; i++)
            value = cdn_ref_either(value, condition(w, x->children[i]));
        return value;
    default:
        return quantified(w, x);
    }
}

/* ---- measures ----------------------------------------------------------------------------------------- */

struct wanted {
    struct cdn_subject list[64];
    uint32_t count;
};
static void want(struct wanted *x, const struct cdn_expr *e) {
    if (e && e->op == CDN_EXPR_TEST &&
        (e->test->subject.kind == CDN_SUBJECT_ROLE || e->test->subject.kind == CDN_SUBJECT_OBJECT)) {
        bool known = false;
        for (uint32_t i = 0; i < x->count; i++)
            known |= x->list[i].kind == e->test->subject.kind && x->list[i].index == e->test->subject.index;
        if (!known)
            x->list[x->count++] = e->test->subject;
    }
    for (uint32_t i = 0; e && i < e->count; i++)
        want(x, e->children[i]);
}
static struct wanted wanted_by(const struct cdn_measure *m) {
    struct wanted x = {.count = 0};
    want(&x, m->when);
    for (uint32_t i = 0; i < m->except_count; i++)
        want(&x, m->excepts[i].when);
    return x;
}
static int *slot_of(struct world *w, struct cdn_subject s) {
    return s.kind == CDN_SUBJECT_ROLE ? &w->role[s.index] : &w->object[s.index];
}
static uint32_t how_many(const struct world *w, struct cdn_subject s) {
    uint32_t n = 0;
    for (uint32_t i = 0; s.kind == CDN_SUBJECT_ROLE && i < w->r->party_count; i++)
        n += w->r->parties[i].role == s.index;
    for (uint32_t i = 0; s.kind == CDN_SUBJECT_OBJECT && i < w->r->object_count; i++)
        n += w->r->objects[i].kind == s.index;
    return n;
}
static int the_nth(const struct world *w, struct cdn_subject s, uint32_t n) {
    const uint32_t of = s.kind == CDN_SUBJECT_ROLE ? w->r->party_count : w->r->object_count;
    for (uint32_t i = 0; i < of; i++) {
        if ((s.kind == CDN_SUBJECT_ROLE ? w->r->parties[i].role : w->r->objects[i].kind) == s.index &&
            n-- == 0)
            return (int)i;
    }
    return NOBODY;
}
/* All ways, one call of `each` for each; false when there are too many. */
typedef void (*each_way)(struct world *w, void *ctx);
static void fill(struct world *w, const struct wanted *x, uint32_t from, each_way each, void *ctx) {
    while (from < x->count && *slot_of(w, x->list[from]) != SEVERAL)
        from++;
    if (from == x->count) {
        each(w, ctx);
        return;
    }
    for (uint32_t i = 0; i < how_many(w, x->list[from]); i++) {
        *slot_of(w, x->list[from]) = the_nth(w, x->list[from], i);
        fill(w, x, from + 1, each, ctx);
        *slot_of(w, x->list[from]) = SEVERAL;
    }
}
static bool every_way(struct world *w, const struct cdn_measure *m, each_way each, void *ctx) {
    const struct wanted x = wanted_by(m);
    uint64_t ways = 1;
    for (uint32_t i = 0; i < x.count; i++) {
        if (*slot_of(w, x.list[i]) == SEVERAL)
            ways *= how_many(w, x.list[i]);
        if (ways > MAX_WAYS)
            return false;
    }
    fill(w, &x, 0, each, ctx);
    return true;
}
static bool in_force(const struct world *w, const struct cdn_measure *m) {
    if ((m->effective.written.n && w->at < m->effective.at) || (m->until.written.n && w->at >= m->until.at))
        return false;
    for (uint32_t i = 0; i < m->suspension_count; i++) {
        const struct cdn_suspension *s = &m->suspensions[i];
        if (w->at >= s->from.at && (!s->until.written.n || w->at < s->until.at))
            return false;
    }
    return true;
}
static bool bound(const struct world *w, const struct cdn_measure *m) {
    if (!m->entity_count && !m->bound_country_count)
        return true;
    for (uint32_t e = 0; e < w->rb->entity_count; e++) {
        if (!cdn_str_eq(w->rb->entities[e].id, w->r->acting_entity))
            continue;
        for (uint32_t i = 0; i < m->entity_count; i++) {
            if (m->entities[i] == e)
                return true;
        }
        for (uint32_t i = 0; i < m->bound_country_count; i++) {
            if (m->bound_countries[i] == w->rb->entities[e].country)
                return true;
        }
        return false;
    }
    return true; /* not named, not known */
}
static unsigned exceptions(struct world *w, const struct cdn_measure *m) {
    unsigned value = F;
    for (uint32_t i = 0; i < m->except_count; i++)
        value = cdn_ref_either(value, condition(w, m->excepts[i].when));
    return value;
}
static unsigned when(struct world *w, const struct cdn_measure *m) {
    return m->when ? condition(w, m->when) : T;
}
static void or_value(struct world *w, void *ctx) {
    unsigned *value = ctx;
    *value =
        cdn_ref_either(*value, cdn_ref_both(when(w, w->owner), cdn_ref_opposite(exceptions(w, w->owner))));
}
/* A licence or statute, with the roles as they are filled. */
static unsigned other_value(const struct world *w, const struct cdn_measure *m) {
    struct world mine = *w;
    mine.owner = m;
    unsigned value = F;
    if (!in_force(w, m) || !bound(w, m))
        return F;
    return every_way(&mine, m, or_value, &value) ? value : U;
}
static unsigned licence_value(const struct world *w, const struct cdn_measure *m) {
    unsigned value = other_value(w, m);
    bool known = !m->entity_count && !m->bound_country_count;
    for (uint32_t e = 0; e < w->rb->entity_count; e++)
        known |= cdn_str_eq(w->rb->entities[e].id, w->r->acting_entity);
    value = known ? value : cdn_ref_both(value, U);
    for (uint32_t i = 0; i < w->r->state_count; i++) {
        const struct cdn_state *s = &w->r->state[i];
        if (s->kind != CDN_STATE_DUTY || !cdn_str_eq(s->measure, m->id) || s->due_have != CDN_HAVE_VALUE ||
            (s->reference.n && w->r->reference.n && !cdn_str_eq(s->reference, w->r->reference)))
            continue;
        unsigned in_time = (unsigned)cdn_when_not_after(cdn_ref_now(w), s->due);
        if (s->done_have == CDN_HAVE_VALUE)
            in_time = cdn_ref_either(in_time, (unsigned)cdn_when_not_after(s->done, s->due));
        value = cdn_ref_both(value, in_time);
    }
    return value;
}
static bool names(const uint32_t *list, uint32_t n, uint32_t what) {
    for (uint32_t i = 0; i < n; i++) {
        if (list[i] == what)
            return true;
    }
    return false;
}
static bool concerns(const struct world *w, const struct cdn_outcome *o) {
    const bool action = o->any_action ? !names(o->not_actions, o->not_action_count, w->action_number)
                                      : names(o->actions, o->action_count, w->action_number);
    return action && (o->any_service || names(o->services, o->service_count, w->service_number));
}
static unsigned capped(const struct world *w, const struct cdn_measure *m, const struct cdn_outcome *o) {
    struct cdn_decimal total = {0, 0}, used = {0, 0}, amount;
    bool any = false, found = o->cap_window == CDN_UNIT_NONE;
    for (uint32_t i = 0; i < w->r->object_count; i++) {
        const struct cdn_object *x = &w->r->objects[i];
        if (x->kind != CDN_OBJECT_PAYMENT)
            continue;
        any = true;
        const struct cdn_value *v = cdn_object_fact(x, CDN_FACT_AMOUNT);
        if (!v || v->have != CDN_HAVE_VALUE || v->money.amount.mantissa < 0 ||
            !cdn_ref_convert(w, &v->money, o->cap.currency, &amount) ||
            cdn_decimal_add(total, amount, &total) < 0)
            return CORDON_VERDICT_HOLD;
    }
    if (!any && (w->action->needs_objects >> CDN_OBJECT_PAYMENT & 1))
        return CORDON_VERDICT_HOLD;
    for (uint32_t i = 0; i < w->r->state_count && o->cap_window != CDN_UNIT_NONE; i++) {
        const struct cdn_state *s = &w->r->state[i];
        if (s->kind != CDN_STATE_USAGE || !cdn_str_eq(s->measure, m->id) ||
            (s->until_have == CDN_HAVE_VALUE && !cdn_ref_surely_before(cdn_ref_now(w), s->until)))
            continue;
        if (!cdn_ref_convert(w, &s->used, o->cap.currency, &amount) ||
            cdn_decimal_add(used, amount, &used) < 0)
            return CORDON_VERDICT_HOLD;
        found = true;
    }
    if (!found)
        return CORDON_VERDICT_HOLD;
    if (cdn_decimal_add(total, used, &total) < 0)
        return CORDON_VERDICT_HOLD;
    return cdn_decimal_cmp(total, o->cap.amount) <= 0 ? CORDON_VERDICT_LIMIT : CORDON_VERDICT_DENY;
}

/* ---- hits --------------------------------------------------------------------------------------------- */

enum { KEEPS = 1, GIVES = 2 };
struct trial { /* of one measure */
    struct cdn_reference_hit hit;
    uint32_t outcome;
    unsigned rank;
    bool applied, held, lifted, excepted, presumed;
    struct cdn_reference *ret;
    uint8_t (*forms)[600]; /* by subject */
    bool look_for_conflict, in_conflict;
};
static unsigned forms_of(const struct cdn_outcome *o) {
    if (o->verdict == CORDON_VERDICT_FREEZE || o->form == CDN_FORM_RETAIN)
        return KEEPS;
    return o->form == CDN_FORM_RETURN || o->form == CDN_FORM_CLOSE_AND_RETURN || o->form == CDN_FORM_WITHDRAW
               ? GIVES
               : 0;
}
/* Every subject that the outcome binds gets the forms; true: on one of them they contradict each other. */
static bool mark(struct world *w,
                 const struct cdn_measure *m,
                 const struct cdn_outcome *o,
                 uint8_t forms[600]) {
    struct cdn_subject s = o->subject;
    const struct wanted x = wanted_by(m);
    for (unsigned kind = CDN_SUBJECT_ROLE; !s.kind && kind <= CDN_SUBJECT_OBJECT; kind++) {
        for (uint32_t i = 0; !s.kind && i < x.count; i++) {
            if (x.list[i].kind == kind)
                s = x.list[i];
        }
    }
    bool conflict = false;
    const bool object = s.kind == CDN_SUBJECT_OBJECT;
    if (s.kind != CDN_SUBJECT_ROLE && !object) {
        forms[599] |= (uint8_t)forms_of(o);
        return forms[599] == 3;
    }
    const int who = *slot_of(w, s);
    if (who == NOBODY) {
        forms[599] |= (uint8_t)forms_of(o);
        return forms[599] == 3;
    }
    for (uint32_t i = 0; i < (object ? w->r->object_count : w->r->party_count); i++) {
        if (who >= 0 ? (int)i != who : (object ? w->r->objects[i].kind : w->r->parties[i].role) != s.index)
            continue;
        uint8_t *slot = &forms[(object ? 256 : 0) + i];
        *slot |= (uint8_t)forms_of(o);
        conflict |= *slot == 3;
    }
    return conflict;
}
static bool find_licence(const struct world *w, uint32_t number) {
    for (uint32_t i = 0; i < w->rb->measure_count; i++) {
        const struct cdn_measure *x = &w->rb->measures[i];
        if (x->class_ == CDN_CLASS_LICENCE && names(x->lifts, x->lift_count, number) &&
            licence_value(w, x) == T)
            return true;
    }
    return false;
}
static bool find_statute(const struct world *w, uint32_t number) {
    for (uint32_t i = 0; i < w->rb->measure_count; i++) {
        const struct cdn_measure *x = &w->rb->measures[i];
        if (x->class_ == CDN_CLASS_STATUTE && names(x->forbids, x->forbid_count, number) &&
            other_value(w, x) != F)
            return true;
    }
    return false;
}
static void contribute(struct world *w, struct trial *t, unsigned value, bool statute) {
    const struct cdn_measure *m = w->owner;
    for (uint32_t i = 0; i < m->outcome_count; i++) {
        const struct cdn_outcome *o = &m->outcomes[i];
        if (!concerns(w, o))
            continue;
        unsigned verdict = value == U ? m->if_unknown : m->if_contradictory;
        if (value == T)
            verdict = o->has_cap ? capped(w, m, o) : o->verdict;
        if (statute && verdict > CORDON_VERDICT_ALLOW) {
            verdict = CORDON_VERDICT_HOLD;
            t->ret->conflict = true;
        }
        if (value == T && !statute && forms_of(o)) {
            if (!t->look_for_conflict)
                (void)mark(w, m, o, *t->forms);
            else if (i == t->outcome)
                t->in_conflict |= mark(w, m, o, *t->forms);
        }
        const unsigned rank = verdict * 2 + (value == T) + 1;
        if (!t->look_for_conflict && (rank > t->rank || (rank == t->rank && i < t->outcome))) {
            t->rank = rank;
            t->outcome = i;
            t->hit.verdict = (uint8_t)verdict;
        }
    }
}
static void try_way(struct world *w, void *ctx) {
    struct trial *t = ctx;
    const unsigned holds = when(w, w->owner);
    const unsigned value = cdn_ref_both(holds, cdn_ref_opposite(exceptions(w, w->owner)));
    t->hit.value = (uint8_t)cdn_ref_either(t->hit.value, value);
    if (value == F) {
        t->excepted |= holds != F;
        w->presume_nothing = true;
        t->presumed |= when(w, w->owner) != F;
        w->presume_nothing = false;
        return;
    }
    if (find_licence(w, t->hit.measure)) {
        t->lifted = true;
        return;
    }
    t->applied |= value == T;
    t->held |= value != T;
    contribute(w, t, value, find_statute(w, t->hit.measure));
}
static void try_measure(struct world *w, struct trial *t) {
    if (every_way(w, w->owner, try_way, t))
        return;
    t->hit.value = U;
    t->held = true;
    contribute(w, t, U, false);
}
static bool has_outcome(const struct world *w, const struct cdn_measure *m) {
    for (uint32_t i = 0; i < m->outcome_count; i++) {
        if (concerns(w, &m->outcomes[i]))
            return true;
    }
    return false;
}
static void forms_conflict(struct world *w,
                           struct trial *trials,
                           struct cdn_reference *ret,
                           uint8_t forms[600]) {
    bool any = false;
    for (unsigned i = 0; i < 600; i++)
        any |= forms[i] == 3;
    ret->conflict |= any;
    for (uint32_t i = 0; any && i < ret->hit_count; i++) {
        if (ret->hits[i].verdict <= CORDON_VERDICT_ALLOW || ret->hits[i].standing != CDN_STANDING_APPLIED)
            continue;
        w->owner = &w->rb->measures[ret->hits[i].measure];
        trials[i].look_for_conflict = true;
        try_measure(w, &trials[i]);
        if (trials[i].in_conflict)
            ret->hits[i].verdict = CORDON_VERDICT_HOLD;
    }
}
static void protection(const struct world *w, struct cdn_reference *ret) {
    bool covered = false;
    for (uint32_t i = 0; i < ret->hit_count; i++)
        covered |= ret->hits[i].standing == CDN_STANDING_APPLIED && ret->hits[i].value == T &&
                   w->rb->measures[ret->hits[i].measure].class_ == CDN_CLASS_PROTECT;
    for (uint32_t i = 0; covered && i < ret->hit_count; i++) {
        if (ret->hits[i].verdict <= CORDON_VERDICT_ALLOW)
            continue;
        ret->conflict = true;
        if (w->rb->measures[ret->hits[i].measure].basis != CDN_BASIS_LAW)
            ret->hits[i].verdict = CORDON_VERDICT_HOLD;
    }
}

/* A hold is over when its end has surely come, and reaches what its measure does. */
static bool still_held(const struct world *w, const struct cdn_state *s) {
    const bool over = s->until_have == CDN_HAVE_VALUE && cdn_when_before(cdn_ref_now(w), s->until) == F;
    for (uint32_t i = 0; i < w->rb->measure_count; i++) {
        const struct cdn_measure *m = &w->rb->measures[i];
        if (cdn_str_eq(m->id, s->measure) && m->outcome_count)
            return !over && has_outcome(w, m);
    }
    return !over;
}

void cdn_reference_decide(const struct cdn_rulebook *rb,
                          const struct cdn_places *places,
                          const struct cdn_request *r,
                          int64_t at,
                          struct cdn_reference *ret) {
    cdn_reference_decide_listed(rb, places, NULL, r, at, ret);
}

void cdn_reference_decide_listed(const struct cdn_rulebook *rb,
                                 const struct cdn_places *places,
                                 const struct cdn_reference_lists *lists,
                                 const struct cdn_request *r,
                                 int64_t at,
                                 struct cdn_reference *ret) {
    struct world w = {.rb = rb, .places = places, .lists = lists, .r = r, .at = at, .it = NOBODY};
    static struct trial trials[256];
    uint8_t forms[600] = {0};
    *ret = (struct cdn_reference){.verdict = CORDON_VERDICT_ALLOW};
    for (uint32_t i = 0; i < rb->action_count; i++) {
        if (cdn_str_eq(rb->actions[i].id, r->action)) {
            w.action = &rb->actions[i];
            w.action_number = i;
        }
    }
    for (uint32_t i = 0; i < rb->service_count; i++) {
        if (cdn_str_eq(rb->services[i].id, r->service))
            w.service_number = i;
    }
    for (unsigned i = 0; i < CDN_ROLE_COUNT; i++) {
        const struct cdn_subject s = {CDN_SUBJECT_ROLE, (uint8_t)i};
        w.role[i] = how_many(&w, s) > 1 ? SEVERAL : the_nth(&w, s, 0);
    }
    for (unsigned i = 0; i < CDN_OBJECT_COUNT; i++) {
        const struct cdn_subject s = {CDN_SUBJECT_OBJECT, (uint8_t)i};
        w.object[i] = how_many(&w, s) > 1 ? SEVERAL : the_nth(&w, s, 0);
    }
    for (uint32_t i = 0; i < rb->measure_count; i++) {
        w.owner = &rb->measures[i];
        if (!in_force(&w, w.owner) || !bound(&w, w.owner) || !has_outcome(&w, w.owner))
            continue;
        struct trial t = {
            .hit = {.measure = i, .verdict = CORDON_VERDICT_ALLOW}, .ret = ret, .forms = &forms};
        try_measure(&w, &t);
        t.hit.standing = t.applied    ? CDN_STANDING_APPLIED
                         : t.held     ? CDN_STANDING_HELD_UNKNOWN
                         : t.lifted   ? CDN_STANDING_LIFTED
                         : t.excepted ? CDN_STANDING_EXCEPTED
                         : t.presumed ? CDN_STANDING_PRESUMED
                                      : CDN_STANDING_NONE;
        if (t.hit.standing != CDN_STANDING_NONE) {
            trials[ret->hit_count] = t;
            ret->hits[ret->hit_count++] = t.hit;
        }
    }
    forms_conflict(&w, trials, ret, forms);
    protection(&w, ret);
    for (uint32_t i = 0; i < ret->hit_count; i++)
        ret->verdict = CDN_MAX(ret->verdict, ret->hits[i].verdict);
    for (uint32_t i = 0; i < r->state_count; i++) {
        if (r->state[i].kind == CDN_STATE_HOLD && still_held(&w, &r->state[i]))
            ret->verdict = CDN_MAX(ret->verdict, CORDON_VERDICT_HOLD);
    }
}
