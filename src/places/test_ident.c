/* SPDX-License-Identifier: Apache-2.0 */
/* test_ident.c: identifiers that name a country: published examples, each wrong digit, and what is left open.
 */
#include "places/codes.h"
#include "support/fault.h"
#include "support/rnd.h"

typedef int (*parse_fn)(cordon_str s, struct cdn_ident *ret, struct cordon_error *e);

static uint16_t cc(const char *two) {
    return two[0] == '\0' ? 0 : CDN_COUNTRY(two[0], two[1]);
}

static void same_country(const char *what, uint16_t is, const char *should) {
    if (is != cc(should)) {
        char text[3];
        cdn_country_text(is, text);
        fail_msg("`%s` names %s, not `%s`", what, text, should);
    }
}

/* ---- telephone -------------------------------------------------------------------------------------- */

static void phone_is(const char *z,
                     const char *home,
                     const char *digits,
                     const char *issuer,
                     const char *country,
                     const char *region) {
    struct cdn_ident id;
    struct cordon_error e = {0};
    char text[CDN_REGION_TEXT_SIZE];
    if (cdn_phone_parse(cdn_str_z(z), cc(home), &id, &e) != 0) {
        fail_msg("`%s`: %s", z, e.message);
    }
    assert_string_equal(id.value, digits);
    assert_int_equal(id.n, strlen(digits));
    same_country(z, id.issuer, issuer);
    same_country(z, id.country, country);
    cdn_region_text(id.region, text);
    assert_string_equal(id.region == 0 ? "" : text, region);
    assert_true(id.country != 0 || id.note != NULL);
}

static void international_numbers(void **state) {
    (void)state;
    phone_is("+7 (495) 123-45-67", "", "74951234567", "RU", "RU", "");
    phone_is("+7 701 111 22 33", "", "77011112233", "KZ", "KZ", "");
    phone_is("+76001112233", "", "76001112233", "KZ", "KZ", "");
    phone_is("+380 44 123 4567", "", "380441234567", "UA", "UA", "UA-30");
    phone_is("00380441234567", "", "380441234567", "UA", "UA", "UA-30");
    phone_is("tel:+375-29-123-45-67;ext=5", "", "375291234567", "BY", "BY", "");
    phone_is("+44 (0)20 7946 0958 x12", "", "442079460958", "GB", "GB", "");
    phone_is("+39 06 4982 1234", "", "390649821234", "IT", "IT", "");
    phone_is("+39 06 698 12345", "", "390669812345", "IT", "VA", "");
    phone_is("+1 212 555 0123", "", "12125550123", "US", "US", "");
    phone_is("+1-416-555-0123", "", "14165550123", "CA", "CA", "");
    phone_is("+1 876 555 0123", "", "18765550123", "JM", "JM", "");
    phone_is("+44 1534 123456", "", "441534123456", "GB", "JE", "");
    phone_is("+44 1624 123456", "", "441624123456", "GB", "IM", "");
    phone_is("+44 1481 256789", "", "441481256789", "GB", "GG", "");
    phone_is("+383 44 123 456", "", "38344123456", "XK", "XK", "");
    phone_is("+599 9 431 2345", "", "59994312345", "CW", "CW", "");
    phone_is("+599 7171234", "", "5997171234", "BQ", "BQ", "BQ-BO");
    phone_is("+590 590 27 12 34", "", "590590271234", "GP", "", "");
    phone_is("+590 590 50 12 34", "", "590590501234", "GP", "MF", "");
    phone_is("+262 262 12 34 56", "", "262262123456", "RE", "RE", "");
    phone_is("+262 639 12 34 56", "", "262639123456", "RE", "YT", "");
    phone_is("+358 18 12345", "", "3581812345", "FI", "AX", "");
    phone_is("+212 528 812345", "", "212528812345", "MA", "EH", "");
    phone_is("+800 1234 5678", "", "80012345678", "", "", "");
    phone_is("+1 800 555 0199", "", "18005550199", "", "", "");
}

static void contested_prefixes_name_the_plan_and_the_place_but_no_country(void **state) {
    (void)state;
    phone_is("+7 365 212 34 56", "", "73652123456", "RU", "", "UA-43");
    phone_is("+7 869 212 34 56", "", "78692123456", "RU", "", "UA-40");
    phone_is("+7 978 123 45 67", "", "79781234567", "RU", "", "");
    phone_is("+7 949 123 45 67", "", "79491234567", "RU", "", "UA-14");
    phone_is("+7 959 123 45 67", "", "79591234567", "RU", "", "UA-09");
    phone_is("+7 840 212 34 56", "", "78402123456", "RU", "", "GE-AB");
    phone_is("+7 940 212 34 56", "", "79402123456", "RU", "", "GE-AB");
    phone_is("+380 65 212 3456", "", "380652123456", "UA", "UA", "UA-43");
    phone_is("+380 692 12 3456", "", "380692123456", "UA", "UA", "UA-40");
}

