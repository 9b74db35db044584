/* SPDX-License-Identifier: Apache-2.0 */
/* test_fold.c: the folding table against its rule by ICU, and what folding promises to those who compare
 * names. */
#include <stdlib.h>

#include "compile/fold_icu.h"
#include "support/fault.h"
#include "support/rnd.h"
#include "text/text.h"

static struct cdn_buf section;
static struct cdn_text table;

static int make_table(void **state) {
    (void)state;
    struct cordon_error e = {0};
    cdn_buf_init(&section, &cdn_alloc_libc, 1 << 20);
    if (cdn_compile_fold(&cdn_alloc_libc, &section, &e) != 0 ||
        cdn_text_open(cdn_buf_get(&section), &table, &e) != 0) {
        print_error("%s\n", e.message);
        return -1;
    }
    print_message("# %zu bytes, %u blocks, %u entries, ICU %s, Unicode %s\n",
                  section.n,
                  (unsigned)table.block_count,
                  (unsigned)table.entry_count,
                  table.icu_version,
                  table.unicode_version);
    return 0;
}

static int drop_table(void **state) {
    (void)state;
    cdn_buf_free(&section);
    return 0;
}

static void folds_to(const char *in, const char *out) {
    char storage[512];
    struct cdn_buf b;
    cdn_buf_fixed(&b, storage, sizeof storage);
    cdn_text_fold(&table, cdn_str_z(in), &b);
    assert_int_equal(b.err, 0);
    if (!cdn_str_eq(cdn_buf_get(&b), cdn_str_z(out))) {
        fail_msg("`%s` folds to `%.*s`, not `%s`", in, CDN_FMT(cdn_buf_get(&b)), out);
    }
}

