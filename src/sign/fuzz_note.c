/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_note.c: any bytes as a signed note, a checkpoint and a verifier key. What is read is written again
 * byte by byte. */
#include <stdlib.h>

#include "sign/sign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const cordon_str text = cdn_str((const char *)data, size);
    struct cdn_note note;
    struct cdn_note_key key;
    struct cdn_checkpoint c;
    struct cordon_error e;
    struct cdn_buf b;
    cdn_buf_init(&b, &cdn_alloc_libc, 1 << 20);
    struct cdn_sign_public any = {{0}, {1}};
    if (cdn_note_read(text, &note, &e) == 0) {
        if (note.text.n + 1 + note.signatures.n != size)
            abort();
        if (cdn_note_key_make(CDN_STR("a"), &any, CDN_NOTE_COSIGNER, &key, &e) == 0)
            (void)!cdn_note_verify(&note, &key, NULL, &e);
    }
    if (cdn_checkpoint_read(text, &c, &e) == 0) {
        cdn_checkpoint_write(&b, &c);
        if (b.n > size || memcmp(b.p, data, b.n) != 0)
            abort();
    }
    cdn_buf_clear(&b);
    if (cdn_note_key_read(text, &key, &e) == 0) {
        struct cdn_note_key again;
        cdn_note_key_write(&b, &key);
        if (cdn_note_key_read(cdn_buf_get(&b), &again, &e) || memcmp(&key, &again, sizeof(key)) != 0)
            abort();
    }
    cdn_buf_free(&b);
    return 0;
}
