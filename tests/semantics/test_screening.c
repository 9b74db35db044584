/* SPDX-License-Identifier: Apache-2.0 */
/* test_screening.c: docs/semantics.md, "Lists and owners": parties are screened by the engine itself,
 * candidates are told, clearances hold until something changes, lists grow old; owners by the request and by
 * a relations file. */
#include "support/ask.h"
#include "support/rnd.h"

#define SDN_HEAD "id,type,name,aliases,weak_aliases,birth_dates,nationalities,identifiers,measures\n"
#define ROTENBERG                                                                                            \
    "R-1,person,\"Rotenberg, Arkady Romanovich\",Аркадий Ротенберг,ARKASHA,1951-12-15,RU,"   \
    "passport:RU:4509123456,asset-freeze\n"
#define MASTER "C-1,company,Stroigazmontazh OOO,SGM Group,,,,registration:RU:1077762942212,asset-freeze\n"
#define SHIP "S-1,ship,Grand Mariner,,,,,imo::9074729,asset-freeze\n"

static const struct ask_list sdn = {"us/sdn", SDN_HEAD ROTENBERG MASTER SHIP, "2022-03-01"};
#define SDN_MEASURE LAW("us/freeze", "freeze account.open on aws | when any party is on list us/sdn")
#define SDN_STRICT                                                                                           \
    LAW("us/freeze", "freeze account.open on aws | when any party is on list us/sdn match 999 review 930")
#define WHO(members) OPEN("aws", CUSTOMER(members))

static const json_t *because_of(const struct ask *a, const char *measure, size_t i) {
    return json_array_get(json_object_get(ask_measure(a, measure), "because"), i);
}
static const json_t *candidate_of(const struct ask *a, const char *measure, size_t i) {
    return json_array_get(json_object_get(because_of(a, measure, 0), "candidates"), i);
}

/* EVIDENCE: CS-SCREEN */
static void the_engine_looks_by_itself(void **state) {
    (void)state;
    static const struct {
        const char *request, *expected;
    } cases[] = {
        {WHO(",'kind':'person','name':'Arkady Rotenberg','birth_date':'1951-12-15'"),
         "freeze; us/freeze applied"},
        {WHO(",'kind':'person','name':'РОТЕНБЕРГ Аркадий Романович','birth_date':'1951-12-15'"),
         "freeze; us/freeze applied"},
        {WHO(",'kind':'person','name':'Emma Daniels'"), "allow"},
        /* One word that says much, in another script: somebody has to look. With the number of the register
         * it is certain. */
        {WHO(",'kind':'company','name':'ООО Стройгазмонтаж'"),
         "hold; us/freeze held; missing customer on list us/sdn (possible match); missing "
         "customer.identifiers "
         "(would tell the candidates apart)"},
        {WHO(",'kind':'company','name':'ООО "
             "Стройгазмонтаж','identifiers':[{'kind':'ogrn','country':'RU','value':"
             "'1077762942212'}]"),
         "freeze; us/freeze applied"},
        /* An equal identifier decides. */
        {WHO(",'kind':'company','name':'Quiet Water','identifiers':[{'kind':'imo','value':'IMO 9074729'}]"),
         "freeze; us/freeze applied"},
        /* A weak alias alone is no hit. */
        {WHO(",'kind':'person','name':'Arkasha'"), "allow"},
        /* A namesake born elsewhere and otherwise. */
        {WHO(",'kind':'person','name':'Arkady Rotenberg','birth_date':'1988-02-01'"), "allow"},
        /* Nobody to ask about. */
        {WHO(",'kind':'person'"), "hold; us/freeze held; missing customer on list us/sdn (no name)"},
        /* "Not listed" never overrides what the engine finds; a supplied hit stays. */
        {WHO(",'kind':'person','name':'Arkady "
             "Rotenberg','birth_date':'1951-12-15','listed':[{'list':'us/sdn',"
             "'listed':false}]"),
         "freeze; us/freeze applied"},
        {WHO(",'kind':'person','name':'Arkady Rotenberg','birth_date':'1951-12-15','listed':[]"),
         "freeze; us/freeze applied"},
        {WHO(",'kind':'person','name':'Emma Daniels','listed':[{'list':'us/sdn','listed':true,'score':990}]"),
         "freeze; us/freeze applied"},
    };
    struct ask a;
    ask_open_lists(&a, SDN_MEASURE, &sdn, 1, NULL);
    for (size_t i = 0; i < CDN_ARRAY_LEN(cases); i++)
        decides(&a, ASK_AT, cases[i].request, cases[i].expected);
    ask_close(&a);
}

