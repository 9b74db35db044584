/* SPDX-License-Identifier: Apache-2.0 */
/* text/text.h: folding of names and addresses by a table that travels in the snapshot. Read side.
 *
 * fold(s) = compatibility decomposition, full case folding, removal of combining marks, of invisible and of
 * bidirectional control characters, unification of dashes, quotes and spaces. The table is made by the
 * compiler (compile/fold_icu.h), so that the same bytes come out on every machine, whatever library it has.
 *
 * Always true here:
 *  1. fold(fold(s)) = fold(s); fold works code point by code point, so fold(a+b) = fold(a)+fold(b);
 *  2. both sides of a comparison go through the same table: й = и, ё = е, ї = і, ü = u, ß = ss for all;
 *  3. malformed UTF-8 becomes U+FFFD, one for each byte that cannot be read, and never fails;
 *  4. an opened table has been checked completely: a look-up cannot leave it. */
#ifndef CDN_TEXT_H
#define CDN_TEXT_H

#include "base/base.h"

#define CDN_TEXT_FOLD_MAX                                                                                    \
    18 /* code points that one code point folds to, at most (U+FDFA has the longest)                         \
        */
#define CDN_TEXT_TOKENS_MAX 64

/* A view of the section's bytes, which must outlive it. Plain values; copy freely. */
struct cdn_text {
    const uint8_t *index;  /* u16 per block of 128 code points */
    const uint8_t *blocks; /* u16 per code point of each block */
    const uint8_t *long_;  /* u32 records: length, code points */
    uint32_t block_count, long_words;
    char icu_version[16], unicode_version[16]; /* of the maker, NUL-terminated */
};
/* CORDON_E_FORMAT, CORDON_E_VERSION. Accepts any bytes. */
int cdn_text_open(cordon_str bytes, struct cdn_text *ret, struct cordon_error *e) CORDON_MUST_CHECK;

/* One code point; returns how many were written (0: dropped). cp > U+10FFFF gives U+FFFD. */
size_t cdn_text_fold_cp(const struct cdn_text *t, uint32_t cp, uint32_t ret[CDN_TEXT_FOLD_MAX]);
/* Appends the fold of `s` as UTF-8. Failure is in out->err (too long, no memory). */
void cdn_text_fold(const struct cdn_text *t, cordon_str s, struct cdn_buf *out);
/* True when both fold to the same bytes; no allocation. */
bool cdn_text_same(const struct cdn_text *t, cordon_str a, cordon_str b);

/* Tokens of *folded* text: runs of letters and digits; apostrophes inside a word must already be dropped by
 * cdn_text_words(). Slices of `folded`. Returns the number of tokens that the text has; at most
 * CDN_MIN(max, CDN_TEXT_TOKENS_MAX) are written. More than that were there when the result is greater. */
size_t cdn_text_tokens(const struct cdn_text *t, cordon_str folded, cordon_str *ret, size_t max);
/* Appends fold(s) reduced to its tokens with one space between: "Sébastopol,  CA-95472" → "sebastopol ca
 * 95472"; "O'Brien" and "O’Brien" → "obrien". This is the form to compare and to tokenise. */
void cdn_text_words(const struct cdn_text *t, cordon_str s, struct cdn_buf *out);
/* What the table says of a code point after folding. */
enum cdn_text_class {
    CDN_TEXT_OTHER = 0,  /* separates tokens */
    CDN_TEXT_WORD = 1,   /* letter, digit or number: part of a token */
    CDN_TEXT_INSIDE = 2, /* apostrophe and its like: dropped between two word characters */
};
unsigned cdn_text_class_of(const struct cdn_text *t, uint32_t cp);

#endif
