/* SPDX-License-Identifier: Apache-2.0 */
/* random_rulebook.c: see random_rulebook.h: the rulebooks. */
#include "support/random_rulebook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/random_priv.h"

const cordon_str cdn_random_places[10] = {{"RU", 2},
                                          {"BY", 2},
                                          {"UA", 2},
                                          {"DE", 2},
                                          {"US", 2},
                                          {"UA-43", 5},
                                          {"UA-40", 5},
                                          {"UA-30", 5},
                                          {"RU-MOW", 6},
                                          {"DE-BE", 5}};

static const uint8_t roles[] = {CDN_ROLE_CUSTOMER, CDN_ROLE_OWNER, CDN_ROLE_RECIPIENT};
static const uint8_t kinds[] = {CDN_OBJECT_GOODS, CDN_OBJECT_PAYMENT};

void *cdn_random_take(struct cdn_arena *arena, size_t n, size_t size) {
    void *p = cdn_arena_zero(arena, n ? n : 1, size);
    if (!p)
        abort();
    return p;
}

cordon_str cdn_random_name(struct cdn_arena *arena, const char *prefix, unsigned n) {
    char text[32];
    const int len = snprintf(text, sizeof text, "%s%u", prefix, n);
    cordon_str ret;
    if (cdn_arena_str(arena, cdn_str(text, (size_t)len), &ret) < 0)
        abort();
    return ret;
}

int64_t cdn_random_instant(struct cdn_rnd *rnd) {
    const int64_t t = CDN_RANDOM_BASE + cdn_rnd_between(rnd, 0, CDN_RANDOM_SPAN / 43200) * 43200;
    return cdn_rnd_chance(rnd, 500) ? t
                                    : t + cdn_rnd_between(rnd, -2, 2) * (cdn_rnd_chance(rnd, 300) ? 3600 : 1);
}

struct cdn_when cdn_random_when(struct cdn_rnd *rnd) {
    const int64_t t = cdn_random_instant(rnd);
    if (cdn_rnd_chance(rnd, 500))
        return cdn_when_instant(t);
    const int64_t day = t - ((t % 86400) + 86400) % 86400;
    return (struct cdn_when){CDN_WHEN_DAY, day, day + 86400};
}

static struct cdn_moment random_moment(struct cdn_rnd *rnd, unsigned of_1000) {
    if (!cdn_rnd_chance(rnd, of_1000))
        return (struct cdn_moment){0};
    return (struct cdn_moment){.at = cdn_random_instant(rnd), .written = CDN_STR("t")};
}

static struct cdn_place random_place(struct cdn_rnd *rnd) {
    const uint64_t i = cdn_rnd_below(rnd, 11);
    if (i == 10)
        return (struct cdn_place){.kind = CDN_PLACE_TERRITORY};
    const cordon_str code = cdn_random_places[i];
    const uint16_t country = (uint16_t)(((unsigned)code.p[0] << 8) | (unsigned)code.p[1]);
    if (code.n == 2)
        return (struct cdn_place){.kind = CDN_PLACE_COUNTRY, .country = country};
    return (struct cdn_place){.kind = CDN_PLACE_REGION, .country = country, .region = code};
}

static struct cdn_place_set random_set(struct cdn_rnd *rnd, struct cdn_arena *arena) {
    struct cdn_place_set s = {.count = (uint32_t)cdn_rnd_between(rnd, 1, 3)};
    s.items = cdn_random_take(arena, s.count, sizeof *s.items);
    for (uint32_t i = 0; i < s.count; i++)
        s.items[i] = random_place(rnd);
    s.except_count = cdn_rnd_chance(rnd, 150);
    s.except = cdn_random_take(arena, 1, sizeof *s.except);
    s.except[0] = random_place(rnd);
    return s;
}

static struct cdn_subject random_subject(struct cdn_rnd *rnd, struct cdn_subject it) {
    if (it.kind && cdn_rnd_chance(rnd, 800))
        return (struct cdn_subject){CDN_SUBJECT_IT, 0};
    if (cdn_rnd_chance(rnd, 800))
        return (struct cdn_subject){CDN_SUBJECT_ROLE,
                                    roles[cdn_rnd_chance(rnd, 700) ? 0 : cdn_rnd_below(rnd, 3)]};
    return (struct cdn_subject){CDN_SUBJECT_OBJECT, kinds[cdn_rnd_below(rnd, 2)]};
}

