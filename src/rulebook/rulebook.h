/* SPDX-License-Identifier: Apache-2.0 */
/* rulebook.h: a rulebook after parsing and name resolution, as the other rooms of the write side see it.
 *
 * Always true of a struct cdn_rulebook that cdn_rulebook_load returned with CORDON_OK:
 *  1. every name is resolved (indexes below are valid); every instant is resolved through its zone;
 *  2. nothing is half there: one error anywhere means no rulebook, and all errors of all files are reported;
 *  3. order is the order of the files as given and of the declarations in them; ids are unique;
 *  4. all memory is in the arena that was passed in.
 * The text form is described in docs/measure-language.md, and rulebook_json.h has the JSON form. */
#ifndef CDN_RULEBOOK_H
#define CDN_RULEBOOK_H

#include "model/condition.h"
#include "model/model.h"

struct cdn_pos {
    uint32_t file, line, column; /* index into files; from 1 */
};
struct cdn_quote { /* a text in a language */
    cordon_str lang, text;
};
struct cdn_source {
    cordon_str title, url, accessed; /* accessed: as written, may be empty */
    cordon_str unverified;           /* why it could not be checked; empty: verified */
    struct cdn_pos pos;
};
/* An instant as somebody wrote it. Absent: written.n == 0. */
struct cdn_moment {
    int64_t at;         /* resolved instant */
    cordon_str written; /* "2022-03-05T00:00" */
    cordon_str
        zone; /* "America/New_York", "Z", "+03:00" (this one stood without a blank); empty: UTC assumed */
    struct cdn_pos pos;
};
struct cdn_span { /* a duration; business days need a calendar */
    int32_t amount;
    uint8_t unit;     /* enum cdn_unit */
    int32_t calendar; /* index, -1 none */
};

/* ---- declarations ----------------------------------------------------------------------------------- */

struct cdn_operator {
    cordon_str id, title;
    struct cdn_pos pos;
};
struct cdn_entity { /* a legal entity of an operator */
    cordon_str id, title;
    uint32_t operator;
    uint16_t country; /* packed */
    struct cdn_pos pos;
};
struct cdn_service {
    cordon_str id, title;
    int32_t operator; /* -1: of nobody in particular */
    cordon_str *classes;
    uint32_t class_count;
    struct cdn_pos pos;
};
struct cdn_action {
    cordon_str id, title;
    uint32_t needs_roles, may_roles;     /* bit per enum cdn_role: absent means unknown / not applicable */
    uint32_t needs_objects, may_objects; /* bit per enum cdn_object_kind */
    struct cdn_pos pos;
};
struct cdn_fact_decl { /* number in tests: CDN_FACT_DECLARED_BASE + index */
    cordon_str name, title;
    uint8_t owner, type;
    struct cdn_pos pos;
};
struct cdn_list_decl { /* a list of parties: us/sdn, eu/269-2014-annex-i … */
    cordon_str id, title, issuer;
    struct cdn_source *sources;
    uint32_t source_count;
    uint32_t max_age_days; /* 0: not set */
    struct cdn_pos pos;
};
struct cdn_set_decl { /* named set of codes or texts: set eu/annex-xiv-banks of bic { … } */
    cordon_str id, title;
    uint16_t evidence, fact; /* of which kind its members are (either may be 0) */
    uint8_t owner;
    cordon_str *members;
    uint32_t member_count;
    struct cdn_source *sources;
    uint32_t source_count;
    struct cdn_pos pos;
};
struct cdn_calendar_decl {
    cordon_str id, title, zone;
    uint8_t weekend;   /* bit 0 = Monday … bit 6 = Sunday */
    int32_t *holidays; /* days since 1970-01-01, sorted */
    uint32_t holiday_count;
    struct cdn_pos pos;
};
struct cdn_rate { /* 1 unit of `from` = `rate` units of `to`, from that day until the next entry */
    char from[4], to[4];
    struct cdn_moment since;
    struct cdn_decimal rate;
    struct cdn_source source;
};

