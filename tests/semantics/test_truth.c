/* SPDX-License-Identifier: Apache-2.0 */
/* test_truth.c: docs/semantics.md, "The whole" and "Truth". */
#include "support/ask.h"

/* EVIDENCE: CS-ALL */
static void every_measure_is_told(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             LAW("op/a", "freeze account.open on aws | when customer based in RU")
                 LAW("op/b", "deny account.open on cloud | when customer.kind is bank")
                     POLICY("op/c", "hold any action on any service | when customer.tier is free")
                         POLICY("op/d", "deny account.open on aws | when customer.kind is ngo"));
#define BANK CUSTOMER(",'kind':'bank','facts':{'tier':'free'}" EVIDENCE_LIST(SAYS("card_issuer", "RU")))
    decides(&a, ASK_AT, OPEN("aws", BANK), "freeze; op/a applied; op/b applied; op/c applied");
    decides(&a, ASK_AT, OPEN("film", BANK), "hold; op/c applied");
    /* The strictest came first, and its neighbours were asked all the same. */
    decides(&a,
            ASK_AT,
            OPEN("aws", CUSTOMER(",'kind':'ngo'" EVIDENCE_LIST(SAYS("card_issuer", "RU")))),
            "freeze; op/a applied; op/c held; op/d applied; missing customer.tier (not asked)");
    /* Whoever asks for the explanation is told of those, too, that came out false. */
    (void)ask_decide(&a, ASK_AT, OPEN("film", BANK), true);
    assert_string_equal(ask_text(ask_measure(&a, "op/a"), "standing"), "other_action");
    (void)ask_decide(&a, ASK_AT, OPEN("aws", BANK), true);
    assert_string_equal(ask_text(ask_measure(&a, "op/d"), "standing"), "false");
    ask_close(&a);
}

/* EVIDENCE: CS-ZERO */
static void what_cannot_be_judged_is_no_verdict(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a, LAW("op/a", "deny account.open on aws | when customer based in RU"));
    decides(&a, ASK_AT, OPEN("aws", CUSTOMER(EVIDENCE_LIST(SAYS("card_issuer", "DE")))), "allow");
    assert_int_equal(ask_fails(&a, ASK_AT, "{'action':'account.opne','service':'aws'}"), CORDON_E_NAME);
    assert_non_null(strstr(a.error.hint, "account.open"));
    assert_int_equal(ask_fails(&a, ASK_AT, OPEN("awz", "'parties':[]")), CORDON_E_NAME);
    assert_int_equal(ask_fails(&a, ASK_AT, OPEN("aws", "'partys':[]")), CORDON_E_NAME);
    assert_string_equal(a.error.where, "/partys");
    assert_int_equal(ask_fails(&a, ASK_AT, "{'action':'account.open'}"), CORDON_E_TYPE);
    assert_int_equal(ask_fails(&a, ASK_AT, "{'action':"), CORDON_E_SYNTAX);
    assert_int_equal(ask_fails(&a, ASK_AT, OPEN("aws", "'parties':'all of them'")), CORDON_E_TYPE);
    ask_close(&a);
    /* Nothing that reads a verdict may take zero, or none, for "allowed". */
    assert_int_equal(CORDON_VERDICT_NONE, 0);
    assert_true(CORDON_VERDICT_NONE < CORDON_VERDICT_ALLOW);
}

/* EVIDENCE: CS-CLOSED */
static void law_never_fails_open(void **state) {
    (void)state;
    struct ask a;
#define WHO "deny account.open on aws | when customer.kind is bank | "
    assert_true(ask_refused(LAW("op/a", WHO "if unknown allow"), "allow"));
    ask_open(&a, POLICY("op/a", WHO "if unknown allow"));
    decides(&a, ASK_AT, OPEN("aws", CUSTOMER("")), "allow; op/a held; missing customer.kind (not asked)");
    ask_close(&a);
    ask_open(&a, LAW("op/a", WHO "if unknown deny"));
    decides(&a, ASK_AT, OPEN("aws", CUSTOMER("")), "deny; op/a held; missing customer.kind (not asked)");
    ask_close(&a);
}

/* Customer and recipient each carry evidence that makes "based in RU" false, true, unknown or contradictory
 * under the standard `two kinds`. */
