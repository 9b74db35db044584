/* SPDX-License-Identifier: Apache-2.0 */
/* test_messages.c: what people see: every message of test_errors.txt and test_lints.txt, letter by letter,
 * and the same for machines. */
#include "support/rulebook_case.h"

#include <stdio.h>

static void expect_shown(const struct test_case *c, const struct cdn_buf *b) {
    if (!cdn_str_eq(cdn_buf_get(b), c->expected))
        fail_msg("%.*s:\n--- expected\n%.*s\n--- shown\n%.*s",
                 CDN_FMT(c->name),
                 CDN_FMT(c->expected),
                 CDN_FMT(cdn_buf_get(b)));
}

/* Every wrong input gives exactly these messages, and no rulebook. */
static void each_error_is_told(void **state) {
    (void)state;
    const cordon_str vocabulary = source_file("src/rulebook/test_vocabulary.measure");
    const cordon_str cases = source_file("src/rulebook/test_errors.txt");
    cordon_str rest = cases;
    struct test_case c;
    unsigned count = 0;
    while (next_case(&rest, &c)) {
        struct loaded l;
        struct cdn_buf b;
        cdn_buf_init(&b, &cdn_alloc_libc, 1 << 20);
        load_with(&cdn_alloc_libc, &l, vocabulary, c.input);
        show(&l, &b);
        assert_int_equal(l.err, CORDON_E_SYNTAX);
        assert_null(l.rb);
        expect_shown(&c, &b);
        cdn_buf_free(&b);
        loaded_free(&l);
        count++;
    }
    assert_int_equal(rest.n, 0);
    assert_true(count >= 60);
    free((void *)(uintptr_t)vocabulary.p);
    free((void *)(uintptr_t)cases.p);
}

/* The lint speaks up about the first of each pair, and says nothing about the second. */
static void each_lint_hits_and_misses(void **state) {
    (void)state;
    const cordon_str vocabulary = source_file("src/rulebook/test_vocabulary.measure");
    const cordon_str cases = source_file("src/rulebook/test_lints.txt");
    cordon_str rest = cases;
    struct test_case c;
    unsigned hits = 0, misses = 0;
    while (next_case(&rest, &c)) {
        struct loaded l;
        struct cdn_buf b;
        cordon_str kind;
        const cordon_str code = cdn_str_split(c.name, ' ', &kind);
        cdn_buf_init(&b, &cdn_alloc_libc, 1 << 20);
        load_with(&cdn_alloc_libc, &l, vocabulary, c.input);
        if (l.err != 0) {
            show(&l, &b);
            fail_msg("%.*s: %.*s", CDN_FMT(c.name), CDN_FMT(cdn_buf_get(&b)));
        }
        assert_int_equal(cdn_rulebook_check(l.rb, &l.diags), 0);
        for (size_t i = 0; i < l.diags.count; i++) {
            if (cdn_str_eq(l.diags.items[i].code, code) && l.diags.items[i].pos.file == 1)
                cdn_diagnostic_write(&b, l.sources, &l.diags.items[i], false);
        }
        assert_int_equal(b.n > 0, cdn_str_eq(kind, CDN_STR("hit")));
        expect_shown(&c, &b);
        hits += b.n > 0;
        misses += b.n == 0;
        cdn_buf_free(&b);
        loaded_free(&l);
    }
    assert_int_equal(rest.n, 0);
    assert_true(hits >= 17 && hits == misses);
    free((void *)(uintptr_t)vocabulary.p);
    free((void *)(uintptr_t)cases.p);
}

/* Each code of docs/lints.md has a case, and each case a line there. */
static void each_lint_is_documented(void **state) {
    (void)state;
    const cordon_str docs = source_file("docs/lints.md"), cases = source_file("src/rulebook/test_lints.txt");
    cordon_str rest = docs, found = cases;
    struct test_case c;
    char needle[80];
    while (rest.n > 0) {
        cordon_str line = cdn_str_split(rest, '\n', &rest), end;
        if (!cdn_str_starts(line, CDN_STR("| `")))
            continue;
        line = cdn_str(line.p + 3, line.n - 3);
        const cordon_str code = cdn_str_split(line, '`', &end);
        (void)snprintf(needle, sizeof(needle), "==== %.*s hit\n", CDN_FMT(code));
        if (!memmem(cases.p, cases.n, needle, strlen(needle)))
            fail_msg("no test of the lint %.*s", CDN_FMT(code));
    }
    while (next_case(&found, &c)) {
        cordon_str kind;
        (void)snprintf(needle, sizeof(needle), "| `%.*s`", CDN_FMT(cdn_str_split(c.name, ' ', &kind)));
        if (!memmem(docs.p, docs.n, needle, strlen(needle)))
            fail_msg("%s is not in docs/lints.md", needle);
    }
    free((void *)(uintptr_t)docs.p);
    free((void *)(uintptr_t)cases.p);
}

