/* SPDX-License-Identifier: Apache-2.0 */
/* drafts.c: measures that two people made, and when they take effect.
 *
 * A draft that was approved and scheduled becomes part of the snapshot that is compiled from the rules of the
 * active one and all drafts whose time has come. Snapshots of the next few instants are made ahead, when a
 * draft is scheduled, so that at its instant it is only swapped in: no request of that second or a later one
 * is answered from the old one.
 *
 *  1. a draft is compiled in only if a second person has signed exactly its bytes (cdn_store_may_activate);
 *  2. the schedule is in the journal: a restart finds it again, and what fell due meanwhile is put in force
 * before the first request;
 *  3. what falls due brings in its drafts and no other rules: neither what a roll back took out, nor what was
 *     written to disk and not yet taken in by a reload;
 *  4. draft.activated is said after the swap, by the timer: no request waits for the state;
 *  5. other rules become active together with what was made ahead of them (cdn_schedule_switch): a draft
 *     that falls due while they are being compiled is never out of force, not for a moment;
 *  6. one that cannot be compiled changes nothing: the old snapshot stays, and the status says why. It is
 * tried again, ever more rarely: a full disk or want of memory ends by itself. */
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
    const struct cdn_drafts *which;
    uint64_t count;
    bool scheduled; /* only those that may be activated by then */
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

/* Whether the snapshot has a measure of the draft's name. */
static int draft_is_in(struct cdn_service *s,
                       const struct cdn_snapshot *snapshot,
                       uint64_t draft,
                       bool *ret,
                       struct cordon_error *e) {
    struct cdn_buf out;
    struct cdn_arena arena;
    struct cdn_body b;
    cordon_str id = {NULL, 0};
    cdn_buf_init(&out, s->alloc, CDN_MIB(32));
    cdn_arena_init(&arena, s->alloc, 0);
    int err = cdn_store_draft(s->store, draft, &out, e);
    err = err ? err : cdn_body_read(cdn_buf_get(&out), NULL, &arena, &b, e);
    err = err ? err : cdn_body_text(&b, "measure", &id, e);
    if (!err)
        *ret = cdn_snapshot_symbol(snapshot, CDN_SYMBOL_MEASURE, cdn_hash(id, 0), id) != CDN_NO_INDEX;
    cdn_arena_free(&arena);
    cdn_buf_free(&out);
    return err;
}

