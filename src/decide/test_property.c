/* SPDX-License-Identifier: Apache-2.0 */
/* test_property.c: what must hold of any decision, on random rulebooks and requests. The comparison with the
 * twin (tests/twin) shows besides: the index changes nothing, order changes nothing, time alone changes
 * nothing before changes_at. */
#include <stdlib.h>

#include "decide/decide.h"
#include "support/fault.h"
#include "support/plain_snapshot.h"
#include "support/random_rulebook.h"

static struct cdn_plain_places places;

struct bench {
    struct cdn_arena arena;
    struct cdn_rulebook *rb;
    struct cdn_snapshot *snapshot;
    struct cdn_decider *d;
};
static void open_snapshot(struct bench *b) {
    memset(&places, 0, sizeof places);
    cdn_plain_places_fill(&places, cdn_random_places, 10, b->rb);
    b->snapshot = cdn_plain_snapshot(b->rb, &places);
    assert_int_equal(cdn_decider_new(b->snapshot, &cdn_alloc_libc, &b->d, NULL), 0);
}
static void close_snapshot(struct bench *b) {
    cdn_decider_free(b->d);
    cdn_plain_snapshot_free(b->snapshot);
}
static void bench_open(struct bench *b, struct cdn_rnd *rnd, struct cdn_random_options options) {
    cdn_arena_init(&b->arena, &cdn_alloc_libc, 0);
    b->rb = cdn_random_rulebook(rnd, &b->arena, options);
    open_snapshot(b);
}
static void bench_close(struct bench *b) {
    close_snapshot(b);
    cdn_arena_free(&b->arena);
}

/* EVIDENCE: CS-MISSING CS-BLANK CS-UNKNOWN */
static void taking_a_fact_away_never_allows(void **state) {
    (void)state;
    struct cdn_rnd rnd;
    cdn_rnd_init(&rnd, "missing facts", 7);
    const size_t rounds = cdn_rnd_rounds(20000) / 20;
    unsigned refused = 0;
    for (size_t i = 0; i < rounds; i++) {
        struct bench b;
        bench_open(&b, &rnd, (struct cdn_random_options){.measures = 10, .monotone = true});
        for (unsigned k = 0; k < 20; k++) {
            const struct cdn_request *r = cdn_random_request(&rnd, b.rb, &b.arena);
            const int64_t at = cdn_random_instant(&rnd);
            struct cdn_result x, y;
            const char *what = "";
            assert_int_equal(cdn_decide(b.d, r, at, &x, NULL), 0);
            if (x.verdict == CORDON_VERDICT_ALLOW)
                continue;
            refused++;
            const struct cdn_request *less = cdn_random_without(&rnd, r, &b.arena, &what);
            assert_int_equal(cdn_decide(b.d, less, at, &y, NULL), 0);
            if (y.verdict <= CORDON_VERDICT_ALLOW)
                fail_msg("%s taken away, and %s became %s",
                         what,
                         cdn_verdict_name(x.verdict),
                         cdn_verdict_name(y.verdict));
        }
        bench_close(&b);
    }
    assert_true(refused > rounds);
}

static const struct cdn_hit *hit_of(const struct cdn_result *r, uint32_t measure) {
    for (uint32_t i = 0; i < r->hit_count; i++) {
        if (r->hits[i].measure == measure)
            return &r->hits[i];
    }
    return NULL;
}

/* EVIDENCE: CS-LIFT CS-ALL */
static void a_licence_lifts_only_what_it_names(void **state) {
    (void)state;
    struct cdn_rnd rnd;
    cdn_rnd_init(&rnd, "licences", 8);
    const size_t rounds = cdn_rnd_rounds(20000) / 20;
    unsigned lifted = 0;
    for (size_t i = 0; i < rounds; i++) {
        struct bench b;
        bench_open(&b, &rnd, (struct cdn_random_options){.measures = 8, .no_protection = true});
        struct cdn_measure *more = cdn_arena_zero(&b.arena, b.rb->measure_count + 1, sizeof *more);
        assert_non_null(more);
        memcpy(more, b.rb->measures, b.rb->measure_count * sizeof *more);
        uint32_t named = (uint32_t)cdn_rnd_below(&rnd, b.rb->measure_count);
        more[b.rb->measure_count] = (struct cdn_measure){.id = CDN_STR("new-licence"),
                                                         .class_ = CDN_CLASS_LICENCE,
                                                         .basis = CDN_BASIS_LAW,
                                                         .standard = CDN_STANDARD_ANY,
                                                         .lifts = &named,
                                                         .lift_count = 1};
        struct bench with = {.rb = cdn_arena_zero(&b.arena, 1, sizeof *with.rb)};
        assert_non_null(with.rb);
        *with.rb = *b.rb;
        with.rb->measures = more;
        with.rb->measure_count++;
        open_snapshot(&with);
        for (unsigned k = 0; k < 10; k++) {
            const struct cdn_request *r = cdn_random_request(&rnd, b.rb, &b.arena);
            const int64_t at = cdn_random_instant(&rnd);
            struct cdn_result x, y;
            assert_int_equal(cdn_decide(b.d, r, at, &x, NULL), 0);
            assert_int_equal(cdn_decide(with.d, r, at, &y, NULL), 0);
            assert_int_equal(x.hit_count, y.hit_count);
            for (uint32_t h = 0; h < x.hit_count; h++) {
                const struct cdn_hit *was = &x.hits[h], *is = hit_of(&y, was->measure);
                assert_non_null(is);
                if (was->measure != named)
                    assert_int_equal(is->standing, was->standing);
                else if (was->standing == CDN_STANDING_APPLIED || was->standing == CDN_STANDING_HELD_UNKNOWN)
                    lifted += is->standing == CDN_STANDING_LIFTED && is->verdict == CORDON_VERDICT_ALLOW;
            }
        }
        close_snapshot(&with);
        bench_close(&b);
    }
    assert_true(lifted > 0);
}

