/* SPDX-License-Identifier: Apache-2.0 */
/* test_store.c: what events and decisions do to the state and the index, and what queries tell. */
#include <sys/stat.h>

#include "store/store_priv.h"
#include "store/test_log.h"

static cordon_str empty(void) {
    return (cordon_str){NULL, 0};
}
static struct cdn_store_page all(void) {
    return (struct cdn_store_page){CDN_COUNT_NONE, 0};
}

static void a_hold_opens_a_case_that_releases_close(void **state) {
    (void)state;
    struct log l;
    log_open(&l);
    (void)log_key(&l, "kone", "", "read", "trust");
    const struct cdn_record_decision d = held(&l, T0, ANNA, "trust:1");
    const uint64_t id = log_decision(&l, &d);
    log_catch_up(&l);
    assert_has(log_case(&l, id), "\"status\":\"open\"");
    assert_has(log_case(&l, id),
               "\"authority\":\"trust\",\"measure\":\"us/m\",\"people\":1,\"reason\":\"place cleared\"");
    assert_int_equal(release_by(&l, id, "kone", T0 + 9), 0);
    assert_has(log_case(&l, id), "\"closed\":\"2030-03-17T17:46:49Z\",\"closed_by\":\"kone\"");
    assert_has(log_case(&l, id), "\"status\":\"released\"");
    assert_int_equal(release_by(&l, id, "kone", T0 + 10), CORDON_E_STATE);
    log_close(&l);
}

static void a_restart_leaves_everything_as_it_was(void **state) {
    (void)state;
    struct log l;
    log_open(&l);
    (void)log_key(&l, "kone", "", "read", "trust");
    (void)log_key(&l, "ktwo", "", "read", "trust");
    const struct cdn_record_decision d = held(&l, T0, ANNA, "trust:2");
    const uint64_t id = log_decision(&l, &d);
    assert_int_equal(release_by(&l, id, "kone", T0 + 1), 0);
    const char *before = log_dump(&l);
    log_reopen(&l);
    log_catch_up(&l); /* the block of the index that fills was in memory only */
    assert_string_equal(log_dump(&l), before);
    assert_has(log_case(&l, id), "\"status\":\"open\"");
    assert_int_equal(release_by(&l, id, "kone", T0 + 2), CORDON_E_CONFLICT);
    assert_int_equal(release_by(&l, id, "ktwo", T0 + 3), 0);
    assert_has(log_case(&l, id), "\"status\":\"released\"");
    log_close(&l);
}

/* Many holds, a long time, a restart: none becomes anything else by itself. */
static void nothing_but_releases_opens_a_hold(void **state) {
    (void)state;
    struct log l;
    struct cdn_store_ages ages;
    const int64_t edges[2] = {T0 + 1000000000, T0 + 50}, wrong[2] = {T0, T0 + 1};
    log_open(&l);
    for (int i = 0; i < 100; i++) {
        const struct cdn_record_decision d = held(&l, T0 + i, ANNA, "trust:1,legal:2");
        (void)log_decision(&l, &d);
    }
    const struct cdn_record_decision late = allowed(&l, T0 + 900000000, BERT); /* 28 years later */
    (void)log_decision(&l, &late);
    log_catch_up(&l);
    log_reopen(&l);
    assert_int_equal(cdn_store_case_ages(l.store, edges, 2, &ages, &l.e), 0);
    assert_int_equal(ages.open, 100);
    assert_int_equal(ages.oldest, T0);
    assert_int_equal(ages.older[0], 100);
    assert_int_equal(ages.older[1], 50);
    assert_int_equal(cdn_store_case_ages(l.store, wrong, 2, &ages, &l.e), CORDON_E_ARG);
    assert_int_equal(cdn_store_case_ages(l.store, NULL, 0, &ages, &l.e), 0);
    assert_int_equal(ages.open, 100);
    log_close(&l);
}

