/* SPDX-License-Identifier: Apache-2.0 */
/* plain_snapshot.c: see plain_snapshot.h. Out of memory ends the test program: there is nothing to test then.
 */
#include "support/plain_snapshot.h"

#include <stdlib.h>
#include <string.h>

struct table {
    uint8_t *p;
    size_t n, cap, size; /* rows */
};
struct maker {
    const struct cdn_rulebook *rb;
    const struct cdn_plain_places *places;
    struct table t[CDN_TABLE_COUNT];
    struct table strings;
    uint32_t place_words;
    uint32_t *when_of; /* T_EXPR of each measure, for the index */
};

static uint32_t add(struct table *t, const void *row) {
    if (t->n == t->cap) {
        t->cap = t->cap ? t->cap * 2 : 64;
        t->p = realloc(t->p, t->cap * t->size);
        if (!t->p)
            abort();
    }
    if (row)
        memcpy(t->p + t->n * t->size, row, t->size);
    else
        memset(t->p + t->n * t->size, 0, t->size);
    return (uint32_t)t->n++;
}
#define ROW(m, sym, type, i) (&((type *)(void *)(m)->t[CDN_T_##sym].p)[i])

static struct cdn_sref text(struct maker *m, cordon_str s) {
    if (!s.n)
        return (struct cdn_sref){0, 0};
    const struct cdn_sref r = {(uint32_t)m->strings.n, (uint32_t)s.n};
    for (size_t i = 0; i < s.n; i++)
        add(&m->strings, &s.p[i]);
    return r;
}
static int cmp_u32(const void *a, const void *b) {
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}
static struct cdn_run indexes(struct maker *m, const uint32_t *list, uint32_t n, bool sorted) {
    struct cdn_run run = {n ? (uint32_t)m->t[CDN_T_INDEX].n : 0, n};
    for (uint32_t i = 0; i < n; i++)
        add(&m->t[CDN_T_INDEX], &list[i]);
    if (sorted && n)
        qsort(ROW(m, INDEX, uint32_t, run.first), n, sizeof(uint32_t), cmp_u32);
    return run;
}
static struct cdn_moment_rec moment(struct maker *m, struct cdn_moment at, int64_t absent) {
    return (struct cdn_moment_rec){at.written.n ? at.at : absent, text(m, at.written)};
}

/* ---- places ------------------------------------------------------------------------------------------- */

static bool lies_in(const struct maker *m, cordon_str code, const struct cdn_place *p) {
    const char country[2] = {(char)(p->country >> 8), (char)(p->country & 0xff)};
    switch (p->kind) {
    case CDN_PLACE_COUNTRY:
        return code.n >= 2 && memcmp(code.p, country, 2) == 0 && (code.n == 2 || code.p[2] == '-');
    case CDN_PLACE_REGION:
        return cdn_str_eq(code, p->region);
    case CDN_PLACE_TERRITORY:
        return cdn_str_eq(code, m->rb->territories[p->territory].id);
    default:
        return false;
    }
}
/* Does the place lie in the country `code`? */
static bool part_of(const struct maker *m, cordon_str code, const struct cdn_place *p) {
    if (code.n != 2)
        return false;
    if (p->kind == CDN_PLACE_REGION)
        return cdn_str_starts(p->region, code);
    const struct cdn_territory *t = p->kind == CDN_PLACE_TERRITORY ? &m->rb->territories[p->territory] : NULL;
    for (uint32_t i = 0; t && i < t->part_count; i++) {
        if (cdn_str_starts(t->parts[i].place.region, code))
            return true;
    }
    return false;
}
enum { IN = 1, ABOVE = 2, EXCEPT = 4 };
static unsigned relation_to_set(const struct maker *m, cordon_str code, const struct cdn_place_set *set) {
    bool in = false, some = false;
    for (uint32_t i = 0; i < set->except_count; i++) {
        if (lies_in(m, code, &set->except[i]))
            return EXCEPT;
        some |= part_of(m, code, &set->except[i]);
    }
    bool part = false;
    for (uint32_t i = 0; i < set->count; i++) {
        in |= lies_in(m, code, &set->items[i]);
        part |= part_of(m, code, &set->items[i]);
    }
    if (in)
        return some ? ABOVE : IN;
    return part ? ABOVE : 0;
}
static uint32_t place_set(struct maker *m, const struct cdn_place_set *set) {
    struct cdn_set_rec rec = {.words = (uint32_t)m->t[CDN_T_SETWORD].n};
    for (uint32_t w = 0; w < 3 * m->place_words; w++)
        add(&m->t[CDN_T_SETWORD], NULL);
    for (unsigned id = 1; id <= m->places->count; id++) {
        const unsigned how = relation_to_set(m, m->places->codes[id], set);
        const uint32_t row = how == IN ? 0 : how == ABOVE ? 1 : 2;
        if (how)
            *ROW(m, SETWORD, uint64_t, rec.words + row * m->place_words + id / 64) |= (uint64_t)1
                                                                                      << (id % 64);
    }
    return add(&m->t[CDN_T_SET], &rec);
}

