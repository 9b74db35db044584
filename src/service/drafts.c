/* SPDX-License-Identifier: Apache-2.0 */
/* drafts.c: measures that two people made, and when they take effect.
 *
 * A draft that was approved and scheduled becomes part of the snapshot that is compiled from the rulebook and
 * all drafts whose time has come. That snapshot is made ahead, when the draft is scheduled, so that at its
 * instant it is only swapped in: no request of that second or a later one is answered from the old one.
 *
 *  1. a draft is compiled in only if a second person has signed exactly its bytes (cdn_store_may_activate);
 *  2. the schedule is in the journal: a restart finds it again, and what fell due meanwhile is put in force
 * before the first request;
 *  3. one that cannot be compiled changes nothing: the old snapshot stays, and the status says why. */
#include "service/priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/body.h"

/* ---- which drafts
 * ------------------------------------------------------------------------------------------------- */

typedef int (*each_draft)(void *ctx, uint64_t draft, struct cordon_error *e);

static bool id_of(cordon_str object, struct cdn_arena *arena, uint64_t *ret) {
    struct cdn_body b;
    if (cdn_body_read(object, NULL, arena, &b, NULL) < 0)
        return false;
    const cordon_str id = cdn_body_raw(&b, "draft").n ? cdn_body_raw(&b, "draft") : cdn_body_raw(&b, "id");
    return cdn_body_number(id, ret);
}

static int with_status(
    struct cdn_service *s, const char *status, each_draft fn, void *ctx, struct cordon_error *e) {
    uint64_t after = CDN_COUNT_NONE;
    int err = 0;
    for (bool more = true; more && !err;) {
        struct cdn_buf out;
        struct cdn_arena arena;
        size_t at = 0;
        cordon_str item;
        more = false;
        cdn_buf_init(&out, s->alloc, CDN_MIB(256));
        cdn_arena_init(&arena, s->alloc, 0);
        err = cdn_store_drafts(s->store, cdn_str_z(status), (struct cdn_store_page){after, 200}, &out, e);
        while (!err && cdn_body_item(cdn_buf_get(&out), &at, &item)) {
            uint64_t draft = 0;
            if (!id_of(item, &arena, &draft)) {
                err = cdn_fail(e, CORDON_E_INTERNAL, "the store tells of a draft without a number");
                break;
            }
            after = draft;
            more = true;
            err = fn(ctx, draft, e);
        }
        cdn_arena_free(&arena);
        cdn_buf_free(&out);
    }
    return err;
}

/* ---- as files
 * ------------------------------------------------------------------------------------------------------ */

struct writing {
    struct cdn_service *s;
    const char *folder;
    int64_t at;
    uint64_t count;
    bool scheduled; /* only those that may be activated by `at` */
};

static int write_file(const char *path, cordon_str text, struct cordon_error *e) {
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    size_t at = 0;
    int err = fd < 0 ? errno : 0;
    while (!err && at < text.n) {
        const ssize_t n = write(fd, text.p + at, text.n - at);
        if (n < 0 && errno != EINTR)
            err = errno;
        at += n > 0 ? (size_t)n : 0;
    }
    if (fd >= 0)
        (void)close(fd);
    return err ? cdn_fail(e, CORDON_E_IO, "write %.150s: %s", path, strerrordesc_np(err)) : 0;
}

static int write_draft(void *ctx, uint64_t draft, struct cordon_error *e) {
    struct writing *w = ctx;
    char path[PATH_SIZE];
    struct cdn_buf text;
    if (w->scheduled && cdn_store_may_activate(w->s->store, draft, w->at, NULL) < 0)
        return 0;
    const int n = snprintf(path, sizeof(path), "%s/draft-%llu.measure", w->folder, (unsigned long long)draft);
    if (n < 0 || n >= (int)sizeof(path))
        return cdn_fail(e, CORDON_E_LIMIT, "the path of the data directory is too long");
    cdn_buf_init(&text, w->s->alloc, CDN_MAX_MEASURE_FILE);
    int err = cdn_store_draft_text(w->s->store, draft, &text, e);
    err = err ? err : write_file(path, cdn_buf_get(&text), e);
    cdn_buf_free(&text);
    w->count += !err;
    return err;
}

static int empty_folder(const char *folder, struct cordon_error *e) {
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return cdn_fail(e, CORDON_E_IO, "make %.150s: %s", folder, strerrordesc_np(errno));
    DIR *d = opendir(folder);
    if (!d)
        return cdn_fail(e, CORDON_E_IO, "open %.150s: %s", folder, strerrordesc_np(errno));
    for (const struct dirent *x = NULL; (x = readdir(d));) {
        if (x->d_name[0] != '.')
            (void)unlinkat(dirfd(d), x->d_name, 0);
    }
    (void)closedir(d);
    return 0;
}

