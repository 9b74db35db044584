/* SPDX-License-Identifier: Apache-2.0 */
/* codes_fold.c: folds names of countries and regions so that they compare whatever the accents and case.
 *
 * This is not the fold of text/text.h: that one needs a table from the snapshot, while the names of countries
 * must be known before there is one (the compiler reads country names in rulebooks). It covers what occurs in
 * ISO 3166 names and their aliases: Latin letters of U+00C0..U+024F and some of U+1E00..U+1EFF, Cyrillic
 * case.
 *
 * 1. Letters become lower case without marks; digits stay; apostrophes vanish; other ASCII characters and
 *    dashes separate words; other letters stay as they are.
 * 2. Words are separated by one space; "the" is dropped, "&" is "and", "st" is "saint".
 * 3. The result is a fixed point: folding it again changes nothing. */
#include "places/codes_fold.h"

/* U+00C0..U+024F, one ASCII letter each; '.' = not a letter we fold; the few that need two are below. */
static const char latin[] = "aaaaaaaceeeeiiii" /* 00C0 */
                            "dnooooo.ouuuuyts" /* 00D0 */
                            "aaaaaaaceeeeiiii" /* 00E0 */
                            "dnooooo.ouuuuyty" /* 00F0 */
                            "aaaaaaccccccccdd" /* 0100 */
                            "ddeeeeeeeeeegggg" /* 0110 */
                            "gggghhhhiiiiiiii" /* 0120 */
                            "iiiijjkkklllllll" /* 0130 */
                            "lllnnnnnnnnnoooo" /* 0140 */
                            "oooorrrrrrssssss" /* 0150 */
                            "ssttttttuuuuuuuu" /* 0160 */
                            "uuuuwwyyyzzzzzzs" /* 0170 */
                            "b..........d...." /* 0180 */
                            ".e.............." /* 0190 */
                            "oo.............u" /* 01A0 */
                            "u..............." /* 01B0 */
                            ".............aai" /* 01C0 */
                            "ioouuuuuuuuuu.aa" /* 01D0 */
                            "aa..ggggkkoooo.." /* 01E0 */
                            "j...gg..nnaa..oo" /* 01F0 */
                            "aaaaeeeeiiiioooo" /* 0200 */
                            "rrrruuuusstt..hh" /* 0210 */
                            "......aaeeoooooo" /* 0220 */
                            "ooyy............" /* 0230 */
                            "................";

/* U+1E00..U+1EFF: only the letters that romanisations and Vietnamese names use; the rest stays. */
static char latin_additional(uint32_t cp) {
    static const struct {
        uint16_t first, last;
        char letter;
    } runs[] = {{0x1E00, 0x1E01, 'a'}, {0x1E02, 0x1E07, 'b'}, {0x1E08, 0x1E09, 'c'}, {0x1E0A, 0x1E13, 'd'},
                {0x1E14, 0x1E1D, 'e'}, {0x1E1E, 0x1E1F, 'f'}, {0x1E20, 0x1E21, 'g'}, {0x1E22, 0x1E2B, 'h'},
                {0x1E2C, 0x1E2F, 'i'}, {0x1E30, 0x1E35, 'k'}, {0x1E36, 0x1E3D, 'l'}, {0x1E3E, 0x1E43, 'm'},
                {0x1E44, 0x1E4B, 'n'}, {0x1E4C, 0x1E53, 'o'}, {0x1E54, 0x1E57, 'p'}, {0x1E58, 0x1E5F, 'r'},
                {0x1E60, 0x1E69, 's'}, {0x1E6A, 0x1E71, 't'}, {0x1E72, 0x1E7B, 'u'}, {0x1E7C, 0x1E7F, 'v'},
                {0x1E80, 0x1E89, 'w'}, {0x1E8A, 0x1E8D, 'x'}, {0x1E8E, 0x1E8F, 'y'}, {0x1E90, 0x1E95, 'z'},
                {0x1EA0, 0x1EB7, 'a'}, {0x1EB8, 0x1EC7, 'e'}, {0x1EC8, 0x1ECB, 'i'}, {0x1ECC, 0x1EE3, 'o'},
                {0x1EE4, 0x1EF1, 'u'}, {0x1EF2, 0x1EF9, 'y'}};
    for (size_t i = 0; i < CDN_ARRAY_LEN(runs); i++) {
        if (cp >= runs[i].first && cp <= runs[i].last) {
            return runs[i].letter;
        }
    }
    return '.';
}

