/* SPDX-License-Identifier: Apache-2.0 */
/* measure.h: how the benchmarks measure; README.md says why so. */
#ifndef CDN_BENCH_MEASURE_H
#define CDN_BENCH_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

struct bench_clock {
    uint64_t overhead;    /* ticks that reading the counter twice takes */
    uint64_t picoseconds; /* per tick */
};
/* Keeps this process on the processor on which it runs, then measures the counter. */
struct bench_clock bench_start(void);
uint64_t bench_nanoseconds(void);        /* since some instant */
uint64_t bench_thread_nanoseconds(void); /* for which this thread ran */

/* One thing to time: fn(ctx, i) for i in [0, count). `prepare` runs before each, untimed; may be NULL. */
struct bench_plan {
    uint32_t (*fn)(void *ctx, uint32_t i);
    void (*prepare)(void *ctx, uint32_t i);
    void *ctx;
    uint32_t count, passes;
};
struct bench_times {
    uint64_t p50, p99; /* nanoseconds: best of the passes */
    uint64_t
        per_second; /* of the best whole pass, by the thread's clock; unprepared, no counter in between */
};
struct bench_times bench_time(const struct bench_clock *clock, const struct bench_plan *plan);
void bench_print(const char *what, const struct bench_times *t);

/* "  target  WHAT: at most LIMIT UNIT, is VALUE: met"; script/bench gathers these lines. */
bool bench_at_most(const char *what, uint64_t value, uint64_t limit, const char *unit);
bool bench_at_least(const char *what, uint64_t value, uint64_t limit, const char *unit);

#endif
