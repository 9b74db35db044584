/* SPDX-License-Identifier: Apache-2.0 */
/* compile/screen_index.h: makes the index of listed names (screen/index.h). Write side. */
#ifndef CDN_COMPILE_SCREEN_INDEX_H
#define CDN_COMPILE_SCREEN_INDEX_H

#include "base/base.h"
#include "screen/index.h"

struct cdn_listed_name {
    cordon_str text;
    uint32_t entry; /* the caller's number of the listed party */
    uint8_t kind;   /* enum cdn_screen_kind */
    bool weak;      /* a weak alias */
};
/* Appends the section to `out` (which must be empty or end at a multiple of 8): the same names in the same
 * order give the same bytes. CORDON_E_NOMEM, CORDON_E_LIMIT. */
int cdn_compile_screen_index(const struct cdn_listed_name *names,
                             size_t count,
                             const struct cdn_screen_tables *tables,
                             const struct cordon_alloc *alloc,
                             struct cdn_buf *out,
                             struct cordon_error *e) CORDON_MUST_CHECK;

#endif
