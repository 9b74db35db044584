/* SPDX-License-Identifier: Apache-2.0 */
/* index_runs.c: which records are of which party: runs of entries sorted by party and record, in rows of at
 * most CDN_INDEX_CHUNK.
 *
 * Block n is a run of level 0. After the 16th, they become one of level 1; after the 256th, those become one
 * of level 2, and there it stays: each entry is written three times, and a search among a hundred million
 * records looks into 95 runs of level 2 and at most 30 others, one or two rows each.
 *
 *  1. an entry has only half of the fingerprint: what it finds is held against the page;
 *  2. rows of a run have consecutive ids; erasing leaves empty rows, never gaps. */
#include <stdlib.h>

#include "store/index_priv.h"

enum { ENTRY_BYTES = 12 };

int64_t cdn_store_run_key(const uint8_t party[CDN_SUMMARY_PARTY]) {
    uint64_t v = 0;
    for (unsigned i = 0; i < 8; i++)
        v = v << 8 | party[i];
    return (int64_t)(v ^ (UINT64_C(1) << 63));
}

static void pack(uint8_t *p, struct cdn_run_entry x) {
    for (unsigned i = 0; i < 8; i++)
        p[i] = (uint8_t)((uint64_t)x.party >> (8 * i));
    for (unsigned i = 0; i < 4; i++)
        p[8 + i] = (uint8_t)(x.offset >> (8 * i));
}
static struct cdn_run_entry unpack(const uint8_t *p) {
    uint64_t party = 0;
    uint32_t offset = 0;
    for (unsigned i = 8; i-- > 0;)
        party = party << 8 | p[i];
    for (unsigned i = 4; i-- > 0;)
        offset = offset << 8 | p[8 + i];
    return (struct cdn_run_entry){(int64_t)party, offset};
}

static int compare(const void *a, const void *b) {
    const struct cdn_run_entry *x = a;
    const struct cdn_run_entry *y = b;
    return x->party != y->party ? (x->party > y->party) - (x->party < y->party)
                                : (x->offset > y->offset) - (x->offset < y->offset);
}

/* ---- writing
 * --------------------------------------------------------------------------------------------------- */

struct writing { /* of one run */
    struct cdn_db *db;
    struct cordon_error *e;
    unsigned level;
    uint64_t first;
    size_t count;
    int64_t low;
    uint8_t bytes[CDN_INDEX_CHUNK * ENTRY_BYTES];
};

static int flush(struct writing *w) {
    if (!w->count)
        return 0;
    struct cdn_q q = cdn_q(w->db, "INSERT INTO runs(level, first, low, entries) VALUES(?, ?, ?, ?)");
    cdn_q_int(&q, w->level);
    cdn_q_count(&q, w->first);
    cdn_q_int(&q, w->low);
    cdn_q_blob(&q, w->bytes, w->count * ENTRY_BYTES);
    w->count = 0;
    return cdn_q_do(&q, w->e);
}

static int put(struct writing *w, struct cdn_run_entry x) {
    if (w->count == 0)
        w->low = x.party;
    pack(w->bytes + w->count++ * ENTRY_BYTES, x);
    return w->count == CDN_INDEX_CHUNK ? flush(w) : 0;
}

/* ---- merging
 * --------------------------------------------------------------------------------------------------- */

struct reading {             /* of one run that is merged */
    int64_t next_id, end_id; /* rows */
    size_t at, n;
    uint32_t shift; /* of its records in the merged run */
    struct cdn_run_entry now;
    bool over;
    uint8_t bytes[CDN_INDEX_CHUNK * ENTRY_BYTES];
};

static int advance(struct cdn_db *db, struct reading *r, struct cordon_error *e) {
    int err = 0;
    while (!err && r->at == r->n && r->next_id < r->end_id) {
        struct cdn_q q = cdn_q(db, "SELECT entries FROM runs WHERE id = ?");
        cdn_q_int(&q, r->next_id++);
        r->at = r->n = 0;
        if (cdn_q_next(&q)) {
            const cordon_str entries = cdn_q_text(&q, 0);
            r->n = CDN_MIN(entries.n, sizeof(r->bytes)) / ENTRY_BYTES * ENTRY_BYTES;
            if (r->n)
                memcpy(r->bytes, entries.p, r->n);
        }
        err = cdn_q_end(&q, e);
    }
    r->over = r->at == r->n;
    if (!r->over) {
        r->now = unpack(r->bytes + r->at);
        r->now.offset += r->shift;
        r->at += ENTRY_BYTES;
    }
    return err;
}

