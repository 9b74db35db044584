/* SPDX-License-Identifier: Apache-2.0 */
/* test_codes.c: countries, regions and currencies: what parses, what is refused and with which hint. */
#include "places/codes.h"
#include "places/codes_fold.h"
#include "support/fault.h"

#define RU CDN_COUNTRY('R', 'U')
#define GB CDN_COUNTRY('G', 'B')

static uint16_t parsed(const char *z) {
    uint16_t c = 0;
    return cdn_country_parse(cdn_str_z(z), &c, NULL) == 0 ? c : 0;
}

static void country_codes_of_every_form(void **state) {
    (void)state;
    assert_int_equal(parsed("RU"), RU);
    assert_int_equal(parsed("ru"), RU);
    assert_int_equal(parsed("RUS"), RU);
    assert_int_equal(parsed("rus"), RU);
    assert_int_equal(parsed("643"), RU);
    assert_int_equal(parsed("008"), CDN_COUNTRY('A', 'L'));
    assert_int_equal(parsed("XK"), CDN_COUNTRY('X', 'K'));
    assert_int_equal(parsed("XKX"), CDN_COUNTRY('X', 'K'));
    const char *const bad[] = {
        "", "R", "R1", "64", "6430", "RUSS", "000", "999", "ZZ", "XX", "r\xC3\xBC", " RU"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(bad); i++) {
        assert_int_equal(parsed(bad[i]), 0);
    }
}

static void refused(const char *z, int code, const char *hint) {
    struct cordon_error e = {0};
    uint16_t c = 77;
    assert_int_equal(cdn_country_parse(cdn_str_z(z), &c, &e), code);
    assert_int_equal(e.code, code);
    assert_int_equal(c, 77);
    if (strstr(e.hint, hint) == NULL) {
        fail_msg("`%s`: hint \"%s\" lacks \"%s\"", z, e.hint, hint);
    }
}

static void wrong_codes_name_the_right_one(void **state) {
    (void)state;
    refused("UK", CORDON_E_NAME, "GB");
    refused("el", CORDON_E_NAME, "GR");
    refused("EU", CORDON_E_NAME, "not a country");
    refused("SU", CORDON_E_NAME, "USSR");
    refused("YUG", CORDON_E_NAME, "Yugoslavia");
    refused("CS", CORDON_E_NAME, "two former");
    refused("QQ", CORDON_E_NAME, "");
    refused("Belrus", CORDON_E_SYNTAX, "");
}

static uint16_t named(const char *z) {
    uint16_t c = 0;
    return cdn_country_by_name(cdn_str_z(z), &c, NULL) == 0 ? c : 0;
}

static void country_names(void **state) {
    (void)state;
    static const struct {
        const char *name, *code;
    } rows[] = {{"Russia", "RU"},
                {"Russian Federation", "RU"},
                {"RUSSIAN  FEDERATION", "RU"},
                {"Россия", "RU"},
                {"Iran", "IR"},
                {"Iran, Islamic Republic of", "IR"},
                {"Islamic Republic of Iran", "IR"},
                {"North Korea", "KP"},
                {"Korea, Democratic People's Republic of", "KP"},
                {"Korea, Republic of", "KR"},
                {"Korea (South)", "KR"},
                {"The Netherlands", "NL"},
                {"Cote d'Ivoire", "CI"},
                {"Côte d’Ivoire", "CI"},
                {"COTE DIVOIRE", "CI"},
                {"TÜRKIYE", "TR"},
                {"Turkey", "TR"},
                {"St. Lucia", "LC"},
                {"Kosovo", "XK"},
                {"Bosnia & Herzegovina", "BA"},
                {"Antigua and Barbuda", "AG"},
                {"Burma", "MM"},
                {"Viet Nam", "VN"},
                {"Vietnam", "VN"},
                {"Trinidad & Tobago", "TT"},
                {"Curaçao", "CW"},
                {"Curacao", "CW"},
                {"Democratic Republic of the Congo", "CD"},
                {"Congo-Brazzaville", "CG"},
                {"Syria", "SY"},
                {"Беларусь", "BY"},
                {"БЕЛАРУСЬ", "BY"},
                {"Україна", "UA"},
                {"U.S. Virgin Islands", "VI"},
                {"Virgin Islands, U.S.", "VI"},
                {"Tanzania, United Republic of", "TZ"},
                {"Georgia", "GE"},
                {"Crimea", ""},
                {"", ""},
                {"the", ""},
                {"Land", ""},
                {"Republic of", ""},
                {"Russi", ""}};
    for (size_t i = 0; i < CDN_ARRAY_LEN(rows); i++) {
        char text[3] = "";
        const uint16_t c = named(rows[i].name);
        if (c != 0) {
            cdn_country_text(c, text);
        }
        if (strcmp(text, rows[i].code) != 0) {
            fail_msg("`%s` is %s, not %s", rows[i].name, text, rows[i].code);
        }
    }
}