/* ---- conditions --------------------------------------------------------------------------------------- */

static int cmp_text(const void *a, const void *b) {
    const cordon_str *x = a, *y = b;
    const uint64_t hx = cdn_hash(*x, 0), hy = cdn_hash(*y, 0);
    return hx != hy ? (hx > hy) - (hx < hy) : cdn_str_cmp(*x, *y);
}
static struct cdn_run codes(struct maker *m, const cordon_str *texts, uint32_t n) {
    const struct cdn_run run = {n ? (uint32_t)m->t[CDN_T_CODE].n : 0, n};
    cordon_str *sorted = malloc((n + 1) * sizeof *sorted);
    if (!sorted)
        abort();
    if (n)
        memcpy(sorted, texts, n * sizeof *sorted);
    if (n)
        qsort(sorted, n, sizeof *sorted, cmp_text);
    for (uint32_t i = 0; i < n; i++) {
        const struct cdn_code_rec c = {cdn_hash(sorted[i], 0), text(m, sorted[i])};
        add(&m->t[CDN_T_CODE], &c);
    }
    free(sorted);
    return run;
}
static unsigned fact_type(const struct maker *m, unsigned fact) {
    return fact < CDN_FACT_DECLARED_BASE ? cdn_facts[fact].type
                                         : m->rb->facts[fact - CDN_FACT_DECLARED_BASE].type;
}
/* Tests are the same when everything but the written text is; runs and sets are compared by content. */
static bool same_test(const struct cdn_test *a, const struct cdn_test *b) {
    struct cdn_test x = *a, y = *b;
    x.pos = y.pos = (struct cdn_pos){0};
    x.set = y.set = 0;
    if (x.text_count != y.text_count || x.list_count != y.list_count || x.places.count != y.places.count ||
        x.places.except_count != y.places.except_count)
        return false;
    for (uint32_t i = 0; i < x.text_count; i++) {
        if (!cdn_str_eq(x.texts[i], y.texts[i]))
            return false;
    }
    return x.kind == y.kind && x.cmp == y.cmp && x.subject.kind == y.subject.kind &&
           x.subject.index == y.subject.index && x.finding == y.finding && x.evidence == y.evidence &&
           x.fact == y.fact && x.standard == y.standard && x.boolean == y.boolean && !x.places.count &&
           !x.list_count && x.when.first == y.when.first && x.when.kind == y.when.kind &&
           x.service == y.service && x.against_now == y.against_now && x.left_offset == y.left_offset &&
           x.right_offset == y.right_offset && x.money.amount.mantissa == y.money.amount.mantissa &&
           x.money.amount.scale == y.money.amount.scale && memcmp(x.money.currency, y.money.currency, 4) == 0;
}
struct made {
    const struct cdn_test *test;
    uint32_t row;
};
static struct table made_tests = {.size = sizeof(struct made)};