static void cases_keep_comments_and_evidence(void **state) {
    (void)state;
    struct log l;
    log_open(&l);
    const struct cdn_record_decision d = held(&l, T0, ANNA, "trust:1");
    const uint64_t id = log_decision(&l, &d);
    EV(comment, case_commented, T0 + 1, "kone");
    comment.u.case_commented.case_id = id;
    comment.u.case_commented.text = CDN_STR("she lives in Kyiv");
    assert_int_equal(log_outcome(&l, &comment), 0);
    EV(evidence, case_evidence, T0 + 2, "kone");
    evidence.u.case_evidence.case_id = id;
    evidence.u.case_evidence.evidence = CDN_STR("{\"kind\":\"passport\",\"value\":\"UA\"}");
    assert_int_equal(log_outcome(&l, &evidence), 0);
    comment.u.case_commented.case_id = 99;
    assert_int_equal(log_outcome(&l, &comment), CORDON_E_NOTFOUND);
    assert_has(log_case(&l, id), "\"comment\":\"she lives in Kyiv\"");
    assert_has(log_case(&l, id), "\"evidence\":{\"kind\":\"passport\",\"value\":\"UA\"}");
    log_close(&l);
}

static void usage_adds_up_exactly_and_is_given_back_once(void **state) {
    (void)state;
    struct log l;
    log_open(&l);
    uint64_t last = 0;
    for (int i = 0; i < 10; i++) {
        const struct cdn_record_decision d = capped(&l, T0, ANNA, "0.1");
        last = log_decision(&l, &d);
    }
    log_catch_up(&l);
    assert_has(log_dump(&l), "usage|" ANNA "|\"op/cap\"|\"day\"|\"GBP\"|1899936000|1900022400|\"1\"\n");
    EV(back, usage_reversed, T0 + 5, "kone");
    back.u.usage_reversed.decision = last;
    back.u.usage_reversed.why = CDN_STR("the payment bounced");
    assert_int_equal(log_outcome(&l, &back), 0);
    assert_has(log_dump(&l), "|1900022400|\"0.9\"\n");
    assert_int_equal(log_outcome(&l, &back), CORDON_E_NOTFOUND);
    assert_has(log_dump(&l), "|1900022400|\"0.9\"\n");
    /* The next day that window is over and gone. */
    const struct cdn_record_decision d = capped(&l, T0 + 86400, ANNA, "5");
    (void)log_decision(&l, &d);
    log_catch_up(&l);
    assert_null(strstr(log_dump(&l), "|\"0.9\""));
    assert_has(log_dump(&l), "|1900022400|1900108800|\"5\"\n");
    log_close(&l);
}

static void duties_are_open_until_done(void **state) {
    (void)state;
    struct log l;
    struct cdn_buf b;
    struct cdn_store_duty_sums sums = {9, 9, 9};
    log_open(&l);
    const struct cdn_record_decision d = dutiful(&l, T0, ANNA, T0 + 10 * 86400);
    const uint64_t id = log_decision(&l, &d);
    log_catch_up(&l);
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 20);
    assert_int_equal(cdn_store_duty_counts(l.store, T0, T0 + 5 * 86400, &sums, &l.e), 0);
    assert_true(sums.open == 1 && sums.soon == 0 && sums.overdue == 0);
    assert_int_equal(cdn_store_duty_counts(l.store, T0 + 11 * 86400, T0 + 12 * 86400, &sums, &l.e), 0);
    assert_true(sums.open == 1 && sums.soon == 1 && sums.overdue == 1);
    assert_int_equal(
        cdn_store_duties(l.store, T0, CDN_INSTANT_NONE, (struct cdn_store_page){CDN_COUNT_NONE, 0}, &b, &l.e),
        0);
    cdn_buf_char(&b, 0);
    assert_has(b.p, "\"kind\":\"report\",\"measure\":\"us/gl-25\",\"number\":1,\"overdue\":false");
    EV(done, duty_done, T0 + 86400, "kone");
    done.u.duty_done.decision = id;
    done.u.duty_done.number = 1;
    done.u.duty_done.done = T0 + 80000;
    assert_int_equal(log_outcome(&l, &done), 0);
    assert_int_equal(log_outcome(&l, &done), CORDON_E_NOTFOUND);
    assert_int_equal(cdn_store_duty_counts(l.store, T0, T0, &sums, &l.e), 0);
    assert_true(sums.open == 0);
    cdn_buf_free(&b);
    log_close(&l);
}

static uint64_t open_appeals(struct log *l) {
    struct cdn_store_waiting waiting = {9, 9};
    assert_int_equal(cdn_store_waiting(l->store, &waiting, &l->e), 0);
    return waiting.appeals;
}

