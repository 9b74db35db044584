/* SPDX-License-Identifier: Apache-2.0 */
/* diff_write.c: the changes between two rulebooks as lines and as canonical JSON. */
#include "rulebook/diff.h"
#include "rulebook/export_priv.h"

void cdn_diff_write_words(struct cdn_buf *b, const struct cdn_diff *diff) {
    for (size_t i = 0; i < diff->count && !b->err; i++) {
        const struct cdn_change *c = &diff->items[i];
        if (c->kind != CDN_DIFF_MEASURE && c->action == CDN_DIFF_CHANGED && c->kind < CDN_DIFF_RATE) {
            cdn_buf_z(b, cdn_diff_kind_name(c->kind));
            cdn_buf_char(b, ' ');
        }
        cdn_buf_str(b, c->id);
        cdn_buf_z(b, ": ");
        cdn_buf_str(b, c->words);
        if (c->effect != CDN_EFFECT_NEUTRAL) {
            cdn_buf_z(b, " \xE2\x80\x94 ");
            cdn_buf_z(b, cdn_effect_name(c->effect));
        }
        cdn_buf_char(b, '\n');
    }
}

static void texts(struct cdn_json_out *o, const char *key, const cordon_str *items, uint32_t count) {
    if (count == 0)
        return;
    cdn_jo_key(o, key);
    cdn_jo_open(o, '[');
    for (uint32_t i = 0; i < count; i++)
        cdn_jo_str(o, items[i]);
    cdn_jo_close(o, ']');
}

void cdn_diff_write_json(struct cdn_buf *b, const struct cdn_diff *diff) {
    static const char *const actions[] = {"added", "removed", "changed"};
    /* in the order of their bytes */
    static const uint8_t effects[] = {
        CDN_EFFECT_CHANGES, CDN_EFFECT_NARROWER, CDN_EFFECT_NEUTRAL, CDN_EFFECT_WIDER};
    struct cdn_json_out o = {.b = b};
    cdn_jo_open(&o, '{');
    cdn_jo_key(&o, "changes");
    cdn_jo_open(&o, '[');
    for (size_t i = 0; i < diff->count && !b->err; i++) {
        const struct cdn_change *c = &diff->items[i];
        cdn_jo_open(&o, '{');
        texts(&o, "added", c->added, c->added_count);
        cdn_jo_text(&o, "change", cdn_str_z(actions[c->action]));
        cdn_jo_text(&o, "clause", cdn_str_z(c->clause));
        cdn_jo_text(&o, "effect", cdn_str_z(cdn_effect_name(c->effect)));
        cdn_jo_text(&o, "from", c->from);
        cdn_jo_text(&o, "id", c->id);
        cdn_jo_text(&o, "kind", cdn_str_z(cdn_diff_kind_name(c->kind)));
        texts(&o, "removed", c->removed, c->removed_count);
        cdn_jo_text(&o, "to", c->to);
        cdn_jo_text(&o, "words", c->words);
        cdn_jo_close(&o, '}');
    }
    cdn_jo_close(&o, ']');
    cdn_jo_key(&o, "format");
    cdn_jo_str(&o, CDN_STR("cordon-diff/1"));
    cdn_jo_key(&o, "summary");
    cdn_jo_open(&o, '{');
    for (size_t i = 0; i < CDN_ARRAY_LEN(effects); i++) {
        cdn_jo_key(&o, cdn_effect_name(effects[i]));
        cdn_jo_int(&o, (int64_t)diff->effects[effects[i]]);
    }
    cdn_jo_close(&o, '}');
    cdn_jo_close(&o, '}');
}
