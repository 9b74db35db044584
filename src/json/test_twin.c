/* SPDX-License-Identifier: Apache-2.0 */
/* Our reader and writer against jansson, on random and on damaged texts.
 *
 *  - what is JSON for one is JSON for the other;
 *  - a random request, read and written by us, is the same bytes as jansson's sorted dump of the text: no
 * member is lost, moved or changed;
 *  - what was written is read as the same request again. */
#include <jansson.h>

#include "base/limits.h"
#include "request/values.h"
#include "support/fault.h"
#include "support/rnd.h"
#include "json/json.h"
#include "json/schema_priv.h"

/* ---- random requests, driven by the reader's own table; values in the form that the writer gives them ----
 */

struct gen {
    struct cdn_rnd *r;
    struct cdn_buf *b;
    unsigned parties;
    unsigned depth;
};

static unsigned below(struct gen *g, unsigned n) {
    return (unsigned)cdn_rnd_below(g->r, n);
}

static void space(struct gen *g) {
    static const char *const some[] = {"", "", "", " ", "\n", "\t ", "\r\n"};
    cdn_buf_z(g->b, some[below(g, 7)]);
}

static void random_text(struct gen *g) {
    static const char *const parts[] = {"a",
                                        "Z",
                                        "7",
                                        " ",
                                        "é",
                                        "Крым",
                                        "中",
                                        "😀",
                                        "\\n",
                                        "\\\"",
                                        "\\\\",
                                        "\\u00e9",
                                        "/",
                                        "\\u4e2d",
                                        "\\ud83d\\ude00",
                                        "\\/",
                                        "~",
                                        "-"};
    cdn_buf_char(g->b, '"');
    cdn_buf_char(g->b, 'x');
    for (unsigned i = below(g, 12); i > 0; i--)
        cdn_buf_z(g->b, parts[below(g, CDN_ARRAY_LEN(parts))]);
    cdn_buf_char(g->b, '"');
}

static void one_of(struct gen *g, const char *const *list, unsigned n) {
    cdn_buf_char(g->b, '"');
    cdn_buf_z(g->b, list[below(g, n)]);
    cdn_buf_char(g->b, '"');
}
#define ONE_OF(g, ...)                                                                                       \
    do {                                                                                                     \
        static const char *const list_[] = {__VA_ARGS__};                                                    \
        one_of(g, list_, CDN_ARRAY_LEN(list_));                                                              \
    } while (0)

static void shape(struct gen *g, unsigned id);

static void have(struct gen *g) {
    cdn_buf_z(g->b, below(g, 2) ? "null" : "\"not_applicable\"");
}

static void decimal(struct gen *g) {
    static const char *const some[] = {"0", "1", "12.5", "99.25", "0.125", "7", "100"};
    cdn_buf_z(g->b, some[below(g, 7)]);
}

static void when(struct gen *g) {
    ONE_OF(g, "2022-03-10", "2022-03", "2022", "2022-03-10T09:00:00Z", "1969-12-31T23:59:59Z");
}

static void codes(struct gen *g) {
    cdn_buf_char(g->b, '[');
    for (unsigned i = 0, n = below(g, 4); i < n; i++) {
        if (i > 0)
            cdn_buf_char(g->b, ',');
        random_text(g);
    }
    cdn_buf_char(g->b, ']');
}

static void fact(struct gen *g, unsigned type) {
    if (below(g, 6) == 0) {
        have(g);
        return;
    }
    switch ((enum cdn_fact_type)type) {
    case CDN_TYPE_NONE:
    case CDN_TYPE_CODE:
    case CDN_TYPE_TEXT:
        random_text(g);
        break;
    case CDN_TYPE_PLACE:
        ONE_OF(g, "RU", "UA-43", "DE", "XK");
        break;
    case CDN_TYPE_WHEN:
        when(g);
        break;
    case CDN_TYPE_MONEY:
        shape(g, CDN_SHAPE_MONEY);
        break;
    case CDN_TYPE_NUMBER:
        decimal(g);
        break;
    case CDN_TYPE_BOOL:
        cdn_buf_z(g->b, below(g, 2) ? "true" : "false");
        break;
    case CDN_TYPE_CODES:
        codes(g);
        break;
    }
}

