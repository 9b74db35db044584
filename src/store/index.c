/* SPDX-License-Identifier: Apache-2.0 */
/* index.c: which decisions are of which party, measure, key, snapshot, verdict and time; idempotency keys.
 *
 *  1. one row per decision, one per party and measure of it; erasing a record takes its rows away, by what
 * stands in its own row;
 *  2. parties are fingerprints, idempotency keys are hashes: the index alone names nobody;
 *  3. texts that recur are numbered. The numbers mean nothing outside: every answer and the dump have the
 * texts. */
#include <sodium.h>
#include <stdlib.h>

#include "store/store_priv.h"

#define PARTY_BYTES (CDN_FINGERPRINT_TEXT / 2)
#define IDEMPOTENCY_SECONDS (INT64_C(8) * 86400) /* how long idempotency keys are kept at least */
#define BLOCK 4096                               /* records; the SQL below has it, too */
#define NAME_CACHE 1024                          /* power of two */

/* A party's record, kept until the end of the batch: put in in order of parties, neighbours share pages,
 * which makes half of the time. */
struct link {
    uint8_t party[PARTY_BYTES];
    uint64_t record;
};
struct indexing {
    struct cdn_db *db;
    const struct cordon_alloc *alloc;
    struct link *links;
    size_t link_count, link_cap;
    struct cdn_arena *arena;
    struct cordon_error *e;
    int64_t last;   /* greatest instant */
    uint64_t block; /* first record of the block of the last decision; CDN_COUNT_NONE: none yet */
    int64_t at_min, at_max;
    struct {
        uint64_t hash;
        int64_t number;
    } names[NAME_CACHE]; /* of this batch; 0: free */
};

/* ---- names
 * ------------------------------------------------------------------------------------------------------- */

static int name_number(struct cdn_db *db, cordon_str text, int64_t *ret, struct cordon_error *e) {
    struct cdn_q q = cdn_q(db, "SELECT number FROM names WHERE text = ?");
    *ret = 0;
    cdn_q_put(&q, text);
    if (cdn_q_next(&q))
        *ret = cdn_q_get_int(&q, 0);
    return cdn_q_end(&q, e);
}

/* The number of a text, given now if it has none. */
static int intern(struct indexing *x, cordon_str text, int64_t *ret) {
    const uint64_t hash = cdn_hash(text, 1) | 1;
    const size_t slot = (size_t)(hash >> 20) & (NAME_CACHE - 1);
    if (x->names[slot].hash == hash) {
        *ret = x->names[slot].number;
        return 0;
    }
    int err = name_number(x->db, text, ret, x->e);
    if (!err && !*ret) {
        struct cdn_q q = cdn_q(x->db, "INSERT INTO names(text) VALUES(?)");
        cdn_q_put(&q, text);
        err = cdn_q_do(&q, x->e);
        *ret = sqlite3_last_insert_rowid(x->db->h);
    }
    if (!err) {
        x->names[slot].hash = hash;
        x->names[slot].number = *ret;
    }
    return err;
}

/* ---- decisions
 * ------------------------------------------------------------------------------------------------------ */

static void put_u32(uint8_t *p, uint32_t v) {
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}
static uint32_t get_u32(const char *p) {
    uint32_t v = 0;
    for (unsigned i = 0; i < 4; i++)
        v |= (uint32_t)(uint8_t)p[i] << (8 * i);
    return v;
}

/* Different parties of the decision, one after the other. */
static int pack_parties(struct indexing *x, const struct cdn_summary *f, uint8_t **ret, size_t *ret_n) {
    uint8_t *p = cdn_arena_take(x->arena, f->party_count * PARTY_BYTES + 1);
    size_t n = 0;
    if (!p)
        return cdn_fail(x->e, CORDON_E_NOMEM, "out of memory");
    for (size_t i = 0; i < f->party_count; i++) {
        bool seen = false;
        memcpy(p + n, f->parties + i * PARTY_BYTES, PARTY_BYTES);
        for (size_t k = 0; k < n && !seen; k += PARTY_BYTES)
            seen = memcmp(p + k, p + n, PARTY_BYTES) == 0;
        n += seen ? 0 : PARTY_BYTES;
    }
    *ret = p;
    *ret_n = n;
    return 0;
}

