/* SPDX-License-Identifier: Apache-2.0 */
/* journal.h: the append-only, tamper-evident record: append, commit, read, prove, erase, recover.
 *
 * A record is any bytes (Cordon writes one canonical JSON object per record: docs/journal.md). It is
 * acknowledged (on_durable) when it is on disk. Its leaf in the Merkle tree is a commitment, SHA-256 of a
 * domain, a random salt and the bytes, so that bytes and salt can be erased later while every proof keeps its
 * worth.
 *
 * Always true here:
 *  1. records get consecutive indexes from 0, and become durable in that order; on_durable(first, count) is
 * called exactly once for each, in order, from one thread, only after fdatasync succeeded;
 *  2. what was acknowledged is found again after any crash; what is found was appended, whole, byte by byte;
 *     a record that was appended and not acknowledged may or may not be found;
 *  3. a failed write or fsync is sticky: the records of that group and all after it are given up
 *     (on_lost(first, count)), their indexes are free again, and appends are refused with CORDON_E_IO and the
 * reason until cdn_journal_recover succeeds;
 *  4. a checkpoint covers durable records only;
 *  5. one writer per directory (a lock); readers need no lock and see a prefix.
 *
 * Threads: append, read, head, state, checkpoint, prove, erase from any thread. Callbacks come from the
 * committer's thread (on_durable, on_lost) and the keeper's thread (on_checkpoint); they must not call
 * cdn_journal_close, and on_durable should be short: the next group waits for it. Appending from a callback
 * is allowed with CDN_JOURNAL_NOWAIT.
 *
 * The C library's clock is not read here: options.now_ns is asked for times that are only measured (metrics,
 * pace of checkpoints), never for anything that is recorded. */
#ifndef CDN_JOURNAL_JOURNAL_H
#define CDN_JOURNAL_JOURNAL_H

#include "base/base.h"
#include "journal/file.h"
#include "sign/sign.h"

#define CDN_JOURNAL_QUEUE ((size_t)16 << 20)   /* default of queue_bytes; twice this much memory at most */
#define CDN_JOURNAL_SEGMENT ((size_t)64 << 20) /* default of segment_bytes */
#define CDN_JOURNAL_MAX_RECORD                                                                               \
    ((size_t)32 << 20) /* bytes; a request of 1 MiB and its decision of at most 16 */

struct cdn_journal;

struct cdn_journal_options {
    const struct cordon_alloc *alloc; /* NULL: malloc; called from several threads */
    const struct cdn_file_ops *files; /* NULL: the machine's */
    cordon_str origin; /* first line of checkpoints; for a new journal; empty: "cordon.local/journal".
                          An existing journal has its own, and another one is CORDON_E_CONFLICT */
    const struct cdn_sign_secret
        *key;             /* signs checkpoints; copied. NULL: checkpoints are not signed and not written */
    bool no_sync;         /* durable=no: on_durable comes after the write, without fdatasync */
    size_t queue_bytes;   /* appended and not yet written; 0: CDN_JOURNAL_QUEUE; append waits beyond that */
    size_t segment_bytes; /* of one payload file; 0: CDN_JOURNAL_SEGMENT */
    uint64_t checkpoint_records; /* a checkpoint at least every so many records; 0: 65536 */
    uint64_t checkpoint_ns; /* and so long after a record became durable; 0: a second; UINT64_MAX: never */

    void *ctx; /* of all callbacks */
    void (*on_durable)(void *ctx, uint64_t first, uint64_t count);
    void (*on_lost)(void *ctx, uint64_t first, uint64_t count, const struct cordon_error *why);
    /* A new signed checkpoint (whole note), for a witness. May take its time. */
    void (*on_checkpoint)(void *ctx, uint64_t size, cordon_str note);
    int64_t (*now_ns)(void *ctx); /* monotonic; NULL: CLOCK_MONOTONIC */
};
void cdn_journal_options_init(struct cdn_journal_options *o);

/* Opens (and creates) the journal in `dir` for writing, recovers what a crash left (automatic; reads only
 * what came after the last marker) and starts its threads. CORDON_E_STATE: another process writes to it.
 * CORDON_E_DIGEST: records that were acknowledged are damaged; nothing was changed (`cordon journal verify`
 * says what). CORDON_E_IO, CORDON_E_FORMAT, CORDON_E_VERSION, CORDON_E_CONFLICT, CORDON_E_NOMEM. */
int cdn_journal_open(const char *dir,
                     const struct cdn_journal_options *o,
                     struct cdn_journal **ret,
                     struct cordon_error *e) CORDON_MUST_CHECK;
