/* SPDX-License-Identifier: Apache-2.0 */
/* codes_country.c: look-ups of current and former countries in the generated tables, by code and by name.
 *
 * 1. Tables are sorted by what they are searched by (code, folded name); alpha-3 and numeric are scanned, at
 * most 250 rows.
 * 2. A name is equal after the fold or it is not known: nearness is only for suggestions, never for answers.
 */
#include "places/codes.h"
#include "places/codes_fold.h"
#include "places/codes_tables.h"

/* Codes that are in wide use but are not the ISO 3166-1 code of a country. */
static const struct {
    char alias[3];
    uint16_t code; /* 0: no single country */
    const char *why;
} near_codes[] = {
    {"UK", CDN_COUNTRY('G', 'B'), "the United Kingdom is GB"},
    {"EL", CDN_COUNTRY('G', 'R'), "Greece is GR; EL is only its VAT prefix"},
    {"XI", CDN_COUNTRY('G', 'B'), "XI is the VAT prefix of Northern Ireland, which is in GB"},
    {"EU", 0, "the European Union is not a country; name its members or a set"},
    {"AC", CDN_COUNTRY('S', 'H'), "Ascension is in SH"},
    {"TA", CDN_COUNTRY('S', 'H'), "Tristan da Cunha is in SH"},
    {"IC", CDN_COUNTRY('E', 'S'), "the Canary Islands are in ES"},
    {"EA", CDN_COUNTRY('E', 'S'), "Ceuta and Melilla are in ES"},
    {"DG", CDN_COUNTRY('I', 'O'), "Diego Garcia is in IO"},
    {"CP", CDN_COUNTRY('F', 'R'), "Clipperton is in FR"},
};

static char upper(char c) {
    return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

static bool all_letters(cordon_str s) {
    for (size_t i = 0; i < s.n; i++) {
        const char c = upper(s.p[i]);
        if (c < 'A' || c > 'Z') {
            return false;
        }
    }
    return true;
}

static bool all_digits(cordon_str s) {
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') {
            return false;
        }
    }
    return true;
}

static int search(uint16_t code) {
    size_t low = 0, high = cdn_places_country_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (cdn_places_countries[middle].code < code) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < cdn_places_country_count && cdn_places_countries[low].code == code ? (int)low : -1;
}

int cdn_country_index(uint16_t code) {
    return search(code);
}

const struct cdn_country *cdn_country_get(uint16_t code) {
    const int i = search(code);
    return i < 0 ? NULL : &cdn_places_countries[i];
}

const char *cdn_country_name(uint16_t code) {
    const struct cdn_country *c = cdn_country_get(code);
    return c == NULL ? "" : c->common;
}

void cdn_country_text(uint16_t code, char ret[3]) {
    ret[0] = code == 0 ? '-' : (char)(code >> 8);
    ret[1] = code == 0 ? '-' : (char)(code & 0xFF);
    ret[2] = '\0';
}

size_t cdn_country_count(void) {
    return cdn_places_country_count;
}

uint16_t cdn_country_at(size_t i) {
    return i < cdn_places_country_count ? cdn_places_countries[i].code : CDN_COUNTRY_NONE;
}

static int no_such_code(cordon_str s, struct cordon_error *e) {
    const struct cdn_former_country *former = NULL;
    char suggestion[CDN_COUNTRY_SUGGEST_SIZE];
    (void)cdn_fail(e, CORDON_E_NAME, "no country has the code `%.*s`", CDN_FMT(s));
    for (size_t i = 0; i < CDN_ARRAY_LEN(near_codes); i++) {
        if (cdn_str_eq_nocase(s, cdn_str_z(near_codes[i].alias))) {
            cdn_error_hint(e, "%s", near_codes[i].why);
            return CORDON_E_NAME;
        }
    }
    const int err = cdn_former_parse(s, &former, NULL);
    if (err == 0) {
        cdn_error_hint(e, "it was %s, withdrawn %s", former->name, former->withdrawn);
    } else if (err == CORDON_E_CONFLICT) {
        cdn_error_hint(e,
                       "it was the code of two former countries, Czechoslovakia and Serbia and Montenegro");
    } else if (cdn_country_suggest(s, suggestion) != 0) {
        cdn_error_hint(e, "did you mean %s?", suggestion);
    }
    return CORDON_E_NAME;
}

