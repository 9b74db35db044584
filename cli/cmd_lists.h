/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_lists.h: what the commands `cordon lists …` share. */
#ifndef CORDON_CLI_CMD_LISTS_H
#define CORDON_CLI_CMD_LISTS_H

#include "cli.h"
#include <cordon/lists.h>

extern const struct command cmd_lists_update, cmd_lists_take, cmd_lists_show, cmd_lists_diff, cmd_lists_check;

/* What came of a list that was offered. */
struct list_news {
    const char *id;
    const cordon_list_taken *taken;
    const char *reason; /* when nothing came to be judged */
    bool skipped;
};
/* To standard output; that a list was refused or could not be fetched also to standard error, loudly. */
void lists_say_news(const struct list_news *news, const cordon_list_store *store, bool json);
/* "14,965" */
const char *grouped(uint64_t n, char to[32]);
int part_of_text(const char *command, const char *text, cordon_list_part *ret);

#endif
