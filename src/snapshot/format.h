/* SPDX-License-Identifier: Apache-2.0 */
/* format.h: the snapshot file, byte by byte. The write side makes it, the read side maps it; they meet here
 * and nowhere else.
 *
 * A snapshot is a manifest over sections. All integers are little endian; all records are naturally aligned
 * and without holes; sections begin at multiples of 64. A bundle is one file: manifest, then sections. In a
 * store the manifest's entries have offset 0 and each section is the file sections/<sha256 in hex> beside it.
 *
 *   struct cdn_snap_header    64 bytes
 *   struct cdn_snap_entry[n]  64 bytes each, sorted by kind then instance
 *   sections (bundle)
 *
 * The digest that names a snapshot is SHA-256 over the header and entries with every `offset` and
 * `file_length` taken as 0: the same content has the same name in a bundle and in a store.
 *
 * Invariants that cdn_snapshot_open checks, so that no later code checks again:
 *  1. every table lies inside its section, every index inside its table, every string inside the pool and
 *     valid UTF-8; sorted tables are sorted; hash tables have a free slot and reach every row;
 *  2. enumerations are within their tables; reserved fields are 0;
 *  3. expressions are trees that end before they begin again (children have smaller indexes than parents),
 *     at most CDN_MAX_EXPR_DEPTH deep;
 *  4. the rulebook's index finds exactly the outcomes that a scan finds.  */
#ifndef CDN_SNAPSHOT_FORMAT_H
#define CDN_SNAPSHOT_FORMAT_H

#include "model/model.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "snapshots are mapped as they are: a little-endian machine is needed"
#endif

#define CDN_SNAP_MAGIC 0x31304E4F44524F43ULL /* "CORDON01" */
enum { CDN_SNAP_FORMAT = 1, CDN_SEMANTICS = 1 };

enum cdn_section_kind {
    CDN_SECTION_STRINGS = 1, /* text pool */
    CDN_SECTION_RULES = 2,   /* struct cdn_rules_header and its tables */
    CDN_SECTION_PLACES = 3,  /* place ids, territories, the index of names (places/names.h) */
    CDN_SECTION_FOLD = 4,    /* folding table (text/text.h) */
    CDN_SECTION_GEO = 5,     /* IP ranges (places/ip.h) */
    CDN_SECTION_IIN = 6,     /* card number ranges (places/iin.h) */
    CDN_SECTION_INFO = 7,    /* canonical JSON: inputs with their versions, dates and digests */
    CDN_SECTION_SOURCE = 8   /* canonical JSON of the rulebook (export form), for people and for diff */
};
struct cdn_snap_header {
    uint64_t magic;
    uint32_t format, semantics;
    uint32_t section_count, reserved;
    uint64_t file_length; /* of a bundle; a store's manifest: its own length */
    uint8_t pad[32];
};
struct cdn_snap_entry {
    uint32_t kind, instance; /* instance: 0, or the number of a list */
    uint64_t offset, length;
    uint8_t sha256[32];
    uint64_t reserved;
};
_Static_assert(sizeof(struct cdn_snap_header) == 64, "on-disk size");
_Static_assert(sizeof(struct cdn_snap_entry) == 64, "on-disk size");

/* A string: offset and length in STRINGS. Offset 0 is the empty string. */
struct cdn_sref {
    uint32_t at, n;
};
/* A run of rows of another table. */
struct cdn_run {
    uint32_t first, count;
};
#define CDN_NO_INDEX UINT32_MAX

/* ---- RULES ----------------------------------------------------------------------------------------- */

enum cdn_table {
    CDN_T_MEASURE,
    CDN_T_OUTCOME,
    CDN_T_EXPR,
    CDN_T_TEST,
    CDN_T_CODE,
    CDN_T_SET,
    CDN_T_SETWORD,
    CDN_T_INDEX,
    CDN_T_SOURCE,
    CDN_T_QUOTE,
    CDN_T_DUTY,
    CDN_T_KEEP,
    CDN_T_EXCEPT,
    CDN_T_PRESUME,
    CDN_T_SUSPENSION,
    CDN_T_SERVICE,
    CDN_T_ACTION,
    CDN_T_ENTITY,
    CDN_T_FACT,
    CDN_T_LIST,
    CDN_T_CALENDAR,
    CDN_T_CALDAY,
    CDN_T_RATE,
    CDN_T_SYMBOL,
    CDN_T_GROUP,
    CDN_T_GROUPSLOT,
    CDN_T_POST,
    CDN_T_AXIS,
    CDN_T_GUARD,
    CDN_T_WORD,
    CDN_TABLE_COUNT
};
struct cdn_rules_header {
    uint32_t version, table_count;
    uint32_t geo_max_age_days, geo_max_radius_km;
    struct {
        uint32_t offset, count;
    } tables[CDN_TABLE_COUNT];
};

