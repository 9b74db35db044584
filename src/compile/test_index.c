/* SPDX-License-Identifier: Apache-2.0 */
/* The index against a scan: groups find the outcomes that a walk over all of them finds, and guards never
 * change a decision. */
#include <stdio.h>
#include <stdlib.h>

#include "compile/compile.h"
#include "compile/fold_icu.h"
#include "decide/decide.h"
#include "support/fault.h"
#include "support/random_rulebook.h"

static struct cdn_buf fold;

static int setup(void **state CDN_UNUSED) {
    struct cordon_error e = {0};
    cdn_buf_init(&fold, &cdn_alloc_libc, (size_t)1 << 24);
    return cdn_compile_fold(&cdn_alloc_libc, &fold, &e);
}

static int teardown(void **state CDN_UNUSED) {
    cdn_buf_free(&fold);
    return 0;
}

static struct cdn_snapshot *compile(const struct cdn_rulebook *rb,
                                    bool no_guards,
                                    struct cdn_arena *arena,
                                    struct cdn_buf *ret_bundle) {
    struct cdn_compiled c;
    struct cdn_buf bundle;
    struct cordon_error e = {0};
    struct cdn_snapshot *s = NULL;
    const struct cdn_compile_options o = {.fold = cdn_buf_get(&fold), .no_guards = no_guards};
    cdn_buf_init(&bundle, &arena->as_alloc, (size_t)1 << 30);
    int err = cdn_compile(rb, &o, arena, &c, &e);
    if (!err) {
        cdn_compile_bundle(&c, &bundle);
        err = cdn_snapshot_open_bytes(cdn_buf_get(&bundle), &cdn_alloc_libc, &s, &e);
    }
    if (err)
        fail_msg("%s", e.message);
    if (ret_bundle)
        *ret_bundle = bundle;
    return s;
}

/* ---- groups
 * -------------------------------------------------------------------------------------------------- */

static bool in_run(const struct cdn_snapshot *s, struct cdn_run r, uint32_t v) {
    for (uint32_t i = 0; i < r.count; i++)
        if (s->indexes[r.first + i] == v)
            return true;
    return false;
}

static bool speaks(const struct cdn_snapshot *s,
                   const struct cdn_outcome_rec *o,
                   uint32_t action,
                   uint32_t service) {
    const bool a = (o->flags & CDN_OUTCOME_ANY_ACTION) ? !in_run(s, o->not_actions, action)
                                                       : in_run(s, o->actions, action);
    return a && ((o->flags & CDN_OUTCOME_ANY_SERVICE) || in_run(s, o->services, service));
}

static unsigned found(const struct cdn_snapshot *s, uint32_t group, uint32_t outcome) {
    unsigned n = 0;
    if (group == CDN_NO_INDEX)
        return 0;
    const struct cdn_run posts = s->groups[group].posts;
    for (uint32_t i = posts.first; i < posts.first + posts.count; i++)
        n += s->posts[i].outcome == outcome;
    return n;
}

static void groups_find_what_a_scan_finds(void **state CDN_UNUSED) {
    struct cdn_rnd r;
    cdn_rnd_init(&r, "groups", 11);
    for (size_t round = 0; round < cdn_rnd_rounds(40); round++) {
        struct cdn_arena arena;
        cdn_arena_init(&arena, &cdn_alloc_libc, 0);
        const struct cdn_rulebook *rb =
            cdn_random_rulebook(&r, &arena, (struct cdn_random_options){.measures = 40});
        struct cdn_snapshot *s = compile(rb, false, &arena, NULL);
        for (uint32_t a = 0; a < s->count[CDN_T_ACTION]; a++)
            for (uint32_t k = 0; k < s->count[CDN_T_SERVICE]; k++) {
                const uint32_t groups[4] = {cdn_snapshot_group(s, a, k),
                                            cdn_snapshot_group(s, a, CDN_NO_INDEX),
                                            cdn_snapshot_group(s, CDN_NO_INDEX, k),
                                            cdn_snapshot_group(s, CDN_NO_INDEX, CDN_NO_INDEX)};
                for (uint32_t o = 0; o < s->count[CDN_T_OUTCOME]; o++) {
                    unsigned n = 0;
                    for (unsigned g = 0; g < 4; g++)
                        n += found(s, groups[g], o);
                    const bool not_here = in_run(s, s->outcomes[o].not_actions, a);
                    assert_int_equal(n, speaks(s, &s->outcomes[o], a, k) || (n == 1 && not_here));
                }
            }
        cdn_snapshot_unref(s);
        cdn_arena_free(&arena);
    }
}

/* ---- guards
 * --------------------------------------------------------------------------------------------------- */

static void same(const struct cdn_result *a, const struct cdn_result *b, const char *what) {
    bool equal = a->verdict == b->verdict && a->hit_count == b->hit_count && a->conflict == b->conflict;
    for (uint32_t i = 0; equal && i < a->hit_count; i++)
        equal = memcmp(&a->hits[i], &b->hits[i], sizeof(a->hits[i])) == 0;
    if (!equal)
        fail_msg("%s: verdict %u with %u hits, %u with %u",
                 what,
                 a->verdict,
                 a->hit_count,
                 b->verdict,
                 b->hit_count);
}

