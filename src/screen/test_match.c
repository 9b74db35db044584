/* SPDX-License-Identifier: Apache-2.0 */
/* test_match.c: names that must be found, names that must be left alone, and what holds for all of them. */
#include <stdlib.h>
#include <time.h>

#include "compile/screen_weights.h"
#include "compile/translit_icu.h"
#include "screen/evidence.h"
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
    /* seen by a person at the defaults: a patronymic left out, a letter in its place */
    found(CDN_SCREEN_PERSON, "Dmitry Medvedev", "Dmitriy Anatolyevich MEDVEDEV", CDN_SCREEN_REVIEW_AT);
    found(
        CDN_SCREEN_PERSON, "Yevgeny \"P\" Prigozhin", "Yevgeniy Viktorovich PRIGOZHIN", CDN_SCREEN_REVIEW_AT);
    left_alone(CDN_SCREEN_PERSON, "Yevgeny P Ivanov", "Yevgeniy Viktorovich PRIGOZHIN");
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

static void beneath(unsigned most, const char *a, const char *b) {
    const unsigned s = score(CDN_SCREEN_PERSON, a, b);
    if (s >= most) {
        fail_msg("`%s` and `%s`: %u, not less than %u", a, b, s, most);
    }
}

/* Syllables of Chinese and Korean names that sound alike are other names, unless they are romanised
 * otherwise. */
static void syllables(void **state) {
    (void)state;
    assert_int_equal(score(CDN_SCREEN_PERSON, "王 桂英", "Wang Guiying"), 1000);
    beneath(CDN_SCREEN_REVIEW_AT, "王 桂英", "Wang Guoying");
    beneath(CDN_SCREEN_REVIEW_AT, "张 建国", "Zhang Jiang");
    found(CDN_SCREEN_PERSON, "최 영호", "Choe Yong Ho", CDN_SCREEN_REVIEW_AT);
    found(CDN_SCREEN_PERSON, "김 중수", "Kim Jung Su", CDN_SCREEN_REVIEW_AT);
    beneath(CDN_SCREEN_REVIEW_AT, "김 중수", "Kim Sung Su");
    found(CDN_SCREEN_PERSON, "블라디미르 푸틴", "Vladimir Putin", CDN_MATCH_THRESHOLD); /* no syllables */
    cdn_name_read(&tables, NULL, cdn_str_z("王 志成"), CDN_SCREEN_PERSON, &left);       /* zhicheng */
    cdn_name_read(&tables, NULL, cdn_str_z("chihcheng jicheng zhijeng zhichen"), CDN_SCREEN_PERSON, &right);
    assert_false(cdn_match_reads_otherwise(&left.token[1], &right.token[0])); /* Wade and Giles */
    assert_true(cdn_match_reads_otherwise(&left.token[1], &right.token[1]));
    assert_true(cdn_match_reads_otherwise(&left.token[1], &right.token[2]));
    assert_true(cdn_match_reads_otherwise(&left.token[1], &right.token[3]));
    /* a surname is no legal form and no particle */
    cdn_name_read(&tables, NULL, cdn_str_z("彬 博 刘"), CDN_SCREEN_ANY, &left);
    assert_int_equal(left.count, 3);
    for (uint32_t i = 0; i < left.count; i++) {
        assert_int_equal(left.token[i].class, CDN_TOKEN_PLAIN);
    }
    beneath(500, "彬 博 刘", "علي");
}

static const char *const listed_texts[] = {"JOINT STOCK COMPANY MILITECH",
                                           "OBSHCHESTVO S OGRANICHENNOI OTVETSTVENNOSTYU NEOBIT",
                                           "LIMITED LIABILITY COMPANY ELIARS",
                                           "RUBIN DESIGN BUREAU",
                                           "JOINT STOK COMPANY DUKS",
                                           "SEVENTH OF TIR"};

/* Letter i is of a word of five letters or more. */
static bool in_long_word(const char *s, size_t i) {
    size_t from = i, to = i;
    while (from > 0 && s[from - 1] != ' ') {
        from--;
    }
    while (s[to] != '\0' && s[to] != ' ') {
        to++;
    }
    return s[i] != ' ' && to - from >= 5;
}

static void every_slip(const struct cdn_screen_weights *w, const char *listed) {
    char text[96];
    const size_t n = strlen(listed);
    cdn_name_read(&tables, w, cdn_str_z(listed), CDN_SCREEN_ORGANIZATION, &right);
    for (size_t i = 0; i < n; i++) {
        for (char c = 'a'; c <= 'z' && in_long_word(listed, i); c++) {
            memcpy(text, listed, n + 1);
            text[i] = c;
            cdn_name_read(&tables, w, cdn_str(text, n), CDN_SCREEN_ORGANIZATION, &left);
            cdn_match_names(&tables, &cdn_match_defaults, &matcher, &left, &right, &result);
            const bool same = (c & 0x5F) == listed[i];
            if (same ? result.score != 1000 : result.score < CDN_MATCH_THRESHOLD || result.score == 1000) {
                fail_msg("`%s` and `%s`: %u", text, listed, result.score);
            }
        }
    }
}

/* A slip in a word of a phrase leaves the phrase what it is, and is none where the lists write so. */
static void slips_in_phrases(void **state) {
    (void)state;
    struct cdn_screen_counter counter;
    struct cdn_buf rare;
    cdn_buf_init(&rare, &cdn_alloc_libc, 1 << 20);
    cdn_screen_counter_init(&counter, &cdn_alloc_libc, &tables);
    for (size_t i = 0; i < CDN_ARRAY_LEN(listed_texts); i++) {
        assert_int_equal(
            cdn_screen_counter_add(&counter, cdn_str_z(listed_texts[i]), CDN_SCREEN_ORGANIZATION), 0);
    }
    assert_int_equal(cdn_screen_counter_write(&counter, &rare), 0);
    const struct cdn_screen_weights w = {(const uint8_t *)rare.p, (uint32_t)(rare.n / 8), 200};
    for (size_t i = 0; i < 4; i++) {
        every_slip(&w, listed_texts[i]);
    }
    cdn_name_read(&tables, &w, cdn_str_z("LIMiTDE LIABILITY COMPANY ELIARS"), CDN_SCREEN_ORGANIZATION, &left);
    assert_int_equal(left.count, 2);
    assert_true(left.token[0].mended);
    cdn_name_read(&tables, &w, cdn_str_z("JOINT STOK COMPANY DUKS"), CDN_SCREEN_ORGANIZATION, &left);
    assert_false(left.token[0].mended || left.token[1].mended); /* listed so */
    cdn_name_read(&tables, &w, cdn_str_z("SEVEwTH OF TIR"), CDN_SCREEN_ORGANIZATION, &left);
    assert_int_equal(left.token[0].class, CDN_TOKEN_NUMBER);
    cdn_name_read(&tables, &w, cdn_str_z("SEVEwTH Ivan"), CDN_SCREEN_PERSON, &left);
    assert_int_equal(left.token[0].class, CDN_TOKEN_PLAIN); /* people are not numbered */
    cdn_name_read(&tables, &w, cdn_str_z("Abdyl Rahmon Zahid"), CDN_SCREEN_PERSON, &left);
    assert_int_equal(left.count, 3); /* two slips are too many */
    cdn_name_read(&tables, &w, cdn_str_z("Abdyl Rahman Zahid"), CDN_SCREEN_PERSON, &left);
    assert_int_equal(left.count, 2);
    cdn_screen_counter_free(&counter);
    cdn_buf_free(&rare);
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
        cmocka_unit_test(syllables),
        cmocka_unit_test(slips_in_phrases),
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
