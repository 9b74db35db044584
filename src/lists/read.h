/* SPDX-License-Identifier: Apache-2.0 */
/* lists/read.h: from the files of a list to entries of the canonical model.
 *
 *     const struct cdn_list_file files[] = {{.path = "sdn.csv.xz"}, {.path = "alt.csv"}, {.path =
 * "add.csv"}}; struct cdn_list list; cdn_list_init(&list, alloc); struct cdn_list_report report;
 *     cdn_list_report_init(&report, alloc);
 *     err = cdn_lists_collect(files, 3, &(struct cdn_list_options){.id = CDN_STR("us/sdn")}, &report, &list,
 * e);
 *
 * The format is found by content. Files may be packed (.xz, .gz, .zst, also found by content). Only the flat
 * files of OFAC come in a set; their order does not matter.
 *
 * Always true here:
 *  1. what a reader does not understand is counted in the report, by field name; nothing is dropped silently;
 *  2. a damaged file is an error, not a shorter list. Whether a whole file is a complete list is judged by
 *     lists/activate.h;
 *  3. entries are handed on one by one; memory besides the one at hand is bounded, except for the formats
 * whose entries are spread over the file (OFAC flat and ADVANCED, EU CSV, UK CSV, ConList, SECO): there it is
 * that of the model;
 *  4. expat, liblzma, zlib, zstd and libcrypto allocate by themselves; all else comes from `alloc`. */
#ifndef CDN_LISTS_READ_H
#define CDN_LISTS_READ_H

#include "lists/model.h"

/* ---- report.c: what was not understood ----------------------------------------------------------------- */

enum cdn_report_kind {
    CDN_REPORT_FIELD,     /* an element, attribute, column or member that this reader does not know */
    CDN_REPORT_VALUE,     /* a known field with a value that was kept as text and not understood */
    CDN_REPORT_ORPHAN,    /* a row that belongs to no entry */
    CDN_REPORT_DUPLICATE, /* an id used twice */
    CDN_REPORT_READ,      /* not a complaint: how often a field was read */
    CDN_REPORT_LEFT_OUT,  /* known, and on purpose not kept (docs/lists.md says which) */
};
struct cdn_report_item {
    cordon_str field;   /* "sanctionEntity/nameAlias@newThing", "add.csv", "Country" */
    cordon_str example; /* the first one */
    uint64_t count;
    uint32_t line; /* of the first one */
    uint8_t kind;  /* enum cdn_report_kind */
};
struct cdn_list_report {
    struct cdn_report_item *items; /* in the order of first appearance; at most CDN_MAX_LIST_REPORT */
    size_t count;
    uint64_t others; /* of further fields, when there are more */
    /* private */
    const struct cordon_alloc *alloc;
    struct cdn_arena arena;
    struct cdn_map index;
    size_t cap;
};
void cdn_list_report_init(struct cdn_list_report *r, const struct cordon_alloc *alloc);
void cdn_list_report_free(struct cdn_list_report *r);
/* Sum of the counts of one kind whose field begins with `prefix`. */
uint64_t cdn_list_report_total(const struct cdn_list_report *r, enum cdn_report_kind kind, cordon_str prefix);
uint64_t cdn_list_report_count(const struct cdn_list_report *r, enum cdn_report_kind kind, cordon_str field);
/* One line each, for people: "12 × unknown field sdnEntry/newThing, first in line 8: …". */
void cdn_list_report_write(struct cdn_buf *out, const struct cdn_list_report *r);
const char *cdn_report_kind_name(unsigned kind);

/* ---- read.c ----------------------------------------------------------------------------------------------
 */

struct cdn_list_file {
    const char *path; /* or: */
    cordon_str bytes; /* when path is NULL */
    const char *name; /* for errors; NULL: the path */
};
struct cdn_list_files {
    const struct cdn_list_file *p;
    size_t n;
};
/* Which part of OFAC's lists its flat files and SDN.XML are: they do not say so themselves. */
enum cdn_list_part {
    CDN_LIST_PART_UNSAID,      /* by the id `us/sdn` or `us/consolidated`; else an asset freeze, unless every
                             programme of an entry is known not to freeze */
    CDN_LIST_PART_SDN,         /* every entry is frozen */
    CDN_LIST_PART_CONSOLIDATED /* none is frozen by this list: programme and directive say what is forbidden
                                */
};
struct cdn_list_options {
    cordon_str id;     /* empty: the usual one of the format */
    cordon_str issuer; /* empty: that of the format, or of the in-house list */
    bool removed;      /* hand on what is no longer listed, too, with its date of removal */
    enum cdn_list_part part;
};
/* Called once for each entry, which is valid until it returns. Not 0: reading ends with that code. */
struct cdn_list_sink {
    int (*entry)(void *ctx, const struct cdn_list_entry *entry, struct cordon_error *e);
    void *ctx;
};

/* CORDON_E_IO; CORDON_E_FORMAT: empty, not a list that is known here, or damaged; CORDON_E_SYNTAX,
 * CORDON_E_NAME, CORDON_E_TYPE (in-house lists); CORDON_E_LIMIT; CORDON_E_CONFLICT (files of different
 * formats, or two of one kind); CORDON_E_NOTFOUND (a set of flat files without its main file);
 * CORDON_E_NOMEM. The texts of *ret_info belong to `options`, to constants, or to the report's arena. */
int cdn_lists_read(struct cdn_list_files files,
                   const struct cdn_list_options *options,
                   const struct cdn_list_sink *sink,
                   struct cdn_list_report *report,
                   struct cdn_list_info *ret_info,
                   struct cordon_error *e) CORDON_MUST_CHECK;
/* The same into a finished list. On failure `list` is empty. */
int cdn_lists_collect(struct cdn_list_files files,
                      const struct cdn_list_options *options,
                      struct cdn_list_report *report,
                      struct cdn_list *list,
                      struct cordon_error *e) CORDON_MUST_CHECK;
/* What one file is, by its first 64 KiB unpacked. CORDON_E_FORMAT, CORDON_E_IO, CORDON_E_NOMEM. */
int cdn_lists_detect(const struct cdn_list_file *file,
                     const struct cordon_alloc *alloc,
                     enum cdn_list_format *ret,
                     struct cordon_error *e) CORDON_MUST_CHECK;

#endif
