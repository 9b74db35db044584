/* SPDX-License-Identifier: Apache-2.0 */
/* un.c: the consolidated list of the UN Security Council, in both renderings that circulate (with and without
 * NAME_ORIGINAL_SCRIPT in aliases; elements in any order).
 *
 * Empty placeholder elements are normal and add nothing. The four names are positions, not given and family
 * names. One ALIAS_NAME may hold several names ("A; B", "a) A b) B"). The file states no measures: the list
 * is one of asset freezes, and arms embargoes and travel bans besides by regime. */
#include "lists/table_priv.h"

enum {
    ROOT,
    PERSONS,
    PERSON,
    ENTITIES,
    ENTITY,
    /* The children of both kinds of entry have the same order here, so that one set of handlers reads both.
     */
    P_FIRST_CHILD,
    P_DATAID = P_FIRST_CHILD,
    P_VERSION,
    P_NAME1,
    P_NAME2,
    P_NAME3,
    P_NAME4,
    P_LIST_TYPE,
    P_REFERENCE,
    P_LISTED,
    P_GENDER,
    P_SUBMITTED,
    P_ORIGINAL,
    P_COMMENTS,
    P_HAS_INTERPOL,
    P_INTERPOL,
    P_NATIONALITY2,
    P_SORT1,
    P_SORT2,
    P_TITLE,
    P_TITLE_VALUE,
    P_DESIGNATION,
    P_DESIGNATION_VALUE,
    P_NATIONALITY,
    P_NATIONALITY_VALUE,
    P_LIST,
    P_UPDATED,
    P_UPDATED_VALUE,
    P_ALIAS,
    P_ALIAS_QUALITY,
    P_ALIAS_NAME,
    P_ALIAS_DATE,
    P_ALIAS_CITY,
    P_ALIAS_COUNTRY,
    P_ALIAS_NOTE,
    P_ALIAS_ORIGINAL,
    P_ADDRESS,
    P_ADDRESS_STREET,
    P_ADDRESS_CITY,
    P_ADDRESS_STATE,
    P_ADDRESS_ZIP,
    P_ADDRESS_COUNTRY,
    P_ADDRESS_NOTE,
    P_END,
    E_FIRST_CHILD = P_END,
    BIRTH = E_FIRST_CHILD + (P_END - P_FIRST_CHILD),
    BIRTH_TYPE,
    BIRTH_DATE,
    BIRTH_YEAR,
    BIRTH_FROM,
    BIRTH_TO,
    BIRTH_NOTE,
    PLACE,
    PLACE_STREET,
    PLACE_CITY,
    PLACE_STATE,
    PLACE_COUNTRY,
    PLACE_NOTE,
    DOC,
    DOC_TYPE,
    DOC_TYPE2,
    DOC_NUMBER,
    DOC_COUNTRY,
    DOC_ISSUED,
    DOC_CITY,
    DOC_COUNTRY2,
    DOC_EXPIRES,
    DOC_NOTE,
    NODES
};

static const cordon_str none = {NULL, 0};

/* Within an ENTITY the rows are those of an INDIVIDUAL, so much further on. */
static unsigned shift(const struct cdn_xml *x) {
    return x->node >= E_FIRST_CHILD && x->node < BIRTH ? P_END - P_FIRST_CHILD : 0;
}
static cordon_str value(const struct cdn_xml *x, unsigned row) {
    return cdn_xml_value(x, row + shift(x));
}

static void root_open(struct cdn_xml *x) {
    const cordon_str date = cdn_xml_attr(x, "dateGenerated");
    if (date.n > 0 && !cdn_dates_parse(date, &x->r->info.date)) {
        cdn_rd_report(x->r, CDN_REPORT_VALUE, CDN_STR("dateGenerated"), date);
    }
}

static void entry_open(struct cdn_xml *x) {
    cdn_rd_begin(x->r, none);
    cdn_rd_type(x->r, x->node == PERSON ? CDN_ENTRY_PERSON : CDN_ENTRY_COMPANY);
}

