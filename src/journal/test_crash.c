/* SPDX-License-Identifier: Apache-2.0 */
/* test_crash.c: on a disk that loses power, runs full or fails to sync (test_simdisk.h), at every call that
 * changes something: no acknowledged record is lost, none is invented, recovery needs nobody. */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "journal/journal.h"
#include "journal/test_simdisk.h"
#include "support/fault.h"
#include "support/rnd.h"

enum { MOST = 4096 };
#define ANY UINT32_MAX /* of those that were appended */

/* From other threads, where cmocka cannot fail a test. */
static void demand(bool holds, const char *what, uint64_t a, uint64_t b) {
    if (!holds) {
        (void)fprintf(stderr, "%s: %llu, %llu\n", what, (unsigned long long)a, (unsigned long long)b);
        abort();
    }
}

/* What the world outside knows. A record that was given up and came back under the same index has a new text,
 * so that every index has several that it may hold. */
struct world {
    pthread_mutex_t lock;
    struct sim *disk;
    struct cdn_sign_secret key;
    uint64_t acknowledged; /* records, always a prefix */
    uint32_t text[MOST];   /* that record i was acknowledged with */
    uint32_t tried[MOST];  /* the newest text that was appended as record i */
    uint32_t next_text;
    uint64_t lost;
    size_t segment_bytes;
};

static void on_durable(void *ctx, uint64_t first, uint64_t count) {
    struct world *w = ctx;
    (void)pthread_mutex_lock(&w->lock);
    demand(first == w->acknowledged, "acknowledged out of order", first, w->acknowledged);
    for (uint64_t i = first; i < first + count; i++)
        w->text[i] = w->tried[i];
    w->acknowledged = first + count;
    (void)pthread_mutex_unlock(&w->lock);
}
static void on_lost(void *ctx, uint64_t first, uint64_t count, const struct cordon_error *why) {
    struct world *w = ctx;
    demand(why->code != 0, "given up without a reason", first, count);
    (void)pthread_mutex_lock(&w->lock);
    demand(first == w->acknowledged, "given up out of order", first, w->acknowledged);
    w->lost += count;
    (void)pthread_mutex_unlock(&w->lock);
}

static int64_t no_clock(void *ctx) {
    (void)ctx;
    return 0;
}

static int open_it(struct world *w, struct cdn_journal **ret, struct cordon_error *e) {
    struct cdn_journal_options o;
    cdn_journal_options_init(&o);
    o.files = sim_ops(w->disk);
    o.key = &w->key;
    o.ctx = w;
    o.on_durable = on_durable;
    o.on_lost = on_lost;
    o.now_ns = no_clock;
    o.segment_bytes = w->segment_bytes;
    o.checkpoint_records = 7;
    o.checkpoint_ns = UINT64_MAX;
    return cdn_journal_open("/", &o, ret, e);
}

static cordon_str text_of(uint32_t n, char *storage) {
    char *p = storage;
    uint32_t x = n * 2654435761u + 1;
    p += snprintf(p, 64, "{\"text\":%u,\"more\":\"", n);
    for (uint32_t i = 0; i < n * 37 % 400; i++) {
        x = x * 1664525 + 1013904223;
        *p++ = (char)('a' + (x >> 24) % 26);
    }
    *p++ = '"';
    *p++ = '}';
    return cdn_str(storage, (size_t)(p - storage));
}

static int append(struct world *w, struct cdn_journal *j) {
    char storage[512];
    uint64_t index;
    struct cordon_error e;
    /* The lock makes `tried` right before on_durable looks at it. */
    (void)pthread_mutex_lock(&w->lock);
    const int err = cdn_journal_append(j, text_of(w->next_text, storage), 0, CDN_JOURNAL_NOWAIT, &index, &e);
    if (!err)
        w->tried[index] = w->next_text++;
    (void)pthread_mutex_unlock(&w->lock);
    return err;
}

