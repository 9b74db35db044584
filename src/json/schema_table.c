/* SPDX-License-Identifier: Apache-2.0 */
/* schema_table.c: every member of a request, once.
 *
 * Facts, roles, kinds of object and of evidence come from the model's *.def files; the rest is written here.
 * A new kind of object needs one line below (FACT_OF_…), which the compiler asks for. */
#include "json/schema_priv.h"

#include "base/limits.h"

#define OFF(type, member) ((uint16_t)offsetof(type, member))
#define ROW(name_, op_, flags_, only_, at_, have_, count_, arg_, max_, title_)                               \
    {                                                                                                        \
        .name = name_, .title = title_, .n = sizeof(name_) - 1, .op = CDN_OP_##op_, .flags = (flags_),       \
        .only = (only_), .at = (at_), .have_at = (have_), .count_at = (count_), .arg = (arg_),               \
        .max = (uint32_t)(max_)                                                                              \
    }
#define NONE CDN_NO_MEMBER
enum { REQ = CDN_FIELD_REQUIRED, NUL = CDN_FIELD_NULL, NA = CDN_FIELD_NULL | CDN_FIELD_NA };

#define TEXT(type, member, flags, max, title)                                                                \
    ROW(#member, TEXT, flags, 0, OFF(type, member), NONE, NONE, 0, max, title)
#define WHEN(type, member, title)                                                                            \
    ROW(#member, WHEN, NA, 0, OFF(type, member), OFF(type, member##_have), NONE, 0, 0, title)
#define LIST(type, member, flags, have, count, shape, max, title)                                            \
    ROW(#member, LIST, flags, 0, OFF(type, member), have, OFF(type, count), CDN_SHAPE_##shape, max, title)
#define GIVEN(type)                                                                                          \
    ROW("facts",                                                                                             \
        GIVEN,                                                                                               \
        0,                                                                                                   \
        0,                                                                                                   \
        OFF(type, given),                                                                                    \
        NONE,                                                                                                \
        OFF(type, given_count),                                                                              \
        0,                                                                                                   \
        CDN_MAX_ATTESTATIONS,                                                                                \
        "facts that the rulebook declares, by name")
#define FACT_ROW(type, only, sym, name, title)                                                               \
    ROW(name,                                                                                                \
        FACT,                                                                                                \
        NA,                                                                                                  \
        only,                                                                                                \
        (uint16_t)(OFF(type, facts) + CDN_SLOT_##sym * sizeof(void *)),                                      \
        NONE,                                                                                                \
        NONE,                                                                                                \
        CDN_FACT_##sym,                                                                                      \
        0,                                                                                                   \
        title),

/* FACT_OF_<owner> gives a row in the shape that the owner stands for and nothing in the others. */
#define FACT(sym, owner, slot, name, type, title) FACT_OF_##owner(sym, name, title)
#define OBJECT_ROW(kind, sym, name, title) FACT_ROW(struct cdn_object, CDN_OBJECT_##kind, sym, name, title)

static const struct cdn_field request_fields[] = {
    ROW("action",
        TEXT,
        REQ,
        0,
        OFF(struct cdn_request, action),
        NONE,
        NONE,
        0,
        CDN_MAX_WORD_BYTES,
        "what is asked for: an action of the rulebook"),
    ROW("service",
        TEXT,
        REQ,
        0,
        OFF(struct cdn_request, service),
        NONE,
        NONE,
        0,
        CDN_MAX_WORD_BYTES,
        "of which service: a service of the rulebook"),
    TEXT(struct cdn_request,
         acting_entity,
         NUL,
         CDN_MAX_WORD_BYTES,
         "the legal entity that acts; decides which laws and statutes bind"),
    TEXT(struct cdn_request,
         reference,
         NUL,
         CDN_MAX_NAME_BYTES,
         "the caller's own reference; decides nothing"),
    ROW("at",
        INSTANT,
        NUL,
        0,
        OFF(struct cdn_request, at),
        OFF(struct cdn_request, at_have),
        NONE,
        0,
        0,
        "the instant to decide for, where the caller may choose it"),
    LIST(struct cdn_request,
         parties,
         0,
         NONE,
         party_count,
         PARTY,
         CDN_MAX_PARTIES,
         "who takes part, each in a role"),
    LIST(struct cdn_request, objects, 0, NONE, object_count, OBJECT, CDN_MAX_OBJECTS, "what it is about"),
    LIST(struct cdn_request,
         state,
         0,
         NONE,
         state_count,
         STATE,
         CDN_MAX_STATE,
         "attested facts about earlier requests: usage, duties, clearances, holds, appeals"),
    GIVEN(struct cdn_request),
#define FACT_OF_REQUEST(sym, name, title) FACT_ROW(struct cdn_request, 0, sym, name, title)
#define FACT_OF_PARTY(sym, name, title)
#define FACT_OF_GOODS(sym, name, title)
#define FACT_OF_CONTENT(sym, name, title)
#define FACT_OF_LISTING(sym, name, title)
#define FACT_OF_BOOKING(sym, name, title)
#define FACT_OF_TITLE(sym, name, title)
#define FACT_OF_DOMAIN(sym, name, title)
#define FACT_OF_PREFIX(sym, name, title)
#define FACT_OF_PAYMENT(sym, name, title)
#define FACT_OF_MESSAGE(sym, name, title)
#define FACT_OF_INSTRUMENT(sym, name, title)
#define FACT_OF_CONTRACT(sym, name, title)
#define FACT_OF_DEBT(sym, name, title)
#define FACT_OF_EQUIPMENT(sym, name, title)
#define FACT_OF_SUPPLY(sym, name, title)
#include "model/facts.def"
};

static const struct cdn_field party_fields[] = {
    ROW("role", WORD, REQ, 0, OFF(struct cdn_party, role), NONE, NONE, CDN_WORDS_ROLE, 0, "in which role"),
    ROW("evidence",
        LIST,
        0,
        0,
        OFF(struct cdn_party, evidence),
        NONE,
        OFF(struct cdn_party, evidence_count),
        CDN_SHAPE_EVIDENCE,
        CDN_MAX_EVIDENCE,
        "what was observed"),
    TEXT(struct cdn_party, name, NUL, CDN_MAX_NAME_BYTES, "name as given"),
    ROW("birth_date",
        WHEN,
        NA,
        0,
        OFF(struct cdn_party, birth),
        OFF(struct cdn_party, birth_have),
        NONE,
        0,
        0,
        "date of birth; a month or a year where no more is known"),
    TEXT(struct cdn_party, gender, NUL, CDN_MAX_WORD_BYTES, "as in the document shown"),
    LIST(struct cdn_party,
         relations,
         NA,
         OFF(struct cdn_party, relations_have),
         relation_count,
         RELATION,
         CDN_MAX_RELATIONS,
         "relations to services of the operator; [] is known to have none (new)"),
    LIST(struct cdn_party,
         identifiers,
         0,
         NONE,
         identifier_count,
         IDENTIFIER,
         CDN_MAX_IDENTIFIERS,
         "numbers by which the party is known"),
    LIST(struct cdn_party,
         owners,
         NA,
         OFF(struct cdn_party, owners_have),
         owner_count,
         OWNERSHIP,
         CDN_MAX_OWNERS,
         "who owns the party; [] is known to have no owner"),
    LIST(struct cdn_party,
         listed,
         NA,
         OFF(struct cdn_party, listed_have),
         listed_count,
         LISTED,
         CDN_MAX_OWNERS,
         "results of screening against lists"),
    GIVEN(struct cdn_party),
#undef FACT_OF_REQUEST
#undef FACT_OF_PARTY
#define FACT_OF_REQUEST(sym, name, title)
#define FACT_OF_PARTY(sym, name, title) FACT_ROW(struct cdn_party, 0, sym, name, title)
#include "model/facts.def"
};

#undef FACT_OF_PARTY
#undef FACT_OF_GOODS
#undef FACT_OF_CONTENT
#undef FACT_OF_LISTING
#undef FACT_OF_BOOKING
#undef FACT_OF_TITLE
#undef FACT_OF_DOMAIN
#undef FACT_OF_PREFIX
#undef FACT_OF_PAYMENT
#undef FACT_OF_MESSAGE
#undef FACT_OF_INSTRUMENT
#undef FACT_OF_CONTRACT
#undef FACT_OF_DEBT
#undef FACT_OF_EQUIPMENT
#undef FACT_OF_SUPPLY
#define FACT_OF_PARTY(sym, name, title)
#define FACT_OF_GOODS(sym, name, title) OBJECT_ROW(GOODS, sym, name, title)
#define FACT_OF_CONTENT(sym, name, title) OBJECT_ROW(CONTENT, sym, name, title)
#define FACT_OF_LISTING(sym, name, title) OBJECT_ROW(LISTING, sym, name, title)
#define FACT_OF_BOOKING(sym, name, title) OBJECT_ROW(BOOKING, sym, name, title)
#define FACT_OF_TITLE(sym, name, title) OBJECT_ROW(TITLE, sym, name, title)
#define FACT_OF_DOMAIN(sym, name, title) OBJECT_ROW(DOMAIN, sym, name, title)
#define FACT_OF_PREFIX(sym, name, title) OBJECT_ROW(PREFIX, sym, name, title)
#define FACT_OF_PAYMENT(sym, name, title) OBJECT_ROW(PAYMENT, sym, name, title)
#define FACT_OF_MESSAGE(sym, name, title) OBJECT_ROW(MESSAGE, sym, name, title)
#define FACT_OF_INSTRUMENT(sym, name, title) OBJECT_ROW(INSTRUMENT, sym, name, title)
#define FACT_OF_CONTRACT(sym, name, title) OBJECT_ROW(CONTRACT, sym, name, title)
#define FACT_OF_DEBT(sym, name, title) OBJECT_ROW(DEBT, sym, name, title)
#define FACT_OF_EQUIPMENT(sym, name, title) OBJECT_ROW(EQUIPMENT, sym, name, title)
#define FACT_OF_SUPPLY(sym, name, title) OBJECT_ROW(SUPPLY, sym, name, title)

static const struct cdn_field object_fields[] = {
    ROW("kind", WORD, REQ, 0, OFF(struct cdn_object, kind), NONE, NONE, CDN_WORDS_OBJECT, 0, "what it is"),
#include "model/facts.def"
    ROW("evidence",
        LIST,
        0,
        0,
        OFF(struct cdn_object, evidence),
        NONE,
        OFF(struct cdn_object, evidence_count),
        CDN_SHAPE_EVIDENCE,
        CDN_MAX_EVIDENCE,
        "what was observed of its place"),
    GIVEN(struct cdn_object),
};
#undef FACT

static const struct cdn_field evidence_fields[] = {
    ROW("kind",
        WORD,
        REQ,
        0,
        OFF(struct cdn_evidence, kind),
        NONE,
        NONE,
        CDN_WORDS_EVIDENCE,
        0,
        "what was observed"),
    ROW("value",
        EVIDENCE,
        REQ | NA,
        0,
        0,
        OFF(struct cdn_evidence, have),
        NONE,
        0,
        CDN_MAX_VALUE_BYTES,
        "the observed value, in the form of its kind; null: asked and unanswered"),
    ROW("seen",
        SEEN,
        NUL,
        0,
        OFF(struct cdn_evidence, seen),
        OFF(struct cdn_evidence, has_seen),
        NONE,
        0,
        0,
        "when it was observed"),
    TEXT(struct cdn_evidence, source, NUL, CDN_MAX_NAME_BYTES, "who observed it"),
};

static const struct cdn_field identifier_fields[] = {
    TEXT(struct cdn_identifier,
         kind,
         REQ,
         CDN_MAX_WORD_BYTES,
         "passport, tax, registration, imo, lei, wallet …"),
    TEXT(struct cdn_identifier, value, REQ, CDN_MAX_NAME_BYTES, "the number as written"),
    ROW("country",
        COUNTRY,
        NUL,
        0,
        OFF(struct cdn_identifier, country),
        NONE,
        NONE,
        0,
        0,
        "which country gave it"),
};

static const struct cdn_field relation_fields[] = {
    ROW("service",
        HASHED,
        REQ,
        0,
        OFF(struct cdn_relation, service),
        OFF(struct cdn_relation, service_hash),
        NONE,
        0,
        CDN_MAX_WORD_BYTES,
        "to which service"),
    WHEN(struct cdn_relation, since, "since when"),
    WHEN(struct cdn_relation, period_end, "end of the current paid period"),
    WHEN(struct cdn_relation, until, "when it ended or will end"),
};

static const struct cdn_field ownership_fields[] = {
    ROW("party",
        PARTY_OR_NAME,
        REQ,
        0,
        OFF(struct cdn_ownership, party),
        OFF(struct cdn_ownership, name),
        NONE,
        0,
        0,
        "the owner: its index in `parties`, or its name"),
    ROW("percent",
        DECIMAL,
        NA,
        0,
        OFF(struct cdn_ownership, percent),
        OFF(struct cdn_ownership, percent_have),
        NONE,
        0,
        100,
        "how much of it, in per cent"),
    ROW("control",
        BOOL,
        NUL,
        0,
        OFF(struct cdn_ownership, control),
        NONE,
        NONE,
        0,
        0,
        "controls it by other means"),
};

static const struct cdn_field listed_fields[] = {
    ROW("list",
        HASHED,
        REQ,
        0,
        OFF(struct cdn_listed, list),
        OFF(struct cdn_listed, list_hash),
        NONE,
        0,
        CDN_MAX_WORD_BYTES,
        "which list"),
    ROW("listed",
        LISTED,
        REQ | NUL,
        0,
        OFF(struct cdn_listed, truth),
        NONE,
        NONE,
        0,
        0,
        "true: is on it; false: screened without a match; null: a possible match"),
    TEXT(struct cdn_listed, entry, NUL, CDN_MAX_NAME_BYTES, "which entry of the list"),
    ROW("score",
        SCORE,
        0,
        0,
        OFF(struct cdn_listed, score),
        NONE,
        NONE,
        0,
        1000,
        "how well it matches, 0 to 1000"),
    ROW("owned",
        BOOL,
        NUL,
        0,
        OFF(struct cdn_listed, owned),
        NONE,
        NONE,
        0,
        0,
        "owned by parties on the list, rather than on it"),
    ROW("percent",
        DECIMAL,
        NA,
        0,
        OFF(struct cdn_listed, percent),
        OFF(struct cdn_listed, percent_have),
        NONE,
        0,
        100,
        "how much of it they own, in per cent"),
    ROW("control",
        BOOL,
        NUL,
        0,
        OFF(struct cdn_listed, control),
        NONE,
        NONE,
        0,
        0,
        "they control it by other means"),
};

static const struct cdn_field state_fields[] = {
    ROW("kind",
        WORD,
        REQ,
        0,
        OFF(struct cdn_state, kind),
        NONE,
        NONE,
        CDN_WORDS_STATE,
        0,
        "what is attested"),
    TEXT(struct cdn_state, measure, NUL, CDN_MAX_WORD_BYTES, "of which measure or licence"),
    TEXT(struct cdn_state, reference, NUL, CDN_MAX_NAME_BYTES, "case, report or appeal number"),
    ROW("used",
        MONEY,
        0,
        0,
        OFF(struct cdn_state, used),
        NONE,
        NONE,
        0,
        0,
        "usage: so much of the cap in this window"),
    WHEN(struct cdn_state, due, "duty: until when it is due"),
    WHEN(struct cdn_state, done, "duty: when it was fulfilled"),
    WHEN(struct cdn_state, until, "until when it holds"),
    ROW("party",
        PARTY,
        NUL,
        0,
        OFF(struct cdn_state, party),
        NONE,
        NONE,
        0,
        0,
        "index of the party concerned"),
    TEXT(struct cdn_state, list, NUL, CDN_MAX_WORD_BYTES, "clearance: of which list"),
    TEXT(struct cdn_state, entry, NUL, CDN_MAX_NAME_BYTES, "clearance: of which entry"),
    TEXT(struct cdn_state,
         entry_fingerprint,
         NUL,
         CDN_MAX_WORD_BYTES,
         "clearance: of the entry when it was cleared, as a decision tells it"),
    TEXT(struct cdn_state,
         party_fingerprint,
         NUL,
         CDN_MAX_WORD_BYTES,
         "clearance: of the party when it was cleared, as a decision tells it"),
    TEXT(struct cdn_state, by, NUL, CDN_MAX_NAME_BYTES, "who decided it"),
    TEXT(struct cdn_state, why, NUL, CDN_MAX_VALUE_BYTES, "for what reason"),
};

static const struct cdn_field money_fields[] = {
    ROW("amount",
        AMOUNT,
        REQ,
        0,
        OFF(struct cdn_money, amount),
        NONE,
        NONE,
        0,
        0,
        "decimal, as a text or a number"),
    ROW("currency", CURRENCY, REQ, 0, OFF(struct cdn_money, currency), NONE, NONE, 0, 0, "ISO 4217 code"),
};

static const struct cdn_field address_fields[] = {
    TEXT(struct cdn_address, country, NUL, CDN_MAX_VALUE_BYTES, "country: a code, or a name as given"),
    TEXT(struct cdn_address,
         region,
         NUL,
         CDN_MAX_VALUE_BYTES,
         "region: an ISO 3166-2 code, or a name as given"),
    TEXT(struct cdn_address, city, NUL, CDN_MAX_VALUE_BYTES, "city or place"),
    TEXT(struct cdn_address, postal_code, NUL, CDN_MAX_VALUE_BYTES, "postal code"),
    TEXT(struct cdn_address, lines, NUL, CDN_MAX_VALUE_BYTES, "everything else, or all of it in free text"),
};

#define EVIDENCE_COUNTRY(flags, title)                                                                       \
    ROW("country", COUNTRY, flags, 0, OFF(struct cdn_evidence, country), NONE, NONE, 0, 0, title)
#define EVIDENCE_REGION(title)                                                                               \
    ROW("region",                                                                                            \
        TEXT,                                                                                                \
        NUL,                                                                                                 \
        0,                                                                                                   \
        OFF(struct cdn_evidence, address.region),                                                            \
        NONE,                                                                                                \
        NONE,                                                                                                \
        0,                                                                                                   \
        CDN_MAX_WORD_BYTES,                                                                                  \
        title)

static const struct cdn_field ip_place_fields[] = {
    EVIDENCE_COUNTRY(REQ, "the country that the caller's own data gives for the address"),
    EVIDENCE_REGION("and the region, as an ISO 3166-2 code"),
};
static const struct cdn_field tax_fields[] = {
    EVIDENCE_COUNTRY(REQ, "whose number it is"),
    ROW("value",
        TEXT,
        REQ,
        0,
        OFF(struct cdn_evidence, text),
        NONE,
        NONE,
        0,
        CDN_MAX_WORD_BYTES,
        "the number"),
};
static const struct cdn_field card_fields[] = {
    ROW("iin",
        IIN,
        REQ,
        0,
        OFF(struct cdn_evidence, number),
        NONE,
        NONE,
        0,
        0,
        "first six to eight digits of the card number"),
    EVIDENCE_COUNTRY(NUL, "the issuer's country, where it is known as well"),
};
static const struct cdn_field point_fields[] = {
    ROW("latitude", DEGREES, REQ, 0, OFF(struct cdn_evidence, latitude), NONE, NONE, 0, 90, "degrees north"),
    ROW("longitude",
        DEGREES,
        REQ,
        0,
        OFF(struct cdn_evidence, longitude),
        NONE,
        NONE,
        0,
        180,
        "degrees east"),
    EVIDENCE_COUNTRY(NUL, "the country that the caller's own map gives"),
    EVIDENCE_REGION("and the region, as an ISO 3166-2 code"),
};

#define SHAPE(id, name_, table, type, first_, required_, kind, title_)                                       \
    [CDN_SHAPE_##id] = {.name = name_,                                                                       \
                        .title = title_,                                                                     \
                        .fields = table,                                                                     \
                        .count = CDN_ARRAY_LEN(table),                                                       \
                        .first = first_,                                                                     \
                        .required = required_,                                                               \
                        .size = sizeof(type),                                                                \
                        .kind_at = kind}

const struct cdn_shape cdn_shapes[CDN_SHAPE_COUNT] = {
    SHAPE(
        REQUEST, "request", request_fields, struct cdn_request, 1, 2, NONE, "one request: may this be done?"),
    SHAPE(PARTY, "party", party_fields, struct cdn_party, 2, 1, NONE, "somebody who takes part"),
    SHAPE(OBJECT,
          "object",
          object_fields,
          struct cdn_object,
          2,
          1,
          OFF(struct cdn_object, kind),
          "something that the request is about"),
    SHAPE(EVIDENCE,
          "evidence",
          evidence_fields,
          struct cdn_evidence,
          4,
          2,
          OFF(struct cdn_evidence, kind),
          "one observed item"),
    SHAPE(IDENTIFIER,
          "identifier",
          identifier_fields,
          struct cdn_identifier,
          2,
          2,
          NONE,
          "a number of a party"),
    SHAPE(RELATION, "relation", relation_fields, struct cdn_relation, 1, 1, NONE, "a relation to a service"),
    SHAPE(OWNERSHIP, "ownership", ownership_fields, struct cdn_ownership, 2, 1, NONE, "an owner of a party"),
    SHAPE(LISTED, "listed", listed_fields, struct cdn_listed, 2, 2, NONE, "a result of screening"),
    SHAPE(STATE,
          "state",
          state_fields,
          struct cdn_state,
          2,
          1,
          NONE,
          "an attested fact about earlier requests"),
    SHAPE(MONEY, "money", money_fields, struct cdn_money, 1, 2, NONE, "an amount of a currency"),
    SHAPE(ADDRESS, "address", address_fields, struct cdn_address, 1, 0, NONE, "an address in parts"),
    SHAPE(IP_PLACE,
          "ip_place",
          ip_place_fields,
          struct cdn_evidence,
          1,
          1,
          NONE,
          "an IP address resolved by the caller"),
    SHAPE(TAX, "tax", tax_fields, struct cdn_evidence, 1, 2, NONE, "a tax number and whose it is"),
    SHAPE(CARD, "card", card_fields, struct cdn_evidence, 1, 1, NONE, "a card by its first digits"),
    SHAPE(POINT, "point", point_fields, struct cdn_evidence, 1, 2, NONE, "a position"),
};

/* Members seen are marked in 64 bits. */
_Static_assert(CDN_ARRAY_LEN(request_fields) <= 64, "one bit a member");
_Static_assert(CDN_ARRAY_LEN(party_fields) <= 64, "one bit a member");
_Static_assert(CDN_ARRAY_LEN(object_fields) <= 64, "one bit a member");

#define WORD_TEXT(name, title)                                                                               \
    { name, title, sizeof(name) - 1 }
static const struct cdn_word_text role_words[] = {
    {"", "", 0},
#define ROLE(sym, name, title) WORD_TEXT(name, title),
#include "model/roles.def"
#undef ROLE
};
static const struct cdn_word_text object_words[] = {
    {"", "", 0},
#define OBJECT(sym, name, title) WORD_TEXT(name, title),
#include "model/objects.def"
#undef OBJECT
};
static const struct cdn_word_text evidence_words[] = {
    {"", "", 0},
#define EVIDENCE(sym, name, value, flags, b, l, e, n, fresh, title) WORD_TEXT(name, title),
#include "model/evidence.def"
#undef EVIDENCE
};
static const struct cdn_word_text state_words[] = {
    {"", "", 0},
    WORD_TEXT("usage", "so much used up against a cap in the current window"),
    WORD_TEXT("duty", "a duty of an earlier provisional lift: fulfilled, or due"),
    WORD_TEXT("clearance", "a candidate was cleared: not this person"),
    WORD_TEXT("hold", "an open hold"),
    WORD_TEXT("appeal", "an open appeal"),
};
const struct cdn_words cdn_word_tables[CDN_WORDS_COUNT] = {
    [CDN_WORDS_ROLE] = {"role", CDN_ARRAY_LEN(role_words), role_words},
    [CDN_WORDS_OBJECT] = {"kind of object", CDN_ARRAY_LEN(object_words), object_words},
    [CDN_WORDS_EVIDENCE] = {"kind of evidence", CDN_ARRAY_LEN(evidence_words), evidence_words},
    [CDN_WORDS_STATE] = {"kind of state", CDN_ARRAY_LEN(state_words), state_words},
};
