/* SPDX-License-Identifier: Apache-2.0 */
/* build_priv.h: the RULES and STRINGS sections while they are being made.
 *
 * Errors are sticky: after the first one, which `err` and `e` keep, nothing is allocated or added any more
 * and every function returns something harmless; the caller looks at `err` once, at the end of a stage.
 *
 * Rows are interned by their bytes, so equal rows are one row; unused bytes are therefore always 0. */
#ifndef CDN_COMPILE_BUILD_PRIV_H
#define CDN_COMPILE_BUILD_PRIV_H

#include "base/limits.h"
#include "compile/compile.h"
#include "compile/places_build.h"
#include "rulebook/print.h"

struct cdn_build_table {
    void *rows;
    size_t count, cap;
    struct cdn_map known; /* bytes of interned rows → first row */
};
struct cdn_build {
    const struct cdn_rulebook *rb;
    const struct cdn_compile_options *options;
    struct cdn_arena *arena;
    struct cordon_error *e;
    int err;
    struct cdn_build_table tables[CDN_TABLE_COUNT];
    struct cdn_buf strings;
    struct cdn_map known_strings;
    struct cdn_buf scratch;
    const struct cdn_place_map *places;
    int64_t *until;                    /* of each measure, cut by those that supersede it */
    const struct cdn_measure *measure; /* at hand */
};
#define CDN_BUILD_ROWS(b, sym, type) ((type *)(b)->tables[CDN_T_##sym].rows)

/* build.c */
void cdn_build_init(struct cdn_build *b);
int cdn_build_fail(struct cdn_build *b, int code, const char *what); /* sets the sticky error */
void *cdn_build_zero(struct cdn_build *b, size_t n, size_t size);  /* scratch from the arena; NULL: b->err */
struct cdn_sref cdn_build_str(struct cdn_build *b, cordon_str s);  /* s lives as long as the arena */
struct cdn_sref cdn_build_copy(struct cdn_build *b, cordon_str s); /* s is copied */
/* Appends `n` rows, returns the first's number. */
uint32_t cdn_build_add(struct cdn_build *b, enum cdn_table table, const void *rows, size_t n);
/* The same, but equal runs are one; an empty run is {0, 0}. */
struct cdn_run cdn_build_run(struct cdn_build *b, enum cdn_table table, const void *rows, size_t n);
uint32_t cdn_build_row(struct cdn_build *b, enum cdn_table table, const void *row);
/* A sorted run of INDEX without duplicates. */
struct cdn_run cdn_build_numbers(struct cdn_build *b, const uint32_t *values, size_t n);
void cdn_build_rules(struct cdn_build *b, struct cdn_buf *out); /* the RULES section */

/* sort.c: stable, scratch from the arena */
typedef int (*cdn_build_order)(const void *, const void *);
void cdn_build_sort(struct cdn_build *b, void *items, size_t n, size_t size, cdn_build_order order);

/* names.c, calendars.c */
void cdn_build_names(struct cdn_build *b);
void cdn_build_calendars(struct cdn_build *b);
void cdn_build_symbols(struct cdn_build *b); /* after the measures */
/* conditions.c */
uint32_t cdn_build_test(struct cdn_build *b, const struct cdn_test *t);
uint32_t cdn_build_expr(struct cdn_build *b, const struct cdn_expr *x);
uint32_t cdn_build_any_of(struct cdn_build *b, const uint32_t *exprs, size_t n); /* OR */
/* sets.c */
uint32_t cdn_build_set(struct cdn_build *b, const struct cdn_place_set *set);
/* measures.c */
void cdn_build_measures(struct cdn_build *b);
struct cdn_source_rec cdn_build_source(struct cdn_build *b, const struct cdn_source *s);
/* index.c, guards.c */
void cdn_build_index(struct cdn_build *b);
void cdn_build_guards(struct cdn_build *b);
/* info.c */
void cdn_build_info(struct cdn_build *b, struct cdn_buf *out);

#endif
