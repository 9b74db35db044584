/* SPDX-License-Identifier: Apache-2.0 */
/* backup.c: a copy of everything up to a checkpoint, while the journal grows.
 *
 * Blocks are checked and copied; the tree is grown anew beside the copy and must have the root that the
 * checkpoint signs. So a backup that was made is a backup that verifies. Segments only grow or are replaced
 * whole, so that nothing has to wait. */
#include <errno.h>
#include <stdio.h>

#include "journal/reader_priv.h"

struct copying {
    struct cdn_segs *segs;
    const struct cdn_io *from;
    struct cdn_io to;
    const struct cordon_alloc *alloc;
    struct cdn_hasher h;
    struct cdn_tree *tree;
    struct cdn_tiles *tiles;
    struct cdn_checkpoint c;
    cordon_str note;
    int file; /* of the segment being written */
    size_t seg;
    uint64_t at;
};

static int close_segment(struct copying *k, struct cordon_error *e) {
    if (k->file < 0)
        return CORDON_OK;
    const int err = k->to.ops->sync(k->to.ops->ctx, k->file);
    k->to.ops->close(k->to.ops->ctx, k->file);
    k->file = -1;
    return err ? cdn_io_fail(e, err, "syncing", CDN_SEGS_DIR) : CORDON_OK;
}

static int open_segment(struct copying *k, size_t seg, struct cordon_error *e) {
    uint8_t bytes[CDN_SEG_HEAD];
    char path[CDN_IO_PATH];
    int err = close_segment(k, e);
    if (err)
        return err;
    (void)pthread_mutex_lock(&k->segs->lock);
    const struct cdn_seg_head head = k->segs->seg[seg].head;
    (void)pthread_mutex_unlock(&k->segs->lock);
    cdn_seg_path(path, head.number);
    cdn_seg_head_write(&k->h, &head, bytes);
    k->file = k->to.ops->open(
        k->to.ops->ctx, k->to.dir, path, CDN_FILE_WRITE | CDN_FILE_CREATE | CDN_FILE_EXCLUSIVE);
    if (k->file < 0)
        return cdn_io_fail(e, k->file, "making", path);
    err = cdn_io_put(&k->to, k->file, bytes, sizeof(bytes), 0);
    k->at = CDN_SEG_HEAD;
    k->seg = seg;
    return err ? cdn_io_fail(e, err, "writing", path) : CORDON_OK;
}

static int copy_block(struct copying *k, struct cdn_iter *it, const uint8_t *raw, struct cordon_error *e) {
    uint8_t head[CDN_BLOCK_HEAD];
    int err = k->file < 0 || it->seg != k->seg ? open_segment(k, it->seg, e) : CORDON_OK;
    if (err)
        return err;
    cdn_block_head_write(&k->h, &it->block, it->body, head);
    int put = cdn_io_put(&k->to, k->file, head, sizeof(head), k->at);
    if (!put)
        put = cdn_io_put(&k->to, k->file, it->body, it->block.stored, k->at + sizeof(head));
    if (put)
        return cdn_io_fail(e, put, "writing", CDN_SEGS_DIR);
    k->at += sizeof(head) + it->block.stored;
    size_t at = 0;
    for (uint32_t i = 0; i < it->block.count && !err && k->tree->size < k->c.size; i++) {
        struct cdn_journal_record r;
        if (cdn_record_next(raw, it->block.raw, &at, &r))
            return cdn_fail(
                e, CORDON_E_DIGEST, "record %llu is not whole", (unsigned long long)(it->block.first + i));
        if (!r.erased)
            cdn_hash_commit(&k->h, r.salt, r.payload, r.leaf);
        err = cdn_tree_add(k->tree, &k->h, &k->to, r.leaf, e);
    }
    return err;
}

static int copy_records(struct copying *k, struct cordon_error *e) {
    struct cdn_iter it;
    int err = cdn_iter_init(&it, k->segs, &k->h, 0, k->c.size, e);
    while (!err && it.next < k->c.size) {
        const uint8_t *raw;
        const int got = cdn_iter_next(&it, &raw, e);
        err = got <= 0 ? got : copy_block(k, &it, raw, e);
        if (got == 0)
            break;
    }
    cdn_iter_free(&it);
    const int closed = close_segment(k, err ? NULL : e);
    return err ? err : closed;
}

static int copy_file(struct copying *k, const char *path, struct cordon_error *e) {
    struct cdn_buf b;
    cdn_buf_init(&b, k->alloc, CDN_SIGN_MAX_NOTE);
    int err = cdn_io_read(k->from, path, CDN_SIGN_MAX_NOTE, &b, e);
    if (!err)
        err = cdn_io_write(&k->to, path, cdn_buf_get(&b), e);
    cdn_buf_free(&b);
    return err;
}

