/* SPDX-License-Identifier: Apache-2.0 */
/* twin_decide.c: random requests under random rulebooks, decided by the engine and by the reference.
 * EVIDENCE: CS-GUARD CS-ORDER CS-CHANGES
 *
 *     twin_decide [--count N] [--seed S]      (default: 20,000; nightly, by CORDON_ROUNDS: 1,000,000)
 *
 * For each: the same verdict, measures, values and standings; the scan gives what the index gives; nothing
 * differs one second before changes_at, nor at instants between; the order of parties, objects and evidence
 * does not matter; the full account agrees with the result. The first difference ends the program with its
 * seed. Exit status 0: all agreed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "decide/decide.h"
#ifdef CDN_TWIN_COMPILED
#include "compile/compile.h"
#else
#include "support/plain_snapshot.h"
#endif
#include "support/random_rulebook.h"
#include "twin/reference.h"

#ifndef CDN_TWIN_QUICK
#define CDN_TWIN_QUICK 20000
#define CDN_TWIN_SHARE 1 /* of the rounds asked for in the environment: compiling takes its time */
#endif

/* Where the snapshot comes from. */
#ifdef CDN_TWIN_COMPILED
static struct cdn_snapshot *make_snapshot(const struct cdn_rulebook *rb, struct cdn_arena *arena) {
    const struct cdn_compile_options options = {.zoneinfo = "/usr/share/zoneinfo"};
    struct cdn_compiled compiled;
    struct cordon_error e = {0};
    struct cdn_snapshot *s = NULL;
    struct cdn_buf b;
    cdn_buf_init(&b, &arena->as_alloc, CDN_MIB(64));
    int err = cdn_compile(rb, &options, arena, &compiled, &e);
    if (!err) {
        cdn_compile_bundle(&compiled, &b);
        err = b.err ? b.err : cdn_snapshot_open_bytes(cdn_buf_get(&b), &cdn_alloc_libc, &s, &e);
    }
    if (err)
        printf("# %s: %s\n", cdn_status_name(err), e.message);
    return s;
}
static void drop_snapshot(struct cdn_snapshot *s) {
    cdn_snapshot_unref(s);
}
#else
static struct cdn_plain_places places;
static struct cdn_snapshot *make_snapshot(const struct cdn_rulebook *rb, struct cdn_arena *arena) {
    (void)arena;
    memset(&places, 0, sizeof places);
    cdn_plain_places_fill(&places, cdn_random_places, 10, rb);
    return cdn_plain_snapshot(rb, &places);
}
static void drop_snapshot(struct cdn_snapshot *s) {
    cdn_plain_snapshot_free(s);
}
#endif

static void print_hits(const char *who, const struct cdn_result *r) {
    printf("# %s: verdict %u%s, changes at %lld\n",
           who,
           r->verdict,
           r->conflict ? ", conflict" : "",
           (long long)r->changes_at);
    for (uint32_t i = 0; i < r->hit_count; i++)
        printf("#   m%u value %u standing %u verdict %u\n",
               r->hits[i].measure,
               r->hits[i].value,
               r->hits[i].standing,
               r->hits[i].verdict);
}

/* Every test of every measure, for whoever has to find the difference. */
static void print_reasons(struct cdn_decider *d,
                          const struct cdn_request *r,
                          const struct cdn_result *x,
                          int64_t at) {
    struct cdn_arena arena;
    struct cdn_decision y;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    if (cdn_decision_build(d, r, x, at, true, &arena, &y) == 0) {
        for (uint32_t i = 0; i < y.measure_count; i++) {
            printf("#   m%u: standing %u\n", y.measures[i].hit.measure, y.measures[i].hit.standing);
            for (uint32_t k = 0; k < y.measures[i].because_count; k++) {
                const struct cdn_because *b = &y.measures[i].because[k];
                printf(
                    "#      %.*s is %.*s: %s\n", CDN_FMT(b->text), CDN_FMT(b->is), cdn_truth_name(b->value));
            }
        }
    }
    cdn_arena_free(&arena);
}

static bool same_as_reference(const struct cdn_result *r, const struct cdn_reference *x) {
    if (r->verdict != x->verdict || r->conflict != x->conflict || r->hit_count != x->hit_count)
        return false;
    for (uint32_t i = 0; i < r->hit_count; i++) {
        if (r->hits[i].measure != x->hits[i].measure || r->hits[i].value != x->hits[i].value ||
            r->hits[i].standing != x->hits[i].standing || r->hits[i].verdict != x->hits[i].verdict)
            return false;
    }
    return true;
}

