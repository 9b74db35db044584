/* SPDX-License-Identifier: Apache-2.0 */
/* owners_build.c: see owners_build.h. A *mention* is one side of one row; a *party* is a set of mentions,
 * kept as a forest (union-find) and numbered by its first mention. */
#include "compile/owners_build.h"

#include <stdlib.h>

struct mention {
    cordon_str name, key; /* key: cdn_owners_key() */
    struct cdn_link_id *ids;
    uint32_t id_count, parent;
    uint32_t node; /* of the first mention of a party */
    uint16_t country;
};
struct link {
    struct cdn_owner_link rec; /* owner and owned: mentions, then nodes */
    cordon_str source;
    uint32_t order;
};
struct cdn_owners_build {
    struct cdn_arena *arena;
    const struct cdn_screen_tables *tables;
    struct mention *mentions;
    struct link *links;
    size_t mention_count, mention_cap, link_count, link_cap;
    struct cdn_map known; /* keys of entries and identifiers → mention */
    struct cdn_name scratch;
    /* the section */
    struct cdn_map texts;
    struct cdn_buf pool;
    struct cdn_buf tables_out[CDN_OWNERS_TABLE_COUNT];
    int err;
};

static int no_memory(struct cordon_error *e) {
    return cdn_fail(e, CORDON_E_NOMEM, "no memory for the links of owners");
}

int cdn_owners_build_new(struct cdn_arena *arena,
                         const struct cdn_screen_tables *tables,
                         struct cdn_owners_build **ret,
                         struct cordon_error *e) {
    struct cdn_owners_build *b = cdn_arena_zero(arena, 1, sizeof *b);
    if (!b)
        return no_memory(e);
    b->arena = arena;
    b->tables = tables;
    cdn_map_init(&b->known, &arena->as_alloc);
    cdn_map_init(&b->texts, &arena->as_alloc);
    cdn_buf_init(&b->pool, &arena->as_alloc, CDN_MAX_SNAPSHOT_SECTION);
    cdn_buf_zero(&b->pool, 1);
    if (b->pool.err)
        return no_memory(e);
    for (unsigned i = 0; i < CDN_OWNERS_TABLE_COUNT; i++)
        cdn_buf_init(&b->tables_out[i], &arena->as_alloc, CDN_MAX_SNAPSHOT_SECTION);
    *ret = b;
    return 0;
}

/* ---- who is the same ------------------------------------------------------------------------------------
 */

static uint32_t root_of(struct cdn_owners_build *b, uint32_t m) {
    while (b->mentions[m].parent != m) {
        b->mentions[m].parent = b->mentions[b->mentions[m].parent].parent;
        m = b->mentions[m].parent;
    }
    return m;
}

/* The first mention stays the root: numbers follow the order of the file. */
static void join(struct cdn_owners_build *b, uint32_t x, uint32_t y) {
    x = root_of(b, x);
    y = root_of(b, y);
    if (x < y)
        b->mentions[y].parent = x;
    else
        b->mentions[x].parent = y;
}

/* Numbers that mean one thing the world over, whoever gave them. */
static bool worldwide(unsigned kind) {
    return kind == CDN_PARTY_IDENT_LEI || kind == CDN_PARTY_IDENT_IMO || kind == CDN_PARTY_IDENT_BIC ||
           kind == CDN_PARTY_IDENT_MMSI || kind == CDN_PARTY_IDENT_WALLET;
}

static cordon_str key_of(struct cdn_owners_build *b, const struct cdn_link_id *id) {
    char storage[CDN_IDENT_NORMAL];
    struct cdn_buf k;
    cdn_buf_init(&k, &b->arena->as_alloc, CDN_MAX_LIST_TEXT);
    if (id->is_entry) {
        cdn_buf_char(&k, 'E');
        cdn_buf_str(&k, id->list);
        cdn_buf_char(&k, '\n');
        cdn_buf_str(&k, id->value);
    } else {
        const cordon_str normal = cdn_ident_normal(id->kind, id->value, storage);
        cdn_buf_printf(&k, "I%u %u ", (unsigned)id->kind, worldwide(id->kind) ? 0U : (unsigned)id->country);
        cdn_buf_str(&k, normal.n ? normal : id->value);
    }
    if (k.err)
        b->err = k.err;
    return cdn_buf_get(&k);
}

