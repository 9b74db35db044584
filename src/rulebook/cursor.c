/* SPDX-License-Identifier: Apache-2.0 */
/* cursor.c: reading one logical line token by token.
 *
 *  1. comments and line breaks are skipped; behind the last token stands an END token for ever;
 *  2. after a failed allocation every peek is END, so that all loops end;
 *  3. a token that the lexer has reported is not reported again. */
#include "rulebook/priv.h"

static bool skipped(const struct cdn_token *t) {
    return t->kind == CDN_TOK_COMMENT || t->kind == CDN_TOK_BREAK;
}

static uint32_t settle(const struct cdn_parser *p, uint32_t at) {
    while (at < p->end && skipped(&p->in->tokens[at]))
        at++;
    return at;
}

/* A message that found no memory stops everything, too. */
static void notice_failure(struct cdn_parser *p) {
    if (p->err == 0)
        p->err = p->diags->err;
}

void cdn_rb_open(struct cdn_parser *p, const struct cdn_syntax *file, uint32_t line) {
    const struct cdn_line *l = &file->lines[line];
    notice_failure(p);
    p->in = file;
    p->cut = l->cut;
    p->end = l->end;
    p->at = settle(p, l->first);
    uint32_t last = l->end - 1;
    while (last > l->first && skipped(&file->tokens[last]))
        last--;
    p->end_token = file->tokens[last];
    p->end_token.kind = CDN_TOK_END;
    p->end_token.column += p->end_token.width;
    p->end_token.width = 1;
    p->end_token.text = cdn_str("", 0);
    p->it = (struct cdn_subject){CDN_SUBJECT_NONE, 0};
    p->depth = p->nodes = 0;
}

const struct cdn_token *cdn_rb_peek(const struct cdn_parser *p) {
    return p->at < p->end && p->err == 0 ? &p->in->tokens[p->at] : &p->end_token;
}
const struct cdn_token *cdn_rb_peek2(const struct cdn_parser *p) {
    const uint32_t at = p->at < p->end ? settle(p, p->at + 1) : p->at;
    return at < p->end && p->err == 0 ? &p->in->tokens[at] : &p->end_token;
}
const struct cdn_token *cdn_rb_next(struct cdn_parser *p) {
    notice_failure(p);
    const struct cdn_token *t = cdn_rb_peek(p);
    if (t->kind != CDN_TOK_END)
        p->at = settle(p, p->at + 1);
    return t;
}
bool cdn_rb_at_end(const struct cdn_parser *p) {
    return cdn_rb_peek(p)->kind == CDN_TOK_END;
}
bool cdn_rb_is(const struct cdn_token *t, const char *word) {
    return t->kind == CDN_TOK_WORD && cdn_str_eq(t->text, cdn_str_z(word));
}
bool cdn_rb_is_sign(const struct cdn_token *t, unsigned sign) {
    return t->kind == CDN_TOK_SIGN && t->sign == sign;
}
bool cdn_rb_take(struct cdn_parser *p, const char *word) {
    if (!cdn_rb_is(cdn_rb_peek(p), word))
        return false;
    (void)cdn_rb_next(p);
    return true;
}
bool cdn_rb_take2(struct cdn_parser *p, const char *a, const char *b) {
    if (!cdn_rb_is(cdn_rb_peek(p), a) || !cdn_rb_is(cdn_rb_peek2(p), b))
        return false;
    (void)cdn_rb_next(p);
    (void)cdn_rb_next(p);
    return true;
}
bool cdn_rb_take_sign(struct cdn_parser *p, unsigned sign) {
    if (!cdn_rb_is_sign(cdn_rb_peek(p), sign))
        return false;
    (void)cdn_rb_next(p);
    return true;
}

struct cdn_pos cdn_rb_pos(const struct cdn_parser *p, const struct cdn_token *t) {
    return (struct cdn_pos){p->in->file, t->line, t->column};
}
struct cdn_at cdn_rb_where(const struct cdn_parser *p, const struct cdn_token *t) {
    return (struct cdn_at){cdn_rb_pos(p, t), t->width};
}

/* Nearest keyword of `what` ("`on`", "`hold`, `deny` or `allow`"), for a misspelt one. */
static void suggest_keyword(struct cdn_parser *p,
                            struct cdn_diagnostic *d,
                            cordon_str word,
                            cordon_str what) {
    struct cdn_suggest s;
    cdn_suggest_init(&s, word);
    cordon_str rest = what;
    while (rest.n > 0) {
        (void)cdn_str_split(rest, '`', &rest);
        cdn_suggest_offer(&s, cdn_str_split(rest, '`', &rest));
    }
    if (cdn_suggest_found(&s))
        cdn_rb_suggest(p, d, s.best);
}

bool cdn_rb_expected(struct cdn_parser *p, const char *what) {
    const struct cdn_token *t = cdn_rb_peek(p);
    if (p->err != 0 || t->kind == CDN_TOK_BAD || (t->kind == CDN_TOK_END && p->cut))
        return false;
    struct cdn_diagnostic *d;
    if (t->kind == CDN_TOK_END)
        d = cdn_rb_error(p, "syntax", cdn_rb_where(p, t), "the line ends too early");
    else
        d = cdn_rb_error(p, "syntax", cdn_rb_where(p, t), "did not expect `%.*s` here", CDN_FMT(t->text));
    if (!d)
        return false;
    d->expected = cdn_rb_say(p->diags, "%s", what);
    if (p->diags->err != 0)
        p->err = p->diags->err;
    else if (t->kind == CDN_TOK_WORD)
        suggest_keyword(p, d, t->text, d->expected);
    return false;
}

bool cdn_rb_need(struct cdn_parser *p, const char *word) {
    if (cdn_rb_take(p, word))
        return true;
    char what[80];
    struct cdn_buf b;
    cdn_buf_fixed(&b, what, sizeof(what) - 1);
    cdn_buf_printf(&b, "`%s`", word);
    what[b.n] = '\0';
    return cdn_rb_expected(p, what);
}
bool cdn_rb_need_sign(struct cdn_parser *p, unsigned sign, const char *what) {
    return cdn_rb_take_sign(p, sign) || cdn_rb_expected(p, what);
}
bool cdn_rb_finish_line(struct cdn_parser *p, const char *what) {
    return cdn_rb_at_end(p) || cdn_rb_expected(p, what);
}

void *cdn_rb_push(struct cdn_parser *p, void *items, uint32_t *count, size_t size) {
    notice_failure(p);
    if (p->err != 0)
        return NULL;
    char *list;
    memcpy(&list, items, sizeof(list));
    const size_t n = *count;
    if ((n & (n - 1)) == 0) { /* full: capacities are the powers of two */
        char *wider = cdn_arena_zero(p->arena, n ? n * 2 : 1, size);
        if (!wider) {
            p->err = CORDON_E_NOMEM;
            return NULL;
        }
        if (n > 0)
            memcpy(wider, list, n * size);
        list = wider;
        memcpy(items, &list, sizeof(list));
    }
    *count = (uint32_t)(n + 1);
    return list + n * size;
}
