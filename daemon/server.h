/* SPDX-License-Identifier: Apache-2.0 */
/* server.h: the HTTP skin over libmicrohttpd. Start here, then routes.c, which lists every operation.
 *
 * Life of a request: libmicrohttpd's threads read it (server.c); route and caller are known before the body
 * is (guard.c); the body is gathered up to the route's limit; the handler runs. A handler that must wait (for
 * the journal) leaves with HANDLED_LATER: its thread serves others, and call_finish() of any thread wakes it.
 * A handler marked ROUTE_LONG runs on a thread of the long lane (lane.c) instead, where it may wait.
 *
 * Always true here:
 *  1. a reply is made by one thread at a time: whoever wins `state`;
 *  2. a connection's struct link lives until it is closed and the last pending answer came (counted);
 *  3. nothing that a stranger sends is logged, echoed into a header, or used as a label;
 *  4. no reply that carries a decision or data may be stored by a cache. */
#ifndef CORDOND_SERVER_H
#define CORDOND_SERVER_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/limits.h"
#include "config.h"
#include "guests.h"
#include "loop.h"
#include "metrics.h"
#include "service/service.h"

struct lane;
struct limits;
struct links;
struct streams;
struct witness;

struct daemon {
    _Atomic(const struct config *) config; /* see cfg() */
    struct config *configs[64];            /* those of earlier reloads, which a thread may still read */
    unsigned config_count;
    struct cdn_service *service;
    struct metrics metrics;
    struct loops *loops;
    struct guests *guests;
    struct lane *lane;
    struct limits *limits;
    struct streams *streams;
    struct witness *witness;
    struct links *links;
    uint16_t port;
    int64_t started;
    atomic_bool stopping;
};

/* The settings in force. A reload that changes some swaps the whole; what was read stays valid. */
static inline const struct config *cfg(const struct daemon *d) {
    return atomic_load_explicit(&d->config, memory_order_acquire);
}

/* ---- operations
 * ------------------------------------------------------------------------------------------------- */

#define DROPPED_BYTES                                                                                        \
    CDN_MIB(4) /* of a body that is refused: so much is read and dropped before the reply                    \
                */
enum { ROUTE_PARAMETERS = 4, CALL_HEADERS = 8, HEADER_TEXT = 512 };
enum {
    ROUTE_LONG = 1,   /* may take or wait long: on the lane */
    ROUTE_STREAM = 2, /* gets its body as it comes (stream.c) */
    ROUTE_OPEN = 4,   /* for everybody */
    ROUTE_LOCAL = 8,  /* without a key for callers on this machine, when public_metrics says so */
    ROUTE_TIMED = 16, /* the caller's deadline and answer_time hold */
    ROUTE_PROXY = 32  /* asked by proxies: any method, content type and body; the address header counts */
};

struct call;
enum handled {
    HANDLED,      /* the reply is made */
    HANDLED_LATER /* call_finish() will be called, or was */
};
typedef enum handled (*handler)(struct call *c);

struct route {
    const char *method, *pattern; /* "/v1/cases/{id}/release"; {rest*} at the end takes all that follows */
    const char *id;               /* operationId in docs/openapi.json, and the label of metrics */
    handler run;
    uint32_t roles; /* any of them; 0 with ROUTE_OPEN */
    uint32_t flags;
    size_t body;      /* most bytes; 0: none is read */
    int view, act;    /* of the service, for the handlers that only hand on */
    unsigned success; /* status of a success; 0: 200 */
};
extern const struct route routes[];
extern const size_t route_count;
const char *route_name(unsigned i);
/* Finds the route; NULL with *ret_allow empty: no such path; NULL with methods in *ret_allow: not this one.
 * Parameters are decoded into `storage`. CORDON_E_SYNTAX: a wrong escape. */
int route_find(const char *method,
               cordon_str path,
               const struct route **ret,
               cordon_str params[ROUTE_PARAMETERS],
               struct cdn_buf *storage,
               struct cdn_buf *ret_allow) CORDON_MUST_CHECK;

/* ---- one request
 * ------------------------------------------------------------------------------------------------- */

/* Bits of call.state; above them the number of the request on its connection, so that whoever comes late for
 * one cannot touch the next. */
enum { CALL_WON = 1, CALL_READY = 2, CALL_SUSPENDED = 4, CALL_PARKED = 8, CALL_NEXT = 16 };

struct reply {
    unsigned status;
    const char *type; /* of the content; static */
    struct cdn_buf body;
    struct cdn_service_reply *answer; /* instead of body: the service's bytes, given back when sent */
    const char *fixed;                /* instead of body: static text */
    size_t fixed_size;
    int fd; /* instead of body: sent and closed; -1: none */
    uint64_t fd_size;
    struct {
        const char *name;
        char value[HEADER_TEXT];
    } headers[CALL_HEADERS];
    unsigned header_count;
    bool close, cacheable;
};

