/* SPDX-License-Identifier: Apache-2.0 */
/* random_request.c: see random_rulebook.h: the requests. */
#include <stdlib.h>
#include <string.h>

#include "support/random_priv.h"

static uint8_t random_have(struct cdn_rnd *rnd) {
    const uint64_t dice = cdn_rnd_below(rnd, 100);
    return dice < 75   ? CDN_HAVE_VALUE
           : dice < 88 ? CDN_HAVE_ABSENT
           : dice < 94 ? CDN_HAVE_NULL
                       : CDN_HAVE_NOT_APPLICABLE;
}

static struct cdn_value *random_value(struct cdn_rnd *rnd, struct cdn_arena *arena, uint8_t type) {
    struct cdn_value *v = cdn_random_take(arena, 1, sizeof *v);
    v->have = random_have(rnd);
    v->type = type;
    return v->have == CDN_HAVE_ABSENT ? NULL : v;
}

static void random_codes(
    struct cdn_rnd *rnd, struct cdn_arena *arena, struct cdn_value *v, const char *prefix, unsigned max) {
    v->count = (uint16_t)(v->type == CDN_TYPE_CODES ? cdn_rnd_below(rnd, max + 1) : 1);
    cordon_str *texts = cdn_random_take(arena, v->count, sizeof *texts);
    uint64_t *hashes = cdn_random_take(arena, v->count, sizeof *hashes);
    for (unsigned i = 0; i < v->count; i++) {
        texts[i] = cdn_random_name(arena, prefix, (unsigned)cdn_rnd_below(rnd, 4));
        hashes[i] = cdn_hash(texts[i], 0);
    }
    v->texts = texts;
    v->hashes = hashes;
}

static struct cdn_value *random_code(struct cdn_rnd *rnd,
                                     struct cdn_arena *arena,
                                     uint8_t type,
                                     const char *prefix) {
    struct cdn_value *v = random_value(rnd, arena, type);
    if (v && v->have == CDN_HAVE_VALUE)
        random_codes(rnd, arena, v, prefix, 2);
    return v;
}

static struct cdn_money random_money(struct cdn_rnd *rnd) {
    static const char *const names[] = {"EUR", "USD", "GBP"};
    struct cdn_money m = {{cdn_rnd_between(rnd, 0, 40) * 25, 2}, ""};
    memcpy(m.currency, names[cdn_rnd_below(rnd, 3)], 4);
    return m;
}

static struct cdn_evidence *random_evidence(struct cdn_rnd *rnd,
                                            struct cdn_arena *arena,
                                            uint16_t *ret_count) {
    static const cordon_str doubts[] = {{"ambiguous", 9},
                                        {"disagree", 8},
                                        {"anonymous", 9},
                                        {"hosting", 7},
                                        {"stale", 5},
                                        {"invalid", 7},
                                        {"context", 7},
                                        {"crowded", 7}};
    *ret_count = (uint16_t)cdn_rnd_below(rnd, 5);
    struct cdn_evidence *e = cdn_random_take(arena, *ret_count, sizeof *e);
    for (unsigned i = 0; i < *ret_count; i++) {
        e[i].kind = (uint8_t)cdn_random_kind(rnd);
        e[i].have = cdn_rnd_chance(rnd, 900)   ? CDN_HAVE_VALUE
                    : cdn_rnd_chance(rnd, 500) ? CDN_HAVE_NULL
                                               : CDN_HAVE_NOT_APPLICABLE;
        const cordon_str code = cdn_random_places[cdn_rnd_below(rnd, 10)];
        if (!cdn_rnd_chance(rnd, 50))
            e[i].country = (uint16_t)(((unsigned)code.p[0] << 8) | (unsigned)code.p[1]);
        if (code.n > 2)
            e[i].address.region = code;
        e[i].address.country = e[i].country ? cdn_str(code.p, 2) : CDN_STR("");
        e[i].text = cdn_random_name(arena, "text", (unsigned)cdn_rnd_below(rnd, 3));
        if (cdn_rnd_chance(rnd, 150))
            e[i].source = doubts[cdn_rnd_below(rnd, CDN_ARRAY_LEN(doubts))];
        e[i].has_seen = cdn_rnd_chance(rnd, 600);
        e[i].seen = cdn_random_when(rnd);
    }
    return e;
}

