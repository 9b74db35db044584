/* SPDX-License-Identifier: Apache-2.0 */
/* cordon/cordon.h: open a snapshot, make a request, decide, read the decision. Links nothing but libc.
 *
 *     cordon_snapshot *snapshot = NULL;       cordon_request *request = NULL;
 *     cordon_decider *decider = NULL;         const cordon_decision *decision = NULL;
 *     cordon_error error;
 *
 *     cordon_snapshot_open("rules.snapshot", NULL, &snapshot, &error);
 *     cordon_decider_new(snapshot, NULL, &decider, &error);          one per thread
 *     cordon_request_new(NULL, &request, &error);
 *     cordon_request_set(request, CORDON_ON_REQUEST, CORDON_STR("action"), CORDON_STR("account.open"),
 * &error); … if (cordon_decide(decider, request, now, &decision, &error) != CORDON_OK ||
 *         cordon_decision_verdict(decision) != CORDON_VERDICT_ALLOW)
 *         the thing does not happen
 *
 * examples/build_request.c is the complete program. Requests and decisions as JSON are in cordon/json.h
 * (libcordon-json), rulebooks in cordon/compile.h (libcordon-compile).
 *
 * Rules that hold everywhere
 *  - Functions that can fail return CORDON_OK or a negative cordon_status, and say why in *e (which may be
 * NULL). Outputs named ret_* are untouched then, except a verdict, which is CORDON_VERDICT_NONE: not allowed.
 *  - Memory comes from the cordon_alloc passed to the function that makes an object (NULL: malloc), which
 * must outlive the object. What a getter returns belongs to the object it was asked of.
 *  - Threads: a snapshot may be shared by any number of threads, so may a finished request. A decider, its
 *    decisions and a request being built belong to one thread at a time. Nothing here has global state.
 *  - Nothing reads a clock: time is an argument, in seconds since 1970-01-01T00:00:00Z.
 *  - Nothing aborts, exits, logs, or opens anything but the snapshot. */
#ifndef CORDON_CORDON_H
#define CORDON_CORDON_H

#include "cordon/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- versions and names ---------------------------------------------------------------------------- */

#define CORDON_VERSION_MAJOR 0
#define CORDON_VERSION_MINOR 1
#define CORDON_VERSION_PATCH 0
#define CORDON_VERSION_NUMBER                                                                                \
    (CORDON_VERSION_MAJOR * 1000000 + CORDON_VERSION_MINOR * 1000 + CORDON_VERSION_PATCH)

/* A text literal as a slice (C99 and later; in C++ write cordon_text("…")). */
#ifndef __cplusplus
#define CORDON_STR(literal) ((cordon_str){(literal), sizeof(literal) - 1})
#endif

CORDON_API const char *cordon_version(void);     /* "0.1.0" of the library that runs */
CORDON_API uint32_t cordon_version_number(void); /* as CORDON_VERSION_NUMBER */
CORDON_API cordon_str
cordon_text(const char *z); /* slice of a NUL-terminated text; NULL gives the empty one */
CORDON_API const char *cordon_strerror(int status);    /* one English sentence; never NULL */
CORDON_API const char *cordon_status_name(int status); /* "CORDON_E_NAME" */
CORDON_API const char *cordon_verdict_name(
    int verdict);                                    /* "none", "allow", "limit", "hold", "deny", "freeze" */
CORDON_API const char *cordon_truth_name(int truth); /* "false", "true", "unknown", "contradictory" */

/* RFC 3339 with a zone → instant. CORDON_E_SYNTAX. */
CORDON_API int cordon_time_parse(cordon_str text, int64_t *ret, cordon_error *e) CORDON_MUST_CHECK;
#define CORDON_TIME_TEXT 32
CORDON_API size_t cordon_time_format(int64_t t,
                                     char ret[CORDON_TIME_TEXT]); /* "2022-03-05T05:00:00Z" and NUL */