static void national_numbers_need_a_country(void **state) {
    (void)state;
    phone_is("8 (495) 123-45-67", "RU", "74951234567", "RU", "RU", "");
    phone_is("495 123 45 67", "RU", "74951234567", "RU", "RU", "");
    phone_is("8 701 111 22 33", "KZ", "77011112233", "KZ", "KZ", "");
    phone_is("8 701 111 22 33", "RU", "77011112233", "KZ", "KZ", "");
    phone_is("044 123 45 67", "UA", "380441234567", "UA", "UA", "UA-30");
    phone_is("8 029 123 45 67", "BY", "375291234567", "BY", "BY", "");
    phone_is("020 7946 0958", "GB", "442079460958", "GB", "GB", "");
    phone_is("06 4982 1234", "IT", "390649821234", "IT", "IT", "");
    phone_is("(212) 555-0123", "CA", "12125550123", "US", "US", "");
    phone_is("1 416 555 0123", "US", "14165550123", "CA", "CA", "");
    phone_is("011 44 20 7946 0958", "US", "442079460958", "GB", "GB", "");
    phone_is("8 10 380 44 123 45 67", "RU", "380441234567", "UA", "UA", "UA-30");
    phone_is("+49 30 123456", "RU", "4930123456", "DE", "DE", "");
}

static void refuses(parse_fn f, const char *z, int code) {
    struct cdn_ident id = {.n = 99};
    struct cordon_error e = {0};
    const int err = f(cdn_str_z(z), &id, &e);
    if (err != code || e.code != code || id.n != 99 || e.message[0] == '\0') {
        fail_msg(
            "`%s`: %d (%s) instead of %d, value `%s`", z, err, e.message, code, err == 0 ? id.value : "");
    }
}

static int phone_anywhere(cordon_str s, struct cdn_ident *ret, struct cordon_error *e) {
    return cdn_phone_parse(s, 0, ret, e);
}

static void bad_numbers(void **state) {
    (void)state;
    const char *const syntax[] = {"",
                                  "+",
                                  "12",
                                  "4951234567",
                                  "380441234567",
                                  "+7 495 123 45 6",
                                  "+7 495 123 45 678",
                                  "+1 800 FLOWERS",
                                  "+7+4951234567",
                                  "+123456789012345678901",
                                  "++",
                                  "abc",
                                  "+44"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(syntax); i++) {
        refuses(phone_anywhere, syntax[i], CORDON_E_SYNTAX);
    }
    refuses(phone_anywhere, "+210 123 4567", CORDON_E_NAME);
    refuses(phone_anywhere, "+999 123 4567", CORDON_E_NAME);
    refuses(phone_anywhere, "+7 523 123 45 67", CORDON_E_NAME);
    refuses(phone_anywhere, "+1 211 555 0123", CORDON_E_NAME);
    struct cdn_ident id;
    assert_int_equal(cdn_phone_parse(CDN_STR("123456"), cc("AQ"), &id, NULL), CORDON_E_NOTFOUND);
    assert_int_equal(cdn_phone_parse(CDN_STR("12345"), cc("RU"), &id, NULL), CORDON_E_SYNTAX);
}

/* ---- banks ------------------------------------------------------------------------------------------- */

/* Published examples: the IBAN registry's and those of the countries' central banks. */
static const char *const ibans[] = {"GB82 WEST 1234 5698 7654 32",
                                    "DE89 3704 0044 0532 0130 00",
                                    "FR14 2004 1010 0505 0001 3M02 606",
                                    "UA21 3223 1300 0002 6007 2335 6600 1",
                                    "BY13 NBRB 3600 9000 0000 2Z00 AB00",
                                    "KZ86 125K ZT50 0410 0100",
                                    "RU03 0445 2522 5408 1781 0538 0913 1041 9",
                                    "NO93 8601 1117 947",
                                    "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
                                    "XK05 1212 0123 4567 8906",
                                    "GR16 0110 1250 0000 0001 2300 695",
                                    "SA03 8000 0000 6080 1016 7519",
                                    "CH93 0076 2011 6238 5295 7",
                                    "TR33 0006 1005 1978 6457 8413 26",
                                    "GE29 NB00 0000 0101 9049 17",
                                    "AZ21 NABZ 0000 0000 1370 1000 1944",
                                    "IL62 0108 0000 0009 9999 999",
                                    "LC14 BOSL 1234 5678 9012 3456 7890 1234",
                                    "NL91 ABNA 0417 1643 00",
                                    "BR15 0000 0000 0000 1093 2840 814P 2",
                                    "BE68 5390 0754 7034"};

