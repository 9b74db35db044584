/* SPDX-License-Identifier: Apache-2.0 */
/* test_iin.c: card ranges from CSV to look-up. */
#include <stdlib.h>

#include "geodata/builder.h"
#include "places/codes.h"
#include "places/iin.h"
#include "support/fault.h"
#include "support/rnd.h"
#include "support/shared.h"

#define DAY 1646438400 /* 2022-03-05 */

static int build(const struct cordon_alloc *alloc,
                 const char *csv,
                 struct cdn_buf *out,
                 struct cordon_error *e) {
    cdn_buf_init(out, alloc, CDN_MIB(64));
    return cdn_geodata_iin_build(alloc, cdn_str_z(csv), CDN_STR("iin.csv"), DAY, out, e);
}

/* The answer as text: "UA", "" for none, "more" when more digits are needed, "bad". */
static const char *ask(const struct cdn_iin_table *t, const char *digits) {
    static char text[3];
    uint16_t c = 0;
    const int err = cdn_iin_lookup(t, cdn_str_z(digits), &c);
    if (err != 0) {
        assert_int_equal(c, 0);
        return err == CORDON_E_CONFLICT ? "more" : "bad";
    }
    text[0] = (char)(c >> 8);
    text[1] = (char)(c & 0xff);
    return text;
}

static void the_narrowest_range_answers(void **state) {
    (void)state;
    char path[CDN_PATH];
    size_t n;
    cdn_source_path(path, "tests/data/geodata/iin.csv");
    uint8_t *const csv = cdn_read_file(path, &n);
    assert_non_null(csv);
    struct cdn_buf out;
    struct cdn_iin_table t;
    struct cordon_error e = {0};
    cdn_buf_init(&out, &cdn_alloc_libc, CDN_MIB(1));
    assert_int_equal(cdn_geodata_iin_build(
                         &cdn_alloc_libc, cdn_str((const char *)csv, n), CDN_STR("iin.csv"), DAY, &out, &e),
                     0);
    assert_int_equal(cdn_iin_open(out.p, out.n, &t, &e), 0);
    assert_int_equal(t.ranges, 5);
    assert_int_equal(t.date, DAY);
    assert_string_equal(ask(&t, "400000"), "UA");
    assert_string_equal(ask(&t, "400049"), "UA");
    assert_string_equal(ask(&t, "400050"), "RU");
    assert_string_equal(ask(&t, "400055"), "more");
    assert_string_equal(ask(&t, "40005511"), "RU");
    assert_string_equal(ask(&t, "40005512"), "BY");
    assert_string_equal(ask(&t, "4000551999999999"), "BY");
    assert_string_equal(ask(&t, "40005520"), "RU");
    assert_string_equal(ask(&t, "400099"), "UA");
    assert_string_equal(ask(&t, "400100"), "");
    assert_string_equal(ask(&t, "219999"), "");
    assert_string_equal(ask(&t, "220499"), "RU");
    assert_string_equal(ask(&t, "5123456789012345"), "US");
    assert_string_equal(ask(&t, "999999"), "");
    assert_string_equal(ask(&t, "40000"), "bad");
    assert_string_equal(ask(&t, "40000x"), "bad");
    assert_string_equal(ask(&t, "4000000000000000000x"), "bad");
    cdn_buf_free(&out);
    free(csv);
}

static void wrong_lines_are_named(void **state) {
    (void)state;
    static const struct {
        const char *csv;
        int code;
        unsigned line;
    } cases[] = {
        {"", CORDON_E_TYPE, 0},
        {"400000,400009,ua", CORDON_E_SYNTAX, 1},
        {"# x\n400000,40000,UA", CORDON_E_SYNTAX, 2},
        {"400,400,UA", CORDON_E_SYNTAX, 1},
        {"4000000000000,4000000000000,UA", CORDON_E_SYNTAX, 1},
        {"400009,400000,UA", CORDON_E_RANGE, 1},
        {"400000,400009,UA\n400005,400015,RU", CORDON_E_CONFLICT, 2},
        {"400000,400009,UA\n40000000,40000999,RU", CORDON_E_CONFLICT, 2},
    };
    for (size_t i = 0; i < CDN_ARRAY_LEN(cases); i++) {
        struct cdn_buf out;
        struct cordon_error e = {0};
        const int err = build(&cdn_alloc_libc, cases[i].csv, &out, &e);
        if (err != cases[i].code || e.line != cases[i].line || strcmp(e.where, "iin.csv") != 0 ||
            out.n != 0) {
            fail_msg("%s: code %d, line %u: %s", cases[i].csv, err, e.line, e.message);
        }
        cdn_buf_free(&out);
    }
}

