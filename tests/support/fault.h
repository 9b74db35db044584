/* SPDX-License-Identifier: Apache-2.0 */
/* fault.h: cmocka with an allocator that fails on demand, for every unit test that allocates.
 *
 *     #include "support/fault.h"
 *
 *     static int map_keeps_order(const struct cordon_alloc *alloc) {
 *         struct cdn_map m;
 *         cdn_map_init(&m, alloc);
 *         int err = cdn_map_put(&m, CDN_STR("a"), 1, NULL);
 *         if (err == 0) {
 *             assert_int_equal(m.count, 1);
 *         }
 *         cdn_map_free(&m);
 *         return err;
 *     }
 *
 *     int main(void) {
 *         const struct CMUnitTest tests[] = {
 *             cdn_fault_test(map_keeps_order),   // run normally, then with allocation 1..N failing
 *             cmocka_unit_test(splits_at_comma), // plain cmocka: static void f(void **state)
 *         };
 *         return cdn_run(tests);
 *     }
 *
 * The test returns 0 when everything that it called succeeded, else the (negative) error. It is run once with
 * every allocation succeeding, where it must return 0, and then once for each allocation N of that run, with
 * the Nth failing and the others succeeding. Each time:
 *  1. it returns 0 (then its own assertions have shown that the result is the same) or CORDON_E_NOMEM;
 *  2. everything allocated has been released, with the size that it had;
 *  3. nothing is allocated after the failed allocation and before the test returns. A test of code that
 * rightly goes on (it falls back, or continues another job) is declared with cdn_fault_test_retry(). Blocks
 * are of exact size (a sanitizer sees each overrun), filled with rubbish when given out and before they are
 * released, and always move when resized.
 *
 * A test that needs more than CDN_FAULT_ALL allocations is failed at the first CDN_FAULT_ALL and then at
 * ever wider steps; CORDON_FAULT_ALL=1 in the environment tries each one. */
#ifndef CDN_TEST_FAULT_H
#define CDN_TEST_FAULT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cordon/types.h"

#define CDN_FAULT_ALL 300

typedef int (*cdn_fault_fn)(const struct cordon_alloc *alloc);

struct cdn_fault_case {
    cdn_fault_fn run;
    const char *name;
    bool retry; /* rule 3 does not apply */
};

/* Entries of a `const struct CMUnitTest []`. */
#define cdn_fault_test(f) cdn_fault_entry(f, false)
#define cdn_fault_test_retry(f) cdn_fault_entry(f, true)
#define cdn_fault_entry(f, retry)                                                                            \
    {                                                                                                        \
#f, cdn_fault_drive, NULL, cdn_fault_explain, &(struct cdn_fault_case) {                             \
            f, #f, retry                                                                                     \
        }                                                                                                    \
    }

/* Runs the tests as one group named after the source file. The value is what main() returns. */
#define cdn_run(tests)                                                                                       \
    _cmocka_run_group_tests(__FILE__, tests, sizeof(tests) / sizeof((tests)[0]), NULL, NULL)

/* The two halves of a fault test; used by the macros only. */
void cdn_fault_drive(void **state);
int cdn_fault_explain(void **state);

/* The allocator by itself, for a test that wants to count or to choose the failure. */
struct cdn_fault {
    struct cordon_alloc alloc; /* hand out &fault.alloc */
    size_t calls;              /* allocations asked for so far (alloc and resize) */
    size_t fail_at;            /* the one that fails, from 1; 0: none */
    size_t after_failure;      /* asked for after it */
    size_t live, live_bytes;   /* given out and not yet released */
    size_t peak_bytes;
    bool failed;        /* the failure has happened */
    const char *broken; /* first misuse: wrong size at release, unknown block; NULL: none */
    struct cdn_fault_block *blocks;
    size_t cap;
};
void cdn_fault_init(struct cdn_fault *f, size_t fail_at);
/* Releases what leaked; returns the number of leaked blocks. */
size_t cdn_fault_free(struct cdn_fault *f);

#endif
