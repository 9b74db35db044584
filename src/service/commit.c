/* SPDX-License-Identifier: Apache-2.0 */
/* commit.c: between the journal and those who wait for it.
 *
 *  1. what waits is queued in the order of the journal, under the lock under which it was appended; so the
 * committer finds it whenever it comes;
 *  2. records that were given up are refused to everybody who waits for them, and the live state, which had
 * counted with them, is filled again from what is durable before anything else is decided. */
#include "service/priv.h"

#include <errno.h>

void cdn_commit_queue(struct cdn_service *s, struct cdn_waiting *w) {
    w->next = NULL;
    if (s->last_waiting)
        s->last_waiting->next = w;
    else
        s->first_waiting = w;
    s->last_waiting = w;
}

static void finish_all(struct cdn_service *s, struct cdn_waiting *w, bool lost) {
    while (w) {
        struct cdn_waiting *next = w->next;
        atomic_fetch_sub_explicit(&s->waiting, w->count, memory_order_relaxed);
        w->next = NULL;
        w->finish(w, lost);
        w = next;
    }
}

void cdn_commit_durable(void *service, uint64_t first, uint64_t count) {
    struct cdn_service *s = service;
    const uint64_t end = first + count;
    pthread_mutex_lock(&s->order);
    struct cdn_waiting *done = s->first_waiting, *last = NULL;
    while (s->first_waiting && s->first_waiting->last < end) {
        last = s->first_waiting;
        s->first_waiting = last->next;
    }
    if (!s->first_waiting)
        s->last_waiting = NULL;
    pthread_mutex_unlock(&s->order);
    if (last) {
        last->next = NULL;
        finish_all(s, done, false);
    }
    if (s->store)
        cdn_store_follow(s->store, end);
}

void cdn_commit_lost(void *service, uint64_t first, uint64_t count, const struct cordon_error *why) {
    struct cdn_service *s = service;
    (void)count;
    pthread_mutex_lock(&s->order);
    (void)cdn_service_append_refusal(s, CORDON_E_IO, why);
    if (s->store)
        cdn_store_recent_lost(s->store, first);
    s->epoch++;
    struct cdn_waiting **at = &s->first_waiting, *keep = NULL;
    while (*at && (*at)->last < first) {
        keep = *at;
        at = &(*at)->next;
    }
    struct cdn_waiting *lost = *at;
    *at = NULL;
    s->last_waiting = keep;
    pthread_mutex_unlock(&s->order);
    cdn_service_note(
        s, 1, "journal", "records could not be written and are given up: %s", why ? why->message : "");
    finish_all(s, lost, true);
}

/* ---- recovery
 * ------------------------------------------------------------------------------------------------- */

bool cdn_commit_recover(struct cdn_service *s) {
    struct cordon_error e = {0};
    if (!atomic_load_explicit(&s->stale, memory_order_acquire))
        return true;
    if (cdn_journal_recover(s->journal, &e) < 0) {
        atomic_store_explicit(&s->full, e.system == ENOSPC || e.system == EDQUOT, memory_order_relaxed);
        if (!s->unhealed) /* once: where it broke nothing may have been said, as no record was lost */
            cdn_service_note(s, 1, "journal", "no decision can be recorded: %s", e.message);
        s->unhealed = true;
        return false;
    }
    s->unhealed = false;
    const struct cdn_service_time now = cdn_service_now(s);
    pthread_mutex_lock(&s->order);
    const int err = cdn_live_fill(s->live, s->store, &s->source, cdn_journal_head(s->journal), now.wall, &e);
    s->epoch++;
    if (!err) {
        atomic_store_explicit(&s->full, false, memory_order_relaxed);
        atomic_store_explicit(&s->stale, false, memory_order_release);
    }
    pthread_mutex_unlock(&s->order);
    if (err)
        cdn_service_note(s, 1, "state", "the live state could not be filled again: %s", e.message);
    else
        cdn_service_note(s, 3, "journal", "the journal works again");
    return !err;
}

/* ---- events
 * ---------------------------------------------------------------------------------------------------- */