static void given(struct gen *g) {
    static const uint8_t types[] = {
        CDN_TYPE_TEXT, CDN_TYPE_MONEY, CDN_TYPE_NUMBER, CDN_TYPE_BOOL, CDN_TYPE_CODES};
    cdn_buf_char(g->b, '{');
    for (unsigned i = 0, n = 1 + below(g, 4); i < n; i++) {
        cdn_buf_printf(g->b, "%s\"%c%u\":", i ? "," : "", (int)('a' + below(g, 20)), i);
        fact(g, types[below(g, 5)]);
    }
    cdn_buf_char(g->b, '}');
}

static void evidence_value(struct gen *g, unsigned kind) {
    if (below(g, 10) == 0) {
        have(g);
        return;
    }
    switch ((enum cdn_value_form)cdn_evidence_kinds[kind].value) {
    case CDN_VALUE_COUNTRY:
        ONE_OF(g, "RU", "BY", "UA");
        break;
    case CDN_VALUE_ADDRESS:
        if (below(g, 2))
            cdn_buf_z(g->b, "{\"city\":\"Ялта\",\"country\":\"RU\",\"lines\":\"1\"}");
        else
            random_text(g);
        break;
    case CDN_VALUE_IP:
        if (below(g, 3))
            ONE_OF(g, "95.173.136.70", "2001:db8::1", "::ffff:1.2.3.4");
        else
            shape(g, CDN_SHAPE_IP_PLACE);
        break;
    case CDN_VALUE_CARD:
        if (below(g, 2))
            ONE_OF(g, "RU", "DE");
        else
            shape(g, CDN_SHAPE_CARD);
        break;
    case CDN_VALUE_TAX:
        if (below(g, 2))
            random_text(g);
        else
            shape(g, CDN_SHAPE_TAX);
        break;
    case CDN_VALUE_POINT:
        shape(g, CDN_SHAPE_POINT);
        break;
    case CDN_VALUE_MCC:
        ONE_OF(g, "250", "25001");
        break;
    case CDN_VALUE_ASN:
        ONE_OF(g, "AS31133", "31133");
        break;
    case CDN_VALUE_PHONE:
    case CDN_VALUE_IBAN:
    case CDN_VALUE_BIC:
    case CDN_VALUE_HOST:
    case CDN_VALUE_TEXT:
        random_text(g);
        break;
    }
}

static void list(struct gen *g, const struct cdn_field *f) {
    unsigned n = 1 + below(g, 3);
    if (f->have_at != CDN_NO_MEMBER && below(g, 4) == 0) {
        have(g);
        return;
    }
    if (f->have_at != CDN_NO_MEMBER && below(g, 4) == 0)
        n = 0;
    if (f->arg == CDN_SHAPE_PARTY)
        n = g->parties;
    cdn_buf_char(g->b, '[');
    for (unsigned i = 0; i < n; i++) {
        if (i > 0)
            cdn_buf_char(g->b, ',');
        shape(g, f->arg);
    }
    cdn_buf_char(g->b, ']');
}

