/* SPDX-License-Identifier: Apache-2.0 */
/* commit.c: the committer's thread: a batch becomes blocks in a segment, is synced, is acknowledged, and then
 * its leaves are computed for the tree. While one group is being synced the next one gathers, so that load
 * makes groups longer and not slower.
 *
 *  1. Order: write, fdatasync, (durable, on_durable), tree. A leaf enters the tree only when its record is on
 * disk.
 *  2. After a failed write or fdatasync nothing more goes into that segment: what the kernel kept or dropped
 * of it is unknown, and asking fdatasync again would be answered with a success that means nothing.
 *  3. Space is taken ahead: behind a group that does not fit into the file as it is, zeros are written, which
 * the next groups overwrite. A file that grows has its inode written with every fdatasync, which doubles the
 * time of a small group. Zeros end at the segment's size, and are cut off when the segment is left or the
 * journal closed; only a crash leaves some, behind the last record of the newest segment. No room for them is
 * no failure. */
#include <zstd.h>

#include "journal/journal_priv.h"

enum { ZSTD_LEVEL = -3 };
enum { AHEAD_LEAST = 1 << 16, AHEAD_MOST = CDN_JOURNAL_AHEAD, PAGE = 4096 };

/* ---- one group
 * ---------------------------------------------------------------------------------------------- */

/* What is left of the pool serves the next group; what was given out is wiped. */
static void salt(struct cdn_journal *j, struct cdn_batch *b) {
    for (size_t i = 0, at = 0; i < b->count; i++) {
        struct cdn_journal_record r;
        uint8_t *to = b->p + at + CDN_RECORD_HEAD;
        if (cdn_record_next(b->p, b->n, &at, &r))
            return; /* cannot be: we wrote it */
        if (j->salts_left == 0) {
            cdn_sign_random(j->salts, sizeof(j->salts));
            j->salts_left = CDN_JOURNAL_SALTS;
        }
        uint8_t *from = j->salts[--j->salts_left];
        memcpy(to, from, CDN_SALT);
        memset(from, 0, CDN_SALT);
    }
}

/* Zeros behind a group that made the file longer; as many again as the segment has, within bounds. A group
 * that is longer than they would be gains nothing by them. */
static void take_ahead(struct cdn_journal *j, int file, size_t group) {
    static const uint8_t zeros[1 << 15];
    const uint64_t step = CDN_MIN(CDN_MAX(j->seg_at, (uint64_t)AHEAD_LEAST), (uint64_t)AHEAD_MOST);
    const uint64_t end = CDN_MIN((j->seg_at + step) / PAGE * PAGE, (uint64_t)j->o.segment_bytes);
    j->seg_ahead = j->seg_at;
    while (!j->o.no_sync && group < step && j->seg_ahead < end) {
        const size_t n = (size_t)CDN_MIN((uint64_t)sizeof(zeros), end - j->seg_ahead);
        const int64_t put = j->io.ops->write(j->io.ops->ctx, file, zeros, n, j->seg_ahead);
        if (put <= 0)
            break;
        j->seg_ahead += (uint64_t)put;
    }
}

/* Writes what has gathered in `out` at the end of the segment. */
static int flush(struct cdn_journal *j, size_t *n) {
    const int file = j->segs.seg[j->segs.count - 1].file;
    const int err = *n > 0 ? cdn_io_put(&j->io, file, j->out, *n, j->seg_at) : 0;
    if (!err) {
        j->seg_at += *n;
        if (j->seg_at > j->seg_ahead)
            take_ahead(j, file, *n);
    }
    *n = 0;
    return err;
}

/* Takes away what was taken ahead: nothing is written behind the last record. */
static int leave_segment(struct cdn_journal *j, struct cordon_error *e) {
    if (j->seg_open && j->seg_ahead > j->seg_at) {
        const int file = j->segs.seg[j->segs.count - 1].file;
        int bad = j->io.ops->cut(j->io.ops->ctx, file, j->seg_at);
        if (!bad)
            bad = j->io.ops->sync(j->io.ops->ctx, file);
        if (bad) {
            j->seg_broken = true;
            return cdn_io_fail(e, bad, "ending", CDN_SEGS_DIR);
        }
    }
    j->seg_open = j->seg_over = false;
    return CORDON_OK;
}

