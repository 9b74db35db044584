/* SPDX-License-Identifier: Apache-2.0 */
/* format.h: the snapshot file, byte by byte. The write side makes it, the read side maps it; they meet here
 * and nowhere else. docs/snapshot-format.md says the same in prose, with offsets.
 *
 * A snapshot is a manifest over sections. All integers are little endian; all records are naturally aligned
 * and without holes; sections begin at multiples of 64. A bundle is one file: manifest, then sections. In a
 * store the manifest's entries have offset 0 and each section is the file sections/<sha256 in hex> beside it.
 *
 *   struct cdn_snap_header    64 bytes
 *   struct cdn_snap_entry[n]  64 bytes each, sorted by kind then instance
 *   sections (bundle), each at the next multiple of 64, the gaps filled with 0
 *
 * The digest that names a snapshot is SHA-256 over the header and entries with every `offset`, `file_length`
 * and the header's `digest` itself taken as 0: the same content has the same name in a bundle and in a store.
 * It stands in the header, so that a decision can name its snapshot without hashing; that it is right is
 * checked by cordon_snapshot_verify (write side, libcrypto), not by cdn_snapshot_open.
 *
 * Invariants that cdn_snapshot_open checks, so that no later code checks again:
 *  1. every table lies inside its section, every index inside its table, every string inside the pool and
 *     valid UTF-8; sorted tables are sorted; hash tables have a free slot and reach every row;
 *  2. enumerations are within their tables; reserved fields are 0;
 *  3. expressions are trees that end before they begin again (children have smaller indexes than parents),
 *     at most CDN_MAX_EXPR_DEPTH deep;
 *  4. the rulebook's index finds exactly the outcomes that a scan finds, and a guard never drops an outcome
 *     whose condition a key could make true;
 *  5. tables that belong to measures (OUTCOME, EXCEPT, PRESUME, SUSPENSION, KEEP, DUTY) are the measures'
 * runs one after the other, without gaps; SOURCE, QUOTE, CODE, INDEX and WORD rows may be shared;
 *  6. lifts and lifted_by, forbids and forbidden_by are each other's reverse. */
#ifndef CDN_SNAPSHOT_FORMAT_H
#define CDN_SNAPSHOT_FORMAT_H

#include "model/condition.h"
#include "model/model.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "snapshots are mapped as they are: a little-endian machine is needed"
#endif

#define CDN_SNAP_MAGIC 0x31304E4F44524F43ULL /* "CORDON01" */
enum { CDN_SNAP_FORMAT = 1, CDN_SEMANTICS = 1, CDN_SNAP_ALIGN = 64 };

enum cdn_section_kind {
    CDN_SECTION_STRINGS = 1, /* text pool; needed */
    CDN_SECTION_RULES = 2,   /* struct cdn_rules_header and its tables; needed */
    CDN_SECTION_PLACES = 3,  /* place ids, territories, the index of names (places/places_view.h); needed */
    CDN_SECTION_FOLD = 4,    /* folding table (text/text.h) */
    CDN_SECTION_GEO = 5,     /* IP ranges (places/ip.h) */
    CDN_SECTION_IIN = 6,     /* card number ranges (places/iin.h) */
    CDN_SECTION_INFO = 7,    /* canonical JSON: inputs with their versions, dates and digests */
    CDN_SECTION_SOURCE = 8,  /* canonical JSON of the rulebook (export form), for people and for diff */
    /* Listed parties (screen/parties.h): all five, or none. */
    CDN_SECTION_LISTS = 9,   /* which lists there are, and when they were fetched */
    CDN_SECTION_LISTED = 10, /* one for each published list, instances 0, 1 … by the list's id */
    CDN_SECTION_SCREEN = 11, /* what makes names comparable (screen/tables.h) */
    CDN_SECTION_NAMES = 12,  /* index of all listed names (screen/index.h) */
    CDN_SECTION_IDENTS = 13, /* index of all listed identifiers (screen/ident.h) */
    CDN_SECTION_OWNERS = 14, /* who owns whom (screen/owners.h) */
    CDN_SECTION_KIND_COUNT
};
struct cdn_snap_header {
    uint64_t magic;
    uint32_t format, semantics;
    uint32_t section_count, reserved;
    uint64_t file_length; /* of a bundle; a store's manifest: its own length */
    uint8_t digest[32];   /* names the snapshot */
};
struct cdn_snap_entry {
    uint32_t kind, instance; /* instance: 0, or the number of a LISTED */
    uint64_t offset, length;
    uint8_t sha256[32];
    uint64_t reserved;
};
_Static_assert(sizeof(struct cdn_snap_header) == 64, "on-disk size");
_Static_assert(sizeof(struct cdn_snap_entry) == 64, "on-disk size");

