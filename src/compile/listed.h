/* SPDX-License-Identifier: Apache-2.0 */
/* compile/listed.h: lists of the canonical model → the sections of listed parties (screen/parties.h). Write
 * side.
 *
 *  1. the same lists give the same bytes;
 *  2. the section of a list depends on that list alone;
 *  3. every name and every identifier of an entry is in the indexes, or the compilation fails. */
#ifndef CDN_COMPILE_LISTED_H
#define CDN_COMPILE_LISTED_H

#include "lists/read.h"
#include "screen/parties.h"

struct cdn_compile_list {
    cordon_str id;               /* "us/sdn" */
    const struct cdn_list *list; /* finished; with those that have left it, where they are known */
    int64_t retrieved;           /* CDN_TIME_MIN: not known */
    uint8_t part;                /* enum cdn_list_part: which of OFAC's */
};
struct cdn_compile_parties {
    cordon_str lists, tables, names, idents;
    cordon_str *sources; /* by id */
    uint32_t source_count;
};

/* The section LISTED of one list. CORDON_E_FORMAT: a text that is not UTF-8. CORDON_E_NOMEM, CORDON_E_LIMIT.
 */
int cdn_compile_listed(const struct cdn_compile_list *in,
                       struct cdn_buf *out,
                       struct cordon_error *e) CORDON_MUST_CHECK;
/* On the list from an instant (CDN_TIME_MIN: since ever) until before another (CDN_TIME_MAX: still). */
void cdn_compile_entry_times(const struct cdn_list_entry *in, int64_t *ret_from, int64_t *ret_until);
/* All of them. In any order; all memory is in the arena. CORDON_E_CONFLICT: two lists of one id. */
int cdn_compile_all_listed(const struct cdn_compile_list *lists,
                           size_t count,
                           struct cdn_arena *arena,
                           struct cdn_compile_parties *ret,
                           struct cordon_error *e) CORDON_MUST_CHECK;

/* ---- listed_map.c: which lists a file serves ----------------------------------------------------------- */

#define CDN_LIST_RULES 128 /* more than list_map.def has */
struct cdn_list_map {
    struct cdn_list_served {
        cordon_str id;
        uint32_t rank;        /* of several files that serve it, the least one is taken */
        bool all;             /* everybody in the file */
    } served[CDN_LIST_RULES]; /* by id */
    uint32_t count;
    unsigned origin;
};
void cdn_list_map_make(const struct cdn_compile_list *in, struct cdn_list_map *ret);
bool cdn_list_map_has(const struct cdn_list_map *map, uint32_t served, const struct cdn_list_entry *entry);

#endif
