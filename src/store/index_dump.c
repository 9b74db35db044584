/* SPDX-License-Identifier: Apache-2.0 */
/* index_dump.c: the index of decisions as text, the same for the same records: numbers that stand for texts
 * are replaced by these, what has been erased and is not yet taken out is left out, and so are the spans of
 * blocks, which erasing does not narrow. */
#include "store/index_priv.h"

struct dumping {
    struct cdn_store *s;
    struct cdn_db *db;
    struct cdn_buf *out;
    struct cordon_error *e;
};

static int put_name(struct dumping *d, uint64_t number) {
    struct cdn_q q = cdn_q(d->db, "SELECT text FROM names WHERE number = ?");
    cdn_q_count(&q, number);
    cdn_buf_char(d->out, '|');
    if (cdn_q_next(&q))
        cdn_buf_json(d->out, cdn_q_text(&q, 0));
    return cdn_q_end(&q, d->e);
}

static void put_number(struct dumping *d, uint64_t v) {
    cdn_buf_char(d->out, '|');
    if (v == CDN_COUNT_NONE)
        cdn_buf_z(d->out, "null");
    else
        cdn_buf_int(d->out, (int64_t)v);
}

static void put_hex(struct dumping *d, const void *p, size_t n) {
    cdn_buf_char(d->out, '|');
    cdn_buf_hex(d->out, p, n);
}

static int put_entry(struct dumping *d, const struct cdn_entry *x) {
    const uint8_t *measure = x->measures;
    cdn_buf_z(d->out, "decisions");
    put_number(d, x->record);
    put_number(d, (uint64_t)x->at);
    put_number(d, x->verdict);
    put_number(d, x->appeal);
    int err = put_name(d, x->key);
    err = err ? err : put_name(d, x->snapshot);
    for (uint32_t i = 0; i < x->measure_count && !err; i++)
        err = put_name(d, cdn_store_entry_measure(&measure));
    put_hex(d, x->parties, (size_t)x->party_count * CDN_SUMMARY_PARTY);
    cdn_buf_char(d->out, '\n');
    return err;
}

static int dump_pages(struct dumping *d) {
    struct cdn_q q = cdn_q(d->db, "SELECT first, entries FROM pages ORDER BY first");
    int err = 0;
    while (!err && cdn_q_next(&q)) {
        struct cdn_entry x;
        size_t at = 0;
        bool bad = false;
        while (!err && cdn_store_page_next(cdn_q_text(&q, 1), &at, cdn_q_get_count(&q, 0), &x, &bad))
            if (!cdn_store_index_is_erased(d->s, x.record))
                err = put_entry(d, &x);
        if (bad && !err)
            err = cdn_fail(d->e, CORDON_E_FORMAT, "a page of the index is damaged");
    }
    const int end = cdn_q_end(&q, d->e);
    return err ? err : end;
}

static int dump_terms(struct dumping *d) {
    struct cdn_q q =
        cdn_q(d->db,
              "SELECT kind, coalesce(n.text, ''), block, records FROM terms LEFT JOIN names n ON "
              "kind > 1 AND n.number = name ORDER BY 1, 2, name, 3");
    while (cdn_q_next(&q)) {
        uint8_t bits[CDN_INDEX_BLOCK / 8];
        const uint64_t block = cdn_q_get_count(&q, 2);
        const size_t before = d->out->n;
        bool any = false;
        cdn_store_index_places(d->s->tail.block, cdn_q_text(&q, 3), bits);
        cdn_buf_z(d->out, "terms");
        put_number(d, cdn_q_get_count(&q, 0));
        cdn_buf_char(d->out, '|');
        cdn_buf_str(d->out, cdn_q_text(&q, 1));
        for (uint32_t i = 0; i < d->s->tail.block; i++) {
            if (!(bits[i / 8] >> (i & 7) & 1) || cdn_store_index_is_erased(d->s, block + i))
                continue;
            put_number(d, block + i);
            any = true;
        }
        cdn_buf_char(d->out, '\n');
        if (!any)
            d->out->n = before;
    }
    return cdn_q_end(&q, d->e);
}

