/* SPDX-License-Identifier: Apache-2.0 */
/* base64.c: RFC 4648 with padding. Reading takes the one canonical form only: two texts never mean the same
 * bytes, so that nobody can alter a signed file and leave it valid. */
#include "sign/sign.h"

static const char letters[65] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void cdn_base64_write(struct cdn_buf *out, const uint8_t *p, size_t n) {
    for (size_t i = 0; i < n; i += 3) {
        const size_t have = CDN_MIN(n - i, (size_t)3);
        uint32_t v = (uint32_t)p[i] << 16;
        if (have > 1)
            v |= (uint32_t)p[i + 1] << 8;
        if (have > 2)
            v |= p[i + 2];
        const char four[4] = {letters[v >> 18],
                              letters[(v >> 12) & 63],
                              have > 1 ? letters[(v >> 6) & 63] : '=',
                              have > 2 ? letters[v & 63] : '='};
        cdn_buf_put(out, four, sizeof(four));
    }
}

static int value_of(char c) {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

int cdn_base64_read(cordon_str text, uint8_t *ret, size_t n) {
    if (n > SIZE_MAX / 4 || text.n != (n + 2) / 3 * 4)
        return CORDON_E_SYNTAX;
    const size_t pad = (3 - n % 3) % 3;
    size_t at = 0;
    uint32_t bits = 0, have = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (i >= text.n - pad) {
            if (text.p[i] != '=')
                return CORDON_E_SYNTAX;
            continue;
        }
        const int v = value_of(text.p[i]);
        if (v < 0)
            return CORDON_E_SYNTAX;
        bits = (bits << 6) | (uint32_t)v;
        have += 6;
        if (have >= 8) {
            have -= 8;
            ret[at++] = (uint8_t)(bits >> have);
            bits &= (1u << have) - 1;
        }
    }
    return bits == 0 && at == n ? CORDON_OK : CORDON_E_SYNTAX;
}
