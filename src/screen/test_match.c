/* SPDX-License-Identifier: Apache-2.0 */
/* test_match.c: names that must be found, names that must be left alone, and what holds for all of them. */
#include <stdlib.h>
#include <time.h>

#include "compile/translit_icu.h"
#include "screen/match.h"
#include "support/fault.h"
#include "support/rnd.h"

static struct cdn_buf section;
static struct cdn_screen_tables tables;
static struct cdn_matcher matcher;
static struct cdn_name left, right;
static struct cdn_match result;

static int make_tables(void **state) {
    (void)state;
    struct cordon_error e = {0};
    cdn_buf_init(&section, &cdn_alloc_libc, 1 << 24);
    if (cdn_compile_screen_tables(&cdn_alloc_libc, &section, &e) != 0 ||
        cdn_screen_tables_open(cdn_buf_get(&section), &tables, &e) != 0) {
        print_error("%s\n", e.message);
        return -1;
    }
    return 0;
}

static int drop_tables(void **state) {
    (void)state;
    cdn_buf_free(&section);
    return 0;
}

static unsigned score(enum cdn_screen_kind kind, const char *a, const char *b) {
    cdn_name_read(&tables, NULL, cdn_str_z(a), kind, &left);
    cdn_name_read(&tables, NULL, cdn_str_z(b), kind, &right);
    cdn_match_names(&tables, &cdn_match_defaults, &matcher, &left, &right, &result);
    return result.score;
}

static void found(enum cdn_screen_kind kind, const char *a, const char *b, unsigned least) {
    const unsigned s = score(kind, a, b);
    if (s < least) {
        fail_msg("`%s` and `%s`: %u, less than %u", a, b, s, least);
    }
}

static void left_alone(enum cdn_screen_kind kind, const char *a, const char *b) {
    const unsigned s = score(kind, a, b);
    if (s >= CDN_MATCH_THRESHOLD) {
        fail_msg("`%s` and `%s`: %u", a, b, s);
    }
}

static void companies(void **state) {
    (void)state;
    found(CDN_SCREEN_ORGANIZATION, "SIS DOO", "SIS d.o.o.", 990);
    found(CDN_SCREEN_ORGANIZATION, "Almaz Antey Telecom", "Almaz-Antey", 800);
    found(CDN_SCREEN_ORGANIZATION, "OOO Gazprom", "ООО «Газпром»", 900);
    found(CDN_SCREEN_ORGANIZATION, "Gazprom LLC", "Общество с ограниченной ответственностью Газпром", 850);
    found(CDN_SCREEN_ORGANIZATION, "Siemens Aktiengesellschaft", "Siemens AG", 970);
    found(CDN_SCREEN_ORGANIZATION, "Volkswagen Bank G.m.b.H.", "Volkswagen Bank GmbH", 990);
    left_alone(CDN_SCREEN_ORGANIZATION, "BELLETECH CORP", "11420 CORP.");
    left_alone(CDN_SCREEN_ORGANIZATION, "11421 CORP.", "11420 CORP.");
    left_alone(CDN_SCREEN_ORGANIZATION, "Blue Ocean Trading Company LLC", "Red Mountain Trading Company LLC");
    left_alone(CDN_SCREEN_ORGANIZATION, "Westminster Management Company", "Harrods Management Company");
}

static void people(void **state) {
    (void)state;
    found(CDN_SCREEN_PERSON, "Vladimir Putin", "PUTIN, Vladimir Vladimirovich", 850);
    found(CDN_SCREEN_PERSON, "Mohamed Hassan", "Muhammad Hasan", 750);
    found(CDN_SCREEN_PERSON, "Abdelrahman al-Ahmad", "Abd al-Rahman Alahmad", 800);
    found(CDN_SCREEN_PERSON, "Osama bin Laden", "Usama ibn Laden", 800);
    found(CDN_SCREEN_PERSON, "AlisherUsmanov", "Alisher Usmanov", 950);
    found(CDN_SCREEN_PERSON, "Dr. Sheikh Ayman al-Zawahiri", "Ayman Zawahiri", 900);
    left_alone(CDN_SCREEN_PERSON, "George Bush", "George Habbash");
    left_alone(CDN_SCREEN_PERSON, "Hafez Makhlouf", "Rami Makhlouf");
    left_alone(CDN_SCREEN_PERSON, "Maria Garcia Lopez", "Maria Fernandez Torres");
    left_alone(CDN_SCREEN_ANY, "Emma Daniels", "EMMA LLC");
}

