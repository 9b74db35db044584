/* SPDX-License-Identifier: Apache-2.0 */
/* store.c: opening, connections for queries, catching up and following. */
#include <errno.h>
#include <sodium.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "store/store_priv.h"

int cdn_store_path(const char *folder,
                   const char *file,
                   char ret[CDN_MAX_PATH_BYTES + 1],
                   struct cordon_error *e) {
    struct cdn_buf b;
    cdn_buf_fixed(&b, ret, CDN_MAX_PATH_BYTES + 1);
    cdn_buf_z(&b, folder);
    cdn_buf_char(&b, '/');
    cdn_buf_z(&b, file);
    cdn_buf_char(&b, 0);
    return b.err ? cdn_fail(e, CORDON_E_LIMIT, "the path of the store is too long") : 0;
}

static const char *vfs_of(const struct cdn_store *s) {
    return s->vfs[0] ? s->vfs : NULL;
}

static int open_one(const struct cdn_store *s,
                    const struct cdn_db_kind *kind,
                    int mode,
                    struct cdn_db *ret,
                    struct cordon_error *e) {
    char path[CDN_MAX_PATH_BYTES + 1];
    const struct cdn_db_place place = {path, kind->name, vfs_of(s), kind->schema, mode, s->busy_ms};
    const int err = cdn_store_path(s->folder, kind->file, path, e);
    return err ? err : cdn_db_open(ret, &place, e);
}

int cdn_store_open_readers(struct cdn_store *s, struct cordon_error *e) {
    int err = 0;
    for (uint32_t i = 0; i < s->reader_count && !err; i++) {
        err = open_one(s, &cdn_db_state, CDN_DB_READ, &s->readers[i].state, e);
        err = err ? err : open_one(s, &cdn_db_index, CDN_DB_READ, &s->readers[i].index, e);
    }
    return err;
}

void cdn_store_close_readers(struct cdn_store *s) {
    for (uint32_t i = 0; i < s->reader_count; i++) {
        cdn_db_close(&s->readers[i].state);
        cdn_db_close(&s->readers[i].index);
    }
}

/* The monotonic clock for waiting: recorded nowhere. */
static void prepare_condition(pthread_cond_t *c) {
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(c, &attributes);
    (void)pthread_condattr_destroy(&attributes);
}

int cdn_store_open(const struct cdn_store_config *config, struct cdn_store **ret, struct cordon_error *e) {
    const size_t folder = strlen(config->folder);
    const size_t vfs = config->vfs ? strlen(config->vfs) : 0;
    if (folder > CDN_MAX_PATH_BYTES || vfs >= sizeof((*ret)->vfs))
        return cdn_fail(e, CORDON_E_LIMIT, "the path of the store is too long");
    if (sodium_init() < 0)
        return cdn_fail(e, CORDON_E_INTERNAL, "no source of randomness");
    struct cdn_store *s = cdn_alloc_zero(config->alloc, 1, sizeof(*s));
    if (!s)
        return cdn_fail(e, CORDON_E_NOMEM, "out of memory");
    s->alloc = config->alloc;
    memcpy(s->folder, config->folder, folder + 1);
    if (vfs)
        memcpy(s->vfs, config->vfs, vfs + 1);
    s->busy_ms = config->busy_ms ? config->busy_ms : 5000;
    s->reader_count = config->readers ? CDN_MIN(config->readers, (uint32_t)CDN_STORE_READERS) : 4;
    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_mutex_init(&s->listening, NULL);
    (void)pthread_mutex_init(&s->tail.lock, NULL);
    (void)pthread_mutex_init(&s->applying[0], NULL);
    (void)pthread_mutex_init(&s->applying[1], NULL);
    prepare_condition(&s->changed);
    prepare_condition(&s->followers[0].wake);
    prepare_condition(&s->followers[1].wake);
    int err = open_one(s, &cdn_db_state, CDN_DB_WRITE, &s->state, e);
    err = err ? err : open_one(s, &cdn_db_index, CDN_DB_WRITE, &s->index, e);
    err = err ? err : cdn_store_open_readers(s, e);
    err = err ? err : cdn_store_index_init(s, config->block ? config->block : CDN_INDEX_BLOCK, e);
    err = err ? err : cdn_store_load_counts(s, e);
    if (err) {
        cdn_store_close(s);
        return err;
    }
    *ret = s;
    return 0;
}