static void random_texts(struct cdn_rnd *rnd,
                         struct cdn_arena *arena,
                         struct cdn_test *t,
                         const char *prefix) {
    t->cmp = CDN_CMP_IN;
    t->text_count = (uint32_t)cdn_rnd_between(rnd, 1, 2);
    t->texts = cdn_random_take(arena, t->text_count, sizeof *t->texts);
    for (uint32_t i = 0; i < t->text_count; i++)
        t->texts[i] = cdn_random_name(arena, prefix, (unsigned)cdn_rnd_below(rnd, 3));
}

static void random_moment_test(struct cdn_rnd *rnd, struct cdn_test *t) {
    t->cmp = (uint8_t)cdn_rnd_between(rnd, CDN_CMP_LT, CDN_CMP_GE);
    t->when = cdn_random_when(rnd);
    t->against_now = t->kind == CDN_TEST_FACT && cdn_rnd_chance(rnd, 400);
    if (cdn_rnd_chance(rnd, 300))
        t->left_offset = cdn_rnd_between(rnd, -3, 3) * 86400;
    if (cdn_rnd_chance(rnd, 300))
        t->right_offset = cdn_rnd_between(rnd, -3, 3) * 86400;
}

static void random_amount(struct cdn_rnd *rnd, struct cdn_decimal *amount, char currency[4]) {
    static const char *const names[] = {"EUR", "USD", "GBP"};
    *amount = (struct cdn_decimal){cdn_rnd_between(rnd, 0, 40) * 25, 2};
    memcpy(currency, names[cdn_rnd_below(rnd, 3)], 4);
}

static void random_fact_of_request(struct cdn_rnd *rnd, struct cdn_arena *arena, struct cdn_test *t) {
    t->subject = (struct cdn_subject){CDN_SUBJECT_REQUEST, 0};
    if (cdn_rnd_chance(rnd, 300)) {
        t->fact = CDN_FACT_DECLARED_BASE + 1; /* flag */
        t->boolean = cdn_rnd_chance(rnd, 500);
        t->cmp = CDN_CMP_IN;
        return;
    }
    t->fact = cdn_rnd_chance(rnd, 500) ? CDN_FACT_PURPOSE : CDN_FACT_ATTESTATIONS;
    random_texts(rnd, arena, t, "p");
}

static void random_fact_of_party(struct cdn_rnd *rnd, struct cdn_arena *arena, struct cdn_test *t) {
    switch (cdn_rnd_below(rnd, 5)) {
    case 0:
        t->fact = CDN_FACT_KIND;
        random_texts(rnd, arena, t, "k");
        return;
    case 1:
        t->fact = CDN_FACT_LICENCES;
        random_texts(rnd, arena, t, "g");
        return;
    case 2:
        t->fact = CDN_FACT_DECLARED_BASE; /* tier */
        random_texts(rnd, arena, t, "t");
        return;
    default:
        t->fact = cdn_rnd_chance(rnd, 500) ? CDN_FACT_SINCE : CDN_FACT_PERIOD_END;
        random_moment_test(rnd, t);
    }
}

static void random_fact_of_object(struct cdn_rnd *rnd,
                                  struct cdn_arena *arena,
                                  struct cdn_test *t,
                                  unsigned kind) {
    if (kind == CDN_OBJECT_PAYMENT && cdn_rnd_chance(rnd, 300)) {
        t->fact = CDN_FACT_SUBMITTED;
        random_moment_test(rnd, t);
        return;
    }
    if (kind == CDN_OBJECT_GOODS && cdn_rnd_chance(rnd, 300)) {
        t->fact = CDN_FACT_HS;
        random_texts(rnd, arena, t, "8");
        t->cmp = CDN_CMP_PREFIX;
        return;
    }
    if (kind == CDN_OBJECT_GOODS && cdn_rnd_chance(rnd, 300)) {
        t->fact = CDN_FACT_ORIGIN;
        t->cmp = CDN_CMP_IN;
        t->places = random_set(rnd, arena);
        t->places.except_count = 0;
        return;
    }
    t->fact = kind == CDN_OBJECT_PAYMENT ? CDN_FACT_AMOUNT
              : cdn_rnd_chance(rnd, 500) ? CDN_FACT_VALUE
                                         : CDN_FACT_UNIT_VALUE;
    t->cmp = (uint8_t)cdn_rnd_between(rnd, CDN_CMP_LT, CDN_CMP_GE);
    random_amount(rnd, &t->money.amount, t->money.currency);
}

