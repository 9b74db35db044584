/* SPDX-License-Identifier: Apache-2.0 */
/* bench_ip.c: what an IP look-up costs in Cordon's section, in libloc and in libmaxminddb, on the same
 * networks (Debian's IPFire Location database, or the one given as argument) and the same random addresses.
 *
 * Look-ups/s: the median of several passes over all addresses, by the thread's own clock. p50 and p99: each
 * look-up timed by itself with the time-stamp counter, less the median cost of timing nothing, the smaller of
 * two passes per address (which removes interruptions). IPv4 addresses are uniform; IPv6 addresses uniform
 * within a random network of the database, since nearly all of the space is empty. All three must agree on
 * all of them, or the program fails. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <libloc/database.h>
#include <maxminddb.h>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

#include "../tests/support/mmdb_writer.h"
#include "geodata/builder.h"
#include "measure.h"

#define DATABASE "/usr/share/libloc-location/location.db"
#define ADDRESSES ((size_t)1 << 20)
#define SLOW_ADDRESSES ((size_t)1 << 16) /* for libloc */
#define PASSES 9

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline uint64_t ticks(void) {
#if defined(__x86_64__)
    unsigned aux;
    const uint64_t t = __rdtscp(&aux);
    _mm_lfence();
    return t;
#else
    return now_ns();
#endif
}

static uint64_t random_state = 42;
static uint64_t rnd(void) {
    uint64_t z = (random_state += 0x9e3779b97f4a7c15u);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static void die(const char *what) {
    fprintf(stderr, "bench-ip: %s\n", what);
    exit(1);
}

static int by_value(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* ---- the three ------------------------------------------------------------------------------------------
 */

static struct {
    struct cdn_ip_table table;
    struct loc_database *db;
    MMDB_s mmdb;
} g;

static uint32_t v4[ADDRESSES];
static struct in6_addr v6[ADDRESSES];
static volatile uint64_t sink;

typedef uint64_t look_fn(size_t i);

static uint64_t cordon4(size_t i) {
    return cdn_ip_lookup4(&g.table, v4[i]);
}
static uint64_t cordon6(size_t i) {
    return cdn_ip_lookup6(&g.table, v6[i].s6_addr);
}
static uint64_t nothing(size_t i) {
    return i;
}

static struct in6_addr mapped(uint32_t a) {
    struct in6_addr r = {.s6_addr = {[10] = 0xff, [11] = 0xff}};
    for (int k = 0; k < 4; k++) {
        r.s6_addr[12 + k] = (uint8_t)(a >> (24 - 8 * k));
    }
    return r;
}

static struct cdn_ip_answer loc_answer(const struct in6_addr *a) {
    struct cdn_ip_answer r = {0};
    struct loc_network *n = NULL;
    if (loc_database_lookup(g.db, a, &n) == 0 && n != NULL) {
        const char *const c = loc_network_get_country_code(n);
        r.country = c != NULL && c[0] >= 'A' && c[1] >= 'A' ? CDN_COUNTRY(c[0], c[1]) : 0;
        r.asn = loc_network_get_asn(n);
        loc_network_unref(n);
    }
    return r;
}
static uint64_t libloc(const struct in6_addr *a) {
    struct loc_network *n = NULL;
    if (loc_database_lookup(g.db, a, &n) != 0 || n == NULL) {
        return 0;
    }
    loc_network_unref(n);
    return 1;
}
static uint64_t libloc4(size_t i) {
    const struct in6_addr a = mapped(v4[i]);
    return libloc(&a);
}
static uint64_t libloc6(size_t i) {
    return libloc(&v6[i]);
}

static MMDB_lookup_result_s mmdb_look4(uint32_t a) {
    const struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr = {htonl(a)}};
    int err = 0;
    return MMDB_lookup_sockaddr(&g.mmdb, (const struct sockaddr *)(const void *)&sa, &err);
}
static MMDB_lookup_result_s mmdb_look6(const struct in6_addr *a) {
    const struct sockaddr_in6 sa = {.sin6_family = AF_INET6, .sin6_addr = *a};
    int err = 0;
    return MMDB_lookup_sockaddr(&g.mmdb, (const struct sockaddr *)(const void *)&sa, &err);
}
static uint64_t mmdb4(size_t i) {
    return mmdb_look4(v4[i]).entry.offset;
}
static uint64_t mmdb6(size_t i) {
    return mmdb_look6(&v6[i]).entry.offset;
}

static struct cdn_ip_answer mmdb_answer(MMDB_lookup_result_s *r) {
    struct cdn_ip_answer a = {0};
    MMDB_entry_data_s d;
    if (!r->found_entry) {
        return a;
    }
    if (MMDB_get_value(&r->entry, &d, "country", "iso_code", NULL) == MMDB_SUCCESS && d.has_data) {
        a.country = CDN_COUNTRY(d.utf8_string[0], d.utf8_string[1]);
    }
    if (MMDB_get_value(&r->entry, &d, "autonomous_system_number", NULL) == MMDB_SUCCESS && d.has_data) {
        a.asn = d.uint32;
    }
    return a;
}

/* ---- measuring ------------------------------------------------------------------------------------------
 */

static uint64_t ticks_per_us;

static void calibrate(void) {
    const uint64_t start = now_ns();
    const uint64_t first = ticks();
    while (now_ns() - start < 50000000u) {
    }
    ticks_per_us = (ticks() - first) * 1000 / (now_ns() - start);
}

/* Passes are written out per function so that the compiler may inline, as a caller's would. */
static uint64_t one_pass(look_fn *f, size_t n) {
    uint64_t sum = 0;
    const uint64_t start = bench_thread_nanoseconds();
    for (size_t i = 0; i < n; i++) {
        sum += f(i);
    }
    const uint64_t spent = bench_thread_nanoseconds() - start;
    sink = sum;
    return spent;
}

static void latency(look_fn *f, size_t n, uint64_t *ret_p50, uint64_t *ret_p99) {
    uint64_t *const each = malloc(n * sizeof *each);
    if (each == NULL) {
        die("no memory");
    }
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < n; i++) {
            const uint64_t start = ticks();
            sink = f(i);
            const uint64_t spent = ticks() - start;
            each[i] = pass == 0 || spent < each[i] ? spent : each[i];
        }
    }
    qsort(each, n, sizeof *each, by_value);
    *ret_p50 = each[n / 2];
    *ret_p99 = each[n - n / 100];
    free(each);
}

