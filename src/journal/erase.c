/* SPDX-License-Identifier: Apache-2.0 */
/* erase.c: taking payload and salt of records away, for good, while their leaves and every proof stay.
 *
 * Who decides: retain_until of the record (set from its measures when it was written), the legal holds that
 * stand in the journal, and the caller's veto. Then the event "journal.erased" is made durable, and only then
 * bytes go: afterwards there is always a record that says why something is missing.
 *
 * How: a segment with something to erase is written anew beside the old one (NUMBER.seg.new), the old one
 * gets a second name (NUMBER.seg.old), the new one takes its name by renaming, the old one is overwritten,
 * synced and removed.
 *
 *  1. At every moment the segment's name leads to a whole file; other records are never at risk.
 *  2. An interrupted erasure is finished when the journal is opened: heads say which of two files is the
 * newer one.
 *  3. Events that are to be kept are never erased, nor what tree.state does not yet cover: the tiles of an
 * erased record are durable. */
#include <errno.h>
#include <stdio.h>
#include <zstd.h>

#include "base/num.h"
#include "journal/erase_priv.h"
#include "journal/journal_priv.h"
#include "journal/member.h"
#include "journal/reader_priv.h"

/* ---- files
 * ------------------------------------------------------------------------------------------------------- */

static int overwrite(const struct cdn_io *io, const char *path) {
    static const uint8_t zeros[1 << 16];
    const int file = io->ops->open(io->ops->ctx, io->dir, path, CDN_FILE_WRITE);
    if (file < 0)
        return file;
    const int64_t size = io->ops->size(io->ops->ctx, file);
    int err = size < 0 ? (int)size : 0;
    for (uint64_t at = 0; !err && at < (uint64_t)size; at += sizeof(zeros))
        err = cdn_io_put(io, file, zeros, (size_t)CDN_MIN((uint64_t)size - at, (uint64_t)sizeof(zeros)), at);
    if (!err)
        err = io->ops->sync(io->ops->ctx, file);
    io->ops->close(io->ops->ctx, file);
    if (!err)
        err = io->ops->remove(io->ops->ctx, io->dir, path);
    return err;
}

static bool read_seg_head(const struct cdn_io *io,
                          struct cdn_hasher *h,
                          const char *path,
                          struct cdn_seg_head *ret) {
    uint8_t bytes[CDN_SEG_HEAD];
    const int file = io->ops->open(io->ops->ctx, io->dir, path, CDN_FILE_READ);
    const bool read = file >= 0 && cdn_io_get(io, file, bytes, sizeof(bytes), 0) == 0;
    if (file >= 0)
        io->ops->close(io->ops->ctx, file);
    return read && cdn_seg_head_read(h, bytes, ret, NULL) == CORDON_OK;
}

struct leftovers {
    char name[16][64];
    size_t count;
};
static int each_leftover(void *ctx, const char *name) {
    struct leftovers *l = ctx;
    const size_t n = strlen(name);
    if (n > 8 && n < sizeof(l->name[0]) && l->count < CDN_ARRAY_LEN(l->name) &&
        (strcmp(name + n - 8, ".seg.new") == 0 || strcmp(name + n - 8, ".seg.old") == 0))
        (void)snprintf(l->name[l->count++], sizeof(l->name[0]), "%s", name);
    return 0;
}

