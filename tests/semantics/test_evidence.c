/* SPDX-License-Identifier: Apache-2.0 */
/* test_evidence.c: docs/semantics.md, "Evidence and findings". */
#include <ctype.h>

#include "geodata/builder.h"
#include "support/ask.h"

#define WITH(service, evidence) OPEN(service, CUSTOMER(EVIDENCE_LIST(evidence)))
#define ONE_MISSING(id, why) "hold; " id " held; missing customer based in (" why ")"

/* An item of the kind that is about Russia (in which 0) or Germany (1); kinds without such a value: about a
 * territory, see below. */
static const char *value_of(const struct cdn_evidence_info *kind, unsigned germany) {
    switch ((enum cdn_value_form)kind->value) {
    case CDN_VALUE_COUNTRY:
    case CDN_VALUE_CARD:
        return germany ? "'DE'" : "'RU'";
    case CDN_VALUE_ADDRESS:
    case CDN_VALUE_IP:
        return germany ? "{'country':'DE'}" : "{'country':'RU'}";
    case CDN_VALUE_PHONE:
        return germany ? "'+49 30 1234567'" : "'+7 495 123-45-67'";
    case CDN_VALUE_IBAN:
        return germany ? "'DE89370400440532013000'" : "'RU0204452560040702810412345678901'";
    case CDN_VALUE_BIC:
        return germany ? "'DEUTDEFF'" : "'SABRRUMM'";
    case CDN_VALUE_MCC:
        return germany ? "'262'" : "'250'";
    case CDN_VALUE_TAX:
        return germany ? "{'country':'DE','value':'DE136695976'}" : "{'country':'RU','value':'7707083893'}";
    case CDN_VALUE_HOST:
        return germany ? "'shop.example.de'" : "'shop.example.ru'";
    case CDN_VALUE_POINT:
    case CDN_VALUE_ASN:
    case CDN_VALUE_TEXT:
    default:
        return NULL;
    }
}

/* EVIDENCE: CS-EV-GRADE */
static void each_kind_is_worth_what_the_table_says(void **state) {
    (void)state;
    /* Alone, under `strong`: strong is true, medium or weak unknown. Under `any`: strong and medium are true,
     * weak is unknown. What is worth nothing leaves the question as if nobody had been asked. */
    static const char *const words_[4] = {"based in", "located in", "established in", "national of"};
    static const enum cdn_finding findings[4] = {
        CDN_FINDING_BASED, CDN_FINDING_LOCATED, CDN_FINDING_ESTABLISHED, CDN_FINDING_NATIONAL};
    unsigned kinds = 0;
    for (unsigned f = 0; f < 4; f++) {
        struct ask a;
        char rules[1024], request[512];
        (void)snprintf(rules,
                       sizeof rules,
                       LAW("op/any", "deny account.open on aws | when customer %s RU") LAW(
                           "op/strong", "deny account.open on film | when customer %s RU | evidence strong"),
                       words_[f],
                       words_[f]);
        ask_open(&a, rules);
        for (unsigned k = 1; k < CDN_EVIDENCE_COUNT; k++) {
            const struct cdn_evidence_info *info = &cdn_evidence_kinds[k];
            if (!value_of(info, 0))
                continue;
            kinds++;
            for (unsigned strict = 0; strict < 2; strict++) {
                const unsigned worth = info->strength[findings[f]];
                const bool enough = worth >= (strict ? CDN_STRENGTH_STRONG : CDN_STRENGTH_MEDIUM);
                (void)snprintf(request,
                               sizeof request,
                               OPEN("%s", CUSTOMER(EVIDENCE_LIST("{'kind':'%s','value':%s}"))),
                               strict ? "film" : "aws",
                               info->name,
                               value_of(info, 0));
                (void)ask_decide(&a, ASK_AT, request, false);
                const char *is = ask_value(&a, strict ? "op/strong" : "op/any");
                if (strcmp(is, enough ? "true" : "unknown") != 0)
                    fail_msg("%s, asked for %s: %s", info->name, words_[f], is);
                const bool asked = strstr(ask_summary(&a), "not asked") == NULL;
                if (asked != (worth > 0))
                    fail_msg("%s, asked for %s: %s", info->name, words_[f], a.summary);
            }
        }
        ask_close(&a);
    }
    assert_in_range(kinds, 4 * 20, 4 * CDN_EVIDENCE_COUNT);
}

