/* SPDX-License-Identifier: Apache-2.0 */
/* east.c: is a Latin word the reading of a Chinese or Korean one, or of another one that sounds like it?
 *
 * The letter tables (letters.c) know how Chinese and Korean write foreign names, where one sound stands for
 * several. Native names are romanised by rule: a Latin word that is made of syllables of that rule, but other
 * ones, is another name (guoying is not guiying, sungsu not jungsu).
 *
 *  1. Chinese: a Latin word that can be parted into syllables of Pinyin must be the Pinyin of the characters
 *     or what Wade and Giles made of it (zhang, chang); any other Latin word is left to the tables.
 *  2. Korean: vowels are romanised in many ways (yeong, yong, young), consonants are not: their classes must
 *     be the same in their order. */
#include "screen/match.h"

/* ---- Chinese ----------------------------------------------------------------------------------------- */

static uint32_t begins_with(const char *s, uint32_t n, const char *word) {
    const uint32_t len = (uint32_t)strlen(word);
    return len <= n && memcmp(s, word, len) == 0 ? len : 0;
}

static const char *const initials[] = {"zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g",
                                       "k",  "h",  "j",  "q", "x", "r", "z", "c", "s", "y", "w", ""};
static const char *const finals[] = {"iang", "iong", "uang", "ang", "eng", "ong", "ing", "iao",
                                     "ian",  "uai",  "uan",  "ai",  "ei",  "ao",  "ou",  "an",
                                     "en",   "ia",   "ie",   "iu",  "in",  "ua",  "uo",  "ui",
                                     "un",   "ue",   "er",   "a",   "o",   "e",   "i",   "u"};

/* Letters that s[0 … n) may begin with as one syllable: a mask of lengths. */
static uint32_t syllable_lengths(const char *s, uint32_t n) {
    uint32_t mask = 0;
    for (size_t i = 0; i < CDN_ARRAY_LEN(initials); i++) {
        const uint32_t a = begins_with(s, n, initials[i]);
        if (a == 0 && initials[i][0] != '\0') {
            continue;
        }
        for (size_t k = 0; k < CDN_ARRAY_LEN(finals); k++) {
            const uint32_t b = begins_with(s + a, n - a, finals[k]);
            mask |= b > 0 ? 1U << (a + b) : 0U;
        }
    }
    return mask;
}

static bool is_pinyin(const struct cdn_token *t) {
    uint64_t reached = 1; /* bit i: letters 0 … i - 1 are syllables */
    for (uint32_t i = 0; i < t->n; i++) {
        if ((reached >> i & 1U) != 0) {
            reached |= (uint64_t)syllable_lengths(t->s + i, t->n - i) << i;
        }
    }
    return (reached >> t->n & 1U) != 0;
}

/* Pinyin as Wade and Giles wrote it, without apostrophes: their commonest rules. */
static const struct {
    const char *pinyin, *other;
} wade_giles[] = {{"zhi", "chih"}, {"chi", "chih"}, {"shi", "shih"}, {"ong", "ung"}, {"ian", "ien"},
                  {"yan", "yen"},  {"zh", "ch"},    {"ch", "ch"},    {"sh", "sh"},   {"ng", "ng"},
                  {"zi", "tzu"},   {"z", "ts"},     {"c", "ts"},     {"q", "ch"},    {"j", "ch"},
                  {"x", "hs"},     {"b", "p"},      {"d", "t"},      {"g", "k"},     {"r", "j"}};

static bool is_wade_giles(const struct cdn_token *han, const struct cdn_token *latin) {
    uint32_t at = 0;
    for (uint32_t i = 0; i < han->n;) {
        const char *out = han->s + i;
        uint32_t out_n = 1, took = 1;
        for (size_t k = 0; k < CDN_ARRAY_LEN(wade_giles); k++) {
            const uint32_t len = (uint32_t)strlen(wade_giles[k].pinyin);
            if (len <= han->n - i && memcmp(han->s + i, wade_giles[k].pinyin, len) == 0) {
                out = wade_giles[k].other;
                out_n = (uint32_t)strlen(out);
                took = len;
                break;
            }
        }
        if (out_n > latin->n - at || memcmp(latin->s + at, out, out_n) != 0) {
            return false;
        }
        at += out_n;
        i += took;
    }
    return at == latin->n;
}

/* ---- Korean ------------------------------------------------------------------------------------------ */

static char class_of(char c) {
    static const char classes[26] = {0,   'p', 'j', 't', 0,   'p', 'k', 'h', 0,   'j', 'k', 'l', 'm',
                                     'n', 0,   'p', 'k', 'l', 's', 't', 0,   'p', 0,   's', 0,   'j'};
    return c >= 'a' && c <= 'z' ? classes[c - 'a'] : c;
}

/* Classes of its consonants; ng is one, h counts at the beginning only, and l or n at the beginning does not
 * (rim, im, lim). */
static uint32_t consonants(const struct cdn_token *t, char ret[CDN_TOKEN_LETTERS]) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n; i++) {
        const char c = class_of(t->s[i]);
        const bool dropped = (c == 'h' && i > 0) || (i == 0 && (c == 'l' || c == 'n')) ||
                             (i > 0 && t->s[i] == 'g' && t->s[i - 1] == 'n');
        if (c != 0 && !dropped && (n == 0 || ret[n - 1] != c)) {
            ret[n++] = c;
        }
    }
    return n;
}

static bool same_consonants(const struct cdn_token *a, const struct cdn_token *b) {
    char x[CDN_TOKEN_LETTERS], y[CDN_TOKEN_LETTERS];
    const uint32_t n = consonants(a, x);
    return n == consonants(b, y) && memcmp(x, y, n) == 0;
}

bool cdn_match_reads_otherwise(const struct cdn_token *east, const struct cdn_token *latin) {
    if (latin->script != CDN_WRITTEN_LATIN) {
        return false;
    }
    if (east->script == CDN_WRITTEN_HAN) {
        return is_pinyin(latin) && !is_wade_giles(east, latin);
    }
    return east->script == CDN_WRITTEN_HANGUL && !same_consonants(east, latin);
}
