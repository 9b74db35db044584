/* SPDX-License-Identifier: Apache-2.0 */
/* load_constant.c: the floor beside cordond: libmicrohttpd reading the same bodies and answering a constant.
 *
 *   load-constant PORT THREADS REPLY-BYTES        until SIGTERM; prints "listening" when it does
 *
 * Threads (daemon/loop.c), flags, pool, headers and size of the answer are those of cordond, so that the
 * difference is what cordond does with a request.
 */
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../daemon/loop.h"

/* As in daemon/server.c. */
enum { POOL = 32 * 1024, POOL_STEP = 16 * 1024 };

static char *reply;
static size_t reply_size;

static enum MHD_Result on_request(void *cls,
                                  struct MHD_Connection *connection,
                                  const char *url,
                                  const char *method,
                                  const char *version,
                                  const char *upload_data,
                                  size_t *upload_data_size,
                                  void **con_cls) {
    static int seen;
    (void)cls;
    (void)url;
    (void)method;
    (void)version;
    (void)upload_data;
    if (!*con_cls) {
        *con_cls = &seen;
        return MHD_YES;
    }
    if (*upload_data_size > 0) {
        *upload_data_size = 0;
        return MHD_YES;
    }
    struct MHD_Response *r = MHD_create_response_from_buffer(reply_size, reply, MHD_RESPMEM_PERSISTENT);
    if (!r)
        return MHD_NO;
    (void)MHD_add_response_header(r, "Content-Type", "application/json");
    (void)MHD_add_response_header(r, "Cache-Control", "no-store");
    (void)MHD_add_response_header(
        r, "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
    const enum MHD_Result result = MHD_queue_response(connection, 200, r);
    MHD_destroy_response(r);
    return result;
}

static void on_connection(void *cls,
                          struct MHD_Connection *connection,
                          void **socket_context,
                          enum MHD_ConnectionNotificationCode code) {
    (void)cls;
    (void)connection;
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        *socket_context = loop_here();
    else
        loop_left(*socket_context);
}

static void add(
    void *ctx, struct loop *l, struct MHD_Daemon *mhd, int fd, const struct sockaddr *from, socklen_t size) {
    (void)ctx;
    (void)l;
    if (MHD_add_connection(mhd, fd, from, size) != MHD_YES)
        abort(); /* a floor with fewer connections would be none */
}

static struct MHD_Daemon *make(void *ctx, unsigned flags) {
    (void)ctx;
    return MHD_start_daemon(flags,
                            0,
                            NULL,
                            NULL,
                            on_request,
                            NULL,
                            MHD_OPTION_NOTIFY_CONNECTION,
                            on_connection,
                            NULL,
                            MHD_OPTION_CONNECTION_LIMIT,
                            1024u,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                            (size_t)POOL,
                            MHD_OPTION_CONNECTION_MEMORY_INCREMENT,
                            (size_t)POOL_STEP,
                            MHD_OPTION_STRICT_FOR_CLIENT,
                            1,
                            MHD_OPTION_END);
}

int main(int argc, char **argv) {
    sigset_t set;
    int got = 0;
    if (argc != 4)
        return 2;
    const unsigned threads = (unsigned)strtoul(argv[2], NULL, 10);
    reply_size = strtoul(argv[3], NULL, 10);
    reply = malloc(reply_size + 1);
    if (!reply)
        return 1;
    memset(reply, 'x', reply_size);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10)),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct loops *loops = NULL;
    const struct loops_plan plan = {
        .threads = threads ? threads : 1, .address = (struct sockaddr *)&a, .make = make, .add = add};
    if (loops_start(&plan, &loops) != 0)
        return 1;
    (void)puts("listening");
    (void)fflush(stdout);
    (void)sigwait(&set, &got);
    loops_stop(loops);
    loops_free(loops);
    free(reply);
    return 0;
}
