/* SPDX-License-Identifier: Apache-2.0 */
/* test_faults.c: a disk that is full, that cannot be read or written, and another process that holds the
 * lock, by a layer between SQLite and the machine's files. What fails is told, nothing is applied by halves,
 * and it goes on by itself. */
#include <errno.h>
#include <sqlite3.h>
#include <stdatomic.h>

#include "store/test_log.h"

/* ---- the layer
 * ------------------------------------------------------------------------------------------------------- */

enum fault { FAULT_NONE, FAULT_FULL, FAULT_WRITE, FAULT_READ, FAULT_SYNC };
static atomic_int fault_kind;
static atomic_long fault_after; /* calls of that kind that still succeed */
static sqlite3_vfs *real_vfs;

struct shim_file {
    sqlite3_file base;
    sqlite3_file *real; /* behind this struct */
};
static sqlite3_file *real_of(sqlite3_file *f) {
    return ((struct shim_file *)(void *)f)->real;
}
static bool strikes(enum fault kind) {
    return atomic_load(&fault_kind) == (int)kind && atomic_fetch_sub(&fault_after, 1) <= 0;
}

static int shim_close(sqlite3_file *f) {
    return real_of(f)->pMethods ? real_of(f)->pMethods->xClose(real_of(f)) : SQLITE_OK;
}
static int shim_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at) {
    return strikes(FAULT_READ) ? SQLITE_IOERR_READ : real_of(f)->pMethods->xRead(real_of(f), p, n, at);
}
static int shim_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at) {
    if (strikes(FAULT_FULL)) {
        (void)real_of(f)->pMethods->xWrite(real_of(f), p, n / 2, at); /* some of it still went */
        return SQLITE_FULL;
    }
    return strikes(FAULT_WRITE) ? SQLITE_IOERR_WRITE : real_of(f)->pMethods->xWrite(real_of(f), p, n, at);
}
static int shim_truncate(sqlite3_file *f, sqlite3_int64 size) {
    return real_of(f)->pMethods->xTruncate(real_of(f), size);
}
static int shim_sync(sqlite3_file *f, int flags) {
    return strikes(FAULT_SYNC) ? SQLITE_IOERR_FSYNC : real_of(f)->pMethods->xSync(real_of(f), flags);
}
static int shim_size(sqlite3_file *f, sqlite3_int64 *ret) {
    return real_of(f)->pMethods->xFileSize(real_of(f), ret);
}
static int shim_lock(sqlite3_file *f, int level) {
    return real_of(f)->pMethods->xLock(real_of(f), level);
}
static int shim_unlock(sqlite3_file *f, int level) {
    return real_of(f)->pMethods->xUnlock(real_of(f), level);
}
static int shim_check_lock(sqlite3_file *f, int *ret) {
    return real_of(f)->pMethods->xCheckReservedLock(real_of(f), ret);
}
static int shim_control(sqlite3_file *f, int op, void *arg) {
    return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}
static int shim_sector(sqlite3_file *f) {
    return real_of(f)->pMethods->xSectorSize(real_of(f));
}
static int shim_traits(sqlite3_file *f) {
    return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}
static int shim_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **ret) {
    return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, ret);
}
static int shim_shm_lock(sqlite3_file *f, int at, int n, int flags) {
    return real_of(f)->pMethods->xShmLock(real_of(f), at, n, flags);
}
static void shim_shm_barrier(sqlite3_file *f) {
    real_of(f)->pMethods->xShmBarrier(real_of(f));
}
static int shim_shm_unmap(sqlite3_file *f, int remove) {
    return real_of(f)->pMethods->xShmUnmap(real_of(f), remove);
}
static const sqlite3_io_methods shim_methods = {.iVersion = 2,
                                                .xClose = shim_close,
                                                .xRead = shim_read,
                                                .xWrite = shim_write,
                                                .xTruncate = shim_truncate,
                                                .xSync = shim_sync,
                                                .xFileSize = shim_size,
                                                .xLock = shim_lock,
                                                .xUnlock = shim_unlock,
                                                .xCheckReservedLock = shim_check_lock,
                                                .xFileControl = shim_control,
                                                .xSectorSize = shim_sector,
                                                .xDeviceCharacteristics = shim_traits,
                                                .xShmMap = shim_shm_map,
                                                .xShmLock = shim_shm_lock,
                                                .xShmBarrier = shim_shm_barrier,
                                                .xShmUnmap = shim_shm_unmap};

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *ret_flags) {
    struct shim_file *shim = (struct shim_file *)(void *)f;
    (void)vfs;
    shim->real = (sqlite3_file *)(void *)&shim[1];
    const int code = real_vfs->xOpen(real_vfs, name, shim->real, flags, ret_flags);
    shim->base.pMethods = shim->real->pMethods ? &shim_methods : NULL;
    return code;
}
static sqlite3_vfs shim_vfs;

