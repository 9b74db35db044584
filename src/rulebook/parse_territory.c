/* SPDX-License-Identifier: Apache-2.0 */
/* parse_territory.c: territories: what they consist of, and by which names, codes and networks they are
 * recognised. Dates at the end of a clause hold for all its items. */
#include "rulebook/priv.h"

#include "base/limits.h"
#include "places/codes.h"

static bool room_left(struct cdn_parser *p, const struct cdn_territory *t, const struct cdn_token *at) {
    if (t->part_count + t->mark_count < CDN_MAX_TERRITORY_ITEMS)
        return true;
    (void)cdn_rb_error(p,
                       "too-large",
                       cdn_rb_where(p, at),
                       "a territory has at most %d parts and marks",
                       (int)CDN_MAX_TERRITORY_ITEMS);
    return false;
}

static struct cdn_mark *new_mark(struct cdn_parser *p, struct cdn_territory *t, unsigned kind) {
    const struct cdn_token *at = cdn_rb_peek(p);
    if (!room_left(p, t, at))
        return NULL;
    struct cdn_mark *m = cdn_rb_push(p, &t->marks, &t->mark_count, sizeof(*m));
    if (m) {
        m->kind = (uint8_t)kind;
        m->from = CDN_TIME_MIN;
        m->until = CDN_TIME_MAX;
        m->pos = cdn_rb_pos(p, at);
    }
    return m;
}

/* The dates at the end of a clause, given to the marks from `first` on; then nothing may follow. */
static bool dates(struct cdn_parser *p, struct cdn_territory *t, uint32_t first) {
    struct cdn_moment from = {.at = CDN_TIME_MIN}, until = {.at = CDN_TIME_MAX};
    if (!cdn_rb_period(p, &from, &until))
        return false;
    for (uint32_t i = first; i < t->mark_count; i++) {
        t->marks[i].from = from.at;
        t->marks[i].until = until.at;
        t->marks[i].from_written = from;
        t->marks[i].until_written = until;
    }
    return cdn_rb_finish_line(p, "`,`, `from`, `until` or the end of the line");
}

static bool within(struct cdn_parser *p, struct cdn_territory *t) {
    if (cdn_rb_take(p, "any")) {
        t->any_context = true;
        return cdn_rb_finish_line(p, "the end of the line");
    }
    do {
        uint16_t country = 0;
        if (!cdn_rb_country(p, &country))
            return false;
        uint16_t *slot = cdn_rb_push(p, &t->within, &t->within_count, sizeof(*slot));
        if (slot)
            *slot = country;
    } while (cdn_rb_take_sign(p, ','));
    return cdn_rb_finish_line(p, "`,` or the end of the line");
}

static bool parts(struct cdn_parser *p, struct cdn_territory *t, bool exclude) {
    const uint32_t first = t->part_count;
    do {
        const struct cdn_token *at = cdn_rb_peek(p);
        struct cdn_place place;
        if (!cdn_rb_place(p, &place) || !room_left(p, t, at))
            return false;
        struct cdn_territory_part *slot = cdn_rb_push(p, &t->parts, &t->part_count, sizeof(*slot));
        if (slot)
            *slot = (struct cdn_territory_part){
                .place = place, .exclude = exclude, .from = CDN_TIME_MIN, .until = CDN_TIME_MAX};
    } while (cdn_rb_take_sign(p, ','));
    struct cdn_moment from = {.at = CDN_TIME_MIN}, until = {.at = CDN_TIME_MAX};
    if (!cdn_rb_period(p, &from, &until))
        return false;
    for (uint32_t i = first; i < t->part_count; i++) {
        t->parts[i].from = from.at;
        t->parts[i].until = until.at;
        t->parts[i].from_written = from;
        t->parts[i].until_written = until;
    }
    return cdn_rb_finish_line(p, "`,`, `from`, `until` or the end of the line");
}

static bool part_of(struct cdn_parser *p, struct cdn_territory *t) {
    do {
        const struct cdn_token *at = cdn_rb_peek(p);
        struct cdn_place place;
        if (!cdn_rb_place(p, &place))
            return false;
        if (place.kind == CDN_PLACE_TERRITORY)
            (void)cdn_rb_error(p,
                               "wrong-type",
                               cdn_rb_where(p, at),
                               "`part of` names countries and regions, not territories");
        struct cdn_place *slot = cdn_rb_push(p, &t->part_of, &t->part_of_count, sizeof(*slot));
        if (slot)
            *slot = place;
    } while (cdn_rb_take_sign(p, ','));
    return cdn_rb_finish_line(p, "`,` or the end of the line");
}

