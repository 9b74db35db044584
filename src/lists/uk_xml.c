/* SPDX-License-Identifier: Apache-2.0 */
/* uk_xml.c: the UK Sanctions List as XML (schema 4.33). */
#include "lists/table_priv.h"
#include "lists/uk_priv.h"

enum {
    ROOT,
    GENERATED,
    ENTRY,
    UPDATED,
    DESIGNATED,
    UNIQUE,
    OFSI,
    UN,
    NAMES,
    NAME,
    NAME1,
    NAME2,
    NAME3,
    NAME4,
    NAME5,
    NAME6,
    NAME_TYPE,
    NAME_STRENGTH,
    NON_LATINS,
    NON_LATIN,
    NON_LATIN_NAME,
    NON_LATIN_TYPE,
    NON_LATIN_LANGUAGE,
    TITLES,
    TITLE,
    REGIME,
    KIND,
    SOURCE,
    IMPOSED,
    INDICATORS,
    INDICATOR,
    OTHER,
    REASONS,
    ADDRESSES,
    ADDRESS,
    LINE1,
    LINE2,
    LINE3,
    LINE4,
    LINE5,
    LINE6,
    POSTAL,
    COUNTRY,
    PHONES,
    PHONE,
    EMAILS,
    EMAIL,
    WEBSITES,
    WEBSITE,
    PERSONS,
    PERSON,
    DOBS,
    DOB,
    PASSPORTS,
    PASSPORT,
    PASSPORT_NUMBER,
    PASSPORT_NOTE,
    NATIONALS,
    NATIONAL,
    NATIONAL_NUMBER,
    NATIONAL_NOTE,
    NATIONALITIES,
    NATIONALITY,
    GENDERS,
    GENDER,
    POSITIONS,
    POSITION,
    BIRTHS,
    BIRTH,
    TOWN,
    BIRTH_COUNTRY,
    ENTITIES,
    ENTITY,
    ENTITY_TYPES,
    ENTITY_TYPE,
    NUMBERS,
    NUMBER,
    PARENTS,
    PARENT,
    SUBSIDIARIES,
    SUBSIDIARY,
    SHIPS,
    SHIP,
    IMOS,
    IMO,
    OWNERS,
    OWNER,
    OLD_OWNERS,
    OLD_OWNER,
    FLAGS,
    FLAG,
    OLD_FLAGS,
    OLD_FLAG,
    SHIP_TYPES,
    SHIP_TYPE,
    TONNAGES,
    TONNAGE,
    LENGTHS,
    LENGTH,
    YEARS,
    YEAR,
    HULLS,
    HULL,
    NODES
};

static const cordon_str none = {NULL, 0};

/* Values that are one labelled item each. */
static const struct {
    uint8_t node;
    const char *label;
} items[] = {
    {TITLE, "Title"},
    {PHONE, "Phone number"},
    {EMAIL, "Email address"},
    {WEBSITE, "Website"},
    {NATIONALITY, "Nationality"},
    {GENDER, "Gender"},
    {POSITION, "Position"},
    {ENTITY_TYPE, "Type of entity"},
    {NUMBER, "Business registration number (s)"},
    {PARENT, "Parent company"},
    {SUBSIDIARY, "Subsidiaries"},
    {IMO, "IMO number"},
    {OWNER, "Current owner/operator (s)"},
    {OLD_OWNER, "Previous owner/operator (s)"},
    {FLAG, "Current believed flag of ship"},
    {OLD_FLAG, "Previous flags"},
    {SHIP_TYPE, "Type of ship"},
    {TONNAGE, "Tonnage of ship"},
    {LENGTH, "Length of ship"},
    {YEAR, "Year built"},
    {HULL, "Hull identification number (HIN)"},
};

static void item_close(struct cdn_xml *x) {
    for (size_t i = 0; i < CDN_ARRAY_LEN(items); i++) {
        if (items[i].node == x->node) {
            cdn_uk_item(x->r, cdn_str_z(items[i].label), cdn_xml_value(x, x->node));
        }
    }
}

