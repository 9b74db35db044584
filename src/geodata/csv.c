/* SPDX-License-Identifier: Apache-2.0 */
/* csv.c: lists of prefixes as text: Cordon's own CSV, and RFC 8805 geofeeds.
 *
 *   CSV      prefix,country[,region[,asn[,flags]]]   "192.0.2.0/24,UA,UA-43,64496,hosting anycast"
 *            Every line must be right. Country and region may be empty. Flags: anonymous satellite anycast
 * drop hosting tor residential nogeo, separated by spaces. geofeed  prefix,country,region,city,postal Written
 * by many hands: a line that breaks the RFC is left out and counted, letters may be small, an empty country
 * means "do not locate" (CDN_IP_NO_GEO). A feed without a usable line fails.
 *
 * In both, '#' begins a comment line, and blank lines are allowed. `# date: 2026-08-01` says as of when the
 * file speaks (the first one counts), `# vendor: …` and `# licence: …` from whom it is and what one may do
 * with it. Prefixes may nest: the longest wins. One prefix with two different answers fails in both: nobody
 * can say which line was meant.
 *
 * Prefixes are sorted by family, first address and length, so that each follows those that contain it; a
 * stack of the open ones (at most 129, one per length) then yields disjoint ranges in one pass. */
#include "geodata/internal.h"

#include "base/num.h"

#define CSV_FIELDS 5
#define CSV_OPEN 129

struct prefix {
    uint64_t hi, lo;
    uint32_t answer, line;
    uint8_t family, length;
};

struct csv {
    struct cdn_input *in;
    struct prefix *p;
    size_t n, cap;
    uint32_t line;
    bool geofeed;
    struct cordon_error *e;
};

/* ---- lines ----------------------------------------------------------------------------------------------
 */

static int bad(struct csv *c, int code, const char *what, cordon_str value) {
    cdn_fail(c->e, code, "%s: `%.*s`", what, CDN_FMT(value));
    if (c->e != NULL) {
        c->e->line = c->line;
    }
    return code;
}

static size_t split(cordon_str line, cordon_str fields[CSV_FIELDS]) {
    size_t n = 0;
    cordon_str rest = line;
    bool more = true;
    while (more && n < CSV_FIELDS) {
        const size_t before = rest.n;
        cordon_str field = cdn_str_split(rest, ',', &rest);
        more = field.n < before;
        field = cdn_str_trim(field);
        if (field.n >= 2 && field.p[0] == '"' && field.p[field.n - 1] == '"') {
            field = cdn_str(field.p + 1, field.n - 2);
        }
        fields[n++] = field;
    }
    for (size_t i = n; i < CSV_FIELDS; i++) {
        fields[i] = cdn_str(NULL, 0);
    }
    return more ? CSV_FIELDS + 1 : n;
}

static void upper(cordon_str s, char out[8], cordon_str *ret) {
    const size_t n = CDN_MIN(s.n, (size_t)8); /* 8 is too long for either code, so that cutting never helps */
    for (size_t i = 0; i < n; i++) {
        out[i] = s.p[i] >= 'a' && s.p[i] <= 'z' ? (char)(s.p[i] - 'a' + 'A') : s.p[i];
    }
    *ret = cdn_str(out, n);
}

static int read_asn(struct csv *c, cordon_str s, uint32_t *ret) {
    uint64_t v = 0;
    const cordon_str digits = cdn_str_starts(s, CDN_STR("AS")) ? cdn_str(s.p + 2, s.n - 2) : s;
    for (size_t i = 0; i < digits.n; i++) {
        if (digits.p[i] < '0' || digits.p[i] > '9' || i == 10) {
            return bad(c, CORDON_E_SYNTAX, "not an AS number", s);
        }
        v = v * 10 + (unsigned)(digits.p[i] - '0');
    }
    if (v > UINT32_MAX || (digits.n == 0 && s.n > 0)) {
        return bad(c, CORDON_E_RANGE, "not an AS number", s);
    }
    *ret = (uint32_t)v;
    return 0;
}

