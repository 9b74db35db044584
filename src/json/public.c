/* SPDX-License-Identifier: Apache-2.0 */
/* public.c: cordon/json.h over the reader and the writers of this room. */
#include "cordon/json.h"

#include "api/handle.h"
#include "base/limits.h"
#include "json/json.h"

CORDON_API void cordon_buffer_free(cordon_buffer *b) {
    if (!b)
        return;
    cdn_free(cdn_api_alloc(b->alloc), b->p, b->cap);
    b->p = NULL;
    b->n = b->cap = 0;
}

/* The caller's buffer as an output, and back. */
static struct cdn_buf open_buffer(const cordon_buffer *b, size_t room) {
    return (struct cdn_buf){.alloc = cdn_api_alloc(b->alloc),
                            .p = b->p,
                            .n = b->n,
                            .cap = b->cap,
                            .max = CDN_MAX(b->n + room, b->cap)};
}

static int close_buffer(cordon_buffer *to, const struct cdn_buf *from, cordon_error *e) {
    to->p = from->p;
    to->cap = from->cap;
    if (from->err) /* what was written in part is not shown */
        return cdn_fail(e, from->err, "the JSON text could not be written: %s", cdn_status_text(from->err));
    to->n = from->n;
    return CORDON_OK;
}

CORDON_API int cordon_request_read_json(cordon_request *r, cordon_str text, cordon_error *e) {
    cordon_request_clear(r);
    struct cdn_request *parsed = NULL;
    const int err = cdn_json_read_request(text, &r->arena, &parsed, e);
    if (err) {
        cordon_request_clear(r);
        return err;
    }
    r->ready = parsed;
    return CORDON_OK;
}

CORDON_API int cordon_request_from_json(cordon_str text,
                                        const cordon_alloc *alloc,
                                        cordon_request **ret,
                                        cordon_error *e) {
    cordon_request *r = NULL;
    int err = cordon_request_new(alloc, &r, e);
    if (err)
        return err;
    err = cordon_request_read_json(r, text, e);
    if (err)
        cordon_request_free(r);
    else
        *ret = r;
    return err;
}

CORDON_API int cordon_request_to_json(const cordon_request *r, cordon_buffer *out, cordon_error *e) {
    if (!r->ready)
        return cdn_fail(e, CORDON_E_STATE, "the request is not finished");
    struct cdn_buf b = open_buffer(out, CDN_MAX_REQUEST_BYTES * 8); /* escapes can lengthen what was read */
    const int err = cdn_json_write_request(&b, r->ready);
    const int closed = close_buffer(out, &b, e);
    return err ? err : closed;
}

CORDON_API int cordon_decision_to_json(const cordon_decision *d,
                                       cordon_str envelope,
                                       cordon_buffer *out,
                                       cordon_error *e) {
    if (!d || !d->s)
        return cdn_fail(e, CORDON_E_STATE, "no decision was made");
    struct cdn_buf b = open_buffer(out, CDN_MAX_DECISION_BYTES);
    const int err = cdn_json_write_answer(&b, &d->d, d->s, envelope);
    const int closed = close_buffer(out, &b, e);
    return err ? err : closed;
}

CORDON_API int cordon_error_to_json(const cordon_error *error, cordon_buffer *out) {
    struct cdn_buf b = open_buffer(out, CDN_MAX_VALUE_BYTES * 4);
    const int err = cdn_json_write_problem(&b, error);
    const int closed = close_buffer(out, &b, NULL);
    return err ? err : closed;
}

CORDON_API int cordon_schema_to_json(cordon_str which, cordon_buffer *out) {
    struct cdn_buf b = open_buffer(out, CDN_MAX_REQUEST_BYTES);
    int err = CORDON_E_NOTFOUND;
    if (cdn_str_eq(which, CDN_STR("request")))
        err = cdn_json_write_request_schema(&b);
    else if (cdn_str_eq(which, CDN_STR("decision")))
        err = cdn_json_write_decision_schema(&b);
    if (err)
        return err;
    return close_buffer(out, &b, NULL);
}
