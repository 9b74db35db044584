/* SPDX-License-Identifier: Apache-2.0 */
/* ch.c: the whole list of the Swiss State Secretariat for Economic Affairs (SECO) as XML.
 *
 * Targets that were removed stay in the file: the modification with the newest effective date decides.
 * Modifications hold copies of what they added and removed, which must not be read as part of the target. A
 * name in another script is put together from the variants of its parts; a part without one keeps its Latin
 * value. Places may stand after the targets that refer to them, so addresses are added at the end. */
#include "lists/table_priv.h"

enum {
    ROOT,
    PROGRAM,
    PROGRAM_KEY,
    PROGRAM_NAME,
    SET,
    PROGRAM_ORIGIN,
    PROGRAM_BEFORE,
    PLACE,
    PLACE_LOCATION,
    PLACE_VARIANT,
    PLACE_AREA,
    PLACE_AREA_VARIANT,
    PLACE_COUNTRY,
    TARGET,
    TARGET_SET,
    TARGET_FOREIGN,
    MODIFICATION,
    MODIFICATION_ADDED,
    MODIFICATION_REMOVED,
    MODIFICATION_REMARK,
    PERSON, /* the rows of a body, three times */
    P_IDENTITY,
    P_NATIONALITY,
    P_COUNTRY,
    P_NAME,
    P_PART,
    P_VALUE,
    P_VARIANT,
    P_BORN,
    P_BIRTH_PLACE,
    P_ADDRESS,
    P_DETAILS,
    P_ZIP,
    P_CARE_OF,
    P_REMARK,
    P_BOX,
    P_DOCUMENT,
    P_NUMBER,
    P_ISSUER,
    P_ISSUED,
    P_EXPIRES,
    P_DOC_REMARK,
    P_JUSTIFICATION,
    P_OTHER,
    P_RELATION,
    P_RELATION_REMARK,
    P_GENERIC,
    P_END,
    ENTITY = P_END,
    OBJECT = ENTITY + (P_END - PERSON),
    NODES = OBJECT + (P_END - PERSON)
};

#define PARTS 24
#define VARIANTS 256

struct place {
    cordon_str city, region, country;
};
struct pending {
    cordon_str target, place_id;
    struct cdn_place_in in;
    bool birth;
};
struct state {
    struct cdn_map places, sets;
    CDN_MANY(struct place) place;
    CDN_MANY(cordon_str) set;
    CDN_MANY(struct pending) pending;
    cordon_str id, key; /* of the place, set, document, relation at hand */
    struct place here;
    struct cdn_place_in address;
    struct cdn_dates newest; /* of the modifications of the target */
    bool removed, main, low;
    enum cdn_name_kind kind;
    cordon_str language;
    struct {
        enum cdn_name_part_kind kind;
        cordon_str value;
    } parts[PARTS];
    size_t part_count;
    struct {
        size_t part;
        cordon_str language, script, text;
    } variants[VARIANTS];
    size_t variant_count;
};

static const cordon_str none = {NULL, 0};

static unsigned shift(const struct cdn_xml *x) {
    return x->node < ENTITY ? 0 : x->node < OBJECT ? ENTITY - PERSON : OBJECT - PERSON;
}
static cordon_str value(const struct cdn_xml *x, unsigned row) {
    return cdn_xml_value(x, row + shift(x));
}
static cordon_str keep(struct cdn_xml *x, cordon_str s) {
    cordon_str kept = none;
    if (x->r->err == 0 && s.n > 0 && cdn_arena_str(&x->r->kept, cdn_str_trim(s), &kept) != 0) {
        cdn_rd_fail(x->r, CORDON_E_NOMEM, "no memory for a table");
    }
    return kept;
}
static void *row(struct cdn_xml *x, void *many, size_t size) {
    void *const p = x->r->err != 0 ? NULL : cdn_many_add(&x->r->kept, many, size, CDN_MAX_LIST_ENTRIES);
    if (p == NULL) {
        cdn_rd_fail(x->r, CORDON_E_NOMEM, "no memory for a table");
    }
    return p;
}
static void put(struct cdn_xml *x, struct cdn_map *map, cordon_str key, size_t at) {
    if (x->r->err == 0 && cdn_map_put(map, key, at, NULL) != 0) {
        cdn_rd_fail(x->r, CORDON_E_NOMEM, "no memory for a table");
    }
}

