/* SPDX-License-Identifier: Apache-2.0 */
/* ofac_priv.h: the vocabulary that the four OFAC formats share: words for documents, features, relations,
 * measures. */
#ifndef CDN_LISTS_OFAC_PRIV_H
#define CDN_LISTS_OFAC_PRIV_H

#include "lists/priv.h"

/* One document, feature or item of the remarks: OFAC's word for it, and what stands beside it. */
struct cdn_ofac_item {
    cordon_str type, value, country, note;
    cordon_str issued, expires;
    bool document; /* of unknown type: keep as identifier, not as remark */
    bool invalid;
};
bool cdn_ofac_known(cordon_str type); /* whether that is a word for a document or feature */
void cdn_ofac_item(struct cdn_rd *r, const struct cdn_ofac_item *item);
/* "CITY", "ADDRESS1", "STATE/PROVINCE" …: into the place, lines joined into `text`. `value` must outlive
 * `in`. */
void cdn_ofac_address_part(
    struct cdn_rd *r, struct cdn_place_in *in, struct cdn_buf *text, cordon_str type, cordon_str value);
/* The whole remarks field of the flat files; also of the XML, where fewer items are in it. */
void cdn_ofac_remarks(struct cdn_rd *r, cordon_str remarks);
enum cdn_entry_type cdn_ofac_type(struct cdn_rd *r,
                                  cordon_str word); /* "individual", "Vessel" …; empty: company */
enum cdn_list_relation_kind cdn_ofac_relation(struct cdn_rd *r, cordon_str word);
enum cdn_measure_kind cdn_ofac_measure(struct cdn_rd *r, cordon_str word); /* "Block", "Reject" … */
/* Where the format does not state measures: by the list's id, else by programme and directive. */
void cdn_ofac_default_measures(struct cdn_rd *r);
enum cdn_name_kind cdn_ofac_alias(struct cdn_rd *r, cordon_str word, bool low); /* "aka", "F.K.A.", … */

#endif
