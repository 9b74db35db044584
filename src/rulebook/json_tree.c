/* SPDX-License-Identifier: Apache-2.0 */
/* json_tree.c: JSON to a tree (RFC 8259), without recursion: the node at hand knows its parent. */
#include "rulebook/json_tree.h"

struct reader {
    cordon_str s;
    size_t at, line_start;
    uint32_t line, depth;
    struct cdn_arena *arena;
    struct cordon_error *e;
};

static int bad(struct reader *r, const char *message) {
    const int err = cdn_fail(r->e, CORDON_E_SYNTAX, "%s", message);
    if (r->e) {
        r->e->line = r->line;
        r->e->column = (uint32_t)(r->at - r->line_start) + 1;
        r->e->offset = r->at;
    }
    return err;
}

static int peek(struct reader *r) {
    while (r->at < r->s.n) {
        const char c = r->s.p[r->at];
        if (c == '\n') {
            r->line++;
            r->line_start = r->at + 1;
        } else if (c != ' ' && c != '\t' && c != '\r') {
            return (unsigned char)c;
        }
        r->at++;
    }
    return -1;
}

static struct cdn_json_node *new_node(struct reader *r, struct cdn_json_node *parent, cordon_str key) {
    struct cdn_json_node *n = cdn_arena_zero(r->arena, 1, sizeof(*n));
    if (!n)
        return NULL;
    n->line = r->line;
    n->column = (uint32_t)(r->at - r->line_start) + 1;
    n->key = key;
    n->parent = parent;
    if (parent) {
        n->index = parent->count++;
        if (parent->last)
            parent->last->next = n;
        else
            parent->first = n;
        parent->last = n;
    }
    return n;
}

/* ---- strings ---------------------------------------------------------------------------------------- */

static int32_t hex4(const struct reader *r, size_t at) {
    uint32_t v = 0;
    if (at + 4 > r->s.n)
        return -1;
    for (size_t i = at; i < at + 4; i++) {
        const char c = r->s.p[i], low = (char)(c | 0x20);
        if (c >= '0' && c <= '9')
            v = v << 4 | (uint32_t)(c - '0');
        else if (low >= 'a' && low <= 'f')
            v = v << 4 | (uint32_t)(low - 'a' + 10);
        else
            return -1;
    }
    return (int32_t)v;
}

/* The escape at r->at (on the backslash) to a code point; -1: none. Moves behind it. */
static int32_t escape(struct reader *r) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char c = r->at + 1 < r->s.n ? r->s.p[r->at + 1] : '\0';
    if (c != 'u') {
        const char *found = c ? strchr(from, c) : NULL;
        r->at += 2;
        return found ? to[found - from] : -1;
    }
    int32_t cp = hex4(r, r->at + 2);
    if (cp < 0 || (cp >= 0xDC00 && cp <= 0xDFFF))
        return -1;
    r->at += 6;
    if (cp < 0xD800 || cp > 0xDBFF)
        return cp;
    if (r->at + 6 > r->s.n || r->s.p[r->at] != '\\' || r->s.p[r->at + 1] != 'u')
        return -1;
    const int32_t low = hex4(r, r->at + 2);
    if (low < 0xDC00 || low > 0xDFFF)
        return -1;
    r->at += 6;
    return 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
}

/* Where the string that begins at r->at ends (its quote), and whether it holds escapes; 0: it does not end.
 */
static size_t string_end(const struct reader *r, bool *ret_escapes) {
    size_t i = r->at + 1;
    *ret_escapes = false;
    for (; i < r->s.n && r->s.p[i] != '"'; i++) {
        if (r->s.p[i] == '\\') {
            *ret_escapes = true;
            i++;
        }
    }
    return i < r->s.n ? i : 0;
}

static int string(struct reader *r, cordon_str *ret) {
    bool escapes = false;
    const size_t end = string_end(r, &escapes);
    if (end == 0)
        return bad(r, "this string has no end");
    const size_t start = r->at + 1;
    char *out = NULL;
    size_t n = 0;
    if (escapes && !(out = cdn_arena_take(r->arena, end - start)))
        return cdn_fail(r->e, CORDON_E_NOMEM, "out of memory");
    r->at = start;
    while (r->at < end) {
        const unsigned char c = (unsigned char)r->s.p[r->at];
        const size_t from = r->at;
        if (c < 0x20)
            return bad(r, "a control character in a string; write it as \\u00…");
        if (c == '\\') {
            const int32_t cp = escape(r);
            char utf8[4];
            if (cp <= 0)
                return bad(r, cp == 0 ? "NUL cannot stand in a text" : "this escape means nothing");
            const size_t width = cdn_utf8_encode((uint32_t)cp, utf8);
            memcpy(out + n, utf8, width);
            n += width;
            continue;
        }
        if (c < 0x80)
            r->at++;
        else if (cdn_utf8_strict(r->s, &r->at) < 0)
            return bad(r, "this is not UTF-8");
        if (out)
            memcpy(out + n, r->s.p + from, r->at - from);
        n += r->at - from;
    }
    *ret = out ? cdn_str(out, n) : cdn_str(r->s.p + start, n);
    r->at = end + 1;
    return 0;
}

/* ---- other values ----------------------------------------------------------------------------------- */