/* A place as named in a rulebook. */
enum cdn_place_kind { CDN_PLACE_NONE, CDN_PLACE_COUNTRY, CDN_PLACE_REGION, CDN_PLACE_TERRITORY };
struct cdn_place {
    uint8_t kind;
    uint16_t country;   /* COUNTRY: packed; REGION: of which country */
    cordon_str region;  /* REGION: "UA-43" */
    uint32_t territory; /* TERRITORY: index */
    struct cdn_pos pos;
};
struct cdn_place_set { /* members without `except` */
    struct cdn_place *items, *except;
    uint32_t count, except_count;
};
/* How a territory is recognised. All entries may be dated; open ends are CDN_TIME_MIN and _MAX. */
enum cdn_mark_kind {
    CDN_MARK_NAME,
    CDN_MARK_CITY,
    CDN_MARK_AMBIGUOUS,
    CDN_MARK_NOT,
    CDN_MARK_POSTAL,
    CDN_MARK_PHONE,
    CDN_MARK_ASN,
    CDN_MARK_PREFIX,
    CDN_MARK_AREA
};
struct cdn_mark {
    uint8_t kind;
    cordon_str text;        /* name, city; phone prefix "+7978"; network prefix "91.199.0.0/16" */
    cordon_str lang;        /* of a name; may be empty */
    uint16_t country;       /* POSTAL: in which country's codes; AMBIGUOUS … "clear in RU" */
    cordon_str first, last; /* POSTAL range, same length */
    uint32_t number;        /* ASN */
    int32_t *points;        /* AREA: latitude, longitude pairs in 1e-6 degrees */
    uint32_t point_count;   /* pairs */
    int64_t from, until;
    struct cdn_moment from_written, until_written; /* the same as written; absent: open */
    struct cdn_pos pos;
};
struct cdn_territory_part {
    struct cdn_place place;
    bool exclude;
    int64_t from, until;
    struct cdn_moment from_written, until_written;
};
struct cdn_territory {
    cordon_str id, title;
    uint16_t *within; /* countries in whose context its names and codes count; any_context: everywhere */
    uint32_t within_count;
    bool any_context;
    struct cdn_territory_part *parts; /* regions, countries, other territories that it consists of */
    uint32_t part_count;
    struct cdn_place *part_of; /* countries and regions that it lies in without being all of them */
    uint32_t part_of_count;
    struct cdn_mark *marks;
    uint32_t mark_count;
    struct cdn_source *sources;
    uint32_t source_count;
    struct cdn_pos pos;
};

/* ---- conditions ------------------------------------------------------------------------------------- */

struct cdn_subject {
    uint8_t kind, index; /* ROLE: enum cdn_role; OBJECT: enum cdn_object_kind */
};
struct cdn_test {
    uint8_t kind, cmp;
    struct cdn_subject subject;
    uint16_t finding, evidence, fact; /* fact may be >= CDN_FACT_DECLARED_BASE */
    uint8_t standard;                 /* FINDING: enum cdn_standard, from the measure */
    struct cdn_place_set places;
    cordon_str *texts; /* literals, members of named sets included */
    uint32_t text_count;
    int32_t set; /* index of the named set that was written, -1 */
    bool boolean;
    struct cdn_money_literal {
        struct cdn_decimal amount;
        char currency[4];
    } money;                           /* MONEY, NUMBER */
    struct cdn_when when;              /* WHEN operand as written: an instant or a day */
    struct cdn_moment moment;          /* the same with its zone, where it had one */
    bool against_now;                  /* the operand is `now`; see left_offset, right_offset */
    int64_t left_offset, right_offset; /* seconds added to the fact, to the operand */
    int32_t service;                   /* NEW: service index, -1: the request's */
    uint32_t *lists;                   /* LISTED, OWNED */
    uint32_t list_count;
    uint16_t match, review;     /* LISTED: scores 0..1000 */
    struct cdn_decimal percent; /* OWNED */
    bool percent_strict;        /* "more than" rather than "or more" */
    bool aggregate, or_controlled;
    struct cdn_pos pos;
};
struct cdn_expr {
    uint8_t op;
    struct cdn_subject subject; /* ANY, EVERY: over whom; inside, IT is the one at hand */
    struct cdn_expr **children; /* AND, OR: two or more; XOR: two; NOT, ANY, EVERY: one */
    uint32_t count;
    struct cdn_test *test;
    struct cdn_pos pos;
};

/* ---- measures --------------------------------------------------------------------------------------- */