static void random_list_test(struct cdn_rnd *rnd, struct cdn_arena *arena, struct cdn_test *t) {
    t->list_count = (uint32_t)cdn_rnd_between(rnd, 1, 2);
    t->lists = cdn_random_take(arena, 2, sizeof *t->lists);
    t->lists[0] = (uint32_t)cdn_rnd_below(rnd, 2);
    t->lists[1] = 1 - t->lists[0];
    t->match = 900;
    t->review = 800;
    t->percent = (struct cdn_decimal){cdn_rnd_between(rnd, 1, 3) * 25, 0};
    t->percent_strict = cdn_rnd_chance(rnd, 500);
    t->aggregate = cdn_rnd_chance(rnd, 500);
    t->or_controlled = cdn_rnd_chance(rnd, 300);
}

static const uint8_t used_kinds[] = {CDN_EVIDENCE_DECLARED_COUNTRY,
                                     CDN_EVIDENCE_BILLING_ADDRESS,
                                     CDN_EVIDENCE_IP,
                                     CDN_EVIDENCE_PHONE,
                                     CDN_EVIDENCE_EMAIL,
                                     CDN_EVIDENCE_TAX_ID,
                                     CDN_EVIDENCE_STATEMENT,
                                     CDN_EVIDENCE_GNSS,
                                     CDN_EVIDENCE_PASSPORT,
                                     CDN_EVIDENCE_MEMO};
unsigned cdn_random_kind(struct cdn_rnd *rnd) {
    return used_kinds[cdn_rnd_below(rnd, CDN_ARRAY_LEN(used_kinds))];
}

static void random_party_test(struct cdn_rnd *rnd,
                              struct cdn_arena *arena,
                              struct cdn_test *t,
                              bool monotone) {
    const uint64_t dice = cdn_rnd_below(rnd, 8);
    switch (monotone && dice == 4 ? 5 : dice) {
    case 0:
        t->kind = CDN_TEST_EVIDENCE;
        t->evidence = (uint16_t)cdn_random_kind(rnd);
        t->places = random_set(rnd, arena);
        return;
    case 1:
        t->kind = CDN_TEST_NEW;
        t->service = cdn_rnd_chance(rnd, 300) ? (int32_t)cdn_rnd_below(rnd, 3) : -1;
        t->when = cdn_when_instant(cdn_random_instant(rnd));
        return;
    case 2:
    case 3:
        t->kind = cdn_rnd_chance(rnd, 500) ? CDN_TEST_LISTED : CDN_TEST_OWNED;
        random_list_test(rnd, arena, t);
        return;
    case 4:
        t->kind = CDN_TEST_PRESENT;
        if (cdn_rnd_chance(rnd, 500))
            t->evidence = (uint16_t)cdn_random_kind(rnd);
        else
            t->fact = CDN_FACT_KIND;
        return;
    case 5:
        t->kind = CDN_TEST_FACT;
        random_fact_of_party(rnd, arena, t);
        return;
    default:
        t->kind = CDN_TEST_FINDING;
        t->finding = (uint16_t)cdn_rnd_between(rnd, CDN_FINDING_BASED, CDN_FINDING_NATIONAL);
        t->places = random_set(rnd, arena);
    }
}

struct shape { /* what a condition may say at the point where it is made */
    uint8_t standard;
    bool monotone;
    struct cdn_subject it;
    unsigned depth;
};

static struct cdn_test *random_test(struct cdn_rnd *rnd, struct cdn_arena *arena, struct shape shape) {
    struct cdn_test *t = cdn_random_take(arena, 1, sizeof *t);
    t->service = t->set = -1;
    t->standard = shape.standard;
    if (cdn_rnd_chance(rnd, 80)) {
        t->kind = CDN_TEST_NOW;
        t->subject = (struct cdn_subject){CDN_SUBJECT_REQUEST, 0};
        random_moment_test(rnd, t);
        return t;
    }
    if (cdn_rnd_chance(rnd, 120)) {
        t->kind = CDN_TEST_FACT;
        random_fact_of_request(rnd, arena, t);
        return t;
    }
    t->subject = random_subject(rnd, shape.it);
    const struct cdn_subject who = t->subject.kind == CDN_SUBJECT_IT ? shape.it : t->subject;
    if (who.kind != CDN_SUBJECT_OBJECT) {
        random_party_test(rnd, arena, t, shape.monotone);
    } else if (cdn_rnd_chance(rnd, 250)) {
        t->kind = CDN_TEST_FINDING;
        t->finding = CDN_FINDING_LOCATED;
        t->places = random_set(rnd, arena);
    } else {
        t->kind = CDN_TEST_FACT;
        random_fact_of_object(rnd, arena, t, who.index);
    }
    return t;
}

