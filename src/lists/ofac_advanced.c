/* SPDX-License-Identifier: Apache-2.0 */
/* ofac_advanced.c: SDN_ADVANCED.XML and CONS_ADVANCED.XML, OFAC's rendering of the UN "advanced sanctions
 * data model".
 *
 * Everything is by number into ReferenceValueSets, which stand first; then locations and documents, then the
 * parties that refer to them, then relations and, last, the sanctions themselves. So locations and documents
 * are kept in tables (by identity), entries are gathered, and the sanctions added to them at the end. The
 * number of profiles that have sanctions is the count that the file claims for its parties. */
#include "lists/ofac_priv.h"
#include "lists/table_priv.h"

enum {
    ROOT,
    ISSUED,
    ISSUED_YEAR,
    ISSUED_MONTH,
    ISSUED_DAY,
    SETS,
    SET,
    REFERENCE,
    LOCATIONS,
    LOCATION,
    LOC_AREA,
    LOC_COUNTRY,
    LOC_PART,
    LOC_VALUE,
    LOC_COMMENT,
    LOC_TEXT,
    LOC_FEATURE,
    LOC_DOCUMENT,
    DOCUMENTS,
    DOCUMENT,
    DOC_COMMENT,
    DOC_NUMBER,
    DOC_AUTHORITY,
    DOC_NAME,
    DOC_DATE,
    DOC_PERIOD,
    DOC_START,
    DOC_START_FROM,
    DOC_YEAR,
    DOC_MONTH,
    DOC_DAY,
    DOC_START_TO,
    DOC_END,
    PARTIES,
    PARTY,
    PARTY_COMMENT,
    PROFILE,
    IDENTITY,
    ALIAS,
    DNAME,
    DPART,
    DVALUE,
    GROUPS,
    MASTER,
    NGROUP,
    FEATURE,
    VERSION,
    VERSION_COMMENT,
    DETAIL,
    VLOCATION,
    IDENTITY_REFERENCE,
    PERIOD,
    START,
    FROM,
    FROM_YEAR,
    FROM_MONTH,
    FROM_DAY,
    START_TO,
    END,
    END_FROM,
    TO,
    TO_YEAR,
    TO_MONTH,
    TO_DAY,
    RELATIONS,
    RELATION,
    RELATION_COMMENT,
    ENTRIES,
    ENTRY,
    EVENT,
    EVENT_COMMENT,
    EVENT_DATE,
    EVENT_YEAR,
    EVENT_MONTH,
    EVENT_DAY,
    MEASURE,
    MEASURE_COMMENT,
    MEASURE_PERIOD,
    LINKS,
    NODES
};

struct reference {
    cordon_str text, extra; /* extra: ISO2, PartyTypeID, CountryID: what the set's elements point at */
};
struct location {
    struct cdn_place_in place;
};
struct document {
    uint32_t next; /* of the same identity, number plus 1; 0: last */
    struct cdn_ofac_item item;
};
struct part {
    cordon_str text, group;
};
struct pending { /* a documented name; its parts get their kinds after all of them, at the end of the identity
                  */
    uint32_t alias, first_part, part_count;
    bool primary, low, latin_primary;
    cordon_str type;
};

struct state {
    struct cdn_arena *kept;
    struct cdn_map references, locations, identities, groups, claimed;
    CDN_MANY(struct reference) reference;
    CDN_MANY(struct location) location;
    CDN_MANY(struct document) document;
    CDN_MANY(struct pending) pending;
    CDN_MANY(struct part) part;
    CDN_MANY(cordon_str) group_type;
    struct cdn_arena identity_arena; /* of the identity that is open */
    cordon_str id, extra, type;      /* of whatever element is open */
    cordon_str identity, detail_reference, location_id, date_kind, issued, expires;
    struct cdn_place_in place;
    struct cdn_buf lines;
    char line_storage[4096];
    uint32_t alias;
    bool circa, false_identity, orphan;
    struct cdn_dates date;
    bool has_date, has_location;
};

#define LIMIT CDN_MAX_LIST_ENTRIES

static const cordon_str none = {NULL, 0};

/* ---- tables
 * ------------------------------------------------------------------------------------------------- */

static cordon_str keep(struct cdn_xml *x, struct cdn_arena *arena, cordon_str s) {
    cordon_str kept = none;
    if (x->r->err == 0 && s.n > 0 && cdn_arena_str(arena, cdn_str_trim(s), &kept) != 0) {
        cdn_rd_fail(x->r, CORDON_E_NOMEM, "no memory for a table");
    }
    return kept;
}
static cordon_str keep_attr(struct cdn_xml *x, const char *name) {
    return keep(x, ((struct state *)x->state)->kept, cdn_xml_attr(x, name));
}

