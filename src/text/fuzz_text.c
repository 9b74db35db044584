/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_text.c: opens the input as a folding table; one that opens must fold anything without leaving it. */
#include "text/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct cdn_text t;
    if (cdn_text_open(cdn_str((const char *)data, size), &t, NULL) != 0) {
        return 0;
    }
    char storage[4096];
    struct cdn_buf out;
    cordon_str tokens[CDN_TEXT_TOKENS_MAX];
    cdn_buf_fixed(&out, storage, sizeof storage);
    cdn_text_words(&t, cdn_str((const char *)data, CDN_MIN(size, (size_t)200)), &out);
    (void)cdn_text_tokens(&t, cdn_buf_get(&out), tokens, CDN_TEXT_TOKENS_MAX);
    uint32_t once[CDN_TEXT_FOLD_MAX], twice[CDN_TEXT_FOLD_MAX];
    for (uint32_t cp = 0; cp < 0x110000; cp += 7) {
        const size_t n = cdn_text_fold_cp(&t, cp, once);
        for (size_t i = 0; i < n; i++) {
            if (cdn_text_fold_cp(&t, once[i], twice) != 1 || twice[0] != once[i]) {
                __builtin_trap(); /* an opened table that is no fixed point */
            }
        }
    }
    return 0;
}
