/* SPDX-License-Identifier: Apache-2.0 */
/* export_priv.h: writing canonical JSON, shared by the files that write the JSON form. Commas are kept here;
 * that keys come in byte order is the writers' duty, and a test holds them to it. */
#ifndef CDN_EXPORT_PRIV_H
#define CDN_EXPORT_PRIV_H

#include "rulebook/rulebook.h"

struct cdn_json_out {
    struct cdn_buf *b;
    const struct cdn_rulebook *rb;
    const struct cdn_measure *measure; /* the one at hand, or NULL */
    bool comma;                        /* a value stands before */
};

static inline void cdn_jo_comma(struct cdn_json_out *o) {
    if (o->comma)
        cdn_buf_char(o->b, ',');
    o->comma = true;
}
static inline void cdn_jo_open(struct cdn_json_out *o, char bracket) {
    cdn_jo_comma(o);
    cdn_buf_char(o->b, bracket);
    o->comma = false;
}
static inline void cdn_jo_close(struct cdn_json_out *o, char bracket) {
    cdn_buf_char(o->b, bracket);
    o->comma = true;
}
static inline void cdn_jo_key(struct cdn_json_out *o, const char *key) {
    cdn_jo_comma(o);
    cdn_buf_char(o->b, '"');
    cdn_buf_z(o->b, key);
    cdn_buf_z(o->b, "\":");
    o->comma = false;
}
static inline void cdn_jo_str(struct cdn_json_out *o, cordon_str s) {
    cdn_jo_comma(o);
    cdn_buf_json(o->b, s);
}
static inline void cdn_jo_bool(struct cdn_json_out *o, bool v) {
    cdn_jo_comma(o);
    cdn_buf_z(o->b, v ? "true" : "false");
}
static inline void cdn_jo_int(struct cdn_json_out *o, int64_t v) {
    cdn_jo_comma(o);
    cdn_buf_int(o->b, v);
}
/* "key":"text", left out when empty. */
static inline void cdn_jo_text(struct cdn_json_out *o, const char *key, cordon_str s) {
    if (s.n == 0)
        return;
    cdn_jo_key(o, key);
    cdn_jo_str(o, s);
}

/* ---- export.c ---- */
void cdn_jo_word(struct cdn_json_out *o, const char *words); /* "two kinds" → "two_kinds" */
void cdn_jo_subject(struct cdn_json_out *o, struct cdn_subject s);
void cdn_jo_decimal(struct cdn_json_out *o, struct cdn_decimal v);
void cdn_jo_money(struct cdn_json_out *o, const struct cdn_money_literal *m); /* the object */
void cdn_jo_moment(struct cdn_json_out *o,
                   const char *key,
                   const struct cdn_moment *m); /* left out when absent */
void cdn_jo_place(struct cdn_json_out *o, const struct cdn_place *p);
void cdn_jo_places(struct cdn_json_out *o, const struct cdn_place_set *set);
void cdn_jo_country(struct cdn_json_out *o, uint16_t code);
void cdn_jo_source(struct cdn_json_out *o, const struct cdn_source *s);
void cdn_jo_sources(struct cdn_json_out *o, const struct cdn_source *sources, uint32_t count);
/* ---- export_measure.c ---- */
void cdn_jo_expr(struct cdn_json_out *o, const struct cdn_expr *e);
void cdn_jo_test(struct cdn_json_out *o, const struct cdn_test *t);
/* The members of a measure's object. */
void cdn_jo_measure(struct cdn_json_out *o, const struct cdn_measure *m);
void cdn_jo_outcome(struct cdn_json_out *o, const struct cdn_outcome *outcome);
void cdn_jo_duty(struct cdn_json_out *o, const struct cdn_duty *d);
void cdn_jo_keep(struct cdn_json_out *o, const struct cdn_keep *k);
void cdn_jo_presume(struct cdn_json_out *o, const struct cdn_presume *p);
/* ---- export_text.c: what only the text of a file knows: comments and scenarios ---- */
struct cdn_text_walk { /* goes through one file once, line by line */
    cordon_str text;
    size_t at;                   /* start of the line to read next */
    uint32_t line;               /* its number, from 1 */
    size_t head;                 /* where the last declaration began */
    size_t comment, comment_end; /* lines of comment before it; equal: none */
    size_t pending;              /* comment lines read since the last other line; SIZE_MAX: none */
};
void cdn_text_walk_init(struct cdn_text_walk *w, cordon_str text);
/* Goes on to the declaration whose name stands in that line. */
void cdn_text_walk_to(struct cdn_text_walk *w, uint32_t line);
/* "#":[…] of the lines between, when there are any: a key that comes before all others. */
void cdn_jo_comment(struct cdn_json_out *o, cordon_str text, size_t from, size_t end);
/* The comment at the top of a file, up to the first empty line; where it ends. 0: there is none. */
size_t cdn_text_header(cordon_str text, size_t *ret_from);
/* The lines of the scenario that begins at `head`, as they are: an array. */
void cdn_jo_scenario_lines(struct cdn_json_out *o, cordon_str text, size_t head);

#endif
