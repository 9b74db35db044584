/* SPDX-License-Identifier: Apache-2.0 */
#include "support/wide_rulebook.h"

#include <stdio.h>
#include <stdlib.h>

const struct cdn_wide_shape cdn_wide_small = {
    .measures = 40, .actions = 4, .services = 3, .any_of_1000 = 150, .depth = 3, .plain = false};
const char *const cdn_wide_codes[6] = {"free", "pro", "gold", "ngo", "bank", "person"};
const char *const cdn_wide_countries[8] = {"RU", "BY", "UA", "DE", "FR", "GB", "US", "KZ"};

struct maker {
    struct cdn_rnd *r;
    const struct cdn_wide_shape *shape;
    struct cdn_arena *arena;
    struct cdn_rulebook *rb;
};

static void *take(struct maker *m, size_t n, size_t size) {
    void *p = cdn_arena_zero(m->arena, n ? n : 1, size);
    if (!p) {
        (void)fprintf(stderr, "no memory for a wide rulebook\n");
        abort();
    }
    return p;
}

static cordon_str name(struct maker *m, const char *prefix, uint64_t number) {
    char text[64];
    const int n = snprintf(text, sizeof(text), "%s%llu", prefix, (unsigned long long)number);
    cordon_str s;
    if (n < 0 || cdn_arena_str(m->arena, cdn_str(text, (size_t)n), &s) != 0)
        abort();
    return s;
}

static uint64_t below(struct maker *m, uint64_t n) {
    return cdn_rnd_below(m->r, n);
}

static bool chance(struct maker *m, unsigned of_1000) {
    return cdn_rnd_chance(m->r, of_1000);
}

static struct cdn_source source(struct maker *m) {
    struct cdn_source s = {.title = name(m, "Source ", below(m, 50)),
                           .url = name(m, "https://example.org/", below(m, 50))};
    if (chance(m, 100))
        s.unverified = CDN_STR("read in an excerpt");
    return s;
}

/* ---- dates
 * ------------------------------------------------------------------------------------------------- */

#define DAY INT64_C(86400)
#define FIRST_DAY (INT64_C(19000) * DAY) /* 2022-01-08 */

static struct cdn_moment moment(struct maker *m) {
    struct cdn_moment t = {.at = FIRST_DAY + (int64_t)below(m, 60) * DAY +
                                 (chance(m, 300) ? (int64_t)below(m, 86400) : 0)};
    char text[32];
    struct cdn_buf b;
    cdn_buf_fixed(&b, text, sizeof(text));
    cdn_time_write(&b, t.at);
    if (b.err || cdn_arena_str(m->arena, cdn_str(text, b.n - 1), &t.written) != 0)
        abort();
    t.zone = CDN_STR("Z");
    return t;
}

static struct cdn_moment later(struct maker *m, struct cdn_moment t, int64_t most) {
    struct cdn_moment u = moment(m);
    while (u.at <= t.at || u.at > t.at + most)
        u.at = t.at + 1 + (int64_t)below(m, (uint64_t)most);
    return u;
}

/* ---- declarations
 * -------------------------------------------------------------------------------------------- */

static struct cdn_place country(const char *code) {
    return (struct cdn_place){.kind = CDN_PLACE_COUNTRY,
                              .country = (uint16_t)((unsigned)(uint8_t)code[0] << 8 | (uint8_t)code[1])};
}

static struct cdn_place region(const char *code) {
    struct cdn_place p = country(code);
    p.kind = CDN_PLACE_REGION;
    p.region = cdn_str_z(code);
    return p;
}

static void add_part(struct cdn_territory *t, struct cdn_place p, int64_t from, int64_t until, bool exclude) {
    t->parts[t->part_count++] =
        (struct cdn_territory_part){.place = p, .exclude = exclude, .from = from, .until = until};
}

