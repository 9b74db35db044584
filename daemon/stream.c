/* SPDX-License-Identifier: Apache-2.0 */
/* stream.c: batches: JSON Lines in and answers out at the same time, on one connection, with bounded memory.
 *
 * libmicrohttpd sends a reply only after the whole body came. A batch must not be held in memory or on disk
 * until then, so its reply is written to the socket here, while libmicrohttpd goes on reading (and undoing
 * the chunks of) the body. One thread, the pump, writes for all batches: it takes finished answers from the
 * service as long as the socket takes them.
 *
 *  1. Reading: the connection's thread feeds what came to the service; when that is full the connection is
 * suspended, and so the client's sending stops, until the pump has made room.
 *  2. Writing: only the pump writes to the socket; libmicrohttpd writes nothing there, because no reply is
 * queued.
 *  3. Over TLS the socket cannot be written past the library: answers go to an unlinked file in the data
 * folder, which is sent when the body came to its end.
 *  4. A batch ends when all was answered and sent; when the client goes away; when nothing moved for
 * request_time, or it took batch_time. What was decided is in the journal in each case. The connection is
 * closed after it. The last chunk (0) is sent only when every line was answered: a reply that was cut is seen
 * to be.
 *  5. `holds` counts who may still touch the stream: the connection, the pump, and none else (the service's
 * notify comes before cdn_service_batch_free returns). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "server.h"

enum { PIECE = 64 * 1024, FRAME = 16, EVENTS = 64, TICK_MS = 500 };

static const char head_text[] =
    "HTTP/1.1 200 OK\r\nContent-Type: application/jsonl\r\nCache-Control: no-store\r\n"
    "Transfer-Encoding: chunked\r\nConnection: close\r\n";

struct stream {
    struct streams *all;
    struct call *call; /* valid while `attached` */
    struct cdn_service_batch *batch;
    struct stream *next;  /* in the list of the pump */
    struct stream *awake; /* in the stack of those that were told of something */
    atomic_bool told;     /* stands in that stack */
    atomic_int holds;
    int fd, spool; /* spool: -1, or the file of rule 3 */
    bool tls, watched;
    uint64_t began, moved, spooled;
    char *out; /* chunk being sent: FRAME bytes of room, PIECE, 2 */
    size_t out_from, out_to;
    bool head_sent, last_made, over, failed;
    pthread_mutex_t lock; /* of what follows: connection's thread and pump */
    bool attached, suspended, ended, done;
};

struct streams {
    struct daemon *d;
    int epoll, wake;
    pthread_t pump;
    bool running;
    atomic_bool over;
    atomic_int count;
    _Atomic(struct stream *) awake;
    _Atomic(struct stream *) fresh; /* stack of new ones */
    struct stream *first;           /* pump only */
};

static void wake(struct streams *s) {
    const uint64_t one = 1;
    const ssize_t n = write(s->wake, &one, sizeof(one));
    (void)n; /* full: it is awake */
}

/* The service's notify, or the connection's thread: something changed. */
static void tell(void *ctx) {
    struct stream *t = ctx;
    if (atomic_exchange(&t->told, true))
        return;
    (void)atomic_fetch_add(&t->holds, 1);
    struct stream *top = atomic_load(&t->all->awake);
    do {
        t->awake = top;
    } while (!atomic_compare_exchange_weak(&t->all->awake, &top, t));
    if (!top)
        wake(t->all);
}

static void release(struct stream *t) {
    if (atomic_fetch_sub(&t->holds, 1) != 1)
        return;
    if (t->spool >= 0)
        (void)close(t->spool);
    (void)pthread_mutex_destroy(&t->lock);
    free(t->out);
    free(t);
}

/* ---- the connection's side
 * --------------------------------------------------------------------------------------------- */

static enum MHD_Result refuse(struct call *c, unsigned status, const char *code, const cordon_error *e) {
    reply_error(c, status, code, e);
    c->refused = true;
    return MHD_YES;
}