/* Names: "…", en "…", … [clear in RU] [from …] [until …]. */
static bool names(struct cdn_parser *p, struct cdn_territory *t, unsigned kind) {
    const uint32_t first = t->mark_count;
    do {
        struct cdn_mark *m = new_mark(p, t, kind);
        if (!m)
            return false;
        if (kind == CDN_MARK_NAME && cdn_rb_peek(p)->kind == CDN_TOK_WORD)
            m->lang = cdn_rb_next(p)->text;
        const struct cdn_token *at = cdn_rb_peek(p);
        if (!cdn_rb_text(p, "a name in quotes", &m->text))
            return false;
        if (cdn_str_trim(m->text).n == 0)
            (void)cdn_rb_error(p, "empty-text", cdn_rb_where(p, at), "a name is not empty");
    } while (cdn_rb_take_sign(p, ','));
    if (kind == CDN_MARK_AMBIGUOUS && cdn_rb_take2(p, "clear", "in")) {
        uint16_t country = 0;
        if (!cdn_rb_country(p, &country))
            return false;
        for (uint32_t i = first; i < t->mark_count; i++)
            t->marks[i].country = country;
    }
    return dates(p, t, first);
}

static bool postal_code(struct cdn_parser *p, cordon_str *ret) {
    const struct cdn_token *t = cdn_rb_peek(p);
    if (t->kind == CDN_TOK_TEXT)
        return cdn_rb_text(p, "a postal code", ret);
    if (t->kind != CDN_TOK_NUMBER)
        return cdn_rb_expected(p, "a postal code (in quotes when it holds letters or blanks)");
    *ret = cdn_rb_next(p)->text;
    return true;
}

static bool postal(struct cdn_parser *p, struct cdn_territory *t) {
    const uint32_t start = t->mark_count;
    uint16_t country = 0;
    if (!cdn_rb_country(p, &country))
        return false;
    do {
        const struct cdn_token *at = cdn_rb_peek(p);
        struct cdn_mark *m = new_mark(p, t, CDN_MARK_POSTAL);
        if (!m || !postal_code(p, &m->first))
            return false;
        m->country = country;
        m->last = m->first;
        if (cdn_rb_take(p, "to") && !postal_code(p, &m->last))
            return false;
        if (m->first.n != m->last.n)
            (void)cdn_rb_error(
                p, "bad-range", cdn_rb_where(p, at), "the two ends of a postal range are of one length");
        else if (cdn_str_cmp(m->first, m->last) > 0)
            (void)cdn_rb_error(
                p, "bad-range", cdn_rb_where(p, at), "this postal range ends before it begins");
    } while (cdn_rb_take_sign(p, ','));
    return dates(p, t, start);
}

/* "+380 65" → "+38065". */
static bool phone_prefix(struct cdn_parser *p,
                         const struct cdn_token *at,
                         cordon_str written,
                         cordon_str *ret) {
    char digits[24];
    size_t n = 0;
    bool good = written.n > 1 && written.p[0] == '+';
    for (size_t i = 0; i < written.n && good; i++) {
        const char c = written.p[i];
        if (c == ' ' || c == '-')
            continue;
        good = n < 20 && (i == 0 || (c >= '0' && c <= '9'));
        digits[n++] = c;
    }
    if (!good || n < 2) {
        struct cdn_diagnostic *d =
            cdn_rb_error(p, "bad-phone", cdn_rb_where(p, at), "this is no telephone prefix");
        if (d)
            d->expected = CDN_STR("`+`, the country code and the first digits: \"+7978\"");
        return true;
    }
    const int err = cdn_arena_str(p->arena, cdn_str(digits, n), ret);
    if (err != 0)
        p->err = err;
    return err == 0;
}

static bool phones(struct cdn_parser *p, struct cdn_territory *t) {
    const uint32_t first = t->mark_count;
    do {
        const struct cdn_token *at = cdn_rb_peek(p);
        struct cdn_mark *m = new_mark(p, t, CDN_MARK_PHONE);
        cordon_str written;
        if (!m || !cdn_rb_text(p, "a telephone prefix in quotes", &written) ||
            !phone_prefix(p, at, written, &m->text))
            return false;
    } while (cdn_rb_take_sign(p, ','));
    return dates(p, t, first);
}

static bool asns(struct cdn_parser *p, struct cdn_territory *t) {
    const uint32_t first = t->mark_count;
    do {
        const struct cdn_token *at = cdn_rb_peek(p);
        struct cdn_mark *m = new_mark(p, t, CDN_MARK_ASN);
        if (!m)
            return false;
        if (at->kind != CDN_TOK_NAME || at->text.n < 3 || cdn_asn_parse(at->text, &m->number, NULL) != 0)
            return cdn_rb_expected(p, "a public AS number such as AS203561");
        (void)cdn_rb_next(p);
        if (cdn_rb_peek(p)->kind == CDN_TOK_TEXT && !cdn_rb_text(p, "a title", &m->text))
            return false;
    } while (cdn_rb_take_sign(p, ','));
    return dates(p, t, first);
}

