/* SPDX-License-Identifier: Apache-2.0 */
/* guard.c: everything that is settled before the body is read: which operation, who asks, may they, how
 * often, how much, by when, under which trace.
 *
 * A refusal answers at once and closes when a body is on its way that is too large to be dropped quietly;
 * otherwise the body is read and dropped first, so that the connection can be used again. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "server.h"

/* ---- headers
 * ----------------------------------------------------------------------------------------------------------
 */

struct wanted {
    const char *name;
    size_t at;
};
#define WANTED(text, member)                                                                                 \
    { (text), offsetof(struct call_headers, member) }
static const struct wanted wanted[] = {
    WANTED("Authorization", authorization),
    WANTED("Content-Type", type),
    WANTED("Content-Length", length),
    WANTED("Transfer-Encoding", encoding),
    WANTED("Idempotency-Key", idempotency),
    WANTED("traceparent", traceparent),
    WANTED("Cordon-Timeout", timeout),
    WANTED("Cordon-Refuse-With", refusal),
    WANTED("Cordon-Accept", accept),
};

static void keep(struct call_headers *h, cordon_str *to, cordon_str value) {
    if (to->p)
        h->twice = true;
    *to = value;
}

static enum MHD_Result on_header(void *cls,
                                 enum MHD_ValueKind kind,
                                 const char *key,
                                 size_t key_size,
                                 const char *value,
                                 size_t value_size) {
    struct call *c = cls;
    const cordon_str name = cdn_str(key, key_size);
    const cordon_str text = cdn_str(value ? value : "", value ? value_size : 0);
    (void)kind;
    for (size_t i = 0; i < CDN_ARRAY_LEN(wanted); i++) {
        if (cdn_str_eq_nocase(name, cdn_str_z(wanted[i].name))) {
            keep(&c->headers, (cordon_str *)(void *)((char *)&c->headers + wanted[i].at), text);
            return MHD_YES;
        }
    }
    if (c->route && (c->route->flags & ROUTE_PROXY) &&
        cdn_str_eq_nocase(name, cdn_str_z(cfg(c->d)->enforce_address_header)))
        keep(&c->headers, &c->headers.address, text);
    return MHD_YES;
}

cordon_str call_argument(struct call *c, const char *name) {
    const char *value = NULL;
    size_t n = 0;
    if (MHD_lookup_connection_value_n(c->connection, MHD_GET_ARGUMENT_KIND, name, strlen(name), &value, &n) !=
            MHD_YES ||
        !value)
        return (cordon_str){0};
    return cdn_str(value, n);
}

/* ---- trace (W3C Trace Context)
 * ------------------------------------------------------------------------------------------ */

static bool lower_hex(const char *p, size_t n) {
    bool nonzero = false;
    for (size_t i = 0; i < n; i++) {
        if (!((p[i] >= '0' && p[i] <= '9') || (p[i] >= 'a' && p[i] <= 'f')))
            return false;
        nonzero = nonzero || p[i] != '0';
    }
    return nonzero;
}

/* Ids need not be secret, only different: a counter from a random start, mixed. */
static uint64_t next_id(void) {
    static _Thread_local uint64_t state;
    if (state == 0 && getrandom(&state, sizeof(state), 0) != (ssize_t)sizeof(state))
        state = mono_now();
    state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    return z ? z : 1;
}

static void hex16(char *to, uint64_t v) {
    for (int i = 15; i >= 0; i--, v >>= 4)
        to[i] = "0123456789abcdef"[v & 15];
    to[16] = '\0';
}

/* "00-TRACE-SPAN-FLAGS"; a later version may have more after it. What is wrong is replaced, as the standard
 * says. */
static void take_trace(struct call *c) {
    const cordon_str t = c->headers.traceparent;
    const bool right = t.n >= 55 && t.p[2] == '-' && t.p[35] == '-' && t.p[52] == '-' &&
                       lower_hex(t.p + 3, 32) && lower_hex(t.p + 36, 16) && memcmp(t.p, "ff", 2) != 0 &&
                       (t.n == 55 || t.p[55] == '-') && (t.n == 55 || memcmp(t.p, "00", 2) != 0) &&
                       (t.p[53] == '0' || lower_hex(t.p + 53, 1)) &&
                       (t.p[54] == '0' || lower_hex(t.p + 54, 1));
    if (right) {
        memcpy(c->trace, t.p + 3, 32);
        memcpy(c->flags, t.p + 53, 2);
    } else {
        hex16(c->trace, next_id());
        hex16(c->trace + 16, next_id());
        memcpy(c->flags, "00", 2);
    }
    c->trace[32] = c->flags[2] = '\0';
    hex16(c->span, next_id());
}

