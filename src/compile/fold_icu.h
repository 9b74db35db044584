/* SPDX-License-Identifier: Apache-2.0 */
/* compile/fold_icu.h: makes the folding section of a snapshot (text/text.h) with ICU. Write side. */
#ifndef CDN_COMPILE_FOLD_ICU_H
#define CDN_COMPILE_FOLD_ICU_H

#include "base/base.h"

/* Appends the section to `out`: the same bytes for the same ICU. About 100 KiB. CORDON_E_NOMEM,
 * CORDON_E_LIMIT from `out`; CORDON_E_INTERNAL when ICU refuses its own data. `alloc` is for working memory,
 * given back at return. */
int cdn_compile_fold(const struct cordon_alloc *alloc,
                     struct cdn_buf *out,
                     struct cordon_error *e) CORDON_MUST_CHECK;
/* The rule itself by ICU's functions, string to string (NFKD, case fold, strip, unify), appended to `out`:
 * the twin that tests hold the table against. */
int cdn_compile_fold_slow(cordon_str s,
                          const struct cordon_alloc *alloc,
                          struct cdn_buf *out,
                          struct cordon_error *e) CORDON_MUST_CHECK;

#endif
