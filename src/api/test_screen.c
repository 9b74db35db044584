/* SPDX-License-Identifier: Apache-2.0 */
/* Screening through the public interface, over a snapshot that was compiled with lists; and that snapshot
 * itself: lists without data, a part missing, memory running out, what two snapshots share on disk. */
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/handle.h"
#include "compile/compile.h"
#include "cordon/screen.h"
#include "support/fault.h"
#include "support/shared.h"

static struct cdn_arena arena;
static char *image, *bare; /* with lists, without */
static size_t size, bare_size;
static struct cdn_compiled with_lists;

static const char *const text = "list house/a \"Our own list\" issuer \"Us\"\n"
                                "    source \"ours\" <https://example.org/a>\n"
                                "list us/bis-entity-list \"Entity List\" issuer \"BIS\"\n"
                                "    source \"BIS\" <https://example.org/b>\n";
static const char *const jsonl =
    "{\"cordon_list\":1,\"date\":\"2026-05-01\",\"id\":\"house/a\",\"issuer\":\"Example Ltd\"}\n"
    "{\"births\":[{\"date\":\"1961-06-01\"}],\"id\":\"P-1\",\"identifiers\":[{\"country\":\"RU\",\"kind\":"
    "\"passport\","
    "\"value\":\"670223445\"}],\"listed\":\"2022-03-10\",\"measures\":[{\"kind\":\"asset-freeze\"}],"
    "\"names\":[{\"full\":"
    "\"Yevgeniy Viktorovich Prigozhin\",\"kind\":\"primary\"},{\"full\":\"Евгений Викторович "
    "Пригожин\",\"kind\":\"strong\"}],\"nationalities\":[{\"country\":\"RU\"}],\"programmes\":[\"CYBER2\"],"
    "\"type\":"
    "\"person\"}\n"
    "{\"id\":\"C-1\",\"names\":[{\"full\":\"Concord Catering "
    "LLC\",\"kind\":\"primary\"}],\"type\":\"company\"}\n"
    "{\"count\":2,\"end\":true}\n";

static void read_list(struct cdn_list *list, const char *lines) {
    struct cordon_error e = {0};
    struct cdn_list_report report;
    const struct cdn_list_file file = {.bytes = cdn_str_z(lines), .name = "list"};
    const struct cdn_list_options o = {.id = CDN_STR("house/a")};
    cdn_list_init(list, &arena.as_alloc);
    cdn_list_report_init(&report, &arena.as_alloc);
    if (cdn_lists_collect((struct cdn_list_files){&file, 1}, &o, &report, list, &e) != 0)
        fail_msg("%s", e.message);
}

static void compile(const char *lines, struct cdn_compiled *ret, char **ret_image, size_t *ret_size) {
    struct cordon_error e = {0};
    struct cdn_diagnostics d = {.arena = &arena};
    const struct cdn_rulebook_source source = {CDN_STR("lists.measure"), cdn_str_z(text)};
    struct cdn_rulebook *rb = NULL;
    struct cdn_list list;
    struct cdn_compile_list in = {.id = CDN_STR("house/a"), .list = &list, .retrieved = 1780000000};
    struct cdn_compile_options o = {.lists = &in, .list_count = lines ? 1 : 0};
    if (lines)
        read_list(&list, lines);
    assert_int_equal(cdn_rulebook_load(&source, 1, "/usr/share/zoneinfo", &arena, &d, &rb), 0);
    if (cdn_compile(rb, &o, &arena, ret, &e) != 0)
        fail_msg("%s", e.message);
    struct cdn_buf b;
    cdn_buf_init(&b, &arena.as_alloc, (size_t)1 << 26);
    cdn_compile_bundle(ret, &b);
    assert_int_equal(b.err, 0);
    *ret_image = b.p;
    *ret_size = b.n;
}

static int setup(void **state) {
    (void)state;
    static struct cdn_compiled without;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    compile(jsonl, &with_lists, &image, &size);
    compile(NULL, &without, &bare, &bare_size);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    cdn_arena_free(&arena);
    return 0;
}

static cordon_snapshot *open_image(const char *p, size_t n) {
    cordon_snapshot *s = NULL;
    cordon_error e = {0};
    if (cordon_snapshot_open_bytes(p, n, NULL, &s, &e) != CORDON_OK)
        fail_msg("%s", e.message);
    return s;
}