/* EVIDENCE: CS-EV-GRADE */
static void positions_and_networks_count_for_the_territory_that_names_them(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             LAW("op/here", "deny account.open on aws | when customer located in here") LAW(
                 "op/base",
                 "deny account.open on film | when customer based in here") "territory here 'Here' | within "
                                                                            "any | part of UA-43 | asn "
                                                                            "AS203561 'x' | source 'x' "
                                                                            "<https://example.org/h> | area "
                                                                            "46 33, 46 37, 44 37, 44 33\n");
    decides(&a,
            ASK_AT,
            WITH("aws", "{'kind':'gnss','value':{'latitude':45,'longitude':34}}"),
            "deny; op/here applied");
    decides(&a, ASK_AT, WITH("aws", "{'kind':'asn','value':'AS203561'}"), "deny; op/here applied");
    decides(
        &a, ASK_AT, WITH("film", "{'kind':'asn','value':'AS203561'}"), ONE_MISSING("op/base", "weak only"));
    decides(&a,
            ASK_AT,
            WITH("film", "{'kind':'asn','value':'AS203562'}"),
            ONE_MISSING("op/base", "says no place"));
    ask_close(&a);
}

/* EVIDENCE: CS-EV-SIDES */
static void items_speak_for_against_or_not_at_all(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             LAW("op/crimea", "deny account.open on aws | when customer based in crimea")
                 LAW("op/ua", "deny account.open on film | when customer based in UA except crimea")
                     LAW("op/nation", "deny account.open on pay | when customer national of RU"));
#define ADDRESS(members) "{'kind':'billing_address','value':{" members "}}"
    decides(
        &a, ASK_AT, WITH("aws", ADDRESS("'country':'UA','city':'Simferopol'")), "deny; op/crimea applied");
    assert_string_equal(ask_evidence(&a, "op/crimea"), "+/parties/0/evidence/0");
    decides(&a, ASK_AT, WITH("aws", ADDRESS("'country':'UA'")), ONE_MISSING("op/crimea", "not exact enough"));
    decides(&a, ASK_AT, WITH("aws", ADDRESS("'country':'UA','region':'UA-30'")), "allow");
    decides(&a, ASK_AT, WITH("aws", ADDRESS("'country':'DE'")), "allow");
    decides(&a, ASK_AT, WITH("film", ADDRESS("'country':'UA','region':'UA-30'")), "deny; op/ua applied");
    decides(&a, ASK_AT, WITH("film", ADDRESS("'country':'UA','city':'Simferopol'")), "allow");
    /* One may hold two nationalities: a German passport denies no Russian one, but alone it answers. */
    decides(&a,
            ASK_AT,
            WITH("pay", SAYS("passport", "DE") "," SAYS("passport", "RU")),
            "deny; op/nation applied");
    decides(&a, ASK_AT, WITH("pay", SAYS("passport", "DE")), "allow");
    ask_close(&a);
}

/* EVIDENCE: CS-EV-CLAIM */
static void a_claim_never_outweighs_hard_evidence(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             POLICY("op/two", "deny account.open on aws | when customer based in RU")
                 LAW("op/any", "deny account.open on film | when customer based in RU"));
