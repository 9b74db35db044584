/* SPDX-License-Identifier: Apache-2.0 */
/* explain_parts.c: the parts of a decision beside its reasons: outcomes per subject, duties with their due
 * instants, what stays allowed, conflicts with both sides, and the dates of the data that was used. */
#include "decide/explain_priv.h"
#include "places/places_view.h"

/* ---- outcomes ----------------------------------------------------------------------------------------- */

static bool names(const struct cdn_snapshot *s, struct cdn_run run, uint32_t what) {
    for (uint32_t i = run.first; i < run.first + run.count; i++) {
        if (s->indexes[i] == what)
            return true;
    }
    return false;
}

bool cdn_explain_concerns(const struct cdn_explain *x, uint32_t measure) {
    const struct cdn_run run = x->d->snap->measures[measure].outcomes;
    for (uint32_t i = run.first; i < run.first + run.count; i++) {
        if (cdn_decide_concerns(x->d, &x->d->snap->outcomes[i]))
            return true;
    }
    return false;
}

static bool same_line(const struct cdn_outcome_line *a, const struct cdn_outcome_line *b) {
    return a->subject.kind == b->subject.kind && a->subject.index == b->subject.index &&
           a->verdict == b->verdict && a->form == b->form && a->scope == b->scope && a->basis == b->basis &&
           cdn_str_eq(a->limit_to, b->limit_to) && !a->has_cap && !b->has_cap;
}

void cdn_explain_add_line(struct cdn_explain *x, const struct cdn_outcome_line *line, uint32_t measure) {
    struct cdn_outcome_line *list = x->outcomes.p;
    for (uint32_t i = 0; i < x->outcomes.n; i++) {
        if (same_line(&list[i], line)) {
            if (measure != CDN_NO_INDEX)
                cdn_explain_add_measure(x, &list[i].measures, &list[i].measure_count, measure);
            return;
        }
    }
    struct cdn_outcome_line *to = cdn_explain_push(x, &x->outcomes, sizeof *to);
    if (!to)
        return;
    *to = *line;
    if (measure != CDN_NO_INDEX)
        cdn_explain_add_measure(x, &to->measures, &to->measure_count, measure);
}

/* A line for everybody whom the outcome binds under d->bind: all of its role where the condition does not
 * choose among them. */
static void add_lines(struct cdn_explain *x,
                      const struct cdn_outcome_rec *o,
                      struct cdn_outcome_line *line,
                      uint32_t measure) {
    struct cdn_decider *d = x->d;
    struct cdn_hit h = {.measure = measure};
    cdn_decide_subject_of(d, o, &h);
    const bool is_object = h.subject_kind == CDN_SUBJECT_OBJECT;
    const int who = o->subject_kind != h.subject_kind || h.subject_kind == CDN_SUBJECT_REQUEST
                        ? CDN_BIND_ABSENT
                    : is_object ? d->bind.object[o->subject_index]
                                : d->bind.role[o->subject_index];
    const uint32_t n = is_object ? d->request->object_count : d->request->party_count;
    line->subject.kind = h.subject_kind;
    line->subject.index = h.subject;
    cdn_explain_add_line(x, line, measure);
    for (uint32_t i = (uint32_t)h.subject + 1; who == CDN_BIND_OPEN && i < n; i++) {
        line->subject.index = (uint16_t)i;
        if ((is_object ? d->request->objects[i].kind : d->request->parties[i].role) == o->subject_index)
            cdn_explain_add_line(x, line, measure);
    }
}

static void cap_of(struct cdn_explain *x,
                   const struct cdn_measure_rec *m,
                   const struct cdn_outcome_rec *o,
                   struct cdn_outcome_line *line) {
    if (!(o->flags & CDN_OUTCOME_CAP))
        return;
    line->has_cap = true;
    line->cap.amount = (struct cdn_decimal){o->cap_mantissa, o->cap_scale};
    memcpy(line->cap.currency, o->cap_currency, sizeof line->cap.currency);
    line->remaining = line->cap;
    line->remaining.amount = (struct cdn_decimal){0, 0};
    const unsigned within = cdn_decide_cap(x->d, m, o, &line->remaining.amount);
    if (within != CORDON_UNKNOWN)
        return;
    const struct cdn_pointer where = {.kind = CDN_SUBJECT_REQUEST, .evidence = -1, .field = "state"};
    cdn_explain_missing(x, CDN_STR("usage and payment.amount"), where, "not asked");
}

/* The lines of one way of filling the roles. A conflict has turned the hit into a hold: then its lines are.
 */