static void root_open(struct cdn_xml *x) {
    const cordon_str date = cdn_xml_attr(x, "date");
    if (date.n > 0 && !cdn_dates_parse(date, &x->r->info.date)) {
        cdn_rd_report(x->r, CDN_REPORT_VALUE, CDN_STR("date"), date);
    }
    const cordon_str type = cdn_xml_attr(x, "list-type");
    if (!cdn_str_eq(type, CDN_STR("whole-list"))) { /* the other one holds changes only */
        cdn_rd_fail(
            x->r, CORDON_E_FORMAT, "a list of type `%.*s`; only the whole list can be used", CDN_FMT(type));
    }
}

/* ---- programmes and places
 * -------------------------------------------------------------------------------------- */

static void program_open(struct cdn_xml *x) {
    ((struct state *)x->state)->key = none;
}
static void program_key_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    st->language = keep(x, cdn_xml_attr(x, "lang"));
}
static void program_key_close(struct cdn_xml *x) {
    struct state *const st = x->state;
    if (st->key.n == 0 || cdn_str_eq(st->language, CDN_STR("eng"))) {
        st->key = keep(x, cdn_xml_value(x, PROGRAM_KEY));
    }
}
static void set_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    st->id = keep(x, cdn_xml_attr(x, "ssid"));
    st->language = keep(x, cdn_xml_attr(x, "lang"));
}
static void set_close(struct cdn_xml *x) {
    struct state *const st = x->state;
    size_t at = 0;
    if (cdn_map_get(&st->sets, st->id, &at) && !cdn_str_eq(st->language, CDN_STR("eng"))) {
        return;
    }
    cordon_str *const name = row(x, &st->set, sizeof *name);
    if (name != NULL) {
        const cordon_str text = cdn_xml_value(x, SET);
        *name = st->key.n > 0 ? st->key : keep(x, text);
        put(x, &st->sets, st->id, st->set.n - 1);
    }
}

static void place_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    st->id = keep(x, cdn_xml_attr(x, "ssid"));
    st->here = (struct place){none, none, none};
}
static void place_country_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    st->here.country = keep(x, cdn_xml_attr(x, "iso-code"));
}
static void place_close(struct cdn_xml *x) {
    struct state *const st = x->state;
    struct place *const place = row(x, &st->place, sizeof *place);
    if (place != NULL) {
        place->city = keep(x, cdn_xml_value(x, PLACE_LOCATION));
        place->region = keep(x, cdn_xml_value(x, PLACE_AREA));
        place->country = st->here.country.n > 0 ? st->here.country : keep(x, cdn_xml_value(x, PLACE_COUNTRY));
        put(x, &st->places, st->id, st->place.n - 1);
    }
}

/* ---- targets
 * ------------------------------------------------------------------------------------------------------ */

static void target_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    const cordon_str id = cdn_xml_attr(x, "ssid");
    if (!cdn_rd_select(x->r, id)) {
        cdn_rd_report(x->r, CDN_REPORT_DUPLICATE, id, none);
    }
    st->newest = (struct cdn_dates){0};
    st->removed = false;
}
static void target_close(struct cdn_xml *x) {
    const struct state *const st = x->state;
    if (x->r->err == 0) {
        x->r->entry->updated = st->newest;
        x->r->entry->removed = st->removed ? st->newest : (struct cdn_dates){0};
        cdn_rd_measure(x->r, CDN_LISTED_ASSET_FREEZE, none);
    }
}
static void target_set_close(struct cdn_xml *x) {
    const struct state *const st = x->state;
    const cordon_str id = cdn_xml_value(x, TARGET_SET);
    size_t at = 0;
    cdn_rd_programme(x->r, cdn_map_get(&st->sets, id, &at) ? st->set.p[at] : id);
}
static void foreign_close(struct cdn_xml *x) {
    cdn_rd_reference(x->r, cdn_xml_value(x, TARGET_FOREIGN));
}

