/* SPDX-License-Identifier: Apache-2.0 */
/* listed_all.c: the sections of all lists together: who serves which list, the index of names, the index of
 * identifiers. Sources are ordered by id; entries and names are numbered through them in that order. */
#include "base/limits.h"
#include "compile/listed.h"
#include "compile/screen_index.h"
#include "compile/translit_icu.h"

struct all {
    const struct cdn_compile_list *lists;
    uint32_t *order; /* of the lists, by id */
    uint32_t count;
    struct cdn_arena *arena;
    struct cordon_error *e;
    struct cdn_party_source *views;
};

/* ---- LISTS --------------------------------------------------------------------------------------------- */

struct claim {
    cordon_str id;
    uint32_t rank, source, served;
};

static int by_claim(const struct claim *a, const struct claim *b) {
    const int c = cdn_str_cmp(a->id, b->id);
    if (c != 0)
        return c;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return a->source < b->source ? -1 : 1;
}

/* Shell's gaps: the number of claims is a few dozens for each source. */
static void sort_claims(struct claim *c, size_t n) {
    for (size_t gap = n / 2; gap > 0; gap /= 2) {
        for (size_t i = gap; i < n; i++) {
            const struct claim x = c[i];
            size_t at = i;
            for (; at >= gap && by_claim(&x, &c[at - gap]) < 0; at -= gap)
                c[at] = c[at - gap];
            c[at] = x;
        }
    }
}

static struct claim *gather(struct all *a, uint32_t *ret_count, uint32_t *first_of) {
    struct cdn_list_map *map = cdn_arena_take(a->arena, sizeof *map);
    struct claim *claims = cdn_arena_zero(a->arena, (size_t)a->count * CDN_LIST_RULES, sizeof *claims);
    uint32_t n = 0;
    if (map == NULL || claims == NULL)
        return NULL;
    for (uint32_t i = 0; i < a->count; i++) {
        cdn_list_map_make(&a->lists[a->order[i]], map);
        first_of[i] = n;
        for (uint32_t k = 0; k < map->count; k++)
            claims[n++] = (struct claim){map->served[k].id, map->served[k].rank, i, k};
    }
    *ret_count = n;
    return claims;
}

static int put_lists(struct all *a, struct cdn_buf *out) {
    uint32_t claim_count = 0;
    uint32_t *first_of = cdn_arena_zero(a->arena, a->count + 1U, sizeof *first_of);
    struct claim *claims = first_of ? gather(a, &claim_count, first_of) : NULL;
    uint32_t *numbers = cdn_arena_zero(a->arena, claim_count + 1U, sizeof *numbers);
    struct cdn_lists_list_rec *rows = cdn_arena_zero(a->arena, claim_count + 1U, sizeof *rows);
    struct cdn_lists_source_rec *sources = cdn_arena_zero(a->arena, a->count, sizeof *sources);
    struct cdn_buf pool;
    if (!claims || !numbers || !rows || !sources)
        return CORDON_E_NOMEM;
    cdn_buf_init(&pool, &a->arena->as_alloc, CDN_MAX_SNAPSHOT_SECTION);
    cdn_buf_zero(&pool, 1);
    for (uint32_t i = 0; i < a->count; i++) {
        const uint32_t end = i + 1 < a->count ? first_of[i + 1] : claim_count;
        sources[i].retrieved = a->lists[a->order[i]].retrieved;
        sources[i].lists = (struct cdn_prun){first_of[i], end - first_of[i]};
    }
    sort_claims(claims, claim_count);
    uint32_t n = 0;
    for (uint32_t i = 0; i < claim_count; i++) {
        const struct claim *c = &claims[i];
        const bool first = i == 0 || !cdn_str_eq(c->id, claims[i - 1].id);
        numbers[first_of[c->source] + c->served] = first ? n : CDN_PARTIES_NONE;
        if (!first)
            continue;
        rows[n++] = (struct cdn_lists_list_rec){{(uint32_t)pool.n, (uint32_t)c->id.n}, c->source, c->served};
        cdn_buf_str(&pool, c->id);
    }
    const struct cdn_lists_header h = {.magic = CDN_LISTS_MAGIC,
                                       .version = CDN_PARTIES_VERSION,
                                       .source_count = a->count,
                                       .list_count = n,
                                       .number_count = claim_count,
                                       .pool_bytes = (uint32_t)pool.n};
    cdn_buf_put(out, &h, sizeof h);
    cdn_buf_put(out, sources, a->count * sizeof *sources);
    cdn_buf_put(out, rows, n * sizeof *rows);
    cdn_buf_put(out, numbers, claim_count * sizeof *numbers);
    cdn_buf_align(out, 8);
    cdn_buf_str(out, cdn_buf_get(&pool));
    return pool.err ? pool.err : out->err;
}

