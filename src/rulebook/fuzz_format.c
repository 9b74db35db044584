/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_format.c: laying out twice gives what laying out once gave, and a text that loads still loads. */
#include <stdlib.h>

#include "rulebook/priv.h"
#include "rulebook/rulebook.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int layout(cordon_str text, struct cdn_buf *out) {
    struct cdn_arena arena;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    struct cdn_diagnostics d = {.arena = &arena};
    const struct cdn_rulebook_source source = {CDN_STR("fuzz.measure"), text};
    const int err = cdn_rulebook_format(source, &arena, &d, out);
    cdn_arena_free(&arena);
    return err;
}

static int load(cordon_str text) {
    struct cdn_arena arena;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    struct cdn_diagnostics d = {.arena = &arena};
    const struct cdn_rulebook_source source = {CDN_STR("fuzz.measure"), text};
    struct cdn_rulebook *rb = NULL;
    const int err = cdn_rulebook_load(&source, 1, CDN_ZONE_DIR, &arena, &d, &rb);
    cdn_arena_free(&arena);
    return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const cordon_str text = cdn_str((const char *)data, size);
    struct cdn_buf once, twice;
    cdn_buf_init(&once, &cdn_alloc_libc, 64 << 20);
    cdn_buf_init(&twice, &cdn_alloc_libc, 64 << 20);
    if (layout(text, &once) == 0) {
        if (layout(cdn_buf_get(&once), &twice) != 0 || !cdn_str_eq(cdn_buf_get(&once), cdn_buf_get(&twice)))
            abort(); /* allowed: this is how a fuzz target reports */
        if (load(text) != load(cdn_buf_get(&once)))
            abort(); /* allowed: as above */
    }
    cdn_buf_free(&once);
    cdn_buf_free(&twice);
    return 0;
}
