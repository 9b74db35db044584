/* SPDX-License-Identifier: Apache-2.0 */
/* letters.c: how alike two tokens are.
 *
 * Letters are aligned so that the evidence that both were written for the same sounds is greatest
 * (Needleman-Wunsch over the letter tables: one for Latin against Latin, one for each other script), and the
 * result is taken as a share of what a perfect partner would give. The tables know that Arabic writes no
 * short vowels, that Japanese adds them, and that i and y are confused more often than i and k. */
#include "screen/match.h"

#define GAP_DOUBLE (-2) /* a letter written twice */

static bool is_vowel(char c) {
    return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y';
}

/* ---- slips of the pen and of the scanner ------------------------------------------------------------ */

static bool scanner_confuses(char a, char b) {
    return (a == 'l' && b == 'i') || (a == 'i' && b == 'l') || (a == 'o' && b == 'q') ||
           (a == 'q' && b == 'o') || (a == 'u' && b == 'v') || (a == 'v' && b == 'u') ||
           (a == 'c' && b == 'e') || (a == 'e' && b == 'c') || (a == 'i' && b == 'j') ||
           (a == 'j' && b == 'i') || (a == 'l' && b == 't') || (a == 't' && b == 'l');
}

static bool is_two(const char *two, const char *one) {
    return (two[0] == 'r' && two[1] == 'n' && *one == 'm') ||
           (two[0] == 'v' && two[1] == 'v' && *one == 'w') ||
           (two[0] == 'c' && two[1] == 'l' && *one == 'd') || (two[0] == 'c' && two[1] == 'i' && *one == 'a');
}

/* Twice the number of slips between two tokens: a letter wrong, missing, too many, or exchanged with its
 * neighbour is one; a letter doubled, or what a scanner mistakes for another, is half of one. */
/* Gives up, with a number above `limit`, as soon as a whole row is above it. */
static unsigned slips(const struct cdn_token *a, const struct cdn_token *b, unsigned limit) {
    uint8_t rows[3][CDN_TOKEN_LETTERS + 1];
    uint8_t *before = rows[0], *last = rows[1], *now = rows[2];
    const char *x = a->s, *y = b->s;
    for (unsigned j = 0; j <= b->n; j++) {
        last[j] = (uint8_t)(2 * j);
        before[j] = last[j];
    }
    for (unsigned i = 1; i <= a->n; i++) {
        unsigned least = 2 * i;
        now[0] = (uint8_t)least;
        for (unsigned j = 1; j <= b->n; j++) {
            const char c = x[i - 1], d = y[j - 1];
            unsigned v = last[j - 1] + (c == d ? 0U : scanner_confuses(c, d) ? 1U : 2U);
            v = CDN_MIN(v, last[j] + (i > 1 && c == x[i - 2] ? 1U : 2U));
            v = CDN_MIN(v, now[j - 1] + (j > 1 && d == y[j - 2] ? 1U : 2U));
            if (i > 1 && j > 1 && c == y[j - 2] && x[i - 2] == d) {
                v = CDN_MIN(v, before[j - 2] + 2U);
            }
            if (i > 1 && is_two(x + i - 2, &d)) {
                v = CDN_MIN(v, before[j - 1] + 1U);
            }
            if (j > 1 && is_two(y + j - 2, &c)) {
                v = CDN_MIN(v, last[j - 2] + 1U);
            }
            now[j] = (uint8_t)v;
            least = CDN_MIN(least, v);
        }
        if (least > limit + 1) { /* two letters back may still be a slip better */
            return least;
        }
        uint8_t *const free_row = before;
        before = last;
        last = now;
        now = free_row;
    }
    return last[b->n];
}

static unsigned by_slips(const struct cdn_match_params *p,
                         const struct cdn_token *a,
                         const struct cdn_token *b) {
    const unsigned n = CDN_MAX(a->n, b->n), d = a->n > b->n ? a->n - b->n : b->n - a->n;
    if (n < 3 || d > 2 || __builtin_popcount(a->letters ^ b->letters) > 5) {
        return 0;
    }
    unsigned limit = 1; /* the most half slips that the cut leaves */
    while (limit < 6 && (limit + 1) * (2 * (limit + 3) + 1) * (unsigned)p->slip <=
                            (1000U - CDN_MIN((unsigned)p->cut, 1000U)) * 16 * n + 16 * n) {
        limit++;
    }
    const unsigned h = slips(a, b, limit),
                   loss = h * (h + 2) * (unsigned)p->slip / (8 * n) + h * (unsigned)p->slip / (16 * n);
    return loss > 1000 ? 0 : CDN_MIN(1000 - loss, 990U);
}

