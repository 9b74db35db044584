/* SPDX-License-Identifier: Apache-2.0 */
/* codes_vat.c: VAT numbers of the European Union's members and Northern Ireland (XI).
 *
 * One row per member: how long the part after the prefix is and which function judges it. Each rule is the
 * one that the member publishes (collected in the Commission's VIES notes and the OECD's TIN sheets). Where a
 * member has several kinds of number the length or first character decides; a kind without a public check
 * digit gives CDN_CHECK_NONE. A number says where somebody is registered for VAT: kinds for non-residents
 * name no country. */
#include "places/codes_priv.h"
#include "places/codes_tables.h"

enum verdict { BAD_FORM, BAD_CHECK, FORM_ONLY, CHECKED };

#define DIGIT(i) (p[i] - '0')
static enum verdict checked(bool right) {
    return right ? CHECKED : BAD_CHECK;
}
static bool digits(const char *p, size_t n) {
    return cdn_places_all_digits(p, n);
}

static enum verdict at(const char *p, size_t n, struct cdn_ident *id) {
    (void)id;
    int sum = 0;
    if (n != 9 || p[0] != 'U' || !digits(p + 1, 8)) {
        return BAD_FORM;
    }
    for (size_t i = 1; i < 8; i++) {
        const int d = i % 2 == 0 ? 2 * DIGIT(i) : DIGIT(i);
        sum += d > 9 ? d - 9 : d;
    }
    return checked((96 - sum) % 10 == DIGIT(8));
}

static enum verdict be(const char *p, size_t n, struct cdn_ident *id) {
    (void)id;
    if ((n != 10 && n != 9) || !digits(p, n) || (n == 10 && p[0] > '1')) {
        return BAD_FORM; /* nine digits: before 2005, without the leading 0 */
    }
    return checked(97 - cdn_places_mod(p, n - 2, 97) == cdn_places_mod(p + n - 2, 2, 100));
}

static bool bg_person(const char *p) {
    static const int8_t citizen[] = {2, 4, 8, 5, 10, 9, 7, 3, 6},
                        foreigner[] = {21, 19, 17, 13, 11, 9, 7, 3, 1}, other[] = {4, 3, 2, 7, 6, 5, 4, 3, 2};
    const int rest = 11 - cdn_places_weighted(p, other, 9) % 11;
    return cdn_places_weighted(p, citizen, 9) % 11 % 10 == DIGIT(9) ||
           cdn_places_weighted(p, foreigner, 9) % 10 == DIGIT(9) || (rest == 11 ? 0 : rest) == DIGIT(9);
}

static enum verdict bg(const char *p, size_t n, struct cdn_ident *id) {
    (void)id;
    static const int8_t first[] = {1, 2, 3, 4, 5, 6, 7, 8}, second[] = {3, 4, 5, 6, 7, 8, 9, 10};
    if ((n != 9 && n != 10) || !digits(p, n)) {
        return BAD_FORM;
    }
    if (n == 10) {
        return checked(bg_person(p));
    }
    int check = cdn_places_weighted(p, first, 8) % 11;
    if (check == 10) {
        check = cdn_places_weighted(p, second, 8) % 11 % 10;
    }
    return checked(check == DIGIT(8));
}

static enum verdict cy(const char *p, size_t n, struct cdn_ident *id) {
    (void)id;
    static const uint8_t odd[] = {1, 0, 5, 7, 9, 13, 15, 17, 19, 21};
    unsigned sum = 0;
    if (n != 9 || !digits(p, 8) || !cdn_places_is_upper(p[8]) || memcmp(p, "12", 2) == 0) {
        return BAD_FORM;
    }
    for (size_t i = 0; i < 8; i++) {
        sum += i % 2 == 0 ? odd[DIGIT(i)] : (unsigned)DIGIT(i);
    }
    return checked((char)('A' + sum % 26) == p[8]);
}

static enum verdict cz(const char *p, size_t n, struct cdn_ident *id) {
    (void)id;
    static const int8_t w[] = {8, 7, 6, 5, 4, 3, 2};
    if (n < 8 || n > 10 || !digits(p, n) || (n == 8 && p[0] == '9')) {
        return BAD_FORM;
    }
    if (n == 9) {
        return FORM_ONLY; /* birth numbers before 1954 and special numbers */
    }
    if (n ==
        10) { /* birth number: the whole is a multiple of 11; until 1985 a remainder of 10 was written as 0 */
        const unsigned first = cdn_places_mod(p, 9, 11);
        return checked(first % 10 == (unsigned)DIGIT(9) && (first != 10 || p[9] == '0'));
    }
    const int rest = (11 - cdn_places_weighted(p, w, 7) % 11) % 11;
    return checked((rest == 0 ? 1 : rest) % 10 == DIGIT(7));
}

