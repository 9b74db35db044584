/* SPDX-License-Identifier: Apache-2.0 */
/* ofac_enhanced.c: SDN_ENHANCED.XML, the newest format of OFAC: text stands where it is used, names come in
 * several scripts, relations name the related entry. Programme exports have the same shape; their filter is
 * reported. */
#include "lists/ofac_priv.h"
#include "lists/table_priv.h"

enum {
    ROOT,
    INFO,
    AS_OF,
    FILTERS,
    FILTER_LISTS,
    FILTER_PROGRAMS,
    FILTER_PROGRAM,
    FILTER_OTHER,
    REFERENCES,
    FEATURE_TYPES,
    ENTITIES,
    ENTITY,
    GENERAL,
    IDENTITY_ID,
    TYPE,
    TITLE,
    REMARKS,
    LISTS,
    LIST,
    PROGRAMS,
    PROGRAM,
    TYPES,
    SANCTION,
    AUTHORITIES,
    AUTHORITY,
    NAMES,
    NAME,
    NAME_PRIMARY,
    NAME_ALIAS,
    NAME_LOW,
    TRANSLATIONS,
    TRANSLATION,
    T_PRIMARY,
    T_SCRIPT,
    T_FIRST,
    T_LAST,
    T_FULL,
    T_PARTS,
    T_PART,
    T_PART_TYPE,
    T_PART_VALUE,
    ADDRESSES,
    ADDRESS,
    ADDRESS_COUNTRY,
    ADDRESS_TRANSLATIONS,
    ADDRESS_T,
    ADDRESS_T_PRIMARY,
    ADDRESS_T_SCRIPT,
    ADDRESS_PARTS,
    ADDRESS_PART,
    ADDRESS_PART_TYPE,
    ADDRESS_PART_VALUE,
    FEATURES,
    FEATURE,
    FEATURE_TYPE,
    FEATURE_VERSION,
    FEATURE_VALUE,
    FEATURE_REF,
    FEATURE_PRIMARY,
    FEATURE_RELIABILITY,
    FEATURE_DATE,
    FEATURE_FROM1,
    FEATURE_FROM2,
    FEATURE_TO1,
    FEATURE_TO2,
    FEATURE_CIRCA,
    FEATURE_RANGE,
    DOCUMENTS,
    DOCUMENT,
    DOC_TYPE,
    DOC_NAME,
    DOC_NUMBER,
    DOC_VALID,
    DOC_COUNTRY,
    DOC_LOCATION,
    DOC_AUTHORITY,
    DOC_COMMENTS,
    DOC_FEATURES,
    DOC_ISSUED,
    DOC_ISSUED_FROM,
    DOC_ISSUED_FROM2,
    DOC_ISSUED_TO1,
    DOC_ISSUED_TO,
    DOC_ISSUED_CIRCA,
    DOC_ISSUED_RANGE,
    DOC_EXPIRES,
    DOC_EXPIRES_FROM,
    DOC_EXPIRES_FROM2,
    DOC_EXPIRES_TO1,
    DOC_EXPIRES_TO,
    DOC_EXPIRES_CIRCA,
    DOC_EXPIRES_RANGE,
    RELATIONS,
    RELATION,
    RELATION_TYPE,
    RELATION_ENTITY,
    RELATION_QUALITY,
    RELATION_COMMENTS,
    NODES
};

#define PARTS 16
#define LINES 8

struct state {
    struct cdn_part parts[PARTS]; /* of the translation that is open; texts in the entry's arena */
    size_t part_count;
    uint32_t group, rendered; /* of the name that is open */
    struct {
        cordon_str type, value;
    } lines[LINES]; /* of the address */
    size_t line_count;
    cordon_str target; /* of the relation */
};

static const cordon_str none = {NULL, 0};

static void as_of_close(struct cdn_xml *x) {
    const cordon_str date = cdn_xml_value(x, AS_OF);
    if (!cdn_dates_parse(date, &x->r->info.date)) {
        cdn_rd_report(x->r, CDN_REPORT_VALUE, CDN_STR("dataAsOf"), date);
    }
}