static struct stream *stream_new(struct call *c, cordon_error *e) {
    struct stream *t = calloc(1, sizeof(*t));
    const bool tls = cfg(c->d)->tls_certificate[0] != '\0';
    if (!t || !(t->out = malloc(FRAME + PIECE + 2))) {
        free(t);
        (void)cdn_fail(e, CORDON_E_NOMEM, "no memory for a batch");
        return NULL;
    }
    t->all = c->d->streams;
    t->call = c;
    t->fd = c->link->fd;
    t->spool = tls ? open(cfg(c->d)->data, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : -1;
    t->tls = tls;
    t->attached = true;
    t->began = t->moved = mono_now();
    atomic_store(&t->holds, 2); /* connection, pump */
    (void)pthread_mutex_init(&t->lock, NULL);
    const struct cdn_service_ask ask = {
        .caller = c->caller, .idempotency = c->headers.idempotency, .trace = cdn_str_z(c->trace)};
    if ((tls && t->spool < 0) || cdn_service_batch_open(c->d->service, &ask, tell, t, &t->batch, e)) {
        if (tls && t->spool < 0)
            (void)cdn_fail(e, CORDON_E_IO, "no file for the answers of a batch");
        atomic_store(&t->holds, 1);
        release(t);
        return NULL;
    }
    return t;
}

static enum MHD_Result begin(struct call *c) {
    cordon_error e = {0};
    struct streams *s = c->d->streams;
    if (!call_admit(c))
        return MHD_YES;
    struct stream *t = stream_new(c, &e);
    if (!t)
        return refuse(c, 503, "batch", &e);
    c->stream = t;
    (void)atomic_fetch_add(&s->count, 1);
    atomic_store(&c->link->patience, 0); /* the pump watches it from here */
    struct stream *top = atomic_load(&s->fresh);
    do {
        t->next = top;
    } while (!atomic_compare_exchange_weak(&s->fresh, &top, t));
    tell(t);
    return MHD_YES;
}

/* Leaves the connection suspended unless the pump was faster. */
static void pause_reading(struct stream *t, struct call *c) {
    (void)pthread_mutex_lock(&t->lock);
    if (!t->done && !t->suspended) {
        MHD_suspend_connection(c->connection);
        t->suspended = true;
    }
    (void)pthread_mutex_unlock(&t->lock);
    tell(t);
}

static enum MHD_Result finish_upload(struct call *c, struct stream *t) {
    (void)pthread_mutex_lock(&t->lock);
    const bool first = !t->ended;
    const bool done = t->done;
    const bool failed = t->failed;
    t->ended = true;
    (void)pthread_mutex_unlock(&t->lock);
    if (first)
        cdn_service_batch_end(t->batch);
    if (!done) {
        pause_reading(t, c);
        return MHD_YES;
    }
    c->reply.status = failed ? 599 : 200;
    if (!t->tls || failed)
        return MHD_NO; /* everything was sent: libmicrohttpd closes the connection */
    c->reply.type = "application/jsonl";
    c->reply.fd = t->spool;
    c->reply.fd_size = t->spooled;
    t->spool = -1;
    c->answered = true;
    return reply_send(c);
}

enum MHD_Result stream_upload(struct call *c, const char *data, size_t *size) {
    struct stream *t = c->stream;
    if (!t) {
        const enum MHD_Result begun = begin(c);
        if (c->refused || begun != MHD_YES) {
            *size = 0;
            return begun;
        }
        t = c->stream;
    }
    if (*size == 0)
        return finish_upload(c, t);
    (void)pthread_mutex_lock(&t->lock);
    const bool done = t->done;
    (void)pthread_mutex_unlock(&t->lock);
    if (done)
        return MHD_NO; /* the client went away, or time was up */
    const size_t taken = cdn_service_batch_feed(t->batch, data, *size);
    (void)atomic_fetch_add_explicit(&c->d->metrics.batch_bytes_in, taken, memory_order_relaxed);
    *size -= taken;
    if (*size > 0)
        pause_reading(t, c);
    return MHD_YES;
}

void stream_close(struct call *c) {
    struct stream *t = c->stream;
    (void)pthread_mutex_lock(&t->lock);
    t->attached = false;
    t->fd = -1;
    (void)pthread_mutex_unlock(&t->lock);
    c->stream = NULL;
    tell(t);
    release(t);
}

/* ---- the pump
 * -----------------------------------------------------------------------------------------------------------
 */

/* Puts the next piece into `out`: the head, a chunk, or the last one. False: there is nothing yet. */
static bool next_piece(struct stream *t) {
    if (!t->head_sent) {
        const int n = snprintf(t->out,
                               FRAME + PIECE,
                               "%straceparent: 00-%s-%s-%s\r\n\r\n",
                               head_text,
                               t->call->trace,
                               t->call->span,
                               t->call->flags);
        t->head_sent = true;
        t->out_from = 0;
        t->out_to = n > 0 ? (size_t)n : 0;
        return true;
    }
    if (t->over) {
        if (t->last_made)
            return false;
        memcpy(t->out, "0\r\n\r\n", 5);
        t->out_from = 0;
        t->out_to = 5;
        t->last_made = true;
        return true;
    }
    const size_t n = cdn_service_batch_take(t->batch, t->out + FRAME, PIECE, &t->over);
    if (n == 0)
        return t->over && next_piece(t);
    char frame[FRAME + 1];
    const int length = snprintf(frame, sizeof(frame), "%zx\r\n", n);
    t->out_from = FRAME - (size_t)length;
    memcpy(t->out + t->out_from, frame, (size_t)length);
    memcpy(t->out + FRAME + n, "\r\n", 2);
    t->out_to = FRAME + n + 2;
    return true;
}

/* Sends what the socket takes. */
static void send_some(struct stream *t) {
    while (!t->failed && (t->out_from < t->out_to || next_piece(t))) {
        const ssize_t n =
            send(t->fd, t->out + t->out_from, t->out_to - t->out_from, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN))
            return;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            t->failed = true;
            return;
        }
        t->out_from += (size_t)n;
        t->moved = mono_now();
        (void)atomic_fetch_add_explicit(
            &t->all->d->metrics.batch_bytes_out, (uint64_t)n, memory_order_relaxed);
    }
}