static int reserve_out(struct cdn_journal *j, size_t need) {
    return cdn_grow(j->alloc, (void **)&j->out, &j->out_cap, need, 1);
}

/* One block, packed, behind the *n bytes in `out`. */
static int pack(struct cdn_journal *j,
                const struct cdn_batch *b,
                const struct cdn_batch_block *from,
                uint64_t first,
                size_t *n,
                struct cordon_error *e) {
    const size_t bound = ZSTD_compressBound(from->n);
    if (reserve_out(j, *n + CDN_BLOCK_HEAD + bound))
        return cdn_fail(e, CORDON_E_NOMEM, "no memory to pack records");
    uint8_t *body = j->out + *n + CDN_BLOCK_HEAD;
    struct cdn_block block = {.first = first,
                              .count = from->count,
                              .raw = (uint32_t)from->n,
                              .durable = j->synced,
                              .group = b->first,
                              .flags = j->o.no_sync ? CDN_BLOCK_UNSYNCED : 0};
    size_t got = ZSTD_compressCCtx(j->zstd, body, bound, b->p + from->at, from->n, ZSTD_LEVEL);
    if (ZSTD_isError(got) || got >= from->n) {
        got = from->n;
        memcpy(body, b->p + from->at, from->n);
    } else {
        block.flags |= CDN_BLOCK_ZSTD;
    }
    block.stored = (uint32_t)got;
    cdn_block_head_write(&j->hasher, &block, body, j->out + *n);
    *n += CDN_BLOCK_HEAD + got;
    return j->hasher.broken ? cdn_fail(e, CORDON_E_INTERNAL, "libcrypto failed to hash") : CORDON_OK;
}

static int write_blocks(struct cdn_journal *j, struct cdn_batch *b, struct cordon_error *e) {
    size_t n = 0;
    uint64_t first = b->first;
    int err = CORDON_OK;
    for (size_t i = 0; i < b->block_count && !err; i++) {
        const uint64_t at = j->seg_at + n;
        err = pack(j, b, &b->blocks[i], first, &n, e);
        if (!err && cdn_segs_note(&j->segs, first, at))
            err = cdn_fail(e, CORDON_E_NOMEM, "no memory for the table of blocks");
        first += b->blocks[i].count;
        if (!err && (n >= CDN_JOURNAL_OUT || i + 1 == b->block_count)) {
            const int wrote = flush(j, &n);
            if (wrote)
                err = cdn_io_fail(e, wrote, "writing", CDN_SEGS_DIR);
        }
    }
    return err;
}

static int commit(struct cdn_journal *j, struct cdn_batch *b, int64_t *ret_sync, struct cordon_error *e) {
    int err = CORDON_OK;
    if (!j->seg_open || j->seg_over || j->seg_at >= j->o.segment_bytes) {
        err = leave_segment(j, e);
        if (!err)
            err = cdn_segs_create(&j->segs, b->first, &j->hasher, e);
        if (err)
            return err;
        j->seg_open = true;
        j->seg_broken = false;
        j->seg_at = j->seg_ahead = CDN_SEG_HEAD;
    }
    const uint64_t begun = j->seg_at;
    salt(j, b);
    err = write_blocks(j, b, e);
    const int64_t before = cdn_journal_now(j);
    if (!err && !j->o.no_sync) {
        const int synced = j->io.ops->sync(j->io.ops->ctx, j->segs.seg[j->segs.count - 1].file);
        if (synced)
            err = cdn_io_fail(e, synced, "syncing", CDN_SEGS_DIR);
    }
    if (err) {
        j->seg_at = begun; /* what recovery cuts it to */
        j->seg_broken = true;
        return err;
    }
    *ret_sync = cdn_journal_now(j) - before;
    if (!j->o.no_sync)
        j->synced = b->first + b->count;
    return CORDON_OK;
}

