/* SPDX-License-Identifier: Apache-2.0 */
/* resolve.c: from one item of evidence to the places it speaks of (contract: places.h).
 *
 * One decoder per form of value; what they find goes through cdn_resolve_add, and at the end the territories
 * that contain the found places at that instant are added. "Finest" is the most exact place that the item
 * itself named: a recognised territory before a region before a country; containing territories never are. */
#include "places/resolve_priv.h"

#include "places/codes.h"
#include "places/codes_tables.h"

bool cdn_resolve_dated(struct cdn_resolving *r, int64_t from, int64_t until) {
    if (r->at < from) {
        r->item->changes_at = CDN_MIN(r->item->changes_at, from);
        return false;
    }
    if (r->at < until) {
        r->item->changes_at = CDN_MIN(r->item->changes_at, until);
        return true;
    }
    return false;
}

static void put(struct cdn_item *item, unsigned place) {
    for (unsigned i = 0; i < item->count; i++) {
        if (item->places[i] == place) {
            return;
        }
    }
    if (item->count < CDN_ITEM_PLACES) {
        item->places[item->count++] = (uint16_t)place;
    } else {
        item->doubt |= CDN_DOUBT_CROWDED;
    }
}

void cdn_resolve_maybe(struct cdn_resolving *r, unsigned place) {
    struct cdn_item *item = r->item;
    item->doubt |= CDN_DOUBT_AMBIGUOUS;
    for (unsigned i = 0; i < item->maybe_count; i++) {
        if (item->maybe[i] == place) {
            return;
        }
    }
    if (item->maybe_count < CDN_ITEM_MAYBE) {
        item->maybe[item->maybe_count++] = (uint16_t)place;
    } else {
        item->doubt |= CDN_DOUBT_CROWDED;
    }
}

void cdn_resolve_add(struct cdn_resolving *r, unsigned place) {
    if (place == 0 || place >= r->p->place_count) {
        return;
    }
    put(r->item, place);
    const unsigned finest = r->item->finest;
    if (finest == 0 || r->p->places[place].kind > r->p->places[finest].kind) {
        r->item->finest = (uint16_t)place;
    }
}

void cdn_resolve_country(struct cdn_resolving *r, uint16_t packed) {
    cdn_resolve_add(r, cdn_places_of_country(r->p, packed));
}

void cdn_resolve_region(struct cdn_resolving *r, uint32_t region) {
    char code[CDN_REGION_TEXT_SIZE];
    cdn_region_text(region, code);
    cdn_resolve_add(r, cdn_places_of_code(r->p, cdn_str_z(code)));
    cdn_resolve_country(r, cdn_region_country(region));
}

/* IMPLEMENTS: CS-PLACE-WORLDVIEW */
void cdn_resolve_territory(struct cdn_resolving *r, unsigned territory) {
    cdn_resolve_add(r, territory);
    cdn_resolve_country(r, r->p->places[territory].country);
}

bool cdn_resolve_within(const struct cdn_places *p, unsigned territory, uint16_t packed) {
    const struct cdn_p_place *t = &p->places[territory];
    for (uint32_t i = 0; i < t->within_count; i++) {
        if (p->within[t->within + i] == packed) {
            return true;
        }
    }
    return false;
}

/* Territories that contain what was found, transitively; an exclusion beats an inclusion.
 * IMPLEMENTS: CS-PLACE-DATED */
static void add_containing(struct cdn_resolving *r) {
    struct cdn_item *item = r->item;
    uint16_t excluded[CDN_ITEM_PLACES];
    unsigned excluded_count = 0;
    for (unsigned i = 0; i < item->count; i++) {
        const unsigned place = item->places[i];
        for (uint32_t m = r->p->member_at[place]; m < r->p->member_at[place + 1]; m++) {
            const struct cdn_p_member *row = &r->p->members[m];
            if (row->exclude && cdn_resolve_dated(r, row->from, row->until) &&
                excluded_count < CDN_ITEM_PLACES) {
                excluded[excluded_count++] = row->territory;
            }
        }
    }
    for (unsigned i = 0; i < item->count; i++) { /* item->count grows meanwhile */
        const unsigned place = item->places[i];
        for (uint32_t m = r->p->member_at[place]; m < r->p->member_at[place + 1]; m++) {
            const struct cdn_p_member *row = &r->p->members[m];
            bool out = row->exclude != 0;
            for (unsigned x = 0; x < excluded_count; x++) {
                out |= excluded[x] == row->territory;
            }
            if (!out && cdn_resolve_dated(r, row->from, row->until)) {
                put(item, row->territory);
            }
        }
    }
}

/* The territories around what an ambiguous name may mean. */
static void add_around_maybe(struct cdn_resolving *r) {
    for (unsigned i = 0; i < r->item->maybe_count; i++) { /* grows meanwhile */
        const unsigned place = r->item->maybe[i];
        for (uint32_t m = r->p->member_at[place]; m < r->p->member_at[place + 1]; m++) {
            const struct cdn_p_member *row = &r->p->members[m];
            if (!row->exclude && cdn_resolve_dated(r, row->from, row->until)) {
                cdn_resolve_maybe(r, row->territory);
            }
        }
    }
}

/* A value decoded by one of the parsers of codes.h: its country, or doubt. */
static void add_ident(struct cdn_resolving *r, int err, const struct cdn_ident *id) {
    if (err) {
        cdn_resolve_doubt(r, CDN_DOUBT_INVALID);
        return;
    }
    if (id->region) {
        cdn_resolve_region(r, id->region);
    }
    cdn_resolve_country(r, id->country);
}

