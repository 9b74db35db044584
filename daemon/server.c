/* SPDX-License-Identifier: Apache-2.0 */
/* server.c: libmicrohttpd's callbacks: connections, requests, suspending and waking, and the watch over time.
 *
 *  1. Who makes a reply: the handler's thread at once, or whoever sets CALL_WON first (the finished work, or
 * the watch when time is up). The loser does nothing.
 *  2. A connection is woken by whoever finds both bits, SUSPENDED (or PARKED) and READY: the maker of the
 * reply, or the handler's thread when the reply was made before it could leave it.
 *  3. libmicrohttpd's own timeout ends idle connections only; it starts again with each byte. A sender of one
 * byte now and then is cut by the watch, which knows since when a whole request is waited for. */
#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

/* Headers fit half of the pool; libmicrohttpd clears all of it for each request. */
enum {
    POOL = 32 * 1024,
    POOL_STEP = 16 * 1024,
    TICK_NS = 20000000,
    REPLY_BYTES_A_SECOND = 65536,
    MUCH = 4096
};

struct links {
    pthread_mutex_t lock;
    struct link *first;
    pthread_t watch;
    bool watching;
    atomic_bool over;
    pthread_mutex_t workers_lock;
    struct cdn_service_worker **workers;
    size_t worker_count, worker_cap;
};

uint64_t mono_now(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

/* ---- this thread's workspace
 * ------------------------------------------------------------------------------------ */

static _Thread_local struct cdn_service_worker *own_worker;

struct cdn_service_worker *server_worker(struct daemon *d, cordon_error *e) {
    struct links *k = d->links;
    struct cdn_service_worker *w = NULL;
    if (own_worker)
        return own_worker;
    if (cdn_service_worker_new(d->service, &w, e))
        return NULL;
    (void)pthread_mutex_lock(&k->workers_lock);
    void *items = k->workers;
    const int err =
        cdn_grow(&cdn_alloc_libc, &items, &k->worker_cap, k->worker_count + 1, sizeof(*k->workers));
    k->workers = items;
    if (!err)
        k->workers[k->worker_count++] = w;
    (void)pthread_mutex_unlock(&k->workers_lock);
    if (err) {
        cdn_service_worker_free(w);
        (void)cdn_fail(e, CORDON_E_NOMEM, "no memory for a worker");
        return NULL;
    }
    own_worker = w;
    return w;
}

/* ---- connections
 * --------------------------------------------------------------------------------------------------- */

static void link_release(struct link *l) {
    if (atomic_fetch_sub(&l->holders, 1) != 1)
        return;
    struct call *c = &l->call;
    reply_reset(&c->reply);
    cdn_buf_free(&c->reply.body);
    cdn_buf_free(&c->uri);
    cdn_buf_free(&c->names);
    cdn_buf_free(&c->body);
    free(l);
}

static void link_wait(struct link *l, uint64_t patience_ns) {
    atomic_store(&l->patience, 0);
    atomic_store(&l->since, mono_now());
    atomic_store(&l->patience, patience_ns);
}

/* The connection that this thread is adding, until its struct link has taken it over. */
static _Thread_local struct arrival {
    struct guest guest;
    struct loop *loop;
    bool loopback;
} * arriving;

static struct link *link_open(struct daemon *d, struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct link *l = arriving ? calloc(1, sizeof(*l)) : NULL;
    if (!l)
        return NULL;
    l->d = d;
    l->fd = info ? info->connect_fd : -1;
    l->loop = arriving->loop;
    l->guest = arriving->guest;
    l->loopback = arriving->loopback;
    arriving = NULL;
    atomic_store(&l->holders, 1);
    l->call.d = d;
    l->call.link = l;
    l->call.connection = connection;
    l->call.reply.fd = -1;
    cdn_buf_init(&l->call.uri, &cdn_alloc_libc, POOL);
    cdn_buf_init(&l->call.names, &cdn_alloc_libc, POOL);
    cdn_buf_init(&l->call.body, &cdn_alloc_libc, CDN_MIB(64));
    cdn_buf_init(&l->call.reply.body, &cdn_alloc_libc, CDN_MIB(256));
    link_wait(l, cfg(d)->request_time * 1000000);
    struct links *k = d->links;
    (void)pthread_mutex_lock(&k->lock);
    l->next = k->first;
    if (k->first)
        k->first->previous = l;
    k->first = l;
    (void)pthread_mutex_unlock(&k->lock);
    (void)atomic_fetch_add(&d->metrics.connections, 1);
    return l;
}

static void link_close(struct link *l) {
    struct links *k = l->d->links;
    (void)pthread_mutex_lock(&k->lock);
    if (l->previous)
        l->previous->next = l->next;
    else
        k->first = l->next;
    if (l->next)
        l->next->previous = l->previous;
    (void)pthread_mutex_unlock(&k->lock);
    (void)atomic_fetch_sub(&l->d->metrics.connections, 1);
    guests_leave(l->d->guests, &l->guest);
    loop_left(l->loop);
    link_release(l);
}

static void on_accepted(void *cls,
                        struct loop *loop,
                        struct MHD_Daemon *mhd,
                        int fd,
                        const struct sockaddr *from,
                        socklen_t size) {
    struct daemon *d = cls;
    struct sockaddr_storage a = {0};
    struct arrival arrival = {.guest = guest_of(from), .loop = loop};
    uint64_t missed = 0;
    memcpy(&a, from, CDN_MIN((size_t)size, sizeof(a)));
    arrival.loopback = config_is_loopback(&a);
    if (!guests_enter(d->guests, &arrival.guest)) {
        (void)close(fd);
        loop_left(loop);
        metrics_refused(&d->metrics, REFUSED_CONNECTIONS);
        if (log_quiet(&missed))
            log_say(LOG_LEVEL_WARNING, "connections", "why", "the limit of connections is reached");
        return;
    }
    arriving = &arrival;
    (void)MHD_add_connection(mhd, fd, from, size); /* closes it when it fails */
    if (arriving) {
        guests_leave(d->guests, &arrival.guest);
        loop_left(loop);
    }
    arriving = NULL;
}

static void on_passed(void *cls) {
    struct daemon *d = cls;
    cdn_service_push(d->service);
}

static void on_exhausted(void *cls) {
    struct daemon *d = cls;
    uint64_t missed = 0;
    metrics_refused(&d->metrics, REFUSED_CONNECTIONS);
    if (log_quiet(&missed))
        log_say(LOG_LEVEL_WARNING, "connections", "why", "no descriptors or memory for another connection");
}

static void on_connection(void *cls,
                          struct MHD_Connection *connection,
                          void **socket_context,
                          enum MHD_ConnectionNotificationCode code) {
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *socket_context = link_open(cls, connection);
    } else if (*socket_context) {
        link_close(*socket_context);
        *socket_context = NULL;
    }
}

