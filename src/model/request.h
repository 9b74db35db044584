/* SPDX-License-Identifier: Apache-2.0 */
/* request.h: a request as the engine sees it. See docs/request.md for the JSON form and the meaning.
 *
 * Always true of a finished request (cdn_request_finish checks it):
 *  1. all memory is in one arena; nothing is changed after finish, so threads may share it;
 *  2. strings are UTF-8, not NUL-terminated; pointers ("/parties/0/evidence/2") are made on demand;
 *  3. absent, null ("asked and unanswered") and "not applicable" stay three different things;
 *  4. counts are within base/limits.h. */
#ifndef CDN_REQUEST_H
#define CDN_REQUEST_H

#include "model/model.h"

enum cdn_have {
    CDN_HAVE_ABSENT = 0, /* not asked here */
    CDN_HAVE_NULL = 1,   /* asked and unanswered */
    CDN_HAVE_NOT_APPLICABLE = 2,
    CDN_HAVE_VALUE = 3
};

struct cdn_money {
    struct cdn_decimal amount;
    char currency[4]; /* ISO 4217, NUL-terminated */
};

/* A fact's value, given or declared. Codes and texts are strings; a single code has one. */
struct cdn_value {
    uint8_t have; /* enum cdn_have */
    uint8_t type; /* enum cdn_fact_type; NONE for a declared fact before it is bound to a snapshot */
    bool boolean;
    uint16_t count;          /* CODE, TEXT, PLACE: 1; CODES: any number */
    const cordon_str *texts; /* CODE, CODES, TEXT, PLACE */
    const uint64_t *hashes;  /* cdn_hash(text, 0) of each, made once when the request is read */
    struct cdn_when when;
    struct cdn_money money; /* NUMBER uses money.amount */
};
struct cdn_given_fact { /* "facts": {"tier": "paid"} */
    cordon_str name;
    uint64_t hash; /* cdn_hash(name, 0) */
    struct cdn_value value;
};

/* An address as given. Free text only: `lines` holds it and the rest is empty. */
struct cdn_address {
    cordon_str country, region, city, postal_code, lines;
};

struct cdn_evidence {
    uint8_t kind;     /* enum cdn_evidence_kind */
    uint8_t have;     /* CDN_HAVE_NULL: asked, no answer */
    uint16_t country; /* packed, where the value is or carries a country code; else 0 */
    cordon_str text;  /* the value as text: IP, phone, IBAN, BIC, host, tax id … */
    struct cdn_address address;
    bool has_point;
    int32_t latitude, longitude; /* 1e-6 degrees, with POINT */
    bool has_seen;
    struct cdn_when seen;
    cordon_str source; /* who observed it; may be empty */
    bool ip_is6, ip_parsed;
    uint8_t ip[16];       /* network order; v4 in the first four bytes */
    uint32_t number;      /* ASN, MCC, IIN */
    uint8_t answer_count; /* an "ip" whose value is {"country","region"}: resolved by the caller */
};

struct cdn_identifier {
    cordon_str kind, value; /* "passport", "tax", "registration", "imo", "lei", "wallet" … */
    uint16_t country;       /* packed or 0 */
};
struct cdn_relation { /* to a service of the operator */
    cordon_str service;
    uint64_t service_hash;
    uint8_t since_have, period_end_have, until_have;
    struct cdn_when since, period_end, until;
};
struct cdn_ownership { /* who owns this party: an index into parties, or a name */
    int32_t party;     /* -1: by name only */
    cordon_str name;
    uint8_t percent_have;
    struct cdn_decimal percent;
    bool control;
};
/* A screening result supplied with the request, until the engine screens by itself. */
struct cdn_listed {
    cordon_str list, entry;
    uint64_t list_hash;
    uint8_t truth;  /* cordon_truth: listed, screened without a match, possible match */
    uint16_t score; /* 0..1000, with a match */
    bool owned;     /* owned by entries rather than listed itself */
    uint8_t percent_have;
    struct cdn_decimal percent; /* of the ownership, when `owned` */
    bool control;
};

