/* SPDX-License-Identifier: Apache-2.0 */
/* import.c: the JSON form of a rulebook → measure language: files, small declarations, territories,
 * scenarios.
 *
 * The parser then reads that text as any other, so that there is one way to build a rulebook; its messages
 * point at lines, and the table of lines leads from there to the JSON value. */
#include "rulebook/import_priv.h"

#include "base/limits.h"
#include "rulebook/print.h"

/* ---- heads ------------------------------------------------------------------------------------------ */

static void title(struct cdn_importer *im, node *n) {
    if (!n)
        return;
    cdn_im_z(im, " ");
    cdn_im_quoted(im, n);
}

static void after(struct cdn_importer *im, const char *words, node *n, cdn_im_item item) {
    if (!n)
        return;
    cdn_im_z(im, words);
    item(im, n);
}

static void word_list(struct cdn_importer *im, node *n) {
    cdn_im_list(im, n, cdn_im_word);
}
static void place_list(struct cdn_importer *im, node *n) {
    cdn_im_list(im, n, cdn_im_place);
}

static void do_operator(struct cdn_importer *im, node *n) {
    static const char *const keys[] = {"id", "title", "kind", "#"};
    node *m[CDN_ARRAY_LEN(keys)];
    cdn_im_members(im, n, keys, CDN_ARRAY_LEN(keys), m);
    cdn_im_begin(im, n, "operator ");
    if (cdn_im_need(im, n, m[0], "id"))
        cdn_im_word(im, m[0]);
    title(im, m[1]);
    cdn_im_end(im);
}

static void do_entity(struct cdn_importer *im, node *n) {
    static const char *const keys[] = {"id", "title", "operator", "country", "kind", "#"};
    node *m[CDN_ARRAY_LEN(keys)];
    cdn_im_members(im, n, keys, CDN_ARRAY_LEN(keys), m);
    cdn_im_begin(im, n, "entity ");
    if (!cdn_im_need(im, n, m[0], "id") || !cdn_im_need(im, n, m[2], "operator") ||
        !cdn_im_need(im, n, m[3], "country"))
        return;
    cdn_im_word(im, m[0]);
    title(im, m[1]);
    after(im, " of ", m[2], cdn_im_word);
    after(im, " in ", m[3], cdn_im_place);
    cdn_im_end(im);
}

static void do_service(struct cdn_importer *im, node *n) {
    static const char *const keys[] = {"id", "title", "operator", "classes", "kind", "#"};
    node *m[CDN_ARRAY_LEN(keys)];
    cdn_im_members(im, n, keys, CDN_ARRAY_LEN(keys), m);
    cdn_im_begin(im, n, "service ");
    if (cdn_im_need(im, n, m[0], "id"))
        cdn_im_word(im, m[0]);
    title(im, m[1]);
    after(im, " of ", m[2], cdn_im_word);
    after(im, " is ", m[3], word_list);
    cdn_im_end(im);
}

static void do_action(struct cdn_importer *im, node *n) {
    static const char *const keys[] = {"id", "title", "needs", "may", "kind", "#"};
    node *m[CDN_ARRAY_LEN(keys)];
    cdn_im_members(im, n, keys, CDN_ARRAY_LEN(keys), m);
    cdn_im_begin(im, n, "action ");
    if (cdn_im_need(im, n, m[0], "id"))
        cdn_im_word(im, m[0]);
    title(im, m[1]);
    after(im, " needs ", m[2], word_list);
    after(im, " may ", m[3], word_list);
    cdn_im_end(im);
}

static void do_fact(struct cdn_importer *im, node *n) {
    static const char *const keys[] = {"id", "title", "type", "kind", "#"};
    node *m[CDN_ARRAY_LEN(keys)];
    cdn_im_members(im, n, keys, CDN_ARRAY_LEN(keys), m);
    cdn_im_begin(im, n, "fact ");
    if (!cdn_im_need(im, n, m[0], "id") || !cdn_im_need(im, n, m[2], "type"))
        return;
    cdn_im_word(im, m[0]);
    after(im, " ", m[2], cdn_im_word);
    title(im, m[1]);
    cdn_im_end(im);
}

