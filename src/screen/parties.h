/* SPDX-License-Identifier: Apache-2.0 */
/* screen/parties.h: the listed parties of a snapshot: lists, entries and what is known of them. Read side.
 *
 * A *source* is one published list as it was read: one section of the snapshot (kind LISTED), that depends on
 * nothing but the list, so that a list that did not change is shared between snapshots. A *list* is what
 * measures name ("us/sdn", "us/ssi-directive-1", "eu/269-2014"): the entries of one source, or those of them
 * that a programme or a sub-list singles out. An *entry* is one listed party; entries are numbered through
 * all sources, and so are their names.
 *
 * The section LISTED, little-endian, every table at a multiple of 8: struct cdn_party_source_header, tables
 * in the order of CDN_PARTY_TABLES, text pool (begins with one zero byte; the empty text is 0, 0). The
 * section LISTS says for all of them what differs from day to day and from snapshot to snapshot: struct
 * cdn_lists_header and its tables.
 *
 * Always true of what cdn_parties_open returned:
 *  1. every index, run and text is inside its table; texts are UTF-8; enumerations are within theirs;
 *  2. sources are sorted by id, lists by id, entries of a source by id (bytes; some files use one twice);
 *  3. nothing here is copied: it lives as long as the snapshot. */
#ifndef CDN_SCREEN_PARTIES_H
#define CDN_SCREEN_PARTIES_H

#include "base/num.h"
#include "screen/evidence.h"
#include "screen/ident.h"
#include "screen/index.h"

#define CDN_PARTIES_MAGIC "CDNLIST"
#define CDN_LISTS_MAGIC "CDNLSTS"
#define CDN_PARTIES_VERSION 1U
#define CDN_PARTIES_NONE UINT32_MAX

struct cdn_ptext { /* text of the pool of its section */
    uint32_t at, n;
};
struct cdn_prun { /* rows of another table; empty: 0, 0 */
    uint32_t first, count;
};
struct cdn_pdates { /* days since 1970-01-01, both included; known 0: all 0 */
    int32_t from, to;
    uint8_t known, circa, pad[2];
};

enum cdn_party_type { CDN_LISTED_TYPES(CDN_LISTED_ENUM, CDN_PARTY_) CDN_PARTY_TYPES };
enum cdn_party_name_kind { CDN_LISTED_NAME_KINDS(CDN_LISTED_ENUM, CDN_PARTY_NAME_) CDN_PARTY_NAME_KINDS };

struct cdn_party_rec {
    struct cdn_ptext id, sub_list;
    struct cdn_prun names, births, birth_places, nationalities, countries, addresses, idents;
    struct cdn_prun programmes, references; /* of `texts` */
    struct cdn_prun measures, relations;
    struct cdn_prun lists; /* of `numbers`: lists of this source that it is on, ascending */
    int64_t from,
        until; /* instants: on the list from … (CDN_TIME_MIN: since ever) until before … (_MAX: still)
                */
    struct cdn_pdates listed, first_seen, updated, removed, ends;
    uint32_t pad2;
    uint64_t source_byte;
    uint32_t source_line;
    uint8_t type; /* enum cdn_party_type */
    uint8_t sex;  /* enum cdn_known_sex */
    uint8_t kind; /* enum cdn_screen_kind: as what its names are compared */
    uint8_t pad;
};
struct cdn_party_name_rec {
    struct cdn_ptext full;
    uint32_t group; /* names of one group (not 0) are one alias in several scripts */
    uint8_t kind;   /* enum cdn_party_name_kind */
    uint8_t script; /* enum cdn_script of lists/model.h; cdn_parties_script() */
    uint8_t weak;   /* 1: never a hit by itself */
    uint8_t pad;
};
struct cdn_party_place_rec { /* birth place or address */
    struct cdn_ptext text;   /* one line without the country; may be empty */
    uint16_t country;        /* packed; 0: not known */
    uint8_t pad[2];
};
struct cdn_party_ident_rec {
    struct cdn_ptext value;  /* as written */
    struct cdn_ptext normal; /* as compared: screen/ident.h */
    struct cdn_ptext type;   /* the file's word for it */
    struct cdn_ptext currency;
    uint16_t country; /* packed; 0: not known */
    uint8_t kind;     /* enum cdn_party_ident_kind */
    uint8_t invalid;  /* 1: the file calls it false, revoked or stolen: never decides */
};
struct cdn_party_measure_rec {
    struct cdn_ptext text;
    uint8_t kind; /* enum cdn_measure_kind of lists/model.h; cdn_parties_measure_name() */
    uint8_t pad[3];
};
struct cdn_party_relation_rec {
    struct cdn_ptext target, name, text; /* id of the other entry; its name; the file's word */
    uint32_t entry;                      /* of the same source, counted within it; NONE: it is not there */
    uint32_t percent;                    /* hundredths of a percent; 0: not known */
    uint8_t kind;                        /* enum cdn_list_relation_kind; cdn_parties_relation_name() */
    uint8_t former;
    uint8_t pad[2];
};
/* A list that this source serves. */
struct cdn_party_list_rec {
    struct cdn_ptext id; /* as in the rulebook; within a section ascending */
    uint32_t count;      /* entries on it now (without a day of removal) */
    uint32_t pad;
};

