/* SPDX-License-Identifier: Apache-2.0 */
/* cordon/compile.h: rulebooks: load, check, format, compare, test, and compile into a snapshot
 * (libcordon-compile; links libcordon, ICU, libloc, libmaxminddb, libcrypto).
 *
 * This is the write side: it reads files, and it is not meant for the path of a request. The rules of
 * cordon/cordon.h about errors, memory and threads hold here too; a rulebook belongs to one thread at a time.
 * Errors of rulebooks are not single: they are kept as messages of the rulebook, all of them, in the order of
 * files and lines. */
#ifndef CORDON_COMPILE_H
#define CORDON_COMPILE_H

#include "cordon/cordon.h"
#include "cordon/json.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Called now and then during long work, on the caller's thread. `total` 0: not known. What it returns other
 * than 0 ends the work with CORDON_E_STATE. */
typedef int (*cordon_progress_fn)(void *ctx, const char *step, uint64_t done, uint64_t total);

/* A published list for the snapshot, from its files: found by content, packed or not; OFAC's flat files
 * together. */
typedef struct cordon_compile_list {
    cordon_str id; /* "us/sdn"; docs/lists.md says which lists of a rulebook a file serves */
    const char *const *paths;
    size_t path_count;
    int part;          /* cordon_list_part of cordon/lists.h: which of OFAC's it is */
    int64_t retrieved; /* instant at which it was fetched; CORDON_NEVER: not known */
} cordon_compile_list;

/* Start with cordon_compile_options_init(); members left at 0 have a sensible default. */
typedef struct cordon_compile_options {
    size_t size;
    const cordon_alloc *alloc;  /* NULL: malloc */
    const char *zoneinfo;       /* directory of the time-zone database; NULL: /usr/share/zoneinfo */
    const char *const *geodata; /* databases of networks: .mmdb, .csv, .geofeed, else of libloc */
    size_t geodata_count;       /* 0: the system's libloc database, if there is one */
    const char *lists_folder;   /* a store of lists (cordon/lists.h): all that are in use; NULL: none */
    int64_t lists_known_at;     /* of the store: as they were known at that instant; CORDON_NEVER: newest */
    const cordon_compile_list *lists; /* besides, or in place of those of the store with the same id */
    size_t list_count;
    const char *owners; /* who owns whom: a file of links (docs/lists.md); NULL: only what lists say */
    uint32_t flags;     /* CORDON_BUILD_… */
    cordon_progress_fn progress;
    void *progress_ctx;
} cordon_compile_options;
#define CORDON_BUILD_STORE 1u      /* write a manifest and sections/ beside it instead of one file */
#define CORDON_BUILD_NO_SOURCE 2u  /* leave the rulebook's canonical JSON out */
#define CORDON_BUILD_NO_GEODATA 4u /* no networks: evidence by IP address then says nothing */
#define CORDON_BUILD_ANY_LISTS                                                                               \
    8u /* files of lists that are refused otherwise: retired, cut short, damaged sets */
CORDON_API void cordon_compile_options_init(cordon_compile_options *o);

/* ---- rulebooks --------------------------------------------------------------------------------------- */

typedef struct cordon_rulebook cordon_rulebook;

/* Reads files, and folders with everything below them that ends in .measure or .scenario, as one rulebook.
 * CORDON_OK: *ret holds a complete rulebook, with warnings perhaps. CORDON_E_SYNTAX: *ret holds the messages
 * only (it is set, and must be freed). Other errors (CORDON_E_IO, CORDON_E_LIMIT, CORDON_E_NOMEM) leave *ret
 * alone. */
CORDON_API int cordon_rulebook_load(const char *const *paths,
                                    size_t count,
                                    const cordon_compile_options *o,
                                    cordon_rulebook **ret,
                                    cordon_error *e) CORDON_MUST_CHECK;
/* The same from memory. */
typedef struct cordon_rulebook_text {
    cordon_str name, text;
} cordon_rulebook_text;
CORDON_API int cordon_rulebook_load_texts(const cordon_rulebook_text *texts,
                                          size_t count,
                                          const cordon_compile_options *o,
                                          cordon_rulebook **ret,
                                          cordon_error *e) CORDON_MUST_CHECK;
CORDON_API void cordon_rulebook_free(cordon_rulebook *rb); /* accepts NULL */