int cdn_erase_finish(const struct cdn_io *io, struct cdn_hasher *h, struct cordon_error *e) {
    struct leftovers l = {.count = 0};
    const int listed = io->ops->list(io->ops->ctx, io->dir, CDN_SEGS_DIR, each_leftover, &l);
    if (listed)
        return cdn_io_fail(e, listed, "reading", CDN_SEGS_DIR);
    for (size_t i = 0; i < l.count; i++) {
        char path[CDN_IO_PATH], real[CDN_IO_PATH];
        struct cdn_seg_head here = {.number = 0}, there = {.number = 0};
        (void)snprintf(path, sizeof(path), CDN_SEGS_DIR "/%s", l.name[i]);
        (void)snprintf(real, sizeof(real), "%s", path);
        real[strlen(real) - 4] = '\0';
        /* A new file has nothing in it that is to go. An old one may be overwritten in part already; only
         * where it is the current file itself by a second name must its bytes stay. */
        const bool old = strcmp(path + strlen(path) - 4, ".old") == 0;
        const bool same = old && read_seg_head(io, h, real, &here) && read_seg_head(io, h, path, &there) &&
                          here.generation == there.generation;
        const int err = !old || same ? io->ops->remove(io->ops->ctx, io->dir, path) : overwrite(io, path);
        if (err)
            return cdn_io_fail(e, err, "removing", path);
    }
    return CORDON_OK;
}

/* ---- legal holds
 * ---------------------------------------------------------------------------------------------------- */

/* Two kinds of events: legal_hold.set with an id, and those of the service, legal_hold.placed, which are
 * known by the index of their record. */
struct cdn_hold {
    char *text; /* the event's data */
    size_t n;
    uint64_t index; /* of a placed one; UINT64_MAX: of the other kind */
};
struct erasing {
    struct cdn_journal *j;
    const struct cdn_journal_erase *what;
    struct cdn_journal_erased result;
    uint8_t *bits; /* per record of the range: goes */
    size_t bytes;
    uint64_t last;
    struct cdn_hasher h;
    void *zstd;
    struct cdn_buf raw, packed;
};

static void release(struct cdn_journal *j, cordon_str id, uint64_t index) {
    struct cdn_holds *all = &j->holds;
    for (size_t i = all->count; i-- > 0;) {
        struct cdn_hold *h = &all->items[i];
        const cordon_str own = cdn_member(cdn_str(h->text, h->n), "id");
        if (index != UINT64_MAX ? h->index == index : id.n > 0 && cdn_str_eq(own, id)) {
            cdn_free(j->alloc, h->text, h->n);
            *h = all->items[--all->count];
        }
    }
}

static int add_hold(struct cdn_journal *j, cordon_str data, uint64_t index, struct cordon_error *e) {
    struct cdn_holds *all = &j->holds;
    if (cdn_grow(j->alloc, (void **)&all->items, &all->cap, all->count + 1, sizeof(*all->items)))
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for legal holds");
    struct cdn_hold *h = &all->items[all->count];
    h->index = index;
    h->n = CDN_MAX(data.n, (size_t)1);
    h->text = cdn_alloc(j->alloc, h->n);
    if (!h->text)
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for legal holds");
    memcpy(h->text, data.n ? data.p : "-", h->n);
    all->count++;
    return 0;
}

static int note_hold(void *ctx, const struct cdn_journal_record *r, struct cordon_error *e) {
    struct cdn_journal *j = ctx;
    const cordon_str event = cdn_member_text(r->payload, "event");
    const cordon_str data = cdn_member(r->payload, "data");
    const bool placed = cdn_str_eq(event, CDN_STR("legal_hold.placed"));
    uint64_t hold = UINT64_MAX;
    int err = 0;
    if (r->index < j->holds.read)
        return 0;
    if (cdn_str_eq(event, CDN_STR("legal_hold.released")))
        release(j, cdn_member(data, "id"), UINT64_MAX);
    else if (cdn_str_eq(event, CDN_STR("legal_hold.lifted")) && cdn_member_number(data, "hold", &hold))
        release(j, (cordon_str){NULL, 0}, hold);
    if (placed || cdn_str_eq(event, CDN_STR("legal_hold.set")))
        err = add_hold(j, data, placed ? r->index : UINT64_MAX, e);
    if (!err)
        j->holds.read = r->index + 1;
    return err;
}

void cdn_holds_free(const struct cordon_alloc *alloc, struct cdn_holds *h) {
    for (size_t i = 0; i < h->count; i++)
        cdn_free(alloc, h->items[i].text, h->items[i].n);
    cdn_free(alloc, h->items, h->cap * sizeof(*h->items));
    *h = (struct cdn_holds){0};
}

