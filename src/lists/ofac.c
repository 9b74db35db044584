/* SPDX-License-Identifier: Apache-2.0 */
/* ofac.c: what OFAC's words for documents and features mean. Words are those of the reference values of the
 * ADVANCED file of 2024 and of the remarks of sdn.csv from 2019 to 2026; ’ is read as '. A type that is not
 * here is kept as the format has it, as identifier or as remark, and reported. */
#include "lists/ofac_priv.h"

enum action {
    IDENT,
    NOTE,
    GENDER,
    BORN,
    BORN_AT,
    NATION,
    CITIZEN,
    FLAG,
    FORMER_FLAG,
    LINKED,
    OWNER,
    OPERATOR,
    TITLE,
    DIRECTIVE,
    POSITION
};

struct word {
    const char *type;
    uint8_t action;
    uint8_t kind;
};
static const struct word words[] = {
    {"Passport", IDENT, CDN_IDENT_PASSPORT},
    {"Diplomatic Passport", IDENT, CDN_IDENT_PASSPORT},
    {"British National Overseas Passport", IDENT, CDN_IDENT_PASSPORT},
    {"Stateless Person Passport", IDENT, CDN_IDENT_PASSPORT},
    {"Travel Document Number", IDENT, CDN_IDENT_PASSPORT},
    {"National ID No.", IDENT, CDN_IDENT_NATIONAL},
    {"National Foreign ID Number", IDENT, CDN_IDENT_NATIONAL},
    {"Identification Number", IDENT, CDN_IDENT_OTHER},
    {"Cedula No.", IDENT, CDN_IDENT_NATIONAL},
    {"C.U.R.P.", IDENT, CDN_IDENT_NATIONAL},
    {"D.N.I.", IDENT, CDN_IDENT_NATIONAL},
    {"N.I.E.", IDENT, CDN_IDENT_NATIONAL},
    {"SSN", IDENT, CDN_IDENT_NATIONAL},
    {"Bosnian Personal ID No.", IDENT, CDN_IDENT_NATIONAL},
    {"Moroccan Personal ID No.", IDENT, CDN_IDENT_NATIONAL},
    {"Kenyan ID No.", IDENT, CDN_IDENT_NATIONAL},
    {"Personal ID Card", IDENT, CDN_IDENT_NATIONAL},
    {"Tazkira National ID Card", IDENT, CDN_IDENT_NATIONAL},
    {"Numero de Identidad", IDENT, CDN_IDENT_NATIONAL},
    {"CNP (Personal Numerical Code)", IDENT, CDN_IDENT_NATIONAL},
    {"Citizen's Card Number", IDENT, CDN_IDENT_NATIONAL},
    {"UAE Identification", IDENT, CDN_IDENT_NATIONAL},
    {"Turkish Identification Number", IDENT, CDN_IDENT_NATIONAL},
    {"Stateless Person ID Card", IDENT, CDN_IDENT_NATIONAL},
    {"Refugee ID Card", IDENT, CDN_IDENT_NATIONAL},
    {"Residency Number", IDENT, CDN_IDENT_NATIONAL},
    {"Electoral Registry No.", IDENT, CDN_IDENT_NATIONAL},
    {"Credencial electoral", IDENT, CDN_IDENT_NATIONAL},
    {"I.F.E.", IDENT, CDN_IDENT_NATIONAL},
    {"C.U.I.", IDENT, CDN_IDENT_NATIONAL},
    {"C.U.I.P.", IDENT, CDN_IDENT_NATIONAL},
    {"Tax ID No.", IDENT, CDN_IDENT_TAX},
    {"R.F.C.", IDENT, CDN_IDENT_TAX},
    {"RFC", IDENT, CDN_IDENT_TAX},
    {"NIT #", IDENT, CDN_IDENT_TAX},
    {"US FEIN", IDENT, CDN_IDENT_TAX},
    {"RUC #", IDENT, CDN_IDENT_TAX},
    {"C.I.F.", IDENT, CDN_IDENT_TAX},
    {"N.I.F.", IDENT, CDN_IDENT_TAX},
    {"RIF #", IDENT, CDN_IDENT_TAX},
    {"RTN", IDENT, CDN_IDENT_TAX},
    {"C.U.I.T.", IDENT, CDN_IDENT_TAX},
    {"V.A.T. Number", IDENT, CDN_IDENT_TAX},
    {"Fiscal Code", IDENT, CDN_IDENT_TAX},
    {"Italian Fiscal Code", IDENT, CDN_IDENT_TAX},
    {"Paraguayan tax identification number", IDENT, CDN_IDENT_TAX},
    {"Numero Unico de Identificacao Tributaria (NUIT)", IDENT, CDN_IDENT_TAX},
    {"Romanian Tax Registration", IDENT, CDN_IDENT_TAX},
    {"Registration ID", IDENT, CDN_IDENT_REGISTRATION},
    {"Registration Number", IDENT, CDN_IDENT_REGISTRATION},
    {"Business Registration Number", IDENT, CDN_IDENT_REGISTRATION},
    {"Business Registration Document #", IDENT, CDN_IDENT_REGISTRATION},
    {"Business Number", IDENT, CDN_IDENT_REGISTRATION},
    {"Company Number", IDENT, CDN_IDENT_REGISTRATION},
    {"UK Company Number", IDENT, CDN_IDENT_REGISTRATION},
    {"Commercial Registry Number", IDENT, CDN_IDENT_REGISTRATION},
    {"Public Registration Number", IDENT, CDN_IDENT_REGISTRATION},
    {"Certificate of Incorporation Number", IDENT, CDN_IDENT_REGISTRATION},
    {"C.R. No.", IDENT, CDN_IDENT_REGISTRATION},
    {"Romanian C.R.", IDENT, CDN_IDENT_REGISTRATION},
    {"Trade License No.", IDENT, CDN_IDENT_REGISTRATION},
    {"Chamber of Commerce Number", IDENT, CDN_IDENT_REGISTRATION},
    {"Dubai Chamber of Commerce Membership No.", IDENT, CDN_IDENT_REGISTRATION},
    {"Istanbul Chamber of Comm. No.", IDENT, CDN_IDENT_REGISTRATION},
    {"Matricula Mercantil No", IDENT, CDN_IDENT_REGISTRATION},
    {"Folio Mercantil No.", IDENT, CDN_IDENT_REGISTRATION},
    {"Government Gazette Number", IDENT, CDN_IDENT_REGISTRATION},
    {"Unified Social Credit Code (USCC)", IDENT, CDN_IDENT_REGISTRATION},
    {"United Social Credit Code Certificate (USCCC)", IDENT, CDN_IDENT_REGISTRATION},
    {"Central Registration System Number", IDENT, CDN_IDENT_REGISTRATION},
    {"Economic Register Number (CBLS)", IDENT, CDN_IDENT_REGISTRATION},
    {"Enterprise Number", IDENT, CDN_IDENT_REGISTRATION},
    {"Organization Code", IDENT, CDN_IDENT_REGISTRATION},
    {"Registered Charity No.", IDENT, CDN_IDENT_REGISTRATION},
    {"Branch Unit Number", IDENT, CDN_IDENT_REGISTRATION},
    {"D-U-N-S Number", IDENT, CDN_IDENT_REGISTRATION},
    {"MSB Registration Number", IDENT, CDN_IDENT_REGISTRATION},
    {"Afghan Money Service Provider License Number", IDENT, CDN_IDENT_REGISTRATION},
    {"LE Number", IDENT, CDN_IDENT_OTHER},
    {"Driver's License No.", IDENT, CDN_IDENT_DRIVING},
    {"Birth Certificate Number", IDENT, CDN_IDENT_BIRTH_CERTIFICATE},
    {"Legal Entity Number", IDENT, CDN_IDENT_LEI},
    {"SWIFT/BIC", IDENT, CDN_IDENT_BIC},
    {"BIK (RU)", IDENT, CDN_IDENT_OTHER},
    {"Website", IDENT, CDN_IDENT_WEBSITE},
    {"Email Address", IDENT, CDN_IDENT_EMAIL},
    {"Phone Number", IDENT, CDN_IDENT_PHONE},
    {"Telephone", IDENT, CDN_IDENT_PHONE},
    {"Telephone:", IDENT, CDN_IDENT_PHONE},
    {"Digital Currency Address -", IDENT, CDN_IDENT_WALLET},
    {"Vessel Registration Identification", IDENT, CDN_IDENT_IMO},
    {"MMSI", IDENT, CDN_IDENT_MMSI},
    {"Vessel Call Sign", IDENT, CDN_IDENT_CALL_SIGN},
    {"Other Vessel Call Sign", IDENT, CDN_IDENT_CALL_SIGN},
    {"Aircraft Manufacturer's Serial Number (MSN)", IDENT, CDN_IDENT_AIRCRAFT_SERIAL},
    {"Aircraft Serial Identification", IDENT, CDN_IDENT_AIRCRAFT_SERIAL},
    {"Aircraft Construction Number (also called L/N or S/N or F/N)", IDENT, CDN_IDENT_AIRCRAFT_SERIAL},
    {"Aircraft Tail Number", IDENT, CDN_IDENT_AIRCRAFT_TAIL},
    {"Previous Aircraft Tail Number", IDENT, CDN_IDENT_AIRCRAFT_TAIL},
    {"Aircraft Mode S Transponder Code", IDENT, CDN_IDENT_OTHER},
    {"ISIN", IDENT, CDN_IDENT_SECURITY},
    {"Equity Ticker", IDENT, CDN_IDENT_SECURITY},
    {"MICEX Code", IDENT, CDN_IDENT_SECURITY},
    {"Seafarer's Identification Document", IDENT, CDN_IDENT_OTHER},
    {"Military Registration Number", IDENT, CDN_IDENT_OTHER},
    {"Cartilla de Servicio Militar Nacional", IDENT, CDN_IDENT_OTHER},
    {"Public Security and Immigration No.", IDENT, CDN_IDENT_OTHER},
    {"Immigration No.", IDENT, CDN_IDENT_OTHER},
    {"Romanian Permanent Resident", IDENT, CDN_IDENT_OTHER},
    {"VisaNumberID", IDENT, CDN_IDENT_OTHER},
    {"Tourism License No.", IDENT, CDN_IDENT_OTHER},
    {"Pilot License Number", IDENT, CDN_IDENT_OTHER},
    {"Serial No.", IDENT, CDN_IDENT_OTHER},
    {"SRE Permit No.", IDENT, CDN_IDENT_OTHER},
    {"Permit Number", IDENT, CDN_IDENT_OTHER},
    {"File Number", IDENT, CDN_IDENT_OTHER},
    {"License", IDENT, CDN_IDENT_OTHER},
    {"Trademark number", IDENT, CDN_IDENT_OTHER},
    {"Chinese Commercial Code", IDENT, CDN_IDENT_OTHER},
    {"UN/LOCODE", IDENT, CDN_IDENT_OTHER},
    {"Gender", GENDER, 0},
    {"DOB", BORN, 0},
    {"Birthdate", BORN, 0},
    {"POB", BORN_AT, 0},
    {"Place of Birth", BORN_AT, 0},
    {"nationality", NATION, 0},
    {"Nationality Country", NATION, 0},
    {"citizen", CITIZEN, 0},
    {"Citizenship Country", CITIZEN, 0},
    {"Nationality of Registration", NATION, 0},
    {"Registration Country", NATION, 0},
    {"Vessel Flag", FLAG, 0},
    {"Other Vessel Flag", FLAG, 0},
    {"Former Vessel Flag", FORMER_FLAG, 0},
    {"Former Vessel Flag None Identified", NOTE, 0},
    {"Linked To:", LINKED, 0},
    {"Vessel Owner", OWNER, 0},
    {"Aircraft Operator", OPERATOR, 0},
    {"Title", POSITION, 0},
    {"Vessel Type", NOTE, 0},
    {"VESSEL TYPE", NOTE, 0},
    {"Other Vessel Type", NOTE, 0},
    {"Vessel Tonnage", NOTE, 0},
    {"Vessel Gross Registered Tonnage", NOTE, 0},
    {"Vessel Gross Tonnage", NOTE, 0},
    {"Vessel Year of Build", NOTE, 0},
    {"Aircraft Model", NOTE, 0},
    {"Aircraft Manufacture Date", NOTE, 0},
    {"Organization Established Date", NOTE, 0},
    {"Organization Type:", NOTE, 0},
    {"Target Type", NOTE, 0},
    {"Issuer Name", NOTE, 0},
    {"Secondary sanctions risk:", NOTE, 0},
    {"Additional Sanctions Information -", NOTE, 0},
    {"Transactions Prohibited For Persons Owned or Controlled By U.S. Financial Institutions:", NOTE, 0},
    {"CAATSA Section 235 Information:", NOTE, 0},
    {"IFCA Determination -", NOTE, 0},
    {"PEESA Information:", NOTE, 0},
    {"Executive Order 13846 information:", NOTE, 0},
    {"Executive Order 13645 Determination -", NOTE, 0},
    {"Executive Order 14059 information:", NOTE, 0},
    {"Executive Order 14024 Directive Information -", DIRECTIVE, 0},
    {"Executive Order 14024 Directive Information", DIRECTIVE, 0},
    {"Executive Order 14014 Directive Information:", DIRECTIVE, 0},
    {"Executive Order 13662 Directive Determination -", DIRECTIVE, 0},
    {"Listing Date (EO 14024 Directive 1a):", NOTE, 0},
    {"Effective Date (EO 14024 Directive 1a):", NOTE, 0},
    {"Listing Date (EO 14024 Directive 2):", NOTE, 0},
    {"Effective Date (EO 14024 Directive 2):", NOTE, 0},
    {"Listing Date (EO 14024 Directive 3):", NOTE, 0},
    {"Effective Date (EO 14024 Directive 3):", NOTE, 0},
    {"Listing Date (EO 14014 Directive 1):", NOTE, 0},
    {"Listing Date (CMIC)", NOTE, 0},
    {"Effective Date (CMIC)", NOTE, 0},
    {"Purchase/Sales For Divestment Date (CMIC)", NOTE, 0},
    {"Member", NOTE, 0},
    {"Fax", NOTE, 0},
    {"All Offices Worldwide", NOTE, 0},
    {"For more information on directives, please visit the following link:", NOTE, 0},
};