static enum verdict de(const char *p, size_t n, struct cdn_ident *id) {
    (void)id;
    if (n != 9 || !digits(p, 9) || p[0] == '0') {
        return BAD_FORM;
    }
    return checked(cdn_places_mod11_10(p, 9));
}

static enum verdict dk(const char *p, size_t n, struct cdn_ident *id) {
    (void)id;
    static const int8_t w[] = {2, 7, 6, 5, 4, 3, 2, 1};
    if (n != 8 || !digits(p, 8) || p[0] == '0') {
        return BAD_FORM;
    }
    return checked(cdn_places_weighted(p, w, 8) % 11 == 0);
}

static enum verdict ee(const char *p, size_t n, struct cdn_ident *id) {
    (void)id;
    static const int8_t w[] = {3, 7, 1, 3, 7, 1, 3, 7, 1};
    if (n != 9 || !digits(p, 9)) {
        return BAD_FORM;
    }
    return checked(cdn_places_weighted(p, w, 9) % 10 == 0);
}

static enum verdict el(const char *p, size_t n, struct cdn_ident *id) {
    (void)id;
    int sum = 0;
    if ((n != 9 && n != 8) || !digits(p, n)) { /* eight: the leading 0 was left out */
        return BAD_FORM;
    }
    for (size_t i = 0; i + 1 < n; i++) {
        sum = (sum + DIGIT(i)) * 2;
    }
    return checked(sum % 11 % 10 == DIGIT(n - 1));
}

/* Luhn over the first seven digits after the letter; the control is a digit or the letter at its place. */
static enum verdict es_company(const char *p, struct cdn_ident *id) {
    static const char letters[] = "JABCDEFGHI";
    char body[8];
    if (!digits(p + 1, 7)) {
        return BAD_FORM;
    }
    memcpy(body, p + 1, 7);
    int control = 0;
    for (char c = '0'; c <= '9'; c++) {
        body[7] = c;
        if (cdn_places_luhn(body, 8)) {
            control = c - '0';
        }
    }
    const bool as_digit = DIGIT(8) == control, as_letter = p[8] == letters[control];
    if (p[0] == 'N') {
        id->country = CDN_COUNTRY_NONE;
        id->note = "a foreign entity on the Spanish register";
    } else if (p[0] == 'W') {
        id->note = "the permanent establishment of a foreign entity";
    }
    if (strchr("NPQRSW", p[0]) != NULL) {
        return checked(as_letter);
    }
    return checked(strchr("ABEH", p[0]) != NULL ? as_digit : as_digit || as_letter);
}

static enum verdict es(const char *p, size_t n, struct cdn_ident *id) {
    static const char letters[] = "TRWAGMYFPDXBNJZSQVHLCKE";
    if (n != 9) {
        return BAD_FORM;
    }
    if (strchr("ABCDEFGHJNPQRSUVW", p[0]) != NULL) {
        return es_company(p, id);
    }
    if (!digits(p + 1, 7) || !cdn_places_is_upper(p[8])) {
        return BAD_FORM;
    }
    unsigned number = cdn_places_mod(p + 1, 7, 10000000U);
    if (cdn_places_is_digit(p[0])) {
        number += (unsigned)DIGIT(0) * 10000000U;
    } else if (p[0] >= 'X' && p[0] <= 'Z') { /* foreign residents */
        number += (unsigned)(p[0] - 'X') * 10000000U;
    } else if (strchr("KLM", p[0]) == NULL) {
        return BAD_FORM;
    }
    return checked(letters[number % 23] == p[8]);
}

static enum verdict fi(const char *p, size_t n, struct cdn_ident *id) {
    (void)id;
    static const int8_t w[] = {7, 9, 10, 5, 8, 4, 2};
    if (n != 8 || !digits(p, 8)) {
        return BAD_FORM;
    }
    return checked((11 - cdn_places_weighted(p, w, 7) % 11) % 11 == DIGIT(7));
}

/* Key of two characters over the SIREN number; 0-9, A-Z without I and O. */
static bool fr_key(const char *p) {
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    if (digits(p, 2)) {
        const unsigned siren = cdn_places_mod(p + 2, 9, 97);
        return (siren * 100 + 12) % 97 == cdn_places_mod(p, 2, 100);
    }
    const char *first = strchr(alphabet, p[0]), *second = strchr(alphabet, p[1]);
    if (first == NULL || second == NULL) {
        return false;
    }
    const int a = (int)(first - alphabet), b = (int)(second - alphabet);
    const int key = a < 10 ? a * 24 + b - 10 : a * 34 + b - 100;
    return key >= 0 && ((int)cdn_places_mod(p + 2, 9, 11) + 1 + key / 11) % 11 == key % 11;
}

