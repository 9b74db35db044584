/* SPDX-License-Identifier: Apache-2.0 */
/* evidence.c: moves of the score by what is known besides the name (meaning in evidence.h).
 *
 * The best reading counts: of several birth dates, countries or places, the pair that speaks most for a
 * match. The points are few and open; docs/screening.md gives the reason for each. */
#include "screen/evidence.h"

static const struct {
    int16_t points;
    const char *text;
} moves[CDN_EVIDENCE_KINDS] = {
    [CDN_EVIDENCE_IDENT_SAME] = {1000, "the same identifier"},
    [CDN_EVIDENCE_IDENT_DIFFERS] = {-150, "another identifier of a kind that one has for life"},
    [CDN_EVIDENCE_BIRTH_SAME] = {80, "born on the same day"},
    [CDN_EVIDENCE_BIRTH_FITS] = {30, "the birth dates fit"},
    [CDN_EVIDENCE_BIRTH_NEAR] = {0, "the birth dates nearly agree"},
    [CDN_EVIDENCE_BIRTH_YEAR] = {-60, "born in the same year on another day"},
    [CDN_EVIDENCE_BIRTH_DIFFERS] = {-300, "born in another year"},
    [CDN_EVIDENCE_PLACE_SAME] = {30, "the same place of birth"},
    [CDN_EVIDENCE_PLACE_DIFFERS] = {-20, "another place of birth"},
    [CDN_EVIDENCE_NATION_SAME] = {15, "a nationality in common"},
    [CDN_EVIDENCE_NATION_DIFFERS] = {-60, "no nationality in common"},
    [CDN_EVIDENCE_COUNTRY_SAME] = {10, "a country in common"},
    [CDN_EVIDENCE_COUNTRY_DIFFERS] = {-15, "no country in common"},
    [CDN_EVIDENCE_ADDRESS_SAME] = {60, "the same address"},
    [CDN_EVIDENCE_SEX_DIFFERS] = {-150, "the sexes differ"},
};

const char *cdn_evidence_text(enum cdn_weighed kind) {
    return (unsigned)kind < CDN_EVIDENCE_KINDS ? moves[kind].text : "";
}

int cdn_evidence_points(enum cdn_weighed kind) {
    return (unsigned)kind < CDN_EVIDENCE_KINDS ? moves[kind].points : 0;
}

static void add(struct cdn_weighing *e, enum cdn_weighed kind, uint32_t a, uint32_t b) {
    if (e->steps < CDN_EVIDENCE_STEPS) {
        e->step[e->steps++] =
            (struct cdn_evidence_step){(uint8_t)kind, moves[kind].points, (uint16_t)a, (uint16_t)b};
        e->sum += moves[kind].points;
    }
}

/* ---- identifiers ------------------------------------------------------------------------------------ */

/* The next letter or digit as a capital; 0 at the end. Points, spaces and hyphens do not count. */
static char next_sign(cordon_str s, size_t *at) {
    while (*at < s.n) {
        const char c = s.p[(*at)++];
        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80) {
            return c;
        }
        if (c >= 'a' && c <= 'z') {
            return (char)(c - 'a' + 'A');
        }
    }
    return 0;
}

/* True when equal and of at least four signs: shorter ones say too little. */
static bool same_value(cordon_str a, cordon_str b) {
    size_t i = 0, j = 0, n = 0;
    for (;;) {
        const char c = next_sign(a, &i), d = next_sign(b, &j);
        if (c != d) {
            return false;
        }
        if (c == 0) {
            return n >= 4;
        }
        n++;
    }
}

static bool country_known(const char c[2]) {
    return c[0] != 0;
}

static void weigh_idents(const struct cdn_known *a, const struct cdn_known *b, struct cdn_weighing *e) {
    bool differs = false;
    uint32_t at_a = 0, at_b = 0;
    for (uint32_t i = 0; i < a->ident_count; i++) {
        for (uint32_t j = 0; j < b->ident_count; j++) {
            const struct cdn_known_ident *x = &a->idents[i], *y = &b->idents[j];
            const bool both = country_known(x->country) && country_known(y->country);
            if (x->kind != y->kind || (both && memcmp(x->country, y->country, 2) != 0)) {
                continue;
            }
            if (same_value(x->value, y->value)) {
                e->decided = e->confirmed = true;
                add(e, CDN_EVIDENCE_IDENT_SAME, i, j);
                return;
            }
            if (x->single && y->single && !differs) {
                differs = true;
                at_a = i;
                at_b = j;
            }
        }
    }
    if (differs) {
        e->contradicted = true;
        add(e, CDN_EVIDENCE_IDENT_DIFFERS, at_a, at_b);
    }
}

