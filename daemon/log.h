/* SPDX-License-Identifier: Apache-2.0 */
/* log.h: what happened, as one JSON object a line on standard error.
 *
 * No line holds personal data: routes are named by their pattern, never by the path asked for; no address, no
 * body, no header but the trace id leaves a request. Events that a stranger can cause are bounded
 * (log_quiet). */
#ifndef CORDOND_LOG_H
#define CORDOND_LOG_H

#include "base/base.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO };

/* A line being made. Use: struct log_line l; log_begin(&l, …); log_text(&l, …); log_end(&l). */
struct log_line {
    char storage[4096]; /* a longer line is cut to its first members */
    struct cdn_buf buf;
};
void log_begin(struct log_line *l, enum log_level level, const char *event);
void log_text(struct log_line *l, const char *name, cordon_str value);
void log_number(struct log_line *l, const char *name, int64_t value);
void log_error(struct log_line *l, const cordon_error *e); /* code, message, hint, file, line, column */
void log_end(struct log_line *l);

/* A line with one text and nothing else. */
void log_say(enum log_level level, const char *event, const char *name, const char *value);
/* True when another event that strangers can cause may be logged in this second; *ret_missed: how many were
 * not since the last that was. Any thread. */
bool log_quiet(uint64_t *ret_missed);

#endif
