/* SPDX-License-Identifier: Apache-2.0 */
/* test_logic.c: the truth tables obey the laws that the documentation promises, and are the ones it prints.
 */
#include <stdio.h>

#include "model/model.h"
#include "support/fault.h"
#include "support/shared.h"

enum { F = CORDON_FALSE, T = CORDON_TRUE, U = CORDON_UNKNOWN, C = CORDON_CONTRADICTORY };

/* EVIDENCE: CS-LOGIC */
static void logic_is_kleene_on_three_values(void **state) {
    (void)state;
    /* Kleene: replace each unknown by both values; the result is definite only if all replacements agree. */
    const unsigned tri[] = {F, T, U};
    for (unsigned i = 0; i < 3; i++) {
        for (unsigned j = 0; j < 3; j++) {
            unsigned seen_and[2] = {0, 0}, seen_or[2] = {0, 0}, seen_xor[2] = {0, 0};
            for (unsigned a = 0; a < 2; a++) {
                for (unsigned b = 0; b < 2; b++) {
                    if ((tri[i] != U && a != tri[i]) || (tri[j] != U && b != tri[j])) {
                        continue;
                    }
                    seen_and[a & b] = 1;
                    seen_or[a | b] = 1;
                    seen_xor[a ^ b] = 1;
                }
            }
            assert_int_equal(cdn_truth_and(tri[i], tri[j]),
                             seen_and[0] && seen_and[1] ? U
                             : seen_and[1]              ? T
                                                        : F);
            assert_int_equal(cdn_truth_or(tri[i], tri[j]), seen_or[0] && seen_or[1] ? U : seen_or[1] ? T : F);
            assert_int_equal(cdn_truth_xor(tri[i], tri[j]),
                             seen_xor[0] && seen_xor[1] ? U
                             : seen_xor[1]              ? T
                                                        : F);
        }
    }
}

static void contradiction_is_never_lost_nor_decides(void **state) {
    (void)state;
    for (unsigned a = 0; a < 4; a++) {
        for (unsigned b = 0; b < 4; b++) {
            assert_int_equal(cdn_truth_and(a, b), cdn_truth_and(b, a));
            assert_int_equal(cdn_truth_or(a, b), cdn_truth_or(b, a));
            assert_int_equal(cdn_truth_xor(a, b), cdn_truth_xor(b, a));
            /* De Morgan holds for all four values. */
            assert_int_equal(cdn_truth_not(cdn_truth_and(a, b)),
                             cdn_truth_or(cdn_truth_not(a), cdn_truth_not(b)));
            for (unsigned c = 0; c < 4; c++) {
                assert_int_equal(cdn_truth_and(a, cdn_truth_and(b, c)),
                                 cdn_truth_and(cdn_truth_and(a, b), c));
                assert_int_equal(cdn_truth_or(a, cdn_truth_or(b, c)), cdn_truth_or(cdn_truth_or(a, b), c));
            }
        }
        assert_int_equal(cdn_truth_and(a, F), F);
        assert_int_equal(cdn_truth_or(a, T), T);
        assert_int_equal(cdn_truth_and(a, T), a);
        assert_int_equal(cdn_truth_or(a, F), a);
    }
    assert_int_equal(cdn_truth_and(C, U), C);
    assert_int_equal(cdn_truth_or(C, U), C);
    assert_int_equal(cdn_truth_xor(C, T), C);
    assert_int_equal(cdn_truth_not(C), C);
    assert_int_equal(cdn_truth_not(U), U);
}

/* EVIDENCE: CS-WEIGHT */
static void weights_count_kinds(void **state) {
    (void)state;
    assert_int_equal(cdn_weight_of(0, 0, 0), CDN_WEIGHT_NOTHING);
    assert_int_equal(cdn_weight_of(9, 0, 0), CDN_WEIGHT_WEAK);
    assert_int_equal(cdn_weight_of(9, 1, 0), CDN_WEIGHT_MEDIUM);
    assert_int_equal(cdn_weight_of(0, 2, 0), CDN_WEIGHT_TWO_MEDIUM);
    assert_int_equal(cdn_weight_of(3, 0, 1), CDN_WEIGHT_STRONG);
    assert_int_equal(cdn_weight_of(0, 1, 1), CDN_WEIGHT_STRONG_AND_MORE);
    assert_int_equal(cdn_weight_of(0, 0, 2), CDN_WEIGHT_STRONG_AND_MORE);
}

