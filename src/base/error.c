/* SPDX-License-Identifier: Apache-2.0 */
/* error.c: describing a failure, and the one table of status codes.
 *
 *  1. a NULL cordon_error is accepted everywhere: then only the code is returned;
 *  2. cdn_fail_at overwrites the whole structure; place and hint are added after it;
 *  3. text that does not fit is cut between characters, never inside one, and ends in NUL;
 *  4. nothing is printed, except by cdn_broken_at in builds without NDEBUG. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/base.h"

#ifndef NDEBUG
#include <stdatomic.h>

/* One bit for each place (by hash) that has reported. The only mutable global of the library, and absent
 * from release builds. */
static atomic_uint_least64_t reported[16];

static bool report_first(const char *file, int line) {
    const uint64_t h = cdn_hash(cdn_str_z(file), (uint64_t)line);
    const uint_least64_t bit = UINT64_C(1) << (h & 63);
    return (atomic_fetch_or(&reported[(h >> 6) & 15], bit) & bit) == 0;
}
#endif

bool cdn_broken_at(const char *expr, const char *file, int line) {
#ifndef NDEBUG
    if (report_first(file, line))
        (void)fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, expr); /* allowed: debug */
#else
    (void)expr;
    (void)file;
    (void)line;
#endif
    return true;
}

/* Shortens text that filled its array so that it does not end inside a UTF-8 sequence. */
static void end_between_characters(char *text, size_t n) {
    size_t tail = 0; /* continuation bytes at the end */
    while (tail < 3 && tail < n && ((uint8_t)text[n - 1 - tail] & 0xC0) == 0x80)
        tail++;
    if (tail == n)
        return;
    const uint8_t lead = (uint8_t)text[n - 1 - tail];
    const size_t wanted = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    if (wanted > tail)
        text[n - 1 - tail] = '\0';
}

static void format(char text[CORDON_ERROR_TEXT], const char *fmt, va_list args) CDN_PRINTF(2, 0);
static void format(char text[CORDON_ERROR_TEXT], const char *fmt, va_list args) {
    const int n = vsnprintf(text, CORDON_ERROR_TEXT, fmt, args);
    if (n < 0)
        text[0] = '\0';
    else if (n >= CORDON_ERROR_TEXT)
        end_between_characters(text, CORDON_ERROR_TEXT - 1);
}

int cdn_fail_at(struct cordon_error *e, int code, const char *file, int line, const char *fmt, ...) {
    if (!e)
        return code;
    const int system = code == CORDON_E_IO ? errno : 0;
    *e = (struct cordon_error){.code = code, .system = system, .file = file, .source_line = line};
    va_list args;
    va_start(args, fmt);
    format(e->message, fmt, args);
    va_end(args);
    return code;
}

void cdn_error_where(struct cordon_error *e, cordon_str where, uint32_t line, uint32_t column) {
    if (!e)
        return;
    const size_t n = CDN_MIN(where.n, sizeof(e->where) - 1);
    if (n)
        memcpy(e->where, where.p, n);
    e->where[n] = '\0';
    if (n < where.n)
        end_between_characters(e->where, n);
    e->line = line;
    e->column = column;
}

void cdn_error_hint(struct cordon_error *e, const char *fmt, ...) {
    if (!e)
        return;
    va_list args;
    va_start(args, fmt);
    format(e->hint, fmt, args);
    va_end(args);
}

static const struct {
    const char *name, *text;
} statuses[] = {
#define STATUS(code, text) [-(code)] = {#code, text}
    STATUS(CORDON_OK, "No error."),
    STATUS(CORDON_E_NOMEM, "Out of memory."),
    STATUS(CORDON_E_ARG, "An argument breaks the function's contract."),
    STATUS(CORDON_E_SYNTAX, "The text does not follow its grammar."),
    STATUS(CORDON_E_NAME, "A name is not defined anywhere."),
    STATUS(CORDON_E_TYPE, "A value has the wrong type, unit or kind."),
    STATUS(CORDON_E_RANGE, "A number, date or amount is outside its range."),
    STATUS(CORDON_E_LIMIT, "The input or output is larger than its stated limit."),
    STATUS(CORDON_E_FORMAT, "The file is not what it claims to be, or it is damaged."),
    STATUS(CORDON_E_VERSION, "This build does not carry that version of the format or of the semantics."),
    STATUS(CORDON_E_DIGEST, "The content does not have the digest that names it."),
    STATUS(CORDON_E_IO, "Reading or writing failed."),
    STATUS(CORDON_E_NOTFOUND, "What was asked for is not there."),
    STATUS(CORDON_E_CONFLICT, "Two declarations or values exclude each other."),
    STATUS(CORDON_E_STATE, "The function was called in the wrong order."),
    STATUS(CORDON_E_INTERNAL, "An invariant of Cordon is broken; no verdict was reached."),
#undef STATUS
};

static bool known(int code) {
    return code <= 0 && code > -(int)CDN_ARRAY_LEN(statuses);
}

const char *cdn_status_name(int code) {
    return known(code) ? statuses[-code].name : "CORDON_E_?";
}

const char *cdn_status_text(int code) {
    return known(code) ? statuses[-code].text : "Unknown status code.";
}
