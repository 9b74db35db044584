/* SPDX-License-Identifier: Apache-2.0 */
/* compile.c: from rulebook to sections, from sections to a manifest and a bundle. */
#include "compile/build_priv.h"
#include "compile/fold_icu.h"

static void add_section(
    struct cdn_build *b, struct cdn_compiled *c, uint32_t kind, cordon_str bytes, bool needed) {
    if (b->err || (bytes.n == 0 && !needed))
        return;
    if (bytes.n > CDN_MAX_SNAPSHOT_SECTION) {
        (void)cdn_build_fail(b, CORDON_E_LIMIT, "a section is larger than a section may be");
        return;
    }
    struct cdn_section *s = &c->sections[c->section_count++];
    s->kind = kind;
    s->instance = c->section_count > 1 && s[-1].kind == kind ? s[-1].instance + 1 : 0;
    s->bytes = bytes;
    const int err = cdn_compile_sha256(bytes.p, bytes.n, s->sha256);
    if (err)
        (void)cdn_build_fail(b, err, "SHA-256 is not to be had");
}

/* Header and entries; `store`: with offsets of 0. */
static uint64_t make_manifest(const struct cdn_compiled *c,
                              bool store,
                              struct cdn_snap_header *h,
                              struct cdn_snap_entry entries[CDN_MAX_SNAPSHOT_SECTIONS]) {
    uint64_t end = sizeof(*h) + c->section_count * sizeof(entries[0]);
    memset(h, 0, sizeof(*h));
    h->magic = CDN_SNAP_MAGIC;
    h->format = CDN_SNAP_FORMAT;
    h->semantics = CDN_SEMANTICS;
    h->section_count = c->section_count;
    memcpy(h->digest, c->digest, sizeof(h->digest));
    for (uint32_t i = 0; i < c->section_count; i++) {
        memset(&entries[i], 0, sizeof(entries[i]));
        entries[i].kind = c->sections[i].kind;
        entries[i].instance = c->sections[i].instance;
        entries[i].length = c->sections[i].bytes.n;
        memcpy(entries[i].sha256, c->sections[i].sha256, sizeof(entries[i].sha256));
        if (store)
            continue;
        end = (end + CDN_SNAP_ALIGN - 1) & ~(uint64_t)(CDN_SNAP_ALIGN - 1);
        entries[i].offset = end;
        end += entries[i].length;
    }
    h->file_length = end;
    return end;
}

/* The folding table, as given or made, and the section of places, which is made with it. */
static int build_places(const struct cdn_rulebook *rulebook,
                        const struct cdn_compile_options *options,
                        struct cdn_arena *arena,
                        struct cdn_buf *fold,
                        struct cdn_buf *section,
                        struct cdn_place_map *places,
                        struct cordon_error *e) {
    cdn_buf_init(fold, &arena->as_alloc, CDN_MAX_SNAPSHOT_SECTION);
    cdn_buf_init(section, &arena->as_alloc, CDN_MAX_SNAPSHOT_SECTION);
    if (options->fold.n) {
        cdn_buf_str(fold, options->fold);
        if (fold->err)
            return cdn_fail(e, fold->err, "no memory for the folding table");
    } else {
        const int err = cdn_compile_fold(&arena->as_alloc, fold, e);
        if (err)
            return err;
    }
    struct cdn_text text;
    const int err = cdn_text_open(cdn_buf_get(fold), &text, e);
    return err ? err : cdn_places_build(rulebook, &text, arena, section, places, e);
}

