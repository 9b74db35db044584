/* SPDX-License-Identifier: Apache-2.0 */
/* lines.c: tokens to logical lines, lines to declarations: the concrete syntax tree.
 *
 * A logical line goes on over the next physical line while a bracket is open, and after `,`, `and`, `or`,
 * `xor`, `except` and `\`. A line at the first column is the head of a declaration; what is indented below
 * belongs to it.
 *
 *  1. a bracket that is still open where a new declaration begins is reported, and its lines are then split
 *     as if it did not count, so that the clauses behind it are still read;
 *  2. a comment that stands alone outside a logical line is a line by itself, within one a token of it. */
#include "rulebook/priv.h"

static const struct {
    const char *word;
    unsigned kind;
} decl_table[] = {
    {"operator", CDN_DECL_OPERATOR},
    {"entity", CDN_DECL_ENTITY},
    {"service", CDN_DECL_SERVICE},
    {"action", CDN_DECL_ACTION},
    {"fact", CDN_DECL_FACT},
    {"list", CDN_DECL_LIST},
    {"set", CDN_DECL_SET},
    {"calendar", CDN_DECL_CALENDAR},
    {"rate", CDN_DECL_RATE},
    {"geodata", CDN_DECL_GEODATA},
    {"territory", CDN_DECL_TERRITORY},
    {"measure", CDN_DECL_MEASURE},
    {"licence", CDN_DECL_MEASURE},
    {"statute", CDN_DECL_MEASURE},
    {"protect", CDN_DECL_MEASURE},
    {"scenario", CDN_DECL_SCENARIO},
};
const char *const cdn_rb_decl_words[] = {"operator",
                                         "entity",
                                         "service",
                                         "action",
                                         "fact",
                                         "list",
                                         "set",
                                         "calendar",
                                         "rate",
                                         "geodata",
                                         "territory",
                                         "measure",
                                         "licence",
                                         "statute",
                                         "protect",
                                         "scenario",
                                         NULL};

unsigned cdn_rb_decl_kind(cordon_str word) {
    for (size_t i = 0; i < CDN_ARRAY_LEN(decl_table); i++) {
        if (cdn_str_eq(word, cdn_str_z(decl_table[i].word)))
            return decl_table[i].kind;
    }
    return CDN_DECL_NONE;
}

static bool opens(const struct cdn_token *t) {
    return t->kind == CDN_TOK_SIGN && (t->sign == '{' || t->sign == '(');
}
static bool closes(const struct cdn_token *t) {
    return t->kind == CDN_TOK_SIGN && (t->sign == '}' || t->sign == ')');
}
static bool continues(const struct cdn_token *t) {
    return cdn_rb_is_sign(t, ',') || t->kind == CDN_TOK_BREAK || cdn_rb_is(t, "and") || cdn_rb_is(t, "or") ||
           cdn_rb_is(t, "xor") || cdn_rb_is(t, "except");
}

/* No clause begins with these, so a line that does belongs to the one before. */
static bool joins(const struct cdn_token *t) {
    return t->column > 1 && (cdn_rb_is(t, "and") || cdn_rb_is(t, "or") || cdn_rb_is(t, "xor"));
}

struct splitter {
    struct cdn_parser *p;
    struct cdn_syntax *file;
    uint32_t open;      /* brackets open */
    uint32_t opener;    /* first token that opened one */
    uint32_t broken_to; /* brackets before this token do not count: one of them was never closed */
    bool go_on;         /* the last token says that the line goes on */
};

/* The end of the brackets that were opened at s->opener: the token at which a declaration begins although
 * one is open, or 0 when they are closed in time. */
static uint32_t unclosed(const struct splitter *s, uint32_t from) {
    uint32_t open = 0;
    for (uint32_t i = from; i < s->file->token_count; i++) {
        const struct cdn_token *t = &s->file->tokens[i];
        if (t->first && t->column == 1 && i > from && t->kind != CDN_TOK_COMMENT && !closes(t))
            return i;
        if (opens(t))
            open++;
        else if (closes(t) && --open == 0)
            return 0;
    }
    return s->file->token_count;
}

static void bracket(struct splitter *s, uint32_t i) {
    const struct cdn_token *t = &s->file->tokens[i];
    if (i < s->broken_to)
        return;
    if (closes(t)) {
        s->open -= s->open > 0;
        return;
    }
    if (s->open++ > 0)
        return;
    const uint32_t end = unclosed(s, i);
    if (end == 0)
        return;
    s->open = 0;
    s->broken_to = end;
    s->file->lines[s->file->line_count - 1].cut = true;
    const struct cdn_at at = {{s->file->file, t->line, t->column}, t->width};
    struct cdn_diagnostic *d = cdn_rb_error(s->p, "unclosed-bracket", at, "this bracket is never closed");
    if (d)
        d->expected =
            cdn_str_z(t->sign == '{' ? "`}` before the next declaration" : "`)` before the next declaration");
}

