/* SPDX-License-Identifier: Apache-2.0 */
/* lane.c: threads for work that may take long or wait: compiling, searching, events that must be durable.
 *
 * The queue is short on purpose: what does not fit is refused at once with 503, so that a caller knows. */
#include <stdlib.h>

#include "log.h"
#include "server.h"

enum { WAITING = 64, MOST_THREADS = 8 };

struct lane {
    struct daemon *d;
    pthread_mutex_t lock;
    pthread_cond_t news;
    struct call *queue[WAITING];
    unsigned first, count, threads;
    bool over;
    pthread_t thread[MOST_THREADS];
};

static void nothing(struct call *c, void *ctx) {
    (void)c;
    (void)ctx;
}

static void *work(void *arg) {
    struct lane *l = arg;
    for (;;) {
        (void)pthread_mutex_lock(&l->lock);
        while (l->count == 0 && !l->over)
            (void)pthread_cond_wait(&l->news, &l->lock);
        if (l->count == 0) {
            (void)pthread_mutex_unlock(&l->lock);
            return NULL;
        }
        struct call *c = l->queue[l->first];
        l->first = (l->first + 1) % WAITING;
        l->count--;
        (void)pthread_mutex_unlock(&l->lock);
        /* The call is this thread's: its connection is suspended, and ROUTE_LONG has no deadline. */
        (void)c->route->run(c);
        (void)call_finish(c, nothing, NULL);
    }
}

struct lane *lane_new(struct daemon *d, unsigned threads) {
    struct lane *l = calloc(1, sizeof(*l));
    if (!l)
        return NULL;
    l->d = d;
    (void)pthread_mutex_init(&l->lock, NULL);
    (void)pthread_cond_init(&l->news, NULL);
    for (unsigned i = 0; i < CDN_MIN(threads, (unsigned)MOST_THREADS); i++) {
        if (pthread_create(&l->thread[l->threads], NULL, work, l) == 0)
            l->threads++;
    }
    if (l->threads == 0) {
        lane_free(l);
        return NULL;
    }
    return l;
}

void lane_free(struct lane *l) {
    if (!l)
        return;
    (void)pthread_mutex_lock(&l->lock);
    l->over = true;
    (void)pthread_cond_broadcast(&l->news);
    (void)pthread_mutex_unlock(&l->lock);
    for (unsigned i = 0; i < l->threads; i++)
        (void)pthread_join(l->thread[i], NULL);
    (void)pthread_mutex_destroy(&l->lock);
    (void)pthread_cond_destroy(&l->news);
    free(l);
}

bool lane_put(struct lane *l, struct call *c) {
    (void)pthread_mutex_lock(&l->lock);
    const bool room = l->count < WAITING && !l->over;
    if (room) {
        l->queue[(l->first + l->count) % WAITING] = c;
        l->count++;
        (void)pthread_cond_signal(&l->news);
    }
    (void)pthread_mutex_unlock(&l->lock);
    return room;
}
