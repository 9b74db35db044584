/* SPDX-License-Identifier: Apache-2.0 */
/* reader.c: opening for reading, single records, proofs: the public functions that look at one thing. */
#include <errno.h>

#include "base/limits.h"
#include "journal/reader_priv.h"

void cdn_record_publish(const struct cdn_journal_record *r, cordon_record *ret) {
    *ret = (cordon_record){
        .index = r->index, .retain_until = r->retain_until, .erased = r->erased, .payload = r->payload};
    memcpy(ret->salt, r->salt, sizeof(ret->salt));
    memcpy(ret->leaf, r->leaf, sizeof(ret->leaf));
}

int cdn_public_append(cordon_buffer *out, cordon_str text, struct cordon_error *e) {
    size_t cap = out->cap;
    void *p = out->p;
    const struct cordon_alloc *alloc = out->alloc ? out->alloc : &cdn_alloc_libc;
    if (cdn_grow(alloc, &p, &cap, out->n + text.n + 1, 1))
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for the output");
    out->p = p;
    out->cap = cap;
    if (text.n > 0)
        memcpy(out->p + out->n, text.p, text.n);
    out->n += text.n;
    return CORDON_OK;
}

/* The newest checkpoint; whether it is right is for verifying to say. */
static uint64_t read_note(cordon_journal *j) {
    struct cdn_checkpoint c;
    if (cdn_io_read(&j->io, CDN_JOURNAL_CHECKPOINT, CDN_SIGN_MAX_NOTE, &j->note, NULL) ||
        cdn_checkpoint_read(cdn_buf_get(&j->note), &c, NULL)) {
        cdn_buf_clear(&j->note);
        return 0;
    }
    return c.size;
}

static int find(cordon_journal *j, struct cordon_error *e) {
    struct cdn_tree *saved = cdn_alloc(j->alloc, sizeof(*saved));
    uint64_t torn = 0, head = 0;
    if (!saved)
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for a journal");
    /* First what promises records, then the records: the journal may be growing. */
    if (cdn_tree_load(saved, &j->hasher, &j->io, NULL))
        saved->size = 0;
    j->note_size = read_note(j);
    const uint64_t least = CDN_MAX(saved->size, j->note_size);
    int err = cdn_segs_find(&j->segs, &torn, e);
    if (!err) {
        err = cdn_journal_find_head(&j->segs, &j->hasher, saved->size, least, false, &head, e);
        if (err == CORDON_E_DIGEST) { /* whoever reads the damage is told */
            head = least;
            err = CORDON_OK;
        }
    }
    j->segs.head = head;
    cdn_free(j->alloc, saved, sizeof(*saved));
    return err;
}

int cordon_journal_open(const char *dir, const cordon_alloc *alloc, cordon_journal **ret, cordon_error *e) {
    if (!alloc)
        alloc = &cdn_alloc_libc;
    cordon_journal *j = cdn_alloc_zero(alloc, 1, sizeof(*j));
    if (!j)
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for a journal");
    j->alloc = alloc;
    j->io.ops = &cdn_file_real;
    cdn_buf_init(&j->note, alloc, CDN_SIGN_MAX_NOTE);
    cdn_buf_init(&j->storage, alloc, CDN_JOURNAL_MAX_RECORD);
    const int entered = j->io.ops->root(j->io.ops->ctx, dir, false, &j->io.dir);
    int err = cdn_segs_init(&j->segs, &j->io, alloc, e);
    if (err) {
        if (!entered)
            j->io.ops->leave(j->io.ops->ctx, j->io.dir);
        cdn_free(alloc, j, sizeof(*j));
        return err;
    }
    if (entered)
        err = entered == -ENOENT ? cdn_fail(e, CORDON_E_NOTFOUND, "there is no %s", dir)
                                 : cdn_io_fail(e, entered, "opening", dir);
    if (!err)
        err = cdn_sign_begin(e);
    if (!err)
        err = cdn_hasher_init(&j->hasher, e);
    if (!err) {
        err = cdn_layout_read_origin(&j->io, j->origin, e);
        if (err == CORDON_E_NOTFOUND)
            err = cdn_fail(e, CORDON_E_NOTFOUND, "there is no journal in %s", dir);
    }
    if (!err) {
        cdn_layout_origin_hash(&j->hasher, cdn_str_z(j->origin), j->segs.origin);
        j->tiles = cdn_alloc(alloc, sizeof(*j->tiles));
        err = j->tiles ? find(j, e) : cdn_fail(e, CORDON_E_NOMEM, "no memory for a journal");
    }
    if (err) {
        cordon_journal_close(j);
        return err;
    }
    *ret = j;
    return CORDON_OK;
}