static void appeals_keep_both_decisions(void **state) {
    (void)state;
    struct log l;
    struct cdn_buf b;
    const uint64_t before[1] = {0};
    log_open(&l);
    const struct cdn_record_decision d = held(&l, T0, ANNA, "trust:1");
    (void)log_decision(&l, &d);
    EV(opened, appeal_opened, T0 + 1, "kone");
    opened.u.appeal_opened.party = CDN_STR(ANNA);
    opened.u.appeal_opened.grounds = CDN_STR("I have lived in Kyiv since 2015");
    opened.u.appeal_opened.decisions = (struct cdn_counts){before, 1};
    assert_int_equal(log_outcome(&l, &opened), 0);
    assert_int_equal(open_appeals(&l), 1);
    const uint64_t appeal = l.count - 1;
    struct cdn_record_decision again = allowed(&l, T0, ANNA);
    again.recorded = T0 + 2;
    again.appeal = appeal;
    const uint64_t after = log_decision(&l, &again);
    EV(redecided, appeal_redecided, T0 + 2, "service");
    redecided.u.appeal_redecided.appeal = appeal;
    redecided.u.appeal_redecided.before = 0;
    redecided.u.appeal_redecided.after = after;
    assert_int_equal(log_outcome(&l, &redecided), 0);
    redecided.u.appeal_redecided.before = 3;
    assert_int_equal(log_outcome(&l, &redecided), CORDON_E_NOTFOUND);
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 20);
    assert_int_equal(cdn_store_appeal(l.store, appeal, &b, &l.e), 0);
    cdn_buf_char(&b, 0);
    assert_has(b.p, "\"decisions\":[{\"after\":2,\"before\":0}]");
    EV(resolved, appeal_resolved, T0 + 3, "kone");
    resolved.u.appeal_resolved.appeal = appeal;
    resolved.u.appeal_resolved.outcome = CDN_STR("perhaps");
    resolved.u.appeal_resolved.why = CDN_STR("-");
    assert_int_equal(log_outcome(&l, &resolved), CORDON_E_ARG);
    resolved.u.appeal_resolved.outcome = CDN_STR("overturned");
    assert_int_equal(log_outcome(&l, &resolved), 0);
    assert_int_equal(log_outcome(&l, &resolved), CORDON_E_STATE);
    assert_int_equal(open_appeals(&l), 0);
    cdn_buf_free(&b);
    log_close(&l);
}

static void the_snapshot_known_at_an_instant_is_the_one_then_active(void **state) {
    (void)state;
    static const struct {
        int64_t at;
        const char *digest, *how;
    } activations[] = {{T0, "sha256:a", "start"},
                       {T0 + 100, "sha256:b", "api"},
                       {T0 + 100, "sha256:c", "api"},
                       {T0 + 200, "sha256:a", "rollback"}};
    static const struct {
        int64_t at;
        const char *digest;
    } asked[] = {{T0, "sha256:a"},
                 {T0 + 99, "sha256:a"},
                 {T0 + 100, "sha256:c"},
                 {T0 + 199, "sha256:c"},
                 {T0 + 200, "sha256:a"},
                 {T0 * 2, "sha256:a"}};
    struct log l;
    char digest[72];
    log_open(&l);
    for (size_t i = 0; i < CDN_ARRAY_LEN(activations); i++) {
        EV(ev, snapshot_activated, activations[i].at, "service");
        ev.u.snapshot_activated.snapshot = cdn_str_z(activations[i].digest);
        ev.u.snapshot_activated.how = cdn_str_z(activations[i].how);
        assert_int_equal(log_outcome(&l, &ev), 0);
    }
    for (size_t i = 0; i < CDN_ARRAY_LEN(asked); i++) {
        assert_int_equal(cdn_store_snapshot_at(l.store, asked[i].at, digest, &l.e), 0);
        assert_string_equal(digest, asked[i].digest);
    }
    assert_int_equal(cdn_store_snapshot_at(l.store, T0 - 1, digest, &l.e), CORDON_E_NOTFOUND);
    log_close(&l);
}

static uint64_t found(struct log *l, struct cdn_store_search q, const char *want) {
    struct cdn_buf b;
    uint64_t count = 0;
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 24);
    if (cdn_store_search(l->store, &q, &b, &l->e) != 0)
        fail_msg("%s", l->e.message);
    cdn_buf_char(&b, 0);
    for (const char *p = strstr(b.p, "\"index\":"); p; p = strstr(p + 1, "\"index\":"))
        count++;
    if (want)
        assert_has(b.p, want);
    cdn_buf_free(&b);
    return count;
}
#define ANY .from = CDN_INSTANT_NONE, .until = CDN_INSTANT_NONE, .after = CDN_COUNT_NONE