/* ASCII case-free, with ’ for '. */
static bool same_word(cordon_str s, const char *word) {
    static const char typographic[] = "\xe2\x80\x99";
    size_t i = 0;
    for (; *word != '\0' && i < s.n; word++) {
        if (*word == '\'' && s.n - i >= 3 && memcmp(s.p + i, typographic, 3) == 0) {
            i += 3;
        } else if (cdn_str_eq_nocase(cdn_str(s.p + i, 1), cdn_str(word, 1))) {
            i++;
        } else {
            return false;
        }
    }
    return *word == '\0' && i == s.n;
}

static const struct word *find_word(cordon_str type) {
    if (cdn_str_starts_nocase(type, CDN_STR("Digital Currency Address -"))) {
        type = CDN_STR("Digital Currency Address -");
    }
    for (size_t i = 0; i < CDN_ARRAY_LEN(words); i++) {
        if (same_word(type, words[i].type)) {
            return &words[i];
        }
    }
    return NULL;
}

/* The longest word that `item` begins with, followed by a space or nothing; how long it is. */
static const struct word *find_prefix(cordon_str item, size_t *ret_length) {
    const struct word *best = NULL;
    size_t length = 0;
    for (size_t i = 0; i < CDN_ARRAY_LEN(words) && item.n > 0; i++) {
        if ((words[i].type[0] | 0x20) != (item.p[0] | 0x20)) {
            continue; /* most of them; this runs at each semicolon */
        }
        const cordon_str type = cdn_str_z(words[i].type);
        if (type.n <= length || !cdn_str_starts_nocase(item, type)) {
            continue;
        }
        if (item.n == type.n || item.p[type.n] == ' ' || item.p[type.n] == '(' || item.p[type.n - 1] == '#') {
            best = &words[i];
            length = type.n;
        }
    }
    *ret_length = length;
    return best;
}

