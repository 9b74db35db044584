/* SPDX-License-Identifier: Apache-2.0 */
/* index_priv.h: the index of decisions: blocks of records in SQLite, and the block that fills in memory.
 *
 * A row per record, party and measure costs more than deciding. So the index takes in a block of records
 * (CDN_INDEX_BLOCK) at once:
 *
 *   pages   the decisions themselves, a sixteenth of a block in each row, one behind the other (index_page.c)
 *   terms   of each measure, key, snapshot and verdict: which records of a block have it, as a bitmap or as a
 *           sorted list, whatever is shorter
 *   blocks  from when to when the instants of a block are
 *   runs    of each party: its records. A run is sorted by party; sixteen runs of a level become one of the
 *           next, up to CDN_INDEX_LEVELS levels (index_runs.c)
 *
 *  1. what is in the database is a function of the records and of the size of a block;
 *  2. pages decide what is found, everything else only where to look: a hit is read there and held against
 * every condition;
 *  3. records of the block that fills are in memory alone (struct cdn_index_tail), and in every search; after
 * a restart they are taken in from the journal again;
 *  4. erasing takes a record out of pages, terms and runs when the block that fills is written; until then it
 * is kept out of every answer. */
#ifndef CDN_STORE_INDEX_PRIV_H
#define CDN_STORE_INDEX_PRIV_H

#include "store/store_priv.h"

#define CDN_INDEX_PAGES 16  /* of a block */
#define CDN_INDEX_FAN 16    /* runs that become one */
#define CDN_INDEX_LEVELS 3  /* of runs: a block, 16 blocks, 256 blocks */
#define CDN_INDEX_CHUNK 680 /* entries of a run in a row */

enum cdn_term { CDN_TERM_VERDICT = 1, CDN_TERM_KEY, CDN_TERM_SNAPSHOT, CDN_TERM_MEASURE };

/* A decision in a page. */
struct cdn_entry {
    uint64_t record, appeal;
    int64_t at;
    uint32_t key, snapshot; /* numbers of names */
    uint8_t verdict;
    uint32_t measure_count, party_count;
    const uint8_t *measures; /* varints */
    const uint8_t *parties;  /* CDN_SUMMARY_PARTY bytes each */
};
/* Appends an entry; `last_at` is the instant of the one before. */
void cdn_store_page_put(struct cdn_buf *out, const struct cdn_entry *x, uint64_t first, int64_t *last_at);
/* The entry at *at of a page that begins with record `first`. False: no more, or damaged (*ret_bad). */
bool cdn_store_page_next(cordon_str page, size_t *at, uint64_t first, struct cdn_entry *x, bool *ret_bad);
bool cdn_store_page_varint(const uint8_t **p, const uint8_t *end, uint64_t *ret);
void cdn_store_page_put_varint(struct cdn_buf *out, uint64_t v);
/* The measure at *p, which moves on. */
uint32_t cdn_store_entry_measure(const uint8_t **p);

/* The page of a record, as the database has it, into `ret`. *ret_first: its first record. */
int cdn_store_index_page(struct cdn_store *s,
                         struct cdn_db *db,
                         uint64_t record,
                         struct cdn_buf *ret,
                         uint64_t *ret_first,
                         struct cordon_error *e) CORDON_MUST_CHECK;

/* ---- runs
 * ------------------------------------------------------------------------------------------------------ */

struct cdn_run_entry {
    int64_t party;   /* the first 8 bytes, so that their order is that of integers */
    uint32_t offset; /* of the record, from the first of the run */
};
int64_t cdn_store_run_key(const uint8_t party[CDN_SUMMARY_PARTY]);
/* Writes the run of a block, and those that are due above it. Sorts the entries. */
int cdn_store_runs_add(struct cdn_store *s,
                       uint64_t first,
                       struct cdn_run_entry *entries,
                       size_t count,
                       struct cordon_error *e) CORDON_MUST_CHECK;
/* Takes a record out of the run that has it; `end`: records in the database. */
int cdn_store_runs_remove(struct cdn_store *s,
                          uint64_t end,
                          uint64_t record,
                          const uint8_t party[CDN_SUMMARY_PARTY],
                          struct cordon_error *e) CORDON_MUST_CHECK;
/* The run that record is in, when `end` records are: its first record and how many it spans. */
void cdn_store_runs_of(const struct cdn_store *s,
                       uint64_t end,
                       uint64_t record,
                       uint64_t *ret_first,
                       uint64_t *ret_size,
                       unsigned *ret_level);
/* Offsets of a party's records in one run, ascending, appended to `out` as u32. */
int cdn_store_runs_find(struct cdn_db *db,
                        unsigned level,
                        uint64_t first,
                        int64_t party,
                        struct cdn_buf *out,
                        struct cordon_error *e) CORDON_MUST_CHECK;

/* ---- the block that fills
 * -------------------------------------------------------------------------------------- */

/* The summary of the record `i` places into the tail; false: it has none. Under its lock. */
bool cdn_store_tail_get(const struct cdn_index_tail *t, uint32_t i, struct cdn_summary *ret);
/* The place of the newest record with this idempotency key; UINT32_MAX. Under its lock. */
uint32_t cdn_store_tail_once(const struct cdn_index_tail *t, const uint8_t id[CDN_SUMMARY_ONCE]);
/* Instant before which idempotency keys are forgotten. */
int64_t cdn_store_index_once_since(const struct cdn_index_tail *t);
/* A posting as the bits of a block. */
void cdn_store_index_places(uint32_t block, cordon_str packed, uint8_t ret[CDN_INDEX_BLOCK / 8]);
bool cdn_store_index_is_erased(struct cdn_store *s, uint64_t record);
bool cdn_store_index_name(
    struct cdn_db *db, cordon_str text, int64_t *ret, int *ret_err, struct cordon_error *e);

#endif
