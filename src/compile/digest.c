/* SPDX-License-Identifier: Apache-2.0 */
/* digest.c: SHA-256 of sections and of the manifest, made and verified. The only place that knows libcrypto.
 */
#include <openssl/evp.h>

#include "base/limits.h"
#include "compile/compile.h"

int cdn_compile_sha256(const void *p, size_t n, uint8_t ret[32]) {
    uint8_t md[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (EVP_Digest(n ? p : "", n, md, &length, EVP_sha256(), NULL) != 1 || length != 32)
        return CORDON_E_INTERNAL;
    memcpy(ret, md, 32);
    return 0;
}

int cdn_compile_manifest_digest(const struct cdn_snap_header *header,
                                const struct cdn_snap_entry *entries,
                                uint8_t ret[32]) {
    struct {
        struct cdn_snap_header header;
        struct cdn_snap_entry entries[CDN_MAX_SNAPSHOT_SECTIONS];
    } plain;
    if (header->section_count > CDN_MAX_SNAPSHOT_SECTIONS)
        return CORDON_E_LIMIT;
    plain.header = *header;
    plain.header.file_length = 0;
    memset(plain.header.digest, 0, sizeof(plain.header.digest));
    for (uint32_t i = 0; i < header->section_count; i++) {
        plain.entries[i] = entries[i];
        plain.entries[i].offset = 0;
    }
    return cdn_compile_sha256(&plain, sizeof(plain.header) + header->section_count * sizeof(*entries), ret);
}

int cdn_compile_verify(const struct cdn_snapshot *s, struct cordon_error *e) {
    uint8_t digest[32];
    int err = cdn_compile_manifest_digest(s->header, s->entries, digest);
    if (err)
        return cdn_fail(e, err, "the digest cannot be computed");
    if (memcmp(digest, s->digest, sizeof(digest)) != 0)
        return cdn_fail(e, CORDON_E_DIGEST, "the snapshot does not have the digest that it names");
    for (uint32_t i = 0; i < s->header->section_count; i++) {
        const cordon_str bytes = cdn_snapshot_section_at(s, i);
        err = cdn_compile_sha256(bytes.p, bytes.n, digest);
        if (err)
            return cdn_fail(e, err, "the digest cannot be computed");
        if (memcmp(digest, s->entries[i].sha256, sizeof(digest)) != 0)
            return cdn_fail(
                e, CORDON_E_DIGEST, "section %u does not have the digest that the manifest names", i);
    }
    return 0;
}
