/* SPDX-License-Identifier: Apache-2.0 */
/* bench_decide.c: decisions per second and their latency, from a parsed request, on the neutral workload.
 *
 *     bench-decide [DIR]      DIR holds n10 n100 n1000 n10000 (default ../shared/data/policy-workload)
 *
 * Method: one thread. Where a row does not say "cold", the request's own memory is read before the clock
 * starts, as if it had just been parsed; the measures are as cold or warm as 10,000 different requests leave
 * them. Each request is timed by itself with the processor's cycle counter (x86: rdtsc between
 * two fences; elsewhere clock_gettime), the cost of reading the counter subtracted; a pass decides all 10,000
 * requests in their order; the best of the passes is shown, for every row alike. "per second" is taken from
 * a whole pass without a counter in between. Answers are compared with the expected ones first: verdict and
 * all measure ids. The two floors know the workload: countries as bits, names as numbers, nothing unknown. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "compile/compile.h"
#include "decide/decide.h"
#include "workload.h"

enum { PASSES = 15 };

static uint64_t nanoseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
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
    return nanoseconds();
}
#endif

struct clock {
    uint64_t overhead;    /* ticks */
    uint64_t picoseconds; /* per tick */
};
static struct clock calibrate(void) {
    struct clock c = {UINT64_MAX, 0};
    for (int i = 0; i < 10000; i++) {
        const uint64_t a = ticks(), b = ticks();
        c.overhead = CDN_MIN(c.overhead, b - a);
    }
    const uint64_t n0 = nanoseconds(), t0 = ticks();
    while (nanoseconds() - n0 < 50000000)
        ;
    c.picoseconds = (nanoseconds() - n0) * 1000 / (ticks() - t0);
    return c;
}

/* ---- what is measured --------------------------------------------------------------------------------- */

typedef uint32_t (*decide_fn)(void *ctx, const struct cdn_workload_request *x); /* how many measures deny */

static uint32_t by_cordon(void *ctx, const struct cdn_workload_request *x) {
    struct cdn_result r;
    if (cdn_decide(ctx, x->request, x->time, &r, NULL) < 0)
        return UINT32_MAX;
    return r.verdict + r.hit_count;
}

static bool licensed(const struct cdn_workload_measure *m, const struct cdn_workload_request *x) {
    for (uint32_t i = 0; i < x->licence_count; i++) {
        if (cdn_str_eq(x->licences[i], m->licence))
            return true;
    }
    return false;
}
static bool forbids(const struct cdn_workload_measure *m, const struct cdn_workload_request *x) {
    if (x->time < m->from || (m->except_existing && x->since < m->from) ||
        (m->except_ngo && x->ngo && licensed(m, x)))
        return false;
    for (uint32_t i = 0; i < m->country_count; i++) {
        if (m->countries[i] == x->country)
            return true;
    }
    return false;
}
struct floor {
    const struct cdn_workload *w;
    uint32_t hits[10000];
    struct slot {
        uint32_t *list, count;
    } slots[256][256];
};
static uint32_t by_scan(void *ctx, const struct cdn_workload_request *x) {
    struct floor *f = ctx;
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->w->measure_count; i++) {
        const struct cdn_workload_measure *m = &f->w->measures[i];
        if (m->action == x->action && m->service == x->service && forbids(m, x))
            f->hits[n++] = i;
    }
    return n;
}
static uint32_t by_index(void *ctx, const struct cdn_workload_request *x) {
    struct floor *f = ctx;
    const struct slot *s = &f->slots[x->action][x->service];
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        if (forbids(&f->w->measures[s->list[i]], x))
            f->hits[n++] = s->list[i];
    }
    return n;
}
static struct floor *make_floor(const struct cdn_workload *w) {
    struct floor *f = calloc(1, sizeof *f);
    if (!f)
        abort();
    f->w = w;
    for (uint32_t i = 0; i < w->measure_count; i++) {
        struct slot *s = &f->slots[w->measures[i].action][w->measures[i].service];
        s->list = realloc(s->list, (s->count + 1) * sizeof *s->list);
        if (!s->list)
            abort();
        s->list[s->count++] = i;
    }
    return f;
}
static void free_floor(struct floor *f) {
    for (unsigned a = 0; a < 256; a++) {
        for (unsigned s = 0; s < 256; s++)
            free(f->slots[a][s].list);
    }
    free(f);
}

/* ---- timing ------------------------------------------------------------------------------------------- */

static int cmp_u64(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}
static volatile uint32_t sink;

static void warm(const struct cdn_workload_request *x) {
    uint32_t sum = 0;
    for (size_t i = 0; x->memory && i < x->memory_size; i += 64)
        sum += (uint8_t)x->memory[i];
    sink = sum;
}

