/* SPDX-License-Identifier: Apache-2.0 */
/* test_decide.c: the rules of docs/semantics.md, each by a small rulebook and requests, through everything:
 * the language, the compiler, the snapshot's reader, the request's reader, the decider. */
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "compile/compile.h"
#include "decide/decide.h"
#include "support/fault.h"
#include "json/json.h"

static const char declarations[] =
    "operator op \"Operator\"\n"
    "entity op-us \"Op Inc\" of op in US\n"
    "entity op-de \"Op GmbH\" of op in DE\n"
    "service aws \"Cloud\" of op is cloud\n"
    "service film \"Films\" of op is media\n"
    "action account.open \"open\" needs customer may goods, payment, recipient, owner\n"
    "action account.use \"use\" needs customer may recipient\n"
    "action order.ship \"ship\" needs customer, goods may recipient\n"
    "action payment.send \"send\" needs customer, payment\n"
    "fact customer.tier code \"tier\"\n"
    "list us/sdn \"SDN\" issuer \"OFAC\"\n"
    "    source \"SDN\" <https://example.org/sdn>\n"
    "set banks of bic \"Banks\" { \"VTBRRUMM\" }\n"
    "    source \"x\" <https://example.org/x>\n"
    "calendar us \"US\" zone America/New_York\n"
    "    holidays 2022-03-14\n"
    "rate EUR to USD 1.10 from 2022-03-01 \"ECB\" <https://example.org/ecb>\n"
    "rate EUR to USD 1.20 from 2022-03-20 \"ECB\" <https://example.org/ecb>\n";

/* A measure's clauses; each text below begins with its name. */
#define MEASURE(id, basis) "measure " id "\n    basis " basis "\n    source \"s\" <https://example.org/s>\n"
#define LAW "law \"Act 1\" of us"
#define POLICY "policy of op"
#define IN_FORCE "    effective 2022-03-05T00:00 UTC\n"

struct world {
    struct cdn_arena arena;
    struct cdn_snapshot *snapshot;
    struct cdn_decider *decider;
    struct cdn_result result;
    struct cdn_decision decision;
};

static void world_open(struct world *w, const char *measures) {
    struct cdn_rulebook_source source = {.name = CDN_STR("test.measure")};
    struct cdn_diagnostics diags = {0};
    struct cdn_rulebook *rb = NULL;
    struct cdn_compiled compiled;
    struct cordon_error e = {0};
    struct cdn_buf text, bundle;
    memset(w, 0, sizeof *w);
    cdn_arena_init(&w->arena, &cdn_alloc_libc, 0);
    diags.arena = &w->arena;
    cdn_buf_init(&text, &w->arena.as_alloc, CDN_MIB(1));
    cdn_buf_init(&bundle, &w->arena.as_alloc, CDN_MIB(64));
    cdn_buf_z(&text, declarations);
    cdn_buf_z(&text, measures);
    source.text = cdn_buf_get(&text);
    if (cdn_rulebook_load(&source, 1, "/usr/share/zoneinfo", &w->arena, &diags, &rb) < 0)
        fail_msg("line %u: %.*s", diags.items[0].pos.line, CDN_FMT(diags.items[0].message));
    const struct cdn_compile_options options = {.zoneinfo = "/usr/share/zoneinfo"};
    if (cdn_compile(rb, &options, &w->arena, &compiled, &e) < 0)
        fail_msg("%s", e.message);
    cdn_compile_bundle(&compiled, &bundle);
    assert_int_equal(bundle.err, 0);
    if (cdn_snapshot_open_bytes(cdn_buf_get(&bundle), &cdn_alloc_libc, &w->snapshot, &e) < 0)
        fail_msg("%s", e.message);
    assert_int_equal(cdn_decider_new(w->snapshot, &cdn_alloc_libc, &w->decider, NULL), 0);
}

static void world_close(struct world *w) {
    cdn_decider_free(w->decider);
    cdn_snapshot_unref(w->snapshot);
    cdn_arena_free(&w->arena);
}

/* Decides and explains; the verdict. Quotes in `json` are written '. */
static unsigned ask(struct world *w, const char *at, const char *json) {
    struct cdn_request *r = NULL;
    struct cordon_error e = {0};
    char text[4096];
    int64_t instant = 0;
    int32_t offset = 0;
    const size_t n = strlen(json);
    assert_true(n < sizeof text);
    for (size_t i = 0; i < n; i++)
        text[i] = json[i] == '\'' ? '"' : json[i];
    assert_int_equal(cdn_time_parse(cdn_str_z(at), &instant, &offset), 0);
    if (cdn_json_read_request(cdn_str(text, n), &w->arena, &r, &e) < 0)
        fail_msg("%s at %s", e.message, e.where);
    if (cdn_decide(w->decider, r, instant, &w->result, &e) < 0)
        fail_msg("%s", e.message);
    assert_int_equal(cdn_decision_build(w->decider, r, &w->result, instant, false, &w->arena, &w->decision),
                     0);
    return w->decision.verdict;
}