static void a_list_without_data_is_seen(void **state) {
    (void)state;
    cordon_snapshot *s = open_image(image, size);
    cordon_screen_list l;
    assert_int_equal(cordon_screen_list_count(s), 2);
    assert_int_equal(cordon_screen_list_get(s, 0, &l), CORDON_OK);
    assert_true(cdn_str_eq(l.id, CDN_STR("house/a")) && l.has_data && l.named);
    assert_true(cdn_str_eq(l.title, CDN_STR("Our own list")));
    assert_true(cdn_str_eq(l.publisher, CDN_STR("Example Ltd")));
    assert_true(cdn_str_eq(l.date, CDN_STR("2026-05-01")));
    assert_int_equal(l.count, 2);
    assert_int_equal(l.retrieved, 1780000000);
    assert_int_equal(strncmp(l.digest, "sha256:", 7), 0);
    assert_int_equal(strlen(l.digest), 71);
    assert_int_equal(cordon_screen_list_get(s, 1, &l), CORDON_OK);
    assert_true(cdn_str_eq(l.id, CDN_STR("us/bis-entity-list")) && !l.has_data && l.named);
    assert_int_equal(cordon_screen_list_get(s, 2, &l), CORDON_E_NOTFOUND);
    /* asked for, it is an error and not an empty answer */
    cordon_screener *x = NULL;
    cordon_error e = {0};
    assert_int_equal(cordon_screener_new(s, NULL, &x, &e), CORDON_OK);
    cordon_screen_party party;
    cordon_screen_options o;
    cordon_screen_result r;
    cordon_str name = CDN_STR("Yevgeny Prigozhin"), list = CDN_STR("us/bis-entity-list");
    cordon_screen_party_init(&party);
    cordon_screen_options_init(&o);
    party.names = &name;
    party.name_count = 1;
    o.lists = &list;
    o.list_count = 1;
    assert_int_equal(cordon_screen(x, &party, &o, &r, &e), CORDON_E_NOTFOUND);
    list = CDN_STR("house/b");
    assert_int_equal(cordon_screen(x, &party, &o, &r, &e), CORDON_E_NAME);
    assert_non_null(strstr(e.hint, "house/a"));
    cordon_screener_free(x);
    cordon_snapshot_unref(s);
    /* without any lists nobody can be screened; the snapshot is as good as before */
    s = open_image(bare, bare_size);
    assert_int_equal(cordon_screen_list_count(s), 2);
    assert_int_equal(cordon_screen_list_get(s, 0, &l), CORDON_OK);
    assert_false(l.has_data);
    assert_int_equal(cordon_screener_new(s, NULL, &x, &e), CORDON_E_NOTFOUND);
    cordon_snapshot_unref(s);
}

static void candidates_are_told_in_full(void **state) {
    (void)state;
    cordon_snapshot *s = open_image(image, size);
    cordon_screener *x = NULL;
    cordon_error e = {0};
    assert_int_equal(cordon_screener_new(s, NULL, &x, &e), CORDON_OK);
    cordon_snapshot_unref(s); /* the screener holds it */
    cordon_screen_party party;
    cordon_screen_options o;
    cordon_screen_result r;
    cordon_candidate c;
    const cordon_str names[] = {CDN_STR("Somebody Else"), CDN_STR("Yevgeny Prigozhin")};
    const cordon_str birth = CDN_STR("1961-06-01"), nation = CDN_STR("Russia");
    cordon_screen_party_init(&party);
    cordon_screen_options_init(&o);
    o.at = 1790000000;
    party.names = names;
    party.name_count = 2;
    party.type = CDN_STR("person");
    party.births = &birth;
    party.birth_count = 1;
    party.nationalities = &nation;
    party.nationality_count = 1;
    assert_int_equal(cordon_screen(x, &party, &o, &r, &e), CORDON_OK);
    assert_int_equal(r.count, 1);
    assert_int_equal(r.verdict, CORDON_SCREEN_SURE);
    assert_int_equal(cordon_screen_candidate(x, 0, &c), CORDON_OK);
    assert_true(cdn_str_eq(c.entry, CDN_STR("P-1")));
    assert_true(cdn_str_eq(c.source, CDN_STR("house/a")));
    assert_true(cdn_str_eq(c.title, CDN_STR("Yevgeniy Viktorovich Prigozhin")));
    assert_true(cdn_str_eq(c.asked, names[1]));
    assert_string_equal(c.type, "person");
    assert_string_equal(c.strength, "full");
    assert_string_equal(c.listed, "2022-03-10");
    assert_int_equal(c.list_count, 1);
    assert_true(c.score >= c.name_score);
    assert_int_equal(cordon_screen_candidate(x, 1, &c), CORDON_E_NOTFOUND);
    cordon_screen_list l;
    cordon_str part, words;
    assert_int_equal(cordon_screen_candidate_list(x, 0, 0, &l), CORDON_OK);
    assert_true(cdn_str_eq(l.id, CDN_STR("house/a")));
    assert_int_equal(cordon_screen_candidate_list(x, 0, 1, &l), CORDON_E_NOTFOUND);
    assert_int_equal(cordon_screen_candidate_part(x, 0, CORDON_CANDIDATE_PROGRAMME, 0, &part), CORDON_OK);
    assert_true(cdn_str_eq(part, CDN_STR("CYBER2")));
    assert_int_equal(cordon_screen_candidate_part(x, 0, CORDON_CANDIDATE_MEASURE, 0, &part), CORDON_OK);
    assert_true(cdn_str_eq(part, CDN_STR("asset-freeze")));
    assert_int_equal(cordon_screen_candidate_part(x, 0, CORDON_CANDIDATE_IDENTIFIER, 0, &part), CORDON_OK);
    assert_true(cdn_str_eq(part, CDN_STR("670223445")));
    assert_int_equal(cordon_screen_candidate_part(x, 0, CORDON_CANDIDATE_NAME, 2, &part), CORDON_E_NOTFOUND);
    assert_int_equal(cordon_screen_explain(x, 0, &words, &e), CORDON_OK);
    char copy[4096];
    (void)snprintf(copy, sizeof copy, "%.*s", CDN_FMT(words));
    assert_non_null(strstr(copy, "Prigozhin"));
    assert_non_null(strstr(copy, "born on the same day"));
    assert_non_null(strstr(copy, "of 1000: sure"));
    /* before that day nobody was listed */
    o.at = 1640000000;
    assert_int_equal(cordon_screen(x, &party, &o, &r, &e), CORDON_OK);
    assert_int_equal(r.count, 0);
    assert_int_equal(r.verdict, CORDON_SCREEN_NO);
    cordon_screener_free(x);
}