static void time_it(const char *what,
                    const struct clock *clock,
                    const struct cdn_workload *w,
                    decide_fn fn,
                    void *ctx,
                    bool cold) {
    static uint64_t each[10000];
    uint64_t p50 = UINT64_MAX, p99 = UINT64_MAX, whole = UINT64_MAX;
    const int passes = fn == by_scan && w->measure_count > 1000 ? 3 : PASSES;
    for (int pass = 0; pass < passes; pass++) {
        for (uint32_t i = 0; i < w->request_count; i++) {
            if (!cold)
                warm(&w->requests[i]);
            const uint64_t a = ticks();
            sink = fn(ctx, &w->requests[i]);
            const uint64_t b = ticks();
            each[i] = b - a > clock->overhead ? b - a - clock->overhead : 0;
        }
        qsort(each, w->request_count, sizeof *each, cmp_u64);
        p50 = CDN_MIN(p50, each[w->request_count / 2]);
        p99 = CDN_MIN(p99, each[w->request_count * 99 / 100]);
        const uint64_t t = nanoseconds();
        for (uint32_t i = 0; i < w->request_count; i++)
            sink = fn(ctx, &w->requests[i]);
        whole = CDN_MIN(whole, nanoseconds() - t);
    }
    printf("  %-34s p50 %7llu ns  p99 %7llu ns  %10llu /s\n",
           what,
           (unsigned long long)(p50 * clock->picoseconds / 1000),
           (unsigned long long)(p99 * clock->picoseconds / 1000),
           (unsigned long long)(w->request_count * 1000000000ull / whole));
}

/* ---- answers ------------------------------------------------------------------------------------------ */

static bool is_expected(const struct cdn_result *r, const struct cdn_workload_request *x) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->hit_count; i++) {
        if (r->hits[i].standing != CDN_STANDING_APPLIED)
            continue;
        if (n == x->expected_count || r->hits[i].measure != x->expected[n])
            return false;
        n++;
    }
    return n == x->expected_count && r->verdict == (n ? CORDON_VERDICT_DENY : CORDON_VERDICT_ALLOW);
}
static int check_answers(struct cdn_decider *d, const struct cdn_workload *w) {
    uint32_t agree = 0;
    for (uint32_t i = 0; i < w->request_count; i++) {
        struct cdn_result r;
        agree += cdn_decide(d, w->requests[i].request, w->requests[i].time, &r, NULL) == 0 &&
                 is_expected(&r, &w->requests[i]);
    }
    printf("  expected answers: %u of %u agree (verdict and ids)\n", agree, w->request_count);
    return agree == w->request_count ? 0 : 1;
}

/* Takes one thing out of every denied request. */
enum missing { NO_COUNTRY, NO_SINCE, NO_KIND, NO_LICENCES, MISSING_COUNT };
static void take_out(enum missing what, struct cdn_party *p) {
    switch (what) {
    case NO_COUNTRY:
        p->evidence_count = 0;
        return;
    case NO_SINCE:
        p->relations_have = CDN_HAVE_ABSENT;
        p->relation_count = 0;
        return;
    case NO_KIND:
        cdn_fact_put(p->facts, CDN_FACT_KIND, NULL);
        return;
    case NO_LICENCES:
        cdn_fact_put(p->facts, CDN_FACT_LICENCES, NULL);
        return;
    case MISSING_COUNT:
    default:
        return;
    }
}
static int missing_facts(struct cdn_decider *d, const struct cdn_workload *w) {
    static const char *const names[] = {"country", "since", "kind", "licences"};
    int bad = 0;
    printf("  one thing taken out of each denied request:\n");
    for (unsigned what = 0; what < MISSING_COUNT; what++) {
        unsigned verdicts[6] = {0};
        for (uint32_t i = 0; i < w->request_count; i++) {
            if (!w->requests[i].expected_count)
                continue;
            struct cdn_party p = w->requests[i].request->parties[0];
            struct cdn_request r = *w->requests[i].request;
            take_out((enum missing)what, &p);
            r.parties = &p;
            struct cdn_result result;
            if (cdn_decide(d, &r, w->requests[i].time, &result, NULL) == 0)
                verdicts[result.verdict]++;
        }
        printf("    without %-9s allow %u, hold %u, deny %u\n",
               names[what],
               verdicts[CORDON_VERDICT_ALLOW],
               verdicts[CORDON_VERDICT_HOLD],
               verdicts[CORDON_VERDICT_DENY]);
        bad |= verdicts[CORDON_VERDICT_ALLOW] != 0;
    }
    struct cdn_result result;
    const int err = cdn_decide(d, w->requests[0].request, CDN_TIME_MIN, &result, NULL);
    printf(
        "    without an instant: %s, verdict %s\n", cdn_status_name(err), cdn_verdict_name(result.verdict));
    return bad | (result.verdict != CORDON_VERDICT_NONE);
}

