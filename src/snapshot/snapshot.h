/* SPDX-License-Identifier: Apache-2.0 */
/* snapshot.h: an opened snapshot: typed views of the tables that format.h lays out.
 *
 * Always true of a struct cdn_snapshot that cdn_snapshot_open returned:
 *  1. everything that format.h promises has been checked; readers index without checking again;
 *  2. it is immutable; any number of threads may read it without a lock;
 *  3. it points into the bytes that were opened, which must outlive it. */
#ifndef CDN_SNAPSHOT_H
#define CDN_SNAPSHOT_H

#include "places/places.h"
#include "snapshot/format.h"

/* TABLE(symbol, field, record type): all tables of the RULES section, in the order of enum cdn_table. */
#define CDN_SNAPSHOT_TABLES(TABLE)                                                                           \
    TABLE(MEASURE, measures, struct cdn_measure_rec)                                                         \
    TABLE(OUTCOME, outcomes, struct cdn_outcome_rec)                                                         \
    TABLE(EXPR, exprs, struct cdn_expr_rec)                                                                  \
    TABLE(TEST, tests, struct cdn_test_rec)                                                                  \
    TABLE(CODE, codes, struct cdn_code_rec)                                                                  \
    TABLE(SET, sets, struct cdn_set_rec)                                                                     \
    TABLE(SETWORD, setwords, uint64_t)                                                                       \
    TABLE(INDEX, indexes, uint32_t)                                                                          \
    TABLE(SOURCE, sources, struct cdn_source_rec)                                                            \
    TABLE(QUOTE, quotes, struct cdn_quote_rec)                                                               \
    TABLE(DUTY, duties, struct cdn_duty_rec)                                                                 \
    TABLE(KEEP, keeps, struct cdn_keep_rec)                                                                  \
    TABLE(EXCEPT, excepts, struct cdn_except_rec)                                                            \
    TABLE(PRESUME, presumes, struct cdn_presume_rec)                                                         \
    TABLE(SUSPENSION, suspensions, struct cdn_suspension_rec)                                                \
    TABLE(SERVICE, services, struct cdn_named_rec)                                                           \
    TABLE(ACTION, actions, struct cdn_action_rec)                                                            \
    TABLE(ENTITY, entities, struct cdn_named_rec)                                                            \
    TABLE(FACT, facts, struct cdn_named_rec)                                                                 \
    TABLE(LIST, lists, struct cdn_named_rec)                                                                 \
    TABLE(CALENDAR, calendars, struct cdn_calendar_rec)                                                      \
    TABLE(CALDAY, caldays, struct cdn_calday_rec)                                                            \
    TABLE(RATE, rates, struct cdn_rate_rec)                                                                  \
    TABLE(SYMBOL, symbols, struct cdn_symbol_rec)                                                            \
    TABLE(GROUP, groups, struct cdn_group_rec)                                                               \
    TABLE(GROUPSLOT, groupslots, struct cdn_groupslot_rec)                                                   \
    TABLE(POST, posts, struct cdn_post_rec)                                                                  \
    TABLE(AXIS, axes, struct cdn_axis_rec)                                                                   \
    TABLE(GUARD, guards, struct cdn_guard_rec)                                                               \
    TABLE(WORD, words, uint64_t)

struct cdn_snapshot {
#define TABLE(sym, field, type) const type *field;
    CDN_SNAPSHOT_TABLES(TABLE)
#undef TABLE
    uint32_t count[CDN_TABLE_COUNT]; /* rows, by enum cdn_table */
    const struct cdn_rules_header *rules;
    cordon_str strings; /* the text pool */
    const struct cdn_snap_header *header;
    const struct cdn_snap_entry *entries;
    const struct cdn_places *places; /* over PLACES, FOLD, GEO, IIN */
    cordon_str info, source;         /* canonical JSON */
    uint8_t digest[32];              /* as the manifest names itself; computed by whoever has SHA-256 */
    uint32_t set_words;              /* words of members in each set: enough for every place id */
};

static inline cordon_str cdn_snap_str(const struct cdn_snapshot *s, struct cdn_sref r) {
    return (cordon_str){s->strings.p + r.at, r.n};
}

/* The slot of cdn_symbol_rec to begin at, and of cdn_groupslot_rec; then the next one, round the table. */
static inline uint32_t cdn_snap_symbol_slot(uint32_t domain, uint64_t hash, uint32_t slots) {
    const uint64_t h = (hash ^ ((uint64_t)domain << 56)) * 0x9E3779B97F4A7C15ULL;
    return (uint32_t)(h >> 32) & (slots - 1);
}
static inline uint32_t cdn_snap_group_slot(uint32_t action, uint32_t service, uint32_t slots) {
    const uint64_t h = (((uint64_t)action << 32) | service) * 0x9E3779B97F4A7C15ULL;
    return (uint32_t)(h >> 32) & (slots - 1);
}
/* True when place `id` is in set `set`; cdn_snap_set_above: it is above a member (only a part is in). */
static inline bool cdn_snap_set_has(const struct cdn_snapshot *s, uint32_t set, unsigned id) {
    return (s->setwords[s->sets[set].words + id / 64] >> (id % 64)) & 1u;
}
static inline bool cdn_snap_set_above(const struct cdn_snapshot *s, uint32_t set, unsigned id) {
    return (s->setwords[s->sets[set].words + s->set_words + id / 64] >> (id % 64)) & 1u;
}

#endif
