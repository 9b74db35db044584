/* SPDX-License-Identifier: Apache-2.0 */
/* test_properties.c: what must hold of every decision, down to its bytes: random rulebooks through the
 * compiler, random requests, the JSON of the answer. What holds of verdict and hits alone is shown on many
 * more requests by tests/twin and src/decide/test_property.c. */
#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/limits.h"
#include "compile/compile.h"
#include "decide/decide.h"
#include "support/fault.h"
#include "support/random_rulebook.h"
#include "zone/zone.h"
#include "json/json.h"

struct bench {
    struct cdn_arena arena;
    struct cdn_rulebook *rb;
    struct cdn_snapshot *snapshot;
    struct cdn_decider *d;
};

static void open_snapshot(struct bench *b) {
    const struct cdn_compile_options options = {.zoneinfo = CDN_ZONE_DIR};
    struct cdn_compiled compiled;
    struct cordon_error e = {0};
    struct cdn_buf bundle;
    cdn_buf_init(&bundle, &b->arena.as_alloc, CDN_MIB(64));
    if (cdn_compile(b->rb, &options, &b->arena, &compiled, &e) < 0)
        fail_msg("%s", e.message);
    cdn_compile_bundle(&compiled, &bundle);
    assert_int_equal(bundle.err, 0);
    if (cdn_snapshot_open_bytes(cdn_buf_get(&bundle), &cdn_alloc_libc, &b->snapshot, &e) < 0)
        fail_msg("%s", e.message);
    assert_int_equal(cdn_decider_new(b->snapshot, &cdn_alloc_libc, &b->d, NULL), 0);
}
static void bench_open(struct bench *b, struct cdn_rnd *rnd, struct cdn_random_options options) {
    memset(b, 0, sizeof *b);
    cdn_arena_init(&b->arena, &cdn_alloc_libc, 0);
    b->rb = cdn_random_rulebook(rnd, &b->arena, options);
    open_snapshot(b);
}
static void bench_close(struct bench *b) {
    cdn_decider_free(b->d);
    cdn_snapshot_unref(b->snapshot);
    cdn_arena_free(&b->arena);
}

struct answer {
    cordon_str bytes;
    unsigned verdict;
    int64_t changes_at;
};
enum { SCAN = 1, EXPLAIN = 2 };

/* The account that goes on with what deciding has worked out, and one that works all of it out again; texts
 * written anew, and prepared ones, when they are made and when they are used again. */
static bool twins_agree(struct cdn_decider *d,
                        const struct cdn_request *r,
                        int64_t at,
                        const struct cdn_result *x,
                        unsigned how,
                        struct cdn_arena *arena,
                        cordon_str bytes) {
    const struct cdn_snapshot *s = cdn_decider_snapshot(d);
    struct cdn_json_texts *texts = NULL;
    struct cdn_decision y;
    int err = cdn_decision_build(d, r, x, at, how & EXPLAIN, arena, &y);
    bool same = !err && cdn_json_texts_new(s, &cdn_alloc_libc, &texts) == 0;
    for (unsigned i = 0; i < 3 && same; i++) {
        struct cdn_buf b;
        cdn_buf_init(&b, &arena->as_alloc, CDN_MIB(8));
        err = cdn_json_write_decision_with(&b, &y, s, i ? texts : NULL);
        same = !err && cdn_str_eq(cdn_buf_get(&b), bytes);
    }
    cdn_json_texts_free(texts);
    return same;
}

static struct answer answer(
    struct cdn_decider *d, const struct cdn_request *r, int64_t at, unsigned how, struct cdn_arena *arena) {
    struct cdn_result x;
    struct cdn_decision y;
    struct cdn_buf b;
    int err = how & SCAN ? cdn_decide_scan(d, r, at, &x, NULL) : cdn_decide(d, r, at, &x, NULL);
    err = err ? err : cdn_decision_build(d, r, &x, at, how & EXPLAIN, arena, &y);
    cdn_buf_init(&b, &arena->as_alloc, CDN_MIB(8));
    err = err ? err : cdn_json_write_decision(&b, &y, cdn_decider_snapshot(d));
    const bool look = (b.n + (uint64_t)at) % 4 == 0; /* it takes as long again */
    if (err || (look && !twins_agree(d, r, at, &x, how, arena, cdn_buf_get(&b))))
        abort(); /* also in threads, where a test cannot be failed */
    return (struct answer){cdn_buf_get(&b), y.verdict, y.changes_at};
}

