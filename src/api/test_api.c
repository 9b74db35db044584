/* SPDX-License-Identifier: Apache-2.0 */
/* The C API: a request that was built is the request that was read, each failed allocation is a clean error,
 * and mistakes are told as the JSON reader tells them. */
#include "cordon/json.h"
#include "support/fault.h"

#include "base/base.h"

#define TRY(call)                                                                                            \
    do {                                                                                                     \
        err = (call);                                                                                        \
        if (err)                                                                                             \
            goto out;                                                                                        \
    } while (0)

static const char wanted[] =
    "{\"action\":\"order.ship\",\"at\":\"2022-03-10T09:00:00Z\",\"attestations\":[\"x\",\"y\"],\"channel\":"
    "\"web\","
    "\"facts\":{\"tier\":\"paid\"},"
    "\"objects\":[{\"kind\":\"goods\",\"quantity\":2,\"value\":{\"amount\":\"6200\",\"currency\":\"EUR\"}},"
    "{\"kind\":\"content\",\"monetised\":true}],"
    "\"parties\":[{\"birth_date\":\"1975-03\",\"evidence\":["
    "{\"kind\":\"billing_address\",\"value\":{\"city\":\"Erfurt\",\"country\":\"DE\"}},"
    "{\"kind\":\"ip\",\"seen\":\"2022-03-10T08:59:58Z\",\"source\":\"edge\",\"value\":\"95.173.136.70\"},"
    "{\"kind\":\"ip\",\"value\":{\"country\":\"UA\",\"region\":\"UA-43\"}},"
    "{\"kind\":\"card_issuer\",\"value\":{\"iin\":\"424242\"}},"
    "{\"kind\":\"tax_id\",\"value\":{\"country\":\"RU\",\"value\":\"7707083893\"}},"
    "{\"kind\":\"gnss\",\"value\":{\"latitude\":44.9,\"longitude\":-34.1}},{\"kind\":\"phone\",\"value\":"
    "null}],"
    "\"group_of\":\"not_applicable\",\"identifiers\":[{\"country\":\"RU\",\"kind\":\"tax\",\"value\":\"1\"}],"
    "\"kind\":null,\"listed\":[{\"entry\":\"e\",\"list\":\"us/"
    "sdn\",\"listed\":null,\"score\":930}],\"name\":\"José\","
    "\"owners\":[{\"control\":true,\"party\":1,\"percent\":51.5},{\"party\":\"Acme\"}],"
    "\"relations\":[{\"period_end\":\"2022-04-01\",\"service\":\"retail\",\"since\":\"2019-05-01\",\"until\":"
    "\"2023-01-01\"}],"
    "\"role\":\"customer\"},"
    "{\"relations\":[],\"role\":\"owner\"}],"
    "\"service\":\"retail\",\"state\":[{\"kind\":\"usage\",\"measure\":\"m\",\"used\":{\"amount\":\"150\","
    "\"currency\":\"GBP\"}},{\"by\":\"K. Lee\",\"entry\":\"17068\",\"entry_fingerprint\":\"00ff\",\"kind\":"
    "\"clearance\",\"list\":\"us/sdn\",\"party\":0,\"party_fingerprint\":\"11ee\",\"until\":\"2027-01-01\","
    "\"why\":\"born elsewhere\"}]}";

#define S(x) CORDON_STR(x)
#define REQUEST CORDON_ON_REQUEST

static int add(cordon_request *r, cordon_subject on, cordon_evidence ev, cordon_error *e) {
    ev.size = sizeof(ev);
    return cordon_request_add_evidence(r, on, &ev, e);
}

static int add_all_evidence(cordon_request *r, cordon_subject on, cordon_error *e) {
    const cordon_evidence all[] = {
        {.kind = S("billing_address"), .country = S("DE"), .city = S("Erfurt")},
        {.kind = S("ip"),
         .value = S("95.173.136.70"),
         .seen = S("2022-03-10T08:59:58Z"),
         .source = S("edge")},
        {.kind = S("ip"), .country = S("UA"), .region = S("UA-43")},
        {.kind = S("card_issuer"), .iin = S("424242")},
        {.kind = S("tax_id"), .country = S("RU"), .value = S("7707083893")},
        {.kind = S("gnss"), .latitude = S("44.9"), .longitude = S("-34.1")},
        {.kind = S("phone"), .unanswered = 1},
    };
    int err = 0;
    for (size_t i = 0; !err && i < sizeof(all) / sizeof(all[0]); i++)
        err = add(r, on, all[i], e);
    return err;
}

