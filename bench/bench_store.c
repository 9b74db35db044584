/* SPDX-License-Identifier: Apache-2.0 */
/* bench_store.c: how fast the state and the index of decisions take in records, and what the live state costs
 * a request.
 *
 *   bench_store [RECORDS]          200000
 *
 * Records as a batch makes them: a request of 700 bytes and a decision of 900, two parties with two
 * fingerprints each, one record in ten with a measure, in a hundred with a hold, in a hundred with a cap.
 * Times are those of the process's threads (CPU), and of the wall beside them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "store/live.h"

static int64_t clock_ns(clockid_t id) {
    struct timespec t;
    (void)clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

struct records {
    struct cdn_buf bytes;
    size_t *at;
    size_t count;
};

static int read_record(void *ctx, uint64_t index, struct cdn_buf *out, struct cordon_error *e) {
    const struct records *r = ctx;
    (void)e;
    cdn_buf_put(out, r->bytes.p + r->at[index], r->at[index + 1] - r->at[index]);
    return out->err;
}

static uint64_t next_random(uint64_t *state) {
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* One of four million parties; as evenly spread as keyed hashes are. */
static void name_party(uint64_t number, char ret[CDN_FINGERPRINT_TEXT + 1]) {
    uint64_t state = number;
    const uint64_t high = next_random(&state);
    (void)snprintf(ret, CDN_FINGERPRINT_TEXT + 1, "%016" PRIx64 "%016" PRIx64, high, next_random(&state));
}

static void fill_json(char *p, size_t n, const char *head) {
    size_t at = strlen(head);
    memcpy(p, head, at);
    while (at + 40 < n) {
        memcpy(p + at, "{\"kind\":\"ip\",\"value\":\"192.0.2.1\"},", 34);
        at += 34;
    }
    memcpy(p + at - 1, "]}", 3);
}

static int make_records(struct records *r, size_t count) {
    static char request[760];
    static char decision[960];
    static char hex[4][CDN_FINGERPRINT_TEXT + 1];
    uint64_t seed = 1;
    const cordon_str measures[1] = {cdn_str_z("us/eo-14071")};
    fill_json(request, 700, "{\"action\":\"order.ship\",\"parties\":[");
    fill_json(decision, 900, "{\"http_status\":200,\"measures\":[");
    cdn_buf_init(&r->bytes, &cdn_alloc_libc, (size_t)8 << 30);
    r->at = calloc(count + 1, sizeof(*r->at));
    r->count = count;
    if (!r->at)
        return CORDON_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        cordon_str parties[4];
        for (size_t k = 0; k < 4; k++) {
            name_party(next_random(&seed) % 1000000 + k * 1000000, hex[k]);
            parties[k] = cdn_str(hex[k], CDN_FINGERPRINT_TEXT);
        }
        const struct cdn_effect_hold hold = {
            .measure = measures[0], .authority = cdn_str_z("compliance"), .people = 1};
        struct cdn_effect_cap cap = {.measure = measures[0],
                                     .party = parties[0],
                                     .window = CDN_WINDOW_DAY,
                                     .amount = {125, 1},
                                     .currency = "GBP"};
        struct cdn_record_decision d = {
            .at = 1900000000 + (int64_t)(i / 50000),
            .recorded = 1900000000 + (int64_t)(i / 50000),
            .key = cdn_str_z("kbatch000001"),
            .snapshot = cdn_str_z("sha256:0000000000000000000000000000000000000000000000000000000000000001"),
            .appeal = CDN_COUNT_NONE,
            .request = cdn_str_z(request),
            .decision = cdn_str_z(decision)};
        int64_t until = 0;
        if (cdn_window_at(CDN_WINDOW_DAY, d.at, &cap.from, &until) != 0)
            return CORDON_E_ARG;
        d.effects = (struct cdn_effects){.verdict = i % 100 == 0   ? CORDON_VERDICT_HOLD
                                                    : i % 100 == 1 ? CORDON_VERDICT_LIMIT
                                                                   : CORDON_VERDICT_ALLOW,
                                         .action = cdn_str_z("order.ship"),
                                         .service = cdn_str_z("retail"),
                                         .parties = parties,
                                         .party_count = 4,
                                         .measures = measures,
                                         .measure_count = i % 10 == 0,
                                         .holds = &hold,
                                         .hold_count = i % 100 == 0,
                                         .caps = &cap,
                                         .cap_count = i % 100 == 1,
                                         .keep_until = CDN_INSTANT_NONE};
        r->at[i] = r->bytes.n;
        const int err = cdn_record_write_decision(&r->bytes, &d, NULL);
        if (err)
            return err;
    }
    r->at[count] = r->bytes.n;
    return 0;
}

