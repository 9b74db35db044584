/* SPDX-License-Identifier: Apache-2.0 */
/* format.c: one file in canonical layout.
 *
 * Works on the concrete syntax (lines.c), not on the resolved rulebook: a file is laid out by itself, without
 * the files that it refers to, and nothing that somebody wrote can get lost on the way.
 *
 *  1. the tokens stay the same and in their order, comments included; only white space changes, and `\` at an
 *     end goes. So what is laid out means what it meant;
 *  2. a break that the author made stays, except between the members of a set; one is added only where a line
 * would pass WIDTH columns, after `,`, `and`, `or` or `xor`;
 *  3. a comment behind a line stays in its column, or two blanks behind the text;
 *  4. laying out twice gives what laying out once gave: every choice depends only on tokens, breaks, empty
 *     lines and depths, and none of these changes the second time. */
#include "rulebook/priv.h"

enum {
    WIDTH = 110,         /* characters of a line, comments aside */
    STEP = 4,            /* indentation per depth */
    MEASURE_COLUMN = 10, /* keywords of measures are padded to this, those of scenarios to the next */
    SCENARIO_COLUMN = 8,
    GROUP_MAX = 40 /* no head is padded further than this */
};

struct layout {
    const struct cdn_syntax *file;
    struct cdn_buf *out;
    unsigned kind;   /* of the declaration that the lines belong to */
    uint32_t column; /* where the next character goes */
    uint32_t owed;   /* blanks that fill a column, written when something follows on the same line */
    bool any;        /* something was written */
    bool was_body;   /* the line before stood below a head */
};

static void put(struct layout *l, cordon_str s) {
    cdn_buf_str(l->out, s);
    l->column += (uint32_t)cdn_utf8_length(s);
}
static void blanks(struct layout *l, uint32_t n) {
    n += l->owed;
    l->owed = 0;
    for (uint32_t i = 0; i < n; i++)
        cdn_buf_char(l->out, ' ');
    l->column += n;
}
static void new_line(struct layout *l, uint32_t indent) {
    l->owed = 0;
    cdn_buf_char(l->out, '\n');
    l->column = 0;
    blanks(l, indent);
}

/* ---- spaces between tokens -------------------------------------------------------------------------- */

static const struct cdn_token *token(const struct layout *l, uint32_t i) {
    return &l->file->tokens[i];
}

/* A minus that belongs to the number behind it rather than between two things. */
static bool attached_minus(const struct layout *l, const struct cdn_line *line, uint32_t i) {
    if (i == line->first || !cdn_rb_is_sign(token(l, i), '-'))
        return false;
    const struct cdn_token *before = token(l, i - 1);
    return before->kind == CDN_TOK_NUMBER || cdn_rb_is_sign(before, ',') || i - 1 == line->first;
}

static uint32_t space(const struct layout *l, const struct cdn_line *line, uint32_t i) {
    const struct cdn_token *a = token(l, i - 1), *b = token(l, i);
    if (b->kind == CDN_TOK_COMMENT) /* where the author put it, when there is room */
        return b->column > l->column + l->owed + 3 ? b->column - 1 - l->column - l->owed : 2;
    if (cdn_rb_is_sign(a, '{') || cdn_rb_is_sign(a, '(') || cdn_rb_is_sign(b, '}') ||
        cdn_rb_is_sign(b, ')') || cdn_rb_is_sign(b, ','))
        return 0;
    return attached_minus(l, line, i - 1) ? 0 : 1;
}

/* ---- columns ---------------------------------------------------------------------------------------- */

static uint32_t keyword_column(const struct layout *l, const struct cdn_line *line) {
    if (line->depth != 1 || token(l, line->first)->kind != CDN_TOK_WORD)
        return 0;
    return l->kind == CDN_DECL_MEASURE ? MEASURE_COLUMN : l->kind == CDN_DECL_SCENARIO ? SCENARIO_COLUMN : 0;
}

/* Words of the keyword that a clause begins with: `if unknown`, `on condition`, `notice en`, `no measure`. */
static uint32_t keyword_words(const struct layout *l, const struct cdn_line *line) {
    const struct cdn_token *t = token(l, line->first);
    const bool measure = l->kind == CDN_DECL_MEASURE;
    const bool two =
        measure ? cdn_rb_is(t, "if") || cdn_rb_is(t, "on") || cdn_rb_is(t, "notice") : cdn_rb_is(t, "no");
    return two && line->first + 1 < line->end && token(l, line->first + 1)->kind == CDN_TOK_WORD ? 2 : 1;
}

