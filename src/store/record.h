/* SPDX-License-Identifier: Apache-2.0 */
/* record.h: what a record of the journal says, read from its bytes and written to them. docs/events.md has
 * the form.
 *
 * A record is one JSON object. Canonical: members sorted by name, no white space, no floating point. Two
 * kinds:
 *
 *   {"at":"2026-…Z","by":"k7…","data":{…},"event":"case.released","kind":"event"}
 *   {"appeal":17,"at":"…","decision":{…},"effects":{…},"idempotency":{"digest":"…","key":"…"},"key":"k7…",
 *    "kind":"decision","recorded":"…","request":{…},"snapshot":"sha256:…","trace":"…"}
 *
 * Always true here:
 *  1. what is written is read back to the same values, and written again gives the same bytes;
 *  2. reading accepts any bytes and is bounded: depth CDN_MAX_RECORD_DEPTH, lists CDN_MAX_RECORD_ITEMS;
 *  3. an unknown event, an unknown or repeated member, a member of the wrong type is an error: what is not
 * understood is never applied in part. Members of `decision` and `request` are not looked at: their effects
 * stand in `effects`, which the service takes from decision and snapshot when it decides. */
#ifndef CDN_STORE_RECORD_H
#define CDN_STORE_RECORD_H

#include "base/base.h"
#include "base/num.h"

#define CDN_MAX_RECORD_BYTES ((size_t)64 << 20) /* request and decision at their largest, escaped */
#define CDN_MAX_RECORD_DEPTH 128                /* far above requests (8) and decisions (6) */
#define CDN_MAX_RECORD_ITEMS 16384              /* of one list */
#define CDN_FINGERPRINT_TEXT 32                 /* hex digits of a fingerprint of a party */
#define CDN_DIGEST_HEX 64
#define CDN_INSTANT_NONE INT64_MIN /* an optional instant that is absent */
#define CDN_COUNT_NONE UINT64_MAX  /* an optional count that is absent */

struct cdn_texts {
    const cordon_str *items;
    size_t count;
};
struct cdn_counts {
    const uint64_t *items;
    size_t count;
};

/* ---- events -------------------------------------------------------------------------------------------- */

#define CDN_C_TEXT cordon_str   /* n == 0: absent */
#define CDN_C_DIGEST cordon_str /* 64 lower-case hex digits */
#define CDN_C_PARTY cordon_str  /* 32 lower-case hex digits */
#define CDN_C_JSON cordon_str   /* n == 0: absent */
#define CDN_C_TEXTS struct cdn_texts
#define CDN_C_COUNT uint64_t /* CDN_COUNT_NONE: absent */
#define CDN_C_COUNTS struct cdn_counts
#define CDN_C_INSTANT int64_t /* CDN_INSTANT_NONE: absent */

#define EVENT(name, written, kept, title) struct cdn_ev_##name {
#define FIELD(name, member, type, need, meaning) CDN_C_##type member;
#define END(name)                                                                                            \
    }                                                                                                        \
    ;
#include "store/events.def"
#undef EVENT
#undef FIELD
#undef END

enum cdn_event_kind {
    CDN_EV_NONE = 0,
#define EVENT(name, written, kept, title) CDN_EV_##name,
#define FIELD(name, member, type, need, meaning)
#define END(name)
#include "store/events.def"
#undef EVENT
#undef FIELD
#undef END
    CDN_EV_COUNT
};

struct cdn_event {
    uint8_t kind;  /* enum cdn_event_kind */
    int64_t at;    /* the service's clock */
    cordon_str by; /* key id; "service" for what cordond does by itself */
    union {
#define EVENT(name, written, kept, title) struct cdn_ev_##name name;
#define FIELD(name, member, type, need, meaning)
#define END(name)
#include "store/events.def"
#undef EVENT
#undef FIELD
#undef END
    } u;
};

/* Zeroes the event and marks every optional member absent. */
void cdn_event_init(struct cdn_event *ev, unsigned kind, int64_t at, cordon_str by);
const char *cdn_event_name(unsigned kind); /* "case.released"; NULL */
unsigned cdn_event_find(cordon_str name);  /* 0: none */
bool cdn_event_erasable(unsigned kind);
/* Appends the record. CORDON_E_ARG: a member that is needed is absent, or a value has not the form of its
 * type. */
int cdn_event_write(struct cdn_buf *out,
                    const struct cdn_event *ev,
                    struct cordon_error *e) CORDON_MUST_CHECK;

/* For docs and tests. */
struct cdn_event_field {
    const char *name, *type, *meaning; /* name: in C; cdn_event_member() is the one in JSON */
    uint16_t offset;
    uint8_t type_no; /* enum cdn_field_type of record.c */
    bool need;
};
struct cdn_event_info {
    const char *name, *title;
    const struct cdn_event_field *fields;
    unsigned field_count;
    bool erasable;
};
const struct cdn_event_info *cdn_event_info(unsigned kind);
/* A member's name in JSON: as in C, but for the one that C reserves. Static. */
const char *cdn_event_member(const struct cdn_event_field *f);