/* ---- requests
 * ---------------------------------------------------------------------------------------------------------
 */

/* A new request on the connection: everything of the one before is forgotten, its buffers are used again. */
static void *on_uri(void *cls, const char *uri, struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct link *l = info ? info->socket_context : NULL;
    (void)cls;
    if (!l)
        return NULL;
    struct call *c = &l->call;
    const uint64_t state = atomic_load(&c->state);
    reply_reset(&c->reply);
    cdn_buf_clear(&c->uri);
    cdn_buf_clear(&c->names);
    cdn_buf_clear(&c->body);
    c->route = NULL;
    c->caller = (struct cdn_service_caller){0};
    memset(c->params, 0, sizeof(c->params));
    c->headers = (struct call_headers){0};
    c->has_key = c->local = c->head = c->refused = c->entered = c->answered = c->admitted = c->parked = false;
    c->body_seen = 0;
    c->stream = NULL;
    c->begun = mono_now();
    c->whole = 0;
    atomic_store(&c->deadline, 0);
    atomic_store(&c->state, (state & ~(uint64_t)(CALL_NEXT - 1)) + CALL_NEXT);
    cdn_buf_z(&c->uri, uri);
    return c;
}

void call_hold(struct call *c) {
    (void)atomic_fetch_add(&c->link->holders, 1);
}

/* The counter first, then the look at `stopping`; server_stop does it the other way round. So either it sees
 * this request and waits, or this one sees it. */
bool call_admit(struct call *c) {
    (void)atomic_fetch_add(&c->d->metrics.in_flight, 1);
    c->admitted = !atomic_load(&c->d->stopping);
    if (!c->admitted) {
        (void)atomic_fetch_sub(&c->d->metrics.in_flight, 1);
        reply_closing(c);
    }
    return c->admitted;
}

/* The reply is there, and no longer the caller's. Who was parked may be gone already: only the loop is
 * touched. */
