/* SPDX-License-Identifier: Apache-2.0 */
/* Requests as JSON: what is read, and how what is wrong is reported. */
#include "support/fault.h"
#include "json/json.h"
#include "json/scan_priv.h"
#include "json/schema_priv.h"

static const char full[] =
    "{ \"action\": \"order.ship\", \"service\": \"retail\", \"acting_entity\": \"amazon-eu-sarl\",\n"
    "  \"at\": \"2022-03-10T09:00:00Z\", \"channel\": \"checkout-web\", \"purpose\": null, \"attestations\": "
    "[],\n"
    "  \"facts\": {\"tier\": \"paid\", \"n\": 5, \"b\": true, \"m\": {\"amount\": \"1.50\", \"currency\": "
    "\"EUR\"},\n"
    "            \"c\": [\"x\", \"y\"], \"u\": null, \"na\": \"not_applicable\", \"d\": \"2022-01-02\"},\n"
    "  \"parties\": [\n"
    "    { \"role\": \"customer\", \"kind\": \"person\", \"name\": \"Jos\\u00e9 \\ud83d\\ude00\", "
    "\"birth_date\": \"1975-03\",\n"
    "      \"identifiers\": [{\"kind\": \"tax\", \"country\": \"RU\", \"value\": \"7707083893\"}],\n"
    "      \"relations\": [{\"service\": \"retail\", \"since\": \"2019-05-01\", \"period_end\": null}],\n"
    "      \"owners\": [{\"party\": 1, \"percent\": \"51.5\", \"control\": true}, {\"party\": \"Acme\", "
    "\"percent\": 12}],\n"
    "      \"listed\": [{\"list\": \"us/sdn\", \"listed\": false}, {\"list\": \"eu/a\", \"listed\": null, "
    "\"score\": 930}],\n"
    "      \"evidence\": [\n"
    "        {\"kind\": \"billing_address\", \"value\": {\"country\": \"DE\", \"postal_code\": \"99084\", "
    "\"city\": \"Erfurt\"}},\n"
    "        {\"value\": \"95.173.136.70\", \"kind\": \"ip\", \"seen\": \"2022-03-10T08:59:58Z\", "
    "\"source\": \"edge\"},\n"
    "        {\"kind\": \"ip\", \"value\": {\"country\": \"UA\", \"region\": \"UA-43\"}},\n"
    "        {\"kind\": \"card_issuer\", \"value\": \"RU\"}, {\"kind\": \"card_issuer\", \"value\": "
    "{\"iin\": \"424242\"}},\n"
    "        {\"kind\": \"sim_mcc\", \"value\": 250}, {\"kind\": \"asn\", \"value\": \"AS31133\"},\n"
    "        {\"kind\": \"gnss\", \"value\": {\"latitude\": 44.9521174, \"longitude\": -34.1}},\n"
    "        {\"kind\": \"phone\", \"value\": null}, {\"kind\": \"email\", \"value\": \"not_applicable\"} ] "
    "},\n"
    "    { \"role\": \"recipient\", \"evidence\": [{\"kind\": \"ship_to\", \"value\": \"Yalta, Krimea\"}] } "
    "],\n"
    "  \"objects\": [{\"hs\": \"8712.00\", \"quantity\": 1, \"unit\": \"piece\",\n"
    "               \"value\": {\"amount\": \"6200.00\", \"currency\": \"EUR\"}, \"kind\": \"goods\", "
    "\"origin\": \"UA-43\"}],\n"
    "  \"state\": [{\"kind\": \"usage\", \"measure\": \"wise/cap\", \"used\": {\"amount\": 150, "
    "\"currency\": \"GBP\"}}] }";

