/* SPDX-License-Identifier: Apache-2.0 */
/* bench_decide.c: decisions on the neutral workload, for 10, 100, 1,000 and 10,000 measures: speed from a
 * parsed request and from JSON text, memory, compile time, missing facts, many hits at once.
 *
 *     bench-decide [DIR]      DIR holds n10 n100 n1000 n10000 (default ../shared/data/policy-workload)
 *
 * Method: README.md. Where a row does not say "cold", the request's own memory is read before the clock
 * starts, as if it had just been parsed; the measures are as cold or warm as 10,000 different requests leave
 * them. Answers are compared with the expected ones first: verdict and all measure ids. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "compile/compile.h"
#include "decide/decide.h"
#include "floor.h"
#include "measure.h"
#include "missing.h"
#include "workload.h"
#include "json/json.h"

enum { PASSES = 15, SLOW_PASSES = 3 };

/* What other engines need for the same requests, p50 and p99 in ns: recorded with the workload, on another
 * day. Parsed; then from JSON text. */
static const struct {
    unsigned measures;
    const char *parsed, *text;
} recorded[] = {
    {10, "cedar-go 1450/6410, OPA 12900/121000", "cedar-go 8630/58000, OPA 28300/151000"},
    {100, "cedar-go 8250/16900, OPA 15700/136000", "cedar-go 20500/105000, OPA 35000/178000"},
    {1000, "cedar-go 90100/175000, OPA 31500/212000", "cedar-go 102000/282000, OPA 40100/232000"},
    {10000, "cedar-go 2429000/4657000, OPA 27600/83600", "cedar-go 2931000/6189000, OPA 40800/197000"},
};

static void die(const char *what, int err, const struct cordon_error *e) {
    printf("%s: %s: %s\n", what, cdn_status_name(err), e ? e->message : "");
    exit(1);
}

/* ---- what is measured --------------------------------------------------------------------------------- */

struct job {
    struct cdn_workload *w;
    struct cdn_decider *d;
    cordon_str *texts; /* the requests as JSON */
    struct cdn_arena request_memory, decision_memory;
    struct cdn_buf out;
};

static uint32_t parsed(void *ctx, uint32_t i) {
    const struct job *j = ctx;
    struct cdn_result r;
    if (cdn_decide(j->d, j->w->requests[i].request, j->w->requests[i].time, &r, NULL) < 0)
        return UINT32_MAX;
    return r.verdict + r.hit_count;
}
static uint32_t from_text(void *ctx, uint32_t i) {
    struct job *j = ctx;
    struct cdn_request *request = NULL;
    struct cdn_result r;
    cdn_arena_reset(&j->request_memory);
    if (cdn_json_read_request(j->texts[i], &j->request_memory, &request, NULL) < 0 ||
        cdn_decide(j->d, request, j->w->requests[i].time, &r, NULL) < 0)
        return UINT32_MAX;
    return r.verdict + r.hit_count;
}
static uint32_t only_read(void *ctx, uint32_t i) {
    struct job *j = ctx;
    struct cdn_request *request = NULL;
    cdn_arena_reset(&j->request_memory);
    return cdn_json_read_request(j->texts[i], &j->request_memory, &request, NULL) < 0 ? UINT32_MAX
                                                                                      : request->party_count;
}
/* Verdict, reasons, evidence, what is missing, as canonical JSON. */
static uint32_t account(struct job *j, const struct cdn_request *request, int64_t at) {
    struct cdn_result r;
    struct cdn_decision decision;
    cdn_arena_reset(&j->decision_memory);
    cdn_buf_clear(&j->out);
    if (cdn_decide(j->d, request, at, &r, NULL) < 0 ||
        cdn_decision_build(j->d, request, &r, at, false, &j->decision_memory, &decision) < 0 ||
        cdn_json_write_answer(&j->out, &decision, cdn_decider_snapshot(j->d), CDN_STR("")) < 0)
        return UINT32_MAX;
    return (uint32_t)j->out.n;
}
static uint32_t text_to_text(void *ctx, uint32_t i) {
    struct job *j = ctx;
    struct cdn_request *request = NULL;
    cdn_arena_reset(&j->request_memory);
    if (cdn_json_read_request(j->texts[i], &j->request_memory, &request, NULL) < 0)
        return UINT32_MAX;
    return account(j, request, j->w->requests[i].time);
}
static uint32_t parsed_to_text(void *ctx, uint32_t i) {
    struct job *j = ctx;
    return account(j, j->w->requests[i].request, j->w->requests[i].time);
}

