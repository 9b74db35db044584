/* SPDX-License-Identifier: Apache-2.0 */
/* priv.h: what the files of this room share. Nothing outside the room includes it.
 *
 * The way of a rulebook:
 *   lexer.c    bytes → tokens, comments kept
 *   lines.c    tokens → logical lines → declarations: the concrete syntax tree, which format.c prints again
 *   load.c     collects the names of all declarations, then reads their bodies, kind after kind, in an order
 *              in which whatever a body names was read before (a condition needs the types of facts; a
 *              licence needs the ids of measures, which were collected at the start)
 *   parse_*.c  bodies → the resolved structs of rulebook.h, names looked up on the spot
 *   finish.c   what can only be judged when everything is read: circles, roles that no action has …
 *
 * There is no abstract tree between the lines and the resolved form: with all names known beforehand it
 * would be a second copy of rulebook.h that only postponed the messages.
 *
 * Always true:
 *  1. a parser function returns false when its clause is not of the expected form; it has then reported
 *     once, and the caller gives up the clause (not the declaration, not the file);
 *  2. a name that nothing declares is reported and reading goes on in the same clause;
 *  3. after the first failed allocation (err) the cursor stands at an end and nothing is allocated;
 *  4. every list is bounded by the text of its clause, nesting by CDN_MAX_EXPR_DEPTH. */
#ifndef CDN_RULEBOOK_PRIV_H
#define CDN_RULEBOOK_PRIV_H

#include "rulebook/rulebook.h"
#include "rulebook/scenario.h"
#include "zone/zone.h"

enum cdn_token_kind {
    CDN_TOK_END,
    CDN_TOK_WORD,    /* lower case: keyword or identifier, may hold . / - _ and * */
    CDN_TOK_NAME,    /* begins with a capital: country, region, currency, zone, AS number */
    CDN_TOK_TEXT,    /* with its quotes */
    CDN_TOK_URL,     /* with its angle brackets */
    CDN_TOK_NUMBER,  /* begins with a digit: number, network prefix */
    CDN_TOK_DATE,    /* begins with YYYY- */
    CDN_TOK_SIGN,    /* punctuation, see `sign` */
    CDN_TOK_BREAK,   /* \ at the end of a line; skipped when reading */
    CDN_TOK_COMMENT, /* # … ; skipped when reading */
    CDN_TOK_BAD      /* reported by the lexer already */
};
enum { CDN_SIGN_LE = 'l', CDN_SIGN_GE = 'g', CDN_SIGN_NE = 'n' }; /* the others are their character */

struct cdn_token {
    uint8_t kind, sign;
    bool first;            /* of its physical line */
    uint32_t line, column; /* from 1, in characters */
    uint32_t width;        /* characters */
    cordon_str text;       /* as written */
};
/* One logical line: a declaration's head, a clause, or a comment that stands alone. */
struct cdn_line {
    uint32_t first, end; /* tokens */
    uint32_t indent;     /* columns; 0: head of a declaration */
    uint8_t depth;       /* 0 head, 1 clause, 2 item below a clause (scenarios only) */
    bool blank_before;   /* at least one empty line stands before it */
    bool comment;
    bool cut; /* a bracket of it is never closed: what its end lacks was reported */
};
struct cdn_decl {
    uint32_t line, end; /* lines */
    uint8_t kind;       /* enum cdn_decl_kind */
    uint32_t index;     /* in the rulebook's array of that kind */
    bool duplicate;
};
struct cdn_syntax { /* one file */
    uint32_t file;
    cordon_str text;
    struct cdn_token *tokens;
    struct cdn_line *lines;
    struct cdn_decl *decls;
    uint32_t token_count, line_count, decl_count;
};

struct cdn_at { /* where a message points */
    struct cdn_pos pos;
    uint32_t length;
};

