/* SPDX-License-Identifier: Apache-2.0 */
/* store_priv.h: inside the store. */
#ifndef CDN_STORE_STORE_PRIV_H
#define CDN_STORE_STORE_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/limits.h"
#include "store/db_priv.h"
#include "store/record_priv.h"
#include "store/store.h"
#include "store/summary.h"

#define CDN_STORE_BATCH_RECORDS 8192
#define CDN_STORE_BATCH_BYTES CDN_MIB(16)
#define CDN_STORE_READERS 16
#define CDN_STORE_BEHIND 4096 /* records that the state takes in before it must write */
#define CDN_STORE_PAUSE_MS 50 /* how long records gather before a follower takes them in, if nobody waits */
#define CDN_STORE_GATHER 4096 /* and how many at most */

struct cdn_reader {
    struct cdn_db state, index;
    bool taken;
};
struct cdn_follower {
    pthread_t thread;
    bool running;
    struct cdn_store *store;
    int (*catch_up)(struct cdn_store *s,
                    const struct cdn_store_source *source,
                    uint64_t end,
                    struct cordon_error *e);
    atomic_ullong *done; /* records taken in */
    pthread_cond_t wake; /* of what follows, under the store's lock */
    uint64_t wanted;     /* somebody waits until so many are taken in */
    bool idle;           /* all are taken in: the next one wakes it */
};
/* Summaries of the newest records (recent.c); under the store's lock. */
struct cdn_ring {
    struct cdn_recent **items; /* a power of two of places, from `begin` on */
    size_t begin, count, cap, bytes;
};
/* What the state has taken in and not yet written: by far most decisions change nothing of it but how long
 * they are to be kept, and are written many at a time (apply.c). */
struct cdn_pending {
    struct cdn_retained {
        uint64_t record;
        int64_t until;
    } * items;
    size_t count, cap;
    uint64_t written;     /* records that the database knows of */
    _Atomic int64_t last; /* greatest instant of what was taken in */
};
#define CDN_INDEX_BLOCK 4096
/* The block of the index that fills (index_priv.h): written by who takes records in, read by searches. */
struct cdn_index_tail {
    pthread_mutex_t lock;
    uint64_t first; /* record; a multiple of the size of a block */
    uint32_t block; /* records of one */
    uint32_t count;
    struct cdn_buf bytes; /* summaries of decisions, without text */
    size_t *at;           /* 1 + where that of a record is in `bytes`; 0: it is no decision, or erased */
    uint16_t *slots;      /* 1 + places with an idempotency key, by its id */
    uint64_t *erased;     /* records of the database that are still to be taken out of it */
    size_t erased_count, erased_cap;
    int64_t last; /* greatest instant */
};
struct cdn_store {
    const struct cordon_alloc *alloc;
    char folder[CDN_MAX_PATH_BYTES + 1];
    char vfs[32];
    uint32_t busy_ms;
    struct cdn_db state, index; /* the two that write */
    atomic_ullong applied, indexed;
    pthread_mutex_t applying[2]; /* state, index: who writes; before `lock` */
    struct cdn_pending pending;  /* under applying[0] */
    struct cdn_index_tail tail;  /* changed under applying[1] */
    pthread_mutex_t lock;        /* of what follows */
    struct cdn_ring ring;
    pthread_cond_t changed; /* more was taken in, or a connection is free */
    struct cdn_reader readers[CDN_STORE_READERS];
    uint32_t reader_count;
    struct cdn_store_source source;
    uint64_t end;
    uint32_t retry_ms;
    bool stop;
    struct cdn_follower followers[2];
    struct cdn_store_health health;
    bool failing[2]; /* state, index */
    cdn_store_listener *listener;
    void *listener_ctx;
    pthread_mutex_t listening; /* of the two above; held while the listener runs */
};

