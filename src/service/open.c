/* SPDX-License-Identifier: Apache-2.0 */
/* open.c: from a data directory to a service that answers, and back.
 *
 *   DATA/lock          held by the one process that serves from here
 *   DATA/journal/      the truth                      DATA/state/      made from it (SQLite)
 *   DATA/snapshots/    every snapshot ever active     DATA/drafts/     drafts in force, for the compiler
 *   DATA/keys/         signing key of the journal, key of the fingerprints; mode 0600
 *
 * Order of recovery: the journal (what was acknowledged is there), the state from it, the live state from
 * both, then the snapshot that was active; whatever fell due meanwhile is put in force before the first
 * request. */
#include "service/priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The first instant that a clock of this program can truthfully show: 2026-01-01. */
#define RELEASED INT64_C(1767225600)

void cdn_service_options_init(struct cdn_service_options *o) {
    *o = (struct cdn_service_options){.not_before = RELEASED,
                                      .back_seconds = 2,
                                      .idempotency_seconds = INT64_C(7) * 86400,
                                      .batch_threads = 2,
                                      .max_waiting = 65536};
}

void cdn_service_local(struct cdn_service_caller *ret) {
    *ret = (struct cdn_service_caller){.key = CDN_STR("local"), .roles = CDN_MAY_ALL};
}

static int fail_io(struct cordon_error *e, const char *what, const char *path) {
    const int saved = errno;
    (void)cdn_fail(e, CORDON_E_IO, "%s %.150s: %s", what, path, strerrordesc_np(saved));
    if (e)
        e->system = saved;
    return CORDON_E_IO;
}

static int path_in(const struct cdn_service *s,
                   const char *name,
                   char ret[PATH_SIZE],
                   struct cordon_error *e) {
    const int n = snprintf(ret, PATH_SIZE, "%s%s%s", s->o.data, *name ? "/" : "", name);
    return n < 0 || n >= PATH_SIZE ? cdn_fail(e, CORDON_E_LIMIT, "the path of the data directory is too long")
                                   : 0;
}

static int make_folder(const struct cdn_service *s, const char *name, struct cordon_error *e) {
    char path[PATH_SIZE];
    const int err = path_in(s, name, path, e);
    if (err)
        return err;
    return mkdir(path, 0700) == 0 || errno == EEXIST ? 0 : fail_io(e, "make", path);
}

static int make_folders(struct cdn_service *s, struct cordon_error *e) {
    static const char *const folders[] = {"", "journal", "state", "snapshots", "drafts", "keys"};
    int err = 0;
    for (size_t i = 0; i < CDN_ARRAY_LEN(folders) && !err; i++)
        err = make_folder(s, folders[i], e);
    return err;
}

static int take_lock(struct cdn_service *s, struct cordon_error *e) {
    char path[PATH_SIZE];
    const int err = path_in(s, "lock", path, e);
    if (err)
        return err;
    s->lock_file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (s->lock_file < 0)
        return fail_io(e, "open", path);
    if (flock(s->lock_file, LOCK_EX | LOCK_NB) == 0)
        return 0;
    (void)cdn_fail(e, CORDON_E_STATE, "another process serves from %.150s", s->o.data);
    cdn_error_hint(e, "stop it first, or choose another data directory");
    return CORDON_E_STATE;
}

/* ---- keys
 * -------------------------------------------------------------------------------------------------------- */

