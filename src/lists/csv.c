/* SPDX-License-Identifier: Apache-2.0 */
/* csv.c: RFC 4180 with another separator if need be, read strictly.
 *
 *  1. a field is quoted from its first byte or not at all; a quotation mark in an unquoted field, or anything
 * but a separator or line end after a closing one, is an error with its line: such a file was cut or glued;
 *  2. LF, CRLF, and a byte order mark at the beginning; 0x1A (OFAC's end mark) ends the file if nothing
 * follows;
 *  3. text must be UTF-8 without NUL; a record is limited to CDN_MAX_LIST_TEXT bytes, CDN_MAX_LIST_COLUMNS
 * fields;
 *  4. one record is in memory at a time. */
#include "lists/csv_priv.h"

struct cdn_csv *cdn_csv_begin(struct cdn_rd *r, struct cdn_list_source *s, char separator) {
    struct cdn_csv *const csv = r->err != 0 ? NULL : cdn_alloc_zero(r->alloc, 1, sizeof *csv);
    if (csv == NULL) {
        cdn_rd_fail(r, CORDON_E_NOMEM, "no memory to read CSV");
        return NULL;
    }
    csv->r = r;
    csv->s = s;
    csv->separator = separator;
    csv->line = 1;
    cdn_buf_init(&csv->text, r->alloc, CDN_MAX_LIST_TEXT);
    r->file = cdn_list_source_name(s);
    return csv;
}

void cdn_csv_end(struct cdn_csv *csv) {
    if (csv != NULL) {
        csv->r->info.clean_end = csv->ended && csv->clean_end;
        csv->r->info.rows += csv->records;
        cdn_buf_free(&csv->text);
        cdn_free(csv->r->alloc, csv, sizeof *csv);
    }
}

/* Next byte of the file, not taken yet; -1 at the end. */
static int look(struct cdn_csv *csv) {
    if (csv->chunk.n == 0 && !csv->ended) {
        const int err = cdn_list_source_next(csv->s, &csv->chunk, csv->r->e);
        if (err != 0) {
            cdn_rd_error(csv->r, err);
        }
        if (err == 0 && !csv->begun && cdn_str_starts(csv->chunk, CDN_STR("\xef\xbb\xbf"))) {
            csv->chunk = cdn_str_after(csv->chunk, 3);
            csv->byte = 3;
        }
        csv->begun = true;
        csv->ended = csv->chunk.n == 0;
    }
    return csv->chunk.n == 0 ? -1 : (unsigned char)csv->chunk.p[0];
}

static void take(struct cdn_csv *csv, size_t n) {
    csv->chunk = cdn_str(csv->chunk.p + n, csv->chunk.n - n);
    csv->byte += n;
}

static void syntax(struct cdn_csv *csv, const char *what) {
    csv->r->line = csv->line;
    csv->r->byte = csv->byte;
    cdn_rd_fail(csv->r, CORDON_E_FORMAT, "%s", what);
}

/* Up to the closing quotation mark, which is taken. */
static void quoted(struct cdn_csv *csv) {
    for (int c = look(csv); csv->r->err == 0; c = look(csv)) {
        if (c < 0) {
            syntax(csv, "the file ends within a quoted field");
            return;
        }
        size_t n = 0;
        while (n < csv->chunk.n && csv->chunk.p[n] != '"') {
            csv->line += csv->chunk.p[n] == '\n';
            n++;
        }
        cdn_buf_put(&csv->text, csv->chunk.p, n);
        take(csv, n);
        if (csv->text.err != 0) {
            return;
        }
        if (look(csv) == '"') {
            take(csv, 1);
            if (look(csv) != '"') {
                return;
            }
            cdn_buf_char(&csv->text, '"');
            take(csv, 1);
        }
    }
}

static void bare(struct cdn_csv *csv) {
    while (look(csv) >= 0 && csv->r->err == 0 && csv->text.err == 0) {
        size_t n = 0;
        while (n < csv->chunk.n && csv->chunk.p[n] != csv->separator && csv->chunk.p[n] != '\n' &&
               csv->chunk.p[n] != '"') {
            n++;
        }
        cdn_buf_put(&csv->text, csv->chunk.p, n);
        const bool stopped = n < csv->chunk.n;
        const char at = stopped ? csv->chunk.p[n] : '\0';
        take(csv, n);
        if (stopped) {
            if (at == '"') {
                syntax(csv, "a quotation mark within a field that does not begin with one");
            }
            return;
        }
    }
}

/* What stands after a field: true when a further one follows. */
static bool after_field(struct cdn_csv *csv, bool was_quoted) {
    int c = look(csv);
    if (was_quoted && c == '\r') {
        take(csv, 1);
        c = look(csv);
    }
    if (c == (unsigned char)csv->separator) {
        take(csv, 1);
        return true;
    }
    if (c == '\n') {
        take(csv, 1);
        csv->line++;
        csv->clean_end = true;
    } else if (c >= 0 && csv->r->err == 0 && csv->text.err == 0) {
        syntax(csv, "something follows the closing quotation mark of a field");
    }
    return false;
}

static bool end_mark(struct cdn_csv *csv) {
    if (look(csv) != 0x1a) {
        return false;
    }
    take(csv, 1);
    if (look(csv) >= 0) {
        syntax(csv, "something follows the end mark 0x1A");
    }
    csv->clean_end = true;
    return true;
}

