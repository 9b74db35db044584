/* SPDX-License-Identifier: Apache-2.0 */
/* bench_service.c: the batch path of the service without HTTP: decisions per second, from JSON Lines to JSON
 * Lines, without a journal, with one, and with one that is not synced; and where the processor's time goes.
 *
 *     bench-service [RULEBOOK [LINES [DIRECTORY [WHICH [REQUESTS.jsonl]]]]]
 *     bench-service neutral SNAPSHOT REQUESTS.jsonl      writes the neutral workload for others (bench/http);
 *                                                        exit status 3 when it is not on this machine
 *
 * Default: $CORDON_ROOT/rulebooks, 200000, /var/tmp, everything. Requests are those of the rulebook's own
 * scenarios (or of the file), over and over, as a client would send them: decided for the clock of the
 * service. Client and service share the processors. DIRECTORY should be on the disk that a journal would be
 * on. WHICH, letters: n without a journal, j with one, u with one that is not synced; s the shipped
 * rulebooks, w the neutral workload. None of a kind: all of it. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "compile/compile.h"
#include "measure.h"
#include "rulebook/scenario.h"
#include "service/service.h"
#include "toolkit/toolkit_priv.h"
#include "workload.h"
#include "json/json.h"

static void die(const char *what, const struct cordon_error *e) {
    printf("%s: %s\n", what, e ? e->message : "");
    exit(1);
}

static void read_clock(void *ctx, struct cdn_service_time *ret) {
    struct timespec wall, mono;
    (void)ctx;
    (void)clock_gettime(CLOCK_REALTIME, &wall);
    (void)clock_gettime(CLOCK_MONOTONIC, &mono);
    *ret = (struct cdn_service_time){
        wall.tv_sec, (uint32_t)wall.tv_nsec, (uint64_t)mono.tv_sec * 1000000000u + (uint64_t)mono.tv_nsec};
}

/* ---- the requests
 * ----------------------------------------------------------------------------------------------- */

struct lines {
    struct cdn_buf text; /* all different requests, a line each */
    uint32_t count;
};

static void collect(const char *folder, struct lines *to) {
    struct cordon_error e = {0};
    struct cordon_rulebook *rb = NULL;
    cordon_compile_options o;
    cordon_compile_options_init(&o);
    if (cordon_rulebook_load(&folder, 1, &o, &rb, &e) < 0)
        die(folder, &e);
    cdn_buf_init(&to->text, &cdn_alloc_libc, CDN_MIB(64));
    for (uint32_t i = 0; i < rb->rb->scenario_count; i++) {
        struct cdn_request r = rb->rb->scenarios[i].request;
        if (r.state_count)
            continue;
        r.at_have = CDN_HAVE_ABSENT;
        if (cdn_json_write_request(&to->text, &r) < 0)
            die("request", NULL);
        cdn_buf_char(&to->text, '\n');
        to->count++;
    }
    cordon_rulebook_free(rb);
}

static void collect_file(const char *path, struct lines *to) {
    char piece[1 << 16];
    FILE *f = fopen(path, "rb");
    cdn_buf_init(&to->text, &cdn_alloc_libc, CDN_MIB(64));
    for (size_t n = 1; f && n > 0;) {
        n = fread(piece, 1, sizeof(piece), f);
        cdn_buf_put(&to->text, piece, n);
        for (size_t i = 0; i < n; i++)
            to->count += piece[i] == '\n';
    }
    if (!f || to->text.err || !to->count)
        die(path, NULL);
    (void)fclose(f);
}

