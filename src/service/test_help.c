/* SPDX-License-Identifier: Apache-2.0 */
/* test_help.c: see test_help.h. */
#include "service/test_help.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char rulebook[] =
    "operator house \"The house\"\n"
    "service shop \"The shop\" of house is goods\n"
    "service bank \"The bank\" of house is payments\n"
    "action account.open \"open an account\" needs customer\n"
    "action account.use \"use an account\" needs customer\n"
    "action transfer.send \"send money\" needs sender, recipient, payment\n"
    "\n"
    "measure house/no-russia\n"
    "    title      \"No new customers based in Russia\"\n"
    "    basis      policy of house\n"
    "    source     \"The house\" <https://house.example/no-russia>\n"
    "    announced  2022-03-01T00:00Z\n"
    "    effective  2022-03-01T00:00Z\n"
    "    deny       account.open on shop\n"
    "    when       customer based in RU\n"
    "    evidence   any\n"
    "    if unknown hold\n"
    "    release    \"place unknown\" by \"desk\" people 2\n"
    "\n"
    "measure house/daily-cap\n"
    "    title      \"At most 200 GBP a day to Russia\"\n"
    "    basis      policy of house\n"
    "    source     \"The house\" <https://house.example/cap>\n"
    "    announced  2022-03-01T00:00Z\n"
    "    effective  2022-03-01T00:00Z\n"
    "    limit      transfer.send on bank to 200 GBP per day for sender scope transaction\n"
    "    when       recipient located in RU\n"
    "    evidence   any\n"
    "    if unknown hold\n"
    "    release    \"cap unknown\" by \"desk\"\n"
    "\n";

