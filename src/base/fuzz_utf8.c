/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_utf8.c: any bytes as UTF-8. Both decoders agree and end, valid text comes back byte by byte, and a
 * JSON string made of it is valid. */
#include <stdlib.h>

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
    if (!holds)
        abort();
}

static void check_json(cordon_str s) {
    struct cdn_buf b;
    cdn_buf_init(&b, &cdn_alloc_libc, s.n * 6 + 2);
    cdn_buf_json(&b, s);
    const cordon_str json = cdn_buf_get(&b);
    check(b.err == 0 && json.n >= 2 && json.p[0] == '"' && json.p[json.n - 1] == '"');
    check(cdn_utf8_valid(json));
    for (size_t i = 0; i < json.n; i++)
        check((uint8_t)json.p[i] >= 0x20);
    cdn_buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const cordon_str s = cdn_str((const char *)data, size);
    size_t at = 0;
    size_t count = 0;
    bool valid = true;
    while (at < size) {
        size_t lax = at;
        size_t strict = at;
        const uint32_t cp = cdn_utf8_next(s, &lax);
        const int32_t exact = cdn_utf8_strict(s, &strict);
        check(lax == strict && lax > at && lax <= size && lax - at <= 4);
        check(exact < 0 ? cp == 0xFFFD : cp == (uint32_t)exact);
        if (exact >= 0) {
            char again[4];
            check(cdn_utf8_encode(cp, again) == lax - at && memcmp(again, data + at, lax - at) == 0);
        }
        valid = valid && exact >= 0;
        at = lax;
        count++;
    }
    check(cdn_utf8_valid(s) == valid);
    check(cdn_utf8_length(s) == count);
    check_json(s);
    return 0;
}
