/* SPDX-License-Identifier: Apache-2.0 */
/* uk.c: words and habits of the UK lists. Letters' case differs from record to record, so nothing depends on
 * it. */
#include "lists/uk_priv.h"

static const cordon_str none = {NULL, 0};

/* Length of "(12) " at the beginning; 0. */
static size_t number_mark(cordon_str s) {
    size_t i = 1;
    if (s.n < 3 || s.p[0] != '(') {
        return 0;
    }
    while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9') {
        i++;
    }
    return i > 1 && i < 4 && i < s.n && s.p[i] == ')' ? i + 1 : 0;
}

cordon_str cdn_uk_next(cordon_str *rest) {
    cordon_str s = cdn_str_trim(*rest);
    const size_t mark = number_mark(s);
    s = cdn_str_trim(cdn_str_after(s, mark));
    for (size_t i = 0; i < s.n; i++) {
        const bool bar = s.p[i] == '|';
        if (bar || (mark > 0 && s.p[i] == '(' && number_mark(cdn_str_after(s, i)) > 0)) {
            *rest = cdn_str_after(s, bar ? i + 1 : i);
            return cdn_str_trim(cdn_str(s.p, i));
        }
    }
    *rest = none;
    return s;
}

void cdn_uk_type(struct cdn_rd *r, cordon_str word) {
    const cordon_str s = cdn_str_trim(word);
    if (cdn_str_eq_nocase(s, CDN_STR("Individual"))) {
        cdn_rd_type(r, CDN_ENTRY_PERSON);
    } else if (cdn_str_eq_nocase(s, CDN_STR("Entity"))) {
        cdn_rd_type(r, CDN_ENTRY_COMPANY);
    } else if (cdn_str_eq_nocase(s, CDN_STR("Ship"))) {
        cdn_rd_type(r, CDN_ENTRY_SHIP);
    } else {
        cdn_rd_type(r, CDN_ENTRY_OTHER);
        cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("type of entry"), s);
    }
}

void cdn_uk_add_name(struct cdn_rd *r, const struct cdn_uk_name *in) {
    const bool low = cdn_str_starts_nocase(cdn_str_trim(in->strength), CDN_STR("low quality"));
    const cordon_str type = cdn_str_trim(in->type);
    enum cdn_name_kind kind = low ? CDN_NAME_WEAK : CDN_NAME_STRONG;
    if (cdn_str_eq_nocase(type, CDN_STR("Primary name")) || cdn_str_eq_nocase(type, CDN_STR("Prime Alias"))) {
        kind = CDN_NAME_PRIMARY;
    } else if (cdn_str_eq_nocase(type, CDN_STR("FKA")) || cdn_str_starts_nocase(type, CDN_STR("former"))) {
        kind = CDN_NAME_FORMER;
    } else if (!cdn_str_eq_nocase(type, CDN_STR("Primary name variation")) &&
               !cdn_str_eq_nocase(type, CDN_STR("Alias")) && !cdn_str_eq_nocase(type, CDN_STR("AKA")) &&
               type.n > 0) {
        cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("type of name"), type);
    }
    const cordon_str strength = cdn_str_trim(in->strength);
    if (!low && strength.n > 0 && !cdn_str_starts_nocase(strength, CDN_STR("good quality"))) {
        cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("strength of alias"), strength);
    }
    const struct cdn_part parts[] = {{CDN_PART_GIVEN, in->names[0]},
                                     {CDN_PART_MIDDLE, in->names[1]},
                                     {CDN_PART_MIDDLE, in->names[2]},
                                     {CDN_PART_MIDDLE, in->names[3]},
                                     {CDN_PART_MIDDLE, in->names[4]},
                                     {CDN_PART_FAMILY, in->names[5]}};
    struct cdn_list_name *const name = cdn_rd_name_parts(r, kind, low, parts, CDN_ARRAY_LEN(parts));
    if (name != NULL && r->entry->type != CDN_ENTRY_PERSON) {
        name->parts.n = 0; /* the columns mean nothing there */
    }
}

void cdn_uk_non_latin(struct cdn_rd *r, cordon_str name, cordon_str language) {
    struct cdn_list_name *const added = cdn_rd_name(r, CDN_NAME_STRONG, false, name);
    if (added != NULL) {
        cdn_rd_set(r, &added->language, language);
    }
}

/* ---- measures
 * ---------------------------------------------------------------------------------------------- */

