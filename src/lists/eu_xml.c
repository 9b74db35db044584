/* SPDX-License-Identifier: Apache-2.0 */
/* eu_xml.c: the EU's consolidated list, FULL 1.1 XML. Nearly all data is in attributes; an empty one is
 * unknown. */
#include "lists/eu_priv.h"
#include "lists/table_priv.h"

enum {
    ROOT,
    ENTITY,
    REMARK,
    REGULATION,
    REGULATION_URL,
    SUBJECT,
    ALIAS,
    ALIAS_REMARK,
    ALIAS_REGULATION,
    CITIZEN,
    CITIZEN_REMARK,
    CITIZEN_REGULATION,
    BIRTH,
    BIRTH_REMARK,
    BIRTH_REGULATION,
    ADDRESS,
    ADDRESS_REMARK,
    ADDRESS_REGULATION,
    CONTACT,
    IDENT,
    IDENT_REMARK,
    IDENT_REGULATION,
    NODES
};

struct state {
    struct cdn_list_name *name;         /* of the nameAlias that is open; NULL: it was there before */
    uint32_t addresses, idents, places; /* how many there were before the open element */
};

static const cordon_str none = {NULL, 0};

static cordon_str attr(struct cdn_xml *x, const char *name) {
    return cdn_str_trim(cdn_xml_attr(x, name));
}

static void root_open(struct cdn_xml *x) {
    const cordon_str date = attr(x, "generationDate");
    if (date.n > 0 && !cdn_dates_parse(date, &x->r->info.date)) {
        cdn_rd_report(x->r, CDN_REPORT_VALUE, CDN_STR("generationDate"), date);
    }
}

static void entity_open(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    const cordon_str reference = attr(x, "euReferenceNumber");
    const cordon_str logical = attr(x, "logicalId");
    cdn_rd_begin(r, reference.n > 0 ? reference : logical);
    cdn_rd_reference(r, attr(x, "unitedNationId"));
    cdn_rd_date(r, &r->entry->listed, attr(x, "designationDate"), "designationDate");
    cdn_rd_note(r, CDN_NOTE_DETAIL, CDN_STR("designation"), attr(x, "designationDetails"));
}

static void entity_close(struct cdn_xml *x) {
    cdn_eu_finish(x->r);
    cdn_rd_emit(x->r);
}

static void remark_close(struct cdn_xml *x) {
    cdn_rd_note(x->r, CDN_NOTE_REMARK, none, cdn_xml_value(x, REMARK));
}

static void regulation_open(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    struct cdn_dates date = {0};
    cdn_rd_programme(r, attr(x, "programme"));
    cdn_rd_note(r, CDN_NOTE_DETAIL, CDN_STR("regulation"), attr(x, "numberTitle"));
    cdn_rd_date(r, &date, attr(x, "publicationDate"), "publicationDate");
    if (date.known && (!r->entry->updated.known || date.to > r->entry->updated.to)) {
        r->entry->updated = date;
    }
}

static void subject_open(struct cdn_xml *x) {
    const cordon_str code = attr(x, "code");
    if (cdn_str_eq_nocase(code, CDN_STR("person"))) {
        cdn_rd_type(x->r, CDN_ENTRY_PERSON);
    } else if (cdn_str_eq_nocase(code, CDN_STR("enterprise"))) {
        cdn_rd_type(x->r, CDN_ENTRY_COMPANY);
    } else {
        cdn_rd_type(x->r, CDN_ENTRY_OTHER);
        cdn_rd_report(x->r, CDN_REPORT_VALUE, CDN_STR("subjectType"), code);
    }
}

static void alias_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    const struct cdn_eu_name in = {.whole = attr(x, "wholeName"),
                                   .first = attr(x, "firstName"),
                                   .middle = attr(x, "middleName"),
                                   .last = attr(x, "lastName"),
                                   .language = attr(x, "nameLanguage"),
                                   .title = attr(x, "title"),
                                   .function = attr(x, "function"),
                                   .gender = attr(x, "gender"),
                                   .strong = !cdn_str_eq_nocase(attr(x, "strong"), CDN_STR("false"))};
    st->name = cdn_eu_add_name(x->r, &in);
}