static uint32_t test_row(struct maker *m, const struct cdn_test *t) {
    for (size_t i = 0; i < made_tests.n; i++) {
        const struct made *old = &((struct made *)(void *)made_tests.p)[i];
        if (old->test == t || same_test(old->test, t))
            return old->row;
    }
    struct cdn_test_rec r = {
        .kind = t->kind, .cmp = t->cmp, .subject_kind = t->subject.kind, .subject_index = t->subject.index};
    r.finding = t->finding;
    r.evidence = t->evidence;
    r.fact = t->fact;
    r.standard = t->standard;
    r.type = (uint8_t)(t->kind == CDN_TEST_FACT ? fact_type(m, t->fact) : 0);
    r.flags = (uint8_t)((t->boolean ? CDN_TEST_BOOLEAN : 0) | (t->against_now ? CDN_TEST_AGAINST_NOW : 0) |
                        (t->percent_strict ? CDN_TEST_STRICT : 0) | (t->aggregate ? CDN_TEST_AGGREGATE : 0) |
                        (t->or_controlled ? CDN_TEST_OR_CONTROLLED : 0));
    r.match = t->match;
    r.review = t->review;
    r.set = t->places.count ? place_set(m, &t->places) : CDN_NO_INDEX;
    r.codes = codes(m, t->texts, t->text_count);
    r.lists = indexes(m, t->lists, t->list_count, true);
    r.service = t->service < 0 ? CDN_NO_INDEX : (uint32_t)t->service;
    const struct cdn_decimal number = t->kind == CDN_TEST_OWNED ? t->percent : t->money.amount;
    r.mantissa = number.mantissa;
    r.scale = number.scale;
    memcpy(r.currency, t->money.currency, sizeof r.currency);
    r.when_kind = t->when.kind;
    r.when_first = t->when.first;
    r.when_after = t->when.after;
    r.left_offset = t->left_offset;
    r.right_offset = t->right_offset;
    const struct made new = {t, add(&m->t[CDN_T_TEST], &r)};
    add(&made_tests, &new);
    return new.row;
}
static uint32_t expr_row(struct maker *m, const struct cdn_expr *x) {
    uint32_t children[64];
    uint8_t depth = 0;
    for (uint32_t i = 0; i < x->count; i++) {
        children[i] = expr_row(m, x->children[i]);
        depth = CDN_MAX(depth, ROW(m, EXPR, struct cdn_expr_rec, children[i])->depth);
    }
    struct cdn_expr_rec r = {.op = x->op,
                             .subject_kind = x->subject.kind,
                             .subject_index = x->subject.index,
                             .depth = (uint8_t)(depth + 1)};
    r.test = x->op == CDN_EXPR_TEST ? test_row(m, x->test) : CDN_NO_INDEX;
    r.children = indexes(m, children, x->count, false);
    return add(&m->t[CDN_T_EXPR], &r);
}
static void mention(struct cdn_subject s, uint32_t list[2][64], uint32_t count[2]) {
    if (s.kind != CDN_SUBJECT_ROLE && s.kind != CDN_SUBJECT_OBJECT)
        return;
    const unsigned which = s.kind == CDN_SUBJECT_OBJECT;
    for (uint32_t i = 0; i < count[which]; i++) {
        if (list[which][i] == s.index)
            return;
    }
    list[which][count[which]++] = s.index;
}
static void mentioned(const struct cdn_expr *x, uint32_t list[2][64], uint32_t count[2]) {
    if (x && x->op == CDN_EXPR_TEST)
        mention(x->test->subject, list, count);
    for (uint32_t i = 0; x && i < x->count; i++)
        mentioned(x->children[i], list, count);
}

/* ---- measures ----------------------------------------------------------------------------------------- */

