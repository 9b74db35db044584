/* SPDX-License-Identifier: Apache-2.0 */
/* reply.c: replies and problem documents (RFC 9457).
 *
 *  1. the body of a reply is sent from where it stands, in the call's buffer or the service's answer, and not
 * copied; both live until libmicrohttpd says that the reply is complete (on_completed resets it);
 *  2. every reply may be kept by nobody, unless a handler says otherwise (`cacheable`);
 *  3. header values are written by cordond from checked parts; a value with a control character is left out.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "server.h"

#define PROBLEM "application/problem+json"
#define TYPES "https://cordon.invalid/problems/"

void reply_reset(struct reply *r) {
    cdn_service_reply_free(r->answer);
    if (r->fd >= 0)
        (void)close(r->fd);
    r->answer = NULL;
    r->fd = -1;
    r->fd_size = 0;
    r->fixed = NULL;
    r->fixed_size = 0;
    r->status = 200;
    r->type = "application/json";
    r->header_count = 0;
    r->close = r->cacheable = false;
    cdn_buf_clear(&r->body);
}

void reply_header(struct reply *r, const char *name, const char *fmt, ...) {
    va_list ap;
    if (r->header_count >= CALL_HEADERS)
        return;
    char *value = r->headers[r->header_count].value;
    va_start(ap, fmt);
    const int n = vsnprintf(value, HEADER_TEXT, fmt, ap);
    va_end(ap);
    if (n < 0 || n >= HEADER_TEXT)
        return;
    for (int i = 0; i < n; i++) {
        if ((unsigned char)value[i] < 0x20 || value[i] == 0x7f)
            return;
    }
    r->headers[r->header_count++].name = name;
}

/* Forgets what a handler began, but not its headers' room. */
static struct cdn_buf *problem_begin(struct call *c, unsigned status, const char *code, const char *title) {
    struct reply *r = &c->reply;
    const bool close_it = r->close;
    reply_reset(r);
    r->close = close_it;
    r->status = status;
    r->type = PROBLEM;
    cdn_buf_z(&r->body, "{\"type\":\"" TYPES);
    cdn_buf_z(&r->body, code);
    cdn_buf_z(&r->body, "\",\"title\":");
    cdn_buf_json(&r->body, cdn_str_z(title));
    cdn_buf_printf(&r->body, ",\"status\":%u", status);
    return &r->body;
}

void reply_problem(
    struct call *c, unsigned status, const char *code, const char *title, const char *fmt, ...) {
    char detail[512];
    va_list ap;
    va_start(ap, fmt);
    const int n = vsnprintf(detail, sizeof(detail), fmt, ap);
    va_end(ap);
    struct cdn_buf *b = problem_begin(c, status, code, title);
    cdn_buf_z(b, ",\"detail\":");
    cdn_buf_json(b, cdn_str(detail, n < 0 ? 0 : CDN_MIN((size_t)n, sizeof(detail) - 1)));
    cdn_buf_char(b, '}');
}

void reply_closing(struct call *c) {
    metrics_refused(&c->d->metrics, REFUSED_CLOSING);
    reply_problem(
        c, 503, "closing", "The service is stopping", "Nothing was done. Send it again in a moment.");
    reply_header(&c->reply, "Retry-After", "1");
    c->reply.close = c->refused = true;
}

static void member(struct cdn_buf *b, const char *name, const char *text) {
    if (text[0] == '\0')
        return;
    cdn_buf_printf(b, ",\"%s\":", name);
    cdn_buf_json(b, cdn_str_z(text));
}

static void number(struct cdn_buf *b, const char *name, uint32_t n) {
    if (n > 0)
        cdn_buf_printf(b, ",\"%s\":%u", name, n);
}

void reply_error(struct call *c, unsigned status, const char *code, const cordon_error *e) {
    struct cdn_buf *b = problem_begin(c, status, code, cdn_status_text(e->code));
    member(b, "detail", e->message);
    /* An error of the body has a pointer into it; another one has a file name, which is nobody's business. */
    if (e->where[0] == '/')
        member(b, "pointer", e->where);
    number(b, "line", e->line);
    number(b, "column", e->column);
    member(b, "hint", e->hint);
    cdn_buf_char(b, '}');
}

void reply_refusal(struct call *c, unsigned refusal, const cordon_error *e) {
    const int status = cdn_service_refusal_status(refusal, e->code);
    reply_error(
        c, status >= 400 && status < 600 ? (unsigned)status : 500, cdn_service_refusal_name(refusal), e);
    if (status == 503 || status == 507)
        reply_header(&c->reply, "Retry-After", "1");
}

/* ---- sending
 * ---------------------------------------------------------------------------------------------------------
 */

static struct MHD_Response *response_of(struct reply *r) {
    if (r->fd >= 0) {
        struct MHD_Response *response = MHD_create_response_from_fd64(r->fd_size, r->fd);
        if (response)
            r->fd = -1; /* libmicrohttpd closes it */
        return response;
    }
    const char *p = r->answer ? r->answer->body.p : r->fixed ? r->fixed : r->body.p;
    const size_t n = r->answer ? r->answer->body.n : r->fixed ? r->fixed_size : r->body.n;
    union {
        const char *in;
        void *out; /* libmicrohttpd takes no const, and writes nothing with MHD_RESPMEM_PERSISTENT */
    } bytes = {.in = n > 0 ? p : ""};
    return MHD_create_response_from_buffer(n, bytes.out, MHD_RESPMEM_PERSISTENT);
}

enum MHD_Result reply_send(struct call *c) {
    struct reply *r = &c->reply;
    if (r->body.err) {
        r->body.err = 0;
        reply_problem(c, 500, "too-large", "The reply is too large", "Ask for less at once.");
    }
    struct MHD_Response *response = response_of(r);
    if (!response)
        return MHD_NO;
    bool ok = MHD_add_response_header(response, "Content-Type", r->type) == MHD_YES;
    if (!r->cacheable)
        ok = ok && MHD_add_response_header(response, "Cache-Control", "no-store") == MHD_YES;
    if (c->trace[0]) {
        char text[64];
        (void)snprintf(text, sizeof(text), "00-%s-%s-%s", c->trace, c->span, c->flags);
        ok = ok && MHD_add_response_header(response, "traceparent", text) == MHD_YES;
    }
    for (unsigned i = 0; i < r->header_count; i++)
        ok = ok && MHD_add_response_header(response, r->headers[i].name, r->headers[i].value) == MHD_YES;
    if (r->close)
        ok = ok && MHD_add_response_header(response, "Connection", "close") == MHD_YES;
    /* A refusal without its Link or no-store is not sent half. */
    const enum MHD_Result result = ok ? MHD_queue_response(c->connection, r->status, response) : MHD_NO;
    MHD_destroy_response(response);
    return result;
}
