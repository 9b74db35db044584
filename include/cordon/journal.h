/* SPDX-License-Identifier: Apache-2.0 */
/* cordon/journal.h: read, search, verify, prove and replay the record of decisions (libcordon-journal; links
 * libcordon, libcordon-json, libsodium, libcrypto, libzstd).
 *
 * cordond writes a journal; everything here reads one, also while it is being written, and takes no lock;
 * except cordon_journal_erase and cordon_journal_rotate, which must be the only writer. The rules of
 * cordon/cordon.h about errors, memory and threads hold here too; a cordon_journal belongs to one thread at a
 * time. docs/journal.md has records and layout. */
#ifndef CORDON_JOURNAL_H
#define CORDON_JOURNAL_H

#include "cordon/cordon.h"
#include "cordon/json.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cordon_journal cordon_journal;

/* Opens the journal in a directory for reading: what was durable by now. CORDON_E_IO, CORDON_E_FORMAT,
 * CORDON_E_VERSION, CORDON_E_NOTFOUND (no journal there). A damaged journal opens, too; reading the damage
 * says so. */
CORDON_API int cordon_journal_open(const char *dir,
                                   const cordon_alloc *alloc,
                                   cordon_journal **ret,
                                   cordon_error *e) CORDON_MUST_CHECK;
CORDON_API void cordon_journal_close(cordon_journal *j);          /* accepts NULL */
CORDON_API uint64_t cordon_journal_size(const cordon_journal *j); /* records */
CORDON_API cordon_str cordon_journal_origin(const cordon_journal *j);
/* The newest checkpoint, a C2SP signed note, and its size; empty and 0: there is none. */
CORDON_API cordon_str cordon_journal_checkpoint(const cordon_journal *j, uint64_t *ret_size);

typedef struct cordon_record {
    uint64_t index;
    int64_t retain_until; /* it must not be erased before; CORDON_NEVER */
    int erased;           /* then salt and payload are empty */
    cordon_str payload;   /* canonical JSON */
    uint8_t salt[16];
    uint8_t leaf[32]; /* the entry of the log: the commitment to salt and payload */
} cordon_record;

/* One record; its payload belongs to the journal until the next call. CORDON_E_NOTFOUND, CORDON_E_DIGEST
 * (damaged). */
CORDON_API int cordon_journal_read(cordon_journal *j, uint64_t index, cordon_record *ret, cordon_error *e)
    CORDON_MUST_CHECK;
/* Called for each record, in order. What it returns other than 0 ends the work and is returned. */
typedef int (*cordon_record_fn)(void *ctx, const cordon_record *r);

/* Which records; zero everything for all. Texts are compared with what the record says; empty: any. */
typedef struct cordon_journal_query {
    size_t size;
    uint64_t from, to;    /* indexes from..to-1; to 0: all */
    int64_t since, until; /* instants of `at`: since <= at < until; until 0: no end */
    cordon_str kind;      /* "decision", "event" */
    cordon_str event;     /* "case.opened", or "case." for all that begin so */
    cordon_str verdict;   /* "deny" */
    cordon_str
        measure;      /* id; one that is named in the decision and does not stand "false" or "not_in_force" */
    cordon_str party; /* a name or identifier of a party, any part of it, ASCII case aside */
    cordon_str key, snapshot, trace, idempotency_key;
    uint64_t limit; /* ends after so many; 0: none */
} cordon_journal_query;
CORDON_API void cordon_journal_query_init(cordon_journal_query *q);
/* Straight from the segments, in the order of indexes; erased records match a query by indexes alone.
 * `ret_found` may be NULL. CORDON_E_NAME: no such kind or verdict. */
CORDON_API int cordon_journal_search(cordon_journal *j,
                                     const cordon_journal_query *q,
                                     cordon_record_fn each,
                                     void *ctx,
                                     uint64_t *ret_found,
                                     cordon_error *e) CORDON_MUST_CHECK;

/* ---- proofs
 * ------------------------------------------------------------------------------------------------------- */

#define CORDON_PROOF_JSON 0
#define CORDON_PROOF_TEXT 1 /* C2SP tlog-proof (inclusion only) */
/* Appends the proof that record `index` is in the tree of the last checkpoint. */
CORDON_API int cordon_journal_prove(
    cordon_journal *j, uint64_t index, int form, cordon_buffer *out, cordon_error *e) CORDON_MUST_CHECK;
/* Appends the proof, as JSON, that the tree of `old_size` is the beginning of the tree of `new_size` (0: of
 * the last checkpoint). */
CORDON_API int cordon_journal_prove_consistency(cordon_journal *j,
                                                uint64_t old_size,
                                                uint64_t new_size,
                                                cordon_buffer *out,
                                                cordon_error *e) CORDON_MUST_CHECK;

/* ---- verifying
 * ----------------------------------------------------------------------------------------------------- */