void cdn_store_close(struct cdn_store *s) {
    if (!s)
        return;
    cdn_store_follow_stop(s);
    const int unwritten = cdn_store_state_write(s, NULL);
    (void)unwritten; /* it is read from the journal again */
    cdn_store_ring_free(s);
    cdn_store_index_free(s);
    cdn_free(s->alloc, s->pending.items, s->pending.cap * sizeof(*s->pending.items));
    cdn_store_close_readers(s);
    cdn_db_close(&s->state);
    cdn_db_close(&s->index);
    (void)pthread_cond_destroy(&s->changed);
    (void)pthread_cond_destroy(&s->followers[0].wake);
    (void)pthread_cond_destroy(&s->followers[1].wake);
    (void)pthread_mutex_destroy(&s->lock);
    (void)pthread_mutex_destroy(&s->listening);
    (void)pthread_mutex_destroy(&s->tail.lock);
    (void)pthread_mutex_destroy(&s->applying[0]);
    (void)pthread_mutex_destroy(&s->applying[1]);
    cdn_free(s->alloc, s, sizeof(*s));
}

int cdn_store_delete(const char *folder, struct cordon_error *e) {
    static const char *const files[] = {"state.sqlite",
                                        "state.sqlite-wal",
                                        "state.sqlite-shm",
                                        "index.sqlite",
                                        "index.sqlite-wal",
                                        "index.sqlite-shm"};
    char path[CDN_MAX_PATH_BYTES + 1];
    for (size_t i = 0; i < CDN_ARRAY_LEN(files); i++) {
        const int err = cdn_store_path(folder, files[i], path, e);
        if (err)
            return err;
        if (unlink(path) != 0 && errno != ENOENT) {
            const int system = errno;
            (void)cdn_fail(e, CORDON_E_IO, "cannot delete %s", path);
            if (e)
                e->system = system;
            return CORDON_E_IO;
        }
    }
    return 0;
}

/* ---- connections for queries
 * -------------------------------------------------------------------------------------- */

struct cdn_reader *cdn_store_take(struct cdn_store *s) {
    struct cdn_reader *r = NULL;
    (void)pthread_mutex_lock(&s->lock);
    while (!r) {
        for (uint32_t i = 0; i < s->reader_count && !r; i++)
            if (!s->readers[i].taken)
                r = &s->readers[i];
        if (!r)
            (void)pthread_cond_wait(&s->changed, &s->lock);
    }
    r->taken = true;
    (void)pthread_mutex_unlock(&s->lock);
    return r;
}

void cdn_store_give(struct cdn_store *s, struct cdn_reader *r) {
    (void)pthread_mutex_lock(&s->lock);
    r->taken = false;
    (void)pthread_cond_broadcast(&s->changed);
    (void)pthread_mutex_unlock(&s->lock);
}

/* ---- catching up
 * ---------------------------------------------------------------------------------------------------- */

struct gathering {
    const struct cdn_store_source *source;
    struct cdn_buf records, summaries;
    struct cdn_arena arena;
};

/* One record of the journal behind the summaries. */
static int summarize(struct gathering *g, uint64_t index, struct cordon_error *e) {
    cdn_buf_clear(&g->records);
    cdn_arena_reset(&g->arena);
    int err = g->source->read(g->source->ctx, index, &g->records, e);
    if (err && err != CORDON_E_NOTFOUND)
        return err;
    const cordon_str record = err ? (cordon_str){NULL, 0} : cdn_buf_get(&g->records);
    err = cdn_summary_record(&g->summaries, record, &g->arena, e);
    if (err && err != CORDON_E_NOMEM)
        cdn_error_hint(e, "at record %llu", (unsigned long long)index);
    return err;
}

/* From `first` on until the batch is full or `end` is reached: out of the ring what is there, the rest from
 * the journal. */
