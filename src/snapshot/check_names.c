/* SPDX-License-Identifier: Apache-2.0 */
/* check_names.c: validates what a rulebook declares (services, actions, entities, facts, lists, calendars,
 * rates) and the hash table over their names.
 *
 * The symbol table is right when every row of every domain is found under its own name, and nothing else is
 * in it: that follows from looking each one up and counting the used slots. */
#include "snapshot/check_priv.h"

static int check_named(struct cdn_check *c,
                       const struct cdn_named_rec *rows,
                       uint32_t count,
                       const char *what) {
    for (uint32_t i = 0; i < count; i++) {
        const struct cdn_named_rec *r = &rows[i];
        if (!cdn_check_str(c, r->id) || !cdn_check_str(c, r->title) || r->id.n == 0 ||
            r->hash != cdn_hash(cdn_snap_str(c->s, r->id), 0))
            return CDN_BAD(c, "rules: %s %u", what, i);
    }
    return 0;
}

static bool country_ok(uint32_t packed) {
    const uint32_t a = packed >> 8, b = packed & 0xFF;
    return packed <= UINT16_MAX && a >= 'A' && a <= 'Z' && b >= 'A' && b <= 'Z';
}

static bool owner_ok(uint32_t owner) {
    return owner == CDN_OWNER_REQUEST || owner == CDN_OWNER_PARTY ||
           (owner > CDN_OWNER_OBJECT && owner < CDN_OWNER_OBJECT + CDN_OBJECT_COUNT);
}

static int check_declared(struct cdn_check *c) {
    const struct cdn_snapshot *s = c->s;
    for (uint32_t i = 0; i < s->count[CDN_T_ENTITY]; i++)
        if ((s->entities[i].a != 0 && !country_ok(s->entities[i].a)) || s->entities[i].b != 0)
            return CDN_BAD(c, "rules: entity %u", i);
    for (uint32_t i = 0; i < s->count[CDN_T_FACT]; i++)
        if (!owner_ok(s->facts[i].a) || s->facts[i].b == CDN_TYPE_NONE || s->facts[i].b > CDN_TYPE_PLACE)
            return CDN_BAD(c, "rules: fact %u", i);
    for (uint32_t i = 0; i < s->count[CDN_T_SERVICE]; i++)
        if (s->services[i].a != 0 || s->services[i].b != 0)
            return CDN_BAD(c, "rules: service %u", i);
    for (uint32_t i = 0; i < s->count[CDN_T_LIST]; i++)
        if (s->lists[i].a > 100000 || s->lists[i].b != 0)
            return CDN_BAD(c, "rules: list %u", i);
    /* The numbers of declared facts must fit the 16 bits of a test. */
    if (s->count[CDN_T_FACT] > UINT16_MAX - CDN_FACT_DECLARED_BASE)
        return CDN_BAD(c, "rules: too many facts");
    return 0;
}

static int check_actions(struct cdn_check *c) {
    const uint32_t roles = (uint32_t)((UINT64_C(1) << CDN_ROLE_COUNT) - 1);
    const uint32_t objects = (uint32_t)((UINT64_C(1) << CDN_OBJECT_COUNT) - 1);
    for (uint32_t i = 0; i < c->s->count[CDN_T_ACTION]; i++) {
        const struct cdn_action_rec *r = &c->s->actions[i];
        if (!cdn_check_str(c, r->id) || !cdn_check_str(c, r->title) || r->id.n == 0 ||
            r->hash != cdn_hash(cdn_snap_str(c->s, r->id), 0))
            return CDN_BAD(c, "rules: action %u", i);
        if (((r->needs_roles | r->may_roles) & ~roles) != 0 ||
            ((r->needs_objects | r->may_objects) & ~objects) != 0)
            return CDN_BAD(c, "rules: roles or objects of action %u", i);
    }
    return 0;
}

static int check_calendars(struct cdn_check *c) {
    const struct cdn_snapshot *s = c->s;
    uint32_t next = 0;
    for (uint32_t i = 0; i < s->count[CDN_T_CALENDAR]; i++) {
        const struct cdn_calendar_rec *r = &s->calendars[i];
        if (!cdn_check_str(c, r->id) || !cdn_check_str(c, r->title) || !cdn_check_str(c, r->zone) ||
            r->pad != 0 || !cdn_check_run(r->days, s->count[CDN_T_CALDAY]) || r->days.count == 0 ||
            r->days.first != next)
            return CDN_BAD(c, "rules: calendar %u", i);
        uint32_t business = 0;
        for (uint32_t d = 0; d < r->days.count; d++) {
            const struct cdn_calday_rec *day = &s->caldays[next + d];
            if (!cdn_check_time(day->starts) || day->pad != 0 ||
                (d > 0 && day->starts <= (day - 1)->starts) ||
                (day->business & ~CDN_CALDAY_BUSINESS) != business)
                return CDN_BAD(c, "rules: day %u of calendar %u", d, i);
            business += (day->business & CDN_CALDAY_BUSINESS) != 0;
        }
        next += r->days.count;
    }
    return next == s->count[CDN_T_CALDAY] ? 0 : CDN_BAD(c, "rules: days of no calendar");
}

static int rate_order(const struct cdn_rate_rec *a, const struct cdn_rate_rec *b) {
    const int from = memcmp(a->from, b->from, sizeof(a->from));
    const int pair = from ? from : memcmp(a->to, b->to, sizeof(a->to));
    return pair ? pair : (a->since > b->since) - (a->since < b->since);
}

