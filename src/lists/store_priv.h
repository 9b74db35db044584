/* SPDX-License-Identifier: Apache-2.0 */
/* store_priv.h: what the files of a store share. */
#ifndef CDN_LISTS_STORE_PRIV_H
#define CDN_LISTS_STORE_PRIV_H

#include "lists/priv.h"
#include "lists/store.h"

#define CDN_LIST_ID_SEGMENTS 4
#define CDN_LIST_ID_BYTES 128
#define CDN_LIST_STATE_BYTES CDN_MIB(64) /* of one .json: ten thousand versions with four files each */

/* state.c */
int cdn_list_state_instant(struct cdn_arena *arena, int64_t at, cordon_str *ret) CORDON_MUST_CHECK;
int cdn_list_state_hex(struct cdn_arena *arena, const uint8_t sha256[32], cordon_str *ret) CORDON_MUST_CHECK;
bool cdn_list_state_unhex(cordon_str hex, uint8_t ret[32]);
/* Adds an attempt; the same one again only counts. The oldest goes when there are too many. */
int cdn_list_state_attempt(struct cdn_arena *arena,
                           struct cdn_list_state *state,
                           const struct cdn_list_attempt *what) CORDON_MUST_CHECK;

/* objects.c: bytes under the digest of what they unpack to */
struct cdn_list_path {
    char z[CDN_MAX_PATH_BYTES + 1];
};
int cdn_lists_path(struct cdn_list_path *ret,
                   struct cordon_error *e,
                   const char *folder,
                   const char *within,
                   cordon_str name,
                   const char *end) CORDON_MUST_CHECK;
int cdn_lists_io(const char *path, struct cordon_error *e); /* CORDON_E_IO with errno */
/* Packs what the source gives into a new file `path`, synced. Digest and size are of the unpacked bytes. */
struct cdn_lists_packed {
    uint8_t sha256[32];
    uint64_t bytes;
};
int cdn_lists_pack(const struct cdn_list_file *from,
                   const char *path,
                   const struct cordon_alloc *alloc,
                   struct cdn_lists_packed *ret,
                   struct cordon_error *e) CORDON_MUST_CHECK;
/* A small file, new and synced, renamed into place. */
int cdn_lists_write(const char *path, cordon_str bytes, struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_lists_sync_folder(const char *path, struct cordon_error *e) CORDON_MUST_CHECK;
/* The folders on the way to a file below `folder`. */
int cdn_lists_make_folders(const char *folder, cordon_str relative, struct cordon_error *e) CORDON_MUST_CHECK;

/* store.c */
struct cdn_list_store {
    const struct cordon_alloc *alloc;
    struct cdn_arena arena; /* the states */
    char folder[CDN_MAX_PATH_BYTES + 1];
    struct cdn_list_state **states; /* by id */
    size_t count, cap;
    int lock; /* -1: opened for reading */
};
/* The state of a list, made when there is none; NULL: no memory. */
struct cdn_list_state *cdn_lists_state(struct cdn_list_store *s, cordon_str id);
int cdn_lists_save(struct cdn_list_store *s,
                   const struct cdn_list_state *state,
                   struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_lists_object(const struct cdn_list_store *s,
                     cordon_str hex,
                     struct cdn_list_path *ret,
                     struct cordon_error *e) CORDON_MUST_CHECK;

#endif