static int dump_runs(struct dumping *d) {
    struct cdn_q q = cdn_q(d->db, "SELECT level, first, entries FROM runs ORDER BY level, first, id");
    while (cdn_q_next(&q)) {
        const cordon_str entries = cdn_q_text(&q, 2);
        const uint8_t *p = (const uint8_t *)entries.p;
        for (size_t i = 0; i + 12 <= entries.n; i += 12) {
            const uint64_t record =
                cdn_q_get_count(&q, 1) + (p[i + 8] | (uint64_t)p[i + 9] << 8 | (uint64_t)p[i + 10] << 16);
            if (cdn_store_index_is_erased(d->s, record))
                continue;
            cdn_buf_z(d->out, "runs");
            put_number(d, cdn_q_get_count(&q, 0));
            put_number(d, cdn_q_get_count(&q, 1));
            put_hex(d, p + i, 8);
            put_number(d, record);
            cdn_buf_char(d->out, '\n');
        }
    }
    return cdn_q_end(&q, d->e);
}

static void put_once(struct dumping *d, cordon_str id, uint64_t record, int64_t at, cordon_str digest) {
    cdn_buf_z(d->out, "idempotency");
    put_hex(d, id.p, id.n);
    put_number(d, record);
    put_number(d, (uint64_t)at);
    put_hex(d, digest.p, digest.n);
    cdn_buf_char(d->out, '\n');
}

static int dump_once(struct dumping *d) {
    const struct cdn_index_tail *t = &d->s->tail;
    struct cdn_q q = cdn_q(d->db, "SELECT id, record, at, digest FROM idempotency WHERE at >= ? ORDER BY id");
    cdn_q_int(&q, cdn_store_index_once_since(t));
    while (cdn_q_next(&q)) {
        const cordon_str id = cdn_q_text(&q, 0);
        if (!cdn_store_index_is_erased(d->s, cdn_q_get_count(&q, 1)) &&
            cdn_store_tail_once(t, (const uint8_t *)id.p) == UINT32_MAX)
            put_once(d, id, cdn_q_get_count(&q, 1), cdn_q_get_int(&q, 2), cdn_q_text(&q, 3));
    }
    return cdn_q_end(&q, d->e);
}

/* The block that fills, as it is in memory. */
static void dump_tail(struct dumping *d) {
    const struct cdn_index_tail *t = &d->s->tail;
    for (uint32_t i = 0; i < t->count; i++) {
        struct cdn_summary m;
        if (!cdn_store_tail_get(t, i, &m))
            continue;
        cordon_str rest = m.measures;
        cdn_buf_z(d->out, "filling");
        put_number(d, t->first + i);
        put_number(d, (uint64_t)m.at);
        put_number(d, m.verdict);
        put_number(d, m.appeal);
        cdn_buf_char(d->out, '|');
        cdn_buf_json(d->out, m.key);
        cdn_buf_char(d->out, '|');
        cdn_buf_json(d->out, m.snapshot);
        for (size_t k = 0; k < m.measure_count; k++) {
            cdn_buf_char(d->out, '|');
            cdn_buf_json(d->out, cdn_summary_measure(&rest));
        }
        put_hex(d, m.parties, m.party_count * CDN_SUMMARY_PARTY);
        cdn_buf_char(d->out, '\n');
        if (m.has_once && m.recorded >= cdn_store_index_once_since(t))
            put_once(d,
                     cdn_str((const char *)m.once_id, sizeof(m.once_id)),
                     t->first + i,
                     m.recorded,
                     cdn_str((const char *)m.once_digest, sizeof(m.once_digest)));
    }
}

int cdn_store_index_dump(struct cdn_store *s,
                         struct cdn_reader *r,
                         struct cdn_buf *out,
                         struct cordon_error *e) {
    struct dumping d = {s, &r->index, out, e};
    (void)pthread_mutex_lock(&s->applying[1]);
    int err = dump_pages(&d);
    err = err ? err : dump_terms(&d);
    err = err ? err : dump_runs(&d);
    err = err ? err : dump_once(&d);
    if (!err)
        dump_tail(&d);
    cdn_buf_z(out, "indexed");
    put_number(&d, s->tail.first + s->tail.count);
    put_number(&d, (uint64_t)s->tail.last);
    cdn_buf_char(out, '\n');
    (void)pthread_mutex_unlock(&s->applying[1]);
    return err ? err : out->err;
}
