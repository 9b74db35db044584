/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_minisign.c: any bytes as a public key, a secret key (unencrypted ones only: the others are made to be
 * slow) and a signature. What is read is written again as the same key. */
#include <stdlib.h>

#include "sign/sign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const cordon_str text = cdn_str((const char *)data, size);
    struct cdn_sign_public key = {{0}, {0}}, again;
    struct cdn_sign_secret secret;
    struct cordon_error e;
    struct cdn_buf b;
    cordon_str trusted;
    uint8_t id[CDN_SIGN_ID];
    cdn_buf_init(&b, &cdn_alloc_libc, 4096);
    if (cdn_minisign_read_public(text, &key, &e) == 0) {
        cdn_minisign_write_public(&b, &key);
        if (cdn_minisign_read_public(cdn_buf_get(&b), &again, &e) || memcmp(&key, &again, sizeof(key)) != 0)
            abort();
    }
    const char *line = size ? memchr(data, '\n', size) : NULL;
    const size_t left = line ? size - (size_t)(line + 1 - (const char *)data) : 0;
    if (left > 4 && memcmp(line + 1, "RWQA", 4) == 0) /* "Ed", no password */
        (void)!cdn_minisign_read_secret(text, cdn_str(NULL, 0), &secret, &e);
    if (cdn_minisign_key_of(text, id, &e) == 0) {
        memcpy(key.id, id, sizeof(id));
        if (cdn_minisign_verify(&key, CDN_STR("x"), text, &trusted, &e) == 0)
            abort(); /* a signature that nobody made */
    }
    cdn_buf_free(&b);
    return 0;
}
