/* SPDX-License-Identifier: Apache-2.0 */
/* index_keys.c: the keys of a token (what they are, in index.h). Builder and search use the same. */
#include "screen/index.h"

#define LETTER_KEYS_MAX 14 /* longer tokens have a skeleton long enough */
#define SKELETON_MAX 12
#define CUT_LEAST 3 /* letters of the beginning of a word */
#define CUT_MOST 12

enum {
    BY_LETTERS = 1,
    BY_GROUP,
    BY_BONES,
    BY_FEW_BONES,
    BY_BEGINNING,
    BY_END,
    BY_PAIR_BONES,
    BY_FOREIGN_BONES
};

/* Class of a sound; 0: not part of a skeleton. */
static const char class_of[32] = {
    /* a b c d e f g h i j k l m */ 0,
    'P',
    'K',
    'T',
    0,
    'F',
    'K',
    0,
    0,
    'J',
    'K',
    'L',
    'M',
    /* n o p q r s t u v w x y z */ 'N',
    0,
    'P',
    'K',
    'L',
    'S',
    'T',
    0,
    'F',
    0,
    'S',
    0,
    'S',
    /* sh ch kh zh th ph */ 'J',
    'J',
    'K',
    'J',
    'T',
    'F'};

static uint32_t hash_of(const char *p, size_t n, uint64_t seed) {
    const uint32_t h = (uint32_t)(cdn_hash(cdn_str(p, n), seed) >> 32);
    return h == 0 ? 1 : h;
}

/* Other readings of sounds, each for a key of its own. */
enum {
    PLAINLY,
    SOFT,   /* kh is no more than h */
    SOUNDED /* w is a v, x two sounds: as other scripts write them */
};

static char class_as(const struct cdn_token *t, unsigned i, unsigned how) {
    const unsigned x = t->sound[i];
    if (x >= CDN_SOUND_LETTERS) {
        return (char)('0' + x - 32);
    }
    return how == SOUNDED && x == 'w' - 'a' ? 'F' : class_of[x];
}

static uint32_t skeleton(const struct cdn_token *t, unsigned how, char ret[SKELETON_MAX]) {
    uint32_t n = 0;
    bool added = false; /* the sound before gave the last class */
    for (unsigned i = 0; i < t->sounds && n < SKELETON_MAX; i++) {
        if (how == SOFT && t->sound[i] == CDN_SOUND_KH) {
            continue;
        }
        const char c = class_as(t, i, how);
        if (c == 'J' && i > 0 && n > 0 && ret[n - 1] == 'T' && class_as(t, i - 1, how) == 'T' && added) {
            n--; /* dj, dzh, tch: one sound */
            n -= n > 0 && ret[n - 1] == c ? 1U : 0U;
        }
        if (how == SOUNDED && t->sound[i] == 'x' - 'a' && (n == 0 || ret[n - 1] != 'K')) {
            ret[n++] = 'K';
        }
        added = c != 0 && n < SKELETON_MAX && (n == 0 || ret[n - 1] != c);
        if (added) {
            ret[n++] = c;
        }
    }
    return n;
}

/* Few consonants: the beginning must agree, too. */
static uint32_t bones_key(char bones[SKELETON_MAX + 1], uint32_t n, bool vowel) {
    if (n >= 3) {
        return hash_of(bones, n, BY_BONES);
    }
    bones[n] = vowel ? 'a' : 'b';
    return hash_of(bones, n + 1, BY_FEW_BONES);
}

static bool vowel_first(const struct cdn_token *t, unsigned how) {
    return class_as(t, 0, how) == 0 || (how == SOFT && t->sound[0] == CDN_SOUND_KH);
}

/* Of listed words, all beginnings; of a last word that is looked for, its letters as a beginning; of any word
 * that is looked for, its beginnings as ends. */
static uint32_t cut_keys(const struct cdn_token *t, bool listed, uint32_t *ret) {
    uint32_t count = 0;
    if (t->class != CDN_TOKEN_PLAIN && t->class != CDN_TOKEN_PATRONYMIC && t->class != CDN_TOKEN_GENERIC) {
        return 0;
    }
    if (!listed && t->last && t->n >= CUT_LEAST && t->n <= CUT_MOST) {
        ret[count++] = hash_of(t->s, t->n, BY_BEGINNING);
    }
    for (unsigned n = CUT_LEAST; n < t->n && n <= CUT_MOST; n++) {
        ret[count++] = hash_of(t->s, n, listed ? BY_BEGINNING : BY_END);
    }
    return count;
}

/* What one script writes as one word and another as two. Of listed ones: neighbours in Latin letters, and all
 * in other letters. Those are looked for by all, neighbours in Latin letters by what is in others. */
struct side {
    bool pair, listed, foreign;
};

static uint32_t across_keys(const struct side *side, const char *bones, uint32_t n, uint32_t *ret) {
    uint32_t count = 0;
    if (n < 2) {
        return 0;
    }
    if (side->listed) {
        if (side->pair || side->foreign) {
            ret[count++] = hash_of(bones, n, side->foreign ? BY_FOREIGN_BONES : BY_PAIR_BONES);
        }
        return count;
    }
    if (!side->foreign || !side->pair) {
        ret[count++] = hash_of(bones, n, BY_FOREIGN_BONES);
    }
    if (side->foreign) {
        ret[count++] = hash_of(bones, n, side->pair ? BY_BONES : BY_PAIR_BONES);
    }
    return count;
}

