/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_small.c: cordon schema, cordon version, cordon help */
#include <string.h>

#include "cli.h"

static int run_schema(const struct args *a) {
    cordon_buffer out = {0};
    const int err = cordon_schema_to_json(cordon_text(a->words[0]), &out);
    if (err == CORDON_E_NOTFOUND)
        return usage_error(
            "schema", "there is a schema of `request` and of `decision`, not of `%s`", a->words[0]);
    if (err)
        return EXIT_TROUBLE;
    (void)fwrite(out.p, 1, out.n, stdout);
    cordon_buffer_free(&out);
    return EXIT_OK;
}

const struct command cmd_schema = {
    .name = "schema",
    .usage = "request|decision",
    .brief = "Print the JSON Schema (2020-12) of requests or of decisions.",
    .text = "Examples:\n  cordon schema request > request.schema.json\n",
    .repeat = -1,
    .least = 1,
    .most = 1,
    .run = run_schema,
};

enum { JSON };
static const struct option version_options[] = {
    [JSON] = {"--json", 0, NULL, "as a JSON object"},
};

static int run_version(const struct args *a) {
    (void)printf(a->option[JSON] ? "{\"version\":\"%s\"}\n" : "cordon %s\n", cordon_version());
    return EXIT_OK;
}

const struct command cmd_version = {
    .name = "version",
    .usage = "[--json]",
    .brief = "Print the version.",
    .options = version_options,
    .option_count = 1,
    .repeat = -1,
    .run = run_version,
};

static const char exit_status_text[] =
    "Exit status of every command\n"
    "   0  done; of `decide` and `explain` with one request: allow\n"
    "   1  findings: errors in a rulebook, failed scenarios, differences, a list\n"
    "      that was refused, a party that may be listed\n"
    "   2  the command line is wrong\n"
    "   3  a request, snapshot or file cannot be used\n"
    "  10  limit     11  hold     12  deny     13  freeze\n"
    "  70  out of memory, or a fault of Cordon: no decision was reached\n";

static int run_help(const struct args *a) {
    if (a->word_count > 0 && strcmp(a->words[0], "exit-status") == 0) {
        (void)fputs(exit_status_text, stdout);
        return EXIT_OK;
    }
    for (size_t i = 0; a->word_count > 0 && i < command_count; i++) {
        if (strcmp(commands[i]->name, a->words[0]) == 0) {
            const struct command *sub = a->word_count > 1 ? find_sub(commands[i], a->words[1]) : NULL;
            if (a->word_count > 1 && !sub)
                return usage_error("help", "no command `%s %s`", a->words[0], a->words[1]);
            command_help(sub ? sub : commands[i], stdout);
            return EXIT_OK;
        }
    }
    if (a->word_count > 0)
        return usage_error("help", "no command `%s`", a->words[0]);
    const struct paint *p = paint_for(stdout);
    (void)printf("%scordon%s: measures in, decisions out, proof kept\n\n%sUsage:%s cordon COMMAND …\n\n",
                 p->bold,
                 p->off,
                 p->bold,
                 p->off);
    for (size_t i = 0; i < command_count; i++)
        (void)printf("  %s%-13s%s  %s\n", p->bold, commands[i]->name, p->off, commands[i]->brief);
    (void)printf("\n`cordon COMMAND --help` shows options and examples; `cordon help exit-status` the exit "
                 "statuses.\n");
    return EXIT_OK;
}

const struct command cmd_help = {
    .name = "help",
    .usage = "[COMMAND | exit-status]",
    .brief = "Show the commands, or how one is used.",
    .repeat = -1,
    .most = 2,
    .run = run_help,
};
