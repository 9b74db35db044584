/* SPDX-License-Identifier: Apache-2.0 */
/* test_measures.c: docs/semantics.md, "Measures": when and whom they bind, exceptions, what is unknown,
 * licences, and the conflicts between laws. */
#include "support/ask.h"

#define BASED(country) EVIDENCE_LIST(SAYS("card_issuer", country))
#define IN_RU OPEN("aws", CUSTOMER(BASED("RU")))
#define SOURCE " | source 's' <https://example.org/s> | "
#define DENY_RU "deny account.open on aws | when customer based in RU | "

/* EVIDENCE: CS-FORCE */
static void a_measure_is_in_force_between_its_dates(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             "measure op/a | basis law 'Act' of us" SOURCE DENY_RU
             "announced 2022-02-28 | recorded 2022-04-15 | effective 2022-03-05T00:00 America/New_York | "
             "suspended 2022-03-10T00:00 UTC to 2022-03-12T00:00 UTC 'court' <https://example.org/c> | until "
             "2022-04-01T00:01 America/New_York\n");
    decides(&a, "2022-03-05T04:59:59Z", IN_RU, "allow");
    assert_string_equal(ask_changes_at(&a), "2022-03-05T05:00:00Z");
    /* The instant decides: it was announced before and recorded after. */
    decides(&a, "2022-03-05T05:00:00Z", IN_RU, "deny; op/a applied");
    decides(&a, "2022-03-09T23:59:59Z", IN_RU, "deny; op/a applied");
    assert_string_equal(ask_changes_at(&a), "2022-03-10T00:00:00Z");
    decides(&a, "2022-03-10T00:00:00Z", IN_RU, "allow");
    decides(&a, "2022-03-11T23:59:59Z", IN_RU, "allow");
    decides(&a, "2022-03-12T00:00:00Z", IN_RU, "deny; op/a applied");
    decides(&a, "2022-04-01T04:00:59Z", IN_RU, "deny; op/a applied"); /* summer time by then */
    decides(&a, "2022-04-01T04:01:00Z", IN_RU, "allow");
    assert_string_equal(ask_changes_at(&a), "never");
    (void)ask_decide(&a, "2022-04-01T04:01:00Z", IN_RU, true);
    assert_string_equal(ask_text(ask_measure(&a, "op/a"), "standing"), "not_in_force");
    assert_string_equal(ask_text(ask_measure(&a, "op/a"), "why_not"),
                        "no longer in force (until 2022-04-01T04:01:00Z)");
    ask_close(&a);
}

/* EVIDENCE: CS-FORCE */
static void what_is_superseded_ends_when_the_other_begins(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             "measure op/old | basis law 'Act' of us" SOURCE DENY_RU "effective 2022-03-05 UTC\n"
             "measure op/new | basis law 'Act' of us" SOURCE
             "hold account.open on aws | when customer based in RU | effective 2022-03-15 UTC | supersedes "
             "op/old\n"
             "measure op/open | basis law 'Act' of us" SOURCE
             "deny account.open on film | when customer based in RU | effective 2022-03-05 UTC | suspended "
             "2022-03-06 UTC\n");
    decides(&a, "2022-03-14T23:59:59Z", IN_RU, "deny; op/old applied");
    decides(&a, "2022-03-15T00:00:00Z", IN_RU, "hold; op/new applied");
    /* A suspension without an end. */
    decides(&a, "2022-03-05T00:00:00Z", OPEN("film", CUSTOMER(BASED("RU"))), "deny; op/open applied");
    decides(&a, "2032-03-06T00:00:00Z", OPEN("film", CUSTOMER(BASED("RU"))), "allow");
    ask_close(&a);
}

/* EVIDENCE: CS-BOUND */
static void a_measure_binds_the_entities_named(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             LAW("us/a", DENY_RU "binds entities in {US}")
                 LAW("op/de", "deny account.open on film | when customer based in RU | binds op-de"));
