/* SPDX-License-Identifier: Apache-2.0 */
/* eu.c: the parts of an entry of the EU's consolidated list of financial sanctions, as XML and CSV both have
 * them.
 *
 * There is no primary name: all are strong ones unless called weak. There are no ships: they are enterprises
 * with an IMO number. The list is one of asset freezes; other measures stand in the legal acts. */
#include "lists/eu_priv.h"

static const cordon_str none = {NULL, 0};

cordon_str cdn_eu_country(cordon_str code, cordon_str name) {
    code = cdn_str_trim(code);
    name = cdn_str_trim(name);
    if (code.n > 0 && !cdn_str_eq(code, CDN_STR("00"))) {
        return code;
    }
    return cdn_str_eq_nocase(name, CDN_STR("UNKNOWN")) ? none : name;
}

static bool says_weak(cordon_str remark) {
    static const char *const marks[] = {
        "low quality", "lo quality", "low-quality", "weak a.k.a", "lowquality"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(marks); i++) {
        if (cdn_str_find_nocase(remark, cdn_str_z(marks[i])) != SIZE_MAX) {
            return true;
        }
    }
    return false;
}

void cdn_eu_name_remark(struct cdn_rd *r, struct cdn_list_name *name, cordon_str remark) {
    if (cdn_str_trim(remark).n == 0) {
        return;
    }
    if (name == NULL) { /* the same name stood there before */
        cdn_rd_note(r, CDN_NOTE_REMARK, CDN_STR("name"), remark);
        return;
    }
    if (says_weak(remark)) {
        name->kind = CDN_NAME_WEAK;
        name->low = true;
    }
    if (name->note.n == 0) {
        cdn_rd_set(r, &name->note, remark);
    } else {
        cdn_rd_note(r, CDN_NOTE_REMARK, CDN_STR("name"), remark);
    }
}

struct cdn_list_name *cdn_eu_add_name(struct cdn_rd *r, const struct cdn_eu_name *in) {
    const bool weak = !in->strong || says_weak(in->remark);
    const struct cdn_part parts[] = {
        {CDN_PART_GIVEN, in->first}, {CDN_PART_MIDDLE, in->middle}, {CDN_PART_FAMILY, in->last}};
    const enum cdn_name_kind kind = weak ? CDN_NAME_WEAK : CDN_NAME_STRONG;
    struct cdn_list_name *name = NULL;
    if (cdn_str_trim(in->whole).n == 0) {
        name = cdn_rd_name_parts(r, kind, weak, parts, CDN_ARRAY_LEN(parts));
    } else {
        name = cdn_rd_name(r, kind, weak, in->whole);
        for (size_t i = 0; in->first.n + in->last.n > 0 && i < CDN_ARRAY_LEN(parts); i++) {
            cdn_rd_part(r, name, parts[i].kind, parts[i].text);
        }
    }
    if (name != NULL) {
        cdn_rd_set(r, &name->language, in->language);
    }
    cdn_eu_name_remark(r, name, in->remark);
    cdn_rd_note(r, CDN_NOTE_TITLE, none, in->title);
    cdn_rd_note(r, CDN_NOTE_POSITION, none, in->function);
    cdn_rd_gender(r, in->gender);
    return name;
}

static bool number(cordon_str s, unsigned *ret) {
    uint64_t v = 0;
    *ret = 0;
    if (cdn_str_trim(s).n == 0) {
        return true;
    }
    if (!cdn_parse_uint(cdn_str_trim(s), &v) || v > 9999) {
        return false;
    }
    *ret = (unsigned)v;
    return true;
}

/* From its numbers, in the calendar that it names. */
static bool birth_span(const struct cdn_eu_birth *in, struct cdn_dates *ret) {
    unsigned year = 0;
    unsigned month = 0;
    unsigned day = 0;
    unsigned from = 0;
    unsigned to = 0;
    const bool islamic = cdn_str_eq_nocase(in->calendar, CDN_STR("ISLAMIC"));
    bool good = number(in->year, &year) && number(in->month, &month) && number(in->day, &day) &&
                number(in->from_year, &from) && number(in->to_year, &to);
    struct cdn_dates a = {0};
    struct cdn_dates b = {0};
    if (good && year != 0) {
        good = islamic ? cdn_dates_islamic((int32_t)year, month, day, &a)
                       : cdn_dates_civil((int32_t)year, month, day, &a);
    } else if (good && (from != 0 || to != 0)) {
        const unsigned first = from != 0 ? from : to;
        const unsigned last = to != 0 ? to : from;
        good = islamic
                   ? cdn_dates_islamic((int32_t)first, 0, 0, &a) && cdn_dates_islamic((int32_t)last, 0, 0, &b)
                   : cdn_dates_civil((int32_t)first, 0, 0, &a) && cdn_dates_civil((int32_t)last, 0, 0, &b);
        a = cdn_dates_hull(a, b);
    } else if (good && in->date.n > 0 && !islamic) {
        good = cdn_dates_parse(in->date, &a);
    }
    if (good) {
        *ret = a;
        ret->circa = (a.circa || in->circa) && a.known;
    }
    return good;
}

