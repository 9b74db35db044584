/* SPDX-License-Identifier: Apache-2.0 */
/* reply.c: one answer, from being asked for to being given back.
 *
 *  1. a reply is delivered exactly once;
 *  2. making a refusal never fails: without memory the body is a static text that says so. */
#include "service/priv.h"

#include "json/json.h"

#define REPLY_MAX ((size_t)CDN_MAX_DECISION_BYTES + CDN_KIB(64))

static const char no_memory[] =
    "{\"code\":\"CORDON_E_NOMEM\",\"detail\":\"out of memory\",\"status\":503,\"title\":\"out of "
    "memory\",\"type\":\"about:blank\"}";

struct cdn_reply *cdn_reply_new(struct cdn_service *s, cdn_service_done done, void *ctx, uint64_t asked) {
    struct cdn_reply *r = cdn_alloc_zero(s->alloc, 1, sizeof(*r));
    if (!r)
        return NULL;
    r->s = s;
    r->alloc = s->alloc;
    r->done = done;
    r->ctx = ctx;
    r->asked = asked;
    r->pub.changes_at = CORDON_NEVER;
    cdn_buf_init(&r->text, s->alloc, REPLY_MAX);
    return r;
}

void cdn_service_reply_free(struct cdn_service_reply *pub) {
    struct cdn_reply *r = (struct cdn_reply *)(void *)pub;
    if (!r)
        return;
    const struct cordon_alloc *alloc = r->alloc; /* the service may have been closed since */
    cdn_buf_free(&r->text);
    cdn_free(alloc, r, sizeof(*r));
}

/* As cdn_json_write_problem, with the status and the kind of this refusal. */
static void write_problem(struct cdn_buf *b, unsigned refusal, int status, const struct cordon_error *e) {
    cdn_buf_z(b, "{\"code\":");
    cdn_buf_json(b, cdn_str_z(cdn_status_name(e->code)));
    if (e->column)
        cdn_buf_printf(b, ",\"column\":%u", e->column);
    cdn_buf_z(b, ",\"detail\":");
    cdn_buf_json(b, cdn_str_z(e->message));
    if (e->hint[0]) {
        cdn_buf_z(b, ",\"hint\":");
        cdn_buf_json(b, cdn_str_z(e->hint));
    }
    if (e->line)
        cdn_buf_printf(b, ",\"line\":%u", e->line);
    if (e->where[0]) {
        cdn_buf_z(b, ",\"pointer\":");
        cdn_buf_json(b, cdn_str_z(e->where));
    }
    cdn_buf_z(b, ",\"refused\":");
    cdn_buf_json(b, cdn_str_z(cdn_service_refusal_name(refusal)));
    cdn_buf_printf(b, ",\"status\":%d,\"title\":", status);
    cdn_buf_json(b, cdn_str_z(cdn_status_text(e->code)));
    cdn_buf_z(b, ",\"type\":\"about:blank\"}");
}

void cdn_service_write_problem(struct cdn_buf *out, unsigned refusal, const struct cordon_error *e) {
    const size_t begin = out->n;
    write_problem(out, refusal, cdn_service_refusal_status(refusal, e->code), e);
    if (out->err)
        out->n = begin;
}

void cdn_reply_refuse(struct cdn_reply *r, unsigned refusal, int code, const struct cordon_error *e) {
    r->pub.code = code ? code : CORDON_E_INTERNAL;
    r->pub.refusal = (uint8_t)(refusal ? refusal : CDN_REFUSED_INTERNAL);
    r->pub.verdict = CORDON_VERDICT_NONE;
    r->pub.repeated = false;
    r->pub.blocked_by = cdn_str(NULL, 0);
    if (e)
        r->pub.error = *e;
    if (r->pub.error.code != r->pub.code)
        (void)cdn_fail(&r->pub.error, r->pub.code, "%s", cdn_status_text(r->pub.code));
    r->pub.http_status = (uint16_t)cdn_service_refusal_status(r->pub.refusal, r->pub.code);
    cdn_buf_clear(&r->text);
    write_problem(&r->text, r->pub.refusal, r->pub.http_status, &r->pub.error);
    r->pub.body = r->text.err ? cdn_str(no_memory, sizeof(no_memory) - 1) : cdn_buf_get(&r->text);
}

static void count(struct cdn_service *s, const struct cdn_reply *r) {
    struct cdn_counts_live *c = &s->counts;
    if (r->pub.code)
        atomic_fetch_add_explicit(&c->refusals[r->pub.refusal], 1, memory_order_relaxed);
    else if (r->pub.repeated)
        atomic_fetch_add_explicit(&c->repeated, 1, memory_order_relaxed);
    else
        atomic_fetch_add_explicit(&c->decisions[r->pub.verdict % 6], 1, memory_order_relaxed);
    const struct cdn_service_time now = cdn_service_now(s);
    if (!r->pub.code && now.mono >= r->asked)
        cdn_service_observe(&c->durable, now.mono - r->asked);
}

void cdn_reply_deliver(struct cdn_reply *r) {
    struct cdn_service *s = r->s;
    struct cdn_once *once = r->once;
    r->once = NULL;
    count(s, r);
    if (once)
        cdn_once_end(s, once, r);
    r->done(r->ctx, &r->pub);
}
