/* SPDX-License-Identifier: Apache-2.0 */
/* us_csl.c: the Consolidated Screening List of the US (trade.gov) as CSV: thirteen lists of three departments
 * in one file; the source column says which. Values are joined by "; ". Identifiers came as "number, type"
 * with the country first (2022) and as "type, number, country" (2023): the end that is a known type decides.
 * The quality of aliases is lost in this file; all count as strong. */
#include "lists/csv_priv.h"
#include "lists/ofac_priv.h"

enum {
    ID,
    SOURCE,
    NUMBER,
    TYPE,
    PROGRAMMES,
    NAME,
    TITLE,
    ADDRESSES,
    NOTICE,
    START,
    END,
    ORDER,
    REQUIREMENT,
    POLICY,
    CALL_SIGN,
    VESSEL_TYPE,
    GROSS,
    REGISTERED,
    FLAG,
    OWNER,
    REMARKS,
    LIST_URL,
    ALIASES,
    CITIZENSHIPS,
    BIRTHS,
    NATIONALITIES,
    BIRTH_PLACES,
    INFORMATION_URL,
    IDS,
    COLUMNS
};
static const char *const names[COLUMNS] = {
    [ID] = "_id",
    [SOURCE] = "source",
    [NUMBER] = "entity_number",
    [TYPE] = "type",
    [PROGRAMMES] = "programs",
    [NAME] = "name",
    [TITLE] = "title",
    [ADDRESSES] = "addresses",
    [NOTICE] = "federal_register_notice",
    [START] = "start_date",
    [END] = "end_date",
    [ORDER] = "standard_order",
    [REQUIREMENT] = "license_requirement",
    [POLICY] = "license_policy",
    [CALL_SIGN] = "call_sign",
    [VESSEL_TYPE] = "vessel_type",
    [GROSS] = "gross_tonnage",
    [REGISTERED] = "gross_registered_tonnage",
    [FLAG] = "vessel_flag",
    [OWNER] = "vessel_owner",
    [REMARKS] = "remarks",
    [LIST_URL] = "source_list_url",
    [ALIASES] = "alt_names",
    [CITIZENSHIPS] = "citizenships",
    [BIRTHS] = "dates_of_birth",
    [NATIONALITIES] = "nationalities",
    [BIRTH_PLACES] = "places_of_birth",
    [INFORMATION_URL] = "source_information_url",
    [IDS] = "ids",
};

static const cordon_str none = {NULL, 0};

struct source {
    const char *mark; /* in the source's name */
    const char *prefix;
    uint8_t measure;
};
static const struct source sources[] = {
    {"(SDN)", "SDN", CDN_LISTED_ASSET_FREEZE},
    {"(EL)", "EL", CDN_LISTED_EXPORT},
    {"(DTC)", "DTC", CDN_LISTED_EXPORT},
    {"(DPL)", "DPL", CDN_LISTED_EXPORT},
    {"(SSI)", "SSI", CDN_LISTED_SECTORAL},
    {"(UVL)", "UVL", CDN_LISTED_EXPORT},
    {"(ISN)", "ISN", CDN_LISTED_EXPORT},
    {"(PLC)", "PLC", CDN_LISTED_REJECT},
    {"(MEU)", "MEU", CDN_LISTED_EXPORT},
    {"(CMIC)", "CMIC", CDN_LISTED_INVESTMENT},
    {"(CAP)", "CAP", CDN_LISTED_CORRESPONDENT},
    {"(NS-MBS", "MBS", CDN_LISTED_OTHER},
    {"(FSE)", "FSE", CDN_LISTED_REJECT},
};

static const struct source *find_source(cordon_str text) {
    for (size_t i = 0; i < CDN_ARRAY_LEN(sources); i++) {
        if (cdn_str_find_nocase(text, cdn_str_z(sources[i].mark)) != SIZE_MAX) {
            return &sources[i];
        }
    }
    return NULL;
}