/* What an outcome line binds: "deny account.open, account.reopen on aws, cloud". */
struct cdn_outcome {
    uint8_t verdict; /* cordon_verdict */
    uint8_t form, scope;
    struct cdn_subject subject;   /* whom it binds; NONE: the first role that the condition names */
    uint32_t *actions, *services; /* resolved; classes and wildcards expanded where finite */
    uint32_t action_count, service_count;
    bool any_action, any_service;
    uint32_t *not_actions; /* "any action except …" */
    uint32_t not_action_count;
    cordon_str limit_to; /* limit … to "free tier" */
    bool has_cap;        /* limit … to 200 GBP per day */
    struct cdn_money_literal cap;
    uint8_t cap_window; /* enum cdn_unit: hours, days, months; NONE = per request */
    struct cdn_pos pos;
};
struct cdn_except {
    cordon_str label;
    struct cdn_expr *when;
    struct cdn_pos pos;
};
struct cdn_presume {       /* taken for true or false while nothing speaks either way */
    struct cdn_test *test; /* as written; of `any ROLE …` the subject is that role (or ANY_PARTY), not IT */
    struct cdn_test **targets; /* the tests of the measure's conditions that it stands for; one or more */
    uint32_t target_count;
    bool value;
    cordon_str why;
    struct cdn_source source;
    struct cdn_pos pos;
};
struct cdn_duty {
    uint8_t kind;
    cordon_str text, to;
    bool has_span;
    struct cdn_span span;
    bool condition; /* of a licence: "on condition report …": the lift is provisional */
    struct cdn_pos pos;
};
struct cdn_keep {
    uint32_t *actions;
    uint32_t action_count;
    struct cdn_moment until;
    cordon_str note;
    struct cdn_pos pos;
};
struct cdn_suspension {
    struct cdn_moment from, until;
    struct cdn_source source;
};
struct cdn_measure {
    cordon_str id;
    uint8_t class_;    /* enum cdn_class */
    uint8_t basis;     /* enum cdn_basis */
    cordon_str legal;  /* of law: "31 CFR 587" */
    cordon_str issuer; /* of law: the state or body; of policy: operator id */
    int32_t operator;  /* -1 */
    cordon_str title, owner, appeal, reason_class, release_authority;
    uint8_t release_count; /* people needed to release a hold; 0 = 1 */
    struct cdn_source *sources;
    uint32_t source_count;
    struct cdn_moment announced, effective, until, recorded;
    struct cdn_suspension *suspensions;
    uint32_t suspension_count;
    struct cdn_outcome *outcomes;
    uint32_t outcome_count;
    struct cdn_expr *when; /* NULL: always */
    struct cdn_except *excepts;
    uint32_t except_count;
    struct cdn_presume *presumes;
    uint32_t presume_count;
    uint8_t standard;         /* enum cdn_standard, default ANY for law, TWO_KINDS else */
    uint8_t if_unknown;       /* cordon_verdict; default HOLD */
    uint8_t if_contradictory; /* default HOLD */
    struct cdn_keep *keeps;
    uint32_t keep_count;
    struct cdn_duty *duties;
    uint32_t duty_count;
    struct cdn_quote *notices;
    uint32_t notice_count;
    uint32_t *entities; /* `binds`: legal entities bound; empty and no countries: everybody */
    uint32_t entity_count;
    uint16_t *bound_countries; /* `binds entities in {US}` */
    uint32_t bound_country_count;
    struct cdn_place_set bound_places; /* the same as written, with territories */
    uint32_t *lifts;                   /* licence: measures lifted */
    uint32_t lift_count;
    uint32_t *forbids; /* statute: measures that must not be obeyed */
    uint32_t forbid_count;
    uint32_t *supersedes;
    uint32_t supersede_count;
    struct cdn_pos pos;
};

/* ---- scenarios: see scenario.h of this room --------------------------------------------------------- */

struct cdn_scenario; /* a given request, an instant, what to expect */

struct cdn_rulebook {
    cordon_str *files; /* names as given, for messages */
    cordon_str *texts; /* and their contents */
    uint32_t file_count;
    struct cdn_operator *operators;
    struct cdn_entity *entities;
    struct cdn_service *services;
    struct cdn_action *actions;
    struct cdn_fact_decl *facts;
    struct cdn_list_decl *lists;
    struct cdn_set_decl *sets;
    struct cdn_calendar_decl *calendars;
    struct cdn_rate *rates;
    struct cdn_territory *territories;
    struct cdn_measure *measures;
    struct cdn_scenario *scenarios;
    uint32_t operator_count, entity_count, service_count, action_count, fact_count, list_count, set_count,
        calendar_count, rate_count, territory_count, measure_count, scenario_count;
    /* data settings: `geodata max-age 400 days max-radius 100 km` */
    uint32_t geo_max_age_days, geo_max_radius_km; /* 0: not set */
    cordon_str tz_version;
};

/* One message about a file: error, warning (lint) or note. */
struct cdn_diagnostic {
    uint8_t severity; /* 1 error, 2 warning, 3 note */
    cordon_str code;  /* "unknown-country", "undated" … */
    struct cdn_pos pos;
    uint32_t length; /* characters underlined */
    cordon_str message, expected, suggestion;
};
struct cdn_diagnostics {
    struct cdn_arena *arena;
    struct cdn_diagnostic *items;
    size_t count, cap, errors, warnings;
    int err; /* CORDON_E_NOMEM … of recording itself */
};

struct cdn_rulebook_source { /* one file's text; the caller reads files */
    cordon_str name, text;
};
/* Parses and resolves all files as one rulebook. `zoneinfo`: directory of the time-zone database.
 * CORDON_OK: *ret is complete. Otherwise *ret is untouched and diags say all that is wrong. */
int cdn_rulebook_load(const struct cdn_rulebook_source *sources,
                      size_t count,
                      const char *zoneinfo,
                      struct cdn_arena *arena,
                      struct cdn_diagnostics *diags,
                      struct cdn_rulebook **ret) CORDON_MUST_CHECK;
/* Lints (warnings) over a loaded rulebook. */
int cdn_rulebook_check(const struct cdn_rulebook *rb, struct cdn_diagnostics *diags) CORDON_MUST_CHECK;
/* Canonical layout of one file; keeps comments; idempotent. Errors: diags. */
int cdn_rulebook_format(struct cdn_rulebook_source source,
                        struct cdn_arena *arena,
                        struct cdn_diagnostics *diags,
                        struct cdn_buf *out) CORDON_MUST_CHECK;
/* "file:line:col: error: …", the source line, a caret, expected, suggestion. */
void cdn_diagnostic_write(struct cdn_buf *out,
                          const struct cdn_rulebook_source *files,
                          const struct cdn_diagnostic *d,
                          bool colour);
void cdn_diagnostic_json(struct cdn_buf *out,
                         const struct cdn_rulebook_source *files,
                         const struct cdn_diagnostic *d);

#endif
