/* SPDX-License-Identifier: Apache-2.0 */
/* rulebook_json.h: the JSON form of a rulebook, for machines. docs/schema/rulebook.schema.json describes it.
 *
 * Always true:
 *  1. canonical: keys in byte order, no white space, no numbers but small whole ones (amounts, shares and
 * angles are texts), dates as they were written; equal rulebooks give equal bytes, on every machine;
 *  2. lossless: text → JSON → text → JSON gives the same bytes as the first JSON, and both texts the same
 *     rulebook, apart from comments within declarations, layout, and patterns and classes, which are written
 * out;
 *  3. there is one way to build a rulebook: import writes measure language, which the ordinary parser reads.
 * No value of a document can break out of its place: each is checked or quoted before it is written. */
#ifndef CDN_RULEBOOK_JSON_H
#define CDN_RULEBOOK_JSON_H

#include "rulebook/rulebook.h"

/* The whole rulebook with its files and their order. Returns out->err. */
int cdn_rulebook_export_json(const struct cdn_rulebook *rb, struct cdn_buf *out) CORDON_MUST_CHECK;
/* One measure, licence, statute or protection by its index, without comments: what its version is computed
 * from. CORDON_E_ARG: no such index. */
int cdn_measure_json(const struct cdn_rulebook *rb, uint32_t measure, struct cdn_buf *out) CORDON_MUST_CHECK;

/* Measure language made from JSON. */
struct cdn_json_node;
struct cdn_import {
    struct cdn_rulebook_source *files;
    size_t count;
    struct cdn_import_line { /* what a line (from 1) of a made text came from */
        uint32_t file, line;
        const struct cdn_json_node *node;
    } * lines; /* in order */
    size_t line_count;
};
/* Everything is in `arena`, and texts may point into `json`. CORDON_E_SYNTAX: no JSON (e: line and column).
 * CORDON_E_TYPE: not of the form of a rulebook (e->where: JSON pointer of the value, and its line and
 * column). Names are checked only when the text is loaded. */
int cdn_rulebook_import_text(cordon_str json,
                             struct cdn_arena *arena,
                             struct cdn_import *ret,
                             struct cordon_error *e) CORDON_MUST_CHECK;
/* The JSON pointer of what stands in that line of a made text, such as "/files/0/declarations/3/when". */
void cdn_import_pointer_write(struct cdn_buf *b, const struct cdn_import *im, uint32_t file, uint32_t line);
/* Import and load. Errors of the load are in `diags`, in lines of the made text (rb->texts has it); then *e
 * says the first of them with its JSON pointer. */
int cdn_rulebook_import_json(cordon_str json,
                             const char *zoneinfo,
                             struct cdn_arena *arena,
                             struct cdn_diagnostics *diags,
                             struct cdn_rulebook **ret,
                             struct cordon_error *e) CORDON_MUST_CHECK;

#endif