static cordon_str next(cordon_str *rest) {
    const size_t at = cdn_str_find_nocase(*rest, CDN_STR("; "));
    const cordon_str item = at == SIZE_MAX ? *rest : cdn_str(rest->p, at);
    *rest = at == SIZE_MAX ? none : cdn_str_after(*rest, at + 2);
    return cdn_str_trim(item);
}

/* The text after the last ", "; all of it when there is none. */
static cordon_str last_part(cordon_str s, cordon_str *ret_before) {
    size_t at = s.n;
    while (at > 1 && !(s.p[at - 2] == ',' && s.p[at - 1] == ' ')) {
        at--;
    }
    *ret_before = at > 1 ? cdn_str(s.p, at - 2) : none;
    return at > 1 ? cdn_str_after(s, at) : s;
}

static bool is_code(cordon_str s) {
    return s.n == 2 && s.p[0] >= 'A' && s.p[0] <= 'Z' && s.p[1] >= 'A' && s.p[1] <= 'Z';
}

static void one_id(struct cdn_rd *r, cordon_str text) {
    cordon_str before = none;
    cordon_str rest = none;
    struct cdn_ofac_item item = {.document = true};
    /* A type may hold a comma itself, so every cut is tried, the longest type first. */
    const cordon_str first = cdn_str_trim(cdn_str_split(text, ',', &rest));
    if (cdn_ofac_known(first)) {
        item.type = first;
        item.value = cdn_str_trim(rest);
        const cordon_str code = last_part(item.value, &before);
        if (is_code(code) && before.n > 0) {
            item.country = code;
            item.value = before;
        }
    } else {
        item.type = last_part(text, &before);
        item.value = before;
        const cordon_str code = cdn_str_trim(cdn_str_split(before, ',', &rest));
        if (is_code(code) && cdn_str_trim(rest).n > 0) {
            item.country = code;
            item.value = cdn_str_trim(rest);
        }
    }
    if (item.value.n == 0) {
        cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("ids"), text);
        cdn_rd_note(r, CDN_NOTE_REMARK, CDN_STR("id"), text);
        return;
    }
    cdn_ofac_item(r, &item);
}

static void one_address(struct cdn_rd *r, cordon_str text) {
    cordon_str before = none;
    const cordon_str code = last_part(text, &before);
    const struct cdn_place_in in = {.text = is_code(code) ? before : text,
                                    .country = is_code(code) ? code : none};
    cdn_rd_address(r, &in);
}

/* An alias that is wrapped in quotation marks is a weak one. */
static void alias(struct cdn_rd *r, bool person, cordon_str name) {
    const bool weak = name.n > 2 && name.p[0] == '"' && name.p[name.n - 1] == '"';
    const cordon_str bare = weak ? cdn_str(name.p + 1, name.n - 2) : name;
    (void)cdn_rd_name_comma(r, weak ? CDN_NAME_WEAK : CDN_NAME_STRONG, weak, person, bare);
}

static void lists_of_values(struct cdn_rd *r, const struct cdn_csv *csv) {
    const bool person = r->entry->type == CDN_ENTRY_PERSON;
    for (cordon_str rest = cdn_csv_col(csv, ALIASES); rest.n > 0;) {
        alias(r, person, next(&rest));
    }
    for (cordon_str rest = cdn_csv_col(csv, ADDRESSES); rest.n > 0;) {
        one_address(r, next(&rest));
    }
    for (cordon_str rest = cdn_csv_col(csv, PROGRAMMES); rest.n > 0;) {
        cdn_rd_programme(r, next(&rest));
    }
    for (cordon_str rest = cdn_csv_col(csv, CITIZENSHIPS); rest.n > 0;) {
        cdn_rd_nationality(r, CDN_NATION_CITIZENSHIP, next(&rest));
    }
    for (cordon_str rest = cdn_csv_col(csv, NATIONALITIES); rest.n > 0;) {
        cdn_rd_nationality(r, CDN_NATION_NATIONALITY, next(&rest));
    }
    for (cordon_str rest = cdn_csv_col(csv, BIRTHS); rest.n > 0;) {
        cdn_rd_birth(r, next(&rest), "dates_of_birth");
    }
    for (cordon_str rest = cdn_csv_col(csv, BIRTH_PLACES); rest.n > 0;) {
        const struct cdn_ofac_item item = {.type = CDN_STR("POB"), .value = next(&rest)};
        cdn_ofac_item(r, &item);
    }
    for (cordon_str rest = cdn_csv_col(csv, IDS); rest.n > 0;) {
        one_id(r, next(&rest));
    }
}

