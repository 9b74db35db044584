/* SPDX-License-Identifier: Apache-2.0 */
/* test_print.c: resolved pieces in words: forms under negation, brackets, quotes, dates, outcome lines. That
 * what is written parses again to the same is shown on whole rulebooks in test_rulebook_json.c. */
#include "rulebook/print.h"

#include "support/fault.h"

#define RU_CODE (uint16_t)('R' << 8 | 'U')
#define BY_CODE (uint16_t)('B' << 8 | 'Y')

static struct cdn_place ru_by[] = {{.kind = CDN_PLACE_COUNTRY, .country = RU_CODE},
                                   {.kind = CDN_PLACE_COUNTRY, .country = BY_CODE}};
static struct cdn_place uranium_region[] = {
    {.kind = CDN_PLACE_REGION, .country = RU_CODE, .region = {"RU-MOW", 6}}};
static cordon_str kinds[] = {{"ngo", 3}, {"given", 5}};
static struct cdn_action actions[] = {{.id = {"account.open", 12}}, {.id = {"account.use", 11}}};
static struct cdn_service services[] = {{.id = {"aws", 3}}};
static struct cdn_list_decl lists[] = {{.id = {"us/sdn", 6}}, {.id = {"us/ssi", 6}}};
static const struct cdn_rulebook rb = {.actions = actions,
                                       .action_count = 2,
                                       .services = services,
                                       .service_count = 1,
                                       .lists = lists,
                                       .list_count = 2};
static const struct cdn_subject customer = {CDN_SUBJECT_ROLE, CDN_ROLE_CUSTOMER};

static void same(const struct cdn_buf *b, const char *words) {
    assert_int_equal(b->err, 0);
    assert_int_equal(b->n, strlen(words));
    assert_memory_equal(b->p, words, b->n);
}

static void says(const struct cdn_test *t, const char *words, const char *negated) {
    char storage[400];
    struct cdn_buf b;
    cdn_buf_fixed(&b, storage, sizeof(storage));
    cdn_test_write(&b, &rb, NULL, t, false);
    same(&b, words);
    cdn_buf_clear(&b);
    cdn_test_write(&b, &rb, NULL, t, true);
    same(&b, negated);
}

static void tests_and_their_negations(void **state) {
    (void)state;
    struct cdn_test t = {.kind = CDN_TEST_FINDING,
                         .subject = customer,
                         .finding = CDN_FINDING_LOCATED,
                         .places = {ru_by, uranium_region, 2, 1}};
    says(&t, "customer located in {RU, BY} except RU-MOW", "customer located outside {RU, BY} except RU-MOW");
    t.finding = CDN_FINDING_BASED;
    says(&t, "customer based in {RU, BY} except RU-MOW", "customer based outside {RU, BY} except RU-MOW");
    t = (struct cdn_test){.kind = CDN_TEST_FACT,
                          .subject = customer,
                          .fact = CDN_FACT_KIND,
                          .cmp = CDN_CMP_IN,
                          .texts = kinds,
                          .text_count = 2,
                          .set = -1};
    says(&t, "customer.kind in {ngo, \"given\"}", "customer.kind not in {ngo, \"given\"}");
    t.text_count = 1;
    says(&t, "customer.kind is ngo", "customer.kind is not ngo");
    t = (struct cdn_test){.kind = CDN_TEST_FACT,
                          .subject = {CDN_SUBJECT_OBJECT, CDN_OBJECT_GOODS},
                          .fact = CDN_FACT_UNIT_VALUE,
                          .cmp = CDN_CMP_GT,
                          .money = {{30000, 2}, "EUR"}};
    says(&t, "goods.unit_value > 300 EUR", "not goods.unit_value > 300 EUR");
    t = (struct cdn_test){.kind = CDN_TEST_FACT,
                          .subject = {CDN_SUBJECT_OBJECT, CDN_OBJECT_DEBT},
                          .fact = CDN_FACT_FIRST_ISSUED,
                          .cmp = CDN_CMP_LT,
                          .against_now = true,
                          .left_offset = 14 * 86400,
                          .right_offset = -90};
    says(&t,
         "debt.first_issued + 14 days < now - 1 minute - 30 seconds",
         "not debt.first_issued + 14 days < now - 1 minute - 30 seconds");
    uint32_t both[] = {0, 1};
    t = (struct cdn_test){.kind = CDN_TEST_OWNED,
                          .subject = customer,
                          .lists = both,
                          .list_count = 2,
                          .percent = {50, 0},
                          .percent_strict = true,
                          .or_controlled = true};
    says(&t,
         "customer is owned more than 50 % by parties on us/sdn, us/ssi singly or controlled",
         "not customer is owned more than 50 % by parties on us/sdn, us/ssi singly or controlled");
    t = (struct cdn_test){
        .kind = CDN_TEST_NEW,
        .subject = customer,
        .service = 0,
        .moment = {.at = 1, .written = CDN_STR("2022-03-05"), .zone = CDN_STR("Europe/Moscow")}};
    says(&t,
         "customer is new to aws as of 2022-03-05 Europe/Moscow",
         "customer is existing to aws as of 2022-03-05 Europe/Moscow");
}

