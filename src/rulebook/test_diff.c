/* SPDX-License-Identifier: Apache-2.0 */
/* test_diff.c: single edits of a rulebook and what is said of them; that nothing is missed, and that the way
 * back says the opposite. */
#include <stdlib.h>

#include "base/limits.h"
#include "rulebook/diff.h"
#include "rulebook/rulebook_json.h"

#include "support/fault.h"
#include "support/shared.h"

static char *whole; /* tests/rulebooks/whole.measure without its comment lines */

static int read_whole(void **state) {
    (void)state;
    char path[CDN_PATH];
    size_t n = 0, at = 0;
    cdn_source_path(path, "tests/rulebooks/whole.measure");
    char *text = (char *)cdn_read_file(path, &n);
    whole = text ? malloc(n + 1) : NULL;
    if (!whole)
        return -1;
    for (size_t i = 0; i < n;) {
        const char *end = memchr(text + i, '\n', n - i);
        const size_t line = end ? (size_t)(end - text) - i + 1 : n - i;
        if (text[i] != '#') {
            memcpy(whole + at, text + i, line);
            at += line;
        }
        i += line;
    }
    whole[at] = '\0';
    free(text);
    return 0;
}

static int free_whole(void **state) {
    (void)state;
    free(whole);
    return 0;
}

static int load(const char *text, struct cdn_arena *arena, struct cdn_rulebook **ret) {
    const struct cdn_rulebook_source source = {CDN_STR("whole.measure"), cdn_str_z(text)};
    struct cdn_diagnostics d = {.arena = arena};
    return cdn_rulebook_load(&source, 1, NULL, arena, &d, ret);
}

/* The text with the first `from` after `near` replaced; free() it. */
static char *edited(const char *near, const char *from, const char *to) {
    const char *at = strstr(whole, near);
    at = at ? strstr(at, from) : NULL;
    if (!at)
        fail_msg("no `%s` after `%s`", from, near);
    const size_t size = strlen(whole) + strlen(to) + 1;
    char *text = malloc(size);
    assert_non_null(text);
    (void)snprintf(text, size, "%.*s%s%s", (int)(at - whole), whole, to, at + strlen(from));
    return text;
}

struct edit {
    const char *near, *from, *to;
    const char *says; /* all lines */
};

static void said(const struct edit *e) {
    struct cdn_arena arena;
    struct cdn_rulebook *old = NULL, *new = NULL;
    struct cdn_diff there, back;
    struct cdn_buf b;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    char *text = edited(e->near, e->from, e->to);
    assert_int_equal(load(whole, &arena, &old), 0);
    if (load(text, &arena, &new) != 0)
        fail_msg("`%s` → `%s` does not load", e->from, e->to);
    assert_int_equal(cdn_rulebook_diff(old, new, &arena, &there), 0);
    cdn_buf_init(&b, &arena.as_alloc, CDN_MIB(1));
    cdn_diff_write_words(&b, &there);
    cdn_buf_char(&b, '\0');
    assert_int_equal(b.err, 0);
    if (strcmp(b.p, e->says) != 0)
        fail_msg("`%s` → `%s` says\n%snot\n%s", e->from, e->to, b.p, e->says);
    assert_int_equal(cdn_rulebook_diff(new, old, &arena, &back), 0);
    assert_int_equal(there.effects[CDN_EFFECT_WIDER], back.effects[CDN_EFFECT_NARROWER]);
    assert_int_equal(there.effects[CDN_EFFECT_NARROWER], back.effects[CDN_EFFECT_WIDER]);
    free(text);
    cdn_arena_free(&arena);
}

#define NEW "amazon/aws-new-customers"
#define ALL "measure us/everything"
#define DASH " \xE2\x80\x94 "