static int begin_reading(struct cdn_db *db,
                         unsigned level,
                         uint64_t first,
                         uint32_t shift,
                         struct reading *r,
                         struct cordon_error *e) {
    struct cdn_q q = cdn_q(db, "SELECT min(id), max(id) + 1 FROM runs WHERE level = ? AND first = ?");
    r->next_id = r->end_id = 0;
    r->at = r->n = 0;
    r->shift = shift;
    cdn_q_int(&q, level);
    cdn_q_count(&q, first);
    if (cdn_q_next(&q) && !cdn_q_null(&q, 0)) {
        r->next_id = cdn_q_get_int(&q, 0);
        r->end_id = cdn_q_get_int(&q, 1);
    }
    const int err = cdn_q_end(&q, e);
    return err ? err : advance(db, r, e);
}

static int drop_run(struct cdn_db *db, unsigned level, uint64_t first, struct cordon_error *e) {
    struct cdn_q q = cdn_q(db, "DELETE FROM runs WHERE level = ? AND first = ?");
    cdn_q_int(&q, level);
    cdn_q_count(&q, first);
    return cdn_q_do(&q, e);
}

/* Sixteen runs of `size` records each, from `first` on, into one. */
static int merge(struct cdn_store *s, unsigned level, uint64_t first, uint64_t size, struct cordon_error *e) {
    struct cdn_db *db = &s->index;
    struct merging {
        struct writing to;
        struct reading from[CDN_INDEX_FAN];
    } *m = cdn_alloc_zero(s->alloc, 1, sizeof(*m));
    if (!m)
        return cdn_fail(e, CORDON_E_NOMEM, "out of memory");
    m->to.db = db;
    m->to.e = e;
    m->to.level = level + 1;
    m->to.first = first;
    int err = 0;
    for (unsigned i = 0; i < CDN_INDEX_FAN && !err; i++)
        err = begin_reading(db, level, first + i * size, (uint32_t)(i * size), &m->from[i], e);
    while (!err) {
        struct reading *least = NULL;
        for (unsigned i = 0; i < CDN_INDEX_FAN; i++)
            if (!m->from[i].over && (!least || m->from[i].now.party < least->now.party))
                least = &m->from[i];
        if (!least)
            break;
        err = put(&m->to, least->now);
        err = err ? err : advance(db, least, e);
    }
    err = err ? err : flush(&m->to);
    for (unsigned i = 0; i < CDN_INDEX_FAN && !err; i++)
        err = drop_run(db, level, first + i * size, e);
    cdn_free(s->alloc, m, sizeof(*m));
    return err;
}

int cdn_store_runs_add(struct cdn_store *s,
                       uint64_t first,
                       struct cdn_run_entry *entries,
                       size_t count,
                       struct cordon_error *e) {
    struct writing w = {.db = &s->index, .e = e, .first = first};
    int err = 0;
    if (count)
        qsort(entries, count, sizeof(*entries), compare);
    for (size_t i = 0; i < count && !err; i++)
        err = put(&w, entries[i]);
    err = err ? err : flush(&w);
    uint64_t size = s->tail.block;
    const uint64_t end = first + size;
    for (unsigned level = 0; level + 1 < CDN_INDEX_LEVELS && !err; level++, size *= CDN_INDEX_FAN) {
        if (end % (size * CDN_INDEX_FAN))
            break;
        err = merge(s, level, end - size * CDN_INDEX_FAN, size, e);
    }
    return err;
}

/* ---- finding
 * --------------------------------------------------------------------------------------------------- */