static void *row(struct cdn_xml *x, struct cdn_arena *arena, void *many, size_t size) {
    void *const p = x->r->err != 0 ? NULL : cdn_many_add(arena, many, size, LIMIT);
    if (p == NULL) {
        cdn_rd_fail(x->r, CORDON_E_NOMEM, "no memory for a table");
    }
    return p;
}
#define ROW(arena, many) row(x, (arena), &(many), sizeof *(many).p)

static void put(struct cdn_xml *x, struct cdn_map *map, cordon_str key, size_t value) {
    if (x->r->err == 0 && cdn_map_put(map, key, value, NULL) != 0) {
        cdn_rd_fail(x->r, CORDON_E_NOMEM, "no memory for a table");
    }
}

static cordon_str ref_key(char storage[128], const char *set, cordon_str id) {
    struct cdn_buf key;
    cdn_buf_fixed(&key, storage, 128);
    cdn_buf_z(&key, set);
    cdn_buf_char(&key, ':');
    cdn_buf_str(&key, cdn_str(id.p, CDN_MIN(id.n, (size_t)64)));
    return cdn_buf_get(&key);
}
/* NULL, and reported, when the number points at nothing. */
static const struct reference *ref(struct cdn_xml *x, const char *set, cordon_str id) {
    const struct state *const st = x->state;
    char storage[128];
    size_t at = 0;
    if (id.n == 0) {
        return NULL;
    }
    if (!cdn_map_get(&st->references, ref_key(storage, set, id), &at)) {
        cdn_rd_report(x->r, CDN_REPORT_ORPHAN, cdn_str_z(set), id);
        return NULL;
    }
    return &st->reference.p[at];
}
static cordon_str ref_text(struct cdn_xml *x, const char *set, cordon_str id) {
    const struct reference *const found = ref(x, set, id);
    return found == NULL ? none : found->text;
}

static struct cdn_dates civil(struct cdn_xml *x, unsigned year, unsigned month, unsigned day) {
    uint64_t y = 0;
    uint64_t m = 0;
    uint64_t d = 0;
    struct cdn_dates date = {0};
    (void)cdn_parse_uint(cdn_xml_value(x, month), &m);
    (void)cdn_parse_uint(cdn_xml_value(x, day), &d);
    if (!cdn_parse_uint(cdn_xml_value(x, year), &y) || y > 9999 || m > 12 || d > 31 ||
        !cdn_dates_civil((int32_t)y, (unsigned)m, (unsigned)d, &date)) {
        cdn_rd_report(x->r, CDN_REPORT_VALUE, CDN_STR("date"), cdn_xml_value(x, year));
    }
    return date;
}

/* ---- what stands before the parties
 * ------------------------------------------------------------------------------ */

static void issued_close(struct cdn_xml *x) {
    x->r->info.date = civil(x, ISSUED_YEAR, ISSUED_MONTH, ISSUED_DAY);
}

static void reference_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    static const char *const extras[] = {"ISO2", "PartyTypeID", "CountryID", "ScriptCode", "Description"};
    char storage[128];
    char name[64];
    struct cdn_buf set;
    cdn_buf_fixed(&set, name, sizeof name - 1);
    cdn_buf_str(&set, cdn_str(x->name.p, CDN_MIN(x->name.n, sizeof name - 1)));
    name[set.n] = '\0';
    st->id = keep(x, st->kept, ref_key(storage, name, cdn_xml_attr(x, "ID")));
    st->extra = none;
    for (size_t i = 0; i < CDN_ARRAY_LEN(extras) && st->extra.n == 0; i++) {
        st->extra = keep_attr(x, extras[i]);
    }
}
static void reference_close(struct cdn_xml *x) {
    struct state *const st = x->state;
    struct reference *const reference = ROW(st->kept, st->reference);
    if (reference != NULL) {
        reference->text = keep(x, st->kept, cdn_xml_value(x, REFERENCE));
        reference->extra = st->extra;
        put(x, &st->references, st->id, st->reference.n - 1);
    }
}

