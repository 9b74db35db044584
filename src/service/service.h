/* SPDX-License-Identifier: Apache-2.0 */
/* service.h: everything that cordond does, without HTTP. Start here; docs/service.md tells the life of a
 * request.
 *
 * Always true here:
 *  1. nothing is answered that is not durable: a decision's answer is handed out after its journal record,
 * with request, state, snapshot digest, instant and decision, has been written and synced. Where it cannot be
 *     recorded there is an error and no verdict;
 *  2. an answer is what the library gives for (request with merged state, one snapshot, one instant); a
 * worker takes the current snapshot at the start of a request and keeps it to the end, so that no answer is a
 * mixture;
 *  3. the instant is the service's clock; only a caller with the replay role may choose it (member `at`);
 *  4. a clock that is unset or has gone back, a full disk, a failing journal: refused with CORDON_E_STATE or
 *     CORDON_E_IO, counted by reason, and served again by itself when the cause is gone;
 *  5. what changes state is a journalled event before it counts; whoever may not do it is refused before
 * anything happens.
 *
 * Threads: a struct cdn_service is shared by any number of threads. A worker belongs to one thread at a time.
 * Completions run on the journal's committer thread, or on the caller's before the function returns; they
 * must be short and must not call back into the service except cdn_service_reply_free(). The service never
 * reads a clock but through options.clock. */
#ifndef CDN_SERVICE_H
#define CDN_SERVICE_H

#include "base/base.h"
#include "cordon/cordon.h"

struct cdn_file_ops;
struct cdn_service;
struct cdn_service_worker;
struct cdn_service_batch;

/* ---- time ------------------------------------------------------------------------------------------------
 */

struct cdn_service_time {
    int64_t wall;     /* seconds since 1970-01-01T00:00:00Z */
    uint32_t wall_ns; /* below a second */
    uint64_t mono;    /* nanoseconds of CLOCK_MONOTONIC; for deadlines, latencies and waiting */
};
struct cdn_service_clock {
    void (*read)(void *ctx, struct cdn_service_time *ret); /* any thread */
    void *ctx;
};

/* ---- opening ---------------------------------------------------------------------------------------------
 */

/* Start with cdn_service_options_init(). Texts are copied. */
struct cdn_service_options {
    const struct cordon_alloc *alloc; /* NULL: malloc. Called by several threads */
    struct cdn_service_clock clock;   /* needed */
    const char *data;                 /* directory of everything that lasts; made (mode 0700) when missing */
    /* What is active when no snapshot was ever activated, and what a reload takes: exactly one of both. */
    const char *rulebook; /* folder or file of the measure language: compiled */
    const char *snapshot; /* file of a built snapshot: copied into the data directory */
    const char *lists;    /* a store of lists (cordon/lists.h): all in use go into the snapshot; NULL: none */
    const char *owners;   /* who owns whom: a file of links (docs/lists.md); NULL: none */
    const char *const *geodata;
    size_t geodata_count;             /* 0: the system's libloc database */
    const char *zoneinfo;             /* NULL: /usr/share/zoneinfo */
    const char *name;                 /* of the log, in checkpoints; NULL: "cordon.local" */
    bool no_journal;                  /* decisions are answered without a record: for measuring only */
    bool no_geodata;                  /* compile without networks */
    bool no_scenarios;                /* do not run a rulebook's scenarios before it is activated */
    bool no_sync;                     /* journal without fdatasync: for measuring only */
    const struct cdn_file_ops *files; /* of the journal; NULL: the machine's. For simulated failures */
    int64_t not_before;          /* a wall clock before this is unset; 0: when this program was released */
    int64_t back_seconds;        /* tolerance of a clock behind the last journalled instant; default 2 */
    int64_t idempotency_seconds; /* how long an idempotency key is remembered; default 7 days */
    uint32_t batch_threads;      /* default 2 */
    uint32_t max_waiting;        /* decisions between append and durable; more are refused. Default 65536 */
    /* Told of every change of state for the log of the operator; any thread. NULL: not told. No personal
     * data. */
    void (*log)(void *ctx,
                int severity,
                const char *event,
                const char *detail); /* severity: 1 error 2 warning 3 note */
    void *log_ctx;
    /* Every new signed checkpoint, for a witness; from a thread of the journal, may take its time. NULL:
     * nobody. */
    void (*checkpoint)(void *ctx, uint64_t size, cordon_str note);
    void *checkpoint_ctx;
    /* No timer thread: cdn_service_tick() does what is due (tests, simulation). */
    bool no_threads;
};
void cdn_service_options_init(struct cdn_service_options *o);

