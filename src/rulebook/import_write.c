/* SPDX-License-Identifier: Apache-2.0 */
/* import_write.c: values of a JSON document as tokens of the measure language. Each is checked for the shape
 * of its token, so that no value can end a line or become two tokens; whether a name means something is for
 * the parser. */
#include <stdarg.h>
#include <stdio.h>

#include "rulebook/import_priv.h"
#include "rulebook/print.h"

void cdn_im_fail(struct cdn_importer *im, node *at, const char *fmt, ...) {
    if (im->err)
        return;
    char text[CORDON_ERROR_TEXT];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    im->err = cdn_fail(im->e, CORDON_E_TYPE, "%s", text);
    if (!im->e)
        return;
    char pointer[CORDON_ERROR_TEXT];
    struct cdn_buf b;
    cdn_buf_fixed(&b, pointer, sizeof(pointer) - 1);
    cdn_json_pointer_write(&b, at);
    cdn_error_where(im->e, cdn_buf_get(&b), at ? at->line : 0, at ? at->column : 0);
}

/* ---- objects and arrays ----------------------------------------------------------------------------- */

static void unknown_key(struct cdn_importer *im, node *m, const char *const *keys, size_t count) {
    struct cdn_suggest s;
    cdn_suggest_init(&s, m->key);
    for (size_t i = 0; i < count; i++)
        cdn_suggest_offer(&s, cdn_str_z(keys[i]));
    cdn_im_fail(im, m, "`%.*s` means nothing here", CDN_FMT(m->key));
    if (im->e && cdn_suggest_found(&s))
        cdn_error_hint(im->e, "did you mean `%.*s`?", CDN_FMT(s.best));
}

void cdn_im_members(
    struct cdn_importer *im, node *object, const char *const *keys, size_t count, node **ret) {
    for (size_t i = 0; i < count; i++)
        ret[i] = NULL;
    if (im->err || !object)
        return;
    if (object->kind != CDN_JSON_OBJECT) {
        cdn_im_fail(im, object, "an object was expected");
        return;
    }
    for (node *m = object->first; m && !im->err; m = m->next) {
        size_t i = 0;
        while (i < count && !cdn_str_eq(m->key, cdn_str_z(keys[i])))
            i++;
        if (i == count)
            unknown_key(im, m, keys, count);
        else if (ret[i])
            cdn_im_fail(im, m, "`%.*s` stands twice", CDN_FMT(m->key));
        else
            ret[i] = m;
    }
}

bool cdn_im_need(struct cdn_importer *im, node *object, node *member, const char *key) {
    if (!member)
        cdn_im_fail(im, object, "`%s` is missing", key);
    return member != NULL;
}

bool cdn_im_array(struct cdn_importer *im, node *n) {
    if (n && n->kind != CDN_JSON_ARRAY)
        cdn_im_fail(im, n, "an array was expected");
    return !im->err;
}

bool cdn_im_true(struct cdn_importer *im, node *n) {
    if (n && n->kind != CDN_JSON_TRUE && n->kind != CDN_JSON_FALSE)
        cdn_im_fail(im, n, "true or false was expected");
    return n && n->kind == CDN_JSON_TRUE;
}

bool cdn_im_is(node *n, const char *text) {
    return n && n->kind == CDN_JSON_STR && cdn_str_eq(n->str, cdn_str_z(text));
}

/* ---- lines ------------------------------------------------------------------------------------------ */

void cdn_im_begin(struct cdn_importer *im, node *from, const char *text) {
    if (im->err)
        return;
    void *lines = im->lines;
    im->err = cdn_grow(&im->arena->as_alloc, &lines, &im->line_cap, im->line_count + 1, sizeof(*im->lines));
    im->lines = lines;
    if (im->err)
        return;
    im->lines[im->line_count++] = (struct cdn_import_line){im->file, im->line, from};
    cdn_buf_z(&im->b, text);
}

void cdn_im_end(struct cdn_importer *im) {
    cdn_im_z(im, "\n");
    im->line++;
    if (!im->err && im->b.err)
        im->err = cdn_fail(im->e, im->b.err, "the text would be too large");
}

void cdn_im_z(struct cdn_importer *im, const char *z) {
    if (!im->err)
        cdn_buf_z(&im->b, z);
}

/* ---- tokens ----------------------------------------------------------------------------------------- */