typedef int (*cordon_journal_progress_fn)(void *ctx, const char *step, uint64_t done, uint64_t total);
typedef struct cordon_journal_verify_options {
    size_t size;
    const cordon_alloc *alloc;
    const cordon_str *keys; /* verifier keys that are trusted; none: those that the journal itself names */
    size_t key_count;
    const cordon_str *notes; /* checkpoints that were kept elsewhere, such as by a witness */
    size_t note_count;
    /* Called for each thing that is not as it must be: where (a file, or a record), and what. */
    void (*finding)(void *ctx, cordon_str where, uint64_t offset, cordon_str what);
    cordon_journal_progress_fn progress;
    void *ctx;
} cordon_journal_verify_options;
typedef struct cordon_journal_verified {
    uint64_t records, erased, decisions, events, findings;
    uint64_t checkpoint_size; /* of the signed checkpoint that was found right; records beyond it are not
                                 signed yet */
    uint32_t checkpoints;     /* found right, with those kept elsewhere */
    uint8_t root[32];         /* of the tree over all records */
} cordon_journal_verified;
CORDON_API void cordon_journal_verify_options_init(cordon_journal_verify_options *o);
/* Reads every byte of the journal: each is under a checksum, a hash or a signature. CORDON_OK also with
 * findings. */
CORDON_API int cordon_journal_verify(const char *dir,
                                     const cordon_journal_verify_options *o,
                                     cordon_journal_verified *ret,
                                     cordon_error *e) CORDON_MUST_CHECK;

/* ---- replay
 * -----------------------------------------------------------------------------------------------------------
 */

typedef struct cordon_replay_options {
    size_t size;
    const cordon_alloc *alloc;
    const char *snapshots; /* directory with HEX.snapshot of every snapshot ever active */
    const char *with;      /* decide under this snapshot instead; NULL: each under its own */
    cordon_journal_query which;
    unsigned threads; /* 0: 1 */
    /* Called from the caller's thread for each record whose answer is not the recorded one, in order of
     * indexes within a batch. `now` is empty when it could not be decided; then `why` says so. */
    int (*difference)(void *ctx, const cordon_record *r, cordon_str was, cordon_str now, cordon_str why);
    cordon_journal_progress_fn progress;
    void *ctx;
} cordon_replay_options;
typedef struct cordon_replayed {
    uint64_t decisions, same, different, undecided, erased;
    uint64_t verdicts[6][6]; /* [was][now] of all that were decided, by cordon_verdict */
} cordon_replayed;
CORDON_API void cordon_replay_options_init(cordon_replay_options *o);
CORDON_API int cordon_journal_replay(cordon_journal *j,
                                     const cordon_replay_options *o,
                                     cordon_replayed *ret,
                                     cordon_error *e) CORDON_MUST_CHECK;
/* Calls `each` for every measure whose part in the two decisions (canonical JSON, as `difference` gets them)
 * differs: what it demanded before and now ("" : nothing). */
CORDON_API int cordon_decision_compare(
    cordon_str was,
    cordon_str now,
    void (*each)(void *ctx, cordon_str measure, cordon_str was, cordon_str now),
    void *ctx) CORDON_MUST_CHECK;

/* ---- copies and erasing
 * -------------------------------------------------------------------------------------------------- */

/* Copies everything up to a checkpoint into the new directory `to`, also while the journal is being written,
 * and verifies nothing (cordon_journal_verify does). *ret_size: its records. A copy is a journal: restoring
 * is copying it back. */
CORDON_API int cordon_journal_backup(const char *dir,
                                     const char *to,
                                     const cordon_alloc *alloc,
                                     uint64_t *ret_size,
                                     cordon_error *e) CORDON_MUST_CHECK;

typedef struct cordon_erase_options {
    size_t size;
    cordon_str secret_key; /* text of a minisign secret key file: erasing writes a record and a checkpoint */
    cordon_str password;
    uint64_t first, last; /* records, last included */
    int64_t now;
    cordon_str by, reason;
    int dry_run;
} cordon_erase_options;
typedef struct cordon_erased {
    uint64_t erased, retained, held, already;
} cordon_erased;
CORDON_API void cordon_erase_options_init(cordon_erase_options *o);
/* Erases payload and salt of decisions of the range whose retention is over and that no legal hold covers. No
 * other process may have the journal open for writing (CORDON_E_STATE). */
CORDON_API int cordon_journal_erase(const char *dir,
                                    const cordon_erase_options *o,
                                    cordon_erased *ret,
                                    cordon_error *e) CORDON_MUST_CHECK;

/* ---- keys
 * -----------------------------------------------------------------------------------------------------------
 */

/* A new key: appends the texts of a minisign secret key file without a password, and of its public key file.
 * Whoever calls keeps the secret secret, and wipes it. */
CORDON_API int cordon_journal_new_key(cordon_buffer *secret_key,
                                      cordon_buffer *public_key,
                                      cordon_error *e) CORDON_MUST_CHECK;
typedef struct cordon_rotate_options {
    size_t size;
    cordon_str secret_key, password; /* of the key that signs now, as in cordon_erase_options */
    cordon_str new_key;              /* text of a secret key file without a password */
    int64_t now;
    cordon_str by;
} cordon_rotate_options;
CORDON_API void cordon_rotate_options_init(cordon_rotate_options *o);
/* The new key signs from now on; both sign the hand-over, so that whoever trusts the old one can follow.
 * Where it has been handed over already (a call that was cut short), that is finished. No other process may
 * have the journal open for writing (CORDON_E_STATE). CORDON_E_NOTFOUND: there is no journal. */
CORDON_API int cordon_journal_rotate(const char *dir,
                                     const cordon_rotate_options *o,
                                     cordon_error *e) CORDON_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