/* EVIDENCE: CS-STANDARD
 * Order of values from "surely not" to "surely": more evidence for never moves a value down, more against
 * never moves it up; and without anything for, nothing is ever found true. */
static unsigned rank(unsigned truth) {
    return truth == F ? 0 : truth == T ? 2 : 1;
}

static void standards_are_monotonous(void **state) {
    (void)state;
    for (unsigned s = 1; s < CDN_STANDARD_COUNT; s++) {
        for (unsigned a = 0; a < CDN_WEIGHT_COUNT; a++) {
            assert_int_not_equal(cdn_standard_table[s][CDN_WEIGHT_NOTHING][a], T);
            assert_int_not_equal(cdn_standard_table[s][CDN_WEIGHT_WEAK][a], T);
            assert_int_not_equal(cdn_standard_table[s][a][CDN_WEIGHT_NOTHING], F);
            assert_int_not_equal(cdn_standard_table[s][a][CDN_WEIGHT_NOTHING], C);
            for (unsigned m = CDN_WEIGHT_NOTHING; m < CDN_WEIGHT_STRONG;
                 m++) { /* nothing, weak, medium are ordered */
                assert_true(rank(cdn_standard_table[s][m][a]) <= rank(cdn_standard_table[s][m + 1][a]));
                assert_true(rank(cdn_standard_table[s][a][m]) >= rank(cdn_standard_table[s][a][m + 1]));
            }
        }
    }
    /* The standards themselves are ordered: what is true under `two kinds` is never false under `any`. */
    for (unsigned f = 0; f < CDN_WEIGHT_COUNT; f++) {
        for (unsigned a = 0; a < CDN_WEIGHT_COUNT; a++) {
            assert_true(rank(cdn_standard_table[CDN_STANDARD_ANY][f][a]) >=
                        rank(cdn_standard_table[CDN_STANDARD_TWO_KINDS][f][a]));
        }
    }
}

/* The rows in docs/semantics.md are the rows in the code. */
static void documentation_prints_the_tables(void **state) {
    (void)state;
    char path[CDN_PATH];
    cdn_source_path(path, "docs/semantics.md");
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    static const char *const weights[CDN_WEIGHT_COUNT] = {"N", "W", "M", "S", "MM", "S+"};
    static const char truth[] = "FTUC";
    char line[2048];
    unsigned found = 0;
    while (fgets(line, sizeof line, f)) {
        for (unsigned w = 0; w < CDN_WEIGHT_COUNT; w++) {
            char want[256];
            size_t n = 0;
            for (unsigned s = 1; s < CDN_STANDARD_COUNT; s++) {
                n +=
                    (size_t)snprintf(want + n, sizeof want - n, "%s| **%s** |", s > 1 ? " " : "", weights[w]);
                for (unsigned a = 0; a < CDN_WEIGHT_COUNT; a++) {
                    n += (size_t)snprintf(
                        want + n, sizeof want - n, " %c |", truth[cdn_standard_table[s][w][a]]);
                }
            }
            found += strstr(line, want) != NULL;
        }
    }
    fclose(f);
    assert_int_equal(found, CDN_WEIGHT_COUNT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logic_is_kleene_on_three_values),
        cmocka_unit_test(contradiction_is_never_lost_nor_decides),
        cmocka_unit_test(weights_count_kinds),
        cmocka_unit_test(standards_are_monotonous),
        cmocka_unit_test(documentation_prints_the_tables),
    };
    return cmocka_run_group_tests_name("model_logic", tests, NULL, NULL);
}