static struct cdn_expr *random_expr(struct cdn_rnd *rnd, struct cdn_arena *arena, struct shape shape) {
    struct cdn_expr *x = cdn_random_take(arena, 1, sizeof *x);
    if (shape.depth == 0 || cdn_rnd_chance(rnd, 400)) {
        x->op = cdn_rnd_chance(rnd, 15) ? CDN_EXPR_TRUE : CDN_EXPR_TEST;
        x->test = x->op == CDN_EXPR_TEST ? random_test(rnd, arena, shape) : NULL;
        return x;
    }
    static const uint8_t ops[] = {CDN_EXPR_AND,
                                  CDN_EXPR_AND,
                                  CDN_EXPR_AND,
                                  CDN_EXPR_OR,
                                  CDN_EXPR_OR,
                                  CDN_EXPR_XOR,
                                  CDN_EXPR_NOT,
                                  CDN_EXPR_ANY,
                                  CDN_EXPR_EVERY};
    x->op = ops[cdn_rnd_below(rnd, CDN_ARRAY_LEN(ops))];
    x->count = 1;
    if (x->op == CDN_EXPR_AND || x->op == CDN_EXPR_OR)
        x->count = (uint32_t)cdn_rnd_between(rnd, 2, 3);
    if (x->op == CDN_EXPR_XOR)
        x->count = 2;
    if (x->op == CDN_EXPR_ANY || x->op == CDN_EXPR_EVERY) {
        x->subject = random_subject(rnd, (struct cdn_subject){0});
        if (cdn_rnd_chance(rnd, 300))
            x->subject = (struct cdn_subject){CDN_SUBJECT_ANY_PARTY, 0};
        shape.it = x->subject;
    }
    x->children = cdn_random_take(arena, x->count, sizeof(struct cdn_expr *));
    shape.depth--;
    for (uint32_t i = 0; i < x->count; i++)
        x->children[i] = random_expr(rnd, arena, shape);
    return x;
}

/* ---- measures ----------------------------------------------------------------------------------------- */

static uint32_t *random_numbers(struct cdn_rnd *rnd,
                                struct cdn_arena *arena,
                                uint32_t of,
                                uint32_t *ret_count) {
    uint32_t *list = cdn_random_take(arena, of, sizeof *list);
    *ret_count = 0;
    while (*ret_count == 0) {
        for (uint32_t i = 0; i < of; i++) {
            if (cdn_rnd_chance(rnd, 400))
                list[(*ret_count)++] = i;
        }
    }
    return list;
}

static void random_outcome(struct cdn_rnd *rnd,
                           struct cdn_arena *arena,
                           const struct cdn_rulebook *rb,
                           struct cdn_outcome *o,
                           bool protects) {
    static const uint8_t verdicts[] = {CORDON_VERDICT_DENY,
                                       CORDON_VERDICT_DENY,
                                       CORDON_VERDICT_DENY,
                                       CORDON_VERDICT_HOLD,
                                       CORDON_VERDICT_LIMIT,
                                       CORDON_VERDICT_FREEZE};
    o->verdict = protects ? CORDON_VERDICT_ALLOW : verdicts[cdn_rnd_below(rnd, CDN_ARRAY_LEN(verdicts))];
    o->form = o->verdict >= CORDON_VERDICT_DENY
                  ? (uint8_t)cdn_rnd_between(rnd, CDN_FORM_NONE, CDN_FORM_RETAIN)
                  : CDN_FORM_NONE;
    o->scope = CDN_SCOPE_REQUEST;
    if (cdn_rnd_chance(rnd, 400))
        o->subject = random_subject(rnd, (struct cdn_subject){0});
    o->any_action = cdn_rnd_chance(rnd, 150);
    o->any_service = cdn_rnd_chance(rnd, 150);
    o->actions = random_numbers(rnd, arena, rb->action_count, &o->action_count);
    o->services = random_numbers(rnd, arena, rb->service_count, &o->service_count);
    if (o->any_action) {
        o->action_count = 0;
        o->not_actions = random_numbers(rnd, arena, rb->action_count, &o->not_action_count);
        if (cdn_rnd_chance(rnd, 500))
            o->not_action_count = 0;
    }
    if (o->any_service)
        o->service_count = 0;
    if (o->verdict == CORDON_VERDICT_LIMIT && cdn_rnd_chance(rnd, 600)) {
        o->has_cap = true;
        random_amount(rnd, &o->cap.amount, o->cap.currency);
        o->cap_window = cdn_rnd_chance(rnd, 500) ? CDN_UNIT_DAYS : CDN_UNIT_NONE;
    }
}

