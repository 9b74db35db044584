/* SPDX-License-Identifier: Apache-2.0 */
/* test_rules.c: changing the rules while running: reload, a bad one, roll back, as known at, drafts and their
 * schedule. */
#include "service/test_help.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "service/priv.h"
#include "sign/sign.h"

static char out[65536];

#define NOBODY                                                                                               \
    "measure house/nobody\n    title      \"Nobody\"\n    basis      policy of house\n    source     \"x\" " \
    "<https://house.example/n>\n    announced  2022-03-01T00:00Z\n    effective  2022-03-01T00:00Z\n    "    \
    "deny       "                                                                                            \
    "account.open on shop\n"

static void active(struct help *h, char ret[CORDON_DIGEST_TEXT]) {
    assert_int_equal(help_look(h, CDN_VIEW_SNAPSHOTS, "active", out, sizeof(out)), 0);
    help_text(out, "snapshot", ret, CORDON_DIGEST_TEXT);
}

static void a_bad_rulebook_is_refused_and_the_old_one_stays(void **state) {
    (void)state;
    struct help h;
    char first[CORDON_DIGEST_TEXT], now[CORDON_DIGEST_TEXT];
    help_new(&h, NULL);
    help_open(&h);
    active(&h, first);
    help_rules(&h, "measure house/broken\n    deny nothing.known on shop\n");
    assert_true(help_do(&h, &h.all, CDN_ACT_RELOAD, "", "", out) < 0);
    assert_non_null(strstr(out, "house.measure"));
    active(&h, now);
    assert_string_equal(now, first);
    help_verdict(&h, OPEN_DE, CORDON_VERDICT_ALLOW);
    assert_int_equal(help_look(&h, CDN_VIEW_STATUS, "", out, sizeof(out)), 0);
    assert_non_null(strstr(out, "\"reload_error\":\""));
    /* A scenario that fails is as bad. */
    help_rules(&h, NULL);
    char path[192];
    (void)snprintf(path, sizeof(path), "%s/x.scenario", h.rules);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    (void)fputs("scenario \"Germans are refused\"\n    at       2026-01-01T00:00Z\n    request  account.open "
                "on shop\n"
                "    customer new\n        declared_country DE\n    expect   deny\n",
                f);
    (void)fclose(f);
    assert_true(help_do(&h, &h.all, CDN_ACT_RELOAD, "", "", out) < 0);
    assert_non_null(strstr(out, "1 of 1 scenarios fail"));
    active(&h, now);
    assert_string_equal(now, first);
    (void)remove(path);
    /* A good one heals. */
    help_rules(&h, NOBODY);
    assert_int_equal(help_do(&h, &h.all, CDN_ACT_RELOAD, "", "", out), 0);
    help_verdict(&h, OPEN_DE, CORDON_VERDICT_DENY);
    assert_int_equal(help_look(&h, CDN_VIEW_STATUS, "", out, sizeof(out)), 0);
    assert_null(strstr(out, "\"reload_error\":\""));
    help_end(&h);
}

