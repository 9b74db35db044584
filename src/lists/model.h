/* SPDX-License-Identifier: Apache-2.0 */
/* lists/model.h: the canonical form of a published list of persons, companies, ships, aircraft, wallets,
 * banks.
 *
 * Every reader of this room turns its format into these structures, and everything after it (matching, the
 * snapshot, difference, in-house lists) knows only them. docs/lists.md describes the same as JSON Lines.
 *
 * Glossary
 *   list      one file, or one set of files, of one issuer at one date
 *   entry     one listed party under the issuer's own identifier
 *   low       a name that the issuer calls weak (low quality): never a hit by itself
 *   group     names with the same number (not 0) are one alias in several scripts or spellings
 *   span      a date as far as it is known: first and last possible day
 *
 * Always true here:
 *  1. text is valid UTF-8 without control characters, white space collapsed, not empty unless absent; nothing
 *     else is changed: invisible and bidirectional characters stay as published;
 *  2. a structure of zero bytes is an empty, valid one: absent text has n == 0, absent dates known == 0,
 * absent countries 0;
 *  3. what a structure points to lives in the arena of whoever filled it;
 *  4. one table (cdn_list_entry_record) describes the fields: copying, comparing, JSON out and in follow it.
 */
#ifndef CDN_LISTS_MODEL_H
#define CDN_LISTS_MODEL_H

#include "base/base.h"
#include "base/limits.h"
#include "model/listed.h"

/* An array in an arena. All of them have the layout of struct cdn_many. */
#define CDN_MANY(type)                                                                                       \
    struct {                                                                                                 \
        type *p;                                                                                             \
        uint32_t n, cap;                                                                                     \
    }
struct cdn_many {
    void *p;
    uint32_t n, cap;
};

/* ---- words ------------------------------------------------------------------------------------------- */

enum cdn_entry_type { CDN_LISTED_TYPES(CDN_LISTED_ENUM, CDN_ENTRY_) };
enum cdn_gender { CDN_GENDER_UNKNOWN, CDN_GENDER_MALE, CDN_GENDER_FEMALE, CDN_GENDER_OTHER };
enum cdn_name_kind { CDN_LISTED_NAME_KINDS(CDN_LISTED_ENUM, CDN_NAME_) };
enum cdn_name_part_kind {
    CDN_PART_OTHER, /* a position without meaning: the first to fourth name of the UN */
    CDN_PART_GIVEN,
    CDN_PART_MIDDLE,
    CDN_PART_FAMILY,
    CDN_PART_PATRONYMIC,
    CDN_PART_MATRONYMIC,
    CDN_PART_MAIDEN,
    CDN_PART_FATHER,
    CDN_PART_GRANDFATHER,
    CDN_PART_NICKNAME,
    CDN_PART_TITLE,
    CDN_PART_SUFFIX,
    CDN_PART_WHOLE,
};
enum cdn_script { CDN_LISTED_SCRIPTS(CDN_LISTED_ENUM, CDN_SCRIPT_) };
enum cdn_ident_kind { CDN_LISTED_IDENT_KINDS(CDN_LISTED_ENUM, CDN_IDENT_) };
enum cdn_measure_kind { CDN_LISTED_MEASURES(CDN_LISTED_ENUM, CDN_LISTED_) };
enum cdn_list_relation_kind { CDN_LISTED_RELATIONS(CDN_LISTED_ENUM, CDN_LINK_) };
enum cdn_nationality_kind {
    CDN_NATION_NATIONALITY,
    CDN_NATION_CITIZENSHIP,
    CDN_NATION_FLAG,
    CDN_NATION_FORMER_FLAG
};
enum cdn_note_kind { CDN_NOTE_REMARK, CDN_NOTE_TITLE, CDN_NOTE_POSITION, CDN_NOTE_REASON, CDN_NOTE_DETAIL };

/* ---- structures -------------------------------------------------------------------------------------- */

/* Days since 1970-01-01, both included. */
struct cdn_dates {
    int32_t from, to;
    bool known, circa;
};