/* EVIDENCE: CS-SCREEN */
static void a_possible_match_holds_and_says_what_would_settle_it(void **state) {
    (void)state;
    struct ask a;
    ask_open_lists(&a, SDN_STRICT, &sdn, 1, NULL);
    decides(
        &a,
        ASK_AT,
        WHO(",'kind':'person','name':'Arkadiy Rotenbergh'"),
        "hold; us/freeze held; missing customer on list us/sdn (possible match); missing customer.birth_date "
        "(would tell the candidates apart); missing customer national of (would tell the candidates apart); "
        "missing customer.identifiers (would tell the candidates apart)");
    const json_t *c = candidate_of(&a, "us/freeze", 0);
    assert_string_equal(ask_text(c, "list"), "us/sdn");
    assert_string_equal(ask_text(c, "entry"), "R-1");
    assert_string_equal(ask_text(c, "source"), "engine");
    assert_string_equal(ask_text(c, "value"), "unknown");
    assert_string_equal(ask_text(c, "who"), "/parties/0");
    assert_true(json_integer_value(json_object_get(c, "score")) >= 930);
    assert_true(json_array_size(json_object_get(c, "for")) > 0);
    assert_int_equal(strlen(ask_text(c, "entry_fingerprint")), 32);
    const json_t *as_of = json_object_get(json_object_get(a.decision, "as_of"), "list/us/sdn");
    assert_string_equal(ask_text(as_of, "date"), "2022-03-01");
    assert_int_equal(json_integer_value(json_object_get(as_of, "count")), 3);
    assert_int_equal(strlen(ask_text(as_of, "digest")), 64);
    /* The lists that made an answer possible are told with an allow, too. */
    decides(&a, ASK_AT, WHO(",'kind':'person','name':'Emma Daniels'"), "allow");
    assert_non_null(json_object_get(json_object_get(a.decision, "as_of"), "list/us/sdn"));
    ask_close(&a);
}

/* EVIDENCE: CS-SCREEN */
static void each_test_has_its_own_thresholds(void **state) {
    (void)state;
    struct ask a;
    ask_open_lists(
        &a,
        LAW("us/strict", "freeze account.open on aws | when customer is on list us/sdn match 999 review 995")
            POLICY("op/loose", "deny account.open on aws | when customer is on list us/sdn match 800"),
        &sdn,
        1,
        NULL);
    decides(&a, ASK_AT, WHO(",'kind':'person','name':'Arkadiy Rotenbergh'"), "deny; op/loose applied");
    ask_close(&a);
}

/* EVIDENCE: CS-LIST-AGE */
static void an_old_list_clears_nobody(void **state) {
    (void)state;
    static const struct ask_list undated = {"house/own", SDN_HEAD ROTENBERG, NULL};
    struct ask a;
    const char *rulebook = "list house/own 'Own' max-age 9 days | source 's' <https://example.org/s>\n" LAW(
        "op/own", "deny account.open on aws | when customer is on list house/own");
    const struct ask_list dated = {"house/own", SDN_HEAD ROTENBERG, "2022-03-01"};
    ask_open_lists(&a, rulebook, &dated, 1, NULL);
    const char *nobody = WHO(",'kind':'person','name':'Emma Daniels'");
    const char *somebody = WHO(",'kind':'person','name':'Arkady Rotenberg','birth_date':'1951-12-15'");
    decides(&a, "2022-03-09T23:59:59Z", nobody, "allow");
    assert_string_equal(ask_changes_at(&a), "2022-03-10T00:00:00Z");
    decides(&a, ASK_AT, nobody, "hold; op/own held; missing customer on list house/own (stale)");
    const json_t *as_of = json_object_get(json_object_get(a.decision, "as_of"), "list/house/own");
    assert_true(json_is_true(json_object_get(as_of, "stale")));
    /* A hit is still reason to know. */
    decides(&a, ASK_AT, somebody, "deny; op/own applied");
    /* What somebody else screened against a newer one is an answer. */
    decides(&a,
            ASK_AT,
            WHO(",'kind':'person','name':'Emma Daniels','listed':[{'list':'house/own','listed':false}]"),
            "allow");
    ask_close(&a);
    ask_open_lists(&a, rulebook, &undated, 1, NULL);
    decides(&a, ASK_AT, nobody, "hold; op/own held; missing customer on list house/own (stale)");
    ask_close(&a);
}

/* ---- clearances -----------------------------------------------------------------------------------------
 */

#define NAMESAKE "'kind':'person','name':'Arkadiy Rotenbergh'"

/* The request with a clearance that carries the fingerprints of the last decision's candidate. */
static const char *with_clearance(struct ask *a, const char *party, const char *more) {
    static char request[2048];
    const json_t *c = candidate_of(a, "us/freeze", 0);
    (void)snprintf(
        request,
        sizeof request,
        "{'action':'account.open','service':'aws','parties':[{'role':'customer',%s}],'state':[{'kind':"
        "'clearance','list':'us/sdn','entry':'R-1','party':0,'entry_fingerprint':'%s',"
        "'party_fingerprint':'%s','by':'K. Lee','why':'another one'%s}]}",
        party,
        ask_text(c, "entry_fingerprint"),
        ask_text(c, "party_fingerprint"),
        more);
    return request;
}

