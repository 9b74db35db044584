/* SPDX-License-Identifier: Apache-2.0 */
/* screen/match.h: two names → a score of 0 … 1000 and how it came about. Read side; integers only.
 *
 * The score is the share of what both names say that they say alike:
 *
 *     score = 1000 * agree / (agree + conflict * K + surplus * P)
 *
 * in units of token weight (rarity among listed names, less for titles, particles, words like "bank").
 *   agree     weight of aligned tokens, each times how alike it is
 *   conflict  what stands on both sides and differs: the rest of aligned tokens, and the lesser of what is
 * left over on either side surplus   what only one side has: a middle name, a word left out 1000: the same
 * words. Above the default threshold (CDN_MATCH_THRESHOLD): hold for a person to look at. docs/screening.md
 * has the parameters and how they were found. The same two names give the same score on every machine.
 * cdn_match_names(a, b) and (b, a) give the same score. */
#ifndef CDN_SCREEN_MATCH_H
#define CDN_SCREEN_MATCH_H

#include "screen/name.h"

#define CDN_MATCH_THRESHOLD 660
#define CDN_MATCH_FULL                                                                                       \
    220000U /* weight * 1000 that agrees: from there on surplus counts up to surplus_most */

struct cdn_match_params {
    uint16_t cut;            /* tokens less alike than this, of 1000, are not the same */
    uint16_t floor;          /* evidence of letters below this share, of 1000, counts as 0 */
    uint16_t foreign;        /* the same when the scripts differ */
    uint16_t conflict;       /* K, in 1/256 */
    uint16_t surplus;        /* P, in 1/256 */
    uint16_t nick;           /* how alike two forms of a given name are whose letters are not */
    uint16_t initial;        /* an initial and a token that begins so */
    uint16_t initial_weight; /* of 256, of the token's weight */
    uint16_t prefix;         /* the last word of a cut-off field */
    uint16_t vowels;         /* the same consonants, vowels left out */
    uint16_t generic;        /* weight of generic words, of 256 */
    uint16_t particle, title, legal, stop, number, patronymic; /* likewise */
    uint16_t acronym;      /* score of letters that begin the other name's words */
    uint16_t forms_differ; /* points lost when legal forms contradict */
    uint16_t swap;         /* evidence lost, 1/8 nat, when two neighbouring letters are exchanged */
    uint16_t typo;         /* most evidence that one wrong letter can cost, 1/8 nat */
    uint16_t kinds;        /* of 256: what is kept of a score between a person and something else */
    uint16_t single;       /* of 256: what is kept of a score when one word agrees and more are left over */
    uint16_t contrary; /* of 256: what is kept of a score when either side has a name that the other lacks */
    uint16_t surplus_most; /* surplus counts up to this share of agreement, of 256 */
    uint16_t uneven;       /* of 256: how much of the heavier of two left over counts as conflict */
    uint16_t few_sounds;   /* most likeness across scripts, lost for each sound fewer than six */
    uint16_t against;      /* the same, lost for each nat of evidence against */
    uint16_t both_foreign; /* the same, lost when neither is Latin */
    uint16_t slip;         /* one slip of the pen costs slip / letters, two cost three times that */
};
extern const struct cdn_match_params cdn_match_defaults;

enum cdn_match_how {
    CDN_HOW_NONE = 0,
    CDN_HOW_SAME, /* the same letters */
    CDN_HOW_WORD, /* the same word, written or translated otherwise (LLC, OOO) */
    CDN_HOW_NICK, /* forms of one given name */
    CDN_HOW_INITIAL,
    CDN_HOW_PREFIX,   /* cut off */
    CDN_HOW_VOWELS,   /* vowels left out */
    CDN_HOW_SPELLING, /* letters alike */
    CDN_HOW_SOUND,    /* alike across scripts */
    CDN_HOW_COUNT
};
const char *cdn_match_how_text(enum cdn_match_how how);

struct cdn_match_step {
    uint8_t a, a_count, b, b_count; /* tokens of each name; count 0: nothing on that side */
    uint8_t how;                    /* enum cdn_match_how; NONE: left over */
    uint16_t alike;                 /* 0..1000 */
    uint16_t weight;                /* what the step weighs */
};

struct cdn_match {
    uint16_t score;
    bool thin;    /* one word or only common ones agree: never decides alone */
    bool acronym; /* the score rests on initial letters only */
    uint8_t steps;
    uint32_t agree, conflict, surplus; /* weight * 1000 */
    struct cdn_match_step step[2 * CDN_NAME_TOKENS];
};

/* Scratch of one thread; any contents. About 30 KiB. */
struct cdn_matcher {
    struct cdn_match_unit {
        struct cdn_token token;
        uint8_t first, count;
        uint16_t weight;
        uint8_t mate; /* index of the aligned unit, 0xFF none */
    } a[CDN_NAME_TOKENS], b[CDN_NAME_TOKENS];
    uint32_t na, nb;
    bool persons; /* neither is a company's or a ship's name */
    uint16_t alike[CDN_NAME_TOKENS][CDN_NAME_TOKENS];
    uint8_t how[CDN_NAME_TOKENS][CDN_NAME_TOKENS];
};

void cdn_match_names(const struct cdn_screen_tables *t,
                     const struct cdn_match_params *p,
                     struct cdn_matcher *m,
                     const struct cdn_name *a,
                     const struct cdn_name *b,
                     struct cdn_match *ret);

/* What a token weighs by its rarity and class. */
unsigned cdn_match_weight(const struct cdn_match_params *p, const struct cdn_token *token);
/* How alike two tokens are, 0..1000. */
unsigned cdn_match_tokens(const struct cdn_screen_tables *t,
                          const struct cdn_match_params *p,
                          const struct cdn_token *a,
                          const struct cdn_token *b,
                          enum cdn_match_how *ret_how);
/* The same from `least` on; what is less alike may give anything less, sooner. */
unsigned cdn_match_tokens_from(const struct cdn_screen_tables *t,
                               const struct cdn_match_params *p,
                               const struct cdn_token *a,
                               const struct cdn_token *b,
                               unsigned least,
                               enum cdn_match_how *ret_how);
/* Of two Latin words of different groups, by the letters in each (masks of all) and how many there are: false
 * when they are certainly less than `least` alike. */
bool cdn_match_may(const struct cdn_screen_tables *t,
                   const struct cdn_match_params *p,
                   uint32_t of_a,
                   unsigned n_a,
                   uint32_t of_b,
                   unsigned n_b,
                   unsigned least);
/* The number of letters in a mask; portable code calls a function for it. */
static inline unsigned cdn_match_bits(uint32_t mask) {
    mask -= mask >> 1 & 0x55555555U;
    mask = (mask & 0x33333333U) + (mask >> 2 & 0x33333333U);
    return ((mask + (mask >> 4)) & 0x0F0F0F0FU) * 0x01010101U >> 24;
}
/* The part of it that rests on letters alone. */
unsigned cdn_match_letters(const struct cdn_screen_tables *t,
                           const struct cdn_match_params *p,
                           const struct cdn_token *a,
                           const struct cdn_token *b);
/* `latin` is a word as a Chinese or Korean one is read, but of another than `east` (east.c). */
bool cdn_match_reads_otherwise(const struct cdn_token *east, const struct cdn_token *latin);
/* Aligns units of both sides so that the sum of `value` is greatest. value[i * nb + j]; mate_a[i] is j or
 * 0xFF. n at most CDN_NAME_TOKENS. */
void cdn_match_assign(const int32_t *value, uint32_t na, uint32_t nb, uint8_t *mate_a);

#endif
