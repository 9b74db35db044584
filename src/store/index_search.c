/* SPDX-License-Identifier: Apache-2.0 */
/* index_search.c: searching the index of decisions (index_priv.h): the database as it is at one moment, and
 * the block that fills from then on.
 *
 * A party leads to its records run by run; else a measure, verdict, snapshot or key to its bitmaps, block by
 * block; else the spans of blocks to those that may be of the time. Whatever leads there, each record is read
 * in its page and held against all conditions.
 *
 *  1. a search begins (its transaction on the database, and what it copies of the block that fills) under the
 * lock under which a written block leaves memory: no record is seen twice or not at all. */
#include <stdlib.h>

#include "store/index_priv.h"

struct search {
    struct cdn_store *s;
    struct cdn_db *db;
    const struct cdn_store_search *q;
    struct cdn_buf *out;
    struct cordon_error *e;
    uint32_t left; /* hits that are still wanted */
    bool any;
    bool impossible; /* no record of the database has one of the names */
    uint8_t party[CDN_SUMMARY_PARTY];
    uint32_t measure, key, snapshot; /* numbers; 0: any */
    uint64_t low, high;              /* records of the database that may be hits: [low, high) */
    uint64_t end;                    /* records in the database */
    struct cdn_buf page;
    uint64_t page_first;                                         /* CDN_COUNT_NONE: none is read */
    struct cdn_entry entries[CDN_INDEX_BLOCK / CDN_INDEX_PAGES]; /* of the page, by place */
    bool there[CDN_INDEX_BLOCK / CDN_INDEX_PAGES];
    uint64_t *erased; /* sorted copy: not yet taken out of the database */
    size_t erased_count, erased_cap;
    struct cdn_buf tail; /* summaries of hits in the block that fills, in order */
    uint64_t *tail_records;
    size_t tail_count, tail_cap;
    struct cdn_buf key_text, snapshot_text;
};

/* ---- answers
 * ----------------------------------------------------------------------------------------------------- */

static void out_head(struct search *x, uint64_t appeal, int64_t at, uint64_t record, cordon_str key) {
    bool first = true;
    if (x->any)
        cdn_buf_char(x->out, ',');
    x->any = true;
    cdn_buf_char(x->out, '{');
    cdn_out_count(x->out, &first, "appeal", appeal);
    cdn_out_instant(x->out, &first, "at", at);
    cdn_out_count(x->out, &first, "index", record);
    cdn_out_text(x->out, &first, "key", key);
    cdn_out_name(x->out, &first, "measures");
}

static void out_tail(struct search *x, cordon_str snapshot, uint8_t verdict) {
    static const char *const verdicts[] = {"none", "allow", "limit", "hold", "deny", "freeze"};
    bool first = false;
    cdn_out_text(x->out, &first, "snapshot", snapshot);
    cdn_out_text(
        x->out, &first, "verdict", cdn_str_z(verdicts[verdict < CDN_ARRAY_LEN(verdicts) ? verdict : 0]));
    cdn_buf_char(x->out, '}');
    x->left--;
}

static void out_summary(struct search *x, uint64_t record, const struct cdn_summary *m) {
    cordon_str rest = m->measures;
    out_head(x, m->appeal, m->at, record, m->key);
    struct cdn_buf *out = x->out;
    const size_t begin = out->n;
    cdn_buf_char(out, '[');
    for (size_t i = 0; i < m->measure_count; i++) {
        const cordon_str one = cdn_summary_measure(&rest);
        cordon_str before = m->measures;
        bool twice = false;
        for (size_t k = 0; k < i && !twice; k++)
            twice = cdn_str_eq(cdn_summary_measure(&before), one);
        if (twice)
            continue;
        if (out->n > begin + 1)
            cdn_buf_char(out, ',');
        cdn_buf_json(out, one);
    }
    cdn_buf_char(out, ']');
    out_tail(x, m->snapshot, m->verdict);
}

/* The text of a number, appended; as JSON, or as it is. */
static int name_text(struct search *x, uint32_t number, struct cdn_buf *out, bool json) {
    struct cdn_q q = cdn_q(x->db, "SELECT text FROM names WHERE number = ?");
    cdn_q_int(&q, number);
    if (cdn_q_next(&q) && json)
        cdn_buf_json(out, cdn_q_text(&q, 0));
    else if (!q.err && !json)
        cdn_buf_str(out, cdn_q_text(&q, 0));
    return cdn_q_end(&q, x->e);
}

