/* SPDX-License-Identifier: Apache-2.0 */
/* iin_csv.c: card ranges as CSV → the section that places/iin.c reads.
 *
 *   first,last,country     "400000,400009,UA"; '#' begins a comment line, blank lines are allowed
 *
 * The ends have the same number of digits, 4 to 12; the first is filled up with 0, the last with 9. Ranges
 * are sorted by their first number, the wider before the narrower, so that each follows those that contain
 * it; a stack of the open ones yields disjoint runs in one pass, the innermost range being the answer. */
#include <openssl/evp.h>

#include "geodata/internal.h"
#include "places/iin.h"
#include "places/iin_format.h"

#define IIN_RANGES_MAX 1000000 /* a hundred times the issuers there are */
#define IIN_OPEN 64            /* nested ranges */

struct range {
    uint64_t first, last;
    uint32_t line;
    uint16_t country;
};

struct iin {
    const struct cordon_alloc *alloc;
    struct range *p;
    size_t n, cap;
    uint64_t *runs;
    size_t run_count, run_cap;
    uint32_t line;
    const struct range *open[IIN_OPEN];
    size_t open_count;
    uint64_t next; /* first number not yet handed on */
    struct cordon_error *e;
};

static int bad(struct iin *c, int code, uint32_t line, const char *what, cordon_str value) {
    cdn_fail(c->e, code, "%s: `%.*s`", what, CDN_FMT(value));
    if (c->e != NULL) {
        c->e->line = line;
    }
    return code;
}

static bool read_number(cordon_str s, uint64_t *ret) {
    uint64_t v = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') {
            return false;
        }
        v = v * 10 + (unsigned)(s.p[i] - '0');
    }
    *ret = v;
    return true;
}

static int read_line(struct iin *c, cordon_str line) {
    cordon_str rest;
    const cordon_str first = cdn_str_trim(cdn_str_split(line, ',', &rest));
    const cordon_str last = cdn_str_trim(cdn_str_split(rest, ',', &rest));
    const cordon_str country = cdn_str_trim(rest);
    struct range r = {.line = c->line, .country = cdn_country_pack(country)};
    if (first.n < CDN_IIN_DIGITS_LEAST || first.n > CDN_IIN_DIGITS || last.n != first.n ||
        !read_number(first, &r.first) || !read_number(last, &r.last)) {
        return bad(c, CORDON_E_SYNTAX, c->line, "not two numbers of 4 to 12 digits, equally long", line);
    }
    if (r.last < r.first) {
        return bad(c, CORDON_E_RANGE, c->line, "the range ends before it begins", line);
    }
    if (r.country == 0) {
        return bad(c, CORDON_E_SYNTAX, c->line, "not a country of two capital letters", country);
    }
    for (size_t i = first.n; i < CDN_IIN_DIGITS; i++) {
        r.first *= 10;
        r.last = r.last * 10 + 9;
    }
    if (c->n == IIN_RANGES_MAX) {
        return cdn_fail(c->e, CORDON_E_LIMIT, "more than %d card ranges", IIN_RANGES_MAX);
    }
    void *items = c->p;
    const int err = cdn_grow(c->alloc, &items, &c->cap, c->n + 1, sizeof *c->p);
    c->p = items;
    if (err != 0) {
        return cdn_fail(c->e, err, "no memory for card ranges");
    }
    c->p[c->n++] = r;
    return 0;
}

static bool comes_before(const struct range *a, const struct range *b) {
    return a->first != b->first ? a->first < b->first
           : a->last != b->last ? a->last > b->last
                                : a->line < b->line;
}

/* Heap sort: no memory, and no order of the input makes it slow. Lines differ, so the order is total. */
static void sink(struct range *p, size_t at, size_t n) {
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= n) {
            return;
        }
        if (child + 1 < n && comes_before(&p[child], &p[child + 1])) {
            child++;
        }
        if (!comes_before(&p[at], &p[child])) {
            return;
        }
        const struct range swap = p[at];
        p[at] = p[child];
        p[child] = swap;
        at = child;
    }
}

static void sort(struct range *p, size_t n) {
    for (size_t i = n / 2; i-- > 0;) {
        sink(p, i, n);
    }
    for (size_t i = n; i-- > 1;) {
        const struct range swap = p[0];
        p[0] = p[i];
        p[i] = swap;
        sink(p, 0, i);
    }
}