static int gather(struct cdn_store *s,
                  struct gathering *g,
                  uint64_t first,
                  uint64_t end,
                  size_t *ret_count,
                  struct cordon_error *e) {
    size_t count = 0;
    int err = 0;
    end = CDN_MIN(end, first + CDN_STORE_BATCH_RECORDS);
    cdn_buf_clear(&g->summaries);
    while (!err && first + count < end && g->summaries.n < CDN_STORE_BATCH_BYTES) {
        uint64_t next = 0;
        const uint64_t got = cdn_store_ring_copy(s, first + count, end, &g->summaries, &next);
        count += got;
        if (g->summaries.err)
            err = cdn_fail(e, g->summaries.err, "out of memory");
        const uint64_t until = CDN_MIN(end, next);
        while (!got && !err && first + count < until && g->summaries.n < CDN_STORE_BATCH_BYTES) {
            err = summarize(g, first + count, e);
            count += !err;
        }
    }
    *ret_count = count;
    return err;
}

static void tell(struct cdn_store *s) {
    (void)pthread_mutex_lock(&s->lock);
    (void)pthread_cond_broadcast(&s->changed);
    (void)pthread_mutex_unlock(&s->lock);
}

/* When those who waited have been told. 2 MiB at a time: the syncs that this takes hold up those of the
 * journal on the same disk; 16 MiB while much is behind, since the same pages are written again and again. */
static int fold(struct cdn_store *s, bool state, bool behind, struct cordon_error *e) {
    pthread_mutex_t *writer = &s->applying[state ? 0 : 1];
    (void)pthread_mutex_lock(writer);
    const int err = cdn_db_fold(state ? &s->state : &s->index, behind ? 4096 : 512, e);
    (void)pthread_mutex_unlock(writer);
    return err;
}

static int catch_up(struct cdn_store *s,
                    const struct cdn_store_source *source,
                    uint64_t end,
                    atomic_ullong *done,
                    cdn_taking_in *take,
                    struct cordon_error *e) {
    int err = 0;
    struct gathering g = {.source = source};
    cdn_arena_init(&g.arena, s->alloc, 0);
    cdn_buf_init(&g.records, s->alloc, CDN_MAX_RECORD_BYTES);
    cdn_buf_init(&g.summaries, s->alloc, CDN_STORE_BATCH_BYTES + 2 * CDN_MAX_RECORD_BYTES);
    while (!err && atomic_load(done) < end) {
        const uint64_t first = atomic_load(done);
        size_t count = 0;
        err = gather(s, &g, first, end, &count, e);
        err = err ? err : take(s, first, g.summaries.p, count, e);
        tell(s);
        err = err ? err : fold(s, done == &s->applied, count == CDN_STORE_BATCH_RECORDS, e);
    }
    cdn_buf_free(&g.records);
    cdn_buf_free(&g.summaries);
    cdn_arena_free(&g.arena);
    return err;
}

int cdn_store_catch_up(struct cdn_store *s,
                       const struct cdn_store_source *source,
                       uint64_t end,
                       struct cordon_error *e) {
    return catch_up(s, source, end, &s->applied, cdn_store_state_take, e);
}

int cdn_store_catch_up_index(struct cdn_store *s,
                             const struct cdn_store_source *source,
                             uint64_t end,
                             struct cordon_error *e) {
    return catch_up(s, source, end, &s->indexed, cdn_store_index_take, e);
}

/* Records at hand, as summaries. */
static int take_records(struct cdn_store *s,
                        uint64_t first,
                        const cordon_str *records,
                        size_t count,
                        cdn_taking_in *take,
                        struct cordon_error *e) {
    struct gathering g;
    int err = 0;
    cdn_arena_init(&g.arena, s->alloc, 0);
    cdn_buf_init(&g.summaries, s->alloc, SIZE_MAX / 2);
    for (size_t i = 0; i < count && !err; i++) {
        err = cdn_summary_record(&g.summaries, records[i], &g.arena, e);
        if (err && err != CORDON_E_NOMEM)
            cdn_error_hint(e, "at record %llu", (unsigned long long)(first + i));
        cdn_arena_reset(&g.arena);
    }
    err = err ? err : take(s, first, g.summaries.p, count, e);
    err = err ? err : fold(s, take == cdn_store_state_take, false, e);
    cdn_buf_free(&g.summaries);
    cdn_arena_free(&g.arena);
    return err;
}

