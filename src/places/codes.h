/* SPDX-License-Identifier: Apache-2.0 */
/* places/codes.h: countries, regions, currencies, and the identifiers that name a country by their form.
 *
 * The ISO tables are generated at build time from iso-codes (tools/gen-codes.c); everything else is small
 * tables beside this header, each naming its source. Nothing here allocates, reads a file or a clock.
 *
 * Always true here:
 *  1. a country is a packed uint16_t (first letter in the high byte), 0 = none; numeric order is
 * alphabetical;
 *  2. a region is a packed uint32_t whose high half is its country, 0 = none; numeric order is byte order;
 *  3. iteration by index is in that order, the same in every process built from the same iso-codes;
 *  4. a parser of an identifier never guesses: what the form does not say is 0, and outputs are untouched on
 *     failure;
 *  5. `e` may be NULL wherever it is an argument. */
#ifndef CDN_PLACES_CODES_H
#define CDN_PLACES_CODES_H

#include "base/base.h"

/* ---- countries: ISO 3166-1, and XK (Kosovo, a user-assigned code that banks and customs use) --------- */

#define CDN_COUNTRY(a, b) ((uint16_t)(((unsigned)(a) << 8) | (unsigned)(b))) /* CDN_COUNTRY('U', 'A') */
#define CDN_COUNTRY_NONE ((uint16_t)0)

struct cdn_country {
    uint16_t code;        /* packed alpha-2 */
    uint16_t numeric;     /* 1..894; 0 for XK, which has none */
    char alpha3[4];       /* "UKR"; "XKX" for XK */
    const char *name;     /* ISO short name, UTF-8: "Iran, Islamic Republic of" */
    const char *common;   /* what people say: "Iran"; the same pointer as name when there is no other */
    const char *official; /* "Islamic Republic of Iran"; the same pointer as name when there is no other */
};

/* "RU", "ru", "RUS", "643" (exactly three digits). CORDON_E_SYNTAX: no such form. CORDON_E_NAME: the form is
 * right and nothing current has this code (the hint names the code meant: UK → GB, EL → GR, a former
 * country). */
int cdn_country_parse(cordon_str s, uint16_t *ret, struct cordon_error *e) CORDON_MUST_CHECK;
/* The full entry, NULL when `code` is not a current country. */
const struct cdn_country *cdn_country_get(uint16_t code);
/* The common name ("Iran"); "" when `code` is not a current country. */
const char *cdn_country_name(uint16_t code);
/* Two letters and NUL; "--" for 0. */
void cdn_country_text(uint16_t code, char ret[3]);
/* A whole name, compared after folding (case, accents, punctuation, "the"): short, common, official and
 * inverted forms and the aliases of country_names.def. CORDON_E_CONFLICT: more than one country is called so
 * ("Korea", "Congo"; the hint names them). CORDON_E_NOTFOUND: a former country ("USSR"; the hint says which).
 * CORDON_E_NAME: unknown. */
int cdn_country_by_name(cordon_str s, uint16_t *ret, struct cordon_error *e) CORDON_MUST_CHECK;
/* Code first, then name. What a form field or an address line holds. Errors as in cdn_country_by_name(). */
int cdn_country_any(cordon_str s, uint16_t *ret, struct cordon_error *e) CORDON_MUST_CHECK;
/* Stable iteration: 0 <= i < cdn_country_count(), by ascending code. */
size_t cdn_country_count(void);
uint16_t cdn_country_at(size_t i);
/* The i of cdn_country_at(), for bitsets; -1 when `code` is not a current country. */
int cdn_country_index(uint16_t code);
/* The nearest country by code, alpha-3 or name ("Belrus" → BY), 0 when none is near. Writes "BY Belarus". */
#define CDN_COUNTRY_SUGGEST_SIZE 96
uint16_t cdn_country_suggest(cordon_str s, char ret[CDN_COUNTRY_SUGGEST_SIZE]);

/* Withdrawn countries (ISO 3166-3): SU, CS (twice), YU, DD … Some codes were given out again (BY, GE, SK). */
struct cdn_former_country {
    char alpha4[5]; /* "SUHH": the only unique code */
    char alpha3[4];
    uint16_t code;    /* the alpha-2 it had, packed */
    uint16_t numeric; /* 0: none known */
    const char *name;
    const char *withdrawn; /* "1992-08-30" or "1977" */
};
size_t cdn_former_count(void);
const struct cdn_former_country *cdn_former_at(size_t i); /* by alpha-4 */
/* By alpha-4, alpha-3 or alpha-2. CORDON_E_CONFLICT: CS was two countries. CORDON_E_NAME: none. */
int cdn_former_parse(cordon_str s,
                     const struct cdn_former_country **ret,
                     struct cordon_error *e) CORDON_MUST_CHECK;