/* ---- checks
 * --------------------------------------------------------------------------------------------------------------
 */

static bool refuse(struct call *c, enum refusal why) {
    metrics_refused(&c->d->metrics, why);
    return false;
}

static bool check_route(struct call *c, const char *method, cordon_str path) {
    char storage[128];
    struct cdn_buf allow;
    cdn_buf_fixed(&allow, storage, sizeof(storage) - 1);
    c->head = strcmp(method, "HEAD") == 0;
    const int err = route_find(c->head ? "GET" : method, path, &c->route, c->params, &c->names, &allow);
    if (!err)
        return true;
    storage[allow.n] = '\0';
    if (err == CORDON_E_SYNTAX) {
        reply_problem(
            c, 400, "path", "The path is malformed", "An escape in the path is not two hexadecimal digits.");
        return refuse(c, REFUSED_MALFORMED);
    }
    if (allow.n > 0) {
        reply_problem(c, 405, "method", "The method is not allowed here", "Allowed: %s.", storage);
        reply_header(&c->reply, "Allow", "%s", storage);
        return refuse(c, REFUSED_METHOD);
    }
    reply_problem(
        c, 404, "no-such-path", "There is nothing at this path", "/v1/openapi.json lists what there is.");
    return refuse(c, REFUSED_NO_ROUTE);
}

static bool check_framing(struct call *c) {
    const struct call_headers *h = &c->headers;
    if (h->twice || (h->length.p && h->encoding.p)) {
        c->reply.close = true; /* where the next request would begin is in doubt */
        reply_problem(
            c,
            400,
            "headers",
            "Contradictory headers",
            "A header that must stand once stands twice, or Content-Length beside Transfer-Encoding.");
        return refuse(c, REFUSED_MALFORMED);
    }
    return true;
}

static bool no_key(struct call *c, enum refusal why) {
    reply_problem(c,
                  401,
                  why == REFUSED_NO_KEY ? "no-key" : "bad-key",
                  why == REFUSED_NO_KEY ? "An API key is needed" : "The API key is not valid",
                  "Send `Authorization: Bearer KEY` with a key that was made here and not revoked.");
    reply_header(&c->reply, "WWW-Authenticate", "Bearer realm=\"cordond\"");
    return refuse(c, why);
}

static bool too_often(struct call *c, uint64_t wait) {
    reply_problem(c, 429, "rate", "Too many requests", "The rate limit of this key is reached.");
    reply_header(&c->reply, "Retry-After", "%llu", (unsigned long long)wait);
    return refuse(c, REFUSED_RATE);
}

static bool check_key(struct call *c, uint64_t now) {
    const struct config *config = cfg(c->d);
    const cordon_str h = c->headers.authorization;
    uint64_t wait = 0;
    cordon_error e = {0};
    enum refusal why = REFUSED_NO_KEY;
    if (h.n > 7 && cdn_str_eq_nocase(cdn_str(h.p, 7), CDN_STR("Bearer "))) {
        const cordon_str secret = cdn_str_trim(cdn_str(h.p + 7, h.n - 7));
        c->has_key = cdn_service_authenticate(c->d->service, secret, &c->caller, &e) == CORDON_OK;
        why = REFUSED_BAD_KEY;
    }
    if (c->has_key) {
        const bool own = c->caller.rate > 0;
        const uint64_t rate = own ? c->caller.rate : config->rate;
        const uint64_t burst = own ? c->caller.burst : config->burst;
        return limits_take(c->d->limits, c->caller.slot + 1, rate, burst, now, &wait) || too_often(c, wait);
    }
    if (c->route->flags & ROUTE_OPEN ||
        ((c->route->flags & ROUTE_LOCAL) && config->public_metrics && c->link->loopback)) {
        c->local = true;
        return true;
    }
    if (!limits_take(c->d->limits, 0, config->anonymous_rate, 0, now, &wait)) {
        c->reply.close = true;
        return too_often(c, wait);
    }
    return no_key(c, why);
}

static bool check_role(struct call *c) {
    if (!c->has_key || !c->route->roles || (c->caller.roles & c->route->roles))
        return true;
    reply_problem(
        c, 403, "role", "The key may not do this", "The operation needs another role than this key has.");
    return refuse(c, REFUSED_ROLE);
}