static int add_layer(void **state) {
    (void)state;
    real_vfs = sqlite3_vfs_find(NULL);
    if (!real_vfs)
        return -1;
    shim_vfs = *real_vfs;
    shim_vfs.zName = "faults";
    shim_vfs.szOsFile = (int)sizeof(struct shim_file) + real_vfs->szOsFile;
    shim_vfs.xOpen = shim_open;
    shim_vfs.pNext = NULL;
    return sqlite3_vfs_register(&shim_vfs, 0);
}

static void strike(enum fault kind, long after) {
    atomic_store(&fault_after, after);
    atomic_store(&fault_kind, (int)kind);
}
static void heal(void) {
    atomic_store(&fault_kind, FAULT_NONE);
}

static void open_on_faults(struct log *l) {
    log_open(l);
    const struct cdn_store_config config = {
        .folder = l->folder, .alloc = &cdn_alloc_libc, .vfs = "faults", .busy_ms = 20, .block = LOG_BLOCK};
    cdn_store_close(l->store);
    assert_int_equal(cdn_store_open(&config, &l->store, &l->e), 0);
}
static void add_records(struct log *l, int count) {
    for (int i = 0; i < count; i++) {
        const struct cdn_record_decision d =
            i % 3 ? capped(l, T0 + i, ANNA, "0.01") : held(l, T0 + i, BERT, "trust:1");
        (void)log_decision(l, &d);
    }
}
/* What a store without faults makes of the same records. */
static const char *expected(struct log *l) {
    struct log other;
    cordon_str copy;
    const struct cdn_store_source source = log_source(l);
    log_open(&other);
    assert_int_equal(cdn_store_catch_up(other.store, &source, l->count, &l->e), 0);
    assert_int_equal(cdn_store_catch_up_index(other.store, &source, l->count, &l->e), 0);
    assert_int_equal(cdn_arena_str(&l->arena, cdn_str_z(log_dump(&other)), &copy), 0);
    log_close(&other);
    return copy.p;
}

/* ---- tests
 * --------------------------------------------------------------------------------------------------------------
 */

/* The nth write, read or sync fails, for every n until none is struck: each time an error that says what, a
 * prefix of the records in the databases, and everything there once the fault is gone. */
static void each_call_fails_once(enum fault kind, int code, int system) {
    struct log l;
    int failures = 0;
    open_on_faults(&l);
    for (long n = 0; n < 400; n++) {
        const struct cdn_store_source source = log_source(&l);
        add_records(&l, 20);
        memset(&l.e, 0, sizeof(l.e));
        strike(kind, n);
        int err = cdn_store_catch_up(l.store, &source, l.count, &l.e);
        err = err ? err : cdn_store_catch_up_index(l.store, &source, l.count, &l.e);
        heal();
        if (err) {
            failures++;
            if (err != code || (system && l.e.system != system))
                fail_msg("call %ld: %d, errno %d: %s", n, err, l.e.system, l.e.message);
            assert_has(l.e.message, " database: ");
        }
        assert_int_equal(cdn_store_catch_up(l.store, &source, l.count, &l.e), 0);
        assert_int_equal(cdn_store_catch_up_index(l.store, &source, l.count, &l.e), 0);
        n += n / 8;
    }
    assert_true(failures > 3);
    assert_string_equal(log_dump(&l), expected(&l));
    log_close(&l);
}

static void a_full_disk(void **state) {
    (void)state;
    each_call_fails_once(FAULT_FULL, CORDON_E_IO, ENOSPC);
}
static void a_disk_that_cannot_be_written(void **state) {
    (void)state;
    each_call_fails_once(FAULT_WRITE, CORDON_E_IO, 0);
}

static void pages_that_cannot_be_read(void **state) {
    (void)state;
    struct log l;
    struct cdn_buf b;
    open_on_faults(&l);
    add_records(&l, 3000);
    log_catch_up(&l);
    const struct cdn_store_config config = {
        .folder = l.folder, .alloc = &cdn_alloc_libc, .vfs = "faults", .readers = 1, .block = LOG_BLOCK};
    cdn_store_close(l.store);
    assert_int_equal(cdn_store_open(&config, &l.store, &l.e), 0);
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 28);
    strike(FAULT_READ, 0);
    assert_int_equal(cdn_store_dump(l.store, &b, &l.e), CORDON_E_IO);
    assert_has(l.e.message, " database: ");
    heal();
    log_catch_up(&l);
    cdn_buf_clear(&b);
    assert_int_equal(cdn_store_dump(l.store, &b, &l.e), 0);
    cdn_buf_char(&b, 0);
    assert_string_equal(b.p, expected(&l));
    cdn_buf_free(&b);
    log_close(&l);
}

