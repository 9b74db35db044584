/* SPDX-License-Identifier: Apache-2.0 */
/* test_format.c: layout changes white space only, and once is enough. */
#include "support/rulebook_case.h"

#include <dirent.h>
#include <stdio.h>

static int laid_out(const struct cordon_alloc *alloc, cordon_str text, struct cdn_buf *out) {
    struct cdn_arena arena;
    struct cdn_diagnostics d = {0};
    cdn_arena_init(&arena, alloc, 0);
    d.arena = &arena;
    const int err = cdn_rulebook_format((struct cdn_rulebook_source){CDN_STR("x"), text}, &arena, &d, out);
    cdn_arena_free(&arena);
    return err;
}

/* The tokens of a text, `\` aside, one a line, with a mark where a logical line begins and how deep it is. */
static void tokens(cordon_str text, struct cdn_buf *out) {
    struct cdn_arena arena;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    struct cdn_diagnostics d = {.arena = &arena};
    struct cdn_parser *p = cdn_arena_zero(&arena, 1, sizeof(*p));
    struct cdn_syntax file = {.text = text};
    p->arena = &arena;
    p->diags = &d;
    assert_int_equal(cdn_rb_lex(p, &file), 0);
    assert_int_equal(cdn_rb_lines(p, &file), 0);
    for (uint32_t i = 0; i < file.line_count; i++) {
        cdn_buf_printf(out, "> %u\n", (unsigned)file.lines[i].depth);
        for (uint32_t k = file.lines[i].first; k < file.lines[i].end; k++) {
            if (file.tokens[k].kind != CDN_TOK_BREAK)
                cdn_buf_printf(out, "%.*s\n", CDN_FMT(file.tokens[k].text));
        }
    }
    cdn_arena_free(&arena);
}

/* Same tokens in the same lines, and the second time nothing changes. False: the text does not parse. */
static bool keeps_everything(cordon_str text) {
    struct cdn_buf once, twice, before, after;
    cdn_buf_init(&once, &cdn_alloc_libc, 64 << 20);
    cdn_buf_init(&twice, &cdn_alloc_libc, 64 << 20);
    cdn_buf_init(&before, &cdn_alloc_libc, 64 << 20);
    cdn_buf_init(&after, &cdn_alloc_libc, 64 << 20);
    const bool good = laid_out(&cdn_alloc_libc, text, &once) == 0;
    if (good) {
        tokens(text, &before);
        tokens(cdn_buf_get(&once), &after);
        if (!cdn_str_eq(cdn_buf_get(&before), cdn_buf_get(&after)))
            fail_msg("changed:\n%.*s\n--- became\n%.*s\n--- before\n%.*s\n--- after\n%.*s",
                     CDN_FMT(text),
                     CDN_FMT(cdn_buf_get(&once)),
                     CDN_FMT(cdn_buf_get(&before)),
                     CDN_FMT(cdn_buf_get(&after)));
        assert_int_equal(laid_out(&cdn_alloc_libc, cdn_buf_get(&once), &twice), 0);
        if (!cdn_str_eq(cdn_buf_get(&once), cdn_buf_get(&twice)))
            fail_msg("not the same twice:\n%.*s\n--- once\n%.*s\n--- twice\n%.*s",
                     CDN_FMT(text),
                     CDN_FMT(cdn_buf_get(&once)),
                     CDN_FMT(cdn_buf_get(&twice)));
    }
    cdn_buf_free(&once);
    cdn_buf_free(&twice);
    cdn_buf_free(&before);
    cdn_buf_free(&after);
    return good;
}