static void modification_open(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    struct state *const st = x->state;
    const cordon_str type = cdn_xml_attr(x, "modification-type");
    const cordon_str published = cdn_xml_attr(x, "publication-date");
    cordon_str effective = cdn_xml_attr(x, "effective-date");
    effective = effective.n > 0 ? effective : published;
    struct cdn_dates date = {0};
    cdn_rd_date(r, &date, effective, "effective-date");
    const bool removed = cdn_str_eq_nocase(type, CDN_STR("de-listed"));
    if (!removed && !cdn_str_eq_nocase(type, CDN_STR("listed")) &&
        !cdn_str_eq_nocase(type, CDN_STR("amended"))) {
        cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("modification-type"), type);
    }
    if (r->err != 0 || !date.known) {
        return;
    }
    if (!st->newest.known || date.from > st->newest.from) {
        st->newest = date;
        st->removed = removed;
    }
    struct cdn_dates *const listed = &r->entry->listed;
    if (cdn_str_eq_nocase(type, CDN_STR("listed")) && (!listed->known || date.from < listed->from)) {
        *listed = date;
    }
}

static void body_open(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    if (x->node != OBJECT) {
        cdn_rd_type(r, x->node == PERSON ? CDN_ENTRY_PERSON : CDN_ENTRY_COMPANY);
        return;
    }
    const cordon_str type = cdn_xml_attr(x, "object-type");
    if (cdn_str_eq_nocase(type, CDN_STR("vessel"))) {
        cdn_rd_type(r, CDN_ENTRY_SHIP);
    } else if (cdn_str_eq_nocase(type, CDN_STR("aircraft"))) {
        cdn_rd_type(r, CDN_ENTRY_AIRCRAFT);
    } else {
        cdn_rd_type(r, CDN_ENTRY_OTHER);
        cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("object-type"), type);
    }
}
static void body_gender_open(struct cdn_xml *x) {
    cdn_rd_gender(x->r, cdn_xml_attr(x, "sex"));
    body_open(x);
}

/* ---- names
 * ------------------------------------------------------------------------------------------------------------
 */

static void identity_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    st->main = !cdn_str_eq_nocase(cdn_xml_attr(x, "main"), CDN_STR("false"));
}
static void name_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    const cordon_str type = cdn_xml_attr(x, "name-type");
    const cordon_str quality = cdn_xml_attr(x, "quality");
    st->low = cdn_str_eq_nocase(quality, CDN_STR("low"));
    st->kind = st->low ? CDN_NAME_WEAK : CDN_NAME_STRONG;
    st->language = cdn_rd_text(x->r, cdn_xml_attr(x, "lang"));
    st->part_count = 0;
    st->variant_count = 0;
    if (cdn_str_eq_nocase(type, CDN_STR("primary-name"))) {
        st->kind = st->main ? CDN_NAME_PRIMARY : CDN_NAME_STRONG;
    } else if (cdn_str_starts_nocase(type, CDN_STR("formerly"))) {
        st->kind = CDN_NAME_FORMER;
    } else if (!cdn_str_eq_nocase(type, CDN_STR("alias"))) {
        cdn_rd_report(x->r, CDN_REPORT_VALUE, CDN_STR("name-type"), type);
    }
}