static int against_reference(struct cdn_decider *d,
                             const struct cdn_rulebook *rb,
                             const struct cdn_request *r,
                             int64_t at,
                             struct cdn_result *ret) {
    static struct cdn_reference x;
    if (cdn_decide(d, r, at, ret, NULL) < 0) {
        printf("# the engine failed\n");
        return 1;
    }
    cdn_reference_decide(rb, cdn_decider_snapshot(d)->places, r, at, &x);
    if (same_as_reference(ret, &x))
        return 0;
    print_hits("engine", ret);
    print_reasons(d, r, ret, at);
    printf("# reference: verdict %u%s\n", x.verdict, x.conflict ? ", conflict" : "");
    for (uint32_t i = 0; i < x.hit_count; i++)
        printf("#   m%u value %u standing %u verdict %u\n",
               x.hits[i].measure,
               x.hits[i].value,
               x.hits[i].standing,
               x.hits[i].verdict);
    return 1;
}

/* A copy of a result that outlives the next decision. */
struct kept {
    struct cdn_result result;
    struct cdn_hit hits[256];
};
static void keep(struct kept *k, const struct cdn_result *r) {
    k->result = *r;
    memcpy(k->hits, r->hits, r->hit_count * sizeof *r->hits);
    k->result.hits = k->hits;
}
static bool same_result(const struct cdn_result *a, const struct cdn_result *b, bool subjects) {
    if (a->verdict != b->verdict || a->conflict != b->conflict || a->hit_count != b->hit_count)
        return false;
    for (uint32_t i = 0; i < a->hit_count; i++) {
        struct cdn_hit x = a->hits[i], y = b->hits[i];
        if (!subjects)
            x.subject = y.subject = 0;
        if (x.measure != y.measure || x.outcome != y.outcome || x.value != y.value ||
            x.standing != y.standing || x.verdict != y.verdict || x.subject_kind != y.subject_kind ||
            x.subject != y.subject || (x.lifted_by < 0) != (y.lifted_by < 0))
            return false;
    }
    return true;
}

static int differs(const char *how, const struct kept *k, const struct cdn_result *r) {
    printf("# %s\n", how);
    print_hits("first", &k->result);
    print_hits("then", r);
    return 1;
}

static int steps_and_orders(struct cdn_rnd *rnd,
                            struct cdn_decider *d,
                            const struct cdn_request *r,
                            int64_t at,
                            struct cdn_arena *arena) {
    static struct kept k;
    struct cdn_result x;
    if (cdn_decide(d, r, at, &x, NULL) < 0)
        return 1;
    keep(&k, &x);
    if (cdn_decide_scan(d, r, at, &x, NULL) < 0 || !same_result(&k.result, &x, true))
        return differs("the scan differs from the index", &k, &x);
    const int64_t until = CDN_MIN(k.result.changes_at, (int64_t)CDN_RANDOM_BASE + 4 * CDN_RANDOM_SPAN);
    for (unsigned i = 0; i < 3 && until > at; i++) {
        const int64_t t = i == 0 ? until - 1 : cdn_rnd_between(rnd, at, until - 1);
        if (cdn_decide(d, r, t, &x, NULL) < 0 || !same_result(&k.result, &x, true)) {
            printf("# at %lld, then at %lld\n", (long long)at, (long long)t);
            return differs("time alone changed it before changes_at", &k, &x);
        }
    }
    const struct cdn_request *s = cdn_random_shuffled(rnd, r, arena);
    if (cdn_decide(d, s, at, &x, NULL) < 0 || !same_result(&k.result, &x, false))
        return differs("another order gives another answer", &k, &x);
    return 0;
}

static uint32_t d_count(const struct cdn_decider *d) {
    return cdn_decider_snapshot(d)->count[CDN_T_MEASURE];
}

