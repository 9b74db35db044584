/* SPDX-License-Identifier: Apache-2.0 */
/* set.c: the snapshots that were ever active, and the one that is.
 *
 *   DATA/snapshots/<64 hex digits>.snapshot    a manifest (its sections in snapshots/sections/) or a bundle
 *
 *  1. a file there has the digest that names it, was validated, and is never changed or deleted;
 *  2. the journal says durably that a snapshot is active before any answer comes from it; the state in the
 *     database may learn it later, so that a swap does not wait for it under load;
 *  3. the slot is swapped whole: whoever holds the old one keeps it to the end of his request;
 *  4. one that is bad in any way changes nothing but what the status says about it. */
#include "service/priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cordon/compile.h"
#include "places/places_view.h"

static bool is_hex(cordon_str s) {
    for (size_t i = 0; i < s.n; i++) {
        if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
            return false;
    }
    return s.n == 64;
}

int cdn_set_path(const struct cdn_service *s,
                 cordon_str digest,
                 char ret[PATH_SIZE],
                 struct cordon_error *e) {
    const cordon_str prefix = CDN_STR("sha256:");
    const cordon_str hex =
        cdn_str_starts(digest, prefix) ? cdn_str(digest.p + prefix.n, digest.n - prefix.n) : digest;
    if (!is_hex(hex))
        return cdn_fail(e, CORDON_E_SYNTAX, "a digest is sha256: and 64 hex digits");
    const int n = snprintf(ret, PATH_SIZE, "%s/snapshots/%.*s.snapshot", s->o.data, CDN_FMT(hex));
    return n < 0 || n >= PATH_SIZE ? cdn_fail(e, CORDON_E_LIMIT, "the path of the data directory is too long")
                                   : 0;
}

static void digest_text(const struct cdn_snapshot *s, char ret[CORDON_DIGEST_TEXT]) {
    struct cdn_buf b;
    cdn_buf_fixed(&b, ret, CORDON_DIGEST_TEXT);
    cdn_buf_z(&b, "sha256:");
    cdn_buf_hex(&b, s->digest, sizeof(s->digest));
    cdn_buf_zero(&b, 1);
}

int cdn_set_open(const struct cdn_service *s,
                 cordon_str digest,
                 struct cdn_snapshot **ret,
                 struct cordon_error *e) {
    char path[PATH_SIZE], found[CORDON_DIGEST_TEXT];
    struct cdn_snapshot *snapshot = NULL;
    int err = cdn_set_path(s, digest, path, e);
    if (err)
        return err;
    if (access(path, F_OK) != 0) {
        (void)cdn_fail(e, CORDON_E_NOTFOUND, "no snapshot of that digest was ever kept here");
        cdn_error_hint(e, "copy it to %.150s", path);
        return CORDON_E_NOTFOUND;
    }
    err = cdn_snapshot_open(path, s->alloc, &snapshot, e);
    if (err)
        return err;
    digest_text(snapshot, found);
    if (!cdn_str_eq(cdn_str_z(found), digest)) {
        cdn_snapshot_unref(snapshot);
        return cdn_fail(
            e, CORDON_E_DIGEST, "the file of snapshot %.80s is another snapshot", digest.n < 80 ? found : "");
    }
    *ret = snapshot;
    return 0;
}

/* ---- keeping
 * ----------------------------------------------------------------------------------------------------- */

static int io_fail(struct cordon_error *e, const char *what, const char *path) {
    const int saved = errno;
    (void)cdn_fail(e, CORDON_E_IO, "%s %.150s: %s", what, path, strerrordesc_np(saved));
    if (e)
        e->system = saved;
    return CORDON_E_IO;
}