/* A connection for queries; waits until one is free. Give it back. */
struct cdn_reader *cdn_store_take(struct cdn_store *s);
void cdn_store_give(struct cdn_store *s, struct cdn_reader *r);
int cdn_store_path(const char *folder,
                   const char *file,
                   char ret[CDN_MAX_PATH_BYTES + 1],
                   struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_store_open_readers(struct cdn_store *s, struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_store_close_readers(struct cdn_store *s);
int cdn_store_load_counts(struct cdn_store *s, struct cordon_error *e) CORDON_MUST_CHECK;

/* Copies the summaries of records from `first` on, below `end` and as far as the ring has them, behind what
 * is in `out`: how many. *ret_next: the first record from `first` on that it has, or CDN_COUNT_NONE. */
uint64_t cdn_store_ring_copy(
    struct cdn_store *s, uint64_t first, uint64_t end, struct cdn_buf *out, uint64_t *ret_next);
void cdn_store_ring_free(struct cdn_store *s);
/* Takes `count` summaries in, one behind the other at `p`. apply.c, index.c */
typedef int cdn_taking_in(
    struct cdn_store *s, uint64_t first, const char *p, size_t count, struct cordon_error *e);
cdn_taking_in cdn_store_state_take, cdn_store_index_take;
int cdn_store_index_init(struct cdn_store *s, uint32_t block, struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_store_index_load(struct cdn_store *s,
                         struct cordon_error *e) CORDON_MUST_CHECK; /* begins with an empty tail */
void cdn_store_index_free(struct cdn_store *s);
/* Parties of a decision, 16 bytes each, appended. */
int cdn_store_index_parties(struct cdn_store *s,
                            struct cdn_reader *r,
                            uint64_t record,
                            struct cdn_buf *ret,
                            struct cordon_error *e) CORDON_MUST_CHECK;
/* Whether an idempotency key is answered from the record. 1, 0 or CORDON_E_… */
int cdn_store_index_answers(struct cdn_store *s,
                            struct cdn_reader *r,
                            uint64_t record,
                            struct cordon_error *e);
int cdn_store_index_dump(struct cdn_store *s,
                         struct cdn_reader *r,
                         struct cdn_buf *out,
                         struct cordon_error *e) CORDON_MUST_CHECK;
/* Writes what the state has not written yet. */
int cdn_store_state_write(struct cdn_store *s, struct cordon_error *e) CORDON_MUST_CHECK;

/* Applied up to `end`: by the followers where they run, else by the caller. */
int cdn_store_reach(struct cdn_store *s,
                    const struct cdn_store_source *source,
                    uint64_t end,
                    struct cordon_error *e) CORDON_MUST_CHECK;
/* Names and digests of idempotency, as the index keeps them. */
void cdn_idempotency_id(cordon_str key, cordon_str name, uint8_t ret[16]);
void cdn_idempotency_digest(cordon_str digest, uint8_t ret[16]);
bool cdn_duty_is_task(const struct cdn_effect_duty *d);

/* ---- judging
 * ------------------------------------------------------------------------------------------------- */

/* A question to the state. Functions below return 0 (yes), CDN_NO (no: code and why are set), or CORDON_E_….
 */
#define CDN_NO 1
struct cdn_check {
    struct cdn_db *db;
    struct cordon_error *e;
    int no; /* CORDON_E_STATE … */
    char why[CORDON_ERROR_TEXT];
};
int cdn_no(struct cdn_check *c, int code, const char *fmt, ...) CDN_PRINTF(3, 4);

struct cdn_holder { /* of a key; texts are copies in the arena */
    cordon_str person, signer;
    bool approve;
};
/* The key counts at `at`: it is there, not revoked, not expired. */
int cdn_check_key(
    struct cdn_check *c, cordon_str key, int64_t at, struct cdn_arena *arena, struct cdn_holder *ret);
int cdn_check_open_case(struct cdn_check *c, uint64_t case_id);
/* *ret_lines: how many of its lines the release would count for. */
int cdn_check_release(struct cdn_check *c, uint64_t case_id, cordon_str key, int64_t at);
int cdn_check_refuse(struct cdn_check *c, uint64_t case_id, cordon_str key, int64_t at);
int cdn_check_approve(struct cdn_check *c,
                      cordon_str key,
                      int64_t at,
                      const struct cdn_ev_draft_approved *approval);
int cdn_check_schedule(struct cdn_check *c, uint64_t draft, cordon_str key, int64_t at);
int cdn_check_activate(struct cdn_check *c, uint64_t draft, int64_t at);
int cdn_check_erase(struct cdn_check *c, uint64_t record, int64_t at);
/* The record has been erased: what refers to it changes nothing and is no fault. 1, 0 or CORDON_E_…. */
int cdn_check_erased(struct cdn_check *c, uint64_t record);
bool cdn_draft_status_is(cordon_str status, const char *words);

/* ---- applying
 * ------------------------------------------------------------------------------------------------ */

/* Where an event is applied. Handlers check everything before they change anything, and return what checks
 * return. */
struct cdn_apply {
    struct cdn_check check; /* db, e, why not */
    struct cdn_arena *arena;
    uint64_t index;
    int64_t at;
    cordon_str by;
    uint64_t about; /* record that the event is about, when that one may be erased; CDN_COUNT_NONE */
};
/* The event is about record `about`. 0: go on; CDN_DONE: that record was erased, nothing is to be done. */
#define CDN_DONE 2
int cdn_apply_about(struct cdn_apply *a, uint64_t about);
#define EVENT(name, written, kept, title)                                                                    \
    int cdn_on_##name(struct cdn_apply *a, const struct cdn_ev_##name *ev);
#define FIELD(name, member, type, need, meaning)
#define END(name)
#include "store/events.def"
#undef EVENT
#undef FIELD
#undef END
int cdn_apply_decision(struct cdn_apply *a, const struct cdn_record_decision *d);
/* Removes what follows from the record alone. */
int cdn_apply_erase(struct cdn_apply *a, uint64_t record);

/* ---- JSON out
 * ------------------------------------------------------------------------------------------------- */

/* ,"name": (or "name": for the first) */
void cdn_out_name(struct cdn_buf *out, bool *first, const char *name);
void cdn_out_text(struct cdn_buf *out, bool *first, const char *name, cordon_str text); /* empty: null */
void cdn_out_instant(struct cdn_buf *out, bool *first, const char *name, int64_t at);   /* none: null */
void cdn_out_count(struct cdn_buf *out, bool *first, const char *name, uint64_t v);     /* none: null */
void cdn_out_raw(struct cdn_buf *out, bool *first, const char *name, cordon_str json);  /* empty: null */
void cdn_out_party(struct cdn_buf *out, bool *first, const char *name, cordon_str blob);
void cdn_out_flag(struct cdn_buf *out, bool *first, const char *name, bool v);

/* Rows as objects. The alias of a column says what becomes of it: `[text by]` is the member "by"; the words
 * are text, instant, count, party, json and flag as above, and `more` for what `more` writes, which may look
 * at every column. A column whose alias is one word is there for `more` alone. Members stand in the order of
 * the columns. */
typedef int cdn_out_more(const struct cdn_q *q,
                         int column,
                         const char *name,
                         struct cdn_buf *out,
                         bool *first,
                         struct cordon_error *e);
int cdn_out_row(const struct cdn_q *q, cdn_out_more *more, struct cdn_buf *out, struct cordon_error *e)
    CORDON_MUST_CHECK;
/* All rows, in brackets, and the end of the query. */
int cdn_out_rows(struct cdn_q *q, cdn_out_more *more, struct cdn_buf *out, struct cordon_error *e)
    CORDON_MUST_CHECK;
/* The same for a reader that was taken, which is given back. */
int cdn_out_list(struct cdn_store *s,
                 struct cdn_reader *r,
                 struct cdn_q *q,
                 cdn_out_more *more,
                 struct cdn_buf *out,
                 struct cordon_error *e) CORDON_MUST_CHECK;
/* One row, or CORDON_E_NOTFOUND, of which the caller tells. */
int cdn_out_one(struct cdn_store *s,
                struct cdn_reader *r,
                struct cdn_q *q,
                cdn_out_more *more,
                struct cdn_buf *out,
                struct cordon_error *e) CORDON_MUST_CHECK;
/* Pages: a cursor and how many, for `id > ? … LIMIT ?`. */
void cdn_q_page(struct cdn_q *q, struct cdn_store_page page);

#endif