static void spool_some(struct stream *t) {
    while (!t->failed && !t->over) {
        const size_t n = cdn_service_batch_take(t->batch, t->out, PIECE, &t->over);
        if (n == 0)
            break;
        t->failed = write(t->spool, t->out, n) != (ssize_t)n;
        t->spooled += n;
        t->moved = mono_now();
    }
    t->last_made = t->over;
}

static void count_lines(struct stream *t) {
    struct cdn_service_batch_count n = {0};
    cdn_service_batch_count(t->batch, &n);
    (void)atomic_fetch_add_explicit(
        &t->all->d->metrics.batch_lines, n.answered + n.refused, memory_order_relaxed);
}

static bool too_slow(const struct stream *t, uint64_t now) {
    const struct config *c = cfg(t->all->d);
    return now - t->began > c->batch_time * 1000000 || now - t->moved > c->request_time * 1000000;
}

/* Everything that can be done for the stream now, under its lock. True: it is over, and its connection
 * closed, so that nobody feeds it any more. */
static bool work_on(struct stream *t) {
    if (!t->attached)
        t->failed = true;
    if (!t->failed && !t->done && t->tls)
        spool_some(t);
    else if (!t->failed && !t->done)
        send_some(t);
    if (!t->failed && !t->done && (too_slow(t, mono_now()) || atomic_load(&t->all->over))) {
        t->failed = true;
        metrics_refused(&t->all->d->metrics, REFUSED_SLOW);
        if (t->fd >= 0)
            (void)shutdown(t->fd, SHUT_RDWR);
    }
    t->done = t->failed || (t->last_made && t->out_from == t->out_to);
    if (t->attached && t->suspended) {
        t->suspended = false;
        loop_resume(t->call->link->loop, t->call->connection);
    }
    return t->done && !t->attached;
}

