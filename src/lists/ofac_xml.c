/* SPDX-License-Identifier: Apache-2.0 */
/* ofac_xml.c: SDN.XML and consolidated.xml of OFAC. The namespace changed in 2024; names did not. */
#include "lists/ofac_priv.h"
#include "lists/table_priv.h"

enum {
    ROOT,
    INFO,
    INFO_DATE,
    INFO_COUNT,
    ENTRY,
    UID,
    FIRST,
    LAST,
    TITLE,
    TYPE,
    REMARKS,
    PROGRAMS,
    PROGRAM,
    IDS,
    ID,
    ID_UID,
    ID_TYPE,
    ID_NUMBER,
    ID_COUNTRY,
    ID_ISSUED,
    ID_EXPIRES,
    AKAS,
    AKA,
    AKA_UID,
    AKA_TYPE,
    AKA_CATEGORY,
    AKA_LAST,
    AKA_FIRST,
    ADDRESSES,
    ADDRESS,
    ADDRESS_UID,
    ADDRESS1,
    ADDRESS2,
    ADDRESS3,
    CITY,
    STATE,
    POSTAL,
    COUNTRY,
    NATIONALITIES,
    NATIONALITY,
    NATIONALITY_UID,
    NATIONALITY_COUNTRY,
    NATIONALITY_MAIN,
    CITIZENSHIPS,
    CITIZENSHIP,
    CITIZENSHIP_UID,
    CITIZENSHIP_COUNTRY,
    CITIZENSHIP_MAIN,
    DOBS,
    DOB,
    DOB_UID,
    DOB_DATE,
    DOB_MAIN,
    POBS,
    POB,
    POB_UID,
    POB_PLACE,
    POB_MAIN,
    VESSEL,
    CALL_SIGN,
    VESSEL_TYPE,
    FLAG,
    OWNER,
    TONNAGE,
    GRT,
    NODES
};

static const cordon_str none = {NULL, 0};

static void info_close(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    const cordon_str date = cdn_xml_value(x, INFO_DATE);
    if (date.n > 0 && !cdn_dates_parse_us(date, &r->info.date)) {
        cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("Publish_Date"), date);
    }
    r->info.claims = cdn_parse_uint(cdn_xml_value(x, INFO_COUNT), &r->info.claimed);
}

static void entry_open(struct cdn_xml *x) {
    cdn_rd_begin(x->r, none);
}

/* The children of an entry come in a fixed order: uid, name and type before the lists. So the name is added
 * when the type is known. */
static void type_close(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    cdn_rd_set_id(r, cdn_xml_value(x, UID));
    cdn_rd_type(r, cdn_ofac_type(r, cdn_xml_value(x, TYPE)));
    const struct cdn_part parts[] = {{CDN_PART_GIVEN, cdn_xml_value(x, FIRST)},
                                     {CDN_PART_FAMILY, cdn_xml_value(x, LAST)}};
    (void)cdn_rd_name_parts(r, CDN_NAME_PRIMARY, false, parts, 2);
}

static void entry_close(struct cdn_xml *x) {
    cdn_rd_note(x->r, CDN_NOTE_POSITION, none, cdn_xml_value(x, TITLE));
    cdn_ofac_remarks(x->r, cdn_xml_value(x, REMARKS));
    cdn_ofac_default_measures(x->r);
    cdn_rd_emit(x->r);
}

static void program_close(struct cdn_xml *x) {
    cdn_rd_programme(x->r, cdn_xml_value(x, PROGRAM));
}

static void id_close(struct cdn_xml *x) {
    struct cdn_ofac_item item = {.type = cdn_xml_value(x, ID_TYPE),
                                 .value = cdn_xml_value(x, ID_NUMBER),
                                 .country = cdn_xml_value(x, ID_COUNTRY),
                                 .issued = cdn_xml_value(x, ID_ISSUED),
                                 .expires = cdn_xml_value(x, ID_EXPIRES),
                                 .document = true};
    if (item.value.n == 0) {
        item.value = item.country; /* "Nationality of Registration" has a country only */
        item.country = none;
    }
    cdn_ofac_item(x->r, &item);
}