/* Where lines that go on begin: below the value of the clause. */
static uint32_t hanging(const struct layout *l, const struct cdn_line *line) {
    const uint32_t column = keyword_column(l, line);
    return line->depth * (uint32_t)STEP + (column ? column + 1 : (uint32_t)STEP);
}

/* Heads of declarations without clauses that follow each other directly are set in columns: the keyword over
 * all of them, name and title over neighbours of one kind. */
struct columns {
    uint32_t keyword, name, title; /* widths; 0: not in a group */
};

static bool lone_head(const struct cdn_syntax *file, uint32_t i) {
    const struct cdn_line *line = &file->lines[i];
    if (line->comment || line->depth != 0)
        return false;
    return i + 1 == file->line_count || file->lines[i + 1].depth == 0;
}

static bool grouped(const struct cdn_syntax *file, uint32_t a, uint32_t b) {
    return lone_head(file, a) && lone_head(file, b) && !file->lines[b].blank_before;
}

static bool same_kind(const struct layout *l, uint32_t a, uint32_t b) {
    return cdn_str_eq(token(l, l->file->lines[a].first)->text, token(l, l->file->lines[b].first)->text);
}

static void widen(uint32_t *column, uint32_t width) {
    if (width <= GROUP_MAX)
        *column = CDN_MAX(*column, width);
}

static struct columns group_columns(const struct layout *l, uint32_t i) {
    struct columns c = {0, 0, 0};
    uint32_t from = i, to = i;
    if (!lone_head(l->file, i))
        return c;
    while (from > 0 && grouped(l->file, from - 1, from))
        from--;
    while (to + 1 < l->file->line_count && grouped(l->file, to, to + 1))
        to++;
    for (uint32_t k = from; k <= to && from != to; k++)
        widen(&c.keyword, token(l, l->file->lines[k].first)->width);
    uint32_t first = i, last = i;
    while (first > from && same_kind(l, first - 1, i))
        first--;
    while (last < to && same_kind(l, last + 1, i))
        last++;
    for (uint32_t k = first; k <= last && first != last; k++) {
        const struct cdn_line *line = &l->file->lines[k];
        if (line->end > line->first + 2)
            widen(&c.name, token(l, line->first + 1)->width);
        if (line->end > line->first + 3 && token(l, line->first + 2)->kind == CDN_TOK_TEXT)
            widen(&c.title, token(l, line->first + 2)->width);
    }
    return c;
}

/* ---- one logical line
 * ---------------------------------------------------------------------------------------- */

/* A line may be broken before token i. */
static bool breakable(const struct layout *l, const struct cdn_line *line, uint32_t i) {
    if (i == line->first || i >= line->end)
        return false;
    const struct cdn_token *a = token(l, i - 1);
    return cdn_rb_is_sign(a, ',') || cdn_rb_is(a, "and") || cdn_rb_is(a, "or") || cdn_rb_is(a, "xor");
}

/* Characters from token i up to where the line may next be broken, or ends. */
static uint32_t run_width(const struct layout *l, const struct cdn_line *line, uint32_t i) {
    uint32_t width = token(l, i)->width;
    for (uint32_t k = i + 1; k < line->end; k++) {
        const struct cdn_token *t = token(l, k);
        if (t->first || t->kind == CDN_TOK_COMMENT || t->kind == CDN_TOK_BREAK || breakable(l, line, k))
            break;
        width += space(l, line, k) + t->width;
    }
    return width;
}

static void pad_to(struct layout *l, uint32_t start, uint32_t width) {
    const uint32_t used = l->column - start;
    l->owed = used < width ? width - used : 0;
}

/* Padding behind token i, which stands at `start`. */
static void pad(struct layout *l, const struct cdn_line *line, uint32_t i, struct columns c, uint32_t start) {
    const uint32_t column = keyword_column(l, line);
    if (i + 1 >= line->end || token(l, i + 1)->first || token(l, i + 1)->kind == CDN_TOK_COMMENT)
        return;
    if (column && i + 1 == line->first + keyword_words(l, line))
        pad_to(l, line->depth * (uint32_t)STEP, column);
    else if (i == line->first && c.keyword)
        pad_to(l, start, c.keyword);
    else if (i == line->first + 1 && c.name)
        pad_to(l, start, c.name);
    else if (i == line->first + 2 && c.title && token(l, i)->kind == CDN_TOK_TEXT)
        pad_to(l, start, c.title);
}

