/* SPDX-License-Identifier: Apache-2.0 */
/* priv.h: what the files of this room share.
 *
 * Locks, always taken in this order (a thread never waits for one that stands before one it holds):
 *   erasing  one erasure, or one legal hold being placed, at a time
 *   build    one snapshot is made at a time; held for seconds
 *   admin    one change of the active snapshot at a time
 *   once     requests under way that have an idempotency key, and who waits for them
 *   order    the order of the journal: append, tell the live state, queue for the committer
 *   set      what is said about the current snapshot (since when, which lists), and the last reload
 * No lock is held while a callback of a caller runs. */
#ifndef CDN_SERVICE_PRIV_H
#define CDN_SERVICE_PRIV_H

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "base/limits.h"
#include "base/num.h"
#include "decide/decide.h"
#include "journal/journal.h"
#include "service/body.h"
#include "service/service.h"
#include "snapshot/swap.h"
#include "store/live.h"
#include "store/summary.h"

enum {
    MAX_IDEMPOTENCY = 255,
    MAX_TRACE = 255,
    MAX_PARTY_MARKS = 64,    /* fingerprints of one request */
    MAX_ANSWER_ROOM = 16384, /* taken ahead for an answer */
    MAX_TRIES = 64,          /* to take from a cap that others take from at the same time */
    PATH_SIZE = 4096,
    CDN_EVENT_WAIT_MS = 20000 /* for the state to take an event in */
};

/* ---- what waits for the committer ------------------------------------------------------------------------
 */

/* Something that was appended and becomes an answer when it is durable. `finish` runs without a lock; `lost`:
 * the record was given up, nothing may be answered but the refusal. */
struct cdn_waiting {
    struct cdn_waiting *next;
    uint64_t last; /* index of its last record */
    uint32_t count;
    void (*finish)(struct cdn_waiting *w, bool lost);
};

/* ---- replies ----------------------------------------------------------------------------------------------
 */

struct cdn_once;
struct cdn_reply {
    struct cdn_service_reply pub; /* first: the caller's pointer is this one */
    struct cdn_waiting waiting;
    struct cdn_service *s;
    const struct cordon_alloc *alloc;
    cdn_service_done done;
    void *ctx;
    struct cdn_once *once; /* idempotency key that it answers; NULL */
    struct cdn_buf text;   /* pub.body */
    uint64_t asked;        /* monotonic */
    char blocked_by[256];
};
struct cdn_reply *cdn_reply_new(struct cdn_service *s, cdn_service_done done, void *ctx, uint64_t asked);
/* Makes a problem document of `e`. Never fails: without memory the body is a static text. */
void cdn_reply_refuse(struct cdn_reply *r, unsigned refusal, int code, const struct cordon_error *e);
/* Hands it over: counts it, answers those who wait for the same idempotency key, calls done. */
void cdn_reply_deliver(struct cdn_reply *r);

/* ---- idempotency ------------------------------------------------------------------------------------------
 */

/* A request with an idempotency key between being claimed and being answered. */
struct cdn_once {
    struct cdn_once *next;
    struct cdn_reply *followers; /* linked by waiting.next through cdn_reply */
    char digest[CDN_DIGEST_HEX];
    cordon_str key, text; /* of the API key; the idempotency key; in `bytes` */
    bool recorded;        /* appended: the live state holds the key from now on */
    size_t size;
    char bytes[];
};
/* CORDON_OK and *ret_claim: this request decides. *ret_claim NULL and *ret_index != UINT64_MAX: recorded
 * there. Both not: `r` waits for another and will be answered with it (r NULL: CORDON_E_STATE).
 * CORDON_E_CONFLICT: another body. `since`: older records are forgotten. */
int cdn_once_begin(struct cdn_service *s,
                   cordon_str key,
                   cordon_str text,
                   const char digest[CDN_DIGEST_HEX],
                   int64_t since,
                   struct cdn_reply *r,
                   struct cdn_once **ret_claim,
                   uint64_t *ret_index,
                   struct cordon_error *e) CORDON_MUST_CHECK;
