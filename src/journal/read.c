/* SPDX-License-Identifier: Apache-2.0 */
/* read.c: records and proofs of a journal that is open for writing. */
#include "journal/journal_priv.h"

int cdn_journal_read(struct cdn_journal *j,
                     uint64_t index,
                     struct cdn_buf *storage,
                     struct cdn_journal_record *ret,
                     struct cordon_error *e) {
    struct cdn_hasher h;
    int err = cdn_hasher_init(&h, e);
    if (err)
        return err;
    err = cdn_segs_read(&j->segs, &h, index, storage, ret, e);
    cdn_hasher_free(&h);
    return err;
}

int cdn_segs_scan(struct cdn_segs *s,
                  const struct cdn_scan_what *what,
                  uint64_t *next,
                  struct cordon_error *e) {
    struct cdn_hasher h;
    struct cdn_iter it;
    int err = cdn_hasher_init(&h, e);
    if (err)
        return err;
    err = cdn_iter_init(&it, s, &h, *next, what->to, e);
    while (!err && *next < what->to) {
        const uint8_t *raw;
        size_t at = 0;
        const int got = cdn_iter_next(&it, &raw, e);
        if (got <= 0) {
            err = got;
            break;
        }
        for (uint64_t i = it.block.first; !err && i < it.block.first + it.block.count && i < what->to; i++) {
            struct cdn_journal_record r;
            if (cdn_record_next(raw, it.block.raw, &at, &r)) {
                err = cdn_fail(e, CORDON_E_DIGEST, "record %llu is not whole", (unsigned long long)i);
                break;
            }
            if (i < *next)
                continue;
            r.index = i;
            if (!r.erased && what->leaves)
                cdn_hash_commit(&h, r.salt, r.payload, r.leaf);
            err = what->each(what->ctx, &r, e);
            *next = i + 1;
        }
    }
    cdn_iter_free(&it);
    cdn_hasher_free(&h);
    return err;
}

int cdn_journal_scan(struct cdn_journal *j,
                     uint64_t from,
                     uint64_t to,
                     cdn_journal_each_fn each,
                     void *ctx,
                     struct cordon_error *e) {
    const struct cdn_scan_what what = {
        .to = CDN_MIN(to, cdn_journal_head(j)), .each = each, .ctx = ctx, .leaves = false};
    uint64_t next = from;
    int err = cdn_segs_scan(&j->segs, &what, &next, e);
    if (err == CORDON_E_DIGEST) /* a segment may have been replaced under our eyes: once more from there */
        err = cdn_segs_scan(&j->segs, &what, &next, e);
    return err;
}

/* ---- proofs
 * ---------------------------------------------------------------------------------------------------- */

int cdn_journal_checkpoint(struct cdn_journal *j, struct cdn_buf *ret_note, struct cordon_error *e) {
    int err = CORDON_OK;
    if (!j->has_key)
        return cdn_fail(e, CORDON_E_STATE, "the journal was opened without a key to sign checkpoints");
    (void)pthread_mutex_lock(&j->queue_lock);
    const uint64_t head = j->durable;
    while (j->leaved < head && !j->failed)
        (void)pthread_cond_wait(&j->done, &j->queue_lock);
    const bool leaved = j->leaved >= head;
    if (!leaved && e)
        *e = j->why;
    (void)pthread_mutex_unlock(&j->queue_lock);
    if (!leaved)
        return CORDON_E_IO;
    err = cdn_journal_publish(j, e);
    return err ? err : cdn_journal_last_checkpoint(j, ret_note, e);
}

int cdn_journal_last_checkpoint(struct cdn_journal *j, struct cdn_buf *ret_note, struct cordon_error *e) {
    (void)pthread_mutex_lock(&j->publishing);
    cdn_buf_str(ret_note, cdn_buf_get(&j->note));
    (void)pthread_mutex_unlock(&j->publishing);
    return ret_note->err ? cdn_fail(e, ret_note->err, "no room for a checkpoint") : CORDON_OK;
}

typedef int (*prove_fn)(
    struct cdn_tiles *t, uint64_t a, uint64_t size, struct cdn_journal_proof *ret, struct cordon_error *e);

static int prove(struct cdn_journal *j,
                 prove_fn how,
                 uint64_t a,
                 uint64_t size,
                 struct cdn_journal_proof *ret,
                 struct cordon_error *e) {
    struct cdn_tree *edge = cdn_alloc(j->alloc, sizeof(*edge));
    struct cdn_tiles *tiles = cdn_alloc(j->alloc, sizeof(*tiles));
    struct cdn_hasher h = {.broken = false};
    int err = edge && tiles ? cdn_hasher_init(&h, e) : cdn_fail(e, CORDON_E_NOMEM, "no memory for a proof");
    if (!err) {
        (void)pthread_mutex_lock(&j->queue_lock);
        size = size ? size : j->published;
        (void)pthread_mutex_unlock(&j->queue_lock);
        (void)pthread_mutex_lock(&j->tree_lock);
        memcpy(edge, j->tree, sizeof(*edge));
        (void)pthread_mutex_unlock(&j->tree_lock);
        cdn_tiles_init(tiles, &j->io, &h, edge, edge->size);
        err = size > edge->size
                  ? cdn_fail(e, CORDON_E_RANGE, "the tree has %llu leaves", (unsigned long long)edge->size)
                  : how(tiles, a, size, ret, e);
        cdn_hasher_free(&h);
    }
    cdn_free(j->alloc, edge, sizeof(*edge));
    cdn_free(j->alloc, tiles, sizeof(*tiles));
    return err;
}

int cdn_journal_prove(struct cdn_journal *j,
                      uint64_t index,
                      uint64_t size,
                      struct cdn_journal_proof *ret,
                      struct cordon_error *e) {
    return prove(j, cdn_tiles_prove, index, size, ret, e);
}

int cdn_journal_prove_consistency(struct cdn_journal *j,
                                  uint64_t old_size,
                                  uint64_t size,
                                  struct cdn_journal_proof *ret,
                                  struct cordon_error *e) {
    return prove(j, cdn_tiles_prove_consistency, old_size, size, ret, e);
}

int cdn_journal_witness_request(struct cdn_journal *j,
                                uint64_t old_size,
                                struct cdn_buf *out,
                                struct cordon_error *e) {
    struct cdn_checkpoint c;
    struct cdn_journal_proof p;
    struct cdn_buf note;
    cdn_buf_init(&note, j->alloc, CDN_SIGN_MAX_NOTE);
    int err = cdn_journal_last_checkpoint(j, &note, e);
    if (!err)
        err = cdn_checkpoint_read(cdn_buf_get(&note), &c, e);
    if (!err)
        err = cdn_journal_prove_consistency(j, old_size, c.size, &p, e);
    if (!err) {
        cdn_buf_printf(out, "old %llu\n", (unsigned long long)old_size);
        for (uint32_t i = 0; i < p.count; i++) {
            cdn_base64_write(out, p.hash[i], CDN_HASH);
            cdn_buf_char(out, '\n');
        }
        cdn_buf_char(out, '\n');
        cdn_buf_str(out, cdn_buf_get(&note));
        err = out->err ? cdn_fail(e, out->err, "no room for a request to a witness") : CORDON_OK;
    }
    cdn_buf_free(&note);
    return err;
}