/* Reads everything and holds it against the world. The records beyond the acknowledged ones were appended. */
static void check(struct world *w, struct cdn_journal *j, bool reopened) {
    struct cdn_buf b;
    struct cordon_error e;
    char storage[512];
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 16);
    const uint64_t head = cdn_journal_head(j);
    (void)pthread_mutex_lock(&w->lock);
    const uint64_t known = w->acknowledged; /* on_durable may be on its way */
    (void)pthread_mutex_unlock(&w->lock);
    assert_true(head >= known);
    for (uint64_t i = 0; i < head; i++) {
        struct cdn_journal_record r;
        if (cdn_journal_read(j, i, &b, &r, &e))
            fail_msg("record %llu: %s", (unsigned long long)i, e.message);
        if (i < known && w->text[i] != ANY) {
            assert_true(cdn_str_eq(r.payload, text_of(w->text[i], storage)));
            continue;
        }
        assert_true(cdn_str_starts(r.payload, CDN_STR("{\"text\":")));
        unsigned n = 0;
        for (size_t at = 8; at < r.payload.n && r.payload.p[at] >= '0' && r.payload.p[at] <= '9'; at++)
            n = n * 10 + (unsigned)(r.payload.p[at] - '0');
        assert_true(n < w->next_text);
        assert_true(cdn_str_eq(r.payload, text_of(n, storage)));
        if (reopened)
            w->text[i] = w->tried[i] = n;
    }
    if (reopened)
        w->acknowledged = head; /* what recovery found stays */
    cdn_buf_clear(&b);
    struct cdn_checkpoint c;
    if (cdn_journal_checkpoint(j, &b, &e))
        fail_msg("checkpoint: %s", e.message);
    assert_int_equal(cdn_checkpoint_read(cdn_buf_get(&b), &c, NULL), 0);
    assert_true(c.size == head || (!reopened && c.size > head));
    cdn_buf_free(&b);
}

/* Appends in groups of different sizes; ends early when the journal fails for good. */
static void work(struct world *w, struct cdn_journal *j, unsigned groups, bool recover) {
    for (unsigned g = 0; g < groups; g++) {
        for (unsigned i = 0; i < 1 + g * 5 % 9; i++)
            (void)append(w, j);
        (void)pthread_mutex_lock(&w->lock);
        const uint64_t had = w->acknowledged;
        (void)pthread_mutex_unlock(&w->lock);
        const int waited = cdn_journal_wait(j, had + 1, NULL);
        const int recovered = recover ? cdn_journal_recover(j, NULL) : 0;
        if (waited && !recover && !recovered)
            break;
    }
}

static void begin(struct world *w, uint64_t seed) {
    memset(w, 0, sizeof(*w));
    (void)pthread_mutex_init(&w->lock, NULL);
    w->segment_bytes = (size_t)4096 << seed % 3; /* which is also how far zeros are written ahead */
    w->disk = sim_new(seed);
    assert_int_equal(cdn_sign_generate(&w->key, NULL), 0);
}
static void end(struct world *w) {
    sim_free(w->disk);
    (void)pthread_mutex_destroy(&w->lock);
}

static struct cdn_journal *reopen(struct world *w) {
    struct cdn_journal *j = NULL;
    struct cordon_error e;
    if (open_it(w, &j, &e))
        fail_msg("the journal does not open again: %s (%s)", e.message, e.where);
    check(w, j, true);
    return j;
}

static uint64_t one_crash(uint64_t seed, uint64_t at, bool harsh, bool again) {
    struct world w;
    struct cdn_journal *j = NULL;
    begin(&w, seed);
    sim_short_writes(w.disk, seed % 2);
    sim_power_off_after(w.disk, at);
    if (open_it(&w, &j, NULL) == 0)
        work(&w, j, 12, false);
    cdn_journal_close(j);
    const uint64_t calls = sim_calls(w.disk);
    sim_crash(w.disk, harsh);
    if (again) { /* and power goes again while it recovers */
        sim_power_off_after(w.disk, seed * 7 % 20);
        j = NULL;
        if (open_it(&w, &j, NULL) == 0) {
            const uint64_t found = cdn_journal_head(j);
            for (; w.acknowledged < found; w.acknowledged++)
                w.text[w.acknowledged] = ANY;
            work(&w, j, 2, false);
        }
        cdn_journal_close(j);
        sim_crash(w.disk, harsh);
    }
    j = reopen(&w);
    work(&w, j, 3, false);
    cdn_journal_close(j);
    sim_crash(w.disk, harsh);
    j = reopen(&w);
    cdn_journal_close(j);
    end(&w);
    return calls;
}