static int fill(cordon_request *r, cordon_error *e) {
    const cordon_str codes[] = {S("x"), S("y")};
    cordon_subject customer = 0;
    cordon_subject owner = 0;
    cordon_subject goods = 0;
    cordon_subject content = 0;
    int err = 0;
    TRY(cordon_request_set(r, REQUEST, S("action"), S("order.ship"), e));
    TRY(cordon_request_set(r, REQUEST, S("service"), S("retail"), e));
    TRY(cordon_request_set(r, REQUEST, S("at"), S("2022-03-10T10:00:00+01:00"), e));
    TRY(cordon_request_set(r, REQUEST, S("channel"), S("web"), e));
    TRY(cordon_request_set_codes(r, REQUEST, S("attestations"), codes, 2, e));
    TRY(cordon_request_set(r, REQUEST, S("facts/tier"), S("free"), e));
    TRY(cordon_request_set(r, REQUEST, S("facts/tier"), S("paid"), e));
    TRY(cordon_request_add_party(r, S("customer"), &customer, e));
    TRY(cordon_request_add_party(r, S("owner"), &owner, e));
    TRY(cordon_request_set(r, customer, S("name"), S("José"), e));
    TRY(cordon_request_set(r, customer, S("birth_date"), S("1975-03"), e));
    TRY(cordon_request_set_unanswered(r, customer, S("kind"), e));
    TRY(cordon_request_set_not_applicable(r, customer, S("group_of"), e));
    TRY(cordon_request_set_none(r, owner, S("relations"), e));
    TRY(add_all_evidence(r, customer, e));
    TRY(cordon_request_add_relation(
        r, customer, S("retail"), S("2019-05-01"), S("2022-04-01"), S("2023-01-01"), e));
    TRY(cordon_request_add_identifier(r, customer, S("tax"), S("RU"), S("1"), e));
    TRY(cordon_request_add_owner(r, customer, owner, S(""), S("51.5"), 1, e));
    TRY(cordon_request_add_owner(r, customer, 0, S("Acme"), S(""), 0, e));
    TRY(cordon_request_add_listed(r, customer, S("us/sdn"), S("e"), CORDON_UNKNOWN, 930, e));
    TRY(cordon_request_add_object(r, S("goods"), &goods, e));
    TRY(cordon_request_set(r, goods, S("quantity"), S("2"), e));
    TRY(cordon_request_set_money(r, goods, S("value"), S("6200.00"), S("EUR"), e));
    TRY(cordon_request_add_object(r, S("content"), &content, e));
    TRY(cordon_request_set_bool(r, content, S("monetised"), 1, e));
    TRY(cordon_request_add_usage(r, S("m"), S("150"), S("GBP"), e));
    cordon_state state;
    cordon_state_init(&state);
    state.kind = S("clearance");
    state.party = customer;
    state.list = S("us/sdn");
    state.entry = S("17068");
    state.entry_fingerprint = S("00ff");
    state.party_fingerprint = S("11ee");
    state.until = S("2027-01-01");
    state.by = S("K. Lee");
    state.why = S("born elsewhere");
    TRY(cordon_request_add_state(r, &state, e));
    TRY(cordon_request_finish(r, e));
out:
    return err;
}

static int built_is_read(const struct cordon_alloc *alloc) {
    cordon_error e = {0};
    cordon_request *built = NULL;
    cordon_request *read = NULL;
    cordon_buffer a = {.alloc = alloc};
    cordon_buffer b = {.alloc = alloc};
    int err = 0;
    TRY(cordon_request_new(alloc, &built, &e));
    TRY(fill(built, &e));
    TRY(cordon_request_to_json(built, &a, &e));
    if (a.n != sizeof(wanted) - 1 || memcmp(a.p, wanted, a.n) != 0)
        fail_msg("%.*s\n%s", (int)a.n, a.p, wanted);
    TRY(cordon_request_from_json((cordon_str){a.p, a.n}, alloc, &read, &e));
    TRY(cordon_request_to_json(read, &b, &e));
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.p, b.p, a.n);
    assert_int_equal(cordon_request_set(read, REQUEST, S("channel"), S("x"), &e), CORDON_E_STATE);
    cordon_request_clear(read);
    TRY(fill(read, &e));
out:
    if (err && err != CORDON_E_NOMEM)
        print_error("%s: %s (%s)\n", cordon_status_name(err), e.message, e.hint);
    cordon_request_free(built);
    cordon_request_free(read);
    cordon_buffer_free(&a);
    cordon_buffer_free(&b);
    return err;
}