#define ACTING(entity, service) OPEN(service, "'acting_entity':" entity "," CUSTOMER(BASED("RU")))
    decides(&a, ASK_AT, ACTING("'op-us'", "aws"), "deny; us/a applied");
    assert_string_equal(ask_presumed(&a), "");
    decides(&a, ASK_AT, ACTING("'op-de'", "aws"), "allow");
    decides(&a, ASK_AT, ACTING("'op-us'", "film"), "allow");
    decides(&a, ASK_AT, ACTING("'op-de'", "film"), "deny; op/de applied");
    (void)ask_decide(&a, ASK_AT, ACTING("'op-de'", "aws"), true);
    assert_string_equal(ask_text(ask_measure(&a, "us/a"), "standing"), "not_bound");
    decides(&a, ASK_AT, IN_RU, "deny; us/a applied");
    assert_string_equal(ask_presumed(&a),
                        "us/a: acting entity is bound (the request names no acting entity)");
    decides(&a, ASK_AT, ACTING("'op-uk'", "aws"), "deny; us/a applied");
    assert_string_equal(ask_presumed(&a),
                        "us/a: acting entity is bound (the rulebook does not know the acting entity)");
    ask_close(&a);
}

/* EVIDENCE: CS-EXCEPT */
static void exceptions_lift_their_own_measure_only(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             LAW("op/a", DENY_RU "except 'press' customer.kind is media | except customer.id in {'7'}")
                 LAW("op/b", "hold account.open on aws | when customer based in RU"));
#define WHO(members) OPEN("aws", CUSTOMER(members BASED("RU")))
    decides(&a, ASK_AT, WHO(",'kind':'media','id':'1'"), "hold; op/a excepted as press; op/b applied");
    decides(&a, ASK_AT, WHO(",'kind':'bank','id':'7'"), "hold; op/a excepted; op/b applied");
    decides(&a, ASK_AT, WHO(",'kind':'bank','id':'1'"), "deny; op/a applied; op/b applied");
    /* An exception of which it is not known whether it holds does not except. */
    decides(&a, ASK_AT, WHO(",'id':'1'"), "hold; op/a held; op/b applied; missing customer.kind (not asked)");
    /* Nothing to except. */
    decides(&a, ASK_AT, OPEN("aws", CUSTOMER(",'kind':'media'" BASED("DE"))), "allow");
    ask_close(&a);
}

/* EVIDENCE: CS-UNKNOWN */
static void what_is_unknown_follows_the_measure(void **state) {
    (void)state;
    struct ask a;
#define TWO_RU(service)                                                                                      \
    "deny account.open on " service " | when customer based in RU and customer.kind is bank"
    ask_open(&a,
             POLICY("op/hold", TWO_RU("aws"))
                 POLICY("op/deny", TWO_RU("film") " | if unknown deny | if contradictory deny")
                     POLICY("op/allow", TWO_RU("pay") " | if unknown allow"));
#define ASKED(service, kind, items) OPEN(service, CUSTOMER(kind EVIDENCE_LIST(items)))
#define BANK_IS ",'kind':'bank'"
#define BOTH_SIDES SAYS("card_issuer", "RU") "," SAYS("ip_history", "DE")
    decides(&a,
            ASK_AT,
            ASKED("aws", "", ""),
            "hold; op/hold held; missing customer based in (not asked); missing customer.kind (not asked)");
    decides(
        &a, ASK_AT, ASKED("aws", ",'kind':'ngo'", ""), "allow"); /* what is missing would settle nothing */
    decides(
        &a, ASK_AT, ASKED("film", BANK_IS, ""), "deny; op/deny held; missing customer based in (not asked)");
    decides(
        &a, ASK_AT, ASKED("pay", BANK_IS, ""), "allow; op/allow held; missing customer based in (not asked)");
    decides(&a,
            ASK_AT,
            ASKED("aws", BANK_IS, BOTH_SIDES),
            "hold; op/hold held; contradiction customer based in of op/hold");
    decides(&a,
            ASK_AT,
            ASKED("film", BANK_IS, BOTH_SIDES),
            "deny; op/deny held; contradiction customer based in of op/deny");
    /* Policy may let the unknown pass; what contradicts itself it may not. */
    decides(&a,
            ASK_AT,
            ASKED("pay", BANK_IS, BOTH_SIDES),
            "hold; op/allow held; contradiction customer based in of op/allow");
    ask_close(&a);
}