static enum cdn_name_part_kind part_kind(struct cdn_rd *r, cordon_str type) {
    static const struct {
        const char *word;
        enum cdn_name_part_kind kind;
    } kinds[] = {{"whole-name", CDN_PART_WHOLE},
                 {"family-name", CDN_PART_FAMILY},
                 {"given-name", CDN_PART_GIVEN},
                 {"further-given-name", CDN_PART_MIDDLE},
                 {"father-name", CDN_PART_FATHER},
                 {"grand-father-name", CDN_PART_GRANDFATHER},
                 {"maiden-name", CDN_PART_MAIDEN},
                 {"tribal-name", CDN_PART_FAMILY},
                 {"title", CDN_PART_TITLE},
                 {"suffix", CDN_PART_SUFFIX},
                 {"other", CDN_PART_OTHER}};
    for (size_t i = 0; i < CDN_ARRAY_LEN(kinds); i++) {
        if (cdn_str_eq_nocase(type, cdn_str_z(kinds[i].word))) {
            return kinds[i].kind;
        }
    }
    cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("name-part-type"), type);
    return CDN_PART_OTHER;
}
static void part_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    if (st->part_count == PARTS) {
        cdn_rd_fail(x->r, CORDON_E_LIMIT, "a name of more than %d parts", PARTS);
        return;
    }
    st->parts[st->part_count].value = none;
    st->parts[st->part_count++].kind = part_kind(x->r, cdn_xml_attr(x, "name-part-type"));
}
static void part_value_close(struct cdn_xml *x) {
    struct state *const st = x->state;
    if (x->r->err == 0) {
        st->parts[st->part_count - 1].value = cdn_rd_text(x->r, value(x, P_VALUE));
    }
}
static void variant_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    if (st->variant_count == VARIANTS) {
        cdn_rd_fail(x->r, CORDON_E_LIMIT, "a name of more than %d variants", VARIANTS);
        return;
    }
    const size_t i = st->variant_count++;
    st->variants[i].part = st->part_count - 1;
    st->variants[i].text = none;
    st->variants[i].language = cdn_rd_text(x->r, cdn_xml_attr(x, "lang"));
    st->variants[i].script = cdn_rd_text(x->r, cdn_xml_attr(x, "script"));
}
static void variant_close(struct cdn_xml *x) {
    struct state *const st = x->state;
    if (x->r->err == 0) {
        st->variants[st->variant_count - 1].text = cdn_rd_text(x->r, value(x, P_VARIANT));
    }
}

static int rank(enum cdn_name_part_kind kind) {
    switch (kind) {
    case CDN_PART_TITLE:
        return 0;
    case CDN_PART_FATHER:
    case CDN_PART_GRANDFATHER:
    case CDN_PART_PATRONYMIC:
    case CDN_PART_MATRONYMIC:
        return 2;
    case CDN_PART_FAMILY:
        return 3;
    case CDN_PART_MAIDEN:
        return 4;
    case CDN_PART_SUFFIX:
        return 5;
    case CDN_PART_OTHER:
    case CDN_PART_GIVEN:
    case CDN_PART_MIDDLE:
    case CDN_PART_NICKNAME:
    case CDN_PART_WHOLE:
        break;
    }
    return 1;
}

/* The name as written in the language and script of variant `like`; SIZE_MAX: the Latin values. */
static void add_rendering(struct cdn_xml *x, size_t like, uint32_t group) {
    const struct state *const st = x->state;
    struct cdn_part parts[PARTS];
    for (size_t i = 0; i < st->part_count; i++) {
        struct cdn_part part = {st->parts[i].kind, st->parts[i].value};
        for (size_t v = 0; like != SIZE_MAX && v < st->variant_count; v++) {
            if (st->variants[v].part == i &&
                cdn_str_eq(st->variants[v].language, st->variants[like].language) &&
                cdn_str_eq(st->variants[v].script, st->variants[like].script)) {
                part.text = st->variants[v].text;
                break;
            }
        }
        size_t at = i;
        while (at > 0 && rank(parts[at - 1].kind) > rank(part.kind)) {
            parts[at] = parts[at - 1];
            at--;
        }
        parts[at] = part;
    }
    enum cdn_name_kind kind = st->kind;
    if (like != SIZE_MAX && kind == CDN_NAME_PRIMARY) {
        kind = CDN_NAME_STRONG;
    }
    struct cdn_list_name *const name = cdn_rd_name_parts(x->r, kind, st->low, parts, st->part_count);
    if (name != NULL) {
        name->group = group;
        cdn_rd_set(x->r, &name->language, like == SIZE_MAX ? st->language : st->variants[like].language);
    }
}