static void refuses(struct world *w, const char *json, const char *words) {
    struct cdn_request *r = NULL;
    struct cordon_error e = {0};
    char text[1024];
    const size_t n = strlen(json);
    assert_true(n < sizeof text);
    for (size_t i = 0; i < n; i++)
        text[i] = json[i] == '\'' ? '"' : json[i];
    assert_int_not_equal(cdn_json_read_request(cdn_str(text, n), &w->arena, &r, &e), 0);
    assert_non_null(strstr(e.message, words));
}

/* Never NULL: of a measure that is not in the decision, nothing. */
static const struct cdn_account *account_of(const struct world *w, const char *id) {
    static const struct cdn_account nothing;
    for (uint32_t i = 0; i < w->decision.measure_count; i++) {
        const struct cdn_measure_rec *m = &w->snapshot->measures[w->decision.measures[i].hit.measure];
        if (cdn_str_eq(cdn_snap_str(w->snapshot, m->id), cdn_str_z(id)))
            return &w->decision.measures[i];
    }
    return &nothing;
}
static unsigned standing_of(const struct world *w, const char *id) {
    return account_of(w, id)->hit.standing;
}
static bool misses(const struct world *w, const char *fact, const char *why) {
    for (uint32_t i = 0; i < w->decision.missing_count; i++) {
        if (cdn_str_eq(w->decision.missing[i].fact, cdn_str_z(fact)) &&
            cdn_str_eq(w->decision.missing[i].why, cdn_str_z(why)))
            return true;
    }
    return false;
}
static int64_t instant(const char *text) {
    int64_t t = 0;
    int32_t offset = 0;
    assert_int_equal(cdn_time_parse(cdn_str_z(text), &t, &offset), 0);
    return t;
}

#define MARCH_10 "2022-03-10T00:00:00Z"
#define OPEN(members) "{'action':'account.open','service':'aws'," members "}"
#define CUSTOMER(members) "{'role':'customer'," members "}"
#define FROM(country) "'evidence':[{'kind':'billing_address','value':{'country':'" country "'}}]"

/* EVIDENCE: CS-FORCE CS-NEW CS-WHEN CS-CHANGES */
static void new_customers_from_an_instant_on(void **state) {
    (void)state;
    struct world w;
    world_open(&w,
               MEASURE("op/new", LAW) IN_FORCE
               "    deny account.open on aws\n    when customer is new and customer based in {RU, BY}\n");
#define SINCE(date)                                                                                          \
    OPEN("'parties':[" CUSTOMER(FROM("RU") ",'relations':[{'service':'aws','since':'" date "'}]") "]")
    assert_int_equal(ask(&w, "2022-03-04T23:59:59Z", SINCE("2022-03-09")), CORDON_VERDICT_ALLOW);
    assert_int_equal(w.decision.changes_at, instant("2022-03-05T00:00:00Z"));
    assert_int_equal(ask(&w, "2022-03-05T00:00:00Z", SINCE("2022-03-09")), CORDON_VERDICT_DENY);
    assert_int_equal(ask(&w, MARCH_10, SINCE("2019-05-01")), CORDON_VERDICT_ALLOW);
    assert_int_equal(ask(&w, MARCH_10, SINCE("2022-03-05")),
                     CORDON_VERDICT_HOLD); /* which hour of that day? */
    assert_true(misses(&w, "customer.since", "not exact enough"));
    assert_int_equal(ask(&w, MARCH_10, SINCE("2022-03-04T23:59:59Z")), CORDON_VERDICT_ALLOW);
    assert_int_equal(ask(&w, MARCH_10, OPEN("'parties':[" CUSTOMER(FROM("RU") ",'relations':[]") "]")),
                     CORDON_VERDICT_DENY);
    assert_int_equal(ask(&w, MARCH_10, OPEN("'parties':[" CUSTOMER(FROM("RU")) "]")), CORDON_VERDICT_HOLD);
    assert_true(misses(&w, "customer.since", "not asked"));
    assert_int_equal(ask(&w, MARCH_10, OPEN("'parties':[" CUSTOMER(FROM("DE")) "]")), CORDON_VERDICT_ALLOW);
    world_close(&w);
}

