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

#define L(c) (1U << ((c) - 'a'))

/* What a scanner mistakes for a letter, as a mask. */
static const uint32_t confused[26] = {['l' - 'a'] = L('i') | L('t'),
                                      ['i' - 'a'] = L('l') | L('j'),
                                      ['o' - 'a'] = L('q'),
                                      ['q' - 'a'] = L('o'),
                                      ['u' - 'a'] = L('v'),
                                      ['v' - 'a'] = L('u'),
                                      ['c' - 'a'] = L('e'),
                                      ['e' - 'a'] = L('c'),
                                      ['j' - 'a'] = L('i'),
                                      ['t' - 'a'] = L('l')};
/* The same, and the letters that make up another with their neighbour (rn/m, vv/w, cl/d, ci/a). */
static const uint32_t confused_any[26] = {['l' - 'a'] = L('i') | L('t') | L('d'),
                                          ['i' - 'a'] = L('l') | L('j') | L('a'),
                                          ['o' - 'a'] = L('q'),
                                          ['q' - 'a'] = L('o'),
                                          ['u' - 'a'] = L('v'),
                                          ['v' - 'a'] = L('u') | L('w'),
                                          ['c' - 'a'] = L('e') | L('d') | L('a'),
                                          ['e' - 'a'] = L('c'),
                                          ['j' - 'a'] = L('i'),
                                          ['t' - 'a'] = L('l'),
                                          ['r' - 'a'] = L('m'),
                                          ['n' - 'a'] = L('m'),
                                          ['m' - 'a'] = L('r') | L('n'),
                                          ['w' - 'a'] = L('v'),
                                          ['d' - 'a'] = L('c') | L('l'),
                                          ['a' - 'a'] = L('c') | L('i')};

static uint32_t letter_mask(char c) {
    return c >= 'a' ? 1U << ((unsigned)c - 'a') : 0;
}

/* The letter that two in a row are read as; 0: none. */
static char as_one(char a, char b) {
    return a == 'r' && b == 'n'   ? 'm'
           : a == 'v' && b == 'v' ? 'w'
           : a != 'c'             ? 0
           : b == 'l'             ? 'd'
           : b == 'i'             ? 'a'
                                  : 0;
}

/* At least so many half slips are between two tokens, by the letters that only one of them has: each is a
 * slip, but where a scanner may have mistaken it, and then two may be half of one. */
static unsigned slips_at_least(uint32_t a, uint32_t b) {
    unsigned quarters[2] = {0, 0};
    for (unsigned side = 0; side < 2; side++) {
        const uint32_t other = side == 0 ? b : a; /* the h of sh, kh, … is in no mask */
        /* a damaged index may have marks that are no letter */
        const uint32_t own = (side == 0 ? a : b) & ((1U << CDN_ARRAY_LEN(confused_any)) - 1);
        for (uint32_t left = own & ~(other | L('h')); left != 0; left &= left - 1) {
            quarters[side] += (confused_any[__builtin_ctz(left)] & other) != 0 ? 1U : 4U;
        }
    }
    return (CDN_MAX(quarters[0], quarters[1]) + 1) / 2;
}

#define SLIPS_MOST 8 /* halves, however long the words are */

/* Twice the number of slips between two tokens: a letter wrong, missing, too many, or exchanged with its
 * neighbour is one; a letter doubled, or what a scanner mistakes for another, is half of one. Above `limit`,
 * any number above it: only what may stay within it is looked at, so near the diagonal as the limit leaves
 * room to leave it and come back. */