static void know(struct cdn_owners_build *b, cordon_str key, uint32_t mention) {
    size_t other = 0;
    if (b->err)
        return;
    if (cdn_map_get(&b->known, key, &other))
        join(b, (uint32_t)other, mention);
    else
        b->err = cdn_map_put(&b->known, key, mention, NULL);
}

static int add_mention(struct cdn_owners_build *b, const struct cdn_link_side *side, uint32_t *ret) {
    char storage[CDN_OWNERS_KEY];
    void *items = b->mentions;
    int err =
        cdn_grow(&b->arena->as_alloc, &items, &b->mention_cap, b->mention_count + 1, sizeof *b->mentions);
    if (err)
        return err;
    b->mentions = items;
    struct mention m = {.parent = (uint32_t)b->mention_count, .country = side->country};
    err = cdn_arena_str(b->arena, side->name, &m.name);
    err = err ? err
              : cdn_arena_str(b->arena, cdn_owners_key(b->tables, &b->scratch, side->name, storage), &m.key);
    m.ids = cdn_arena_zero(b->arena, side->id_count + 1U, sizeof *m.ids);
    m.id_count = side->id_count;
    if (!m.ids)
        return CORDON_E_NOMEM;
    for (uint32_t i = 0; i < side->id_count && !err; i++) {
        m.ids[i] = side->ids[i];
        err = cdn_arena_str(b->arena, side->ids[i].list, &m.ids[i].list);
        err = err ? err : cdn_arena_str(b->arena, side->ids[i].value, &m.ids[i].value);
    }
    if (err)
        return err;
    b->mentions[b->mention_count] = m;
    *ret = (uint32_t)b->mention_count++;
    for (uint32_t i = 0; i < m.id_count; i++)
        know(b, key_of(b, &m.ids[i]), *ret);
    return b->err;
}

int cdn_owners_build_between(struct cdn_owners_build *b,
                             const struct cdn_link_row *row,
                             int64_t since,
                             int64_t until,
                             struct cordon_error *e) {
    if (b->link_count == CDN_MAX_LINKS)
        return cdn_fail(e, CORDON_E_LIMIT, "more than %d links", CDN_MAX_LINKS);
    struct link l = {.order = (uint32_t)b->link_count};
    void *items = b->links;
    int err = cdn_grow(&b->arena->as_alloc, &items, &b->link_cap, b->link_count + 1, sizeof *b->links);
    if (err)
        return no_memory(e);
    b->links = items;
    err = add_mention(b, &row->owner, &l.rec.owner);
    err = err ? err : add_mention(b, &row->owned, &l.rec.owned);
    err = err ? err : cdn_arena_str(b->arena, row->source, &l.source);
    if (err)
        return no_memory(e);
    l.rec.from = row->from;
    l.rec.to = row->to;
    l.rec.known = row->known;
    l.rec.kind = row->kind;
    l.rec.disputed = row->disputed;
    l.rec.since = since;
    l.rec.until = until;
    b->links[b->link_count++] = l;
    return 0;
}

int cdn_owners_build_add(struct cdn_owners_build *b, const struct cdn_link_row *row, struct cordon_error *e) {
    return cdn_owners_build_between(b,
                                    row,
                                    row->since.known ? row->since.from * INT64_C(86400) : CDN_TIME_MIN,
                                    row->until.known ? (row->until.to + INT64_C(1)) * 86400 : CDN_TIME_MAX,
                                    e);
}

int cdn_owners_build_also(struct cdn_owners_build *b,
                          const struct cdn_link_side *side,
                          struct cordon_error *e) {
    uint32_t mention = 0;
    return add_mention(b, side, &mention) ? no_memory(e) : 0;
}

/* ---- names ----------------------------------------------------------------------------------------------
 */

static bool agree(uint16_t a, uint16_t b) {
    return !a || !b || a == b;
}

struct by_key {
    cordon_str key;
    uint32_t mention;
};
static int key_order(const void *a, const void *b) {
    const struct by_key *x = a, *y = b;
    const int c = cdn_str_cmp(x->key, y->key);
    return c ? c : (x->mention > y->mention) - (x->mention < y->mention);
}

