/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_time.c: two texts parted by a space as moments; what is written parses to the same, and comparisons
 * obey their laws. */
#include <stdlib.h>

#include "base/num.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
    if (!holds)
        abort();
}

static void check_text(struct cdn_when w) {
    char room[64];
    struct cdn_buf b;
    struct cdn_when again = {0, 0, 0};
    cdn_buf_fixed(&b, room, sizeof(room));
    cdn_when_write(&b, w);
    check(b.err == 0 && w.first < w.after);
    /* an offset can lead out of the years that parse */
    if (w.first < -INT64_C(62167219200) || w.first > INT64_C(253402300799))
        return;
    check(cdn_when_parse(cdn_buf_get(&b), &again) == 0);
    check(again.kind == w.kind && again.first == w.first && again.after == w.after);
}

static int negated(int truth) {
    return truth == CORDON_UNKNOWN ? CORDON_UNKNOWN : !truth;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    cordon_str rest;
    const cordon_str first = cdn_str_split(cdn_str((const char *)data, size), ' ', &rest);
    int64_t t = 0;
    int32_t offset = 0;
    if (cdn_time_parse(first, &t, &offset) == 0) {
        const struct cdn_civil c = cdn_civil_from_time(t + offset);
        check(cdn_civil_valid(&c) && c.year >= 0 && c.year <= 9999);
        check(cdn_time_from_civil(&c) == t + offset && offset > -86400 && offset < 86400);
    }
    struct cdn_when a = {0, 0, 0};
    struct cdn_when b = {0, 0, 0};
    if (cdn_when_parse(first, &a) != 0)
        return 0;
    check_text(a);
    if (cdn_when_parse(rest, &b) != 0)
        return 0;
    const int before = cdn_when_before(a, b);
    const int same = cdn_when_same(a, b);
    check(cdn_when_not_after(a, b) == negated(cdn_when_before(b, a)));
    check(same == cdn_when_same(b, a));
    check(before != CORDON_TRUE || (same == CORDON_FALSE && cdn_when_not_after(a, b) == CORDON_TRUE));
    check(same != CORDON_TRUE || (before == CORDON_FALSE && cdn_when_not_after(a, b) == CORDON_TRUE));
    const struct cdn_when later = cdn_when_plus(a, (b.first - a.first) / 7);
    check(later.after - later.first == a.after - a.first);
    return 0;
}
