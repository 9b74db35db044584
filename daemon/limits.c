/* SPDX-License-Identifier: Apache-2.0 */
/* limits.c: a token bucket for each key, without locks.
 *
 * A bucket is one number: the instant (ns) from which it would be full again ("theoretical arrival time").
 * Taking a token moves it on by 1/rate; when that goes beyond now + burst/rate the bucket is empty. One
 * compare-and-swap for each request. Keys are numbered by the service from 0; those beyond the table share
 * the last bucket, which is strict. */
#include <stdatomic.h>
#include <stdlib.h>

#include "server.h"

enum { BUCKETS = 4096 };

struct limits {
    atomic_uint_least64_t full_at[BUCKETS];
};

struct limits *limits_new(void) {
    return calloc(1, sizeof(struct limits));
}

void limits_free(struct limits *l) {
    free(l);
}

bool limits_take(
    struct limits *l, uint32_t slot, uint64_t rate, uint64_t burst, uint64_t now_ns, uint64_t *ret_wait) {
    atomic_uint_least64_t *bucket = &l->full_at[CDN_MIN(slot, (uint32_t)BUCKETS - 1)];
    if (rate == 0)
        return true;
    const uint64_t step = CDN_MAX(UINT64_C(1000000000) / rate, UINT64_C(1));
    const uint64_t room = step * CDN_MIN(burst ? burst : rate, UINT64_C(1000000));
    uint64_t was = atomic_load(bucket);
    for (;;) {
        const uint64_t from = CDN_MAX(was, now_ns);
        if (from + step > now_ns + room) {
            *ret_wait = (from + step - now_ns - room) / UINT64_C(1000000000) + 1;
            return false;
        }
        if (atomic_compare_exchange_weak(bucket, &was, from + step))
            return true;
    }
}