int cdn_country_parse(cordon_str s, uint16_t *ret, struct cordon_error *e) {
    uint16_t code = 0;
    if (s.n == 2 && all_letters(s)) {
        code = CDN_COUNTRY((uint8_t)upper(s.p[0]), (uint8_t)upper(s.p[1]));
        if (search(code) < 0) {
            code = 0;
        }
    } else if (s.n == 3 && all_letters(s)) {
        for (size_t i = 0; i < cdn_places_country_count && code == 0; i++) {
            if (cdn_str_eq_nocase(s, cdn_str(cdn_places_countries[i].alpha3, 3))) {
                code = cdn_places_countries[i].code;
            }
        }
    } else if (s.n == 3 && all_digits(s)) {
        const unsigned v =
            (unsigned)(s.p[0] - '0') * 100 + (unsigned)(s.p[1] - '0') * 10 + (unsigned)(s.p[2] - '0');
        for (size_t i = 0; v != 0 && i < cdn_places_country_count && code == 0; i++) {
            if (cdn_places_countries[i].numeric == v) {
                code = cdn_places_countries[i].code;
            }
        }
    } else {
        return cdn_fail(e,
                        CORDON_E_SYNTAX,
                        "`%.*s` is not a country code (two or three letters, or three digits)",
                        CDN_FMT(s));
    }
    if (code == 0) {
        return no_such_code(s, e);
    }
    *ret = code;
    return 0;
}

/* ---- by name -------------------------------------------------------------------------------------- */

