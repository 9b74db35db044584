/* SPDX-License-Identifier: Apache-2.0 */
/* test_load.c: many at once: swaps of snapshots under load, caps that several take from, equal requests at
 * the same time, batches in order. */
#include "service/test_help.h"

#include <stdio.h>
#include <stdlib.h>

#include "service/priv.h"

static char out[65536];

#define NOBODY                                                                                               \
    "measure house/nobody\n    title      \"Nobody\"\n    basis      policy of house\n    source     \"x\" " \
    "<https://house.example/n>\n    announced  2022-03-01T00:00Z\n    effective  2022-03-01T00:00Z\n    "    \
    "deny       "                                                                                            \
    "account.open on shop\n"

enum { THREADS = 4 };

/* ---- swaps
 * -------------------------------------------------------------------------------------------------------- */

struct swaps {
    struct help *h;
    _Atomic bool stop;
    _Atomic uint64_t answered, wrong, seen[2];
    char digest[2][CORDON_DIGEST_TEXT];
    char *decision[2]; /* what the library says under each */
    size_t decision_n[2];
};

static void *ask_on(void *arg) {
    struct swaps *s = arg;
    struct cdn_service_worker *w = NULL;
    struct cordon_error e = {0};
    assert_int_equal(cdn_service_worker_new(s->h->s, &w, &e), 0);
    const struct cdn_service_ask ask = {.body = cdn_str_z(OPEN_DE), .caller = s->h->decider};
    while (!atomic_load(&s->stop)) {
        struct cdn_service_reply *r = help_ask(s->h, w, &ask);
        unsigned which = 2;
        for (unsigned i = 0; i < 2; i++) {
            if (r->code == 0 && memmem(r->body.p, r->body.n, s->digest[i], strlen(s->digest[i])))
                which = i;
        }
        const bool right = which < 2 && r->body.n > s->decision_n[which] + 12 &&
                           memcmp(r->body.p + 12, s->decision[which], s->decision_n[which]) == 0;
        atomic_fetch_add(&s->answered, 1);
        if (!right)
            atomic_fetch_add(&s->wrong, 1);
        else
            atomic_fetch_add(&s->seen[which], 1);
        cdn_service_reply_free(r);
    }
    cdn_service_worker_free(w);
    return NULL;
}

static void by_library(struct swaps *s, unsigned i) {
    struct cordon_error e = {0};
    struct cdn_service_reply *r = help_decide(s->h, OPEN_DE, NULL);
    struct cdn_past past;
    assert_int_equal(r->code, 0);
    assert_int_equal(cdn_past_read(s->h->s, r->index, &past, &e), 0);
    const cordon_str d = past.record.u.decision.decision;
    const cordon_str digest = past.record.u.decision.snapshot;
    s->decision[i] = malloc(d.n);
    assert_non_null(s->decision[i]);
    memcpy(s->decision[i], d.p, d.n);
    s->decision_n[i] = d.n;
    (void)snprintf(s->digest[i], sizeof(s->digest[i]), "%.*s", (int)digest.n, digest.p);
    cdn_past_free(&past);
    cdn_service_reply_free(r);
}

static void no_answer_is_a_mixture(void **state) {
    (void)state;
    struct help h;
    static struct swaps s;
    pthread_t threads[THREADS];
    memset(&s, 0, sizeof(s));
    s.h = &h;
    help_new(&h, NULL);
    help_open(&h);
    by_library(&s, 0);
    help_rules(&h, NOBODY);
    assert_int_equal(help_do(&h, &h.all, CDN_ACT_RELOAD, "", "", out), 0);
    by_library(&s, 1);
    assert_string_not_equal(s.digest[0], s.digest[1]);
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_on, &s), 0);
    for (unsigned i = 0; i < 40 || atomic_load(&s.answered) < 400; i++) {
        if (help_do(&h, &h.all, CDN_ACT_SNAPSHOT_ACTIVATE, s.digest[i % 2], "", out) < 0)
            fail_msg("activate: %s", out);
    }
    atomic_store(&s.stop, true);
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(atomic_load(&s.wrong), 0);
    assert_true(atomic_load(&s.seen[0]) > 0 && atomic_load(&s.seen[1]) > 0);
    free(s.decision[0]);
    free(s.decision[1]);
    help_end(&h);
}

