/* SPDX-License-Identifier: Apache-2.0 */
/* loop.c: accept, pass, sleep, for each loop.
 *
 * A pass (MHD_run) lets libmicrohttpd read and send what can be, and asks again for the reply of every
 * request that has none yet. While such requests wait, libmicrohttpd always has something to do in its own
 * eyes, so MHD_get_timeout() says 0; the loop then sleeps nevertheless: until loop_wake(), a socket, or
 * TICK_MS, whichever is first. So what else libmicrohttpd may have had in mind is late by a tick at the most.
 *
 *  1. No wake-up is lost: the loop says that it sleeps before it looks for news a last time; who has news
 * tells them before it looks whether the loop sleeps.
 *  2. A connection is given to the loop with fewest, unless the one that accepted it has hardly more: short
 *     connections are not worth a wake-up each. */
#include "loop.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    TICK_MS = 1,
    PAUSE_MS = 50,
    ACCEPTS = 16,
    PASSES = 64,
    SKIPS = 8,
    BACKLOG = 1024,
    SLACK = 1,
    EVENTS = 4
};

/* An accepted connection on its way to its loop. */
struct coming {
    struct coming *next;
    int fd;
    socklen_t size;
    struct sockaddr_storage from;
};

struct loop {
    struct loops *all;
    struct MHD_Daemon *mhd;
    pthread_t thread;
    int epoll, wake;
    int waiting;    /* requests that have no reply yet */
    unsigned skips; /* since it last looked at its descriptors */
    bool running, listening, again, later, paused;
    _Atomic(struct coming *) coming;
    atomic_uint count; /* connections, also those on their way */
    _Alignas(64) atomic_bool asleep;
    atomic_bool news;
};

struct loops {
    struct loops_plan plan;
    int socket;
    uint16_t port;
    unsigned count;
    atomic_bool shut, over;
    atomic_uint listening;
    struct loop *items;
};

static _Thread_local struct loop *here;

struct loop *loop_here(void) {
    return here;
}

void loop_left(struct loop *l) {
    (void)atomic_fetch_sub_explicit(&l->count, 1, memory_order_relaxed);
}

void loop_waits(struct loop *l, int by) {
    l->waiting += by;
}

void loop_again(struct loop *l) {
    l->again = true;
}

void loop_later(struct loop *l) {
    l->later = true;
}

void loop_wake(struct loop *l) {
    const uint64_t one = 1;
    atomic_store(&l->news, true);
    if (atomic_load(&l->asleep) && atomic_exchange(&l->asleep, false)) {
        const ssize_t n = write(l->wake, &one, sizeof(one));
        (void)n; /* full: it is awake */
    }
}

void loop_resume(struct loop *l, struct MHD_Connection *connection) {
    MHD_resume_connection(connection);
    loop_wake(l);
}

/* ---- coming in
 * --------------------------------------------------------------------------------------------------- */

static struct loop *choose(struct loop *own) {
    struct loop *best = own;
    unsigned least = atomic_load_explicit(&own->count, memory_order_relaxed);
    least = least > SLACK ? least - SLACK : 0;
    for (unsigned i = 0; i < own->all->count; i++) {
        struct loop *l = &own->all->items[i];
        const unsigned n = atomic_load_explicit(&l->count, memory_order_relaxed);
        if (n < least) {
            least = n;
            best = l;
        }
    }
    return best;
}

/* Without memory the loop that accepted it keeps it. */
static bool hand_over(struct loop *to, int fd, const struct sockaddr_storage *from, socklen_t size) {
    struct coming *c = malloc(sizeof(*c));
    if (!c)
        return false;
    c->fd = fd;
    c->size = size;
    c->from = *from;
    (void)atomic_fetch_add_explicit(&to->count, 1, memory_order_relaxed);
    c->next = atomic_load(&to->coming);
    while (!atomic_compare_exchange_weak(&to->coming, &c->next, c)) {
    }
    loop_wake(to);
    return true;
}

static void take_coming(struct loop *l) {
    const struct loops_plan *plan = &l->all->plan;
    struct coming *c =
        atomic_load_explicit(&l->coming, memory_order_relaxed) ? atomic_exchange(&l->coming, NULL) : NULL;
    while (c) {
        struct coming *next = c->next;
        plan->add(plan->ctx, l, l->mhd, c->fd, (const struct sockaddr *)&c->from, c->size);
        free(c);
        c = next;
    }
}