static struct cdn_relation *random_relations(struct cdn_rnd *rnd,
                                             struct cdn_arena *arena,
                                             struct cdn_party *p) {
    p->relations_have = random_have(rnd);
    if (p->relations_have != CDN_HAVE_VALUE)
        return NULL;
    p->relation_count = (uint16_t)cdn_rnd_below(rnd, 3);
    struct cdn_relation *r = cdn_random_take(arena, p->relation_count, sizeof *r);
    for (unsigned i = 0; i < p->relation_count; i++) {
        r[i].service = cdn_random_name(arena, "svc", (unsigned)cdn_rnd_below(rnd, 3));
        r[i].service_hash = cdn_hash(r[i].service, 0);
        r[i].since_have = random_have(rnd);
        r[i].since = cdn_random_when(rnd);
        r[i].period_end_have = random_have(rnd);
        r[i].period_end = cdn_random_when(rnd);
    }
    return r;
}

static struct cdn_listed *random_listed(struct cdn_rnd *rnd, struct cdn_arena *arena, struct cdn_party *p) {
    static const uint8_t truths[] = {CORDON_FALSE, CORDON_FALSE, CORDON_TRUE, CORDON_UNKNOWN};
    p->listed_have = random_have(rnd);
    if (p->listed_have != CDN_HAVE_VALUE)
        return NULL;
    p->listed_count = (uint16_t)cdn_rnd_below(rnd, 5);
    struct cdn_listed *l = cdn_random_take(arena, p->listed_count, sizeof *l);
    for (unsigned i = 0; i < p->listed_count; i++) {
        l[i].list = cdn_random_name(arena, "list", (unsigned)cdn_rnd_below(rnd, 2));
        l[i].list_hash = cdn_hash(l[i].list, 0);
        l[i].entry = cdn_random_name(arena, "entry", (unsigned)cdn_rnd_below(rnd, 2));
        l[i].truth = truths[cdn_rnd_below(rnd, 4)];
        l[i].score = (uint16_t)(cdn_rnd_below(rnd, 5) * 250);
        if (cdn_rnd_chance(rnd, 200))
            l[i].score = 850;
        l[i].owned = cdn_rnd_chance(rnd, 400);
        l[i].percent_have = random_have(rnd);
        l[i].percent = (struct cdn_decimal){cdn_rnd_between(rnd, 0, 4) * 125, 1};
        l[i].control = cdn_rnd_chance(rnd, 200);
        if (l[i].owned && l[i].truth == CORDON_FALSE) { /* "not owned" with a share is refused */
            l[i].percent_have = CDN_HAVE_ABSENT;
            l[i].control = false;
        }
    }
    return l;
}

/* Owners among the first four parties, circles included. */
static struct cdn_ownership *random_owners(struct cdn_rnd *rnd,
                                           struct cdn_arena *arena,
                                           struct cdn_party *p,
                                           uint32_t parties) {
    p->owners_have = cdn_rnd_chance(rnd, 300) ? CDN_HAVE_VALUE : CDN_HAVE_ABSENT;
    p->owner_count = p->owners_have == CDN_HAVE_VALUE ? (uint16_t)cdn_rnd_below(rnd, 3) : 0;
    struct cdn_ownership *o = cdn_random_take(arena, p->owner_count, sizeof *o);
    for (unsigned i = 0; i < p->owner_count; i++) {
        o[i].party = (int32_t)cdn_rnd_between(rnd, -1, (int64_t)CDN_MIN(parties, 4) - 1);
        o[i].percent_have = random_have(rnd);
        o[i].percent = (struct cdn_decimal){cdn_rnd_between(rnd, 0, 4) * 250, 1};
        o[i].control = cdn_rnd_chance(rnd, 200);
    }
    return o;
}

static void random_party(struct cdn_rnd *rnd,
                         struct cdn_arena *arena,
                         struct cdn_party *p,
                         uint32_t parties) {
    static const uint8_t roles[] = {CDN_ROLE_CUSTOMER, CDN_ROLE_CUSTOMER, CDN_ROLE_OWNER, CDN_ROLE_RECIPIENT};
    p->role = roles[cdn_rnd_below(rnd, 4)];
    cdn_fact_put(p->facts, CDN_FACT_KIND, random_code(rnd, arena, CDN_TYPE_CODE, "k"));
    cdn_fact_put(p->facts, CDN_FACT_LICENCES, random_code(rnd, arena, CDN_TYPE_CODES, "g"));
    struct cdn_given_fact *given = cdn_random_take(arena, 1, sizeof *given);
    const struct cdn_value *tier = random_code(rnd, arena, CDN_TYPE_NONE, "t");
    if (tier) {
        *given = (struct cdn_given_fact){CDN_STR("tier"), cdn_hash(CDN_STR("tier"), 0), *tier};
        p->given = given;
        p->given_count = 1;
    }
    p->evidence = random_evidence(rnd, arena, &p->evidence_count);
    p->relations = random_relations(rnd, arena, p);
    p->listed = random_listed(rnd, arena, p);
    p->owners = random_owners(rnd, arena, p, parties);
}

