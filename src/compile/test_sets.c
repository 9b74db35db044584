/* SPDX-License-Identifier: Apache-2.0 */
/* What a set of places makes of an item: in, out, or left open, at a date. The rulebooks of 2022 that are
 * shipped compile as well. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "compile/compile.h"
#include "geodata/builder.h"
#include "support/fault.h"
#include "support/shared.h"

static const char head[] = "operator acme \"Acme\"\n"
                           "service shop \"Shop\" of acme is goods\n"
                           "action order.ship \"ship\" needs customer\n"
                           "territory eu \"Union\"\n"
                           "    within any\n"
                           "    includes AT, DE, FR, HU\n"
                           "    includes GB until 2020-01-31T23:00 UTC\n"
                           "territory crimea \"Crimea\"\n"
                           "    within UA, RU\n"
                           "    includes UA-43\n"
                           "    includes UA-40 from 2014-03-18 UTC\n"
                           "territory dnr \"DNR\"\n"
                           "    within UA, RU\n"
                           "    part of UA-14\n"
                           "    city \"Gorlovka\"\n"
                           "territory south \"South\"\n"
                           "    within UA, RU\n"
                           "    includes crimea, UA-65\n";

static const struct {
    const char *set, *item; /* "UA" or "UA-43": country, or country and region */
    const char *at;         /* "2013" … */
    char expected;          /* '+' in, '-' out, '?' open */
} cases[] = {
    {"RU", "RU", "2022", '+'},
    {"RU", "UA", "2022", '-'},
    {"{RU, BY}", "BY", "2022", '+'},
    {"UA", "UA-43", "2022", '+'},
    {"UA-43", "UA", "2022", '?'},
    {"UA-43", "UA-43", "2022", '+'},
    {"UA-43", "UA-30", "2022", '-'},
    {"crimea", "UA", "2022", '?'},
    {"crimea", "UA-43", "2013", '+'},
    {"crimea", "UA-40", "2013", '-'},
    {"crimea", "UA-40", "2022", '+'},
    {"crimea", "UA-30", "2022", '-'},
    {"crimea", "RU", "2022", '-'},
    {"UA except crimea", "UA", "2022", '?'},
    {"UA except crimea", "UA-30", "2022", '+'},
    {"UA except crimea", "UA-43", "2022", '-'},
    {"UA except crimea", "UA-40", "2013", '+'},
    {"UA except crimea", "UA-40", "2022", '-'},
    {"UA except crimea", "RU", "2022", '-'},
    {"UA except {UA-43}", "UA", "2022", '?'},
    {"UA except {UA-43}", "UA-43", "2022", '-'},
    {"UA except {UA-43}", "UA-40", "2022", '+'},
    {"eu", "AT", "2022", '+'},
    {"eu", "GB", "2019", '+'},
    {"eu", "GB", "2022", '-'},
    {"eu", "US", "2022", '-'},
    {"eu except {HU}", "AT", "2022", '+'},
    {"eu except {HU}", "HU", "2022", '-'},
    {"eu except {HU}", "GB", "2019", '+'},
    {"eu except {HU}", "US", "2022", '-'},
    {"{eu, UA} except crimea", "FR", "2022", '+'},
    {"{eu, UA} except crimea", "UA", "2022", '?'},
    {"{eu, UA} except crimea", "UA-43", "2022", '-'},
    {"dnr", "UA", "2022", '?'},
    {"dnr", "UA-14", "2022", '?'},
    {"dnr", "UA-30", "2022", '-'},
    {"UA except dnr", "UA-14", "2022", '?'},
    {"UA except dnr", "UA-30", "2022", '+'},
    {"south", "UA-65", "2022", '+'},
    {"south", "UA-43", "2022", '+'},
    {"south", "UA-40", "2013", '-'},
    {"south", "UA", "2022", '?'},
    {"south", "UA-30", "2022", '-'},
    {"south except crimea", "UA-65", "2022", '+'},
    {"south except crimea", "UA-43", "2022", '-'},
    {"{UA, crimea}", "UA", "2022", '+'},
    {"{UA-43, UA}", "UA", "2022", '+'},
};