struct measure {
    const char *begins; /* spaces and hyphens left out, so that text and indicator have one word */
    uint8_t kind;
};
static const struct measure measures[] = {
    {"assetfreeze", CDN_LISTED_ASSET_FREEZE},
    {"travelban", CDN_LISTED_TRAVEL_BAN},
    {"armsembargo", CDN_LISTED_ARMS_EMBARGO},
    {"targetedarmsembargo", CDN_LISTED_ARMS_EMBARGO},
    {"prohibitionofportentry", CDN_LISTED_PORT_ENTRY},
    {"charteringofships", CDN_LISTED_SHIPPING},
    {"crewservicingofships", CDN_LISTED_SHIPPING},
    {"deflag", CDN_LISTED_SHIPPING},
    {"preventionofcharteringofships", CDN_LISTED_SHIPPING},
    {"shippingsanctions", CDN_LISTED_SHIPPING},
    {"shipping&tradesanctions", CDN_LISTED_SHIPPING},
    {"shippingandtradesanctions", CDN_LISTED_SHIPPING},
    {"transportsanctions", CDN_LISTED_SHIPPING},
    {"technicalassistancerelatedtoaircraft", CDN_LISTED_AVIATION},
    {"trustservicessanctions", CDN_LISTED_TRUST},
    {"directordisqualification", CDN_LISTED_DIRECTOR},
    {"closureofrepresentativeoffices", CDN_LISTED_BUSINESS},
    {"preventionofbusinessarrangements", CDN_LISTED_BUSINESS},
    {"prohibitiononcorrespondentbanking", CDN_LISTED_CORRESPONDENT},
    {"correspondentbanking", CDN_LISTED_CORRESPONDENT},
    {"internetservicessanctions", CDN_LISTED_BUSINESS},
};

static bool find_measure(cordon_str text, enum cdn_measure_kind *ret) {
    char squeezed[64];
    struct cdn_buf b;
    cdn_buf_fixed(&b, squeezed, sizeof squeezed);
    for (size_t i = 0; i < text.n && b.n < sizeof squeezed - 1; i++) {
        if (text.p[i] != ' ' && text.p[i] != '-') {
            cdn_buf_char(&b, text.p[i]);
        }
    }
    for (size_t i = 0; i < CDN_ARRAY_LEN(measures); i++) {
        if (cdn_str_starts_nocase(cdn_buf_get(&b), cdn_str_z(measures[i].begins))) {
            *ret = (enum cdn_measure_kind)measures[i].kind;
            return true;
        }
    }
    return false;
}

void cdn_uk_measures(struct cdn_rd *r, cordon_str joined) {
    while (joined.n > 0 && r->err == 0) {
        const cordon_str text = cdn_str_trim(cdn_str_split(joined, '|', &joined));
        enum cdn_measure_kind kind = CDN_LISTED_OTHER;
        if (text.n > 0 && !find_measure(text, &kind)) {
            cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("sanction imposed"), text);
        }
        if (text.n > 0) {
            cdn_rd_measure(r, kind, text);
        }
    }
}

void cdn_uk_indicator(struct cdn_rd *r, cordon_str name) {
    enum cdn_measure_kind kind = CDN_LISTED_OTHER;
    if (!find_measure(name, &kind)) {
        cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("sanction imposed"), name);
    }
    for (uint32_t i = 0; i < r->entry->measures.n; i++) {
        if (r->entry->measures.p[i].kind == kind) {
            return;
        }
    }
    cdn_rd_measure(r, kind, name);
}

/* ---- addresses and labelled values
 * ------------------------------------------------------------------------------- */

void cdn_uk_add_address(struct cdn_rd *r, const struct cdn_uk_address *in) {
    char storage[8192];
    struct cdn_buf text;
    cdn_buf_fixed(&text, storage, sizeof storage);
    for (size_t i = 0; i < CDN_ARRAY_LEN(in->lines); i++) {
        const cordon_str line = cdn_str_trim(in->lines[i]);
        cdn_buf_str(&text, text.n > 0 && line.n > 0 ? CDN_STR(", ") : none);
        cdn_buf_str(&text, line);
    }
    if (text.err != 0) {
        cdn_rd_fail(r, CORDON_E_LIMIT, "an address of more than %zu bytes", sizeof storage);
    }
    const struct cdn_place_in place = {
        .text = cdn_buf_get(&text), .postal_code = in->postal_code, .country = in->country};
    cdn_rd_address(r, &place);
}

enum action {
    IDENT,
    LINK,
    FLAG,
    FORMER_FLAG,
    GENDER,
    NOTE,
    POSITION,
    TITLE,
    REASON,
    REFERENCE,
    KIND,
    NATION
};
struct label {
    const char *label;
    uint8_t action;
    uint8_t kind;
};
static const struct label labels[] = {
    {"Phone number", IDENT, CDN_IDENT_PHONE},
    {"Tel", IDENT, CDN_IDENT_PHONE},
    {"Email address", IDENT, CDN_IDENT_EMAIL},
    {"Website", IDENT, CDN_IDENT_WEBSITE},
    {"IMO number", IDENT, CDN_IDENT_IMO},
    {"Business registration number (s)", IDENT, CDN_IDENT_REGISTRATION},
    {"Business Reg No", IDENT, CDN_IDENT_REGISTRATION},
    {"Hull identification number (HIN)", IDENT, CDN_IDENT_OTHER},
    {"Parent company", LINK, CDN_LINK_PARENT},
    {"Subsidiaries", LINK, CDN_LINK_SUBSIDIARY},
    {"Current owner/operator (s)", LINK, CDN_LINK_OWNED_BY},
    {"Current owners", LINK, CDN_LINK_OWNED_BY},
    {"Previous owner/operator (s)", LINK, CDN_LINK_OWNED_BY},
    {"Previous owners", LINK, CDN_LINK_OWNED_BY},
    {"Current believed flag of ship", FLAG, 0},
    {"Flag of ship", FLAG, 0},
    {"Previous flags", FORMER_FLAG, 0},
    {"Gender", GENDER, 0},
    {"Nationality", NATION, 0},
    {"Type of ship", NOTE, 0},
    {"Tonnage of ship", NOTE, 0},
    {"Length of ship", NOTE, 0},
    {"Year built", NOTE, 0},
    {"Fax", NOTE, 0},
    {"Type of entity", KIND, 0},
    {"Position", POSITION, 0},
    {"Title", TITLE, 0},
    {"UK Statement of Reasons", REASON, 0},
    {"UK Sanctions List Ref", REFERENCE, 0},
    {"UN Ref", REFERENCE, 0},
};