/* A string: offset and length in STRINGS. The pool begins with a zero byte; the empty string is {0, 0}. */
struct cdn_sref {
    uint32_t at, n;
};
/* A run of rows of another table; an empty one is {0, 0}. */
struct cdn_run {
    uint32_t first, count;
};
#define CDN_NO_INDEX UINT32_MAX

/* ---- RULES ----------------------------------------------------------------------------------------- */

struct cdn_moment_rec {
    int64_t at;              /* CDN_TIME_MIN / _MAX where open */
    struct cdn_sref written; /* "2022-03-05T00:00 America/New_York"; empty: not given */
};
struct cdn_measure_rec {
    struct cdn_sref id, title, legal, issuer, owner, appeal, reason_class, release_authority;
    struct cdn_sref version; /* first 16 hex digits of the SHA-256 of the measure's canonical JSON */
    /* effective: CDN_TIME_MIN when not written. until: already cut to where a superseding measure begins. */
    struct cdn_moment_rec announced, effective, until, recorded;
    struct cdn_run sources, outcomes, excepts, presumes, suspensions, keeps, duties, notices; /* own tables */
    struct cdn_run entities;                                /* T_INDEX: entity numbers, sorted */
    struct cdn_run lifts, forbids, lifted_by, forbidden_by; /* T_INDEX: measure numbers, sorted */
    struct cdn_run bound_countries;                         /* T_INDEX: packed countries, sorted */
    struct cdn_run roles;   /* T_INDEX: roles that condition and exceptions name, in order of first mention */
    struct cdn_run objects; /* T_INDEX: object kinds, likewise */
    uint32_t when;          /* T_EXPR, CDN_NO_INDEX: always */
    uint32_t except_any;    /* T_EXPR: OR of the exceptions, CDN_NO_INDEX: none */
    uint8_t class_, basis, standard, if_unknown, if_contradictory, release_count, pad[2];
};
enum { CDN_OUTCOME_ANY_ACTION = 1, CDN_OUTCOME_ANY_SERVICE = 2, CDN_OUTCOME_CAP = 4, CDN_OUTCOME_FLAGS = 7 };
struct cdn_outcome_rec {
    uint32_t measure;
    uint8_t verdict, form, scope, subject_kind, subject_index, cap_window, flags, pad; /* CDN_OUTCOME_* */
    struct cdn_run actions, services, not_actions;                                     /* T_INDEX, sorted */
    struct cdn_sref limit_to;
    uint32_t pad2;
    int64_t cap_mantissa;
    char cap_currency[4];
    uint8_t cap_scale, pad3[3];
};
/* Children are T_INDEX runs of expression numbers smaller than the own one. Equal expressions and tests are
 * one row each, whichever measures they come from: what was evaluated once need not be again. */
struct cdn_expr_rec {
    uint8_t op, subject_kind, subject_index, depth; /* depth: 1 for a leaf, else 1 + the deepest child's */
    uint32_t test;                                  /* T_TEST; CDN_NO_INDEX unless op is TEST */
    struct cdn_run children;
};
enum {
    CDN_TEST_BOOLEAN = 1, /* BOOL: the value asked for is true */
    CDN_TEST_AGAINST_NOW = 2,
    CDN_TEST_STRICT = 4, /* "more than" so many percent */
    CDN_TEST_AGGREGATE = 8,
    CDN_TEST_OR_CONTROLLED = 16,
    CDN_TEST_FLAGS = 31
};
struct cdn_test_rec {
    uint8_t kind, cmp, subject_kind, subject_index;
    uint16_t finding, evidence, fact;
    uint8_t standard, type, flags, pad; /* type: enum cdn_fact_type of a FACT; flags: CDN_TEST_* */
    uint16_t match;                     /* LISTED: scores 0..1000 */
    uint32_t set;                       /* T_SET: places, CDN_NO_INDEX */
    struct cdn_run codes;           /* T_CODE, sorted by hash then text; texts in lists and prefixes too */
    struct cdn_run lists;           /* T_INDEX, sorted */
    uint32_t service;               /* NEW: T_SERVICE, CDN_NO_INDEX: the request's */
    int64_t mantissa;               /* MONEY, NUMBER, percent */
    int64_t when_first, when_after; /* struct cdn_when */
    int64_t left_offset, right_offset;
    char currency[4];
    uint8_t scale, when_kind;
    uint16_t review;
    struct cdn_sref text; /* the test in words, as the language writes it */
};
struct cdn_code_rec {
    uint64_t hash; /* cdn_hash(text, 0) */
    struct cdn_sref text;
};
/* A set of places: three rows of `place_words` words (rules header) over place ids, one after the other in
 * T_SETWORD from `words` on.
 *   members  an item that speaks of one of them is in the set …
 *   above    of these only a part is in the set: an item that speaks of nothing finer leaves it open
 *   except   an item that speaks of one of these is not in the set, whatever else it speaks of
 * The rows are disjoint, bit 0 is never set. Of a territory only its own id is a member: which regions belong
 * to it at an instant is found when an item is resolved. A region of a member country is a member; a
 * territory all of whose parts are members is one. */
