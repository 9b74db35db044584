/* SPDX-License-Identifier: Apache-2.0 */
/* past.c: records read back: one by number, and the many that the state and the index take in one after the
 * other.
 *
 * Records lie in the journal in compressed blocks, so that reading them one by one unpacks each block again
 * for every record in it, and looks for the block from the beginning of its segment. The two that follow the
 * journal therefore read through a window each: some thousand records from the one that was asked for on. */
#include "service/priv.h"

enum { WINDOW_RECORDS = 4096, WINDOW_BYTES = 4 * 1024 * 1024, WINDOWS = 2 };

struct window {
    uint64_t first, used; /* used: for finding the one that nobody has asked for the longest */
    size_t count;
    size_t ends[WINDOW_RECORDS];
    bool erased[WINDOW_RECORDS];
    struct cdn_buf bytes;
};
struct cdn_windows {
    pthread_mutex_t lock;
    uint64_t uses;
    struct window windows[WINDOWS];
};

int cdn_windows_new(struct cdn_service *s, struct cordon_error *e) {
    struct cdn_windows *w = cdn_alloc_zero(s->alloc, 1, sizeof(*w));
    if (!w)
        return cdn_service_no_memory(e);
    pthread_mutex_init(&w->lock, NULL);
    for (unsigned i = 0; i < WINDOWS; i++)
        cdn_buf_init(&w->windows[i].bytes, s->alloc, WINDOW_BYTES + CDN_JOURNAL_MAX_RECORD);
    s->windows = w;
    return 0;
}

void cdn_windows_free(struct cdn_service *s) {
    if (!s->windows)
        return;
    for (unsigned i = 0; i < WINDOWS; i++)
        cdn_buf_free(&s->windows->windows[i].bytes);
    pthread_mutex_destroy(&s->windows->lock);
    cdn_free(s->alloc, s->windows, sizeof(*s->windows));
    s->windows = NULL;
}

static int take_in(void *ctx, const struct cdn_journal_record *r, struct cordon_error *e) {
    struct window *w = ctx;
    (void)e;
    if (w->count == WINDOW_RECORDS || (w->count && w->bytes.n + r->payload.n > WINDOW_BYTES))
        return 1;
    cdn_buf_str(&w->bytes, r->payload);
    if (w->bytes.err)
        return w->bytes.err;
    w->erased[w->count] = r->erased;
    w->ends[w->count++] = w->bytes.n;
    return 0;
}

static int fill(struct cdn_service *s, struct window *w, uint64_t index, struct cordon_error *e) {
    w->first = index;
    w->count = 0;
    cdn_buf_clear(&w->bytes);
    const uint64_t head = cdn_journal_head(s->journal);
    const int err = cdn_journal_scan(s->journal, index, CDN_MIN(head, index + WINDOW_RECORDS), take_in, w, e);
    if (err < 0) {
        w->count = 0;
        return err;
    }
    return w->count ? 0
                    : cdn_fail(e, CORDON_E_NOTFOUND, "there is no record %llu", (unsigned long long)index);
}

static struct window *window_of(struct cdn_windows *all, uint64_t index) {
    struct window *oldest = &all->windows[0];
    for (unsigned i = 0; i < WINDOWS; i++) {
        struct window *w = &all->windows[i];
        if (index >= w->first && index - w->first < w->count)
            return w;
        if (w->used < oldest->used)
            oldest = w;
    }
    oldest->count = 0;
    return oldest;
}

/* The journal's own events (an erasure, another key, a legal hold set by its tools) are no business of the
 * state: to it they are records without content. Canonical, so that the name stands at a fixed distance from
 * the end. */
static bool of_journal(cordon_str record) {
    static const char *const ends[] = {"\"event\":\"journal.erased\",\"kind\":\"event\"}",
                                       "\"event\":\"journal.key_rotated\",\"kind\":\"event\"}",
                                       "\"event\":\"legal_hold.set\",\"kind\":\"event\"}",
                                       "\"event\":\"legal_hold.released\",\"kind\":\"event\"}"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(ends); i++) {
        const size_t n = strlen(ends[i]);
        if (record.n >= n && memcmp(record.p + record.n - n, ends[i], n) == 0)
            return true;
    }
    return false;
}

int cdn_windows_read(void *service, uint64_t index, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_service *s = service;
    struct cdn_windows *all = s->windows;
    pthread_mutex_lock(&all->lock);
    struct window *w = window_of(all, index);
    w->used = ++all->uses;
    int err = w->count ? 0 : fill(s, w, index, e);
    if (!err) {
        const size_t i = (size_t)(index - w->first), from = i ? w->ends[i - 1] : 0;
        if (w->erased[i])
            err = cdn_fail(e, CORDON_E_NOTFOUND, "record %llu has been erased", (unsigned long long)index);
        else if (of_journal(cdn_str(w->bytes.p + from, w->ends[i] - from)))
            err =
                cdn_fail(e, CORDON_E_NOTFOUND, "record %llu is the journal's own", (unsigned long long)index);
        else
            cdn_buf_put(out, w->bytes.p + from, w->ends[i] - from);
    }
    pthread_mutex_unlock(&all->lock);
    return err ? err : out->err;
}

/* After an erasure nobody is to read what is gone. */
void cdn_windows_forget(struct cdn_service *s) {
    pthread_mutex_lock(&s->windows->lock);
    for (unsigned i = 0; i < WINDOWS; i++) {
        struct window *w = &s->windows->windows[i];
        if (w->bytes.p)
            explicit_bzero(w->bytes.p, w->bytes.cap);
        w->count = 0;
    }
    pthread_mutex_unlock(&s->windows->lock);
}

/* ---- one decision
 * ------------------------------------------------------------------------------------------------ */

int cdn_past_read(struct cdn_service *s, uint64_t index, struct cdn_past *ret, struct cordon_error *e) {
    struct cdn_journal_record r;
    cdn_buf_init(&ret->storage, s->alloc, CDN_MAX_RECORD_BYTES);
    cdn_arena_init(&ret->arena, s->alloc, 0);
    int err = index >= cdn_journal_head(s->journal)
                  ? cdn_fail(e, CORDON_E_NOTFOUND, "there is no record %llu", (unsigned long long)index)
                  : cdn_journal_read(s->journal, index, &ret->storage, &r, e);
    if (!err && r.erased)
        err = cdn_fail(e, CORDON_E_NOTFOUND, "record %llu has been erased", (unsigned long long)index);
    err = err ? err : cdn_record_read(r.payload, &ret->arena, &ret->record, e);
    if (!err && ret->record.kind != CDN_RECORD_DECISION)
        err = cdn_fail(e, CORDON_E_NOTFOUND, "record %llu is no decision", (unsigned long long)index);
    return err;
}

void cdn_past_free(struct cdn_past *past) {
    cdn_arena_free(&past->arena);
    cdn_buf_free(&past->storage);
}
