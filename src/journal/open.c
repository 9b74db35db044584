/* SPDX-License-Identifier: Apache-2.0 */
/* open.c: opening, with whatever a crash left, closing, and going on after a failure.
 *
 * What opening reads: the heads of the last segment's blocks, the bodies after tree.state (at most
 * CDN_JOURNAL_SAVE records and what came since), a few tiles. So its time does not grow with the journal.
 *
 *  1. A torn tail is cut off; a record that was acknowledged never is: each block says how many records were
 * durable before it was written, and when a later block, the checkpoint or tree.state knows of more than can
 * be read, opening refuses.
 *  2. Nobody ever appends to a segment that another run wrote. */
#include <errno.h>
#include <stdio.h>
#include <zstd.h>

#include "journal/erase_priv.h"
#include "journal/journal_priv.h"

void cdn_journal_options_init(struct cdn_journal_options *o) {
    memset(o, 0, sizeof(*o));
}

static void fill_in(struct cdn_journal_options *o) {
    if (!o->files)
        o->files = &cdn_file_real;
    if (!o->queue_bytes)
        o->queue_bytes = CDN_JOURNAL_QUEUE;
    if (!o->segment_bytes)
        o->segment_bytes = CDN_JOURNAL_SEGMENT;
    if (!o->checkpoint_records)
        o->checkpoint_records = 65536;
    if (!o->checkpoint_ns)
        o->checkpoint_ns = 1000000000;
}

/* ---- where the records end
 * ------------------------------------------------------------------------------------- */

/* Whether a head of a block that stands somewhere in file[from..] knows of more than `known` durable records.
 */
static int later_block(
    struct cdn_segs *s, struct cdn_hasher *h, int file, uint64_t from, uint64_t known, bool *ret) {
    enum { CHUNK = 1 << 16 };
    const int64_t size = s->io.ops->size(s->io.ops->ctx, file);
    uint8_t *p = cdn_alloc(s->alloc, CHUNK);
    int err = !p ? -ENOMEM : size < 0 ? (int)size : 0;
    *ret = false;
    for (uint64_t at = from; !err && !*ret && at + CDN_BLOCK_HEAD <= (uint64_t)size;
         at += CHUNK - CDN_BLOCK_HEAD + 1) {
        const size_t n = (size_t)CDN_MIN((uint64_t)CHUNK, (uint64_t)size - at);
        err = cdn_io_get(&s->io, file, p, n, at);
        for (size_t i = 0; !err && i + CDN_BLOCK_HEAD <= n; i++) {
            struct cdn_block b;
            if (p[i] == 'C' && !cdn_block_head_read(h, p + i, &b) && b.durable > known)
                *ret = true;
        }
    }
    cdn_free(s->alloc, p, CHUNK);
    return err;
}

static int lost(struct cordon_error *e, uint64_t have, uint64_t want) {
    (void)cdn_fail(e,
                   CORDON_E_DIGEST,
                   "%llu records were acknowledged and only %llu can be read",
                   (unsigned long long)want,
                   (unsigned long long)have);
    cdn_error_hint(e,
                   "nothing was changed; `cordon journal verify` says where the damage is; restore a backup");
    return CORDON_E_DIGEST;
}

static int cut_tail(struct cdn_iter *it, uint64_t at, struct cordon_error *e) {
    char path[CDN_IO_PATH];
    const struct cdn_io *io = &it->segs->io;
    cdn_seg_path(path, it->segs->seg[it->seg].head.number);
    const int file = io->ops->open(io->ops->ctx, io->dir, path, CDN_FILE_WRITE);
    int err = file < 0 ? file : io->ops->cut(io->ops->ctx, file, at);
    if (!err)
        err = io->ops->sync(io->ops->ctx, file);
    if (file >= 0)
        io->ops->close(io->ops->ctx, file);
    return err ? cdn_io_fail(e, err, "cutting off the torn end of", path) : CORDON_OK;
}

int cdn_journal_find_head(struct cdn_segs *s,
                          struct cdn_hasher *h,
                          uint64_t from,
                          uint64_t least,
                          bool write,
                          uint64_t *ret_head,
                          struct cordon_error *e) {
    if (s->count == 0) {
        *ret_head = 0;
        return least > 0 ? lost(e, 0, least) : CORDON_OK;
    }
    struct cdn_iter it;
    int err = cdn_iter_init(&it, s, h, from, UINT64_MAX, e);
    if (err)
        return err;
    int got;
    const uint8_t *raw;
    do {
        got = cdn_iter_next(&it, &raw, e);
    } while (got > 0);
    err = got;
    if (err == CORDON_E_DIGEST && it.seg + 1 == s->count) {
        bool later = false;
        err = CORDON_OK;
        if (!it.end_of_file) {
            const int failed = later_block(s, h, it.file, it.at, it.next, &later);
            if (failed)
                err = cdn_io_fail(e, failed, "reading", CDN_SEGS_DIR);
        }
        if (!err && (later || it.next < least))
            err = lost(e, it.next, CDN_MAX(least, it.next + 1));
        if (!err && write && !it.end_of_file)
            err = cut_tail(&it, it.at, e);
    }
    if (!err)
        *ret_head = it.next;
    cdn_iter_free(&it);
    return err;
}

