/* SPDX-License-Identifier: Apache-2.0 */
/* test_state.c: what one decision leaves for the next: caps, holds and their release, appeals, keys, drafts.
 */
#include "service/test_help.h"

#include <unistd.h>

#include "service/priv.h"

#define SEND(amount)                                                                                         \
    "{\"action\":\"transfer.send\",\"objects\":[{\"amount\":{\"amount\":\"" amount                           \
    "\",\"currency\":\"GBP\"},\"kind\":\"payment\"}],\"parties\":[{\"id\":\"s1\",\"role\":\"sender\"},{"     \
    "\"evidence\":[{"                                                                                        \
    "\"kind\":\"address\",\"value\":{\"country\":\"RU\"}}],\"id\":\"r1\",\"role\":\"recipient\"}],"          \
    "\"service\":\"bank\"}"

static char out[65536];

static void caps_are_used_up_by_what_was_allowed(void **state) {
    (void)state;
    struct help h;
    help_new(&h, NULL);
    help_open(&h);
    help_verdict(&h, SEND("120"), CORDON_VERDICT_LIMIT);
    help_verdict(&h, SEND("90"), CORDON_VERDICT_DENY); /* 80 are left */
    const uint64_t second = help_verdict(&h, SEND("80"), CORDON_VERDICT_LIMIT);
    help_verdict(&h, SEND("1"), CORDON_VERDICT_DENY);
    help_close(&h);
    help_open(&h);
    help_verdict(&h, SEND("1"), CORDON_VERDICT_DENY); /* a restart forgets nothing */
    (void)snprintf(out, sizeof(out), "%llu", (unsigned long long)second);
    char id[24];
    memcpy(id, out, sizeof(id));
    if (help_do(&h, &h.all, CDN_ACT_USAGE_REVERSE, id, "{\"why\":\"it did not happen\"}", out) < 0)
        fail_msg("reverse: %s", out);
    help_verdict(&h, SEND("80"), CORDON_VERDICT_LIMIT);
    atomic_store(&h.wall, NOON + 86400);
    help_verdict(&h, SEND("200"), CORDON_VERDICT_LIMIT); /* another day */
    help_end(&h);
}

/* Who is where is not known: held by house/no-russia, released by two of the desk. */
#define OPEN_UNKNOWN                                                                                         \
    "{\"action\":\"account.open\",\"parties\":[{\"id\":\"u1\",\"role\":\"customer\"}],\"service\":\"shop\"}"

static unsigned open_cases(struct help *h) {
    unsigned count = 0;
    assert_int_equal(help_look(h, CDN_VIEW_CASES, "", out, sizeof(out)), 0);
    for (const char *p = strstr(out, "\"status\":\"open\""); p; p = strstr(p + 1, "\"status\":\"open\""))
        count++;
    return count;
}

static void holds_are_released_by_two_of_the_authority(void **state) {
    (void)state;
    struct help h;
    char id[24];
    help_new(&h, NULL);
    help_open(&h);
    const struct cdn_service_caller one = help_key(&h, "\"read\"", "\"desk\"");
    struct cdn_service_caller two = help_key(&h, "\"read\"", "\"desk\"");
    const struct cdn_service_caller other = help_key(&h, "\"read\",\"approve\",\"author\"", "\"billing\"");
    char key[CDN_KEY_ID_TEXT]; /* texts of a caller end with the service */
    (void)snprintf(key, sizeof(key), "%.*s", (int)two.key.n, two.key.p);
    two.key = cdn_str_z(key);
    const uint64_t index = help_verdict(&h, OPEN_UNKNOWN, CORDON_VERDICT_HOLD);
    (void)snprintf(id, sizeof(id), "%llu", (unsigned long long)index);
    assert_true(cdn_store_wait_applied(h.s->store, index + 1, 5000, NULL) == 0);
    assert_int_equal(help_look(&h, CDN_VIEW_CASE, id, out, sizeof(out)), 0);
    assert_non_null(strstr(out, "\"status\":\"open\""));
    assert_true(help_do(&h, &other, CDN_ACT_CASE_RELEASE, id, "{\"why\":\"x\"}", out) < 0);
    assert_true(help_do(&h, &h.decider, CDN_ACT_CASE_RELEASE, id, "{\"why\":\"x\"}", out) < 0);
    if (help_do(&h, &one, CDN_ACT_CASE_RELEASE, id, "{\"why\":\"seen the passport\"}", out) < 0)
        fail_msg("release: %s", out);
    assert_non_null(strstr(out, "\"status\":\"open\"")); /* one of two */
    assert_true(help_do(&h, &one, CDN_ACT_CASE_RELEASE, id, "{\"why\":\"again\"}", out) < 0);
    help_close(&h); /* a restart is no release */
    help_open(&h);
    assert_int_equal(help_look(&h, CDN_VIEW_CASE, id, out, sizeof(out)), 0);
    assert_non_null(strstr(out, "\"status\":\"open\""));
    /* Asking again while it is open is held by that case and opens no other. */
    const uint64_t again = help_verdict(&h, OPEN_UNKNOWN, CORDON_VERDICT_HOLD);
    assert_true(cdn_store_wait_applied(h.s->store, again + 1, 5000, NULL) == 0);
    assert_int_equal(open_cases(&h), 1);
    if (help_do(&h, &two, CDN_ACT_CASE_RELEASE, id, "{\"why\":\"called back\"}", out) < 0)
        fail_msg("release: %s", out);
    assert_non_null(strstr(out, "\"status\":\"released\""));
    assert_int_equal(open_cases(&h), 0);
    const uint64_t anew =
        help_verdict(&h, OPEN_UNKNOWN, CORDON_VERDICT_HOLD); /* it is still unknown who it is */
    assert_true(cdn_store_wait_applied(h.s->store, anew + 1, 5000, NULL) == 0);
    assert_int_equal(open_cases(&h), 1);
    help_end(&h);
}