static void location_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    st->id = keep_attr(x, "ID");
    st->place = (struct cdn_place_in){.text = none};
    cdn_buf_fixed(&st->lines, st->line_storage, sizeof st->line_storage);
}
static void area_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    const struct reference *const area = ref(x, "AreaCode", cdn_xml_attr(x, "AreaCodeID"));
    if (area != NULL && st->place.country.n == 0) {
        st->place.country = ref_text(x, "Country", area->extra);
    }
}
static void loc_country_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    st->place.country = ref_text(x, "Country", cdn_xml_attr(x, "CountryID"));
}
static void loc_part_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    st->type = ref_text(x, "LocPartType", cdn_xml_attr(x, "LocPartTypeID"));
}
static void loc_value_close(struct cdn_xml *x) {
    struct state *const st = x->state;
    cdn_ofac_address_part(
        x->r, &st->place, &st->lines, st->type, keep(x, st->kept, cdn_xml_value(x, LOC_TEXT)));
}
static void location_close(struct cdn_xml *x) {
    struct state *const st = x->state;
    struct location *const location = ROW(st->kept, st->location);
    if (st->lines.err != 0) {
        cdn_rd_fail(x->r, CORDON_E_LIMIT, "an address of more than %zu bytes", sizeof st->line_storage);
    }
    if (location != NULL) {
        st->place.text = keep(x, st->kept, cdn_buf_get(&st->lines));
        location->place = st->place;
        put(x, &st->locations, st->id, st->location.n - 1);
    }
}

static void document_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    st->identity = keep_attr(x, "IdentityID");
    st->type = ref_text(x, "IDRegDocType", cdn_xml_attr(x, "IDRegDocTypeID"));
    st->extra = ref_text(x, "Country", cdn_xml_attr(x, "IssuedBy-CountryID"));
    const cordon_str validity = ref_text(x, "Validity", cdn_xml_attr(x, "ValidityID"));
    st->false_identity = cdn_str_eq_nocase(validity, CDN_STR("Fraudulent"));
    st->issued = none;
    st->expires = none;
}
static void doc_date_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    st->date_kind = ref_text(x, "IDRegDocDateType", cdn_xml_attr(x, "IDRegDocDateTypeID"));
}
static void doc_from_close(struct cdn_xml *x) {
    struct state *const st = x->state;
    char storage[32];
    struct cdn_buf text;
    cdn_buf_fixed(&text, storage, sizeof storage);
    cdn_dates_write(&text, civil(x, DOC_YEAR, DOC_MONTH, DOC_DAY));
    const bool expires = cdn_str_find_nocase(st->date_kind, CDN_STR("expir")) != SIZE_MAX;
    *(expires ? &st->expires : &st->issued) = keep(x, st->kept, cdn_buf_get(&text));
}
static void document_close(struct cdn_xml *x) {
    struct state *const st = x->state;
    struct document *const document = ROW(st->kept, st->document);
    if (document == NULL) {
        return;
    }
    const cordon_str comment = keep(x, st->kept, cdn_xml_value(x, DOC_COMMENT));
    const cordon_str authority = keep(x, st->kept, cdn_xml_value(x, DOC_AUTHORITY));
    document->item = (struct cdn_ofac_item){.type = st->type,
                                            .value = keep(x, st->kept, cdn_xml_value(x, DOC_NUMBER)),
                                            .country = st->extra,
                                            .note = comment.n > 0 ? comment : authority,
                                            .issued = st->issued,
                                            .expires = st->expires,
                                            .document = true,
                                            .invalid = st->false_identity};
    size_t first = 0;
    if (cdn_map_get(&st->identities, st->identity, &first)) {
        document->next = (uint32_t)first;
    }
    put(x, &st->identities, st->identity, st->document.n);
}

/* ---- parties
 * -------------------------------------------------------------------------------------------------------- */

static void profile_open(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    const cordon_str id = cdn_xml_attr(x, "ID");
    if (!cdn_rd_select(r, id)) {
        cdn_rd_report(r, CDN_REPORT_DUPLICATE, id, none);
    }
    const struct reference *const sub = ref(x, "PartySubType", cdn_xml_attr(x, "PartySubTypeID"));
    if (r->err != 0 || sub == NULL) {
        return;
    }
    if (cdn_str_eq_nocase(sub->text, CDN_STR("Unknown"))) { /* two of them: the type tells which */
        cdn_rd_type(r, cdn_ofac_type(r, ref_text(x, "PartyType", sub->extra)));
    } else {
        cdn_rd_type(r, cdn_ofac_type(r, sub->text));
    }
}

static void party_close(struct cdn_xml *x) {
    cdn_rd_note(x->r, CDN_NOTE_REMARK, none, cdn_xml_value(x, PARTY_COMMENT));
}