#define HARD SAYS("card_issuer", "RU") "," SAYS("ip_history", "RU")
    /* Against two hard kinds, what somebody says of himself weighs nothing; a third hard kind does. */
    decides(&a, ASK_AT, WITH("aws", HARD "," SAYS("declared_country", "DE")), "deny; op/two applied");
    decides(&a,
            ASK_AT,
            WITH("aws", HARD "," SAYS("iban", "DE89370400440532013000")),
            "hold; op/two held; contradiction customer based in of op/two");
    /* One hard kind is not enough, with or without the claim. */
    decides(&a,
            ASK_AT,
            WITH("aws", SAYS("card_issuer", "RU") "," SAYS("declared_country", "DE")),
            ONE_MISSING("op/two", "one kind only"));
    /* With nothing against it the claim is taken at its word, on either side. */
    decides(&a, ASK_AT, WITH("film", SAYS("declared_country", "DE")), "allow");
    decides(&a, ASK_AT, WITH("film", SAYS("declared_country", "RU")), "deny; op/any applied");
    /* A statement speaks for a place and never against one. */
    decides(
        &a, ASK_AT, WITH("film", "{'kind':'statement','value':{'country':'RU'}}"), "deny; op/any applied");
    decides(&a,
            ASK_AT,
            WITH("film", "{'kind':'statement','value':{'country':'DE'}}"),
            ONE_MISSING("op/any", "one kind only"));
    decides(&a, ASK_AT, WITH("film", SAYS("email", "x@example.de")), ONE_MISSING("op/any", "weak only"));
    ask_close(&a);
}

/* EVIDENCE: CS-EV-KINDS */
static void kinds_are_counted_not_items(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a, POLICY("op/two", "deny account.open on aws | when customer based in RU"));
#define CARD SAYS("card_issuer", "RU")
    decides(&a, ASK_AT, WITH("aws", CARD), ONE_MISSING("op/two", "one kind only"));
    decides(&a,
            ASK_AT,
            WITH("aws", CARD "," CARD "," CARD "," CARD "," CARD),
            ONE_MISSING("op/two", "one kind only"));
    decides(&a, ASK_AT, WITH("aws", CARD "," SAYS("phone", "+7 495 123-45-67")), "deny; op/two applied");
    assert_string_equal(ask_evidence(&a, "op/two"), "+/parties/0/evidence/0 +/parties/0/evidence/1");
    decides(&a,
            ASK_AT,
            WITH("aws", "{'kind':'ship_to','value':{'country':'RU'}}," SAYS("storefront", "RU")),
            ONE_MISSING("op/two", "weak only"));
    ask_close(&a);
}

/* ---- weights and standards ---------------------------------------------------------------------------- */

/* Evidence of each weight for "based in", in two halves so that both sides can have it. */
static const char *const weights[6] = {"N", "W", "M", "S", "MM", "S+"};
static const char *evidence_of(char *to, size_t size, unsigned weight, const char *country) {
    static const char *const kinds[6][2] = {{NULL, NULL},
                                            {"storefront", NULL},
                                            {"card_issuer", NULL},
                                            {"residence_permit", NULL},
                                            {"card_issuer", "ip_history"},
                                            {"residence_permit", "card_issuer"}};
    size_t n = 0;
    to[0] = 0;
    for (unsigned i = 0; i < 2 && kinds[weight][i]; i++)
        n += (size_t)snprintf(
            to + n, size - n, "%s{'kind':'%s','value':'%s'}", i ? "," : "", kinds[weight][i], country);
    assert_true(n < size);
    return to;
}

/* EVIDENCE: CS-STANDARD CS-WEIGHT */
static void each_standard_gives_what_its_table_says(void **state) {
    (void)state;
    static const char *const services[3] = {"aws", "film", "pay"};
    static const char *const ids[3] = {"op/any", "op/two", "op/strong"};
    struct ask a;
    struct ask_row row;
    char pro[256], con[256], request[1024];
#define UNDER(id, service, standard)                                                                         \
    POLICY(id, "deny account.open on " service " | when customer based in RU | evidence " standard)
    ask_open(&a,
             UNDER("op/any", "aws", "any") UNDER("op/two", "film", "two kinds")
                 UNDER("op/strong", "pay", "strong"));
    for (unsigned standard = 0; standard < 3; standard++) {
        for (unsigned f = 0; f < 6; f++) {
            ask_doc_row("CS-STANDARD", standard, 6, weights[f], &row);
            for (unsigned w = 0; w < 6; w++) {
                (void)evidence_of(pro, sizeof pro, f, "RU");
                (void)evidence_of(con, sizeof con, w, "DE");
                (void)snprintf(request,
                               sizeof request,
                               OPEN("%s", CUSTOMER(EVIDENCE_LIST("%s%s%s"))),
                               services[standard],
                               pro,
                               f && w ? "," : "",
                               con);
                (void)ask_decide(&a, ASK_AT, request, false);
                const char *value = ask_value(&a, ids[standard]);
                if (toupper(value[0]) != row.cells[w][0])
                    fail_msg("%s, %s for and %s against: %s, not %s",
                             ids[standard],
                             weights[f],
                             weights[w],
                             value,
                             row.cells[w]);
            }
        }
    }
    ask_close(&a);
}

