/* SPDX-License-Identifier: Apache-2.0 */
/* test_rulebook_json.c: rulebooks to JSON and back: the same bytes, the same rulebook, comments and dates
 * kept; and what a wrong document is told, with its place. */
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <jansson.h>

#include "base/limits.h"
#include "rulebook/rulebook_json.h"

#include "support/fault.h"
#include "support/shared.h"

#define MAX_FILES 256

struct files {
    struct cdn_rulebook_source sources[MAX_FILES];
    char names[MAX_FILES][CDN_PATH];
    size_t count;
};

static void add_file(struct files *f, const char *path) {
    size_t n = 0;
    char *text = (char *)cdn_read_file(path, &n);
    assert_non_null(text);
    assert_true(f->count < MAX_FILES);
    (void)snprintf(f->names[f->count], CDN_PATH, "%s", path);
    f->sources[f->count] = (struct cdn_rulebook_source){cdn_str_z(f->names[f->count]), cdn_str(text, n)};
    f->count++;
}

static bool ends_with(const char *s, const char *tail) {
    return strlen(s) >= strlen(tail) && strcmp(s + strlen(s) - strlen(tail), tail) == 0;
}

static int by_name(const void *a, const void *b) {
    return cdn_str_cmp(((const struct cdn_rulebook_source *)a)->name,
                       ((const struct cdn_rulebook_source *)b)->name);
}

static void add_folder(struct files *f, const char *path) {
    DIR *dir = opendir(path);
    if (!dir)
        return;
    for (const struct dirent *d = readdir(dir); d; d = readdir(dir)) {
        char inner[CDN_PATH];
        struct stat st;
        if (d->d_name[0] == '.' || snprintf(inner, sizeof(inner), "%s/%s", path, d->d_name) >= CDN_PATH ||
            stat(inner, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode))
            add_folder(f, inner);
        else if (ends_with(inner, ".measure") || ends_with(inner, ".scenario"))
            add_file(f, inner);
    }
    (void)closedir(dir);
}

static void drop(struct files *f) {
    for (size_t i = 0; i < f->count; i++)
        free((void *)(uintptr_t)f->sources[i].text.p);
    f->count = 0;
}

static void show(const struct cdn_rulebook_source *files, const struct cdn_diagnostics *d) {
    struct cdn_buf b;
    cdn_buf_init(&b, &cdn_alloc_libc, CDN_MIB(1));
    for (size_t i = 0; i < d->count && i < 5; i++)
        cdn_diagnostic_write(&b, files, &d->items[i], false);
    print_error("%.*s", CDN_FMT(cdn_buf_get(&b)));
    cdn_buf_free(&b);
}

static int load(const struct cdn_rulebook_source *sources,
                size_t count,
                struct cdn_arena *arena,
                struct cdn_rulebook **ret) {
    struct cdn_diagnostics d = {.arena = arena};
    const int err = cdn_rulebook_load(sources, count, NULL, arena, &d, ret);
    if (err && err != CORDON_E_NOMEM)
        show(sources, &d);
    return err;
}

/* text → JSON → text → JSON, and → text once more: all JSON is the same, and so is all text. */
static int round_trip(const struct files *f, const struct cordon_alloc *alloc) {
    struct cdn_arena arena;
    struct cdn_buf first, second;
    struct cdn_rulebook *rb = NULL, *again = NULL;
    struct cdn_import im, im2;
    struct cordon_error e = {0};
    cdn_arena_init(&arena, alloc, 0);
    cdn_buf_init(&first, alloc, CDN_MIB(64));
    cdn_buf_init(&second, alloc, CDN_MIB(64));
    int err = load(f->sources, f->count, &arena, &rb);
    if (!err)
        err = cdn_rulebook_export_json(rb, &first);
    if (!err)
        err = cdn_rulebook_import_text(cdn_buf_get(&first), &arena, &im, &e);
    if (err && err != CORDON_E_NOMEM)
        print_error("%s at %s\n", e.message, e.where);
    if (!err) {
        assert_int_equal(im.count, f->count);
        err = load(im.files, im.count, &arena, &again);
    }
    if (!err)
        err = cdn_rulebook_export_json(again, &second);
    if (!err) {
        assert_int_equal(first.n, second.n);
        assert_memory_equal(first.p, second.p, first.n);
        err = cdn_rulebook_import_text(cdn_buf_get(&second), &arena, &im2, &e);
    }
    for (size_t i = 0; !err && i < im.count; i++) {
        assert_true(cdn_str_eq(im.files[i].name, f->sources[i].name));
        assert_true(cdn_str_eq(im.files[i].text, im2.files[i].text));
    }
    cdn_buf_free(&first);
    cdn_buf_free(&second);
    cdn_arena_free(&arena);
    return err;
}

