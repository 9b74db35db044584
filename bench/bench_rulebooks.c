/* SPDX-License-Identifier: Apache-2.0 */
/* bench_rulebooks.c: the shipped rulebooks, compiled with the machine's geodata, on the requests of their own
 * scenarios: the bare verdict, the decision with all its reasons, the same as JSON text, and the whole way
 * from JSON text to JSON text; then with nothing known of where anybody is.
 *
 *     bench-rulebooks [FOLDER]      default $CORDON_ROOT/rulebooks */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "decide/decide.h"
#include "measure.h"
#include "rulebook/scenario.h"
#include "toolkit/toolkit_priv.h"
#include "json/json.h"

enum { PASSES = 31 };

struct item {
    struct cdn_request *request;
    cordon_str text;
    int64_t at;
};
struct job {
    struct cdn_decider *d;
    struct item *items;
    uint32_t count;
    struct cdn_arena own, request_memory, decision_memory;
    struct cdn_buf out;
    bool all; /* explain: every measure of the rulebooks */
};

static void die(const char *what, int err, const struct cordon_error *e) {
    printf("%s: %s: %s\n", what, cdn_status_name(err), e ? e->message : "");
    exit(1);
}

/* ---- what is measured --------------------------------------------------------------------------------- */

static uint32_t verdict(void *ctx, uint32_t i) {
    const struct job *j = ctx;
    struct cdn_result r;
    return cdn_decide(j->d, j->items[i].request, j->items[i].at, &r, NULL) < 0 ? 0 : 1u + r.verdict;
}
static uint32_t account(struct job *j, const struct cdn_request *request, int64_t at, bool write) {
    struct cdn_result r;
    struct cdn_decision decision;
    cdn_arena_reset(&j->decision_memory);
    cdn_buf_clear(&j->out);
    if (cdn_decide(j->d, request, at, &r, NULL) < 0 ||
        cdn_decision_build(j->d, request, &r, at, j->all, &j->decision_memory, &decision) < 0)
        return 0;
    if (write && cdn_json_write_answer(&j->out, &decision, cdn_decider_snapshot(j->d), CDN_STR("")) < 0)
        return 0;
    return 1u + decision.verdict;
}
static uint32_t reasons(void *ctx, uint32_t i) {
    struct job *j = ctx;
    return account(j, j->items[i].request, j->items[i].at, false);
}
static uint32_t reasons_text(void *ctx, uint32_t i) {
    struct job *j = ctx;
    return account(j, j->items[i].request, j->items[i].at, true);
}
static uint32_t text_to_text(void *ctx, uint32_t i) {
    struct job *j = ctx;
    struct cdn_request *request = NULL;
    cdn_arena_reset(&j->request_memory);
    if (cdn_json_read_request(j->items[i].text, &j->request_memory, &request, NULL) < 0)
        return 0;
    return account(j, request, j->items[i].at, true);
}

static void show(const struct bench_clock *clock,
                 struct job *j,
                 const char *what,
                 uint32_t (*fn)(void *, uint32_t),
                 uint32_t passes) {
    const struct bench_plan plan = {fn, NULL, j, j->count, passes};
    const struct bench_times t = bench_time(clock, &plan);
    bench_print(what, &t);
}
static void verdicts(struct job *j, const char *what) {
    unsigned n[8] = {0};
    for (uint32_t i = 0; i < j->count; i++)
        n[verdict(j, i) & 7]++;
    printf("%s: %u requests: allow %u, limit %u, hold %u, deny %u, freeze %u\n",
           what,
           j->count,
           n[1 + CORDON_VERDICT_ALLOW],
           n[1 + CORDON_VERDICT_LIMIT],
           n[1 + CORDON_VERDICT_HOLD],
           n[1 + CORDON_VERDICT_DENY],
           n[1 + CORDON_VERDICT_FREEZE]);
    if (n[0])
        die("requests that could not be decided", CORDON_E_INTERNAL, NULL);
}
static void rows(const struct bench_clock *clock, struct job *j, const char *what) {
    verdicts(j, what);
    show(clock, j, "verdict and measures, parsed request", verdict, PASSES);
    show(clock, j, "with all reasons, parsed request", reasons, PASSES);
    show(clock, j, "with all reasons as JSON text", reasons_text, PASSES);
    show(clock, j, "JSON text to all reasons as JSON text", text_to_text, PASSES);
}

/* ---- setting up --------------------------------------------------------------------------------------- */