static void identity_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    cdn_arena_reset(&st->identity_arena);
    memset(&st->pending, 0, sizeof st->pending);
    memset(&st->part, 0, sizeof st->part);
    memset(&st->group_type, 0, sizeof st->group_type);
    cdn_map_free(&st->groups);
    st->identity = keep(x, &st->identity_arena, cdn_xml_attr(x, "ID"));
    st->false_identity = cdn_xml_true(cdn_xml_attr(x, "False"));
}
static void alias_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    st->alias = ++x->r->group;
    st->type = ref_text(x, "AliasType", cdn_xml_attr(x, "AliasTypeID"));
    st->circa = cdn_xml_true(cdn_xml_attr(x, "Primary"));
    st->has_date = cdn_xml_true(cdn_xml_attr(x, "LowQuality"));
}
static void dname_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    const cordon_str status = ref_text(x, "DocNameStatus", cdn_xml_attr(x, "DocNameStatusID"));
    struct pending *const name = ROW(&st->identity_arena, st->pending);
    if (name != NULL) {
        name->alias = st->alias;
        name->type = st->type;
        name->primary = st->circa;
        name->low = st->has_date;
        name->latin_primary = cdn_str_eq_nocase(status, CDN_STR("Primary Latin"));
        name->first_part = st->part.n;
    }
}
static void dvalue_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    struct part *const part = ROW(&st->identity_arena, st->part);
    if (part != NULL && st->pending.n > 0) {
        part->group = keep(x, &st->identity_arena, cdn_xml_attr(x, "NamePartGroupID"));
        st->pending.p[st->pending.n - 1].part_count++;
    }
}
static void dvalue_close(struct cdn_xml *x) {
    struct state *const st = x->state;
    if (x->r->err == 0 && st->part.n > 0) {
        st->part.p[st->part.n - 1].text = keep(x, &st->identity_arena, cdn_xml_value(x, DVALUE));
    }
}
static void ngroup_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    cordon_str *const type = ROW(&st->identity_arena, st->group_type);
    if (type != NULL) {
        *type = ref_text(x, "NamePartType", cdn_xml_attr(x, "NamePartTypeID"));
        put(x, &st->groups, keep(x, &st->identity_arena, cdn_xml_attr(x, "ID")), st->group_type.n - 1);
    }
}

static enum cdn_name_part_kind part_kind(struct cdn_xml *x, const struct part *part) {
    const struct state *const st = x->state;
    static const struct {
        const char *word;
        enum cdn_name_part_kind kind;
    } kinds[] = {{"Last", CDN_PART_FAMILY},
                 {"First", CDN_PART_GIVEN},
                 {"Middle", CDN_PART_MIDDLE},
                 {"Maiden", CDN_PART_MAIDEN},
                 {"Patronymic", CDN_PART_PATRONYMIC},
                 {"Matronymic", CDN_PART_MATRONYMIC},
                 {"Nickname", CDN_PART_NICKNAME},
                 {"Entity", CDN_PART_WHOLE},
                 {"Vessel", CDN_PART_WHOLE},
                 {"Aircraft", CDN_PART_WHOLE}};
    size_t at = 0;
    if (!cdn_map_get(&st->groups, part->group, &at)) {
        cdn_rd_report(x->r, CDN_REPORT_ORPHAN, CDN_STR("NamePartGroup"), part->text);
        return CDN_PART_OTHER;
    }
    for (size_t i = 0; i < CDN_ARRAY_LEN(kinds); i++) {
        if (cdn_str_starts_nocase(st->group_type.p[at], cdn_str_z(kinds[i].word))) {
            return kinds[i].kind;
        }
    }
    cdn_rd_report(x->r, CDN_REPORT_VALUE, CDN_STR("NamePartType"), st->group_type.p[at]);
    return CDN_PART_OTHER;
}

/* Spoken order: family names go last, except in scripts that write them first. */
static int rank(const struct cdn_part *part) {
    const enum cdn_script script = cdn_script_of(part->text);
    const bool first = script == CDN_SCRIPT_HANI || script == CDN_SCRIPT_HANG || script == CDN_SCRIPT_KANA;
    return part->kind == CDN_PART_FAMILY ? (first ? 0 : 3) : part->kind == CDN_PART_MAIDEN ? 4 : 1;
}

#define PARTS 16