struct cdn_name_part {
    cordon_str text;
    uint8_t kind; /* enum cdn_name_part_kind */
};
struct cdn_list_name {
    cordon_str full;     /* in spoken order where the file gives parts or "LAST, First"; else as written */
    cordon_str language; /* as the file says: "FR", "RUS" */
    cordon_str note;
    CDN_MANY(struct cdn_name_part) parts; /* in the order of `full`; empty when the file has one text only */
    uint32_t group;
    uint8_t kind;   /* enum cdn_name_kind */
    uint8_t script; /* enum cdn_script */
    bool low;
};
struct cdn_list_birth {
    struct cdn_dates date; /* known == 0: the text was not understood (and reported) */
    cordon_str text;       /* as written, where it is not plain ISO 8601 */
};
struct cdn_list_place { /* a place of birth, or an address */
    cordon_str text;    /* the place as one line, as written, or street and building */
    cordon_str city, region, postal_code;
    cordon_str country_text; /* as written */
    cordon_str note;
    uint16_t country; /* packed, places/codes.h; 0: none or not recognised (then reported) */
};
struct cdn_list_nationality {
    cordon_str text;
    uint16_t country;
    uint8_t kind; /* enum cdn_nationality_kind */
};
struct cdn_list_ident {
    cordon_str value;    /* as written, without "IMO" and the like */
    cordon_str type;     /* the file's own word for it */
    cordon_str currency; /* of a wallet: "XBT" */
    cordon_str country_text, note;
    struct cdn_dates issued, expires;
    uint16_t country;
    uint8_t kind; /* enum cdn_ident_kind */
    bool invalid; /* the file says false, revoked, fraudulent, reported lost */
};
struct cdn_list_measure {
    cordon_str text;
    uint8_t kind; /* enum cdn_measure_kind */
};
struct cdn_list_relation {
    cordon_str target; /* id of another entry, where the file gives one */
    cordon_str name;   /* of the target, where the file gives it */
    cordon_str text;   /* the file's own word for the relation */
    uint32_t percent;  /* hundredths of a percent, 10000 = all; 0: not known */
    uint8_t kind;      /* enum cdn_list_relation_kind, seen from this entry */
    bool former;
};
struct cdn_list_note {
    cordon_str label; /* the file's word for it; may be empty */
    cordon_str text;
    uint8_t kind; /* enum cdn_note_kind */
};

struct cdn_list_entry {
    cordon_str id;                   /* the issuer's key: never a name */
    cordon_str sub_list;             /* where one file holds several lists: "SDN List" */
    CDN_MANY(cordon_str) references; /* identifiers of the same entry elsewhere: "QDi.276" */
    CDN_MANY(struct cdn_list_name) names;
    CDN_MANY(struct cdn_list_birth) births;
    CDN_MANY(struct cdn_list_place) birth_places;
    CDN_MANY(struct cdn_list_nationality) nationalities;
    CDN_MANY(struct cdn_list_place) addresses;
    CDN_MANY(struct cdn_list_ident) identifiers;
    CDN_MANY(cordon_str) programmes;
    CDN_MANY(struct cdn_list_measure) measures;
    CDN_MANY(struct cdn_list_relation) relations;
    CDN_MANY(struct cdn_list_note) notes;
    struct cdn_dates listed, updated, removed; /* as the file says */
    struct cdn_dates until;                    /* the measures end by themselves, where the file says so */
    struct cdn_dates first_seen;               /* by whoever keeps the history: cdn_lists_carry() */
    uint64_t source_byte;                      /* offset in the unpacked file */
    uint32_t source_line;                      /* from 1 */
    uint8_t type;                              /* enum cdn_entry_type */
    uint8_t gender;                            /* enum cdn_gender */
};

enum cdn_list_format {
    CDN_LIST_UNKNOWN,
    CDN_LIST_OFAC_FLAT, /* sdn.csv or cons_prim.csv, with its alt, add and comments files */
    CDN_LIST_OFAC_XML,
    CDN_LIST_OFAC_ADVANCED,
    CDN_LIST_OFAC_ENHANCED,
    CDN_LIST_EU_XML,
    CDN_LIST_EU_CSV,
    CDN_LIST_UN_XML,
    CDN_LIST_UK_XML,
    CDN_LIST_UK_CSV,
    CDN_LIST_UK_CONLIST,
    CDN_LIST_CH_XML,
    CDN_LIST_US_CSL,
    CDN_LIST_HOUSE_CSV,
    CDN_LIST_HOUSE_JSONL,
};

/* What is known of a list as a whole. */
struct cdn_list_info {
    cordon_str id;     /* "us/sdn", "eu/fsf", …; the caller's, or the format's usual one */
    cordon_str issuer; /* "US Treasury, OFAC" */
    cordon_str stale;  /* why this list must not be relied on any more; empty: nothing is known against it */
    struct cdn_dates date; /* as stated in the file; known == 0 where it states none (OFAC flat files) */
    uint64_t bytes;        /* unpacked, all files */
    uint64_t claimed;      /* entries that the file says it holds */
    uint64_t counted;      /* entries handed on */
    uint64_t removed;      /* entries in the file that are no longer listed, not handed on */
    uint64_t nameless;     /* entries without any name: reported, not handed on */
    uint64_t rows;         /* records or entry elements read */
    uint32_t format;       /* enum cdn_list_format */
    uint8_t sha256[32];    /* of the unpacked files, one after the other */
    bool claims;           /* `claimed` is known */
    bool clean_end;        /* the file ends where a whole file ends */
};