static void decisions_are_found_by_party_measure_verdict_time_and_key(void **state) {
    (void)state;
    const cordon_str measures[2] = {CDN_STR("us/m"), CDN_STR("eu/n")};
    struct log l;
    log_open(&l);
    for (int i = 0; i < 30; i++) {
        struct cdn_record_decision d =
            i % 3 ? allowed(&l, T0 + i, i % 2 ? ANNA : BERT) : held(&l, T0 + i, ANNA, "trust:1");
        d.effects.measures = measures;
        d.effects.measure_count = (size_t)(i % 3);
        d.key = i < 10 ? CDN_STR("kone") : CDN_STR("ktwo");
        (void)log_decision(&l, &d);
    }
    log_catch_up(&l);
    assert_int_equal(found(&l, (struct cdn_store_search){ANY}, NULL), 30);
    assert_int_equal(found(&l, (struct cdn_store_search){ANY, .party = CDN_STR(BERT)}, NULL), 10);
    assert_int_equal(found(&l, (struct cdn_store_search){ANY, .measure = CDN_STR("us/m")}, NULL), 20);
    assert_int_equal(
        found(&l, (struct cdn_store_search){ANY, .measure = CDN_STR("eu/n")}, "[\"us/m\",\"eu/n\"]"), 10);
    assert_int_equal(
        found(&l, (struct cdn_store_search){ANY, .measure = CDN_STR("eu/n"), .party = CDN_STR(ANNA)}, NULL),
        5);
    assert_int_equal(found(&l, (struct cdn_store_search){ANY, .measure = CDN_STR("no/such")}, NULL), 0);
    assert_int_equal(
        found(&l, (struct cdn_store_search){ANY, .verdict = CORDON_VERDICT_HOLD}, "\"verdict\":\"hold\""),
        10);
    assert_int_equal(found(&l, (struct cdn_store_search){ANY, .verdict = CORDON_VERDICT_ALLOW}, NULL), 20);
    assert_int_equal(found(&l, (struct cdn_store_search){ANY, .verdict = CORDON_VERDICT_DENY}, NULL), 0);
    assert_int_equal(found(&l, (struct cdn_store_search){ANY, .key = CDN_STR("kone")}, NULL), 10);
    assert_int_equal(
        found(&l,
              (struct cdn_store_search){
                  .from = T0 + 5, .until = T0 + 7, .after = CDN_COUNT_NONE, .key = CDN_STR("kone")},
              NULL),
        2);
    assert_int_equal(found(&l,
                           (struct cdn_store_search){ANY, .limit = 4, .newest = true},
                           "[{\"appeal\":null,\"at\":\"2030-03-17T17:47:09Z\",\"index\":29"),
                     4);
    assert_int_equal(found(&l,
                           (struct cdn_store_search){
                               .from = CDN_INSTANT_NONE, .until = CDN_INSTANT_NONE, .after = 26, .limit = 9},
                           "\"index\":27"),
                     3);
    log_close(&l);
}

