/* SPDX-License-Identifier: Apache-2.0 */
/* model.c: the words and the table of fields of the canonical model; copying and comparing by that table.
 *
 *  1. fields of a record stand in the order of their names (a test demands it): JSON has them so;
 *  2. a word's number is its place in its table; number 0 is what absent means, and is not written. */
#include "lists/model.h"

/* ---- words ------------------------------------------------------------------------------------------- */

static const char *const entry_types[] = {CDN_LISTED_TYPES(CDN_LISTED_WORD, CDN_ENTRY_)};
static const char *const genders[] = {"", "male", "female", "other"};
static const char *const name_kinds[] = {CDN_LISTED_NAME_KINDS(CDN_LISTED_WORD, CDN_NAME_)};
static const char *const part_kinds[] = {"other",
                                         "given",
                                         "middle",
                                         "family",
                                         "patronymic",
                                         "matronymic",
                                         "maiden",
                                         "father",
                                         "grandfather",
                                         "nickname",
                                         "title",
                                         "suffix",
                                         "whole"};
static const char *const scripts[] = {CDN_LISTED_SCRIPTS(CDN_LISTED_WORD, CDN_SCRIPT_)};
static const char *const ident_kinds[] = {CDN_LISTED_IDENT_KINDS(CDN_LISTED_WORD, CDN_IDENT_)};
static const char *const measure_kinds[] = {CDN_LISTED_MEASURES(CDN_LISTED_WORD, CDN_LISTED_)};
static const char *const relation_kinds[] = {CDN_LISTED_RELATIONS(CDN_LISTED_WORD, CDN_LINK_)};
static const char *const nationality_kinds[] = {"nationality", "citizenship", "flag", "former-flag"};
static const char *const note_kinds[] = {"remark", "title", "position", "reason", "detail"};
static const char *const formats[] = {"unknown",
                                      "ofac-flat",
                                      "ofac-xml",
                                      "ofac-advanced",
                                      "ofac-enhanced",
                                      "eu-xml",
                                      "eu-csv",
                                      "un-xml",
                                      "uk-xml",
                                      "uk-csv",
                                      "uk-conlist",
                                      "ch-xml",
                                      "us-csl",
                                      "house-csv",
                                      "house-jsonl"};

#define WORD(table, v) ((v) < CDN_ARRAY_LEN(table) ? (table)[v] : NULL)

const char *cdn_entry_type_name(unsigned v) {
    return WORD(entry_types, v);
}
const char *cdn_name_kind_name(unsigned v) {
    return WORD(name_kinds, v);
}
const char *cdn_script_name(unsigned v) {
    return WORD(scripts, v);
}
const char *cdn_ident_kind_name(unsigned v) {
    return WORD(ident_kinds, v);
}
const char *cdn_measure_kind_name(unsigned v) {
    return WORD(measure_kinds, v);
}
const char *cdn_list_relation_kind_name(unsigned v) {
    return WORD(relation_kinds, v);
}
const char *cdn_list_format_name(unsigned v) {
    return WORD(formats, v);
}

/* ---- fields ------------------------------------------------------------------------------------------ */

#define FIELD(st, member, json, kind)                                                                        \
    { .name = (json), .offset = offsetof(struct st, member), .type = (kind) }
#define TEXT(st, member) FIELD(st, member, #member, CDN_LFIELD_TEXT)
#define TEXTS(st, member) FIELD(st, member, #member, CDN_LFIELD_TEXTS)
#define FLAG(st, member) FIELD(st, member, #member, CDN_LFIELD_FLAG)
#define SPAN(st, member) FIELD(st, member, #member, CDN_LFIELD_DATES)
#define COUNTRY(st) FIELD(st, country, "country", CDN_LFIELD_COUNTRY)
#define WORDS(st, member, table)                                                                             \
    {                                                                                                        \
        .name = #member, .offset = offsetof(struct st, member), .type = CDN_LFIELD_WORD, .words = (table),   \
        .word_count = CDN_ARRAY_LEN(table)                                                                   \
    }