static void member(struct gen *g, const struct cdn_field *f, unsigned kind) {
    const struct cdn_words *words = &cdn_word_tables[f->op == CDN_OP_WORD ? f->arg : 0];
    switch ((enum cdn_op)f->op) {
    case CDN_OP_TEXT:
    case CDN_OP_HASHED:
        random_text(g);
        break;
    case CDN_OP_WORD:
        cdn_buf_printf(g->b, "\"%s\"", words->words[kind ? kind : 1 + below(g, words->count - 1)].text);
        break;
    case CDN_OP_WHEN:
    case CDN_OP_SEEN:
        when(g);
        break;
    case CDN_OP_INSTANT:
        ONE_OF(g, "2022-03-10T09:00:00Z", "2024-02-29T23:59:59Z");
        break;
    case CDN_OP_DECIMAL:
        decimal(g);
        break;
    case CDN_OP_AMOUNT:
        cdn_buf_char(g->b, '"');
        decimal(g);
        cdn_buf_char(g->b, '"');
        break;
    case CDN_OP_CURRENCY:
        ONE_OF(g, "EUR", "USD", "GBP");
        break;
    case CDN_OP_SCORE:
        cdn_buf_int(g->b, 1 + below(g, 1000));
        break;
    case CDN_OP_BOOL:
        cdn_buf_z(g->b, "true");
        break;
    case CDN_OP_LISTED:
        cdn_buf_z(g->b, below(g, 2) ? "true" : below(g, 2) ? "false" : "null");
        break;
    case CDN_OP_COUNTRY:
        ONE_OF(g, "RU", "UA");
        break;
    case CDN_OP_DEGREES:
        cdn_buf_z(g->b, below(g, 2) ? "44.952117" : "-34.1");
        break;
    case CDN_OP_PARTY:
    case CDN_OP_PARTY_OR_NAME:
        if (f->op == CDN_OP_PARTY_OR_NAME && below(g, 2))
            random_text(g);
        else
            cdn_buf_int(g->b, below(g, g->parties));
        break;
    case CDN_OP_IIN:
        ONE_OF(g, "424242", "22001234");
        break;
    case CDN_OP_MONEY:
        shape(g, CDN_SHAPE_MONEY);
        break;
    case CDN_OP_FACT:
        fact(g, cdn_facts[f->arg].type);
        break;
    case CDN_OP_GIVEN:
        given(g);
        break;
    case CDN_OP_LIST:
        list(g, f);
        break;
    case CDN_OP_EVIDENCE:
        evidence_value(g, kind);
        break;
    }
}

static bool wanted(struct gen *g, const struct cdn_field *f, unsigned id, unsigned kind) {
    if ((f->only && f->only != kind) || (f->op == CDN_OP_FACT && cdn_fact_derived(f->arg)))
        return false;
    if (id == CDN_SHAPE_REQUEST && strcmp(f->name, "parties") == 0)
        return true;
    /* What check_state asks for. */
    if (id == CDN_SHAPE_STATE && f->op != CDN_OP_WHEN)
        return true;
    return (f->flags & CDN_FIELD_REQUIRED) || below(g, 3) == 0;
}

static void shape(struct gen *g, unsigned id) {
    const struct cdn_shape *s = &cdn_shapes[id];
    unsigned kind = 0;
    if (id == CDN_SHAPE_OBJECT)
        kind = 1 + below(g, CDN_OBJECT_COUNT - 1);
    if (id == CDN_SHAPE_EVIDENCE)
        kind = 1 + below(g, CDN_EVIDENCE_COUNT - 1);
    const unsigned start = below(g, s->count); /* members in some order */
    bool first = true;
    cdn_buf_char(g->b, '{');
    for (unsigned i = 0; i < s->count; i++) {
        const struct cdn_field *f = &s->fields[(start + i) % s->count];
        if (!wanted(g, f, id, kind))
            continue;
        if (!first)
            cdn_buf_char(g->b, ',');
        first = false;
        space(g);
        cdn_buf_printf(g->b, "\"%s\"", f->name);
        space(g);
        cdn_buf_char(g->b, ':');
        space(g);
        member(g, f, f->op == CDN_OP_WORD && f->arg == CDN_WORDS_ROLE ? 0 : kind);
        space(g);
    }
    cdn_buf_char(g->b, '}');
}

static void random_request(struct cdn_rnd *r, struct cdn_buf *b) {
    struct gen g = {.r = r, .b = b, .parties = 1 + (unsigned)cdn_rnd_below(r, 3)};
    shape(&g, CDN_SHAPE_REQUEST);
}

/* ---- comparisons --------------------------------------------------------------------------------------- */