/* ---- the tree
 * ------------------------------------------------------------------------------------------------ */

static int add_raw(struct cdn_journal *j,
                   const uint8_t *raw,
                   size_t n,
                   uint64_t first,
                   uint64_t count,
                   struct cordon_error *e) {
    size_t at = 0;
    int err = CORDON_OK;
    for (uint64_t i = 0; i < count && !err; i++) {
        struct cdn_journal_record r;
        if (cdn_record_next(raw, n, &at, &r))
            return cdn_fail(e, CORDON_E_DIGEST, "record %llu is not whole", (unsigned long long)(first + i));
        if (first + i < j->tree->size)
            continue;
        if (!r.erased)
            cdn_hash_commit(&j->hasher, r.salt, r.payload, r.leaf);
        err = cdn_tree_add(j->tree, &j->hasher, &j->io, r.leaf, e);
    }
    return err;
}

int cdn_journal_rehash(struct cdn_journal *j, uint64_t to, struct cordon_error *e) {
    struct cdn_iter it;
    int err = cdn_iter_init(&it, &j->segs, &j->hasher, j->tree->size, to, e);
    if (err)
        return err;
    while (j->tree->size < to) {
        const uint8_t *raw;
        const int got = cdn_iter_next(&it, &raw, e);
        if (got <= 0) {
            err = got ? got : cdn_fail(e, CORDON_E_DIGEST, "records are missing");
            break;
        }
        err = add_raw(j, raw, it.block.raw, it.block.first, it.block.count, e);
        if (err)
            break;
    }
    cdn_iter_free(&it);
    return err;
}

/* ---- the thread
 * ------------------------------------------------------------------------------------------------ */

/* Gives up what is not durable and refuses more. */
static void fail(struct cdn_journal *j, const struct cordon_error *why) {
    (void)pthread_mutex_lock(&j->queue_lock);
    j->failed = true;
    j->why = *why;
    j->stats.failures++;
    const uint64_t first = j->durable, count = j->next - j->durable;
    j->next = j->durable;
    cdn_batch_clear(j->filling);
    cdn_batch_clear(j->writing);
    (void)pthread_cond_broadcast(&j->room);
    (void)pthread_cond_broadcast(&j->done);
    (void)pthread_mutex_unlock(&j->queue_lock);
    if (count > 0 && j->o.on_lost)
        j->o.on_lost(j->o.ctx, first, count, why);
}

static void count_group(struct cdn_journal *j, const struct cdn_batch *b, uint64_t written, int64_t sync) {
    const uint64_t us = (uint64_t)CDN_MAX(cdn_journal_now(j) - b->since, (int64_t)0) / 1000;
    unsigned bucket = 0;
    while (bucket + 1 < CDN_JOURNAL_BUCKETS && us >> bucket)
        bucket++;
    struct cdn_journal_state *s = &j->stats;
    s->commit_bucket[bucket]++;
    s->groups++;
    s->bytes_in += b->n - b->count * CDN_RECORD_EXTRA;
    s->bytes_written += written;
    s->sync_ns_last = (uint64_t)CDN_MAX(sync, (int64_t)0);
    s->sync_ns_sum += s->sync_ns_last;
    s->sync_ns_max = CDN_MAX(s->sync_ns_max, s->sync_ns_last);
}

/* Says that the leaves below `end` stand in the ring, and how many of them have joined the tree. */
static uint64_t hand_leaves(struct cdn_journal *j, uint64_t end) {
    (void)pthread_mutex_lock(&j->queue_lock);
    j->leaved = end;
    const uint64_t hashed = j->hashed;
    (void)pthread_cond_broadcast(&j->done);
    if (end >= j->keep_at) {
        j->keep_at = UINT64_MAX;
        (void)pthread_cond_signal(&j->keep);
    }
    (void)pthread_mutex_unlock(&j->queue_lock);
    return hashed;
}

