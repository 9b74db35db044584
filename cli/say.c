/* SPDX-License-Identifier: Apache-2.0 */
/* say.c: errors with the next step, colour, progress. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

static const struct paint plain = {"", "", "", "", "", "", ""};
static const struct paint coloured = {
    "\033[1m", "\033[2m", "\033[31m", "\033[33m", "\033[32m", "\033[34m", "\033[0m"};

const struct paint *paint_for(FILE *out) {
    const char *no = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    if ((no && *no) || !term || strcmp(term, "dumb") == 0 || !isatty(fileno(out)))
        return &plain;
    return &coloured;
}

const char *verdict_paint(const struct paint *p, cordon_verdict v) {
    switch (v) {
    case CORDON_VERDICT_ALLOW:
        return p->green;
    case CORDON_VERDICT_LIMIT:
    case CORDON_VERDICT_HOLD:
        return p->yellow;
    case CORDON_VERDICT_NONE:
    case CORDON_VERDICT_DENY:
    case CORDON_VERDICT_FREEZE:
        break;
    }
    return p->red;
}

int say_error(const char *what, const cordon_error *e) {
    const struct paint *p = paint_for(stderr);
    progress_end();
    (void)fprintf(stderr, "%scordon:%s ", p->bold, p->off);
    if (what)
        (void)fprintf(stderr, "%s: ", what);
    if (e->where[0] && (!what || strcmp(what, e->where) != 0))
        (void)fprintf(stderr, "%s: ", e->where);
    if (e->line)
        (void)fprintf(stderr, "line %u, column %u: ", e->line, e->column);
    (void)fprintf(stderr, "%s%s%s\n", p->red, e->message[0] ? e->message : cordon_strerror(e->code), p->off);
    if (e->hint[0])
        (void)fprintf(stderr, "  %s\n", e->hint);
    return e->code == CORDON_E_NOMEM || e->code == CORDON_E_INTERNAL ? EXIT_TROUBLE : EXIT_INPUT;
}

int usage_error(const char *command, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    (void)fprintf(stderr, "cordon %s: ", command);
    (void)vfprintf(stderr, fmt, args);
    va_end(args);
    (void)fprintf(stderr, "\n  `cordon %s --help` shows how it is used\n", command);
    return EXIT_USAGE;
}

/* ---- progress: a bar on a terminal, else a line for each step that takes longer than a second
 * -------------------- */

static struct {
    bool off, open;
    char step[48];
    int64_t begun, shown; /* milliseconds */
} bar;

static int64_t milliseconds(void) {
    struct timespec t;
    if (clock_gettime(CLOCK_MONOTONIC, &t) != 0)
        return 0;
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void progress_off(void) {
    bar.off = true;
}

void progress_end(void) {
    if (bar.open)
        (void)fprintf(stderr, "\r\033[K");
    bar.open = false;
}

static void draw(const char *step, uint64_t done, uint64_t total, int64_t t) {
    enum { WIDTH = 30 };
    char cells[WIDTH + 1];
    const uint64_t filled = total ? done * WIDTH / total : 0;
    for (uint64_t i = 0; i < WIDTH; i++)
        cells[i] = i < filled ? '#' : '.';
    cells[WIDTH] = '\0';
    const uint64_t spent = (uint64_t)(t - bar.begun);
    (void)fprintf(stderr,
                  "\r\033[K%-16s [%s] %llu/%llu",
                  step,
                  cells,
                  (unsigned long long)done,
                  (unsigned long long)total);
    if (spent > 500 && done > 0 && done < total)
        (void)fprintf(stderr,
                      "  %llu/s, %llu s left",
                      (unsigned long long)(done * 1000 / spent),
                      (unsigned long long)((total - done) * spent / done / 1000 + 1));
    (void)fflush(stderr);
    bar.open = true;
}

int progress(void *ctx, const char *step, uint64_t done, uint64_t total) {
    (void)ctx;
    if (bar.off)
        return 0;
    const int64_t t = milliseconds();
    const bool terminal = isatty(STDERR_FILENO) != 0;
    if (strcmp(step, bar.step) != 0) {
        (void)snprintf(bar.step, sizeof(bar.step), "%s", step);
        bar.begun = t;
        bar.shown = 0;
    }
    if (terminal && (t - bar.shown > 100 || done == total)) {
        draw(step, done, total, t);
        bar.shown = t;
    } else if (!terminal && done == total && total > 0 && t - bar.begun > 1000) {
        (void)fprintf(stderr,
                      "%s: done in %lld.%lld s\n",
                      step,
                      (long long)((t - bar.begun) / 1000),
                      (long long)((t - bar.begun) / 100 % 10));
    }
    return 0;
}

void print_json_text(FILE *out, cordon_str s) {
    (void)fputc('"', out);
    for (size_t i = 0; i < s.n; i++) {
        const unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || c == '\\')
            (void)fprintf(out, "\\%c", c);
        else if (c < 0x20)
            (void)fprintf(out, "\\u%04x", c);
        else
            (void)fputc(c, out);
    }
    (void)fputc('"', out);
}