/* EVIDENCE: CS-MISSING */
static void an_item_taken_away_allows_only_what_hard_evidence_clears(void **state) {
    (void)state;
    static const char *const services[3] = {"aws", "film", "pay"};
    struct ask a;
    char sides[2][256], request[1024];
    unsigned allowed = 0;
    ask_open(&a,
             UNDER("op/any", "aws", "any") UNDER("op/two", "film", "two kinds")
                 UNDER("op/strong", "pay", "strong"));
    for (unsigned n = 0; n < 3 * 36; n++) {
        const char *service = services[n / 36];
        const unsigned weight[2] = {n % 36 / 6, n % 6};
        (void)evidence_of(sides[0], sizeof sides[0], weight[0], "RU");
        (void)evidence_of(sides[1], sizeof sides[1], weight[1], "DE");
        for (unsigned less = 0; less < 3; less++) { /* nothing, one item for, one against is taken away */
            char *item = less ? sides[less - 1] : NULL;
            if (item && !*item)
                continue;
            char *second = item ? strchr(item, '}') + 1 : NULL;
            if (item)
                memmove(item, *second ? second + 1 : second, strlen(*second ? second + 1 : second) + 1);
            (void)snprintf(request,
                           sizeof request,
                           OPEN("%s", CUSTOMER(EVIDENCE_LIST("%s%s%s"))),
                           service,
                           sides[0],
                           *sides[0] && *sides[1] ? "," : "",
                           sides[1]);
            (void)ask_decide(&a, ASK_AT, request, false);
            if (strcmp(ask_text(a.decision, "verdict"), "allow") != 0)
                continue;
            const bool hard = strstr(sides[1], "card_issuer") || strstr(sides[1], "ip_history") ||
                              strstr(sides[1], "residence_permit");
            if (!hard)
                fail_msg("allowed by no hard evidence: %s", request);
            allowed += less > 0;
        }
    }
    assert_true(allowed > 0);
    ask_close(&a);
}

/* EVIDENCE: CS-WEIGHT */
static void more_of_the_same_strength_is_no_more_weight(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a, UNDER("op/two", "aws", "two kinds") UNDER("op/strong", "film", "strong"));
#define WEAK SAYS("storefront", "RU") "," SAYS("website", "shop.example.ru") "," SAYS("email", "x@example.ru")
#define THREE CARD "," SAYS("ip_history", "RU") "," SAYS("phone", "+7 495 123-45-67")
    decides(&a, ASK_AT, WITH("aws", WEAK), ONE_MISSING("op/two", "weak only"));
    decides(&a, ASK_AT, WITH("aws", WEAK "," CARD), ONE_MISSING("op/two", "one kind only"));
    decides(&a, ASK_AT, WITH("film", THREE), ONE_MISSING("op/strong", "not strong enough"));
    decides(&a, ASK_AT, WITH("film", THREE "," SAYS("residence_permit", "RU")), "deny; op/strong applied");
    decides(&a, ASK_AT, WITH("aws", SAYS("residence_permit", "RU")), ONE_MISSING("op/two", "one kind only"));
    decides(&a, ASK_AT, WITH("aws", SAYS("residence_permit", "RU") "," CARD), "deny; op/two applied");
    ask_close(&a);
}

/* ---- doubt and age ------------------------------------------------------------------------------------ */