#define CORDON_NEVER INT64_MAX

/* ---- snapshots -------------------------------------------------------------------------------------- */

/* Measures, territories, lists and geodata, compiled: immutable, validated when opened, shared by threads. */
typedef struct cordon_snapshot cordon_snapshot;

/* Opens a snapshot file, or the manifest of a store. The file must not be written to while it is open (the
 * compiler renames a new one into place). The caller holds one reference. CORDON_E_IO, CORDON_E_FORMAT,
 * CORDON_E_VERSION, CORDON_E_LIMIT, CORDON_E_NOMEM. */
CORDON_API int cordon_snapshot_open(const char *path,
                                    const cordon_alloc *alloc,
                                    cordon_snapshot **ret,
                                    cordon_error *e) CORDON_MUST_CHECK;
/* The same from memory that is 8-aligned and outlives the last reference. */
CORDON_API int cordon_snapshot_open_bytes(const void *bytes,
                                          size_t size,
                                          const cordon_alloc *alloc,
                                          cordon_snapshot **ret,
                                          cordon_error *e) CORDON_MUST_CHECK;
/* Counted atomically, from any thread. unref accepts NULL; the last one closes. */
CORDON_API cordon_snapshot *cordon_snapshot_ref(cordon_snapshot *s);
CORDON_API void cordon_snapshot_unref(cordon_snapshot *s);

/* "sha256:" and 64 hex digits and NUL: the name that every decision bears. As the file states it;
 * cordon_snapshot_verify() of cordon/compile.h recomputes it. */
#define CORDON_DIGEST_TEXT 72
CORDON_API void cordon_snapshot_digest(const cordon_snapshot *s, char ret[CORDON_DIGEST_TEXT]);
CORDON_API uint32_t cordon_snapshot_semantics(const cordon_snapshot *s);
/* Canonical JSON: which inputs of which version and date went in. */
CORDON_API cordon_str cordon_snapshot_info(const cordon_snapshot *s);
/* Canonical JSON of the rulebook, as `cordon export` gives it; empty when the snapshot was built without it.
 */
CORDON_API cordon_str cordon_snapshot_source(const cordon_snapshot *s);

typedef struct cordon_section {
    /* "strings", "rules", "places", "fold", "geo", "iin", "info", "source", "lists", "listed", "screen",
     * "names", "idents", "owners" */
    const char *kind;
    uint32_t instance; /* of "listed": one for each published list */
    uint64_t length;
    uint8_t sha256[32];
} cordon_section;
CORDON_API uint32_t cordon_snapshot_section_count(const cordon_snapshot *s);
CORDON_API int cordon_snapshot_section(const cordon_snapshot *s,
                                       uint32_t i,
                                       cordon_section *ret) CORDON_MUST_CHECK;

typedef struct cordon_measure {
    cordon_str id, title, version, owner, issuer, legal, appeal;
    const char *kind;         /* "measure", "licence", "statute", "protect" */
    const char *basis;        /* "law", "policy", "supplier", "protection" */
    int64_t effective, until; /* until: CORDON_NEVER where it is open */
} cordon_measure;
CORDON_API uint32_t cordon_snapshot_measure_count(const cordon_snapshot *s);
CORDON_API int cordon_snapshot_measure(const cordon_snapshot *s,
                                       uint32_t i,
                                       cordon_measure *ret) CORDON_MUST_CHECK;
/* Number of the measure with that id. CORDON_E_NOTFOUND. */
CORDON_API int cordon_snapshot_find(const cordon_snapshot *s, cordon_str id, uint32_t *ret) CORDON_MUST_CHECK;

/* The snapshot in use, replaced as a whole while threads go on reading. Any thread may call any of these. */
typedef struct cordon_slot cordon_slot;
CORDON_API int cordon_slot_new(const cordon_alloc *alloc,
                               cordon_slot **ret,
                               cordon_error *e) CORDON_MUST_CHECK;
