/* SPDX-License-Identifier: Apache-2.0 */
/* read.c: opens the files of a list, finds their format, runs its reader, closes everything. */
#include "lists/priv.h"

#include <openssl/evp.h>

struct format {
    const char *id, *issuer;
    void (*read)(struct cdn_rd *r, struct cdn_list_source *s);
    const char *stale;
};
static const struct format formats[] = {
    [CDN_LIST_OFAC_FLAT] = {"us/ofac", "US Treasury, OFAC", NULL, NULL},
    [CDN_LIST_OFAC_XML] = {"us/ofac", "US Treasury, OFAC", cdn_read_ofac_xml, NULL},
    [CDN_LIST_OFAC_ADVANCED] = {"us/ofac", "US Treasury, OFAC", cdn_read_ofac_advanced, NULL},
    [CDN_LIST_OFAC_ENHANCED] = {"us/ofac", "US Treasury, OFAC", cdn_read_ofac_enhanced, NULL},
    [CDN_LIST_EU_XML] = {"eu/consolidated", "European Union", cdn_read_eu_xml, NULL},
    [CDN_LIST_EU_CSV] = {"eu/consolidated", "European Union", cdn_read_eu_csv, NULL},
    [CDN_LIST_UN_XML] = {"un/consolidated", "United Nations Security Council", cdn_read_un_xml, NULL},
    [CDN_LIST_UK_XML] = {"uk/sanctions",
                         "UK Foreign, Commonwealth and Development Office",
                         cdn_read_uk_xml,
                         NULL},
    [CDN_LIST_UK_CSV] = {"uk/sanctions",
                         "UK Foreign, Commonwealth and Development Office",
                         cdn_read_uk_csv,
                         NULL},
    [CDN_LIST_UK_CONLIST] = {"uk/conlist",
                             "UK Treasury, OFSI",
                             cdn_read_uk_conlist,
                             "OFSI closed its consolidated list on 28 January 2026; the UK Sanctions List "
                             "replaces it"},
    [CDN_LIST_CH_XML] = {"ch/seco", "Switzerland, SECO", cdn_read_ch_xml, NULL},
    [CDN_LIST_US_CSL] = {"us/csl", "US Department of Commerce, ITA", cdn_read_us_csl, NULL},
    [CDN_LIST_HOUSE_CSV] = {"house", "", cdn_read_house_csv, NULL},
    [CDN_LIST_HOUSE_JSONL] = {"house", "", cdn_read_house_jsonl, NULL},
};

#define MAX_FILES CDN_ROLES

struct opened {
    struct cdn_list_source *files[CDN_ROLES];
    enum cdn_list_format format;
    EVP_MD_CTX *sha;
};

static int unknown_format(const struct cdn_list_source *s, cordon_str begin, struct cordon_error *e) {
    if (begin.n == 0) {
        cdn_fail(e, CORDON_E_FORMAT, "the file is empty");
        cdn_error_hint(e, "an empty file is what is left of a moved address or a broken download");
    } else {
        cdn_fail(e, CORDON_E_FORMAT, "not the beginning of any list that is known here");
    }
    cdn_error_where(e, cdn_str_z(cdn_list_source_name(s)), 0, 0);
    return CORDON_E_FORMAT;
}

static int sniff(struct cdn_list_source *s,
                 enum cdn_list_format *ret,
                 enum cdn_list_role *ret_role,
                 struct cordon_error *e) {
    cordon_str begin = {NULL, 0};
    const int err = cdn_list_source_peek(s, &begin, e);
    if (err != 0) {
        return err;
    }
    const enum cdn_list_format format = cdn_list_sniff(begin, ret_role);
    if (format == CDN_LIST_UNKNOWN) {
        return unknown_format(s, begin, e);
    }
    *ret = format;
    return 0;
}

int cdn_lists_detect(const struct cdn_list_file *file,
                     const struct cordon_alloc *alloc,
                     enum cdn_list_format *ret,
                     struct cordon_error *e) {
    struct cdn_list_source *s = NULL;
    enum cdn_list_role role = CDN_ROLE_MAIN;
    int err = cdn_list_source_open(file, alloc, &s, e);
    if (err == 0) {
        err = sniff(s, ret, &role, e);
    }
    cdn_list_source_close(s);
    return err;
}

static int open_one(struct opened *o,
                    const struct cdn_list_file *file,
                    bool first,
                    const struct cordon_alloc *alloc,
                    struct cordon_error *e) {
    struct cdn_list_source *s = NULL;
    enum cdn_list_format format = CDN_LIST_UNKNOWN;
    enum cdn_list_role role = CDN_ROLE_MAIN;
    int err = cdn_list_source_open(file, alloc, &s, e);
    if (err == 0) {
        err = sniff(s, &format, &role, e);
    }
    if (err == 0 && !first && (format != o->format || format != CDN_LIST_OFAC_FLAT)) {
        err = cdn_fail(e,
                       CORDON_E_CONFLICT,
                       "only the flat files of OFAC are read together, not %s with %s",
                       cdn_list_format_name(o->format),
                       cdn_list_format_name(format));
    }
    if (err == 0 && o->files[role] != NULL) {
        err = cdn_fail(e,
                       CORDON_E_CONFLICT,
                       "%s is of the same kind as %s",
                       cdn_list_source_name(s),
                       cdn_list_source_name(o->files[role]));
    }
    if (err != 0) {
        cdn_list_source_close(s);
        return err;
    }
    o->format = format;
    o->files[role] = s;
    cdn_list_source_digest(s, o->sha);
    return 0;
}