/* The neutral workload of 1,000 measures, its 10,000 requests, and a snapshot of it. */
static bool neutral(const char *snapshot, struct lines *to) {
    const char *shared = getenv("CORDON_SHARED");
    const struct cdn_compile_options options = {.zoneinfo = "/usr/share/zoneinfo"};
    static struct cdn_workload w;
    struct cdn_compiled compiled;
    struct cordon_error e = {0};
    struct cdn_arena arena;
    char dir[1100];
    (void)snprintf(dir, sizeof(dir), "%s/data/policy-workload/n1000", shared ? shared : "../shared");
    if (cdn_workload_load(dir, &w) < 0)
        return false;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    if (cdn_compile(w.rulebook, &options, &arena, &compiled, &e) < 0 ||
        cdn_compile_write(&compiled, snapshot, NULL, &cdn_alloc_libc, &e) < 0)
        die("neutral workload", &e);
    cdn_arena_free(&arena);
    cdn_buf_init(&to->text, &cdn_alloc_libc, CDN_MIB(64));
    for (uint32_t i = 0; i < w.request_count; i++) {
        struct cdn_request r = *w.requests[i].request;
        r.at_have = CDN_HAVE_ABSENT;
        if (cdn_json_write_request(&to->text, &r) < 0)
            die("request", NULL);
        cdn_buf_char(&to->text, '\n');
        to->count++;
    }
    cdn_workload_free(&w);
    return true;
}

/* ---- one run
 * ------------------------------------------------------------------------------------------------------ */

static void remove_all(const char *path) {
    DIR *d = opendir(path);
    for (const struct dirent *x = NULL; d && (x = readdir(d));) {
        char inner[4096];
        struct stat st;
        if (strcmp(x->d_name, ".") == 0 || strcmp(x->d_name, "..") == 0)
            continue;
        (void)snprintf(inner, sizeof(inner), "%s/%s", path, x->d_name);
        if (lstat(inner, &st) == 0 && S_ISDIR(st.st_mode))
            remove_all(inner);
        else
            (void)unlink(inner);
    }
    if (d)
        (void)closedir(d);
    (void)rmdir(path);
}

static uint64_t cpu_ns(void) {
    struct rusage u;
    (void)getrusage(RUSAGE_SELF, &u);
    return ((uint64_t)u.ru_utime.tv_sec + (uint64_t)u.ru_stime.tv_sec) * 1000000000u +
           ((uint64_t)u.ru_utime.tv_usec + (uint64_t)u.ru_stime.tv_usec) * 1000u;
}

static uint64_t drive(struct cdn_service *s,
                      const struct lines *lines,
                      uint32_t wanted,
                      uint64_t *ret_bytes) {
    struct cdn_service_batch *b = NULL;
    struct cordon_error e = {0};
    struct cdn_service_ask ask = {.caller = {.key = CDN_STR("bench"), .roles = CDN_MAY_DECIDE}};
    static char out[1 << 20];
    const uint32_t rounds = (wanted + lines->count - 1) / lines->count;
    size_t at = 0;
    uint32_t round = 0;
    bool over = false;
    *ret_bytes = 0;
    if (cdn_service_batch_open(s, &ask, NULL, NULL, &b, &e) < 0)
        die("batch", &e);
    while (!over) {
        while (round < rounds) {
            at += cdn_service_batch_feed(b, lines->text.p + at, lines->text.n - at);
            if (at < lines->text.n)
                break;
            at = 0;
            if (++round == rounds)
                cdn_service_batch_end(b);
        }
        const size_t n = cdn_service_batch_take(b, out, sizeof(out), &over);
        *ret_bytes += n;
        if (!n && !over)
            cdn_service_batch_wait(b, 1000000000u);
    }
    struct cdn_service_batch_count count;
    cdn_service_batch_count(b, &count);
    if (count.refused) {
        printf("  %llu lines refused: %.300s\n", (unsigned long long)count.refused, out);
        exit(1);
    }
    cdn_service_batch_free(b);
    return count.answered;
}

