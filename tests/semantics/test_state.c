/* SPDX-License-Identifier: Apache-2.0 */
/* test_state.c: docs/semantics.md, "State": open holds and appeals. */
#include "support/ask.h"

#define WITH(action, state) "{'action':'" action "','service':'aws'" CUSTOMER_OF ",'state':[" state "]}"
#define CUSTOMER_OF ",'parties':[{'role':'customer','kind':'person'}]"

/* EVIDENCE: CS-HELD */
static void a_hold_lasts_until_it_is_taken_off(void **state) {
    (void)state;
    static const struct {
        const char *request, *expected;
        int status;
    } cases[] = {
        {WITH("account.open", ""), "allow", 200},
        /* Of a measure that says nothing now, of one that the snapshot does not know, of none. */
        {WITH("account.open", "{'kind':'hold','measure':'us/x'}"), "hold", 451},
        {WITH("account.open", "{'kind':'hold','measure':'op/x'}"), "hold", 403},
        {WITH("account.open", "{'kind':'hold','measure':'gone/since'}"), "hold", 403},
        {WITH("account.open", "{'kind':'hold','party':0}"), "hold", 403},
        /* Until its end has surely come: the day lies somewhere within fifty hours. */
        {WITH("account.open", "{'kind':'hold','measure':'us/x','until':'2022-03-10T00:00:00Z'}"),
         "allow",
         200},
        {WITH("account.open", "{'kind':'hold','measure':'us/x','until':'2022-03-10T00:00:01Z'}"),
         "hold",
         451},
        {WITH("account.open", "{'kind':'hold','measure':'us/x','until':'2022-03-10'}"), "hold", 451},
        /* As far as its measure: using the account is not of it. */
        {WITH("account.use", "{'kind':'hold','measure':'us/x'}"), "allow", 200},
        {WITH("account.use", "{'kind':'hold'}"), "hold", 403},
    };
    struct ask a;
    ask_open(&a,
             LAW("us/x", "deny account.open on aws | when customer.kind is bank")
                 POLICY("op/x", "deny account.open on aws | when customer.kind is bank"));
    for (size_t i = 0; i < CDN_ARRAY_LEN(cases); i++) {
        decides(&a, ASK_AT, cases[i].request, cases[i].expected);
        assert_int_equal(ask_http(&a), cases[i].status);
    }
    /* A refusal stays a refusal. */
    decides(&a,
            ASK_AT,
            "{'action':'account.open','service':'aws','parties':[{'role':'customer','kind':'bank'}],'state':["
            "{'kind':'hold','measure':'us/x'}]}",
            "deny; us/x applied; op/x applied");
    ask_close(&a);
}

/* EVIDENCE: CS-HELD */
static void a_hold_is_told_with_who_why_and_until_when(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a, LAW("us/x", "deny account.open on aws | when customer.kind is bank"));
    (void)ask_decide(&a,
                     ASK_AT,
                     WITH("account.open",
                          "{'kind':'hold','measure':'us/x','party':0,'reference':'case 7','by':'K. Lee',"
                          "'why':'possible match','until':'2022-04-01T00:00:00Z'}"),
                     false);
    const json_t *hold = json_array_get(json_object_get(a.decision, "holds"), 0);
    assert_string_equal(ask_text(hold, "measure"), "us/x");
    assert_string_equal(ask_text(hold, "reference"), "case 7");
    assert_string_equal(ask_text(hold, "by"), "K. Lee");
    assert_string_equal(ask_text(hold, "why"), "possible match");
    assert_string_equal(ask_text(hold, "subject"), "/parties/0");
    assert_string_equal(ask_text(hold, "until"), "2022-04-01T00:00:00Z");
    assert_string_equal(ask_outcomes(&a), "hold /parties/0 request none by us/x");
    assert_string_equal(ask_changes_at(&a), "2022-04-01T00:00:00Z");
    ask_close(&a);
}

/* EVIDENCE: CS-APPEAL */
static void an_appeal_is_named_and_changes_nothing(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a, POLICY("op/x", "deny account.open on aws | when customer.kind is person"));
    decides(&a,
            ASK_AT,
            WITH("account.open", "{'kind':'appeal','measure':'op/x','reference':'A-12'}"),
            "deny; op/x applied");
    const json_t *appeal = json_array_get(json_object_get(a.decision, "appeals"), 0);
    assert_string_equal(ask_text(appeal, "reference"), "A-12");
    assert_string_equal(ask_text(appeal, "measure"), "op/x");
    assert_null(json_object_get(a.decision, "holds"));
    ask_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hold_lasts_until_it_is_taken_off),
        cmocka_unit_test(a_hold_is_told_with_who_why_and_until_when),
        cmocka_unit_test(an_appeal_is_named_and_changes_nothing),
    };
    return cdn_run(tests);
}