static void do_list(struct cdn_importer *im, node *n) {
    static const char *const keys[] = {"id", "title", "issuer", "sources", "max_age_days", "kind", "#"};
    node *m[CDN_ARRAY_LEN(keys)];
    cdn_im_members(im, n, keys, CDN_ARRAY_LEN(keys), m);
    cdn_im_begin(im, n, "list ");
    if (cdn_im_need(im, n, m[0], "id"))
        cdn_im_word(im, m[0]);
    title(im, m[1]);
    after(im, " issuer ", m[2], cdn_im_quoted);
    after(im, " max-age ", m[4], cdn_im_whole);
    cdn_im_z(im, m[4] ? " days" : "");
    cdn_im_end(im);
    cdn_im_sources(im, m[3]);
}

static void do_set(struct cdn_importer *im, node *n) {
    static const char *const keys[] = {"id", "title", "of", "members", "sources", "kind", "#"};
    node *m[CDN_ARRAY_LEN(keys)];
    cdn_im_members(im, n, keys, CDN_ARRAY_LEN(keys), m);
    cdn_im_begin(im, n, "set ");
    if (!cdn_im_need(im, n, m[0], "id") || !cdn_im_need(im, n, m[2], "of") ||
        !cdn_im_need(im, n, m[3], "members"))
        return;
    cdn_im_word(im, m[0]);
    after(im, " of ", m[2], cdn_im_word);
    title(im, m[1]);
    cdn_im_z(im, " {");
    cdn_im_list(im, m[3], cdn_im_code);
    cdn_im_z(im, "}");
    cdn_im_end(im);
    cdn_im_sources(im, m[4]);
}

static void moment_list(struct cdn_importer *im, node *n) {
    cdn_im_list(im, n, cdn_im_moment);
}

static void do_calendar(struct cdn_importer *im, node *n) {
    static const char *const keys[] = {"id", "title", "zone", "weekend", "holidays", "kind", "#"};
    node *m[CDN_ARRAY_LEN(keys)];
    cdn_im_members(im, n, keys, CDN_ARRAY_LEN(keys), m);
    cdn_im_begin(im, n, "calendar ");
    if (!cdn_im_need(im, n, m[0], "id") || !cdn_im_need(im, n, m[2], "zone"))
        return;
    cdn_im_word(im, m[0]);
    title(im, m[1]);
    after(im, " zone ", m[2], cdn_im_place);
    after(im, " weekend ", m[3], word_list);
    cdn_im_end(im);
    cdn_im_clause(im, m[4], "holidays", moment_list);
}

static void do_rate(struct cdn_importer *im, node *n) {
    static const char *const keys[] = {"from", "to", "rate", "since", "source", "kind", "#"};
    node *m[CDN_ARRAY_LEN(keys)];
    cdn_im_members(im, n, keys, CDN_ARRAY_LEN(keys), m);
    cdn_im_begin(im, n, "rate ");
    for (size_t i = 0; i < 4; i++) {
        if (!cdn_im_need(im, n, m[i], keys[i]))
            return;
    }
    cdn_im_place(im, m[0]);
    after(im, " to ", m[1], cdn_im_place);
    after(im, " ", m[2], cdn_im_decimal);
    after(im, " from ", m[3], cdn_im_moment);
    after(im, " ", m[4], cdn_im_source);
    cdn_im_end(im);
}

/* ---- territories ------------------------------------------------------------------------------------ */

static void period(struct cdn_importer *im, node *from, node *until) {
    after(im, " from ", from, cdn_im_moment);
    after(im, " until ", until, cdn_im_moment);
    cdn_im_end(im);
}

static void do_part(struct cdn_importer *im, node *n) {
    static const char *const keys[] = {"place", "exclude", "from", "until"};
    node *m[CDN_ARRAY_LEN(keys)];
    cdn_im_members(im, n, keys, CDN_ARRAY_LEN(keys), m);
    cdn_im_begin(im, n, cdn_im_true(im, m[1]) ? "    excludes " : "    includes ");
    if (cdn_im_need(im, n, m[0], "place"))
        cdn_im_place(im, m[0]);
    period(im, m[2], m[3]);
}

static void point(struct cdn_importer *im, node *n) {
    if (!cdn_im_array(im, n))
        return;
    if (n->count != 2) {
        cdn_im_fail(im, n, "a latitude and a longitude were expected");
        return;
    }
    cdn_im_decimal(im, n->first);
    cdn_im_z(im, " ");
    cdn_im_decimal(im, n->last);
}

enum { MARK, TEXT, LANG, COUNTRY, FIRST, LAST, NUMBER, POINTS, FROM, UNTIL, MARK_KEYS };
static const char *const mark_keys[] = {
    "mark", "text", "lang", "country", "first", "last", "number", "points", "from", "until"};