static void lines_of_way(struct cdn_explain *x, const struct cdn_hit *hit, const struct cdn_assessment *a) {
    struct cdn_decider *d = x->d;
    const struct cdn_measure_rec *m = &d->snap->measures[hit->measure];
    for (uint32_t i = m->outcomes.first; i < m->outcomes.first + m->outcomes.count; i++) {
        const struct cdn_outcome_rec *o = &d->snap->outcomes[i];
        if (!cdn_decide_concerns(d, o))
            continue;
        unsigned verdict = a->value == CORDON_TRUE      ? cdn_decide_outcome(d, m, o)
                           : a->value == CORDON_UNKNOWN ? m->if_unknown
                                                        : m->if_contradictory;
        verdict = a->statute >= 0 ? CDN_MIN(verdict, (unsigned)CORDON_VERDICT_HOLD)
                                  : CDN_MIN(verdict, hit->verdict);
        if (verdict <= CORDON_VERDICT_ALLOW)
            continue;
        if (a->statute >= 0 || (x->is_protected && m->basis != CDN_BASIS_LAW))
            verdict = CORDON_VERDICT_HOLD;
        struct cdn_outcome_line line = {.subject = {.evidence = -1}};
        line.verdict = (uint8_t)verdict;
        line.form = verdict == o->verdict ? o->form : CDN_FORM_NONE;
        line.scope = o->scope;
        line.basis = m->basis;
        line.limit_to =
            verdict == CORDON_VERDICT_LIMIT ? cdn_snap_str(d->snap, o->limit_to) : cdn_str(NULL, 0);
        if (a->value == CORDON_TRUE)
            cap_of(x, m, o, &line);
        add_lines(x, o, &line, hit->measure);
    }
}

/* IMPLEMENTS: CS-OUTCOME */
void cdn_explain_outcomes(struct cdn_explain *x, const struct cdn_hit *hit) {
    struct cdn_decider *d = x->d;
    const struct cdn_measure_rec *m = &d->snap->measures[hit->measure];
    d->bind = d->home;
    const uint32_t ways = cdn_decide_ways(d, m);
    if (ways > CDN_MAX_ASSIGNMENTS) {
        const struct cdn_assessment a = {.value = CORDON_UNKNOWN, .statute = -1};
        const struct cdn_pointer where = {.kind = CDN_SUBJECT_REQUEST, .evidence = -1, .field = "parties"};
        lines_of_way(x, hit, &a);
        cdn_explain_missing(x, CDN_STR("which party"), where, "too many parties");
        return;
    }
    for (uint32_t n = 0; n < ways && !x->err; n++) {
        struct cdn_assessment a;
        cdn_decide_assign(d, m, &d->home, n);
        cdn_decide_assess(d, hit->measure, &a);
        if (a.value != CORDON_FALSE && a.licence != CORDON_TRUE)
            lines_of_way(x, hit, &a);
    }
}

/* ---- duties ------------------------------------------------------------------------------------------- */

/* The due instant that an earlier decision under the same reference set. */
static bool due_of_state(const struct cdn_decider *d,
                         const struct cdn_measure_rec *m,
                         bool *ret_done,
                         int64_t *ret_due) {
    uint32_t from = 0;
    const struct cdn_state *s = NULL;
    while ((s = cdn_decide_duty_state(d, m, &from))) {
        *ret_done = s->done_have == CDN_HAVE_VALUE;
        if (s->due_have == CDN_HAVE_VALUE) {
            *ret_due = s->due.first;
            return true;
        }
    }
    return false;
}

void cdn_explain_duties(struct cdn_explain *x, uint32_t measure, bool *ret_open) {
    const struct cdn_measure_rec *m = &x->d->snap->measures[measure];
    for (uint32_t i = m->duties.first; i < m->duties.first + m->duties.count; i++) {
        const struct cdn_duty_rec *duty = &x->d->snap->duties[i];
        bool done = false;
        int64_t due = 0;
        bool has_due = duty->condition && due_of_state(x->d, m, &done, &due);
        if (duty->condition && done)
            continue;
        has_due = has_due || cdn_decide_due(x->d, duty, &due);
        *ret_open |= duty->condition;
        const struct cdn_duty_due *old = x->duties.p;
        bool known = false;
        for (uint32_t k = 0; k < x->duties.n; k++)
            known |= old[k].duty == i;
        struct cdn_duty_due *to =
            known || x->duties.n >= CDN_MAX_DUTIES ? NULL : cdn_explain_push(x, &x->duties, sizeof *to);
        if (to)
            *to = (struct cdn_duty_due){measure, i, has_due, due};
    }
}

/* ---- residue ------------------------------------------------------------------------------------------ */

static bool keeps_action(const struct cdn_decider *d, const struct cdn_measure_rec *m, uint32_t action) {
    for (uint32_t i = m->keeps.first; i < m->keeps.first + m->keeps.count; i++) {
        if (d->at < d->snap->keeps[i].until.at && names(d->snap, d->snap->keeps[i].actions, action))
            return true;
    }
    return false;
}

