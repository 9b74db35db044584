/* SPDX-License-Identifier: Apache-2.0 */
/* build.c: a rulebook with its other inputs into a snapshot on disk.
 *
 * Steps: folding table (ICU), networks (geodata), the rulebook's JSON, compile, write. Each is made in memory
 * of its own that is given back at the end; a step that fails leaves no file. */
#include <unistd.h>

#include "compile/fold_icu.h"
#include "compile/owners_build.h"
#include "compile/translit_icu.h"
#include "geodata/builder.h"
#include "rulebook/rulebook_json.h"
#include "toolkit/build_priv.h"

static int step(struct cdn_toolkit_build *b, const char *name, uint64_t done) {
    return cdn_toolkit_progress(b->rb, name, done, 1, b->e);
}

static int make_fold(struct cdn_toolkit_build *b) {
    int err = step(b, "folding table", 0);
    err = err ? err : cdn_compile_fold(b->rb->alloc, &b->fold, b->e);
    if (err)
        return err;
    UVersionInfo version;
    u_getVersion(version);
    u_versionToString(version, b->icu);
    b->inputs[b->input_count++] = (struct cdn_compile_input){
        .kind = CDN_STR("icu"), .name = CDN_STR("icu"), .version = cdn_str_z(b->icu)};
    return step(b, "folding table", 1);
}

static bool ends(const char *path, const char *end) {
    const size_t n = strlen(path);
    const size_t m = strlen(end);
    return n > m && strcmp(path + n - m, end) == 0;
}

static enum cdn_ip_source_kind kind_of(const char *path) {
    return ends(path, ".mmdb")      ? CDN_IP_KIND_MMDB
           : ends(path, ".csv")     ? CDN_IP_KIND_CSV
           : ends(path, ".geofeed") ? CDN_IP_KIND_GEOFEED
                                    : CDN_IP_KIND_LIBLOC;
}

/* "libloc" for its databases, else the file's name without its ending. */
static cordon_str name_of(const char *path) {
    if (kind_of(path) == CDN_IP_KIND_LIBLOC)
        return CDN_STR("libloc");
    const char *base = strrchr(path, '/');
    cordon_str name = cdn_str_z(base ? base + 1 : path);
    const char *dot = memchr(name.p, '.', name.n);
    if (dot && dot != name.p)
        name.n = (size_t)(dot - name.p);
    return name;
}

static int add_geodata(struct cdn_toolkit_build *b, struct cdn_geodata_builder *builder, const char *path) {
    const struct cdn_geodata_source source = {.name = name_of(path)};
    int err = step(b, "networks", 0);
    err = err ? err : cdn_geodata_add_file(builder, kind_of(path), &source, path, b->e);
    return err;
}

/* What went in, with its date and digest, as the section itself says it. */
static int note_geodata(struct cdn_toolkit_build *b) {
    struct cdn_ip_table ip;
    int err = cdn_ip_open(b->geo.p, b->geo.n, &ip, b->e);
    if (err)
        return err;
    for (unsigned i = 0; i < ip.source_count && i < CDN_IP_SOURCES; i++) {
        struct cdn_ip_source s = {0};
        if (!cdn_ip_source(&ip, i, &s))
            return cdn_fail(b->e, CORDON_E_INTERNAL, "a source of networks is not in its own section");
        uint8_t *digest = cdn_arena_take(&b->arena, sizeof(s.sha256));
        if (!digest)
            return cdn_toolkit_no_memory(b->e);
        memcpy(digest, s.sha256, sizeof(s.sha256));
        struct cdn_buf date;
        cdn_buf_fixed(&date, b->dates[i], sizeof(b->dates[i]));
        cdn_time_write(&date, s.date);
        date.n = CDN_MIN(date.n, (size_t)10); /* the day */
        b->inputs[b->input_count++] = (struct cdn_compile_input){
            .kind = CDN_STR("geodata"), .name = s.name, .date = cdn_buf_get(&date), .sha256 = digest};
    }
    return 0;
}

static const char *default_geodata(void) {
    static const char *const places[] = {"/var/lib/location/database.db",
                                         "/usr/share/libloc-location/location.db"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(places); i++) {
        if (access(places[i], R_OK) == 0)
            return places[i];
    }
    return NULL;
}

