/* SPDX-License-Identifier: Apache-2.0 */
/* screen/tables.h: the section of a snapshot that makes names comparable: transliteration, look-alikes, words
 * of names, weights of letters. Read side; libc only.
 *
 * The compiler makes it (compile/translit_icu.h) from ICU and from lists of words, so that the same name
 * gives the same tokens on every machine, whatever library it has.
 *
 * All little-endian, no padding, exact size:
 *
 *   offset  bytes  field
 *        0      8  "CDNSCRN\0"
 *        8      4  version: CDN_SCREEN_TABLES_VERSION
 *       12      4  block_count
 *       16      4  pair_count
 *       20      4  word_slots, a power of two
 *       24      4  string_bytes
 *       28      4  0
 *       32     16  version of ICU that made it, NUL-padded
 *       48     16  0
 *       64         u16 index[CDN_SCREEN_INDEX]: block of code points 128*i .. 128*i+127
 *                  u32 blocks[block_count][128]: string << 14 | length << 9 | look-alike << 4 | script
 *                  struct {u32 first, second, string << 8 | length} pairs[pair_count], sorted by both
 *                  struct {u32 string; u8 length, class; u16 id} words[word_slots], open addressing by
 *                      cdn_hash(text, 0); length 0: free
 *                  i8 letters[CDN_SCREEN_LETTER_TABLES][CDN_SCREEN_LETTERS_SIZE]
 *                  char strings[string_bytes]: ASCII a-z, 0-9 and space
 *
 * look-alike: 0 none, 1..26 the Latin letter (a = 1) that this letter is drawn like. */
#ifndef CDN_SCREEN_TABLES_H
#define CDN_SCREEN_TABLES_H

#include "base/base.h"

#define CDN_SCREEN_TABLES_VERSION 1U
#define CDN_SCREEN_TABLES_MAGIC "CDNSCRN"
#define CDN_SCREEN_TABLES_HEADER 64U
#define CDN_SCREEN_CODES 0x30000U /* code points described; those above separate tokens */
#define CDN_SCREEN_INDEX (CDN_SCREEN_CODES / 128U)
#define CDN_SCREEN_STRINGS_MAX (1U << 18)
#define CDN_SCREEN_MENDABLE 384U /* words in which a slip is undone; the tables have some 230 */

/* What a code point is. */
enum cdn_screen_script {
    CDN_WRITTEN_SEPARATOR = 0,
    CDN_WRITTEN_LATIN,
    CDN_WRITTEN_DIGIT,
    CDN_WRITTEN_CYRILLIC,
    CDN_WRITTEN_ARABIC,
    CDN_WRITTEN_HEBREW,
    CDN_WRITTEN_GREEK,
    CDN_WRITTEN_CAUCASUS, /* Georgian, Armenian */
    CDN_WRITTEN_HAN,
    CDN_WRITTEN_KANA,
    CDN_WRITTEN_HANGUL,
    CDN_WRITTEN_INDIC,
    CDN_WRITTEN_OTHER,
    CDN_WRITTEN_DROPPED, /* invisible, mark of a letter, apostrophe */
    CDN_WRITTEN_COUNT
};

/* Sounds: what letters are compared as. a … z, then pairs of letters that write one sound, then digits. */
enum {
    CDN_SOUND_SH = 26,
    CDN_SOUND_CH,
    CDN_SOUND_KH,
    CDN_SOUND_ZH,
    CDN_SOUND_TH,
    CDN_SOUND_PH,
    CDN_SOUND_LETTERS = 32, /* sounds that the letter tables weigh */
    CDN_SOUND_DIGIT = 32    /* '0' … '9' are 32 … 41 */
};
/* One table per script of the other side: row x = sound of that script's transliteration, column y = sound of
 * the Latin side. Units of 1/8 nat of evidence that x and y were written for the same sound.
 *   [x * 32 + y] both; then [1024 + x] x alone; [1056 + y] y alone; [1088 + x] and [1120 + y] the best any
 *   partner gives. */
#define CDN_SCREEN_LETTER_TABLES CDN_WRITTEN_COUNT
#define CDN_SCREEN_LETTERS_SIZE (32U * 32U + 128U)

enum cdn_word_class {
    CDN_WORD_PLAIN = 0,
    CDN_WORD_LEGAL,    /* legal form; id: its class */
    CDN_WORD_TITLE,    /* Mr, Haji, General: says little */
    CDN_WORD_PARTICLE, /* al, bin, de, von */
    CDN_WORD_GENERIC,  /* bank, trading, group; id: the same word in other languages */
    CDN_WORD_STOP,     /* the, of, and */
    CDN_WORD_NICK,     /* given name with other forms; id: the forms that belong together */
    CDN_WORD_NUMBER,   /* one, II, second; id: its value */
    CDN_WORD_CLASSES,
    CDN_WORD_BEGINS = 0x80 /* flag: a phrase of several words begins so */
};

/* A view of the section's bytes, which must outlive it. */
struct cdn_screen_tables {
    const uint8_t *index, *blocks, *pairs, *words;
    const int8_t *letters;
    const char *strings;
    uint32_t block_count, pair_count, word_slots, string_bytes;
    char icu_version[16];
    /* Derived when opened, of the Latin table: half of what a sound gives with itself, and the most that its
     * half of any other alignment gives. */
    int8_t latin_same[CDN_SOUND_LETTERS], latin_other[CDN_SOUND_LETTERS];
    /* The most that sound x gives, with a partner or alone; the most that any y alone gives, 0 or more. */
    int8_t most[CDN_SCREEN_LETTER_TABLES][CDN_SOUND_LETTERS], most_alone[CDN_SCREEN_LETTER_TABLES];
    /* Likewise: the words in which a slip of the pen is undone, each once. Those of phrases, from four
     * letters on, and numbers, from five on. */
    struct cdn_screen_mendable {
        uint32_t at; /* of `strings` */
        uint32_t letters;
        uint8_t n;
        bool number;
    } mendable[CDN_SCREEN_MENDABLE];
    uint32_t mendable_count;
};
/* CORDON_E_FORMAT, CORDON_E_VERSION. Accepts any bytes; an opened table cannot be left by a look-up. */
int cdn_screen_tables_open(cordon_str bytes,
                           struct cdn_screen_tables *ret,
                           struct cordon_error *e) CORDON_MUST_CHECK;

struct cdn_screen_letter {
    cordon_str latin; /* "" when it separates or is dropped */
    uint8_t script;   /* enum cdn_screen_script */
    char look_alike;  /* 'a'..'z', 0: none */
};
struct cdn_screen_letter cdn_screen_letter_of(const struct cdn_screen_tables *t, uint32_t cp);
/* What two code points in a row give when that differs from one after the other. False: nothing special. */
bool cdn_screen_pair_of(const struct cdn_screen_tables *t, uint32_t first, uint32_t second, cordon_str *ret);
struct cdn_screen_word {
    uint8_t class; /* enum cdn_word_class, perhaps with CDN_WORD_BEGINS */
    uint16_t id;
};
bool cdn_screen_word_of(const struct cdn_screen_tables *t, cordon_str text, struct cdn_screen_word *ret);
static inline const int8_t *cdn_screen_letters_of(const struct cdn_screen_tables *t, unsigned script) {
    return t->letters + (size_t)script * CDN_SCREEN_LETTERS_SIZE;
}

#endif
