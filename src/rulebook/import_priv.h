/* SPDX-License-Identifier: Apache-2.0 */
/* import_priv.h: what the files that turn JSON into measure language share.
 *
 *  1. after the first failure (err) nothing is written and nothing reported any more;
 *  2. a function given a NULL node writes nothing; that a member is needed is asked with need();
 *  3. what is not written in quotes is checked character by character, so that it stays one token. */
#ifndef CDN_IMPORT_PRIV_H
#define CDN_IMPORT_PRIV_H

#include "rulebook/json_tree.h"
#include "rulebook/rulebook_json.h"

typedef const struct cdn_json_node node;

struct cdn_importer {
    struct cdn_arena *arena;
    struct cordon_error *e;
    int err;
    struct cdn_buf b; /* the file at hand */
    uint32_t file, line;
    struct cdn_import_line *lines;
    size_t line_count, line_cap;
};

void cdn_im_fail(struct cdn_importer *im, node *at, const char *fmt, ...) CDN_PRINTF(3, 4);
/* The members of an object by the place of their key in `keys` (NULL: absent). Unknown and repeated keys
 * fail. */
void cdn_im_members(struct cdn_importer *im, node *object, const char *const *keys, size_t count, node **ret);
bool cdn_im_need(struct cdn_importer *im, node *object, node *member, const char *key);
/* Is it an array? NULL is, too, and has no items. */
bool cdn_im_array(struct cdn_importer *im, node *n);
bool cdn_im_true(struct cdn_importer *im, node *n); /* an absent one is false */

void cdn_im_begin(struct cdn_importer *im, node *from, const char *text); /* a line, its indent and keyword */
void cdn_im_end(struct cdn_importer *im);
void cdn_im_z(struct cdn_importer *im, const char *z);
void cdn_im_quoted(struct cdn_importer *im, node *n);
void cdn_im_code(struct cdn_importer *im, node *n);             /* without quotes where it is a plain word */
void cdn_im_word(struct cdn_importer *im, node *n);             /* a name in small letters */
void cdn_im_place(struct cdn_importer *im, node *n);            /* a code in capitals, or a name */
void cdn_im_enum(struct cdn_importer *im, node *n, char joint); /* "two_kinds", ' ' → two kinds */
void cdn_im_url(struct cdn_importer *im, node *n);              /* with its brackets */
void cdn_im_moment(struct cdn_importer *im, node *n);
void cdn_im_decimal(struct cdn_importer *im, node *n); /* a string */
void cdn_im_whole(struct cdn_importer *im, node *n);
void cdn_im_money(struct cdn_importer *im, node *n);
void cdn_im_places(struct cdn_importer *im, node *n);
typedef void (*cdn_im_item)(struct cdn_importer *im, node *n);
void cdn_im_list(struct cdn_importer *im, node *array, cdn_im_item item); /* a, b, c */
void cdn_im_source(struct cdn_importer *im, node *n);                     /* "title" <url> accessed … */
void cdn_im_sources(struct cdn_importer *im, node *n);                    /* the clauses */
void cdn_im_clause(struct cdn_importer *im, node *n, const char *keyword, cdn_im_item item);
bool cdn_im_is(node *n, const char *text); /* that very string */

/* import_measure.c */
void cdn_im_measure(struct cdn_importer *im, node *n);
/* import_expr.c */
void cdn_im_expr(struct cdn_importer *im, node *n);
void cdn_im_test(struct cdn_importer *im, node *n, bool negated);

#endif