static uint64_t measure(const char *who, const char *family, look_fn *f, size_t n) {
    uint64_t pass[PASSES];
    for (size_t i = 0; i < PASSES; i++) {
        pass[i] = one_pass(f, n);
    }
    qsort(pass, PASSES, sizeof *pass, by_value);
    uint64_t p50;
    uint64_t p99;
    uint64_t idle;
    uint64_t unused;
    latency(nothing, SLOW_ADDRESSES, &idle, &unused);
    latency(f, n, &p50, &p99);
    const uint64_t per_s = (uint64_t)n * 1000000000u / pass[PASSES / 2];
    printf("  %-13s %s %6llu.%02llu M/s   p50 %5llu ns   p99 %5llu ns\n",
           who,
           family,
           (unsigned long long)(per_s / 1000000),
           (unsigned long long)(per_s / 10000 % 100),
           (unsigned long long)((p50 - CDN_MIN(idle, p50)) * 1000 / ticks_per_us),
           (unsigned long long)((p99 - CDN_MIN(idle, p99)) * 1000 / ticks_per_us));
    return per_s;
}

/* ---- making the inputs ----------------------------------------------------------------------------------
 */

/* A section of the database and, if there is one, of the .mmdb made of it. */
static void build_section(const char *path, const char *mmdb_path, struct cdn_buf *section) {
    struct cordon_error e = {0};
    struct cdn_geodata_builder *b;
    const struct cdn_geodata_source libloc = {.name = CDN_STR("libloc")};
    const struct cdn_geodata_source mmdb = {.name = CDN_STR("mmdb")};
    const uint64_t start = now_ns();
    cdn_buf_init(section, &cdn_alloc_libc, CDN_MAX_SNAPSHOT_SECTION);
    if (cdn_geodata_builder_new(&cdn_alloc_libc, &b, &e) != 0 ||
        cdn_geodata_add_file(b, CDN_IP_KIND_LIBLOC, &libloc, path, &e) != 0 ||
        (mmdb_path != NULL && cdn_geodata_add_file(b, CDN_IP_KIND_MMDB, &mmdb, mmdb_path, &e) != 0) ||
        cdn_geodata_finish(b, section, &e) != 0) {
        die(e.message);
    }
    cdn_geodata_builder_free(b);
    printf("section of %s: %zu bytes, built in %llu ms\n",
           mmdb_path != NULL ? "both files" : "the database",
           section->n,
           (unsigned long long)((now_ns() - start) / 1000000));
}