static void resolve_card(struct cdn_resolving *r) {
    const struct cdn_evidence *ev = r->evidence;
    uint16_t country = 0;
    if (ev->country) {
        cdn_resolve_country(r, ev->country);
    } else if (r->p->has_iin && ev->text.n) {
        const int err = cdn_iin_lookup(&r->p->iin, ev->text, &country);
        if (err) {
            cdn_resolve_doubt(r, err == CORDON_E_CONFLICT ? CDN_DOUBT_AMBIGUOUS : CDN_DOUBT_INVALID);
        } else {
            cdn_resolve_country(r, country);
        }
    }
}

static void resolve_coded(struct cdn_resolving *r, unsigned form) {
    const struct cdn_evidence *ev = r->evidence;
    struct cdn_ident id = {0};
    int err = CORDON_E_SYNTAX;
    if (!ev->text.n) {
        cdn_resolve_country(r, ev->country); /* the caller has decoded it already */
        return;
    }
    if (form == CDN_VALUE_IBAN) {
        err = cdn_iban_parse(ev->text, &id, NULL);
    } else if (form == CDN_VALUE_BIC) {
        err = cdn_bic_parse(ev->text, &id, NULL);
    } else if (form == CDN_VALUE_MCC) {
        err = cdn_mcc_parse(ev->text, &id, NULL);
    } else if (form == CDN_VALUE_TAX) {
        err = ev->country ? cdn_tax_parse(ev->text, ev->country, &id, NULL)
                          : cdn_vat_parse(ev->text, &id, NULL);
    } else if (form == CDN_VALUE_HOST) {
        err = memchr(ev->text.p, '@', ev->text.n) ? cdn_email_parse(ev->text, &id, NULL)
                                                  : cdn_host_parse(ev->text, &id, NULL);
    }
    add_ident(r, err, &id);
}

static void resolve_form(struct cdn_resolving *r, unsigned form) {
    const struct cdn_evidence *ev = r->evidence;
    switch (form) {
    case CDN_VALUE_COUNTRY:
        cdn_resolve_country(r, ev->country);
        if (ev->address.region.n) {
            cdn_resolve_add(r, cdn_places_of_code(r->p, ev->address.region));
        }
        break;
    case CDN_VALUE_ADDRESS:
        cdn_resolve_address(r);
        break;
    case CDN_VALUE_IP:
        cdn_resolve_ip(r);
        break;
    case CDN_VALUE_PHONE:
        cdn_resolve_phone(r);
        break;
    case CDN_VALUE_POINT:
        cdn_resolve_point(r);
        break;
    case CDN_VALUE_ASN:
        cdn_resolve_asn(r, ev->number);
        break;
    case CDN_VALUE_CARD:
        resolve_card(r);
        break;
    case CDN_VALUE_TEXT:
        break;
    default:
        resolve_coded(r, form);
        break;
    }
}

void cdn_places_resolve(const struct cdn_places *places,
                        const struct cdn_evidence *evidence,
                        int64_t at,
                        struct cdn_buf *scratch,
                        struct cdn_item *ret) {
    *ret = (struct cdn_item){.changes_at = CDN_TIME_MAX};
    if (evidence->have != CDN_HAVE_VALUE || evidence->kind >= CDN_EVIDENCE_COUNT) {
        return;
    }
    struct cdn_resolving r = {places, evidence, at, scratch, ret};
    resolve_form(&r, cdn_evidence_kinds[evidence->kind].value);
    add_containing(&r);
    add_around_maybe(&r);
    if (ret->doubt & CDN_DOUBT_CROWDED) { /* names a dozen places: it says nothing sure */
        ret->count = 0;
        ret->finest = 0;
    }
    if (ret->count == 0 && ret->doubt == 0) {
        ret->doubt = CDN_DOUBT_NOT_PLACED;
    }
}

cordon_str cdn_places_code(const struct cdn_places *places, unsigned id) {
    if (id >= places->place_count) {
        return CDN_STR("");
    }
    return cdn_str(places->text + places->places[id].code.at, places->places[id].code.n);
}

unsigned cdn_places_of_country(const struct cdn_places *places, uint16_t packed) {
    const unsigned a = (packed >> 8) - 'A', b = (packed & 0xFFu) - 'A';
    return a < 26 && b < 26 ? places->country_ids[a * 26 + b] : 0;
}

/* The first place that is not before this kind and, among regions, before this packed code: places are sorted
 * by kind, regions by code. */
static uint32_t first_not_before(const struct cdn_places *places, unsigned kind, uint32_t region) {
    uint32_t lo = 1, hi = places->place_count;
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        const unsigned k = places->places[mid].kind;
        if (k < kind ||
            (k == 2 && kind == 2 && cdn_places_pack_region(cdn_places_code(places, mid)) < region)) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

unsigned cdn_places_of_code(const struct cdn_places *places, cordon_str code) {
    if (code.n == 2) {
        return cdn_places_of_country(places, (uint16_t)(((uint8_t)code.p[0] << 8) | (uint8_t)code.p[1]));
    }
    const uint32_t region = cdn_places_pack_region(code);
    if (region) {
        const uint32_t i = first_not_before(places, 2, region);
        if (i < places->place_count && cdn_str_eq(cdn_places_code(places, i), code)) {
            return i;
        }
    }
    for (uint32_t i = first_not_before(places, 3, 0); i < places->place_count; i++) { /* a rulebook's few */
        if (cdn_str_eq(cdn_places_code(places, i), code)) {
            return i;
        }
    }
    return 0;
}