/* ---- caps
 * -----------------------------------------------------------------------------------------------------------
 */

#define SEND30                                                                                               \
    "{\"action\":\"transfer.send\",\"objects\":[{\"amount\":{\"amount\":\"30\",\"currency\":\"GBP\"},"       \
    "\"kind\":"                                                                                              \
    "\"payment\"}],\"parties\":[{\"id\":\"s1\",\"role\":\"sender\"},{\"evidence\":[{\"kind\":\"address\","   \
    "\"value\":{"                                                                                            \
    "\"country\":\"RU\"}}],\"id\":\"r1\",\"role\":\"recipient\"}],\"service\":\"bank\"}"

struct sending {
    struct help *h;
    _Atomic unsigned limited, denied, other;
};

static void *send_on(void *arg) {
    struct sending *s = arg;
    struct cdn_service_worker *w = NULL;
    struct cordon_error e = {0};
    assert_int_equal(cdn_service_worker_new(s->h->s, &w, &e), 0);
    const struct cdn_service_ask ask = {.body = cdn_str_z(SEND30), .caller = s->h->decider};
    for (unsigned i = 0; i < 10; i++) {
        struct cdn_service_reply *r = help_ask(s->h, w, &ask);
        atomic_fetch_add(r->verdict == CORDON_VERDICT_LIMIT  ? &s->limited
                         : r->verdict == CORDON_VERDICT_DENY ? &s->denied
                                                             : &s->other,
                         1);
        cdn_service_reply_free(r);
    }
    cdn_service_worker_free(w);
    return NULL;
}

static void caps_hold_when_many_take_from_them(void **state) {
    (void)state;
    struct help h;
    struct sending s;
    pthread_t threads[THREADS];
    memset(&s, 0, sizeof(s));
    s.h = &h;
    help_new(&h, NULL);
    help_open(&h);
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, send_on, &s), 0);
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(atomic_load(&s.limited), 6); /* 6 × 30 of 200 */
    assert_int_equal(atomic_load(&s.denied), THREADS * 10 - 6);
    assert_int_equal(atomic_load(&s.other), 0);
    help_end(&h);
}

/* ---- the same request at once
 * ------------------------------------------------------------------------------------------ */

struct twins {
    struct help *h;
    _Atomic unsigned repeated, first;
    _Atomic uint64_t index;
};

static void *twin(void *arg) {
    struct twins *t = arg;
    struct cdn_service_worker *w = NULL;
    struct cordon_error e = {0};
    assert_int_equal(cdn_service_worker_new(t->h->s, &w, &e), 0);
    const struct cdn_service_ask ask = {
        .body = cdn_str_z(OPEN_DE), .caller = t->h->decider, .idempotency = CDN_STR("the same")};
    struct cdn_service_reply *r = help_ask(t->h, w, &ask);
    assert_int_equal(r->code, 0);
    atomic_fetch_add(r->repeated ? &t->repeated : &t->first, 1);
    atomic_fetch_or(&t->index, r->index);
    cdn_service_reply_free(r);
    cdn_service_worker_free(w);
    return NULL;
}

static void equal_requests_at_once_are_one(void **state) {
    (void)state;
    struct help h;
    struct twins t;
    pthread_t threads[8];
    memset(&t, 0, sizeof(t));
    t.h = &h;
    help_new(&h, NULL);
    help_open(&h);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, twin, &t), 0);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(atomic_load(&t.first), 1);
    assert_int_equal(atomic_load(&t.repeated), 7);
    assert_int_equal(cdn_journal_head(h.s->journal), atomic_load(&t.index) + 1); /* one record, the last */
    help_end(&h);
}

/* ---- batches
 * -------------------------------------------------------------------------------------------------------------
 */

enum { LINES = 3000 };

