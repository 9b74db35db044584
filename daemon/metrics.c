/* SPDX-License-Identifier: Apache-2.0 */
/* metrics.c: counters and their text. Durations are written in seconds with six decimals, from whole
 * microseconds. */
#include "metrics.h"

#include <assert.h>
#include <inttypes.h>

/* Status codes that cordond gives; what is none of them is counted as 599. */
static const uint16_t statuses[] = {200, 201, 202, 204, 304, 400, 401, 403, 404, 405, 408, 409, 410,
                                    413, 415, 422, 429, 431, 451, 500, 501, 503, 504, 507, 599};
static_assert(CDN_ARRAY_LEN(statuses) <= METRIC_STATUSES, "a place for each status");

static const uint64_t bounds_us[METRIC_BUCKETS] = {50,
                                                   100,
                                                   200,
                                                   500,
                                                   1000,
                                                   2000,
                                                   5000,
                                                   10000,
                                                   20000,
                                                   50000,
                                                   100000,
                                                   200000,
                                                   500000,
                                                   1000000,
                                                   2000000,
                                                   5000000};

static const char *const refusals[REFUSAL_COUNT] = {[REFUSED_NO_KEY] = "no_key",
                                                    [REFUSED_BAD_KEY] = "bad_key",
                                                    [REFUSED_ROLE] = "role",
                                                    [REFUSED_RATE] = "rate",
                                                    [REFUSED_SIZE] = "size",
                                                    [REFUSED_MALFORMED] = "malformed",
                                                    [REFUSED_SLOW] = "slow",
                                                    [REFUSED_CONNECTIONS] = "connections",
                                                    [REFUSED_NO_ROUTE] = "no_route",
                                                    [REFUSED_METHOD] = "method",
                                                    [REFUSED_BUSY] = "busy",
                                                    [REFUSED_CLOSING] = "closing",
                                                    [REFUSED_LATE] = "late"};

const char *metrics_refusal_name(enum refusal why) {
    return why < REFUSAL_COUNT ? refusals[why] : "unknown";
}

#define COUNT(counter, by) ((void)atomic_fetch_add_explicit(&(counter), (by), memory_order_relaxed))
#define VALUE(counter) ((uint64_t)atomic_load_explicit(&(counter), memory_order_relaxed))

void metrics_request(struct metrics *m, unsigned route, unsigned status, uint64_t us) {
    size_t s = 0;
    size_t b = 0;
    if (route >= METRIC_ROUTES)
        return;
    while (s + 1 < CDN_ARRAY_LEN(statuses) && statuses[s] != status)
        s++;
    while (b < METRIC_BUCKETS && us > bounds_us[b])
        b++;
    COUNT(m->requests[route][s], 1);
    COUNT(m->buckets[route][b], 1);
    COUNT(m->sum_us[route], us);
}

void metrics_refused(struct metrics *m, enum refusal why) {
    if (why < REFUSAL_COUNT)
        COUNT(m->refused[why], 1);
}

static void head(struct cdn_buf *out, const char *name, const char *type, const char *help) {
    cdn_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void seconds(struct cdn_buf *out, uint64_t us) {
    cdn_buf_printf(out, "%" PRIu64 ".%06u", us / 1000000, (unsigned)(us % 1000000));
}

static void one(struct cdn_buf *out, const char *name, const char *type, const char *help, int64_t value) {
    head(out, name, type, help);
    cdn_buf_printf(out, "%s %" PRId64 "\n", name, value);
}

static void write_times(const struct metrics *m, unsigned i, const char *name, struct cdn_buf *out) {
    uint64_t sum = 0;
    for (size_t b = 0; b <= METRIC_BUCKETS; b++) {
        sum += VALUE(m->buckets[i][b]);
        cdn_buf_printf(out, "cordond_request_seconds_bucket{route=\"%s\",le=\"", name);
        if (b < METRIC_BUCKETS)
            seconds(out, bounds_us[b]);
        else
            cdn_buf_z(out, "+Inf");
        cdn_buf_printf(out, "\"} %" PRIu64 "\n", sum);
    }
    cdn_buf_printf(out, "cordond_request_seconds_sum{route=\"%s\"} ", name);
    seconds(out, VALUE(m->sum_us[i]));
    cdn_buf_printf(out, "\ncordond_request_seconds_count{route=\"%s\"} %" PRIu64 "\n", name, sum);
}

static bool used(const struct metrics *m, unsigned i) {
    for (size_t b = 0; b <= METRIC_BUCKETS; b++) {
        if (VALUE(m->buckets[i][b]) > 0)
            return true;
    }
    return false;
}

void metrics_write(const struct metrics *m, const char *(*route_name)(unsigned i), struct cdn_buf *out) {
    const char *name = NULL;
    head(out, "cordond_requests_total", "counter", "Requests answered, by route and status.");
    for (unsigned i = 0; i < METRIC_ROUTES && (name = route_name(i)) != NULL; i++) {
        for (size_t s = 0; s < CDN_ARRAY_LEN(statuses); s++) {
            const uint64_t n = VALUE(m->requests[i][s]);
            if (n > 0)
                cdn_buf_printf(out,
                               "cordond_requests_total{route=\"%s\",status=\"%u\"} %" PRIu64 "\n",
                               name,
                               statuses[s],
                               n);
        }
    }
    head(out, "cordond_request_seconds", "histogram", "Time from the whole request to its reply, by route.");
    for (unsigned i = 0; i < METRIC_ROUTES && (name = route_name(i)) != NULL; i++) {
        if (used(m, i))
            write_times(m, i, name, out);
    }
    head(out, "cordond_decisions_total", "counter", "Decisions answered, by verdict.");
    for (int v = CORDON_VERDICT_ALLOW; v <= CORDON_VERDICT_FREEZE; v++)
        cdn_buf_printf(out,
                       "cordond_decisions_total{verdict=\"%s\"} %" PRIu64 "\n",
                       cordon_verdict_name(v),
                       VALUE(m->verdicts[v]));
    head(out,
         "cordond_refused_total",
         "counter",
         "Requests and connections refused before they were handled, by reason.");
    for (unsigned r = 0; r < REFUSAL_COUNT; r++)
        cdn_buf_printf(
            out, "cordond_refused_total{reason=\"%s\"} %" PRIu64 "\n", refusals[r], VALUE(m->refused[r]));
    one(out,
        "cordond_batch_lines_total",
        "counter",
        "Lines of batches answered.",
        (int64_t)VALUE(m->batch_lines));
    one(out, "cordond_reloads_total", "counter", "Snapshots taken into use.", (int64_t)VALUE(m->reloads_ok));
    one(out,
        "cordond_reload_failures_total",
        "counter",
        "Snapshots refused; the old one stayed.",
        (int64_t)VALUE(m->reloads_bad));
    one(out, "cordond_connections", "gauge", "Open connections.", atomic_load(&m->connections));
    one(out, "cordond_requests_in_flight", "gauge", "Requests being answered.", atomic_load(&m->in_flight));
}
