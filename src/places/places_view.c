/* SPDX-License-Identifier: Apache-2.0 */
/* places_view.c: opens the PLACES section (places_view.h): checks it completely, then finds codes by
 * bisection.
 *
 * The numbers in the comments below are the promises of places_view.h. */
#include "places/places_view.h"

#define KIND_NONE 0
#define KIND_COUNTRY 1
#define KIND_REGION 2
#define KIND_TERRITORY 3
#define LETTERS 26

/* ---- layout ------------------------------------------------------------------------------------------- */

static const uint32_t part_size[CDN_PLACES_PART_COUNT] = {
#define PART(sym, field, type) (uint32_t)sizeof(type),
    CDN_PLACES_PARTS(PART)
#undef PART
};

static bool zeros(const char *p, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (p[i] != 0)
            return false;
    return true;
}

/* Parts follow each other exactly as the header says; nothing else is in the section. */
static int check_layout(cordon_str section, const struct cdn_places_header *h, struct cordon_error *e) {
    size_t end = sizeof(*h);
    for (unsigned i = 0; i < CDN_PLACES_PART_COUNT; i++) {
        const size_t begin = (end + 7) & ~(size_t)7;
        if (h->parts[i].offset != begin || begin > section.n || !zeros(section.p + end, begin - end))
            return cdn_fail(e, CORDON_E_FORMAT, "places: part %u is not where it belongs", i);
        if (h->parts[i].count > (section.n - begin) / part_size[i])
            return cdn_fail(e, CORDON_E_FORMAT, "places: part %u is cut off", i);
        end = begin + (size_t)h->parts[i].count * part_size[i];
    }
    if (end != section.n)
        return cdn_fail(e, CORDON_E_FORMAT, "places: bytes after the last part");
    if (h->parts[CDN_PLACES_PLACE].count == 0 || h->parts[CDN_PLACES_PLACE].count > CDN_PLACES_MAX)
        return cdn_fail(e, CORDON_E_FORMAT, "places: number of places out of range");
    if (h->parts[CDN_PLACES_COUNTRY].count != LETTERS * LETTERS)
        return cdn_fail(e, CORDON_E_FORMAT, "places: the table of countries has the wrong size");
    return 0;
}

/* ---- contents ----------------------------------------------------------------------------------------- */

static bool boundary(const struct cdn_places *p, size_t at) {
    return at == p->count[CDN_PLACES_TEXT] || ((uint8_t)p->text[at] & 0xC0) != 0x80;
}

static bool text_ok(const struct cdn_places *p, struct cdn_pref r) {
    const uint32_t size = p->count[CDN_PLACES_TEXT];
    if (r.n == 0)
        return r.at == 0;
    return r.at < size && r.n <= size - r.at && boundary(p, r.at) && boundary(p, (size_t)r.at + r.n);
}

static int country_slot(uint16_t packed) {
    const int a = (packed >> 8) - 'A', b = (packed & 0xFF) - 'A';
    return a >= 0 && a < LETTERS && b >= 0 && b < LETTERS ? a * LETTERS + b : -1;
}

static int check_place(const struct cdn_places *p, uint32_t id, struct cordon_error *e) {
    const struct cdn_place_rec *r = &p->places[id], *before = &p->places[id - 1];
    if (r->kind < KIND_COUNTRY || r->kind > KIND_TERRITORY || r->kind < before->kind || r->flags != 0)
        return cdn_fail(e, CORDON_E_FORMAT, "places: place %u has a wrong kind", id);
    if (!text_ok(p, r->code) || !text_ok(p, r->name) || r->code.n == 0)
        return cdn_fail(e, CORDON_E_FORMAT, "places: text of place %u", id);
    if (r->kind == before->kind &&
        cdn_str_cmp(cdn_places_str(p, before->code), cdn_places_str(p, r->code)) >= 0)
        return cdn_fail(e, CORDON_E_FORMAT, "places: place %u is out of order", id);
    const cordon_str code = cdn_places_str(p, r->code);
    const int slot = country_slot(r->country);
    if (slot < 0 && !(r->country == 0 && r->kind == KIND_TERRITORY))
        return cdn_fail(e, CORDON_E_FORMAT, "places: place %u has no country", id);
    const bool own =
        code.n >= 2 && (uint8_t)code.p[0] == r->country >> 8 && (uint8_t)code.p[1] == (r->country & 0xFF);
    if (r->kind == KIND_COUNTRY && (code.n != 2 || !own || r->parent != 0 || p->countries[slot] != id))
        return cdn_fail(e, CORDON_E_FORMAT, "places: country %u", id);
    if (r->kind == KIND_TERRITORY && r->parent != 0)
        return cdn_fail(e, CORDON_E_FORMAT, "places: territory %u has a parent", id);
    if (r->kind != KIND_REGION)
        return 0;
    /* A region may stand after its parent in the order of codes, or before it: only loops are excluded. */
    if (code.n < 4 || !own || code.p[2] != '-' || r->parent == 0 || r->parent >= p->count[CDN_PLACES_PLACE] ||
        r->parent == id)
        return cdn_fail(e, CORDON_E_FORMAT, "places: region %u", id);
    return 0;
}

/* From every region a country is reached in a few steps. */
static int check_parents(const struct cdn_places *p, struct cordon_error *e) {
    for (uint32_t id = p->region_first; id < p->territory_first; id++) {
        uint32_t up = id;
        for (unsigned steps = 0; steps < 8 && p->places[up].kind == KIND_REGION; steps++)
            up = p->places[up].parent;
        if (p->places[up].kind != KIND_COUNTRY || p->places[up].country != p->places[id].country)
            return cdn_fail(e, CORDON_E_FORMAT, "places: region %u lies in no country", id);
    }
    return 0;
}