/* The account agrees with the result that it explains. */
static int account_fits(
    struct cdn_decider *d, const struct cdn_request *r, int64_t at, bool all, struct cdn_arena *arena) {
    struct cdn_result x;
    struct cdn_decision y;
    static struct kept k;
    if (cdn_decide(d, r, at, &x, NULL) < 0)
        return 1;
    keep(&k, &x);
    if (cdn_decision_build(d, r, &x, at, all, arena, &y) < 0)
        return 1;
    unsigned strictest = CORDON_VERDICT_ALLOW, held = 0, hits = 0, open = 0;
    for (uint32_t i = 0; i < y.outcome_count; i++)
        strictest = CDN_MAX(strictest, y.outcomes[i].verdict);
    for (uint32_t i = 0; i < k.result.hit_count; i++) {
        const struct cdn_hit *h = &k.hits[i];
        held += h->standing == CDN_STANDING_HELD_UNKNOWN && h->value == CORDON_UNKNOWN;
        for (uint32_t j = 0; j < y.measure_count; j++)
            hits += y.measures[j].hit.measure == h->measure && y.measures[j].hit.standing == h->standing;
    }
    open = y.missing_count + y.contradiction_count;
    const char *wrong = y.verdict != k.result.verdict || strictest != y.verdict
                            ? "outcomes do not add up to the verdict"
                        : hits != k.result.hit_count                  ? "a hit is not in the account"
                        : held && !open                               ? "held, and nothing is missing"
                        : k.result.conflict != (y.conflict_count > 0) ? "a conflict without sides"
                        : all && y.measure_count != d_count(d)        ? "not every measure is told"
                        : y.changes_at > k.result.changes_at          ? "a later changes_at"
                                                                      : NULL;
    if (!wrong)
        return 0;
    printf("# account: %s\n", wrong);
    print_hits("engine", &k.result);
    for (uint32_t i = 0; i < y.outcome_count; i++)
        printf("#   outcome %u on %u/%u\n",
               y.outcomes[i].verdict,
               y.outcomes[i].subject.kind,
               y.outcomes[i].subject.index);
    for (uint32_t i = 0; i < y.missing_count; i++)
        printf("#   missing %.*s: %.*s\n", CDN_FMT(y.missing[i].fact), CDN_FMT(y.missing[i].why));
    return 1;
}

static int one_rulebook(uint64_t seed, unsigned requests, unsigned seen[6]) {
    struct cdn_rnd rnd = {seed};
    struct cdn_arena arena;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    const struct cdn_random_options options = {.measures = 12};
    const struct cdn_rulebook *rb = cdn_random_rulebook(&rnd, &arena, options);
    struct cdn_snapshot *snapshot = make_snapshot(rb, &arena);
    struct cdn_decider *d = NULL;
    int failed = !snapshot || cdn_decider_new(snapshot, &cdn_alloc_libc, &d, NULL) < 0;
    for (unsigned i = 0; i < requests && !failed; i++) {
        struct cdn_result x;
        const struct cdn_request *r = cdn_random_request(&rnd, rb, &arena);
        const int64_t at = cdn_random_instant(&rnd);
        failed = against_reference(d, rb, r, at, &x);
        if (!failed) {
            seen[x.verdict]++;
            failed = steps_and_orders(&rnd, d, r, at, &arena) || account_fits(d, r, at, i % 2, &arena);
        }
        if (failed)
            printf("# seed %llu, request %u, at %lld\n", (unsigned long long)seed, i, (long long)at);
    }
    cdn_decider_free(d);
    drop_snapshot(snapshot);
    cdn_arena_free(&arena);
    return failed;
}

int main(int argc, char **argv) {
    struct cdn_rnd first;
    cdn_rnd_init(&first, "twin", 1);
    uint64_t count = cdn_rnd_rounds(CDN_TWIN_QUICK) / CDN_TWIN_SHARE, seed = first.state;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--count") == 0)
            count = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0)
            seed = strtoull(argv[i + 1], NULL, 10);
    }
    enum { PER_RULEBOOK = 20 };
    unsigned seen[6] = {0};
    for (uint64_t done = 0; done < count; done += PER_RULEBOOK, seed++) {
        if (one_rulebook(seed, PER_RULEBOOK, seen)) {
            printf("not ok 1 - engine and reference agree\n");
            return 1;
        }
        if (done && done % 100000 == 0)
            printf("# %llu requests agreed\n", (unsigned long long)done);
        fflush(stdout);
    }
    printf(
        "# allow %u, limit %u, hold %u, deny %u, freeze %u\n", seen[1], seen[2], seen[3], seen[4], seen[5]);
    printf("ok 1 - engine and reference agree on %llu requests\n1..1\n", (unsigned long long)count);
    return 0;
}
