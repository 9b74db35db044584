/* SPDX-License-Identifier: Apache-2.0 */
/* measure.c: see measure.h. A benchmark's program: what cannot go on ends it. */
#include "measure.h"

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

uint64_t bench_nanoseconds(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}
uint64_t bench_thread_nanoseconds(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}
#if defined(__x86_64__)
#include <x86intrin.h>
static inline uint64_t ticks(void) {
    _mm_lfence();
    const uint64_t t = __rdtsc();
    _mm_lfence();
    return t;
}
#else
static inline uint64_t ticks(void) {
    return bench_nanoseconds();
}
#endif

struct bench_clock bench_start(void) {
    struct bench_clock c = {UINT64_MAX, 0};
    cpu_set_t one;
    CPU_ZERO(&one);
    const int cpu = sched_getcpu();
    if (cpu >= 0)
        CPU_SET((size_t)cpu, &one);
    const bool pinned = cpu >= 0 && sched_setaffinity(0, sizeof one, &one) == 0;
    for (int i = 0; i < 10000; i++) {
        const uint64_t a = ticks(), b = ticks();
        c.overhead = b - a < c.overhead ? b - a : c.overhead;
    }
    const uint64_t n0 = bench_nanoseconds(), t0 = ticks();
    while (bench_nanoseconds() - n0 < 50000000)
        ;
    c.picoseconds = (bench_nanoseconds() - n0) * 1000 / (ticks() - t0);
    printf("one thread, %s; reading the counter takes %" PRIu64 " ticks of %" PRIu64 " ps, subtracted\n",
           pinned ? "kept on one processor" : "not kept on one processor",
           c.overhead,
           c.picoseconds);
    return c;
}

static int by_value(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}
static uint64_t smaller(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}
static volatile uint32_t sink;

struct bench_times bench_time(const struct bench_clock *clock, const struct bench_plan *plan) {
    uint64_t *each = calloc(plan->count, sizeof *each);
    uint64_t p50 = UINT64_MAX, p99 = UINT64_MAX, whole = UINT64_MAX;
    if (!each || !plan->count || !plan->passes) {
        printf("nothing to measure\n");
        exit(1);
    }
    for (uint32_t pass = 0; pass < plan->passes; pass++) {
        for (uint32_t i = 0; i < plan->count; i++) {
            if (plan->prepare)
                plan->prepare(plan->ctx, i);
            const uint64_t a = ticks();
            sink = plan->fn(plan->ctx, i);
            const uint64_t b = ticks();
            each[i] = b - a > clock->overhead ? b - a - clock->overhead : 0;
        }
        qsort(each, plan->count, sizeof *each, by_value);
        p50 = smaller(p50, each[plan->count / 2]);
        p99 = smaller(p99, each[(uint64_t)plan->count * 99 / 100]);
        const uint64_t t = bench_thread_nanoseconds();
        for (uint32_t i = 0; i < plan->count; i++)
            sink = plan->fn(plan->ctx, i);
        whole = smaller(whole, bench_thread_nanoseconds() - t);
    }
    free(each);
    return (struct bench_times){.p50 = p50 * clock->picoseconds / 1000,
                                .p99 = p99 * clock->picoseconds / 1000,
                                .per_second = plan->count * 1000000000ull / (whole ? whole : 1)};
}

void bench_print(const char *what, const struct bench_times *t) {
    printf("  %-46s p50 %9" PRIu64 " ns  p99 %9" PRIu64 " ns  %10" PRIu64 " /s\n",
           what,
           t->p50,
           t->p99,
           t->per_second);
}

bool bench_at_most(const char *what, uint64_t value, uint64_t limit, const char *unit) {
    printf("  target  %s: at most %" PRIu64 " %s, is %" PRIu64 ": %s\n",
           what,
           limit,
           unit,
           value,
           value <= limit ? "met" : "NOT MET");
    return value <= limit;
}
bool bench_at_least(const char *what, uint64_t value, uint64_t limit, const char *unit) {
    printf("  target  %s: at least %" PRIu64 " %s, is %" PRIu64 ": %s\n",
           what,
           limit,
           unit,
           value,
           value >= limit ? "met" : "NOT MET");
    return value >= limit;
}