/* Instants that rise, with some that a replay chose, against a plain scan; pages of every size, both ways. */
static void searching_by_time_finds_what_a_scan_finds(void **state) {
    (void)state;
    struct log l;
    struct cdn_rnd rnd;
    static int64_t at[9000];
    log_open(&l);
    cdn_rnd_init(&rnd, "times", 7);
    for (size_t i = 0; i < CDN_ARRAY_LEN(at); i++) {
        at[i] = cdn_rnd_chance(&rnd, 3) ? T0 - 5000 + (int64_t)cdn_rnd_below(&rnd, 20000) : T0 + (int64_t)i;
        struct cdn_record_decision d = allowed(&l, at[i], ANNA);
        d.recorded = T0 + (int64_t)i;
        (void)log_decision(&l, &d);
    }
    log_catch_up(&l);
    for (int round = 0; round < 60; round++) {
        const int64_t from = T0 - 6000 + (int64_t)cdn_rnd_below(&rnd, 22000);
        const int64_t until = from + (int64_t)cdn_rnd_below(&rnd, 400);
        const bool newest = round % 2;
        uint64_t after = CDN_COUNT_NONE;
        uint64_t got = 0, want = 0, page = 0;
        for (size_t i = 0; i < CDN_ARRAY_LEN(at); i++)
            want += at[i] >= from && at[i] < until;
        do {
            struct cdn_buf b;
            const struct cdn_store_search q = {.from = from,
                                               .until = until,
                                               .after = after,
                                               .newest = newest,
                                               .limit = 1 + (uint32_t)cdn_rnd_below(&rnd, 90)};
            cdn_buf_init(&b, &cdn_alloc_libc, 1 << 24);
            assert_int_equal(cdn_store_search(l.store, &q, &b, &l.e), 0);
            cdn_buf_char(&b, 0);
            page = 0;
            for (const char *p = strstr(b.p, "\"index\":"); p; p = strstr(p + 1, "\"index\":")) {
                const uint64_t index = strtoull(p + 8, NULL, 10);
                assert_true(at[index] >= from && at[index] < until);
                assert_true(after == CDN_COUNT_NONE || (newest ? index < after : index > after));
                after = index;
                page++;
            }
            got += page;
            cdn_buf_free(&b);
        } while (page);
        assert_int_equal(got, want);
    }
    log_close(&l);
}

static int once_of(
    struct log *l, cordon_str key, cordon_str name, cordon_str digest, int64_t since, uint64_t *ret) {
    const struct cdn_store_once once = {key, name, digest, since};
    return cdn_store_idempotency(l->store, &once, ret, &l->e);
}

static void an_idempotency_key_stands_for_one_request(void **state) {
    (void)state;
    struct log l;
    uint64_t index = 77;
    log_open(&l);
    struct cdn_record_decision d = allowed(&l, T0, ANNA);
    d.idempotency_key = CDN_STR("order-1");
    d.idempotency_digest = CDN_STR("aa");
    const uint64_t first = log_decision(&l, &d);
    log_catch_up(&l);
    assert_int_equal(once_of(&l, d.key, CDN_STR("order-1"), CDN_STR("aa"), T0 - 10, &index), 0);
    assert_int_equal(index, first);
    assert_int_equal(once_of(&l, d.key, CDN_STR("order-1"), CDN_STR("bb"), T0 - 10, &index),
                     CORDON_E_CONFLICT);
    assert_int_equal(once_of(&l, CDN_STR("kother"), CDN_STR("order-1"), CDN_STR("aa"), T0 - 10, &index),
                     CORDON_E_NOTFOUND);
    assert_int_equal(once_of(&l, d.key, CDN_STR("order-1"), CDN_STR("aa"), T0 + 1, &index),
                     CORDON_E_NOTFOUND);
    /* Long after, it is forgotten. */
    struct cdn_record_decision later = allowed(&l, T0 + 10 * 86400, ANNA);
    (void)log_decision(&l, &later);
    log_catch_up(&l);
    assert_null(strstr(log_dump(&l), "idempotency|"));
    log_close(&l);
}

static void a_list_version_is_used_first_once(void **state) {
    (void)state;
    struct log l;
    struct cdn_buf b;
    log_open(&l);
    EV(used, list_used, T0 + 60, "service");
    used.u.list_used.list = CDN_STR("ofac-sdn");
    used.u.list_used.digest = CDN_STR("sha256:l1");
    used.u.list_used.decision = 5;
    assert_int_equal(log_outcome(&l, &used), CORDON_E_CONFLICT);
    EV(activated, list_activated, T0, "service");
    activated.u.list_activated.list = CDN_STR("ofac-sdn");
    activated.u.list_activated.digest = CDN_STR("sha256:l1");
    activated.u.list_activated.entries = 17000;
    activated.u.list_activated.published = T0 - 3600;
    assert_int_equal(log_outcome(&l, &activated), 0);
    assert_int_equal(log_outcome(&l, &used), 0);
    assert_int_equal(log_outcome(&l, &used), CORDON_E_CONFLICT);
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 20);
    assert_int_equal(cdn_store_lists(l.store, &b, &l.e), 0);
    cdn_buf_char(&b, 0);
    assert_has(b.p,
               "\"first_used\":\"2030-03-17T17:47:40Z\",\"first_used_by\":5,\"list\":\"ofac-sdn\","
               "\"published\":\"2030-03-17T16:46:40Z\"");
    cdn_buf_free(&b);
    log_close(&l);
}