static int make_leaves(struct cdn_journal *j, const struct cdn_batch *b, struct cordon_error *e) {
    size_t at = 0;
    uint64_t hashed = hand_leaves(j, b->first);
    for (uint64_t i = b->first; i < b->first + b->count; i++) {
        struct cdn_journal_record r;
        if (cdn_record_next(b->p, b->n, &at, &r))
            return cdn_fail(e, CORDON_E_DIGEST, "record %llu is not whole", (unsigned long long)i);
        if (i - hashed >= CDN_JOURNAL_LEAVES) { /* no room: the keeper is busy */
            (void)hand_leaves(j, i);
            const int err = cdn_journal_grow(j, e);
            if (err)
                return err;
            hashed = i;
        }
        cdn_hash_commit(&j->hasher, r.salt, r.payload, j->leaf[i % CDN_JOURNAL_LEAVES]);
    }
    if (j->hasher.broken)
        return cdn_fail(e, CORDON_E_INTERNAL, "libcrypto failed to hash");
    (void)hand_leaves(j, b->first + b->count);
    return CORDON_OK;
}

/* One group from write to leaves. */
static int do_group(struct cdn_journal *j, struct cdn_batch *b, struct cordon_error *e) {
    int64_t sync = 0;
    const uint64_t before = j->seg_open ? j->seg_at : 0;
    int err = commit(j, b, &sync, e);
    if (err)
        return err;
    (void)pthread_mutex_lock(&j->segs.lock);
    j->segs.head = b->first + b->count;
    (void)pthread_mutex_unlock(&j->segs.lock);
    (void)pthread_mutex_lock(&j->queue_lock);
    j->durable = b->first + b->count;
    count_group(j, b, j->seg_at > before ? j->seg_at - before : j->seg_at, sync);
    (void)pthread_cond_broadcast(&j->done);
    (void)pthread_mutex_unlock(&j->queue_lock);
    if (j->o.on_durable)
        j->o.on_durable(j->o.ctx, b->first, b->count);
    return make_leaves(j, b, e);
}

/* The next batch to write, or NULL to end. */
static struct cdn_batch *take(struct cdn_journal *j, bool *ret_keeper_failed, struct cordon_error *ret_why) {
    struct cdn_batch *b = NULL;
    (void)pthread_mutex_lock(&j->queue_lock);
    j->busy = false;
    (void)pthread_cond_broadcast(&j->done);
    while (!j->keeper_failed && (j->failed || j->filling->count == 0) && !j->closing)
        (void)pthread_cond_wait(&j->work, &j->queue_lock);
    *ret_keeper_failed = j->keeper_failed;
    *ret_why = j->keeper_why;
    j->keeper_failed = false;
    if (j->roll && !j->failed) {
        j->seg_over = true;
        j->roll = false;
    }
    if (!j->failed && j->filling->count > 0 && !*ret_keeper_failed) {
        b = j->filling;
        j->filling = j->writing;
        j->writing = b;
        (void)pthread_cond_broadcast(&j->room);
    }
    j->busy = b || *ret_keeper_failed;
    (void)pthread_mutex_unlock(&j->queue_lock);
    return b;
}

void *cdn_journal_committer(void *journal) {
    struct cdn_journal *j = journal;
    for (;;) {
        struct cordon_error e = {.code = 0};
        bool keeper_failed;
        struct cdn_batch *b = take(j, &keeper_failed, &e);
        if (keeper_failed) {
            fail(j, &e);
            continue;
        }
        if (!b)
            break;
        if (do_group(j, b, &e))
            fail(j, &e);
        cdn_batch_clear(b);
    }
    if (!j->seg_broken) /* what stays behind a broken one is the next opening's */
        (void)leave_segment(j, NULL);
    (void)pthread_mutex_lock(&j->queue_lock);
    j->committer_gone = true;
    (void)pthread_cond_broadcast(&j->keep);
    (void)pthread_cond_broadcast(&j->done);
    (void)pthread_mutex_unlock(&j->queue_lock);
    return NULL;
}