/* ---- one item --------------------------------------------------------------------------------------------
 */

static void ident(struct cdn_rd *r, const struct cdn_ofac_item *item, enum cdn_ident_kind kind) {
    struct cdn_ident_in in = {.kind = kind,
                              .value = item->value,
                              .type = item->type,
                              .country = item->country,
                              .note = item->note,
                              .invalid = item->invalid};
    if (kind == CDN_IDENT_WALLET) {
        in.currency = cdn_str_trim(cdn_str_after(item->type, 26));
        if (in.currency.n == 0) {
            in.currency = cdn_str_trim(cdn_str_split(cdn_str_trim(item->value), ' ', &in.value));
        }
    }
    const bool imo = cdn_str_starts_nocase(cdn_str_trim(item->value), CDN_STR("IMO "));
    if ((kind == CDN_IDENT_OTHER || kind == CDN_IDENT_REGISTRATION) && imo) {
        in.kind = CDN_IDENT_IMO; /* "Identification Number IMO …" of a ship or of a shipping company */
    }
    struct cdn_list_ident *const added = cdn_rd_ident(r, &in);
    if (added != NULL) {
        cdn_rd_date(r, &added->issued, item->issued, "issue date");
        cdn_rd_date(r, &added->expires, item->expires, "expiry date");
    }
}