static const struct cdn_places_name *find_name(const char *folded) {
    size_t low = 0, high = cdn_places_name_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(cdn_places_names[middle].folded, folded);
        if (order == 0) {
            return &cdn_places_names[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

int cdn_country_by_name(cordon_str s, uint16_t *ret, struct cordon_error *e) {
    char folded[CDN_PLACES_FOLD_MAX];
    const size_t n = cdn_places_fold(s, folded);
    const struct cdn_places_name *name = n == SIZE_MAX || n == 0 ? NULL : find_name(folded);
    if (name == NULL) {
        char suggestion[CDN_COUNTRY_SUGGEST_SIZE];
        (void)cdn_fail(e, CORDON_E_NAME, "no country is called `%.*s`", CDN_FMT(s));
        if (e != NULL && cdn_country_suggest(s, suggestion) != 0) {
            cdn_error_hint(e, "did you mean %s?", suggestion);
        }
        return CORDON_E_NAME;
    }
    if (name->a == 0) {
        const struct cdn_former_country *f = &cdn_places_formers[name->former];
        (void)cdn_fail(e, CORDON_E_NOTFOUND, "`%.*s` is not a country any more", CDN_FMT(s));
        cdn_error_hint(e, "%s (%s) was withdrawn %s", f->name, f->alpha4, f->withdrawn);
        return CORDON_E_NOTFOUND;
    }
    if (name->b != 0) {
        char a[3], b[3];
        cdn_country_text(name->a, a);
        cdn_country_text(name->b, b);
        (void)cdn_fail(e, CORDON_E_CONFLICT, "`%.*s` is the name of more than one country", CDN_FMT(s));
        cdn_error_hint(
            e, "write %s (%s) or %s (%s)", a, cdn_country_name(name->a), b, cdn_country_name(name->b));
        return CORDON_E_CONFLICT;
    }
    *ret = name->a;
    return 0;
}

int cdn_country_any(cordon_str s, uint16_t *ret, struct cordon_error *e) {
    s = cdn_str_trim(s);
    if (s.n <= 3 && cdn_country_parse(s, ret, NULL) == 0) {
        return 0;
    }
    return cdn_country_by_name(s, ret, e);
}

/* ---- suggestions ----------------------------------------------------------------------------------- */

static uint16_t of_folded(cordon_str folded) {
    for (size_t i = 0; i < cdn_places_name_count; i++) {
        if (cdn_str_eq(cdn_str_z(cdn_places_names[i].folded), folded)) {
            return cdn_places_names[i].a;
        }
    }
    return 0;
}

/* An alpha-3 that differs by one letter, or by two neighbours swapped, when only one does. */
static uint16_t near_alpha3(cordon_str s) {
    uint16_t found = 0;
    for (size_t i = 0; i < cdn_places_country_count; i++) {
        if (cdn_str_distance(s, cdn_str(cdn_places_countries[i].alpha3, 3), 1) <= 1) {
            if (found != 0) {
                return 0;
            }
            found = cdn_places_countries[i].code;
        }
    }
    return found;
}

uint16_t cdn_country_suggest(cordon_str s, char ret[CDN_COUNTRY_SUGGEST_SIZE]) {
    char folded[CDN_PLACES_FOLD_MAX];
    uint16_t code = 0;
    s = cdn_str_trim(s);
    const size_t n = cdn_places_fold(s, folded);
    if (n == SIZE_MAX || n == 0) {
        return 0;
    }
    for (size_t i = 0; i < CDN_ARRAY_LEN(near_codes) && code == 0; i++) {
        if (cdn_str_eq_nocase(s, cdn_str_z(near_codes[i].alias))) {
            code = near_codes[i].code;
        }
    }
    if (code == 0 && s.n == 3 && all_letters(s)) {
        code = near_alpha3(s);
    }
    if (code == 0 && n > 3) {
        struct cdn_suggest near;
        cdn_suggest_init(&near, cdn_str(folded, n));
        for (size_t i = 0; i < cdn_places_name_count; i++) {
            if (cdn_places_names[i].a != 0 && cdn_places_names[i].b == 0) {
                cdn_suggest_offer(&near, cdn_str_z(cdn_places_names[i].folded));
            }
        }
        if (cdn_suggest_found(&near)) {
            code = of_folded(near.best);
        }
    }
    if (code != 0) {
        struct cdn_buf out;
        char text[3];
        cdn_country_text(code, text);
        cdn_buf_fixed(&out, ret, CDN_COUNTRY_SUGGEST_SIZE - 1);
        cdn_buf_z(&out, text);
        cdn_buf_char(&out, ' ');
        cdn_buf_z(&out, cdn_country_name(code));
        ret[out.n] = '\0';
    }
    return code;
}

/* ---- former countries ------------------------------------------------------------------------------ */

size_t cdn_former_count(void) {
    return cdn_places_former_count;
}

const struct cdn_former_country *cdn_former_at(size_t i) {
    return i < cdn_places_former_count ? &cdn_places_formers[i] : NULL;
}

int cdn_former_parse(cordon_str s, const struct cdn_former_country **ret, struct cordon_error *e) {
    const struct cdn_former_country *found = NULL;
    if (s.n < 2 || s.n > 4 || !all_letters(s)) {
        return cdn_fail(e, CORDON_E_SYNTAX, "`%.*s` is not a code of a former country", CDN_FMT(s));
    }
    for (size_t i = 0; i < cdn_places_former_count; i++) {
        const struct cdn_former_country *f = &cdn_places_formers[i];
        char alpha2[3];
        cdn_country_text(f->code, alpha2);
        const char *code = s.n == 4 ? f->alpha4 : s.n == 3 ? f->alpha3 : alpha2;
        if (!cdn_str_eq_nocase(s, cdn_str_z(code))) {
            continue;
        }
        if (found != NULL) {
            (void)cdn_fail(e, CORDON_E_CONFLICT, "`%.*s` was the code of two countries", CDN_FMT(s));
            cdn_error_hint(e, "write %s (%s) or %s (%s)", found->alpha4, found->name, f->alpha4, f->name);
            return CORDON_E_CONFLICT;
        }
        found = f;
    }
    if (found == NULL) {
        return cdn_fail(e, CORDON_E_NAME, "no former country has the code `%.*s`", CDN_FMT(s));
    }
    *ret = found;
    return 0;
}