/* Locks the data directory, recovers the journal, lets the store catch up, opens the active snapshot (builds
 * the first one where there is none), starts the threads. CORDON_E_STATE: somebody else holds the lock, or
 * the clock is not usable for the first build; CORDON_E_IO; CORDON_E_FORMAT, CORDON_E_DIGEST: what is
 * damaged, and what to do; CORDON_E_SYNTAX: the rulebook's first error. */
int cdn_service_open(const struct cdn_service_options *o,
                     struct cdn_service **ret,
                     struct cordon_error *e) CORDON_MUST_CHECK;
/* Waits for decisions under way to be durable and answered, stops the threads, gives the lock back. Workers
 * and batches must have been freed. Accepts NULL. */
void cdn_service_close(struct cdn_service *s);
/* What is due at this moment: scheduled activation, recovery of a failed journal, catching up. The service's
 * own timer thread calls it each second or at the next due instant, whichever is first. */
void cdn_service_tick(struct cdn_service *s);
/* Whether a decision could be made now; *ret_why (may be NULL) is a static text when not: "clock", "journal",
 * "disk", "snapshot", "closing". For /v1/ready. */
bool cdn_service_ready(struct cdn_service *s, const char **ret_why);

/* ---- who asks --------------------------------------------------------------------------------------------
 */

/* Roles of a key, a bit each; the words are those of the event key.created. */
enum {
    CDN_MAY_DECIDE = 1,  /* "decide": decide, batch */
    CDN_MAY_READ = 2,    /* "read": explain, screen, measures, lists, status, cases */
    CDN_MAY_AUTHOR = 4,  /* "author": drafts, snapshots, clearances, appeals */
    CDN_MAY_APPROVE = 8, /* "approve": approvals, activation, roll back */
    CDN_MAY_AUDIT = 16,  /* "audit": journal, search, legal hold, erasure, backup */
    CDN_MAY_REPLAY = 32, /* "replay": may choose the instant */
    CDN_MAY_ADMIN = 64,  /* "admin": keys */
    CDN_MAY_ALL = 127
};
const char *cdn_service_role_name(unsigned bit); /* NULL: no such role */

/* Texts point into the service and stay until it is closed. */
struct cdn_service_caller {
    cordon_str key;       /* public id of the key, as in the journal; empty: a local caller without a key */
    uint32_t roles;       /* CDN_MAY_… */
    uint32_t rate, burst; /* requests a second of this key, and at once above it; 0: the daemon's default */
    uint32_t slot;        /* small number that is this key's alone while the service runs; for rate limits */
};
/* The key that has this secret. CORDON_E_NOTFOUND: none, or it was revoked or has expired (not told apart).
 * Needs no lock on the read path and compares hashes in constant time. */
int cdn_service_authenticate(struct cdn_service *s,
                             cordon_str secret,
                             struct cdn_service_caller *ret,
                             struct cordon_error *e) CORDON_MUST_CHECK;

/* ---- deciding --------------------------------------------------------------------------------------------
 */

/* Why there is no verdict; counted in the metrics. The order is that of the metrics. */
enum cdn_service_refusal {
    CDN_REFUSED_NOT = 0,
    CDN_REFUSED_ROLE,     /* the key may not do this: 403 */
    CDN_REFUSED_REQUEST,  /* malformed, unknown member …: 400, 422 for names and ranges */
    CDN_REFUSED_SIZE,     /* too large: 413 */
    CDN_REFUSED_CONFLICT, /* idempotency key used with another body, or state that changed meanwhile: 409, 422
                           */
    CDN_REFUSED_NOTFOUND, /* 404 */
    CDN_REFUSED_CLOCK,    /* unset or gone back: 503 */
    CDN_REFUSED_JOURNAL,  /* could not be recorded: 503 */
    CDN_REFUSED_DISK,     /* the same because the disk is full: 507 or 503 */
    CDN_REFUSED_BUSY,     /* too many waiting: 503 with Retry-After */
    CDN_REFUSED_DEADLINE, /* the client's deadline passed before deciding: 504 */
    CDN_REFUSED_MEMORY,   /* 503 */
    CDN_REFUSED_CLOSING,  /* 503 */
    CDN_REFUSED_INTERNAL, /* 500 */
    CDN_REFUSAL_COUNT
};
const char *cdn_service_refusal_name(unsigned refusal); /* "role", "request" …; for labels of metrics */
int cdn_service_refusal_status(unsigned refusal,
                               int code); /* HTTP status for it and the CORDON_E_* beside it */

/* A problem document (RFC 9457) for a refusal; `refused` is its name. For errors of the functions below. */
void cdn_service_write_problem(struct cdn_buf *out, unsigned refusal, const struct cordon_error *e);

