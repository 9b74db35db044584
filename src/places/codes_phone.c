/* SPDX-License-Identifier: Apache-2.0 */
/* codes_phone.c: telephone numbers to E.164 and, by longest prefix, to a country (table: phone.def).
 *
 * 1. A number is international ("+…", "00…", "tel:+…") or national with its country stated; anything else is
 * refused, because digits alone name no country.
 * 2. The length is checked against the numbering plan of the prefix that matched.
 * 3. Prefixes that two countries share, and those of contested territory, name the plan (issuer) and no
 * country. */
#include "places/codes_priv.h"
#include "places/codes_tables.h"

static const struct phone_row {
    char prefix[9];
    char issuer[3], country[3], region[7];
    uint8_t shortest, longest;
    const char *note;
} phones[] = {
#define PHONE(prefix, issuer, country, region, shortest, longest, note)                                      \
    {prefix, issuer, country, region, shortest, longest, note},
#define TRUNK(country, code, trunk, shortest, longest)
#include "places/phone.def"
#undef PHONE
#undef TRUNK
};

static const struct trunk_row {
    char country[3], code[4], trunk[8];
    uint8_t shortest, longest;
} trunks[] = {
#define PHONE(prefix, issuer, country, region, shortest, longest, note)
#define TRUNK(country, code, trunk, shortest, longest) {country, code, trunk, shortest, longest},
#include "places/phone.def"
#undef PHONE
#undef TRUNK
};

#define PREFIX_MAX 8
#define DIGITS_MAX 19 /* E.164 allows 15; a few networks are longer inside their own plan */