/* The text of a string node; false: none, or reported. */
static bool text_of(struct cdn_importer *im, node *n, cordon_str *ret) {
    if (!n || im->err)
        return false;
    if (n->kind != CDN_JSON_STR) {
        cdn_im_fail(im, n, "a string was expected");
        return false;
    }
    *ret = n->str;
    return true;
}

void cdn_im_quoted(struct cdn_importer *im, node *n) {
    cordon_str s;
    if (text_of(im, n, &s))
        cdn_quoted_write(&im->b, s);
}

void cdn_im_code(struct cdn_importer *im, node *n) {
    cordon_str s;
    if (text_of(im, n, &s))
        cdn_code_write(&im->b, s);
}

static bool lower(char c) {
    return c >= 'a' && c <= 'z';
}
static bool upper(char c) {
    return c >= 'A' && c <= 'Z';
}
static bool digit(char c) {
    return c >= '0' && c <= '9';
}
static bool all(cordon_str s, size_t from, const char *others) {
    for (size_t i = from; i < s.n; i++) {
        const char c = s.p[i];
        if (!lower(c) && !upper(c) && !digit(c) && !(c != '\0' && strchr(others, c)))
            return false;
    }
    return true;
}

static bool is_word(cordon_str s) {
    return s.n > 0 && lower(s.p[0]) && all(s, 1, "_-./");
}
static bool is_code(cordon_str s) {
    return s.n > 0 && upper(s.p[0]) && all(s, 1, "_-./+");
}

void cdn_im_word(struct cdn_importer *im, node *n) {
    cordon_str s;
    if (!text_of(im, n, &s))
        return;
    if (is_word(s))
        cdn_buf_str(&im->b, s);
    else
        cdn_im_fail(im, n, "a name was expected: small letters, digits, `_`, `-`, `.` and `/`");
}

void cdn_im_place(struct cdn_importer *im, node *n) {
    cordon_str s;
    if (!text_of(im, n, &s))
        return;
    if (is_word(s) || is_code(s))
        cdn_buf_str(&im->b, s);
    else
        cdn_im_fail(im, n, "a code in capitals or a name was expected");
}

void cdn_im_enum(struct cdn_importer *im, node *n, char joint) {
    cordon_str s;
    if (!text_of(im, n, &s))
        return;
    if (!is_word(s) || !all(s, 0, "_")) {
        cdn_im_fail(im, n, "a word was expected");
        return;
    }
    for (size_t i = 0; i < s.n; i++)
        cdn_buf_char(&im->b, s.p[i] == '_' ? joint : s.p[i]);
}

void cdn_im_url(struct cdn_importer *im, node *n) {
    cordon_str s;
    if (!text_of(im, n, &s))
        return;
    size_t scheme = 0;
    while (scheme < s.n && lower(s.p[scheme]))
        scheme++;
    bool good = scheme > 0 && scheme < s.n && s.p[scheme] == ':';
    for (size_t i = 0; i < s.n && good; i++)
        good = (unsigned char)s.p[i] > ' ' && s.p[i] != '>';
    if (!good) {
        cdn_im_fail(im, n, "an address such as https://example.org/ was expected");
        return;
    }
    cdn_im_z(im, "<");
    cdn_buf_str(&im->b, s);
    cdn_im_z(im, ">");
}

/* YYYY-MM-DD[THH:MM[:SS]], then nothing, Z or ±HH:MM, or a blank and a zone. */
void cdn_im_moment(struct cdn_importer *im, node *n) {
    cordon_str s, zone;
    if (!text_of(im, n, &s))
        return;
    const cordon_str local = cdn_str_split(s, ' ', &zone);
    bool good = local.n >= 10 && local.n <= 25 && all(local, 0, "-:+") && local.p[4] == '-';
    for (size_t i = 0; i < 4 && good; i++)
        good = digit(local.p[i]);
    for (size_t i = 0; i < local.n && good; i++)
        good = !lower(local.p[i]);
    if (local.n < s.n)
        good = good && is_code(zone);
    if (good)
        cdn_buf_str(&im->b, s);
    else
        cdn_im_fail(im, n, "a date was expected: \"2022-03-10\", \"2022-03-10T00:01 Europe/Moscow\"");
}

