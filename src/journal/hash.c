/* SPDX-License-Identifier: Apache-2.0 */
/* hash.c: SHA-256 by libcrypto, with one fetched method and one context that is used again, so that a hash of
 * a leaf costs no allocation. */
#include <openssl/evp.h>

#include "journal/hash_priv.h"

int cdn_hasher_init(struct cdn_hasher *h, struct cordon_error *e) {
    *h = (struct cdn_hasher){.md = EVP_MD_fetch(NULL, "SHA256", NULL), .ctx = EVP_MD_CTX_new()};
    if (h->md && h->ctx && EVP_DigestInit_ex2(h->ctx, h->md, NULL) == 1)
        return CORDON_OK;
    cdn_hasher_free(h);
    return cdn_fail(e, CORDON_E_NOMEM, "libcrypto gave no SHA-256");
}

void cdn_hasher_free(struct cdn_hasher *h) {
    EVP_MD_CTX_free(h->ctx);
    EVP_MD_free(h->md);
    h->md = h->ctx = NULL;
}

static void begin(struct cdn_hasher *h) {
    if (EVP_DigestInit_ex2(h->ctx, NULL, NULL) != 1)
        h->broken = true;
}
static void add(struct cdn_hasher *h, const void *p, size_t n) {
    if (n > 0 && EVP_DigestUpdate(h->ctx, p, n) != 1)
        h->broken = true;
}
static void end(struct cdn_hasher *h, uint8_t ret[CDN_HASH]) {
    if (EVP_DigestFinal_ex(h->ctx, ret, NULL) != 1)
        h->broken = true;
}

void cdn_hash_commit(struct cdn_hasher *h,
                     const uint8_t salt[CDN_SALT],
                     cordon_str payload,
                     uint8_t ret[CDN_HASH]) {
    uint8_t head[16 + CDN_SALT];
    memcpy(head, "cordon.record.1\n", 16);
    memcpy(head + 16, salt, CDN_SALT);
    begin(h);
    add(h, head, sizeof(head));
    add(h, payload.p, payload.n);
    end(h, ret);
}

void cdn_hash_leaf(struct cdn_hasher *h, const uint8_t entry[CDN_HASH], uint8_t ret[CDN_HASH]) {
    uint8_t all[1 + CDN_HASH] = {0};
    memcpy(all + 1, entry, CDN_HASH);
    cdn_hash_bytes(h, all, sizeof(all), ret);
}

void cdn_hash_node(struct cdn_hasher *h,
                   const uint8_t left[CDN_HASH],
                   const uint8_t right[CDN_HASH],
                   uint8_t ret[CDN_HASH]) {
    uint8_t all[1 + 2 * CDN_HASH] = {1};
    memcpy(all + 1, left, CDN_HASH);
    memcpy(all + 1 + CDN_HASH, right, CDN_HASH);
    cdn_hash_bytes(h, all, sizeof(all), ret);
}

void cdn_hash_bytes(struct cdn_hasher *h, const void *p, size_t n, uint8_t ret[CDN_HASH]) {
    begin(h);
    add(h, p, n);
    end(h, ret);
}
