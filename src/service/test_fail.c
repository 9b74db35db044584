/* SPDX-License-Identifier: Apache-2.0 */
/* test_fail.c: full disks, failing syncs, lost power, missing memory. Whatever fails: nothing is allowed that
 * was not recorded, nothing that was acknowledged is lost, and the service works again by itself. */
#include "service/test_help.h"

#include <stdio.h>
#include <stdlib.h>

#include "journal/test_simdisk.h"
#include "service/priv.h"

static char out[65536];

static void refused(struct help *h, const char *body, const char *key, unsigned refusal) {
    struct cdn_service_reply *r = help_decide(h, body, key);
    if (r->code == 0 || r->verdict != CORDON_VERDICT_NONE || (refusal && r->refusal != refusal))
        fail_msg("not refused as %s: %s %.*s",
                 cdn_service_refusal_name(refusal),
                 cdn_service_refusal_name(r->refusal),
                 (int)CDN_MIN(r->body.n, (size_t)200),
                 r->body.p);
    cdn_service_reply_free(r);
}

/* Ticks until it is ready, for at most some seconds of ticks. */
static void heals(struct help *h) {
    const char *why = "";
    for (unsigned i = 0; i < 100; i++) {
        cdn_service_tick(h->s);
        if (cdn_service_ready(h->s, &why))
            return;
    }
    fail_msg("not ready again: %s", why);
}

static void sim_open(struct help *h, struct sim *disk) {
    help_new(h, NULL);
    h->o.no_threads = true;
    h->o.files = sim_ops(disk);
    help_open(h);
}

static void a_full_disk_refuses_says_so_and_heals(void **state) {
    (void)state;
    struct help h;
    struct sim *disk = sim_new(1);
    const char *why = NULL;
    sim_open(&h, disk);
    help_verdict(&h, OPEN_DE, CORDON_VERDICT_ALLOW);
    sim_room(disk, 0);
    refused(&h, OPEN_DE, "k", CDN_REFUSED_DISK);
    refused(&h, OPEN_DE, "k", CDN_REFUSED_DISK);
    refused(&h, OPEN_DE, NULL, CDN_REFUSED_DISK);
    assert_false(cdn_service_ready(h.s, &why));
    assert_string_equal(why, "disk");
    assert_true(help_do(&h, &h.all, CDN_ACT_RELOAD, "", "", out) < 0);
    cdn_service_tick(h.s);
    assert_false(cdn_service_ready(h.s, &why)); /* still full */
    sim_room(disk, UINT64_MAX);
    heals(&h);
    struct cdn_service_reply *r = help_decide(&h, OPEN_DE, "k"); /* what was refused was not decided */
    assert_int_equal(r->code, 0);
    assert_false(r->repeated);
    cdn_service_reply_free(r);
    struct cdn_service_metrics *m = calloc(1, sizeof(*m));
    assert_non_null(m);
    cdn_service_metrics(h.s, m);
    assert_true(m->refusals[CDN_REFUSED_DISK] >= 3);
    free(m);
    help_end(&h);
    sim_free(disk);
}

#define OPEN_UNKNOWN                                                                                         \
    "{\"action\":\"account.open\",\"parties\":[{\"id\":\"u1\",\"role\":\"customer\"}],\"service\":\"shop\"}"

/* As many wait for the disk as may: whoever would be held, or allowed, is neither. */
static void an_overflow_is_a_refusal(void **state) {
    (void)state;
    struct help h;
    help_new(&h, NULL);
    h.o.no_threads = true;
    h.o.max_waiting = 0;
    help_open(&h);
    const uint64_t head = cdn_journal_head(h.s->journal);
    refused(&h, OPEN_DE, NULL, CDN_REFUSED_BUSY);
    refused(&h, OPEN_UNKNOWN, "k", CDN_REFUSED_BUSY);
    assert_int_equal(cdn_journal_head(h.s->journal), head); /* nothing was decided, nothing is recorded */
    help_close(&h);
    h.o.max_waiting = 65536;
    help_open(&h);
    struct cdn_service_reply *r = help_decide(&h, OPEN_UNKNOWN, "k");
    assert_int_equal(r->verdict, CORDON_VERDICT_HOLD);
    assert_false(r->repeated);
    cdn_service_reply_free(r);
    help_end(&h);
}

static void a_failing_sync_refuses_and_heals(void **state) {
    (void)state;
    struct help h;
    struct sim *disk = sim_new(2);
    sim_open(&h, disk);
    sim_fail_sync(disk, 1);
    refused(&h, OPEN_DE, "k", CDN_REFUSED_JOURNAL);
    sim_fail_sync(disk, 0);
    heals(&h);
    struct cdn_service_reply *r = help_decide(&h, OPEN_DE, "k");
    assert_int_equal(r->code, 0);
    assert_false(r->repeated);
    cdn_service_reply_free(r);
    help_end(&h);
    sim_free(disk);
}

/* What a cap had given to a lost record is there again. */
#define SEND150                                                                                              \
    "{\"action\":\"transfer.send\",\"objects\":[{\"amount\":{\"amount\":\"150\",\"currency\":\"GBP\"},"      \
    "\"kind\":"                                                                                              \
    "\"payment\"}],\"parties\":[{\"id\":\"s1\",\"role\":\"sender\"},{\"evidence\":[{\"kind\":\"address\","   \
    "\"value\":{"                                                                                            \
    "\"country\":\"RU\"}}],\"id\":\"r1\",\"role\":\"recipient\"}],\"service\":\"bank\"}"