static const char *const found[4] = {
    SAYS("card_issuer", "DE"),
    SAYS("card_issuer", "RU") "," SAYS("ip_history", "RU"),
    "",
    SAYS("card_issuer", "RU") "," SAYS("ip_history", "DE"),
};
static const char letters[] = "FTUC";
static const char *const words[4] = {"false", "true", "unknown", "contradictory"};

static const char *two_parties(char *to, size_t size, const char *service, unsigned a, unsigned b) {
    const int n =
        snprintf(to,
                 size,
                 "{'action':'account.use','service':'%s','parties':[{'role':'customer','evidence':[%s]},"
                 "{'role':'recipient','evidence':[%s]}]}",
                 service,
                 found[a],
                 found[b]);
    assert_in_range(n, 1, size - 1);
    return to;
}

/* EVIDENCE: CS-LOGIC */
static void conditions_follow_the_printed_tables(void **state) {
    (void)state;
    static const char *const services[3] = {"aws", "film", "pay"};
    struct ask a;
    struct ask_row row;
    char text[1024];
#define BOTH(op) " | when customer based in RU " op " recipient based in RU"
    ask_open(&a,
             POLICY("op/and", "deny account.use on aws" BOTH("and"))
                 POLICY("op/or", "deny account.use on film" BOTH("or"))
                     POLICY("op/xor", "deny account.use on pay" BOTH("xor"))
                         POLICY("op/not", "deny account.use on aws | when not customer based in RU"));
    for (unsigned table = 0; table < 3; table++) {
        static const char *const ids[3] = {"op/and", "op/or", "op/xor"};
        for (unsigned x = 0; x < 4; x++) {
            ask_doc_row("CS-LOGIC", table, 4, (const char[]){letters[x], 0}, &row);
            for (unsigned y = 0; y < 4; y++) {
                (void)ask_decide(&a, ASK_AT, two_parties(text, sizeof text, services[table], x, y), false);
                const char *expected = words[strchr(letters, row.cells[y][0]) - letters];
                if (strcmp(ask_value(&a, ids[table]), expected) != 0)
                    fail_msg("%s of %c and %c", ids[table], letters[x], letters[y]);
            }
        }
    }
    static const char *const negated[4] = {"true", "false", "unknown", "contradictory"};
    for (unsigned x = 0; x < 4; x++) {
        (void)ask_decide(&a, ASK_AT, two_parties(text, sizeof text, "aws", x, 0), false);
        assert_string_equal(ask_value(&a, "op/not"), negated[x]);
    }
    ask_close(&a);
}

/* EVIDENCE: CS-BLANK */
static void blanks_are_unknown_and_empty_is_known(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             LAW("op/kind", "deny account.open on aws | when customer.kind is bank")
                 LAW("op/permit", "deny account.open on film | when not customer.licences in {gl-8}")
                     LAW("op/pay", "deny payment.send on pay | when payment.crypto is true"));
#define KIND(value) OPEN("aws", CUSTOMER(value))
    decides(&a, ASK_AT, KIND(""), "hold; op/kind held; missing customer.kind (not asked)");
    decides(&a, ASK_AT, KIND(",'kind':null"), "hold; op/kind held; missing customer.kind (unanswered)");
    decides(&a, ASK_AT, KIND(",'kind':'not_applicable'"), "allow");
    decides(&a, ASK_AT, KIND(",'kind':'person'"), "allow");
    decides(&a, ASK_AT, KIND(",'kind':'bank'"), "deny; op/kind applied");
#define PERMITS(value) OPEN("film", CUSTOMER(value))
    decides(&a, ASK_AT, PERMITS(""), "hold; op/permit held; missing customer.licences (not asked)");
    decides(&a,
            ASK_AT,
            PERMITS(",'licences':null"),
            "hold; op/permit held; missing customer.licences (unanswered)");
    decides(&a, ASK_AT, PERMITS(",'licences':[]"), "deny; op/permit applied");
    decides(&a, ASK_AT, PERMITS(",'licences':['gl-8','gl-25']"), "allow");