/* Layout of struct cdn_known_birth, so that evidence is weighed where it lies. */
struct cdn_party_birth_rec {
    int32_t from, to;
    uint8_t circa, pad[3];
};
struct cdn_party_country_rec {
    char code[2];
};

/* TABLE(field, record type) */
#define CDN_PARTY_TABLES(TABLE)                                                                              \
    TABLE(served, struct cdn_party_list_rec)                                                                 \
    TABLE(entries, struct cdn_party_rec)                                                                     \
    TABLE(names, struct cdn_party_name_rec)                                                                  \
    TABLE(births, struct cdn_party_birth_rec)                                                                \
    TABLE(places, struct cdn_party_place_rec)                                                                \
    TABLE(countries, struct cdn_party_country_rec)                                                           \
    TABLE(idents, struct cdn_party_ident_rec)                                                                \
    TABLE(texts, struct cdn_ptext)                                                                           \
    TABLE(measures, struct cdn_party_measure_rec)                                                            \
    TABLE(relations, struct cdn_party_relation_rec)                                                          \
    TABLE(numbers, uint32_t)
enum cdn_party_table {
#define TABLE(field, type) CDN_PT_##field,
    CDN_PARTY_TABLES(TABLE)
#undef TABLE
        CDN_PARTY_TABLE_COUNT
};
struct cdn_party_source_header {
    char magic[8];
    uint32_t version, table_count;
    struct cdn_ptext id, issuer, format, stale, date; /* date: as the issuer states it; may be empty */
    int64_t published;  /* instant the stated day begins; CDN_TIME_MIN: not stated */
    uint64_t bytes;     /* of the unpacked files */
    uint32_t listed;    /* entries that are on the list now */
    uint32_t claimed;   /* that the file says it holds; NONE: it does not say */
    uint8_t sha256[32]; /* of the unpacked files, one after the other */
    struct {
        uint32_t offset, count; /* bytes from the start of the section; rows */
    } tables[CDN_PARTY_TABLE_COUNT];
    uint32_t pool, pool_bytes;
};

/* The section LISTS. */
struct cdn_lists_source_rec { /* in the order of instances */
    int64_t retrieved;        /* CDN_TIME_MIN: not known */
    struct cdn_prun lists;    /* of `numbers`: for each list that the source serves its number, or NONE when
                               * another source serves it */
};
struct cdn_lists_list_rec { /* by id */
    struct cdn_ptext id;
    uint32_t source, served; /* which source, and which of the lists it serves */
};
struct cdn_lists_header {
    char magic[8];
    uint32_t version, source_count, list_count, number_count, pool_bytes, pad;
    /* sources, lists, numbers (each at a multiple of 8), pool */
};

_Static_assert(sizeof(struct cdn_party_rec) == 208, "on-disk size");
_Static_assert(sizeof(struct cdn_party_name_rec) == 16, "on-disk size");
_Static_assert(sizeof(struct cdn_party_place_rec) == 12, "on-disk size");
_Static_assert(sizeof(struct cdn_party_ident_rec) == 36, "on-disk size");
_Static_assert(sizeof(struct cdn_party_birth_rec) == sizeof(struct cdn_known_birth), "the same layout");

/* ---- the view ------------------------------------------------------------------------------------------ */

