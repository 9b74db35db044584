/* SPDX-License-Identifier: Apache-2.0 */
/* test_decide.c: deciding through the service: answers, records, idempotency, own instant and state, clock.
 */
#include "service/test_help.h"

#include "service/priv.h"

#include "cordon/json.h"

/* What the library answers for the recorded request under the snapshot and instant of the record. */
static void same_as_library(struct help *h, uint64_t index, cordon_str body) {
    struct cordon_error e = {0};
    struct cdn_past past;
    struct cdn_snapshot *snapshot = NULL;
    cordon_decider *d = NULL;
    cordon_request *r = NULL;
    const cordon_decision *decision = NULL;
    cordon_buffer out = {0};
    assert_int_equal(cdn_past_read(h->s, index, &past, &e), 0);
    const struct cdn_record_decision *record = &past.record.u.decision;
    assert_int_equal(cdn_set_open(h->s, record->snapshot, &snapshot, &e), 0);
    assert_int_equal(cordon_decider_new((cordon_snapshot *)(void *)snapshot, NULL, &d, &e), 0);
    assert_int_equal(cordon_request_from_json(record->request, NULL, &r, &e), 0);
    assert_int_equal(cordon_decide(d, r, record->at, &decision, &e), 0);
    assert_int_equal(cordon_decision_to_json(decision, cdn_str("", 0), &out, &e), 0);
    /* {"decision":D,"snapshot":S}: D is what was recorded, and what was answered. */
    assert_true(out.n > record->decision.n &&
                memcmp(out.p + 12, record->decision.p, record->decision.n) == 0);
    assert_true(body.n > record->decision.n &&
                memcmp(body.p + 12, record->decision.p, record->decision.n) == 0);
    cordon_buffer_free(&out);
    cordon_request_free(r);
    cordon_decider_free(d);
    cdn_snapshot_unref(snapshot);
    cdn_past_free(&past);
}

static void answers_are_recorded_first(void **state) {
    (void)state;
    struct help h;
    help_new(&h, NULL);
    help_open(&h);
    struct cdn_service_reply *r = help_decide(&h, OPEN_DE, NULL);
    assert_int_equal(r->code, 0);
    assert_int_equal(r->verdict, CORDON_VERDICT_ALLOW);
    assert_non_null(memmem(r->body.p,
                           r->body.n,
                           "\"envelope\":{\"decided_at\":\"2026-10-01T12:00:00Z\",\"journal_index\":",
                           64));
    assert_non_null(memmem(r->body.p, r->body.n, "\"trace\":\"t-1\"}", 14));
    assert_true(cdn_journal_head(h.s->journal) > r->index);
    same_as_library(&h, r->index, r->body);
    cdn_service_reply_free(r);
    help_end(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_recorded_first),
    };
    return cdn_run(tests);
}
