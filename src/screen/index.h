/* SPDX-License-Identifier: Apache-2.0 */
/* screen/index.h: all names of the lists, found by what they sound and look like. Read side.
 *
 * The section is made by compile/screen_index.h. A search takes the tokens of a name, rarest first, finds the
 * tokens of the lists that may be alike through *keys*, adds up what each listed name could agree on, and
 * scores exactly only those that could still reach the wanted score. A token so unlike that no name with it
 * could reach that score is passed over.
 *
 * Names that are the same tokens (of several lists, or in another spelling of the same letters) are one
 * *form*: it is found and scored once, for all of them.
 *
 * Keys of a token (hashes; two tokens that share one are compared letter by letter):
 *   letters   its letters, and its letters with any one left out: one slip of the pen apart
 *   skeleton  its consonants by class (k g q c; s z x; …): vowels, voicing, other scripts; long ones also
 *             with one left out
 *   group     words that mean the same, forms of one given name
 *             with one left out; where it matters also with kh as no more than h (other scripts), w as v and
 * x as two sounds (Latin) misread   its letters as a scanner may have meant them (rn is m); two letters
 * exchanged across    the skeleton of what another script writes as one word or two cut       what it begins
 * with, and, of a token that ends a listed name, its letters: either may be the last word of a field that was
 * cut off
 *
 * Keys lie in the order of their hashes, cut into buckets by the first bits; before them, a filter says of
 * most hashes that no token has them. A search computes all keys of a token first and fetches what it will
 * read ahead of reading it: the index is larger than the nearer caches, and waiting would be most of its
 * time.
 *
 * The section, little-endian, every array at a multiple of 8: struct cdn_index_header, then the arrays in its
 * order.
 *
 * Always true here:
 *  1. a section that was opened cannot be left by a search;
 *  2. a name whose true score reaches `least` is returned unless no key leads to any of its tokens that
 * agree, or the budget of work is used up; then `partial` says so. tests/… compare with scoring every name;
 *  3. work is counted and bounded, whatever the name: `work` by CDN_INDEX_WORK_BOUND, `scoring` by
 *     CDN_INDEX_SCORING. A unit of either takes some 150 ns. */
#ifndef CDN_SCREEN_INDEX_H
#define CDN_SCREEN_INDEX_H

#include "screen/match.h"

#define CDN_INDEX_MAGIC "CDNSIDX"
#define CDN_INDEX_VERSION 3U
#define CDN_INDEX_WORK 8000U     /* of one search: tokens under keys, and each 8 postings */
#define CDN_INDEX_WORK_LEAST 64U /* of which every token has at least as much */
#define CDN_INDEX_UNITS 24       /* tokens, and neighbours written as one, that are searched by */
#define CDN_INDEX_WORK_BOUND (CDN_INDEX_WORK + CDN_INDEX_UNITS * (CDN_INDEX_WORK_LEAST + 256U))
#define CDN_INDEX_SCORING 16000U /* pairs of tokens of the names that one search scores */
#define CDN_INDEX_CACHE 65536U   /* tokens remembered, at most: half of those of the index; power of two */
#define CDN_INDEX_NEARS 8U       /* tokens that each of those is like, on the average */
#define CDN_INDEX_NEAR 4096U     /* that one token may be like */

struct cdn_index_token {
    char s[CDN_TOKEN_LETTERS];
    uint8_t sound[CDN_TOKEN_LETTERS];
    uint8_t n, sounds, class, script;
    uint16_t id, weight;
    uint32_t letters;
    uint32_t first, count; /* postings: names that have it */
    uint8_t pair;          /* 1: two neighbours written as one */
    uint8_t ends;          /* 1: it is the last token of some name */
    uint8_t pad[2];
};
struct cdn_index_name {
    uint32_t entry; /* the caller's number */
    uint32_t form;
    uint8_t kind, weak, pad[2];
};
/* Names of the same tokens and kind, of all lists: scored once. Weights are those of cdn_match_weight with
 * the default parameters. */
struct cdn_index_form {
    uint32_t first;   /* name_tokens */
    uint32_t members; /* the first of its names in `members` */
    uint32_t member_count;
    uint16_t weight;  /* of the tokens that are searched by */
    uint16_t left;    /* what at least remains of it when nothing agrees */
    uint16_t initial; /* of single letters */
    uint16_t light;   /* of titles, particles, legal forms */
    uint8_t count, kind, pad[2];
};
/* A posting: the number of a form; this bit when it has single letters or other light tokens of some weight,
 * so that what it can score is not known from what was found of it. */