static void ambiguous_and_former_names_are_their_own_answers(void **state) {
    (void)state;
    const char *const twice[] = {"Korea", "KOREA", "Congo", "the Congo", "Virgin Islands", "St Martin"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(twice); i++) {
        struct cordon_error e = {0};
        uint16_t c = 7;
        assert_int_equal(cdn_country_by_name(cdn_str_z(twice[i]), &c, &e), CORDON_E_CONFLICT);
        assert_int_equal(c, 7);
        assert_non_null(strstr(e.hint, " or "));
    }
    const char *const gone[] = {"USSR", "Soviet Union", "Yugoslavia", "Czechoslovakia", "СССР"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(gone); i++) {
        struct cordon_error e = {0};
        uint16_t c = 7;
        assert_int_equal(cdn_country_by_name(cdn_str_z(gone[i]), &c, &e), CORDON_E_NOTFOUND);
        assert_non_null(strstr(e.hint, "withdrawn"));
    }
}

static void suggestions(void **state) {
    (void)state;
    static const struct {
        const char *wrong, *hint;
    } rows[] = {{"Belrus", "BY Belarus"},
                {"Ukrane", "UA Ukraine"},
                {"Rusia", "RU Russia"},
                {"Iraan", "IR Iran"},
                {"Kazahstan", "KZ Kazakhstan"},
                {"UK", "GB United Kingdom"},
                {"Germnay", "DE Germany"}};
    char text[CDN_COUNTRY_SUGGEST_SIZE];
    for (size_t i = 0; i < CDN_ARRAY_LEN(rows); i++) {
        assert_int_not_equal(cdn_country_suggest(cdn_str_z(rows[i].wrong), text), 0);
        assert_string_equal(text, rows[i].hint);
    }
    assert_int_equal(cdn_country_suggest(CDN_STR("Atlantis"), text), 0);
    assert_int_equal(cdn_country_suggest(CDN_STR(""), text), 0);
    struct cordon_error e = {0};
    uint16_t c = 0;
    assert_int_equal(cdn_country_any(CDN_STR(" Belrus "), &c, &e), CORDON_E_NAME);
    assert_non_null(strstr(e.hint, "BY Belarus"));
    assert_int_equal(cdn_country_any(CDN_STR(" by "), &c, NULL), 0);
    assert_int_equal(c, CDN_COUNTRY('B', 'Y'));
    assert_int_equal(cdn_country_any(CDN_STR("Belarus"), &c, NULL), 0);
}

/* Every row is found again by each of its codes and names, and rows are in strict order. */
static void every_country_round_trips(void **state) {
    (void)state;
    assert_int_equal(cdn_country_count(), 250); /* ISO's 249 and XK */
    uint16_t before = 0;
    for (size_t i = 0; i < cdn_country_count(); i++) {
        const uint16_t code = cdn_country_at(i);
        const struct cdn_country *c = cdn_country_get(code);
        char text[3], numeric[8];
        assert_true(code > before);
        before = code;
        assert_non_null(c);
        assert_int_equal(cdn_country_index(code), i);
        cdn_country_text(code, text);
        assert_int_equal(parsed(text), code);
        assert_int_equal(parsed(c->alpha3), code);
        (void)snprintf(numeric, sizeof numeric, "%03u", (unsigned)c->numeric);
        assert_int_equal(parsed(numeric), c->numeric == 0 ? 0 : code);
        assert_int_equal(named(c->official), code);
        if (code != CDN_COUNTRY('C', 'G')) { /* "Congo" is ambiguous */
            assert_int_equal(named(c->name), code);
            assert_int_equal(named(cdn_country_name(code)), code);
        }
    }
    assert_int_equal(cdn_country_at(cdn_country_count()), 0);
    assert_null(cdn_country_get(0));
    assert_int_equal(cdn_country_index(CDN_COUNTRY('Z', 'Z')), -1);
    assert_string_equal(cdn_country_name(CDN_COUNTRY('Z', 'Z')), "");
    assert_string_equal(cdn_country_name(RU), "Russia");
}

