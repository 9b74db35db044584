/* SPDX-License-Identifier: Apache-2.0 */
/* Who owns whom: from a file of links to a section, and who is found there. Parties that are one are one
 * node; a damaged section is refused or keeps within its bounds. */
#include "compile/owners_build.h"
#include "compile/translit_icu.h"
#include "support/fault.h"
#include "support/rnd.h"

#include "places/codes.h"

static struct cdn_arena arena;
static struct cdn_screen_tables tables;

static int build(const char *csv,
                 const struct cordon_alloc *alloc,
                 struct cdn_owners *ret,
                 struct cdn_buf *out,
                 struct cordon_error *e) {
    const struct cdn_list_file file = {.bytes = cdn_str_z(csv), .name = "links.csv"};
    struct cdn_arena a;
    cdn_arena_init(&a, alloc, 0);
    int err = cdn_owners_build_file(&file, CDN_STR("links.csv"), CDN_STR("2026-03-01"), &tables, &a, out, e);
    err = err ? err : cdn_owners_open(cdn_buf_get(out), ret, e);
    cdn_arena_free(&a);
    return err;
}

static struct cdn_owners made(const char *csv) {
    struct cdn_owners o = {0};
    struct cordon_error e = {0};
    struct cdn_buf *out = cdn_arena_zero(&arena, 1, sizeof *out);
    cdn_buf_init(out, &arena.as_alloc, CDN_MIB(16));
    if (build(csv, &cdn_alloc_libc, &o, out, &e))
        fail_msg("%s: %s (%s)", cdn_status_name(e.code), e.message, e.where);
    return o;
}

static bool first_node(void *ctx, uint32_t node) {
    *(uint32_t *)ctx = node;
    return false;
}
static uint32_t by_name(const struct cdn_owners *o, const char *name) {
    char storage[CDN_OWNERS_KEY];
    struct cdn_name scratch;
    uint32_t node = CDN_OWNERS_NONE;
    cdn_owners_by_name(o, cdn_owners_key(&tables, &scratch, cdn_str_z(name), storage), first_node, &node);
    return node;
}

#define HEAD                                                                                                 \
    "owner,owner_country,owner_ids,owned,owned_country,owned_ids,percent,kind,since,until,source,disputed\n"

static void the_same_party_is_one_node(void **state) {
    (void)state;
    struct cdn_owners o = made(
        HEAD
        "A,,lei::529900AAAAAAAAAAAA01,Stroimost OOO,RU,registration:RU:1027700132195,30,direct,2014,,x,\n"
        "B,,,Stroimost LLC,RU,registration:RU:1027700132195,25,,,,,\n"
        "OOO Stroimost,RU,,C,,,50,,,,,\n" /* a name only: the one party that bears it */
        "A Ltd,,lei::529900AAAAAAAAAAAA01,B,,,10,,,,,yes\n");
    assert_int_equal(o.count[CDN_OT_nodes], 4);
    assert_int_equal(o.count[CDN_OT_links], 4);
    const uint32_t firm = by_name(&o, "STROIMOST, OOO");
    assert_int_equal(by_name(&o, "ООО Строимост"), firm);
    assert_int_equal(by_name(&o, "Stroimost"), CDN_OWNERS_NONE);
    assert_int_equal(o.nodes[firm].links.count, 2);
    assert_int_equal(o.nodes[firm].names.count, 3);
    assert_int_equal(by_name(&o, "Stroimost LLC"), firm);
    uint32_t node = CDN_OWNERS_NONE;
    cdn_owners_by_ident(&o, CDN_PARTY_IDENT_REGISTRATION, 0, CDN_STR("1027700132195"), first_node, &node);
    assert_int_equal(node, firm);
    node = CDN_OWNERS_NONE;
    cdn_owners_by_ident(
        &o, CDN_PARTY_IDENT_REGISTRATION, 'D' << 8 | 'E', CDN_STR("1027700132195"), first_node, &node);
    assert_int_equal(node, CDN_OWNERS_NONE); /* another country's register */
    const struct cdn_owner_link *l = &o.links[o.nodes[firm].links.first];
    assert_int_equal(l->from, 3000);
    assert_int_equal(l->kind, CDN_OWNER_DIRECT);
    assert_int_equal(l->since, cdn_days_from_civil(2014, 1, 1) * 86400);
    assert_int_equal(l->until, CDN_TIME_MAX);
}