/* EVIDENCE: CS-EV-GRADE CS-EV-CLAIM CS-EV-KINDS CS-EV-SIDES CS-STANDARD */
static void evidence_adds_up_by_kind_and_standard(void **state) {
    (void)state;
    struct world w;
    world_open(&w,
               MEASURE("us/any", LAW) IN_FORCE
               "    deny account.open on aws\n    when customer based in RU\n" MEASURE("op/two", POLICY)
                   IN_FORCE "    deny account.open on film\n    when customer based in RU\n");
#define AT(service, evidence)                                                                                \
    "{'action':'account.open','service':'" service "','parties':[" CUSTOMER("'evidence':[" evidence "]") "]" \
                                                                                                         "}"
#define BILLING(country) "{'kind':'billing_address','value':{'country':'" country "'}}"
#define CARD(country) "{'kind':'card_issuer','value':'" country "'}"
#define SAYS(country) "{'kind':'declared_country','value':'" country "'}"
    assert_int_equal(ask(&w, MARCH_10, AT("aws", BILLING("RU") "," SAYS("DE"))), CORDON_VERDICT_DENY);
    assert_int_equal(ask(&w, MARCH_10, AT("film", BILLING("RU"))), CORDON_VERDICT_HOLD);
    assert_true(misses(&w, "customer based in", "one kind only"));
    assert_int_equal(ask(&w, MARCH_10, AT("film", BILLING("RU") "," BILLING("RU"))), CORDON_VERDICT_HOLD);
    assert_int_equal(ask(&w, MARCH_10, AT("film", BILLING("RU") "," CARD("RU"))), CORDON_VERDICT_DENY);
    assert_int_equal(ask(&w, MARCH_10, AT("film", BILLING("RU") "," CARD("DE"))), CORDON_VERDICT_HOLD);
    assert_int_equal(w.decision.contradiction_count, 1);
    assert_int_equal(w.decision.contradictions[0].for_count, 1);
    assert_int_equal(w.decision.contradictions[0].against_count, 1);
    assert_int_equal(ask(&w, MARCH_10, AT("aws", "{'kind':'email','value':'x@example.ru'}")),
                     CORDON_VERDICT_HOLD);
    assert_int_equal(ask(&w, MARCH_10, AT("aws", "{'kind':'language','value':'ru'}")), CORDON_VERDICT_HOLD);
    assert_true(misses(&w, "customer based in", "not asked"));
    assert_int_equal(ask(&w, MARCH_10, AT("aws", CARD("DE") "," BILLING("DE"))), CORDON_VERDICT_ALLOW);
    world_close(&w);
}

/* EVIDENCE: CS-EV-AGE CS-EV-DOUBT CS-PLACE-SOURCES */
static void old_and_doubtful_evidence_says_nothing(void **state) {
    (void)state;
    struct world w;
    world_open(&w,
               MEASURE("us/now", LAW) IN_FORCE
               "    deny account.open on aws\n    when customer located in RU\n");
#define SEEN(day)                                                                                            \
    OPEN("'parties':[" CUSTOMER("'evidence':[{'kind':'sim_mcc','value':'250','seen':'" day "'}]") "]")
    assert_int_equal(ask(&w, MARCH_10, SEEN("2022-03-09T00:00:00Z")), CORDON_VERDICT_DENY);
    assert_in_range(w.decision.changes_at, instant("2022-03-10T00:00:01Z"), instant("2022-03-16T00:00:01Z"));
    assert_int_equal(ask(&w, "2022-03-16T00:00:00Z", SEEN("2022-03-09T00:00:00Z")), CORDON_VERDICT_DENY);
    assert_int_equal(ask(&w, "2022-03-16T00:00:01Z", SEEN("2022-03-09T00:00:00Z")), CORDON_VERDICT_HOLD);
    assert_true(misses(&w, "customer located in", "seen too long ago"));
    assert_int_equal(ask(&w, MARCH_10, SEEN("2022-03-10T00:00:01Z")), CORDON_VERDICT_HOLD);
    assert_int_equal(
        ask(&w, MARCH_10, OPEN("'parties':[" CUSTOMER("'evidence':[{'kind':'sim_mcc','value':'999'}]") "]")),
        CORDON_VERDICT_HOLD);
    world_close(&w);
}

/* EVIDENCE: CS-LIFT CS-PROVISIONAL CS-DUTY CS-ALL */
static void licences_lift_what_they_name_on_conditions(void **state) {
    (void)state;
    struct world w;
    world_open(
        &w,
        MEASURE("us/hosting", LAW) IN_FORCE
        "    deny account.open on aws\n    when customer based in RU\n" MEASURE("us/list", LAW) IN_FORCE
        "    deny account.open on aws\n    when customer is on list us/sdn\n"
        "licence us/gl\n    basis law \"GL\" of us\n    source \"s\" <https://example.org/s>\n" IN_FORCE
        "    lifts us/hosting\n    when request.purpose is telecommunication\n"
        "    on condition report \"it\" to \"OFAC\" within 2 business days of us\n");
#define WITH(rest)                                                                                           \
    OPEN(rest "'parties':[" CUSTOMER(FROM("RU") ",'listed':[{'list':'us/sdn','listed':false}]") "]")
    assert_int_equal(ask(&w, "2022-03-11T12:00:00Z", WITH("'purpose':'telecommunication',")),
                     CORDON_VERDICT_ALLOW);
    assert_int_equal(standing_of(&w, "us/hosting"), CDN_STANDING_LIFTED);
    assert_true(account_of(&w, "us/hosting")->provisional);
    assert_int_equal(w.decision.duty_count, 1);
    /* Friday; Monday is a holiday, so Tuesday and Wednesday: until midnight in New York (summer time). */
    assert_int_equal(w.decision.duties[0].due, instant("2022-03-17T04:00:00Z"));
    assert_int_equal(w.decision.changes_at, instant("2022-03-12T05:00:00Z"));
    assert_int_equal(ask(&w, MARCH_10, WITH("")), CORDON_VERDICT_DENY);
    assert_true(misses(&w, "purpose", "not asked"));
    assert_int_equal(ask(&w, MARCH_10, WITH("'purpose':'fun',")), CORDON_VERDICT_DENY);
    assert_int_equal(w.decision.missing_count, 0);
#define DUTY(done)                                                                                           \
    "'purpose':'telecommunication','state':[{'kind':'duty','measure':'us/"                                   \
    "gl','due':'2022-03-09T00:00:00Z'" done "}],"
    assert_int_equal(ask(&w, MARCH_10, WITH(DUTY(""))), CORDON_VERDICT_DENY);
    assert_int_equal(ask(&w, MARCH_10, WITH(DUTY(",'done':'2022-03-08T00:00:00Z'"))), CORDON_VERDICT_ALLOW);
    assert_int_equal(w.decision.duty_count, 0);
    assert_int_equal(ask(&w, MARCH_10, WITH(DUTY(",'done':'2022-03-09T12:00:00Z'"))), CORDON_VERDICT_DENY);
    assert_int_equal(ask(&w, MARCH_10, WITH(DUTY(",'done':'2022-04-01T00:00:00Z'"))), CORDON_VERDICT_DENY);
    assert_int_equal(ask(&w,
                         MARCH_10,
                         OPEN("'purpose':'telecommunication','parties':[" CUSTOMER(
                             FROM("RU") ",'listed':[{'list':'us/sdn','listed':true}]") "]")),
                     CORDON_VERDICT_DENY);
    assert_int_equal(standing_of(&w, "us/hosting"), CDN_STANDING_LIFTED);
    assert_int_equal(standing_of(&w, "us/list"), CDN_STANDING_APPLIED);
    world_close(&w);
}