enum cdn_decl_kind {
    CDN_DECL_NONE,
    CDN_DECL_OPERATOR,
    CDN_DECL_ENTITY,
    CDN_DECL_SERVICE,
    CDN_DECL_ACTION,
    CDN_DECL_FACT,
    CDN_DECL_LIST,
    CDN_DECL_SET,
    CDN_DECL_CALENDAR,
    CDN_DECL_RATE,
    CDN_DECL_GEODATA,
    CDN_DECL_TERRITORY,
    CDN_DECL_MEASURE, /* licence, statute, protect too: one name space */
    CDN_DECL_SCENARIO,
    CDN_DECL_COUNT
};

struct cdn_parser {
    struct cdn_arena *arena;
    struct cdn_diagnostics *diags;
    const char *zoneinfo;
    struct cdn_rulebook *rb;
    struct cdn_syntax *files;
    uint32_t file_count;
    int err; /* first failure that is not the author's: CORDON_E_NOMEM … */
    struct cdn_map names[CDN_DECL_COUNT];
    struct cdn_map classes; /* of services: class → number */
    struct cdn_map zones;   /* name → index into zone_items */
    struct cdn_zone **zone_items;
    uint32_t zone_count;
    /* cursor over one logical line */
    const struct cdn_syntax *in;
    uint32_t at, end;
    bool cut; /* the line's */
    struct cdn_token end_token;
    /* condition being read */
    struct cdn_subject it; /* of the innermost any/every; kind NONE outside */
    uint32_t depth, nodes;
    struct cdn_at if_allow; /* where the measure says `if unknown allow` */
    uint32_t seen; /* clauses of the measure being read that may stand once: bit per row of its table */
};

/* ---- diag.c ----------------------------------------------------------------------------------------- */

/* Adds a message and returns it so that expected and suggestion can be set; NULL when there is no memory or
 * CDN_MAX_DIAGNOSTICS is reached. */
struct cdn_diagnostic *cdn_rb_diag(
    struct cdn_diagnostics *d, unsigned severity, const char *code, struct cdn_at at, const char *fmt, ...)
    CDN_PRINTF(5, 6);
struct cdn_diagnostic *cdn_rb_error(
    struct cdn_parser *p, const char *code, struct cdn_at at, const char *fmt, ...) CDN_PRINTF(4, 5);
/* Text in the arena of the diagnostics; empty without memory. */
cordon_str cdn_rb_say(struct cdn_diagnostics *d, const char *fmt, ...) CDN_PRINTF(2, 3);
/* Messages from `first` on in the order of files, lines, columns. */
void cdn_rb_sort(struct cdn_diagnostics *d, size_t first);
void cdn_rb_suggest(struct cdn_parser *p, struct cdn_diagnostic *d, cordon_str name);

/* ---- lexer.c, lines.c ------------------------------------------------------------------------------- */

/* Fills file->tokens; errors are reported. */
int cdn_rb_lex(struct cdn_parser *p, struct cdn_syntax *file) CORDON_MUST_CHECK;
/* Fills file->lines and file->decls (kind by keyword; index and duplicate are left to load.c). */
int cdn_rb_lines(struct cdn_parser *p, struct cdn_syntax *file) CORDON_MUST_CHECK;
extern const char *const cdn_rb_decl_words[]; /* keywords that begin a declaration, NULL at the end */
unsigned cdn_rb_decl_kind(cordon_str word);   /* enum cdn_decl_kind, 0: none */

/* ---- cursor.c: reading one logical line ------------------------------------------------------------- */