static void one_value(struct cdn_rd *r, const struct label *l, cordon_str label, cordon_str value) {
    const struct cdn_ident_in ident = {.kind = (enum cdn_ident_kind)l->kind, .value = value, .type = label};
    struct cdn_list_relation *relation = NULL;
    switch ((enum action)l->action) {
    case IDENT:
        (void)cdn_rd_ident(r, &ident);
        break;
    case LINK:
        relation = cdn_rd_relation(r, (enum cdn_list_relation_kind)l->kind, none, value, label);
        if (relation != NULL) {
            relation->former = cdn_str_starts_nocase(label, CDN_STR("Previous"));
        }
        break;
    case FLAG:
        cdn_rd_nationality(r, CDN_NATION_FLAG, value);
        break;
    case FORMER_FLAG:
        cdn_rd_nationality(r, CDN_NATION_FORMER_FLAG, value);
        break;
    case NATION:
        cdn_rd_nationality(r, CDN_NATION_NATIONALITY, value);
        break;
    case GENDER:
        cdn_rd_gender(r, value);
        break;
    case POSITION:
        cdn_rd_note(r, CDN_NOTE_POSITION, none, value);
        break;
    case TITLE:
        cdn_rd_note(r, CDN_NOTE_TITLE, none, value);
        break;
    case KIND:
        if (r->entry->type == CDN_ENTRY_COMPANY && cdn_str_eq_nocase(value, CDN_STR("Bank"))) {
            cdn_rd_type(r, CDN_ENTRY_BANK);
        }
        cdn_rd_note(r, CDN_NOTE_DETAIL, label, value);
        break;
    case NOTE:
    case REASON:
    case REFERENCE:
        cdn_rd_note(r, CDN_NOTE_DETAIL, label, value);
        break;
    }
}

/* "RUS1831. Financial sanctions imposed in addition to an asset freeze: Trust services": the rest is prose.
 */
static void reference(struct cdn_rd *r, cordon_str value) {
    size_t end = 0;
    while (end < value.n && value.p[end] != ' ') {
        end++;
    }
    const cordon_str rest = cdn_str_trim(cdn_str_after(value, end));
    while (end > 0 && value.p[end - 1] == '.') {
        end--;
    }
    cdn_rd_reference(r, cdn_str(value.p, end));
    cdn_rd_note(r, CDN_NOTE_REMARK, none, rest);
    if (cdn_str_find_nocase(rest, CDN_STR("in addition to an asset freeze: Trust services")) != SIZE_MAX) {
        cdn_rd_measure(r, CDN_LISTED_TRUST, CDN_STR("Trust services"));
    }
}

void cdn_uk_item(struct cdn_rd *r, cordon_str label, cordon_str value) {
    const struct label *found = NULL;
    for (size_t i = 0; i < CDN_ARRAY_LEN(labels) && found == NULL; i++) {
        if (cdn_str_eq_nocase(cdn_str_trim(label), cdn_str_z(labels[i].label))) {
            found = &labels[i];
        }
    }
    value = cdn_str_trim(value);
    if (value.n == 0) {
        return;
    }
    if (found == NULL) {
        cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("label"), label);
        cdn_rd_note(r, CDN_NOTE_DETAIL, label, value);
    } else if (found->action == REASON) {
        cdn_rd_note(r, CDN_NOTE_REASON, none, value);
    } else if (found->action == REFERENCE) {
        reference(r, value);
    } else {
        while (value.n > 0 && r->err == 0) {
            one_value(r, found, label, cdn_uk_next(&value));
        }
    }
}

void cdn_uk_number(
    struct cdn_rd *r, enum cdn_ident_kind kind, cordon_str type, cordon_str number, cordon_str note) {
    const struct cdn_ident_in in = {.kind = kind, .value = number, .type = type, .note = note};
    if (cdn_str_trim(number).n == 0) {
        cdn_rd_note(r, CDN_NOTE_DETAIL, type, note);
    } else {
        (void)cdn_rd_ident(r, &in);
    }
}