static void two_parties_are_compared(void **state) {
    (void)state;
    cordon_snapshot *s = open_image(image, size);
    cordon_screener *x = NULL;
    cordon_error e = {0};
    assert_int_equal(cordon_screener_new(s, NULL, &x, &e), CORDON_OK);
    cordon_screen_party a, b;
    cordon_screen_options o;
    cordon_comparison c;
    cordon_str one = CDN_STR("OOO Romashka"), two = CDN_STR("Romashka LLC");
    const cordon_screen_identifier id = {CDN_STR("inn"), CDN_STR("RU"), CDN_STR("77 0708 3893")},
                                   same = {CDN_STR("tax"), CDN_STR("Russia"), CDN_STR("7707083893")};
    cordon_screen_party_init(&a);
    cordon_screen_party_init(&b);
    cordon_screen_options_init(&o);
    a.names = &one;
    b.names = &two;
    a.name_count = b.name_count = 1;
    a.type = b.type = CDN_STR("company");
    assert_int_equal(cordon_screen_compare(x, &a, &b, &o, &c, &e), CORDON_OK);
    assert_true(c.name_score >= 950);
    assert_true(c.text.n > 0);
    two = CDN_STR("Vasilek LLC");
    assert_int_equal(cordon_screen_compare(x, &a, &b, &o, &c, &e), CORDON_OK);
    assert_int_equal(c.verdict, CORDON_SCREEN_NO);
    a.identifiers = &id;
    b.identifiers = &same;
    a.identifier_count = b.identifier_count = 1;
    assert_int_equal(cordon_screen_compare(x, &a, &b, &o, &c, &e), CORDON_OK);
    assert_int_equal(c.verdict, CORDON_SCREEN_SURE);
    assert_int_equal(c.score, 1000);
    assert_true(c.by_identifier);
    cordon_screener_free(x);
    cordon_snapshot_unref(s);
}

static void what_nobody_understands_is_an_error(void **state) {
    (void)state;
    cordon_snapshot *s = open_image(image, size);
    cordon_screener *x = NULL;
    cordon_error e = {0};
    cordon_screen_party p, q;
    cordon_screen_options o;
    cordon_screen_result r;
    const cordon_str name = CDN_STR("N"), bad = CDN_STR("soon"), nowhere = CDN_STR("Atlantis");
    assert_int_equal(cordon_screener_new(s, NULL, &x, &e), CORDON_OK);
    cordon_screen_options_init(&o);
    cordon_screen_party_init(&p);
    assert_int_equal(cordon_screen(x, &p, &o, &r, &e), CORDON_E_ARG);
    p.names = &name;
    p.name_count = 1;
    assert_int_equal(cordon_screen(x, &p, &o, &r, &e), CORDON_OK);
    q = p;
    q.type = CDN_STR("god");
    assert_int_equal(cordon_screen(x, &q, &o, &r, &e), CORDON_E_NAME);
    q = p;
    q.births = &bad;
    q.birth_count = 1;
    assert_int_equal(cordon_screen(x, &q, &o, &r, &e), CORDON_E_SYNTAX);
    q = p;
    q.nationalities = &nowhere;
    q.nationality_count = 1;
    assert_int_equal(cordon_screen(x, &q, &o, &r, &e), CORDON_E_NAME);
    q = p;
    q.name_count = 1000;
    assert_int_equal(cordon_screen(x, &q, &o, &r, &e), CORDON_E_LIMIT);
    o.sure = 1001;
    assert_int_equal(cordon_screen(x, &p, &o, &r, &e), CORDON_E_ARG);
    cordon_screener_free(x);
    cordon_snapshot_unref(s);
}