#define STAYS                                                                                                \
    "hold; us/freeze held; missing customer on list us/sdn (possible match); missing customer.birth_date "   \
    "(would tell the candidates apart); missing customer national of (would tell the candidates apart); "    \
    "missing customer.identifiers (would tell the candidates apart)"

/* EVIDENCE: CS-CLEARED */
static void a_cleared_candidate_stays_away_until_something_changes(void **state) {
    (void)state;
    static const struct ask_list more_names = {
        "us/sdn",
        SDN_HEAD "R-1,person,\"Rotenberg, Arkady Romanovich\",Аркадий Ротенберг|Arkadij Rotenberg Sr,ARKASHA,"
                 "1951-12-15,RU,passport:RU:4509123456,asset-freeze\n" MASTER SHIP,
        "2022-03-08"};
    static const struct ask_list another_day = {"us/sdn", SDN_HEAD SHIP MASTER ROTENBERG, "2022-03-08"};
    char request[2048];
    struct ask a, b;
    ask_open_lists(&a, SDN_STRICT, &sdn, 1, NULL);
    (void)ask_decide(&a, ASK_AT, WHO("," NAMESAKE), false);
    (void)snprintf(
        request, sizeof request, "%s", with_clearance(&a, NAMESAKE, ",'until':'2022-06-01T00:00:00Z'"));
    /* Cleared: it is still told, in an explanation. */
    decides(&a, ASK_AT, request, "allow");
    assert_string_equal(ask_changes_at(&a), "2022-06-01T00:00:00Z");
    (void)ask_decide(&a, ASK_AT, request, true);
    const json_t *c = candidate_of(&a, "us/freeze", 0);
    assert_string_equal(ask_text(c, "value"), "false");
    assert_string_equal(ask_text(c, "cleared"), "by K. Lee until 2022-06-01T00:00:00Z: another one");
    /* Its end has come. */
    decides(&a, "2022-06-01T00:00:00Z", request, STAYS);
    assert_string_equal(ask_text(candidate_of(&a, "us/freeze", 0), "not_cleared"), "the clearance is over");
    /* The party has changed: another birth date, which would speak for it. */
    (void)ask_decide(&a, ASK_AT, WHO("," NAMESAKE), false);
    decides(&a,
            ASK_AT,
            with_clearance(&a, NAMESAKE ",'birth_date':'1951-12-15'", ""),
            "freeze; us/freeze applied");
    assert_string_equal(ask_text(candidate_of(&a, "us/freeze", 0), "not_cleared"),
                        "what is known of the party has changed since it was cleared");
    /* Nor does one that does not say what was compared. */
    decides(&a,
            ASK_AT,
            "{'action':'account.open','service':'aws','parties':[{'role':'customer'," NAMESAKE
            "}],'state':[{'kind':'clearance','list':'us/sdn','entry':'R-1','party':0}]}",
            STAYS);
    /* The list of another day, in another order, says the same of the entry. */
    ask_open_lists(&b, SDN_STRICT, &another_day, 1, NULL);
    decides(&b, ASK_AT, request, "allow");
    ask_close(&b);
    /* Another alias: somebody has to look again. */
    ask_open_lists(&b, SDN_STRICT, &more_names, 1, NULL);
    decides(&b, ASK_AT, request, STAYS);
    assert_string_equal(ask_text(candidate_of(&b, "us/freeze", 0), "not_cleared"),
                        "the entry has changed since it was cleared");
    ask_close(&b);
    ask_close(&a);
}

/* EVIDENCE: CS-CLEARED */
static void clearing_one_candidate_leaves_the_others(void **state) {
    (void)state;
    static const struct ask_list two = {"us/sdn",
                                        SDN_HEAD ROTENBERG
                                        "R-9,person,Arkadiy Rottenberg,,,1980-05-05,,,asset-freeze\n",
                                        "2022-03-01"};
    struct ask a;
    ask_open_lists(
        &a,
        LAW("us/freeze", "freeze account.open on aws | when customer is on list us/sdn match 999 review 800"),
        &two,
        1,
        NULL);
    (void)ask_decide(&a, ASK_AT, WHO("," NAMESAKE), false);
    assert_string_equal(ask_text(candidate_of(&a, "us/freeze", 0), "entry"), "R-1");
    assert_string_equal(ask_text(candidate_of(&a, "us/freeze", 1), "entry"), "R-9");
    decides(
        &a,
        ASK_AT,
        with_clearance(&a, NAMESAKE, ""),
        "hold; us/freeze held; missing customer on list us/sdn (possible match); missing customer.birth_date "
        "(would tell the candidates apart)");
    assert_string_equal(ask_text(candidate_of(&a, "us/freeze", 0), "value"), "false");
    assert_string_equal(ask_text(candidate_of(&a, "us/freeze", 1), "value"), "unknown");
    ask_close(&a);
}

/* ---- owners ---------------------------------------------------------------------------------------------
 */