static void make_ready(struct call *c) {
    struct loop *loop = c->link->loop;
    const uint64_t was = atomic_fetch_or(&c->state, CALL_READY);
    if (was & CALL_SUSPENDED)
        loop_resume(loop, c->connection);
    else if (was & CALL_PARKED)
        loop_wake(loop);
}

bool call_finish(struct call *c, void (*fill)(struct call *c, void *ctx), void *ctx) {
    struct link *l = c->link;
    const bool won = !(atomic_fetch_or(&c->state, CALL_WON) & CALL_WON);
    if (won) {
        fill(c, ctx);
        make_ready(c);
    }
    link_release(l);
    return won;
}

static enum MHD_Result send_reply(struct call *c) {
    const uint64_t bytes = c->reply.answer    ? c->reply.answer->body.n
                           : c->reply.fd >= 0 ? c->reply.fd_size
                                              : c->reply.body.n;
    c->answered = true;
    link_wait(c->link, (cfg(c->d)->request_time + bytes * 1000 / REPLY_BYTES_A_SECOND) * 1000000);
    return reply_send(c);
}

/* What takes long is suspended: libmicrohttpd forgets the connection until it is resumed. What waits for the
 * next group of the journal is parked: asked for again in each pass, and all of a group are woken at once. A
 * parked connection's idle time runs on; where it is the shorter one, everything is suspended. */
static enum MHD_Result leave_waiting(struct call *c) {
    const struct config *config = cfg(c->d);
    if ((c->route->flags & ROUTE_LONG) || config->idle_time <= config->answer_time) {
        MHD_suspend_connection(c->connection);
        if (atomic_fetch_or(&c->state, CALL_SUSPENDED) & CALL_READY)
            loop_resume(c->link->loop, c->connection);
        return MHD_YES;
    }
    if (atomic_fetch_or(&c->state, CALL_PARKED) & CALL_READY)
        return send_reply(c);
    c->parked = true;
    loop_waits(c->link->loop, 1);
    return MHD_YES;
}

static void unpark(struct call *c) {
    if (c->parked)
        loop_waits(c->link->loop, -1);
    c->parked = false;
}

/* Asked for the reply again. */
static enum MHD_Result look_again(struct call *c) {
    if (!(atomic_load(&c->state) & CALL_READY))
        return c->parked ? MHD_YES : MHD_NO;
    unpark(c);
    loop_again(c->link->loop); /* it is sent in the next pass */
    return send_reply(c);
}

/* Runs the handler, or puts it on the lane; replies, or leaves the connection waiting. */
static enum MHD_Result run(struct call *c) {
    enum handled how = HANDLED;
    c->whole = mono_now();
    atomic_store(&c->link->patience, 0);
    if (!c->refused && !call_admit(c))
        return send_reply(c);
    if (!c->refused && (c->route->flags & ROUTE_LONG)) {
        call_hold(c);
        how = HANDLED_LATER;
        if (!lane_put(c->d->lane, c)) {
            (void)atomic_fetch_sub(&c->link->holders, 1);
            how = HANDLED;
            metrics_refused(&c->d->metrics, REFUSED_BUSY);
            reply_problem(c, 503, "busy", "Too much long work is waiting", "Try again in a few seconds.");
            reply_header(&c->reply, "Retry-After", "5");
        }
    } else if (!c->refused) {
        how = c->route->run(c);
    }
    return how == HANDLED || (atomic_load(&c->state) & CALL_READY) ? send_reply(c) : leave_waiting(c);
}

static enum MHD_Result take_body(struct call *c, const char *data, size_t *size) {
    const size_t most = c->route ? c->route->body : 0;
    c->body_seen += *size;
    if (!c->refused && c->body_seen > CDN_MIN(most, (size_t)cfg(c->d)->request_size) && c->body_seen > most) {
        metrics_refused(&c->d->metrics, REFUSED_SIZE);
        reply_problem(c, 413, "too-large", "The body is too large", "At most %zu bytes are read here.", most);
        c->reply.close = c->refused = true;
    }
    if (c->refused) {
        /* A reply cannot be sent before the body came to its end. What is a little too much is read and
         * dropped, so that the caller gets the reason; what is far too much is cut. */
        if (c->body_seen > DROPPED_BYTES)
            return MHD_NO;
    } else {
        cdn_buf_put(&c->body, data, *size);
    }
    if (*size >= MUCH)
        loop_again(c->link->loop); /* there may be more in the socket's buffer */
    *size = 0;
    return MHD_YES;
}

