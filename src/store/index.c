/* SPDX-License-Identifier: Apache-2.0 */
/* index.c: taking records into the index of decisions (index_priv.h): into the block that fills, and from
 * there, when it is full, into the database in one transaction.
 *
 *  1. parties are fingerprints, idempotency keys are hashes: the index alone names nobody;
 *  2. texts that recur are numbered. The numbers mean nothing outside: every answer and the dump have the
 * texts;
 *  3. a block that cannot be written stays in memory, full, and nothing more is taken in until it could be.
 */
#include <sodium.h>
#include <stdlib.h>

#include "store/index_priv.h"

#define IDEMPOTENCY_SECONDS (INT64_C(8) * 86400) /* how long idempotency keys are kept at least */
#define NAME_CACHE 1024                          /* power of two */

/* ---- the block that fills
 * ---------------------------------------------------------------------------------------- */

int cdn_store_index_init(struct cdn_store *s, uint32_t block, struct cordon_error *e) {
    struct cdn_index_tail *t = &s->tail;
    if (block < CDN_INDEX_PAGES || block > CDN_INDEX_BLOCK || (block & (block - 1)))
        return cdn_fail(e, CORDON_E_ARG, "a block of the index has 16 to 4096 records, a power of two");
    t->block = block;
    t->at = cdn_alloc_zero(s->alloc, block, sizeof(*t->at));
    t->slots = t->at ? cdn_alloc_zero(s->alloc, (size_t)block * 2, sizeof(*t->slots)) : NULL;
    cdn_buf_init(&t->bytes, s->alloc, SIZE_MAX / 4);
    return t->at && t->slots ? 0 : cdn_fail(e, CORDON_E_NOMEM, "out of memory");
}

void cdn_store_index_free(struct cdn_store *s) {
    struct cdn_index_tail *t = &s->tail;
    cdn_free(s->alloc, t->at, t->block * sizeof(*t->at));
    cdn_free(s->alloc, t->slots, (size_t)t->block * 2 * sizeof(*t->slots));
    cdn_free(s->alloc, t->erased, t->erased_cap * sizeof(*t->erased));
    cdn_buf_free(&t->bytes);
}

static void empty(struct cdn_index_tail *t, uint64_t first) {
    t->first = first;
    t->count = 0;
    t->erased_count = 0;
    cdn_buf_clear(&t->bytes);
    memset(t->at, 0, t->block * sizeof(*t->at));
    memset(t->slots, 0, (size_t)t->block * 2 * sizeof(*t->slots));
}

int cdn_store_index_load(struct cdn_store *s, struct cordon_error *e) {
    struct cdn_index_tail *t = &s->tail;
    int64_t values[3] = {0, 0, CDN_INSTANT_NONE};
    static const char *const names[3] = {"applied", "block", "last_instant"};
    int err = 0;
    for (size_t i = 0; i < 3 && !err; i++)
        err = cdn_db_meta(&s->index, names[i], &values[i], e);
    if (err)
        return err;
    if (values[0] && values[1] != t->block)
        return cdn_fail(e, CORDON_E_FORMAT, "the index has blocks of another size");
    (void)pthread_mutex_lock(&t->lock);
    empty(t, (uint64_t)values[0]);
    t->last = values[2];
    (void)pthread_mutex_unlock(&t->lock);
    atomic_store(&s->indexed, (unsigned long long)values[0]);
    return 0;
}

bool cdn_store_tail_get(const struct cdn_index_tail *t, uint32_t i, struct cdn_summary *ret) {
    if (i >= t->count || !t->at[i])
        return false;
    (void)cdn_summary_read(t->bytes.p + t->at[i] - 1, ret);
    return true;
}

static size_t slot_of(const struct cdn_index_tail *t, const uint8_t id[CDN_SUMMARY_ONCE]) {
    uint32_t h = 0;
    memcpy(&h, id, sizeof(h)); /* it is a hash */
    return h & (t->block * 2 - 1);
}