/* Parties with identifiers that bear one name; more than the array holds are several anyway. */
struct bearers {
    struct {
        uint32_t root;
        uint16_t country;
    } p[64];
    size_t n;
    bool many;
};

static void bearers_of(
    struct cdn_owners_build *b, const struct by_key *list, size_t from, size_t to, struct bearers *ret) {
    ret->n = 0;
    ret->many = false;
    for (size_t i = from; i < to && !ret->many; i++) {
        const struct mention *m = &b->mentions[list[i].mention];
        const uint32_t root = root_of(b, list[i].mention);
        size_t k = 0;
        if (!m->id_count)
            continue;
        while (k < ret->n && (ret->p[k].root != root || ret->p[k].country != m->country))
            k++;
        ret->many = k == CDN_ARRAY_LEN(ret->p);
        if (k < ret->n || ret->many)
            continue;
        ret->p[ret->n].root = root;
        ret->p[ret->n++].country = m->country;
    }
}

/* The only party that agrees with the country; NONE: none, or several. */
static uint32_t only_bearer(const struct bearers *all, uint16_t country) {
    uint32_t only = CDN_OWNERS_NONE;
    for (size_t i = 0; i < all->n; i++) {
        if (!agree(all->p[i].country, country))
            continue;
        if (only != CDN_OWNERS_NONE && only != all->p[i].root)
            return CDN_OWNERS_NONE;
        only = all->p[i].root;
    }
    return all->many ? CDN_OWNERS_NONE : only;
}

/* Mentions [from, to) have one key. Those without identifiers are joined with the only party with identifiers
 * that agrees, else with each other by country. */
static int join_by_name(struct cdn_owners_build *b, const struct by_key *list, size_t from, size_t to) {
    struct bearers all;
    struct cdn_map first; /* of each country */
    int err = 0;
    bearers_of(b, list, from, to, &all);
    cdn_map_init(&first, &b->arena->as_alloc);
    for (size_t i = from; i < to && !err; i++) {
        const uint32_t m = list[i].mention;
        size_t other = 0;
        if (b->mentions[m].id_count)
            continue;
        const uint32_t only = only_bearer(&all, b->mentions[m].country);
        const cordon_str country = cdn_str((const char *)&b->mentions[m].country, sizeof(uint16_t));
        if (only != CDN_OWNERS_NONE)
            join(b, only, m);
        else if (cdn_map_get(&first, country, &other))
            join(b, (uint32_t)other, m);
        else
            err = cdn_map_put(&first, country, m, NULL);
    }
    return err;
}

static int join_names(struct cdn_owners_build *b) {
    struct by_key *list = cdn_arena_zero(b->arena, b->mention_count + 1, sizeof *list);
    size_t n = 0;
    int err = 0;
    if (!list)
        return CORDON_E_NOMEM;
    for (uint32_t i = 0; i < b->mention_count; i++) {
        if (b->mentions[i].key.n)
            list[n++] = (struct by_key){b->mentions[i].key, i};
    }
    qsort(list, n, sizeof *list, key_order);
    for (size_t i = 0; i < n && !err;) {
        size_t k = i + 1;
        while (k < n && cdn_str_eq(list[k].key, list[i].key))
            k++;
        if (k > i + 1)
            err = join_by_name(b, list, i, k);
        i = k;
    }
    return err;
}

/* ---- the section ----------------------------------------------------------------------------------------
 */

static struct cdn_otext text(struct cdn_owners_build *b, cordon_str s) {
    size_t at = 0;
    if (!s.n || b->err)
        return (struct cdn_otext){0, 0};
    if (!cdn_map_get(&b->texts, s, &at)) {
        at = b->pool.n;
        cdn_buf_str(&b->pool, s);
        b->err = b->pool.err ? b->pool.err : cdn_map_put(&b->texts, s, at, NULL);
    }
    return (struct cdn_otext){(uint32_t)at, (uint32_t)s.n};
}