static void one_name_of_two_parties_is_neither(void **state) {
    (void)state;
    struct cdn_owners o = made("owner,owner_country,owner_ids,owned,percent\n"
                               "Alfa LLC,RU,tax:RU:1,X,10\n"
                               "Alfa LLC,UA,tax:UA:2,X,10\n"
                               "Alfa LLC,,,X,10\n"
                               "Alfa LLC,UA,,X,10\n"); /* the country tells which */
    assert_int_equal(o.count[CDN_OT_nodes], 4);
    assert_int_equal(o.links[o.nodes[1].links.first].owned, 1);
}

static void mistakes_are_told_with_their_line(void **state) {
    (void)state;
    static const struct {
        const char *csv, *message;
        int code;
    } cases[] = {
        {"", "empty", CORDON_E_FORMAT},
        {"a,b\n1,2\n", "no column is called `a`", CORDON_E_NAME},
        {"owner,percent\nA,5\n", "needed", CORDON_E_FORMAT},
        {"owner,owned,percent\nA,B,101\n", "`101`", CORDON_E_RANGE},
        {"owner,owned,percent\nA,B,50-20\n", "`50-20`", CORDON_E_RANGE},
        {"owner,owned,kind\nA,B,partly\n", "`partly`", CORDON_E_NAME},
        {"owner,owned,since\nA,B,soon\n", "`soon`", CORDON_E_SYNTAX},
        {"owner,owned,disputed\nA,B,perhaps\n", "`perhaps`", CORDON_E_NAME},
        {"owner,owned_ids\nA,leo::1234\n", "`leo`", CORDON_E_NAME},
        {"owner,owned_ids\nA,entry:us/sdn\n", "entry:LIST:ID", CORDON_E_SYNTAX},
        {"owner,owned\nA,\n", "neither", CORDON_E_SYNTAX},
        {"owner,owned\nA,A\n", "owns itself", CORDON_E_CONFLICT},
        {"owner,owned,since,until\nA,B,2020,2019\n", "before it begins", CORDON_E_RANGE},
        {"{\"owner\":\"A\",\"ownd\":\"B\"}\n", "unknown member `ownd`", CORDON_E_NAME},
        {"{\"owner\":\"A\"}\n", "the owned has neither", CORDON_E_SYNTAX},
        {"{\"owner\":\"A\",\"owned\":\"B\",\"percent\":\"101\"}\n", "(at /percent)", CORDON_E_RANGE},
        {"{\"owner\":\"A\",\"owned_ids\":[\"tax:RU:1\",\"leo::1234\"]}\n",
         "(at /owned_ids/1)",
         CORDON_E_NAME},
        {"{\"owner\":\"A\",\"owned_ids\":\"tax:RU:1\"}\n", "expected `[` (at /owned_ids)", CORDON_E_SYNTAX},
        {"{\"owner\":\"A\",\"owned_country\":\"Narnia\"}\n", "(at /owned_country)", CORDON_E_NAME},
        {"{\"owner\":\"A\",\"owned\":\"B\",\"since\":\"soon\"}\n", "(at /since)", CORDON_E_SYNTAX},
        {"{\"owner\":\"A\",\"owned\":\"B\"} x\n", "follows the object", CORDON_E_SYNTAX},
        {"{\"owner\":\"A\",\"owner\":\"B\"}\n", "member `owner` twice", CORDON_E_CONFLICT},
    };
    for (size_t i = 0; i < CDN_ARRAY_LEN(cases); i++) {
        struct cdn_owners o;
        struct cordon_error e = {0};
        struct cdn_buf out;
        cdn_buf_init(&out, &cdn_alloc_libc, CDN_MIB(1));
        const int err = build(cases[i].csv, &cdn_alloc_libc, &o, &out, &e);
        if (err != cases[i].code || !strstr(e.message, cases[i].message))
            fail_msg("case %zu: %s: %s", i, cdn_status_name(err), e.message);
        cdn_buf_free(&out);
    }
}

static int without_memory(const struct cordon_alloc *alloc) {
    struct cdn_owners o;
    struct cdn_buf out;
    cdn_buf_init(&out, alloc, CDN_MIB(1));
    const int err = build("owner,owned,percent\nA,B,50\nC,A,10\n", alloc, &o, &out, NULL);
    cdn_buf_free(&out);
    return err;
}