/* Only when no other thread uses the slot any more. Accepts NULL. */
CORDON_API void cordon_slot_free(cordon_slot *slot);
/* Puts in `s` (NULL: none) with a reference of the slot's own; the former one is let go. CORDON_E_INTERNAL:
 * this machine's addresses are longer than the slot can hold; nothing was changed. */
CORDON_API int cordon_slot_set(cordon_slot *slot, cordon_snapshot *s, cordon_error *e) CORDON_MUST_CHECK;
/* A new reference to what is in it, NULL when nothing is. */
CORDON_API cordon_snapshot *cordon_slot_get(cordon_slot *slot);

/* ---- requests ---------------------------------------------------------------------------------------- */

/* What is to be decided. Members have the names of the JSON form (docs/request.md). Every text is copied. */
typedef struct cordon_request cordon_request;

/* What a value is said of: the request itself, a party or an object. */
typedef uint32_t cordon_subject;
#define CORDON_ON_REQUEST ((cordon_subject)0)

CORDON_API int cordon_request_new(const cordon_alloc *alloc,
                                  cordon_request **ret,
                                  cordon_error *e) CORDON_MUST_CHECK;
CORDON_API void cordon_request_free(cordon_request *r); /* accepts NULL */
/* Empties it for the next request; memory is kept. */
CORDON_API void cordon_request_clear(cordon_request *r);
/* Checks that it is complete, after which threads may share it. cordon_decide does it for a request that was
 * not. CORDON_E_ARG: no action or no service. */
CORDON_API int cordon_request_finish(cordon_request *r, cordon_error *e) CORDON_MUST_CHECK;
/* The instant that the request asks for, if it does: CORDON_OK or CORDON_E_NOTFOUND. */
CORDON_API int cordon_request_at(const cordon_request *r, int64_t *ret) CORDON_MUST_CHECK;

/* Appends a party in a role ("customer") or an object of a kind ("goods"). CORDON_E_NAME with a suggestion,
 * CORDON_E_LIMIT. The request must not be finished yet (CORDON_E_STATE), here and below. */
CORDON_API int cordon_request_add_party(cordon_request *r,
                                        cordon_str role,
                                        cordon_subject *ret,
                                        cordon_error *e) CORDON_MUST_CHECK;
CORDON_API int cordon_request_add_object(cordon_request *r,
                                         cordon_str kind,
                                         cordon_subject *ret,
                                         cordon_error *e) CORDON_MUST_CHECK;

/* Sets a member that is a text in JSON, or a date, number, yes or no in text form: of the request `action`,
 * `service`, `acting_entity`, `reference`, `at`; of a party `name`, `birth_date`, `gender`; everywhere its
 * facts, those declared by the rulebook as "facts/NAME". CORDON_E_NAME with a suggestion; CORDON_E_TYPE,
 * _SYNTAX, _RANGE. */
CORDON_API int cordon_request_set(cordon_request *r,
                                  cordon_subject on,
                                  cordon_str member,
                                  cordon_str value,
                                  cordon_error *e) CORDON_MUST_CHECK;
/* Facts of other types. No codes at all is "known to be none". */
CORDON_API int cordon_request_set_codes(cordon_request *r,
                                        cordon_subject on,
                                        cordon_str member,
                                        const cordon_str *codes,
                                        size_t count,
                                        cordon_error *e) CORDON_MUST_CHECK;
CORDON_API int cordon_request_set_money(cordon_request *r,
                                        cordon_subject on,
                                        cordon_str member,
                                        cordon_str amount, /* "6200.00" */
                                        cordon_str currency,
                                        cordon_error *e) CORDON_MUST_CHECK;
CORDON_API int cordon_request_set_bool(
    cordon_request *r, cordon_subject on, cordon_str member, int value, cordon_error *e) CORDON_MUST_CHECK;
