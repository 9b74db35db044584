/* SPDX-License-Identifier: Apache-2.0 */
/* screen/owners.h: who owns whom: a relations file, and what entries of lists say, as the section
 * OWNERS of a snapshot. Read side.
 *
 * A *node* is a party that the file names, as owner, owned or both: with names, identifiers, and entries of
 * lists that it is. A *link* says that one node holds a share of another, or controls it, from and until when
 * and according to whom. Links are what somebody says: they may be disputed, lack their percentage,
 * contradict each other or run in circles. What follows from them is for whoever decides (decide/owned.c).
 *
 * The section, little-endian, every table at a multiple of 8: struct cdn_owners_header, tables in the order
 * of CDN_OWNERS_TABLES, text pool (begins with one zero byte; the empty text is 0, 0). Made by
 * compile/owners_build.c.
 *
 * Always true of what cdn_owners_open returned:
 *  1. every index, run and text is inside its table; texts are UTF-8; enumerations are within theirs;
 *  2. links of a node (as owned) are a run, ordered by owner, since, until; a link's shares are 0 … 10000 and
 *     from <= to; runs of nodes follow each other without gaps;
 *  3. hash tables have a free slot and every row of idents, entries and keys is found through them. */
#ifndef CDN_SCREEN_OWNERS_H
#define CDN_SCREEN_OWNERS_H

#include "base/num.h"
#include "screen/ident.h"
#include "screen/name.h"

#define CDN_OWNERS_MAGIC "CDNOWNR"
#define CDN_OWNERS_VERSION 1U
#define CDN_OWNERS_NONE UINT32_MAX
#define CDN_OWNERS_KEY 512 /* bytes of a name as it is compared; longer ones are cut alike on both sides */

struct cdn_otext { /* text of the pool */
    uint32_t at, n;
};
struct cdn_orun { /* rows of another table; empty: 0, 0 */
    uint32_t first, count;
};
struct cdn_owner_node {
    struct cdn_orun names, idents, entries;
    struct cdn_orun links; /* those that tell of its owners */
    uint16_t country;      /* packed; 0: not known */
    uint8_t pad[6];
};
struct cdn_owner_name {
    struct cdn_otext full, key; /* key: cdn_owners_key() */
    uint32_t node, pad;
};
struct cdn_owner_ident {
    struct cdn_otext normal; /* screen/ident.h */
    uint32_t node;
    uint16_t country; /* packed; 0: not known */
    uint8_t kind;     /* enum cdn_party_ident_kind */
    uint8_t pad;
};
struct cdn_owner_entry { /* the node is this entry of a list */
    struct cdn_otext list, id;
    uint32_t node, pad;
};
enum cdn_owner_link_kind {
    CDN_OWNER_UNSTATED,
    CDN_OWNER_DIRECT,
    CDN_OWNER_INDIRECT, /* through others, who may be in the file, too */
    CDN_OWNER_CONTROL,  /* by other means than shares */
    CDN_OWNER_EITHER,   /* by shares or by other means, not said which */
    CDN_OWNER_KINDS
};
struct cdn_owner_link {
    uint32_t owner, owned;
    uint16_t from, to; /* hundredths of a percent, both included; with `known` */
    uint8_t known, kind, disputed, pad;
    int64_t since, until; /* instants; CDN_TIME_MIN, _MAX: not stated */
    struct cdn_otext source;
};
struct cdn_owner_slot { /* open addressing from hash & (slots - 1), linear; row NONE: free */
    uint32_t hash, row;
};

/* TABLE(field, record type) */
#define CDN_OWNERS_TABLES(TABLE)                                                                             \
    TABLE(nodes, struct cdn_owner_node)                                                                      \
    TABLE(links, struct cdn_owner_link)                                                                      \
    TABLE(names, struct cdn_owner_name)                                                                      \
    TABLE(idents, struct cdn_owner_ident)                                                                    \
    TABLE(entries, struct cdn_owner_entry)                                                                   \
    TABLE(name_slots, struct cdn_owner_slot)                                                                 \
    TABLE(ident_slots, struct cdn_owner_slot)                                                                \
    TABLE(entry_slots, struct cdn_owner_slot)
enum cdn_owners_table {
#define TABLE(field, type) CDN_OT_##field,
    CDN_OWNERS_TABLES(TABLE)
#undef TABLE
        CDN_OWNERS_TABLE_COUNT
};
struct cdn_owners_header {
    char magic[8];
    uint32_t version, table_count;
    struct cdn_otext name, date; /* of the file; date "2026-03-01", may be empty */
    uint8_t sha256[32];          /* of the unpacked file; without one: of the digests of the lists */
    struct {
        uint32_t offset, count; /* bytes from the start of the section; rows */
    } tables[CDN_OWNERS_TABLE_COUNT];
    uint32_t pool, pool_bytes;
};
_Static_assert(sizeof(struct cdn_owner_node) == 40, "on-disk size");
_Static_assert(sizeof(struct cdn_owner_name) == 24, "on-disk size");
_Static_assert(sizeof(struct cdn_owner_ident) == 16, "on-disk size");
_Static_assert(sizeof(struct cdn_owner_entry) == 24, "on-disk size");
_Static_assert(sizeof(struct cdn_owner_link) == 40, "on-disk size");
_Static_assert(sizeof(struct cdn_owners_header) == 16 + 16 + 32 + 8 * CDN_OWNERS_TABLE_COUNT + 8,
               "on-disk size");

struct cdn_owners {
    const struct cdn_owners_header *header;
#define TABLE(field, type) const type *field;
    CDN_OWNERS_TABLES(TABLE)
#undef TABLE
    uint32_t count[CDN_OWNERS_TABLE_COUNT];
    cordon_str pool;
};
/* `bytes` must lie at a multiple of 8 and outlive the view. CORDON_E_FORMAT, CORDON_E_VERSION, CORDON_E_ARG.
 */
int cdn_owners_open(cordon_str bytes, struct cdn_owners *ret, struct cordon_error *e) CORDON_MUST_CHECK;

static inline cordon_str cdn_owner_text(const struct cdn_owners *o, struct cdn_otext t) {
    return (cordon_str){o->pool.p + t.at, t.n};
}
/* The first name of a node, else its first entry or identifier. */
cordon_str cdn_owners_title(const struct cdn_owners *o, uint32_t node);

/* Look-ups call `each` with the nodes that fit, in their order, until it returns false. */
typedef bool (*cdn_owners_each)(void *ctx, uint32_t node);
/* Same kind and normal form, countries that do not contradict. */
void cdn_owners_by_ident(const struct cdn_owners *o,
                         unsigned kind,
                         uint16_t country,
                         cordon_str value,
                         cdn_owners_each each,
                         void *ctx);
/* The same words in any order; `key` is cdn_owners_key(). */
void cdn_owners_by_name(const struct cdn_owners *o, cordon_str key, cdn_owners_each each, void *ctx);
void cdn_owners_by_entry(
    const struct cdn_owners *o, cordon_str list, cordon_str id, cdn_owners_each each, void *ctx);

/* A name as it is compared here: its words in Latin letters, sorted, legal forms by their meaning, without
 * titles. Empty: nothing to compare. */
cordon_str cdn_owners_key(const struct cdn_screen_tables *t,
                          struct cdn_name *scratch,
                          cordon_str name,
                          char storage[CDN_OWNERS_KEY]);
uint32_t cdn_owners_hash(cordon_str a, cordon_str b); /* of a key (b empty), or of list and id */
const char *cdn_owners_kind_name(unsigned kind);      /* "direct"; "not stated" */

#endif