void cdn_store_runs_of(const struct cdn_store *s,
                       uint64_t end,
                       uint64_t record,
                       uint64_t *ret_first,
                       uint64_t *ret_size,
                       unsigned *ret_level) {
    uint64_t size = (uint64_t)s->tail.block * CDN_INDEX_FAN * CDN_INDEX_FAN;
    unsigned level = CDN_INDEX_LEVELS - 1;
    for (; level > 0 && record >= end - end % size; level--)
        size /= CDN_INDEX_FAN;
    *ret_first = record - record % size;
    *ret_size = size;
    *ret_level = level;
}

/* Rows of a run that may have a party: from the last that begins below it to the last that begins with it. */
#define ROWS                                                                                                 \
    "FROM runs WHERE level = ?1 AND first = ?2 AND low <= ?3 AND low >= coalesce((SELECT max(low) FROM "     \
    "runs WHERE level = ?1 AND first = ?2 AND low < ?3), ?3) ORDER BY low, id"

static size_t lower_bound(const uint8_t *p, size_t count, int64_t party) {
    size_t lo = 0;
    while (lo < count) {
        const size_t mid = lo + (count - lo) / 2;
        if (unpack(p + mid * ENTRY_BYTES).party < party)
            lo = mid + 1;
        else
            count = mid;
    }
    return lo;
}

int cdn_store_runs_find(struct cdn_db *db,
                        unsigned level,
                        uint64_t first,
                        int64_t party,
                        struct cdn_buf *out,
                        struct cordon_error *e) {
    struct cdn_q q = cdn_q(db, "SELECT entries " ROWS);
    uint32_t last = 0;
    bool any = false;
    cdn_q_int(&q, level);
    cdn_q_count(&q, first);
    cdn_q_int(&q, party);
    while (cdn_q_next(&q)) {
        const cordon_str entries = cdn_q_text(&q, 0);
        const uint8_t *p = (const uint8_t *)entries.p;
        const size_t count = entries.n / ENTRY_BYTES;
        for (size_t i = lower_bound(p, count, party); i < count; i++) {
            const struct cdn_run_entry x = unpack(p + i * ENTRY_BYTES);
            if (x.party != party)
                break;
            if (!any || x.offset != last) /* two parties of one record may begin alike */
                cdn_buf_put(out, &x.offset, sizeof(x.offset));
            last = x.offset;
            any = true;
        }
    }
    const int err = cdn_q_end(&q, e);
    return err ? err : out->err ? cdn_fail(e, out->err, "out of memory") : 0;
}

int cdn_store_runs_remove(struct cdn_store *s,
                          uint64_t end,
                          uint64_t record,
                          const uint8_t party[CDN_SUMMARY_PARTY],
                          struct cordon_error *e) {
    uint64_t first = 0;
    uint64_t size = 0;
    unsigned level = 0;
    cdn_store_runs_of(s, end, record, &first, &size, &level);
    const int64_t key = cdn_store_run_key(party);
    uint8_t rest[CDN_INDEX_CHUNK * ENTRY_BYTES];
    size_t n = 0;
    int64_t id = 0;
    bool found = false;
    struct cdn_q q = cdn_q(&s->index, "SELECT id, entries " ROWS);
    cdn_q_int(&q, level);
    cdn_q_count(&q, first);
    cdn_q_int(&q, key);
    while (!found && cdn_q_next(&q)) {
        const cordon_str entries = cdn_q_text(&q, 1);
        const uint8_t *p = (const uint8_t *)entries.p;
        id = cdn_q_get_int(&q, 0);
        n = 0;
        for (size_t i = 0; i < CDN_MIN(entries.n, sizeof(rest)) / ENTRY_BYTES; i++) {
            const struct cdn_run_entry x = unpack(p + i * ENTRY_BYTES);
            if (!found && x.party == key && first + x.offset == record)
                found = true;
            else
                pack(rest + n++ * ENTRY_BYTES, x);
        }
    }
    int err = cdn_q_end(&q, e);
    if (err || !found)
        return err;
    q = cdn_q(&s->index, "UPDATE runs SET entries = ? WHERE id = ?");
    cdn_q_blob(&q, rest, n * ENTRY_BYTES);
    cdn_q_int(&q, id);
    return cdn_q_do(&q, e);
}
