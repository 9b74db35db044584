/* SPDX-License-Identifier: Apache-2.0 */
/* screen_weights.c: counts the names that have a token, and writes a weight for each.
 *
 * weight = 12 * log2(names / names with the token), held between 24 and 200: twelve units are one halving of
 * the names that remain. A token that no list has weighs 200. Forms of one given name count together. */
#include "compile/screen_weights.h"

#define WEIGHT_LEAST 24
#define WEIGHT_MOST 200
#define NAMES_LEAST 32768 /* a shorter list does not make its words common */
#define WEIGHT_GIVEN 110  /* at most, of a known given name in a shorter list */

/* 16 * log2(v), v > 0. */
static unsigned log2_16(uint64_t v) {
    unsigned whole = 63U - (unsigned)__builtin_clzll(v), bits = 0;
    uint64_t m = whole <= 31 ? v << (31 - whole) : v >> (whole - 31); /* 1.0 is 2^31 */
    for (unsigned i = 0; i < 4; i++) {
        m = m * m >> 31;
        bits = bits << 1 | (unsigned)(m >> 32);
        m >>= m >> 32;
    }
    return whole * 16 + bits;
}

void cdn_screen_counter_init(struct cdn_screen_counter *c,
                             const struct cordon_alloc *alloc,
                             const struct cdn_screen_tables *tables) {
    memset(c, 0, sizeof *c);
    c->tables = tables;
    cdn_arena_init(&c->arena, alloc, 0);
    cdn_map_init(&c->counts, alloc);
}

void cdn_screen_counter_free(struct cdn_screen_counter *c) {
    cdn_map_free(&c->counts);
    cdn_arena_free(&c->arena);
}

static int count(struct cdn_screen_counter *c, cordon_str key) {
    size_t n = 0;
    if (cdn_map_get(&c->counts, key, &n)) {
        return cdn_map_put(&c->counts, key, n + 1, NULL);
    }
    cordon_str kept;
    const int err = cdn_arena_str(&c->arena, key, &kept);
    return err != 0 ? err : cdn_map_put(&c->counts, kept, 1, NULL);
}

int cdn_screen_counter_add(struct cdn_screen_counter *c, cordon_str name, enum cdn_screen_kind kind) {
    cdn_name_read(c->tables, NULL, name, kind, &c->name);
    c->names++;
    for (uint32_t i = 0; i < c->name.count; i++) {
        const struct cdn_token *t = &c->name.token[i];
        char group[CDN_NAME_GROUP_KEY];
        int err = count(c, cdn_str(t->s, t->n));
        if (err == 0 && t->id != 0) {
            err = count(c, cdn_name_group_key(t->id, group));
        }
        if (err != 0) {
            return err;
        }
    }
    return 0;
}

int cdn_screen_counter_write(const struct cdn_screen_counter *c, struct cdn_buf *out) {
    uint32_t slots = 1024;
    while (slots < c->counts.count * 2) {
        slots *= 2;
    }
    const size_t at = out->n;
    cdn_buf_zero(out, (size_t)slots * 8);
    if (out->err != 0) {
        return out->err;
    }
    uint8_t *table = (uint8_t *)out->p + at;
    const bool few = c->names < NAMES_LEAST;
    const unsigned all = log2_16(few ? NAMES_LEAST : c->names + 1U);
    for (size_t i = 0; i < c->counts.count; i++) {
        const uint32_t key = (uint32_t)(cdn_hash(c->counts.entries[i].key, 0) >> 32);
        const unsigned some = log2_16(c->counts.entries[i].value);
        unsigned weight = all > some ? (all - some) * 12 / 16 : 0;
        if (few && c->counts.entries[i].key.n > 0 && c->counts.entries[i].key.p[0] == '#') {
            weight = CDN_MIN(weight, (unsigned)WEIGHT_GIVEN);
        }
        weight = CDN_MIN(CDN_MAX(weight, (unsigned)WEIGHT_LEAST), (unsigned)WEIGHT_MOST);
        for (uint32_t slot = key & (slots - 1);; slot = (slot + 1) & (slots - 1)) {
            uint8_t *p = table + (size_t)8 * slot;
            if (p[4] != 0) {
                continue;
            }
            p[0] = (uint8_t)key;
            p[1] = (uint8_t)(key >> 8);
            p[2] = (uint8_t)(key >> 16);
            p[3] = (uint8_t)(key >> 24);
            p[4] = (uint8_t)weight;
            break;
        }
    }
    return 0;
}