/* Length of "a) " and the like at the beginning; 0. */
static size_t letter_mark(cordon_str s) {
    return s.n > 3 && s.p[0] >= 'a' && s.p[0] <= 'z' && s.p[1] == ')' && s.p[2] == ' ' ? 3 : 0;
}

/* The next of several names in one text; advances. */
static cordon_str next_name(cordon_str *rest) {
    *rest = cdn_str_trim(*rest);
    *rest = cdn_str_after(*rest, letter_mark(*rest));
    for (size_t i = 0; i < rest->n; i++) {
        const bool mark = rest->p[i] == ' ' && letter_mark(cdn_str_after(*rest, i + 1)) > 0;
        if (rest->p[i] == ';' || mark) {
            const cordon_str name = cdn_str(rest->p, i);
            *rest = cdn_str_after(*rest, i + 1);
            return name;
        }
    }
    const cordon_str name = *rest;
    *rest = none;
    return name;
}

static void add_names(
    struct cdn_rd *r, enum cdn_name_kind kind, cordon_str text, uint32_t group, cordon_str note) {
    while (text.n > 0 && r->err == 0) {
        struct cdn_list_name *const name = cdn_rd_name(r, kind, kind == CDN_NAME_WEAK, next_name(&text));
        if (name != NULL) {
            name->group = group;
            cdn_rd_set(r, &name->note, note);
        }
    }
}

/* Names and the rest that stands directly in the entry. Primary names go to the front of the array. */
static void entry_close(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    const unsigned at = x->node == PERSON ? 0 : P_END - P_FIRST_CHILD;
    cdn_rd_set_id(r, cdn_xml_value(x, P_DATAID + at));
    const uint32_t before = r->entry->names.n;
    struct cdn_list_name *primary = NULL;
    if (x->node == PERSON) {
        const struct cdn_part parts[] = {{CDN_PART_OTHER, cdn_xml_value(x, P_NAME1)},
                                         {CDN_PART_OTHER, cdn_xml_value(x, P_NAME2)},
                                         {CDN_PART_OTHER, cdn_xml_value(x, P_NAME3)},
                                         {CDN_PART_OTHER, cdn_xml_value(x, P_NAME4)}};
        primary = cdn_rd_name_parts(r, CDN_NAME_PRIMARY, false, parts, 4);
    } else {
        add_names(r, CDN_NAME_PRIMARY, cdn_xml_value(x, P_NAME1 + at), 0, none);
    }
    const cordon_str original = cdn_xml_value(x, P_ORIGINAL + at);
    const uint32_t group = original.n > 0 ? ++r->group : 0;
    if (primary != NULL) {
        primary->group = group;
    }
    add_names(r, CDN_NAME_STRONG, original, group, none);
    for (uint32_t i = before; i < r->entry->names.n; i++) { /* rotate them to the front, order kept */
        const struct cdn_list_name name = r->entry->names.p[i];
        memmove(&r->entry->names.p[i - before + 1], &r->entry->names.p[i - before], before * sizeof name);
        r->entry->names.p[i - before] = name;
    }
    cdn_rd_programme(r, cdn_xml_value(x, P_LIST_TYPE + at));
    cdn_rd_reference(r, cdn_xml_value(x, P_REFERENCE + at));
    cdn_rd_date(r, &r->entry->listed, cdn_xml_value(x, P_LISTED + at), "LISTED_ON");
    cdn_rd_gender(r, cdn_xml_value(x, P_GENDER + at));
    cdn_rd_note(r, CDN_NOTE_DETAIL, CDN_STR("submitted by"), cdn_xml_value(x, P_SUBMITTED + at));
    cdn_rd_note(r, CDN_NOTE_REMARK, none, cdn_xml_value(x, P_COMMENTS + at));
    cdn_rd_nationality(r, CDN_NATION_NATIONALITY, cdn_xml_value(x, P_NATIONALITY2 + at));
    cdn_rd_measure(r, CDN_LISTED_ASSET_FREEZE, none);
    cdn_rd_emit(r);
}

