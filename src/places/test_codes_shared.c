/* SPDX-License-Identifier: Apache-2.0 */
/* test_codes_shared.c: our small tables against large public ones, where these are at hand (loud skips).
 *
 * Where a table differs on purpose, the difference stands in a list below with its reason; anything else
 * fails. */
#include <jansson.h>
#include <stdlib.h>

#include "places/codes.h"
#include "support/fault.h"
#include "support/shared.h"

static uint16_t cc(const char *two) {
    return CDN_COUNTRY(two[0], two[1]);
}

static bool listed(const char *const *list, size_t n, const char *what) {
    for (size_t i = 0; i < n; i++) {
        if (strcmp(list[i], what) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- IBAN: schwifty's registry (MIT)
 * ----------------------------------------------------------------------- */

/* Prefixes that no bank issues: these territories use FR, GB or FI. The registry derives them from the mother
 * country. */
static const char *const not_iban[] = {
    "AX", "BL", "GF", "GG", "GP", "IM", "JE", "MF", "MQ", "NC", "PF", "PM", "RE", "TF", "WF", "YT"};

/* A BBAN of the structure "4!n4!n12!c", all zeros and A's, with check digits that fit. */
static size_t make_iban(const char *country, const char *spec, char iban[64]) {
    size_t n = 4;
    memcpy(iban, country, 2);
    memcpy(iban + 2, "00", 2);
    while (*spec != '\0') {
        size_t count = 0;
        for (; *spec >= '0' && *spec <= '9'; spec++) {
            count = count * 10 + (size_t)(*spec - '0');
        }
        assert_true(*spec == '!');
        for (; count > 0; count--) {
            iban[n++] = spec[1] == 'n' ? '1' : 'Q';
        }
        spec += 2;
    }
    unsigned rest = 0;
    for (size_t i = 0; i < n; i++) {
        const char c = iban[(i + 4) % n];
        rest =
            c >= 'A' ? (rest * 100 + (unsigned)(c - 'A') + 10) % 97 : (rest * 10 + (unsigned)(c - '0')) % 97;
    }
    const unsigned check = 98 - rest;
    iban[2] = (char)('0' + check / 10);
    iban[3] = (char)('0' + check % 10);
    iban[n] = '\0';
    return n;
}

static void one_iban_country(const char *country, const json_t *row, size_t *compared) {
    const char *spec = json_string_value(json_object_get(row, "bban_spec"));
    char iban[64];
    struct cdn_ident id;
    struct cordon_error e = {0};
    if (spec == NULL) {
        return;
    }
    const size_t n = make_iban(country, spec, iban);
    const int err = cdn_iban_parse(cdn_str(iban, n), &id, &e);
    (*compared)++;
    if (listed(not_iban, CDN_ARRAY_LEN(not_iban), country)) {
        assert_int_equal(err, CORDON_E_NAME);
    } else if (err != 0) {
        fail_msg("%s (%s): %s", iban, spec, e.message);
    }
}

static void ibans_as_the_registry_has_them(void **state) {
    (void)state;
    static const char *const files[] = {"data/places/iban/iban_registry/generated.json",
                                        "data/places/iban/iban_registry/overwrite.json"};
    char path[2][CDN_PATH];
    size_t compared = 0;
    cdn_shared_or_skip(path[0], files[0]);
    cdn_shared_or_skip(path[1], files[1]);
    json_t *official = json_load_file(path[0], 0, NULL), *corrections = json_load_file(path[1], 0, NULL);
    assert_non_null(official);
    assert_non_null(corrections);
    const char *country = NULL;
    json_t *row = NULL;
    json_object_foreach(official, country, row) {
        const json_t *better = json_object_get(corrections, country);
        one_iban_country(country, json_object_get(better, "bban_spec") != NULL ? better : row, &compared);
    }
    json_object_foreach(corrections, country, row) {
        if (json_object_get(official, country) == NULL) {
            one_iban_country(country, row, &compared);
        }
    }
    print_message("# %zu countries compared\n", compared);
    assert_true(compared > 90);
    json_decref(official);
    json_decref(corrections);
}

/* ---- country-codes.csv (public domain)
 * ----------------------------------------------------------------------- */

/* One record of a CSV file with quotes; fields are NUL-terminated in place. Returns their number. */
static size_t csv_record(char **at, char *fields[], size_t max) {
    size_t n = 0;
    char *p = *at;
    bool more = *p != '\0';
    while (more && n < max) {
        const bool quoted = *p == '"';
        char *begin = quoted ? ++p : p, *out = begin;
        while (*p != '\0' && (quoted || (*p != ',' && *p != '\n'))) {
            if (quoted && *p == '"' && *++p != '"') {
                break;
            }
            *out++ = *p++;
        }
        while (*p == '\r') {
            p++;
        }
        const char end = *p;
        p += end != '\0';
        *out = '\0';
        fields[n++] = begin;
        more = end == ',';
    }
    *at = p;
    return n;
}

static size_t column(char *const fields[], size_t n, const char *name) {
    for (size_t i = 0; i < n; i++) {
        if (strcmp(fields[i], name) == 0) {
            return i;
        }
    }
    fail_msg("no column %s", name);
    return 0;
}

/* A number of the country: its dial code and digits until one is long enough; true when any names `country`.
 */
static bool dial_code_names(const char *dial, uint16_t country) {
    char z[32] = "+";
    size_t n = 1;
    for (; *dial != '\0' && *dial != ',' && *dial != ' '; dial++) {
        if (*dial != '-') {
            z[n++] = *dial;
        }
    }
    static const char *const tails[] = {
        "22345678901", "78723456789", "52888888888", "63912345678", "69884567890", "18123456789",
        "92345678901", "79123456789", "12345678901", "34123456789", "50123456789", "15341234567",
        "70112345678", "14812567890", "16241234567", "90273456789", "59050123456", "89164123456",
        "89162123456", "98121234567", "45512345678", "21212345678", "20345678901", "66981234567",
        "31812345678", "52881234567", "26212345678", "26912345678", "75123456789", "81234567890",
        "44123456789", "33201234567", "41234567890", "39012345678"};
    for (size_t t = 0; t < CDN_ARRAY_LEN(tails); t++) {
        for (size_t length = 3; length <= 11; length++) {
            struct cdn_ident id;
            memcpy(z + n, tails[t], length);
            if (cdn_phone_parse(cdn_str(z, n + length), 0, &id, NULL) == 0 &&
                (id.country == country || id.issuer == country)) {
                return true;
            }
        }
    }
    return false;
}

/* Countries whose dial code leads us elsewhere, with the reason. */
static const char *const dial_exceptions[] = {
    "BL", /* only in the shared blocks of +590; no block of its own in libphonenumber */
    "BV", /* uninhabited; the list gives Norway's code */
    "GS", /* +500 is the Falklands'; South Georgia has no numbers of its own */
    "HM", /* uninhabited; the list gives the code of Australia's external territories */
    "PN", /* the list gives +870, Inmarsat; Pitcairn is reached under +64 */
    "TF", /* uninhabited but for stations; the list gives +262, of Réunion and Mayotte */
    "UM", /* no dial code */
};
static const char *const tld_exceptions[] = {
    "BL",
    "MF", /* the list gives Guadeloupe's .gp */
    "BQ",
    "EH",
    "UM", /* assigned by ISO, not delegated by IANA */
};

static void dial_codes_and_domains_as_country_codes_has_them(void **state) {
    (void)state;
    char path[CDN_PATH];
    cdn_shared_or_skip(path, "data/places/country-codes/country-codes.csv");
    size_t size = 0, rows = 0;
    uint8_t *bytes = cdn_read_file(path, &size);
    char *text = malloc(size + 1);
    assert_true(bytes != NULL && text != NULL);
    memcpy(text, bytes, size);
    text[size] = '\0';
    char *fields[80], *at = text;
    size_t n = csv_record(&at, fields, CDN_ARRAY_LEN(fields));
    const size_t alpha2 = column(fields, n, "ISO3166-1-Alpha-2"),
                 alpha3 = column(fields, n, "ISO3166-1-Alpha-3"), dial = column(fields, n, "Dial"),
                 tld = column(fields, n, "TLD"), name = column(fields, n, "UNTERM English Formal"),
                 common = column(fields, n, "CLDR display name"),
                 currency = column(fields, n, "ISO4217-currency_alphabetic_code"),
                 minor = column(fields, n, "ISO4217-currency_minor_unit");
    size_t names = 0;
    while ((n = csv_record(&at, fields, CDN_ARRAY_LEN(fields))) > minor && n > name) {
        const char *const country = fields[alpha2];
        uint16_t code = 0, money = 0;
        struct cdn_ident id;
        char host[32];
        rows++;
        assert_int_equal(cdn_country_parse(cdn_str_z(fields[alpha3]), &code, NULL), 0);
        assert_int_equal(code, cc(country));
        if (dial_code_names(fields[dial], code) ==
            listed(dial_exceptions, CDN_ARRAY_LEN(dial_exceptions), country)) {
            fail_msg("%s: dial code %s", country, fields[dial]);
        }
        (void)snprintf(host, sizeof host, "x%s", fields[tld]);
        const bool same = cdn_host_parse(cdn_str_z(host), &id, NULL) == 0 && id.country == code;
        if (same == listed(tld_exceptions, CDN_ARRAY_LEN(tld_exceptions), country)) {
            fail_msg("%s: domain %s", country, fields[tld]);
        }
        names += cdn_country_by_name(cdn_str_z(fields[common]), &code, NULL) == 0 && code == cc(country);
        if (cdn_currency_parse(cdn_str_z(fields[currency]), &money, NULL) == 0 && fields[minor][0] >= '0' &&
            fields[minor][1] == '\0') {
            assert_int_equal(cdn_currency_minor(money), fields[minor][0] - '0');
        }
    }
    print_message("# %zu countries compared, %zu of their CLDR names known\n", rows, names);
    assert_int_equal(rows, 249);
    assert_true(names >= 240);
    free(text);
    free(bytes);
}

/* ---- libphonenumber's examples (Apache-2.0)
 * --------------------------------------------------------------------- */

/* Value of an XML attribute in [p, end), copied. */
static bool attribute(const char *p, const char *end, const char *name, char ret[16]) {
    const char *at = memmem(p, (size_t)(end - p), name, strlen(name));
    if (at == NULL) {
        return false;
    }
    at += strlen(name);
    const char *stop = memchr(at, '"', (size_t)(end - at));
    if (stop == NULL || stop - at > 15) {
        return false;
    }
    memcpy(ret, at, (size_t)(stop - at));
    ret[stop - at] = '\0';
    return true;
}

struct tally {
    size_t exact, shared, other;
};

/* Shared mobile ranges: the number says the mother country, and libphonenumber lists it under the dependency
 * as well. */
static const char *const shares_with[][2] = {
    {"GG", "GB"},
    {"JE", "GB"},
    {"IM", "GB"},
    {"SJ", "NO"},
    {"AX", "FI"},
    {"VA", "IT"},
    {"CX", "AU"},
    {"CC", "AU"},
    {"EH", "MA"},
    {"BQ", "CW"},
    {"CW", "BQ"},
    {"AC", "SH"},
    {"TA", "SH"},
    {"KZ", "RU"},
    {"BL", "GP"},
    {"MF", "GP"},
    {"YT", "RE"},
    /* +672 1 are the Australian stations in Antarctica; libphonenumber has them under Norfolk Island */
    {"NF", "AQ"}};

static bool may_be(const char *territory, uint16_t country) {
    for (size_t i = 0; i < CDN_ARRAY_LEN(shares_with); i++) {
        if (strcmp(shares_with[i][0], territory) == 0 && cc(shares_with[i][1]) == country) {
            return true;
        }
    }
    return false;
}

static void one_example(const char *territory, const char *code, const char *p, size_t n, struct tally *t) {
    char z[40];
    struct cdn_ident id;
    struct cordon_error e = {0};
    const int length = snprintf(z, sizeof z, "+%s%.*s", code, (int)n, p);
    const int err = cdn_phone_parse(cdn_str(z, (size_t)length), 0, &id, &e);
    const bool world = strcmp(territory, "001") == 0;
    if (strcmp(z, "+13101234") == 0) {
        return; /* Canada's 310 numbers have seven digits and are dialled inside Canada only */
    }
    if (err == 0 && !world && id.country == cc(territory)) {
        t->exact++;
    } else if (err == 0 && (id.country == 0 || may_be(territory, id.country))) {
        t->shared++;
    } else {
        t->other++;
        print_message("# %s %s: %s\n", territory, z, err == 0 ? cdn_country_name(id.country) : e.message);
    }
}

static void examples_of_territory(const char *p, const char *end, struct tally *t) {
    char id[16], code[16];
    static const char open[] = "<exampleNumber>";
    assert_true(attribute(p, end, " id=\"", id) && attribute(p, end, "countryCode=\"", code));
    for (const char *at = p; (at = memmem(at, (size_t)(end - at), open, sizeof open - 1)) != NULL;) {
        at += sizeof open - 1;
        const char *stop = memchr(at, '<', (size_t)(end - at));
        assert_non_null(stop);
        one_example(id, code, at, (size_t)(stop - at), t);
    }
}

static void telephone_examples_of_every_territory(void **state) {
    (void)state;
    char path[CDN_PATH], command[CDN_PATH + 32];
    cdn_shared_or_skip(path, "data/places/libphonenumber/PhoneNumberMetadata.xml.xz");
    (void)snprintf(command, sizeof command, "xz -dc '%s'", path);
    FILE *in = popen(command, "r");
    assert_non_null(in);
    const size_t room = 4U << 20;
    char *text = malloc(room);
    assert_non_null(text);
    const size_t n = fread(text, 1, room - 1, in);
    if (pclose(in) != 0 || n == 0) {
        free(text);
        print_message("# SKIPPED: xz is not installed\n");
        skip();
    }
    struct tally t = {0, 0, 0};
    size_t territories = 0;
    static const char open[] = "<territory ", close[] = "</territory>";
    for (const char *p = text; (p = memmem(p, n - (size_t)(p - text), open, sizeof open - 1)) != NULL;
         territories++) {
        const char *end = memmem(p, n - (size_t)(p - text), close, sizeof close - 1);
        assert_non_null(end);
        examples_of_territory(p, end, &t);
        p = end;
    }
    print_message("# %zu territories: %zu examples exact, %zu shared or international, %zu otherwise\n",
                  territories,
                  t.exact,
                  t.shared,
                  t.other);
    free(text);
    assert_true(territories > 240 && t.exact > 900);
    assert_int_equal(t.other, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ibans_as_the_registry_has_them),
        cmocka_unit_test(dial_codes_and_domains_as_country_codes_has_them),
        cmocka_unit_test(telephone_examples_of_every_territory),
    };
    return cdn_run(tests);
}