/* A batch with a record that cannot be read is not applied in part. */
static void a_record_that_cannot_be_read_stops_the_batch(void **state) {
    (void)state;
    struct log l;
    log_open(&l);
    const struct cdn_record_decision d = held(&l, T0, ANNA, "trust:1");
    (void)log_decision(&l, &d);
    cdn_buf_z(log_next(&l), "{\"kind\":\"event\"}");
    const cordon_str batch[2] = {cdn_buf_get(&l.records[0]), cdn_buf_get(&l.records[1])};
    assert_int_equal(cdn_store_apply(l.store, 0, batch, 2, &l.e), CORDON_E_TYPE);
    assert_string_equal(l.e.hint, "at record 1");
    assert_int_equal(cdn_store_applied(l.store), 0);
    assert_null(strstr(log_dump(&l), "cases|"));
    assert_int_equal(cdn_store_apply(l.store, 0, batch, 1, &l.e), 0);
    assert_int_equal(cdn_store_apply(l.store, 0, batch, 1, &l.e), CORDON_E_ARG);
    assert_int_equal(cdn_store_applied(l.store), 1);
    log_close(&l);
}

static void followers_catch_up_in_the_background(void **state) {
    (void)state;
    struct log l;
    log_open(&l);
    for (int i = 0; i < 20000; i++) {
        const struct cdn_record_decision d =
            i % 100 ? allowed(&l, T0 + i, ANNA) : held(&l, T0 + i, BERT, "trust:1");
        (void)log_decision(&l, &d);
    }
    const struct cdn_store_source source = log_source(&l);
    assert_int_equal(cdn_store_follow_start(l.store, &source, 100, &l.e), 0);
    assert_int_equal(cdn_store_wait_indexed(l.store, 1, 20, &l.e), CORDON_E_STATE);
    cdn_store_follow(l.store, 10000);
    cdn_store_follow(l.store, l.count);
    assert_int_equal(cdn_store_wait_applied(l.store, l.count, 60000, &l.e), 0);
    assert_int_equal(cdn_store_wait_indexed(l.store, l.count, 60000, &l.e), 0);
    assert_int_equal(
        found(&l, (struct cdn_store_search){ANY, .verdict = CORDON_VERDICT_HOLD, .limit = 1000}, NULL), 200);
    cdn_store_follow_stop(l.store);
    log_close(&l);
}

/* Without anybody who waits, too, and to the last record. */
static void followers_take_in_what_nobody_waits_for(void **state) {
    (void)state;
    struct log l;
    struct cdn_store_health health = {0};
    log_open(&l);
    for (int i = 0; i < 3000; i++) {
        const struct cdn_record_decision d =
            i % 100 ? allowed(&l, T0 + i, ANNA) : held(&l, T0 + i, BERT, "trust:1");
        (void)log_decision(&l, &d);
    }
    const struct cdn_store_source source = log_source(&l);
    assert_int_equal(cdn_store_follow_start(l.store, &source, 100, &l.e), 0);
    for (uint64_t end = 1; end <= l.count; end++)
        cdn_store_follow(l.store, end);
    for (int i = 0; i < 60000 && (health.applied < l.count || health.indexed < l.count); i++) {
        cdn_store_health(l.store, &health);
        (void)usleep(1000);
    }
    assert_int_equal(health.applied, l.count);
    assert_int_equal(health.indexed, l.count);
    cdn_store_follow_stop(l.store);
    log_close(&l);
}

/* The log of the state is folded into it after a few megabytes, however small the batches. */
static void the_log_stays_small(void **state) {
    (void)state;
    struct log l;
    struct stat st;
    char path[128];
    log_open(&l);
    for (int i = 0; i < 3000; i++) {
        const struct cdn_record_decision d = held(&l, T0 + i, BERT, "trust:1");
        (void)log_decision(&l, &d);
        const cordon_str record = cdn_buf_get(&l.records[i]);
        assert_int_equal(cdn_store_apply(l.store, (uint64_t)i, &record, 1, &l.e), 0);
    }
    (void)snprintf(path, sizeof(path), "%s/state.sqlite-wal", l.folder);
    assert_int_equal(stat(path, &st), 0);
    assert_in_range(st.st_size, 1, 3 << 20);
    (void)snprintf(path, sizeof(path), "%s/state.sqlite", l.folder);
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_size > 3000 * 100);
    log_close(&l);
}