/* What each kind of mark has: bits of the members that it needs and may have. */
static const struct {
    const char *name;
    unsigned needs, may;
} mark_kinds[] = {
    {"name", 1U << TEXT, 1U << LANG},
    {"city", 1U << TEXT, 0},
    {"ambiguous", 1U << TEXT, 1U << COUNTRY},
    {"not", 1U << TEXT, 0},
    {"postal", 1U << COUNTRY | 1U << FIRST, 1U << LAST},
    {"phone", 1U << TEXT, 0},
    {"asn", 1U << NUMBER, 1U << TEXT},
    {"prefix", 1U << TEXT, 0},
    {"area", 1U << POINTS, 0},
};

static bool mark_shape(struct cdn_importer *im, node *n, node **m) {
    size_t kind = 0;
    if (!cdn_im_need(im, n, m[MARK], "mark"))
        return false;
    while (kind < CDN_ARRAY_LEN(mark_kinds) && !cdn_im_is(m[MARK], mark_kinds[kind].name))
        kind++;
    if (kind == CDN_ARRAY_LEN(mark_kinds)) {
        cdn_im_fail(
            im, m[MARK], "name, city, ambiguous, not, postal, phone, asn, prefix or area was expected");
        return false;
    }
    for (unsigned i = TEXT; i < FROM; i++) {
        const unsigned bit = 1U << i;
        if (mark_kinds[kind].needs & bit)
            (void)cdn_im_need(im, n, m[i], mark_keys[i]);
        else if (m[i] && !(mark_kinds[kind].may & bit))
            cdn_im_fail(im, m[i], "a mark of this kind has no `%s`", mark_keys[i]);
    }
    return !im->err;
}

static void do_mark(struct cdn_importer *im, node *n) {
    node *m[MARK_KEYS];
    cdn_im_members(im, n, mark_keys, MARK_KEYS, m);
    if (im->err || !mark_shape(im, n, m))
        return;
    cdn_im_begin(im, n, "    ");
    cdn_im_word(im, m[MARK]);
    cdn_im_z(im, " ");
    if (cdn_im_is(m[MARK], "postal")) {
        cdn_im_place(im, m[COUNTRY]);
        after(im, " ", m[FIRST], cdn_im_quoted);
        after(im, " to ", m[LAST], cdn_im_quoted);
    } else if (cdn_im_is(m[MARK], "asn")) {
        after(im, "AS", m[NUMBER], cdn_im_whole);
        title(im, m[TEXT]);
    } else if (cdn_im_is(m[MARK], "area")) {
        cdn_im_list(im, m[POINTS], point);
    } else {
        after(im, "", m[LANG], cdn_im_word);
        cdn_im_z(im, m[LANG] ? " " : "");
        cdn_im_quoted(im, m[TEXT]);
        after(im, " clear in ", m[COUNTRY], cdn_im_place);
    }
    period(im, m[FROM], m[UNTIL]);
}

static void do_territory(struct cdn_importer *im, node *n) {
    enum { ID, T_TITLE, WITHIN, ANY, PARTS, PART_OF, MARKS, SOURCES, KIND, COMMENT, COUNT };
    static const char *const keys[] = {
        "id", "title", "within", "any_context", "parts", "part_of", "marks", "sources", "kind", "#"};
    node *m[COUNT];
    cdn_im_members(im, n, keys, COUNT, m);
    cdn_im_begin(im, n, "territory ");
    if (cdn_im_need(im, n, m[ID], "id"))
        cdn_im_word(im, m[ID]);
    title(im, m[T_TITLE]);
    cdn_im_end(im);
    if (cdn_im_true(im, m[ANY])) {
        cdn_im_begin(im, m[ANY], "    within any");
        cdn_im_end(im);
    }
    cdn_im_clause(im, m[WITHIN], "within", place_list);
    cdn_im_clause(im, m[PART_OF], "part of", place_list);
    if (cdn_im_array(im, m[PARTS]) && cdn_im_array(im, m[MARKS])) {
        for (node *p = m[PARTS] ? m[PARTS]->first : NULL; p && !im->err; p = p->next)
            do_part(im, p);
        for (node *k = m[MARKS] ? m[MARKS]->first : NULL; k && !im->err; k = k->next)
            do_mark(im, k);
    }
    cdn_im_sources(im, m[SOURCES]);
}

