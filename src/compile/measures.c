/* SPDX-License-Identifier: Apache-2.0 */
/* measures.c: measures and the tables that are theirs.
 *
 * A measure that another supersedes ends where that one takes effect; its own `until` stays when it is
 * earlier. */
#include "compile/build_priv.h"

/* ---- moments, sources
 * ---------------------------------------------------------------------------------------- */

/* "2022-03-05T00:00 America/New_York", "2022-03-05T00:00+03:00", "2022-03-05". */
static struct cdn_moment_rec moment(struct cdn_build *b, const struct cdn_moment *m, int64_t absent) {
    struct cdn_moment_rec r = {absent, {0, 0}};
    if (m->written.n == 0)
        return r;
    r.at = m->at;
    cdn_buf_clear(&b->scratch);
    cdn_buf_str(&b->scratch, m->written);
    if (m->zone.n) {
        if (m->zone.p[0] != '+' && m->zone.p[0] != '-' && !cdn_str_eq(m->zone, CDN_STR("Z")))
            cdn_buf_char(&b->scratch, ' ');
        cdn_buf_str(&b->scratch, m->zone);
    }
    if (b->scratch.err)
        (void)cdn_build_fail(b, b->scratch.err, "no memory for a date");
    r.written = cdn_build_copy(b, cdn_buf_get(&b->scratch));
    return r;
}

struct cdn_source_rec cdn_build_source(struct cdn_build *b, const struct cdn_source *s) {
    return (struct cdn_source_rec){cdn_build_str(b, s->title),
                                   cdn_build_str(b, s->url),
                                   cdn_build_str(b, s->accessed),
                                   cdn_build_str(b, s->unverified)};
}

static struct cdn_run sources(struct cdn_build *b, const struct cdn_source *s, uint32_t n) {
    struct cdn_source_rec *rows = cdn_build_zero(b, n, sizeof(*rows));
    for (uint32_t i = 0; i < n && !b->err; i++)
        rows[i] = cdn_build_source(b, &s[i]);
    return rows ? cdn_build_run(b, CDN_T_SOURCE, rows, n) : (struct cdn_run){0, 0};
}

static struct cdn_run notices(struct cdn_build *b, const struct cdn_quote *q, uint32_t n) {
    struct cdn_quote_rec *rows = cdn_build_zero(b, n, sizeof(*rows));
    for (uint32_t i = 0; i < n && !b->err; i++)
        rows[i] = (struct cdn_quote_rec){cdn_build_str(b, q[i].lang), cdn_build_str(b, q[i].text)};
    return rows ? cdn_build_run(b, CDN_T_QUOTE, rows, n) : (struct cdn_run){0, 0};
}

/* ---- own tables
 * -------------------------------------------------------------------------------------------------- */

/* The rows [first, end) that were just added to a table. */
static struct cdn_run since(const struct cdn_build *b, enum cdn_table table, size_t first) {
    const size_t end = b->tables[table].count;
    return end == first ? (struct cdn_run){0, 0} : (struct cdn_run){(uint32_t)first, (uint32_t)(end - first)};
}

static void add_outcome(struct cdn_build *b, const struct cdn_outcome *o, uint32_t measure) {
    struct cdn_outcome_rec r;
    memset(&r, 0, sizeof(r));
    r.measure = measure;
    r.verdict = o->verdict;
    r.form = o->form;
    r.scope = o->scope;
    r.subject_kind = o->subject.kind;
    r.subject_index = o->subject.index;
    r.flags = (uint8_t)((o->any_action ? CDN_OUTCOME_ANY_ACTION : 0) |
                        (o->any_service ? CDN_OUTCOME_ANY_SERVICE : 0) | (o->has_cap ? CDN_OUTCOME_CAP : 0));
    if (o->any_action)
        r.not_actions = cdn_build_numbers(b, o->not_actions, o->not_action_count);
    else
        r.actions = cdn_build_numbers(b, o->actions, o->action_count);
    if (!o->any_service)
        r.services = cdn_build_numbers(b, o->services, o->service_count);
    r.limit_to = cdn_build_str(b, o->limit_to);
    if (o->has_cap) {
        r.cap_window = o->cap_window;
        r.cap_mantissa = o->cap.amount.mantissa;
        r.cap_scale = o->cap.amount.scale;
        memcpy(r.cap_currency, o->cap.currency, sizeof(r.cap_currency));
    }
    (void)cdn_build_add(b, CDN_T_OUTCOME, &r, 1);
}