/* The claim is over; gives the followers their answer: a copy of `r`, whichever it is. */
void cdn_once_end(struct cdn_service *s, struct cdn_once *o, const struct cdn_reply *r);
/* The same for a line of a batch, which has no reply of its own: followers are told to ask again. */
void cdn_once_drop(struct cdn_service *s, struct cdn_once *o);

/* ---- the service ------------------------------------------------------------------------------------------
 */

struct cdn_histogram {
    _Atomic uint64_t buckets[CDN_SERVICE_BUCKETS], count, sum;
};
struct cdn_counts_live {
    _Atomic uint64_t decisions[6], repeated, refusals[CDN_REFUSAL_COUNT];
    _Atomic uint64_t swaps, reloads, reload_failures;
    struct cdn_histogram decide, durable;
};

/* What is said of the snapshot that is in the slot; guarded by `set`. */
struct cdn_active {
    char digest[CORDON_DIGEST_TEXT];
    char before[CORDON_DIGEST_TEXT]; /* what a roll back activates; empty: nothing else was ever active */
    int64_t since;
    uint32_t list_count;
    struct cdn_service_list_age lists[CDN_SERVICE_LISTS];
    char list_digest[CDN_SERVICE_LISTS][72];
    uint64_t used_by[CDN_SERVICE_LISTS]; /* the first decision that looked at it; UINT64_MAX: none yet */
    bool list_told[CDN_SERVICE_LISTS];   /* list.used is in the journal */
    int64_t geodata_date;
};

enum { CDN_AHEAD = 4 }; /* instants for which snapshots are made ahead */
struct cdn_ahead {
    int64_t at, covers; /* the instant; drafts due by `covers` are in it */
    char digest[CORDON_DIGEST_TEXT];
};

enum { CDN_SPARES = 16 };
struct cdn_spares { /* memory of buffers that are not in use: spare.c */
    pthread_mutex_t lock;
    struct {
        char *p;
        size_t cap;
    } items[CDN_SPARES];
    unsigned count;
};

struct cdn_batch_pool;
struct cdn_windows;
struct cdn_service {
    const struct cordon_alloc *alloc;
    struct cdn_service_options o; /* texts in `texts` */
    struct cdn_arena texts;
    int lock_file;
    struct cdn_journal *journal;
    struct cdn_store *store;
    struct cdn_live *live;
    uint8_t mark_key[CDN_FINGERPRINT_KEY];
    struct cdn_sign_secret signer;
    struct cdn_store_source source;
    struct cdn_windows *windows;
    struct cdn_spares spares;

    struct cdn_swap slot;
    pthread_mutex_t erasing, build, admin, once_lock, order, set_lock;
    _Atomic unsigned
        holds_wanted; /* legal holds that are being placed: an erasure that finds one gives way */
    struct cdn_once *once;
    struct cdn_waiting *first_waiting, *last_waiting; /* order */
    _Atomic uint32_t waiting;
    _Atomic int64_t last_instant; /* greatest instant appended: a clock before it went back */
    _Atomic bool closing, stale;  /* stale: the live state is to be filled again */
    _Atomic bool full;            /* the journal failed for want of room */
    _Atomic unsigned clock_bad;
    _Atomic uint64_t epoch;      /* of the live state: how often it was filled anew; changed under order */
    uint64_t unjournalled;       /* index of the next decision without a journal; order */
    struct cdn_active active;    /* set_lock */
    _Atomic uint64_t lists_wait; /* bit i: no decision has looked at list i of the active snapshot yet;
                                    written with set_lock */
    _Atomic bool lists_untold;   /* one was, and it is not in the journal yet */