static void add_pending(struct cdn_xml *x, const struct pending *name) {
    struct cdn_rd *const r = x->r;
    const struct state *const st = x->state;
    struct cdn_part parts[PARTS];
    if (name->part_count > PARTS) {
        cdn_rd_fail(r, CORDON_E_LIMIT, "a name of more than %d parts", PARTS);
        return;
    }
    for (uint32_t i = 0; i < name->part_count; i++) { /* insertion sort: stable, and short */
        const struct part *const part = &st->part.p[name->first_part + i];
        const struct cdn_part made = {part_kind(x, part), part->text};
        uint32_t at = i;
        while (at > 0 && rank(&parts[at - 1]) > rank(&made)) {
            parts[at] = parts[at - 1];
            at--;
        }
        parts[at] = made;
    }
    enum cdn_name_kind kind = CDN_NAME_STRONG;
    if (!name->primary) {
        kind = cdn_ofac_alias(r, name->type, name->low);
    } else if (name->latin_primary) {
        kind = CDN_NAME_PRIMARY;
    }
    struct cdn_list_name *const added = cdn_rd_name_parts(r, kind, name->low, parts, name->part_count);
    if (added != NULL) {
        added->group = name->alias;
    }
}

/* A group of one is none. */
static void dissolve_groups(struct cdn_list_entry *entry) {
    for (uint32_t i = 0; i < entry->names.n; i++) {
        bool alone = true;
        const uint32_t from = i < 64 ? 0 : i - 64;
        for (uint32_t k = from; k < entry->names.n && k < i + 64 && alone; k++) {
            alone = k == i || entry->names.p[k].group != entry->names.p[i].group;
        }
        entry->names.p[i].group = alone ? 0 : entry->names.p[i].group;
    }
}

static void identity_close(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    const struct state *const st = x->state;
    if (st->false_identity) {
        cdn_rd_tally(r, CDN_REPORT_LEFT_OUT, CDN_STR("identities that are called false"), 1);
        return;
    }
    for (uint32_t i = 0; i < st->pending.n && r->err == 0; i++) {
        add_pending(x, &st->pending.p[i]);
    }
    if (r->err == 0) {
        dissolve_groups(r->entry);
    }
    size_t at = 0;
    if (!cdn_map_get(&st->identities, st->identity, &at)) {
        return;
    }
    for (uint32_t steps = 0; at != 0 && r->err == 0 && steps < st->document.n; steps++) {
        cdn_ofac_item(r, &st->document.p[at - 1].item);
        at = st->document.p[at - 1].next;
    }
}

/* ---- features
 * ----------------------------------------------------------------------------------------------------------
 */

static void feature_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    st->type = ref_text(x, "FeatureType", cdn_xml_attr(x, "FeatureTypeID"));
}
static void version_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    const cordon_str reliability = ref_text(x, "Reliability", cdn_xml_attr(x, "ReliabilityID"));
    st->false_identity = cdn_str_eq_nocase(reliability, CDN_STR("False"));
    st->detail_reference = none;
    st->has_location = false;
    st->has_date = false;
}
static void detail_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    st->detail_reference = ref_text(x, "DetailReference", cdn_xml_attr(x, "DetailReferenceID"));
}
static void vlocation_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    const cordon_str id = cdn_xml_attr(x, "LocationID");
    size_t at = 0;
    if (cdn_map_get(&st->locations, id, &at)) {
        st->place = st->location.p[at].place;
        st->has_location = true;
    } else {
        cdn_rd_report(x->r, CDN_REPORT_ORPHAN, CDN_STR("Location"), id);
    }
}
static void period_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    st->date = (struct cdn_dates){0};
    st->circa = false;
    st->has_date = true;
}
static void edge_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    st->circa = cdn_xml_true(cdn_xml_attr(x, "Approximate")) || st->circa;
}
static void from_close(struct cdn_xml *x) {
    struct state *const st = x->state;
    st->date = cdn_dates_hull(st->date, civil(x, FROM_YEAR, FROM_MONTH, FROM_DAY));
}
static void to_close(struct cdn_xml *x) {
    struct state *const st = x->state;
    st->date = cdn_dates_hull(st->date, civil(x, TO_YEAR, TO_MONTH, TO_DAY));
}