struct cdn_set_rec {
    uint32_t words;
    uint32_t pad;
    struct cdn_sref text; /* "{RU, BY}" */
};
struct cdn_source_rec {
    struct cdn_sref title, url, accessed, unverified;
};
struct cdn_quote_rec {
    struct cdn_sref lang, text;
};
struct cdn_duty_rec {
    struct cdn_sref text, to;
    int32_t amount;    /* 0 with unit NONE: no span */
    uint32_t calendar; /* T_CALENDAR, CDN_NO_INDEX */
    uint8_t kind, unit, condition, pad[5];
};
struct cdn_keep_rec {
    struct cdn_run actions; /* T_INDEX, sorted */
    struct cdn_moment_rec until;
    struct cdn_sref note;
};
struct cdn_except_rec {
    struct cdn_sref label;
    uint32_t when, pad; /* T_EXPR */
};
struct cdn_presume_rec {
    uint32_t test, value; /* T_TEST; 0 or 1 */
    struct cdn_sref why;
    struct cdn_source_rec source;
};
struct cdn_suspension_rec {
    struct cdn_moment_rec from, until;
    struct cdn_source_rec source;
};
struct cdn_named_rec { /* SERVICE, ENTITY, FACT, LIST */
    struct cdn_sref id, title;
    uint64_t hash; /* cdn_hash(id, 0) */
    uint32_t a, b; /* ENTITY: packed country, 0; FACT: owner, type; LIST: max-age in days, 0; SERVICE: 0 */
};
struct cdn_action_rec {
    struct cdn_sref id, title;
    uint64_t hash;
    uint32_t needs_roles, may_roles, needs_objects, may_objects;
};
struct cdn_calendar_rec {
    struct cdn_sref id, title, zone;
    int32_t first_day; /* days since 1970-01-01 */
    uint32_t pad;
    struct cdn_run days; /* T_CALDAY: the days from first_day on */
};
#define CDN_CALDAY_BUSINESS 0x80000000u
struct cdn_calday_rec {
    int64_t starts;    /* instant at which the civil day begins */
    uint32_t business; /* business days before this one, since first_day; CDN_CALDAY_BUSINESS: this is one */
    uint32_t pad;
};
struct cdn_rate_rec { /* sorted by pair, then time */
    char from[4], to[4];
    int64_t since, mantissa;
    uint32_t scale, pad;
    struct cdn_source_rec source;
};

/* Symbols: open addressing with linear probing from cdn_snap_symbol_slot() over (domain, hash); the slot
 * count is a power of two, at most half full. Declared facts of two owners may have one name: then both have
 * a row. */
enum cdn_symbol_domain {
    CDN_SYMBOL_FREE = 0,
    CDN_SYMBOL_ACTION,
    CDN_SYMBOL_SERVICE,
    CDN_SYMBOL_ENTITY,
    CDN_SYMBOL_FACT,
    CDN_SYMBOL_LIST,
    CDN_SYMBOL_MEASURE,
    CDN_SYMBOL_DOMAIN_COUNT
};
struct cdn_symbol_rec {
    uint64_t hash;
    uint32_t domain, index;
};

