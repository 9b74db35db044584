/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_check.c: cordon check */
#include "cli.h"

enum { STRICT, JSON, ZONEINFO };
static const struct option options[] = {
    [STRICT] = {"--strict", 0, NULL, "warnings count as errors"},
    [JSON] = {"--json", 0, NULL, "messages as JSON Lines"},
    [ZONEINFO] = {"--zoneinfo", 0, "DIR", "time-zone database (default /usr/share/zoneinfo)"},
};

static int run(const struct args *a) {
    cordon_compile_options o;
    cordon_compile_options_init(&o);
    o.zoneinfo = a->option[ZONEINFO];
    const bool json = a->option[JSON] != NULL;
    cordon_rulebook *rb = NULL;
    int status = load_rulebook(a, &o, json, &rb);
    if (status)
        return status;
    cordon_error e = {0};
    cordon_buffer out = {0};
    int err = cordon_rulebook_check(rb, &e);
    if (!err)
        err = json ? cordon_rulebook_messages_to_json(rb, &out)
                   : cordon_rulebook_messages_to_text(rb, paint_for(stdout)->bold[0] != '\0', &out);
    const uint32_t warnings = cordon_rulebook_message_count(rb, 2);
    cordon_rulebook_stats n;
    cordon_rulebook_count(rb, &n);
    if (err) {
        e.code = err;
        status = say_error("check", &e);
    } else {
        (void)fwrite(out.p ? out.p : "", 1, out.n, stdout);
        if (!json)
            (void)printf(
                "%u files, %u measures, %u licences, %u statutes, %u protections: no errors, %u warning%s\n",
                n.files,
                n.measures,
                n.licences,
                n.statutes,
                n.protections,
                warnings,
                warnings == 1 ? "" : "s");
        status = a->option[STRICT] && warnings > 0 ? EXIT_FINDINGS : EXIT_OK;
    }
    cordon_buffer_free(&out);
    cordon_rulebook_free(rb);
    return status;
}

const struct command cmd_check = {
    .name = "check",
    .usage = "RULEBOOK… [--strict] [--json]",
    .brief = "Report all errors and lints of rulebooks: file, line, column, what was expected.",
    .text = "Examples:\n"
            "  cordon check rulebooks\n"
            "  cordon check --strict --json rulebooks/operators/amazon.measure\n"
            "\nExit status: 0 no errors; 1 errors, or warnings with --strict; 2 usage; 3 a file cannot be "
            "read.\n",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .repeat = -1,
    .least = 1,
    .most = 4096,
    .run = run,
};
