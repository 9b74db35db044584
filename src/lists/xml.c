/* SPDX-License-Identifier: Apache-2.0 */
/* xml.c: expat, driven by a table (xml_priv.h).
 *
 *  1. a document type declaration is refused: no list has one, and without it there are no entities to
 * expand;
 *  2. depth, length of a text and length of a tag are limited. A long tag is noticed while it is still being
 * fed, since expat would scan it again with each piece;
 *  3. memory grows with the longest text, not with the file;
 *  4. names are compared without their prefix: issuers change their namespaces. */
#include "lists/xml_priv.h"

#include <expat.h>

static const cordon_str none = {NULL, 0};

static cordon_str local(const char *name) {
    const char *const colon = strchr(name, ':');
    return cdn_str_z(colon == NULL ? name : colon + 1);
}

/* "export/sanctionEntity/nameAlias", and "@attribute" or "/element" after it. */
static void report_path(
    struct cdn_xml *x, enum cdn_report_kind kind, const char *mark, cordon_str last, cordon_str example) {
    char storage[400];
    struct cdn_buf path;
    cdn_buf_fixed(&path, storage, sizeof storage);
    for (unsigned i = 0; i < x->depth; i++) {
        cdn_buf_z(&path, i > 0 ? "/" : "");
        cdn_buf_z(&path, x->nodes[x->stack[i]].name);
    }
    cdn_buf_z(&path, mark);
    cdn_buf_str(&path, cdn_str(last.p, CDN_MIN(last.n, (size_t)64)));
    const uint32_t line = x->r->line;
    x->r->line = (uint32_t)XML_GetCurrentLineNumber(x->parser);
    cdn_rd_report(x->r, kind, cdn_buf_get(&path), example);
    x->r->line = line;
}

cordon_str cdn_xml_attr(struct cdn_xml *x, const char *name) {
    for (unsigned i = 0; x->attributes != NULL && x->attributes[2 * i] != NULL; i++) {
        const char *const have = x->attributes[2 * i];
        if (strcmp(have, name) == 0) {
            x->attributes_used |= i < 64 ? UINT64_C(1) << i : 0;
            return cdn_str_z(x->attributes[2 * i + 1]);
        }
    }
    return none;
}

cordon_str cdn_xml_value(const struct cdn_xml *x, unsigned node) {
    return cdn_str_trim(cdn_buf_get(&x->values[node]));
}

bool cdn_xml_true(cordon_str s) {
    return cdn_str_eq_nocase(cdn_str_trim(s), CDN_STR("true"));
}

static bool in_words(const char *words, cordon_str word) {
    cordon_str rest = cdn_str_z(words);
    while (rest.n > 0) {
        if (cdn_str_eq(cdn_str_split(rest, ' ', &rest), word)) {
            return true;
        }
    }
    return false;
}

/* What `open` did not ask for and the table does not name. */
static void report_attributes(struct cdn_xml *x) {
    const char *const left_out = x->nodes[x->node].left_out;
    if (left_out != NULL && left_out[0] == '*') {
        return;
    }
    for (unsigned i = 0; x->attributes[2 * i] != NULL; i++) {
        const char *const name = x->attributes[2 * i];
        const bool used = i < 64 && (x->attributes_used >> i & 1) != 0;
        if (used || x->attributes[2 * i + 1][0] == '\0' || strncmp(name, "xmlns", 5) == 0 ||
            strncmp(name, "xsi:", 4) == 0 || (left_out != NULL && in_words(left_out, cdn_str_z(name)))) {
            continue;
        }
        report_path(x, CDN_REPORT_FIELD, "@", cdn_str_z(name), cdn_str_z(x->attributes[2 * i + 1]));
    }
}

static void stop(struct cdn_xml *x) {
    (void)XML_StopParser(x->parser, XML_FALSE);
}

/* Row of the child, or 0 when the table has none. */
static unsigned child_of(const struct cdn_xml *x, unsigned parent, cordon_str name) {
    unsigned any = 0;
    for (unsigned i = x->first_child[parent]; i != 0; i = x->next_sibling[i]) {
        const char *const have = x->nodes[i].name;
        if (strncmp(have, name.p, name.n) == 0 && have[name.n] == '\0') {
            return i;
        }
        any = have[0] == '*' ? i : any;
    }
    return any;
}

