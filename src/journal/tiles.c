/* SPDX-License-Identifier: Apache-2.0 */
/* tiles.c: the hash of any part of the tree from tiles, and with it inclusion and consistency proofs (RFC
 * 6962, 2.1). */
#include "journal/tree_priv.h"

void cdn_tiles_init(struct cdn_tiles *t,
                    const struct cdn_io *io,
                    struct cdn_hasher *h,
                    const struct cdn_tree *edge,
                    uint64_t size) {
    t->io = io;
    t->h = h;
    t->edge = edge;
    t->size = size;
    for (unsigned i = 0; i < CDN_TREE_LEVELS; i++)
        t->cache[i].filled = false;
}

/* Tile n of a level, with at least `need` hashes, in the cache. */
static int load(struct cdn_tiles *t, unsigned level, uint64_t n, unsigned need, struct cordon_error *e) {
    if (t->cache[level].filled && t->cache[level].n == n && t->cache[level].width >= need)
        return CORDON_OK;
    t->cache[level].filled = false;
    unsigned width = CDN_TILE;
    if (t->edge && n == t->edge->size >> (8 * (level + 1))) {
        width = cdn_tree_width(t->edge->size, level);
        memcpy(t->cache[level].hash, t->edge->hash[level], (size_t)width * CDN_HASH);
    } else {
        char path[CDN_TILE_PATH];
        struct cdn_buf b;
        cdn_buf_fixed(&b, (char *)t->cache[level].hash, sizeof(t->cache[level].hash));
        cdn_tile_path(path, (int)level, n, CDN_TILE);
        int err = cdn_io_read(t->io, path, CDN_TILE * CDN_HASH, &b, e);
        if (err == CORDON_E_NOTFOUND && n == t->size >> (8 * (level + 1))) {
            width = cdn_tree_width(t->size, level);
            cdn_tile_path(path, (int)level, n, width);
            err = width < need ? err : cdn_io_read(t->io, path, CDN_TILE * CDN_HASH, &b, e);
        }
        if (err)
            return err;
        if (b.n != (size_t)width * CDN_HASH)
            return cdn_fail(
                e, CORDON_E_DIGEST, "%s has %zu bytes instead of %u", path, b.n, width * CDN_HASH);
    }
    if (width < need)
        return cdn_fail(e, CORDON_E_RANGE, "the tree is not that large yet");
    t->cache[level].filled = true;
    t->cache[level].n = n;
    t->cache[level].width = width;
    return CORDON_OK;
}

/* Root of the 2^height leaves from `first`, a multiple of that. */
static int perfect(
    struct cdn_tiles *t, uint64_t first, unsigned height, uint8_t ret[CDN_HASH], struct cordon_error *e) {
    unsigned level = height / 8, rest = height % 8;
    if (level >= CDN_TREE_LEVELS)
        return cdn_fail(e, CORDON_E_RANGE, "the tree is not that large");
    const uint64_t at = first >> (8 * level);
    const unsigned from = (unsigned)(at & 255), count = 1u << rest;
    const int err = load(t, level, at >> 8, from + count, e);
    if (err)
        return err;
    uint8_t work[CDN_TILE / 2][CDN_HASH];
    memcpy(work, t->cache[level].hash + from, (size_t)count * CDN_HASH);
    for (unsigned n = count / 2; n > 0; n /= 2) {
        for (unsigned i = 0; i < n; i++)
            cdn_hash_node(t->h, work[2 * i], work[2 * i + 1], work[i]);
    }
    memcpy(ret, work[0], CDN_HASH);
    return CORDON_OK;
}

static unsigned height_within(uint64_t n) { /* largest h with 2^h <= n, n > 0 */
    return 63u - (unsigned)__builtin_clzll(n);
}

