/* SPDX-License-Identifier: Apache-2.0 */
/* uk_conlist.c: OFSI's consolidated list of 2022 to January 2026 ("ConList"), 36 columns, one row per name.
 * It is read so that decisions of those years can be repeated; as a list for today it is stale (read.c says
 * so).
 *
 * "Other Information" is prose with keys: "(UK Sanctions List Ref):GHR0086. (Gender):Male". Cells may hold
 * several values as "(1) x (2) y". */
#include "lists/uk_rows_priv.h"

enum {
    NAME6,
    NAME1,
    NAME2,
    NAME3,
    NAME4,
    NAME5,
    TITLE,
    NON_LATIN,
    SCRIPT,
    LANGUAGE,
    DOB,
    TOWN,
    BIRTH_COUNTRY,
    NATIONALITY,
    PASSPORT,
    PASSPORT_NOTE,
    NATIONAL,
    NATIONAL_NOTE,
    POSITION,
    LINE1,
    LINE2,
    LINE3,
    LINE4,
    LINE5,
    LINE6,
    POSTAL,
    COUNTRY,
    OTHER,
    KIND,
    ALIAS_TYPE,
    QUALITY,
    REGIME,
    LISTED,
    DESIGNATED,
    UPDATED,
    ID,
    COLUMNS
};

static const char *const names[COLUMNS] = {
    [NAME6] = "Name 6",
    [NAME1] = "Name 1",
    [NAME2] = "Name 2",
    [NAME3] = "Name 3",
    [NAME4] = "Name 4",
    [NAME5] = "Name 5",
    [TITLE] = "Title",
    [NON_LATIN] = "Name Non-Latin Script",
    [SCRIPT] = "Non-Latin Script Type",
    [LANGUAGE] = "Non-Latin Script Language",
    [DOB] = "DOB",
    [TOWN] = "Town of Birth",
    [BIRTH_COUNTRY] = "Country of Birth",
    [NATIONALITY] = "Nationality",
    [PASSPORT] = "Passport Number",
    [PASSPORT_NOTE] = "Passport Details",
    [NATIONAL] = "National Identification Number",
    [NATIONAL_NOTE] = "National Identification Details",
    [POSITION] = "Position",
    [LINE1] = "Address 1",
    [LINE2] = "Address 2",
    [LINE3] = "Address 3",
    [LINE4] = "Address 4",
    [LINE5] = "Address 5",
    [LINE6] = "Address 6",
    [POSTAL] = "Post/Zip Code",
    [COUNTRY] = "Country",
    [OTHER] = "Other Information",
    [KIND] = "Group Type",
    [ALIAS_TYPE] = "Alias Type",
    [QUALITY] = "Alias Quality",
    [REGIME] = "Regime",
    [LISTED] = "Listed On",
    [DESIGNATED] = "UK Sanctions List Date Designated",
    [UPDATED] = "Last Updated",
    [ID] = "Group ID",
};

static const char *const keys[] = {"UK Sanctions List Ref",
                                   "UK Statement of Reasons",
                                   "UN Ref",
                                   "Gender",
                                   "Phone number",
                                   "Email address",
                                   "Type of entity",
                                   "Website",
                                   "Parent company",
                                   "Business Reg No",
                                   "Subsidiaries",
                                   "Year built",
                                   "Type of ship",
                                   "Tonnage of ship",
                                   "Length of ship",
                                   "IMO number",
                                   "Flag of ship",
                                   "Current owners",
                                   "Previous owners",
                                   "Previous flags",
                                   "Hull identification number (HIN)",
                                   "Fax",
                                   "Tel"};

static const cordon_str none = {NULL, 0};

/* Length of "(Key):" at the beginning, and the key; 0. */
static size_t key_mark(cordon_str s, cordon_str *ret_key) {
    for (size_t i = 0; i < CDN_ARRAY_LEN(keys); i++) {
        const cordon_str key = cdn_str_z(keys[i]);
        if (s.n > key.n + 2 && s.p[0] == '(' && s.p[key.n + 1] == ')' && s.p[key.n + 2] == ':' &&
            cdn_str_eq_nocase(cdn_str(s.p + 1, key.n), key)) {
            *ret_key = key;
            return key.n + 3;
        }
    }
    return 0;
}