static int untidy_becomes_tidy(const struct cordon_alloc *alloc) {
    static const char untidy[] = "# top\n"
                                 "operator   amazon \"Amazon\"   # the shop\n"
                                 "service aws \"Amazon Web Services\"  of amazon is cloud\n"
                                 "service s \"S\" of amazon\n"
                                 "set b of bic { \"A\" ,\n \"B\"\n , \"C\" }\n"
                                 "   source \"x\"\n"
                                 "measure a/b # here\n"
                                 "  title \"x\"\n"
                                 "\n\n\n"
                                 "  # why\n"
                                 "  notice en \"text\"\n"
                                 "  if contradictory   deny\n"
                                 "  when ( customer is new and\n"
                                 "  customer based in { RU,BY } )\n"
                                 "      or customer.kind is ngo \\\n"
                                 "  and customer.id is \"1\"\n"
                                 "  except customer.period_end+14 days<now\n"
                                 "scenario \"x\"\n"
                                 "  at 2022-03-06 UTC\n"
                                 "  customer person,new\n"
                                 "     gnss -44.5 -33\n"
                                 "  no measure a/b\n\n\n";
    static const char tidy[] = "# top\n"
                               "operator amazon \"Amazon\"     # the shop\n"
                               "service  aws \"Amazon Web Services\" of amazon is cloud\n"
                               "service  s   \"S\"                   of amazon\n"
                               "\n"
                               "set b of bic {\"A\", \"B\", \"C\"}\n"
                               "    source \"x\"\n"
                               "\n"
                               "measure a/b  # here\n"
                               "    title      \"x\"\n"
                               "\n"
                               "    # why\n"
                               "    notice en  \"text\"\n"
                               "    if contradictory deny\n"
                               "    when       (customer is new and\n"
                               "               customer based in {RU, BY})\n"
                               "               or customer.kind is ngo \\\n"
                               "               and customer.id is \"1\"\n"
                               "    except     customer.period_end + 14 days < now\n"
                               "\n"
                               "scenario \"x\"\n"
                               "    at       2022-03-06 UTC\n"
                               "    customer person, new\n"
                               "        gnss -44.5 -33\n"
                               "    no measure a/b\n";
    struct cdn_buf b;
    cdn_buf_init(&b, alloc, 1 << 20);
    const int err = laid_out(alloc, CDN_STR(untidy), &b);
    if (err == 0 && !cdn_str_eq(cdn_buf_get(&b), CDN_STR(tidy)))
        fail_msg("%.*s", CDN_FMT(cdn_buf_get(&b)));
    cdn_buf_free(&b);
    return err;
}

static void long_lines_are_broken(void **state) {
    (void)state;
    static const char text[] = "territory x\n"
                               "    city \"aaaaaaaaaaaaaaaaaaaaaaa\", \"bbbbbbbbbbbbbbbbbbbbbbbbbb\", "
                               "\"ccccccccccccccccccccccccc\", "
                               "\"dddddddddddddddddddddddd\", \"e\"\n";
    static const char broken[] = "territory x\n"
                                 "    city \"aaaaaaaaaaaaaaaaaaaaaaa\", \"bbbbbbbbbbbbbbbbbbbbbbbbbb\", "
                                 "\"ccccccccccccccccccccccccc\",\n"
                                 "        \"dddddddddddddddddddddddd\", \"e\"\n";
    struct cdn_buf b;
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 20);
    assert_int_equal(laid_out(&cdn_alloc_libc, CDN_STR(text), &b), 0);
    if (!cdn_str_eq(cdn_buf_get(&b), CDN_STR(broken)))
        fail_msg("%.*s", CDN_FMT(cdn_buf_get(&b)));
    cdn_buf_free(&b);
    assert_true(keeps_everything(CDN_STR(text)));
}

static void nothing_for_what_does_not_parse(void **state) {
    (void)state;
    struct cdn_buf b;
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 20);
    assert_int_equal(laid_out(&cdn_alloc_libc, CDN_STR("measure a\n  when {RU\noperator b\n"), &b),
                     CORDON_E_SYNTAX);
    assert_int_equal(b.n, 0);
    cdn_buf_free(&b);
}

/* The examples of the page stand in canonical layout. */
static void the_page_is_laid_out(void **state) {
    (void)state;
    const cordon_str page = source_file("docs/measure-language.md");
    cordon_str rest = page;
    unsigned count = 0;
    for (;;) {
        const char *start = memmem(rest.p, rest.n, "```measure\n", 11);
        if (!start)
            break;
        rest = cdn_str(start + 11, rest.n - (size_t)(start - rest.p) - 11);
        const char *end = memmem(rest.p, rest.n, "```\n", 4);
        assert_non_null(end);
        const cordon_str block = cdn_str(rest.p, (size_t)(end - rest.p));
        struct cdn_buf b;
        cdn_buf_init(&b, &cdn_alloc_libc, 1 << 20);
        assert_int_equal(laid_out(&cdn_alloc_libc, block, &b), 0);
        if (!cdn_str_eq(cdn_buf_get(&b), block))
            fail_msg("cordon fmt gives\n%.*s", CDN_FMT(cdn_buf_get(&b)));
        cdn_buf_free(&b);
        rest = cdn_str(end, rest.n - block.n);
        count++;
    }
    assert_true(count >= 5);
    free((void *)(uintptr_t)page.p);
}

