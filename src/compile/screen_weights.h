/* SPDX-License-Identifier: Apache-2.0 */
/* compile/screen_weights.h: how rare each token is among the names of the lists. Write side. */
#ifndef CDN_COMPILE_SCREEN_WEIGHTS_H
#define CDN_COMPILE_SCREEN_WEIGHTS_H

#include "base/base.h"
#include "screen/name.h"

struct cdn_screen_counter {
    const struct cdn_screen_tables *tables;
    struct cdn_arena arena;
    struct cdn_map counts;
    uint32_t names;
    struct cdn_name name; /* scratch */
};
void cdn_screen_counter_init(struct cdn_screen_counter *c,
                             const struct cordon_alloc *alloc,
                             const struct cdn_screen_tables *tables);
void cdn_screen_counter_free(struct cdn_screen_counter *c);
int cdn_screen_counter_add(struct cdn_screen_counter *c,
                           cordon_str name,
                           enum cdn_screen_kind kind) CORDON_MUST_CHECK;
/* Appends the table (screen/name.h) to `out` and opens it over out's bytes from `at` on. */
int cdn_screen_counter_write(const struct cdn_screen_counter *c, struct cdn_buf *out) CORDON_MUST_CHECK;

#endif
