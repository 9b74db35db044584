/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a request: an error with a place inside the text, or a request that survives being written. */
#include <stdlib.h>

#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct cdn_arena arena;
    struct cdn_buf once;
    struct cdn_buf twice;
    struct cordon_error e = {0};
    struct cdn_request *r = NULL;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    cdn_buf_init(&once, &cdn_alloc_libc, 16 << 20);
    cdn_buf_init(&twice, &cdn_alloc_libc, 16 << 20);
    const int err = cdn_json_read_request(cdn_str((const char *)data, size), &arena, &r, &e);
    if (err) {
        if (r || e.code != err || !e.message[0] || e.offset > size)
            abort(); /* allowed: this is how a fuzz target reports */
    } else {
        if (cdn_json_check(cdn_str((const char *)data, size), &arena, NULL) ||
            cdn_json_write_request(&once, r) || cdn_json_read_request(cdn_buf_get(&once), &arena, &r, &e) ||
            cdn_json_write_request(&twice, r) || !cdn_str_eq(cdn_buf_get(&once), cdn_buf_get(&twice)))
            abort(); /* allowed: as above */
    }
    cdn_buf_free(&once);
    cdn_buf_free(&twice);
    cdn_arena_free(&arena);
    return 0;
}