/* Two sources of IP data of 2022-03-01: they agree on 192.0.2.0/26 and not on 192.0.2.64/26. */
static cordon_str geodata(struct cdn_arena *arena) {
    static const char *const csv[2] = {
        "192.0.2.0/24,RU\n198.51.100.0/25,RU,,64496,anonymous\n"
        "198.51.100.128/25,RU,,64497,hosting\n203.0.113.0/24,DE\n",
        "192.0.2.0/26,RU\n192.0.2.64/26,DE\n198.51.100.0/24,RU\n203.0.113.0/24,DE\n"};
    struct cdn_geodata_builder *b = NULL;
    struct cordon_error e = {0};
    struct cdn_buf out;
    cdn_buf_init(&out, &arena->as_alloc, CDN_MIB(1));
    assert_int_equal(cdn_geodata_builder_new(&cdn_alloc_libc, &b, &e), 0);
    for (unsigned i = 0; i < 2; i++) {
        const struct cdn_geodata_source source = {.name = i ? CDN_STR("two") : CDN_STR("one"),
                                                  .date = 1646092800}; /* 2022-03-01 */
        if (cdn_geodata_add_bytes(b, CDN_IP_KIND_CSV, &source, cdn_str_z(csv[i]), source.name, &e) < 0)
            fail_msg("%s", e.message);
    }
    assert_int_equal(cdn_geodata_finish(b, &out, &e), 0);
    cdn_geodata_builder_free(b);
    return cdn_buf_get(&out);
}

#define LOCATED(why) "hold; op/now held; missing customer located in (" why ")"
#define IP(address) WITH("aws", "{'kind':'ip','value':'" address "','seen':'2022-03-09T00:00:00Z'}")

/* EVIDENCE: CS-EV-DOUBT CS-PLACE-SOURCES */
static void doubtful_items_say_nothing_and_the_answer_says_why(void **state) {
    (void)state;
    struct cdn_arena arena;
    struct ask a;
    const char *rules[] = {LAW("op/now", "deny account.open on aws | when customer located in RU")
                               LAW("op/crimea", "deny account.open on film | when customer based in crimea")
                                   LAW("op/ru", "deny account.open on pay | when customer based in RU") LAW(
                                       "op/both", "deny account.use on aws | when customer based in UA")
                                       LAW("op/de", "deny account.use on film | when customer based in DE")};
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    ask_open_files(&a, rules, 1, geodata(&arena));
    decides(&a, ASK_AT, IP("192.0.2.1"), "deny; op/now applied");
    decides(&a, ASK_AT, IP("203.0.113.1"), "allow");
    decides(&a, ASK_AT, IP("192.0.2.65"), LOCATED("sources disagree"));
    decides(&a, ASK_AT, IP("192.0.2.200"), "deny; op/now applied"); /* the other source does not know it */
    decides(&a, ASK_AT, IP("198.51.100.1"), LOCATED("anonymous network"));
    decides(&a, ASK_AT, IP("198.51.100.200"), LOCATED("weak only")); /* a data centre */
    decides(&a, ASK_AT, IP("8.8.8.8"), LOCATED("says no place"));
    /* Both sources are named with their dates, and their age limit is thirty days. */
    const json_t *as_of = json_object_get(a.decision, "as_of");
    assert_string_equal(ask_text(json_object_get(as_of, "geo/one"), "date"), "2022-03-01");
    assert_string_equal(ask_text(json_object_get(as_of, "geo/two"), "date"), "2022-03-01");
    assert_true(json_is_false(json_object_get(json_object_get(as_of, "geo/one"), "stale")));
#define LATER WITH("aws", "{'kind':'ip','value':'192.0.2.1','seen':'2022-03-30T00:00:00Z'}")
    decides(&a, "2022-03-30T23:59:59Z", LATER, "deny; op/now applied");
    assert_string_equal(ask_changes_at(&a), "2022-03-31T00:00:00Z");
    decides(&a, "2022-03-31T00:00:00Z", LATER, LOCATED("stale"));
    as_of = json_object_get(a.decision, "as_of");
    assert_true(json_is_true(json_object_get(json_object_get(as_of, "geo/one"), "stale")));
    /* A wrong check digit. */
    decides(&a,
            ASK_AT,
            WITH("pay", "{'kind':'tax_id','value':{'country':'RU','value':'7707083894'}}"),
            ONE_MISSING("op/ru", "invalid"));
    decides(&a, ASK_AT, WITH("pay", SAYS("iban", "DE89370400440532013001")), ONE_MISSING("op/ru", "invalid"));
    /* An ambiguous name is silent about what it may mean and speaks of the rest. */
#define YALTA(service) WITH(service, ADDRESS("'country':'UA','city':'Yalta'"))
    decides(&a, ASK_AT, YALTA("film"), ONE_MISSING("op/crimea", "ambiguous"));
    decides(&a, ASK_AT, YALTA("pay"), "allow");
    /* Two countries in one item: for both, against none. */
#define BOTH_(action, service)                                                                               \
    "{'action':'" action "','service':'" service                                                             \
    "'," CUSTOMER(EVIDENCE_LIST(ADDRESS("'country':'UA','lines':'Moscow, Russia'"))) "}"
    decides(&a, ASK_AT, BOTH_("account.open", "pay"), "deny; op/ru applied");
    decides(&a, ASK_AT, BOTH_("account.use", "aws"), "deny; op/both applied");
    (void)ask_decide(&a, ASK_AT, BOTH_("account.use", "film"), false);
    assert_string_equal(ask_value(&a, "op/de"), "unknown");
    ask_close(&a);
    cdn_arena_free(&arena);
}