/* A last segment without a readable head: a crash while it was made, unless blocks stand in it. */
static int drop_torn(struct cdn_journal *j, uint64_t number, struct cordon_error *e) {
    char path[CDN_IO_PATH];
    cdn_seg_path(path, number);
    const int file = j->io.ops->open(j->io.ops->ctx, j->io.dir, path, CDN_FILE_READ);
    if (file < 0)
        return cdn_io_fail(e, file, "reading", path);
    /* What follows the head of a segment being made is nothing, or the zeros of a probe. */
    uint8_t p[CDN_BLOCK_HEAD];
    struct cdn_block b;
    const bool blocks = cdn_io_get(&j->io, file, p, sizeof(p), CDN_SEG_HEAD) == 0 &&
                        cdn_block_head_read(&j->hasher, p, &b) == CORDON_OK;
    j->io.ops->close(j->io.ops->ctx, file);
    if (blocks)
        return cdn_fail(e, CORDON_E_DIGEST, "the head of %s is damaged", path);
    const int err = j->io.ops->remove(j->io.ops->ctx, j->io.dir, path);
    return err ? cdn_io_fail(e, err, "removing", path) : CORDON_OK;
}

/* ---- opening
 * ----------------------------------------------------------------------------------------------------- */

static int set_up_origin(struct cdn_journal *j, struct cordon_error *e) {
    int err = cdn_layout_read_origin(&j->io, j->origin, e);
    if (err == CORDON_E_NOTFOUND) {
        const cordon_str origin = j->o.origin.n ? j->o.origin : CDN_STR("cordon.local/journal");
        err = cdn_layout_write_origin(&j->io, origin, e);
        if (!err)
            err = cdn_layout_read_origin(&j->io, j->origin, e);
    }
    if (!err && j->o.origin.n && !cdn_str_eq(j->o.origin, cdn_str_z(j->origin)))
        err = cdn_fail(e, CORDON_E_CONFLICT, "the journal is of %s", j->origin);
    if (!err)
        cdn_layout_origin_hash(&j->hasher, cdn_str_z(j->origin), j->segs.origin);
    return err;
}

static int set_up_key(struct cdn_journal *j, struct cordon_error *e) {
    if (!j->has_key)
        return CORDON_OK;
    struct cdn_note_key ours, last;
    uint32_t number = 0;
    int err = cdn_note_key_make(cdn_str_z(j->origin), &j->key.pub, CDN_NOTE_ED25519, &ours, e);
    if (err)
        return err;
    err = cdn_layout_last_key(&j->io, &number, &last, e);
    if (err == CORDON_E_NOTFOUND)
        return cdn_layout_write_key(&j->io, 1, &ours, e);
    if (!err && memcmp(last.key, ours.key, sizeof(ours.key)) != 0) {
        err = cdn_fail(e, CORDON_E_CONFLICT, "the journal is signed by another key");
        cdn_error_hint(e, "open it with that key; a new one is introduced by rotating");
    }
    return err;
}

/* The last checkpoint, if it is whole and signed by a key of this journal. */
static bool read_checkpoint(struct cdn_journal *j, struct cdn_buf *note, struct cdn_checkpoint *ret) {
    struct cdn_note parsed;
    struct cdn_note_key key;
    if (cdn_io_read(&j->io, CDN_JOURNAL_CHECKPOINT, CDN_SIGN_MAX_NOTE, note, NULL) ||
        cdn_note_read(cdn_buf_get(note), &parsed, NULL) || cdn_checkpoint_read(parsed.text, ret, NULL) ||
        !cdn_str_eq(ret->origin, cdn_str_z(j->origin)))
        goto none;
    for (uint32_t i = 1; !cdn_layout_read_key(&j->io, i, &key, NULL); i++) {
        if (!cdn_note_verify(&parsed, &key, NULL, NULL))
            return true;
    }
none:
    *ret = (struct cdn_checkpoint){.size = 0};
    return false;
}