void cdn_rb_open(struct cdn_parser *p, const struct cdn_syntax *file, uint32_t line);
const struct cdn_token *cdn_rb_peek(const struct cdn_parser *p);
const struct cdn_token *cdn_rb_peek2(const struct cdn_parser *p); /* the one after */
const struct cdn_token *cdn_rb_next(struct cdn_parser *p);
bool cdn_rb_at_end(const struct cdn_parser *p);
bool cdn_rb_is(const struct cdn_token *t, const char *word); /* that very word */
bool cdn_rb_is_sign(const struct cdn_token *t, unsigned sign);
bool cdn_rb_take(struct cdn_parser *p, const char *word); /* takes the word if it is next */
bool cdn_rb_take2(struct cdn_parser *p, const char *a, const char *b);
bool cdn_rb_take_sign(struct cdn_parser *p, unsigned sign);
bool cdn_rb_need(struct cdn_parser *p, const char *word); /* false: reported */
bool cdn_rb_need_sign(struct cdn_parser *p, unsigned sign, const char *what);
/* Reports the token at the cursor as not what was expected. Always false. */
bool cdn_rb_expected(struct cdn_parser *p, const char *what);
bool cdn_rb_finish_line(struct cdn_parser *p, const char *what); /* nothing may be left */
struct cdn_at cdn_rb_where(const struct cdn_parser *p, const struct cdn_token *t);
struct cdn_pos cdn_rb_pos(const struct cdn_parser *p, const struct cdn_token *t);
/* Room for one more at the end of *items (a T **), zeroed; NULL: no memory (err is set). */
void *cdn_rb_push(struct cdn_parser *p, void *items, uint32_t *count, size_t size);

/* ---- parse_value.c ---------------------------------------------------------------------------------- */

bool cdn_rb_word(struct cdn_parser *p, const char *what, cordon_str *ret);
bool cdn_rb_id(struct cdn_parser *p, const char *what, cordon_str *ret); /* a name that is declared here */
bool cdn_rb_text(struct cdn_parser *p, const char *what, cordon_str *ret);
bool cdn_rb_url(struct cdn_parser *p, cordon_str *ret);
bool cdn_rb_decimal(struct cdn_parser *p, const char *what, struct cdn_decimal *ret);
bool cdn_rb_whole(struct cdn_parser *p, const char *what, uint32_t max, uint32_t *ret);
bool cdn_rb_currency(struct cdn_parser *p, char ret[4]);
bool cdn_rb_moment(struct cdn_parser *p, const char *what, struct cdn_moment *ret, struct cdn_when *ret_when);
bool cdn_rb_day(struct cdn_parser *p, const char *what, int32_t *ret); /* days since 1970-01-01 */
bool cdn_rb_span(struct cdn_parser *p, struct cdn_span *ret);
bool cdn_rb_span_seconds(struct cdn_parser *p, int64_t *ret); /* units of fixed length only */
/* [from INSTANT] [until INSTANT]; open ends are CDN_TIME_MIN and _MAX, with nothing written. */
bool cdn_rb_period(struct cdn_parser *p, struct cdn_moment *ret_from, struct cdn_moment *ret_until);
/* "title" <url> [accessed DATE] after the keyword. */
bool cdn_rb_source(struct cdn_parser *p, struct cdn_source *ret);
/* `source` and `unverified` clauses, shared by many declarations; *ret_known says whether it was one. */
bool cdn_rb_source_clause(struct cdn_parser *p,
                          struct cdn_source **sources,
                          uint32_t *count,
                          bool *ret_known);

/* ---- names.c: looking names up ---------------------------------------------------------------------- */

/* Index of a declared name, or -1 after reporting it as unknown with a suggestion. */
int32_t cdn_rb_find(struct cdn_parser *p, unsigned kind, const struct cdn_token *t, cordon_str name);
/* Names that match `pattern` (with *), appended; a glob that matches nothing is reported. */
bool cdn_rb_glob(
    struct cdn_parser *p, unsigned kind, const struct cdn_token *t, uint32_t **items, uint32_t *count);
bool cdn_rb_glob_match(cordon_str pattern, cordon_str name);
/* NAME, NAME* …: comma-separated names of one kind. */
bool cdn_rb_name_list(
    struct cdn_parser *p, unsigned kind, const char *what, uint32_t **items, uint32_t *count);