static void file_date(struct cdn_xml *x, cordon_str text) {
    if (text.n > 0 && !x->r->info.date.known && !cdn_dates_parse(text, &x->r->info.date)) {
        cdn_rd_report(x->r, CDN_REPORT_VALUE, CDN_STR("DateGenerated"), text);
    }
}
static void root_open(struct cdn_xml *x) {
    file_date(x, cdn_xml_attr(x, "dateGenerated"));
}
static void generated_close(struct cdn_xml *x) {
    file_date(x, cdn_xml_value(x, GENERATED));
}

static void entry_open(struct cdn_xml *x) {
    cdn_rd_begin(x->r, none);
}
static void entry_close(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    cdn_rd_set_id(r, cdn_xml_value(x, UNIQUE));
    cdn_uk_type(r, cdn_xml_value(x, KIND));
    for (uint32_t i = 0; r->entry->type != CDN_ENTRY_PERSON && i < r->entry->names.n; i++) {
        r->entry->names.p[i].parts.n = 0;
    }
    cdn_rd_date(r, &r->entry->listed, cdn_xml_value(x, DESIGNATED), "DateDesignated");
    cdn_rd_date(r, &r->entry->updated, cdn_xml_value(x, UPDATED), "LastUpdated");
    cdn_rd_reference(r, cdn_xml_value(x, OFSI));
    cdn_rd_reference(r, cdn_xml_value(x, UN));
    cdn_rd_programme(r, cdn_xml_value(x, REGIME));
    cdn_rd_note(r, CDN_NOTE_DETAIL, CDN_STR("designation source"), cdn_xml_value(x, SOURCE));
    cdn_rd_note(r, CDN_NOTE_REMARK, none, cdn_xml_value(x, OTHER));
    cdn_rd_note(r, CDN_NOTE_REASON, none, cdn_xml_value(x, REASONS));
    cdn_rd_emit(r);
}

/* The type of the entry comes after its names: they are taken as those of a person until then. */
static void name_close(struct cdn_xml *x) {
    struct cdn_uk_name in = {.type = cdn_xml_value(x, NAME_TYPE),
                             .strength = cdn_xml_value(x, NAME_STRENGTH)};
    for (unsigned i = 0; i < 6; i++) {
        in.names[i] = cdn_xml_value(x, NAME1 + i);
    }
    x->r->entry->type = CDN_ENTRY_PERSON;
    cdn_uk_add_name(x->r, &in);
}
static void non_latin_close(struct cdn_xml *x) {
    const cordon_str language = cdn_xml_value(x, NON_LATIN_LANGUAGE);
    cdn_uk_non_latin(
        x->r, cdn_xml_value(x, NON_LATIN_NAME), language.n > 0 ? language : cdn_xml_value(x, NON_LATIN_TYPE));
}
static void imposed_close(struct cdn_xml *x) {
    cdn_uk_measures(x->r, cdn_xml_value(x, IMPOSED));
}
static void indicator_open(struct cdn_xml *x) {
    cordon_str *const name = x->state; /* kept until its value is known */
    *name = cdn_rd_text(x->r, x->name);
}
static void indicator_close(struct cdn_xml *x) {
    const cordon_str value = cdn_xml_value(x, INDICATOR);
    if (cdn_xml_true(value)) {
        cdn_uk_indicator(x->r, *(const cordon_str *)x->state);
    } else if (!cdn_str_eq_nocase(value, CDN_STR("false"))) {
        cdn_rd_report(x->r, CDN_REPORT_VALUE, CDN_STR("SanctionsImposedIndicators"), value);
    }
}
static void address_close(struct cdn_xml *x) {
    struct cdn_uk_address in = {.postal_code = cdn_xml_value(x, POSTAL),
                                .country = cdn_xml_value(x, COUNTRY)};
    for (unsigned i = 0; i < 6; i++) {
        in.lines[i] = cdn_xml_value(x, LINE1 + i);
    }
    cdn_uk_add_address(x->r, &in);
}
static void dob_close(struct cdn_xml *x) {
    cdn_rd_birth(x->r, cdn_xml_value(x, DOB), "DOB");
}
static void passport_close(struct cdn_xml *x) {
    cdn_uk_number(x->r,
                  CDN_IDENT_PASSPORT,
                  CDN_STR("Passport"),
                  cdn_xml_value(x, PASSPORT_NUMBER),
                  cdn_xml_value(x, PASSPORT_NOTE));
}
static void national_close(struct cdn_xml *x) {
    cdn_uk_number(x->r,
                  CDN_IDENT_NATIONAL,
                  CDN_STR("National identifier"),
                  cdn_xml_value(x, NATIONAL_NUMBER),
                  cdn_xml_value(x, NATIONAL_NOTE));
}
static void birth_close(struct cdn_xml *x) {
    const struct cdn_place_in in = {.city = cdn_xml_value(x, TOWN),
                                    .country = cdn_xml_value(x, BIRTH_COUNTRY)};
    cdn_rd_birth_place(x->r, &in);
}