static struct cdn_value *random_date(struct cdn_rnd *rnd, struct cdn_arena *arena) {
    struct cdn_value *v = random_value(rnd, arena, CDN_TYPE_WHEN);
    if (v)
        v->when = cdn_random_when(rnd);
    return v;
}

static struct cdn_value *random_money_value(struct cdn_rnd *rnd, struct cdn_arena *arena) {
    struct cdn_value *v = random_value(rnd, arena, CDN_TYPE_MONEY);
    if (v)
        v->money = random_money(rnd);
    if (v && cdn_rnd_chance(rnd, 100))
        v->money.amount.mantissa = -v->money.amount.mantissa;
    return v;
}

static void random_object(struct cdn_rnd *rnd, struct cdn_arena *arena, struct cdn_object *o) {
    o->kind = cdn_rnd_chance(rnd, 500) ? CDN_OBJECT_GOODS : CDN_OBJECT_PAYMENT;
    o->evidence = random_evidence(rnd, arena, &o->evidence_count);
    if (o->kind == CDN_OBJECT_PAYMENT) {
        cdn_fact_put(o->facts, CDN_FACT_AMOUNT, random_money_value(rnd, arena));
        cdn_fact_put(o->facts, CDN_FACT_SUBMITTED, random_date(rnd, arena));
        return;
    }
    cdn_fact_put(o->facts, CDN_FACT_VALUE, random_money_value(rnd, arena));
    struct cdn_value *quantity = random_value(rnd, arena, CDN_TYPE_NUMBER);
    if (quantity)
        quantity->money.amount = (struct cdn_decimal){cdn_rnd_between(rnd, 0, 3), 0};
    if (quantity && cdn_rnd_chance(rnd, 100))
        quantity->money.amount.mantissa = -quantity->money.amount.mantissa;
    cdn_fact_put(o->facts, CDN_FACT_QUANTITY, quantity);
    cdn_fact_put(
        o->facts, CDN_FACT_HS, random_code(rnd, arena, CDN_TYPE_TEXT, cdn_rnd_chance(rnd, 700) ? "8" : ""));
    struct cdn_value *origin = random_value(rnd, arena, CDN_TYPE_PLACE);
    if (origin && origin->have == CDN_HAVE_VALUE) {
        random_codes(rnd, arena, origin, "x", 1);
        cordon_str *code = cdn_random_take(arena, 1, sizeof *code);
        *code = cdn_random_places[cdn_rnd_below(rnd, 10)];
        origin->texts = code;
    }
    cdn_fact_put(o->facts, CDN_FACT_ORIGIN, origin);
}

static struct cdn_state *random_state(struct cdn_rnd *rnd,
                                      const struct cdn_rulebook *rb,
                                      struct cdn_arena *arena,
                                      struct cdn_request *r) {
    r->state_count = (uint16_t)cdn_rnd_below(rnd, 4);
    struct cdn_state *s = cdn_random_take(arena, r->state_count, sizeof *s);
    for (unsigned i = 0; i < r->state_count; i++) {
        s[i].kind = (uint8_t)cdn_rnd_between(
            rnd, CDN_STATE_USAGE, cdn_rnd_chance(rnd, 300) ? CDN_STATE_APPEAL : CDN_STATE_CLEARANCE);
        s[i].measure = rb->measures[cdn_rnd_below(rnd, rb->measure_count)].id;
        if (cdn_rnd_chance(rnd, 300))
            s[i].reference = cdn_random_name(arena, "ref", (unsigned)cdn_rnd_below(rnd, 2));
        s[i].used = random_money(rnd);
        s[i].due_have = random_have(rnd);
        s[i].due = cdn_random_when(rnd);
        s[i].done_have = cdn_rnd_chance(rnd, 300) ? CDN_HAVE_VALUE : CDN_HAVE_ABSENT;
        s[i].done = cdn_random_when(rnd);
        s[i].until_have = random_have(rnd);
        s[i].until = cdn_random_when(rnd);
        s[i].party = (int32_t)cdn_rnd_between(rnd, -1, 2);
        s[i].list = cdn_random_name(arena, "list", (unsigned)cdn_rnd_below(rnd, 2));
        s[i].entry = cdn_random_name(arena, "entry", (unsigned)cdn_rnd_below(rnd, 2));
    }
    return s;
}