static const struct edit edits[] = {
    {"any shareholder",
     "national of {RU, BY}",
     "national of {RU}",
     "us/everything: shareholder national of: no longer BY (from {RU, BY} to {RU})" DASH "wider\n"},
    {ALL,
     "viewer located in UA-43",
     "viewer located in UA",
     "us/everything: viewer located in: now also UA, no longer UA-43 (from {UA-43} to {UA})" DASH "wider\n"},
    {ALL,
     "customer located outside {RU, UA}",
     "customer located outside {RU}",
     "us/everything: customer located in: no longer UA (from {RU, UA} to {RU})" DASH "wider\n"},
    {ALL,
     "goods.unit_value > 300 EUR",
     "goods.unit_value > 250 EUR",
     "us/everything: except: from goods.unit_value > 300 EUR to goods.unit_value > 250 EUR" DASH
     "narrower\n"},
    {NEW,
     "effective  2022-03-05T00:00 America/New_York",
     "effective  2022-03-04T00:00 America/New_York",
     NEW ": effective: from 2022-03-05T00:00 America/New_York to 2022-03-04T00:00 America/New_York" DASH
         "wider\n"},
    {NEW,
     "effective  2022-03-05T00:00 America/New_York",
     "effective  2022-03-05T05:00 UTC",
     NEW ": effective: from 2022-03-05T00:00 America/New_York to 2022-03-05T05:00 UTC\n"},
    {ALL,
     "    until      2032-02-26T00:01 Europe/London\n",
     "",
     "us/everything: no longer ends (was to end 2032-02-26T00:01 Europe/London)" DASH "wider\n"},
    {"licence us/gl-2",
     "effective  2025-10-30\n",
     "effective  2025-10-30\n    until 2027-01-01 UTC\n",
     "us/gl-2: ends 2027-01-01 UTC" DASH "wider\n"},
    {NEW, "evidence   two kinds", "evidence   any", NEW ": evidence: from two kinds to any" DASH "wider\n"},
    {NEW, "if unknown deny", "if unknown hold", NEW ": if unknown: from deny to hold" DASH "narrower\n"},
    {NEW,
     "to 200.50 GBP per day",
     "to 100 GBP per day",
     NEW ": outcome: from limit payment.send on any service to 200.5 GBP per day for sender scope "
         "request form "
         "refuse to limit payment.send on any service to 100 GBP per day for sender scope request form "
         "refuse" DASH "wider\n"},
    {NEW,
     "deny       account.open on cloud",
     "freeze     account.open on cloud",
     NEW ": outcome: from deny account.open on aws, glacier for customer scope account form refuse to freeze "
         "account.open on aws, glacier for customer scope account form retain" DASH "changes\n"},
    {NEW,
     "    except     \"permitted by name\" customer.id in {\"a\\nb\", \"c\"}\n",
     "",
     NEW ": except: no longer \"permitted by name\" customer.id in {\"a\\nb\", \"c\"}" DASH "wider\n"},
    {NEW,
     "    keep       data.export until 2022-09-01 UTC \"to move away\"\n",
     "",
     NEW ": keep: no longer data.export until 2022-09-01 UTC \"to move away\"" DASH "wider\n"},
    {"licence us/gl-1",
     "    on condition report",
     "    duty report",
     "us/gl-1: duty: now also report \"transactions\" to \"OFAC\" within 10 business days of us" DASH
     "changes\n"
     "us/gl-1: on condition: no longer report \"transactions\" to \"OFAC\" within 10 business days of "
     "us" DASH "narrower\n"},
    {"licence us/gl-2",
     "lifts      us/everything",
     "lifts      us/everything, stripe/terms",
     "us/gl-2: lifts: now also stripe/terms (from {us/everything} to {us/everything, stripe/terms})" DASH
     "narrower\n"},
    {"licence us/gl-1",
     "    when       request.purpose is telecommunication\n",
     "",
     "us/gl-1: when: from request.purpose is telecommunication to always" DASH "narrower\n"},
    {"measure stripe/terms",
     "deny       payment.send on aws\n",
     "deny       payment.send on aws\n    when       sender based in RU\n",
     "stripe/terms: when: from always to sender based in RU" DASH "narrower\n"},
    {"measure stripe/terms",
     "effective  2022-01-01 MSK\n",
     "effective  2022-01-01 MSK\n    supersedes us/gl-2\n",
     "stripe/terms: supersedes: now also us/gl-2" DASH "changes\n"
     "us/gl-2: superseded by stripe/terms from 2022-01-01 MSK" DASH "changes\n"},
    {"territory crimea",
     "includes UA-43, UA-40 from 2014-03-18",
     "includes UA-43 from 2014-03-18",
     "territory crimea: includes: no longer UA-40 from 2014-03-18 (from {UA-43 from 2014-03-18, UA-40 "
     "from "
     "2014-03-18} to {UA-43 from 2014-03-18})" DASH "changes\n"},
    {"territory dnr",
     "part of UA-14",
     "part of UA-14\n    city \"Donetsk\" from 2022-02-21",
     "territory dnr: recognised by: now also city \"Donetsk\" from 2022-02-21\n"},
    {"set      five-banks",
     "\"SOMRRUMM\", ",
     "\"SOMRRUMM\", \"GAZPRUMM\", ",
     "set five-banks: now also GAZPRUMM (from {VTBRRUMM, SOMRRUMM, with \"quotes\" and \\} to {VTBRRUMM, "
     "SOMRRUMM, "
     "GAZPRUMM, with \"quotes\" and \\})" DASH "narrower\n"},
    {"calendar us",
     "2022-02-21, ",
     "",
     "calendar us: holidays: no longer 2022-02-21 (from {2022-01-17, 2022-02-21} "
     "to {2022-01-17})" DASH "changes\n"},
    {"geodata", "1500 days", "400 days", "geodata: max-age: from 1500 days to 400 days" DASH "changes\n"},
    {"service  retail",
     "is goods-shop",
     "is goods-shop, food",
     "service retail: is: now also food (from {goods-shop} to {goods-shop, food})\n"},
    {NEW,
     "owner      \"Trust and safety\"",
     "owner      \"Legal\"",
     NEW ": owner: from Trust and safety to Legal\n"},
    {"protect amazon/help",
     "protect amazon/help-ukraine",
     "protect amazon/aid",
     "amazon/help-ukraine: removed: protect, effective 2022-02-24" DASH "wider\n"
     "amazon/aid: new protect, effective 2022-02-24" DASH "narrower\n"},
    {"list     us/ssi",
     "list     us/ssi\n",
     "list     us/ssi\nlist us/nsmbs \"Menu\"\n",
     "us/nsmbs: new list\n"},
    {"binds      amazon-eu-sarl",
     "    binds      entities in {US, eu}\n",
     "",
     NEW ": binds: no longer entities in US, entities in eu (from {amazon-eu-sarl, entities in US, "
         "entities in eu} "
         "to {amazon-eu-sarl})" DASH "narrower\n"},
};