static void sort_texts(cordon_str *list, uint32_t n) {
    for (uint32_t i = 1; i < n; i++) {
        for (uint32_t k = i; k > 0 && cdn_str_cmp(list[k - 1], list[k]) > 0; k--) {
            const cordon_str t = list[k];
            list[k] = list[k - 1];
            list[k - 1] = t;
        }
    }
}

/* IMPLEMENTS: CS-KEEP */
void cdn_explain_keeps(struct cdn_explain *x, const struct cdn_hit *hits, uint32_t count) {
    const struct cdn_snapshot *s = x->d->snap;
    bool any = false;
    for (uint32_t i = 0; i < count; i++) {
        if (hits[i].verdict <= CORDON_VERDICT_ALLOW)
            continue;
        any = true;
        if (!s->measures[hits[i].measure].keeps.count) /* one that keeps nothing */
            return;
    }
    for (uint32_t action = 0; any && action < s->count[CDN_T_ACTION]; action++) {
        bool kept = true;
        for (uint32_t i = 0; i < count && kept; i++) {
            if (hits[i].verdict <= CORDON_VERDICT_ALLOW)
                continue;
            kept = keeps_action(x->d, &s->measures[hits[i].measure], action);
        }
        cordon_str *to = kept ? cdn_explain_push(x, &x->keep, sizeof *to) : NULL;
        if (to)
            *to = cdn_snap_str(s, s->actions[action].id);
    }
    sort_texts(x->keep.p, x->keep.n);
}

/* ---- conflicts ---------------------------------------------------------------------------------------- */

static void add_conflict(
    struct cdn_explain *x, const char *kind, uint32_t measure, uint32_t other, const char *text) {
    const struct cdn_conflict *old = x->conflicts.p;
    for (uint32_t i = 0; i < x->conflicts.n; i++) {
        if (old[i].measure == measure && old[i].other == other && cdn_str_eq(old[i].kind, cdn_str_z(kind)))
            return;
    }
    struct cdn_conflict *c = cdn_explain_push(x, &x->conflicts, sizeof *c);
    if (c)
        *c = (struct cdn_conflict){cdn_str_z(kind), measure, other, cdn_str_z(text)};
}

static void statutes_of(struct cdn_explain *x, const struct cdn_hit *hit) {
    struct cdn_decider *d = x->d;
    const struct cdn_measure_rec *m = &d->snap->measures[hit->measure];
    d->bind = d->home;
    const uint32_t ways = m->forbidden_by.count ? cdn_decide_ways(d, m) : 0;
    for (uint32_t n = 0; n < ways && ways <= CDN_MAX_ASSIGNMENTS; n++) {
        struct cdn_assessment a;
        cdn_decide_assign(d, m, &d->home, n);
        cdn_decide_assess(d, hit->measure, &a);
        if (a.statute >= 0 && hit->verdict > CORDON_VERDICT_ALLOW)
            add_conflict(x,
                         "blocking statute",
                         hit->measure,
                         (uint32_t)a.statute,
                         "one forbids what the other demands");
    }
}

struct form_on { /* one outcome's form, on one whom it binds */
    uint8_t subject_kind, forms;
    uint16_t subject;
    uint32_t measure;
};

static void note_form(struct cdn_explain *x, const struct cdn_hit *h, unsigned forms, struct cdn_list *list) {
    struct form_on *to = forms ? cdn_explain_push(x, list, sizeof *to) : NULL;
    if (to)
        *to = (struct form_on){h->subject_kind, (uint8_t)forms, h->subject, h->measure};
}

/* Everybody whom the outcome binds under d->bind: all of its role where the condition does not choose. */
static void note_forms(struct cdn_explain *x,
                       const struct cdn_outcome_rec *o,
                       uint32_t measure,
                       struct cdn_list *list) {
    struct cdn_decider *d = x->d;
    struct cdn_hit h = {.measure = measure};
    cdn_decide_subject_of(d, o, &h);
    const bool is_object = h.subject_kind == CDN_SUBJECT_OBJECT;
    const int who = is_object ? d->bind.object[o->subject_index] : d->bind.role[o->subject_index];
    const uint32_t n = is_object ? d->request->object_count : d->request->party_count;
    if (o->subject_kind == CDN_SUBJECT_NONE || o->subject_kind != h.subject_kind || who != CDN_BIND_OPEN) {
        note_form(x, &h, cdn_decide_forms(o), list);
        return;
    }
    for (uint32_t i = h.subject; i < n; i++) {
        h.subject = (uint16_t)i;
        if ((is_object ? d->request->objects[i].kind : d->request->parties[i].role) == o->subject_index)
            note_form(x, &h, cdn_decide_forms(o), list);
    }
}