/* EVIDENCE: CS-PURE */
static void another_decider_gives_the_same(void **state) {
    (void)state;
    struct cdn_rnd rnd;
    cdn_rnd_init(&rnd, "pure", 9);
    struct bench b;
    bench_open(&b, &rnd, (struct cdn_random_options){.measures = 30});
    for (unsigned k = 0; k < 200; k++) {
        const struct cdn_request *r = cdn_random_request(&rnd, b.rb, &b.arena);
        const int64_t at = cdn_random_instant(&rnd);
        struct cdn_decider *fresh = NULL;
        struct cdn_result x, y;
        assert_int_equal(cdn_decider_new(b.snapshot, &cdn_alloc_libc, &fresh, NULL), 0);
        assert_int_equal(cdn_decide(b.d, r, at, &x, NULL), 0);
        assert_int_equal(cdn_decide(fresh, r, at, &y, NULL), 0);
        assert_int_equal(x.verdict, y.verdict);
        assert_int_equal(x.changes_at, y.changes_at);
        assert_int_equal(x.hit_count, y.hit_count);
        assert_memory_equal(x.hits, y.hits, x.hit_count * sizeof *x.hits);
        cdn_decider_free(fresh);
    }
    bench_close(&b);
}

/* EVIDENCE: CS-ZERO */
static void what_it_does_not_know_is_no_verdict(void **state) {
    (void)state;
    struct cdn_rnd rnd;
    cdn_rnd_init(&rnd, "names", 10);
    struct bench b;
    bench_open(&b, &rnd, (struct cdn_random_options){.measures = 3});
    struct cdn_request r = *cdn_random_request(&rnd, b.rb, &b.arena);
    struct cdn_result x = {.verdict = CORDON_VERDICT_ALLOW};
    struct cordon_error e = {0};
    r.action = CDN_STR("actt1");
    assert_int_equal(cdn_request_finish(&r, NULL), 0);
    assert_int_equal(cdn_decide(b.d, &r, CDN_RANDOM_BASE, &x, &e), CORDON_E_NAME);
    assert_int_equal(x.verdict, CORDON_VERDICT_NONE);
    assert_non_null(strstr(e.hint, "act"));
    r.action = CDN_STR("act1");
    r.service = CDN_STR("scv0");
    assert_int_equal(cdn_request_finish(&r, NULL), 0);
    assert_int_equal(cdn_decide(b.d, &r, CDN_RANDOM_BASE, &x, &e), CORDON_E_NAME);
    assert_int_equal(x.verdict, CORDON_VERDICT_NONE);
    r.service = CDN_STR("svc0");
    assert_int_equal(cdn_request_finish(&r, NULL), 0);
    assert_int_equal(cdn_decide(b.d, &r, CDN_TIME_MAX, &x, &e), CORDON_E_RANGE);
    assert_int_equal(x.verdict, CORDON_VERDICT_NONE);
    bench_close(&b);
}

static int accounts_survive_want_of_memory(const struct cordon_alloc *alloc) {
    struct cdn_rnd rnd = {11};
    struct bench b;
    cdn_arena_init(&b.arena, &cdn_alloc_libc, 0);
    b.rb = cdn_random_rulebook(&rnd, &b.arena, (struct cdn_random_options){.measures = 12});
    memset(&places, 0, sizeof places);
    cdn_plain_places_fill(&places, cdn_random_places, 10, b.rb);
    b.snapshot = cdn_plain_snapshot(b.rb, &places);
    b.d = NULL;
    struct cdn_arena arena;
    cdn_arena_init(&arena, alloc, 0);
    int err = cdn_decider_new(b.snapshot, alloc, &b.d, NULL);
    for (unsigned k = 0; k < 10 && !err; k++) {
        const struct cdn_request *r = cdn_random_request(&rnd, b.rb, &b.arena);
        struct cdn_result x;
        struct cdn_decision y;
        err = cdn_decide(b.d, r, CDN_RANDOM_BASE, &x, NULL);
        err = err ? err : cdn_decision_build(b.d, r, &x, CDN_RANDOM_BASE, true, &arena, &y);
    }
    cdn_arena_free(&arena);
    bench_close(&b);
    return err;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taking_a_fact_away_never_allows),
        cmocka_unit_test(a_licence_lifts_only_what_it_names),
        cmocka_unit_test(another_decider_gives_the_same),
        cmocka_unit_test(what_it_does_not_know_is_no_verdict),
        cdn_fault_test(accounts_survive_want_of_memory),
    };
    return cdn_run(tests);
}
