/* SPDX-License-Identifier: Apache-2.0 */
/* codes_region.c: ISO 3166-2 regions: by code (binary search), by name within a country, upwards by parent.
 *
 * 1. The regions of a country are one run of the table, because the country is the high half of the code.
 * 2. Parents exist and end at 0; the generator has checked the first, and the walk upwards is bounded. */
#include "places/codes.h"
#include "places/codes_fold.h"
#include "places/codes_tables.h"

#define PARENTS_MAX 4 /* levels in ISO 3166-2; three are used */

/* First index whose code is not below `code`. */
static size_t lower_bound(uint32_t code) {
    size_t low = 0, high = cdn_places_region_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (cdn_places_regions[middle].code < code) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const struct cdn_region *cdn_region_get(uint32_t code) {
    const size_t i = lower_bound(code);
    return i < cdn_places_region_count && cdn_places_regions[i].code == code ? &cdn_places_regions[i] : NULL;
}

const char *cdn_region_name(uint32_t code) {
    const struct cdn_region *r = cdn_region_get(code);
    return r == NULL ? "" : r->name;
}

void cdn_region_text(uint32_t code, char ret[CDN_REGION_TEXT_SIZE]) {
    static const char digits[] = "\0000123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const uint32_t part = code & 0xFFFFU;
    if (code == 0) {
        memcpy(ret, "--", 3);
        return;
    }
    ret[0] = (char)(code >> 24);
    ret[1] = (char)(code >> 16 & 0xFF);
    ret[2] = '-';
    ret[3] = digits[part / (37 * 37) % 37];
    ret[4] = digits[part / 37 % 37];
    ret[5] = digits[part % 37];
    ret[6] = '\0';
}

size_t cdn_region_count(void) {
    return cdn_places_region_count;
}

const struct cdn_region *cdn_region_at(size_t i) {
    return i < cdn_places_region_count ? &cdn_places_regions[i] : NULL;
}

size_t cdn_region_range(uint16_t country, size_t *ret_first) {
    const size_t first = lower_bound((uint32_t)country << 16);
    const size_t after = lower_bound(((uint32_t)country << 16) + 0x10000U);
    *ret_first = first;
    return country == 0 || after < first ? 0 : after - first;
}

int cdn_region_parse(cordon_str s, uint32_t *ret, struct cordon_error *e) {
    const uint32_t code = cdn_places_pack_region(s);
    if (code == 0) {
        return cdn_fail(e,
                        CORDON_E_SYNTAX,
                        "`%.*s` is not a region code (a country, a dash, one to three characters)",
                        CDN_FMT(s));
    }
    if (cdn_region_get(code) != NULL) {
        *ret = code;
        return 0;
    }
    const uint16_t country = cdn_region_country(code);
    if (cdn_country_get(country) == NULL) {
        uint16_t unused = 0;
        return cdn_country_parse(cdn_str(s.p, 2), &unused, e); /* names the country that was meant */
    }
    (void)cdn_fail(e, CORDON_E_NAME, "%s has no region `%.*s`", cdn_country_name(country), CDN_FMT(s));
    size_t first = 0;
    const size_t count = cdn_region_range(country, &first);
    if (count == 0) {
        cdn_error_hint(e, "ISO 3166-2 divides this country into no regions");
    } else {
        char low[CDN_REGION_TEXT_SIZE], high[CDN_REGION_TEXT_SIZE];
        cdn_region_text(cdn_places_regions[first].code, low);
        cdn_region_text(cdn_places_regions[first + count - 1].code, high);
        cdn_error_hint(e,
                       "it has %zu, from %s (%s) to %s (%s)",
                       count,
                       low,
                       cdn_places_regions[first].name,
                       high,
                       cdn_places_regions[first + count - 1].name);
    }
    return CORDON_E_NAME;
}

int cdn_region_by_name(uint16_t country, cordon_str s, uint32_t *ret, struct cordon_error *e) {
    char wanted[CDN_PLACES_FOLD_MAX], name[CDN_PLACES_FOLD_MAX];
    const size_t n = cdn_places_fold(s, wanted);
    size_t first = 0;
    const size_t count = cdn_region_range(country, &first);
    const struct cdn_region *found = NULL;
    struct cdn_suggest near;
    cdn_suggest_init(&near, s);
    for (size_t i = first; n != SIZE_MAX && n != 0 && i < first + count; i++) {
        const struct cdn_region *r = &cdn_places_regions[i];
        const size_t length = cdn_places_fold(cdn_str_z(r->name), name);
        cdn_suggest_offer(&near, cdn_str_z(r->name));
        if (length != n || memcmp(name, wanted, n) != 0) {
            continue;
        }
        if (found != NULL) {
            char a[CDN_REGION_TEXT_SIZE], b[CDN_REGION_TEXT_SIZE];
            cdn_region_text(found->code, a);
            cdn_region_text(r->code, b);
            (void)cdn_fail(e,
                           CORDON_E_CONFLICT,
                           "more than one region of %s is called `%.*s`",
                           cdn_country_name(country),
                           CDN_FMT(s));
            cdn_error_hint(e, "write %s (%s) or %s (%s)", a, found->type, b, r->type);
            return CORDON_E_CONFLICT;
        }
        found = r;
    }
    if (found == NULL) {
        (void)cdn_fail(
            e, CORDON_E_NAME, "no region of %s is called `%.*s`", cdn_country_name(country), CDN_FMT(s));
        if (cdn_suggest_found(&near)) {
            cdn_error_hint(e, "did you mean `%.*s`?", CDN_FMT(near.best));
        }
        return CORDON_E_NAME;
    }
    *ret = found->code;
    return 0;
}

bool cdn_region_within(uint32_t region, uint32_t outer) {
    for (int i = 0; i < PARENTS_MAX && region != 0; i++) {
        if (region == outer) {
            return true;
        }
        const struct cdn_region *r = cdn_region_get(region);
        region = r == NULL ? 0 : r->parent;
    }
    return false;
}