/* ---- scenarios, comments ---------------------------------------------------------------------------- */

static bool one_line(cordon_str s) {
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] < 0x20 && s.p[i] != '\t')
            return false;
    }
    return true;
}

/* Lines of a scenario stand as they are; only the first may begin at the first column. */
static void do_scenario(struct cdn_importer *im, node *n) {
    static const char *const keys[] = {"lines", "kind", "#"};
    node *m[CDN_ARRAY_LEN(keys)];
    cdn_im_members(im, n, keys, CDN_ARRAY_LEN(keys), m);
    if (im->err || !cdn_im_need(im, n, m[0], "lines") || !cdn_im_array(im, m[0]))
        return;
    if (!m[0]->first)
        cdn_im_fail(im, m[0], "this is empty");
    for (node *l = m[0]->first; l && !im->err; l = l->next) {
        const bool head = l == m[0]->first;
        const bool text = l->kind == CDN_JSON_STR && one_line(l->str);
        if (!text || (head ? !cdn_str_starts(l->str, CDN_STR("scenario "))
                           : l->str.n > 0 && !strchr(" \t#})", l->str.p[0]))) {
            cdn_im_fail(im, l, head ? "`scenario \"…\"` was expected" : "an indented line was expected");
            return;
        }
        cdn_im_begin(im, l, "");
        if (!im->err)
            cdn_buf_str(&im->b, l->str);
        cdn_im_end(im);
    }
}

static void comment(struct cdn_importer *im, node *n) {
    if (!n || !cdn_im_array(im, n))
        return;
    for (node *l = n->first; l && !im->err; l = l->next) {
        if (l->kind != CDN_JSON_STR || !one_line(l->str)) {
            cdn_im_fail(im, l, "a string of one line was expected");
            return;
        }
        cdn_im_begin(im, l, l->str.n ? "# " : "#");
        if (!im->err)
            cdn_buf_str(&im->b, l->str);
        cdn_im_end(im);
    }
}

/* ---- the whole -------------------------------------------------------------------------------------- */

static const struct {
    const char *kind;
    cdn_im_item write;
} kinds[] = {
    {"operator", do_operator},
    {"entity", do_entity},
    {"service", do_service},
    {"action", do_action},
    {"fact", do_fact},
    {"list", do_list},
    {"set", do_set},
    {"calendar", do_calendar},
    {"rate", do_rate},
    {"territory", do_territory},
    {"scenario", do_scenario},
    {"measure", cdn_im_measure},
    {"licence", cdn_im_measure},
    {"statute", cdn_im_measure},
    {"protect", cdn_im_measure},
};

/* A member by its key, before the object's own keys are known. */
static node *peek_member(node *object, const char *key) {
    for (node *m = object->kind == CDN_JSON_OBJECT ? object->first : NULL; m; m = m->next) {
        if (cdn_str_eq(m->key, cdn_str_z(key)))
            return m;
    }
    return NULL;
}

static void declaration(struct cdn_importer *im, node *n) {
    node *kind = peek_member(n, "kind");
    if (!cdn_im_need(im, n, kind, "kind"))
        return;
    size_t i = 0;
    while (i < CDN_ARRAY_LEN(kinds) && !cdn_im_is(kind, kinds[i].kind))
        i++;
    if (i == CDN_ARRAY_LEN(kinds)) {
        cdn_im_fail(im, kind, "no declaration is of this kind");
        return;
    }
    comment(im, peek_member(n, "#"));
    kinds[i].write(im, n);
}

static void geodata(struct cdn_importer *im, node *n) {
    static const char *const keys[] = {"max_age_days", "max_radius_km"};
    node *m[2];
    cdn_im_members(im, n, keys, 2, m);
    if (!n)
        return;
    cdn_im_begin(im, n, "geodata");
    after(im, " max-age ", m[0], cdn_im_whole);
    cdn_im_z(im, m[0] ? " days" : "");
    after(im, " max-radius ", m[1], cdn_im_whole);
    cdn_im_z(im, m[1] ? " km" : "");
    cdn_im_end(im);
}

