/* SPDX-License-Identifier: Apache-2.0 */
/* codes_tax.c: tax numbers of Russia, Ukraine, Belarus and Kazakhstan; for the EU's members see codes_vat.c.
 *
 * 1. A number is what its check digits and length say; the country comes from the caller, because nine or ten
 *    digits alone say nothing.
 * 2. A register entry of a non-resident (Russian 9909…, Kazakh type 5, Spanish N) names the issuer and no
 * country; so do Russian tax offices in occupied territory of Ukraine, with the region where it is one.
 *
 * Sources: Russian order of the Federal Tax Service on the structure of the INN; Ukrainian EDRPOU and RNOKPP
 * rules of the State Statistics and Tax Services; Belarusian rules on the UNP; Kazakh standard on BIN and
 * IIN. */
#include "places/codes_priv.h"
#include "places/codes_tables.h"

#define RU CDN_COUNTRY('R', 'U')
#define UA CDN_COUNTRY('U', 'A')
#define BY CDN_COUNTRY('B', 'Y')
#define KZ CDN_COUNTRY('K', 'Z')

static int bad_form(cordon_str s, const char *what, struct cordon_error *e) {
    return cdn_fail(e, CORDON_E_SYNTAX, "`%.*s` is not %s", CDN_FMT(s), what);
}

/* Tax offices that Russia set up in occupied territory: first two digits of an INN. */
static const struct {
    char office[3], region[7];
} occupied[] = {
    {"90", "UA-23"}, {"91", "UA-43"}, {"92", "UA-40"}, {"93", "UA-14"}, {"94", "UA-09"}, {"95", "UA-65"}};

static int russian(cordon_str s, const char *p, size_t n, struct cdn_ident *ret, struct cordon_error *e) {
    static const int8_t w10[] = {2, 4, 10, 3, 5, 9, 4, 6, 8};
    static const int8_t w11[] = {7, 2, 4, 10, 3, 5, 9, 4, 6, 8};
    static const int8_t w12[] = {3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8};
    if ((n != 10 && n != 12) || !cdn_places_all_digits(p, n) || memcmp(p, "00", 2) == 0) {
        return bad_form(s, "an INN (10 digits for a company, 12 for a person)", e);
    }
    const bool right = n == 10 ? cdn_places_weighted(p, w10, 9) % 11 % 10 == p[9] - '0'
                               : cdn_places_weighted(p, w11, 10) % 11 % 10 == p[10] - '0' &&
                                     cdn_places_weighted(p, w12, 11) % 11 % 10 == p[11] - '0';
    if (!right) {
        return cdn_places_wrong_check(e, "INN", s);
    }
    ret->check = CDN_CHECK_OK;
    ret->country = RU;
    if (n == 10 && memcmp(p, "9909", 4) == 0) {
        ret->country = CDN_COUNTRY_NONE;
        ret->note = "a foreign organisation on the Russian tax register";
        return 0;
    }
    for (size_t i = 0; i < CDN_ARRAY_LEN(occupied); i++) {
        if (memcmp(p, occupied[i].office, 2) == 0) {
            ret->country = CDN_COUNTRY_NONE;
            ret->region = cdn_places_pack_region(cdn_str_z(occupied[i].region));
            ret->note = "first registered at a Russian tax office in occupied territory of Ukraine";
        }
    }
    return 0;
}

/* Two sums with weights w and w+2; a second remainder of 10 counts as 0. The order of w depends on the range.
 */
static int edrpou_check(const char *p) {
    static const int8_t low[] = {1, 2, 3, 4, 5, 6, 7}, middle[] = {7, 1, 2, 3, 4, 5, 6};
    const unsigned number = cdn_places_mod(p, 8, 100000000U);
    const int8_t *first = number < 30000000U || number > 60000000U ? low : middle;
    int8_t second[7];
    for (size_t i = 0; i < 7; i++) {
        second[i] = (int8_t)(first[i] + 2);
    }
    int check = cdn_places_weighted(p, first, 7) % 11;
    if (check == 10) {
        check = cdn_places_weighted(p, second, 7) % 11 % 10;
    }
    return check;
}

static int ukrainian(cordon_str s, const char *p, size_t n, struct cdn_ident *ret, struct cordon_error *e) {
    static const int8_t w[] = {-1, 5, 7, 9, 4, 6, 10, 5, 7};
    if ((n != 8 && n != 10) || !cdn_places_all_digits(p, n) || strspn(p, "0") == n) {
        return bad_form(s, "a Ukrainian number (EDRPOU has 8 digits, RNOKPP 10)", e);
    }
    if (n == 8 && edrpou_check(p) != p[7] - '0') {
        return cdn_places_wrong_check(e, "EDRPOU", s);
    }
    if (n == 10) {
        const int sum = cdn_places_weighted(p, w, 9) % 11;
        if ((sum + 11) % 11 % 10 != p[9] - '0') {
            return cdn_places_wrong_check(e, "RNOKPP", s);
        }
    }
    ret->check = CDN_CHECK_OK;
    ret->country = UA;
    return 0;
}