static void random_request_facts(struct cdn_rnd *rnd, struct cdn_arena *arena, struct cdn_request *r) {
    cdn_fact_put(r->facts, CDN_FACT_PURPOSE, random_code(rnd, arena, CDN_TYPE_CODE, "p"));
    cdn_fact_put(r->facts, CDN_FACT_ATTESTATIONS, random_code(rnd, arena, CDN_TYPE_CODES, "p"));
    struct cdn_value *flag = random_value(rnd, arena, CDN_TYPE_BOOL);
    if (!flag)
        return;
    flag->boolean = cdn_rnd_chance(rnd, 500);
    struct cdn_given_fact *given = cdn_random_take(arena, 1, sizeof *given);
    *given = (struct cdn_given_fact){CDN_STR("flag"), cdn_hash(CDN_STR("flag"), 0), *flag};
    r->given = given;
    r->given_count = 1;
}

static void finish(struct cdn_request *r) {
    if (cdn_request_finish(r, NULL) < 0)
        abort();
}

struct cdn_request *cdn_random_request(struct cdn_rnd *rnd,
                                       const struct cdn_rulebook *rb,
                                       struct cdn_arena *arena) {
    struct cdn_request *r = cdn_random_take(arena, 1, sizeof *r);
    r->action = rb->actions[cdn_rnd_below(rnd, rb->action_count)].id;
    r->service = rb->services[cdn_rnd_below(rnd, rb->service_count)].id;
    if (cdn_rnd_chance(rnd, 600))
        r->acting_entity = cdn_random_name(arena, "ent", (unsigned)cdn_rnd_below(rnd, 3));
    if (cdn_rnd_chance(rnd, 400))
        r->reference = cdn_random_name(arena, "ref", (unsigned)cdn_rnd_below(rnd, 2));
    random_request_facts(rnd, arena, r);
    const bool crowd = cdn_rnd_chance(rnd, 20);
    r->party_count = (uint16_t)cdn_rnd_below(rnd, crowd ? 20 : 4);
    struct cdn_party *parties = cdn_random_take(arena, r->party_count, sizeof *parties);
    for (unsigned i = 0; i < r->party_count; i++)
        random_party(rnd, arena, &parties[i], r->party_count);
    r->parties = parties;
    r->object_count = (uint16_t)cdn_rnd_below(rnd, crowd ? 8 : 3);
    struct cdn_object *objects = cdn_random_take(arena, r->object_count, sizeof *objects);
    for (unsigned i = 0; i < r->object_count; i++)
        random_object(rnd, arena, &objects[i]);
    r->objects = objects;
    r->state = random_state(rnd, rb, arena, r);
    finish(r);
    return r;
}

static void *copy_of(struct cdn_arena *arena, const void *items, size_t n, size_t size) {
    void *p = cdn_random_take(arena, n, size);
    if (n)
        memcpy(p, items, n * size);
    return p;
}

static void shuffle_evidence(struct cdn_rnd *rnd, struct cdn_evidence *e, uint32_t n) {
    for (uint32_t i = n; i > 1; i--) {
        const uint64_t k = cdn_rnd_below(rnd, i);
        const struct cdn_evidence t = e[i - 1];
        e[i - 1] = e[k];
        e[k] = t;
    }
}

/* Two parties change places: those who name their owners follow. */
static void swap_owners(struct cdn_party *parties, uint32_t count, int32_t a, int32_t b) {
    for (uint32_t i = 0; i < count; i++) {
        struct cdn_ownership *o = (struct cdn_ownership *)(uintptr_t)parties[i].owners;
        for (uint32_t k = 0; k < parties[i].owner_count; k++)
            o[k].party = o[k].party == a ? b : o[k].party == b ? a : o[k].party;
    }
}