/* EVIDENCE: CS-ROLE CS-QUANT CS-OUTCOME */
static void one_party_throughout_and_each_by_itself(void **state) {
    (void)state;
    struct world w;
    world_open(
        &w,
        MEASURE("op/one", LAW) IN_FORCE
        "    deny account.open on aws\n    when customer based in RU and customer.kind is bank\n"
        "licence us/gl\n    basis law \"GL\" of us\n    source \"s\" <https://example.org/s>\n" IN_FORCE
        "    lifts op/one\n    when customer.licences in {gl}\n" MEASURE("op/any", LAW) IN_FORCE
        "    deny account.use on aws\n    when any recipient.kind is bank\n" MEASURE("op/every", LAW) IN_FORCE
        "    deny account.use on film\n    when every recipient.kind is bank\n");
#define PARTY(country, kind, more) "{'role':'customer','kind':'" kind "'," FROM(country) more "}"
    assert_int_equal(
        ask(&w, MARCH_10, OPEN("'parties':[" PARTY("RU", "person", "") "," PARTY("DE", "bank", "") "]")),
        CORDON_VERDICT_ALLOW);
    assert_int_equal(
        ask(&w,
            MARCH_10,
            OPEN("'parties':[" PARTY("DE", "bank", "") "," PARTY("RU", "bank", ",'licences':[]") "]")),
        CORDON_VERDICT_DENY);
    assert_int_equal(w.decision.outcome_count, 1);
    assert_int_equal(w.decision.outcomes[0].subject.index, 1);
    /* The licence of one customer does not lift what another one's place forbids. */
    assert_int_equal(ask(&w,
                         MARCH_10,
                         OPEN("'parties':[" PARTY("RU", "bank", ",'licences':['gl']") "," PARTY(
                             "RU", "bank", ",'licences':[]") "]")),
                     CORDON_VERDICT_DENY);
    assert_int_equal(w.decision.outcome_count, 1);
    assert_int_equal(w.decision.outcomes[0].subject.index, 1);
    assert_int_equal(ask(&w, MARCH_10, OPEN("'parties':[]")), CORDON_VERDICT_HOLD); /* needed and not there */
#define USE(service, parties)                                                                                \
    "{'action':'account.use','service':'" service "','parties':[{'role':'customer'}" parties "]}"
#define TO(kind) ",{'role':'recipient','kind':'" kind "'}"
    assert_int_equal(ask(&w, MARCH_10, USE("aws", TO("person") TO("bank"))), CORDON_VERDICT_DENY);
    assert_int_equal(ask(&w, MARCH_10, USE("aws", "")), CORDON_VERDICT_ALLOW);
    assert_int_equal(ask(&w, MARCH_10, USE("film", TO("person") TO("bank"))), CORDON_VERDICT_ALLOW);
    assert_int_equal(ask(&w, MARCH_10, USE("film", TO("bank") TO("bank"))), CORDON_VERDICT_DENY);
    assert_int_equal(ask(&w, MARCH_10, USE("film", ",{'role':'recipient'}" TO("bank"))), CORDON_VERDICT_HOLD);
    assert_int_equal(ask(&w, MARCH_10, USE("film", "")), CORDON_VERDICT_ALLOW);
    world_close(&w);
}