static void snapshots_are_kept_rolled_back_and_known_at_an_instant(void **state) {
    (void)state;
    struct help h;
    char first[CORDON_DIGEST_TEXT], second[CORDON_DIGEST_TEXT], now[CORDON_DIGEST_TEXT];
    struct cordon_error e = {0};
    struct cdn_buf text;
    uint8_t refusal = 0;
    help_new(&h, NULL);
    help_open(&h);
    active(&h, first);
    atomic_store(&h.wall, NOON + 100);
    help_rules(&h, NOBODY);
    assert_int_equal(help_do(&h, &h.all, CDN_ACT_RELOAD, "", "", out), 0);
    active(&h, second);
    assert_string_not_equal(first, second);
    help_verdict(&h, OPEN_DE, CORDON_VERDICT_DENY);
    /* What was known before? */
    const struct cdn_service_query then = {.has_known_at = true, .known_at = NOON + 50};
    cdn_buf_init(&text, &cdn_alloc_libc, CDN_MIB(1));
    assert_int_equal(cdn_service_look(h.s, &h.all, CDN_VIEW_MEASURES, &then, &text, &refusal, &e), 0);
    assert_null(memmem(text.p, text.n, "house/nobody", 12));
    assert_non_null(memmem(text.p, text.n, first, strlen(first)));
    cdn_buf_clear(&text);
    const struct cdn_service_query today = {.id = CDN_STR("house/nobody")};
    assert_int_equal(cdn_service_look(h.s, &h.all, CDN_VIEW_MEASURES, &today, &text, &refusal, &e), 0);
    assert_non_null(memmem(text.p, text.n, "\"in_force\":true", 15));
    cdn_buf_free(&text);
    assert_int_equal(help_do(&h, &h.all, CDN_ACT_SNAPSHOT_ROLLBACK, "", "", out), 0);
    active(&h, now);
    assert_string_equal(now, first);
    help_verdict(&h, OPEN_DE, CORDON_VERDICT_ALLOW);
    assert_int_equal(help_do(&h, &h.all, CDN_ACT_SNAPSHOT_ACTIVATE, second, "", out), 0);
    help_verdict(&h, OPEN_DE, CORDON_VERDICT_DENY);
    assert_true(help_do(&h, &h.decider, CDN_ACT_SNAPSHOT_ACTIVATE, first, "", out) < 0);
    assert_true(help_do(&h, &h.all, CDN_ACT_SNAPSHOT_ACTIVATE, "sha256:00", "", out) < 0);
    help_close(&h);
    help_open(&h); /* the one that was active is so again */
    active(&h, now);
    assert_string_equal(now, second);
    help_end(&h);
}

/* ---- drafts
 * ------------------------------------------------------------------------------------------------------ */

static void json_text(const char *text, char *ret, size_t size) {
    struct cdn_buf b;
    cdn_buf_fixed(&b, ret, size - 1);
    cdn_buf_json(&b, cdn_str_z(text));
    ret[b.n] = '\0';
}

struct signer {
    struct cdn_service_caller c;
    char key[CDN_KEY_ID_TEXT];
    struct cdn_sign_secret secret;
};

static void signer_new(struct help *h, struct signer *s) {
    static char text[4096], body[8192], quoted[4096];
    struct cordon_error e = {0};
    struct cdn_buf b;
    s->c = help_key(h, "\"read\",\"author\",\"approve\"", "");
    (void)snprintf(s->key, sizeof(s->key), "%.*s", (int)s->c.key.n, s->c.key.p);
    s->c.key = cdn_str_z(s->key);
    assert_int_equal(cdn_sign_generate(&s->secret, &e), 0);
    cdn_buf_fixed(&b, text, sizeof(text) - 1);
    cdn_minisign_write_public(&b, &s->secret.pub);
    text[b.n] = '\0';
    char *line = strchr(text, '\n');
    assert_non_null(line);
    line++;
    line[strcspn(line, "\n")] = '\0';
    json_text(line, quoted, sizeof(quoted));
    (void)snprintf(body, sizeof(body), "{\"public_key\":%s}", quoted);
    if (help_do(h, &h->all, CDN_ACT_KEY_SIGNER, s->key, body, out) < 0)
        fail_msg("signer: %s", out);
}

static int approve(struct help *h, struct signer *s, const char *draft, const char *measure) {
    static char text[8192], quoted[16384], body[20000];
    struct cordon_error e = {0};
    struct cdn_buf b;
    cdn_buf_fixed(&b, text, sizeof(text) - 1);
    assert_int_equal(cdn_minisign_sign(&b, &s->secret, cdn_str_z(measure), CDN_STR("test"), CDN_STR(""), &e),
                     0);
    text[b.n] = '\0';
    json_text(text, quoted, sizeof(quoted));
    (void)snprintf(body, sizeof(body), "{\"signature\":%s}", quoted);
    return help_do(h, &s->c, CDN_ACT_DRAFT_APPROVE, draft, body, out);
}