/* Every third is a Russian, every hundredth no request at all. */
static void put_line(struct cdn_buf *b, unsigned i) {
    if (i % 100 == 99)
        cdn_buf_z(b, "{\"action\":");
    else
        cdn_buf_printf(b,
                       "{\"action\":\"account.open\",\"parties\":[{\"evidence\":[{\"kind\":\"declared_"
                       "country\",\"value\":\"%s\"}],"
                       "\"id\":\"p%u\",\"role\":\"customer\"}],\"reference\":\"r%u\",\"service\":\"shop\"}",
                       i % 3 == 0 ? "RU" : "DE",
                       i,
                       i);
    cdn_buf_char(b, '\n');
}

static void run_batch(
    struct help *h, const struct cdn_buf *in, const char *key, size_t step, struct cdn_buf *answers) {
    struct cdn_service_batch *b = NULL;
    struct cordon_error e = {0};
    const struct cdn_service_ask ask = {
        .caller = h->decider, .idempotency = cdn_str_z(key), .trace = CDN_STR("t")};
    char piece[10000]; /* of this thread */
    size_t at = 0;
    bool over = false;
    assert_int_equal(cdn_service_batch_open(h->s, &ask, NULL, NULL, &b, &e), 0);
    while (!over) {
        if (at < in->n) {
            at += cdn_service_batch_feed(b, in->p + at, CDN_MIN(step, in->n - at));
            if (at == in->n)
                cdn_service_batch_end(b);
        }
        const size_t n = cdn_service_batch_take(b, piece, sizeof(piece), &over);
        cdn_buf_put(answers, piece, n);
        if (!n && !over && at == in->n)
            cdn_service_batch_wait(b, UINT64_C(1000000000));
    }
    struct cdn_service_batch_count count;
    cdn_service_batch_count(b, &count);
    assert_int_equal(count.lines, LINES);
    assert_int_equal(count.answered + count.refused, LINES);
    cdn_service_batch_free(b);
}

static void check_lines(cordon_str answers) {
    unsigned i = 0;
    while (answers.n) {
        const cordon_str line = cdn_str_split(answers, '\n', &answers);
        const char *wanted = i % 100 == 99 ? "\"refused\":\"request\""
                             : i % 3 == 0  ? "\"verdict\":\"deny\"}"
                                           : "\"verdict\":\"allow\"}";
        if (!memmem(line.p, line.n, wanted, strlen(wanted)))
            fail_msg("line %u: %.*s", i, (int)CDN_MIN(line.n, (size_t)300), line.p);
        i++;
    }
    assert_int_equal(i, LINES);
}

static void batches_answer_in_order_and_once(void **state) {
    (void)state;
    struct help h;
    struct cdn_buf in, first, again;
    help_new(&h, NULL);
    help_open(&h);
    cdn_buf_init(&in, &cdn_alloc_libc, CDN_MIB(8));
    cdn_buf_init(&first, &cdn_alloc_libc, CDN_MIB(64));
    cdn_buf_init(&again, &cdn_alloc_libc, CDN_MIB(64));
    for (unsigned i = 0; i < LINES; i++)
        put_line(&in, i);
    run_batch(&h, &in, "batch-1", 7001, &first);
    check_lines(cdn_buf_get(&first));
    const uint64_t head = cdn_journal_head(h.s->journal);
    run_batch(&h, &in, "batch-1", 100000, &again); /* a retry: the same bytes, nothing new */
    assert_int_equal(first.n, again.n);
    assert_memory_equal(first.p, again.p, first.n);
    assert_int_equal(cdn_journal_head(h.s->journal), head);
    cdn_buf_clear(&again);
    run_batch(&h, &in, "", 100, &again);
    check_lines(cdn_buf_get(&again));
    assert_true(cdn_journal_head(h.s->journal) >= head + LINES - LINES / 100);
    cdn_buf_free(&in);
    cdn_buf_free(&first);
    cdn_buf_free(&again);
    help_end(&h);
}

struct flood {
    struct help *h;
    _Atomic bool stop;
    _Atomic unsigned batches;
};

