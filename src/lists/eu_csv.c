/* SPDX-License-Identifier: Apache-2.0 */
/* eu_csv.c: the EU's consolidated list, FULL 1.1 CSV: semicolons, byte order mark, one row for each name,
 * address, date, document or citizenship, with the columns of the entity repeated. Rows are gathered by EU
 * reference number. There is no column for weak aliases: they are told by the remark of the name. */
#include "lists/csv_priv.h"
#include "lists/eu_priv.h"

enum {
    GENERATED,
    LOGICAL,
    REFERENCE,
    UN,
    DESIGNATED,
    DETAILS,
    REMARK,
    KIND,
    KIND_CODE,
    PUBLISHED,
    TITLE_OF_ACT,
    PROGRAMME,
    LAST,
    FIRST,
    MIDDLE,
    WHOLE,
    LANGUAGE,
    GENDER,
    TITLE,
    FUNCTION,
    NAME_REMARK,
    CITY,
    STREET,
    BOX,
    ZIP,
    REGION,
    PLACE,
    CONTACT,
    COUNTRY_CODE,
    COUNTRY,
    ADDRESS_REMARK,
    BIRTH,
    DAY,
    MONTH,
    YEAR,
    YEAR_FROM,
    YEAR_TO,
    CIRCA,
    CALENDAR,
    BIRTH_ZIP,
    BIRTH_REGION,
    BIRTH_PLACE,
    BIRTH_CITY,
    BIRTH_COUNTRY_CODE,
    BIRTH_COUNTRY,
    BIRTH_REMARK,
    NUMBER,
    DIPLOMATIC,
    EXPIRED,
    FALSE_DOC,
    LOST,
    REVOKED,
    ISSUER,
    ISSUED,
    VALID_FROM,
    VALID_TO,
    LATIN,
    NAME_ON_DOC,
    DOC_CODE,
    DOC_TYPE,
    DOC_REGION,
    DOC_COUNTRY_CODE,
    DOC_COUNTRY,
    DOC_REMARK,
    CITIZEN_REGION,
    CITIZEN_CODE,
    CITIZEN,
    CITIZEN_REMARK,
    USED
};

