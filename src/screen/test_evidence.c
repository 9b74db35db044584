/* SPDX-License-Identifier: Apache-2.0 */
/* test_evidence.c: what birth dates, countries and identifiers do to a score, and who may decide alone. */
#include "screen/evidence.h"
#include "support/fault.h"

static const struct cdn_screen_tables none;
static struct cdn_matcher matcher;
static struct cdn_weighing got;

static int sum_of(const struct cdn_known *a, const struct cdn_known *b) {
    cdn_evidence_weigh(&none, &matcher, a, b, &got);
    return (int)got.sum;
}

static struct cdn_known born(const struct cdn_known_birth *b) {
    return (struct cdn_known){.births = b, .birth_count = 1};
}

static int births(struct cdn_known_birth x, struct cdn_known_birth y) {
    const struct cdn_known a = born(&x), b = born(&y);
    return sum_of(&a, &b);
}

static void birth_dates(void **state) {
    (void)state;
    const int32_t d = 1886; /* 1975-03-02 */
    assert_true(births((struct cdn_known_birth){d, d, false}, (struct cdn_known_birth){d, d, false}) > 0);
    assert_true(got.confirmed);
    /* 1975 alone contains it */
    assert_true(births((struct cdn_known_birth){d, d, false}, (struct cdn_known_birth){1826, 2190, false}) >
                0);
    assert_false(got.confirmed);
    /* 2 March and 3 February: day and month exchanged */
    assert_int_equal(
        births((struct cdn_known_birth){d, d, false}, (struct cdn_known_birth){1859, 1859, false}), 0);
    assert_int_equal(got.step[0].kind, CDN_EVIDENCE_BIRTH_NEAR);
    assert_true(
        births((struct cdn_known_birth){d, d, false}, (struct cdn_known_birth){d + 137, d + 137, false}) < 0);
    assert_false(got.contradicted);
    assert_true(births((struct cdn_known_birth){d, d, false},
                       (struct cdn_known_birth){d + 7017, d + 7017, false}) <= -200);
    assert_true(got.contradicted);
    /* circa forgives three years */
    assert_int_equal(
        births((struct cdn_known_birth){d, d, false}, (struct cdn_known_birth){d + 900, d + 1000, true}), 0);
    /* before 1970 */
    assert_true(births((struct cdn_known_birth){-20000, -20000, false},
                       (struct cdn_known_birth){-20000, -20000, false}) > 0);
}

static void unknown_moves_nothing(void **state) {
    (void)state;
    const struct cdn_known_birth x = {1, 1, false};
    const char ru[1][2] = {{'R', 'U'}};
    const struct cdn_known a = {.births = &x,
                                .birth_count = 1,
                                .nationalities = ru,
                                .nationality_count = 1,
                                .sex = CDN_SEX_MALE},
                           b = {0};
    assert_int_equal(sum_of(&a, &b), 0);
    assert_int_equal(got.steps, 0);
}

static void countries_and_sex(void **state) {
    (void)state;
    const char ru[2][2] = {{'R', 'U'}, {'B', 'Y'}}, by[1][2] = {{'B', 'Y'}}, de[1][2] = {{'D', 'E'}};
    struct cdn_known a = {.nationalities = ru, .nationality_count = 2},
                     b = {.nationalities = by, .nationality_count = 1};
    assert_true(sum_of(&a, &b) > 0);
    b.nationalities = de;
    assert_true(sum_of(&a, &b) < 0);
    a = (struct cdn_known){.sex = CDN_SEX_MALE};
    b = (struct cdn_known){.sex = CDN_SEX_FEMALE};
    assert_true(sum_of(&a, &b) < 0);
    assert_true(got.contradicted);
}

static void an_equal_identifier_decides(void **state) {
    (void)state;
    const struct cdn_known_ident x = {3, true, {'R', 'U'}, CDN_STR("7707 083-893")},
                                 y = {3, true, {0, 0}, CDN_STR("7707083893")},
                                 z = {3, true, {'R', 'U'}, CDN_STR("7707083894")},
                                 w = {3, true, {'U', 'A'}, CDN_STR("7707083893")};
    const struct cdn_known a = {.idents = &x, .ident_count = 1};
    struct cdn_known b = {.idents = &y, .ident_count = 1};
    const struct cdn_match other_name = {.score = 120};
    unsigned score = 0;
    (void)sum_of(&a, &b);
    assert_true(got.decided);
    assert_int_equal(cdn_evidence_final(&other_name, false, &got, 850, 700, &score), CDN_SCREEN_SURE);
    assert_int_equal(score, 1000);
    b.idents = &z;
    assert_true(sum_of(&a, &b) < 0);
    assert_true(got.contradicted);
    b.idents = &w; /* the number of another country is another number */
    assert_int_equal(sum_of(&a, &b), 0);
}

static void who_may_decide_alone(void **state) {
    (void)state;
    const struct cdn_weighing nothing = {0}, birthday = {.sum = 80, .confirmed = true};
    const struct cdn_match full = {.score = 1000}, thin = {.score = 1000, .thin = true},
                           letters = {.score = 640, .acronym = true, .thin = true};
    unsigned s = 0;
    assert_int_equal(cdn_evidence_final(&full, false, &nothing, 850, 700, &s), CDN_SCREEN_SURE);
    assert_int_equal(cdn_evidence_final(&thin, false, &nothing, 850, 700, &s), CDN_SCREEN_POSSIBLE);
    assert_int_equal(cdn_evidence_final(&thin, false, &birthday, 850, 700, &s), CDN_SCREEN_SURE);
    assert_int_equal(cdn_evidence_final(&full, true, &nothing, 850, 700, &s), CDN_SCREEN_NO); /* weak alias */
    assert_int_equal(cdn_evidence_final(&full, true, &birthday, 850, 700, &s), CDN_SCREEN_SURE);
    assert_int_equal(cdn_evidence_final(&letters, false, &nothing, 600, 500, &s), CDN_SCREEN_NO);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(birth_dates),
        cmocka_unit_test(unknown_moves_nothing),
        cmocka_unit_test(countries_and_sex),
        cmocka_unit_test(an_equal_identifier_decides),
        cmocka_unit_test(who_may_decide_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