struct cdn_party_source {
    const struct cdn_party_source_header *header;
#define TABLE(field, type) const type *field;
    CDN_PARTY_TABLES(TABLE)
#undef TABLE
    cordon_str pool;
    uint32_t first_entry, first_name; /* in the numbering through all sources */
    int64_t retrieved;
    const uint32_t *list_of; /* for each list served: its number among all, or NONE */
};
struct cdn_parties {
    const struct cdn_party_source *sources;
    uint32_t source_count, list_count, entry_count, name_count;
    const struct cdn_lists_list_rec *lists;
    cordon_str lists_pool;
    struct cdn_screen_tables tables;
    struct cdn_index index; /* entry and name numbers are those through all sources */
    struct cdn_ident_index idents;
    uint32_t most_idents, most_places; /* of one entry: what a workspace must hold */
};

/* The sections of a snapshot that make a view of parties. */
struct cdn_parties_bytes {
    cordon_str lists, tables, names, idents;
    const cordon_str *sources; /* LISTED, by instance; source_count of the header of `lists` */
    uint32_t source_count;
};
/* Checks all of them and that they belong together. `sources`: room for source_count views, which outlive
 * *ret. CORDON_E_FORMAT, CORDON_E_VERSION, CORDON_E_ARG (not at a multiple of 8), CORDON_E_LIMIT. */
int cdn_parties_open(const struct cdn_parties_bytes *bytes,
                     struct cdn_party_source *sources,
                     struct cdn_parties *ret,
                     struct cordon_error *e) CORDON_MUST_CHECK;
/* One section alone (first_entry, first_name, retrieved and list_of are not filled in). */
int cdn_party_source_open(cordon_str bytes,
                          struct cdn_party_source *ret,
                          struct cordon_error *e) CORDON_MUST_CHECK;
#define CDN_PARTY_SERVED 256 /* lists that one source may serve */

/* One list of the rulebook, as `cordon info` and every answer show it. */
struct cdn_party_list {
    cordon_str id, source_id; /* source_id: of the published list that serves it */
    cordon_str publisher, format, date;
    cordon_str stale;             /* why it must not be relied on any more; empty: no reason known */
    int64_t published, retrieved; /* CDN_TIME_MIN: not known */
    const uint8_t *sha256;        /* of the published file(s), unpacked; 32 bytes */
    uint32_t count;               /* entries on this list now */
    uint32_t source;
};
/* i < p->list_count. */
void cdn_parties_list(const struct cdn_parties *p, uint32_t i, struct cdn_party_list *ret);
/* Number of the list with that id; NONE: the snapshot holds no data of it, so nobody can be screened against
 * it. */
uint32_t cdn_parties_find_list(const struct cdn_parties *p, cordon_str id);

/* An entry by its number through all sources (< p->entry_count): the record and the source it is in. */
const struct cdn_party_rec *cdn_parties_entry(const struct cdn_parties *p,
                                              uint32_t entry,
                                              const struct cdn_party_source **ret_source);
/* Number of the first entry of that id in the source that serves list `list`; NONE. */
uint32_t cdn_parties_find_entry(const struct cdn_parties *p, uint32_t list, cordon_str id);
static inline cordon_str cdn_party_text(const struct cdn_party_source *s, struct cdn_ptext t) {
    return (cordon_str){s->pool.p + t.at, t.n};
}
/* Name `i` of the entry, 0 <= i < entry->names.count. */
static inline const struct cdn_party_name_rec *cdn_party_name(const struct cdn_party_source *s,
                                                              const struct cdn_party_rec *entry,
                                                              uint32_t i) {
    return &s->names[entry->names.first + i];
}
/* The primary name, else the first; empty only when it has none. */
cordon_str cdn_party_title(const struct cdn_party_source *s, const struct cdn_party_rec *entry);
/* Is it on list number `list` (of all)? On it at the instant? */
bool cdn_party_on(const struct cdn_party_source *s, const struct cdn_party_rec *entry, uint32_t list);
static inline bool cdn_party_at(const struct cdn_party_rec *entry, int64_t at) {
    return entry->from <= at && at < entry->until;
}
/* Words as in docs/lists.md; NULL when out of range. */
const char *cdn_party_type_name(unsigned v);
const char *cdn_party_name_kind_name(unsigned v);
const char *cdn_party_script_name(unsigned v); /* ISO 15924 */
const char *cdn_party_measure_name(unsigned v);
const char *cdn_party_relation_name(unsigned v);

#endif