static void whole_files(struct files *f) {
    char path[CDN_PATH];
    cdn_source_path(path, "tests/rulebooks/whole.measure");
    add_file(f, path);
    cdn_source_path(path, "tests/rulebooks/whole.scenario");
    add_file(f, path);
}

static struct files files; /* large; one test at a time */

static int every_construct_goes_round(const struct cordon_alloc *alloc) {
    whole_files(&files);
    const int err = round_trip(&files, alloc);
    drop(&files);
    return err;
}

static void shipped_rulebooks_go_round(void **state) {
    (void)state;
    char path[CDN_PATH];
    cdn_source_path(path, "rulebooks");
    add_folder(&files, path);
    qsort(files.sources, files.count, sizeof(files.sources[0]), by_name);
    struct cdn_arena arena;
    struct cdn_rulebook *rb = NULL;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    const int err = load(files.sources, files.count, &arena, &rb);
    cdn_arena_free(&arena);
    if (files.count == 0 || err) {
        print_message("skipped: %s\n",
                      err ? "the shipped rulebooks do not load" : "no rulebooks are shipped");
        drop(&files);
        skip();
    }
    assert_int_equal(round_trip(&files, &cdn_alloc_libc), 0);
    drop(&files);
}

/* ---- what the JSON looks like ----------------------------------------------------------------------- */

static void keys_are_sorted(const json_t *v) {
    const char *key = NULL, *before = NULL;
    json_t *inner = NULL;
    size_t i = 0;
    assert_false(json_is_real(v));
    if (json_is_object(v)) {
        json_object_foreach((json_t *)(uintptr_t)v, key, inner) {
            assert_true(!before || strcmp(before, key) < 0);
            before = key;
            keys_are_sorted(inner);
        }
    } else if (json_is_array(v)) {
        json_array_foreach((json_t *)(uintptr_t)v, i, inner) keys_are_sorted(inner);
    }
}

static json_t *exported(struct cdn_arena *arena, struct cdn_rulebook **ret_rb) {
    struct cdn_buf b;
    json_error_t e;
    whole_files(&files);
    assert_int_equal(load(files.sources, files.count, arena, ret_rb), 0);
    drop(&files);
    cdn_buf_init(&b, &arena->as_alloc, CDN_MIB(16));
    assert_int_equal(cdn_rulebook_export_json(*ret_rb, &b), 0);
    json_t *json = json_loadb(b.p, b.n, JSON_REJECT_DUPLICATES, &e);
    assert_non_null(json);
    return json;
}

/* The declaration with that id. */
static const json_t *declared(const json_t *root, const char *id) {
    size_t i = 0;
    json_t *d = NULL;
    const json_t *all = json_object_get(json_array_get(json_object_get(root, "files"), 0), "declarations");
    json_array_foreach((json_t *)(uintptr_t)all, i, d) {
        const char *s = json_string_value(json_object_get(d, "id"));
        if (s && strcmp(s, id) == 0)
            return d;
    }
    fail_msg("no %s", id);
    return NULL;
}

static void is_text(const json_t *object, const char *key, const char *value) {
    const char *s = json_string_value(json_object_get(object, key));
    assert_non_null(s);
    assert_string_equal(s, value);
}