static void draft_new(
    struct help *h, struct signer *author, const char *measure, const char *text, char id[24]) {
    static char quoted[16384], body[20000];
    json_text(text, quoted, sizeof(quoted));
    (void)snprintf(body, sizeof(body), "{\"measure\":\"%s\",\"text\":%s}", measure, quoted);
    if (help_do(h, &author->c, CDN_ACT_DRAFT_CREATE, "", body, out) < 0)
        fail_msg("draft: %s", out);
    (void)snprintf(id, 24, "%llu", (unsigned long long)help_number(out, "index"));
    if (help_do(h, &author->c, CDN_ACT_DRAFT_SUBMIT, id, "", out) < 0)
        fail_msg("submit: %s", out);
}

static void a_draft_needs_a_second_person_and_counts_from_its_second_on(void **state) {
    (void)state;
    struct help h;
    struct signer author, second;
    char id[24];
    help_new(&h, NULL);
    h.o.no_threads = true; /* nobody but the requests themselves */
    help_open(&h);
    signer_new(&h, &author);
    signer_new(&h, &second);
    draft_new(&h, &author, "house/nobody", NOBODY, id);
    assert_true(
        help_do(&h, &second.c, CDN_ACT_DRAFT_SCHEDULE, id, "{\"activate\":\"2026-10-01T13:00:00Z\"}", out) <
        0);
    assert_true(approve(&h, &author, id, NOBODY) < 0);      /* not by the author */
    assert_true(approve(&h, &second, id, NOBODY "\n") < 0); /* not for other bytes */
    if (approve(&h, &second, id, NOBODY) < 0)
        fail_msg("approve: %s", out);
    if (help_do(&h, &second.c, CDN_ACT_DRAFT_SCHEDULE, id, "{\"activate\":\"2026-10-01T13:00:00Z\"}", out) <
        0)
        fail_msg("schedule: %s", out);
    atomic_store(&h.wall, NOON + 3599);
    help_verdict(&h, OPEN_DE, CORDON_VERDICT_ALLOW);
    help_close(&h); /* the schedule outlives a restart */
    help_open(&h);
    help_verdict(&h, OPEN_DE, CORDON_VERDICT_ALLOW);
    atomic_store(&h.wall, NOON + 3600);
    help_verdict(&h, OPEN_DE, CORDON_VERDICT_DENY); /* the first request of that second */
    cdn_service_tick(h.s);
    assert_int_equal(help_look(&h, CDN_VIEW_DRAFTS, id, out, sizeof(out)), 0);
    assert_non_null(strstr(out, "\"status\":\"activated\""));
    /* A reload keeps it: the rulebook on disk does not know of it. */
    help_rules(&h, "# a remark\n");
    assert_int_equal(help_do(&h, &h.all, CDN_ACT_RELOAD, "", "", out), 0);
    help_verdict(&h, OPEN_DE, CORDON_VERDICT_DENY);
    help_end(&h);
}

static void a_draft_may_be_effective_before_it_was_announced(void **state) {
    (void)state;
    struct help h;
    struct signer author, second;
    char id[24];
    help_new(&h, NULL);
    h.o.no_threads = true;
    help_open(&h);
    signer_new(&h, &author);
    signer_new(&h, &second);
    help_verdict(&h, OPEN_DE, CORDON_VERDICT_ALLOW);
    draft_new(&h, &author, "house/nobody", NOBODY, id);
    if (approve(&h, &second, id, NOBODY) < 0)
        fail_msg("approve: %s", out);
    /* No instant given: the measure's own, which is past. */
    if (help_do(&h, &second.c, CDN_ACT_DRAFT_SCHEDULE, id, "{}", out) < 0)
        fail_msg("schedule: %s", out);
    help_verdict(&h, OPEN_DE, CORDON_VERDICT_DENY);
    /* One that cannot be compiled is not scheduled, and harms nothing. */
    draft_new(&h, &author, "house/broken", "measure house/broken\n    deny nothing.known on shop\n", id);
    if (approve(&h, &second, id, "measure house/broken\n    deny nothing.known on shop\n") < 0)
        fail_msg("approve: %s", out);
    assert_true(help_do(&h, &second.c, CDN_ACT_DRAFT_SCHEDULE, id, "{}", out) < 0);
    help_verdict(&h, OPEN_DE, CORDON_VERDICT_DENY);
    help_end(&h);
}