    pthread_t timer;
    bool has_timer;
    pthread_mutex_t timer_lock;
    pthread_cond_t timer_wake;
    bool timer_stop, reload_wanted, schedule_wanted; /* timer_lock */
    bool unhealed;                                   /* timer's thread; the journal is not, as was said */
    int64_t swept;                                   /* timer's thread */
    char reload_error[CORDON_ERROR_TEXT * 2];        /* set_lock; empty: the last one went well */
    _Atomic int64_t next_activation;                 /* INT64_MAX: none */
    struct cdn_ahead ahead[CDN_AHEAD];               /* the snapshots that become active next; admin */
    unsigned ahead_count;                            /* admin */
    _Atomic int64_t schedule_again; /* when a schedule that could not be kept is tried again; 0: it is kept */
    int64_t schedule_pause;         /* seconds until then; build */
    bool rolled_back;               /* the active snapshot came by a roll back; admin */
    int64_t untold; /* drafts due by then may be in the active snapshot without draft.activated; admin */
    _Atomic uint64_t activated_end; /* end of the newest snapshot.activated, for whoever asks the state */
    _Atomic uint64_t left_behind; /* end of the events that nobody waited for the state to take in; 0: none */

    struct cdn_batch_pool *pool;
    struct cdn_counts_live counts;
    struct cdn_key_slot *_Atomic keys;
    uint32_t next_slot; /* once_lock */
};

static inline struct cdn_service_time cdn_service_now(const struct cdn_service *s) {
    struct cdn_service_time t = {0};
    s->o.clock.read(s->o.clock.ctx, &t);
    return t;
}
/* An instant of CLOCK_MONOTONIC, which is what the service's clock calls mono. */
static inline struct timespec cdn_service_later(const struct cdn_service *s, uint64_t ns) {
    const uint64_t at = cdn_service_now(s).mono + ns;
    return (struct timespec){.tv_sec = (time_t)(at / 1000000000u), .tv_nsec = (long)(at % 1000000000u)};
}
void cdn_service_note(const struct cdn_service *s, int severity, const char *event, const char *fmt, ...)
    CDN_PRINTF(4, 5);
/* The next record is not dated before this one. */
static inline void cdn_service_dated(struct cdn_service *s, int64_t at) {
    if (atomic_load_explicit(&s->last_instant, memory_order_relaxed) < at)
        atomic_store_explicit(&s->last_instant, at, memory_order_relaxed); /* under order */
}
void cdn_service_observe(struct cdn_histogram *h, uint64_t ns);

/* guard.c: the instant that counts now. Refuses (*ret_refusal) when the clock cannot be trusted, the journal
 * has failed, or the service is closing. */
int cdn_service_instant(struct cdn_service *s,
                        const struct cdn_service_time *now,
                        int64_t *ret,
                        uint8_t *ret_refusal,
                        struct cordon_error *e) CORDON_MUST_CHECK;
/* What a failed append means. */
unsigned cdn_service_append_refusal(struct cdn_service *s, int code, const struct cordon_error *e);

/* ---- committing: commit.c
 * ----------------------------------------------------------------------------------- */

void cdn_commit_durable(void *service, uint64_t first, uint64_t count);
void cdn_commit_lost(void *service, uint64_t first, uint64_t count, const struct cordon_error *why);
/* Under `order`: puts it into the queue of what waits. */
void cdn_commit_queue(struct cdn_service *s, struct cdn_waiting *w);
/* Appends an event and waits until it is durable: enough for what always takes effect (a snapshot, a list),
 * so that swapping snapshots does not wait for a state that lags behind a load. */
int cdn_commit_durably(struct cdn_service *s,
                       const struct cdn_event *ev,
                       uint64_t *ret_index,
                       uint8_t *ret_refusal,
                       struct cordon_error *e) CORDON_MUST_CHECK;
/* The same, and waits until the state has it, and gives its outcome (an event that changed nothing is an
 * error with the reason). */
