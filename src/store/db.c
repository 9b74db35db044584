/* SPDX-License-Identifier: Apache-2.0 */
/* db.c: see db_priv.h. */
#include "store/db_priv.h"

#include <errno.h>

#include "store/record_priv.h"
#include "store/store.h"

/* "CRDN" for the state and "CRDI" for the index: SQLite's application_id, so that neither opens as the other.
 */
static int application_of(const char *name) {
    return name[0] == 's' ? 0x4352444e : 0x43524449;
}

int cdn_db_fail(struct cdn_db *db, int code, int system, struct cordon_error *e) {
    int ret = CORDON_E_IO;
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        ret = CORDON_E_NOMEM;
        break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        ret = CORDON_E_FORMAT;
        break;
    case SQLITE_FULL:
        system = ENOSPC;
        break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        system = EBUSY;
        break;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISUSE:
    case SQLITE_ERROR:
    case SQLITE_MISMATCH:
        ret = CORDON_E_INTERNAL;
        break;
    default:
        break;
    }
    const char *text = db->h ? sqlite3_errmsg(db->h) : "";
    (void)cdn_fail(e, ret, "the %s database: %s (%s)", db->name, sqlite3_errstr(code), text);
    if (e)
        e->system = ret == CORDON_E_IO ? system : 0;
    if (ret == CORDON_E_FORMAT)
        cdn_error_hint(e, "delete it while the service is stopped; it is made again from the journal");
    else if (code == SQLITE_FULL)
        cdn_error_hint(e, "make room on the disk; it goes on by itself");
    return ret;
}