static unsigned slips(const struct cdn_token *a, const struct cdn_token *b, unsigned limit) {
    enum { FAR = 100 };
    uint8_t rows[3][CDN_TOKEN_LETTERS + 3], drop_y[CDN_TOKEN_LETTERS + 1];
    char one_y[CDN_TOKEN_LETTERS + 1];
    uint8_t *before = rows[0] + 1, *last = rows[1] + 1, *now = rows[2] + 1;
    const char *x = a->s, *y = b->s;
    const unsigned n = a->n, m = b->n;
    const unsigned aside = n > m ? n - m : 0, over = m > n ? m - n : 0;
    if (aside + over > limit) {
        return limit + 1;
    }
    const unsigned room = (limit - aside - over) / 2, below = aside + room, above = over + room;
    memset(rows, FAR, sizeof rows);
    for (unsigned j = 0; j <= CDN_MIN(CDN_MIN(m, above), 7U); j++) { /* SLIPS_MOST / 2 + 2 are enough */
        last[j] = (uint8_t)(2 * j);
        before[j] = last[j];
    }
    unsigned least_before = 0;
    drop_y[1] = 2;
    one_y[1] = 0;
    for (unsigned j = 2; j <= m; j++) {
        drop_y[j] = y[j - 1] == y[j - 2] ? 1 : 2;
        one_y[j] = as_one(y[j - 2], y[j - 1]);
    }
    for (unsigned i = 1; i <= n; i++) {
        const unsigned from = i > below ? i - below : 0, to = CDN_MIN(i + above, m);
        const char c = x[i - 1], c_before = i > 1 ? x[i - 2] : 0, one_x = i > 1 ? as_one(c_before, c) : 0;
        const unsigned drop = c == c_before ? 1U : 2U;
        const uint32_t like = c >= 'a' ? confused[c - 'a'] : 0;
        unsigned least = FAR;
        if (from == 0) {
            now[0] = (uint8_t)(2 * i);
            least = now[0];
        } else {
            now[from - 1] = FAR;
        }
        for (unsigned j = CDN_MAX(from, 1U); j <= to; j++) {
            const char d = y[j - 1];
            unsigned v = CDN_MIN(last[j] + drop, (unsigned)now[j - 1] + drop_y[j]);
            if (c == d) {
                v = CDN_MIN(v, (unsigned)last[j - 1]);
            } else {
                v = CDN_MIN(v, last[j - 1] + ((like & letter_mask(d)) != 0 ? 1U : 2U));
                if (j > 1 && c_before == d && c == y[j - 2]) {
                    v = CDN_MIN(v, before[j - 2] + 2U);
                }
                if (one_x == d) {
                    v = CDN_MIN(v, before[j - 1] + 1U);
                }
                if (one_y[j] == c) {
                    v = CDN_MIN(v, last[j - 2] + 1U);
                }
            }
            now[j] = (uint8_t)v;
            least = CDN_MIN(least, v);
        }
        now[to + 1] = FAR;
        if (least > limit && least_before >= limit) { /* from two letters back it is half a slip or more */
            return limit + 1;
        }
        least_before = least;
        uint8_t *const free_row = before;
        before = last;
        last = now;
        now = free_row;
    }
    return last[m];
}

/* The most half slips in n letters that leave `least` alike. */
static unsigned slips_within(const struct cdn_match_params *p, unsigned n, unsigned least) {
    const unsigned room = (1000U - CDN_MIN(least, 1000U)) * 16 * n + 32 * n;
    unsigned limit = 1;
    while (limit < SLIPS_MOST && (limit + 1) * (2 * (limit + 3) + 1) * (unsigned)p->slip <= room) {
        limit++;
    }
    return limit;
}