/* "City, Country": the country is what follows the last comma, if it is one. */
static void born_at(struct cdn_rd *r, cordon_str value) {
    size_t comma = value.n;
    while (comma > 0 && value.p[comma - 1] != ',') {
        comma--;
    }
    const cordon_str last = cdn_str_trim(cdn_str_after(value, comma));
    const struct cdn_place_in in = {.text = value,
                                    .country = cdn_rd_is_country(last) ? last : (cordon_str){NULL, 0}};
    cdn_rd_birth_place(r, &in);
}

static void directive(struct cdn_rd *r, const struct cdn_ofac_item *item) {
    cdn_rd_note(r, CDN_NOTE_DETAIL, item->type, item->value);
    const bool second = cdn_str_find_nocase(item->type, CDN_STR("14024")) != SIZE_MAX &&
                        cdn_str_find_nocase(item->value, CDN_STR("Directive 2")) != SIZE_MAX;
    if (cdn_str_find_nocase(item->value, CDN_STR("Subject to Directive")) != SIZE_MAX) {
        const size_t dash = cdn_str_find_nocase(item->value, CDN_STR(" - "));
        cdn_rd_measure(r,
                       second ? CDN_LISTED_CORRESPONDENT : CDN_LISTED_SECTORAL,
                       dash == SIZE_MAX ? item->value : cdn_str(item->value.p, dash));
    }
}

