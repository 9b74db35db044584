/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_state.c: any bytes as what a store knows of a list. What was read is written and read again, which
 * must give the same bytes; the version in use is found at any instant. */
#include <stdint.h>
#include <stdlib.h>

#include "lists/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good) {
    if (!good) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct cdn_arena arena;
    struct cdn_buf once;
    struct cdn_buf again;
    struct cordon_error e = {.code = 0};
    struct cdn_list_state state = {.cordon_list_state = 0};
    struct cdn_list_state back = {.cordon_list_state = 0};
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    cdn_buf_init(&once, &cdn_alloc_libc, CDN_MIB(64));
    cdn_buf_init(&again, &cdn_alloc_libc, CDN_MIB(64));
    const cordon_str text = {(const char *)data, size};
    const int err = cdn_list_read_record(text, "state", &cdn_list_state_record, &arena, &state, &e);
    must(err == 0 || (err == e.code && e.message[0] != '\0'));
    if (err == 0) {
        cdn_list_write_record(&once, &cdn_list_state_record, &state);
        must(once.err == 0);
        must(cdn_list_read_record(cdn_buf_get(&once), "again", &cdn_list_state_record, &arena, &back, &e) ==
             0);
        cdn_list_write_record(&again, &cdn_list_state_record, &back);
        must(cdn_str_eq(cdn_buf_get(&once), cdn_buf_get(&again)));
        (void)cdn_list_state_at(&state, 0);
        must((cdn_list_state_at(&state, INT64_MAX) != NULL) == (state.versions.n > 0));
    }
    cdn_buf_free(&once);
    cdn_buf_free(&again);
    cdn_arena_free(&arena);
    return 0;
}
