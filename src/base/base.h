/* SPDX-License-Identifier: Apache-2.0 */
/* base.h: what every room builds on: slices, allocation, arenas, output buffers, input cursors, errors.
 *
 * Always true here:
 *  1. nothing allocates except through a struct cordon_alloc (an arena is one over another);
 *  2. an output named ret_* is untouched on failure;
 *  3. nothing reads a clock, a file, the environment or a locale;
 *  4. sizes are checked before they are added or multiplied. */
#ifndef CDN_BASE_H
#define CDN_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "cordon/types.h"

#define CDN_UNUSED __attribute__((unused))
#define CDN_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define CDN_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define CDN_MIN(a, b) ((a) < (b) ? (a) : (b))
#define CDN_MAX(a, b) ((a) > (b) ? (a) : (b))

/* A broken invariant that must be handled: reports once to stderr in debug builds, yields true. */
#define cdn_broken(expr) __builtin_expect((expr) && cdn_broken_at(#expr, __FILE__, __LINE__), 0)
bool cdn_broken_at(const char *expr, const char *file, int line);

/* ---- str.c: slices ------------------------------------------------------------------------------- */

#define CDN_STR(literal) ((cordon_str){(literal), sizeof(literal) - 1})
/* For printf("%.*s", CDN_FMT(s)). */
#define CDN_FMT(s) (int)CDN_MIN((s).n, (size_t)INT32_MAX), (s).p

static inline cordon_str cdn_str(const char *p, size_t n) {
    return (cordon_str){p, n};
}
static inline cordon_str cdn_str_z(const char *z) {
    return (cordon_str){z, z ? strlen(z) : 0};
}
/* memcmp() == 0 for the short texts that names are: the first and the last bytes, which may overlap. */
static inline bool cdn_same(const char *a, const char *b, size_t n) {
    if (n > 16)
        return memcmp(a, b, n) == 0;
    if (n >= 8) {
        uint64_t w[4];
        memcpy(&w[0], a, 8);
        memcpy(&w[1], b, 8);
        memcpy(&w[2], a + n - 8, 8);
        memcpy(&w[3], b + n - 8, 8);
        return ((w[0] ^ w[1]) | (w[2] ^ w[3])) == 0;
    }
    if (n >= 4) {
        uint32_t w[4];
        memcpy(&w[0], a, 4);
        memcpy(&w[1], b, 4);
        memcpy(&w[2], a + n - 4, 4);
        memcpy(&w[3], b + n - 4, 4);
        return ((w[0] ^ w[1]) | (w[2] ^ w[3])) == 0;
    }
    return n == 0 || (a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1]);
}
static inline bool cdn_str_eq(cordon_str a, cordon_str b) {
    return a.n == b.n && cdn_same(a.p, b.p, a.n);
}
bool cdn_str_eq_nocase(cordon_str a, cordon_str b); /* ASCII case only */
int cdn_str_cmp(cordon_str a, cordon_str b);        /* byte order, shorter first: <0, 0, >0 */
bool cdn_str_starts(cordon_str s, cordon_str prefix);
cordon_str cdn_str_trim(cordon_str s); /* ASCII white space off both ends */
/* Splits at the first `sep`: head before it, *rest after it (empty if there is none). */
cordon_str cdn_str_split(cordon_str s, char sep, cordon_str *rest);
uint64_t cdn_hash(cordon_str s, uint64_t seed); /* stable across machines; not for hostile tables alone */
/* Damerau-Levenshtein distance, ASCII case folded, giving up with `limit`+1 when above `limit`. */
unsigned cdn_str_distance(cordon_str a, cordon_str b, unsigned limit);

/* ---- alloc.c: allocators and arenas --------------------------------------------------------------- */

extern const struct cordon_alloc cdn_alloc_libc; /* malloc, realloc, free */

