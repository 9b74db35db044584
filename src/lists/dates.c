/* SPDX-License-Identifier: Apache-2.0 */
/* dates.c: dates as sanctions lists write them, as intervals of days.
 *
 *     1965-12-12   1965-12   1965   2015-03-27-04:00   2022-03-10T12:00:00Z     ISO; time and zone are cut
 *     10 Dec 1948  Dec 1948  December 1948   29-Apr-2026                        English
 *     12/11/1967   dd/09/1958   00/00/1980   00/1980                            British; dd, mm and 00 are
 * unknown circa 1951   c. 1951   approximately 1951   ~1951                         about 1951 to 1953
 * between 1951 and 1953   1951-1953   1951-01-01/1953-12-31  from, to
 *
 *  1. what is not known of a date widens the interval; nothing is guessed;
 *  2. a text is understood completely or not at all: the caller keeps and reports what is not. */
#include "lists/priv.h"

#include "base/num.h"

#define YEAR_FIRST 1000
#define YEAR_LAST 2999

bool cdn_dates_civil(int32_t year, unsigned month, unsigned day, struct cdn_dates *ret) {
    if (year < YEAR_FIRST || year > YEAR_LAST || month > 12 || (month == 0 && day != 0)) {
        return false;
    }
    const struct cdn_civil first = {
        .year = year, .month = (uint8_t)(month == 0 ? 1 : month), .day = (uint8_t)(day == 0 ? 1 : day)};
    if (day > 31 || !cdn_civil_valid(&first)) {
        return false;
    }
    const int64_t from = cdn_days_from_civil(year, first.month, first.day);
    int64_t to = from;
    if (month == 0) {
        to = cdn_days_from_civil(year + 1, 1, 1) - 1;
    } else if (day == 0) {
        to =
            (month == 12 ? cdn_days_from_civil(year + 1, 1, 1) : cdn_days_from_civil(year, month + 1, 1)) - 1;
    }
    *ret = (struct cdn_dates){.from = (int32_t)from, .to = (int32_t)to, .known = true};
    return true;
}

struct cdn_dates cdn_dates_hull(struct cdn_dates a, struct cdn_dates b) {
    if (!a.known || !b.known) {
        return a.known ? a : b;
    }
    return (struct cdn_dates){.from = CDN_MIN(a.from, b.from),
                              .to = CDN_MAX(a.to, b.to),
                              .known = true,
                              .circa = a.circa || b.circa};
}

/* First day of a month of the tabular Islamic calendar, civil epoch (16 July 622 Julian), as days since 1970.
 */
static int64_t islamic_days(int64_t year, int64_t month) {
    const int64_t days = (year - 1) * 354 + (3 + 11 * year) / 30 + (59 * (month - 1) + 1) / 2;
    return days + 1948440 - 2440588;
}

/* The month began when the moon was seen: the table is right to about two days, so the interval is wider. */
bool cdn_dates_islamic(int32_t year, unsigned month, unsigned day, struct cdn_dates *ret) {
    if (year < 1200 || year > 1600 || month > 12 || day > 30 || (month == 0 && day != 0)) {
        return false;
    }
    int64_t from = islamic_days(year, month == 0 ? 1 : month);
    int64_t to = (month == 0 || month == 12 ? islamic_days(year + 1, 1) : islamic_days(year, month + 1)) - 1;
    if (day != 0) {
        from += day - 1;
        to = from;
    }
    *ret = (struct cdn_dates){.from = (int32_t)from - 2, .to = (int32_t)to + 2, .known = true, .circa = true};
    return true;
}

/* ---- one date ------------------------------------------------------------------------------------------ */

#define TOKENS 4