#define LINKS_HEAD                                                                                           \
    "owner,owner_country,owner_ids,owned,owned_country,owned_ids,percent,kind,since,until,source,disputed\n"
#define A_R "Arkadi Rotenberg,RU,entry:us/sdn:R-1,"
#define HOLDING "Most Holding OOO,RU,registration:RU:1027700132195,"
#define CHILD "Bridge Engineering Ltd,CY,registration:CY:HE123456,"
#define US_OWNED                                                                                             \
    LAW("us/owned", "freeze account.open on aws | when customer is owned 50 % or more by parties on us/sdn")
#define THE_HOLDING                                                                                          \
    WHO(",'kind':'company','name':'X','identifiers':[{'kind':'registration','country':'RU',"                 \
        "'value':'1027700132195'}],'listed':[]")

static const char *share_of(struct ask *a, const char *measures, const char *links, const char *request) {
    static char verdict[16];
    ask_open_lists(a, measures, &sdn, 1, links);
    (void)ask_decide(a, ASK_AT, request, false);
    (void)snprintf(verdict, sizeof verdict, "%s", ask_text(a->decision, "verdict"));
    return verdict;
}

#define HOLDING_AT "Most@ Holding OOO,RU,registration:RU:102770013@,"
#define CHILD_AT "Bridge@ Engineering Ltd,CY,registration:CY:HE1234@,"
#define HOLDING_ITSELF                                                                                       \
    ",'kind':'company','name':'X','identifiers':[{'kind':'registration','country':'RU','value':'102770013@'" \
    "}],"                                                                                                    \
    "'listed':[]"
#define CHILD_ITSELF                                                                                         \
    ",'kind':'company','name':'X','identifiers':[{'kind':'registration','country':'CY','value':'HE1234@'}]," \
    "'listed':[]"
#define ALL_OWNED                                                                                            \
    US_OWNED                                                                                                 \
    LAW("eu/owned",                                                                                          \
        "freeze account.open on film | when customer is owned 50 % or more by parties on us/sdn or "         \
        "controlled")                                                                                        \
    LAW("uk/owned",                                                                                          \
        "freeze account.open on pay | when customer is owned more than 50 % by parties on us/sdn singly or " \
        "controlled")

/* Copies with two letters of the case for each @. */
static size_t with_mark(char *to, size_t size, const char *from, size_t number) {
    size_t n = 0;
    for (; *from && n + 3 < size; from++) {
        if (*from != '@') {
            to[n++] = *from;
            continue;
        }
        to[n++] = (char)('a' + number / 20);
        to[n++] = "bcdfghjklmnpqrstvwxz"[number % 20];
    }
    to[n] = 0;
    return n;
}