/* The columns of the regulations of each part are known and left out: they follow USED in this table. */
static const char *const names[] = {
    [GENERATED] = "fileGenerationDate",
    [LOGICAL] = "Entity_LogicalId",
    [REFERENCE] = "Entity_EU_ReferenceNumber",
    [UN] = "Entity_UnitedNationId",
    [DESIGNATED] = "Entity_DesignationDate",
    [DETAILS] = "Entity_DesignationDetails",
    [REMARK] = "Entity_Remark",
    [KIND] = "Entity_SubjectType",
    [KIND_CODE] = "Entity_SubjectType_ClassificationCode",
    [PUBLISHED] = "Entity_Regulation_PublicationDate",
    [TITLE_OF_ACT] = "Entity_Regulation_NumberTitle",
    [PROGRAMME] = "Entity_Regulation_Programme",
    [LAST] = "NameAlias_LastName",
    [FIRST] = "NameAlias_FirstName",
    [MIDDLE] = "NameAlias_MiddleName",
    [WHOLE] = "NameAlias_WholeName",
    [LANGUAGE] = "NameAlias_NameLanguage",
    [GENDER] = "NameAlias_Gender",
    [TITLE] = "NameAlias_Title",
    [FUNCTION] = "NameAlias_Function",
    [NAME_REMARK] = "NameAlias_Remark",
    [CITY] = "Address_City",
    [STREET] = "Address_Street",
    [BOX] = "Address_PoBox",
    [ZIP] = "Address_ZipCode",
    [REGION] = "Address_Region",
    [PLACE] = "Address_Place",
    [CONTACT] = "Address_ContactInfo",
    [COUNTRY_CODE] = "Address_CountryIso2Code",
    [COUNTRY] = "Address_CountryDescription",
    [ADDRESS_REMARK] = "Address_Remark",
    [BIRTH] = "BirthDate_BirthDate",
    [DAY] = "BirthDate_Day",
    [MONTH] = "BirthDate_Month",
    [YEAR] = "BirthDate_Year",
    [YEAR_FROM] = "BirthDate_YearRangeFrom",
    [YEAR_TO] = "BirthDate_YearRangeTo",
    [CIRCA] = "BirthDate_Circa",
    [CALENDAR] = "BirthDate_CalendarType",
    [BIRTH_ZIP] = "BirthDate_ZipCode",
    [BIRTH_REGION] = "BirthDate_Region",
    [BIRTH_PLACE] = "BirthDate_Place",
    [BIRTH_CITY] = "BirthDate_City",
    [BIRTH_COUNTRY_CODE] = "BirthDate_CountryIso2Code",
    [BIRTH_COUNTRY] = "BirthDate_CountryDescription",
    [BIRTH_REMARK] = "BirthDate_Remark",
    [NUMBER] = "Identification_Number",
    [DIPLOMATIC] = "Identification_Diplomatic",
    [EXPIRED] = "Identification_KnownExpired",
    [FALSE_DOC] = "Identification_KnownFalse",
    [LOST] = "Identification_ReportedLost",
    [REVOKED] = "Identification_RevokedByIssuer",
    [ISSUER] = "Identification_IssuedBy",
    [ISSUED] = "Identification_IssuedDate",
    [VALID_FROM] = "Identification_ValidFrom",
    [VALID_TO] = "Identification_ValidTo",
    [LATIN] = "Identification_LatinNumber",
    [NAME_ON_DOC] = "Identification_NameOnDocument",
    [DOC_CODE] = "Identification_TypeCode",
    [DOC_TYPE] = "Identification_TypeDescription",
    [DOC_REGION] = "Identification_Region",
    [DOC_COUNTRY_CODE] = "Identification_CountryIso2Code",
    [DOC_COUNTRY] = "Identification_CountryDescription",
    [DOC_REMARK] = "Identification_Remark",
    [CITIZEN_REGION] = "Citizenship_Region",
    [CITIZEN_CODE] = "Citizenship_CountryIso2Code",
    [CITIZEN] = "Citizenship_CountryDescription",
    [CITIZEN_REMARK] = "Citizenship_Remark",
    [USED] = "Entity_Regulation_Type",
    "Entity_Regulation_OrganisationType",
    "Entity_Regulation_EntryIntoForceDate",
    "Entity_Regulation_PublicationUrl",
    "Address_AsAtListingTime",
    "NameAlias_LogicalId",
    "NameAlias_RegulationLanguage",
    "Address_LogicalId",
    "Address_RegulationLanguage",
    "BirthDate_LogicalId",
    "BirthDate_RegulationLanguage",
    "Identification_LogicalId",
    "Identification_RegulationLanguage",
    "Citizenship_LogicalId",
    "Citizenship_RegulationLanguage",
#define REGULATION(part)                                                                                     \
    part "_Regulation_Type", part "_Regulation_OrganisationType", part "_Regulation_PublicationDate",        \
        part "_Regulation_EntryIntoForceDate", part "_Regulation_NumberTitle", part "_Regulation_Programme", \
        part "_Regulation_PublicationUrl"
    REGULATION("NameAlias"),
    REGULATION("Address"),
    REGULATION("BirthDate"),
    REGULATION("Identification"),
    REGULATION("Citizenship"),
};

static const cordon_str none = {NULL, 0};

static cordon_str col(const struct cdn_csv *csv, size_t i) {
    return cdn_csv_col(csv, i);
}

