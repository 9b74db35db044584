/* SPDX-License-Identifier: Apache-2.0 */
/* erase.c: taking payload and salt of records away. */
#include "journal/erase_priv.h"
int cdn_erase_finish(const struct cdn_io *io, struct cdn_hasher *h, struct cordon_error *e) {
    (void)io;
    (void)h;
    (void)e;
    return CORDON_OK;
}
