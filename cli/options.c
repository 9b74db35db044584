/* SPDX-License-Identifier: Apache-2.0 */
/* options.c: options by table: --name VALUE, --name=VALUE, -o VALUE; `--` ends them; --help is everywhere. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static const char *sub_name(const struct command *c, const struct command *sub) {
    return sub->name + strlen(c->name) + 1;
}

void command_help(const struct command *c, FILE *out) {
    const struct paint *p = paint_for(out);
    (void)fprintf(out, "%sUsage:%s cordon %s %s\n\n%s\n", p->bold, p->off, c->name, c->usage, c->brief);
    if (c->option_count > 0) {
        (void)fprintf(out, "\n%sOptions:%s\n", p->bold, p->off);
        for (size_t i = 0; i < c->option_count; i++) {
            const struct option *o = &c->options[i];
            char head[48];
            (void)snprintf(head,
                           sizeof(head),
                           "%s%s%s%s%s",
                           o->letter ? (char[]){'-', o->letter, ',', ' ', '\0'} : "    ",
                           o->name,
                           o->value ? " " : "",
                           o->value ? o->value : "",
                           "");
            (void)fprintf(out, "  %-26s %s\n", head, o->help);
        }
        (void)fprintf(out, "  %-26s %s\n", "    --help", "this text");
    }
    if (c->sub_count > 0)
        (void)fprintf(out, "\n%sCommands:%s\n", p->bold, p->off);
    for (size_t i = 0; i < c->sub_count; i++)
        (void)fprintf(out, "  %s%-8s%s  %s\n", p->bold, sub_name(c, c->subs[i]), p->off, c->subs[i]->brief);
    if (c->text)
        (void)fprintf(out, "\n%s", c->text);
}

const struct command *find_sub(const struct command *c, const char *name) {
    for (size_t i = 0; i < c->sub_count; i++) {
        if (strcmp(sub_name(c, c->subs[i]), name) == 0)
            return c->subs[i];
    }
    return NULL;
}

static int run_sub(const struct command *c, int argc, char **argv) {
    const struct command *const sub = argc > 0 ? find_sub(c, argv[0]) : NULL;
    if (sub)
        return run_command(sub, argc - 1, argv + 1);
    if (argc == 0) {
        command_help(c, stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0) {
        command_help(c, stdout);
        return EXIT_OK;
    }
    return usage_error(c->name, "no command `%s %s`", c->name, argv[0]);
}

static int find_option(const struct command *c, const char *word, size_t n) {
    for (size_t i = 0; i < c->option_count; i++) {
        const struct option *o = &c->options[i];
        if ((strlen(o->name) == n && strncmp(o->name, word, n) == 0) ||
            (n == 2 && word[0] == '-' && o->letter && word[1] == o->letter))
            return (int)i;
    }
    return -1;
}

/* One option at argv[*at]. 0, or the exit status. */
static int take_option(const struct command *c, int argc, char **argv, int *at, struct args *a) {
    const char *word = argv[*at];
    const char *equals = word[1] == '-' ? strchr(word, '=') : NULL;
    const int i = find_option(c, word, equals ? (size_t)(equals - word) : strlen(word));
    if (i < 0)
        return usage_error(c->name, "no option %s", word);
    const char *value = equals ? equals + 1 : "";
    if (!c->options[i].value && equals)
        return usage_error(c->name, "%s takes no value", c->options[i].name);
    if (c->options[i].value && !equals) {
        if (*at + 1 >= argc)
            return usage_error(c->name, "%s needs %s", c->options[i].name, c->options[i].value);
        value = argv[++*at];
    }
    a->option[i] = value;
    if (i == c->repeat)
        a->many[a->many_count++] = value;
    if (i == c->also && i > 0)
        a->also[a->also_count++] = value;
    return 0;
}

static int parse(const struct command *c, int argc, char **argv, struct args *a) {
    bool options = true;
    for (int at = 0; at < argc; at++) {
        const char *word = argv[at];
        if (options && strcmp(word, "--") == 0) {
            options = false;
        } else if (options && word[0] == '-' && word[1] != '\0') {
            const int status = take_option(c, argc, argv, &at, a);
            if (status)
                return status;
        } else {
            a->words[a->word_count++] = word;
        }
    }
    if (a->word_count < c->least || a->word_count > c->most)
        return usage_error(c->name, a->word_count < c->least ? "too few arguments" : "too many arguments");
    return 0;
}

int run_command(const struct command *c, int argc, char **argv) {
    if (c->sub_count > 0)
        return run_sub(c, argc, argv);
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            command_help(c, stdout);
            return EXIT_OK;
        }
    }
    struct args a = {.many = calloc((size_t)argc + 1, sizeof(*a.many)),
                     .also = calloc((size_t)argc + 1, sizeof(*a.also)),
                     .words = calloc((size_t)argc + 1, sizeof(*a.words))};
    int status = EXIT_TROUBLE;
    if (a.many && a.also && a.words) {
        status = parse(c, argc, argv, &a);
        if (!status)
            status = c->run(&a);
    }
    progress_end();
    free((void *)a.many);
    free((void *)a.also);
    free((void *)a.words);
    return status;
}