#define RECORDS(st, member, of)                                                                              \
    { .name = #member, .offset = offsetof(struct st, member), .type = CDN_LFIELD_RECORDS, .record = &(of) }
#define RECORD(st, table)                                                                                    \
    { .size = sizeof(struct st), .count = CDN_ARRAY_LEN(table), .fields = (table) }

static const struct cdn_list_field part_fields[] = {
    WORDS(cdn_name_part, kind, part_kinds),
    TEXT(cdn_name_part, text),
};
static const struct cdn_list_record part_record = RECORD(cdn_name_part, part_fields);

static const struct cdn_list_field name_fields[] = {
    TEXT(cdn_list_name, full),
    FIELD(cdn_list_name, group, "group", CDN_LFIELD_NUMBER),
    WORDS(cdn_list_name, kind, name_kinds),
    TEXT(cdn_list_name, language),
    FLAG(cdn_list_name, low),
    TEXT(cdn_list_name, note),
    RECORDS(cdn_list_name, parts, part_record),
    WORDS(cdn_list_name, script, scripts),
};
static const struct cdn_list_record name_record = RECORD(cdn_list_name, name_fields);

static const struct cdn_list_field birth_fields[] = {
    SPAN(cdn_list_birth, date),
    TEXT(cdn_list_birth, text),
};
static const struct cdn_list_record birth_record = RECORD(cdn_list_birth, birth_fields);

static const struct cdn_list_field place_fields[] = {
    TEXT(cdn_list_place, city),
    COUNTRY(cdn_list_place),
    TEXT(cdn_list_place, country_text),
    TEXT(cdn_list_place, note),
    TEXT(cdn_list_place, postal_code),
    TEXT(cdn_list_place, region),
    TEXT(cdn_list_place, text),
};
static const struct cdn_list_record place_record = RECORD(cdn_list_place, place_fields);

static const struct cdn_list_field nationality_fields[] = {
    COUNTRY(cdn_list_nationality),
    WORDS(cdn_list_nationality, kind, nationality_kinds),
    TEXT(cdn_list_nationality, text),
};
static const struct cdn_list_record nationality_record = RECORD(cdn_list_nationality, nationality_fields);

static const struct cdn_list_field ident_fields[] = {
    COUNTRY(cdn_list_ident),
    TEXT(cdn_list_ident, country_text),
    TEXT(cdn_list_ident, currency),
    SPAN(cdn_list_ident, expires),
    FLAG(cdn_list_ident, invalid),
    SPAN(cdn_list_ident, issued),
    WORDS(cdn_list_ident, kind, ident_kinds),
    TEXT(cdn_list_ident, note),
    TEXT(cdn_list_ident, type),
    TEXT(cdn_list_ident, value),
};
static const struct cdn_list_record ident_record = RECORD(cdn_list_ident, ident_fields);

static const struct cdn_list_field measure_fields[] = {
    WORDS(cdn_list_measure, kind, measure_kinds),
    TEXT(cdn_list_measure, text),
};
static const struct cdn_list_record measure_record = RECORD(cdn_list_measure, measure_fields);

static const struct cdn_list_field relation_fields[] = {
    FLAG(cdn_list_relation, former),
    WORDS(cdn_list_relation, kind, relation_kinds),
    TEXT(cdn_list_relation, name),
    FIELD(cdn_list_relation, percent, "percent", CDN_LFIELD_PERCENT),
    TEXT(cdn_list_relation, target),
    TEXT(cdn_list_relation, text),
};
static const struct cdn_list_record relation_record = RECORD(cdn_list_relation, relation_fields);

static const struct cdn_list_field note_fields[] = {
    WORDS(cdn_list_note, kind, note_kinds),
    TEXT(cdn_list_note, label),
    TEXT(cdn_list_note, text),
};
static const struct cdn_list_record note_record = RECORD(cdn_list_note, note_fields);

static const struct cdn_list_field entry_fields[] = {
    RECORDS(cdn_list_entry, addresses, place_record),
    RECORDS(cdn_list_entry, birth_places, place_record),
    RECORDS(cdn_list_entry, births, birth_record),
    {.name = "first_seen",
     .offset = offsetof(struct cdn_list_entry, first_seen),
     .type = CDN_LFIELD_DATES,
     .source = true},
    WORDS(cdn_list_entry, gender, genders),
    TEXT(cdn_list_entry, id),
    RECORDS(cdn_list_entry, identifiers, ident_record),
    SPAN(cdn_list_entry, listed),
    RECORDS(cdn_list_entry, measures, measure_record),
    RECORDS(cdn_list_entry, names, name_record),
    RECORDS(cdn_list_entry, nationalities, nationality_record),
    RECORDS(cdn_list_entry, notes, note_record),
    TEXTS(cdn_list_entry, programmes),
    TEXTS(cdn_list_entry, references),
    RECORDS(cdn_list_entry, relations, relation_record),
    SPAN(cdn_list_entry, removed),
    {.name = "source_byte",
     .offset = offsetof(struct cdn_list_entry, source_byte),
     .type = CDN_LFIELD_LARGE,
     .source = true},
    {.name = "source_line",
     .offset = offsetof(struct cdn_list_entry, source_line),
     .type = CDN_LFIELD_NUMBER,
     .source = true},
    TEXT(cdn_list_entry, sub_list),
    WORDS(cdn_list_entry, type, entry_types),
    SPAN(cdn_list_entry, until),
    SPAN(cdn_list_entry, updated),
};
const struct cdn_list_record cdn_list_entry_record = RECORD(cdn_list_entry, entry_fields);

/* ---- arrays, copies, comparison ----------------------------------------------------------------------- */

void *cdn_many_add(struct cdn_arena *arena, void *many, size_t item_size, uint32_t limit) {
    struct cdn_many *const m = many;
    if (m->n >= limit) {
        return NULL;
    }
    if (m->n == m->cap) {
        const uint32_t cap = m->cap == 0 ? 4 : m->cap * 2;
        void *const p = cdn_arena_take(arena, (size_t)cap * item_size);
        if (p == NULL) {
            return NULL;
        }
        if (m->n > 0) {
            memcpy(p, m->p, m->n * item_size);
        }
        m->p = p;
        m->cap = cap;
    }
    void *const item = (char *)m->p + m->n * item_size;
    memset(item, 0, item_size);
    m->n++;
    return item;
}

static int copy_texts(struct cdn_arena *arena, struct cdn_many *m) {
    if (m->n == 0) {
        *m = (struct cdn_many){NULL, 0, 0};
        return 0;
    }
    cordon_str *const p = cdn_arena_take(arena, m->n * sizeof *p);
    if (p == NULL) {
        return CORDON_E_NOMEM;
    }
    for (uint32_t i = 0; i < m->n; i++) {
        const int err = cdn_arena_str(arena, ((const cordon_str *)m->p)[i], &p[i]);
        if (err != 0) {
            return err;
        }
    }
    *m = (struct cdn_many){p, m->n, m->n};
    return 0;
}

/* `to` holds the bytes of the original: replaces what points elsewhere. Records nest three deep. */
static int copy_deep(struct cdn_arena *arena,
                     const struct cdn_list_record *record,
                     void *to,
                     unsigned depth) {
    for (uint32_t f = 0; f < record->count; f++) {
        const struct cdn_list_field *const field = &record->fields[f];
        void *const at = (char *)to + field->offset;
        int err = 0;
        if (field->type == CDN_LFIELD_TEXT) {
            cordon_str *const s = at;
            err = s->n == 0 ? 0 : cdn_arena_str(arena, *s, s);
            if (s->n == 0) {
                s->p = NULL;
            }
        } else if (field->type == CDN_LFIELD_TEXTS) {
            err = copy_texts(arena, at);
        } else if (field->type == CDN_LFIELD_RECORDS) {
            struct cdn_many *const m = at;
            const size_t size = field->record->size;
            char *const p = m->n == 0 ? NULL : cdn_arena_take(arena, m->n * size);
            if (m->n > 0 && p == NULL) {
                return CORDON_E_NOMEM;
            }
            if (p != NULL) {
                memcpy(p, m->p, m->n * size);
            }
            *m = (struct cdn_many){p, m->n, m->n};
            for (uint32_t i = 0; depth > 0 && i < m->n && err == 0; i++) {
                err = copy_deep(arena, field->record, p + i * size, depth - 1);
            }
        }
        if (err != 0) {
            return err;
        }
    }
    return 0;
}

int cdn_list_entry_copy(struct cdn_arena *arena,
                        const struct cdn_list_entry *from,
                        struct cdn_list_entry *to) {
    struct cdn_list_entry copy = *from;
    const int err = copy_deep(arena, &cdn_list_entry_record, &copy, 3);
    if (err == 0) {
        *to = copy;
    }
    return err;
}

static bool span_equal(const struct cdn_dates *a, const struct cdn_dates *b) {
    return a->known == b->known &&
           (!a->known || (a->from == b->from && a->to == b->to && a->circa == b->circa));
}

static bool many_equal(const struct cdn_list_field *field,
                       const struct cdn_many *a,
                       const struct cdn_many *b) {
    if (a->n != b->n) {
        return false;
    }
    for (uint32_t i = 0; i < a->n; i++) {
        if (field->type == CDN_LFIELD_TEXTS) {
            if (!cdn_str_eq(((const cordon_str *)a->p)[i], ((const cordon_str *)b->p)[i])) {
                return false;
            }
        } else if (!cdn_list_record_equal(field->record,
                                          (const char *)a->p + (size_t)i * field->record->size,
                                          (const char *)b->p + (size_t)i * field->record->size)) {
            return false;
        }
    }
    return true;
}

static size_t plain_size(uint8_t type) {
    switch ((enum cdn_list_field_type)type) {
    case CDN_LFIELD_WORD:
    case CDN_LFIELD_FLAG:
        return 1;
    case CDN_LFIELD_COUNTRY:
        return sizeof(uint16_t);
    case CDN_LFIELD_NUMBER:
    case CDN_LFIELD_PERCENT:
        return sizeof(uint32_t);
    case CDN_LFIELD_LARGE:
        return sizeof(uint64_t);
    case CDN_LFIELD_TEXT:
    case CDN_LFIELD_DATES:
    case CDN_LFIELD_TEXTS:
    case CDN_LFIELD_RECORDS:
        break;
    }
    return 0;
}

bool cdn_list_record_equal(const struct cdn_list_record *record, const void *a, const void *b) {
    for (uint32_t f = 0; f < record->count; f++) {
        const struct cdn_list_field *const field = &record->fields[f];
        const void *const x = (const char *)a + field->offset;
        const void *const y = (const char *)b + field->offset;
        bool same = field->source;
        if (!same && field->type == CDN_LFIELD_TEXT) {
            same = cdn_str_eq(*(const cordon_str *)x, *(const cordon_str *)y);
        } else if (!same && field->type == CDN_LFIELD_DATES) {
            same = span_equal(x, y);
        } else if (!same && field->type >= CDN_LFIELD_TEXTS) {
            same = many_equal(field, x, y);
        } else if (!same) {
            same = memcmp(x, y, plain_size(field->type)) == 0;
        }
        if (!same) {
            return false;
        }
    }
    return true;
}