/* ---- licences ----------------------------------------------------------------------------------------- */

/* "based in RU" of the customer is the measure's condition, of the recipient the licence's. */
static const char *const found[4] = {
    SAYS("card_issuer", "DE"),
    SAYS("card_issuer", "RU") "," SAYS("ip_history", "RU"),
    "",
    SAYS("card_issuer", "RU") "," SAYS("ip_history", "DE"),
};
static const char *const words[4] = {"false", "true", "unknown", "contradictory"};

/* What a cell of the table promises, as the decision says it. */
static const char *promised(const char *cell, unsigned licence) {
    static char text[256];
    const char *missing = licence == 2 ? "; missing recipient based in (not asked)" : "";
    const char *doubt = licence == 3 ? "; contradiction recipient based in of op/m" : "";
    if (strcmp(cell, "nothing") == 0)
        return "allow";
    if (strcmp(cell, "lifted") == 0)
        return "allow; op/m lifted by op/l";
    if (strncmp(cell, "applies", 7) == 0)
        (void)snprintf(text, sizeof text, "freeze; op/m applied%s%s", missing, doubt);
    else if (strncmp(cell, "if unknown", 10) == 0)
        (void)snprintf(
            text, sizeof text, "hold; op/m held; missing customer based in (not asked)%s%s", missing, doubt);
    else if (strcmp(cell, "if contradictory") == 0)
        (void)snprintf(text,
                       sizeof text,
                       "deny; op/m held%s; contradiction customer based in of op/m%s",
                       missing,
                       doubt);
    else
        fail_msg("what does `%s` promise?", cell);
    return text;
}

/* EVIDENCE: CS-LIFT */
static void measure_and_licence_follow_the_printed_table(void **state) {
    (void)state;
    struct ask a;
    struct ask_row row;
    char request[1024];
    ask_open(&a,
             POLICY("op/m", "freeze account.use on aws | when customer based in RU | if contradictory deny")
                 LICENCE("op/l", "lifts op/m | when recipient based in RU | evidence two kinds"));
    for (unsigned m = 0; m < 4; m++) {
        ask_doc_row("CS-LIFT", 0, 4, words[m], &row);
        for (unsigned l = 0; l < 4; l++) {
            (void)snprintf(
                request,
                sizeof request,
                "{'action':'account.use','service':'aws','parties':[{'role':'customer','evidence':[%s]},"
                "{'role':'recipient','evidence':[%s]}]}",
                found[m],
                found[l]);
            decides(&a, ASK_AT, request, promised(row.cells[l], l));
        }
    }
    ask_close(&a);
}

/* EVIDENCE: CS-LIFT */
static void a_licence_lifts_no_other_measure(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             LAW("us/m-a", DENY_RU) LAW("us/m-b", DENY_RU) LAW("eu/m-a", DENY_RU)
                 LICENCE("us/gl", "lifts us/m-* | when request.purpose is aid | binds entities in {US}"));
#define PURPOSE(entity, purpose)                                                                             \
    OPEN("aws", "'acting_entity':'" entity "','purpose':'" purpose "'," CUSTOMER(BASED("RU")))
    decides(&a,
            ASK_AT,
            PURPOSE("op-us", "aid"),
            "deny; us/m-a lifted by us/gl; us/m-b lifted by us/gl; eu/m-a applied");
    decides(&a, ASK_AT, PURPOSE("op-us", "fun"), "deny; us/m-a applied; us/m-b applied; eu/m-a applied");
    /* Nor for whom it is not meant, nor before or after its time. */
    decides(&a, ASK_AT, PURPOSE("op-de", "aid"), "deny; us/m-a applied; us/m-b applied; eu/m-a applied");
    ask_close(&a);
    ask_open(&a,
             LAW("us/a", DENY_RU) "licence us/gl | basis law 'GL' of us" SOURCE
                                  "lifts us/a | effective 2022-03-08 UTC | until 2022-03-20 UTC\n");
    decides(&a, "2022-03-07T23:59:59Z", IN_RU, "deny; us/a applied");
    assert_string_equal(ask_changes_at(&a), "2022-03-08T00:00:00Z");
    decides(&a, "2022-03-08T00:00:00Z", IN_RU, "allow; us/a lifted by us/gl");
    decides(&a, "2022-03-19T23:59:59Z", IN_RU, "allow; us/a lifted by us/gl");
    decides(&a, "2022-03-20T00:00:00Z", IN_RU, "deny; us/a applied");
    ask_close(&a);
}