static int write_draft(void *ctx, uint64_t draft, struct cordon_error *e) {
    struct writing *w = ctx;
    char path[PATH_SIZE];
    struct cdn_buf text;
    bool there = false;
    if (w->scheduled && cdn_store_may_activate(w->s->store, draft, w->which->at, NULL) < 0)
        return 0;
    if (w->which->base && w->scheduled) {
        const int err = draft_is_in(w->s, w->which->base, draft, &there, e);
        if (err || there)
            return err;
    }
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

static int write_rulebook(const char *folder, cordon_str text, struct cordon_error *e) {
    char path[PATH_SIZE];
    const int n = snprintf(path, sizeof(path), "%s/rulebook.measure", folder);
    if (n < 0 || n >= (int)sizeof(path))
        return cdn_fail(e, CORDON_E_LIMIT, "the path of the data directory is too long");
    return text.n ? write_file(path, text, e) : 0;
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
                     const struct cdn_drafts *which,
                     char ret_folder[PATH_SIZE],
                     bool *ret_any,
                     struct cordon_error *e) {
    struct writing w = {.s = s, .folder = ret_folder, .which = which};
    const int n = snprintf(ret_folder, PATH_SIZE, "%s/drafts", s->o.data);
    if (n < 0 || n >= PATH_SIZE)
        return cdn_fail(e, CORDON_E_LIMIT, "the path of the data directory is too long");
    int err = empty_folder(ret_folder, e);
    err = err ? err : write_rulebook(ret_folder, which->rulebook, e);
    if (which->in_force)
        err = err ? err : with_status(s, "activated", write_draft, &w, e);
    w.scheduled = true;
    err = err ? err : with_status(s, "scheduled", write_draft, &w, e);
    w.scheduled = false;
    if (!err && which->also != CDN_COUNT_NONE)
        err = write_draft(&w, which->also, e);
    *ret_any = w.count > 0;
    return err;
}

/* ---- the schedule
 * -------------------------------------------------------------------------------------------------- */

struct telling {
    struct cdn_service *s;
    struct cdn_snapshot *active;
    const char *digest;
    int64_t due;
};

/* Drafts that are due and in the active snapshot: put in force by the schedule, here or before a restart. */
static int tell_activated(void *ctx, uint64_t draft, struct cordon_error *e) {
    const struct telling *t = ctx;
    struct cdn_event ev;
    uint64_t index = 0;
    uint8_t refusal = 0;
    int64_t at = 0;
    bool there = false;
    if (cdn_store_may_activate(t->s->store, draft, t->due, NULL) < 0)
        return 0;
    int err = draft_is_in(t->s, t->active, draft, &there, e);
    if (err || !there)
        return err;
    const struct cdn_service_time now = cdn_service_now(t->s);
    err = cdn_service_instant(t->s, &now, &at, &refusal, e);
    if (err)
        return err;
    cdn_event_init(&ev, CDN_EV_draft_activated, at, CDN_STR("service"));
    ev.u.draft_activated.draft = draft;
    ev.u.draft_activated.snapshot = cdn_str_z(t->digest);
    return cdn_commit_event(t->s, &ev, &index, &refusal, e);
}

#define SCHEDULED "scheduled activation: "
static void failed(struct cdn_service *s, const struct cordon_error *e) {
    pthread_mutex_lock(&s->set_lock);
    (void)snprintf(s->reload_error, sizeof(s->reload_error), SCHEDULED "%s", e->message);
    pthread_mutex_unlock(&s->set_lock);
    cdn_service_note(s, 1, "schedule", "an approved draft could not be put in force: %s", e->message);
}

enum { FIRST_PAUSE = 5, LONGEST_PAUSE = 300 }; /* seconds */

/* With build held. */
static void try_later(struct cdn_service *s, const struct cordon_error *why) {
    s->schedule_pause = CDN_MIN(CDN_MAX(2 * s->schedule_pause, FIRST_PAUSE), LONGEST_PAUSE);
    atomic_store_explicit(
        &s->schedule_again, cdn_service_now(s).wall + s->schedule_pause, memory_order_relaxed);
    failed(s, why);
}

/* With build held: what was said of it is over. */
static void kept(struct cdn_service *s) {
    if (!atomic_exchange_explicit(&s->schedule_again, 0, memory_order_relaxed))
        return;
    s->schedule_pause = 0;
    pthread_mutex_lock(&s->set_lock);
    if (cdn_str_starts(cdn_str_z(s->reload_error), CDN_STR(SCHEDULED)))
        s->reload_error[0] = '\0';
    pthread_mutex_unlock(&s->set_lock);
    cdn_service_note(s, 3, "schedule", "approved drafts can be put in force again");
}

bool cdn_schedule_again(const struct cdn_service *s, int64_t now) {
    const int64_t at = atomic_load_explicit(&s->schedule_again, memory_order_relaxed);
    return at && (now >= at || now < at - LONGEST_PAUSE); /* the clock may have been set */
}

static void want(struct cdn_service *s, bool wanted) {
    pthread_mutex_lock(&s->timer_lock);
    s->schedule_wanted = wanted;
    if (wanted)
        pthread_cond_signal(&s->timer_wake);
    pthread_mutex_unlock(&s->timer_lock);
}

/* Events of this schedule that the state has not taken in yet: what it says of drafts is not the newest. The
 * timer comes again when it has. */
static bool lags(const struct cdn_service *s) {
    return cdn_store_applied(s->store) < atomic_load_explicit(&s->left_behind, memory_order_relaxed);
}

/* With build held, which keeps others from telling the same. */
static int tell(struct cdn_service *s, struct cordon_error *e) {
    char digest[CORDON_DIGEST_TEXT];
    struct telling t = {.s = s, .digest = digest};
    pthread_mutex_lock(&s->admin);
    t.due = s->untold;
    t.active = cdn_swap_take(&s->slot);
    memcpy(digest, s->active.digest, sizeof(digest));
    pthread_mutex_unlock(&s->admin);
    int err = t.active && t.due > CDN_TIME_MIN ? with_status(s, "scheduled", tell_activated, &t, e) : 0;
    cdn_snapshot_unref(t.active);
    if (err && lags(s))
        return err;
    pthread_mutex_lock(&s->admin);
    if (s->untold == t.due)
        s->untold = CDN_TIME_MIN;
    pthread_mutex_unlock(&s->admin);
    return err;
}

/* The next instants, and a snapshot for each. What comes before one that cannot be made is kept. */
static int make_ahead(struct cdn_service *s,
                      struct cdn_snapshot *base,
                      struct cdn_ahead ret[CDN_AHEAD],
                      unsigned *ret_count,
                      struct cordon_error *e) {
    int64_t after = CDN_INSTANT_NONE;
    int err = 0;
    for (unsigned n = 0; n < CDN_AHEAD && !err; n++) {
        struct cdn_ahead *a = &ret[n];
        uint64_t draft = 0;
        err = cdn_store_next_activation(s->store, after, &draft, &a->at, e);
        if (err || a->at == CDN_INSTANT_NONE)
            return err;
        after = a->covers = CDN_MAX(a->at, cdn_service_now(s).wall);
        err = cdn_set_build_ahead(s, base, a->covers, CDN_COUNT_NONE, a->digest, e);
        *ret_count += !err;
    }
    return err;
}

/* With admin held: what becomes active next. */
static void put_ahead(struct cdn_service *s, const struct cdn_ahead *ahead, unsigned count) {
    memmove(s->ahead, ahead, sizeof(ahead[0]) * count);
    s->ahead_count = count;
    atomic_store_explicit(&s->next_activation, count ? ahead[0].at : INT64_MAX, memory_order_release);
}

void cdn_schedule_next(struct cdn_service *s) {
    struct cordon_error e = {0};
    struct cdn_ahead ahead[CDN_AHEAD];
    unsigned count = 0;
    want(s, false);
    pthread_mutex_lock(&s->build);
    int err = lags(s) ? CORDON_E_STATE : tell(s, &e);
    if (err && lags(s)) {
        pthread_mutex_unlock(&s->build);
        return;
    }
    struct cdn_snapshot *base = cdn_swap_take(&s->slot);
    err = err ? err : make_ahead(s, base, ahead, &count, &e);
    pthread_mutex_lock(&s->admin);
    struct cdn_snapshot *now = cdn_swap_take(&s->slot);
    if (err)
        try_later(s, &e);
    else
        kept(s);
    if (now != base) { /* made of rules that are no longer active: again, and soon */
        want(s, true);
    } else {
        put_ahead(s, ahead, count);
    }
    pthread_mutex_unlock(&s->admin);
    pthread_mutex_unlock(&s->build);
    cdn_snapshot_unref(now);
    cdn_snapshot_unref(base);
}

void cdn_schedule_tell(struct cdn_service *s) {
    struct cordon_error e = {0};
    pthread_mutex_lock(&s->build);
    if (!lags(s) && tell(s, &e) < 0 && !lags(s))
        try_later(s, &e);
    pthread_mutex_unlock(&s->build);
}

/* With admin held, and the instant of the next activation reached. */
static void activate_due(struct cdn_service *s, int64_t now) {
    struct cordon_error e = {0};
    unsigned due = 0;
    while (due < s->ahead_count && s->ahead[due].at <= now)
        due++;
    if (!due)
        return;
    const struct cdn_ahead *a = &s->ahead[due - 1]; /* it has what the earlier ones have */
    const int err = strcmp(a->digest, s->active.digest) != 0
                        ? cdn_set_activate(s, cdn_str_z(a->digest), "schedule", CDN_STR("service"), &e)
                        : 0;
    if (err == CORDON_E_IO ||
        err == CORDON_E_STATE) /* the journal or the clock: tried again as soon as they are right */
        return;
    if (err)
        failed(s, &e);
    else
        s->untold = a->covers;
    put_ahead(s, s->ahead + due, s->ahead_count - due);
}

bool cdn_schedule_due(struct cdn_service *s, int64_t now) {
    if (now < atomic_load_explicit(&s->next_activation, memory_order_acquire))
        return false;
    pthread_mutex_lock(&s->admin);
    const bool due = now >= atomic_load_explicit(&s->next_activation, memory_order_acquire);
    if (due)
        activate_due(s, now);
    pthread_mutex_unlock(&s->admin);
    if (due)
        want(s, true);
    return due;
}

int cdn_schedule_switch(
    struct cdn_service *s, cordon_str digest, const char *how, cordon_str by, struct cordon_error *e) {
    struct cdn_ahead ahead[CDN_AHEAD], old[CDN_AHEAD];
    struct cdn_snapshot *base = NULL;
    struct cordon_error why = {0};
    unsigned count = 0;
    int err = cdn_set_open(s, digest, &base, e);
    const int made = err ? 0 : make_ahead(s, base, ahead, &count, &why);
    cdn_snapshot_unref(base);
    pthread_mutex_lock(&s->admin);
    const unsigned old_count = s->ahead_count;
    memcpy(old, s->ahead, sizeof(old));
    if (!err) {
        put_ahead(s, ahead, count);
        err = cdn_set_activate(s, digest, how, by, e);
        if (err)
            put_ahead(s, old, old_count);
        else
            activate_due(s, cdn_service_now(s).wall);
    }
    pthread_mutex_unlock(&s->admin);
    if (!err && made)
        try_later(s, &why);
    if (lags(s)) /* what the state does not know yet is made later */
        want(s, true);
    return err;
}

void cdn_schedule(struct cdn_service *s) {
    cdn_schedule_next(s);
    if (cdn_schedule_due(s, cdn_service_now(s).wall))
        cdn_schedule_next(s);
}