/* "Was asked and not answered", and "does not apply here". Also for `relations`, `owners`, `listed`. */
CORDON_API int cordon_request_set_unanswered(cordon_request *r,
                                             cordon_subject on,
                                             cordon_str member,
                                             cordon_error *e) CORDON_MUST_CHECK;
CORDON_API int cordon_request_set_not_applicable(cordon_request *r,
                                                 cordon_subject on,
                                                 cordon_str member,
                                                 cordon_error *e) CORDON_MUST_CHECK;
/* `relations`, `owners` or `listed` are known to be none: a customer without relations is new. */
CORDON_API int cordon_request_set_none(cordon_request *r,
                                       cordon_subject on,
                                       cordon_str member,
                                       cordon_error *e) CORDON_MUST_CHECK;

/* One observed item. Zero everything, then set `size` (or use the init function); empty texts are absent.
 * Which members a kind takes is in docs/request.md: `value` for most; the address parts for addresses;
 * `country` with `region` for an IP address that the caller resolved; `iin` for a card; `country` and `value`
 * for a tax number; latitude and longitude for a position. */
typedef struct cordon_evidence {
    size_t size;
    cordon_str kind, value, seen, source;
    cordon_str country, region, city, postal_code, lines;
    cordon_str iin, latitude, longitude;
    int unanswered; /* it was asked for and not given */
} cordon_evidence;
CORDON_API void cordon_evidence_init(cordon_evidence *ev);
CORDON_API int cordon_request_add_evidence(cordon_request *r,
                                           cordon_subject on,
                                           const cordon_evidence *ev,
                                           cordon_error *e) CORDON_MUST_CHECK;

/* Dates as text ("2019-05-01"); empty: absent. */
CORDON_API int cordon_request_add_relation(cordon_request *r,
                                           cordon_subject party,
                                           cordon_str service,
                                           cordon_str since,
                                           cordon_str period_end,
                                           cordon_str until,
                                           cordon_error *e) CORDON_MUST_CHECK;
CORDON_API int cordon_request_add_identifier(cordon_request *r,
                                             cordon_subject party,
                                             cordon_str kind,
                                             cordon_str country,
                                             cordon_str value,
                                             cordon_error *e) CORDON_MUST_CHECK;
/* An owner of the party: another party of the request, or (owner 0) by name. `percent` may be empty;
 * `control`: not 0 when it controls the party by other means. */
CORDON_API int cordon_request_add_owner(cordon_request *r,
                                        cordon_subject party,
                                        cordon_subject owner,
                                        cordon_str name,
                                        cordon_str percent,
                                        int control,
                                        cordon_error *e) CORDON_MUST_CHECK;
/* A result of screening: cordon_truth, where CORDON_UNKNOWN is a possible match; score 0 … 1000. */
CORDON_API int cordon_request_add_listed(cordon_request *r,
                                         cordon_subject party,
                                         cordon_str list,
                                         cordon_str entry,
                                         int truth,
                                         int score,
                                         cordon_error *e) CORDON_MUST_CHECK;
/* State "usage": so much of the cap of `measure` is used up in the current window. */
CORDON_API int cordon_request_add_usage(cordon_request *r,
                                        cordon_str measure,
                                        cordon_str amount,
                                        cordon_str currency,
                                        cordon_error *e) CORDON_MUST_CHECK;

/* What is known from earlier requests: docs/request.md, "State". Start with cordon_state_init(); texts that
 * are empty are absent, `party` 0: none. */
