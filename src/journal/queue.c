/* SPDX-License-Identifier: Apache-2.0 */
/* queue.c: the callers' side: appending to the batch that fills, waiting, and the figures for metrics.
 *
 * Records are laid out in the batch as they will stand in a block, so that the committer packs without
 * copying. */
#include <time.h>

#include "journal/journal_priv.h"

int64_t cdn_journal_now(const struct cdn_journal *j) {
    if (j->o.now_ns)
        return j->o.now_ns(j->o.ctx);
    struct timespec t;
    /* allowed: pace and latency only, recorded nowhere */
    return clock_gettime(CLOCK_MONOTONIC, &t) == 0 ? (int64_t)t.tv_sec * 1000000000 + t.tv_nsec : 0;
}

void cdn_batch_clear(struct cdn_batch *b) {
    b->n = b->block_count = 0;
    b->count = 0;
}

void cdn_batch_free(struct cdn_batch *b, const struct cordon_alloc *alloc) {
    cdn_free(alloc, b->p, b->cap);
    cdn_free(alloc, b->blocks, b->block_cap * sizeof(*b->blocks));
    *b = (struct cdn_batch){.p = NULL};
}

/* Room for `bytes` and `records` more; nothing changes on failure. */
static int reserve(struct cdn_journal *j, struct cdn_batch *b, size_t bytes, size_t records) {
    int err = cdn_grow(j->alloc, (void **)&b->p, &b->cap, b->n + bytes, 1);
    if (!err)
        err = cdn_grow(
            j->alloc, (void **)&b->blocks, &b->block_cap, b->block_count + records, sizeof(*b->blocks));
    return err;
}

static void put(struct cdn_batch *b, const struct cdn_journal_item *item) {
    const size_t n = CDN_RECORD_EXTRA + item->payload.n;
    struct cdn_batch_block *last = b->block_count ? &b->blocks[b->block_count - 1] : NULL;
    if (!last || last->n + n > CDN_BLOCK_RAW) {
        last = &b->blocks[b->block_count++];
        *last = (struct cdn_batch_block){.at = b->n};
    }
    cdn_record_head_write(b->p + b->n, (uint32_t)item->payload.n, 0, item->retain_until);
    memset(b->p + b->n + CDN_RECORD_HEAD, 0, CDN_SALT);
    if (item->payload.n > 0)
        memcpy(b->p + b->n + CDN_RECORD_EXTRA, item->payload.p, item->payload.n);
    b->n += n;
    last->n += n;
    last->count++;
    b->count++;
}

static int refuse(const struct cdn_journal *j, struct cordon_error *e) {
    if (e) {
        *e = j->why;
        if (e->code == 0)
            e->code = CORDON_E_IO;
    }
    return CORDON_E_IO;
}

int cdn_journal_append_many(struct cdn_journal *j,
                            const struct cdn_journal_item *items,
                            size_t count,
                            uint32_t flags,
                            uint64_t *ret_first,
                            struct cordon_error *e) {
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        if (items[i].payload.n > CDN_JOURNAL_MAX_RECORD)
            return cdn_fail(e, CORDON_E_LIMIT, "a record has at most %zu bytes", CDN_JOURNAL_MAX_RECORD);
        bytes += CDN_RECORD_EXTRA + items[i].payload.n;
    }
    (void)pthread_mutex_lock(&j->queue_lock);
    int err = CORDON_OK;
    for (;;) {
        if (j->closing)
            err = cdn_fail(e, CORDON_E_STATE, "the journal is being closed");
        else if (j->failed)
            err = refuse(j, e);
        else if (j->filling->count == 0 || j->filling->n + bytes <= j->o.queue_bytes)
            break;
        else if (flags & CDN_JOURNAL_NOWAIT)
            err = cdn_fail(e, CORDON_E_LIMIT, "the journal has not yet written what waits");
        if (err)
            break;
        (void)pthread_cond_wait(&j->room, &j->queue_lock);
    }
    if (!err && reserve(j, j->filling, bytes, count))
        err = cdn_fail(e, CORDON_E_NOMEM, "no memory for a record");
    if (!err) {
        struct cdn_batch *b = j->filling;
        if (b->count == 0 && count > 0) {
            b->first = j->next;
            b->since = cdn_journal_now(j);
        }
        for (size_t i = 0; i < count; i++)
            put(b, &items[i]);
        *ret_first = j->next;
        j->next += count;
        if (!(flags & CDN_JOURNAL_LATER))
            (void)pthread_cond_signal(&j->work);
    }
    (void)pthread_mutex_unlock(&j->queue_lock);
    return err;
}

void cdn_journal_push(struct cdn_journal *j) {
    (void)pthread_mutex_lock(&j->queue_lock);
    if (j->filling->count > 0)
        (void)pthread_cond_signal(&j->work);
    (void)pthread_mutex_unlock(&j->queue_lock);
}

int cdn_journal_append(struct cdn_journal *j,
                       cordon_str payload,
                       int64_t retain_until,
                       uint32_t flags,
                       uint64_t *ret_index,
                       struct cordon_error *e) {
    const struct cdn_journal_item item = {.payload = payload, .retain_until = retain_until};
    return cdn_journal_append_many(j, &item, 1, flags, ret_index, e);
}

int cdn_journal_wait(struct cdn_journal *j, uint64_t size, struct cordon_error *e) {
    int err = CORDON_OK;
    (void)pthread_mutex_lock(&j->queue_lock);
    if (j->durable < size) /* what was left for later, perhaps by this thread */
        (void)pthread_cond_signal(&j->work);
    while (!err && j->durable < size) {
        if (j->failed)
            err = refuse(j, e);
        else if (size > j->next)
            err = cdn_fail(e, CORDON_E_RANGE, "nobody appended record %llu", (unsigned long long)(size - 1));
        else
            (void)pthread_cond_wait(&j->done, &j->queue_lock);
    }
    (void)pthread_mutex_unlock(&j->queue_lock);
    return err;
}

int cdn_journal_health(struct cdn_journal *j, struct cordon_error *e) {
    (void)pthread_mutex_lock(&j->queue_lock);
    const int err = j->failed ? refuse(j, e) : CORDON_OK;
    (void)pthread_mutex_unlock(&j->queue_lock);
    return err;
}

uint64_t cdn_journal_head(struct cdn_journal *j) {
    (void)pthread_mutex_lock(&j->queue_lock);
    const uint64_t head = j->durable;
    (void)pthread_mutex_unlock(&j->queue_lock);
    return head;
}

void cdn_journal_state(struct cdn_journal *j, struct cdn_journal_state *ret) {
    (void)pthread_mutex_lock(&j->queue_lock);
    *ret = j->stats;
    ret->appended = j->next;
    ret->durable = j->durable;
    ret->queued_bytes = j->filling->n;
    ret->queued_records = j->filling->count;
    ret->checkpoint_size = j->published;
    ret->failed = j->failed;
    (void)pthread_mutex_unlock(&j->queue_lock);
    (void)pthread_mutex_lock(&j->segs.lock);
    ret->segments = j->segs.count;
    (void)pthread_mutex_unlock(&j->segs.lock);
}
