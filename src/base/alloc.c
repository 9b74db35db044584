/* SPDX-License-Identifier: Apache-2.0 */
/* alloc.c: allocation through the caller's allocator, and arenas on top of it.
 *
 * An arena takes blocks from its parent (4 KiB, doubling up to 1 MiB) and hands out pieces of the newest
 * one, front to back. A request that would waste most of a block gets a block of its own, which is put
 * behind the newest so that the room left there stays in use.
 *
 *  1. every piece begins at a multiple of 16;
 *  2. `total` is the sum of the sizes of all blocks and never exceeds a limit other than 0;
 *  3. a request that fails leaves the arena as it was;
 *  4. under AddressSanitizer, bytes that were not handed out are poisoned.
 *
 * An arena holds its own address in as_alloc: it must not be moved or copied after cdn_arena_init. */
#include <stdlib.h>

#include "base/base.h"

#if defined(__SANITIZE_ADDRESS__)
#define POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISONS 1
#endif
#endif

#ifdef POISONS
void __asan_poison_memory_region(const volatile void *p, size_t n);
void __asan_unpoison_memory_region(const volatile void *p, size_t n);
#define POISON(p, n) __asan_poison_memory_region((p), (n))
#define UNPOISON(p, n) __asan_unpoison_memory_region((p), (n))
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

#define ALIGNMENT ((size_t)16)
#define FIRST_BLOCK ((size_t)4096)
#define LARGEST_BLOCK ((size_t)1 << 20)

static void *libc_alloc(void *ctx CDN_UNUSED, size_t size) {
    return malloc(size); /* allowed: the allocator over libc */
}

static void *libc_resize(void *ctx CDN_UNUSED, void *p, size_t old_size CDN_UNUSED, size_t size) {
    return realloc(p, size); /* allowed: as above */
}

static void libc_release(void *ctx CDN_UNUSED, void *p, size_t size CDN_UNUSED) {
    free(p); /* allowed: as above */
}

const struct cordon_alloc cdn_alloc_libc = {libc_alloc, libc_resize, libc_release, NULL};

/* A size of 0 becomes 1 here and in cdn_free, because an allocator is never asked for 0 bytes. */
void *cdn_alloc(const struct cordon_alloc *a, size_t size) {
    return a->alloc(a->ctx, size ? size : 1);
}

void *cdn_alloc_zero(const struct cordon_alloc *a, size_t n, size_t size) {
    size_t bytes = 0;
    if (__builtin_mul_overflow(n, size, &bytes))
        return NULL;
    void *p = cdn_alloc(a, bytes);
    if (p)
        memset(p, 0, bytes);
    return p;
}

void cdn_free(const struct cordon_alloc *a, void *p, size_t size) {
    if (p)
        a->release(a->ctx, p, size ? size : 1);
}

int cdn_grow(const struct cordon_alloc *a, void **items, size_t *cap, size_t need, size_t item_size) {
    if (need <= *cap)
        return 0;
    size_t wanted = 0;
    if (__builtin_mul_overflow(*cap, (size_t)2, &wanted))
        wanted = need;
    wanted = CDN_MAX(CDN_MAX(wanted, need), (size_t)8);
    size_t bytes = 0;
    if (__builtin_mul_overflow(wanted, item_size, &bytes)) {
        wanted = need;
        if (__builtin_mul_overflow(wanted, item_size, &bytes))
            return CORDON_E_LIMIT;
    }
    void *p = *cap ? a->resize(a->ctx, *items, *cap * item_size, bytes) : cdn_alloc(a, bytes);
    if (!p)
        return CORDON_E_NOMEM;
    *items = p;
    *cap = wanted;
    return 0;
}

/* ---- arenas --------------------------------------------------------------------------------------- */

struct cdn_arena_block {
    struct cdn_arena_block *next;
    size_t size; /* of the whole block, this header included */
    size_t used; /* bytes from the block's beginning, a multiple of ALIGNMENT unless the block is full */
};

#define HEADER ((sizeof(struct cdn_arena_block) + ALIGNMENT - 1) & ~(ALIGNMENT - 1))

static char *block_at(struct cdn_arena_block *block, size_t at) {
    return (char *)block + at;
}

static void *arena_alloc(void *ctx, size_t size) {
    return cdn_arena_take(ctx, size);
}

/* Rounds up to ALIGNMENT; 0 when that is not possible. */
static size_t round_up(size_t size) {
    size_t sum = 0;
    if (__builtin_add_overflow(size ? size : 1, ALIGNMENT - 1, &sum))
        return 0;
    return sum & ~(ALIGNMENT - 1);
}

