/* SPDX-License-Identifier: Apache-2.0 */
/* csv.c: an array of flat JSON objects as CSV (RFC 4180), with the columns that are asked for.
 *
 * The JSON is the service's own: objects of texts, numbers, true, false and null, members in any order. What
 * is not that ends with CORDON_E_FORMAT. A cell that a spreadsheet would take for a formula gets an
 * apostrophe in front. */
#include "csv.h"

struct reader {
    const char *p, *end;
};

static bool take(struct reader *r, char c) {
    if (r->p >= r->end || *r->p != c)
        return false;
    r->p++;
    return true;
}

/* A text between quotes, with its escapes. */
static bool take_text(struct reader *r, cordon_str *ret) {
    if (!take(r, '"'))
        return false;
    const char *from = r->p;
    while (r->p < r->end && *r->p != '"')
        r->p += *r->p == '\\' && r->end - r->p > 1 ? 2 : 1;
    *ret = cdn_str(from, (size_t)(r->p - from));
    return take(r, '"');
}

static bool take_value(struct reader *r, cordon_str *ret, bool *ret_text) {
    *ret_text = r->p < r->end && *r->p == '"';
    if (*ret_text)
        return take_text(r, ret);
    const char *from = r->p;
    while (r->p < r->end && *r->p != ',' && *r->p != '}' && *r->p != '{' && *r->p != '[')
        r->p++;
    *ret = cdn_str(from, (size_t)(r->p - from));
    return r->p < r->end && r->p > from && (*r->p == ',' || *r->p == '}');
}

static unsigned hex4(const char *p) {
    unsigned v = 0;
    for (int i = 0; i < 4; i++)
        v = v * 16 + (unsigned)(p[i] <= '9' ? p[i] - '0' : (p[i] | 32) - 'a' + 10);
    return v;
}

static void put_plain(struct cdn_buf *out, char c) {
    cdn_buf_char(out, c);
    if (c == '"')
        cdn_buf_char(out, c);
}

static void put_cell(struct cdn_buf *out, cordon_str v, bool text) {
    if (!text) {
        cdn_buf_str(out, cdn_str_eq(v, CDN_STR("null")) ? CDN_STR("") : v);
        return;
    }
    cdn_buf_char(out, '"');
    if (v.n > 0 && strchr("=+-@\t", v.p[0]))
        cdn_buf_char(out, '\'');
    for (size_t i = 0; i < v.n; i++) {
        char utf8[4];
        if (v.p[i] != '\\' || i + 1 >= v.n) {
            put_plain(out, v.p[i]);
            continue;
        }
        const char c = v.p[++i];
        if (c == 'u' && v.n - i > 4) {
            cdn_buf_put(out, utf8, cdn_utf8_encode(hex4(v.p + i + 1), utf8));
            i += 4;
        } else {
            put_plain(out, c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c);
        }
    }
    cdn_buf_char(out, '"');
}

static bool take_object(struct reader *r, const char *const *columns, size_t count, struct cdn_buf *out) {
    cordon_str cells[CSV_COLUMNS] = {{0}};
    bool texts[CSV_COLUMNS] = {false};
    if (!take(r, '{'))
        return false;
    for (bool first = true; !take(r, '}'); first = false) {
        cordon_str name = {0};
        cordon_str value = {0};
        bool text = false;
        if ((!first && !take(r, ',')) || !take_text(r, &name) || !take(r, ':') ||
            !take_value(r, &value, &text))
            return false;
        for (size_t i = 0; i < count; i++) {
            if (cdn_str_eq(name, cdn_str_z(columns[i]))) {
                cells[i] = value;
                texts[i] = text;
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        cdn_buf_z(out, i ? "," : "");
        put_cell(out, cells[i], texts[i]);
    }
    cdn_buf_z(out, "\r\n");
    return true;
}

int csv_write(cordon_str json, const char *const *columns, size_t count, struct cdn_buf *out) {
    struct reader r = {json.p, json.p + json.n};
    if (count > CSV_COLUMNS || !take(&r, '['))
        return CORDON_E_FORMAT;
    for (size_t i = 0; i < count; i++) {
        cdn_buf_z(out, i ? "," : "");
        cdn_buf_z(out, columns[i]);
    }
    cdn_buf_z(out, "\r\n");
    for (bool first = true; !take(&r, ']'); first = false) {
        if ((!first && !take(&r, ',')) || !take_object(&r, columns, count, out))
            return CORDON_E_FORMAT;
    }
    return out->err;
}
