/* SPDX-License-Identifier: Apache-2.0 */
/* tree.c: the growing right edge of the tree, and the files that full tiles become. */
#include <stdio.h>

#include "journal/tree_priv.h"

void cdn_tile_path(char ret[CDN_TILE_PATH], int level, uint64_t n, unsigned width) {
    char number[48];
    size_t at = sizeof(number) - 1;
    number[at] = '\0';
    for (bool last = true; last || n > 0; last = false, n /= 1000) {
        if (!last)
            number[--at] = '/';
        const unsigned three = (unsigned)(n % 1000);
        number[--at] = (char)('0' + three % 10);
        number[--at] = (char)('0' + three / 10 % 10);
        number[--at] = (char)('0' + three / 100);
        if (!last)
            number[--at] = 'x';
    }
    char where[16] = "entries", part[16] = "";
    if (level >= 0)
        (void)snprintf(where, sizeof(where), "%d", level);
    if (width < CDN_TILE)
        (void)snprintf(part, sizeof(part), ".p/%u", width);
    (void)snprintf(ret, CDN_TILE_PATH, "tile/%s/%s%s", where, number + at, part);
}

static int write_tile(
    const struct cdn_io *io, int level, uint64_t n, const void *p, unsigned width, struct cordon_error *e) {
    char path[CDN_TILE_PATH];
    cdn_tile_path(path, level, n, width);
    const size_t item = level < 0 ? CDN_ENTRY : CDN_HASH;
    return cdn_io_write(io, path, cdn_str(p, width * item), e);
}

static void tile_root(struct cdn_hasher *h, const uint8_t tile[CDN_TILE][CDN_HASH], uint8_t ret[CDN_HASH]) {
    uint8_t half[CDN_TILE / 2][CDN_HASH];
    for (unsigned i = 0; i < CDN_TILE / 2; i++)
        cdn_hash_node(h, tile[2 * i], tile[2 * i + 1], half[i]);
    for (unsigned n = CDN_TILE / 4; n > 0; n /= 2) {
        for (unsigned i = 0; i < n; i++)
            cdn_hash_node(h, half[2 * i], half[2 * i + 1], half[i]);
    }
    memcpy(ret, half[0], CDN_HASH);
}

int cdn_tree_add(struct cdn_tree *t,
                 struct cdn_hasher *h,
                 const struct cdn_io *io,
                 const uint8_t entry[CDN_HASH],
                 struct cordon_error *e) {
    const unsigned at = cdn_tree_width(t->size, 0);
    t->entry[at][0] = 0;
    t->entry[at][1] = CDN_HASH;
    memcpy(t->entry[at] + 2, entry, CDN_HASH);
    cdn_hash_leaf(h, entry, t->hash[0][at]);
    const uint64_t size = t->size + 1;
    if (cdn_tree_width(size, 0) == 0) {
        const int err = write_tile(io, -1, (size >> 8) - 1, t->entry, CDN_TILE, e);
        if (err)
            return err;
    }
    for (unsigned level = 0; level + 1 < CDN_TREE_LEVELS && cdn_tree_width(size, level) == 0; level++) {
        const uint64_t n = (size >> (8 * (level + 1))) - 1;
        const int err = write_tile(io, (int)level, n, t->hash[level], CDN_TILE, e);
        if (err)
            return err;
        tile_root(h, t->hash[level], t->hash[level + 1][n & 255]);
        if ((n + 1) & 255)
            break;
    }
    if (h->broken)
        return cdn_fail(e, CORDON_E_INTERNAL, "libcrypto failed to hash");
    t->size = size;
    return CORDON_OK;
}

int cdn_tree_write_partial(const struct cdn_tree *t, const struct cdn_io *io, struct cordon_error *e) {
    int err = CORDON_OK;
    for (int level = -1; level < CDN_TREE_LEVELS && !err; level++) {
        const unsigned depth = level < 0 ? 0 : (unsigned)level;
        const unsigned width = cdn_tree_width(t->size, depth);
        const void *p = level < 0 ? (const void *)t->entry : (const void *)t->hash[level];
        if (width > 0)
            err = write_tile(io, level, t->size >> (8 * (depth + 1)), p, width, e);
    }
    return err;
}

static bool same_tile(uint64_t a, uint64_t b, unsigned depth) {
    return a >> (8 * (depth + 1)) == b >> (8 * (depth + 1)) &&
           cdn_tree_width(a, depth) == cdn_tree_width(b, depth);
}

void cdn_tree_remove_partial(uint64_t size, const uint64_t keep[2], const struct cdn_io *io) {
    for (int level = -1; level < CDN_TREE_LEVELS; level++) {
        const unsigned depth = level < 0 ? 0 : (unsigned)level;
        const unsigned width = cdn_tree_width(size, depth);
        const uint64_t n = size >> (8 * (depth + 1));
        if (width == 0 || same_tile(size, keep[0], depth) || same_tile(size, keep[1], depth))
            continue;
        char path[CDN_TILE_PATH];
        cdn_tile_path(path, level, n, width);
        (void)io->ops->remove(io->ops->ctx, io->dir, path);
        char *slash = strrchr(path, '/');
        *slash = '\0'; /* N.p, if that was the last one in it */
        (void)io->ops->remove(io->ops->ctx, io->dir, path);
    }
}