typedef struct cordon_state {
    size_t size;
    cordon_str kind;               /* "usage", "duty", "clearance", "hold", "appeal" */
    cordon_str measure, reference; /* usage, duty: the measure is required */
    cordon_subject party;          /* clearance, hold, appeal: whom it concerns */
    cordon_str used, currency;     /* usage */
    cordon_str due, done, until;   /* dates or instants */
    cordon_str list, entry;        /* clearance: both are required */
    /* Clearance: as the decision told them that it answers; an entry that the snapshot holds is only cleared
     * with both, and only while they are what they were. */
    cordon_str entry_fingerprint, party_fingerprint;
    cordon_str by, why;
} cordon_state;
CORDON_API void cordon_state_init(cordon_state *s);
CORDON_API int cordon_request_add_state(cordon_request *r,
                                        const cordon_state *s,
                                        cordon_error *e) CORDON_MUST_CHECK;

/* ---- deciding ---------------------------------------------------------------------------------------- */

/* One thread's workspace over one snapshot, to which it holds a reference. */
typedef struct cordon_decider cordon_decider;
CORDON_API int cordon_decider_new(cordon_snapshot *s,
                                  const cordon_alloc *alloc,
                                  cordon_decider **ret,
                                  cordon_error *e) CORDON_MUST_CHECK;
CORDON_API void cordon_decider_free(cordon_decider *d);                       /* accepts NULL */
CORDON_API cordon_snapshot *cordon_decider_snapshot(const cordon_decider *d); /* no new reference */

/* The verdict alone, without allocating anything. *ret_verdict is set to CORDON_VERDICT_NONE first.
 * *ret_changes_at (may be NULL): the next instant at which time alone could change the answer, CORDON_NEVER.
 * CORDON_E_NAME: the snapshot has no such action or service; CORDON_E_RANGE: `at`. */
CORDON_API int cordon_decide_verdict(cordon_decider *d,
                                     cordon_request *r,
                                     int64_t at,
                                     cordon_verdict *ret_verdict,
                                     int64_t *ret_changes_at,
                                     cordon_error *e) CORDON_MUST_CHECK;

/* The full account. It belongs to the decider and is valid until the decider is used again or freed, and as
 * long as the request is. */
typedef struct cordon_decision cordon_decision;
CORDON_API int cordon_decide(cordon_decider *d,
                             cordon_request *r,
                             int64_t at,
                             const cordon_decision **ret,
                             cordon_error *e) CORDON_MUST_CHECK;
/* The same with every measure of the snapshot, also those that do not apply, and why not. */
CORDON_API int cordon_explain(cordon_decider *d,
                              cordon_request *r,
                              int64_t at,
                              const cordon_decision **ret,
                              cordon_error *e) CORDON_MUST_CHECK;

/* ---- reading a decision ------------------------------------------------------------------------------- */

CORDON_API cordon_verdict cordon_decision_verdict(const cordon_decision *d); /* NONE for NULL */
CORDON_API int cordon_decision_http_status(const cordon_decision *d);
CORDON_API int64_t cordon_decision_at(const cordon_decision *d);
CORDON_API int64_t cordon_decision_changes_at(const cordon_decision *d); /* CORDON_NEVER */

typedef struct cordon_decision_measure {
    uint32_t number; /* for cordon_snapshot_measure() */
    cordon_str id;
    const char *standing; /* "applied", "lifted", "excepted", "held", "false", "not_in_force", … */
    int value;            /* cordon_truth of its condition */
    cordon_verdict verdict;
    cordon_str lifted_by; /* id of the licence; empty: none */
    cordon_str why_not;
    uint32_t because_count;
} cordon_decision_measure;
CORDON_API uint32_t cordon_decision_measure_count(const cordon_decision *d);
CORDON_API int cordon_decision_get_measure(const cordon_decision *d,
                                           uint32_t i,
                                           cordon_decision_measure *ret) CORDON_MUST_CHECK;

/* One test of a measure's condition, as it came out. Of a measure that is only presumed not to hold, a
 * decision has the presumptions alone, without what was found: an explanation of all measures tells the rest.
 */
