/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_journal.h: what the commands of `cordon journal` share. */
#ifndef CORDON_CMD_JOURNAL_H
#define CORDON_CMD_JOURNAL_H

#include <cordon/journal.h>

#include "cli.h"

extern const struct command cmd_journal_verify, cmd_journal_prove, cmd_journal_search, cmd_journal_export,
    cmd_journal_replay, cmd_journal_backup, cmd_journal_restore, cmd_journal_erase, cmd_journal_rotate;

/* A whole number without sign. False: it is none. */
bool read_number(const char *text, uint64_t *ret);
/* --since, --until: an instant or a day (its beginning in UTC). 0, or the exit status. */
int read_instant(const char *command, const char *option, const char *text, int64_t *ret);
/* A JSON text, quoted and escaped, to standard output. */

#endif