/* A placed hold: of the records from..to that name the party; what is absent bounds nothing. */
static bool placed_holds(const struct cdn_hold *h, const struct cdn_journal_record *r) {
    const cordon_str data = cdn_str(h->text, h->n);
    const cordon_str party = cdn_member_text(data, "party");
    uint64_t from = 0, to = UINT64_MAX;
    if (cdn_member(data, "from").n && !cdn_member_number(data, "from", &from))
        return true;
    if (cdn_member(data, "to").n && !cdn_member_number(data, "to", &to))
        return true;
    if (cdn_member(data, "party").n && !party.n)
        return true;
    return r->index >= from && r->index <= to && (!party.n || cdn_contains(r->payload, party));
}

/* A hold whose scope cannot be read holds everything: nothing is erased by misunderstanding. */
static bool holds(const struct cdn_hold *h, const struct cdn_journal_record *r) {
    const cordon_str data = cdn_str(h->text, h->n);
    uint64_t first, last;
    if (h->index != UINT64_MAX)
        return placed_holds(h, r);
    const cordon_str texts = cdn_member(data, "text");
    const bool range = cdn_member_number(data, "first", &first) && cdn_member_number(data, "last", &last);
    if (!range && texts.n == 0)
        return true;
    if (range && r->index >= first && r->index <= last)
        return true;
    struct cdn_walk w = cdn_walk_begin(texts);
    cordon_str key, item;
    bool read = texts.n == 0;
    while (cdn_walk_next(&w, &key, &item)) {
        char storage[1024];
        struct cdn_buf b;
        cdn_buf_fixed(&b, storage, sizeof(storage));
        if (!cdn_text_append(&b, item) || b.err)
            return true;
        for (size_t i = 0; i < b.n; i++)
            b.p[i] = b.p[i] >= 'A' && b.p[i] <= 'Z' ? (char)(b.p[i] - 'A' + 'a') : b.p[i];
        if (cdn_contains(r->payload, cdn_buf_get(&b)))
            return true;
        read = true;
    }
    return !read;
}

static int consider(void *ctx, const struct cdn_journal_record *r, struct cordon_error *e) {
    struct erasing *x = ctx;
    (void)e;
    if (r->erased) {
        x->result.already++;
        return 0;
    }
    const bool erasable =
        x->what->events || cdn_str_eq(cdn_member_text(r->payload, "kind"), CDN_STR("decision"));
    if (!erasable || r->retain_until > x->what->now) {
        x->result.retained++;
        return 0;
    }
    bool held = x->what->held && x->what->held(x->what->ctx, r);
    for (size_t i = 0; i < x->j->holds.count && !held; i++)
        held = holds(&x->j->holds.items[i], r);
    if (held) {
        x->result.held++;
        return 0;
    }
    const uint64_t at = r->index - x->what->first;
    x->bits[at / 8] = (uint8_t)(x->bits[at / 8] | 1u << at % 8);
    x->result.erased++;
    return 0;
}

static bool goes(const struct erasing *x, uint64_t index) {
    if (index < x->what->first || index > x->last)
        return false;
    const uint64_t at = index - x->what->first;
    return x->bits[at / 8] >> at % 8 & 1;
}

/* ---- segments
 * ------------------------------------------------------------------------------------------------------------
 */

