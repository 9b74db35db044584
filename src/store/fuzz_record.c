/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_record.c: any bytes as a record. What is accepted is written again, read again, and written to the
 * same bytes. */
#include "store/record.h"

static int write_record(struct cdn_buf *out, const struct cdn_record *r) {
    return r->kind == CDN_RECORD_EVENT ? cdn_event_write(out, &r->u.event, NULL)
                                       : cdn_record_write_decision(out, &r->u.decision, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct cdn_arena arena;
    struct cdn_buf first;
    struct cdn_buf second;
    struct cdn_record r;
    cdn_arena_init(&arena, &cdn_alloc_libc, (size_t)64 << 20);
    cdn_buf_init(&first, &cdn_alloc_libc, CDN_MAX_RECORD_BYTES);
    cdn_buf_init(&second, &cdn_alloc_libc, CDN_MAX_RECORD_BYTES);
    if (cdn_record_read(cdn_str((const char *)data, size), &arena, &r, NULL) == 0 &&
        write_record(&first, &r) == 0) {
        struct cdn_record again;
        if (cdn_record_read(cdn_buf_get(&first), &arena, &again, NULL) != 0 ||
            write_record(&second, &again) != 0 || !cdn_str_eq(cdn_buf_get(&first), cdn_buf_get(&second)))
            __builtin_trap();
    }
    cdn_buf_free(&first);
    cdn_buf_free(&second);
    cdn_arena_free(&arena);
    return 0;
}
