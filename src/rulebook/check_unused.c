/* SPDX-License-Identifier: Apache-2.0 */
/* check_unused.c: declarations that nothing refers to.
 *
 * Used is what a measure or scenario refers to, directly or through another used thing (a territory within a
 * used one). `any action` and `any service` use nothing in particular, so that a rulebook with an embargo of
 * everything still hears of its forgotten services; operators and entities are used by services, bases and
 * `binds`. */
#include "rulebook/check.h"

struct used {
    struct cdn_check_run *c;
    uint8_t *services, *actions, *facts, *lists, *sets, *calendars, *territories, *operators, *entities;
    char (*currencies)[4]; /* of all amounts */
    uint32_t currency_count;
};

static void mark_all(uint8_t *flags, const uint32_t *items, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        flags[items[i]] = 1;
}

static void mark_places(struct used *u, const struct cdn_place *items, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (items[i].kind == CDN_PLACE_TERRITORY)
            u->territories[items[i].territory] = 1;
    }
}

static void mark_currency(struct used *u, const char code[4]) {
    for (uint32_t i = 0; i < u->currency_count; i++) {
        if (memcmp(u->currencies[i], code, 4) == 0)
            return;
    }
    if (code[0] && u->currency_count < 256)
        memcpy(u->currencies[u->currency_count++], code, 4);
}

static void mark_test(void *ctx, const struct cdn_test *t, struct cdn_subject it, bool negated) {
    struct used *u = ctx;
    (void)it;
    (void)negated;
    if (t->fact >= CDN_FACT_DECLARED_BASE)
        u->facts[t->fact - CDN_FACT_DECLARED_BASE] = 1;
    if (t->set >= 0)
        u->sets[t->set] = 1;
    if (t->service >= 0)
        u->services[t->service] = 1;
    mark_all(u->lists, t->lists, t->list_count);
    mark_places(u, t->places.items, t->places.count);
    mark_places(u, t->places.except, t->places.except_count);
    mark_currency(u, t->money.currency);
}

static void mark_measure(struct used *u, const struct cdn_measure *m) {
    cdn_check_measure_tests(m, mark_test, u);
    if (m->operator>= 0)
        u->operators[m->operator] = 1;
    for (uint32_t i = 0; i < m->outcome_count; i++) {
        const struct cdn_outcome *o = &m->outcomes[i];
        mark_all(u->actions, o->actions, o->action_count);
        mark_all(u->actions, o->not_actions, o->not_action_count);
        mark_all(u->services, o->services, o->service_count);
        mark_currency(u, o->cap.currency);
    }
    for (uint32_t i = 0; i < m->keep_count; i++)
        mark_all(u->actions, m->keeps[i].actions, m->keeps[i].action_count);
    for (uint32_t i = 0; i < m->duty_count; i++) {
        if (m->duties[i].span.calendar >= 0)
            u->calendars[m->duties[i].span.calendar] = 1;
    }
    mark_all(u->entities, m->entities, m->entity_count);
    mark_places(u, m->bound_places.items, m->bound_places.count);
}

static void mark_rest(struct used *u) {
    const struct cdn_rulebook *rb = u->c->rb;
    for (uint32_t i = 0; i < rb->scenario_count; i++) {
        const struct cdn_scenario *s = &rb->scenarios[i];
        if (s->action >= 0)
            u->actions[s->action] = 1;
        if (s->service >= 0)
            u->services[s->service] = 1;
        if (s->entity >= 0)
            u->entities[s->entity] = 1;
    }
    for (uint32_t i = 0; i < rb->service_count; i++) {
        if (rb->services[i].operator>= 0)
            u->operators[rb->services[i].operator] = 1;
    }
    for (uint32_t i = 0; i < rb->entity_count; i++)
        u->operators[rb->entities[i].operator] = 1;
    for (uint32_t i = 0; i < rb->set_count; i++) {
        if (rb->sets[i].fact >= CDN_FACT_DECLARED_BASE)
            u->facts[rb->sets[i].fact - CDN_FACT_DECLARED_BASE] = 1;
    }
    /* Territories within used ones: as often as one more is found. */
    for (bool more = true; more;) {
        more = false;
        for (uint32_t i = 0; i < rb->territory_count; i++) {
            const struct cdn_territory *t = &rb->territories[i];
            for (uint32_t k = 0; u->territories[i] && k < t->part_count; k++) {
                const struct cdn_place *place = &t->parts[k].place;
                if (place->kind == CDN_PLACE_TERRITORY && !u->territories[place->territory]) {
                    u->territories[place->territory] = 1;
                    more = true;
                }
            }
        }
    }
}

