/* SPDX-License-Identifier: Apache-2.0 */
/* test_outcomes.c: docs/semantics.md, "Measures": what becomes of whom, caps, duties, what stays allowed, and
 * what a server answers. */
#include "support/ask.h"

/* EVIDENCE: CS-STRICTEST */
static void the_strictest_wins_and_every_reason_is_kept(void **state) {
    (void)state;
    static const char *const verdicts[5] = {"allow", "limit", "hold", "deny", "freeze"};
    struct ask a;
    char request[256], expected[256];
    ask_open(
        &a,
        POLICY("op/1-limit", "limit account.open on aws to 'free tier' | when customer.licences in {limit}")
            POLICY("op/2-hold", "hold account.open on aws | when customer.licences in {hold}")
                POLICY("op/3-deny", "deny account.open on aws | when customer.licences in {deny}")
                    POLICY("op/4-freeze", "freeze account.open on aws | when customer.licences in {freeze}"));
    for (unsigned set = 0; set < 16; set++) { /* each of the four hits or not */
        unsigned strictest = 0;
        size_t n = 0, e = 0;
        request[0] = 0;
        expected[0] = 0;
        for (unsigned v = 1; v < 5; v++) {
            if (!(set >> (v - 1) & 1u))
                continue;
            strictest = v;
            n += (size_t)snprintf(request + n, sizeof request - n, "%s'%s'", n ? "," : "", verdicts[v]);
            e += (size_t)snprintf(expected + e, sizeof expected - e, "; op/%u-%s applied", v, verdicts[v]);
        }
        char whole[512], says[512];
        (void)snprintf(whole, sizeof whole, OPEN("aws", CUSTOMER(",'licences':[%s]")), request);
        (void)snprintf(says, sizeof says, "%s%s", verdicts[strictest], expected);
        decides(&a, ASK_AT, whole, says);
    }
    ask_close(&a);
}

/* EVIDENCE: CS-OUTCOME */
static void outcomes_are_per_subject_and_scope(void **state) {
    (void)state;
    struct ask a;
    ask_open(
        &a,
        LAW("op/a", "deny account.use on aws for customer scope account | when customer.kind is bank")
            LAW("op/b", "deny account.use on aws for customer scope account | when recipient.kind is bank")
                LAW("op/c",
                    "freeze account.use on aws for recipient scope related-accounts | when recipient.kind is "
                    "bank") LAW("op/d", "hold account.use on aws | when recipient.kind is ngo"));
#define USE(parties) "{'action':'account.use','service':'aws','parties':[" parties "]}"
#define IS(role, kind) "{'role':'" role "','kind':'" kind "'}"
    (void)ask_decide(&a, ASK_AT, USE(IS("customer", "bank") "," IS("recipient", "bank")), false);
    assert_string_equal(
        ask_outcomes(&a),
        "deny /parties/0 account refuse by op/a op/b; freeze /parties/1 related_accounts retain by op/c");
    (void)ask_decide(&a, ASK_AT, USE(IS("customer", "bank") "," IS("recipient", "ngo")), false);
    assert_string_equal(ask_outcomes(&a),
                        "deny /parties/0 account refuse by op/a; hold /parties/1 request refuse by op/d");
    /* Of two recipients only the one whom the condition means. */
    (void)ask_decide(&a,
                     ASK_AT,
                     USE(IS("customer", "person") "," IS("recipient", "person") "," IS("recipient", "ngo")),
                     false);
    assert_string_equal(ask_outcomes(&a), "hold /parties/2 request refuse by op/d");
    /* The condition chooses a recipient; the outcome is about the customer, and so about both of them. */
    (void)ask_decide(&a,
                     ASK_AT,
                     USE(IS("customer", "person") "," IS("recipient", "bank") "," IS("customer", "person")),
                     false);
    assert_string_equal(ask_outcomes(&a),
                        "deny /parties/0 account refuse by op/b; deny /parties/2 account refuse by op/b; "
                        "freeze /parties/1 related_accounts retain by op/c");
    (void)ask_decide(&a, ASK_AT, USE(IS("customer", "person") "," IS("recipient", "person")), false);
    assert_string_equal(ask_outcomes(&a), "");
    ask_close(&a);
}

/* EVIDENCE: CS-CAP */
static void a_cap_allows_what_is_left(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             POLICY("op/day", "limit payment.send on pay to 200 USD per day | when customer.kind is person")
                 POLICY("op/one", "limit payment.send on film to 50 USD | when customer.kind is person"));
#define SEND(service, payments, state_)                                                                      \
    "{'action':'payment.send','service':'" service "','state':[" state_                                      \
    "],'parties':[{'role':'customer','kind':'person'}],'objects':[" payments "]}"
