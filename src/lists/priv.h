/* SPDX-License-Identifier: Apache-2.0 */
/* priv.h: what the readers of this room share: the state of one reading, and how an entry is put together.
 *
 * Start here to add a format: write a file that fills entries with cdn_rd_…, as an XML table (xml_priv.h) or
 * over CSV records (csv_priv.h), declare it at the end of this header, and give it a row in detect.c and
 * read.c.
 *
 *  1. the first failure is kept in r->err; everything called after it does nothing;
 *  2. the text handed to cdn_rd_… is borrowed for the call; what is kept is a cleaned copy (model.h, rule 1);
 *  3. adding the same thing twice to an entry adds it once: several formats repeat it in every row. */
#ifndef CDN_LISTS_PRIV_H
#define CDN_LISTS_PRIV_H

#include "lists/read.h"
#include "lists/source_priv.h"

struct cdn_rd {
    const struct cordon_alloc *alloc;
    const struct cdn_list_options *options;
    const struct cdn_list_sink *sink;
    struct cdn_list_report *report;
    struct cdn_list_info info;
    struct cordon_error *e;
    int err;
    const char *file; /* being read */
    uint32_t line;    /* of the element or record at hand */
    uint64_t byte;
    char pointer[96]; /* of JSON: where in the line, told with errors; the first `pointed` bytes */
    uint32_t pointed;

    struct cdn_list_entry *entry; /* being filled */
    struct cdn_list_entry one;    /* of the formats that are handed on one by one */
    struct cdn_arena arena;       /* texts and arrays of the entries being filled */
    struct cdn_map keys;          /* of the formats that are gathered: id → number */
    uint64_t *seen;               /* of the others: hashes of the ids so far; 0 is a free place */
    size_t seen_count, seen_cap;  /* a power of two */
    struct cdn_list_entry **all;
    size_t count, cap;

    struct cdn_arena kept; /* tables that live as long as the reading */
    struct cdn_map countries;
    struct cdn_buf clean; /* scratch of cdn_rd_text */
    uint32_t group;       /* last number given to a group of names */
};

#define cdn_rd_fail(r, code, ...)                                                                            \
    do {                                                                                                     \
        if ((r)->err == 0) {                                                                                 \
            (r)->err = cdn_fail((r)->e, (code), __VA_ARGS__);                                                \
            cdn_rd_where(r);                                                                                 \
        }                                                                                                    \
    } while (0)
/* An error whose text is written already. */
void cdn_rd_error(struct cdn_rd *r, int code);
void cdn_rd_where(struct cdn_rd *r); /* puts file, line and pointer into the error */
/* Down to a member, or (name NULL) to an item: what is cut stands for what it is in. → for cdn_rd_point_back
 */
uint32_t cdn_rd_point(struct cdn_rd *r, const char *name, uint32_t index);
void cdn_rd_point_back(struct cdn_rd *r, uint32_t before);
void cdn_rd_report(struct cdn_rd *r, enum cdn_report_kind kind, cordon_str field, cordon_str example);
/* Counts `count` at once; no example. */
void cdn_rd_tally(struct cdn_rd *r, enum cdn_report_kind kind, cordon_str field, uint64_t count);

/* ---- entries ------------------------------------------------------------------------------------------ */

/* One by one: begin, fill, emit. An entry without id fails the reading; one
 * without any name is counted and reported. */
void cdn_rd_begin(struct cdn_rd *r, cordon_str id);
void cdn_rd_emit(struct cdn_rd *r);
/* Gathered: select as often as wanted, flush once. True: the entry is new. */
bool cdn_rd_select(struct cdn_rd *r, cordon_str id);
bool cdn_rd_exists(struct cdn_rd *r, cordon_str id);
void cdn_rd_flush(struct cdn_rd *r);

cordon_str cdn_rd_text(struct cdn_rd *r, cordon_str s); /* cleaned copy; empty when nothing is left */

void cdn_rd_set_id(struct cdn_rd *r, cordon_str id);
void cdn_rd_set(struct cdn_rd *r, cordon_str *field, cordon_str value); /* if value is not empty */
void cdn_rd_type(struct cdn_rd *r, enum cdn_entry_type type);
void cdn_rd_gender(struct cdn_rd *r, cordon_str text);
/* NULL when the text is empty or the name is there already (then the better of both kinds is kept). */
struct cdn_list_name *cdn_rd_name(struct cdn_rd *r, enum cdn_name_kind kind, bool low, cordon_str full);
void cdn_rd_part(struct cdn_rd *r, struct cdn_list_name *name, enum cdn_name_part_kind kind, cordon_str text);
/* A name from its parts, in the order given, with a space between; empty parts are left out. */
struct cdn_part {
    enum cdn_name_part_kind kind;
    cordon_str text;
};
struct cdn_list_name *cdn_rd_name_parts(
    struct cdn_rd *r, enum cdn_name_kind kind, bool low, const struct cdn_part *parts, size_t count);
/* "LAST, First Middle" of a person as parts; the name as written otherwise. */
struct cdn_list_name *cdn_rd_name_comma(
    struct cdn_rd *r, enum cdn_name_kind kind, bool low, bool person, cordon_str text);
