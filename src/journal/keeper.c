/* SPDX-License-Identifier: Apache-2.0 */
/* keeper.c: the keeper's thread: the tree's growth, signed checkpoints at a pace, and now and then all tiles
 * made durable.
 *
 *  1. A checkpoint names a tree whose records are durable; its tiles are written before it, though not
 * synced: after a crash they are made again from the records, bit by bit the same.
 *  2. tree.state is written after syncfs, so that the tiles below it are on disk. */
#include <time.h>

#include "journal/journal_priv.h"

int cdn_journal_grow(struct cdn_journal *j, struct cordon_error *e) {
    uint8_t some[CDN_TILE][CDN_HASH];
    int err = CORDON_OK;
    (void)pthread_mutex_lock(&j->tree_lock);
    for (uint64_t n = 1; n > 0 && !err;) {
        const uint64_t from = j->tree->size;
        (void)pthread_mutex_lock(&j->queue_lock);
        j->hashed = CDN_MAX(j->hashed, from);
        n = CDN_MIN(j->leaved - CDN_MIN(j->leaved, from), (uint64_t)CDN_TILE);
        for (uint64_t i = 0; i < n; i++)
            memcpy(some[i], j->leaf[(from + i) % CDN_JOURNAL_LEAVES], CDN_HASH);
        (void)pthread_mutex_unlock(&j->queue_lock);
        for (uint64_t i = 0; i < n && !err; i++)
            err = cdn_tree_add(j->tree, &j->tree_hasher, &j->io, some[i], e);
    }
    (void)pthread_mutex_unlock(&j->tree_lock);
    return err;
}

static void copy_tree(struct cdn_journal *j) {
    (void)pthread_mutex_lock(&j->tree_lock);
    memcpy(j->copy, j->tree, sizeof(*j->copy));
    (void)pthread_mutex_unlock(&j->tree_lock);
}

static int sign_note(struct cdn_journal *j,
                     const uint8_t root[CDN_HASH],
                     struct cdn_buf *note,
                     struct cordon_error *e) {
    struct cdn_checkpoint c = {.origin = cdn_str_z(j->origin), .size = j->copy->size};
    struct cdn_buf text;
    memcpy(c.root, root, sizeof(c.root));
    cdn_buf_init(&text, j->alloc, CDN_SIGN_MAX_NOTE);
    cdn_checkpoint_write(&text, &c);
    int err = text.err ? cdn_fail(e, text.err, "no memory for a checkpoint") : CORDON_OK;
    if (!err)
        err = cdn_note_sign(note, cdn_buf_get(&text), c.origin, &j->key, e);
    cdn_buf_free(&text);
    return err;
}

/* Under `publishing`. */
static int publish_copy(struct cdn_journal *j, struct cordon_error *e) {
    uint8_t root[CDN_HASH];
    struct cdn_buf note;
    const uint64_t size = j->copy->size;
    cdn_buf_init(&note, j->alloc, CDN_SIGN_MAX_NOTE);
    cdn_tiles_init(j->tiles, &j->io, &j->keeper_hasher, j->copy, size);
    int err = cdn_tiles_range(j->tiles, 0, size, root, e);
    if (!err)
        err = cdn_tree_write_partial(j->copy, &j->io, e);
    if (!err && j->has_key)
        err = sign_note(j, root, &note, e);
    if (!err && j->has_key)
        err = cdn_io_replace(&j->io, CDN_JOURNAL_CHECKPOINT, cdn_buf_get(&note), false, e);
    if (err) {
        cdn_buf_free(&note);
        return err;
    }
    const uint64_t keep[2] = {j->published, size};
    cdn_tree_remove_partial(j->published_before, keep, &j->io);
    cdn_buf_free(&j->note);
    j->note = note;
    (void)pthread_mutex_lock(&j->queue_lock);
    j->published_before = j->published;
    j->published = size;
    j->republish = false;
    j->stats.checkpoints++;
    (void)pthread_cond_signal(&j->keep); /* it announces what somebody else asked for */
    (void)pthread_mutex_unlock(&j->queue_lock);
    return CORDON_OK;
}

int cdn_journal_publish(struct cdn_journal *j, struct cordon_error *e) {
    (void)pthread_mutex_lock(&j->publishing);
    int err = cdn_journal_grow(j, e);
    if (!err) {
        copy_tree(j);
        if (j->copy->size != j->published || (j->has_key && (j->note.n == 0 || j->republish)))
            err = publish_copy(j, e);
    }
    (void)pthread_mutex_unlock(&j->publishing);
    return err;
}