static int copy_bytes(int from, int to, const char *path, struct cordon_error *e) {
    char piece[65536];
    for (;;) {
        const ssize_t n = read(from, piece, sizeof(piece));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return io_fail(e, "read", path);
        if (n == 0)
            return fdatasync(to) == 0 ? 0 : io_fail(e, "sync", path);
        for (ssize_t at = 0; at < n;) {
            const ssize_t m = write(to, piece + at, (size_t)(n - at));
            if (m < 0 && errno != EINTR)
                return io_fail(e, "write", path);
            at += m > 0 ? m : 0;
        }
    }
}

int cdn_set_copy(const char *from, const char *to, struct cordon_error *e) {
    const int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return io_fail(e, "open", from);
    const int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const int err = out < 0 ? io_fail(e, "create", to) : copy_bytes(in, out, to, e);
    (void)close(in);
    if (out >= 0)
        (void)close(out);
    return err;
}

static int sync_dir(const char *path, struct cordon_error *e) {
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return io_fail(e, "open", path);
    const int err = fsync(fd) == 0 ? 0 : io_fail(e, "sync", path);
    (void)close(fd);
    return err;
}

/* The new file under its digest, checked from the first byte to the last. */
static int keep(struct cdn_service *s,
                const char *made,
                char ret_digest[CORDON_DIGEST_TEXT],
                struct cordon_error *e) {
    char path[PATH_SIZE], folder[PATH_SIZE];
    struct cdn_snapshot *snapshot = NULL;
    int err = cdn_snapshot_open(made, s->alloc, &snapshot, e);
    err = err ? err : cordon_snapshot_verify((cordon_snapshot *)(void *)snapshot, NULL, NULL, e);
    if (err) {
        cdn_snapshot_unref(snapshot);
        return err;
    }
    digest_text(snapshot, ret_digest);
    cdn_snapshot_unref(snapshot);
    err = cdn_set_path(s, cdn_str_z(ret_digest), path, e);
    if (err)
        return err;
    const int n = snprintf(folder, sizeof(folder), "%s/snapshots", s->o.data);
    if (n < 0 || n >= (int)sizeof(folder))
        return cdn_fail(e, CORDON_E_LIMIT, "the path of the data directory is too long");
    if (rename(made, path) != 0)
        return io_fail(e, "rename to", path);
    return sync_dir(folder, e);
}

/* ---- making
 * ------------------------------------------------------------------------------------------------------ */

static int first_message(const cordon_rulebook *rb, int code, struct cordon_error *e) {
    cordon_message m;
    if (cordon_rulebook_message_count(rb, 1) == 0 || cordon_rulebook_message(rb, 0, &m) < 0)
        return cdn_fail(e, code, "the rulebook has errors");
    (void)cdn_fail(e, code, "%.*s:%u: %.*s", CDN_FMT(m.file), m.line, CDN_FMT(m.message));
    cdn_error_where(e, m.file, m.line, m.column);
    return code;
}

static int run_scenarios(struct cdn_service *s,
                         cordon_rulebook *rb,
                         cordon_compile_options *o,
                         struct cordon_error *e) {
    cordon_buffer out = {0};
    cordon_test_result result = {0};
    const uint32_t flags = o->flags;
    cordon_rulebook_stats count;
    cordon_rulebook_count(rb, &count);
    if (s->o.no_scenarios || !count.scenarios)
        return 0;
    o->flags |=
        CORDON_BUILD_NO_GEODATA; /* scenarios say where somebody is; today's networks are not theirs */
    out.alloc = s->alloc;
    int err = cordon_rulebook_test(rb, o, cdn_str("", 0), 0, &out, &result, e);
    o->flags = flags;
    if (!err && result.failed) {
        const cordon_str text = cdn_str(out.p, out.n);
        cordon_str rest;
        const cordon_str line = cdn_str_split(text, '\n', &rest);
        err = cdn_fail(e,
                       CORDON_E_CONFLICT,
                       "%u of %u scenarios fail: %.*s",
                       result.failed,
                       result.scenarios,
                       (int)CDN_MIN(line.n, (size_t)150),
                       line.p);
    }
    cordon_buffer_free(&out);
    return err;
}

