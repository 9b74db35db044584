/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes: refused, or a snapshot in which everything that it promises can be read. Digests are not looked
 * at, which cdn_snapshot_open never does. */
#include <stdlib.h>

#include "support/walk_snapshot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static volatile uint64_t sink;
    uint64_t *copy = malloc(size ? size : 1); /* aligned, and of exactly the size of the input */
    struct cdn_snapshot *s = NULL;
    struct cordon_error e = {0};
    if (!copy)
        return 0;
    memcpy(copy, data, size);
    const int err = cdn_snapshot_open_bytes(cdn_str((const char *)copy, size), &cdn_alloc_libc, &s, &e);
    if (err == 0) {
        sink = sink + cdn_walk_snapshot(s);
        cdn_snapshot_unref(s);
    } else if (e.code != err || e.message[0] == '\0') {
        abort(); /* refused without a reason */
    }
    free(copy);
    return 0;
}