static void shuffle_parties(struct cdn_rnd *rnd,
                            const struct cdn_request *r,
                            struct cdn_request *s,
                            struct cdn_arena *arena) {
    struct cdn_party *parties = copy_of(arena, r->parties, r->party_count, sizeof *parties);
    struct cdn_state *state = copy_of(arena, r->state, r->state_count, sizeof *state);
    for (unsigned i = 0; i < r->party_count; i++)
        parties[i].owners =
            copy_of(arena, parties[i].owners, parties[i].owner_count, sizeof(struct cdn_ownership));
    for (unsigned i = r->party_count; i > 1; i--) {
        const unsigned k = (unsigned)cdn_rnd_below(rnd, i);
        swap_owners(parties, r->party_count, (int32_t)i - 1, (int32_t)k);
        const struct cdn_party t = parties[i - 1];
        parties[i - 1] = parties[k];
        parties[k] = t;
        for (unsigned c = 0; c < r->state_count; c++) {
            if (state[c].party == (int32_t)i - 1)
                state[c].party = (int32_t)k;
            else if (state[c].party == (int32_t)k)
                state[c].party = (int32_t)i - 1;
        }
    }
    for (unsigned i = 0; i < r->party_count; i++) {
        struct cdn_evidence *e = copy_of(arena, parties[i].evidence, parties[i].evidence_count, sizeof *e);
        shuffle_evidence(rnd, e, parties[i].evidence_count);
        parties[i].evidence = e;
    }
    s->parties = parties;
    s->state = state;
}

struct cdn_request *cdn_random_shuffled(struct cdn_rnd *rnd,
                                        const struct cdn_request *r,
                                        struct cdn_arena *arena) {
    struct cdn_request *s = copy_of(arena, r, 1, sizeof *s);
    shuffle_parties(rnd, r, s, arena);
    struct cdn_object *objects = copy_of(arena, r->objects, r->object_count, sizeof *objects);
    for (unsigned i = r->object_count; i > 1; i--) {
        const uint64_t k = cdn_rnd_below(rnd, i);
        const struct cdn_object t = objects[i - 1];
        objects[i - 1] = objects[k];
        objects[k] = t;
    }
    s->objects = objects;
    finish(s);
    return s;
}

static const char *take_from_party(struct cdn_rnd *rnd, struct cdn_party *p) {
    switch (cdn_rnd_below(rnd, 6)) {
    case 0:
        p->evidence_count = 0;
        return "all evidence of a party";
    case 1:
        p->relations_have = CDN_HAVE_ABSENT;
        p->relation_count = 0;
        return "relations of a party";
    case 2:
        p->listed_have = CDN_HAVE_ABSENT;
        p->listed_count = 0;
        p->owners_have = CDN_HAVE_ABSENT;
        p->owner_count = 0;
        return "screening of a party";
    case 3:
        cdn_fact_put(p->facts, CDN_FACT_KIND, NULL);
        return "kind of a party";
    case 4:
        cdn_fact_put(p->facts, CDN_FACT_LICENCES, NULL);
        return "licences of a party";
    default:
        p->given_count = 0;
        return "tier of a party";
    }
}

static const char *take_from_object(struct cdn_rnd *rnd, struct cdn_object *o) {
    static const uint16_t facts[] = {
        CDN_FACT_AMOUNT, CDN_FACT_SUBMITTED, CDN_FACT_VALUE, CDN_FACT_QUANTITY, CDN_FACT_HS, CDN_FACT_ORIGIN};
    cdn_fact_put(o->facts, facts[cdn_rnd_below(rnd, CDN_ARRAY_LEN(facts))], NULL);
    return "a fact of an object";
}

struct cdn_request *cdn_random_without(struct cdn_rnd *rnd,
                                       const struct cdn_request *r,
                                       struct cdn_arena *arena,
                                       const char **ret_what) {
    struct cdn_request *s = copy_of(arena, r, 1, sizeof *s);
    if (r->party_count && cdn_rnd_chance(rnd, 700)) {
        struct cdn_party *parties = copy_of(arena, r->parties, r->party_count, sizeof *parties);
        *ret_what = take_from_party(rnd, &parties[cdn_rnd_below(rnd, r->party_count)]);
        s->parties = parties;
    } else if (r->object_count && cdn_rnd_chance(rnd, 600)) {
        struct cdn_object *objects = copy_of(arena, r->objects, r->object_count, sizeof *objects);
        *ret_what = take_from_object(rnd, &objects[cdn_rnd_below(rnd, r->object_count)]);
        s->objects = objects;
    } else if (cdn_rnd_chance(rnd, 500)) {
        s->given_count = 0;
        *ret_what = "the flag";
    } else {
        cdn_fact_put(s->facts, cdn_rnd_chance(rnd, 500) ? CDN_FACT_PURPOSE : CDN_FACT_ATTESTATIONS, NULL);
        *ret_what = "purpose or attestations";
    }
    finish(s);
    return s;
}