/* EVIDENCE: CS-OWNED */
static void each_regime_counts_in_its_own_way(void **state) {
    (void)state;
    static const struct {
        const char *service, *links, *party, *verdict;
    } cases[] = {
        /* The United States: half or more, all blocked owners together, link by link. */
        {"aws", A_R HOLDING_AT "50,direct,,,,\n", HOLDING_ITSELF, "freeze"},
        {"aws", A_R HOLDING_AT "49.99,direct,,,,\n", HOLDING_ITSELF, "allow"},
        {"aws",
         A_R HOLDING_AT "30,direct,,,,\nX,,entry:us/sdn:C-1," HOLDING_AT "20,direct,,,,\n",
         HOLDING_ITSELF,
         "freeze"},
        {"aws",
         A_R HOLDING_AT "50,direct,,,,\n" HOLDING_AT CHILD_AT "50,direct,,,,\n",
         CHILD_ITSELF,
         "freeze"},
        {"aws",
         A_R HOLDING_AT "49,direct,,,,\n" HOLDING_AT CHILD_AT "100,direct,,,,\n",
         CHILD_ITSELF,
         "allow"},
        {"aws", A_R HOLDING_AT ",control,,,,\n", HOLDING_ITSELF, "allow"},
        /* The European Union: control counts, too. */
        {"film", A_R HOLDING_AT ",control,,,,\n", HOLDING_ITSELF, "freeze"},
        {"film", A_R HOLDING_AT "10,control,,,,\n", HOLDING_ITSELF, "freeze"},
        /* The United Kingdom: more than half, each by himself. */
        {"pay", A_R HOLDING_AT "50,direct,,,,\n", HOLDING_ITSELF, "allow"},
        {"pay", A_R HOLDING_AT "50.01,direct,,,,\n", HOLDING_ITSELF, "freeze"},
        {"pay",
         A_R HOLDING_AT "40,direct,,,,\nX,,entry:us/sdn:C-1," HOLDING_AT "40,direct,,,,\n",
         HOLDING_ITSELF,
         "allow"},
        /* When it was so. */
        {"aws", A_R HOLDING_AT "60,direct,2014,2022-02-28,,\n", HOLDING_ITSELF, "allow"},
        {"aws", A_R HOLDING_AT "60,direct,2022-03-11,,,\n", HOLDING_ITSELF, "allow"},
        /* What is not certain is held. */
        {"aws", A_R HOLDING_AT ",direct,,,,\n", HOLDING_ITSELF, "hold"},
        {"aws", A_R HOLDING_AT "25-60,direct,,,,\n", HOLDING_ITSELF, "hold"},
        {"aws", A_R HOLDING_AT "60,direct,,,,yes\n", HOLDING_ITSELF, "hold"},
        {"aws", A_R HOLDING_AT "40,direct,,,a,\n" A_R HOLDING_AT "60,direct,,,b,\n", HOLDING_ITSELF, "hold"},
        /* The owner is found by name, without an entry of the list. */
        {"aws", "Аркадий Ротенберг,RU,," HOLDING_AT "60,direct,,,,\n", HOLDING_ITSELF, "freeze"},
        /* The party by name and country, by name alone, and not by the name of another country's firm. */
        {"aws",
         A_R HOLDING_AT "60,direct,,,,\n",
         ",'kind':'company','name':'Most@ Holding "
         "LLC','listed':[],'evidence':[{'kind':'registry_extract','value':"
         "'RU'}]",
         "freeze"},
        {"aws",
         A_R HOLDING_AT "60,direct,,,,\n",
         ",'kind':'company','name':'ООО Most@ Holding','listed':[]",
         "hold"},
        {"aws",
         A_R HOLDING_AT "60,direct,,,,\n",
         ",'kind':'company','name':'Most@ Holding "
         "LLC','listed':[],'evidence':[{'kind':'registry_extract','value':"
         "'US'}]",
         "allow"},
        /* An entry that has left the list owns nothing that matters. */
        {"aws", "Gone,RU,entry:us/sdn:R-77," HOLDING_AT "60,direct,,,,\n", HOLDING_ITSELF, "allow"},
    };
    /* Everybody in one file: of each case its own parties, told apart by what stands for @. */
    static char links[16384];
    struct ask a;
    size_t n = (size_t)snprintf(links, sizeof links, "%s", LINKS_HEAD);
    for (size_t i = 0; i < CDN_ARRAY_LEN(cases); i++)
        n += with_mark(links + n, sizeof links - n, cases[i].links, i);
    ask_open_lists(&a, ALL_OWNED, &sdn, 1, links);
    for (size_t i = 0; i < CDN_ARRAY_LEN(cases); i++) {
        char party[512], request[1024];
        (void)with_mark(party, sizeof party, cases[i].party, i);
        (void)snprintf(request,
                       sizeof request,
                       "{'action':'account.open','service':'%s','parties':[{'role':'customer'%s}]}",
                       cases[i].service,
                       party);
        (void)ask_decide(&a, ASK_AT, request, false);
        if (strcmp(ask_text(a.decision, "verdict"), cases[i].verdict) != 0)
            fail_msg("case %zu: not %s: %s", i, cases[i].verdict, ask_summary(&a));
    }
    ask_close(&a);
}

static bool finds(const struct ask *a, const char *measure, const char *finding) {
    const json_t *list = json_object_get(because_of(a, measure, 0), "findings");
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (strcmp(json_string_value(json_array_get(list, i)), finding) == 0)
            return true;
    }
    return false;
}

/* EVIDENCE: CS-OWNED */
static void odd_data_is_a_finding(void **state) {
    (void)state;
    struct ask a;
    /* A circle with nobody listed in it is clean; with somebody it is not. */
    assert_string_equal(share_of(&a,
                                 US_OWNED,
                                 LINKS_HEAD CHILD HOLDING "60,direct,,,,\n" HOLDING CHILD "60,direct,,,,\n",
                                 THE_HOLDING),
                        "allow");
    (void)ask_decide(&a, ASK_AT, THE_HOLDING, true);
    assert_true(finds(&a, "us/owned", "a circle of ownership through X"));
    ask_close(&a);
    assert_string_equal(share_of(&a,
                                 US_OWNED,
                                 LINKS_HEAD CHILD HOLDING "60,direct,,,,\n" HOLDING CHILD
                                                          "60,direct,,,,\n" A_R CHILD
                                                          "70,direct,,,\"the register\",\n",
                                 THE_HOLDING),
                        "freeze");
    assert_true(finds(&a, "us/owned", "shares of Bridge Engineering Ltd sum to 130 %"));
    const json_t *links = json_object_get(because_of(&a, "us/owned", 0), "owners");
    assert_int_equal(json_array_size(links), 3);
    assert_string_equal(ask_text(json_array_get(links, 1), "owner"), "X");
    const json_t *link = json_array_get(links, 2);
    assert_string_equal(ask_text(link, "owner"), "Arkadi Rotenberg");
    assert_string_equal(ask_text(link, "owned"), "Bridge Engineering Ltd");
    assert_string_equal(ask_text(link, "percent"), "70");
    assert_string_equal(ask_text(link, "source"), "the register");
    assert_string_equal(ask_text(link, "counts"), "true");
    const json_t *as_of = json_object_get(json_object_get(a.decision, "as_of"), "owners/links.csv");
    assert_int_equal(json_integer_value(json_object_get(as_of, "count")), 3);
    ask_close(&a);
    assert_string_equal(share_of(&a, US_OWNED, LINKS_HEAD A_R HOLDING ",direct,,,,yes\n", THE_HOLDING),
                        "hold");
    assert_true(finds(&a, "us/owned", "the share of Arkadi Rotenberg in X is not stated"));
    assert_true(finds(&a, "us/owned", "the share of Arkadi Rotenberg in X is disputed"));
    ask_close(&a);
}