static void a_backup_restores_and_the_journal_adds_the_rest(void **state) {
    (void)state;
    struct log l;
    struct log other;
    char folder[64] = "/tmp/cordon-backup-XXXXXX";
    log_open(&l);
    assert_non_null(mkdtemp(folder));
    for (int i = 0; i < 50; i++) {
        const struct cdn_record_decision d = held(&l, T0 + i, ANNA, "trust:1");
        (void)log_decision(&l, &d);
    }
    log_catch_up(&l);
    const struct cdn_store_source source = log_source(&l);
    assert_int_equal(cdn_store_follow_start(l.store, &source, 100, &l.e), 0);
    if (cdn_store_backup(l.store, folder, &l.e) != 0)
        fail_msg("%s", l.e.message);
    const struct cdn_record_decision d = held(&l, T0 + 99, BERT, "trust:1");
    (void)log_decision(&l, &d);
    cdn_store_follow(l.store, l.count);
    assert_int_equal(cdn_store_wait_applied(l.store, l.count, 60000, &l.e), 0);
    assert_int_equal(cdn_store_wait_indexed(l.store, l.count, 60000, &l.e), 0);
    cdn_store_follow_stop(l.store);
    const char *whole = log_dump(&l);
    /* Another store, with other content, takes over the backup and catches up. */
    log_open(&other);
    const struct cdn_record_decision stray = allowed(&other, T0, BERT);
    (void)log_decision(&other, &stray);
    log_catch_up(&other);
    assert_int_equal(cdn_store_restore(other.store, folder, 49, &other.e), CORDON_E_RANGE);
    if (cdn_store_restore(other.store, folder, l.count, &other.e) != 0)
        fail_msg("%s", other.e.message);
    assert_int_equal(cdn_store_applied(other.store), 50);
    assert_int_equal(cdn_store_catch_up(other.store, &source, l.count, &other.e), 0);
    assert_int_equal(cdn_store_catch_up_index(other.store, &source, l.count, &other.e), 0);
    assert_string_equal(log_dump(&other), whole);
    log_close(&other);
    log_remove_folder(folder);
    log_close(&l);
}

static void another_programs_database_is_left_alone(void **state) {
    (void)state;
    struct log l;
    struct cdn_store *s = NULL;
    char path[128];
    log_open(&l);
    cdn_store_close(l.store);
    l.store = NULL;
    assert_int_equal(cdn_store_delete(l.folder, &l.e), 0);
    const struct cdn_store_config config = {.folder = l.folder, .alloc = &cdn_alloc_libc, .block = LOG_BLOCK};
    (void)snprintf(path, sizeof(path), "%s/state.sqlite", l.folder);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    (void)fputs(
        "this is no database, but it is long enough to be taken for the header of one by somebody careless\n",
        f);
    (void)fclose(f);
    assert_int_equal(cdn_store_open(&config, &s, &l.e), CORDON_E_FORMAT);
    assert_has(l.e.hint, "made again from the journal");
    assert_null(s);
    assert_int_equal(cdn_store_delete(l.folder, &l.e), 0);
    log_close(&l);
}

static void queries_of_what_is_not_there_say_so(void **state) {
    (void)state;
    const struct cdn_store_case_query open = {.status = CDN_STR("open"), .page = all()};
    const struct cdn_store_case_query nobody = {.party = CDN_STR("nobody"), .page = all()};
    struct log l;
    struct cdn_buf b;
    log_open(&l);
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 20);
    assert_int_equal(cdn_store_case(l.store, 5, T0, &b, &l.e), CORDON_E_NOTFOUND);
    assert_int_equal(cdn_store_appeal(l.store, 5, &b, &l.e), CORDON_E_NOTFOUND);
    assert_int_equal(cdn_store_draft(l.store, 5, &b, &l.e), CORDON_E_NOTFOUND);
    assert_int_equal(cdn_store_outcome(l.store, 5, &l.e), CORDON_E_RANGE);
    assert_int_equal(cdn_store_cases(l.store, &open, &b, &l.e), 0);
    assert_int_equal(cdn_store_cases(l.store, &nobody, &b, &l.e), CORDON_E_ARG);
    assert_int_equal(cdn_store_drafts(l.store, empty(), all(), &b, &l.e), 0);
    assert_int_equal(cdn_store_keys(l.store, &b, &l.e), 0);
    assert_int_equal(cdn_store_clearances(l.store, empty(), all(), &b, &l.e), 0);
    assert_int_equal(cdn_store_snapshots(l.store, &b, &l.e), 0);
    assert_int_equal(cdn_store_legal_holds(l.store, &b, &l.e), 0);
    cdn_buf_char(&b, 0);
    assert_string_equal(b.p, "[][][][][][]");
    cdn_buf_free(&b);
    log_close(&l);
}