/* The tree of all records on disk, and whether the checkpoint is one of its past. */
static int grow_tree(struct cdn_journal *j,
                     uint64_t head,
                     const struct cdn_checkpoint *c,
                     struct cordon_error *e) {
    uint8_t root[CDN_HASH];
    j->stats.recovered_records = head - j->tree->size;
    int err = cdn_journal_rehash(j, head, e);
    if (err || !c)
        return err;
    cdn_tiles_init(j->tiles, &j->io, &j->keeper_hasher, j->tree, j->tree->size);
    err = cdn_tiles_range(j->tiles, 0, c->size, root, e);
    if (!err && memcmp(root, c->root, sizeof(root)) != 0)
        err = cdn_fail(e, CORDON_E_DIGEST, "the records are not those that the checkpoint signs");
    return err;
}

static int find_segments(struct cdn_journal *j, struct cordon_error *e) {
    uint64_t torn = 0;
    int err = cdn_erase_finish(&j->io, &j->hasher, e);
    if (!err)
        err = cdn_segs_find(&j->segs, &torn, e);
    if (!err && torn)
        err = drop_torn(j, torn, e);
    return err;
}

static int recover_files(struct cdn_journal *j, struct cordon_error *e) {
    struct cdn_checkpoint c = {.size = 0};
    uint64_t head = 0;
    int err = find_segments(j, e);
    if (err)
        return err;
    const bool signed_before = read_checkpoint(j, &j->note, &c); /* its slices point into the note */
    if (!signed_before)
        cdn_buf_clear(&j->note);
    if (cdn_tree_load(j->tree, &j->hasher, &j->io, NULL))
        j->tree->size = 0;
    const uint64_t least = CDN_MAX(c.size, j->tree->size);
    err = cdn_journal_find_head(&j->segs, &j->hasher, j->tree->size, least, true, &head, e);
    if (err)
        return err;
    j->segs.head = head;
    j->saved = j->tree->size;
    err = grow_tree(j, head, signed_before ? &c : NULL, e);
    if (err == CORDON_E_NOTFOUND || err == CORDON_E_DIGEST) { /* tiles are lost: all of them again */
        j->tree->size = j->saved = 0;
        err = grow_tree(j, head, signed_before ? &c : NULL, e);
    }
    if (err)
        return err;
    if (j->has_key) {
        cdn_tree_drop_partial(CDN_MIN(j->saved, c.size), head, &j->io);
        j->republish = head > 0;
    }
    j->next = j->durable = j->leaved = j->hashed = j->synced = head;
    j->published = j->published_before = c.size;
    return CORDON_OK;
}

static int init_locks(struct cdn_journal *j, struct cordon_error *e) {
    pthread_condattr_t attr;
    int bad = pthread_condattr_init(&attr);
    bad |= pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_t *const locks[] = {&j->queue_lock, &j->tree_lock, &j->publishing, &j->recovering};
    pthread_cond_t *const conds[] = {&j->work, &j->room, &j->done, &j->keep};
    for (size_t i = 0; i < CDN_ARRAY_LEN(locks); i++)
        bad |= pthread_mutex_init(locks[i], NULL);
    for (size_t i = 0; i < CDN_ARRAY_LEN(conds); i++)
        bad |= pthread_cond_init(conds[i], &attr);
    (void)pthread_condattr_destroy(&attr);
    return bad ? cdn_fail(e, CORDON_E_NOMEM, "no memory for locks") : CORDON_OK;
}

static int allocate(struct cdn_journal *j, struct cordon_error *e) {
    j->tree = cdn_alloc_zero(j->alloc, 1, sizeof(*j->tree));
    j->copy = cdn_alloc_zero(j->alloc, 1, sizeof(*j->copy));
    j->tiles = cdn_alloc_zero(j->alloc, 1, sizeof(*j->tiles));
    j->leaf = cdn_alloc(j->alloc, CDN_JOURNAL_LEAVES * sizeof(*j->leaf));
    j->zstd = ZSTD_createCCtx();
    if (!j->tree || !j->copy || !j->tiles || !j->leaf || !j->zstd)
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for a journal");
    int err = cdn_hasher_init(&j->hasher, e);
    if (!err)
        err = cdn_hasher_init(&j->keeper_hasher, e);
    if (!err)
        err = cdn_hasher_init(&j->tree_hasher, e);
    return err;
}