struct token {
    cordon_str text;
    unsigned number;      /* of digits, at most four */
    bool digits, unknown; /* unknown: dd, mm, 0, 00 */
    char after;           /* what follows: '-', '/', ' ', 0 at the end */
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* 0 when the text is not up to four words and numbers with single separators. */
static size_t tokenise(cordon_str s, struct token *tokens) {
    size_t n = 0;
    size_t at = 0;
    while (at < s.n) {
        const size_t from = at;
        const bool digits = is_digit(s.p[at]);
        while (at < s.n && (digits ? is_digit(s.p[at]) : is_letter(s.p[at]))) {
            at++;
        }
        if (at == from || n == TOKENS || (digits && at - from > 4)) {
            return 0;
        }
        struct token *const t = &tokens[n++];
        *t = (struct token){.text = cdn_str(s.p + from, at - from), .digits = digits};
        for (size_t i = from; digits && i < at; i++) {
            t->number = t->number * 10 + (unsigned)(s.p[i] - '0');
        }
        t->unknown = (digits && t->number == 0) || cdn_str_eq_nocase(t->text, CDN_STR("dd")) ||
                     cdn_str_eq_nocase(t->text, CDN_STR("mm"));
        if (at < s.n && s.p[at] == '.') {
            at++; /* "Dec. 1948", "12.11.1967" */
        }
        if (at < s.n && is_letter(s.p[at]) == false && is_digit(s.p[at]) == false) {
            t->after = s.p[at++];
            if (t->after != '-' && t->after != '/' && t->after != ' ') {
                return 0;
            }
        }
    }
    return n > 0 && tokens[n - 1].after == 0 ? n : 0;
}

static unsigned month_of(cordon_str word) {
    static const char *const months[] = {"january",
                                         "february",
                                         "march",
                                         "april",
                                         "may",
                                         "june",
                                         "july",
                                         "august",
                                         "september",
                                         "october",
                                         "november",
                                         "december"};
    if (word.n < 3 || cdn_str_eq_nocase(word, CDN_STR("sept"))) {
        return word.n < 3 ? 0 : 9;
    }
    for (unsigned i = 0; i < 12; i++) {
        const cordon_str full = cdn_str_z(months[i]);
        if (cdn_str_eq_nocase(word, full) || cdn_str_eq_nocase(word, cdn_str(full.p, 3))) {
            return i + 1;
        }
    }
    return 0;
}

static bool is_year(const struct token *t) {
    return t->digits && t->text.n == 4;
}

/* Day and month as numbers or placeholders, the year last or first. */
static bool numbers(const struct token *t, size_t n, bool us, struct cdn_dates *ret) {
    if (n == 1) {
        return is_year(&t[0]) && cdn_dates_civil((int32_t)t[0].number, 0, 0, ret);
    }
    if (n == 2 && is_year(&t[0]) && t[1].digits && t[0].after == '-') {
        return cdn_dates_civil((int32_t)t[0].number, t[1].number, 0, ret);
    }
    if (n == 2 && is_year(&t[1]) && (t[0].digits || t[0].unknown)) {
        return cdn_dates_civil((int32_t)t[1].number, t[0].unknown ? 0 : t[0].number, 0, ret);
    }
    if (n == 3 && is_year(&t[0]) && t[1].digits && t[2].digits) {
        return cdn_dates_civil((int32_t)t[0].number, t[1].number, t[2].number, ret);
    }
    if (n == 3 && is_year(&t[2]) && (t[0].digits || t[0].unknown) && (t[1].digits || t[1].unknown)) {
        const struct token *const day = us ? &t[1] : &t[0];
        const struct token *const month = us ? &t[0] : &t[1];
        const bool whole_year = month->unknown;
        return cdn_dates_civil((int32_t)t[2].number,
                               whole_year ? 0 : month->number,
                               whole_year || day->unknown ? 0 : day->number,
                               ret);
    }
    return false;
}

static bool one_date(cordon_str s, bool us, struct cdn_dates *ret) {
    /* A time or a zone after an ISO date says nothing here. */
    if (s.n > 10 && is_digit(s.p[3]) && s.p[4] == '-' && s.p[7] == '-' && is_digit(s.p[9]) &&
        (s.p[10] == 'T' || s.p[10] == '-' || s.p[10] == '+' || s.p[10] == 'Z')) {
        s.n = 10;
    }
    struct token t[TOKENS];
    const size_t n = tokenise(s, t);
    if (n == 2 && is_year(&t[1]) && month_of(t[0].text) != 0) {
        return cdn_dates_civil((int32_t)t[1].number, month_of(t[0].text), 0, ret);
    }
    if (n == 3 && is_year(&t[2]) && t[0].digits && !t[1].digits && month_of(t[1].text) != 0) {
        return cdn_dates_civil((int32_t)t[2].number, month_of(t[1].text), t[0].number, ret);
    }
    return n != 0 && numbers(t, n, us, ret);
}

/* ---- several, and about
 * ------------------------------------------------------------------------------------ */

static bool drop_prefix(cordon_str *s, const char *word) {
    const cordon_str w = cdn_str_z(word);
    if (!cdn_str_starts_nocase(*s, w)) {
        return false;
    }
    *s = cdn_str_trim(cdn_str_after(*s, w.n));
    return true;
}

static bool parse(cordon_str text, bool us, struct cdn_dates *ret) {
    cordon_str s = cdn_str_trim(text);
    while (s.n > 0 && (s.p[0] == '\'' || s.p[0] == '(')) {
        s = cdn_str_trim(cdn_str_after(s, 1));
    }
    while (s.n > 0 && (s.p[s.n - 1] == '.' || s.p[s.n - 1] == ')' || s.p[s.n - 1] == ',')) {
        s = cdn_str_trim(cdn_str(s.p, s.n - 1));
    }
    static const char *const about[] = {"circa ", "approximately ", "approx. ", "c. ", "ca. ", "about ", "~"};
    bool circa = false;
    for (size_t i = 0; i < CDN_ARRAY_LEN(about); i++) {
        circa = drop_prefix(&s, about[i]) || circa;
    }
    (void)drop_prefix(&s, "between ");
    (void)drop_prefix(&s, "from ");
    static const char *const joints[] = {" to ", " and ", " - ", "/"};
    struct cdn_dates a = {0};
    bool found = one_date(s, us, &a);
    for (size_t i = 0; !found && i < CDN_ARRAY_LEN(joints); i++) {
        const cordon_str joint = cdn_str_z(joints[i]);
        const size_t at = cdn_str_find_nocase(s, joint);
        struct cdn_dates b = {0};
        if (at != SIZE_MAX && one_date(cdn_str_trim(cdn_str(s.p, at)), us, &a) &&
            one_date(cdn_str_trim(cdn_str_after(s, at + joint.n)), us, &b) && a.from <= b.to) {
            a = cdn_dates_hull(a, b);
            found = true;
        }
    }
    struct cdn_dates b = {0};
    if (!found && s.n == 9 && s.p[4] == '-' && one_date(cdn_str(s.p, 4), us, &a) &&
        one_date(cdn_str(s.p + 5, 4), us, &b) && a.from <= b.to) {
        a = cdn_dates_hull(a, b);
        found = true;
    }
    if (found) {
        *ret = a;
        ret->circa = circa;
    }
    return found;
}

bool cdn_dates_parse(cordon_str text, struct cdn_dates *ret) {
    return text.n <= 64 && parse(text, false, ret);
}

bool cdn_dates_parse_us(cordon_str text, struct cdn_dates *ret) {
    return text.n <= 64 && parse(text, true, ret);
}

/* ---- helpers that other files share ----------------------------------------------------------------------
 */

bool cdn_parse_uint(cordon_str s, uint64_t *ret) {
    uint64_t v = 0;
    if (s.n == 0 || s.n > 18) {
        return false;
    }
    for (size_t i = 0; i < s.n; i++) {
        if (!is_digit(s.p[i])) {
            return false;
        }
        v = v * 10 + (uint64_t)(s.p[i] - '0');
    }
    *ret = v;
    return true;
}

bool cdn_str_starts_nocase(cordon_str s, cordon_str prefix) {
    return s.n >= prefix.n && cdn_str_eq_nocase(cdn_str(s.p, prefix.n), prefix);
}

size_t cdn_str_find_nocase(cordon_str s, cordon_str needle) {
    for (size_t i = 0; needle.n > 0 && i + needle.n <= s.n; i++) {
        if ((s.p[i] | 0x20) == (needle.p[0] | 0x20) &&
            cdn_str_eq_nocase(cdn_str(s.p + i, needle.n), needle)) {
            return i;
        }
    }
    return SIZE_MAX;
}