static struct cdn_duty *random_duties(struct cdn_rnd *rnd, struct cdn_arena *arena, uint32_t *ret_count) {
    static const uint8_t units[] = {
        CDN_UNIT_BUSINESS_DAYS, CDN_UNIT_DAYS, CDN_UNIT_MONTHS, CDN_UNIT_YEARS, CDN_UNIT_HOURS};
    *ret_count = cdn_rnd_chance(rnd, 200);
    struct cdn_duty *d = cdn_random_take(arena, 1, sizeof *d);
    d->kind = CDN_DUTY_REPORT;
    d->text = CDN_STR("report");
    d->has_span = cdn_rnd_chance(rnd, 800);
    d->span.unit = units[cdn_rnd_below(rnd, cdn_rnd_chance(rnd, 900) ? 4 : 5)];
    d->span.amount = (int32_t)cdn_rnd_between(rnd, 1, 12);
    d->span.calendar = d->span.unit == CDN_UNIT_BUSINESS_DAYS || cdn_rnd_chance(rnd, 300) ? 0 : -1;
    d->condition = cdn_rnd_chance(rnd, 500);
    return d;
}

static void random_small_parts(struct cdn_rnd *rnd,
                               struct cdn_arena *arena,
                               const struct cdn_rulebook *rb,
                               struct cdn_measure *m) {
    if (cdn_rnd_chance(rnd, 200)) {
        m->suspension_count = 1;
        m->suspensions = cdn_random_take(arena, 1, sizeof *m->suspensions);
        m->suspensions[0].from = random_moment(rnd, 1000);
        m->suspensions[0].until = random_moment(rnd, 700);
    }
    if (cdn_rnd_chance(rnd, 200))
        m->entities = random_numbers(rnd, arena, rb->entity_count, &m->entity_count);
    if (cdn_rnd_chance(rnd, 150)) {
        m->bound_countries = cdn_random_take(arena, 1, sizeof *m->bound_countries);
        m->bound_countries[0] = ('U' << 8) | 'S';
        m->bound_country_count = 1;
    }
    m->duties = random_duties(rnd, arena, &m->duty_count);
    if (cdn_rnd_chance(rnd, 200)) {
        m->keep_count = 1;
        m->keeps = cdn_random_take(arena, 1, sizeof *m->keeps);
        m->keeps[0].actions = random_numbers(rnd, arena, rb->action_count, &m->keeps[0].action_count);
        m->keeps[0].until = random_moment(rnd, 500);
    }
}

static struct cdn_test *some_test(struct cdn_rnd *rnd, const struct cdn_expr *x) {
    while (x && x->op != CDN_EXPR_TEST)
        x = x->count ? x->children[cdn_rnd_below(rnd, x->count)] : NULL;
    return x ? x->test : NULL;
}

static void random_presumption(struct cdn_rnd *rnd, struct cdn_arena *arena, struct cdn_measure *m) {
    struct cdn_test *t = some_test(rnd, m->when);
    if (!t || !cdn_rnd_chance(rnd, 150))
        return;
    m->presume_count = 1;
    m->presumes = cdn_random_take(arena, 1, sizeof *m->presumes);
    struct cdn_test **targets = cdn_random_take(arena, 1, sizeof(struct cdn_test *));
    targets[0] = t;
    m->presumes[0] = (struct cdn_presume){.test = t,
                                          .targets = targets,
                                          .target_count = 1,
                                          .value = cdn_rnd_chance(rnd, 400),
                                          .why = CDN_STR("nobody asks")};
}