static void the_form_is_canonical_and_complete(void **state) {
    (void)state;
    struct cdn_arena arena;
    struct cdn_rulebook *rb = NULL;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    json_t *root = exported(&arena, &rb);
    keys_are_sorted(root);
    is_text(root, "format", "cordon-rulebook/1");
    const json_t *m = declared(root, "amazon/aws-new-customers");
    is_text(m, "effective", "2022-03-05T00:00 America/New_York");
    is_text(m, "recorded", "2022-03-09T10:00:05+03:00");
    const json_t *all = json_object_get(json_object_get(m, "when"), "and");
    assert_int_equal(json_array_size(all), 2);
    is_text(json_array_get(all, 0), "test", "new");
    assert_null(json_object_get(json_array_get(all, 0), "as_of")); /* the measure's own date */
    is_text(json_array_get(all, 1), "finding", "based_in");
    const json_t *crimea = declared(root, "crimea");
    const json_t *part = json_array_get(json_object_get(crimea, "parts"), 1);
    is_text(part, "from", "2014-03-18");
    assert_int_equal(json_array_size(json_object_get(crimea, "#")), 2);
    assert_string_equal(json_string_value(json_array_get(json_object_get(crimea, "#"), 0)),
                        "Two comment lines");
    const json_t *file = json_array_get(json_object_get(root, "files"), 0);
    assert_int_equal(json_array_size(json_object_get(file, "#")), 2);
    json_decref(root);
    cdn_arena_free(&arena);
}

static void a_measure_alone_is_its_part_of_the_whole(void **state) {
    (void)state;
    struct cdn_arena arena;
    struct cdn_rulebook *rb = NULL;
    struct cdn_buf b;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    json_t *root = exported(&arena, &rb);
    cdn_buf_init(&b, &arena.as_alloc, CDN_MIB(1));
    assert_true(rb->measure_count > 3);
    for (uint32_t i = 0; i < rb->measure_count; i++) {
        cdn_buf_clear(&b);
        assert_int_equal(cdn_measure_json(rb, i, &b), 0);
        json_t *alone = json_loadb(b.p, b.n, 0, NULL);
        char id[256];
        (void)snprintf(id, sizeof(id), "%.*s", CDN_FMT(rb->measures[i].id));
        json_t *within = json_deep_copy(declared(root, id));
        (void)json_object_del(within, "#");
        assert_true(json_equal(alone, within));
        json_decref(within);
        json_decref(alone);
    }
    assert_int_equal(cdn_measure_json(rb, rb->measure_count, &b), CORDON_E_ARG);
    json_decref(root);
    cdn_arena_free(&arena);
}

/* ---- wrong documents -------------------------------------------------------------------------------- */

#define ONE(declaration)                                                                                     \
    "{\"files\":[{\"name\":\"a\",\"declarations\":[" declaration "]}],\"format\":\"cordon-rulebook/1\"}"
#define HEAD                                                                                                 \
    "{\"kind\":\"operator\",\"id\":\"amazon\"},{\"kind\":\"service\",\"id\":\"aws\"},"                       \
    "{\"kind\":\"action\",\"id\":\"account.open\",\"needs\":[\"customer\"]},"
#define MEASURE(when)                                                                                        \
    ONE(HEAD "{\"kind\":\"measure\",\"id\":\"amazon/x\",\"basis\":{\"kind\":\"policy\",\"of\":\"amazon\"},"  \
             "\"effective\":\"2022-03-05\",\"outcomes\":[{\"verdict\":\"deny\",\"actions\":"                 \
             "[\"account.open\"],\"services\":[\"aws\"]}],\"when\":" when "}")

struct wrong {
    const char *json;
    int err;
    const char *where, *message, *hint;
};

static void refused(const struct wrong *w) {
    struct cdn_arena arena;
    struct cordon_error e = {0};
    struct cdn_rulebook *rb = NULL;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    struct cdn_diagnostics d = {.arena = &arena};
    const int err = cdn_rulebook_import_json(cdn_str_z(w->json), NULL, &arena, &d, &rb, &e);
    if (err != w->err || strcmp(e.where, w->where) != 0 || !strstr(e.message, w->message) ||
        !strstr(e.hint, w->hint))
        fail_msg("%s\n→ %d at %s: %s (%s)", w->json, err, e.where, e.message, e.hint);
    assert_null(rb);
    cdn_arena_free(&arena);
}

