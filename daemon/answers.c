/* SPDX-License-Identifier: Apache-2.0 */
/* answers.c: decide, enforce, explain, screen.
 *
 * decide says in a body what the decision is: 200 whatever the verdict. enforce says it in the status, for a
 * proxy that looks at nothing else: 200 only for `allow` (and `limit` where the operator says that it is
 * handled), else 451 where a law refuses and 403 where only policy does; anything that is no decision is an
 * error status, never 200. */
#include "handlers.h"

#include <stdio.h>

#include "log.h"

static struct cdn_service_ask ask_of(struct call *c, cordon_str body) {
    return (struct cdn_service_ask){.body = body,
                                    .caller = c->caller,
                                    .idempotency = c->headers.idempotency,
                                    .trace = cdn_str_z(c->trace),
                                    .deadline = atomic_load(&c->deadline)};
}

static void count_verdict(struct call *c, const struct cdn_service_reply *r) {
    if (r->code == CORDON_OK && r->verdict <= CORDON_VERDICT_FREEZE)
        (void)atomic_fetch_add_explicit(&c->d->metrics.verdicts[r->verdict], 1, memory_order_relaxed);
}

/* ---- decide
 * -----------------------------------------------------------------------------------------------------------
 */

/* The service's own bytes, also of a problem: the same as in a batch. */
static void decided(struct call *c, void *ctx) {
    struct cdn_service_reply *answer = ctx;
    struct reply *r = &c->reply;
    count_verdict(c, answer);
    r->answer = answer;
    if (answer->code != CORDON_OK) {
        r->status = answer->http_status >= 400 ? answer->http_status : 500;
        r->type = "application/problem+json";
        if (r->status == 503 || r->status == 507)
            reply_header(r, "Retry-After", "1");
    } else if (answer->repeated) {
        reply_header(r, "Idempotent-Replayed", "true");
    }
}

static void on_decided(void *ctx, struct cdn_service_reply *answer) {
    if (!call_finish(ctx, decided, answer))
        cdn_service_reply_free(answer); /* recorded, and nobody waits for it any more */
}

static enum handled begin(struct call *c, cordon_str body, cdn_service_done done) {
    cordon_error e = {0};
    struct cdn_service_worker *w = server_worker(c->d, &e);
    struct cdn_service_ask ask = ask_of(c, body);
    if (w) {
        call_hold(c);
        ask.more = true; /* of other connections, in the same pass */
        loop_later(c->link->loop);
        if (cdn_service_decide(w, &ask, done, c) == CORDON_OK)
            return HANDLED_LATER;
        (void)atomic_fetch_sub(&c->link->holders, 1);
    }
    reply_problem(c, 503, "memory", "No memory", "Nothing was decided: not allowed.");
    return HANDLED;
}

enum handled answer_decide(struct call *c) {
    return begin(c, cdn_buf_get(&c->body), on_decided);
}

/* ---- enforce
 * ------------------------------------------------------------------------------------------------------------
 */

static bool plain_url(cordon_str s) {
    if (!cdn_str_starts(s, CDN_STR("https://")) && !cdn_str_starts(s, CDN_STR("http://")))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] <= 0x20 || (unsigned char)s.p[i] >= 0x7f || s.p[i] == '<' ||
            s.p[i] == '>' || s.p[i] == '"')
            return false;
    }
    return s.n < HEADER_TEXT - 32;
}

static void say_who_blocks(struct call *c, const struct cdn_service_reply *answer) {
    const cordon_str told = cdn_str_z(cfg(c->d)->blocked_by);
    if (plain_url(told))
        reply_header(&c->reply, "Link", "<%.*s>; rel=\"blocked-by\"", CDN_FMT(told));
    else if (plain_url(answer->blocked_by))
        reply_header(&c->reply, "Link", "<%.*s>; rel=\"blocked-by\"", CDN_FMT(answer->blocked_by));
    else
        reply_header(&c->reply, "Link", "<%s/v1/measures>; rel=\"blocked-by\"", cfg(c->d)->public_url);
}