struct cdn_moment_rec {
    int64_t at;              /* CDN_TIME_MIN / _MAX where open */
    struct cdn_sref written; /* "2022-03-05T00:00 America/New_York"; empty: not given */
};
struct cdn_measure_rec {
    struct cdn_sref id, title, legal, issuer, owner, appeal, reason_class, release_authority;
    struct cdn_sref version; /* first 16 hex digits of the SHA-256 of the measure's canonical JSON */
    struct cdn_moment_rec announced, effective, until, recorded;
    struct cdn_run sources, outcomes, excepts, presumes, suspensions, keeps, duties, notices; /* own tables */
    struct cdn_run entities, lifts, forbids, lifted_by, forbidden_by; /* T_INDEX: entity or measure numbers */
    struct cdn_run bound_countries;                                   /* T_INDEX: packed countries */
    struct cdn_run roles;   /* T_INDEX: roles named outside quantifiers, in order of first mention */
    struct cdn_run objects; /* T_INDEX: object kinds, likewise */
    uint32_t when;          /* T_EXPR, CDN_NO_INDEX: always */
    uint32_t except_any;    /* T_EXPR: OR of the exceptions, CDN_NO_INDEX: none */
    uint8_t class_, basis, standard, if_unknown, if_contradictory, release_count, pad[2];
};
struct cdn_outcome_rec {
    uint32_t measure;
    uint8_t verdict, form, scope, subject_kind, subject_index, cap_window, flags,
        pad;                                       /* flags: 1 any action, 2 any service, 4 cap */
    struct cdn_run actions, services, not_actions; /* T_INDEX */
    struct cdn_sref limit_to;
    int64_t cap_mantissa;
    char cap_currency[4];
    uint8_t cap_scale, pad2[3];
};
/* Children are T_INDEX runs of expression numbers smaller than the own one. */
struct cdn_expr_rec {
    uint8_t op, subject_kind, subject_index, pad;
    uint32_t test;
    struct cdn_run children;
};
struct cdn_test_rec {
    uint8_t kind, cmp, subject_kind, subject_index;
    uint16_t finding, evidence, fact;
    uint8_t standard, type, flags,
        pad;      /* flags: 1 boolean, 2 against_now, 4 percent_strict, 8 aggregate, 16 or_controlled */
    uint32_t set; /* T_SET: places, CDN_NO_INDEX */
    struct cdn_run codes;           /* T_CODE, sorted by hash then text */
    int64_t mantissa;               /* MONEY, NUMBER, percent */
    int64_t when_first, when_after; /* struct cdn_when */
    int64_t left_offset, right_offset;
    char currency[4];
    uint8_t scale, when_kind;
    uint16_t match, review;
    uint16_t pad2;
    uint32_t service;     /* NEW: T_SERVICE, CDN_NO_INDEX: the request's */
    struct cdn_run lists; /* T_INDEX */
    struct cdn_sref text; /* the test in words, as the language writes it */
};
struct cdn_code_rec {
    uint64_t hash; /* cdn_hash(text, 0) */
    struct cdn_sref text;
};
/* A set of places: bits over place ids (PLACES section), and the ids that are neither in nor out but above:
 * a country of which only a part is in the set. */
struct cdn_set_rec {
    uint32_t words; /* T_SETWORD: `words_each` words of members, then as many of "above" */
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
    int32_t amount;
    uint32_t calendar;
    uint8_t kind, unit, condition, pad[5];
};
struct cdn_keep_rec {
    struct cdn_run actions;
    struct cdn_moment_rec until;
    struct cdn_sref note;
};
struct cdn_except_rec {
    struct cdn_sref label;
    uint32_t when, pad;
};
struct cdn_presume_rec {
    uint32_t test, value;
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
    uint32_t a, b; /* ENTITY: packed country, 0; FACT: owner, type; SERVICE, LIST: 0 */
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
    struct cdn_run days; /* T_CALDAY */
};
struct cdn_calday_rec {
    int64_t starts;    /* instant of local midnight */
    uint32_t business; /* business days before this one, since first_day; bit 31: this is one */
    uint32_t pad;
};
struct cdn_rate_rec { /* sorted by pair, then time */
    char from[4], to[4];
    int64_t since, mantissa;
    uint32_t scale, pad;
    struct cdn_source_rec source;
};

/* Symbols: open addressing over (domain, hash); slot count is a power of two, at most half full.
 * domain 0: free slot; 1 action, 2 service, 3 entity, 4 declared fact, 5 list, 6 measure */
struct cdn_symbol_rec {
    uint64_t hash;
    uint32_t domain, index;
};

/* The index. A group holds the outcomes of one (action, service), (action, any), (any, service) or (any,
 * any); a request looks at up to four groups. T_GROUPSLOT is an open-addressed table over the pairs.
 *
 * Within a group outcomes are numbered 0 … n-1 (T_POST, sorted by measure then outcome). An axis is one thing
 * a condition can ask of one subject: (subject, finding, standard), (subject, evidence kind) or (subject,
 * code fact). An outcome is *guarded* on an axis when its condition can only be other than false if the axis
 * takes one of certain keys; the guard table of the axis maps key → bits of the outcomes it lets through.
 * Guards are an optimisation and never change an answer: cdn_decide_scan ignores them. */
struct cdn_groupslot_rec {
    uint32_t action, service; /* CDN_NO_INDEX: any */
    uint32_t group;           /* CDN_NO_INDEX: free slot */
};
struct cdn_group_rec {
    struct cdn_run posts; /* T_POST */
    struct cdn_run axes;  /* T_AXIS */
    uint32_t words;       /* 64-bit words per bit row: (posts.count + 63) / 64 */
    uint32_t pad;
};
struct cdn_post_rec {
    uint32_t outcome, measure;
    int64_t effective, until; /* copied for one look */
};
struct cdn_axis_rec {
    uint8_t kind; /* enum cdn_test_kind: FINDING, EVIDENCE, FACT */
    uint8_t subject_kind, subject_index, standard;
    uint16_t finding, evidence, fact, pad;
    uint32_t unguarded;    /* T_WORD: row of outcomes that this axis does not filter */
    struct cdn_run guards; /* T_GUARD, sorted by key */
};
struct cdn_guard_rec {
    uint64_t key; /* place id, or hash of a code */
    uint32_t row; /* T_WORD */
    uint32_t pad;
};

#endif