static void forms_of_hit(struct cdn_explain *x, const struct cdn_hit *hit, struct cdn_list *list) {
    struct cdn_decider *d = x->d;
    const struct cdn_measure_rec *m = &d->snap->measures[hit->measure];
    d->bind = d->home;
    const uint32_t ways = hit->standing == CDN_STANDING_APPLIED ? cdn_decide_ways(d, m) : 0;
    for (uint32_t n = 0; n < ways && ways <= CDN_MAX_ASSIGNMENTS && !x->err; n++) {
        struct cdn_assessment a;
        cdn_decide_assign(d, m, &d->home, n);
        cdn_decide_assess(d, hit->measure, &a);
        if (a.value != CORDON_TRUE || a.licence == CORDON_TRUE || a.statute >= 0)
            continue;
        for (uint32_t i = m->outcomes.first; i < m->outcomes.first + m->outcomes.count; i++) {
            if (cdn_decide_concerns(d, &d->snap->outcomes[i]))
                note_forms(x, &d->snap->outcomes[i], hit->measure, list);
        }
    }
}

static void forms_between(struct cdn_explain *x, const struct cdn_hit *hits, uint32_t count) {
    struct cdn_list list = {0};
    for (uint32_t i = 0; i < count; i++)
        forms_of_hit(x, &hits[i], &list);
    const struct form_on *f = list.p;
    for (uint32_t i = 0; i < list.n && !x->err; i++) {
        for (uint32_t k = 0; k < list.n && f[i].forms == CDN_FORMS_KEEP; k++) {
            if (f[k].forms == CDN_FORMS_GIVE && f[k].subject_kind == f[i].subject_kind &&
                f[k].subject == f[i].subject)
                add_conflict(x, "forms", f[i].measure, f[k].measure, "one keeps what the other gives back");
        }
    }
}

void cdn_explain_conflicts(struct cdn_explain *x, const struct cdn_hit *hits, uint32_t count) {
    const struct cdn_snapshot *s = x->d->snap;
    for (uint32_t i = 0; i < count && !x->err; i++)
        statutes_of(x, &hits[i]);
    forms_between(x, hits, count);
    for (uint32_t i = 0; i < count; i++) {
        if (s->measures[hits[i].measure].class_ != CDN_CLASS_PROTECT ||
            hits[i].standing != CDN_STANDING_APPLIED || hits[i].value != CORDON_TRUE)
            continue;
        for (uint32_t k = 0; k < count; k++) {
            if (hits[k].verdict > CORDON_VERDICT_ALLOW)
                add_conflict(
                    x, "protected", hits[k].measure, hits[i].measure, "it hits what the other protects");
        }
    }
}

/* ---- dates of the data -------------------------------------------------------------------------------- */

static bool asks_addresses(const struct cdn_request *r) {
    bool any = false;
    for (uint32_t i = 0; i < r->party_count; i++) {
        for (uint32_t k = 0; k < r->parties[i].evidence_count; k++)
            any |= cdn_evidence_kinds[r->parties[i].evidence[k].kind].value == CDN_VALUE_IP;
    }
    for (uint32_t i = 0; i < r->object_count; i++) {
        for (uint32_t k = 0; k < r->objects[i].evidence_count; k++)
            any |= cdn_evidence_kinds[r->objects[i].evidence[k].kind].value == CDN_VALUE_IP;
    }
    return any;
}

void cdn_explain_as_of(struct cdn_explain *x) {
    const struct cdn_snapshot *s = x->d->snap;
    if (!s->header || !s->places || !s->places->has_ip || !asks_addresses(x->d->request))
        return;
    struct cdn_ip_source source;
    for (uint32_t i = 0; cdn_ip_source(&s->places->ip, i, &source) && !x->err; i++) {
        struct cdn_as_of *to = cdn_explain_push(x, &x->as_of, sizeof *to);
        struct cdn_buf b;
        cdn_explain_buf(x, &b);
        cdn_buf_z(&b, "geo/");
        cdn_buf_str(&b, source.name);
        const size_t name = b.n;
        const int64_t day = source.date - (source.date % 86400 + 86400) % 86400;
        cdn_when_write(&b, (struct cdn_when){CDN_WHEN_DAY, day, day + 86400});
        const cordon_str both = cdn_explain_keep(x, &b), what = cdn_str(both.p, both.p ? name : 0),
                         date = cdn_str(both.p + what.n, both.n - what.n);
        const int64_t days = s->rules->geo_max_age_days;
        const int64_t stale_at = days ? source.date + days * 86400 : CDN_TIME_MAX;
        cdn_decide_edge(x->d, stale_at);
        if (to)
            *to = (struct cdn_as_of){.what = what, .date = date, .stale = x->d->at >= stale_at};
    }
}