static void add_territories(struct maker *m) {
    struct cdn_rulebook *rb = m->rb;
    static const char *const ids[4] = {"crimea", "union", "town", "south"};
    rb->territory_count = 4;
    rb->territories = take(m, 4, sizeof(*rb->territories));
    for (unsigned i = 0; i < 4; i++) {
        struct cdn_territory *t = &rb->territories[i];
        t->id = cdn_str_z(ids[i]);
        t->title = name(m, "Territory ", i);
        t->parts = take(m, 4, sizeof(*t->parts));
        t->within = take(m, 1, sizeof(*t->within));
        if (i != 1) {
            t->within[0] = country("UA").country;
            t->within_count = 1;
        } else {
            t->any_context = true;
        }
    }
    const struct cdn_place crimea = {.kind = CDN_PLACE_TERRITORY, .territory = 0};
    add_part(&rb->territories[0], region("UA-43"), CDN_TIME_MIN, CDN_TIME_MAX, false);
    add_part(&rb->territories[0], region("UA-40"), INT64_C(1395100800), CDN_TIME_MAX, false);
    add_part(&rb->territories[1], country("DE"), CDN_TIME_MIN, CDN_TIME_MAX, false);
    add_part(&rb->territories[1], country("FR"), CDN_TIME_MIN, CDN_TIME_MAX, false);
    add_part(&rb->territories[1], country("GB"), CDN_TIME_MIN, INT64_C(1580511600), false);
    add_part(&rb->territories[3], crimea, CDN_TIME_MIN, CDN_TIME_MAX, false);
    add_part(&rb->territories[3], region("UA-65"), CDN_TIME_MIN, CDN_TIME_MAX, false);
    struct cdn_mark *mark = take(m, 1, sizeof(*mark));
    *mark = (struct cdn_mark){
        .kind = CDN_MARK_CITY, .text = CDN_STR("Zaliznychne"), .from = CDN_TIME_MIN, .until = CDN_TIME_MAX};
    rb->territories[2].marks = mark;
    rb->territories[2].mark_count = 1;
}

static void add_names(struct maker *m) {
    struct cdn_rulebook *rb = m->rb;
    rb->operator_count = 1;
    rb->operators = take(m, 1, sizeof(*rb->operators));
    rb->operators[0] = (struct cdn_operator){.id = CDN_STR("acme"), .title = CDN_STR("Acme")};
    rb->action_count = m->shape->actions;
    rb->actions = take(m, rb->action_count, sizeof(*rb->actions));
    for (uint32_t i = 0; i < rb->action_count; i++)
        rb->actions[i] = (struct cdn_action){.id = name(m, "act.", i),
                                             .title = name(m, "Action ", i),
                                             .needs_roles = 1u << CDN_ROLE_CUSTOMER,
                                             .may_roles = (uint32_t)below(m, 2) << CDN_ROLE_RECIPIENT,
                                             .may_objects = (uint32_t)below(m, 2) << CDN_OBJECT_GOODS};
    rb->service_count = m->shape->services;
    rb->services = take(m, rb->service_count, sizeof(*rb->services));
    for (uint32_t i = 0; i < rb->service_count; i++)
        rb->services[i] =
            (struct cdn_service){.id = name(m, "svc-", i), .title = name(m, "Service ", i), .operator= 0 };
    rb->entity_count = 2;
    rb->entities = take(m, 2, sizeof(*rb->entities));
    for (uint32_t i = 0; i < 2; i++)
        rb->entities[i] = (struct cdn_entity){.id = name(m, "ent-", i),
                                              .title = name(m, "Entity ", i),
                                              .country = country(i ? "US" : "DE").country};
    rb->list_count = 2;
    rb->lists = take(m, 2, sizeof(*rb->lists));
    for (uint32_t i = 0; i < 2; i++)
        rb->lists[i] = (struct cdn_list_decl){.id = name(m, "list/", i), .title = name(m, "List ", i)};
    rb->fact_count = 1;
    rb->facts = take(m, 1, sizeof(*rb->facts));
    rb->facts[0] = (struct cdn_fact_decl){
        .name = CDN_STR("tier"), .title = CDN_STR("Tier"), .owner = CDN_OWNER_PARTY, .type = CDN_TYPE_CODE};
}

