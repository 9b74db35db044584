/* SPDX-License-Identifier: Apache-2.0 */
/* sign.c: Ed25519 by libsodium. */
#include <sodium.h>

#include "sign/sign.h"

_Static_assert(CDN_SIGN_SECRET == crypto_sign_SECRETKEYBYTES &&
                   CDN_SIGN_PUBLIC == crypto_sign_PUBLICKEYBYTES && CDN_SIGN_BYTES == crypto_sign_BYTES,
               "sizes are libsodium's");

int cdn_sign_begin(struct cordon_error *e) {
    if (sodium_init() < 0)
        return cdn_fail(e, CORDON_E_INTERNAL, "libsodium found no source of random numbers");
    return CORDON_OK;
}

void cdn_sign_random(void *p, size_t n) {
    randombytes_buf(p, n);
}

int cdn_sign_generate(struct cdn_sign_secret *ret, struct cordon_error *e) {
    const int err = cdn_sign_begin(e);
    if (err)
        return err;
    struct cdn_sign_secret s;
    if (crypto_sign_keypair(s.pub.key, s.key) != 0)
        return cdn_fail(e, CORDON_E_INTERNAL, "libsodium made no key");
    randombytes_buf(s.pub.id, sizeof(s.pub.id));
    *ret = s;
    cdn_sign_forget(&s);
    return CORDON_OK;
}

void cdn_sign_forget(struct cdn_sign_secret *key) {
    if (key)
        sodium_memzero(key, sizeof(*key));
}

int cdn_sign_bytes(const struct cdn_sign_secret *key,
                   cordon_str message,
                   uint8_t ret[CDN_SIGN_BYTES],
                   struct cordon_error *e) {
    const int err = cdn_sign_begin(e);
    if (err)
        return err;
    if (crypto_sign_detached(ret, NULL, (const uint8_t *)message.p, message.n, key->key) != 0)
        return cdn_fail(e, CORDON_E_INTERNAL, "libsodium did not sign");
    return CORDON_OK;
}

int cdn_sign_check_bytes(const struct cdn_sign_public *key,
                         cordon_str message,
                         const uint8_t signature[CDN_SIGN_BYTES],
                         struct cordon_error *e) {
    const int err = cdn_sign_begin(e);
    if (err)
        return err;
    if (crypto_sign_verify_detached(signature, (const uint8_t *)message.p, message.n, key->key) != 0)
        return cdn_fail(e, CORDON_E_DIGEST, "the signature is not one of this key over these bytes");
    return CORDON_OK;
}