static void filter_close(struct cdn_xml *x) {
    cdn_rd_report(x->r,
                  CDN_REPORT_VALUE,
                  CDN_STR("filters: the file holds some programmes only"),
                  cdn_xml_value(x, FILTER_PROGRAM));
}

static void entity_open(struct cdn_xml *x) {
    cdn_rd_begin(x->r, cdn_xml_attr(x, "id"));
}
static void entity_close(struct cdn_xml *x) {
    cdn_rd_emit(x->r);
}

static void general_close(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    cdn_rd_type(r, cdn_ofac_type(r, cdn_xml_value(x, TYPE)));
    cdn_rd_note(r, CDN_NOTE_POSITION, none, cdn_xml_value(x, TITLE));
    cdn_rd_note(r, CDN_NOTE_REMARK, none, cdn_xml_value(x, REMARKS));
}

static void list_open(struct cdn_xml *x) {
    struct cdn_dates date = {0};
    cdn_rd_date(x->r, &date, cdn_xml_attr(x, "datePublished"), "datePublished");
    struct cdn_dates *const listed = &x->r->entry->listed;
    if (date.known && (!listed->known || date.from < listed->from)) {
        *listed = date;
    }
}
static void list_close(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    if (r->entry->sub_list.n == 0) {
        cdn_rd_set(r, &r->entry->sub_list, cdn_xml_value(x, LIST));
    } else {
        cdn_rd_note(r, CDN_NOTE_DETAIL, CDN_STR("also on"), cdn_xml_value(x, LIST));
    }
}
static void program_close(struct cdn_xml *x) {
    cdn_rd_programme(x->r, cdn_xml_value(x, PROGRAM));
}
static void sanction_close(struct cdn_xml *x) {
    const cordon_str word = cdn_xml_value(x, SANCTION);
    cdn_rd_measure(x->r, cdn_ofac_measure(x->r, word), word);
}
static void authority_close(struct cdn_xml *x) {
    cdn_rd_note(x->r, CDN_NOTE_DETAIL, CDN_STR("legal authority"), cdn_xml_value(x, AUTHORITY));
}

/* ---- names ------------------------------------------------------------------------------------------------
 */

static void name_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    st->group = ++x->r->group;
    st->rendered = 0;
}
static void name_close(struct cdn_xml *x) {
    const struct state *const st = x->state;
    for (uint32_t i = 0; st->rendered < 2 && i < x->r->entry->names.n; i++) {
        if (x->r->entry->names.p[i].group == st->group) {
            x->r->entry->names.p[i].group = 0;
        }
    }
}
static void translation_open(struct cdn_xml *x) {
    ((struct state *)x->state)->part_count = 0;
}

static void part_close(struct cdn_xml *x) {
    struct state *const st = x->state;
    static const struct {
        const char *word;
        enum cdn_name_part_kind kind;
    } kinds[] = {{"Last Name", CDN_PART_FAMILY},
                 {"First Name", CDN_PART_GIVEN},
                 {"Middle Name", CDN_PART_MIDDLE},
                 {"Maiden Name", CDN_PART_MAIDEN},
                 {"Patronymic", CDN_PART_PATRONYMIC},
                 {"Matronymic", CDN_PART_MATRONYMIC},
                 {"Nickname", CDN_PART_NICKNAME},
                 {"Entity Name", CDN_PART_WHOLE},
                 {"Vessel Name", CDN_PART_WHOLE},
                 {"Aircraft Name", CDN_PART_WHOLE}};
    const cordon_str type = cdn_xml_value(x, T_PART_TYPE);
    enum cdn_name_part_kind kind = CDN_PART_OTHER;
    bool known = false;
    for (size_t i = 0; i < CDN_ARRAY_LEN(kinds) && !known; i++) {
        known = cdn_str_eq_nocase(type, cdn_str_z(kinds[i].word));
        kind = known ? kinds[i].kind : kind;
    }
    if (!known) {
        cdn_rd_report(x->r, CDN_REPORT_VALUE, CDN_STR("namePart/type"), type);
    }
    if (st->part_count == PARTS) {
        cdn_rd_fail(x->r, CORDON_E_LIMIT, "a name of more than %d parts", PARTS);
        return;
    }
    st->parts[st->part_count++] = (struct cdn_part){kind, cdn_rd_text(x->r, cdn_xml_value(x, T_PART_VALUE))};
}

