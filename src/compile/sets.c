/* SPDX-License-Identifier: Apache-2.0 */
/* sets.c: a set of places as the language writes it → the three rows of cdn_set_rec.
 *
 * A country takes its regions with it, a region those inside it, and both take the territories all of whose
 * parts they have. Of a territory only its own number is set: what lies in it depends on the date, and an
 * item that is resolved names every territory that it lies in. What is left open ("above") are the places
 * that contain a member without being one: the country of a region, the countries and regions that a
 * territory has parts in, a territory that has only a part in the set. A country of which an exception takes
 * a part is no member any more, but above; its regions are members. A territory stays a member, since its
 * parts are not listed: the exception itself is what keeps an item out. */
#include "compile/build_priv.h"
#include "places/codes.h"

struct rows {
    struct cdn_build *b;
    const struct cdn_place_map *map;
    uint32_t words;
    uint64_t *in, *above, *out, *split;
};

static bool has(const uint64_t *row, uint32_t id) {
    return (row[id / 64] >> (id % 64)) & 1;
}

static void set(uint64_t *row, uint32_t id) {
    row[id / 64] |= UINT64_C(1) << (id % 64);
}

static void clear(uint64_t *row, uint32_t id) {
    row[id / 64] &= ~(UINT64_C(1) << (id % 64));
}

static uint32_t country_id(const struct rows *r, uint16_t country) {
    const struct cdn_place p = {.kind = CDN_PLACE_COUNTRY, .country = country};
    return cdn_place_map_id(r->map, &p);
}

static uint32_t region_code(const struct rows *r, uint32_t id) {
    return r->map->regions[id - r->map->region_first];
}

/* ---- members
 * ------------------------------------------------------------------------------------------------ */

/* The regions of a country, or those inside a region. */
static void add_regions(const struct rows *r, uint64_t *row, uint16_t country, uint32_t outer) {
    uint32_t lo = 0, hi = r->map->region_count;
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (cdn_region_country(r->map->regions[mid]) < country)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < r->map->region_count && cdn_region_country(r->map->regions[lo]) == country; lo++)
        if (outer == 0 || cdn_region_within(r->map->regions[lo], outer))
            set(row, r->map->region_first + lo);
}

static void add(const struct rows *r, uint64_t *row, const struct cdn_place *p) {
    const uint32_t id = cdn_place_map_id(r->map, p);
    if (id == 0) {
        (void)cdn_build_fail(r->b, CORDON_E_NAME, "a set names a place that there is not");
        return;
    }
    set(row, id);
    if (p->kind == CDN_PLACE_COUNTRY)
        add_regions(r, row, p->country, 0);
    else if (p->kind == CDN_PLACE_REGION)
        add_regions(r, row, cdn_region_country(region_code(r, id)), region_code(r, id));
}

/* How much of territory `id` is in the row: 0 nothing, 1 a part, 2 all that it is known to consist of. */
static unsigned share(const struct rows *r, const uint64_t *row, uint32_t id) {
    const struct cdn_territory *t = &r->b->rb->territories[id - r->map->territory_first];
    uint32_t parts = t->part_of_count, there = 0;
    for (uint32_t i = 0; i < t->part_count; i++) {
        if (t->parts[i].exclude)
            continue;
        parts++;
        there += has(row, cdn_place_map_id(r->map, &t->parts[i].place));
    }
    for (uint32_t i = 0; i < t->part_of_count; i++)
        there += has(row, cdn_place_map_id(r->map, &t->part_of[i]));
    if (parts == 0 && !t->any_context) {
        parts = t->within_count;
        for (uint32_t i = 0; i < t->within_count; i++)
            there += has(row, country_id(r, t->within[i]));
    }
    return there == 0 ? 0 : there == parts ? 2 : 1;
}

/* Territories that lie in the row with all their parts; territories in territories take another round. */
static void close_row(const struct rows *r, uint64_t *row) {
    bool changed = true;
    while (changed) {
        changed = false;
        for (uint32_t id = r->map->territory_first; id < r->map->place_count; id++)
            if (!has(row, id) && share(r, row, id) == 2) {
                set(row, id);
                changed = true;
            }
    }
}

/* ---- what is left open
 * ---------------------------------------------------------------------------------------- */

/* The regions and the country that region `id` lies in. */
static void add_parents(const struct rows *r, uint64_t *row, uint32_t id) {
    if (id < r->map->region_first || id >= r->map->territory_first)
        return;
    const struct cdn_region *region = cdn_region_get(region_code(r, id));
    set(row, country_id(r, cdn_region_country(region->code)));
    for (uint32_t up = region->parent; up != 0; up = cdn_region_get(up)->parent) {
        char code[CDN_REGION_TEXT_SIZE];
        cdn_region_text(up, code);
        const struct cdn_place p = {.kind = CDN_PLACE_REGION, .region = cdn_str_z(code)};
        set(row, cdn_place_map_id(r->map, &p));
    }
}

/* What contains a part of territory `id`: of each part its country and outer regions, what the territory is
 * said to be a part of, and the territories that include it. */