uint32_t cdn_store_tail_once(const struct cdn_index_tail *t, const uint8_t id[CDN_SUMMARY_ONCE]) {
    uint32_t newest = UINT32_MAX;
    const size_t mask = (size_t)t->block * 2 - 1;
    for (size_t i = slot_of(t, id); t->slots[i]; i = (i + 1) & mask) {
        struct cdn_summary m;
        const uint32_t place = t->slots[i] - 1u;
        if (cdn_store_tail_get(t, place, &m) && memcmp(m.once_id, id, CDN_SUMMARY_ONCE) == 0)
            newest = newest == UINT32_MAX ? place : CDN_MAX(newest, place);
    }
    return newest;
}

static int note_erased(struct cdn_store *s, const struct cdn_summary *m, struct cordon_error *e) {
    struct cdn_index_tail *t = &s->tail;
    struct cdn_arena arena;
    struct cdn_record r;
    cdn_arena_init(&arena, s->alloc, 0);
    int err = cdn_record_read(m->text, &arena, &r, e);
    const bool erased = !err && r.kind == CDN_RECORD_EVENT && r.u.event.kind == CDN_EV_record_erased;
    const uint64_t record = erased ? r.u.event.u.record_erased.record : 0;
    cdn_arena_free(&arena);
    if (!erased)
        return err;
    if (record >= t->first) {
        if (record - t->first < t->count)
            t->at[record - t->first] = 0;
        return 0;
    }
    err = cdn_grow(s->alloc, (void **)&t->erased, &t->erased_cap, t->erased_count + 1, sizeof(*t->erased));
    if (err)
        return cdn_fail(e, err, "out of memory");
    t->erased[t->erased_count++] = record;
    return 0;
}

/* One summary into the block that fills. Under its lock. */
static int add(struct cdn_store *s, const struct cdn_summary *m, cordon_str bytes, struct cordon_error *e) {
    struct cdn_index_tail *t = &s->tail;
    if (m->kind == CDN_SUMMARY_EVENT) {
        const int err = note_erased(s, m, e);
        if (err)
            return err;
    }
    t->at[t->count] = 0;
    if (m->kind == CDN_SUMMARY_DECISION || m->kind == CDN_SUMMARY_CHANGE) {
        const size_t at = t->bytes.n;
        if (cdn_summary_copy(&t->bytes, bytes))
            return cdn_fail(e, CORDON_E_NOMEM, "out of memory");
        t->at[t->count] = at + 1;
        size_t i = m->has_once ? slot_of(t, m->once_id) : 0;
        while (m->has_once && t->slots[i])
            i = (i + 1) & ((size_t)t->block * 2 - 1);
        if (m->has_once)
            t->slots[i] = (uint16_t)(t->count + 1);
        t->last = CDN_MAX(t->last, m->recorded);
    }
    t->count++;
    return 0;
}

/* ---- names
 * ------------------------------------------------------------------------------------------------------- */

struct indexing {
    struct cdn_store *s;
    struct cdn_db *db;
    struct cordon_error *e;
    struct cdn_run_entry *links;
    size_t link_count, link_cap;
    struct cdn_buf page, measures, parties;
    int64_t at_min, at_max;
    struct posting { /* a term of the block; hashed by kind and name */
        uint64_t id; /* kind and name; 0: free */
        uint16_t *records;
        size_t count, cap;
    } * postings;
    size_t posting_count, posting_cap; /* a power of two */
    struct {
        cordon_str text;
        int64_t number;
    } names[NAME_CACHE]; /* texts of the block that fills */
};

bool cdn_store_index_name(
    struct cdn_db *db, cordon_str text, int64_t *ret, int *ret_err, struct cordon_error *e) {
    struct cdn_q q = cdn_q(db, "SELECT number FROM names WHERE text = ?");
    *ret = 0;
    cdn_q_put(&q, text);
    const bool found = cdn_q_next(&q);
    if (found)
        *ret = cdn_q_get_int(&q, 0);
    *ret_err = cdn_q_end(&q, e);
    return found && !*ret_err;
}

