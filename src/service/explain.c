/* SPDX-License-Identifier: Apache-2.0 */
/* explain.c: the full account of what would be decided; nothing is recorded, nothing is taken. */
#include "service/priv.h"

#include "json/json.h"

int cdn_may_read(const struct cdn_service_ask *ask, struct cordon_error *e) {
    if (!(ask->caller.roles & CDN_MAY_READ))
        return cdn_fail(e, CORDON_E_STATE, "this key has not the role `read`");
    if (ask->body.n > CDN_MAX_REQUEST_BYTES)
        return cdn_fail(e, CORDON_E_LIMIT, "a request of more than %zu bytes", (size_t)CDN_MAX_REQUEST_BYTES);
    return 0;
}

int cdn_service_explain(struct cdn_service_worker *w,
                        const struct cdn_service_ask *ask,
                        struct cdn_buf *out,
                        struct cordon_error *e) {
    const struct cdn_service_time now = cdn_service_now(w->s);
    struct cdn_request *r = NULL;
    struct cdn_live_state live;
    struct cdn_result result;
    struct cdn_decision decision;
    uint8_t refusal = 0;
    int64_t clock = 0;
    const bool replay = (ask->caller.roles & CDN_MAY_REPLAY) != 0;
    int err = cdn_may_read(ask, e);
    err = err ? err : cdn_service_instant(w->s, &now, &clock, &refusal, e);
    (void)cdn_schedule_due(w->s, now.wall);
    err = err ? err : cdn_worker_follow(w, e);
    cdn_arena_reset(&w->request_memory);
    err = err ? err : cdn_json_read_request(ask->body, &w->request_memory, &r, e);
    if (!err && !replay && (r->at_have != CDN_HAVE_ABSENT || r->state_count))
        err = cdn_fail(
            e, CORDON_E_STATE, "only a key with the role `replay` may choose the instant or the state");
    if (err)
        return err;
    const int64_t at = r->at_have == CDN_HAVE_VALUE ? r->at : clock;
    cdn_marks_of(w->s, r, &w->marks);
    err = r->state_count ? 0 : cdn_merge_state(w, r, at, &live, e);
    err = err ? err : cdn_decide(w->decider, r, at, &result, e);
    cdn_arena_reset(&w->decision_memory);
    if (!err &&
        (err = cdn_decision_build(w->decider, r, &result, at, true, &w->decision_memory, &decision)) != 0)
        err = cdn_fail(e, err, "the account of the decision could not be made: %s", cdn_status_text(err));
    if (!err && (err = cdn_json_write_answer(out, &decision, w->snapshot, cdn_str("", 0))) != 0)
        err = cdn_fail(e, err, "the account could not be written: %s", cdn_status_text(err));
    return err;
}