static void wrong_documents_are_told_where(void **state) {
    (void)state;
    static const struct wrong all[] = {
        {"{\"files\":[", CORDON_E_SYNTAX, "", "a value was expected", ""},
        {"{\"files\":[]} x", CORDON_E_SYNTAX, "", "nothing may follow", ""},
        {"{\"files\":[1.5]}", CORDON_E_SYNTAX, "", "numbers are whole", ""},
        {"{\"files\":[],\"format\":\"other\"}", CORDON_E_TYPE, "/format", "the format is", ""},
        {"{\"files\":[],\"formal\":1}", CORDON_E_TYPE, "/formal", "means nothing", "`format`"},
        {ONE("{\"kind\":\"oprator\",\"id\":\"a\"}"),
         CORDON_E_TYPE,
         "/files/0/declarations/0/kind",
         "no declaration",
         ""},
        {ONE("{\"kind\":\"operator\"}"), CORDON_E_TYPE, "/files/0/declarations/0", "`id` is missing", ""},
        {ONE("{\"kind\":\"operator\",\"id\":\"a\\noperator b\"}"),
         CORDON_E_TYPE,
         "/files/0/declarations/0/id",
         "a name was expected",
         ""},
        {ONE("{\"kind\":\"operator\",\"id\":\"a\",\"id\":\"b\"}"),
         CORDON_E_TYPE,
         "/files/0/declarations/0/id",
         "stands twice",
         ""},
        {ONE("{\"kind\":\"scenario\",\"lines\":[\"scenario \\\"a\\\"\",\"operator b\"]}"),
         CORDON_E_TYPE,
         "/files/0/declarations/0/lines/1",
         "an indented line",
         ""},
        {ONE("{\"kind\":\"operator\",\"id\":\"a\",\"#\":[\"x\\ny\"]}"),
         CORDON_E_TYPE,
         "/files/0/declarations/0/#/0",
         "one line",
         ""},
        {ONE("{\"kind\":\"entity\",\"id\":\"a\",\"operator\":\"b\",\"country\":\"LU\"}"),
         CORDON_E_SYNTAX,
         "/files/0/declarations/0",
         "`b`",
         ""},
        {MEASURE("{\"test\":\"finding\",\"subject\":\"customer\",\"finding\":\"based\",\"places\":{\"in\":["
                 "\"RU\"]}}"),
         CORDON_E_TYPE,
         "/files/0/declarations/3/when/finding",
         "based_in",
         ""},
        {MEASURE("{\"and\":[{\"test\":\"finding\",\"subject\":\"customer\",\"finding\":\"based_in\","
                 "\"places\":{\"in\":[\"RU\"]},\"lists\":[]},{}]}"),
         CORDON_E_TYPE,
         "/files/0/declarations/3/when/and/0/lists",
         "this test has no",
         ""},
        {MEASURE("{\"and\":[{\"test\":\"new\",\"subject\":\"customer\"}]}"),
         CORDON_E_TYPE,
         "/files/0/declarations/3/when/and",
         "two or more",
         ""},
        {MEASURE("{\"test\":\"finding\",\"subject\":\"customer\",\"finding\":\"based_in\",\"places\":{\"in\":"
                 "[\"QQ\"]}}"),
         CORDON_E_SYNTAX,
         "/files/0/declarations/3/when",
         "`QQ`",
         ""},
    };
    for (size_t i = 0; i < CDN_ARRAY_LEN(all); i++)
        refused(&all[i]);
}

static int a_small_document_is_read(const struct cordon_alloc *alloc) {
    static const char json[] = MEASURE("{\"not\":{\"any\":{\"of\":\"customer\",\"that\":{\"test\":\"new\","
                                       "\"subject\":\"it\"}}}}");
    struct cdn_arena arena;
    struct cdn_rulebook *rb = NULL;
    struct cordon_error e = {0};
    cdn_arena_init(&arena, alloc, 0);
    struct cdn_diagnostics d = {.arena = &arena};
    const int err = cdn_rulebook_import_json(CDN_STR(json), NULL, &arena, &d, &rb, &e);
    if (err == 0) {
        assert_int_equal(rb->measure_count, 1);
        assert_int_equal(rb->measures[0].when->op, CDN_EXPR_NOT);
        assert_int_equal(rb->measures[0].when->children[0]->op, CDN_EXPR_ANY);
    }
    cdn_arena_free(&arena);
    return err;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cdn_fault_test(a_small_document_is_read),
        cdn_fault_test(every_construct_goes_round),
        cmocka_unit_test(shipped_rulebooks_go_round),
        cmocka_unit_test(the_form_is_canonical_and_complete),
        cmocka_unit_test(a_measure_alone_is_its_part_of_the_whole),
        cmocka_unit_test(wrong_documents_are_told_where),
    };
    return cdn_run(tests);
}
