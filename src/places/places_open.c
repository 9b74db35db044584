/* SPDX-License-Identifier: Apache-2.0 */
/* places_open.c: checks a PLACES section completely, so that look-ups need not (layout: places_view.h). */
#include "places/codes_tables.h"
#include "places/places_view.h"

static const size_t row_size[CDN_P_COUNT] = {
    [CDN_P_PLACE] = sizeof(struct cdn_p_place),
    [CDN_P_COUNTRY] = sizeof(uint16_t),
    [CDN_P_MEMBERAT] = sizeof(uint32_t),
    [CDN_P_MEMBER] = sizeof(struct cdn_p_member),
    [CDN_P_WITHIN] = sizeof(uint16_t),
    [CDN_P_NAMESLOT] = sizeof(struct cdn_p_nameslot),
    [CDN_P_NAME] = sizeof(struct cdn_p_name),
    [CDN_P_NAMEREF] = sizeof(struct cdn_p_nameref),
    [CDN_P_POSTAL] = sizeof(struct cdn_p_postal),
    [CDN_P_PHONE] = sizeof(struct cdn_p_phone),
    [CDN_P_ASN] = sizeof(struct cdn_p_asn),
    [CDN_P_PREFIX] = sizeof(struct cdn_p_prefix),
    [CDN_P_AREA] = sizeof(struct cdn_p_area),
    [CDN_P_POINT] = sizeof(struct cdn_p_point),
    [CDN_P_TEXT] = 1,
};

/* What the checks need beside the view: how many rows each table has. */
struct opening {
    const struct cdn_places *v;
    const struct cdn_places_header *h;
    struct cordon_error *e;
};

static uint32_t rows(const struct opening *o, enum cdn_places_table t) {
    return o->h->tables[t].count;
}

static int bad(const struct opening *o, const char *what, uint32_t row) {
    return cdn_fail(o->e, CORDON_E_FORMAT, "places section: %s, row %u", what, row);
}

static bool text_ok(const struct opening *o, struct cdn_p_text t) {
    const uint32_t size = rows(o, CDN_P_TEXT);
    return t.at <= size && t.n <= size - t.at && cdn_utf8_valid(cdn_str(o->v->text + t.at, t.n));
}

static bool run_ok(uint32_t first, uint32_t count, uint32_t limit) {
    return first <= limit && count <= limit - first;
}

static bool packed_ok(unsigned c) {
    return (c >> 8) >= 'A' && (c >> 8) <= 'Z' && (c & 0xFF) >= 'A' && (c & 0xFF) <= 'Z';
}

static bool territory_ok(const struct opening *o, unsigned id) {
    return id < o->v->place_count && o->v->places[id].kind == 3;
}

static int check_places(const struct opening *o) {
    const struct cdn_places *v = o->v;
    unsigned kind = 0;
    uint32_t region = 0;
    for (uint32_t i = 0; i < v->place_count; i++) {
        const struct cdn_p_place *p = &v->places[i];
        const bool first = i == 0;
        if (!text_ok(o, p->code) || !text_ok(o, p->title) ||
            !run_ok(p->within, p->within_count, rows(o, CDN_P_WITHIN))) {
            return bad(o, "text or run outside its table", i);
        }
        if (p->kind > 3 || p->kind < kind || (p->kind == 0) != first || p->any_context > 1) {
            return bad(o, "place out of order", i);
        }
        if ((p->kind == 1 || p->kind == 2) != (packed_ok(p->country) && p->kind != 3) && p->kind != 3) {
            return bad(o, "place without country", i);
        }
        if (p->kind == 3 && p->country && !packed_ok(p->country)) {
            return bad(o, "territory with a malformed country", i);
        }
        if (p->kind == 2) { /* cdn_places_of_code searches them by code */
            const uint32_t code = cdn_places_pack_region(cdn_places_code(v, i));
            if (code <= region) {
                return bad(o, "region out of order", i);
            }
            region = code;
        }
        kind = p->kind;
    }
    for (uint32_t i = 0; i < CDN_PLACES_CODES; i++) {
        const unsigned id = v->country_ids[i];
        if (id >= v->place_count ||
            (id && (v->places[id].kind != 1 ||
                    v->places[id].country != (uint16_t)((('A' + i / 26) << 8) | ('A' + i % 26))))) {
            return bad(o, "country number", i);
        }
    }
    for (uint32_t i = 0; i < rows(o, CDN_P_WITHIN); i++) {
        if (!packed_ok(v->within[i])) {
            return bad(o, "context country", i);
        }
    }
    return 0;
}

