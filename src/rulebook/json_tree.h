/* SPDX-License-Identifier: Apache-2.0 */
/* json_tree.h: a JSON text as a tree, for import.
 *
 * Why not a library: import wants the place of each value for its messages, whole numbers without a detour
 * over floating point, the caller's arena, and no stack that grows with the input.
 *
 *  1. strict (RFC 8259): one value, UTF-8, no comments, no trailing commas; numbers must be whole and fit 63
 * bits;
 *  2. NUL in a string is refused, since no text of a rulebook can hold it;
 *  3. depth is at most CDN_JSON_TREE_DEPTH; members keep their order, also when keys repeat (the reader of an
 *     object decides). */
#ifndef CDN_JSON_TREE_H
#define CDN_JSON_TREE_H

#include "base/base.h"

#define CDN_JSON_TREE_DEPTH 1024 /* conditions nest 64 brackets deep, each of which takes up to 8 levels */

enum cdn_json_kind {
    CDN_JSON_NULL,
    CDN_JSON_FALSE,
    CDN_JSON_TRUE,
    CDN_JSON_INT,
    CDN_JSON_STR,
    CDN_JSON_ARRAY,
    CDN_JSON_OBJECT
};
struct cdn_json_node {
    uint8_t kind;
    uint32_t line, column; /* from 1; in bytes */
    uint32_t index, count; /* place in the parent; number of children */
    cordon_str key;        /* of a member */
    cordon_str str;        /* STR, decoded */
    int64_t number;        /* INT */
    struct cdn_json_node *parent, *first, *last, *next;
};
/* CORDON_E_SYNTAX, CORDON_E_LIMIT, CORDON_E_NOMEM; e has line and column. Strings without escapes point into
 * `text`. */
int cdn_json_tree_parse(cordon_str text,
                        struct cdn_arena *arena,
                        const struct cdn_json_node **ret,
                        struct cordon_error *e) CORDON_MUST_CHECK;
/* "/files/0/name"; "" for the root. */
void cdn_json_pointer_write(struct cdn_buf *b, const struct cdn_json_node *node);

#endif