/* Number of rows whose prefix is not after digits[0..n) in byte order. */
static size_t rows_up_to(const char *digits, size_t n) {
    size_t low = 0, high = CDN_ARRAY_LEN(phones);
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const char *prefix = phones[middle].prefix;
        const int order = strncmp(prefix, digits, n);
        if (order < 0 || (order == 0 && prefix[n] == '\0')) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The last row that is not after the digits is their longest prefix, or else that prefix is no longer than
 * what the row and the digits have in common: any row between it and the digits begins with it. So look again
 * with less. */
static const struct phone_row *find_longest(const char *digits, size_t n) {
    n = CDN_MIN(n, (size_t)PREFIX_MAX);
    while (n > 0) {
        const size_t rows = rows_up_to(digits, n);
        if (rows == 0) {
            return NULL;
        }
        const char *prefix = phones[rows - 1].prefix;
        size_t common = 0;
        while (common < n && prefix[common] == digits[common]) {
            common++;
        }
        if (prefix[common] == '\0') {
            return &phones[rows - 1];
        }
        n = common;
    }
    return NULL;
}

static const struct trunk_row *find_trunk(uint16_t country) {
    for (size_t i = 0; i < CDN_ARRAY_LEN(trunks); i++) {
        if (cdn_places_lit(trunks[i].country) == country) {
            return &trunks[i];
        }
    }
    return NULL;
}

/* ---- from text to digits ---------------------------------------------------------------------------- */

struct digits {
    char p[DIGITS_MAX + 1];
    size_t n;
    bool plus;
};

static int not_a_number(cordon_str s, const char *why, struct cordon_error *e) {
    return cdn_fail(e, CORDON_E_SYNTAX, "`%.*s` is not a telephone number: %s", CDN_FMT(s), why);
}

/* Length of the part before an extension: ";ext=12", " x12", " ext. 12", " доб. 12", "#12". */
static size_t without_extension(cordon_str s) {
    static const cordon_str marks[] = {{";", 1},
                                       {"#", 1},
                                       {"x", 1},
                                       {"X", 1},
                                       {"ext", 3},
                                       {"EXT", 3},
                                       {"Ext", 3},
                                       {"\xD0\xB4\xD0\xBE\xD0\xB1", 6}};
    for (size_t i = 0; i < s.n; i++) {
        if (cdn_places_is_digit(s.p[i])) {
            continue;
        }
        for (size_t m = 0; m < CDN_ARRAY_LEN(marks); m++) {
            if (cdn_str_starts(cdn_str(s.p + i, s.n - i), marks[m])) {
                return i;
            }
        }
    }
    return s.n;
}

/* The bytes at s[at] that separate digits: how many, 0 when it is something else. Includes the no-break space
 * and the dashes of U+2010..U+2015, which word processors put into numbers. */
static size_t separator(cordon_str s, size_t at) {
    if (strchr(" -.()/\t", s.p[at]) != NULL && s.p[at] != '\0') {
        return 1;
    }
    const cordon_str rest = cdn_str(s.p + at, s.n - at);
    if (cdn_str_starts(rest, CDN_STR("\xC2\xA0"))) {
        return 2;
    }
    if (rest.n >= 3 && memcmp(rest.p, "\xE2\x80", 2) == 0) {
        const uint8_t last = (uint8_t)rest.p[2];
        return last == 0xAF || (last >= 0x90 && last <= 0x95) ? 3 : 0;
    }
    return 0;
}

static int collect(cordon_str whole, struct digits *d, struct cordon_error *e) {
    cordon_str s = cdn_str_trim(whole);
    if (s.n >= 4 && cdn_str_eq_nocase(cdn_str(s.p, 4), CDN_STR("tel:"))) {
        s = cdn_str(s.p + 4, s.n - 4);
    }
    s.n = without_extension(s);
    d->n = 0;
    d->plus = false;
    for (size_t i = 0; i < s.n;) {
        const char c = s.p[i];
        if (c == '+' && d->n == 0 && !d->plus) {
            d->plus = true;
            i++;
        } else if (d->plus && d->n > 0 && !(d->n >= 2 && memcmp(d->p, "39", 2) == 0) &&
                   cdn_str_starts(cdn_str(s.p + i, s.n - i), CDN_STR("(0)"))) {
            i += 3; /* "+44 (0)20 …": the trunk digit, only dialled inside; Italy dials it always */
        } else if (cdn_places_is_digit(c)) {
            if (d->n == DIGITS_MAX) {
                return not_a_number(whole, "too many digits", e);
            }
            d->p[d->n++] = c;
            i++;
        } else {
            const size_t skip = separator(s, i);
            if (skip == 0) {
                return not_a_number(whole, "only digits and separators may occur", e);
            }
            i += skip;
        }
    }
    d->p[d->n] = '\0';
    return d->n < 3 ? not_a_number(whole, "too few digits", e) : 0;
}

static void drop_front(struct digits *d, size_t n) {
    memmove(d->p, d->p + n, d->n - n + 1);
    d->n -= n;
}

/* "00…" everywhere; "011…" in the North American plan; "810…" where 8 is the trunk prefix. */
static void strip_international(struct digits *d, const struct trunk_row *home) {
    if (d->plus) {
        return;
    }
    if (memcmp(d->p, "00", 2) == 0 && d->n > 6) {
        drop_front(d, 2);
        d->plus = true;
    } else if (home != NULL && strcmp(home->code, "1") == 0 && d->n > 10 && memcmp(d->p, "011", 3) == 0) {
        drop_front(d, 3);
        d->plus = true;
    } else if (home != NULL && home->trunk[0] == '8' && d->n > home->longest + 1U &&
               memcmp(d->p, "810", 3) == 0) {
        drop_front(d, 3);
        d->plus = true;
    }
}

/* National number of `home` → international digits. */
static int to_international(cordon_str s,
                            const struct trunk_row *home,
                            struct digits *d,
                            struct cordon_error *e) {
    cordon_str left = cdn_str_z(home->trunk);
    size_t drop = SIZE_MAX;
    while (left.n > 0 && drop == SIZE_MAX) {
        const cordon_str trunk = cdn_str_split(left, '|', &left);
        if (cdn_str_starts(cdn_str(d->p, d->n), trunk) && d->n - trunk.n >= home->shortest &&
            d->n - trunk.n <= home->longest) {
            drop = trunk.n;
        }
    }
    if (drop == SIZE_MAX) {
        if (d->n < home->shortest || d->n > home->longest) {
            (void)not_a_number(s, "its length is not that of a national number", e);
            cdn_error_hint(e,
                           "%s has numbers of %u to %u digits after the trunk prefix",
                           home->country,
                           (unsigned)home->shortest,
                           (unsigned)home->longest);
            return CORDON_E_SYNTAX;
        }
        drop = 0;
    }
    drop_front(d, drop);
    const size_t code = strlen(home->code);
    if (d->n + code > DIGITS_MAX) {
        return not_a_number(s, "too many digits", e);
    }
    memmove(d->p + code, d->p, d->n + 1);
    memcpy(d->p, home->code, code);
    d->n += code;
    return 0;
}

int cdn_phone_parse(cordon_str s, uint16_t home, struct cdn_ident *ret, struct cordon_error *e) {
    const struct trunk_row *trunk = home == CDN_COUNTRY_NONE ? NULL : find_trunk(home);
    struct digits d;
    int err = collect(s, &d, e);
    if (err != 0) {
        return err;
    }
    strip_international(&d, trunk);
    if (!d.plus && home == CDN_COUNTRY_NONE) {
        (void)not_a_number(s, "it does not begin with `+` and no country is given", e);
        cdn_error_hint(e, "write it as +380441234567, or state its country");
        return CORDON_E_SYNTAX;
    }
    if (!d.plus && trunk == NULL) {
        return cdn_fail(e, CORDON_E_NOTFOUND, "national telephone numbers of this country are not known");
    }
    if (!d.plus) {
        err = to_international(s, trunk, &d, e);
        if (err != 0) {
            return err;
        }
    }
    const struct phone_row *row = find_longest(d.p, d.n);
    if (row == NULL) {
        return cdn_fail(
            e, CORDON_E_NAME, "no country has telephone numbers that begin like `%.*s`", CDN_FMT(s));
    }
    if (d.n < row->shortest || d.n > row->longest) {
        (void)not_a_number(s, d.n < row->shortest ? "too few digits" : "too many digits", e);
        cdn_error_hint(e,
                       "numbers under +%s have %u to %u digits",
                       row->prefix,
                       (unsigned)row->shortest,
                       (unsigned)row->longest);
        return CORDON_E_SYNTAX;
    }
    struct cdn_ident id = cdn_places_ident(d.p, d.n);
    id.issuer = cdn_places_lit(row->issuer);
    id.country = cdn_places_lit(row->country);
    id.region = cdn_places_pack_region(cdn_str_z(row->region));
    id.note = row->note;
    const struct trunk_row *plan = find_trunk(id.issuer);
    id.part_at = (uint8_t)(plan == NULL ? 0 : strlen(plan->code));
    id.part_n = (uint8_t)(id.n - id.part_at);
    *ret = id;
    return 0;
}