/* True when `s` is `l` with vowels left out (and doubled letters written once), and few remain in `s`. */
static bool vowels_left_out(const struct cdn_token *s, const struct cdn_token *l, unsigned *ret_missing) {
    unsigned i = 0, vowels = 0, missing = 0;
    for (unsigned k = 0; k < s->n; k++) {
        vowels += (is_vowel(s->s[k]) && s->s[k] != 'y') ? 1U : 0U;
    }
    if (vowels * 2 >= s->n || s->n - vowels < 2) {
        return false;
    }
    for (unsigned k = 0; k < l->n; k++) {
        if (i < s->n && s->s[i] == l->s[k]) {
            i++;
        } else if (is_vowel(l->s[k])) {
            missing++;
        } else if (k == 0 || l->s[k] != l->s[k - 1]) {
            return false;
        }
    }
    *ret_missing = missing + (vowels * 3 >= s->n ? 6U : 0U); /* an ordinary short name may have as few */
    return i == s->n && missing > 0;
}

static int best_of(const int8_t *best, const struct cdn_token *t, int digit) {
    int sum = 0;
    for (unsigned i = 0; i < t->sounds; i++) {
        sum += t->sound[i] < CDN_SOUND_LETTERS ? best[t->sound[i]] : digit;
    }
    return sum;
}

struct align {
    const int8_t *table;
    const struct cdn_match_params *p;
    const struct cdn_token *a, *b;
    bool same_script;
};

static int both(const struct align *al, unsigned x, unsigned y) {
    if (x >= CDN_SOUND_LETTERS || y >= CDN_SOUND_LETTERS) {
        return x == y ? 32 : -60;
    }
    const int v = al->table[x * 32 + y];
    return al->same_script && v < -al->p->typo ? -al->p->typo : v;
}

static int alone(const struct align *al, const uint8_t *s, unsigned i, unsigned base) {
    if (s[i] >= CDN_SOUND_LETTERS) {
        return -60;
    }
    if (i > 0 && s[i] == s[i - 1]) {
        return GAP_DOUBLE;
    }
    const int v = al->table[base + s[i]];
    return al->same_script && v < -al->p->typo ? -al->p->typo : v;
}

static int align(const struct align *al) {
    int rows[3][CDN_TOKEN_LETTERS + 1];
    int *before = rows[0], *last = rows[1], *now = rows[2];
    const uint8_t *x = al->a->sound, *y = al->b->sound;
    const unsigned n = al->a->sounds, m = al->b->sounds;
    int gap_y[CDN_TOKEN_LETTERS];
    last[0] = 0;
    for (unsigned j = 1; j <= m; j++) {
        gap_y[j - 1] = alone(al, y, j - 1, 1056);
        last[j] = last[j - 1] + gap_y[j - 1];
        before[j] = 0;
    }
    before[0] = 0;
    for (unsigned i = 1; i <= n; i++) {
        const int gap_x = alone(al, x, i - 1, 1024);
        now[0] = last[0] + gap_x;
        for (unsigned j = 1; j <= m; j++) {
            int v = last[j - 1] + both(al, x[i - 1], y[j - 1]);
            v = CDN_MAX(v, last[j] + gap_x);
            v = CDN_MAX(v, now[j - 1] + gap_y[j - 1]);
            if (al->same_script && i > 1 && j > 1 && x[i - 1] == y[j - 2] && x[i - 2] == y[j - 1]) {
                v = CDN_MAX(v,
                            before[j - 2] + both(al, x[i - 1], x[i - 1]) + both(al, x[i - 2], x[i - 2]) -
                                al->p->swap);
            }
            now[j] = v;
        }
        int *const free_row = before;
        before = last;
        last = now;
        now = free_row;
    }
    return last[m];
}

/* The alignment across scripts once more, with what speaks against it: negative evidence, in 1/8
 * nats, of the best path. */
static int against(const struct align *al) {
    struct cell {
        int v, minus;
    } rows[2][CDN_TOKEN_LETTERS + 1], *last = rows[0], *now = rows[1];
    const uint8_t *x = al->a->sound, *y = al->b->sound;
    const unsigned n = al->a->sounds, m = al->b->sounds;
    for (unsigned i = 0; i <= n; i++) {
        for (unsigned j = 0; j <= m; j++) {
            struct cell best = {i == 0 && j == 0 ? 0 : INT32_MIN / 2, 0};
            for (unsigned step = 0; step < 3; step++) { /* both, x alone, y alone */
                if ((step != 2 && i == 0) || (step != 1 && j == 0)) {
                    continue;
                }
                const int e = step == 0   ? both(al, x[i - 1], y[j - 1])
                              : step == 1 ? alone(al, x, i - 1, 1024)
                                          : alone(al, y, j - 1, 1056);
                const struct cell *from = step == 0 ? &last[j - 1] : step == 1 ? &last[j] : &now[j - 1];
                if (from->v + e > best.v) {
                    best = (struct cell){from->v + e, from->minus + CDN_MAX(-e, 0)};
                }
            }
            now[j] = best;
        }
        struct cell *const other = last;
        last = now;
        now = other;
    }
    return last[m].minus;
}

