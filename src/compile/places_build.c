/* SPDX-License-Identifier: Apache-2.0 */
/* places_build.c: lays out the PLACES section: ids, memberships, marks (contract: places_build.h).
 * Names are in places_names.c. */
#include "compile/places_priv.h"

#include <stdlib.h>

#include "places/codes.h"

/* ---- ids ------------------------------------------------------------------------------------------------
 */

static int by_number(const void *a, const void *b) {
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

struct regions {
    struct cdn_arena *arena;
    uint64_t seen[CDN_PLACES_CODES / 64 + 1]; /* countries, by index */
    uint32_t *codes;
    size_t count, cap;
    int err;
};

static void region_add(struct regions *r, uint32_t code) {
    if (!r->err && !(r->err = cdn_grow(
                         &r->arena->as_alloc, (void **)&r->codes, &r->cap, r->count + 1, sizeof *r->codes))) {
        r->codes[r->count++] = code;
    }
}

static void regions_of_country(struct regions *r, uint16_t country) {
    size_t first;
    const int i = cdn_country_index(country);
    if (i < 0 || r->seen[i / 64] >> (i % 64) & 1) {
        return;
    }
    r->seen[i / 64] |= UINT64_C(1) << (i % 64);
    const size_t n = cdn_region_range(country, &first);
    for (size_t k = 0; k < n; k++) {
        region_add(r, cdn_region_at(first + k)->code);
    }
}

/* Who names one region has to tell it from the others: "UA except UA-43" needs UA-30. */
static void region_of_place(struct regions *r, const struct cdn_place *p) {
    uint32_t code;
    if (p->kind == CDN_PLACE_REGION && cdn_region_parse(p->region, &code, NULL) == 0) {
        regions_of_country(r, cdn_region_country(code));
    }
}

static void regions_of_set(struct regions *r, const struct cdn_place_set *s) {
    for (uint32_t i = 0; i < s->count; i++) {
        region_of_place(r, &s->items[i]);
    }
    for (uint32_t i = 0; i < s->except_count; i++) {
        region_of_place(r, &s->except[i]);
    }
}

static void regions_of_expr(struct regions *r, const struct cdn_expr *x) {
    if (!x) {
        return;
    }
    if (x->test) {
        regions_of_set(r, &x->test->places);
    }
    for (uint32_t i = 0; i < x->count; i++) {
        regions_of_expr(r, x->children[i]);
    }
}

static void regions_of_rulebook(struct regions *r, const struct cdn_rulebook *rb) {
    for (uint32_t i = 0; i < rb->territory_count; i++) {
        const struct cdn_territory *t = &rb->territories[i];
        for (uint32_t k = 0; k < t->within_count; k++) {
            regions_of_country(r, t->within[k]);
        }
        for (uint32_t k = 0; k < t->part_count; k++) {
            region_of_place(r, &t->parts[k].place);
        }
        for (uint32_t k = 0; k < t->part_of_count; k++) {
            region_of_place(r, &t->part_of[k]);
        }
    }
    for (uint32_t i = 0; i < rb->measure_count; i++) {
        const struct cdn_measure *m = &rb->measures[i];
        regions_of_expr(r, m->when);
        for (uint32_t k = 0; k < m->except_count; k++) {
            regions_of_expr(r, m->excepts[k].when);
        }
        for (uint32_t k = 0; k < m->presume_count; k++) {
            regions_of_set(r, &m->presumes[k].test->places);
        }
    }
}

static int make_map(const struct cdn_rulebook *rb,
                    struct cdn_arena *arena,
                    struct cdn_place_map *map,
                    struct cordon_error *e) {
    struct regions r = {.arena = arena};
    regions_of_rulebook(&r, rb);
    if (r.err) {
        return cdn_fail(e, r.err, "no memory for the regions of the rulebook");
    }
    size_t unique = 0;
    if (r.count) {
        qsort(r.codes, r.count, sizeof *r.codes, by_number);
        for (size_t i = 0; i < r.count; i++) {
            if (unique == 0 || r.codes[unique - 1] != r.codes[i]) {
                r.codes[unique++] = r.codes[i];
            }
        }
    }
    const size_t countries = cdn_country_count();
    if (1 + countries + unique + rb->territory_count > UINT16_MAX) {
        return cdn_fail(
            e, CORDON_E_LIMIT, "more than %u countries, regions and territories", UINT16_MAX - 1u);
    }
    *map = (struct cdn_place_map){.regions = r.codes,
                                  .region_count = (uint32_t)unique,
                                  .region_first = (uint16_t)(1 + countries),
                                  .territory_first = (uint16_t)(1 + countries + unique),
                                  .place_count = (uint32_t)(1 + countries + unique + rb->territory_count)};
    for (size_t i = 0; i < countries; i++) {
        const uint16_t c = cdn_country_at(i);
        map->country[((c >> 8) - 'A') * 26 + ((c & 0xFF) - 'A')] = (uint16_t)(1 + i);
    }
    return 0;
}

static unsigned country_id(const struct cdn_place_map *map, uint16_t c) {
    const unsigned a = (c >> 8) - 'A', b = (c & 0xFFu) - 'A';
    return a < 26 && b < 26 ? map->country[a * 26 + b] : 0;
}

static unsigned region_id(const struct cdn_place_map *map, uint32_t code) {
    const uint32_t *found =
        map->region_count ? bsearch(&code, map->regions, map->region_count, sizeof *map->regions, by_number)
                          : NULL;
    return found ? map->region_first + (unsigned)(found - map->regions) : 0;
}

unsigned cdn_place_map_id(const struct cdn_place_map *map, const struct cdn_place *place) {
    uint32_t code;
    switch (place->kind) {
    case CDN_PLACE_COUNTRY:
        return country_id(map, place->country);
    case CDN_PLACE_REGION:
        return cdn_region_parse(place->region, &code, NULL) == 0 ? region_id(map, code) : 0;
    case CDN_PLACE_TERRITORY:
        return map->territory_first + place->territory;
    default:
        return 0;
    }
}

/* ---- rows
 * --------------------------------------------------------------------------------------------------- */

static struct cdn_p_text put_text(struct cdn_places_build *b, cordon_str s) {
    const struct cdn_p_text t = {(uint32_t)b->text.n, (uint32_t)s.n};
    cdn_buf_str(&b->text, s);
    return t;
}

static void put_places(struct cdn_places_build *b) {
    const struct cdn_rulebook *rb = b->rb;
    const struct cdn_p_place none = {0};
    cdn_buf_put(&b->tables[CDN_P_PLACE], &none, sizeof none);
    for (size_t i = 0; i < cdn_country_count(); i++) {
        char code[3];
        cdn_country_text(cdn_country_at(i), code);
        const struct cdn_p_place p = {.code = put_text(b, cdn_str_z(code)),
                                      .title = put_text(b, cdn_str_z(cdn_country_name(cdn_country_at(i)))),
                                      .kind = 1,
                                      .country = cdn_country_at(i)};
        cdn_buf_put(&b->tables[CDN_P_PLACE], &p, sizeof p);
    }
    for (uint32_t i = 0; i < b->map->region_count; i++) {
        char code[CDN_REGION_TEXT_SIZE];
        cdn_region_text(b->map->regions[i], code);
        const struct cdn_p_place p = {.code = put_text(b, cdn_str_z(code)),
                                      .title = put_text(b, cdn_str_z(cdn_region_name(b->map->regions[i]))),
                                      .kind = 2,
                                      .country = cdn_region_country(b->map->regions[i])};
        cdn_buf_put(&b->tables[CDN_P_PLACE], &p, sizeof p);
    }
    for (uint32_t i = 0; i < rb->territory_count; i++) {
        const struct cdn_territory *t = &rb->territories[i];
        const struct cdn_p_place p = {.code = put_text(b, t->id),
                                      .title = put_text(b, t->title),
                                      .kind = 3,
                                      .any_context = t->any_context,
                                      .country = t->within_count ? t->within[0] : 0,
                                      .within = (uint32_t)(b->tables[CDN_P_WITHIN].n / sizeof(uint16_t)),
                                      .within_count = t->within_count};
        cdn_buf_put(&b->tables[CDN_P_PLACE], &p, sizeof p);
        cdn_buf_put(&b->tables[CDN_P_WITHIN], t->within, t->within_count * sizeof *t->within);
    }
    cdn_buf_put(&b->tables[CDN_P_COUNTRY], b->map->country, sizeof b->map->country);
}

static int by_member(const void *a, const void *b) {
    const struct cdn_p_member *x = a, *y = b;
    if (x->place != y->place) {
        return x->place < y->place ? -1 : 1;
    }
    if (x->territory != y->territory) {
        return x->territory < y->territory ? -1 : 1;
    }
    if (x->exclude != y->exclude) {
        return x->exclude < y->exclude ? -1 : 1;
    }
    return (x->from > y->from) - (x->from < y->from);
}

static void put_members(struct cdn_places_build *b) {
    struct cdn_buf *out = &b->tables[CDN_P_MEMBER];
    for (uint32_t i = 0; i < b->rb->territory_count; i++) {
        const struct cdn_territory *t = &b->rb->territories[i];
        for (uint32_t k = 0; k < t->part_count; k++) {
            const struct cdn_territory_part *part = &t->parts[k];
            if (part->from >= part->until) {
                continue; /* never */
            }
            const struct cdn_p_member m = {.place = (uint16_t)cdn_place_map_id(b->map, &part->place),
                                           .territory = (uint16_t)(b->map->territory_first + i),
                                           .exclude = part->exclude,
                                           .from = part->from,
                                           .until = part->until};
            cdn_buf_put(out, &m, sizeof m);
        }
    }
    struct cdn_p_member *rows = (struct cdn_p_member *)(void *)out->p;
    const uint32_t n = out->err ? 0 : (uint32_t)(out->n / sizeof *rows);
    if (n) {
        qsort(rows, n, sizeof *rows, by_member);
    }
    for (uint32_t place = 0, at = 0; place <= b->map->place_count; place++) {
        cdn_buf_put(&b->tables[CDN_P_MEMBERAT], &at, sizeof at);
        while (at < n && rows[at].place == place) {
            at++;
        }
    }
}

static int put_postal(struct cdn_places_build *b,
                      const struct cdn_mark *m,
                      uint16_t place,
                      struct cordon_error *e) {
    char first[CDN_POSTAL_MAX + 1], last[CDN_POSTAL_MAX + 1];
    int err = cdn_postal_normal(m->first, first, e);
    err = err ? err : cdn_postal_normal(m->last, last, e);
    if (err) {
        return err;
    }
    struct cdn_p_postal row = {.country = m->country,
                               .place = place,
                               .length = (uint32_t)strlen(first),
                               .from = m->from,
                               .until = m->until};
    if (strlen(last) != row.length || row.length > CDN_POSTAL_BYTES) {
        return cdn_fail(e, CORDON_E_RANGE, "postal range %s to %s: codes of different length", first, last);
    }
    memcpy(row.first, first, row.length);
    memcpy(row.last, last, row.length);
    cdn_buf_put(&b->tables[CDN_P_POSTAL], &row, sizeof row);
    return 0;
}

static int put_phone(struct cdn_places_build *b,
                     const struct cdn_mark *m,
                     uint16_t place,
                     struct cordon_error *e) {
    struct cdn_p_phone row = {.place = place, .from = m->from, .until = m->until};
    for (size_t i = 0; i < m->text.n; i++) {
        const char c = m->text.p[i];
        if (c >= '0' && c <= '9' && row.length < CDN_PHONE_BYTES) {
            row.digits[row.length++] = c;
        }
    }
    if (row.length == 0) {
        return cdn_fail(e, CORDON_E_SYNTAX, "telephone prefix \"%.*s\" has no digits", CDN_FMT(m->text));
    }
    cdn_buf_put(&b->tables[CDN_P_PHONE], &row, sizeof row);
    return 0;
}

static int put_prefix(struct cdn_places_build *b,
                      const struct cdn_mark *m,
                      uint16_t place,
                      struct cordon_error *e) {
    struct cdn_ip_addr addr;
    uint8_t length;
    if (cdn_ip_parse_prefix(m->text, &addr, &length)) {
        return cdn_fail(e, CORDON_E_SYNTAX, "\"%.*s\" is no network prefix", CDN_FMT(m->text));
    }
    struct cdn_p_prefix row = {
        .first = {[10] = 0xFF, [11] = 0xFF}, .place = place, .from = m->from, .until = m->until};
    unsigned bits = length;
    if (addr.family == 4) {
        for (unsigned i = 0; i < 4; i++) {
            row.first[12 + i] = (uint8_t)(addr.v4 >> (24 - 8 * i));
        }
        bits += 96;
    } else {
        memcpy(row.first, addr.v6, sizeof row.first);
    }
    memcpy(row.last, row.first, sizeof row.last);
    for (unsigned i = bits; i < 128; i++) {
        row.last[i / 8] = (uint8_t)(row.last[i / 8] | (0x80u >> (i % 8)));
    }
    cdn_buf_put(&b->tables[CDN_P_PREFIX], &row, sizeof row);
    return 0;
}

static void put_area(struct cdn_places_build *b, const struct cdn_mark *m, uint16_t place) {
    const struct cdn_p_area row = {.place = place,
                                   .point = (uint32_t)(b->tables[CDN_P_POINT].n / sizeof(struct cdn_p_point)),
                                   .point_count = m->point_count,
                                   .from = m->from,
                                   .until = m->until};
    cdn_buf_put(&b->tables[CDN_P_AREA], &row, sizeof row);
    for (uint32_t i = 0; i < m->point_count; i++) {
        const struct cdn_p_point p = {m->points[2 * i], m->points[2 * i + 1]};
        cdn_buf_put(&b->tables[CDN_P_POINT], &p, sizeof p);
    }
}

static int put_mark(struct cdn_places_build *b,
                    const struct cdn_mark *m,
                    uint16_t place,
                    struct cordon_error *e) {
    switch (m->kind) {
    case CDN_MARK_POSTAL:
        return put_postal(b, m, place, e);
    case CDN_MARK_PHONE:
        return put_phone(b, m, place, e);
    case CDN_MARK_PREFIX:
        return put_prefix(b, m, place, e);
    case CDN_MARK_AREA:
        put_area(b, m, place);
        return 0;
    case CDN_MARK_ASN: {
        const struct cdn_p_asn row = {.asn = m->number, .place = place, .from = m->from, .until = m->until};
        cdn_buf_put(&b->tables[CDN_P_ASN], &row, sizeof row);
        return 0;
    }
    default:
        return cdn_places_put_name(b, m, place);
    }
}

static int by_postal(const void *a, const void *b) {
    const struct cdn_p_postal *x = a, *y = b;
    return x->country != y->country ? (x->country < y->country ? -1 : 1)
                                    : memcmp(x->first, y->first, sizeof x->first + sizeof x->last);
}

static int by_phone(const void *a, const void *b) {
    return memcmp(a, b, CDN_PHONE_BYTES);
}

static int by_asn(const void *a, const void *b) {
    const struct cdn_p_asn *x = a, *y = b;
    return x->asn != y->asn ? (x->asn < y->asn ? -1 : 1) : (x->place > y->place) - (x->place < y->place);
}

static int by_prefix(const void *a, const void *b) {
    return memcmp(a, b, 32);
}

static void sort_table(struct cdn_buf *t, size_t size, int (*order)(const void *, const void *)) {
    if (!t->err && t->n > size) {
        qsort(t->p, t->n / size, size, order);
    }
}

static int put_marks(struct cdn_places_build *b, struct cordon_error *e) {
    for (uint32_t i = 0; i < b->rb->territory_count; i++) {
        const struct cdn_territory *t = &b->rb->territories[i];
        for (uint32_t k = 0; k < t->mark_count; k++) {
            const int err = put_mark(b, &t->marks[k], (uint16_t)(b->map->territory_first + i), e);
            if (err) {
                return err;
            }
        }
    }
    sort_table(&b->tables[CDN_P_POSTAL], sizeof(struct cdn_p_postal), by_postal);
    sort_table(&b->tables[CDN_P_PHONE], sizeof(struct cdn_p_phone), by_phone);
    sort_table(&b->tables[CDN_P_ASN], sizeof(struct cdn_p_asn), by_asn);
    sort_table(&b->tables[CDN_P_PREFIX], sizeof(struct cdn_p_prefix), by_prefix);
    return 0;
}

/* ---- the section
 * --------------------------------------------------------------------------------------------- */

static const size_t row_size[CDN_P_COUNT] = {
    sizeof(struct cdn_p_place),
    sizeof(uint16_t),
    sizeof(uint32_t),
    sizeof(struct cdn_p_member),
    sizeof(uint16_t),
    sizeof(struct cdn_p_nameslot),
    sizeof(struct cdn_p_name),
    sizeof(struct cdn_p_nameref),
    sizeof(struct cdn_p_postal),
    sizeof(struct cdn_p_phone),
    sizeof(struct cdn_p_asn),
    sizeof(struct cdn_p_prefix),
    sizeof(struct cdn_p_area),
    sizeof(struct cdn_p_point),
    1,
};

static int assemble(struct cdn_places_build *b, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_places_header h = {.version = CDN_PLACES_VERSION, .place_count = b->map->place_count};
    size_t at = (sizeof h + 7) / 8 * 8;
    for (unsigned t = 0; t < CDN_P_COUNT; t++) {
        const struct cdn_buf *table = t == CDN_P_TEXT ? &b->text : &b->tables[t];
        if (table->err) {
            return cdn_fail(e, table->err, "places: table %u could not be made", t);
        }
        h.tables[t].offset = (uint32_t)at;
        h.tables[t].count = (uint32_t)(table->n / row_size[t]);
        at = (at + table->n + 7) / 8 * 8;
    }
    const size_t begin = out->n;
    cdn_buf_put(out, &h, sizeof h);
    for (unsigned t = 0; t < CDN_P_COUNT; t++) {
        const struct cdn_buf *table = t == CDN_P_TEXT ? &b->text : &b->tables[t];
        cdn_buf_zero(out, begin + h.tables[t].offset - out->n);
        cdn_buf_put(out, table->p, table->n);
    }
    cdn_buf_zero(out, (8 - (out->n - begin) % 8) % 8);
    return out->err ? cdn_fail(e, out->err, "places: the section could not be written") : 0;
}

int cdn_places_build(const struct cdn_rulebook *rb,
                     const struct cdn_text *fold,
                     struct cdn_arena *arena,
                     struct cdn_buf *out,
                     struct cdn_place_map *ret_map,
                     struct cordon_error *e) {
    struct cdn_place_map map;
    int err = make_map(rb, arena, &map, e);
    if (err) {
        return err;
    }
    struct cdn_places_build b = {.rb = rb, .fold = fold, .arena = arena, .map = &map};
    for (unsigned t = 0; t < CDN_P_COUNT; t++) {
        cdn_buf_init(&b.tables[t], &arena->as_alloc, 256u << 20);
    }
    cdn_buf_init(&b.text, &arena->as_alloc, 256u << 20);
    cdn_buf_init(&b.folded, &arena->as_alloc, 1u << 20);
    cdn_map_init(&b.names, &arena->as_alloc);
    put_places(&b);
    put_members(&b);
    err = cdn_places_put_known_names(&b);
    err = err ? err : put_marks(&b, e);
    err = err ? err : cdn_places_finish_names(&b);
    err = err ? err : assemble(&b, out, e);
    if (err) {
        return e && e->code ? err : cdn_fail(e, err, "places: no memory");
    }
    *ret_map = map;
    return 0;
}