/* 0 when it is less than `least`. */
static unsigned by_slips(const struct cdn_match_params *p,
                         const struct cdn_token *a,
                         const struct cdn_token *b,
                         unsigned least) {
    const unsigned n = CDN_MAX(a->n, b->n), d = a->n > b->n ? a->n - b->n : b->n - a->n;
    if (n < 3 || d > 2 || cdn_match_bits(a->letters ^ b->letters) > 5) {
        return 0;
    }
    const unsigned limit = slips_within(p, n, least);
    const unsigned h = slips_at_least(a->letters, b->letters) > limit ? limit + 1 : slips(a, b, limit);
    if (h > limit) {
        return 0;
    }
    const unsigned loss = h * (h + 2) * (unsigned)p->slip / (8 * n) + h * (unsigned)p->slip / (16 * n);
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

static int best_of_sound(const int8_t *best, unsigned sound, int digit) {
    return sound < CDN_SOUND_LETTERS ? best[sound] : digit;
}

static int best_of(const int8_t *best, const struct cdn_token *t, int digit) {
    int sum = 0;
    for (unsigned i = 0; i < t->sounds; i++) {
        sum += best_of_sound(best, t->sound[i], digit);
    }
    return sum;
}

struct align {
    int needed;                 /* less than this may be given as anything less */
    const int8_t *table, *most; /* most: that a sound of `a` can add */
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

/* The same for tokens without digits: most of all work is here. */
static int align_letters(const struct align *al) {
    const int8_t *const best = al->most;
    int rows[3][CDN_TOKEN_LETTERS + 1], gap_y[CDN_TOKEN_LETTERS + 1];
    int *before = rows[0], *last = rows[1], *now = rows[2];
    const uint8_t *x = al->a->sound, *y = al->b->sound;
    const unsigned n = al->a->sounds, m = al->b->sounds;
    const int least = al->same_script ? -(int)al->p->typo : INT8_MIN;
    int rest = best_of(best, al->a, 32), top_before = 0;
    last[0] = before[0] = 0;
    for (unsigned j = 1; j <= m; j++) {
        gap_y[j] = alone(al, y, j - 1, 1056);
        last[j] = last[j - 1] + gap_y[j];
        before[j] = 0;
    }
    for (unsigned i = 1; i <= n; i++) {
        const int gap_x = alone(al, x, i - 1, 1024);
        const int8_t *row = al->table + (size_t)x[i - 1] * 32;
        int left = last[0] + gap_x, aslant = last[0], top = left;
        now[0] = left;
        for (unsigned j = 1; j <= m; j++) {
            const int up = last[j];
            int v = aslant + CDN_MAX((int)row[y[j - 1]], least);
            v = CDN_MAX(v, up + gap_x);
            v = CDN_MAX(v, left + gap_y[j]);
            if (j > 1 && x[i - 1] == y[j - 2] && i > 1 && x[i - 2] == y[j - 1] && al->same_script) {
                v = CDN_MAX(v,
                            before[j - 2] + both(al, x[i - 1], x[i - 1]) + both(al, x[i - 2], x[i - 2]) -
                                al->p->swap);
            }
            now[j] = left = v;
            top = CDN_MAX(top, v);
            aslant = up;
        }
        rest -= best[x[i - 1]];
        if (top + rest < al->needed && top_before + rest + best[x[i - 1]] < al->needed) {
            return top + rest; /* nor from the row before: two exchanged */
        }
        top_before = top;
        int *const free_row = before;
        before = last;
        last = now;
        now = free_row;
    }
    return last[m];
}

static int align(const struct align *al) {
    int rows[3][CDN_TOKEN_LETTERS + 1];
    int *before = rows[0], *last = rows[1], *now = rows[2];
    const uint8_t *x = al->a->sound, *y = al->b->sound;
    const unsigned n = al->a->sounds, m = al->b->sounds;
    int gap_y[CDN_TOKEN_LETTERS];
    int rest = best_of(al->most, al->a, 32), top_before = 0;
    last[0] = 0;
    for (unsigned j = 1; j <= m; j++) {
        gap_y[j - 1] = alone(al, y, j - 1, 1056);
        last[j] = last[j - 1] + gap_y[j - 1];
        before[j] = 0;
    }
    before[0] = 0;
    for (unsigned i = 1; i <= n; i++) {
        const int gap_x = alone(al, x, i - 1, 1024), own = best_of_sound(al->most, x[i - 1], 32);
        int top = now[0] = last[0] + gap_x;
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
            top = CDN_MAX(top, v);
        }
        rest -= own;
        if (top + rest < al->needed && top_before + rest + own < al->needed) {
            return top + rest;
        }
        top_before = top;
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

#define OTHERWISE 860U /* the most that a Chinese or Korean word is alike to the reading of another one */

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
    if (cdn_match_reads_otherwise(a, b)) {
        return OTHERWISE;
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

/* What one side can add to an alignment of Latin tokens: the most that a perfect partner gives, doubled; and
 * the most with a token of these sounds: one that the other side does not have can only stand against another
 * one, or alone. */
static void most_of_side(const struct cdn_screen_tables *t,
                         const struct cdn_match_params *p,
                         const struct cdn_token *a,
                         uint64_t other,
                         const int8_t *best,
                         int *perfect,
                         int *could) {
    int sum = 0, all = 0;
    for (unsigned i = 0; i < a->sounds; i++) {
        const unsigned x = a->sound[i];
        if (x >= CDN_SOUND_LETTERS) {
            all += 32;
            sum += (other >> x & 1U) != 0 ? 16 : -30;
            continue;
        }
        all += best[x];
        if ((other >> x & 1U) != 0) {
            sum += CDN_MAX(t->latin_same[x], t->latin_other[x]);
        } else {
            const int v = CDN_MAX(t->latin_other[x], -(int)p->typo);
            sum += i > 0 && a->sound[i - 1] == x ? CDN_MAX(v, GAP_DOUBLE) : v;
        }
    }
    *perfect += all;
    *could += sum;
}

/* The least evidence that is a likeness of `least`. */
static int evidence_for(unsigned least, int floor, int most) {
    return (((int)least * (1000 - floor) / 1000 + floor) * most - 999) / 1000 - 1;
}

/* Latin against Latin; below `least` it may give anything less. */
static unsigned latin_letters(const struct cdn_screen_tables *t, struct align *al, unsigned least) {
    const struct cdn_token *a = al->a, *b = al->b;
    const unsigned n = CDN_MAX(a->n, b->n), d = a->n > b->n ? a->n - b->n : b->n - a->n;
    if (d * 2 > n || cdn_match_bits(a->letters ^ b->letters) > CDN_MAX(4U, n / 2 + 1)) {
        return 0;
    }
    const uint64_t in_a = sounds_of(a), in_b = sounds_of(b);
    const int floor = al->p->floor;
    int most = 0, could = 0;
    most_of_side(t, al->p, a, in_b, al->table + 1088, &most, &could);
    most_of_side(t, al->p, b, in_a, al->table + 1120, &most, &could);
    most /= 2;
    if (most <= 0 || (could * 1000 / most - floor) * 1000 / (1000 - floor) < (int)least) {
        return 0;
    }
    al->most = t->most[CDN_WRITTEN_LATIN];
    al->needed = evidence_for(least, floor, most) - (int)b->sounds * t->most_alone[CDN_WRITTEN_LATIN];
    const bool digits = (in_a | in_b) >> CDN_SOUND_LETTERS != 0;
    const int share = (digits ? align(al) : align_letters(al)) * 1000 / most;
    const int v = (share - floor) * 1000 / (1000 - floor);
    return v < 0 ? 0 : CDN_MIN((unsigned)v, 990U);
}

#define LEAST_USED 490 /* no caller tells likenesses below this apart */

/* Below `least` it may give anything less. */
static unsigned letters_from(const struct cdn_screen_tables *t,
                             const struct cdn_match_params *p,
                             const struct cdn_token *a,
                             const struct cdn_token *b,
                             unsigned least) {
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
    al.table = cdn_screen_letters_of(t, script);
    if (al.same_script) {
        return latin_letters(t, &al, least);
    }
    const int most = (best_of(al.table + 1088, al.a, 32) + best_of(al.table + 1120, al.b, 32)) / 2;
    if (most <= 0) {
        return 0;
    }
    const int floor = p->foreign;
    al.most = t->most[script];
    al.needed = evidence_for(least, floor, most) - (int)al.b->sounds * t->most_alone[script];
    const bool digits = (sounds_of(a) | sounds_of(b)) >> CDN_SOUND_LETTERS != 0;
    const int share = (digits ? align(&al) : align_letters(&al)) * 1000 / most;
    const int v = (share - floor) * 1000 / (1000 - floor);
    return v < 0 ? 0 : v < 700 ? (unsigned)v : CDN_MIN((unsigned)v, most_by_sound(&al));
}

unsigned cdn_match_letters(const struct cdn_screen_tables *t,
                           const struct cdn_match_params *p,
                           const struct cdn_token *a,
                           const struct cdn_token *b) {
    return letters_from(t, p, a, b, LEAST_USED);
}

bool cdn_match_may(const struct cdn_screen_tables *t,
                   const struct cdn_match_params *p,
                   uint32_t of_a,
                   unsigned n_a,
                   uint32_t of_b,
                   unsigned n_b,
                   unsigned least) {
    const uint32_t only_a = of_a & ~of_b, only_b = of_b & ~of_a;
    if (only_a == 0 || only_b == 0) { /* a beginning, or without its vowels */
        return true;
    }
    const unsigned longer = CDN_MAX(n_a, n_b);
    /* of the masks that are compared: without the h of sh, kh, … */
    const unsigned differ = cdn_match_bits((only_a | only_b) & ~L('h'));
    if (differ <= 5 && slips_at_least(of_a, of_b) <= slips_within(p, longer, least)) {
        return true;
    }
    if (differ > CDN_MAX(4U, longer / 2 + 1)) {
        return false;
    }
    const uint32_t all = of_a | of_b;
    if ((all & L('h')) != 0 && (all & (L('s') | L('c') | L('k') | L('z') | L('t') | L('p'))) != 0) {
        return true; /* sounds of two letters */
    }
    /* as in latin_letters(), of distinct letters; each of the others at its best: what both sums gain by it
     */
    const int8_t *best = cdn_screen_letters_of(t, CDN_WRITTEN_LATIN) + 1088;
    int most = 0, could = 0, same = 16;
    for (unsigned side = 0; side < 2; side++) {
        const uint32_t other = side == 0 ? of_b : of_a;
        for (uint32_t left = side == 0 ? of_a : of_b; left != 0; left &= left - 1) {
            const unsigned x = (unsigned)__builtin_ctz(left);
            most += CDN_MIN(best[x], best[32 + x]);
            could += (other >> x & 1U) != 0 ? CDN_MAX(t->latin_same[x], t->latin_other[x])
                                            : CDN_MAX(t->latin_other[x], -(int)p->typo);
            same = CDN_MAX(same, CDN_MAX(t->latin_same[x], t->latin_other[x]));
        }
    }
    const int more = same * (int)(n_a + n_b - cdn_match_bits(of_a) - cdn_match_bits(of_b));
    most = most / 2 + more;
    could += more;
    const int floor = p->floor;
    return most <= 0 || (could * 1000 / most - floor) * 1000 / (1000 - floor) >= (int)least;
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
                            unsigned least,
                            enum cdn_match_how *how) {
    unsigned best = letters_from(t, p, a, b, CDN_MAX(least, (unsigned)LEAST_USED)), missing = 0;
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
        best = CDN_MAX(best, by_slips(p, a, b, CDN_MAX(least, best)));
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
    return cdn_match_tokens_from(t, p, a, b, p->cut, ret_how);
}

unsigned cdn_match_tokens_from(const struct cdn_screen_tables *t,
                               const struct cdn_match_params *p,
                               const struct cdn_token *a,
                               const struct cdn_token *b,
                               unsigned least,
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
            other && a->n >= 5 && b->n >= 5 && a->script == b->script ? by_slips(p, a, b, 800) : 0;
        *ret_how = alike >= 800 ? CDN_HOW_SPELLING : CDN_HOW_NONE; /* LIMITED mistyped is still no name */
        return alike >= 800 ? alike : 0;
    }
    if ((a->class == CDN_TOKEN_PARTICLE && a->n <= 3 && b->n > 2 && a->script == b->script) ||
        (b->class == CDN_TOKEN_PARTICLE && b->n <= 3 && a->n > 2 && a->script == b->script)) {
        return 0; /* al is no slip of Ali */
    }
    const unsigned v = words_alike(t, p, a, b, CDN_MAX(least, (unsigned)p->cut), ret_how);
    if ((int)v < p->cut) {
        *ret_how = CDN_HOW_NONE;
        return 0;
    }
    return v;
}