#define CRYPTO(facts)                                                                                        \
    "{'action':'payment.send','service':'pay'," CUSTOMER("") ",'objects':[{'kind':'payment'" facts "}]}"
    decides(&a, ASK_AT, CRYPTO(""), "hold; op/pay held; missing payment.crypto (not asked)");
    decides(&a,
            ASK_AT,
            CRYPTO(",'facts':{'crypto':null}"),
            "hold; op/pay held; missing payment.crypto (unanswered)");
    decides(&a, ASK_AT, CRYPTO(",'facts':{'crypto':false}"), "allow");
    decides(&a, ASK_AT, CRYPTO(",'facts':{'crypto':'not_applicable'}"), "allow");
    ask_close(&a);
}

/* EVIDENCE: CS-ROLE */
static void a_role_is_one_party_throughout(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             LAW("op/one", "deny account.open on aws | when customer.kind is bank and customer.tier is free")
                 LAW("op/may", "deny account.use on aws | when recipient.kind is bank")
                     LAW("op/not", "deny account.use on film | when not recipient.kind is bank"));
#define PARTY(role, kind, tier) "{'role':'" role "','kind':'" kind "','facts':{'tier':'" tier "'}}"
#define PARTIES(list) "'parties':[" list "]"
    /* One is a bank, the other is free: nobody is both. */
    decides(&a,
            ASK_AT,
            OPEN("aws", PARTIES(PARTY("customer", "bank", "gold") "," PARTY("customer", "person", "free"))),
            "allow");
    decides(&a,
            ASK_AT,
            OPEN("aws", PARTIES(PARTY("customer", "bank", "gold") "," PARTY("customer", "bank", "free"))),
            "deny; op/one applied");
    assert_string_equal(ask_outcomes(&a), "deny /parties/1 request refuse by op/one");
    /* account.open needs a customer: nobody is unknown. account.use may have a recipient: nobody is false. */
    decides(&a,
            ASK_AT,
            OPEN("aws", PARTIES("")),
            "hold; op/one held; missing customer.kind (nobody named); missing customer.tier (nobody named)");
#define USE(service, recipients)                                                                             \
    "{'action':'account.use','service':'" service "','parties':[{'role':'customer'}" recipients "]}"
    decides(&a, ASK_AT, USE("aws", ""), "allow");
    decides(&a, ASK_AT, USE("film", ""), "deny; op/not applied"); /* the test is false, its negation true */
    decides(&a,
            ASK_AT,
            USE("aws", ",{'role':'recipient'}"),
            "hold; op/may held; missing recipient.kind (not asked)");
    decides(&a, ASK_AT, USE("aws", ",{'role':'recipient','kind':'bank'}"), "deny; op/may applied");
    ask_close(&a);
}

static const char *crowd(char *to, size_t size, unsigned customers, const char *kind) {
    size_t n = (size_t)snprintf(to, size, "{'action':'account.open','service':'aws','parties':[");
    for (unsigned i = 0; i < customers; i++)
        n += (size_t)snprintf(to + n, size - n, "%s{'role':'customer','kind':'%s'}", i ? "," : "", kind);
    n += (size_t)snprintf(to + n, size - n, "]}");
    assert_in_range(n, 1, size - 1);
    return to;
}

/* EVIDENCE: CS-ROLE */
static void beyond_sixty_four_ways_nothing_is_certain(void **state) {
    (void)state;
    static char text[8192];
    struct ask a;
    ask_open(&a, LAW("op/one", "deny account.open on aws | when customer.kind is bank"));
    decides(&a, ASK_AT, crowd(text, sizeof text, 64, "person"), "allow");
    decides(&a,
            ASK_AT,
            crowd(text, sizeof text, 65, "person"),
            "hold; op/one held; missing which party (too many parties)");
    decides(&a, ASK_AT, crowd(text, sizeof text, 64, "bank"), "deny; op/one applied");
    decides(&a,
            ASK_AT,
            crowd(text, sizeof text, 65, "bank"),
            "hold; op/one held; missing which party (too many parties)");
    ask_close(&a);
}