/* Few letters of another script that sound alike fit many names: hua and ha, li and ly. */
static unsigned most_by_sound(const struct align *al) {
    const struct cdn_match_params *p = al->p;
    const struct cdn_token *a = al->a, *b = al->b;
    const unsigned n = CDN_MAX(a->sounds, b->sounds), few = n < 6 ? 6 - n : 0;
    const unsigned less = CDN_MIN(a->sounds, b->sounds), more = CDN_MAX(a->sounds, b->sounds);
    const bool east = a->script == CDN_WRITTEN_HAN || a->script == CDN_WRITTEN_KANA ||
                      a->script == CDN_WRITTEN_HANGUL; /* they write every sound: yangjie is not Yang */
    if (east && less * 3 < more * 2) {
        return 700;
    }
    const bool both_foreign = a->script > CDN_WRITTEN_DIGIT && b->script > CDN_WRITTEN_DIGIT;
    const unsigned lost = few * (unsigned)p->few_sounds + (both_foreign ? (unsigned)p->both_foreign : 0U) +
                          (unsigned)against(al) * (unsigned)p->against / 8;
    return lost > 900 ? 90U : 990U - lost;
}

static uint64_t sounds_of(const struct cdn_token *t) {
    uint64_t mask = 0;
    for (unsigned i = 0; i < t->sounds; i++) {
        mask |= (uint64_t)1 << (t->sound[i] & 63U);
    }
    return mask;
}

/* The most that one side can add to an alignment of Latin tokens: a sound that the other side does not have
 * can only stand against another one, or alone. */
static int most_of_side(const struct cdn_screen_tables *t,
                        const struct cdn_match_params *p,
                        const struct cdn_token *a,
                        uint64_t other) {
    int sum = 0;
    for (unsigned i = 0; i < a->sounds; i++) {
        const unsigned x = a->sound[i];
        if (x >= CDN_SOUND_LETTERS) {
            sum += (other >> x & 1U) != 0 ? 16 : -30;
        } else if ((other >> x & 1U) != 0) {
            sum += CDN_MAX(t->latin_same[x], t->latin_other[x]);
        } else {
            const int v = CDN_MAX(t->latin_other[x], -(int)p->typo);
            sum += i > 0 && a->sound[i - 1] == x ? CDN_MAX(v, GAP_DOUBLE) : v;
        }
    }
    return sum;
}

#define LEAST_USED 490 /* no caller tells likenesses below this apart */

unsigned cdn_match_letters(const struct cdn_screen_tables *t,
                           const struct cdn_match_params *p,
                           const struct cdn_token *a,
                           const struct cdn_token *b) {
    if (a->n == b->n && memcmp(a->s, b->s, a->n) == 0) {
        return 1000;
    }
    struct align al = {.p = p, .a = a, .b = b, .same_script = a->script == b->script};
    unsigned script = CDN_WRITTEN_LATIN;
    if (a->script <= CDN_WRITTEN_DIGIT && b->script > CDN_WRITTEN_DIGIT) {
        al.a = b;
        al.b = a;
        script = b->script;
    } else if (a->script > CDN_WRITTEN_DIGIT && !al.same_script) {
        script = a->script;
        if (b->script > CDN_WRITTEN_DIGIT && b->script > a->script) { /* the same whichever comes first */
            al.a = b;
            al.b = a;
            script = b->script;
        }
    }
    al.same_script = script == CDN_WRITTEN_LATIN;
    if (al.same_script) {
        const unsigned n = CDN_MAX(a->n, b->n), d = a->n > b->n ? a->n - b->n : b->n - a->n;
        if (d * 2 > n || (unsigned)__builtin_popcount(a->letters ^ b->letters) > CDN_MAX(4U, n / 2 + 1)) {
            return 0;
        }
    }
    al.table = cdn_screen_letters_of(t, script);
    const int most = (best_of(al.table + 1088, al.a, 32) + best_of(al.table + 1120, al.b, 32)) / 2;
    if (most <= 0) {
        return 0;
    }
    const int floor = al.same_script ? p->floor : p->foreign;
    if (al.same_script) {
        const int could = most_of_side(t, p, a, sounds_of(b)) + most_of_side(t, p, b, sounds_of(a));
        if ((could * 1000 / most - floor) * 1000 / (1000 - floor) < LEAST_USED) {
            return 0;
        }
    }
    const int share = align(&al) * 1000 / most;
    const int v = (share - floor) * 1000 / (1000 - floor);
    if (v < 0) {
        return 0;
    }
    return al.same_script ? CDN_MIN((unsigned)v, 990U)
           : v < 700      ? (unsigned)v
                          : CDN_MIN((unsigned)v, most_by_sound(&al));
}

