/* SPDX-License-Identifier: Apache-2.0 */
/* bench_snapshot.c: what it costs to read and compile a rulebook and to open the snapshot, for 10 … 10,000
 * generated measures (an action, a service, a few countries, a date, two exceptions each), and to open one
 * with the geodata of the machine. Opening is always complete: every invariant of the format is checked. The
 * file is in the page cache. Medians of several runs. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compile/compile.h"
#include "compile/fold_icu.h"
#include "geodata/builder.h"
#include "measure.h"

#define DATABASE "/usr/share/libloc-location/location.db"
#define RUNS 9

static bool all_met = true;

static double now_ms(void) {
    return (double)bench_thread_nanoseconds() / 1e6;
}

static uint64_t state = 42;
static uint32_t below(uint32_t n) {
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ z >> 31) % n);
}

static void die(const char *what, const struct cordon_error *e) {
    (void)fprintf(stderr, "bench-snapshot: %s: %s\n", what, e ? e->message : "");
    exit(1);
}

static int order(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *v, size_t n) {
    qsort(v, n, sizeof(*v), order);
    return v[n / 2];
}

static void write_rulebook(struct cdn_buf *b, unsigned measures) {
    static const char *const countries[] = {"AF", "BY", "CD", "CF", "CU", "ET", "GN", "HT", "IQ", "IR",
                                            "KP", "LB", "LY", "ML", "MM", "MW", "NI", "RE", "RU", "SD",
                                            "SO", "SS", "SY", "UG", "VE", "YE", "ZW", "KY", "DK", "KZ"};
    cdn_buf_z(b, "operator acme \"Acme\"\n");
    for (unsigned i = 0; i < 20; i++)
        cdn_buf_printf(b, "action act.a%u \"Action %u\" needs customer\n", i, i);
    for (unsigned i = 0; i < 40; i++)
        cdn_buf_printf(b, "service svc-%u \"Service %u\" of acme is cloud\n", i, i);
    for (unsigned i = 0; i < measures; i++) {
        cdn_buf_printf(
            b,
            "\nmeasure acme/m%05u\n    title \"Measure %u\"\n    basis law \"Reg. %u/%u art. %u\" of us\n",
            i,
            i,
            1 + below(3000),
            2010 + below(16),
            1 + below(20));
        cdn_buf_printf(b, "    source \"Source %u\" <https://example.org/%u>\n", i, i);
        cdn_buf_printf(
            b, "    effective 20%02u-%02u-%02u UTC\n", 14 + below(12), 1 + below(12), 1 + below(28));
        cdn_buf_printf(b, "    deny act.a%u on svc-%u\n    when customer based in {", below(20), below(40));
        const unsigned first = below(30), n = 1 + below(8);
        for (unsigned k = 0; k < n; k++)
            cdn_buf_printf(b, "%s%s", k ? ", " : "", countries[(first + k * 7) % 30]);
        cdn_buf_z(b, "}\n");
        if (below(2))
            cdn_buf_z(b, "    except \"existing\" customer is existing\n");
        if (below(2))
            cdn_buf_printf(
                b, "    except \"ngo\" customer.kind is ngo and customer.licences in {gl-%u}\n", below(50));
    }
    if (b->err)
        die("no memory", NULL);
}

static const struct cdn_rulebook *load(cordon_str text, struct cdn_arena *arena) {
    struct cdn_diagnostics d = {.arena = arena};
    const struct cdn_rulebook_source source = {CDN_STR("bench.measure"), text};
    struct cdn_rulebook *rb = NULL;
    if (cdn_rulebook_load(&source, 1, "/usr/share/zoneinfo", arena, &d, &rb) != 0) {
        struct cdn_buf b;
        cdn_buf_init(&b, &cdn_alloc_libc, 1 << 20);
        if (d.count)
            cdn_diagnostic_write(&b, &source, &d.items[0], false);
        (void)fprintf(stderr, "%.*s\n", CDN_FMT(cdn_buf_get(&b)));
        die("the generated rulebook has errors", NULL);
    }
    return rb;
}

static double open_ms(const char *path) {
    double v[RUNS];
    for (unsigned i = 0; i < RUNS; i++) {
        struct cdn_snapshot *s = NULL;
        struct cordon_error e = {0};
        const double begin = now_ms();
        if (cdn_snapshot_open(path, &cdn_alloc_libc, &s, &e) != 0)
            die("open", &e);
        v[i] = now_ms() - begin;
        cdn_snapshot_unref(s);
    }
    return median(v, RUNS);
}

static void run(unsigned measures, cordon_str fold, cordon_str geo, const char *path) {
    struct cdn_buf text;
    cdn_buf_init(&text, &cdn_alloc_libc, (size_t)1 << 30);
    write_rulebook(&text, measures);
    double parse[RUNS], compile[RUNS], plain[RUNS];
    struct cordon_error e = {0};
    unsigned runs = measures >= 10000 && geo.n == 0 ? 5 : RUNS;
    size_t memory = 0;
    for (unsigned i = 0; i < runs; i++) {
        struct cdn_arena arena;
        struct cdn_compiled c;
        const struct cdn_compile_options o = {.fold = fold, .geo = geo},
                                         no_guards = {.fold = fold, .no_guards = true};
        cdn_arena_init(&arena, &cdn_alloc_libc, 0);
        double begin = now_ms();
        const struct cdn_rulebook *rb = load(cdn_buf_get(&text), &arena);
        parse[i] = now_ms() - begin;
        const size_t before = arena.total;
        begin = now_ms();
        if (cdn_compile(rb, &o, &arena, &c, &e) != 0)
            die("compile", &e);
        compile[i] = now_ms() - begin;
        memory = arena.total - before;
        if (i == 0 && cdn_compile_write(&c, path, NULL, &cdn_alloc_libc, &e) != 0)
            die("write", &e);
        begin = now_ms();
        if (cdn_compile(rb, &no_guards, &arena, &c, &e) != 0)
            die("compile", &e);
        plain[i] = now_ms() - begin;
        cdn_arena_free(&arena);
    }
    struct stat st;
    if (stat(path, &st) != 0)
        die("stat", NULL);
    const double compiled = median(compile, runs), opened = open_ms(path);
    printf("%6u measures%s: read %7.1f ms, compile %7.1f ms (without guards %7.1f), %6.1f MiB; file %8.1f "
           "KiB, open %6.2f ms\n",
           measures,
           geo.n ? " + geodata" : "",
           median(parse, runs),
           compiled,
           median(plain, runs),
           (double)memory / 1048576.0,
           (double)st.st_size / 1024.0,
           opened);
    if (measures == 10000)
        all_met &= bench_at_most(
            "read and compile 10,000 measures", (uint64_t)(median(parse, runs) + compiled), 1000, "ms");
    all_met &=
        geo.n ? bench_at_most("open with the full geodata, validated", (uint64_t)(opened * 1e3), 100000, "us")
              : bench_at_most("open without geodata, validated", (uint64_t)(opened * 1e3), 10000, "us");
    cdn_buf_free(&text);
}

int main(void) {
    struct cdn_buf fold, geo;
    struct cordon_error e = {0};
    char path[] = "/tmp/cordon-bench-snapshot-XXXXXX";
    const int fd = mkstemp(path);
    if (fd < 0)
        die("mkstemp", NULL);
    (void)close(fd);
    (void)bench_start();
    cdn_buf_init(&fold, &cdn_alloc_libc, 1 << 24);
    const double begin = now_ms();
    if (cdn_compile_fold(&cdn_alloc_libc, &fold, &e) != 0)
        die("fold", &e);
    printf("folding table: %.1f ms, %zu bytes\n", now_ms() - begin, fold.n);
    for (unsigned n = 10; n <= 10000; n *= 10)
        run(n, cdn_buf_get(&fold), cdn_str("", 0), path);
    struct cdn_geodata_builder *g = NULL;
    const struct cdn_geodata_source source = {.name = CDN_STR("libloc")};
    cdn_buf_init(&geo, &cdn_alloc_libc, (size_t)1 << 30);
    if (access(DATABASE, R_OK) == 0 && cdn_geodata_builder_new(&cdn_alloc_libc, &g, &e) == 0 &&
        cdn_geodata_add_file(g, CDN_IP_KIND_LIBLOC, &source, DATABASE, &e) == 0 &&
        cdn_geodata_finish(g, &geo, &e) == 0)
        run(1000, cdn_buf_get(&fold), cdn_buf_get(&geo), path);
    else
        printf("no geodata: skipped\n");
    cdn_geodata_builder_free(g);
    cdn_buf_free(&geo);
    cdn_buf_free(&fold);
    (void)unlink(path);
    return all_met ? 0 : 1;
}