/* The block without what goes, in x->packed; *b is its head. */
static int rewrite_block(struct erasing *x, struct cdn_block *b, const uint8_t *raw, struct cordon_error *e) {
    size_t at = 0;
    cdn_buf_clear(&x->raw);
    for (uint64_t i = b->first; i < b->first + b->count; i++) {
        struct cdn_journal_record r;
        const size_t from = at;
        uint8_t head[CDN_RECORD_HEAD], leaf[CDN_HASH];
        if (cdn_record_next(raw, b->raw, &at, &r))
            return cdn_fail(e, CORDON_E_DIGEST, "record %llu is not whole", (unsigned long long)i);
        if (!goes(x, i) || r.erased) {
            cdn_buf_put(&x->raw, raw + from, at - from);
            continue;
        }
        cdn_hash_commit(&x->h, r.salt, r.payload, leaf);
        cdn_record_head_write(head, 0, CDN_RECORD_ERASED, r.retain_until);
        cdn_buf_put(&x->raw, head, sizeof(head));
        cdn_buf_put(&x->raw, leaf, sizeof(leaf));
    }
    cdn_buf_clear(&x->packed);
    const size_t bound = ZSTD_compressBound(x->raw.n);
    cdn_buf_zero(&x->packed, bound);
    if (x->raw.err || x->packed.err || x->h.broken)
        return cdn_fail(e, CORDON_E_NOMEM, "no memory to erase records");
    const size_t n = ZSTD_compressCCtx(x->zstd, x->packed.p, bound, x->raw.p, x->raw.n, 3);
    const bool packed = !ZSTD_isError(n) && n < x->raw.n;
    b->flags = (b->flags & ~(uint32_t)CDN_BLOCK_ZSTD) | (packed ? CDN_BLOCK_ZSTD : 0);
    b->raw = (uint32_t)x->raw.n;
    b->stored = (uint32_t)(packed ? n : x->raw.n);
    if (!packed)
        memcpy(x->packed.p, x->raw.p, x->raw.n);
    return CORDON_OK;
}

static int write_segment(
    struct erasing *x, size_t seg, const char *path, uint64_t limit, struct cordon_error *e) {
    const struct cdn_io *io = &x->j->io;
    uint8_t head[CDN_BLOCK_HEAD];
    struct cdn_iter it;
    struct cdn_seg_head sh = x->j->segs.seg[seg].head;
    const int file = io->ops->open(io->ops->ctx, io->dir, path, CDN_FILE_WRITE | CDN_FILE_CREATE);
    if (file < 0)
        return cdn_io_fail(e, file, "making", path);
    sh.generation++;
    cdn_seg_head_write(&x->h, &sh, head);
    int put = cdn_io_put(io, file, head, CDN_SEG_HEAD, 0);
    uint64_t at = CDN_SEG_HEAD;
    int err = cdn_iter_init(&it, &x->j->segs, &x->h, sh.first, limit, e);
    while (!err && !put && it.next < limit) {
        const uint8_t *raw;
        const int got = cdn_iter_next(&it, &raw, e);
        if (got <= 0) {
            err = got ? got : cdn_fail(e, CORDON_E_DIGEST, "records are missing");
            break;
        }
        struct cdn_block b = it.block;
        const void *body = it.body;
        bool some = false;
        for (uint64_t i = b.first; i < b.first + b.count && !some; i++)
            some = goes(x, i);
        if (some) {
            err = rewrite_block(x, &b, raw, e);
            body = x->packed.p;
        }
        if (!err) {
            cdn_block_head_write(&x->h, &b, body, head);
            put = cdn_io_put(io, file, head, sizeof(head), at);
            if (!put)
                put = cdn_io_put(io, file, body, b.stored, at + sizeof(head));
            at += sizeof(head) + b.stored;
        }
    }
    cdn_iter_free(&it);
    if (!err && !put)
        put = io->ops->sync(io->ops->ctx, file);
    io->ops->close(io->ops->ctx, file);
    return err ? err : put ? cdn_io_fail(e, put, "writing", path) : CORDON_OK;
}

