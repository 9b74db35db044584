/* SPDX-License-Identifier: Apache-2.0 */
/* lists/links.h: who owns whom, from a file of your own: CSV with a row for each link, or JSON Lines with an
 * object for each.
 *
 *     owner,owner_country,owner_ids,owned,owned_country,owned_ids,percent,kind,since,until,source,disputed
 *
 * `owner` and `owned` are names; either side has a name or an identifier, or both. `…_ids` are separated by
 * `|`: `kind:country:number` as in in-house lists (`lei::5299…`, `registration:RU:1027700132195`), or
 * `entry:LIST:ID` for an entry of a list (`entry:us/sdn:17068`; the last `:` separates). `percent` is a
 * number of 0 to 100 with at most two decimals, a range (`25-50`), or empty: not known. `kind` is `direct`,
 * `indirect`, `control`, `either` (shares or control, not said which), or empty. `since` and `until` are
 * dates. `disputed` is empty, `no` or `yes`. Columns may be absent or in another order; the file may be
 * packed. JSON: the same members, identifiers as arrays of texts, `disputed` true or false, all others texts.
 * docs/lists.md. */
#ifndef CDN_LISTS_LINKS_H
#define CDN_LISTS_LINKS_H

#include "lists/read.h"

#define CDN_MAX_LINK_IDS 32 /* of one side of a link */

struct cdn_link_id {
    bool is_entry;    /* of a list: `list` and `value` */
    uint8_t kind;     /* enum cdn_ident_kind, else */
    uint16_t country; /* packed; 0: none */
    cordon_str list, value;
};
struct cdn_link_side {
    cordon_str name;
    uint16_t country;
    struct cdn_link_id ids[CDN_MAX_LINK_IDS];
    uint32_t id_count;
};
enum cdn_link_kind {
    CDN_LINKED_UNSTATED,
    CDN_LINKED_DIRECT,
    CDN_LINKED_INDIRECT,
    CDN_LINKED_CONTROL,
    CDN_LINKED_EITHER, /* by shares or by other means, not said which */
};
struct cdn_link_row {
    struct cdn_link_side owner, owned;
    uint16_t from, to; /* hundredths of a percent */
    bool known, disputed;
    uint8_t kind; /* enum cdn_link_kind */
    struct cdn_dates since, until;
    cordon_str source;
    uint32_t line;
};
/* Called once for each link, whose texts are valid until it returns. Not 0: reading ends with that code. */
struct cdn_link_sink {
    int (*link)(void *ctx, const struct cdn_link_row *row, struct cordon_error *e);
    void *ctx;
};
struct cdn_links_info {
    uint64_t count, bytes; /* links; unpacked */
    uint8_t sha256[32];    /* of the unpacked file */
};
/* Strict: an unknown column, member or word, a share above 100, a link of a party to itself are errors, with
 * their line, and in JSON with the member. CORDON_E_IO, CORDON_E_FORMAT, CORDON_E_SYNTAX, CORDON_E_NAME,
 * CORDON_E_RANGE, CORDON_E_LIMIT, CORDON_E_NOMEM. */
int cdn_links_read(const struct cdn_list_file *file,
                   const struct cordon_alloc *alloc,
                   const struct cdn_link_sink *sink,
                   struct cdn_links_info *ret,
                   struct cordon_error *e) CORDON_MUST_CHECK;

#endif