void cdn_im_decimal(struct cdn_importer *im, node *n) {
    cordon_str s;
    if (!text_of(im, n, &s))
        return;
    struct cdn_decimal v;
    if (cdn_decimal_parse(s, &v) == 0)
        cdn_decimal_write(&im->b, v);
    else
        cdn_im_fail(im, n, "a number in a string was expected: \"300\", \"0.5\"");
}

void cdn_im_whole(struct cdn_importer *im, node *n) {
    if (!n || im->err)
        return;
    if (n->kind == CDN_JSON_INT && n->number >= 0)
        cdn_buf_int(&im->b, n->number);
    else
        cdn_im_fail(im, n, "a whole number was expected");
}

/* ---- small compounds -------------------------------------------------------------------------------- */

void cdn_im_list(struct cdn_importer *im, node *array, cdn_im_item item) {
    if (!array || !cdn_im_array(im, array))
        return;
    if (!array->first)
        cdn_im_fail(im, array, "this is empty; what is empty is left out");
    for (node *n = array->first; n && !im->err; n = n->next) {
        if (n != array->first)
            cdn_im_z(im, ", ");
        item(im, n);
    }
}

void cdn_im_money(struct cdn_importer *im, node *n) {
    static const char *const keys[] = {"amount", "currency"};
    node *m[2];
    cdn_im_members(im, n, keys, 2, m);
    if (!n || !cdn_im_need(im, n, m[0], keys[0]) || !cdn_im_need(im, n, m[1], keys[1]))
        return;
    cdn_im_decimal(im, m[0]);
    cdn_im_z(im, " ");
    cdn_im_place(im, m[1]);
}

void cdn_im_places(struct cdn_importer *im, node *n) {
    static const char *const keys[] = {"except", "in"};
    node *m[2];
    cdn_im_members(im, n, keys, 2, m);
    if (!n || !cdn_im_need(im, n, m[1], keys[1]))
        return;
    for (int i = 1; i >= 0; i--) {
        if (!m[i])
            continue;
        cdn_im_z(im, i ? "" : " except ");
        const bool one = m[i]->count == 1;
        cdn_im_z(im, one ? "" : "{");
        cdn_im_list(im, m[i], cdn_im_place);
        cdn_im_z(im, one ? "" : "}");
    }
}

enum { ACCESSED, TITLE, UNVERIFIED, URL, SOURCE_KEYS };
static const char *const source_keys[] = {"accessed", "title", "unverified", "url"};

static void source_members(struct cdn_importer *im, node **m) {
    if (m[TITLE])
        cdn_im_quoted(im, m[TITLE]);
    else
        cdn_im_z(im, "\"\"");
    if (m[URL]) {
        cdn_im_z(im, " ");
        cdn_im_url(im, m[URL]);
    }
    if (m[ACCESSED]) {
        cdn_im_z(im, " accessed ");
        cdn_im_moment(im, m[ACCESSED]);
    }
}

void cdn_im_source(struct cdn_importer *im, node *n) {
    node *m[SOURCE_KEYS];
    cdn_im_members(im, n, source_keys, SOURCE_KEYS, m);
    if (m[UNVERIFIED])
        cdn_im_fail(im, m[UNVERIFIED], "this source cannot be marked as unverified");
    source_members(im, m);
}

/* `unverified` alone, as the first, stands for a source that is not there at all. */
void cdn_im_sources(struct cdn_importer *im, node *n) {
    if (!n || !cdn_im_array(im, n))
        return;
    for (node *s = n->first; s && !im->err; s = s->next) {
        node *m[SOURCE_KEYS];
        cdn_im_members(im, s, source_keys, SOURCE_KEYS, m);
        if (s != n->first || m[TITLE] || m[URL] || m[ACCESSED] || !m[UNVERIFIED]) {
            cdn_im_begin(im, s, "    source ");
            source_members(im, m);
            cdn_im_end(im);
        }
        if (m[UNVERIFIED]) {
            cdn_im_begin(im, s, "    unverified ");
            cdn_im_quoted(im, m[UNVERIFIED]);
            cdn_im_end(im);
        }
    }
}

void cdn_im_clause(struct cdn_importer *im, node *n, const char *keyword, cdn_im_item item) {
    if (!n || im->err)
        return;
    cdn_im_begin(im, n, "    ");
    cdn_im_z(im, keyword);
    cdn_im_z(im, " ");
    item(im, n);
    cdn_im_end(im);
}
