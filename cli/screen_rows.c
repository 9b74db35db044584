/* SPDX-License-Identifier: Apache-2.0 */
/* screen_rows.c: rows of a CSV file (RFC 4180; `,`, `;` or tab) or of JSON Lines, one at a time.
 *
 *  1. what cannot be read of a row is told in the row, and reading goes on with the next one;
 *  2. of a row only the columns that are used are kept, and no more than ROW_BYTES;
 *  3. every byte that was read goes into the position, so that a later run can tell that the file is the
 *     same. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "screen.h"

#define MOST_FIELDS 1024

struct reader {
    FILE *in;
    struct columns *columns;
    uint64_t size;
    struct position at;
    bool json, ended;
    char separator;
    size_t width;               /* fields of the header */
    int column_of[MOST_FIELDS]; /* field → column, -1 none */
    cordon_buffer line;         /* JSON: the line; CSV: the field at hand */
    cordon_buffer decoded;
    size_t at_byte, have;
    char bytes[65536];
};

bool append(cordon_buffer *to, const char *p, size_t n) {
    if (to->n + n > to->cap) {
        size_t cap = to->cap ? to->cap : 256;
        while (cap < to->n + n)
            cap *= 2;
        char *const more = realloc(to->p, cap);
        if (!more)
            return false;
        to->p = more;
        to->cap = cap;
    }
    if (n > 0)
        memcpy(to->p + to->n, p, n);
    to->n += n;
    return true;
}

bool append_z(cordon_buffer *to, const char *z) {
    return append(to, z, strlen(z));
}

/* ---- columns ----------------------------------------------------------------------------------------------
 */

static const struct {
    const char *name;
    const char *usual[6]; /* how such a column is usually called */
} fields[FIELDS] = {
    [FIELD_ID] = {"id", {"id", "customer_id", "customer id", "reference", NULL}},
    [FIELD_NAME] = {"name", {"name", "full_name", "full name", "fullname", NULL}},
    [FIELD_ALIAS] = {"alias", {"alias", "aliases", "names", "other_names", NULL}},
    [FIELD_TYPE] = {"type", {"type", "kind", "entity_type", NULL}},
    [FIELD_BIRTH] = {"birth", {"birth", "birth_date", "birth date", "dob", "date_of_birth", NULL}},
    [FIELD_BIRTH_PLACE] = {"birth_place", {"birth_place", "place_of_birth", "pob", NULL}},
    [FIELD_ADDRESS] = {"address", {"address", "addresses", NULL}},
    [FIELD_NATIONALITY] = {"nationality", {"nationality", "nationalities", "citizenship", NULL}},
    [FIELD_COUNTRY] = {"country", {"country", "countries", "residence", NULL}},
    [FIELD_GENDER] = {"gender", {"gender", "sex", NULL}},
    [FIELD_IDENTIFIER] = {"identifier", {"identifier", "identifiers", NULL}},
};

int field_of_name(const char *name, size_t n) {
    for (int f = 0; f < FIELDS; f++) {
        if (strlen(fields[f].name) == n && strncmp(fields[f].name, name, n) == 0)
            return f;
    }
    return -1;
}

const char *field_name(int field) {
    return fields[field].name;
}

static int add_column(struct columns *c, int field, const char *kind, const char *name, bool joined) {
    if (c->count == ROW_CELLS)
        return usage_error("screen", "--map names more than %d columns", ROW_CELLS);
    c->items[c->count++] =
        (struct column){.name = name, .kind = kind, .field = (uint8_t)field, .joined = joined, .at = -1};
    return EXIT_OK;
}