static bool is_word(const struct cdn_token *t) {
    return t->class == CDN_TOKEN_PLAIN || t->class == CDN_TOKEN_PATRONYMIC || t->class == CDN_TOKEN_GENERIC ||
           t->class == CDN_TOKEN_PARTICLE;
}

/* Both are written in syllables: another letter of the transliteration is another syllable, and no slip. */
static bool syllables(const struct cdn_token *a, const struct cdn_token *b) {
    return a->script == b->script && (a->script == CDN_WRITTEN_HAN || a->script == CDN_WRITTEN_HANGUL);
}

static unsigned words_alike(const struct cdn_screen_tables *t,
                            const struct cdn_match_params *p,
                            const struct cdn_token *a,
                            const struct cdn_token *b,
                            enum cdn_match_how *how) {
    unsigned best = cdn_match_letters(t, p, a, b), missing = 0;
    *how = a->script == b->script ? CDN_HOW_SPELLING : CDN_HOW_SOUND;
    const struct cdn_token *s = a->n < b->n ? a : b, *l = a->n < b->n ? b : a;
    if (syllables(a, b)) {
        return CDN_MIN(best, 750U);
    }
    if (a->script == b->script && s->n < l->n && vowels_left_out(s, l, &missing)) {
        const unsigned lost = 15 * missing, most = (unsigned)p->vowels;
        const unsigned v = CDN_MIN(most > lost ? most - lost : 0U, 990U);
        if (v > best) {
            best = v;
            *how = CDN_HOW_VOWELS;
        }
    }
    if (a->script == b->script && best < 950) {
        best = CDN_MAX(best, by_slips(p, a, b));
    }
    if (s->last && s->n >= 2 && s->n < l->n && memcmp(s->s, l->s, s->n) == 0) {
        const unsigned v = (unsigned)p->prefix - (s->n < 4 ? 40U * (4U - s->n) : 0U);
        if (v > best) {
            best = v;
            *how = CDN_HOW_PREFIX;
        }
    }
    return best;
}

unsigned cdn_match_tokens(const struct cdn_screen_tables *t,
                          const struct cdn_match_params *p,
                          const struct cdn_token *a,
                          const struct cdn_token *b,
                          enum cdn_match_how *ret_how) {
    *ret_how = CDN_HOW_NONE;
    if (a->n == b->n && memcmp(a->s, b->s, a->n) == 0) {
        *ret_how = CDN_HOW_SAME;
        return 1000;
    }
    const bool letter_a = a->n == 1 && a->class != CDN_TOKEN_NUMBER,
               letter_b = b->n == 1 && b->class != CDN_TOKEN_NUMBER;
    if (a->class == CDN_TOKEN_INITIAL || b->class == CDN_TOKEN_INITIAL) {
        const bool word = a->class == CDN_TOKEN_INITIAL ? is_word(b) : is_word(a);
        if (word && !(letter_a && letter_b) && a->sounds > 0 && b->sounds > 0 &&
            (a->s[0] == b->s[0] || a->sound[0] == b->sound[0])) {
            *ret_how = CDN_HOW_INITIAL;
            return (unsigned)p->initial;
        }
        return 0;
    }
    if (a->id != 0 && a->id == b->id && (a->class == b->class || (is_word(a) && is_word(b)))) {
        const bool given = a->class == CDN_TOKEN_PLAIN;
        const unsigned letters = given ? cdn_match_letters(t, p, a, b) : 0;
        *ret_how = given ? CDN_HOW_NICK : CDN_HOW_WORD;
        return given ? CDN_MAX(letters, letters >= 500 ? 940U : (unsigned)p->nick) : 980;
    }
    if (!is_word(a) || !is_word(b)) {
        const bool other =
            is_word(a) != is_word(b) && a->class != CDN_TOKEN_NUMBER && b->class != CDN_TOKEN_NUMBER;
        const unsigned alike =
            other && a->n >= 5 && b->n >= 5 && a->script == b->script ? by_slips(p, a, b) : 0;
        *ret_how = alike >= 800 ? CDN_HOW_SPELLING : CDN_HOW_NONE; /* LIMITED mistyped is still no name */
        return alike >= 800 ? alike : 0;
    }
    if ((a->class == CDN_TOKEN_PARTICLE && a->n <= 3 && b->n > 2 && a->script == b->script) ||
        (b->class == CDN_TOKEN_PARTICLE && b->n <= 3 && a->n > 2 && a->script == b->script)) {
        return 0; /* al is no slip of Ali */
    }
    const unsigned v = words_alike(t, p, a, b, ret_how);
    if ((int)v < p->cut) {
        *ret_how = CDN_HOW_NONE;
        return 0;
    }
    return v;
}