static bool watch_socket(struct loop *l) {
    struct epoll_event ev = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.ptr = &l->all->socket};
    l->listening = epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->all->socket, &ev) == 0;
    return l->listening;
}

static void leave_socket(struct loop *l) {
    if (l->listening)
        (void)epoll_ctl(l->epoll, EPOLL_CTL_DEL, l->all->socket, NULL);
    l->listening = false;
}

/* What waits at the socket, `most` at a time. False: there is no more. */
static bool accept_some(struct loop *l, unsigned most) {
    const struct loops_plan *plan = &l->all->plan;
    for (unsigned i = 0; i < most; i++) {
        struct sockaddr_storage from = {0};
        socklen_t size = sizeof(from);
        const int fd = accept4(l->all->socket, (struct sockaddr *)&from, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0 && (errno == ECONNABORTED || errno == EINTR || errno == EPROTO))
            continue;
        if (fd < 0) {
            l->paused = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
            if (l->paused && plan->exhausted)
                plan->exhausted(plan->ctx);
            return false;
        }
        struct loop *to = choose(l);
        if (to == l || !hand_over(to, fd, &from, size)) {
            (void)atomic_fetch_add_explicit(&l->count, 1, memory_order_relaxed);
            plan->add(plan->ctx, l, l->mhd, fd, (const struct sockaddr *)&from, size);
        }
    }
    return true;
}

/* The door closes: what stands before it still comes in. */
static void shut_door(struct loop *l) {
    while (accept_some(l, ACCEPTS) && !l->paused) {
    }
    leave_socket(l);
    l->paused = false;
    (void)atomic_fetch_sub(&l->all->listening, 1);
}

/* ---- the thread
 * ------------------------------------------------------------------------------------------------------ */

static int patience_of(struct loop *l) {
    MHD_UNSIGNED_LONG_LONG ms = 0;
    int wait = -1;
    if (l->again)
        return 0;
    if (l->waiting > 0)
        wait = TICK_MS;
    else if (MHD_get_timeout(l->mhd, &ms) == MHD_YES)
        wait = ms > 60000 ? 60000 : (int)ms;
    return l->paused && (wait < 0 || wait > PAUSE_MS) ? PAUSE_MS : wait;
}

/* True: somebody stands at the socket. */
static bool sleep_until_something(struct loop *l) {
    struct epoll_event events[EVENTS];
    uint64_t count = 0;
    bool door = false;
    int wait = patience_of(l);
    atomic_store(&l->asleep, wait != 0);
    if (atomic_exchange(&l->news, false) || wait == 0) {
        atomic_store(&l->asleep, false);
        if (++l->skips < SKIPS) /* who stands at the socket is not forgotten over it */
            return false;
        wait = 0;
    }
    l->skips = 0;
    const int n = epoll_wait(l->epoll, events, EVENTS, wait);
    atomic_store(&l->asleep, false);
    for (int i = 0; i < n; i++) {
        door = door || events[i].data.ptr == &l->all->socket;
        if (events[i].data.ptr == l && read(l->wake, &count, sizeof(count)) < 0)
            continue;
    }
    (void)atomic_exchange(&l->news, false);
    return door;
}

static void *run(void *arg) {
    struct loop *l = arg;
    bool shut = false;
    here = l;
    while (!atomic_load(&l->all->over)) {
        unsigned passes = 0;
        take_coming(l);
        do {
            l->again = false;
            (void)MHD_run(l->mhd);
            if (l->later)
                l->all->plan.passed(l->all->plan.ctx);
            l->later = false;
        } while (l->again && ++passes < PASSES);
        bool door = sleep_until_something(l);
        if (l->paused) {
            l->paused = false;
            door = watch_socket(l) || door;
        }
        if (!shut && atomic_load(&l->all->shut)) {
            shut_door(l);
            shut = true;
        } else if (door && !shut && !accept_some(l, ACCEPTS) && l->paused) {
            leave_socket(l);
        }
    }
    return NULL;
}

/* ---- start and stop
 * ------------------------------------------------------------------------------------------------------- */

