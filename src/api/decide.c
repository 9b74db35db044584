/* SPDX-License-Identifier: Apache-2.0 */
/* decide.c: one thread's decider, and the decision that it holds. */
#include "api/handle.h"
#include "base/limits.h"

CORDON_API int cordon_decider_new(cordon_snapshot *s,
                                  const cordon_alloc *alloc,
                                  cordon_decider **ret,
                                  cordon_error *e) {
    if (!s || !ret)
        return cdn_fail(e, CORDON_E_ARG, "cordon_decider_new needs a snapshot and a place for the result");
    alloc = cdn_api_alloc(alloc);
    struct cordon_decider *d = cdn_alloc_zero(alloc, 1, sizeof(*d));
    if (!d)
        return cdn_fail(e, CORDON_E_NOMEM, "out of memory for a decider");
    d->alloc = alloc;
    const int err = cdn_decider_new(cdn_api_snapshot(s), alloc, &d->decider, e);
    if (err) {
        cdn_free(alloc, d, sizeof(*d));
        return err;
    }
    d->snapshot = cordon_snapshot_ref(s);
    cdn_arena_init(&d->arena, alloc, CDN_MAX_DECISION_MEMORY);
    *ret = d;
    return CORDON_OK;
}

CORDON_API void cordon_decider_free(cordon_decider *d) {
    if (!d)
        return;
    cdn_decider_free(d->decider);
    cdn_arena_free(&d->arena);
    cordon_snapshot_unref(d->snapshot);
    cdn_free(d->alloc, d, sizeof(*d));
}

CORDON_API cordon_snapshot *cordon_decider_snapshot(const cordon_decider *d) {
    return d->snapshot;
}

/* The hot path: whatever fails, *ret says "no verdict". */
static int decide(struct cordon_decider *d,
                  struct cordon_request *r,
                  int64_t at,
                  struct cdn_result *ret,
                  struct cordon_error *e) {
    *ret = (struct cdn_result){.verdict = CORDON_VERDICT_NONE};
    d->decision.s = NULL;
    const int err = r->ready ? 0 : cordon_request_finish(r, e);
    return err ? err : cdn_decide(d->decider, r->ready, at, ret, e);
}

CORDON_API int cordon_decide_verdict(cordon_decider *d,
                                     cordon_request *r,
                                     int64_t at,
                                     cordon_verdict *ret_verdict,
                                     int64_t *ret_changes_at,
                                     cordon_error *e) {
    struct cdn_result result;
    *ret_verdict = CORDON_VERDICT_NONE;
    const int err = decide(d, r, at, &result, e);
    if (err)
        return err;
    *ret_verdict = (cordon_verdict)result.verdict;
    if (ret_changes_at)
        *ret_changes_at = result.changes_at >= CDN_TIME_MAX ? CORDON_NEVER : result.changes_at;
    return CORDON_OK;
}

static int account(struct cordon_decider *d,
                   struct cordon_request *r,
                   int64_t at,
                   bool all,
                   const struct cordon_decision **ret,
                   struct cordon_error *e) {
    struct cdn_result result;
    *ret = NULL;
    int err = decide(d, r, at, &result, e);
    if (err)
        return err;
    cdn_arena_reset(&d->arena);
    d->decision.d = (struct cdn_decision){.verdict = CORDON_VERDICT_NONE};
    err = cdn_decision_build(d->decider, r->ready, &result, at, all, &d->arena, &d->decision.d);
    if (err)
        return cdn_fail(e, err, "the account of the decision could not be made: %s", cdn_status_text(err));
    d->decision.s = cdn_api_snapshot_const(d->snapshot);
    *ret = &d->decision;
    return CORDON_OK;
}

CORDON_API int cordon_decide(
    cordon_decider *d, cordon_request *r, int64_t at, const cordon_decision **ret, cordon_error *e) {
    return account(d, r, at, false, ret, e);
}

CORDON_API int cordon_explain(
    cordon_decider *d, cordon_request *r, int64_t at, const cordon_decision **ret, cordon_error *e) {
    return account(d, r, at, true, ret, e);
}