/* Adds the lints to the messages: undated, ownerless, unsourced, unused, shadowed, over-broad … */
CORDON_API int cordon_rulebook_check(cordon_rulebook *rb, cordon_error *e) CORDON_MUST_CHECK;

typedef struct cordon_message {
    int severity; /* 1 error, 2 warning, 3 note */
    cordon_str code, file, message, expected, suggestion;
    uint32_t line, column;
} cordon_message;
CORDON_API uint32_t cordon_rulebook_message_count(const cordon_rulebook *rb, int severity); /* 0: all */
CORDON_API int cordon_rulebook_message(const cordon_rulebook *rb,
                                       uint32_t i,
                                       cordon_message *ret) CORDON_MUST_CHECK;
/* Appends all messages for people ("file:line:col: error: …", the line, a caret), or as JSON Lines. */
CORDON_API int cordon_rulebook_messages_to_text(const cordon_rulebook *rb,
                                                int colour,
                                                cordon_buffer *out) CORDON_MUST_CHECK;
CORDON_API int cordon_rulebook_messages_to_json(const cordon_rulebook *rb,
                                                cordon_buffer *out) CORDON_MUST_CHECK;

typedef struct cordon_rulebook_stats {
    uint32_t files, measures, licences, statutes, protections, territories, lists, scenarios;
} cordon_rulebook_stats;
CORDON_API void cordon_rulebook_count(const cordon_rulebook *rb, cordon_rulebook_stats *ret);

/* Appends the canonical layout of one file's text; comments are kept; idempotent. CORDON_E_SYNTAX: the
 * messages are appended to `messages` instead. */
CORDON_API int cordon_rulebook_format(cordon_str name,
                                      cordon_str text,
                                      cordon_buffer *out,
                                      cordon_buffer *messages) CORDON_MUST_CHECK;
/* Appends the rulebook's canonical JSON. */
CORDON_API int cordon_rulebook_to_json(const cordon_rulebook *rb,
                                       cordon_buffer *out,
                                       cordon_error *e) CORDON_MUST_CHECK;
/* Appends the measure-language text of what cordon_rulebook_to_json wrote. */
CORDON_API int cordon_rulebook_from_json(cordon_str json,
                                         cordon_buffer *out,
                                         cordon_error *e) CORDON_MUST_CHECK;
/* Appends what changes from one to the other, in words or as JSON. *ret_changes: how many changes. */
CORDON_API int cordon_rulebook_diff(const cordon_rulebook *before,
                                    const cordon_rulebook *after,
                                    int as_json,
                                    cordon_buffer *out,
                                    uint32_t *ret_changes,
                                    cordon_error *e) CORDON_MUST_CHECK;

typedef struct cordon_test_result {
    uint32_t scenarios, passed, failed;
    uint32_t uncovered; /* measures without the scenarios that coverage asks for */
} cordon_test_result;
#define CORDON_TEST_COVERAGE 1u
#define CORDON_TEST_JSON 2u
#define CORDON_TEST_VERBOSE 4u
/* Compiles the rulebook in memory (with the geodata of `o`) and runs its scenarios against that; appends one
 * line (or JSON document) for each failure and a summary. CORDON_OK also when scenarios failed: see *ret. */
CORDON_API int cordon_rulebook_test(cordon_rulebook *rb,
                                    const cordon_compile_options *o,
                                    cordon_str only, /* scenarios whose title contains this; empty: all */
                                    uint32_t flags,
                                    cordon_buffer *out,
                                    cordon_test_result *ret,
                                    cordon_error *e) CORDON_MUST_CHECK;

/* ---- snapshots --------------------------------------------------------------------------------------- */

/* Compiles and writes `path` (with CORDON_BUILD_STORE: the manifest): new files, synced, then renamed into
 * place, so that a reader sees the old one or the new one. `ret_digest` may be NULL. */
CORDON_API int cordon_rulebook_build(cordon_rulebook *rb,
                                     const char *path,
                                     const cordon_compile_options *o,
                                     char ret_digest[CORDON_DIGEST_TEXT],
                                     cordon_error *e) CORDON_MUST_CHECK;
/* Recomputes the digests of all sections and of the manifest. CORDON_E_DIGEST names the one that differs. */
CORDON_API int cordon_snapshot_verify(const cordon_snapshot *s,
                                      cordon_progress_fn progress,
                                      void *progress_ctx,
                                      cordon_error *e) CORDON_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
