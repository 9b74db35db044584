/* SPDX-License-Identifier: Apache-2.0 */
/* decide.h: request × snapshot × instant → decision. Start here.
 *
 * A decider belongs to one thread and one snapshot. Everything that it needs is allocated by
 * cdn_decider_new(); deciding allocates nothing, locks nothing, parses nothing and reads no clock.
 *
 * Always true:
 *  1. the same request, snapshot and instant give the same result, whatever was decided before;
 *  2. the verdict is NONE until everything has been evaluated: an early return is "not allowed";
 *  3. cdn_decide and cdn_decide_scan give the same verdict and hits; the index only spares work. */
#ifndef CDN_DECIDE_H
#define CDN_DECIDE_H

#include "decide/decision.h"
#include "snapshot/snapshot.h"

struct cdn_decider;

/* Both arguments are borrowed and must outlive the decider. CORDON_E_NOMEM, CORDON_E_ARG, CORDON_E_VERSION
 * (the snapshot's semantics are not carried by this build). */
int cdn_decider_new(const struct cdn_snapshot *snapshot,
                    const struct cordon_alloc *alloc,
                    struct cdn_decider **ret,
                    struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_decider_free(struct cdn_decider *d); /* accepts NULL */
const struct cdn_snapshot *cdn_decider_snapshot(const struct cdn_decider *d);

/* The hot path. ret->hits is valid until the decider is used again. On failure ret->verdict is
 * CORDON_VERDICT_NONE and there are no hits: CORDON_E_NAME (no such action or service; with a suggestion),
 * CORDON_E_RANGE (`at` is not an instant). The request must be finished (cdn_request_finish). */
int cdn_decide(struct cdn_decider *d,
               const struct cdn_request *request,
               int64_t at,
               struct cdn_result *ret,
               struct cordon_error *e) CORDON_MUST_CHECK;
/* The same without the index: every measure of every group is evaluated. changes_at may be earlier. */
int cdn_decide_scan(struct cdn_decider *d,
                    const struct cdn_request *request,
                    int64_t at,
                    struct cdn_result *ret,
                    struct cordon_error *e) CORDON_MUST_CHECK;

/* explain.c: the full account. `result` is what cdn_decide gave for the same request and instant, and still
 * valid. With `explain_all` every measure of the snapshot is in the account, with its standing and the tests
 * that made it so. All memory is in `arena`; strings may point into the snapshot and the request. */
int cdn_decision_build(struct cdn_decider *d,
                       const struct cdn_request *request,
                       const struct cdn_result *result,
                       int64_t at,
                       bool explain_all,
                       struct cdn_arena *arena,
                       struct cdn_decision *ret) CORDON_MUST_CHECK;

#endif