/* EVIDENCE: CS-LIFT CS-ORDER */
static void of_several_licences_the_one_without_a_condition(void **state) {
    (void)state;
    struct ask a;
    static const char on[] = LICENCE("us/gl-a", "lifts us/a | on condition report within 10 days");
    static const char free_b[] = LICENCE("us/gl-b", "lifts us/a");
    static const char free_c[] = LICENCE("us/gl-c", "lifts us/a");
    static const char measure[] = LAW("us/a", DENY_RU);
    const char *const orders[3][4] = {
        {on, free_b, free_c, measure}, {measure, free_c, free_b, on}, {free_c, on, measure, free_b}};
    for (unsigned i = 0; i < 3; i++) {
        ask_open_files(&a, orders[i], 4, cdn_str(NULL, 0));
        decides(&a, ASK_AT, IN_RU, "allow; us/a lifted by us/gl-b");
        ask_close(&a);
    }
}

/* EVIDENCE: CS-PROVISIONAL */
static void a_lift_on_condition_ends_with_the_breach(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             LAW("us/a", DENY_RU)
                 LICENCE("us/gl", "lifts us/a | on condition report 'it' to 'OFAC' within 10 days"));
#define LIFTED "allow; us/a lifted by us/gl"
#define CASE(reference, state_)                                                                              \
    OPEN("aws", "'reference':'" reference "','state':[" state_ "]," CUSTOMER(BASED("RU")))
#define DUTY(reference, more)                                                                                \
    "{'kind':'duty','measure':'us/gl','reference':'" reference "','due':'2022-03-09T00:00:00Z'" more "}"
    decides(&a, ASK_AT, IN_RU, LIFTED " provisionally; duty report of us/gl until 2022-03-21T00:00:00Z");
    decides(&a,
            "2022-03-09T00:00:00Z",
            CASE("r1", DUTY("r1", "")),
            LIFTED " provisionally; duty report of us/gl until 2022-03-09T00:00:00Z");
    assert_string_equal(ask_changes_at(&a), "2022-03-09T00:00:01Z");
    decides(&a, "2022-03-09T00:00:01Z", CASE("r1", DUTY("r1", "")), "deny; us/a applied");
    decides(&a, ASK_AT, CASE("r1", DUTY("r1", ",'done':'2022-03-08T10:00:00Z'")), LIFTED);
    /* Another case is not this one's breach. */
    decides(&a,
            ASK_AT,
            CASE("r2", DUTY("r1", "")),
            LIFTED " provisionally; duty report of us/gl until 2022-03-21T00:00:00Z");
    ask_close(&a);
}

/* ---- conflicts ---------------------------------------------------------------------------------------- */

/* EVIDENCE: CS-STATUTE */
static void a_blocking_statute_makes_a_conflict(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             LAW("us/cuba", "deny account.open on aws | when customer based in CU | notice en 'No.'")
                 STATUTE("eu/block", "forbids us/cuba | binds entities in {DE}") LAW(
                     "us/iran", "deny account.open on aws | when customer based in IR | notice en 'No.'"));
#define ACT(entity, country) OPEN("aws", "'acting_entity':'" entity "'," CUSTOMER(BASED(country)))
    decides(&a,
            ASK_AT,
            ACT("op-de", "CU"),
            "hold; us/cuba applied; conflict blocking statute: us/cuba, eu/block");
    assert_int_equal(json_object_size(json_object_get(a.decision, "notice")), 0);
    decides(&a, ASK_AT, ACT("op-us", "CU"), "deny; us/cuba applied");
    assert_string_equal(ask_text(json_object_get(a.decision, "notice"), "en"), "No.");
    decides(&a, ASK_AT, ACT("op-de", "IR"), "deny; us/iran applied");
    decides(&a, ASK_AT, ACT("op-de", "FR"), "allow");
    ask_close(&a);
}