/* ---- runs --------------------------------------------------------------------------------------------- */

static struct cdn_snapshot *snapshot_of(struct cdn_workload *w, const struct cdn_rulebook *rb) {
    const struct cdn_compile_options options = {.zoneinfo = "/usr/share/zoneinfo"};
    struct cdn_compiled compiled;
    struct cordon_error e = {0};
    struct cdn_snapshot *s = NULL;
    struct cdn_buf b;
    cdn_buf_init(&b, &w->arena.as_alloc, CDN_MIB(512));
    const uint64_t start = nanoseconds();
    int err = cdn_compile(rb, &options, &w->arena, &compiled, &e);
    if (!err) {
        cdn_compile_bundle(&compiled, &b);
        err = b.err;
    }
    const uint64_t made = nanoseconds();
    if (!err)
        err = cdn_snapshot_open_bytes(cdn_buf_get(&b), &cdn_alloc_libc, &s, &e);
    if (err) {
        printf("%s: %s\n", cdn_status_name(err), e.message);
        exit(1);
    }
    printf("%u measures: compiled in %llu ms to %zu KiB, opened in %llu us\n",
           rb->measure_count,
           (unsigned long long)((made - start) / 1000000),
           b.n / 1024,
           (unsigned long long)((nanoseconds() - made) / 1000));
    return s;
}
static void unknown_countries(const struct clock *clock, struct cdn_workload *w, struct cdn_decider *d) {
    for (uint32_t i = 0; i < w->request_count; i++)
        ((struct cdn_party *)(uintptr_t)w->requests[i].request->parties)->evidence_count = 0;
    time_it("cordon, country unknown", clock, w, by_cordon, d, false);
}
static int pile(const struct clock *clock, struct cdn_workload *w) {
    struct cdn_snapshot *s = snapshot_of(w, cdn_workload_pile(w, 1000));
    struct cdn_decider *d = NULL;
    if (cdn_decider_new(s, &cdn_alloc_libc, &d, NULL) < 0)
        return 1;
    struct cdn_workload one = *w;
    for (uint32_t i = 0; i < one.request_count; i++) {
        struct cdn_request *r = one.requests[i].request;
        r->action = w->actions[0];
        r->service = w->services[0];
        ((struct cdn_evidence *)(uintptr_t)r->parties[0].evidence)->country = ('R' << 8) | 'U';
        ((struct cdn_party *)(uintptr_t)r->parties)->evidence_count = 1;
        if (cdn_request_finish(r, NULL) < 0)
            return 1;
    }
    one.request_count = 1000;
    struct cdn_result result;
    const int err = cdn_decide(d, one.requests[0].request, one.requests[0].time, &result, NULL);
    printf("1,000 measures hit at once: %u hits, %s\n",
           result.hit_count,
           err ? "failed" : cdn_verdict_name(result.verdict));
    time_it("cordon, 1,000 hits", clock, &one, by_cordon, d, false);
    cdn_decider_free(d);
    cdn_snapshot_unref(s);
    return err < 0;
}
static int run(const struct clock *clock, const char *dir, unsigned n) {
    char path[1100];
    static struct cdn_workload w;
    snprintf(path, sizeof path, "%s/n%u", dir, n);
    if (cdn_workload_load(path, &w) < 0)
        return 77;
    struct cdn_snapshot *s = snapshot_of(&w, w.rulebook);
    struct cdn_decider *d = NULL;
    if (cdn_decider_new(s, &cdn_alloc_libc, &d, NULL) < 0)
        return 1;
    int bad = check_answers(d, &w);
    struct floor *f = make_floor(&w);
    time_it("cordon", clock, &w, by_cordon, d, false);
    time_it("cordon, request cold", clock, &w, by_cordon, d, true);
    time_it("floor: knows the workload, index", clock, &w, by_index, f, false);
    time_it("floor: the same, linear scan", clock, &w, by_scan, f, false);
    free_floor(f);
    if (n == 1000)
        bad |= missing_facts(d, &w);
    unknown_countries(clock, &w, d);
    cdn_decider_free(d);
    cdn_snapshot_unref(s);
    if (n == 1000)
        bad |= pile(clock, &w);
    cdn_workload_free(&w);
    return bad;
}

int main(int argc, char **argv) {
    const char *dir = argc > 1 ? argv[1] : "../shared/data/policy-workload";
    const struct clock clock = calibrate();
    printf("decisions from a parsed request, one thread; counter overhead %llu ticks, %llu ps per tick\n",
           (unsigned long long)clock.overhead,
           (unsigned long long)clock.picoseconds);
    static const unsigned sizes[] = {10, 100, 1000, 10000};
    int bad = 0;
    for (size_t i = 0; i < CDN_ARRAY_LEN(sizes); i++)
        bad |= run(&clock, dir, sizes[i]);
    return bad;
}