static void name_close(struct cdn_xml *x) {
    const struct state *const st = x->state;
    const uint32_t group = st->variant_count > 0 ? ++x->r->group : 0;
    add_rendering(x, SIZE_MAX, group);
    for (size_t v = 0; v < st->variant_count && x->r->err == 0; v++) {
        bool first = true;
        for (size_t w = 0; w < v && first; w++) {
            first = !cdn_str_eq(st->variants[v].language, st->variants[w].language) ||
                    !cdn_str_eq(st->variants[v].script, st->variants[w].script);
        }
        if (first) {
            add_rendering(x, v, group);
        }
    }
}

/* ---- everything else about a target
 * ---------------------------------------------------------------------------------------- */

static void country_open(struct cdn_xml *x) {
    cdn_rd_nationality(x->r, CDN_NATION_NATIONALITY, cdn_xml_attr(x, "iso-code"));
}

static void born_open(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    const cordon_str texts[] = {cdn_xml_attr(x, "year"), cdn_xml_attr(x, "month"), cdn_xml_attr(x, "day")};
    const cordon_str calendar = cdn_xml_attr(x, "calendar");
    const bool islamic = cdn_str_starts_nocase(calendar, CDN_STR("islam"));
    uint64_t n[3] = {0, 0, 0};
    bool good = true;
    for (size_t i = 0; i < 3; i++) {
        good = good && (texts[i].n == 0 || (cdn_parse_uint(texts[i], &n[i]) && n[i] <= 9999));
    }
    struct cdn_dates date = {0};
    const int32_t year = good ? (int32_t)n[0] : 0;
    good = good && (islamic ? cdn_dates_islamic(year, (unsigned)n[1], (unsigned)n[2], &date)
                            : cdn_dates_civil(year, (unsigned)n[1], (unsigned)n[2], &date));
    if (!good) {
        cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("day-month-year"), texts[0]);
        cdn_rd_note(r, CDN_NOTE_DETAIL, CDN_STR("month of birth"), texts[1]);
        return;
    }
    if (r->entry->type == CDN_ENTRY_PERSON) {
        cdn_rd_birth_span(r, date, none);
        return;
    }
    char storage[32]; /* of a company: founded; of a ship: built */
    struct cdn_buf text;
    cdn_buf_fixed(&text, storage, sizeof storage);
    cdn_dates_write(&text, date);
    cdn_rd_note(r, CDN_NOTE_DETAIL, CDN_STR("date"), cdn_buf_get(&text));
}

static void add_pending(struct cdn_xml *x, bool birth, cordon_str place_id) {
    struct state *const st = x->state;
    struct pending *const pending = row(x, &st->pending, sizeof *pending);
    if (pending != NULL) {
        pending->target = x->r->entry->id;
        pending->place_id = place_id;
        pending->in = st->address;
        pending->birth = birth;
    }
}
static void birth_place_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    st->address = (struct cdn_place_in){.text = none};
    add_pending(x, true, keep(x, cdn_xml_attr(x, "place-id")));
}
static void address_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    st->id = keep(x, cdn_xml_attr(x, "place-id"));
}
static void address_close(struct cdn_xml *x) {
    struct state *const st = x->state;
    const cordon_str care_of = value(x, P_CARE_OF);
    const cordon_str box = value(x, P_BOX);
    st->address = (struct cdn_place_in){.text = keep(x, value(x, P_DETAILS)),
                                        .postal_code = keep(x, value(x, P_ZIP)),
                                        .note = keep(x, care_of.n > 0 ? care_of : value(x, P_REMARK))};
    if (st->address.text.n == 0) {
        st->address.text = keep(x, box);
    } else {
        cdn_rd_note(x->r, CDN_NOTE_DETAIL, CDN_STR("post box"), box);
    }
    if (care_of.n > 0) {
        cdn_rd_note(x->r, CDN_NOTE_REMARK, CDN_STR("address"), value(x, P_REMARK));
    }
    add_pending(x, false, st->id);
}

