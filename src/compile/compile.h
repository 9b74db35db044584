/* SPDX-License-Identifier: Apache-2.0 */
/* compile.h: from a resolved rulebook and the other inputs to a snapshot, in memory and on disk. Write side.
 *
 * Always true here:
 *  1. the same inputs give the same bytes on every machine: nothing depends on addresses, on the order of a
 * hash table, on file paths, on the clock or on rubbish in unused bytes;
 *  2. what cdn_compile made is what cdn_snapshot_open accepts;
 *  3. a file gets its final name only when it is complete and on disk (synced); a failure leaves no half file
 *     under that name. */
#ifndef CDN_COMPILE_H
#define CDN_COMPILE_H

#include <sys/types.h>

#include "base/limits.h"
#include "compile/listed.h"
#include "places/places_view.h"
#include "rulebook/rulebook.h"
#include "snapshot/snapshot.h"

/* One thing that went into a snapshot, for its INFO section. Empty texts are left out. */
struct cdn_compile_input {
    cordon_str kind;                /* "rulebook", "geodata", "tzdata", "icu", "iso-codes" … */
    cordon_str name, version, date; /* "libloc", "2026f", "2022-10-29" */
    const uint8_t *sha256;          /* 32 bytes, or NULL */
};
struct cdn_compile_options {
    const char *zoneinfo; /* directory of the time-zone database, for calendars */
    /* Sections made elsewhere; n == 0: none. */
    cordon_str fold, geo, iin, source, owners; /* fold: made with ICU when it is empty */
    const struct cdn_compile_list *lists;      /* listed parties (compile/listed.h); may be none */
    size_t list_count;
    const struct cdn_compile_input *inputs;
    size_t input_count;
    bool no_guards; /* leave out the guards of the index: same answers, slower; for comparison */
};
struct cdn_section {
    uint32_t kind, instance;
    cordon_str bytes;
    uint8_t sha256[32];
};
struct cdn_compiled {
    struct cdn_section sections[CDN_MAX_SNAPSHOT_SECTIONS]; /* by kind, instance */
    uint32_t section_count;
    uint8_t digest[32];
};

/* All memory is in `arena`; sections passed in through `options` are borrowed. CORDON_E_NOMEM, CORDON_E_LIMIT
 * (more rows than the format holds), CORDON_E_NAME (a region that ISO does not have), CORDON_E_CONFLICT
 * (territories that contain each other), and what cdn_zone_open says of a calendar's zone. */
int cdn_compile(const struct cdn_rulebook *rulebook,
                const struct cdn_compile_options *options,
                struct cdn_arena *arena,
                struct cdn_compiled *ret,
                struct cordon_error *e) CORDON_MUST_CHECK;

/* Header and entries, of a store's manifest or of a bundle. */
void cdn_compile_manifest(const struct cdn_compiled *c, bool store, struct cdn_buf *out);
/* The whole bundle appended to `out` (its error is sticky there). */
void cdn_compile_bundle(const struct cdn_compiled *c, struct cdn_buf *out);

/* ---- writer.c -------------------------------------------------------------------------------------------
 */

/* The calls that write; NULL for the system's own. Each returns as its namesake does, with errno. */
struct cdn_compile_io {
    void *ctx;
    int (*create)(void *ctx, const char *path); /* open(O_WRONLY | O_CREAT | O_EXCL) */
    ssize_t (*write)(void *ctx, int fd, const void *p, size_t n);
    int (*sync)(void *ctx, int fd);
    int (*close)(void *ctx, int fd);
    int (*rename)(void *ctx, const char *from, const char *to);
    int (*unlink)(void *ctx, const char *path);
    int (*mkdir)(void *ctx, const char *path);
    int (*open_folder)(void *ctx, const char *path); /* for sync */
};
/* One file. CORDON_E_IO (errno in e->system), CORDON_E_NOMEM, CORDON_E_LIMIT. */
int cdn_compile_write(const struct cdn_compiled *c,
                      const char *path,
                      const struct cdn_compile_io *io,
                      const struct cordon_alloc *alloc,
                      struct cordon_error *e) CORDON_MUST_CHECK;
/* The manifest at `path` ("store/" stands for store/<digest>.snapshot), the sections in sections/<sha256>
 * beside it; those that are there already are shared. */
int cdn_compile_store(const struct cdn_compiled *c,
                      const char *path,
                      const struct cdn_compile_io *io,
                      const struct cordon_alloc *alloc,
                      struct cordon_error *e) CORDON_MUST_CHECK;

/* ---- digest.c -------------------------------------------------------------------------------------------
 */

int cdn_compile_sha256(const void *p, size_t n, uint8_t ret[32]) CORDON_MUST_CHECK;
/* Digest of a manifest (header and entries) as format.h defines it. */
int cdn_compile_manifest_digest(const struct cdn_snap_header *header,
                                const struct cdn_snap_entry *entries,
                                uint8_t ret[32]) CORDON_MUST_CHECK;
/* That an opened snapshot has the digest that it names, and each section its own. CORDON_E_DIGEST. */
int cdn_compile_verify(const struct cdn_snapshot *s, struct cordon_error *e) CORDON_MUST_CHECK;

/* First 16 hex digits of the SHA-256 of the measure's canonical JSON (version.c). */
int cdn_compile_measure_version(const struct cdn_rulebook *rb,
                                const struct cdn_measure *m,
                                struct cdn_buf *scratch,
                                char ret[16]) CORDON_MUST_CHECK;

#endif