static void enter(struct cdn_xml *x, unsigned node, const char **attributes) {
    struct cdn_rd *const r = x->r;
    x->node = node;
    x->stack[x->depth++] = (uint8_t)node;
    x->counts[node]++;
    cdn_buf_clear(&x->values[node]);
    for (unsigned i = x->first_child[node]; i != 0; i = x->next_sibling[i]) {
        cdn_buf_clear(&x->values[i]);
    }
    if ((x->nodes[node].flags & CDN_XML_PLACE) != 0) {
        r->line = (uint32_t)XML_GetCurrentLineNumber(x->parser);
        r->byte = (uint64_t)XML_GetCurrentByteIndex(x->parser);
        r->info.rows++;
    }
    x->attributes = attributes;
    x->attributes_used = 0;
    if (x->nodes[node].open != NULL) {
        x->nodes[node].open(x);
    }
    report_attributes(x);
    x->attributes = NULL;
}

static void XMLCALL on_start(void *user, const XML_Char *name, const XML_Char **attributes) {
    struct cdn_xml *const x = user;
    if (x->r->err != 0) {
        stop(x);
        return;
    }
    x->name = local(name);
    if (x->skip > 0) {
        x->skip++;
    } else if (x->depth == 0) {
        enter(x, 0, attributes);
    } else {
        const unsigned node = child_of(x, x->stack[x->depth - 1], x->name);
        if (node == 0) {
            report_path(x, CDN_REPORT_FIELD, "/", x->name, none);
            x->skip = 1;
        } else if ((x->nodes[node].flags & CDN_XML_LEFT_OUT) != 0) {
            x->counts[node]++;
            x->skip = 1;
        } else if (x->depth < CDN_MAX_LIST_DEPTH) {
            enter(x, node, attributes);
        }
    }
    if (x->depth + x->skip >= CDN_MAX_LIST_DEPTH) {
        cdn_rd_fail(x->r, CORDON_E_LIMIT, "elements nest more than %d deep", CDN_MAX_LIST_DEPTH);
    }
    if (x->r->err != 0) {
        stop(x);
    }
}

static void XMLCALL on_end(void *user, const XML_Char *name) {
    struct cdn_xml *const x = user;
    (void)name;
    if (x->r->err != 0 || x->depth == 0) {
        stop(x);
        return;
    }
    if (x->skip > 0) {
        x->skip--;
        return;
    }
    x->node = x->stack[x->depth - 1];
    if (x->nodes[x->node].close != NULL) {
        x->nodes[x->node].close(x);
    }
    x->depth--;
    x->ended = x->depth == 0;
    x->node = x->depth == 0 ? 0 : x->stack[x->depth - 1];
    if (x->r->err != 0) {
        stop(x);
    }
}

static void XMLCALL on_text(void *user, const XML_Char *text, int n) {
    struct cdn_xml *const x = user;
    if (x->skip > 0 || x->depth == 0 || x->r->err != 0) {
        return;
    }
    const unsigned node = x->stack[x->depth - 1];
    const cordon_str s = cdn_str(text, (size_t)n);
    if ((x->nodes[node].flags & CDN_XML_TEXT) == 0) {
        const cordon_str left = cdn_str_trim(s);
        if (left.n > 0) {
            report_path(x, CDN_REPORT_FIELD, "#", CDN_STR("text"), left);
        }
        return;
    }
    cdn_buf_str(&x->values[node], s);
    if (x->values[node].err == CORDON_E_LIMIT) {
        cdn_rd_fail(x->r, CORDON_E_LIMIT, "a text of more than %zu bytes", (size_t)CDN_MAX_LIST_TEXT);
    } else if (x->values[node].err != 0) {
        cdn_rd_fail(x->r, CORDON_E_NOMEM, "no memory for a text");
    }
    if (x->r->err != 0) {
        stop(x);
    }
}

static void XMLCALL
on_doctype(void *user, const XML_Char *name, const XML_Char *sysid, const XML_Char *pubid, int internal) {
    struct cdn_xml *const x = user;
    (void)name, (void)sysid, (void)pubid, (void)internal;
    x->r->line = (uint32_t)XML_GetCurrentLineNumber(x->parser);
    cdn_rd_fail(
        x->r, CORDON_E_FORMAT, "a document type declaration: no list has one, and it could declare entities");
    stop(x);
}