static struct cdn_expr leaf(struct cdn_test *t) {
    return (struct cdn_expr){.op = CDN_EXPR_TEST, .test = t};
}

static int brackets_only_where_needed(const struct cordon_alloc *alloc) {
    struct cdn_test paid = {.kind = CDN_TEST_PRESENT, .subject = customer, .fact = CDN_FACT_ID};
    struct cdn_expr a = leaf(&paid);
    struct cdn_expr *two[] = {&a, &a};
    struct cdn_expr either = {.op = CDN_EXPR_OR, .children = two, .count = 2};
    struct cdn_expr *mixed[] = {&either, &a};
    struct cdn_expr all = {.op = CDN_EXPR_AND, .children = mixed, .count = 2};
    struct cdn_expr *one[] = {&all};
    struct cdn_expr none = {.op = CDN_EXPR_NOT, .children = one, .count = 1};
    struct cdn_expr *last[] = {&all, &none};
    struct cdn_expr root = {.op = CDN_EXPR_OR, .children = last, .count = 2};
    struct cdn_buf b;
    cdn_buf_init(&b, alloc, 4096);
    cdn_expr_write(&b, &rb, NULL, &root);
    const int err = b.err;
    if (err == 0)
        same(&b,
             "(customer.id is given or customer.id is given) and customer.id is given or "
             "not ((customer.id is given or customer.id is given) and customer.id is given)");
    cdn_buf_free(&b);
    return err;
}

static void outcome_lines(void **state) {
    (void)state;
    uint32_t first[] = {0}, second[] = {1};
    struct cdn_outcome o = {.verdict = CORDON_VERDICT_DENY,
                            .actions = first,
                            .action_count = 1,
                            .services = first,
                            .service_count = 1,
                            .subject = customer,
                            .scope = CDN_SCOPE_RELATED_ACCOUNTS,
                            .form = CDN_FORM_CLOSE_AND_RETURN};
    char storage[200];
    struct cdn_buf b;
    cdn_buf_fixed(&b, storage, sizeof(storage));
    cdn_outcome_write(&b, &rb, &o);
    same(&b, "deny account.open on aws for customer scope related-accounts form close-and-return");
    o = (struct cdn_outcome){.verdict = CORDON_VERDICT_LIMIT,
                             .any_action = true,
                             .not_actions = second,
                             .not_action_count = 1,
                             .any_service = true,
                             .has_cap = true,
                             .cap = {{200, 0}, "GBP"},
                             .cap_window = CDN_UNIT_DAYS};
    cdn_buf_clear(&b);
    cdn_outcome_write(&b, &rb, &o);
    same(&b, "limit any action except account.use on any service to 200 GBP per day");
}

static void texts_keep_every_character(void **state) {
    (void)state;
    char storage[100];
    struct cdn_buf b;
    cdn_buf_fixed(&b, storage, sizeof(storage));
    cdn_quoted_write(&b, CDN_STR("\xC2\xAB\"a\\b\"\n\t\x01\x7F"));
    same(&b, "\"\xC2\xAB\\\"a\\\\b\\\"\\n\\t\\u{1}\\u{7F}\"");
    cdn_buf_clear(&b);
    const struct cdn_moment offset = {.written = CDN_STR("2022-03-10T00:01"), .zone = CDN_STR("+03:00")};
    cdn_moment_write(&b, &offset);
    same(&b, "2022-03-10T00:01+03:00");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tests_and_their_negations),
        cdn_fault_test(brackets_only_where_needed),
        cmocka_unit_test(outcome_lines),
        cmocka_unit_test(texts_keep_every_character),
    };
    return cdn_run(tests);
}