static void names_fold(void **state) {
    (void)state;
    folds_to("Sébastopol", "sebastopol");
    folds_to("Weißrußland", "weissrussland");
    folds_to("KIRIM Kırım Qırım", "kirim kirim qirim");
    folds_to("Łódź, Þórr, Ærø, Œuvre", "lodz, thorr, aero, oeuvre");
    folds_to("İstanbul", "istanbul");
    folds_to("Ёлкин Йод Їжак", "елкин иод іжак");
    folds_to("О’Брайен", "о'браиен");
    folds_to("Khar\xCA\xB9kov — \xC2\xABX\xC2\xBB", "khar'kov - \"x\"");
    folds_to("Ｓｅｖａｓｔｏｐｏｌ\xE3\x80\x80①", "sevastopol 1");
    folds_to("Se\xC2\xADva\xE2\x80\x8Bsto\xE2\x80\xAEpol\xEF\xBB\xBF", "sevastopol");
    folds_to("ﬁnance", "finance");
    folds_to("Σίσυφος ΣΊΣΥΦΟΣ", "σισυφοσ σισυφοσ");
    folds_to("أحمد مـــحمد", "احمد محمد");
    folds_to("مُحَمَّد", "محمد");
    folds_to("a\tb\nc\xC2\xA0"
             "d",
             "a b c d");
    folds_to("\xC3\x28 \xED\xA0\x80", "\xEF\xBF\xBD( \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    folds_to("", "");
}

static void composed_and_decomposed_are_the_same(void **state) {
    (void)state;
    static const struct {
        const char *a, *b;
        bool same;
    } rows[] = {{"é", "e\xCC\x81", true},
                {"Й", "И\xCC\x86", true},
                {"한", "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", true},
                {"ガ", "カ\xE3\x82\x99", true},
                {"ガ", "カ", false},
                {"STRASSE", "straße", true},
                {"a", "b", false},
                {"a", "", false},
                {"", "\xE2\x80\x8B", true},
                {"abc", "ab", false},
                {"हिंदी", "हिंदा", false}};
    for (size_t i = 0; i < CDN_ARRAY_LEN(rows); i++) {
        if (cdn_text_same(&table, cdn_str_z(rows[i].a), cdn_str_z(rows[i].b)) != rows[i].same) {
            fail_msg("`%s` and `%s`", rows[i].a, rows[i].b);
        }
    }
}

static void words_are(const char *in, const char *out) {
    char storage[512];
    struct cdn_buf b;
    cordon_str tokens[8];
    cdn_buf_fixed(&b, storage, sizeof storage);
    cdn_text_words(&table, cdn_str_z(in), &b);
    if (!cdn_str_eq(cdn_buf_get(&b), cdn_str_z(out))) {
        fail_msg("`%s` has the words `%.*s`, not `%s`", in, CDN_FMT(cdn_buf_get(&b)), out);
    }
    /* The tokens of the words are the words. */
    cordon_str rest = cdn_str_z(out);
    const size_t n = cdn_text_tokens(&table, cdn_buf_get(&b), tokens, CDN_ARRAY_LEN(tokens));
    for (size_t i = 0; i < n && i < CDN_ARRAY_LEN(tokens); i++) {
        assert_true(cdn_str_eq(tokens[i], cdn_str_split(rest, ' ', &rest)));
    }
    assert_int_equal(rest.n, n > CDN_ARRAY_LEN(tokens) ? rest.n : 0);
}

static void words_and_tokens(void **state) {
    (void)state;
    words_are("Sébastopol,  CA-95472 (US)", "sebastopol ca 95472 us");
    words_are("O'Brien O’Brien d'Ivoire", "obrien obrien divoire");
    words_are("O' Brien 'quoted'", "o brien quoted");
    words_are("SIS d.o.o.", "sis d o o");
    words_are("a''b", "a b");
    words_are("  ...  ", "");
    words_are("", "");
    words_are("'x", "x");
    words_are("г. Ялта, ул. Ленина 5/7", "г ялта ул ленина 5 7");
    words_are("हिंदी", "हिंदी");
    words_are("1 2 3 4 5 6 7 8 9 10", "1 2 3 4 5 6 7 8 9 10");
    cordon_str few[2] = {{NULL, 0}, {NULL, 0}};
    assert_int_equal(cdn_text_tokens(&table, CDN_STR("a b c"), few, 2), 3);
    assert_true(cdn_str_eq(few[1], CDN_STR("b")));
    assert_int_equal(cdn_text_tokens(&table, CDN_STR("a b c"), few, 0), 3);
    char many[400];
    cordon_str tokens[100];
    for (size_t i = 0; i < sizeof many; i++) {
        many[i] = i % 2 == 0 ? 'a' : ' ';
    }
    tokens[CDN_TEXT_TOKENS_MAX] = CDN_STR("untouched");
    assert_int_equal(cdn_text_tokens(&table, cdn_str(many, sizeof many), tokens, 100), 200);
    assert_true(cdn_str_eq(tokens[CDN_TEXT_TOKENS_MAX], CDN_STR("untouched")));
}

static void fold_both(cordon_str s, struct cdn_buf *quick, struct cdn_buf *slow) {
    struct cordon_error e = {0};
    cdn_buf_clear(quick);
    cdn_buf_clear(slow);
    cdn_text_fold(&table, s, quick);
    assert_int_equal(quick->err, 0);
    if (cdn_compile_fold_slow(s, &cdn_alloc_libc, slow, &e) != 0) {
        fail_msg("%s", e.message);
    }
}

static void every_code_point_folds_as_the_rule_says(void **state) {
    (void)state;
    char one[4096], other[4096];
    struct cdn_buf quick, slow;
    cdn_buf_fixed(&quick, one, sizeof one);
    cdn_buf_fixed(&slow, other, sizeof other);
    for (uint32_t cp = 0; cp < 0x110000; cp++) {
        char utf8[4];
        if (cp >= 0xD800 && cp <= 0xDFFF) {
            continue;
        }
        fold_both(cdn_str(utf8, cdn_utf8_encode(cp, utf8)), &quick, &slow);
        if (!cdn_str_eq(cdn_buf_get(&quick), cdn_buf_get(&slow))) {
            fail_msg("U+%04X: `%.*s` instead of `%.*s`",
                     (unsigned)cp,
                     CDN_FMT(cdn_buf_get(&quick)),
                     CDN_FMT(cdn_buf_get(&slow)));
        }
    }
}

/* A code point, mostly from places where something happens. */
static uint32_t random_cp(struct cdn_rnd *rnd) {
    static const uint32_t starts[] = {0x20,   0xC0,   0x300,  0x370,  0x400,   0x5D0,   0x620,
                                      0x900,  0xE00,  0x1100, 0x1E00, 0x2000,  0x2100,  0x3040,
                                      0xAC00, 0xF900, 0xFB00, 0xFE00, 0x1D400, 0x2F800, 0xE0100};
    uint32_t cp = cdn_rnd_chance(rnd, 900)
                      ? starts[cdn_rnd_below(rnd, CDN_ARRAY_LEN(starts))] + (uint32_t)cdn_rnd_below(rnd, 256)
                      : (uint32_t)cdn_rnd_below(rnd, 0x110000);
    return cp >= 0xD800 && cp <= 0xDFFF ? 0x41 : cp;
}

static void random_texts_fold_as_the_rule_says_and_only_once(void **state) {
    (void)state;
    struct cdn_rnd rnd;
    static char one[8192], other[8192], again[8192];
    struct cdn_buf quick, slow, twice;
    cdn_rnd_init(&rnd, "fold", 3);
    cdn_buf_fixed(&quick, one, sizeof one);
    cdn_buf_fixed(&slow, other, sizeof other);
    cdn_buf_fixed(&twice, again, sizeof again);
    for (size_t round = 0; round < cdn_rnd_rounds(20000); round++) {
        char text[128];
        size_t n = 0;
        const bool bytes = cdn_rnd_chance(&rnd, 100);
        const size_t length = (size_t)cdn_rnd_below(&rnd, 24);
        for (size_t i = 0; i < length; i++) {
            n += bytes ? 1 : cdn_utf8_encode(random_cp(&rnd), text + n);
        }
        if (bytes) {
            cdn_rnd_bytes(&rnd, text, n);
        }
        fold_both(cdn_str(text, n), &quick, &slow);
        assert_true(cdn_str_eq(cdn_buf_get(&quick), cdn_buf_get(&slow)));
        cdn_buf_clear(&twice);
        cdn_text_fold(&table, cdn_buf_get(&quick), &twice);
        assert_true(cdn_str_eq(cdn_buf_get(&quick), cdn_buf_get(&twice)));
        assert_true(cdn_text_same(&table, cdn_str(text, n), cdn_buf_get(&quick)));
    }
}

static void the_same_icu_gives_the_same_bytes(void **state) {
    (void)state;
    struct cdn_buf again;
    cdn_buf_init(&again, &cdn_alloc_libc, 1 << 20);
    assert_int_equal(cdn_compile_fold(&cdn_alloc_libc, &again, NULL), 0);
    assert_true(cdn_str_eq(cdn_buf_get(&section), cdn_buf_get(&again)));
    cdn_buf_free(&again);
}

static int making_survives_lack_of_memory(const struct cordon_alloc *alloc) {
    struct cdn_buf out;
    cdn_buf_init(&out, alloc, 1 << 20);
    const int err = cdn_compile_fold(alloc, &out, NULL);
    if (err == 0) {
        assert_int_equal(out.n, section.n);
    }
    cdn_buf_free(&out);
    return err;
}

/* Every truncation and a flip in each of many bytes: refused, or a table that still cannot lead astray. */
static void damaged_tables_are_refused_or_harmless(void **state) {
    (void)state;
    struct cdn_rnd rnd;
    struct cdn_text t;
    struct cordon_error e = {0};
    size_t refused = 0;
    cdn_rnd_init(&rnd, "damage", 4);
    char *copy = malloc(section.n);
    assert_non_null(copy);
    for (size_t n = 0; n < 200; n++) {
        assert_int_not_equal(cdn_text_open(cdn_str(section.p, n), &t, NULL), 0);
    }
    assert_int_equal(cdn_text_open(cdn_str(section.p, section.n - 1), &t, &e), CORDON_E_FORMAT);
    for (size_t i = 0; i < 300; i++) {
        memcpy(copy, section.p, section.n);
        const size_t at = i < 64 ? i : (size_t)cdn_rnd_below(&rnd, section.n);
        copy[at] = (char)((uint8_t)copy[at] ^ (1U << cdn_rnd_below(&rnd, 8)));
        if (cdn_text_open(cdn_str(copy, section.n), &t, NULL) != 0) {
            refused++;
            continue;
        }
        uint32_t out[CDN_TEXT_FOLD_MAX], more[CDN_TEXT_FOLD_MAX];
        for (uint32_t k = 0; k < 20000; k++) {
            const uint32_t cp = (uint32_t)cdn_rnd_below(&rnd, 0x110400);
            const size_t n = cdn_text_fold_cp(&t, cp, out);
            assert_true(n <= CDN_TEXT_FOLD_MAX);
            for (size_t j = 0; j < n; j++) {
                assert_int_equal(cdn_text_fold_cp(&t, out[j], more), 1);
                assert_int_equal(more[0], out[j]);
            }
        }
    }
    assert_true(refused > 40);
    copy[8] = 2;
    memcpy(copy, section.p, 8);
    copy[8] = 2;
    assert_int_equal(cdn_text_open(cdn_str(copy, section.n), &t, NULL), CORDON_E_VERSION);
    free(copy);
}

static void a_full_buffer_is_an_error(void **state) {
    (void)state;
    char storage[4];
    struct cdn_buf b;
    cdn_buf_fixed(&b, storage, sizeof storage);
    cdn_text_words(&table, CDN_STR("too long for this"), &b);
    assert_int_equal(b.err, CORDON_E_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_fold),
        cmocka_unit_test(composed_and_decomposed_are_the_same),
        cmocka_unit_test(words_and_tokens),
        cmocka_unit_test(every_code_point_folds_as_the_rule_says),
        cmocka_unit_test(random_texts_fold_as_the_rule_says_and_only_once),
        cmocka_unit_test(the_same_icu_gives_the_same_bytes),
        cdn_fault_test(making_survives_lack_of_memory),
        cmocka_unit_test(damaged_tables_are_refused_or_harmless),
        cmocka_unit_test(a_full_buffer_is_an_error),
    };
    return _cmocka_run_group_tests(__FILE__, tests, CDN_ARRAY_LEN(tests), make_table, drop_table);
}
