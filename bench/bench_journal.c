/* SPDX-License-Identifier: Apache-2.0 */
/* bench_journal.c: how many records per second become durable, how long one waits for it, and how long
 * opening takes after a crash, beside what the disk itself takes for the same bytes.
 *
 *   bench-journal DIR [RECORDS [BYTES]]
 *   bench-journal --groups DIR SECONDS RATE WINDOW [FILE]
 *
 * With --groups records come as those of requests do: RATE per second, each when it is due, or, with RATE 0,
 * as soon as fewer than WINDOW of them wait to become durable, so that groups are small. FILE has records to
 * write, one a line; without it they are made, 6,000 bytes each.
 *
 * The floor is a bare loop of pwrite and fdatasync with groups of the same size in the same run. Records are
 * decisions in shape: JSON that repeats itself from record to record as real ones do. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "journal/journal.h"

static int64_t now(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
static int64_t cpu(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
static void die(const struct cordon_error *e) {
    (void)fprintf(stderr, "%s %s\n", e->message, e->where);
    exit(1);
}

/* About `bytes` bytes: a few long parts that recur, and short ones that do not. */
static size_t record(uint64_t i, size_t bytes, char *p) {
    static const char *const parts[] = {
        "{\"against\":[],\"evidence\":[\"/parties/0/evidence/0\"],\"fact\":\"customer based in "
        "eu-non-government-controlled\"",
        ",\"is\":\"US, "
        "US\",\"value\":\"false\"},{\"basis\":\"law\",\"issuer\":\"eu\",\"legal\":\"Regulations (EU) "
        "692/2014\"",
        ",\"standing\":\"presumed\",\"title\":\"What listed persons own by more than half is frozen, "
        "too\",\"version\":\"",
    };
    uint64_t x = i * 0x9e3779b97f4a7c15u + 1;
    size_t n =
        (size_t)snprintf(p, bytes + 512, "{\"at\":\"2026-10-01T09:00:%02u\",\"name\":\"", (unsigned)(i % 60));
    for (unsigned k = 0; n < bytes; k++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        n += (size_t)snprintf(
            p + n, bytes + 512 - n, "%016llx%s", (unsigned long long)x, parts[(x >> 40) % 3]);
    }
    return n;
}

static struct cdn_journal *open_it(const char *dir, bool no_sync, struct cdn_sign_secret *key) {
    struct cdn_journal_options o;
    struct cdn_journal *j = NULL;
    struct cordon_error e;
    cdn_journal_options_init(&o);
    o.no_sync = no_sync;
    o.key = key;
    if (cdn_journal_open(dir, &o, &j, &e))
        die(&e);
    return j;
}

static void throughput(const char *dir,
                       const char *name,
                       bool no_sync,
                       uint64_t records,
                       size_t bytes,
                       struct cdn_sign_secret *key) {
    struct cordon_error e;
    struct cdn_journal_state s;
    enum { SHAPES = 512 };
    char *text = malloc(SHAPES * (bytes + 512));
    size_t n[SHAPES];
    for (uint64_t i = 0; i < SHAPES; i++)
        n[i] = record(i, bytes, text + i * (bytes + 512));
    struct cdn_journal *j = open_it(dir, no_sync, key);
    const int64_t begun = now(), work = cpu();
    uint64_t index = 0;
    for (uint64_t i = 0; i < records; i++) {
        if (cdn_journal_append(
                j, cdn_str(text + i % SHAPES * (bytes + 512), n[i % SHAPES]), 0, 0, &index, &e))
            die(&e);
    }
    if (cdn_journal_wait(j, index + 1, &e))
        die(&e);
    const int64_t took = now() - begun, busy = cpu() - work;
    cdn_journal_state(j, &s);
    (void)printf("%-12s %8llu records of %zu bytes: %9lld records/s, %5lld ns of processor per record, %llu "
                 "groups, packed to %llu %%\n",
                 name,
                 (unsigned long long)records,
                 n[0],
                 (long long)((int64_t)records * 1000000000 / took),
                 (long long)(busy / (int64_t)records),
                 (unsigned long long)s.groups,
                 (unsigned long long)(s.bytes_written * 100 / (s.bytes_in + 1)));
    cdn_journal_close(j);
    free(text);
}

static int by_value(const void *a, const void *b) {
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}
static void quantiles(const char *name, int64_t *t, size_t n) {
    qsort(t, n, sizeof(*t), by_value);
    (void)printf("%-30s p50 %7lld us   p99 %7lld us\n",
                 name,
                 (long long)(t[n / 2] / 1000),
                 (long long)(t[n * 99 / 100] / 1000));
}

/* One record at a time, waiting for each, from several threads at once: the latency of an acknowledged
 * decision. */
