/* SPDX-License-Identifier: Apache-2.0 */
/* db_priv.h: one connection to one SQLite database, and statements on it with a sticky error.
 *
 *     struct cdn_q q = cdn_q(db, "SELECT status FROM cases WHERE id = ?");
 *     cdn_q_count(&q, id);
 *     while (cdn_q_next(&q))
 *         status = cdn_q_text(&q, 0);      valid until the next call on q
 *     return cdn_q_end(&q, e);             0, or what went wrong anywhere since cdn_q()
 *
 * Statements are prepared once per connection and found again by the address of their text, which must be a
 * literal. */
#ifndef CDN_STORE_DB_PRIV_H
#define CDN_STORE_DB_PRIV_H

#include <sqlite3.h>

#include "store/record.h"

#define CDN_DB_STATEMENTS 512 /* power of two; more literals than that is a mistake */

struct cdn_db {
    sqlite3 *h;
    const char *name; /* "state", for messages */
    int log_pages;    /* pages in the log of the database that are not yet folded into it */
    struct {
        const char *sql;
        sqlite3_stmt *st;
    } statements[CDN_DB_STATEMENTS];
};
struct cdn_q {
    struct cdn_db *db;
    sqlite3_stmt *st;
    int at;  /* parameters bound so far */
    int err; /* SQLite's; SQLITE_OK so far */
    int system;
};

/* The two databases: their names, files and tables. */
struct cdn_db_kind {
    const char *name, *file, *schema;
};
extern const struct cdn_db_kind cdn_db_state, cdn_db_index;

enum { CDN_DB_READ = 0, CDN_DB_WRITE = 1 };
/* Opens (with WRITE: makes) a database and checks whose it is. `schema` is run in an empty one. */
struct cdn_db_place {
    const char *path, *name; /* name: "state" or "index" */
    const char *vfs;         /* NULL: SQLite's own */
    const char *schema;
    int mode;
    uint32_t busy_ms;
};
int cdn_db_open(struct cdn_db *db,
                const struct cdn_db_place *place,
                struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_db_close(struct cdn_db *db);
/* A value of the table `meta`, which both databases have; NULL there: CDN_INSTANT_NONE. */
int cdn_db_meta(struct cdn_db *db, const char *name, int64_t *ret, struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_db_set_meta(struct cdn_db *db, const char *name, int64_t v, struct cordon_error *e) CORDON_MUST_CHECK;
/* Records that it has taken in. */
int cdn_db_applied(struct cdn_db *db, uint64_t *ret, struct cordon_error *e) CORDON_MUST_CHECK;
/* Folds the log of a database that is written into it when it has grown to so many pages. Not within a
 * transaction. */
int cdn_db_fold(struct cdn_db *db, int pages, struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_db_run(struct cdn_db *db, const char *sql, struct cordon_error *e) CORDON_MUST_CHECK; /* not kept */
/* CORDON_E_… of a code of SQLite, with its text. */
int cdn_db_fail(struct cdn_db *db, int code, int system, struct cordon_error *e);

struct cdn_q cdn_q(struct cdn_db *db, const char *literal);
void cdn_q_count(struct cdn_q *q, uint64_t v); /* CDN_COUNT_NONE: NULL */
void cdn_q_int(struct cdn_q *q, int64_t v);
void cdn_q_instant(struct cdn_q *q, int64_t v); /* CDN_INSTANT_NONE: NULL */
/* Texts and blobs are borrowed until the statement has ended. */
void cdn_q_put(struct cdn_q *q, cordon_str text); /* empty: NULL */
void cdn_q_put_z(struct cdn_q *q, const char *z);
void cdn_q_put_always(struct cdn_q *q, cordon_str text);   /* empty: an empty text */
void cdn_q_party(struct cdn_q *q, cordon_str hex);         /* as 16 bytes; empty: NULL */
void cdn_q_blob(struct cdn_q *q, const void *p, size_t n); /* n == 0: NULL */
void cdn_q_decimal(struct cdn_q *q, struct cdn_decimal v);
bool cdn_q_next(struct cdn_q *q); /* a row is there */
int cdn_q_end(struct cdn_q *q, struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_q_do(struct cdn_q *q, struct cordon_error *e) CORDON_MUST_CHECK; /* runs it to its end */
int cdn_q_columns(const struct cdn_q *q);
const char *cdn_q_alias(const struct cdn_q *q, int column); /* until the query ends; NULL: no memory */
bool cdn_q_null(const struct cdn_q *q, int column);
int64_t cdn_q_get_int(const struct cdn_q *q, int column);
uint64_t cdn_q_get_count(const struct cdn_q *q, int column);  /* CDN_COUNT_NONE for NULL */
int64_t cdn_q_get_instant(const struct cdn_q *q, int column); /* CDN_INSTANT_NONE for NULL */
cordon_str cdn_q_text(const struct cdn_q *q, int column);     /* bytes of a blob likewise */

/* Hex of a blob in quotes, or null. */
void cdn_json_party(struct cdn_buf *out, cordon_str blob);

#endif