static void title_close(struct cdn_xml *x) {
    cdn_rd_note(x->r, CDN_NOTE_TITLE, none, value(x, P_TITLE_VALUE));
}
static void designation_close(struct cdn_xml *x) {
    cdn_rd_note(x->r, CDN_NOTE_POSITION, none, value(x, P_DESIGNATION_VALUE));
}
static void nationality_close(struct cdn_xml *x) {
    cdn_rd_nationality(x->r, CDN_NATION_NATIONALITY, value(x, P_NATIONALITY_VALUE));
}

/* The newest of them. */
static void updated_close(struct cdn_xml *x) {
    struct cdn_dates date = {0};
    cdn_rd_date(x->r, &date, value(x, P_UPDATED_VALUE), "LAST_DAY_UPDATED");
    struct cdn_dates *const have = &x->r->entry->updated;
    if (date.known && (!have->known || date.to > have->to)) {
        *have = date;
    }
}

static enum cdn_name_kind alias_kind(struct cdn_rd *r, cordon_str quality) {
    if (cdn_str_eq_nocase(quality, CDN_STR("Low"))) {
        return CDN_NAME_WEAK;
    }
    if (cdn_str_eq_nocase(quality, CDN_STR("f.k.a."))) {
        return CDN_NAME_FORMER;
    }
    if (quality.n > 0 && !cdn_str_eq_nocase(quality, CDN_STR("Good")) &&
        !cdn_str_eq_nocase(quality, CDN_STR("a.k.a."))) {
        cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("QUALITY"), quality);
    }
    return CDN_NAME_STRONG;
}

static void alias_close(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    const cordon_str name = value(x, P_ALIAS_NAME);
    const cordon_str original = value(x, P_ALIAS_ORIGINAL);
    const cordon_str note = value(x, P_ALIAS_NOTE);
    const enum cdn_name_kind kind = alias_kind(r, value(x, P_ALIAS_QUALITY));
    const uint32_t group = original.n > 0 && name.n > 0 ? ++r->group : 0;
    if (name.n > 0) {
        cdn_rd_tally(r, CDN_REPORT_READ, CDN_STR("aliases with a name"), 1);
        cdn_rd_tally(r,
                     CDN_REPORT_READ,
                     kind == CDN_NAME_WEAK ? CDN_STR("weak aliases") : CDN_STR("other aliases"),
                     1);
    }
    add_names(r, kind, name, group, note);
    add_names(r, kind, original, group, none);
    if (name.n == 0) {
        cdn_rd_note(r, CDN_NOTE_REMARK, CDN_STR("alias"), note);
    }
    cdn_rd_birth(r, value(x, P_ALIAS_DATE), "ALIAS/DATE_OF_BIRTH");
    const struct cdn_place_in in = {.city = value(x, P_ALIAS_CITY), .country = value(x, P_ALIAS_COUNTRY)};
    cdn_rd_birth_place(r, &in);
}

static void address_close(struct cdn_xml *x) {
    const struct cdn_place_in in = {.text = value(x, P_ADDRESS_STREET),
                                    .city = value(x, P_ADDRESS_CITY),
                                    .region = value(x, P_ADDRESS_STATE),
                                    .postal_code = value(x, P_ADDRESS_ZIP),
                                    .country = value(x, P_ADDRESS_COUNTRY),
                                    .note = value(x, P_ADDRESS_NOTE)};
    cdn_rd_address(x->r, &in);
}

