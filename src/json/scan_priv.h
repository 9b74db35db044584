/* SPDX-License-Identifier: Apache-2.0 */
/* scan_priv.h: JSON text, token by token, in a private copy that ends in NUL.
 *
 * The copy lets texts be unescaped where they stand (they only get shorter) and be handed out as slices, so
 * that reading a request copies its bytes once. The NUL stops every loop without a bounds check, because it
 * belongs to no token. Positions of errors are found from the untouched original. */
#ifndef CDN_JSON_SCAN_PRIV_H
#define CDN_JSON_SCAN_PRIV_H

#include "base/base.h"
#include "base/limits.h"

enum {
    CDN_JSON_AHEAD = 30, /* bytes of a name that are looked at at once */
    CDN_JSON_PAD = 32    /* zeros behind the copy, so that looking ahead ends there */
};
struct cdn_json_step { /* of the path to the value at hand: a member's name, or an index */
    cordon_str key;    /* p == NULL: an index */
    uint32_t index;
};
struct cdn_scan {
    char *p; /* next byte; within [begin, end]; *end is NUL */
    char *begin, *end;
    cordon_str original;
    struct cordon_error *e;
    unsigned depth;
    struct cdn_json_step path[CDN_MAX_JSON_DEPTH];
};

/* Copies the text into the arena and checks that all of it is UTF-8. */
int cdn_json_begin(struct cdn_scan *s, cordon_str text, struct cdn_arena *arena, struct cordon_error *e)
    CORDON_MUST_CHECK;
/* White space to the end of the text, or an error. */
int cdn_json_end(struct cdn_scan *s) CORDON_MUST_CHECK;

/* After cdn_fail: adds the JSON pointer, line, column and offset of `at`; gives `code` back. */
int cdn_json_place(struct cdn_scan *s, int code, const char *at);
#define cdn_json_fail(s, code, at, ...)                                                                      \
    ((void)cdn_fail((s)->e, (code), __VA_ARGS__), cdn_json_place((s), (code), (at)))
/* "expected a text, got a number", at the next token. */
int cdn_json_expected(struct cdn_scan *s, const char *what);

static inline void cdn_json_space(struct cdn_scan *s) {
    while ((uint8_t)*s->p <= ' ' && (*s->p == ' ' || *s->p == '\n' || *s->p == '\t' || *s->p == '\r'))
        s->p++;
}
/* At '"'. The text is unescaped in place. */
int cdn_json_text(struct cdn_scan *s, cordon_str *ret) CORDON_MUST_CHECK;
/* At '-' or a digit: the number as written. */
int cdn_json_number(struct cdn_scan *s, cordon_str *ret) CORDON_MUST_CHECK;
/* Exactly this word ("null", "true", "false"), if it stands here. */
bool cdn_json_word(struct cdn_scan *s, const char *word);
/* Any value, checked and not kept; texts stay as they are. */
int cdn_json_skip(struct cdn_scan *s) CORDON_MUST_CHECK;
/* At '{': the text that the member `name` has, without moving on or changing anything; {NULL, 0} when there
 * is none, or the text is not JSON (which reading it properly then finds). */
#define CDN_JSON_PEEK 64
cordon_str cdn_json_peek(const struct cdn_scan *s, cordon_str name, char storage[CDN_JSON_PEEK]);

/* Members: call after '{' was taken. *ret_more false: '}' was taken. The key is unescaped and on the path;
 * after the value call cdn_json_next. Elements likewise. */
int cdn_json_open(struct cdn_scan *s, char bracket, const char *what, bool *ret_more) CORDON_MUST_CHECK;
int cdn_json_key(struct cdn_scan *s, cordon_str *ret) CORDON_MUST_CHECK;
int cdn_json_next(struct cdn_scan *s, char bracket, bool *ret_more) CORDON_MUST_CHECK;
/* Does the name of `n` bytes, at most CDN_JSON_AHEAD, stand here as it is? Without looking for its end. */
static inline bool cdn_json_key_is(const struct cdn_scan *s, const char *name, size_t n) {
    return s->p[n + 1] == '"' && *s->p == '"' && cdn_same(s->p + 1, name, n);
}
/* As cdn_json_key, after that. */
int cdn_json_key_take(struct cdn_scan *s, size_t n) CORDON_MUST_CHECK;

#endif