static struct cdn_rulebook *load(const struct cdn_rulebook_source *sources,
                                 size_t n,
                                 struct cdn_arena *arena) {
    struct cdn_diagnostics d = {.arena = arena};
    struct cdn_rulebook *rb = NULL;
    if (cdn_rulebook_load(sources, n, "/usr/share/zoneinfo", arena, &d, &rb) != 0) {
        struct cdn_buf b;
        cdn_buf_init(&b, &arena->as_alloc, (size_t)1 << 24);
        for (size_t i = 0; i < d.count && i < 5; i++)
            cdn_diagnostic_write(&b, sources, &d.items[i], false);
        fail_msg("%.*s", CDN_FMT(cdn_buf_get(&b)));
    }
    return rb;
}

static struct cdn_snapshot *compile(const struct cdn_rulebook *rb, struct cdn_arena *arena) {
    struct cdn_compiled c;
    struct cdn_buf bundle;
    struct cordon_error e = {0};
    struct cdn_snapshot *s = NULL;
    static const struct cdn_compile_options o;
    cdn_buf_init(&bundle, &arena->as_alloc, (size_t)1 << 30);
    int err = cdn_compile(rb, &o, arena, &c, &e);
    if (!err) {
        cdn_compile_bundle(&c, &bundle);
        err = cdn_snapshot_open_bytes(cdn_buf_get(&bundle), &cdn_alloc_libc, &s, &e);
    }
    if (err)
        fail_msg("%s", e.message);
    return s;
}

static char speaks(const struct cdn_snapshot *s, uint32_t set, const char *place, const char *year) {
    struct cdn_evidence ev = {.kind = CDN_EVIDENCE_DECLARED_COUNTRY, .have = CDN_HAVE_VALUE};
    ev.country = (uint16_t)((unsigned)(uint8_t)place[0] << 8 | (uint8_t)place[1]);
    if (place[2])
        ev.address.region = cdn_str_z(place);
    char bytes[256];
    struct cdn_buf scratch;
    struct cdn_item item;
    cdn_buf_fixed(&scratch, bytes, sizeof(bytes));
    const int32_t y = (year[2] - '0') * 10 + year[3] - '0';
    cdn_places_resolve(s->places, &ev, cdn_days_from_civil(2000 + y, 6, 1) * 86400, &scratch, &item);
    bool in = false;
    for (unsigned i = 0; i < item.count; i++) {
        if (cdn_snap_set_except(s, set, item.places[i]))
            return '-';
        in |= cdn_snap_set_has(s, set, item.places[i]);
    }
    return in ? '+' : cdn_snap_set_above(s, set, item.finest) ? '?' : '-';
}