static void former_countries(void **state) {
    (void)state;
    const struct cdn_former_country *f = NULL;
    assert_int_equal(cdn_former_parse(CDN_STR("SU"), &f, NULL), 0);
    assert_string_equal(f->withdrawn, "1992-08-30");
    assert_int_equal(cdn_former_parse(CDN_STR("cshh"), &f, NULL), 0);
    assert_string_equal(f->alpha3, "CSK");
    assert_int_equal(cdn_former_parse(CDN_STR("CS"), &f, NULL), CORDON_E_CONFLICT);
    assert_int_equal(cdn_former_parse(CDN_STR("RU"), &f, NULL), CORDON_E_NAME);
    assert_int_equal(cdn_former_parse(CDN_STR("1"), &f, NULL), CORDON_E_SYNTAX);
    assert_int_equal(cdn_former_count(), 31);
    for (size_t i = 0; i < cdn_former_count(); i++) {
        const struct cdn_former_country *row = cdn_former_at(i);
        assert_int_equal(cdn_former_parse(cdn_str_z(row->alpha4), &f, NULL), 0);
        assert_ptr_equal(f, row);
    }
    assert_null(cdn_former_at(31));
}

static uint32_t region(const char *z) {
    uint32_t r = 0;
    return cdn_region_parse(cdn_str_z(z), &r, NULL) == 0 ? r : 0;
}

static void regions_by_code(void **state) {
    (void)state;
    assert_string_equal(cdn_region_name(region("UA-43")), "Avtonomna Respublika Krym");
    assert_string_equal(cdn_region_name(region("ua-40")), "Sevastopol");
    assert_int_equal(cdn_region_country(region("US-CA")), CDN_COUNTRY('U', 'S'));
    assert_int_not_equal(region("GB-NIR"), 0);
    const char *const bad[] = {
        "", "UA", "UA-", "UA43", "UA-4", "UA-430", "UA-4300", "UA-99", "ZZ-01", "U1-43", "UA-4 "};
    for (size_t i = 0; i < CDN_ARRAY_LEN(bad); i++) {
        assert_int_equal(region(bad[i]), 0);
    }
    struct cordon_error e = {0};
    uint32_t r = 5;
    assert_int_equal(cdn_region_parse(CDN_STR("UA-99"), &r, &e), CORDON_E_NAME);
    assert_non_null(strstr(e.hint, "UA-05"));
    assert_int_equal(cdn_region_parse(CDN_STR("UK-LND"), &r, &e), CORDON_E_NAME);
    assert_non_null(strstr(e.hint, "GB"));
    assert_int_equal(cdn_region_parse(CDN_STR("Crimea"), &r, &e), CORDON_E_SYNTAX);
    assert_int_equal(r, 5);
}

static void regions_by_name(void **state) {
    (void)state;
    uint32_t r = 0;
    const uint16_t ua = CDN_COUNTRY('U', 'A');
    assert_int_equal(cdn_region_by_name(ua, CDN_STR("SEVASTOPOL"), &r, NULL), 0);
    assert_int_equal(r, region("UA-40"));
    struct cordon_error e = {0};
    assert_int_equal(cdn_region_by_name(ua, CDN_STR("Sevastopl"), &r, &e), CORDON_E_NAME);
    assert_non_null(strstr(e.hint, "Sevastopol"));
    assert_int_equal(cdn_region_by_name(CDN_COUNTRY('A', 'R'), CDN_STR("Cordoba"), &r, NULL), 0);
    assert_int_equal(r, region("AR-X"));
    assert_int_equal(cdn_region_by_name(0, CDN_STR("Cordoba"), &r, NULL), CORDON_E_NAME);
    assert_int_equal(cdn_region_by_name(CDN_COUNTRY('A', 'Z'), CDN_STR("Naxcivan"), &r, NULL),
                     CORDON_E_CONFLICT);
}