static void machines_get_json(void **state) {
    (void)state;
    struct loaded l;
    struct cdn_buf b;
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 20);
    load_with(&cdn_alloc_libc, &l, CDN_STR("operator a\nservice s \"Ж\" of aa\n"), CDN_STR(""));
    assert_int_equal(l.diags.count, 1);
    cdn_diagnostic_json(&b, l.sources, &l.diags.items[0]);
    assert_true(cdn_str_eq(
        cdn_buf_get(&b),
        CDN_STR("{\"code\":\"unknown-operator\",\"column\":18,\"file\":\"vocabulary.measure\",\"length\":2,"
                "\"line\":2,"
                "\"message\":\"no operator is called `aa`\",\"severity\":\"error\","
                "\"source\":\"service s \\\"Ж\\\" of aa\",\"suggestion\":\"did you mean `a`?\"}")));
    cdn_buf_free(&b);
    loaded_free(&l);
}

/* The caret stands under the column when a line has tabs and letters of several bytes; colour is asked for.
 */
static void caret_under_tabs_and_letters(void **state) {
    (void)state;
    struct loaded l;
    struct cdn_buf b;
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 20);
    load_with(&cdn_alloc_libc, &l, CDN_STR("operator a\nservice\ts \"Жук\" of aa\n"), CDN_STR(""));
    cdn_diagnostic_write(&b, l.sources, &l.diags.items[0], true);
    assert_non_null(memmem(b.p, b.n, "       |        \t           \033[1;32m^~\033[0m\n", 36));
    cdn_buf_free(&b);
    loaded_free(&l);
}

static void not_utf8_is_told_by_place(void **state) {
    (void)state;
    struct loaded l;
    struct cdn_buf b;
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 20);
    load_with(&cdn_alloc_libc, &l, CDN_STR("operator a\noperator b \"x\xFFy\"\n"), CDN_STR("operatr c\n"));
    assert_int_equal(l.err, CORDON_E_SYNTAX);
    assert_int_equal(l.diags.count, 2); /* the other file is read all the same */
    assert_int_equal(l.diags.items[0].pos.line, 2);
    assert_int_equal(l.diags.items[0].pos.column, 14);
    show(&l, &b);
    assert_non_null(memmem(b.p, b.n, "byte 0xff is not UTF-8", 22));
    cdn_buf_free(&b);
    loaded_free(&l);
}

/* A thousand messages are kept, the rest only counted. */
static void messages_are_bounded(void **state) {
    (void)state;
    struct loaded l;
    struct cdn_buf b;
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 20);
    for (int i = 0; i < 3000; i++)
        cdn_buf_z(&b, "nonsense\n");
    load_with(&cdn_alloc_libc, &l, cdn_buf_get(&b), CDN_STR(""));
    assert_int_equal(l.err, CORDON_E_SYNTAX);
    assert_int_equal(l.diags.count, 1000);
    assert_int_equal(l.diags.errors, 3000);
    cdn_buf_free(&b);
    loaded_free(&l);
}

/* Telling what is wrong needs memory, too: without it the load fails as a whole. Only the search for a zone's
 * name can do without: then nothing is suggested. */
static int errors_without_memory(const struct cordon_alloc *alloc) {
    static const char text[] =
        "operator o\nservice s of p\nservice s\nterritory t\n includes t, FRR\nmesure x\n"
        "measure m\n basis policy of o\n effective 2022-01-01 Europe/Moskow\n deny q on s {\n"
        " when custmer based in Belrus or customer.kynd is \"a\\q\"\n"
        "scenario \"s\"\n at 2022-02-30\n customer perso\n  ip \"x\"\n expect alow\n";
    struct loaded l;
    load_with(alloc, &l, CDN_STR(text), CDN_STR(""));
    const int err = l.err;
    assert_null(l.rb);
    assert_true(err == CORDON_E_NOMEM || (err == CORDON_E_SYNTAX && l.diags.count > 8));
    loaded_free(&l);
    return err == CORDON_E_SYNTAX ? 0 : err;
}

static int lints_without_memory(const struct cordon_alloc *alloc) {
    static const char text[] =
        "operator o\nservice s of o\naction x needs customer\naction y\nterritory t\n includes UA\n"
        "measure m\n basis law \"embargo\" of us\n effective 2022-01-01\n deny x on s scope account\n"
        " when customer based in UA and customer.ip in UA\n"
        "measure n\n basis law \"embargo\" of us\n effective 2022-01-01\n deny x on s scope account\n"
        " when customer based in UA and customer.ip in UA\n except not customer.ip in UA\n";
    struct loaded l;
    load_with(alloc, &l, CDN_STR(text), CDN_STR(""));
    int err = l.err;
    if (err == 0) {
        err = cdn_rulebook_check(l.rb, &l.diags);
        assert_true(err == CORDON_E_NOMEM || (err == 0 && l.diags.warnings > 10));
    }
    loaded_free(&l);
    return err;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_error_is_told),
        cmocka_unit_test(each_lint_hits_and_misses),
        cmocka_unit_test(each_lint_is_documented),
        cmocka_unit_test(machines_get_json),
        cmocka_unit_test(caret_under_tabs_and_letters),
        cmocka_unit_test(not_utf8_is_told_by_place),
        cmocka_unit_test(messages_are_bounded),
        cdn_fault_test_retry(errors_without_memory),
        cdn_fault_test(lints_without_memory),
    };
    return cdn_run(tests);
}
