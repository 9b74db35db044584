/* SPDX-License-Identifier: Apache-2.0 */
/* swap.c: one atomic word that holds a snapshot and counts those who take it.
 *
 * To count a reference in the snapshot itself, a reader would first have to be sure that the snapshot still
 * exists. So he counts in the same word that he reads the address from: one fetch_add gives him the address
 * and keeps the snapshot alive. The writer who takes the word out learns how many readers did so, and adds
 * their number to the snapshot's own count.
 *
 *  1. While a snapshot is in the slot, its own count is BIAS too high, so that readers who have already given
 *     their reference back (which is always done in the snapshot's own count) never bring it to 0.
 *  2. references in the world = own count - BIAS (if in the slot) + readers in the word.
 *  3. The 16 bits of the word would run over after 65,535 readers without a swap. A reader who finds half of
 *     that moves it to the own count: first adds there, then takes it from the word; if somebody else was
 *     faster, he takes it back. He holds a reference all the while, so no step reaches 0.
 *
 * Addresses have 48 bits: user space on x86-64 and arm64 unless a program asks for more; checked. */
#include "snapshot/swap.h"

#define COUNT_ONE (UINT64_C(1) << 48)
#define ADDRESS (COUNT_ONE - 1)
#define HALF INT64_C(0x8000)
#define BIAS (INT64_C(1) << 48)

static struct cdn_snapshot *address(uint64_t word) {
    return (struct cdn_snapshot *)(uintptr_t)(word & ADDRESS); // NOLINT(performance-no-int-to-ptr)
}

void cdn_swap_init(struct cdn_swap *slot) {
    atomic_init(&slot->word, 0);
}

static void fold(struct cdn_swap *slot, uint64_t seen) {
    struct cdn_snapshot *s = address(seen);
    cdn_snapshot_adjust(s, HALF);
    uint64_t now = atomic_load_explicit(&slot->word, memory_order_relaxed);
    while (address(now) == s && (int64_t)(now >> 48) >= HALF) {
        const uint64_t less = now - (uint64_t)HALF * COUNT_ONE;
        if (atomic_compare_exchange_weak_explicit(
                &slot->word, &now, less, memory_order_acq_rel, memory_order_relaxed))
            return;
    }
    cdn_snapshot_adjust(s, -HALF);
}

struct cdn_snapshot *cdn_swap_take(struct cdn_swap *slot) {
    /* An empty slot is counted in as well; the writer that fills it drops that count. */
    const uint64_t word = atomic_fetch_add_explicit(&slot->word, COUNT_ONE, memory_order_acquire) + COUNT_ONE;
    struct cdn_snapshot *s = address(word);
    if (s && (int64_t)(word >> 48) >= HALF)
        fold(slot, word);
    return s;
}

int cdn_swap_put(struct cdn_swap *slot, struct cdn_snapshot *s, struct cordon_error *e) {
    const uint64_t word = (uint64_t)(uintptr_t)s;
    if ((word & ~ADDRESS) != 0)
        return cdn_fail(e, CORDON_E_INTERNAL, "an address of more than 48 bits");
    if (s)
        cdn_snapshot_adjust(s, BIAS + 1);
    const uint64_t old = atomic_exchange_explicit(&slot->word, word, memory_order_acq_rel);
    if (address(old))
        cdn_snapshot_adjust(address(old), (int64_t)(old >> 48) - BIAS - 1);
    return 0;
}