struct timing {
    int64_t wall, cpu;
};
static struct timing begin(void) {
    return (struct timing){clock_ns(CLOCK_MONOTONIC), clock_ns(CLOCK_PROCESS_CPUTIME_ID)};
}
static void report(const char *what, struct timing from, size_t count) {
    const int64_t wall = clock_ns(CLOCK_MONOTONIC) - from.wall;
    const int64_t cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - from.cpu;
    printf("%-34s %9" PRId64 " /s wall %9" PRId64 " /s cpu %7" PRId64 " ns each\n",
           what,
           (int64_t)count * 1000000000 / (wall ? wall : 1),
           (int64_t)count * 1000000000 / (cpu ? cpu : 1),
           cpu / (int64_t)count);
}

static int run(const struct records *r, struct cdn_store *store, const char *folder) {
    struct cordon_error e = {0};
    struct cdn_arena arena;
    struct cdn_live *live = NULL;
    struct cdn_live_state state;
    const struct cdn_store_source source = {.ctx = (void *)(uintptr_t)r, .read = read_record};
    (void)folder;
    struct timing t = begin();
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    for (size_t i = 0; i < r->count; i++) {
        struct cdn_record record;
        if (cdn_record_read(cdn_str(r->bytes.p + r->at[i], r->at[i + 1] - r->at[i]), &arena, &record, &e) !=
            0)
            return CORDON_E_FORMAT;
        cdn_arena_reset(&arena);
    }
    report("reading records", t, r->count);
    t = begin();
    int err = cdn_store_catch_up(store, &source, r->count, &e);
    report("into the state", t, r->count);
    t = begin();
    err = err ? err : cdn_store_catch_up_index(store, &source, r->count, &e);
    report("into the index", t, r->count);
    t = begin();
    err = err ? err : cdn_live_new(&cdn_alloc_libc, &live, &e);
    err = err ? err : cdn_live_fill(live, store, &source, r->count, 1900000000, &e);
    report("filling the live state", t, r->count);
    t = begin();
    for (size_t i = 0; i < r->count && !err; i++) {
        char hex[CDN_FINGERPRINT_TEXT + 1];
        name_party(i * 7919 % 1000000, hex);
        const cordon_str party[1] = {cdn_str(hex, CDN_FINGERPRINT_TEXT)};
        err = cdn_live_merge(live, &(struct cdn_texts){party, 1}, 1900000000, &arena, &state, &e);
        cdn_arena_reset(&arena);
    }
    report("merging the state of a party", t, r->count);
    cdn_arena_free(&arena);
    cdn_live_free(live);
    if (err)
        (void)fprintf(stderr, "%s\n", e.message);
    return err;
}

int main(int argc, char **argv) {
    struct records r = {0};
    struct cdn_store *store = NULL;
    struct cordon_error e = {0};
    char folder[] = "/tmp/cordon-bench-XXXXXX";
    size_t count = 200000;
    if (argc > 1) {
        char *end = NULL;
        const unsigned long long n = strtoull(argv[1], &end, 10);
        if (*end || n == 0 || n > 100000000) {
            (void)fprintf(stderr, "usage: bench_store [RECORDS]\n");
            return 2;
        }
        count = (size_t)n;
    }
    if (!mkdtemp(folder) || make_records(&r, count) != 0)
        return 1;
    const struct cdn_store_config config = {.folder = folder, .alloc = &cdn_alloc_libc};
    printf("%zu records of %zu bytes\n", count, r.bytes.n / count);
    int err = cdn_store_open(&config, &store, &e);
    err = err ? err : run(&r, store, folder);
    cdn_store_close(store);
    const int removed = cdn_store_delete(folder, NULL);
    (void)rmdir(folder);
    cdn_buf_free(&r.bytes);
    free(r.at);
    return err || removed;
}
