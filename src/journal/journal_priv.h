/* SPDX-License-Identifier: Apache-2.0 */
/* journal_priv.h: the writer. Three kinds of threads: callers append to a batch; the committer takes the
 * batch, packs, writes and syncs it, tells `on_durable`, then computes the leaves; the keeper adds them to
 * the tree, which makes tiles of them, publishes checkpoints and now and then makes the tiles durable.
 *
 * Locks, in the order in which they may be held together: recovering, publishing, tree_lock, queue_lock,
 * segs.lock.
 *
 *  1. Only the committer (and recovery while the committer rests) writes segments.
 *  2. Only the committer gives records up: what it holds and what waits, at once, so that indexes stay
 * consecutive.
 *  3. durable >= leaved >= hashed >= published; each only grows while the journal is open.
 *  4. The tree grows under tree_lock, in the order of the leaves, by whoever needs it: the keeper, whoever
 * asks for a checkpoint, or the committer when there is no room for more leaves. So a disk that is slow to
 * make files, or busy with making all of them durable, holds up no group. */
#ifndef CDN_JOURNAL_JOURNAL_PRIV_H
#define CDN_JOURNAL_JOURNAL_PRIV_H

#include <pthread.h>

#include "journal/erase_priv.h"
#include "journal/segs_priv.h"
#include "journal/tree_priv.h"

#define CDN_JOURNAL_SAVE                                                                                     \
    131072 /* records after which tiles are made durable: what opening has to hash again */
#define CDN_JOURNAL_AHEAD (1 << 20) /* zeros that may stand behind the last record of the newest segment */
#define CDN_JOURNAL_SALTS 256       /* that are asked for at once */
#define CDN_JOURNAL_LEAVES 65536    /* that may wait to join the tree */
#define CDN_JOURNAL_GROW 2048       /* that make it worth to wake the keeper */
#define CDN_JOURNAL_OUT ((size_t)4 << 20) /* packed bytes that are gathered before a write */

struct cdn_batch {
    uint8_t *p; /* records as block_priv.h has them, without gaps */
    size_t n, cap;
    struct cdn_batch_block {
        size_t at, n;
        uint32_t count;
    } * blocks;
    size_t block_count, block_cap;
    uint64_t first, count;
    int64_t since; /* when the first one came */
};

struct cdn_journal {
    struct cdn_journal_options o;
    const struct cordon_alloc *alloc;
    struct cdn_io io;
    struct cdn_segs segs;
    char origin[CDN_SIGN_MAX_NAME + 1];
    struct cdn_sign_secret key;
    bool has_key;

    pthread_mutex_t queue_lock;
    pthread_cond_t work, room, done, keep; /* committer's, appenders', waiters', keeper's */
    struct cdn_batch *filling, *writing, batch[2];
    uint64_t next;    /* index of the next append */
    uint64_t durable; /* records on disk */
    uint64_t leaved;  /* records whose leaves are known; those from `hashed` on stand in `leaf` */
    uint64_t hashed;  /* records in the tree */
    uint64_t keep_at; /* as many leaves wake the keeper */
    bool republish;   /* partial tiles of the last checkpoint have to be written again */
    bool roll;        /* the next group begins a new segment */
    bool closing, committer_gone, busy, failed, keeper_failed;
    struct cordon_error why, keeper_why;
    struct cdn_journal_state stats;

    /* the committer's own */
    pthread_t committer, keeper;
    bool committer_runs, keeper_runs;
    struct cdn_hasher hasher;
    void *zstd;
    uint8_t salts[CDN_JOURNAL_SALTS][CDN_SALT]; /* random, not given out yet */
    size_t salts_left;
    uint8_t *out;
    size_t out_cap;
    uint64_t seg_at;    /* where the next block goes */
    uint64_t seg_ahead; /* up to where zeros stand behind it */
    bool seg_open;      /* the last segment is ours to write */
    bool seg_over;      /* and the next group goes into another one */
    bool seg_broken;    /* a write to it failed */
    uint64_t synced;    /* records known to have been synced */

    uint8_t (*leaf)[CDN_HASH]; /* of record i at i % CDN_JOURNAL_LEAVES */

    pthread_mutex_t tree_lock;
    struct cdn_tree *tree;
    struct cdn_hasher tree_hasher;

    pthread_mutex_t publishing;
    struct cdn_tree *copy; /* of the tree, for whoever publishes */
    struct cdn_tiles *tiles;
    struct cdn_hasher keeper_hasher;
    uint64_t published, published_before, saved; /* published: also read under queue_lock */
    struct cdn_buf note;                         /* the last checkpoint */

    pthread_mutex_t recovering;
    struct cdn_holds holds; /* under recovering */
};

int64_t cdn_journal_now(const struct cdn_journal *j);

/* queue.c */
void cdn_batch_clear(struct cdn_batch *b);
void cdn_batch_free(struct cdn_batch *b, const struct cordon_alloc *alloc);

/* commit.c */
void *cdn_journal_committer(void *journal);
/* Adds leaves of what is on disk from tree->size to `to`; under tree_lock or before threads run. */
int cdn_journal_rehash(struct cdn_journal *j, uint64_t to, struct cordon_error *e) CORDON_MUST_CHECK;

/* keeper.c */
void *cdn_journal_keeper(void *journal);
/* Adds the leaves that wait to the tree. */
int cdn_journal_grow(struct cdn_journal *j, struct cordon_error *e) CORDON_MUST_CHECK;
/* Grows the tree, signs and writes a checkpoint of what the tree has now. */
int cdn_journal_publish(struct cdn_journal *j, struct cordon_error *e) CORDON_MUST_CHECK;
/* Makes all tiles of the tree durable and remembers the tree (tree.state). */
int cdn_journal_save(struct cdn_journal *j, struct cordon_error *e) CORDON_MUST_CHECK;

/* layout.c: the small files beside tiles and segments */
#define CDN_JOURNAL_FILE "journal"
#define CDN_JOURNAL_CHECKPOINT "checkpoint"
#define CDN_JOURNAL_KEYS "keys"
int cdn_layout_read_origin(const struct cdn_io *io,
                           char ret[CDN_SIGN_MAX_NAME + 1],
                           struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_layout_write_origin(const struct cdn_io *io,
                            cordon_str origin,
                            struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_layout_origin_hash(struct cdn_hasher *h, cordon_str origin, uint8_t ret[8]);
/* The newest verifier key and its number. CORDON_E_NOTFOUND: none yet. */
int cdn_layout_last_key(const struct cdn_io *io,
                        uint32_t *ret_number,
                        struct cdn_note_key *ret,
                        struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_layout_read_key(const struct cdn_io *io,
                        uint32_t number,
                        struct cdn_note_key *ret,
                        struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_layout_write_key(const struct cdn_io *io,
                         uint32_t number,
                         const struct cdn_note_key *key,
                         struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_layout_key_path(char ret[CDN_IO_PATH], uint32_t number, const char *ending);

/* open.c */
/* Finds the head of what is on disk, cutting off a torn tail (write: really; else only in thought). */
int cdn_journal_find_head(struct cdn_segs *s,
                          struct cdn_hasher *h,
                          uint64_t from,
                          uint64_t least, /* records that must be there */
                          bool write,
                          uint64_t *ret_head,
                          struct cordon_error *e) CORDON_MUST_CHECK;

#endif
