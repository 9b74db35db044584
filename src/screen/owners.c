/* SPDX-License-Identifier: Apache-2.0 */
/* owners.c: the section OWNERS: opened and checked once, then looked up. Format: owners.h. */
#include "screen/owners.h"

#include <string.h>

static int bad(struct cordon_error *e, const char *what) {
    return cdn_fail(e, CORDON_E_FORMAT, "owners: %s", what);
}

/* ---- layout ---------------------------------------------------------------------------------------------
 */

static const size_t row_size[CDN_OWNERS_TABLE_COUNT] = {
#define TABLE(field, type) sizeof(type),
    CDN_OWNERS_TABLES(TABLE)
#undef TABLE
};

static int place_tables(cordon_str bytes, struct cdn_owners *o, struct cordon_error *e) {
    const struct cdn_owners_header *h = o->header;
    uint64_t end = sizeof *h;
    const void *at[CDN_OWNERS_TABLE_COUNT];
    for (unsigned i = 0; i < CDN_OWNERS_TABLE_COUNT; i++) {
        end = (end + 7) & ~UINT64_C(7);
        if (h->tables[i].offset != end)
            return bad(e, "a table is not where it should be");
        at[i] = bytes.p + end;
        o->count[i] = h->tables[i].count;
        end += (uint64_t)h->tables[i].count * row_size[i];
        if (end > bytes.n)
            return bad(e, "a table is cut off");
    }
    if (h->pool != end || h->pool_bytes == 0 || end + h->pool_bytes != bytes.n)
        return bad(e, "the texts are not where they should be");
    o->pool = cdn_str(bytes.p + end, h->pool_bytes);
    if (o->pool.p[0] != 0 || !cdn_utf8_valid(o->pool))
        return bad(e, "the texts are not UTF-8");
    unsigned i = 0;
#define TABLE(field, type) o->field = (const type *)at[i++];
    CDN_OWNERS_TABLES(TABLE)
#undef TABLE
    return 0;
}

/* ---- rows -----------------------------------------------------------------------------------------------
 */

static bool text_ok(const struct cdn_owners *o, struct cdn_otext t) {
    if (t.n == 0)
        return t.at == 0;
    if ((uint64_t)t.at + t.n > o->pool.n)
        return false;
    return ((uint8_t)o->pool.p[t.at] & 0xC0) != 0x80 &&
           ((uint64_t)t.at + t.n == o->pool.n || ((uint8_t)o->pool.p[t.at + t.n] & 0xC0) != 0x80);
}

/* Runs of nodes follow each other and fill their table. */
static bool run_ok(struct cdn_orun r, uint64_t *next, uint32_t count) {
    if (r.count == 0)
        return r.first == 0;
    if (r.first != *next)
        return false;
    *next += r.count;
    return *next <= count;
}

static bool country_ok(uint16_t c) {
    return c == 0 || (c >> 8 >= 'A' && c >> 8 <= 'Z' && (c & 0xFF) >= 'A' && (c & 0xFF) <= 'Z');
}

static int check_nodes(const struct cdn_owners *o, struct cordon_error *e) {
    static const uint8_t none[6] = {0};
    uint64_t names = 0, idents = 0, entries = 0, links = 0;
    for (uint32_t i = 0; i < o->count[CDN_OT_nodes]; i++) {
        const struct cdn_owner_node *n = &o->nodes[i];
        if (!run_ok(n->names, &names, o->count[CDN_OT_names]) ||
            !run_ok(n->idents, &idents, o->count[CDN_OT_idents]) ||
            !run_ok(n->entries, &entries, o->count[CDN_OT_entries]) ||
            !run_ok(n->links, &links, o->count[CDN_OT_links]) || !country_ok(n->country) ||
            memcmp(n->pad, none, sizeof none) != 0)
            return bad(e, "a party is damaged");
        for (uint32_t k = 0; k < n->names.count; k++) {
            const struct cdn_owner_name *m = &o->names[n->names.first + k];
            if (m->node != i || m->pad || !text_ok(o, m->full) || !text_ok(o, m->key) ||
                m->key.n > CDN_OWNERS_KEY)
                return bad(e, "a name is damaged");
        }
        for (uint32_t k = 0; k < n->idents.count; k++) {
            const struct cdn_owner_ident *m = &o->idents[n->idents.first + k];
            if (m->node != i || m->pad || !text_ok(o, m->normal) || m->normal.n == 0 ||
                m->kind >= CDN_PARTY_IDENT_KINDS || !country_ok(m->country))
                return bad(e, "an identifier is damaged");
        }
        for (uint32_t k = 0; k < n->entries.count; k++) {
            const struct cdn_owner_entry *m = &o->entries[n->entries.first + k];
            if (m->node != i || m->pad || !text_ok(o, m->list) || !text_ok(o, m->id) || !m->list.n ||
                !m->id.n)
                return bad(e, "an entry is damaged");
        }
    }
    if (names != o->count[CDN_OT_names] || idents != o->count[CDN_OT_idents] ||
        entries != o->count[CDN_OT_entries] || links != o->count[CDN_OT_links])
        return bad(e, "rows that belong to nobody");
    return 0;
}

