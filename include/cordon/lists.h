/* SPDX-License-Identifier: Apache-2.0 */
/* cordon/lists.h: published lists of listed parties: read, compare, judge, and keep with their past
 * (libcordon-compile).
 *
 *     cordon_list_store *store = NULL;
 *     cordon_list_store_open("/var/lib/cordon/lists", CORDON_LIST_STORE_WRITE, NULL, &store, &error);
 *     const cordon_list_file files[] = {{.path = "sdn.csv"}, {.path = "alt.csv"}, {.path = "add.csv"}};
 *     cordon_list_offer offer;
 *     cordon_list_offer_init(&offer);
 *     offer.id = cordon_text("us/sdn");  offer.files = files;  offer.file_count = 3;  offer.at = now;
 *     cordon_list_store_take(store, &offer, &taken, &error);
 *
 * Formats are found by content; files may be packed (.gz, .xz, .zst). docs/lists.md describes formats, the
 * canonical form, the rules of activation and the layout of a store.
 *
 * The rules of cordon/cordon.h about errors, memory and threads hold here too. A list that was read is
 * immutable and may be shared by threads; a store belongs to one thread at a time. Nothing here reads a clock
 * or a socket: instants are arguments, and files are fetched by somebody else. */
#ifndef CORDON_LISTS_H
#define CORDON_LISTS_H

#include "cordon/cordon.h"
#include "cordon/json.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- one list ------------------------------------------------------------------------------------------ */

/* One of the files that make a list. Only the flat files of OFAC come as a set, in any order. */
typedef struct cordon_list_file {
    const char *path; /* or: */
    cordon_str bytes; /* when path is NULL */
    cordon_str name;  /* for messages; empty: the path */
    /* Where it was fetched; kept by a store, all may be empty. */
    cordon_str url, etag, last_modified;
    int kept; /* not 0: neither path nor bytes, but what the store holds under this `url` (it did not change)
               */
} cordon_list_file;

/* Which part of the lists of OFAC its flat files and SDN.XML are: they do not say so themselves, and the
 * asset freeze of the one is not the sectoral directive of the other. */
typedef enum cordon_list_part {
    CORDON_LIST_PART_UNSAID = 0, /* frozen, unless every programme of an entry is known not to freeze */
    CORDON_LIST_PART_SDN = 1,
    CORDON_LIST_PART_CONSOLIDATED = 2 /* the non-SDN lists */
} cordon_list_part;

typedef struct cordon_list_options {
    size_t size;
    const cordon_alloc *alloc; /* NULL: malloc */
    cordon_str id;             /* "us/sdn"; empty: the usual one of the format */
    cordon_list_part part;
} cordon_list_options;
CORDON_API void cordon_list_options_init(cordon_list_options *o);

typedef struct cordon_list cordon_list;

/* Reads a whole list. CORDON_E_IO; CORDON_E_FORMAT: empty, none that is known here, or damaged;
 * CORDON_E_SYNTAX, _NAME, _TYPE (lists of your own); CORDON_E_LIMIT; CORDON_E_CONFLICT (files that do not go
 * together); CORDON_E_NOTFOUND (side files without their main file); CORDON_E_NOMEM. Whether a list that
 * could be read is complete is another question: cordon_list_judge(). */
CORDON_API int cordon_list_read(const cordon_list_file *files,
                                size_t count,
                                const cordon_list_options *o,
                                cordon_list **ret,
                                cordon_error *e) CORDON_MUST_CHECK;
CORDON_API void cordon_list_free(cordon_list *list); /* accepts NULL */

typedef struct cordon_list_facts {
    cordon_str id, issuer, format;
    cordon_str stale;                /* why it must not be relied on any more; empty: no reason known */
    char date[CORDON_TIME_TEXT];     /* as the issuer dates it, "2026-05-01"; empty: it does not */
    uint64_t entries, names;         /* listed entries, and their names */
    uint64_t removed;                /* in it, but no longer listed */
    uint64_t bytes;                  /* unpacked */
    uint64_t not_understood;         /* fields and values of the file that were not understood */
    char digest[CORDON_DIGEST_TEXT]; /* of the unpacked files: "sha256:…" */
} cordon_list_facts;
CORDON_API void cordon_list_describe(const cordon_list *list, cordon_list_facts *ret);