int cdn_db_run(struct cdn_db *db, const char *sql, struct cordon_error *e) {
    const int code = sqlite3_exec(db->h, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : cdn_db_fail(db, code, sqlite3_system_errno(db->h), e);
}

static int pragma_int(struct cdn_db *db, const char *sql, int64_t *ret, struct cordon_error *e) {
    sqlite3_stmt *st = NULL;
    int code = sqlite3_prepare_v2(db->h, sql, -1, &st, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(st);
        if (code == SQLITE_ROW)
            *ret = sqlite3_column_int64(st, 0);
    }
    const int system = sqlite3_system_errno(db->h);
    const int err = code == SQLITE_ROW ? 0 : cdn_db_fail(db, code, system, e);
    (void)sqlite3_finalize(st);
    return err;
}

/* An empty database gets its tables; any other must be ours and of this version. */
static int check_schema(struct cdn_db *db, const char *schema, struct cordon_error *e) {
    int64_t application = 0;
    int64_t version = 0;
    int64_t tables = 0;
    int err = pragma_int(db, "PRAGMA application_id", &application, e);
    err = err ? err : pragma_int(db, "PRAGMA user_version", &version, e);
    err = err ? err : pragma_int(db, "SELECT count(*) FROM sqlite_schema", &tables, e);
    if (err)
        return err;
    if (application == application_of(db->name) && version == CDN_STORE_SCHEMA)
        return 0;
    if (application || version || tables) {
        (void)cdn_fail(e,
                       CORDON_E_VERSION,
                       "the %s database has version %lld of another program or build",
                       db->name,
                       (long long)version);
        cdn_error_hint(e, "delete it while the service is stopped; it is made again from the journal");
        return CORDON_E_VERSION;
    }
    char pragmas[96];
    struct cdn_buf b;
    cdn_buf_fixed(&b, pragmas, sizeof(pragmas));
    cdn_buf_printf(&b,
                   "PRAGMA application_id = %d; PRAGMA user_version = %d;%c",
                   application_of(db->name),
                   CDN_STORE_SCHEMA,
                   0);
    err = cdn_db_run(db, "BEGIN IMMEDIATE", e);
    if (err)
        return err;
    err = cdn_db_run(db, schema, e);
    err = err ? err : cdn_db_run(db, pragmas, e);
    err = err ? err : cdn_db_run(db, "COMMIT", e);
    if (err)
        (void)sqlite3_exec(db->h, "ROLLBACK", NULL, NULL, NULL);
    return err;
}

/* How long the log has become: instead of folding it within the commit, for whose end somebody may wait. */
static int note_log(void *ctx, sqlite3 *h, const char *which, int pages) {
    struct cdn_db *db = ctx;
    (void)h;
    (void)which;
    db->log_pages = pages;
    return SQLITE_OK;
}

int cdn_db_fold(struct cdn_db *db, int pages, struct cordon_error *e) {
    if (db->log_pages < pages)
        return 0;
    db->log_pages = 0; /* what a query still reads is folded when the log has grown again */
    const int code = sqlite3_wal_checkpoint_v2(db->h, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    return code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY
               ? 0
               : cdn_db_fail(db, code, sqlite3_system_errno(db->h), e);
}

int cdn_db_open(struct cdn_db *db, const struct cdn_db_place *place, struct cordon_error *e) {
    const int flags =
        (place->mode == CDN_DB_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE) |
        SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE;
    memset(db, 0, sizeof(*db));
    db->name = place->name;
    const int code = sqlite3_open_v2(place->path, &db->h, flags, place->vfs);
    if (code != SQLITE_OK) {
        const int err = cdn_db_fail(db, code, db->h ? sqlite3_system_errno(db->h) : 0, e);
        cdn_db_close(db);
        return err;
    }
    (void)sqlite3_busy_timeout(db->h, (int)CDN_MIN(place->busy_ms, 60000u));
    (void)sqlite3_db_config(db->h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(db->h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    /* The journal is what is durable: NORMAL loses the last transactions with the power, never the database,
     * and what is lost is applied again. */
    int err =
        cdn_db_run(db,
                   place->mode == CDN_DB_WRITE ? "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                                                 "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -24576"
                                               : "PRAGMA query_only = 1; PRAGMA temp_store = MEMORY;"
                                                 "PRAGMA cache_size = -2048",
                   e);
    if (!err && place->mode == CDN_DB_WRITE)
        err = check_schema(db, place->schema, e);
    if (err)
        cdn_db_close(db);
    else if (place->mode == CDN_DB_WRITE)
        (void)sqlite3_wal_hook(db->h, note_log, db);
    return err;
}

void cdn_db_close(struct cdn_db *db) {
    for (unsigned i = 0; i < CDN_DB_STATEMENTS; i++)
        (void)sqlite3_finalize(db->statements[i].st);
    if (db->h)
        (void)sqlite3_close(db->h);
    memset(db->statements, 0, sizeof(db->statements));
    db->h = NULL;
}

/* ---- statements
 * ---------------------------------------------------------------------------------------------- */

struct cdn_q cdn_q(struct cdn_db *db, const char *literal) {
    struct cdn_q q = {.db = db};
    size_t i = ((uintptr_t)literal * UINT64_C(0x9E3779B97F4A7C15)) >> 32;
    for (unsigned tried = 0; tried < CDN_DB_STATEMENTS; tried++, i++) {
        i &= CDN_DB_STATEMENTS - 1;
        if (db->statements[i].sql == literal) {
            q.st = db->statements[i].st;
            return q;
        }
        if (!db->statements[i].sql) {
            q.err = sqlite3_prepare_v3(db->h, literal, -1, SQLITE_PREPARE_PERSISTENT, &q.st, NULL);
            if (q.err == SQLITE_OK) {
                db->statements[i].sql = literal;
                db->statements[i].st = q.st;
            } else {
                q.system = sqlite3_system_errno(db->h);
            }
            return q;
        }
    }
    q.err = SQLITE_MISUSE;
    return q;
}

static void note(struct cdn_q *q, int code) {
    if (q->err == SQLITE_OK && code != SQLITE_OK) {
        q->err = code;
        q->system = sqlite3_system_errno(q->db->h);
    }
}
/* The next parameter; 0 after an error. */
static int next_parameter(struct cdn_q *q) {
    return q->err == SQLITE_OK ? ++q->at : 0;
}

void cdn_q_int(struct cdn_q *q, int64_t v) {
    const int i = next_parameter(q);
    if (i)
        note(q, sqlite3_bind_int64(q->st, i, v));
}
static void put_null(struct cdn_q *q) {
    const int i = next_parameter(q);
    if (i)
        note(q, sqlite3_bind_null(q->st, i));
}
void cdn_q_count(struct cdn_q *q, uint64_t v) {
    if (v == CDN_COUNT_NONE)
        put_null(q);
    else
        cdn_q_int(q, (int64_t)v);
}
void cdn_q_instant(struct cdn_q *q, int64_t v) {
    if (v == CDN_INSTANT_NONE)
        put_null(q);
    else
        cdn_q_int(q, v);
}
void cdn_q_put_always(struct cdn_q *q, cordon_str text) {
    const int i = next_parameter(q);
    if (i)
        note(q, sqlite3_bind_text64(q->st, i, text.n ? text.p : "", text.n, SQLITE_STATIC, SQLITE_UTF8));
}
void cdn_q_put(struct cdn_q *q, cordon_str text) {
    if (text.n)
        cdn_q_put_always(q, text);
    else
        put_null(q);
}
void cdn_q_put_z(struct cdn_q *q, const char *z) {
    cdn_q_put_always(q, cdn_str_z(z));
}
void cdn_q_blob(struct cdn_q *q, const void *p, size_t n) {
    if (!n) {
        put_null(q);
        return;
    }
    const int i = next_parameter(q);
    if (i)
        note(q, sqlite3_bind_blob64(q->st, i, p, n, SQLITE_STATIC));
}
void cdn_q_party(struct cdn_q *q, cordon_str hex) {
    uint8_t bytes[CDN_FINGERPRINT_TEXT / 2];
    if (!cdn_record_is_hex(hex, CDN_FINGERPRINT_TEXT)) {
        put_null(q);
        return;
    }
    cdn_fingerprint_bytes(hex, bytes);
    const int i = next_parameter(q);
    if (i)
        note(q, sqlite3_bind_blob64(q->st, i, bytes, sizeof(bytes), SQLITE_TRANSIENT));
}
void cdn_q_decimal(struct cdn_q *q, struct cdn_decimal v) {
    char text[48];
    struct cdn_buf b;
    cdn_buf_fixed(&b, text, sizeof(text));
    cdn_decimal_write(&b, v);
    const int i = next_parameter(q);
    if (i)
        note(q, sqlite3_bind_text64(q->st, i, b.p, b.n, SQLITE_TRANSIENT, SQLITE_UTF8));
}

bool cdn_q_next(struct cdn_q *q) {
    if (q->err != SQLITE_OK)
        return false;
    const int code = sqlite3_step(q->st);
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        note(q, code);
    return false;
}

int cdn_q_end(struct cdn_q *q, struct cordon_error *e) {
    int err = 0;
    if (q->err != SQLITE_OK)
        err = cdn_db_fail(q->db, q->err, q->system, e);
    if (q->st) {
        (void)sqlite3_reset(q->st);
        (void)sqlite3_clear_bindings(q->st);
    }
    return err;
}

int cdn_q_do(struct cdn_q *q, struct cordon_error *e) {
    while (cdn_q_next(q)) {
    }
    return cdn_q_end(q, e);
}

int cdn_q_columns(const struct cdn_q *q) {
    return sqlite3_column_count(q->st);
}
const char *cdn_q_alias(const struct cdn_q *q, int column) {
    return sqlite3_column_name(q->st, column);
}
bool cdn_q_null(const struct cdn_q *q, int column) {
    return sqlite3_column_type(q->st, column) == SQLITE_NULL;
}
int64_t cdn_q_get_int(const struct cdn_q *q, int column) {
    return sqlite3_column_int64(q->st, column);
}
uint64_t cdn_q_get_count(const struct cdn_q *q, int column) {
    return cdn_q_null(q, column) ? CDN_COUNT_NONE : (uint64_t)cdn_q_get_int(q, column);
}
int64_t cdn_q_get_instant(const struct cdn_q *q, int column) {
    return cdn_q_null(q, column) ? CDN_INSTANT_NONE : cdn_q_get_int(q, column);
}
cordon_str cdn_q_text(const struct cdn_q *q, int column) {
    const char *p = sqlite3_column_blob(q->st, column);
    const int n = sqlite3_column_bytes(q->st, column);
    return p && n > 0 ? cdn_str(p, (size_t)n) : (cordon_str){NULL, 0};
}

void cdn_json_party(struct cdn_buf *out, cordon_str blob) {
    if (!blob.n) {
        cdn_buf_z(out, "null");
        return;
    }
    cdn_buf_char(out, '"');
    cdn_buf_hex(out, (const uint8_t *)blob.p, blob.n);
    cdn_buf_char(out, '"');
}

int cdn_db_meta(struct cdn_db *db, const char *name, int64_t *ret, struct cordon_error *e) {
    struct cdn_q q = cdn_q(db, "SELECT value FROM meta WHERE name = ?");
    cdn_q_put_z(&q, name);
    if (cdn_q_next(&q))
        *ret = cdn_q_get_instant(&q, 0);
    return cdn_q_end(&q, e);
}
int cdn_db_set_meta(struct cdn_db *db, const char *name, int64_t v, struct cordon_error *e) {
    struct cdn_q q = cdn_q(db, "UPDATE meta SET value = ? WHERE name = ?");
    cdn_q_instant(&q, v);
    cdn_q_put_z(&q, name);
    return cdn_q_do(&q, e);
}
int cdn_db_applied(struct cdn_db *db, uint64_t *ret, struct cordon_error *e) {
    int64_t v = CDN_INSTANT_NONE;
    const int err = cdn_db_meta(db, "applied", &v, e);
    *ret = v == CDN_INSTANT_NONE ? CDN_COUNT_NONE : (uint64_t)v;
    return err;
}
