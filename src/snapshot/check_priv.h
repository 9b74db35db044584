/* SPDX-License-Identifier: Apache-2.0 */
/* check_priv.h: what the validators of one snapshot share. Private to the room.
 *
 * Each cdn_snapshot_check_* relies on those before it in the order in which snapshot.c calls them, refuses
 * with CORDON_E_FORMAT and says what is wrong where, and reads nothing outside the tables that it was given.
 */
#ifndef CDN_SNAPSHOT_CHECK_PRIV_H
#define CDN_SNAPSHOT_CHECK_PRIV_H

#include "snapshot/snapshot.h"

/* Rows visited through runs. Runs may share rows, so that a small hostile file could ask for endless work. */
#define CDN_CHECK_BUDGET ((uint64_t)1 << 28)

struct cdn_check {
    struct cdn_snapshot *s;
    const struct cdn_places *places;
    const struct cordon_alloc *alloc; /* for scratch */
    uint64_t budget;
    struct cordon_error *e;
};

int cdn_snapshot_check_strings(struct cdn_check *c);                    /* the pool */
int cdn_snapshot_check_layout(struct cdn_check *c, cordon_str section); /* fills the tables of c->s */
int cdn_snapshot_check_names(struct cdn_check *c); /* services … lists, actions, calendars, rates */
int cdn_snapshot_check_symbols(struct cdn_check *c);
int cdn_snapshot_check_tests(struct cdn_check *c);    /* codes, sets, tests */
int cdn_snapshot_check_exprs(struct cdn_check *c);    /* expressions and who uses them */
int cdn_snapshot_check_measures(struct cdn_check *c); /* measures and their own tables */
int cdn_snapshot_check_links(struct cdn_check *c);    /* lifts and lifted_by, forbids and forbidden_by */
int cdn_snapshot_check_index(struct cdn_check *c);    /* groups find what a scan finds */
int cdn_snapshot_check_guards(struct cdn_check *c);   /* axes drop nothing that could count */

#define CDN_BAD(c, ...) cdn_fail((c)->e, CORDON_E_FORMAT, __VA_ARGS__)

bool cdn_check_str(const struct cdn_check *c, struct cdn_sref r);
/* A run of rows of a table that has `count` rows. */
static inline bool cdn_check_run(struct cdn_run r, uint32_t count) {
    return r.count == 0 ? r.first == 0 : r.first < count && r.count <= count - r.first;
}
/* A run of INDEX whose values are below `limit`; `sorted`: ascending without duplicates. */
bool cdn_check_index(struct cdn_check *c, struct cdn_run r, uint32_t limit, bool sorted);
static inline bool cdn_check_spend(struct cdn_check *c, uint64_t rows) {
    if (rows > c->budget)
        return false;
    c->budget -= rows;
    return true;
}
static inline bool cdn_check_time(int64_t t) {
    return t >= CDN_TIME_MIN && t <= CDN_TIME_MAX;
}
bool cdn_check_moment(const struct cdn_check *c, struct cdn_moment_rec m);
bool cdn_check_source(const struct cdn_check *c, const struct cdn_source_rec *r);
/* Three letters and NUL. */
bool cdn_check_currency(const char text[4]);
/* A subject of a test (`it` allowed) or of a quantifier. */
bool cdn_check_subject(unsigned kind, unsigned index, bool it);
bool cdn_check_zero(const void *p, size_t n);
/* True when `value` is in the sorted run. */
bool cdn_check_has(const struct cdn_check *c, struct cdn_run r, uint32_t value);

#endif