/* Puts the new file in the place of the old one. */
static int exchange(struct erasing *x,
                    size_t seg,
                    const char *path,
                    const char *fresh,
                    const char *old,
                    struct cordon_error *e) {
    const struct cdn_io *io = &x->j->io;
    struct cdn_segs *s = &x->j->segs;
    int err = io->ops->link(io->ops->ctx, io->dir, path, old);
    if (!err)
        err = io->ops->sync_dir(io->ops->ctx, io->dir, CDN_SEGS_DIR);
    if (!err) {
        (void)pthread_mutex_lock(&s->lock);
        struct cdn_seg *g = &s->seg[seg];
        while (g->users > 0)
            (void)pthread_cond_wait(&s->idle, &s->lock);
        err = io->ops->rename(io->ops->ctx, io->dir, fresh, path);
        if (!err) {
            if (g->file >= 0)
                io->ops->close(io->ops->ctx, g->file);
            g->file = -1;
            g->loaded = g->growing = false;
            g->count = 0;
            g->head.generation++;
        }
        (void)pthread_mutex_unlock(&s->lock);
    }
    if (!err)
        err = io->ops->sync_dir(io->ops->ctx, io->dir, CDN_SEGS_DIR);
    if (!err)
        err = overwrite(io, old);
    if (!err)
        err = io->ops->sync_dir(io->ops->ctx, io->dir, CDN_SEGS_DIR);
    return err ? cdn_io_fail(e, err, "replacing", path) : CORDON_OK;
}

static int erase_segment(struct erasing *x, size_t seg, struct cordon_error *e) {
    char path[CDN_IO_PATH], fresh[CDN_IO_PATH + 4], old[CDN_IO_PATH + 4];
    struct cdn_segs *s = &x->j->segs;
    (void)pthread_mutex_lock(&s->lock);
    const uint64_t first = s->seg[seg].head.first;
    const uint64_t limit = CDN_MIN(cdn_segs_limit(s, seg), s->head);
    cdn_seg_path(path, s->seg[seg].head.number);
    (void)pthread_mutex_unlock(&s->lock);
    bool some = false;
    for (uint64_t i = CDN_MAX(first, x->what->first); i < limit && i <= x->last && !some; i++)
        some = goes(x, i);
    if (!some)
        return CORDON_OK;
    (void)snprintf(fresh, sizeof(fresh), "%s.new", path);
    (void)snprintf(old, sizeof(old), "%s.old", path);
    const int err = write_segment(x, seg, fresh, limit, e);
    return err ? err : exchange(x, seg, path, fresh, old, e);
}

/* ---- all of it
 * ----------------------------------------------------------------------------------------------------------------
 */

/* Makes the event durable, in a segment of its own: those before it can be written anew. */
static int append_event(struct erasing *x, struct cordon_error *e) {
    struct cdn_buf b;
    uint64_t index = 0;
    cdn_buf_init(&b, x->j->alloc, CDN_SIGN_MAX_NOTE);
    cdn_buf_z(&b, "{\"at\":\"");
    cdn_time_write(&b, x->what->now);
    cdn_buf_z(&b, "\",\"by\":");
    cdn_buf_json(&b, x->what->by);
    cdn_buf_z(&b, ",\"data\":{\"before\":\"");
    cdn_time_write(&b, x->what->now);
    cdn_buf_printf(&b,
                   "\",\"count\":%llu,\"first\":%llu,\"last\":%llu,\"reason\":",
                   (unsigned long long)x->result.erased,
                   (unsigned long long)x->what->first,
                   (unsigned long long)x->last);
    cdn_buf_json(&b, x->what->reason);
    cdn_buf_z(&b, "},\"event\":\"journal.erased\",\"kind\":\"event\"}");
    int err = b.err ? cdn_fail(e, b.err, "no memory for an event") : CORDON_OK;
    (void)pthread_mutex_lock(&x->j->queue_lock);
    x->j->roll = true;
    (void)pthread_mutex_unlock(&x->j->queue_lock);
    if (!err)
        err = cdn_journal_append(x->j, cdn_buf_get(&b), CDN_JOURNAL_KEEP, 0, &index, e);
    if (!err)
        err = cdn_journal_wait(x->j, index + 1, e);
    cdn_buf_free(&b);
    return err;
}