static int write_new(const char *path, cordon_str bytes, struct cordon_error *e) {
    char made[PATH_SIZE];
    const int n = snprintf(made, sizeof(made), "%s.new", path);
    if (n < 0 || n >= (int)sizeof(made))
        return cdn_fail(e, CORDON_E_LIMIT, "the path of the data directory is too long");
    const int fd = open(made, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail_io(e, "create", made);
    const bool whole = write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n && fsync(fd) == 0;
    const int err = whole ? 0 : fail_io(e, "write", made);
    (void)close(fd);
    if (err)
        return err;
    return rename(made, path) == 0 ? 0 : fail_io(e, "rename to", path);
}

static int read_all(const char *path, struct cdn_buf *out, struct cordon_error *e) {
    char piece[4096];
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? CORDON_E_NOTFOUND : fail_io(e, "open", path);
    ssize_t n = 0;
    while ((n = read(fd, piece, sizeof(piece))) > 0 || (n < 0 && errno == EINTR)) {
        if (n > 0)
            cdn_buf_put(out, piece, (size_t)n);
    }
    const int err = n < 0      ? fail_io(e, "read", path)
                    : out->err ? cdn_fail(e, out->err, "%.150s is too large", path)
                               : 0;
    (void)close(fd);
    return err;
}

static int mark_key(struct cdn_service *s, struct cordon_error *e) {
    char path[PATH_SIZE], storage[CDN_FINGERPRINT_KEY + 1];
    struct cdn_buf b;
    int err = path_in(s, "keys/fingerprint.key", path, e);
    if (err)
        return err;
    cdn_buf_fixed(&b, storage, sizeof(storage));
    err = read_all(path, &b, e);
    if (err == CORDON_E_NOTFOUND) {
        cdn_sign_random(s->mark_key, sizeof(s->mark_key));
        return write_new(path, cdn_str((const char *)s->mark_key, sizeof(s->mark_key)), e);
    }
    if (!err && b.n != sizeof(s->mark_key))
        err = cdn_fail(e, CORDON_E_FORMAT, "%.150s is no key of fingerprints", path);
    if (!err)
        memcpy(s->mark_key, storage, sizeof(s->mark_key));
    return err;
}

static int sign_key(struct cdn_service *s, struct cordon_error *e) {
    char path[PATH_SIZE], storage[4096];
    struct cdn_buf b;
    int err = path_in(s, "keys/journal.key", path, e);
    if (err)
        return err;
    cdn_buf_fixed(&b, storage, sizeof(storage));
    err = read_all(path, &b, e);
    if (err != CORDON_E_NOTFOUND)
        return err ? err : cdn_minisign_read_secret(cdn_buf_get(&b), cdn_str("", 0), &s->signer, e);
    err = cdn_sign_generate(&s->signer, e);
    err = err ? err : cdn_minisign_write_secret(&b, &s->signer, cdn_str("", 0), false, e);
    err = err ? err : write_new(path, cdn_buf_get(&b), e);
    cdn_buf_clear(&b);
    cdn_minisign_write_public(&b, &s->signer.pub);
    err = err ? err : path_in(s, "keys/journal.pub", path, e);
    return err ? err : write_new(path, cdn_buf_get(&b), e);
}

/* ---- journal and state
 * --------------------------------------------------------------------------------------------- */

static void checkpoint(void *ctx, uint64_t size, cordon_str note) {
    const struct cdn_service *s = ctx;
    if (s->o.checkpoint)
        s->o.checkpoint(s->o.checkpoint_ctx, size, note);
}

static int open_journal(struct cdn_service *s, struct cordon_error *e) {
    char path[PATH_SIZE];
    struct cdn_journal_options o;
    int err = path_in(s, "journal", path, e);
    if (err)
        return err;
    cdn_journal_options_init(&o);
    o.alloc = s->alloc;
    o.files = s->o.files;
    o.origin = s->o.name ? cdn_str_z(s->o.name) : cdn_str("", 0);
    o.key = &s->signer;
    o.no_sync = s->o.no_sync;
    o.ctx = s;
    o.on_durable = cdn_commit_durable;
    o.on_lost = cdn_commit_lost;
    o.on_checkpoint = checkpoint;
    err = cdn_journal_open(path, &o, &s->journal, e);
    if (err == CORDON_E_DIGEST || err == CORDON_E_FORMAT)
        cdn_error_hint(e, "nothing was changed; `cordon journal verify %.100s` says what is damaged", path);
    return err;
}

static int open_store(struct cdn_service *s, struct cordon_error *e) {
    char path[PATH_SIZE];
    int err = path_in(s, "state", path, e);
    if (err)
        return err;
    const struct cdn_store_config config = {.folder = path, .alloc = s->alloc};
    err = cdn_store_open(&config, &s->store, e);
    const uint64_t head = cdn_journal_head(s->journal);
    if (!err && (cdn_store_applied(s->store) > head || cdn_store_indexed(s->store) > head))
        err = CORDON_E_FORMAT; /* of another journal, or of one that has been cut: made again from this one */
    if (err == CORDON_E_FORMAT || err == CORDON_E_VERSION) {
        cdn_service_note(s, 2, "state", "the state is made again from the journal: %s", e ? e->message : "");
        cdn_store_close(s->store);
        s->store = NULL;
        err = cdn_store_delete(path, e);
        err = err ? err : cdn_store_open(&config, &s->store, e);
    }
    if (err)
        return err;
    s->source = (struct cdn_store_source){.ctx = s, .read = cdn_windows_read};
    err = cdn_store_catch_up(s->store, &s->source, head, e);
    return err ? err : cdn_store_follow_start(s->store, &s->source, 1000, e);
}

static int open_live(struct cdn_service *s, struct cordon_error *e) {
    const int64_t last = cdn_store_last_instant(s->store);
    const uint64_t head = cdn_journal_head(s->journal);
    int err = cdn_live_new(s->alloc, &s->live, e);
    err = err ? err : cdn_live_fill(s->live, s->store, &s->source, head, cdn_service_now(s).wall, e);
    atomic_store(&s->last_instant, last == CDN_INSTANT_NONE ? 0 : last);
    if (!err)
        cdn_store_follow(s->store, head);
    return err;
}

/* ---- snapshot
 * -------------------------------------------------------------------------------------------------------- */

static int first_snapshot(struct cdn_service *s, struct cordon_error *e) {
    char digest[CORDON_DIGEST_TEXT];
    int err = cdn_set_resume(s, e);
    if (err != CORDON_E_NOTFOUND)
        return err;
    if (e)
        *e = (struct cordon_error){0};
    if (!s->o.rulebook && !s->o.snapshot)
        return cdn_fail(e,
                        CORDON_E_ARG,
                        "no snapshot was ever active here, and neither a rulebook nor a snapshot is given");
    err = cdn_set_build_and_tell(s, cdn_service_now(s).wall, CDN_STR("service"), digest, e);
    pthread_mutex_lock(&s->admin);
    err = err ? err : cdn_set_activate(s, cdn_str_z(digest), "start", CDN_STR("service"), e);
    pthread_mutex_unlock(&s->admin);
    return err;
}

/* Neither a clock that is wrong nor a disk that is full keeps the service from starting: each request is
 * refused, and says why, until it is right. */
static int say_started(struct cdn_service *s, struct cordon_error *e) {
    const struct cdn_service_time now = cdn_service_now(s);
    struct cdn_event ev;
    uint64_t index = 0;
    uint8_t refusal = 0;
    int64_t at = 0;
    if (cdn_service_instant(s, &now, &at, &refusal, e) < 0)
        return 0;
    cdn_event_init(&ev, CDN_EV_service_started, at, CDN_STR("service"));
    ev.u.service_started.version = cdn_str_z(cordon_version());
    ev.u.service_started.snapshot = cdn_str_z(s->active.digest);
    const int err = cdn_commit_durably(s, &ev, &index, &refusal, e);
    return refusal == CDN_REFUSED_DISK ? 0 : err;
}

/* ---- the whole
 * -------------------------------------------------------------------------------------------------------- */

static const char *copy_text(struct cdn_service *s, const char *z, int *err) {
    cordon_str copy = {NULL, 0};
    if (!z || *err)
        return NULL;
    *err = cdn_arena_str(&s->texts, cdn_str_z(z), &copy);
    return *err ? NULL : copy.p;
}

static int copy_options(struct cdn_service *s, const struct cdn_service_options *o, struct cordon_error *e) {
    int err = 0;
    s->o = *o;
    s->o.data = copy_text(s, o->data, &err);
    s->o.rulebook = copy_text(s, o->rulebook, &err);
    s->o.snapshot = copy_text(s, o->snapshot, &err);
    s->o.lists = copy_text(s, o->lists, &err);
    s->o.owners = copy_text(s, o->owners, &err);
    s->o.zoneinfo = copy_text(s, o->zoneinfo, &err);
    s->o.name = copy_text(s, o->name, &err);
    const char **geodata =
        o->geodata_count ? cdn_arena_zero(&s->texts, o->geodata_count, sizeof(*geodata)) : NULL;
    if (o->geodata_count && !geodata)
        err = CORDON_E_NOMEM;
    for (size_t i = 0; i < o->geodata_count && !err; i++)
        geodata[i] = copy_text(s, o->geodata[i], &err);
    s->o.geodata = geodata;
    return err ? cdn_service_no_memory(e) : 0;
}

static int check_options(const struct cdn_service_options *o, struct cordon_error *e) {
    if (!o->data || !o->clock.read)
        return cdn_fail(e, CORDON_E_ARG, "a service needs a data directory and a clock");
    if (o->rulebook && o->snapshot)
        return cdn_fail(e, CORDON_E_ARG, "either a rulebook or a built snapshot, not both");
    return 0;
}

static int start(struct cdn_service *s, struct cordon_error *e) {
    int err = cdn_sign_begin(e);
    err = err ? err : make_folders(s, e);
    err = err ? err : take_lock(s, e);
    err = err ? err : mark_key(s, e);
    err = err ? err : sign_key(s, e);
    err = err ? err : cdn_windows_new(s, e);
    err = err ? err : open_journal(s, e);
    err = err ? err : open_store(s, e);
    err = err ? err : open_live(s, e);
    err = err ? err : first_snapshot(s, e);
    err = err ? err : say_started(s, e);
    if (err)
        return err;
    cdn_schedule(s);
    err = cdn_pool_start(s, e);
    return err ? err : cdn_timer_start(s, e);
}

int cdn_service_open(const struct cdn_service_options *o, struct cdn_service **ret, struct cordon_error *e) {
    const struct cordon_alloc *alloc = o->alloc ? o->alloc : &cdn_alloc_libc;
    int err = check_options(o, e);
    if (err)
        return err;
    struct cdn_service *s = cdn_alloc_zero(alloc, 1, sizeof(*s));
    pthread_condattr_t monotonic;
    if (!s)
        return cdn_service_no_memory(e);
    s->alloc = alloc;
    s->lock_file = -1;
    cdn_arena_init(&s->texts, alloc, 0);
    cdn_swap_init(&s->slot);
    pthread_mutex_init(&s->erasing, NULL);
    pthread_mutex_init(&s->build, NULL);
    pthread_mutex_init(&s->admin, NULL);
    pthread_mutex_init(&s->once_lock, NULL);
    pthread_mutex_init(&s->order, NULL);
    pthread_mutex_init(&s->set_lock, NULL);
    pthread_mutex_init(&s->timer_lock, NULL);
    pthread_mutex_init(&s->spares.lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&s->timer_wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    atomic_init(&s->next_activation, INT64_MAX);
    s->untold = CDN_TIME_MIN;
    err = copy_options(s, o, e);
    err = err ? err : start(s, e);
    if (err)
        cdn_service_close(s);
    else
        *ret = s;
    return err;
}

void cdn_service_close(struct cdn_service *s) {
    struct cordon_error e = {0};
    if (!s)
        return;
    atomic_store(&s->closing, true);
    cdn_timer_stop(s);
    cdn_pool_stop(s);
    if (s->store)
        cdn_store_follow_stop(s->store);
    cdn_journal_close(s->journal); /* commits what was appended, and answers it */
    cdn_pool_free(s);
    cdn_live_free(s->live);
    cdn_store_close(s->store);
    (void)!cdn_swap_put(&s->slot, NULL, &e);
    cdn_sign_forget(&s->signer);
    if (s->lock_file >= 0)
        (void)close(s->lock_file);
    pthread_mutex_destroy(&s->erasing);
    pthread_mutex_destroy(&s->build);
    pthread_mutex_destroy(&s->admin);
    pthread_mutex_destroy(&s->once_lock);
    pthread_mutex_destroy(&s->order);
    pthread_mutex_destroy(&s->set_lock);
    pthread_mutex_destroy(&s->timer_lock);
    pthread_cond_destroy(&s->timer_wake);
    cdn_spare_free(s);
    cdn_windows_free(s);
    cdn_keys_free(s);
    cdn_arena_free(&s->texts);
    cdn_free(s->alloc, s, sizeof(*s));
}
