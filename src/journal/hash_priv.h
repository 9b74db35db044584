/* SPDX-License-Identifier: Apache-2.0 */
/* hash_priv.h: SHA-256 (libcrypto) of leaves and nodes as RFC 6962 has them, and the commitment of a record.
 *
 *   commitment = SHA-256( "cordon.record.1\n" salt[16] payload )     the entry of the log
 *   leaf       = SHA-256( 0x00 entry )
 *   node       = SHA-256( 0x01 left right ) */
#ifndef CDN_JOURNAL_HASH_PRIV_H
#define CDN_JOURNAL_HASH_PRIV_H

#include "base/base.h"

#define CDN_HASH 32
#define CDN_SALT 16

struct cdn_hasher { /* one thread's */
    void *md, *ctx;
    bool broken; /* libcrypto failed once: nothing that it gave may be used */
};
int cdn_hasher_init(struct cdn_hasher *h, struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_hasher_free(struct cdn_hasher *h);

void cdn_hash_commit(struct cdn_hasher *h,
                     const uint8_t salt[CDN_SALT],
                     cordon_str payload,
                     uint8_t ret[CDN_HASH]);
void cdn_hash_leaf(struct cdn_hasher *h, const uint8_t entry[CDN_HASH], uint8_t ret[CDN_HASH]);
void cdn_hash_node(struct cdn_hasher *h,
                   const uint8_t left[CDN_HASH],
                   const uint8_t right[CDN_HASH],
                   uint8_t ret[CDN_HASH]);
void cdn_hash_bytes(struct cdn_hasher *h, const void *p, size_t n, uint8_t ret[CDN_HASH]);

#endif
