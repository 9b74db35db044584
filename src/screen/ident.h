/* SPDX-License-Identifier: Apache-2.0 */
/* screen/ident.h: identifiers of parties: what equals what, and the index that finds an entry by one. Read
 * side.
 *
 * Two identifiers are equal when kind and normal form are, and their countries do not contradict each other.
 * Normal forms: letters and digits only, letters as capitals; besides
 *   BIC      the first eight letters are the institution: a code of eight, or one that ends in XXX, stands
 * for all branches; two different branches are two identifiers IMO, MMSI, phone   digits only; a phone number
 * without leading 00 or + wallet   as written where case counts (base58); as small letters where it does not
 * (0x…, bech32, cashaddr) e-mail   small letters; website  host in small letters without www., and path Below
 * four signs nothing is equal: too many have it. */
#ifndef CDN_SCREEN_IDENT_H
#define CDN_SCREEN_IDENT_H

#include "base/base.h"
#include "model/listed.h"

enum cdn_party_ident_kind { CDN_LISTED_IDENT_KINDS(CDN_LISTED_ENUM, CDN_PARTY_IDENT_) CDN_PARTY_IDENT_KINDS };
const char *cdn_ident_kind_word(unsigned kind); /* "national-id"; NULL: out of range */
/* The kind that a word means: those of cdn_ident_kind_word() and what people write ("swift", "inn", "vat");
 * OTHER for what nobody knows. */
unsigned cdn_ident_kind_of(cordon_str word);
/* A party has one of the kind for life: another one contradicts. */
bool cdn_ident_single(unsigned kind);

/* Longer values are cut there: no two published ones agree so far and differ after it. */
#define CDN_IDENT_NORMAL 128
/* The normal form; n == 0: nothing to compare. Empty for OTHER, which never decides. */
cordon_str cdn_ident_normal(unsigned kind, cordon_str value, char storage[CDN_IDENT_NORMAL]);
#define CDN_IDENT_LEAST 4 /* signs of a normal form that is compared at all */
#define CDN_IDENT_LONG 8  /* signs that two parties do not share by chance */
/* Of two normal forms of that kind: equal but for the rule of branches; at least CDN_IDENT_LEAST signs. */
bool cdn_ident_equal(unsigned kind, cordon_str a, cordon_str b);
/* May an equal one decide alone? When the kind is given out for the whole world (IMO, BIC, wallet …), when it
 * is long, or when both come from the same country and it is longer than the least: aircraft serial 383 or
 * passport 203037 of nobody knows where are many. A placeholder (000000) and a call sign, which moves from
 * ship to ship, never do. What does not decide lets a person look, if the names resemble each other. */
bool cdn_ident_decides(unsigned kind, cordon_str normal, bool same_country);
/* What equal ones have in common: the key of the index. */
uint32_t cdn_ident_hash(unsigned kind, cordon_str normal);

/* The section IDENTS: struct cdn_ident_header, slots, rows. */
#define CDN_IDENT_MAGIC "CDNIDNT"
#define CDN_IDENT_VERSION 1U
struct cdn_ident_slot { /* open addressing from hash & (slots - 1), linear; count 0: free */
    uint32_t hash, first, count, pad;
};
struct cdn_ident_row {
    uint32_t entry; /* numbered through all sources */
    uint32_t ident; /* which of the entry's */
};
struct cdn_ident_header {
    char magic[8];
    uint32_t version, slots, rows, pad;
};
struct cdn_ident_index {
    const struct cdn_ident_slot *slots;
    const struct cdn_ident_row *rows;
    uint32_t slot_count, row_count;
};
/* Layout only; that rows are right is checked with the entries (parties.c). `bytes` at a multiple of 8.
 * CORDON_E_FORMAT, CORDON_E_VERSION. */
int cdn_ident_index_open(cordon_str bytes,
                         struct cdn_ident_index *ret,
                         struct cordon_error *e) CORDON_MUST_CHECK;
/* Rows under a hash. */
uint32_t cdn_ident_index_find(const struct cdn_ident_index *x,
                              uint32_t hash,
                              const struct cdn_ident_row **ret);

#endif
