/* SPDX-License-Identifier: Apache-2.0 */
/* screen_words.c: the words of names (screen_words.def) as the hash table of screen/tables.h.
 *
 * A row of the list has a class and words that mean the same, separated by `|`; the number of the row is the
 * id of all of them. The first row that has a word keeps it. A phrase also marks its first word, so that a
 * look-up knows when to try more than one. */
#include "compile/screen_priv.h"
#include "screen/tables.h"

static const struct {
    uint8_t class;
    uint16_t id; /* 0: the number of the row */
    const char *words;
} rows[] = {
#define WORDS(class, id, words) {CDN_WORD_##class, id, words},
#include "compile/screen_words.def"
#undef WORDS
};

#define SLOTS 16384U

uint32_t cdn_screen_pool_add(struct cdn_screen_pool *pool, cordon_str s) {
    size_t at = 0;
    if (pool->err != 0 || cdn_map_get(&pool->map, s, &at)) {
        return (uint32_t)at;
    }
    cordon_str kept;
    at = pool->bytes.n;
    pool->err = cdn_arena_str(pool->arena, s, &kept);
    if (pool->err == 0) {
        cdn_buf_str(&pool->bytes, s);
        pool->err = pool->bytes.err;
    }
    if (pool->err == 0) {
        pool->err = cdn_map_put(&pool->map, kept, at, NULL);
    }
    return (uint32_t)at;
}

/* The slot of a word: its own, or the free one where it belongs. */
static struct cdn_screen_word_rec *slot_of(struct cdn_screen_word_rec *slots,
                                           const struct cdn_screen_pool *pool,
                                           cordon_str word) {
    for (uint32_t i = (uint32_t)cdn_hash(word, 0) & (SLOTS - 1);; i = (i + 1) & (SLOTS - 1)) {
        struct cdn_screen_word_rec *s = &slots[i];
        if (s->length == 0 || cdn_str_eq(cdn_str(pool->bytes.p + s->string, s->length), word)) {
            return s;
        }
    }
}

static int add(struct cdn_screen_pool *pool,
               struct cdn_screen_word_rec *slots,
               cordon_str word,
               unsigned class,
               unsigned id) {
    const uint32_t string = cdn_screen_pool_add(pool, word);
    if (pool->err != 0) {
        return pool->err;
    }
    struct cdn_screen_word_rec *s = slot_of(slots, pool, word);
    if (s->length == 0) {
        *s = (struct cdn_screen_word_rec){string, (uint8_t)word.n, (uint8_t) class, (uint16_t)id};
    } else if (class == CDN_WORD_BEGINS) {
        s->class |= CDN_WORD_BEGINS;
    } else if ((s->class & 0x7F) == CDN_WORD_PLAIN) {
        s->class = (uint8_t)(s->class | class);
        s->id = (uint16_t)id;
    }
    return 0;
}

int cdn_compile_screen_words(struct cdn_screen_pool *pool,
                             struct cdn_screen_word_rec **ret,
                             uint32_t *ret_slots,
                             struct cordon_error *e) {
    struct cdn_screen_word_rec *slots = cdn_arena_zero(pool->arena, SLOTS, sizeof *slots);
    if (slots == NULL) {
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for the words of names");
    }
    uint32_t count = 0;
    for (size_t i = 0; i < CDN_ARRAY_LEN(rows); i++) {
        cordon_str rest = cdn_str_z(rows[i].words);
        while (rest.n > 0) {
            const cordon_str word = cdn_str_split(rest, '|', &rest);
            cordon_str tail;
            const cordon_str first = cdn_str_split(word, ' ', &tail);
            int err =
                add(pool, slots, word, rows[i].class, rows[i].id != 0 ? rows[i].id : 1000U + (unsigned)i);
            if (err == 0 && tail.n > 0) {
                err = add(pool, slots, first, CDN_WORD_BEGINS, 0);
            }
            count += 2;
            if (err != 0 || count > SLOTS / 2) {
                return cdn_fail(e, err != 0 ? err : CORDON_E_LIMIT, "too many words of names");
            }
        }
    }
    *ret = slots;
    *ret_slots = SLOTS;
    return 0;
}