static volatile uint32_t sink;
static void warm(void *ctx, uint32_t i) {
    const struct job *j = ctx;
    const struct cdn_workload_request *x = &j->w->requests[i];
    uint32_t sum = 0;
    for (size_t k = 0; x->memory && k < x->memory_size; k += 64)
        sum += (uint8_t)x->memory[k];
    sink = sum;
}
static struct bench_times show(const struct bench_clock *clock,
                               const char *what,
                               const struct bench_plan *plan) {
    if (plan->fn(plan->ctx, 0) == UINT32_MAX)
        die(what, CORDON_E_INTERNAL, NULL);
    const struct bench_times t = bench_time(clock, plan);
    bench_print(what, &t);
    return t;
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
static bool check_answers(struct job *j) {
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < j->w->request_count; i++) {
        const struct cdn_workload_request *x = &j->w->requests[i];
        struct cdn_request *request = NULL;
        struct cdn_result r;
        bool agree = cdn_decide(j->d, x->request, x->time, &r, NULL) == 0 && is_expected(&r, x);
        cdn_arena_reset(&j->request_memory);
        agree = agree && cdn_json_read_request(j->texts[i], &j->request_memory, &request, NULL) == 0 &&
                cdn_decide(j->d, request, x->time, &r, NULL) == 0 && is_expected(&r, x);
        wrong += !agree;
    }
    printf("  expected answers (verdict and all ids): %u of %u agree, parsed and from JSON text\n",
           j->w->request_count - wrong,
           j->w->request_count);
    return bench_at_most("answers that are not the expected ones", wrong, 0, "answers");
}

/* ---- setting up --------------------------------------------------------------------------------------- */

static struct cdn_snapshot *snapshot_of(const struct cdn_rulebook *rb, bool *met) {
    const struct cdn_compile_options options = {.zoneinfo = "/usr/share/zoneinfo"};
    struct cdn_compiled compiled;
    struct cordon_error e = {0};
    struct cdn_snapshot *s = NULL;
    struct cdn_arena arena;
    char path[] = "/tmp/cordon-bench-decide-XXXXXX";
    const int fd = mkstemp(path);
    if (fd < 0)
        die("mkstemp", CORDON_E_IO, NULL);
    (void)close(fd);
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    const uint64_t start = bench_thread_nanoseconds();
    int err = cdn_compile(rb, &options, &arena, &compiled, &e);
    const uint64_t made = bench_thread_nanoseconds();
    const size_t took = arena.total;
    err = err ? err : cdn_compile_write(&compiled, path, NULL, &cdn_alloc_libc, &e);
    cdn_arena_free(&arena);
    uint64_t open = UINT64_MAX;
    for (unsigned k = 0; k < 5 && !err; k++) {
        cdn_snapshot_unref(s);
        s = NULL;
        const uint64_t opening = bench_thread_nanoseconds();
        err = cdn_snapshot_open(path, &cdn_alloc_libc, &s, &e);
        open = CDN_MIN(open, bench_thread_nanoseconds() - opening);
    }
    if (err)
        die("compile", err, &e);
    FILE *f = fopen(path, "rb");
    const long size = f && fseek(f, 0, SEEK_END) == 0 ? ftell(f) : 0;
    if (f)
        (void)fclose(f);
    (void)unlink(path);
    printf(
        "%u measures: compiled in %llu ms with %zu KiB, snapshot %ld KiB, opened and validated in %llu us\n",
        rb->measure_count,
        (unsigned long long)((made - start) / 1000000),
        took / 1024,
        size / 1024,
        (unsigned long long)(open / 1000));
    if (rb->measure_count >= 10000)
        *met &= bench_at_most("compile 10,000 measures", (made - start) / 1000000, 1000, "ms");
    *met &= bench_at_most("open without geodata, validated", open / 1000, 10000, "us");
    return s;
}

