/* SPDX-License-Identifier: Apache-2.0 */
/* out.c: members of the JSON objects that queries give. The caller keeps them sorted. */
#include "store/store_priv.h"

void cdn_out_name(struct cdn_buf *out, bool *first, const char *name) {
    if (!*first)
        cdn_buf_char(out, ',');
    *first = false;
    cdn_buf_char(out, '"');
    cdn_buf_z(out, name);
    cdn_buf_z(out, "\":");
}
void cdn_out_text(struct cdn_buf *out, bool *first, const char *name, cordon_str text) {
    cdn_out_name(out, first, name);
    if (text.n)
        cdn_buf_json(out, text);
    else
        cdn_buf_z(out, "null");
}
void cdn_out_instant(struct cdn_buf *out, bool *first, const char *name, int64_t at) {
    cdn_out_name(out, first, name);
    if (at == CDN_INSTANT_NONE)
        cdn_buf_z(out, "null");
    else
        cdn_record_instant(out, at);
}
void cdn_out_count(struct cdn_buf *out, bool *first, const char *name, uint64_t v) {
    cdn_out_name(out, first, name);
    if (v == CDN_COUNT_NONE)
        cdn_buf_z(out, "null");
    else
        cdn_buf_int(out, (int64_t)v);
}
void cdn_out_raw(struct cdn_buf *out, bool *first, const char *name, cordon_str json) {
    cdn_out_name(out, first, name);
    if (json.n)
        cdn_buf_str(out, json);
    else
        cdn_buf_z(out, "null");
}
void cdn_out_party(struct cdn_buf *out, bool *first, const char *name, cordon_str blob) {
    cdn_out_name(out, first, name);
    cdn_json_party(out, blob);
}
void cdn_out_flag(struct cdn_buf *out, bool *first, const char *name, bool v) {
    cdn_out_name(out, first, name);
    cdn_buf_z(out, v ? "true" : "false");
}