static char *jansson_canonical(cordon_str text) {
    json_error_t je;
    json_t *root = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &je);
    if (!root)
        fail_msg("jansson: %s at %d in\n%.*s", je.text, je.position, CDN_FMT(text));
    char *out = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(15));
    json_decref(root);
    return out;
}

static void same_values_as_jansson(void **state) {
    (void)state;
    struct cdn_rnd r;
    cdn_rnd_init(&r, "same_values_as_jansson", 20220310);
    struct cdn_arena arena;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    struct cdn_buf text;
    struct cdn_buf out;
    struct cdn_buf again;
    cdn_buf_init(&text, &cdn_alloc_libc, CDN_MIB(1));
    cdn_buf_init(&out, &cdn_alloc_libc, CDN_MIB(1));
    cdn_buf_init(&again, &cdn_alloc_libc, CDN_MIB(1));
    for (size_t i = 0, n = cdn_rnd_rounds(3000); i < n; i++) {
        struct cordon_error e = {0};
        struct cdn_request *request = NULL;
        cdn_buf_clear(&text);
        cdn_buf_clear(&out);
        cdn_buf_clear(&again);
        random_request(&r, &text);
        if (cdn_json_read_request(cdn_buf_get(&text), &arena, &request, &e)) {
            /* what makes no sense as a whole is refused, however well it is written */
            if (!strstr(e.message, "not owned by parties") && !strstr(e.message, "below zero"))
                fail_msg("%s: %s\n%.*s", e.where, e.message, CDN_FMT(cdn_buf_get(&text)));
            cdn_arena_reset(&arena);
            continue;
        }
        assert_int_equal(cdn_json_write_request(&out, request), 0);
        char *twin = jansson_canonical(cdn_buf_get(&text));
        if (!cdn_str_eq(cdn_str_z(twin), cdn_buf_get(&out)))
            fail_msg("round %zu\n%.*s\n%s", i, CDN_FMT(cdn_buf_get(&out)), twin);
        free(twin);
        assert_int_equal(cdn_json_read_request(cdn_buf_get(&out), &arena, &request, &e), 0);
        assert_int_equal(cdn_json_write_request(&again, request), 0);
        assert_true(cdn_str_eq(cdn_buf_get(&out), cdn_buf_get(&again)));
        cdn_arena_reset(&arena);
    }
    cdn_buf_free(&text);
    cdn_buf_free(&out);
    cdn_buf_free(&again);
    cdn_arena_free(&arena);
}

static void damage(struct cdn_rnd *r, char *p, size_t *n, size_t cap) {
    static const char bytes[] = "{}[]\",:\\u0019.-+eE tnfalsr\n\x01\x7f\x80\xc3\xe2\xed\xf4\xff/";
    for (unsigned i = (unsigned)cdn_rnd_below(r, 3) + 1; i > 0; i--) {
        const size_t at = (size_t)cdn_rnd_below(r, *n + 1);
        const char c = bytes[cdn_rnd_below(r, sizeof(bytes) - 1)];
        switch (cdn_rnd_below(r, 4)) {
        case 0:
            if (at < *n)
                p[at] = c;
            break;
        case 1:
            if (*n < cap) {
                memmove(p + at + 1, p + at, *n - at);
                p[at] = c;
                (*n)++;
            }
            break;
        case 2:
            if (at < *n) {
                memmove(p + at, p + at + 1, *n - at - 1);
                (*n)--;
            }
            break;
        default:
            if (cdn_rnd_chance(r, 100))
                *n = at;
            break;
        }
    }
}

