/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_export.c: cordon export */
#include "cli.h"

enum { JSON, OUT };
static const struct option options[] = {
    [JSON] = {"--json", 0, NULL, "the only form so far, and the default"},
    [OUT] = {"--output", 'o', "FILE", "instead of standard output"},
};

static int run(const struct args *a) {
    cordon_compile_options o;
    cordon_compile_options_init(&o);
    cordon_rulebook *rb = NULL;
    int status = load_rulebook(a, &o, false, &rb);
    if (status)
        return status;
    cordon_error e = {0};
    cordon_buffer out = {0};
    int err = cordon_rulebook_to_json(rb, &out, &e);
    if (!err)
        err = write_output(a->option[OUT], (cordon_str){out.p, out.n}, &e);
    if (err)
        status = say_error("export", &e);
    else if (!a->option[OUT])
        (void)putchar('\n');
    cordon_buffer_free(&out);
    cordon_rulebook_free(rb);
    return status;
}

const struct command cmd_export = {
    .name = "export",
    .usage = "RULEBOOK… [-o FILE]",
    .brief = "The rulebook as canonical JSON, for machines; `cordon import` turns it back.",
    .text = "Examples:\n"
            "  cordon export rulebooks -o rulebook.json\n"
            "\nExit status: 0 done; 1 errors in the rulebook; 2 usage; 3 a file cannot be read or written.\n",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .repeat = -1,
    .least = 1,
    .most = 4096,
    .run = run,
};