#define CDN_INDEX_LIGHT_FORM 0x80000000U
#define CDN_INDEX_LIGHT 24U /* weight of titles, particles, legal forms up to which the bit is not set */
/* A token under a key, with enough of it to see that it is another one without going there: letters (26
 * bits), 1 << 26 when it is Latin, its length (5 bits) << 27. */
struct cdn_index_under {
    uint32_t token, look;
    uint16_t check;  /* the lower half of the key */
    uint16_t weight; /* of the token as it is compared */
};
struct cdn_index_header {
    char magic[8];
    uint32_t version, tokens, names, name_tokens, postings;
    uint32_t bucket_bits; /* 3 … 24: buckets by the first so many bits of a key; filter: 3 more */
    uint32_t key_tokens, weight_slots, unseen, forms;
};
_Static_assert(sizeof(struct cdn_index_token) == 104, "on-disk size");
_Static_assert(sizeof(struct cdn_token) == sizeof(struct cdn_index_token), "the same layout");
_Static_assert(offsetof(struct cdn_token, from) == offsetof(struct cdn_index_token, first),
               "the same layout");
_Static_assert(offsetof(struct cdn_token, joined) == offsetof(struct cdn_index_token, pair),
               "the same layout");
_Static_assert(offsetof(struct cdn_token, last) == offsetof(struct cdn_index_token, ends),
               "a token of the index is compared as one that may be cut off where one of its names is");
_Static_assert(sizeof(struct cdn_index_name) == 12, "on-disk size");
_Static_assert(sizeof(struct cdn_index_form) == 24, "on-disk size");
_Static_assert(sizeof(struct cdn_index_header) == 48, "on-disk size");
_Static_assert(sizeof(struct cdn_index_under) == 12, "on-disk size");

struct cdn_index {
    const struct cdn_index_header *header;
    const struct cdn_index_token *tokens;
    const struct cdn_index_name *names;
    const struct cdn_index_form *forms;
    const uint32_t *members, *name_tokens, *postings; /* members: names, form by form; postings: forms */
    const struct cdn_index_under *key_tokens;
    const uint32_t *buckets; /* of key_tokens; one more than there are buckets */
    const uint8_t *filter;   /* a bit for each eighth of a bucket: some key is there */
    struct cdn_screen_weights weights;
};
/* `bytes` must lie at a multiple of 8 and outlive the view. CORDON_E_FORMAT, CORDON_E_VERSION, CORDON_E_ARG.
 */
int cdn_index_open(cordon_str bytes, struct cdn_index *ret, struct cordon_error *e) CORDON_MUST_CHECK;

struct cdn_index_hit {
    uint32_t name, entry;
    uint16_t score;
    bool weak, thin;
};
/* Workspace of one thread: 12 bytes for each form, 4 for each token of the index, and at most 15 MiB, of
 * which only what is used becomes resident. */