static int check_members(const struct opening *o) {
    const struct cdn_places *v = o->v;
    const uint32_t n = rows(o, CDN_P_MEMBER);
    if (v->member_at[0] != 0 || v->member_at[v->place_count] != n) {
        return bad(o, "membership index", 0);
    }
    for (uint32_t p = 0; p < v->place_count; p++) {
        if (v->member_at[p] > v->member_at[p + 1] || v->member_at[p + 1] > n) {
            return bad(o, "membership index", p);
        }
        for (uint32_t i = v->member_at[p]; i < v->member_at[p + 1]; i++) {
            const struct cdn_p_member *m = &v->members[i];
            if (m->place != p || !territory_ok(o, m->territory) || m->exclude > 1 || m->from > m->until) {
                return bad(o, "membership", i);
            }
        }
    }
    return 0;
}

static int check_names(const struct opening *o) {
    const struct cdn_places *v = o->v;
    const uint32_t slots = rows(o, CDN_P_NAMESLOT), refs = rows(o, CDN_P_NAMEREF);
    if (slots == 0 || (slots & (slots - 1)) != 0 || v->name_count > slots / 2) {
        return bad(o, "name table size", slots);
    }
    for (uint32_t i = 0; i < v->name_count; i++) {
        if (!text_ok(o, v->names[i].folded) || !run_ok(v->names[i].ref, v->names[i].ref_count, refs)) {
            return bad(o, "name", i);
        }
        const uint32_t hash =
            (uint32_t)(cdn_hash(cdn_str(v->text + v->names[i].folded.at, v->names[i].folded.n), 0) >> 32);
        uint32_t at = hash & v->slot_mask, steps = 0;
        while (v->slots[at].name != i + 1) {
            if (v->slots[at].name == 0 || ++steps > v->slot_mask) {
                return bad(o, "name that cannot be found", i);
            }
            at = (at + 1) & v->slot_mask;
        }
        if (v->slots[at].hash != hash) {
            return bad(o, "name with a wrong hash", i);
        }
    }
    uint32_t used = 0;
    for (uint32_t i = 0; i < slots; i++) {
        if (v->slots[i].name > v->name_count) {
            return bad(o, "name slot", i);
        }
        used += v->slots[i].name != 0;
    }
    if (used != v->name_count) {
        return bad(o, "name slots used", used);
    }
    for (uint32_t i = 0; i < refs; i++) {
        const struct cdn_p_nameref *r = &v->refs[i];
        const bool needs_place = r->kind != CDN_NAME_STREET;
        if (r->kind < CDN_NAME_COUNTRY || r->kind > CDN_NAME_TWO || r->place >= v->place_count ||
            (needs_place && r->place == 0) || r->from > r->until ||
            (r->clear_in && !packed_ok(r->clear_in)) || r->clear_in > UINT16_MAX) {
            return bad(o, "name reference", i);
        }
    }
    return 0;
}

static int check_codes(const struct opening *o) {
    const struct cdn_places *v = o->v;
    for (uint32_t i = 0; i < v->postal_count; i++) {
        const struct cdn_p_postal *p = &v->postal[i];
        if (!packed_ok(p->country) || !territory_ok(o, p->place) || p->length == 0 ||
            p->length > CDN_POSTAL_BYTES || memcmp(p->first, p->last, p->length) > 0 ||
            (i && p->country < v->postal[i - 1].country)) {
            return bad(o, "postal range", i);
        }
    }
    for (uint32_t i = 0; i < v->phone_count; i++) {
        const struct cdn_p_phone *p = &v->phones[i];
        if (!territory_ok(o, p->place) || p->length == 0 || p->length > CDN_PHONE_BYTES ||
            (i && memcmp(v->phones[i - 1].digits, p->digits, CDN_PHONE_BYTES) > 0)) {
            return bad(o, "phone prefix", i);
        }
    }
    for (uint32_t i = 0; i < v->asn_count; i++) {
        if (!territory_ok(o, v->asns[i].place) || (i && v->asns[i].asn < v->asns[i - 1].asn)) {
            return bad(o, "AS number", i);
        }
    }
    for (uint32_t i = 0; i < v->prefix_count; i++) {
        const struct cdn_p_prefix *p = &v->prefixes[i];
        if (p->place > UINT16_MAX || !territory_ok(o, p->place) || memcmp(p->first, p->last, 16) > 0 ||
            (i && memcmp(v->prefixes[i - 1].first, p->first, 16) > 0)) {
            return bad(o, "network prefix", i);
        }
    }
    for (uint32_t i = 0; i < v->area_count; i++) {
        const struct cdn_p_area *a = &v->areas[i];
        if (a->place > UINT16_MAX || !territory_ok(o, a->place) || a->point_count < 3 ||
            !run_ok(a->point, a->point_count, rows(o, CDN_P_POINT))) {
            return bad(o, "area", i);
        }
    }
    for (uint32_t i = 0; i < rows(o, CDN_P_POINT); i++) {
        if (v->points[i].latitude < -90000000 || v->points[i].latitude > 90000000 ||
            v->points[i].longitude < -180000000 || v->points[i].longitude > 180000000) {
            return bad(o, "point", i);
        }
    }
    return 0;
}