static void same_syntax_as_jansson(void **state) {
    (void)state;
    static const char *const seeds[] = {
        ("{\"a\":[1,-2.5e+3,0,1E-2,true,false,null],"
         "\"b\":{\"c\":\"\\u00e9\\ud83d\\ude00\\n\\\"\",\"\":\"é中\"}}"),
        "[]",
        " {} ",
        "\"x\"",
        "-0",
        "[[[[[]]]],{\"a\":{}}]",
        "0.5",
        "[\"\\ud800\"]",
        "[\"a\tb\"]",
        "[1,]",
    };
    struct cdn_rnd r;
    cdn_rnd_init(&r, "same_syntax_as_jansson", 8259);
    struct cdn_arena arena;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    struct cdn_buf text;
    cdn_buf_init(&text, &cdn_alloc_libc, CDN_MIB(1));
    size_t accepted = 0;
    size_t rejected = 0;
    for (size_t i = 0, n = cdn_rnd_rounds(40000); i < n; i++) {
        static char copy[65536];
        cdn_buf_clear(&text);
        if (cdn_rnd_chance(&r, 100))
            random_request(&r, &text);
        else
            cdn_buf_z(&text, seeds[cdn_rnd_below(&r, CDN_ARRAY_LEN(seeds))]);
        size_t size = CDN_MIN(text.n, sizeof(copy));
        memcpy(copy, text.p, size);
        damage(&r, copy, &size, sizeof(copy));
        struct cordon_error e = {0};
        const int err = cdn_json_check(cdn_str(copy, size), &arena, &e);
        json_error_t je;
        json_t *twin = json_loadb(copy, size, JSON_DECODE_ANY, &je);
        const bool beyond = !twin && json_error_code(&je) == json_error_numeric_overflow;
        if (!beyond && err != CORDON_E_LIMIT && (err == 0) != (twin != NULL))
            fail_msg("round %zu: ours %s (%s), jansson %s\n%.*s",
                     i,
                     cdn_status_name(err),
                     e.message,
                     twin ? "accepts" : je.text,
                     (int)size,
                     copy);
        accepted += err == 0;
        rejected += err != 0;
        /* A request that we accept is JSON without repeated names. */
        struct cdn_request *request = NULL;
        if (cdn_json_read_request(cdn_str(copy, size), &arena, &request, NULL) == 0) {
            json_t *strict = json_loadb(copy, size, JSON_REJECT_DUPLICATES, &je);
            assert_non_null(strict);
            json_decref(strict);
        }
        json_decref(twin);
        cdn_arena_reset(&arena);
    }
    print_message("# %zu accepted, %zu rejected\n", accepted, rejected);
    assert_true(accepted > 1000 && rejected > 1000);
    cdn_buf_free(&text);
    cdn_arena_free(&arena);
}

static void limits_hold(void **state) {
    (void)state;
    struct cdn_arena arena;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    struct cdn_buf text;
    cdn_buf_init(&text, &cdn_alloc_libc, CDN_MIB(8));
    for (unsigned i = 0; i <= CDN_MAX_JSON_DEPTH; i++)
        cdn_buf_char(&text, '[');
    assert_int_equal(cdn_json_check(cdn_buf_get(&text), &arena, NULL), CORDON_E_LIMIT);
    cdn_buf_clear(&text);
    cdn_buf_z(&text, "{\"action\":\"a\",\"service\":\"s\",\"parties\":[");
    for (unsigned i = 0; i <= CDN_MAX_PARTIES; i++)
        cdn_buf_z(&text, i ? ",{\"role\":\"customer\"}" : "{\"role\":\"customer\"}");
    cdn_buf_z(&text, "]}");
    struct cdn_request *request = NULL;
    struct cordon_error e = {0};
    assert_int_equal(cdn_json_read_request(cdn_buf_get(&text), &arena, &request, &e), CORDON_E_LIMIT);
    assert_string_equal(e.where, "/parties/256");
    cdn_buf_clear(&text);
    cdn_buf_zero(&text, CDN_MAX_REQUEST_BYTES + 1);
    assert_int_equal(cdn_json_read_request(cdn_buf_get(&text), &arena, &request, &e), CORDON_E_LIMIT);
    cdn_buf_free(&text);
    cdn_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_values_as_jansson),
        cmocka_unit_test(same_syntax_as_jansson),
        cmocka_unit_test(limits_hold),
    };
    return cdn_run(tests);
}