static void aka_close(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    const cordon_str category = cdn_xml_value(x, AKA_CATEGORY);
    const bool low = cdn_str_eq_nocase(category, CDN_STR("weak"));
    if (!low && !cdn_str_eq_nocase(category, CDN_STR("strong"))) {
        cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("category"), category);
    }
    const struct cdn_part parts[] = {{CDN_PART_GIVEN, cdn_xml_value(x, AKA_FIRST)},
                                     {CDN_PART_FAMILY, cdn_xml_value(x, AKA_LAST)}};
    (void)cdn_rd_name_parts(r, cdn_ofac_alias(r, cdn_xml_value(x, AKA_TYPE), low), low, parts, 2);
}

static void address_close(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    char storage[4096];
    struct cdn_buf text;
    cdn_buf_fixed(&text, storage, sizeof storage);
    for (unsigned i = ADDRESS1; i <= ADDRESS3; i++) {
        const cordon_str line = cdn_xml_value(x, i);
        cdn_buf_str(&text, text.n > 0 && line.n > 0 ? CDN_STR(", ") : none);
        cdn_buf_str(&text, line);
    }
    if (text.err != 0) {
        cdn_rd_fail(r, CORDON_E_LIMIT, "an address of more than %zu bytes", sizeof storage);
    }
    const struct cdn_place_in in = {.text = cdn_buf_get(&text),
                                    .city = cdn_xml_value(x, CITY),
                                    .region = cdn_xml_value(x, STATE),
                                    .postal_code = cdn_xml_value(x, POSTAL),
                                    .country = cdn_xml_value(x, COUNTRY)};
    cdn_rd_address(r, &in);
}

static void nationality_close(struct cdn_xml *x) {
    cdn_rd_nationality(x->r, CDN_NATION_NATIONALITY, cdn_xml_value(x, NATIONALITY_COUNTRY));
}
static void citizenship_close(struct cdn_xml *x) {
    cdn_rd_nationality(x->r, CDN_NATION_CITIZENSHIP, cdn_xml_value(x, CITIZENSHIP_COUNTRY));
}
static void dob_close(struct cdn_xml *x) {
    cdn_rd_birth(x->r, cdn_xml_value(x, DOB_DATE), "dateOfBirth");
}
static void pob_close(struct cdn_xml *x) {
    const struct cdn_ofac_item item = {.type = CDN_STR("POB"), .value = cdn_xml_value(x, POB_PLACE)};
    cdn_ofac_item(x->r, &item);
}

static void vessel_close(struct cdn_xml *x) {
    static const struct {
        uint8_t node;
        const char *type;
    } items[] = {{CALL_SIGN, "Vessel Call Sign"},
                 {VESSEL_TYPE, "Vessel Type"},
                 {FLAG, "Vessel Flag"},
                 {OWNER, "Vessel Owner"},
                 {TONNAGE, "Vessel Tonnage"},
                 {GRT, "Vessel Gross Registered Tonnage"}};
    for (size_t i = 0; i < CDN_ARRAY_LEN(items); i++) {
        const struct cdn_ofac_item item = {.type = cdn_str_z(items[i].type),
                                           .value = cdn_xml_value(x, items[i].node)};
        if (item.value.n > 0) {
            cdn_ofac_item(x->r, &item);
        }
    }
}