static int read_flags(struct csv *c, cordon_str s, uint16_t *ret) {
    static const struct {
        const char *name;
        uint16_t flag;
    } names[] = {{"anonymous", CDN_IP_ANON_NETWORK},
                 {"satellite", CDN_IP_SATELLITE},
                 {"anycast", CDN_IP_ANYCAST},
                 {"drop", CDN_IP_DROP},
                 {"hosting", CDN_IP_HOSTING},
                 {"tor", CDN_IP_TOR_EXIT},
                 {"residential", CDN_IP_RESIDENTIAL_PROXY},
                 {"nogeo", CDN_IP_NO_GEO}};
    cordon_str rest = s;
    while (rest.n > 0) {
        const cordon_str word = cdn_str_split(rest, ' ', &rest);
        struct cdn_suggest suggest;
        cdn_suggest_init(&suggest, word);
        size_t i = 0;
        while (i < CDN_ARRAY_LEN(names) && !cdn_str_eq(word, cdn_str_z(names[i].name))) {
            cdn_suggest_offer(&suggest, cdn_str_z(names[i].name));
            i++;
        }
        if (i < CDN_ARRAY_LEN(names)) {
            *ret |= names[i].flag;
        } else if (word.n > 0) {
            const int err = bad(c, CORDON_E_NAME, "no such flag", word);
            if (cdn_suggest_found(&suggest)) {
                cdn_error_hint(c->e, "did you mean `%.*s`?", CDN_FMT(suggest.best));
            }
            return err;
        }
    }
    return 0;
}

/* The fields after the prefix. */
static int read_answer(struct csv *c,
                       const cordon_str fields[CSV_FIELDS],
                       struct cdn_ip_answer *a,
                       cordon_str *region) {
    a->country = cdn_country_pack(fields[1]);
    if (a->country == 0 && fields[1].n > 0) {
        return bad(c, CORDON_E_SYNTAX, "not a country of two capital letters", fields[1]);
    }
    *region = fields[2];
    if (fields[2].n > 0 &&
        (!cdn_region_valid(fields[2]) || cdn_country_pack(cdn_str(fields[2].p, 2)) != a->country)) {
        return bad(c, CORDON_E_SYNTAX, "not a region of this country, such as UA-43", fields[2]);
    }
    if (c->geofeed) {
        a->flags = a->country == 0 ? CDN_IP_NO_GEO : 0;
        return 0;
    }
    const int err = read_asn(c, fields[3], &a->asn);
    return err != 0 ? err : read_flags(c, fields[4], &a->flags);
}

static struct prefix prefix_of(const struct cdn_ip_addr *addr, uint8_t length) {
    struct prefix p = {.family = CDN_FAMILY4, .length = length, .lo = addr->v4};
    if (addr->family == 6) {
        for (int i = 0; i < 8; i++) {
            p.hi = p.hi << 8 | addr->v6[i];
            p.lo = p.lo << 8 | addr->v6[8 + i];
        }
        p.family = CDN_FAMILY6;
        if (p.hi == 0 && p.lo >> 32 == 0xffff && length >= 96) { /* IPv4-mapped */
            p.family = CDN_FAMILY4;
            p.length = (uint8_t)(length - 96);
            p.lo &= UINT32_MAX;
        }
    }
    return p;
}