static int pack_measures(struct indexing *x, const struct cdn_summary *f, uint8_t **ret, size_t *ret_n) {
    cordon_str rest = f->measures;
    uint8_t *p = cdn_arena_take(x->arena, f->measure_count * 4 + 1);
    size_t n = 0;
    if (!p)
        return cdn_fail(x->e, CORDON_E_NOMEM, "out of memory");
    for (size_t i = 0; i < f->measure_count; i++) {
        int64_t number = 0;
        bool seen = false;
        const int err = intern(x, cdn_summary_measure(&rest), &number);
        if (err)
            return err;
        put_u32(p + n, (uint32_t)number);
        for (size_t k = 0; k < n && !seen; k += 4)
            seen = memcmp(p + k, p + n, 4) == 0;
        n += seen ? 0 : 4;
    }
    *ret = p;
    *ret_n = n;
    return 0;
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

static int add_idempotency(struct indexing *x, uint64_t index, const struct cdn_summary *m) {
    struct cdn_q q =
        cdn_q(x->db, "INSERT OR REPLACE INTO idempotency(id, record, at, digest) VALUES(?, ?, ?, ?)");
    cdn_q_blob(&q, m->once_id, sizeof(m->once_id));
    cdn_q_count(&q, index);
    cdn_q_int(&q, m->recorded);
    cdn_q_blob(&q, m->once_digest, sizeof(m->once_digest));
    return cdn_q_do(&q, x->e);
}

static int compare_links(const void *a, const void *b) {
    const struct link *x = a;
    const struct link *y = b;
    const int c = memcmp(x->party, y->party, PARTY_BYTES);
    return c ? c : (x->record > y->record) - (x->record < y->record);
}

static int flush_links(struct indexing *x) {
    int err = 0;
    if (x->link_count)
        qsort(x->links, x->link_count, sizeof(*x->links), compare_links);
    for (size_t i = 0; i < x->link_count && !err; i++) {
        struct cdn_q q = cdn_q(x->db, "INSERT INTO parties(party, record) VALUES(?, ?)");
        cdn_q_blob(&q, x->links[i].party, PARTY_BYTES);
        cdn_q_count(&q, x->links[i].record);
        err = cdn_q_do(&q, x->e);
    }
    x->link_count = 0;
    return err;
}

static int add_links(struct indexing *x,
                     uint64_t index,
                     const uint8_t *parties,
                     size_t party_bytes,
                     const uint8_t *measures,
                     size_t measure_bytes) {
    const size_t count = party_bytes / PARTY_BYTES;
    int err = cdn_grow(x->alloc, (void **)&x->links, &x->link_cap, x->link_count + count, sizeof(*x->links));
    if (err)
        return cdn_fail(x->e, err, "out of memory");
    for (size_t i = 0; i < count; i++) {
        memcpy(x->links[x->link_count].party, parties + i * PARTY_BYTES, PARTY_BYTES);
        x->links[x->link_count++].record = index;
    }
    for (size_t i = 0; i < measure_bytes && !err; i += 4) {
        struct cdn_q q = cdn_q(x->db, "INSERT INTO measures(measure, record) VALUES(?, ?)");
        cdn_q_int(&q, get_u32((const char *)measures + i));
        cdn_q_count(&q, index);
        err = cdn_q_do(&q, x->e);
    }
    return err;
}

/* Widens the block of records that it is in by the instant; erasing narrows none, which costs a search a look
 * and nothing else. */
static int note_instant(struct indexing *x, uint64_t index, int64_t at) {
    const uint64_t first = index - index % BLOCK;
    if (x->block == first && at >= x->at_min && at <= x->at_max)
        return 0;
    struct cdn_q q = cdn_q(
        x->db,
        "INSERT INTO blocks(first, at_min, at_max) VALUES(?1, ?2, ?2) ON CONFLICT DO UPDATE SET at_min = "
        "min(at_min, ?2), at_max = max(at_max, ?2)");
    cdn_q_count(&q, first);
    cdn_q_int(&q, at);
    const int err = cdn_q_do(&q, x->e);
    x->at_min = x->block == first ? CDN_MIN(x->at_min, at) : at;
    x->at_max = x->block == first ? CDN_MAX(x->at_max, at) : at;
    x->block = first;
    return err;
}

static int add_decision(struct indexing *x, uint64_t index, const struct cdn_summary *d) {
    int64_t key = 0;
    int64_t snapshot = 0;
    uint8_t *parties = NULL;
    uint8_t *measures = NULL;
    size_t party_bytes = 0;
    size_t measure_bytes = 0;
    int err = intern(x, d->key, &key);
    err = err ? err : intern(x, d->snapshot, &snapshot);
    err = err ? err : pack_parties(x, d, &parties, &party_bytes);
    err = err ? err : pack_measures(x, d, &measures, &measure_bytes);
    if (err)
        return err;
    struct cdn_q q = cdn_q(x->db,
                           "INSERT INTO decisions(record, at, verdict, key, snapshot, appeal, parties, "
                           "measures) VALUES(?, ?, ?, ?, "
                           "?, ?, ?, ?)");
    cdn_q_count(&q, index);
    cdn_q_int(&q, d->at);
    cdn_q_int(&q, d->verdict);
    cdn_q_int(&q, key);
    cdn_q_int(&q, snapshot);
    cdn_q_count(&q, d->appeal);
    cdn_q_blob(&q, parties, party_bytes);
    cdn_q_blob(&q, measures, measure_bytes);
    err = cdn_q_do(&q, x->e);
    err = err ? err : note_instant(x, index, d->at);
    err = err ? err : add_links(x, index, parties, party_bytes, measures, measure_bytes);
    if (!err && d->has_once)
        err = add_idempotency(x, index, d);
    return err;
}

/* ---- erasing
 * ----------------------------------------------------------------------------------------------------------
 */

static int remove_links(struct indexing *x, uint64_t record, cordon_str parties, cordon_str measures) {
    int err = 0;
    for (size_t i = 0; i + PARTY_BYTES <= parties.n && !err; i += PARTY_BYTES) {
        struct cdn_q q = cdn_q(x->db, "DELETE FROM parties WHERE party = ? AND record = ?");
        cdn_q_blob(&q, parties.p + i, PARTY_BYTES);
        cdn_q_count(&q, record);
        err = cdn_q_do(&q, x->e);
    }
    for (size_t i = 0; i + 4 <= measures.n && !err; i += 4) {
        struct cdn_q q = cdn_q(x->db, "DELETE FROM measures WHERE measure = ? AND record = ?");
        cdn_q_int(&q, get_u32(measures.p + i));
        cdn_q_count(&q, record);
        err = cdn_q_do(&q, x->e);
    }
    return err;
}

static int erase(struct indexing *x, uint64_t record) {
    cordon_str parties = {NULL, 0};
    cordon_str measures = {NULL, 0};
    int bad = 0;
    const int flushed = flush_links(x);
    if (flushed)
        return flushed;
    struct cdn_q q = cdn_q(x->db, "SELECT parties, measures FROM decisions WHERE record = ?");
    cdn_q_count(&q, record);
    if (cdn_q_next(&q)) {
        bad = cdn_arena_str(x->arena, cdn_q_text(&q, 0), &parties);
        bad = bad ? bad : cdn_arena_str(x->arena, cdn_q_text(&q, 1), &measures);
    }
    int err = cdn_q_end(&q, x->e);
    if (bad && !err)
        err = cdn_fail(x->e, bad, "out of memory");
    err = err ? err : remove_links(x, record, parties, measures);
    if (err)
        return err;
    q = cdn_q(x->db, "DELETE FROM decisions WHERE record = ?");
    cdn_q_count(&q, record);
    err = cdn_q_do(&q, x->e);
    if (err)
        return err;
    q = cdn_q(x->db, "DELETE FROM idempotency WHERE record = ?");
    cdn_q_count(&q, record);
    return cdn_q_do(&q, x->e);
}

/* ---- a batch
 * -----------------------------------------------------------------------------------------------------------
 */

static int drop_idempotency(struct indexing *x, int64_t at) {
    struct cdn_q q = cdn_q(x->db, "DELETE FROM idempotency WHERE at < ?");
    cdn_q_int(&q, at - IDEMPOTENCY_SECONDS);
    return cdn_q_do(&q, x->e);
}

static int one(struct indexing *x, uint64_t index, const struct cdn_summary *m) {
    struct cdn_record r;
    if (m->kind == CDN_SUMMARY_NONE)
        return 0;
    if (m->kind == CDN_SUMMARY_EVENT) {
        const int err = cdn_record_read(m->text, x->arena, &r, x->e);
        if (err)
            return err;
        return r.u.event.kind == CDN_EV_record_erased ? erase(x, r.u.event.u.record_erased.record) : 0;
    }
    const int64_t day = m->recorded / 86400;
    int err = add_decision(x, index, m);
    if (!err && m->recorded > x->last) {
        if (x->last == CDN_INSTANT_NONE || day > x->last / 86400)
            err = drop_idempotency(x, day * 86400);
        x->last = m->recorded;
    }
    return err;
}

static int meta(struct indexing *x, const char *name, int64_t *ret) {
    struct cdn_q q = cdn_q(x->db, "SELECT value FROM meta WHERE name = ?");
    cdn_q_put_z(&q, name);
    if (cdn_q_next(&q))
        *ret = cdn_q_get_instant(&q, 0);
    return cdn_q_end(&q, x->e);
}
static int set_meta(struct indexing *x, const char *name, int64_t v) {
    struct cdn_q q = cdn_q(x->db, "UPDATE meta SET value = ? WHERE name = ?");
    cdn_q_instant(&q, v);
    cdn_q_put_z(&q, name);
    return cdn_q_do(&q, x->e);
}

static int batch(struct cdn_store *s, uint64_t first, const char *p, size_t count, struct cordon_error *e) {
    struct cdn_arena arena;
    struct indexing *x = cdn_alloc_zero(s->alloc, 1, sizeof(*x));
    if (!x)
        return cdn_fail(e, CORDON_E_NOMEM, "out of memory");
    x->db = &s->index;
    x->alloc = s->alloc;
    x->arena = &arena;
    x->e = e;
    x->last = CDN_INSTANT_NONE;
    x->block = CDN_COUNT_NONE;
    cdn_arena_init(&arena, s->alloc, 0);
    int err = meta(x, "last_instant", &x->last);
    for (size_t i = 0; i < count && !err; i++) {
        struct cdn_summary m;
        p = cdn_summary_read(p, &m);
        err = one(x, first + i, &m);
        if (err && err != CORDON_E_IO && err != CORDON_E_NOMEM)
            cdn_error_hint(e, "at record %llu", (unsigned long long)(first + i));
        cdn_arena_reset(&arena);
    }
    err = err ? err : flush_links(x);
    err = err ? err : set_meta(x, "last_instant", x->last);
    err = err ? err : set_meta(x, "applied", (int64_t)(first + count));
    cdn_arena_free(&arena);
    cdn_free(s->alloc, x->links, x->link_cap * sizeof(*x->links));
    cdn_free(s->alloc, x, sizeof(*x));
    return err;
}

int cdn_index_take(struct cdn_store *s, uint64_t first, const char *p, size_t count, struct cordon_error *e) {
    if (first != atomic_load(&s->indexed))
        return cdn_fail(
            e, CORDON_E_ARG, "record %llu is not the next one to index", (unsigned long long)first);
    if (!count)
        return 0;
    int err = cdn_db_run(&s->index, "BEGIN IMMEDIATE", e);
    if (err)
        return err;
    err = batch(s, first, p, count, e);
    err = err ? err : cdn_db_run(&s->index, "COMMIT", e);
    if (err) {
        (void)sqlite3_exec(s->index.h, "ROLLBACK", NULL, NULL, NULL);
        return err;
    }
    atomic_store(&s->indexed, (unsigned long long)(first + count));
    return 0;
}

/* ---- searching
 * ------------------------------------------------------------------------------------------------------------
 */

static int out_measures(struct cdn_db *db, struct cdn_buf *out, cordon_str packed, struct cordon_error *e) {
    int err = 0;
    cdn_buf_char(out, '[');
    for (size_t i = 0; i + 4 <= packed.n && !err; i += 4) {
        struct cdn_q q = cdn_q(db, "SELECT text FROM names WHERE number = ?");
        cdn_q_int(&q, get_u32(packed.p + i));
        if (i)
            cdn_buf_char(out, ',');
        if (cdn_q_next(&q))
            cdn_buf_json(out, cdn_q_text(&q, 0));
        err = cdn_q_end(&q, e);
    }
    cdn_buf_char(out, ']');
    return err;
}

/* Every condition is on one row of decisions; the party, measure or verdict chosen first decides which index
 * is walked. */
#define SEARCH(from, order)                                                                                  \
    "SELECT d.record, d.at, d.verdict, k.text, s.text, d.appeal, d.measures FROM " from                      \
    " JOIN names k ON k.number = d.key JOIN names s ON s.number = d.snapshot WHERE (?3 IS NULL OR d.key = "  \
    "?3) AND (?4 IS "                                                                                        \
    "NULL OR d.snapshot = ?4) AND (?5 = 0 OR d.verdict = ?5) AND (?6 IS NULL OR d.at >= ?6) AND (?7 IS "     \
    "NULL OR d.at < ?7) "                                                                                    \
    "AND (?1 IS NULL OR EXISTS(SELECT 1 FROM parties p2 WHERE p2.party = ?1 AND p2.record = d.record)) AND " \
    "(?2 IS NULL OR "                                                                                        \
    "EXISTS(SELECT 1 FROM measures m2 WHERE m2.measure = ?2 AND m2.record = d.record)) AND " order           \
    " LIMIT ?9"
#define UP "d.record > ?8 ORDER BY d.record"
#define DOWN "d.record < ?8 ORDER BY d.record DESC"
#define BY_PARTY "parties p CROSS JOIN decisions d ON d.record = p.record AND p.party = ?1"
#define BY_MEASURE "measures m CROSS JOIN decisions d ON d.record = m.record AND m.measure = ?2"
#define BY_VERDICT "decisions d INDEXED BY decisions_verdict"
#define BY_TIME "blocks b CROSS JOIN decisions d ON d.record BETWEEN b.first AND b.first + 4095"
#define IN_BLOCK "(?6 IS NULL OR b.at_max >= ?6) AND (?7 IS NULL OR b.at_min < ?7) AND "
#define TIME_UP IN_BLOCK "b.first + 4095 > ?8 AND d.record > ?8 ORDER BY b.first, d.record"
#define TIME_DOWN IN_BLOCK "b.first < ?8 AND d.record < ?8 ORDER BY b.first DESC, d.record DESC"
#define VERDICT_UP "d.verdict = ?5 AND d.verdict > 1 AND d.record > ?8 ORDER BY d.record"
#define VERDICT_DOWN "d.verdict = ?5 AND d.verdict > 1 AND d.record < ?8 ORDER BY d.record DESC"
#define PARTY_UP "p.record > ?8 ORDER BY p.record"
#define PARTY_DOWN "p.record < ?8 ORDER BY p.record DESC"
#define MEASURE_UP "m.record > ?8 ORDER BY m.record"
#define MEASURE_DOWN "m.record < ?8 ORDER BY m.record DESC"

static const char *const search_sql[5][2] = {
    {SEARCH(BY_PARTY, PARTY_UP), SEARCH(BY_PARTY, PARTY_DOWN)},
    {SEARCH(BY_MEASURE, MEASURE_UP), SEARCH(BY_MEASURE, MEASURE_DOWN)},
    {SEARCH(BY_VERDICT, VERDICT_UP), SEARCH(BY_VERDICT, VERDICT_DOWN)},
    {SEARCH(BY_TIME, TIME_UP), SEARCH(BY_TIME, TIME_DOWN)},
    {SEARCH("decisions d", UP), SEARCH("decisions d", DOWN)},
};

static int out_row(struct cdn_db *db, struct cdn_buf *out, const struct cdn_q *q, struct cordon_error *e) {
    static const char *const verdicts[] = {"none", "allow", "limit", "hold", "deny", "freeze"};
    const int64_t verdict = cdn_q_get_int(q, 2);
    const bool known = verdict >= 0 && verdict < (int64_t)CDN_ARRAY_LEN(verdicts);
    bool first = true;
    cdn_buf_char(out, '{');
    cdn_out_count(out, &first, "appeal", cdn_q_get_count(q, 5));
    cdn_out_instant(out, &first, "at", cdn_q_get_int(q, 1));
    cdn_out_count(out, &first, "index", cdn_q_get_count(q, 0));
    cdn_out_text(out, &first, "key", cdn_q_text(q, 3));
    cdn_out_name(out, &first, "measures");
    const int err = out_measures(db, out, cdn_q_text(q, 6), e);
    cdn_out_text(out, &first, "snapshot", cdn_q_text(q, 4));
    cdn_out_text(out, &first, "verdict", cdn_str_z(verdicts[known ? verdict : 0]));
    cdn_buf_char(out, '}');
    return err;
}

static int search(struct cdn_db *db,
                  const struct cdn_store_search *s,
                  struct cdn_buf *out,
                  struct cordon_error *e) {
    int64_t numbers[3] = {0, 0, 0}; /* measure, key, snapshot */
    const cordon_str texts[3] = {s->measure, s->key, s->snapshot};
    int err = 0;
    cdn_buf_char(out, '[');
    for (size_t i = 0; i < 3 && !err; i++) {
        if (!texts[i].n)
            continue;
        err = name_number(db, texts[i], &numbers[i], e);
        if (!err && !numbers[i]) { /* no decision has it */
            cdn_buf_char(out, ']');
            return out->err;
        }
    }
    if (err)
        return err;
    const bool timed = s->from != CDN_INSTANT_NONE || s->until != CDN_INSTANT_NONE;
    const size_t which = s->party.n                          ? 0
                         : s->measure.n                      ? 1
                         : s->verdict > CORDON_VERDICT_ALLOW ? 2
                         : timed                             ? 3
                                                             : 4;
    struct cdn_q q = cdn_q(db, search_sql[which][s->newest ? 1 : 0]);
    cdn_q_party(&q, s->party);
    for (size_t i = 0; i < 3; i++)
        cdn_q_count(&q, numbers[i] ? (uint64_t)numbers[i] : CDN_COUNT_NONE);
    cdn_q_int(&q, s->verdict);
    cdn_q_instant(&q, s->from);
    cdn_q_instant(&q, s->until);
    cdn_q_int(&q, s->after != CDN_COUNT_NONE ? (int64_t)s->after : s->newest ? INT64_MAX : -1);
    cdn_q_int(&q, s->limit ? CDN_MIN(s->limit, 1000u) : 100);
    bool first = true;
    while (!err && cdn_q_next(&q)) {
        if (!first)
            cdn_buf_char(out, ',');
        first = false;
        err = out_row(db, out, &q, e);
    }
    const int end = cdn_q_end(&q, e);
    cdn_buf_char(out, ']');
    err = err ? err : end;
    return err ? err : out->err;
}

int cdn_store_search(struct cdn_store *s,
                     const struct cdn_store_search *q,
                     struct cdn_buf *out,
                     struct cordon_error *e) {
    if (q->party.n && !cdn_record_is_hex(q->party, CDN_FINGERPRINT_TEXT))
        return cdn_fail(e, CORDON_E_ARG, "not the fingerprint of a party");
    struct cdn_reader *r = cdn_store_take(s);
    const int err = search(&r->index, q, out, e);
    cdn_store_give(s, r);
    return err;
}

int cdn_store_idempotency(struct cdn_store *s,
                          const struct cdn_store_once *once,
                          uint64_t *ret_index,
                          struct cordon_error *e) {
    uint8_t id[16];
    uint8_t wanted[16];
    int verdict = CORDON_E_NOTFOUND;
    uint64_t index = 0;
    cdn_idempotency_id(once->key, once->name, id);
    cdn_idempotency_digest(once->digest, wanted);
    struct cdn_reader *r = cdn_store_take(s);
    struct cdn_q q = cdn_q(&r->index, "SELECT record, digest FROM idempotency WHERE id = ? AND at >= ?");
    cdn_q_blob(&q, id, sizeof(id));
    cdn_q_int(&q, once->since);
    if (cdn_q_next(&q)) {
        index = cdn_q_get_count(&q, 0);
        verdict = cdn_str_eq(cdn_q_text(&q, 1), cdn_str((const char *)wanted, sizeof(wanted)))
                      ? 0
                      : CORDON_E_CONFLICT;
    }
    const int err = cdn_q_end(&q, e);
    cdn_store_give(s, r);
    if (err)
        return err;
    if (verdict == CORDON_E_CONFLICT)
        return cdn_fail(e,
                        verdict,
                        "this idempotency key was used for another request (record %llu)",
                        (unsigned long long)index);
    if (verdict)
        return cdn_fail(e, verdict, "no record under this idempotency key");
    *ret_index = index;
    return 0;
}
