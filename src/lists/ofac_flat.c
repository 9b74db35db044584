/* SPDX-License-Identifier: Apache-2.0 */
/* ofac_flat.c: sdn.csv or cons_prim.csv with alt, add and comments, the flat files of OFAC.
 *
 * No header; columns as in OFAC's "dat_spec.txt". Absent is the unquoted `-0- `. Remarks are cut at 1,000
 * characters and continued in the comments file without any separator, so that file is read first. Weak
 * aliases stand only in the remarks. Rows of the side files whose entry is not in the main file are reported,
 * not dropped. */
#include "lists/csv_priv.h"
#include "lists/ofac_priv.h"

enum {
    ID,
    NAME,
    TYPE,
    PROGRAMME,
    TITLE,
    CALL_SIGN,
    VESSEL_TYPE,
    TONNAGE,
    GRT,
    FLAG,
    OWNER,
    REMARKS,
    MAIN_WIDTH
};

struct comments {
    struct cdn_map index; /* id → number of text */
    cordon_str *texts;
    bool *used;
    size_t count, cap, used_cap;
};

static cordon_str field(const struct cdn_csv *csv, size_t i) {
    const cordon_str s = cdn_str_trim(cdn_csv_field(csv, i));
    return cdn_str_eq(s, CDN_STR("-0-")) ? (cordon_str){NULL, 0} : s;
}

static bool row(struct cdn_csv *csv, size_t width, cordon_str *ret_id) {
    if (!cdn_csv_next(csv)) {
        return false;
    }
    uint64_t number = 0;
    *ret_id = field(csv, 0);
    if (csv->n != width || !cdn_parse_uint(*ret_id, &number)) {
        cdn_rd_fail(csv->r,
                    CORDON_E_FORMAT,
                    "a record of %zu fields that does not begin with a number; expected %zu",
                    csv->n,
                    width);
        return false;
    }
    return true;
}

static void orphan(struct cdn_rd *r, const char *file, cordon_str example) {
    cdn_rd_report(r, CDN_REPORT_ORPHAN, cdn_str_z(file), example);
}

/* ---- comments
 * ---------------------------------------------------------------------------------------------- */

static void read_comments(struct cdn_rd *r, struct cdn_list_source *s, struct comments *c) {
    if (s == NULL) {
        return;
    }
    struct cdn_csv *const csv = cdn_csv_begin(r, s, ',');
    cordon_str id = {NULL, 0};
    while (csv != NULL && row(csv, 2, &id)) {
        void *texts = c->texts;
        void *used = c->used;
        cordon_str key = {NULL, 0};
        cordon_str text = {NULL, 0};
        int err = cdn_grow(r->alloc, &texts, &c->cap, c->count + 1, sizeof *c->texts);
        c->texts = texts;
        err = err != 0 ? err : cdn_grow(r->alloc, &used, &c->used_cap, c->count + 1, sizeof *c->used);
        c->used = used;
        err = err != 0 ? err : cdn_arena_str(&r->kept, id, &key);
        /* not trimmed: the cut may have been at a space */
        err = err != 0 ? err : cdn_arena_str(&r->kept, cdn_csv_field(csv, 1), &text);
        err = err != 0 ? err : cdn_map_put(&c->index, key, c->count, NULL);
        if (err != 0) {
            cdn_rd_fail(r, CORDON_E_NOMEM, "no memory for comments");
            break;
        }
        c->used[c->count] = false;
        c->texts[c->count++] = text;
    }
    cdn_rd_tally(r, CDN_REPORT_READ, CDN_STR("comments"), csv == NULL ? 0 : csv->records);
    cdn_csv_end(csv);
}

/* ---- the main file
 * ------------------------------------------------------------------------------------------- */

/* The stop at the end of the field belongs to the field, not to its last item. */
static cordon_str without_stop(cordon_str s) {
    s = cdn_str_trim(s);
    return s.n > 0 && s.p[s.n - 1] == '.' ? cdn_str(s.p, s.n - 1) : s;
}

static void remarks(struct cdn_rd *r, cordon_str text, struct comments *c, cordon_str id) {
    size_t at = 0;
    if (!cdn_map_get(&c->index, id, &at)) {
        cdn_ofac_remarks(r, without_stop(text));
        return;
    }
    c->used[at] = true;
    struct cdn_buf whole;
    cdn_buf_init(&whole, r->alloc, CDN_MAX_LIST_TEXT);
    cdn_buf_str(&whole, text);
    cdn_buf_str(&whole, c->texts[at]);
    if (whole.err != 0) {
        cdn_rd_fail(r, whole.err, "remarks that are too long, or no memory");
    } else {
        cdn_ofac_remarks(r, without_stop(cdn_buf_get(&whole)));
    }
    cdn_buf_free(&whole);
}

static void programmes(struct cdn_rd *r, cordon_str text) {
    while (text.n > 0) {
        const size_t at = cdn_str_find_nocase(text, CDN_STR("] ["));
        cdn_rd_programme(r, at == SIZE_MAX ? text : cdn_str(text.p, at));
        text = at == SIZE_MAX ? (cordon_str){NULL, 0} : cdn_str_after(text, at + 3);
    }
}