static void release(struct cdn_journal *j) {
    cdn_batch_free(&j->batch[0], j->alloc);
    cdn_batch_free(&j->batch[1], j->alloc);
    cdn_buf_free(&j->note);
    cdn_hasher_free(&j->hasher);
    cdn_hasher_free(&j->keeper_hasher);
    cdn_hasher_free(&j->tree_hasher);
    (void)ZSTD_freeCCtx(j->zstd);
    cdn_free(j->alloc, j->out, j->out_cap);
    cdn_free(j->alloc, j->tree, sizeof(*j->tree));
    cdn_free(j->alloc, j->copy, sizeof(*j->copy));
    cdn_free(j->alloc, j->tiles, sizeof(*j->tiles));
    cdn_free(j->alloc, j->leaf, CDN_JOURNAL_LEAVES * sizeof(*j->leaf));
    cdn_holds_free(j->alloc, &j->holds);
    cdn_segs_free(&j->segs);
    if (j->io.dir)
        j->io.ops->leave(j->io.ops->ctx, j->io.dir);
    cdn_sign_forget(&j->key);
    pthread_mutex_t *const locks[] = {&j->queue_lock, &j->tree_lock, &j->publishing, &j->recovering};
    pthread_cond_t *const conds[] = {&j->work, &j->room, &j->done, &j->keep};
    for (size_t i = 0; i < CDN_ARRAY_LEN(locks); i++)
        (void)pthread_mutex_destroy(locks[i]);
    for (size_t i = 0; i < CDN_ARRAY_LEN(conds); i++)
        (void)pthread_cond_destroy(conds[i]);
    cdn_free(j->alloc, j, sizeof(*j));
}

static int start(struct cdn_journal *j, struct cordon_error *e) {
    if (pthread_create(&j->committer, NULL, cdn_journal_committer, j) != 0)
        return cdn_fail(e, CORDON_E_NOMEM, "no thread for the journal");
    (void)pthread_setname_np(j->committer, "committer");
    j->committer_runs = true;
    if (pthread_create(&j->keeper, NULL, cdn_journal_keeper, j) != 0)
        return cdn_fail(e, CORDON_E_NOMEM, "no thread for the journal");
    (void)pthread_setname_np(j->keeper, "keeper");
    j->keeper_runs = true;
    return CORDON_OK;
}

int cdn_journal_open(const char *dir,
                     const struct cdn_journal_options *o,
                     struct cdn_journal **ret,
                     struct cordon_error *e) {
    const struct cordon_alloc *alloc = o->alloc ? o->alloc : &cdn_alloc_libc;
    int err = cdn_sign_begin(e);
    if (err)
        return err;
    struct cdn_journal *j = cdn_alloc_zero(alloc, 1, sizeof(*j));
    if (!j)
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for a journal");
    j->o = *o;
    fill_in(&j->o);
    j->alloc = alloc;
    j->io.ops = j->o.files;
    j->filling = &j->batch[0];
    j->writing = &j->batch[1];
    cdn_buf_init(&j->note, alloc, CDN_SIGN_MAX_NOTE);
    if (o->key) {
        j->key = *o->key;
        j->has_key = true;
    }
    const int64_t begun = cdn_journal_now(j);
    err = init_locks(j, e);
    if (err) {
        cdn_free(alloc, j, sizeof(*j));
        return err;
    }
    const int entered = j->io.ops->root(j->io.ops->ctx, dir, true, &j->io.dir);
    err = cdn_segs_init(&j->segs, &j->io, alloc, e);
    if (!err && entered)
        err = cdn_io_fail(e, entered, "opening", dir);
    const int locked = err ? 0 : j->io.ops->lock(j->io.ops->ctx, j->io.dir, "lock");
    if (locked)
        err = locked == -EWOULDBLOCK
                  ? cdn_fail(e, CORDON_E_STATE, "another process writes to the journal %s", dir)
                  : cdn_io_fail(e, locked, "locking", dir);
    if (!err)
        err = allocate(j, e);
    if (!err)
        err = set_up_origin(j, e);
    if (!err)
        err = set_up_key(j, e);
    if (!err)
        err = recover_files(j, e);
    j->stats.recovery_ns = (uint64_t)CDN_MAX(cdn_journal_now(j) - begun, (int64_t)0);
    if (!err)
        err = start(j, e);
    if (err) {
        cdn_journal_close(j);
        return err;
    }
    *ret = j;
    return CORDON_OK;
}

void cdn_journal_close(struct cdn_journal *j) {
    if (!j)
        return;
    (void)pthread_mutex_lock(&j->queue_lock);
    j->closing = true;
    j->committer_gone = !j->committer_runs;
    (void)pthread_cond_broadcast(&j->work);
    (void)pthread_cond_broadcast(&j->room);
    (void)pthread_cond_broadcast(&j->keep);
    (void)pthread_mutex_unlock(&j->queue_lock);
    if (j->committer_runs)
        (void)pthread_join(j->committer, NULL);
    if (j->keeper_runs)
        (void)pthread_join(j->keeper, NULL);
    release(j);
}

