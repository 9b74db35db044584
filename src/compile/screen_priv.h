/* SPDX-License-Identifier: Apache-2.0 */
/* screen_priv.h: between translit_icu.c and screen_words.c: the pool of strings and the words. */
#ifndef CDN_COMPILE_SCREEN_PRIV_H
#define CDN_COMPILE_SCREEN_PRIV_H

#include "base/base.h"

/* Strings stored once each; an offset, UINT32_MAX after a failure (pool->bytes.err or ->err says which). */
struct cdn_screen_pool {
    struct cdn_buf bytes;
    struct cdn_map map;
    struct cdn_arena *arena;
    int err;
};
uint32_t cdn_screen_pool_add(struct cdn_screen_pool *pool, cordon_str s);

struct cdn_screen_word_rec {
    uint32_t string;
    uint8_t length, class;
    uint16_t id;
};
/* The hash table of all words; `*ret_slots` is a power of two. */
int cdn_compile_screen_words(struct cdn_screen_pool *pool,
                             struct cdn_screen_word_rec **ret,
                             uint32_t *ret_slots,
                             struct cordon_error *e) CORDON_MUST_CHECK;

#endif