int columns_of_map(const char *map, struct columns *ret) {
    memset(ret, 0, sizeof(*ret));
    if (!map)
        return EXIT_OK;
    ret->given = true;
    ret->text = strdup(map);
    if (!ret->text)
        return EXIT_TROUBLE;
    bool named = false;
    for (char *item = ret->text; item;) {
        char *const next = strchr(item, ',');
        if (next)
            *next = '\0';
        char *const equals = strchr(item, '=');
        if (!equals || equals == item || equals[1] == '\0')
            return usage_error("screen", "--map %s: write FIELD=COLUMN, as in name=Full Name", item);
        *equals = '\0';
        const int field = field_of_name(item, strlen(item));
        named = named || field == FIELD_NAME || field < 0 || field == FIELD_IDENTIFIER;
        bool joined = false;
        for (char *name = equals + 1; name; joined = true) {
            char *const plus = strchr(name, '+');
            if (plus)
                *plus = '\0';
            /* What is no field is the kind of an identifier; the screener knows which there are. */
            const int status =
                add_column(ret, field < 0 ? FIELD_IDENTIFIER : field, field < 0 ? item : NULL, name, joined);
            if (status)
                return status;
            name = plus ? plus + 1 : NULL;
        }
        item = next ? next + 1 : NULL;
    }
    return named ? EXIT_OK
                 : usage_error("screen", "--map says neither which column is the name nor an identifier");
}

void columns_free(struct columns *c) {
    free(c->text);
    c->text = NULL;
}

static void usual_columns(struct columns *c) {
    for (int f = 0; f < FIELDS; f++) {
        for (size_t i = 0; i < 6 && fields[f].usual[i]; i++)
            (void)add_column(c, f, NULL, fields[f].usual[i], false);
    }
}

static int column_named(const struct columns *c, const char *name, size_t n) {
    for (size_t i = 0; i < c->count; i++) {
        if (strlen(c->items[i].name) == n && strncasecmp(c->items[i].name, name, n) == 0)
            return (int)i;
    }
    return -1;
}

/* ---- bytes
 * -------------------------------------------------------------------------------------------------- */

static int next_byte(struct reader *r) {
    if (r->at_byte == r->have) {
        r->have = r->ended ? 0 : fread(r->bytes, 1, sizeof(r->bytes), r->in);
        r->at_byte = 0;
        r->ended = r->have == 0;
        if (r->ended)
            return -1;
    }
    const unsigned char c = (unsigned char)r->bytes[r->at_byte++];
    r->at.offset++;
    r->at.hash = (r->at.hash ^ c) * UINT64_C(0x100000001b3); /* FNV-1a */
    return c;
}

static int look_ahead(struct reader *r) {
    if (r->at_byte == r->have) {
        r->have = r->ended ? 0 : fread(r->bytes, 1, sizeof(r->bytes), r->in);
        r->at_byte = 0;
        r->ended = r->have == 0;
    }
    return r->ended ? -1 : (unsigned char)r->bytes[r->at_byte];
}

/* ---- CSV
 * ------------------------------------------------------------------------------------------------------ */

static void bad_row(struct row *row, const char *why) {
    if (!row->error[0])
        (void)snprintf(row->error, sizeof(row->error), "%s", why);
}

/* One field into r->line. What ended it: the separator, '\n', or -1 at the end of the file. */
static int csv_field(struct reader *r, struct row *row, size_t *used, bool *memory) {
    bool quoted = false;
    bool closed = false;
    r->line.n = 0;
    for (;;) {
        const int c = next_byte(r);
        if (c < 0 && quoted && !closed)
            bad_row(row, "the file ends within a quoted field");
        if (c < 0)
            return -1;
        if (quoted && !closed) {
            if (c == '"' && look_ahead(r) == '"')
                (void)next_byte(r);
            else if (c == '"') {
                closed = true;
                continue;
            }
        } else if (c == r->separator || c == '\n') {
            return c;
        } else if (c == '\r' && look_ahead(r) == '\n') {
            continue;
        } else if (closed) {
            bad_row(row, "text after a closing quotation mark");
        } else if (c == '"' && r->line.n == 0) {
            quoted = true;
            continue;
        }
        if (++*used > ROW_BYTES)
            bad_row(row, "longer than a row may be");
        else if (*memory)
            *memory = append(&r->line, &(char){(char)c}, 1);
    }
}