static void put(struct cdn_owners_build *b, enum cdn_owners_table t, const void *row, size_t size) {
    if (b->err)
        return;
    cdn_buf_put(&b->tables_out[t], row, size);
    b->err = b->tables_out[t].err;
}
static uint32_t rows(const struct cdn_owners_build *b, enum cdn_owners_table t, size_t size) {
    return (uint32_t)(b->tables_out[t].n / size);
}
static struct cdn_orun run(uint32_t first, uint32_t end) {
    return first == end ? (struct cdn_orun){0, 0} : (struct cdn_orun){first, end - first};
}

static void node_name(struct cdn_owners_build *b, const struct mention *m, uint32_t node, uint32_t first) {
    const struct cdn_owner_name row = {.full = text(b, m->name), .key = text(b, m->key), .node = node};
    const struct cdn_owner_name *old = (const void *)b->tables_out[CDN_OT_names].p;
    for (uint32_t i = first; i < rows(b, CDN_OT_names, sizeof row); i++) {
        if (old[i].full.at == row.full.at && old[i].full.n == row.full.n)
            return;
    }
    if (m->name.n)
        put(b, CDN_OT_names, &row, sizeof row);
}

static void node_ident(struct cdn_owners_build *b,
                       const struct cdn_link_id *id,
                       uint32_t node,
                       uint32_t first) {
    char storage[CDN_IDENT_NORMAL];
    const cordon_str normal = cdn_ident_normal(id->kind, id->value, storage);
    cordon_str kept = {NULL, 0};
    if (!normal.n || b->err)
        return;
    b->err = cdn_arena_str(b->arena, normal, &kept);
    const struct cdn_owner_ident row = {
        .normal = text(b, kept), .node = node, .country = id->country, .kind = id->kind};
    const struct cdn_owner_ident *old = (const void *)b->tables_out[CDN_OT_idents].p;
    for (uint32_t i = first; i < rows(b, CDN_OT_idents, sizeof row); i++) {
        if (memcmp(&old[i], &row, sizeof row) == 0)
            return;
    }
    put(b, CDN_OT_idents, &row, sizeof row);
}

static void node_entry(struct cdn_owners_build *b,
                       const struct cdn_link_id *id,
                       uint32_t node,
                       uint32_t first) {
    const struct cdn_owner_entry row = {.list = text(b, id->list), .id = text(b, id->value), .node = node};
    const struct cdn_owner_entry *old = (const void *)b->tables_out[CDN_OT_entries].p;
    for (uint32_t i = first; i < rows(b, CDN_OT_entries, sizeof row); i++) {
        if (memcmp(&old[i], &row, sizeof row) == 0)
            return;
    }
    put(b, CDN_OT_entries, &row, sizeof row);
}

/* Mentions of a party stand together after sorting by root. */
struct member {
    uint32_t root, mention;
};
static int member_order(const void *a, const void *b) {
    const struct member *x = a, *y = b;
    if (x->root != y->root)
        return x->root < y->root ? -1 : 1;
    return (x->mention > y->mention) - (x->mention < y->mention);
}

static void write_node(struct cdn_owners_build *b, const struct member *list, size_t n, uint32_t number) {
    struct cdn_owner_node node = {.country = 0};
    bool clash = false;
    const uint32_t name = rows(b, CDN_OT_names, sizeof(struct cdn_owner_name)),
                   ident = rows(b, CDN_OT_idents, sizeof(struct cdn_owner_ident)),
                   entry = rows(b, CDN_OT_entries, sizeof(struct cdn_owner_entry));
    for (size_t i = 0; i < n; i++) {
        const struct mention *m = &b->mentions[list[i].mention];
        clash |= !agree(node.country, m->country);
        node.country = node.country ? node.country : m->country;
        node_name(b, m, number, name);
        for (uint32_t k = 0; k < m->id_count; k++) {
            if (m->ids[k].is_entry)
                node_entry(b, &m->ids[k], number, entry);
            else
                node_ident(b, &m->ids[k], number, ident);
        }
    }
    if (clash)
        node.country = 0;
    node.names = run(name, rows(b, CDN_OT_names, sizeof(struct cdn_owner_name)));
    node.idents = run(ident, rows(b, CDN_OT_idents, sizeof(struct cdn_owner_ident)));
    node.entries = run(entry, rows(b, CDN_OT_entries, sizeof(struct cdn_owner_entry)));
    put(b, CDN_OT_nodes, &node, sizeof node);
    b->mentions[list[0].root].node = number;
}