/* ---- the index of names -------------------------------------------------------------------------------- */

static int put_names(struct all *a, const struct cdn_screen_tables *tables, struct cdn_buf *out) {
    size_t count = 0, at = 0;
    uint32_t entry = 0;
    for (uint32_t k = 0; k < a->count; k++)
        count += a->views[k].header->tables[CDN_PT_names].count;
    struct cdn_listed_name *names = cdn_arena_zero(a->arena, count + 1, sizeof *names);
    if (names == NULL)
        return cdn_fail(a->e, CORDON_E_NOMEM, "no memory for the names of lists");
    for (uint32_t k = 0; k < a->count; k++) {
        const struct cdn_party_source *s = &a->views[k];
        for (uint32_t i = 0; i < s->header->tables[CDN_PT_entries].count; i++, entry++) {
            const struct cdn_party_rec *r = &s->entries[i];
            for (uint32_t n = 0; n < r->names.count; n++)
                names[at++] =
                    (struct cdn_listed_name){.text = cdn_party_text(s, cdn_party_name(s, r, n)->full),
                                             .entry = entry,
                                             .kind = r->kind,
                                             .weak = cdn_party_name(s, r, n)->weak != 0};
        }
    }
    return cdn_compile_screen_index(names, count, tables, a->arena->parent, out, a->e);
}

/* ---- the index of identifiers -------------------------------------------------------------------------- */

struct keyed {
    uint32_t hash;
    struct cdn_ident_row row;
};

static bool before(const struct keyed *a, const struct keyed *b) {
    if (a->hash != b->hash)
        return a->hash < b->hash;
    return a->row.entry != b->row.entry ? a->row.entry < b->row.entry : a->row.ident < b->row.ident;
}

/* Bottom-up merging: as many rows as there are identifiers, in the arena. */
static struct keyed *sort_keyed(struct keyed *p, struct keyed *other, size_t n) {
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t low = 0; low < n; low += 2 * width) {
            const size_t mid = CDN_MIN(low + width, n), high = CDN_MIN(low + 2 * width, n);
            size_t i = low, j = mid;
            for (size_t at = low; at < high; at++)
                other[at] = i < mid && (j >= high || !before(&p[j], &p[i])) ? p[i++] : p[j++];
        }
        struct keyed *const swap = p;
        p = other;
        other = swap;
    }
    return p;
}

static struct keyed *gather_idents(struct all *a, size_t *ret_count) {
    size_t most = 0, n = 0;
    uint32_t entry = 0;
    for (uint32_t k = 0; k < a->count; k++)
        most += a->views[k].header->tables[CDN_PT_idents].count;
    struct keyed *rows = cdn_arena_zero(a->arena, most + 1, sizeof *rows);
    struct keyed *other = cdn_arena_zero(a->arena, most + 1, sizeof *other);
    if (!rows || !other)
        return NULL;
    for (uint32_t k = 0; k < a->count; k++) {
        const struct cdn_party_source *s = &a->views[k];
        for (uint32_t i = 0; i < s->header->tables[CDN_PT_entries].count; i++, entry++) {
            for (uint32_t j = 0; j < s->entries[i].idents.count; j++) {
                const struct cdn_party_ident_rec *d = &s->idents[s->entries[i].idents.first + j];
                if (d->kind != CDN_PARTY_IDENT_OTHER && d->normal.n >= CDN_IDENT_LEAST)
                    rows[n++] =
                        (struct keyed){cdn_ident_hash(d->kind, cdn_party_text(s, d->normal)), {entry, j}};
            }
        }
    }
    *ret_count = n;
    return sort_keyed(rows, other, n);
}