static int read_line(struct csv *c, cordon_str line) {
    cordon_str fields[CSV_FIELDS];
    char country[8];
    char code[8];
    const size_t n = split(line, fields);
    if (c->geofeed) {
        upper(fields[1], country, &fields[1]);
        upper(fields[2], code, &fields[2]);
    } else if (n > CSV_FIELDS || n < 2) {
        return bad(c, CORDON_E_SYNTAX, "not prefix,country[,region[,asn[,flags]]]", line);
    }
    struct cdn_ip_addr addr;
    uint8_t length;
    int err = cdn_ip_parse_prefix(fields[0], &addr, &length);
    if (err == CORDON_E_RANGE) {
        return bad(c, err, "a prefix with bits set after its length", fields[0]);
    }
    if (err != 0) {
        return bad(c, err, "not an IP prefix", fields[0]);
    }
    struct cdn_ip_answer a = {0};
    cordon_str region;
    err = read_answer(c, fields, &a, &region);
    if (err != 0) {
        return err;
    }
    struct prefix p = prefix_of(&addr, length);
    p.line = c->line;
    err = cdn_input_answer(c->in, a, region, &p.answer);
    if (err == 0 && c->n == CDN_MAX_NETWORKS) {
        err = CORDON_E_LIMIT;
    }
    void *items = c->p;
    if (err == 0) {
        err = cdn_grow(c->in->builder->alloc, &items, &c->cap, c->n + 1, sizeof *c->p);
        c->p = items;
    }
    if (err != 0) {
        return cdn_fail(c->e, err, "too many prefixes, or no memory");
    }
    c->p[c->n++] = p;
    return 0;
}

/* A comment: what the file says of itself, if it does. */
static int read_comment(struct csv *c, cordon_str line) {
    cordon_str value = {NULL, 0};
    struct cdn_when when;
    const cordon_str word = cdn_str_trim(cdn_str_split(cdn_str(line.p + 1, line.n - 1), ':', &value));
    struct cdn_about *const about = &c->in->about;
    value = cdn_str_trim(value);
    if (value.n == 0) {
        return 0;
    }
    if (cdn_str_eq_nocase(word, CDN_STR("vendor")) && about->vendor.n == 0) {
        about->vendor = value;
    } else if (cdn_str_eq_nocase(word, CDN_STR("licence")) && about->licence.n == 0) {
        about->licence = value;
    } else if (cdn_str_eq_nocase(word, CDN_STR("date")) && about->date == 0) {
        if (cdn_when_parse(value, &when) != 0 || when.first <= 0) {
            return bad(c, CORDON_E_SYNTAX, "no date", value);
        }
        about->date = when.first;
    }
    return 0;
}

static int read_lines(struct csv *c) {
    cordon_str rest = c->in->bytes;
    if (cdn_str_starts(rest, CDN_STR("\xef\xbb\xbf"))) {
        rest = cdn_str(rest.p + 3, rest.n - 3);
    }
    while (rest.n > 0) {
        const cordon_str line = cdn_str_trim(cdn_str_split(rest, '\n', &rest));
        c->line++;
        if (line.n == 0) {
            continue;
        }
        const int err = line.p[0] == '#' ? read_comment(c, line) : read_line(c, line);
        const bool fatal = err == CORDON_E_NOMEM || err == CORDON_E_LIMIT;
        if (err != 0 && (fatal || !c->geofeed)) {
            return err;
        }
        c->in->about.rejected += err != 0;
    }
    if (c->n == 0) {
        return c->in->about.rejected > 0 ? CORDON_E_SYNTAX /* c->e tells of the last line */
                                         : cdn_fail(c->e, CORDON_E_TYPE, "no prefix in it");
    }
    c->in->about.networks = (uint32_t)c->n;
    return 0;
}

/* ---- nesting --------------------------------------------------------------------------------------------
 */

static int order(const struct prefix *a, const struct prefix *b) {
    if (a->family != b->family) {
        return a->family < b->family ? -1 : 1;
    }
    if (a->hi != b->hi) {
        return a->hi < b->hi ? -1 : 1;
    }
    if (a->lo != b->lo) {
        return a->lo < b->lo ? -1 : 1;
    }
    return (int)a->length - (int)b->length;
}

/* Stable merge sort, with `to` as the second half of the work space. qsort() would allocate by itself. */
static void sort(struct prefix *p, struct prefix *to, size_t n) {
    struct prefix *from = p;
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t at = 0; at < n; at += 2 * width) {
            size_t a = at;
            const size_t a_end = CDN_MIN(at + width, n);
            size_t b = a_end;
            const size_t b_end = CDN_MIN(at + 2 * width, n);
            for (size_t k = at; k < b_end; k++) {
                const bool first = b == b_end || (a < a_end && order(&from[a], &from[b]) <= 0);
                to[k] = first ? from[a++] : from[b++];
            }
        }
        struct prefix *const swap = from;
        from = to;
        to = swap;
    }
    if (from != p) {
        memcpy(p, from, n * sizeof *p);
    }
}