static void add_numbers(struct maker *m) {
    struct cdn_rulebook *rb = m->rb;
    rb->calendar_count = 1;
    rb->calendars = take(m, 1, sizeof(*rb->calendars));
    rb->calendars[0] = (struct cdn_calendar_decl){
        .id = CDN_STR("cal"), .title = CDN_STR("Calendar"), .zone = CDN_STR("UTC"), .weekend = 0x60};
    rb->calendars[0].holidays = take(m, 3, sizeof(int32_t));
    for (uint32_t i = 0; i < 3; i++)
        rb->calendars[0].holidays[i] = 19000 + (int32_t)i * 17;
    rb->calendars[0].holiday_count = 3;
    rb->rate_count = 2;
    rb->rates = take(m, 2, sizeof(*rb->rates));
    for (uint32_t i = 0; i < 2; i++) {
        rb->rates[i] = (struct cdn_rate){.from = "EUR", .to = "USD", .rate = {10871 + (int64_t)i * 300, 4}};
        rb->rates[i].since = moment(m);
        rb->rates[i].since.at = FIRST_DAY - 30 * DAY + (int64_t)i * 45 * DAY;
        rb->rates[i].source = source(m);
    }
}

/* ---- conditions
 * ------------------------------------------------------------------------------------------------- */

static struct cdn_place place(struct maker *m) {
    static const char *const regions[4] = {"UA-43", "UA-30", "UA-40", "UA-65"};
    const uint64_t what = below(m, 10);
    if (what == 0)
        return region(regions[below(m, 4)]);
    if (what == 1)
        return (struct cdn_place){.kind = CDN_PLACE_TERRITORY, .territory = (uint32_t)below(m, 4)};
    return country(cdn_wide_countries[below(m, 8)]);
}

static struct cdn_place_set places(struct maker *m) {
    struct cdn_place_set s = {.items = take(m, 3, sizeof(*s.items)), .except = take(m, 1, sizeof(*s.except))};
    s.count = 1 + (uint32_t)below(m, 3);
    for (uint32_t i = 0; i < s.count; i++)
        s.items[i] = place(m);
    if (chance(m, 100)) {
        s.except[0] = place(m);
        s.except_count = 1;
    }
    return s;
}

static void codes(struct maker *m, struct cdn_test *t) {
    t->cmp = CDN_CMP_IN;
    t->text_count = 1 + (uint32_t)below(m, 2);
    t->texts = take(m, t->text_count, sizeof(*t->texts));
    for (uint32_t i = 0; i < t->text_count; i++)
        t->texts[i] = cdn_str_z(cdn_wide_codes[below(m, 6)]);
}

static void subject(struct maker *m, struct cdn_test *t, bool it) {
    static const uint8_t roles[3] = {CDN_ROLE_CUSTOMER, CDN_ROLE_CUSTOMER, CDN_ROLE_RECIPIENT};
    t->subject = it && chance(m, 800) ? (struct cdn_subject){CDN_SUBJECT_IT, 0}
                                      : (struct cdn_subject){CDN_SUBJECT_ROLE, roles[below(m, 3)]};
}

static void ask_finding(struct maker *m, struct cdn_test *t) {
    t->kind = CDN_TEST_FINDING;
    t->finding = (uint16_t)(1 + below(m, CDN_FINDING_COUNT - 1));
    t->places = places(m);
}

static void ask_evidence(struct maker *m, struct cdn_test *t) {
    static const uint16_t kinds[3] = {
        CDN_EVIDENCE_CARD_ISSUER, CDN_EVIDENCE_BILLING_ADDRESS, CDN_EVIDENCE_DECLARED_COUNTRY};
    t->kind = CDN_TEST_EVIDENCE;
    t->evidence = kinds[below(m, 3)];
    t->places = places(m);
}

static void ask_code(struct maker *m, struct cdn_test *t) {
    t->kind = CDN_TEST_FACT;
    t->fact = chance(m, 500) ? (uint16_t)CDN_FACT_KIND : (uint16_t)CDN_FACT_DECLARED_BASE;
    codes(m, t);
}

static void ask_request(struct maker *m, struct cdn_test *t) {
    t->kind = CDN_TEST_FACT;
    t->fact = chance(m, 500) ? CDN_FACT_PURPOSE : CDN_FACT_ATTESTATIONS;
    t->subject = (struct cdn_subject){CDN_SUBJECT_REQUEST, 0};
    codes(m, t);
}

static void ask_goods(struct maker *m, struct cdn_test *t) {
    t->kind = CDN_TEST_FACT;
    t->subject = (struct cdn_subject){CDN_SUBJECT_OBJECT, CDN_OBJECT_GOODS};
    if (chance(m, 600)) {
        t->fact = chance(m, 500) ? CDN_FACT_VALUE : CDN_FACT_UNIT_VALUE;
        t->cmp = (uint8_t)(CDN_CMP_LT + below(m, 4));
        t->money = (struct cdn_money_literal){{300 + (int64_t)below(m, 3) * 100, 0}, "EUR"};
    } else {
        t->fact = CDN_FACT_HS;
        t->cmp = CDN_CMP_PREFIX;
        t->text_count = 1;
        t->texts = take(m, 1, sizeof(*t->texts));
        t->texts[0] = chance(m, 500) ? CDN_STR("8703") : CDN_STR("8711");
    }
}

