/* SPDX-License-Identifier: Apache-2.0 */
/* screen/name.h: a name as it is compared: tokens of ASCII letters, each with what kind of word it is.
 * Read side; libc only; nothing allocates.
 *
 * Always true here:
 *  1. the same bytes, kind and tables give the same name, on every machine;
 *  2. any bytes are accepted; what exceeds a bound is left out and `cut` says so, never silently;
 *  3. the work is bounded by CDN_NAME_BYTES, however long the text is. */
#ifndef CDN_SCREEN_NAME_H
#define CDN_SCREEN_NAME_H

#include "screen/tables.h"

#define CDN_NAME_BYTES 2048  /* of a text that are read: five times the longest listed name */
#define CDN_NAME_TOKENS 48   /* kept */
#define CDN_TOKEN_LETTERS 40 /* kept of a token */

enum cdn_screen_kind {
    CDN_SCREEN_ANY = 0,
    CDN_SCREEN_PERSON,
    CDN_SCREEN_ORGANIZATION,
    CDN_SCREEN_VESSEL,
};

/* What a token is in its name. */
enum cdn_token_class {
    CDN_TOKEN_PLAIN = 0,
    CDN_TOKEN_INITIAL,
    CDN_TOKEN_PARTICLE,
    CDN_TOKEN_TITLE,
    CDN_TOKEN_LEGAL,
    CDN_TOKEN_GENERIC,
    CDN_TOKEN_STOP,
    CDN_TOKEN_NUMBER,
    CDN_TOKEN_PATRONYMIC,
    CDN_TOKEN_CLASSES
};

/* The first fields are those of struct cdn_index_token (screen/index.h), so that a token of the index is
 * compared where it lies. */
struct cdn_token {
    char s[CDN_TOKEN_LETTERS];        /* a-z, 0-9 */
    uint8_t sound[CDN_TOKEN_LETTERS]; /* s as sounds (tables.h) */
    uint8_t n, sounds;
    uint8_t class;     /* enum cdn_token_class */
    uint8_t script;    /* enum cdn_screen_script of its letters */
    uint16_t id;       /* of the words that mean the same; 0: none */
    uint16_t weight;   /* what it says, 0..255 */
    uint32_t letters;  /* mask of a-z in s: unlike tokens are told apart quickly */
    uint32_t from, to; /* bytes of the text */
    bool joined;       /* stood without a space after the token before it: with a hyphen, or split from it */
    bool last;         /* the last one written */
    bool mended;       /* a slip of the pen in it was undone */
    uint8_t pad;
};

struct cdn_name {
    struct cdn_token token[CDN_NAME_TOKENS];
    uint32_t count;
    uint8_t kind; /* enum cdn_screen_kind */
    bool cut;     /* something was left out */
    bool mixed;   /* a token mixed scripts: letters that only look alike were replaced */
};

/* How rare a token is among the names of the lists. NULL: all the same. */
struct cdn_screen_weights {
    const uint8_t *slots; /* {u32 hash, u8 weight, u8[3] 0} open addressing */
    uint32_t slot_count;  /* power of two */
    uint8_t unseen;       /* weight of a token that no list has */
};

/* Reads `text`. Never fails: a text without letters gives a name without tokens. */
void cdn_name_read(const struct cdn_screen_tables *t,
                   const struct cdn_screen_weights *w,
                   cordon_str text,
                   enum cdn_screen_kind kind,
                   struct cdn_name *ret);
/* Fills sounds and letters of a token whose s and n are set. */
void cdn_token_sounds(struct cdn_token *token);
/* The key under which the forms of one word are counted together: "#" and the id. */
#define CDN_NAME_GROUP_KEY 8
cordon_str cdn_name_group_key(uint16_t id, char storage[CDN_NAME_GROUP_KEY]);
/* Rarity of letters as they are compared, 0..255. */
unsigned cdn_screen_rarity(const struct cdn_screen_weights *w, cordon_str letters);

#endif