static bool same(struct answer a, struct answer b) {
    return cdn_str_eq(a.bytes, b.bytes);
}

static void differ(const char *how, cordon_str a, cordon_str b) {
    size_t i = 0;
    while (i < a.n && i < b.n && a.p[i] == b.p[i])
        i++;
    printf("# first difference at byte %zu: %.*s | %.*s\n",
           i,
           (int)CDN_MIN(a.n - i, (size_t)80),
           a.p + i,
           (int)CDN_MIN(b.n - i, (size_t)80),
           b.p + i);
    fail_msg("%s:\n%.*s\n%.*s", how, CDN_FMT(a), CDN_FMT(b));
}

/* ---- CS-PURE ------------------------------------------------------------------------------------------ */

enum { ASKED = 60 };
struct asker {
    const struct cdn_snapshot *snapshot;
    struct cdn_request *const *requests;
    const int64_t *at;
    const struct answer *expected;
    unsigned first, wrong;
};

static void *ask_all(void *arg) {
    struct asker *me = arg;
    struct cdn_arena arena;
    struct cdn_decider *d = NULL;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    if (cdn_decider_new(me->snapshot, &cdn_alloc_libc, &d, NULL) < 0)
        abort();
    for (unsigned n = 0; n < 4 * ASKED; n++) { /* each thread in an order of its own */
        const unsigned i = (me->first + n * 7) % ASKED;
        me->wrong += !same(answer(d, me->requests[i], me->at[i], 0, &arena), me->expected[i]);
    }
    cdn_decider_free(d);
    cdn_arena_free(&arena);
    return NULL;
}

/* EVIDENCE: CS-PURE */
static void the_same_three_give_the_same_bytes(void **state) {
    (void)state;
    struct cdn_rnd rnd;
    cdn_rnd_init(&rnd, "the same bytes", 21);
    for (unsigned round = 0; round < cdn_rnd_rounds(600) / 60; round++) {
        struct bench b, again;
        struct cdn_request *requests[ASKED];
        int64_t at[ASKED];
        struct answer expected[ASKED];
        struct asker askers[2];
        pthread_t threads[2];
        bench_open(&b, &rnd, (struct cdn_random_options){.measures = 20});
        again = (struct bench){.arena = b.arena, .rb = b.rb};
        for (unsigned i = 0; i < ASKED; i++) {
            requests[i] = cdn_random_request(&rnd, b.rb, &b.arena);
            at[i] = cdn_random_instant(&rnd);
            expected[i] = answer(b.d, requests[i], at[i], 0, &b.arena);
        }
        /* After all the others; by another decider of a snapshot compiled anew; without the index. */
        cdn_arena_init(&again.arena, &cdn_alloc_libc, 0);
        open_snapshot(&again);
        for (unsigned i = 0; i < ASKED; i++) {
            if (!same(answer(b.d, requests[i], at[i], 0, &b.arena), expected[i]))
                differ("asked again", expected[i].bytes, answer(b.d, requests[i], at[i], 0, &b.arena).bytes);
            if (!same(answer(again.d, requests[i], at[i], 0, &b.arena), expected[i]))
                differ("compiled again",
                       expected[i].bytes,
                       answer(again.d, requests[i], at[i], 0, &b.arena).bytes);
        }
        for (unsigned t = 0; t < 2; t++) {
            askers[t] = (struct asker){b.snapshot, requests, at, expected, t * 31, 0};
            assert_int_equal(pthread_create(&threads[t], NULL, ask_all, &askers[t]), 0);
        }
        for (unsigned t = 0; t < 2; t++) {
            assert_int_equal(pthread_join(threads[t], NULL), 0);
            assert_int_equal(askers[t].wrong, 0);
        }
        bench_close(&again);
        bench_close(&b);
    }
}

/* ---- CS-CHANGES, CS-GUARD ------------------------------------------------------------------------------ */

/* The bytes without the instant (also where a reason repeats it: "now >= …" is that instant) and changes_at.
 */