#define PAYMENT(amount, currency)                                                                            \
    "{'kind':'payment','amount':{'amount':'" amount "','currency':'" currency "'}}"
#define USED(amount, currency, more)                                                                         \
    "{'kind':'usage','measure':'op/day','used':{'amount':'" amount "','currency':'" currency "'}" more "}"
    decides(&a, ASK_AT, SEND("pay", PAYMENT("60", "USD"), USED("100", "USD", "")), "limit; op/day applied");
    assert_string_equal(ask_outcomes(&a), "limit /parties/0 request refuse by op/day remaining 40 USD");
    decides(&a, ASK_AT, SEND("pay", PAYMENT("100", "USD"), USED("100", "USD", "")), "limit; op/day applied");
    assert_string_equal(ask_outcomes(&a), "limit /parties/0 request refuse by op/day remaining 0 USD");
    (void)ask_decide(&a, ASK_AT, SEND("pay", PAYMENT("100.01", "USD"), USED("100", "USD", "")), false);
    assert_string_equal(ask_text(a.decision, "verdict"), "deny");
    /* Two payments are one amount, and another currency is converted: EUR 10 are USD 11. */
    (void)ask_decide(
        &a, ASK_AT, SEND("pay", PAYMENT("10", "EUR") "," PAYMENT("9", "USD"), USED("100", "EUR", "")), false);
    assert_string_equal(ask_outcomes(&a), "limit /parties/0 request refuse by op/day remaining 70 USD");
    /* What was used up is not known, or of a window that is over. */
    decides(&a,
            ASK_AT,
            SEND("pay", PAYMENT("1", "USD"), ""),
            "hold; op/day applied; missing usage and payment.amount (not asked)");
    (void)ask_decide(&a,
                     ASK_AT,
                     SEND("pay", PAYMENT("1", "USD"), USED("200", "USD", ",'until':'2022-03-10T00:00:00Z'")),
                     false);
    assert_string_equal(ask_text(a.decision, "verdict"), "hold");
    (void)ask_decide(&a,
                     ASK_AT,
                     SEND("pay", PAYMENT("1", "USD"), USED("200", "USD", ",'until':'2022-03-10T00:00:01Z'")),
                     false);
    assert_string_equal(ask_text(a.decision, "verdict"), "deny");
    assert_string_equal(ask_changes_at(&a), "2022-03-10T00:00:01Z");
    (void)ask_decide(&a, ASK_AT, SEND("pay", "{'kind':'payment'}", USED("0", "USD", "")), false);
    assert_string_equal(ask_text(a.decision, "verdict"), "hold");
    /* A cap per request needs no usage. */
    decides(&a, ASK_AT, SEND("film", PAYMENT("50", "USD"), ""), "limit; op/one applied");
    (void)ask_decide(&a, ASK_AT, SEND("film", PAYMENT("50.01", "USD"), ""), false);
    assert_string_equal(ask_text(a.decision, "verdict"), "deny");
    ask_close(&a);
}

/* EVIDENCE: CS-DUTY */
static void duties_come_with_the_decision(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             LAW("us/a",
                 "freeze account.open on aws | when customer.kind is bank | duty report within 2 business "
                 "days of us | "
                 "duty keep-records within 10 years | duty freeze")
                 LAW("us/b",
                     "deny account.open on film | when customer.kind is bank | duty notify within 1 month | "
                     "duty warn within 3 hours")
                     LICENCE("us/gl",
                             "lifts us/b | when customer.tier is gold | on condition review within 5 days"));
#define BANK(service, more) OPEN(service, CUSTOMER(",'kind':'bank'" more))
    /* Friday evening in New York; the 14th is a holiday: Tuesday and Wednesday, until midnight there. */
    decides(&a,
            "2022-03-11T22:00:00Z",
            BANK("aws", ""),
            "freeze; us/a applied; duty report of us/a until 2022-03-17T04:00:00Z; "
            "duty keep_records of us/a until 2032-03-12T00:00:00Z; duty freeze of us/a");
    /* In New York it is still Friday, and in UTC already Saturday. */
    decides(&a,
            "2022-03-12T04:59:59Z",
            BANK("aws", ""),
            "freeze; us/a applied; duty report of us/a until 2022-03-17T04:00:00Z; "
            "duty keep_records of us/a until 2032-03-13T00:00:00Z; duty freeze of us/a");
    assert_string_equal(ask_changes_at(&a), "2022-03-12T05:00:00Z");
    /* A month later there is no 31st; hours are counted from the instant. */
    decides(&a,
            "2022-03-31T10:00:00Z",
            BANK("film", ",'facts':{'tier':'free'}"),
            "deny; us/b applied; duty notify of us/b until 2022-05-01T00:00:00Z; duty warn of us/b until "
            "2022-03-31T13:00:00Z");
    /* Of the measure that is lifted no duty is left, but the licence's own. */
    decides(&a,
            ASK_AT,
            BANK("film", ",'facts':{'tier':'gold'}"),
            "allow; us/b lifted by us/gl provisionally; duty review of us/gl until 2022-03-16T00:00:00Z");
    decides(&a, ASK_AT, OPEN("aws", CUSTOMER(",'kind':'ngo'")), "allow");
    ask_close(&a);
}