static void alias_remark_close(struct cdn_xml *x) {
    struct state *const st = x->state;
    cdn_eu_name_remark(x->r, st->name, cdn_xml_value(x, ALIAS_REMARK));
}

static void citizen_open(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    const cordon_str name = attr(x, "countryDescription");
    cdn_rd_nationality(r, CDN_NATION_CITIZENSHIP, cdn_eu_country(attr(x, "countryIso2Code"), name));
    cdn_rd_note(r, CDN_NOTE_DETAIL, CDN_STR("citizenship region"), attr(x, "region"));
}

static void birth_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    const cordon_str name = attr(x, "countryDescription");
    struct cdn_eu_birth in = {.date = attr(x, "birthdate"),
                              .day = attr(x, "dayOfMonth"),
                              .month = attr(x, "monthOfYear"),
                              .year = attr(x, "year"),
                              .from_year = attr(x, "yearRangeFrom"),
                              .to_year = attr(x, "yearRangeTo"),
                              .calendar = attr(x, "calendarType"),
                              .circa = cdn_xml_true(attr(x, "circa"))};
    in.place = (struct cdn_place_in){.text = attr(x, "place"),
                                     .city = attr(x, "city"),
                                     .region = attr(x, "region"),
                                     .postal_code = attr(x, "zipCode"),
                                     .country = cdn_eu_country(attr(x, "countryIso2Code"), name)};
    st->places = x->r->entry->birth_places.n;
    cdn_eu_add_birth(x->r, &in);
}

static void birth_remark_close(struct cdn_xml *x) {
    const struct state *const st = x->state;
    struct cdn_list_entry *const entry = x->r->entry;
    const cordon_str remark = cdn_xml_value(x, BIRTH_REMARK);
    if (entry->birth_places.n > st->places && entry->birth_places.p[st->places].note.n == 0) {
        cdn_rd_set(x->r, &entry->birth_places.p[st->places].note, remark);
    } else {
        cdn_rd_note(x->r, CDN_NOTE_REMARK, CDN_STR("birth"), remark);
    }
}

static void address_open(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    struct state *const st = x->state;
    const cordon_str name = attr(x, "countryDescription");
    const cordon_str box = attr(x, "poBox");
    const cordon_str street = attr(x, "street");
    const cordon_str place = attr(x, "place");
    const struct cdn_place_in in = {.text = street.n > 0 ? street : place,
                                    .city = attr(x, "city"),
                                    .region = attr(x, "region"),
                                    .postal_code = attr(x, "zipCode"),
                                    .country = cdn_eu_country(attr(x, "countryIso2Code"), name),
                                    .note = street.n > 0 ? place : none};
    st->addresses = r->entry->addresses.n;
    cdn_rd_address(r, &in);
    cdn_rd_note(r, CDN_NOTE_DETAIL, CDN_STR("post box"), box);
}

static void address_remark_close(struct cdn_xml *x) {
    const struct state *const st = x->state;
    struct cdn_list_entry *const entry = x->r->entry;
    const cordon_str remark = cdn_xml_value(x, ADDRESS_REMARK);
    if (entry->addresses.n > st->addresses && entry->addresses.p[st->addresses].note.n == 0) {
        cdn_rd_set(x->r, &entry->addresses.p[st->addresses].note, remark);
    } else {
        cdn_rd_note(x->r, CDN_NOTE_REMARK, CDN_STR("address"), remark);
    }
}

static void contact_open(struct cdn_xml *x) {
    const cordon_str key = attr(x, "key");
    cdn_eu_contact(x->r, key, attr(x, "value"));
}

static void ident_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    const struct cdn_eu_ident in = {.code = attr(x, "identificationTypeCode"),
                                    .description = attr(x, "identificationTypeDescription"),
                                    .number = attr(x, "number"),
                                    .latin = attr(x, "latinNumber"),
                                    .name = attr(x, "nameOnDocument"),
                                    .issuer = attr(x, "issuedBy"),
                                    .region = attr(x, "region"),
                                    .country_code = attr(x, "countryIso2Code"),
                                    .country = attr(x, "countryDescription"),
                                    .issued = attr(x, "issuedDate"),
                                    .valid_from = attr(x, "validFrom"),
                                    .valid_to = attr(x, "validTo"),
                                    .diplomatic = cdn_xml_true(attr(x, "diplomatic")),
                                    .expired = cdn_xml_true(attr(x, "knownExpired")),
                                    .known_false = cdn_xml_true(attr(x, "knownFalse")),
                                    .lost = cdn_xml_true(attr(x, "reportedLost")),
                                    .revoked = cdn_xml_true(attr(x, "revokedByIssuer"))};
    st->idents = x->r->entry->identifiers.n;
    cdn_eu_add_ident(x->r, &in);
}