int cdn_drafts_write(struct cdn_service *s,
                     int64_t at,
                     uint64_t also,
                     char ret_folder[PATH_SIZE],
                     bool *ret_any,
                     struct cordon_error *e) {
    struct writing w = {.s = s, .folder = ret_folder, .at = at};
    const int n = snprintf(ret_folder, PATH_SIZE, "%s/drafts", s->o.data);
    if (n < 0 || n >= PATH_SIZE)
        return cdn_fail(e, CORDON_E_LIMIT, "the path of the data directory is too long");
    int err = empty_folder(ret_folder, e);
    err = err ? err : with_status(s, "activated", write_draft, &w, e);
    w.scheduled = true;
    err = err ? err : with_status(s, "scheduled", write_draft, &w, e);
    w.scheduled = false;
    if (!err && also != CDN_COUNT_NONE)
        err = write_draft(&w, also, e);
    *ret_any = w.count > 0;
    return err;
}

/* ---- the schedule
 * -------------------------------------------------------------------------------------------------- */

static int tell_activated(void *ctx, uint64_t draft, struct cordon_error *e) {
    const struct writing *w = ctx;
    struct cdn_event ev;
    uint64_t index = 0;
    uint8_t refusal = 0;
    int64_t at = 0;
    const struct cdn_service_time now = cdn_service_now(w->s);
    if (cdn_store_may_activate(w->s->store, draft, w->at, NULL) < 0)
        return 0;
    const int err = cdn_service_instant(w->s, &now, &at, &refusal, e);
    if (err)
        return err;
    cdn_event_init(&ev, CDN_EV_draft_activated, at, CDN_STR("service"));
    ev.u.draft_activated.draft = draft;
    ev.u.draft_activated.snapshot = cdn_str_z(w->s->active.digest);
    return cdn_commit_event(w->s, &ev, &index, &refusal, e);
}

static void failed(struct cdn_service *s, const struct cordon_error *e) {
    pthread_mutex_lock(&s->set_lock);
    (void)snprintf(s->reload_error, sizeof(s->reload_error), "scheduled activation: %s", e->message);
    pthread_mutex_unlock(&s->set_lock);
    cdn_service_note(s, 1, "schedule", "an approved draft could not be put in force: %s", e->message);
}

void cdn_schedule_next(struct cdn_service *s) {
    struct cordon_error e = {0};
    char digest[CORDON_DIGEST_TEXT];
    uint64_t draft = 0;
    int64_t at = CDN_INSTANT_NONE;
    int err = cdn_store_next_activation(s->store, &draft, &at, &e);
    if (!err && at != CDN_INSTANT_NONE) {
        pthread_mutex_lock(&s->build);
        err = cdn_set_build(s, CDN_MAX(at, cdn_service_now(s).wall), CDN_COUNT_NONE, digest, &e);
        pthread_mutex_unlock(&s->build);
    }
    pthread_mutex_lock(&s->admin);
    if (err) {
        failed(s, &e);
        at = CDN_INSTANT_NONE;
    }
    if (at != CDN_INSTANT_NONE)
        memcpy(s->ahead, digest, sizeof(s->ahead));
    atomic_store_explicit(&s->next_activation, at == CDN_INSTANT_NONE ? INT64_MAX : at, memory_order_release);
    pthread_mutex_unlock(&s->admin);
}

/* With admin held, and the instant of the next activation reached. */
static void activate_due(struct cdn_service *s, int64_t now) {
    struct cordon_error e = {0};
    struct writing w = {.s = s, .at = now};
    int err = strcmp(s->ahead, s->active.digest) != 0
                  ? cdn_set_activate(s, cdn_str_z(s->ahead), "schedule", CDN_STR("service"), &e)
                  : 0;
    if (err == CORDON_E_IO ||
        err == CORDON_E_STATE) /* the journal or the clock: tried again as soon as they are right */
        return;
    atomic_store_explicit(&s->next_activation, INT64_MAX, memory_order_release);
    err = err ? err : with_status(s, "scheduled", tell_activated, &w, &e);
    if (err)
        failed(s, &e);
}

void cdn_schedule_due(struct cdn_service *s, int64_t now) {
    if (now < atomic_load_explicit(&s->next_activation, memory_order_acquire))
        return;
    pthread_mutex_lock(&s->admin);
    const bool due = now >= atomic_load_explicit(&s->next_activation, memory_order_acquire);
    if (due)
        activate_due(s, now);
    pthread_mutex_unlock(&s->admin);
    if (due) {
        pthread_mutex_lock(&s->timer_lock);
        s->schedule_wanted = true;
        pthread_cond_signal(&s->timer_wake);
        pthread_mutex_unlock(&s->timer_lock);
    }
}