static void translation_close(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    struct state *const st = x->state;
    const bool low = cdn_xml_true(cdn_xml_value(x, NAME_LOW));
    const bool primary = cdn_xml_true(cdn_xml_value(x, NAME_PRIMARY));
    const bool first_rendering = cdn_xml_true(cdn_xml_value(x, T_PRIMARY));
    enum cdn_name_kind kind = CDN_NAME_PRIMARY;
    if (!primary) {
        kind = cdn_ofac_alias(r, cdn_xml_value(x, NAME_ALIAS), low);
    } else if (!first_rendering) {
        kind = CDN_NAME_STRONG; /* the primary name in another script */
    }
    const struct cdn_part halves[] = {{CDN_PART_GIVEN, cdn_xml_value(x, T_FIRST)},
                                      {CDN_PART_FAMILY, cdn_xml_value(x, T_LAST)}};
    struct cdn_list_name *const name = cdn_rd_name_parts(r, kind, low, halves, 2);
    if (name != NULL) {
        name->group = st->group;
        st->rendered++;
        name->parts.n = 0;
        for (size_t i = 0; st->part_count > 1 && i < 2 * st->part_count;
             i++) { /* family names last, as in `full` */
            const struct cdn_part *const part = &st->parts[i % st->part_count];
            if ((part->kind == CDN_PART_FAMILY || part->kind == CDN_PART_MAIDEN) == (i >= st->part_count)) {
                cdn_rd_part(r, name, part->kind, part->text);
            }
        }
    }
}

/* ---- addresses
 * --------------------------------------------------------------------------------------------- */

static void address_open(struct cdn_xml *x) {
    ((struct state *)x->state)->line_count = 0;
}
static void address_part_close(struct cdn_xml *x) {
    struct state *const st = x->state;
    if (st->line_count == LINES) {
        cdn_rd_fail(x->r, CORDON_E_LIMIT, "an address of more than %d parts", LINES);
        return;
    }
    st->lines[st->line_count].type = cdn_rd_text(x->r, cdn_xml_value(x, ADDRESS_PART_TYPE));
    st->lines[st->line_count++].value = cdn_rd_text(x->r, cdn_xml_value(x, ADDRESS_PART_VALUE));
}
static void address_close(struct cdn_xml *x) {
    const struct state *const st = x->state;
    char storage[4096];
    struct cdn_buf text;
    cdn_buf_fixed(&text, storage, sizeof storage);
    struct cdn_place_in in = {.country = cdn_xml_value(x, ADDRESS_COUNTRY)};
    for (size_t i = 0; i < st->line_count; i++) {
        cdn_ofac_address_part(x->r, &in, &text, st->lines[i].type, st->lines[i].value);
    }
    in.text = cdn_buf_get(&text);
    if (text.err != 0) {
        cdn_rd_fail(x->r, CORDON_E_LIMIT, "an address of more than %zu bytes", sizeof storage);
    }
    cdn_rd_address(x->r, &in);
}

/* ---- features, documents, relations
 * --------------------------------------------------------------------------- */

/* First and last day of two texts; `text` is what the file calls it. */
static struct cdn_dates between(struct cdn_rd *r, cordon_str from, cordon_str to, cordon_str circa) {
    struct cdn_dates a = {0};
    struct cdn_dates b = {0};
    cdn_rd_date(r, &a, from, "fromDateBegin");
    cdn_rd_date(r, &b, to, "toDateEnd");
    a = cdn_dates_hull(a, b);
    a.circa = cdn_xml_true(circa);
    return a;
}