static int listen_at(struct loops *k, const struct sockaddr *a) {
    struct sockaddr_storage own = {0};
    const socklen_t size =
        a->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    socklen_t own_size = sizeof(own);
    const int on = 1;
    k->socket = socket(a->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (k->socket < 0 || setsockopt(k->socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        (a->sa_family == AF_INET6 &&
         setsockopt(k->socket, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0) ||
        bind(k->socket, a, size) != 0 || listen(k->socket, BACKLOG) != 0 ||
        getsockname(k->socket, (struct sockaddr *)&own, &own_size) != 0)
        return -errno;
    k->port = ntohs(own.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&own)->sin6_port
                                              : ((struct sockaddr_in *)&own)->sin_port);
    return 0;
}

static int loop_open(struct loops *k, struct loop *l) {
    struct epoll_event wake = {.events = EPOLLIN, .data.ptr = l};
    struct epoll_event mhd = {.events = EPOLLIN, .data.ptr = NULL};
    l->all = k;
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (l->epoll < 0 || l->wake < 0)
        return -errno;
    l->mhd =
        k->plan.make(k->plan.make_ctx, MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME);
    const union MHD_DaemonInfo *info = l->mhd ? MHD_get_daemon_info(l->mhd, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
    if (!info)
        return -ENOMEM;
    if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->wake, &wake) != 0 ||
        epoll_ctl(l->epoll, EPOLL_CTL_ADD, info->epoll_fd, &mhd) != 0 || !watch_socket(l))
        return -errno;
    const int err = pthread_create(&l->thread, NULL, run, l);
    l->running = err == 0;
    if (l->running) {
        (void)pthread_setname_np(l->thread, "http");
        (void)atomic_fetch_add(&k->listening, 1);
    }
    return -err;
}

int loops_start(const struct loops_plan *plan, struct loops **ret) {
    struct loops *k = calloc(1, sizeof(*k));
    struct loop *items = k ? aligned_alloc(_Alignof(struct loop), plan->threads * sizeof(struct loop)) : NULL;
    if (!items) {
        free(k);
        return -ENOMEM;
    }
    memset(items, 0, plan->threads * sizeof(struct loop));
    k->plan = *plan;
    k->items = items;
    k->count = plan->threads;
    for (unsigned i = 0; i < k->count; i++)
        k->items[i].epoll = k->items[i].wake = -1;
    int err = listen_at(k, plan->address);
    for (unsigned i = 0; i < k->count && !err; i++)
        err = loop_open(k, &k->items[i]);
    if (err) {
        loops_stop(k);
        loops_free(k);
        return err;
    }
    *ret = k;
    return 0;
}

uint16_t loops_port(const struct loops *k) {
    return k->port;
}

static void wake_all(struct loops *k) {
    for (unsigned i = 0; i < k->count; i++) {
        if (k->items[i].wake >= 0)
            loop_wake(&k->items[i]);
    }
}

void loops_shut(struct loops *k) {
    const struct timespec tick = {.tv_nsec = 1000000};
    atomic_store(&k->shut, true);
    wake_all(k);
    while (atomic_load(&k->listening) > 0)
        (void)nanosleep(&tick, NULL);
    if (k->socket >= 0)
        (void)close(k->socket);
    k->socket = -1;
}

void loops_stop(struct loops *k) {
    atomic_store(&k->over, true);
    wake_all(k);
    for (unsigned i = 0; i < k->count; i++) {
        struct loop *l = &k->items[i];
        if (l->running)
            (void)pthread_join(l->thread, NULL);
        l->running = false;
    }
    for (unsigned i = 0; i < k->count; i++) {
        struct loop *l = &k->items[i];
        for (struct coming *c = atomic_exchange(&l->coming, NULL), *next = NULL; c; c = next) {
            next = c->next;
            (void)close(c->fd);
            free(c);
        }
        if (l->mhd)
            MHD_stop_daemon(l->mhd);
        l->mhd = NULL;
    }
}

void loops_free(struct loops *k) {
    if (!k)
        return;
    for (unsigned i = 0; i < k->count; i++) {
        if (k->items[i].epoll >= 0)
            (void)close(k->items[i].epoll);
        if (k->items[i].wake >= 0)
            (void)close(k->items[i].wake);
    }
    if (k->socket >= 0)
        (void)close(k->socket);
    free(k->items);
    free(k);
}
