/* SPDX-License-Identifier: Apache-2.0 */
/* json.h: requests and decisions as JSON, and the schema of both. docs/request.md has the form.
 *
 * Always true here:
 *  1. reading is strict (RFC 8259, UTF-8): an unknown or repeated member, a wrong type, a value outside its
 * range is an error with JSON pointer, line, column and, where one is near, a suggestion;
 *  2. what is written is canonical: members sorted by name, no white space, no floating point, lists in a
 * stated order; the same input gives the same bytes;
 *  3. nothing depends on a snapshot except the texts of a decision. */
#ifndef CDN_JSON_JSON_H
#define CDN_JSON_JSON_H

#include "decide/decision.h"
#include "snapshot/snapshot.h"

/* Reads one request. The text is copied into the arena; so is everything else. E_SYNTAX: not JSON; E_NAME: an
 * unknown member or word; E_TYPE, E_RANGE, E_LIMIT, E_CONFLICT (a member twice): as they say. */
int cdn_json_read_request(cordon_str text,
                          struct cdn_arena *arena,
                          struct cdn_request **ret,
                          struct cordon_error *e) CORDON_MUST_CHECK;
/* The request's canonical JSON: reading it gives an equal request. */
int cdn_json_write_request(struct cdn_buf *out, const struct cdn_request *r) CORDON_MUST_CHECK;

/* Whether the text is JSON at all, of any shape. */
int cdn_json_check(cordon_str text, struct cdn_arena *arena, struct cordon_error *e) CORDON_MUST_CHECK;

/* The decision as docs/request.md describes it: {"as_of":…,…,"verdict":…}. Explanations are decisions with
 * all measures in them. */
int cdn_json_write_decision(struct cdn_buf *out,
                            const struct cdn_decision *d,
                            const struct cdn_snapshot *s) CORDON_MUST_CHECK;
/* Texts of measures that are the same in every decision, escaped once, when a measure is first written: for
 * whoever writes many decisions under one snapshot. Belongs to one thread; the snapshot has to outlive it. */
struct cdn_json_texts;
int cdn_json_texts_new(const struct cdn_snapshot *s,
                       const struct cordon_alloc *alloc,
                       struct cdn_json_texts **ret) CORDON_MUST_CHECK; /* CORDON_E_NOMEM */
void cdn_json_texts_free(struct cdn_json_texts *t);                    /* accepts NULL */
/* The same bytes as cdn_json_write_decision. `t` may be NULL; one of another snapshot is as good as none. */
int cdn_json_write_decision_with(struct cdn_buf *out,
                                 const struct cdn_decision *d,
                                 const struct cdn_snapshot *s,
                                 struct cdn_json_texts *t) CORDON_MUST_CHECK;
/* {"decision":…,"envelope":…,"snapshot":"sha256:…"}; no envelope member when `envelope` is empty. */
int cdn_json_write_answer(struct cdn_buf *out,
                          const struct cdn_decision *d,
                          const struct cdn_snapshot *s,
                          cordon_str envelope) CORDON_MUST_CHECK;
/* A problem document (RFC 9457). */
int cdn_json_write_problem(struct cdn_buf *out, const struct cordon_error *e) CORDON_MUST_CHECK;

/* JSON Schema (2020-12), indented for people. */
int cdn_json_write_request_schema(struct cdn_buf *out) CORDON_MUST_CHECK;
int cdn_json_write_decision_schema(struct cdn_buf *out) CORDON_MUST_CHECK;

#endif