static void write_file(const char *path, const void *p, size_t n) {
    FILE *const f = fopen(path, "wb");
    if (f == NULL || fwrite(p, 1, n, f) != n || fclose(f) != 0) {
        die("cannot write a temporary file");
    }
}

/* Maps the section anew each time: opening includes taking its pages from the cache. */
static void time_open(const char *path, size_t n) {
    uint64_t pass[PASSES];
    for (size_t i = 0; i < PASSES; i++) {
        const uint64_t start = now_ns();
        const int fd = open(path, O_RDONLY | O_CLOEXEC);
        void *const p = mmap(NULL, n, PROT_READ, MAP_SHARED, fd, 0);
        if (fd < 0 || p == MAP_FAILED || cdn_ip_open(p, n, &g.table, NULL) != 0) {
            die("cannot open the section");
        }
        pass[i] = now_ns() - start;
        close(fd); /* the last mapping is the one in use; the others stay, too */
    }
    qsort(pass, PASSES, sizeof *pass, by_value);
    printf("open and validate: %llu.%02llu ms\n",
           (unsigned long long)(pass[PASSES / 2] / 1000000),
           (unsigned long long)(pass[PASSES / 2] / 10000 % 100));
}

/* A .mmdb of the same networks; picks IPv6 addresses on the way. */
static void build_mmdb(const char *path) {
    struct loc_database_enumerator *all;
    struct mmdb_writer *const w = mmdb_writer_new();
    size_t networks = 0;
    size_t networks6 = 0;
    if (loc_database_enumerator_new(&all, g.db, LOC_DB_ENUMERATE_NETWORKS, 0) != 0) {
        die("cannot list the database");
    }
    for (struct loc_network *n = NULL;; loc_network_unref(n), n = NULL) {
        if (loc_database_enumerator_next_network(all, &n) != 0 || n == NULL) {
            break;
        }
        networks++;
        struct in6_addr a = *loc_network_get_first_address(n);
        const bool four = IN6_IS_ADDR_V4MAPPED(&a);
        const unsigned length = loc_network_prefix(n) + (four ? 96 : 0);
        struct mmdb_data d = {.asn = loc_network_get_asn(n)};
        const char *const c = loc_network_get_country_code(n);
        memcpy(d.country, c, c != NULL ? 2 : 0);
        d.anycast = loc_network_has_flag(n, LOC_NETWORK_FLAG_ANYCAST) != 0;
        d.anonymous = loc_network_has_flag(n, LOC_NETWORK_FLAG_ANONYMOUS_PROXY) != 0;
        if (four) {
            a.s6_addr[10] = a.s6_addr[11] = 0;
        } else {
            const size_t at = networks6 < ADDRESSES ? networks6 : rnd() % (networks6 + 1);
            networks6++;
            if (at < ADDRESSES) {
                const struct in6_addr *const last = loc_network_get_last_address(n);
                for (int k = 0; k < 16; k++) {
                    v6[at].s6_addr[k] =
                        (uint8_t)(a.s6_addr[k] | ((a.s6_addr[k] ^ last->s6_addr[k]) & (uint8_t)rnd()));
                }
            }
        }
        mmdb_writer_add(w, a.s6_addr, length, mmdb_writer_data(w, &d));
    }
    loc_database_enumerator_unref(all);
    size_t size;
    uint8_t *const bytes = mmdb_writer_finish(w, 28, 1, &size);
    mmdb_writer_free(w);
    write_file(path, bytes, size);
    free(bytes);
    for (size_t i = networks6; i < ADDRESSES; i++) {
        v6[i] = v6[rnd() % networks6];
        for (int k = 8; k < 16; k++) {
            v6[i].s6_addr[k] = (uint8_t)rnd();
        }
    }
    for (size_t i = ADDRESSES - 1; i > 0; i--) { /* no order that a cache could like */
        const size_t k = rnd() % (i + 1);
        const struct in6_addr swap = v6[i];
        v6[i] = v6[k];
        v6[k] = swap;
    }
    printf("networks: %zu (%zu IPv6); the same as .mmdb: %zu bytes\n", networks, networks6, size);
}