static void published_ibans(void **state) {
    (void)state;
    for (size_t i = 0; i < CDN_ARRAY_LEN(ibans); i++) {
        struct cdn_ident id;
        struct cordon_error e = {0};
        if (cdn_iban_parse(cdn_str_z(ibans[i]), &id, &e) != 0) {
            fail_msg("`%s`: %s", ibans[i], e.message);
        }
        assert_int_equal(id.country, CDN_COUNTRY(ibans[i][0], ibans[i][1]));
        assert_int_equal(id.check, CDN_CHECK_OK);
        assert_true(id.part_n > 0 && id.part_at >= 4 && id.part_at + id.part_n <= id.n);
    }
    struct cdn_ident id;
    assert_int_equal(cdn_iban_parse(CDN_STR("iban ua213223130000026007233566001"), &id, NULL), 0);
    assert_memory_equal(id.value + id.part_at, "322313", 6);
    assert_null(id.note);
}

static void bad_ibans(void **state) {
    (void)state;
    refuses(cdn_iban_parse, "", CORDON_E_SYNTAX);
    refuses(cdn_iban_parse, "GB82", CORDON_E_SYNTAX);
    refuses(cdn_iban_parse, "GB82 WEST 1234 5698 7654 3", CORDON_E_SYNTAX);
    refuses(cdn_iban_parse, "GB82 1EST 1234 5698 7654 32", CORDON_E_SYNTAX);
    refuses(cdn_iban_parse, "GB82 WEST 1234 5698 7654 3\xC3\xA9", CORDON_E_SYNTAX);
    refuses(cdn_iban_parse, "US64 SVBK US6S 3300 9586 71", CORDON_E_NAME);
    refuses(cdn_iban_parse, "GG82 WEST 1234 5698 7654 32", CORDON_E_NAME);
    refuses(cdn_iban_parse, "GB83 WEST 1234 5698 7654 32", CORDON_E_DIGEST);
    struct cordon_error e = {0};
    struct cdn_ident id;
    assert_int_equal(cdn_iban_parse(CDN_STR("GB82WEST123456987654321"), &id, &e), CORDON_E_SYNTAX);
    assert_non_null(strstr(e.message, "22"));
}

static void bics(void **state) {
    (void)state;
    static const struct {
        const char *bic, *country;
    } rows[] = {{"SABRRUMM", "RU"},
                {"sabrrummxxx", "RU"},
                {"DEUTDEFF500", "DE"},
                {"PBANUA2X", "UA"},
                {"NWBKGB2L", "GB"},
                {"AKBBBY2X", "BY"},
                {"CASPKZKA", "KZ"},
                {"NCBVXKPR", "XK"}};
    for (size_t i = 0; i < CDN_ARRAY_LEN(rows); i++) {
        struct cdn_ident id;
        assert_int_equal(cdn_bic_parse(cdn_str_z(rows[i].bic), &id, NULL), 0);
        same_country(rows[i].bic, id.country, rows[i].country);
        assert_int_equal(id.check, CDN_CHECK_NONE);
    }
    refuses(cdn_bic_parse, "SABRRUM", CORDON_E_SYNTAX);
    refuses(cdn_bic_parse, "SABRRUMMX", CORDON_E_SYNTAX);
    refuses(cdn_bic_parse, "SABR1UMM", CORDON_E_SYNTAX);
    refuses(cdn_bic_parse, "SABRZZMM", CORDON_E_NAME);
}

/* ---- check digits ------------------------------------------------------------------------------------- */

struct numbered {
    const char *country, *value; /* country "": the parser knows */
    const char *says;            /* country of the result */
    bool every_digit;            /* the scheme finds each wrong single digit */
};

static const struct numbered tax_numbers[] = {
    {"RU", "7707083893", "RU", false},   /* Sberbank */
    {"RU", "7736050003", "RU", false},   /* Gazprom */
    {"RU", "500100732259", "RU", false}, /* the tax service's example of a person */
    {"UA", "14360570", "UA", false},     /* PrivatBank */
    {"UA", "00032129", "UA", false},     /* Oschadbank */
    {"UA", "1759013776", "UA", false},     {"BY", "100325912", "BY", true}, /* Belarusbank */
    {"BY", "200988541", "BY", true},       {"BY", "MA1953684", "BY", false},
    {"KZ", "971240001315", "KZ", false}, /* Kaspi Bank */
    {"KZ", "940140000385", "KZ", false}, /* Halyk Bank */
    {"GB", "GB 980 7806 84", "GB", false}, {"AT", "ATU13585627", "AT", true},
    {"BE", "BE0428759497", "BE", true},    {"BG", "175074752", "BG", false},
    {"CY", "CY10259033P", "CY", false},    {"CZ", "25123891", "CZ", false},
    {"CZ", "7103192745", "CZ", false},     {"DE", "DE136695976", "DE", true},
    {"DE", "DE129273398", "DE", true}, /* BMW */
    {"DK", "13585628", "DK", true},        {"EE", "100931558", "EE", true},
    {"GR", "EL094259216", "GR", false},    {"ES", "ESB58378431", "ES", true},
    {"ES", "54362315K", "ES", true},       {"ES", "X2482300W", "ES", true},
    {"FI", "20774740", "FI", true},        {"FR", "40303265045", "FR", true},
    {"FR", "K7399859412", "FR", false},    {"HR", "33392005961", "HR", true},
    {"HU", "12892312", "HU", true},        {"IE", "6433435F", "IE", true},
    {"IE", "6433435OA", "IE", true},       {"IE", "8D79739I", "IE", true},
    {"IT", "00743110157", "IT", true},     {"LT", "119511515", "LT", false},
    {"LT", "100001919017", "LT", false},   {"LU", "15027442", "LU", false},
    {"LV", "40003521600", "LV", false},    {"MT", "11679112", "MT", false},
    {"NL", "NL004495445B01", "NL", false}, {"PL", "8567346215", "PL", true},
    {"PT", "501964843", "PT", false},      {"RO", "RO18547290", "RO", false},
    {"SE", "123456789701", "SE", false},   {"SI", "50223054", "SI", false},
    {"SK", "2022749619", "SK", true},
};