static int number(struct reader *r, int64_t *ret) {
    const bool minus = r->s.p[r->at] == '-';
    size_t i = r->at + minus;
    int64_t v = 0;
    const size_t first = i;
    for (; i < r->s.n && r->s.p[i] >= '0' && r->s.p[i] <= '9'; i++) {
        if (i - first >= 18)
            return bad(r, "this number is too large");
        v = v * 10 + (r->s.p[i] - '0');
    }
    if (i == first || (i - first > 1 && r->s.p[first] == '0'))
        return bad(r, "this is no number");
    if (i < r->s.n && (r->s.p[i] == '.' || (r->s.p[i] | 0x20) == 'e'))
        return bad(r, "numbers are whole; an amount, share or angle is a string");
    *ret = minus ? -v : v;
    r->at = i;
    return 0;
}

static bool literal(struct reader *r, const char *word) {
    const size_t n = strlen(word);
    if (r->s.n - r->at < n || memcmp(r->s.p + r->at, word, n) != 0)
        return false;
    r->at += n;
    return true;
}

static int scalar(struct reader *r, int c, struct cdn_json_node *n) {
    if (c == '"') {
        n->kind = CDN_JSON_STR;
        return string(r, &n->str);
    }
    if (c == '-' || (c >= '0' && c <= '9')) {
        n->kind = CDN_JSON_INT;
        return number(r, &n->number);
    }
    if (literal(r, "true"))
        n->kind = CDN_JSON_TRUE;
    else if (literal(r, "false"))
        n->kind = CDN_JSON_FALSE;
    else if (literal(r, "null"))
        n->kind = CDN_JSON_NULL;
    else
        return bad(r, "a value was expected");
    return 0;
}

/* One value: a scalar, or the opening of an array or object, which then is *cur. */
static int value(struct reader *r, cordon_str key, struct cdn_json_node **cur, struct cdn_json_node **ret) {
    const int c = peek(r);
    if (c < 0)
        return bad(r, "the text ends where a value was expected");
    struct cdn_json_node *n = new_node(r, *cur, key);
    if (!n)
        return cdn_fail(r->e, CORDON_E_NOMEM, "out of memory");
    *ret = n;
    if (c != '{' && c != '[')
        return scalar(r, c, n);
    if (++r->depth > CDN_JSON_TREE_DEPTH)
        return cdn_fail(r->e, CORDON_E_LIMIT, "nested deeper than %d", CDN_JSON_TREE_DEPTH);
    n->kind = c == '{' ? CDN_JSON_OBJECT : CDN_JSON_ARRAY;
    r->at++;
    *cur = n;
    return 0;
}

static int member(struct reader *r, struct cdn_json_node **cur) {
    cordon_str key = {NULL, 0};
    struct cdn_json_node *n = NULL;
    if ((*cur)->kind == CDN_JSON_OBJECT) {
        if (peek(r) != '"')
            return bad(r, "a key in quotes was expected");
        const int err = string(r, &key);
        if (err)
            return err;
        if (peek(r) != ':')
            return bad(r, "`:` was expected");
        r->at++;
    }
    return value(r, key, cur, &n);
}

/* Behind a value, or behind an opening bracket: closes what ends here, then reads the next member. */
static int step(struct reader *r, struct cdn_json_node **cur, bool opened) {
    const int close = (*cur)->kind == CDN_JSON_OBJECT ? '}' : ']';
    const int c = peek(r);
    if (c == close) {
        r->at++;
        r->depth--;
        *cur = (*cur)->parent;
        return 0;
    }
    if (!opened) {
        if (c != ',')
            return bad(r, close == '}' ? "`,` or `}` was expected" : "`,` or `]` was expected");
        r->at++;
    }
    return member(r, cur);
}

int cdn_json_tree_parse(cordon_str text,
                        struct cdn_arena *arena,
                        const struct cdn_json_node **ret,
                        struct cordon_error *e) {
    struct reader r = {.s = text, .line = 1, .arena = arena, .e = e};
    struct cdn_json_node *cur = NULL, *root = NULL;
    int err = value(&r, (cordon_str){NULL, 0}, &cur, &root);
    while (err == 0 && cur)
        err = step(&r, &cur, cur->count == 0);
    if (err)
        return err;
    if (peek(&r) >= 0)
        return bad(&r, "nothing may follow the value");
    *ret = root;
    return 0;
}

/* ---- pointers --------------------------------------------------------------------------------------- */

/* From the root: the chain of parents is turned round by walking it once for each step; it is short. */
void cdn_json_pointer_write(struct cdn_buf *b, const struct cdn_json_node *node) {
    unsigned depth = 0;
    for (const struct cdn_json_node *n = node; n && n->parent; n = n->parent)
        depth++;
    for (; depth > 0 && !b->err; depth--) {
        const struct cdn_json_node *n = node;
        for (unsigned i = 1; i < depth; i++)
            n = n->parent;
        cdn_buf_char(b, '/');
        if (n->parent->kind == CDN_JSON_ARRAY)
            cdn_buf_int(b, n->index);
        for (size_t i = 0; i < n->key.n && n->parent->kind == CDN_JSON_OBJECT; i++) {
            if (n->key.p[i] == '~')
                cdn_buf_z(b, "~0");
            else if (n->key.p[i] == '/')
                cdn_buf_z(b, "~1");
            else
                cdn_buf_char(b, n->key.p[i]);
        }
    }
}