static void ask_list(struct maker *m, struct cdn_test *t) {
    t->kind = chance(m, 500) ? CDN_TEST_LISTED : CDN_TEST_OWNED;
    t->lists = take(m, 2, sizeof(*t->lists));
    t->list_count = 1;
    t->lists[0] = (uint32_t)below(m, 2);
    if (t->kind == CDN_TEST_OWNED) {
        t->percent = (struct cdn_decimal){50, 0};
        t->percent_strict = chance(m, 500);
        t->aggregate = chance(m, 500);
        t->or_controlled = chance(m, 500);
    }
}

static void ask_time(struct maker *m, struct cdn_test *t) {
    t->moment = moment(m);
    t->when = cdn_when_instant(t->moment.at);
    if (chance(m, 500)) {
        t->kind = CDN_TEST_NOW;
        t->cmp = CDN_CMP_GE;
    } else {
        t->kind = CDN_TEST_NEW;
        t->service = chance(m, 500) ? -1 : (int32_t)below(m, m->shape->services);
    }
}

static struct cdn_expr *new_expr(struct maker *m, uint8_t op, uint32_t count) {
    struct cdn_expr *x = take(m, 1, sizeof(*x));
    x->op = op;
    x->count = count;
    x->children = take(m, count, sizeof(struct cdn_expr *));
    return x;
}

static struct cdn_expr *test(struct maker *m, uint8_t standard, bool it) {
    struct cdn_expr *x = new_expr(m, CDN_EXPR_TEST, 0);
    struct cdn_test *t = take(m, 1, sizeof(*t));
    x->test = t;
    t->set = -1;
    t->service = -1;
    t->standard = standard;
    subject(m, t, it);
    switch (below(m, m->shape->plain ? 6 : 12)) {
    case 0:
    case 1:
    case 2:
        ask_finding(m, t);
        break;
    case 3:
    case 4:
        ask_evidence(m, t);
        break;
    case 5:
    case 6:
        ask_code(m, t);
        break;
    case 7:
        ask_request(m, t);
        break;
    case 8:
        ask_goods(m, t);
        break;
    case 9:
        ask_list(m, t);
        break;
    case 10:
        ask_time(m, t);
        break;
    default:
        t->kind = CDN_TEST_PRESENT;
        t->fact = CDN_FACT_KIND;
        break;
    }
    if (t->kind != CDN_TEST_FINDING)
        t->standard = 0;
    return x;
}

static struct cdn_expr *condition(struct maker *m, uint8_t standard, unsigned depth, bool it) {
    if (depth == 0 || chance(m, 250))
        return test(m, standard, it);
    if (m->shape->plain || chance(m, 500)) {
        struct cdn_expr *x = new_expr(m, m->shape->plain || chance(m, 600) ? CDN_EXPR_AND : CDN_EXPR_OR, 2);
        for (uint32_t i = 0; i < 2; i++)
            x->children[i] = condition(m, standard, depth - 1, it);
        return x;
    }
    if (chance(m, 300)) {
        struct cdn_expr *x = new_expr(m, CDN_EXPR_NOT, 1);
        x->children[0] = condition(m, standard, depth - 1, it);
        return x;
    }
    if (it || chance(m, 400)) {
        struct cdn_expr *x = new_expr(m, CDN_EXPR_XOR, 2);
        for (uint32_t i = 0; i < 2; i++)
            x->children[i] = condition(m, standard, depth - 1, it);
        return x;
    }
    struct cdn_expr *x = new_expr(m, chance(m, 500) ? CDN_EXPR_ANY : CDN_EXPR_EVERY, 1);
    x->subject = chance(m, 300) ? (struct cdn_subject){CDN_SUBJECT_ANY_PARTY, 0}
                                : (struct cdn_subject){CDN_SUBJECT_ROLE, CDN_ROLE_CUSTOMER};
    x->children[0] = condition(m, standard, depth - 1, true);
    return x;
}

