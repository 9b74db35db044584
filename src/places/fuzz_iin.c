/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_iin.c: a section of card ranges that may be hostile: open, then every kind of look-up. */
#include <stdlib.h>

#include "places/iin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct cdn_iin_table t;
    uint16_t country;
    if (cdn_iin_open(data, size, &t, NULL) != 0) {
        return 0;
    }
    static const char *const asked[] = {
        "000000", "400055", "40005512", "400055123456789", "9999999999999999999"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(asked); i++) {
        for (size_t n = 0; n <= strlen(asked[i]); n++) {
            if (cdn_iin_lookup(&t, cdn_str(asked[i], n), &country) == 0 && n < CDN_IIN_ASK_LEAST) {
                abort();
            }
        }
    }
    return 0;
}