static void birth_close(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    const cordon_str texts[] = {cdn_xml_value(x, BIRTH_DATE),
                                cdn_xml_value(x, BIRTH_YEAR),
                                cdn_xml_value(x, BIRTH_FROM),
                                cdn_xml_value(x, BIRTH_TO)};
    const cordon_str note = cdn_xml_value(x, BIRTH_NOTE);
    struct cdn_dates span = {0};
    for (size_t i = 0; i < CDN_ARRAY_LEN(texts); i++) {
        struct cdn_dates one = {0};
        if (texts[i].n > 0 && !cdn_dates_parse(texts[i], &one)) {
            cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("INDIVIDUAL_DATE_OF_BIRTH"), texts[i]);
            cdn_rd_note(r, CDN_NOTE_DETAIL, CDN_STR("date of birth"), texts[i]);
        }
        span = cdn_dates_hull(span, one);
    }
    if (!span.known) {
        cdn_rd_birth(r, note, "INDIVIDUAL_DATE_OF_BIRTH/NOTE");
        return;
    }
    span.circa = cdn_str_eq_nocase(cdn_xml_value(x, BIRTH_TYPE), CDN_STR("APPROXIMATELY"));
    cdn_rd_birth_span(r, span, note);
}

static void place_close(struct cdn_xml *x) {
    const struct cdn_place_in in = {.text = cdn_xml_value(x, PLACE_STREET),
                                    .city = cdn_xml_value(x, PLACE_CITY),
                                    .region = cdn_xml_value(x, PLACE_STATE),
                                    .country = cdn_xml_value(x, PLACE_COUNTRY),
                                    .note = cdn_xml_value(x, PLACE_NOTE)};
    cdn_rd_birth_place(x->r, &in);
}

static enum cdn_ident_kind document_kind(cordon_str type) {
    static const char *const passports[] = {"passport", "passeport", "pasaporte"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(passports); i++) {
        if (cdn_str_find_nocase(type, cdn_str_z(passports[i])) != SIZE_MAX) {
            return CDN_IDENT_PASSPORT;
        }
    }
    static const char *const nationals[] = {"national identification",
                                            "identity card",
                                            "personal identification",
                                            "tazkira",
                                            "national id",
                                            "cédula",
                                            "identification nationale",
                                            "identidad"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(nationals); i++) {
        if (cdn_str_find_nocase(type, cdn_str_z(nationals[i])) != SIZE_MAX) {
            return CDN_IDENT_NATIONAL;
        }
    }
    return cdn_str_find_nocase(type, CDN_STR("driv")) != SIZE_MAX ? CDN_IDENT_DRIVING : CDN_IDENT_OTHER;
}

static void document_close(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    const cordon_str type = cdn_xml_value(x, DOC_TYPE);
    const cordon_str type2 = cdn_xml_value(x, DOC_TYPE2);
    const cordon_str country = cdn_xml_value(x, DOC_COUNTRY);
    const cordon_str country2 = cdn_xml_value(x, DOC_COUNTRY2);
    enum cdn_ident_kind kind = document_kind(type);
    if (kind == CDN_IDENT_OTHER) {
        kind = document_kind(type2);
    }
    const struct cdn_ident_in in = {.kind = kind,
                                    .value = cdn_xml_value(x, DOC_NUMBER),
                                    .type = type2.n > 0 ? type2 : type,
                                    .country = country.n > 0 ? country : country2,
                                    .note = cdn_xml_value(x, DOC_NOTE)};
    if (in.value.n == 0) {
        cdn_rd_note(r, CDN_NOTE_REMARK, in.type, in.note);
        return;
    }
    struct cdn_list_ident *const ident = cdn_rd_ident(r, &in);
    if (ident != NULL) {
        cdn_rd_date(r, &ident->issued, cdn_xml_value(x, DOC_ISSUED), "DATE_OF_ISSUE");
        cdn_rd_date(r, &ident->expires, cdn_xml_value(x, DOC_EXPIRES), "DATE_OF_EXPIRY");
    }
    cdn_rd_note(r, CDN_NOTE_DETAIL, CDN_STR("document issued in"), cdn_xml_value(x, DOC_CITY));
}