static void appeals_decide_again_and_keep_both(void **state) {
    (void)state;
    struct help h;
    char body[256], id[24];
    help_new(&h, NULL);
    help_open(&h);
    const uint64_t before = help_verdict(&h, OPEN_UNKNOWN, CORDON_VERDICT_HOLD);
    atomic_store(&h.wall, NOON + 3600);
    (void)snprintf(body,
                   sizeof(body),
                   "{\"decisions\":[%llu],\"grounds\":\"I live in Erfurt\"}",
                   (unsigned long long)before);
    if (help_do(&h, &h.all, CDN_ACT_APPEAL_OPEN, "", body, out) < 0)
        fail_msg("appeal: %s", out);
    (void)snprintf(id, sizeof(id), "%llu", (unsigned long long)help_number(out, "appeal"));
    if (help_do(&h,
                &h.all,
                CDN_ACT_APPEAL_EVIDENCE,
                id,
                "{\"evidence\":{\"kind\":\"registered_address\",\"value\":{\"country\":\"DE\"}}}",
                out) < 0)
        fail_msg("evidence: %s", out);
    const uint64_t after = help_number(strstr(out, "\"after\":") ? out : "", "after");
    struct cdn_past past;
    struct cordon_error e = {0};
    assert_int_equal(cdn_past_read(h.s, after, &past, &e), 0);
    assert_int_equal(past.record.u.decision.effects.verdict, CORDON_VERDICT_ALLOW);
    assert_int_equal(past.record.u.decision.at, NOON); /* for the instant that it was decided for */
    assert_int_equal(past.record.u.decision.recorded, NOON + 3600);
    cdn_past_free(&past);
    assert_int_equal(cdn_past_read(h.s, before, &past, &e), 0);
    assert_int_equal(past.record.u.decision.effects.verdict, CORDON_VERDICT_HOLD);
    cdn_past_free(&past);
    help_end(&h);
}

static void keys_are_shown_once_and_can_be_revoked(void **state) {
    (void)state;
    struct help h;
    char secret[128], key[64];
    struct cdn_service_caller c, again;
    struct cordon_error e = {0};
    help_new(&h, NULL);
    help_open(&h);
    assert_int_equal(help_do(&h,
                             &h.all,
                             CDN_ACT_KEY_CREATE,
                             "",
                             "{\"label\":\"shop\",\"roles\":[\"decide\"],\"rate\":50}",
                             out),
                     0);
    help_text(out, "secret", secret, sizeof(secret));
    help_text(out, "key", key, sizeof(key));
    assert_int_equal(cdn_service_authenticate(h.s, cdn_str_z(secret), &c, &e), 0);
    assert_int_equal(c.roles, CDN_MAY_DECIDE);
    assert_int_equal(c.rate, 50);
    assert_int_equal(help_look(&h, CDN_VIEW_KEYS, "", out, sizeof(out)), 0);
    assert_null(strstr(out, secret));
    assert_non_null(strstr(out, key));
    help_close(&h);
    help_open(&h);
    assert_int_equal(cdn_service_authenticate(h.s, cdn_str_z(secret), &again, &e), 0);
    assert_int_equal(help_do(&h, &h.decider, CDN_ACT_KEY_REVOKE, key, "{\"why\":\"lost\"}", out),
                     CORDON_E_STATE);
    assert_int_equal(help_do(&h, &h.all, CDN_ACT_KEY_REVOKE, key, "{\"why\":\"lost\"}", out), 0);
    assert_int_equal(cdn_service_authenticate(h.s, cdn_str_z(secret), &again, &e), CORDON_E_NOTFOUND);
    assert_int_equal(
        help_do(&h, &h.all, CDN_ACT_KEY_CREATE, "", "{\"label\":\"x\",\"roles\":[\"god\"]}", out),
        CORDON_E_NAME);
    assert_int_equal(help_do(&h, &h.all, CDN_ACT_KEY_CREATE, "", "{\"lable\":\"x\",\"roles\":[]}", out),
                     CORDON_E_NAME);
    help_end(&h);
}

