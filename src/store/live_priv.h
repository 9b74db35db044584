/* SPDX-License-Identifier: Apache-2.0 */
/* live_priv.h: inside the live state.
 *
 * A table of parties by fingerprint (open addressing; fingerprints are keyed hashes already), each with a
 * chain of items; a table of idempotency keys; a list of keys. One lock over all of it, held for as long as a
 * look-up takes. */
#ifndef CDN_STORE_LIVE_PRIV_H
#define CDN_STORE_LIVE_PRIV_H

#include "store/live.h"
#include "store/store_priv.h"

#define CDN_FP (CDN_FINGERPRINT_TEXT / 2)
enum {
    CDN_T_MEASURE,
    CDN_T_REFERENCE,
    CDN_T_LIST,
    CDN_T_ENTRY,
    CDN_T_ENTRY_FP,
    CDN_T_PARTY_FP,
    CDN_T_BY,
    CDN_T_WHY,
    CDN_ITEM_TEXTS
};
struct cdn_live_node {
    struct cdn_live_node *next;
    uint64_t record; /* usage: none; duty: decision; clearance, appeal: its id; hold: the case */
    uint64_t number; /* duty, hold: which of the record's */
    int64_t from, over, due, done, until;
    struct cdn_decimal used;
    char currency[4];
    uint8_t kind, window;
    uint32_t length[CDN_ITEM_TEXTS];
    char bytes[]; /* the texts, one after the other */
};
struct cdn_live_party {
    uint8_t fp[CDN_FP];
    struct cdn_live_node *first;
    bool taken;
};
struct cdn_live_once {
    uint8_t id[CDN_FP], digest[CDN_FP];
    uint64_t record; /* CDN_COUNT_NONE: claimed, being decided */
    int64_t at;
    bool taken;
};
struct cdn_live_holder {
    struct cdn_live_key key;
    uint8_t hash[32];
    uint8_t mark[16]; /* of the secret that had that hash, under `mark_key`; valid when `marked` */
    bool marked, revoked;
};
struct cdn_live {
    const struct cordon_alloc *alloc;
    pthread_mutex_t lock;
    struct cdn_store *store; /* listened to; NULL before the first filling */
    struct cdn_live_party *parties;
    size_t party_slots, party_count, item_count;
    struct cdn_live_once *once;
    size_t once_slots, once_count;
    struct cdn_live_holder *keys;
    size_t key_count, key_cap;
    uint8_t mark_key[16]; /* random, of this process; never leaves it */
    uint64_t seen;        /* events and decisions below this index came with the filling */
    size_t swept;         /* slot at which the next sweep goes on */
    bool incomplete;
};

bool cdn_live_unhex(cordon_str hex, uint8_t ret[CDN_FP]);
/* Under the lock. NULL: not there, or (create) no memory or too many. */
struct cdn_live_party *cdn_live_party_of(struct cdn_live *l, const uint8_t fp[CDN_FP], bool create);
int cdn_live_add(struct cdn_live *l,
                 const uint8_t fp[CDN_FP],
                 const struct cdn_live_node *like,
                 const cordon_str texts[CDN_ITEM_TEXTS]);
cordon_str cdn_live_text(const struct cdn_live_node *n, unsigned which);
/* Removes items of a kind with that record; of any party. */
void cdn_live_remove(struct cdn_live *l, unsigned kind, uint64_t record);
void cdn_live_empty(struct cdn_live *l);
int cdn_live_load(struct cdn_live *l, struct cdn_store *s, int64_t at, struct cordon_error *e);
void cdn_live_listen(void *ctx, uint64_t index, const struct cdn_event *ev);
int cdn_live_add_usage(struct cdn_live *l, const struct cdn_effect_cap *c, struct cdn_decimal amount);
void cdn_live_revoke(struct cdn_live *l, cordon_str id);
int cdn_live_note_once(struct cdn_live *l, uint64_t index, const struct cdn_record_decision *d);
void cdn_live_sweep_once(struct cdn_live *l, uint64_t indexed);
int cdn_live_add_key(struct cdn_live *l, const struct cdn_ev_key_created *ev);

#endif
