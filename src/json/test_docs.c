/* SPDX-License-Identifier: Apache-2.0 */
/* The committed schemas, and the tables of docs/request.md, are those that the tables in the code make.
 *
 * CORDON_WRITE_DOCS=1 in the environment writes them anew instead of comparing. In the document a table
 * stands between `<!-- NAME -->` and `<!-- end -->`; everything outside is written by hand. */
#include <stdlib.h>

#include "base/limits.h"
#include "request/values.h"
#include "support/fault.h"
#include "support/shared.h"
#include "json/json.h"
#include "json/schema_priv.h"

static void store(const char *path, cordon_str text) {
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(text.p, 1, text.n, out), text.n);
    assert_int_equal(fclose(out), 0);
}

static void compare(const char *relative, cordon_str wanted) {
    char path[CDN_PATH];
    cdn_source_path(path, relative);
    if (getenv("CORDON_WRITE_DOCS")) {
        store(path, wanted);
        return;
    }
    size_t n = 0;
    uint8_t *have = cdn_read_file(path, &n);
    const bool same = have && cdn_str_eq(cdn_str((const char *)have, n), wanted);
    free(have);
    if (!same)
        fail_msg("%s is stale: run CORDON_WRITE_DOCS=1 meson test -C build json-docs", relative);
}

static void schemas_are_current(void **state) {
    (void)state;
    struct cdn_buf b;
    cdn_buf_init(&b, &cdn_alloc_libc, CDN_MIB(4));
    assert_int_equal(cdn_json_write_request_schema(&b), 0);
    compare("docs/schema/request.json", cdn_buf_get(&b));
    cdn_buf_clear(&b);
    assert_int_equal(cdn_json_write_decision_schema(&b), 0);
    compare("docs/schema/decision.json", cdn_buf_get(&b));
    cdn_buf_free(&b);
}

/* ---- tables of docs/request.md ----------------------------------------------------------------------------
 */

static void cell(struct cdn_buf *b, const char *text) {
    for (; *text; text++) {
        if (*text == '|')
            cdn_buf_char(b, '\\');
        cdn_buf_char(b, *text);
    }
}

static void words_table(struct cdn_buf *b, unsigned table, const char *head) {
    cdn_buf_printf(b, "| %s | meaning |\n|---|---|\n", head);
    const struct cdn_words *t = &cdn_word_tables[table];
    for (unsigned i = 1; i < t->count; i++) {
        cdn_buf_printf(b, "| `%s` | ", t->words[i].text);
        cell(b, t->words[i].title);
        cdn_buf_z(b, " |\n");
    }
}

static const char *fact_type_name(unsigned type) {
    static const char *const names[] = {
        "", "code", "codes", "text", "date", "money", "number", "yes or no", "place"};
    return names[type];
}

static void type_name(struct cdn_buf *b, const struct cdn_field *f) {
    static const char *const names[] = {[CDN_OP_TEXT] = "text",
                                        [CDN_OP_HASHED] = "name",
                                        [CDN_OP_WORD] = "word",
                                        [CDN_OP_WHEN] = "date",
                                        [CDN_OP_SEEN] = "date",
                                        [CDN_OP_INSTANT] = "instant",
                                        [CDN_OP_DECIMAL] = "decimal",
                                        [CDN_OP_AMOUNT] = "decimal",
                                        [CDN_OP_CURRENCY] = "currency",
                                        [CDN_OP_SCORE] = "0 … 1000",
                                        [CDN_OP_BOOL] = "yes or no",
                                        [CDN_OP_LISTED] = "yes, no or null",
                                        [CDN_OP_COUNTRY] = "country",
                                        [CDN_OP_DEGREES] = "degrees",
                                        [CDN_OP_PARTY] = "index of a party",
                                        [CDN_OP_MONEY] = "money",
                                        [CDN_OP_GIVEN] = "facts",
                                        [CDN_OP_PARTY_OR_NAME] = "index of a party, or text",
                                        [CDN_OP_IIN] = "digits",
                                        [CDN_OP_EVIDENCE] = "by kind"};
    if (f->op == CDN_OP_FACT)
        cdn_buf_z(b, fact_type_name(cdn_facts[f->arg].type));
    else if (f->op == CDN_OP_LIST)
        cdn_buf_printf(b, "list of %s", cdn_shapes[f->arg].name);
    else
        cdn_buf_z(b, names[f->op]);
}

static void members_table(struct cdn_buf *b, const struct cdn_shape *shape) {
    const bool kinds = shape == &cdn_shapes[CDN_SHAPE_OBJECT];
    cdn_buf_z(b,
              kinds ? "| member | of | type | | meaning |\n|---|---|---|---|---|\n"
                    : "| member | type | | meaning |\n|---|---|---|---|\n");
    for (unsigned i = 0; i < shape->count; i++) {
        const struct cdn_field *f = &shape->fields[i];
        const bool derived = f->op == CDN_OP_FACT && cdn_fact_derived(f->arg);
        if (derived)
            continue;
        cdn_buf_printf(b, "| `%s` | ", f->name);
        if (kinds)
            cdn_buf_printf(b, "%s | ", f->only ? cdn_objects[f->only].name : "every kind");
        type_name(b, f);
        cdn_buf_printf(b,
                       " | %s | ",
                       f->flags & CDN_FIELD_REQUIRED ? "required"
                       : f->flags & CDN_FIELD_NA     ? "null, n/a"
                       : f->flags & CDN_FIELD_NULL   ? "null"
                                                     : "");
        cell(b, f->title);
        cdn_buf_z(b, " |\n");
    }
}

