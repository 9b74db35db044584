/* SPDX-License-Identifier: Apache-2.0 */
/* parse_value.c: the small things of the language: words, texts, numbers, money, instants, durations,
 * periods, sources. Each function takes its tokens and returns true, or reports and returns false. */
#include "rulebook/priv.h"

#include "base/limits.h"
#include "places/codes.h"

bool cdn_rb_word(struct cdn_parser *p, const char *what, cordon_str *ret) {
    const struct cdn_token *t = cdn_rb_peek(p);
    if (t->kind != CDN_TOK_WORD)
        return cdn_rb_expected(p, what);
    *ret = cdn_rb_next(p)->text;
    return true;
}

static bool good_id(cordon_str s) {
    char before = '.';
    for (size_t i = 0; i < s.n; i++) {
        const char c = s.p[i];
        const bool joint = c == '.' || c == '/';
        const bool start = before == '.' || before == '/';
        if (start ? !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9' && i > 0)
                  : !joint && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_' && c != '-')
            return false;
        before = c;
    }
    return s.n > 0 && before != '.' && before != '/';
}

bool cdn_rb_id(struct cdn_parser *p, const char *what, cordon_str *ret) {
    const struct cdn_token *t = cdn_rb_peek(p);
    if (t->kind != CDN_TOK_WORD && t->kind != CDN_TOK_NAME)
        return cdn_rb_expected(p, what);
    if (!good_id(t->text)) {
        struct cdn_diagnostic *d =
            cdn_rb_error(p, "bad-name", cdn_rb_where(p, t), "`%.*s` cannot be a name", CDN_FMT(t->text));
        if (d)
            d->expected = CDN_STR("lower-case letters, digits, `_` and `-`; parts joined by `.` or `/`");
    }
    *ret = cdn_rb_next(p)->text;
    return true;
}

/* ---- texts ------------------------------------------------------------------------------------------ */

static uint32_t hex_value(char c) {
    return (uint32_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

/* \u{1F1FA} at s[*at] (on the u). False: malformed. */
static bool decode_code_point(cordon_str s, size_t *at, struct cdn_buf *out) {
    size_t i = *at + 1, digits = 0;
    uint32_t cp = 0;
    if (i >= s.n || s.p[i] != '{')
        return false;
    for (i++; i < s.n && s.p[i] != '}'; i++, digits++) {
        const char c = s.p[i];
        if (digits >= 6 || !((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')))
            return false;
        cp = cp * 16 + hex_value(c);
    }
    if (digits == 0 || i >= s.n || cp == 0 || cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
        return false;
    char utf8[4];
    cdn_buf_put(out, utf8, cdn_utf8_encode(cp, utf8));
    *at = i;
    return true;
}

/* The inside of the quotes, decoded onto `out`. */
static void decode(struct cdn_parser *p, const struct cdn_token *t, struct cdn_buf *out) {
    const cordon_str s = cdn_str(t->text.p + 1, t->text.n - 2);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '\\') {
            cdn_buf_char(out, s.p[i]);
            continue;
        }
        const size_t start = i++;
        const char c = i < s.n ? s.p[i] : '\0';
        if (c == 'n')
            cdn_buf_char(out, '\n');
        else if (c == 't')
            cdn_buf_char(out, '\t');
        else if (c == '"' || c == '\\')
            cdn_buf_char(out, c);
        else if (c != 'u' || !decode_code_point(s, &i, out)) {
            struct cdn_at at = cdn_rb_where(p, t);
            at.pos.column += 1 + (uint32_t)cdn_utf8_length(cdn_str(s.p, start));
            at.length = 2;
            struct cdn_diagnostic *d = cdn_rb_error(p, "bad-escape", at, "this escape means nothing");
            if (d)
                d->expected = CDN_STR("`\\\"`, `\\\\`, `\\n`, `\\t` or `\\u{1F1FA}`");
        }
    }
}

bool cdn_rb_text(struct cdn_parser *p, const char *what, cordon_str *ret) {
    const struct cdn_token *t = cdn_rb_peek(p);
    if (t->kind != CDN_TOK_TEXT)
        return cdn_rb_expected(p, what);
    const bool joined = cdn_rb_peek2(p)->kind == CDN_TOK_TEXT;
    if (!joined && !memchr(t->text.p, '\\', t->text.n)) {
        *ret = cdn_str(t->text.p + 1, t->text.n - 2);
        (void)cdn_rb_next(p);
        return true;
    }
    const struct cdn_at at = cdn_rb_where(p, t);
    struct cdn_buf b;
    cdn_buf_init(&b, &p->arena->as_alloc, CDN_MAX_TEXT_BYTES);
    while (cdn_rb_peek(p)->kind == CDN_TOK_TEXT)
        decode(p, cdn_rb_next(p), &b);
    if (b.err == CORDON_E_LIMIT) {
        (void)cdn_rb_error(p, "too-long", at, "this text is longer than 64 KiB");
        return false;
    }
    if (b.err != 0) {
        p->err = p->err ? p->err : b.err;
        return false;
    }
    *ret = b.n > 0 ? cdn_buf_get(&b) : cdn_str("", 0);
    return true;
}

bool cdn_rb_url(struct cdn_parser *p, cordon_str *ret) {
    const struct cdn_token *t = cdn_rb_peek(p);
    if (t->kind != CDN_TOK_URL)
        return cdn_rb_expected(p, "an address such as <https://example.org/>");
    *ret = cdn_str(t->text.p + 1, t->text.n - 2);
    (void)cdn_rb_next(p);
    return true;
}

/* ---- numbers ---------------------------------------------------------------------------------------- */

bool cdn_rb_decimal(struct cdn_parser *p, const char *what, struct cdn_decimal *ret) {
    const bool minus = cdn_rb_take_sign(p, '-');
    const struct cdn_token *t = cdn_rb_peek(p);
    if (t->kind != CDN_TOK_NUMBER)
        return cdn_rb_expected(p, what);
    char digits[64];
    size_t n = 0;
    if (minus)
        digits[n++] = '-';
    for (size_t i = 0; i < t->text.n && n < sizeof(digits); i++) {
        if (t->text.p[i] != '_')
            digits[n++] = t->text.p[i];
    }
    const int err = n == sizeof(digits) ? CORDON_E_RANGE : cdn_decimal_parse(cdn_str(digits, n), ret);
    if (err == 0) {
        (void)cdn_rb_next(p);
        return true;
    }
    if (err != CORDON_E_RANGE)
        return cdn_rb_expected(p, what);
    (void)cdn_rb_error(p, "out-of-range", cdn_rb_where(p, t), "a number has at most 18 digits");
    return false;
}

bool cdn_rb_whole(struct cdn_parser *p, const char *what, uint32_t max, uint32_t *ret) {
    const struct cdn_token *t = cdn_rb_peek(p);
    struct cdn_decimal v;
    if (!cdn_rb_decimal(p, what, &v))
        return false;
    if (v.scale != 0 || v.mantissa < 0 || v.mantissa > (int64_t)max) {
        struct cdn_diagnostic *d =
            cdn_rb_error(p, "out-of-range", cdn_rb_where(p, t), "`%.*s` is out of range", CDN_FMT(t->text));
        if (d)
            d->expected = cdn_rb_say(p->diags, "a whole number from 0 to %u", (unsigned)max);
        return false;
    }
    *ret = (uint32_t)v.mantissa;
    return true;
}

bool cdn_rb_currency(struct cdn_parser *p, char ret[4]) {
    const struct cdn_token *t = cdn_rb_peek(p);
    if (t->kind != CDN_TOK_NAME && t->kind != CDN_TOK_WORD)
        return cdn_rb_expected(p, "a currency such as EUR");
    uint16_t code = 0;
    if (cdn_currency_parse(t->text, &code, NULL) == 0 && t->kind == CDN_TOK_NAME) {
        cdn_currency_text(code, ret);
    } else {
        struct cdn_suggest s;
        char best[4] = "";
        cdn_suggest_init(&s, t->text);
        for (size_t i = 0; i < cdn_currency_count(); i++) {
            char text[4];
            cdn_currency_text(cdn_currency_at(i)->code, text);
            const unsigned before = s.best_distance;
            cdn_suggest_offer(&s, cdn_str(text, 3));
            if (s.best_distance < before)
                memcpy(best, text, 4);
        }
        struct cdn_diagnostic *d = cdn_rb_error(
            p, "unknown-currency", cdn_rb_where(p, t), "no currency is called `%.*s`", CDN_FMT(t->text));
        cdn_rb_suggest(p, d, cdn_str_z(best));
        memcpy(ret, "XXX", 4);
    }
    (void)cdn_rb_next(p);
    return true;
}

/* ---- time ------------------------------------------------------------------------------------------- */

static bool two(cordon_str s, size_t at, uint8_t *ret) {
    if (at + 2 > s.n || s.p[at] < '0' || s.p[at] > '9' || s.p[at + 1] < '0' || s.p[at + 1] > '9')
        return false;
    *ret = (uint8_t)((s.p[at] - '0') * 10 + (s.p[at + 1] - '0'));
    return true;
}

/* YYYY-MM-DD[THH:MM[:SS]][Z|±HH:MM]; *ret_local: length without the zone. */
static bool read_date(cordon_str s, struct cdn_civil *ret, bool *ret_time, size_t *ret_local) {
    struct cdn_civil c = {0};
    uint8_t high = 0, low = 0;
    if (s.n < 10 || !two(s, 0, &high) || !two(s, 2, &low) || s.p[4] != '-' || !two(s, 5, &c.month) ||
        s.p[7] != '-' || !two(s, 8, &c.day))
        return false;
    c.year = high * 100 + low;
    size_t n = 10;
    *ret_time = s.n > 10 && s.p[10] == 'T';
    if (*ret_time) {
        if (s.n < 16 || !two(s, 11, &c.hour) || s.p[13] != ':' || !two(s, 14, &c.minute))
            return false;
        n = 16;
        if (s.n > 16 && s.p[16] == ':') {
            if (!two(s, 17, &c.second))
                return false;
            n = 19;
        }
    }
    const size_t zone = s.n - n;
    uint8_t hh = 0, mm = 0;
    const bool offset = zone == 6 && (s.p[n] == '+' || s.p[n] == '-') && two(s, n + 1, &hh) &&
                        s.p[n + 3] == ':' && two(s, n + 4, &mm) && hh < 24 && mm < 60;
    if (zone != 0 && !(zone == 1 && s.p[n] == 'Z') && !offset)
        return false;
    if (zone != 0 && !*ret_time)
        return false;
    *ret = c;
    *ret_local = n;
    return true;
}

static void bad_date(struct cdn_parser *p, const struct cdn_token *t, const struct cdn_civil *c) {
    struct cdn_diagnostic *d =
        cdn_rb_error(p, "no-such-date", cdn_rb_where(p, t), "there is no %.*s", CDN_FMT(t->text));
    if (!d)
        return;
    if (c->month < 1 || c->month > 12)
        d->expected = CDN_STR("a month from 01 to 12");
    else if (c->hour > 23 || c->minute > 59 || c->second > 59)
        d->expected = CDN_STR("a time from 00:00 to 23:59:59");
    else {
        unsigned days = 31;
        struct cdn_civil last = {.year = c->year, .month = c->month, .day = 31};
        while (days > 28 && !cdn_civil_valid(&last))
            last.day = (uint8_t)--days;
        d->expected = cdn_rb_say(p->diags, "a day from 01 to %u, which is how many that month has", days);
    }
}

static bool take_date(
    struct cdn_parser *p, const char *what, struct cdn_civil *ret, bool *ret_time, size_t *ret_local) {
    const struct cdn_token *t = cdn_rb_peek(p);
    if (t->kind != CDN_TOK_DATE)
        return cdn_rb_expected(p, what);
    if (!read_date(t->text, ret, ret_time, ret_local)) {
        struct cdn_diagnostic *d = cdn_rb_error(
            p, "bad-date", cdn_rb_where(p, t), "`%.*s` is not written like a date", CDN_FMT(t->text));
        if (d)
            d->expected = CDN_STR("2022-03-10, 2022-03-10T00:01 Europe/Moscow or 2022-03-10T00:01+03:00");
        return false;
    }
    if (!cdn_civil_valid(ret) || ret->hour > 23 || ret->minute > 59 || ret->second > 59) {
        bad_date(p, t, ret);
        return false;
    }
    (void)cdn_rb_next(p);
    return true;
}

bool cdn_rb_day(struct cdn_parser *p, const char *what, int32_t *ret) {
    const struct cdn_token *t = cdn_rb_peek(p);
    struct cdn_civil c;
    bool time = false;
    size_t local = 0;
    if (!take_date(p, what, &c, &time, &local))
        return false;
    if (time) {
        struct cdn_diagnostic *d = cdn_rb_error(p, "bad-date", cdn_rb_where(p, t), "a day has no time here");
        if (d)
            d->expected = CDN_STR("a date such as 2022-03-10");
        return false;
    }
    *ret = (int32_t)cdn_days_from_civil(c.year, c.month, c.day);
    return true;
}

static bool resolve(struct cdn_parser *p,
                    const struct cdn_token *t,
                    struct cdn_zone *zone,
                    struct cdn_civil c,
                    int64_t *ret) {
    struct cordon_error e = {0};
    int32_t offset = 0;
    const int err = cdn_zone_resolve(zone, &c, CDN_ZONE_ANY_OFFSET, ret, &offset, &e);
    if (err == 0)
        return true;
    if (err == CORDON_E_NOMEM) {
        p->err = err;
        return false;
    }
    struct cdn_diagnostic *d = cdn_rb_error(
        p, err == CORDON_E_CONFLICT ? "time-twice" : "time-missing", cdn_rb_where(p, t), "%s", e.message);
    if (d && e.hint[0])
        d->suggestion = cdn_rb_say(p->diags, "%s", e.hint);
    return false;
}

bool cdn_rb_moment(struct cdn_parser *p,
                   const char *what,
                   struct cdn_moment *ret,
                   struct cdn_when *ret_when) {
    const struct cdn_token *t = cdn_rb_peek(p);
    struct cdn_civil c;
    bool time = false;
    size_t local = 0;
    if (!take_date(p, what, &c, &time, &local))
        return false;
    struct cdn_moment m = {.written = cdn_str(t->text.p, local), .pos = cdn_rb_pos(p, t)};
    m.zone = cdn_str(t->text.p + local, t->text.n - local);
    const struct cdn_token *zone_token = t;
    if (m.zone.n == 0 && cdn_rb_peek(p)->kind == CDN_TOK_NAME) {
        zone_token = cdn_rb_next(p);
        m.zone = zone_token->text;
    }
    m.at = cdn_time_from_civil(&c);
    if (m.zone.n > 0) {
        struct cdn_zone *zone = cdn_rb_zone(p, zone_token, m.zone);
        if (!zone)
            return p->err == 0; /* reported; the clause may go on */
        if (time) {
            if (!resolve(p, t, zone, c, &m.at))
                return p->err == 0;
        } else if (cdn_zone_day_start(zone, c.year, c.month, c.day, &m.at, NULL) != 0) {
            return p->err == 0;
        }
    }
    *ret = m;
    if (ret_when && m.zone.n == 0 && !time)
        *ret_when = (struct cdn_when){CDN_WHEN_DAY, m.at, m.at + 86400};
    else if (ret_when)
        *ret_when = cdn_when_instant(m.at);
    return true;
}

bool cdn_rb_period(struct cdn_parser *p, struct cdn_moment *ret_from, struct cdn_moment *ret_until) {
    struct cdn_moment from = {.at = CDN_TIME_MIN}, until = {.at = CDN_TIME_MAX};
    const struct cdn_token *t = NULL;
    if (cdn_rb_take(p, "from") && !cdn_rb_moment(p, "an instant", &from, NULL))
        return false;
    if (cdn_rb_take(p, "until")) {
        t = cdn_rb_peek(p);
        if (!cdn_rb_moment(p, "an instant", &until, NULL))
            return false;
    }
    if (t && until.at <= from.at) {
        (void)cdn_rb_error(p, "ends-before", cdn_rb_where(p, t), "this ends before it begins");
        return true;
    }
    *ret_from = from;
    *ret_until = until;
    return true;
}

static const struct {
    const char *word;
    uint8_t unit;
    int32_t factor;
    int64_t seconds; /* 0: not of fixed length */
} units[] = {
    {"second", CDN_UNIT_SECONDS, 1, 1},
    {"minute", CDN_UNIT_MINUTES, 1, 60},
    {"hour", CDN_UNIT_HOURS, 1, 3600},
    {"day", CDN_UNIT_DAYS, 1, 86400},
    {"week", CDN_UNIT_DAYS, 7, 86400},
    {"month", CDN_UNIT_MONTHS, 1, 0},
    {"year", CDN_UNIT_YEARS, 1, 0},
};
#define UNITS "`seconds`, `minutes`, `hours`, `days`, `business days`, `weeks`, `months` or `years`"

static int unit_index(cordon_str word) {
    cordon_str singular = word;
    if (singular.n > 1 && singular.p[singular.n - 1] == 's')
        singular.n--;
    for (size_t i = 0; i < CDN_ARRAY_LEN(units); i++) {
        if (cdn_str_eq(singular, cdn_str_z(units[i].word)))
            return (int)i;
    }
    return -1;
}

bool cdn_rb_span(struct cdn_parser *p, struct cdn_span *ret) {
    uint32_t n = 0;
    struct cdn_span span = {.calendar = -1};
    if (!cdn_rb_whole(p, "a duration such as 30 days", 1000000, &n))
        return false;
    if (cdn_rb_take(p, "business")) {
        if (!cdn_rb_take(p, "days") && !cdn_rb_take(p, "day"))
            return cdn_rb_expected(p, "`days`");
        span.unit = CDN_UNIT_BUSINESS_DAYS;
        span.amount = (int32_t)n;
        if (!cdn_rb_need(p, "of"))
            return false;
        const struct cdn_token *t = cdn_rb_peek(p);
        cordon_str name;
        if (!cdn_rb_word(p, "a calendar", &name))
            return false;
        span.calendar = cdn_rb_find(p, CDN_DECL_CALENDAR, t, name);
        *ret = span;
        return true;
    }
    const int unit = cdn_rb_peek(p)->kind == CDN_TOK_WORD ? unit_index(cdn_rb_peek(p)->text) : -1;
    if (unit < 0)
        return cdn_rb_expected(p, UNITS);
    (void)cdn_rb_next(p);
    span.unit = units[unit].unit;
    span.amount = (int32_t)n * units[unit].factor;
    *ret = span;
    return true;
}

bool cdn_rb_span_seconds(struct cdn_parser *p, int64_t *ret) {
    const struct cdn_token *t = cdn_rb_peek2(p);
    struct cdn_span span;
    if (!cdn_rb_span(p, &span))
        return false;
    for (size_t i = 0; i < CDN_ARRAY_LEN(units); i++) {
        if (units[i].unit == span.unit && units[i].factor == 1 && units[i].seconds > 0) {
            *ret = units[i].seconds * span.amount;
            return true;
        }
    }
    struct cdn_diagnostic *d = cdn_rb_error(
        p, "wrong-unit", cdn_rb_where(p, t), "a date can only be moved by a duration of fixed length");
    if (d)
        d->expected = CDN_STR("`seconds`, `minutes`, `hours`, `days` or `weeks`");
    return false;
}

/* ---- sources ---------------------------------------------------------------------------------------- */

bool cdn_rb_source(struct cdn_parser *p, struct cdn_source *ret) {
    struct cdn_source s = {.pos = cdn_rb_pos(p, cdn_rb_peek(p))};
    if (!cdn_rb_text(p, "the title of the source in quotes", &s.title))
        return false;
    if (cdn_rb_peek(p)->kind == CDN_TOK_URL && !cdn_rb_url(p, &s.url))
        return false;
    if (cdn_rb_take(p, "accessed")) {
        const struct cdn_token *t = cdn_rb_peek(p);
        int32_t day = 0;
        if (!cdn_rb_day(p, "the date of access", &day))
            return false;
        s.accessed = t->text;
    }
    *ret = s;
    return true;
}

bool cdn_rb_source_clause(struct cdn_parser *p,
                          struct cdn_source **sources,
                          uint32_t *count,
                          bool *ret_known) {
    const struct cdn_token *t = cdn_rb_peek(p);
    *ret_known = true;
    if (cdn_rb_take(p, "source")) {
        struct cdn_source s;
        if (!cdn_rb_source(p, &s))
            return false;
        struct cdn_source *slot = cdn_rb_push(p, sources, count, sizeof(s));
        if (slot)
            *slot = s;
        return cdn_rb_finish_line(p, "`accessed` or the end of the line");
    }
    if (cdn_rb_take(p, "unverified")) {
        cordon_str why;
        if (!cdn_rb_text(p, "what could not be verified, in quotes", &why))
            return false;
        if (*count == 0) {
            struct cdn_source *slot = cdn_rb_push(p, sources, count, sizeof(**sources));
            if (slot)
                slot->pos = cdn_rb_pos(p, t);
        }
        if (*count > 0 && p->err == 0)
            (*sources)[*count - 1].unverified = why;
        return cdn_rb_finish_line(p, "the end of the line");
    }
    *ret_known = false;
    return true;
}