static enum verdict fr(const char *p, size_t n, struct cdn_ident *id) {
    if (n != 11 || !digits(p + 2, 9)) {
        return BAD_FORM;
    }
    if (memcmp(p + 2, "000", 3) == 0) {
        id->country = CDN_COUNTRY('M', 'C');
        id->note = "a number of Monaco, which is in the French VAT territory";
    } else if (!cdn_places_luhn(p + 2, 9)) {
        return BAD_CHECK;
    }
    return checked(fr_key(p));
}

static enum verdict hr(const char *p, size_t n, struct cdn_ident *id) {
    (void)id;
    if (n != 11 || !digits(p, 11)) {
        return BAD_FORM;
    }
    return checked(cdn_places_mod11_10(p, 11));
}

static enum verdict hu(const char *p, size_t n, struct cdn_ident *id) {
    (void)id;
    static const int8_t w[] = {9, 7, 3, 1, 9, 7, 3, 1};
    if (n != 8 || !digits(p, 8)) {
        return BAD_FORM;
    }
    return checked(cdn_places_weighted(p, w, 8) % 10 == 0);
}

static enum verdict ie(const char *p, size_t n, struct cdn_ident *id) {
    (void)id;
    static const char letters[] = "WABCDEFGHIJKLMNOPQRSTUV";
    static const int8_t w[] = {8, 7, 6, 5, 4, 3, 2};
    char body[7];
    int sum = 0;
    if ((n != 8 && n != 9) || !digits(p, 1) || !digits(p + 2, 5) || !cdn_places_is_upper(p[7])) {
        return BAD_FORM;
    }
    if (cdn_places_is_digit(p[1])) {
        memcpy(body, p, 7);
    } else if (n == 8) { /* before 2013: the second character a letter */
        body[0] = '0';
        memcpy(body + 1, p + 2, 5);
        body[6] = p[0];
    } else {
        return BAD_FORM;
    }
    sum = cdn_places_weighted(body, w, 7);
    if (n == 9) { /* since 2013: a second letter, A to I or W */
        const char *more = strchr("WABCDEFGHI", p[8]);
        if (more == NULL) {
            return BAD_FORM;
        }
        sum += 9 * (p[8] == 'W' ? 0 : p[8] - 'A' + 1);
    }
    return checked(letters[sum % 23] == p[7]);
}

static enum verdict it(const char *p, size_t n, struct cdn_ident *id) {
    (void)id;
    if (n != 11 || !digits(p, 11) || memcmp(p, "0000000", 7) == 0) {
        return BAD_FORM;
    }
    return checked(cdn_places_luhn(p, 11));
}

static enum verdict lt(const char *p, size_t n, struct cdn_ident *id) {
    (void)id;
    int first = 0, second = 0;
    if ((n != 9 && n != 12) || !digits(p, n) || p[n - 2] != '1') {
        return BAD_FORM;
    }
    for (size_t i = 0; i + 1 < n; i++) {
        first += DIGIT(i) * (int)(1 + i % 9);
        second += DIGIT(i) * (int)(1 + (i + 2) % 9);
    }
    const int check = first % 11 == 10 ? second % 11 % 10 : first % 11;
    return checked(check == DIGIT(n - 1));
}

static enum verdict lu(const char *p, size_t n, struct cdn_ident *id) {
    (void)id;
    if (n != 8 || !digits(p, 8)) {
        return BAD_FORM;
    }
    return checked(cdn_places_mod(p, 6, 89) == cdn_places_mod(p + 6, 2, 100));
}

static enum verdict lv(const char *p, size_t n, struct cdn_ident *id) {
    (void)id;
    static const int8_t company[] = {9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1},
                        person[] = {10, 5, 8, 4, 2, 1, 6, 3, 7, 9};
    if (n != 11 || !digits(p, 11)) {
        return BAD_FORM;
    }
    if (p[0] > '3') {
        return checked(cdn_places_weighted(p, company, 11) % 11 == 3);
    }
    if (memcmp(p, "32", 2) == 0) {
        return FORM_ONLY; /* personal codes since 2017 carry no date and no published check */
    }
    return checked((1 + cdn_places_weighted(p, person, 10)) % 11 % 10 == DIGIT(10));
}