/* The last piece of the newest block grows in place; any other is copied and its old bytes stay unused. */
static void *arena_resize(void *ctx, void *p, size_t old_size, size_t size) {
    struct cdn_arena *arena = ctx;
    if (size <= old_size)
        return p;
    struct cdn_arena_block *block = arena->blocks;
    const size_t old_rounded = round_up(old_size);
    const size_t rounded = round_up(size);
    if (!rounded)
        return NULL;
    if (block && block->used >= HEADER + old_rounded && block_at(block, block->used - old_rounded) == p &&
        block->size - block->used >= rounded - old_rounded) {
        block->used += rounded - old_rounded;
        UNPOISON(p, size);
        return p;
    }
    void *moved = cdn_arena_take(arena, size);
    if (moved)
        memcpy(moved, p, old_size);
    return moved;
}

static void arena_release(void *ctx CDN_UNUSED, void *p CDN_UNUSED, size_t size CDN_UNUSED) {
}

void cdn_arena_init(struct cdn_arena *arena, const struct cordon_alloc *parent, size_t limit) {
    *arena = (struct cdn_arena){
        .parent = parent,
        .block_size = FIRST_BLOCK,
        .limit = limit,
        .as_alloc = {arena_alloc, arena_resize, arena_release, arena},
    };
}

/* Releases `block` and all that follow it. */
static void release_blocks(struct cdn_arena *arena, struct cdn_arena_block *block) {
    while (block) {
        struct cdn_arena_block *next = block->next;
        const size_t size = block->size;
        UNPOISON(block, size);
        arena->total -= size;
        cdn_free(arena->parent, block, size);
        block = next;
    }
}

void cdn_arena_free(struct cdn_arena *arena) {
    release_blocks(arena, arena->blocks);
    arena->blocks = NULL;
    arena->block_size = FIRST_BLOCK;
}

void cdn_arena_reset(struct cdn_arena *arena) {
    struct cdn_arena_block *newest = arena->blocks;
    if (!newest)
        return;
    release_blocks(arena, newest->next);
    newest->next = NULL;
    newest->used = HEADER;
    POISON(block_at(newest, HEADER), newest->size - HEADER);
}

/* A block of `size` bytes, not yet linked; NULL when the limit or the parent forbids it. */
static struct cdn_arena_block *block_new(struct cdn_arena *arena, size_t size) {
    size_t total = 0;
    if (__builtin_add_overflow(arena->total, size, &total) || (arena->limit && total > arena->limit))
        return NULL;
    struct cdn_arena_block *block = cdn_alloc(arena->parent, size);
    if (!block)
        return NULL;
    *block = (struct cdn_arena_block){.size = size, .used = HEADER};
    POISON(block_at(block, HEADER), size - HEADER);
    arena->total = total;
    return block;
}

static void *block_take(struct cdn_arena_block *block, size_t rounded, size_t size CDN_UNUSED) {
    char *p = block_at(block, block->used);
    block->used += rounded;
    UNPOISON(p, size);
    return p;
}

void *cdn_arena_take(struct cdn_arena *arena, size_t size) {
    const size_t rounded = round_up(size);
    size_t alone = 0;
    if (!rounded || __builtin_add_overflow(rounded, HEADER, &alone))
        return NULL;
    struct cdn_arena_block *newest = arena->blocks;
    if (newest && newest->size - newest->used >= rounded)
        return block_take(newest, rounded, size);
    /* Near its limit the arena takes what is left to it. */
    const size_t room = arena->limit ? arena->limit - arena->total : SIZE_MAX;
    const size_t whole = CDN_MIN(arena->block_size, room);
    const bool shared = alone <= whole / 4 || (!newest && alone <= whole);
    struct cdn_arena_block *block = block_new(arena, shared ? whole : alone);
    if (!block)
        return NULL;
    if (shared || !newest) {
        block->next = newest;
        arena->blocks = block;
    } else {
        block->next = newest->next;
        newest->next = block;
    }
    if (shared)
        arena->block_size = CDN_MIN(arena->block_size * 2, LARGEST_BLOCK);
    return block_take(block, rounded, size);
}

void *cdn_arena_zero(struct cdn_arena *arena, size_t n, size_t item_size) {
    size_t bytes = 0;
    if (__builtin_mul_overflow(n, item_size, &bytes))
        return NULL;
    void *p = cdn_arena_take(arena, bytes);
    if (p)
        memset(p, 0, bytes);
    return p;
}

int cdn_arena_str(struct cdn_arena *arena, cordon_str s, cordon_str *ret) {
    char *p = s.n < SIZE_MAX ? cdn_arena_take(arena, s.n + 1) : NULL;
    if (!p)
        return CORDON_E_NOMEM;
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    *ret = cdn_str(p, s.n);
    return 0;
}