static void *flood_on(void *arg) {
    struct flood *f = arg;
    struct cdn_buf in, answers;
    cdn_buf_init(&in, &cdn_alloc_libc, CDN_MIB(8));
    cdn_buf_init(&answers, &cdn_alloc_libc, CDN_MIB(64));
    for (unsigned i = 0; i < LINES; i++)
        put_line(&in, i);
    while (!atomic_load(&f->stop)) {
        cdn_buf_clear(&answers);
        run_batch(f->h, &in, "", 100000, &answers);
        atomic_fetch_add(&f->batches, 1);
    }
    cdn_buf_free(&in);
    cdn_buf_free(&answers);
    return NULL;
}

/* Batches as fast as they go, and people who work meanwhile: what they do is judged, answered and found,
 * however much the followers of the journal have before it. */
static void acts_go_through_under_load(void **state) {
    (void)state;
    struct help h;
    struct flood f = {.h = &h};
    pthread_t threads[2];
    help_new(&h, NULL);
    help_open(&h);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, flood_on, &f), 0);
    for (unsigned i = 0; i < 20 || atomic_load(&f.batches) < 4; i++) {
        char body[128];
        (void)snprintf(
            body,
            sizeof(body),
            "{\"party\":\"id:p%u\",\"list\":\"us/sdn\",\"entry\":\"1\",\"entry_fingerprint\":\"f\","
            "\"why\":\"nr %u\"}",
            i,
            i);
        if (help_do(&h, &h.all, CDN_ACT_CLEARANCE, "", body, out) < 0)
            fail_msg("act: %s", out);
        struct cdn_buf list;
        struct cordon_error e = {0};
        uint8_t refusal = 0;
        const struct cdn_service_query q = {.party = cdn_str_z("id:p7"), .limit = 10};
        cdn_buf_init(&list, &cdn_alloc_libc, CDN_MIB(1));
        assert_int_equal(cdn_service_look(h.s, &h.all, CDN_VIEW_CLEARANCES, &q, &list, &refusal, &e), 0);
        if (i >= 7)
            assert_non_null(memmem(list.p, list.n, "\"why\":\"nr 7\"", 12));
        cdn_buf_free(&list);
    }
    atomic_store(&f.stop, true);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    help_end(&h);
}

static void a_line_that_is_too_long_is_one_refusal(void **state) {
    (void)state;
    struct help h;
    struct cdn_service_batch *b = NULL;
    struct cordon_error e = {0};
    static char piece[4096];
    char *big = malloc(CDN_MAX_REQUEST_BYTES * 2);
    bool over = false;
    size_t at = 0, got = 0;
    help_new(&h, NULL);
    help_open(&h);
    assert_non_null(big);
    memset(big, ' ', CDN_MAX_REQUEST_BYTES * 2);
    big[CDN_MAX_REQUEST_BYTES * 2 - 1] = '\n';
    const struct cdn_service_ask ask = {.caller = h.decider};
    assert_int_equal(cdn_service_batch_open(h.s, &ask, NULL, NULL, &b, &e), 0);
    while (at < CDN_MAX_REQUEST_BYTES * 2)
        at += cdn_service_batch_feed(b, big + at, CDN_MAX_REQUEST_BYTES * 2 - at);
    assert_int_equal(cdn_service_batch_feed(b, OPEN_DE, strlen(OPEN_DE)),
                     strlen(OPEN_DE)); /* no LF at the end */
    cdn_service_batch_end(b);
    while (!over) {
        got += cdn_service_batch_take(b, piece + got, sizeof(piece) - got, &over);
        if (!over)
            cdn_service_batch_wait(b, UINT64_C(1000000000));
    }
    const cordon_str all = cdn_str(piece, got);
    cordon_str rest;
    const cordon_str line = cdn_str_split(all, '\n', &rest);
    assert_non_null(memmem(line.p, line.n, "\"refused\":\"size\"", 16));
    assert_non_null(memmem(rest.p, rest.n, "\"verdict\":\"allow\"", 17));
    cdn_service_batch_free(b);
    free(big);
    help_end(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_answer_is_a_mixture),
        cmocka_unit_test(caps_hold_when_many_take_from_them),
        cmocka_unit_test(equal_requests_at_once_are_one),
        cmocka_unit_test(batches_answer_in_order_and_once),
        cmocka_unit_test(acts_go_through_under_load),
        cmocka_unit_test(a_line_that_is_too_long_is_one_refusal),
    };
    return cdn_run(tests);
}
