/* SPDX-License-Identifier: Apache-2.0 */
/* interim_account.c: an account of a decision without reasons, until the decide room has the full one. Weak:
 * the real function takes its place. */
#include "api/handle.h"

__attribute__((weak)) int cdn_decision_build(struct cdn_decider *d CDN_UNUSED,
                                             const struct cdn_request *request CDN_UNUSED,
                                             const struct cdn_result *result,
                                             int64_t at,
                                             bool explain_all CDN_UNUSED,
                                             struct cdn_arena *arena,
                                             struct cdn_decision *ret) {
    struct cdn_account *list = cdn_arena_zero(arena, result->hit_count + 1, sizeof(*list));
    if (!list)
        return CORDON_E_NOMEM;
    for (uint32_t i = 0; i < result->hit_count; i++) {
        list[i].hit = result->hits[i];
        list[i].except = -1;
    }
    *ret = (struct cdn_decision){.verdict = result->verdict,
                                 .semantics = CDN_SEMANTICS,
                                 .at = at,
                                 .changes_at = result->changes_at,
                                 .measures = list,
                                 .measure_count = result->hit_count,
                                 .http_status = result->verdict == CORDON_VERDICT_ALLOW ? 200 : 403};
    return 0;
}
