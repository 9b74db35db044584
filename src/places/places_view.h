/* SPDX-License-Identifier: Apache-2.0 */
/* places_view.h: the PLACES section, byte by byte, and the view over it that look-ups use.
 *
 * Little endian; a header with a directory of tables, then the tables, each 8-aligned. Strings are runs of
 * bytes in the table P_TEXT. Made by compile/places_build.c, checked once by cdn_places_open, then trusted.
 *
 * Invariants that cdn_places_open checks:
 *  1. every table lies in the section, every string in P_TEXT (UTF-8), every place id below place_count;
 *  2. P_PLACE row 0 is the empty place; countries come first in order of code, then regions in order of
 *     code (as cdn_region_parse packs it), then territories;
 *  3. P_MEMBER is sorted by place, P_MEMBERAT[place] … [place+1] is its run; P_POSTAL, P_PHONE, P_ASN and
 *     P_PREFIX are sorted by their keys;
 *  4. P_NAMESLOT is a power of two, at most half full, and every row of P_NAME is found in it;
 *  5. an area has 3 points or more. */
#ifndef CDN_PLACES_VIEW_H
#define CDN_PLACES_VIEW_H

#include "places/iin.h"
#include "places/ip.h"
#include "places/places.h"
#include "text/text.h"

enum { CDN_PLACES_VERSION = 1, CDN_PLACES_CODES = 26 * 26, CDN_NAME_WORDS = 6 };

enum cdn_places_table {
    CDN_P_PLACE,
    CDN_P_COUNTRY,
    CDN_P_MEMBERAT,
    CDN_P_MEMBER,
    CDN_P_WITHIN,
    CDN_P_NAMESLOT,
    CDN_P_NAME,
    CDN_P_NAMEREF,
    CDN_P_POSTAL,
    CDN_P_PHONE,
    CDN_P_ASN,
    CDN_P_PREFIX,
    CDN_P_AREA,
    CDN_P_POINT,
    CDN_P_TEXT,
    CDN_P_COUNT
};
struct cdn_places_header {
    uint32_t version, place_count;
    struct {
        uint32_t offset, count; /* bytes from the section's start; rows (P_TEXT: bytes) */
    } tables[CDN_P_COUNT];
};
struct cdn_p_text {
    uint32_t at, n;
};
struct cdn_p_place {
    struct cdn_p_text code, title; /* "RU", "UA-43", "crimea" */
    uint8_t kind;                  /* 0 none, 1 country, 2 region, 3 territory */
    uint8_t any_context;           /* territory: names count everywhere */
    uint16_t country; /* packed; territory: the first country it lies within (its worldview), 0 none */
    uint32_t within, within_count; /* territory: packed countries in P_WITHIN */
};
/* Place `place` is a part of territory `territory` from … until (or expressly not). */
struct cdn_p_member {
    uint16_t place, territory;
    uint32_t exclude;
    int64_t from, until;
};
struct cdn_p_nameslot {
    uint32_t hash, name; /* high half of cdn_hash(folded, 0); row of P_NAME + 1, 0 free */
};
struct cdn_p_name {
    struct cdn_p_text folded; /* words joined by single spaces */
    uint32_t ref, ref_count;  /* P_NAMEREF */
};
enum cdn_p_name_kind {
    CDN_NAME_COUNTRY = 1, /* names a country */
    CDN_NAME_REGION,      /* names a region; counts in its country's context */
    CDN_NAME_TERRITORY,   /* names a territory, or a town in it, without ambiguity */
    CDN_NAME_AMBIGUOUS,   /* a town that has namesakes */
    CDN_NAME_OUTSIDE,     /* names a place that is not in the territory */
    CDN_NAME_STREET,      /* "street", "ul", "вул": the name beside it is a street's */
    CDN_NAME_TWO          /* a country name that means two ("Korea"): place is one of them */
};
struct cdn_p_nameref {
    uint16_t place;
    uint8_t kind, pad;
    uint32_t clear_in; /* AMBIGUOUS: packed country in whose context it is clear, 0 none */
    int64_t from, until;
};
#define CDN_POSTAL_BYTES 12
struct cdn_p_postal { /* sorted by country, first */
    uint16_t country, place;
    uint32_t length;
    char first[CDN_POSTAL_BYTES], last[CDN_POSTAL_BYTES];
    int64_t from, until;
};
#define CDN_PHONE_BYTES 16
struct cdn_p_phone {              /* sorted by digits */
    char digits[CDN_PHONE_BYTES]; /* without +, NUL-padded */
    uint32_t length;
    uint16_t place, pad;
    int64_t from, until;
};
struct cdn_p_asn {
    uint32_t asn;
    uint16_t place, pad;
    int64_t from, until;
};
struct cdn_p_prefix { /* v4 addresses as ::ffff:a.b.c.d; sorted by first */
    uint8_t first[16], last[16];
    uint32_t place, pad;
    int64_t from, until;
};
struct cdn_p_area {
    uint32_t place, point, point_count, pad;
    int64_t from, until;
};
struct cdn_p_point {
    int32_t latitude, longitude;
};
_Static_assert(sizeof(struct cdn_p_place) == 28 && sizeof(struct cdn_p_member) == 24, "on-disk size");
_Static_assert(sizeof(struct cdn_p_nameref) == 24 && sizeof(struct cdn_p_postal) == 48, "on-disk size");
_Static_assert(sizeof(struct cdn_p_phone) == 40 && sizeof(struct cdn_p_prefix) == 56, "on-disk size");
_Static_assert(sizeof(struct cdn_p_asn) == 24 && sizeof(struct cdn_p_area) == 32, "on-disk size");

struct cdn_places {
    const struct cdn_p_place *places;
    const uint16_t *country_ids; /* [CDN_PLACES_CODES] */
    const uint32_t *member_at;   /* [place_count + 1] */
    const struct cdn_p_member *members;
    const uint16_t *within;
    const struct cdn_p_nameslot *slots;
    const struct cdn_p_name *names;
    const struct cdn_p_nameref *refs;
    const struct cdn_p_postal *postal;
    const struct cdn_p_phone *phones;
    const struct cdn_p_asn *asns;
    const struct cdn_p_prefix *prefixes;
    const struct cdn_p_area *areas;
    const struct cdn_p_point *points;
    const char *text;
    uint32_t place_count, slot_mask, name_count, postal_count, phone_count, asn_count, prefix_count,
        area_count;
    struct cdn_text fold; /* FOLD section */
    bool has_fold;
    struct cdn_ip_table ip; /* GEO section */
    bool has_ip;
    struct cdn_iin_table iin; /* IIN section */
    bool has_iin;
    uint32_t geo_max_age_days, geo_max_radius_km; /* 0: no limit */
};

/* Checks everything; fold, ip and iin are set by the caller afterwards. */
int cdn_places_open(cordon_str section, struct cdn_places *ret, struct cordon_error *e) CORDON_MUST_CHECK;

#endif