/* The author broke the line before token i. Within braces, breaks after commas do not count: members are
 * filled in anew. */
static bool broken(const struct layout *l, const struct cdn_line *line, uint32_t i, uint32_t braces) {
    if (i == line->first || !token(l, i)->first)
        return false;
    const struct cdn_token *before = token(l, i - 1), *t = token(l, i);
    const bool soft = cdn_rb_is_sign(before, ',') || cdn_rb_is_sign(t, ',');
    return braces == 0 || !soft || before->kind == CDN_TOK_COMMENT || before->kind == CDN_TOK_BREAK ||
           t->kind == CDN_TOK_COMMENT;
}

static void write_line(struct layout *l, uint32_t index) {
    const struct cdn_line *line = &l->file->lines[index];
    const struct columns c = group_columns(l, index);
    const uint32_t indent = line->depth * (uint32_t)STEP;
    uint32_t end = line->end, braces = 0;
    l->owed = 0;
    while (end > line->first + 1 && token(l, end - 1)->kind == CDN_TOK_BREAK)
        end--;
    for (uint32_t i = line->first; i < end; i++) {
        const struct cdn_token *t = token(l, i);
        const bool closing = cdn_rb_is_sign(t, '}') || cdn_rb_is_sign(t, ')');
        const uint32_t gap = i > line->first ? space(l, line, i) : 0;
        if (i == line->first)
            blanks(l, indent);
        else if (broken(l, line, i, braces) || (breakable(l, line, i) && t->kind != CDN_TOK_COMMENT &&
                                                l->column + l->owed + gap + run_width(l, line, i) > WIDTH))
            new_line(l, closing ? indent : hanging(l, line));
        else
            blanks(l, gap);
        braces += cdn_rb_is_sign(t, '{');
        braces -= braces > 0 && cdn_rb_is_sign(t, '}');
        const uint32_t start = l->column;
        put(l, t->text);
        pad(l, line, i, c, start);
    }
}

/* ---- empty lines
 * --------------------------------------------------------------------------------------------- */

/* The head that the comments from line i on stand directly above; i itself when it is a head. */
static bool leads_to_body(const struct cdn_syntax *file, uint32_t i) {
    while (i + 1 < file->line_count && file->lines[i].comment && !file->lines[i + 1].blank_before)
        i++;
    return !file->lines[i].comment && file->lines[i].depth == 0 && !lone_head(file, i);
}

static void separate(struct layout *l, uint32_t i) {
    const struct cdn_line *line = &l->file->lines[i];
    if (!l->any)
        return;
    cdn_buf_char(l->out, '\n');
    l->column = 0;
    const bool above_head = i > 0 && l->file->lines[i - 1].comment && l->file->lines[i - 1].depth == 0;
    const bool wanted = line->depth == 0 && !above_head && (l->was_body || leads_to_body(l->file, i));
    if (line->blank_before || wanted)
        cdn_buf_char(l->out, '\n');
}

static void write_file(struct layout *l) {
    for (uint32_t i = 0; i < l->file->line_count && l->out->err == 0; i++) {
        const struct cdn_line *line = &l->file->lines[i];
        if (!line->comment && line->depth == 0)
            l->kind = cdn_rb_decl_kind(token(l, line->first)->text);
        separate(l, i);
        write_line(l, i);
        l->any = true;
        l->was_body = line->depth > 0;
    }
    if (l->any)
        cdn_buf_char(l->out, '\n');
}

int cdn_rulebook_format(struct cdn_rulebook_source source,
                        struct cdn_arena *arena,
                        struct cdn_diagnostics *diags,
                        struct cdn_buf *out) {
    if (!arena || !diags || !out)
        return CORDON_E_ARG;
    if (!diags->arena)
        diags->arena = arena;
    struct cdn_parser *p = cdn_arena_zero(arena, 1, sizeof(*p));
    if (!p)
        return CORDON_E_NOMEM;
    struct cdn_syntax file = {.text = source.text};
    p->arena = arena;
    p->diags = diags;
    const size_t errors = diags->errors;
    int err = cdn_rb_lex(p, &file);
    if (err == 0)
        err = cdn_rb_lines(p, &file);
    if (err == 0 && diags->errors > errors)
        err = CORDON_E_SYNTAX;
    if (err != 0)
        return err;
    struct layout l = {.file = &file, .out = out};
    write_file(&l);
    return out->err;
}