static void published_tax_numbers(void **state) {
    (void)state;
    for (size_t i = 0; i < CDN_ARRAY_LEN(tax_numbers); i++) {
        const struct numbered *t = &tax_numbers[i];
        struct cdn_ident id;
        struct cordon_error e = {0};
        if (cdn_tax_parse(cdn_str_z(t->value), cc(t->country), &id, &e) != 0) {
            fail_msg("%s `%s`: %s (%s)", t->country, t->value, e.message, e.hint);
        }
        same_country(t->value, id.country, t->says);
        same_country(t->value, id.issuer, t->country);
        assert_int_equal(id.check, CDN_CHECK_OK);
    }
}

/* Changes each digit to each other digit; every change must be refused where the scheme promises it. */
static void wrong_digits_are_found(void **state) {
    (void)state;
    size_t tried = 0, found = 0;
    for (size_t i = 0; i < CDN_ARRAY_LEN(tax_numbers); i++) {
        const struct numbered *t = &tax_numbers[i];
        char z[40];
        const size_t n = strlen(t->value);
        memcpy(z, t->value, n + 1);
        for (size_t k = 0; k < n; k++) {
            for (char c = '0'; z[k] >= '0' && z[k] <= '9' && c <= '9'; c++) {
                struct cdn_ident id;
                const char old = z[k];
                if (c == old) {
                    continue;
                }
                z[k] = c;
                const int err = cdn_tax_parse(cdn_str(z, n), cc(t->country), &id, NULL);
                if (err == 0 && t->every_digit) {
                    fail_msg("%s `%s` passes instead of `%s`", t->country, z, t->value);
                }
                assert_true(err == 0 || err == CORDON_E_DIGEST || err == CORDON_E_SYNTAX);
                tried++;
                found += err != 0;
                z[k] = old;
            }
        }
    }
    print_message("# %zu of %zu wrong digits found\n", found, tried);
    assert_true(found * 100 > tried * 97);
}

static void wrong_digits_of(parse_fn f, const char *value) {
    char z[64];
    const size_t n = strlen(value);
    struct cdn_ident id;
    memcpy(z, value, n + 1);
    assert_int_equal(f(cdn_str(z, n), &id, NULL), 0);
    for (size_t k = 0; k < n; k++) {
        for (char c = '0'; value[k] >= '0' && value[k] <= '9' && c <= '9'; c++) {
            z[k] = c;
            if (c != value[k] && f(cdn_str(z, n), &id, NULL) == 0) {
                fail_msg("`%s` passes instead of `%s`", z, value);
            }
        }
        z[k] = value[k];
    }
}

static void iban_and_card_find_every_wrong_digit(void **state) {
    (void)state;
    for (size_t i = 0; i < CDN_ARRAY_LEN(ibans); i++) {
        wrong_digits_of(cdn_iban_parse, ibans[i]);
    }
    wrong_digits_of(cdn_card_parse, "4111111111111111");
    wrong_digits_of(cdn_card_parse, "5500000000000004");
    wrong_digits_of(cdn_card_parse, "340000000000009");
    wrong_digits_of(cdn_card_parse, "2200 0000 0000 0004");
}