static void file(struct cdn_importer *im, node *n, node *settings, struct cdn_rulebook_source *ret) {
    static const char *const keys[] = {"#", "declarations", "name"};
    node *m[CDN_ARRAY_LEN(keys)];
    cdn_im_members(im, n, keys, CDN_ARRAY_LEN(keys), m);
    if (im->err || !cdn_im_need(im, n, m[1], "declarations") || !cdn_im_need(im, n, m[2], "name") ||
        !cdn_im_array(im, m[1]))
        return;
    if (m[2]->kind != CDN_JSON_STR) {
        cdn_im_fail(im, m[2], "a string was expected");
        return;
    }
    cdn_buf_init(&im->b, &im->arena->as_alloc, CDN_MAX_MEASURE_FILE);
    im->line = 1;
    if (m[0]) {
        comment(im, m[0]);
        cdn_im_end(im); /* the empty line that makes it the file's */
    }
    geodata(im, settings);
    for (node *d = m[1]->first; d && !im->err; d = d->next) {
        if (d != m[1]->first)
            cdn_im_end(im); /* an empty line */
        declaration(im, d);
    }
    ret->name = m[2]->str;
    ret->text = im->b.n ? cdn_buf_get(&im->b) : cdn_str("", 0);
}

int cdn_rulebook_import_text(cordon_str json,
                             struct cdn_arena *arena,
                             struct cdn_import *ret,
                             struct cordon_error *e) {
    static const char *const keys[] = {"files", "format", "geodata"};
    node *m[CDN_ARRAY_LEN(keys)], *root = NULL;
    struct cdn_importer im = {.arena = arena, .e = e};
    struct cdn_rulebook_source *files = NULL;
    im.err = cdn_json_tree_parse(json, arena, &root, e);
    if (im.err)
        return im.err;
    cdn_im_members(&im, root, keys, CDN_ARRAY_LEN(keys), m);
    if (im.err || !cdn_im_need(&im, root, m[0], "files") || !cdn_im_need(&im, root, m[1], "format") ||
        !cdn_im_array(&im, m[0]))
        return im.err;
    if (!cdn_im_is(m[1], "cordon-rulebook/1"))
        cdn_im_fail(&im, m[1], "the format is \"cordon-rulebook/1\"");
    if (m[2] && !m[0]->first)
        cdn_im_fail(&im, m[2], "there is no file that could hold this");
    if (!im.err && !(files = cdn_arena_zero(arena, m[0]->count + 1U, sizeof(*files))))
        im.err = cdn_fail(e, CORDON_E_NOMEM, "out of memory");
    for (node *f = m[0]->first; f && !im.err; f = f->next) {
        im.file = f->index;
        file(&im, f, f == m[0]->first ? m[2] : NULL, &files[f->index]);
    }
    if (im.err)
        return im.err;
    *ret = (struct cdn_import){files, m[0]->count, im.lines, im.line_count};
    return 0;
}

void cdn_import_pointer_write(struct cdn_buf *b,
                              const struct cdn_import *im,
                              uint32_t in_file,
                              uint32_t line) {
    size_t low = 0, high = im->line_count;
    while (low < high) { /* the last that is not behind the line */
        const size_t mid = low + (high - low) / 2;
        const struct cdn_import_line *l = &im->lines[mid];
        if (l->file < in_file || (l->file == in_file && l->line <= line))
            low = mid + 1;
        else
            high = mid;
    }
    if (low > 0)
        cdn_json_pointer_write(b, im->lines[low - 1].node);
}

int cdn_rulebook_import_json(cordon_str json,
                             const char *zoneinfo,
                             struct cdn_arena *arena,
                             struct cdn_diagnostics *diags,
                             struct cdn_rulebook **ret,
                             struct cordon_error *e) {
    struct cdn_import im;
    const size_t before = diags->count;
    int err = cdn_rulebook_import_text(json, arena, &im, e);
    if (err)
        return err;
    err = cdn_rulebook_load(im.files, im.count, zoneinfo, arena, diags, ret);
    if (err == 0)
        return 0;
    if (diags->count == before)
        return cdn_fail(e, err, "the rulebook could not be loaded");
    const struct cdn_diagnostic *d = &diags->items[before];
    err = cdn_fail(e, err, "%.*s", CDN_FMT(d->message));
    if (e) {
        char pointer[CORDON_ERROR_TEXT];
        struct cdn_buf b;
        cdn_buf_fixed(&b, pointer, sizeof(pointer) - 1);
        cdn_import_pointer_write(&b, &im, d->pos.file, d->pos.line);
        cdn_error_where(e, cdn_buf_get(&b), 0, 0);
        const cordon_str next = d->suggestion.n ? d->suggestion : d->expected;
        if (next.n)
            cdn_error_hint(e, "%.*s", CDN_FMT(next));
    }
    return err;
}