static void known(struct cdn_rd *r, const struct word *w, const struct cdn_ofac_item *item) {
    switch ((enum action)w->action) {
    case IDENT:
        ident(r, item, (enum cdn_ident_kind)w->kind);
        break;
    case NOTE:
        cdn_rd_note(r, CDN_NOTE_DETAIL, item->type, item->value.n > 0 ? item->value : item->type);
        break;
    case GENDER:
        cdn_rd_gender(r, item->value);
        break;
    case BORN:
        cdn_rd_birth(r, item->value, "DOB");
        break;
    case BORN_AT:
        born_at(r, item->value);
        break;
    case NATION:
        cdn_rd_nationality(r, CDN_NATION_NATIONALITY, item->value);
        break;
    case CITIZEN:
        cdn_rd_nationality(r, CDN_NATION_CITIZENSHIP, item->value);
        break;
    case FLAG:
        cdn_rd_nationality(r, CDN_NATION_FLAG, item->value);
        break;
    case FORMER_FLAG:
        cdn_rd_nationality(r, CDN_NATION_FORMER_FLAG, item->value);
        break;
    case LINKED:
        (void)cdn_rd_relation(r, CDN_LINK_LINKED, (cordon_str){NULL, 0}, item->value, CDN_STR("Linked To"));
        break;
    case OWNER:
        (void)cdn_rd_relation(r, CDN_LINK_OWNED_BY, (cordon_str){NULL, 0}, item->value, item->type);
        break;
    case OPERATOR:
        (void)cdn_rd_relation(r, CDN_LINK_OPERATED_BY, (cordon_str){NULL, 0}, item->value, item->type);
        break;
    case TITLE:
        cdn_rd_note(r, CDN_NOTE_TITLE, (cordon_str){NULL, 0}, item->value);
        break;
    case POSITION:
        cdn_rd_note(r, CDN_NOTE_POSITION, (cordon_str){NULL, 0}, item->value);
        break;
    case DIRECTIVE:
        directive(r, item);
        break;
    }
}

bool cdn_ofac_known(cordon_str type) {
    return find_word(cdn_str_trim(type)) != NULL;
}

void cdn_ofac_item(struct cdn_rd *r, const struct cdn_ofac_item *given) {
    struct cdn_ofac_item item = *given;
    item.type = cdn_str_trim(item.type);
    item.value = cdn_str_trim(item.value);
    const struct word *const w = find_word(item.type);
    if (w != NULL) {
        known(r, w, &item);
        return;
    }
    cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("type of document or feature"), item.type);
    if (item.document) {
        ident(r, &item, CDN_IDENT_OTHER);
    } else {
        cdn_rd_note(r, CDN_NOTE_DETAIL, item.type, item.value);
    }
}