static void run(const char *what,
                const char *rules,
                const char *snapshot,
                const char *parent,
                const struct lines *lines,
                uint32_t wanted,
                bool journal,
                bool sync,
                uint64_t target) {
    char folder[1024];
    struct cdn_service_options o;
    struct cdn_service *s = NULL;
    struct cordon_error e = {0};
    (void)snprintf(folder, sizeof(folder), "%s/cordon-bench-XXXXXX", parent);
    if (!mkdtemp(folder))
        die(folder, NULL);
    cdn_service_options_init(&o);
    o.data = folder;
    o.rulebook = snapshot ? NULL : rules;
    o.snapshot = snapshot;
    o.no_journal = !journal;
    o.no_sync = !sync;
    o.no_scenarios = true;
    o.clock.read = read_clock;
    if (cdn_service_open(&o, &s, &e) < 0)
        die("open", &e);
    uint64_t bytes = 0;
    (void)drive(s, lines, CDN_MIN(lines->count * 8, wanted / 10 + 1), &bytes); /* warm */
    const uint64_t cpu = cpu_ns(), start = bench_nanoseconds();
    const uint64_t n = drive(s, lines, wanted, &bytes);
    const uint64_t time = bench_nanoseconds() - start, spent = cpu_ns() - cpu;
    struct cdn_service_metrics *m = calloc(1, sizeof(*m));
    if (!m)
        die("metrics", NULL);
    cdn_service_metrics(s, m);
    printf("%s: %llu decisions in %llu ms, %llu /s; %llu ns of processor time and %llu bytes of answer each; "
           "deciding %llu ns\n",
           what,
           (unsigned long long)n,
           (unsigned long long)(time / 1000000),
           (unsigned long long)(n * 1000000000u / time),
           (unsigned long long)(spent / n),
           (unsigned long long)(bytes / n),
           (unsigned long long)(m->decide.sum_ns / (m->decide.count ? m->decide.count : 1)));
    if (journal)
        printf("  journal: %llu records, %llu groups\n",
               (unsigned long long)m->journal_durable,
               (unsigned long long)m->commit.count);
    if (target)
        (void)bench_at_least(what, n * 1000000000u / time, target, "/s");
    free(m);
    cdn_service_close(s);
    remove_all(folder);
}

/* Whether `one` of the kinds is among the letters, or no letter of these kinds is. */
static bool chosen(const char *letters, const char *kinds, char one) {
    return strchr(letters, one) != NULL || strpbrk(letters, kinds) == NULL;
}

static int write_neutral(const char *snapshot, const char *requests) {
    struct lines lines = {0};
    if (!neutral(snapshot, &lines))
        return 3;
    FILE *f = fopen(requests, "wb");
    const bool good = f && fwrite(lines.text.p, 1, lines.text.n, f) == lines.text.n;
    cdn_buf_free(&lines.text);
    return (f && fclose(f) != 0) || !good ? 1 : 0;
}

int main(int argc, char **argv) {
    if (argc == 4 && strcmp(argv[1], "neutral") == 0)
        return write_neutral(argv[2], argv[3]);
    char folder[1100];
    struct lines lines = {0};
    const char *root = getenv("CORDON_ROOT");
    (void)snprintf(folder, sizeof(folder), "%s/rulebooks", root ? root : ".");
    const char *rules = argc > 1 ? argv[1] : folder;
    const uint32_t wanted = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 200000;
    const char *parent = argc > 3 ? argv[3] : "/var/tmp";
    const char *which = argc > 4 ? argv[4] : "";
    char snapshot[1100];
    struct lines other = {0};
    if (argc > 5)
        collect_file(argv[5], &lines);
    else
        collect(rules, &lines);
    (void)snprintf(
        snapshot, sizeof(snapshot), "%s/cordon-bench-neutral.%ld.snapshot", parent, (long)getpid());
    for (unsigned i = 0; i < 2; i++) {
        const bool shipped = i == 0;
        const char *from = shipped ? NULL : snapshot;
        const struct lines *l = shipped ? &lines : &other;
        if (!chosen(which, "sw", shipped ? 's' : 'w'))
            continue;
        if (!shipped && !neutral(snapshot, &other))
            break;
        printf("\n%s: %u different requests of %zu bytes\n",
               shipped ? "shipped rulebooks" : "neutral workload of 1,000 measures",
               l->count,
               l->text.n / l->count);
        if (chosen(which, "nju", 'n'))
            run("batch without a journal",
                rules,
                from,
                parent,
                l,
                wanted,
                false,
                false,
                shipped ? 0 : 200000);
        if (chosen(which, "nju", 'j'))
            run("batch with a durable journal",
                rules,
                from,
                parent,
                l,
                wanted,
                true,
                true,
                shipped ? 0 : 100000);
        if (chosen(which, "nju", 'u'))
            run("batch with a journal that is not synced", rules, from, parent, l, wanted, true, false, 0);
    }
    (void)unlink(snapshot);
    cdn_buf_free(&lines.text);
    cdn_buf_free(&other.text);
    return 0;
}