/* Appends one JSON object: what cordon_list_facts says, entries by type, names by kind and script, and what
 * was not understood or left out, by field. */
CORDON_API int cordon_list_describe_json(const cordon_list *list, cordon_buffer *out) CORDON_MUST_CHECK;
/* Appends the list in canonical form, JSON Lines. */
CORDON_API int cordon_list_to_json(const cordon_list *list, cordon_buffer *out) CORDON_MUST_CHECK;
/* Appends what was not understood or left out, a line for each field. */
CORDON_API int cordon_list_report_text(const cordon_list *list, cordon_buffer *out) CORDON_MUST_CHECK;

typedef struct cordon_list_changes {
    uint64_t added, removed, changed, same;
} cordon_list_changes;
/* Appends what changed, entry by entry and field by field, in words or as one JSON object. `out` may be NULL:
 * counts only. */
CORDON_API int cordon_list_diff(const cordon_list *before,
                                const cordon_list *after,
                                int as_json,
                                cordon_buffer *out,
                                cordon_list_changes *ret,
                                cordon_error *e) CORDON_MUST_CHECK;

/* ---- is it whole? -------------------------------------------------------------------------------------- */

#define CORDON_LIST_STALE_ALLOWED 1u /* a list that is known to be retired */
#define CORDON_LIST_OLDER_ALLOWED 2u /* one with an earlier date than that in use */
typedef struct cordon_list_rules {
    size_t size;
    uint32_t shrink_permille;   /* share of the entries in use that may be missing; 50 */
    uint32_t nameless_permille; /* share of the entries that may have no name; 0 */
    uint64_t least;             /* entries that it must have; 1 */
    uint32_t flags;             /* CORDON_LIST_…_ALLOWED */
} cordon_list_rules;
CORDON_API void cordon_list_rules_init(cordon_list_rules *rules);

/* CORDON_OK: nothing speaks against using `list` after `last` (NULL: none was in use). CORDON_E_STATE:
 * something does; the reasons are appended to `reasons`, a line each. */
CORDON_API int cordon_list_judge(const cordon_list *list,
                                 const cordon_list *last,
                                 const cordon_list_rules *rules,
                                 cordon_buffer *reasons,
                                 cordon_error *e) CORDON_MUST_CHECK;

/* ---- a store: lists with their past -------------------------------------------------------------------- */

typedef struct cordon_list_store cordon_list_store;

#define CORDON_LIST_STORE_WRITE 1u /* made if it is not there; one writer at a time, others get _CONFLICT */
CORDON_API int cordon_list_store_open(const char *folder,
                                      uint32_t flags,
                                      const cordon_alloc *alloc,
                                      cordon_list_store **ret,
                                      cordon_error *e) CORDON_MUST_CHECK;
CORDON_API void cordon_list_store_close(cordon_list_store *store); /* accepts NULL */
/* Ids of its lists, in the order of bytes. */
CORDON_API size_t cordon_list_store_count(const cordon_list_store *store);
CORDON_API int cordon_list_store_id(const cordon_list_store *store,
                                    size_t i,
                                    cordon_str *ret) CORDON_MUST_CHECK;

typedef enum cordon_list_outcome {
    CORDON_LIST_NONE = 0,
    CORDON_LIST_ACTIVATED = 1, /* the new one is in use */
    CORDON_LIST_UNCHANGED = 2, /* what is in use was confirmed to be current */
    CORDON_LIST_REFUSED = 3,   /* the last good one stays in use, and the reasons are told */
    CORDON_LIST_FAILED = 4     /* nothing came to be judged */
} cordon_list_outcome;
CORDON_API const char *cordon_list_outcome_name(int outcome); /* "activated", … */