static int compile(
    struct cdn_service *s, const char *const *paths, size_t count, const char *made, struct cordon_error *e) {
    cordon_compile_options o;
    cordon_rulebook *rb = NULL;
    cordon_compile_options_init(&o);
    o.alloc = s->alloc;
    o.zoneinfo = s->o.zoneinfo;
    o.geodata = s->o.geodata;
    o.geodata_count = s->o.geodata_count;
    o.lists_folder = s->o.lists;
    o.owners = s->o.owners;
    o.flags = CORDON_BUILD_STORE | (s->o.no_geodata ? CORDON_BUILD_NO_GEODATA : 0);
    int err = cordon_rulebook_load(paths, count, &o, &rb, e);
    if (err == CORDON_E_SYNTAX)
        err = first_message(rb, err, e);
    err = err ? err : run_scenarios(s, rb, &o, e);
    err = err ? err : cordon_rulebook_build(rb, made, &o, NULL, e);
    cordon_rulebook_free(rb);
    return err;
}

/* A folder of the data directory, or a file in it. */
static int path_of_new(const struct cdn_service *s, char ret[PATH_SIZE], struct cordon_error *e) {
    const int n = snprintf(ret, PATH_SIZE, "%s/snapshots/.new", s->o.data);
    return n < 0 || n >= PATH_SIZE ? cdn_fail(e, CORDON_E_LIMIT, "the path of the data directory is too long")
                                   : 0;
}

int cdn_set_build(struct cdn_service *s,
                  int64_t at,
                  char ret_digest[CORDON_DIGEST_TEXT],
                  struct cordon_error *e) {
    char made[PATH_SIZE], drafts[PATH_SIZE];
    const char *paths[2] = {s->o.rulebook, drafts};
    const struct cdn_drafts which = {.at = at, .also = CDN_COUNT_NONE, .in_force = true};
    bool any = false;
    int err = path_of_new(s, made, e);
    err = err ? err : cdn_drafts_write(s, &which, drafts, &any, e);
    if (err)
        return err;
    if (s->o.snapshot && any)
        err = cdn_fail(
            e, CORDON_E_STATE, "a service of a built snapshot cannot take in drafts; it needs the rulebook");
    else if (s->o.snapshot)
        err = cdn_set_copy(s->o.snapshot, made, e);
    else
        err = compile(s, paths, any ? 2 : 1, made, e);
    err = err ? err : keep(s, made, ret_digest, e);
    if (err)
        (void)unlink(made);
    return err;
}

int cdn_set_build_ahead(struct cdn_service *s,
                        struct cdn_snapshot *base,
                        int64_t at,
                        uint64_t also,
                        char ret_digest[CORDON_DIGEST_TEXT],
                        struct cordon_error *e) {
    char made[PATH_SIZE], drafts[PATH_SIZE];
    const char *paths[1] = {drafts};
    struct cdn_drafts which = {.at = at, .also = also, .base = base};
    cordon_buffer text = {.alloc = s->alloc};
    bool any = false;
    if (s->o.snapshot)
        return cdn_fail(
            e, CORDON_E_STATE, "a service of a built snapshot cannot take in drafts; it needs the rulebook");
    if (!base || !base->source.n)
        return cdn_fail(
            e, CORDON_E_STATE, "the active snapshot does not tell its rules, so that no draft can join them");
    int err = path_of_new(s, made, e);
    err = err ? err : cordon_rulebook_from_json(base->source, &text, e);
    which.rulebook = cdn_str(text.p, text.n);
    err = err ? err : cdn_drafts_write(s, &which, drafts, &any, e);
    err = err ? err : compile(s, paths, 1, made, e);
    err = err ? err : keep(s, made, ret_digest, e);
    cordon_buffer_free(&text);
    if (err)
        (void)unlink(made);
    return err;
}

/* ---- activating
 * ---------------------------------------------------------------------------------------------------- */

static void note_lists(struct cdn_active *a, const struct cdn_snapshot *snapshot);

