/* SPDX-License-Identifier: Apache-2.0 */
/* rulebook.c: loading, messages, layout, JSON. */
#include "toolkit/toolkit_priv.h"

#include "rulebook/rulebook_json.h"

#define DEFAULT_ZONEINFO "/usr/share/zoneinfo"

CORDON_API void cordon_compile_options_init(cordon_compile_options *o) {
    *o = (cordon_compile_options){.size = sizeof(*o), .lists_known_at = CORDON_NEVER};
}

int cdn_toolkit_no_memory(struct cordon_error *e) {
    return cdn_fail(e, CORDON_E_NOMEM, "out of memory while a rulebook is worked on");
}

int cdn_toolkit_progress(const struct cordon_rulebook *rb,
                         const char *step,
                         uint64_t done,
                         uint64_t total,
                         struct cordon_error *e) {
    if (rb->progress && rb->progress(rb->progress_ctx, step, done, total) != 0)
        return cdn_fail(e, CORDON_E_STATE, "ended by the caller while %s", step);
    return 0;
}

static int rulebook_new(const cordon_compile_options *o, cordon_rulebook **ret, struct cordon_error *e) {
    if (o && o->size != sizeof(*o))
        return cdn_fail(e, CORDON_E_ARG, "options that cordon_compile_options_init() did not prepare");
    const struct cordon_alloc *alloc = o && o->alloc ? o->alloc : &cdn_alloc_libc;
    struct cordon_rulebook *rb = cdn_alloc_zero(alloc, 1, sizeof(*rb));
    if (!rb)
        return cdn_toolkit_no_memory(e);
    rb->alloc = alloc;
    cdn_arena_init(&rb->arena, alloc, 0);
    rb->diags.arena = &rb->arena;
    rb->zoneinfo = o && o->zoneinfo ? o->zoneinfo : DEFAULT_ZONEINFO;
    rb->progress = o ? o->progress : NULL;
    rb->progress_ctx = o ? o->progress_ctx : NULL;
    *ret = rb;
    return 0;
}

CORDON_API void cordon_rulebook_free(cordon_rulebook *rb) {
    if (!rb)
        return;
    cdn_arena_free(&rb->arena);
    cdn_free(rb->alloc, rb, sizeof(*rb));
}

/* The first error in *e, and all of them in the rulebook. */
static int say_errors(const struct cordon_rulebook *rb, int err, struct cordon_error *e) {
    for (size_t i = 0; i < rb->diags.count; i++) {
        const struct cdn_diagnostic *d = &rb->diags.items[i];
        if (d->severity != 1)
            continue;
        (void)cdn_fail(e, CORDON_E_SYNTAX, "%.*s", CDN_FMT(d->message));
        if (d->pos.file < rb->count)
            cdn_error_where(e, rb->shown[d->pos.file].name, d->pos.line, d->pos.column);
        if (d->suggestion.n)
            cdn_error_hint(e, "%.*s", CDN_FMT(d->suggestion));
        return CORDON_E_SYNTAX;
    }
    return cdn_fail(e, err, "the rulebook could not be loaded: %s", cdn_status_text(err));
}

static int order_of(const struct cdn_rulebook_source *a, const struct cdn_rulebook_source *b) {
    const int by_name = cdn_str_cmp(a->name, b->name);
    return by_name ? by_name : cdn_str_cmp(a->text, b->text);
}

/* By their names, so that the order on a command line changes no snapshot. Insertion: a folder comes sorted.
 */
static void sort_sources(struct cordon_rulebook *rb) {
    for (size_t i = 1; i < rb->count; i++) {
        const struct cdn_rulebook_source source = rb->sources[i];
        const struct cdn_rulebook_source shown = rb->shown[i];
        size_t k = i;
        for (; k > 0 && order_of(&rb->sources[k - 1], &source) > 0; k--) {
            rb->sources[k] = rb->sources[k - 1];
            rb->shown[k] = rb->shown[k - 1];
        }
        rb->sources[k] = source;
        rb->shown[k] = shown;
    }
}