#define CHILDREN(entry, prefix, at)                                                                          \
    [P_DATAID + (at)] = TEXT(entry, "DATAID"), [P_VERSION + (at)] = LEFT_OUT(entry, "VERSIONNUM"),           \
                [P_NAME1 + (at)] = TEXT(entry, "FIRST_NAME"), [P_NAME2 + (at)] = TEXT(entry, "SECOND_NAME"), \
                [P_NAME3 + (at)] = TEXT(entry, "THIRD_NAME"), [P_NAME4 + (at)] = TEXT(entry, "FOURTH_NAME"), \
                [P_LIST_TYPE + (at)] = TEXT(entry, "UN_LIST_TYPE"),                                          \
                [P_REFERENCE + (at)] = TEXT(entry, "REFERENCE_NUMBER"),                                      \
                [P_LISTED + (at)] = TEXT(entry, "LISTED_ON"), [P_GENDER + (at)] = TEXT(entry, "GENDER"),     \
                [P_SUBMITTED + (at)] = TEXT(entry, "SUBMITTED_BY"),                                          \
                [P_ORIGINAL + (at)] = TEXT(entry, "NAME_ORIGINAL_SCRIPT"),                                   \
                [P_COMMENTS + (at)] = TEXT(entry, "COMMENTS1"),                                              \
                [P_HAS_INTERPOL + (at)] = LEFT_OUT(entry, "HAS_INTERPOL_LINK"),                              \
                [P_INTERPOL + (at)] = LEFT_OUT(entry, "INTERPOL_LINK"),                                      \
                [P_NATIONALITY2 + (at)] = TEXT(entry, "NATIONALITY2"),                                       \
                [P_SORT1 + (at)] = LEFT_OUT(entry, "SORT_KEY"),                                              \
                [P_SORT2 + (at)] = LEFT_OUT(entry, "SORT_KEY_LAST_MOD"),                                     \
                [P_TITLE + (at)] = GROUP(entry, "TITLE"),                                                    \
                [P_TITLE_VALUE + (at)] = TEXT_DO(P_TITLE + (at), "VALUE", title_close),                      \
                [P_DESIGNATION + (at)] = GROUP(entry, "DESIGNATION"),                                        \
                [P_DESIGNATION_VALUE + (at)] = TEXT_DO(P_DESIGNATION + (at), "VALUE", designation_close),    \
                [P_NATIONALITY + (at)] = GROUP(entry, "NATIONALITY"),                                        \
                [P_NATIONALITY_VALUE + (at)] = TEXT_DO(P_NATIONALITY + (at), "VALUE", nationality_close),    \
                [P_LIST + (at)] = LEFT_OUT(entry, "LIST_TYPE"),                                              \
                [P_UPDATED + (at)] = GROUP(entry, "LAST_DAY_UPDATED"),                                       \
                [P_UPDATED_VALUE + (at)] = TEXT_DO(P_UPDATED + (at), "VALUE", updated_close),                \
                [P_ALIAS + (at)] = ITEM(entry, prefix "_ALIAS", alias_close),                                \
                [P_ALIAS_QUALITY + (at)] = TEXT(P_ALIAS + (at), "QUALITY"),                                  \
                [P_ALIAS_NAME + (at)] = TEXT(P_ALIAS + (at), "ALIAS_NAME"),                                  \
                [P_ALIAS_DATE + (at)] = TEXT(P_ALIAS + (at), "DATE_OF_BIRTH"),                               \
                [P_ALIAS_CITY + (at)] = TEXT(P_ALIAS + (at), "CITY_OF_BIRTH"),                               \
                [P_ALIAS_COUNTRY + (at)] = TEXT(P_ALIAS + (at), "COUNTRY_OF_BIRTH"),                         \
                [P_ALIAS_NOTE + (at)] = TEXT(P_ALIAS + (at), "NOTE"),                                        \
                [P_ALIAS_ORIGINAL + (at)] = TEXT(P_ALIAS + (at), "NAME_ORIGINAL_SCRIPT"),                    \
                [P_ADDRESS + (at)] = ITEM(entry, prefix "_ADDRESS", address_close),                          \
                [P_ADDRESS_STREET + (at)] = TEXT(P_ADDRESS + (at), "STREET"),                                \
                [P_ADDRESS_CITY + (at)] = TEXT(P_ADDRESS + (at), "CITY"),                                    \
                [P_ADDRESS_STATE + (at)] = TEXT(P_ADDRESS + (at), "STATE_PROVINCE"),                         \
                [P_ADDRESS_ZIP + (at)] = TEXT(P_ADDRESS + (at), "ZIP_CODE"),                                 \
                [P_ADDRESS_COUNTRY + (at)] = TEXT(P_ADDRESS + (at), "COUNTRY"),                              \
                [P_ADDRESS_NOTE + (at)] = TEXT(P_ADDRESS + (at), "NOTE")

