/* SPDX-License-Identifier: Apache-2.0 */
/* erase_priv.h: what opening a journal has to know of erasing. */
#ifndef CDN_JOURNAL_ERASE_PRIV_H
#define CDN_JOURNAL_ERASE_PRIV_H

#include "journal/segs_priv.h"

/* Legal holds that stand, as far as the journal was read for them. Nothing that was read is ever taken back,
 * so that each erasure reads only what is new; kept under `recovering`. */
struct cdn_hold;
struct cdn_holds {
    struct cdn_hold *items;
    size_t count, cap;
    uint64_t read; /* records */
};
void cdn_holds_free(const struct cordon_alloc *alloc, struct cdn_holds *h);

/* Finishes what a crash interrupted: segments that were replaced are overwritten and removed, unfinished new
 * ones go. */
int cdn_erase_finish(const struct cdn_io *io, struct cdn_hasher *h, struct cordon_error *e) CORDON_MUST_CHECK;

#endif
