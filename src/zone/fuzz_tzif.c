/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_tzif.c: opens the input as a TZif file; whatever opens must answer for every time without
 * contradiction. */
#include "zone/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool right) {
    if (!right) {
        __builtin_trap();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct cdn_zone *z = NULL;
    if (cdn_zone_from_tzif(CDN_STR("fuzz"), cdn_str((const char *)data, size), &cdn_alloc_libc, &z, NULL) !=
        0) {
        return 0;
    }
    static const int64_t starts[] = {CDN_TIME_MIN, -2208988800, 0, 1646438400, 4102444800, CDN_TIME_MAX - 1};
    for (size_t i = 0; i < CDN_ARRAY_LEN(starts); i++) {
        int64_t t = starts[i];
        for (int k = 0; k < 20 && t < CDN_TIME_MAX; k++) {
            const int64_t next = cdn_zone_next_change(z, t);
            check(next > t);
            check(cdn_zone_offset_at(z, t).seconds == cdn_zone_offset_at(z, next - 1).seconds);
            if (t > -62135596800 && t < 253402300799) { /* years 1 to 9999 */
                int32_t offset = 0;
                int64_t back = 0;
                const struct cdn_civil c = cdn_zone_civil(z, t, &offset);
                const int err = cdn_zone_resolve(z, &c, offset, &back, NULL, NULL);
                check(err == CORDON_E_RANGE || err == CORDON_E_CONFLICT || back == t);
                check(cdn_zone_day_start(z, c.year, c.month, c.day, &back, NULL) == 0);
            }
            t = next;
        }
    }
    cdn_zone_free(z);
    return 0;
}