void *cdn_alloc(const struct cordon_alloc *a, size_t size);                /* NULL: out of memory */
void *cdn_alloc_zero(const struct cordon_alloc *a, size_t n, size_t size); /* n*size checked, zeroed */
void cdn_free(const struct cordon_alloc *a, void *p, size_t size);         /* accepts p == NULL */

/* Grows *items (capacity *cap, element size) so that `need` fit; doubles. Items stay where `a` put them. */
int cdn_grow(const struct cordon_alloc *a, void **items, size_t *cap, size_t need, size_t item_size)
    CORDON_MUST_CHECK;

/* One load, one decision: allocate freely, free all at once. Not for concurrent use. */
struct cdn_arena {
    const struct cordon_alloc *parent;
    struct cdn_arena_block *blocks; /* newest first */
    size_t block_size;              /* of the next block */
    size_t total, limit;            /* bytes taken from the parent; limit 0 = none */
    struct cordon_alloc as_alloc;   /* this arena as an allocator (release is a no-op) */
};
void cdn_arena_init(struct cdn_arena *arena, const struct cordon_alloc *parent, size_t limit);
void cdn_arena_free(struct cdn_arena *arena);  /* everything back to the parent; reusable afterwards */
void cdn_arena_reset(struct cdn_arena *arena); /* forget the contents, keep the newest block */
void *cdn_arena_take(struct cdn_arena *arena, size_t size);                /* 16-aligned; NULL: no memory */
void *cdn_arena_zero(struct cdn_arena *arena, size_t n, size_t item_size); /* zeroed array */
int cdn_arena_str(struct cdn_arena *arena, cordon_str s, cordon_str *ret) CORDON_MUST_CHECK; /* copy, +NUL */

/* ---- error.c ------------------------------------------------------------------------------------- */

/* Fills *e (may be NULL) and returns `code`: return cdn_fail(e, CORDON_E_NAME, "no country `%.*s`", …); */
#define cdn_fail(e, code, ...) cdn_fail_at((e), (code), __FILE__, __LINE__, __VA_ARGS__)
int cdn_fail_at(struct cordon_error *e, int code, const char *file, int line, const char *fmt, ...)
    CDN_PRINTF(5, 6);
void cdn_error_where(struct cordon_error *e, cordon_str where, uint32_t line, uint32_t column);
void cdn_error_hint(struct cordon_error *e, const char *fmt, ...) CDN_PRINTF(2, 3);
const char *cdn_status_name(int code); /* "CORDON_E_NAME" */
const char *cdn_status_text(int code); /* one sentence */

/* ---- buf.c: growing output with a stated maximum and a sticky error -------------------------------- */

struct cdn_buf {
    const struct cordon_alloc *alloc; /* NULL: fixed storage, full is CORDON_E_LIMIT */
    char *p;
    size_t n, cap, max; /* n <= cap <= max: a write that fits the capacity needs no other look */
    int err;            /* first failure; later writes do nothing */
};
void cdn_buf_init(struct cdn_buf *b, const struct cordon_alloc *alloc, size_t max);
void cdn_buf_fixed(struct cdn_buf *b, char *storage, size_t size);
void cdn_buf_free(struct cdn_buf *b);
void cdn_buf_clear(struct cdn_buf *b);
void cdn_buf_put_slow(struct cdn_buf *b, const void *p, size_t n); /* grows first; of buf.c */
/* Inline: most of what is written are some bytes of known length into a buffer that has room. */
static inline void cdn_buf_put(struct cdn_buf *b, const void *p, size_t n) {
    if (__builtin_expect(b->err || n == 0 || n > b->cap - b->n, 0)) {
        cdn_buf_put_slow(b, p, n);
        return;
    }
    memcpy(b->p + b->n, p, n);
    b->n += n;
}
static inline void cdn_buf_str(struct cdn_buf *b, cordon_str s) {
    cdn_buf_put(b, s.p, s.n);
}
static inline void cdn_buf_z(struct cdn_buf *b, const char *z) {
    cdn_buf_put(b, z, strlen(z));
}
static inline void cdn_buf_char(struct cdn_buf *b, char c) {
    cdn_buf_put(b, &c, 1);
}
void cdn_buf_int(struct cdn_buf *b, int64_t v);
void cdn_buf_hex(struct cdn_buf *b, const uint8_t *p, size_t n);
void cdn_buf_json(struct cdn_buf *b, cordon_str utf8); /* quoted and escaped; bad UTF-8 becomes U+FFFD */
void cdn_buf_printf(struct cdn_buf *b, const char *fmt, ...) CDN_PRINTF(2, 3);
void cdn_buf_room(struct cdn_buf *b, size_t n);   /* for n more bytes, which are not written */
void cdn_buf_zero(struct cdn_buf *b, size_t n);   /* n zero bytes */
void cdn_buf_align(struct cdn_buf *b, size_t to); /* zero bytes up to a multiple of `to` */
static inline cordon_str cdn_buf_get(const struct cdn_buf *b) {
    return (cordon_str){b->p, b->n};
}

