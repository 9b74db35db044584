/* SPDX-License-Identifier: Apache-2.0 */
/* metrics.h: what is counted, and its text for Prometheus (exposition format 0.0.4).
 *
 * Counters are atomic and only grow. Labels are route ids, status codes, verdicts and reasons: all of closed
 * sets, so that no caller can make a new series. */
#ifndef CORDOND_METRICS_H
#define CORDOND_METRICS_H

#include <stdatomic.h>

#include "base/base.h"
#include "cordon/cordon.h"

/* Why a request was refused before its handler. Names: metrics.c. */
enum refusal {
    REFUSED_NO_KEY,
    REFUSED_BAD_KEY,
    REFUSED_ROLE,
    REFUSED_RATE,
    REFUSED_SIZE,
    REFUSED_MALFORMED, /* not HTTP, or headers too large */
    REFUSED_SLOW,      /* cut: did not arrive in time */
    REFUSED_CONNECTIONS,
    REFUSED_NO_ROUTE,
    REFUSED_METHOD,
    REFUSED_BUSY,    /* the queue of long work was full */
    REFUSED_CLOSING, /* cordond was stopping */
    REFUSED_LATE,    /* the caller's deadline, or answer_time */
    REFUSAL_COUNT
};

#define METRIC_ROUTES 96
#define METRIC_STATUSES 32
#define METRIC_BUCKETS 16

struct metrics {
    atomic_uint_least64_t requests[METRIC_ROUTES][METRIC_STATUSES];
    atomic_uint_least64_t buckets[METRIC_ROUTES][METRIC_BUCKETS + 1], sum_us[METRIC_ROUTES];
    atomic_uint_least64_t verdicts[CORDON_VERDICT_FREEZE + 1], refused[REFUSAL_COUNT];
    atomic_uint_least64_t batch_lines, batch_bytes_in, batch_bytes_out, idempotent_replays;
    atomic_uint_least64_t reloads_ok, reloads_bad;
    atomic_int_least64_t connections, in_flight;
};

void metrics_request(struct metrics *m, unsigned route, unsigned status, uint64_t us);
void metrics_refused(struct metrics *m, enum refusal why);
const char *metrics_refusal_name(enum refusal why);
/* Appends the counters. `route_name(i)` names route i, NULL beyond the last. */
void metrics_write(const struct metrics *m, const char *(*route_name)(unsigned i), struct cdn_buf *out);

#endif