static int check_directory(cordon_str s, struct cordon_error *e) {
    const struct cdn_places_header *h = (const struct cdn_places_header *)(const void *)s.p;
    if (s.n < sizeof *h || (uintptr_t)s.p % 8 != 0) {
        return cdn_fail(e, CORDON_E_FORMAT, "places section: too short or not aligned");
    }
    if (h->version != CDN_PLACES_VERSION) {
        return cdn_fail(e,
                        CORDON_E_VERSION,
                        "places section of version %u; this build reads %d",
                        h->version,
                        CDN_PLACES_VERSION);
    }
    for (unsigned t = 0; t < CDN_P_COUNT; t++) {
        if (h->tables[t].offset % 8 != 0 || h->tables[t].offset > s.n ||
            h->tables[t].count > (s.n - h->tables[t].offset) / row_size[t]) {
            return cdn_fail(e, CORDON_E_FORMAT, "places section: table %u leaves the section", t);
        }
    }
    if (h->place_count == 0 || h->place_count > UINT16_MAX ||
        h->tables[CDN_P_PLACE].count != h->place_count ||
        h->tables[CDN_P_MEMBERAT].count != h->place_count + 1 ||
        h->tables[CDN_P_COUNTRY].count != CDN_PLACES_CODES) {
        return cdn_fail(e, CORDON_E_FORMAT, "places section: number of places");
    }
    return 0;
}

int cdn_places_open(cordon_str section, struct cdn_places *ret, struct cordon_error *e) {
    int err = check_directory(section, e);
    if (err) {
        return err;
    }
    const struct cdn_places_header *h = (const struct cdn_places_header *)(const void *)section.p;
    const void *at[CDN_P_COUNT];
    for (unsigned t = 0; t < CDN_P_COUNT; t++) {
        at[t] = section.p + h->tables[t].offset;
    }
    struct cdn_places v = {
        .places = at[CDN_P_PLACE],
        .country_ids = at[CDN_P_COUNTRY],
        .member_at = at[CDN_P_MEMBERAT],
        .members = at[CDN_P_MEMBER],
        .within = at[CDN_P_WITHIN],
        .slots = at[CDN_P_NAMESLOT],
        .names = at[CDN_P_NAME],
        .refs = at[CDN_P_NAMEREF],
        .postal = at[CDN_P_POSTAL],
        .phones = at[CDN_P_PHONE],
        .asns = at[CDN_P_ASN],
        .prefixes = at[CDN_P_PREFIX],
        .areas = at[CDN_P_AREA],
        .points = at[CDN_P_POINT],
        .text = at[CDN_P_TEXT],
        .place_count = h->place_count,
        .slot_mask = h->tables[CDN_P_NAMESLOT].count - 1,
        .name_count = h->tables[CDN_P_NAME].count,
        .postal_count = h->tables[CDN_P_POSTAL].count,
        .phone_count = h->tables[CDN_P_PHONE].count,
        .asn_count = h->tables[CDN_P_ASN].count,
        .prefix_count = h->tables[CDN_P_PREFIX].count,
        .area_count = h->tables[CDN_P_AREA].count,
    };
    const struct opening o = {&v, h, e};
    err = check_places(&o);
    err = err ? err : check_members(&o);
    err = err ? err : check_names(&o);
    err = err ? err : check_codes(&o);
    if (err) {
        return err;
    }
    *ret = v;
    return 0;
}
