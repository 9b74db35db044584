/* SPDX-License-Identifier: Apache-2.0 */
/* lexer.c: bytes to tokens. Comments are tokens, too, because format.c prints them again.
 *
 *  1. every byte of the text lies in one token or is white space;
 *  2. columns count characters (code points); a tab is one;
 *  3. whatever is no token becomes CDN_TOK_BAD with a message, and reading goes on behind it;
 *  4. nothing is decoded here: texts keep their quotes and escapes (cdn_rb_text() decodes). */
#include "rulebook/priv.h"

#include "base/limits.h"

struct lexer {
    struct cdn_parser *p;
    struct cdn_syntax *file;
    cordon_str s;
    size_t at;
    uint32_t line, column;
    bool first;
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
static bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
static bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
static bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
static bool in_word(char c) {
    return is_lower(c) || is_upper(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '/' ||
           c == '*';
}

static char ahead(const struct lexer *x, size_t n) {
    return x->at + n < x->s.n ? x->s.p[x->at + n] : '\0';
}

static struct cdn_token *emit(struct lexer *x, unsigned kind, size_t bytes) {
    struct cdn_token *t = cdn_rb_push(x->p, &x->file->tokens, &x->file->token_count, sizeof(*t));
    if (!t)
        return NULL;
    t->kind = (uint8_t)kind;
    t->first = x->first;
    t->line = x->line;
    t->column = x->column;
    t->text = cdn_str(x->s.p + x->at, bytes);
    t->width = (uint32_t)cdn_utf8_length(t->text);
    x->first = false;
    x->at += bytes;
    x->column += t->width;
    return t;
}

static struct cdn_at here(const struct lexer *x, const struct cdn_token *t) {
    return (struct cdn_at){{x->file->file, t->line, t->column}, t->width ? t->width : 1};
}

static void bad(struct lexer *x, size_t bytes, const char *code, const char *message, const char *expected) {
    const struct cdn_token *t = emit(x, CDN_TOK_BAD, bytes);
    if (!t)
        return;
    struct cdn_diagnostic *d = cdn_rb_error(x->p, code, here(x, t), "%s", message);
    if (d && expected)
        d->expected = cdn_str_z(expected);
}

/* "…": up to the closing quote of the same line. */
static void lex_text(struct lexer *x) {
    size_t n = 1;
    while (ahead(x, n) != '"' && x->at + n < x->s.n && ahead(x, n) != '\n')
        n += ahead(x, n) == '\\' && x->at + n + 1 < x->s.n && ahead(x, n + 1) != '\n' ? 2 : 1;
    if (ahead(x, n) != '"') {
        while (n > 1 && ahead(x, n - 1) == '\r')
            n--;
        bad(x, n, "unclosed-text", "this text has no closing quote", "`\"` before the end of the line");
        return;
    }
    if (n + 1 > CDN_MAX_TEXT_BYTES) {
        bad(x, n + 1, "too-long", "this text is longer than 64 KiB", NULL);
        return;
    }
    (void)emit(x, CDN_TOK_TEXT, n + 1);
}

/* <scheme:…> on one line; false when this is no URL but the sign <. */
static bool lex_url(struct lexer *x) {
    size_t n = 1;
    while (is_lower(ahead(x, n)))
        n++;
    if (n < 2 || ahead(x, n) != ':')
        return false;
    while (x->at + n < x->s.n && ahead(x, n) != '>' && ahead(x, n) != ' ' && ahead(x, n) != '\n')
        n++;
    if (ahead(x, n) != '>') {
        bad(x,
            n,
            "unclosed-url",
            "this address has no closing bracket",
            "`>` at its end, and no blank in it");
        return true;
    }
    (void)emit(x, CDN_TOK_URL, n + 1);
    return true;
}

static void lex_number(struct lexer *x) {
    size_t n = 0;
    bool date = true;
    for (size_t i = 0; i < 4; i++)
        date = date && is_digit(ahead(x, i));
    date = date && ahead(x, 4) == '-' && is_digit(ahead(x, 5));
    for (;; n++) {
        const char c = ahead(x, n);
        const bool more =
            date ? is_digit(c) || is_upper(c) || c == ':' || c == '-' || (c == '+' && n > 10)
                 : is_hex(c) || is_lower(c) || is_upper(c) || c == '.' || c == '_' || c == ':' || c == '/';
        if (!more)
            break;
    }
    while (n > 1 && (ahead(x, n - 1) == '.' || ahead(x, n - 1) == '-'))
        n--;
    (void)emit(x, date ? CDN_TOK_DATE : CDN_TOK_NUMBER, n);
}

static void lex_word(struct lexer *x) {
    size_t n = 1, hex = 0;
    while (is_hex(ahead(x, hex)))
        hex++;
    if (hex > 0 && hex <= 4 && ahead(x, hex) == ':') { /* an IPv6 prefix that begins with a letter */
        lex_number(x);
        return;
    }
    const bool name = is_upper(ahead(x, 0));
    while (in_word(ahead(x, n)) || (name && ahead(x, n) == '+'))
        n++;
    if (n > CDN_MAX_WORD_BYTES) {
        bad(x, n, "too-long", "this name is longer than 255 characters", NULL);
        return;
    }
    (void)emit(x, name ? CDN_TOK_NAME : CDN_TOK_WORD, n);
}

static void lex_sign(struct lexer *x) {
    const char c = ahead(x, 0), d = ahead(x, 1);
    unsigned sign = 0;
    size_t n = 1;
    if ((c == '<' || c == '>' || c == '!') && d == '=') {
        sign = c == '<' ? CDN_SIGN_LE : c == '>' ? CDN_SIGN_GE : CDN_SIGN_NE;
        n = 2;
    } else if (c != '\0' && strchr("{}(),=<>+-%", c)) {
        sign = (unsigned char)c;
    }
    if (sign) {
        struct cdn_token *t = emit(x, CDN_TOK_SIGN, n);
        if (t)
            t->sign = (uint8_t)sign;
        return;
    }
    size_t end = x->at;
    (void)cdn_utf8_next(x->s, &end);
    while ((unsigned char)c >= 0x80 && end < x->s.n && (unsigned char)x->s.p[end] >= 0x80)
        end++; /* a whole word, not letter by letter */
    n = end - x->at;
    if (c == '\'') {
        while (ahead(x, n) != '\'' && ahead(x, n) != '\n' && x->at + n < x->s.n)
            n++;
        bad(x, n + (ahead(x, n) == '\''), "bad-character", "texts stand in double quotes", "`\"`");
    } else if (c == ';')
        bad(x, n, "bad-character", "a clause ends with its line, not with `;`", NULL);
    else if ((unsigned char)c < 0x20 || c == 0x7f)
        bad(x, n, "bad-character", "a control character", NULL);
    else if ((unsigned char)c >= 0x80)
        bad(x,
            n,
            "bad-character",
            "only texts in quotes may hold letters beyond ASCII",
            "`\"` before and after it");
    else
        bad(x, n, "bad-character", "this character means nothing here", NULL);
}

/* \ before the end of the line; anywhere else it means nothing. */
static void lex_break(struct lexer *x) {
    size_t n = 1;
    while (ahead(x, n) == ' ' || ahead(x, n) == '\t' || ahead(x, n) == '\r')
        n++;
    if (ahead(x, n) == '\n' || x->at + n >= x->s.n)
        (void)emit(x, CDN_TOK_BREAK, 1);
    else
        bad(x, 1, "bad-character", "`\\` continues a line and stands at its end", NULL);
}

static void lex_one(struct lexer *x) {
    const char c = ahead(x, 0);
    if (c == '#') {
        size_t n = 1;
        while (x->at + n < x->s.n && ahead(x, n) != '\n')
            n++;
        while (n > 1 && (ahead(x, n - 1) == '\r' || ahead(x, n - 1) == ' ' || ahead(x, n - 1) == '\t'))
            n--;
        (void)emit(x, CDN_TOK_COMMENT, n);
    } else if (c == '"') {
        lex_text(x);
    } else if (c == '\\') {
        lex_break(x);
    } else if (is_digit(c)) {
        lex_number(x);
    } else if (is_lower(c) || is_upper(c) || c == '*') {
        lex_word(x);
    } else if (c != '<' || !lex_url(x)) {
        lex_sign(x);
    }
}

/* Reports the first byte that is not UTF-8; such a file is not read further. */
static bool check_utf8(struct lexer *x) {
    size_t at = 0;
    while (at < x->s.n) {
        const size_t start = at;
        if (cdn_utf8_strict(x->s, &at) < 0) {
            const struct cdn_pos pos = {x->file->file, x->line, x->column};
            (void)cdn_rb_error(x->p,
                               "not-utf8",
                               (struct cdn_at){pos, 1},
                               "byte 0x%02x is not UTF-8",
                               (unsigned)(unsigned char)x->s.p[start]);
            return false;
        }
        x->column++;
        if (x->s.p[start] == '\n') {
            x->line++;
            x->column = 1;
        }
    }
    x->line = x->column = 1;
    return true;
}

int cdn_rb_lex(struct cdn_parser *p, struct cdn_syntax *file) {
    struct lexer x = {.p = p, .file = file, .s = file->text, .line = 1, .column = 1, .first = true};
    if (!check_utf8(&x))
        return p->err;
    if (cdn_str_starts(x.s, CDN_STR("\xEF\xBB\xBF")))
        x.at = 3;
    while (x.at < x.s.n && p->err == 0) {
        const char c = ahead(&x, 0);
        if (c == '\n') {
            x.line++;
            x.column = 1;
            x.first = true;
            x.at++;
        } else if (c == ' ' || c == '\t' || c == '\r') {
            x.column++;
            x.at++;
        } else {
            lex_one(&x);
        }
    }
    return p->err;
}