static struct cdn_run outcomes(struct maker *m, uint32_t measure, const struct cdn_measure *x) {
    const struct cdn_run run = {x->outcome_count ? (uint32_t)m->t[CDN_T_OUTCOME].n : 0, x->outcome_count};
    for (uint32_t i = 0; i < x->outcome_count; i++) {
        const struct cdn_outcome *o = &x->outcomes[i];
        struct cdn_outcome_rec r = {
            .measure = measure, .verdict = o->verdict, .form = o->form, .scope = o->scope};
        r.subject_kind = o->subject.kind;
        r.subject_index = o->subject.index;
        r.cap_window = o->cap_window;
        r.flags =
            (uint8_t)((o->any_action ? CDN_OUTCOME_ANY_ACTION : 0) |
                      (o->any_service ? CDN_OUTCOME_ANY_SERVICE : 0) | (o->has_cap ? CDN_OUTCOME_CAP : 0));
        r.actions = indexes(m, o->actions, o->action_count, true);
        r.services = indexes(m, o->services, o->service_count, true);
        r.not_actions = indexes(m, o->not_actions, o->not_action_count, true);
        r.limit_to = text(m, o->limit_to);
        r.cap_mantissa = o->cap.amount.mantissa;
        r.cap_scale = o->cap.amount.scale;
        memcpy(r.cap_currency, o->cap.currency, sizeof r.cap_currency);
        add(&m->t[CDN_T_OUTCOME], &r);
    }
    return run;
}
static struct cdn_run reverse(struct maker *m, uint32_t measure, bool lifts) {
    struct cdn_run run = {(uint32_t)m->t[CDN_T_INDEX].n, 0};
    for (uint32_t i = 0; i < m->rb->measure_count; i++) {
        const struct cdn_measure *x = &m->rb->measures[i];
        const uint32_t n = lifts ? x->lift_count : x->forbid_count;
        for (uint32_t k = 0; k < n; k++) {
            if ((lifts ? x->lifts[k] : x->forbids[k]) == measure) {
                add(&m->t[CDN_T_INDEX], &i);
                run.count++;
                break;
            }
        }
    }
    return run.count ? run : (struct cdn_run){0, 0};
}
static void parts_of_measure(struct maker *m, struct cdn_measure_rec *r, const struct cdn_measure *x) {
    r->excepts = (struct cdn_run){(uint32_t)m->t[CDN_T_EXCEPT].n, x->except_count};
    uint32_t whens[64];
    for (uint32_t i = 0; i < x->except_count; i++) {
        whens[i] = expr_row(m, x->excepts[i].when);
        const struct cdn_except_rec e = {text(m, x->excepts[i].label), whens[i], 0};
        add(&m->t[CDN_T_EXCEPT], &e);
    }
    r->except_any = CDN_NO_INDEX;
    if (x->except_count) {
        const struct cdn_expr_rec any = {
            .op = CDN_EXPR_OR, .test = CDN_NO_INDEX, .children = indexes(m, whens, x->except_count, false)};
        r->except_any = add(&m->t[CDN_T_EXPR], &any);
    }
    r->presumes = (struct cdn_run){(uint32_t)m->t[CDN_T_PRESUME].n, 0};
    for (uint32_t i = 0; i < x->presume_count; i++) {
        for (uint32_t k = 0; k < x->presumes[i].target_count; k++, r->presumes.count++) {
            const struct cdn_presume_rec p = {.test = test_row(m, x->presumes[i].targets[k]),
                                              .value = x->presumes[i].value,
                                              .why = text(m, x->presumes[i].why)};
            add(&m->t[CDN_T_PRESUME], &p);
        }
    }
    r->suspensions = (struct cdn_run){(uint32_t)m->t[CDN_T_SUSPENSION].n, x->suspension_count};
    for (uint32_t i = 0; i < x->suspension_count; i++) {
        struct cdn_suspension_rec s = {.from = moment(m, x->suspensions[i].from, CDN_TIME_MIN)};
        s.until = moment(m, x->suspensions[i].until, CDN_TIME_MAX);
        add(&m->t[CDN_T_SUSPENSION], &s);
    }
    r->keeps = (struct cdn_run){(uint32_t)m->t[CDN_T_KEEP].n, x->keep_count};
    for (uint32_t i = 0; i < x->keep_count; i++) {
        const struct cdn_keep_rec k = {indexes(m, x->keeps[i].actions, x->keeps[i].action_count, true),
                                       moment(m, x->keeps[i].until, CDN_TIME_MAX),
                                       text(m, x->keeps[i].note)};
        add(&m->t[CDN_T_KEEP], &k);
    }
    r->duties = (struct cdn_run){(uint32_t)m->t[CDN_T_DUTY].n, x->duty_count};
    for (uint32_t i = 0; i < x->duty_count; i++) {
        const struct cdn_duty *y = &x->duties[i];
        const struct cdn_duty_rec duty = {
            .text = text(m, y->text),
            .to = text(m, y->to),
            .amount = y->has_span ? y->span.amount : 0,
            .calendar = y->has_span && y->span.calendar >= 0 ? (uint32_t)y->span.calendar : CDN_NO_INDEX,
            .kind = y->kind,
            .unit = y->has_span ? y->span.unit : CDN_UNIT_NONE,
            .condition = y->condition};
        add(&m->t[CDN_T_DUTY], &duty);
    }
}
static void measure_row(struct maker *m, uint32_t number) {
    const struct cdn_measure *x = &m->rb->measures[number];
    struct cdn_measure_rec r = {
        .id = text(m, x->id), .title = text(m, x->title), .class_ = x->class_, .basis = x->basis};
    r.standard = x->standard;
    r.if_unknown = x->if_unknown;
    r.if_contradictory = x->if_contradictory;
    r.announced = moment(m, x->announced, CDN_TIME_MIN);
    r.effective = moment(m, x->effective, CDN_TIME_MIN);
    r.until = moment(m, x->until, CDN_TIME_MAX);
    r.recorded = moment(m, x->recorded, CDN_TIME_MIN);
    r.outcomes = outcomes(m, number, x);
    r.when = x->when ? expr_row(m, x->when) : CDN_NO_INDEX;
    parts_of_measure(m, &r, x);
    uint32_t list[2][64], count[2] = {0, 0};
    mentioned(x->when, list, count);
    for (uint32_t i = 0; i < x->except_count; i++)
        mentioned(x->excepts[i].when, list, count);
    r.roles = indexes(m, list[0], count[0], false);
    r.objects = indexes(m, list[1], count[1], false);
    r.entities = indexes(m, x->entities, x->entity_count, true);
    uint32_t countries[64];
    for (uint32_t i = 0; i < x->bound_country_count; i++)
        countries[i] = x->bound_countries[i];
    r.bound_countries = indexes(m, countries, x->bound_country_count, true);
    r.lifts = indexes(m, x->lifts, x->lift_count, true);
    r.forbids = indexes(m, x->forbids, x->forbid_count, true);
    r.lifted_by = reverse(m, number, true);
    r.forbidden_by = reverse(m, number, false);
    add(&m->t[CDN_T_MEASURE], &r);
}