/* ---- the snapshot ---------------------------------------------------------------------------------------
 */

static void a_part_of_the_lists_is_none(void **state) {
    (void)state;
    static const uint32_t kinds[] = {
        CDN_SECTION_LISTS, CDN_SECTION_LISTED, CDN_SECTION_SCREEN, CDN_SECTION_NAMES, CDN_SECTION_IDENTS};
    for (size_t k = 0; k < CDN_ARRAY_LEN(kinds); k++) {
        static struct cdn_compiled c;
        struct cdn_buf b;
        struct cdn_snapshot *s = NULL;
        struct cordon_error e = {0};
        c = with_lists;
        uint32_t kept = 0;
        for (uint32_t i = 0; i < c.section_count; i++)
            if (c.sections[i].kind != kinds[k])
                c.sections[kept++] = c.sections[i];
        c.section_count = kept;
        cdn_buf_init(&b, &cdn_alloc_libc, (size_t)1 << 26);
        cdn_compile_bundle(&c, &b);
        assert_int_equal(cdn_snapshot_open_bytes(cdn_buf_get(&b), &cdn_alloc_libc, &s, &e), CORDON_E_FORMAT);
        cdn_buf_free(&b);
    }
}

static int opening_without_memory(const struct cordon_alloc *alloc) {
    cordon_snapshot *s = NULL;
    cordon_screener *x = NULL;
    cordon_error e = {0};
    int err = cordon_snapshot_open_bytes(image, size, alloc, &s, &e);
    if (!err)
        err = cordon_screener_new(s, alloc, &x, &e);
    cordon_screener_free(x);
    cordon_snapshot_unref(s);
    return err;
}

static size_t files_in(const char *folder) {
    DIR *d = opendir(folder);
    size_t n = 0;
    for (struct dirent *f = d ? readdir(d) : NULL; f; f = readdir(d))
        n += f->d_name[0] != '.';
    if (d)
        (void)closedir(d);
    return n;
}

static void remove_all(const char *folder) {
    DIR *d = opendir(folder);
    char path[CDN_PATH];
    for (struct dirent *f = d ? readdir(d) : NULL; f; f = readdir(d)) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, f->d_name);
        if (f->d_name[0] != '.' && unlink(path) != 0)
            remove_all(path);
    }
    if (d)
        (void)closedir(d);
    (void)rmdir(folder);
}

/* The same list, fetched again a day later: LISTS, INFO … are new, the list itself and what is made of it is
 * not. */
static void a_store_shares_what_did_not_change(void **state) {
    (void)state;
    char folder[] = "/tmp/cordon-lists-XXXXXX", sections[64], target[64];
    struct cordon_error e = {0};
    static struct cdn_compiled again;
    char *ignored = NULL;
    size_t n = 0;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(sections, sizeof sections, "%s/sections", folder);
    (void)snprintf(target, sizeof target, "%s/", folder);
    assert_int_equal(cdn_compile_store(&with_lists, target, NULL, &cdn_alloc_libc, &e), 0);
    const size_t first = files_in(sections);
    compile(jsonl, &again, &ignored, &n);
    assert_memory_equal(again.digest, with_lists.digest, 32); /* the same inputs, the same name */
    uint32_t at = 0;
    while (at < again.section_count && again.sections[at].kind != CDN_SECTION_LISTS)
        at++;
    assert_true(at < again.section_count);
    struct cdn_section *lists = &again.sections[at];
    char *changed = malloc(lists->bytes.n);
    assert_non_null(changed);
    memcpy(changed, lists->bytes.p, lists->bytes.n);
    const int64_t later = 1780086400;
    memcpy(changed + sizeof(struct cdn_lists_header), &later, sizeof later);
    lists->bytes.p = changed;
    assert_int_equal(cdn_compile_sha256(changed, lists->bytes.n, lists->sha256), 0);
    again.digest[0] ^= 1;
    assert_int_equal(cdn_compile_store(&again, target, NULL, &cdn_alloc_libc, &e), 0);
    assert_int_equal(files_in(sections), first + 1);
    free(changed);
    remove_all(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_without_data_is_seen),
        cmocka_unit_test(candidates_are_told_in_full),
        cmocka_unit_test(two_parties_are_compared),
        cmocka_unit_test(what_nobody_understands_is_an_error),
        cmocka_unit_test(a_part_of_the_lists_is_none),
        cmocka_unit_test(a_store_shares_what_did_not_change),
        cdn_fault_test(opening_without_memory),
    };
    return _cmocka_run_group_tests(__FILE__, tests, CDN_ARRAY_LEN(tests), setup, teardown);
}
