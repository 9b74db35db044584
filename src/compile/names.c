/* SPDX-License-Identifier: Apache-2.0 */
/* names.c: what a rulebook declares, and the hash table over all names. */
#include "compile/build_priv.h"

static void add_named(
    struct cdn_build *b, enum cdn_table table, cordon_str id, cordon_str title, uint32_t x, uint32_t y) {
    struct cdn_named_rec r;
    memset(&r, 0, sizeof(r));
    r.id = cdn_build_str(b, id);
    r.title = cdn_build_str(b, title);
    r.hash = cdn_hash(id, 0);
    r.a = x;
    r.b = y;
    (void)cdn_build_add(b, table, &r, 1);
}

static int rate_order(const void *a, const void *b) {
    const struct cdn_rate_rec *x = a, *y = b;
    const int pair = memcmp(x->from, y->from, sizeof(x->from) + sizeof(x->to));
    return pair ? pair : (x->since > y->since) - (x->since < y->since);
}

/* Of two rates of one pair and instant the later one in the rulebook counts. */
static void add_rates(struct cdn_build *b) {
    const uint32_t n = b->rb->rate_count;
    struct cdn_rate_rec *rows = cdn_build_zero(b, n, sizeof(*rows));
    for (uint32_t i = 0; i < n && !b->err; i++) {
        const struct cdn_rate *r = &b->rb->rates[i];
        memcpy(rows[i].from, r->from, sizeof(rows[i].from));
        memcpy(rows[i].to, r->to, sizeof(rows[i].to));
        rows[i].since = r->since.written.n ? r->since.at : CDN_TIME_MIN;
        rows[i].mantissa = r->rate.mantissa;
        rows[i].scale = r->rate.scale;
        rows[i].source = cdn_build_source(b, &r->source);
    }
    if (b->err)
        return;
    cdn_build_sort(b, rows, n, sizeof(*rows), rate_order);
    for (uint32_t i = 0; i < n; i++)
        if (i + 1 == n || rate_order(&rows[i], &rows[i + 1]) != 0)
            (void)cdn_build_add(b, CDN_T_RATE, &rows[i], 1);
}

void cdn_build_names(struct cdn_build *b) {
    const struct cdn_rulebook *rb = b->rb;
    for (uint32_t i = 0; i < rb->service_count; i++)
        add_named(b, CDN_T_SERVICE, rb->services[i].id, rb->services[i].title, 0, 0);
    for (uint32_t i = 0; i < rb->entity_count; i++)
        add_named(b, CDN_T_ENTITY, rb->entities[i].id, rb->entities[i].title, rb->entities[i].country, 0);
    for (uint32_t i = 0; i < rb->fact_count; i++)
        add_named(
            b, CDN_T_FACT, rb->facts[i].name, rb->facts[i].title, rb->facts[i].owner, rb->facts[i].type);
    for (uint32_t i = 0; i < rb->list_count; i++)
        add_named(b, CDN_T_LIST, rb->lists[i].id, rb->lists[i].title, rb->lists[i].max_age_days, 0);
    for (uint32_t i = 0; i < rb->action_count; i++) {
        const struct cdn_action *a = &rb->actions[i];
        const struct cdn_action_rec r = {cdn_build_str(b, a->id),
                                         cdn_build_str(b, a->title),
                                         cdn_hash(a->id, 0),
                                         a->needs_roles,
                                         a->may_roles,
                                         a->needs_objects,
                                         a->may_objects};
        (void)cdn_build_add(b, CDN_T_ACTION, &r, 1);
    }
    add_rates(b);
}

/* ---- symbols
 * ---------------------------------------------------------------------------------------------------- */

static void enter(
    struct cdn_symbol_rec *slots, uint32_t count, uint32_t domain, cordon_str id, uint32_t index) {
    const uint64_t hash = cdn_hash(id, 0);
    uint32_t at = cdn_snap_symbol_slot(domain, hash, count);
    while (slots[at].domain != CDN_SYMBOL_FREE)
        at = (at + 1) & (count - 1);
    slots[at] = (struct cdn_symbol_rec){hash, domain, index};
}

void cdn_build_symbols(struct cdn_build *b) {
    const struct cdn_rulebook *rb = b->rb;
    const uint64_t names = (uint64_t)rb->action_count + rb->service_count + rb->entity_count +
                           rb->fact_count + rb->list_count + rb->measure_count;
    uint32_t count = 16;
    while (count < names * 2)
        count *= 2;
    struct cdn_symbol_rec *slots = cdn_build_zero(b, count, sizeof(*slots));
    if (!slots)
        return;
    for (uint32_t i = 0; i < rb->action_count; i++)
        enter(slots, count, CDN_SYMBOL_ACTION, rb->actions[i].id, i);
    for (uint32_t i = 0; i < rb->service_count; i++)
        enter(slots, count, CDN_SYMBOL_SERVICE, rb->services[i].id, i);
    for (uint32_t i = 0; i < rb->entity_count; i++)
        enter(slots, count, CDN_SYMBOL_ENTITY, rb->entities[i].id, i);
    for (uint32_t i = 0; i < rb->fact_count; i++)
        enter(slots, count, CDN_SYMBOL_FACT, rb->facts[i].name, i);
    for (uint32_t i = 0; i < rb->list_count; i++)
        enter(slots, count, CDN_SYMBOL_LIST, rb->lists[i].id, i);
    for (uint32_t i = 0; i < rb->measure_count; i++)
        enter(slots, count, CDN_SYMBOL_MEASURE, rb->measures[i].id, i);
    (void)cdn_build_add(b, CDN_T_SYMBOL, slots, count);
}
