/* SPDX-License-Identifier: Apache-2.0 */
/* block_priv.h: the bytes of a payload segment: a head, then blocks of records. All numbers little-endian.
 *
 *   segment head, 64 bytes
 *     0 "cordonJ1"  8 u32 version (1)  12 u32 0  16 u64 number of the segment  24 u64 index of its first
 * record 32 u64 generation (how often it was rewritten by erasing)  40 first 8 bytes of SHA-256 of the origin
 *    48 first 16 bytes of SHA-256 of the 48 before
 *   block head, 80 bytes
 *     0 "CBLK"  4 u32 flags  8 u64 index of the first record  16 u32 records  20 u32 bytes stored  24 u32
 * bytes unpacked 28 u32 0  32 u64 records known to be durable when this was written  40 u64 index of the
 * group's first record 48 first 16 bytes of SHA-256 of the stored bytes  64 first 16 bytes of SHA-256 of the
 * 64 before body, packed by zstd if CDN_BLOCK_ZSTD per record: u32 bytes of payload, u32 flags, i64
 * retain_until, then salt[16] payload, or, erased, commitment[32]
 *
 *  1. Every byte of a segment is under a checksum or compared with a fixed value.
 *  2. A block is read whole or not at all; what its head says is bounded before it is believed. */
#ifndef CDN_JOURNAL_BLOCK_PRIV_H
#define CDN_JOURNAL_BLOCK_PRIV_H

#include "journal/hash_priv.h"
#include "journal/journal.h"

#define CDN_SEG_HEAD 64
#define CDN_BLOCK_HEAD 80
#define CDN_RECORD_HEAD 16
#define CDN_RECORD_EXTRA (CDN_RECORD_HEAD + CDN_SALT) /* what a record adds to its payload */
#define CDN_BLOCK_RAW ((size_t)128 << 10)             /* a block is closed when it would exceed this */
#define CDN_BLOCK_MAX (CDN_JOURNAL_MAX_RECORD + CDN_RECORD_EXTRA) /* one long record alone in its block */

enum { CDN_BLOCK_ZSTD = 1, CDN_BLOCK_UNSYNCED = 2, CDN_BLOCK_KNOWN = 3 };
enum { CDN_RECORD_ERASED = 1 };

struct cdn_seg_head {
    uint64_t number, first, generation;
    uint8_t origin[8];
};
void cdn_seg_head_write(struct cdn_hasher *h, const struct cdn_seg_head *s, uint8_t ret[CDN_SEG_HEAD]);
int cdn_seg_head_read(struct cdn_hasher *h,
                      const uint8_t p[CDN_SEG_HEAD],
                      struct cdn_seg_head *ret,
                      struct cordon_error *e) CORDON_MUST_CHECK;

struct cdn_block {
    uint32_t flags, count, stored, raw;
    uint64_t first, durable, group;
    uint8_t sum[16];
};
/* Fills sum from the body and writes the head. */
void cdn_block_head_write(struct cdn_hasher *h,
                          struct cdn_block *b,
                          const void *body,
                          uint8_t ret[CDN_BLOCK_HEAD]);
/* CORDON_E_FORMAT: not a block's head. */
int cdn_block_head_read(struct cdn_hasher *h,
                        const uint8_t p[CDN_BLOCK_HEAD],
                        struct cdn_block *ret) CORDON_MUST_CHECK;
/* CORDON_E_DIGEST. */
int cdn_block_body_check(struct cdn_hasher *h, const struct cdn_block *b, const void *body) CORDON_MUST_CHECK;

/* Unpacks a checked body. *ret is in `storage` or in `body`. */
struct cdn_unpacker {
    void *zstd;
    uint8_t *p;
    size_t cap;
    const struct cordon_alloc *alloc;
};
void cdn_unpacker_init(struct cdn_unpacker *u, const struct cordon_alloc *alloc);
void cdn_unpacker_free(struct cdn_unpacker *u);
int cdn_block_unpack(struct cdn_unpacker *u,
                     const struct cdn_block *b,
                     const void *body,
                     const uint8_t **ret,
                     struct cordon_error *e) CORDON_MUST_CHECK;
/* The record at *at of an unpacked body (b->raw bytes); advances. Its index is the caller's. `leaf` is filled
 * only of an erased one; else see cdn_hash_commit. */
int cdn_record_next(const uint8_t *raw, size_t n, size_t *at, struct cdn_journal_record *ret)
    CORDON_MUST_CHECK;
/* Writes what stands before a payload. */
void cdn_record_head_write(uint8_t *p, uint32_t n, uint32_t flags, int64_t retain_until);

#endif