static void random_measure(struct cdn_rnd *rnd,
                           struct cdn_arena *arena,
                           struct cdn_rulebook *rb,
                           uint32_t number,
                           struct cdn_random_options options) {
    struct cdn_measure *m = &rb->measures[number];
    const uint64_t dice = cdn_rnd_below(rnd, 100);
    m->id = cdn_random_name(arena, "m", number);
    m->class_ = number == 0 || dice < 70 ? CDN_CLASS_MEASURE
                : dice < 85              ? CDN_CLASS_LICENCE
                : dice < 92              ? CDN_CLASS_STATUTE
                                         : CDN_CLASS_PROTECT;
    if (m->class_ == CDN_CLASS_PROTECT && options.no_protection)
        m->class_ = CDN_CLASS_MEASURE;
    m->basis = m->class_ == CDN_CLASS_PROTECT ? CDN_BASIS_PROTECTION
               : cdn_rnd_chance(rnd, 500)     ? CDN_BASIS_LAW
                                              : CDN_BASIS_POLICY;
    m->standard = (uint8_t)cdn_rnd_between(rnd, CDN_STANDARD_ANY, CDN_STANDARD_STRONG);
    m->operator= - 1;
    m->effective = random_moment(rnd, 700);
    m->until = random_moment(rnd, 250);
    static const uint8_t policies[] = {CORDON_VERDICT_HOLD,
                                       CORDON_VERDICT_HOLD,
                                       CORDON_VERDICT_DENY,
                                       CORDON_VERDICT_LIMIT,
                                       CORDON_VERDICT_ALLOW};
    const unsigned choices = m->basis == CDN_BASIS_LAW ? 3
                             : options.monotone        ? 4
                                                       : 5; /* a law never lets the unknown pass */
    m->if_unknown = policies[cdn_rnd_below(rnd, choices)];
    m->if_contradictory = policies[cdn_rnd_below(rnd, choices)];
    const struct shape shape = {.standard = m->standard, .monotone = options.monotone, .depth = 3};
    if (cdn_rnd_chance(rnd, m->class_ == CDN_CLASS_STATUTE ? 400 : 930))
        m->when = random_expr(rnd, arena, shape);
    if (cdn_rnd_chance(rnd, 300)) {
        m->except_count = (uint32_t)cdn_rnd_between(rnd, 1, 2);
        m->excepts = cdn_random_take(arena, 2, sizeof *m->excepts);
        for (uint32_t i = 0; i < m->except_count; i++)
            m->excepts[i].when = random_expr(
                rnd,
                arena,
                (struct shape){.standard = m->standard, .monotone = options.monotone, .depth = 1});
    }
    if (!options.monotone)
        random_presumption(rnd, arena, m);
    random_small_parts(rnd, arena, rb, m);
    if (m->class_ == CDN_CLASS_LICENCE)
        m->lifts = random_numbers(rnd, arena, number, &m->lift_count);
    if (m->class_ == CDN_CLASS_STATUTE)
        m->forbids = random_numbers(rnd, arena, number, &m->forbid_count);
    if (m->class_ == CDN_CLASS_LICENCE || m->class_ == CDN_CLASS_STATUTE)
        return;
    m->outcome_count = cdn_rnd_chance(rnd, 200) ? 2 : 1;
    m->outcomes = cdn_random_take(arena, m->outcome_count, sizeof *m->outcomes);
    for (uint32_t i = 0; i < m->outcome_count; i++)
        random_outcome(rnd, arena, rb, &m->outcomes[i], m->class_ == CDN_CLASS_PROTECT);
}

/* ---- declarations ------------------------------------------------------------------------------------- */