static int check_rates(struct cdn_check *c) {
    for (uint32_t i = 0; i < c->s->count[CDN_T_RATE]; i++) {
        const struct cdn_rate_rec *r = &c->s->rates[i];
        if (!cdn_check_currency(r->from) || !cdn_check_currency(r->to) || !cdn_check_time(r->since) ||
            r->mantissa <= 0 || r->scale > 18 || r->pad != 0 || !cdn_check_source(c, &r->source))
            return CDN_BAD(c, "rules: rate %u", i);
        if (i > 0 && rate_order(r - 1, r) >= 0)
            return CDN_BAD(c, "rules: rate %u is out of order", i);
    }
    return 0;
}

int cdn_snapshot_check_names(struct cdn_check *c) {
    const struct cdn_snapshot *s = c->s;
    int err = check_named(c, s->services, s->count[CDN_T_SERVICE], "service");
    if (!err)
        err = check_named(c, s->entities, s->count[CDN_T_ENTITY], "entity");
    if (!err)
        err = check_named(c, s->facts, s->count[CDN_T_FACT], "fact");
    if (!err)
        err = check_named(c, s->lists, s->count[CDN_T_LIST], "list");
    if (!err)
        err = check_declared(c);
    if (!err)
        err = check_actions(c);
    if (!err)
        err = check_calendars(c);
    return err ? err : check_rates(c);
}

/* ---- symbols ------------------------------------------------------------------------------------------ */

/* Domain → rows; 0 for none. */
static uint32_t domain_rows(const struct cdn_snapshot *s, uint32_t domain) {
    switch (domain) {
    case CDN_SYMBOL_ACTION:
        return s->count[CDN_T_ACTION];
    case CDN_SYMBOL_SERVICE:
        return s->count[CDN_T_SERVICE];
    case CDN_SYMBOL_ENTITY:
        return s->count[CDN_T_ENTITY];
    case CDN_SYMBOL_FACT:
        return s->count[CDN_T_FACT];
    case CDN_SYMBOL_LIST:
        return s->count[CDN_T_LIST];
    case CDN_SYMBOL_MEASURE:
        return s->count[CDN_T_MEASURE];
    default:
        return 0;
    }
}

static struct cdn_sref domain_id(const struct cdn_snapshot *s, uint32_t domain, uint32_t i) {
    switch (domain) {
    case CDN_SYMBOL_ACTION:
        return s->actions[i].id;
    case CDN_SYMBOL_SERVICE:
        return s->services[i].id;
    case CDN_SYMBOL_ENTITY:
        return s->entities[i].id;
    case CDN_SYMBOL_FACT:
        return s->facts[i].id;
    case CDN_SYMBOL_LIST:
        return s->lists[i].id;
    default:
        return s->measures[i].id;
    }
}

/* Every used slot names an existing row; at most half of them are used. */
static int check_slots(struct cdn_check *c, uint64_t rows) {
    const struct cdn_snapshot *s = c->s;
    const uint32_t slots = s->count[CDN_T_SYMBOL];
    if (slots == 0 || (slots & (slots - 1)) != 0 || rows * 2 > slots)
        return CDN_BAD(c, "rules: size of the symbol table");
    uint64_t used = 0;
    for (uint32_t i = 0; i < slots; i++) {
        const struct cdn_symbol_rec *r = &s->symbols[i];
        if (r->domain == CDN_SYMBOL_FREE ? r->hash != 0 || r->index != 0
                                         : r->index >= domain_rows(s, r->domain))
            return CDN_BAD(c, "rules: slot %u of the symbol table", i);
        used += r->domain != CDN_SYMBOL_FREE;
    }
    return used == rows ? 0 : CDN_BAD(c, "rules: the symbol table does not have one slot for each name");
}

/* Goes along the chain to the slot of row `i`, paying for each step: a hostile table is one long chain. */
static bool walk(struct cdn_check *c, uint32_t domain, uint32_t i, uint64_t hash, size_t length) {
    const struct cdn_snapshot *s = c->s;
    const uint32_t slots = s->count[CDN_T_SYMBOL];
    uint32_t at = cdn_snap_symbol_slot(domain, hash, slots);
    for (; s->symbols[at].domain != CDN_SYMBOL_FREE; at = (at + 1) & (slots - 1)) {
        const bool same = s->symbols[at].domain == domain && s->symbols[at].hash == hash;
        if (!cdn_check_spend(c, same ? 1 + length : 1))
            return false;
        if (same && s->symbols[at].index == i)
            return true;
    }
    return false;
}

int cdn_snapshot_check_symbols(struct cdn_check *c) {
    const struct cdn_snapshot *s = c->s;
    for (uint32_t i = 0; i < s->count[CDN_T_MEASURE]; i++)
        if (!cdn_check_str(c, s->measures[i].id) || s->measures[i].id.n == 0)
            return CDN_BAD(c, "rules: id of measure %u", i);
    uint64_t rows = 0;
    for (uint32_t d = 1; d < CDN_SYMBOL_DOMAIN_COUNT; d++)
        rows += domain_rows(s, d);
    const int err = check_slots(c, rows);
    if (err)
        return err;
    for (uint32_t d = 1; d < CDN_SYMBOL_DOMAIN_COUNT; d++) {
        for (uint32_t i = 0; i < domain_rows(s, d); i++) {
            const cordon_str id = cdn_snap_str(s, domain_id(s, d, i));
            const uint64_t hash = cdn_hash(id, 0);
            if (!walk(c, d, i, hash, id.n))
                return CDN_BAD(c, "rules: name %u of domain %u is not in the symbol table", i, d);
            const uint32_t found = d == CDN_SYMBOL_FACT ? cdn_snapshot_fact(s, s->facts[i].a, hash, id)
                                                        : cdn_snapshot_symbol(s, d, hash, id);
            if (found != i)
                return CDN_BAD(c, "rules: name %u of domain %u is not found under its own name", i, d);
        }
    }
    return 0;
}