static void scripts(void **state) {
    (void)state;
    found(CDN_SCREEN_PERSON, "Vladimir Putin", "Владимир Путин", 850);
    found(CDN_SCREEN_PERSON, "Volodymyr Zelenskyy", "Володимир Зеленський", 800);
    found(CDN_SCREEN_PERSON, "Barack Obama", "Բարակ Օբամա", 700);
    found(CDN_SCREEN_PERSON, "Barack Obama", "ბარაკ ობამა", 700);
    found(CDN_SCREEN_PERSON, "Vladimir Putin", "Βλαντίμιρ Πούτιν", 700);
    found(CDN_SCREEN_PERSON, "Vladimir Putin", "ولادیمیر پوتین", 700);
    found(CDN_SCREEN_PERSON, "Benjamin Netanyahu", "בנימין נתניהו", 700);
    found(CDN_SCREEN_PERSON, "Vladimir Putin", "ウラジーミル・プーチン", 700);
    found(CDN_SCREEN_PERSON, "Vladimir Putin", "블라디미르 푸틴", 700);
    found(CDN_SCREEN_PERSON, "Narendra Modi", "नरेन्द्र मोदी", 700);
    found(CDN_SCREEN_PERSON, "Li Ming", "李明", 900);
    left_alone(CDN_SCREEN_PERSON, "Dmitry Medvedev", "ولادیمیر پوتین");
    left_alone(CDN_SCREEN_PERSON, "Dmitry Medvedev", "블라디미르 푸틴");
}

static void disguises(void **state) {
    (void)state;
    assert_int_equal(score(CDN_SCREEN_PERSON,
                           "Vladimir Putin",
                           "Vl\xD0\xB0"
                           "dimir Putin"),
                     1000); /* Cyrillic a */
    assert_int_equal(score(CDN_SCREEN_PERSON,
                           "Vladimir Putin",
                           "Vla\xE2\x80\x8B"
                           "dimir \xE2\x80\xAEPutin"),
                     1000);
    assert_int_equal(score(CDN_SCREEN_PERSON, "Vladimir Putin", "\xEF\xBC\xB6ladimir PUTIN"),
                     1000); /* full width */
    assert_int_equal(score(CDN_SCREEN_PERSON, "Nicolás Maduro", "Nicola\xCC\x81s Maduro"), 1000);
    assert_int_equal(score(CDN_SCREEN_PERSON, "Чайковский", "Чаи\xCC\x86ковский"), 1000);
    found(CDN_SCREEN_PERSON, "Nur A1-Din Hassan", "Nur al-Din Hassan", 990);
    found(CDN_SCREEN_PERSON, "P\xD1\x83tin Vladimir", "Putin Vladimir", 700);
}

/* A full score on one word is a hint, not a hit; so is one on initial letters. */
static void thin_names(void **state) {
    (void)state;
    assert_int_equal(score(CDN_SCREEN_PERSON, "HADI", "Hadi"), 1000);
    assert_true(result.thin);
    assert_int_equal(score(CDN_SCREEN_PERSON, "Vladimir Putin", "Vladimir Putin"), 1000);
    assert_false(result.thin);
    left_alone(CDN_SCREEN_ORGANIZATION, "PLA", "People's Liberation Army");
    assert_true(result.acronym);
    assert_int_equal(score(CDN_SCREEN_PERSON, "", "Vladimir Putin"), 0);
    assert_int_equal(score(CDN_SCREEN_PERSON, "!!! ---", "Vladimir Putin"), 0);
}

