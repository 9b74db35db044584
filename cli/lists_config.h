/* SPDX-License-Identifier: Apache-2.0 */
/* lists_config.h: which lists are fetched from where (docs/lists.md, "Configuration"). */
#ifndef CORDON_CLI_LISTS_CONFIG_H
#define CORDON_CLI_LISTS_CONFIG_H

#include "cli.h"
#include <cordon/lists.h>

#define LIST_URLS 4
#define MOST_LISTS 64

struct list_source {
    const char *id;
    const char *urls[LIST_URLS]; /* as written: ${NAME} stands for what the environment holds */
    size_t url_count;
    cordon_list_part part;
    cordon_list_rules rules;
    uint64_t most;       /* bytes of a file */
    long seconds, stall; /* of a file; without a byte */
    unsigned tries, pause;
    const char *off; /* why it is not fetched unless it is named; NULL: it is */
    uint32_t line;
};
struct lists_config {
    cordon_buffer text; /* the words point into it */
    const char *path;
    const char *store;
    struct list_source lists[MOST_LISTS];
    size_t count;
};
/* An exit status. NULL: /etc/cordon/lists.conf if it is there, else the one that is installed with Cordon. */
int lists_config_load(const char *path, struct lists_config *ret);
void lists_config_free(struct lists_config *c);
const struct list_source *lists_config_find(const struct lists_config *c, const char *id);
/* The store that --lists, CORDON_LISTS or the configuration (may be NULL) names, in this order. */
const char *lists_folder(const char *option, const struct lists_config *c);
/* An address with ${NAME} replaced. False: too long, or *ret_missing is not in the environment. */
bool lists_expand(const char *url, char *to, size_t size, char missing[64]);

#endif