/* ---- regions: ISO 3166-2 --------------------------------------------------------------------------- */

struct cdn_region {
    uint32_t code;    /* packed */
    uint32_t parent;  /* the region it lies in, 0: directly in the country */
    const char *name; /* UTF-8 */
    const char *type; /* "Region", "Republic", "State" … */
};
static inline uint16_t cdn_region_country(uint32_t region) {
    return (uint16_t)(region >> 16);
}
/* "UA-43", any case. CORDON_E_SYNTAX or CORDON_E_NAME (hint: the nearest code or name in that country). */
int cdn_region_parse(cordon_str s, uint32_t *ret, struct cordon_error *e) CORDON_MUST_CHECK;
const struct cdn_region *cdn_region_get(uint32_t code); /* NULL: not assigned */
const char *cdn_region_name(uint32_t code);             /* "": not assigned */
/* "UA-43" and NUL; "--" for 0. */
#define CDN_REGION_TEXT_SIZE 7
void cdn_region_text(uint32_t code, char ret[CDN_REGION_TEXT_SIZE]);
/* Exact name within a country after the fold of cdn_country_by_name(), "oblast", "region" … kept as written.
 * CORDON_E_CONFLICT: several regions of that country bear the name. */
int cdn_region_by_name(uint16_t country, cordon_str s, uint32_t *ret, struct cordon_error *e)
    CORDON_MUST_CHECK;
size_t cdn_region_count(void);
const struct cdn_region *cdn_region_at(size_t i); /* by ascending code */
/* The regions of a country are [*ret_first, *ret_first + returned count) for cdn_region_at(). */
size_t cdn_region_range(uint16_t country, size_t *ret_first);
/* True when `region` is `outer` or lies in it through its parents. */
bool cdn_region_within(uint32_t region, uint32_t outer);

/* ---- currencies: ISO 4217 -------------------------------------------------------------------------- */

/* A packed uint16_t, 5 bits a letter, 0 = none; numeric order is alphabetical. */
#define CDN_CURRENCY(a, b, c)                                                                                \
    ((uint16_t)(((unsigned)(a)-64U) << 10 | ((unsigned)(b)-64U) << 5 | ((unsigned)(c)-64U)))
struct cdn_currency {
    uint16_t code;
    uint16_t numeric;
    int8_t minor; /* digits after the point: 2 for EUR, 0 for JPY; -1: not applicable (XAU, XXX) */
    const char *name;
};
int cdn_currency_parse(cordon_str s,
                       uint16_t *ret,
                       struct cordon_error *e) CORDON_MUST_CHECK; /* "EUR", "eur" */
const struct cdn_currency *cdn_currency_get(uint16_t code);
int cdn_currency_minor(uint16_t code);              /* as in the struct; -1 also when unknown */
void cdn_currency_text(uint16_t code, char ret[4]); /* "EUR"; "---" for 0 */
size_t cdn_currency_count(void);
const struct cdn_currency *cdn_currency_at(size_t i); /* by ascending code */

/* ---- identifiers as evidence ------------------------------------------------------------------------ */

enum cdn_ident_check {
    CDN_CHECK_NONE =
        0,           /* the form has no check digit, or its rule is not public: only the form was checked */
    CDN_CHECK_OK = 1 /* a check digit was there and fits */
};

/* What an identifier says. A wrong check digit is never a result: it is the error CORDON_E_DIGEST. */
#define CDN_IDENT_MAX 34
struct cdn_ident {
    char value[CDN_IDENT_MAX +
               1];   /* normalised, NUL-terminated: upper case, no separators, E.164 without "+" */
    uint8_t n;       /* its length */
    uint8_t check;   /* enum cdn_ident_check */
    uint16_t issuer; /* whose register or numbering plan it belongs to; 0: none or international */
    uint16_t
        country; /* the place it speaks for; 0: not said (shared, international, contested, non-resident) */
    uint32_t region; /* the ISO 3166-2 region where the form says one, else 0 */
    /* A part of the value: IBAN, the bank code; phone, what follows the country code; card, the first eight
     * digits (IIN); mobile codes, the three of the country; BIC, the four of the bank. part_n = 0: none
     * known. */
    uint8_t part_at, part_n;
    const char *note; /* static English sentence where the plain answer would mislead, else NULL */
};
/* In all of the following: CORDON_E_SYNTAX (not of the form), CORDON_E_NAME (right form, prefix or country
 * code not assigned), CORDON_E_DIGEST (check digit wrong), CORDON_E_NOTFOUND (no rule for this country). */