static enum verdict mt(const char *p, size_t n, struct cdn_ident *id) {
    (void)id;
    static const int8_t w[] = {3, 4, 6, 7, 8, 9, 10, 1};
    if (n != 8 || !digits(p, 8) || p[0] == '0') {
        return BAD_FORM;
    }
    return checked(cdn_places_weighted(p, w, 8) % 37 == 0);
}

/* Companies: eleven-test of the first nine digits. Since 2020 also modulo 97 over the whole with its prefix.
 */
static enum verdict nl(const char *p, size_t n, struct cdn_ident *id) {
    (void)id;
    static const int8_t w[] = {9, 8, 7, 6, 5, 4, 3, 2, -1};
    if (n != 12 || !digits(p, 9) || p[9] != 'B' || !digits(p + 10, 2) || strspn(p, "0") == 9) {
        return BAD_FORM;
    }
    if (cdn_places_weighted(p, w, 9) % 11 == 0) {
        return CHECKED;
    }
    char all[15];
    memcpy(all, "2321", 4); /* N = 23, L = 21, B = 11 */
    memcpy(all + 4, p, 9);
    memcpy(all + 13, "11", 2);
    const unsigned rest = (cdn_places_mod(all, 15, 97) * 100 + cdn_places_mod(p + 10, 2, 100)) % 97;
    return checked(rest == 1);
}

static enum verdict pl(const char *p, size_t n, struct cdn_ident *id) {
    (void)id;
    static const int8_t w[] = {6, 5, 7, 2, 3, 4, 5, 6, 7};
    if (n != 10 || !digits(p, 10)) {
        return BAD_FORM;
    }
    return checked(cdn_places_weighted(p, w, 9) % 11 == DIGIT(9));
}

static enum verdict pt(const char *p, size_t n, struct cdn_ident *id) {
    (void)id;
    static const int8_t w[] = {9, 8, 7, 6, 5, 4, 3, 2};
    if (n != 9 || !digits(p, 9) || p[0] == '0') {
        return BAD_FORM;
    }
    return checked((11 - cdn_places_weighted(p, w, 8) % 11) % 11 % 10 == DIGIT(8));
}

static enum verdict ro(const char *p, size_t n, struct cdn_ident *id) {
    (void)id;
    static const int8_t w[] = {7, 5, 3, 2, 1, 7, 5, 3, 2};
    if (n < 2 || n > 10 || !digits(p, n) || p[0] == '0') {
        return BAD_FORM;
    }
    return checked(cdn_places_weighted(p, w + (10 - n), n - 1) * 10 % 11 % 10 == DIGIT(n - 1));
}

static enum verdict se(const char *p, size_t n, struct cdn_ident *id) {
    (void)id;
    if (n != 12 || !digits(p, 12) || memcmp(p + 10, "00", 2) == 0 || memcmp(p + 10, "94", 2) > 0) {
        return BAD_FORM;
    }
    return checked(cdn_places_luhn(p, 10));
}

static enum verdict si(const char *p, size_t n, struct cdn_ident *id) {
    (void)id;
    static const int8_t w[] = {8, 7, 6, 5, 4, 3, 2};
    if (n != 8 || !digits(p, 8) || p[0] == '0') {
        return BAD_FORM;
    }
    const int check = 11 - cdn_places_weighted(p, w, 7) % 11;
    return checked((check == 10 ? 0 : check) == DIGIT(7));
}

static enum verdict sk(const char *p, size_t n, struct cdn_ident *id) {
    (void)id;
    if (n != 10 || !digits(p, 10) || p[0] == '0') {
        return BAD_FORM;
    }
    return checked(cdn_places_mod(p, 10, 11) == 0);
}

/* The United Kingdom's rule, which Northern Ireland keeps: modulo 97, numbers since 2010 with 55 added. */
static enum verdict xi(const char *p, size_t n, struct cdn_ident *id) {
    (void)id;
    static const int8_t w[] = {8, 7, 6, 5, 4, 3, 2};
    if (n == 5 && digits(p + 2, 3) && (memcmp(p, "GD", 2) == 0 || memcmp(p, "HA", 2) == 0)) {
        return (p[0] == 'G') == (p[2] < '5') ? FORM_ONLY
                                             : BAD_FORM; /* government below 500, health authorities above */
    }
    if ((n != 9 && n != 12) || !digits(p, n) || strspn(p, "0") >= 7) {
        return BAD_FORM;
    }
    const int sum = cdn_places_weighted(p, w, 7) + (int)cdn_places_mod(p + 7, 2, 100);
    return checked(sum % 97 == 0 || (sum + 55) % 97 == 0);
}

