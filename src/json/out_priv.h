/* SPDX-License-Identifier: Apache-2.0 */
/* out_priv.h: canonical JSON, member by member. The caller writes members in the order of their names. */
#ifndef CDN_JSON_OUT_PRIV_H
#define CDN_JSON_OUT_PRIV_H

#include "base/num.h"

/* Comma and name: `first` becomes false. */
static inline void cdn_json_name(struct cdn_buf *b, bool *first, const char *name) {
    cdn_buf_put(b, *first ? "\"" : ",\"", *first ? 1 : 2);
    *first = false;
    cdn_buf_z(b, name);
    cdn_buf_put(b, "\":", 2);
}
static inline void cdn_json_comma(struct cdn_buf *b, bool *first) {
    if (!*first)
        cdn_buf_char(b, ',');
    *first = false;
}
static inline void cdn_json_name_text(struct cdn_buf *b, bool *first, const char *name, cordon_str text) {
    cdn_json_name(b, first, name);
    cdn_buf_json(b, text);
}
static inline void cdn_json_name_z(struct cdn_buf *b, bool *first, const char *name, const char *z) {
    cdn_json_name_text(b, first, name, cdn_str_z(z));
}
/* An instant in quotes; null beyond what a calendar can say ("never", "since ever"). */
static inline void cdn_json_instant(struct cdn_buf *b, int64_t t) {
    if (t >= CDN_TIME_MAX || t <= CDN_TIME_MIN) {
        cdn_buf_put(b, "null", 4);
        return;
    }
    cdn_buf_char(b, '"');
    cdn_time_write(b, t);
    cdn_buf_char(b, '"');
}
static inline void cdn_json_bool(struct cdn_buf *b, bool v) {
    cdn_buf_z(b, v ? "true" : "false");
}

#endif