/* The index. A group holds the outcomes of one (action, service), (action, any), (any, service) or (any,
 * any); a request looks at up to four groups. T_GROUPSLOT is an open-addressed table over the pairs, slot
 * count a power of two, at most half full. `not_actions` of an outcome is not in the index: it is asked of
 * each outcome found.
 *
 * Within a group outcomes are numbered 0 … n-1 (T_POST, sorted by outcome, hence by measure). An axis is one
 * thing a condition can ask of one subject: (subject, finding, standard), (subject, evidence kind) or
 * (subject, code fact). An outcome is *guarded* on an axis when its condition can only be other than false if
 * the axis takes one of certain keys; the guard table of the axis maps key → bits of the outcomes it lets
 * through. Keys of places are all members and all "above" of the set and every place that can, at some date,
 * lie in a territory that is a member. Guards are an optimisation and never change an answer: a decider may
 * use an axis only where the test is false for every set that has none of the item's places among its keys,
 * and cdn_decide_scan ignores them. */
struct cdn_groupslot_rec {
    uint32_t action, service; /* CDN_NO_INDEX: any */
    uint32_t group;           /* CDN_NO_INDEX: free slot (action and service then 0) */
};
/* The slot of cdn_symbol_rec to begin at, and of cdn_groupslot_rec; then the next one, round the table. */
static inline uint32_t cdn_snap_symbol_slot(uint32_t domain, uint64_t hash, uint32_t slots) {
    const uint64_t h = (hash ^ ((uint64_t)domain << 56)) * 0x9E3779B97F4A7C15ULL;
    return (uint32_t)(h >> 32) & (slots - 1);
}
static inline uint32_t cdn_snap_group_slot(uint32_t action, uint32_t service, uint32_t slots) {
    const uint64_t h = (((uint64_t)action << 32) | service) * 0x9E3779B97F4A7C15ULL;
    return (uint32_t)(h >> 32) & (slots - 1);
}
struct cdn_group_rec {
    struct cdn_run posts;     /* T_POST */
    struct cdn_run axes;      /* T_AXIS, sorted by kind, subject, standard, finding, evidence, fact */
    uint32_t words;           /* 64-bit words per bit row: (posts.count + 63) / 64 */
    uint32_t action, service; /* as in its slot */
};
struct cdn_post_rec {
    uint32_t outcome, measure;
    int64_t effective, until; /* copied for one look */
};
struct cdn_axis_rec {
    uint8_t kind;                                  /* enum cdn_test_kind: FINDING, EVIDENCE, FACT */
    uint8_t subject_kind, subject_index, standard; /* standard: FINDING only, else 0 */
    uint16_t finding, evidence, fact, pad;
    uint32_t unguarded;    /* T_WORD: row of outcomes that this axis does not filter */
    struct cdn_run guards; /* T_GUARD, sorted by key */
};
struct cdn_guard_rec {
    uint64_t key; /* place id, or hash of a code */
    uint32_t row; /* T_WORD: outcomes guarded by this axis that the key lets through */
    uint32_t pad;
};

/* TABLE(symbol, field, record type): all tables of the RULES section, in the order of enum cdn_table. */
#define CDN_SNAPSHOT_TABLES(TABLE)                                                                           \
    TABLE(MEASURE, measures, struct cdn_measure_rec)                                                         \
    TABLE(OUTCOME, outcomes, struct cdn_outcome_rec)                                                         \
    TABLE(EXPR, exprs, struct cdn_expr_rec)                                                                  \
    TABLE(TEST, tests, struct cdn_test_rec)                                                                  \
    TABLE(CODE, codes, struct cdn_code_rec)                                                                  \
    TABLE(SET, sets, struct cdn_set_rec)                                                                     \
    TABLE(SETWORD, setwords, uint64_t)                                                                       \
    TABLE(INDEX, indexes, uint32_t)                                                                          \
    TABLE(SOURCE, sources, struct cdn_source_rec)                                                            \
    TABLE(QUOTE, quotes, struct cdn_quote_rec)                                                               \
    TABLE(DUTY, duties, struct cdn_duty_rec)                                                                 \
    TABLE(KEEP, keeps, struct cdn_keep_rec)                                                                  \
    TABLE(EXCEPT, excepts, struct cdn_except_rec)                                                            \
    TABLE(PRESUME, presumes, struct cdn_presume_rec)                                                         \
    TABLE(SUSPENSION, suspensions, struct cdn_suspension_rec)                                                \
    TABLE(SERVICE, services, struct cdn_named_rec)                                                           \
    TABLE(ACTION, actions, struct cdn_action_rec)                                                            \
    TABLE(ENTITY, entities, struct cdn_named_rec)                                                            \
    TABLE(FACT, facts, struct cdn_named_rec)                                                                 \
    TABLE(LIST, lists, struct cdn_named_rec)                                                                 \
    TABLE(CALENDAR, calendars, struct cdn_calendar_rec)                                                      \
    TABLE(CALDAY, caldays, struct cdn_calday_rec)                                                            \
    TABLE(RATE, rates, struct cdn_rate_rec)                                                                  \
    TABLE(SYMBOL, symbols, struct cdn_symbol_rec)                                                            \
    TABLE(GROUP, groups, struct cdn_group_rec)                                                               \
    TABLE(GROUPSLOT, groupslots, struct cdn_groupslot_rec)                                                   \
    TABLE(POST, posts, struct cdn_post_rec)                                                                  \
    TABLE(AXIS, axes, struct cdn_axis_rec)                                                                   \
    TABLE(GUARD, guards, struct cdn_guard_rec)                                                               \
    TABLE(WORD, words, uint64_t)