static void what_nobody_needs_can_be_erased(void **state) {
    (void)state;
    struct help h;
    struct cdn_past past;
    struct cordon_error e = {0};
    char id[24];
    help_new(&h, NULL);
    help_open(&h);
    const uint64_t held = help_verdict(&h, OPEN_UNKNOWN, CORDON_VERDICT_HOLD);
    const uint64_t allowed = help_verdict(&h, OPEN_DE, CORDON_VERDICT_ALLOW);
    (void)snprintf(id, sizeof(id), "%llu", (unsigned long long)held);
    atomic_store(&h.wall, NOON + 10);
    assert_true(help_do(&h, &h.all, CDN_ACT_ERASE, id, "{\"why\":\"asked to\"}", out) <
                0); /* a case is open */
    (void)snprintf(id, sizeof(id), "%llu", (unsigned long long)allowed);
    if (help_do(&h, &h.all, CDN_ACT_LEGAL_HOLD, "", "{\"why\":\"proceedings\"}", out) < 0)
        fail_msg("hold: %s", out);
    char hold[24];
    (void)snprintf(hold, sizeof(hold), "%llu", (unsigned long long)help_number(out, "index"));
    assert_true(help_do(&h, &h.all, CDN_ACT_ERASE, id, "{\"why\":\"asked to\"}", out) <
                0); /* under a legal hold */
    if (help_do(&h, &h.all, CDN_ACT_LEGAL_HOLD_LIFT, hold, "{\"why\":\"over\"}", out) < 0)
        fail_msg("lift: %s", out);
    if (help_do(&h, &h.all, CDN_ACT_ERASE, id, "{\"why\":\"asked to\"}", out) < 0)
        fail_msg("erase: %s", out);
    assert_true(cdn_past_read(h.s, allowed, &past, &e) < 0);
    cdn_past_free(&past);
    assert_int_equal(help_look(&h, CDN_VIEW_RECORD, id, out, sizeof(out)), 0);
    assert_non_null(strstr(out, "\"erased\":true"));
    assert_int_equal(help_look(&h, CDN_VIEW_PROOF, id, out, sizeof(out)), 0); /* and still provable */
    help_verdict(&h, OPEN_DE, CORDON_VERDICT_ALLOW);
    help_close(&h);
    help_open(&h);
    help_verdict(&h, OPEN_DE, CORDON_VERDICT_ALLOW);
    help_end(&h);
}

/* ---- a legal hold that is placed while an erasure runs ---- */

struct race {
    struct help *h;
    struct cdn_file_ops ops; /* the machine's, but for the call at which the hold comes */
    bool begun;
    _Atomic bool placed;
    int result;
    char answer[65536];
    pthread_t thread;
};
static struct race race;

static void *place(void *arg) {
    (void)arg;
    race.result =
        help_do(race.h, &race.h->all, CDN_ACT_LEGAL_HOLD, "", "{\"why\":\"proceedings\"}", race.answer);
    atomic_store(&race.placed, true);
    return NULL;
}

static void begin_to_place(void) {
    race.begun = true;
    assert_int_equal(pthread_create(&race.thread, NULL, place, NULL), 0);
    /* It has to wait for the erasure. Were it not so, it would be placed by now: long enough to see that. */
    for (unsigned i = 0; i < 100 && !atomic_load(&race.placed); i++)
        (void)usleep(1000);
}

/* The first link is the exchange of the segment: it has been decided that the bytes go. */
static int link_hooked(void *ctx, struct cdn_file_dir *dir, const char *from, const char *to) {
    if (race.h && race.h->s && !race.begun)
        begin_to_place();
    return cdn_file_real.link(ctx, dir, from, to);
}