/* EVIDENCE: CS-PROTECT */
static void policy_does_not_hit_what_is_protected(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             POLICY("op/p", "deny account.open on aws | when customer.tier is free")
                 LAW("us/l", "deny account.open on film | when customer.tier is free")
                     PROTECT("op/help", "allow account.open on aws, film | when customer.kind is ngo"));
#define FREE_(service, kind) OPEN(service, CUSTOMER(",'kind':'" kind "','facts':{'tier':'free'}"))
    decides(&a,
            ASK_AT,
            FREE_("aws", "ngo"),
            "hold; op/p applied; op/help applied; conflict protected: op/p, op/help");
    decides(&a, ASK_AT, FREE_("aws", "person"), "deny; op/p applied");
    /* A law prevails, and the conflict is reported. */
    decides(&a,
            ASK_AT,
            FREE_("film", "ngo"),
            "deny; us/l applied; op/help applied; conflict protected: us/l, op/help");
    decides(
        &a, ASK_AT, OPEN("aws", CUSTOMER(",'kind':'ngo','facts':{'tier':'gold'}")), "allow; op/help applied");
    ask_close(&a);
}

/* EVIDENCE: CS-FORMS */
static void nobody_can_keep_and_give_back(void **state) {
    (void)state;
    struct ask a;
    ask_open(
        &a,
        LAW("us/freeze", "freeze account.open on aws | when customer based in RU")
            LAW("eu/return", "deny account.open on aws form return | when customer.kind is bank")
                LAW("eu/refuse", "deny account.open on film | when customer.kind is bank") LAW(
                    "us/film", "freeze account.open on film | when customer based in RU")
                    LAW("us/other", "freeze account.use on aws for customer | when customer based in RU") LAW(
                        "eu/other",
                        "deny account.use on aws for recipient form withdraw | when recipient.kind is bank"));
#define BANK_IN(service, kind, country) OPEN(service, CUSTOMER(",'kind':'" kind "'" BASED(country)))
    decides(&a,
            ASK_AT,
            BANK_IN("aws", "bank", "RU"),
            "hold; us/freeze applied; eu/return applied; conflict forms: us/freeze, eu/return");
    decides(&a, ASK_AT, BANK_IN("aws", "person", "RU"), "freeze; us/freeze applied");
    decides(&a, ASK_AT, BANK_IN("aws", "bank", "DE"), "deny; eu/return applied");
    /* To refuse gives nothing back, and what is done to two parties can both be done. */
    decides(&a, ASK_AT, BANK_IN("film", "bank", "RU"), "freeze; eu/refuse applied; us/film applied");
    decides(&a,
            ASK_AT,
            "{'action':'account.use','service':'aws','parties':[{'role':'customer'" BASED(
                "RU") "},{'role':'recipient','kind':'bank'}]}",
            "freeze; us/other applied; eu/other applied");
    ask_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_measure_is_in_force_between_its_dates),
        cmocka_unit_test(what_is_superseded_ends_when_the_other_begins),
        cmocka_unit_test(a_measure_binds_the_entities_named),
        cmocka_unit_test(exceptions_lift_their_own_measure_only),
        cmocka_unit_test(what_is_unknown_follows_the_measure),
        cmocka_unit_test(measure_and_licence_follow_the_printed_table),
        cmocka_unit_test(a_licence_lifts_no_other_measure),
        cmocka_unit_test(of_several_licences_the_one_without_a_condition),
        cmocka_unit_test(a_lift_on_condition_ends_with_the_breach),
        cmocka_unit_test(a_blocking_statute_makes_a_conflict),
        cmocka_unit_test(policy_does_not_hit_what_is_protected),
        cmocka_unit_test(nobody_can_keep_and_give_back),
    };
    return cdn_run(tests);
}