/* The number of a text, given now if it has none. */
static int intern(struct indexing *x, cordon_str text, uint32_t *ret) {
    const size_t slot = (size_t)(cdn_hash(text, 1) >> 20) & (NAME_CACHE - 1);
    int64_t number = 0;
    int err = 0;
    if (x->names[slot].number && cdn_str_eq(x->names[slot].text, text)) {
        *ret = (uint32_t)x->names[slot].number;
        return 0;
    }
    if (!cdn_store_index_name(x->db, text, &number, &err, x->e) && !err) {
        struct cdn_q q = cdn_q(x->db, "INSERT INTO names(text) VALUES(?)");
        cdn_q_put(&q, text);
        err = cdn_q_do(&q, x->e);
        number = sqlite3_last_insert_rowid(x->db->h);
    }
    if (err)
        return err;
    x->names[slot].text = text;
    x->names[slot].number = number;
    *ret = (uint32_t)number;
    return 0;
}

/* ---- terms
 * ------------------------------------------------------------------------------------------------------- */

static uint64_t term_id(enum cdn_term kind, uint32_t name) {
    return (uint64_t)kind << 32 | name;
}

static struct posting *probe(struct posting *table, size_t cap, uint64_t id) {
    size_t i = (size_t)(id * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (cap - 1);
    while (table[i].id && table[i].id != id)
        i = (i + 1) & (cap - 1);
    return &table[i];
}

static int widen(struct indexing *x) {
    const size_t cap = x->posting_cap ? x->posting_cap * 2 : 256;
    struct posting *table = cdn_alloc_zero(x->s->alloc, cap, sizeof(*table));
    if (!table)
        return CORDON_E_NOMEM;
    for (size_t i = 0; i < x->posting_cap; i++)
        if (x->postings[i].id)
            *probe(table, cap, x->postings[i].id) = x->postings[i];
    cdn_free(x->s->alloc, x->postings, x->posting_cap * sizeof(*x->postings));
    x->postings = table;
    x->posting_cap = cap;
    return 0;
}

/* The record at `place` of the block has the term; twice is once. */
static int note_term(struct indexing *x, enum cdn_term kind, uint32_t name, uint16_t place) {
    int err = (x->posting_count + 1) * 3 > x->posting_cap * 2 ? widen(x) : 0;
    if (err)
        return cdn_fail(x->e, err, "out of memory");
    struct posting *p = probe(x->postings, x->posting_cap, term_id(kind, name));
    x->posting_count += p->id == 0;
    p->id = term_id(kind, name);
    if (p->count && p->records[p->count - 1] == place)
        return 0;
    err = cdn_grow(x->s->alloc, (void **)&p->records, &p->cap, p->count + 1, sizeof(*p->records));
    if (err)
        return cdn_fail(x->e, err, "out of memory");
    p->records[p->count++] = place;
    return 0;
}

static int compare_postings(const void *a, const void *b) {
    const struct posting *x = a;
    const struct posting *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

/* A list of places, u16 each, or a bitmap of the block, if that is not longer. */
static size_t pack_places(uint32_t block, const uint16_t *places, size_t count, uint8_t *out) {
    const size_t bits = block / 8;
    if (count * 2 < bits) {
        for (size_t i = 0; i < count; i++) {
            out[2 * i] = (uint8_t)places[i];
            out[2 * i + 1] = (uint8_t)(places[i] >> 8);
        }
        return count * 2;
    }
    memset(out, 0, bits);
    for (size_t i = 0; i < count; i++)
        out[places[i] / 8] |= (uint8_t)(1u << (places[i] & 7));
    return bits;
}

void cdn_store_index_places(uint32_t block, cordon_str packed, uint8_t ret[CDN_INDEX_BLOCK / 8]) {
    memset(ret, 0, block / 8);
    if (packed.n == block / 8) {
        memcpy(ret, packed.p, packed.n);
        return;
    }
    for (size_t i = 0; i + 2 <= packed.n; i += 2) {
        const uint16_t place = (uint16_t)((uint8_t)packed.p[i] | (uint8_t)packed.p[i + 1] << 8);
        if (place < block)
            ret[place / 8] |= (uint8_t)(1u << (place & 7));
    }
}

static int write_terms(struct indexing *x, uint64_t first) {
    uint8_t packed[CDN_INDEX_BLOCK / 8];
    int err = 0;
    if (x->posting_cap)
        qsort(x->postings, x->posting_cap, sizeof(*x->postings), compare_postings);
    for (size_t i = 0; i < x->posting_cap && !err; i++) {
        const struct posting *p = &x->postings[i];
        if (!p->id)
            continue;
        struct cdn_q q = cdn_q(x->db, "INSERT INTO terms(kind, name, block, records) VALUES(?, ?, ?, ?)");
        cdn_q_int(&q, (int64_t)(p->id >> 32));
        cdn_q_int(&q, (int64_t)(p->id & UINT32_MAX));
        cdn_q_count(&q, first);
        cdn_q_blob(&q, packed, pack_places(x->s->tail.block, p->records, p->count, packed));
        err = cdn_q_do(&q, x->e);
    }
    return err;
}

/* ---- a block
 * ----------------------------------------------------------------------------------------------------- */

static int note_measures(struct indexing *x, const struct cdn_summary *m, uint16_t place, uint32_t *ret) {
    cordon_str rest = m->measures;
    uint32_t seen = 0;
    int err = 0;
    cdn_buf_clear(&x->measures);
    for (size_t i = 0; i < m->measure_count && !err; i++) {
        uint32_t number = 0;
        bool twice = false;
        err = intern(x, cdn_summary_measure(&rest), &number);
        const uint8_t *p = (const uint8_t *)x->measures.p;
        for (uint32_t k = 0; k < seen && !err && !twice; k++)
            twice = cdn_store_entry_measure(&p) == number;
        if (err || twice)
            continue;
        cdn_store_page_put_varint(&x->measures, number);
        seen++;
        err = note_term(x, CDN_TERM_MEASURE, number, place);
    }
    *ret = seen;
    return err;
}

static int note_parties(struct indexing *x, const struct cdn_summary *m, uint16_t place, uint32_t *ret) {
    uint32_t seen = 0;
    cdn_buf_clear(&x->parties);
    int err = cdn_grow(
        x->s->alloc, (void **)&x->links, &x->link_cap, x->link_count + m->party_count, sizeof(*x->links));
    for (size_t i = 0; i < m->party_count && !err; i++) {
        const uint8_t *party = m->parties + i * CDN_SUMMARY_PARTY;
        bool twice = false;
        for (uint32_t k = 0; k < seen && !twice; k++)
            twice = memcmp(x->parties.p + (size_t)k * CDN_SUMMARY_PARTY, party, CDN_SUMMARY_PARTY) == 0;
        if (twice)
            continue;
        cdn_buf_put(&x->parties, party, CDN_SUMMARY_PARTY);
        seen++;
        x->links[x->link_count++] = (struct cdn_run_entry){cdn_store_run_key(party), place};
    }
    *ret = seen;
    return err || x->parties.err ? cdn_fail(x->e, CORDON_E_NOMEM, "out of memory") : 0;
}

static int put_once(struct indexing *x, uint64_t record, const struct cdn_summary *m) {
    struct cdn_q q =
        cdn_q(x->db, "INSERT OR REPLACE INTO idempotency(id, record, at, digest) VALUES(?, ?, ?, ?)");
    cdn_q_blob(&q, m->once_id, sizeof(m->once_id));
    cdn_q_count(&q, record);
    cdn_q_int(&q, m->recorded);
    cdn_q_blob(&q, m->once_digest, sizeof(m->once_digest));
    return cdn_q_do(&q, x->e);
}

static int put_decision(
    struct indexing *x, uint64_t first, uint64_t record, const struct cdn_summary *m, int64_t *last_at) {
    const uint16_t place = (uint16_t)(record - x->s->tail.first);
    struct cdn_entry entry = {.record = record, .appeal = m->appeal, .at = m->at, .verdict = m->verdict};
    int err = intern(x, m->key, &entry.key);
    err = err ? err : intern(x, m->snapshot, &entry.snapshot);
    err = err ? err : note_measures(x, m, place, &entry.measure_count);
    err = err ? err : note_parties(x, m, place, &entry.party_count);
    err = err ? err : note_term(x, CDN_TERM_VERDICT, m->verdict, place);
    err = err ? err : note_term(x, CDN_TERM_KEY, entry.key, place);
    err = err ? err : note_term(x, CDN_TERM_SNAPSHOT, entry.snapshot, place);
    if (err)
        return err;
    entry.measures = (const uint8_t *)x->measures.p;
    entry.parties = (const uint8_t *)x->parties.p;
    cdn_store_page_put(&x->page, &entry, first, last_at);
    x->at_min = CDN_MIN(x->at_min, m->at);
    x->at_max = CDN_MAX(x->at_max, m->at);
    return m->has_once ? put_once(x, record, m) : 0;
}

static int write_page(struct indexing *x, uint64_t first) {
    if (x->page.err || x->measures.err)
        return cdn_fail(x->e, CORDON_E_NOMEM, "out of memory");
    if (!x->page.n)
        return 0;
    struct cdn_q q = cdn_q(x->db, "INSERT INTO pages(first, entries) VALUES(?, ?)");
    cdn_q_count(&q, first);
    cdn_q_blob(&q, x->page.p, x->page.n);
    return cdn_q_do(&q, x->e);
}

static int put_pages(struct indexing *x) {
    const struct cdn_index_tail *t = &x->s->tail;
    const uint32_t size = t->block / CDN_INDEX_PAGES;
    int err = 0;
    for (uint32_t page = 0; page < CDN_INDEX_PAGES && !err; page++) {
        const uint64_t first = t->first + page * size;
        int64_t last_at = 0;
        cdn_buf_clear(&x->page);
        for (uint32_t i = page * size; i < (page + 1) * size && !err; i++) {
            struct cdn_summary m;
            if (cdn_store_tail_get(t, i, &m))
                err = put_decision(x, first, t->first + i, &m, &last_at);
        }
        err = err ? err : write_page(x, first);
    }
    return err;
}

static int put_block(struct indexing *x) {
    if (x->at_min > x->at_max)
        return 0; /* no decision */
    struct cdn_q q = cdn_q(x->db, "INSERT INTO blocks(first, at_min, at_max) VALUES(?, ?, ?)");
    cdn_q_count(&q, x->s->tail.first);
    cdn_q_int(&q, x->at_min);
    cdn_q_int(&q, x->at_max);
    return cdn_q_do(&q, x->e);
}

/* ---- erasing
 * ----------------------------------------------------------------------------------------------------- */

static int remove_term(struct indexing *x, enum cdn_term kind, uint32_t name, uint64_t record) {
    const uint32_t block = x->s->tail.block;
    const uint64_t first = record - record % block;
    uint8_t bits[CDN_INDEX_BLOCK / 8] = {0};
    uint16_t places[CDN_INDEX_BLOCK];
    uint8_t packed[CDN_INDEX_BLOCK / 8];
    size_t count = 0;
    struct cdn_q q = cdn_q(x->db, "SELECT records FROM terms WHERE kind = ? AND name = ? AND block = ?");
    cdn_q_int(&q, kind);
    cdn_q_int(&q, name);
    cdn_q_count(&q, first);
    if (cdn_q_next(&q))
        cdn_store_index_places(block, cdn_q_text(&q, 0), bits);
    int err = cdn_q_end(&q, x->e);
    if (err)
        return err;
    for (uint32_t i = 0; i < block; i++)
        if (bits[i / 8] >> (i & 7) & 1 && i != record - first)
            places[count++] = (uint16_t)i;
    q = count ? cdn_q(x->db, "UPDATE terms SET records = ?4 WHERE kind = ?1 AND name = ?2 AND block = ?3")
              : cdn_q(x->db, "DELETE FROM terms WHERE kind = ?1 AND name = ?2 AND block = ?3");
    cdn_q_int(&q, kind);
    cdn_q_int(&q, name);
    cdn_q_count(&q, first);
    if (count)
        cdn_q_blob(&q, packed, pack_places(block, places, count, packed));
    return cdn_q_do(&q, x->e);
}

static int remove_marks(struct indexing *x, const struct cdn_entry *entry) {
    const uint8_t *measure = entry->measures;
    int err = remove_term(x, CDN_TERM_VERDICT, entry->verdict, entry->record);
    err = err ? err : remove_term(x, CDN_TERM_KEY, entry->key, entry->record);
    err = err ? err : remove_term(x, CDN_TERM_SNAPSHOT, entry->snapshot, entry->record);
    for (uint32_t i = 0; i < entry->measure_count && !err; i++)
        err = remove_term(x, CDN_TERM_MEASURE, cdn_store_entry_measure(&measure), entry->record);
    for (uint32_t i = 0; i < entry->party_count && !err; i++)
        err = cdn_store_runs_remove(
            x->s, x->s->tail.first, entry->record, entry->parties + (size_t)i * CDN_SUMMARY_PARTY, x->e);
    return err;
}

/* A record of a block that is written. */
static int remove_record(struct indexing *x, uint64_t record) {
    struct cdn_buf old;
    struct cdn_entry entry;
    uint64_t first = 0;
    size_t at = 0;
    int64_t last_at = 0;
    bool found = false;
    bool bad = false;
    cdn_buf_init(&old, x->s->alloc, SIZE_MAX / 4);
    int err = cdn_store_index_page(x->s, x->db, record, &old, &first, x->e);
    cdn_buf_clear(&x->page);
    while (!err && cdn_store_page_next(cdn_buf_get(&old), &at, first, &entry, &bad)) {
        if (entry.record == record) {
            found = true;
            err = remove_marks(x, &entry);
        } else {
            cdn_store_page_put(&x->page, &entry, first, &last_at);
        }
    }
    if (!err && (bad || x->page.err))
        err = cdn_fail(x->e, bad ? CORDON_E_FORMAT : CORDON_E_NOMEM, "a page of the index is damaged");
    if (!err && found) {
        struct cdn_q q = x->page.n ? cdn_q(x->db, "UPDATE pages SET entries = ?2 WHERE first = ?1")
                                   : cdn_q(x->db, "DELETE FROM pages WHERE first = ?1");
        cdn_q_count(&q, first);
        if (x->page.n)
            cdn_q_blob(&q, x->page.p, x->page.n);
        err = cdn_q_do(&q, x->e);
    }
    cdn_buf_free(&old);
    if (err)
        return err;
    struct cdn_q q = cdn_q(x->db, "DELETE FROM idempotency WHERE record = ?");
    cdn_q_count(&q, record);
    return cdn_q_do(&q, x->e);
}

/* ---- writing a block
 * ---------------------------------------------------------------------------------------------- */

int64_t cdn_store_index_once_since(const struct cdn_index_tail *t) {
    if (t->last == CDN_INSTANT_NONE)
        return INT64_MIN;
    return (t->last - ((t->last % 86400) + 86400) % 86400) - IDEMPOTENCY_SECONDS;
}

static int write_all(struct indexing *x) {
    const struct cdn_index_tail *t = &x->s->tail;
    int err = 0;
    for (size_t i = 0; i < t->erased_count && !err; i++)
        err = remove_record(x, t->erased[i]);
    err = err ? err : put_pages(x);
    err = err ? err : put_block(x);
    err = err ? err : write_terms(x, t->first);
    err = err ? err : cdn_store_runs_add(x->s, t->first, x->links, x->link_count, x->e);
    if (err)
        return err;
    struct cdn_q q = cdn_q(x->db, "DELETE FROM idempotency WHERE at < ?");
    cdn_q_int(&q, cdn_store_index_once_since(t));
    err = cdn_q_do(&q, x->e);
    err = err ? err : cdn_db_set_meta(x->db, "last_instant", t->last, x->e);
    err = err ? err : cdn_db_set_meta(x->db, "block", t->block, x->e);
    return err ? err : cdn_db_set_meta(x->db, "applied", (int64_t)(t->first + t->block), x->e);
}

/* The block that has filled, into the database; only then does it leave memory. */
static int write_block(struct cdn_store *s, struct cordon_error *e) {
    const struct cordon_alloc *alloc = s->alloc;
    struct indexing *x = cdn_alloc_zero(alloc, 1, sizeof(*x));
    if (!x)
        return cdn_fail(e, CORDON_E_NOMEM, "out of memory");
    x->s = s;
    x->db = &s->index;
    x->e = e;
    x->at_min = INT64_MAX;
    x->at_max = INT64_MIN;
    cdn_buf_init(&x->page, alloc, SIZE_MAX / 4);
    cdn_buf_init(&x->measures, alloc, SIZE_MAX / 4);
    cdn_buf_init(&x->parties, alloc, SIZE_MAX / 4);
    int err = cdn_db_run(&s->index, "BEGIN IMMEDIATE", e);
    if (!err) {
        err = write_all(x);
        err = err ? err : cdn_db_run(&s->index, "COMMIT", e);
        if (err)
            (void)sqlite3_exec(s->index.h, "ROLLBACK", NULL, NULL, NULL);
    }
    cdn_buf_free(&x->page);
    cdn_buf_free(&x->measures);
    cdn_buf_free(&x->parties);
    for (size_t i = 0; i < x->posting_cap; i++)
        cdn_free(alloc, x->postings[i].records, x->postings[i].cap * sizeof(uint16_t));
    cdn_free(alloc, x->postings, x->posting_cap * sizeof(*x->postings));
    cdn_free(alloc, x->links, x->link_cap * sizeof(*x->links));
    cdn_free(alloc, x, sizeof(*x));
    if (err)
        return err;
    (void)pthread_mutex_lock(&s->tail.lock);
    empty(&s->tail, s->tail.first + s->tail.block);
    (void)pthread_mutex_unlock(&s->tail.lock);
    return 0;
}

int cdn_store_index_take(
    struct cdn_store *s, uint64_t first, const char *p, size_t count, struct cordon_error *e) {
    struct cdn_index_tail *t = &s->tail;
    int err = 0;
    if (first != atomic_load(&s->indexed))
        return cdn_fail(
            e, CORDON_E_ARG, "record %llu is not the next one to index", (unsigned long long)first);
    (void)pthread_mutex_lock(&s->applying[1]);
    for (size_t i = 0; i < count && !err; i++) {
        struct cdn_summary m;
        const char *next = cdn_summary_read(p, &m);
        if (t->count == t->block)
            err = write_block(s, e);
        if (err)
            break;
        (void)pthread_mutex_lock(&t->lock);
        err = add(s, &m, cdn_str(p, (size_t)(next - p)), e);
        (void)pthread_mutex_unlock(&t->lock);
        atomic_store(&s->indexed, (unsigned long long)(t->first + t->count));
        p = next;
    }
    if (!err && t->count == t->block)
        err = write_block(s, e);
    (void)pthread_mutex_unlock(&s->applying[1]);
    return err;
}

/* ---- idempotency
 * ------------------------------------------------------------------------------------------------- */

static void put_u32(uint8_t *p, uint32_t v) {
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

void cdn_idempotency_id(cordon_str key, cordon_str name, uint8_t ret[16]) {
    crypto_generichash_state state;
    uint8_t length[4];
    put_u32(length, (uint32_t)key.n);
    (void)crypto_generichash_init(&state, NULL, 0, 16);
    (void)crypto_generichash_update(&state, length, sizeof(length));
    (void)crypto_generichash_update(&state, (const unsigned char *)key.p, key.n);
    (void)crypto_generichash_update(&state, (const unsigned char *)name.p, name.n);
    (void)crypto_generichash_final(&state, ret, 16);
}
void cdn_idempotency_digest(cordon_str digest, uint8_t ret[16]) {
    (void)crypto_generichash(ret, 16, (const unsigned char *)digest.p, digest.n, NULL, 0);
}

/* The newest record with this id: in the block that fills, else in the database. */
static int find_once(struct cdn_store *s,
                     const uint8_t id[CDN_SUMMARY_ONCE],
                     uint64_t *ret_record,
                     int64_t *ret_at,
                     uint8_t ret_digest[CDN_SUMMARY_ONCE],
                     struct cordon_error *e) {
    struct cdn_summary m;
    (void)pthread_mutex_lock(&s->tail.lock);
    const uint32_t place = cdn_store_tail_once(&s->tail, id);
    const bool there = place != UINT32_MAX && cdn_store_tail_get(&s->tail, place, &m);
    if (there) {
        *ret_record = s->tail.first + place;
        *ret_at = m.recorded;
        memcpy(ret_digest, m.once_digest, CDN_SUMMARY_ONCE);
    }
    (void)pthread_mutex_unlock(&s->tail.lock);
    if (there)
        return 0;
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q = cdn_q(&r->index, "SELECT record, at, digest FROM idempotency WHERE id = ?");
    *ret_record = CDN_COUNT_NONE;
    cdn_q_blob(&q, id, CDN_SUMMARY_ONCE);
    if (cdn_q_next(&q)) {
        const cordon_str digest = cdn_q_text(&q, 2);
        *ret_record = cdn_q_get_count(&q, 0);
        *ret_at = cdn_q_get_int(&q, 1);
        memcpy(ret_digest, digest.p, CDN_MIN(digest.n, (size_t)CDN_SUMMARY_ONCE));
    }
    const int err = cdn_q_end(&q, e);
    cdn_store_give(s, r);
    if (!err && *ret_record != CDN_COUNT_NONE && cdn_store_index_is_erased(s, *ret_record))
        *ret_record = CDN_COUNT_NONE;
    return err;
}

int cdn_store_idempotency(struct cdn_store *s,
                          const struct cdn_store_once *once,
                          uint64_t *ret_index,
                          struct cordon_error *e) {
    uint8_t id[CDN_SUMMARY_ONCE];
    uint8_t wanted[CDN_SUMMARY_ONCE];
    uint8_t digest[CDN_SUMMARY_ONCE] = {0};
    uint64_t record = CDN_COUNT_NONE;
    int64_t at = 0;
    cdn_idempotency_id(once->key, once->name, id);
    cdn_idempotency_digest(once->digest, wanted);
    const int err = find_once(s, id, &record, &at, digest, e);
    if (err)
        return err;
    if (record == CDN_COUNT_NONE || at < once->since)
        return cdn_fail(e, CORDON_E_NOTFOUND, "no record under this idempotency key");
    if (memcmp(digest, wanted, sizeof(wanted)) != 0)
        return cdn_fail(e,
                        CORDON_E_CONFLICT,
                        "this idempotency key was used for another request (record %llu)",
                        (unsigned long long)record);
    *ret_index = record;
    return 0;
}