/* Takes the texts that were added; on E_SYNTAX the handle stays, with the messages. */
static int parse(struct cordon_rulebook *rb, cordon_rulebook **ret, struct cordon_error *e) {
    int err = cdn_toolkit_progress(rb, "parsing", 0, rb->count, e);
    if (err)
        return err;
    sort_sources(rb);
    err = cdn_rulebook_load(rb->sources, rb->count, rb->zoneinfo, &rb->arena, &rb->diags, &rb->rb);
    if (!err) {
        *ret = rb;
        return cdn_toolkit_progress(rb, "parsing", rb->count, rb->count, e);
    }
    rb->rb = NULL;
    err = err == CORDON_E_NOMEM ? cdn_toolkit_no_memory(e) : say_errors(rb, err, e);
    if (err == CORDON_E_SYNTAX)
        *ret = rb;
    return err;
}

CORDON_API int cordon_rulebook_load(const char *const *paths,
                                    size_t count,
                                    const cordon_compile_options *o,
                                    cordon_rulebook **ret,
                                    cordon_error *e) {
    cordon_rulebook *rb = NULL;
    cordon_rulebook *loaded = NULL;
    int err = rulebook_new(o, &rb, e);
    for (size_t i = 0; !err && i < count; i++)
        err = cdn_toolkit_add_path(rb, paths[i], e);
    err = err ? err : parse(rb, &loaded, e);
    if (loaded)
        *ret = loaded;
    else
        cordon_rulebook_free(rb);
    return err;
}

CORDON_API int cordon_rulebook_load_texts(const cordon_rulebook_text *texts,
                                          size_t count,
                                          const cordon_compile_options *o,
                                          cordon_rulebook **ret,
                                          cordon_error *e) {
    cordon_rulebook *rb = NULL;
    cordon_rulebook *loaded = NULL;
    int err = rulebook_new(o, &rb, e);
    for (size_t i = 0; !err && i < count; i++) {
        cordon_str name;
        cordon_str text;
        if (cdn_arena_str(&rb->arena, texts[i].name, &name) ||
            cdn_arena_str(&rb->arena, texts[i].text, &text))
            err = cdn_toolkit_no_memory(e);
        else
            err = cdn_toolkit_add_text(rb, name, name, text, e);
    }
    err = err ? err : parse(rb, &loaded, e);
    if (loaded)
        *ret = loaded;
    else
        cordon_rulebook_free(rb);
    return err;
}

CORDON_API int cordon_rulebook_check(cordon_rulebook *rb, cordon_error *e) {
    if (!rb->rb)
        return cdn_fail(e, CORDON_E_STATE, "a rulebook with errors has no lints");
    const int err = cdn_rulebook_check(rb->rb, &rb->diags);
    return err ? cdn_fail(e, err, "the lints could not be run: %s", cdn_status_text(err)) : CORDON_OK;
}

/* ---- messages
 * ---------------------------------------------------------------------------------------------- */

CORDON_API uint32_t cordon_rulebook_message_count(const cordon_rulebook *rb, int severity) {
    uint32_t n = 0;
    for (size_t i = 0; i < rb->diags.count; i++)
        n += severity == 0 || rb->diags.items[i].severity == severity;
    return n;
}

CORDON_API int cordon_rulebook_message(const cordon_rulebook *rb, uint32_t i, cordon_message *ret) {
    if (i >= rb->diags.count)
        return CORDON_E_NOTFOUND;
    const struct cdn_diagnostic *d = &rb->diags.items[i];
    *ret = (cordon_message){
        .severity = d->severity,
        .code = d->code,
        .file = d->pos.file < rb->count ? rb->shown[d->pos.file].name : CDN_STR(""),
        .message = d->message,
        .expected = d->expected,
        .suggestion = d->suggestion,
        .line = d->pos.line,
        .column = d->pos.column,
    };
    return CORDON_OK;
}

