/* SPDX-License-Identifier: Apache-2.0 */
/* test_alloc.c: allocation, growing arrays and arenas. */
#include "base/base.h"
#include "support/fault.h"
#include "support/rnd.h"

static int zeroed_array_is_zero_and_size_zero_is_allowed(const struct cordon_alloc *alloc) {
    uint32_t *p = cdn_alloc_zero(alloc, 10, sizeof(*p));
    if (!p)
        return CORDON_E_NOMEM;
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(p[i], 0);
    cdn_free(alloc, p, 10 * sizeof(*p));
    void *nothing = cdn_alloc(alloc, 0);
    cdn_free(alloc, nothing, 0);
    cdn_free(alloc, NULL, 5);
    return nothing ? 0 : CORDON_E_NOMEM;
}

static void sizes_that_overflow_are_refused(void **state CDN_UNUSED) {
    assert_null(cdn_alloc_zero(&cdn_alloc_libc, SIZE_MAX / 2, 3));
    void *items = NULL;
    size_t cap = 0;
    assert_int_equal(cdn_grow(&cdn_alloc_libc, &items, &cap, SIZE_MAX / 2, 8), CORDON_E_LIMIT);
    assert_null(items);
    assert_int_equal(cap, 0);
    struct cdn_arena arena;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    assert_null(cdn_arena_take(&arena, SIZE_MAX));
    assert_null(cdn_arena_take(&arena, SIZE_MAX - 20));
    assert_null(cdn_arena_zero(&arena, SIZE_MAX / 2, 3));
    cordon_str copy = CDN_STR("kept");
    assert_int_equal(cdn_arena_str(&arena, cdn_str("x", SIZE_MAX), &copy), CORDON_E_NOMEM);
    assert_int_equal(copy.n, 4);
    cdn_arena_free(&arena);
}

static int grown_array_keeps_its_items(const struct cordon_alloc *alloc) {
    uint32_t *items = NULL;
    size_t cap = 0;
    int err = 0;
    unsigned moves = 0;
    for (size_t i = 0; i < 1000 && !err; i++) {
        void *p = items;
        const size_t before = cap;
        err = cdn_grow(alloc, &p, &cap, i + 1, sizeof(*items));
        items = p;
        if (err) {
            assert_int_equal(cap, before);
        } else {
            assert_true(cap > i);
            moves += cap != before;
            items[i] = (uint32_t)i;
        }
    }
    for (size_t i = 0; i < 1000 && !err; i++)
        assert_int_equal(items[i], i);
    assert_true(moves <= 9); /* it doubles */
    cdn_free(alloc, items, cap * sizeof(*items));
    return err;
}

/* Pieces of many sizes are aligned, do not overlap and keep what was written to them. */
static int arena_pieces_are_apart_and_aligned(const struct cordon_alloc *alloc) {
    struct cdn_rnd rnd = {99};
    struct cdn_arena arena;
    cdn_arena_init(&arena, alloc, 0);
    uint8_t *pieces[300];
    size_t sizes[300];
    size_t count = 0;
    int err = 0;
    for (; count < 300; count++) {
        sizes[count] = (size_t)cdn_rnd_below(&rnd, cdn_rnd_chance(&rnd, 50) ? 20000 : 200);
        pieces[count] = cdn_arena_take(&arena, sizes[count]);
        if (!pieces[count]) {
            err = CORDON_E_NOMEM;
            break;
        }
        assert_int_equal((uintptr_t)pieces[count] % 16, 0);
        memset(pieces[count], (int)(count & 0xFF), sizes[count]);
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < sizes[i]; k++)
            assert_int_equal(pieces[i][k], i & 0xFF);
    }
    cdn_arena_free(&arena);
    assert_int_equal(arena.total, 0);
    return err;
}

static void arena_blocks_double_up_to_a_mebibyte(void **state CDN_UNUSED) {
    struct cdn_fault fault;
    cdn_fault_init(&fault, 0);
    struct cdn_arena arena;
    cdn_arena_init(&arena, &fault.alloc, 0);
    size_t calls = 0;
    size_t total = 0;
    size_t expected = 4096;
    for (size_t i = 0; i < 50000; i++) {
        assert_non_null(cdn_arena_take(&arena, 100));
        if (fault.calls != calls) {
            assert_int_equal(fault.calls, calls + 1);
            assert_int_equal(arena.total - total, expected);
            expected = CDN_MIN(expected * 2, (size_t)1 << 20);
            calls = fault.calls;
            total = arena.total;
        }
    }
    assert_int_equal(arena.total, fault.live_bytes);
    assert_true(calls > 10);
    cdn_arena_free(&arena);
    assert_int_equal(cdn_fault_free(&fault), 0);
    assert_null(fault.broken);
}

static void large_piece_leaves_the_current_block_in_use(void **state CDN_UNUSED) {
    struct cdn_fault fault;
    cdn_fault_init(&fault, 0);
    struct cdn_arena arena;
    cdn_arena_init(&arena, &fault.alloc, 0);
    char *first = cdn_arena_take(&arena, 16);
    assert_non_null(cdn_arena_take(&arena, 100000));
    char *second = cdn_arena_take(&arena, 16);
    assert_ptr_equal(second, first + 16);
    assert_int_equal(fault.calls, 2);
    cdn_arena_reset(&arena);
    assert_int_equal(fault.live, 1);
    assert_int_equal(arena.total, fault.live_bytes);
    assert_ptr_equal(cdn_arena_take(&arena, 16), first);
    assert_int_equal(fault.calls, 2);
    cdn_arena_free(&arena);
    cdn_arena_reset(&arena); /* nothing to do */
    assert_non_null(cdn_arena_take(&arena, 1));
    cdn_arena_free(&arena);
    assert_int_equal(cdn_fault_free(&fault), 0);
}

