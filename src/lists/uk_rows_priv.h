/* SPDX-License-Identifier: Apache-2.0 */
/* uk_rows_priv.h: a CSV file of the UK by the numbers of its columns. */
#ifndef CDN_LISTS_UK_ROWS_PRIV_H
#define CDN_LISTS_UK_ROWS_PRIV_H

#include "lists/csv_priv.h"
#include "lists/uk_priv.h"

struct cdn_uk_rows {
    const char *date_label; /* how the line with the date begins */
    const char *no_id;      /* how the report calls a row without id */
    const char *const *names;
    uint8_t count; /* of columns that are known */
    /* columns that both files have; Name 1 to 5 and the six lines of an address follow one another */
    uint8_t id, name1, name6, name_type, strength, non_latin, script, language, line1, postal_code, country,
        regime;
    /* What only this file has: of the first row of an entry, and of every row. */
    void (*first)(struct cdn_rd *r, const struct cdn_csv *csv);
    void (*any)(struct cdn_rd *r, const struct cdn_csv *csv);
};
void cdn_uk_read_rows(struct cdn_rd *r, struct cdn_list_source *s, const struct cdn_uk_rows *rows);

#endif