int cdn_journal_save(struct cdn_journal *j, struct cordon_error *e) {
    (void)pthread_mutex_lock(&j->publishing);
    copy_tree(j);
    int err = CORDON_OK;
    const int synced = j->io.ops->sync_all(j->io.ops->ctx, j->io.dir);
    if (synced)
        err = cdn_io_fail(e, synced, "syncing", "the journal");
    else
        err = cdn_tree_save(j->copy, &j->keeper_hasher, &j->io, e);
    if (!err) {
        (void)pthread_mutex_lock(&j->queue_lock);
        j->saved = j->copy->size;
        (void)pthread_mutex_unlock(&j->queue_lock);
    }
    (void)pthread_mutex_unlock(&j->publishing);
    return err;
}

enum todo { NOTHING, PUBLISH = 1, SAVE = 2, ANNOUNCE = 4, END = 8, GROW = 16 };

/* Waits until something is due. */
static unsigned next_todo(struct cdn_journal *j, int64_t last, uint64_t announced) {
    unsigned todo = NOTHING;
    (void)pthread_mutex_lock(&j->queue_lock);
    for (;;) {
        if (j->closing && j->committer_gone) {
            todo = END | (j->failed || j->keeper_failed ? 0 : PUBLISH | SAVE);
            break;
        }
        if (!j->failed && !j->keeper_failed) {
            const uint64_t waiting = j->leaved - j->published;
            const int64_t now = cdn_journal_now(j);
            const bool paced = waiting > 0 && j->o.checkpoint_ns <= (uint64_t)INT64_MAX / 2;
            const int64_t due = last + (paced ? (int64_t)j->o.checkpoint_ns : 0);
            if (j->republish || waiting >= j->o.checkpoint_records || (paced && now >= due))
                todo |= PUBLISH;
            if (j->hashed - j->saved >= CDN_JOURNAL_SAVE)
                todo |= SAVE;
            if (j->leaved - j->hashed >= CDN_JOURNAL_GROW)
                todo |= GROW;
            if (j->published > announced)
                todo |= ANNOUNCE;
            if (todo)
                break;
            /* The first record begins the time; after that there is something to do only when so many came.
             */
            const uint64_t most = CDN_MAX(j->o.checkpoint_records, (uint64_t)1);
            j->keep_at = CDN_MIN(j->published + (waiting == 0 ? 1 : most), j->hashed + CDN_JOURNAL_GROW);
            if (paced) {
                struct timespec until;
                /* allowed: how long to wait, recorded nowhere */
                (void)clock_gettime(CLOCK_MONOTONIC, &until);
                const int64_t at = (int64_t)until.tv_sec * 1000000000 + until.tv_nsec + (due - now);
                until = (struct timespec){.tv_sec = at / 1000000000, .tv_nsec = at % 1000000000};
                (void)pthread_cond_timedwait(&j->keep, &j->queue_lock, &until);
                continue;
            }
        }
        (void)pthread_cond_wait(&j->keep, &j->queue_lock);
    }
    (void)pthread_mutex_unlock(&j->queue_lock);
    return todo;
}

/* Hands the newest checkpoint to the witness. */
static void announce(struct cdn_journal *j, uint64_t *announced) {
    struct cdn_buf note;
    cdn_buf_init(&note, j->alloc, CDN_SIGN_MAX_NOTE);
    (void)pthread_mutex_lock(&j->publishing);
    const uint64_t size = j->published;
    cdn_buf_str(&note, cdn_buf_get(&j->note));
    (void)pthread_mutex_unlock(&j->publishing);
    if (size > *announced && note.n > 0 && j->o.on_checkpoint)
        j->o.on_checkpoint(j->o.ctx, size, cdn_buf_get(&note));
    *announced = size;
    cdn_buf_free(&note);
}

void *cdn_journal_keeper(void *journal) {
    struct cdn_journal *j = journal;
    uint64_t announced = 0;
    int64_t last = cdn_journal_now(j) - (int64_t)CDN_MIN(j->o.checkpoint_ns, (uint64_t)INT64_MAX / 4);
    for (;;) {
        struct cordon_error e = {.code = 0};
        const unsigned todo = next_todo(j, last, announced);
        int err = todo & GROW ? cdn_journal_grow(j, &e) : CORDON_OK;
        if (!err && (todo & PUBLISH)) {
            last = cdn_journal_now(j);
            err = cdn_journal_publish(j, &e);
        }
        if (!err && (todo & SAVE))
            err = cdn_journal_save(j, &e);
        if (!err)
            announce(j, &announced);
        if (todo & END)
            break;
        if (err) {
            (void)pthread_mutex_lock(&j->queue_lock);
            j->keeper_failed = true;
            j->keeper_why = e;
            (void)pthread_cond_signal(&j->work);
            (void)pthread_mutex_unlock(&j->queue_lock);
        }
    }
    return NULL;
}