static bool read_record(struct cdn_csv *csv) {
    cdn_buf_clear(&csv->text);
    csv->n = 0;
    csv->clean_end = false;
    csv->r->line = csv->line;
    csv->r->byte = csv->byte;
    for (bool more = true; more && csv->r->err == 0 && csv->text.err == 0;) {
        if (csv->n == CDN_MAX_LIST_COLUMNS) {
            cdn_rd_fail(csv->r, CORDON_E_LIMIT, "more than %d columns", CDN_MAX_LIST_COLUMNS);
            return false;
        }
        csv->at[csv->n++] = (uint32_t)csv->text.n;
        const bool is_quoted = look(csv) == '"';
        if (is_quoted) {
            take(csv, 1);
            quoted(csv);
        } else {
            bare(csv);
        }
        more = after_field(csv, is_quoted);
        if (!more && !is_quoted && csv->text.n > csv->at[csv->n - 1] &&
            csv->text.p[csv->text.n - 1] == '\r') {
            csv->text.n--;
        }
    }
    csv->at[csv->n] = (uint32_t)csv->text.n;
    if (csv->text.err == CORDON_E_LIMIT) {
        cdn_rd_fail(csv->r, CORDON_E_LIMIT, "a record of more than %zu bytes", (size_t)CDN_MAX_LIST_TEXT);
    } else if (csv->text.err != 0) {
        cdn_rd_fail(csv->r, CORDON_E_NOMEM, "no memory for a record");
    }
    return csv->r->err == 0;
}

bool cdn_csv_next(struct cdn_csv *csv) {
    while (csv != NULL && csv->r->err == 0 && look(csv) >= 0 && !end_mark(csv)) {
        if (!read_record(csv)) {
            return false;
        }
        if (csv->n == 1 && csv->text.n == 0) {
            continue;
        }
        if (csv->text.n > 0 && memchr(csv->text.p, 0, csv->text.n) != NULL) {
            cdn_rd_fail(csv->r, CORDON_E_FORMAT, "a NUL byte in a record");
        } else if (!cdn_utf8_valid(cdn_buf_get(&csv->text))) {
            cdn_rd_fail(csv->r, CORDON_E_FORMAT, "a record that is not UTF-8");
        }
        csv->records++;
        return csv->r->err == 0;
    }
    return false;
}

cordon_str cdn_csv_field(const struct cdn_csv *csv, size_t i) {
    /* Of a record with nothing but separators there may be no text at all. */
    return i >= csv->n || csv->text.n == 0 ? (cordon_str){NULL, 0}
                                           : cdn_str(csv->text.p + csv->at[i], csv->at[i + 1] - csv->at[i]);
}

/* ---- columns by name -------------------------------------------------------------------------------------
 */

static bool known_column(struct cdn_csv *csv, const char *const *names, size_t count, size_t i) {
    const cordon_str name = cdn_str_trim(cdn_csv_field(csv, i));
    for (size_t k = 0; k < count; k++) {
        if (csv->column[k] < 0 && cdn_str_eq_nocase(name, cdn_str_z(names[k]))) {
            csv->column[k] = (int16_t)i;
            return true;
        }
    }
    return false;
}

void cdn_csv_header(struct cdn_csv *csv, const char *const *names, size_t count) {
    struct cdn_rd *const r = csv->r;
    if (r->err != 0 || cdn_broken(count > CDN_MAX_LIST_COLUMNS)) {
        return;
    }
    for (size_t k = 0; k < count; k++) {
        csv->column[k] = -1;
    }
    csv->width = csv->n;
    csv->known = count;
    csv->records = 0;
    for (size_t i = 0; i < csv->n && r->err == 0; i++) {
        if (!known_column(csv, names, count, i)) {
            csv->unknown[csv->unknown_count] = (uint16_t)i;
            if (cdn_arena_str(&r->kept,
                              cdn_str_trim(cdn_csv_field(csv, i)),
                              &csv->unknown_name[csv->unknown_count]) != 0) {
                cdn_rd_fail(r, CORDON_E_NOMEM, "no memory for a header");
            }
            csv->unknown_count++;
        }
    }
}

bool cdn_csv_row(struct cdn_csv *csv) {
    if (!cdn_csv_next(csv)) {
        return false;
    }
    if (csv->n != csv->width) {
        cdn_rd_fail(
            csv->r, CORDON_E_FORMAT, "a record of %zu fields under a header of %zu", csv->n, csv->width);
        return false;
    }
    for (size_t i = 0; i < csv->unknown_count; i++) {
        const cordon_str value = cdn_str_trim(cdn_csv_field(csv, csv->unknown[i]));
        if (value.n > 0) {
            cdn_rd_report(csv->r, CDN_REPORT_FIELD, csv->unknown_name[i], value);
        }
    }
    return csv->r->err == 0;
}

cordon_str cdn_csv_col(const struct cdn_csv *csv, size_t name) {
    return name >= csv->known || csv->column[name] < 0
               ? (cordon_str){NULL, 0}
               : cdn_str_trim(cdn_csv_field(csv, (size_t)csv->column[name]));
}
