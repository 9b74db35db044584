/* SPDX-License-Identifier: Apache-2.0 */
/* store.h: the current state and the index of decisions, in SQLite beside the journal.
 *
 * The journal is the truth. Two databases in one folder are made from its records, in their order, and
 * nothing else: state.sqlite (small; keys, cases, clearances, usage, duties, appeals, drafts, snapshots,
 * lists, legal holds) and index.sqlite (large; which decisions are of which party, measure, verdict, time).
 * Each knows how many records it has taken in. They may be deleted: reading the journal again gives the same
 * content (cdn_store_dump is equal byte by byte).
 *
 * The order of records is the judge: whoever wants to change something appends an event, waits until it is
 * applied and asks for its outcome. An event that does not fit the state as it is *then* (a second release by
 * the same person, an approval of bytes that have changed since) changes nothing and leaves a reason.
 * Checking before appending (cdn_store_may_*) only spares the journal such events. So two people at once, a
 * retry or a restart cannot release twice or activate what was not approved.
 *
 * Always true here:
 *  1. content is a function of the records applied, and does not depend on how they were cut into batches;
 *  2. a batch is one transaction: after a crash or an error (full disk, unreadable page) the databases hold
 * some prefix of the records, and applying goes on from there;
 *  3. the decide path never waits for this room: it uses live.h, and the index lags as much as it has to;
 *  4. nothing turns a hold into an allow but the releases that its measures demand.
 *
 * Threads: one thread at a time may apply to the state, one (another) to the index; any number may query. */
#ifndef CDN_STORE_STORE_H
#define CDN_STORE_STORE_H

#include "store/record.h"

#define CDN_STORE_SCHEMA 3 /* another number in a file: CORDON_E_VERSION; delete it and it is made again */

struct cdn_store;
struct cdn_store_config {
    const char *folder;               /* exists; "state.sqlite" and "index.sqlite" are made in it */
    const struct cordon_alloc *alloc; /* outlives the store */
    const char *vfs;                  /* NULL: SQLite's own; for tests */
    uint32_t busy_ms;                 /* how long to wait for another process that holds a lock; 0: 5000 */
    uint32_t readers;                 /* connections for queries; 0: 4 */
    uint32_t block;                   /* records of a block of the index, for tests; 0: 4096 */
};
/* CORDON_E_IO, CORDON_E_VERSION (hint: delete, it is rebuilt), CORDON_E_FORMAT (damaged: the same),
 * CORDON_E_NOMEM. */
