/* SPDX-License-Identifier: Apache-2.0 */
/* cordon/json.h: requests in, decisions out, as JSON (libcordon-json; links libcordon and libc).
 *
 * Reading is strict: an unknown member, a wrong type or a repeated name is an error whose cordon_error has
 * the JSON pointer (`where`), line, column and a suggestion. Writing is canonical: members sorted, no white
 * space, no floats; equal decisions have equal bytes. docs/request.md describes the form, docs/schema/ has
 * its JSON Schema. */
#ifndef CORDON_JSON_H
#define CORDON_JSON_H

#include "cordon/cordon.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Growing text. Start with zeros ({0}) and, if wanted, an allocator that outlives it; writing appends; set n
 * = 0 to use the memory again. Not NUL-terminated. */
typedef struct cordon_buffer {
    char *p;
    size_t n, cap;
    const cordon_alloc *alloc; /* NULL: malloc */
} cordon_buffer;
CORDON_API void cordon_buffer_free(cordon_buffer *b); /* accepts NULL; leaves it empty and usable */

/* A new request from JSON text, finished. CORDON_E_SYNTAX, _NAME, _TYPE, _RANGE, _LIMIT, _CONFLICT, _NOMEM.
 */
CORDON_API int cordon_request_from_json(cordon_str text,
                                        const cordon_alloc *alloc,
                                        cordon_request **ret,
                                        cordon_error *e) CORDON_MUST_CHECK;
/* The same into a request made before, whose memory is used again: no allocation once it has grown enough. On
 * failure the request is empty. */
CORDON_API int cordon_request_read_json(cordon_request *r,
                                        cordon_str text,
                                        cordon_error *e) CORDON_MUST_CHECK;
/* Appends the canonical JSON of a finished request. */
CORDON_API int cordon_request_to_json(const cordon_request *r,
                                      cordon_buffer *out,
                                      cordon_error *e) CORDON_MUST_CHECK;

/* Appends {"decision":…,"snapshot":"sha256:…"}: the pure part, the same bytes for the same request, snapshot
 * and instant. `envelope` is canonical JSON of what differs from run to run, added as the member "envelope"
 * between the two; empty: none. What cordon_explain gave is written with all its measures. CORDON_E_NOMEM,
 * CORDON_E_LIMIT. */
CORDON_API int cordon_decision_to_json(const cordon_decision *d,
                                       cordon_str envelope,
                                       cordon_buffer *out,
                                       cordon_error *e) CORDON_MUST_CHECK;
/* Appends an error as a problem document (RFC 9457): type, title, status, detail, pointer, line, column,
 * hint. */
CORDON_API int cordon_error_to_json(const cordon_error *error, cordon_buffer *out) CORDON_MUST_CHECK;

/* Appends a JSON Schema (2020-12): "request" or "decision". CORDON_E_NOTFOUND. */
CORDON_API int cordon_schema_to_json(cordon_str which, cordon_buffer *out) CORDON_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