int cdn_store_apply(
    struct cdn_store *s, uint64_t first, const cordon_str *records, size_t count, struct cordon_error *e) {
    return take_records(s, first, records, count, cdn_store_state_take, e);
}
int cdn_store_index(
    struct cdn_store *s, uint64_t first, const cordon_str *records, size_t count, struct cordon_error *e) {
    return take_records(s, first, records, count, cdn_store_index_take, e);
}

uint64_t cdn_store_applied(const struct cdn_store *s) {
    return atomic_load(&s->applied);
}
uint64_t cdn_store_indexed(const struct cdn_store *s) {
    return atomic_load(&s->indexed);
}

/* ---- following
 * ---------------------------------------------------------------------------------------------------------
 */

static struct timespec in_ms(uint32_t ms) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* allowed: how long to wait, recorded nowhere */
    t.tv_sec += ms / 1000;
    t.tv_nsec += (long)(ms % 1000) * 1000000L;
    if (t.tv_nsec >= 1000000000L) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000L;
    }
    return t;
}

/* Under the lock. */
static void note_result(struct cdn_store *s, size_t which, int err, const struct cordon_error *e) {
    s->failing[which] = err != 0;
    s->health.degraded = s->failing[0] || s->failing[1];
    if (!err)
        return;
    s->health.failures++;
    s->health.code = err;
    s->health.system = e->system;
    memcpy(s->health.message, e->message, sizeof(s->health.message));
}

/* Under the lock: somebody waits for it, or as many records are behind as are worth a transaction. */
static bool urgent(const struct cdn_follower *f) {
    const uint64_t done = atomic_load(f->done);
    return f->wanted > done || f->store->end >= done + CDN_STORE_GATHER;
}

/* Under the lock: returns when there is something to take in and it is time to. Records gather for a while,
 * so that not every group that became durable costs a wake-up and a transaction; after an error the while is
 * to be over whoever waits. */
static void await(struct cdn_follower *f, bool failed, const struct timespec *pause) {
    struct cdn_store *s = f->store;
    int code = 0;
    while (!s->stop && atomic_load(f->done) >= s->end) {
        f->idle = true;
        (void)pthread_cond_wait(&f->wake, &s->lock);
    }
    f->idle = false;
    while (!s->stop && code == 0 && (failed || !urgent(f)))
        code = pthread_cond_timedwait(&f->wake, &s->lock, pause);
}

static void *follow(void *arg) {
    struct cdn_follower *f = arg;
    struct cdn_store *s = f->store;
    const size_t which = (size_t)(f - s->followers);
    struct timespec pause = in_ms(0);
    int err = 0;
    if (f->done == &s->indexed) /* the index may lag: whoever decides goes first */
        (void)setpriority(PRIO_PROCESS, (id_t)gettid(), 10);
    (void)pthread_mutex_lock(&s->lock);
    for (await(f, false, &pause); !s->stop; await(f, err != 0, &pause)) {
        struct cordon_error e = {0};
        /* One batch at a time: whoever stops does not wait until all that is behind has been taken in. */
        const uint64_t end = CDN_MIN(s->end, atomic_load(f->done) + CDN_STORE_BATCH_RECORDS);
        (void)pthread_mutex_unlock(&s->lock);
        err = f->catch_up(s, &s->source, end, &e);
        pause = in_ms(err ? s->retry_ms : CDN_STORE_PAUSE_MS);
        (void)pthread_mutex_lock(&s->lock);
        note_result(s, which, err, &e);
    }
    (void)pthread_mutex_unlock(&s->lock);
    return NULL;
}