struct call {
    struct daemon *d;
    struct link *link;
    struct MHD_Connection *connection;
    const struct route *route;
    cordon_str params[ROUTE_PARAMETERS];
    struct cdn_service_caller caller;
    bool has_key, local, head;
    struct cdn_buf uri, names, body; /* names: decoded parameters of the path */
    uint64_t body_seen;              /* bytes that came, also those that were not kept */
    uint64_t begun;                  /* monotonic ns: URI known */
    uint64_t whole;                  /* monotonic ns: the body was there */
    char trace[33], span[17], flags[3];
    struct call_headers {
        cordon_str authorization, type, length, encoding, idempotency, traceparent, timeout, address, refusal,
            accept;
        bool twice;                        /* one of them was there more than once */
    } headers;                             /* as libmicrohttpd holds them until the reply is queued */
    atomic_uint_least64_t state, deadline; /* deadline: monotonic ns, lowest bit: of the caller; 0: none */
    bool parked;                           /* counted with loop_waits(); of the connection's thread */
    bool refused; /* the reply was made before the handler: the rest of the body is discarded */
    bool entered, answered;
    bool admitted; /* counted in in_flight */
    struct stream *stream;
    struct reply reply;
};

/* A connection. */
struct link {
    struct daemon *d;
    struct link *next, *previous; /* of the registry */
    atomic_int holders;           /* the connection, and each pending answer */
    struct loop *loop;            /* whose connection it is */
    struct guest guest;
    int fd;
    bool loopback;
    atomic_uint_least64_t
        since; /* monotonic ns since when a whole request, or the end of a reply, is waited for */
    atomic_uint_least64_t patience; /* ns from then on; 0: as long as it takes */
    struct call call;
};

uint64_t mono_now(void); /* ns */

/* Any thread, once, after the handler left with HANDLED_LATER or before: the reply is made. `fill` runs only
 * when nobody gave up waiting, with the call to itself; false: somebody did. */
bool call_finish(struct call *c, void (*fill)(struct call *c, void *ctx), void *ctx);
/* Before HANDLED_LATER: somebody else will call call_finish(). */
void call_hold(struct call *c);
/* Counts a request among those in flight, before anything is done for it. False: cordond is stopping, and
 * nothing may be done for it any more; the reply that says so is made. */
bool call_admit(struct call *c);
/* The reply to what comes while cordond is stopping. */
void reply_closing(struct call *c);

/* This thread's workspace at the service; NULL: no memory. */
struct cdn_service_worker *server_worker(struct daemon *d, cordon_error *e);

int server_start(struct daemon *d, cordon_error *e) CORDON_MUST_CHECK;
/* No new connections; what is under way is answered; then everything ends. */
void server_stop(struct daemon *d);
/* After the service was closed, whose last answers may still have come for connections that were gone. */
void server_free(struct daemon *d);

/* ---- replies (reply.c)
 * --------------------------------------------------------------------------------------------- */

void reply_reset(struct reply *r);
void reply_header(struct reply *r, const char *name, const char *fmt, ...) CDN_PRINTF(3, 4);
/* A problem document. `code`: the last part of its type; `title`: the same for every case of it. */
void reply_problem(struct call *c, unsigned status, const char *code, const char *title, const char *fmt, ...)
    CDN_PRINTF(5, 6);
void reply_error(struct call *c, unsigned status, const char *code, const cordon_error *e);
void reply_refusal(struct call *c, unsigned refusal, const cordon_error *e); /* of the service */
enum MHD_Result reply_send(struct call *c);

/* ---- before the handler (guard.c)
 * ----------------------------------------------------------------------------------- */

/* Route, method, size, key, role, rate, trace, deadline. False: the reply is made. */
bool guard_enter(struct call *c, const char *method, cordon_str path);

/* ---- limits.c: token buckets
 * ----------------------------------------------------------------------------------------- */

struct limits *limits_new(void);
void limits_free(struct limits *l);
/* Takes a token from the key's bucket. False: *ret_wait seconds until there is one. `slot` as the service
 * numbers keys. */
bool limits_take(
    struct limits *l, uint32_t slot, uint64_t rate, uint64_t burst, uint64_t now_ns, uint64_t *ret_wait);

/* ---- lane.c: long work
 * ------------------------------------------------------------------------------------------------ */

struct lane *lane_new(struct daemon *d, unsigned threads);
void lane_free(struct lane *l);
bool lane_put(struct lane *l, struct call *c); /* false: full */

/* ---- stream.c: batches
 * ------------------------------------------------------------------------------------------------- */

struct streams *streams_new(struct daemon *d, cordon_error *e);
bool streams_busy(const struct streams *s);
void streams_free(struct streams *s); /* ends all that run; the server must still be there to close them */
/* The handler of a ROUTE_STREAM: at the start, for each piece (size > 0), at the end (size 0). */
enum MHD_Result stream_upload(struct call *c, const char *data, size_t *size);
void stream_close(struct call *c); /* the connection ended */

/* ---- reading what callers send (ask.c)
 * ---------------------------------------------------------------------------------- */

cordon_str call_argument(struct call *c, const char *name);

#endif
