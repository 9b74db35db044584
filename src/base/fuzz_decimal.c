/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_decimal.c: two texts parted by a space as decimals; laws that hold whatever their values. */
#include <stdlib.h>

#include "base/num.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
    if (!holds)
        abort();
}

static void check_text(struct cdn_decimal v) {
    char room[32];
    struct cdn_buf b;
    struct cdn_decimal again = {0, 0};
    cdn_buf_fixed(&b, room, sizeof(room));
    cdn_decimal_write(&b, v);
    check(b.err == 0 && cdn_decimal_parse(cdn_buf_get(&b), &again) == 0);
    check(again.mantissa == v.mantissa && again.scale == v.scale);
}

static bool equal(struct cdn_decimal a, struct cdn_decimal b) {
    return cdn_decimal_cmp(a, b) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    cordon_str rest;
    const cordon_str first = cdn_str_split(cdn_str((const char *)data, size), ' ', &rest);
    struct cdn_decimal a = {0, 0};
    struct cdn_decimal b = {0, 0};
    if (cdn_decimal_parse(first, &a) != 0)
        return 0;
    check_text(a);
    if (cdn_decimal_parse(rest, &b) != 0)
        return 0;
    check(cdn_decimal_cmp(a, b) == -cdn_decimal_cmp(b, a));
    struct cdn_decimal r = {0, 0};
    struct cdn_decimal s = {0, 0};
    if (cdn_decimal_add(a, b, &r) == 0) {
        check_text(r);
        check(cdn_decimal_sub(r, b, &s) == 0 && equal(s, a));
    }
    if (cdn_decimal_sub(a, b, &r) == 0) {
        check_text(r);
        check(cdn_decimal_cmp(r, (struct cdn_decimal){0, 0}) == cdn_decimal_cmp(a, b));
    }
    if (cdn_decimal_mul(a, b, &r) == 0) {
        check_text(r);
        check(cdn_decimal_mul(b, a, &s) == 0 && equal(r, s));
        check(b.mantissa == 0 || (cdn_decimal_div(r, b, a.scale, &s) == 0 && equal(s, a)));
    }
    if (cdn_decimal_div(a, b, (uint8_t)(size % 20), &r) == 0)
        check_text(r);
    return 0;
}
