/* SPDX-License-Identifier: Apache-2.0 */
/* load_client.c: a small HTTP client for load at a given rate, and for batches.
 *
 *   load-client one   PORT PATH KEY REQUESTS.jsonl CONNECTIONS SECONDS RATE
 *   load-client batch PORT PATH KEY REQUESTS.jsonl CONNECTIONS LINES
 *
 * `one` sends single requests over kept connections; RATE requests a second in all (0: as many as are
 * answered). At a rate, the latency of a request counts from when it was due, so that a stall is not hidden
 * by the requests that it kept from being sent. `batch` sends LINES lines over each connection and reads the
 * answers at the same time.
 *
 * Prints one line of JSON: what was answered, how many a second, p50, p99, p99.9 in microseconds, errors. An
 * answer that is not 200, or a line of a batch that is no decision, is an error. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_LINES = 65536, MOST_CONNECTIONS = 1024, ROOM = 1 << 20, SAMPLES = 1 << 22 };

struct line {
    const char *p;
    size_t n;
};
static struct line lines[MOST_LINES];
static size_t line_count;
static uint32_t *samples; /* us */
static size_t sample_count;
static uint64_t answered, errors, bytes_in;

struct connection {
    int fd;
    bool waiting;
    uint64_t due;
    char *in;
    size_t in_n, need; /* need: whole size of the reply; 0: headers not read yet */
    int status;
};

static uint64_t now_ns(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static bool load(const char *path) {
    FILE *f = fopen(path, "rb");
    char *text = malloc((size_t)64 << 20);
    const size_t n = f && text ? fread(text, 1, ((size_t)64 << 20) - 1, f) : 0;
    if (f)
        (void)fclose(f);
    for (size_t i = 0; i < n && line_count < MOST_LINES;) {
        const char *end = memchr(text + i, '\n', n - i);
        const size_t size = end ? (size_t)(end - (text + i)) : n - i;
        if (size > 0)
            lines[line_count++] = (struct line){text + i, size};
        i += size + 1;
    }
    return line_count > 0;
}

static int dial(unsigned port) {
    const struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int one = 1;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&a, sizeof(a)) != 0)
        return -1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return fd;
}

static void sample(uint64_t ns) {
    if (sample_count < SAMPLES)
        samples[sample_count++] = (uint32_t)(ns / 1000);
}

