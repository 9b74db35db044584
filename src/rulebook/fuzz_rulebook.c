/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_rulebook.c: any bytes as a rulebook: it loads completely, or not at all and says why. What loads is
 * linted. */
#include <stdlib.h>

#include "rulebook/priv.h"
#include "rulebook/rulebook.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct cdn_arena arena, messages;
    struct cdn_buf b;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    cdn_arena_init(&messages, &cdn_alloc_libc, 0);
    cdn_buf_init(&b, &cdn_alloc_libc, 64 << 20);
    struct cdn_diagnostics d = {.arena = &messages};
    const struct cdn_rulebook_source source = {CDN_STR("fuzz.measure"), cdn_str((const char *)data, size)};
    struct cdn_rulebook *rb = NULL;
    const int err = cdn_rulebook_load(&source, 1, CDN_ZONE_DIR, &arena, &d, &rb);
    if ((err == 0) != (rb != NULL) || (err == 0) != (d.errors == 0))
        abort(); /* allowed: this is how a fuzz target reports */
    if (rb && cdn_rulebook_check(rb, &d) != 0)
        abort(); /* allowed: as above */
    for (size_t i = 0; i < d.count; i++) {
        if (d.items[i].pos.line == 0 || d.items[i].pos.column == 0 || d.items[i].message.n == 0)
            abort(); /* allowed: as above */
        cdn_diagnostic_write(&b, &source, &d.items[i], (i & 1) != 0);
        cdn_diagnostic_json(&b, &source, &d.items[i]);
    }
    cdn_buf_free(&b);
    cdn_arena_free(&messages);
    cdn_arena_free(&arena);
    return 0;
}