/* Services, classes and globs of either. */
bool cdn_rb_service_list(struct cdn_parser *p, uint32_t **items, uint32_t *count);
const char *cdn_rb_kind_name(unsigned kind);                    /* "service" */
bool cdn_rb_place(struct cdn_parser *p, struct cdn_place *ret); /* also false for an unknown one, reported */
bool cdn_rb_places(struct cdn_parser *p, struct cdn_place_set *ret);
bool cdn_rb_country(struct cdn_parser *p, uint16_t *ret);
struct cdn_zone *cdn_rb_zone(struct cdn_parser *p, const struct cdn_token *t, cordon_str name);
/* Role or object kind by name; kind NONE: neither (nothing reported). */
struct cdn_subject cdn_rb_subject_named(cordon_str name);
bool cdn_rb_subject(struct cdn_parser *p, const char *what, struct cdn_subject *ret);
/* Fact of an owner by its bare name: number, 0 if none. */
uint16_t cdn_rb_fact(const struct cdn_parser *p, unsigned owner, cordon_str name);
struct cdn_fact_info cdn_rb_fact_info(const struct cdn_rulebook *rb, unsigned fact);
unsigned cdn_rb_owner_of(struct cdn_subject s); /* CDN_OWNER_*, 0: none */
const char *cdn_rb_subject_name(struct cdn_subject s);

/* ---- the declaration families ----------------------------------------------------------------------- */

void cdn_rb_parse_decl(struct cdn_parser *p, const struct cdn_syntax *file, const struct cdn_decl *decl);
void cdn_rb_parse_territory(struct cdn_parser *p, const struct cdn_syntax *file, const struct cdn_decl *decl);
void cdn_rb_parse_measure(struct cdn_parser *p, const struct cdn_syntax *file, const struct cdn_decl *decl);
void cdn_rb_parse_scenario(struct cdn_parser *p, const struct cdn_syntax *file, const struct cdn_decl *decl);
bool cdn_rb_outcome(struct cdn_parser *p, unsigned verdict, struct cdn_outcome *ret);
bool cdn_rb_take_scope(struct cdn_parser *p, uint8_t *ret);
bool cdn_rb_take_form(struct cdn_parser *p, uint8_t *ret);
bool cdn_rb_duty_kind(struct cdn_parser *p, uint8_t *ret);
unsigned cdn_rb_verdict_named(cordon_str word); /* 0: none */
/* A condition; NULL: reported. */
struct cdn_expr *cdn_rb_condition(struct cdn_parser *p);
/* One test, possibly negated: *ret_value says whether it is the test or its negation. */
struct cdn_test *cdn_rb_single_test(struct cdn_parser *p, bool *ret_value);
/* The part of a test after its subject (parse_test.c). NULL: reported. */
struct cdn_expr *cdn_rb_test(struct cdn_parser *p);
struct cdn_expr *cdn_rb_test_of(struct cdn_parser *p,
                                struct cdn_subject subject,
                                cordon_str member,
                                const struct cdn_token *head);
struct cdn_expr *cdn_rb_expr(struct cdn_parser *p, unsigned op, struct cdn_pos pos);
struct cdn_expr *cdn_rb_negate(struct cdn_parser *p, struct cdn_expr *e);
/* True when two tests ask the same; `it_a` is what IT stands for in `a` (NONE: nothing). */
bool cdn_rb_same_test(const struct cdn_test *a, struct cdn_subject it_a, const struct cdn_test *b);
bool cdn_rb_same_places(const struct cdn_place_set *a, const struct cdn_place_set *b);
bool cdn_rb_same_place(const struct cdn_place *a, const struct cdn_place *b);

/* ---- finish.c --------------------------------------------------------------------------------------- */

void cdn_rb_finish_measure(struct cdn_parser *p, struct cdn_measure *m);
void cdn_rb_finish(struct cdn_parser *p);

#endif