static void each_edit_is_told(void **state) {
    (void)state;
    for (size_t i = 0; i < CDN_ARRAY_LEN(edits); i++)
        said(&edits[i]);
}

static void places_are_told_as_places(void **state) {
    (void)state;
    static const char *const rulebook =
        "operator amazon\nservice retail\naction order.ship needs recipient\n"
        "measure amazon/retail-shipments\n    basis policy of amazon\n    effective 2022-03-09\n"
        "    deny order.ship on retail\n    when recipient located in %s\n";
    char before[400], after[400];
    struct cdn_arena arena;
    struct cdn_rulebook *old = NULL, *new = NULL;
    struct cdn_diff diff;
    struct cdn_buf b;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)snprintf(before, sizeof(before), rulebook, "RU");
    (void)snprintf(after, sizeof(after), rulebook, "{RU, BY}");
#pragma GCC diagnostic pop
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    assert_int_equal(load(before, &arena, &old), 0);
    assert_int_equal(load(after, &arena, &new), 0);
    assert_int_equal(cdn_rulebook_diff(old, new, &arena, &diff), 0);
    cdn_buf_init(&b, &arena.as_alloc, CDN_MIB(1));
    cdn_diff_write_words(&b, &diff);
    cdn_buf_char(&b, '\0');
    assert_string_equal(
        b.p,
        "amazon/retail-shipments: recipient located in: now also BY (from {RU} to {RU, BY})" DASH "wider\n");
    cdn_buf_clear(&b);
    cdn_diff_write_json(&b, &diff);
    cdn_buf_char(&b, '\0');
    assert_string_equal(b.p,
                        "{\"changes\":[{\"added\":[\"BY\"],\"change\":\"changed\",\"clause\":\"when\","
                        "\"effect\":\"wider\",\"from\":"
                        "\"{RU}\",\"id\":\"amazon/retail-shipments\",\"kind\":\"measure\",\"to\":\"{RU, "
                        "BY}\",\"words\":\"recipient "
                        "located in: now also BY (from {RU} to {RU, "
                        "BY})\"}],\"format\":\"cordon-diff/1\",\"summary\":{\"changes\":0,"
                        "\"narrower\":0,\"neutral\":0,\"wider\":1}}");
    cdn_arena_free(&arena);
}