/* Down when it falls due: in force before the first request is answered. */
static void what_fell_due_while_down_is_in_force_at_the_first_request(void **state) {
    (void)state;
    struct help h;
    struct signer author, second;
    char id[24];
    help_new(&h, NULL);
    help_open(&h);
    signer_new(&h, &author);
    signer_new(&h, &second);
    draft_new(&h, &author, "house/nobody", NOBODY, id);
    if (approve(&h, &second, id, NOBODY) < 0)
        fail_msg("approve: %s", out);
    if (help_do(&h, &second.c, CDN_ACT_DRAFT_SCHEDULE, id, "{\"activate\":\"2026-10-01T12:30:00Z\"}", out) <
        0)
        fail_msg("schedule: %s", out);
    help_verdict(&h, OPEN_DE, CORDON_VERDICT_ALLOW);
    help_close(&h);
    atomic_store(&h.wall, NOON + 7200);
    help_open(&h);
    help_verdict(&h, OPEN_DE, CORDON_VERDICT_DENY);
    help_end(&h);
}

static void put_in_force(struct help *h, const char *measure, const char *text, const char *when) {
    struct signer author, second;
    char id[24], body[64];
    signer_new(h, &author);
    signer_new(h, &second);
    draft_new(h, &author, measure, text, id);
    if (approve(h, &second, id, text) < 0)
        fail_msg("approve: %s", out);
    (void)snprintf(body, sizeof(body), "{\"activate\":\"%s\"}", when);
    if (help_do(h, &second.c, CDN_ACT_DRAFT_SCHEDULE, id, body, out) < 0)
        fail_msg("schedule: %s", out);
}

#define MEASURE(name, action, who)                                                                           \
    "measure house/" name "\n    title      \"x\"\n    basis      policy of house\n    source     \"x\" "    \
    "<https://house.example/n>\n    announced  2022-03-01T00:00Z\n    effective  2022-03-01T00:00Z\n    "    \
    "deny       " action "\n    when       customer based in " who "\n    evidence   any\n    if unknown "   \
    "allow\n"
#define OPEN(country)                                                                                        \
    "{\"action\":\"account.open\",\"service\":\"shop\",\"parties\":[{\"role\":\"customer\",\"evidence\":[{"  \
    "\"kind\":\"declared_country\",\"value\":\"" country "\"}]}]}"
#define OPEN_ACCOUNT "account.open on shop"

/* Without the timer in between: both snapshots were made ahead. */
static void drafts_of_two_seconds_in_a_row_count_from_their_seconds_on(void **state) {
    (void)state;
    struct help h;
    help_new(&h, NULL);
    h.o.no_threads = true;
    help_open(&h);
    put_in_force(&h, "house/second", MEASURE("second", OPEN_ACCOUNT, "FR"), "2026-10-01T13:00:01Z");
    put_in_force(&h, "house/first", MEASURE("first", OPEN_ACCOUNT, "DE"), "2026-10-01T13:00:00Z");
    atomic_store(&h.wall, NOON + 3599);
    help_verdict(&h, OPEN("DE"), CORDON_VERDICT_ALLOW);
    atomic_store(&h.wall, NOON + 3600);
    help_verdict(&h, OPEN("DE"), CORDON_VERDICT_DENY);
    help_verdict(&h, OPEN("FR"), CORDON_VERDICT_ALLOW);
    atomic_store(&h.wall, NOON + 3601);
    help_verdict(&h, OPEN("FR"), CORDON_VERDICT_DENY);
    help_verdict(&h, OPEN("DE"), CORDON_VERDICT_DENY);
    cdn_service_tick(h.s);
    assert_int_equal(help_look(&h, CDN_VIEW_DRAFTS, "", out, sizeof(out)), 0);
    assert_null(strstr(out, "\"status\":\"scheduled\""));
    help_end(&h);
}