static void derived_table(struct cdn_buf *b) {
    cdn_buf_z(b, "| fact | of | meaning |\n|---|---|---|\n");
    for (unsigned i = 1; i < CDN_FACT_BUILTIN_COUNT; i++) {
        if (!cdn_fact_derived(i))
            continue;
        const unsigned owner = cdn_facts[i].owner;
        cdn_buf_printf(b,
                       "| `%s` | %s | ",
                       cdn_facts[i].name,
                       owner == CDN_OWNER_REQUEST ? "request"
                       : owner == CDN_OWNER_PARTY ? "party"
                                                  : cdn_objects[owner - CDN_OWNER_OBJECT].name);
        const char *title = cdn_facts[i].title;
        cell(b, strncmp(title, "DERIVED: ", 9) == 0 ? title + 9 : title);
        cdn_buf_z(b, " |\n");
    }
}

static void evidence_table(struct cdn_buf *b) {
    static const char *const strengths[] = {"–", "weak", "medium", "strong"};
    cdn_buf_z(
        b,
        "| kind | value | based in | located in | established in | national of | fresh | | what it is |\n"
        "|---|---|---|---|---|---|---|---|---|\n");
    for (unsigned i = 1; i < CDN_EVIDENCE_COUNT; i++) {
        const struct cdn_evidence_info *ev = &cdn_evidence_kinds[i];
        cdn_buf_printf(b, "| `%s` | %s |", ev->name, cdn_request_form_name(ev->value));
        for (unsigned f = 1; f < CDN_FINDING_COUNT; f++)
            cdn_buf_printf(b, " %s |", strengths[ev->strength[f]]);
        if (ev->fresh_days)
            cdn_buf_printf(b, " %u days |", ev->fresh_days);
        else
            cdn_buf_z(b, " |");
        const char *sep = " ";
        if (ev->flags & CDN_EV_CLAIM)
            cdn_buf_printf(b, "%sclaim", sep), sep = ", ";
        if (ev->flags & CDN_EV_FOR_ONLY)
            cdn_buf_printf(b, "%sfor only", sep), sep = ", ";
        if (ev->flags & CDN_EV_SILENT)
            cdn_buf_printf(b, "%snever used", sep);
        cdn_buf_z(b, " | ");
        cell(b, ev->title);
        cdn_buf_z(b, " |\n");
    }
}

static void table(struct cdn_buf *b, cordon_str name) {
    if (cdn_str_eq(name, CDN_STR("roles"))) {
        words_table(b, CDN_WORDS_ROLE, "role");
    } else if (cdn_str_eq(name, CDN_STR("objects"))) {
        words_table(b, CDN_WORDS_OBJECT, "kind");
    } else if (cdn_str_eq(name, CDN_STR("states"))) {
        words_table(b, CDN_WORDS_STATE, "kind");
    } else if (cdn_str_eq(name, CDN_STR("kinds of evidence"))) {
        evidence_table(b);
    } else if (cdn_str_eq(name, CDN_STR("derived"))) {
        derived_table(b);
    } else {
        for (unsigned i = 0; i < CDN_SHAPE_COUNT; i++) {
            if (cdn_str_starts(name, CDN_STR("members of ")) &&
                cdn_str_eq(cdn_str(name.p + 11, name.n - 11), cdn_str_z(cdn_shapes[i].name))) {
                members_table(b, &cdn_shapes[i]);
                return;
            }
        }
        fail_msg("docs/request.md asks for the unknown table `%.*s`", CDN_FMT(name));
    }
}

static void request_md_is_current(void **state) {
    (void)state;
    char path[CDN_PATH];
    cdn_source_path(path, "docs/request.md");
    size_t n = 0;
    char *text = (char *)cdn_read_file(path, &n);
    assert_non_null(text);
    struct cdn_buf b;
    cdn_buf_init(&b, &cdn_alloc_libc, CDN_MIB(4));
    cordon_str rest = cdn_str(text, n);
    bool skipping = false;
    unsigned tables = 0;
    while (rest.n) {
        const cordon_str line = cdn_str_split(rest, '\n', &rest);
        const bool marker = cdn_str_starts(line, CDN_STR("<!-- ")) && line.n > 9;
        const cordon_str name = marker ? cdn_str(line.p + 5, line.n - 9) : CDN_STR("");
        if (marker && cdn_str_eq(name, CDN_STR("end")))
            skipping = false;
        if (skipping)
            continue;
        cdn_buf_str(&b, line);
        cdn_buf_char(&b, '\n');
        if (marker && !cdn_str_eq(name, CDN_STR("end"))) {
            table(&b, name);
            skipping = true;
            tables++;
        }
    }
    assert_true(tables > 8);
    assert_false(skipping);
    compare("docs/request.md", cdn_buf_get(&b));
    cdn_buf_free(&b);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schemas_are_current),
        cmocka_unit_test(request_md_is_current),
    };
    return cdn_run(tests);
}