/* ---- declarations ------------------------------------------------------------------------------------- */

static void named(struct maker *m, enum cdn_table table, cordon_str id, uint32_t a, uint32_t b) {
    const struct cdn_named_rec r = {.id = text(m, id), .hash = cdn_hash(id, 0), .a = a, .b = b};
    add(&m->t[table], &r);
}
static void calendar(struct maker *m, const struct cdn_calendar_decl *c) {
    enum { FIRST = 18993, DAYS = 500 }; /* from 2022-01-01, in UTC */
    const struct cdn_calendar_rec r = {.id = text(m, c->id),
                                       .zone = text(m, c->zone),
                                       .first_day = FIRST,
                                       .days = {(uint32_t)m->t[CDN_T_CALDAY].n, DAYS}};
    add(&m->t[CDN_T_CALENDAR], &r);
    uint32_t business = 0;
    for (int32_t day = FIRST; day < FIRST + DAYS; day++) {
        bool open = !((c->weekend >> ((day + 3) % 7)) & 1);
        for (uint32_t i = 0; i < c->holiday_count; i++)
            open &= c->holidays[i] != day;
        const struct cdn_calday_rec row = {
            (int64_t)day * 86400, business | (open ? CDN_CALDAY_BUSINESS : 0), 0};
        add(&m->t[CDN_T_CALDAY], &row);
        business += open;
    }
}
static int cmp_rate(const void *a, const void *b) {
    const struct cdn_rate_rec *x = a, *y = b;
    const int c = memcmp(x->from, y->from, 8);
    return c ? c : (x->since > y->since) - (x->since < y->since);
}
static void declarations(struct maker *m) {
    const struct cdn_rulebook *rb = m->rb;
    for (uint32_t i = 0; i < rb->service_count; i++)
        named(m, CDN_T_SERVICE, rb->services[i].id, 0, 0);
    for (uint32_t i = 0; i < rb->entity_count; i++)
        named(m, CDN_T_ENTITY, rb->entities[i].id, rb->entities[i].country, 0);
    for (uint32_t i = 0; i < rb->fact_count; i++)
        named(m, CDN_T_FACT, rb->facts[i].name, rb->facts[i].owner, rb->facts[i].type);
    for (uint32_t i = 0; i < rb->list_count; i++)
        named(m, CDN_T_LIST, rb->lists[i].id, 0, 0);
    for (uint32_t i = 0; i < rb->action_count; i++) {
        const struct cdn_action *a = &rb->actions[i];
        const struct cdn_action_rec r = {.id = text(m, a->id),
                                         .hash = cdn_hash(a->id, 0),
                                         .needs_roles = a->needs_roles,
                                         .may_roles = a->may_roles,
                                         .needs_objects = a->needs_objects,
                                         .may_objects = a->may_objects};
        add(&m->t[CDN_T_ACTION], &r);
    }
    for (uint32_t i = 0; i < rb->calendar_count; i++)
        calendar(m, &rb->calendars[i]);
    for (uint32_t i = 0; i < rb->rate_count; i++) {
        struct cdn_rate_rec r = {.since = rb->rates[i].since.at,
                                 .mantissa = rb->rates[i].rate.mantissa,
                                 .scale = rb->rates[i].rate.scale};
        memcpy(r.from, rb->rates[i].from, 4);
        memcpy(r.to, rb->rates[i].to, 4);
        add(&m->t[CDN_T_RATE], &r);
    }
    if (rb->rate_count)
        qsort(m->t[CDN_T_RATE].p, m->t[CDN_T_RATE].n, sizeof(struct cdn_rate_rec), cmp_rate);
}
static void symbol(struct maker *m, uint32_t domain, uint32_t slots, uint64_t hash, uint32_t index) {
    uint32_t at = cdn_snap_symbol_slot(domain, hash, slots);
    while (ROW(m, SYMBOL, struct cdn_symbol_rec, at)->domain)
        at = (at + 1) & (slots - 1);
    *ROW(m, SYMBOL, struct cdn_symbol_rec, at) = (struct cdn_symbol_rec){hash, domain, index};
}
static void symbols(struct maker *m) {
    const struct cdn_rulebook *rb = m->rb;
    uint32_t slots = 2;
    while (slots < 2 * (rb->action_count + rb->service_count + rb->entity_count + rb->measure_count))
        slots *= 2;
    for (uint32_t i = 0; i < slots; i++)
        add(&m->t[CDN_T_SYMBOL], NULL);
    for (uint32_t i = 0; i < rb->action_count; i++)
        symbol(m, CDN_SYMBOL_ACTION, slots, cdn_hash(rb->actions[i].id, 0), i);
    for (uint32_t i = 0; i < rb->service_count; i++)
        symbol(m, CDN_SYMBOL_SERVICE, slots, cdn_hash(rb->services[i].id, 0), i);
    for (uint32_t i = 0; i < rb->entity_count; i++)
        symbol(m, CDN_SYMBOL_ENTITY, slots, cdn_hash(rb->entities[i].id, 0), i);
    for (uint32_t i = 0; i < rb->measure_count; i++)
        symbol(m, CDN_SYMBOL_MEASURE, slots, cdn_hash(rb->measures[i].id, 0), i);
}