/* ---- remarks ---------------------------------------------------------------------------------------------
 */

static bool alias_item(cordon_str s) {
    return cdn_str_starts(s, CDN_STR("a.k.a. '")) || cdn_str_starts(s, CDN_STR("f.k.a. '")) ||
           cdn_str_starts(s, CDN_STR("n.k.a. '"));
}

static cordon_str without_alt(cordon_str s) {
    return cdn_str_starts_nocase(s, CDN_STR("alt. ")) ? cdn_str_after(s, 5) : s;
}

static bool begins_item(cordon_str s) {
    size_t length = 0;
    s = without_alt(cdn_str_trim(s));
    return alias_item(s) || cdn_str_starts_nocase(s, CDN_STR("(Linked To:")) ||
           find_prefix(s, &length) != NULL;
}

/* Bytes of the item at the beginning of `s`: to the next "; " that a known word follows, or to the first one
 * if this item does not begin with a known word itself. */
static size_t item_length(cordon_str s) {
    const bool is_known = begins_item(s);
    for (size_t i = 0; i + 1 < s.n; i++) {
        if (s.p[i] == ';' && s.p[i + 1] == ' ' && (!is_known || begins_item(cdn_str_after(s, i + 2)))) {
            return i;
        }
    }
    return s.n;
}

/* "N (Country) issued 15 Aug 2009 expires 15 Aug 2014": takes the end off the value, part by part. */
static void split_document(struct cdn_rd *r, struct cdn_ofac_item *item) {
    const size_t expires = cdn_str_find_nocase(item->value, CDN_STR(" expires "));
    if (expires != SIZE_MAX) {
        item->expires = cdn_str_after(item->value, expires + 9);
        item->value = cdn_str(item->value.p, expires);
    }
    const size_t issued = cdn_str_find_nocase(item->value, CDN_STR(" issued "));
    if (issued != SIZE_MAX) {
        item->issued = cdn_str_after(item->value, issued + 8);
        item->value = cdn_str(item->value.p, issued);
    }
    item->value = cdn_str_trim(item->value);
    const size_t open = cdn_str_find_nocase(item->value, CDN_STR(" ("));
    if (open == SIZE_MAX || item->value.p[item->value.n - 1] != ')') {
        return;
    }
    const cordon_str inside = cdn_str(item->value.p + open + 2, item->value.n - open - 3);
    (void)r;
    item->country = inside;
    item->value = cdn_str(item->value.p, open);
}

static void remark_alias(struct cdn_rd *r, cordon_str item) {
    cordon_str name = cdn_str_trim(cdn_str_after(item, 8));
    while (name.n > 0 && (name.p[name.n - 1] == '.' || name.p[name.n - 1] == '\'')) {
        const bool quote = name.p[name.n - 1] == '\'';
        name.n--;
        if (quote) {
            break;
        }
    }
    (void)cdn_rd_name(r, item.p[0] == 'f' ? CDN_NAME_FORMER : CDN_NAME_WEAK, true, name);
}

/* A known word whose value is one short thing: what follows a further "; " is another item. */
static bool is_short(const struct word *w) {
    return w->action != NOTE && w->action != DIRECTIVE && w->action != LINKED;
}

static void remark_item(struct cdn_rd *r, cordon_str whole) {
    cordon_str s = without_alt(cdn_str_trim(whole));
    if (cdn_str_starts_nocase(s, CDN_STR("(Linked To:")) && s.p[s.n - 1] == ')') {
        s = cdn_str(s.p + 1, s.n - 2);
    }
    if (alias_item(s)) {
        remark_alias(r, s);
        return;
    }
    size_t length = 0;
    const struct word *const w = find_prefix(s, &length);
    if (w == NULL) {
        cdn_rd_note(r, CDN_NOTE_REMARK, (cordon_str){NULL, 0}, s);
        return;
    }
    cordon_str value = cdn_str_trim(cdn_str_after(s, length));
    const size_t cut = is_short(w) ? cdn_str_find_nocase(value, CDN_STR("; ")) : SIZE_MAX;
    const cordon_str rest = cut == SIZE_MAX ? (cordon_str){NULL, 0} : cdn_str_after(value, cut + 2);
    if (cut != SIZE_MAX) {
        value = cdn_str(value.p, cut);
    }
    struct cdn_ofac_item item = {.type = cdn_str(s.p, length), .value = value};
    if (w->action == IDENT && w->kind != CDN_IDENT_WEBSITE && w->kind != CDN_IDENT_EMAIL) {
        split_document(r, &item);
    }
    known(r, w, &item);
    cdn_rd_note(r, CDN_NOTE_REMARK, (cordon_str){NULL, 0}, rest);
}

