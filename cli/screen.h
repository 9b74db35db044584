/* SPDX-License-Identifier: Apache-2.0 */
/* screen.h: what `cordon screen` and `cordon explain-match` are made of.
 *
 *   bytes of a file ─► rows (screen_rows.c) ─► parties (screen_party.c) ─► results (screen_out.c)
 *                       one thread               many threads, block by block, written in order
 * (screen_job.c)
 *
 *  1. memory does not grow with the file: a ring of blocks of rows;
 *  2. the same file, snapshot, instant and options give the same bytes, however many threads there are and
 *     however often the work was interrupted;
 *  3. a row that cannot be screened is answered with why, and counted: nobody is passed over in silence. */
#ifndef CORDON_CLI_SCREEN_H
#define CORDON_CLI_SCREEN_H

#include "cli.h"
#include <cordon/screen.h>

/* ---- rows: columns of a CSV file, members of JSON Lines --------------------------------------------------
 */

#define ROW_CELLS 48            /* columns that are used */
#define ROW_BYTES (1024 * 1024) /* of one row; what is longer cannot be screened */
#define ROW_ERROR 160

/* What a column means. */
enum field {
    FIELD_ID, /* the caller's own; comes back with the result */
    FIELD_NAME,
    FIELD_ALIAS,
    FIELD_TYPE,
    FIELD_BIRTH,
    FIELD_BIRTH_PLACE,
    FIELD_ADDRESS,
    FIELD_NATIONALITY,
    FIELD_COUNTRY,
    FIELD_GENDER,
    FIELD_IDENTIFIER, /* "kind:country:value"; or `kind` of the column says it */
    FIELDS
};
struct column {
    const char *name; /* in the header, ASCII case aside; or of the JSON member */
    const char *kind; /* of an identifier; NULL: stands in the value */
    uint8_t field;    /* enum field */
    bool joined;      /* a part of the same text as the column before it: first+last */
    bool found;       /* in this file */
    int at;           /* field of the record; CSV */
};
struct columns {
    struct column items[ROW_CELLS];
    size_t count;
    bool given; /* by --map; otherwise the usual names are looked for */
    char *text; /* what the names point into */
};
/* "name=first+last,birth=dob,tax=INN". An exit status. */
int columns_of_map(const char *map, struct columns *ret);
void columns_free(struct columns *c);

struct cell {
    size_t at, n; /* in the block's text */
};
struct row {
    struct cell cells[ROW_CELLS]; /* by number of the column; empty: absent */
    uint64_t number;              /* from 1, without the header */
    char error[ROW_ERROR];        /* "": it could be read */
    char separator;               /* between several values of one cell */
};

struct reader; /* of rows */
struct position {
    uint64_t offset, hash, number; /* bytes before the next row, what they were, rows */
};
/* format: "csv", "jsonl" or NULL: by the first byte. NULL path or "-": standard input. An exit status. */
int reader_open(const char *path, const char *format, struct columns *columns, struct reader **ret);
void reader_close(struct reader *r);
/* Passes over what was done before. False: it is not the file that it was. */
bool reader_skip(struct reader *r, const struct position *to);
/* The next row, its texts appended to `text`. 0: none; 1; -1: no memory or the file cannot be read (*e). */
int reader_next(struct reader *r, struct row *ret, cordon_buffer *text, cordon_error *e);
struct position reader_position(const struct reader *r);
uint64_t reader_size(const struct reader *r); /* 0: not known */
bool append(cordon_buffer *to, const char *p, size_t n);
bool append_z(cordon_buffer *to, const char *z);

/* ---- parties
 * ------------------------------------------------------------------------------------------------ */

#define PARTY_VALUES 64
struct party {
    cordon_screen_party party;
    cordon_str id, name;
    cordon_str texts[FIELDS][PARTY_VALUES]; /* by field */
    size_t counts[FIELDS];
    cordon_screen_identifier identifiers[PARTY_VALUES];
    cordon_buffer joined; /* texts that were put together */
    bool too_many;
};
void party_clear(struct party *p);
void party_free(struct party *p);
/* One text, or several with `separator` between (0: one). */
void party_add(struct party *p, enum field field, const char *kind, cordon_str text, char separator);
void party_of_row(struct party *p, const struct columns *columns, const struct row *row, const char *text);
/* {"name":…,"names":[…],"birth":…}: the names of columns as members. An error text, or NULL. */
const char *party_of_json(struct party *p, cordon_str text, cordon_buffer *storage);
void party_finish(struct party *p);            /* what points where */
int field_of_name(const char *name, size_t n); /* "birth" → FIELD_BIRTH; -1: none */
const char *field_name(int field);

/* One JSON object: calls `member` for each scalar member, and for each scalar item of an array member. An
 * error text, or NULL. Strings are decoded into `storage`, to which `at` and `n` refer. */
typedef bool (*json_member_fn)(void *ctx, cordon_str name, size_t at, size_t n, bool first);
const char *json_object(cordon_str text, cordon_buffer *storage, json_member_fn member, void *ctx);
bool utf8_valid(cordon_str s);

/* ---- results
 * -------------------------------------------------------------------------------------------------- */

enum out_format { OUT_TEXT, OUT_JSON, OUT_CSV };
struct answer_of {
    uint64_t row; /* 0: not of a file */
    cordon_str id, name;
    cordon_screen_result result;
    const char *error; /* NULL: screened */
    bool explain, all;
    const char *snapshot; /* digest, of the rows of a file */
    const char *as_of;    /* JSON: the lists, of names; NULL: left out */
};
/* Appends it; false: no memory. */
bool answer_write(cordon_buffer *out, enum out_format f, cordon_screener *s, const struct answer_of *a);
extern const char answer_csv_head[];
/* screen_as_of.c: the lists that are asked, with date, digest and count. */
bool as_of_json(cordon_buffer *out, const cordon_snapshot *s, const cordon_screen_options *o);
bool as_of_text(cordon_buffer *out, const cordon_snapshot *s, const cordon_screen_options *o);
const char *screen_verdict_name(int verdict); /* "no", "possible", "sure" */
bool put_json(cordon_buffer *out, cordon_str s);

/* ---- a whole file
 * ---------------------------------------------------------------------------------------------- */

struct screen_job {
    cordon_snapshot *snapshot;
    cordon_screen_options options;
    struct columns *columns;
    const char *input, *input_format;
    const char *output; /* NULL: standard output */
    enum out_format format;
    size_t threads;
    bool resume, all, explain, quiet, has_at;
    uint64_t options_hash; /* what else the bytes of the output depend on */
};
int screen_job_run(struct screen_job *job); /* an exit status */

#endif
