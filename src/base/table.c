/* SPDX-License-Identifier: Apache-2.0 */
/* table.c: a map from text to number that remembers the order of insertion.
 *
 * Entries stand in an array in the order in which they came; a second array of slots, a power of two and
 * at most half full, finds them by hash with linear probing.
 *
 *  1. walking entries[0..count-1] gives the same order everywhere, so what is written from it has the
 *     same bytes everywhere;
 *  2. a slot holds 0 (free) or an index into entries plus 1, and no entry is ever removed: a probe ends
 *     at the first free slot;
 *  3. a cdn_map_put that fails leaves the map as it was. */
#include "base/base.h"
#include "base/limits.h"

#define SEED UINT64_C(0x6d61702d63646e31)
#define FIRST_SLOTS ((size_t)16)

void cdn_map_init(struct cdn_map *m, const struct cordon_alloc *alloc) {
    *m = (struct cdn_map){.alloc = alloc};
}

void cdn_map_free(struct cdn_map *m) {
    cdn_free(m->alloc, m->entries, m->cap * sizeof(*m->entries));
    cdn_free(m->alloc, m->slots, m->slot_count * sizeof(*m->slots));
    cdn_map_init(m, m->alloc);
}

/* The slot that holds `key`, or the free one where it belongs. */
static size_t find_slot(const struct cdn_map *m, cordon_str key, uint64_t hash) {
    const size_t mask = m->slot_count - 1;
    size_t at = (size_t)hash & mask;
    while (m->slots[at]) {
        const struct cdn_map_entry *entry = &m->entries[m->slots[at] - 1];
        if (entry->hash == hash && cdn_str_eq(entry->key, key))
            return at;
        at = (at + 1) & mask;
    }
    return at;
}

/* Doubles the slots and enters every entry anew; keys are known to differ. */
static int widen(struct cdn_map *m) {
    const size_t count = m->slot_count ? m->slot_count * 2 : FIRST_SLOTS;
    uint32_t *slots = cdn_alloc_zero(m->alloc, count, sizeof(*slots));
    if (!slots)
        return CORDON_E_NOMEM;
    for (size_t i = 0; i < m->count; i++) {
        size_t at = (size_t)m->entries[i].hash & (count - 1);
        while (slots[at])
            at = (at + 1) & (count - 1);
        slots[at] = (uint32_t)i + 1;
    }
    cdn_free(m->alloc, m->slots, m->slot_count * sizeof(*m->slots));
    m->slots = slots;
    m->slot_count = count;
    return 0;
}

/* Room for one entry more in both arrays. */
static int make_room(struct cdn_map *m) {
    if (m->count >= CDN_MAX_MAP_ENTRIES)
        return CORDON_E_LIMIT;
    void *entries = m->entries;
    const int err = cdn_grow(m->alloc, &entries, &m->cap, m->count + 1, sizeof(*m->entries));
    if (err)
        return err;
    m->entries = entries;
    return (m->count + 1) * 2 > m->slot_count ? widen(m) : 0;
}

int cdn_map_put(struct cdn_map *m, cordon_str key, size_t value, bool *ret_new) {
    const uint64_t hash = cdn_hash(key, SEED);
    size_t at = m->slot_count ? find_slot(m, key, hash) : 0;
    const bool is_new = !m->slot_count || !m->slots[at];
    if (is_new) {
        const int err = make_room(m);
        if (err)
            return err;
        at = find_slot(m, key, hash);
        m->entries[m->count] = (struct cdn_map_entry){key, hash, value};
        m->slots[at] = (uint32_t)++m->count;
    } else {
        m->entries[m->slots[at] - 1].value = value;
    }
    if (ret_new)
        *ret_new = is_new;
    return 0;
}

bool cdn_map_get(const struct cdn_map *m, cordon_str key, size_t *ret_value) {
    if (!m->slot_count)
        return false;
    const size_t at = find_slot(m, key, cdn_hash(key, SEED));
    if (!m->slots[at])
        return false;
    if (ret_value)
        *ret_value = m->entries[m->slots[at] - 1].value;
    return true;
}