/* ---- decisions -------------------------------------------------------------------------------------------
 */

enum cdn_window { CDN_WINDOW_NONE = 0, CDN_WINDOW_HOUR, CDN_WINDOW_DAY, CDN_WINDOW_MONTH, CDN_WINDOW_YEAR };
const char *cdn_window_name(unsigned window); /* "day"; NULL */
/* The calendar window (UTC) that an instant lies in: [*ret_from, *ret_until). CORDON_E_ARG: no such window.
 */
int cdn_window_at(unsigned window, int64_t at, int64_t *ret_from, int64_t *ret_until) CORDON_MUST_CHECK;

struct cdn_effect_cap { /* so much of a cap was taken, by an allowed or limited request */
    cordon_str measure;
    cordon_str party; /* fingerprint */
    uint8_t window;
    int64_t from; /* begin of the window */
    struct cdn_decimal amount;
    char currency[4];
};
struct cdn_effect_duty { /* as in decision.duties, same order */
    cordon_str measure, kind, text, to;
    int64_t due;      /* CDN_INSTANT_NONE: no term */
    bool provisional; /* of a licence that lifts on condition of it: merged into later requests */
};
struct cdn_effect_hold { /* one measure that holds; all must be released */
    cordon_str measure, reason;
    cordon_str authority; /* empty: any key with the role `approve` */
    uint8_t people;       /* 1 … 9 */
};
/* What a decision changes, besides itself. Made by the service; everything that the store keeps of a
 * decision. */
struct cdn_effects {
    uint8_t verdict;      /* cordon_verdict */
    cordon_str reference; /* of the request, as it stands there */
    cordon_str action, service;
    const cordon_str *parties; /* fingerprints by which it can be found; the first is the main one */
    size_t party_count;
    const cordon_str *measures; /* ids that count or were lifted */
    size_t measure_count;
    const struct cdn_effect_cap *caps;
    size_t cap_count;
    const struct cdn_effect_duty *duties;
    size_t duty_count;
    const struct cdn_effect_hold *holds; /* verdict hold: at least one, or held_by. Opens the case. */
    size_t hold_count;
    const uint64_t *held_by; /* verdict hold because of cases that are open already: no new one for them */
    size_t held_by_count;
    int64_t keep_until; /* retention that the measures demand; CDN_INSTANT_NONE: none of their own */
};
struct cdn_record_decision {
    int64_t at;          /* the instant decided for */
    int64_t recorded;    /* the service's clock; equal to `at` unless a key with the role `replay` chose */
    cordon_str key;      /* id of the API key */
    cordon_str snapshot; /* "sha256:…" */
    cordon_str trace;    /* may be empty */
    cordon_str idempotency_key, idempotency_digest; /* both or none; the digest is of the request's bytes */
    uint64_t appeal; /* re-decided in this appeal: no case, no usage, no duties; CDN_COUNT_NONE */
    cordon_str request, decision; /* JSON, as they are */
    struct cdn_effects effects;
};
int cdn_record_write_decision(struct cdn_buf *out,
                              const struct cdn_record_decision *d,
                              struct cordon_error *e) CORDON_MUST_CHECK;

/* ---- reading ----------------------------------------------------------------------------------------------
 */

enum cdn_record_kind { CDN_RECORD_DECISION = 1, CDN_RECORD_EVENT };
struct cdn_record {
    uint8_t kind;
    union {
        struct cdn_record_decision decision;
        struct cdn_event event;
    } u;
};
/* Texts point into `bytes` or the arena. CORDON_E_SYNTAX, _NAME, _TYPE, _RANGE, _LIMIT, _CONFLICT, _NOMEM; e
 * has the offset. */
int cdn_record_read(cordon_str bytes, struct cdn_arena *arena, struct cdn_record *ret, struct cordon_error *e)
    CORDON_MUST_CHECK;
/* Whether a record that cdn_record_read would accept changes the state (an event, or a decision with caps,
 * duties or holds), seen without reading all of it. */
bool cdn_record_is_event(cordon_str bytes);

/* ---- fingerprints
 * ------------------------------------------------------------------------------------------- */

/* Keyed hashes under which a party is found, so that an index holds no names: 32 hex digits of BLAKE2b under
 * a key that stays in the data directory. `what` is "name" (folded name and birth date),
 * "identifier:KIND:COUNTRY" or "reference:SERVICE"; equal texts give equal fingerprints only for equal
 * `what`. */
#define CDN_FINGERPRINT_KEY 32
void cdn_fingerprint(const uint8_t key[CDN_FINGERPRINT_KEY],
                     cordon_str what,
                     cordon_str text,
                     char ret[CDN_FINGERPRINT_TEXT]);

#endif