static void power_may_go_at_every_call(void **state) {
    (void)state;
    const uint64_t calls = one_crash(1, UINT64_MAX, false, false);
    assert_true(calls > 50);
    for (uint64_t at = 0; at <= calls; at++) {
        for (uint64_t variant = 0; variant < 6; variant++)
            (void)one_crash(at * 31 + variant, at, variant % 2, variant >= 4);
    }
}

/* After the cause is gone it works again; a checkpoint that was being written then may fail once more, and
 * the keeper may say so only when the next record is durable already. */
static void goes_on(struct world *w, struct cdn_journal *j) {
    unsigned tries = 0;
    uint64_t before = 0;
    do {
        assert_int_equal(cdn_journal_recover(j, NULL), 0);
        assert_true(tries++ < 10);
        before = cdn_journal_head(j);
    } while (append(w, j) != 0 || cdn_journal_wait(j, before + 1, NULL) != 0 ||
             cdn_journal_health(j, NULL) != 0);
}

static void a_disk_that_is_full_refuses_and_goes_on(void **state) {
    (void)state;
    for (uint64_t room = 0; room < 12000; room += 97) {
        struct world w;
        struct cdn_journal *j = NULL;
        begin(&w, room);
        assert_int_equal(open_it(&w, &j, NULL), 0);
        sim_room(w.disk, room);
        work(&w, j, 8, true);
        sim_room(w.disk, UINT64_MAX);
        goes_on(&w, j);
        check(&w, j, false);
        cdn_journal_close(j);
        sim_crash(w.disk, true);
        j = reopen(&w);
        cdn_journal_close(j);
        end(&w);
    }
}

static void a_failing_sync_acknowledges_nothing(void **state) {
    (void)state;
    uint64_t lost = 0;
    for (uint64_t seed = 1; seed < 150; seed++) {
        struct world w;
        struct cdn_journal *j = NULL;
        begin(&w, seed);
        assert_int_equal(open_it(&w, &j, NULL), 0);
        sim_fail_sync(w.disk, 2 + (unsigned)(seed % 7));
        work(&w, j, 20, true);
        sim_fail_sync(w.disk, 0);
        if (seed % 2) {
            goes_on(&w, j);
            check(&w, j, false);
        }
        cdn_journal_close(j);
        sim_crash(w.disk, seed % 3);
        j = reopen(&w);
        work(&w, j, 3, false);
        cdn_journal_close(j);
        lost += w.lost;
        end(&w);
    }
    assert_true(lost > 0);
}

static void damage_to_acknowledged_records_is_never_taken_for_a_torn_tail(void **state) {
    (void)state;
    struct world w;
    struct cdn_journal *j = NULL;
    struct cordon_error e;
    unsigned refused = 0;
    for (uint64_t at = 0; at < 3000; at += 13) {
        begin(&w, at);
        assert_int_equal(open_it(&w, &j, NULL), 0);
        work(&w, j, 6, false);
        assert_int_equal(cdn_journal_wait(j, w.acknowledged, NULL), 0);
        cdn_journal_close(j);
        const bool there = sim_flip(w.disk, "records/00000001.seg", at);
        j = NULL;
        const int err = open_it(&w, &j, &e);
        if (there && err) {
            assert_true(err == CORDON_E_DIGEST || err == CORDON_E_FORMAT || err == CORDON_E_VERSION);
            refused++;
        } else { /* what it does not need to read to open, it does not read; nothing is lost */
            assert_int_equal(err, 0);
            assert_true(cdn_journal_head(j) >= w.acknowledged);
            cdn_journal_close(j);
        }
        end(&w);
    }
    assert_true(refused > 0);
}

/* ---- erasing
 * ------------------------------------------------------------------------------------------------ */

enum { DECISIONS = 40, FROM = 5, LAST = 27 };