static void build_all(struct cdn_build *b,
                      cordon_str fold,
                      cordon_str places,
                      const struct cdn_compile_parties *parties,
                      struct cdn_compiled *c) {
    struct cdn_buf rules, info;
    const struct cdn_compile_options *o = b->options;
    cdn_buf_init(&rules, &b->arena->as_alloc, CDN_MAX_SNAPSHOT_SECTION);
    cdn_buf_init(&info, &b->arena->as_alloc, CDN_MAX_SNAPSHOT_SECTION);
    cdn_build_names(b);
    cdn_build_calendars(b);
    cdn_build_measures(b);
    cdn_build_symbols(b);
    cdn_build_index(b);
    if (!o->no_guards)
        cdn_build_guards(b);
    cdn_build_rules(b, &rules);
    cdn_build_info(b, &info);
    add_section(b, c, CDN_SECTION_STRINGS, cdn_buf_get(&b->strings), true);
    add_section(b, c, CDN_SECTION_RULES, cdn_buf_get(&rules), true);
    add_section(b, c, CDN_SECTION_PLACES, places, true);
    add_section(b, c, CDN_SECTION_FOLD, fold, true);
    add_section(b, c, CDN_SECTION_GEO, o->geo, false);
    add_section(b, c, CDN_SECTION_IIN, o->iin, false);
    add_section(b, c, CDN_SECTION_INFO, cdn_buf_get(&info), false);
    add_section(b, c, CDN_SECTION_SOURCE, o->source, false);
    if (parties->source_count > 0) {
        add_section(b, c, CDN_SECTION_LISTS, parties->lists, true);
        for (uint32_t i = 0; i < parties->source_count; i++)
            add_section(b, c, CDN_SECTION_LISTED, parties->sources[i], true);
        add_section(b, c, CDN_SECTION_SCREEN, parties->tables, true);
        add_section(b, c, CDN_SECTION_NAMES, parties->names, true);
        add_section(b, c, CDN_SECTION_IDENTS, parties->idents, true);
    }
    add_section(b, c, CDN_SECTION_OWNERS, o->owners, false);
}

int cdn_compile(const struct cdn_rulebook *rulebook,
                const struct cdn_compile_options *options,
                struct cdn_arena *arena,
                struct cdn_compiled *ret,
                struct cordon_error *e) {
    struct cdn_place_map places;
    struct cdn_compile_parties parties = {.source_count = 0};
    struct cdn_buf section, fold;
    int err = build_places(rulebook, options, arena, &fold, &section, &places, e);
    if (!err && options->list_count > 0)
        err = cdn_compile_all_listed(options->lists, options->list_count, arena, &parties, e);
    if (err)
        return err;
    struct cdn_build *b = cdn_arena_zero(arena, 1, sizeof(*b));
    struct cdn_compiled *c = cdn_arena_zero(arena, 1, sizeof(*c));
    if (!b || !c)
        return cdn_fail(e, CORDON_E_NOMEM, "no memory to compile");
    b->rb = rulebook;
    b->options = options;
    b->arena = arena;
    b->e = e;
    b->places = &places;
    cdn_build_init(b);
    build_all(b, cdn_buf_get(&fold), cdn_buf_get(&section), &parties, c);
    if (b->err)
        return b->err;
    struct cdn_snap_header h;
    struct cdn_snap_entry entries[CDN_MAX_SNAPSHOT_SECTIONS];
    (void)make_manifest(c, true, &h, entries);
    err = cdn_compile_manifest_digest(&h, entries, c->digest);
    if (err)
        return cdn_fail(e, err, "the digest cannot be computed");
    *ret = *c;
    return 0;
}

void cdn_compile_manifest(const struct cdn_compiled *c, bool store, struct cdn_buf *out) {
    struct cdn_snap_header h;
    struct cdn_snap_entry entries[CDN_MAX_SNAPSHOT_SECTIONS];
    (void)make_manifest(c, store, &h, entries);
    cdn_buf_put(out, &h, sizeof(h));
    cdn_buf_put(out, entries, c->section_count * sizeof(entries[0]));
}

void cdn_compile_bundle(const struct cdn_compiled *c, struct cdn_buf *out) {
    cdn_compile_manifest(c, false, out);
    for (uint32_t i = 0; i < c->section_count; i++) {
        cdn_buf_align(out, CDN_SNAP_ALIGN);
        cdn_buf_str(out, c->sections[i].bytes);
    }
}