static struct cdn_line *new_line(struct splitter *s, uint32_t i, uint32_t last_line) {
    struct cdn_line *line = cdn_rb_push(s->p, &s->file->lines, &s->file->line_count, sizeof(*line));
    if (!line)
        return NULL;
    const struct cdn_token *t = &s->file->tokens[i];
    line->first = line->end = i;
    line->indent = t->column - 1;
    line->comment = t->kind == CDN_TOK_COMMENT;
    line->blank_before = t->line > last_line + 1;
    return line;
}

static void split(struct splitter *s) {
    struct cdn_line *line = NULL;
    uint32_t last = 0; /* physical line of the token before */
    for (uint32_t i = 0; i < s->file->token_count && s->p->err == 0; i++) {
        const struct cdn_token *t = &s->file->tokens[i];
        const bool forced = t->first && t->column == 1 && t->kind != CDN_TOK_COMMENT && !closes(t);
        if (!line || forced || (t->first && s->open == 0 && !s->go_on && (line->comment || !joins(t)))) {
            line = new_line(s, i, line ? last : t->line);
            if (!line)
                return;
            s->go_on = false;
        }
        if (opens(t) || closes(t))
            bracket(s, i);
        if (t->kind != CDN_TOK_COMMENT)
            s->go_on = continues(t);
        line->end = i + 1;
        last = t->line;
    }
}

/* Heads, clauses and items by indentation; the first clause of a declaration sets the measure. */
static void set_depths(struct cdn_syntax *file) {
    uint32_t base = 0;
    unsigned kind = CDN_DECL_NONE;
    for (uint32_t i = 0; i < file->line_count; i++) {
        struct cdn_line *line = &file->lines[i];
        if (line->comment)
            continue;
        if (line->indent == 0) {
            line->depth = 0;
            base = 0;
            kind = cdn_rb_decl_kind(file->tokens[line->first].text);
            continue;
        }
        if (base == 0 || line->indent < base)
            base = line->indent;
        line->depth = kind == CDN_DECL_SCENARIO && line->indent > base ? 2 : 1;
    }
    /* A comment belongs to what follows it, at most as deep as it stands itself. */
    uint8_t next = 0;
    for (uint32_t i = file->line_count; i-- > 0;) {
        struct cdn_line *line = &file->lines[i];
        if (!line->comment)
            next = line->depth;
        else if (line->indent > 0)
            line->depth = next > 0 ? next : 1;
    }
}

static void unknown_decl(struct cdn_parser *p, const struct cdn_syntax *file, const struct cdn_token *t) {
    const struct cdn_at at = {{file->file, t->line, t->column}, t->width};
    struct cdn_diagnostic *d =
        cdn_rb_error(p, "unknown-declaration", at, "no declaration begins with `%.*s`", CDN_FMT(t->text));
    if (!d)
        return;
    d->expected =
        CDN_STR("operator, entity, service, action, fact, list, set, calendar, rate, geodata, territory, "
                "measure, licence, statute, protect or scenario; clauses are indented");
    struct cdn_suggest s;
    cdn_suggest_init(&s, t->text);
    for (size_t i = 0; cdn_rb_decl_words[i]; i++)
        cdn_suggest_offer(&s, cdn_str_z(cdn_rb_decl_words[i]));
    if (cdn_suggest_found(&s))
        cdn_rb_suggest(p, d, s.best);
}

static void group(struct cdn_parser *p, struct cdn_syntax *file) {
    struct cdn_decl *decl = NULL;
    bool stray = false;
    for (uint32_t i = 0; i < file->line_count && p->err == 0; i++) {
        const struct cdn_line *line = &file->lines[i];
        const struct cdn_token *t = &file->tokens[line->first];
        if (line->comment)
            continue;
        if (line->depth > 0) {
            if (decl) {
                decl->end = i + 1;
            } else if (!stray) {
                const struct cdn_at at = {{file->file, t->line, t->column}, t->width};
                (void)cdn_rb_error(
                    p, "stray-clause", at, "this line is indented, but belongs to no declaration");
            }
            stray = true;
            continue;
        }
        decl = NULL;
        stray = true;
        const unsigned kind = t->kind == CDN_TOK_WORD ? cdn_rb_decl_kind(t->text) : CDN_DECL_NONE;
        if (kind == CDN_DECL_NONE) {
            if (t->kind != CDN_TOK_BAD)
                unknown_decl(p, file, t);
            continue;
        }
        decl = cdn_rb_push(p, &file->decls, &file->decl_count, sizeof(*decl));
        if (decl)
            *decl = (struct cdn_decl){.line = i, .end = i + 1, .kind = (uint8_t)kind};
    }
}

int cdn_rb_lines(struct cdn_parser *p, struct cdn_syntax *file) {
    struct splitter s = {.p = p, .file = file};
    split(&s);
    if (p->err == 0)
        set_depths(file);
    if (p->err == 0)
        group(p, file);
    return p->err;
}
