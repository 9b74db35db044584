/* SPDX-License-Identifier: Apache-2.0 */
/* A rulebook, compiled and opened again, says the same; the same input gives the same bytes. */
#include <stdlib.h>

#include "compile/compile.h"
#include "compile/fold_icu.h"
#include "support/fault.h"
#include "support/wide_rulebook.h"

/* The folding table takes ICU a while: made once. */
static cordon_str fold;

static int make_fold(void **state CDN_UNUSED) {
    struct cdn_buf b;
    struct cordon_error e = {0};
    cdn_buf_init(&b, &cdn_alloc_libc, (size_t)1 << 24);
    if (cdn_compile_fold(&cdn_alloc_libc, &b, &e) != 0)
        return -1;
    fold = cdn_buf_get(&b);
    return 0;
}

static int free_fold(void **state CDN_UNUSED) {
    free((void *)(uintptr_t)fold.p);
    return 0;
}

static struct cdn_compile_options options(void) {
    return (struct cdn_compile_options){.fold = fold};
}

/* Compiles `rb` to a bundle in the arena and opens it. */
static struct cdn_snapshot *through(const struct cdn_rulebook *rb,
                                    struct cdn_arena *arena,
                                    cordon_str *ret_bytes) {
    struct cdn_compiled c;
    struct cdn_buf bundle;
    struct cordon_error e = {0};
    const struct cdn_compile_options o = options();
    int err = cdn_compile(rb, &o, arena, &c, &e);
    if (err)
        fail_msg("compile: %d %s", err, e.message);
    cdn_buf_init(&bundle, &arena->as_alloc, (size_t)1 << 30);
    cdn_compile_bundle(&c, &bundle);
    assert_int_equal(bundle.err, 0);
    struct cdn_snapshot *s = NULL;
    err = cdn_snapshot_open_bytes(cdn_buf_get(&bundle), &cdn_alloc_libc, &s, &e);
    if (err)
        fail_msg("open: %d %s", err, e.message);
    err = cdn_compile_verify(s, &e);
    if (err)
        fail_msg("verify: %d %s", err, e.message);
    if (ret_bytes)
        *ret_bytes = cdn_buf_get(&bundle);
    return s;
}

#define assert_text(s, ref, text)                                                                            \
    do {                                                                                                     \
        const cordon_str got_ = cdn_snap_str(s, ref), want_ = (text);                                        \
        assert_int_equal(got_.n, want_.n);                                                                   \
        assert_memory_equal(got_.p, want_.n ? want_.p : got_.p, want_.n);                                    \
    } while (0)

static void same_measures(const struct cdn_snapshot *s, const struct cdn_rulebook *rb) {
    assert_int_equal(s->count[CDN_T_MEASURE], rb->measure_count);
    for (uint32_t i = 0; i < rb->measure_count; i++) {
        const struct cdn_measure *m = &rb->measures[i];
        const struct cdn_measure_rec *r = &s->measures[i];
        assert_text(s, r->id, m->id);
        assert_text(s, r->title, m->title);
        assert_text(s, r->legal, m->legal);
        assert_text(s, r->owner, m->owner);
        assert_int_equal(r->class_, m->class_);
        assert_int_equal(r->basis, m->basis);
        assert_int_equal(r->standard, m->standard);
        assert_int_equal(r->if_unknown, m->if_unknown);
        assert_int_equal(r->effective.at, m->effective.at);
        assert_int_equal(r->announced.at, m->announced.written.n ? m->announced.at : CDN_TIME_MIN);
        assert_int_equal(r->outcomes.count, m->outcome_count);
        assert_int_equal(r->excepts.count, m->except_count);
        assert_int_equal(r->duties.count, m->duty_count);
        assert_int_equal(r->notices.count, m->notice_count);
        assert_int_equal(r->when == CDN_NO_INDEX, m->when == NULL);
        assert_int_equal(r->version.n, 16);
        for (uint32_t k = 0; k < m->outcome_count; k++) {
            const struct cdn_outcome_rec *o = &s->outcomes[r->outcomes.first + k];
            assert_int_equal(o->verdict, m->outcomes[k].verdict);
            assert_int_equal(o->scope, m->outcomes[k].scope);
            assert_int_equal((o->flags & CDN_OUTCOME_CAP) != 0, m->outcomes[k].has_cap);
        }
        const uint32_t found = cdn_snapshot_symbol(s, CDN_SYMBOL_MEASURE, cdn_hash(m->id, 0), m->id);
        assert_int_equal(found, i);
    }
}