/* Commits what was appended, writes a last checkpoint, stops the threads. Accepts NULL. */
void cdn_journal_close(struct cdn_journal *j);

/* ---- writing
 * ------------------------------------------------------------------------------------------------- */

#define CDN_JOURNAL_NOWAIT 1u /* CORDON_E_LIMIT instead of waiting for room in the queue */
#define CDN_JOURNAL_LATER                                                                                    \
    2u /* more follows from this thread at once: nobody is woken until cdn_journal_push() */
#define CDN_JOURNAL_KEEP INT64_MAX
/* Copies the bytes into the queue. `retain_until`: an instant before which the record must not be erased
 * (CDN_JOURNAL_KEEP: never). *ret_index: its place, for on_durable; it may reach on_durable before this
 * returns. CORDON_E_IO: the journal has failed (sticky; e says why). CORDON_E_LIMIT: too large, or full with
 * NOWAIT. CORDON_E_STATE: closing. CORDON_E_NOMEM. */
int cdn_journal_append(struct cdn_journal *j,
                       cordon_str payload,
                       int64_t retain_until,
                       uint32_t flags,
                       uint64_t *ret_index,
                       struct cordon_error *e) CORDON_MUST_CHECK;
/* After one or more appends with LATER. Until then they wait for anybody's append without it, or for the
 * group before them to be done. */
void cdn_journal_push(struct cdn_journal *j);
/* Several at once, in one go and with consecutive indexes (all of them or none). */
struct cdn_journal_item {
    cordon_str payload;
    int64_t retain_until;
};
int cdn_journal_append_many(struct cdn_journal *j,
                            const struct cdn_journal_item *items,
                            size_t count,
                            uint32_t flags,
                            uint64_t *ret_first,
                            struct cordon_error *e) CORDON_MUST_CHECK;
/* Waits until everything below `size` is durable. CORDON_E_IO when that can no longer happen. */
int cdn_journal_wait(struct cdn_journal *j, uint64_t size, struct cordon_error *e) CORDON_MUST_CHECK;
/* After a failure: tries to make the journal usable again (new segment). CORDON_OK: it works, at once. Cheap
 * to call often, such as once a second, and a no-op on a healthy journal. */
int cdn_journal_recover(struct cdn_journal *j, struct cordon_error *e) CORDON_MUST_CHECK;
/* CORDON_OK, or why appends are refused at the moment. */
int cdn_journal_health(struct cdn_journal *j, struct cordon_error *e) CORDON_MUST_CHECK;

/* ---- reading
 * --------------------------------------------------------------------------------------------------- */

/* All records below this are durable. */
uint64_t cdn_journal_head(struct cdn_journal *j);

struct cdn_journal_record {
    uint64_t index;
    int64_t retain_until;
    bool erased;      /* then the payload is empty */
    uint8_t salt[16]; /* zeros when erased */
    uint8_t leaf[32]; /* the commitment: the entry of the log */
    cordon_str payload;
};
/* Reads a durable record; the payload is in `storage` (cleared first). CORDON_E_NOTFOUND: not below the head.
 * CORDON_E_DIGEST: damaged. */
int cdn_journal_read(struct cdn_journal *j,
                     uint64_t index,
                     struct cdn_buf *storage,
                     struct cdn_journal_record *ret,
                     struct cordon_error *e) CORDON_MUST_CHECK;
/* Reads records from..to-1 in order, quickly: their leaves are not computed (zeros, but of erased ones). What
 * `each` returns other than 0 ends it and is returned. */
typedef int (*cdn_journal_each_fn)(void *ctx, const struct cdn_journal_record *r, struct cordon_error *e);
int cdn_journal_scan(struct cdn_journal *j,
                     uint64_t from,
                     uint64_t to, /* UINT64_MAX: the durable head */
                     cdn_journal_each_fn each,
                     void *ctx,
                     struct cordon_error *e) CORDON_MUST_CHECK;

/* What /metrics shows. Times in nanoseconds, since the journal was opened; buckets of commit latency (append
 * to durable, per group): 2^i microseconds, cumulative in none. */
