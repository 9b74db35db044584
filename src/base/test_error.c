/* SPDX-License-Identifier: Apache-2.0 */
/* test_error.c: what a failure tells. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/base.h"
#include "support/fault.h"

static void failure_carries_code_text_and_place(void **state CDN_UNUSED) {
    struct cordon_error e;
    memset(&e, 0xAA, sizeof(e));
    assert_int_equal(cdn_fail(&e, CORDON_E_NAME, "no country `%s`", "Belrus"), CORDON_E_NAME);
    const int line = __LINE__ - 1;
    assert_int_equal(e.code, CORDON_E_NAME);
    assert_string_equal(e.message, "no country `Belrus`");
    assert_string_equal(e.where, "");
    assert_string_equal(e.hint, "");
    assert_int_equal(e.system, 0);
    assert_int_equal(e.line, 0);
    assert_true(e.offset == 0);
    assert_int_equal(e.source_line, line);
    assert_non_null(strstr(e.file, "test_error.c"));
    cdn_error_where(&e, CDN_STR("eu.measure"), 12, 7);
    cdn_error_hint(&e, "did you mean %s?", "BY Belarus");
    assert_string_equal(e.where, "eu.measure");
    assert_int_equal(e.line, 12);
    assert_int_equal(e.column, 7);
    assert_string_equal(e.hint, "did you mean BY Belarus?");
    assert_string_equal(e.message, "no country `Belrus`");
}

static void io_failure_keeps_errno(void **state CDN_UNUSED) {
    struct cordon_error e;
    errno = ENOSPC;
    assert_int_equal(cdn_fail(&e, CORDON_E_IO, "write"), CORDON_E_IO);
    assert_int_equal(e.system, ENOSPC);
    assert_int_equal(cdn_fail(&e, CORDON_E_ARG, "x"), CORDON_E_ARG);
    assert_int_equal(e.system, 0);
}

static void no_error_structure_is_needed(void **state CDN_UNUSED) {
    assert_int_equal(cdn_fail(NULL, CORDON_E_TYPE, "x"), CORDON_E_TYPE);
    cdn_error_where(NULL, CDN_STR("x"), 1, 1);
    cdn_error_hint(NULL, "x");
}

/* Text of every length around the limit, made of characters of one to four bytes, ends in a whole one. */
static void long_text_is_cut_between_characters(void **state CDN_UNUSED) {
    static const char *const characters[] = {"x", "\xD0\xAF", "\xE2\x82\xAC", "\xF0\x9F\x87\xBA"};
    for (size_t c = 0; c < CDN_ARRAY_LEN(characters); c++) {
        for (size_t shift = 0; shift < 8; shift++) {
            char text[400] = "abcdefgh";
            size_t n = shift;
            for (; n < 300; n += strlen(characters[c]))
                memcpy(text + n, characters[c], strlen(characters[c]));
            text[n] = '\0';
            struct cordon_error e;
            (void)cdn_fail(&e, CORDON_E_SYNTAX, "%s", text);
            cdn_error_hint(&e, "%s", text);
            cdn_error_where(&e, cdn_str(text, n), 1, 1);
            const char *const cut[] = {e.message, e.hint, e.where};
            for (size_t i = 0; i < 3; i++) {
                const cordon_str s = cdn_str_z(cut[i]);
                assert_true(cdn_utf8_valid(s));
                assert_true(cdn_str_starts(cdn_str(text, n), s));
                assert_in_range(s.n, CORDON_ERROR_TEXT - 4, CORDON_ERROR_TEXT - 1);
            }
        }
    }
}

static void text_that_just_fits_is_whole(void **state CDN_UNUSED) {
    char text[CORDON_ERROR_TEXT];
    memset(text, 'x', sizeof(text) - 1);
    memcpy(text + sizeof(text) - 3, "\xD0\xAF", 3);
    struct cordon_error e;
    (void)cdn_fail(&e, CORDON_E_SYNTAX, "%s", text);
    assert_string_equal(e.message, text);
    cdn_error_where(&e, cdn_str_z(text), 0, 0);
    assert_string_equal(e.where, text);
}

static void every_status_has_a_name_and_a_sentence(void **state CDN_UNUSED) {
    assert_string_equal(cdn_status_name(CORDON_OK), "CORDON_OK");
    assert_string_equal(cdn_status_name(CORDON_E_NAME), "CORDON_E_NAME");
    assert_string_equal(cdn_status_name(CORDON_E_INTERNAL), "CORDON_E_INTERNAL");
    for (int code = CORDON_E_INTERNAL; code <= CORDON_OK; code++) {
        const char *text = cdn_status_text(code);
        assert_non_null(cdn_status_name(code));
        assert_int_equal(text[strlen(text) - 1], '.');
        for (int other = CORDON_E_INTERNAL; other < code; other++)
            assert_string_not_equal(text, cdn_status_text(other));
    }
    static const int unknown[] = {1, CORDON_E_INTERNAL - 1, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < CDN_ARRAY_LEN(unknown); i++) {
        assert_string_equal(cdn_status_name(unknown[i]), "CORDON_E_?");
        assert_string_equal(cdn_status_text(unknown[i]), "Unknown status code.");
    }
}

static bool one_place(bool broken) {
    return cdn_broken(broken);
}

static void broken_invariant_reports_once_for_each_place(void **state CDN_UNUSED) {
    char path[] = "/tmp/cordon-test-XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    (void)fflush(stderr);
    const int saved = dup(STDERR_FILENO);
    assert_true(dup2(file, STDERR_FILENO) >= 0);
    const bool whole = one_place(false);
    const bool first = one_place(true);
    const bool second = one_place(true);
    (void)fflush(stderr);
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    (void)close(saved);
    char text[400] = {0};
    const ssize_t n = pread(file, text, sizeof(text) - 1, 0);
    (void)close(file);
    (void)unlink(path);
    assert_false(whole);
    assert_true(first);
    assert_true(second);
#ifdef NDEBUG
    assert_int_equal(n, 0);
#else
    assert_true(n > 0);
    assert_non_null(strstr(text, "test_error.c"));
    assert_non_null(strstr(text, "broken invariant: broken\n"));
    assert_ptr_equal(strchr(text, '\n'), text + n - 1);
#endif
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failure_carries_code_text_and_place),
        cmocka_unit_test(io_failure_keeps_errno),
        cmocka_unit_test(no_error_structure_is_needed),
        cmocka_unit_test(long_text_is_cut_between_characters),
        cmocka_unit_test(text_that_just_fits_is_whole),
        cmocka_unit_test(every_status_has_a_name_and_a_sentence),
        cmocka_unit_test(broken_invariant_reports_once_for_each_place),
    };
    return cdn_run(tests);
}
