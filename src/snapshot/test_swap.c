/* SPDX-License-Identifier: Apache-2.0 */
/* A slot under many readers and a writer: nobody sees a snapshot that was freed, and none is left behind. */
#include <pthread.h>
#include <stdlib.h>

#include "snapshot/swap.h"
#include "support/fault.h"
#include "support/shared.h"

static struct cdn_snapshot *open_one(const struct cordon_alloc *alloc, cordon_str bytes) {
    struct cdn_snapshot *s = NULL;
    struct cordon_error e = {0};
    if (cdn_snapshot_open_bytes(bytes, alloc, &s, &e) != 0)
        fail_msg("%s", e.message);
    return s;
}

static cordon_str bytes;

static int setup(void **state CDN_UNUSED) {
    char path[CDN_PATH];
    size_t size = 0;
    cdn_source_path(path, "tests/corpus/snapshot/small.snapshot");
    uint8_t *p = cdn_read_file(path, &size);
    bytes = cdn_str((char *)p, size);
    return p ? 0 : -1;
}

static int teardown(void **state CDN_UNUSED) {
    free((void *)(uintptr_t)bytes.p);
    return 0;
}

/* An allocator that many threads may use and that counts what is alive. */
static atomic_long alive;
static void *count_alloc(void *ctx CDN_UNUSED, size_t n) {
    atomic_fetch_add(&alive, 1);
    return malloc(n);
}
static void *count_resize(void *ctx CDN_UNUSED, void *p, size_t old CDN_UNUSED, size_t n) {
    return realloc(p, n);
}
static void count_release(void *ctx CDN_UNUSED, void *p, size_t n CDN_UNUSED) {
    atomic_fetch_sub(&alive, 1);
    free(p);
}
static const struct cordon_alloc counting = {count_alloc, count_resize, count_release, NULL};

static void takes_what_was_put(void **state CDN_UNUSED) {
    struct cdn_swap slot;
    struct cordon_error e;
    cdn_swap_init(&slot);
    assert_null(cdn_swap_take(&slot));
    struct cdn_snapshot *a = open_one(&counting, bytes), *b = open_one(&counting, bytes);
    assert_int_equal(cdn_swap_put(&slot, a, &e), 0);
    struct cdn_snapshot *mine = cdn_swap_take(&slot);
    assert_ptr_equal(mine, a);
    assert_int_equal(cdn_swap_put(&slot, b, &e), 0);
    cdn_snapshot_unref(a);
    /* The reader still has the old one. */
    assert_true(mine->count[CDN_T_MEASURE] > 0);
    cdn_snapshot_unref(mine);
    cdn_snapshot_unref(b);
    mine = cdn_swap_take(&slot);
    assert_ptr_equal(mine, b);
    cdn_snapshot_unref(mine);
    assert_int_equal(cdn_swap_put(&slot, NULL, &e), 0);
    assert_int_equal(atomic_load(&alive), 0);
}

/* More takes than the word can count. */
static void counts_past_sixteen_bits(void **state CDN_UNUSED) {
    struct cdn_swap slot;
    struct cordon_error e;
    struct cdn_snapshot *a = open_one(&counting, bytes);
    cdn_swap_init(&slot);
    assert_int_equal(cdn_swap_put(&slot, a, &e), 0);
    enum { HELD = 200000 };
    for (unsigned i = 0; i < HELD; i++)
        assert_ptr_equal(cdn_swap_take(&slot), a);
    for (unsigned i = 0; i < HELD; i++) {
        assert_ptr_equal(cdn_swap_take(&slot), a);
        cdn_snapshot_unref(a);
    }
    cdn_snapshot_unref(a);
    assert_int_equal(cdn_swap_put(&slot, NULL, &e), 0);
    assert_int_not_equal(atomic_load(&alive), 0);
    for (unsigned i = 0; i < HELD; i++)
        cdn_snapshot_unref(a);
    assert_int_equal(atomic_load(&alive), 0);
}

struct shared {
    struct cdn_swap slot;
    atomic_bool stop;
    atomic_long taken;
};

static void *reader(void *arg) {
    struct shared *sh = arg;
    while (!atomic_load_explicit(&sh->stop, memory_order_relaxed)) {
        struct cdn_snapshot *s = cdn_swap_take(&sh->slot);
        if (s == NULL)
            continue;
        struct cdn_snapshot *again = cdn_snapshot_ref(s);
        if (s->header->magic != CDN_SNAP_MAGIC || s->count[CDN_T_MEASURE] == 0)
            abort();
        cdn_snapshot_unref(s);
        cdn_snapshot_unref(again);
        atomic_fetch_add_explicit(&sh->taken, 1, memory_order_relaxed);
    }
    return NULL;
}

static void readers_and_a_writer(void **state CDN_UNUSED) {
    enum { READERS = 4, SWAPS = 300 };
    struct shared sh;
    pthread_t threads[READERS];
    struct cordon_error e;
    cdn_swap_init(&sh.slot);
    atomic_init(&sh.stop, false);
    atomic_init(&sh.taken, 0);
    for (unsigned i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, reader, &sh), 0);
    for (unsigned i = 0; i < SWAPS; i++) {
        struct cdn_snapshot *s = open_one(&counting, bytes);
        assert_int_equal(cdn_swap_put(&sh.slot, s, &e), 0);
        cdn_snapshot_unref(s);
    }
    while (atomic_load(&sh.taken) == 0)
        ;
    atomic_store(&sh.stop, true);
    for (unsigned i = 0; i < READERS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(cdn_swap_put(&sh.slot, NULL, &e), 0);
    assert_int_equal(atomic_load(&alive), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_was_put),
        cmocka_unit_test(counts_past_sixteen_bits),
        cmocka_unit_test(readers_and_a_writer),
    };
    return _cmocka_run_group_tests(__FILE__, tests, CDN_ARRAY_LEN(tests), setup, teardown);
}