static int csv_row(struct reader *r, struct row *row, cordon_buffer *text) {
    size_t used = 0;
    size_t n = 0;
    bool memory = true;
    int end = r->separator;
    if (look_ahead(r) < 0)
        return 0;
    for (; end == r->separator; n++) {
        end = csv_field(r, row, &used, &memory);
        const int column = n < r->width ? r->column_of[n] : -1;
        if (column >= 0 && memory) {
            row->cells[column] = (struct cell){text->n, r->line.n};
            memory = append(text, r->line.p ? r->line.p : "", r->line.n);
        }
    }
    if (n == 1 && used == 0 && r->width > 1)
        return 2; /* an empty line is no row */
    if (n != r->width && !row->error[0])
        (void)snprintf(row->error, sizeof(row->error), "%zu fields; the header has %zu", n, r->width);
    return memory ? 1 : -1;
}

/* The separator is the one of the three that the header has most of. */
static int csv_header(struct reader *r) {
    cordon_buffer head = {0};
    int c = 0;
    size_t counts[3] = {0};
    static const char separators[] = ",;\t";
    while ((c = next_byte(r)) >= 0 && c != '\n' && head.n < ROW_BYTES) {
        const char *const at = c ? strchr(separators, c) : NULL;
        counts[at && *at ? at - separators : 0] += at && *at;
        if (!append(&head, &(char){(char)c}, 1))
            return EXIT_TROUBLE;
    }
    size_t best = 0;
    for (size_t i = 1; i < 3; i++)
        best = counts[i] > counts[best] ? i : best;
    r->separator = separators[best];
    size_t at = head.n >= 3 && memcmp(head.p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (at <= head.n && head.n > 0) {
        const char *const from = head.p + at;
        const char *const sep = memchr(from, r->separator, head.n - at);
        size_t n = sep ? (size_t)(sep - from) : head.n - at;
        at += n + 1;
        const char *name = from;
        while (n > 0 && (name[n - 1] == '\r' || name[n - 1] == ' ' || name[n - 1] == '"'))
            n--;
        while (n > 0 && (*name == ' ' || *name == '"')) {
            name++;
            n--;
        }
        if (r->width == MOST_FIELDS) {
            cordon_buffer_free(&head);
            return usage_error("screen", "the header has more than %d columns", MOST_FIELDS);
        }
        const int column = column_named(r->columns, name, n);
        r->column_of[r->width++] = column;
        if (column >= 0)
            r->columns->items[column].found = true;
    }
    cordon_buffer_free(&head);
    return EXIT_OK;
}

static int check_header(const struct columns *c, const char *path) {
    bool any = false;
    for (size_t i = 0; i < c->count; i++) {
        if (c->given && !c->items[i].found)
            return usage_error("screen", "%s has no column `%s`", path, c->items[i].name);
        any = any || (c->items[i].found &&
                      (c->items[i].field == FIELD_NAME || c->items[i].field == FIELD_IDENTIFIER));
    }
    return any ? EXIT_OK
               : usage_error("screen",
                             "%s has no column that is called name; say which one is: --map name=COLUMN",
                             path);
}

/* ---- JSON Lines
 * ------------------------------------------------------------------------------------------------- */

struct members {
    struct reader *r;
    struct row *row;
};

static bool take_member(void *ctx, cordon_str name, size_t at, size_t n, bool first) {
    struct members *const m = ctx;
    const int column = column_named(m->r->columns, name.p, name.n);
    if (column < 0)
        return true;
    struct cell *const cell = &m->row->cells[column];
    if (first) {
        *cell = (struct cell){at, n};
        return true;
    }
    /* Items of one array lie one after the other, with the separator between. */
    cell->n = at + n - cell->at;
    return true;
}

static int json_row(struct reader *r, struct row *row, cordon_buffer *text) {
    int c = 0;
    bool memory = true;
    r->line.n = 0;
    if (look_ahead(r) < 0)
        return 0;
    while ((c = next_byte(r)) >= 0 && c != '\n') {
        if (r->line.n >= ROW_BYTES)
            bad_row(row, "longer than a row may be");
        else if (memory)
            memory = append(&r->line, &(char){(char)c}, 1);
    }
    const cordon_str line = {r->line.p ? r->line.p : "", r->line.n};
    size_t blank = 0;
    while (blank < line.n && (line.p[blank] == ' ' || line.p[blank] == '\t' || line.p[blank] == '\r'))
        blank++;
    if (blank == line.n)
        return memory ? 2 : -1;
    if (row->error[0] || !memory)
        return memory ? 1 : -1;
    struct members m = {r, row};
    const size_t before = text->n;
    const char *const why = json_object(line, text, take_member, &m);
    if (why) {
        bad_row(row, why);
        memset(row->cells, 0, sizeof(row->cells));
        text->n = before;
    }
    return 1;
}

/* ---- both
 * ---------------------------------------------------------------------------------------------------------
 */

int reader_open(const char *path, const char *format, struct columns *columns, struct reader **ret) {
    struct reader *const r = calloc(1, sizeof(*r));
    struct stat st;
    if (!r)
        return EXIT_TROUBLE;
    *ret = r;
    r->columns = columns;
    r->at.hash = UINT64_C(0xcbf29ce484222325);
    const bool standard = !path || strcmp(path, "-") == 0;
    r->in = standard ? stdin : fopen(path, "rbe");
    if (!r->in) {
        (void)fprintf(stderr, "cordon screen: %s: %s\n", path, strerror(errno));
        return EXIT_INPUT;
    }
    r->size = fstat(fileno(r->in), &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
    const int first = look_ahead(r);
    if (first < 0) {
        (void)fprintf(stderr,
                      "cordon screen: %s: %s\n",
                      standard ? "standard input" : path,
                      ferror(r->in) ? strerror(errno) : "the file is empty");
        return EXIT_INPUT;
    }
    if (format && strcmp(format, "csv") != 0 && strcmp(format, "jsonl") != 0)
        return usage_error("screen", "--input is csv or jsonl");
    r->json = format ? format[0] == 'j' : first == '{';
    if (!columns->given)
        usual_columns(columns);
    if (r->json)
        return EXIT_OK;
    const int status = csv_header(r);
    return status ? status : check_header(columns, standard ? "standard input" : path);
}

void reader_close(struct reader *r) {
    if (!r)
        return;
    if (r->in && r->in != stdin)
        (void)fclose(r->in);
    free(r->line.p);
    free(r);
}

bool reader_skip(struct reader *r, const struct position *to) {
    while (r->at.offset < to->offset) {
        if (next_byte(r) < 0)
            return false;
    }
    r->at.number = to->number;
    return r->at.offset == to->offset && r->at.hash == to->hash;
}

int reader_next(struct reader *r, struct row *ret, cordon_buffer *text, cordon_error *e) {
    for (;;) {
        memset(ret, 0, sizeof(*ret));
        ret->separator = r->json ? '\x1f' : '|';
        const size_t before = text->n;
        const int got = r->json ? json_row(r, ret, text) : csv_row(r, ret, text);
        if (got == 2)
            continue;
        if (got == 0 && ferror(r->in)) {
            e->code = CORDON_E_IO;
            (void)snprintf(e->message, sizeof(e->message), "%s", strerror(errno));
            return -1;
        }
        if (got < 0) {
            e->code = CORDON_E_NOMEM;
            return -1;
        }
        if (got == 1) {
            ret->number = ++r->at.number;
            const cordon_str all = {text->p ? text->p + before : "", text->n - before};
            if (!utf8_valid(all)) {
                bad_row(ret, "not UTF-8, or with a NUL byte in it");
                for (size_t i = 0; i < ROW_CELLS; i++) { /* what comes back is text all the same */
                    if (!utf8_valid((cordon_str){text->p + ret->cells[i].at, ret->cells[i].n}))
                        ret->cells[i].n = 0;
                }
            }
        }
        return got;
    }
}

struct position reader_position(const struct reader *r) {
    return r->at;
}

uint64_t reader_size(const struct reader *r) {
    return r->size;
}