/* Files that are to become what is in use of a list. */
typedef struct cordon_list_offer {
    size_t size;
    cordon_str id; /* segments of a-z, 0-9, `.`, `_`, `-` with `/` between; required */
    const cordon_list_file *files;
    size_t file_count;
    cordon_list_part part;
    cordon_list_rules rules;
    int64_t at;        /* when they were fetched */
    cordon_str accept; /* "sha256:…": somebody looked, and this content is right whatever speaks against it */
    cordon_str by;     /* who that is; required with `accept` */
} cordon_list_offer;
CORDON_API void cordon_list_offer_init(cordon_list_offer *offer);

typedef struct cordon_list_taken {
    int outcome;      /* cordon_list_outcome */
    uint64_t entries; /* of the list offered */
    cordon_list_changes changes;
    char digest[CORDON_DIGEST_TEXT]; /* of the list offered; empty: it could not be read */
    cordon_buffer reasons;           /* a line each; the caller frees it. Start with {0} */
} cordon_list_taken;
/* CORDON_OK with any outcome; the reasons are in *ret and in the store. An error: the store could not be
 * read or written, and nothing changed. */
CORDON_API int cordon_list_store_take(cordon_list_store *store,
                                      const cordon_list_offer *offer,
                                      cordon_list_taken *ret,
                                      cordon_error *e) CORDON_MUST_CHECK;
/* Notes an attempt that brought nothing to judge: the issuer said "not modified" (outcome UNCHANGED), or
 * fetching FAILED, and why. CORDON_E_NOTFOUND: unchanged, but nothing is in use. */
CORDON_API int cordon_list_store_note(cordon_list_store *store,
                                      cordon_str id,
                                      int64_t at,
                                      int outcome,
                                      cordon_str reason,
                                      cordon_error *e) CORDON_MUST_CHECK;
/* What the issuer said of the file in use that came from that address; texts live until the store changes.
 * CORDON_E_NOTFOUND. */
CORDON_API int cordon_list_store_validators(const cordon_list_store *store,
                                            cordon_str id,
                                            cordon_str url,
                                            cordon_str *ret_etag,
                                            cordon_str *ret_last_modified) CORDON_MUST_CHECK;

/* The list as it was known at an instant (CORDON_NEVER: newest), with the day on which each entry was first
 * seen. Its bytes are held against their digest. CORDON_E_NOTFOUND, CORDON_E_DIGEST, CORDON_E_IO,
 * CORDON_E_FORMAT, CORDON_E_NOMEM. */
#define CORDON_LIST_WITH_REMOVED 1u /* those who had left it by then, too, each with its day of removal */
#define CORDON_LIST_AS_FETCHED                                                                               \
    2u /* read the files again as they came: then it is known what was not                                   \
          understood, and not who was first seen when */
CORDON_API int cordon_list_store_load(const cordon_list_store *store,
                                      cordon_str id,
                                      int64_t known_at,
                                      uint32_t flags,
                                      cordon_list **ret,
                                      cordon_error *e) CORDON_MUST_CHECK;
/* Appends what the store knows of one list as JSON: versions, attempts, reasons. */
CORDON_API int cordon_list_store_to_json(const cordon_list_store *store,
                                         cordon_str id,
                                         cordon_buffer *out,
                                         cordon_error *e) CORDON_MUST_CHECK;

/* One line about a list, for people and monitoring. Texts live until the store changes. */
typedef struct cordon_list_status {
    cordon_str id, issuer, format, stale;
    cordon_str digest;               /* of the files in use, 64 hexadecimal digits */
    char date[CORDON_TIME_TEXT];     /* as the issuer dates it */
    cordon_str activated, confirmed; /* instants: since when in use; when last seen to be current */
    cordon_str last_attempt; /* instant of the last attempt that was refused or failed since; empty: none */
    cordon_str last_reason;  /* its first reason */
    uint64_t entries;
    uint32_t versions;
    int in_use; /* 0: nothing was ever activated */
} cordon_list_status;
CORDON_API int cordon_list_store_status(const cordon_list_store *store,
                                        cordon_str id,
                                        cordon_list_status *ret) CORDON_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