/* Every shipped file keeps its meaning; those below `folder`. */
static unsigned walk_folder(const char *folder) {
    unsigned count = 0;
    DIR *dir = opendir(folder);
    for (const struct dirent *e; dir && (e = readdir(dir)) != NULL;) { // NOLINT(concurrency-mt-unsafe)
        char path[CDN_PATH];
        const cordon_str name = cdn_str_z(e->d_name);
        size_t n = 0;
        if (e->d_name[0] == '.' ||
            (size_t)snprintf(path, sizeof(path), "%s/%s", folder, e->d_name) >= sizeof(path))
            continue;
        if (!memchr(name.p, '.', name.n)) {
            count += walk_folder(path);
            continue;
        }
        if (!memmem(name.p, name.n, ".measure", 8) && !memmem(name.p, name.n, ".scenario", 9))
            continue;
        uint8_t *text = cdn_read_file(path, &n);
        assert_non_null(text);
        if (!keeps_everything(cdn_str((const char *)text, n)))
            fail_msg("%s does not parse", path);
        free(text);
        count++;
    }
    if (dir)
        (void)closedir(dir);
    return count;
}

static void shipped_rulebooks_keep_their_meaning(void **state) {
    (void)state;
    char path[CDN_PATH];
    cdn_source_path(path, "rulebooks");
    if (walk_folder(path) == 0) {
        print_message("skipped: no rulebooks here yet\n");
        skip();
    }
}

/* Random lines of random words: whatever the splitter accepts is kept by the layout. */
static void soup(struct cdn_rnd *r, struct cdn_buf *b) {
    static const char *const words[] = {"measure",
                                        "scenario",
                                        "operator",
                                        "set",
                                        "title",
                                        "when",
                                        "and",
                                        "or",
                                        "xor",
                                        "not",
                                        "except",
                                        "if",
                                        "on",
                                        "no",
                                        "{",
                                        "}",
                                        "(",
                                        ")",
                                        ",",
                                        "-",
                                        "+",
                                        "<",
                                        ">=",
                                        "%",
                                        "\"x\"",
                                        "\"Ж\"",
                                        "RU",
                                        "UA-43",
                                        "12",
                                        "0.5",
                                        "<a:b>",
                                        "2022-01-01",
                                        "\\\n",
                                        "\n",
                                        "\n ",
                                        "\n    ",
                                        "\n        ",
                                        "\n\n",
                                        "# c\n",
                                        "\n# d\n  ",
                                        "\t",
                                        "\r\n",
                                        "customer.kind",
                                        "\"a long text that brings lines to their end\""};
    const size_t n = 1 + cdn_rnd_below(r, 60);
    cdn_buf_z(b, cdn_rnd_chance(r, 800) ? "measure a\n " : "scenario \"s\"\n ");
    for (size_t i = 0; i < n; i++) {
        cdn_buf_z(b, words[cdn_rnd_below(r, CDN_ARRAY_LEN(words))]);
        if (cdn_rnd_chance(r, 800))
            cdn_buf_char(b, ' ');
    }
}

static void random_soup_keeps_everything(void **state) {
    (void)state;
    struct cdn_rnd r;
    cdn_rnd_init(&r, "soup", 4711);
    size_t good = 0;
    const size_t rounds = cdn_rnd_rounds(20000);
    for (size_t i = 0; i < rounds; i++) {
        struct cdn_buf b;
        cdn_buf_init(&b, &cdn_alloc_libc, 1 << 20);
        soup(&r, &b);
        good += keeps_everything(cdn_buf_get(&b));
        cdn_buf_free(&b);
    }
    assert_true(good * 20 > rounds); /* otherwise the soup tests nothing */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cdn_fault_test(untidy_becomes_tidy),
        cmocka_unit_test(long_lines_are_broken),
        cmocka_unit_test(nothing_for_what_does_not_parse),
        cmocka_unit_test(the_page_is_laid_out),
        cmocka_unit_test(shipped_rulebooks_keep_their_meaning),
        cmocka_unit_test(random_soup_keeps_everything),
    };
    return cdn_run(tests);
}