int cdn_commit_event(struct cdn_service *s,
                     const struct cdn_event *ev,
                     uint64_t *ret_index,
                     uint8_t *ret_refusal,
                     struct cordon_error *e) CORDON_MUST_CHECK;
/* Waits until the state has the record, if there is one: whoever was just told of a hold may ask for its
 * case. *ret_refusal: may be NULL. */
int cdn_state_reach(struct cdn_service *s, uint64_t record, uint8_t *ret_refusal, struct cordon_error *e)
    CORDON_MUST_CHECK;
/* Fills the live state again after records were lost, and recovers the journal. True: all is well. */
bool cdn_commit_recover(struct cdn_service *s);

/* ---- deciding: worker.c, merge.c, effects.c, decide.c
 * ----------------------------------------------------------- */

struct cdn_marks { /* fingerprints of the parties of a request */
    char text[MAX_PARTY_MARKS][CDN_FINGERPRINT_TEXT];
    cordon_str slice[MAX_PARTY_MARKS];
    int16_t party[MAX_PARTY_MARKS]; /* index of the party; -1: the reference */
    bool strong[MAX_PARTY_MARKS]; /* tells one party from another: state is merged by it. A bare name does not
                                   */
    size_t count;
};
struct cdn_service_worker {
    struct cdn_service *s;
    struct cdn_snapshot *snapshot; /* a reference; NULL before the first request */
    char digest[CORDON_DIGEST_TEXT];
    struct cdn_decider *decider;
    struct cordon_screener *screener;  /* of the snapshot; made when first asked */
    struct cdn_json_texts *json_texts; /* of the snapshot; NULL: no memory, and slower */
    struct cdn_arena request_memory, decision_memory, effect_memory;
    struct cdn_buf request_text, record;
    struct cdn_buf summary; /* of the record, or of those of a block */
    size_t answer_room;
    struct cdn_marks marks;
    uint32_t *capped; /* outcomes whose cap has a window: usage has to be known for them */
    size_t capped_count, capped_cap;
};
/* Takes the current snapshot. CORDON_E_STATE: there is none. */
int cdn_worker_follow(struct cdn_service_worker *w, struct cordon_error *e) CORDON_MUST_CHECK;
/* The same for a given one, which is referenced. */
int cdn_worker_use(struct cdn_service_worker *w,
                   struct cdn_snapshot *snapshot,
                   struct cordon_error *e) CORDON_MUST_CHECK;

/* marks.c */
void cdn_marks_of(const struct cdn_service *s, const struct cdn_request *r, struct cdn_marks *ret);
/* An identifier's mark; the country as text, or packed as text of digits. */
void cdn_mark_identifier(const struct cdn_service *s,
                         cordon_str kind,
                         cordon_str country,
                         cordon_str value,
                         char ret[CDN_FINGERPRINT_TEXT]);
/* The mark that a text from outside means: "id:4711", "name:…", "identifier:KIND:COUNTRY:VALUE",
 * "reference:…", a mark. */
void cdn_party_of(const struct cdn_service *s,
                  cordon_str text,
                  char ret[CDN_FINGERPRINT_TEXT],
                  cordon_str *ret_mark);
void cdn_mark(const struct cdn_service *s, cordon_str what, cordon_str text, char ret[CDN_FINGERPRINT_TEXT]);

/* merge.c: puts the state of the parties into the request. `ret` is for reserving afterwards. */
int cdn_merge_state(struct cdn_service_worker *w,
                    struct cdn_request *r,
                    int64_t at,
                    struct cdn_live_state *ret,
                    struct cordon_error *e) CORDON_MUST_CHECK;

/* Number of the mark whose usage counts against the outcome's cap, -1: nobody that could be told from others.
 */
int cdn_cap_mark(const struct cdn_service_worker *w,
                 const struct cdn_request *r,
                 const struct cdn_outcome_rec *o);
unsigned cdn_cap_window(unsigned unit); /* enum cdn_unit → enum cdn_window */