/* EVIDENCE: CS-EV-AGE */
static void old_evidence_says_nothing_of_where_somebody_is_now(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             LAW("op/now", "deny account.open on aws | when customer located in RU")
                 LAW("op/home", "deny account.open on film | when customer based in RU"));
#define SEEN(service, at) WITH(service, "{'kind':'sim_mcc','value':'250','seen':'" at "'}")
    decides(&a, "2022-03-16T00:00:00Z", SEEN("aws", "2022-03-09T00:00:00Z"), "deny; op/now applied");
    decides(&a, "2022-03-16T00:00:01Z", SEEN("aws", "2022-03-09T00:00:00Z"), LOCATED("seen too long ago"));
    /* Where somebody lives does not age so fast. */
    decides(&a, "2022-06-01T00:00:00Z", SEEN("film", "2022-03-09T00:00:00Z"), "deny; op/home applied");
    /* What was seen after the instant was not known at it. */
    decides(&a, ASK_AT, SEEN("aws", "2022-03-10T00:00:00Z"), "deny; op/now applied");
    (void)ask_decide(&a, ASK_AT, SEEN("aws", "2022-03-10T00:00:01Z"), false);
    assert_string_equal(ask_value(&a, "op/now"), "unknown");
    assert_string_equal(ask_changes_at(&a), "2022-03-10T00:00:01Z");
    assert_string_equal(ask_evidence(&a, "op/now"), "");
    ask_close(&a);
}

/* EVIDENCE: CS-PRESUME */
static void presumptions_stand_in_for_silence_only(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             LAW("op/tier",
                 "deny account.open on aws | when customer.tier is free | presume customer.tier is free "
                 "because 'most are'")
                 LAW("op/ru",
                     "deny account.open on film | when customer based in RU and customer.kind is person | "
                     "presume not customer based in RU because 'few are'")
                     LAW("op/named",
                         "deny account.open on pay | when customer.kind is person | "
                         "except customer.id in {'7'} | presume not customer.id in {'7'} because 'one is'"));
    decides(&a, ASK_AT, OPEN("aws", CUSTOMER("")), "deny; op/tier applied");
    assert_string_equal(ask_presumed(&a), "op/tier: customer.tier is free (most are)");
    decides(&a, ASK_AT, OPEN("aws", CUSTOMER(",'facts':{'tier':'gold'}")), "allow");
    decides(&a, ASK_AT, OPEN("aws", CUSTOMER(",'facts':{'tier':'free'}")), "deny; op/tier applied");
    assert_string_equal(ask_presumed(&a), "");