static int copy_keys(struct copying *k, struct cordon_error *e) {
    char path[CDN_IO_PATH];
    for (uint32_t i = 1;; i++) {
        cdn_layout_key_path(path, i, "vkey");
        int err = copy_file(k, path, e);
        if (err == CORDON_E_NOTFOUND)
            return CORDON_OK;
        cdn_layout_key_path(path, i, "note");
        if (!err && i > 1)
            err = copy_file(k, path, e);
        if (err)
            return err;
    }
}

static int finish(struct copying *k, struct cordon_error *e) {
    uint8_t root[CDN_HASH];
    cdn_tiles_init(k->tiles, &k->to, &k->h, k->tree, k->tree->size);
    int err = cdn_tiles_range(k->tiles, 0, k->tree->size, root, e);
    if (!err && (k->tree->size != k->c.size || memcmp(root, k->c.root, sizeof(root)) != 0))
        err = cdn_fail(e, CORDON_E_DIGEST, "the records are not those that the checkpoint signs");
    if (!err)
        err = cdn_tree_write_partial(k->tree, &k->to, e);
    if (!err)
        err = cdn_io_write(&k->to, CDN_JOURNAL_CHECKPOINT, k->note, e);
    const int synced = err ? 0 : k->to.ops->sync_all(k->to.ops->ctx, k->to.dir);
    if (synced)
        err = cdn_io_fail(e, synced, "syncing", "the copy");
    if (!err)
        err = cdn_tree_save(k->tree, &k->h, &k->to, e);
    return err;
}

int cdn_backup(struct cdn_segs *segs,
               const char *origin,
               cordon_str note,
               const char *to,
               uint64_t *ret_size,
               struct cordon_error *e) {
    struct copying k = {.segs = segs,
                        .from = &segs->io,
                        .to = {.ops = segs->io.ops},
                        .alloc = segs->alloc,
                        .note = note,
                        .file = -1};
    int err = cdn_checkpoint_read(note, &k.c, e);
    if (err)
        return err;
    k.tree = cdn_alloc_zero(k.alloc, 1, sizeof(*k.tree));
    k.tiles = cdn_alloc(k.alloc, sizeof(*k.tiles));
    if (!k.tree || !k.tiles)
        err = cdn_fail(e, CORDON_E_NOMEM, "no memory to copy a journal");
    if (!err)
        err = cdn_hasher_init(&k.h, e);
    const int entered = err ? 0 : k.to.ops->root(k.to.ops->ctx, to, true, &k.to.dir);
    if (entered)
        err = cdn_io_fail(e, entered, "making", to);
    char there[CDN_SIGN_MAX_NAME + 1];
    if (!err && cdn_layout_read_origin(&k.to, there, NULL) != CORDON_E_NOTFOUND)
        err = cdn_fail(e, CORDON_E_CONFLICT, "there is a journal in %s already", to);
    if (!err)
        err = cdn_layout_write_origin(&k.to, cdn_str_z(origin), e);
    if (!err)
        err = copy_keys(&k, e);
    if (!err)
        err = copy_records(&k, e);
    if (!err)
        err = finish(&k, e);
    if (k.to.dir)
        k.to.ops->leave(k.to.ops->ctx, k.to.dir);
    cdn_hasher_free(&k.h);
    cdn_free(k.alloc, k.tree, sizeof(*k.tree));
    cdn_free(k.alloc, k.tiles, sizeof(*k.tiles));
    if (!err && ret_size)
        *ret_size = k.c.size;
    return err;
}

int cdn_journal_backup(struct cdn_journal *j, const char *to, uint64_t *ret_size, struct cordon_error *e) {
    struct cdn_buf note;
    cdn_buf_init(&note, j->alloc, CDN_SIGN_MAX_NOTE);
    int err = cdn_journal_checkpoint(j, &note, e);
    if (!err)
        err = cdn_backup(&j->segs, j->origin, cdn_buf_get(&note), to, ret_size, e);
    cdn_buf_free(&note);
    return err;
}

int cordon_journal_backup(
    const char *dir, const char *to, const cordon_alloc *alloc, uint64_t *ret_size, cordon_error *e) {
    cordon_journal *j = NULL;
    int err = cordon_journal_open(dir, alloc, &j, e);
    if (!err && j->note.n == 0)
        err = cdn_fail(e, CORDON_E_NOTFOUND, "the journal has no checkpoint yet");
    if (!err)
        err = cdn_backup(&j->segs, j->origin, cdn_buf_get(&j->note), to, ret_size, e);
    cordon_journal_close(j);
    return err;
}