static cordon_str timeless(struct cdn_arena *arena, struct answer a, int64_t at) {
    static const char changes[] = "\"changes_at\":", told[] = "\"is\":\"", now[] = "\"fact\":\"now";
    struct cdn_buf out, instant;
    cdn_buf_init(&out, &arena->as_alloc, CDN_MIB(8));
    cdn_buf_init(&instant, &arena->as_alloc, 64);
    cdn_buf_z(&instant, "\"at\":\"");
    cdn_time_write(&instant, at);
    const cordon_str start = cdn_buf_get(&instant), alone = cdn_str(start.p + 6, start.n - 6);
    bool of_now = false;
    for (size_t i = 0; i < a.bytes.n;) {
        const cordon_str rest = cdn_str(a.bytes.p + i, a.bytes.n - i);
        of_now |= cdn_str_starts(rest, cdn_str_z(now));
        if (cdn_str_starts(rest, cdn_str_z(changes))) {
            for (i += sizeof changes - 1; a.bytes.p[i] != ',';)
                i++;
        } else if (cdn_str_starts(rest, start)) {
            i += start.n;
        } else if (of_now && cdn_str_starts(rest, cdn_str_z(told))) {
            of_now = false;
            i += sizeof told - 1;
            assert_true(cdn_str_starts(cdn_str(a.bytes.p + i, a.bytes.n - i), alone));
            i += alone.n;
        } else {
            cdn_buf_char(&out, rest.p[0]);
            i++;
        }
    }
    assert_int_equal(out.err, 0);
    return cdn_buf_get(&out);
}

static unsigned steps(
    struct cdn_rnd *rnd, struct bench *b, const struct cdn_request *r, int64_t at, unsigned how) {
    const struct answer first = answer(b->d, r, at, how, &b->arena);
    const cordon_str expected = timeless(&b->arena, first, at);
    const int64_t until = CDN_MIN(first.changes_at, (int64_t)CDN_RANDOM_BASE + 4 * CDN_RANDOM_SPAN);
    for (unsigned i = 0; i < 4 && until > at + 1; i++) {
        const int64_t t = i == 0 ? until - 1 : cdn_rnd_between(rnd, at + 1, until - 1);
        const cordon_str then = timeless(&b->arena, answer(b->d, r, t, how, &b->arena), t);
        if (!cdn_str_eq(expected, then))
            differ(how & EXPLAIN ? "time alone changed an explanation" : "time alone changed it",
                   expected,
                   then);
    }
    if (first.changes_at >= CDN_TIME_MAX)
        return 0;
    const cordon_str after =
        timeless(&b->arena, answer(b->d, r, first.changes_at, how, &b->arena), first.changes_at);
    return !cdn_str_eq(expected, after);
}

/* EVIDENCE: CS-CHANGES CS-GUARD */
static void nothing_changes_before_changes_at(void **state) {
    (void)state;
    struct cdn_rnd rnd;
    cdn_rnd_init(&rnd, "changes_at", 22);
    unsigned changed = 0;
    for (unsigned round = 0; round < cdn_rnd_rounds(2000) / 20; round++) {
        struct bench b;
        bench_open(&b, &rnd, (struct cdn_random_options){.measures = 10});
        for (unsigned k = 0; k < 20; k++) {
            const struct cdn_request *r = cdn_random_request(&rnd, b.rb, &b.arena);
            const int64_t at = cdn_random_instant(&rnd);
            changed += steps(&rnd, &b, r, at, 0);
            if (k % 4 == 0)
                changed += steps(&rnd, &b, r, at, EXPLAIN);
            const cordon_str with = timeless(&b.arena, answer(b.d, r, at, 0, &b.arena), at);
            const cordon_str without = timeless(&b.arena, answer(b.d, r, at, SCAN, &b.arena), at);
            if (!cdn_str_eq(with, without))
                differ("the index changed it", with, without);
        }
        bench_close(&b);
    }
    assert_true(changed > 100); /* it is an edge, and not only a precaution */
}

/* ---- CS-ORDER ------------------------------------------------------------------------------------------ */

static uint32_t *renumbered(struct cdn_arena *arena, const uint32_t *old, uint32_t n, const uint32_t *to) {
    uint32_t *list = cdn_arena_zero(arena, n + 1, sizeof *list);
    assert_non_null(list);
    for (uint32_t i = 0; i < n; i++)
        list[i] = to[old[i]];
    return list;
}