/* EVIDENCE: CS-OWNED */
static void owners_who_are_only_names_are_screened(void **state) {
    (void)state;
    struct ask a;
    ask_open_lists(&a, US_OWNED, &sdn, 1, NULL);
#define OWNED_BY(owner, percent)                                                                             \
    WHO(",'kind':'company','name':'X','listed':[],'owners':[{'party':'" owner "','percent':" percent "}]")
    decides(&a, ASK_AT, OWNED_BY("Аркадий Романович Ротенберг", "51"), "freeze; us/owned applied");
    const json_t *c = candidate_of(&a, "us/owned", 0);
    assert_string_equal(ask_text(c, "who"), "/parties/0/owners/0");
    assert_string_equal(ask_text(c, "entry"), "R-1");
    decides(&a, ASK_AT, OWNED_BY("Аркадий Романович Ротенберг", "49"), "allow");
    decides(&a, ASK_AT, OWNED_BY("Emma Daniels", "51"), "allow");
    ask_close(&a);
}

/* ---- what lists say of owners --------------------------------------------------------------------------
 */

#define FIRM(id, name, number, relations)                                                                    \
    "{\"id\":\"" id "\",\"addresses\":[{\"country\":\"RU\"}],\"identifiers\":[{\"country\":\"RU\",\"kind\":" \
    "\"registration\",\"value\":\"" number "\"}],\"names\":[{\"full\":\"" name                               \
    "\",\"kind\":\"primary\"}],\"relations\":[" relations "],\"type\":\"company\"}\n"
#define BY_NUMBER(number)                                                                                    \
    ",'kind':'company','name':'X','identifiers':[{'kind':'registration','country':'RU','value':'" number     \
    "'}],'listed':[]"
#define BY_NAME(name) ",'kind':'company','name':'" name "','listed':[]"

static const struct ask_list owner_list = {
    "us/sdn",
    "{\"id\":\"R-1\",\"names\":[{\"full\":\"Arkady Romanovich "
    "Rotenberg\",\"kind\":\"primary\"}],\"relations\":["
    "{\"kind\":\"owns\",\"name\":\"Baltic Timber Ltd\",\"percent\":\"60\"},"
    "{\"kind\":\"subsidiary\",\"name\":\"Quiet Shipyard Ltd\",\"text\":\"Subsidiaries\"},"
    "{\"former\":true,\"kind\":\"owns\",\"name\":\"Old Mill Ltd\",\"percent\":\"100\"},"
    "{\"kind\":\"acting-for\",\"name\":\"Acted For Ltd\"},{\"kind\":\"leads\",\"name\":\"Led Ltd\"}],"
    "\"type\":\"person\"}\n",
    "2022-03-01"};
static const struct ask_list owned_list = {
    "us/ssi",
    FIRM("F-1",
         "Ferrous Works OOO",
         "1027700000001",
         "{\"kind\":\"owned-by\",\"name\":\"Arkady Romanovich Rotenberg\",\"percent\":\"55\"}")
        FIRM("F-2",
             "Second Works OOO",
             "1027700000002",
             "{\"kind\":\"owned-by\",\"percent\":\"90\",\"target\":\"F-1\"}")
            FIRM("F-3",
                 "Third Works OOO",
                 "1027700000003",
                 "{\"kind\":\"owned-by\",\"percent\":\"60\",\"target\":\"F-4\"}")
                FIRM("F-4",
                     "Fourth Works OOO",
                     "1027700000004",
                     "{\"kind\":\"owned-by\",\"percent\":\"60\",\"target\":\"F-3\"}")
                    FIRM("F-5",
                         "Fifth Works OOO",
                         "1027700000005",
                         "{\"kind\":\"owned-by\",\"name\":\"Arkady Romanovich Rotenberg\",\"text\":\"Owned "
                         "or Controlled By\"}")
                        FIRM("F-6",
                             "Sixth Works OOO",
                             "1027700000006",
                             "{\"kind\":\"owned-by\",\"percent\":\"60\",\"target\":\"F-6\"}"),
    "2022-03-01"};