static void limit_counts_what_the_parent_gave(void **state CDN_UNUSED) {
    struct cdn_fault fault;
    cdn_fault_init(&fault, 0);
    struct cdn_arena arena;
    cdn_arena_init(&arena, &fault.alloc, 10000);
    size_t taken = 0;
    while (cdn_arena_take(&arena, 100))
        taken += 100;
    assert_in_range(taken, 8000, 10000); /* small blocks at the end, so that the limit can be used up */
    assert_true(arena.total <= 10000);
    assert_int_equal(arena.total, fault.live_bytes);
    assert_null(cdn_arena_take(&arena, 5000));
    cdn_arena_reset(&arena);
    assert_non_null(cdn_arena_take(&arena, 5000));
    cdn_arena_free(&arena);
    assert_non_null(cdn_arena_take(&arena, 9000));
    cdn_arena_free(&arena);
    assert_int_equal(cdn_fault_free(&fault), 0);
}

/* An arena serves wherever an allocator does; here a growing array, a map and a text in turn. */
static int arena_is_an_allocator(const struct cordon_alloc *alloc) {
    struct cdn_arena arena;
    cdn_arena_init(&arena, alloc, 0);
    const struct cordon_alloc *inner = &arena.as_alloc;
    struct cdn_buf buf;
    cdn_buf_init(&buf, inner, 100000);
    uint32_t *items = NULL;
    size_t cap = 0;
    int err = 0;
    for (size_t i = 0; i < 2000 && !err && !buf.err; i++) {
        void *p = items;
        err = cdn_grow(inner, &p, &cap, i + 1, sizeof(*items));
        items = p;
        if (!err)
            items[i] = (uint32_t)i;
        cdn_buf_int(&buf, (int64_t)(i % 10));
    }
    err = err ? err : buf.err;
    for (size_t i = 0; i < 2000 && !err; i++) {
        assert_int_equal(items[i], i);
        assert_int_equal(buf.p[i], '0' + (int)(i % 10));
    }
    cdn_free(inner, items, cap * sizeof(*items));
    cdn_buf_free(&buf);
    cdn_arena_free(&arena);
    return err;
}

static void last_piece_grows_in_place(void **state CDN_UNUSED) {
    struct cdn_arena arena;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    const struct cordon_alloc *inner = &arena.as_alloc;
    char *a = cdn_alloc(inner, 10);
    assert_non_null(a);
    memcpy(a, "0123456789", 10);
    assert_ptr_equal(inner->resize(inner->ctx, a, 10, 100), a);
    char *b = cdn_alloc(inner, 10);
    assert_non_null(b);
    char *moved = inner->resize(inner->ctx, a, 100, 200);
    assert_non_null(moved);
    assert_true(moved != a);
    assert_memory_equal(moved, "0123456789", 10);
    assert_ptr_equal(inner->resize(inner->ctx, b, 10, 5), b);
    assert_null(inner->resize(inner->ctx, b, 5, SIZE_MAX));
    cdn_arena_free(&arena);
}

static int arena_text_is_a_copy_with_a_nul(const struct cordon_alloc *alloc) {
    struct cdn_arena arena;
    cdn_arena_init(&arena, alloc, 0);
    char source[] = {'K', 'y', 'i', 'v'};
    cordon_str copy = {NULL, 0};
    cordon_str empty = {NULL, 7};
    int err = cdn_arena_str(&arena, cdn_str(source, 4), &copy);
    source[0] = 'x';
    if (!err) {
        assert_string_equal(copy.p, "Kyiv");
        assert_int_equal(copy.n, 4);
        err = cdn_arena_str(&arena, cdn_str(NULL, 0), &empty);
    } else {
        assert_null(copy.p);
    }
    if (!err)
        assert_string_equal(empty.p, "");
    uint64_t *zeros = cdn_arena_zero(&arena, 20, sizeof(*zeros));
    for (size_t i = 0; zeros && i < 20; i++)
        assert_true(zeros[i] == 0);
    cdn_arena_free(&arena);
    return err ? err : zeros ? 0 : CORDON_E_NOMEM;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cdn_fault_test_retry(zeroed_array_is_zero_and_size_zero_is_allowed),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cdn_fault_test(grown_array_keeps_its_items),
        cdn_fault_test(arena_pieces_are_apart_and_aligned),
        cmocka_unit_test(arena_blocks_double_up_to_a_mebibyte),
        cmocka_unit_test(large_piece_leaves_the_current_block_in_use),
        cmocka_unit_test(limit_counts_what_the_parent_gave),
        cdn_fault_test_retry(arena_is_an_allocator),
        cmocka_unit_test(last_piece_grows_in_place),
        cdn_fault_test_retry(arena_text_is_a_copy_with_a_nul),
    };
    return cdn_run(tests);
}
