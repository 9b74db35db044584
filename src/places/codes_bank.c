/* SPDX-License-Identifier: Apache-2.0 */
/* codes_bank.c: IBAN (ISO 13616, table iban.def), BIC (ISO 9362), card numbers (ISO/IEC 7812).
 *
 * The country of an IBAN or BIC is where the account or the bank's office is kept, not who holds the account.
 */
#include "places/codes_priv.h"

static const struct iban_row {
    char country[3];
    uint8_t length;
    char structure[20];
    uint8_t bank_at, bank_n;
    bool registered;
} ibans[] = {
#define IBAN(country, length, structure, bank_at, bank_n, registered)                                        \
    {country, length, structure, bank_at, bank_n, registered},
#include "places/iban.def"
#undef IBAN
};

static const struct iban_row *find_iban(uint16_t country) {
    for (size_t i = 0; i < CDN_ARRAY_LEN(ibans); i++) {
        if (cdn_places_lit(ibans[i].country) == country) {
            return &ibans[i];
        }
    }
    return NULL;
}

/* Whether p[0..n) has the structure; the structure's counts add up to n, which the tests show for the table.
 */
static bool has_structure(const char *structure, const char *p, size_t n) {
    size_t at = 0;
    while (*structure != '\0') {
        const char kind = *structure++;
        size_t count = 0;
        while (cdn_places_is_digit(*structure)) {
            count = count * 10 + (size_t)(*structure++ - '0');
        }
        for (; count > 0; count--, at++) {
            if (at >= n || (kind == 'n' && !cdn_places_is_digit(p[at])) ||
                (kind == 'a' && !cdn_places_is_upper(p[at]))) {
                return false;
            }
        }
    }
    return at == n;
}

/* ISO 7064 MOD 97-10 with the first four characters moved to the end, letters as 10..35. */
static unsigned iban_mod97(const char *p, size_t n) {
    unsigned r = 0;
    for (size_t i = 0; i < n; i++) {
        const char c = p[(i + 4) % n];
        if (cdn_places_is_digit(c)) {
            r = (r * 10 + (unsigned)(c - '0')) % 97;
        } else {
            r = (r * 100 + (unsigned)(c - 'A') + 10) % 97;
        }
    }
    return r;
}

int cdn_iban_parse(cordon_str s, struct cdn_ident *ret, struct cordon_error *e) {
    char p[CDN_IDENT_MAX + 1];
    cordon_str in = cdn_str_trim(s);
    if (in.n > 5 && cdn_str_eq_nocase(cdn_str(in.p, 5), CDN_STR("IBAN "))) {
        in = cdn_str(in.p + 5, in.n - 5);
    }
    const size_t n = cdn_places_compact(in, " -", p, CDN_IDENT_MAX);
    if (n == SIZE_MAX || n < 5 || !cdn_places_is_upper(p[0]) || !cdn_places_is_upper(p[1]) ||
        !cdn_places_all_digits(p + 2, 2)) {
        return cdn_fail(e,
                        CORDON_E_SYNTAX,
                        "`%.*s` is not an IBAN (two letters, two digits, up to 30 characters)",
                        CDN_FMT(s));
    }
    const uint16_t country = CDN_COUNTRY(p[0], p[1]);
    const struct iban_row *row = find_iban(country);
    if (row == NULL) {
        return cdn_fail(e, CORDON_E_NAME, "no IBAN begins with %.2s", p);
    }
    if (n != row->length) {
        return cdn_fail(e,
                        CORDON_E_SYNTAX,
                        "an IBAN of %s has %u characters, not %zu",
                        row->country,
                        (unsigned)row->length,
                        n);
    }
    if (!has_structure(row->structure, p + 4, n - 4)) {
        return cdn_fail(e,
                        CORDON_E_SYNTAX,
                        "`%.*s` has not the structure of an IBAN of %s (%s)",
                        CDN_FMT(s),
                        row->country,
                        row->structure);
    }
    const unsigned check = (unsigned)(p[2] - '0') * 10 + (unsigned)(p[3] - '0');
    if (check < 2 || check > 98 || iban_mod97(p, n) != 1) {
        return cdn_places_wrong_check(e, "IBAN", s);
    }
    struct cdn_ident id = cdn_places_ident(p, n);
    id.check = CDN_CHECK_OK;
    id.issuer = id.country = country;
    id.part_at = (uint8_t)(row->bank_n == 0 ? 0 : 4 + row->bank_at);
    id.part_n = row->bank_n;
    id.note = row->registered ? NULL : "this country's IBAN is not in the ISO 13616 registry";
    *ret = id;
    return 0;
}

int cdn_bic_parse(cordon_str s, struct cdn_ident *ret, struct cordon_error *e) {
    char p[12];
    const size_t n = cdn_places_compact(cdn_str_trim(s), " ", p, 11);
    bool right = n == 8 || n == 11;
    for (size_t i = 4; right && i < 6; i++) {
        right = cdn_places_is_upper(p[i]);
    }
    if (!right) { /* ISO 9362:2014 lets the first four be digits as well; SWIFT's are letters */
        return cdn_fail(e,
                        CORDON_E_SYNTAX,
                        "`%.*s` is not a BIC (8 or 11 characters, the country at 5 and 6)",
                        CDN_FMT(s));
    }
    const uint16_t country = CDN_COUNTRY(p[4], p[5]);
    if (cdn_country_get(country) == NULL) {
        return cdn_fail(e, CORDON_E_NAME, "`%.*s` is not a BIC: %.2s is not a country", CDN_FMT(s), p + 4);
    }
    struct cdn_ident id = cdn_places_ident(p, n);
    id.issuer = id.country = country;
    id.part_n = 4;
    if (p[7] == '0') {
        id.note = "a test BIC: no payments go there";
    }
    *ret = id;
    return 0;
}

int cdn_card_parse(cordon_str s, struct cdn_ident *ret, struct cordon_error *e) {
    char p[20];
    const size_t n = cdn_places_compact(cdn_str_trim(s), " -", p, 19);
    if (n == SIZE_MAX || n < 12 || !cdn_places_all_digits(p, n)) {
        /* The number itself is not repeated: messages end up in logs. */
        return cdn_fail(e, CORDON_E_SYNTAX, "not a card number (12 to 19 digits)");
    }
    if (!cdn_places_luhn(p, n) || strspn(p, "0") == n) {
        return cdn_fail(e, CORDON_E_DIGEST, "the check digit of the card number is wrong");
    }
    struct cdn_ident id = cdn_places_ident(p, n);
    id.check = CDN_CHECK_OK;
    id.part_n = 8;
    *ret = id;
    return 0;
}