struct cdn_service_ask {
    cordon_str body; /* the request as JSON; borrowed during the call */
    struct cdn_service_caller caller;
    cordon_str idempotency; /* at most 255 bytes; empty: none */
    cordon_str trace;       /* W3C trace id or what the client sent, at most 255 bytes; empty: none */
    uint64_t deadline;      /* of the monotonic clock, in nanoseconds; 0: none */
    bool more;              /* others are asked at once after this one: their records may be one group; then
                               cdn_service_push */
};
/* One answer. Belongs to the completion that gets it; give it back with cdn_service_reply_free(), from any
 * thread, also after the worker is gone, and after the service is closed. */
struct cdn_service_reply {
    int code;              /* CORDON_OK, or why not; then `body` is a problem document and verdict NONE */
    uint8_t refusal;       /* enum cdn_service_refusal */
    uint8_t verdict;       /* cordon_verdict */
    bool repeated;         /* the recorded answer to an earlier request of the same idempotency key */
    uint16_t http_status;  /* of the decision (CS-HTTP), or of the refusal */
    cordon_str body;       /* {"decision":…,"envelope":…,"snapshot":…}, or the problem document */
    cordon_str blocked_by; /* for Link rel="blocked-by": URL of the strictest law's source, else its issuer;
                              may be empty */
    uint64_t index;        /* of the journal record */
    int64_t changes_at;    /* CORDON_NEVER: time alone never changes it */
    cordon_error error;    /* when code is not CORDON_OK */
};
void cdn_service_reply_free(struct cdn_service_reply *r); /* accepts NULL */
typedef void (*cdn_service_done)(void *ctx, struct cdn_service_reply *reply);

