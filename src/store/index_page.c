/* SPDX-License-Identifier: Apache-2.0 */
/* index_page.c: decisions in a page of the index, one behind the other:
 *
 *   u8 place in the page, u8 verdict, varints: instant less the one before (zigzag), key, snapshot, appeal +
 * 1 or 0, number of measures, measures, number of parties; then the parties, 16 bytes each
 *
 * Every page stands alone: its first instant is counted from 0. Damage is noticed, never followed. */
#include "store/index_priv.h"

void cdn_store_page_put_varint(struct cdn_buf *out, uint64_t v) {
    uint8_t bytes[10];
    size_t n = 0;
    for (; v >= 0x80; v >>= 7)
        bytes[n++] = (uint8_t)(v | 0x80);
    bytes[n++] = (uint8_t)v;
    cdn_buf_put(out, bytes, n);
}

bool cdn_store_page_varint(const uint8_t **p, const uint8_t *end, uint64_t *ret) {
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64 && *p < end; shift += 7) {
        const uint8_t byte = *(*p)++;
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            *ret = v;
            return true;
        }
    }
    return false;
}

void cdn_store_page_put(struct cdn_buf *out, const struct cdn_entry *x, uint64_t first, int64_t *last_at) {
    const uint64_t delta = (uint64_t)x->at - (uint64_t)*last_at;
    cdn_buf_char(out, (char)(x->record - first));
    cdn_buf_char(out, (char)x->verdict);
    cdn_store_page_put_varint(out, delta << 1 ^ (uint64_t)(-(int64_t)(delta >> 63)));
    cdn_store_page_put_varint(out, x->key);
    cdn_store_page_put_varint(out, x->snapshot);
    cdn_store_page_put_varint(out, x->appeal == CDN_COUNT_NONE ? 0 : x->appeal + 1);
    cdn_store_page_put_varint(out, x->measure_count);
    const uint8_t *p = x->measures;
    for (uint32_t i = 0; i < x->measure_count; i++)
        cdn_store_page_put_varint(out, cdn_store_entry_measure(&p));
    cdn_store_page_put_varint(out, x->party_count);
    cdn_buf_put(out, x->parties, (size_t)x->party_count * CDN_SUMMARY_PARTY);
    *last_at = x->at;
}

uint32_t cdn_store_entry_measure(const uint8_t **p) {
    uint64_t v = 0;
    (void)cdn_store_page_varint(p, *p + 10, &v); /* checked when the page was read */
    return (uint32_t)v;
}

static bool small(const uint8_t **p, const uint8_t *end, uint32_t *ret) {
    uint64_t v = 0;
    const bool good = cdn_store_page_varint(p, end, &v) && v <= UINT32_MAX;
    *ret = (uint32_t)v;
    return good;
}

static bool read_entry(const uint8_t **p, const uint8_t *end, struct cdn_entry *x) {
    uint64_t delta = 0;
    uint64_t appeal = 0;
    uint32_t measure = 0;
    if (end - *p < 2)
        return false;
    x->record += *(*p)++;
    x->verdict = *(*p)++;
    if (!cdn_store_page_varint(p, end, &delta) || !small(p, end, &x->key) || !small(p, end, &x->snapshot) ||
        !cdn_store_page_varint(p, end, &appeal) || !small(p, end, &x->measure_count))
        return false;
    x->at = (int64_t)((uint64_t)x->at + (delta >> 1 ^ (uint64_t)(-(int64_t)(delta & 1))));
    x->appeal = appeal ? appeal - 1 : CDN_COUNT_NONE;
    x->measures = *p;
    for (uint32_t i = 0; i < x->measure_count; i++)
        if (!small(p, end, &measure))
            return false;
    if (!small(p, end, &x->party_count) || (size_t)(end - *p) / CDN_SUMMARY_PARTY < x->party_count)
        return false;
    x->parties = *p;
    *p += (size_t)x->party_count * CDN_SUMMARY_PARTY;
    return true;
}

bool cdn_store_page_next(cordon_str page, size_t *at, uint64_t first, struct cdn_entry *x, bool *ret_bad) {
    if (*at == 0)
        x->at = 0;
    if (*at >= page.n)
        return false;
    const uint8_t *begin = (const uint8_t *)page.p;
    const uint8_t *p = begin + *at;
    x->record = first;
    if (!read_entry(&p, begin + page.n, x)) {
        *ret_bad = true;
        return false;
    }
    *at = (size_t)(p - begin);
    return true;
}

int cdn_store_index_page(struct cdn_store *s,
                         struct cdn_db *db,
                         uint64_t record,
                         struct cdn_buf *ret,
                         uint64_t *ret_first,
                         struct cordon_error *e) {
    const uint64_t size = s->tail.block / CDN_INDEX_PAGES;
    struct cdn_q q = cdn_q(db, "SELECT entries FROM pages WHERE first = ?");
    *ret_first = record - record % size;
    cdn_buf_clear(ret);
    cdn_q_count(&q, *ret_first);
    if (cdn_q_next(&q))
        cdn_buf_str(ret, cdn_q_text(&q, 0));
    const int err = cdn_q_end(&q, e);
    return err ? err : ret->err ? cdn_fail(e, ret->err, "out of memory") : 0;
}