static void ident_remark_close(struct cdn_xml *x) {
    const struct state *const st = x->state;
    struct cdn_list_entry *const entry = x->r->entry;
    const cordon_str remark = cdn_xml_value(x, IDENT_REMARK);
    if (entry->identifiers.n > st->idents && entry->identifiers.p[st->idents].note.n == 0) {
        cdn_rd_set(x->r, &entry->identifiers.p[st->idents].note, remark);
    } else {
        cdn_rd_note(x->r, CDN_NOTE_REMARK, CDN_STR("identification"), remark);
    }
}

static void citizen_remark_close(struct cdn_xml *x) {
    cdn_rd_note(x->r, CDN_NOTE_REMARK, CDN_STR("citizenship"), cdn_xml_value(x, CITIZEN_REMARK));
}

#define ATTRIBUTES(parent, name, left_out, open)                                                             \
    { (parent), CDN_XML_COUNT, (name), (left_out), (open), NULL }
#define IDS "logicalId regulationLanguage"

static const struct cdn_xml_node nodes[NODES] = {
    [ROOT] = {0, 0, "export", "globalFileId", root_open, NULL},
    [ENTITY] = {ROOT, CDN_XML_PLACE, "sanctionEntity", NULL, entity_open, entity_close},
    [REMARK] = TEXT_DO(ENTITY, "remark", remark_close),
    [REGULATION] = ATTRIBUTES(
        ENTITY, "regulation", IDS " regulationType organisationType entryIntoForceDate", regulation_open),
    [REGULATION_URL] = LEFT_OUT(REGULATION, "publicationUrl"),
    [SUBJECT] = ATTRIBUTES(ENTITY, "subjectType", "classificationCode", subject_open),
    [ALIAS] = ATTRIBUTES(ENTITY, "nameAlias", IDS, alias_open),
    [ALIAS_REMARK] = TEXT_DO(ALIAS, "remark", alias_remark_close),
    [ALIAS_REGULATION] = LEFT_OUT(ALIAS, "regulationSummary"),
    [CITIZEN] = ATTRIBUTES(ENTITY, "citizenship", IDS, citizen_open),
    [CITIZEN_REMARK] = TEXT_DO(CITIZEN, "remark", citizen_remark_close),
    [CITIZEN_REGULATION] = LEFT_OUT(CITIZEN, "regulationSummary"),
    [BIRTH] = ATTRIBUTES(ENTITY, "birthdate", IDS, birth_open),
    [BIRTH_REMARK] = TEXT_DO(BIRTH, "remark", birth_remark_close),
    [BIRTH_REGULATION] = LEFT_OUT(BIRTH, "regulationSummary"),
    [ADDRESS] = ATTRIBUTES(ENTITY, "address", IDS " asAtListingTime", address_open),
    [ADDRESS_REMARK] = TEXT_DO(ADDRESS, "remark", address_remark_close),
    [ADDRESS_REGULATION] = LEFT_OUT(ADDRESS, "regulationSummary"),
    [CONTACT] = ATTRIBUTES(ADDRESS, "contactInfo", IDS, contact_open),
    [IDENT] = ATTRIBUTES(ENTITY, "identification", IDS, ident_open),
    [IDENT_REMARK] = TEXT_DO(IDENT, "remark", ident_remark_close),
    [IDENT_REGULATION] = LEFT_OUT(IDENT, "regulationSummary"),
};

void cdn_read_eu_xml(struct cdn_rd *r, struct cdn_list_source *s) {
    struct state state = {.name = NULL};
    cdn_xml_read(r, s, nodes, NODES, &state);
}