static void document_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    st->key = cdn_rd_text(x->r, cdn_xml_attr(x, "document-type"));
    st->id = none;
}
static void issuer_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    const cordon_str code = cdn_xml_attr(x, "code");
    st->id = cdn_rd_text(x->r, code.n > 0 ? code : cdn_xml_attr(x, "iso-code"));
}
static void document_close(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    const struct state *const st = x->state;
    enum cdn_ident_kind kind = CDN_IDENT_OTHER;
    if (cdn_str_find_nocase(st->key, CDN_STR("passport")) != SIZE_MAX) {
        kind = CDN_IDENT_PASSPORT;
    } else if (cdn_str_find_nocase(st->key, CDN_STR("id-card")) != SIZE_MAX ||
               cdn_str_find_nocase(st->key, CDN_STR("identity")) != SIZE_MAX) {
        kind = CDN_IDENT_NATIONAL;
    } else if (cdn_str_find_nocase(st->key, CDN_STR("driv")) != SIZE_MAX) {
        kind = CDN_IDENT_DRIVING;
    }
    const cordon_str issuer = value(x, P_ISSUER);
    const struct cdn_ident_in in = {.kind = kind,
                                    .value = value(x, P_NUMBER),
                                    .type = st->key,
                                    .country = st->id.n > 0 ? st->id : issuer,
                                    .note = value(x, P_DOC_REMARK)};
    struct cdn_list_ident *const ident = cdn_rd_ident(r, &in);
    if (ident != NULL) {
        cdn_rd_date(r, &ident->issued, value(x, P_ISSUED), "date-of-issue");
        cdn_rd_date(r, &ident->expires, value(x, P_EXPIRES), "expiry-date");
    }
}

static void justification_close(struct cdn_xml *x) {
    cdn_rd_note(x->r, CDN_NOTE_REASON, none, value(x, P_JUSTIFICATION));
}
static void other_close(struct cdn_xml *x) {
    cdn_rd_note(x->r, CDN_NOTE_REMARK, none, value(x, P_OTHER));
}
static void generic_open(struct cdn_xml *x) {
    ((struct state *)x->state)->key = cdn_rd_text(x->r, cdn_xml_attr(x, "name"));
}
static void generic_close(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    const struct state *const st = x->state;
    const cordon_str text = value(x, P_GENERIC);
    if (cdn_str_starts_nocase(st->key, CDN_STR("imo"))) {
        const struct cdn_ident_in in = {.kind = CDN_IDENT_IMO, .value = text, .type = st->key};
        (void)cdn_rd_ident(r, &in);
    } else {
        cdn_rd_note(r, CDN_NOTE_DETAIL, st->key, text);
    }
}
static void relation_open(struct cdn_xml *x) {
    const cordon_str type = cdn_xml_attr(x, "relation-type");
    enum cdn_list_relation_kind kind = CDN_LINK_OTHER;
    if (cdn_str_eq_nocase(type, CDN_STR("related-to")) || cdn_str_eq_nocase(type, CDN_STR("similar"))) {
        kind = CDN_LINK_LINKED;
    } else if (cdn_str_find_nocase(type, CDN_STR("owned")) != SIZE_MAX ||
               cdn_str_find_nocase(type, CDN_STR("controlled")) != SIZE_MAX) {
        kind = CDN_LINK_OWNED_BY;
    } else if (cdn_str_find_nocase(type, CDN_STR("associate")) != SIZE_MAX) {
        kind = CDN_LINK_ASSOCIATE;
    } else if (cdn_str_find_nocase(type, CDN_STR("kin")) != SIZE_MAX ||
               cdn_str_find_nocase(type, CDN_STR("famil")) != SIZE_MAX) {
        kind = CDN_LINK_FAMILY;
    } else {
        cdn_rd_report(x->r, CDN_REPORT_VALUE, CDN_STR("relation-type"), type);
    }
    (void)cdn_rd_relation(x->r, kind, cdn_xml_attr(x, "target-id"), none, type);
}

/* ---- the table
 * -------------------------------------------------------------------------------------------------------------
 */

#define OPENED(parent, name, left_out, open, close)                                                          \
    { (parent), CDN_XML_COUNT, (name), (left_out), (open), (close) }
#define OPENED_TEXT(parent, name, left_out, open, close)                                                     \
    { (parent), CDN_XML_TEXT, (name), (left_out), (open), (close) }