enum { WAITS = 200, THREADS = 8 };
struct waiter {
    struct cdn_journal *j;
    size_t bytes;
    int64_t t[WAITS];
};
static void *wait_often(void *ctx) {
    struct waiter *w = ctx;
    struct cordon_error e;
    char *p = malloc(w->bytes + 512);
    for (int i = 0; p && i < WAITS; i++) {
        uint64_t index;
        const size_t n = record((uint64_t)i, w->bytes, p);
        const int64_t begun = now();
        if (cdn_journal_append(w->j, cdn_str(p, n), 0, 0, &index, &e) ||
            cdn_journal_wait(w->j, index + 1, &e))
            die(&e);
        w->t[i] = now() - begun;
    }
    free(p);
    return NULL;
}

static void latency(const char *dir, size_t bytes, struct cdn_sign_secret *key) {
    static struct waiter w[THREADS];
    static int64_t all[WAITS * THREADS], floor_t[WAITS];
    pthread_t thread[THREADS];
    char path[4200];
    (void)snprintf(path, sizeof(path), "%s.floor", dir);
    const int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    char *p = calloc(1, bytes * THREADS + 512);
    uint64_t at = 0;
    for (int i = 0; i < WAITS; i++) {
        const int64_t begun = now();
        if (pwrite(fd, p, bytes * THREADS / 4, (off_t)at) < 0 || fdatasync(fd) != 0)
            exit(1);
        floor_t[i] = now() - begun;
        at += bytes * THREADS / 4;
    }
    quantiles("pwrite + fdatasync alone", floor_t, WAITS);
    (void)close(fd);
    (void)unlink(path);
    free(p);
    struct cdn_journal *j = open_it(dir, false, key);
    for (int i = 0; i < THREADS; i++) {
        w[i] = (struct waiter){.j = j, .bytes = bytes};
        if (pthread_create(&thread[i], NULL, wait_often, &w[i]) != 0)
            exit(1);
    }
    for (int i = 0; i < THREADS; i++) {
        (void)pthread_join(thread[i], NULL);
        memcpy(all + i * WAITS, w[i].t, sizeof(w[i].t));
    }
    cdn_journal_close(j);
    quantiles("append to durable, 8 threads", all, (size_t)WAITS * THREADS);
}

