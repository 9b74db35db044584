/* SPDX-License-Identifier: Apache-2.0 */
/* codes_misc.c: mobile country codes (E.212, table mcc.def), IMO ship numbers, AS numbers, postal code shape.
 */
#include "places/codes_priv.h"
#include "places/codes_tables.h"

static const struct mcc_row {
    char prefix[7];
    char issuer[3], country[3], region[7];
    const char *note;
} mccs[] = {
#define MCC(prefix, issuer, country, region, note) {prefix, issuer, country, region, note},
#include "places/mcc.def"
#undef MCC
};

static const struct mcc_row *find_mcc(const char *digits, size_t n) {
    const struct mcc_row *best = NULL;
    size_t best_n = 0;
    for (size_t i = 0; i < CDN_ARRAY_LEN(mccs); i++) {
        const size_t length = strlen(mccs[i].prefix);
        if (length <= n && length > best_n && memcmp(mccs[i].prefix, digits, length) == 0) {
            best = &mccs[i];
            best_n = length;
        }
    }
    return best;
}

int cdn_mcc_parse(cordon_str s, struct cdn_ident *ret, struct cordon_error *e) {
    char p[16];
    const size_t n = cdn_places_compact(cdn_str_trim(s), " -", p, 15);
    if (n == SIZE_MAX || !cdn_places_all_digits(p, n) || (n != 3 && n != 5 && n != 6 && n != 14 && n != 15)) {
        return cdn_fail(
            e, CORDON_E_SYNTAX, "`%.*s` is not a mobile country code, network code or IMSI", CDN_FMT(s));
    }
    const struct mcc_row *row = find_mcc(p, n);
    if (row == NULL) {
        return cdn_fail(e, CORDON_E_NAME, "no country has the mobile country code %.3s", p);
    }
    struct cdn_ident id = cdn_places_ident(p, n);
    id.issuer = cdn_places_lit(row->issuer);
    id.country = cdn_places_lit(row->country);
    id.region = cdn_places_pack_region(cdn_str_z(row->region));
    id.note = row->note;
    id.part_n = 3;
    *ret = id;
    return 0;
}

int cdn_imo_parse(cordon_str s, struct cdn_ident *ret, struct cordon_error *e) {
    static const int8_t weights[] = {7, 6, 5, 4, 3, 2};
    char p[16];
    cordon_str in = cdn_str_trim(s);
    if (in.n > 3 && cdn_str_eq_nocase(cdn_str(in.p, 3), CDN_STR("IMO"))) {
        in = cdn_str(in.p + 3, in.n - 3);
    }
    const size_t n = cdn_places_compact(in, " ", p, 15);
    if (n != 7 || !cdn_places_all_digits(p, n) || p[0] == '0') {
        return cdn_fail(e, CORDON_E_SYNTAX, "`%.*s` is not an IMO ship number (seven digits)", CDN_FMT(s));
    }
    if (cdn_places_weighted(p, weights, 6) % 10 != p[6] - '0') {
        return cdn_places_wrong_check(e, "IMO number", s);
    }
    struct cdn_ident id = cdn_places_ident(p, n);
    id.check = CDN_CHECK_OK;
    *ret = id;
    return 0;
}

/* RFC 7607, 6996, 5398, 6793, 7300 and IANA's reservations: never the origin of a route on the Internet. */
static bool asn_reserved(uint32_t v) {
    return v == 0 || v == 23456 || (v >= 64496 && v <= 131071) || v >= 4200000000U;
}

static bool asn_number(cordon_str s, uint64_t max, uint64_t *ret) {
    uint64_t v = 0;
    if (s.n == 0 || s.n > 10) {
        return false;
    }
    for (size_t i = 0; i < s.n; i++) {
        if (!cdn_places_is_digit(s.p[i])) {
            return false;
        }
        v = v * 10 + (uint64_t)(s.p[i] - '0');
    }
    *ret = v;
    return v <= max;
}

int cdn_asn_parse(cordon_str s, uint32_t *ret, struct cordon_error *e) {
    cordon_str in = cdn_str_trim(s), low;
    uint64_t high_value = 0, value = 0;
    if (in.n > 2 && cdn_str_eq_nocase(cdn_str(in.p, 2), CDN_STR("AS"))) {
        in = cdn_str(in.p + 2, in.n - 2);
    }
    const bool dotted = in.n > 0 && memchr(in.p, '.', in.n) != NULL;
    const cordon_str high = cdn_str_split(in, '.', &low);
    bool right = asn_number(high, dotted ? 65535 : UINT32_MAX, dotted ? &high_value : &value);
    right = right && (!dotted || asn_number(low, 65535, &value));
    if (!right) {
        return cdn_fail(e, CORDON_E_SYNTAX, "`%.*s` is not an AS number (AS0 to AS4294967295)", CDN_FMT(s));
    }
    const uint32_t asn = (uint32_t)(high_value << 16 | value);
    if (asn_reserved(asn)) {
        return cdn_fail(e, CORDON_E_RANGE, "AS%lu is reserved or private", (unsigned long)asn);
    }
    *ret = asn;
    return 0;
}

int cdn_postal_normal(cordon_str s, char ret[CDN_POSTAL_MAX + 1], struct cordon_error *e) {
    char p[CDN_POSTAL_MAX + 1];
    const size_t n = cdn_places_compact(cdn_str_trim(s), " -.", p, CDN_POSTAL_MAX);
    if (n == SIZE_MAX || n < 2) {
        return cdn_fail(e,
                        CORDON_E_SYNTAX,
                        "`%.*s` is not a postal code (2 to %d letters and digits)",
                        CDN_FMT(s),
                        CDN_POSTAL_MAX);
    }
    memcpy(ret, p, n + 1);
    return 0;
}
