/* SPDX-License-Identifier: Apache-2.0 */
/* summary.c: see summary.h.
 *
 *   struct head, id and digest of idempotency (if any), parties, key, snapshot, measures (u32 and text each),
 *   text
 *
 * The text of a CHANGE is the record with an empty request and an empty decision: the state looks into
 * neither, and so one reader serves both. */
#include "store/summary.h"

#include "store/store_priv.h"

struct head {
    int64_t at, recorded, keep_until;
    uint64_t appeal;
    uint32_t bytes; /* of the whole */
    uint32_t key_n, snapshot_n, party_count, measure_count, measures_n, text_n;
    uint8_t kind, verdict, has_once, unused;
};

static size_t begin(struct cdn_buf *out, struct head *h, unsigned kind) {
    const size_t from = out->n;
    *h = (struct head){.kind = (uint8_t)kind,
                       .at = CDN_INSTANT_NONE,
                       .recorded = CDN_INSTANT_NONE,
                       .keep_until = CDN_INSTANT_NONE,
                       .appeal = CDN_COUNT_NONE};
    cdn_buf_zero(out, sizeof(*h));
    return from;
}

/* Fills in the head, or takes everything back. */
static int end(struct cdn_buf *out, struct head *h, size_t from) {
    const int err = out->err ? out->err : out->n - from > UINT32_MAX ? CORDON_E_LIMIT : 0;
    if (err) {
        out->n = from;
        return err;
    }
    h->bytes = (uint32_t)(out->n - from);
    memcpy(out->p + from, h, sizeof(*h));
    return 0;
}

static void put_party(struct cdn_buf *out, cordon_str hex) {
    uint8_t bytes[CDN_SUMMARY_PARTY];
    cdn_fingerprint_bytes(hex, bytes);
    cdn_buf_put(out, bytes, sizeof(bytes));
}

static bool changes(const struct cdn_record_decision *d) {
    if (d->appeal != CDN_COUNT_NONE)
        return false;
    bool task = d->effects.hold_count || d->effects.cap_count;
    for (size_t i = 0; i < d->effects.duty_count && !task; i++)
        task = cdn_duty_is_task(&d->effects.duties[i]);
    return task;
}

int cdn_summary_decision(struct cdn_buf *out, const struct cdn_record_decision *d) {
    const struct cdn_effects *f = &d->effects;
    const bool change = changes(d);
    struct head h;
    const size_t from = begin(out, &h, change ? CDN_SUMMARY_CHANGE : CDN_SUMMARY_DECISION);
    h.at = d->at;
    h.recorded = d->recorded;
    h.keep_until = f->keep_until;
    h.appeal = d->appeal;
    h.verdict = f->verdict;
    h.has_once = d->idempotency_key.n != 0;
    h.key_n = (uint32_t)d->key.n;
    h.snapshot_n = (uint32_t)d->snapshot.n;
    h.party_count = (uint32_t)f->party_count;
    h.measure_count = (uint32_t)f->measure_count;
    if (h.has_once) {
        uint8_t once[2 * CDN_SUMMARY_ONCE];
        cdn_idempotency_id(d->key, d->idempotency_key, once);
        cdn_idempotency_digest(d->idempotency_digest, once + CDN_SUMMARY_ONCE);
        cdn_buf_put(out, once, sizeof(once));
    }
    for (size_t i = 0; i < f->party_count; i++)
        put_party(out, f->parties[i]);
    cdn_buf_str(out, d->key);
    cdn_buf_str(out, d->snapshot);
    size_t at = out->n;
    for (size_t i = 0; i < f->measure_count; i++) {
        const uint32_t n = (uint32_t)f->measures[i].n;
        cdn_buf_put(out, &n, sizeof(n));
        cdn_buf_str(out, f->measures[i]);
    }
    h.measures_n = (uint32_t)(out->n - at);
    at = out->n;
    int err = 0;
    if (change) {
        struct cdn_record_decision bare = *d;
        bare.request = bare.decision = CDN_STR("{}");
        err = cdn_record_write_decision(out, &bare, NULL);
    }
    h.text_n = (uint32_t)(out->n - at);
    const int bad = end(out, &h, from);
    if (err && !bad)
        out->n = from;
    return err ? err : bad;
}

int cdn_summary_event(struct cdn_buf *out, cordon_str record) {
    struct head h;
    const size_t from = begin(out, &h, CDN_SUMMARY_EVENT);
    cdn_buf_str(out, record);
    h.text_n = (uint32_t)record.n;
    return end(out, &h, from);
}

int cdn_summary_none(struct cdn_buf *out) {
    struct head h;
    const size_t from = begin(out, &h, CDN_SUMMARY_NONE);
    return end(out, &h, from);
}

int cdn_summary_record(struct cdn_buf *out,
                       cordon_str record,
                       struct cdn_arena *arena,
                       struct cordon_error *e) {
    struct cdn_record r;
    int err = 0;
    if (!record.p) {
        err = cdn_summary_none(out);
    } else {
        err = cdn_record_read(record, arena, &r, e);
        if (err)
            return err;
        err = r.kind == CDN_RECORD_EVENT ? cdn_summary_event(out, record)
                                         : cdn_summary_decision(out, &r.u.decision);
    }
    return err ? cdn_fail(e, err, "no memory for the summary of a record") : 0;
}

const char *cdn_summary_read(const char *p, struct cdn_summary *ret) {
    struct head h;
    memcpy(&h, p, sizeof(h));
    const char *at = p + sizeof(h);
    *ret = (struct cdn_summary){.kind = h.kind,
                                .verdict = h.verdict,
                                .has_once = h.has_once,
                                .at = h.at,
                                .recorded = h.recorded,
                                .keep_until = h.keep_until,
                                .appeal = h.appeal,
                                .party_count = h.party_count,
                                .measure_count = h.measure_count};
    if (h.has_once) {
        memcpy(ret->once_id, at, CDN_SUMMARY_ONCE);
        memcpy(ret->once_digest, at + CDN_SUMMARY_ONCE, CDN_SUMMARY_ONCE);
        at += (size_t)2 * CDN_SUMMARY_ONCE;
    }
    ret->parties = (const uint8_t *)at;
    at += (size_t)h.party_count * CDN_SUMMARY_PARTY;
    ret->key = cdn_str(at, h.key_n);
    at += h.key_n;
    ret->snapshot = cdn_str(at, h.snapshot_n);
    at += h.snapshot_n;
    ret->measures = cdn_str(at, h.measures_n);
    at += h.measures_n;
    ret->text = cdn_str(at, h.text_n);
    return p + h.bytes;
}

cordon_str cdn_summary_measure(cordon_str *rest) {
    uint32_t n = 0;
    if (rest->n < sizeof(n))
        return (cordon_str){NULL, 0};
    memcpy(&n, rest->p, sizeof(n));
    const cordon_str one = cdn_str(rest->p + sizeof(n), n);
    *rest = cdn_str(one.p + n, rest->n - sizeof(n) - n);
    return one;
}

int cdn_summary_copy(struct cdn_buf *out, cordon_str summary) {
    struct head h;
    memcpy(&h, summary.p, sizeof(h));
    const size_t from = out->n;
    cdn_buf_put(out, summary.p, summary.n - h.text_n);
    h.text_n = 0;
    return end(out, &h, from);
}