static void above_territory(const struct rows *r, uint64_t *row, uint32_t id, unsigned depth) {
    const struct cdn_rulebook *rb = r->b->rb;
    const struct cdn_territory *t = &rb->territories[id - r->map->territory_first];
    for (uint32_t i = 0; i < t->part_count && depth < CDN_MAX_SET_DEPTH; i++) {
        const uint32_t part = cdn_place_map_id(r->map, &t->parts[i].place);
        add_parents(r, row, part); /* of an exclusion as well: of what contains it only a part is left */
        if (part >= r->map->territory_first)
            above_territory(r, row, part, depth + 1);
    }
    for (uint32_t i = 0; i < t->part_of_count; i++) {
        const uint32_t part = cdn_place_map_id(r->map, &t->part_of[i]);
        set(row, part);
        add_parents(r, row, part);
    }
    if (t->part_of_count == 0 && t->part_count == 0)
        for (uint32_t i = 0; i < t->within_count; i++)
            set(row, country_id(r, t->within[i]));
    for (uint32_t k = 0; k < rb->territory_count; k++)
        for (uint32_t i = 0; i < rb->territories[k].part_count; i++)
            if (!rb->territories[k].parts[i].exclude &&
                cdn_place_map_id(r->map, &rb->territories[k].parts[i].place) == id)
                set(row, r->map->territory_first + k);
}

static void above(const struct rows *r, uint64_t *row, const struct cdn_place *p) {
    const uint32_t id = cdn_place_map_id(r->map, p);
    if (id != 0 && p->kind == CDN_PLACE_TERRITORY)
        above_territory(r, row, id, 0);
    else if (id != 0)
        add_parents(r, row, id);
}

/* ---- the rows
 * --------------------------------------------------------------------------------------------------- */

static void fill(const struct rows *r, const struct cdn_place_set *s) {
    const uint32_t places = r->map->place_count;
    for (uint32_t i = 0; i < s->count; i++) {
        add(r, r->in, &s->items[i]);
        above(r, r->above, &s->items[i]);
    }
    if (s->count == 0)
        for (uint32_t id = 1; id < places; id++) /* "everywhere except …" */
            set(r->in, id);
    for (uint32_t i = 0; i < s->except_count; i++) {
        add(r, r->out, &s->except[i]);
        above(r, r->split, &s->except[i]);
    }
    close_row(r, r->in);
    close_row(r, r->out);
    for (uint32_t id = r->map->territory_first; id < places; id++) {
        if (share(r, r->in, id) == 1)
            set(r->above, id);
        if (share(r, r->out, id) == 1)
            set(r->split, id);
    }
    for (uint32_t i = 0; i < s->count; i++)
        if (s->items[i].kind == CDN_PLACE_TERRITORY)
            clear(r->split, cdn_place_map_id(r->map, &s->items[i]));
    for (uint32_t w = 0; w < r->words; w++) {
        const uint64_t all = r->in[w];
        r->in[w] = all & ~r->out[w] & ~r->split[w];
        r->above[w] = ((r->above[w] & ~all) | (all & r->split[w])) & ~r->out[w];
    }
    clear(r->in, 0);
    clear(r->above, 0);
    clear(r->out, 0);
}

uint32_t cdn_build_set(struct cdn_build *b, const struct cdn_place_set *s) {
    if (b->err || (s->count == 0 && s->except_count == 0))
        return CDN_NO_INDEX;
    const uint32_t words = (b->places->place_count + 63) / 64;
    cdn_buf_clear(&b->scratch);
    cdn_place_set_write(&b->scratch, b->rb, s);
    if (b->scratch.err)
        (void)cdn_build_fail(b, b->scratch.err, "a set of places is too long");
    struct cdn_set_rec rec = {.text = cdn_build_copy(b, cdn_buf_get(&b->scratch))};
    if (b->err)
        return CDN_NO_INDEX;
    /* Sets of one wording are one set: the wording names every place. */
    struct cdn_map *map = &b->tables[CDN_T_SET].known;
    const cordon_str key = cdn_str(b->strings.p + rec.text.at, rec.text.n);
    size_t known = 0;
    if (cdn_map_get(map, key, &known))
        return (uint32_t)known;
    struct rows r = {.b = b, .map = b->places, .words = words};
    r.in = cdn_build_zero(b, 4 * (size_t)words, sizeof(*r.in));
    if (!r.in)
        return CDN_NO_INDEX;
    r.above = r.in + words;
    r.out = r.above + words;
    r.split = r.out + words;
    fill(&r, s);
    rec.words = cdn_build_add(b, CDN_T_SETWORD, r.in, 3 * (size_t)words);
    const uint32_t id = cdn_build_add(b, CDN_T_SET, &rec, 1);
    if (b->err)
        return CDN_NO_INDEX;
    const int err = cdn_map_put(map, key, id, NULL);
    if (err)
        (void)cdn_build_fail(b, err, "no memory for sets");
    return id;
}
