/* SPDX-License-Identifier: Apache-2.0 */
/* eu_priv.h: what the XML and the CSV of the EU list share: one record in, one thing added to the entry at
 * hand. */
#ifndef CDN_LISTS_EU_PRIV_H
#define CDN_LISTS_EU_PRIV_H

#include "lists/priv.h"

struct cdn_eu_name {
    cordon_str whole, first, middle, last, language, title, function, gender, remark;
    bool strong;
};
struct cdn_list_name *cdn_eu_add_name(struct cdn_rd *r, const struct cdn_eu_name *in);
/* "Low quality a.k.a." and its misspellings make a name weak; any other remark is its note. */
void cdn_eu_name_remark(struct cdn_rd *r, struct cdn_list_name *name, cordon_str remark);

struct cdn_eu_birth {
    cordon_str date, day, month, year, from_year, to_year, calendar;
    struct cdn_place_in place;
    bool circa;
};
void cdn_eu_add_birth(struct cdn_rd *r, const struct cdn_eu_birth *in);

struct cdn_eu_ident {
    cordon_str code, description, number, latin, name, issuer, region, country_code, country, remark;
    cordon_str issued, valid_from, valid_to;
    bool diplomatic, expired, known_false, lost, revoked;
};
void cdn_eu_add_ident(struct cdn_rd *r, const struct cdn_eu_ident *in);
/* A code, unless it is 00 or empty; then the name, unless it is UNKNOWN. */
cordon_str cdn_eu_country(cordon_str code, cordon_str name);
void cdn_eu_contact(struct cdn_rd *r, cordon_str key, cordon_str value);
void cdn_eu_finish(struct cdn_rd *r); /* measures; ships told by their IMO number */

#endif