/* Reloads one after the other, each of other rules, until it is told to stop. */
struct reloading {
    struct help *h;
    atomic_bool over;
    atomic_uint done;
};

static void *keep_reloading(void *arg) {
    static char answer[65536];
    struct reloading *r = arg;
    for (unsigned n = 0; !atomic_load(&r->over); n++) {
        char more[32];
        (void)snprintf(more, sizeof(more), "# the %u. text\n", n);
        help_rules(r->h, n % 2 ? MEASURE("odd", OPEN_ACCOUNT, "FR") : more);
        if (help_do(r->h, &r->h->all, CDN_ACT_RELOAD, "", "", answer) < 0)
            return NULL;
        (void)atomic_fetch_add(&r->done, 1);
    }
    return r;
}

/* Asks all the time, until so many more reloads are done. */
static void ask_during(struct reloading *r, const char *request, int verdict) {
    const unsigned wanted = atomic_load(&r->done) + 3;
    while (atomic_load(&r->done) < wanted)
        help_verdict(r->h, request, verdict);
}

/* It falls due at any moment of a reload: no request from its second on is answered without it. */
static void a_reload_never_puts_a_due_draft_out_of_force(void **state) {
    (void)state;
    struct help h;
    struct reloading r = {.h = &h};
    pthread_t thread;
    void *well = NULL;
    help_new(&h, NULL);
    help_open(&h);
    put_in_force(&h, "house/a", MEASURE("a", OPEN_ACCOUNT, "DE"), "2026-10-01T13:00:00Z");
    put_in_force(&h, "house/b", MEASURE("b", OPEN_ACCOUNT, "IT"), "2026-10-01T13:00:01Z");
    put_in_force(&h, "house/c", MEASURE("c", OPEN_ACCOUNT, "ES"), "2026-10-01T13:00:02Z");
    assert_int_equal(pthread_create(&thread, NULL, keep_reloading, &r), 0);
    const char *requests[] = {OPEN("DE"), OPEN("IT"), OPEN("ES")};
    for (unsigned i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        ask_during(&r, requests[i], CORDON_VERDICT_ALLOW);
        atomic_store(&h.wall, NOON + 3600 + i);
        ask_during(&r, requests[i], CORDON_VERDICT_DENY);
    }
    atomic_store(&r.over, true);
    (void)pthread_join(thread, &well);
    assert_non_null(well); /* every reload went well */
    help_end(&h);
}

/* What falls due by itself brings in its drafts, and neither what was rolled back nor what was only written
 * to disk. */