/* ---- nothing is missed ------------------------------------------------------------------------------ */

static bool same_json(const struct cdn_rulebook *a, const struct cdn_rulebook *b, struct cdn_arena *arena) {
    struct cdn_buf x, y;
    cdn_buf_init(&x, &arena->as_alloc, CDN_MIB(1));
    cdn_buf_init(&y, &arena->as_alloc, CDN_MIB(1));
    assert_int_equal(cdn_rulebook_export_json(a, &x), 0);
    assert_int_equal(cdn_rulebook_export_json(b, &y), 0);
    return cdn_str_eq(cdn_buf_get(&x), cdn_buf_get(&y));
}

/* Each line taken out by itself: where a rulebook is left, the difference is told, and the way back is its
 * opposite. */
static void no_line_is_missed(void **state) {
    (void)state;
    unsigned tried = 0;
    char *text = malloc(strlen(whole) + 1);
    assert_non_null(text);
    for (const char *at = whole; *at; at = strchr(at, '\n') + 1) {
        struct cdn_arena arena;
        struct cdn_rulebook *old = NULL, *new = NULL;
        struct cdn_diff there, back;
        const char *next = strchr(at, '\n') + 1;
        memcpy(text, whole, (size_t)(at - whole));
        memcpy(text + (at - whole), next, strlen(next) + 1);
        cdn_arena_init(&arena, &cdn_alloc_libc, 0);
        assert_int_equal(load(whole, &arena, &old), 0);
        if (load(text, &arena, &new) == 0) {
            tried++;
            assert_int_equal(cdn_rulebook_diff(old, new, &arena, &there), 0);
            assert_int_equal(cdn_rulebook_diff(new, old, &arena, &back), 0);
            if (same_json(old, new, &arena) != (there.count == 0))
                fail_msg("without `%.*s`: %zu changes", (int)(next - at - 1), at, there.count);
            if (there.effects[CDN_EFFECT_WIDER] != back.effects[CDN_EFFECT_NARROWER] ||
                there.effects[CDN_EFFECT_NARROWER] != back.effects[CDN_EFFECT_WIDER])
                fail_msg("without `%.*s` the way back is no opposite", (int)(next - at - 1), at);
        }
        cdn_arena_free(&arena);
    }
    assert_true(tried > 60);
    free(text);
}

static int memory_may_run_out(const struct cordon_alloc *alloc) {
    struct cdn_arena of_texts, arena;
    struct cdn_rulebook *old = NULL, *new = NULL;
    struct cdn_diff diff;
    cdn_arena_init(&of_texts, &cdn_alloc_libc, 0);
    cdn_arena_init(&arena, alloc, 0);
    char *text = edited("any shareholder", "national of {RU, BY}", "national of {RU}");
    assert_int_equal(load(whole, &of_texts, &old), 0);
    assert_int_equal(load(text, &of_texts, &new), 0);
    const int err = cdn_rulebook_diff(old, new, &arena, &diff);
    if (err == 0)
        assert_int_equal(diff.count, 1);
    free(text);
    cdn_arena_free(&arena);
    cdn_arena_free(&of_texts);
    return err;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_edit_is_told),
        cmocka_unit_test(places_are_told_as_places),
        cmocka_unit_test(no_line_is_missed),
        cdn_fault_test(memory_may_run_out),
    };
    return _cmocka_run_group_tests(__FILE__, tests, CDN_ARRAY_LEN(tests), read_whole, free_whole);
}