/* ---- birth ------------------------------------------------------------------------------------------ */

struct day {
    int32_t year, month, day;
};

/* Civil date of a day count (proleptic Gregorian; the algorithm over years that begin in March). */
static struct day civil(int32_t days) {
    const int64_t z = (int64_t)days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
    const int64_t doe = z - era * 146097, yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    const int32_t month = (int32_t)(mp < 10 ? mp + 3 : mp - 9);
    return (struct day){
        (int32_t)(yoe + era * 400 + (month <= 2 ? 1 : 0)), month, (int32_t)(doy - (153 * mp + 2) / 5 + 1)};
}

/* One figure of YYYYMMDD differs, or two neighbours are exchanged, or day and month are. */
static bool slip_of_date(struct day a, struct day b) {
    if (a.year == b.year && a.month == b.day && a.day == b.month) {
        return true;
    }
    int32_t x = a.year * 10000 + a.month * 100 + a.day, y = b.year * 10000 + b.month * 100 + b.day;
    unsigned differ = 0;
    for (unsigned i = 0; i < 8; i++, x /= 10, y /= 10) {
        differ += x % 10 != y % 10 ? 1U : 0U;
    }
    return differ == 1;
}

static enum cdn_weighed compare_births(const struct cdn_known_birth *x, const struct cdn_known_birth *y) {
    if (x->from == x->to && x->from == y->from && y->from == y->to) {
        return CDN_EVIDENCE_BIRTH_SAME;
    }
    const int64_t gap = x->to < y->from   ? (int64_t)y->from - x->to
                        : y->to < x->from ? (int64_t)x->from - y->to
                                          : 0;
    if (gap == 0) {
        return CDN_EVIDENCE_BIRTH_FITS;
    }
    if ((x->circa || y->circa) && gap <= 3 * 366) {
        return CDN_EVIDENCE_BIRTH_NEAR;
    }
    const struct day a = civil(x->from), b = civil(y->from);
    const bool days = x->from == x->to && y->from == y->to;
    if ((days && slip_of_date(a, b)) || (!days && gap <= 366)) {
        return CDN_EVIDENCE_BIRTH_NEAR;
    }
    return a.year == b.year ? CDN_EVIDENCE_BIRTH_YEAR : CDN_EVIDENCE_BIRTH_DIFFERS;
}

static void weigh_births(const struct cdn_known *a, const struct cdn_known *b, struct cdn_weighing *e) {
    enum cdn_weighed best = CDN_EVIDENCE_BIRTH_DIFFERS;
    uint32_t at_a = 0, at_b = 0;
    if (a->birth_count == 0 || b->birth_count == 0) {
        return;
    }
    for (uint32_t i = 0; i < a->birth_count; i++) {
        for (uint32_t j = 0; j < b->birth_count; j++) {
            const enum cdn_weighed k = compare_births(&a->births[i], &b->births[j]);
            if (k < best) {
                best = k;
                at_a = i;
                at_b = j;
            }
        }
    }
    e->contradicted = e->contradicted || best == CDN_EVIDENCE_BIRTH_DIFFERS;
    e->confirmed = e->confirmed || best == CDN_EVIDENCE_BIRTH_SAME;
    add(e, best, at_a, at_b);
}

/* ---- countries, places ------------------------------------------------------------------------------ */

static bool common_country(
    const char (*a)[2], uint32_t na, const char (*b)[2], uint32_t nb, uint32_t *ret_a, uint32_t *ret_b) {
    for (uint32_t i = 0; i < na; i++) {
        for (uint32_t j = 0; j < nb; j++) {
            if (memcmp(a[i], b[j], 2) == 0) {
                *ret_a = i;
                *ret_b = j;
                return true;
            }
        }
    }
    return false;
}