static void unused(struct used *u, bool is_used, struct cdn_pos pos, const char *what, cordon_str id) {
    if (!is_used && u->c->diags->err == 0)
        (void)cdn_rb_diag(u->c->diags,
                          2,
                          "unused",
                          cdn_check_at(pos, id.n),
                          "nothing uses the %s `%.*s`",
                          what,
                          CDN_FMT(id));
}

static bool has_currency(const struct used *u, const char code[4]) {
    for (uint32_t i = 0; i < u->currency_count; i++) {
        if (memcmp(u->currencies[i], code, 4) == 0)
            return true;
    }
    return false;
}

static void report(struct used *u) {
    const struct cdn_rulebook *rb = u->c->rb;
    for (uint32_t i = 0; i < rb->operator_count; i++)
        unused(u, u->operators[i], rb->operators[i].pos, "operator", rb->operators[i].id);
    for (uint32_t i = 0; i < rb->entity_count; i++)
        unused(u, u->entities[i], rb->entities[i].pos, "entity", rb->entities[i].id);
    for (uint32_t i = 0; i < rb->service_count; i++)
        unused(u, u->services[i], rb->services[i].pos, "service", rb->services[i].id);
    for (uint32_t i = 0; i < rb->action_count; i++)
        unused(u, u->actions[i], rb->actions[i].pos, "action", rb->actions[i].id);
    for (uint32_t i = 0; i < rb->fact_count; i++)
        unused(u, u->facts[i], rb->facts[i].pos, "fact", rb->facts[i].name);
    for (uint32_t i = 0; i < rb->list_count; i++)
        unused(u, u->lists[i], rb->lists[i].pos, "list", rb->lists[i].id);
    for (uint32_t i = 0; i < rb->set_count; i++)
        unused(u, u->sets[i], rb->sets[i].pos, "set", rb->sets[i].id);
    for (uint32_t i = 0; i < rb->calendar_count; i++)
        unused(u, u->calendars[i], rb->calendars[i].pos, "calendar", rb->calendars[i].id);
    for (uint32_t i = 0; i < rb->territory_count; i++)
        unused(u, u->territories[i], rb->territories[i].pos, "territory", rb->territories[i].id);
    for (uint32_t i = 0; i < rb->rate_count; i++) {
        const struct cdn_rate *r = &rb->rates[i];
        unused(u,
               has_currency(u, r->from) || has_currency(u, r->to),
               r->source.pos,
               "rate of",
               cdn_str_z(r->from));
    }
}

void cdn_check_unused(struct cdn_check_run *c) {
    const struct cdn_rulebook *rb = c->rb;
    struct used u = {.c = c};
    struct cdn_arena *a = c->diags->arena;
    u.services = cdn_arena_zero(a, rb->service_count + 1U, 1);
    u.actions = u.services ? cdn_arena_zero(a, rb->action_count + 1U, 1) : NULL;
    u.facts = u.actions ? cdn_arena_zero(a, rb->fact_count + 1U, 1) : NULL;
    u.lists = u.facts ? cdn_arena_zero(a, rb->list_count + 1U, 1) : NULL;
    u.sets = u.lists ? cdn_arena_zero(a, rb->set_count + 1U, 1) : NULL;
    u.calendars = u.sets ? cdn_arena_zero(a, rb->calendar_count + 1U, 1) : NULL;
    u.territories = u.calendars ? cdn_arena_zero(a, rb->territory_count + 1U, 1) : NULL;
    u.operators = u.territories ? cdn_arena_zero(a, rb->operator_count + 1U, 1) : NULL;
    u.entities = u.operators ? cdn_arena_zero(a, rb->entity_count + 1U, 1) : NULL;
    u.currencies = u.entities ? cdn_arena_zero(a, 256, sizeof(*u.currencies)) : NULL;
    if (!u.currencies) {
        c->diags->err = CORDON_E_NOMEM;
        return;
    }
    for (uint32_t i = 0; i < rb->measure_count; i++)
        mark_measure(&u, &rb->measures[i]);
    mark_rest(&u);
    report(&u);
}
