/* SPDX-License-Identifier: Apache-2.0 */
/* live.h: the part of the state that every request needs, in memory, one step ahead of the databases.
 *
 * A decision must see what the one before it took of a cap, although neither is durable yet. So the service
 * tells this object of each record when it appends it, in order, and asks it before it decides. At start it
 * is filled from the store and from the records that the store has not taken in.
 *
 *   cdn_live_find_key → who asks, and may they
 *   cdn_live_merge    → usage, duties, clearances, holds, appeals of the parties: becomes `state` of the
 * request … decide … cdn_live_reserve  → takes what the decision takes of caps, if nobody took any since the
 * merge; else CORDON_E_CONFLICT: merge and decide again append to the journal; when that is refused:
 * cdn_live_unreserve cdn_live_decision (with the index) or cdn_live_event
 *
 * Always true here:
 *  1. what is reserved is never more than the caps allowed when it was decided: reserving compares and adds
 * under one lock;
 *  2. sums are exact decimals; one that does not fit is an error, never a smaller number;
 *  3. after the same records it answers as one newly filled from the store does;
 *  4. memory is bounded by what is current: windows that are over, ended clearances, revoked keys and indexed
 * idempotency keys are dropped; at CDN_MAX_LIVE_ITEMS it refuses (CORDON_E_LIMIT) rather than forget.
 *
 * Threads: any, at once. */
#ifndef CDN_STORE_LIVE_H
#define CDN_STORE_LIVE_H

#include "store/store.h"

#define CDN_MAX_LIVE_ITEMS ((size_t)4 << 20)
#define CDN_KEY_ID_TEXT 24     /* with NUL */
#define CDN_KEY_SECRET_TEXT 96 /* "cordon_ID_SECRET" with NUL: what a client sends */

struct cdn_live;
int cdn_live_new(const struct cordon_alloc *alloc,
                 struct cdn_live **ret,
                 struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_live_free(struct cdn_live *l); /* accepts NULL */
/* Forgets everything and fills it: from the store, then from the records between cdn_store_applied() and
 * `end`. `at`: the clock; windows that are over by then are left out. Also after the journal lost what was
 * appended (a failed write): reservations of lost records are gone with them. */
int cdn_live_fill(struct cdn_live *l,
                  struct cdn_store *s,
                  const struct cdn_store_source *source,
                  uint64_t end,
                  int64_t at,
                  struct cordon_error *e) CORDON_MUST_CHECK;

/* Tells of an appended decision, in the order of records. `reserved`: its caps were taken by
 * cdn_live_reserve. Records that the filling has seen already are passed over. */
int cdn_live_decision(struct cdn_live *l,
                      uint64_t index,
                      const struct cdn_record_decision *d,
                      bool reserved,
                      struct cordon_error *e) CORDON_MUST_CHECK;
/* Tells of an appended event. What must be judged first (a release, a clearance, a new key …) counts when the
 * store has applied it, which tells this object by itself; what makes things stricter (a revoked key) counts
 * at once. */
int cdn_live_event(struct cdn_live *l, uint64_t index, const struct cdn_event *ev, struct cordon_error *e)
    CORDON_MUST_CHECK;
/* False when memory ran out while the store told of an event: fill it again. */
bool cdn_live_complete(struct cdn_live *l);
/* Idempotency keys of records below `indexed` are in the store now and may be dropped; also drops what is
 * over at `at`. */
void cdn_live_sweep(struct cdn_live *l, uint64_t indexed, int64_t at);

/* ---- keys
 * -------------------------------------------------------------------------------------------------------- */

enum cdn_role_bit {
    CDN_KEY_MAY_DECIDE = 1u << 0,
    CDN_KEY_MAY_READ = 1u << 1,
    CDN_KEY_MAY_AUTHOR = 1u << 2,
    CDN_KEY_MAY_APPROVE = 1u << 3,
    CDN_KEY_MAY_AUDIT = 1u << 4,
    CDN_KEY_MAY_REPLAY = 1u << 5,
    CDN_KEY_MAY_ADMIN = 1u << 6
};
unsigned cdn_role_bit_find(cordon_str name); /* 0: none */
const char *cdn_role_bit_name(unsigned bit);
struct cdn_live_key {
    char id[CDN_KEY_ID_TEXT];
    unsigned roles;
    uint64_t rate, burst; /* a second; CDN_COUNT_NONE: not limited */
    int64_t expires;      /* CDN_INSTANT_NONE: never */
};
/* A new random key: its id, the text that the client is shown once, and the hash for key.created. */
int cdn_live_make_key(char ret_id[CDN_KEY_ID_TEXT],
                      char ret_secret[CDN_KEY_SECRET_TEXT],
                      char ret_hash[CDN_DIGEST_HEX]) CORDON_MUST_CHECK;
/* The key that the client's text is, compared in constant time. CORDON_E_NOTFOUND: none such, wrong secret,
 * revoked or expired at `at` (deliberately one answer; e->message tells them apart for the log without the
 * text itself). */
int cdn_live_find_key(struct cdn_live *l,
                      cordon_str secret,
                      int64_t at,
                      struct cdn_live_key *ret,
                      struct cordon_error *e) CORDON_MUST_CHECK;

/* ---- state of parties
 * -------------------------------------------------------------------------------------------- */

struct cdn_live_item { /* becomes one item of the request's `state`; texts are in the arena given */
    uint8_t kind;      /* enum cdn_state_kind of model/request.h */
    uint32_t party;    /* index into the fingerprints asked */
    cordon_str measure, reference, list, entry, entry_fingerprint, party_fingerprint, by, why;
    uint64_t record; /* case, decision, clearance or appeal; usage: CDN_COUNT_NONE */
    uint8_t window;  /* usage */
    int64_t from;    /* usage: begin of the window */
    struct cdn_decimal used;
    char currency[4];
    int64_t due, done, until; /* CDN_INSTANT_NONE: absent */
};
struct cdn_live_state {
    struct cdn_live_item *items; /* ordered: the same state gives the same bytes */
    size_t count;
    uint64_t version; /* for cdn_live_reserve */
};
/* `parties`: fingerprints (each as in effects); empty ones are skipped. */
int cdn_live_merge(struct cdn_live *l,
                   const struct cdn_texts *parties,
                   int64_t at,
                   struct cdn_arena *arena,
                   struct cdn_live_state *ret,
                   struct cordon_error *e) CORDON_MUST_CHECK;
/* `expected[i]`: usage that the decision was made with, for caps[i] (zero where the merge had no item). All
 * or none. CORDON_E_CONFLICT: somebody else was faster. */
int cdn_live_reserve(struct cdn_live *l,
                     const struct cdn_effect_cap *caps,
                     const struct cdn_decimal *expected,
                     size_t count,
                     struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_live_unreserve(struct cdn_live *l, const struct cdn_effect_cap *caps, size_t count);

/* ---- idempotency
 * --------------------------------------------------------------------------------------------------- */

/* Records appended and not indexed yet; else as cdn_store_idempotency. Claims the key when it is new, so that
 * of two requests at once one waits: CORDON_OK, *ret_index is the record; CORDON_E_NOTFOUND, claimed now:
 * append, or give it back; CORDON_E_STATE: claimed by a request still being decided; CORDON_E_CONFLICT:
 * another request's body. */
int cdn_live_idempotency(struct cdn_live *l,
                         struct cdn_store *s,
                         const struct cdn_store_once *once,
                         uint64_t *ret_index,
                         struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_live_idempotency_give_back(struct cdn_live *l, cordon_str key, cordon_str idempotency_key);

#endif