/* ---- index -------------------------------------------------------------------------------------------- */

struct pair {
    uint32_t action, service, outcome;
};
static int cmp_pair(const void *a, const void *b) {
    const struct pair *x = a, *y = b;
    if (x->action != y->action)
        return x->action < y->action ? -1 : 1;
    if (x->service != y->service)
        return x->service < y->service ? -1 : 1;
    return (x->outcome > y->outcome) - (x->outcome < y->outcome);
}
struct axis {
    struct cdn_axis_rec rec;
    struct table keys; /* struct key */
};
struct key {
    uint64_t key;
    uint32_t post; /* within the group */
};
static bool axis_of(const struct cdn_test_rec *t, struct cdn_axis_rec *ret) {
    *ret = (struct cdn_axis_rec){
        .kind = t->kind, .subject_kind = t->subject_kind, .subject_index = t->subject_index};
    if (t->subject_kind != CDN_SUBJECT_ROLE && t->subject_kind != CDN_SUBJECT_OBJECT &&
        t->subject_kind != CDN_SUBJECT_REQUEST)
        return false;
    if (t->kind == CDN_TEST_FINDING) {
        ret->finding = t->finding;
        ret->standard = t->standard;
        return true;
    }
    if (t->kind == CDN_TEST_EVIDENCE) {
        ret->evidence = t->evidence;
        return true;
    }
    ret->fact = t->fact;
    return t->kind == CDN_TEST_FACT && t->cmp == CDN_CMP_IN &&
           (t->type == CDN_TYPE_CODE || t->type == CDN_TYPE_CODES) && t->fact != CDN_FACT_TLD;
}
static void keys_of(struct maker *m, const struct cdn_test_rec *t, uint32_t post, struct table *keys) {
    if (t->kind == CDN_TEST_FACT) {
        for (uint32_t i = 0; i < t->codes.count; i++) {
            const struct key k = {ROW(m, CODE, struct cdn_code_rec, t->codes.first + i)->hash, post};
            add(keys, &k);
        }
        return;
    }
    const struct cdn_set_rec *set = ROW(m, SET, struct cdn_set_rec, t->set);
    for (unsigned id = 1; id <= m->places->count; id++) {
        const uint64_t *words = ROW(m, SETWORD, uint64_t, set->words);
        const uint64_t in = words[id / 64] | words[m->place_words + id / 64];
        if ((in >> (id % 64)) & 1) {
            const struct key k = {id, post};
            add(keys, &k);
        }
    }
}
/* Every way for the condition to be other than false goes through one of the keys that are added. */
static bool guarded(
    struct maker *m, uint32_t expr, const struct cdn_axis_rec *axis, uint32_t post, struct table *keys) {
    if (expr == CDN_NO_INDEX)
        return false;
    const struct cdn_expr_rec *x = ROW(m, EXPR, struct cdn_expr_rec, expr);
    if (x->op == CDN_EXPR_TEST) {
        struct cdn_axis_rec own;
        const struct cdn_test_rec *t = ROW(m, TEST, struct cdn_test_rec, x->test);
        if (!axis_of(t, &own) || memcmp(&own, axis, 12) != 0)
            return false;
        keys_of(m, t, post, keys);
        return true;
    }
    for (uint32_t i = 0; i < x->children.count && (x->op == CDN_EXPR_AND || x->op == CDN_EXPR_OR); i++) {
        const size_t before = keys->n;
        const bool one = guarded(m, *ROW(m, INDEX, uint32_t, x->children.first + i), axis, post, keys);
        if (one && x->op == CDN_EXPR_AND)
            return true;
        if (!one) {
            keys->n = before;
            if (x->op == CDN_EXPR_OR)
                return false;
        }
    }
    return x->op == CDN_EXPR_OR;
}
static uint32_t empty_row(struct maker *m, uint32_t words) {
    const uint32_t row = (uint32_t)m->t[CDN_T_WORD].n;
    for (uint32_t w = 0; w < words; w++)
        add(&m->t[CDN_T_WORD], NULL);
    return row;
}
static void set_bit(struct maker *m, uint32_t row, uint32_t bit) {
    *ROW(m, WORD, uint64_t, row + bit / 64) |= (uint64_t)1 << (bit % 64);
}
static int cmp_key(const void *a, const void *b) {
    const struct key *x = a, *y = b;
    return x->key != y->key ? (x->key > y->key) - (x->key < y->key)
                            : (x->post > y->post) - (x->post < y->post);
}
static void axis_row(struct maker *m, struct cdn_axis_rec axis, const struct pair *pairs, uint32_t n) {
    const uint32_t words = (n + 63) / 64;
    struct table keys = {.size = sizeof(struct key)};
    axis.unguarded = empty_row(m, words);
    for (uint32_t post = 0; post < n; post++) {
        const struct cdn_outcome_rec *o = ROW(m, OUTCOME, struct cdn_outcome_rec, pairs[post].outcome);
        const size_t before = keys.n;
        if (!guarded(m, m->when_of[o->measure], &axis, post, &keys)) {
            keys.n = before;
            set_bit(m, axis.unguarded, post);
        }
    }
    if (keys.n)
        qsort(keys.p, keys.n, sizeof(struct key), cmp_key);
    axis.guards = (struct cdn_run){(uint32_t)m->t[CDN_T_GUARD].n, 0};
    const struct key *k = (const void *)keys.p;
    for (size_t i = 0; i < keys.n; i++) {
        if (i == 0 || k[i].key != k[i - 1].key) {
            const struct cdn_guard_rec g = {k[i].key, empty_row(m, words), 0};
            add(&m->t[CDN_T_GUARD], &g);
            axis.guards.count++;
        }
        set_bit(m, ROW(m, GUARD, struct cdn_guard_rec, m->t[CDN_T_GUARD].n - 1)->row, k[i].post);
    }
    free(keys.p);
    if (axis.guards.count)
        add(&m->t[CDN_T_AXIS], &axis);
}
static void axes_in(struct maker *m, uint32_t expr, struct table *axes) {
    if (expr == CDN_NO_INDEX)
        return;
    const struct cdn_expr_rec x = *ROW(m, EXPR, struct cdn_expr_rec, expr);
    struct cdn_axis_rec axis;
    if (x.op == CDN_EXPR_TEST && axis_of(ROW(m, TEST, struct cdn_test_rec, x.test), &axis)) {
        for (size_t i = 0; i < axes->n; i++) {
            if (memcmp(axes->p + i * axes->size, &axis, 12) == 0)
                return;
        }
        add(axes, &axis);
    }
    for (uint32_t i = 0; i < x.children.count && (x.op == CDN_EXPR_AND || x.op == CDN_EXPR_OR); i++)
        axes_in(m, *ROW(m, INDEX, uint32_t, x.children.first + i), axes);
}
static void group_row(struct maker *m, const struct pair *pairs, uint32_t n, uint32_t slots) {
    struct cdn_group_rec g = {.posts = {(uint32_t)m->t[CDN_T_POST].n, n}, .words = (n + 63) / 64};
    struct table axes = {.size = sizeof(struct cdn_axis_rec)};
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t measure = ROW(m, OUTCOME, struct cdn_outcome_rec, pairs[i].outcome)->measure;
        const struct cdn_measure_rec *x = ROW(m, MEASURE, struct cdn_measure_rec, measure);
        const struct cdn_post_rec post = {pairs[i].outcome, measure, x->effective.at, x->until.at};
        add(&m->t[CDN_T_POST], &post);
        axes_in(m, m->when_of[measure], &axes);
    }
    g.axes.first = (uint32_t)m->t[CDN_T_AXIS].n;
    for (size_t i = 0; i < axes.n; i++)
        axis_row(m, ((struct cdn_axis_rec *)(void *)axes.p)[i], pairs, n);
    g.axes.count = (uint32_t)m->t[CDN_T_AXIS].n - g.axes.first;
    free(axes.p);
    uint32_t at = cdn_snap_group_slot(pairs[0].action, pairs[0].service, slots);
    while (ROW(m, GROUPSLOT, struct cdn_groupslot_rec, at)->group != CDN_NO_INDEX)
        at = (at + 1) & (slots - 1);
    *ROW(m, GROUPSLOT, struct cdn_groupslot_rec, at) =
        (struct cdn_groupslot_rec){pairs[0].action, pairs[0].service, (uint32_t)m->t[CDN_T_GROUP].n};
    add(&m->t[CDN_T_GROUP], &g);
}
static void pairs_of(const struct cdn_rulebook *rb, struct table *pairs) {
    uint32_t number = 0;
    for (uint32_t i = 0; i < rb->measure_count; i++) {
        for (uint32_t k = 0; k < rb->measures[i].outcome_count; k++, number++) {
            const struct cdn_outcome *o = &rb->measures[i].outcomes[k];
            for (uint32_t a = 0; a < (o->any_action ? 1 : o->action_count); a++) {
                for (uint32_t s = 0; s < (o->any_service ? 1 : o->service_count); s++) {
                    const struct pair p = {o->any_action ? CDN_NO_INDEX : o->actions[a],
                                           o->any_service ? CDN_NO_INDEX : o->services[s],
                                           number};
                    add(pairs, &p);
                }
            }
        }
    }
}
static void build_index(struct maker *m) {
    struct table pairs = {.size = sizeof(struct pair)};
    pairs_of(m->rb, &pairs);
    if (pairs.n)
        qsort(pairs.p, pairs.n, sizeof(struct pair), cmp_pair);
    uint32_t slots = 2;
    while (slots < 2 * pairs.n + 2)
        slots *= 2;
    const struct cdn_groupslot_rec free_slot = {0, 0, CDN_NO_INDEX};
    for (uint32_t i = 0; i < slots; i++)
        add(&m->t[CDN_T_GROUPSLOT], &free_slot);
    const struct pair *p = (const void *)pairs.p;
    for (size_t i = 0, j = 0; i < pairs.n; i = j) {
        while (j < pairs.n && p[j].action == p[i].action && p[j].service == p[i].service)
            j++;
        group_row(m, &p[i], (uint32_t)(j - i), slots);
    }
    free(pairs.p);
}