/* ---- measures
 * ---------------------------------------------------------------------------------------------------- */

static uint32_t *some(struct maker *m, uint32_t most, uint32_t *ret_count) {
    const uint32_t n = 1 + (uint32_t)below(m, CDN_MIN(most, 2));
    uint32_t *v = take(m, n, sizeof(*v));
    for (uint32_t i = 0; i < n; i++)
        v[i] = (uint32_t)below(m, most);
    if (n == 2 && v[0] == v[1])
        v[1] = (v[0] + 1) % most;
    *ret_count = n;
    return v;
}

static void add_outcome(struct maker *m, struct cdn_measure *r) {
    struct cdn_outcome *o = &r->outcomes[r->outcome_count++];
    o->verdict =
        r->class_ == CDN_CLASS_PROTECT ? CORDON_VERDICT_ALLOW : (uint8_t)(CORDON_VERDICT_LIMIT + below(m, 4));
    o->scope = (uint8_t)(1 + below(m, CDN_SCOPE_COUNT - 1));
    o->form = o->verdict == CORDON_VERDICT_FREEZE ? CDN_FORM_RETAIN : (uint8_t)(1 + below(m, 3));
    if (chance(m, 300))
        o->subject = (struct cdn_subject){CDN_SUBJECT_ROLE, CDN_ROLE_CUSTOMER};
    o->any_action = chance(m, m->shape->any_of_1000);
    o->any_service = chance(m, m->shape->any_of_1000);
    if (!o->any_action)
        o->actions = some(m, m->shape->actions, &o->action_count);
    else if (chance(m, 300))
        o->not_actions = some(m, m->shape->actions, &o->not_action_count);
    if (!o->any_service)
        o->services = some(m, m->shape->services, &o->service_count);
    if (o->verdict == CORDON_VERDICT_LIMIT && chance(m, 500))
        o->limit_to = CDN_STR("free tier");
    else if (o->verdict == CORDON_VERDICT_LIMIT) {
        o->has_cap = true;
        o->cap = (struct cdn_money_literal){{200, 0}, "EUR"};
        o->cap_window = chance(m, 500) ? CDN_UNIT_DAYS : CDN_UNIT_NONE;
    }
}

static void add_extras(struct maker *m, struct cdn_measure *r) {
    if (chance(m, 250)) {
        r->excepts = take(m, 1, sizeof(*r->excepts));
        r->except_count = 1;
        r->excepts[0].label = CDN_STR("permitted");
        r->excepts[0].when = condition(m, r->standard, 1, false);
    }
    if (chance(m, 150)) {
        r->presumes = take(m, 1, sizeof(*r->presumes));
        r->presume_count = 1;
        r->presumes[0].test = test(m, r->standard, false)->test;
        r->presumes[0].value = chance(m, 500);
        r->presumes[0].why = CDN_STR("nobody collects it here");
        r->presumes[0].source = source(m);
    }
    if (chance(m, 150)) {
        r->suspensions = take(m, 1, sizeof(*r->suspensions));
        r->suspension_count = 1;
        r->suspensions[0].from = later(m, r->effective, 10 * DAY);
        r->suspensions[0].until = later(m, r->suspensions[0].from, 10 * DAY);
        r->suspensions[0].source = source(m);
    }
    if (chance(m, 300)) {
        r->keeps = take(m, 1, sizeof(*r->keeps));
        r->keep_count = 1;
        r->keeps[0].actions = some(m, m->shape->actions, &r->keeps[0].action_count);
        if (chance(m, 300))
            r->keeps[0].until = later(m, r->effective, 20 * DAY);
    }
    if (chance(m, 300)) {
        r->duties = take(m, 1, sizeof(*r->duties));
        r->duty_count = 1;
        r->duties[0] = (struct cdn_duty){.kind = (uint8_t)(1 + below(m, CDN_DUTY_COUNT - 1)),
                                         .text = CDN_STR("the transaction"),
                                         .to = CDN_STR("the office"),
                                         .has_span = true,
                                         .span = {10, CDN_UNIT_BUSINESS_DAYS, 0},
                                         .condition = r->class_ == CDN_CLASS_LICENCE && chance(m, 500)};
    }
    if (chance(m, 150)) {
        r->entities = some(m, 2, &r->entity_count);
    } else if (chance(m, 100)) {
        r->bound_countries = take(m, 1, sizeof(*r->bound_countries));
        r->bound_countries[0] = country("US").country;
        r->bound_country_count = 1;
    }
}

