/* SPDX-License-Identifier: Apache-2.0 */
/* block.c: heads and bodies of block_priv.h, from and to bytes. */
#include <zstd.h>

#include "journal/block_priv.h"

static void put32(uint8_t *p, uint32_t v) {
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}
static void put64(uint8_t *p, uint64_t v) {
    put32(p, (uint32_t)v);
    put32(p + 4, (uint32_t)(v >> 32));
}
static uint32_t get32(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}
static uint64_t get64(const uint8_t *p) {
    return get32(p) | (uint64_t)get32(p + 4) << 32;
}

void cdn_seg_head_write(struct cdn_hasher *h, const struct cdn_seg_head *s, uint8_t ret[CDN_SEG_HEAD]) {
    uint8_t sum[CDN_HASH];
    memset(ret, 0, CDN_SEG_HEAD);
    memcpy(ret, "cordonJ1", 8);
    put32(ret + 8, 1);
    put64(ret + 16, s->number);
    put64(ret + 24, s->first);
    put64(ret + 32, s->generation);
    memcpy(ret + 40, s->origin, 8);
    cdn_hash_bytes(h, ret, 48, sum);
    memcpy(ret + 48, sum, 16);
}

int cdn_seg_head_read(struct cdn_hasher *h,
                      const uint8_t p[CDN_SEG_HEAD],
                      struct cdn_seg_head *ret,
                      struct cordon_error *e) {
    uint8_t sum[CDN_HASH];
    if (memcmp(p, "cordonJ1", 8) != 0)
        return cdn_fail(e, CORDON_E_FORMAT, "this is no segment of a journal");
    if (get32(p + 8) != 1)
        return cdn_fail(e, CORDON_E_VERSION, "the segment has version %u; this build reads 1", get32(p + 8));
    cdn_hash_bytes(h, p, 48, sum);
    if (memcmp(sum, p + 48, 16) != 0 || get32(p + 12) != 0)
        return cdn_fail(e, CORDON_E_DIGEST, "the head of the segment is damaged");
    ret->number = get64(p + 16);
    ret->first = get64(p + 24);
    ret->generation = get64(p + 32);
    memcpy(ret->origin, p + 40, 8);
    return CORDON_OK;
}

void cdn_block_head_write(struct cdn_hasher *h,
                          struct cdn_block *b,
                          const void *body,
                          uint8_t ret[CDN_BLOCK_HEAD]) {
    uint8_t sum[CDN_HASH];
    cdn_hash_bytes(h, body, b->stored, sum);
    memcpy(b->sum, sum, sizeof(b->sum));
    memset(ret, 0, CDN_BLOCK_HEAD);
    memcpy(ret, "CBLK", 4);
    put32(ret + 4, b->flags);
    put64(ret + 8, b->first);
    put32(ret + 16, b->count);
    put32(ret + 20, b->stored);
    put32(ret + 24, b->raw);
    put64(ret + 32, b->durable);
    put64(ret + 40, b->group);
    memcpy(ret + 48, b->sum, 16);
    cdn_hash_bytes(h, ret, 64, sum);
    memcpy(ret + 64, sum, 16);
}

int cdn_block_head_read(struct cdn_hasher *h, const uint8_t p[CDN_BLOCK_HEAD], struct cdn_block *ret) {
    uint8_t sum[CDN_HASH];
    if (memcmp(p, "CBLK", 4) != 0)
        return CORDON_E_FORMAT;
    cdn_hash_bytes(h, p, 64, sum);
    if (memcmp(sum, p + 64, 16) != 0)
        return CORDON_E_FORMAT;
    struct cdn_block b = {.flags = get32(p + 4),
                          .first = get64(p + 8),
                          .count = get32(p + 16),
                          .stored = get32(p + 20),
                          .raw = get32(p + 24),
                          .durable = get64(p + 32),
                          .group = get64(p + 40)};
    memcpy(b.sum, p + 48, 16);
    if ((b.flags & ~(uint32_t)CDN_BLOCK_KNOWN) || get32(p + 28) != 0 || b.count == 0 ||
        b.raw > CDN_BLOCK_MAX || b.stored > CDN_BLOCK_MAX || b.count > b.raw / CDN_RECORD_EXTRA ||
        b.first > (uint64_t)INT64_MAX || (!(b.flags & CDN_BLOCK_ZSTD) && b.stored != b.raw))
        return CORDON_E_FORMAT;
    *ret = b;
    return CORDON_OK;
}