static void every_region_round_trips(void **state) {
    (void)state;
    assert_int_equal(cdn_region_count(), 5127);
    size_t in_countries = 0;
    for (size_t i = 0; i < cdn_country_count(); i++) {
        size_t first = 0;
        const size_t n = cdn_region_range(cdn_country_at(i), &first);
        for (size_t k = first; k < first + n; k++) {
            assert_int_equal(cdn_region_country(cdn_region_at(k)->code), cdn_country_at(i));
        }
        in_countries += n;
    }
    assert_int_equal(in_countries, cdn_region_count());
    for (size_t i = 0; i < cdn_region_count(); i++) {
        const struct cdn_region *r = cdn_region_at(i);
        char text[CDN_REGION_TEXT_SIZE];
        assert_true(i == 0 || cdn_region_at(i - 1)->code < r->code);
        cdn_region_text(r->code, text);
        assert_int_equal(region(text), r->code);
        assert_true(cdn_region_within(r->code, r->code));
        assert_true(r->parent == 0 || cdn_region_within(r->code, r->parent));
        assert_false(cdn_region_within(r->code, 0));
    }
    assert_true(cdn_region_within(region("AZ-ORD"), region("AZ-NX")));
    assert_false(cdn_region_within(region("AZ-NX"), region("AZ-ORD")));
    assert_null(cdn_region_at(cdn_region_count()));
}

static void currencies(void **state) {
    (void)state;
    static const struct {
        const char *code;
        int minor;
    } rows[] = {
        {"EUR", 2}, {"usd", 2}, {"RUB", 2}, {"JPY", 0}, {"BHD", 3}, {"CLF", 4}, {"XAU", -1}, {"UAH", 2}};
    for (size_t i = 0; i < CDN_ARRAY_LEN(rows); i++) {
        uint16_t c = 0;
        assert_int_equal(cdn_currency_parse(cdn_str_z(rows[i].code), &c, NULL), 0);
        assert_int_equal(cdn_currency_minor(c), rows[i].minor);
    }
    uint16_t c = 3;
    struct cordon_error e = {0};
    assert_int_equal(cdn_currency_parse(CDN_STR("RUR"), &c, &e), CORDON_E_NAME);
    assert_non_null(strstr(e.hint, "RUB"));
    assert_int_equal(cdn_currency_parse(CDN_STR("EURO"), &c, NULL), CORDON_E_SYNTAX);
    assert_int_equal(cdn_currency_parse(CDN_STR("E1R"), &c, NULL), CORDON_E_SYNTAX);
    assert_int_equal(c, 3);
    assert_int_equal(cdn_currency_count(), 181);
    for (size_t i = 0; i < cdn_currency_count(); i++) {
        const struct cdn_currency *row = cdn_currency_at(i);
        char text[4];
        assert_true(i == 0 || cdn_currency_at(i - 1)->code < row->code);
        cdn_currency_text(row->code, text);
        assert_int_equal(cdn_currency_parse(cdn_str_z(text), &c, NULL), 0);
        assert_int_equal(c, row->code);
        assert_ptr_equal(cdn_currency_get(c), row);
    }
    assert_int_equal(cdn_currency_minor(0), -1);
}

static void the_fold_is_a_fixed_point(void **state) {
    (void)state;
    char once[CDN_PLACES_FOLD_MAX], twice[CDN_PLACES_FOLD_MAX];
    for (size_t i = 0; i < cdn_region_count(); i++) {
        const size_t n = cdn_places_fold(cdn_str_z(cdn_region_at(i)->name), once);
        assert_true(n != SIZE_MAX && n > 0);
        assert_int_equal(cdn_places_fold(cdn_str(once, n), twice), n);
        assert_string_equal(once, twice);
    }
    char longest[400];
    memset(longest, 'a', sizeof longest);
    assert_int_equal(cdn_places_fold(cdn_str(longest, sizeof longest), once), SIZE_MAX);
    assert_int_equal(cdn_places_fold(CDN_STR("St.  Pierre & Miquelon"), once), 25);
    assert_string_equal(once, "saint pierre and miquelon");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(country_codes_of_every_form),
        cmocka_unit_test(wrong_codes_name_the_right_one),
        cmocka_unit_test(country_names),
        cmocka_unit_test(ambiguous_and_former_names_are_their_own_answers),
        cmocka_unit_test(suggestions),
        cmocka_unit_test(every_country_round_trips),
        cmocka_unit_test(former_countries),
        cmocka_unit_test(regions_by_code),
        cmocka_unit_test(regions_by_name),
        cmocka_unit_test(every_region_round_trips),
        cmocka_unit_test(currencies),
        cmocka_unit_test(the_fold_is_a_fixed_point),
    };
    return cdn_run(tests);
}