static cordon_str decision_of(unsigned i, char *storage) {
    const int n = snprintf(
        storage, 256, "{\"kind\":\"decision\",\"n\":%u,\"who\":\"%0*u\"}", i, (int)(i * 5 % 90) + 1, i);
    return cdn_str(storage, (size_t)n);
}

static void on_nothing(void *ctx, uint64_t first, uint64_t count) {
    (void)ctx;
    (void)first;
    (void)count;
}

static struct cdn_journal *open_quiet(struct world *w) {
    struct cdn_journal_options o;
    struct cdn_journal *j = NULL;
    struct cordon_error e;
    cdn_journal_options_init(&o);
    o.files = sim_ops(w->disk);
    o.key = &w->key;
    o.now_ns = no_clock;
    o.on_durable = on_nothing;
    o.segment_bytes = 1200;
    o.checkpoint_ns = UINT64_MAX;
    if (cdn_journal_open("/", &o, &j, &e))
        fail_msg("the journal does not open: %s (%s)", e.message, e.where);
    return j;
}

/* Whatever is interrupted: other records are whole, those to be erased are whole or erased, all leaves are
 * the same. */
static bool erase_interrupted(uint64_t at, uint64_t seed) {
    struct world w;
    char storage[256];
    uint8_t leaf[DECISIONS][32];
    struct cdn_buf b;
    struct cdn_journal_record r;
    struct cdn_journal_erased done;
    const struct cdn_journal_erase what = {
        .first = FROM, .last = LAST, .now = 1000, .by = CDN_STR("k"), .reason = CDN_STR("retention")};
    begin(&w, seed);
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 16);
    struct cdn_journal *j = open_quiet(&w);
    for (unsigned i = 0; i < DECISIONS; i++) {
        uint64_t index;
        assert_int_equal(cdn_journal_append(j, decision_of(i, storage), i == 9 ? 2000 : 500, 0, &index, NULL),
                         0);
        if (i % 3 == 0)
            assert_int_equal(cdn_journal_wait(j, index + 1, NULL), 0);
    }
    assert_int_equal(cdn_journal_wait(j, DECISIONS, NULL), 0);
    for (unsigned i = 0; i < DECISIONS; i++) {
        assert_int_equal(cdn_journal_read(j, i, &b, &r, NULL), 0);
        memcpy(leaf[i], r.leaf, 32);
    }
    sim_power_off_after(w.disk, at);
    const bool finished = cdn_journal_erase(j, &what, &done, NULL) == 0;
    cdn_journal_close(j);
    sim_crash(w.disk, seed % 2);
    j = open_quiet(&w);
    for (unsigned i = 0; i < DECISIONS; i++) {
        struct cordon_error e;
        if (cdn_journal_read(j, i, &b, &r, &e))
            fail_msg("record %u after %llu calls: %s", i, (unsigned long long)at, e.message);
        assert_memory_equal(r.leaf, leaf[i], 32);
        const bool may = i >= FROM && i <= LAST && i != 9;
        assert_true(may || !r.erased);
        assert_true(!finished || !may || r.erased);
        if (!r.erased)
            assert_true(cdn_str_eq(r.payload, decision_of(i, storage)));
    }
    b.n = 0;
    assert_int_equal(cdn_journal_checkpoint(j, &b, NULL), 0);
    cdn_journal_close(j);
    cdn_buf_free(&b);
    end(&w);
    return finished;
}

static void erasing_may_be_interrupted_at_every_call(void **state) {
    (void)state;
    bool finished = false;
    for (uint64_t at = 0; !finished; at++) {
        assert_true(at < 500);
        for (uint64_t variant = 0; variant < 4; variant++)
            finished = erase_interrupted(at, at * 17 + variant);
    }
}

int main(void) {
    (void)setvbuf(stdout, NULL, _IONBF, 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(power_may_go_at_every_call),
        cmocka_unit_test(a_disk_that_is_full_refuses_and_goes_on),
        cmocka_unit_test(a_failing_sync_acknowledges_nothing),
        cmocka_unit_test(erasing_may_be_interrupted_at_every_call),
        cmocka_unit_test(damage_to_acknowledged_records_is_never_taken_for_a_torn_tail),
    };
    return cdn_run(tests);
}
