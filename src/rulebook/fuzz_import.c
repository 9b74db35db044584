/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_import.c: any bytes as the JSON form of a rulebook. What is accepted is exported, imported and
 * exported again, to the same bytes. */
#include <stdlib.h>

#include "base/limits.h"
#include "rulebook/rulebook_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
    if (!holds)
        abort();
}

static void again(const struct cdn_rulebook *rb, struct cdn_arena *arena) {
    struct cdn_buf first, second;
    struct cdn_diagnostics d = {.arena = arena};
    struct cdn_rulebook *copy = NULL;
    cdn_buf_init(&first, &cdn_alloc_libc, CDN_MIB(64));
    cdn_buf_init(&second, &cdn_alloc_libc, CDN_MIB(64));
    check(cdn_rulebook_export_json(rb, &first) == 0);
    check(cdn_rulebook_import_json(cdn_buf_get(&first), NULL, arena, &d, &copy, NULL) == 0);
    check(cdn_rulebook_export_json(copy, &second) == 0);
    check(first.n == second.n && memcmp(first.p, second.p, first.n) == 0);
    cdn_buf_free(&first);
    cdn_buf_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct cdn_arena arena;
    struct cordon_error e = {0};
    struct cdn_rulebook *rb = NULL;
    cdn_arena_init(&arena, &cdn_alloc_libc, CDN_MIB(256));
    struct cdn_diagnostics d = {.arena = &arena};
    const int err = cdn_rulebook_import_json(cdn_str((const char *)data, size), NULL, &arena, &d, &rb, &e);
    check(err <= 0 && (err == 0) == (rb != NULL));
    check(err == 0 || e.message[0] != '\0');
    if (rb)
        again(rb, &arena);
    cdn_arena_free(&arena);
    return 0;
}