/* EVIDENCE: CS-OWNED */
static void what_lists_say_of_owners_counts(void **state) {
    (void)state;
    static const struct {
        const char *party, *us, *eu; /* half or more; the same or controlled */
    } cases[] = {
        {BY_NUMBER("1027700000001"), "freeze", "freeze"}, /* 55 %, of somebody whom the other list has */
        {BY_NUMBER("1027700000002"), "freeze", "freeze"}, /* through F-1 */
        {BY_NUMBER("1027700000003"), "allow", "allow"},   /* a circle without anybody listed */
        {BY_NUMBER("1027700000005"), "hold", "hold"},     /* owned or controlled: not said which */
        {BY_NUMBER("1027700000006"), "allow", "allow"},   /* owned by itself says nothing */
        {BY_NAME("Baltic Timber Ltd"), "hold", "hold"},   /* by name alone it may be the one */
        {BY_NAME("Quiet Shipyard Limited"), "hold", "hold"},
        {BY_NAME("Old Mill Ltd"), "allow", "allow"},
        {BY_NAME("Acted For Ltd"), "allow", "allow"},
        {BY_NAME("Led Ltd"), "allow", "allow"},
    };
    const struct ask_list lists[] = {owner_list, owned_list};
    struct ask a;
    ask_open_lists(&a, ALL_OWNED, lists, 2, NULL);
    for (size_t i = 0; i < 2 * CDN_ARRAY_LEN(cases); i++) {
        char request[1024];
        const char *expected = i % 2 ? cases[i / 2].eu : cases[i / 2].us;
        (void)snprintf(request,
                       sizeof request,
                       "{'action':'account.open','service':'%s','parties':[{'role':'customer'%s}]}",
                       i % 2 ? "film" : "aws",
                       cases[i / 2].party);
        (void)ask_decide(&a, ASK_AT, request, false);
        if (strcmp(ask_text(a.decision, "verdict"), expected) != 0)
            fail_msg("case %zu: not %s: %s", i, expected, ask_summary(&a));
    }
    /* The statement is told with who made it, and what is missing in it. */
    (void)ask_decide(&a, ASK_AT, WHO(BY_NUMBER("1027700000005")), false);
    const json_t *link = json_array_get(json_object_get(because_of(&a, "us/owned", 0), "owners"), 0);
    assert_string_equal(ask_text(link, "source"), "us/ssi F-5: Owned or Controlled By");
    assert_string_equal(ask_text(link, "kind"), "shares or control");
    assert_true(
        finds(&a, "us/owned", "the share of Arkady Romanovich Rotenberg in Fifth Works OOO is not stated") ||
        finds(&a, "us/owned", "the share of Arkady Romanovich Rotenberg in X is not stated"));
    (void)ask_decide(&a, ASK_AT, WHO(BY_NUMBER("1027700000003")), true);
    assert_true(finds(&a, "us/owned", "a circle of ownership through X"));
    ask_close(&a);
    /* A file that knows the share settles shares, and leaves control open. */
    ask_open_lists(
        &a,
        ALL_OWNED,
        lists,
        2,
        "{\"owner\":\"Arkady Romanovich Rotenberg\",\"owned_ids\":[\"registration:RU:1027700000005\"],"
        "\"percent\":\"30\",\"kind\":\"direct\",\"source\":\"register\"}\n");
    decides(&a, ASK_AT, WHO(BY_NUMBER("1027700000005")), "allow");
    (void)ask_decide(&a, ASK_AT, OPEN("film", CUSTOMER(BY_NUMBER("1027700000005"))), false);
    assert_string_equal(ask_text(a.decision, "verdict"), "hold");
    ask_close(&a);
}

/* ---- the twin of ownership ------------------------------------------------------------------------------
 */

enum { FIRMS = 60, LISTED_OWNERS = 3 };
/* share[a][b]: of b in a, in per cent; NONE: no link; MISSING: not stated. Owners FIRMS … are on the list. */
enum { NO_LINK = -2, MISSING = -1 };
static int share[FIRMS][FIRMS + LISTED_OWNERS];

/* Who is owned when every share that is not stated is `missing`: round and round until nothing changes. */
static void naive(bool owned[FIRMS + LISTED_OWNERS], int missing) {
    for (int i = 0; i < FIRMS + LISTED_OWNERS; i++)
        owned[i] = i >= FIRMS;
    for (bool changed = true; changed;) {
        changed = false;
        for (int a = 0; a < FIRMS; a++) {
            int sum = 0;
            for (int b = 0; b < FIRMS + LISTED_OWNERS; b++)
                sum += share[a][b] == NO_LINK || !owned[b] ? 0
                       : share[a][b] == MISSING            ? missing
                                                           : share[a][b];
            if (sum >= 50 && !owned[a])
                owned[a] = changed = true;
        }
    }
}