/* EVIDENCE: CS-QUANT */
static void any_and_every(void **state) {
    (void)state;
    struct ask a;
    ask_open(
        &a,
        LAW("op/any", "deny account.use on aws | when any recipient.kind is bank")
            LAW("op/every", "deny account.use on film | when every recipient.kind is bank")
                LAW("op/all", "deny account.open on pay | when every customer.kind is bank")
                    LAW("op/it",
                        "deny account.use on pay | when any recipient (it.kind is bank and it based in RU)"));
#define BANK_ ",{'role':'recipient','kind':'bank'}"
#define PERSON_ ",{'role':'recipient','kind':'person'}"
#define SOMEBODY_ ",{'role':'recipient'}"
    decides(&a, ASK_AT, USE("aws", PERSON_ BANK_), "deny; op/any applied");
    decides(&a, ASK_AT, USE("aws", PERSON_ PERSON_), "allow");
    decides(
        &a, ASK_AT, USE("aws", PERSON_ SOMEBODY_), "hold; op/any held; missing recipient.kind (not asked)");
    decides(&a, ASK_AT, USE("aws", BANK_ SOMEBODY_), "deny; op/any applied");
    decides(&a, ASK_AT, USE("film", BANK_ BANK_), "deny; op/every applied");
    decides(&a, ASK_AT, USE("film", PERSON_ BANK_), "allow");
    decides(&a, ASK_AT, USE("film", PERSON_ SOMEBODY_), "allow");
    decides(
        &a, ASK_AT, USE("film", BANK_ SOMEBODY_), "hold; op/every held; missing recipient.kind (not asked)");
    /* Over none: false, unless the action cannot do without. */
    decides(&a, ASK_AT, USE("aws", ""), "allow");
    decides(&a, ASK_AT, USE("film", ""), "allow");
    decides(&a, ASK_AT, OPEN("pay", PARTIES("")), "hold; op/all held; missing customer (nobody named)");
    /* In brackets `it` is one and the same. */
    decides(
        &a,
        ASK_AT,
        USE("pay", BANK_ ",{'role':'recipient','kind':'person','evidence':[" SAYS("card_issuer", "RU") "]}"),
        "hold; op/it held; missing recipient based in (not asked)");
    decides(
        &a,
        ASK_AT,
        USE("pay", ",{'role':'recipient','kind':'bank','evidence':[" SAYS("card_issuer", "RU") "]}" PERSON_),
        "deny; op/it applied");
    ask_close(&a);
}

/* EVIDENCE: CS-NEW */
static void new_is_without_a_relation_before(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             LAW("op/new", "deny account.open on aws | when customer is new")
                 LAW("op/old",
                     "deny account.open on film | when customer is existing to aws as of 2022-01-01 UTC"));
#define SINCE(service, of, since)                                                                            \
    OPEN(service, CUSTOMER(",'relations':[{'service':'" of "','since':'" since "'}]"))
    decides(&a, ASK_AT, SINCE("aws", "aws", "2022-03-05T00:00:00Z"), "deny; op/new applied");
    decides(&a, ASK_AT, SINCE("aws", "aws", "2022-03-04T23:59:59Z"), "allow");
    decides(&a, ASK_AT, SINCE("aws", "film", "2019-01-01"), "deny; op/new applied"); /* per service */
    decides(&a, ASK_AT, OPEN("aws", CUSTOMER(",'relations':[]")), "deny; op/new applied");
    decides(&a, ASK_AT, OPEN("aws", CUSTOMER("")), "hold; op/new held; missing customer.since (not asked)");
    decides(&a,
            ASK_AT,
            OPEN("aws", CUSTOMER(",'relations':null")),
            "hold; op/new held; missing customer.since (unanswered)");
    decides(&a,
            ASK_AT,
            OPEN("aws", CUSTOMER(",'relations':[{'service':'aws','since':null}]")),
            "hold; op/new held; missing customer.since (not exact enough)");
    decides(&a, ASK_AT, SINCE("film", "aws", "2021-12-31T23:59:59Z"), "deny; op/old applied");
    decides(&a, ASK_AT, SINCE("film", "aws", "2022-01-01T00:00:00Z"), "allow");
    decides(&a, ASK_AT, OPEN("film", CUSTOMER(",'relations':[]")), "allow");
    ask_close(&a);
}

/* EVIDENCE: CS-WHEN */
static void dates_are_intervals(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             LAW("op/day", "deny booking.make on film | when booking.starts >= 2022-04-04")
                 LAW("op/instant", "deny booking.make on pay | when booking.starts >= 2022-04-04T00:00 UTC")
                     LAW("op/ends", "deny booking.make on aws | when booking.ends <= now"));
