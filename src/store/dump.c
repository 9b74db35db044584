/* SPDX-License-Identifier: Apache-2.0 */
/* dump.c: the content of both databases as text, the same for the same records: one line per row,
 * "table|column|…", tables by name, rows by all their columns. The index: index_dump.c. */
#include "store/store_priv.h"

static void out_value(struct cdn_buf *out, const struct cdn_q *q, int column) {
    const cordon_str text = cdn_q_text(q, column);
    cdn_buf_char(out, '|');
    if (cdn_q_null(q, column))
        cdn_buf_z(out, "null");
    else if (sqlite3_column_type(q->st, column) == SQLITE_BLOB)
        cdn_buf_hex(out, (const uint8_t *)text.p, text.n);
    else if (sqlite3_column_type(q->st, column) == SQLITE_INTEGER)
        cdn_buf_int(out, cdn_q_get_int(q, column));
    else
        cdn_buf_json(out, text);
}

static int dump_rows(
    struct cdn_db *db, cordon_str table, const char *sql, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_q q = {.db = db};
    q.err = sqlite3_prepare_v2(db->h, sql, -1, &q.st, NULL);
    while (cdn_q_next(&q)) {
        cdn_buf_str(out, table);
        for (int i = 0; i < sqlite3_column_count(q.st); i++)
            out_value(out, &q, i);
        cdn_buf_char(out, '\n');
    }
    const int err = cdn_q_end(&q, e);
    (void)sqlite3_finalize(q.st);
    return err ? err : out->err;
}

/* SELECT * FROM table ORDER BY 1, 2, …, as many as it has columns. */
static int dump_table(
    struct cdn_db *db, cordon_str table, int64_t columns, struct cdn_buf *out, struct cordon_error *e) {
    char sql[256];
    struct cdn_buf b;
    cdn_buf_fixed(&b, sql, sizeof(sql));
    cdn_buf_z(&b, "SELECT * FROM ");
    cdn_buf_str(&b, table);
    cdn_buf_z(&b, " ORDER BY 1");
    for (int64_t i = 2; i <= columns; i++) {
        cdn_buf_char(&b, ',');
        cdn_buf_int(&b, i);
    }
    cdn_buf_char(&b, 0);
    return b.err ? cdn_fail(e, CORDON_E_INTERNAL, "a table with too many columns")
                 : dump_rows(db, table, sql, out, e);
}

static int dump_state(struct cdn_db *db, struct cdn_buf *out, struct cordon_error *e) {
    struct cdn_q q = cdn_q(db,
                           "SELECT name, (SELECT count(*) FROM pragma_table_info(name)) FROM sqlite_schema "
                           "WHERE type = 'table' AND name "
                           "NOT LIKE 'sqlite_%' ORDER BY name");
    int err = 0;
    while (!err && cdn_q_next(&q))
        err = dump_table(db, cdn_q_text(&q, 0), cdn_q_get_int(&q, 1), out, e);
    const int end = cdn_q_end(&q, e);
    return err ? err : end;
}

int cdn_store_dump(struct cdn_store *s, struct cdn_buf *out, struct cordon_error *e) {
    const int written = cdn_store_state_write(s, e);
    if (written)
        return written;
    struct cdn_reader *r = cdn_store_take(s);
    int err = dump_state(&r->state, out, e);
    err = err ? err : cdn_store_index_dump(s, r, out, e);
    cdn_store_give(s, r);
    return err;
}