static int add_run(struct iin *c, uint64_t first, uint16_t country) {
    if (c->run_count > 0 && (uint16_t)c->runs[c->run_count - 1] == country) {
        return 0;
    }
    void *items = c->runs;
    const int err = cdn_grow(c->alloc, &items, &c->run_cap, c->run_count + 1, sizeof *c->runs);
    c->runs = items;
    if (err != 0) {
        return cdn_fail(c->e, err, "no memory for card ranges");
    }
    c->runs[c->run_count++] = first << 16 | country;
    return 0;
}

/* Hands on what lies before `to`, by the innermost open range or by none. */
static int hand_on(struct iin *c, uint64_t to) {
    int err = 0;
    while (err == 0 && c->open_count > 0 && c->open[c->open_count - 1]->last < to) {
        const struct range *const top = c->open[--c->open_count];
        if (c->next <= top->last) {
            err = add_run(c, c->next, top->country);
            c->next = top->last + 1;
        }
    }
    if (err == 0 && c->next < to) {
        err = add_run(c, c->next, c->open_count > 0 ? c->open[c->open_count - 1]->country : 0);
        c->next = to;
    }
    return err;
}

static int conflict(struct iin *c, const struct range *a, const struct range *b) {
    cdn_fail(c->e,
             CORDON_E_CONFLICT,
             "the ranges of lines %u and %u overlap, and neither is within the other",
             a->line,
             b->line);
    if (a->first == b->first && a->last == b->last) {
        cdn_fail(
            c->e, CORDON_E_CONFLICT, "lines %u and %u give one range different countries", a->line, b->line);
    }
    if (c->e != NULL) {
        c->e->line = b->line;
    }
    return CORDON_E_CONFLICT;
}

static int resolve(struct iin *c) {
    for (size_t i = 0; i < c->n; i++) {
        const struct range *const r = &c->p[i];
        const int err = hand_on(c, r->first);
        if (err != 0) {
            return err;
        }
        const struct range *const top = c->open_count > 0 ? c->open[c->open_count - 1] : NULL;
        const bool same = top != NULL && top->first == r->first && top->last == r->last;
        if (top != NULL && (top->last < r->last || (same && top->country != r->country))) {
            return conflict(c, top, r);
        }
        if (same) {
            continue;
        }
        if (c->open_count == IIN_OPEN) {
            return cdn_fail(c->e, CORDON_E_LIMIT, "card ranges nest more than %d deep", IIN_OPEN);
        }
        c->open[c->open_count++] = r;
    }
    return hand_on(c, CDN_IIN_END);
}

static int put_section(const struct iin *c, cordon_str csv, int64_t date, struct cdn_buf *ret) {
    struct cdn_iin_header h = {.magic = CDN_IIN_MAGIC,
                               .version = CDN_IIN_VERSION,
                               .count = (uint32_t)c->run_count,
                               .date = date,
                               .ranges = (uint32_t)c->n};
    unsigned n = sizeof h.sha256;
    if (EVP_Digest(csv.p, csv.n, h.sha256, &n, EVP_sha256(), NULL) != 1) {
        return cdn_fail(c->e, CORDON_E_NOMEM, "no memory for card ranges");
    }
    cdn_buf_put(ret, &h, sizeof h);
    cdn_buf_put(ret, c->runs, c->run_count * sizeof *c->runs);
    return ret->err == 0 ? 0 : cdn_fail(c->e, ret->err, "the card ranges do not fit into a section");
}

int cdn_geodata_iin_build(const struct cordon_alloc *alloc,
                          cordon_str csv,
                          cordon_str where,
                          int64_t date,
                          struct cdn_buf *ret,
                          struct cordon_error *e) {
    struct iin c = {.alloc = alloc, .e = e};
    cordon_str rest = csv;
    int err = ret->n % 8 == 0 ? 0 : cdn_fail(e, CORDON_E_ARG, "a section must begin at a multiple of 8");
    while (err == 0 && rest.n > 0) {
        const cordon_str line = cdn_str_trim(cdn_str_split(rest, '\n', &rest));
        c.line++;
        if (line.n > 0 && line.p[0] != '#') {
            err = read_line(&c, line);
        }
    }
    if (err == 0 && c.n == 0) {
        err = cdn_fail(e, CORDON_E_TYPE, "no card range in it");
    }
    if (err == 0) {
        sort(c.p, c.n);
        err = resolve(&c);
    }
    if (err == 0) {
        err = put_section(&c, csv, date, ret);
    }
    if (err != 0) {
        cdn_error_where(e, where, e != NULL ? e->line : 0, 0);
    }
    cdn_free(alloc, c.p, c.cap * sizeof *c.p);
    cdn_free(alloc, c.runs, c.run_cap * sizeof *c.runs);
    return err;
}