static void steps_name_every_token_once(void **state) {
    (void)state;
    (void)score(CDN_SCREEN_PERSON, "Abdelrahman A. Putin Extra", "Abd al Rahman Arkady Putin");
    unsigned a = 0, b = 0;
    for (unsigned i = 0; i < result.steps; i++) {
        a += result.step[i].a_count;
        b += result.step[i].b_count;
    }
    assert_int_equal(a, left.count);
    assert_int_equal(b, right.count);
}

/* ---- the alignment against all permutations ----------------------------------------------------------- */

static int32_t best_of_all(const int32_t *value, uint32_t na, uint32_t nb, uint32_t i, uint32_t used) {
    if (i == na) {
        return 0;
    }
    int32_t best = best_of_all(value, na, nb, i + 1, used);
    for (uint32_t j = 0; j < nb; j++) {
        if ((used >> j & 1U) == 0) {
            const int32_t v = value[i * nb + j] + best_of_all(value, na, nb, i + 1, used | 1U << j);
            best = CDN_MAX(best, v);
        }
    }
    return best;
}

static void alignment_is_best(void **state) {
    (void)state;
    struct cdn_rnd rnd;
    cdn_rnd_init(&rnd, "alignment", 5);
    for (unsigned round = 0; round < 3000; round++) {
        const uint32_t na = 1 + (uint32_t)cdn_rnd_below(&rnd, 5), nb = 1 + (uint32_t)cdn_rnd_below(&rnd, 5);
        int32_t value[25], sum = 0;
        uint8_t mate[5], seen = 0;
        for (uint32_t i = 0; i < na * nb; i++) {
            value[i] = cdn_rnd_below(&rnd, 3) == 0 ? 0 : (int32_t)cdn_rnd_below(&rnd, 200000);
        }
        cdn_match_assign(value, na, nb, mate);
        for (uint32_t i = 0; i < na; i++) {
            if (mate[i] != 0xFF) {
                assert_true(mate[i] < nb);
                assert_int_equal(seen >> mate[i] & 1, 0);
                seen = (uint8_t)(seen | 1U << mate[i]);
                sum += value[i * nb + mate[i]];
            }
        }
        assert_int_equal(sum, best_of_all(value, na, nb, 0, 0));
    }
}

/* ---- hostile names ------------------------------------------------------------------------------------ */

static void huge_names_are_bounded(void **state) {
    (void)state;
    const size_t n = 10U << 20;
    char *text = malloc(n);
    assert_non_null(text);
    memset(text, 'a', n);
    cdn_name_read(&tables, NULL, cdn_str(text, n), CDN_SCREEN_PERSON, &left);
    assert_true(left.cut);
    for (size_t i = 0; i < n; i++) {
        text[i] = i % 7 == 6 ? ' ' : (char)('a' + i * 2654435761U % 26);
    }
    const clock_t before = clock();
    cdn_name_read(&tables, NULL, cdn_str(text, n), CDN_SCREEN_PERSON, &left);
    cdn_name_read(&tables, NULL, cdn_str(text + 1000, n - 1000), CDN_SCREEN_ORGANIZATION, &right);
    cdn_match_names(&tables, &cdn_match_defaults, &matcher, &left, &right, &result);
    const clock_t took = clock() - before;
    free(text);
    assert_true(left.cut);
    assert_int_equal(left.count, CDN_NAME_TOKENS);
    print_message("# two names of ten million characters: %ld microseconds\n",
                  (long)(took * 1000000 / CLOCKS_PER_SEC));
    assert_true(took < CLOCKS_PER_SEC / 5); /* 5 ms where nothing slows it down; sanitizers do */
}

static void any_bytes(void **state) {
    (void)state;
    struct cdn_rnd rnd;
    cdn_rnd_init(&rnd, "any bytes", 11);
    for (unsigned round = 0; round < 2000; round++) {
        char a[64], b[64];
        const size_t n = cdn_rnd_below(&rnd, 64), m = cdn_rnd_below(&rnd, 64);
        for (size_t i = 0; i < 64; i++) {
            a[i] = (char)cdn_rnd_below(&rnd, 256);
            b[i] = (char)(cdn_rnd_below(&rnd, 2) ? a[i] : (char)('a' + cdn_rnd_below(&rnd, 26)));
        }
        const enum cdn_screen_kind kind = (enum cdn_screen_kind)cdn_rnd_below(&rnd, 4);
        cdn_name_read(&tables, NULL, cdn_str(a, n), kind, &left);
        cdn_name_read(&tables, NULL, cdn_str(b, m), kind, &right);
        cdn_match_names(&tables, &cdn_match_defaults, &matcher, &left, &right, &result);
        const unsigned one = result.score;
        assert_true(one <= 1000);
        cdn_match_names(&tables, &cdn_match_defaults, &matcher, &right, &left, &result);
        assert_int_equal(result.score, one);
        if (left.count > 0) {
            cdn_match_names(&tables, &cdn_match_defaults, &matcher, &left, &left, &result);
            assert_int_equal(result.score, 1000);
        }
    }
}