static enum MHD_Result on_request(void *cls,
                                  struct MHD_Connection *connection,
                                  const char *url,
                                  const char *method,
                                  const char *version,
                                  const char *upload_data,
                                  size_t *upload_data_size,
                                  void **con_cls) {
    struct call *c = *con_cls;
    (void)cls;
    (void)connection;
    (void)url;
    (void)version;
    if (!c)
        return MHD_NO;
    if (!c->entered) {
        cordon_str query = {0};
        const cordon_str path = cdn_str_split(cdn_buf_get(&c->uri), '?', &query);
        c->entered = true;
        c->refused = !guard_enter(c, method, path);
        return c->refused && c->reply.close ? (c->whole = mono_now(), send_reply(c)) : MHD_YES;
    }
    if (!c->refused && (c->route->flags & ROUTE_STREAM))
        return stream_upload(c, upload_data, upload_data_size);
    if (*upload_data_size > 0)
        return take_body(c, upload_data, upload_data_size);
    if (!c->whole && c->body.err) {
        reply_problem(c, 503, "memory", "No memory", "The request could not be read.");
        c->refused = true;
    }
    return c->whole ? look_again(c) : run(c);
}

static void log_request(struct call *c, uint64_t us) {
    struct log_line l;
    uint64_t missed = 0;
    const bool bad = c->reply.status >= 400;
    if (!cfg(c->d)->log_requests && (!bad || !log_quiet(&missed)))
        return;
    log_begin(&l, bad ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, bad ? "refused" : "request");
    log_text(&l, "route", cdn_str_z(c->route ? c->route->id : "none"));
    log_number(&l, "status", c->reply.status);
    log_number(&l, "us", (int64_t)us);
    if (c->has_key)
        log_text(&l, "key", c->caller.key);
    if (c->trace[0])
        log_text(&l, "trace", cdn_str_z(c->trace));
    if (missed > 0)
        log_number(&l, "not_logged_before", (int64_t)missed);
    log_end(&l);
}

/* A parked connection that went away: the answer that may still come is nobody's. One that is being made at
 * this moment looks at headers that go with the connection, so it is waited for. */
static void give_up(struct call *c) {
    const uint64_t was = atomic_fetch_or(&c->state, CALL_WON);
    if ((was & (CALL_PARKED | CALL_WON | CALL_READY)) != (CALL_PARKED | CALL_WON))
        return;
    while (!(atomic_load(&c->state) & CALL_READY))
        (void)sched_yield();
}

static void on_completed(void *cls,
                         struct MHD_Connection *connection,
                         void **con_cls,
                         enum MHD_RequestTerminationCode how) {
    struct daemon *d = cls;
    struct call *c = *con_cls;
    (void)connection;
    (void)how;
    if (!c)
        return;
    *con_cls = NULL;
    unpark(c);
    give_up(c);
    const bool streamed = c->stream != NULL;
    if (streamed)
        stream_close(c);
    if (c->answered || streamed) {
        const uint64_t us = (mono_now() - (c->whole ? c->whole : c->begun)) / 1000;
        metrics_request(
            &d->metrics, c->route ? (unsigned)(c->route - routes) : METRIC_ROUTES, c->reply.status, us);
        log_request(c, us);
    }
    if (c->admitted)
        (void)atomic_fetch_sub(&d->metrics.in_flight, 1);
    c->admitted = false;
    c->whole = 0;
    c->stream = NULL;
    reply_reset(&c->reply);
    link_wait(c->link, (cfg(d)->idle_time + cfg(d)->request_time) * 1000000);
}

/* ---- the watch
 * ---------------------------------------------------------------------------------------------------------
 */

static void expire(struct call *c, uint64_t state, bool callers) {
    if (!atomic_compare_exchange_strong(&c->state, &state, state | CALL_WON))
        return;
    metrics_refused(&c->d->metrics, REFUSED_LATE);
    if (callers)
        reply_problem(c,
                      504,
                      "late",
                      "The deadline passed",
                      "There was no answer within the time that the caller gave.");
    else
        reply_problem(c,
                      503,
                      "late",
                      "No answer in time",
                      "The decision could not be made durable in time: not allowed.");
    c->reply.close = true; /* the answer may still come, for this request and no other */
    make_ready(c);
}

