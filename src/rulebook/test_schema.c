/* SPDX-License-Identifier: Apache-2.0 */
/* test_schema.c: what is exported obeys docs/schema/rulebook.schema.json and diff.schema.json, which are
 * thereby more than prose. The checker knows the words of JSON Schema that they use, and fails on any other.
 */
#include <regex.h>
#include <stdlib.h>

#include <jansson.h>

#include "base/limits.h"
#include "rulebook/diff.h"
#include "rulebook/rulebook_json.h"

#include "support/fault.h"
#include "support/shared.h"

static bool obeys(const json_t *root, const json_t *schema, const json_t *v);

static bool of_type(const char *type, const json_t *v) {
    if (strcmp(type, "object") == 0)
        return json_is_object(v);
    if (strcmp(type, "array") == 0)
        return json_is_array(v);
    if (strcmp(type, "string") == 0)
        return json_is_string(v);
    if (strcmp(type, "integer") == 0)
        return json_is_integer(v);
    assert_string_equal(type, "boolean");
    return json_is_boolean(v);
}

static bool matches(const char *pattern, const json_t *v) {
    regex_t re;
    assert_int_equal(regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB), 0);
    const bool yes = json_is_string(v) && regexec(&re, json_string_value(v), 0, NULL, 0) == 0;
    regfree(&re);
    return yes;
}

static bool members_obey(const json_t *root, const json_t *schema, const json_t *v) {
    const json_t *properties = json_object_get(schema, "properties"),
                 *required = json_object_get(schema, "required");
    const char *key = NULL;
    json_t *inner = NULL;
    for (size_t i = 0; i < json_array_size(required); i++) {
        if (!json_object_get(v, json_string_value(json_array_get(required, i))))
            return false;
    }
    json_object_foreach((json_t *)(uintptr_t)v, key, inner) {
        const json_t *of = json_object_get(properties, key);
        if (!of || !obeys(root, of, inner))
            return false;
    }
    return true;
}

static bool items_obey(const json_t *root, const json_t *items, const json_t *v) {
    for (size_t i = 0; i < json_array_size(v); i++) {
        if (!obeys(root, items, json_array_get(v, i)))
            return false;
    }
    return true;
}

static unsigned how_many(const json_t *root, const json_t *schemas, const json_t *v) {
    unsigned n = 0;
    for (size_t i = 0; i < json_array_size(schemas); i++)
        n += obeys(root, json_array_get(schemas, i), v);
    return n;
}

static bool among(const json_t *values, const json_t *v) {
    for (size_t i = 0; i < json_array_size(values); i++) {
        if (json_equal(json_array_get(values, i), v))
            return true;
    }
    return false;
}

static bool keyword_obeyed(
    const json_t *root, const json_t *schema, const char *word, const json_t *arg, const json_t *v) {
    if (strcmp(word, "$ref") == 0) {
        const json_t *def =
            json_object_get(json_object_get(root, "$defs"), json_string_value(arg) + strlen("#/$defs/"));
        assert_non_null(def);
        return obeys(root, def, v);
    }
    if (strcmp(word, "type") == 0)
        return of_type(json_string_value(arg), v);
    if (strcmp(word, "const") == 0)
        return json_equal(arg, v);
    if (strcmp(word, "enum") == 0)
        return among(arg, v);
    if (strcmp(word, "pattern") == 0)
        return matches(json_string_value(arg), v);
    if (strcmp(word, "minItems") == 0)
        return json_array_size(v) >= (size_t)json_integer_value(arg);
    if (strcmp(word, "items") == 0)
        return items_obey(root, arg, v);
    if (strcmp(word, "oneOf") == 0)
        return how_many(root, arg, v) == 1;
    if (strcmp(word, "properties") == 0)
        return members_obey(root, schema, v);
    static const char *const others[] = {
        "$schema", "$id", "$defs", "title", "description", "required", "additionalProperties"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(others); i++) {
        if (strcmp(word, others[i]) == 0)
            return true;
    }
    fail_msg("this test does not know `%s`", word);
    return false;
}

