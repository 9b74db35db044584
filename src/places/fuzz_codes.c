/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_codes.c: every parser of codes and identifiers on the same bytes; results must be coherent and parse
 * again. */
#include "places/codes.h"
#include "places/codes_fold.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool right) {
    if (!right) {
        __builtin_trap();
    }
}

static int phone(cordon_str s, struct cdn_ident *ret, struct cordon_error *e) {
    return cdn_phone_parse(s, 0, ret, e);
}

static void coherent(const struct cdn_ident *id) {
    check(id->n <= CDN_IDENT_MAX && strlen(id->value) == id->n);
    check(id->country == 0 || cdn_country_get(id->country) != NULL);
    check(id->issuer == 0 || cdn_country_get(id->issuer) != NULL);
    check(id->region == 0 || cdn_region_get(id->region) != NULL);
}

static void identifiers(cordon_str s) {
    static int (*const all[])(cordon_str, struct cdn_ident *, struct cordon_error *) = {cdn_iban_parse,
                                                                                        cdn_bic_parse,
                                                                                        cdn_mcc_parse,
                                                                                        cdn_vat_parse,
                                                                                        cdn_card_parse,
                                                                                        cdn_imo_parse,
                                                                                        phone,
                                                                                        cdn_host_parse,
                                                                                        cdn_email_parse};
    for (size_t i = 0; i < CDN_ARRAY_LEN(all); i++) {
        struct cdn_ident id, again;
        struct cordon_error e;
        memset(&e, 0, sizeof e);
        const int err = all[i](s, &id, &e);
        check(err == 0 || (err == e.code && e.message[0] != '\0'));
        if (err != 0) {
            continue;
        }
        coherent(&id);
        if (i < 6) { /* a normalised value is a value, and the same one */
            check(all[i](cdn_str(id.value, id.n), &again, NULL) == 0);
            check(memcmp(id.value, again.value, sizeof id.value) == 0 && id.country == again.country);
        }
    }
    static const char tax[][3] = {"RU", "UA", "BY", "KZ", "GB", "AT", "BE", "BG", "CY", "CZ", "DE",
                                  "DK", "EE", "GR", "ES", "FI", "FR", "HR", "HU", "IE", "IT", "LT",
                                  "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"};
    static const char homes[][3] = {"RU", "BY", "US", "IT", "HU", "LT", "MX", "AQ"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(tax); i++) {
        struct cdn_ident id;
        if (cdn_tax_parse(s, CDN_COUNTRY(tax[i][0], tax[i][1]), &id, NULL) == 0) {
            coherent(&id);
        }
    }
    for (size_t i = 0; i < CDN_ARRAY_LEN(homes); i++) {
        struct cdn_ident id;
        if (cdn_phone_parse(s, CDN_COUNTRY(homes[i][0], homes[i][1]), &id, NULL) == 0) {
            coherent(&id);
        }
    }
}

static void codes(cordon_str s) {
    uint16_t code = 0;
    uint32_t wide = 0;
    const struct cdn_former_country *former = NULL;
    struct cordon_error e;
    char text[CDN_COUNTRY_SUGGEST_SIZE], folded[CDN_PLACES_FOLD_MAX], twice[CDN_PLACES_FOLD_MAX],
        postal[CDN_POSTAL_MAX + 1];
    memset(&e, 0, sizeof e);
    check(cdn_country_any(s, &code, &e) != 0 || cdn_country_get(code) != NULL);
    check(cdn_country_parse(s, &code, &e) != 0 || cdn_country_get(code) != NULL);
    check(cdn_region_parse(s, &wide, &e) != 0 || cdn_region_get(wide) != NULL);
    check(cdn_region_by_name(CDN_COUNTRY('U', 'A'), s, &wide, &e) != 0 || cdn_region_get(wide) != NULL);
    check(cdn_currency_parse(s, &code, &e) != 0 || cdn_currency_get(code) != NULL);
    check(cdn_former_parse(s, &former, &e) != 0 || former != NULL);
    check(cdn_country_suggest(s, text) == 0 || text[2] == ' ');
    check(cdn_asn_parse(s, &wide, &e) != 0 || wide != 0);
    check(cdn_postal_normal(s, postal, &e) != 0 || strlen(postal) >= 2);
    const size_t n = cdn_places_fold(s, folded);
    if (n != SIZE_MAX) {
        check(cdn_places_fold(cdn_str(folded, n), twice) == n && memcmp(folded, twice, n) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const cordon_str s = cdn_str((const char *)data, size);
    identifiers(s);
    codes(s);
    return 0;
}