static void a_lost_record_takes_nothing_of_a_cap(void **state) {
    (void)state;
    struct help h;
    struct sim *disk = sim_new(3);
    sim_open(&h, disk);
    sim_fail_sync(disk, 1);
    refused(&h, SEND150, NULL, CDN_REFUSED_JOURNAL);
    sim_fail_sync(disk, 0);
    heals(&h);
    help_verdict(&h, SEND150, CORDON_VERDICT_LIMIT);
    help_verdict(&h, SEND150, CORDON_VERDICT_DENY);
    help_end(&h);
    sim_free(disk);
}

/* Power goes at each call in turn. What was acknowledged is there afterwards, byte by byte. */
static void power_is_lost_at_every_call(void **state) {
    (void)state;
    enum { ASKED = 6 };
    for (uint64_t calls = 0; calls < 40; calls++) {
        struct help h;
        struct sim *disk = sim_new(100 + calls);
        struct cordon_error e = {0};
        uint64_t index[ASKED];
        struct cdn_service_reply *known[ASKED];
        unsigned acknowledged = 0;
        sim_open(&h, disk);
        sim_power_off_after(disk, calls);
        for (unsigned i = 0; i < ASKED; i++) {
            struct cdn_service_reply *r = help_decide(&h, i % 2 ? OPEN_DE : SEND150, NULL);
            if (r->code == 0) {
                index[acknowledged] = r->index;
                known[acknowledged++] = r;
            } else {
                assert_int_equal(r->verdict, CORDON_VERDICT_NONE);
                cdn_service_reply_free(r);
            }
        }
        char *bodies[ASKED];
        size_t sizes[ASKED];
        for (unsigned i = 0; i < acknowledged; i++) {
            bodies[i] = malloc(known[i]->body.n);
            assert_non_null(bodies[i]);
            memcpy(bodies[i], known[i]->body.p, known[i]->body.n);
            sizes[i] = known[i]->body.n;
            cdn_service_reply_free(known[i]);
        }
        help_close(&h);
        sim_crash(disk, true);
        if (help_try_open(&h, &e) < 0)
            fail_msg(
                "after %llu calls: %s %s", (unsigned long long)calls, cordon_status_name(e.code), e.message);
        for (unsigned i = 0; i < acknowledged; i++) {
            struct cdn_past past;
            assert_int_equal(cdn_past_read(h.s, index[i], &past, &e), 0);
            const cordon_str d = past.record.u.decision.decision;
            assert_true(sizes[i] > d.n + 12);
            assert_memory_equal(bodies[i] + 12, d.p, d.n);
            cdn_past_free(&past);
            free(bodies[i]);
        }
        help_verdict(&h, OPEN_DE, CORDON_VERDICT_ALLOW);
        help_end(&h);
        sim_free(disk);
    }
}

/* ---- memory
 * ---------------------------------------------------------------------------------------------------------
 */

static _Atomic int64_t left = INT64_MAX; /* allocations until one fails, and all after it */

static bool spent(void) {
    return atomic_load(&left) != INT64_MAX && atomic_fetch_sub(&left, 1) <= 0;
}
static void *take(void *ctx, size_t size) {
    (void)ctx;
    return spent() ? NULL : malloc(size);
}
static void *resize(void *ctx, void *p, size_t old, size_t size) {
    (void)ctx;
    (void)old;
    return spent() ? NULL : realloc(p, size);
}
static void release(void *ctx, void *p, size_t size) {
    (void)ctx;
    (void)size;
    free(p);
}

/* Whatever allocation fails, for one request or for all that follow: an allow that is answered is in the
 * journal. */
static void no_memory_never_allows(void **state) {
    (void)state;
    static const struct cordon_alloc alloc = {take, resize, release, NULL};
    struct help h;
    unsigned refusals = 0, answers = 0;
    help_new(&h, NULL);
    h.o.alloc = &alloc;
    h.o.no_threads = true;
    help_open(&h);
    for (int64_t n = 0; n < 60; n++) {
        struct cdn_service_worker *w = NULL;
        struct cordon_error e = {0};
        struct help fresh = h; /* a new worker: nothing of its memory is there yet */
        assert_int_equal(cdn_service_worker_new(h.s, &w, &e), 0);
        fresh.w = w;
        const struct cdn_service_ask ask = {.body = n % 2 ? cdn_str_z(SEND150) : cdn_str_z(OPEN_DE),
                                            .caller = h.decider,
                                            .idempotency = n % 3 ? CDN_STR("") : CDN_STR("k")};
        atomic_store(&left, n);
        struct cdn_service_reply *r = help_try(&fresh, w, &ask);
        atomic_store(&left, INT64_MAX);
        if (!r || r->code) {
            refusals++;
            if (r)
                assert_int_equal(r->verdict, CORDON_VERDICT_NONE);
        } else {
            struct cdn_past past;
            answers++;
            assert_int_equal(cdn_past_read(h.s, r->index, &past, &e), 0);
            assert_true(r->body.n > past.record.u.decision.decision.n + 12);
            assert_memory_equal(
                r->body.p + 12, past.record.u.decision.decision.p, past.record.u.decision.decision.n);
            cdn_past_free(&past);
        }
        cdn_service_reply_free(r);
        cdn_service_worker_free(w);
        heals(&h);
    }
    assert_true(refusals > 5 && answers > 5);
    help_verdict(&h, OPEN_DE, CORDON_VERDICT_ALLOW);
    help_end(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_disk_refuses_says_so_and_heals),
        cmocka_unit_test(an_overflow_is_a_refusal),
        cmocka_unit_test(a_failing_sync_refuses_and_heals),
        cmocka_unit_test(a_lost_record_takes_nothing_of_a_cap),
        cmocka_unit_test(power_is_lost_at_every_call),
        cmocka_unit_test(no_memory_never_allows),
    };
    return cdn_run(tests);
}