static void add_duty(struct cdn_build *b, const struct cdn_duty *d) {
    struct cdn_duty_rec r;
    memset(&r, 0, sizeof(r));
    r.text = cdn_build_str(b, d->text);
    r.to = cdn_build_str(b, d->to);
    r.calendar = CDN_NO_INDEX;
    r.kind = d->kind;
    r.condition = d->condition;
    if (d->has_span) {
        r.amount = d->span.amount;
        r.unit = d->span.unit;
        if (d->span.calendar >= 0)
            r.calendar = (uint32_t)d->span.calendar;
    }
    (void)cdn_build_add(b, CDN_T_DUTY, &r, 1);
}

/* One row for each test of the conditions that the presumption stands for. */
static void add_presume(struct cdn_build *b, const struct cdn_presume *p) {
    for (uint32_t i = 0; i < p->target_count && !b->err; i++) {
        const struct cdn_presume_rec r = {cdn_build_test(b, p->targets[i]),
                                          p->value,
                                          cdn_build_str(b, p->why),
                                          cdn_build_source(b, &p->source)};
        (void)cdn_build_add(b, CDN_T_PRESUME, &r, 1);
    }
}

static void add_own(struct cdn_build *b,
                    const struct cdn_measure *m,
                    uint32_t number,
                    struct cdn_measure_rec *r) {
    size_t first = b->tables[CDN_T_OUTCOME].count;
    for (uint32_t i = 0; i < m->outcome_count && !b->err; i++)
        add_outcome(b, &m->outcomes[i], number);
    r->outcomes = since(b, CDN_T_OUTCOME, first);
    first = b->tables[CDN_T_PRESUME].count;
    for (uint32_t i = 0; i < m->presume_count && !b->err; i++)
        add_presume(b, &m->presumes[i]);
    r->presumes = since(b, CDN_T_PRESUME, first);
    first = b->tables[CDN_T_SUSPENSION].count;
    for (uint32_t i = 0; i < m->suspension_count && !b->err; i++) {
        const struct cdn_suspension *s = &m->suspensions[i];
        const struct cdn_suspension_rec row = {moment(b, &s->from, CDN_TIME_MIN),
                                               moment(b, &s->until, CDN_TIME_MAX),
                                               cdn_build_source(b, &s->source)};
        (void)cdn_build_add(b, CDN_T_SUSPENSION, &row, 1);
    }
    r->suspensions = since(b, CDN_T_SUSPENSION, first);
    first = b->tables[CDN_T_KEEP].count;
    for (uint32_t i = 0; i < m->keep_count && !b->err; i++) {
        const struct cdn_keep *k = &m->keeps[i];
        const struct cdn_keep_rec row = {cdn_build_numbers(b, k->actions, k->action_count),
                                         moment(b, &k->until, CDN_TIME_MAX),
                                         cdn_build_str(b, k->note)};
        (void)cdn_build_add(b, CDN_T_KEEP, &row, 1);
    }
    r->keeps = since(b, CDN_T_KEEP, first);
    first = b->tables[CDN_T_DUTY].count;
    for (uint32_t i = 0; i < m->duty_count && !b->err; i++)
        add_duty(b, &m->duties[i]);
    r->duties = since(b, CDN_T_DUTY, first);
}

static void add_conditions(struct cdn_build *b, const struct cdn_measure *m, struct cdn_measure_rec *r) {
    r->when = cdn_build_expr(b, m->when);
    uint32_t *any = cdn_build_zero(b, m->except_count, sizeof(*any));
    const size_t first = b->tables[CDN_T_EXCEPT].count;
    for (uint32_t i = 0; i < m->except_count && !b->err; i++) {
        any[i] = cdn_build_expr(b, m->excepts[i].when);
        const struct cdn_except_rec row = {cdn_build_str(b, m->excepts[i].label), any[i], 0};
        (void)cdn_build_add(b, CDN_T_EXCEPT, &row, 1);
    }
    r->excepts = since(b, CDN_T_EXCEPT, first);
    r->except_any = any ? cdn_build_any_of(b, any, m->except_count) : CDN_NO_INDEX;
}