/* effects.c: what the decision changes. Memory: w->effect_memory. */
int cdn_effects_of(struct cdn_service_worker *w,
                   const struct cdn_request *r,
                   const struct cdn_decision *d,
                   struct cdn_effects *ret,
                   struct cordon_error *e) CORDON_MUST_CHECK;
cordon_str cdn_blocked_by(const struct cdn_service_worker *w, const struct cdn_decision *d);

/* decide.c: everything up to the append, for one request. */
struct cdn_decided {
    struct cdn_record_decision record; /* texts: worker's memory, or `answer` */
    struct cdn_decision decision;
    uint64_t epoch;   /* of the live state in which it was reserved */
    uint64_t lists;   /* cdn_lists_asked */
    size_t answer_at; /* where its answer begins */
    bool reserved;
    bool tells; /* the live state has to know */
};
struct cdn_decide_input {
    cordon_str body, key, idempotency, digest, trace;
    uint32_t roles;
    uint64_t appeal; /* CDN_COUNT_NONE */
    bool has_at;     /* re-deciding: this instant, this state as it stands */
    int64_t at;
};
/* Appends {"decision":… to `answer` (the rest comes with the index), and the record to `record`. On failure
 * nothing stays reserved and *ret_refusal says why. */
int cdn_decide_one(struct cdn_service_worker *w,
                   const struct cdn_decide_input *in,
                   const struct cdn_service_time *now,
                   struct cdn_buf *answer,
                   struct cdn_buf *record,
                   struct cdn_decided *ret,
                   uint8_t *ret_refusal,
                   struct cordon_error *e) CORDON_MUST_CHECK;
/* Room that the rest of an answer needs, and the rest. */
#define CDN_TAIL_ROOM ((size_t)512)
void cdn_answer_tail(struct cdn_buf *answer,
                     int64_t recorded,
                     uint64_t index,
                     bool has_index,
                     cordon_str trace,
                     cordon_str snapshot);
void cdn_decide_unreserve(struct cdn_service *s, const struct cdn_decided *d);
/* http_status, changes_at and blocked_by of a recorded decision, read from its JSON. */
int cdn_answer_facts(const struct cdn_record_decision *d,
                     struct cdn_reply *r,
                     struct cordon_error *e) CORDON_MUST_CHECK;
/* The recorded answer at `index`, whole, appended to r->text. */
int cdn_answer_recorded(struct cdn_service *s,
                        uint64_t index,
                        cordon_str key,
                        cordon_str idempotency,
                        struct cdn_reply *r,
                        struct cordon_error *e) CORDON_MUST_CHECK;

/* ---- snapshots: set.c, build.c
 * --------------------------------------------------------------------------------- */

/* snapshots/<hex>.snapshot of the data directory. `digest`: "sha256:…". CORDON_E_SYNTAX. */
int cdn_set_path(const struct cdn_service *s, cordon_str digest, char ret[PATH_SIZE], struct cordon_error *e)
    CORDON_MUST_CHECK;
int cdn_set_open(const struct cdn_service *s,
                 cordon_str digest,
                 struct cdn_snapshot **ret,
                 struct cordon_error *e) CORDON_MUST_CHECK;
/* Builds or copies what the options name (with the drafts in force, and every approved one due by `at`),
 * checks it, keeps it under its digest. */
int cdn_set_build(struct cdn_service *s,
                  int64_t at,
                  char ret_digest[CORDON_DIGEST_TEXT],
                  struct cordon_error *e) CORDON_MUST_CHECK; /* with `build` held */
/* The rules of the snapshot `base` and every approved draft due by `at`, whatever the rulebook on disk says
 * by now: what falls due by itself brings in nothing else. `also`: one more draft, to try it out;
 * CDN_COUNT_NONE. */
int cdn_set_build_ahead(struct cdn_service *s,
                        struct cdn_snapshot *base,
                        int64_t at,
                        uint64_t also,
                        char ret_digest[CORDON_DIGEST_TEXT],
                        struct cordon_error *e) CORDON_MUST_CHECK; /* with `build` held */