static void first_row(struct cdn_rd *r, const struct cdn_csv *csv) {
    /* The code and the classification are the other way round than in the XML: accept both. */
    const cordon_str kind = col(csv, KIND);
    const cordon_str code = col(csv, KIND_CODE);
    const bool person = cdn_str_eq_nocase(kind, CDN_STR("P")) || cdn_str_eq_nocase(kind, CDN_STR("person")) ||
                        cdn_str_eq_nocase(code, CDN_STR("person")) || cdn_str_eq_nocase(code, CDN_STR("P"));
    const bool company =
        cdn_str_eq_nocase(kind, CDN_STR("E")) || cdn_str_eq_nocase(code, CDN_STR("enterprise")) ||
        cdn_str_eq_nocase(kind, CDN_STR("enterprise")) || cdn_str_eq_nocase(code, CDN_STR("E"));
    cdn_rd_type(r, person ? CDN_ENTRY_PERSON : company ? CDN_ENTRY_COMPANY : CDN_ENTRY_OTHER);
    if (!person && !company) {
        cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("Entity_SubjectType"), kind);
    }
    cdn_rd_reference(r, col(csv, UN));
    cdn_rd_date(r, &r->entry->listed, col(csv, DESIGNATED), "Entity_DesignationDate");
    cdn_rd_note(r, CDN_NOTE_DETAIL, CDN_STR("designation"), col(csv, DETAILS));
    if (!r->info.date.known) {
        cdn_rd_date(r, &r->info.date, col(csv, GENERATED), "fileGenerationDate");
    }
}

static void regulation(struct cdn_rd *r, const struct cdn_csv *csv) {
    struct cdn_dates date = {0};
    cdn_rd_programme(r, col(csv, PROGRAMME));
    cdn_rd_note(r, CDN_NOTE_DETAIL, CDN_STR("regulation"), col(csv, TITLE_OF_ACT));
    cdn_rd_note(r, CDN_NOTE_REMARK, none, col(csv, REMARK));
    cdn_rd_date(r, &date, col(csv, PUBLISHED), "Entity_Regulation_PublicationDate");
    if (date.known && (!r->entry->updated.known || date.to > r->entry->updated.to)) {
        r->entry->updated = date;
    }
}

static void name(struct cdn_rd *r, const struct cdn_csv *csv) {
    const struct cdn_eu_name in = {.whole = col(csv, WHOLE),
                                   .first = col(csv, FIRST),
                                   .middle = col(csv, MIDDLE),
                                   .last = col(csv, LAST),
                                   .language = col(csv, LANGUAGE),
                                   .title = col(csv, TITLE),
                                   .function = col(csv, FUNCTION),
                                   .gender = col(csv, GENDER),
                                   .remark = col(csv, NAME_REMARK),
                                   .strong = true};
    if (in.whole.n + in.first.n + in.last.n > 0) {
        (void)cdn_eu_add_name(r, &in);
    }
}

static void address(struct cdn_rd *r, const struct cdn_csv *csv) {
    const cordon_str street = col(csv, STREET);
    const cordon_str place = col(csv, PLACE);
    const cordon_str remark = col(csv, ADDRESS_REMARK);
    const struct cdn_place_in in = {.text = street.n > 0 ? street : place,
                                    .city = col(csv, CITY),
                                    .region = col(csv, REGION),
                                    .postal_code = col(csv, ZIP),
                                    .country = cdn_eu_country(col(csv, COUNTRY_CODE), col(csv, COUNTRY)),
                                    .note = remark.n > 0   ? remark
                                            : street.n > 0 ? place
                                                           : none};
    cdn_rd_address(r, &in);
    cdn_rd_note(r, CDN_NOTE_DETAIL, CDN_STR("post box"), col(csv, BOX));
    /* "PHONE[+1 2] EMAIL[a@b]": keys and values in no documented form. */
    cdn_rd_note(r, CDN_NOTE_DETAIL, CDN_STR("contact"), col(csv, CONTACT));
}

static bool is_true(cordon_str s) {
    return cdn_str_eq_nocase(s, CDN_STR("true")) || cdn_str_eq_nocase(s, CDN_STR("Y")) ||
           cdn_str_eq(s, CDN_STR("1"));
}

