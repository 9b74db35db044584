/* SPDX-License-Identifier: Apache-2.0 */
/* places_view.h: the PLACES section of a snapshot, byte by byte, and the view over it and its neighbours.
 *
 * The section has its own text, so that it stays the same, and shared, while only measures change. All
 * integers are little endian, parts begin at multiples of 8, gaps are 0.
 *
 *   struct cdn_places_header, then the parts in the order of CDN_PLACES_PARTS
 *
 * Place ids are rows of PLACE: 0 is "none", then the countries by code (ISO 3166-1 and XK), the regions by
 * code (all regions of each country of which the rulebook names a region or a territory), the territories by
 * id.
 *
 * Always true of a view that cdn_places_open filled:
 *  1. rows of each kind are sorted by their code without duplicates, so that a code is found by bisection;
 *  2. a region's parent is its country or an enclosing region, up to eight steps; territories have none;
 *  3. memberships are sorted by (place, territory, from), those of one pair do not touch, and they are
 * complete: what lies in a part lies in the whole, so that one look-up finds every territory;
 *  4. every offset lies inside its part; all text is UTF-8. */
#ifndef CDN_PLACES_VIEW_H
#define CDN_PLACES_VIEW_H

#include "places/places.h"
#include "text/text.h"

enum { CDN_PLACES_VERSION = 1, CDN_PLACES_MAX = 65535 };

/* A slice of the TEXT part; the empty one is {0, 0}. */
struct cdn_pref {
    uint32_t at, n;
};
struct cdn_place_rec {
    uint8_t kind; /* 0 none, 1 country, 2 region, 3 territory: enum cdn_place_kind of the rulebook */
    uint8_t flags;
    uint16_t country;     /* packed; of a territory the only country that it lies in, 0: several or unknown */
    uint32_t parent;      /* place id, 0 none */
    struct cdn_pref code; /* "RU", "UA-43", "crimea" */
    struct cdn_pref name; /* common English name, or the territory's title */
};
/* During [from, until) all of `place` lies in `territory` (both are place ids). */
struct cdn_membership_rec {
    uint32_t place, territory;
    int64_t from, until;
};

/* PART(symbol, field, record type) */
#define CDN_PLACES_PARTS(PART)                                                                               \
    PART(PLACE, places, struct cdn_place_rec)                                                                \
    PART(MEMBERSHIP, memberships, struct cdn_membership_rec)                                                 \
    PART(COUNTRY, countries, uint16_t) /* place id by (first letter - 'A') * 26 + second letter - 'A' */     \
    PART(TEXT, text, char)
enum cdn_places_part {
#define PART(sym, field, type) CDN_PLACES_##sym,
    CDN_PLACES_PARTS(PART)
#undef PART
        CDN_PLACES_PART_COUNT
};
struct cdn_places_header {
    uint32_t version, part_count;
    struct {
        uint32_t offset, count; /* bytes from the start of the section; records */
    } parts[CDN_PLACES_PART_COUNT];
};
_Static_assert(sizeof(struct cdn_place_rec) == 24, "on-disk size");
_Static_assert(sizeof(struct cdn_membership_rec) == 24, "on-disk size");

struct cdn_places {
#define PART(sym, field, type) const type *field;
    CDN_PLACES_PARTS(PART)
#undef PART
    uint32_t count[CDN_PLACES_PART_COUNT];
    /* ids: countries [1, region_first), regions [region_first, territory_first), territories to the end */
    uint32_t region_first, territory_first;
};

/* `section` 8-aligned (CORDON_E_ARG), must outlive the view. CORDON_E_FORMAT, CORDON_E_VERSION. */
int cdn_places_open(cordon_str section, struct cdn_places *ret, struct cordon_error *e) CORDON_MUST_CHECK;

static inline cordon_str cdn_places_str(const struct cdn_places *p, struct cdn_pref r) {
    return (cordon_str){p->text + r.at, r.n};
}
/* The memberships of a place: [*ret_first, *ret_first + returned). */
uint32_t cdn_places_memberships(const struct cdn_places *p, uint32_t place, uint32_t *ret_first);

#endif
