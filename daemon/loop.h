/* SPDX-License-Identifier: Apache-2.0 */
/* loop.h: the threads that serve connections, each with a libmicrohttpd daemon of its own that does not
 * listen.
 *
 * Threads inside libmicrohttpd (MHD_OPTION_THREAD_POOL_SIZE) all wait at one socket, and who wakes first
 * takes all that wait there: often one has nearly all connections, and the others' processors stand still.
 * Here the socket is the loops': whoever accepts a connection gives it to the loop that has fewest. And an
 * answer that waits for the disk needs no suspending: a full group of them costs one wake-up (loop_wake),
 * after which libmicrohttpd asks for the reply again, as its documentation says it will of requests without
 * one.
 *
 * A loop's daemon is touched by its thread only. */
#ifndef CORDOND_LOOP_H
#define CORDOND_LOOP_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct loop;
struct loops;

struct loops_plan {
    unsigned threads; /* at least 1 */
    const struct sockaddr *address;
    /* A daemon made with `flags` and what else it needs, or NULL. It is stopped by loops_stop(). */
    struct MHD_Daemon *(*make)(void *make_ctx, unsigned flags);
    void *make_ctx; /* used while loops_start() runs */
    /* In the loop's thread, for each accepted connection: MHD_add_connection, or close. loop_left() must
     * follow once for each, when the connection is over, or at once when it did not come in. */
    void (*add)(void *ctx,
                struct loop *l,
                struct MHD_Daemon *mhd,
                int fd,
                const struct sockaddr *from,
                socklen_t size);
    void (*passed)(void *ctx);    /* after a pass in which loop_later() was called; may be NULL without it */
    void (*exhausted)(void *ctx); /* no descriptors or memory to accept with; may be NULL */
    void *ctx;
};

/* 0, or a negated errno: the socket (EADDRINUSE …), threads, memory, or ENOMEM where make() gave NULL. */
int loops_start(const struct loops_plan *plan, struct loops **ret);
uint16_t loops_port(const struct loops *k);
/* Accepts what waits at the socket and closes it: whoever comes now is refused by the kernel. */
void loops_shut(struct loops *k);
/* Ends the threads and stops their daemons. loop_wake() may still be called. */
void loops_stop(struct loops *k);
void loops_free(struct loops *k); /* stopped; accepts NULL */

struct loop *loop_here(void); /* of this thread; NULL: it is none */
void loop_left(struct loop *l);
/* Of the loop's thread: `by` more (or fewer) of its requests wait for loop_wake(). */
void loop_waits(struct loop *l, int by);
/* Of the loop's thread: look at the connections again before sleeping, there is something to send or read. */
void loop_again(struct loop *l);
/* Of the loop's thread: the plan's passed() is to be called when this pass is over. */
void loop_later(struct loop *l);
/* Any thread: an answer is there. One system call at the most, none while the loop is awake. */
void loop_wake(struct loop *l);
/* Any thread: MHD_resume_connection, and a pass that sees it. libmicrohttpd 0.9.75 alone may swallow its own
 * signal in the pass that is under way, and leave the connection suspended until something else happens. */
void loop_resume(struct loop *l, struct MHD_Connection *connection);

#endif