static void a_hold_that_comes_while_bytes_go_is_placed_after_it(void **state) {
    (void)state;
    struct help h;
    struct cdn_past past;
    struct cordon_error e = {0};
    char id[24];
    memset(&race, 0, sizeof(race));
    race.ops = cdn_file_real;
    race.ops.link = link_hooked;
    help_new(&h, NULL);
    h.o.files = &race.ops;
    help_open(&h);
    const uint64_t allowed = help_verdict(&h, OPEN_DE, CORDON_VERDICT_ALLOW);
    const uint64_t other = help_verdict(&h, OPEN_DE, CORDON_VERDICT_ALLOW);
    (void)snprintf(id, sizeof(id), "%llu", (unsigned long long)allowed);
    atomic_store(&h.wall, NOON + 10);
    race.h = &h;
    if (help_do(&h, &h.all, CDN_ACT_ERASE, id, "{\"why\":\"asked to\"}", out) < 0)
        fail_msg("erase: %s", out);
    assert_true(race.begun);
    assert_int_equal(pthread_join(race.thread, NULL), 0);
    assert_int_equal(race.result, 0);
    /* The journal tells the order, and what was answered is true. */
    assert_true(help_number(race.answer, "index") > help_number(out, "index"));
    assert_true(cdn_past_read(h.s, allowed, &past, &e) < 0);
    cdn_past_free(&past);
    (void)snprintf(id, sizeof(id), "%llu", (unsigned long long)other);
    assert_true(help_do(&h, &h.all, CDN_ACT_ERASE, id, "{\"why\":\"asked to\"}", out) < 0);
    assert_non_null(strstr(out, "a legal hold covers it"));
    assert_int_equal(cdn_past_read(h.s, other, &past, &e), 0);
    cdn_past_free(&past);
    race.h = NULL;
    help_end(&h);
}

/* The hold is at the door when the erasure has not been recorded yet: the erasure gives way, wholly. */
static void an_erasure_gives_way_to_a_hold_that_waits(void **state) {
    (void)state;
    struct help h;
    struct cdn_past past;
    struct cordon_error e = {0};
    char id[24];
    memset(&race, 0, sizeof(race));
    help_new(&h, NULL);
    help_open(&h);
    const uint64_t allowed = help_verdict(&h, OPEN_DE, CORDON_VERDICT_ALLOW);
    (void)snprintf(id, sizeof(id), "%llu", (unsigned long long)allowed);
    atomic_store(&h.wall, NOON + 10);
    race.h = &h;
    atomic_fetch_add(&h.s->holds_wanted, 1); /* it waits for the lock that the erasure has */
    assert_true(help_do(&h, &h.all, CDN_ACT_ERASE, id, "{\"why\":\"asked to\"}", out) < 0);
    assert_non_null(strstr(out, "conflict|"));
    assert_non_null(strstr(out, "legal hold is being placed"));
    atomic_fetch_sub(&h.s->holds_wanted, 1);
    assert_int_equal(cdn_past_read(h.s, allowed, &past, &e), 0);
    cdn_past_free(&past);
    assert_int_equal(help_look(&h, CDN_VIEW_RECORD, id, out, sizeof(out)), 0);
    assert_non_null(strstr(out, "\"erased\":false"));
    if (help_do(&h, &h.all, CDN_ACT_ERASE, id, "{\"why\":\"asked to\"}", out) < 0) /* none came after all */
        fail_msg("erase: %s", out);
    help_end(&h);
}

/* Comments, evidence and appeals hold personal data, too. */
static void what_people_wrote_can_be_erased(void **state) {
    (void)state;
    struct help h;
    char id[24], comment[24];
    help_new(&h, NULL);
    help_open(&h);
    const uint64_t held = help_verdict(&h, OPEN_UNKNOWN, CORDON_VERDICT_HOLD);
    (void)snprintf(id, sizeof(id), "%llu", (unsigned long long)held);
    if (help_do(&h, &h.all, CDN_ACT_CASE_COMMENT, id, "{\"text\":\"lives in Erfurt\"}", out) < 0)
        fail_msg("comment: %s", out);
    (void)snprintf(comment, sizeof(comment), "%llu", (unsigned long long)help_number(out, "index"));
    atomic_store(&h.wall, NOON + 10);
    assert_true(help_do(&h, &h.all, CDN_ACT_ERASE, comment, "{\"why\":\"asked to\"}", out) < 0); /* open */
    const struct cdn_service_caller desk = help_key(&h, "\"read\"", "\"desk\"");
    if (help_do(&h, &desk, CDN_ACT_CASE_REFUSE, id, "{\"why\":\"no\"}", out) < 0)
        fail_msg("refuse: %s", out);
    if (help_do(&h, &h.all, CDN_ACT_ERASE, comment, "{\"why\":\"asked to\"}", out) < 0)
        fail_msg("erase: %s", out);
    assert_int_equal(help_look(&h, CDN_VIEW_RECORD, comment, out, sizeof(out)), 0);
    assert_non_null(strstr(out, "\"erased\":true"));
    assert_int_equal(help_look(&h, CDN_VIEW_CASE, id, out, sizeof(out)), 0);
    assert_null(strstr(out, "Erfurt"));
    assert_true(help_do(&h, &h.all, CDN_ACT_ERASE, comment, "{\"why\":\"again\"}", out) < 0);
    help_close(&h);
    help_open(&h);
    assert_int_equal(help_look(&h, CDN_VIEW_CASE, id, out, sizeof(out)), 0);
    assert_non_null(strstr(out, "\"status\":\"refused\""));
    assert_null(strstr(out, "Erfurt"));
    help_end(&h);
}