struct cdn_snapshot *cdn_plain_snapshot(const struct cdn_rulebook *rb,
                                        const struct cdn_plain_places *places) {
    struct maker *m = calloc(1, sizeof *m);
    struct cdn_snapshot *s = calloc(1, sizeof *s);
    if (!m || !s)
        abort();
    m->rb = rb;
    m->places = places;
    m->place_words = (places->count + 64) / 64;
    m->strings.size = 1;
    add(&m->strings, NULL);
#define TABLE(sym, field, type) m->t[CDN_T_##sym].size = sizeof(type);
    CDN_SNAPSHOT_TABLES(TABLE)
#undef TABLE
    made_tests.n = 0;
    declarations(m);
    symbols(m);
    for (uint32_t i = 0; i < rb->measure_count; i++)
        measure_row(m, i);
    m->when_of = calloc(rb->measure_count + 1, sizeof *m->when_of);
    if (!m->when_of)
        abort();
    for (uint32_t i = 0; i < rb->measure_count; i++)
        m->when_of[i] = ROW(m, MEASURE, struct cdn_measure_rec, i)->when;
    build_index(m);
#define TABLE(sym, field, type)                                                                              \
    s->field = (const type *)(const void *)m->t[CDN_T_##sym].p;                                              \
    s->count[CDN_T_##sym] = (uint32_t)m->t[CDN_T_##sym].n;
    CDN_SNAPSHOT_TABLES(TABLE)
#undef TABLE
    s->strings = cdn_str((const char *)m->strings.p, m->strings.n);
    s->places = (const struct cdn_places *)(const void *)places;
    s->set_words = m->place_words;
    s->info = s->source = CDN_STR("{}");
    free(m->when_of);
    free(m);
    return s;
}

static void drop(const void *p) {
    free((void *)(uintptr_t)p);
}

void cdn_plain_snapshot_free(struct cdn_snapshot *s) {
    if (!s)
        return;
#define TABLE(sym, field, type) drop(s->field);
    CDN_SNAPSHOT_TABLES(TABLE)
#undef TABLE
    drop(s->strings.p);
    free(s);
}