int cdn_store_open(const struct cdn_store_config *config,
                   struct cdn_store **ret,
                   struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_store_close(struct cdn_store *s); /* accepts NULL; no other thread uses it any more */
/* Deletes both databases of a folder, so that the next open begins anew. */
int cdn_store_delete(const char *folder, struct cordon_error *e) CORDON_MUST_CHECK;

/* ---- applying --------------------------------------------------------------------------------------------
 */

/* Number of records taken in: the index of the next one. Any thread. */
uint64_t cdn_store_applied(const struct cdn_store *s); /* by the state */
uint64_t cdn_store_indexed(const struct cdn_store *s); /* by the index */

/* `first` must be cdn_store_applied() (cdn_store_indexed()). records[i].p == NULL: the record has been
 * erased. A record that cannot be read is an error naming its index, and nothing of the batch is applied. One
 * transaction each. */
int cdn_store_apply(struct cdn_store *s,
                    uint64_t first,
                    const cordon_str *records,
                    size_t count,
                    struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_store_index(struct cdn_store *s,
                    uint64_t first,
                    const cordon_str *records,
                    size_t count,
                    struct cordon_error *e) CORDON_MUST_CHECK;

/* Where records come from. read: appends the record's bytes; CORDON_E_NOTFOUND: erased.
 */
struct cdn_store_source {
    void *ctx;
    int (*read)(void *ctx, uint64_t index, struct cdn_buf *out, struct cordon_error *e);
};
/* Applies up to (not including) `end`, in batches of bounded size. Stops at the first error, keeping what was
 * done. */
int cdn_store_catch_up(struct cdn_store *s,
                       const struct cdn_store_source *source,
                       uint64_t end,
                       struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_store_catch_up_index(struct cdn_store *s,
                             const struct cdn_store_source *source,
                             uint64_t end,
                             struct cordon_error *e) CORDON_MUST_CHECK;

/* Two threads that catch up when cdn_store_follow has told of a new durable end, so that nobody else has to:
 * at once if somebody waits (below), after a rest, or with thousands of records behind; else within 50 ms, so
 * that a transaction is worth its while. After an error they try again every `retry_ms`. */
int cdn_store_follow_start(struct cdn_store *s,
                           const struct cdn_store_source *source,
                           uint32_t retry_ms,
                           struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_store_follow(struct cdn_store *s, uint64_t end); /* never blocks for I/O; from the commit thread */
void cdn_store_follow_stop(struct cdn_store *s);          /* and waits for them */
/* Waits until `end` records are in (state or index). CORDON_E_STATE: not within `ms`; e says what holds it
 * up. */
int cdn_store_wait_applied(struct cdn_store *s, uint64_t end, uint32_t ms, struct cordon_error *e)
    CORDON_MUST_CHECK;
int cdn_store_wait_indexed(struct cdn_store *s, uint64_t end, uint32_t ms, struct cordon_error *e)
    CORDON_MUST_CHECK;

/* What became of the event at `index`, which has been applied: 0, it took effect; CORDON_E_CONFLICT,
 * CORDON_E_STATE, CORDON_E_NOTFOUND, CORDON_E_ARG: it changed nothing, e->message says why. CORDON_E_RANGE:
 * not applied yet. */
int cdn_store_outcome(struct cdn_store *s, uint64_t index, struct cordon_error *e) CORDON_MUST_CHECK;

/* Called by the thread that applies, after a batch is committed and before anybody who waits for it wakes,
 * for each event that took effect. One listener; NULL: none. Set it while nothing is applied, or from within
 * live.h. */
typedef void cdn_store_listener(void *ctx, uint64_t index, const struct cdn_event *ev);
void cdn_store_listen(struct cdn_store *s, cdn_store_listener *listener, void *ctx);

/* Health, for metrics and the health page. */
struct cdn_store_health {
    uint64_t applied, indexed, end; /* end: last told by cdn_store_follow */
    bool degraded;                  /* the last attempt to apply or to index failed */
    int code, system;               /* of that failure: CORDON_E_IO … */
    char message[CORDON_ERROR_TEXT];
    uint64_t failures; /* since opening */
};
void cdn_store_health(struct cdn_store *s, struct cdn_store_health *ret);

/* ---- backup
 * ------------------------------------------------------------------------------------------------ */

/* Copies both databases as they are at one moment each into `folder`, while everything goes on. Files are
 * written under other names, synced and renamed. */
int cdn_store_backup(struct cdn_store *s, const char *folder, struct cordon_error *e) CORDON_MUST_CHECK;
/* Replaces the content of both databases of an open store by that of a backup, in one transaction each; the
 * caller stops following before and catches up after. A backup of a longer journal than `end` is refused
 * (CORDON_E_RANGE): it knows records that this journal has not. */
int cdn_store_restore(struct cdn_store *s, const char *folder, uint64_t end, struct cordon_error *e)
    CORDON_MUST_CHECK;

/* The whole content as text: one line per row, tables and rows in a fixed order. For comparing. */
int cdn_store_dump(struct cdn_store *s, struct cdn_buf *out, struct cordon_error *e) CORDON_MUST_CHECK;

/* ---- may somebody do that?
 * ---------------------------------------------------------------------------------- */
/* 0, or why not: CORDON_E_NOTFOUND (no such case, draft, key), CORDON_E_STATE (not open, revoked, expired …),
 * CORDON_E_CONFLICT (the same person, twice), CORDON_E_ARG (wrong authority, signature, bytes). `at`: the
 * instant. */

int cdn_store_may_release(struct cdn_store *s,
                          uint64_t case_id,
                          cordon_str key,
                          int64_t at,
                          struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_store_may_refuse(struct cdn_store *s,
                         uint64_t case_id,
                         cordon_str key,
                         int64_t at,
                         struct cordon_error *e) CORDON_MUST_CHECK;
/* `digest`: SHA-256 in hex of the text that was signed; `signature`: a minisign signature file. */
int cdn_store_may_approve(struct cdn_store *s,
                          cordon_str key,
                          int64_t at,
                          const struct cdn_ev_draft_approved *approval,
                          struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_store_may_schedule(struct cdn_store *s,
                           uint64_t draft,
                           cordon_str key,
                           int64_t at,
                           struct cordon_error *e) CORDON_MUST_CHECK;
/* Approved by a second person whose key counts at `at`, for exactly the text that it has now, and scheduled
 * for no later than `at`. */
int cdn_store_may_activate(struct cdn_store *s, uint64_t draft, int64_t at, struct cordon_error *e)
    CORDON_MUST_CHECK;
/* Nothing live rests on the record (open case, open duty, open appeal, cap window not over), no legal hold
 * covers it, and what its measures demand to be kept is over. */
int cdn_store_may_erase(struct cdn_store *s, uint64_t record, int64_t at, struct cordon_error *e)
    CORDON_MUST_CHECK;

/* ---- queries
 * ------------------------------------------------------------------------------------------------- */
/* Each appends one JSON value: an object, or an array of at most `limit` (0: 100; at most 1000) objects in
 * the order stated, beginning after the id `after` (CDN_COUNT_NONE: from the first). CORDON_E_NOTFOUND for a
 * single one that is not there. Members are described in docs/events.md. */

struct cdn_store_page {
    uint64_t after;
    uint32_t limit;
};
int cdn_store_case(struct cdn_store *s,
                   uint64_t case_id,
                   int64_t at,
                   struct cdn_buf *out,
                   struct cordon_error *e) CORDON_MUST_CHECK;
/* Empty texts: any. By id. */
struct cdn_store_case_query {
    cordon_str status; /* "open", "released", "refused" */
    cordon_str authority, party;
    struct cdn_store_page page;
};
int cdn_store_cases(struct cdn_store *s,
                    const struct cdn_store_case_query *query,
                    struct cdn_buf *out,
                    struct cordon_error *e) CORDON_MUST_CHECK;
/* Open holds by age, for metrics; `edges` with the latest first. Some 50 ns for each that is open: entries of
 * an index are counted, each once. */
#define CDN_STORE_EDGES 4
struct cdn_store_ages {
    uint64_t open;
    int64_t oldest;                  /* when it was opened; CDN_INSTANT_NONE: none is open */
    uint64_t older[CDN_STORE_EDGES]; /* opened before each edge */
};
int cdn_store_case_ages(struct cdn_store *s,
                        const int64_t *edges,
                        size_t count,
                        struct cdn_store_ages *ret,
                        struct cordon_error *e) CORDON_MUST_CHECK;
/* Open duties by due instant, with those overdue at `at` marked; `until`: due before (CDN_INSTANT_NONE: all).
 * Also the export. `page.after` counts rows. */
int cdn_store_duties(struct cdn_store *s,
                     int64_t at,
                     int64_t until,
                     struct cdn_store_page page,
                     struct cdn_buf *out,
                     struct cordon_error *e) CORDON_MUST_CHECK;
struct cdn_store_duty_sums {
    uint64_t open, soon, overdue; /* soon: due before `soon`; overdue: due before `at` */
};
int cdn_store_duty_counts(struct cdn_store *s,
                          int64_t at,
                          int64_t soon,
                          struct cdn_store_duty_sums *ret,
                          struct cordon_error *e) CORDON_MUST_CHECK;
/* What waits for people, for metrics: open appeals, submitted drafts. */
struct cdn_store_waiting {
    uint64_t appeals, drafts;
};
int cdn_store_waiting(struct cdn_store *s,
                      struct cdn_store_waiting *ret,
                      struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_store_appeal(struct cdn_store *s, uint64_t appeal, struct cdn_buf *out, struct cordon_error *e)
    CORDON_MUST_CHECK;
int cdn_store_appeals(struct cdn_store *s,
                      cordon_str status,
                      cordon_str party,
                      struct cdn_store_page page,
                      struct cdn_buf *out,
                      struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_store_draft(struct cdn_store *s, uint64_t draft, struct cdn_buf *out, struct cordon_error *e)
    CORDON_MUST_CHECK;
int cdn_store_drafts(struct cdn_store *s,
                     cordon_str status,
                     struct cdn_store_page page,
                     struct cdn_buf *out,
                     struct cordon_error *e) CORDON_MUST_CHECK;
/* The exact bytes of a draft, appended. */
int cdn_store_draft_text(struct cdn_store *s, uint64_t draft, struct cdn_buf *out, struct cordon_error *e)
    CORDON_MUST_CHECK;
/* Drafts that were scheduled, not yet activated: the earliest one, for later than `after` (CDN_INSTANT_NONE:
 * whenever). *ret_at CDN_INSTANT_NONE: none. */
int cdn_store_next_activation(struct cdn_store *s,
                              int64_t after,
                              uint64_t *ret_draft,
                              int64_t *ret_at,
                              struct cordon_error *e) CORDON_MUST_CHECK;
/* Keys without their hashes. */
int cdn_store_keys(struct cdn_store *s, struct cdn_buf *out, struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_store_clearances(struct cdn_store *s,
                         cordon_str party,
                         struct cdn_store_page page,
                         struct cdn_buf *out,
                         struct cordon_error *e) CORDON_MUST_CHECK;
/* Snapshots ever built or activated, with their activations. */
int cdn_store_snapshots(struct cdn_store *s, struct cdn_buf *out, struct cordon_error *e) CORDON_MUST_CHECK;
/* "As known at": digest of the snapshot that was active at `at`, into `ret` (at least 72 bytes,
 * NUL-terminated). CORDON_E_NOTFOUND: none was. */
int cdn_store_snapshot_at(struct cdn_store *s, int64_t at, char ret[72], struct cordon_error *e)
    CORDON_MUST_CHECK;
/* The snapshot that was activated last. CORDON_E_NOTFOUND: none ever was. */
struct cdn_store_activation {
    char snapshot[72], before[72]; /* before: the newest other one; empty: there is none */
    int64_t at;
    bool scheduled; /* by the schedule of a draft */
};
int cdn_store_last_activation(struct cdn_store *s,
                              struct cdn_store_activation *ret,
                              struct cordon_error *e) CORDON_MUST_CHECK;
/* Lists: versions with published, activated and first-used instants. */
int cdn_store_lists(struct cdn_store *s, struct cdn_buf *out, struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_store_legal_holds(struct cdn_store *s, struct cdn_buf *out, struct cordon_error *e) CORDON_MUST_CHECK;
/* Greatest `at` (`recorded`) of an applied record: a clock before it has jumped back. CDN_INSTANT_NONE: none.
 */
int64_t cdn_store_last_instant(const struct cdn_store *s);

/* ---- the index of decisions
 * ------------------------------------------------------------------------------------ */

/* Empty texts and CDN_INSTANT_NONE: any. Wait with cdn_store_wait_indexed first. */
struct cdn_store_search {
    cordon_str party; /* fingerprint */
    cordon_str measure, key, snapshot;
    uint8_t verdict;     /* cordon_verdict; 0: any */
    int64_t from, until; /* of `at`: [from, until) */
    uint64_t after;      /* record index; CDN_COUNT_NONE: from the first, or with `newest` from the last */
    bool newest;         /* newest first */
    uint32_t limit;
};
/* Array of {"at","case","index","key","measures","snapshot","verdict"}. */
int cdn_store_search(struct cdn_store *s,
                     const struct cdn_store_search *q,
                     struct cdn_buf *out,
                     struct cordon_error *e) CORDON_MUST_CHECK;
/* The decision that a key recorded under an idempotency key, at or after `since`. CORDON_E_NOTFOUND;
 * CORDON_E_CONFLICT: it was for another request (digest differs). Records not indexed yet:
 * cdn_live_idempotency. */
struct cdn_store_once {
    cordon_str key, name, digest; /* id of the API key; the client's text; digest of the request's bytes */
    int64_t since;
};
int cdn_store_idempotency(struct cdn_store *s,
                          const struct cdn_store_once *once,
                          uint64_t *ret_index,
                          struct cordon_error *e) CORDON_MUST_CHECK;

#endif