static void watch_socket(struct stream *t) {
    struct epoll_event ev = {.events = EPOLLOUT | EPOLLET | EPOLLRDHUP, .data.ptr = t};
    if (!t->watched && !t->tls && t->fd >= 0)
        t->watched = epoll_ctl(t->all->epoll, EPOLL_CTL_ADD, t->fd, &ev) == 0;
}

static void drop(struct streams *s, struct stream *t) {
    for (struct stream **p = &s->first; *p; p = &(*p)->next) {
        if (*p == t) {
            *p = t->next;
            break;
        }
    }
    if (t->watched && t->fd >= 0)
        (void)epoll_ctl(s->epoll, EPOLL_CTL_DEL, t->fd, NULL);
    t->watched = false;
}

/* One stream, once. The pump's hold ends with the stream. */
static void serve(struct streams *s, struct stream *t, bool broken) {
    bool known = false;
    for (struct stream *p = s->first; p && !known; p = p->next)
        known = p == t;
    if (!known)
        return;
    (void)pthread_mutex_lock(&t->lock);
    t->failed = t->failed || broken;
    watch_socket(t);
    const bool over = work_on(t);
    if (over) {
        drop(s, t);
        count_lines(t);
    }
    (void)pthread_mutex_unlock(&t->lock);
    if (over) {
        cdn_service_batch_free(t->batch);
        (void)atomic_fetch_sub(&s->count, 1);
        release(t);
    }
}

static void take_fresh(struct streams *s) {
    struct stream *t = atomic_exchange(&s->fresh, NULL);
    while (t) {
        struct stream *next = t->next;
        t->next = s->first;
        s->first = t;
        t = next;
    }
}

static void serve_told(struct streams *s) {
    struct stream *t = atomic_exchange(&s->awake, NULL);
    take_fresh(s);
    while (t) {
        struct stream *next = t->awake;
        atomic_store(&t->told, false);
        serve(s, t, false);
        release(t);
        t = next;
    }
}

static void *pump(void *arg) {
    struct streams *s = arg;
    struct epoll_event events[EVENTS];
    uint64_t last = mono_now();
    while (!atomic_load(&s->over) || s->first) {
        const int n = epoll_wait(s->epoll, events, EVENTS, TICK_MS);
        for (int i = 0; i < n; i++) {
            uint64_t count = 0;
            if (events[i].data.ptr)
                serve(s, events[i].data.ptr, events[i].events & (EPOLLHUP | EPOLLERR));
            else if (read(s->wake, &count, sizeof(count)) < 0)
                continue;
        }
        serve_told(s);
        if (mono_now() - last > TICK_MS * UINT64_C(1000000)) {
            last = mono_now();
            for (struct stream *t = s->first, *next = NULL; t; t = next) {
                next = t->next;
                serve(s, t, false);
            }
        }
    }
    return NULL;
}

/* ---- start and stop
 * ------------------------------------------------------------------------------------------------------- */

struct streams *streams_new(struct daemon *d, cordon_error *e) {
    struct streams *s = calloc(1, sizeof(*s));
    struct epoll_event ev = {.events = EPOLLIN};
    if (!s) {
        (void)cdn_fail(e, CORDON_E_NOMEM, "no memory for batches");
        return NULL;
    }
    s->d = d;
    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    s->running = s->epoll >= 0 && s->wake >= 0 && epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->wake, &ev) == 0 &&
                 pthread_create(&s->pump, NULL, pump, s) == 0;
    if (!s->running) {
        streams_free(s);
        (void)cdn_fail(e, CORDON_E_IO, "the thread of batches could not be started");
        return NULL;
    }
    return s;
}

bool streams_busy(const struct streams *s) {
    return atomic_load(&s->count) > 0;
}

void streams_free(struct streams *s) {
    if (!s)
        return;
    atomic_store(&s->over, true);
    if (s->running) {
        wake(s);
        (void)pthread_join(s->pump, NULL);
    }
    if (s->wake >= 0)
        (void)close(s->wake);
    if (s->epoll >= 0)
        (void)close(s->epoll);
    free(s);
}
