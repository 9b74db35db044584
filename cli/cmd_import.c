/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_import.c: cordon import */
#include "cli.h"

enum { OUT };
static const struct option options[] = {
    [OUT] = {"--output", 'o', "FILE", "instead of standard output"},
};

static int run(const struct args *a) {
    cordon_error e = {0};
    cordon_buffer json = {0};
    cordon_buffer out = {0};
    if (read_input(a->words[0], &json, &e))
        return say_error(NULL, &e);
    int err = cordon_rulebook_from_json((cordon_str){json.p, json.n}, &out, &e);
    if (!err)
        err = write_output(a->option[OUT], (cordon_str){out.p, out.n}, &e);
    const int status = err ? say_error(a->words[0], &e) : EXIT_OK;
    cordon_buffer_free(&json);
    cordon_buffer_free(&out);
    return status;
}

const struct command cmd_import = {
    .name = "import",
    .usage = "FILE.json [-o FILE.measure]",
    .brief = "Measure language from what `cordon export` wrote.",
    .text = "`-` reads standard input. Names are checked when the result is compiled or checked.\n"
            "\nExamples:\n"
            "  cordon import rulebook.json -o rulebook.measure && cordon check rulebook.measure\n"
            "\nExit status: 0 done; 2 usage; 3 not the JSON form of a rulebook, or a file cannot be read or "
            "written.\n",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .repeat = -1,
    .least = 1,
    .most = 1,
    .run = run,
};