/* The C library's allocator, counting. */
static void *count_alloc(void *ctx, size_t size) {
    *(size_t *)ctx += size;
    return cdn_alloc(&cdn_alloc_libc, size);
}
static void *count_resize(void *ctx, void *p, size_t old_size, size_t size) {
    *(size_t *)ctx += size - old_size;
    return cdn_alloc_libc.resize(cdn_alloc_libc.ctx, p, old_size, size);
}
static void count_release(void *ctx, void *p, size_t size) {
    *(size_t *)ctx -= size;
    cdn_free(&cdn_alloc_libc, p, size);
}
/* What deciding needs besides the mapped snapshot: nothing grows while it decides. */
static void memory(const struct job *j, const struct cdn_snapshot *s) {
    size_t bytes = 0;
    const struct cordon_alloc counting = {count_alloc, count_resize, count_release, &bytes};
    struct cdn_decider *d = NULL;
    struct cdn_result r;
    if (cdn_decider_new(s, &counting, &d, NULL) < 0)
        die("decider", CORDON_E_NOMEM, NULL);
    const size_t before = bytes;
    for (uint32_t i = 0; i < j->w->request_count; i++) {
        if (cdn_decide(d, j->w->requests[i].request, j->w->requests[i].time, &r, NULL) < 0)
            die("decide", CORDON_E_INTERNAL, NULL);
    }
    printf(
        "  memory: the snapshot as mapped, and %zu KiB for a decider; 10,000 decisions allocated %zu bytes\n",
        before / 1024,
        bytes - before);
    cdn_decider_free(d);
}

static void job_open(struct job *j, struct cdn_workload *w, const struct cdn_snapshot *s) {
    struct cordon_error e = {0};
    *j = (struct job){.w = w};
    const int err = cdn_decider_new(s, &cdn_alloc_libc, &j->d, &e);
    if (err)
        die("decider", err, &e);
    cdn_arena_init(&j->request_memory, &cdn_alloc_libc, 0);
    cdn_arena_init(&j->decision_memory, &cdn_alloc_libc, 0);
    cdn_buf_init(&j->out, &cdn_alloc_libc, CDN_MAX_DECISION_BYTES);
}
static void job_close(struct job *j) {
    cdn_decider_free(j->d);
    cdn_arena_free(&j->request_memory);
    cdn_arena_free(&j->decision_memory);
    cdn_buf_free(&j->out);
}
static cordon_str *write_texts(struct cdn_workload *w) {
    cordon_str *texts = cdn_arena_zero(&w->arena, w->request_count, sizeof *texts);
    struct cdn_buf b;
    size_t total = 0;
    cdn_buf_init(&b, &cdn_alloc_libc, CDN_MAX_REQUEST_BYTES);
    for (uint32_t i = 0; texts && i < w->request_count; i++) {
        cdn_buf_clear(&b);
        if (cdn_json_write_request(&b, w->requests[i].request) < 0 ||
            cdn_arena_str(&w->arena, cdn_buf_get(&b), &texts[i]) < 0)
            die("request as JSON", CORDON_E_NOMEM, NULL);
        total += b.n;
    }
    cdn_buf_free(&b);
    printf("  requests as JSON text: %zu bytes each\n", total / w->request_count);
    return texts;
}

/* ---- runs --------------------------------------------------------------------------------------------- */

static bool speed(const struct bench_clock *clock, struct job *j, unsigned at) {
    const unsigned n = recorded[at].measures;
    struct bench_floor *f = bench_floor_new(j->w);
    struct bench_plan plan = {parsed, warm, j, j->w->request_count, PASSES};
    const struct bench_times fast = show(clock, "cordon, parsed request", &plan);
    plan.prepare = NULL;
    (void)show(clock, "cordon, parsed request, cold in the cache", &plan);
    plan.ctx = f;
    plan.fn = bench_floor_index;
    (void)show(clock, "floor: knows the workload, index", &plan);
    plan.fn = bench_floor_scan;
    plan.passes = n > 1000 ? SLOW_PASSES : PASSES;
    (void)show(clock, "floor: the same, linear scan", &plan);
    printf("  recorded elsewhere (p50/p99 ns), parsed: %s\n", recorded[at].parsed);
    plan = (struct bench_plan){only_read, NULL, j, j->w->request_count, PASSES};
    (void)show(clock, "cordon, JSON text read only", &plan);
    plan.fn = from_text;
    const struct bench_times text = show(clock, "cordon, JSON text to decision", &plan);
    plan.fn = text_to_text;
    (void)show(clock, "cordon, JSON text to reasons as JSON text", &plan);
    printf("  recorded elsewhere (p50/p99 ns), from JSON: %s\n", recorded[at].text);
    bench_floor_free(f);
    bool met = bench_at_most("JSON text to decision, p50", text.p50, 5000, "ns");
    if (n == 1000) {
        met &= bench_at_most("1,000 measures, parsed, p50", fast.p50, 400, "ns");
        met &= bench_at_most("1,000 measures, parsed, p99", fast.p99, 1500, "ns");
    }
    if (n == 10000) { /* at most twice as much */
        met &= bench_at_most("10,000 measures, parsed, p50", fast.p50, 800, "ns");
        met &= bench_at_most("10,000 measures, parsed, p99", fast.p99, 3000, "ns");
    }
    return met;
}