#define PLURAL(parent, group, group_name, row, row_name)                                                     \
    [group] = GROUP(parent, group_name), [row] = TEXT_DO(group, row_name, item_close)

static const struct cdn_xml_node nodes[NODES] = {
    [ROOT] = {0, 0, "Designations", NULL, root_open, NULL},
    [GENERATED] = {ROOT, CDN_XML_TEXT, "DateGenerated", NULL, NULL, generated_close},
    [ENTRY] = {ROOT, CDN_XML_PLACE, "Designation", NULL, entry_open, entry_close},
    [UPDATED] = TEXT(ENTRY, "LastUpdated"),
    [DESIGNATED] = TEXT(ENTRY, "DateDesignated"),
    [UNIQUE] = TEXT(ENTRY, "UniqueID"),
    [OFSI] = TEXT(ENTRY, "OFSIGroupID"),
    [UN] = TEXT(ENTRY, "UNReferenceNumber"),
    [NAMES] = GROUP(ENTRY, "Names"),
    [NAME] = ITEM(NAMES, "Name", name_close),
    [NAME1] = TEXT(NAME, "Name1"),
    [NAME2] = TEXT(NAME, "Name2"),
    [NAME3] = TEXT(NAME, "Name3"),
    [NAME4] = TEXT(NAME, "Name4"),
    [NAME5] = TEXT(NAME, "Name5"),
    [NAME6] = TEXT(NAME, "Name6"),
    [NAME_TYPE] = TEXT(NAME, "NameType"),
    [NAME_STRENGTH] = TEXT(NAME, "AliasStrength"),
    [NON_LATINS] = GROUP(ENTRY, "NonLatinNames"),
    [NON_LATIN] = ITEM(NON_LATINS, "NonLatinName", non_latin_close),
    [NON_LATIN_NAME] = TEXT(NON_LATIN, "NameNonLatinScript"),
    [NON_LATIN_TYPE] = TEXT(NON_LATIN, "NonLatinScriptType"),
    [NON_LATIN_LANGUAGE] = TEXT(NON_LATIN, "NonLatinScriptLanguage"),
    PLURAL(ENTRY, TITLES, "Titles", TITLE, "Title"),
    [REGIME] = TEXT(ENTRY, "RegimeName"),
    [KIND] = TEXT(ENTRY, "IndividualEntityShip"),
    [SOURCE] = TEXT(ENTRY, "DesignationSource"),
    [IMPOSED] = TEXT_DO(ENTRY, "SanctionsImposed", imposed_close),
    [INDICATORS] = GROUP(ENTRY, "SanctionsImposedIndicators"),
    [INDICATOR] = {INDICATORS, CDN_XML_TEXT, "*", NULL, indicator_open, indicator_close},
    [OTHER] = TEXT(ENTRY, "OtherInformation"),
    [REASONS] = TEXT(ENTRY, "UKStatementofReasons"),
    [ADDRESSES] = GROUP(ENTRY, "Addresses"),
    [ADDRESS] = ITEM(ADDRESSES, "Address", address_close),
    [LINE1] = TEXT(ADDRESS, "AddressLine1"),
    [LINE2] = TEXT(ADDRESS, "AddressLine2"),
    [LINE3] = TEXT(ADDRESS, "AddressLine3"),
    [LINE4] = TEXT(ADDRESS, "AddressLine4"),
    [LINE5] = TEXT(ADDRESS, "AddressLine5"),
    [LINE6] = TEXT(ADDRESS, "AddressLine6"),
    [POSTAL] = TEXT(ADDRESS, "AddressPostalCode"),
    [COUNTRY] = TEXT(ADDRESS, "AddressCountry"),
    PLURAL(ENTRY, PHONES, "PhoneNumbers", PHONE, "PhoneNumber"),
    PLURAL(ENTRY, EMAILS, "EmailAddresses", EMAIL, "EmailAddress"),
    PLURAL(ENTRY, WEBSITES, "Websites", WEBSITE, "Website"),
    [PERSONS] = GROUP(ENTRY, "IndividualDetails"),
    [PERSON] = GROUP(PERSONS, "Individual"),
    [DOBS] = GROUP(PERSON, "DOBs"),
    [DOB] = TEXT_DO(DOBS, "DOB", dob_close),
    [PASSPORTS] = GROUP(PERSON, "PassportDetails"),
    [PASSPORT] = ITEM(PASSPORTS, "Passport", passport_close),
    [PASSPORT_NUMBER] = TEXT(PASSPORT, "PassportNumber"),
    [PASSPORT_NOTE] = TEXT(PASSPORT, "PassportAdditionalInformation"),
    [NATIONALS] = GROUP(PERSON, "NationalIdentifierDetails"),
    [NATIONAL] = ITEM(NATIONALS, "NationalIdentifier", national_close),
    [NATIONAL_NUMBER] = TEXT(NATIONAL, "NationalIdentifierNumber"),
    [NATIONAL_NOTE] = TEXT(NATIONAL, "NationalIdentifierAdditionalInformation"),
    PLURAL(PERSON, NATIONALITIES, "Nationalities", NATIONALITY, "Nationality"),
    PLURAL(PERSON, GENDERS, "Genders", GENDER, "Gender"),
    PLURAL(PERSON, POSITIONS, "Positions", POSITION, "Position"),
    [BIRTHS] = GROUP(PERSON, "BirthDetails"),
    [BIRTH] = ITEM(BIRTHS, "Location", birth_close),
    [TOWN] = TEXT(BIRTH, "TownOfBirth"),
    [BIRTH_COUNTRY] = TEXT(BIRTH, "CountryOfBirth"),
    [ENTITIES] = GROUP(ENTRY, "EntityDetails"),
    [ENTITY] = GROUP(ENTITIES, "Entity"),
    PLURAL(ENTITY, ENTITY_TYPES, "TypeOfEntities", ENTITY_TYPE, "TypeOfEntity"),
    PLURAL(ENTITY, NUMBERS, "BusinessRegistrationNumbers", NUMBER, "BusinessRegistrationNumber"),
    PLURAL(ENTITY, PARENTS, "ParentCompanies", PARENT, "ParentCompany"),
    PLURAL(ENTITY, SUBSIDIARIES, "Subsidiaries", SUBSIDIARY, "Subsidiary"),
    [SHIPS] = GROUP(ENTRY, "ShipDetails"),
    [SHIP] = GROUP(SHIPS, "Ship"),
    PLURAL(SHIP, IMOS, "IMONumbers", IMO, "IMONumber"),
    PLURAL(SHIP, OWNERS, "CurrentOwnerOperators", OWNER, "CurrentOwnerOperator"),
    PLURAL(SHIP, OLD_OWNERS, "PreviousOwnerOperators", OLD_OWNER, "PreviousOwnerOperator"),
    PLURAL(SHIP, FLAGS, "CurrentBelievedFlagOfShips", FLAG, "CurrentBelievedFlagOfShip"),
    PLURAL(SHIP, OLD_FLAGS, "PreviousFlags", OLD_FLAG, "PreviousFlag"),
    PLURAL(SHIP, SHIP_TYPES, "TypeOfShipDetails", SHIP_TYPE, "TypeOfShip"),
    PLURAL(SHIP, TONNAGES, "TonnageOfShipDetails", TONNAGE, "TonnageOfShip"),
    PLURAL(SHIP, LENGTHS, "LengthOfShipDetails", LENGTH, "LengthOfShip"),
    PLURAL(SHIP, YEARS, "YearsBuilt", YEAR, "YearBuilt"),
    PLURAL(SHIP, HULLS, "HullIdentificationNumbers", HULL, "HullIdentificationNumber"),
};

void cdn_read_uk_xml(struct cdn_rd *r, struct cdn_list_source *s) {
    cordon_str indicator = none;
    cdn_xml_read(r, s, nodes, NODES, &indicator);
}