static void weigh_countries(const struct cdn_known *a, const struct cdn_known *b, struct cdn_weighing *e) {
    uint32_t i = 0, j = 0;
    if (a->nationality_count > 0 && b->nationality_count > 0) {
        const bool same = common_country(
            a->nationalities, a->nationality_count, b->nationalities, b->nationality_count, &i, &j);
        add(e, same ? CDN_EVIDENCE_NATION_SAME : CDN_EVIDENCE_NATION_DIFFERS, i, j);
    }
    i = j = 0;
    if (a->country_count > 0 && b->country_count > 0) {
        const bool same =
            common_country(a->countries, a->country_count, b->countries, b->country_count, &i, &j);
        add(e, same ? CDN_EVIDENCE_COUNTRY_SAME : CDN_EVIDENCE_COUNTRY_DIFFERS, i, j);
    }
}

#define PLACES_COMPARED 8 /* of each side: bounds the work */

/* The best score of any two texts, compared as names of no particular kind. */
static unsigned best_text(const struct cdn_screen_tables *t,
                          struct cdn_matcher *m,
                          const cordon_str *a,
                          uint32_t na,
                          const cordon_str *b,
                          uint32_t nb,
                          struct cdn_evidence_step *ret) {
    struct cdn_name x, y;
    struct cdn_match r;
    unsigned best = 0;
    for (uint32_t i = 0; i < na && i < PLACES_COMPARED; i++) {
        cdn_name_read(t, NULL, a[i], CDN_SCREEN_ORGANIZATION, &x);
        for (uint32_t j = 0; j < nb && j < PLACES_COMPARED; j++) {
            cdn_name_read(t, NULL, b[j], CDN_SCREEN_ORGANIZATION, &y);
            cdn_match_names(t, &cdn_match_defaults, m, &x, &y, &r);
            if (r.score > best) {
                best = r.score;
                ret->a = (uint16_t)i;
                ret->b = (uint16_t)j;
            }
        }
    }
    return best;
}

static void weigh_places(const struct cdn_screen_tables *t,
                         struct cdn_matcher *m,
                         const struct cdn_known *a,
                         const struct cdn_known *b,
                         struct cdn_weighing *e) {
    struct cdn_evidence_step at = {0, 0, 0, 0};
    if (a->birth_place_count > 0 && b->birth_place_count > 0) {
        const unsigned s = best_text(
            t, m, a->birth_places, a->birth_place_count, b->birth_places, b->birth_place_count, &at);
        if (s >= 600) {
            add(e, CDN_EVIDENCE_PLACE_SAME, at.a, at.b);
        } else if (s < 300) {
            add(e, CDN_EVIDENCE_PLACE_DIFFERS, at.a, at.b);
        }
    }
    at = (struct cdn_evidence_step){0, 0, 0, 0};
    if (a->address_count > 0 && b->address_count > 0 &&
        best_text(t, m, a->addresses, a->address_count, b->addresses, b->address_count, &at) >= 850) {
        e->confirmed = true;
        add(e, CDN_EVIDENCE_ADDRESS_SAME, at.a, at.b);
    }
}

void cdn_evidence_weigh(const struct cdn_screen_tables *t,
                        struct cdn_matcher *m,
                        const struct cdn_known *a,
                        const struct cdn_known *b,
                        struct cdn_weighing *ret) {
    memset(ret, 0, sizeof *ret);
    weigh_idents(a, b, ret);
    weigh_births(a, b, ret);
    weigh_countries(a, b, ret);
    weigh_places(t, m, a, b, ret);
    if (a->sex != CDN_SEX_UNKNOWN && b->sex != CDN_SEX_UNKNOWN && a->sex != b->sex) {
        ret->contradicted = true;
        add(ret, CDN_EVIDENCE_SEX_DIFFERS, 0, 0);
    }
}

enum cdn_screen_verdict cdn_evidence_final(const struct cdn_match *name,
                                           bool weak_alias,
                                           const struct cdn_weighing *evidence,
                                           unsigned sure,
                                           unsigned review,
                                           unsigned *ret_score) {
    const int32_t sum = (int32_t)name->score + evidence->sum;
    const unsigned score = evidence->decided ? 1000U : sum < 0 ? 0U : sum > 1000 ? 1000U : (unsigned)sum;
    *ret_score = score;
    if (evidence->decided) {
        return CDN_SCREEN_SURE;
    }
    const unsigned band = CDN_MIN(review, sure);
    if (score < band || ((weak_alias || name->acronym) && !evidence->confirmed)) {
        return CDN_SCREEN_NO;
    }
    const bool alone = name->thin || name->acronym || weak_alias;
    return score >= sure && !(alone && !evidence->confirmed) ? CDN_SCREEN_SURE : CDN_SCREEN_POSSIBLE;
}