int cdn_tiles_range(
    struct cdn_tiles *t, uint64_t lo, uint64_t hi, uint8_t ret[CDN_HASH], struct cordon_error *e) {
    uint8_t part[64][CDN_HASH];
    unsigned count = 0;
    if (lo >= hi) { /* the empty tree */
        cdn_hash_bytes(t->h, "", 0, ret);
        return CORDON_OK;
    }
    while (lo < hi) {
        const unsigned height = height_within(hi - lo);
        const int err = perfect(t, lo, height, part[count++], e);
        if (err)
            return err;
        lo += (uint64_t)1 << height;
    }
    while (count > 1) {
        count--;
        cdn_hash_node(t->h, part[count - 1], part[count], part[count - 1]);
    }
    memcpy(ret, part[0], CDN_HASH);
    return t->h->broken ? cdn_fail(e, CORDON_E_INTERNAL, "libcrypto failed to hash") : CORDON_OK;
}

static uint64_t split(uint64_t n) { /* largest power of two below n, n > 1 */
    return (uint64_t)1 << height_within(n - 1);
}

static int push(
    struct cdn_tiles *t, struct cdn_journal_proof *p, uint64_t lo, uint64_t hi, struct cordon_error *e) {
    if (p->count == CDN_JOURNAL_MAX_PROOF)
        return cdn_fail(e, CORDON_E_INTERNAL, "a proof is longer than it can be");
    return cdn_tiles_range(t, lo, hi, p->hash[p->count++], e);
}

static void reverse(struct cdn_journal_proof *p) { /* from the leaf upwards, as RFC 6962 lists it */
    uint8_t tmp[CDN_HASH];
    for (uint32_t i = 0, k = p->count; i + 1 < k; i++, k--) {
        memcpy(tmp, p->hash[i], CDN_HASH);
        memcpy(p->hash[i], p->hash[k - 1], CDN_HASH);
        memcpy(p->hash[k - 1], tmp, CDN_HASH);
    }
}

int cdn_tiles_prove(struct cdn_tiles *t,
                    uint64_t index,
                    uint64_t size,
                    struct cdn_journal_proof *ret,
                    struct cordon_error *e) {
    struct cdn_journal_proof p = {.index = index, .size = size};
    if (index >= size)
        return cdn_fail(e,
                        CORDON_E_RANGE,
                        "record %llu is not in a tree of %llu",
                        (unsigned long long)index,
                        (unsigned long long)size);
    int err = cdn_tiles_range(t, 0, size, p.root, e);
    if (!err)
        err = cdn_tiles_range(t, index, index + 1, p.leaf_hash, e);
    uint64_t lo = 0, hi = size;
    while (!err && hi - lo > 1) {
        const uint64_t mid = lo + split(hi - lo);
        if (index < mid) {
            err = push(t, &p, mid, hi, e);
            hi = mid;
        } else {
            err = push(t, &p, lo, mid, e);
            lo = mid;
        }
    }
    if (err)
        return err;
    reverse(&p);
    *ret = p;
    return CORDON_OK;
}

int cdn_tiles_prove_consistency(struct cdn_tiles *t,
                                uint64_t old_size,
                                uint64_t size,
                                struct cdn_journal_proof *ret,
                                struct cordon_error *e) {
    struct cdn_journal_proof p = {.index = old_size, .size = size};
    if (old_size > size)
        return cdn_fail(e, CORDON_E_RANGE, "the older tree is larger than the newer one");
    int err = cdn_tiles_range(t, 0, size, p.root, e);
    if (!err)
        err = cdn_tiles_range(t, 0, old_size, p.old_root, e);
    uint64_t lo = 0, hi = size;
    bool whole = true; /* the older tree is this very part: its root is known to the asker */
    while (!err && old_size > 0 && old_size < size && hi != old_size) {
        const uint64_t mid = lo + split(hi - lo);
        if (old_size <= mid) {
            err = push(t, &p, mid, hi, e);
            hi = mid;
        } else {
            err = push(t, &p, lo, mid, e);
            lo = mid;
            whole = false;
        }
    }
    if (!err && old_size > 0 && old_size < size && !whole)
        err = push(t, &p, lo, hi, e);
    if (err)
        return err;
    reverse(&p);
    *ret = p;
    return CORDON_OK;
}