static bool obeys(const json_t *root, const json_t *schema, const json_t *v) {
    const char *word = NULL;
    json_t *arg = NULL;
    json_object_foreach((json_t *)(uintptr_t)schema, word, arg) {
        if (!keyword_obeyed(root, schema, word, arg, v))
            return false;
    }
    return true;
}

static json_t *read_json(const char *relative) {
    char path[CDN_PATH];
    json_error_t e;
    cdn_source_path(path, relative);
    json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, &e);
    if (!json)
        fail_msg("%s:%d: %s", path, e.line, e.text);
    return json;
}

static void load(struct cdn_arena *arena, const char *relative, struct cdn_rulebook **ret) {
    char path[CDN_PATH];
    size_t n = 0;
    cdn_source_path(path, relative);
    char *text = (char *)cdn_read_file(path, &n);
    assert_non_null(text);
    const struct cdn_rulebook_source source = {cdn_str_z(relative), cdn_str(text, n)};
    struct cdn_diagnostics d = {.arena = arena};
    assert_int_equal(cdn_rulebook_load(&source, 1, NULL, arena, &d, ret), 0);
    free(text);
}

static void exports_obey_their_schema(void **state) {
    (void)state;
    struct cdn_arena arena;
    struct cdn_rulebook *rb = NULL;
    struct cdn_buf b;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    load(&arena, "tests/rulebooks/whole.measure", &rb);
    cdn_buf_init(&b, &arena.as_alloc, CDN_MIB(16));
    assert_int_equal(cdn_rulebook_export_json(rb, &b), 0);
    json_t *schema = read_json("docs/schema/rulebook.schema.json"), *json = json_loadb(b.p, b.n, 0, NULL);
    const json_t *kinds = json_object_get(json_object_get(schema, "$defs"), "measure");
    json_t *d = NULL;
    size_t i = 0;
    assert_non_null(kinds);
    json_array_foreach(
        json_object_get(json_array_get(json_object_get(json, "files"), 0), "declarations"), i, d) {
        const char *kind = json_string_value(json_object_get(d, "kind"));
        const char *def =
            strcmp(kind, "licence") == 0 || strcmp(kind, "statute") == 0 || strcmp(kind, "protect") == 0
                ? "measure"
                : kind;
        if (!obeys(schema, json_object_get(json_object_get(schema, "$defs"), def), d))
            fail_msg("the %s %s does not obey the schema", kind, json_string_value(json_object_get(d, "id")));
    }
    assert_true(obeys(schema, schema, json));
    assert_int_equal(json_object_set_new(json, "further", json_true()), 0);
    assert_false(obeys(schema, schema, json));
    json_decref(json);
    json_decref(schema);
    cdn_arena_free(&arena);
}

static void differences_obey_their_schema(void **state) {
    (void)state;
    struct cdn_arena arena;
    struct cdn_rulebook *rb = NULL;
    struct cdn_rulebook none = {0};
    struct cdn_diff diff;
    struct cdn_buf b;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    load(&arena, "tests/rulebooks/whole.measure", &rb);
    cdn_buf_init(&b, &arena.as_alloc, CDN_MIB(16));
    assert_int_equal(cdn_rulebook_diff(&none, rb, &arena, &diff), 0);
    assert_true(diff.count > 20);
    cdn_diff_write_json(&b, &diff);
    assert_int_equal(b.err, 0);
    json_t *schema = read_json("docs/schema/diff.schema.json"), *json = json_loadb(b.p, b.n, 0, NULL);
    assert_true(obeys(schema, schema, json));
    json_decref(json);
    json_decref(schema);
    cdn_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exports_obey_their_schema),
        cmocka_unit_test(differences_obey_their_schema),
    };
    return cdn_run(tests);
}
