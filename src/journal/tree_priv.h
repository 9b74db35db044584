/* SPDX-License-Identifier: Apache-2.0 */
/* tree_priv.h: the Merkle tree (RFC 6962) as tiles of 256 hashes (C2SP tlog-tiles): its right edge in memory,
 * what is full in files, and the hash of any part of it.
 *
 *   tile/L/N       256 hashes of level L: hash i is the root of 256^L leaves; N in groups of three digits,
 * all but the last with an x before: tile/0/x001/234 tile/L/N.p/W   the first W hashes of a tile that is not
 * full yet, as of the last checkpoint tile/entries/N the entries (commitments) of 256 records, each u16
 * big-endian length and 32 bytes
 *
 *  1. What is in files is a function of the records alone: a lost or damaged tile is made again from them. */
#ifndef CDN_JOURNAL_TREE_PRIV_H
#define CDN_JOURNAL_TREE_PRIV_H

#include "journal/hash_priv.h"
#include "journal/io_priv.h"
#include "journal/journal.h"

#define CDN_TREE_LEVELS 7 /* 256^7 leaves */
#define CDN_TILE 256
#define CDN_ENTRY 34

struct cdn_tree {
    uint64_t size;
    uint8_t hash[CDN_TREE_LEVELS][CDN_TILE][CDN_HASH]; /* of the tile that is not full yet, of each level */
    uint8_t entry[CDN_TILE][CDN_ENTRY];
};
static inline unsigned cdn_tree_width(uint64_t size, unsigned level) {
    return (unsigned)((size >> (8 * level)) & 255);
}

/* Adds a leaf by its entry; tiles that become full are written (not synced). After a failure the tree is as
 * before. */
int cdn_tree_add(struct cdn_tree *t,
                 struct cdn_hasher *h,
                 const struct cdn_io *io,
                 const uint8_t entry[CDN_HASH],
                 struct cordon_error *e) CORDON_MUST_CHECK;
/* Writes the partial tiles of the right edge; takes those of `size` away that neither of the sizes in `keep`
 * has. */
int cdn_tree_write_partial(const struct cdn_tree *t,
                           const struct cdn_io *io,
                           struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_tree_remove_partial(uint64_t size, const uint64_t keep[2], const struct cdn_io *io);
/* Removes all partial tiles on the way from one size to the other: what a crash left of them is not worth
 * knowing. */
void cdn_tree_drop_partial(uint64_t from, uint64_t to, const struct cdn_io *io);
/* "tile/0/x001/234.p/5"; level -1: entries; width 256: a full one. */
#define CDN_TILE_PATH 96
void cdn_tile_path(char ret[CDN_TILE_PATH], int level, uint64_t n, unsigned width);

/* The state file: the whole of a tree whose full tiles are durable. */
#define CDN_TREE_STATE "tree.state"
int cdn_tree_save(const struct cdn_tree *t,
                  struct cdn_hasher *h,
                  const struct cdn_io *io,
                  struct cordon_error *e) CORDON_MUST_CHECK;
/* CORDON_E_NOTFOUND, CORDON_E_FORMAT (damaged: make it again). */
int cdn_tree_load(struct cdn_tree *t, struct cdn_hasher *h, const struct cdn_io *io, struct cordon_error *e)
    CORDON_MUST_CHECK;

/* ---- tiles.c: hashes of parts, for roots and proofs
 * ------------------------------------------------------------------ */

struct cdn_tiles {
    const struct cdn_io *io;
    struct cdn_hasher *h;
    const struct cdn_tree *edge; /* NULL: partial tiles are read from files */
    uint64_t size;               /* whose partial tiles there are */
    struct {
        bool filled;
        unsigned width;
        uint64_t n;
        uint8_t hash[CDN_TILE][CDN_HASH];
    } cache[CDN_TREE_LEVELS];
};
void cdn_tiles_init(struct cdn_tiles *t,
                    const struct cdn_io *io,
                    struct cdn_hasher *h,
                    const struct cdn_tree *edge,
                    uint64_t size);
/* Root of leaves lo..hi-1, as RFC 6962 splits them; lo is a multiple of the first part's size. */
int cdn_tiles_range(struct cdn_tiles *t,
                    uint64_t lo,
                    uint64_t hi,
                    uint8_t ret[CDN_HASH],
                    struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_tiles_prove(struct cdn_tiles *t,
                    uint64_t index,
                    uint64_t size,
                    struct cdn_journal_proof *ret,
                    struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_tiles_prove_consistency(struct cdn_tiles *t,
                                uint64_t old_size,
                                uint64_t size,
                                struct cdn_journal_proof *ret,
                                struct cordon_error *e) CORDON_MUST_CHECK;

#endif
