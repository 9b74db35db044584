/* SPDX-License-Identifier: Apache-2.0 */
/* uk_csv.c: the UK Sanctions List as CSV: a line with the date, a header of 58 columns, then the cross
 * product of the names, addresses, dates … of each designation. Rows are gathered by Unique ID; what is
 * repeated is added once. */
#include "lists/uk_rows_priv.h"

enum {
    UPDATED,
    ID,
    OFSI,
    UN,
    NAME6,
    NAME1,
    NAME2,
    NAME3,
    NAME4,
    NAME5,
    NAME_TYPE,
    STRENGTH,
    TITLE,
    NON_LATIN,
    SCRIPT,
    LANGUAGE,
    REGIME,
    KIND,
    SOURCE,
    IMPOSED,
    OTHER,
    REASONS,
    LINE1,
    LINE2,
    LINE3,
    LINE4,
    LINE5,
    LINE6,
    POSTAL,
    COUNTRY,
    DESIGNATED,
    DOB,
    NATIONAL,
    NATIONAL_NOTE,
    PASSPORT,
    PASSPORT_NOTE,
    TOWN,
    BIRTH_COUNTRY,
    /* labelled values from here on */
    NATIONALITIES,
    PHONE,
    WEBSITE,
    EMAIL,
    POSITION,
    GENDER,
    ENTITY_TYPE,
    SUBSIDIARIES,
    PARENT,
    NUMBERS,
    IMO,
    OWNERS,
    OLD_OWNERS,
    FLAG,
    OLD_FLAGS,
    SHIP_TYPE,
    TONNAGE,
    LENGTH,
    YEAR,
    HULL,
    COLUMNS
};

static const char *const names[COLUMNS] = {
    [UPDATED] = "Last Updated",
    [ID] = "Unique ID",
    [OFSI] = "OFSI Group ID",
    [UN] = "UN Reference Number",
    [NAME6] = "Name 6",
    [NAME1] = "Name 1",
    [NAME2] = "Name 2",
    [NAME3] = "Name 3",
    [NAME4] = "Name 4",
    [NAME5] = "Name 5",
    [NAME_TYPE] = "Name type",
    [STRENGTH] = "Alias strength",
    [TITLE] = "Title",
    [NON_LATIN] = "Name non-latin script",
    [SCRIPT] = "Non-latin script type",
    [LANGUAGE] = "Non-latin script language",
    [REGIME] = "Regime Name",
    [KIND] = "Designation Type",
    [SOURCE] = "Designation source",
    [IMPOSED] = "Sanctions Imposed",
    [OTHER] = "Other Information",
    [REASONS] = "UK Statement of Reasons",
    [LINE1] = "Address Line 1",
    [LINE2] = "Address Line 2",
    [LINE3] = "Address Line 3",
    [LINE4] = "Address Line 4",
    [LINE5] = "Address Line 5",
    [LINE6] = "Address Line 6",
    [POSTAL] = "Address Postal Code",
    [COUNTRY] = "Address Country",
    [DESIGNATED] = "Date Designated",
    [DOB] = "D.O.B",
    [NATIONAL] = "National Identifier number",
    [NATIONAL_NOTE] = "National Identifier additional information",
    [PASSPORT] = "Passport number",
    [PASSPORT_NOTE] = "Passport additional information",
    [TOWN] = "Town of birth",
    [BIRTH_COUNTRY] = "Country of birth",
    [NATIONALITIES] = "Nationality(/ies)",
    [PHONE] = "Phone number",
    [WEBSITE] = "Website",
    [EMAIL] = "Email address",
    [POSITION] = "Position",
    [GENDER] = "Gender",
    [ENTITY_TYPE] = "Type of entity",
    [SUBSIDIARIES] = "Subsidiaries",
    [PARENT] = "Parent company",
    [NUMBERS] = "Business registration number (s)",
    [IMO] = "IMO number",
    [OWNERS] = "Current owner/operator (s)",
    [OLD_OWNERS] = "Previous owner/operator (s)",
    [FLAG] = "Current believed flag of ship",
    [OLD_FLAGS] = "Previous flags",
    [SHIP_TYPE] = "Type of ship",
    [TONNAGE] = "Tonnage of ship",
    [LENGTH] = "Length of ship",
    [YEAR] = "Year Built",
    [HULL] = "Hull identification number (HIN)",
};

static const cordon_str none = {NULL, 0};

static void first_row(struct cdn_rd *r, const struct cdn_csv *csv) {
    cdn_uk_type(r, cdn_csv_col(csv, KIND));
    cdn_rd_date(r, &r->entry->listed, cdn_csv_col(csv, DESIGNATED), "Date Designated");
    cdn_rd_date(r, &r->entry->updated, cdn_csv_col(csv, UPDATED), "Last Updated");
    cdn_rd_reference(r, cdn_csv_col(csv, OFSI));
    cdn_rd_reference(r, cdn_csv_col(csv, UN));
    cdn_rd_note(r, CDN_NOTE_DETAIL, CDN_STR("designation source"), cdn_csv_col(csv, SOURCE));
    cdn_uk_measures(r, cdn_csv_col(csv, IMPOSED));
}

static void any_row(struct cdn_rd *r, const struct cdn_csv *csv) {
    cdn_rd_birth(r, cdn_csv_col(csv, DOB), "D.O.B");
    cdn_uk_number(r,
                  CDN_IDENT_PASSPORT,
                  CDN_STR("Passport"),
                  cdn_csv_col(csv, PASSPORT),
                  cdn_csv_col(csv, PASSPORT_NOTE));
    cdn_uk_number(r,
                  CDN_IDENT_NATIONAL,
                  CDN_STR("National identifier"),
                  cdn_csv_col(csv, NATIONAL),
                  cdn_csv_col(csv, NATIONAL_NOTE));
    const struct cdn_place_in born = {.city = cdn_csv_col(csv, TOWN),
                                      .country = cdn_csv_col(csv, BIRTH_COUNTRY)};
    cdn_rd_birth_place(r, &born);
    cdn_rd_note(r, CDN_NOTE_TITLE, none, cdn_csv_col(csv, TITLE));
    cdn_rd_note(r, CDN_NOTE_REMARK, none, cdn_csv_col(csv, OTHER));
    cdn_rd_note(r, CDN_NOTE_REASON, none, cdn_csv_col(csv, REASONS));
    for (size_t i = NATIONALITIES; i < COLUMNS; i++) {
        cdn_uk_item(
            r, i == NATIONALITIES ? CDN_STR("Nationality") : cdn_str_z(names[i]), cdn_csv_col(csv, i));
    }
}

static const struct cdn_uk_rows rows = {
    .date_label = "Report Date:",
    .no_id = "row without Unique ID",
    .names = names,
    .count = COLUMNS,
    .id = ID,
    .name1 = NAME1,
    .name6 = NAME6,
    .name_type = NAME_TYPE,
    .strength = STRENGTH,
    .non_latin = NON_LATIN,
    .script = SCRIPT,
    .language = LANGUAGE,
    .line1 = LINE1,
    .postal_code = POSTAL,
    .country = COUNTRY,
    .regime = REGIME,
    .first = first_row,
    .any = any_row,
};

void cdn_read_uk_csv(struct cdn_rd *r, struct cdn_list_source *s) {
    cdn_uk_read_rows(r, s, &rows);
}
