/* SPDX-License-Identifier: Apache-2.0 */
/* compile/translit_icu.h: makes the tables of names (screen/tables.h) with ICU and the lists of words.
 * Write side. */
#ifndef CDN_COMPILE_TRANSLIT_ICU_H
#define CDN_COMPILE_TRANSLIT_ICU_H

#include "base/base.h"

/* Appends the section to `out`: the same bytes for the same ICU. About 600 KiB, half a second.
 * CORDON_E_NOMEM; CORDON_E_LIMIT from `out`; CORDON_E_INTERNAL when ICU refuses its own data. */
int cdn_compile_screen_tables(const struct cordon_alloc *alloc,
                              struct cdn_buf *out,
                              struct cordon_error *e) CORDON_MUST_CHECK;
/* The rule itself by ICU on a whole text, appended to `out`: lower-case ASCII letters, digits and spaces. The
 * twin that tests hold the table against. */
int cdn_compile_translit_slow(cordon_str s,
                              const struct cordon_alloc *alloc,
                              struct cdn_buf *out,
                              struct cordon_error *e) CORDON_MUST_CHECK;

#endif