enum cdn_table {
#define TABLE(sym, field, type) CDN_T_##sym,
    CDN_SNAPSHOT_TABLES(TABLE)
#undef TABLE
        CDN_TABLE_COUNT
};
/* Tables follow in the order of the enumeration, each at the next multiple of 8, the gaps filled with 0. */
struct cdn_rules_header {
    uint32_t version, table_count; /* 1, CDN_TABLE_COUNT */
    uint32_t geo_max_age_days, geo_max_radius_km;
    uint32_t place_count, place_words; /* ids 0 … place_count-1 of PLACES; words per row: (count + 63) / 64 */
    struct {
        uint32_t offset, count; /* bytes from the start of the section; rows */
    } tables[CDN_TABLE_COUNT];
};

_Static_assert(sizeof(struct cdn_measure_rec) == 280, "on-disk size");
_Static_assert(sizeof(struct cdn_outcome_rec) == 64, "on-disk size");
_Static_assert(sizeof(struct cdn_expr_rec) == 16, "on-disk size");
_Static_assert(sizeof(struct cdn_test_rec) == 96, "on-disk size");
_Static_assert(sizeof(struct cdn_code_rec) == 16, "on-disk size");
_Static_assert(sizeof(struct cdn_set_rec) == 16, "on-disk size");
_Static_assert(sizeof(struct cdn_source_rec) == 32, "on-disk size");
_Static_assert(sizeof(struct cdn_quote_rec) == 16, "on-disk size");
_Static_assert(sizeof(struct cdn_duty_rec) == 32, "on-disk size");
_Static_assert(sizeof(struct cdn_keep_rec) == 32, "on-disk size");
_Static_assert(sizeof(struct cdn_except_rec) == 16, "on-disk size");
_Static_assert(sizeof(struct cdn_presume_rec) == 48, "on-disk size");
_Static_assert(sizeof(struct cdn_suspension_rec) == 64, "on-disk size");
_Static_assert(sizeof(struct cdn_named_rec) == 32, "on-disk size");
_Static_assert(sizeof(struct cdn_action_rec) == 40, "on-disk size");
_Static_assert(sizeof(struct cdn_calendar_rec) == 40, "on-disk size");
_Static_assert(sizeof(struct cdn_calday_rec) == 16, "on-disk size");
_Static_assert(sizeof(struct cdn_rate_rec) == 64, "on-disk size");
_Static_assert(sizeof(struct cdn_symbol_rec) == 16, "on-disk size");
_Static_assert(sizeof(struct cdn_groupslot_rec) == 12, "on-disk size");
_Static_assert(sizeof(struct cdn_group_rec) == 28, "on-disk size");
_Static_assert(sizeof(struct cdn_post_rec) == 24, "on-disk size");
_Static_assert(sizeof(struct cdn_axis_rec) == 24, "on-disk size");
_Static_assert(sizeof(struct cdn_guard_rec) == 16, "on-disk size");
_Static_assert(sizeof(struct cdn_rules_header) == 24 + 8 * CDN_TABLE_COUNT, "on-disk size");

#endif