/* A telephone number: "+7 (495) 123-45-67", "00380…" or "tel:…"; or the national form with its country in
 * `home` (0: only the international form is accepted), whose trunk prefix is dropped. Spaces, dots, dashes,
 * parentheses and slashes are ignored; ";ext=" and " x12" cut. Country by longest prefix (phone.def). In a
 * contested territory (Crimea, Abkhazia …) `issuer` is the plan's country, `country` 0, `region` the ISO
 * region. */
int cdn_phone_parse(cordon_str s, uint16_t home, struct cdn_ident *ret, struct cordon_error *e)
    CORDON_MUST_CHECK;
/* IBAN (ISO 13616): length and structure of the country, mod 97. `country` is the bank's. */
int cdn_iban_parse(cordon_str s, struct cdn_ident *ret, struct cordon_error *e) CORDON_MUST_CHECK;
/* BIC (ISO 9362), 8 or 11 characters; `country` is characters 5-6. No check digit. */
int cdn_bic_parse(cordon_str s, struct cdn_ident *ret, struct cordon_error *e) CORDON_MUST_CHECK;
/* Mobile country code (ITU-T E.212): "250", a network "25001" or "250-01", or an IMSI of 14 or 15 digits. */
int cdn_mcc_parse(cordon_str s, struct cdn_ident *ret, struct cordon_error *e) CORDON_MUST_CHECK;
/* Host name ("shop.example.ru", "пример.рф", "xn--e1afmkfd.xn--p1ai", a final dot allowed) or e-mail address.
 * `value` is the top-level domain in lower-case ASCII (punycode), `country` what it stands for: 0 for generic
 * ones, .eu and former ones (.su is issuer RU, country 0, with a note). CORDON_E_NAME: not a country's and
 * not possible as a generic name. */
int cdn_host_parse(cordon_str s, struct cdn_ident *ret, struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_email_parse(cordon_str s, struct cdn_ident *ret, struct cordon_error *e) CORDON_MUST_CHECK;
/* A tax number under the rules of `country`: RU (INN), UA (EDRPOU, RNOKPP), BY (UNP), KZ (BIN, IIN), the EU's
 * members (VAT, with or without prefix; Greece's is EL), GB (VAT, with or without GB or XI).
 * CORDON_E_NOTFOUND: no rule here. */
int cdn_tax_parse(cordon_str s, uint16_t country, struct cdn_ident *ret, struct cordon_error *e)
    CORDON_MUST_CHECK;
/* An EU VAT number with its prefix (AT … SK, EL, XI). */
int cdn_vat_parse(cordon_str s, struct cdn_ident *ret, struct cordon_error *e) CORDON_MUST_CHECK;
/* Card number, 12 to 19 digits, Luhn; part = the first 8 digits (IIN). No country: that is the issuer's
 * table. */
int cdn_card_parse(cordon_str s, struct cdn_ident *ret, struct cordon_error *e) CORDON_MUST_CHECK;
/* IMO ship number: "IMO 9074729" or "9074729". No country. */
int cdn_imo_parse(cordon_str s, struct cdn_ident *ret, struct cordon_error *e) CORDON_MUST_CHECK;
/* "AS31133", "31133", "3.10" (asdot). Reserved and private numbers are CORDON_E_RANGE. */
int cdn_asn_parse(cordon_str s, uint32_t *ret, struct cordon_error *e) CORDON_MUST_CHECK;
/* Shape of a postal code: letters upper case, digits kept, spaces and dashes gone; 2 to 12 characters remain.
 */
#define CDN_POSTAL_MAX 12
int cdn_postal_normal(cordon_str s, char ret[CDN_POSTAL_MAX + 1], struct cordon_error *e) CORDON_MUST_CHECK;

#endif