static void version_close(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    struct state *const st = x->state;
    const cordon_str text = cdn_xml_value(x, DETAIL);
    cdn_rd_note(r, CDN_NOTE_REMARK, st->type, cdn_xml_value(x, VERSION_COMMENT));
    if (st->false_identity) {
        cdn_rd_tally(r, CDN_REPORT_LEFT_OUT, CDN_STR("features that are called false"), 1);
    } else if (cdn_str_eq(st->type, CDN_STR("Birthdate")) && st->has_date) {
        st->date.circa = st->circa;
        cdn_rd_birth_span(r, st->date, text);
    } else if (cdn_str_eq(st->type, CDN_STR("Location"))) {
        if (st->has_location) {
            cdn_rd_address(r, &st->place);
        }
    } else {
        char storage[32];
        struct cdn_buf date;
        cdn_buf_fixed(&date, storage, sizeof storage);
        cdn_dates_write(&date, st->has_date ? st->date : (struct cdn_dates){0});
        struct cdn_ofac_item item = {.type = st->type, .value = text};
        if (item.value.n == 0) {
            item.value = st->detail_reference.n > 0 ? st->detail_reference
                         : st->has_location         ? st->place.country
                                                    : cdn_buf_get(&date);
        }
        if (item.value.n > 0) {
            cdn_ofac_item(r, &item);
        }
    }
}

/* ---- what stands after the parties
 * ---------------------------------------------------------------------------------------- */

static bool select_known(struct cdn_xml *x, cordon_str id, const char *what) {
    if (!cdn_rd_exists(x->r, id)) {
        cdn_rd_report(x->r, CDN_REPORT_ORPHAN, cdn_str_z(what), id);
        return false;
    }
    (void)cdn_rd_select(x->r, id);
    return x->r->err == 0;
}

static void relation_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    const cordon_str to = cdn_xml_attr(x, "To-ProfileID");
    const cordon_str type = ref_text(x, "RelationType", cdn_xml_attr(x, "RelationTypeID"));
    const bool former = cdn_xml_true(cdn_xml_attr(x, "Former"));
    st->orphan = !select_known(x, cdn_xml_attr(x, "From-ProfileID"), "ProfileRelationship");
    if (!st->orphan) {
        struct cdn_list_relation *const relation =
            cdn_rd_relation(x->r, cdn_ofac_relation(x->r, type), to, none, type);
        if (relation != NULL) {
            relation->former = former;
        }
    }
}
static void relation_close(struct cdn_xml *x) {
    if (!((struct state *)x->state)->orphan) {
        cdn_rd_note(x->r, CDN_NOTE_DETAIL, CDN_STR("relation"), cdn_xml_value(x, RELATION_COMMENT));
    }
}

static void entry_open(struct cdn_xml *x) {
    struct cdn_rd *const r = x->r;
    struct state *const st = x->state;
    const cordon_str profile = keep_attr(x, "ProfileID");
    const cordon_str list = ref_text(x, "List", cdn_xml_attr(x, "ListID"));
    put(x, &st->claimed, profile, 0);
    st->orphan = !select_known(x, profile, "SanctionsEntry");
    if (st->orphan) {
        return;
    }
    if (r->entry->sub_list.n == 0) {
        cdn_rd_set(r, &r->entry->sub_list, list);
    } else if (!cdn_str_eq(r->entry->sub_list, list)) {
        cdn_rd_note(r, CDN_NOTE_DETAIL, CDN_STR("also on"), list);
    }
}
static void event_open(struct cdn_xml *x) {
    const cordon_str basis = ref_text(x, "LegalBasis", cdn_xml_attr(x, "LegalBasisID"));
    if (!((struct state *)x->state)->orphan && !cdn_str_eq(basis, CDN_STR("Unknown"))) {
        cdn_rd_note(x->r, CDN_NOTE_DETAIL, CDN_STR("legal authority"), basis);
    }
}
static void event_date_close(struct cdn_xml *x) {
    if (((struct state *)x->state)->orphan || x->r->err != 0) {
        return;
    }
    const struct cdn_dates date = civil(x, EVENT_YEAR, EVENT_MONTH, EVENT_DAY);
    struct cdn_dates *const listed = &x->r->entry->listed;
    if (date.known && (!listed->known || date.from < listed->from)) {
        *listed = date;
    }
}
static void measure_open(struct cdn_xml *x) {
    struct state *const st = x->state;
    st->type = ref_text(x, "SanctionsType", cdn_xml_attr(x, "SanctionsTypeID"));
}
static void measure_close(struct cdn_xml *x) {
    const struct state *const st = x->state;
    const cordon_str comment = cdn_xml_value(x, MEASURE_COMMENT);
    if (st->orphan) {
        return;
    }
    if (cdn_str_eq_nocase(st->type, CDN_STR("Program"))) {
        cdn_rd_programme(x->r, comment);
    } else {
        cdn_rd_measure(x->r, cdn_ofac_measure(x->r, st->type), st->type);
        cdn_rd_note(x->r, CDN_NOTE_DETAIL, st->type, comment);
    }
}

/* ---- the table
 * --------------------------------------------------------------------------------------------------------------
 */