void cordon_journal_close(cordon_journal *j) {
    if (!j)
        return;
    cdn_segs_free(&j->segs);
    cdn_hasher_free(&j->hasher);
    cdn_buf_free(&j->note);
    cdn_buf_free(&j->storage);
    cdn_free(j->alloc, j->tiles, sizeof(*j->tiles));
    if (j->io.dir)
        j->io.ops->leave(j->io.ops->ctx, j->io.dir);
    cdn_free(j->alloc, j, sizeof(*j));
}

uint64_t cordon_journal_size(const cordon_journal *j) {
    return j->segs.head;
}

cordon_str cordon_journal_origin(const cordon_journal *j) {
    return cdn_str_z(j->origin);
}

cordon_str cordon_journal_checkpoint(const cordon_journal *j, uint64_t *ret_size) {
    if (ret_size)
        *ret_size = j->note_size;
    return cdn_buf_get(&j->note);
}

int cordon_journal_read(cordon_journal *j, uint64_t index, cordon_record *ret, cordon_error *e) {
    struct cdn_journal_record r;
    const int err = cdn_segs_read(&j->segs, &j->hasher, index, &j->storage, &r, e);
    if (!err)
        cdn_record_publish(&r, ret);
    return err;
}

static int write_proof(const cordon_journal *j,
                       const struct cdn_journal_proof *p,
                       int form,
                       cordon_buffer *out,
                       cordon_error *e) {
    struct cdn_buf b;
    cdn_buf_init(&b, j->alloc, CDN_MIB(1));
    const cordon_str note = p->size == j->note_size ? cdn_buf_get(&j->note) : cdn_str(NULL, 0);
    if (form == CORDON_PROOF_TEXT)
        cdn_journal_proof_to_text(&b, p, note);
    else
        cdn_journal_proof_to_json(&b, p, note);
    const int err =
        b.err ? cdn_fail(e, b.err, "no memory for a proof") : cdn_public_append(out, cdn_buf_get(&b), e);
    cdn_buf_free(&b);
    return err;
}

int cordon_journal_prove(cordon_journal *j, uint64_t index, int form, cordon_buffer *out, cordon_error *e) {
    struct cdn_journal_proof p;
    if (j->note_size == 0)
        return cdn_fail(e, CORDON_E_NOTFOUND, "the journal has no checkpoint yet");
    cdn_tiles_init(j->tiles, &j->io, &j->hasher, NULL, j->note_size);
    const int err = cdn_tiles_prove(j->tiles, index, j->note_size, &p, e);
    return err ? err : write_proof(j, &p, form, out, e);
}

int cordon_journal_prove_consistency(
    cordon_journal *j, uint64_t old_size, uint64_t new_size, cordon_buffer *out, cordon_error *e) {
    struct cdn_journal_proof p;
    if (new_size == 0)
        new_size = j->note_size;
    if (new_size > j->note_size)
        return cdn_fail(
            e, CORDON_E_RANGE, "the last checkpoint covers %llu records", (unsigned long long)j->note_size);
    cdn_tiles_init(j->tiles, &j->io, &j->hasher, NULL, j->note_size);
    const int err = cdn_tiles_prove_consistency(j->tiles, old_size, new_size, &p, e);
    return err ? err : write_proof(j, &p, CORDON_PROOF_JSON, out, e);
}