static void describe(struct cdn_active *a, const struct cdn_snapshot *snapshot, int64_t since) {
    struct cdn_ip_source source = {0};
    *a = (struct cdn_active){.since = since};
    digest_text(snapshot, a->digest);
    for (unsigned i = 0;
         snapshot->places && snapshot->places->has_ip && cdn_ip_source(&snapshot->places->ip, i, &source);
         i++)
        a->geodata_date = CDN_MAX(a->geodata_date, source.date);
    note_lists(a, snapshot);
}

static void note_lists(struct cdn_active *a, const struct cdn_snapshot *snapshot) {
    const struct cdn_parties *parties = snapshot->parties;
    for (uint32_t i = 0; parties && i < parties->list_count && a->list_count < CDN_SERVICE_LISTS; i++) {
        struct cdn_party_list list;
        struct cdn_buf b;
        cdn_parties_list(parties, i, &list);
        struct cdn_service_list_age *to = &a->lists[a->list_count];
        memcpy(to->name, list.id.p, CDN_MIN(list.id.n, sizeof(to->name) - 1));
        cdn_buf_fixed(&b, a->list_digest[a->list_count], sizeof(a->list_digest[0]) - 1);
        cdn_buf_z(&b, "sha256:");
        cdn_buf_hex(&b, list.sha256, 32);
        to->entries = list.count;
        a->used_by[a->list_count] = UINT64_MAX;
        /* One without a date is as old as what was fetched. */
        const int64_t since = list.published > CDN_TIME_MIN ? list.published : list.retrieved;
        to->published = since > CDN_TIME_MIN ? since : 0;
        a->list_count++;
    }
}

static int swap_in(struct cdn_service *s,
                   struct cdn_snapshot *snapshot,
                   int64_t since,
                   struct cordon_error *e) {
    struct cdn_active a;
    describe(&a, snapshot, since);
    pthread_mutex_lock(&s->set_lock);
    for (uint32_t i = 0; i < a.list_count; i++) { /* the same version as before: it was used, and when */
        for (uint32_t k = 0; k < s->active.list_count; k++) {
            if (strcmp(a.list_digest[i], s->active.list_digest[k]) == 0 &&
                strcmp(a.lists[i].name, s->active.lists[k].name) == 0) {
                a.lists[i].first_used = s->active.lists[k].first_used;
                a.list_told[i] = s->active.list_told[k];
                a.used_by[i] = s->active.used_by[k];
            }
        }
    }
    const bool other = s->active.digest[0] && strcmp(s->active.digest, a.digest) != 0;
    memcpy(a.before, other ? s->active.digest : s->active.before, sizeof(a.before));
    const int err = cdn_swap_put(&s->slot, snapshot, e);
    if (!err) {
        uint64_t known = 0;
        for (uint32_t i = 0; i < a.list_count; i++)
            known |= a.list_told[i] || a.used_by[i] != UINT64_MAX ? UINT64_C(1) << i : 0;
        s->active = a;
        atomic_store_explicit(&s->lists_wait, cdn_lists_of(snapshot) & ~known, memory_order_release);
        atomic_fetch_add_explicit(&s->counts.swaps, 1, memory_order_relaxed);
    }
    pthread_mutex_unlock(&s->set_lock);
    return err;
}

/* A decider is made of it first: what cannot decide is not activated. */
static int try_out(struct cdn_service *s, const struct cdn_snapshot *snapshot, struct cordon_error *e) {
    struct cdn_decider *d = NULL;
    const int err = cdn_decider_new(snapshot, s->alloc, &d, e);
    cdn_decider_free(d);
    return err;
}

