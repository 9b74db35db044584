/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios.c: a rulebook's scenarios against the rulebook itself, compiled in memory. */
#include "toolkit/build_priv.h"

#include "trial/trial.h"

static int run_scenarios(struct cdn_toolkit_build *b,
                         const struct cdn_trial_options *o,
                         struct cdn_buf *out,
                         struct cdn_trial_result *ret) {
    struct cdn_compiled compiled;
    struct cdn_buf bundle;
    struct cdn_snapshot *s = NULL;
    cdn_buf_init(&bundle, &b->arena.as_alloc, CDN_MAX_SNAPSHOT_SECTION);
    cordon_str *shown = cdn_arena_zero(&b->arena, b->rb->count + 1, sizeof(*shown));
    if (!shown)
        return cdn_toolkit_no_memory(b->e);
    for (size_t i = 0; i < b->rb->count; i++)
        shown[i] = b->rb->shown[i].name;
    int err = cdn_toolkit_compile(b, &compiled);
    if (err)
        return err;
    cdn_compile_bundle(&compiled, &bundle);
    if (bundle.err)
        return cdn_fail(b->e, bundle.err, "the snapshot does not fit into memory");
    err = cdn_snapshot_open_bytes(cdn_buf_get(&bundle), b->rb->alloc, &s, b->e);
    if (err)
        return err;
    cordon_str *const own = b->rb->rb->files;
    b->rb->rb->files = shown; /* failures name files as the caller did */
    err = cdn_trial_run(b->rb->rb, s, o, b->rb->alloc, out, ret, b->e);
    b->rb->rb->files = own;
    cdn_snapshot_unref(s);
    return err;
}

CORDON_API int cordon_rulebook_test(cordon_rulebook *rb,
                                    const cordon_compile_options *o,
                                    cordon_str only,
                                    uint32_t flags,
                                    cordon_buffer *out,
                                    cordon_test_result *ret,
                                    cordon_error *e) {
    struct cdn_toolkit_build b;
    struct cdn_trial_result result = {0};
    const struct cdn_trial_options options = {
        .only = only,
        .coverage = (flags & CORDON_TEST_COVERAGE) != 0,
        .json = (flags & CORDON_TEST_JSON) != 0,
        .verbose = (flags & CORDON_TEST_VERBOSE) != 0,
    };
    int err = cdn_toolkit_begin(&b, rb, o, e);
    if (err)
        return err;
    struct cdn_buf text = cdn_toolkit_open(out, CDN_MAX_RULEBOOK_BYTES);
    err = run_scenarios(&b, &options, &text, &result);
    const int closed = cdn_toolkit_close(out, &text);
    cdn_toolkit_end(&b);
    if (!err && closed)
        err = cdn_fail(e, closed, "the report could not be written");
    if (!err)
        *ret = (cordon_test_result){.scenarios = result.scenarios,
                                    .passed = result.passed,
                                    .failed = result.failed,
                                    .uncovered = result.uncovered};
    return err;
}
