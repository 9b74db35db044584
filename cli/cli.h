/* SPDX-License-Identifier: Apache-2.0 */
/* cli.h: the program `cordon`: one table of commands, one parser of options, one way to say things.
 *
 * Exit statuses are part of the interface; `cordon help exit-status` and cordon(1) list them. Everything that
 * a script may read goes to standard output, everything for people to standard error, except where the output
 * itself is for people (explain, info …). Colour only on a terminal, and never with NO_COLOR. */
#ifndef CORDON_CLI_H
#define CORDON_CLI_H

#include <stdbool.h>
#include <stdio.h>

#include <cordon/compile.h>

enum exit_status {
    EXIT_OK = 0,       /* done; for one decided request: allow */
    EXIT_FINDINGS = 1, /* errors in a rulebook, failed scenarios, differences */
    EXIT_USAGE = 2,
    EXIT_INPUT = 3, /* a request, snapshot or file that cannot be used */
    EXIT_LIMIT = 10,
    EXIT_HOLD = 11,
    EXIT_DENY = 12,
    EXIT_FREEZE = 13,
    EXIT_TROUBLE = 70 /* out of memory, a broken invariant */
};

struct option {
    const char *name;  /* "--at" */
    char letter;       /* 'o' for -o, or 0 */
    const char *value; /* "INSTANT": takes a value; NULL: does not */
    const char *help;
};
#define MAX_OPTIONS 32

struct args {
    const char *option[MAX_OPTIONS]; /* by index in the command's table: last value, "" for one without; NULL:
                                        not given */
    const char **many;               /* values of the repeatable option (command.repeat) */
    size_t many_count;
    const char **also; /* values of the other repeatable option (command.also) */
    size_t also_count;
    const char **words; /* what is no option */
    size_t word_count;
};

struct command {
    const char *name, *usage, *brief;
    const char *text; /* description and examples */
    const struct option *options;
    size_t option_count;
    int repeat; /* index of the option that may be given several times, -1 none */
    int also;   /* of another one; 0 none */
    size_t least, most;
    int (*run)(const struct args *a);
    /* A command of several, as `cordon lists update`: the others, whose names begin with this one's. Then
     * there are no options and no `run`. */
    const struct command *const *subs;
    size_t sub_count;
};
extern const struct command cmd_build, cmd_check, cmd_decide, cmd_diff, cmd_explain, cmd_explain_match,
    cmd_export, cmd_fmt, cmd_help, cmd_import, cmd_info, cmd_journal, cmd_lists, cmd_places, cmd_schema,
    cmd_screen, cmd_test, cmd_verify, cmd_version;
extern const struct command *const commands[];
extern const size_t command_count;

/* options.c */
int run_command(const struct command *c, int argc, char **argv);
void command_help(const struct command *c, FILE *out);
/* "update" among the subs of `lists`; NULL: none of that name. */
const struct command *find_sub(const struct command *c, const char *name);

/* say.c */
struct paint {
    const char *bold, *dim, *red, *yellow, *green, *blue, *off;
};
const struct paint *paint_for(FILE *out); /* codes, or empty texts */
const char *verdict_paint(const struct paint *p, cordon_verdict v);
/* "cordon: FILE: message" and the next step; gives the exit status for the error. */
int say_error(const char *what, const cordon_error *e);
void print_json_text(FILE *out, cordon_str s); /* as a JSON text, in quotes */
int usage_error(const char *command, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int progress(void *ctx,
             const char *step,
             uint64_t done,
             uint64_t total); /* cordon_progress_fn, to standard error */
void progress_end(void);
void progress_off(void);
#define STR_FMT(s) (int)(s).n, (s).p

/* files.c */
/* The whole file, or standard input for "-". CORDON_E_IO in *e. free(ret->p). */
int read_input(const char *path, cordon_buffer *ret, cordon_error *e);
/* To the file (new, renamed into place), or standard output for NULL or "-". */
int write_output(const char *path, cordon_str text, cordon_error *e);

/* Opens a snapshot and recomputes its digests: nobody is to be answered under the name of other rules. The
 * caller has the reference. */
int open_verified(const char *path, cordon_snapshot **ret, cordon_error *e);

/* instant.c */
/* --at: *ret and true; exits the command with `status` on a wrong one. Without: the machine's clock. */
int64_t now(void);
int exit_of_verdict(cordon_verdict v);

/* list_options.c: --lists, --list, --known-at and --any-lists of the commands that compile. */
struct list_options {
    cordon_compile_list *lists;
    const char **paths;
    char **texts;
    size_t count;
};
/* 0, or the exit status. `specs`: ID=FILE[,FILE…], with ID@sdn or ID@consolidated for OFAC's. */
int read_list_options(const char *command,
                      const char *folder,
                      const char *known_at,
                      const char *any,
                      const char **specs,
                      size_t count,
                      struct list_options *ret,
                      cordon_compile_options *o);
void free_list_options(struct list_options *l);

/* rulebook.c */
int load_rulebook(const struct args *a, const cordon_compile_options *o, bool json, cordon_rulebook **ret);

#endif
