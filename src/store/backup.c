/* SPDX-License-Identifier: Apache-2.0 */
/* backup.c: copies of the databases while everything goes on, and back (SQLite's online backup).
 *
 *  1. a copy appears under its name only when it is complete and synced;
 *  2. restoring is one transaction on each database: a failure leaves what was there;
 *  3. whatever a backup lacks, catching up adds: it is the journal that must not be lost. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "store/store_priv.h"

static int io_failed(struct cordon_error *e, const char *what, const char *path) {
    const int system = errno;
    (void)cdn_fail(e, CORDON_E_IO, "cannot %s %s", what, path);
    if (e)
        e->system = system;
    return CORDON_E_IO;
}

static int sync_path(const char *path, int flags, struct cordon_error *e) {
    const int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0)
        return io_failed(e, "open", path);
    const int failed = fsync(fd);
    const int err = failed ? io_failed(e, "sync", path) : 0;
    (void)close(fd);
    return err;
}

/* All pages of `from` into `to`, in one transaction of `to`. */
static int copy(struct cdn_db *to, struct cdn_db *from, struct cordon_error *e) {
    sqlite3_backup *b = sqlite3_backup_init(to->h, "main", from->h, "main");
    if (!b)
        return cdn_db_fail(to, sqlite3_extended_errcode(to->h), sqlite3_system_errno(to->h), e);
    const int code = sqlite3_backup_step(b, -1);
    const int system = sqlite3_system_errno(to->h);
    (void)sqlite3_backup_finish(b);
    return code == SQLITE_DONE ? 0 : cdn_db_fail(to, code, system, e);
}

static int backup_one(struct cdn_db *from, const char *folder, const char *file, struct cordon_error *e) {
    char path[CDN_MAX_PATH_BYTES + 1];
    char fresh[CDN_MAX_PATH_BYTES + 1];
    char name[40];
    struct cdn_buf b;
    struct cdn_db to = {.name = from->name};
    cdn_buf_fixed(&b, name, sizeof(name));
    cdn_buf_z(&b, file);
    cdn_buf_z(&b, ".new");
    cdn_buf_char(&b, 0);
    int err = cdn_store_path(folder, file, path, e);
    err = err ? err : cdn_store_path(folder, name, fresh, e);
    if (err)
        return err;
    if (unlink(fresh) != 0 && errno != ENOENT)
        return io_failed(e, "delete", fresh);
    const int code = sqlite3_open_v2(fresh,
                                     &to.h,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                                         SQLITE_OPEN_EXRESCODE,
                                     NULL);
    if (code != SQLITE_OK)
        err = cdn_db_fail(&to, code, to.h ? sqlite3_system_errno(to.h) : 0, e);
    err = err ? err : copy(&to, from, e);
    cdn_db_close(&to);
    err = err ? err : sync_path(fresh, O_RDONLY, e);
    if (!err && rename(fresh, path) != 0)
        err = io_failed(e, "rename", fresh);
    if (err)
        (void)unlink(fresh);
    return err;
}

int cdn_store_backup(struct cdn_store *s, const char *folder, struct cordon_error *e) {
    const int written = cdn_store_state_write(s, e);
    if (written)
        return written;
    struct cdn_reader *r = cdn_store_take(s);
    int err = backup_one(&r->state, folder, "state.sqlite", e);
    err = err ? err : backup_one(&r->index, folder, "index.sqlite", e);
    cdn_store_give(s, r);
    return err ? err : sync_path(folder, O_RDONLY | O_DIRECTORY, e);
}

/* Opens a backup as this build's own, checks its every page, and that it knows no records beyond `end`. */
static int open_backup(struct cdn_db *db,
                       const char *folder,
                       const struct cdn_db_kind *kind,
                       uint64_t end,
                       struct cordon_error *e) {
    char path[CDN_MAX_PATH_BYTES + 1];
    uint64_t applied = 0;
    const struct cdn_db_place place = {path, kind->name, NULL, kind->schema, CDN_DB_WRITE, 5000};
    int err = cdn_store_path(folder, kind->file, path, e);
    if (!err && access(path, R_OK) != 0)
        err = io_failed(e, "read", path);
    err = err ? err : cdn_db_open(db, &place, e);
    if (err)
        return err;
    struct cdn_q q = cdn_q(db, "PRAGMA quick_check(1)");
    const bool sound = cdn_q_next(&q) && cdn_str_eq(cdn_q_text(&q, 0), CDN_STR("ok"));
    err = cdn_q_end(&q, e);
    if (!err && !sound)
        err = cdn_fail(e, CORDON_E_FORMAT, "the backup %s is damaged", path);
    err = err ? err : cdn_db_applied(db, &applied, e);
    if (!err && applied > end)
        err = cdn_fail(e,
                       CORDON_E_RANGE,
                       "the backup %s knows %llu records; the journal has %llu",
                       path,
                       (unsigned long long)applied,
                       (unsigned long long)end);
    if (err)
        cdn_db_close(db);
    return err;
}

int cdn_store_restore(struct cdn_store *s, const char *folder, uint64_t end, struct cordon_error *e) {
    struct cdn_db state;
    struct cdn_db index;
    int err = open_backup(&state, folder, &cdn_db_state, end, e);
    if (err)
        return err;
    err = open_backup(&index, folder, &cdn_db_index, end, e);
    if (!err) {
        err = copy(&s->state, &state, e);
        err = err ? err : copy(&s->index, &index, e);
        const int count = cdn_store_load_counts(s, err ? NULL : e);
        err = err ? err : count;
        cdn_db_close(&index);
    }
    cdn_db_close(&state);
    return err;
}
