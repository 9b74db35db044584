/* SPDX-License-Identifier: Apache-2.0 */
/* diff.c: what changes from one rulebook to another, for the public interface; the comparison itself is
 * rulebook/diff.h. */
#include "toolkit/toolkit_priv.h"

#include "rulebook/diff.h"

CORDON_API int cordon_rulebook_diff(const cordon_rulebook *before,
                                    const cordon_rulebook *after,
                                    int as_json,
                                    cordon_buffer *out,
                                    uint32_t *ret_changes,
                                    cordon_error *e) {
    if (!before->rb || !after->rb)
        return cdn_fail(e, CORDON_E_STATE, "a rulebook with errors cannot be compared");
    struct cdn_arena arena;
    struct cdn_diff diff;
    cdn_arena_init(&arena, before->alloc, 0);
    int err = cdn_rulebook_diff(before->rb, after->rb, &arena, &diff);
    if (!err) {
        struct cdn_buf b = cdn_toolkit_open(out, CDN_MAX_RULEBOOK_BYTES);
        if (as_json)
            cdn_diff_write_json(&b, &diff);
        else
            cdn_diff_write_words(&b, &diff);
        err = cdn_toolkit_close(out, &b);
    }
    const size_t changes = err ? 0 : diff.count;
    cdn_arena_free(&arena);
    if (err)
        return cdn_fail(e, err, "the differences could not be written");
    *ret_changes = (uint32_t)changes;
    return 0;
}