static int put_idents(struct all *a, struct cdn_buf *out) {
    size_t n = 0;
    struct keyed *rows = gather_idents(a, &n);
    uint32_t slots = 16;
    while (slots < 2 * n)
        slots *= 2;
    struct cdn_ident_slot *table = rows ? cdn_arena_zero(a->arena, slots, sizeof *table) : NULL;
    if (!table)
        return CORDON_E_NOMEM;
    for (size_t i = 0; i < n;) {
        size_t end = i;
        while (end < n && rows[end].hash == rows[i].hash)
            end++;
        uint32_t slot = rows[i].hash & (slots - 1);
        while (table[slot].count != 0)
            slot = (slot + 1) & (slots - 1);
        table[slot] = (struct cdn_ident_slot){rows[i].hash, (uint32_t)i, (uint32_t)(end - i), 0};
        i = end;
    }
    const struct cdn_ident_header h = {
        .magic = CDN_IDENT_MAGIC, .version = CDN_IDENT_VERSION, .slots = slots, .rows = (uint32_t)n};
    cdn_buf_put(out, &h, sizeof h);
    cdn_buf_put(out, table, slots * sizeof *table);
    for (size_t i = 0; i < n; i++)
        cdn_buf_put(out, &rows[i].row, sizeof rows[i].row);
    return out->err;
}

/* ---- all together -------------------------------------------------------------------------------------- */

static int sort_lists(struct all *a) {
    for (uint32_t i = 0; i < a->count; i++) {
        uint32_t at = i;
        for (; at > 0 && cdn_str_cmp(a->lists[a->order[at - 1]].id, a->lists[i].id) > 0; at--)
            a->order[at] = a->order[at - 1];
        a->order[at] = i;
    }
    for (uint32_t i = 1; i < a->count; i++)
        if (cdn_str_eq(a->lists[a->order[i]].id, a->lists[a->order[i - 1]].id))
            return cdn_fail(
                a->e, CORDON_E_CONFLICT, "two lists have the id %.*s", CDN_FMT(a->lists[a->order[i]].id));
    return 0;
}

static struct cdn_buf *new_section(struct all *a) {
    struct cdn_buf *b = cdn_arena_zero(a->arena, 1, sizeof *b);
    if (b != NULL)
        cdn_buf_init(b, &a->arena->as_alloc, CDN_MAX_SNAPSHOT_SECTION);
    return b;
}

static int put_sources(struct all *a, struct cdn_compile_parties *ret) {
    a->views = cdn_arena_zero(a->arena, a->count, sizeof *a->views);
    ret->sources = cdn_arena_zero(a->arena, a->count, sizeof *ret->sources);
    if (!a->views || !ret->sources)
        return cdn_fail(a->e, CORDON_E_NOMEM, "no memory for lists");
    for (uint32_t i = 0; i < a->count; i++) {
        struct cdn_buf *b = new_section(a);
        int err = b ? 0 : cdn_fail(a->e, CORDON_E_NOMEM, "no memory for lists");
        err = err ? err : cdn_compile_listed(&a->lists[a->order[i]], b, a->e);
        if (err)
            return err;
        ret->sources[i] = cdn_buf_get(b);
        err = cdn_party_source_open(ret->sources[i], &a->views[i], a->e);
        if (err)
            return err;
    }
    return 0;
}

int cdn_compile_all_listed(const struct cdn_compile_list *lists,
                           size_t count,
                           struct cdn_arena *arena,
                           struct cdn_compile_parties *ret,
                           struct cordon_error *e) {
    struct all a = {.lists = lists, .count = (uint32_t)count, .arena = arena, .e = e};
    struct cdn_compile_parties p = {.source_count = (uint32_t)count};
    struct cdn_screen_tables view;
    if (count == 0 || count > CDN_MAX_LISTS)
        return cdn_fail(e, CORDON_E_LIMIT, "%zu lists; 1 to %d can be compiled", count, CDN_MAX_LISTS);
    a.order = cdn_arena_zero(arena, count, sizeof *a.order);
    struct cdn_buf *section[4];
    for (unsigned i = 0; i < 4; i++)
        section[i] = a.order ? new_section(&a) : NULL;
    if (!section[3] || !section[2] || !section[1] || !section[0])
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for lists");
    int err = sort_lists(&a);
    err = err ? err : put_sources(&a, &p);
    err = err ? err : cdn_compile_screen_tables(arena->parent, section[1], e);
    err = err ? err : cdn_screen_tables_open(cdn_buf_get(section[1]), &view, e);
    err = err ? err : put_names(&a, &view, section[2]);
    if (err)
        return err;
    err = put_lists(&a, section[0]);
    err = err ? err : put_idents(&a, section[3]);
    if (err)
        return cdn_fail(e, err, "no room for the tables of lists");
    p.lists = cdn_buf_get(section[0]);
    p.tables = cdn_buf_get(section[1]);
    p.names = cdn_buf_get(section[2]);
    p.idents = cdn_buf_get(section[3]);
    *ret = p;
    return 0;
}
