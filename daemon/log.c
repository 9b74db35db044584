/* SPDX-License-Identifier: Apache-2.0 */
/* log.c: JSON lines on standard error; a line is one write, so that threads do not mix theirs. */
#include "log.h"

#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "base/num.h"

enum { STRANGERS_A_SECOND = 20 };

void log_begin(struct log_line *l, enum log_level level, const char *event) {
    static const char *const names[] = {"error", "warning", "info"};
    cdn_buf_fixed(&l->buf, l->storage, sizeof(l->storage) - 2);
    cdn_buf_z(&l->buf, "{\"time\":\"");
    cdn_time_write(&l->buf, (int64_t)time(NULL));
    cdn_buf_printf(&l->buf, "\",\"level\":\"%s\",\"event\":\"%s\"", names[level], event);
}

/* A member that does not fit is left out whole, so that the line stays JSON. */
static void keep_whole(struct log_line *l, size_t before) {
    if (l->buf.err) {
        l->buf.n = before;
        l->buf.err = 0;
    }
}

void log_text(struct log_line *l, const char *name, cordon_str value) {
    const size_t before = l->buf.n;
    cdn_buf_printf(&l->buf, ",\"%s\":", name);
    cdn_buf_json(&l->buf, value);
    keep_whole(l, before);
}

void log_number(struct log_line *l, const char *name, int64_t value) {
    const size_t before = l->buf.n;
    cdn_buf_printf(&l->buf, ",\"%s\":", name);
    cdn_buf_int(&l->buf, value);
    keep_whole(l, before);
}

void log_error(struct log_line *l, const cordon_error *e) {
    log_text(l, "code", cdn_str_z(cdn_status_name(e->code)));
    log_text(l, "message", cdn_str_z(e->message));
    if (e->hint[0])
        log_text(l, "hint", cdn_str_z(e->hint));
    if (e->where[0])
        log_text(l, "where", cdn_str_z(e->where));
    if (e->line)
        log_number(l, "line", e->line);
    if (e->column)
        log_number(l, "column", e->column);
    if (e->system)
        log_number(l, "errno", e->system);
}

void log_end(struct log_line *l) {
    l->storage[l->buf.n] = '}';
    l->storage[l->buf.n + 1] = '\n';
    const ssize_t written = write(STDERR_FILENO, l->storage, l->buf.n + 2);
    (void)written; /* nobody is left to be told */
}

void log_say(enum log_level level, const char *event, const char *name, const char *value) {
    struct log_line l;
    log_begin(&l, level, event);
    if (name)
        log_text(&l, name, cdn_str_z(value));
    log_end(&l);
}

bool log_quiet(uint64_t *ret_missed) {
    static atomic_int_least64_t second;
    static atomic_uint said;
    static atomic_uint_least64_t missed;
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    if (atomic_exchange(&second, t.tv_sec) != t.tv_sec)
        atomic_store(&said, 0);
    if (atomic_fetch_add(&said, 1) >= STRANGERS_A_SECOND) {
        atomic_fetch_add(&missed, 1);
        return false;
    }
    *ret_missed = atomic_exchange(&missed, 0);
    return true;
}