static void sets_mean_what_they_say(void **state CDN_UNUSED) {
    struct cdn_arena arena;
    struct cdn_buf text;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    cdn_buf_init(&text, &arena.as_alloc, (size_t)1 << 20);
    cdn_buf_z(&text, head);
    for (size_t i = 0; i < CDN_ARRAY_LEN(cases); i++)
        cdn_buf_printf(
            &text,
            "measure acme/m%zu\n    title \"T\"\n    basis policy of acme\n    effective 2022-03-05 UTC\n"
            "    source \"S\" <https://example.org>\n    deny order.ship on shop\n    when customer based in "
            "%s\n",
            i,
            cases[i].set);
    const struct cdn_rulebook_source source = {CDN_STR("sets.measure"), cdn_buf_get(&text)};
    struct cdn_snapshot *s = compile(load(&source, 1, &arena), &arena);
    unsigned wrong = 0;
    for (size_t i = 0; i < CDN_ARRAY_LEN(cases); i++) {
        const uint32_t set = s->tests[s->exprs[s->measures[i].when].test].set;
        const char got = speaks(s, set, cases[i].item, cases[i].at);
        if (got != cases[i].expected) {
            printf("# %s in %s (%s): %c, not %c\n",
                   cases[i].item,
                   cases[i].set,
                   cases[i].at,
                   got,
                   cases[i].expected);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
    cdn_snapshot_unref(s);
    cdn_arena_free(&arena);
}

/* `until` of a superseded measure, and both directions of lifting. */
static void links_measures(void **state CDN_UNUSED) {
    struct cdn_arena arena;
    struct cdn_buf text;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    cdn_buf_init(&text, &arena.as_alloc, (size_t)1 << 20);
    cdn_buf_z(&text, head);
    cdn_buf_z(
        &text,
        "measure acme/a\n    title \"A\"\n    basis law \"1\" of us\n    source \"S\" <https://example.org>\n"
        "    effective 2022-01-01 UTC\n    until 2030-01-01 UTC\n    deny order.ship on shop\n"
        "measure acme/b\n    title \"B\"\n    basis law \"2\" of us\n    source \"S\" <https://example.org>\n"
        "    effective 2023-01-01 UTC\n    supersedes acme/a\n    deny order.ship on shop\n"
        "licence acme/l\n    title \"L\"\n    basis law \"3\" of us\n    source \"S\" <https://example.org>\n"
        "    effective 2022-01-01 UTC\n    lifts acme/b, acme/a\n");
    const struct cdn_rulebook_source source = {CDN_STR("links.measure"), cdn_buf_get(&text)};
    struct cdn_snapshot *s = compile(load(&source, 1, &arena), &arena);
    assert_int_equal(s->measures[0].until.at, s->measures[1].effective.at);
    assert_int_equal(s->measures[1].until.at, CDN_TIME_MAX);
    assert_int_equal(s->measures[2].lifts.count, 2);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(s->measures[i].lifted_by.count, 1);
        assert_int_equal(s->indexes[s->measures[i].lifted_by.first], 2);
    }
    cdn_snapshot_unref(s);
    cdn_arena_free(&arena);
}

/* Card ranges travel in the snapshot: the first digits of a card give its issuer's country. */
static void card_ranges_are_used(void **state CDN_UNUSED) {
    struct cdn_arena arena;
    struct cdn_compiled c;
    char bytes[256];
    struct cdn_buf iin, bundle, scratch;
    cdn_buf_fixed(&scratch, bytes, sizeof(bytes));
    struct cordon_error e = {0};
    struct cdn_snapshot *s = NULL;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    cdn_buf_init(&iin, &arena.as_alloc, (size_t)1 << 20);
    cdn_buf_init(&bundle, &arena.as_alloc, (size_t)1 << 24);
    assert_int_equal(cdn_geodata_iin_build(&cdn_alloc_libc,
                                           CDN_STR("220000,220499,RU\n400000,400099,DE\n"),
                                           CDN_STR("cards.csv"),
                                           1640995200,
                                           &iin,
                                           &e),
                     0);
    const struct cdn_compile_options o = {.iin = cdn_buf_get(&iin)};
    static const struct cdn_rulebook none;
    assert_int_equal(cdn_compile(&none, &o, &arena, &c, &e), 0);
    cdn_compile_bundle(&c, &bundle);
    assert_int_equal(cdn_snapshot_open_bytes(cdn_buf_get(&bundle), &cdn_alloc_libc, &s, &e), 0);
    struct cdn_evidence ev = {
        .kind = CDN_EVIDENCE_CARD_ISSUER, .have = CDN_HAVE_VALUE, .text = CDN_STR("220012")};
    struct cdn_item item;
    cdn_places_resolve(s->places, &ev, 1650000000, &scratch, &item);
    assert_int_equal(item.count, 1);
    assert_int_equal(item.places[0], cdn_places_of_code(s->places, CDN_STR("RU")));
    ev.text = CDN_STR("999999");
    cdn_places_resolve(s->places, &ev, 1650000000, &scratch, &item);
    assert_int_equal(item.count, 0);
    cdn_snapshot_unref(s);
    cdn_arena_free(&arena);
}

/* A rulebook's version of a measure does not hang on its neighbours, and changes with what it says. */
static void versions_follow_the_text(void **state CDN_UNUSED) {
    static const char *const texts[3] = {
        "measure acme/z\n    title \"Z\"\n    basis law \"1\" of us\n    source \"S\" <https://example.org>\n"
        "    effective 2022-01-01 UTC\n    deny order.ship on shop\n    when customer based in {RU, BY}\n",
        "measure acme/a\n    title \"A\"\n    basis law \"1\" of us\n    source \"S\" <https://example.org>\n"
        "    effective 2022-01-01 UTC\n    deny order.ship on shop\n"
        "measure acme/z\n    title \"Z\"\n    basis law \"1\" of us\n    source \"S\" <https://example.org>\n"
        "    effective 2022-01-01 UTC\n    deny order.ship on shop\n    when customer based in {RU, BY}\n",
        "measure acme/z\n    title \"Z\"\n    basis law \"1\" of us\n    source \"S\" <https://example.org>\n"
        "    effective 2022-01-01 UTC\n    deny order.ship on shop\n    when customer based in {RU}\n"};
    char versions[3][16];
    for (unsigned i = 0; i < 3; i++) {
        struct cdn_arena arena;
        struct cdn_buf text;
        cdn_arena_init(&arena, &cdn_alloc_libc, 0);
        cdn_buf_init(&text, &arena.as_alloc, (size_t)1 << 20);
        cdn_buf_z(&text, head);
        cdn_buf_z(&text, texts[i]);
        const struct cdn_rulebook_source source = {CDN_STR("v.measure"), cdn_buf_get(&text)};
        struct cdn_snapshot *s = compile(load(&source, 1, &arena), &arena);
        const uint32_t m =
            cdn_snapshot_symbol(s, CDN_SYMBOL_MEASURE, cdn_hash(CDN_STR("acme/z"), 0), CDN_STR("acme/z"));
        memcpy(versions[i], cdn_snap_str(s, s->measures[m].version).p, 16);
        cdn_snapshot_unref(s);
        cdn_arena_free(&arena);
    }
    assert_memory_equal(versions[0], versions[1], 16);
    assert_memory_not_equal(versions[0], versions[2], 16);
}

static void shipped_rulebooks_compile(void **state CDN_UNUSED) {
    char pattern[CDN_PATH];
    glob_t files;
    cdn_source_path(pattern, "rulebooks/*/*.measure");
    assert_int_equal(glob(pattern, 0, NULL, &files), 0);
    struct cdn_arena arena;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    struct cdn_rulebook_source *sources = cdn_arena_zero(&arena, files.gl_pathc, sizeof(*sources));
    assert_non_null(sources);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        size_t n = 0;
        uint8_t *p = cdn_read_file(files.gl_pathv[i], &n);
        assert_non_null(p);
        assert_int_equal(cdn_arena_str(&arena, cdn_str((char *)p, n), &sources[i].text), 0);
        sources[i].name = cdn_str_z(files.gl_pathv[i]);
        free(p);
    }
    const struct cdn_rulebook *rb = load(sources, files.gl_pathc, &arena);
    struct cdn_snapshot *s = compile(rb, &arena);
    assert_int_equal(s->count[CDN_T_MEASURE], rb->measure_count);
    assert_true(rb->measure_count > 20);
    struct cordon_error e;
    assert_int_equal(cdn_compile_verify(s, &e), 0);
    cdn_snapshot_unref(s);
    cdn_arena_free(&arena);
    globfree(&files);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_mean_what_they_say),
        cmocka_unit_test(links_measures),
        cmocka_unit_test(card_ranges_are_used),
        cmocka_unit_test(versions_follow_the_text),
        cmocka_unit_test(shipped_rulebooks_compile),
    };
    return cdn_run(tests);
}