struct cdn_party {
    uint8_t role; /* enum cdn_role */
    cordon_str name;
    uint8_t birth_have;
    struct cdn_when birth;
    cordon_str gender;
    const struct cdn_value *facts[CDN_FACT_SLOTS]; /* PARTY facts by slot; see cdn_party_fact() */
    const struct cdn_given_fact *given;
    const struct cdn_evidence *evidence;
    const struct cdn_identifier *identifiers;
    const struct cdn_relation *relations;
    const struct cdn_ownership *owners;
    const struct cdn_listed *listed;
    uint16_t given_count, evidence_count, identifier_count, relation_count, owner_count, listed_count;
    uint8_t relations_have, owners_have, listed_have; /* enum cdn_have: [] is "known to be none" */
};
struct cdn_object {
    uint8_t kind;                                  /* enum cdn_object_kind */
    const struct cdn_value *facts[CDN_FACT_SLOTS]; /* facts of its kind by slot; see cdn_object_fact() */
    const struct cdn_given_fact *given;
    const struct cdn_evidence *evidence;
    uint16_t given_count, evidence_count;
};

enum cdn_state_kind {
    CDN_STATE_USAGE = 1, /* so much used up against a cap in the current window */
    CDN_STATE_DUTY,      /* a duty of an earlier provisional lift: fulfilled, or due */
    CDN_STATE_CLEARANCE, /* a candidate was cleared: not this person */
    CDN_STATE_HOLD,      /* an open hold */
    CDN_STATE_APPEAL
};
struct cdn_state {
    uint8_t kind;
    cordon_str measure; /* which measure or licence */
    cordon_str reference;
    struct cdn_money used;
    uint8_t due_have, done_have, until_have;
    struct cdn_when due, done, until;
    int32_t party; /* index, -1 none */
    cordon_str list, entry;
    cordon_str by, why; /* who decided it, and for what reason */
    /* Of a clearance: what was compared when it was given, as a decision tells it in its candidates. */
    cordon_str entry_fingerprint, party_fingerprint;
};

struct cdn_request {
    cordon_str action, service, acting_entity, reference;
    uint64_t action_hash, service_hash, entity_hash;
    uint8_t at_have;
    int64_t at; /* instant asked for; the caller of decide passes the instant that counts */
    const struct cdn_value *facts[CDN_FACT_SLOTS]; /* REQUEST facts by slot; see cdn_request_fact() */
    const struct cdn_given_fact *given;
    const struct cdn_party *parties;
    const struct cdn_object *objects;
    const struct cdn_state *state;
    uint16_t given_count, party_count, object_count, state_count;
    /* made by cdn_request_finish: */
    uint16_t role_first[CDN_ROLE_COUNT], role_count[CDN_ROLE_COUNT]; /* index of the first party, how many */
    uint16_t object_first[CDN_OBJECT_COUNT], object_count_of[CDN_OBJECT_COUNT];
};

/* A built-in fact, NULL where it is absent; a fact of another owner always is. */
static inline const struct cdn_value *cdn_fact_at(const struct cdn_value *const *facts,
                                                  unsigned owner,
                                                  unsigned fact) {
    return cdn_facts[fact].owner == owner ? facts[cdn_facts[fact].slot] : NULL;
}
static inline const struct cdn_value *cdn_request_fact(const struct cdn_request *r, unsigned fact) {
    return cdn_fact_at(r->facts, CDN_OWNER_REQUEST, fact);
}
static inline const struct cdn_value *cdn_party_fact(const struct cdn_party *p, unsigned fact) {
    return cdn_fact_at(p->facts, CDN_OWNER_PARTY, fact);
}
static inline const struct cdn_value *cdn_object_fact(const struct cdn_object *o, unsigned fact) {
    return cdn_fact_at(o->facts, CDN_OWNER_OBJECT + (unsigned)o->kind, fact);
}
/* `facts` of a party, object or request being built; the fact must be one of its owner. */
static inline void cdn_fact_put(const struct cdn_value **facts,
                                unsigned fact,
                                const struct cdn_value *value) {
    facts[cdn_facts[fact].slot] = value;
}

/* Checks limits, fills the indexes and hashes. Call once, after the arrays are in place. */
int cdn_request_finish(struct cdn_request *r, struct cordon_error *e) CORDON_MUST_CHECK;

#endif
