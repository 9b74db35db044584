/* SPDX-License-Identifier: Apache-2.0 */
/* out.c: the JSON that queries give: members, and whole rows by the aliases of their columns. Whoever writes
 * the query keeps the members sorted. */
#include "store/store_priv.h"

void cdn_out_name(struct cdn_buf *out, bool *first, const char *name) {
    if (!*first)
        cdn_buf_char(out, ',');
    *first = false;
    cdn_buf_char(out, '"');
    cdn_buf_z(out, name);
    cdn_buf_z(out, "\":");
}
void cdn_out_text(struct cdn_buf *out, bool *first, const char *name, cordon_str text) {
    cdn_out_name(out, first, name);
    if (text.n)
        cdn_buf_json(out, text);
    else
        cdn_buf_z(out, "null");
}
void cdn_out_instant(struct cdn_buf *out, bool *first, const char *name, int64_t at) {
    cdn_out_name(out, first, name);
    if (at == CDN_INSTANT_NONE)
        cdn_buf_z(out, "null");
    else
        cdn_record_instant(out, at);
}
void cdn_out_count(struct cdn_buf *out, bool *first, const char *name, uint64_t v) {
    cdn_out_name(out, first, name);
    if (v == CDN_COUNT_NONE)
        cdn_buf_z(out, "null");
    else
        cdn_buf_int(out, (int64_t)v);
}
void cdn_out_raw(struct cdn_buf *out, bool *first, const char *name, cordon_str json) {
    cdn_out_name(out, first, name);
    if (json.n)
        cdn_buf_str(out, json);
    else
        cdn_buf_z(out, "null");
}
void cdn_out_party(struct cdn_buf *out, bool *first, const char *name, cordon_str blob) {
    cdn_out_name(out, first, name);
    cdn_json_party(out, blob);
}
void cdn_out_flag(struct cdn_buf *out, bool *first, const char *name, bool v) {
    cdn_out_name(out, first, name);
    cdn_buf_z(out, v ? "true" : "false");
}

/* ---- rows
 * -------------------------------------------------------------------------------------------------------- */

static int out_column(const struct cdn_q *q,
                      int column,
                      cdn_out_more *more,
                      struct cdn_buf *out,
                      bool *first,
                      struct cordon_error *e) {
    const char *alias = cdn_q_alias(q, column);
    const char *blank = alias ? strchr(alias, ' ') : NULL;
    if (!alias)
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for the name of a column");
    if (!blank)
        return 0;
    const cordon_str kind = cdn_str(alias, (size_t)(blank - alias));
    const char *name = blank + 1;
    if (cdn_str_eq(kind, CDN_STR("text")))
        cdn_out_text(out, first, name, cdn_q_text(q, column));
    else if (cdn_str_eq(kind, CDN_STR("instant")))
        cdn_out_instant(out, first, name, cdn_q_get_instant(q, column));
    else if (cdn_str_eq(kind, CDN_STR("count")))
        cdn_out_count(out, first, name, cdn_q_get_count(q, column));
    else if (cdn_str_eq(kind, CDN_STR("party")))
        cdn_out_party(out, first, name, cdn_q_text(q, column));
    else if (cdn_str_eq(kind, CDN_STR("json")))
        cdn_out_raw(out, first, name, cdn_q_text(q, column));
    else if (cdn_str_eq(kind, CDN_STR("flag")))
        cdn_out_flag(out, first, name, cdn_q_get_int(q, column) != 0);
    else if (more)
        return more(q, column, name, out, first, e);
    return 0;
}

int cdn_out_row(const struct cdn_q *q, cdn_out_more *more, struct cdn_buf *out, struct cordon_error *e) {
    const int columns = cdn_q_columns(q);
    bool first = true;
    int err = 0;
    cdn_buf_char(out, '{');
    for (int i = 0; i < columns && !err; i++)
        err = out_column(q, i, more, out, &first, e);
    cdn_buf_char(out, '}');
    return err;
}

int cdn_out_rows(struct cdn_q *q, cdn_out_more *more, struct cdn_buf *out, struct cordon_error *e) {
    bool first = true;
    int err = 0;
    cdn_buf_char(out, '[');
    while (!err && cdn_q_next(q)) {
        if (!first)
            cdn_buf_char(out, ',');
        first = false;
        err = cdn_out_row(q, more, out, e);
    }
    cdn_buf_char(out, ']');
    const int end = cdn_q_end(q, err ? NULL : e);
    return err ? err : end;
}

int cdn_out_list(struct cdn_store *s,
                 struct cdn_reader *r,
                 struct cdn_q *q,
                 cdn_out_more *more,
                 struct cdn_buf *out,
                 struct cordon_error *e) {
    const int err = cdn_out_rows(q, more, out, e);
    cdn_store_give(s, r);
    return err ? err : out->err;
}

int cdn_out_one(struct cdn_store *s,
                struct cdn_reader *r,
                struct cdn_q *q,
                cdn_out_more *more,
                struct cdn_buf *out,
                struct cordon_error *e) {
    int err = cdn_q_next(q) ? cdn_out_row(q, more, out, e) : CORDON_E_NOTFOUND;
    const int end = cdn_q_end(q, e);
    cdn_store_give(s, r);
    if (end && (!err || err == CORDON_E_NOTFOUND))
        return end;
    return err ? err : out->err;
}

void cdn_q_page(struct cdn_q *q, struct cdn_store_page page) {
    cdn_q_int(q, page.after == CDN_COUNT_NONE ? -1 : (int64_t)page.after);
    cdn_q_int(q, page.limit ? CDN_MIN(page.limit, 1000u) : 100);
}