static void non_residents_and_occupied_offices_name_no_country(void **state) {
    (void)state;
    struct cdn_ident id;
    /* Built with the same check digits: the tests of published numbers show that these are right. */
    static const struct {
        const char *country, *prefix;
        size_t length;
        const char *region;
    } rows[] = {{"RU", "990912345", 10, ""},
                {"RU", "910212345", 10, "UA-43"},
                {"RU", "920112345", 10, "UA-40"},
                {"RU", "930312345", 10, "UA-14"},
                {"KZ", "22015000123", 12, ""}};
    for (size_t i = 0; i < CDN_ARRAY_LEN(rows); i++) {
        char z[16], text[CDN_REGION_TEXT_SIZE];
        bool valid = false;
        memcpy(z, rows[i].prefix, rows[i].length - 1);
        for (char c = '0'; c <= '9' && !valid; c++) {
            z[rows[i].length - 1] = c;
            valid = cdn_tax_parse(cdn_str(z, rows[i].length), cc(rows[i].country), &id, NULL) == 0;
        }
        assert_true(valid);
        assert_int_equal(id.issuer, cc(rows[i].country));
        assert_int_equal(id.country, 0);
        assert_non_null(id.note);
        cdn_region_text(id.region, text);
        assert_string_equal(id.region == 0 ? "" : text, rows[i].region);
    }
    assert_int_equal(cdn_tax_parse(CDN_STR("N0032484H"), cc("ES"), &id, NULL), 0);
    assert_int_equal(id.country, 0);
    assert_int_equal(id.issuer, cc("ES"));
    assert_int_equal(cdn_vat_parse(CDN_STR("FR53000004605"), &id, NULL) == 0 ? id.country : cc("MC"),
                     cc("MC"));
}

static void vat_numbers_carry_their_country(void **state) {
    (void)state;
    struct cdn_ident id;
    assert_int_equal(cdn_vat_parse(CDN_STR("EL 094259216"), &id, NULL), 0);
    assert_int_equal(id.country, cc("GR"));
    assert_int_equal(cdn_vat_parse(CDN_STR("XI 980 7806 84"), &id, NULL), 0);
    assert_int_equal(id.country, cc("GB"));
    uint32_t nir = 0;
    assert_int_equal(cdn_region_parse(CDN_STR("GB-NIR"), &nir, NULL), 0);
    assert_int_equal(id.region, nir);
    assert_int_equal(cdn_vat_parse(CDN_STR("XIGD123"), &id, NULL), 0);
    assert_int_equal(id.check, CDN_CHECK_NONE);
    refuses(cdn_vat_parse, "GR094259216", CORDON_E_NOTFOUND);
    refuses(cdn_vat_parse, "GB980780684", CORDON_E_NOTFOUND);
    refuses(cdn_vat_parse, "RU7707083893", CORDON_E_NOTFOUND);
    refuses(cdn_vat_parse, "DE12345678", CORDON_E_SYNTAX);
    refuses(cdn_vat_parse, "", CORDON_E_SYNTAX);
    assert_int_equal(cdn_tax_parse(CDN_STR("12-3456789"), cc("US"), &id, NULL), CORDON_E_NOTFOUND);
    assert_int_equal(cdn_tax_parse(CDN_STR("0000000000"), cc("RU"), &id, NULL), CORDON_E_SYNTAX);
    assert_int_equal(cdn_tax_parse(CDN_STR("770708389"), cc("RU"), &id, NULL), CORDON_E_SYNTAX);
    assert_int_equal(cdn_tax_parse(CDN_STR("\xD0\x9C\xD0\x90"
                                           "1953684"),
                                   cc("BY"),
                                   &id,
                                   NULL),
                     0);
    assert_string_equal(id.value, "MA1953684");
}

static void cards_ships_networks(void **state) {
    (void)state;
    struct cdn_ident id;
    struct cordon_error e = {0};
    uint32_t asn = 0;
    assert_int_equal(cdn_card_parse(CDN_STR("4111-1111 1111 1111"), &id, NULL), 0);
    assert_string_equal(id.value, "4111111111111111");
    assert_int_equal(id.country, 0);
    refuses(cdn_card_parse, "4111111111111112", CORDON_E_DIGEST);
    refuses(cdn_card_parse, "0000000000000000", CORDON_E_DIGEST);
    refuses(cdn_card_parse, "41111111111", CORDON_E_SYNTAX);
    assert_int_equal(cdn_card_parse(CDN_STR("4111111111111112"), &id, &e), CORDON_E_DIGEST);
    assert_null(strstr(e.message, "4111"));
    assert_int_equal(cdn_imo_parse(CDN_STR("IMO 9074729"), &id, NULL), 0);
    assert_string_equal(id.value, "9074729");
    refuses(cdn_imo_parse, "9074728", CORDON_E_DIGEST);
    refuses(cdn_imo_parse, "IMO 907472", CORDON_E_SYNTAX);
    assert_int_equal(cdn_asn_parse(CDN_STR("AS31133"), &asn, NULL), 0);
    assert_int_equal(asn, 31133);
    assert_int_equal(cdn_asn_parse(CDN_STR("as 31133"), &asn, NULL), CORDON_E_SYNTAX);
    assert_int_equal(cdn_asn_parse(CDN_STR("3.10"), &asn, NULL), 0);
    assert_int_equal(asn, 196618);
    const char *const private_numbers[] = {"0", "23456", "AS64512", "65535", "4200000000", "4294967295"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(private_numbers); i++) {
        assert_int_equal(cdn_asn_parse(cdn_str_z(private_numbers[i]), &asn, NULL), CORDON_E_RANGE);
    }
    const char *const bad[] = {
        "", "AS", "4294967296", "99999999999", "1.65536", "65536.1", "1.", ".1", "1.2.3", "-1"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(bad); i++) {
        assert_int_equal(cdn_asn_parse(cdn_str_z(bad[i]), &asn, NULL), CORDON_E_SYNTAX);
    }
    assert_int_equal(asn, 196618);
}

