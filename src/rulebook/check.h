/* SPDX-License-Identifier: Apache-2.0 */
/* check.h: what the lints share; private to check.c, check_unused.c and check_shadow.c. */
#ifndef CDN_RULEBOOK_CHECK_H
#define CDN_RULEBOOK_CHECK_H

#include "rulebook/priv.h"

struct cdn_check_run {
    const struct cdn_rulebook *rb;
    struct cdn_diagnostics *diags;
};
/* A test of a condition: who `it` is, and whether it stands under an odd number of `not`. */
typedef void (*cdn_check_fn)(void *ctx, const struct cdn_test *test, struct cdn_subject it, bool negated);
void cdn_check_tests(const struct cdn_expr *e, cdn_check_fn fn, void *ctx);
/* All conditions of a measure: when, exceptions, presumptions. */
void cdn_check_measure_tests(const struct cdn_measure *m, cdn_check_fn fn, void *ctx);

struct cdn_at cdn_check_at(struct cdn_pos pos, size_t length);
/* A warning at a measure's name. */
struct cdn_diagnostic *cdn_check_warn(struct cdn_check_run *c,
                                      const struct cdn_measure *m,
                                      const char *code,
                                      const char *fmt,
                                      ...) CDN_PRINTF(4, 5);
void cdn_check_unused(struct cdn_check_run *c);
void cdn_check_shadowed(struct cdn_check_run *c);

#endif
