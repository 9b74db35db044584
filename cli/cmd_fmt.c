/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_fmt.c: cordon fmt */
#include <string.h>

#include "cli.h"

enum { CHECK };
static const struct option options[] = {
    [CHECK] = {"--check", 0, NULL, "write nothing; name the files that would change"},
};

static int format_one(const char *path, bool check) {
    cordon_error e = {0};
    cordon_buffer text = {0};
    cordon_buffer out = {0};
    cordon_buffer messages = {0};
    if (read_input(path, &text, &e))
        return say_error(NULL, &e);
    int status = EXIT_OK;
    const int err = cordon_rulebook_format(cordon_text(path), (cordon_str){text.p, text.n}, &out, &messages);
    const bool same = !err && out.n == text.n && memcmp(out.p ? out.p : "", text.p ? text.p : "", out.n) == 0;
    if (err) {
        (void)fwrite(messages.p ? messages.p : "", 1, messages.n, stderr);
        if (messages.n == 0)
            (void)fprintf(stderr, "cordon fmt: %s: %s\n", path, cordon_strerror(err));
        status = EXIT_FINDINGS;
    } else if (strcmp(path, "-") == 0) {
        status = write_output(NULL, (cordon_str){out.p, out.n}, &e) ? say_error(NULL, &e) : EXIT_OK;
    } else if (!same && check) {
        (void)printf("%s\n", path);
        status = EXIT_FINDINGS;
    } else if (!same) {
        status = write_output(path, (cordon_str){out.p, out.n}, &e) ? say_error(NULL, &e) : EXIT_OK;
    }
    cordon_buffer_free(&text);
    cordon_buffer_free(&out);
    cordon_buffer_free(&messages);
    return status;
}

static int run(const struct args *a) {
    int worst = EXIT_OK;
    for (size_t i = 0; i < a->word_count; i++) {
        const int status = format_one(a->words[i], a->option[CHECK] != NULL);
        worst = status > worst ? status : worst;
    }
    return worst;
}

const struct command cmd_fmt = {
    .name = "fmt",
    .usage = "FILE… [--check]",
    .brief = "Lay out measure files in the one canonical way; comments are kept.",
    .text = "`-` reads standard input and writes standard output.\n"
            "\nExamples:\n"
            "  cordon fmt rulebooks/operators/*.measure\n"
            "  cordon fmt --check rulebooks/operators/*.measure\n"
            "\nExit status: 0 done; 1 syntax errors, or files that would change; 2 usage; 3 a file cannot be "
            "read or written.\n",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .repeat = -1,
    .least = 1,
    .most = 4096,
    .run = run,
};