/* Text that is a date in any of the forms of dates.c. `field` names it in the report. */
void cdn_rd_birth(struct cdn_rd *r, cordon_str text, const char *field);
void cdn_rd_birth_span(struct cdn_rd *r, struct cdn_dates span, cordon_str text);
void cdn_rd_date(struct cdn_rd *r, struct cdn_dates *field, cordon_str text, const char *name);
/* A place or address as slices; `country` is a name or code. Adds nothing when all is empty. */
struct cdn_place_in {
    cordon_str text, city, region, postal_code, country, note;
};
void cdn_rd_address(struct cdn_rd *r, const struct cdn_place_in *in);
void cdn_rd_birth_place(struct cdn_rd *r, const struct cdn_place_in *in);
void cdn_rd_nationality(struct cdn_rd *r, enum cdn_nationality_kind kind, cordon_str country);
/* NULL when empty or there already. The caller may fill in dates. */
struct cdn_ident_in {
    enum cdn_ident_kind kind;
    bool invalid;
    cordon_str value, type, currency, country, note;
};
struct cdn_list_ident *cdn_rd_ident(struct cdn_rd *r, const struct cdn_ident_in *in);
void cdn_rd_programme(struct cdn_rd *r, cordon_str programme);
void cdn_rd_reference(struct cdn_rd *r, cordon_str reference);
void cdn_rd_measure(struct cdn_rd *r, enum cdn_measure_kind kind, cordon_str text);
struct cdn_list_relation *cdn_rd_relation(
    struct cdn_rd *r, enum cdn_list_relation_kind kind, cordon_str target, cordon_str name, cordon_str text);
void cdn_rd_note(struct cdn_rd *r, enum cdn_note_kind kind, cordon_str label, cordon_str text);
/* Code of a country as lists write it; 0 and reported when it is none. Empty gives 0. */
uint16_t cdn_rd_country(struct cdn_rd *r, cordon_str text);
bool cdn_rd_is_country(cordon_str text);

/* ---- JSON Lines: json_in.c ------------------------------------------------------------------------------
 */

/* One line, which is one object and nothing else, into a zeroed record; texts and arrays in r->arena. */
void cdn_rd_json_object(struct cdn_rd *r, cordon_str line, const struct cdn_list_record *record, void *to);
/* Calls `each` with the trimmed lines that are not empty; r->line and r->byte are then theirs. True: the last
 * one had a line end. */
bool cdn_rd_json_lines(struct cdn_rd *r,
                       struct cdn_list_source *s,
                       void (*each)(void *ctx, cordon_str line),
                       void *ctx);

/* ---- small helpers --------------------------------------------------------------------------------------
 */

enum cdn_script cdn_script_of(cordon_str s);
/* Dates as the lists write them (dates.c). */
bool cdn_dates_parse(cordon_str text, struct cdn_dates *ret);
bool cdn_dates_parse_us(cordon_str text, struct cdn_dates *ret); /* MM/DD/YYYY first */
/* year 0: unknown (false). month or day 0: all of it. */
bool cdn_dates_civil(int32_t year, unsigned month, unsigned day, struct cdn_dates *ret);
struct cdn_dates cdn_dates_hull(struct cdn_dates a, struct cdn_dates b);
bool cdn_dates_islamic(int32_t year, unsigned month, unsigned day, struct cdn_dates *ret);
bool cdn_parse_uint(cordon_str s, uint64_t *ret); /* digits only */
bool cdn_str_starts_nocase(cordon_str s, cordon_str prefix);
/* Where `needle` begins in `s`, ASCII case-free; SIZE_MAX: nowhere. */
size_t cdn_str_find_nocase(cordon_str s, cordon_str needle);
static inline cordon_str cdn_str_after(cordon_str s, size_t n) {
    return n >= s.n ? (cordon_str){s.p, 0} : cdn_str(s.p + n, s.n - n);
}

int cdn_report_add(struct cdn_list_report *r, const struct cdn_report_item *what) CORDON_MUST_CHECK;

/* ---- the formats -----------------------------------------------------------------------------------------
 */

enum cdn_list_role { CDN_ROLE_MAIN, CDN_ROLE_ALT, CDN_ROLE_ADD, CDN_ROLE_COMMENTS, CDN_ROLES };
/* What the beginning of a file says; CDN_LIST_UNKNOWN: none of those known here. */
enum cdn_list_format cdn_list_sniff(cordon_str begin, enum cdn_list_role *ret_role);

void cdn_read_ofac_flat(struct cdn_rd *r, struct cdn_list_source *files[CDN_ROLES]);
void cdn_read_ofac_xml(struct cdn_rd *r, struct cdn_list_source *s);
void cdn_read_ofac_advanced(struct cdn_rd *r, struct cdn_list_source *s);
void cdn_read_ofac_enhanced(struct cdn_rd *r, struct cdn_list_source *s);
void cdn_read_eu_xml(struct cdn_rd *r, struct cdn_list_source *s);
void cdn_read_eu_csv(struct cdn_rd *r, struct cdn_list_source *s);
void cdn_read_un_xml(struct cdn_rd *r, struct cdn_list_source *s);
void cdn_read_uk_xml(struct cdn_rd *r, struct cdn_list_source *s);
void cdn_read_uk_csv(struct cdn_rd *r, struct cdn_list_source *s);
void cdn_read_uk_conlist(struct cdn_rd *r, struct cdn_list_source *s);
void cdn_read_ch_xml(struct cdn_rd *r, struct cdn_list_source *s);
void cdn_read_us_csl(struct cdn_rd *r, struct cdn_list_source *s);
void cdn_read_house_csv(struct cdn_rd *r, struct cdn_list_source *s);
void cdn_read_house_jsonl(struct cdn_rd *r, struct cdn_list_source *s);

#endif