struct cdn_searcher {
    const struct cdn_index *index;
    const struct cdn_screen_tables *tables;
    const struct cdn_match_params *params;
    const struct cordon_alloc *alloc;
    struct cdn_reached {
        uint32_t agree; /* what it could agree on; then, shifted by 16, the most that it can score */
        uint16_t query,
            listed; /* weight of the tokens that agree beyond that of their mate, on either side */
    } * reached;    /* by form */
    uint32_t *touched, touched_count;
    uint32_t *seen, stamp;    /* by token */
    uint32_t work, work_most; /* units; until the next token's part */
    uint32_t rescored, scoring;
    bool partial, light; /* light: the token is like a title, particle or legal form of the lists */
    /* May the entry of this name be returned? Asked before it is scored; NULL: all may. */
    bool (*allow)(void *ctx, uint32_t name);
    void *allow_ctx;
    /* Tokens looked up before and what they led to: names repeat their words. A pure function's results, so
     * that no answer depends on it. */
    struct cdn_expansion {
        char s[CDN_TOKEN_LETTERS];
        uint8_t n, class, script; /* n 0: free */
        bool last, pair;
        uint16_t id;
        uint32_t count;
        uint32_t budget; /* what may disagree: tokens that disagree more were left out */
        uint32_t work;   /* what finding it took: counted again, so that the budget is the same */
        uint64_t at;     /* of its first one among all that were ever remembered */
    } * cache;           /* cache_slots of them */
    struct cdn_near {
        uint32_t first, count; /* its postings */
        uint16_t alike;
        uint8_t weight, least, pair, pad[3]; /* by rarity; as it is compared; neighbours written as one */
    } * nears, *fresh;                       /* near_slots, a ring; CDN_INDEX_NEAR */
    uint32_t cache_slots, near_slots;        /* powers of two */
    uint64_t near_count;                     /* ever remembered */
    struct cdn_matcher matcher;
    struct cdn_name candidate;
    struct cdn_match match;
};
int cdn_searcher_init(struct cdn_searcher *s,
                      const struct cdn_index *index,
                      const struct cdn_screen_tables *tables,
                      const struct cdn_match_params *params,
                      const struct cordon_alloc *alloc,
                      struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_searcher_free(struct cdn_searcher *s);
/* The best hits of at least `least`, best first, one for each entry; at most `max` are written. Returns their
 * number. Nothing allocates. `name` must have been read with index->weights. */
uint32_t cdn_index_search(struct cdn_searcher *s,
                          const struct cdn_name *name,
                          unsigned least,
                          struct cdn_index_hit *ret,
                          uint32_t max);
/* A listed name as it is compared. */
void cdn_index_name(const struct cdn_index *index, uint32_t name, struct cdn_name *ret);

/* The `look` of struct cdn_index_under. */
static inline uint32_t cdn_index_look(const struct cdn_token *t) {
    uint32_t look = t->script == CDN_WRITTEN_LATIN ? 1U << 26 : 0U;
    for (unsigned i = 0; i < t->n; i++) {
        look |= t->s[i] >= 'a' ? 1U << (t->s[i] - 'a') : 0U;
    }
    return look | (uint32_t)CDN_MIN(t->n, (uint8_t)31) << 27;
}
/* Hashes of all keys of a token; at most CDN_INDEX_KEYS_MAX. `listed`: those that it is found by, else those
 * that it is looked for by. The second one is its group when it has one. */
#define CDN_INDEX_KEYS_MAX 64
uint32_t cdn_index_keys(const struct cdn_token *token,
                        bool pair,
                        bool listed,
                        uint32_t ret[CDN_INDEX_KEYS_MAX]);
/* Of a token that ends a listed name: the key under which words are found that it may be the beginning of; 0:
 * none. */
uint32_t cdn_index_end_key(const struct cdn_token *token);
/* The token of n neighbours written as one; false when they cannot be. */
bool cdn_index_pair(const struct cdn_name *name, uint32_t i, struct cdn_token *ret);

/* ---- between index.c, index_find.c and index_search.c ------------------------------------------------- */

/* What is searched by: a token, or neighbours written as one. */
struct cdn_index_unit {
    struct cdn_token token;
    uint32_t weight; /* by rarity */
    uint32_t cover;  /* of all tokens that it is made of */
    uint32_t least;  /* weight as it is compared */
    bool pair;
    bool light; /* a particle: at the end of a listed name the same letters are a name */
};
/* Adds what forms agree on by this unit to s->reached. `budget`: weight times 1000 that a pair of tokens may
 * disagree on. False when its part of the work is used up. */
bool cdn_index_reach(struct cdn_searcher *s, const struct cdn_index_unit *u, uint32_t budget);
/* Of the weight of a searched token what at least is left over where it does not agree (match.c: sum_left).
 */
static inline uint32_t cdn_index_left(const struct cdn_match_params *p,
                                      const struct cdn_name *name,
                                      uint32_t i,
                                      uint32_t weight) {
    const struct cdn_token *t = &name->token[i];
    for (uint32_t k = 0; k < i; k++) {
        if (name->token[k].n == t->n && memcmp(name->token[k].s, t->s, t->n) == 0) {
            return weight / 8; /* it stands there twice */
        }
    }
    return t->class == CDN_TOKEN_PATRONYMIC ? weight * p->patronymic / 256 : weight;
}
void cdn_index_form(const struct cdn_index *index, const struct cdn_index_form *f, struct cdn_name *ret);

#endif
