/* SPDX-License-Identifier: Apache-2.0 */
/* schema_priv.h: the table of what a request may contain: one row per member.
 *
 * The reader, the writer of requests, the JSON Schema and docs/request.md all walk this table, so that none
 * of them can know a member that the others do not. */
#ifndef CDN_JSON_SCHEMA_PRIV_H
#define CDN_JSON_SCHEMA_PRIV_H

#include "model/request.h"

enum cdn_op { /* how a member is read and written; `at` is where its value is in the struct */
              CDN_OP_TEXT = 1,      /* cordon_str, at most `max` bytes */
              CDN_OP_HASHED,        /* cordon_str, and its hash at `have_at` */
              CDN_OP_WORD,          /* uint8_t: index in the word table `arg` */
              CDN_OP_WHEN,          /* struct cdn_when; enum cdn_have at `have_at` */
              CDN_OP_SEEN,          /* struct cdn_when; bool at `have_at` */
              CDN_OP_INSTANT,       /* int64_t; enum cdn_have at `have_at` */
              CDN_OP_DECIMAL,       /* struct cdn_decimal, 0 … max; enum cdn_have at `have_at` */
              CDN_OP_AMOUNT,        /* struct cdn_decimal */
              CDN_OP_CURRENCY,      /* char[4] */
              CDN_OP_SCORE,         /* uint16_t, 0 … max */
              CDN_OP_BOOL,          /* bool */
              CDN_OP_LISTED,        /* uint8_t cordon_truth: true, false, null for a possible match */
              CDN_OP_COUNTRY,       /* uint16_t packed */
              CDN_OP_DEGREES,       /* int32_t, 1e-6 degrees, -max … max */
              CDN_OP_PARTY,         /* int32_t index into parties */
              CDN_OP_PARTY_OR_NAME, /* the same, or a text to the cordon_str at `have_at` */
              CDN_OP_IIN,           /* first digits of a card */
              CDN_OP_MONEY,         /* struct cdn_money, shape MONEY */
              CDN_OP_FACT,          /* const struct cdn_value *, of fact `arg` */
              CDN_OP_GIVEN,         /* facts of the rulebook: pointer, count at `count_at` */
              CDN_OP_LIST,    /* pointer to elements of shape `arg`; count at `count_at`, have at `have_at` or
                                 none */
              CDN_OP_EVIDENCE /* the value of a piece of evidence, by its kind */
};
enum {
    CDN_FIELD_REQUIRED = 1,
    CDN_FIELD_NULL = 2 /* null is allowed */,
    CDN_FIELD_NA = 4 /* "not_applicable", too */
};
#define CDN_NO_MEMBER UINT16_MAX

struct cdn_field {
    const char *name, *title;
    uint8_t n, op, flags;
    uint8_t only; /* objects: the kind that has this member; 0: all */
    uint16_t at, have_at, count_at, arg;
    uint32_t max;
};

enum cdn_shape_id {
    CDN_SHAPE_REQUEST,
    CDN_SHAPE_PARTY,
    CDN_SHAPE_OBJECT,
    CDN_SHAPE_EVIDENCE,
    CDN_SHAPE_IDENTIFIER,
    CDN_SHAPE_RELATION,
    CDN_SHAPE_OWNERSHIP,
    CDN_SHAPE_LISTED,
    CDN_SHAPE_STATE,
    CDN_SHAPE_MONEY,
    CDN_SHAPE_ADDRESS,  /* struct cdn_address */
    CDN_SHAPE_IP_PLACE, /* the following: struct cdn_evidence */
    CDN_SHAPE_TAX,
    CDN_SHAPE_CARD,
    CDN_SHAPE_POINT,
    CDN_SHAPE_COUNT
};
struct cdn_shape {
    const char *name, *title;
    const struct cdn_field *fields;
    uint8_t count;
    uint8_t first;    /* elements for which a list of these makes room at first */
    uint8_t required; /* behind so many members none is required (a test compares) */
    uint16_t size;
    uint16_t kind_at; /* member that decides about others (`only`, the form of `value`), else CDN_NO_MEMBER */
};
extern const struct cdn_shape cdn_shapes[CDN_SHAPE_COUNT];

enum cdn_word_table {
    CDN_WORDS_ROLE,
    CDN_WORDS_OBJECT,
    CDN_WORDS_EVIDENCE,
    CDN_WORDS_STATE,
    CDN_WORDS_COUNT
};
struct cdn_words {
    const char *what; /* "role" */
    unsigned count;   /* indexes are 1 … count-1 */
    const struct cdn_word_text {
        const char *text, *title;
        uint8_t n;
    } * words;
};
extern const struct cdn_words cdn_word_tables[CDN_WORDS_COUNT];

static inline unsigned cdn_word_find(unsigned table, cordon_str name) {
    const struct cdn_words *t = &cdn_word_tables[table];
    for (unsigned i = 1; i < t->count; i++) {
        if (t->words[i].n == name.n && cdn_same(t->words[i].text, name.p, name.n))
            return i;
    }
    return 0;
}

#endif