static void a_roll_back_is_not_undone_by_a_draft(void **state) {
    (void)state;
    struct help h;
    char first[CORDON_DIGEST_TEXT], now[CORDON_DIGEST_TEXT];
    help_new(&h, NULL);
    h.o.no_threads = true;
    help_open(&h);
    active(&h, first);
    put_in_force(&h, "house/due", MEASURE("due", OPEN_ACCOUNT, "DE"), "2026-10-01T13:00:00Z");
    help_rules(&h, MEASURE("wrong", OPEN_ACCOUNT, "FR"));
    assert_int_equal(help_do(&h, &h.all, CDN_ACT_RELOAD, "", "", out), 0);
    help_verdict(&h, OPEN("FR"), CORDON_VERDICT_DENY);
    assert_int_equal(help_do(&h, &h.all, CDN_ACT_SNAPSHOT_ROLLBACK, "", "", out), 0);
    active(&h, now);
    assert_string_equal(now, first);
    help_rules(&h, MEASURE("written", OPEN_ACCOUNT, "{FR, IT}")); /* and nobody reloads */
    atomic_store(&h.wall, NOON + 3600);
    help_verdict(&h, OPEN("DE"), CORDON_VERDICT_DENY);
    help_verdict(&h, OPEN("FR"), CORDON_VERDICT_ALLOW);
    help_verdict(&h, OPEN("IT"), CORDON_VERDICT_ALLOW);
    cdn_service_tick(h.s);
    /* Rolled back itself, it does not come back by itself either; a reload brings disk and drafts together.
     */
    assert_int_equal(help_do(&h, &h.all, CDN_ACT_SNAPSHOT_ROLLBACK, "", "", out), 0);
    cdn_service_tick(h.s);
    help_verdict(&h, OPEN("DE"), CORDON_VERDICT_ALLOW);
    help_close(&h);
    help_open(&h);
    cdn_service_tick(h.s);
    help_verdict(&h, OPEN("DE"), CORDON_VERDICT_ALLOW);
    assert_int_equal(help_do(&h, &h.all, CDN_ACT_RELOAD, "", "", out), 0);
    help_verdict(&h, OPEN("DE"), CORDON_VERDICT_DENY);
    help_verdict(&h, OPEN("FR"), CORDON_VERDICT_DENY);
    help_end(&h);
}

/* Rolled back before anybody said that the draft was in force. */
static void a_draft_that_is_rolled_back_at_once_stays_out(void **state) {
    (void)state;
    struct help h;
    help_new(&h, NULL);
    h.o.no_threads = true;
    help_open(&h);
    put_in_force(&h, "house/due", MEASURE("due", OPEN_ACCOUNT, "DE"), "2026-10-01T13:00:00Z");
    atomic_store(&h.wall, NOON + 3600);
    help_verdict(&h, OPEN("DE"), CORDON_VERDICT_DENY);
    assert_int_equal(help_do(&h, &h.all, CDN_ACT_SNAPSHOT_ROLLBACK, "", "", out), 0);
    cdn_service_tick(h.s);
    help_verdict(&h, OPEN("DE"), CORDON_VERDICT_ALLOW);
    help_end(&h);
}

/* The followers of the journal stand still, as under a load that they cannot keep up with. Swapping waits for
 * the journal alone, and everything else finds its way when the state has caught up. */
static void swapping_does_not_wait_for_the_state(void **state) {
    (void)state;
    struct help h;
    char first[CORDON_DIGEST_TEXT], second[CORDON_DIGEST_TEXT], now[CORDON_DIGEST_TEXT];
    help_new(&h, NULL);
    h.o.no_threads = true;
    help_open(&h);
    active(&h, first);
    put_in_force(&h, "house/due", MEASURE("due", OPEN_ACCOUNT, "DE"), "2026-10-01T13:00:00Z");
    const uint64_t applied = cdn_store_applied(h.s->store);
    cdn_store_follow_stop(h.s->store);
    help_rules(&h, MEASURE("new", OPEN_ACCOUNT, "FR"));
    assert_int_equal(help_do(&h, &h.all, CDN_ACT_RELOAD, "", "", out), 0);
    help_verdict(&h, OPEN("FR"), CORDON_VERDICT_DENY);
    active(&h, second);
    assert_string_not_equal(first, second);
    assert_int_equal(help_do(&h, &h.all, CDN_ACT_SNAPSHOT_ROLLBACK, "", "", out), 0);
    active(&h, now);
    assert_string_equal(now, first);
    assert_int_equal(help_do(&h, &h.all, CDN_ACT_SNAPSHOT_ROLLBACK, "", "", out), 0);
    active(&h, now);
    assert_string_equal(now, second);
    atomic_store(&h.wall, NOON + 3600);
    help_verdict(&h, OPEN("DE"), CORDON_VERDICT_DENY);
    help_verdict(&h, OPEN("FR"), CORDON_VERDICT_DENY);
    assert_int_equal(cdn_store_applied(h.s->store), applied); /* the state knows none of it */
    help_close(&h);
    help_open(&h);
    help_verdict(&h, OPEN("DE"), CORDON_VERDICT_DENY);
    help_verdict(&h, OPEN("FR"), CORDON_VERDICT_DENY);
    assert_int_equal(help_look(&h, CDN_VIEW_DRAFTS, "", out, sizeof(out)), 0);
    assert_non_null(strstr(out, "\"status\":\"activated\""));
    assert_int_equal(help_do(&h, &h.all, CDN_ACT_SNAPSHOT_ROLLBACK, "", "", out), 0);
    active(&h, now);
    assert_string_equal(now, second); /* that was active before the draft, also by the state's account */
    help_end(&h);
}