#define CDN_JOURNAL_BUCKETS 24
struct cdn_journal_state {
    uint64_t appended, durable; /* records: next index, head */
    uint64_t queued_bytes, queued_records;
    uint64_t groups, bytes_in, bytes_written; /* groups committed; bytes of payload; bytes written for them */
    uint64_t sync_ns_last, sync_ns_sum, sync_ns_max;
    uint64_t commit_bucket[CDN_JOURNAL_BUCKETS]; /* groups whose latency was < 2^i us (and not < 2^(i-1)) */
    uint64_t checkpoint_size, checkpoints, failures, segments;
    uint64_t recovered_records, recovery_ns; /* by the last open: records rehashed, time taken */
    bool failed;
};
void cdn_journal_state(struct cdn_journal *j, struct cdn_journal_state *ret);

/* ---- proofs
 * ------------------------------------------------------------------------------------------------------ */

/* Makes a checkpoint of all durable records now; appends the signed note. */
int cdn_journal_checkpoint(struct cdn_journal *j,
                           struct cdn_buf *ret_note,
                           struct cordon_error *e) CORDON_MUST_CHECK;
/* The newest one again, without making another; empty when there is none. */
int cdn_journal_last_checkpoint(struct cdn_journal *j,
                                struct cdn_buf *ret_note,
                                struct cordon_error *e) CORDON_MUST_CHECK;
#define CDN_JOURNAL_MAX_PROOF 128
struct cdn_journal_proof {
    uint64_t index; /* of the leaf (inclusion), or size of the older tree (consistency) */
    uint64_t size;  /* of the tree */
    uint8_t leaf_hash[32], root[32], old_root[32];
    uint32_t count;
    uint8_t hash[CDN_JOURNAL_MAX_PROOF][32];
};
/* RFC 6962 inclusion of a record in, and consistency of an older tree with, the tree of `size` leaves (0: of
 * the last checkpoint). */
int cdn_journal_prove(struct cdn_journal *j,
                      uint64_t index,
                      uint64_t size,
                      struct cdn_journal_proof *ret,
                      struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_journal_prove_consistency(struct cdn_journal *j,
                                  uint64_t old_size,
                                  uint64_t size,
                                  struct cdn_journal_proof *ret,
                                  struct cordon_error *e) CORDON_MUST_CHECK;
/* As JSON, and as C2SP tlog-proof text (inclusion only), which includes the note. */
void cdn_journal_proof_to_json(struct cdn_buf *out, const struct cdn_journal_proof *p, cordon_str note);
void cdn_journal_proof_to_text(struct cdn_buf *out, const struct cdn_journal_proof *p, cordon_str note);
/* Body of a witness's add-checkpoint (C2SP tlog-witness): "old N", the consistency proof, the last
 * checkpoint. */
int cdn_journal_witness_request(struct cdn_journal *j,
                                uint64_t old_size,
                                struct cdn_buf *out,
                                struct cordon_error *e) CORDON_MUST_CHECK;

/* ---- keys and erasing
 * -------------------------------------------------------------------------------------------- */

/* From now on `key` signs. Both keys sign the hand-over: a note kept in keys/, and an event record
 * "journal.key_rotated" by `by` at `at` that is durable before the first checkpoint of the new key. */
int cdn_journal_rotate_key(struct cdn_journal *j,
                           const struct cdn_sign_secret *key,
                           cordon_str by,
                           int64_t at,
                           struct cordon_error *e) CORDON_MUST_CHECK;

struct cdn_journal_erase {
    uint64_t first, last;  /* records considered, last included */
    int64_t now;           /* erases what has retain_until <= now */
    cordon_str by, reason; /* go into the event */
    bool dry_run;
    bool events; /* also events that were written to be erasable (retain_until is no CDN_JOURNAL_KEEP) */
    /* A further veto, such as a legal hold that the caller knows of: true keeps the record. NULL: none. */
    bool (*held)(void *ctx, const struct cdn_journal_record *r);
    void *ctx;
};
struct cdn_journal_erased {
    uint64_t erased, retained, held, already; /* records of the range, by what became of them */
};
/* Erases payload and salt of what may be erased; the leaves stay. Legal holds are read from the journal's own
 * events (docs/journal.md, "legal_hold.set", "legal_hold.placed"): all of it the first time, afterwards what
 * is new. First the event "journal.erased" becomes durable, then the bytes go. Event records are erased with
 * `events` only. */
int cdn_journal_erase(struct cdn_journal *j,
                      const struct cdn_journal_erase *what,
                      struct cdn_journal_erased *ret,
                      struct cordon_error *e) CORDON_MUST_CHECK;

/* A consistent copy of everything up to a new checkpoint into the new directory `to`, while appends go on. */
int cdn_journal_backup(struct cdn_journal *j, const char *to, uint64_t *ret_size, struct cordon_error *e)
    CORDON_MUST_CHECK;

#endif