static void mobile_codes(void **state) {
    (void)state;
    static const struct {
        const char *code, *issuer, *country;
    } rows[] = {{"250", "RU", "RU"},
                {"25001", "RU", "RU"},
                {"250-01", "RU", "RU"},
                {"250011234567890", "RU", "RU"},
                {"255", "UA", "UA"},
                {"257", "BY", "BY"},
                {"401", "KZ", "KZ"},
                {"310410123456789", "US", "US"},
                {"221", "XK", "XK"},
                {"25060", "RU", ""},
                {"25097", "RU", ""},
                {"289", "", ""},
                {"90118", "", ""},
                {"23450", "GB", "JE"},
                {"42505", "PS", "PS"},
                {"42501", "IL", "IL"},
                {"34001", "GP", ""}};
    for (size_t i = 0; i < CDN_ARRAY_LEN(rows); i++) {
        struct cdn_ident id;
        assert_int_equal(cdn_mcc_parse(cdn_str_z(rows[i].code), &id, NULL), 0);
        same_country(rows[i].code, id.country, rows[i].country);
        same_country(rows[i].code, id.issuer, rows[i].issuer);
        assert_true(id.country != 0 || id.note != NULL);
    }
    refuses(cdn_mcc_parse, "25", CORDON_E_SYNTAX);
    refuses(cdn_mcc_parse, "2500", CORDON_E_SYNTAX);
    refuses(cdn_mcc_parse, "25O", CORDON_E_SYNTAX);
    refuses(cdn_mcc_parse, "251", CORDON_E_NAME);
}

/* ---- names on the net ---------------------------------------------------------------------------------- */

static void hosts(void **state) {
    (void)state;
    static const struct {
        const char *host, *tld, *issuer, *country;
    } rows[] = {{"shop.example.ru", "ru", "RU", "RU"},
                {"EXAMPLE.RU.", "ru", "RU", "RU"},
                {"\xD0\xBF\xD1\x80\xD0\xB8\xD0\xBC\xD0\xB5\xD1\x80.\xD1\x80\xD1\x84", "xn--p1ai", "RU", "RU"},
                {"ПРИМЕР.РФ", "xn--p1ai", "RU", "RU"},
                {"xn--e1afmkfd.XN--P1AI", "xn--p1ai", "RU", "RU"},
                {"пример.бел", "xn--90ais", "BY", "BY"},
                {"приклад.укр", "xn--j1amh", "UA", "UA"},
                {"мысал.қаз", "xn--80ao21a", "KZ", "KZ"},
                {"例え。中国", "xn--fiqs8s", "CN", "CN"},
                {"bbc.co.uk", "uk", "GB", "GB"},
                {"x.su", "su", "RU", ""},
                {"x.eu", "eu", "", ""},
                {"x.com", "com", "", ""},
                {"x.moscow", "moscow", "", ""},
                {"x.москва", "xn--80adxhks", "", ""},
                {"x.ac", "ac", "SH", "SH"},
                {"münchen.de", "de", "DE", "DE"},
                {"x.рф.", "xn--p1ai", "RU", "RU"},
                {"παράδειγμα.ΕΛ", "xn--qxam", "GR", "GR"},
                {"x.հայ", "xn--y9a3aq", "AM", "AM"}};
    for (size_t i = 0; i < CDN_ARRAY_LEN(rows); i++) {
        struct cdn_ident id;
        struct cordon_error e = {0};
        if (cdn_host_parse(cdn_str_z(rows[i].host), &id, &e) != 0) {
            fail_msg("`%s`: %s", rows[i].host, e.message);
        }
        assert_string_equal(id.value, rows[i].tld);
        same_country(rows[i].host, id.issuer, rows[i].issuer);
        same_country(rows[i].host, id.country, rows[i].country);
    }
    const char *const bad[] = {"",
                               ".",
                               "..",
                               "ru",
                               "a..ru",
                               ".ru",
                               "-a.ru",
                               "a-.ru",
                               "a b.ru",
                               "a_b.ru",
                               "1.2.3.4",
                               "a.123",
                               "a.r\xD1",
                               "a.ru..",
                               "a.ab--cd",
                               "a.xn--",
                               "x.\xE2\x80\x8Bru"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(bad); i++) {
        refuses(cdn_host_parse, bad[i], CORDON_E_SYNTAX);
    }
    refuses(cdn_host_parse, "x.zz", CORDON_E_NAME);
    refuses(cdn_host_parse, "x.yu", CORDON_E_NAME);
    refuses(cdn_host_parse, "x.test", CORDON_E_NAME);
    refuses(cdn_host_parse, "printer.local", CORDON_E_NAME);
    char longest[300];
    for (size_t i = 0; i < sizeof longest; i++) {
        longest[i] = i % 50 == 49 ? '.' : 'a';
    }
    struct cdn_ident id;
    assert_int_equal(cdn_host_parse(cdn_str(longest, 253), &id, NULL), 0);
    assert_int_equal(cdn_host_parse(cdn_str(longest, 254), &id, NULL), CORDON_E_SYNTAX);
    memset(longest, 'b', 64);
    assert_int_equal(cdn_host_parse(cdn_str(longest, 253), &id, NULL), CORDON_E_SYNTAX);
}

