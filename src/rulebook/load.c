/* SPDX-License-Identifier: Apache-2.0 */
/* load.c: a rulebook from its files: split all of them, collect all names, read all bodies, judge the whole.
 *
 *  1. every file is read whatever is wrong in the others, so that all errors come in one run;
 *  2. names are collected before bodies are read, so that order does not matter;
 *  3. *ret is set only when not one error was found. */
#include "rulebook/priv.h"

#include "base/limits.h"

/* Bodies in this order: what a kind refers to by more than its name stands before it. */
static const uint8_t read_order[] = {
    CDN_DECL_OPERATOR,
    CDN_DECL_ENTITY,
    CDN_DECL_SERVICE,
    CDN_DECL_ACTION,
    CDN_DECL_FACT,
    CDN_DECL_LIST,
    CDN_DECL_SET,
    CDN_DECL_CALENDAR,
    CDN_DECL_RATE,
    CDN_DECL_TERRITORY,
    CDN_DECL_GEODATA,
    CDN_DECL_MEASURE,
    CDN_DECL_SCENARIO,
};

static void check_sizes(struct cdn_parser *p, const struct cdn_rulebook_source *sources, size_t count) {
    size_t total = 0;
    const struct cdn_at top = {{0, 1, 1}, 1};
    if (count > CDN_MAX_RULEBOOK_FILES)
        (void)cdn_rb_error(p, "too-large", top, "more than %d files", (int)CDN_MAX_RULEBOOK_FILES);
    for (size_t i = 0; i < count; i++) {
        const struct cdn_at at = {{(uint32_t)i, 1, 1}, 1};
        if (sources[i].text.n > CDN_MAX_MEASURE_FILE)
            (void)cdn_rb_error(p, "too-large", at, "this file is larger than 16 MiB");
        total += CDN_MIN(sources[i].text.n, CDN_MAX_RULEBOOK_BYTES);
    }
    if (total > CDN_MAX_RULEBOOK_BYTES)
        (void)cdn_rb_error(p, "too-large", top, "the files together are larger than 256 MiB");
}

/* Copies the files and splits them into declarations. */
static void read_files(struct cdn_parser *p, const struct cdn_rulebook_source *sources, size_t count) {
    p->rb->files = cdn_arena_zero(p->arena, count ? count : 1, sizeof(*p->rb->files));
    p->rb->texts = cdn_arena_zero(p->arena, count ? count : 1, sizeof(*p->rb->texts));
    p->files = cdn_arena_zero(p->arena, count ? count : 1, sizeof(*p->files));
    if (!p->rb->files || !p->rb->texts || !p->files) {
        p->err = CORDON_E_NOMEM;
        return;
    }
    p->rb->file_count = p->file_count = (uint32_t)count;
    for (uint32_t i = 0; i < count && p->err == 0; i++) {
        struct cdn_syntax *file = &p->files[i];
        int err = cdn_arena_str(p->arena, sources[i].name, &p->rb->files[i]);
        if (err == 0)
            err = cdn_arena_str(p->arena, sources[i].text, &p->rb->texts[i]);
        file->file = i;
        file->text = p->rb->texts[i];
        if (err == 0)
            err = cdn_rb_lex(p, file);
        if (err == 0)
            err = cdn_rb_lines(p, file);
        if (err != 0)
            p->err = err;
    }
}