/* What it needs to be compiled is not there when it falls due, and comes back: then it is put in force
 * without anybody's help. */
static void a_draft_that_could_not_be_put_in_force_is_tried_again(void **state) {
    (void)state;
    struct help h;
    char path[192];
    help_new(&h, NULL);
    h.o.no_threads = true;
    help_open(&h);
    put_in_force(&h, "house/due", MEASURE("due", OPEN_ACCOUNT, "DE"), "2026-10-01T13:00:00Z");
    help_close(&h);
    (void)snprintf(path, sizeof(path), "%s/drafts", h.o.data);
    struct dirent *x;
    DIR *d = opendir(path);
    assert_non_null(d);
    while ((x = readdir(d)))
        if (x->d_name[0] != '.')
            assert_int_equal(unlinkat(dirfd(d), x->d_name, 0), 0);
    (void)closedir(d);
    assert_int_equal(rmdir(path), 0);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    (void)fclose(f);
    help_open(&h);
    atomic_store(&h.wall, NOON + 3600);
    help_verdict(&h, OPEN("DE"), CORDON_VERDICT_ALLOW);
    assert_int_equal(help_look(&h, CDN_VIEW_STATUS, "", out, sizeof(out)), 0);
    assert_non_null(strstr(out, "\"reload_error\":\"scheduled activation: "));
    cdn_service_tick(h.s); /* in vain */
    assert_int_equal(remove(path), 0);
    cdn_service_tick(h.s); /* not yet */
    help_verdict(&h, OPEN("DE"), CORDON_VERDICT_ALLOW);
    atomic_store(&h.wall, NOON + 3600 + 600);
    cdn_service_tick(h.s);
    help_verdict(&h, OPEN("DE"), CORDON_VERDICT_DENY);
    assert_int_equal(help_look(&h, CDN_VIEW_STATUS, "", out, sizeof(out)), 0);
    assert_null(strstr(out, "\"reload_error\":\""));
    cdn_service_tick(h.s);
    assert_int_equal(help_look(&h, CDN_VIEW_DRAFTS, "", out, sizeof(out)), 0);
    assert_non_null(strstr(out, "\"status\":\"activated\""));
    help_end(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bad_rulebook_is_refused_and_the_old_one_stays),
        cmocka_unit_test(snapshots_are_kept_rolled_back_and_known_at_an_instant),
        cmocka_unit_test(a_draft_needs_a_second_person_and_counts_from_its_second_on),
        cmocka_unit_test(a_draft_may_be_effective_before_it_was_announced),
        cmocka_unit_test(what_fell_due_while_down_is_in_force_at_the_first_request),
        cmocka_unit_test(drafts_of_two_seconds_in_a_row_count_from_their_seconds_on),
        cmocka_unit_test(a_reload_never_puts_a_due_draft_out_of_force),
        cmocka_unit_test(a_roll_back_is_not_undone_by_a_draft),
        cmocka_unit_test(a_draft_that_is_rolled_back_at_once_stays_out),
        cmocka_unit_test(swapping_does_not_wait_for_the_state),
        cmocka_unit_test(a_draft_that_could_not_be_put_in_force_is_tried_again),
    };
    return cdn_run(tests);
}
