/* SPDX-License-Identifier: Apache-2.0 */
/* test_explain.c: the words in which a match is explained. */
#include <stdlib.h>

#include "compile/translit_icu.h"
#include "screen/explain.h"
#include "support/fault.h"

static struct cdn_buf section;
static struct cdn_screen_tables tables;
static struct cdn_matcher matcher;
static struct cdn_name left, right;
static struct cdn_match result;
static char storage[4096];
static struct cdn_buf out;

static int make_tables(void **state) {
    (void)state;
    cdn_buf_init(&section, &cdn_alloc_libc, 1 << 24);
    return cdn_compile_screen_tables(&cdn_alloc_libc, &section, NULL) != 0 ||
                   cdn_screen_tables_open(cdn_buf_get(&section), &tables, NULL) != 0
               ? -1
               : 0;
}

static int drop_tables(void **state) {
    (void)state;
    cdn_buf_free(&section);
    return 0;
}

static const char *explained(enum cdn_screen_kind kind, const char *a, const char *b) {
    cdn_name_read(&tables, NULL, cdn_str_z(a), kind, &left);
    cdn_name_read(&tables, NULL, cdn_str_z(b), kind, &right);
    cdn_match_names(&tables, &cdn_match_defaults, &matcher, &left, &right, &result);
    const struct cdn_explain_name x = {&left, cdn_str_z(a)}, y = {&right, cdn_str_z(b)};
    cdn_buf_fixed(&out, storage, sizeof storage - 1);
    cdn_explain_match(&out, &x, &y, &result);
    storage[out.n] = '\0';
    assert_int_equal(out.err, 0);
    return storage;
}

static void has(const char *text, const char *part) {
    if (strstr(text, part) == NULL) {
        fail_msg("`%s` is not in:\n%s", part, text);
    }
}

static void tokens_as_written(void **state) {
    (void)state;
    const char *t = explained(CDN_SCREEN_PERSON, "Владимир Путин", "Mr Vladimir V. Putin");
    has(t, "\"Владимир\" (vladimir) and \"Vladimir\": same letters 1000 of 1000, weight");
    has(t, "\"V\" in the second name only, initial, weight");
    has(t, "\"Mr\" in the second name only, title, weight");
    has(t, "agree ");
    t = explained(CDN_SCREEN_ORGANIZATION, "OOO Gazprom", "Gazprom LLC");
    has(t, "\"OOO\" and \"LLC\": same word 980 of 1000, legal form, weight");
    t = explained(CDN_SCREEN_PERSON, "Hadi", "HADI");
    has(t, "thin: ");
    t = explained(CDN_SCREEN_ORGANIZATION, "PLA", "People's Liberation Army");
    has(t, "initial letters only");
}

/* Without the text, as of a name that the index keeps, the letters that are compared are quoted. */
static void tokens_as_compared(void **state) {
    (void)state;
    (void)explained(CDN_SCREEN_PERSON, "Putin", "Putin\nVladimir");
    const struct cdn_explain_name x = {&left, {NULL, 0}}, y = {&right, {NULL, 0}};
    cdn_buf_fixed(&out, storage, sizeof storage - 1);
    cdn_explain_step(&out, &x, &y, &result.step[0]);
    storage[out.n] = '\0';
    has(storage, "\"putin\" and \"putin\": same letters");
    assert_null(strchr(storage, '\n'));
}

static void a_full_buffer_is_an_error(void **state) {
    (void)state;
    (void)explained(CDN_SCREEN_PERSON, "Vladimir Putin", "Vladimir Putin");
    const struct cdn_explain_name x = {&left, {NULL, 0}}, y = {&right, {NULL, 0}};
    cdn_buf_fixed(&out, storage, 20);
    cdn_explain_match(&out, &x, &y, &result);
    assert_int_equal(out.err, CORDON_E_LIMIT);
}

static void evidence(void **state) {
    (void)state;
    const struct cdn_known_birth day = {1886, 1886, false}, year = {1826, 2190, true};
    const char ru[1][2] = {{'R', 'U'}}, de[1][2] = {{'D', 'E'}};
    const cordon_str here = cdn_str_z("Kyiv"), there = cdn_str_z("Buenos Aires");
    const struct cdn_known_ident x = {1, true, {0, 0}, cdn_str_z("IMO 9000001")},
                                 y = {1, true, {0, 0}, cdn_str_z("imo9000001")};
    struct cdn_known a = {.births = &day,
                          .birth_count = 1,
                          .nationalities = ru,
                          .nationality_count = 1,
                          .birth_places = &here,
                          .birth_place_count = 1,
                          .sex = CDN_SEX_MALE},
                     b = {.births = &year,
                          .birth_count = 1,
                          .nationalities = de,
                          .nationality_count = 1,
                          .birth_places = &there,
                          .birth_place_count = 1,
                          .sex = CDN_SEX_FEMALE};
    struct cdn_weighing e;
    cdn_evidence_weigh(&tables, &matcher, &a, &b, &e);
    cdn_buf_fixed(&out, storage, sizeof storage - 1);
    cdn_explain_evidence(&out, &a, &b, &e);
    storage[out.n] = '\0';
    has(storage, "(1975-03-02; about 1975-01-01 to 1975-12-31): ");
    has(storage, "no nationality in common (RU; DE): -");
    has(storage, "another place of birth (Kyiv; Buenos Aires): -");
    has(storage, "the sexes differ (male; female): -");
    a.idents = &x;
    b.idents = &y;
    a.ident_count = b.ident_count = 1;
    cdn_evidence_weigh(&tables, &matcher, &a, &b, &e);
    cdn_buf_fixed(&out, storage, sizeof storage - 1);
    cdn_explain_evidence_step(&out, &a, &b, &e.step[0]);
    storage[out.n] = '\0';
    assert_string_equal(storage, "the same identifier (IMO 9000001; imo9000001): decides");
    assert_string_equal(cdn_explain_verdict(CDN_SCREEN_POSSIBLE), "possible");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_as_written),
        cmocka_unit_test(tokens_as_compared),
        cmocka_unit_test(a_full_buffer_is_an_error),
        cmocka_unit_test(evidence),
    };
    return cmocka_run_group_tests(tests, make_tables, drop_tables);
}