static bool parse_count(cordon_str s, uint64_t *ret) {
    uint64_t n = 0;
    if (s.n == 0 || s.n > 15)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        n = n * 10 + (uint64_t)(s.p[i] - '0');
    }
    *ret = n;
    return true;
}

static bool check_size(struct call *c) {
    uint64_t n = 0;
    const struct route *r = c->route;
    const uint64_t most =
        r->flags & ROUTE_STREAM ? UINT64_MAX : CDN_MIN((uint64_t)r->body, cfg(c->d)->request_size);
    if (!c->headers.length.p || (parse_count(c->headers.length, &n) && n <= most))
        return true;
    reply_problem(c,
                  413,
                  "too-large",
                  "The body is too large",
                  "At most %llu bytes are read here.",
                  (unsigned long long)most);
    return refuse(c, REFUSED_SIZE);
}

static bool check_type(struct call *c) {
    const cordon_str type = cdn_str_trim(cdn_str_split(c->headers.type, ';', &(cordon_str){0}));
    static const char *const one[] = {"application/json"};
    static const char *const lines[] = {
        "application/jsonl", "application/x-ndjson", "application/x-jsonlines"};
    const bool stream = c->route->flags & ROUTE_STREAM;
    const char *const *known = stream ? lines : one;
    if (type.n == 0 || c->route->body == 0 || (c->route->flags & ROUTE_PROXY))
        return true;
    for (size_t i = 0; i < (stream ? CDN_ARRAY_LEN(lines) : CDN_ARRAY_LEN(one)); i++) {
        if (cdn_str_eq_nocase(type, cdn_str_z(known[i])))
            return true;
    }
    reply_problem(c, 415, "type", "The content type is not read here", "Send `Content-Type: %s`.", known[0]);
    return refuse(c, REFUSED_MALFORMED);
}

/* "250ms", "2s", or milliseconds alone. */
static bool check_deadline(struct call *c, uint64_t now) {
    cordon_str t = cdn_str_trim(c->headers.timeout);
    uint64_t ms = 0;
    uint64_t limit = now + cfg(c->d)->answer_time * 1000000;
    bool callers = false;
    if (c->headers.timeout.p) {
        uint64_t factor = 1;
        if (t.n > 2 && t.p[t.n - 2] == 'm' && t.p[t.n - 1] == 's') {
            t.n -= 2;
        } else if (t.n > 1 && t.p[t.n - 1] == 's') {
            t.n -= 1;
            factor = 1000;
        }
        if (!parse_count(t, &ms) || ms > 86400000) {
            reply_problem(c, 400, "timeout", "Cordon-Timeout is malformed", "Write it like 250ms or 2s.");
            return refuse(c, REFUSED_MALFORMED);
        }
        const uint64_t asked = now + ms * factor * 1000000;
        callers = asked < limit;
        limit = CDN_MIN(asked, limit);
    }
    if (c->route->flags & ROUTE_TIMED)
        atomic_store(&c->deadline, (limit & ~UINT64_C(1)) | (callers ? 1 : 0));
    return true;
}

static bool check_idempotency(struct call *c) {
    if (c->headers.idempotency.n <= 200 && (c->headers.idempotency.n > 0 || !c->headers.idempotency.p))
        return true;
    reply_problem(c, 400, "idempotency-key", "Idempotency-Key is malformed", "It has from 1 to 200 bytes.");
    return refuse(c, REFUSED_MALFORMED);
}

static bool enter(struct call *c, const char *method, cordon_str path) {
    c->trace[0] = '\0';
    const bool routed = check_route(c, method, path);
    (void)MHD_get_connection_values_n(c->connection, MHD_HEADER_KIND, on_header, c);
    if (!check_framing(c))
        return false;
    if (!routed)
        return false;
    take_trace(c);
    if (atomic_load(&c->d->stopping)) {
        reply_closing(c);
        return false;
    }
    return check_key(c, c->begun) && check_role(c) && check_size(c) && check_type(c) &&
           check_deadline(c, c->begun) && check_idempotency(c);
}

bool guard_enter(struct call *c, const char *method, cordon_str path) {
    uint64_t n = 0;
    if (enter(c, method, path))
        return true;
    if (c->headers.length.p && (!parse_count(c->headers.length, &n) || n > DROPPED_BYTES))
        c->reply.close = true;
    return false;
}
