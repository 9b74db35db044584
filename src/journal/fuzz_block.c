/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_block.c: any bytes as a segment's head, a block, an unpacked body, and a record's JSON. Checksums are
 * made right first, so that what stands behind them is reached. */
#include <stdlib.h>

#include "journal/block_priv.h"
#include "journal/member.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(cordon_str value, unsigned depth) {
    struct cdn_walk w = cdn_walk_begin(value);
    cordon_str key, inner;
    char storage[256];
    struct cdn_buf b;
    while (cdn_walk_next(&w, &key, &inner)) {
        if (inner.p < value.p || inner.p + inner.n > value.p + value.n)
            abort();
        cdn_buf_fixed(&b, storage, sizeof(storage));
        (void)cdn_text_append(&b, inner);
        if (depth < 4)
            walk(inner, depth + 1);
    }
}

static void read_block(struct cdn_hasher *h, uint8_t *p, size_t size) {
    uint8_t sum[CDN_HASH];
    struct cdn_block b;
    memcpy(p, "CBLK", 4);
    cdn_hash_bytes(h, p + CDN_BLOCK_HEAD, size - CDN_BLOCK_HEAD, sum);
    memcpy(p + 48, sum, 16);
    cdn_hash_bytes(h, p, 64, sum);
    memcpy(p + 64, sum, 16);
    if (cdn_block_head_read(h, p, &b) || b.stored > size - CDN_BLOCK_HEAD || b.raw > 1 << 20)
        return;
    struct cdn_unpacker u;
    const uint8_t *raw;
    cdn_unpacker_init(&u, &cdn_alloc_libc);
    if (cdn_block_unpack(&u, &b, p + CDN_BLOCK_HEAD, &raw, NULL) == 0) {
        struct cdn_journal_record r;
        for (size_t at = 0; at < b.raw && cdn_record_next(raw, b.raw, &at, &r) == 0;)
            walk(r.payload, 0);
    }
    cdn_unpacker_free(&u);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct cdn_hasher h;
    struct cdn_journal_record r;
    struct cdn_seg_head s;
    if (cdn_hasher_init(&h, NULL))
        return 0;
    for (size_t at = 0; at < size && cdn_record_next(data, size, &at, &r) == 0;) {
        if (at > size)
            abort();
    }
    walk(cdn_str((const char *)data, size), 0);
    if (size >= CDN_SEG_HEAD)
        (void)!cdn_seg_head_read(&h, data, &s, NULL);
    uint8_t *copy = size > CDN_BLOCK_HEAD ? malloc(size) : NULL;
    if (copy) {
        memcpy(copy, data, size);
        read_block(&h, copy, size);
        free(copy);
    }
    cdn_hasher_free(&h);
    return 0;
}