#define PERSON(evidence) OPEN("film", CUSTOMER(",'kind':'person'" EVIDENCE_LIST(evidence)))
    decides(&a, ASK_AT, PERSON(""), "allow; op/ru presumed");
    assert_string_equal(ask_presumed(&a), "op/ru: customer based in RU (few are)");
    /* Something speaks for it, if only weakly: then nothing is presumed. */
    decides(&a, ASK_AT, PERSON(SAYS("storefront", "RU")), ONE_MISSING("op/ru", "weak only"));
    decides(&a, ASK_AT, PERSON(SAYS("storefront", "DE")), "allow; op/ru presumed"); /* nothing for */
    decides(&a, ASK_AT, PERSON(SAYS("card_issuer", "DE")), "allow");
    decides(&a, ASK_AT, PERSON(CARD), "deny; op/ru applied");
    decides(&a, ASK_AT, OPEN("pay", CUSTOMER(",'kind':'person'")), "deny; op/named applied");
    assert_string_equal(ask_presumed(&a), "op/named: customer.id in {\"7\"} (one is)");
    decides(&a, ASK_AT, OPEN("pay", CUSTOMER(",'kind':'person','id':'7'")), "allow; op/named excepted");
    ask_close(&a);
}

/* EVIDENCE: CS-PRESUME */
static void of_what_is_presumed_away_the_presumption_is_told(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             LAW("op/ru",
                 "deny account.open on film | when customer based in RU and customer.kind is person | "
                 "presume not customer based in RU because 'few are'"));
    for (int all = 0; all < 2; all++) {
        (void)ask_decide(&a, ASK_AT, OPEN("film", CUSTOMER(",'kind':'person'")), all);
        assert_string_equal(ask_text(ask_measure(&a, "op/ru"), "standing"), "presumed");
        assert_string_equal(ask_presumed(&a), "op/ru: customer based in RU (few are)");
        const json_t *m = ask_measure(&a, "op/ru");
        assert_int_equal(json_array_size(json_object_get(m, "because")), all ? 1 : 0);
        assert_int_equal(json_object_get(m, "title") != NULL, all);
        assert_int_equal(json_object_get(m, "sources") != NULL, all);
    }
    (void)ask_decide(&a, ASK_AT, OPEN("film", CUSTOMER(",'kind':'person'" EVIDENCE_LIST(CARD))), false);
    assert_string_equal(ask_text(ask_measure(&a, "op/ru"), "standing"), "applied");
    assert_non_null(json_object_get(ask_measure(&a, "op/ru"), "title"));
    ask_close(&a);
}

/* EVIDENCE: CS-PRESUME */
static void an_ambiguous_name_is_not_presumed_away(void **state) {
    (void)state;
    struct ask a;
    ask_open(&a,
             LAW("op/crimea",
                 "deny account.open on aws | when customer based in crimea | presume not customer based in "
                 "crimea because 'few are'"));
    decides(&a, ASK_AT, OPEN("aws", CUSTOMER("")), "allow; op/crimea presumed");
    decides(&a, ASK_AT, WITH("aws", ADDRESS("'country':'UA'")), "allow; op/crimea presumed");
    decides(&a,
            ASK_AT,
            WITH("aws", ADDRESS("'country':'UA','city':'Yalta'")),
            ONE_MISSING("op/crimea", "ambiguous"));
    ask_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_is_worth_what_the_table_says),
        cmocka_unit_test(positions_and_networks_count_for_the_territory_that_names_them),
        cmocka_unit_test(items_speak_for_against_or_not_at_all),
        cmocka_unit_test(a_claim_never_outweighs_hard_evidence),
        cmocka_unit_test(kinds_are_counted_not_items),
        cmocka_unit_test(each_standard_gives_what_its_table_says),
        cmocka_unit_test(an_item_taken_away_allows_only_what_hard_evidence_clears),
        cmocka_unit_test(more_of_the_same_strength_is_no_more_weight),
        cmocka_unit_test(doubtful_items_say_nothing_and_the_answer_says_why),
        cmocka_unit_test(old_evidence_says_nothing_of_where_somebody_is_now),
        cmocka_unit_test(presumptions_stand_in_for_silence_only),
        cmocka_unit_test(of_what_is_presumed_away_the_presumption_is_told),
        cmocka_unit_test(an_ambiguous_name_is_not_presumed_away),
    };
    return cdn_run(tests);
}