/* EVIDENCE: CS-EXCEPT CS-PRESUME CS-BLANK CS-TEXT */
static void exceptions_presumptions_and_texts(void **state) {
    (void)state;
    struct world w;
    world_open(&w,
               MEASURE("op/shop", LAW) IN_FORCE
               "    deny order.ship on aws\n    when goods.hs under {\"8711.60\"} and customer.tier is free\n"
               "    except \"named\" customer.id in {\"4711\"}\n    presume not customer.id in {\"4711\"} "
               "because \"few are\"\n" MEASURE("op/bank", LAW) IN_FORCE
               "    deny payment.send on aws\n    when customer.bic in banks\n");
#define SHIP(customer, hs)                                                                                   \
    "{'action':'order.ship','service':'aws','parties':[{'role':'customer'" customer                          \
    "}],'objects':[{'kind':'goods','hs':'" hs "'}]}"
    assert_int_equal(ask(&w, MARCH_10, SHIP(",'facts':{'tier':'free'}", "8711.60.10")), CORDON_VERDICT_DENY);
    const struct cdn_account *a = account_of(&w, "op/shop");
    unsigned presumed = 0;
    for (uint32_t i = 0; i < a->because_count; i++)
        presumed += a->because[i].presumed;
    assert_int_equal(presumed, 1);
    assert_int_equal(ask(&w, MARCH_10, SHIP(",'id':'4711','facts':{'tier':'free'}", "871160")),
                     CORDON_VERDICT_ALLOW);
    assert_int_equal(standing_of(&w, "op/shop"), CDN_STANDING_EXCEPTED);
    assert_int_equal(account_of(&w, "op/shop")->except, 0);
    assert_int_equal(ask(&w, MARCH_10, SHIP(",'facts':{'tier':'free'}", "8711")),
                     CORDON_VERDICT_HOLD); /* too short to tell */
    assert_int_equal(ask(&w, MARCH_10, SHIP(",'facts':{'tier':'free'}", "8712")), CORDON_VERDICT_ALLOW);
    assert_int_equal(ask(&w, MARCH_10, SHIP("", "871160")), CORDON_VERDICT_HOLD);
    assert_true(misses(&w, "customer.tier", "not asked"));
    assert_int_equal(ask(&w, MARCH_10, SHIP(",'facts':{'tier':null}", "871160")), CORDON_VERDICT_HOLD);
    assert_true(misses(&w, "customer.tier", "unanswered"));
#define PAY(bic)                                                                                             \
    "{'action':'payment.send','service':'aws','parties':[" CUSTOMER(                                         \
        "'evidence':[{'kind':'bic','value':'" bic "'}]") "],'objects':[{'kind':'payment'}]}"
    assert_int_equal(ask(&w, MARCH_10, PAY("VTBRRUMMXXX")), CORDON_VERDICT_DENY);
    assert_int_equal(ask(&w, MARCH_10, PAY("DEUTDEFF")), CORDON_VERDICT_ALLOW);
    world_close(&w);
}

/* EVIDENCE: CS-MONEY CS-CAP */
static void amounts_and_caps(void **state) {
    (void)state;
    struct world w;
    world_open(&w,
               MEASURE("op/lux", LAW) IN_FORCE
               "    deny order.ship on aws\n    when goods.unit_value > 300 EUR\n" MEASURE("op/cap", POLICY)
                   IN_FORCE
               "    limit payment.send on aws to 200 USD per day\n    when customer.kind is person\n");
#define WORTH(amount, currency, n)                                                                           \
    "{'action':'order.ship','service':'aws','parties':[{'role':'customer'}],'objects':[{'kind':'goods','"    \
    "quantity':" n ",'value':{'amount':'" amount "','currency':'" currency "'}}]}"
    assert_int_equal(ask(&w, MARCH_10, WORTH("600", "EUR", "'2'")), CORDON_VERDICT_ALLOW);
    assert_int_equal(ask(&w, MARCH_10, WORTH("600.01", "EUR", "'2'")), CORDON_VERDICT_DENY);
    assert_int_equal(ask(&w, MARCH_10, WORTH("340", "USD", "'1'")), CORDON_VERDICT_DENY);
    assert_int_equal(w.decision.changes_at, instant("2022-03-20T00:00:00Z"));
    assert_int_equal(ask(&w, "2022-03-20T00:00:00Z", WORTH("340", "USD", "'1'")), CORDON_VERDICT_ALLOW);
    assert_int_equal(ask(&w, MARCH_10, WORTH("340", "GBP", "'1'")), CORDON_VERDICT_HOLD);
    assert_true(misses(&w, "goods.value", "no rate") || misses(&w, "goods.quantity", "no rate") ||
                w.decision.missing_count == 1);
#define SEND(amount, state)                                                                                  \
    "{'action':'payment.send','service':'aws'," state                                                        \
    "'parties':[{'role':'customer','kind':'person'}],'objects':[{'kind':'payment','amount':{'amount':"       \
    "'" amount "','currency':'USD'}}]}"
#define USED(amount)                                                                                         \
    "'state':[{'kind':'usage','measure':'op/cap','used':{'amount':'" amount "','currency':'USD'}}],"
    assert_int_equal(ask(&w, MARCH_10, SEND("60", USED("100"))), CORDON_VERDICT_LIMIT);
    assert_int_equal(cdn_decimal_cmp(w.decision.outcomes[0].remaining.amount, (struct cdn_decimal){40, 0}),
                     0);
    assert_int_equal(ask(&w, MARCH_10, SEND("100", USED("100"))), CORDON_VERDICT_LIMIT);
    assert_int_equal(ask(&w, MARCH_10, SEND("100.01", USED("100"))), CORDON_VERDICT_DENY);
    assert_int_equal(ask(&w, MARCH_10, SEND("1", "")), CORDON_VERDICT_HOLD);
    refuses(&w, SEND("300", USED("-200")), "below zero");
    assert_int_equal(ask(&w, MARCH_10, SEND("-1", USED("0"))), CORDON_VERDICT_HOLD);
    assert_int_equal(
        ask(&w,
            MARCH_10,
            SEND("1",
                 "'state':[{'kind':'usage','measure':'op/cap','used':{'amount':'150','currency':'USD'}},"
                 "{'kind':'usage','measure':'op/cap','used':{'amount':'50','currency':'USD'}}],")),
        CORDON_VERDICT_DENY);
    assert_int_equal(ask(&w, MARCH_10, WORTH("-900", "EUR", "'1'")), CORDON_VERDICT_HOLD);
    assert_int_equal(ask(&w, MARCH_10, WORTH("900", "EUR", "0")), CORDON_VERDICT_HOLD);
    world_close(&w);
}