CORDON_API int cordon_rulebook_messages_to_text(const cordon_rulebook *rb, int colour, cordon_buffer *out) {
    struct cdn_buf b = cdn_toolkit_open(out, CDN_MAX_RULEBOOK_BYTES);
    for (size_t i = 0; i < rb->diags.count; i++)
        cdn_diagnostic_write(&b, rb->shown, &rb->diags.items[i], colour != 0);
    return cdn_toolkit_close(out, &b);
}

CORDON_API int cordon_rulebook_messages_to_json(const cordon_rulebook *rb, cordon_buffer *out) {
    struct cdn_buf b = cdn_toolkit_open(out, CDN_MAX_RULEBOOK_BYTES);
    for (size_t i = 0; i < rb->diags.count; i++) {
        cdn_diagnostic_json(&b, rb->shown, &rb->diags.items[i]);
        if (b.n == 0 || b.p[b.n - 1] != '\n')
            cdn_buf_char(&b, '\n');
    }
    return cdn_toolkit_close(out, &b);
}

CORDON_API void cordon_rulebook_count(const cordon_rulebook *rb, cordon_rulebook_stats *ret) {
    *ret = (cordon_rulebook_stats){.files = (uint32_t)rb->count};
    if (!rb->rb)
        return;
    for (uint32_t i = 0; i < rb->rb->measure_count; i++) {
        const unsigned kind = rb->rb->measures[i].class_;
        ret->measures += kind == CDN_CLASS_MEASURE;
        ret->licences += kind == CDN_CLASS_LICENCE;
        ret->statutes += kind == CDN_CLASS_STATUTE;
        ret->protections += kind == CDN_CLASS_PROTECT;
    }
    ret->territories = rb->rb->territory_count;
    ret->lists = rb->rb->list_count;
    ret->scenarios = rb->rb->scenario_count;
}

/* ---- texts
 * -------------------------------------------------------------------------------------------------- */

CORDON_API int cordon_rulebook_format(cordon_str name,
                                      cordon_str text,
                                      cordon_buffer *out,
                                      cordon_buffer *messages) {
    struct cdn_arena arena;
    cdn_arena_init(&arena, out->alloc ? out->alloc : &cdn_alloc_libc, 0);
    struct cdn_diagnostics diags = {.arena = &arena};
    struct cdn_buf b = cdn_toolkit_open(out, CDN_MAX_RULEBOOK_BYTES);
    const struct cdn_rulebook_source source = {name, text};
    int err = cdn_rulebook_format(source, &arena, &diags, &b);
    if (err && !b.err)
        b.err = err;
    const int closed = cdn_toolkit_close(out, &b);
    err = err ? err : closed;
    if (err && messages) {
        struct cdn_buf m = cdn_toolkit_open(messages, CDN_MAX_RULEBOOK_BYTES);
        for (size_t i = 0; i < diags.count; i++)
            cdn_diagnostic_write(&m, &source, &diags.items[i], false);
        if (cdn_toolkit_close(messages, &m))
            err = CORDON_E_NOMEM;
    }
    cdn_arena_free(&arena);
    return err;
}

CORDON_API int cordon_rulebook_to_json(const cordon_rulebook *rb, cordon_buffer *out, cordon_error *e) {
    if (!rb->rb)
        return cdn_fail(e, CORDON_E_STATE, "a rulebook with errors has no JSON form");
    struct cdn_buf b = cdn_toolkit_open(out, CDN_MAX_SNAPSHOT_SECTION);
    const int err = cdn_rulebook_export_json(rb->rb, &b);
    const int closed = cdn_toolkit_close(out, &b);
    if (err || closed)
        return cdn_fail(e, err ? err : closed, "the JSON form could not be written");
    return CORDON_OK;
}
