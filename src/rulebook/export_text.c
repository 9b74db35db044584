/* SPDX-License-Identifier: Apache-2.0 */
/* export_text.c: comments before declarations, and the lines of scenarios, from the text of a file.
 *
 * A resolved rulebook has no comments and its scenarios are requests already; both are taken from the text. A
 * declaration begins at the last line at or before its name that has something in the first column.
 *
 *  1. a file is gone through once, whatever the number of declarations;
 *  2. lines are given without white space at their end (\r included). */
#include "rulebook/export_priv.h"

/* The line that starts at `at`, without its end; *ret_next: start of the next. */
static cordon_str line_at(cordon_str text, size_t at, size_t *ret_next) {
    const char *end = at < text.n ? memchr(text.p + at, '\n', text.n - at) : NULL;
    size_t n = end ? (size_t)(end - text.p) - at : text.n - at;
    *ret_next = end ? at + n + 1 : text.n;
    while (n > 0 && (text.p[at + n - 1] == ' ' || text.p[at + n - 1] == '\t' || text.p[at + n - 1] == '\r'))
        n--;
    return cdn_str(text.p + at, n);
}

/* Whether the line can be the head of a declaration. */
static bool is_head(cordon_str line) {
    return line.n > 0 && !strchr(" \t#})", line.p[0]);
}

void cdn_text_walk_init(struct cdn_text_walk *w, cordon_str text) {
    size_t from = 0;
    *w = (struct cdn_text_walk){.text = text, .line = 1, .pending = SIZE_MAX};
    if (cdn_str_starts(text, CDN_STR("\xEF\xBB\xBF")))
        w->at = 3;
    const size_t header = cdn_text_header(text, &from);
    while (w->at < header) {
        size_t next = 0;
        (void)line_at(text, w->at, &next);
        w->at = next;
        w->line++;
    }
}

void cdn_text_walk_to(struct cdn_text_walk *w, uint32_t line) {
    while (w->line <= line && w->at < w->text.n) {
        size_t next = 0;
        const cordon_str s = line_at(w->text, w->at, &next);
        if (s.n > 0 && s.p[0] == '#') {
            if (w->pending == SIZE_MAX)
                w->pending = w->at;
        } else if (s.n > 0) {
            if (is_head(s)) {
                w->head = w->at;
                w->comment = w->pending == SIZE_MAX ? w->at : w->pending;
                w->comment_end = w->at;
            }
            w->pending = SIZE_MAX;
        }
        w->at = next;
        w->line++;
    }
}

void cdn_jo_comment(struct cdn_json_out *o, cordon_str text, size_t from, size_t end) {
    if (from >= end)
        return;
    cdn_jo_key(o, "#");
    cdn_jo_open(o, '[');
    while (from < end) {
        cordon_str s = line_at(text, from, &from);
        if (s.n == 0 || s.p[0] != '#')
            continue;
        const size_t skip = s.n > 1 && s.p[1] == ' ' ? 2 : 1;
        cdn_jo_str(o, cdn_str(s.p + skip, s.n - skip));
    }
    cdn_jo_close(o, ']');
}

size_t cdn_text_header(cordon_str text, size_t *ret_from) {
    size_t at = cdn_str_starts(text, CDN_STR("\xEF\xBB\xBF")) ? 3 : 0;
    *ret_from = at;
    while (at < text.n) {
        size_t next = 0;
        const cordon_str s = line_at(text, at, &next);
        if (s.n == 0)
            return at > *ret_from ? at : 0;
        if (s.p[0] != '#')
            return 0;
        at = next;
    }
    return at > *ret_from ? at : 0;
}

void cdn_jo_scenario_lines(struct cdn_json_out *o, cordon_str text, size_t head) {
    size_t end = head, next = head;
    bool first = true, go_on = true;
    while (next < text.n && go_on) { /* `end`: behind the last line that has something below the head */
        const cordon_str s = line_at(text, next, &next);
        go_on = first || !is_head(s);
        if (first || (s.n > 0 && go_on && s.p[0] != '#'))
            end = next;
        first = false;
    }
    cdn_jo_open(o, '[');
    while (head < end)
        cdn_jo_str(o, line_at(text, head, &head));
    cdn_jo_close(o, ']');
}