/* EVIDENCE: CS-BOUND CS-STATUTE CS-FORMS CS-PROTECT CS-STRICTEST */
static void conflicts_are_held_with_both_sides(void **state) {
    (void)state;
    struct world w;
    world_open(
        &w,
        MEASURE("us/cuba", LAW) IN_FORCE
        "    deny account.open on aws\n    when customer based in CU\n    binds entities in {US}\n"
        "statute eu/block\n    basis law \"2271/96\" of eu\n    source \"s\" "
        "<https://example.org/s>\n" IN_FORCE
        "    forbids us/cuba\n    binds entities in {DE, US}\n" MEASURE("us/freeze", LAW) IN_FORCE
        "    freeze account.use on aws form retain\n    when customer based in RU\n" MEASURE("eu/return", LAW)
            IN_FORCE
        "    deny account.use on aws form close-and-return\n    when customer.kind is person\n" MEASURE(
            "op/film", POLICY) IN_FORCE
        "    deny account.use on film\n    when customer.kind is ngo\n"
        "protect op/help\n    basis protection of op\n    source \"s\" <https://example.org/s>\n" IN_FORCE
        "    allow account.use on film\n    when customer based in UA and customer.kind is ngo\n    evidence "
        "any\n");
#define BY(entity) OPEN("'acting_entity':'" entity "','parties':[" CUSTOMER(FROM("CU")) "]")
    assert_int_equal(ask(&w, MARCH_10, BY("op-de")), CORDON_VERDICT_ALLOW);
    assert_int_equal(ask(&w, MARCH_10, BY("op-us")), CORDON_VERDICT_HOLD);
    assert_true(w.decision.notice_withheld);
    assert_int_equal(w.decision.conflict_count, 1);
    assert_true(cdn_str_eq(w.decision.conflicts[0].kind, CDN_STR("blocking statute")));
    assert_int_equal(ask(&w, MARCH_10, OPEN("'parties':[" CUSTOMER(FROM("CU")) "]")), CORDON_VERDICT_HOLD);
#define USES(service, country, kind)                                                                         \
    "{'action':'account.use','service':'" service                                                            \
    "','parties':[" CUSTOMER("'kind':'" kind "'," FROM(country)) "]}"
    assert_int_equal(ask(&w, MARCH_10, USES("aws", "RU", "company")), CORDON_VERDICT_FREEZE);
    assert_int_equal(ask(&w, MARCH_10, USES("aws", "RU", "person")), CORDON_VERDICT_HOLD);
    assert_true(cdn_str_eq(w.decision.conflicts[0].kind, CDN_STR("forms")));
    assert_int_equal(ask(&w, MARCH_10, USES("film", "DE", "ngo")), CORDON_VERDICT_DENY);
    assert_int_equal(ask(&w, MARCH_10, USES("film", "UA", "ngo")), CORDON_VERDICT_HOLD);
    assert_true(cdn_str_eq(w.decision.conflicts[0].kind, CDN_STR("protected")));
    world_close(&w);
}

/* EVIDENCE: CS-HTTP CS-KEEP */
static void what_is_answered_and_what_stays(void **state) {
    (void)state;
    struct world w;
    world_open(&w,
               MEASURE("us/a", LAW) IN_FORCE
               "    deny account.open on aws\n    when customer based in RU\n    keep account.use until "
               "2022-04-01 UTC\n    keep payment.send\n" MEASURE("op/b", POLICY) IN_FORCE
               "    deny account.open on film\n    when customer.kind is bank\n    keep account.use, "
               "payment.send\n" MEASURE("op/c", POLICY) IN_FORCE
               "    deny account.open on aws\n    when customer.kind is bank\n    keep account.use\n");
    assert_int_equal(ask(&w, MARCH_10, OPEN("'parties':[" CUSTOMER("'kind':'person'," FROM("RU")) "]")),
                     CORDON_VERDICT_DENY);
    assert_int_equal(w.decision.http_status, 451);
    assert_int_equal(w.decision.keep_count, 2);
    assert_true(cdn_str_eq(w.decision.keep[0], CDN_STR("account.use")));
    assert_int_equal(w.decision.changes_at, instant("2022-04-01T00:00:00Z"));
    assert_int_equal(
        ask(&w, "2022-04-01T00:00:00Z", OPEN("'parties':[" CUSTOMER("'kind':'person'," FROM("RU")) "]")),
        CORDON_VERDICT_DENY);
    assert_int_equal(w.decision.keep_count, 1);
    assert_int_equal(ask(&w, MARCH_10, OPEN("'parties':[" CUSTOMER("'kind':'bank'," FROM("RU")) "]")),
                     CORDON_VERDICT_DENY);
    assert_int_equal(w.decision.keep_count, 1);
    assert_int_equal(
        ask(&w,
            MARCH_10,
            "{'action':'account.open','service':'film','parties':[" CUSTOMER("'kind':'bank'") "]}"),
        CORDON_VERDICT_DENY);
    assert_int_equal(w.decision.http_status, 403);
    assert_int_equal(ask(&w, MARCH_10, OPEN("'parties':[" CUSTOMER("'kind':'person'," FROM("DE")) "]")),
                     CORDON_VERDICT_ALLOW);
    assert_int_equal(w.decision.http_status, 200);
    world_close(&w);
}

