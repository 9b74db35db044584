/* SPDX-License-Identifier: Apache-2.0 */
/* erase_priv.h: what opening a journal has to know of erasing. */
#ifndef CDN_JOURNAL_ERASE_PRIV_H
#define CDN_JOURNAL_ERASE_PRIV_H

#include "journal/segs_priv.h"

/* Finishes what a crash interrupted: segments that were replaced are overwritten and removed, unfinished new
 * ones go. */
int cdn_erase_finish(const struct cdn_io *io, struct cdn_hasher *h, struct cordon_error *e) CORDON_MUST_CHECK;

#endif
