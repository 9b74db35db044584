/* SPDX-License-Identifier: Apache-2.0 */
/* diag.c: messages: recording them, and writing them for people and for machines.
 *
 *     rulebooks/a.measure:12:35: error: no country, region or territory is called `Belrus` [unknown-place]
 *        12 |     when customer based in {RU, Belrus}
 *           |                                 ^~~~~~
 *           = did you mean `BY` (Belarus)?
 *
 *  1. message, expected and suggestion are copied into the arena of the diagnostics;
 *  2. beyond CDN_MAX_DIAGNOSTICS messages are counted, not kept;
 *  3. the caret stands under the column also when the line holds tabs or characters of several bytes. */
#include "rulebook/priv.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/limits.h"

enum { SAY_MAX = 600 };

CDN_PRINTF(2, 0) static cordon_str say_v(struct cdn_diagnostics *d, const char *fmt, va_list args) {
    char text[SAY_MAX];
    cordon_str ret = {NULL, 0};
    if (d->err != 0)
        return ret;
    const int n = vsnprintf(text, sizeof(text), fmt, args);
    size_t size = n < 0 ? 0 : CDN_MIN((size_t)n, sizeof(text) - 1);
    if (n >= 0 && (size_t)n >= sizeof(text)) { /* cut, but not in the middle of a character */
        while (size > 0 && !cdn_utf8_valid(cdn_str(text, size)))
            size--;
    }
    const int err = cdn_arena_str(d->arena, cdn_str(text, size), &ret);
    if (err != 0)
        d->err = err;
    return ret;
}

cordon_str cdn_rb_say(struct cdn_diagnostics *d, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    const cordon_str ret = say_v(d, fmt, args);
    va_end(args);
    return ret;
}

static struct cdn_diagnostic *room(struct cdn_diagnostics *d) {
    if (d->err != 0 || d->count >= CDN_MAX_DIAGNOSTICS)
        return NULL;
    if (d->count == d->cap) {
        const size_t cap = d->cap ? d->cap * 2 : 16;
        struct cdn_diagnostic *items = cdn_arena_zero(d->arena, cap, sizeof(*items));
        if (!items) {
            d->err = CORDON_E_NOMEM;
            return NULL;
        }
        if (d->count > 0)
            memcpy(items, d->items, d->count * sizeof(*items));
        d->items = items;
        d->cap = cap;
    }
    return &d->items[d->count];
}

CDN_PRINTF(5, 0)
static struct cdn_diagnostic *add(struct cdn_diagnostics *d,
                                  unsigned severity,
                                  const char *code,
                                  struct cdn_at at,
                                  const char *fmt,
                                  va_list args) {
    if (severity == 1)
        d->errors++;
    else if (severity == 2)
        d->warnings++;
    struct cdn_diagnostic *item = room(d);
    if (!item)
        return NULL;
    const cordon_str message = say_v(d, fmt, args);
    if (d->err != 0)
        return NULL;
    *item = (struct cdn_diagnostic){.severity = (uint8_t)severity,
                                    .code = cdn_str_z(code),
                                    .pos = at.pos,
                                    .length = at.length ? at.length : 1,
                                    .message = message};
    d->count++;
    return item;
}

struct cdn_diagnostic *cdn_rb_diag(
    struct cdn_diagnostics *d, unsigned severity, const char *code, struct cdn_at at, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    struct cdn_diagnostic *item = add(d, severity, code, at, fmt, args);
    va_end(args);
    return item;
}

struct cdn_diagnostic *cdn_rb_error(
    struct cdn_parser *p, const char *code, struct cdn_at at, const char *fmt, ...) {
    if (p->err != 0)
        return NULL;
    va_list args;
    va_start(args, fmt);
    struct cdn_diagnostic *item = add(p->diags, 1, code, at, fmt, args);
    va_end(args);
    if (p->diags->err != 0)
        p->err = p->diags->err;
    return item;
}

void cdn_rb_suggest(struct cdn_parser *p, struct cdn_diagnostic *d, cordon_str name) {
    if (!d || name.n == 0 || p->err != 0)
        return;
    d->suggestion = cdn_rb_say(p->diags, "did you mean `%.*s`?", CDN_FMT(name));
    if (p->diags->err != 0)
        p->err = p->diags->err;
}

/* Messages in the order of the files and lines, whatever the order of reading was. Insertion sort: they are
 * nearly in order, and few. */
