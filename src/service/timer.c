/* SPDX-License-Identifier: Apache-2.0 */
/* timer.c: what happens by itself: the journal's recovery, scheduled activation, reloading, sweeping.
 *
 * One thread wakes at each full second of the service's clock. Building a snapshot takes it longer than that,
 * which harms nobody: a request that finds an activation due does it itself. */
#include "service/priv.h"

enum { SWEEP_SECONDS = 60 };

/* The state has taken in what an act had given up waiting for: a draft may have been scheduled by it. */
static void taken_in(struct cdn_service *s) {
    uint64_t end = atomic_load_explicit(&s->left_behind, memory_order_relaxed);
    if (!end || cdn_store_applied(s->store) < end ||
        !atomic_compare_exchange_strong(&s->left_behind, &end, 0))
        return;
    pthread_mutex_lock(&s->timer_lock);
    s->schedule_wanted = true;
    pthread_mutex_unlock(&s->timer_lock);
}

void cdn_service_tick(struct cdn_service *s) {
    const struct cdn_service_time now = cdn_service_now(s);
    if (!cdn_commit_recover(s))
        return;
    (void)cdn_schedule_due(s, now.wall);
    taken_in(s);
    pthread_mutex_lock(&s->timer_lock);
    const bool reload = s->reload_wanted, schedule = s->schedule_wanted;
    s->reload_wanted = s->schedule_wanted = false;
    pthread_mutex_unlock(&s->timer_lock);
    if (reload)
        (void)!cdn_set_reload(s, "signal", CDN_STR("service"), NULL, NULL);
    else if (schedule)
        cdn_schedule_next(s);
    else if (cdn_schedule_again(s, now.wall))
        cdn_schedule(s);
    cdn_lists_tell(s);
    if (now.wall - s->swept >= SWEEP_SECONDS) {
        s->swept = now.wall;
        cdn_live_sweep(s->live, cdn_store_indexed(s->store), now.wall);
    }
}

/* Until the next full second of the wall clock, as the service's clock has it. */
static struct timespec next_second(const struct cdn_service *s) {
    const struct cdn_service_time now = cdn_service_now(s);
    return cdn_service_later(s, UINT64_C(1000000000) - CDN_MIN(now.wall_ns, 999999999u) + 200000);
}

static void *run(void *arg) {
    struct cdn_service *s = arg;
    pthread_mutex_lock(&s->timer_lock);
    while (!s->timer_stop) {
        const struct timespec until = next_second(s);
        if (!s->reload_wanted && !s->schedule_wanted)
            (void)pthread_cond_timedwait(&s->timer_wake, &s->timer_lock, &until);
        if (s->timer_stop)
            break;
        pthread_mutex_unlock(&s->timer_lock);
        cdn_service_tick(s);
        pthread_mutex_lock(&s->timer_lock);
    }
    pthread_mutex_unlock(&s->timer_lock);
    return NULL;
}

int cdn_timer_start(struct cdn_service *s, struct cordon_error *e) {
    if (s->o.no_threads)
        return 0;
    if (pthread_create(&s->timer, NULL, run, s) != 0)
        return cdn_fail(e, CORDON_E_STATE, "the thread of the clock could not be started");
    s->has_timer = true;
    return 0;
}

void cdn_timer_stop(struct cdn_service *s) {
    if (!s->has_timer)
        return;
    pthread_mutex_lock(&s->timer_lock);
    s->timer_stop = true;
    pthread_cond_broadcast(&s->timer_wake);
    pthread_mutex_unlock(&s->timer_lock);
    (void)pthread_join(s->timer, NULL);
    s->has_timer = false;
}

void cdn_service_reload(struct cdn_service *s) {
    pthread_mutex_lock(&s->timer_lock);
    s->reload_wanted = true;
    pthread_cond_signal(&s->timer_wake);
    pthread_mutex_unlock(&s->timer_lock);
}