static void read_clock(void *ctx, struct cdn_service_time *ret) {
    struct help *h = ctx;
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    ret->wall = atomic_load(&h->wall);
    ret->wall_ns = (uint32_t)(t.tv_nsec % 1000000000);
    ret->mono = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void say(void *ctx, int severity, const char *event, const char *detail) {
    (void)ctx;
    if (getenv("CORDON_TEST_LOG"))
        (void)fprintf(stderr, "# %d %s: %s\n", severity, event, detail);
}

void help_rules(struct help *h, const char *more) {
    char path[160];
    (void)snprintf(path, sizeof(path), "%s/house.measure", h->rules);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    (void)fputs(rulebook, f);
    (void)fputs(more ? more : "", f);
    (void)fclose(f);
}

void help_new(struct help *h, const char *more) {
    memset(h, 0, sizeof(*h));
    (void)snprintf(h->folder, sizeof(h->folder), "/tmp/cordon-service-XXXXXX");
    assert_non_null(mkdtemp(h->folder));
    (void)snprintf(h->rules, sizeof(h->rules), "%s/rules", h->folder);
    (void)snprintf(h->data, sizeof(h->data), "%s/data", h->folder);
    assert_int_equal(mkdir(h->rules, 0700), 0);
    help_rules(h, more);
    atomic_store(&h->wall, NOON);
    cdn_service_options_init(&h->o);
    h->o.data = h->data;
    h->o.rulebook = h->rules;
    h->o.no_geodata = true;
    h->o.clock.read = read_clock;
    h->o.clock.ctx = h;
    h->o.log = say;
    cdn_service_local(&h->all);
    h->decider = (struct cdn_service_caller){.key = CDN_STR("k-test"), .roles = CDN_MAY_DECIDE};
}

int help_try_open(struct help *h, struct cordon_error *e) {
    int err = cdn_service_open(&h->o, &h->s, e);
    if (!err) {
        err = cdn_service_worker_new(h->s, &h->w, e);
        if (err) {
            cdn_service_close(h->s);
            h->s = NULL;
        }
    }
    return err;
}

void help_open(struct help *h) {
    struct cordon_error e = {0};
    if (help_try_open(h, &e) < 0)
        fail_msg("open: %s %s: %s (%s)", cordon_status_name(e.code), e.where, e.message, e.hint);
}

void help_close(struct help *h) {
    cdn_service_worker_free(h->w);
    cdn_service_close(h->s);
    h->w = NULL;
    h->s = NULL;
}

static void remove_all(const char *path) {
    DIR *d = opendir(path);
    for (const struct dirent *x = NULL; d && (x = readdir(d));) {
        char inner[512];
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

void help_end(struct help *h) {
    help_close(h);
    remove_all(h->folder);
}

/* ---- asking
 * ---------------------------------------------------------------------------------------------------- */

struct waiting {
    pthread_mutex_t lock;
    pthread_cond_t come;
    struct cdn_service_reply *reply;
};

static void on_done(void *ctx, struct cdn_service_reply *reply) {
    struct waiting *w = ctx;
    pthread_mutex_lock(&w->lock);
    w->reply = reply;
    pthread_cond_signal(&w->come);
    pthread_mutex_unlock(&w->lock);
}

struct cdn_service_reply *help_try(struct help *h,
                                   struct cdn_service_worker *w,
                                   const struct cdn_service_ask *ask) {
    struct waiting wait = {.lock = PTHREAD_MUTEX_INITIALIZER, .come = PTHREAD_COND_INITIALIZER};
    (void)h;
    if (cdn_service_decide(w, ask, on_done, &wait) < 0)
        return NULL;
    pthread_mutex_lock(&wait.lock);
    while (!wait.reply)
        pthread_cond_wait(&wait.come, &wait.lock);
    pthread_mutex_unlock(&wait.lock);
    return wait.reply;
}

struct cdn_service_reply *help_ask(struct help *h,
                                   struct cdn_service_worker *w,
                                   const struct cdn_service_ask *ask) {
    struct cdn_service_reply *r = help_try(h, w, ask);
    assert_non_null(r);
    return r;
}

struct cdn_service_reply *help_decide(struct help *h, const char *body, const char *key) {
    const struct cdn_service_ask ask = {.body = cdn_str_z(body),
                                        .caller = h->decider,
                                        .idempotency = cdn_str_z(key ? key : ""),
                                        .trace = CDN_STR("t-1")};
    return help_ask(h, h->w, &ask);
}

uint64_t help_verdict(struct help *h, const char *body, int verdict) {
    struct cdn_service_reply *r = help_decide(h, body, NULL);
    if (r->code || r->verdict != verdict)
        fail_msg("verdict %s, not %s: %.*s",
                 cordon_verdict_name(r->verdict),
                 cordon_verdict_name(verdict),
                 (int)r->body.n,
                 r->body.p);
    const uint64_t index = r->index;
    cdn_service_reply_free(r);
    return index;
}

int help_do(struct help *h,
            const struct cdn_service_caller *who,
            int act,
            const char *id,
            const char *body,
            char ret[65536]) {
    struct cordon_error e = {0};
    struct cdn_buf out;
    uint8_t refusal = 0;
    cdn_buf_init(&out, &cdn_alloc_libc, 65535);
    const int err = cdn_service_do(
        h->s, who, (enum cdn_service_act)act, cdn_str_z(id), cdn_str_z(body), &out, &refusal, &e);
    if (err)
        (void)snprintf(ret,
                       65536,
                       "%s|%s|%s|%s",
                       cdn_service_refusal_name(refusal),
                       cordon_status_name(e.code),
                       e.message,
                       e.where);
    else
        (void)snprintf(ret, 65536, "%.*s", (int)out.n, out.p ? out.p : "");
    cdn_buf_free(&out);
    return err;
}

int help_look(struct help *h, int view, const char *id, char *ret, size_t size) {
    const struct cdn_service_query q = {.id = cdn_str_z(id)};
    struct cordon_error e = {0};
    struct cdn_buf out;
    uint8_t refusal = 0;
    cdn_buf_init(&out, &cdn_alloc_libc, 1 << 22);
    const int err = cdn_service_look(h->s, &h->all, (enum cdn_service_view)view, &q, &out, &refusal, &e);
    (void)snprintf(ret,
                   size,
                   "%.*s",
                   err ? (int)strlen(e.message) : (int)out.n,
                   err     ? e.message
                   : out.p ? out.p
                           : "");
    cdn_buf_free(&out);
    return err;
}

struct cdn_service_caller help_key(struct help *h, const char *roles, const char *authorities) {
    static char out[65536];
    char body[1024], secret[128];
    struct cdn_service_caller c;
    struct cordon_error e = {0};
    (void)snprintf(
        body, sizeof(body), "{\"label\":\"test\",\"roles\":[%s],\"authorities\":[%s]}", roles, authorities);
    if (help_do(h, &h->all, CDN_ACT_KEY_CREATE, "", body, out) < 0)
        fail_msg("key: %s", out);
    help_text(out, "secret", secret, sizeof(secret));
    if (cdn_service_authenticate(h->s, cdn_str_z(secret), &c, &e) < 0)
        fail_msg("authenticate: %s", e.message);
    return c;
}

static const char *member_at(const char *json, const char *member) {
    char mark[64];
    (void)snprintf(mark, sizeof(mark), "\"%s\":", member);
    const char *p = strstr(json, mark);
    if (!p)
        fail_msg("no member %s in %.300s", member, json);
    return p ? p + strlen(mark) : "";
}
uint64_t help_number(const char *json, const char *member) {
    uint64_t v = 0;
    for (const char *p = member_at(json, member); *p >= '0' && *p <= '9'; p++)
        v = v * 10 + (uint64_t)(*p - '0');
    return v;
}
void help_text(const char *json, const char *member, char *ret, size_t size) {
    const char *p = member_at(json, member);
    size_t n = 0;
    assert_true(*p == '"');
    for (p++; *p && *p != '"' && n + 1 < size; p++)
        ret[n++] = *p;
    ret[n] = '\0';
}