static void feature_close(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    const struct cdn_ofac_item item = {.type = cdn_xml_value(x, FEATURE_TYPE),
                                       .value = cdn_xml_value(x, FEATURE_VALUE)};
    if (cdn_str_eq_nocase(cdn_xml_value(x, FEATURE_RELIABILITY), CDN_STR("False"))) {
        cdn_rd_tally(r, CDN_REPORT_LEFT_OUT, CDN_STR("features that are called false"), 1);
        return;
    }
    if (!cdn_str_eq(item.type, CDN_STR("Birthdate")) || cdn_buf_get(&x->values[FEATURE_FROM1]).n == 0) {
        cdn_ofac_item(r, &item);
        return;
    }
    cdn_rd_birth_span(r,
                      between(r,
                              cdn_xml_value(x, FEATURE_FROM1),
                              cdn_xml_value(x, FEATURE_TO2),
                              cdn_xml_value(x, FEATURE_CIRCA)),
                      item.value);
}
/* The date of this feature, not of one before it, which had a date while this one has none. */
static void feature_open(struct cdn_xml *x) {
    for (unsigned i = FEATURE_FROM1; i <= FEATURE_RANGE; i++) {
        cdn_buf_clear(&x->values[i]);
    }
}

static void document_open(struct cdn_xml *x) {
    for (unsigned i = DOC_ISSUED_FROM; i <= DOC_EXPIRES_RANGE; i++) {
        cdn_buf_clear(&x->values[i]);
    }
}
static void document_close(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    const cordon_str country = cdn_xml_value(x, DOC_COUNTRY);
    const struct cdn_ofac_item item = {.type = cdn_xml_value(x, DOC_TYPE),
                                       .value = cdn_xml_value(x, DOC_NUMBER),
                                       .country = country.n > 0 ? country : cdn_xml_value(x, DOC_LOCATION),
                                       .note = cdn_xml_value(x, DOC_COMMENTS),
                                       .invalid =
                                           cdn_str_eq_nocase(cdn_xml_value(x, DOC_VALID), CDN_STR("false")),
                                       .document = true};
    const uint32_t before = r->entry->identifiers.n;
    cdn_ofac_item(r, &item);
    cdn_rd_note(r, CDN_NOTE_DETAIL, CDN_STR("document issued by"), cdn_xml_value(x, DOC_AUTHORITY));
    if (r->err == 0 && r->entry->identifiers.n > before) {
        const struct cdn_dates issued = between(r,
                                                cdn_xml_value(x, DOC_ISSUED_FROM),
                                                cdn_xml_value(x, DOC_ISSUED_TO),
                                                cdn_xml_value(x, DOC_ISSUED_CIRCA));
        r->entry->identifiers.p[before].issued = issued;
        r->entry->identifiers.p[before].expires = between(r,
                                                          cdn_xml_value(x, DOC_EXPIRES_FROM),
                                                          cdn_xml_value(x, DOC_EXPIRES_TO),
                                                          cdn_xml_value(x, DOC_EXPIRES_CIRCA));
    }
}

static void relation_open(struct cdn_xml *x) {
    ((struct state *)x->state)->target = none;
}
static void related_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    st->target = cdn_rd_text(x->r, cdn_xml_attr(x, "entityId"));
}
static void relation_close(struct cdn_xml *x) {
    const struct state *const st = x->state;
    const cordon_str type = cdn_xml_value(x, RELATION_TYPE);
    (void)cdn_rd_relation(
        x->r, cdn_ofac_relation(x->r, type), st->target, cdn_xml_value(x, RELATION_ENTITY), type);
    cdn_rd_note(x->r, CDN_NOTE_DETAIL, CDN_STR("relation"), cdn_xml_value(x, RELATION_COMMENTS));
}

/* Attributes with numbers into the reference values: the text stands beside them. */
#define REFS "refId id"
#define REF_TEXT(parent, name)                                                                               \
    { (parent), CDN_XML_TEXT, (name), REFS " featureTypeId", NULL, NULL }
#define OPENED(parent, name, left_out, open, close)                                                          \
    { (parent), CDN_XML_COUNT, (name), (left_out), (open), (close) }
#define DATE(group, from1, from2, to1, to2, circa, range)                                                    \
    [from1] = TEXT(group, "fromDateBegin"), [from2] = LEFT_OUT(group, "fromDateEnd"),                        \
    [to1] = LEFT_OUT(group, "toDateBegin"), [to2] = TEXT(group, "toDateEnd"),                                \
    [circa] = TEXT(group, "isApproximate"), [range] = LEFT_OUT(group, "isDateRange")