/* ---- cursor.c: little-endian binary input with a sticky error -------------------------------------- */

struct cdn_cursor {
    const uint8_t *p;
    size_t n, at;
    int err; /* CORDON_E_FORMAT after the first overrun; all reads then give 0 */
};
void cdn_cursor_init(struct cdn_cursor *c, const void *p, size_t n);
uint8_t cdn_cursor_u8(struct cdn_cursor *c);
uint16_t cdn_cursor_u16(struct cdn_cursor *c);
uint32_t cdn_cursor_u32(struct cdn_cursor *c);
uint64_t cdn_cursor_u64(struct cdn_cursor *c);
cordon_str cdn_cursor_bytes(struct cdn_cursor *c, size_t n); /* {NULL,0} on overrun */
void cdn_cursor_skip(struct cdn_cursor *c, size_t n);

/* ---- utf8.c --------------------------------------------------------------------------------------- */

/* Decodes one code point at s[*at], advances; malformed input gives U+FFFD and advances by at least 1.
 * Surrogates and overlong forms are malformed. Call only while *at < s.n. */
uint32_t cdn_utf8_next(cordon_str s, size_t *at);
/* Same, but -1 on malformed input. */
int32_t cdn_utf8_strict(cordon_str s, size_t *at);
size_t cdn_utf8_encode(uint32_t cp, char out[4]); /* bytes written, 1..4 */
bool cdn_utf8_valid(cordon_str s);
size_t cdn_utf8_length(cordon_str s); /* code points */

/* ---- table.c: string-keyed map, insertion order kept ------------------------------------------------ */

struct cdn_map {
    const struct cordon_alloc *alloc;
    struct cdn_map_entry {
        cordon_str key; /* borrowed */
        uint64_t hash;
        size_t value;
    } * entries;
    uint32_t *slots; /* index+1 into entries; 0 free */
    size_t count, cap, slot_count;
};
void cdn_map_init(struct cdn_map *m, const struct cordon_alloc *alloc);
void cdn_map_free(struct cdn_map *m);
/* Adds or replaces. *ret_new (may be NULL) says whether it was new. */
int cdn_map_put(struct cdn_map *m, cordon_str key, size_t value, bool *ret_new) CORDON_MUST_CHECK;
bool cdn_map_get(const struct cdn_map *m, cordon_str key, size_t *ret_value);

/* ---- suggest.c: "did you mean" --------------------------------------------------------------------- */

/* Feed candidates; `best` is the nearest within a third of the length (at least 1, at most 3 edits). */
struct cdn_suggest {
    cordon_str wanted, best;
    unsigned best_distance;
};
void cdn_suggest_init(struct cdn_suggest *s, cordon_str wanted);
void cdn_suggest_offer(struct cdn_suggest *s, cordon_str candidate);
bool cdn_suggest_found(const struct cdn_suggest *s);

#endif
