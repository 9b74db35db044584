/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 against the examples of FIPS 180-4, in pieces of every length. */
#include "base/sha256.h"
#include "support/fault.h"

static void as_the_standard_says(void **state) {
    (void)state;
    static const struct {
        const char *text, *hex;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmno"
         "pqrst"
         "nopqrstu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    };
    for (size_t i = 0; i < CDN_ARRAY_LEN(cases); i++) {
        const size_t n = strlen(cases[i].text);
        for (size_t part = 1; part <= n + 1; part++) {
            struct cdn_sha256 s;
            struct cdn_buf hex;
            char storage[65];
            uint8_t digest[32];
            cdn_sha256_begin(&s);
            for (size_t at = 0; at < n; at += part)
                cdn_sha256_add(&s, cases[i].text + at, CDN_MIN(part, n - at));
            cdn_sha256_end(&s, digest);
            cdn_buf_fixed(&hex, storage, sizeof storage);
            cdn_buf_hex(&hex, digest, sizeof digest);
            assert_memory_equal(hex.p, cases[i].hex, 64);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_the_standard_says)};
    return cdn_run(tests);
}
