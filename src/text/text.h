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

/* The section: a header of 64 bytes and four arrays, all little-endian, without padding; its size is exact.
 *
 *   offset  bytes  field
 *        0      8  "CDNFOLD\0"
 *        8      4  version of this format: CDN_TEXT_VERSION
 *       12      4  index_count = 0x110000 / 128
 *       16      4  block_count, at most index_count
 *       20      4  entry_count, at most CDN_TEXT_ENTRIES_MAX
 *       24      4  word_count
 *       28      4  0
 *       32     16  version of ICU that made it, NUL-padded
 *       48     16  version of Unicode, NUL-padded
 *       64         u16 index[index_count]: which block describes code points 128*i .. 128*i+127
 *                  u16 blocks[block_count][128]: class << 14 | id
 *                      id 0: folds to itself; 1: dropped; 2: Hangul syllable (by arithmetic); else entry id -
 * 3 u32 entries[entry_count]: length << 27 | code point (length 1) or offset in words (2..18) u32
 * words[word_count]: code points of the longer folds
 *
 * Whatever an entry yields folds to itself: cdn_text_open() checks that, so folding twice changes nothing. */
#define CDN_TEXT_VERSION 1U
#define CDN_TEXT_MAGIC "CDNFOLD"
#define CDN_TEXT_HEADER 64U
#define CDN_TEXT_BLOCK 128U
#define CDN_TEXT_INDEX_COUNT (0x110000U / CDN_TEXT_BLOCK)
#define CDN_TEXT_ENTRIES_MAX (0x4000U - 3U)
enum { CDN_TEXT_ID_SAME = 0, CDN_TEXT_ID_DROP = 1, CDN_TEXT_ID_HANGUL = 2, CDN_TEXT_ID_ENTRY = 3 };

/* A view of the section's bytes, which must outlive it. Plain values; copy freely, share between threads. */
struct cdn_text {
    const uint8_t *index, *blocks, *entries, *words;
    uint32_t block_count, entry_count, word_count;
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