/* Both files as two sources of one section: their answers must be the same everywhere. */
static size_t two_sources(const char *path, const char *mmdb_path) {
    struct cdn_buf section;
    struct cdn_ip_table t;
    size_t bad = 0;
    build_section(path, mmdb_path, &section);
    if (cdn_ip_open(section.p, section.n, &t, NULL) != 0) {
        die("cannot open the section");
    }
    for (size_t i = 0; i < 2 * ADDRESSES; i++) {
        const uint32_t record =
            i < ADDRESSES ? cdn_ip_lookup4(&t, v4[i]) : cdn_ip_lookup6(&t, v6[i - ADDRESSES].s6_addr);
        const struct cdn_ip_answer *const a = cdn_ip_answers(&t, record);
        bad += a[0].country != a[1].country || a[0].asn != a[1].asn;
    }
    cdn_buf_free(&section);
    return bad;
}

static size_t agreement(void) {
    size_t bad = 0;
    for (size_t i = 0; i < 2 * ADDRESSES; i++) {
        const bool four = i < ADDRESSES;
        const struct in6_addr a = four ? mapped(v4[i]) : v6[i - ADDRESSES];
        if (!four && a.s6_addr[0] == 0x20 && a.s6_addr[1] <= 2 &&
            (a.s6_addr[1] == 2 || !(a.s6_addr[2] | a.s6_addr[3]))) {
            continue; /* 6to4 and Teredo: looked up as the IPv4 address in it */
        }
        const struct cdn_ip_answer *const c = cdn_ip_answers(&g.table, cdn_ip_lookup6(&g.table, a.s6_addr));
        MMDB_lookup_result_s r = four ? mmdb_look4(v4[i]) : mmdb_look6(&a);
        const struct cdn_ip_answer l = loc_answer(&a);
        const struct cdn_ip_answer m = mmdb_answer(&r);
        bad += c->country != l.country || c->asn != l.asn || c->country != m.country || c->asn != m.asn;
    }
    printf("agreement of the three: %zu of %zu addresses differ\n", bad, 2 * ADDRESSES);
    return bad;
}

int main(int argc, char **argv) {
    const char *const path = argc > 1 ? argv[1] : DATABASE;
    char folder[] = "/tmp/cordon-bench-ip-XXXXXX";
    char section_path[64];
    char mmdb_path[64];
    struct loc_ctx *ctx;
    struct cdn_buf section;
    FILE *const f = fopen(path, "rb");
    if (f == NULL || loc_new(&ctx) != 0 || loc_database_new(ctx, &g.db, f) != 0 || mkdtemp(folder) == NULL) {
        die("cannot open the IPFire Location database (package libloc-database)");
    }
    snprintf(section_path, sizeof section_path, "%s/section", folder);
    snprintf(mmdb_path, sizeof mmdb_path, "%s/mmdb", folder);
    (void)bench_start();
    calibrate();
    build_section(path, NULL, &section);
    write_file(section_path, section.p, section.n);
    time_open(section_path, section.n);
    cdn_buf_free(&section);
    for (size_t i = 0; i < ADDRESSES; i++) {
        v4[i] = (uint32_t)rnd();
    }
    build_mmdb(mmdb_path);
    if (MMDB_open(mmdb_path, MMDB_MODE_MMAP, &g.mmdb) != MMDB_SUCCESS) {
        die("libmaxminddb does not open the file");
    }
    const size_t bad = agreement() + two_sources(path, mmdb_path);
    unlink(section_path);
    unlink(mmdb_path);
    rmdir(folder);
    const uint64_t four = measure("cordon", "IPv4", cordon4, ADDRESSES);
    const uint64_t mmdb_four = measure("libmaxminddb", "IPv4", mmdb4, ADDRESSES);
    const uint64_t loc_four = measure("libloc", "IPv4", libloc4, SLOW_ADDRESSES);
    const uint64_t six = measure("cordon", "IPv6", cordon6, ADDRESSES);
    const uint64_t mmdb_six = measure("libmaxminddb", "IPv6", mmdb6, ADDRESSES);
    const uint64_t loc_six = measure("libloc", "IPv6", libloc6, SLOW_ADDRESSES);
    bool met = bench_at_most("addresses on which the three differ", bad, 0, "addresses");
    met &= bench_at_least("IPv4 look-ups", four, 20000000, "/s");
    met &= bench_at_least("IPv6 look-ups", six, 10000000, "/s");
    met &= bench_at_least(
        "IPv4 look-ups, the faster of both libraries", four, CDN_MAX(mmdb_four, loc_four), "/s");
    met &=
        bench_at_least("IPv6 look-ups, the faster of both libraries", six, CDN_MAX(mmdb_six, loc_six), "/s");
    MMDB_close(&g.mmdb);
    loc_database_unref(g.db);
    loc_unref(ctx);
    fclose(f);
    return met ? 0 : 1;
}