static void feed(struct cdn_xml *x, struct cdn_list_source *s) {
    struct cdn_rd *const r = x->r;
    uint64_t fed = 0;
    for (bool last = false; !last && r->err == 0;) {
        cordon_str chunk = none;
        const int err = cdn_list_source_next(s, &chunk, r->e);
        if (err != 0) {
            cdn_rd_error(r, err);
            return;
        }
        last = chunk.n == 0;
        fed += chunk.n;
        const enum XML_Status status = XML_Parse(x->parser, chunk.p, (int)chunk.n, last);
        if (r->err == 0 && status != XML_STATUS_OK) {
            r->line = (uint32_t)XML_GetCurrentLineNumber(x->parser);
            r->byte = (uint64_t)CDN_MAX(XML_GetCurrentByteIndex(x->parser), 0);
            const enum XML_Error code = XML_GetErrorCode(x->parser);
            cdn_rd_fail(r,
                        code == XML_ERROR_NO_MEMORY ? CORDON_E_NOMEM : CORDON_E_FORMAT,
                        last ? "the file ends in the middle: %s" : "not well-formed XML: %s",
                        XML_ErrorString(code));
        }
        const XML_Index at = XML_GetCurrentByteIndex(x->parser);
        if (r->err == 0 && !last && (at < 0 || fed - (uint64_t)at > CDN_MAX_LIST_TAG)) {
            r->line = (uint32_t)XML_GetCurrentLineNumber(x->parser);
            cdn_rd_fail(r, CORDON_E_LIMIT, "a tag of more than %zu bytes", (size_t)CDN_MAX_LIST_TAG);
        }
    }
    r->info.clean_end = r->err == 0 && x->ended;
}

static void prepare(struct cdn_xml *x) {
    uint8_t last[CDN_XML_NODES] = {0};
    for (unsigned i = 0; i < x->node_count; i++) {
        cdn_buf_init(&x->values[i], x->r->alloc, CDN_MAX_LIST_TEXT);
        const unsigned parent = x->nodes[i].parent;
        if (i == 0) {
            continue;
        }
        if (last[parent] == 0) {
            x->first_child[parent] = (uint8_t)i;
        } else {
            x->next_sibling[last[parent]] = (uint8_t)i;
        }
        last[parent] = (uint8_t)i;
    }
}

/* How often each row marked so was read, under its path; what was left out, too. */
static void report_counts(struct cdn_xml *x) {
    for (unsigned i = 0; i < x->node_count; i++) {
        const unsigned flags = x->nodes[i].flags;
        if (x->counts[i] == 0 || (flags & (CDN_XML_COUNT | CDN_XML_PLACE | CDN_XML_LEFT_OUT)) == 0) {
            continue;
        }
        unsigned up[CDN_MAX_LIST_DEPTH];
        unsigned n = 0;
        for (unsigned at = i; at != 0 && n < CDN_MAX_LIST_DEPTH; at = x->nodes[at].parent) {
            up[n++] = at;
        }
        char storage[400];
        struct cdn_buf path;
        cdn_buf_fixed(&path, storage, sizeof storage);
        cdn_buf_z(&path, x->nodes[0].name);
        while (n > 0) {
            cdn_buf_char(&path, '/');
            cdn_buf_z(&path, x->nodes[up[--n]].name);
        }
        const bool left_out = (flags & CDN_XML_LEFT_OUT) != 0;
        cdn_rd_tally(
            x->r, left_out ? CDN_REPORT_LEFT_OUT : CDN_REPORT_READ, cdn_buf_get(&path), x->counts[i]);
    }
}

void cdn_xml_read(struct cdn_rd *r,
                  struct cdn_list_source *s,
                  const struct cdn_xml_node *nodes,
                  size_t node_count,
                  void *state) {
    if (r->err != 0 || cdn_broken(node_count > CDN_XML_NODES)) {
        cdn_rd_error(r, CORDON_E_INTERNAL);
        return;
    }
    struct cdn_xml *const x = cdn_alloc_zero(r->alloc, 1, sizeof *x);
    const XML_Parser parser = x == NULL ? NULL : XML_ParserCreate("UTF-8");
    if (parser == NULL) {
        cdn_rd_fail(r, CORDON_E_NOMEM, "no memory for an XML parser");
        cdn_free(r->alloc, x, sizeof *x);
        return;
    }
    x->r = r;
    x->nodes = nodes;
    x->node_count = node_count;
    x->state = state;
    x->parser = parser;
    prepare(x);
    XML_SetUserData(parser, x);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    XML_SetStartDoctypeDeclHandler(parser, on_doctype);
    feed(x, s);
    report_counts(x);
    for (size_t i = 0; i < node_count; i++) {
        cdn_buf_free(&x->values[i]);
    }
    XML_ParserFree(parser);
    cdn_free(r->alloc, x, sizeof *x);
}