int cdn_block_body_check(struct cdn_hasher *h, const struct cdn_block *b, const void *body) {
    uint8_t sum[CDN_HASH];
    cdn_hash_bytes(h, body, b->stored, sum);
    return memcmp(sum, b->sum, sizeof(b->sum)) == 0 && !h->broken ? CORDON_OK : CORDON_E_DIGEST;
}

void cdn_unpacker_init(struct cdn_unpacker *u, const struct cordon_alloc *alloc) {
    *u = (struct cdn_unpacker){.alloc = alloc};
}

void cdn_unpacker_free(struct cdn_unpacker *u) {
    (void)ZSTD_freeDCtx(u->zstd);
    cdn_free(u->alloc, u->p, u->cap);
    *u = (struct cdn_unpacker){.alloc = u->alloc};
}

int cdn_block_unpack(struct cdn_unpacker *u,
                     const struct cdn_block *b,
                     const void *body,
                     const uint8_t **ret,
                     struct cordon_error *e) {
    if (!(b->flags & CDN_BLOCK_ZSTD)) {
        *ret = body;
        return CORDON_OK;
    }
    if (u->cap < b->raw) {
        const size_t cap = CDN_MAX((size_t)b->raw, CDN_BLOCK_RAW);
        cdn_free(u->alloc, u->p, u->cap);
        u->cap = 0;
        u->p = cdn_alloc(u->alloc, cap);
        if (!u->p)
            return cdn_fail(e, CORDON_E_NOMEM, "no memory for a block of the journal");
        u->cap = cap;
    }
    if (!u->zstd)
        u->zstd = ZSTD_createDCtx();
    if (!u->zstd)
        return cdn_fail(e, CORDON_E_NOMEM, "no memory to unpack a block of the journal");
    const size_t n = ZSTD_decompressDCtx(u->zstd, u->p, b->raw, body, b->stored);
    if (ZSTD_isError(n) || n != b->raw)
        return cdn_fail(e, CORDON_E_DIGEST, "a block does not unpack");
    *ret = u->p;
    return CORDON_OK;
}

int cdn_record_next(const uint8_t *raw, size_t n, size_t *at, struct cdn_journal_record *ret) {
    if (n - *at < CDN_RECORD_EXTRA)
        return CORDON_E_FORMAT;
    const uint8_t *p = raw + *at;
    const uint32_t size = get32(p), flags = get32(p + 4);
    const size_t left = n - *at - CDN_RECORD_HEAD;
    *ret = (struct cdn_journal_record){.retain_until = (int64_t)get64(p + 8)};
    if (flags == CDN_RECORD_ERASED && size == 0 && left >= CDN_HASH) {
        ret->erased = true;
        memcpy(ret->leaf, p + CDN_RECORD_HEAD, CDN_HASH);
        *at += CDN_RECORD_HEAD + CDN_HASH;
        return CORDON_OK;
    }
    if (flags != 0 || left - CDN_SALT < size)
        return CORDON_E_FORMAT;
    memcpy(ret->salt, p + CDN_RECORD_HEAD, CDN_SALT);
    ret->payload = cdn_str((const char *)p + CDN_RECORD_EXTRA, size);
    *at += CDN_RECORD_EXTRA + size;
    return CORDON_OK;
}

void cdn_record_head_write(uint8_t *p, uint32_t n, uint32_t flags, int64_t retain_until) {
    put32(p, n);
    put32(p + 4, flags);
    put64(p + 8, (uint64_t)retain_until);
}