static void add_links(struct maker *m, struct cdn_measure *r, uint32_t number) {
    if (number == 0)
        return;
    if (r->class_ == CDN_CLASS_LICENCE)
        r->lifts = some(m, number, &r->lift_count);
    if (r->class_ == CDN_CLASS_STATUTE)
        r->forbids = some(m, number, &r->forbid_count);
    if (r->class_ == CDN_CLASS_MEASURE && chance(m, 80))
        r->supersedes = some(m, number, &r->supersede_count);
}

static uint8_t class_of(struct maker *m, uint32_t number) {
    const uint64_t what = below(m, 20);
    if (m->shape->plain || number == 0 || what > 4)
        return CDN_CLASS_MEASURE;
    return what <= 2 ? CDN_CLASS_LICENCE : what == 3 ? CDN_CLASS_STATUTE : CDN_CLASS_PROTECT;
}

static void add_measure(struct maker *m, uint32_t number) {
    struct cdn_measure *r = &m->rb->measures[number];
    r->id = name(m, "m/", number);
    r->title = name(m, "Measure ", number);
    r->class_ = class_of(m, number);
    r->basis = (uint8_t)(r->class_ == CDN_CLASS_PROTECT ? CDN_BASIS_PROTECTION : 1 + below(m, 3));
    r->legal = r->basis == CDN_BASIS_LAW ? CDN_STR("Reg. 1/2022") : cdn_str("", 0);
    r->issuer = CDN_STR("acme");
    r->operator= 0;
    r->owner = CDN_STR("trust and safety");
    r->standard = (uint8_t)(1 + below(m, CDN_STANDARD_COUNT - 1));
    r->if_unknown = chance(m, 700) ? CORDON_VERDICT_HOLD : CORDON_VERDICT_DENY;
    if (r->basis != CDN_BASIS_LAW && chance(m, 150))
        r->if_unknown = CORDON_VERDICT_ALLOW;
    r->if_contradictory = chance(m, 800) ? CORDON_VERDICT_HOLD : CORDON_VERDICT_DENY;
    r->sources = take(m, 1, sizeof(*r->sources));
    r->sources[0] = source(m);
    r->source_count = 1;
    r->effective = moment(m);
    if (chance(m, 500))
        r->announced = moment(m);
    if (chance(m, 400))
        r->until = later(m, r->effective, 40 * DAY);
    if (r->class_ == CDN_CLASS_MEASURE || r->class_ == CDN_CLASS_PROTECT) {
        r->outcomes = take(m, 2, sizeof(*r->outcomes));
        add_outcome(m, r);
        if (chance(m, 200))
            add_outcome(m, r);
    }
    if (chance(m, 950))
        r->when = condition(m, r->standard, m->shape->depth, false);
    add_extras(m, r);
    add_links(m, r, number);
    if (chance(m, 300)) {
        r->notices = take(m, 1, sizeof(*r->notices));
        r->notices[0] = (struct cdn_quote){CDN_STR("en"), CDN_STR("This is not available where you are.")};
        r->notice_count = 1;
    }
}

struct cdn_rulebook *cdn_wide_rulebook(struct cdn_rnd *r,
                                       const struct cdn_wide_shape *shape,
                                       struct cdn_arena *arena) {
    struct maker m = {r, shape, arena, NULL};
    m.rb = take(&m, 1, sizeof(*m.rb));
    struct cdn_rulebook *rb = m.rb;
    rb->file_count = 1;
    rb->files = take(&m, 1, sizeof(*rb->files));
    rb->texts = take(&m, 1, sizeof(*rb->texts));
    rb->files[0] = CDN_STR("random.measure");
    rb->texts[0] = name(&m, "random ", cdn_rnd_next(r));
    rb->tz_version = CDN_STR("2022a");
    rb->geo_max_age_days = 1500;
    add_territories(&m);
    add_names(&m);
    add_numbers(&m);
    rb->measure_count = shape->measures;
    rb->measures = take(&m, shape->measures, sizeof(*rb->measures));
    for (uint32_t i = 0; i < shape->measures; i++)
        add_measure(&m, i);
    return rb;
}
