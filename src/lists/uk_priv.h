/* SPDX-License-Identifier: Apache-2.0 */
/* uk_priv.h: what the UK Sanctions List (XML and CSV) and OFSI's old list share. */
#ifndef CDN_LISTS_UK_PRIV_H
#define CDN_LISTS_UK_PRIV_H

#include "lists/priv.h"

/* Name 1 … Name 5 are given names, Name 6 is the family name, or the whole name of an entity or ship. */
struct cdn_uk_name {
    cordon_str names[6];
    cordon_str type, strength;
};
void cdn_uk_add_name(struct cdn_rd *r, const struct cdn_uk_name *in);
void cdn_uk_non_latin(struct cdn_rd *r, cordon_str name, cordon_str language);
void cdn_uk_type(struct cdn_rd *r, cordon_str word);
void cdn_uk_measures(struct cdn_rd *r, cordon_str joined); /* "Asset freeze|Travel Ban" */
/* "AssetFreeze" of the indicators, where the text does not say the same. */
void cdn_uk_indicator(struct cdn_rd *r, cordon_str name);
struct cdn_uk_address {
    cordon_str lines[6];
    cordon_str postal_code, country;
};
void cdn_uk_add_address(struct cdn_rd *r, const struct cdn_uk_address *in);
/* A value under its label: "Phone number", "IMO number", "Parent company" … Unknown labels become notes. */
void cdn_uk_item(struct cdn_rd *r, cordon_str label, cordon_str value);
void cdn_uk_number(
    struct cdn_rd *r, enum cdn_ident_kind kind, cordon_str type, cordon_str number, cordon_str note);
/* "(1) a (2) b" or "a|b": one after the other; the whole when it is one only. Advances `rest`. */
cordon_str cdn_uk_next(cordon_str *rest);

#endif