static struct cordon_rulebook *load(const char *folder) {
    struct cordon_error e = {0};
    struct cordon_rulebook *rb = NULL;
    cordon_compile_options o;
    cordon_compile_options_init(&o);
    const uint64_t start = bench_thread_nanoseconds();
    const int err = cordon_rulebook_load(&folder, 1, &o, &rb, &e);
    if (err)
        die(folder, err, &e);
    printf("%u measures, licences and statutes, %u scenarios; read in %llu ms\n",
           rb->rb->measure_count,
           rb->rb->scenario_count,
           (unsigned long long)((bench_thread_nanoseconds() - start) / 1000000));
    return rb;
}
static struct cdn_snapshot *build(struct cordon_rulebook *rb, bool geodata, bool *met) {
    struct cordon_error e = {0};
    struct cdn_snapshot *s = NULL;
    char path[] = "/tmp/cordon-bench-rulebooks-XXXXXX", digest[CORDON_DIGEST_TEXT];
    cordon_compile_options o;
    const int fd = mkstemp(path);
    if (fd < 0)
        die("mkstemp", CORDON_E_IO, NULL);
    (void)close(fd);
    cordon_compile_options_init(&o);
    o.flags = geodata ? 0 : CORDON_BUILD_NO_GEODATA;
    const uint64_t start = bench_thread_nanoseconds();
    int err = cordon_rulebook_build(rb, path, &o, digest, &e);
    const uint64_t made = bench_thread_nanoseconds();
    uint64_t best = UINT64_MAX;
    for (unsigned k = 0; k < 5 && !err; k++) {
        cdn_snapshot_unref(s);
        s = NULL;
        const uint64_t opening = bench_thread_nanoseconds();
        err = cdn_snapshot_open(path, &cdn_alloc_libc, &s, &e);
        best = CDN_MIN(best, bench_thread_nanoseconds() - opening);
    }
    FILE *f = fopen(path, "rb");
    const long size = f && fseek(f, 0, SEEK_END) == 0 ? ftell(f) : 0;
    if (f)
        (void)fclose(f);
    (void)unlink(path);
    if (err)
        die("build", err, &e);
    printf("%s geodata: built in %llu ms, %ld KiB\n",
           geodata ? "with" : "without",
           (unsigned long long)((made - start) / 1000000),
           size / 1024);
    *met &= geodata ? bench_at_most("open with the full geodata, validated", best / 1000, 100000, "us")
                    : bench_at_most("open the shipped rulebooks without geodata", best / 1000, 10000, "us");
    return s;
}
static void write_texts(struct job *j) {
    size_t total = 0;
    for (uint32_t i = 0; i < j->count; i++) {
        cdn_buf_clear(&j->out);
        if (cdn_json_write_request(&j->out, j->items[i].request) < 0 ||
            cdn_arena_str(&j->own, cdn_buf_get(&j->out), &j->items[i].text) < 0)
            die("request as JSON", CORDON_E_NOMEM, NULL);
        total += j->out.n;
    }
    printf("  as JSON text: %zu bytes each\n", total / j->count);
}
static void forget_places(struct job *j) {
    for (uint32_t i = 0; i < j->count; i++) {
        const struct cdn_request *r = j->items[i].request;
        for (unsigned k = 0; k < r->party_count; k++)
            ((struct cdn_party *)(uintptr_t)&r->parties[k])->evidence_count = 0;
        for (unsigned k = 0; k < r->object_count; k++)
            ((struct cdn_object *)(uintptr_t)&r->objects[k])->evidence_count = 0;
    }
}

int main(int argc, char **argv) {
    char folder[1100];
    const char *root = getenv("CORDON_ROOT");
    bool met = true;
    (void)snprintf(folder, sizeof folder, "%s/rulebooks", root ? root : ".");
    const struct bench_clock clock = bench_start();
    struct cordon_rulebook *rb = load(argc > 1 ? argv[1] : folder);
    cdn_snapshot_unref(build(rb, false, &met));
    struct cdn_snapshot *s = build(rb, true, &met);
    struct job j = {.count = rb->rb->scenario_count};
    struct cordon_error e = {0};
    const int err = cdn_decider_new(s, &cdn_alloc_libc, &j.d, &e);
    if (err)
        die("decider", err, &e);
    cdn_arena_init(&j.own, &cdn_alloc_libc, 0);
    cdn_arena_init(&j.request_memory, &cdn_alloc_libc, 0);
    cdn_arena_init(&j.decision_memory, &cdn_alloc_libc, 0);
    cdn_buf_init(&j.out, &cdn_alloc_libc, CDN_MAX_DECISION_BYTES);
    j.items = cdn_arena_zero(&j.own, j.count, sizeof *j.items);
    if (!j.items)
        die("requests", CORDON_E_NOMEM, NULL);
    for (uint32_t i = 0; i < j.count; i++) {
        j.items[i].request = &rb->rb->scenarios[i].request;
        j.items[i].at = rb->rb->scenarios[i].at.at;
    }
    write_texts(&j);
    rows(&clock, &j, "requests of the scenarios");
    j.all = true;
    show(&clock, &j, "every measure explained, as JSON text", reasons_text, 3);
    j.all = false;
    forget_places(&j);
    write_texts(&j);
    rows(&clock, &j, "the same, of nobody known where");
    cdn_decider_free(j.d);
    cdn_arena_free(&j.own);
    cdn_arena_free(&j.request_memory);
    cdn_arena_free(&j.decision_memory);
    cdn_buf_free(&j.out);
    cdn_snapshot_unref(s);
    cordon_rulebook_free(rb);
    return met ? 0 : 1;
}
