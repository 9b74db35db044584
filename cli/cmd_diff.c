/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_diff.c: cordon diff */
#include "cli.h"

enum { JSON };
static const struct option options[] = {
    [JSON] = {"--json", 0, NULL, "as one JSON object"},
};

static int run(const struct args *a) {
    const struct args old = {.words = a->words, .word_count = 1};
    const struct args new = {.words = a->words + 1, .word_count = 1};
    cordon_compile_options o;
    cordon_compile_options_init(&o);
    cordon_rulebook *before = NULL;
    cordon_rulebook *after = NULL;
    int status = load_rulebook(&old, &o, false, &before);
    if (!status)
        status = load_rulebook(&new, &o, false, &after);
    if (!status) {
        cordon_error e = {0};
        cordon_buffer out = {0};
        uint32_t changes = 0;
        if (cordon_rulebook_diff(before, after, a->option[JSON] != NULL, &out, &changes, &e)) {
            status = say_error("diff", &e);
        } else {
            (void)fwrite(out.p ? out.p : "", 1, out.n, stdout);
            if (a->option[JSON])
                (void)putchar('\n');
            else
                (void)printf("%u change%s\n", changes, changes == 1 ? "" : "s");
            status = changes ? EXIT_FINDINGS : EXIT_OK;
        }
        cordon_buffer_free(&out);
    }
    cordon_rulebook_free(before);
    cordon_rulebook_free(after);
    return status;
}

const struct command cmd_diff = {
    .name = "diff",
    .usage = "OLD NEW [--json]",
    .brief = "What changes from one rulebook to another, and whether a restriction reaches further.",
    .text = "Layout, comments and the order of files are no changes.\n"
            "\nExamples:\n"
            "  cordon diff rulebooks-2022 rulebooks\n"
            "\nExit status: 0 the same; 1 differences, or errors in one of them; 2 usage; 3 a file cannot be "
            "read.\n",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .repeat = -1,
    .least = 2,
    .most = 2,
    .run = run,
};