static void declare_names(struct cdn_rnd *rnd, struct cdn_arena *arena, struct cdn_rulebook *rb) {
    rb->action_count = 4;
    rb->service_count = 3;
    rb->entity_count = rb->list_count = rb->fact_count = 2;
    rb->actions = cdn_random_take(arena, 4, sizeof *rb->actions);
    rb->services = cdn_random_take(arena, 3, sizeof *rb->services);
    rb->entities = cdn_random_take(arena, 2, sizeof *rb->entities);
    rb->lists = cdn_random_take(arena, 2, sizeof *rb->lists);
    rb->facts = cdn_random_take(arena, 2, sizeof *rb->facts);
    for (unsigned i = 0; i < 4; i++) {
        rb->actions[i].id = cdn_random_name(arena, "act", i);
        rb->actions[i].needs_roles = cdn_rnd_chance(rnd, 500) ? 1u << CDN_ROLE_CUSTOMER : 0;
        rb->actions[i].needs_objects = cdn_rnd_chance(rnd, 300) ? 1u << CDN_OBJECT_PAYMENT : 0;
    }
    for (unsigned i = 0; i < 3; i++)
        rb->services[i] = (struct cdn_service){.id = cdn_random_name(arena, "svc", i), .operator= - 1 };
    for (unsigned i = 0; i < 2; i++) {
        rb->entities[i] = (struct cdn_entity){.id = cdn_random_name(arena, "ent", i),
                                              .country = (uint16_t)(i ? ('U' << 8) | 'S' : ('D' << 8) | 'E')};
        rb->lists[i].id = cdn_random_name(arena, "list", i);
    }
    rb->facts[0] =
        (struct cdn_fact_decl){.name = CDN_STR("tier"), .owner = CDN_OWNER_PARTY, .type = CDN_TYPE_CODE};
    rb->facts[1] =
        (struct cdn_fact_decl){.name = CDN_STR("flag"), .owner = CDN_OWNER_REQUEST, .type = CDN_TYPE_BOOL};
}

static void declare_data(struct cdn_rnd *rnd, struct cdn_arena *arena, struct cdn_rulebook *rb) {
    rb->calendar_count = 1;
    rb->calendars = cdn_random_take(arena, 1, sizeof *rb->calendars);
    rb->calendars[0] =
        (struct cdn_calendar_decl){.id = CDN_STR("cal"), .zone = CDN_STR("UTC"), .weekend = 0x60};
    rb->calendars[0].holidays = cdn_random_take(arena, 1, sizeof(int32_t));
    rb->calendars[0].holidays[0] = (int32_t)(CDN_RANDOM_BASE / 86400 + cdn_rnd_between(rnd, 0, 30));
    rb->calendars[0].holiday_count = 1;
    rb->rate_count = 3;
    rb->rates = cdn_random_take(arena, 3, sizeof *rb->rates);
    for (unsigned i = 0; i < 3; i++) {
        memcpy(rb->rates[i].from, "EUR", 4);
        memcpy(rb->rates[i].to, "USD", 4);
        rb->rates[i].since.at = CDN_RANDOM_BASE + (int64_t)i * 10 * 86400;
        rb->rates[i].since.written = CDN_STR("t");
        rb->rates[i].rate = (struct cdn_decimal){cdn_rnd_between(rnd, 90, 130), 2};
    }
    rb->territory_count = 1;
    rb->territories = cdn_random_take(arena, 1, sizeof *rb->territories);
    rb->territories[0].id = CDN_STR("crimea");
    rb->territories[0].part_count = 2;
    rb->territories[0].parts = cdn_random_take(arena, 2, sizeof(struct cdn_territory_part));
    for (unsigned i = 0; i < 2; i++) {
        struct cdn_territory_part *part = &rb->territories[0].parts[i];
        *part = (struct cdn_territory_part){.from = CDN_TIME_MIN, .until = CDN_TIME_MAX};
        part->place = (struct cdn_place){
            .kind = CDN_PLACE_REGION, .country = ('U' << 8) | 'A', .region = cdn_random_places[5 + i]};
        if (cdn_rnd_chance(rnd, 500))
            part->from = cdn_random_instant(rnd);
        const int64_t until = cdn_random_instant(rnd);
        if (cdn_rnd_chance(rnd, 300) && until > part->from)
            part->until = until;
    }
}

struct cdn_rulebook *cdn_random_rulebook(struct cdn_rnd *rnd,
                                         struct cdn_arena *arena,
                                         struct cdn_random_options options) {
    struct cdn_rulebook *rb = cdn_random_take(arena, 1, sizeof *rb);
    declare_names(rnd, arena, rb);
    declare_data(rnd, arena, rb);
    rb->measure_count = (uint32_t)cdn_rnd_between(rnd, 1, options.measures ? options.measures : 1);
    rb->measures = cdn_random_take(arena, rb->measure_count, sizeof *rb->measures);
    for (uint32_t i = 0; i < rb->measure_count; i++)
        random_measure(rnd, arena, rb, i, options);
    return rb;
}
