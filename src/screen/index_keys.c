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

/* `soft`: kh is no more than h. */
static uint32_t skeleton(const struct cdn_token *t, bool soft, char ret[SKELETON_MAX]) {
    uint32_t n = 0;
    for (unsigned i = 0; i < t->sounds && n < SKELETON_MAX; i++) {
        if (soft && t->sound[i] == CDN_SOUND_KH) {
            continue;
        }
        const char c =
            t->sound[i] < CDN_SOUND_LETTERS ? class_of[t->sound[i]] : (char)('0' + t->sound[i] - 32);
        if (c == 'J' && i > 0 && n > 0 && ret[n - 1] == 'T' && t->sound[i - 1] < CDN_SOUND_LETTERS &&
            class_of[t->sound[i - 1]] == 'T') {
            n--; /* dj, dzh, tch: one sound */
            n -= n > 0 && ret[n - 1] == c ? 1U : 0U;
        }
        if (c != 0 && (n == 0 || ret[n - 1] != c)) {
            ret[n++] = c;
        }
    }
    return n;
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
static uint32_t across_keys(
    const char *bones, uint32_t n, bool pair, bool listed, bool foreign, uint32_t *ret) {
    uint32_t count = 0;
    if (n < 2) {
        return 0;
    }
    if (listed) {
        if (pair || foreign) {
            ret[count++] = hash_of(bones, n, foreign ? BY_FOREIGN_BONES : BY_PAIR_BONES);
        }
        return count;
    }
    if (!foreign || !pair) {
        ret[count++] = hash_of(bones, n, BY_FOREIGN_BONES);
    }
    if (foreign) {
        ret[count++] = hash_of(bones, n, pair ? BY_BONES : BY_PAIR_BONES);
    }
    return count;
}

/* Cyrillic writes the h of other languages as it writes kh. */
static uint32_t soft_keys(const struct cdn_token *t, const char *bones, uint32_t n, uint32_t *ret) {
    char soft[SKELETON_MAX + 1];
    const uint32_t m = skeleton(t, true, soft);
    const bool begins = t->sound[0] == CDN_SOUND_KH;
    if (m == 0 || (m == n && !begins && memcmp(soft, bones, n) == 0)) {
        return 0;
    }
    if (m >= 3) {
        ret[0] = hash_of(soft, m, BY_BONES);
    } else {
        soft[m] = begins || class_of[t->sound[0] & 31] == 0 ? 'a' : 'b';
        ret[0] = hash_of(soft, m + 1, BY_FEW_BONES);
    }
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
    const uint32_t n = skeleton(token, false, bones);
    const bool foreign = token->script > CDN_WRITTEN_DIGIT;
    count += across_keys(bones, n, pair, listed, foreign, ret + count);
    if (pair) { /* in its own script by its letters only */
        return count;
    }
    if (n >= 3) {
        ret[count++] = hash_of(bones, n, BY_BONES);
    } else if (n > 0) { /* few consonants: the beginning must agree, too */
        bones[n] = class_of[token->sound[0] & 31] == 0 ? 'a' : 'b';
        ret[count++] = hash_of(bones, n + 1, BY_FEW_BONES);
    }
    if (foreign) {
        count += soft_keys(token, bones, n, ret + count);
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