static void emails(void **state) {
    (void)state;
    struct cdn_ident id;
    const char *const good[] = {"x@example.ir",
                                "first.last+tag@example.ir",
                                "\"odd @ name\"@example.ir",
                                "почта@пример.ir",
                                "o'brien@mail.example.ir",
                                " x@example.ir "};
    for (size_t i = 0; i < CDN_ARRAY_LEN(good); i++) {
        assert_int_equal(cdn_email_parse(cdn_str_z(good[i]), &id, NULL), 0);
        assert_int_equal(id.country, cc("IR"));
    }
    const char *const bad[] = {"",
                               "@",
                               "x",
                               "@example.ir",
                               "x@",
                               "x.@example.ir",
                               ".x@example.ir",
                               "a..b@example.ir",
                               "a b@example.ir",
                               "x@[95.173.136.70]",
                               "\"x@example.ir",
                               "x@@example.ir",
                               "<x@example.ir>",
                               "x@example"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(bad); i++) {
        refuses(cdn_email_parse, bad[i], CORDON_E_SYNTAX);
    }
}

static void postal_codes(void **state) {
    (void)state;
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"295 000", "295000"}, {"sw1a 1aa", "SW1A1AA"}, {"95472-1234", "954721234"}, {" D-99084 ", "D99084"}};
    char out[CDN_POSTAL_MAX + 1] = "old";
    for (size_t i = 0; i < CDN_ARRAY_LEN(rows); i++) {
        assert_int_equal(cdn_postal_normal(cdn_str_z(rows[i].in), out, NULL), 0);
        assert_string_equal(out, rows[i].out);
    }
    const char *const bad[] = {"", "1", "12345/6", "1234567890123", "295\xC3\xA9"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(bad); i++) {
        assert_int_equal(cdn_postal_normal(cdn_str_z(bad[i]), out, NULL), CORDON_E_SYNTAX);
    }
    assert_string_equal(out, "D99084");
}

/* ---- the tables ------------------------------------------------------------------------------------------
 */

#define ROW_PHONE(prefix, issuer, country, region, shortest, longest, note)                                  \
    {prefix, issuer, country, region, shortest, longest},
static const struct {
    const char *prefix, *issuer, *country, *region;
    unsigned shortest, longest;
} phones[] = {
#define PHONE(...) ROW_PHONE(__VA_ARGS__)
#define TRUNK(...)
#include "places/phone.def"
#undef PHONE
#undef TRUNK
};

static const struct {
    const char *name, *issuer, *country, *note;
} tlds[] = {
#define TLD(name, issuer, country, note) {name, issuer, country, note},
#include "places/tld.def"
#undef TLD
};

static const struct {
    const char *country;
    unsigned length;
    const char *structure;
    unsigned bank_at, bank_n;
} iban_rows[] = {
#define IBAN(country, length, structure, bank_at, bank_n, registered)                                        \
    {country, length, structure, bank_at, bank_n},
#include "places/iban.def"
#undef IBAN
};

/* The row that a slow search through all of them finds. */
static size_t longest_prefix(const char *digits) {
    size_t best = SIZE_MAX, best_n = 0;
    for (size_t i = 0; i < CDN_ARRAY_LEN(phones); i++) {
        const size_t n = strlen(phones[i].prefix);
        if (n > best_n && strncmp(phones[i].prefix, digits, n) == 0) {
            best = i;
            best_n = n;
        }
    }
    return best;
}

static void every_telephone_prefix_is_found(void **state) {
    (void)state;
    struct cdn_rnd rnd;
    cdn_rnd_init(&rnd, "prefixes", 7);
    for (size_t round = 0; round < cdn_rnd_rounds(20000); round++) {
        char z[24] = "+";
        const size_t row = (size_t)cdn_rnd_below(&rnd, CDN_ARRAY_LEN(phones));
        size_t n = strlen(phones[row].prefix);
        const size_t length = (size_t)cdn_rnd_between(&rnd, phones[row].shortest, phones[row].longest);
        memcpy(z + 1, phones[row].prefix, n);
        for (; n < length; n++) {
            z[1 + n] = (char)('0' + cdn_rnd_below(&rnd, 10));
        }
        const size_t slow = longest_prefix(z + 1);
        struct cdn_ident id;
        const int err = cdn_phone_parse(cdn_str(z, n + 1), 0, &id, NULL);
        const bool fits = n >= phones[slow].shortest && n <= phones[slow].longest;
        assert_int_equal(err, fits ? 0 : CORDON_E_SYNTAX);
        if (fits) {
            same_country(z, id.country, phones[slow].country);
            same_country(z, id.issuer, phones[slow].issuer);
        }
    }
}