static cordon_str without_stop(cordon_str s) {
    s = cdn_str_trim(s);
    return s.n > 0 && s.p[s.n - 1] == '.' ? cdn_str(s.p, s.n - 1) : s;
}

static void other_information(struct cdn_rd *r, cordon_str s) {
    cordon_str key = none;
    while (s.n > 0 && r->err == 0) {
        cordon_str next_key = none;
        size_t mark = 0;
        size_t i = 0;
        while (i < s.n && (s.p[i] != '(' || (mark = key_mark(cdn_str_after(s, i), &next_key)) == 0)) {
            i++;
        }
        const cordon_str value = without_stop(cdn_str(s.p, i));
        if (key.n > 0) {
            cdn_uk_item(r, key, value);
        } else {
            cdn_rd_note(r, CDN_NOTE_REMARK, none, value);
        }
        key = next_key;
        s = cdn_str_after(s, i + mark);
    }
}

/* The numbers and details of documents go together: the first with the first. */
static void documents(
    struct cdn_rd *r, enum cdn_ident_kind kind, cordon_str type, cordon_str numbers, cordon_str details) {
    while ((numbers.n > 0 || details.n > 0) && r->err == 0) {
        const cordon_str number = numbers.n > 0 ? cdn_uk_next(&numbers) : none;
        const cordon_str detail = details.n > 0 ? cdn_uk_next(&details) : none;
        cdn_uk_number(r, kind, type, number, detail);
    }
}

static void first_row(struct cdn_rd *r, const struct cdn_csv *csv) {
    cdn_uk_type(r, cdn_csv_col(csv, KIND));
    cdn_rd_date(r, &r->entry->listed, cdn_csv_col(csv, LISTED), "Listed On");
    if (!r->entry->listed.known) {
        cdn_rd_date(r, &r->entry->listed, cdn_csv_col(csv, DESIGNATED), "UK Sanctions List Date Designated");
    }
    cdn_rd_date(r, &r->entry->updated, cdn_csv_col(csv, UPDATED), "Last Updated");
    cdn_rd_measure(r, CDN_LISTED_ASSET_FREEZE, none); /* what OFSI's list is about */
}

static void any_row(struct cdn_rd *r, const struct cdn_csv *csv) {
    for (cordon_str rest = cdn_csv_col(csv, DOB); rest.n > 0;) {
        cdn_rd_birth(r, cdn_uk_next(&rest), "DOB");
    }
    cordon_str towns = cdn_csv_col(csv, TOWN);
    cordon_str countries = cdn_csv_col(csv, BIRTH_COUNTRY);
    while ((towns.n > 0 || countries.n > 0) && r->err == 0) {
        const struct cdn_place_in in = {.city = towns.n > 0 ? cdn_uk_next(&towns) : none,
                                        .country = countries.n > 0 ? cdn_uk_next(&countries) : none};
        cdn_rd_birth_place(r, &in);
    }
    cdn_uk_item(r, CDN_STR("Nationality"), cdn_csv_col(csv, NATIONALITY));
    documents(r,
              CDN_IDENT_PASSPORT,
              CDN_STR("Passport"),
              cdn_csv_col(csv, PASSPORT),
              cdn_csv_col(csv, PASSPORT_NOTE));
    documents(r,
              CDN_IDENT_NATIONAL,
              CDN_STR("National identification"),
              cdn_csv_col(csv, NATIONAL),
              cdn_csv_col(csv, NATIONAL_NOTE));
    cdn_uk_item(r, CDN_STR("Position"), cdn_csv_col(csv, POSITION));
    cdn_uk_item(r, CDN_STR("Title"), cdn_csv_col(csv, TITLE));
    other_information(r, cdn_csv_col(csv, OTHER));
}

static const struct cdn_uk_rows rows = {
    .date_label = "Last Updated",
    .no_id = "row without Group ID",
    .names = names,
    .count = COLUMNS,
    .id = ID,
    .name1 = NAME1,
    .name6 = NAME6,
    .name_type = ALIAS_TYPE,
    .strength = QUALITY,
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

void cdn_read_uk_conlist(struct cdn_rd *r, struct cdn_list_source *s) {
    cdn_uk_read_rows(r, s, &rows);
}
