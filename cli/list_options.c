/* SPDX-License-Identifier: Apache-2.0 */
/* list_options.c: lists of listed parties for the commands that compile: a store, files, or both. */
#include <cordon/lists.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { FILES = 4 };

void free_list_options(struct list_options *l) {
    for (size_t i = 0; l->texts && i < l->count; i++)
        free(l->texts[i]);
    free((void *)l->texts);
    free(l->lists);
    free((void *)l->paths);
    *l = (struct list_options){0};
}

/* ID[@PART]=FILE[,FILE…]; the commas become NULs in a copy, *ret_text. */
static int read_spec(
    const char *command, const char *spec, cordon_compile_list *ret, const char **paths, char **ret_text) {
    const char *equals = strchr(spec, '=');
    if (!equals || equals == spec || equals[1] == '\0')
        return usage_error(command, "--list %s: write ID=FILE, as in us/sdn=sdn.csv", spec);
    const char *at = memchr(spec, '@', (size_t)(equals - spec));
    const size_t id = (size_t)((at ? at : equals) - spec);
    int part = CORDON_LIST_PART_UNSAID;
    if (at) {
        const cordon_str word = {at + 1, (size_t)(equals - at - 1)};
        if (word.n == 3 && memcmp(word.p, "sdn", 3) == 0)
            part = CORDON_LIST_PART_SDN;
        else if (word.n == 12 && memcmp(word.p, "consolidated", 12) == 0)
            part = CORDON_LIST_PART_CONSOLIDATED;
        else
            return usage_error(command, "--list %s: @sdn or @consolidated", spec);
    }
    *ret = (cordon_compile_list){.id = {spec, id}, .paths = paths, .part = part, .retrieved = CORDON_NEVER};
    char *files = strdup(equals + 1);
    if (!files)
        return EXIT_TROUBLE;
    *ret_text = files;
    for (char *p = files; p; ret->path_count++) {
        if (ret->path_count == FILES)
            return usage_error(command, "--list %s: more than %d files", spec, FILES);
        paths[ret->path_count] = p;
        p = strchr(p, ',');
        if (p)
            *p++ = '\0';
    }
    return 0;
}

int read_list_options(const char *command,
                      const char *folder,
                      const char *known_at,
                      const char *any,
                      const char **specs,
                      size_t count,
                      struct list_options *ret,
                      cordon_compile_options *o) {
    *ret = (struct list_options){.lists = calloc(count + 1, sizeof(*ret->lists)),
                                 .paths = calloc((count + 1) * FILES, sizeof(*ret->paths)),
                                 .texts = calloc(count + 1, sizeof(*ret->texts)),
                                 .count = count};
    if (!ret->lists || !ret->paths || !ret->texts)
        return EXIT_TROUBLE;
    for (size_t i = 0; i < count; i++) {
        const int status =
            read_spec(command, specs[i], &ret->lists[i], ret->paths + i * FILES, &ret->texts[i]);
        if (status)
            return status;
    }
    o->lists_folder = folder;
    o->lists = ret->lists;
    o->list_count = count;
    o->flags |= any ? CORDON_BUILD_ANY_LISTS : 0;
    if (!known_at)
        return 0;
    cordon_error e = {0};
    if (!folder)
        return usage_error(command, "--known-at is of --lists");
    if (cordon_time_parse(cordon_text(known_at), &o->lists_known_at, &e))
        return usage_error(command, "--known-at %s: %s", known_at, e.message);
    return 0;
}