/* Its summary, for those who follow the journal. NULL, without memory: they read the journal. */
static struct cdn_recent *recent_event(struct cdn_service *s, cordon_str record) {
    struct cdn_buf summary;
    struct cdn_recent *recent = NULL;
    cdn_buf_init(&summary, s->alloc, 2 * (size_t)CDN_MAX_RECORD_BYTES);
    if (cdn_summary_event(&summary, record) == 0)
        recent = cdn_recent_new(s->alloc, summary.n);
    if (recent)
        cdn_recent_add(recent, cdn_buf_get(&summary));
    cdn_buf_free(&summary);
    return recent;
}

static int append(struct cdn_service *s,
                  const struct cdn_event *ev,
                  cordon_str record,
                  uint64_t *ret_index,
                  uint8_t *ret_refusal,
                  struct cordon_error *e) {
    const int64_t keep = cdn_event_erasable(ev->kind) ? ev->at : CDN_JOURNAL_KEEP;
    uint64_t index = 0;
    struct cdn_recent *recent = recent_event(s, record);
    pthread_mutex_lock(&s->order);
    int err = cdn_journal_append(s->journal, record, keep, CDN_JOURNAL_NOWAIT, &index, e);
    if (err)
        *ret_refusal = (uint8_t)cdn_service_append_refusal(s, err, e);
    else
        cdn_service_dated(s, ev->at);
    if (!err)
        cdn_store_recent(s->store, index, recent);
    if (!err && cdn_live_event(s->live, index, ev, e) < 0)
        atomic_store_explicit(&s->stale, true, memory_order_release); /* it is in the journal: fill again */
    pthread_mutex_unlock(&s->order);
    if (!err)
        *ret_index = index;
    else
        cdn_recent_free(recent);
    return err;
}

int cdn_commit_durably(struct cdn_service *s,
                       const struct cdn_event *ev,
                       uint64_t *ret_index,
                       uint8_t *ret_refusal,
                       struct cordon_error *e) {
    struct cdn_buf record;
    uint64_t index = 0;
    cdn_buf_init(&record, s->alloc, CDN_MAX_RECORD_BYTES);
    int err = cdn_event_write(&record, ev, e);
    if (err)
        *ret_refusal = (uint8_t)cdn_service_refusal_of(err);
    err = err ? err : append(s, ev, cdn_buf_get(&record), &index, ret_refusal, e);
    cdn_buf_free(&record);
    if (err)
        return err;
    err = cdn_journal_wait(s->journal, index + 1, e);
    if (err) {
        *ret_refusal = (uint8_t)cdn_service_append_refusal(s, err, e);
        return err;
    }
    *ret_index = index;
    cdn_store_follow(s->store, index + 1);
    return 0;
}

/* Nobody waits any longer for the state to take the event in; the timer looks at what follows from it then.
 */
static void leave_behind(struct cdn_service *s, uint64_t end) {
    uint64_t known = atomic_load_explicit(&s->left_behind, memory_order_relaxed);
    while (known < end && !atomic_compare_exchange_weak(&s->left_behind, &known, end)) {
    }
}

int cdn_commit_event(struct cdn_service *s,
                     const struct cdn_event *ev,
                     uint64_t *ret_index,
                     uint8_t *ret_refusal,
                     struct cordon_error *e) {
    int err = cdn_commit_durably(s, ev, ret_index, ret_refusal, e);
    if (err)
        return err;
    err = cdn_store_wait_applied(s->store, *ret_index + 1, CDN_EVENT_WAIT_MS, e);
    if (err) {
        leave_behind(s, *ret_index + 1);
        *ret_refusal = CDN_REFUSED_BUSY;
        cdn_error_hint(e, "the event is in the journal and will take effect; look before you repeat it");
        return err;
    }
    err = cdn_store_outcome(s->store, *ret_index, e);
    if (err)
        *ret_refusal = err == CORDON_E_NOTFOUND ? CDN_REFUSED_NOTFOUND : CDN_REFUSED_CONFLICT;
    return err;
}

int cdn_state_reach(struct cdn_service *s, uint64_t record, uint8_t *ret_refusal, struct cordon_error *e) {
    if (record >= cdn_journal_head(s->journal))
        return 0;
    const int err = cdn_store_wait_applied(s->store, record + 1, CDN_EVENT_WAIT_MS, e);
    if (err && ret_refusal)
        *ret_refusal = CDN_REFUSED_BUSY;
    return err;
}