static void a_backup_serves_elsewhere(void **state) {
    (void)state;
    struct help h;
    char body[256], data[96];
    help_new(&h, NULL);
    help_open(&h);
    help_verdict(&h, SEND("120"), CORDON_VERDICT_LIMIT);
    (void)snprintf(body, sizeof(body), "{\"to\":\"%s/copy\"}", h.folder);
    if (help_do(&h, &h.all, CDN_ACT_BACKUP, "", body, out) < 0)
        fail_msg("backup: %s", out);
    help_verdict(&h, SEND("80"), CORDON_VERDICT_LIMIT); /* after it */
    help_close(&h);
    (void)snprintf(data, sizeof(data), "%s/copy", h.folder);
    h.o.data = data;
    help_open(&h);
    help_verdict(&h, SEND("90"), CORDON_VERDICT_DENY);
    help_verdict(&h, SEND("80"), CORDON_VERDICT_LIMIT);
    help_end(&h);
}

static void decisions_are_found_by_party_measure_and_verdict(void **state) {
    (void)state;
    struct help h;
    struct cdn_buf found;
    struct cordon_error e = {0};
    uint8_t refusal = 0;
    char mark[32];
    help_new(&h, NULL);
    help_open(&h);
    const uint64_t held = help_verdict(&h, OPEN_UNKNOWN, CORDON_VERDICT_HOLD);
    help_verdict(&h, OPEN_DE, CORDON_VERDICT_ALLOW);
    (void)snprintf(mark, sizeof(mark), "\"index\":%llu,", (unsigned long long)held);
    static const struct cdn_service_query asked[] = {
        {.party = CDN_STR("id:u1")}, {.measure = CDN_STR("house/no-russia")}, {.verdict = CDN_STR("hold")}};
    for (unsigned i = 0; i < 3; i++) {
        cdn_buf_init(&found, &cdn_alloc_libc, CDN_MIB(1));
        assert_int_equal(cdn_service_look(h.s, &h.all, CDN_VIEW_SEARCH, &asked[i], &found, &refusal, &e), 0);
        assert_non_null(memmem(found.p, found.n, mark, strlen(mark)));
        assert_null(memmem(found.p, found.n, "\"verdict\":\"allow\"", 17));
        cdn_buf_free(&found);
    }
    cdn_buf_init(&found, &cdn_alloc_libc, CDN_MIB(1));
    assert_int_equal(cdn_service_look(h.s, &h.decider, CDN_VIEW_SEARCH, &asked[0], &found, &refusal, &e),
                     CORDON_E_STATE);
    assert_int_equal(refusal, CDN_REFUSED_ROLE);
    cdn_buf_free(&found);
    help_end(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(caps_are_used_up_by_what_was_allowed),
        cmocka_unit_test(holds_are_released_by_two_of_the_authority),
        cmocka_unit_test(appeals_decide_again_and_keep_both),
        cmocka_unit_test(keys_are_shown_once_and_can_be_revoked),
        cmocka_unit_test(what_nobody_needs_can_be_erased),
        cmocka_unit_test(a_hold_that_comes_while_bytes_go_is_placed_after_it),
        cmocka_unit_test(an_erasure_gives_way_to_a_hold_that_waits),
        cmocka_unit_test(what_people_wrote_can_be_erased),
        cmocka_unit_test(a_backup_serves_elsewhere),
        cmocka_unit_test(decisions_are_found_by_party_measure_and_verdict),
    };
    return cdn_run(tests);
}