static void look_at(struct link *l, uint64_t now) {
    struct call *c = &l->call;
    const uint64_t state = atomic_load(&c->state);
    const uint64_t deadline = atomic_load(&c->deadline);
    const uint64_t patience = atomic_load(&l->patience);
    const uint64_t since = atomic_load(&l->since);
    if ((state & (CALL_SUSPENDED | CALL_PARKED)) && !(state & CALL_WON) && deadline && now > deadline)
        expire(c, state, deadline & 1);
    if (patience && now > since && now - since > patience && l->fd >= 0) {
        atomic_store(&l->patience, 0);
        metrics_refused(&l->d->metrics, REFUSED_SLOW);
        uint64_t missed = 0;
        if (log_quiet(&missed))
            log_say(LOG_LEVEL_WARNING, "cut", "why", "a request or a reply took too long");
        (void)shutdown(
            l->fd, SHUT_RDWR); /* libmicrohttpd finds it closed; it closes the descriptor after link_close */
    }
}

static void *watch(void *arg) {
    struct daemon *d = arg;
    struct links *k = d->links;
    const struct timespec tick = {.tv_nsec = TICK_NS};
    while (!atomic_load(&k->over)) {
        (void)nanosleep(&tick, NULL);
        const uint64_t now = mono_now();
        (void)pthread_mutex_lock(&k->lock);
        for (struct link *l = k->first; l; l = l->next)
            look_at(l, now);
        (void)pthread_mutex_unlock(&k->lock);
    }
    return NULL;
}

/* ---- start and stop
 * ----------------------------------------------------------------------------------------------------- */

/* libmicrohttpd answers what is not HTTP by itself and tells only here. */
static void on_mhd_log(void *cls, const char *fmt, va_list ap) {
    struct daemon *d = cls;
    uint64_t missed = 0;
    if (strncmp(fmt, "Error processing request", 24) == 0) {
        const unsigned status = va_arg(ap, unsigned);
        metrics_refused(&d->metrics,
                        status == 413 || status == 431 || status == 414 ? REFUSED_SIZE : REFUSED_MALFORMED);
        if (log_quiet(&missed))
            log_say(LOG_LEVEL_WARNING, "malformed", "why", "not a valid HTTP request");
    } else if (strstr(fmt, "connection limit") || strstr(fmt, "Server reached")) {
        metrics_refused(&d->metrics, REFUSED_CONNECTIONS);
        if (log_quiet(&missed))
            log_say(LOG_LEVEL_WARNING, "connections", "why", "the limit of connections is reached");
    }
}

static int read_file(const char *path, char **ret, cordon_error *e) {
    FILE *f = fopen(path, "rbe");
    char *text = NULL;
    size_t n = 0;
    if (f) {
        text = malloc(CDN_MIB(1));
        n = text ? fread(text, 1, CDN_MIB(1) - 1, f) : 0;
        (void)fclose(f);
    }
    if (!text || n == 0) {
        free(text);
        (void)cdn_fail(e, CORDON_E_IO, "cannot be read");
        cdn_error_where(e, cdn_str_z(path), 0, 0);
        return CORDON_E_IO;
    }
    text[n] = '\0';
    *ret = text;
    return 0;
}

static int links_open(struct daemon *d) {
    struct links *k = calloc(1, sizeof(*k));
    if (!k)
        return CORDON_E_NOMEM;
    (void)pthread_mutex_init(&k->lock, NULL);
    (void)pthread_mutex_init(&k->workers_lock, NULL);
    d->links = k;
    k->watching = pthread_create(&k->watch, NULL, watch, d) == 0;
    return k->watching ? 0 : CORDON_E_NOMEM;
}

static void links_close(struct daemon *d) {
    struct links *k = d->links;
    if (!k)
        return;
    atomic_store(&k->over, true);
    if (k->watching)
        (void)pthread_join(k->watch, NULL);
    for (size_t i = 0; i < k->worker_count; i++)
        cdn_service_worker_free(k->workers[i]);
    cdn_free(&cdn_alloc_libc, k->workers, k->worker_cap * sizeof(*k->workers));
    (void)pthread_mutex_destroy(&k->lock);
    (void)pthread_mutex_destroy(&k->workers_lock);
    free(k);
    d->links = NULL;
}

static unsigned threads_of(const struct config *c) {
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    return c->threads ? (unsigned)c->threads : online > 0 && online < 256 ? (unsigned)online : 2;
}

struct making {
    struct daemon *d;
    char *certificate, *key;
};