void cdn_ofac_remarks(struct cdn_rd *r, cordon_str remarks) {
    cordon_str s = cdn_str_trim(remarks);
    while (s.n > 0 && r->err == 0) {
        const size_t n = item_length(s);
        remark_item(r, cdn_str(s.p, n));
        s = cdn_str_after(s, n + 2);
    }
}

/* ---- other words
 * ------------------------------------------------------------------------------------------- */

void cdn_ofac_address_part(
    struct cdn_rd *r, struct cdn_place_in *in, struct cdn_buf *text, cordon_str type, cordon_str value) {
    const cordon_str s = cdn_str_trim(type);
    if (cdn_str_eq_nocase(s, CDN_STR("CITY"))) {
        in->city = value;
    } else if (cdn_str_eq_nocase(s, CDN_STR("STATE/PROVINCE"))) {
        in->region = value;
    } else if (cdn_str_eq_nocase(s, CDN_STR("POSTAL CODE"))) {
        in->postal_code = value;
    } else if (cdn_str_eq_nocase(s, CDN_STR("REGION")) && in->region.n == 0) {
        in->region = value;
    } else {
        if (!cdn_str_starts_nocase(s, CDN_STR("ADDRESS")) && !cdn_str_eq_nocase(s, CDN_STR("REGION")) &&
            !cdn_str_eq_nocase(s, CDN_STR("Unknown"))) {
            cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("part of an address"), s);
        }
        cdn_buf_str(text, text->n > 0 && value.n > 0 ? CDN_STR(", ") : CDN_STR(""));
        cdn_buf_str(text, value);
    }
}

enum cdn_entry_type cdn_ofac_type(struct cdn_rd *r, cordon_str word) {
    const cordon_str s = cdn_str_trim(word);
    if (s.n == 0 || cdn_str_eq_nocase(s, CDN_STR("entity"))) {
        return CDN_ENTRY_COMPANY;
    }
    if (cdn_str_eq_nocase(s, CDN_STR("individual"))) {
        return CDN_ENTRY_PERSON;
    }
    if (cdn_str_eq_nocase(s, CDN_STR("vessel"))) {
        return CDN_ENTRY_SHIP;
    }
    if (cdn_str_eq_nocase(s, CDN_STR("aircraft"))) {
        return CDN_ENTRY_AIRCRAFT;
    }
    cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("type of entry"), s);
    return CDN_ENTRY_OTHER;
}

struct pair {
    const char *word;
    int kind;
};
static int find_pair(const struct pair *pairs, size_t n, cordon_str word) {
    for (size_t i = 0; i < n; i++) {
        if (cdn_str_eq_nocase(cdn_str_trim(word), cdn_str_z(pairs[i].word))) {
            return pairs[i].kind;
        }
    }
    return -1;
}

enum cdn_list_relation_kind cdn_ofac_relation(struct cdn_rd *r, cordon_str word) {
    static const struct pair pairs[] = {
        {"Associate Of", CDN_LINK_ASSOCIATE},
        {"Providing support to", CDN_LINK_SUPPORTS},
        {"Acting for or on behalf of", CDN_LINK_ACTING_FOR},
        {"Owned or Controlled By", CDN_LINK_OWNED_BY},
        {"Family member of", CDN_LINK_FAMILY},
        {"playing a significant role in", CDN_LINK_ASSOCIATE},
        {"Leader or official of", CDN_LINK_LEADS},
        {"Principal Executive Officer", CDN_LINK_LEADS},
        {"Owns, controls, or operates", CDN_LINK_OWNS},
        {"Property in the interest of", CDN_LINK_INTEREST},
    };
    const int kind = find_pair(pairs, CDN_ARRAY_LEN(pairs), word);
    if (kind < 0) {
        cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("type of relation"), word);
    }
    return kind < 0 ? CDN_LINK_OTHER : (enum cdn_list_relation_kind)kind;
}