static bool ordered(const struct cdn_owner_link *a, const struct cdn_owner_link *b) {
    if (a->owner != b->owner)
        return a->owner < b->owner;
    return a->since != b->since ? a->since < b->since : a->until <= b->until;
}

static int check_links(const struct cdn_owners *o, struct cordon_error *e) {
    for (uint32_t i = 0; i < o->count[CDN_OT_nodes]; i++) {
        for (uint32_t k = 0; k < o->nodes[i].links.count; k++) {
            const struct cdn_owner_link *l = &o->links[o->nodes[i].links.first + k];
            if (l->owned != i || l->owner >= o->count[CDN_OT_nodes] || l->from > l->to || l->to > 10000 ||
                l->known > 1 || l->disputed > 1 || l->pad || l->kind >= CDN_OWNER_KINDS ||
                (!l->known && (l->from || l->to)) || l->since < CDN_TIME_MIN || l->until > CDN_TIME_MAX ||
                l->since >= l->until || !text_ok(o, l->source) || (k > 0 && !ordered(l - 1, l)))
                return bad(e, "a link is damaged");
        }
    }
    return 0;
}

/* ---- hash tables ----------------------------------------------------------------------------------------
 */

static uint32_t ident_hash(const struct cdn_owners *o, uint32_t row) {
    return cdn_ident_hash(o->idents[row].kind, cdn_owner_text(o, o->idents[row].normal));
}
static uint32_t name_hash(const struct cdn_owners *o, uint32_t row) {
    return cdn_owners_hash(cdn_owner_text(o, o->names[row].key), cdn_str(NULL, 0));
}
static uint32_t entry_hash(const struct cdn_owners *o, uint32_t row) {
    return cdn_owners_hash(cdn_owner_text(o, o->entries[row].list), cdn_owner_text(o, o->entries[row].id));
}

typedef uint32_t (*hash_of_row)(const struct cdn_owners *o, uint32_t row);

/* Filled slots hold rows in ascending order of insertion: walking from the home slot of a row meets it before
 * a free one. */
static bool finds(const struct cdn_owners *o,
                  const struct cdn_owner_slot *slots,
                  uint32_t n,
                  uint32_t row,
                  hash_of_row hash) {
    const uint32_t h = hash(o, row);
    for (uint32_t i = h & (n - 1);; i = (i + 1) & (n - 1)) {
        if (slots[i].row == CDN_OWNERS_NONE)
            return false;
        if (slots[i].row == row)
            return slots[i].hash == h;
    }
}

static bool slots_ok(const struct cdn_owners *o,
                     const struct cdn_owner_slot *slots,
                     uint32_t n,
                     uint32_t rows,
                     hash_of_row hash) {
    uint32_t filled = 0;
    if (n == 0 || (n & (n - 1)) != 0)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        if (slots[i].row == CDN_OWNERS_NONE && slots[i].hash)
            return false;
        if (slots[i].row != CDN_OWNERS_NONE) {
            filled++;
            if (slots[i].row >= rows)
                return false;
        }
    }
    if (filled != rows || filled >= n)
        return false;
    for (uint32_t i = 0; i < rows; i++) {
        if (!finds(o, slots, n, i, hash))
            return false;
    }
    return true;
}

int cdn_owners_open(cordon_str bytes, struct cdn_owners *ret, struct cordon_error *e) {
    struct cdn_owners o = {.header = (const void *)bytes.p};
    if ((uintptr_t)bytes.p % 8 != 0)
        return cdn_fail(e, CORDON_E_ARG, "owners: the section does not lie at a multiple of 8");
    if (bytes.n < sizeof *o.header || memcmp(o.header->magic, CDN_OWNERS_MAGIC, 8) != 0)
        return bad(e, "not the beginning of a section of owners");
    if (o.header->version != CDN_OWNERS_VERSION)
        return cdn_fail(e, CORDON_E_VERSION, "owners: version %u of the section", o.header->version);
    if (o.header->table_count != CDN_OWNERS_TABLE_COUNT)
        return bad(e, "the number of tables");
    int err = place_tables(bytes, &o, e);
    if (!err && (!text_ok(&o, o.header->name) || !text_ok(&o, o.header->date)))
        err = bad(e, "the header is damaged");
    err = err ? err : check_nodes(&o, e);
    err = err ? err : check_links(&o, e);
    if (!err &&
        (!slots_ok(&o, o.name_slots, o.count[CDN_OT_name_slots], o.count[CDN_OT_names], name_hash) ||
         !slots_ok(&o, o.ident_slots, o.count[CDN_OT_ident_slots], o.count[CDN_OT_idents], ident_hash) ||
         !slots_ok(&o, o.entry_slots, o.count[CDN_OT_entry_slots], o.count[CDN_OT_entries], entry_hash)))
        err = bad(e, "a hash table is damaged");
    if (!err)
        *ret = o;
    return err;
}

/* ---- look-ups -------------------------------------------------------------------------------------------
 */