static int list_events(struct cdn_service *s,
                       const struct cdn_snapshot *snapshot,
                       cordon_str by,
                       int64_t at,
                       struct cordon_error *e) {
    struct cdn_active *a = cdn_alloc_zero(s->alloc, 1, sizeof(*a));
    int err = a ? 0 : cdn_service_no_memory(e);
    if (a)
        describe(a, snapshot, at);
    for (uint32_t i = 0; !err && i < a->list_count; i++) {
        struct cdn_event ev;
        uint64_t index = 0;
        uint8_t refusal = 0;
        bool same = false;
        for (uint32_t k = 0; k < s->active.list_count; k++) /* changed only with admin held, which is */
            same |= strcmp(a->list_digest[i], s->active.list_digest[k]) == 0;
        if (same)
            continue;
        cdn_event_init(&ev, CDN_EV_list_activated, at, by);
        ev.u.list_activated.list = cdn_str_z(a->lists[i].name);
        ev.u.list_activated.digest = cdn_str_z(a->list_digest[i]);
        ev.u.list_activated.entries = a->lists[i].entries;
        if (a->lists[i].published)
            ev.u.list_activated.published = a->lists[i].published;
        err = cdn_commit_durably(s, &ev, &index, &refusal, e);
    }
    cdn_free(s->alloc, a, sizeof(*a));
    return err;
}

int cdn_set_activate(
    struct cdn_service *s, cordon_str digest, const char *how, cordon_str by, struct cordon_error *e) {
    struct cdn_snapshot *snapshot = NULL;
    const struct cdn_service_time now = cdn_service_now(s);
    struct cdn_event ev;
    uint64_t index = 0;
    uint8_t refusal = 0;
    int64_t at = 0;
    int err = cdn_service_instant(s, &now, &at, &refusal, e);
    err = err ? err : cdn_set_open(s, digest, &snapshot, e);
    err = err ? err : try_out(s, snapshot, e);
    err = err ? err : list_events(s, snapshot, by, at, e);
    if (!err) {
        cdn_event_init(&ev, CDN_EV_snapshot_activated, at, by);
        ev.u.snapshot_activated.how = cdn_str_z(how);
        ev.u.snapshot_activated.snapshot = digest;
        err = cdn_commit_durably(s, &ev, &index, &refusal, e);
    }
    if (!err)
        atomic_store_explicit(&s->activated_end, index + 1, memory_order_release);
    err = err ? err : swap_in(s, snapshot, at, e);
    cdn_snapshot_unref(snapshot);
    if (!err && strcmp(how, "schedule") != 0) {
        if (s->rolled_back)
            cdn_service_note(s, 2, "snapshot", "the roll back is over: %.*s", CDN_FMT(digest));
        s->rolled_back = strcmp(how, "rollback") == 0;
    }
    if (err)
        cdn_service_note(
            s, 1, "snapshot", "%.*s was not activated: %s", CDN_FMT(digest), e ? e->message : "");
    else
        cdn_service_note(s, 3, "snapshot", "%.*s is active (%s)", CDN_FMT(digest), how);
    return err;
}

int cdn_set_resume(struct cdn_service *s, struct cordon_error *e) {
    struct cdn_store_activation last;
    struct cdn_snapshot *snapshot = NULL;
    int err = cdn_store_last_activation(s->store, &last, e);
    if (err)
        return err;
    err = cdn_set_open(s, cdn_str_z(last.snapshot), &snapshot, e);
    err = err ? err : try_out(s, snapshot, e);
    err = err ? err : swap_in(s, snapshot, atomic_load(&s->last_instant), e);
    cdn_snapshot_unref(snapshot);
    if (err == CORDON_E_NOTFOUND)
        return cdn_fail(e, CORDON_E_IO, "the active snapshot %s is not in snapshots/", last.snapshot);
    if (!err) {
        err = cdn_lists_resume(s, e);
        memcpy(s->active.before, last.before, sizeof(s->active.before)); /* nobody else is here yet */
        s->untold = last.scheduled ? last.at : CDN_TIME_MIN;
    }
    return err;
}