static const struct cdn_xml_node nodes[NODES] = {
    [ROOT] = {0, 0, "CONSOLIDATED_LIST", NULL, root_open, NULL},
    [PERSONS] = GROUP(ROOT, "INDIVIDUALS"),
    [PERSON] = {PERSONS, CDN_XML_PLACE, "INDIVIDUAL", NULL, entry_open, entry_close},
    [ENTITIES] = GROUP(ROOT, "ENTITIES"),
    [ENTITY] = {ENTITIES, CDN_XML_PLACE, "ENTITY", NULL, entry_open, entry_close},
    CHILDREN(PERSON, "INDIVIDUAL", 0),
    CHILDREN(ENTITY, "ENTITY", P_END - P_FIRST_CHILD),
    [BIRTH] = ITEM(PERSON, "INDIVIDUAL_DATE_OF_BIRTH", birth_close),
    [BIRTH_TYPE] = TEXT(BIRTH, "TYPE_OF_DATE"),
    [BIRTH_DATE] = TEXT(BIRTH, "DATE"),
    [BIRTH_YEAR] = TEXT(BIRTH, "YEAR"),
    [BIRTH_FROM] = TEXT(BIRTH, "FROM_YEAR"),
    [BIRTH_TO] = TEXT(BIRTH, "TO_YEAR"),
    [BIRTH_NOTE] = TEXT(BIRTH, "NOTE"),
    [PLACE] = ITEM(PERSON, "INDIVIDUAL_PLACE_OF_BIRTH", place_close),
    [PLACE_STREET] = TEXT(PLACE, "STREET"),
    [PLACE_CITY] = TEXT(PLACE, "CITY"),
    [PLACE_STATE] = TEXT(PLACE, "STATE_PROVINCE"),
    [PLACE_COUNTRY] = TEXT(PLACE, "COUNTRY"),
    [PLACE_NOTE] = TEXT(PLACE, "NOTE"),
    [DOC] = ITEM(PERSON, "INDIVIDUAL_DOCUMENT", document_close),
    [DOC_TYPE] = TEXT(DOC, "TYPE_OF_DOCUMENT"),
    [DOC_TYPE2] = TEXT(DOC, "TYPE_OF_DOCUMENT2"),
    [DOC_NUMBER] = TEXT(DOC, "NUMBER"),
    [DOC_COUNTRY] = TEXT(DOC, "ISSUING_COUNTRY"),
    [DOC_ISSUED] = TEXT(DOC, "DATE_OF_ISSUE"),
    [DOC_CITY] = TEXT(DOC, "CITY_OF_ISSUE"),
    [DOC_COUNTRY2] = TEXT(DOC, "COUNTRY_OF_ISSUE"),
    [DOC_EXPIRES] = TEXT(DOC, "DATE_OF_EXPIRY"),
    [DOC_NOTE] = TEXT(DOC, "NOTE"),
};

void cdn_read_un_xml(struct cdn_rd *r, struct cdn_list_source *s) {
    cdn_xml_read(r, s, nodes, NODES, NULL);
}
