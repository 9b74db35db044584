/* SPDX-License-Identifier: Apache-2.0 */
/* uk_rows.c: what the two CSV files of the UK have in common: a line with the date, a header, then rows that
 * repeat an entry for each of its names and addresses. Rows are gathered by the column of ids; what is
 * repeated is added once. */
#include "lists/uk_rows_priv.h"

static void date_line(struct cdn_rd *r, struct cdn_csv *csv, const struct cdn_uk_rows *rows) {
    const cordon_str label = cdn_csv_field(csv, 0);
    const cordon_str wanted = cdn_str_z(rows->date_label);
    if (!cdn_str_starts_nocase(label, wanted)) {
        return; /* the header stands first */
    }
    /* in the field of the label ("Report Date: 29-Apr-2026"), or in the one after it */
    const cordon_str rest = cdn_str_trim(cdn_str_after(label, wanted.n));
    const cordon_str date = rest.n > 0 ? rest : cdn_csv_field(csv, 1);
    if (!cdn_dates_parse(date, &r->info.date)) {
        cdn_rd_report(r, CDN_REPORT_VALUE, wanted, date);
    }
    if (!cdn_csv_next(csv)) {
        cdn_rd_fail(r, CORDON_E_FORMAT, "the file ends before its header");
    }
}

static void shared_columns(struct cdn_rd *r, const struct cdn_csv *csv, const struct cdn_uk_rows *rows) {
    struct cdn_uk_name name = {.type = cdn_csv_col(csv, rows->name_type),
                               .strength = cdn_csv_col(csv, rows->strength)};
    struct cdn_uk_address address = {.postal_code = cdn_csv_col(csv, rows->postal_code),
                                     .country = cdn_csv_col(csv, rows->country)};
    for (unsigned i = 0; i < 6; i++) {
        name.names[i] = cdn_csv_col(csv, i == 5 ? rows->name6 : rows->name1 + i);
        address.lines[i] = cdn_csv_col(csv, rows->line1 + i);
    }
    cdn_uk_add_name(r, &name);
    const cordon_str language = cdn_csv_col(csv, rows->language);
    cdn_uk_non_latin(
        r, cdn_csv_col(csv, rows->non_latin), language.n > 0 ? language : cdn_csv_col(csv, rows->script));
    cdn_uk_add_address(r, &address);
    cdn_rd_programme(r, cdn_csv_col(csv, rows->regime));
}

void cdn_uk_read_rows(struct cdn_rd *r, struct cdn_list_source *s, const struct cdn_uk_rows *rows) {
    struct cdn_csv *const csv = cdn_csv_begin(r, s, ',');
    if (csv == NULL || !cdn_csv_next(csv)) {
        cdn_csv_end(csv);
        return;
    }
    date_line(r, csv, rows);
    cdn_csv_header(csv, rows->names, rows->count);
    while (cdn_csv_row(csv)) {
        const cordon_str id = cdn_csv_col(csv, rows->id);
        if (id.n == 0) {
            cdn_rd_report(r, CDN_REPORT_ORPHAN, cdn_str_z(rows->no_id), cdn_csv_col(csv, rows->name6));
            continue;
        }
        if (cdn_rd_select(r, id)) {
            rows->first(r, csv);
        }
        shared_columns(r, csv, rows);
        rows->any(r, csv);
    }
    cdn_csv_end(csv);
    cdn_rd_flush(r);
}