int cdn_service_worker_new(struct cdn_service *s,
                           struct cdn_service_worker **ret,
                           struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_service_worker_free(struct cdn_service_worker *w); /* accepts NULL */

/* Decides one request. `done` is called exactly once: during this call for refusals and for answers that are
 * already durable, else from the committer thread. CORDON_E_NOMEM alone is returned instead of told: not even
 * a refusal could be made, `done` is not called, nothing was decided. */
int cdn_service_decide(struct cdn_service_worker *w,
                       const struct cdn_service_ask *ask,
                       cdn_service_done done,
                       void *ctx) CORDON_MUST_CHECK;
/* After asking with `more`, as soon as there is no more to ask: what was decided goes to the disk. */
void cdn_service_push(struct cdn_service *s);
/* The full account with every measure, now or at the caller's instant (replay role). Decides nothing, records
 * nothing. Appends to `out`. */
int cdn_service_explain(struct cdn_service_worker *w,
                        const struct cdn_service_ask *ask,
                        struct cdn_buf *out,
                        struct cordon_error *e) CORDON_MUST_CHECK;
/* One party against the lists of the active snapshot, now: {"name" or
 * "names","type"?,"birth_dates"?,"birth_places"?,"addresses"?,
 * "nationalities"?,"countries"?,"gender"?,"identifiers"?:[{"kind","country"?,"value"}],"lists"?,"sure"?,"review"?},
 * read strictly; the answer has "verdict" ("no", "possible", "sure"), "partial" and "candidates".
 * CORDON_E_NOTFOUND: there are no lists. */
int cdn_service_screen(struct cdn_service_worker *w,
                       const struct cdn_service_ask *ask,
                       struct cdn_buf *out,
                       struct cordon_error *e) CORDON_MUST_CHECK;

/* ---- many at once ----------------------------------------------------------------------------------------
 */

/* JSON Lines in, JSON Lines out: one request per line, one answer or problem document per line, in the same
 * order. Lines are decided in blocks by the service's batch threads, and recorded in groups. With an
 * idempotency key, line n (from 1) has the key KEY/n. Neither function waits: feed takes what fits, take
 * gives what is ready.
 *
 * `notify` (may be NULL) is called from a batch or committer thread when there is output to take or room to
 * feed again after there was none; it must be short. */
int cdn_service_batch_open(struct cdn_service *s,
                           const struct cdn_service_ask *ask, /* without a body */
                           void (*notify)(void *ctx),
                           void *ctx,
                           struct cdn_service_batch **ret,
                           struct cordon_error *e) CORDON_MUST_CHECK;
/* Takes up to n bytes, says how many. 0: full for the moment. */
size_t cdn_service_batch_feed(struct cdn_service_batch *b, const char *p, size_t n);
void cdn_service_batch_end(struct cdn_service_batch *b); /* no more input; the last line needs no LF */
/* Copies up to n bytes of finished, durable answers. *ret_over: everything was taken, and there will be no
 * more. */
size_t cdn_service_batch_take(struct cdn_service_batch *b, char *p, size_t n, bool *ret_over);
/* Waits until there is something to take, room to feed, the end, or the timeout. For callers with a thread.
 */
void cdn_service_batch_wait(struct cdn_service_batch *b, uint64_t timeout_ns);
struct cdn_service_batch_count {
    uint64_t lines, answered, refused;
};
void cdn_service_batch_count(struct cdn_service_batch *b, struct cdn_service_batch_count *ret);
/* Ends it at once; lines that were already decided stay in the journal. Accepts NULL. */
void cdn_service_batch_free(struct cdn_service_batch *b);

/* ---- looking ----------------------------------------------------------------------------------------------
 */

enum cdn_service_view {                      /* role      what */
                        CDN_VIEW_STATUS = 1, /* read      everything of the status page */
                        CDN_VIEW_MEASURES,   /* read      id?, at?, known_at?: id: that one in full; at: in
                                                force then */
                        CDN_VIEW_LISTS, /* read      lists of the snapshot with date, digest, count, age */
                        CDN_VIEW_SNAPSHOTS, /* read      all ever active: digest, from, until, why; id: one,
                                               with its info */
                        CDN_VIEW_CASES, /* read      held decisions: party?, verdict? ("open", "released" …),
                                           limit, after */
                        CDN_VIEW_CASE,  /* read      id */
                        CDN_VIEW_APPEALS,    /* read */
                        CDN_VIEW_DRAFTS,     /* read */
                        CDN_VIEW_DUTIES,     /* read      until?: due up to then */
                        CDN_VIEW_CLEARANCES, /* read      party? */
                        CDN_VIEW_KEYS,       /* approve   never the secret */
                        CDN_VIEW_RECORD,     /* audit     id: journal index */
                        CDN_VIEW_SEARCH, /* audit     party?, measure?, verdict?, from?, until?, limit, after
                                          */
                        CDN_VIEW_PROOF,  /* audit     id: journal index: inclusion in the newest checkpoint */
                        CDN_VIEW_CHECKPOINT, /* anybody   the newest checkpoint: text, not JSON */
                        CDN_VIEW_COUNT
};
struct cdn_service_query {
    cordon_str id, party, measure, verdict, reference;
    bool has_at, has_known_at, has_from, has_until;
    int64_t at, known_at, from, until;
    uint64_t after; /* continue after this record or row */
    bool newest;    /* search: newest first */
    uint32_t limit; /* 0: 100; at most 1000 */
};
/* Appends JSON. CORDON_E_NOTFOUND; CORDON_E_STATE with "role" when the caller may not. */
int cdn_service_look(struct cdn_service *s,
                     const struct cdn_service_caller *caller,
                     enum cdn_service_view what,
                     const struct cdn_service_query *q,
                     struct cdn_buf *out,
                     uint8_t *ret_refusal,
                     struct cordon_error *e) CORDON_MUST_CHECK;

/* ---- doing ------------------------------------------------------------------------------------------------
 */

/* Each is one journalled event (src/store/events.def), and what follows from it; the reply is JSON and comes
 * after it is durable and counts. Bodies are JSON objects, read strictly: unknown members are refused. Where
 * the column `id` is not empty it is what the path names. Events whose body is said to be "event" have the
 * members of that event's data. */
enum cdn_service_act { /* role       id        body */
                       CDN_ACT_KEY_CREATE =
                           1, /* admin {"label","roles":[],"authorities"?:[],"rate"?,"burst"?,"expires"?}; the
                                                        reply has the secret, once */
                       CDN_ACT_KEY_REVOKE, /* admin      key       {"why"} */
                       CDN_ACT_KEY_SIGNER, /* admin      key       {"public_key"}: with which its holder signs
                                              approvals */
                       CDN_ACT_CASE_COMMENT,  /* read       case      {"text"} */
                       CDN_ACT_CASE_EVIDENCE, /* read       case      {"evidence"} */
                       CDN_ACT_CASE_RELEASE,  /* authority  case      {"why"}; two persons where the measure
                                                 says so */
                       CDN_ACT_CASE_REFUSE,   /* authority  case      {"why"} */
                       CDN_ACT_CLEARANCE,     /* author               event clearance.granted; "party" is a
                                                 fingerprint or an operator's id */
                       CDN_ACT_CLEARANCE_WITHDRAW, /* author    clearance {"why"} */
                       CDN_ACT_USAGE_REVERSE,      /* decide     decision  {"why"} */
                       CDN_ACT_DUTY_DONE,          /* author     decision  {"number","done"?,"note"?} */
                       CDN_ACT_APPEAL_OPEN,        /* author               {"decisions":[…],"grounds"} */
                       CDN_ACT_APPEAL_EVIDENCE,    /* author     appeal    {"evidence", "party"?: index}:
                                                      attaches it and re-decides all its decisions */
                       CDN_ACT_APPEAL_RESOLVE,     /* approve    appeal    {"outcome","why"} */
                       CDN_ACT_DRAFT_CREATE,       /* author               {"measure","text"} */
                       CDN_ACT_DRAFT_CHANGE,       /* author     draft     {"text"} */
                       CDN_ACT_DRAFT_SUBMIT,       /* author     draft     {} */
                       CDN_ACT_DRAFT_APPROVE,  /* approve    draft     {"signature": minisign file}; never the
                                                  author */
                       CDN_ACT_DRAFT_REJECT,   /* approve    draft     {"why"} */
                       CDN_ACT_DRAFT_SCHEDULE, /* approve    draft     {"activate"?: instant; absent: the
                                                  measure's own `effective`} */
                       CDN_ACT_DRAFT_WITHDRAW, /* author     draft     {"why"} */
                       CDN_ACT_SNAPSHOT_BUILD, /* author               {}: compiles, checks and keeps;
                                                  activates nothing */
                       CDN_ACT_SNAPSHOT_ACTIVATE, /* approve    digest    {} */
                       CDN_ACT_SNAPSHOT_ROLLBACK, /* approve              {}: the one that was active before
                                                     this one */
                       CDN_ACT_RELOAD, /* approve              {}: as cdn_service_reload, but waits for the
                                          outcome */
                       CDN_ACT_LEGAL_HOLD,      /* audit                event legal_hold.placed */
                       CDN_ACT_LEGAL_HOLD_LIFT, /* audit      hold      {"why"} */
                       CDN_ACT_ERASE,           /* audit      record    {"why"} */
                       CDN_ACT_BACKUP,          /* audit                {"to": new directory} */
                       CDN_ACT_COUNT
};
int cdn_service_do(struct cdn_service *s,
                   const struct cdn_service_caller *caller,
                   enum cdn_service_act what,
                   cordon_str id,
                   cordon_str body,
                   struct cdn_buf *out,
                   uint8_t *ret_refusal,
                   struct cordon_error *e) CORDON_MUST_CHECK;
/* A caller with every role: for commands on the machine itself (`cordond key create`), never for a request.
 */
void cdn_service_local(struct cdn_service_caller *ret);
/* Compiles or copies what the options name, in the background, and activates it when it differs and passes.
 * Returns at once; the outcome is in the log, the status and the metrics. For SIGHUP and a watched file. */
void cdn_service_reload(struct cdn_service *s);

/* ---- figures ----------------------------------------------------------------------------------------------
 */

#define CDN_SERVICE_BUCKETS 24 /* bucket i: below 2^i microseconds … the last: everything */
struct cdn_service_histogram {
    uint64_t buckets[CDN_SERVICE_BUCKETS]; /* not cumulative */
    uint64_t count, sum_ns;
};
struct cdn_service_list_age {
    char name[64];
    int64_t published, first_used; /* seconds; 0: not known, not yet */
    uint64_t entries;
};
#define CDN_SERVICE_LISTS 64
/* All since the service was opened, but for states ("now"). */
struct cdn_service_metrics {
    uint64_t decisions[6]; /* by cordon_verdict; NONE stays 0 */
    uint64_t repeated;     /* answered from an idempotency key */
    uint64_t refusals[CDN_REFUSAL_COUNT];
    struct cdn_service_histogram decide;  /* asked to decided: parse, merge, decide, write */
    struct cdn_service_histogram durable; /* asked to durable answer */
    struct cdn_service_histogram commit;  /* of the journal: one group, write and sync */
    uint64_t journal_size, journal_durable, journal_waiting; /* now */
    uint64_t journal_failures;
    uint64_t swaps, reloads, reload_failures;
    int64_t snapshot_since; /* when the current one was activated */
    int64_t geodata_date;   /* 0: none */
    uint64_t holds_open[4]; /* now; younger than an hour, a day, a week, older */
    uint64_t appeals_open, duties_open, duties_overdue, drafts_waiting; /* now */
    int64_t next_due;                                                   /* of the open duties; CORDON_NEVER */
    uint32_t list_count;
    struct cdn_service_list_age lists[CDN_SERVICE_LISTS];
    bool ready;
    char not_ready[16];
};
void cdn_service_metrics(struct cdn_service *s, struct cdn_service_metrics *ret);

#endif