/* JSON Lines say what CSV says: the same section, but for the digest of the file. */
static void both_forms_say_the_same(void **state) {
    (void)state;
    const struct cdn_owners x =
        made("owner,owner_country,owner_ids,owned,owned_ids,percent,kind,since,until,source,disputed\n"
             "A,RU,lei::529900AAAAAAAAAAAA01|entry:us/sdn:17,B,,25-60,indirect,2014,2020-06-30,\"a, "
             "\"\"b\"\"\",yes\n"
             "C,,,,registration:RU:1027700132195,,control,,,,\n"
             "C,,,B,,,either,,,,no\n");
    const struct cdn_owners y = made(
        "\xef\xbb\xbf{\"owner\":\"A\",\"owner_country\":\"RU\",\"owner_ids\":[\"lei::529900AAAAAAAAAAAA01\","
        "\"entry:us/sdn:17\"],\"owned\":\"B\",\"percent\":\"25-60\",\"kind\":\"indirect\",\"since\":\"2014\","
        "\"until\":\"2020-06-30\",\"source\":\"a, \\\"b\\\"\",\"disputed\":true}\r\n\n"
        "{\"owner\":\"C\",\"owned_ids\":[\"registration:RU:1027700132195\"],\"kind\":\"control\"}\n"
        "{\"owner\":\"C\",\"owned\":\"B\",\"kind\":\"either\",\"disputed\":false}");
    for (unsigned i = 0; i < CDN_OWNERS_TABLE_COUNT; i++)
        assert_int_equal(x.count[i], y.count[i]);
    assert_int_equal(x.pool.n, y.pool.n);
    assert_memory_equal(x.pool.p, y.pool.p, x.pool.n);
    assert_memory_equal(x.links, y.links, x.count[CDN_OT_links] * sizeof *x.links);
    assert_memory_equal(x.nodes, y.nodes, x.count[CDN_OT_nodes] * sizeof *x.nodes);
    assert_memory_equal(x.idents, y.idents, x.count[CDN_OT_idents] * sizeof *x.idents);
    assert_int_equal(x.links[2].kind == CDN_OWNER_EITHER || x.links[1].kind == CDN_OWNER_EITHER, 1);
}

/* Any byte of it changed: refused, or every look-up stays inside. */
static void damage_never_leads_outside(void **state) {
    (void)state;
    struct cdn_buf out;
    struct cdn_owners o;
    struct cdn_rnd rnd;
    struct cordon_error e;
    cdn_rnd_init(&rnd, "owners", 7);
    cdn_buf_init(&out, &arena.as_alloc, CDN_MIB(1));
    assert_int_equal(build("owner,owner_ids,owned,percent,since,source\nA,entry:l:1|tax:RU:77,B,50,2014,s\n"
                           "C,,A,10,,t\nB,,C,60,,u\n",
                           &cdn_alloc_libc,
                           &o,
                           &out,
                           &e),
                     0);
    unsigned refused = 0, kept = 0;
    for (unsigned i = 0; i < 20000; i++) {
        const size_t at = cdn_rnd_below(&rnd, out.n);
        const char old = out.p[at];
        out.p[at] = (char)(old ^ (1 << cdn_rnd_below(&rnd, 8)));
        struct cdn_owners x;
        if (cdn_owners_open(cdn_buf_get(&out), &x, &e) == 0) {
            kept++;
            for (uint32_t k = 0; k < x.count[CDN_OT_nodes]; k++)
                assert_true(cdn_utf8_valid(cdn_owners_title(&x, k)));
            (void)by_name(&x, "A");
            uint32_t node = 0;
            cdn_owners_by_entry(&x, CDN_STR("l"), CDN_STR("1"), first_node, &node);
        } else {
            refused++;
        }
        out.p[at] = old;
    }
    assert_true(refused > kept);
}

static int open_tables(void **state) {
    (void)state;
    struct cordon_error e;
    struct cdn_buf *b = NULL;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    b = cdn_arena_zero(&arena, 1, sizeof *b);
    cdn_buf_init(b, &arena.as_alloc, CDN_MIB(64));
    int err = cdn_compile_screen_tables(&arena.as_alloc, b, &e);
    return err ? err : cdn_screen_tables_open(cdn_buf_get(b), &tables, &e);
}
static int close_tables(void **state) {
    (void)state;
    cdn_arena_free(&arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_party_is_one_node),
        cmocka_unit_test(one_name_of_two_parties_is_neither),
        cmocka_unit_test(mistakes_are_told_with_their_line),
        cmocka_unit_test(both_forms_say_the_same),
        cdn_fault_test(without_memory),
        cmocka_unit_test(damage_never_leads_outside),
    };
    return cmocka_run_group_tests(tests, open_tables, close_tables);
}