/* cdn_set_build under its lock, and journalled. */
int cdn_set_build_and_tell(struct cdn_service *s,
                           int64_t at,
                           cordon_str by,
                           char ret_digest[CORDON_DIGEST_TEXT],
                           struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_set_copy(const char *from, const char *to, struct cordon_error *e) CORDON_MUST_CHECK;
/* drafts.c: the drafts due by `at`, and those in force, as files in the folder whose path is returned. */
struct cdn_drafts {
    int64_t at;
    uint64_t also;                   /* one more; CDN_COUNT_NONE */
    bool in_force;                   /* those that were activated */
    cordon_str rulebook;             /* one more file, the rest of the rulebook; empty: none */
    const struct cdn_snapshot *base; /* its measures are in `rulebook`: drafts in it are left out; NULL */
};
int cdn_drafts_write(struct cdn_service *s,
                     const struct cdn_drafts *which,
                     char ret_folder[PATH_SIZE],
                     bool *ret_any,
                     struct cordon_error *e) CORDON_MUST_CHECK;
/* Journals that it is active from now on, then swaps it in whole. With admin held. `how`: of
 * snapshot.activated. */
int cdn_set_activate(struct cdn_service *s,
                     cordon_str digest,
                     const char *how,
                     cordon_str by,
                     struct cordon_error *e) CORDON_MUST_CHECK;
/* The active one of the store is opened again (start). CORDON_E_NOTFOUND: none was ever active. */
int cdn_set_resume(struct cdn_service *s, struct cordon_error *e) CORDON_MUST_CHECK;
/* Digest of the snapshot that was active before this one. CORDON_E_NOTFOUND. */
int cdn_set_before(struct cdn_service *s,
                   char ret[CORDON_DIGEST_TEXT],
                   struct cordon_error *e) CORDON_MUST_CHECK;
/* Waits until the state knows which snapshot is active. */
int cdn_set_reach(struct cdn_service *s, struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_set_reload(struct cdn_service *s,
                   const char *how,
                   cordon_str by,
                   struct cdn_buf *out,
                   struct cordon_error *e) CORDON_MUST_CHECK;

/* ---- time: timer.c
 * ---------------------------------------------------------------------------------------------- */

int cdn_timer_start(struct cdn_service *s, struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_timer_stop(struct cdn_service *s);
/* Drafts whose instant has come are put in force; costs a load when none is due. True: some were. */
bool cdn_schedule_due(struct cdn_service *s, int64_t now);
/* Says which drafts are in force, and makes the snapshots of the next instants ahead. */
void cdn_schedule_next(struct cdn_service *s);
void cdn_schedule(struct cdn_service *s);
/* Whether it is time to try a schedule again that could not be kept. */
bool cdn_schedule_again(const struct cdn_service *s, int64_t now); /* all of it, now */
void cdn_schedule_tell(struct cdn_service *s); /* only says which are in force, before others become active */
/* With build held since before the snapshot was made, so that no draft is told to be in force meanwhile:
 * activates it (cdn_set_activate), and with it what falls due next, or did. */
int cdn_schedule_switch(struct cdn_service *s,
                        cordon_str digest,
                        const char *how,
                        cordon_str by,
                        struct cordon_error *e) CORDON_MUST_CHECK;

/* ---- first use of lists: used.c
 * ---------------------------------------------------------------------------------------------- */

/* Sets of the lists of a snapshot, bit i for its list i: those that its rulebook names; those that a decision
 * has asked (nothing while none waits for that). */
uint64_t cdn_lists_of(const struct cdn_snapshot *snapshot);
uint64_t cdn_lists_asked(const struct cdn_service_worker *w, const struct cdn_decision *d);
/* Under order: the decision at `index`, under the snapshot of that digest, has asked these. */
void cdn_lists_used(struct cdn_service *s, const char *snapshot, uint64_t set, uint64_t index);
void cdn_lists_tell(struct cdn_service *s);                                            /* timer */
int cdn_lists_resume(struct cdn_service *s, struct cordon_error *e) CORDON_MUST_CHECK; /* at start */

/* ---- spare memory: spare.c
 * --------------------------------------------------------------------------------------- */

/* An empty buffer, with spare memory if there is some; its memory kept for the next, or freed. */
void cdn_spare_take(struct cdn_service *s, struct cdn_buf *b, size_t max);
void cdn_spare_give(struct cdn_service *s, struct cdn_buf *b);
void cdn_spare_free(struct cdn_service *s); /* nobody takes any longer */

/* ---- batches: batch.c
 * -------------------------------------------------------------------------------------------- */

int cdn_pool_start(struct cdn_service *s, struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_pool_stop(struct cdn_service *s); /* ends the threads */
void cdn_pool_free(struct cdn_service *s); /* no more batches */

/* ---- appeals: appeal.c
 * -------------------------------------------------------------------------------------------- */

/* A recorded decision. Free it also after a failure. */
struct cdn_past {
    struct cdn_buf storage;
    struct cdn_arena arena;
    struct cdn_record record;
};
int cdn_past_read(struct cdn_service *s, uint64_t index, struct cdn_past *ret, struct cordon_error *e)
    CORDON_MUST_CHECK;
void cdn_past_free(struct cdn_past *past);
/* Main mark of a decision. */
int cdn_appeal_party(struct cdn_service *s,
                     uint64_t decision,
                     char ret[CDN_FINGERPRINT_TEXT],
                     struct cordon_error *e) CORDON_MUST_CHECK;
/* `evidence`: an item or an array of items as in a request; `party`: index, CDN_COUNT_NONE: the one that
 * appeals. */
int cdn_appeal_redecide(struct cdn_service *s,
                        const struct cdn_service_caller *caller,
                        uint64_t appeal,
                        cordon_str evidence,
                        uint64_t party,
                        uint8_t *ret_refusal,
                        struct cordon_error *e) CORDON_MUST_CHECK;

/* ---- keys: keys.c
 * ---------------------------------------------------------------------------------------------------- */

int cdn_windows_new(struct cdn_service *s, struct cordon_error *e) CORDON_MUST_CHECK; /* past.c */
void cdn_windows_free(struct cdn_service *s);
int cdn_windows_read(void *service, uint64_t index, struct cdn_buf *out, struct cordon_error *e)
    CORDON_MUST_CHECK;
void cdn_windows_forget(struct cdn_service *s);

struct cdn_key_slot;
int cdn_keys_slot(struct cdn_service *s,
                  cordon_str id,
                  cordon_str *ret_id,
                  uint32_t *ret_slot,
                  struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_keys_free(struct cdn_service *s);

/* ---- looking: look_rules.c
 * ------------------------------------------------------------------------------------------ */

int cdn_look_measures(struct cdn_service *s,
                      const struct cdn_service_query *q,
                      struct cdn_buf *out,
                      struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_look_lists(struct cdn_service *s,
                   const struct cdn_service_query *q,
                   struct cdn_buf *out,
                   struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_look_status(struct cdn_service *s,
                    const struct cdn_service_query *q,
                    struct cdn_buf *out,
                    struct cordon_error *e) CORDON_MUST_CHECK;

/* ---- small things
 * ------------------------------------------------------------------------------------------------- */

/* explain.c: the role and the size of what is only looked at. */
int cdn_may_read(const struct cdn_service_ask *ask, struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_sha256_hex(cordon_str bytes, char ret[CDN_DIGEST_HEX]);
int cdn_service_no_memory(struct cordon_error *e);
unsigned cdn_service_refusal_of(int code); /* for errors that bear no refusal of their own */

#endif
