/* SPDX-License-Identifier: Apache-2.0 */
/* segs_priv.h: the payload segments of a journal, records/00000001.seg and on: which there are, where a
 * record stands.
 *
 *  1. A segment ends where the next one begins: what stands in it at or after that index was given up and is
 * void.
 *  2. The table of blocks of a segment is made by going from head to head when a record of it is first asked
 * for.
 *  3. Any thread may ask; a segment that is being read is not closed or replaced (`users`). */
#ifndef CDN_JOURNAL_SEGS_PRIV_H
#define CDN_JOURNAL_SEGS_PRIV_H

#include <pthread.h>

#include "journal/block_priv.h"
#include "journal/io_priv.h"

struct cdn_seg {
    struct cdn_seg_head head;
    struct cdn_seg_at {
        uint64_t first, at; /* a block: its first record, its place in the file */
    } * blocks;
    size_t count, cap;
    uint64_t end; /* after the last block of the table */
    uint64_t used;
    unsigned users;
    int file; /* -1: closed */
    bool loaded, growing;
};
struct cdn_segs {
    struct cdn_io io;
    const struct cordon_alloc *alloc;
    pthread_mutex_t lock;
    pthread_cond_t idle;
    struct cdn_seg *seg;
    size_t count, cap;
    uint64_t head; /* records below this can be read; under lock */
    uint64_t clock;
    uint8_t origin[8];
};
#define CDN_SEGS_DIR "records"
#define CDN_SEGS_LOADED 16 /* tables kept in memory */

void cdn_seg_path(char ret[CDN_IO_PATH], uint64_t number);
int cdn_segs_init(struct cdn_segs *s,
                  const struct cdn_io *io,
                  const struct cordon_alloc *alloc,
                  struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_segs_free(struct cdn_segs *s);
/* Finds the segments and reads their heads. A last one whose head is unreadable is reported in *ret_torn (its
 * number; 0: none) instead of being an error. Call again after the directory changed (readers). */
int cdn_segs_find(struct cdn_segs *s, uint64_t *ret_torn, struct cordon_error *e) CORDON_MUST_CHECK;
/* Index after the last record of segment i, as far as the next segment says; UINT64_MAX for the last. */
uint64_t cdn_segs_limit(const struct cdn_segs *s, size_t i);
/* Makes a new, durable segment that begins at `first`; it is the last one and `growing`. */
int cdn_segs_create(struct cdn_segs *s, uint64_t first, struct cdn_hasher *h, struct cordon_error *e)
    CORDON_MUST_CHECK;
/* Notes a block that was written to the last segment. */
int cdn_segs_note(struct cdn_segs *s, uint64_t first, uint64_t at) CORDON_MUST_CHECK;

/* Going through blocks in order. Also what search, export, replay, verify and recovery stand on. */
struct cdn_iter {
    struct cdn_segs *segs;
    struct cdn_hasher *h;
    struct cdn_unpacker unpacker;
    size_t seg;    /* the one being read */
    int file;      /* -1: none */
    uint64_t at;   /* next block in it */
    uint64_t next; /* index that it must begin with */
    uint64_t to;   /* stops before this */
    uint8_t *body;
    size_t cap;
    struct cdn_block block; /* the current one */
    uint64_t block_at;
    bool skip_body;   /* heads only */
    bool end_of_file; /* why CORDON_E_DIGEST was given: the file ended exactly here */
};
/* To the block that holds record `from`. */
int cdn_iter_init(struct cdn_iter *it,
                  struct cdn_segs *s,
                  struct cdn_hasher *h,
                  uint64_t from,
                  uint64_t to,
                  struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_iter_free(struct cdn_iter *it);
/* 1 and the unpacked block, 0 at the end, or an error: CORDON_E_DIGEST with e->offset and e->where at the
 * damage. */
int cdn_iter_next(struct cdn_iter *it, const uint8_t **ret_raw, struct cordon_error *e) CORDON_MUST_CHECK;

/* One record. */
int cdn_segs_read(struct cdn_segs *s,
                  struct cdn_hasher *h,
                  uint64_t index,
                  struct cdn_buf *storage,
                  struct cdn_journal_record *ret,
                  struct cordon_error *e) CORDON_MUST_CHECK;

/* Hands records *next..to-1 to `each`, in order; *next is where to go on. Payloads stand in a buffer of the
 * scan. */
struct cdn_scan_what {
    uint64_t to;
    cdn_journal_each_fn each;
    void *ctx;
    bool leaves; /* compute the leaf of each record */
};
int cdn_segs_scan(struct cdn_segs *s,
                  const struct cdn_scan_what *what,
                  uint64_t *next,
                  struct cordon_error *e) CORDON_MUST_CHECK;

#endif
