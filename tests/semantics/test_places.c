/* SPDX-License-Identifier: Apache-2.0 */
/* test_places.c: docs/semantics.md, "Places", by decisions. What each text is recognised as, name by name, is
 * shown in src/compile/test_places.c. */
#include "support/ask.h"

#define AT(service, kind, value)                                                                             \
    OPEN(service, CUSTOMER(EVIDENCE_LIST("{'kind':'" kind "','value':" value "}")))
#define ADDRESS(members) AT("aws", "billing_address", "{" members "}")
#define TEXT(text) AT("aws", "billing_address", "'" text "'")
#define CAUGHT "deny; op/crimea applied"
#define HELD(why) "hold; op/crimea held; missing customer based in (" why ")"

static const char rules[] = LAW("op/crimea", "deny account.open on aws | when customer based in crimea")
    LAW("op/ru", "deny account.open on film | when customer based in RU")
        LAW("op/ua", "deny account.open on pay | when customer based in UA");

/* EVIDENCE: CS-PLACE-CONTEXT */
static void names_and_codes_count_in_the_context_of_their_countries(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a, rules);
    decides(&a, ASK_AT, ADDRESS("'country':'UA','city':'Simferopol'"), CAUGHT);
    decides(&a, ASK_AT, ADDRESS("'country':'RU','city':'Simferopol'"), CAUGHT);
    decides(&a, ASK_AT, ADDRESS("'country':'US','city':'Yalta','postal_code':'98600'"), "allow");
    decides(&a, ASK_AT, TEXT("Simferopol"), CAUGHT); /* no context, and one meaning */
    decides(&a, ASK_AT, ADDRESS("'country':'RU','postal_code':'295000'"), CAUGHT);
    decides(&a, ASK_AT, ADDRESS("'country':'UA','postal_code':'95000'"), CAUGHT);
    decides(&a, ASK_AT, ADDRESS("'country':'US','postal_code':'95472','city':'Sebastopol'"), "allow");
    decides(&a, ASK_AT, ADDRESS("'country':'DE','postal_code':'99084','city':'Erfurt'"), "allow");
    (void)ask_decide(&a, ASK_AT, ADDRESS("'postal_code':'95000'"), false);
    assert_string_equal(ask_value(&a, "op/crimea"), "unknown");
    decides(&a, ASK_AT, AT("aws", "phone", "'+7 978 123-45-67'"), CAUGHT);
    decides(&a, ASK_AT, AT("aws", "phone", "'+7 701 123 45 67'"), "allow"); /* Kazakhstan */
    ask_close(&a);
}

/* EVIDENCE: CS-PLACE-AMBIGUOUS */
static void ambiguous_names_need_a_second_signal(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a, rules);
    decides(&a, ASK_AT, ADDRESS("'country':'UA','city':'Yalta'"), HELD("ambiguous"));
    decides(&a, ASK_AT, ADDRESS("'country':'RU','city':'Yalta'"), CAUGHT); /* clear there */
    decides(&a, ASK_AT, TEXT("Yalta, Krimea"), CAUGHT);
    decides(&a, ASK_AT, ADDRESS("'country':'UA','city':'Yalta','postal_code':'98600'"), CAUGHT);
    decides(&a, ASK_AT, ADDRESS("'country':'UA','city':'Yalta','region':'UA-43'"), CAUGHT);
    decides(&a, ASK_AT, ADDRESS("'country':'US','city':'Yalta'"), "allow");
    ask_close(&a);
}

/* EVIDENCE: CS-PLACE-WORLDVIEW CS-PLACE-CONFLICT */
static void what_was_claimed_is_kept(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a, rules);
    /* Simferopol with Russia as its country: Crimea, Ukraine's, and Russia as claimed. */
#define CLAIMED(service) AT(service, "billing_address", "{'country':'RU','city':'Simferopol'}")
    decides(&a, ASK_AT, CLAIMED("aws"), CAUGHT);
    decides(&a, ASK_AT, CLAIMED("film"), "deny; op/ru applied");
    decides(&a, ASK_AT, CLAIMED("pay"), "deny; op/ua applied");
    /* Field and text name different countries: neither is dropped, and none is cleared by it. */
#define TWO(service) AT(service, "billing_address", "{'country':'UA','lines':'Moscow, Russia'}")
    decides(&a, ASK_AT, TWO("film"), "deny; op/ru applied");
    decides(&a, ASK_AT, TWO("pay"), "deny; op/ua applied");
    (void)ask_decide(&a, ASK_AT, TWO("aws"), false);
    assert_string_equal(ask_value(&a, "op/crimea"), "unknown");
    /* The same for a name that is Crimea's alone under another country. */
    decides(&a, ASK_AT, ADDRESS("'country':'DE','city':'Simferopol'"), CAUGHT);
    (void)ask_decide(
        &a, ASK_AT, AT("film", "billing_address", "{'country':'DE','city':'Simferopol'}"), false);
    assert_string_equal(ask_value(&a, "op/ru"), "unknown");
    ask_close(&a);
}

/* EVIDENCE: CS-PLACE-DATED */
static void marks_hold_from_and_until_their_dates(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             "territory zone 'Zone' | within any | part of UA-14 | city 'Donetsk' from 2022-02-21 UTC | city "
             "'Oldtown' until 2022-03-20 UTC"
             " | source 'x' <https://example.org/z>\n"
             "measure op/z | basis law 'Act' of us | source 's' <https://example.org/s> | effective "
             "2020-01-01 UTC | "
             "deny account.open on aws | when customer based in zone\n"
             "measure op/s | basis law 'Act' of us | source 's' <https://example.org/s> | effective "
             "2010-01-01 UTC | "
             "deny account.open on film | when customer based in crimea\n");
#define TOWN(name) ADDRESS("'country':'UA','city':'" name "'")
    (void)ask_decide(&a, "2022-02-20T23:59:59Z", TOWN("Donetsk"), false);
    assert_string_equal(ask_value(&a, "op/z"), "unknown");
    assert_string_equal(ask_changes_at(&a), "2022-02-21T00:00:00Z");
    decides(&a, "2022-02-21T00:00:00Z", TOWN("Donetsk"), "deny; op/z applied");
    decides(&a, "2022-03-19T23:59:59Z", TOWN("Oldtown"), "deny; op/z applied");
    assert_string_equal(ask_changes_at(&a), "2022-03-20T00:00:00Z");
    (void)ask_decide(&a, "2022-03-20T00:00:00Z", TOWN("Oldtown"), false);
    assert_string_equal(ask_value(&a, "op/z"), "unknown");
    /* Membership: Sevastopol from 18 March 2014. */
#define CITY AT("film", "billing_address", "{'country':'UA','region':'UA-40'}")
    decides(&a, "2014-03-17T23:59:59Z", CITY, "allow");
    decides(&a, "2014-03-18T00:00:00Z", CITY, "deny; op/s applied");
    ask_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_codes_count_in_the_context_of_their_countries),
        cmocka_unit_test(ambiguous_names_need_a_second_signal),
        cmocka_unit_test(what_was_claimed_is_kept),
        cmocka_unit_test(marks_hold_from_and_until_their_dates),
    };
    return cdn_run(tests);
}