#define OPENED(parent, name, left_out, open, close)                                                          \
    { (parent), 0, (name), (left_out), (open), (close) }
#define COUNTED(parent, name, left_out, open, close)                                                         \
    { (parent), CDN_XML_COUNT, (name), (left_out), (open), (close) }
#define ANY(parent, name)                                                                                    \
    { (parent), 0, (name), "*", NULL, NULL }

static const struct cdn_xml_node nodes[NODES] = {
    [ROOT] = ANY(0, "Sanctions"),
    [ISSUED] = {ROOT, 0, "DateOfIssue", "*", NULL, issued_close},
    [ISSUED_YEAR] = TEXT(ISSUED, "Year"),
    [ISSUED_MONTH] = TEXT(ISSUED, "Month"),
    [ISSUED_DAY] = TEXT(ISSUED, "Day"),
    [SETS] = GROUP(ROOT, "ReferenceValueSets"),
    [SET] = GROUP(SETS, "*"),
    [REFERENCE] = {SET, CDN_XML_TEXT, "*", "*", reference_open, reference_close},
    [LOCATIONS] = GROUP(ROOT, "Locations"),
    [LOCATION] = COUNTED(LOCATIONS, "Location", NULL, location_open, location_close),
    [LOC_AREA] = OPENED(LOCATION, "LocationAreaCode", NULL, area_open, NULL),
    [LOC_COUNTRY] = OPENED(LOCATION, "LocationCountry", "CountryRelevanceID", loc_country_open, NULL),
    [LOC_PART] = OPENED(LOCATION, "LocationPart", NULL, loc_part_open, NULL),
    [LOC_VALUE] = OPENED(LOC_PART,
                         "LocationPartValue",
                         "Primary LocPartValueTypeID LocPartValueStatusID",
                         NULL,
                         loc_value_close),
    [LOC_COMMENT] = LEFT_OUT(LOC_VALUE, "Comment"),
    [LOC_TEXT] = TEXT(LOC_VALUE, "Value"),
    [LOC_FEATURE] = LEFT_OUT(LOCATION, "FeatureVersionReference"),
    [LOC_DOCUMENT] = LEFT_OUT(LOCATION, "IDRegDocumentReference"),
    [DOCUMENTS] = GROUP(ROOT, "IDRegDocuments"),
    [DOCUMENT] = COUNTED(DOCUMENTS, "IDRegDocument", "ID IssuedIn-LocationID", document_open, document_close),
    [DOC_COMMENT] = TEXT(DOCUMENT, "Comment"),
    [DOC_NUMBER] = TEXT(DOCUMENT, "IDRegistrationNo"),
    [DOC_AUTHORITY] = TEXT(DOCUMENT, "IssuingAuthority"),
    [DOC_NAME] = LEFT_OUT(DOCUMENT, "DocumentedNameReference"),
    [DOC_DATE] = OPENED(DOCUMENT, "DocumentDate", NULL, doc_date_open, NULL),
    [DOC_PERIOD] = ANY(DOC_DATE, "DatePeriod"),
    [DOC_START] = ANY(DOC_PERIOD, "Start"),
    [DOC_START_FROM] = OPENED(DOC_START, "From", NULL, NULL, doc_from_close),
    [DOC_YEAR] = TEXT(DOC_START_FROM, "Year"),
    [DOC_MONTH] = TEXT(DOC_START_FROM, "Month"),
    [DOC_DAY] = TEXT(DOC_START_FROM, "Day"),
    [DOC_START_TO] = LEFT_OUT(DOC_START, "To"),
    [DOC_END] = LEFT_OUT(DOC_PERIOD, "End"),
    [PARTIES] = GROUP(ROOT, "DistinctParties"),
    [PARTY] = {PARTIES, CDN_XML_PLACE, "DistinctParty", "FixedRef DeltaAction", NULL, party_close},
    [PARTY_COMMENT] = TEXT(PARTY, "Comment"),
    [PROFILE] = OPENED(PARTY, "Profile", NULL, profile_open, NULL),
    [IDENTITY] = OPENED(PROFILE, "Identity", "FixedRef Primary", identity_open, identity_close),
    [ALIAS] = COUNTED(IDENTITY, "Alias", "FixedRef", alias_open, NULL),
    [DNAME] = COUNTED(ALIAS, "DocumentedName", "ID FixedRef", dname_open, NULL),
    [DPART] = GROUP(DNAME, "DocumentedNamePart"),
    [DVALUE] =
        {DPART, CDN_XML_TEXT, "NamePartValue", "ScriptID ScriptStatusID Acronym", dvalue_open, dvalue_close},
    [GROUPS] = GROUP(IDENTITY, "NamePartGroups"),
    [MASTER] = GROUP(GROUPS, "MasterNamePartGroup"),
    [NGROUP] = OPENED(MASTER, "NamePartGroup", NULL, ngroup_open, NULL),
    [FEATURE] = COUNTED(PROFILE, "Feature", "ID", feature_open, NULL),
    [VERSION] = OPENED(FEATURE, "FeatureVersion", "ID", version_open, version_close),
    [VERSION_COMMENT] = TEXT(VERSION, "Comment"),
    [DETAIL] = {VERSION, CDN_XML_TEXT, "VersionDetail", "DetailTypeID", detail_open, NULL},
    [VLOCATION] = OPENED(VERSION, "VersionLocation", NULL, vlocation_open, NULL),
    [IDENTITY_REFERENCE] = LEFT_OUT(FEATURE, "IdentityReference"),
    [PERIOD] = {VERSION, 0, "DatePeriod", "*", period_open, NULL},
    [START] = {PERIOD, 0, "Start", "*", edge_open, NULL},
    [FROM] = OPENED(START, "From", NULL, NULL, from_close),
    [FROM_YEAR] = TEXT(FROM, "Year"),
    [FROM_MONTH] = TEXT(FROM, "Month"),
    [FROM_DAY] = TEXT(FROM, "Day"),
    [START_TO] = LEFT_OUT(START, "To"),
    [END] = {PERIOD, 0, "End", "*", edge_open, NULL},
    [END_FROM] = LEFT_OUT(END, "From"),
    [TO] = OPENED(END, "To", NULL, NULL, to_close),
    [TO_YEAR] = TEXT(TO, "Year"),
    [TO_MONTH] = TEXT(TO, "Month"),
    [TO_DAY] = TEXT(TO, "Day"),
    [RELATIONS] = GROUP(ROOT, "ProfileRelationships"),
    [RELATION] = COUNTED(RELATIONS,
                         "ProfileRelationship",
                         "ID RelationQualityID SanctionsEntryID",
                         relation_open,
                         relation_close),
    [RELATION_COMMENT] = TEXT(RELATION, "Comment"),
    [ENTRIES] = GROUP(ROOT, "SanctionsEntries"),
    [ENTRY] = COUNTED(ENTRIES, "SanctionsEntry", "ID", entry_open, NULL),
    [EVENT] = OPENED(ENTRY, "EntryEvent", "ID EntryEventTypeID", event_open, NULL),
    [EVENT_COMMENT] = LEFT_OUT(EVENT, "Comment"),
    [EVENT_DATE] = {EVENT, 0, "Date", "*", NULL, event_date_close},
    [EVENT_YEAR] = TEXT(EVENT_DATE, "Year"),
    [EVENT_MONTH] = TEXT(EVENT_DATE, "Month"),
    [EVENT_DAY] = TEXT(EVENT_DATE, "Day"),
    [MEASURE] = COUNTED(ENTRY, "SanctionsMeasure", "ID", measure_open, measure_close),
    [MEASURE_COMMENT] = TEXT(MEASURE, "Comment"),
    [MEASURE_PERIOD] = LEFT_OUT(MEASURE, "DatePeriod"),
    [LINKS] = LEFT_OUT(ROOT, "SanctionsEntryLinks"),
};

void cdn_read_ofac_advanced(struct cdn_rd *r, struct cdn_list_source *s) {
    struct state *const st = cdn_alloc_zero(r->alloc, 1, sizeof *st);
    if (st == NULL) {
        cdn_rd_fail(r, CORDON_E_NOMEM, "no memory to read a list");
        return;
    }
    st->kept = &r->kept;
    cdn_arena_init(&st->identity_arena, r->alloc, 0);
    struct cdn_map *const maps[] = {
        &st->references, &st->locations, &st->identities, &st->groups, &st->claimed};
    for (size_t i = 0; i < CDN_ARRAY_LEN(maps); i++) {
        cdn_map_init(maps[i], r->alloc);
    }
    cdn_xml_read(r, s, nodes, NODES, st);
    r->info.claims = st->claimed.count > 0;
    r->info.claimed = st->claimed.count;
    cdn_rd_flush(r);
    for (size_t i = 0; i < CDN_ARRAY_LEN(maps); i++) {
        cdn_map_free(maps[i]);
    }
    cdn_arena_free(&st->identity_arena);
    cdn_free(r->alloc, st, sizeof *st);
}