#define BOOK(service, what, date)                                                                            \
    "{'action':'booking.make','service':'" service                                                           \
    "','parties':[{'role':'guest'}],'objects':[{'kind':'booking','" what "':'" date "'}]}"
#define OPEN_DATE(id, fact) "hold; " id " held; missing booking." fact " (not exact enough)"
    /* Two days compare by the calendar. */
    decides(&a, ASK_AT, BOOK("film", "starts", "2022-04-04"), "deny; op/day applied");
    decides(&a, ASK_AT, BOOK("film", "starts", "2022-04-03"), "allow");
    decides(&a, ASK_AT, BOOK("film", "starts", "2022-04"), OPEN_DATE("op/day", "starts"));
    decides(&a, ASK_AT, BOOK("film", "starts", "2023"), "deny; op/day applied");
    /* 4 April begins at 10:00 of the third in the east, and ends at 12:00 of the fifth in the west. */
    decides(&a, ASK_AT, BOOK("film", "starts", "2022-04-05T12:00:00Z"), "deny; op/day applied");
    decides(&a, ASK_AT, BOOK("film", "starts", "2022-04-04T12:00:00Z"), OPEN_DATE("op/day", "starts"));
    decides(&a, ASK_AT, BOOK("film", "starts", "2022-04-03T09:59:59Z"), "allow");
    /* A day against an instant: somewhere in fifty hours. */
    decides(&a, ASK_AT, BOOK("pay", "starts", "2022-04-02"), "allow");
    decides(&a, ASK_AT, BOOK("pay", "starts", "2022-04-03"), OPEN_DATE("op/instant", "starts"));
    decides(&a, ASK_AT, BOOK("pay", "starts", "2022-04-04"), OPEN_DATE("op/instant", "starts"));
    decides(&a, ASK_AT, BOOK("pay", "starts", "2022-04-05"), "deny; op/instant applied");
    decides(&a, ASK_AT, BOOK("pay", "starts", "2022-04-04T00:00:00Z"), "deny; op/instant applied");
    decides(&a, ASK_AT, BOOK("pay", "starts", "2022-04-03T23:59:59Z"), "allow");
    /* 8 March ended everywhere by noon of the 9th in UTC, but in the west not by midnight. */
    decides(&a, "2022-03-09T12:00:00Z", BOOK("aws", "ends", "2022-03-08"), "deny; op/ends applied");
    decides(&a, "2022-03-09T00:00:00Z", BOOK("aws", "ends", "2022-03-08"), OPEN_DATE("op/ends", "ends"));
    decides(&a, "2022-03-07T00:00:00Z", BOOK("aws", "ends", "2022-03-08"), "allow");
    ask_close(&a);
}

/* EVIDENCE: CS-MONEY */
static void amounts_are_exact_and_rates_dated(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             LAW("op/lux", "deny order.ship on aws | when goods.unit_value > 300 EUR")
                 LAW("op/big", "deny order.ship on film | when goods.value >= 110 USD"));