static int make_geo(struct cdn_toolkit_build *b) {
    const char *only = default_geodata();
    const bool chosen = b->o && b->o->geodata_count > 0;
    if ((b->o && (b->o->flags & CORDON_BUILD_NO_GEODATA)) || (!chosen && !only))
        return 0;
    struct cdn_geodata_builder *builder = NULL;
    int err = cdn_geodata_builder_new(b->rb->alloc, &builder, b->e);
    if (err)
        return err;
    if (!chosen)
        err = add_geodata(b, builder, only);
    for (size_t i = 0; chosen && !err && i < b->o->geodata_count; i++)
        err = add_geodata(b, builder, b->o->geodata[i]);
    err = err ? err : cdn_geodata_finish(builder, &b->geo, b->e);
    cdn_geodata_builder_free(builder);
    err = err ? err : note_geodata(b);
    return err ? err : step(b, "networks", 1);
}

static int make_source(struct cdn_toolkit_build *b) {
    if (b->o && (b->o->flags & CORDON_BUILD_NO_SOURCE))
        return 0;
    const int err = cdn_rulebook_export_json(b->rb->rb, &b->source);
    return err ? cdn_fail(b->e, err, "the rulebook's JSON form could not be written") : 0;
}

/* Without a file: the digest of the digests of the lists. */
static int digest_of_lists(const struct cdn_toolkit_build *b, uint8_t ret[32]) {
    uint8_t all[CDN_MAX_LISTS * 32];
    for (size_t i = 0; i < b->list_count; i++)
        memcpy(all + i * 32, b->lists[i].list->info.sha256, 32);
    return cdn_compile_sha256(all, b->list_count * 32, ret);
}

static int owners_section(struct cdn_toolkit_build *b, const struct cdn_list_file *file, cordon_str name) {
    struct cdn_buf made;
    struct cdn_screen_tables tables;
    struct cdn_owners_build *links = NULL;
    uint8_t sha256[32];
    uint32_t from_lists = 0;
    cdn_buf_init(&made, &b->arena.as_alloc, CDN_MAX_SNAPSHOT_SECTION);
    int err = cdn_compile_screen_tables(&b->arena.as_alloc, &made, b->e);
    err = err ? err : cdn_screen_tables_open(cdn_buf_get(&made), &tables, b->e);
    err = err ? err : cdn_owners_build_new(&b->arena, &tables, &links, b->e);
    if (!err && file)
        err = cdn_owners_build_links(links, file, &b->arena.as_alloc, sha256, b->e);
    else if (!err && digest_of_lists(b, sha256))
        err = cdn_fail(b->e, CORDON_E_INTERNAL, "SHA-256 failed");
    err = err ? err : cdn_owners_build_lists(links, b->lists, b->list_count, &b->arena, &from_lists, b->e);
    return err ? err : cdn_owners_build_write(links, name, cdn_str(NULL, 0), sha256, &b->owners, b->e);
}

/* The file of links, and what the lists say of who owns whom, as their section. */
static int make_owners(struct cdn_toolkit_build *b) {
    const char *path = b->o ? b->o->owners : NULL;
    const struct cdn_list_file file = {.path = path};
    struct cdn_owners owners;
    cordon_str name = path ? cdn_str_z(path) : CDN_STR("lists");
    if (!path && !cdn_owners_in_lists(b->lists, b->list_count))
        return 0;
    for (cordon_str rest = name; rest.n;) { /* of the path only the last part is kept */
        name = cdn_str_split(rest, '/', &rest);
    }
    int err = owners_section(b, path ? &file : NULL, name);
    err = err ? err : cdn_owners_open(cdn_buf_get(&b->owners), &owners, b->e);
    if (!err)
        b->inputs[b->input_count++] = (struct cdn_compile_input){
            .kind = CDN_STR("owners"), .name = name, .sha256 = owners.header->sha256};
    return err ? err : step(b, "owners", 1);
}