typedef struct cordon_because {
    cordon_str fact, is; /* "customer based in {RU, BY}"; what was found: "RU" */
    int value;           /* cordon_truth */
    int presumed;
    uint32_t evidence_count;
} cordon_because;
CORDON_API int cordon_decision_get_because(const cordon_decision *d,
                                           uint32_t measure,
                                           uint32_t i,
                                           cordon_because *ret) CORDON_MUST_CHECK;
/* JSON pointer into the request ("/parties/0/evidence/1") of evidence that the test rests on. *ret_against:
 * it spoke against. */
#define CORDON_POINTER_TEXT 64
CORDON_API int cordon_decision_get_evidence(const cordon_decision *d,
                                            uint32_t measure,
                                            uint32_t because,
                                            uint32_t i,
                                            char ret[CORDON_POINTER_TEXT],
                                            int *ret_against) CORDON_MUST_CHECK;

/* A fact that would settle what is unknown. */
typedef struct cordon_missing {
    cordon_str fact, why; /* "customer.since", "not asked" */
    char where[CORDON_POINTER_TEXT];
} cordon_missing;
CORDON_API uint32_t cordon_decision_missing_count(const cordon_decision *d);
CORDON_API int cordon_decision_get_missing(const cordon_decision *d,
                                           uint32_t i,
                                           cordon_missing *ret) CORDON_MUST_CHECK;

typedef struct cordon_duty {
    const char *kind; /* "report", "notify", "keep_records", "return", "review", "freeze", "warn" */
    cordon_str measure, text, to;
    int64_t due; /* CORDON_NEVER: no term */
} cordon_duty;
CORDON_API uint32_t cordon_decision_duty_count(const cordon_decision *d);
CORDON_API int cordon_decision_get_duty(const cordon_decision *d,
                                        uint32_t i,
                                        cordon_duty *ret) CORDON_MUST_CHECK;

/* Actions that stay allowed. */
CORDON_API uint32_t cordon_decision_keep_count(const cordon_decision *d);
CORDON_API cordon_str cordon_decision_get_keep(const cordon_decision *d,
                                               uint32_t i); /* empty beyond the last */

/* Of what date data is that the decision used: {"geo/libloc", "2022-10-29"}. */
typedef struct cordon_as_of {
    cordon_str what, date;
    int stale; /* past its age limit at the decision's instant: what rests on it is unknown */
} cordon_as_of;
CORDON_API uint32_t cordon_decision_as_of_count(const cordon_decision *d);
CORDON_API int cordon_decision_get_as_of(const cordon_decision *d,
                                         uint32_t i,
                                         cordon_as_of *ret) CORDON_MUST_CHECK;

typedef struct cordon_conflict {
    cordon_str kind, measure, other, text;
} cordon_conflict;
CORDON_API uint32_t cordon_decision_conflict_count(const cordon_decision *d);
CORDON_API int cordon_decision_get_conflict(const cordon_decision *d,
                                            uint32_t i,
                                            cordon_conflict *ret) CORDON_MUST_CHECK;

/* What the person concerned is told in that language (BCP 47), else in English, else in any; empty when there
 * is no notice or a conflict withholds it. */
CORDON_API cordon_str cordon_decision_notice(const cordon_decision *d, cordon_str language);

/* ---- places ------------------------------------------------------------------------------------------- */

/* Places that one piece of evidence speaks of at an instant, as a decision would take it. */
#define CORDON_PLACES 12
typedef struct cordon_places {
    cordon_str codes[CORDON_PLACES]; /* "RU", "UA-43", "crimea" */
    uint32_t count;
    cordon_str finest; /* the most exact one; empty: none */
    uint32_t asn;      /* of an IP address; 0: not known */
    int64_t changes_at;
    char doubt[128]; /* why it says less than it seems to: "ambiguous, stale data"; empty: no doubt */
} cordon_places;
CORDON_API int cordon_snapshot_places(const cordon_snapshot *s,
                                      const cordon_evidence *ev,
                                      int64_t at,
                                      cordon_places *ret,
                                      cordon_error *e) CORDON_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
