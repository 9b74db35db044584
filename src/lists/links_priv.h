/* SPDX-License-Identifier: Apache-2.0 */
/* links_priv.h: what both forms of a file of links share: the members of a link as texts. */
#ifndef CDN_LISTS_LINKS_PRIV_H
#define CDN_LISTS_LINKS_PRIV_H

#include "lists/links.h"
#include "lists/priv.h"

enum cdn_link_member {
    CDN_LINK_M_OWNER,
    CDN_LINK_M_OWNER_COUNTRY,
    CDN_LINK_M_OWNER_IDS,
    CDN_LINK_M_OWNED,
    CDN_LINK_M_OWNED_COUNTRY,
    CDN_LINK_M_OWNED_IDS,
    CDN_LINK_M_PERCENT,
    CDN_LINK_M_KIND,
    CDN_LINK_M_SINCE,
    CDN_LINK_M_UNTIL,
    CDN_LINK_M_SOURCE,
    CDN_LINK_M_DISPUTED,
    CDN_LINK_MEMBERS
};
extern const char *const cdn_link_member_names[CDN_LINK_MEMBERS];

/* One link as it is written; borrowed. */
struct cdn_link_text {
    cordon_str member[CDN_LINK_MEMBERS]; /* CSV: also the identifiers, separated by `|` */
    const cordon_str *ids[2];            /* JSON: of the owner, of the owned */
    uint32_t id_count[2];
    bool json; /* errors tell the member */
};

/* Checks and hands on one link; `row` is scratch. */
struct cdn_link_reading {
    struct cdn_rd *r;
    const struct cdn_link_sink *sink;
    struct cdn_links_info *info;
    struct cdn_link_row *row;
};
void cdn_link_take(struct cdn_link_reading *l, const struct cdn_link_text *text);

void cdn_links_read_json(struct cdn_link_reading *l, struct cdn_list_source *s); /* links_json.c */

#endif