/* The tests and operators of a condition, one by one. */
static void same_expr(const struct cdn_snapshot *s,
                      const struct cdn_rulebook *rb,
                      uint32_t number,
                      const struct cdn_expr *x) {
    const struct cdn_expr_rec *r = &s->exprs[number];
    assert_int_equal(r->op, x->op);
    assert_int_equal(r->children.count, x->count);
    if (x->op == CDN_EXPR_TEST) {
        const struct cdn_test_rec *t = &s->tests[r->test];
        assert_int_equal(t->kind, x->test->kind);
        assert_int_equal(t->finding, x->test->finding);
        assert_int_equal(t->evidence, x->test->evidence);
        assert_int_equal(t->fact, x->test->fact);
        assert_int_equal(t->subject_kind, x->test->subject.kind);
        assert_true(t->text.n > 0);
        for (uint32_t i = 0; i < x->test->text_count; i++) {
            bool there = false;
            for (uint32_t k = 0; k < t->codes.count; k++)
                there |= cdn_str_eq(cdn_snap_str(s, s->codes[t->codes.first + k].text), x->test->texts[i]);
            assert_true(there);
        }
    }
    for (uint32_t i = 0; i < x->count; i++)
        same_expr(s, rb, s->indexes[r->children.first + i], x->children[i]);
}

static void opens_what_it_compiled(void **state CDN_UNUSED) {
    struct cdn_rnd r;
    cdn_rnd_init(&r, "compile", 1);
    for (size_t round = 0; round < cdn_rnd_rounds(30); round++) {
        struct cdn_arena arena;
        cdn_arena_init(&arena, &cdn_alloc_libc, 0);
        const struct cdn_rulebook *rb = cdn_wide_rulebook(&r, &cdn_wide_small, &arena);
        struct cdn_snapshot *s = through(rb, &arena, NULL);
        same_measures(s, rb);
        for (uint32_t i = 0; i < rb->measure_count; i++)
            if (rb->measures[i].when)
                same_expr(s, rb, s->measures[i].when, rb->measures[i].when);
        cdn_snapshot_unref(s);
        cdn_arena_free(&arena);
    }
}

static void same_input_same_bytes(void **state CDN_UNUSED) {
    struct cdn_rnd r;
    struct cdn_arena a, b;
    cordon_str first, second;
    cdn_rnd_init(&r, "determinism", 7);
    struct cdn_rnd again = r;
    cdn_arena_init(&a, &cdn_alloc_libc, 0);
    cdn_arena_init(&b, &cdn_alloc_libc, 0);
    struct cdn_rulebook *one = cdn_wide_rulebook(&r, &cdn_wide_small, &a);
    struct cdn_rulebook *two = cdn_wide_rulebook(&again, &cdn_wide_small, &b);
    two->files[0] = CDN_STR("/somewhere/else/random.measure");
    cdn_snapshot_unref(through(one, &a, &first));
    void *hole = malloc(12345); /* other addresses */
    cdn_snapshot_unref(through(two, &b, &second));
    free(hole);
    assert_int_equal(first.n, second.n);
    assert_memory_equal(first.p, second.p, first.n);
    cdn_arena_free(&a);
    cdn_arena_free(&b);
}

/* The empty rulebook is a rulebook. */
static void compiles_nothing(void **state CDN_UNUSED) {
    struct cdn_arena arena;
    static const struct cdn_rulebook none;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    struct cdn_snapshot *s = through(&none, &arena, NULL);
    assert_int_equal(s->count[CDN_T_MEASURE], 0);
    assert_int_equal(cdn_snapshot_group(s, CDN_NO_INDEX, CDN_NO_INDEX), CDN_NO_INDEX);
    cdn_snapshot_unref(s);
    cdn_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_what_it_compiled),
        cmocka_unit_test(same_input_same_bytes),
        cmocka_unit_test(compiles_nothing),
    };
    return _cmocka_run_group_tests(__FILE__, tests, CDN_ARRAY_LEN(tests), make_fold, free_fold);
}
