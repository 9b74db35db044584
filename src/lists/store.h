/* SPDX-License-Identifier: Apache-2.0 */
/* lists/store.h: a folder of lists with their past.
 *
 *     FOLDER/lists/us/sdn.json       what is known of one list: struct cdn_list_state as canonical JSON
 *     FOLDER/objects/HEX.zst         bytes under the SHA-256 of what they unpack to: files as fetched, and
 *                                    lists in canonical form
 *     FOLDER/lock                    held by the one writer (flock)
 *
 *  1. objects are written, synced and renamed before a state names them, and never changed or removed;
 *  2. a state is replaced whole: a reader sees the one before or the one after, without any lock;
 *  3. the canonical form of a version holds everybody who is listed, with the day on which he was first seen,
 *     and everybody who was, with the day of removal: so one file answers for the present and for the past
 *     that the store has seen. `known at` an instant is the version that was in use then;
 *  4. what is read is held against its digest. */
#ifndef CDN_LISTS_STORE_H
#define CDN_LISTS_STORE_H

#include "lists/activate.h"
#include "lists/diff.h"
#include "lists/read.h"

/* ---- the state of one list (state.c) --------------------------------------------------------------------
 */

enum cdn_list_outcome {
    CDN_OUTCOME_NONE,
    CDN_OUTCOME_ACTIVATED,
    CDN_OUTCOME_UNCHANGED,
    CDN_OUTCOME_REFUSED,
    CDN_OUTCOME_FAILED
};

struct cdn_list_stored_file {
    cordon_str name, url, etag, last_modified;
    cordon_str sha256; /* of the unpacked bytes, hex: the object */
    uint64_t bytes;    /* unpacked */
};
struct cdn_list_version {
    cordon_str activated; /* "2026-08-02T06:00:00Z" */
    cordon_str confirmed; /* when the issuer last gave the same, or said that nothing changed */
    cordon_str sha256;    /* of the files, one after the other, hex: the digest that answers bear */
    cordon_str canonical; /* of the canonical form, hex: the object */
    cordon_str issuer, stale, format;
    cordon_str accepted_by; /* who took it although it had been refused */
    CDN_MANY(cordon_str) accepted_despite;
    CDN_MANY(struct cdn_list_stored_file) files;
    struct cdn_dates date; /* as the issuer dates it */
    uint64_t entries, removed, bytes, not_understood;
    uint64_t added, gone, changed; /* against the version before */
    uint8_t part;                  /* enum cdn_list_part */
};
struct cdn_list_attempt {
    cordon_str at; /* of the last of them */
    cordon_str sha256;
    CDN_MANY(cordon_str) reasons;
    uint64_t entries;
    uint32_t times; /* one after the other with the same result */
    uint8_t outcome;
};
#define CDN_MAX_LIST_ATTEMPTS 256 /* kept, the newest */
struct cdn_list_state {
    cordon_str id;
    CDN_MANY(struct cdn_list_version) versions; /* oldest first; the last is in use */
    CDN_MANY(struct cdn_list_attempt) attempts; /* oldest first */
    uint32_t cordon_list_state;                 /* 1 */
};
extern const struct cdn_list_record cdn_list_state_record;
const char *cdn_list_outcome_name(unsigned v); /* "activated"; NULL when out of range */

/* ---- the store (store.c) ---------------------------------------------------------------------------------
 */

struct cdn_list_store;

int cdn_list_store_open(const char *folder,
                        bool write,
                        const struct cordon_alloc *alloc,
                        struct cdn_list_store **ret,
                        struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_list_store_close(struct cdn_list_store *s); /* accepts NULL */
size_t cdn_list_store_count(const struct cdn_list_store *s);
const struct cdn_list_state *cdn_list_store_state(const struct cdn_list_store *s, size_t i);
const struct cdn_list_state *cdn_list_store_find(const struct cdn_list_store *s, cordon_str id); /* or NULL */
/* The version in use at an instant (INT64_MAX: now); NULL: none was. */
const struct cdn_list_version *cdn_list_state_at(const struct cdn_list_state *state, int64_t known_at);

/* Into `list` (initialised, empty; freed on failure): sorted, with `info` as it was when the files were read
 * (id, issuer, date, stale, format, sha256, counts). With `removed` those that had left the list by then,
 * too, each with `removed` known. CORDON_E_NOTFOUND: nothing was in use then. CORDON_E_DIGEST: damaged. */
int cdn_list_store_load(const struct cdn_list_store *s,
                        const struct cdn_list_state *state,
                        int64_t known_at,
                        bool removed,
                        struct cdn_list *list,
                        struct cordon_error *e) CORDON_MUST_CHECK;

/* The files of that version as they were fetched, through today's readers: `report` tells by field what was
 * not understood. Entries have no `first_seen`. */
int cdn_list_store_reread(const struct cdn_list_store *s,
                          const struct cdn_list_state *state,
                          int64_t known_at,
                          bool removed,
                          struct cdn_list_report *report,
                          struct cdn_list *list,
                          struct cordon_error *e) CORDON_MUST_CHECK;

struct cdn_list_offered_file {
    struct cdn_list_file file;
    cordon_str url, etag, last_modified;
    bool kept; /* take the object of the version in use with this url */
};
struct cdn_list_offer {
    cordon_str id;
    const struct cdn_list_offered_file *files;
    size_t file_count;
    enum cdn_list_part part;
    struct cdn_list_rules rules;
    int64_t at;
    cordon_str accept, by; /* hex of the content that somebody accepted, and who */
};
struct cdn_list_taken {
    enum cdn_list_outcome outcome;
    uint64_t entries;
    struct cdn_diff_counts changes;
    struct cdn_activation judgement;
    uint8_t sha256[32];
    bool read; /* sha256 and entries are known */
};
int cdn_list_store_take(struct cdn_list_store *s,
                        const struct cdn_list_offer *offer,
                        struct cdn_list_taken *ret,
                        struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_list_store_note(struct cdn_list_store *s,
                        cordon_str id,
                        int64_t at,
                        enum cdn_list_outcome outcome,
                        cordon_str reason,
                        struct cordon_error *e) CORDON_MUST_CHECK;
/* Segments of a-z, 0-9, `.`, `_`, `-`, none beginning with a dot, `/` between; at most 4 and 128 bytes. */
bool cdn_list_id_valid(cordon_str id);

#endif