static void damaged_tables_are_refused(void **state) {
    (void)state;
    struct cdn_screen_tables t;
    char *copy = malloc(section.n);
    assert_non_null(copy);
    memcpy(copy, section.p, section.n);
    assert_int_equal(cdn_screen_tables_open(cdn_str(copy, section.n - 1), &t, NULL), CORDON_E_FORMAT);
    assert_int_equal(cdn_screen_tables_open(cdn_str(copy, 40), &t, NULL), CORDON_E_FORMAT);
    copy[8] = 9;
    assert_int_equal(cdn_screen_tables_open(cdn_str(copy, section.n), &t, NULL), CORDON_E_VERSION);
    copy[8] = section.p[8];
    copy[64] = copy[65] = (char)0xFF; /* a block that is not there */
    assert_int_equal(cdn_screen_tables_open(cdn_str(copy, section.n), &t, NULL), CORDON_E_FORMAT);
    free(copy);
}

/* ---- the tables against ICU on whole names --------------------------------------------------------------
 */

static void same_as_icu(void **state) {
    (void)state;
    static const char *const names[] = {"Владимир Владимирович Путин",
                                        "Сергей Шойгу",
                                        "Щербаков",
                                        "Хрущёв",
                                        "Ющенко",
                                        "Γιώργος Παπανδρέου",
                                        "Μπότσαρης",
                                        "Բարակ Օբամա",
                                        "ჯუღაშვილი",
                                        "محمد حسن",
                                        "احمدی نژاد",
                                        "斯威尼福德",
                                        "ウラジミル",
                                        "キャノン",
                                        "블라디미르 푸틴",
                                        "नरेन्द्र मोदी",
                                        "Łukasz Żółć",
                                        "Ðorđe Šešelj"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(names); i++) {
        struct cdn_buf slow;
        char ours[512];
        size_t n = 0, kept = 0;
        cdn_buf_init(&slow, &cdn_alloc_libc, 1 << 16);
        assert_int_equal(cdn_compile_translit_slow(cdn_str_z(names[i]), &cdn_alloc_libc, &slow, NULL), 0);
        cdn_name_read(&tables, NULL, cdn_str_z(names[i]), CDN_SCREEN_ANY, &left);
        for (uint32_t k = 0; k < left.count; k++) {
            memcpy(ours + n, left.token[k].s, left.token[k].n);
            n += left.token[k].n;
        }
        for (size_t k = 0; k < slow.n; k++) {
            if (slow.p[k] != ' ') {
                slow.p[kept++] = slow.p[k];
            }
        }
        if (!cdn_str_eq(cdn_str(ours, n), cdn_str(slow.p, kept))) {
            fail_msg("%s: `%.*s`, ICU `%.*s`", names[i], (int)n, ours, (int)kept, slow.p);
        }
        cdn_buf_free(&slow);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(companies),
        cmocka_unit_test(people),
        cmocka_unit_test(scripts),
        cmocka_unit_test(disguises),
        cmocka_unit_test(thin_names),
        cmocka_unit_test(steps_name_every_token_once),
        cmocka_unit_test(alignment_is_best),
        cmocka_unit_test(huge_names_are_bounded),
        cmocka_unit_test(any_bytes),
        cmocka_unit_test(damaged_tables_are_refused),
        cmocka_unit_test(same_as_icu),
    };
    return cmocka_run_group_tests(tests, make_tables, drop_tables);
}