static int reads_a_full_request(const struct cordon_alloc *alloc) {
    struct cdn_arena arena;
    struct cordon_error e = {0};
    struct cdn_request *r = NULL;
    cdn_arena_init(&arena, alloc, 0);
    const int err = cdn_json_read_request(CDN_STR(full), &arena, &r, &e);
    if (err) {
        if (err != CORDON_E_NOMEM)
            print_error("%s %s: %s\n", cdn_status_name(err), e.where, e.message);
        assert_null(r);
        cdn_arena_free(&arena);
        return err;
    }
    assert_int_equal(r->party_count, 2);
    assert_int_equal(r->at, 1646902800);
    assert_true(cdn_str_eq(*r->facts[CDN_SLOT_CHANNEL]->texts, CDN_STR("checkout-web")));
    assert_int_equal(r->facts[CDN_SLOT_CHANNEL]->hashes[0], cdn_hash(CDN_STR("checkout-web"), 0));
    assert_int_equal(r->facts[CDN_SLOT_PURPOSE]->have, CDN_HAVE_NULL);
    assert_null(r->facts[CDN_SLOT_DISTRIBUTION]);
    assert_int_equal(r->facts[CDN_SLOT_ATTESTATIONS]->have, CDN_HAVE_VALUE);
    assert_int_equal(r->facts[CDN_SLOT_ATTESTATIONS]->count, 0);
    assert_int_equal(r->given_count, 8);
    assert_int_equal(r->given[1].value.money.amount.mantissa, 5);
    assert_true(r->given[2].value.boolean);
    assert_int_equal(r->given[4].value.count, 2);
    assert_int_equal(r->given[5].value.have, CDN_HAVE_NULL);
    assert_int_equal(r->given[6].value.have, CDN_HAVE_NOT_APPLICABLE);
    assert_int_equal(r->given[7].value.when.first, 18994 * INT64_C(86400));
    const struct cdn_party *p = &r->parties[0];
    assert_true(cdn_str_eq(p->name, CDN_STR("Jos\xc3\xa9 \xf0\x9f\x98\x80")));
    assert_int_equal(p->birth.kind, CDN_WHEN_MONTH);
    assert_int_equal(p->relations_have, CDN_HAVE_VALUE);
    assert_int_equal(p->relations[0].period_end_have, CDN_HAVE_NULL);
    assert_int_equal(p->relations[0].until_have, CDN_HAVE_ABSENT);
    assert_int_equal(p->owners[0].party, 1);
    assert_int_equal(p->owners[0].percent.mantissa, 515);
    assert_int_equal(p->owners[1].party, -1);
    assert_int_equal(p->listed[0].truth, CORDON_FALSE);
    assert_int_equal(p->listed[1].truth, CORDON_UNKNOWN);
    assert_int_equal(p->listed[1].score, 930);
    assert_int_equal(p->evidence_count, 10);
    assert_int_equal(p->evidence[0].country, 'D' << 8 | 'E');
    assert_int_equal(p->evidence[1].ip[0], 95);
    assert_true(p->evidence[1].has_seen);
    assert_int_equal(p->evidence[2].answer_count, 1);
    assert_int_equal(p->evidence[4].number, 424242);
    assert_int_equal(p->evidence[5].number, 250);
    assert_int_equal(p->evidence[6].number, 31133);
    assert_int_equal(p->evidence[7].latitude, 44952117);
    assert_int_equal(p->evidence[7].longitude, -34100000);
    assert_int_equal(p->evidence[8].have, CDN_HAVE_NULL);
    assert_int_equal(p->evidence[9].have, CDN_HAVE_NOT_APPLICABLE);
    assert_int_equal(r->parties[1].relations_have, CDN_HAVE_ABSENT);
    assert_true(cdn_str_eq(r->parties[1].evidence[0].address.lines, CDN_STR("Yalta, Krimea")));
    assert_int_equal(r->objects[0].kind, CDN_OBJECT_GOODS);
    assert_int_equal(r->objects[0].facts[CDN_SLOT_VALUE]->money.amount.mantissa, 6200);
    assert_string_equal(r->state[0].used.currency, "GBP");
    assert_int_equal(r->state[0].party, -1);
    cdn_arena_free(&arena);
    return 0;
}

