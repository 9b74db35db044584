/* SPDX-License-Identifier: Apache-2.0 */
/* segs.c: finding, making and looking into segments. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "journal/segs_priv.h"

void cdn_seg_path(char ret[CDN_IO_PATH], uint64_t number) {
    (void)snprintf(ret, CDN_IO_PATH, CDN_SEGS_DIR "/%08llu.seg", (unsigned long long)number);
}

int cdn_segs_init(struct cdn_segs *s,
                  const struct cdn_io *io,
                  const struct cordon_alloc *alloc,
                  struct cordon_error *e) {
    memset(s, 0, sizeof(*s));
    s->io = *io;
    s->alloc = alloc;
    if (pthread_mutex_init(&s->lock, NULL) != 0)
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for a lock");
    if (pthread_cond_init(&s->idle, NULL) != 0) {
        (void)pthread_mutex_destroy(&s->lock);
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for a lock");
    }
    return CORDON_OK;
}

static void forget(struct cdn_segs *s, struct cdn_seg *g) {
    if (g->file >= 0)
        s->io.ops->close(s->io.ops->ctx, g->file);
    cdn_free(s->alloc, g->blocks, g->cap * sizeof(*g->blocks));
    g->blocks = NULL;
    g->count = g->cap = 0;
    g->file = -1;
    g->loaded = false;
}

static void forget_all(struct cdn_segs *s) {
    for (size_t i = 0; i < s->count; i++)
        forget(s, &s->seg[i]);
    cdn_free(s->alloc, s->seg, s->cap * sizeof(*s->seg));
    s->seg = NULL;
    s->count = s->cap = 0;
}

void cdn_segs_free(struct cdn_segs *s) {
    forget_all(s);
    (void)pthread_cond_destroy(&s->idle);
    (void)pthread_mutex_destroy(&s->lock);
}

static int add(struct cdn_segs *s, const struct cdn_seg_head *head) {
    const int err = cdn_grow(s->alloc, (void **)&s->seg, &s->cap, s->count + 1, sizeof(*s->seg));
    if (err)
        return err;
    s->seg[s->count++] = (struct cdn_seg){.head = *head, .file = -1, .end = CDN_SEG_HEAD};
    return CORDON_OK;
}

struct finding {
    struct cdn_segs *s;
    int err;
};

static int each_name(void *ctx, const char *name) {
    struct finding *f = ctx;
    uint64_t number = 0;
    size_t n = 0;
    for (; name[n] >= '0' && name[n] <= '9' && n < 18; n++)
        number = number * 10 + (uint64_t)(name[n] - '0');
    if (n < 8 || number == 0 || strcmp(name + n, ".seg") != 0)
        return 0;
    f->err = add(f->s, &(struct cdn_seg_head){.number = number});
    return f->err;
}

static int by_number(const void *a, const void *b) {
    const struct cdn_seg *x = a, *y = b;
    return x->head.number < y->head.number ? -1 : x->head.number > y->head.number;
}

static int read_head(struct cdn_segs *s, struct cdn_hasher *h, struct cdn_seg *g, struct cordon_error *e) {
    char path[CDN_IO_PATH];
    uint8_t bytes[CDN_SEG_HEAD];
    struct cdn_seg_head head;
    cdn_seg_path(path, g->head.number);
    const int file = s->io.ops->open(s->io.ops->ctx, s->io.dir, path, CDN_FILE_READ);
    if (file < 0)
        return cdn_io_fail(e, file, "reading", path);
    int err = cdn_io_get(&s->io, file, bytes, sizeof(bytes), 0);
    s->io.ops->close(s->io.ops->ctx, file);
    if (err == -ENODATA)
        err = cdn_fail(e, CORDON_E_FORMAT, "the segment has no head");
    else if (err)
        return cdn_io_fail(e, err, "reading", path);
    if (!err)
        err = cdn_seg_head_read(h, bytes, &head, e);
    if (!err && head.number != g->head.number)
        err = cdn_fail(e, CORDON_E_DIGEST, "the segment is number %llu", (unsigned long long)head.number);
    if (!err && memcmp(head.origin, s->origin, sizeof(head.origin)) != 0)
        err = cdn_fail(e, CORDON_E_DIGEST, "the segment belongs to another journal");
    if (err)
        cdn_error_where(e, cdn_str_z(path), 0, 0);
    else
        g->head = head;
    return err;
}

int cdn_segs_find(struct cdn_segs *s, uint64_t *ret_torn, struct cordon_error *e) {
    struct finding f = {.s = s};
    struct cdn_hasher h;
    int err = cdn_hasher_init(&h, e);
    if (err)
        return err;
    *ret_torn = 0;
    forget_all(s);
    const int listed = s->io.ops->list(s->io.ops->ctx, s->io.dir, CDN_SEGS_DIR, each_name, &f);
    if (f.err)
        err = cdn_fail(e, f.err, "no memory for the list of segments");
    else if (listed)
        err = cdn_io_fail(e, listed, "reading", CDN_SEGS_DIR);
    if (!err && s->count > 1)
        qsort(s->seg, s->count, sizeof(*s->seg), by_number);
    for (size_t i = 0; i < s->count && !err; i++) {
        err = read_head(s, &h, &s->seg[i], e);
        if (i + 1 == s->count && (err == CORDON_E_FORMAT || err == CORDON_E_DIGEST)) {
            *ret_torn = s->seg[i].head.number;
            s->count--;
            err = CORDON_OK;
        } else if (!err && i > 0 && s->seg[i].head.first < s->seg[i - 1].head.first) {
            err = cdn_fail(e, CORDON_E_DIGEST, "segment %zu begins before the one before it", i + 1);
        }
    }
    cdn_hasher_free(&h);
    return err;
}

uint64_t cdn_segs_limit(const struct cdn_segs *s, size_t i) {
    return i + 1 < s->count ? s->seg[i + 1].head.first : UINT64_MAX;
}

int cdn_segs_create(struct cdn_segs *s, uint64_t first, struct cdn_hasher *h, struct cordon_error *e) {
    struct cdn_seg_head head = {.first = first};
    char path[CDN_IO_PATH];
    uint8_t bytes[CDN_SEG_HEAD];
    memcpy(head.origin, s->origin, sizeof(head.origin));
    (void)pthread_mutex_lock(&s->lock);
    head.number = s->count ? s->seg[s->count - 1].head.number + 1 : 1;
    (void)pthread_mutex_unlock(&s->lock);
    cdn_seg_path(path, head.number);
    cdn_seg_head_write(h, &head, bytes);
    const struct cdn_file_ops *ops = s->io.ops;
    const int file = ops->open(ops->ctx, s->io.dir, path, CDN_FILE_WRITE | CDN_FILE_CREATE);
    if (file < 0)
        return cdn_io_fail(e, file, "making", path);
    int err = cdn_io_put(&s->io, file, bytes, sizeof(bytes), 0);
    if (!err)
        err = ops->sync(ops->ctx, file);
    if (!err)
        err = ops->sync_dir(ops->ctx, s->io.dir, CDN_SEGS_DIR);
    if (err) {
        ops->close(ops->ctx, file);
        (void)ops->remove(ops->ctx, s->io.dir, path);
        return cdn_io_fail(e, err, "making", path);
    }
    (void)pthread_mutex_lock(&s->lock);
    err = add(s, &head);
    if (!err) {
        struct cdn_seg *g = &s->seg[s->count - 1];
        g->file = file;
        g->loaded = g->growing = true;
        if (s->count > 1)
            s->seg[s->count - 2].growing = false;
    }
    (void)pthread_mutex_unlock(&s->lock);
    if (err) {
        ops->close(ops->ctx, file);
        return cdn_fail(e, err, "no memory for the list of segments");
    }
    return CORDON_OK;
}

int cdn_segs_note(struct cdn_segs *s, uint64_t first, uint64_t at) {
    (void)pthread_mutex_lock(&s->lock);
    struct cdn_seg *g = &s->seg[s->count - 1];
    const int err = cdn_grow(s->alloc, (void **)&g->blocks, &g->cap, g->count + 1, sizeof(*g->blocks));
    if (!err)
        g->blocks[g->count++] = (struct cdn_seg_at){first, at};
    (void)pthread_mutex_unlock(&s->lock);
    return err;
}

/* The segment that holds the record, by halves. */
static size_t seg_of(const struct cdn_segs *s, uint64_t index) {
    size_t lo = 0, hi = s->count;
    while (hi - lo > 1) {
        const size_t mid = lo + (hi - lo) / 2;
        if (s->seg[mid].head.first <= index)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

/* The table of a segment that is not being written: from head to head as far as they go. */
static int load_table(struct cdn_segs *s, struct cdn_hasher *h, struct cdn_seg *g, uint64_t limit) {
    uint64_t at = CDN_SEG_HEAD, next = g->head.first;
    g->count = 0;
    while (next < limit) {
        uint8_t bytes[CDN_BLOCK_HEAD];
        struct cdn_block b;
        const int got = cdn_io_get(&s->io, g->file, bytes, sizeof(bytes), at);
        if (got == -ENODATA || (!got && (cdn_block_head_read(h, bytes, &b) || b.first != next)))
            break;
        if (got)
            return got;
        if (cdn_grow(s->alloc, (void **)&g->blocks, &g->cap, g->count + 1, sizeof(*g->blocks)))
            return -ENOMEM;
        g->blocks[g->count++] = (struct cdn_seg_at){b.first, at};
        at += CDN_BLOCK_HEAD + b.stored;
        next += b.count;
    }
    g->end = at;
    g->loaded = true;
    return 0;
}

/* Keeps few tables: the least recently used one that nobody reads goes. */
static void make_room(struct cdn_segs *s) {
    size_t loaded = 0, oldest = s->count;
    for (size_t i = 0; i < s->count; i++) {
        const struct cdn_seg *g = &s->seg[i];
        if (!g->loaded || g->growing || g->users)
            continue;
        loaded++;
        if (oldest == s->count || g->used < s->seg[oldest].used)
            oldest = i;
    }
    if (loaded > CDN_SEGS_LOADED)
        forget(s, &s->seg[oldest]);
}

/* ---- going through blocks
 * ---------------------------------------------------------------------------------- */

static int open_seg(struct cdn_iter *it, struct cordon_error *e) {
    char path[CDN_IO_PATH];
    const struct cdn_io *io = &it->segs->io;
    if (it->file >= 0)
        io->ops->close(io->ops->ctx, it->file);
    it->file = -1;
    (void)pthread_mutex_lock(&it->segs->lock);
    cdn_seg_path(path, it->segs->seg[it->seg].head.number);
    (void)pthread_mutex_unlock(&it->segs->lock);
    const int file = io->ops->open(io->ops->ctx, io->dir, path, CDN_FILE_READ);
    if (file < 0)
        return cdn_io_fail(e, file, "reading", path);
    it->file = file;
    it->at = CDN_SEG_HEAD;
    return CORDON_OK;
}

int cdn_iter_init(struct cdn_iter *it,
                  struct cdn_segs *s,
                  struct cdn_hasher *h,
                  uint64_t from,
                  uint64_t to,
                  struct cordon_error *e) {
    *it = (struct cdn_iter){.segs = s, .h = h, .file = -1, .next = from, .to = to};
    cdn_unpacker_init(&it->unpacker, s->alloc);
    if (from >= to)
        return CORDON_OK;
    (void)pthread_mutex_lock(&s->lock);
    const bool any = s->count > 0;
    if (any) {
        it->seg = seg_of(s, from);
        it->next = s->seg[it->seg].head.first;
    }
    (void)pthread_mutex_unlock(&s->lock);
    if (!any)
        return CORDON_OK;
    int err = open_seg(it, e);
    it->skip_body = true;
    while (!err && it->next < from) { /* heads, to the block that holds `from` */
        const uint8_t *raw;
        const int got = cdn_iter_next(it, &raw, e);
        if (got <= 0) {
            err = got;
            break;
        }
        if (it->next > from) { /* that was it: once more, with its body */
            it->next = it->block.first;
            it->at = it->block_at;
            break;
        }
    }
    it->skip_body = false;
    if (err)
        cdn_iter_free(it);
    return err;
}

void cdn_iter_free(struct cdn_iter *it) {
    if (it->file >= 0)
        it->segs->io.ops->close(it->segs->io.ops->ctx, it->file);
    it->file = -1;
    cdn_free(it->segs->alloc, it->body, it->cap);
    it->body = NULL;
    it->cap = 0;
    cdn_unpacker_free(&it->unpacker);
}

static int damage(struct cdn_iter *it, uint64_t at, const char *what, struct cordon_error *e) {
    char path[CDN_IO_PATH];
    (void)pthread_mutex_lock(&it->segs->lock);
    cdn_seg_path(path, it->segs->seg[it->seg].head.number);
    (void)pthread_mutex_unlock(&it->segs->lock);
    (void)cdn_fail(e,
                   CORDON_E_DIGEST,
                   "%s: byte %llu, record %llu: %s",
                   path,
                   (unsigned long long)at,
                   (unsigned long long)it->next,
                   what);
    cdn_error_where(e, cdn_str_z(path), 0, 0);
    if (e)
        e->offset = at;
    return CORDON_E_DIGEST;
}

static int read_body(struct cdn_iter *it,
                     const struct cdn_block *b,
                     const uint8_t **ret_raw,
                     struct cordon_error *e) {
    if (it->cap < b->stored) {
        const size_t cap = CDN_MAX((size_t)b->stored, CDN_BLOCK_RAW);
        cdn_free(it->segs->alloc, it->body, it->cap);
        it->cap = 0;
        it->body = cdn_alloc(it->segs->alloc, cap);
        if (!it->body)
            return cdn_fail(e, CORDON_E_NOMEM, "no memory for a block of the journal");
        it->cap = cap;
    }
    const int got = cdn_io_get(&it->segs->io, it->file, it->body, b->stored, it->at + CDN_BLOCK_HEAD);
    if (got == -ENODATA)
        return damage(it, it->at, "the block is cut off", e);
    if (got)
        return cdn_io_fail(e, got, "reading", CDN_SEGS_DIR);
    if (cdn_block_body_check(it->h, b, it->body))
        return damage(it, it->at + CDN_BLOCK_HEAD, "the block's bytes do not have their digest", e);
    const int err = cdn_block_unpack(&it->unpacker, b, it->body, ret_raw, e);
    return err == CORDON_E_DIGEST ? damage(it, it->at + CDN_BLOCK_HEAD, "the block does not unpack", e) : err;
}

int cdn_iter_next(struct cdn_iter *it, const uint8_t **ret_raw, struct cordon_error *e) {
    it->end_of_file = false;
    if (it->next >= it->to || it->file < 0) /* no file: there was no segment to begin with */
        return 0;
    for (;;) {
        (void)pthread_mutex_lock(&it->segs->lock);
        const bool over = it->next >= cdn_segs_limit(it->segs, it->seg);
        (void)pthread_mutex_unlock(&it->segs->lock);
        if (!over)
            break;
        it->seg++;
        const int err = open_seg(it, e);
        if (err)
            return err;
    }
    uint8_t bytes[CDN_BLOCK_HEAD];
    struct cdn_block b;
    const int got = cdn_io_get(&it->segs->io, it->file, bytes, sizeof(bytes), it->at);
    if (got == -ENODATA) {
        const int64_t size = it->segs->io.ops->size(it->segs->io.ops->ctx, it->file);
        it->end_of_file = size >= 0 && (uint64_t)size == it->at;
        return damage(
            it, it->at, it->end_of_file ? "the segment ends before the record" : "a block is cut off", e);
    }
    if (got)
        return cdn_io_fail(e, got, "reading", CDN_SEGS_DIR);
    if (cdn_block_head_read(it->h, bytes, &b))
        return damage(it, it->at, "here should be the head of a block", e);
    if (b.first != it->next)
        return damage(it, it->at, "the block is of other records", e);
    if (!it->skip_body) {
        const int err = read_body(it, &b, ret_raw, e);
        if (err)
            return err;
    }
    it->block = b;
    it->block_at = it->at;
    it->at += CDN_BLOCK_HEAD + b.stored;
    it->next += b.count;
    return 1;
}

/* ---- one record
 * ------------------------------------------------------------------------------------------------ */

struct reading { /* of one record */
    struct cdn_segs *s;
    struct cdn_hasher *h;
    struct cdn_unpacker unpacker;
    struct cdn_buf body;
    struct cdn_seg_at where;
    uint64_t index;
    int file;
};

static int open_table(struct reading *r, size_t i, struct cordon_error *e) {
    struct cdn_segs *s = r->s;
    struct cdn_seg *g = &s->seg[i];
    char path[CDN_IO_PATH];
    cdn_seg_path(path, g->head.number);
    if (g->file < 0) {
        const int file = s->io.ops->open(s->io.ops->ctx, s->io.dir, path, CDN_FILE_READ);
        if (file < 0)
            return cdn_io_fail(e, file, "reading", path);
        g->file = file;
    }
    const int got = g->loaded ? 0 : load_table(s, r->h, g, CDN_MIN(cdn_segs_limit(s, i), s->head));
    return got ? cdn_io_fail(e, got, "reading", path) : CORDON_OK;
}

/* Under the lock: opens the segment of the record, finds the block, and counts a user. */
static int take_locked(struct reading *r, size_t *ret_seg, struct cordon_error *e) {
    struct cdn_segs *s = r->s;
    if (r->index >= s->head || s->count == 0)
        return cdn_fail(e, CORDON_E_NOTFOUND, "there is no record %llu", (unsigned long long)r->index);
    const size_t i = seg_of(s, r->index);
    struct cdn_seg *g = &s->seg[i];
    const int err = open_table(r, i, e);
    if (err)
        return err;
    size_t lo = 0, hi = g->count;
    while (hi - lo > 1) {
        const size_t mid = lo + (hi - lo) / 2;
        if (g->blocks[mid].first <= r->index)
            lo = mid;
        else
            hi = mid;
    }
    if (g->count == 0 || g->blocks[lo].first > r->index)
        return cdn_fail(e, CORDON_E_DIGEST, "no segment has record %llu", (unsigned long long)r->index);
    g->used = ++s->clock;
    g->users++;
    make_room(s);
    *ret_seg = i;
    r->file = g->file;
    r->where = g->blocks[lo];
    return CORDON_OK;
}

static int take(struct reading *r, size_t *ret_seg, struct cordon_error *e) {
    (void)pthread_mutex_lock(&r->s->lock);
    const int err = take_locked(r, ret_seg, e);
    (void)pthread_mutex_unlock(&r->s->lock);
    return err;
}

static void give_back(struct cdn_segs *s, size_t i) {
    (void)pthread_mutex_lock(&s->lock);
    if (--s->seg[i].users == 0)
        (void)pthread_cond_broadcast(&s->idle);
    (void)pthread_mutex_unlock(&s->lock);
}

static int damaged(const struct reading *r, struct cordon_error *e) {
    return cdn_fail(e, CORDON_E_DIGEST, "the block of record %llu is damaged", (unsigned long long)r->index);
}

/* The record in its block; the payload still stands there. */
static int read_at(struct reading *r, struct cdn_journal_record *ret, struct cordon_error *e) {
    uint8_t bytes[CDN_BLOCK_HEAD];
    struct cdn_block b;
    const uint8_t *raw;
    int got = cdn_io_get(&r->s->io, r->file, bytes, sizeof(bytes), r->where.at);
    if (got && got != -ENODATA)
        return cdn_io_fail(e, got, "reading", CDN_SEGS_DIR);
    if (got || cdn_block_head_read(r->h, bytes, &b) || b.first != r->where.first ||
        r->index - b.first >= b.count)
        return damaged(r, e);
    cdn_buf_zero(&r->body, b.stored);
    if (r->body.err)
        return cdn_fail(e, r->body.err, "no memory for a block of the journal");
    got = cdn_io_get(&r->s->io, r->file, r->body.p, b.stored, r->where.at + CDN_BLOCK_HEAD);
    if (got && got != -ENODATA)
        return cdn_io_fail(e, got, "reading", CDN_SEGS_DIR);
    if (got || cdn_block_body_check(r->h, &b, r->body.p))
        return damaged(r, e);
    const int err = cdn_block_unpack(&r->unpacker, &b, r->body.p, &raw, e);
    if (err)
        return err;
    size_t at = 0;
    for (uint64_t i = b.first; i <= r->index; i++) {
        if (cdn_record_next(raw, b.raw, &at, ret))
            return damaged(r, e);
    }
    return CORDON_OK;
}

int cdn_segs_read(struct cdn_segs *s,
                  struct cdn_hasher *h,
                  uint64_t index,
                  struct cdn_buf *storage,
                  struct cdn_journal_record *ret,
                  struct cordon_error *e) {
    struct reading r = {.s = s, .h = h, .index = index};
    struct cdn_journal_record record;
    size_t seg = 0;
    int err = take(&r, &seg, e);
    if (err)
        return err;
    cdn_unpacker_init(&r.unpacker, s->alloc);
    cdn_buf_init(&r.body, s->alloc, CDN_BLOCK_MAX);
    err = read_at(&r, &record, e);
    if (!err) {
        cdn_buf_clear(storage);
        cdn_buf_str(storage, record.payload);
        if (storage->err)
            err = cdn_fail(e, storage->err, "no memory for record %llu", (unsigned long long)index);
    }
    if (!err) {
        if (!record.erased)
            cdn_hash_commit(h, record.salt, record.payload, record.leaf);
        record.payload = cdn_buf_get(storage);
        record.index = index;
        *ret = record;
    }
    cdn_buf_free(&r.body);
    cdn_unpacker_free(&r.unpacker);
    give_back(s, seg);
    return err;
}