/* Words of an enumeration, in its order; "" is the absent one. NULL when out of range. */
const char *cdn_entry_type_name(unsigned v);
const char *cdn_name_kind_name(unsigned v);
const char *cdn_script_name(unsigned v); /* ISO 15924: "Latn"; "Zxxx" is none, "Zyyy" mixed */
const char *cdn_ident_kind_name(unsigned v);
const char *cdn_measure_kind_name(unsigned v);
const char *cdn_list_relation_kind_name(unsigned v);
const char *cdn_list_format_name(unsigned v);

/* ---- the table of fields ------------------------------------------------------------------------------ */

enum cdn_list_field_type {
    CDN_LFIELD_TEXT,
    CDN_LFIELD_WORD,    /* uint8_t, one of `words` */
    CDN_LFIELD_FLAG,    /* bool */
    CDN_LFIELD_COUNTRY, /* uint16_t */
    CDN_LFIELD_DATES,
    CDN_LFIELD_NUMBER,  /* uint32_t */
    CDN_LFIELD_LARGE,   /* uint64_t */
    CDN_LFIELD_PERCENT, /* uint32_t, hundredths */
    CDN_LFIELD_TEXTS,
    CDN_LFIELD_RECORDS,
};
struct cdn_list_field {
    const char *name; /* of the JSON member */
    uint16_t offset;
    uint8_t type;
    bool source; /* says where it was read, not what it is: comparing leaves it out */
    const char *const *words;
    uint32_t word_count;
    const struct cdn_list_record *record; /* of RECORDS */
};
/* Fields in the order of their names, which is the order in JSON. */
struct cdn_list_record {
    uint32_t size;
    uint32_t count;
    const struct cdn_list_field *fields;
};
extern const struct cdn_list_record cdn_list_entry_record;

/* Makes room for one more item (zeroed) at the end of an array; NULL: no memory or more than `limit`. */
void *cdn_many_add(struct cdn_arena *arena, void *many, size_t item_size, uint32_t limit);

/* Deep copy into an arena. CORDON_E_NOMEM. */
int cdn_list_entry_copy(struct cdn_arena *arena,
                        const struct cdn_list_entry *from,
                        struct cdn_list_entry *to) CORDON_MUST_CHECK;
/* Equal in everything but where it was read (source_byte, source_line) and when first seen. */
bool cdn_list_record_equal(const struct cdn_list_record *record, const void *a, const void *b);
static inline bool cdn_list_entry_equal(const struct cdn_list_entry *a, const struct cdn_list_entry *b) {
    return cdn_list_record_equal(&cdn_list_entry_record, a, b);
}

/* ---- JSON Lines: json_out.c ---------------------------------------------------------------------------- */

/* One field, or one entry, as canonical JSON: members sorted, absent ones left out, no white space. */
void cdn_list_write_field(struct cdn_buf *out, const struct cdn_list_field *field, const void *record);
void cdn_list_write_record(struct cdn_buf *out, const struct cdn_list_record *record, const void *p);
void cdn_dates_write(struct cdn_buf *out, struct cdn_dates s); /* "1965-12-12", "1965", "~1965", "a/b" */
/* The three kinds of line of the canonical form, each with its line end. */
void cdn_list_write_head(struct cdn_buf *out, const struct cdn_list_info *info);
void cdn_list_write_entry(struct cdn_buf *out, const struct cdn_list_entry *entry);
void cdn_list_write_end(struct cdn_buf *out, uint64_t count);

/* json_in.c: one JSON object into a zeroed record, texts and arrays in `arena`. Strict as lists are. `name`
 * is for messages. On failure what `to` holds is of no use. CORDON_E_FORMAT, _SYNTAX, _NAME, _TYPE, _RANGE,
 * _LIMIT, _NOMEM. */
int cdn_list_read_record(cordon_str text,
                         const char *name,
                         const struct cdn_list_record *record,
                         struct cdn_arena *arena,
                         void *to,
                         struct cordon_error *e) CORDON_MUST_CHECK;

/* ---- collected lists: collect.c -------------------------------------------------------------------------
 */

struct cdn_list {
    struct cdn_list_info info;
    struct cdn_list_entry *entries; /* by id (bytes), then in the order of the file */
    size_t count;
    /* private */
    struct cdn_arena arena;
    const struct cordon_alloc *alloc;
    size_t cap;
};
void cdn_list_init(struct cdn_list *list, const struct cordon_alloc *alloc);
void cdn_list_free(struct cdn_list *list);
int cdn_list_append(struct cdn_list *list, const struct cdn_list_entry *entry) CORDON_MUST_CHECK;
/* Sorts. Call once after the last append. CORDON_E_NOMEM. */
int cdn_list_finish(struct cdn_list *list) CORDON_MUST_CHECK;
/* First entry with that id; NULL. The list must be finished. */
const struct cdn_list_entry *cdn_list_find(const struct cdn_list *list, cordon_str id);
/* The whole list in canonical form. */
void cdn_list_write(struct cdn_buf *out, const struct cdn_list *list);

#endif
