/* SPDX-License-Identifier: Apache-2.0 */
/* guard.c: may anything be decided now, and for which instant?
 *
 *  1. a wall clock before the program's own release is unset; one further behind the last recorded instant
 * than the tolerance has gone back. Both are refused until the clock is right again, by itself;
 *  2. within the tolerance time stands still rather than going back: no record is dated before the one in
 * front of it;
 *  3. after the journal has failed nothing is decided until it works again and the live state has been filled
 * anew. */
#include "service/priv.h"

#include <errno.h>

static int bad_clock(struct cdn_service *s, unsigned why, uint8_t *ret_refusal, struct cordon_error *e) {
    if (atomic_exchange_explicit(&s->clock_bad, why, memory_order_relaxed) != why)
        cdn_service_note(s,
                         1,
                         "clock",
                         "%s; nothing is decided until it is right",
                         why == 1 ? "the clock is unset" : "the clock has gone back");
    *ret_refusal = CDN_REFUSED_CLOCK;
    (void)cdn_fail(e,
                   CORDON_E_STATE,
                   why == 1 ? "the service's clock is not set"
                            : "the service's clock has gone back behind its own records");
    cdn_error_hint(e, "the clock of the machine has to be set; no restart is needed");
    return CORDON_E_STATE;
}

int cdn_service_instant(struct cdn_service *s,
                        const struct cdn_service_time *now,
                        int64_t *ret,
                        uint8_t *ret_refusal,
                        struct cordon_error *e) {
    if (atomic_load_explicit(&s->closing, memory_order_relaxed)) {
        *ret_refusal = CDN_REFUSED_CLOSING;
        return cdn_fail(e, CORDON_E_STATE, "the service is stopping");
    }
    const int64_t last = atomic_load_explicit(&s->last_instant, memory_order_relaxed);
    if (now->wall < s->o.not_before || now->wall > CDN_TIME_MAX / 2)
        return bad_clock(s, 1, ret_refusal, e);
    if (now->wall < last && last - now->wall > s->o.back_seconds)
        return bad_clock(s, 2, ret_refusal, e);
    if (atomic_load_explicit(&s->clock_bad, memory_order_relaxed) &&
        atomic_exchange_explicit(&s->clock_bad, 0, memory_order_relaxed))
        cdn_service_note(s, 3, "clock", "the clock is right again");
    if (atomic_load_explicit(&s->stale, memory_order_acquire)) {
        const bool full = atomic_load_explicit(&s->full, memory_order_relaxed);
        *ret_refusal = full ? CDN_REFUSED_DISK : CDN_REFUSED_JOURNAL;
        return cdn_fail(e,
                        CORDON_E_IO,
                        full ? "the disk of the journal is full: no decision can be recorded"
                             : "the journal cannot be written: no decision can be recorded");
    }
    *ret = CDN_MAX(now->wall, last);
    return 0;
}

unsigned cdn_service_append_refusal(struct cdn_service *s, int code, const struct cordon_error *e) {
    if (code == CORDON_E_NOMEM)
        return CDN_REFUSED_MEMORY;
    if (code == CORDON_E_LIMIT)
        return CDN_REFUSED_BUSY;
    if (code == CORDON_E_STATE)
        return CDN_REFUSED_CLOSING;
    if (e && (e->system == ENOSPC || e->system == EDQUOT))
        atomic_store_explicit(&s->full, true, memory_order_relaxed);
    const bool full = atomic_load_explicit(&s->full, memory_order_relaxed); /* until it works again */
    atomic_store_explicit(&s->stale, true, memory_order_release);
    return full ? CDN_REFUSED_DISK : CDN_REFUSED_JOURNAL;
}

bool cdn_service_ready(struct cdn_service *s, const char **ret_why) {
    const struct cdn_service_time now = cdn_service_now(s);
    struct cordon_error e = {0};
    uint8_t refusal = 0;
    int64_t at = 0;
    const char *why = NULL;
    if (cdn_service_instant(s, &now, &at, &refusal, &e) < 0) {
        why = cdn_service_refusal_name(refusal);
    } else {
        struct cdn_snapshot *snapshot = cdn_swap_take(&s->slot);
        why = snapshot ? NULL : "snapshot";
        cdn_snapshot_unref(snapshot);
    }
    if (ret_why)
        *ret_why = why;
    return !why;
}