int cdn_toolkit_compile(struct cdn_toolkit_build *b, struct cdn_compiled *ret) {
    int err = make_fold(b);
    err = err ? err : make_geo(b);
    err = err ? err : make_source(b);
    err = err ? err : cdn_toolkit_read_lists(b);
    err = err ? err : make_owners(b);
    err = err ? err : step(b, "compiling", 0);
    if (err)
        return err;
    const struct cdn_compile_options options = {
        .zoneinfo = b->rb->zoneinfo,
        .fold = cdn_buf_get(&b->fold),
        .geo = cdn_buf_get(&b->geo),
        .source = cdn_buf_get(&b->source),
        .owners = cdn_buf_get(&b->owners),
        .inputs = b->inputs,
        .input_count = b->input_count,
        .lists = b->lists,
        .list_count = b->list_count,
    };
    err = cdn_compile(b->rb->rb, &options, &b->arena, ret, b->e);
    return err ? err : step(b, "compiling", 1);
}

int cdn_toolkit_begin(struct cdn_toolkit_build *b,
                      struct cordon_rulebook *rb,
                      const cordon_compile_options *o,
                      struct cordon_error *e) {
    *b = (struct cdn_toolkit_build){.rb = rb, .o = o, .e = e};
    if (!rb->rb)
        return cdn_fail(e, CORDON_E_STATE, "a rulebook with errors cannot be compiled");
    if (o && o->size != sizeof(*o))
        return cdn_fail(e, CORDON_E_ARG, "options that cordon_compile_options_init() did not prepare");
    cdn_arena_init(&b->arena, rb->alloc, 0);
    cdn_buf_init(&b->fold, rb->alloc, CDN_MAX_SNAPSHOT_SECTION);
    cdn_buf_init(&b->geo, rb->alloc, CDN_MAX_SNAPSHOT_SECTION);
    cdn_buf_init(&b->source, rb->alloc, CDN_MAX_SNAPSHOT_SECTION);
    cdn_buf_init(&b->owners, rb->alloc, CDN_MAX_SNAPSHOT_SECTION);
    return 0;
}

void cdn_toolkit_end(struct cdn_toolkit_build *b) {
    cdn_toolkit_free_lists(b);
    cdn_buf_free(&b->fold);
    cdn_buf_free(&b->geo);
    cdn_buf_free(&b->source);
    cdn_buf_free(&b->owners);
    cdn_arena_free(&b->arena);
}

CORDON_API int cordon_rulebook_build(cordon_rulebook *rb,
                                     const char *path,
                                     const cordon_compile_options *o,
                                     char ret_digest[CORDON_DIGEST_TEXT],
                                     cordon_error *e) {
    struct cdn_toolkit_build b;
    struct cdn_compiled compiled;
    int err = cdn_toolkit_begin(&b, rb, o, e);
    if (err)
        return err;
    err = cdn_toolkit_compile(&b, &compiled);
    err = err ? err : step(&b, "writing", 0);
    if (!err && o && (o->flags & CORDON_BUILD_STORE))
        err = cdn_compile_store(&compiled, path, NULL, rb->alloc, e);
    else if (!err)
        err = cdn_compile_write(&compiled, path, NULL, rb->alloc, e);
    if (!err && ret_digest) {
        struct cdn_buf text;
        cdn_buf_fixed(&text, ret_digest, CORDON_DIGEST_TEXT - 1);
        cdn_buf_z(&text, "sha256:");
        cdn_buf_hex(&text, compiled.digest, sizeof(compiled.digest));
        ret_digest[text.n] = '\0';
    }
    cdn_toolkit_end(&b);
    return err ? err : cdn_toolkit_progress(rb, "writing", 1, 1, e);
}

CORDON_API int cordon_snapshot_verify(const cordon_snapshot *s,
                                      cordon_progress_fn progress,
                                      void *progress_ctx,
                                      cordon_error *e) {
    if (progress && progress(progress_ctx, "verifying", 0, 1) != 0)
        return cdn_fail(e, CORDON_E_STATE, "ended by the caller");
    const int err = cdn_compile_verify((const struct cdn_snapshot *)(const void *)s, e);
    if (!err && progress)
        (void)progress(progress_ctx, "verifying", 1, 1);
    return err;
}