static void reading_again_allocates_nothing(void **state) {
    (void)state;
    struct cdn_fault f;
    cordon_error e = {0};
    cordon_request *r = NULL;
    cdn_fault_init(&f, 0);
    assert_int_equal(cordon_request_new(&f.alloc, &r, &e), 0);
    assert_int_equal(cordon_request_read_json(r, S(wanted), &e), 0);
    const size_t calls = f.calls;
    for (int i = 0; i < 10; i++)
        assert_int_equal(cordon_request_read_json(r, S(wanted), &e), 0);
    assert_int_equal(f.calls, calls);
    cordon_request_free(r);
    assert_null(f.broken);
    assert_int_equal(cdn_fault_free(&f), 0);
}

static void tells_mistakes(void **state) {
    (void)state;
    cordon_error e = {0};
    cordon_request *r = NULL;
    cordon_subject on = 7;
    assert_int_equal(cordon_request_new(NULL, &r, &e), 0);
    assert_int_equal(cordon_request_finish(r, &e), CORDON_E_ARG);
    assert_int_equal(cordon_request_add_party(r, S("custmer"), &on, &e), CORDON_E_NAME);
    assert_non_null(strstr(e.hint, "customer"));
    assert_int_equal(on, 7);
    assert_int_equal(cordon_request_add_party(r, S("customer"), &on, &e), 0);
    assert_int_equal(cordon_request_set(r, on, S("knd"), S("person"), &e), CORDON_E_NAME);
    assert_non_null(strstr(e.hint, "kind"));
    assert_int_equal(cordon_request_set(r, on, S("since"), S("2020"), &e), CORDON_E_CONFLICT);
    assert_int_equal(cordon_request_set(r, on, S("kind"), S("\xff"), &e), CORDON_E_SYNTAX);
    assert_int_equal(cordon_request_set(r, on + 1, S("kind"), S("x"), &e), CORDON_E_ARG);
    assert_int_equal(cordon_request_set_money(r, on, S("kind"), S("1"), S("EUR"), &e), CORDON_E_TYPE);
    assert_int_equal(add(r, on, (cordon_evidence){.kind = S("ip"), .value = S("1.2.3.400")}, &e),
                     CORDON_E_SYNTAX);
    assert_int_equal(
        add(r, on, (cordon_evidence){.kind = S("card_issuer"), .iin = S("4242424242424242")}, &e),
        CORDON_E_RANGE);
    assert_null(strstr(e.message, "4242"));
    assert_int_equal(add(r, REQUEST, (cordon_evidence){.kind = S("ip"), .value = S("1.2.3.4")}, &e),
                     CORDON_E_ARG);
    const cordon_evidence unprepared = {.kind = S("ip")};
    assert_int_equal(cordon_request_add_evidence(r, on, &unprepared, &e), CORDON_E_ARG);
    cordon_state fact;
    cordon_state_init(&fact);
    fact.kind = S("clearence");
    assert_int_equal(cordon_request_add_state(r, &fact, &e), CORDON_E_NAME);
    fact.kind = S("clearance");
    fact.list = S("us/sdn");
    assert_int_equal(cordon_request_add_state(r, &fact, &e), CORDON_E_ARG);
    int64_t at = 5;
    assert_int_equal(cordon_request_at(r, &at), CORDON_E_NOTFOUND);
    assert_int_equal(at, 5);
    cordon_request_free(r);
    cordon_request_free(NULL);
    assert_int_equal(cordon_decision_verdict(NULL), CORDON_VERDICT_NONE);
}

static void words_and_instants(void **state) {
    (void)state;
    char text[CORDON_TIME_TEXT];
    int64_t t = 0;
    assert_int_equal(cordon_time_parse(S("2022-03-05T00:00:00-05:00"), &t, NULL), 0);
    assert_int_equal(cordon_time_format(t, text), 20);
    assert_string_equal(text, "2022-03-05T05:00:00Z");
    assert_string_equal(cordon_verdict_name(CORDON_VERDICT_FREEZE), "freeze");
    assert_string_equal(cordon_verdict_name(-3), "none");
    assert_string_equal(cordon_status_name(CORDON_E_DIGEST), "CORDON_E_DIGEST");
    assert_int_equal(cordon_version_number(), CORDON_VERSION_NUMBER);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cdn_fault_test(built_is_read),
        cmocka_unit_test(reading_again_allocates_nothing),
        cmocka_unit_test(tells_mistakes),
        cmocka_unit_test(words_and_instants),
    };
    return cdn_run(tests);
}