static void enforced(struct call *c, void *ctx) {
    struct cdn_service_reply *answer = ctx;
    struct reply *r = &c->reply;
    count_verdict(c, answer);
    if (answer->code != CORDON_OK) {
        reply_refusal(c, answer->refusal, &answer->error);
        cdn_service_reply_free(answer);
        return;
    }
    const bool pass = answer->verdict == CORDON_VERDICT_ALLOW ||
                      (answer->verdict == CORDON_VERDICT_LIMIT && cfg(c->d)->enforce_limit);
    const bool by_law = answer->http_status == 451 ||
                        (!pass && answer->verdict == CORDON_VERDICT_LIMIT && answer->blocked_by.n > 0);
    const unsigned status = pass ? 200 : by_law ? 451 : 403;
    const bool softly = cdn_str_eq(c->headers.refusal, CDN_STR("403"));
    if (pass) {
        r->fixed = "{}";
        r->fixed_size = 2;
    } else {
        reply_problem(c,
                      softly ? 403 : status,
                      status == 451 ? "blocked-by-law" : "blocked-by-policy",
                      status == 451 ? "Not available for legal reasons" : "Not allowed",
                      "Decision %llu.",
                      (unsigned long long)answer->index);
    }
    reply_header(r, "Cordon-Verdict", "%s", cordon_verdict_name(answer->verdict));
    reply_header(r, "Cordon-Status", "%u", status);
    reply_header(r, "Cordon-Decision", "%llu", (unsigned long long)answer->index);
    if (status == 451)
        say_who_blocks(c, answer);
    cdn_service_reply_free(answer);
}

static void on_enforced(void *ctx, struct cdn_service_reply *answer) {
    if (!call_finish(ctx, enforced, answer))
        cdn_service_reply_free(answer);
}

static void member(struct cdn_buf *b, const char *name, cordon_str value) {
    cdn_buf_printf(b, "\"%s\":", name);
    cdn_buf_json(b, value);
}

/* The request that the proxy's words make. What the client itself sent is in none of it but the path's own
 * parameters, which the proxy writes. */
static void write_request(struct call *c, cordon_str address, struct cdn_buf *b) {
    const struct config *config = cfg(c->d);
    cdn_buf_char(b, '{');
    member(b, "action", c->params[0]);
    cdn_buf_char(b, ',');
    member(b, "service", c->params[1]);
    if (config->enforce_acting_entity[0]) {
        cdn_buf_char(b, ',');
        member(b, "acting_entity", cdn_str_z(config->enforce_acting_entity));
    }
    cdn_buf_z(b, ",\"parties\":[{");
    member(b, "role", c->params[2]);
    cdn_buf_z(b, ",\"evidence\":[{\"kind\":\"ip\",");
    member(b, "value", address);
    cdn_buf_z(b, "}]}]}");
}

enum handled answer_enforce(struct call *c) {
    const cordon_str address = cdn_str_trim(c->headers.address);
    c->headers.idempotency = (cordon_str){0}; /* a client's, passed on: it must not choose an older answer */
    if (address.n == 0) {
        reply_problem(c,
                      400,
                      "no-address",
                      "The proxy did not say whose request it is",
                      "Let the proxy set the header %s to its client's address.",
                      cfg(c->d)->enforce_address_header);
        return HANDLED;
    }
    cdn_buf_clear(&c->body);
    write_request(c, address, &c->body);
    return begin(c, cdn_buf_get(&c->body), on_enforced);
}

/* ---- explain, screen
 * ------------------------------------------------------------------------------------------------------ */

typedef int (*looker)(struct cdn_service_worker *w,
                      const struct cdn_service_ask *ask,
                      struct cdn_buf *out,
                      struct cordon_error *e);

static enum handled look_at(struct call *c, looker look) {
    cordon_error e = {0};
    struct cdn_service_worker *w = server_worker(c->d, &e);
    const struct cdn_service_ask ask = ask_of(c, cdn_buf_get(&c->body));
    int err = w ? look(w, &ask, &c->reply.body, &e) : CORDON_E_NOMEM;
    if (err) {
        e.code = err;
        reply_refusal(c,
                      err == CORDON_E_STATE   ? CDN_REFUSED_ROLE
                      : err == CORDON_E_NOMEM ? CDN_REFUSED_MEMORY
                                              : CDN_REFUSED_REQUEST,
                      &e);
    }
    return HANDLED;
}

enum handled answer_explain(struct call *c) {
    return look_at(c, cdn_service_explain);
}

enum handled answer_screen(struct call *c) {
    return look_at(c, cdn_service_screen);
}
