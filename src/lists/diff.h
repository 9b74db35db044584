/* SPDX-License-Identifier: Apache-2.0 */
/* lists/diff.h: what changed between two lists, entry by entry and field by field. */
#ifndef CDN_LISTS_DIFF_H
#define CDN_LISTS_DIFF_H

#include "lists/model.h"

enum cdn_diff_kind { CDN_DIFF_ADDED, CDN_DIFF_REMOVED, CDN_DIFF_CHANGED };

/* One entry that differs. Of a changed one `before` and `after` are both there. */
struct cdn_diff_item {
    enum cdn_diff_kind kind;
    const struct cdn_list_entry *before, *after;
};
/* One field of a changed entry. Of an array: one item that came (`before` empty) or went (`after` empty),
 * whatever its place in the array; of anything else, the value before and after. Values are canonical JSON.
 */
struct cdn_diff_field {
    const char *field;
    cordon_str before, after;
};
struct cdn_diff_counts {
    size_t added, removed, changed, same;
};

/* Walks both lists (finished, so sorted) once and calls `each` for every entry that differs, in the order of
 * ids. A result other than 0 of `each` ends it. `each` may be NULL. */
int cdn_lists_diff(const struct cdn_list *old,
                   const struct cdn_list *now,
                   int (*each)(void *ctx, const struct cdn_diff_item *item),
                   void *ctx,
                   struct cdn_diff_counts *ret) CORDON_MUST_CHECK;
/* The fields of a changed entry. CORDON_E_NOMEM, CORDON_E_LIMIT. Values live until `each` returns. */
int cdn_lists_diff_fields(const struct cordon_alloc *alloc,
                          const struct cdn_diff_item *item,
                          int (*each)(void *ctx, const struct cdn_diff_field *field),
                          void *ctx) CORDON_MUST_CHECK;

/* The whole difference: for people, or as one JSON object
 * {"added":[ENTRY…],"changed":[{"fields":[{"after":…,"before":…,"field":…}],"id":…}…],"removed":[ENTRY…]}. */
int cdn_lists_diff_words(struct cdn_buf *out,
                         const struct cordon_alloc *alloc,
                         const struct cdn_list *old,
                         const struct cdn_list *now) CORDON_MUST_CHECK;
int cdn_lists_diff_json(struct cdn_buf *out,
                        const struct cordon_alloc *alloc,
                        const struct cdn_list *old,
                        const struct cdn_list *now) CORDON_MUST_CHECK;

/* Carries on when each entry was first seen: as in `old` (also when that is not known), or `day` (of the new
 * list) where it is new. */
void cdn_lists_carry(const struct cdn_list *old, struct cdn_list *now, struct cdn_dates day);
/* The primary name, else the first; for people. */
cordon_str cdn_list_entry_title(const struct cdn_list_entry *entry);

#endif