static void birth(struct cdn_rd *r, const struct cdn_csv *csv) {
    const struct cdn_eu_birth in = {
        .date = col(csv, BIRTH),
        .day = col(csv, DAY),
        .month = col(csv, MONTH),
        .year = col(csv, YEAR),
        .from_year = col(csv, YEAR_FROM),
        .to_year = col(csv, YEAR_TO),
        .calendar = col(csv, CALENDAR),
        .circa = is_true(col(csv, CIRCA)),
        .place = {.text = col(csv, BIRTH_PLACE),
                  .city = col(csv, BIRTH_CITY),
                  .region = col(csv, BIRTH_REGION),
                  .postal_code = col(csv, BIRTH_ZIP),
                  .country = cdn_eu_country(col(csv, BIRTH_COUNTRY_CODE), col(csv, BIRTH_COUNTRY)),
                  .note = col(csv, BIRTH_REMARK)}};
    cdn_eu_add_birth(r, &in);
}

static void ident(struct cdn_rd *r, const struct cdn_csv *csv) {
    const struct cdn_eu_ident in = {.code = col(csv, DOC_CODE),
                                    .description = col(csv, DOC_TYPE),
                                    .number = col(csv, NUMBER),
                                    .latin = col(csv, LATIN),
                                    .name = col(csv, NAME_ON_DOC),
                                    .issuer = col(csv, ISSUER),
                                    .region = col(csv, DOC_REGION),
                                    .country_code = col(csv, DOC_COUNTRY_CODE),
                                    .country = col(csv, DOC_COUNTRY),
                                    .remark = col(csv, DOC_REMARK),
                                    .issued = col(csv, ISSUED),
                                    .valid_from = col(csv, VALID_FROM),
                                    .valid_to = col(csv, VALID_TO),
                                    .diplomatic = is_true(col(csv, DIPLOMATIC)),
                                    .expired = is_true(col(csv, EXPIRED)),
                                    .known_false = is_true(col(csv, FALSE_DOC)),
                                    .lost = is_true(col(csv, LOST)),
                                    .revoked = is_true(col(csv, REVOKED))};
    if (in.number.n + in.latin.n + in.code.n > 0) {
        cdn_eu_add_ident(r, &in);
    }
}

static void citizen(struct cdn_rd *r, const struct cdn_csv *csv) {
    cdn_rd_nationality(r, CDN_NATION_CITIZENSHIP, cdn_eu_country(col(csv, CITIZEN_CODE), col(csv, CITIZEN)));
    cdn_rd_note(r, CDN_NOTE_DETAIL, CDN_STR("citizenship region"), col(csv, CITIZEN_REGION));
    cdn_rd_note(r, CDN_NOTE_REMARK, CDN_STR("citizenship"), col(csv, CITIZEN_REMARK));
}

void cdn_read_eu_csv(struct cdn_rd *r, struct cdn_list_source *s) {
    struct cdn_csv *const csv = cdn_csv_begin(r, s, ';');
    if (csv == NULL || !cdn_csv_next(csv)) {
        cdn_csv_end(csv);
        return;
    }
    cdn_csv_header(csv, names, CDN_ARRAY_LEN(names));
    while (cdn_csv_row(csv)) {
        const cordon_str reference = col(csv, REFERENCE);
        const cordon_str id = reference.n > 0 ? reference : col(csv, LOGICAL);
        if (id.n == 0) {
            cdn_rd_report(r, CDN_REPORT_ORPHAN, CDN_STR("row without reference"), col(csv, WHOLE));
            continue;
        }
        if (cdn_rd_select(r, id)) {
            first_row(r, csv);
        }
        regulation(r, csv);
        name(r, csv);
        address(r, csv);
        birth(r, csv);
        ident(r, csv);
        citizen(r, csv);
    }
    cdn_csv_end(csv);
    for (size_t i = 0; i < r->count && r->err == 0; i++) {
        r->entry = r->all[i];
        cdn_eu_finish(r);
    }
    cdn_rd_flush(r);
}
