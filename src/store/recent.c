/* SPDX-License-Identifier: Apache-2.0 */
/* recent.c: the ring of summaries (summary.h): pieces of consecutive records in the order of the journal,
 * from those who append to the two who follow.
 *
 *  1. a piece goes when both have taken it in, or when the ring is full: the oldest first;
 *  2. records that were given up leave the ring before their numbers are used again, and nobody reads beyond
 * what is durable. */
#include "store/store_priv.h"

#define RING_BYTES CDN_MIB(16)
#define COPY_BYTES ((size_t)64 << 10) /* copied under the lock in one go */

struct cdn_recent {
    const struct cordon_alloc *alloc;
    uint64_t first;
    uint32_t count;
    size_t n, cap;
    char p[];
};

struct cdn_recent *cdn_recent_new(const struct cordon_alloc *alloc, size_t bytes) {
    struct cdn_recent *r = cdn_alloc(alloc, sizeof(*r) + bytes);
    if (r)
        *r = (struct cdn_recent){.alloc = alloc, .cap = bytes};
    return r;
}

void cdn_recent_add(struct cdn_recent *r, cordon_str summary) {
    if (summary.n > r->cap - r->n)
        return; /* not whole: found by the number of records */
    memcpy(r->p + r->n, summary.p, summary.n);
    r->n += summary.n;
    r->count++;
}

void cdn_recent_free(struct cdn_recent *r) {
    if (r)
        cdn_free(r->alloc, r, sizeof(*r) + r->cap);
}

static struct cdn_recent *piece(const struct cdn_ring *g, size_t i) {
    return g->items[(g->begin + i) & (g->cap - 1)];
}

static void drop_oldest(struct cdn_ring *g) {
    struct cdn_recent *r = piece(g, 0);
    g->begin++;
    g->count--;
    g->bytes -= r->cap;
    cdn_recent_free(r);
}

static void drop_newest(struct cdn_ring *g) {
    struct cdn_recent *r = piece(g, --g->count);
    g->bytes -= r->cap;
    cdn_recent_free(r);
}

/* Twice as many places. */
static bool widen(const struct cordon_alloc *alloc, struct cdn_ring *g) {
    const size_t cap = g->cap ? g->cap * 2 : 64;
    struct cdn_recent **items = cdn_alloc_zero(alloc, cap, sizeof(struct cdn_recent *));
    if (!items)
        return false;
    for (size_t i = 0; i < g->count; i++)
        items[i] = piece(g, i);
    cdn_free(alloc, g->items, g->cap * sizeof(struct cdn_recent *));
    g->items = items;
    g->cap = cap;
    g->begin = 0;
    return true;
}

void cdn_store_recent(struct cdn_store *s, uint64_t first, struct cdn_recent *r) {
    struct cdn_ring *g = &s->ring;
    if (!r)
        return;
    r->first = first;
    (void)pthread_mutex_lock(&s->lock);
    while (g->count && piece(g, g->count - 1)->first + piece(g, g->count - 1)->count > first)
        drop_newest(g); /* cannot be after cdn_store_recent_lost; never two pieces of one record */
    const uint64_t taken = CDN_MIN(atomic_load(&s->applied), atomic_load(&s->indexed));
    while (g->count && (g->bytes > RING_BYTES || piece(g, 0)->first + piece(g, 0)->count <= taken))
        drop_oldest(g);
    if (!r->count || (g->count == g->cap && !widen(s->alloc, g))) {
        cdn_recent_free(r);
    } else {
        g->items[(g->begin + g->count++) & (g->cap - 1)] = r;
        g->bytes += r->cap;
    }
    (void)pthread_mutex_unlock(&s->lock);
}

void cdn_store_recent_lost(struct cdn_store *s, uint64_t first) {
    struct cdn_ring *g = &s->ring;
    (void)pthread_mutex_lock(&s->lock);
    while (g->count && piece(g, g->count - 1)->first + piece(g, g->count - 1)->count > first)
        drop_newest(g);
    (void)pthread_mutex_unlock(&s->lock);
}

void cdn_store_ring_free(struct cdn_store *s) {
    while (s->ring.count)
        drop_oldest(&s->ring);
    cdn_free(s->alloc, s->ring.items, s->ring.cap * sizeof(struct cdn_recent *));
    s->ring = (struct cdn_ring){0};
}

/* The first piece that ends behind `index`. */
static size_t find(const struct cdn_ring *g, uint64_t index) {
    size_t lo = 0;
    size_t hi = g->count;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (piece(g, mid)->first + piece(g, mid)->count > index)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

/* Of one piece, from record `*index` on, those below `end`. */
static void copy(const struct cdn_recent *r, uint64_t *index, uint64_t end, struct cdn_buf *out) {
    const char *p = r->p;
    const char *from = NULL;
    struct cdn_summary skipped;
    uint64_t i = r->first;
    for (; i < r->first + r->count && i < end; i++) {
        from = i == *index ? p : from;
        p = cdn_summary_read(p, &skipped);
    }
    if (from)
        cdn_buf_put(out, from, (size_t)(p - from));
    if (from && !out->err)
        *index = i;
}

uint64_t cdn_store_ring_copy(
    struct cdn_store *s, uint64_t first, uint64_t end, struct cdn_buf *out, uint64_t *ret_next) {
    const struct cdn_ring *g = &s->ring;
    const size_t before = out->n;
    uint64_t index = first;
    (void)pthread_mutex_lock(&s->lock);
    size_t i = find(g, first);
    *ret_next = i < g->count ? piece(g, i)->first : CDN_COUNT_NONE;
    for (; i < g->count && piece(g, i)->first <= index && index < end && !out->err; i++) {
        copy(piece(g, i), &index, end, out);
        if (out->n - before > COPY_BYTES)
            break;
    }
    (void)pthread_mutex_unlock(&s->lock);
    return index - first;
}
