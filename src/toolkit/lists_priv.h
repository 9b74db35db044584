/* SPDX-License-Identifier: Apache-2.0 */
/* lists_priv.h: what stands behind the handles of cordon/lists.h. */
#ifndef CDN_TOOLKIT_LISTS_PRIV_H
#define CDN_TOOLKIT_LISTS_PRIV_H

#include "cordon/lists.h"

#include "lists/store.h"
#include "toolkit/toolkit_priv.h"

#define CDN_TOOLKIT_LIST_FILES 4 /* of one list: the flat files of OFAC are four */

struct cordon_list {
    const struct cordon_alloc *alloc;
    struct cdn_list list;
    struct cdn_list_report report;
    uint64_t not_understood; /* of a list from a store: counted when its files were read */
};
struct cordon_list_store {
    const struct cordon_alloc *alloc;
    struct cdn_list_store *store;
};

int cdn_toolkit_list_new(const struct cordon_alloc *alloc,
                         struct cordon_list **ret,
                         struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_toolkit_list_rules(const cordon_list_rules *from,
                           struct cdn_list_rules *to,
                           struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_toolkit_list_part(int part, enum cdn_list_part *ret, struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_toolkit_list_file(const cordon_list_file *from,
                          struct cdn_arena *arena,
                          struct cdn_list_file *ret,
                          struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_toolkit_list_changes(const struct cdn_diff_counts *from, cordon_list_changes *to);
void cdn_toolkit_list_reasons(struct cdn_buf *out, const struct cdn_activation *a);

#endif