enum cdn_measure_kind cdn_ofac_measure(struct cdn_rd *r, cordon_str word) {
    static const struct pair pairs[] = {
        {"Block", CDN_LISTED_ASSET_FREEZE},
        {"Reject", CDN_LISTED_REJECT},
        {"NDAA Special Conditions", CDN_LISTED_CORRESPONDENT},
        {"13662 Sectoral Directive 1", CDN_LISTED_SECTORAL},
        {"13662 Sectoral Directive 2", CDN_LISTED_SECTORAL},
        {"13662 Sectoral Directive 3", CDN_LISTED_SECTORAL},
        {"13662 Sectoral Directive 4", CDN_LISTED_SECTORAL},
        {"Executive Order 14024 Directive 1a", CDN_LISTED_SECTORAL},
        {"Executive Order 14024 Directive 2", CDN_LISTED_CORRESPONDENT},
        {"Executive Order 14024 Directive 3", CDN_LISTED_SECTORAL},
    };
    const int kind = find_pair(pairs, CDN_ARRAY_LEN(pairs), word);
    if (kind < 0) {
        cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("type of sanction"), word);
    }
    return kind < 0 ? CDN_LISTED_OTHER : (enum cdn_measure_kind)kind;
}

/* Programmes of the consolidated (non-SDN) list that are not blocking by themselves. */
static const struct pair non_blocking[] = {
    {"NS-PLC", CDN_LISTED_REJECT},
    {"561-Related", CDN_LISTED_CORRESPONDENT},
    {"561List", CDN_LISTED_CORRESPONDENT},
    {"FSE-IR", CDN_LISTED_REJECT},
    {"FSE-SY", CDN_LISTED_REJECT},
    {"CMIC-EO13959", CDN_LISTED_INVESTMENT},
    {"CCMC", CDN_LISTED_INVESTMENT},
};

static enum cdn_list_part part_of(const struct cdn_rd *r) {
    if (r->options->part != CDN_LIST_PART_UNSAID) {
        return r->options->part;
    }
    return cdn_str_eq(r->info.id, CDN_STR("us/sdn"))            ? CDN_LIST_PART_SDN
           : cdn_str_eq(r->info.id, CDN_STR("us/consolidated")) ? CDN_LIST_PART_CONSOLIDATED
                                                                : CDN_LIST_PART_UNSAID;
}

void cdn_ofac_default_measures(struct cdn_rd *r) {
    const enum cdn_list_part part = part_of(r);
    const struct cdn_list_entry *const entry = r->entry;
    const bool stated = entry->measures.n > 0;
    uint32_t known = 0;
    for (uint32_t i = 0; i < entry->programmes.n && part != CDN_LIST_PART_SDN; i++) {
        const int kind = find_pair(non_blocking, CDN_ARRAY_LEN(non_blocking), entry->programmes.p[i]);
        if (kind >= 0) {
            cdn_rd_measure(r, (enum cdn_measure_kind)kind, entry->programmes.p[i]);
            known++;
        }
    }
    /* Nobody said which list it is: one programme that may freeze is enough to freeze. */
    const bool harmless = stated || (known > 0 && known == entry->programmes.n);
    if (part == CDN_LIST_PART_SDN || (part == CDN_LIST_PART_UNSAID && !harmless)) {
        cdn_rd_measure(r, CDN_LISTED_ASSET_FREEZE, CDN_STR("Block"));
    } else if (part == CDN_LIST_PART_CONSOLIDATED && !stated && known == 0) {
        cdn_rd_measure(r, CDN_LISTED_OTHER, CDN_STR("non-SDN"));
    }
}

enum cdn_name_kind cdn_ofac_alias(struct cdn_rd *r, cordon_str word, bool low) {
    const cordon_str s = cdn_str_trim(word);
    if (cdn_str_starts_nocase(s, CDN_STR("f"))) {
        return CDN_NAME_FORMER;
    }
    if (!cdn_str_starts_nocase(s, CDN_STR("a")) && !cdn_str_starts_nocase(s, CDN_STR("n"))) {
        cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("type of alias"), s);
    }
    return low ? CDN_NAME_WEAK : CDN_NAME_STRONG;
}
