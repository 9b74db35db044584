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

static void refused(struct help *h, const struct cdn_service_ask *ask, unsigned refusal, const char *where) {
    struct cdn_service_reply *r = help_ask(h, h->w, ask);
    assert_true(r->code < 0);
    assert_int_equal(r->verdict, CORDON_VERDICT_NONE);
    if (r->refusal != refusal || (where && strcmp(r->error.where, where) != 0))
        fail_msg("refused as %s at %s: %.*s",
                 cdn_service_refusal_name(r->refusal),
                 r->error.where,
                 (int)r->body.n,
                 r->body.p);
    assert_non_null(memmem(r->body.p, r->body.n, "\"refused\":", 10));
    cdn_service_reply_free(r);
}

static struct cdn_service_ask ask_of(struct help *h, const char *body) {
    return (struct cdn_service_ask){.body = cdn_str_z(body), .caller = h->decider};
}

static void instant_and_state_are_the_services(void **state) {
    (void)state;
    struct help h;
    help_new(&h, NULL);
    help_open(&h);
    const uint64_t head = cdn_journal_head(h.s->journal);
    struct cdn_service_ask ask =
        ask_of(&h, "{\"action\":\"account.open\",\"at\":\"2022-01-01T00:00:00Z\",\"service\":\"shop\"}");
    refused(&h, &ask, CDN_REFUSED_ROLE, "/at");
    ask.body = CDN_STR("{\"action\":\"account.open\",\"service\":\"shop\",\"state\":[{\"kind\":\"hold\"}]}");
    refused(&h, &ask, CDN_REFUSED_ROLE, "/state");
    ask.body = CDN_STR("{\"action\":\"account.open\",\"servise\":\"shop\"}");
    refused(&h, &ask, CDN_REFUSED_REQUEST, "/servise");
    ask.body = CDN_STR("{\"action\":\"account.close\",\"service\":\"shop\"}");
    refused(&h, &ask, CDN_REFUSED_REQUEST, NULL);
    ask = ask_of(&h, OPEN_DE);
    ask.caller.roles = CDN_MAY_READ;
    refused(&h, &ask, CDN_REFUSED_ROLE, NULL);
    ask = ask_of(&h, OPEN_DE);
    ask.deadline = 1; /* of the monotonic clock: long ago */
    refused(&h, &ask, CDN_REFUSED_DEADLINE, NULL);
    assert_int_equal(cdn_journal_head(h.s->journal), head); /* nothing of it is a decision */
    /* A key with the role replay may choose: before March 2022 the measure was not in force. */
    ask = ask_of(&h,
                 "{\"action\":\"account.open\",\"at\":\"2022-01-01T00:00:00Z\",\"parties\":[{\"evidence\":[{"
                 "\"kind\":\"declared_country\",\"value\":\"RU\"}],\"id\":\"c1\",\"role\":\"customer\"}],"
                 "\"service\":\"shop\"}");
    ask.caller.roles |= CDN_MAY_REPLAY;
    struct cdn_service_reply *r = help_ask(&h, h.w, &ask);
    assert_int_equal(r->code, 0);
    assert_int_equal(r->verdict, CORDON_VERDICT_ALLOW);
    assert_non_null(memmem(r->body.p, r->body.n, "\"at\":\"2022-01-01T00:00:00Z\"", 27));
    same_as_library(&h, r->index, r->body);
    cdn_service_reply_free(r);
    help_end(&h);
}

static void clocks_that_lie_are_refused_until_they_are_right(void **state) {
    (void)state;
    struct help h;
    const char *why = NULL;
    help_new(&h, NULL);
    help_open(&h);
    struct cdn_service_ask ask = ask_of(&h, OPEN_DE);
    help_verdict(&h, OPEN_DE, CORDON_VERDICT_ALLOW);
    atomic_store(&h.wall, NOON - 3600); /* gone back */
    refused(&h, &ask, CDN_REFUSED_CLOCK, NULL);
    assert_false(cdn_service_ready(h.s, &why));
    assert_string_equal(why, "clock");
    atomic_store(&h.wall, 1000); /* unset */
    refused(&h, &ask, CDN_REFUSED_CLOCK, NULL);
    atomic_store(&h.wall, NOON - 1); /* within the tolerance: time stands still */
    struct cdn_service_reply *r = help_ask(&h, h.w, &ask);
    assert_int_equal(r->code, 0);
    assert_non_null(memmem(r->body.p, r->body.n, "\"decided_at\":\"2026-10-01T12:00:00Z\"", 35));
    cdn_service_reply_free(r);
    atomic_store(&h.wall, NOON + 60);
    help_verdict(&h, OPEN_DE, CORDON_VERDICT_ALLOW);
    /* What is known of the last instant comes from the journal: also after a restart. */
    help_close(&h);
    atomic_store(&h.wall, NOON - 3600);
    help_open(&h);
    refused(&h, &ask, CDN_REFUSED_CLOCK, NULL);
    atomic_store(&h.wall, NOON + 61);
    help_verdict(&h, OPEN_DE, CORDON_VERDICT_ALLOW);
    help_end(&h);
}