/* ---- after a failure
 * ------------------------------------------------------------------------------------------------ */

/* Cuts the segment to what is durable, if that is still possible; the next segment's first index makes the
 * rest void. */
static void seal_broken(struct cdn_journal *j) {
    if (!j->seg_open)
        return;
    (void)pthread_mutex_lock(&j->segs.lock);
    struct cdn_seg *g = &j->segs.seg[j->segs.count - 1];
    while (g->count > 0 && g->blocks[g->count - 1].first >= j->durable)
        g->count--;
    const int file = g->file;
    const bool empty = g->count == 0;
    if (empty) { /* nothing of it counts: its number is used again */
        char path[CDN_IO_PATH];
        cdn_seg_path(path, g->head.number);
        j->io.ops->close(j->io.ops->ctx, file);
        (void)j->io.ops->remove(j->io.ops->ctx, j->io.dir, path);
        cdn_free(j->alloc, g->blocks, g->cap * sizeof(*g->blocks));
        j->segs.count--;
    }
    (void)pthread_mutex_unlock(&j->segs.lock);
    const bool longer = j->seg_broken || j->seg_ahead > j->seg_at;
    if (!empty && longer && j->io.ops->cut(j->io.ops->ctx, file, j->seg_at) == 0)
        (void)j->io.ops->sync(j->io.ops->ctx, file);
    j->seg_open = j->seg_over = false;
}

/* A new segment, and proof that there is room in it. */
static int fresh_segment(struct cdn_journal *j, struct cordon_error *e) {
    enum { PROBE = 1 << 18 };
    int err = cdn_segs_create(&j->segs, j->durable, &j->hasher, e);
    if (err)
        return err;
    j->seg_open = true;
    j->seg_broken = false;
    j->seg_at = j->seg_ahead = CDN_SEG_HEAD;
    const int file = j->segs.seg[j->segs.count - 1].file;
    uint8_t *zeros = cdn_alloc_zero(j->alloc, 1, PROBE);
    int bad = zeros ? cdn_io_put(&j->io, file, zeros, PROBE, CDN_SEG_HEAD) : -ENOMEM;
    cdn_free(j->alloc, zeros, PROBE);
    if (!bad)
        bad = j->io.ops->sync(j->io.ops->ctx, file);
    const int cut = j->io.ops->cut(j->io.ops->ctx, file, CDN_SEG_HEAD);
    if (!bad)
        bad = cut;
    if (!bad)
        bad = j->io.ops->sync(j->io.ops->ctx, file);
    if (bad)
        j->seg_broken = true;
    return bad ? cdn_io_fail(e, bad, "writing", CDN_SEGS_DIR) : CORDON_OK;
}

static int rebuild_tree(struct cdn_journal *j, struct cordon_error *e) {
    (void)pthread_mutex_lock(&j->tree_lock);
    int err = CORDON_OK;
    if (j->tree->size !=
        j->durable) /* leaves that did not get in; a tile that is half written is written again */
        err = cdn_journal_rehash(j, j->durable, e);
    const uint64_t size = j->tree->size;
    (void)pthread_mutex_lock(&j->queue_lock);
    j->hashed = size;
    j->leaved = CDN_MAX(j->leaved, size);
    (void)pthread_mutex_unlock(&j->queue_lock);
    (void)pthread_mutex_unlock(&j->tree_lock);
    return err;
}

int cdn_journal_recover(struct cdn_journal *j, struct cordon_error *e) {
    (void)pthread_mutex_lock(&j->recovering);
    (void)pthread_mutex_lock(&j->queue_lock);
    while (j->keeper_failed || (j->failed && j->busy))
        (void)pthread_cond_wait(&j->done, &j->queue_lock);
    const bool failed = j->failed;
    (void)pthread_mutex_unlock(&j->queue_lock);
    int err = CORDON_OK;
    if (failed) {
        seal_broken(j);
        err = fresh_segment(j, e);
        if (!err)
            err = rebuild_tree(j, e);
        (void)pthread_mutex_lock(&j->queue_lock);
        if (err && e)
            j->why = *e;
        j->failed = err != CORDON_OK;
        (void)pthread_cond_broadcast(&j->work);
        (void)pthread_cond_broadcast(&j->keep);
        (void)pthread_mutex_unlock(&j->queue_lock);
    }
    (void)pthread_mutex_unlock(&j->recovering);
    return err;
}
