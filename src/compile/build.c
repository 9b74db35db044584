/* SPDX-License-Identifier: Apache-2.0 */
/* build.c: growing tables, the text pool, interning, and the layout of the RULES section.
 *
 * The map of interned rows borrows its keys. It may borrow them from the tables themselves, although those
 * move when they grow: in an arena the old place keeps its bytes. */
#include "compile/build_priv.h"

static const size_t row_size[CDN_TABLE_COUNT] = {
#define TABLE(sym, field, type) sizeof(type),
    CDN_SNAPSHOT_TABLES(TABLE)
#undef TABLE
};

void cdn_build_init(struct cdn_build *b) {
    const struct cordon_alloc *a = &b->arena->as_alloc;
    for (unsigned i = 0; i < CDN_TABLE_COUNT; i++)
        cdn_map_init(&b->tables[i].known, a);
    cdn_buf_init(&b->strings, a, CDN_MAX_SNAPSHOT_SECTION);
    cdn_buf_init(&b->scratch, a, CDN_MAX_SNAPSHOT_SECTION);
    cdn_map_init(&b->known_strings, a);
    cdn_buf_zero(&b->strings, 1);
    if (b->strings.err)
        (void)cdn_build_fail(b, b->strings.err, "no memory for texts");
}

int cdn_build_fail(struct cdn_build *b, int code, const char *what) {
    if (!b->err)
        b->err = cdn_fail(b->e, code, "%s", what);
    return b->err;
}

void *cdn_build_zero(struct cdn_build *b, size_t n, size_t size) {
    if (b->err)
        return NULL;
    void *p = cdn_arena_zero(b->arena, n ? n : 1, size);
    if (!p)
        (void)cdn_build_fail(b, CORDON_E_NOMEM, "no memory to compile");
    return p;
}

/* ---- texts --------------------------------------------------------------------------------------------- */

static struct cdn_sref intern(struct cdn_build *b, cordon_str s, bool copy) {
    const struct cdn_sref empty = {0, 0};
    if (b->err || s.n == 0)
        return empty;
    size_t at = 0;
    if (cdn_map_get(&b->known_strings, s, &at))
        return (struct cdn_sref){(uint32_t)at, (uint32_t)s.n};
    if (!cdn_utf8_valid(s)) {
        (void)cdn_build_fail(b, CORDON_E_FORMAT, "a text of the rulebook is not UTF-8");
        return empty;
    }
    int err = copy ? cdn_arena_str(b->arena, s, &s) : 0;
    at = b->strings.n;
    if (!err)
        cdn_buf_str(&b->strings, s);
    err = err ? err : b->strings.err;
    if (!err)
        err = cdn_map_put(&b->known_strings, s, at, NULL);
    if (err) {
        (void)cdn_build_fail(b, err, "no room for the texts");
        return empty;
    }
    return (struct cdn_sref){(uint32_t)at, (uint32_t)s.n};
}

struct cdn_sref cdn_build_str(struct cdn_build *b, cordon_str s) {
    return intern(b, s, false);
}

struct cdn_sref cdn_build_copy(struct cdn_build *b, cordon_str s) {
    return intern(b, s, true);
}

/* ---- rows ---------------------------------------------------------------------------------------------- */

uint32_t cdn_build_add(struct cdn_build *b, enum cdn_table table, const void *rows, size_t n) {
    struct cdn_build_table *t = &b->tables[table];
    if (b->err)
        return 0;
    if (n > UINT32_MAX - 1 - t->count) {
        (void)cdn_build_fail(b, CORDON_E_LIMIT, "more rows than a snapshot holds");
        return 0;
    }
    const int err = cdn_grow(&b->arena->as_alloc, &t->rows, &t->cap, t->count + n, row_size[table]);
    if (err) {
        (void)cdn_build_fail(b, err, "no memory for the tables");
        return 0;
    }
    const size_t first = t->count;
    if (n)
        memcpy((char *)t->rows + first * row_size[table], rows, n * row_size[table]);
    t->count += n;
    return (uint32_t)first;
}

struct cdn_run cdn_build_run(struct cdn_build *b, enum cdn_table table, const void *rows, size_t n) {
    struct cdn_build_table *t = &b->tables[table];
    const struct cdn_run none = {0, 0};
    if (b->err || n == 0)
        return none;
    size_t first = 0;
    if (cdn_map_get(&t->known, cdn_str(rows, n * row_size[table]), &first))
        return (struct cdn_run){(uint32_t)first, (uint32_t)n};
    first = cdn_build_add(b, table, rows, n);
    if (b->err)
        return none;
    const char *kept = (const char *)t->rows + first * row_size[table];
    const int err = cdn_map_put(&t->known, cdn_str(kept, n * row_size[table]), first, NULL);
    if (err) {
        (void)cdn_build_fail(b, err, "no memory for the tables");
        return none;
    }
    return (struct cdn_run){(uint32_t)first, (uint32_t)n};
}

uint32_t cdn_build_row(struct cdn_build *b, enum cdn_table table, const void *row) {
    return cdn_build_run(b, table, row, 1).first;
}

static int number_order(const void *a, const void *b) {
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

struct cdn_run cdn_build_numbers(struct cdn_build *b, const uint32_t *values, size_t n) {
    const struct cdn_run none = {0, 0};
    uint32_t *sorted = n ? cdn_build_zero(b, n, sizeof(*sorted)) : NULL;
    if (!sorted)
        return none;
    memcpy(sorted, values, n * sizeof(*sorted));
    cdn_build_sort(b, sorted, n, sizeof(*sorted), number_order);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || sorted[i] != sorted[kept - 1])
            sorted[kept++] = sorted[i];
    return cdn_build_run(b, CDN_T_INDEX, sorted, kept);
}

/* ---- section --------------------------------------------------------------------------------------------
 */

void cdn_build_rules(struct cdn_build *b, struct cdn_buf *out) {
    if (b->err)
        return;
    struct cdn_rules_header h = {.version = 1,
                                 .table_count = CDN_TABLE_COUNT,
                                 .geo_max_age_days = b->rb->geo_max_age_days,
                                 .geo_max_radius_km = b->rb->geo_max_radius_km,
                                 .place_count = b->places->place_count};
    h.place_words = (h.place_count + 63) / 64;
    uint64_t end = sizeof(h);
    for (unsigned i = 0; i < CDN_TABLE_COUNT; i++) {
        end = (end + 7) & ~UINT64_C(7);
        if (end > CDN_MAX_SNAPSHOT_SECTION) {
            (void)cdn_build_fail(b, CORDON_E_LIMIT, "the rules are larger than a section may be");
            return;
        }
        h.tables[i].offset = (uint32_t)end;
        h.tables[i].count = (uint32_t)b->tables[i].count;
        end += b->tables[i].count * row_size[i];
    }
    cdn_buf_put(out, &h, sizeof(h));
    for (unsigned i = 0; i < CDN_TABLE_COUNT; i++) {
        cdn_buf_align(out, 8);
        if (b->tables[i].count)
            cdn_buf_put(out, b->tables[i].rows, b->tables[i].count * row_size[i]);
    }
    if (out->err)
        (void)cdn_build_fail(b, out->err, "no room for the rules");
}
