/* SPDX-License-Identifier: Apache-2.0 */
/* screen/index.h: all names of the lists, found by what they sound and look like. Read side.
 *
 * The section is made by compile/screen_index.h. A search takes the tokens of a name, rarest first, finds the
 * tokens of the lists that may be alike through *keys*, adds up what each listed name could agree on, and
 * scores exactly only those that could still reach the wanted score.
 *
 * Names that are the same tokens (of several lists, or in another spelling of the same letters) are one
 * *form*: it is found and scored once, for all of them.
 *
 * Keys of a token (hashes; two tokens that share one are compared letter by letter):
 *   letters   its letters, and its letters with any one left out: one slip of the pen apart
 *   skeleton  its consonants by class (k g q c; s z x; …): vowels, voicing, other scripts; long ones also
 * with one left out group     words that mean the same, forms of one given name
 *
 * The section, little-endian, every array at a multiple of 8: struct cdn_index_header, then the arrays in its
 * order.
 *
 * Always true here:
 *  1. a section that was opened cannot be left by a search;
 *  2. a name whose true score reaches `least` is returned unless no key leads to any of its tokens that
 * agree, or the budget of work is used up; then `partial` says so. tests/… compare with scoring every name;
 *  3. work is bounded by CDN_INDEX_WORK, whatever the name. */
#ifndef CDN_SCREEN_INDEX_H
#define CDN_SCREEN_INDEX_H

#include "screen/match.h"

#define CDN_INDEX_MAGIC "CDNSIDX"
#define CDN_INDEX_VERSION 2U
#define CDN_INDEX_WORK 40000U    /* postings and comparisons of one search */
#define CDN_INDEX_SCORING 16000U /* pairs of tokens of the names that one search scores */
#define CDN_INDEX_CACHE 16384U   /* tokens remembered; power of two; about 1.5 MiB for each thread */
#define CDN_INDEX_NEARS 131072U  /* tokens that those are like; power of two; 1 MiB */
#define CDN_INDEX_NEAR 4096U     /* that one token may be like */

struct cdn_index_token {
    char s[CDN_TOKEN_LETTERS];
    uint8_t sound[CDN_TOKEN_LETTERS];
    uint8_t n, sounds, class, script;
    uint16_t id, weight;
    uint32_t letters;
    uint32_t first, count; /* postings: names that have it */
    uint32_t pair;         /* 1: two neighbours written as one */
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
struct cdn_index_key {
    uint32_t hash, first, count, pad; /* count 0: free */
};
/* A token under a key, with enough of it to see that it is another one without going there: letters (26
 * bits), 1 << 26 when it is Latin, its length (5 bits) << 27. */
struct cdn_index_under {
    uint32_t token, look;
};
struct cdn_index_header {
    char magic[8];
    uint32_t version, tokens, names, name_tokens, postings, key_slots, key_tokens, weight_slots;
    uint32_t unseen, forms;
};
_Static_assert(sizeof(struct cdn_index_token) == 104, "on-disk size");
_Static_assert(sizeof(struct cdn_token) == sizeof(struct cdn_index_token), "the same layout");
_Static_assert(offsetof(struct cdn_token, from) == offsetof(struct cdn_index_token, first),
               "the same layout");
_Static_assert(offsetof(struct cdn_token, joined) == offsetof(struct cdn_index_token, pair),
               "the same layout");
_Static_assert(sizeof(struct cdn_index_name) == 12, "on-disk size");
_Static_assert(sizeof(struct cdn_index_form) == 24, "on-disk size");
_Static_assert(sizeof(struct cdn_index_key) == 16, "on-disk size");
_Static_assert(sizeof(struct cdn_index_header) == 48, "on-disk size");
_Static_assert(sizeof(struct cdn_index_under) == 8, "on-disk size");

struct cdn_index {
    const struct cdn_index_header *header;
    const struct cdn_index_token *tokens;
    const struct cdn_index_name *names;
    const struct cdn_index_form *forms;
    const uint32_t *members, *name_tokens, *postings; /* members: names, form by form; postings: forms */
    const struct cdn_index_under *key_tokens;
    const struct cdn_index_key *keys;
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
/* Workspace of one thread: 12 bytes for each form, 4 for each token of the index, and 3 MiB. */
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
    uint32_t *seen, stamp; /* by token */
    uint32_t work, rescored, scoring;
    bool partial;
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
        uint32_t work; /* what finding it took: counted again, so that the budget is the same */
        uint64_t at;   /* of its first one among all that were ever remembered */
    } * cache;         /* CDN_INDEX_CACHE of them */
    struct cdn_near {
        uint32_t token;
        uint32_t alike;
    } * nears, *fresh;   /* CDN_INDEX_NEARS, a ring; CDN_INDEX_NEAR */
    uint64_t near_count; /* ever remembered */
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
    return (t->letters & 0x3FFFFFFU) | (t->script == CDN_WRITTEN_LATIN ? 1U << 26 : 0U) |
           (uint32_t)CDN_MIN(t->n, (uint8_t)31) << 27;
}
/* Hashes of all keys of a token; at most CDN_INDEX_KEYS_MAX. */
#define CDN_INDEX_KEYS_MAX 64
uint32_t cdn_index_keys(const struct cdn_token *token, bool pair, uint32_t ret[CDN_INDEX_KEYS_MAX]);
/* The token of n neighbours written as one; false when they cannot be. */
bool cdn_index_pair(const struct cdn_name *name, uint32_t i, struct cdn_token *ret);

#endif