static void every_top_level_domain_is_found(void **state) {
    (void)state;
    for (size_t i = 0; i < CDN_ARRAY_LEN(tlds); i++) {
        char host[80];
        struct cdn_ident id;
        (void)snprintf(host, sizeof host, "x.%s", tlds[i].name);
        assert_int_equal(cdn_host_parse(cdn_str_z(host), &id, NULL), 0);
        assert_string_equal(id.value, tlds[i].name);
        same_country(host, id.country, tlds[i].country);
        same_country(host, id.issuer, tlds[i].issuer);
        assert_true(id.country != 0 || id.note != NULL);
    }
}

static void every_iban_structure_adds_up(void **state) {
    (void)state;
    for (size_t i = 0; i < CDN_ARRAY_LEN(iban_rows); i++) {
        unsigned sum = 4, count = 0;
        for (const char *p = iban_rows[i].structure; *p != '\0'; p++) {
            count = *p >= '0' && *p <= '9' ? count * 10 + (unsigned)(*p - '0') : 0;
            sum += p[1] < '0' || p[1] > '9' ? count : 0;
        }
        assert_int_equal(sum, iban_rows[i].length);
        assert_true(4 + iban_rows[i].bank_at + iban_rows[i].bank_n <= iban_rows[i].length);
        assert_non_null(cdn_country_get(cc(iban_rows[i].country)));
    }
}

/* Random bytes and damaged examples never give a result that contradicts itself. */
static void rubbish_is_refused_or_coherent(void **state) {
    (void)state;
    struct cdn_rnd rnd;
    cdn_rnd_init(&rnd, "rubbish", 20221001);
    static const parse_fn all[] = {phone_anywhere,
                                   cdn_iban_parse,
                                   cdn_bic_parse,
                                   cdn_mcc_parse,
                                   cdn_host_parse,
                                   cdn_email_parse,
                                   cdn_vat_parse,
                                   cdn_card_parse,
                                   cdn_imo_parse};
    static const char alphabet[] = "0123456789+-. @ABELRUXruxn\xD1\x80\xD1\x84";
    for (size_t i = 0; i < cdn_rnd_rounds(20000); i++) {
        char z[40];
        const size_t n = (size_t)cdn_rnd_below(&rnd, sizeof z);
        for (size_t k = 0; k < n; k++) {
            z[k] = alphabet[cdn_rnd_below(&rnd, sizeof alphabet - 1)];
        }
        for (size_t f = 0; f < CDN_ARRAY_LEN(all); f++) {
            struct cdn_ident id = {.n = 200};
            const int err = all[f](cdn_str(z, n), &id, NULL);
            assert_true(err <= 0);
            if (err != 0) {
                assert_int_equal(id.n, 200);
                continue;
            }
            assert_true(id.n <= CDN_IDENT_MAX);
            assert_int_equal(strlen(id.value), id.n);
            assert_true(id.part_at + id.part_n <= id.n || f == 3 || f == 2);
            assert_true(id.country == 0 || cdn_country_get(id.country) != NULL);
            assert_true(id.region == 0 || cdn_region_get(id.region) != NULL);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(international_numbers),
        cmocka_unit_test(contested_prefixes_name_the_plan_and_the_place_but_no_country),
        cmocka_unit_test(national_numbers_need_a_country),
        cmocka_unit_test(bad_numbers),
        cmocka_unit_test(published_ibans),
        cmocka_unit_test(bad_ibans),
        cmocka_unit_test(bics),
        cmocka_unit_test(published_tax_numbers),
        cmocka_unit_test(wrong_digits_are_found),
        cmocka_unit_test(iban_and_card_find_every_wrong_digit),
        cmocka_unit_test(non_residents_and_occupied_offices_name_no_country),
        cmocka_unit_test(vat_numbers_carry_their_country),
        cmocka_unit_test(cards_ships_networks),
        cmocka_unit_test(mobile_codes),
        cmocka_unit_test(hosts),
        cmocka_unit_test(emails),
        cmocka_unit_test(postal_codes),
        cmocka_unit_test(every_telephone_prefix_is_found),
        cmocka_unit_test(every_top_level_domain_is_found),
        cmocka_unit_test(every_iban_structure_adds_up),
        cmocka_unit_test(rubbish_is_refused_or_coherent),
    };
    return cdn_run(tests);
}
