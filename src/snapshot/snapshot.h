/* SPDX-License-Identifier: Apache-2.0 */
/* snapshot.h: an opened snapshot: typed views of the tables that format.h lays out.
 *
 * Always true of a struct cdn_snapshot that cdn_snapshot_open returned:
 *  1. everything that format.h promises has been checked; readers index without checking again;
 *  2. it is immutable; any number of threads may read it without a lock;
 *  3. it lives while somebody holds a reference (cdn_snapshot_ref), and the files that it maps with it. */
#ifndef CDN_SNAPSHOT_H
#define CDN_SNAPSHOT_H

#include "places/places.h"
#include "screen/owners.h"
#include "screen/parties.h"
#include "snapshot/format.h"

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
    /* Listed parties; NULL: the snapshot was built without lists. */
    const struct cdn_parties *parties;
    /* For each row of `lists` (of the rulebook) its number among parties->lists; CDN_PARTIES_NONE: no data,
     * so nobody is screened against it. NULL without parties. */
    const uint32_t *party_lists;
    const struct cdn_owners *owners; /* who owns whom, by a relations file; NULL: none was compiled in */
    cordon_str info, source;         /* canonical JSON */
    uint8_t digest[32];           /* as the manifest names itself; that it is right: cordon_snapshot_verify */
    uint32_t set_words;           /* words of members in each set: enough for every place id */
    struct cdn_snapshot_own *own; /* of snapshot.c: reference count, mappings, allocator */
};

static inline cordon_str cdn_snap_str(const struct cdn_snapshot *s, struct cdn_sref r) {
    return (cordon_str){s->strings.p + r.at, r.n};
}

/* True when place `id` is a member of set `set`; _except: an item that speaks of `id` is not in the set
 * although it speaks of a member; _above: only a part of `id` is in. The three exclude each other. */
static inline bool cdn_snap_set_has(const struct cdn_snapshot *s, uint32_t set, unsigned id) {
    return (s->setwords[s->sets[set].words + id / 64] >> (id % 64)) & 1u;
}
static inline bool cdn_snap_set_above(const struct cdn_snapshot *s, uint32_t set, unsigned id) {
    return (s->setwords[s->sets[set].words + s->set_words + id / 64] >> (id % 64)) & 1u;
}
static inline bool cdn_snap_set_except(const struct cdn_snapshot *s, uint32_t set, unsigned id) {
    return (s->setwords[s->sets[set].words + 2 * s->set_words + id / 64] >> (id % 64)) & 1u;
}

/* ---- snapshot.c -------------------------------------------------------------------------------------- */

/* Opens a bundle, or the manifest of a store (sections/ is looked for beside it): maps the files and
 * validates everything but the digests. *ret holds one reference. A mapped file must not be written to while
 * it is open; the compiler only ever creates and renames. CORDON_E_IO; CORDON_E_FORMAT, CORDON_E_VERSION: not
 * a snapshot that this build can use, and why; CORDON_E_LIMIT. */
int cdn_snapshot_open(const char *path,
                      const struct cordon_alloc *alloc,
                      struct cdn_snapshot **ret,
                      struct cordon_error *e) CORDON_MUST_CHECK;
/* The same from the bytes of a bundle, which must be 8-aligned (CORDON_E_ARG) and outlive the last reference.
 */
int cdn_snapshot_open_bytes(cordon_str bytes,
                            const struct cordon_alloc *alloc,
                            struct cdn_snapshot **ret,
                            struct cordon_error *e) CORDON_MUST_CHECK;
/* Counted atomically. The last unref unmaps and frees. unref accepts NULL. */
struct cdn_snapshot *cdn_snapshot_ref(struct cdn_snapshot *s);
void cdn_snapshot_unref(struct cdn_snapshot *s);
/* Adds `by` references at once, or takes them; frees at 0. For swap.c. */
void cdn_snapshot_adjust(struct cdn_snapshot *s, int64_t by);
/* Section bytes as they are in the file; {NULL, 0}: the snapshot has none of that kind. */
cordon_str cdn_snapshot_section(const struct cdn_snapshot *s, unsigned kind, uint32_t instance);
/* Bytes of entry `i` of the manifest; i < header->section_count. */
cordon_str cdn_snapshot_section_at(const struct cdn_snapshot *s, uint32_t i);

/* Number of the action, service, entity, list or measure of that name; CDN_NO_INDEX: there is none. `domain`:
 * enum cdn_symbol_domain; `hash` = cdn_hash(name, 0). */
uint32_t cdn_snapshot_symbol(const struct cdn_snapshot *s, uint32_t domain, uint64_t hash, cordon_str name);
/* Number of the declared fact of that owner and name (in tests: CDN_FACT_DECLARED_BASE + it). */
uint32_t cdn_snapshot_fact(const struct cdn_snapshot *s, unsigned owner, uint64_t hash, cordon_str name);
/* Number of the group of (action, service); CDN_NO_INDEX for either: any. CDN_NO_INDEX: no such group. */
uint32_t cdn_snapshot_group(const struct cdn_snapshot *s, uint32_t action, uint32_t service);

#endif