static int by_size(const void *a, const void *b) {
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void report(uint64_t ns) {
    qsort(samples, sample_count, sizeof(*samples), by_size);
    const size_t n = sample_count;
    (void)printf("{\"answered\":%llu,\"errors\":%llu,\"ms\":%llu,\"per_second\":%llu,\"bytes_in\":%llu",
                 (unsigned long long)answered,
                 (unsigned long long)errors,
                 (unsigned long long)(ns / 1000000),
                 (unsigned long long)(ns ? answered * 1000000 / (ns / 1000) : 0),
                 (unsigned long long)bytes_in);
    if (n > 0)
        (void)printf(",\"p50\":%u,\"p99\":%u,\"p999\":%u,\"max\":%u",
                     samples[n / 2],
                     samples[n * 99 / 100],
                     samples[n * 999 / 1000],
                     samples[n - 1]);
    (void)puts("}");
}

/* ---- one at a time on each connection
 * ------------------------------------------------------------------------------ */

static bool send_request(struct connection *c, const char *path, const char *key, size_t which) {
    static char out[1 << 17];
    const struct line *l = &lines[which % line_count];
    const int n = snprintf(out,
                           sizeof(out),
                           "POST %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: "
                           "application/json\r\nContent-Length: %zu\r\n\r\n%.*s",
                           path,
                           key,
                           l->n,
                           (int)l->n,
                           l->p);
    c->waiting = true;
    c->in_n = c->need = 0;
    return n > 0 && send(c->fd, out, (size_t)n, MSG_NOSIGNAL) == n;
}

/* True when the reply is whole. */
static bool receive(struct connection *c, bool *ret_broken) {
    const ssize_t n = recv(c->fd, c->in + c->in_n, ROOM - c->in_n - 1, MSG_DONTWAIT);
    if (n <= 0) {
        *ret_broken = n == 0 || errno != EAGAIN;
        return false;
    }
    c->in_n += (size_t)n;
    bytes_in += (uint64_t)n;
    c->in[c->in_n] = '\0';
    if (!c->need) {
        const char *end = strstr(c->in, "\r\n\r\n");
        const char *length = strcasestr(c->in, "\r\nContent-Length:");
        if (!end)
            return false;
        c->status = (c->in[9] - '0') * 100 + (c->in[10] - '0') * 10 + (c->in[11] - '0');
        c->need = (size_t)(end + 4 - c->in) + (length && length < end ? strtoul(length + 17, NULL, 10) : 0);
    }
    return c->in_n >= c->need;
}

static int run_one(char **argv, size_t count, uint64_t seconds, uint64_t rate) {
    static struct connection all[MOST_CONNECTIONS];
    static struct pollfd polls[MOST_CONNECTIONS];
    const unsigned port = (unsigned)strtoul(argv[2], NULL, 10);
    const uint64_t begun = now_ns();
    const uint64_t end = begun + seconds * 1000000000u;
    size_t sent = 0;
    size_t open_requests = 0;
    for (size_t i = 0; i < count; i++) {
        all[i] = (struct connection){.fd = dial(port), .in = malloc(ROOM)};
        polls[i] = (struct pollfd){.fd = all[i].fd, .events = POLLIN};
        if (all[i].fd < 0 || !all[i].in)
            return 1;
    }
    uint64_t now = begun;
    while (now < end || open_requests > 0) {
        int pause = 1;
        for (size_t i = 0; i < count && now < end; i++) {
            const uint64_t due = rate ? begun + (uint64_t)sent * 1000000000u / rate : now;
            if (due > now)
                break;
            if (all[i].waiting)
                continue;
            all[i].due = rate ? due : now;
            if (!send_request(&all[i], argv[3], argv[4], sent++))
                return 1;
            open_requests++;
            pause = 0;
        }
        if (rate == 0)
            pause = 100;
        (void)poll(polls, count, pause);
        now = now_ns();
        for (size_t i = 0; i < count; i++) {
            bool broken = false;
            if (!all[i].waiting || !(polls[i].revents & (POLLIN | POLLHUP | POLLERR)))
                continue;
            if (receive(&all[i], &broken)) {
                all[i].waiting = false;
                open_requests--;
                answered++;
                errors += all[i].status != 200;
                sample(now_ns() - all[i].due);
            } else if (broken) {
                (void)fprintf(stderr, "connection lost\n");
                return 1;
            }
        }
        if (now > end + 10000000000u)
            return 1;
    }
    report(now_ns() - begun);
    return 0;
}

/* ---- batches
 * -----------------------------------------------------------------------------------------------------------
 */

struct batch {
    char **argv;
    size_t lines, answered, errors;
    uint64_t bytes;
    int fd;
    pthread_t writer, reader;
};

static bool send_all(int fd, const char *p, size_t n) {
    while (n > 0) {
        const ssize_t k = send(fd, p, n, MSG_NOSIGNAL);
        if (k <= 0)
            return false;
        p += k;
        n -= (size_t)k;
    }
    return true;
}

static void *write_batch(void *arg) {
    struct batch *b = arg;
    enum { PIECE = 1 << 18 };
    char *piece = malloc(PIECE + (1 << 17));
    char head[512];
    int n = snprintf(head,
                     sizeof(head),
                     "POST %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: "
                     "application/jsonl\r\nTransfer-Encoding: chunked\r\n\r\n",
                     b->argv[3],
                     b->argv[4]);
    if (!piece || !send_all(b->fd, head, (size_t)n))
        return NULL;
    size_t used = 0;
    for (size_t i = 0; i < b->lines; i++) {
        const struct line *l = &lines[i % line_count];
        memcpy(piece + used, l->p, l->n);
        used += l->n;
        piece[used++] = '\n';
        if (used < PIECE && i + 1 < b->lines)
            continue;
        n = snprintf(head, sizeof(head), "%zx\r\n", used);
        if (!send_all(b->fd, head, (size_t)n) || !send_all(b->fd, piece, used) || !send_all(b->fd, "\r\n", 2))
            break;
        used = 0;
    }
    (void)send_all(b->fd, "0\r\n\r\n", 5);
    free(piece);
    return NULL;
}

/* Counts decisions as they go by: each has the member "verdict" once at its top, and each line ends in LF.
 * Chunk sizes between do not matter for counting line ends within JSON, which has none. */
static void *read_batch(void *arg) {
    struct batch *b = arg;
    char *in = malloc(ROOM);
    bool body = false;
    char last = 0;
    while (in) {
        const ssize_t n = recv(b->fd, in, ROOM - 1, 0);
        if (n <= 0)
            break;
        b->bytes += (uint64_t)n;
        char *p = in;
        char *end = in + n;
        *end = '\0';
        if (!body) {
            if (strncmp(in, "HTTP/1.1 200", 12) != 0)
                b->errors++;
            p = strstr(in, "\r\n\r\n");
            if (!p)
                continue;
            p += 4;
            body = true;
        }
        for (char *q = p; (q = memchr(q, '\n', (size_t)(end - q))) != NULL; q++) {
            const char before = q > p ? q[-1] : last;
            b->answered += before != '\r';
        }
        last = end[-1];
    }
    free(in);
    return NULL;
}

static int run_batch(char **argv, size_t count, size_t lines_each) {
    static struct batch all[64];
    const uint64_t begun = now_ns();
    for (size_t i = 0; i < count && i < 64; i++) {
        all[i] = (struct batch){
            .argv = argv, .lines = lines_each, .fd = dial((unsigned)strtoul(argv[2], NULL, 10))};
        if (all[i].fd < 0 || pthread_create(&all[i].writer, NULL, write_batch, &all[i]) != 0 ||
            pthread_create(&all[i].reader, NULL, read_batch, &all[i]) != 0)
            return 1;
    }
    for (size_t i = 0; i < count && i < 64; i++) {
        (void)pthread_join(all[i].writer, NULL);
        (void)pthread_join(all[i].reader, NULL);
        answered += all[i].answered;
        bytes_in += all[i].bytes;
        errors += all[i].errors + (all[i].answered != lines_each);
    }
    report(now_ns() - begun);
    return errors > 0;
}

int main(int argc, char **argv) {
    samples = malloc(SAMPLES * sizeof(*samples));
    const bool one = argc == 9 && strcmp(argv[1], "one") == 0;
    const bool batch = argc == 8 && strcmp(argv[1], "batch") == 0;
    if ((!one && !batch) || !samples || !load(argv[5])) {
        (void)fprintf(stderr, "usage: see the top of bench/load_client.c\n");
        return 2;
    }
    const size_t count = strtoul(argv[6], NULL, 10);
    if (count < 1 || count > MOST_CONNECTIONS)
        return 2;
    return one ? run_one(argv, count, strtoul(argv[7], NULL, 10), strtoul(argv[8], NULL, 10))
               : run_batch(argv, count, strtoul(argv[7], NULL, 10));
}
