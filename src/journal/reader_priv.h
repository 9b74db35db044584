/* SPDX-License-Identifier: Apache-2.0 */
/* reader_priv.h: a journal that is only read: by the public functions, the program and tests. Takes no lock,
 * changes nothing. */
#ifndef CDN_JOURNAL_READER_PRIV_H
#define CDN_JOURNAL_READER_PRIV_H

#include "cordon/journal.h"
#include "journal/journal_priv.h"

struct cordon_journal {
    const struct cordon_alloc *alloc;
    struct cdn_io io;
    struct cdn_segs segs;
    struct cdn_hasher hasher;
    char origin[CDN_SIGN_MAX_NAME + 1];
    struct cdn_buf note, storage;
    struct cdn_tiles *tiles;
    uint64_t note_size;
};
void cdn_record_publish(const struct cdn_journal_record *r, cordon_record *ret);
/* Appends inner text to a public buffer. */
int cdn_public_append(cordon_buffer *out, cordon_str text, struct cordon_error *e) CORDON_MUST_CHECK;

/* backup.c: copies what the note covers; `to` must hold no journal. */
int cdn_backup(struct cdn_segs *segs,
               const char *origin,
               cordon_str note,
               const char *to,
               uint64_t *ret_size,
               struct cordon_error *e) CORDON_MUST_CHECK;

/* search.c: whether a record is asked for. Prepared once. */
struct cdn_filter {
    const cordon_journal_query *q;
    char *party; /* in lower case */
    const struct cordon_alloc *alloc;
};
int cdn_filter_init(struct cdn_filter *f,
                    const cordon_journal_query *q,
                    const struct cordon_alloc *alloc,
                    struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_filter_free(struct cdn_filter *f);
/* 1, 0, or CORDON_E_NOMEM. */
int cdn_filter_matches(struct cdn_filter *f, const struct cdn_journal_record *r) CORDON_MUST_CHECK;
/* Whether `text` stands in `in`, ASCII case aside; `text` is in lower case. */
bool cdn_contains(cordon_str in, cordon_str text);

#endif