static const struct cdn_xml_node nodes[NODES] = {
    [ROOT] = GROUP(0, "sanctionsData"),
    [INFO] = GROUP(ROOT, "publicationInfo"),
    [AS_OF] = TEXT_DO(INFO, "dataAsOf", as_of_close),
    [FILTERS] = GROUP(INFO, "filters"),
    [FILTER_LISTS] = LEFT_OUT(FILTERS, "sanctionsLists"),
    [FILTER_PROGRAMS] = GROUP(FILTERS, "sanctionsPrograms"),
    [FILTER_PROGRAM] = {FILTER_PROGRAMS, CDN_XML_TEXT, "sanctionsProgram", REFS, NULL, filter_close},
    [FILTER_OTHER] = LEFT_OUT(FILTERS, "sanctionsTypes"),
    [REFERENCES] = LEFT_OUT(ROOT, "referenceValues"),
    [FEATURE_TYPES] = LEFT_OUT(ROOT, "featureTypes"),
    [ENTITIES] = GROUP(ROOT, "entities"),
    [ENTITY] = {ENTITIES, CDN_XML_PLACE, "entity", NULL, entity_open, entity_close},
    [GENERAL] = ITEM(ENTITY, "generalInfo", general_close),
    [IDENTITY_ID] = LEFT_OUT(GENERAL, "identityId"),
    [TYPE] = REF_TEXT(GENERAL, "entityType"),
    [TITLE] = TEXT(GENERAL, "title"),
    [REMARKS] = TEXT(GENERAL, "remarks"),
    [LISTS] = GROUP(ENTITY, "sanctionsLists"),
    [LIST] = {LISTS, CDN_XML_TEXT | CDN_XML_COUNT, "sanctionsList", REFS, list_open, list_close},
    [PROGRAMS] = GROUP(ENTITY, "sanctionsPrograms"),
    [PROGRAM] = {PROGRAMS, CDN_XML_TEXT | CDN_XML_COUNT, "sanctionsProgram", REFS, NULL, program_close},
    [TYPES] = GROUP(ENTITY, "sanctionsTypes"),
    [SANCTION] = {TYPES, CDN_XML_TEXT | CDN_XML_COUNT, "sanctionsType", REFS, NULL, sanction_close},
    [AUTHORITIES] = GROUP(ENTITY, "legalAuthorities"),
    [AUTHORITY] = {AUTHORITIES, CDN_XML_TEXT | CDN_XML_COUNT, "legalAuthority", REFS, NULL, authority_close},
    [NAMES] = GROUP(ENTITY, "names"),
    [NAME] = OPENED(NAMES, "name", "id", name_open, name_close),
    [NAME_PRIMARY] = TEXT(NAME, "isPrimary"),
    [NAME_ALIAS] = REF_TEXT(NAME, "aliasType"),
    [NAME_LOW] = TEXT(NAME, "isLowQuality"),
    [TRANSLATIONS] = GROUP(NAME, "translations"),
    [TRANSLATION] = OPENED(TRANSLATIONS, "translation", "id", translation_open, translation_close),
    [T_PRIMARY] = TEXT(TRANSLATION, "isPrimary"),
    [T_SCRIPT] = LEFT_OUT(TRANSLATION, "script"),
    [T_FIRST] = TEXT(TRANSLATION, "formattedFirstName"),
    [T_LAST] = TEXT(TRANSLATION, "formattedLastName"),
    [T_FULL] = LEFT_OUT(TRANSLATION, "formattedFullName"),
    [T_PARTS] = GROUP(TRANSLATION, "nameParts"),
    [T_PART] = OPENED(T_PARTS, "namePart", "id", NULL, part_close),
    [T_PART_TYPE] = REF_TEXT(T_PART, "type"),
    [T_PART_VALUE] = TEXT(T_PART, "value"),
    [ADDRESSES] = GROUP(ENTITY, "addresses"),
    [ADDRESS] = OPENED(ADDRESSES, "address", "id", address_open, address_close),
    [ADDRESS_COUNTRY] = REF_TEXT(ADDRESS, "country"),
    [ADDRESS_TRANSLATIONS] = GROUP(ADDRESS, "translations"),
    [ADDRESS_T] = OPENED(ADDRESS_TRANSLATIONS, "translation", "id", NULL, NULL),
    [ADDRESS_T_PRIMARY] = LEFT_OUT(ADDRESS_T, "isPrimary"),
    [ADDRESS_T_SCRIPT] = LEFT_OUT(ADDRESS_T, "script"),
    [ADDRESS_PARTS] = GROUP(ADDRESS_T, "addressParts"),
    [ADDRESS_PART] = OPENED(ADDRESS_PARTS, "addressPart", "id", NULL, address_part_close),
    [ADDRESS_PART_TYPE] = REF_TEXT(ADDRESS_PART, "type"),
    [ADDRESS_PART_VALUE] = TEXT(ADDRESS_PART, "value"),
    [FEATURES] = GROUP(ENTITY, "features"),
    [FEATURE] = OPENED(FEATURES, "feature", "id", feature_open, feature_close),
    [FEATURE_TYPE] = REF_TEXT(FEATURE, "type"),
    [FEATURE_VERSION] = LEFT_OUT(FEATURE, "versionId"),
    [FEATURE_VALUE] = TEXT(FEATURE, "value"),
    [FEATURE_REF] = LEFT_OUT(FEATURE, "valueRefId"),
    [FEATURE_PRIMARY] = LEFT_OUT(FEATURE, "isPrimary"),
    [FEATURE_RELIABILITY] = REF_TEXT(FEATURE, "reliability"),
    [FEATURE_DATE] = OPENED(FEATURE, "valueDate", "id", NULL, NULL),
    DATE(FEATURE_DATE, FEATURE_FROM1, FEATURE_FROM2, FEATURE_TO1, FEATURE_TO2, FEATURE_CIRCA, FEATURE_RANGE),
    [DOCUMENTS] = GROUP(ENTITY, "identityDocuments"),
    [DOCUMENT] = OPENED(DOCUMENTS, "identityDocument", "id", document_open, document_close),
    [DOC_TYPE] = REF_TEXT(DOCUMENT, "type"),
    [DOC_NAME] = LEFT_OUT(DOCUMENT, "name"),
    [DOC_NUMBER] = TEXT(DOCUMENT, "documentNumber"),
    [DOC_VALID] = TEXT(DOCUMENT, "isValid"),
    [DOC_COUNTRY] = REF_TEXT(DOCUMENT, "issuingCountry"),
    [DOC_LOCATION] = REF_TEXT(DOCUMENT, "issuingLocation"),
    [DOC_AUTHORITY] = TEXT(DOCUMENT, "issuingAuthority"),
    [DOC_COMMENTS] = TEXT(DOCUMENT, "comments"),
    [DOC_FEATURES] = LEFT_OUT(DOCUMENT, "idFeatures"),
    [DOC_ISSUED] = OPENED(DOCUMENT, "issueDate", "id", NULL, NULL),
    DATE(DOC_ISSUED,
         DOC_ISSUED_FROM,
         DOC_ISSUED_FROM2,
         DOC_ISSUED_TO1,
         DOC_ISSUED_TO,
         DOC_ISSUED_CIRCA,
         DOC_ISSUED_RANGE),
    [DOC_EXPIRES] = OPENED(DOCUMENT, "expirationDate", "id", NULL, NULL),
    DATE(DOC_EXPIRES,
         DOC_EXPIRES_FROM,
         DOC_EXPIRES_FROM2,
         DOC_EXPIRES_TO1,
         DOC_EXPIRES_TO,
         DOC_EXPIRES_CIRCA,
         DOC_EXPIRES_RANGE),
    [RELATIONS] = GROUP(ENTITY, "relationships"),
    [RELATION] = OPENED(RELATIONS, "relationship", "id", relation_open, relation_close),
    [RELATION_TYPE] = REF_TEXT(RELATION, "type"),
    [RELATION_ENTITY] = {RELATION, CDN_XML_TEXT, "relatedEntity", NULL, related_open, NULL},
    [RELATION_QUALITY] = LEFT_OUT(RELATION, "quality"),
    [RELATION_COMMENTS] = TEXT(RELATION, "comments"),
};

void cdn_read_ofac_enhanced(struct cdn_rd *r, struct cdn_list_source *s) {
    struct state state = {.part_count = 0};
    cdn_xml_read(r, s, nodes, NODES, &state);
}
