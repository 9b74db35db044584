/* SPDX-License-Identifier: Apache-2.0 */
/* sha256.h: SHA-256 (FIPS 180-4) for the read side, which links libc only. For what a person or a case is
 * recognised by again later; files and sections are hashed by libcrypto (compile/digest.c). */
#ifndef CDN_SHA256_H
#define CDN_SHA256_H

#include "base/base.h"

struct cdn_sha256 {
    uint32_t state[8];
    uint64_t bytes;
    uint8_t block[64];
};
void cdn_sha256_begin(struct cdn_sha256 *s);
void cdn_sha256_add(struct cdn_sha256 *s, const void *p, size_t n);
void cdn_sha256_end(struct cdn_sha256 *s, uint8_t ret[32]);

#endif
