/* SPDX-License-Identifier: Apache-2.0 */
/* load_commit.c: the floor of a durable answer: records that arrive at a rate, written and synced in groups,
 * and nothing else.
 *
 *   load-commit DIRECTORY RATE SECONDS BYTES
 *
 * One thread hands in records of BYTES when they are due; another writes what has gathered with one write and
 * one fdatasync and notes when. Prints p50, p99, p99.9 of due-to-durable in microseconds, as JSON, with
 * groups and fdatasync's own p99. */
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 1 << 20 };
static uint64_t due[MOST];
static uint32_t latency[MOST], group[MOST];
static size_t handed, done, groups;
static bool over;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t news = PTHREAD_COND_INITIALIZER;
static int fd;
static size_t bytes;

static uint64_t now_ns(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void *commit(void *arg) {
    char *buffer = calloc(1, (size_t)64 << 20);
    (void)arg;
    while (buffer) {
        (void)pthread_mutex_lock(&lock);
        while (handed == done && !over)
            (void)pthread_cond_wait(&news, &lock);
        const size_t from = done;
        const size_t to = handed;
        (void)pthread_mutex_unlock(&lock);
        if (from == to)
            break;
        size_t n = (to - from) * bytes;
        if (n > (size_t)64 << 20)
            n = (size_t)64 << 20;
        const uint64_t begun = now_ns();
        if (write(fd, buffer, n) != (ssize_t)n || fdatasync(fd) != 0)
            break;
        const uint64_t now = now_ns();
        group[groups++] = (uint32_t)((now - begun) / 1000);
        for (size_t i = from; i < to; i++)
            latency[i] = (uint32_t)((now - due[i]) / 1000);
        (void)pthread_mutex_lock(&lock);
        done = to;
        (void)pthread_mutex_unlock(&lock);
    }
    free(buffer);
    return NULL;
}

static int by_size(const void *a, const void *b) {
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

int main(int argc, char **argv) {
    char path[4096];
    pthread_t thread;
    if (argc != 5)
        return 2;
    const uint64_t rate = strtoul(argv[2], NULL, 10);
    const uint64_t seconds = strtoul(argv[3], NULL, 10);
    bytes = strtoul(argv[4], NULL, 10);
    (void)snprintf(path, sizeof(path), "%s/commit-floor", argv[1]);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || rate == 0 || pthread_create(&thread, NULL, commit, NULL) != 0)
        return 1;
    const uint64_t begun = now_ns();
    const uint64_t total = rate * seconds < MOST ? rate * seconds : MOST;
    for (uint64_t i = 0; i < total; i++) {
        const uint64_t at = begun + i * 1000000000u / rate;
        uint64_t now = now_ns();
        if (now < at) {
            const struct timespec pause = {.tv_nsec = (long)(at - now)};
            (void)nanosleep(&pause, NULL);
        }
        (void)pthread_mutex_lock(&lock);
        due[handed++] = at;
        (void)pthread_cond_signal(&news);
        (void)pthread_mutex_unlock(&lock);
    }
    (void)pthread_mutex_lock(&lock);
    over = true;
    (void)pthread_cond_signal(&news);
    (void)pthread_mutex_unlock(&lock);
    (void)pthread_join(thread, NULL);
    (void)close(fd);
    (void)unlink(path);
    if (done != total || groups == 0)
        return 1;
    qsort(latency, total, sizeof(*latency), by_size);
    qsort(group, groups, sizeof(*group), by_size);
    (void)printf("{\"records\":%llu,\"groups\":%zu,\"p50\":%u,\"p99\":%u,\"p999\":%u,\"sync_p50\":%u,\"sync_"
                 "p99\":%u}\n",
                 (unsigned long long)total,
                 groups,
                 latency[total / 2],
                 latency[total * 99 / 100],
                 latency[total * 999 / 1000],
                 group[groups / 2],
                 group[groups * 99 / 100]);
    return 0;
}