/* ---- whom the condition names
 * ------------------------------------------------------------------------------------ */

struct named {
    uint32_t roles[CDN_ROLE_COUNT], objects[CDN_OBJECT_COUNT];
    uint32_t role_count, object_count;
};

static void mention(uint32_t *list, uint32_t *count, uint32_t value) {
    for (uint32_t i = 0; i < *count; i++)
        if (list[i] == value)
            return;
    list[(*count)++] = value;
}

/* In order of first mention: also inside a quantifier ("any owner who is on a list that the customer is on"),
 * where the role itself is not what the quantifier is over. Depth was limited when the expression was built.
 */
static void collect(const struct cdn_expr *x, struct named *n) {
    if (x->op == CDN_EXPR_TEST) {
        const struct cdn_subject s = x->test->subject;
        if (s.kind == CDN_SUBJECT_ROLE && s.index > 0 && s.index < CDN_ROLE_COUNT)
            mention(n->roles, &n->role_count, s.index);
        else if (s.kind == CDN_SUBJECT_OBJECT && s.index > 0 && s.index < CDN_OBJECT_COUNT)
            mention(n->objects, &n->object_count, s.index);
    }
    for (uint32_t i = 0; i < x->count; i++)
        collect(x->children[i], n);
}

static void add_named(struct cdn_build *b, const struct cdn_measure *m, struct cdn_measure_rec *r) {
    struct named n = {.role_count = 0};
    if (m->when && !b->err)
        collect(m->when, &n);
    for (uint32_t i = 0; i < m->except_count && !b->err; i++)
        collect(m->excepts[i].when, &n);
    r->roles = cdn_build_run(b, CDN_T_INDEX, n.roles, n.role_count);
    r->objects = cdn_build_run(b, CDN_T_INDEX, n.objects, n.object_count);
}

/* ---- measures
 * ------------------------------------------------------------------------------------------------------ */

static void add_texts(struct cdn_build *b, const struct cdn_measure *m, struct cdn_measure_rec *r) {
    char version[16];
    if (b->err)
        return;
    const int err = cdn_compile_measure_version(b->rb, m, &b->scratch, version);
    if (err)
        (void)cdn_build_fail(b, err, "the version of a measure cannot be made");
    r->id = cdn_build_str(b, m->id);
    r->title = cdn_build_str(b, m->title);
    r->legal = cdn_build_str(b, m->legal);
    r->issuer = cdn_build_str(b, m->issuer);
    r->owner = cdn_build_str(b, m->owner);
    r->appeal = cdn_build_str(b, m->appeal);
    r->reason_class = cdn_build_str(b, m->reason_class);
    r->release_authority = cdn_build_str(b, m->release_authority);
    r->version = cdn_build_copy(b, cdn_str(version, sizeof(version)));
}

static void add_enums(const struct cdn_measure *m, struct cdn_measure_rec *r) {
    r->class_ = m->class_;
    r->basis = m->basis;
    r->standard = m->standard                 ? m->standard
                  : m->basis == CDN_BASIS_LAW ? (uint8_t)CDN_STANDARD_ANY
                                              : (uint8_t)CDN_STANDARD_TWO_KINDS;
    r->if_unknown = m->if_unknown ? m->if_unknown : (uint8_t)CORDON_VERDICT_HOLD;
    r->if_contradictory = m->if_contradictory ? m->if_contradictory : (uint8_t)CORDON_VERDICT_HOLD;
    r->release_count = m->release_count;
}

