/* SPDX-License-Identifier: Apache-2.0 */
/* proof.c: proofs as text. JSON: hashes in hex, and the checkpoint that the proof leads to. C2SP tlog-proof:
 *
 *   c2sp.org/tlog-proof@v1
 *   index N
 *   base64 hash, one per line
 *   (empty line)
 *   the checkpoint, a signed note */
#include "journal/hash_priv.h"
#include "journal/journal.h"

static void hex_member(struct cdn_buf *out, const char *name, const uint8_t *p) {
    cdn_buf_printf(out, "\"%s\":\"", name);
    cdn_buf_hex(out, p, CDN_HASH);
    cdn_buf_z(out, "\"");
}

void cdn_journal_proof_to_json(struct cdn_buf *out, const struct cdn_journal_proof *p, cordon_str note) {
    static const uint8_t none[CDN_HASH];
    const bool inclusion = memcmp(p->leaf_hash, none, CDN_HASH) != 0;
    cdn_buf_z(out, "{");
    if (note.n > 0) {
        cdn_buf_z(out, "\"checkpoint\":");
        cdn_buf_json(out, note);
        cdn_buf_char(out, ',');
    }
    cdn_buf_z(out, "\"hashes\":[");
    for (uint32_t i = 0; i < p->count; i++) {
        cdn_buf_z(out, i ? ",\"" : "\"");
        cdn_buf_hex(out, p->hash[i], CDN_HASH);
        cdn_buf_char(out, '"');
    }
    cdn_buf_z(out, "],");
    if (inclusion) {
        cdn_buf_printf(out, "\"index\":%llu,", (unsigned long long)p->index);
        hex_member(out, "leaf_hash", p->leaf_hash);
        cdn_buf_z(out, ",\"proof\":\"inclusion\",");
        hex_member(out, "root", p->root);
    } else {
        hex_member(out, "old_root", p->old_root);
        cdn_buf_printf(out, ",\"old_size\":%llu,\"proof\":\"consistency\",", (unsigned long long)p->index);
        hex_member(out, "root", p->root);
    }
    cdn_buf_printf(out, ",\"size\":%llu}", (unsigned long long)p->size);
}

void cdn_journal_proof_to_text(struct cdn_buf *out, const struct cdn_journal_proof *p, cordon_str note) {
    cdn_buf_printf(out, "c2sp.org/tlog-proof@v1\nindex %llu\n", (unsigned long long)p->index);
    for (uint32_t i = 0; i < p->count; i++) {
        cdn_base64_write(out, p->hash[i], CDN_HASH);
        cdn_buf_char(out, '\n');
    }
    cdn_buf_char(out, '\n');
    cdn_buf_str(out, note);
}
