/* SPDX-License-Identifier: Apache-2.0 */
/* spare.c: memory of buffers that are not in use, kept for the next: growing each anew, and having the system
 * clear it, would be a tenth of the time of a decision in a batch.
 *
 *  1. at most CDN_SPARES are kept, and none that is small or very large;
 *  2. what is kept is memory alone: a buffer that takes it is empty. */
#include "service/priv.h"

enum { SPARE_LEAST = 64 * 1024, SPARE_MOST = 1024 * 1024 };

void cdn_spare_take(struct cdn_service *s, struct cdn_buf *b, size_t max) {
    struct cdn_spares *kept = &s->spares;
    cdn_buf_init(b, s->alloc, max);
    pthread_mutex_lock(&kept->lock);
    if (kept->count && kept->items[kept->count - 1].cap <= max) {
        b->p = kept->items[--kept->count].p;
        b->cap = kept->items[kept->count].cap;
    }
    pthread_mutex_unlock(&kept->lock);
}

void cdn_spare_give(struct cdn_service *s, struct cdn_buf *b) {
    struct cdn_spares *kept = &s->spares;
    if (b->cap >= SPARE_LEAST && b->cap <= SPARE_MOST) {
        pthread_mutex_lock(&kept->lock);
        if (kept->count < CDN_SPARES) {
            kept->items[kept->count].p = b->p;
            kept->items[kept->count++].cap = b->cap;
            b->p = NULL;
            b->cap = 0;
        }
        pthread_mutex_unlock(&kept->lock);
    }
    cdn_buf_free(b);
}

void cdn_spare_free(struct cdn_service *s) {
    for (unsigned i = 0; i < s->spares.count; i++)
        cdn_free(s->alloc, s->spares.items[i].p, s->spares.items[i].cap);
    pthread_mutex_destroy(&s->spares.lock);
}
