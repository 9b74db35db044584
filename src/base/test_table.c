/* SPDX-License-Identifier: Apache-2.0 */
/* test_table.c: the map against a plain list. */
#include "base/base.h"
#include "support/fault.h"
#include "support/rnd.h"

static int map_keeps_order_and_replaces(const struct cordon_alloc *alloc) {
    struct cdn_map m;
    cdn_map_init(&m, alloc);
    size_t value = 77;
    assert_false(cdn_map_get(&m, CDN_STR("RU"), &value));
    bool is_new = false;
    int err = cdn_map_put(&m, CDN_STR("RU"), 1, &is_new);
    if (!err) {
        assert_true(is_new);
        err = cdn_map_put(&m, CDN_STR("BY"), 2, NULL);
    }
    if (!err)
        err = cdn_map_put(&m, CDN_STR(""), 3, NULL);
    if (!err) {
        assert_false(cdn_map_get(&m, CDN_STR("R"), &value));
        assert_int_equal(value, 77);
        assert_int_equal(cdn_map_put(&m, CDN_STR("RU"), 9, &is_new), 0);
        assert_false(is_new);
        assert_int_equal(m.count, 3);
        assert_true(cdn_map_get(&m, CDN_STR("RU"), &value));
        assert_int_equal(value, 9);
        assert_true(cdn_map_get(&m, cdn_str(NULL, 0), &value));
        assert_int_equal(value, 3);
        assert_true(cdn_map_get(&m, CDN_STR("BY"), NULL));
        assert_true(cdn_str_eq(m.entries[0].key, CDN_STR("RU")));
        assert_true(cdn_str_eq(m.entries[1].key, CDN_STR("BY")));
    }
    cdn_map_free(&m);
    assert_int_equal(m.count, 0);
    return err;
}

/* Puts and gets of 300 possible keys; the list holds keys and values in order of first insertion. */
static int map_agrees_with_a_list(const struct cordon_alloc *alloc) {
    struct cdn_rnd rnd = {7};
    static char names[300][8];
    size_t keys[300];
    size_t values[300];
    size_t count = 0;
    struct cdn_map m;
    cdn_map_init(&m, alloc);
    int err = 0;
    for (size_t i = 0; i < 300; i++)
        (void)snprintf(names[i], sizeof(names[i]), "k%zu", i);
    for (size_t step = 0; step < 2000 && !err; step++) {
        const size_t k = (size_t)cdn_rnd_below(&rnd, 300);
        const cordon_str key = cdn_str_z(names[k]);
        size_t at = 0;
        while (at < count && keys[at] != k)
            at++;
        size_t value = SIZE_MAX;
        assert_int_equal(cdn_map_get(&m, key, &value), at < count);
        assert_true(value == (at < count ? values[at] : SIZE_MAX));
        if (cdn_rnd_chance(&rnd, 400))
            continue;
        bool is_new = false;
        err = cdn_map_put(&m, key, step, &is_new);
        if (err)
            break;
        assert_int_equal(is_new, at == count);
        keys[at] = k;
        values[at] = step;
        count += at == count;
    }
    assert_int_equal(m.count, count); /* after a failure, too */
    for (size_t i = 0; i < count; i++) {
        size_t value = 0;
        assert_true(cdn_str_eq(m.entries[i].key, cdn_str_z(names[keys[i]])));
        assert_true(cdn_map_get(&m, m.entries[i].key, &value));
        assert_true(value == values[i]);
    }
    cdn_map_free(&m);
    return err;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cdn_fault_test(map_keeps_order_and_replaces),
        cdn_fault_test(map_agrees_with_a_list),
    };
    return cdn_run(tests);
}