/* EVIDENCE: CS-KEEP */
static void what_stays_allowed_is_what_all_of_them_keep(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             LAW("op/a",
                 "deny account.open on aws | when customer.kind is bank | keep account.use until 2022-04-01 "
                 "UTC | keep payment.send")
                 LAW("op/b",
                     "deny account.open on aws | when customer.tier is free | keep account.use, order.ship")
                     LICENCE("op/l", "lifts op/b | when customer.id in {'7'}"));
#define KEPT(kind, tier, id)                                                                                 \
    OPEN("aws", CUSTOMER(",'kind':'" kind "','id':'" id "','facts':{'tier':'" tier "'}"))
    (void)ask_decide(&a, ASK_AT, KEPT("bank", "gold", "1"), false);
    assert_string_equal(ask_keep(&a), "account.use payment.send");
    assert_string_equal(ask_changes_at(&a), "2022-04-01T00:00:00Z");
    (void)ask_decide(&a, "2022-04-01T00:00:00Z", KEPT("bank", "gold", "1"), false);
    assert_string_equal(ask_keep(&a), "payment.send");
    (void)ask_decide(&a, ASK_AT, KEPT("bank", "free", "1"), false);
    assert_string_equal(ask_keep(&a), "account.use");
    (void)ask_decide(&a, ASK_AT, KEPT("bank", "free", "7"), false); /* what is lifted takes nothing away */
    assert_string_equal(ask_keep(&a), "account.use payment.send");
    (void)ask_decide(&a, ASK_AT, KEPT("person", "gold", "1"), false);
    assert_string_equal(ask_keep(&a), "");
    ask_close(&a);
}

/* EVIDENCE: CS-HTTP */
static void what_a_server_answers(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             LAW("us/l", "deny account.open on aws | when customer.kind is bank")
                 POLICY("op/p", "deny account.open on film | when customer.kind is bank")
                     POLICY("op/q", "deny account.open on aws | when customer.kind is ngo") POLICY(
                         "op/limit", "limit account.open on pay to 'half' | when customer.kind is bank"));
    static const struct {
        const char *request;
        int status;
    } cases[] = {
        {OPEN("aws", CUSTOMER(",'kind':'bank'")), 451},
        {OPEN("aws", CUSTOMER("")), 451}, /* held, by a law among others */
        {OPEN("film", CUSTOMER(",'kind':'bank'")), 403},
        {OPEN("film", CUSTOMER("")), 403},
        {OPEN("aws", CUSTOMER(",'kind':'ngo'")), 403},
        {OPEN("pay", CUSTOMER(",'kind':'bank'")), 200},
        {OPEN("aws", CUSTOMER(",'kind':'person'")), 200},
    };
    for (size_t i = 0; i < CDN_ARRAY_LEN(cases); i++) {
        (void)ask_decide(&a, ASK_AT, cases[i].request, false);
        assert_int_equal(ask_http(&a), cases[i].status);
    }
    /* No verdict: nobody may take it for an answer. */
    const struct cdn_decision none = {.verdict = CORDON_VERDICT_NONE};
    struct cdn_result result = {.verdict = CORDON_VERDICT_NONE};
    struct cdn_request *r = NULL;
    struct cdn_decision d = none;
    assert_int_equal(cdn_json_read_request(
                         CDN_STR("{\"action\":\"account.open\",\"service\":\"aws\"}"), &a.arena, &r, NULL),
                     0);
    assert_int_equal(cdn_decision_build(a.decider, r, &result, ask_instant(ASK_AT), false, &a.arena, &d), 0);
    assert_int_equal(d.verdict, CORDON_VERDICT_NONE);
    assert_int_equal(d.http_status, 503);
    ask_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_strictest_wins_and_every_reason_is_kept),
        cmocka_unit_test(outcomes_are_per_subject_and_scope),
        cmocka_unit_test(a_cap_allows_what_is_left),
        cmocka_unit_test(duties_come_with_the_decision),
        cmocka_unit_test(what_stays_allowed_is_what_all_of_them_keep),
        cmocka_unit_test(what_a_server_answers),
    };
    return cdn_run(tests);
}