/* A child writes and dies without closing; the parent opens. */
static void recovery(const char *dir, uint64_t records, size_t bytes, struct cdn_sign_secret *key) {
    const pid_t child = fork();
    if (child == 0) {
        struct cordon_error e;
        char *p = malloc(bytes + 512);
        uint64_t index = 0;
        struct cdn_journal *j = open_it(dir, false, key);
        for (uint64_t i = 0; p && i < records; i++) {
            if (cdn_journal_append(j, cdn_str(p, record(i % 512, bytes, p)), 0, 0, &index, &e))
                die(&e);
        }
        if (cdn_journal_wait(j, index + 1, &e))
            die(&e);
        _exit(0);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
        exit(1);
    struct cdn_journal_state s;
    struct cdn_journal *j = open_it(dir, false, key);
    cdn_journal_state(j, &s);
    (void)printf("opening after a crash: %llu records, %llu hashed again, %llu ms\n",
                 (unsigned long long)s.durable,
                 (unsigned long long)s.recovered_records,
                 (unsigned long long)(s.recovery_ns / 1000000));
    cdn_journal_close(j);
}

/* ---- small groups
 * ---------------------------------------------------------------------------------------------- */

enum { MOST = 4 << 20, LINES = 4096 };
struct load {
    pthread_mutex_t lock;
    pthread_cond_t room;
    uint64_t handed, done, window, slow;
    int64_t *due;
    uint32_t *us;
};

static void load_durable(void *ctx, uint64_t first, uint64_t count) {
    struct load *l = ctx;
    const int64_t t = now();
    l->slow += (t - l->due[first]) > 5000000;
    for (uint64_t i = first; i < first + count; i++)
        l->us[i] = (uint32_t)((t - l->due[i]) / 1000);
    (void)pthread_mutex_lock(&l->lock);
    l->done = first + count;
    (void)pthread_cond_signal(&l->room);
    (void)pthread_mutex_unlock(&l->lock);
}

static int by_us(const void *a, const void *b) {
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* The next record's instant: when there is room, or when it is due. */
static int64_t pace(struct load *l, int64_t begun, uint64_t rate, uint64_t i) {
    if (rate > 0) {
        const int64_t due = begun + (int64_t)(i * 1000000000 / rate);
        const int64_t early = due - now();
        const struct timespec pause = {.tv_sec = early / 1000000000, .tv_nsec = early % 1000000000};
        if (early > 0)
            (void)nanosleep(&pause, NULL);
        return due;
    }
    (void)pthread_mutex_lock(&l->lock);
    while (i - l->done >= l->window)
        (void)pthread_cond_wait(&l->room, &l->lock);
    (void)pthread_mutex_unlock(&l->lock);
    return now();
}

static size_t read_lines(const char *path, cordon_str line[LINES]) {
    size_t n = 0, cap = 0;
    char *p = NULL;
    FILE *f = path ? fopen(path, "r") : NULL;
    for (; n < (path ? LINES : 512); n++) {
        const ssize_t got = f ? getline(&p, &cap, f) : (ssize_t)record(n, 6000, p = malloc(6000 + 512));
        if (got <= 0)
            break;
        line[n] = cdn_str(p, (size_t)got - (f != NULL));
        p = NULL;
        cap = 0;
    }
    if (f)
        (void)fclose(f);
    return n;
}

static void groups(const char *dir,
                   uint64_t seconds,
                   uint64_t rate,
                   struct load *l,
                   const char *path,
                   struct cdn_sign_secret *key) {
    static cordon_str line[LINES];
    struct cdn_journal_options o;
    struct cdn_journal *j = NULL;
    struct cordon_error e;
    struct cdn_journal_state s;
    struct timespec own;
    const size_t lines = read_lines(path, line);
    cdn_journal_options_init(&o);
    o.key = key;
    o.ctx = l;
    o.on_durable = load_durable;
    if (lines == 0 || cdn_journal_open(dir, &o, &j, &e))
        die(&e);
    const int64_t begun = now(), work = cpu();
    uint64_t n = 0, index = 0;
    for (; n < MOST && now() - begun < (int64_t)seconds * 1000000000; n++) {
        l->due[n] = pace(l, begun, rate, n);
        if (cdn_journal_append(j, line[n % lines], 0, 0, &index, &e))
            die(&e);
    }
    if (cdn_journal_wait(j, n, &e))
        die(&e);
    const int64_t took = now() - begun, busy = cpu() - work;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &own);
    cdn_journal_state(j, &s);
    cdn_journal_close(j);
    qsort(l->us, n, sizeof(*l->us), by_us);
    (void)printf("%7llu records/s, %5llu groups/s of %3llu, %5lld ns of processor per record (appending: "
                 "%lld); us to durable: p50 "
                 "%u p99 %u p99.9 %u most %u; %llu groups took > 5 ms; sync mean %llu us most %llu\n",
                 (unsigned long long)(n * 1000000000 / (uint64_t)took),
                 (unsigned long long)(s.groups * 1000000000 / (uint64_t)took),
                 (unsigned long long)(n / s.groups),
                 (long long)(busy / (int64_t)n),
                 (long long)((own.tv_sec * 1000000000 + own.tv_nsec) / (int64_t)n),
                 l->us[n / 2],
                 l->us[n * 99 / 100],
                 l->us[n * 999 / 1000],
                 l->us[n - 1],
                 (unsigned long long)l->slow,
                 (unsigned long long)(s.sync_ns_sum / s.groups / 1000),
                 (unsigned long long)(s.sync_ns_max / 1000));
}

int main(int argc, char **argv) {
    char dir[4096];
    static struct load load = {.lock = PTHREAD_MUTEX_INITIALIZER, .room = PTHREAD_COND_INITIALIZER};
    struct cdn_sign_secret key;
    if (argc < 2 || cdn_sign_generate(&key, NULL)) {
        (void)fprintf(stderr, "bench-journal DIR [RECORDS [BYTES]]: DIR is made anew, and left behind\n");
        return 2;
    }
    if (argc > 5 && strcmp(argv[1], "--groups") == 0) {
        load.window = strtoull(argv[5], NULL, 10);
        load.due = calloc(MOST, sizeof(*load.due));
        load.us = calloc(MOST, sizeof(*load.us));
        if (!load.due || !load.us)
            return 1;
        groups(argv[2],
               strtoull(argv[3], NULL, 10),
               strtoull(argv[4], NULL, 10),
               &load,
               argc > 6 ? argv[6] : NULL,
               &key);
        return 0;
    }
    const uint64_t records = argc > 2 ? strtoull(argv[2], NULL, 10) : 500000;
    const size_t bytes = argc > 3 ? strtoull(argv[3], NULL, 10) : 2500;
    static const char *const names[] = {"not synced", "durable"};
    for (int k = 0; k < 2; k++) {
        (void)snprintf(dir, sizeof(dir), "%s-%d", argv[1], k);
        throughput(dir, names[k], k == 0, records, bytes, &key);
    }
    (void)snprintf(dir, sizeof(dir), "%s-2", argv[1]);
    latency(dir, bytes, &key);
    (void)snprintf(dir, sizeof(dir), "%s-3", argv[1]);
    recovery(dir, 1000000, 400, &key);
    return 0;
}