static void main_row(struct cdn_csv *csv, cordon_str id, struct comments *c) {
    struct cdn_rd *const r = csv->r;
    if (!cdn_rd_select(r, id)) {
        cdn_rd_report(r, CDN_REPORT_DUPLICATE, id, field(csv, NAME));
        cdn_rd_fail(r, CORDON_E_CONFLICT, "entry %.*s is in the file twice", CDN_FMT(id));
        return;
    }
    cdn_rd_type(r, cdn_ofac_type(r, field(csv, TYPE)));
    (void)cdn_rd_name_comma(r, CDN_NAME_PRIMARY, false, r->entry->type == CDN_ENTRY_PERSON, field(csv, NAME));
    programmes(r, field(csv, PROGRAMME));
    cdn_rd_note(r, CDN_NOTE_POSITION, (cordon_str){NULL, 0}, field(csv, TITLE));
    static const struct {
        int column;
        const char *type;
    } items[] = {{CALL_SIGN, "Vessel Call Sign"},
                 {VESSEL_TYPE, "Vessel Type"},
                 {TONNAGE, "Vessel Tonnage"},
                 {GRT, "Vessel Gross Registered Tonnage"},
                 {FLAG, "Vessel Flag"},
                 {OWNER, "Vessel Owner"}};
    for (size_t i = 0; i < CDN_ARRAY_LEN(items); i++) {
        const struct cdn_ofac_item item = {.type = cdn_str_z(items[i].type),
                                           .value = field(csv, (size_t)items[i].column)};
        if (item.value.n > 0) {
            cdn_ofac_item(r, &item);
        }
    }
    remarks(r,
            cdn_str_eq(cdn_str_trim(cdn_csv_field(csv, REMARKS)), CDN_STR("-0-"))
                ? (cordon_str){NULL, 0}
                : cdn_csv_field(csv, REMARKS),
            c,
            id);
    cdn_ofac_default_measures(r);
}

static void read_main(struct cdn_rd *r, struct cdn_list_source *s, struct comments *c) {
    struct cdn_csv *const csv = cdn_csv_begin(r, s, ',');
    cordon_str id = {NULL, 0};
    while (csv != NULL && row(csv, MAIN_WIDTH, &id)) {
        main_row(csv, id, c);
    }
    cdn_rd_tally(r, CDN_REPORT_READ, CDN_STR("main"), csv == NULL ? 0 : csv->records);
    cdn_csv_end(csv);
    for (size_t i = 0; i < c->count && r->err == 0; i++) {
        if (!c->used[i]) {
            orphan(r, "comments", c->texts[i]);
        }
    }
}

/* ---- aliases and addresses
 * ------------------------------------------------------------------------------------- */

static void read_alt(struct cdn_rd *r, struct cdn_list_source *s) {
    struct cdn_csv *const csv = s == NULL ? NULL : cdn_csv_begin(r, s, ',');
    cordon_str id = {NULL, 0};
    while (csv != NULL && row(csv, 5, &id)) {
        if (!cdn_rd_exists(r, id)) {
            orphan(r, "alt", field(csv, 3));
            continue;
        }
        (void)cdn_rd_select(r, id);
        (void)cdn_rd_name_comma(r,
                                cdn_ofac_alias(r, field(csv, 2), false),
                                false,
                                r->entry->type == CDN_ENTRY_PERSON,
                                field(csv, 3));
        cdn_rd_note(r, CDN_NOTE_REMARK, CDN_STR("alias"), field(csv, 4));
    }
    cdn_rd_tally(r, CDN_REPORT_READ, CDN_STR("alt"), csv == NULL ? 0 : csv->records);
    cdn_csv_end(csv);
}

static void read_add(struct cdn_rd *r, struct cdn_list_source *s) {
    struct cdn_csv *const csv = s == NULL ? NULL : cdn_csv_begin(r, s, ',');
    cordon_str id = {NULL, 0};
    char last[24] = "";
    uint64_t entries = 0;
    uint64_t missing = 0;
    while (csv != NULL && row(csv, 6, &id)) {
        const bool changed = !cdn_str_eq(id, cdn_str_z(last));
        entries += changed;
        if (changed && id.n < sizeof last) {
            memcpy(last, id.p, id.n);
            last[id.n] = '\0';
        }
        if (!cdn_rd_exists(r, id)) {
            missing += changed;
            orphan(r, "add", field(csv, 2));
            continue;
        }
        (void)cdn_rd_select(r, id);
        const struct cdn_place_in in = {
            .text = field(csv, 2), .city = field(csv, 3), .country = field(csv, 4), .note = field(csv, 5)};
        cdn_rd_address(r, &in);
    }
    cdn_rd_tally(r, CDN_REPORT_READ, CDN_STR("add"), csv == NULL ? 0 : csv->records);
    cdn_rd_tally(r, CDN_REPORT_READ, CDN_STR("add (entries)"), entries);
    if (s != NULL && r->err == 0) {
        r->info.claims = true; /* each entry has a row here, if only an empty one */
        r->info.claimed = entries;
    }
    (void)missing;
    cdn_csv_end(csv);
}

void cdn_read_ofac_flat(struct cdn_rd *r, struct cdn_list_source *files[CDN_ROLES]) {
    struct comments c = {.count = 0};
    cdn_map_init(&c.index, r->alloc);
    read_comments(r, files[CDN_ROLE_COMMENTS], &c);
    const bool comments_end = files[CDN_ROLE_COMMENTS] == NULL || r->info.clean_end;
    if (r->err == 0) {
        read_main(r, files[CDN_ROLE_MAIN], &c);
    }
    const bool main_end = r->info.clean_end;
    r->info.rows = r->count;
    r->info.clean_end = true;
    read_alt(r, files[CDN_ROLE_ALT]);
    const bool alt_end = r->info.clean_end;
    r->info.clean_end = true;
    read_add(r, files[CDN_ROLE_ADD]);
    r->info.rows = r->count;
    r->info.clean_end = r->info.clean_end && alt_end && main_end && comments_end;
    cdn_rd_flush(r);
    cdn_map_free(&c.index);
    cdn_free(r->alloc, c.texts, c.cap * sizeof *c.texts);
    cdn_free(r->alloc, c.used, c.used_cap * sizeof *c.used);
}
