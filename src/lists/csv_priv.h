/* SPDX-License-Identifier: Apache-2.0 */
/* csv_priv.h: records of a CSV file one by one, and columns by the name in the header. */
#ifndef CDN_LISTS_CSV_PRIV_H
#define CDN_LISTS_CSV_PRIV_H

#include "lists/priv.h"

struct cdn_csv {
    struct cdn_rd *r;
    struct cdn_list_source *s;
    char separator;
    size_t n; /* fields of the record at hand */
    uint64_t records;
    /* private */
    cordon_str chunk;
    uint64_t byte;
    uint32_t line;
    bool begun, ended, clean_end;
    struct cdn_buf text;
    uint32_t at[CDN_MAX_LIST_COLUMNS + 1];  /* where each field begins in `text`; one more: the end */
    int16_t column[CDN_MAX_LIST_COLUMNS];   /* by number of the caller; -1: not in this file */
    uint16_t unknown[CDN_MAX_LIST_COLUMNS]; /* columns that the caller does not know */
    cordon_str unknown_name[CDN_MAX_LIST_COLUMNS];
    size_t unknown_count, width, known;
};

/* On r->kept; freed with cdn_csv_end. NULL after a failure. */
struct cdn_csv *cdn_csv_begin(struct cdn_rd *r, struct cdn_list_source *s, char separator);
void cdn_csv_end(struct cdn_csv *csv); /* accepts NULL; puts the way the file ended into r->info */
/* The next record; false at the end or after a failure (r->err). Empty lines are left out. r->line and
 * r->byte are then those of the record. */
bool cdn_csv_next(struct cdn_csv *csv);
cordon_str cdn_csv_field(const struct cdn_csv *csv, size_t i); /* empty when there is none */
/* Takes the record at hand as header. Columns are found by name, ASCII case-free. Columns that are in the
 * file and not in `names` are reported when they have a value; records must have as many fields as the
 * header. */
void cdn_csv_header(struct cdn_csv *csv, const char *const *names, size_t count);
/* As cdn_csv_next, for files with a header. */
bool cdn_csv_row(struct cdn_csv *csv);
cordon_str cdn_csv_col(const struct cdn_csv *csv,
                       size_t name); /* trimmed; empty when the file has no such column */

#endif
