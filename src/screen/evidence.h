/* SPDX-License-Identifier: Apache-2.0 */
/* screen/evidence.h: what is known of two parties besides their names, and what it does to the score. Read
 * side.
 *
 * Every move is a step with its points and what was compared; the sum of name score and points, held within 0
 * and 1000, is the final score. Two things stand above the sum:
 *   - an identifier that is equal decides: the score is 1000 and the name only confirms;
 *   - a weak alias never lifts a score to the threshold alone: see cdn_evidence_final().
 * What one side does not know never moves anything. */
#ifndef CDN_SCREEN_EVIDENCE_H
#define CDN_SCREEN_EVIDENCE_H

#include "screen/match.h"

enum cdn_known_sex { CDN_SEX_UNKNOWN = 0, CDN_SEX_MALE, CDN_SEX_FEMALE };

struct cdn_known_ident {
    uint8_t kind; /* of the caller's table: equal numbers are the same kind */
    bool single;  /* a party has one of the kind for life (LEI, IMO, tax number): another one contradicts */
    char country[2];  /* ISO 3166-1, capital letters; {0} unknown */
    cordon_str value; /* as written */
};
struct cdn_known_birth {
    int32_t from, to; /* days since 1970-01-01, both included */
    bool circa;
};
/* What one side knows. Arrays may be empty; nothing is copied. */
struct cdn_known {
    const struct cdn_known_birth *births;
    const cordon_str *birth_places, *addresses;
    const char (*nationalities)[2]; /* ISO 3166-1, capital letters */
    const char (*countries)[2];     /* of residence, address, registration */
    const struct cdn_known_ident *idents;
    uint32_t birth_count, birth_place_count, address_count, nationality_count, country_count, ident_count;
    uint8_t sex; /* enum cdn_known_sex */
};

enum cdn_weighed {
    CDN_EVIDENCE_IDENT_SAME,
    CDN_EVIDENCE_IDENT_DIFFERS,
    CDN_EVIDENCE_BIRTH_SAME, /* the same day */
    CDN_EVIDENCE_BIRTH_FITS, /* one is known less exactly and contains the other */
    CDN_EVIDENCE_BIRTH_NEAR, /* day and month exchanged, one digit wrong, or within the slack of circa */
    CDN_EVIDENCE_BIRTH_YEAR, /* the year fits, the day does not */
    CDN_EVIDENCE_BIRTH_DIFFERS,
    CDN_EVIDENCE_PLACE_SAME,
    CDN_EVIDENCE_PLACE_DIFFERS,
    CDN_EVIDENCE_NATION_SAME,
    CDN_EVIDENCE_NATION_DIFFERS,
    CDN_EVIDENCE_COUNTRY_SAME,
    CDN_EVIDENCE_COUNTRY_DIFFERS,
    CDN_EVIDENCE_ADDRESS_SAME,
    CDN_EVIDENCE_SEX_DIFFERS,
    CDN_EVIDENCE_KINDS
};
const char *cdn_evidence_text(enum cdn_weighed kind); /* "born on the same day" */
int cdn_evidence_points(enum cdn_weighed kind);

#define CDN_EVIDENCE_STEPS 8
struct cdn_weighing {
    struct cdn_evidence_step {
        uint8_t kind; /* enum cdn_weighed */
        int16_t points;
        uint16_t a, b; /* which item of either side */
    } step[CDN_EVIDENCE_STEPS];
    uint32_t steps;
    int32_t sum;
    bool decided;      /* an identifier is equal */
    bool contradicted; /* something that cannot change differs: birth, sex, an identifier for life */
    bool confirmed;    /* something besides the name speaks for it: birth, identifier, address */
};

/* `m` and `t` serve to compare places and addresses as names. */
void cdn_evidence_weigh(const struct cdn_screen_tables *t,
                        struct cdn_matcher *m,
                        const struct cdn_known *a,
                        const struct cdn_known *b,
                        struct cdn_weighing *ret);

/* The defaults of a measure: from CDN_SCREEN_REVIEW_AT on a person has to look, from CDN_SCREEN_SURE_AT on it
 * is the party unless the name says too little. docs/screening.md has what they were measured to do. */
#define CDN_SCREEN_REVIEW_AT 920U
#define CDN_SCREEN_SURE_AT 960U

enum cdn_screen_verdict {
    CDN_SCREEN_NO = 0,   /* below the review band */
    CDN_SCREEN_POSSIBLE, /* a person has to look */
    CDN_SCREEN_SURE,     /* the measure's own outcome */
};
/* The final score (0..1000) in *ret_score and what it is, for a threshold and a review band below it. A thin
 * name, a weak alias or an acronym is never sure, and never even possible by a weak alias alone, unless other
 * evidence confirms it. */
enum cdn_screen_verdict cdn_evidence_final(const struct cdn_match *name,
                                           bool weak_alias,
                                           const struct cdn_weighing *evidence,
                                           unsigned sure,
                                           unsigned review,
                                           unsigned *ret_score);

#endif
