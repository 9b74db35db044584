/* SPDX-License-Identifier: Apache-2.0 */
/* fingerprint.c: keyed hashes of what names a party: BLAKE2b (RFC 7693) with a key of 32 bytes, 16 bytes out,
 * over length(what) as 8 bytes little-endian, what, text. The length keeps ("a", "bc") and ("ab", "c") apart.
 */
#include <sodium.h>

#include "store/record_priv.h"

void cdn_fingerprint(const uint8_t key[CDN_FINGERPRINT_KEY],
                     cordon_str what,
                     cordon_str text,
                     char ret[CDN_FINGERPRINT_TEXT]) {
    static const char digits[] = "0123456789abcdef";
    crypto_generichash_state state;
    uint8_t length[8];
    uint8_t hash[CDN_FINGERPRINT_TEXT / 2];
    for (unsigned i = 0; i < 8; i++)
        length[i] = (uint8_t)((uint64_t)what.n >> (8 * i));
    (void)crypto_generichash_init(&state, key, CDN_FINGERPRINT_KEY, sizeof(hash));
    (void)crypto_generichash_update(&state, length, sizeof(length));
    (void)crypto_generichash_update(&state, (const unsigned char *)(what.n ? what.p : ""), what.n);
    (void)crypto_generichash_update(&state, (const unsigned char *)(text.n ? text.p : ""), text.n);
    (void)crypto_generichash_final(&state, hash, sizeof(hash));
    for (size_t i = 0; i < sizeof(hash); i++) {
        ret[2 * i] = digits[hash[i] >> 4];
        ret[2 * i + 1] = digits[hash[i] & 15];
    }
}

static uint8_t nibble(char c) {
    return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}
void cdn_fingerprint_bytes(cordon_str hex, uint8_t ret[CDN_FINGERPRINT_TEXT / 2]) {
    for (size_t i = 0; i < CDN_FINGERPRINT_TEXT / 2; i++)
        ret[i] = (uint8_t)(nibble(hex.p[2 * i]) << 4 | nibble(hex.p[2 * i + 1]));
}
