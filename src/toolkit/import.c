/* SPDX-License-Identifier: Apache-2.0 */
/* import.c: measure language from the JSON form of a rulebook. */
#include "toolkit/toolkit_priv.h"

#include "rulebook/rulebook_json.h"

CORDON_API int cordon_rulebook_from_json(cordon_str json, cordon_buffer *out, cordon_error *e) {
    struct cdn_arena arena;
    struct cdn_import im = {0};
    cdn_arena_init(&arena, out->alloc ? out->alloc : &cdn_alloc_libc, 0);
    int err = cdn_rulebook_import_text(json, &arena, &im, e);
    struct cdn_buf b = cdn_toolkit_open(out, CDN_MAX_RULEBOOK_BYTES);
    for (size_t i = 0; !err && i < im.count; i++) {
        if (im.count > 1) {
            cdn_buf_z(&b, i ? "\n# " : "# ");
            cdn_buf_str(&b, im.files[i].name);
            cdn_buf_z(&b, "\n\n");
        }
        cdn_buf_str(&b, im.files[i].text);
    }
    const int closed = cdn_toolkit_close(out, &b);
    if (!err && closed)
        err = cdn_fail(e, closed, "the text could not be written");
    cdn_arena_free(&arena);
    return err;
}