void cdn_eu_add_birth(struct cdn_rd *r, const struct cdn_eu_birth *in) {
    struct cdn_dates span = {0};
    if (!birth_span(in, &span)) {
        const cordon_str text = in->date.n > 0 ? in->date : in->year.n > 0 ? in->year : in->from_year;
        cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("birthdate"), text);
        cdn_rd_birth_span(r, span, text);
    } else if (span.known) {
        cdn_rd_birth_span(r, span, none);
    }
    cdn_rd_birth_place(r, &in->place);
}

struct code {
    const char *code;
    uint8_t kind;
};
static const struct code codes[] = {
    {"passport", CDN_IDENT_PASSPORT},
    {"diplomatic", CDN_IDENT_PASSPORT},
    {"traveldoc", CDN_IDENT_PASSPORT},
    {"id", CDN_IDENT_NATIONAL},
    {"ssn", CDN_IDENT_NATIONAL},
    {"nationalid", CDN_IDENT_NATIONAL},
    {"electionid", CDN_IDENT_NATIONAL},
    {"residentperm", CDN_IDENT_NATIONAL},
    {"fiscalcode", CDN_IDENT_TAX},
    {"taxid", CDN_IDENT_TAX},
    {"vat", CDN_IDENT_TAX},
    {"regnumber", CDN_IDENT_REGISTRATION},
    {"traderegnum", CDN_IDENT_REGISTRATION},
    {"regdate", CDN_IDENT_OTHER},
    {"swiftbic", CDN_IDENT_BIC},
    {"imo", CDN_IDENT_IMO},
    {"mmsi", CDN_IDENT_MMSI},
    {"lei", CDN_IDENT_LEI},
    {"birthcert", CDN_IDENT_BIRTH_CERTIFICATE},
    {"drivinglicence", CDN_IDENT_DRIVING},
    {"other", CDN_IDENT_OTHER},
    {"aircraftserial", CDN_IDENT_AIRCRAFT_SERIAL},
};

void cdn_eu_add_ident(struct cdn_rd *r, const struct cdn_eu_ident *in) {
    struct cdn_ident_in ident = {.kind = CDN_IDENT_OTHER,
                                 .value = cdn_str_trim(in->number).n > 0 ? in->number : in->latin,
                                 .type = in->description.n > 0 ? in->description : in->code,
                                 .country = cdn_eu_country(in->country_code, in->country),
                                 .note = in->remark,
                                 .invalid = in->known_false || in->lost || in->revoked};
    bool known = cdn_str_trim(in->code).n == 0;
    for (size_t i = 0; i < CDN_ARRAY_LEN(codes); i++) {
        if (cdn_str_eq_nocase(cdn_str_trim(in->code), cdn_str_z(codes[i].code))) {
            ident.kind = (enum cdn_ident_kind)codes[i].kind;
            known = true;
        }
    }
    if (!known) {
        cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("identificationTypeCode"), in->code);
    }
    struct cdn_list_ident *const added = cdn_rd_ident(r, &ident);
    if (added != NULL) {
        cdn_rd_date(
            r, &added->issued, cdn_str_trim(in->issued).n > 0 ? in->issued : in->valid_from, "issuedDate");
        cdn_rd_date(r, &added->expires, in->valid_to, "validTo");
    } else if (cdn_str_trim(ident.value).n == 0) {
        cdn_rd_note(r, CDN_NOTE_REMARK, ident.type, in->remark);
    }
    cdn_rd_note(r, CDN_NOTE_DETAIL, CDN_STR("name on document"), in->name);
    cdn_rd_note(r, CDN_NOTE_DETAIL, CDN_STR("document issued by"), in->issuer);
    cdn_rd_note(r, CDN_NOTE_DETAIL, CDN_STR("document issued in"), in->region);
    if (in->diplomatic) {
        cdn_rd_note(r, CDN_NOTE_DETAIL, CDN_STR("diplomatic document"), ident.value);
    }
    if (in->expired) {
        cdn_rd_note(r, CDN_NOTE_DETAIL, CDN_STR("expired document"), ident.value);
    }
}

void cdn_eu_contact(struct cdn_rd *r, cordon_str key, cordon_str value) {
    struct cdn_ident_in in = {.kind = CDN_IDENT_OTHER, .value = value, .type = key};
    if (cdn_str_find_nocase(key, CDN_STR("mail")) != SIZE_MAX) {
        in.kind = CDN_IDENT_EMAIL;
    } else if (cdn_str_find_nocase(key, CDN_STR("phone")) != SIZE_MAX ||
               cdn_str_find_nocase(key, CDN_STR("mobile")) != SIZE_MAX) {
        in.kind = CDN_IDENT_PHONE;
    } else if (cdn_str_find_nocase(key, CDN_STR("web")) != SIZE_MAX ||
               cdn_str_find_nocase(key, CDN_STR("url")) != SIZE_MAX) {
        in.kind = CDN_IDENT_WEBSITE;
    } else {
        cdn_rd_note(r, CDN_NOTE_DETAIL, key, value);
        return;
    }
    (void)cdn_rd_ident(r, &in);
}

void cdn_eu_finish(struct cdn_rd *r) {
    struct cdn_list_entry *const entry = r->entry;
    for (uint32_t i = 0; entry->type == CDN_ENTRY_COMPANY && i < entry->identifiers.n; i++) {
        if (entry->identifiers.p[i].kind == CDN_IDENT_IMO) {
            entry->type = CDN_ENTRY_SHIP;
        }
    }
    if (entry->measures.n == 0) {
        cdn_rd_measure(r, CDN_LISTED_ASSET_FREEZE, none);
    }
}