/* Persons' numbers begin with two letters, of Latin or (looking alike) Cyrillic script; the latter is
 * rewritten. */
static cordon_str latinised(cordon_str s, char *out, size_t size) {
    static const char cyrillic[] =
        "\xD0\x90\xD0\x92\xD0\xA1\xD0\x95\xD0\x9D\xD0\x9A\xD0\x9C\xD0\x9E\xD0\xA0\xD0\xA2";
    static const char latin[] = "ABCEHKMOPT";
    size_t n = 0;
    for (size_t i = 0; i < s.n && n < size; i++) {
        char c = s.p[i];
        for (size_t k = 0; i + 1 < s.n && k < sizeof latin - 1; k++) {
            if (memcmp(s.p + i, cyrillic + 2 * k, 2) == 0) {
                c = latin[k];
                i++;
                break;
            }
        }
        out[n++] = c;
    }
    return cdn_str(out, n);
}

static int belarusian(cordon_str s, const char *p, size_t n, struct cdn_ident *ret, struct cordon_error *e) {
    static const int8_t w[] = {29, 23, 19, 17, 13, 7, 5, 3};
    static const char letters[] = "ABCEHKMOPT";
    int sum = 0;
    bool right = n == 9 && cdn_places_all_digits(p + 2, 7) && memcmp(p, "000000000", 9) != 0;
    for (size_t i = 0; right && i < 8; i++) {
        int v = p[i] - '0';
        if (cdn_places_is_upper(p[i])) {
            const char *at = strchr(letters, p[i]);
            right = at != NULL && (i == 0 ? at - letters < 7 : cdn_places_is_upper(p[0]));
            v = i == 0 ? p[i] - 'A' + 10 : right ? (int)(at - letters) : 0;
        } else if (i == 1) {
            right = !cdn_places_is_upper(p[0]);
        }
        sum += v * w[i];
    }
    if (!right) {
        return bad_form(s, "an UNP (nine digits, or two letters and seven digits)", e);
    }
    if (sum % 11 != p[8] - '0') {
        return cdn_places_wrong_check(e, "UNP", s);
    }
    ret->check = CDN_CHECK_OK;
    ret->country = BY;
    return 0;
}

static int kazakh(cordon_str s, const char *p, size_t n, struct cdn_ident *ret, struct cordon_error *e) {
    static const int8_t w1[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11},
                        w2[] = {3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2};
    const unsigned month = n == 12 && cdn_places_all_digits(p, n) ? cdn_places_mod(p + 2, 2, 100) : 0;
    if (month < 1 || month > 12 || p[4] > '6') {
        return bad_form(s, "a BIN or IIN (12 digits that begin with a date)", e);
    }
    int check = cdn_places_weighted(p, w1, 11) % 11;
    if (check == 10) {
        check = cdn_places_weighted(p, w2, 11) % 11;
    }
    if (check != p[11] - '0') {
        return cdn_places_wrong_check(e, "BIN or IIN", s);
    }
    ret->check = CDN_CHECK_OK;
    ret->country = KZ;
    if (p[4] == '5') {
        ret->country = CDN_COUNTRY_NONE;
        ret->note = "a non-resident organisation on the Kazakh register";
    } else if (p[4] < '4' && p[6] == '0') {
        ret->note = "a foreign person on the Kazakh register";
    }
    return 0;
}

int cdn_tax_parse(cordon_str s, uint16_t country, struct cdn_ident *ret, struct cordon_error *e) {
    char p[CDN_IDENT_MAX + 1], latin[64];
    const cordon_str trimmed = cdn_str_trim(s);
    const cordon_str in = country == BY ? latinised(trimmed, latin, sizeof latin) : trimmed;
    const size_t n = cdn_places_compact(in, " -./", p, 20);
    if (n == SIZE_MAX || n == 0) {
        return bad_form(s, "a tax number", e);
    }
    struct cdn_ident id = cdn_places_ident(p, n);
    id.issuer = country;
    int err = 0;
    if (country == RU) {
        err = russian(s, p, n, &id, e);
    } else if (country == UA) {
        err = ukrainian(s, p, n, &id, e);
    } else if (country == BY) {
        err = belarusian(s, p, n, &id, e);
    } else if (country == KZ) {
        err = kazakh(s, p, n, &id, e);
    } else {
        const uint16_t prefix = cdn_places_vat_prefix(country);
        if (prefix == 0) {
            return cdn_fail(
                e, CORDON_E_NOTFOUND, "no rule for tax numbers of %s is known", cdn_country_name(country));
        }
        const bool british = country == CDN_COUNTRY('G', 'B') && n > 2 && memcmp(p, "GB", 2) == 0;
        const bool with = british || (n > 2 && CDN_COUNTRY(p[0], p[1]) == prefix);
        err = cdn_places_vat_body(prefix, with ? p + 2 : p, with ? n - 2 : n, &id, e);
    }
    if (err == 0) {
        *ret = id;
    }
    return err;
}