static void add_measure(struct cdn_build *b, uint32_t number) {
    const struct cdn_measure *m = &b->rb->measures[number];
    struct cdn_measure_rec r;
    memset(&r, 0, sizeof(r));
    add_texts(b, m, &r);
    add_enums(m, &r);
    r.announced = moment(b, &m->announced, CDN_TIME_MIN);
    r.effective = moment(b, &m->effective, CDN_TIME_MIN);
    r.recorded = moment(b, &m->recorded, CDN_TIME_MIN);
    r.until = moment(b, &m->until, CDN_TIME_MAX);
    if (!b->err)
        r.until.at = b->until[number];
    b->measure = m;
    r.sources = sources(b, m->sources, m->source_count);
    r.notices = notices(b, m->notices, m->notice_count);
    add_own(b, m, number, &r);
    add_conditions(b, m, &r);
    add_named(b, m, &r);
    r.entities = cdn_build_numbers(b, m->entities, m->entity_count);
    r.lifts = cdn_build_numbers(b, m->lifts, m->lift_count);
    r.forbids = cdn_build_numbers(b, m->forbids, m->forbid_count);
    uint32_t *countries = cdn_build_zero(b, m->bound_country_count, sizeof(*countries));
    for (uint32_t i = 0; countries && i < m->bound_country_count; i++)
        countries[i] = m->bound_countries[i];
    if (countries)
        r.bound_countries = cdn_build_numbers(b, countries, m->bound_country_count);
    (void)cdn_build_add(b, CDN_T_MEASURE, &r, 1);
}

static void cut_superseded(struct cdn_build *b) {
    const struct cdn_rulebook *rb = b->rb;
    b->until = cdn_build_zero(b, rb->measure_count, sizeof(*b->until));
    if (!b->until)
        return;
    for (uint32_t i = 0; i < rb->measure_count; i++)
        b->until[i] = rb->measures[i].until.written.n ? rb->measures[i].until.at : CDN_TIME_MAX;
    for (uint32_t i = 0; i < rb->measure_count; i++) {
        const struct cdn_measure *m = &rb->measures[i];
        const int64_t begins = m->effective.written.n ? m->effective.at : CDN_TIME_MIN;
        for (uint32_t k = 0; k < m->supersede_count; k++)
            b->until[m->supersedes[k]] = CDN_MIN(b->until[m->supersedes[k]], begins);
    }
}

/* Turns the runs at `forward` round into those at `backward`; both are offsets into cdn_measure_rec. */
static void reverse(struct cdn_build *b, size_t forward, size_t backward) {
    const uint32_t n = b->rb->measure_count;
    uint32_t *first = cdn_build_zero(b, (size_t)n + 2, sizeof(*first));
    if (!first)
        return;
    char *measures = b->tables[CDN_T_MEASURE].rows;
    const uint32_t *numbers = CDN_BUILD_ROWS(b, INDEX, uint32_t);
    struct cdn_run run;
    size_t links = 0;
    for (uint32_t i = 0; i < n; i++) {
        memcpy(&run, measures + i * sizeof(struct cdn_measure_rec) + forward, sizeof(run));
        links += run.count;
        for (uint32_t k = 0; k < run.count; k++)
            first[numbers[run.first + k] + 2]++;
    }
    for (uint32_t i = 2; i < n + 2; i++)
        first[i] += first[i - 1];
    uint32_t *from = cdn_build_zero(b, links, sizeof(*from));
    if (!from)
        return;
    for (uint32_t i = 0; i < n; i++) {
        memcpy(&run, measures + i * sizeof(struct cdn_measure_rec) + forward, sizeof(run));
        for (uint32_t k = 0; k < run.count; k++)
            from[first[numbers[run.first + k] + 1]++] = i;
    }
    for (uint32_t i = 0; i < n; i++) {
        run = cdn_build_run(b, CDN_T_INDEX, from + first[i], first[i + 1] - first[i]);
        memcpy(measures + i * sizeof(struct cdn_measure_rec) + backward, &run, sizeof(run));
    }
}

void cdn_build_measures(struct cdn_build *b) {
    if (b->rb->measure_count > CDN_MAX_MEASURES) {
        (void)cdn_build_fail(b, CORDON_E_LIMIT, "more measures than a snapshot holds");
        return;
    }
    cut_superseded(b);
    for (uint32_t i = 0; i < b->rb->measure_count && !b->err; i++)
        add_measure(b, i);
    if (b->err)
        return;
    reverse(b, offsetof(struct cdn_measure_rec, lifts), offsetof(struct cdn_measure_rec, lifted_by));
    reverse(b, offsetof(struct cdn_measure_rec, forbids), offsetof(struct cdn_measure_rec, forbidden_by));
}
