/* SPDX-License-Identifier: Apache-2.0 */
/* summary.h: what state and index take of a record, in one piece, so that nobody reads the whole record again
 * to follow the journal.
 *
 * A summary is a function of the record alone: made of the decision that is at hand when it is recorded, or
 * of the record's bytes when it is read from the journal later, it has the same bytes (test_summary.c). It
 * lives in memory only; its layout is that of this build.
 *
 * The ring (recent.c) keeps the summaries of the newest records for those who follow. What has left it, or
 * never was in it, is read from the journal instead. */
#ifndef CDN_STORE_SUMMARY_H
#define CDN_STORE_SUMMARY_H

#include "store/record.h"

enum cdn_summary_kind {
    CDN_SUMMARY_NONE = 0, /* an erased record, or one that is no business of the store */
    CDN_SUMMARY_DECISION, /* that changes nothing of the state but retention */
    CDN_SUMMARY_CHANGE, /* a decision that opens a case, takes of a cap or makes a duty; `text` for the state
                         */
    CDN_SUMMARY_EVENT   /* `text` is the record */
};

#define CDN_SUMMARY_PARTY (CDN_FINGERPRINT_TEXT / 2)
#define CDN_SUMMARY_ONCE 16
struct cdn_summary { /* texts point into the summary */
    uint8_t kind, verdict;
    bool has_once; /* it has an idempotency key */
    int64_t at, recorded, keep_until;
    uint64_t appeal;
    cordon_str key, snapshot;
    const uint8_t *parties; /* CDN_SUMMARY_PARTY bytes each, as often as the record has them */
    size_t party_count;
    size_t measure_count;
    cordon_str measures; /* u32 length and text, each */
    uint8_t once_id[CDN_SUMMARY_ONCE], once_digest[CDN_SUMMARY_ONCE];
    cordon_str text;
};

/* Append a summary. CORDON_E_NOMEM, CORDON_E_LIMIT; *out is as before then. */
int cdn_summary_decision(struct cdn_buf *out, const struct cdn_record_decision *d) CORDON_MUST_CHECK;
int cdn_summary_event(struct cdn_buf *out, cordon_str record) CORDON_MUST_CHECK;
int cdn_summary_none(struct cdn_buf *out) CORDON_MUST_CHECK;
/* Of a record's bytes (.p NULL: erased). What cdn_record_read returns. */
int cdn_summary_record(struct cdn_buf *out,
                       cordon_str record,
                       struct cdn_arena *arena,
                       struct cordon_error *e) CORDON_MUST_CHECK;
/* Reads the next of those appended; `p` is where it begins. Returns where the one behind it begins. */
const char *cdn_summary_read(const char *p, struct cdn_summary *ret);
/* Appends a summary as it is, but for its text. CORDON_E_NOMEM. */
int cdn_summary_copy(struct cdn_buf *out, cordon_str summary) CORDON_MUST_CHECK;
/* The next measure: `rest` is shortened by it. */
cordon_str cdn_summary_measure(cordon_str *rest);

/* ---- the ring --------------------------------------------------------------------------------------------
 */

struct cdn_store;
/* Summaries of consecutive records; made before they are appended, so that nothing can fail afterwards. */
struct cdn_recent;
struct cdn_recent *cdn_recent_new(const struct cordon_alloc *alloc, size_t bytes); /* NULL: no memory */
void cdn_recent_add(struct cdn_recent *r, cordon_str summary); /* room for it was asked for */
void cdn_recent_free(struct cdn_recent *r); /* one that was not handed over; accepts NULL */
/* Hands the summaries of records `first`… over, in the order of the journal. Never fails: what finds no room
 * will be read from the journal. `r` NULL: nothing. */
void cdn_store_recent(struct cdn_store *s, uint64_t first, struct cdn_recent *r);
/* Records from `first` on were given up; their numbers will be used again. */
void cdn_store_recent_lost(struct cdn_store *s, uint64_t first);

#endif