/* ---- networks: 91.207.56.0/22, 2a00:1450::/32
 * -------------------------------------------------------------- */

static bool number_until(cordon_str *s, char sep, uint32_t max, uint32_t *ret) {
    cordon_str rest;
    const cordon_str head = cdn_str_split(*s, sep, &rest);
    uint32_t v = 0;
    if (head.n == 0 || head.n > 3)
        return false;
    for (size_t i = 0; i < head.n; i++) {
        if (head.p[i] < '0' || head.p[i] > '9')
            return false;
        v = v * 10 + (uint32_t)(head.p[i] - '0');
    }
    *s = rest;
    *ret = v;
    return v <= max;
}

static bool good_v4(cordon_str address, uint32_t bits) {
    uint32_t value = 0;
    for (unsigned i = 0; i < 4; i++) {
        uint32_t byte = 0;
        if (!number_until(&address, '.', 255, &byte))
            return false;
        value = value << 8 | byte;
    }
    return address.n == 0 && bits <= 32 && (bits == 32 || (value & (UINT32_MAX >> bits)) == 0);
}

static bool v6_group(cordon_str group, uint32_t *ret) {
    uint32_t v = 0;
    if (group.n == 0 || group.n > 4)
        return false;
    for (size_t i = 0; i < group.n; i++) {
        const char c = (char)(group.p[i] | 0x20);
        if (!((group.p[i] >= '0' && group.p[i] <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        v = v << 4 | (uint32_t)(group.p[i] <= '9' ? group.p[i] - '0' : c - 'a' + 10);
    }
    *ret = v;
    return true;
}

/* Groups of one side of `::` into out[0…]; false: malformed. */
static bool v6_side(cordon_str s, uint32_t out[8], unsigned *ret_n) {
    unsigned n = 0;
    while (s.n > 0) {
        cordon_str rest;
        const cordon_str group = cdn_str_split(s, ':', &rest);
        if (n == 8 || !v6_group(group, &out[n++]) || (group.n < s.n && rest.n == 0))
            return false;
        s = rest;
    }
    *ret_n = n;
    return true;
}

static bool good_v6(cordon_str address, uint32_t bits) {
    uint32_t groups[8] = {0}, tail[8] = {0};
    unsigned head_n = 0, tail_n = 0;
    const char *gap = address.n > 1 ? memmem(address.p, address.n, "::", 2) : NULL;
    if (gap) {
        const size_t at = (size_t)(gap - address.p);
        if (!v6_side(cdn_str(address.p, at), groups, &head_n) ||
            !v6_side(cdn_str(gap + 2, address.n - at - 2), tail, &tail_n) || head_n + tail_n > 7)
            return false;
        for (unsigned i = 0; i < tail_n; i++)
            groups[8 - tail_n + i] = tail[i];
    } else if (!v6_side(address, groups, &head_n) || head_n != 8) {
        return false;
    }
    if (bits > 128)
        return false;
    for (unsigned i = bits; i < 128; i++) {
        if (groups[i / 16] >> (15 - i % 16) & 1U)
            return false;
    }
    return true;
}

static bool prefixes(struct cdn_parser *p, struct cdn_territory *t) {
    const uint32_t first = t->mark_count;
    do {
        const struct cdn_token *at = cdn_rb_peek(p);
        struct cdn_mark *m = new_mark(p, t, CDN_MARK_PREFIX);
        if (!m)
            return false;
        if (at->kind == CDN_TOK_TEXT) {
            if (!cdn_rb_text(p, "a network", &m->text))
                return false;
        } else if (at->kind == CDN_TOK_NUMBER) {
            m->text = cdn_rb_next(p)->text;
        } else {
            return cdn_rb_expected(p, "a network such as 91.207.56.0/22");
        }
        cordon_str length;
        const cordon_str address = cdn_str_split(m->text, '/', &length);
        uint32_t bits = 0;
        const bool good =
            number_until(&length, ' ', 128, &bits) && length.n == 0 &&
            (memchr(address.p, ':', address.n) ? good_v6(address, bits) : good_v4(address, bits));
        if (!good) {
            struct cdn_diagnostic *d =
                cdn_rb_error(p, "bad-network", cdn_rb_where(p, at), "`%.*s` is no network", CDN_FMT(m->text));
            if (d)
                d->expected =
                    CDN_STR("an address with no bits beyond the length: 91.207.56.0/22, 2a00:1450::/32");
        }
    } while (cdn_rb_take_sign(p, ','));
    return dates(p, t, first);
}

static bool degrees(struct cdn_parser *p, const char *what, int32_t limit, int32_t *ret) {
    const struct cdn_token *t = cdn_rb_peek(p);
    struct cdn_decimal v, millionths;
    if (!cdn_rb_decimal(p, what, &v))
        return false;
    if (cdn_decimal_mul(v, (struct cdn_decimal){1000000, 0}, &millionths) != 0 || millionths.scale != 0 ||
        millionths.mantissa > (int64_t)limit * 1000000 || millionths.mantissa < -(int64_t)limit * 1000000) {
        struct cdn_diagnostic *d =
            cdn_rb_error(p, "out-of-range", cdn_rb_where(p, t), "this is no such angle");
        if (d)
            d->expected = cdn_rb_say(
                p->diags, "degrees from -%d to %d with at most six decimals", (int)limit, (int)limit);
        return true;
    }
    *ret = (int32_t)millionths.mantissa;
    return true;
}

static bool area(struct cdn_parser *p, struct cdn_territory *t) {
    const uint32_t first = t->mark_count;
    const struct cdn_token *at = cdn_rb_peek(p);
    struct cdn_mark *m = new_mark(p, t, CDN_MARK_AREA);
    uint32_t numbers = 0;
    if (!m)
        return false;
    do {
        int32_t pair[2] = {0, 0};
        if (!degrees(p, "a latitude", 90, &pair[0]) || !degrees(p, "a longitude", 180, &pair[1]))
            return false;
        for (unsigned i = 0; i < 2; i++) {
            int32_t *slot = cdn_rb_push(p, &m->points, &numbers, sizeof(*slot));
            if (slot)
                *slot = pair[i];
        }
    } while (cdn_rb_take_sign(p, ','));
    m->point_count = numbers / 2;
    if (m->point_count < 3)
        (void)cdn_rb_error(p, "bad-area", cdn_rb_where(p, at), "an area has at least three points");
    return dates(p, t, first);
}

static const struct {
    const char *word;
    uint8_t mark;
} name_clauses[] = {{"name", CDN_MARK_NAME},
                    {"city", CDN_MARK_CITY},
                    {"ambiguous", CDN_MARK_AMBIGUOUS},
                    {"not", CDN_MARK_NOT}};

static bool clause(struct cdn_parser *p, struct cdn_territory *t) {
    bool known = false;
    if (!cdn_rb_source_clause(p, &t->sources, &t->source_count, &known) || known)
        return known;
    for (size_t i = 0; i < CDN_ARRAY_LEN(name_clauses); i++) {
        if (cdn_rb_take(p, name_clauses[i].word))
            return names(p, t, name_clauses[i].mark);
    }
    if (cdn_rb_take(p, "within"))
        return within(p, t);
    if (cdn_rb_take(p, "includes"))
        return parts(p, t, false);
    if (cdn_rb_take(p, "excludes"))
        return parts(p, t, true);
    if (cdn_rb_take2(p, "part", "of"))
        return part_of(p, t);
    if (cdn_rb_take(p, "postal"))
        return postal(p, t);
    if (cdn_rb_take(p, "phone"))
        return phones(p, t);
    if (cdn_rb_take(p, "asn"))
        return asns(p, t);
    if (cdn_rb_take(p, "prefix"))
        return prefixes(p, t);
    if (cdn_rb_take(p, "area"))
        return area(p, t);
    return cdn_rb_expected(
        p,
        "`within`, `includes`, `excludes`, `part of`, `name`, `city`, `ambiguous`, `not`, `postal`, "
        "`phone`, `asn`, `prefix`, `area`, `source` or `unverified`");
}

void cdn_rb_parse_territory(struct cdn_parser *p,
                            const struct cdn_syntax *file,
                            const struct cdn_decl *decl) {
    struct cdn_territory *t = &p->rb->territories[decl->index];
    cdn_rb_open(p, file, decl->line);
    (void)cdn_rb_next(p);
    t->pos = cdn_rb_pos(p, cdn_rb_peek(p));
    if (cdn_rb_id(p, "the territory's name", &t->id) &&
        (cdn_rb_peek(p)->kind != CDN_TOK_TEXT || cdn_rb_text(p, "a title", &t->title)))
        (void)cdn_rb_finish_line(p, "a title in quotes or the end of the line");
    for (uint32_t line = decl->line + 1; line < decl->end && p->err == 0; line++) {
        if (file->lines[line].comment)
            continue;
        cdn_rb_open(p, file, line);
        (void)clause(p, t);
    }
}