#define BODY(row, name, opener)                                                                              \
    [(row)] = OPENED(TARGET, name, NULL, opener, NULL),                                                      \
    [(row) + (P_IDENTITY - PERSON)] = OPENED((row), "identity", "ssid", identity_open, NULL),                \
    [(row) + (P_NATIONALITY - PERSON)] =                                                                     \
        OPENED((row) + (P_IDENTITY - PERSON), "nationality", "ssid", NULL, NULL),                            \
    [(row) + (P_COUNTRY - PERSON)] =                                                                         \
        OPENED_TEXT((row) + (P_NATIONALITY - PERSON), "country", NULL, country_open, NULL),                  \
    [(row) + (P_NAME - PERSON)] =                                                                            \
        OPENED((row) + (P_IDENTITY - PERSON), "name", "ssid", name_open, name_close),                        \
    [(row) + (P_PART - PERSON)] = OPENED((row) + (P_NAME - PERSON), "name-part", "order", part_open, NULL),  \
    [(row) + (P_VALUE - PERSON)] =                                                                           \
        OPENED_TEXT((row) + (P_PART - PERSON), "value", NULL, NULL, part_value_close),                       \
    [(row) + (P_VARIANT - PERSON)] = OPENED_TEXT((row) + (P_PART - PERSON),                                  \
                                                 "spelling-variant",                                         \
                                                 "spelling-variant-type",                                    \
                                                 variant_open,                                               \
                                                 variant_close),                                             \
    [(row) + (P_BORN - PERSON)] =                                                                            \
        OPENED((row) + (P_IDENTITY - PERSON), "day-month-year", "ssid quality", born_open, NULL),            \
    [(row) + (P_BIRTH_PLACE - PERSON)] =                                                                     \
        OPENED((row) + (P_IDENTITY - PERSON), "place-of-birth", "ssid quality", birth_place_open, NULL),     \
    [(row) + (P_ADDRESS - PERSON)] =                                                                         \
        OPENED((row) + (P_IDENTITY - PERSON), "address", "ssid quality main", address_open, address_close),  \
    [(row) + (P_DETAILS - PERSON)] = TEXT((row) + (P_ADDRESS - PERSON), "address-details"),                  \
    [(row) + (P_ZIP - PERSON)] = TEXT((row) + (P_ADDRESS - PERSON), "zip-code"),                             \
    [(row) + (P_CARE_OF - PERSON)] = TEXT((row) + (P_ADDRESS - PERSON), "c-o"),                              \
    [(row) + (P_REMARK - PERSON)] = TEXT((row) + (P_ADDRESS - PERSON), "remark"),                            \
    [(row) + (P_BOX - PERSON)] = TEXT((row) + (P_ADDRESS - PERSON), "p-o-box"),                              \
    [(row) + (P_DOCUMENT - PERSON)] = OPENED(                                                                \
        (row) + (P_IDENTITY - PERSON), "identification-document", "ssid", document_open, document_close),    \
    [(row) + (P_NUMBER - PERSON)] = TEXT((row) + (P_DOCUMENT - PERSON), "number"),                           \
    [(row) + (P_ISSUER - PERSON)] =                                                                          \
        OPENED_TEXT((row) + (P_DOCUMENT - PERSON), "issuer", NULL, issuer_open, NULL),                       \
    [(row) + (P_ISSUED - PERSON)] = TEXT((row) + (P_DOCUMENT - PERSON), "date-of-issue"),                    \
    [(row) + (P_EXPIRES - PERSON)] = TEXT((row) + (P_DOCUMENT - PERSON), "expiry-date"),                     \
    [(row) + (P_DOC_REMARK - PERSON)] = TEXT((row) + (P_DOCUMENT - PERSON), "remark"),                       \
    [(row) + (P_JUSTIFICATION - PERSON)] =                                                                   \
        OPENED_TEXT((row), "justification", "ssid", NULL, justification_close),                              \
    [(row) + (P_OTHER - PERSON)] = OPENED_TEXT((row), "other-information", "ssid", NULL, other_close),       \
    [(row) + (P_RELATION - PERSON)] = OPENED((row), "relation", "ssid", relation_open, NULL),                \
    [(row) + (P_RELATION_REMARK - PERSON)] = LEFT_OUT((row) + (P_RELATION - PERSON), "remark"),              \
    [(row) + (P_GENERIC - PERSON)] =                                                                         \
        OPENED_TEXT((row), "generic-attribute", "ssid", generic_open, generic_close)