/* The plan of a statement: counted are entries of an index that holds all that is asked, never rows. */
static void plan_covers(struct cdn_db *db, const char *sql, int *ret_tables) {
    char text[400];
    sqlite3_stmt *st = NULL;
    const int n = snprintf(text, sizeof(text), "EXPLAIN QUERY PLAN %s", sql);
    assert_true(n > 0 && n < (int)sizeof(text));
    assert_int_equal(sqlite3_prepare_v2(db->h, text, -1, &st, NULL), SQLITE_OK);
    while (sqlite3_step(st) == SQLITE_ROW) {
        const char *step = (const char *)sqlite3_column_text(st, 3);
        if (strncmp(step, "SEARCH", 6) == 0 || (strncmp(step, "SCAN", 4) == 0 && !strstr(step, "CONSTANT"))) {
            if (!strstr(step, "COVERING INDEX"))
                print_error("%s: %s\n", sql, step);
            assert_non_null(strstr(step, "COVERING INDEX"));
            ++*ret_tables;
        }
    }
    assert_int_equal(sqlite3_finalize(st), SQLITE_OK);
}

/* Asked by every scrape of the metrics, with hundreds of thousands of holds open. */
static void counting_what_is_open_looks_at_no_row(void **state) {
    (void)state;
    struct log l;
    struct cdn_store_ages ages;
    struct cdn_store_duty_sums sums;
    struct cdn_store_waiting waiting = {9, 9};
    const int64_t edge = T0;
    int tables = 0;
    log_open(&l);
    assert_int_equal(cdn_store_case_ages(l.store, &edge, 1, &ages, &l.e), 0);
    assert_int_equal(cdn_store_duty_counts(l.store, T0, T0 + 1, &sums, &l.e), 0);
    assert_int_equal(cdn_store_waiting(l.store, &waiting, &l.e), 0);
    assert_true(waiting.appeals == 0 && waiting.drafts == 0);
    for (uint32_t i = 0; i < l.store->reader_count; i++) {
        struct cdn_db *db = &l.store->readers[i].state;
        for (size_t j = 0; j < CDN_DB_STATEMENTS; j++)
            if (db->statements[j].sql && strstr(db->statements[j].sql, " FROM "))
                plan_covers(db, db->statements[j].sql, &tables);
    }
    assert_true(tables >= 6);
    log_close(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counting_what_is_open_looks_at_no_row),
        cmocka_unit_test(a_hold_opens_a_case_that_releases_close),
        cmocka_unit_test(a_restart_leaves_everything_as_it_was),
        cmocka_unit_test(nothing_but_releases_opens_a_hold),
        cmocka_unit_test(cases_keep_comments_and_evidence),
        cmocka_unit_test(usage_adds_up_exactly_and_is_given_back_once),
        cmocka_unit_test(duties_are_open_until_done),
        cmocka_unit_test(appeals_keep_both_decisions),
        cmocka_unit_test(the_snapshot_known_at_an_instant_is_the_one_then_active),
        cmocka_unit_test(decisions_are_found_by_party_measure_verdict_time_and_key),
        cmocka_unit_test(searching_by_time_finds_what_a_scan_finds),
        cmocka_unit_test(an_idempotency_key_stands_for_one_request),
        cmocka_unit_test(a_list_version_is_used_first_once),
        cmocka_unit_test(a_record_that_cannot_be_read_stops_the_batch),
        cmocka_unit_test(followers_catch_up_in_the_background),
        cmocka_unit_test(followers_take_in_what_nobody_waits_for),
        cmocka_unit_test(the_log_stays_small),
        cmocka_unit_test(a_backup_restores_and_the_journal_adds_the_rest),
        cmocka_unit_test(another_programs_database_is_left_alone),
        cmocka_unit_test(queries_of_what_is_not_there_say_so),
    };
    return cdn_run(tests);
}
