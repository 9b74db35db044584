/* SPDX-License-Identifier: Apache-2.0 */
/* sort.c: a stable merge sort over rows of any size. qsort() is not stable and takes memory from where it
 * likes. */
#include "compile/build_priv.h"

/* Merges [lo, mid) and [mid, hi) of `from` into `to`. */
static void merge(
    const char *from, char *to, size_t lo, size_t mid, size_t hi, size_t size, cdn_build_order order) {
    size_t a = lo, z = mid, at = lo;
    while (a < mid && z < hi) {
        const bool second = order(from + a * size, from + z * size) > 0;
        memcpy(to + at++ * size, from + (second ? z++ : a++) * size, size);
    }
    if (a < mid)
        memcpy(to + at * size, from + a * size, (mid - a) * size);
    else if (z < hi)
        memcpy(to + at * size, from + z * size, (hi - z) * size);
}

void cdn_build_sort(struct cdn_build *b, void *items, size_t n, size_t size, cdn_build_order order) {
    if (b->err || n < 2)
        return;
    size_t i = 1;
    while (i < n && order((char *)items + (i - 1) * size, (char *)items + i * size) <= 0)
        i++;
    if (i == n)
        return;
    char *from = items, *to = cdn_build_zero(b, n, size);
    if (!to)
        return;
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t lo = 0; lo < n; lo += 2 * width)
            merge(from, to, lo, CDN_MIN(lo + width, n), CDN_MIN(lo + 2 * width, n), size, order);
        char *swap = from;
        from = to;
        to = swap;
    }
    if (from != (char *)items)
        memcpy(items, from, n * size);
}