static const struct cdn_xml_node nodes[NODES] = {
    [ROOT] = {0, 0, "swiss-sanctions-list", NULL, root_open, NULL},
    [PROGRAM] =
        OPENED(ROOT, "sanctions-program", "ssid version-date predecessor-version-date", program_open, NULL),
    [PROGRAM_KEY] = OPENED_TEXT(PROGRAM, "program-key", NULL, program_key_open, program_key_close),
    [PROGRAM_NAME] = LEFT_OUT(PROGRAM, "program-name"),
    [SET] = OPENED_TEXT(PROGRAM, "sanctions-set", NULL, set_open, set_close),
    [PROGRAM_ORIGIN] = LEFT_OUT(PROGRAM, "origin"),
    [PROGRAM_BEFORE] = LEFT_OUT(PROGRAM, "predecessor"),
    [PLACE] = OPENED(ROOT, "place", NULL, place_open, place_close),
    [PLACE_LOCATION] = TEXT(PLACE, "location"),
    [PLACE_VARIANT] = LEFT_OUT(PLACE, "location-variant"),
    [PLACE_AREA] = TEXT(PLACE, "area"),
    [PLACE_AREA_VARIANT] = LEFT_OUT(PLACE, "area-variant"),
    [PLACE_COUNTRY] = OPENED_TEXT(PLACE, "country", NULL, place_country_open, NULL),
    [TARGET] = {ROOT, CDN_XML_PLACE, "target", NULL, target_open, target_close},
    [TARGET_SET] = TEXT_DO(TARGET, "sanctions-set-id", target_set_close),
    [TARGET_FOREIGN] = TEXT_DO(TARGET, "foreign-identifier", foreign_close),
    [MODIFICATION] = OPENED(TARGET, "modification", "enactment-date", modification_open, NULL),
    [MODIFICATION_ADDED] = LEFT_OUT(MODIFICATION, "added"),
    [MODIFICATION_REMOVED] = LEFT_OUT(MODIFICATION, "removed"),
    [MODIFICATION_REMARK] = LEFT_OUT(MODIFICATION, "remark"),
    BODY(PERSON, "individual", body_gender_open),
    BODY(ENTITY, "entity", body_open),
    BODY(OBJECT, "object", body_open),
};

static void add_places(struct cdn_rd *r, const struct state *st) {
    for (uint32_t i = 0; i < st->pending.n && r->err == 0; i++) {
        const struct pending *const pending = &st->pending.p[i];
        struct cdn_place_in in = pending->in;
        size_t at = 0;
        if (cdn_map_get(&st->places, pending->place_id, &at)) {
            in.city = st->place.p[at].city;
            in.region = st->place.p[at].region;
            in.country = st->place.p[at].country;
        } else if (pending->place_id.n > 0) {
            cdn_rd_report(r, CDN_REPORT_ORPHAN, CDN_STR("place"), pending->place_id);
        }
        (void)cdn_rd_select(r, pending->target);
        if (pending->birth) {
            cdn_rd_birth_place(r, &in);
        } else {
            cdn_rd_address(r, &in);
        }
    }
}

void cdn_read_ch_xml(struct cdn_rd *r, struct cdn_list_source *s) {
    struct state *const st = cdn_alloc_zero(r->alloc, 1, sizeof *st);
    if (st == NULL) {
        cdn_rd_fail(r, CORDON_E_NOMEM, "no memory to read a list");
        return;
    }
    cdn_map_init(&st->places, r->alloc);
    cdn_map_init(&st->sets, r->alloc);
    cdn_xml_read(r, s, nodes, NODES, st);
    add_places(r, st);
    cdn_rd_flush(r);
    cdn_map_free(&st->places);
    cdn_map_free(&st->sets);
    cdn_free(r->alloc, st, sizeof *st);
}