/* The same measures in another order. */
static void shuffle_measures(struct cdn_rnd *rnd, const struct bench *b, struct bench *ret) {
    const uint32_t n = b->rb->measure_count;
    uint32_t to[64];
    assert_in_range(n, 1, 64);
    memset(ret, 0, sizeof *ret);
    cdn_arena_init(&ret->arena, &cdn_alloc_libc, 0);
    struct cdn_measure *m = cdn_arena_zero(&ret->arena, n, sizeof *m);
    ret->rb = cdn_arena_zero(&ret->arena, 1, sizeof *ret->rb);
    assert_true(m && ret->rb);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t k = (uint32_t)cdn_rnd_below(rnd, i + 1);
        to[i] = to[k];
        to[k] = i;
    }
    for (uint32_t i = 0; i < n; i++) {
        struct cdn_measure *x = &m[to[i]];
        *x = b->rb->measures[i];
        x->lifts = renumbered(&ret->arena, x->lifts, x->lift_count, to);
        x->forbids = renumbered(&ret->arena, x->forbids, x->forbid_count, to);
        x->supersedes = renumbered(&ret->arena, x->supersedes, x->supersede_count, to);
    }
    *ret->rb = *b->rb;
    ret->rb->measures = m;
    open_snapshot(ret);
}

static int text_order(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Every list in it sorted by its elements' own text; pointers to parties and objects without their numbers
 * when `pointers` do not count, and the reasons (presumptions among them) of one of several parties left out.
 */
static char *sorted(const json_t *value, bool pointers);
static char *sorted_object(const json_t *value, bool pointers) {
    json_t *copy = json_object();
    const char *key = NULL;
    json_t *child = NULL;
    json_object_foreach((json_t *)(uintptr_t)value, key, child) {
        if (strcmp(key, "changes_at") == 0) /* may be earlier than necessary */
            continue;
        if (!pointers &&
            (strcmp(key, "because") == 0 || strcmp(key, "presumed") == 0 || strcmp(key, "subject") == 0))
            continue;
        char *text = sorted(child, pointers);
        json_object_set_new(copy, key, json_string(text));
        free(text);
    }
    char *text = json_dumps(copy, JSON_SORT_KEYS | JSON_COMPACT);
    json_decref(copy);
    return text;
}
static char *sorted(const json_t *value, bool pointers) {
    if (json_is_object(value))
        return sorted_object(value, pointers);
    const char *s = json_string_value(value);
    if (s && !pointers && (strncmp(s, "/parties/", 9) == 0 || strncmp(s, "/objects/", 9) == 0))
        return strdup("pointer");
    if (!json_is_array(value))
        return json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    const size_t n = json_array_size(value);
    char **texts = calloc(n + 1, sizeof *texts);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        texts[i] = sorted(json_array_get(value, i), pointers);
    qsort(texts, n, sizeof *texts, text_order);
    for (size_t i = 0; i < n; i++) {
        json_array_append_new(list, json_string(texts[i]));
        free(texts[i]);
    }
    free(texts);
    char *text = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    return text;
}

static void compare_sorted(const char *how, struct answer a, struct answer b, bool pointers) {
    json_t *x = json_loadb(a.bytes.p, a.bytes.n, 0, NULL), *y = json_loadb(b.bytes.p, b.bytes.n, 0, NULL);
    char *s = sorted(x, pointers), *t = sorted(y, pointers);
    if (strcmp(s, t) != 0) {
        printf("# %.*s\n# %.*s\n", CDN_FMT(a.bytes), CDN_FMT(b.bytes));
        differ(how, cdn_str_z(s), cdn_str_z(t));
    }
    free(s);
    free(t);
    json_decref(x);
    json_decref(y);
}

/* EVIDENCE: CS-ORDER */
static void order_does_not_matter(void **state) {
    (void)state;
    struct cdn_rnd rnd;
    cdn_rnd_init(&rnd, "order", 24);
    for (unsigned round = 0; round < cdn_rnd_rounds(2000) / 20; round++) {
        struct bench b, other;
        bench_open(&b, &rnd, (struct cdn_random_options){.measures = 10});
        shuffle_measures(&rnd, &b, &other);
        for (unsigned k = 0; k < 20; k++) {
            const struct cdn_request *r = cdn_random_request(&rnd, b.rb, &b.arena);
            const int64_t at = cdn_random_instant(&rnd);
            const struct answer x = answer(b.d, r, at, 0, &b.arena);
            compare_sorted("measures in another order", x, answer(other.d, r, at, 0, &b.arena), true);
            const struct cdn_request *s = cdn_random_shuffled(&rnd, r, &b.arena);
            compare_sorted("parties in another order", x, answer(b.d, s, at, 0, &b.arena), false);
        }
        bench_close(&other);
        bench_close(&b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_three_give_the_same_bytes),
        cmocka_unit_test(nothing_changes_before_changes_at),
        cmocka_unit_test(order_does_not_matter),
    };
    return cdn_run(tests);
}
