/* SPDX-License-Identifier: Apache-2.0 */
/* house_csv.c: in-house lists as plain CSV, for those who keep one in a spreadsheet.
 *
 *     id,type,name,aliases,weak_aliases,former_names,birth_dates,birth_places,nationalities,gender,addresses,
 *     identifiers,programmes,measures,listed,until,remarks
 *
 * Any of the columns but `id`, `type` and `name` may be absent, in any order after the first two. Several
 * values of one cell are separated by `|`. An identifier is `kind:country:number` (wallets:
 * `wallet:XBT:address`), a place ends in its country after the last comma. Words are those of the canonical
 * form; a wrong one is an error. */
#include "lists/csv_priv.h"

enum {
    ID,
    TYPE,
    NAME,
    ALIASES,
    WEAK,
    FORMER,
    BIRTHS,
    BIRTH_PLACES,
    NATIONALITIES,
    GENDER,
    ADDRESSES,
    IDENTIFIERS,
    PROGRAMMES,
    MEASURES,
    LISTED,
    UNTIL,
    REMARKS,
    COLUMNS
};
static const char *const names[COLUMNS] = {"id",
                                           "type",
                                           "name",
                                           "aliases",
                                           "weak_aliases",
                                           "former_names",
                                           "birth_dates",
                                           "birth_places",
                                           "nationalities",
                                           "gender",
                                           "addresses",
                                           "identifiers",
                                           "programmes",
                                           "measures",
                                           "listed",
                                           "until",
                                           "remarks"};

static const cordon_str none = {NULL, 0};

static cordon_str next(cordon_str *rest) {
    return cdn_str_trim(cdn_str_split(*rest, '|', rest));
}

/* Number of a word in its vocabulary; an error when it has none. */
static unsigned find(struct cdn_rd *r, cordon_str word, const char *what, const char *(*name_of)(unsigned)) {
    struct cdn_suggest suggest;
    cdn_suggest_init(&suggest, word);
    for (unsigned i = 0; name_of(i) != NULL; i++) {
        if (cdn_str_eq_nocase(word, cdn_str_z(name_of(i)))) {
            return i;
        }
        cdn_suggest_offer(&suggest, cdn_str_z(name_of(i)));
    }
    cdn_rd_fail(r, CORDON_E_NAME, "`%.*s` is no %s", CDN_FMT(word), what);
    if (cdn_suggest_found(&suggest)) {
        cdn_error_hint(r->e, "did you mean `%.*s`?", CDN_FMT(suggest.best));
    }
    return 0;
}

static struct cdn_place_in place_of(cordon_str text) {
    size_t comma = text.n;
    while (comma > 0 && text.p[comma - 1] != ',') {
        comma--;
    }
    const cordon_str last = cdn_str_trim(cdn_str_after(text, comma));
    if (!cdn_rd_is_country(last)) {
        return (struct cdn_place_in){.text = text};
    }
    return (struct cdn_place_in){.text = comma > 0 ? cdn_str(text.p, comma - 1) : none, .country = last};
}

static void identifier(struct cdn_rd *r, cordon_str text) {
    cordon_str rest = none;
    cordon_str value = none;
    const cordon_str kind = cdn_str_trim(cdn_str_split(text, ':', &rest));
    const cordon_str second = cdn_str_trim(cdn_str_split(rest, ':', &value));
    struct cdn_ident_in in = {
        .kind = (enum cdn_ident_kind)find(r, kind, "kind of identifier", cdn_ident_kind_name),
        .value = cdn_str_trim(value)};
    if (in.kind == CDN_IDENT_WALLET) {
        in.currency = second;
    } else {
        in.country = second;
    }
    if (in.value.n == 0) {
        cdn_rd_fail(r, CORDON_E_SYNTAX, "`%.*s` is not kind:country:number", CDN_FMT(text));
    } else {
        (void)cdn_rd_ident(r, &in);
    }
}

static void name_columns(struct cdn_rd *r, const struct cdn_csv *csv) {
    static const struct {
        uint8_t column;
        enum cdn_name_kind kind;
    } columns[] = {{NAME, CDN_NAME_PRIMARY},
                   {ALIASES, CDN_NAME_STRONG},
                   {WEAK, CDN_NAME_WEAK},
                   {FORMER, CDN_NAME_FORMER}};
    const bool person = r->entry->type == CDN_ENTRY_PERSON;
    for (size_t i = 0; i < CDN_ARRAY_LEN(columns); i++) {
        for (cordon_str rest = cdn_csv_col(csv, columns[i].column); rest.n > 0;) {
            (void)cdn_rd_name_comma(
                r, columns[i].kind, columns[i].kind == CDN_NAME_WEAK, person, next(&rest));
        }
    }
}

static void row(struct cdn_rd *r, const struct cdn_csv *csv) {
    cdn_rd_begin(r, cdn_csv_col(csv, ID));
    cdn_rd_type(r,
                (enum cdn_entry_type)find(r, cdn_csv_col(csv, TYPE), "type of entry", cdn_entry_type_name));
    name_columns(r, csv);
    for (cordon_str rest = cdn_csv_col(csv, BIRTHS); rest.n > 0;) {
        cdn_rd_birth(r, next(&rest), "birth_dates");
    }
    for (cordon_str rest = cdn_csv_col(csv, BIRTH_PLACES); rest.n > 0;) {
        const struct cdn_place_in in = place_of(next(&rest));
        cdn_rd_birth_place(r, &in);
    }
    for (cordon_str rest = cdn_csv_col(csv, NATIONALITIES); rest.n > 0;) {
        cdn_rd_nationality(r, CDN_NATION_NATIONALITY, next(&rest));
    }
    for (cordon_str rest = cdn_csv_col(csv, ADDRESSES); rest.n > 0;) {
        const struct cdn_place_in in = place_of(next(&rest));
        cdn_rd_address(r, &in);
    }
    for (cordon_str rest = cdn_csv_col(csv, IDENTIFIERS); rest.n > 0 && r->err == 0;) {
        identifier(r, next(&rest));
    }
    for (cordon_str rest = cdn_csv_col(csv, PROGRAMMES); rest.n > 0;) {
        cdn_rd_programme(r, next(&rest));
    }
    for (cordon_str rest = cdn_csv_col(csv, MEASURES); rest.n > 0;) {
        const unsigned kind = find(r, next(&rest), "measure", cdn_measure_kind_name);
        cdn_rd_measure(r, (enum cdn_measure_kind)kind, none);
    }
    for (cordon_str rest = cdn_csv_col(csv, REMARKS); rest.n > 0;) {
        cdn_rd_note(r, CDN_NOTE_REMARK, none, next(&rest));
    }
    cdn_rd_gender(r, cdn_csv_col(csv, GENDER));
    cdn_rd_date(r, &r->entry->listed, cdn_csv_col(csv, LISTED), "listed");
    cdn_rd_date(r, &r->entry->until, cdn_csv_col(csv, UNTIL), "until");
    cdn_rd_emit(r);
}

void cdn_read_house_csv(struct cdn_rd *r, struct cdn_list_source *s) {
    struct cdn_csv *const csv = cdn_csv_begin(r, s, ',');
    if (csv == NULL || !cdn_csv_next(csv)) {
        cdn_csv_end(csv);
        return;
    }
    cdn_csv_header(csv, names, COLUMNS);
    while (cdn_csv_row(csv)) {
        row(r, csv);
    }
    cdn_csv_end(csv);
}