static const struct {
    char prefix[3], country[3];
    enum verdict (*judge)(const char *p, size_t n, struct cdn_ident *id);
    const char *form;
} members[] = {
    {"AT", "AT", at, "U and 8 digits"},
    {"BE", "BE", be, "10 digits, the first 0 or 1"},
    {"BG", "BG", bg, "9 or 10 digits"},
    {"CY", "CY", cy, "8 digits and a letter"},
    {"CZ", "CZ", cz, "8 to 10 digits"},
    {"DE", "DE", de, "9 digits"},
    {"DK", "DK", dk, "8 digits"},
    {"EE", "EE", ee, "9 digits"},
    {"EL", "GR", el, "9 digits"},
    {"ES", "ES", es, "9 characters, the first or the last a letter"},
    {"FI", "FI", fi, "8 digits"},
    {"FR", "FR", fr, "2 characters and 9 digits"},
    {"HR", "HR", hr, "11 digits"},
    {"HU", "HU", hu, "8 digits"},
    {"IE", "IE", ie, "7 digits and one or two letters"},
    {"IT", "IT", it, "11 digits"},
    {"LT", "LT", lt, "9 or 12 digits"},
    {"LU", "LU", lu, "8 digits"},
    {"LV", "LV", lv, "11 digits"},
    {"MT", "MT", mt, "8 digits"},
    {"NL", "NL", nl, "9 digits, B, 2 digits"},
    {"PL", "PL", pl, "10 digits"},
    {"PT", "PT", pt, "9 digits"},
    {"RO", "RO", ro, "2 to 10 digits"},
    {"SE", "SE", se, "12 digits"},
    {"SI", "SI", si, "8 digits"},
    {"SK", "SK", sk, "10 digits"},
    {"XI", "GB", xi, "9 or 12 digits, or GD or HA and 3 digits"},
};

uint16_t cdn_places_vat_prefix(uint16_t country) {
    for (size_t i = 0; i < CDN_ARRAY_LEN(members); i++) {
        if (cdn_places_lit(members[i].country) == country) {
            return cdn_places_lit(members[i].prefix);
        }
    }
    return 0;
}

int cdn_places_vat_body(
    uint16_t prefix, const char *p, size_t n, struct cdn_ident *ret, struct cordon_error *e) {
    for (size_t i = 0; i < CDN_ARRAY_LEN(members); i++) {
        if (cdn_places_lit(members[i].prefix) != prefix) {
            continue;
        }
        struct cdn_ident id = *ret;
        id.issuer = id.country = cdn_places_lit(members[i].country);
        const enum verdict v = members[i].judge(p, n, &id);
        if (v == BAD_FORM) {
            (void)cdn_fail(
                e, CORDON_E_SYNTAX, "`%.*s` is not a VAT number of %s", (int)n, p, members[i].country);
            cdn_error_hint(e, "it has %s after the prefix %s", members[i].form, members[i].prefix);
            return CORDON_E_SYNTAX;
        }
        if (v == BAD_CHECK) {
            return cdn_places_wrong_check(e, "VAT number", cdn_str(p, n));
        }
        id.check = v == CHECKED ? CDN_CHECK_OK : CDN_CHECK_NONE;
        *ret = id;
        return 0;
    }
    return cdn_fail(e, CORDON_E_NOTFOUND, "no VAT numbers of this prefix are known");
}

int cdn_vat_parse(cordon_str s, struct cdn_ident *ret, struct cordon_error *e) {
    char p[21];
    const size_t n = cdn_places_compact(cdn_str_trim(s), " -.", p, 20);
    if (n == SIZE_MAX || n < 4 || !cdn_places_is_upper(p[0]) || !cdn_places_is_upper(p[1])) {
        return cdn_fail(e, CORDON_E_SYNTAX, "`%.*s` is not a VAT number with its prefix", CDN_FMT(s));
    }
    const uint16_t prefix = CDN_COUNTRY(p[0], p[1]);
    struct cdn_ident id = cdn_places_ident(p, n);
    const int err = cdn_places_vat_body(prefix, p + 2, n - 2, &id, e);
    if (err == CORDON_E_NOTFOUND) {
        (void)cdn_fail(e, CORDON_E_NOTFOUND, "%.2s is not the prefix of an EU VAT number", p);
        if (prefix == CDN_COUNTRY('G', 'R')) {
            cdn_error_hint(e, "Greece's prefix is EL");
        } else if (prefix == CDN_COUNTRY('G', 'B')) {
            cdn_error_hint(e, "Great Britain has left; Northern Ireland's prefix is XI");
        }
    }
    if (err != 0) {
        return err;
    }
    if (prefix == CDN_COUNTRY('X', 'I')) {
        id.region = cdn_places_pack_region(CDN_STR("GB-NIR"));
    }
    *ret = id;
    return 0;
}