static void unknown_countries(const struct bench_clock *clock, struct job *j) {
    for (uint32_t i = 0; i < j->w->request_count; i++)
        ((struct cdn_party *)(uintptr_t)j->w->requests[i].request->parties)->evidence_count = 0;
    struct bench_plan plan = {parsed, warm, j, j->w->request_count, PASSES};
    (void)show(clock, "cordon, parsed, country unknown", &plan);
    plan.fn = parsed_to_text;
    plan.passes = SLOW_PASSES;
    (void)show(clock, "  the same with reasons as JSON text", &plan);
}

/* Requests that `copies` measures hit at once. Spoils the workload's requests. */
static bool pile(const struct bench_clock *clock, struct cdn_workload *w, uint32_t copies) {
    bool met = true;
    struct cdn_snapshot *s = snapshot_of(cdn_workload_pile(w, copies), &met);
    struct cdn_workload some = *w;
    struct job j;
    some.request_count = 200;
    job_open(&j, &some, s);
    for (uint32_t i = 0; i < some.request_count; i++) {
        struct cdn_request *r = some.requests[i].request;
        r->action = w->actions[0];
        r->service = w->services[0];
        ((struct cdn_evidence *)(uintptr_t)r->parties[0].evidence)->country = ('R' << 8) | 'U';
        ((struct cdn_party *)(uintptr_t)r->parties)->evidence_count = 1;
        if (cdn_request_finish(r, NULL) < 0)
            die("request", CORDON_E_INTERNAL, NULL);
    }
    struct cdn_result result = {0};
    if (cdn_decide(j.d, some.requests[0].request, some.requests[0].time, &result, NULL) < 0 ||
        result.hit_count != copies || result.verdict != CORDON_VERDICT_DENY)
        die("not all measures hit", CORDON_E_INTERNAL, NULL);
    char what[64];
    (void)snprintf(what, sizeof what, "cordon, parsed, %u hits at once", copies);
    struct bench_plan plan = {parsed, warm, &j, some.request_count, 7};
    const struct bench_times t = show(clock, what, &plan);
    uint64_t all = UINT64_MAX; /* longer than a time slice: by the thread's own clock */
    for (uint32_t i = 0; i < 40; i++) {
        const uint64_t start = bench_thread_nanoseconds();
        sink = parsed_to_text(&j, i);
        all = CDN_MIN(all, bench_thread_nanoseconds() - start);
    }
    printf("    the same with reasons as JSON text (%zu KiB): %llu ns\n",
           j.out.n / 1024,
           (unsigned long long)all);
    const uint64_t each = all / copies;
    printf("  a hit costs %llu ns, with its reasons as JSON text %llu ns\n",
           (unsigned long long)(t.p50 / copies),
           (unsigned long long)each);
    met &= bench_at_most("many hits at once, no cliff: a hit", t.p50 / copies, 100, "ns");
    met &= bench_at_most("many hits at once, no cliff: its reasons as text", each, 2000, "ns");
    job_close(&j);
    cdn_snapshot_unref(s);
    return met;
}

/* 0 all met, 1 not, 77 no workload */
static int run(const struct bench_clock *clock, const char *dir, unsigned at) {
    const unsigned n = recorded[at].measures;
    char path[1100];
    static struct cdn_workload w;
    bool met = true;
    struct job j;
    (void)snprintf(path, sizeof path, "%s/n%u", dir, n);
    if (cdn_workload_load(path, &w) < 0)
        return 77;
    printf("\n");
    struct cdn_snapshot *s = snapshot_of(w.rulebook, &met);
    job_open(&j, &w, s);
    memory(&j, s);
    j.texts = write_texts(&w);
    met &= check_answers(&j);
    met &= speed(clock, &j, at);
    if (n == 1000)
        met &= bench_missing(j.d, &w);
    unknown_countries(clock, &j);
    job_close(&j);
    cdn_snapshot_unref(s);
    for (uint32_t copies = 100; n == 10000 && copies <= 5000; copies = copies < 1000 ? 1000 : copies + 4000)
        met &= pile(clock, &w, copies);
    cdn_workload_free(&w);
    return met ? 0 : 1;
}

int main(int argc, char **argv) {
    const char *dir = argc > 1 ? argv[1] : "../shared/data/policy-workload";
    const struct bench_clock clock = bench_start();
    int bad = 0;
    for (unsigned i = 0; i < CDN_ARRAY_LEN(recorded); i++)
        bad |= run(&clock, dir, i);
    return bad;
}