struct dropping {
    const struct cdn_io *io;
    const char *dir;
    char name[16][32]; /* removed after listing */
    size_t count;
};
static int note_name(void *ctx, const char *name) {
    struct dropping *d = ctx;
    if (d->count < CDN_ARRAY_LEN(d->name) && strlen(name) < sizeof(d->name[0]))
        (void)snprintf(d->name[d->count++], sizeof(d->name[0]), "%s", name);
    return 0;
}

void cdn_tree_drop_partial(uint64_t from, uint64_t to, const struct cdn_io *io) {
    for (int level = -1; level < CDN_TREE_LEVELS; level++) {
        const unsigned shift = level < 0 ? 8 : 8 * ((unsigned)level + 1);
        for (uint64_t n = from >> shift; n <= to >> shift; n++) {
            char dir[CDN_TILE_PATH], path[CDN_TILE_PATH + 40];
            struct dropping d = {.io = io, .dir = dir};
            cdn_tile_path(dir, level, n, 1);
            *strrchr(dir, '/') = '\0';
            do {
                d.count = 0;
                if (io->ops->list(io->ops->ctx, io->dir, dir, note_name, &d))
                    break;
                for (size_t i = 0; i < d.count; i++) {
                    (void)snprintf(path, sizeof(path), "%s/%s", dir, d.name[i]);
                    if (io->ops->remove(io->ops->ctx, io->dir, path))
                        d.count = 0; /* it will be found by verifying, if it matters */
                }
            } while (d.count == CDN_ARRAY_LEN(d.name));
            (void)io->ops->remove(io->ops->ctx, io->dir, dir);
        }
    }
}

/* "cordonT1" u64 size, the used part of each level's tile, the used entries, SHA-256 of all before. */
int cdn_tree_save(const struct cdn_tree *t,
                  struct cdn_hasher *h,
                  const struct cdn_io *io,
                  struct cordon_error *e) {
    struct cdn_buf b;
    uint8_t sum[CDN_HASH], size[8];
    for (unsigned i = 0; i < 8; i++)
        size[i] = (uint8_t)(t->size >> (8 * i));
    cdn_buf_init(&b, &cdn_alloc_libc, sizeof(*t) + 128);
    cdn_buf_put(&b, "cordonT1", 8);
    cdn_buf_put(&b, size, sizeof(size));
    for (unsigned level = 0; level < CDN_TREE_LEVELS; level++)
        cdn_buf_put(&b, t->hash[level], (size_t)cdn_tree_width(t->size, level) * CDN_HASH);
    cdn_buf_put(&b, t->entry, (size_t)cdn_tree_width(t->size, 0) * CDN_ENTRY);
    int err = b.err;
    if (!err) {
        cdn_hash_bytes(h, b.p, b.n, sum);
        cdn_buf_put(&b, sum, sizeof(sum));
        err = b.err;
    }
    err = err ? cdn_fail(e, err, "no memory for %s", CDN_TREE_STATE)
              : cdn_io_replace(io, CDN_TREE_STATE, cdn_buf_get(&b), true, e);
    cdn_buf_free(&b);
    return err;
}

static int parse_state(struct cdn_tree *t, struct cdn_hasher *h, const uint8_t *p, size_t n) {
    uint8_t sum[CDN_HASH];
    if (n < 16 + CDN_HASH || memcmp(p, "cordonT1", 8) != 0)
        return CORDON_E_FORMAT;
    cdn_hash_bytes(h, p, n - CDN_HASH, sum);
    if (memcmp(sum, p + n - CDN_HASH, CDN_HASH) != 0)
        return CORDON_E_FORMAT;
    uint64_t size = 0;
    for (unsigned i = 8; i-- > 0;)
        size = size << 8 | p[8 + i];
    size_t want = 16 + CDN_HASH + (size_t)cdn_tree_width(size, 0) * CDN_ENTRY;
    for (unsigned level = 0; level < CDN_TREE_LEVELS; level++)
        want += (size_t)cdn_tree_width(size, level) * CDN_HASH;
    if (want != n || size > (uint64_t)INT64_MAX)
        return CORDON_E_FORMAT;
    const uint8_t *at = p + 16;
    t->size = size;
    for (unsigned level = 0; level < CDN_TREE_LEVELS; level++) {
        const size_t bytes = (size_t)cdn_tree_width(size, level) * CDN_HASH;
        memcpy(t->hash[level], at, bytes);
        at += bytes;
    }
    memcpy(t->entry, at, (size_t)cdn_tree_width(size, 0) * CDN_ENTRY);
    return CORDON_OK;
}

int cdn_tree_load(struct cdn_tree *t, struct cdn_hasher *h, const struct cdn_io *io, struct cordon_error *e) {
    struct cdn_buf b;
    cdn_buf_init(&b, &cdn_alloc_libc, sizeof(*t) + 128);
    int err = cdn_io_read(io, CDN_TREE_STATE, sizeof(*t) + 128, &b, e);
    if (err == CORDON_E_LIMIT)
        err = CORDON_E_FORMAT;
    if (!err && parse_state(t, h, (const uint8_t *)b.p, b.n))
        err = cdn_fail(e, CORDON_E_FORMAT, "%s is damaged", CDN_TREE_STATE);
    cdn_buf_free(&b);
    return err;
}