static int write_nodes(struct cdn_owners_build *b) {
    struct member *list = cdn_arena_zero(b->arena, b->mention_count + 1, sizeof *list);
    if (!list)
        return CORDON_E_NOMEM;
    for (uint32_t i = 0; i < b->mention_count; i++)
        list[i] = (struct member){root_of(b, i), i};
    qsort(list, b->mention_count, sizeof *list, member_order);
    uint32_t number = 0;
    for (size_t i = 0; i < b->mention_count && !b->err;) {
        size_t k = i + 1;
        while (k < b->mention_count && list[k].root == list[i].root)
            k++;
        write_node(b, list + i, k - i, number++);
        i = k;
    }
    return b->err;
}

static int link_order(const void *a, const void *b) {
    const struct link *x = a, *y = b;
    if (x->rec.owned != y->rec.owned)
        return x->rec.owned < y->rec.owned ? -1 : 1;
    if (x->rec.owner != y->rec.owner)
        return x->rec.owner < y->rec.owner ? -1 : 1;
    if (x->rec.since != y->rec.since)
        return x->rec.since < y->rec.since ? -1 : 1;
    if (x->rec.until != y->rec.until)
        return x->rec.until < y->rec.until ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static void write_links(struct cdn_owners_build *b) {
    for (size_t i = 0; i < b->link_count; i++) {
        struct cdn_owner_link *l = &b->links[i].rec;
        l->owner = b->mentions[root_of(b, l->owner)].node;
        l->owned = b->mentions[root_of(b, l->owned)].node;
        l->source = text(b, b->links[i].source);
    }
    qsort(b->links, b->link_count, sizeof *b->links, link_order);
    struct cdn_owner_node *nodes = (void *)b->tables_out[CDN_OT_nodes].p;
    for (size_t i = 0; i < b->link_count && !b->err; i++) {
        struct cdn_orun *r = &nodes[b->links[i].rec.owned].links;
        if (r->count++ == 0)
            r->first = (uint32_t)i;
        put(b, CDN_OT_links, &b->links[i].rec, sizeof b->links[i].rec);
    }
}

static void insert(struct cdn_owner_slot *slots, uint32_t count, uint32_t hash, uint32_t row) {
    uint32_t i = hash & (count - 1);
    while (slots[i].row != CDN_OWNERS_NONE)
        i = (i + 1) & (count - 1);
    slots[i] = (struct cdn_owner_slot){hash, row};
}

static cordon_str pooled(const struct cdn_owners_build *b, struct cdn_otext t) {
    return cdn_str(b->pool.p + t.at, t.n);
}

static uint32_t hash_of(const struct cdn_owners_build *b, enum cdn_owners_table t, uint32_t row) {
    if (t == CDN_OT_names) {
        const struct cdn_owner_name *r =
            (const struct cdn_owner_name *)(const void *)b->tables_out[t].p + row;
        return cdn_owners_hash(pooled(b, r->key), cdn_str(NULL, 0));
    }
    if (t == CDN_OT_idents) {
        const struct cdn_owner_ident *r =
            (const struct cdn_owner_ident *)(const void *)b->tables_out[t].p + row;
        return cdn_ident_hash(r->kind, pooled(b, r->normal));
    }
    const struct cdn_owner_entry *r = (const struct cdn_owner_entry *)(const void *)b->tables_out[t].p + row;
    return cdn_owners_hash(pooled(b, r->list), pooled(b, r->id));
}

static void write_slots(struct cdn_owners_build *b,
                        enum cdn_owners_table of,
                        enum cdn_owners_table to,
                        size_t size) {
    const uint32_t n = rows(b, of, size);
    uint32_t count = 2;
    while (count < 2 * n)
        count *= 2;
    struct cdn_owner_slot *slots = b->err ? NULL : cdn_arena_zero(b->arena, count, sizeof *slots);
    if (!slots) {
        b->err = b->err ? b->err : CORDON_E_NOMEM;
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        slots[i].row = CDN_OWNERS_NONE;
    for (uint32_t i = 0; i < n; i++)
        insert(slots, count, hash_of(b, of, i), i);
    put(b, to, slots, count * sizeof *slots);
}

static const size_t row_size[CDN_OWNERS_TABLE_COUNT] = {
#define TABLE(field, type) sizeof(type),
    CDN_OWNERS_TABLES(TABLE)
#undef TABLE
};

static void write_all(struct cdn_owners_build *b,
                      cordon_str name,
                      cordon_str date,
                      const uint8_t sha256[32],
                      struct cdn_buf *out) {
    struct cdn_owners_header h = {.version = CDN_OWNERS_VERSION, .table_count = CDN_OWNERS_TABLE_COUNT};
    memcpy(h.magic, CDN_OWNERS_MAGIC, sizeof h.magic);
    memcpy(h.sha256, sha256, sizeof h.sha256);
    h.name = text(b, name);
    h.date = text(b, date);
    uint64_t end = sizeof h;
    for (unsigned i = 0; i < CDN_OWNERS_TABLE_COUNT; i++) {
        b->err = b->err ? b->err : b->tables_out[i].err;
        end = (end + 7) & ~UINT64_C(7);
        h.tables[i].offset = (uint32_t)end;
        h.tables[i].count = (uint32_t)(b->tables_out[i].n / row_size[i]);
        end += b->tables_out[i].n;
    }
    h.pool = (uint32_t)end;
    h.pool_bytes = (uint32_t)b->pool.n;
    if (!b->err && end + b->pool.n > CDN_MAX_SNAPSHOT_SECTION)
        b->err = CORDON_E_LIMIT;
    const size_t start = out->n;
    cdn_buf_put(out, &h, sizeof h);
    for (unsigned i = 0; i < CDN_OWNERS_TABLE_COUNT && !b->err; i++) {
        while ((out->n - start) % 8 && !out->err)
            cdn_buf_zero(out, 1);
        cdn_buf_str(out, cdn_buf_get(&b->tables_out[i]));
    }
    cdn_buf_str(out, cdn_buf_get(&b->pool));
    b->err = b->err ? b->err : out->err;
}

int cdn_owners_build_write(struct cdn_owners_build *b,
                           cordon_str name,
                           cordon_str date,
                           const uint8_t sha256[32],
                           struct cdn_buf *out,
                           struct cordon_error *e) {
    int err = b->err ? b->err : join_names(b);
    b->err = err ? err : write_nodes(b);
    if (!b->err)
        write_links(b);
    write_slots(b, CDN_OT_names, CDN_OT_name_slots, sizeof(struct cdn_owner_name));
    write_slots(b, CDN_OT_idents, CDN_OT_ident_slots, sizeof(struct cdn_owner_ident));
    write_slots(b, CDN_OT_entries, CDN_OT_entry_slots, sizeof(struct cdn_owner_entry));
    if (!b->err)
        write_all(b, name, date, sha256, out);
    return b->err ? cdn_fail(e, b->err, "no room for the links of owners") : 0;
}

static int add_row(void *ctx, const struct cdn_link_row *row, struct cordon_error *e) {
    return cdn_owners_build_add(ctx, row, e);
}

int cdn_owners_build_links(struct cdn_owners_build *b,
                           const struct cdn_list_file *file,
                           const struct cordon_alloc *alloc,
                           uint8_t ret_sha256[32],
                           struct cordon_error *e) {
    struct cdn_links_info info;
    const struct cdn_link_sink sink = {add_row, b};
    const int err = cdn_links_read(file, alloc, &sink, &info, e);
    if (!err)
        memcpy(ret_sha256, info.sha256, sizeof info.sha256);
    return err;
}

int cdn_owners_build_file(const struct cdn_list_file *file,
                          cordon_str name,
                          cordon_str date,
                          const struct cdn_screen_tables *tables,
                          struct cdn_arena *arena,
                          struct cdn_buf *out,
                          struct cordon_error *e) {
    struct cdn_owners_build *b = NULL;
    uint8_t sha256[32];
    int err = cdn_owners_build_new(arena, tables, &b, e);
    err = err ? err : cdn_owners_build_links(b, file, &arena->as_alloc, sha256, e);
    return err ? err : cdn_owners_build_write(b, name, date, sha256, out, e);
}