static void a_retry_gets_the_recorded_answer(void **state) {
    (void)state;
    struct help h;
    static char out[65536];
    help_new(&h, NULL);
    help_open(&h);
    struct cdn_service_reply *first = help_decide(&h, OPEN_DE, "key-1");
    assert_int_equal(first->code, 0);
    assert_false(first->repeated);
    struct cdn_service_reply *again = help_decide(&h, OPEN_DE, "key-1");
    assert_true(again->repeated);
    assert_int_equal(again->body.n, first->body.n);
    assert_memory_equal(again->body.p, first->body.p, first->body.n);
    cdn_service_reply_free(again);
    /* Another body under the same key. */
    again = help_decide(&h, OPEN_DE " ", "key-1");
    assert_int_equal(again->refusal, CDN_REFUSED_CONFLICT);
    cdn_service_reply_free(again);
    /* The rules change: the retry is still what was answered, a new key is decided anew. */
    help_rules(
        &h,
        "measure house/nobody\n    title \"Nobody\"\n    basis policy of house\n    source \"x\" "
        "<https://house.example/n>\n"
        "    announced 2022-03-01T00:00Z\n    effective 2022-03-01T00:00Z\n    deny account.open on shop\n");
    if (help_do(&h, &h.all, CDN_ACT_RELOAD, "", "", out) < 0)
        fail_msg("reload: %s", out);
    for (unsigned restart = 0; restart < 2; restart++) {
        again = help_decide(&h, OPEN_DE, "key-1");
        assert_true(again->repeated);
        assert_int_equal(again->verdict, CORDON_VERDICT_ALLOW);
        assert_int_equal(again->http_status, first->http_status);
        assert_int_equal(again->body.n, first->body.n);
        assert_memory_equal(again->body.p, first->body.p, first->body.n);
        cdn_service_reply_free(again);
        help_verdict(&h, OPEN_DE, CORDON_VERDICT_DENY);
        if (!restart) {
            cdn_service_reply_free(first);
            help_close(&h);
            help_open(&h);
            first = help_decide(&h, OPEN_DE, "key-1");
        }
    }
    cdn_service_reply_free(first);
    help_end(&h);
}

static void explaining_records_nothing(void **state) {
    (void)state;
    struct help h;
    struct cordon_error e = {0};
    struct cdn_buf out;
    help_new(&h, NULL);
    help_open(&h);
    const uint64_t head = cdn_journal_head(h.s->journal);
    struct cdn_service_ask ask = ask_of(&h, OPEN_DE);
    cdn_buf_init(&out, &cdn_alloc_libc, CDN_MIB(1));
    assert_int_equal(cdn_service_explain(h.w, &ask, &out, &e), CORDON_E_STATE); /* not this role */
    ask.caller.roles = CDN_MAY_READ;
    assert_int_equal(cdn_service_explain(h.w, &ask, &out, &e), 0);
    assert_non_null(memmem(out.p, out.n, "house/daily-cap", 15)); /* a measure that says nothing here */
    assert_int_equal(cdn_journal_head(h.s->journal), head);
    cdn_buf_free(&out);
    help_end(&h);
}

static void one_process_serves_from_a_directory(void **state) {
    (void)state;
    struct help h;
    struct cordon_error e = {0};
    struct cdn_service *other = NULL;
    help_new(&h, NULL);
    help_open(&h);
    assert_int_equal(cdn_service_open(&h.o, &other, &e), CORDON_E_STATE);
    assert_null(other);
    assert_true(e.hint[0] != '\0');
    help_end(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_recorded_first),
        cmocka_unit_test(instant_and_state_are_the_services),
        cmocka_unit_test(clocks_that_lie_are_refused_until_they_are_right),
        cmocka_unit_test(a_retry_gets_the_recorded_answer),
        cmocka_unit_test(explaining_records_nothing),
        cmocka_unit_test(one_process_serves_from_a_directory),
    };
    return cdn_run(tests);
}