static void single_values(struct cdn_rd *r, const struct cdn_csv *csv) {
    static const struct {
        uint8_t column;
        const char *type;
    } items[] = {{CALL_SIGN, "Vessel Call Sign"},
                 {VESSEL_TYPE, "Vessel Type"},
                 {GROSS, "Vessel Tonnage"},
                 {REGISTERED, "Vessel Gross Registered Tonnage"},
                 {FLAG, "Vessel Flag"},
                 {OWNER, "Vessel Owner"},
                 {TITLE, "Title"}};
    for (size_t i = 0; i < CDN_ARRAY_LEN(items); i++) {
        const struct cdn_ofac_item item = {.type = cdn_str_z(items[i].type),
                                           .value = cdn_csv_col(csv, items[i].column)};
        if (item.value.n > 0) {
            cdn_ofac_item(r, &item);
        }
    }
    static const uint8_t notes[] = {NOTICE, ORDER, REQUIREMENT, POLICY};
    for (size_t i = 0; i < CDN_ARRAY_LEN(notes); i++) {
        cdn_rd_note(r, CDN_NOTE_DETAIL, cdn_str_z(names[notes[i]]), cdn_csv_col(csv, notes[i]));
    }
    cdn_rd_date(r, &r->entry->listed, cdn_csv_col(csv, START), "start_date");
    cdn_rd_date(r, &r->entry->until, cdn_csv_col(csv, END), "end_date");
    cdn_ofac_remarks(r, cdn_csv_col(csv, REMARKS));
}

static void one_row(struct cdn_rd *r, const struct cdn_csv *csv) {
    const cordon_str name = cdn_csv_col(csv, SOURCE);
    const struct source *const source = find_source(name);
    char storage[256];
    struct cdn_buf id;
    cdn_buf_fixed(&id, storage, sizeof storage);
    cdn_buf_z(&id, source == NULL ? "?" : source->prefix);
    cdn_buf_char(&id, ':');
    cdn_buf_str(&id, cdn_csv_col(csv, ID));
    if (source == NULL) {
        cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("source"), name);
    }
    if (cdn_csv_col(csv, ID).n == 0 || id.err != 0) {
        cdn_rd_fail(r, CORDON_E_FORMAT, "a row without _id, or with one that is too long");
        return;
    }
    cdn_rd_begin(r, cdn_buf_get(&id));
    const cordon_str type = cdn_csv_col(csv, TYPE);
    cdn_rd_type(r, type.n == 0 ? CDN_ENTRY_UNKNOWN : cdn_ofac_type(r, type));
    cdn_rd_set(r, &r->entry->sub_list, name);
    cdn_rd_reference(r, cdn_csv_col(csv, NUMBER));
    (void)cdn_rd_name_comma(
        r, CDN_NAME_PRIMARY, false, r->entry->type == CDN_ENTRY_PERSON, cdn_csv_col(csv, NAME));
    lists_of_values(r, csv);
    single_values(r, csv);
    cdn_rd_measure(r, source == NULL ? CDN_LISTED_OTHER : (enum cdn_measure_kind)source->measure, name);
    cdn_rd_emit(r);
}

void cdn_read_us_csl(struct cdn_rd *r, struct cdn_list_source *s) {
    struct cdn_csv *const csv = cdn_csv_begin(r, s, ',');
    if (csv == NULL || !cdn_csv_next(csv)) {
        cdn_csv_end(csv);
        return;
    }
    cdn_csv_header(csv, names, COLUMNS);
    while (cdn_csv_row(csv)) {
        /* One published file has its header twice. */
        if (!cdn_str_eq(cdn_csv_col(csv, ID), CDN_STR("_id"))) {
            one_row(r, csv);
        }
    }
    cdn_csv_end(csv);
}
