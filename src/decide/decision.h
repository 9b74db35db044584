/* SPDX-License-Identifier: Apache-2.0 */
/* decision.h: a decision with all its reasons, as decide makes it and the JSON writer prints it.
 *
 * Two levels. struct cdn_result is what the hot path fills: verdict and the measures that matter, without
 * an allocation. struct cdn_decision is the full account, built from a result in an arena.
 * Indexes named `measure` are into the snapshot's measures. */
#ifndef CDN_DECISION_H
#define CDN_DECISION_H

#include "model/request.h"

enum cdn_standing { /* what became of a measure in this decision */
                    CDN_STANDING_NONE = 0,
                    CDN_STANDING_APPLIED,      /* its outcome counts */
                    CDN_STANDING_LIFTED,       /* a licence lifted it */
                    CDN_STANDING_EXCEPTED,     /* one of its own exceptions */
                    CDN_STANDING_HELD_UNKNOWN, /* unknown or contradictory: its own policy (hold …) counts */
                    CDN_STANDING_FALSE,        /* condition is false (only in explanations) */
                    CDN_STANDING_NOT_IN_FORCE, /* not yet, no more, suspended, superseded (only in
                                                  explanations) */
                    CDN_STANDING_NOT_BOUND,    /* the acting entity is not bound (only in explanations) */
                    CDN_STANDING_OTHER_ACTION, /* says nothing about this action and service (only in
                                                  explanations) */
                    CDN_STANDING_PRESUMED      /* false only because something was presumed */
};
struct cdn_hit {
    uint32_t measure;
    uint32_t outcome;     /* the outcome line that bore the strictest verdict */
    int32_t lifted_by;    /* licence's measure index, -1 */
    uint8_t value;        /* cordon_truth of the whole condition, exceptions included */
    uint8_t standing;     /* enum cdn_standing */
    uint8_t verdict;      /* what it contributes */
    uint8_t subject_kind; /* enum cdn_subject_kind REQUEST, ROLE (a party) or OBJECT */
    uint16_t subject;     /* index into parties or objects */
    uint16_t reserved;    /* 0: no byte of a hit is left to chance */
};
struct cdn_result {
    uint8_t verdict; /* cordon_verdict; set to NONE first thing */
    bool conflict;
    bool held;                  /* an open hold of the state contributes */
    bool screened;              /* somebody was screened against the snapshot's lists */
    bool owners_asked;          /* the relations file was asked */
    uint32_t hit_count;         /* in the decider's own array, ordered by measure index */
    const struct cdn_hit *hits; /* valid until the decider is used again */
    int64_t changes_at;         /* CDN_TIME_MAX: never */
};

/* ---- the full account ------------------------------------------------------------------------------ */