static cdn_u128 first_of(const struct prefix *p) {
    return (cdn_u128)p->hi << 64 | p->lo;
}

static cdn_u128 last_of(const struct prefix *p) {
    const unsigned bits = p->family == CDN_FAMILY4 ? 32u - p->length : 128u - p->length;
    return first_of(p) | (bits == 128 ? ~(cdn_u128)0 : ((cdn_u128)1 << bits) - 1);
}

struct sweep {
    const struct prefix *open[CSV_OPEN];
    size_t n;
    cdn_u128 next; /* first address not yet handed on */
    bool past_end; /* `next` has wrapped */
};

/* Hands on what the innermost open prefix covers up to `last`. */
static int hand_on(struct csv *c, struct sweep *s, cdn_u128 last) {
    const struct prefix *const top = s->open[s->n - 1];
    if (s->past_end || s->next > last) {
        return 0;
    }
    const int err = cdn_input_range(c->in, top->family, s->next, last, top->answer);
    s->next = last + 1;
    s->past_end = s->next == 0;
    return err;
}

/* Closes every open prefix that does not contain `p` (NULL: all). */
static int close_before(struct csv *c, struct sweep *s, const struct prefix *p) {
    while (s->n > 0) {
        const struct prefix *const top = s->open[s->n - 1];
        if (p != NULL && top->family == p->family && last_of(top) >= first_of(p)) {
            break;
        }
        const int err = hand_on(c, s, last_of(top));
        if (err != 0) {
            return err;
        }
        s->n--;
    }
    return 0;
}

static int same_prefix(struct csv *c, const struct prefix *a, const struct prefix *b) {
    if (a->answer == b->answer) {
        return 0;
    }
    cdn_fail(
        c->e, CORDON_E_CONFLICT, "lines %u and %u give different answers for one prefix", a->line, b->line);
    if (c->e != NULL) {
        c->e->line = b->line;
    }
    return CORDON_E_CONFLICT;
}

static int resolve(struct csv *c) {
    struct sweep s = {.n = 0};
    for (size_t i = 0; i < c->n; i++) {
        const struct prefix *const p = &c->p[i];
        if (i > 0 && order(p - 1, p) == 0) {
            const int err = same_prefix(c, p - 1, p);
            if (err != 0) {
                return err;
            }
            continue;
        }
        int err = close_before(c, &s, p);
        if (err == 0 && s.n > 0 && first_of(p) > 0) {
            err = hand_on(c, &s, first_of(p) - 1);
        }
        if (err != 0) {
            return cdn_fail(c->e, err, "too many ranges, or no memory");
        }
        s.next = first_of(p);
        s.past_end = false;
        s.open[s.n++] = p; /* they nest, so that there is at most one per length */
    }
    const int err = close_before(c, &s, NULL);
    return err == 0 ? 0 : cdn_fail(c->e, err, "too many ranges, or no memory");
}

int cdn_read_csv(struct cdn_input *in, struct cordon_error *e) {
    const struct cordon_alloc *const alloc = in->builder->alloc;
    struct csv c = {.in = in, .geofeed = in->kind == CDN_IP_KIND_GEOFEED, .e = e};
    int err = read_lines(&c);
    if (err == 0) {
        const size_t size = c.n * sizeof *c.p;
        struct prefix *const work = cdn_alloc(alloc, size);
        if (work == NULL) {
            err = cdn_fail(e, CORDON_E_NOMEM, "no memory for %zu prefixes", c.n);
        } else {
            sort(c.p, work, c.n);
            cdn_free(alloc, work, size);
            err = resolve(&c);
        }
    }
    cdn_free(alloc, c.p, c.cap * sizeof *c.p);
    return err;
}
