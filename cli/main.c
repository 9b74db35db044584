/* SPDX-License-Identifier: Apache-2.0 */
/* main.c: finds the command and runs it. */
#include <string.h>

#include "cli.h"

const struct command *const commands[] = {
    &cmd_build,   &cmd_check,   &cmd_fmt,    &cmd_diff,    &cmd_export, &cmd_import, &cmd_test,
    &cmd_decide,  &cmd_explain, &cmd_info,   &cmd_verify,  &cmd_lists,  &cmd_screen, &cmd_explain_match,
    &cmd_journal, &cmd_places,  &cmd_schema, &cmd_version, &cmd_help,
};
const size_t command_count = sizeof(commands) / sizeof(commands[0]);

static const struct command *find(const char *name) {
    for (size_t i = 0; i < command_count; i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    }
    return NULL;
}

/* How many letters differ at the same places, and in length: enough to guess among fifteen words. */
static size_t unlike(const char *a, const char *b) {
    size_t n = 0;
    for (; *a && *b; a++, b++)
        n += *a != *b;
    return n + strlen(a) + strlen(b);
}

static const char *nearest(const char *name) {
    const char *best = NULL;
    size_t least = 3;
    for (size_t i = 0; i < command_count; i++) {
        const size_t n = unlike(name, commands[i]->name);
        if (n < least) {
            least = n;
            best = commands[i]->name;
        }
    }
    return best;
}

int main(int argc, char **argv) {
    const char *name = argc > 1 ? argv[1] : NULL;
    if (!name || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    if (strcmp(name, "--version") == 0)
        name = "version";
    const struct command *c = find(name);
    if (!c) {
        const char *near = nearest(name);
        (void)fprintf(stderr,
                      "cordon: no command `%s`%s%s%s; `cordon help` lists them\n",
                      name,
                      near ? "; did you mean `" : "",
                      near ? near : "",
                      near ? "`?" : "");
        return EXIT_USAGE;
    }
    int status = run_command(c, argc > 2 ? argc - 2 : 0, argv + 2);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        (void)fprintf(stderr, "cordon: standard output could not be written\n");
        status = status == EXIT_OK ? EXIT_INPUT : status;
    }
    return status;
}
