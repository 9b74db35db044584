/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_ip_text.c: addresses and prefixes as text; what is read must survive writing and reading again. */
#include <stdlib.h>

#include "places/ip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const cordon_str text = cdn_str((const char *)data, size);
    struct cdn_ip_addr a;
    struct cdn_ip_addr b;
    uint8_t length;
    char out[CDN_IP_TEXT];
    memset(&a, 0, sizeof a);
    memset(&b, 0, sizeof b);
    if (cdn_ip_parse(text, &a) == 0) {
        const size_t n = cdn_ip_write(&a, out);
        if (n >= sizeof out || cdn_ip_parse(cdn_str(out, n), &b) != 0 || memcmp(&a, &b, sizeof a) != 0) {
            abort();
        }
    }
    if (cdn_ip_parse_prefix(text, &a, &length) == 0 && length > (a.family == 4 ? 32 : 128)) {
        abort();
    }
    return 0;
}