int cdn_store_follow_start(struct cdn_store *s,
                           const struct cdn_store_source *source,
                           uint32_t retry_ms,
                           struct cordon_error *e) {
    s->source = *source;
    s->retry_ms = retry_ms ? retry_ms : 1000;
    s->stop = false;
    for (size_t i = 0; i < 2; i++) {
        struct cdn_follower *f = &s->followers[i];
        f->store = s;
        f->catch_up = i ? cdn_store_catch_up_index : cdn_store_catch_up;
        f->done = i ? &s->indexed : &s->applied;
        f->wanted = 0;
        const int code = pthread_create(&f->thread, NULL, follow, f);
        if (code != 0) {
            cdn_store_follow_stop(s);
            (void)cdn_fail(e, CORDON_E_IO, "cannot start a thread");
            if (e)
                e->system = code;
            return CORDON_E_IO;
        }
        (void)pthread_setname_np(f->thread, i ? "index" : "state");
        f->running = true;
    }
    return 0;
}

void cdn_store_follow(struct cdn_store *s, uint64_t end) {
    (void)pthread_mutex_lock(&s->lock);
    if (end > s->end)
        s->end = end;
    for (size_t i = 0; i < 2; i++) {
        struct cdn_follower *f = &s->followers[i];
        if (f->idle || urgent(f))
            (void)pthread_cond_signal(&f->wake);
        f->idle = false;
    }
    (void)pthread_mutex_unlock(&s->lock);
}

void cdn_store_follow_stop(struct cdn_store *s) {
    (void)pthread_mutex_lock(&s->lock);
    s->stop = true;
    (void)pthread_cond_signal(&s->followers[0].wake);
    (void)pthread_cond_signal(&s->followers[1].wake);
    (void)pthread_mutex_unlock(&s->lock);
    for (size_t i = 0; i < 2; i++) {
        if (s->followers[i].running)
            (void)pthread_join(s->followers[i].thread, NULL);
        s->followers[i].running = false;
    }
}

int cdn_store_reach(struct cdn_store *s,
                    const struct cdn_store_source *source,
                    uint64_t end,
                    struct cordon_error *e) {
    if (!s->followers[0].running)
        return cdn_store_catch_up(s, source, end, e);
    cdn_store_follow(s, end);
    return cdn_store_wait_applied(s, end, 600000, e);
}

static int wait_for(struct cdn_store *s,
                    struct cdn_follower *f,
                    const atomic_ullong *done,
                    uint64_t end,
                    uint32_t ms,
                    struct cordon_error *e) {
    const struct timespec until = in_ms(ms);
    int code = 0;
    (void)pthread_mutex_lock(&s->lock);
    if (atomic_load(done) < end) { /* hurry */
        f->wanted = CDN_MAX(f->wanted, end);
        (void)pthread_cond_signal(&f->wake);
    }
    while (atomic_load(done) < end && code == 0)
        code = pthread_cond_timedwait(&s->changed, &s->lock, &until);
    const bool there = atomic_load(done) >= end;
    const bool degraded = s->health.degraded;
    if (!there)
        (void)cdn_fail(e,
                       CORDON_E_STATE,
                       "the %s has taken in %llu of %llu records%s%s",
                       done == &s->applied ? "state" : "index",
                       (unsigned long long)atomic_load(done),
                       (unsigned long long)end,
                       degraded ? ": " : "",
                       degraded ? s->health.message : "");
    (void)pthread_mutex_unlock(&s->lock);
    return there ? 0 : CORDON_E_STATE;
}

int cdn_store_wait_applied(struct cdn_store *s, uint64_t end, uint32_t ms, struct cordon_error *e) {
    return wait_for(s, &s->followers[0], &s->applied, end, ms, e);
}
int cdn_store_wait_indexed(struct cdn_store *s, uint64_t end, uint32_t ms, struct cordon_error *e) {
    return wait_for(s, &s->followers[1], &s->indexed, end, ms, e);
}

void cdn_store_health(struct cdn_store *s, struct cdn_store_health *ret) {
    (void)pthread_mutex_lock(&s->lock);
    *ret = s->health;
    ret->end = s->end;
    (void)pthread_mutex_unlock(&s->lock);
    ret->applied = atomic_load(&s->applied);
    ret->indexed = atomic_load(&s->indexed);
}
