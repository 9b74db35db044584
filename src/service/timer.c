/* SPDX-License-Identifier: Apache-2.0 */
/* timer.c: what happens by itself: the journal's recovery, scheduled activation, reloading, sweeping.
 *
 * One thread wakes at each full second of the service's clock. Building a snapshot takes it longer than that,
 * which harms nobody: a request that finds an activation due does it itself. */
#include "service/priv.h"

enum { SWEEP_SECONDS = 60 };

static void use_lists(struct cdn_service *s);

void cdn_service_tick(struct cdn_service *s) {
    const struct cdn_service_time now = cdn_service_now(s);
    if (!cdn_commit_recover(s))
        return;
    cdn_schedule_due(s, now.wall);
    pthread_mutex_lock(&s->timer_lock);
    const bool reload = s->reload_wanted, schedule = s->schedule_wanted;
    s->reload_wanted = s->schedule_wanted = false;
    pthread_mutex_unlock(&s->timer_lock);
    if (reload)
        (void)!cdn_set_reload(s, "signal", CDN_STR("service"), NULL, NULL);
    else if (schedule)
        cdn_schedule_next(s);
    use_lists(s);
    if (now.wall - s->swept >= SWEEP_SECONDS) {
        s->swept = now.wall;
        cdn_live_sweep(s->live, cdn_store_indexed(s->store), now.wall);
    }
}

/* The first decision under a snapshot is the first use of each list that is new in it. */
static void use_lists(struct cdn_service *s) {
    const uint64_t decision = atomic_load_explicit(&s->first_decision, memory_order_acquire);
    if (decision == UINT64_MAX)
        return;
    for (uint32_t i = 0; i < CDN_SERVICE_LISTS; i++) {
        struct cdn_event ev;
        struct cordon_error e = {0};
        uint64_t index = 0;
        uint8_t refusal = 0;
        char name[64], digest[72];
        int64_t at = 0;
        const struct cdn_service_time now = cdn_service_now(s);
        pthread_mutex_lock(&s->set_lock);
        const bool wanted = i < s->active.list_count && !s->active.list_told[i];
        memcpy(name, s->active.lists[i].name, sizeof(name));
        memcpy(digest, s->active.list_digest[i], sizeof(digest));
        pthread_mutex_unlock(&s->set_lock);
        if (!wanted || cdn_service_instant(s, &now, &at, &refusal, &e) < 0)
            continue;
        cdn_event_init(&ev, CDN_EV_list_used, at, CDN_STR("service"));
        ev.u.list_used.list = cdn_str_z(name);
        ev.u.list_used.digest = cdn_str_z(digest);
        ev.u.list_used.decision = decision;
        const int err = cdn_commit_event(s, &ev, &index, &refusal, &e);
        if (err && err != CORDON_E_CONFLICT && err != CORDON_E_STATE)
            continue;
        pthread_mutex_lock(&s->set_lock);
        if (i < s->active.list_count && strcmp(s->active.list_digest[i], digest) == 0) {
            s->active.list_told[i] = true;
            if (!s->active.lists[i].first_used)
                s->active.lists[i].first_used = at;
        }
        pthread_mutex_unlock(&s->set_lock);
    }
    atomic_store_explicit(&s->lists_wait, false, memory_order_release);
    atomic_store_explicit(&s->first_decision, UINT64_MAX, memory_order_release);
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