/* Twin: the narrowest of nested random ranges, found by looking at each. */
static void random_ranges_agree_with_the_twin(void **state) {
    (void)state;
    struct cdn_rnd r;
    cdn_rnd_init(&r, "iin", 8);
    struct cdn_buf text;
    cdn_buf_init(&text, &cdn_alloc_libc, CDN_MIB(1));
    size_t known = 0;
    for (size_t round = 0; round < cdn_rnd_rounds(200); round++) {
        /* Decimal prefixes nest or are disjoint, as prefixes of bits do. */
        struct {
            char digits[13];
            uint16_t country;
        } p[40];
        size_t n = 0;
        cdn_buf_clear(&text);
        for (size_t i = 0; i < 40; i++) {
            const size_t length = 4 + cdn_rnd_below(&r, 9);
            memset(p[n].digits, 0, sizeof p[n].digits);
            for (size_t k = 0; k < length; k++) {
                p[n].digits[k] = (char)('0' + cdn_rnd_below(&r, k < 3 ? 1 : 2) * 9);
            }
            p[n].country = CDN_COUNTRY('A' + cdn_rnd_below(&r, 3), 'Z');
            bool is_new = true;
            for (size_t k = 0; k < n; k++) {
                is_new &= strcmp(p[k].digits, p[n].digits) != 0;
            }
            if (is_new) {
                const int country[] = {p[n].country >> 8, p[n].country & 0xff};
                cdn_buf_printf(&text, "%s,%s,%c%c\n", p[n].digits, p[n].digits, country[0], country[1]);
                n++;
            }
        }
        cdn_buf_char(&text, 0);
        struct cdn_buf out;
        struct cdn_iin_table t;
        struct cordon_error e = {0};
        assert_int_equal(build(&cdn_alloc_libc, text.p, &out, &e), 0);
        assert_int_equal(cdn_iin_open(out.p, out.n, &t, &e), 0);
        for (size_t i = 0; i < 200; i++) {
            char digits[13] = {0};
            for (size_t k = 0; k < 12; k++) {
                digits[k] = (char)('0' + (k < 3                       ? 0
                                          : cdn_rnd_below(&r, 10) < 9 ? cdn_rnd_below(&r, 2) * 9
                                                                      : 4));
            }
            uint16_t wanted = 0;
            size_t best = 0;
            for (size_t k = 0; k < n; k++) {
                const size_t length = strlen(p[k].digits);
                if (length > best && memcmp(p[k].digits, digits, length) == 0) {
                    best = length;
                    wanted = p[k].country;
                }
            }
            uint16_t got = 0;
            assert_int_equal(cdn_iin_lookup(&t, cdn_str_z(digits), &got), 0);
            assert_int_equal(got, wanted);
            known += wanted != 0;
        }
        cdn_buf_free(&out);
    }
    cdn_buf_free(&text);
    assert_true(known > 1000);
}

static void damaged_sections_are_refused_or_harmless(void **state) {
    (void)state;
    struct cdn_buf out;
    struct cdn_iin_table t;
    struct cordon_error e = {0};
    assert_int_equal(build(&cdn_alloc_libc, "400000,400099,UA\n400050,400059,RU\n", &out, &e), 0);
    size_t refused = 0;
    for (size_t at = 0; at < out.n; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            out.p[at] ^= (char)(1 << bit);
            const int err = cdn_iin_open(out.p, out.n, &t, &e);
            if (err == 0) {
                (void)ask(&t, "400055");
                (void)ask(&t, "999999999999");
            }
            refused += err != 0;
            out.p[at] ^= (char)(1 << bit);
        }
        assert_int_equal(cdn_iin_open(out.p, at, &t, &e), CORDON_E_FORMAT);
    }
    assert_true(refused > 8 * 20);
    cdn_buf_free(&out);
}

static int build_of_a_few_ranges(const struct cordon_alloc *alloc) {
    struct cdn_buf out;
    struct cdn_iin_table t;
    int err = build(alloc, "400000,400099,UA\n400050,400059,RU\n4111,4111,US\n", &out, NULL);
    if (err == 0) {
        err = cdn_iin_open(out.p, out.n, &t, NULL);
        assert_int_equal(err, 0);
        assert_string_equal(ask(&t, "400055"), "RU");
    }
    cdn_buf_free(&out);
    return err;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_narrowest_range_answers),
        cmocka_unit_test(wrong_lines_are_named),
        cmocka_unit_test(random_ranges_agree_with_the_twin),
        cmocka_unit_test(damaged_sections_are_refused_or_harmless),
        cdn_fault_test(build_of_a_few_ranges),
    };
    return cdn_run(tests);
}
