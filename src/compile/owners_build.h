/* SPDX-License-Identifier: Apache-2.0 */
/* owners_build.h: links (lists/links.h) → the section OWNERS (screen/owners.h). Write side.
 *
 * Rows that name the same party are brought together: by an equal entry or identifier; those that give a name
 * only, by the same words and a country that does not contradict, with each other, and with the one party
 * that has identifiers and that name, if it is one. The same rows in the same order give the same bytes. */
#ifndef CDN_COMPILE_OWNERS_BUILD_H
#define CDN_COMPILE_OWNERS_BUILD_H

#include "compile/listed.h"
#include "lists/links.h"
#include "screen/owners.h"

#define CDN_MAX_LINKS 4194304 /* of a file and of all lists together */

struct cdn_owners_build;
/* `tables`: how names are compared; borrowed. All memory is in `arena`. */
int cdn_owners_build_new(struct cdn_arena *arena,
                         const struct cdn_screen_tables *tables,
                         struct cdn_owners_build **ret,
                         struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_owners_build_add(struct cdn_owners_build *b,
                         const struct cdn_link_row *row,
                         struct cordon_error *e) CORDON_MUST_CHECK;
/* The same, from and until before instants. */
int cdn_owners_build_between(struct cdn_owners_build *b,
                             const struct cdn_link_row *row,
                             int64_t since,
                             int64_t until,
                             struct cordon_error *e) CORDON_MUST_CHECK;
/* A party under another name: no link, but the node has it. */
int cdn_owners_build_also(struct cdn_owners_build *b,
                          const struct cdn_link_side *side,
                          struct cordon_error *e) CORDON_MUST_CHECK;
/* All links of a file; *ret_sha256: of the unpacked file. */
int cdn_owners_build_links(struct cdn_owners_build *b,
                           const struct cdn_list_file *file,
                           const struct cordon_alloc *alloc,
                           uint8_t ret_sha256[32],
                           struct cordon_error *e) CORDON_MUST_CHECK;
/* owners_lists.c: what the entries of lists say of who owns whom. Is there anything? And all of it. */
bool cdn_owners_in_lists(const struct cdn_compile_list *lists, size_t count);
int cdn_owners_build_lists(struct cdn_owners_build *b,
                           const struct cdn_compile_list *lists,
                           size_t count,
                           struct cdn_arena *arena,
                           uint32_t *ret_links,
                           struct cordon_error *e) CORDON_MUST_CHECK;
/* Appends the section. `name` and `date` as the header shows them. */
int cdn_owners_build_write(struct cdn_owners_build *b,
                           cordon_str name,
                           cordon_str date,
                           const uint8_t sha256[32],
                           struct cdn_buf *out,
                           struct cordon_error *e) CORDON_MUST_CHECK;
/* A file, read, built and appended. */
int cdn_owners_build_file(const struct cdn_list_file *file,
                          cordon_str name,
                          cordon_str date,
                          const struct cdn_screen_tables *tables,
                          struct cdn_arena *arena,
                          struct cdn_buf *out,
                          struct cordon_error *e) CORDON_MUST_CHECK;

#endif