void cdn_rb_sort(struct cdn_diagnostics *d, size_t first) {
    for (size_t i = first + 1; i < d->count; i++) {
        const struct cdn_diagnostic item = d->items[i];
        size_t k = i;
        for (; k > first; k--) {
            const struct cdn_pos a = d->items[k - 1].pos, b = item.pos;
            if (a.file < b.file ||
                (a.file == b.file && (a.line < b.line || (a.line == b.line && a.column <= b.column))))
                break;
            d->items[k] = d->items[k - 1];
        }
        d->items[k] = item;
    }
}

/* ---- writing ---------------------------------------------------------------------------------------- */

static const char *severity_name(unsigned severity) {
    return severity == 1 ? "error" : severity == 2 ? "warning" : "note";
}

static cordon_str source_line(cordon_str text, uint32_t number) {
    cordon_str rest = text;
    for (uint32_t i = 1; i < number && rest.n > 0; i++)
        (void)cdn_str_split(rest, '\n', &rest);
    cordon_str line = cdn_str_split(rest, '\n', &rest);
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

static void paint(struct cdn_buf *out, bool colour, const char *sequence) {
    if (colour)
        cdn_buf_printf(out, "\033[%sm", sequence);
}

/* The line and the caret below it; blank space repeats the line's own tabs. */
static void write_excerpt(struct cdn_buf *out, cordon_str line, const struct cdn_diagnostic *d, bool colour) {
    cdn_buf_printf(out, "%6u | ", (unsigned)d->pos.line);
    cdn_buf_str(out, line);
    cdn_buf_z(out, "\n       | ");
    size_t at = 0;
    for (uint32_t i = 1; i < d->pos.column && at < line.n; i++)
        cdn_buf_char(out, cdn_utf8_next(line, &at) == '\t' ? '\t' : ' ');
    paint(out, colour, "1;32");
    cdn_buf_char(out, '^');
    if (at < line.n)
        (void)cdn_utf8_next(line, &at);
    for (uint32_t i = 1; i < d->length && at < line.n; i++) {
        (void)cdn_utf8_next(line, &at);
        cdn_buf_char(out, '~');
    }
    paint(out, colour, "0");
    cdn_buf_char(out, '\n');
}

void cdn_diagnostic_write(struct cdn_buf *out,
                          const struct cdn_rulebook_source *files,
                          const struct cdn_diagnostic *d,
                          bool colour) {
    const struct cdn_rulebook_source *file = &files[d->pos.file];
    paint(out, colour, "1");
    cdn_buf_str(out, file->name);
    cdn_buf_printf(out, ":%u:%u: ", (unsigned)d->pos.line, (unsigned)d->pos.column);
    paint(out, colour, d->severity == 1 ? "1;31" : d->severity == 2 ? "1;35" : "1;36");
    cdn_buf_z(out, severity_name(d->severity));
    cdn_buf_z(out, ": ");
    paint(out, colour, "0");
    cdn_buf_str(out, d->message);
    cdn_buf_z(out, " [");
    cdn_buf_str(out, d->code);
    cdn_buf_z(out, "]\n");
    write_excerpt(out, source_line(file->text, d->pos.line), d, colour);
    if (d->expected.n > 0) {
        cdn_buf_z(out, "       = expected ");
        cdn_buf_str(out, d->expected);
        cdn_buf_char(out, '\n');
    }
    if (d->suggestion.n > 0) {
        cdn_buf_z(out, "       = ");
        cdn_buf_str(out, d->suggestion);
        cdn_buf_char(out, '\n');
    }
}

void cdn_diagnostic_json(struct cdn_buf *out,
                         const struct cdn_rulebook_source *files,
                         const struct cdn_diagnostic *d) {
    cdn_buf_z(out, "{\"code\":");
    cdn_buf_json(out, d->code);
    cdn_buf_printf(out, ",\"column\":%u", (unsigned)d->pos.column);
    if (d->expected.n > 0) {
        cdn_buf_z(out, ",\"expected\":");
        cdn_buf_json(out, d->expected);
    }
    cdn_buf_z(out, ",\"file\":");
    cdn_buf_json(out, files[d->pos.file].name);
    cdn_buf_printf(
        out, ",\"length\":%u,\"line\":%u,\"message\":", (unsigned)d->length, (unsigned)d->pos.line);
    cdn_buf_json(out, d->message);
    cdn_buf_z(out, ",\"severity\":");
    cdn_buf_json(out, cdn_str_z(severity_name(d->severity)));
    cdn_buf_z(out, ",\"source\":");
    cdn_buf_json(out, source_line(files[d->pos.file].text, d->pos.line));
    if (d->suggestion.n > 0) {
        cdn_buf_z(out, ",\"suggestion\":");
        cdn_buf_json(out, d->suggestion);
    }
    cdn_buf_char(out, '}');
}