/* By another reading of its sounds, where that makes a difference. */
static uint32_t reading_keys(const struct cdn_token *t,
                             const struct side *side,
                             unsigned how,
                             const char *bones,
                             uint32_t n,
                             uint32_t *ret) {
    char other[SKELETON_MAX + 1];
    const uint32_t m = skeleton(t, how, other);
    const bool vowel = vowel_first(t, how);
    if (m == 0 || (m == n && vowel == vowel_first(t, PLAINLY) && memcmp(other, bones, n) == 0)) {
        return 0;
    }
    uint32_t count = across_keys(side, other, m, ret);
    if (!side->pair) {
        ret[count++] = bones_key(other, m, vowel);
    }
    return count;
}

/* As a scanner reads it: rn is m, vv is w, cl is d. The word as it may have been; of two letters, exchanged.
 */
static uint32_t misread_keys(const struct cdn_token *t, bool listed, uint32_t *ret) {
    char text[CDN_TOKEN_LETTERS];
    uint32_t n = 0;
    if (t->n == 2 && !listed && t->s[0] != t->s[1]) {
        const char turned[2] = {t->s[1], t->s[0]};
        ret[0] = hash_of(turned, 2, BY_LETTERS);
        return 1;
    }
    for (unsigned i = 0; i < t->n; i++) {
        const char a = t->s[i], b = i + 1U < t->n ? t->s[i + 1] : '\0';
        const char one = a == 'r' && b == 'n'   ? 'm'
                         : a == 'v' && b == 'v' ? 'w'
                         : a == 'c' && b == 'l' ? 'd'
                                                : a;
        text[n++] = one;
        i += one != a ? 1U : 0U;
    }
    if (n == t->n || n < 3) {
        return 0;
    }
    ret[0] = hash_of(text, n, BY_LETTERS);
    return 1;
}

uint32_t cdn_index_end_key(const struct cdn_token *t) {
    return t->n >= CUT_LEAST && t->n <= CUT_MOST ? hash_of(t->s, t->n, BY_END) : 0;
}

uint32_t cdn_index_keys(const struct cdn_token *token,
                        bool pair,
                        bool listed,
                        uint32_t ret[CDN_INDEX_KEYS_MAX]) {
    uint32_t count = 0;
    char text[CDN_TOKEN_LETTERS + 2];
    ret[count++] = hash_of(token->s, token->n, BY_LETTERS);
    if (token->id != 0) {
        char group[CDN_NAME_GROUP_KEY];
        const cordon_str key = cdn_name_group_key(token->id, group);
        ret[count++] = hash_of(key.p, key.n, BY_GROUP);
    }
    if (token->class == CDN_TOKEN_NUMBER || token->n < 2) {
        return count;
    }
    for (unsigned skip = 0; skip < token->n && token->n >= 3 && token->n <= LETTER_KEYS_MAX; skip++) {
        if (skip > 0 && token->s[skip] == token->s[skip - 1]) {
            continue; /* the same letters are left */
        }
        memcpy(text, token->s, skip);
        memcpy(text + skip, token->s + skip + 1, token->n - skip - 1U);
        ret[count++] = hash_of(text, token->n - 1U, BY_LETTERS);
    }
    char bones[SKELETON_MAX + 1];
    const uint32_t n = skeleton(token, PLAINLY, bones);
    const struct side side = {pair, listed, token->script > CDN_WRITTEN_DIGIT};
    count += across_keys(&side, bones, n, ret + count);
    count += reading_keys(token, &side, side.foreign ? SOFT : SOUNDED, bones, n, ret + count);
    count += misread_keys(token, listed, ret + count);
    if (pair) { /* in its own script by its letters only */
        return count;
    }
    if (n > 0) {
        ret[count++] = bones_key(bones, n, vowel_first(token, PLAINLY));
    }
    for (uint32_t skip = 0; skip < n && n >= 5; skip++) {
        memcpy(text, bones, skip);
        memcpy(text + skip, bones + skip + 1, n - skip - 1);
        ret[count++] = hash_of(text, n - 1, BY_BONES);
    }
    return count + cut_keys(token, listed, ret + count);
}

/* Abd al Rahman: particles in a row before a name belong to it, as does one neighbour. */
bool cdn_index_pair(const struct cdn_name *name, uint32_t i, struct cdn_token *ret) {
    uint32_t last = i + 1;
    if (last >= name->count) {
        return false;
    }
    const struct cdn_token *a = &name->token[i];
    if (a->class != CDN_TOKEN_PLAIN && a->class != CDN_TOKEN_PARTICLE) {
        return false;
    }
    if (last + 1 < name->count && name->token[last].class == CDN_TOKEN_PARTICLE) {
        last++;
    }
    *ret = *a;
    for (uint32_t k = i + 1; k <= last; k++) {
        const struct cdn_token *b = &name->token[k];
        if (b->script != a->script || ret->n + b->n > CDN_TOKEN_LETTERS) {
            return false;
        }
        memcpy(ret->s + ret->n, b->s, b->n);
        ret->n = (uint8_t)(ret->n + b->n);
        ret->weight = CDN_MAX(ret->weight, b->weight);
    }
    if (name->token[last].class != CDN_TOKEN_PLAIN || ret->n < 4) {
        return false;
    }
    ret->class = CDN_TOKEN_PLAIN;
    ret->id = 0;
    ret->last = name->token[last].last;
    cdn_token_sounds(ret);
    return true;
}