struct wrong {
    const char *text;
    int code;
    const char *where;
    uint32_t line, column;
    const char *hint; /* part of it */
};
#define HEAD "{\"action\":\"a\",\"service\":\"s\","
static const struct wrong wrongs[] = {
    {HEAD "\n \"acting_entty\": null}", CORDON_E_NAME, "/acting_entty", 2, 2, "did you mean `acting_entity`"},
    {HEAD "\"parties\":[{\"role\":\"custmer\"}]}",
     CORDON_E_NAME,
     "/parties/0/role",
     1,
     48,
     "did you mean `customer`"},
    {HEAD "\"parties\":[{\"role\":\"customer\",\"adress\":\"x\"}]}",
     CORDON_E_NAME,
     "/parties/0/adress",
     1,
     59,
     "`address` is evidence"},
    {HEAD "\"parties\":[{\"role\":\"customer\",\"address\":\"x\"}]}",
     CORDON_E_NAME,
     "/parties/0/address",
     1,
     59,
     "is evidence"},
    {HEAD "\"parties\":[{\"role\":\"customer\",\"role\":\"customer\"}]}",
     CORDON_E_CONFLICT,
     "/parties/0/role",
     1,
     59,
     ""},
    {HEAD "\"parties\":[{}]}", CORDON_E_TYPE, "/parties/0", 1, 40, ""},
    {HEAD "\"parties\":{}}", CORDON_E_TYPE, "/parties", 1, 39, ""},
    {HEAD "\"at\":\"2022-03-10\"}", CORDON_E_SYNTAX, "/at", 1, 34, "zone"},
    {HEAD "\"at\":7}", CORDON_E_TYPE, "/at", 1, 34, ""},
    {HEAD "\"facts\":{\"a/b~\":1,\"a/b~\":2}}", CORDON_E_CONFLICT, "/facts/a~1b~0", 1, 47, ""},
    {HEAD "\"objects\":[{\"kind\":\"goods\",\"amount\":1}]}",
     CORDON_E_NAME,
     "/objects/0/amount",
     1,
     56,
     "belongs to payment"},
    {HEAD "\"objects\":[{\"kind\":\"goods\",\"unit_value\":1}]}",
     CORDON_E_CONFLICT,
     "/objects/0/unit_value",
     1,
     69,
     ""},
    {HEAD "\"parties\":[{\"role\":\"customer\",\"evidence\":[{\"kind\":\"card_issuer\",\"value\":"
          "\"4242424242424242\"}]}]}",
     CORDON_E_TYPE,
     "/parties/0/evidence/0/value",
     1,
     101,
     "iin"},
    {HEAD "\"parties\":[{\"role\":\"customer\",\"evidence\":[{\"kind\":\"ip\",\"value\":\"1.2.3.256\"}]}]}",
     CORDON_E_SYNTAX,
     "/parties/0/evidence/0/value",
     1,
     92,
     "port"},
    {HEAD
     "\"parties\":[{\"role\":\"customer\",\"evidence\":[{\"kind\":\"declared_country\",\"value\":\"ZZ\"}]}]}",
     CORDON_E_NAME,
     "/parties/0/evidence/0/value",
     1,
     106,
     ""},
    {HEAD "\"parties\":[{\"role\":\"customer\",\"owners\":[{\"party\":3}]}]}", CORDON_E_RANGE, "", 1, 78, ""},
    {HEAD
     "\"parties\":[{\"role\":\"customer\",\"listed\":[{\"list\":\"l\",\"listed\":true,\"score\":1001}]}]}",
     CORDON_E_RANGE,
     "/parties/0/listed/0/score",
     1,
     103,
     ""},
    {HEAD "}", CORDON_E_SYNTAX, "", 1, 29, ""},
    {"{\"action\":\"a\"}", CORDON_E_TYPE, "", 1, 1, ""},
    {"{\"action\":\"\",\"service\":\"s\"}", CORDON_E_ARG, "", 1, 1, ""},
    {HEAD "\"reference\":\"\xff\"}", CORDON_E_SYNTAX, "", 1, 42, ""},
    {HEAD "\"reference\":\"é\",\"at\":1}", CORDON_E_TYPE, "/at", 1, 50, ""},
    {HEAD "\"reference\":\"a\\u0000\"}", CORDON_E_SYNTAX, "/reference", 1, 43, ""},
    {HEAD "\"reference\":\"\\ud800\"}", CORDON_E_SYNTAX, "/reference", 1, 42, ""},
    {HEAD "\"reference\":\"x\"} x", CORDON_E_SYNTAX, "", 1, 46, ""},
    {"", CORDON_E_SYNTAX, "", 1, 1, ""},
    {HEAD "\"state\":[{\"kind\":\"clearance\",\"list\":\"us/sdn\"}]}", CORDON_E_TYPE, "/state/0", 1, 38, ""},
};

static void says_what_is_wrong_and_where(void **state) {
    (void)state;
    for (size_t i = 0; i < CDN_ARRAY_LEN(wrongs); i++) {
        const struct wrong *w = &wrongs[i];
        struct cdn_arena arena;
        struct cordon_error e = {0};
        struct cdn_request *r = NULL;
        cdn_arena_init(&arena, &cdn_alloc_libc, 0);
        const int err = cdn_json_read_request(cdn_str_z(w->text), &arena, &r, &e);
        if (err != w->code || strcmp(e.where, w->where) != 0 || e.line != w->line || e.column != w->column ||
            !strstr(e.hint, w->hint))
            fail_msg("%zu: %s\n  got %s at `%s` %u:%u: %s (%s)",
                     i,
                     w->text,
                     cdn_status_name(err),
                     e.where,
                     e.line,
                     e.column,
                     e.message,
                     e.hint);
        cdn_arena_free(&arena);
    }
}

static void members_are_as_the_reader_expects(void **state) {
    (void)state;
    for (unsigned id = 0; id < CDN_SHAPE_COUNT; id++) {
        const struct cdn_shape *shape = &cdn_shapes[id];
        unsigned behind = 0;
        for (unsigned i = 0; i < shape->count; i++) {
            if (shape->fields[i].flags & CDN_FIELD_REQUIRED)
                behind = i + 1;
        }
        assert_int_equal(shape->required, behind);
        for (unsigned i = 0; i < shape->count; i++)
            assert_true(shape->fields[i].n <= CDN_JSON_AHEAD);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_as_the_reader_expects),
        cdn_fault_test(reads_a_full_request),
        cmocka_unit_test(says_what_is_wrong_and_where),
    };
    return cdn_run(tests);
}