enum { DROP = 0, SPACE = 1 };

/* The folded code point; DROP, SPACE, or itself. */
static uint32_t fold_one(uint32_t cp) {
    if (cp < 0x80) {
        if (cp >= 'A' && cp <= 'Z') {
            return cp + 32;
        }
        if ((cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9')) {
            return cp;
        }
        return cp == '\'' || cp == '`' ? DROP : SPACE;
    }
    if (cp >= 0xC0 && cp < 0xC0 + sizeof latin - 1 && latin[cp - 0xC0] != '.') {
        return (uint8_t)latin[cp - 0xC0];
    }
    if (cp == 0x0259 || cp == 0x01DD || cp == 0x018F) { /* schwa of Azerbaijani names, either encoding */
        return 0x0259;
    }
    if (cp >= 0x1E00 && cp <= 0x1EFF && latin_additional(cp) != '.') {
        return (uint8_t)latin_additional(cp);
    }
    if ((cp >= 0x0300 && cp <= 0x036F) || (cp >= 0x2018 && cp <= 0x201B) || (cp >= 0x02B0 && cp <= 0x02FF) ||
        cp == 0x2032 || cp == 0xAD || (cp >= 0x200B && cp <= 0x200F) || cp == 0xFEFF) {
        return DROP; /* combining marks, apostrophes, invisible characters */
    }
    if (cp < 0xC0 || (cp >= 0x2000 && cp <= 0x206F) || cp == 0xD7 || cp == 0xF7 || cp == 0x3000) {
        return SPACE;
    }
    if (cp >= 0x0410 && cp <= 0x042F) { /* Cyrillic capitals */
        cp += 32;
    } else if (cp >= 0x0400 && cp <= 0x040F) {
        cp += 80;
    }
    if (cp == 0x0451) { /* ё is written е as often as not */
        return 0x0435;
    }
    return cp;
}

struct word {
    char *out;
    size_t n, start; /* start of the word being written */
};

static bool word_is(const struct word *w, const char *z) {
    return w->n - w->start == strlen(z) && memcmp(w->out + w->start, z, strlen(z)) == 0;
}

/* Ends the word under way: drops, expands, adds the space. False: no room. */
static bool end_word(struct word *w) {
    if (w->n == w->start) {
        return true;
    }
    if (word_is(w, "the")) {
        w->n = w->start;
        return true;
    }
    if (word_is(w, "st")) {
        if (w->n + 4 >= CDN_PLACES_FOLD_MAX) {
            return false;
        }
        memcpy(w->out + w->start, "saint", 5);
        w->n += 3;
    }
    w->out[w->n++] = ' ';
    w->start = w->n;
    return true;
}

static bool put(struct word *w, const char *p, size_t n) {
    if (w->n + n + 2 > CDN_PLACES_FOLD_MAX) {
        return false;
    }
    memcpy(w->out + w->n, p, n);
    w->n += n;
    return true;
}

static bool put_folded(struct word *w, uint32_t cp) {
    switch (cp) {
    case '&':
        return end_word(w) && put(w, "and", 3) && end_word(w);
    case 0xC6:
    case 0xE6:
        return put(w, "ae", 2);
    case 0xDF:
    case 0x1E9E:
        return put(w, "ss", 2);
    case 0xDE:
    case 0xFE:
        return put(w, "th", 2);
    case 0x152:
    case 0x153:
        return put(w, "oe", 2);
    default:
        break;
    }
    const uint32_t f = fold_one(cp);
    if (f == SPACE) {
        return end_word(w);
    }
    if (f == DROP) {
        return true;
    }
    char utf8[4];
    return put(w, utf8, cdn_utf8_encode(f, utf8));
}

size_t cdn_places_fold(cordon_str s, char ret[CDN_PLACES_FOLD_MAX]) {
    struct word w = {ret, 0, 0};
    for (size_t at = 0; at < s.n;) {
        if (!put_folded(&w, cdn_utf8_next(s, &at))) {
            return SIZE_MAX;
        }
    }
    if (!end_word(&w)) {
        return SIZE_MAX;
    }
    if (w.n > 0) {
        w.n--; /* the space after the last word */
    }
    ret[w.n] = '\0';
    return w.n;
}