/* EVIDENCE: CS-OWNED */
static void random_owners_come_out_as_a_naive_count_does(void **state) {
    (void)state;
    static const char *const entries[LISTED_OWNERS] = {"R-1", "C-1", "S-1"};
    static char links[65536];
    bool surely[FIRMS + LISTED_OWNERS], possibly[FIRMS + LISTED_OWNERS];
    struct cdn_rnd rnd;
    struct ask a;
    unsigned seen[3] = {0};
    size_t n = (size_t)snprintf(links, sizeof links, "owner_ids,owned_ids,percent\n");
    cdn_rnd_init(&rnd, "owners", 11);
    for (int i = 0; i < FIRMS; i++) {
        for (int b = 0; b < FIRMS + LISTED_OWNERS; b++)
            share[i][b] = NO_LINK;
        for (uint64_t k = cdn_rnd_below(&rnd, 4); k > 0; k--) {
            const int b = (int)cdn_rnd_below(&rnd, FIRMS + LISTED_OWNERS);
            if (b == i || share[i][b] != NO_LINK)
                continue;
            share[i][b] = cdn_rnd_chance(&rnd, 100) ? MISSING : (int)cdn_rnd_below(&rnd, 101);
            char owner[32], percent[16] = "";
            if (b >= FIRMS)
                (void)snprintf(owner, sizeof owner, "entry:us/sdn:%s", entries[b - FIRMS]);
            else
                (void)snprintf(owner, sizeof owner, "registration:RU:FIRM%d", 1000 + b);
            if (share[i][b] >= 0)
                (void)snprintf(percent, sizeof percent, "%d", share[i][b]);
            n += (size_t)snprintf(
                links + n, sizeof links - n, "%s,registration:RU:FIRM%d,%s\n", owner, 1000 + i, percent);
        }
    }
    naive(surely, 0);
    naive(possibly, 100);
    ask_open_lists(&a, US_OWNED, &sdn, 1, links);
    for (int i = 0; i < FIRMS; i++) {
        char request[512];
        (void)snprintf(request,
                       sizeof request,
                       WHO(",'kind':'company','name':'Q','listed':[],'identifiers':[{'kind':'registration',"
                           "'country':'RU','value':'FIRM%d'}]"),
                       1000 + i);
        (void)ask_decide(&a, ASK_AT, request, false);
        const unsigned expected = surely[i] ? 2 : possibly[i] ? 1 : 0;
        static const char *const verdicts[3] = {"allow", "hold", "freeze"};
        seen[expected]++;
        if (strcmp(ask_text(a.decision, "verdict"), verdicts[expected]) != 0)
            fail_msg("firm %d: %s, not %s", i, ask_text(a.decision, "verdict"), verdicts[expected]);
    }
    printf("# owners: allow %u, hold %u, freeze %u\n", seen[0], seen[1], seen[2]);
    assert_true(seen[0] > 3 && seen[1] > 3 && seen[2] > 3);
    ask_close(&a);
}

/* EVIDENCE: CS-MISSING */
static void taking_away_who_it_is_never_lets_anybody_pass(void **state) {
    (void)state;
    static const char *const parts[] = {
        "'name':'Arkady Rotenberg'",
        "'birth_date':'1951-12-15'",
        "'gender':'male'",
        "'identifiers':[{'kind':'passport','country':'RU','value':'4509123456'}]",
        "'listed':[{'list':'us/sdn','listed':true,'entry':'R-1'}]"};
    struct ask a;
    ask_open_lists(&a, SDN_MEASURE, &sdn, 1, NULL);
    for (unsigned set = 0; set < 1U << CDN_ARRAY_LEN(parts); set++) {
        char request[1024];
        size_t n =
            (size_t)snprintf(request,
                             sizeof request,
                             "{'action':'account.open','service':'aws','parties':[{'role':'customer','kind':"
                             "'person'");
        for (size_t i = 0; i < CDN_ARRAY_LEN(parts); i++) {
            if (set >> i & 1U)
                n += (size_t)snprintf(request + n, sizeof request - n, ",%s", parts[i]);
        }
        (void)snprintf(request + n, sizeof request - n, "}]}");
        (void)ask_decide(&a, ASK_AT, request, false);
        if (strcmp(ask_text(a.decision, "verdict"), "allow") == 0)
            fail_msg("let in: %s", request);
    }
    ask_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_engine_looks_by_itself),
        cmocka_unit_test(a_possible_match_holds_and_says_what_would_settle_it),
        cmocka_unit_test(each_test_has_its_own_thresholds),
        cmocka_unit_test(an_old_list_clears_nobody),
        cmocka_unit_test(a_cleared_candidate_stays_away_until_something_changes),
        cmocka_unit_test(clearing_one_candidate_leaves_the_others),
        cmocka_unit_test(each_regime_counts_in_its_own_way),
        cmocka_unit_test(odd_data_is_a_finding),
        cmocka_unit_test(owners_who_are_only_names_are_screened),
        cmocka_unit_test(what_lists_say_of_owners_counts),
        cmocka_unit_test(random_owners_come_out_as_a_naive_count_does),
        cmocka_unit_test(taking_away_who_it_is_never_lets_anybody_pass),
    };
    return cdn_run(tests);
}