static void another_process_that_holds_the_lock(void **state) {
    (void)state;
    struct log l;
    sqlite3 *other = NULL;
    char path[128];
    open_on_faults(&l);
    add_records(&l, 3);
    (void)snprintf(path, sizeof(path), "%s/state.sqlite", l.folder);
    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    const struct cdn_store_source source = log_source(&l);
    assert_int_equal(cdn_store_catch_up(l.store, &source, l.count, &l.e), CORDON_E_IO);
    assert_int_equal(l.e.system, EBUSY);
    assert_int_equal(cdn_store_applied(l.store), 0);
    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    log_catch_up(&l);
    assert_int_equal(cdn_store_applied(l.store), 3);
    log_close(&l);
}

/* The disk is full while the store follows the journal: it says so, and goes on by itself when there is room
 * again. */
static void following_is_degraded_and_recovers(void **state) {
    (void)state;
    struct log l;
    struct cdn_store_health health;
    open_on_faults(&l);
    add_records(&l, 500);
    const struct cdn_store_source source = log_source(&l);
    assert_int_equal(cdn_store_follow_start(l.store, &source, 10, &l.e), 0);
    strike(FAULT_FULL, 0);
    cdn_store_follow(l.store, l.count);
    assert_int_equal(cdn_store_wait_applied(l.store, l.count, 100, &l.e), CORDON_E_STATE);
    assert_has(l.e.message, "database or disk is full");
    cdn_store_health(l.store, &health);
    assert_true(health.degraded && health.failures > 0);
    assert_true(health.code == CORDON_E_IO && health.system == ENOSPC);
    heal();
    assert_int_equal(cdn_store_wait_applied(l.store, l.count, 30000, &l.e), 0);
    assert_int_equal(cdn_store_wait_indexed(l.store, l.count, 30000, &l.e), 0);
    cdn_store_follow_stop(l.store);
    cdn_store_health(l.store, &health);
    assert_false(health.degraded);
    assert_string_equal(log_dump(&l), expected(&l));
    log_close(&l);
}

/* Syncing fails while the log of the database is folded into it. */
static void a_sync_that_fails(void **state) {
    (void)state;
    struct log l;
    open_on_faults(&l);
    add_records(&l, 20000); /* more than a log's worth of pages */
    const struct cdn_store_source source = log_source(&l);
    strike(FAULT_SYNC, 0);
    /* The commit may have gone well all the same: it is folding the log into the database that failed. */
    int err = cdn_store_catch_up(l.store, &source, l.count, &l.e);
    err = err ? err : cdn_store_catch_up_index(l.store, &source, l.count, &l.e);
    assert_true(err == 0 || err == CORDON_E_IO);
    assert_true(atomic_load(&fault_after) < 0); /* it was struck */
    heal();
    log_reopen(&l);
    log_catch_up(&l);
    assert_string_equal(log_dump(&l), expected(&l));
    log_close(&l);
}

static int opens_without_memory(const struct cordon_alloc *alloc) {
    char folder[64] = "/tmp/cordon-store-XXXXXX";
    struct cdn_store *s = NULL;
    assert_non_null(mkdtemp(folder));
    const struct cdn_store_config config = {.folder = folder, .alloc = alloc, .block = LOG_BLOCK};
    struct log l;
    log_open(&l);
    add_records(&l, 4);
    int err = cdn_store_open(&config, &s, NULL);
    const struct cdn_store_source source = log_source(&l);
    err = err ? err : cdn_store_catch_up(s, &source, l.count, NULL);
    err = err ? err : cdn_store_catch_up_index(s, &source, l.count, NULL);
    cdn_store_close(s);
    log_close(&l);
    log_remove_folder(folder);
    return err;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_full_disk, add_layer),
        cmocka_unit_test(a_disk_that_cannot_be_written),
        cmocka_unit_test(pages_that_cannot_be_read),
        cmocka_unit_test(another_process_that_holds_the_lock),
        cmocka_unit_test(following_is_degraded_and_recovers),
        cmocka_unit_test(a_sync_that_fails),
        cdn_fault_test(opens_without_memory),
    };
    return cdn_run(tests);
}