#define GOODS(service, amount, currency, n)                                                                  \
    "{'action':'order.ship','service':'" service                                                             \
    "'," CUSTOMER("") ",'objects':[{'kind':'goods','quantity':" n ",'value':{'amount':'" amount              \
                      "','currency':'" currency "'}}]}"
    decides(&a, ASK_AT, GOODS("aws", "900", "EUR", "3"), "allow");
    decides(
        &a, ASK_AT, GOODS("aws", "900.0000001", "EUR", "3"), "deny; op/lux applied"); /* nothing is rounded */
    decides(&a, ASK_AT, GOODS("aws", "300.00", "EUR", "'1.0'"), "allow");
    decides(&a,
            ASK_AT,
            GOODS("aws", "10", "EUR", "0"),
            "hold; op/lux held; missing goods.quantity (not exact enough)");
    /* EUR 100 are USD 110 on the 10th, at 1.10, and USD 120 from the 20th on. */
    decides(&a, ASK_AT, GOODS("film", "100", "EUR", "1"), "deny; op/big applied");
    decides(&a, ASK_AT, GOODS("film", "99.99", "EUR", "1"), "allow");
    assert_string_equal(ask_changes_at(&a), "2022-03-20T00:00:00Z");
    decides(&a, "2022-03-20T00:00:00Z", GOODS("film", "99.99", "EUR", "1"), "deny; op/big applied");
    decides(&a, "2022-03-20T00:00:00Z", GOODS("film", "91.66", "EUR", "1"), "allow");
    decides(&a, "2022-03-19T23:59:59Z", GOODS("film", "99.99", "EUR", "1"), "allow");
    /* No rate yet, and no rate ever. */
    decides(&a, ASK_AT, GOODS("film", "500", "GBP", "1"), "hold; op/big held; missing goods.value (no rate)");
    ask_close(&a);
    ask_open(&a,
             "measure op/old | basis law 'Act' of us | source 's' <https://example.org/s> | effective "
             "2022-01-01 UTC | "
             "deny order.ship on aws | when goods.value > 110 USD\n");
    decides(&a,
            "2022-02-28T23:59:59Z",
            GOODS("aws", "500", "EUR", "1"),
            "hold; op/old held; missing goods.value (no rate)");
    decides(&a, "2022-03-01T00:00:00Z", GOODS("aws", "500", "EUR", "1"), "deny; op/old applied");
    ask_close(&a);
}

/* EVIDENCE: CS-TEXT */
static void codes_compare_as_they_are_written(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             LAW("op/id", "deny account.open on aws | when customer.id in {'A-1'}")
                 LAW("op/hs", "deny order.ship on aws | when goods.hs under {'8711.60'}")
                     LAW("op/bank", "deny account.use on aws | when customer.bic in banks")
                         LAW("op/name", "deny domain.keep on aws | when domain.name in names"));
    decides(&a, ASK_AT, OPEN("aws", CUSTOMER(",'id':'A-1'")), "deny; op/id applied");
    decides(&a, ASK_AT, OPEN("aws", CUSTOMER(",'id':'a-1'")), "allow");
    decides(&a, ASK_AT, OPEN("aws", CUSTOMER(",'id':'A-11'")), "allow");
#define HS(code)                                                                                             \
    "{'action':'order.ship','service':'aws'," CUSTOMER("") ",'objects':[{'kind':'goods','hs':'" code "'}]}"
    decides(&a, ASK_AT, HS("8711 60 10"), "deny; op/hs applied");
    decides(&a, ASK_AT, HS("871160"), "deny; op/hs applied");
    decides(&a, ASK_AT, HS("8711.6"), "hold; op/hs held; missing goods.hs (not exact enough)");
    decides(&a, ASK_AT, HS("8711.50"), "allow");
#define BIC(code) "{'action':'account.use','service':'aws'," CUSTOMER(EVIDENCE_LIST(SAYS("bic", code))) "}"
    decides(&a, ASK_AT, BIC("VTBRRUMM"), "deny; op/bank applied");
    decides(&a, ASK_AT, BIC("vtbrrummxxx"), "deny; op/bank applied");
    decides(&a, ASK_AT, BIC("VTBRRUM1"), "allow");
#define NAME(name)                                                                                           \
    "{'action':'domain.keep','service':'aws','parties':[{'role':'registrant'}],'objects':[{'kind':'domain'," \
    "'name':'" name "'}]}"
    decides(&a, ASK_AT, NAME("BAD.example"), "deny; op/name applied");
    decides(&a, ASK_AT, NAME("not-bad.example"), "allow");
    ask_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_measure_is_told),
        cmocka_unit_test(what_cannot_be_judged_is_no_verdict),
        cmocka_unit_test(law_never_fails_open),
        cmocka_unit_test(conditions_follow_the_printed_tables),
        cmocka_unit_test(blanks_are_unknown_and_empty_is_known),
        cmocka_unit_test(a_role_is_one_party_throughout),
        cmocka_unit_test(beyond_sixty_four_ways_nothing_is_certain),
        cmocka_unit_test(any_and_every),
        cmocka_unit_test(new_is_without_a_relation_before),
        cmocka_unit_test(dates_are_intervals),
        cmocka_unit_test(amounts_are_exact_and_rates_dated),
        cmocka_unit_test(codes_compare_as_they_are_written),
    };
    return cdn_run(tests);
}