static int check_memberships(const struct cdn_places *p, struct cordon_error *e) {
    const uint32_t places = p->count[CDN_PLACES_PLACE];
    for (uint32_t i = 0; i < p->count[CDN_PLACES_MEMBERSHIP]; i++) {
        const struct cdn_membership_rec *m = &p->memberships[i], *before = i ? m - 1 : NULL;
        if (m->place == 0 || m->place >= places || m->territory < p->territory_first ||
            m->territory >= places || m->place == m->territory || m->from >= m->until)
            return cdn_fail(e, CORDON_E_FORMAT, "places: membership %u", i);
        if (before &&
            (m->place < before->place || (m->place == before->place &&
                                          (m->territory < before->territory ||
                                           (m->territory == before->territory && m->from <= before->until)))))
            return cdn_fail(e, CORDON_E_FORMAT, "places: membership %u is out of order", i);
    }
    return 0;
}

static int check_contents(struct cdn_places *p, struct cordon_error *e) {
    static const struct cdn_place_rec none;
    if (!cdn_utf8_valid(cdn_str(p->text, p->count[CDN_PLACES_TEXT])))
        return cdn_fail(e, CORDON_E_FORMAT, "places: text is not UTF-8");
    if (memcmp(&p->places[0], &none, sizeof(none)) != 0)
        return cdn_fail(e, CORDON_E_FORMAT, "places: place 0 is not \"none\"");
    const uint32_t places = p->count[CDN_PLACES_PLACE];
    uint32_t in_table = 0;
    for (unsigned i = 0; i < LETTERS * LETTERS; i++) {
        if (p->countries[i] >= places)
            return cdn_fail(e, CORDON_E_FORMAT, "places: table of countries");
        in_table += p->countries[i] != 0;
    }
    p->region_first = 1;
    for (uint32_t id = 1; id < places; id++) {
        const int err = check_place(p, id, e);
        if (err)
            return err;
        p->region_first += p->places[id].kind == KIND_COUNTRY;
    }
    p->territory_first = p->region_first;
    while (p->territory_first < places && p->places[p->territory_first].kind == KIND_REGION)
        p->territory_first++;
    if (in_table != p->region_first - 1)
        return cdn_fail(e, CORDON_E_FORMAT, "places: table of countries");
    const int err = check_parents(p, e);
    return err ? err : check_memberships(p, e);
}

int cdn_places_open(cordon_str section, struct cdn_places *ret, struct cordon_error *e) {
    if ((uintptr_t)section.p % 8 != 0)
        return cdn_fail(e, CORDON_E_ARG, "places: the section is not aligned");
    const struct cdn_places_header *h = (const void *)section.p;
    if (section.n < sizeof(*h))
        return cdn_fail(e, CORDON_E_FORMAT, "places: cut off");
    if (h->version != CDN_PLACES_VERSION || h->part_count != CDN_PLACES_PART_COUNT)
        return cdn_fail(e, CORDON_E_VERSION, "places: version %u is not one of this build", h->version);
    int err = check_layout(section, h, e);
    if (err)
        return err;
    struct cdn_places p = {0};
#define PART(sym, field, type)                                                                               \
    p.field = (const void *)(section.p + h->parts[CDN_PLACES_##sym].offset);                                 \
    p.count[CDN_PLACES_##sym] = h->parts[CDN_PLACES_##sym].count;
    CDN_PLACES_PARTS(PART)
#undef PART
    err = check_contents(&p, e);
    if (!err)
        *ret = p;
    return err;
}

/* ---- look-ups ----------------------------------------------------------------------------------------- */

cordon_str cdn_places_code(const struct cdn_places *places, unsigned id) {
    return id < places->count[CDN_PLACES_PLACE] ? cdn_places_str(places, places->places[id].code)
                                                : cdn_str("", 0);
}

unsigned cdn_places_of_country(const struct cdn_places *places, uint16_t packed) {
    const int slot = country_slot(packed);
    return slot < 0 ? 0 : places->countries[slot];
}

static unsigned find(const struct cdn_places *p, uint32_t lo, uint32_t hi, cordon_str code) {
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        const int c = cdn_str_cmp(cdn_places_str(p, p->places[mid].code), code);
        if (c == 0)
            return mid;
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return 0;
}

unsigned cdn_places_of_code(const struct cdn_places *places, cordon_str code) {
    unsigned id = 0;
    if (code.n == 2)
        id = cdn_places_of_country(places, (uint16_t)((uint8_t)code.p[0] << 8 | (uint8_t)code.p[1]));
    else if (code.n > 3 && code.p[2] == '-')
        id = find(places, places->region_first, places->territory_first, code);
    return id ? id : find(places, places->territory_first, places->count[CDN_PLACES_PLACE], code);
}

uint32_t cdn_places_memberships(const struct cdn_places *p, uint32_t place, uint32_t *ret_first) {
    uint32_t lo = 0, hi = p->count[CDN_PLACES_MEMBERSHIP];
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (p->memberships[mid].place < place)
            lo = mid + 1;
        else
            hi = mid;
    }
    *ret_first = lo;
    uint32_t n = 0;
    while (lo + n < p->count[CDN_PLACES_MEMBERSHIP] && p->memberships[lo + n].place == place)
        n++;
    return n;
}