/* The rulebook's array of a kind: where its address and count are kept, and the size of an item. */
struct array {
    void *items; /* T ** */
    uint32_t *count;
    size_t size, limit;
};
static struct array array_of(struct cdn_rulebook *rb, unsigned kind) {
    switch ((enum cdn_decl_kind)kind) {
    case CDN_DECL_OPERATOR:
        return (struct array){&rb->operators, &rb->operator_count, sizeof(*rb->operators), 65535};
    case CDN_DECL_ENTITY:
        return (struct array){&rb->entities, &rb->entity_count, sizeof(*rb->entities), 65535};
    case CDN_DECL_SERVICE:
        return (struct array){&rb->services, &rb->service_count, sizeof(*rb->services), 65535};
    case CDN_DECL_ACTION:
        return (struct array){&rb->actions, &rb->action_count, sizeof(*rb->actions), 65535};
    case CDN_DECL_FACT:
        return (struct array){
            &rb->facts, &rb->fact_count, sizeof(*rb->facts), 65535 - CDN_FACT_DECLARED_BASE};
    case CDN_DECL_LIST:
        return (struct array){&rb->lists, &rb->list_count, sizeof(*rb->lists), 65535};
    case CDN_DECL_SET:
        return (struct array){&rb->sets, &rb->set_count, sizeof(*rb->sets), 65535};
    case CDN_DECL_CALENDAR:
        return (struct array){&rb->calendars, &rb->calendar_count, sizeof(*rb->calendars), 65535};
    case CDN_DECL_RATE:
        return (struct array){&rb->rates, &rb->rate_count, sizeof(*rb->rates), 1000000};
    case CDN_DECL_TERRITORY:
        return (struct array){
            &rb->territories, &rb->territory_count, sizeof(*rb->territories), CDN_MAX_TERRITORIES};
    case CDN_DECL_MEASURE:
        return (struct array){&rb->measures, &rb->measure_count, sizeof(*rb->measures), CDN_MAX_MEASURES};
    case CDN_DECL_SCENARIO:
        return (struct array){&rb->scenarios, &rb->scenario_count, sizeof(struct cdn_scenario), 1000000};
    case CDN_DECL_GEODATA:
    case CDN_DECL_NONE:
    case CDN_DECL_COUNT:
        break;
    }
    return (struct array){NULL, NULL, 0, 1};
}

static void duplicate(struct cdn_parser *p,
                      const struct cdn_syntax *file,
                      const struct cdn_token *t,
                      unsigned kind,
                      size_t first) {
    const struct cdn_at at = {{file->file, t->line, t->column}, t->width};
    struct cdn_diagnostic *d = cdn_rb_error(
        p, "duplicate", at, "the %s `%.*s` is declared twice", cdn_rb_kind_name(kind), CDN_FMT(t->text));
    for (uint32_t f = 0; d && f < p->file_count; f++) {
        const struct cdn_syntax *other = &p->files[f];
        for (uint32_t i = 0; i < other->decl_count; i++) {
            const struct cdn_decl *decl = &other->decls[i];
            if (decl->kind != kind || decl->index != first || decl->duplicate)
                continue;
            const struct cdn_token *o = &other->tokens[other->lines[decl->line].first];
            d->suggestion =
                cdn_rb_say(p->diags, "the first is at %.*s:%u", CDN_FMT(p->rb->files[f]), (unsigned)o->line);
            return;
        }
    }
}

/* Numbers a declaration and remembers its name; the body is read later. */
static void collect(struct cdn_parser *p,
                    const struct cdn_syntax *file,
                    struct cdn_decl *decl,
                    uint32_t *counts) {
    cdn_rb_open(p, file, decl->line);
    (void)cdn_rb_next(p);
    const struct cdn_token *t = cdn_rb_peek(p);
    decl->index = counts[decl->kind];
    if (decl->kind == CDN_DECL_RATE || decl->kind == CDN_DECL_GEODATA || decl->kind == CDN_DECL_SCENARIO) {
        counts[decl->kind]++;
        return;
    }
    if (t->kind != CDN_TOK_WORD && t->kind != CDN_TOK_NAME) {
        counts[decl->kind]++; /* the body reports what is missing */
        return;
    }
    size_t first = 0;
    if (cdn_map_get(&p->names[decl->kind], t->text, &first)) {
        decl->duplicate = true;
        duplicate(p, file, t, decl->kind, first);
        return;
    }
    counts[decl->kind]++;
    const int err = cdn_map_put(&p->names[decl->kind], t->text, decl->index, NULL);
    if (err != 0)
        p->err = err;
}