static int out_entry(struct search *x, const struct cdn_entry *entry) {
    const uint8_t *measure = entry->measures;
    cdn_buf_clear(&x->key_text);
    cdn_buf_clear(&x->snapshot_text);
    int err = name_text(x, entry->key, &x->key_text, false);
    err = err ? err : name_text(x, entry->snapshot, &x->snapshot_text, false);
    out_head(x, entry->appeal, entry->at, entry->record, cdn_buf_get(&x->key_text));
    cdn_buf_char(x->out, '[');
    for (uint32_t i = 0; i < entry->measure_count && !err; i++) {
        if (i)
            cdn_buf_char(x->out, ',');
        err = name_text(x, cdn_store_entry_measure(&measure), x->out, true);
    }
    cdn_buf_char(x->out, ']');
    out_tail(x, cdn_buf_get(&x->snapshot_text), entry->verdict);
    return err;
}

/* ---- conditions
 * -------------------------------------------------------------------------------------------------- */

static int compare_records(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static bool has_party(const uint8_t *parties, size_t count, const uint8_t party[CDN_SUMMARY_PARTY]) {
    for (size_t i = 0; i < count; i++)
        if (memcmp(parties + i * CDN_SUMMARY_PARTY, party, CDN_SUMMARY_PARTY) == 0)
            return true;
    return false;
}

static bool plain_matches(const struct cdn_store_search *q, uint64_t record, int64_t at, uint8_t verdict) {
    const bool after = q->after == CDN_COUNT_NONE || (q->newest ? record < q->after : record > q->after);
    return after && (!q->verdict || verdict == q->verdict) &&
           (q->from == CDN_INSTANT_NONE || at >= q->from) && (q->until == CDN_INSTANT_NONE || at < q->until);
}

static bool summary_matches(const struct search *x, uint64_t record, const struct cdn_summary *m) {
    const struct cdn_store_search *q = x->q;
    cordon_str rest = m->measures;
    bool measure = q->measure.n == 0;
    if (!plain_matches(q, record, m->at, m->verdict) || (q->key.n && !cdn_str_eq(q->key, m->key)) ||
        (q->snapshot.n && !cdn_str_eq(q->snapshot, m->snapshot)) ||
        (q->party.n && !has_party(m->parties, m->party_count, x->party)))
        return false;
    for (size_t i = 0; i < m->measure_count && !measure; i++)
        measure = cdn_str_eq(cdn_summary_measure(&rest), q->measure);
    return measure;
}

static bool entry_matches(const struct search *x, const struct cdn_entry *entry) {
    const uint8_t *measures = entry->measures;
    bool measure = x->measure == 0;
    if (!plain_matches(x->q, entry->record, entry->at, entry->verdict) || (x->key && x->key != entry->key) ||
        (x->snapshot && x->snapshot != entry->snapshot) ||
        (x->q->party.n && !has_party(entry->parties, entry->party_count, x->party)))
        return false;
    for (uint32_t i = 0; i < entry->measure_count && !measure; i++)
        measure = cdn_store_entry_measure(&measures) == x->measure;
    return measure &&
           (!x->erased_count ||
            !bsearch(&entry->record, x->erased, x->erased_count, sizeof(*x->erased), compare_records));
}

/* ---- the database
 * ------------------------------------------------------------------------------------------------ */

/* Reads the page that a record is in, once for all that are tried in it. */
static int turn_to(struct search *x, uint64_t record) {
    struct cdn_entry entry;
    size_t at = 0;
    bool bad = false;
    int err = cdn_store_index_page(x->s, x->db, record, &x->page, &x->page_first, x->e);
    memset(x->there, 0, sizeof(x->there));
    while (!err && cdn_store_page_next(cdn_buf_get(&x->page), &at, x->page_first, &entry, &bad)) {
        const uint64_t place = entry.record - x->page_first; /* a byte */
        x->entries[place] = entry;
        x->there[place] = true;
    }
    return bad && !err ? cdn_fail(x->e, CORDON_E_FORMAT, "a page of the index is damaged") : err;
}

static int try_record(struct search *x, uint64_t record) {
    const uint64_t place = record % (x->s->tail.block / CDN_INDEX_PAGES);
    const int err = x->page_first == record - place ? 0 : turn_to(x, record);
    if (err || !x->there[place] || !entry_matches(x, &x->entries[place]))
        return err;
    return out_entry(x, &x->entries[place]);
}

static int by_party(struct search *x) {
    const bool newest = x->q->newest;
    const int64_t party = cdn_store_run_key(x->party);
    struct cdn_buf found;
    uint64_t at = newest ? x->high : x->low;
    int err = 0;
    cdn_buf_init(&found, x->s->alloc, CDN_MIB(64));
    while (!err && x->left && (newest ? at > x->low : at < x->high)) {
        uint64_t first = 0;
        uint64_t size = 0;
        unsigned level = 0;
        cdn_store_runs_of(x->s, x->end, newest ? at - 1 : at, &first, &size, &level);
        cdn_buf_clear(&found);
        err = cdn_store_runs_find(x->db, level, first, party, &found, x->e);
        const size_t count = found.n / sizeof(uint32_t);
        for (size_t i = 0; i < count && !err && x->left; i++) {
            uint32_t offset = 0;
            memcpy(&offset, found.p + (newest ? count - 1 - i : i) * sizeof(offset), sizeof(offset));
            if (first + offset >= x->low && first + offset < x->high)
                err = try_record(x, first + offset);
        }
        at = newest ? first : first + size;
    }
    cdn_buf_free(&found);
    return err;
}

/* Records of the block that have the bit, in order. */
static int try_block(struct search *x, uint64_t block, const uint8_t bits[CDN_INDEX_BLOCK / 8]) {
    const uint32_t size = x->s->tail.block;
    int err = 0;
    for (uint32_t i = 0; i < size && !err && x->left; i++) {
        const uint32_t place = x->q->newest ? size - 1 - i : i;
        const uint64_t record = block + place;
        if (bits[place / 8] >> (place & 7) & 1 && record >= x->low && record < x->high)
            err = try_record(x, record);
    }
    return err;
}

/* Leaves the bits of records that have the term, too. */
static int narrow(
    struct search *x, enum cdn_term kind, uint32_t name, uint64_t block, uint8_t bits[CDN_INDEX_BLOCK / 8]) {
    uint8_t other[CDN_INDEX_BLOCK / 8] = {0};
    if (!name)
        return 0;
    struct cdn_q q = cdn_q(x->db, "SELECT records FROM terms WHERE kind = ? AND name = ? AND block = ?");
    cdn_q_int(&q, kind);
    cdn_q_int(&q, name);
    cdn_q_count(&q, block);
    if (cdn_q_next(&q))
        cdn_store_index_places(x->s->tail.block, cdn_q_text(&q, 0), other);
    for (size_t i = 0; i < sizeof(other); i++)
        bits[i] &= other[i];
    return cdn_q_end(&q, x->e);
}

#define SPAN "b.first BETWEEN ?1 AND ?2 AND (?3 IS NULL OR b.at_max >= ?3) AND (?4 IS NULL OR b.at_min < ?4)"
#define OF_TERM                                                                                              \
    "SELECT t.block, t.records FROM terms t JOIN blocks b ON b.first = t.block WHERE t.kind = ?5 AND "       \
    "t.name = ?6 AND t.block BETWEEN ?1 AND ?2 AND " SPAN " ORDER BY t.block"
#define OF_TIME "SELECT b.first, NULL FROM blocks b WHERE " SPAN " ORDER BY b.first"

static int by_blocks(struct search *x) {
    const struct {
        enum cdn_term kind;
        uint32_t name;
    } terms[] = {{CDN_TERM_MEASURE, x->measure},
                 {CDN_TERM_VERDICT, x->q->verdict},
                 {CDN_TERM_SNAPSHOT, x->snapshot},
                 {CDN_TERM_KEY, x->key}};
    const uint32_t size = x->s->tail.block;
    size_t lead = 0;
    while (lead < CDN_ARRAY_LEN(terms) && !terms[lead].name)
        lead++;
    const bool led = lead < CDN_ARRAY_LEN(terms);
    struct cdn_q q = led            ? x->q->newest ? cdn_q(x->db, OF_TERM " DESC") : cdn_q(x->db, OF_TERM)
                                : x->q->newest ? cdn_q(x->db, OF_TIME " DESC")
                                    : cdn_q(x->db, OF_TIME);
    cdn_q_count(&q, x->low - x->low % size);
    cdn_q_count(&q, x->high);
    cdn_q_instant(&q, x->q->from);
    cdn_q_instant(&q, x->q->until);
    if (led) {
        cdn_q_int(&q, terms[lead].kind);
        cdn_q_int(&q, terms[lead].name);
    }
    int err = 0;
    while (!err && x->left && cdn_q_next(&q)) {
        uint8_t bits[CDN_INDEX_BLOCK / 8];
        const uint64_t block = cdn_q_get_count(&q, 0);
        memset(bits, 0xff, sizeof(bits));
        if (led)
            cdn_store_index_places(size, cdn_q_text(&q, 1), bits);
        for (size_t i = lead + 1; i < CDN_ARRAY_LEN(terms) && !err; i++)
            err = narrow(x, terms[i].kind, terms[i].name, block, bits);
        err = err ? err : try_block(x, block, bits);
    }
    const int end = cdn_q_end(&q, x->e);
    return err ? err : end;
}

/* ---- the block that fills
 * ---------------------------------------------------------------------------------------- */

/* Copies the hits in it, and what is erased and still in the database. Under its lock. */
static int copy_tail(struct search *x) {
    const struct cdn_index_tail *t = &x->s->tail;
    x->erased_cap = t->erased_count + 1;
    x->tail_cap = (size_t)t->count + 1;
    x->erased = cdn_alloc(x->s->alloc, x->erased_cap * sizeof(*x->erased));
    x->tail_records = x->erased ? cdn_alloc(x->s->alloc, x->tail_cap * sizeof(*x->tail_records)) : NULL;
    if (!x->erased || !x->tail_records)
        return cdn_fail(x->e, CORDON_E_NOMEM, "out of memory");
    x->erased_count = t->erased_count;
    if (t->erased_count)
        memcpy(x->erased, t->erased, t->erased_count * sizeof(*x->erased));
    qsort(x->erased, x->erased_count, sizeof(*x->erased), compare_records);
    for (uint32_t i = 0; i < t->count && x->tail_count < x->left; i++) {
        struct cdn_summary m;
        const uint32_t place = x->q->newest ? t->count - 1 - i : i;
        const uint64_t record = t->first + place;
        if (record < x->end || !cdn_store_tail_get(t, place, &m) || !summary_matches(x, record, &m))
            continue;
        const char *from = t->bytes.p + t->at[place] - 1;
        if (cdn_summary_copy(&x->tail, cdn_str(from, (size_t)(cdn_summary_read(from, &m) - from))))
            return cdn_fail(x->e, CORDON_E_NOMEM, "out of memory");
        x->tail_records[x->tail_count++] = record;
    }
    return 0;
}

static void out_copied(struct search *x) {
    const char *p = x->tail.p;
    for (size_t i = 0; i < x->tail_count && x->left; i++) {
        struct cdn_summary m;
        p = cdn_summary_read(p, &m);
        out_summary(x, x->tail_records[i], &m);
    }
}

/* ---- the whole
 * --------------------------------------------------------------------------------------------------- */

static int numbers(struct search *x) {
    const cordon_str texts[3] = {x->q->measure, x->q->key, x->q->snapshot};
    uint32_t *const to[3] = {&x->measure, &x->key, &x->snapshot};
    int err = 0;
    for (size_t i = 0; i < 3 && !err; i++) {
        int64_t number = 0;
        if (!texts[i].n)
            continue;
        if (!cdn_store_index_name(x->db, texts[i], &number, &err, x->e))
            x->impossible = true;
        *to[i] = (uint32_t)number;
    }
    return err;
}

static int begin(struct search *x) {
    struct cdn_index_tail *t = &x->s->tail;
    (void)pthread_mutex_lock(&t->lock);
    int err = cdn_db_run(x->db, "BEGIN", x->e);
    if (!err) {
        err = cdn_db_applied(x->db, &x->end, x->e);
        err = err ? err : copy_tail(x);
        if (err)
            (void)sqlite3_exec(x->db->h, "ROLLBACK", NULL, NULL, NULL);
    }
    (void)pthread_mutex_unlock(&t->lock);
    return err;
}

static int in_database(struct search *x) {
    int err = numbers(x);
    x->low = 0;
    x->high = x->end;
    if (x->q->after != CDN_COUNT_NONE && x->q->newest)
        x->high = CDN_MIN(x->high, x->q->after);
    else if (x->q->after != CDN_COUNT_NONE)
        x->low = CDN_MIN(x->q->after, x->end) + 1;
    if (err || x->impossible || x->low >= x->high)
        return err;
    return x->q->party.n ? by_party(x) : by_blocks(x);
}

static int search(struct search *x) {
    cdn_buf_init(&x->page, x->s->alloc, SIZE_MAX / 4);
    cdn_buf_init(&x->tail, x->s->alloc, SIZE_MAX / 4);
    cdn_buf_init(&x->key_text, x->s->alloc, SIZE_MAX / 4);
    cdn_buf_init(&x->snapshot_text, x->s->alloc, SIZE_MAX / 4);
    x->page_first = CDN_COUNT_NONE;
    x->left = x->q->limit ? CDN_MIN(x->q->limit, 1000u) : 100;
    int err = begin(x);
    if (!err) {
        cdn_buf_char(x->out, '[');
        if (x->q->newest)
            out_copied(x);
        err = in_database(x);
        if (!err && !x->q->newest)
            out_copied(x);
        cdn_buf_char(x->out, ']');
        const int end = cdn_db_run(x->db, "COMMIT", err ? NULL : x->e);
        err = err ? err : end;
    }
    cdn_buf_free(&x->page);
    cdn_buf_free(&x->tail);
    cdn_free(x->s->alloc, x->erased, x->erased_cap * sizeof(*x->erased));
    cdn_free(x->s->alloc, x->tail_records, x->tail_cap * sizeof(*x->tail_records));
    cdn_buf_free(&x->key_text);
    cdn_buf_free(&x->snapshot_text);
    return err ? err : x->out->err;
}

int cdn_store_search(struct cdn_store *s,
                     const struct cdn_store_search *q,
                     struct cdn_buf *out,
                     struct cordon_error *e) {
    if (q->party.n && !cdn_record_is_hex(q->party, CDN_FINGERPRINT_TEXT))
        return cdn_fail(e, CORDON_E_ARG, "not the fingerprint of a party");
    struct cdn_reader *r = cdn_store_take(s);
    struct search x = {.s = s, .db = &r->index, .q = q, .out = out, .e = e};
    if (q->party.n)
        cdn_fingerprint_bytes(q->party, x.party);
    const int err = search(&x);
    cdn_store_give(s, r);
    return err;
}

/* ---- one record
 * -------------------------------------------------------------------------------------------------- */

bool cdn_store_index_is_erased(struct cdn_store *s, uint64_t record) {
    bool erased = false;
    (void)pthread_mutex_lock(&s->tail.lock);
    for (size_t i = 0; i < s->tail.erased_count && !erased; i++)
        erased = s->tail.erased[i] == record;
    (void)pthread_mutex_unlock(&s->tail.lock);
    return erased;
}

int cdn_store_index_parties(
    struct cdn_store *s, struct cdn_reader *r, uint64_t record, struct cdn_buf *ret, struct cordon_error *e) {
    struct cdn_buf page;
    struct cdn_entry entry;
    struct cdn_summary m;
    uint64_t first = 0;
    size_t at = 0;
    bool bad = false;
    (void)pthread_mutex_lock(&s->tail.lock);
    const bool filling = record >= s->tail.first;
    if (filling && record - s->tail.first < s->tail.count &&
        cdn_store_tail_get(&s->tail, (uint32_t)(record - s->tail.first), &m))
        cdn_buf_put(ret, m.parties, m.party_count * CDN_SUMMARY_PARTY);
    (void)pthread_mutex_unlock(&s->tail.lock);
    if (filling)
        return ret->err ? cdn_fail(e, ret->err, "out of memory") : 0;
    cdn_buf_init(&page, s->alloc, SIZE_MAX / 4);
    int err = cdn_store_index_page(s, &r->index, record, &page, &first, e);
    while (!err && cdn_store_page_next(cdn_buf_get(&page), &at, first, &entry, &bad))
        if (entry.record == record)
            cdn_buf_put(ret, entry.parties, (size_t)entry.party_count * CDN_SUMMARY_PARTY);
    cdn_buf_free(&page);
    if (!err && (bad || ret->err))
        err = cdn_fail(e, bad ? CORDON_E_FORMAT : CORDON_E_NOMEM, "a page of the index is damaged");
    return err;
}

int cdn_store_index_answers(struct cdn_store *s,
                            struct cdn_reader *r,
                            uint64_t record,
                            struct cordon_error *e) {
    struct cdn_summary m;
    (void)pthread_mutex_lock(&s->tail.lock);
    const int64_t since = cdn_store_index_once_since(&s->tail);
    const bool filling = record >= s->tail.first;
    bool answers = filling && record - s->tail.first < s->tail.count &&
                   cdn_store_tail_get(&s->tail, (uint32_t)(record - s->tail.first), &m) && m.has_once &&
                   m.recorded >= since;
    (void)pthread_mutex_unlock(&s->tail.lock);
    if (filling)
        return answers;
    struct cdn_q q = cdn_q(&r->index, "SELECT 1 FROM idempotency WHERE record = ? AND at >= ?");
    cdn_q_count(&q, record);
    cdn_q_int(&q, since);
    answers = cdn_q_next(&q);
    const int err = cdn_q_end(&q, e);
    return err ? err : answers;
}
