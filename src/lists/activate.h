/* SPDX-License-Identifier: Apache-2.0 */
/* lists/activate.h: may this list replace the one in use?
 *
 * A list that is cut short says "not listed" of whoever is missing, so a list is taken only when nothing
 * speaks against its being whole. Otherwise the last good one stays, and the reasons are for people to read,
 * loudly. */
#ifndef CDN_LISTS_ACTIVATE_H
#define CDN_LISTS_ACTIVATE_H

#include "lists/read.h"

struct cdn_list_rules {
    uint32_t shrink_permille;   /* of the entries of the last good list that may be missing; default 50 */
    uint32_t nameless_permille; /* of the entries without any name; default 0 */
    bool stale_allowed; /* take a list that is known to be retired (to repeat decisions of its time) */
    bool older_allowed; /* take a list with an earlier date than the last good one */
    uint64_t least;     /* entries that the list must have; default 1 */
};
void cdn_list_rules_init(struct cdn_list_rules *rules);

#define CDN_ACTIVATION_REASONS 12
struct cdn_activation {
    bool accepted; /* no reason against it */
    uint32_t count;
    char reasons[CDN_ACTIVATION_REASONS][CORDON_ERROR_TEXT]; /* one sentence each */
};
/* What reading gave: `info`, or NULL with the error that it ended with. `last` is the list in use; NULL:
 * none. `report` may be NULL. Never fails. */
void cdn_lists_judge(const struct cdn_list_rules *rules,
                     const struct cdn_list_info *info,
                     const struct cordon_error *error,
                     const struct cdn_list_report *report,
                     const struct cdn_list_info *last,
                     struct cdn_activation *ret);
void cdn_activation_write(struct cdn_buf *out, const struct cdn_activation *a); /* a line for each reason */

#endif