static const struct cdn_xml_node nodes[NODES] = {
    [ROOT] = GROUP(0, "sdnList"),
    [INFO] = ITEM(ROOT, "publshInformation", info_close),
    [INFO_DATE] = TEXT(INFO, "Publish_Date"),
    [INFO_COUNT] = TEXT(INFO, "Record_Count"),
    [ENTRY] = {ROOT, CDN_XML_PLACE, "sdnEntry", NULL, entry_open, entry_close},
    [UID] = TEXT(ENTRY, "uid"),
    [FIRST] = TEXT(ENTRY, "firstName"),
    [LAST] = TEXT(ENTRY, "lastName"),
    [TITLE] = TEXT(ENTRY, "title"),
    [TYPE] = {ENTRY, CDN_XML_TEXT, "sdnType", NULL, NULL, type_close},
    [REMARKS] = TEXT(ENTRY, "remarks"),
    [PROGRAMS] = GROUP(ENTRY, "programList"),
    [PROGRAM] = TEXT_DO(PROGRAMS, "program", program_close),
    [IDS] = GROUP(ENTRY, "idList"),
    [ID] = ITEM(IDS, "id", id_close),
    [ID_UID] = LEFT_OUT(ID, "uid"),
    [ID_TYPE] = TEXT(ID, "idType"),
    [ID_NUMBER] = TEXT(ID, "idNumber"),
    [ID_COUNTRY] = TEXT(ID, "idCountry"),
    [ID_ISSUED] = TEXT(ID, "issueDate"),
    [ID_EXPIRES] = TEXT(ID, "expirationDate"),
    [AKAS] = GROUP(ENTRY, "akaList"),
    [AKA] = ITEM(AKAS, "aka", aka_close),
    [AKA_UID] = LEFT_OUT(AKA, "uid"),
    [AKA_TYPE] = TEXT(AKA, "type"),
    [AKA_CATEGORY] = TEXT(AKA, "category"),
    [AKA_LAST] = TEXT(AKA, "lastName"),
    [AKA_FIRST] = TEXT(AKA, "firstName"),
    [ADDRESSES] = GROUP(ENTRY, "addressList"),
    [ADDRESS] = ITEM(ADDRESSES, "address", address_close),
    [ADDRESS_UID] = LEFT_OUT(ADDRESS, "uid"),
    [ADDRESS1] = TEXT(ADDRESS, "address1"),
    [ADDRESS2] = TEXT(ADDRESS, "address2"),
    [ADDRESS3] = TEXT(ADDRESS, "address3"),
    [CITY] = TEXT(ADDRESS, "city"),
    [STATE] = TEXT(ADDRESS, "stateOrProvince"),
    [POSTAL] = TEXT(ADDRESS, "postalCode"),
    [COUNTRY] = TEXT(ADDRESS, "country"),
    [NATIONALITIES] = GROUP(ENTRY, "nationalityList"),
    [NATIONALITY] = ITEM(NATIONALITIES, "nationality", nationality_close),
    [NATIONALITY_UID] = LEFT_OUT(NATIONALITY, "uid"),
    [NATIONALITY_COUNTRY] = TEXT(NATIONALITY, "country"),
    [NATIONALITY_MAIN] = LEFT_OUT(NATIONALITY, "mainEntry"),
    [CITIZENSHIPS] = GROUP(ENTRY, "citizenshipList"),
    [CITIZENSHIP] = ITEM(CITIZENSHIPS, "citizenship", citizenship_close),
    [CITIZENSHIP_UID] = LEFT_OUT(CITIZENSHIP, "uid"),
    [CITIZENSHIP_COUNTRY] = TEXT(CITIZENSHIP, "country"),
    [CITIZENSHIP_MAIN] = LEFT_OUT(CITIZENSHIP, "mainEntry"),
    [DOBS] = GROUP(ENTRY, "dateOfBirthList"),
    [DOB] = ITEM(DOBS, "dateOfBirthItem", dob_close),
    [DOB_UID] = LEFT_OUT(DOB, "uid"),
    [DOB_DATE] = TEXT(DOB, "dateOfBirth"),
    [DOB_MAIN] = LEFT_OUT(DOB, "mainEntry"),
    [POBS] = GROUP(ENTRY, "placeOfBirthList"),
    [POB] = ITEM(POBS, "placeOfBirthItem", pob_close),
    [POB_UID] = LEFT_OUT(POB, "uid"),
    [POB_PLACE] = TEXT(POB, "placeOfBirth"),
    [POB_MAIN] = LEFT_OUT(POB, "mainEntry"),
    [VESSEL] = ITEM(ENTRY, "vesselInfo", vessel_close),
    [CALL_SIGN] = TEXT(VESSEL, "callSign"),
    [VESSEL_TYPE] = TEXT(VESSEL, "vesselType"),
    [FLAG] = TEXT(VESSEL, "vesselFlag"),
    [OWNER] = TEXT(VESSEL, "vesselOwner"),
    [TONNAGE] = TEXT(VESSEL, "tonnage"),
    [GRT] = TEXT(VESSEL, "grossRegisteredTonnage"),
};

void cdn_read_ofac_xml(struct cdn_rd *r, struct cdn_list_source *s) {
    cdn_xml_read(r, s, nodes, NODES, NULL);
}