static int run(struct erasing *x, struct cordon_error *e) {
    int err = cdn_erase_finish(&x->j->io, &x->h, e); /* of an attempt that failed */
    if (!err)
        err = cdn_journal_scan(x->j, x->j->holds.read, UINT64_MAX, note_hold, x->j, e);
    if (!err && x->last >= x->what->first)
        err = cdn_journal_scan(x->j, x->what->first, x->last + 1, consider, x, e);
    if (err || x->what->dry_run || x->result.erased == 0)
        return err;
    err = append_event(x, e);
    if (!err) { /* the tiles of what goes must be durable */
        struct cdn_buf note;
        cdn_buf_init(&note, x->j->alloc, CDN_SIGN_MAX_NOTE);
        err = cdn_journal_checkpoint(x->j, &note, e);
        cdn_buf_free(&note);
    }
    if (!err)
        err = cdn_journal_save(x->j, e);
    (void)pthread_mutex_lock(&x->j->segs.lock);
    const size_t count = x->j->segs.count;
    (void)pthread_mutex_unlock(&x->j->segs.lock);
    for (size_t i = 0; i + 1 < count && !err; i++)
        err = erase_segment(x, i, e);
    return err;
}

int cdn_journal_erase(struct cdn_journal *j,
                      const struct cdn_journal_erase *what,
                      struct cdn_journal_erased *ret,
                      struct cordon_error *e) {
    const uint64_t head = cdn_journal_head(j);
    if (what->first > what->last)
        return cdn_fail(e, CORDON_E_ARG, "the first record comes after the last one");
    struct erasing x = {.j = j, .what = what, .last = head ? CDN_MIN(what->last, head - 1) : 0};
    if (head == 0 || what->first >= head) {
        *ret = x.result;
        return CORDON_OK;
    }
    x.bytes = (size_t)((x.last - what->first) / 8 + 1);
    x.bits = cdn_alloc_zero(j->alloc, 1, x.bytes);
    x.zstd = ZSTD_createCCtx();
    cdn_buf_init(&x.raw, j->alloc, CDN_BLOCK_MAX);
    cdn_buf_init(&x.packed, j->alloc, CDN_BLOCK_MAX * 2);
    int err = x.bits && x.zstd ? cdn_hasher_init(&x.h, e)
                               : cdn_fail(e, CORDON_E_NOMEM, "no memory to erase records");
    (void)pthread_mutex_lock(&j->recovering); /* one at a time */
    if (!err)
        err = run(&x, e);
    (void)pthread_mutex_unlock(&j->recovering);
    cdn_free(j->alloc, x.bits, x.bytes);
    (void)ZSTD_freeCCtx(x.zstd);
    cdn_hasher_free(&x.h);
    cdn_buf_free(&x.raw);
    cdn_buf_free(&x.packed);
    if (!err)
        *ret = x.result;
    return err;
}

void cordon_erase_options_init(cordon_erase_options *o) {
    memset(o, 0, sizeof(*o));
    o->size = sizeof(*o);
}

int cordon_journal_erase(const char *dir,
                         const cordon_erase_options *o,
                         cordon_erased *ret,
                         cordon_error *e) {
    struct cdn_journal_options options;
    struct cdn_sign_secret key;
    struct cdn_journal *j = NULL;
    struct cdn_journal_erased result = {.erased = 0};
    const struct cdn_journal_erase what = {.first = o->first,
                                           .last = o->last,
                                           .now = o->now,
                                           .by = o->by,
                                           .reason = o->reason,
                                           .dry_run = o->dry_run != 0};
    int err = cdn_minisign_read_secret(o->secret_key, o->password, &key, e);
    if (err)
        return err;
    cdn_journal_options_init(&options);
    options.key = &key;
    err = cdn_journal_open(dir, &options, &j, e);
    cdn_sign_forget(&key);
    if (!err)
        err = cdn_journal_erase(j, &what, &result, e);
    cdn_journal_close(j);
    if (!err)
        *ret = (cordon_erased){result.erased, result.retained, result.held, result.already};
    return err;
}