static int open_all(struct opened *o,
                    struct cdn_list_files files,
                    const struct cordon_alloc *alloc,
                    struct cordon_error *e) {
    if (files.n == 0 || files.n > MAX_FILES) {
        return cdn_fail(e, CORDON_E_ARG, "a list has 1 to %d files", (int)MAX_FILES);
    }
    o->sha = EVP_MD_CTX_new();
    if (o->sha == NULL || EVP_DigestInit_ex(o->sha, EVP_sha256(), NULL) != 1) {
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for a digest");
    }
    int err = 0;
    for (size_t i = 0; i < files.n && err == 0; i++) {
        err = open_one(o, &files.p[i], i == 0, alloc, e);
    }
    if (err == 0 && o->files[CDN_ROLE_MAIN] == NULL) {
        err = cdn_fail(e, CORDON_E_NOTFOUND, "the main file is missing (sdn.csv or cons_prim.csv)");
    }
    return err;
}

static void begin(struct cdn_rd *r, const struct opened *o) {
    const struct format *const f = &formats[o->format];
    cdn_arena_init(&r->arena, r->alloc, 0);
    cdn_arena_init(&r->kept, r->alloc, 0);
    cdn_map_init(&r->keys, r->alloc);
    cdn_map_init(&r->countries, r->alloc);
    cdn_buf_init(&r->clean, r->alloc, CDN_MAX_LIST_TEXT);
    r->entry = &r->one;
    r->file = cdn_list_source_name(o->files[CDN_ROLE_MAIN]);
    r->info.format = o->format;
    r->info.id = r->options->id.n > 0 ? r->options->id : cdn_str_z(f->id);
    r->info.issuer = r->options->issuer.n > 0 ? r->options->issuer : cdn_str_z(f->issuer);
    r->info.stale = cdn_str_z(f->stale);
}

static void end(struct cdn_rd *r) {
    cdn_buf_free(&r->clean);
    cdn_map_free(&r->countries);
    cdn_map_free(&r->keys);
    cdn_free(r->alloc, r->seen, r->seen_cap * sizeof *r->seen);
    cdn_free(r->alloc, r->all, r->cap * sizeof *r->all);
    cdn_arena_free(&r->arena);
    cdn_arena_free(&r->kept);
}

/* What the list says of itself, once everything was read. */
static void conclude(struct cdn_rd *r, struct opened *o) {
    for (size_t i = 0; i < CDN_ROLES; i++) {
        r->info.bytes += o->files[i] == NULL ? 0 : cdn_list_source_bytes(o->files[i]);
    }
    if (r->err == 0 && EVP_DigestFinal_ex(o->sha, r->info.sha256, NULL) != 1) {
        cdn_rd_fail(r, CORDON_E_INTERNAL, "SHA-256 failed");
    }
}

int cdn_lists_read(struct cdn_list_files files,
                   const struct cdn_list_options *options,
                   const struct cdn_list_sink *sink,
                   struct cdn_list_report *report,
                   struct cdn_list_info *ret_info,
                   struct cordon_error *e) {
    struct opened o = {.format = CDN_LIST_UNKNOWN};
    struct cdn_rd r = {.alloc = report->alloc, .options = options, .sink = sink, .report = report, .e = e};
    r.err = open_all(&o, files, r.alloc, e);
    if (r.err == 0) {
        begin(&r, &o);
        if (o.format == CDN_LIST_OFAC_FLAT) {
            cdn_read_ofac_flat(&r, o.files);
        } else {
            formats[o.format].read(&r, o.files[CDN_ROLE_MAIN]);
        }
        conclude(&r, &o);
        end(&r);
    }
    for (size_t i = 0; i < CDN_ROLES; i++) {
        cdn_list_source_close(o.files[i]);
    }
    EVP_MD_CTX_free(o.sha);
    if (r.err == 0) {
        *ret_info = r.info;
    }
    return r.err;
}

/* ---- into a list ------------------------------------------------------------------------------------------
 */

static int append(void *ctx, const struct cdn_list_entry *entry, struct cordon_error *e) {
    const int err = cdn_list_append(ctx, entry);
    return err == 0 ? 0 : cdn_fail(e, err, "no memory for the entries of a list");
}

int cdn_lists_collect(struct cdn_list_files files,
                      const struct cdn_list_options *options,
                      struct cdn_list_report *report,
                      struct cdn_list *list,
                      struct cordon_error *e) {
    const struct cdn_list_sink sink = {append, list};
    struct cdn_list_info info = {0};
    int err = cdn_lists_read(files, options, &sink, report, &info, e);
    if (err == 0) {
        list->info = info;
        err = cdn_arena_str(&list->arena, info.id, &list->info.id);
    }
    if (err == 0) {
        err = cdn_arena_str(&list->arena, info.issuer, &list->info.issuer);
    }
    if (err == 0) {
        err = cdn_arena_str(&list->arena, info.stale, &list->info.stale);
    }
    if (err == 0) {
        err = cdn_list_finish(list);
        if (err != 0) {
            cdn_fail(e, err, "no memory to sort a list");
        }
    }
    if (err != 0) {
        cdn_list_free(list);
    }
    return err;
}