struct cdn_pointer { /* into the request: /parties/i[/evidence/j] or /objects/i… or the request itself */
    uint8_t kind;    /* enum cdn_subject_kind: REQUEST, ROLE, OBJECT */
    uint16_t index;
    int32_t evidence;  /* -1: the party or object itself */
    const char *field; /* "since", "facts/tier" … or NULL */
};
struct cdn_because { /* one test of a condition, as it came out */
    cordon_str text; /* in words: "customer based in {RU, BY}" */
    cordon_str is;   /* what was found: "UA-43", "none", "12 EUR" … may be empty */
    uint8_t value;   /* cordon_truth */
    bool presumed;
    cordon_str presumed_why;
    struct cdn_pointer who;       /* was asked */
    struct cdn_pointer *evidence; /* used, for and against */
    bool *against;
    uint32_t evidence_count;
    /* Of a test on lists or ownership: whom it may be, who owns it, and what is odd about that. */
    struct cdn_candidate_told *candidates;
    struct cdn_link_told *links;
    cordon_str *findings; /* "shares of X sum to 130 %", "a circle through X", "disputed: …" */
    uint32_t candidate_count, link_count, finding_count;
};
/* Somebody on a list who may be the party: found by the engine, or supplied with the request. */
struct cdn_candidate_told {
    struct cdn_pointer who;       /* the party; an owner who is only a name: its `owners` member */
    cordon_str list, entry, name; /* `name` as listed; empty for what the request supplied without data */
    uint16_t name_score, score;   /* of the names alone; with everything else. 0 … 1000 */
    uint8_t value;                /* cordon_truth: TRUE sure, UNKNOWN possible, FALSE cleared or too low */
    bool supplied, has_score;
    cordon_str cleared;     /* who cleared it, until when and why; empty: nobody */
    cordon_str not_cleared; /* why a clearance that names it does not count; empty: there is none */
    cordon_str *for_, *against;
    uint32_t for_count, against_count;
    /* To be recorded with a clearance; 32 hex digits, empty where the snapshot does not hold the entry. */
    cordon_str entry_fingerprint, party_fingerprint;
};
struct cdn_link_told {       /* one owner of one owned, as it was counted */
    cordon_str owner, owned; /* names, or roles where there is none */
    cordon_str percent;      /* "51", "25-50"; empty: not known */
    cordon_str kind, source; /* "direct", "indirect", "control"; "request", or what the file says */
    uint8_t counts;          /* cordon_truth: is the owner on the list, or owned by those on it? */
    bool disputed;
};
struct cdn_missing {
    cordon_str fact; /* "customer.since", "customer based in" */
    struct cdn_pointer where;
    cordon_str
        why; /* "not asked", "unanswered", "stale", "one kind only", "ambiguous", "sources disagree" … */
    uint32_t *measures; /* that would be settled by it */
    uint32_t measure_count;
};
struct cdn_contradiction {
    cordon_str fact;
    struct cdn_pointer *for_, *against;
    uint32_t for_count, against_count;
    uint32_t measure;
};
struct cdn_conflict {
    cordon_str kind; /* "blocking statute", "forms", "protected" */
    uint32_t measure, other;
    cordon_str text;
};
struct cdn_duty_due {
    uint32_t measure, duty; /* duty: index in the snapshot */
    bool has_due;
    int64_t due;
};
struct cdn_account { /* of one measure */
    struct cdn_hit hit;
    cordon_str why_not; /* NOT_IN_FORCE …: "not yet in force (effective 2022-03-05T05:00:00Z)" */
    int32_t except;     /* index of the exception that held, -1 */
    bool provisional;   /* lifted on a condition still to be fulfilled */
    struct cdn_because *because;
    uint32_t because_count;
};
struct cdn_outcome_line {
    struct cdn_pointer subject;
    uint8_t verdict, form, scope, basis;
    cordon_str limit_to;
    bool has_cap;
    struct cdn_money cap, remaining;
    uint32_t *measures;
    uint32_t measure_count;
};
struct cdn_as_of {
    cordon_str what, date; /* "geo/libloc", "2022-10-29"; "list/us/sdn" */
    bool stale;
    cordon_str digest; /* of a list: SHA-256 in hex; else empty */
    uint64_t count;    /* of a list: entries */
};
struct cdn_open { /* an open hold or appeal that the state tells of */
    cordon_str measure, reference, by, why;
    struct cdn_pointer subject;
    bool has_until;
    struct cdn_when until;
};
struct cdn_decision {
    uint8_t verdict;
    uint32_t semantics;
    int64_t at, changes_at; /* changes_at CDN_TIME_MAX: null */
    struct cdn_outcome_line *outcomes;
    struct cdn_account *measures; /* hits; in an explanation all measures. Of one that is only presumed not to
                                     hold, a decision tells what was presumed. */
    struct cdn_missing *missing;
    struct cdn_contradiction *contradictions;
    struct cdn_conflict *conflicts;
    struct cdn_duty_due *duties;
    cordon_str *keep; /* actions, sorted */
    struct cdn_as_of *as_of;
    struct cdn_open *holds, *appeals;
    uint32_t hold_count, appeal_count;
    uint32_t outcome_count, measure_count, missing_count, contradiction_count, conflict_count, duty_count,
        keep_count, as_of_count;
    bool explained;       /* every measure of the snapshot is told, each with all its tests and texts */
    bool notice_withheld; /* a conflict: no automatic notice */
    uint16_t http_status; /* 200, 403, 451; 409 for hold? see docs/semantics.md CS-HTTP */
};

#endif