uint32_t cdn_owners_hash(cordon_str a, cordon_str b) {
    const uint64_t h = cdn_hash(a, 0) * 31 + cdn_hash(b, 1);
    return (uint32_t)(h ^ h >> 32);
}

const char *cdn_owners_kind_name(unsigned kind) {
    static const char *const names[CDN_OWNER_KINDS] = {
        "not stated", "direct", "indirect", "control", "shares or control"};
    return kind < CDN_OWNER_KINDS ? names[kind] : NULL;
}

cordon_str cdn_owners_title(const struct cdn_owners *o, uint32_t node) {
    const struct cdn_owner_node *n = &o->nodes[node];
    if (n->names.count)
        return cdn_owner_text(o, o->names[n->names.first].full);
    if (n->entries.count)
        return cdn_owner_text(o, o->entries[n->entries.first].id);
    return n->idents.count ? cdn_owner_text(o, o->idents[n->idents.first].normal) : cdn_str(NULL, 0);
}

void cdn_owners_by_ident(const struct cdn_owners *o,
                         unsigned kind,
                         uint16_t country,
                         cordon_str value,
                         cdn_owners_each each,
                         void *ctx) {
    char storage[CDN_IDENT_NORMAL];
    const cordon_str normal = cdn_ident_normal(kind, value, storage);
    if (!normal.n)
        return;
    const uint32_t h = cdn_ident_hash(kind, normal), mask = o->count[CDN_OT_ident_slots] - 1;
    for (uint32_t i = h & mask; o->ident_slots[i].row != CDN_OWNERS_NONE; i = (i + 1) & mask) {
        if (o->ident_slots[i].hash != h)
            continue;
        const struct cdn_owner_ident *r = &o->idents[o->ident_slots[i].row];
        if (r->kind == kind && cdn_ident_equal(kind, cdn_owner_text(o, r->normal), normal) &&
            (!r->country || !country || r->country == country) && !each(ctx, r->node))
            return;
    }
}

void cdn_owners_by_name(const struct cdn_owners *o, cordon_str key, cdn_owners_each each, void *ctx) {
    const uint32_t h = cdn_owners_hash(key, cdn_str(NULL, 0)), mask = o->count[CDN_OT_name_slots] - 1;
    if (!key.n)
        return;
    for (uint32_t i = h & mask; o->name_slots[i].row != CDN_OWNERS_NONE; i = (i + 1) & mask) {
        const struct cdn_owner_name *r = &o->names[o->name_slots[i].row];
        if (o->name_slots[i].hash == h && cdn_str_eq(cdn_owner_text(o, r->key), key) && !each(ctx, r->node))
            return;
    }
}

void cdn_owners_by_entry(
    const struct cdn_owners *o, cordon_str list, cordon_str id, cdn_owners_each each, void *ctx) {
    const uint32_t h = cdn_owners_hash(list, id), mask = o->count[CDN_OT_entry_slots] - 1;
    for (uint32_t i = h & mask; o->entry_slots[i].row != CDN_OWNERS_NONE; i = (i + 1) & mask) {
        const struct cdn_owner_entry *r = &o->entries[o->entry_slots[i].row];
        if (o->entry_slots[i].hash == h && cdn_str_eq(cdn_owner_text(o, r->list), list) &&
            cdn_str_eq(cdn_owner_text(o, r->id), id) && !each(ctx, r->node))
            return;
    }
}

/* ---- names ----------------------------------------------------------------------------------------------
 */

static cordon_str word_of(const struct cdn_token *t, char storage[CDN_NAME_GROUP_KEY]) {
    if (t->class == CDN_TOKEN_LEGAL && t->id)
        return cdn_name_group_key(t->id, storage);
    return cdn_str(t->s, t->n);
}

cordon_str cdn_owners_key(const struct cdn_screen_tables *t,
                          struct cdn_name *scratch,
                          cordon_str name,
                          char storage[CDN_OWNERS_KEY]) {
    uint8_t order[CDN_NAME_TOKENS];
    uint32_t n = 0;
    char a[CDN_NAME_GROUP_KEY], b[CDN_NAME_GROUP_KEY];
    cdn_name_read(t, NULL, name, CDN_SCREEN_ANY, scratch);
    for (uint32_t i = 0; i < scratch->count; i++) {
        if (scratch->token[i].class == CDN_TOKEN_TITLE)
            continue;
        const cordon_str w = word_of(&scratch->token[i], a);
        uint32_t at = n++;
        for (; at > 0 && cdn_str_cmp(word_of(&scratch->token[order[at - 1]], b), w) > 0; at--)
            order[at] = order[at - 1];
        order[at] = (uint8_t)i;
    }
    struct cdn_buf out;
    cdn_buf_fixed(&out, storage, CDN_OWNERS_KEY);
    for (uint32_t i = 0; i < n; i++) {
        const cordon_str w = word_of(&scratch->token[order[i]], a);
        if (out.n + w.n + 1 > CDN_OWNERS_KEY)
            break;
        if (i)
            cdn_buf_char(&out, ' ');
        cdn_buf_str(&out, w);
    }
    return cdn_buf_get(&out);
}