/* Connections are counted by guests.c: each of these daemons could have all of them. */
static struct MHD_Daemon *make_daemon(void *ctx, unsigned flags) {
    struct making *m = ctx;
    struct daemon *d = m->d;
    const struct config *c = cfg(d);
    const struct MHD_OptionItem options[] = {
        {MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)on_mhd_log, d},
        {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)c->connections + 1, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)(c->idle_time / 1000), NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, POOL, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_INCREMENT, POOL_STEP, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {m->certificate ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0, m->certificate},
        {m->certificate ? MHD_OPTION_HTTPS_MEM_KEY : MHD_OPTION_END, 0, m->key},
        {MHD_OPTION_END, 0, NULL}};
    return MHD_start_daemon(flags | MHD_USE_ERROR_LOG | (m->certificate ? (unsigned)MHD_USE_TLS : 0),
                            0,
                            NULL,
                            NULL,
                            on_request,
                            d,
                            MHD_OPTION_NOTIFY_CONNECTION,
                            on_connection,
                            d,
                            MHD_OPTION_NOTIFY_COMPLETED,
                            on_completed,
                            d,
                            MHD_OPTION_URI_LOG_CALLBACK,
                            on_uri,
                            d,
                            MHD_OPTION_ARRAY,
                            options,
                            MHD_OPTION_END);
}

static int listen_here(
    struct daemon *d, const struct sockaddr_storage *a, char *certificate, char *key, cordon_error *e) {
    struct making making = {.d = d, .certificate = certificate, .key = key};
    const struct loops_plan plan = {.threads = threads_of(cfg(d)),
                                    .address = (const struct sockaddr *)a,
                                    .make = make_daemon,
                                    .make_ctx = &making,
                                    .add = on_accepted,
                                    .passed = on_passed,
                                    .exhausted = on_exhausted,
                                    .ctx = d};
    const int err = loops_start(&plan, &d->loops);
    if (!err)
        return 0;
    (void)cdn_fail(e, CORDON_E_IO, "cannot listen on %s: %s", cfg(d)->listen, strerror(-err));
    cdn_error_hint(e, "is another cordond running? see `ss -ltnp`; or choose another `listen`");
    return CORDON_E_IO;
}

int server_start(struct daemon *d, cordon_error *e) {
    struct sockaddr_storage a;
    char *certificate = NULL;
    char *key = NULL;
    int err = config_address(cfg(d)->listen, &a, e);
    if (!err && cfg(d)->tls_certificate[0])
        err = read_file(cfg(d)->tls_certificate, &certificate, e);
    if (!err && certificate)
        err = read_file(cfg(d)->tls_key, &key, e);
    if (!err) {
        err = links_open(d);
        d->limits = limits_new();
        d->lane = lane_new(d, 2);
        d->guests = guests_new((uint32_t)cfg(d)->connections, (uint32_t)cfg(d)->connections_per_address);
        if (err || !d->limits || !d->lane || !d->guests)
            err = cdn_fail(e, CORDON_E_NOMEM, "no memory or threads for the server");
    }
    if (!err) {
        d->streams = streams_new(d, e);
        err = d->streams ? listen_here(d, &a, certificate, key, e) : e->code;
    }
    if (key)
        explicit_bzero(key, strlen(key));
    free(key);
    free(certificate);
    if (!err)
        d->port = loops_port(d->loops);
    else
        server_stop(d);
    return err;
}

void server_stop(struct daemon *d) {
    const struct timespec tick = {.tv_nsec = 10000000};
    atomic_store(&d->stopping, true);
    if (d->loops) {
        loops_shut(d->loops);
        const uint64_t until = mono_now() + (cfg(d)->answer_time + cfg(d)->request_time) * 1000000;
        while ((atomic_load(&d->metrics.in_flight) > 0 || streams_busy(d->streams)) && mono_now() < until)
            (void)nanosleep(&tick, NULL);
    }
    /* Both finish what they have, and wake its connections: libmicrohttpd must not be stopped while one is
     * suspended. */
    streams_free(d->streams);
    d->streams = NULL;
    lane_free(d->lane);
    d->lane = NULL;
    if (d->loops)
        loops_stop(d->loops);
    links_close(d);
    limits_free(d->limits);
    d->limits = NULL;
    guests_free(d->guests);
    d->guests = NULL;
}

void server_free(struct daemon *d) {
    loops_free(d->loops);
    d->loops = NULL;
}