static void listed_and_owned(void **state) {
    (void)state;
    struct world w;
    world_open(
        &w,
        MEASURE("us/list", LAW) IN_FORCE
        "    freeze account.open on aws\n    when customer is on list us/sdn match 900 review 800\n" MEASURE(
            "us/fifty", LAW) IN_FORCE
        "    freeze account.use on aws\n    when customer is owned 50 % or more by parties on us/sdn\n");
#define LISTED(entries) OPEN("'parties':[{'role':'customer','listed':[" entries "]}]")
#define MATCH(score) "{'list':'us/sdn','entry':'7','listed':true,'score':" score "}"
    assert_int_equal(ask(&w, MARCH_10, LISTED("{'list':'us/sdn','listed':false}")), CORDON_VERDICT_ALLOW);
    assert_int_equal(ask(&w, MARCH_10, LISTED("")), CORDON_VERDICT_ALLOW);
    assert_int_equal(ask(&w, MARCH_10, OPEN("'parties':[{'role':'customer'}]")), CORDON_VERDICT_HOLD);
    assert_true(misses(&w, "customer on list us/sdn", "not screened"));
    assert_int_equal(ask(&w, MARCH_10, LISTED(MATCH("900"))), CORDON_VERDICT_FREEZE);
    assert_int_equal(ask(&w, MARCH_10, LISTED(MATCH("899"))), CORDON_VERDICT_HOLD);
    assert_true(misses(&w, "customer on list us/sdn", "possible match"));
    assert_int_equal(ask(&w, MARCH_10, LISTED(MATCH("799"))), CORDON_VERDICT_ALLOW);
    assert_int_equal(
        ask(&w,
            MARCH_10,
            OPEN("'state':[{'kind':'clearance','party':0,'list':'us/"
                 "sdn','entry':'7'}],'parties':[{'role':'customer','listed':[" MATCH("899") "]}]")),
        CORDON_VERDICT_ALLOW);
#define OWNS(entries)                                                                                        \
    "{'action':'account.use','service':'aws','parties':[{'role':'customer','listed':[" entries "]}]}"
#define SHARE(percent) "{'list':'us/sdn','listed':true,'owned':true,'percent':'" percent "'}"
    assert_int_equal(ask(&w, MARCH_10, OWNS(SHARE("25") "," SHARE("25"))), CORDON_VERDICT_FREEZE);
    assert_int_equal(ask(&w, MARCH_10, OWNS(SHARE("25") "," SHARE("24.99"))), CORDON_VERDICT_ALLOW);
    assert_int_equal(ask(&w, MARCH_10, OWNS(SHARE("25") ",{'list':'us/sdn','listed':true,'owned':true}")),
                     CORDON_VERDICT_HOLD);
    refuses(&w, OWNS("{'list':'us/sdn','listed':false,'owned':true,'percent':60}"), "not owned");
    refuses(&w, OWNS("{'list':'us/sdn','listed':false,'owned':true,'control':true}"), "not owned");
    assert_int_equal(ask(&w, MARCH_10, OWNS("{'list':'us/sdn','listed':false,'owned':true}")),
                     CORDON_VERDICT_ALLOW);
    world_close(&w);
}