int cdn_set_before(struct cdn_service *s, char ret[CORDON_DIGEST_TEXT], struct cordon_error *e) {
    pthread_mutex_lock(&s->set_lock);
    memcpy(ret, s->active.before, CORDON_DIGEST_TEXT);
    pthread_mutex_unlock(&s->set_lock);
    return ret[0] ? 0 : cdn_fail(e, CORDON_E_NOTFOUND, "no other snapshot was ever active");
}

int cdn_set_reach(struct cdn_service *s, struct cordon_error *e) {
    const uint64_t end = atomic_load_explicit(&s->activated_end, memory_order_acquire);
    return cdn_store_wait_applied(s->store, end, CDN_EVENT_WAIT_MS, e);
}

static int built_event(struct cdn_service *s, cordon_str digest, cordon_str by, struct cordon_error *e) {
    struct cdn_event ev;
    uint64_t index = 0;
    uint8_t refusal = 0;
    int64_t at = 0;
    const struct cdn_service_time now = cdn_service_now(s);
    int err = cdn_service_instant(s, &now, &at, &refusal, e);
    if (err)
        return err;
    cdn_event_init(&ev, CDN_EV_snapshot_built, at, by);
    ev.u.snapshot_built.snapshot = digest;
    return cdn_commit_durably(s, &ev, &index, &refusal, e);
}

/* With build held. */
static int build_and_tell(struct cdn_service *s,
                          int64_t at,
                          cordon_str by,
                          char ret_digest[CORDON_DIGEST_TEXT],
                          struct cordon_error *e) {
    const int err = cdn_set_build(s, at, ret_digest, e);
    return err ? err : built_event(s, cdn_str_z(ret_digest), by, e);
}

int cdn_set_build_and_tell(struct cdn_service *s,
                           int64_t at,
                           cordon_str by,
                           char ret_digest[CORDON_DIGEST_TEXT],
                           struct cordon_error *e) {
    pthread_mutex_lock(&s->build);
    const int err = build_and_tell(s, at, by, ret_digest, e);
    pthread_mutex_unlock(&s->build);
    return err;
}

static void reload_failed(struct cdn_service *s, const struct cordon_error *e) {
    atomic_fetch_add_explicit(&s->counts.reload_failures, 1, memory_order_relaxed);
    pthread_mutex_lock(&s->set_lock);
    (void)snprintf(s->reload_error, sizeof(s->reload_error), "%s", e->message);
    pthread_mutex_unlock(&s->set_lock);
    cdn_service_note(s, 1, "reload", "refused, the old snapshot stays: %s", e->message);
}

int cdn_set_reload(
    struct cdn_service *s, const char *how, cordon_str by, struct cdn_buf *out, struct cordon_error *e) {
    char digest[CORDON_DIGEST_TEXT];
    struct cordon_error own = {0};
    struct cordon_error *to = e ? e : &own;
    const int64_t now = cdn_service_now(s).wall;
    pthread_mutex_lock(&s->build);
    int err = build_and_tell(s, now, by, digest, to);
    pthread_mutex_lock(&s->admin);
    const bool same = !err && strcmp(digest, s->active.digest) == 0;
    pthread_mutex_unlock(&s->admin);
    if (!err && !same)
        err = cdn_schedule_switch(s, cdn_str_z(digest), how, by, to);
    pthread_mutex_unlock(&s->build);
    if (err) {
        reload_failed(s, to);
        return err;
    }
    atomic_fetch_add_explicit(&s->counts.reloads, 1, memory_order_relaxed);
    pthread_mutex_lock(&s->set_lock);
    s->reload_error[0] = '\0';
    pthread_mutex_unlock(&s->set_lock);
    if (same)
        cdn_service_note(s, 3, "reload", "nothing has changed: %s", digest);
    if (out)
        cdn_buf_printf(
            out, "{\"active\":true,\"changed\":%s,\"snapshot\":\"%s\"}", same ? "false" : "true", digest);
    if (same)
        cdn_schedule(s);
    else
        cdn_schedule_tell(s);
    return 0;
}
