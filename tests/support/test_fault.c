/* SPDX-License-Identifier: Apache-2.0 */
/* The allocator of the tests notices what it is there to notice. */
#include "support/fault.h"
#include "support/rnd.h"

static void counts_and_fails_the_nth(void **state) {
    (void)state;
    struct cdn_fault f;
    cdn_fault_init(&f, 2);
    void *a = f.alloc.alloc(f.alloc.ctx, 10);
    assert_non_null(a);
    assert_null(f.alloc.alloc(f.alloc.ctx, 20));
    assert_true(f.failed);
    assert_int_equal(f.after_failure, 0);
    void *b = f.alloc.alloc(f.alloc.ctx, 30);
    assert_non_null(b);
    assert_int_equal(f.after_failure, 1);
    assert_int_equal(f.live_bytes, 40);
    f.alloc.release(f.alloc.ctx, a, 10);
    f.alloc.release(f.alloc.ctx, b, 30);
    assert_null(f.broken);
    assert_int_equal(cdn_fault_free(&f), 0);
}

static void reports_leak_and_wrong_size(void **state) {
    (void)state;
    struct cdn_fault f;
    cdn_fault_init(&f, 0);
    void *a = f.alloc.alloc(f.alloc.ctx, 10);
    (void)f.alloc.alloc(f.alloc.ctx, 11);
    f.alloc.release(f.alloc.ctx, a, 9);
    assert_non_null(f.broken);
    assert_int_equal(cdn_fault_free(&f), 1);
}

static void reports_double_release(void **state) {
    (void)state;
    struct cdn_fault f;
    cdn_fault_init(&f, 0);
    void *a = f.alloc.alloc(f.alloc.ctx, 10);
    f.alloc.release(f.alloc.ctx, a, 10);
    assert_null(f.broken);
    f.alloc.release(f.alloc.ctx, a, 10);
    assert_non_null(f.broken);
    (void)cdn_fault_free(&f);
}

static void resize_keeps_the_contents(void **state) {
    (void)state;
    struct cdn_fault f;
    cdn_fault_init(&f, 0);
    char *a = f.alloc.alloc(f.alloc.ctx, 4);
    memcpy(a, "abc", 4);
    char *b = f.alloc.resize(f.alloc.ctx, a, 4, 4000);
    assert_string_equal(b, "abc");
    assert_int_equal(f.live, 1);
    f.alloc.release(f.alloc.ctx, b, 4000);
    assert_int_equal(cdn_fault_free(&f), 0);
}

static void many_blocks(void **state) {
    (void)state;
    enum { BLOCKS = 3000 };
    static struct {
        void *p;
        size_t n;
    } live[BLOCKS];
    struct cdn_rnd r;
    struct cdn_fault f;
    cdn_rnd_init(&r, "many_blocks", 1);
    cdn_fault_init(&f, 0);
    for (size_t i = 0; i < 50000; i++) {
        const size_t k = (size_t)cdn_rnd_below(&r, BLOCKS);
        if (live[k].p != NULL) {
            f.alloc.release(f.alloc.ctx, live[k].p, live[k].n);
            live[k].p = NULL;
        } else {
            live[k].n = 1 + (size_t)cdn_rnd_below(&r, 60);
            live[k].p = f.alloc.alloc(f.alloc.ctx, live[k].n);
        }
    }
    for (size_t k = 0; k < BLOCKS; k++) {
        f.alloc.release(f.alloc.ctx, live[k].p, live[k].n);
    }
    assert_null(f.broken);
    assert_int_equal(f.live_bytes, 0);
    assert_int_equal(cdn_fault_free(&f), 0);
}

static size_t runs;

static int two_blocks(const struct cordon_alloc *alloc) {
    runs++;
    void *a = alloc->alloc(alloc->ctx, 8);
    void *b = a != NULL ? alloc->alloc(alloc->ctx, 8) : NULL;
    alloc->release(alloc->ctx, b, 8);
    alloc->release(alloc->ctx, a, 8);
    return b != NULL ? 0 : CORDON_E_NOMEM;
}

static void the_loop_ran_each_failure(void **state) {
    (void)state;
    assert_int_equal(runs, 3); /* once normally, then with the first and with the second failing */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_and_fails_the_nth),
        cmocka_unit_test(reports_leak_and_wrong_size),
        cmocka_unit_test(reports_double_release),
        cmocka_unit_test(resize_keeps_the_contents),
        cmocka_unit_test(many_blocks),
        cdn_fault_test(two_blocks),
        cmocka_unit_test(the_loop_ran_each_failure),
    };
    return cdn_run(tests);
}