static void guards_change_nothing(void **state CDN_UNUSED) {
    struct cdn_rnd r;
    size_t hits = 0, axes = 0;
    cdn_rnd_init(&r, "guards", 12);
    for (size_t round = 0; round < cdn_rnd_rounds(60); round++) {
        struct cdn_arena arena;
        struct cordon_error e;
        cdn_arena_init(&arena, &cdn_alloc_libc, 0);
        const struct cdn_rulebook *rb =
            cdn_random_rulebook(&r, &arena, (struct cdn_random_options){.measures = 60});
        struct cdn_snapshot *guarded = compile(rb, false, &arena, NULL),
                            *plain = compile(rb, true, &arena, NULL);
        struct cdn_decider *with, *scan, *without;
        assert_int_equal(cdn_decider_new(guarded, &cdn_alloc_libc, &with, &e), 0);
        assert_int_equal(cdn_decider_new(guarded, &cdn_alloc_libc, &scan, &e), 0);
        assert_int_equal(cdn_decider_new(plain, &cdn_alloc_libc, &without, &e), 0);
        axes += guarded->count[CDN_T_AXIS];
        assert_int_equal(plain->count[CDN_T_AXIS], 0);
        for (unsigned i = 0; i < 60; i++) {
            const struct cdn_request *q = cdn_random_request(&r, rb, &arena);
            const int64_t at = cdn_random_instant(&r);
            struct cdn_result x, y, z;
            assert_int_equal(cdn_decide(with, q, at, &x, &e), 0);
            assert_int_equal(cdn_decide_scan(scan, q, at, &y, &e), 0);
            assert_int_equal(cdn_decide(without, q, at, &z, &e), 0);
            same(&x, &y, "scan");
            same(&x, &z, "without guards");
            hits += x.hit_count;
        }
        cdn_decider_free(with);
        cdn_decider_free(scan);
        cdn_decider_free(without);
        cdn_snapshot_unref(guarded);
        cdn_snapshot_unref(plain);
        cdn_arena_free(&arena);
    }
    assert_true(hits > 0 && axes > 0);
}

/* ---- damage
 * --------------------------------------------------------------------------------------------------- */

/* Decisions on whatever opened: safe, and still the same with and without the index. Changed numbers can make
 * the rules others, never inconsistent. */
static unsigned decide_on(struct cdn_buf *image,
                          struct cdn_rnd *r,
                          const struct cdn_rulebook *rb,
                          struct cdn_arena *arena) {
    struct cdn_snapshot *s = NULL;
    struct cordon_error e;
    struct cdn_decider *d, *scan;
    if (cdn_snapshot_open_bytes(cdn_buf_get(image), &cdn_alloc_libc, &s, &e) != 0)
        return 0;
    assert_int_equal(cdn_decider_new(s, &cdn_alloc_libc, &d, &e), 0);
    assert_int_equal(cdn_decider_new(s, &cdn_alloc_libc, &scan, &e), 0);
    for (unsigned i = 0; i < 2; i++) {
        const struct cdn_request *q = cdn_random_request(r, rb, arena);
        const int64_t at = cdn_random_instant(r);
        struct cdn_result x, y;
        const int a = cdn_decide(d, q, at, &x, &e), b = cdn_decide_scan(scan, q, at, &y, &e);
        assert_int_equal(a, b);
        if (a == 0)
            same(&x, &y, "damaged");
    }
    cdn_decider_free(d);
    cdn_decider_free(scan);
    cdn_snapshot_unref(s);
    return 1;
}

static void decides_on_what_opens(void **state CDN_UNUSED) {
    struct cdn_rnd r;
    unsigned opened = 0;
    cdn_rnd_init(&r, "decide on damage", 13);
    struct cdn_arena arena;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    const struct cdn_rulebook *rb =
        cdn_random_rulebook(&r, &arena, (struct cdn_random_options){.measures = 25});
    struct cdn_buf image;
    cdn_snapshot_unref(compile(rb, false, &arena, &image));
    const struct cdn_snap_entry *rules =
        (const struct cdn_snap_entry *)(const void *)(image.p + sizeof(struct cdn_snap_header)) + 1;
    struct cdn_rules_header h;
    memcpy(&h, image.p + rules->offset, sizeof(h));
    for (size_t i = 0; i < cdn_rnd_rounds(1500); i++) {
        /* Any table alike, however small. */
        const uint32_t t = (uint32_t)cdn_rnd_below(&r, CDN_TABLE_COUNT);
        const size_t begin = h.tables[t].offset;
        const size_t end = t + 1 < CDN_TABLE_COUNT ? h.tables[t + 1].offset : (size_t)rules->length;
        if (end - begin < 4)
            continue;
        char *at = image.p + rules->offset + begin + 4 * cdn_rnd_below(&r, (end - begin) / 4);
        uint32_t old, bad;
        memcpy(&old, at, 4);
        const uint32_t values[] = {0, 1, old + 1, old - 1, old ^ 0x100u, old ^ 1u, old << 8, UINT32_MAX};
        bad = values[cdn_rnd_below(&r, 8)];
        memcpy(at, &bad, 4);
        opened += decide_on(&image, &r, rb, &arena);
        memcpy(at, &old, 4);
    }
    printf("# %u changed snapshots were opened\n", opened);
    assert_true(opened > 0);
    cdn_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_find_what_a_scan_finds),
        cmocka_unit_test(guards_change_nothing),
        cmocka_unit_test(decides_on_what_opens),
    };
    return _cmocka_run_group_tests(__FILE__, tests, CDN_ARRAY_LEN(tests), setup, teardown);
}
