/* SPDX-License-Identifier: Apache-2.0 */
/* swap.h: the place where a service keeps its current snapshot. Readers take it without a lock, a writer
 * replaces it whole; whoever took the old one keeps it until he gives it back with cdn_snapshot_unref(). */
#ifndef CDN_SNAPSHOT_SWAP_H
#define CDN_SNAPSHOT_SWAP_H

#include <stdatomic.h>

#include "snapshot/snapshot.h"

/* The address of a snapshot in the low 48 bits, above it how many readers took it and were not yet added to
 * its own count. Treat as opaque. */
struct cdn_swap {
    _Atomic uint64_t word;
};

/* An empty slot. */
void cdn_swap_init(struct cdn_swap *slot);
/* A reference to the current snapshot for the caller, NULL when the slot is empty. Any thread, any time;
 * never waits. */
struct cdn_snapshot *cdn_swap_take(struct cdn_swap *slot);
/* Puts `s` (NULL: nothing) in and gives up the slot's reference to what was there. The slot takes a reference
 * of its own; the caller keeps his. CORDON_E_INTERNAL: the address has more than 48 bits; nothing was
 * changed. */
int cdn_swap_put(struct cdn_swap *slot, struct cdn_snapshot *s, struct cordon_error *e) CORDON_MUST_CHECK;

#endif