static void reserve(struct cdn_parser *p, const uint32_t *counts) {
    for (unsigned kind = 1; kind < CDN_DECL_COUNT && p->err == 0; kind++) {
        const struct array a = array_of(p->rb, kind);
        if (!a.items || counts[kind] == 0)
            continue;
        if (counts[kind] > a.limit) {
            (void)cdn_rb_error(p,
                               "too-large",
                               (struct cdn_at){{0, 1, 1}, 1},
                               "more than %zu declarations of %s",
                               a.limit,
                               cdn_rb_kind_name(kind));
            p->err = p->err ? p->err : CORDON_E_LIMIT;
            return;
        }
        void *items = cdn_arena_zero(p->arena, counts[kind], a.size);
        if (!items) {
            p->err = CORDON_E_NOMEM;
            return;
        }
        memcpy(a.items, &items, sizeof(items));
        *a.count = counts[kind];
    }
}

static void read_body(struct cdn_parser *p, const struct cdn_syntax *file, const struct cdn_decl *decl) {
    if (decl->duplicate)
        return;
    if (decl->kind == CDN_DECL_MEASURE)
        cdn_rb_parse_measure(p, file, decl);
    else if (decl->kind == CDN_DECL_TERRITORY)
        cdn_rb_parse_territory(p, file, decl);
    else if (decl->kind == CDN_DECL_SCENARIO)
        cdn_rb_parse_scenario(p, file, decl);
    else
        cdn_rb_parse_decl(p, file, decl);
}

static void read_bodies(struct cdn_parser *p) {
    for (size_t k = 0; k < CDN_ARRAY_LEN(read_order); k++) {
        for (uint32_t f = 0; f < p->file_count; f++) {
            const struct cdn_syntax *file = &p->files[f];
            for (uint32_t i = 0; i < file->decl_count && p->err == 0; i++) {
                if (file->decls[i].kind == read_order[k])
                    read_body(p, file, &file->decls[i]);
            }
        }
    }
}

static void load(struct cdn_parser *p, const struct cdn_rulebook_source *sources, size_t count) {
    uint32_t counts[CDN_DECL_COUNT] = {0};
    for (unsigned kind = 0; kind < CDN_DECL_COUNT; kind++)
        cdn_map_init(&p->names[kind], &p->arena->as_alloc);
    cdn_map_init(&p->classes, &p->arena->as_alloc);
    cdn_map_init(&p->zones, &p->arena->as_alloc);
    check_sizes(p, sources, count);
    if (p->err != 0 || p->diags->errors > 0)
        return;
    read_files(p, sources, count);
    for (uint32_t f = 0; f < p->file_count && p->err == 0; f++) {
        for (uint32_t i = 0; i < p->files[f].decl_count && p->err == 0; i++)
            collect(p, &p->files[f], &p->files[f].decls[i], counts);
    }
    reserve(p, counts);
    if (p->err == 0)
        read_bodies(p);
    if (p->err == 0)
        cdn_rb_finish(p);
}

int cdn_rulebook_load(const struct cdn_rulebook_source *sources,
                      size_t count,
                      const char *zoneinfo,
                      struct cdn_arena *arena,
                      struct cdn_diagnostics *diags,
                      struct cdn_rulebook **ret) {
    if (!arena || !diags || !ret || (count > 0 && !sources))
        return CORDON_E_ARG;
    if (!diags->arena)
        diags->arena = arena;
    struct cdn_parser *p = cdn_arena_zero(arena, 1, sizeof(*p));
    struct cdn_rulebook *rb = p ? cdn_arena_zero(arena, 1, sizeof(*rb)) : NULL;
    if (!p || !rb)
        return CORDON_E_NOMEM;
    *p = (struct cdn_parser){
        .arena = arena, .diags = diags, .zoneinfo = zoneinfo ? zoneinfo : CDN_ZONE_DIR, .rb = rb};
    const size_t before = diags->errors, first = diags->count;
    load(p, sources, count);
    cdn_rb_sort(diags, first);
    if (p->err != 0)
        return p->err;
    if (diags->err != 0)
        return diags->err;
    if (diags->errors > before)
        return CORDON_E_SYNTAX;
    char version[16];
    if (cdn_zone_db_version(p->zoneinfo, version, NULL) == 0) {
        const int err = cdn_arena_str(arena, cdn_str_z(version), &rb->tz_version);
        if (err != 0)
            return err;
    }
    *ret = rb;
    return CORDON_OK;
}