/* EVIDENCE: CS-OWNED */
static void owners_who_are_listed_own(void **state) {
    (void)state;
    struct world w;
    world_open(
        &w,
        MEASURE("us/fifty", LAW) IN_FORCE "    freeze account.use on aws\n    when customer is owned 50 % or "
                                          "more by parties on us/sdn\n" MEASURE("us/presumed", LAW) IN_FORCE
        "    freeze account.use on film\n    when customer is owned 50 % or more by parties on us/sdn\n"
        "    presume not customer is owned 50 % or more by parties on us/sdn because \"most are not\"\n");
#define OWNED_ON(service, owners, others)                                                                    \
    "{'action':'account.use','service':'" service                                                            \
    "','parties':[{'role':'customer','listed':[],'owners':[" owners "]}," others "]}"
#define OWNED_BY(owners, others) OWNED_ON("aws", owners, others)
#define BAD "{'role':'owner','listed':[{'list':'us/sdn','entry':'7','listed':true}]}"
#define GOOD "{'role':'owner','listed':[]}"
#define HELD(rest) "{'role':'owner','listed':[],'owners':[" rest "]}"
    assert_int_equal(ask(&w, MARCH_10, OWNED_BY("{'party':1,'percent':50}", BAD)), CORDON_VERDICT_FREEZE);
    assert_true(cdn_str_eq(account_of(&w, "us/fifty")->because[0].is, CDN_STR("owners")));
    assert_int_equal(ask(&w, MARCH_10, OWNED_BY("{'party':1,'percent':'49.9'}", BAD)), CORDON_VERDICT_ALLOW);
    assert_int_equal(ask(&w, MARCH_10, OWNED_BY("{'party':1,'percent':100}", GOOD)), CORDON_VERDICT_ALLOW);
    assert_int_equal(
        ask(&w, MARCH_10, OWNED_BY("{'party':1,'percent':25},{'party':2,'percent':25}", BAD "," BAD)),
        CORDON_VERDICT_FREEZE);
    assert_int_equal(ask(&w, MARCH_10, OWNED_BY("{'party':1}", BAD)), CORDON_VERDICT_HOLD);
    assert_true(misses(&w, "customer owned by parties on us/sdn", "share not certain"));
    assert_int_equal(ask(&w, MARCH_10, OWNED_BY("{'party':1,'percent':60}", "{'role':'owner'}")),
                     CORDON_VERDICT_HOLD);
    assert_int_equal(ask(&w, MARCH_10, OWNED_BY("{'party':1,'percent':40}", "{'role':'owner'}")),
                     CORDON_VERDICT_ALLOW);
    /* Half of half is not half, but who is owned counts with all that it holds. */
    assert_int_equal(
        ask(&w, MARCH_10, OWNED_BY("{'party':1,'percent':50}", HELD("{'party':2,'percent':50}") "," BAD)),
        CORDON_VERDICT_FREEZE);
    assert_int_equal(
        ask(&w, MARCH_10, OWNED_BY("{'party':1,'percent':90}", HELD("{'party':2,'percent':49}") "," BAD)),
        CORDON_VERDICT_ALLOW);
    /* A circle is followed once round. */
    assert_int_equal(
        ask(&w, MARCH_10, OWNED_BY("{'party':1,'percent':90}", HELD("{'party':0,'percent':90}"))),
        CORDON_VERDICT_ALLOW);
    assert_int_equal(ask(&w, MARCH_10, OWNED_ON("film", "{'party':1,'percent':60}", "{'role':'owner'}")),
                     CORDON_VERDICT_ALLOW);
    assert_int_equal(ask(&w, MARCH_10, OWNED_ON("film", "{'party':1,'percent':60}", BAD)),
                     CORDON_VERDICT_FREEZE);
    assert_int_equal(ask(&w, MARCH_10, OWNED_ON("film", "{'party':1}", BAD)), CORDON_VERDICT_HOLD);
    world_close(&w);
}

/* EVIDENCE: CS-BOUND CS-LIFT */
static void a_licence_for_some_lifts_for_nobody_in_particular(void **state) {
    (void)state;
    struct world w;
    world_open(
        &w,
        MEASURE("us/block", LAW) IN_FORCE
        "    deny account.open on aws\n    when customer based in RU\n"
        "licence us/gl\n    basis law \"GL\" of us\n    source \"s\" <https://example.org/s>\n" IN_FORCE
        "    lifts us/block\n    binds op-us\n");
#define ACTS(entity) OPEN(entity "'parties':[" CUSTOMER(FROM("RU")) "]")
    assert_int_equal(ask(&w, MARCH_10, ACTS("'acting_entity':'op-us',")), CORDON_VERDICT_ALLOW);
    assert_int_equal(ask(&w, MARCH_10, ACTS("'acting_entity':'op-de',")), CORDON_VERDICT_DENY);
    assert_int_equal(w.decision.missing_count, 0);
    assert_int_equal(ask(&w, MARCH_10, ACTS("")), CORDON_VERDICT_DENY);
    assert_true(misses(&w, "acting entity", "not asked"));
    assert_int_equal(ask(&w, MARCH_10, ACTS("'acting_entity':'op-su',")), CORDON_VERDICT_DENY);
    assert_true(misses(&w, "acting entity", "not known"));
    world_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_customers_from_an_instant_on),
        cmocka_unit_test(evidence_adds_up_by_kind_and_standard),
        cmocka_unit_test(old_and_doubtful_evidence_says_nothing),
        cmocka_unit_test(licences_lift_what_they_name_on_conditions),
        cmocka_unit_test(one_party_throughout_and_each_by_itself),
        cmocka_unit_test(exceptions_presumptions_and_texts),
        cmocka_unit_test(amounts_and_caps),
        cmocka_unit_test(conflicts_are_held_with_both_sides),
        cmocka_unit_test(what_is_answered_and_what_stays),
        cmocka_unit_test(listed_and_owned),
        cmocka_unit_test(owners_who_are_listed_own),
        cmocka_unit_test(a_licence_for_some_lifts_for_nobody_in_particular),
    };
    return cdn_run(tests);
}
