/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_settings.c: any bytes as a settings file, and as the JSON of an export. What is read is within its
 * limits; what is refused has a place within the text and changes nothing. */
#include <stdlib.h>

#include "config.h"
#include "csv.h"

#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const columns[] = {"decision", "text"};
    struct config before;
    struct config after;
    struct cdn_buf out;
    cordon_error e = {0};
    const cordon_str text = cdn_str((const char *)data, size);
    config_defaults(&before);
    after = before;
    if (config_read(&after, "f", text, &e)) {
        check(memcmp(&before, &after, sizeof(after)) == 0);
        check(e.line >= 1 && e.column >= 1 && e.message[0]);
    } else {
        check(memchr(after.listen, '\0', CONFIG_TEXT) && memchr(after.data, '\0', CONFIG_TEXT));
        check(config_check(&after, &e) == 0 || e.message[0]);
    }
    cdn_buf_init(&out, &cdn_alloc_libc, CDN_MIB(4));
    const int err = csv_write(text, columns, 2, &out);
    check(err == 0 || err == CORDON_E_FORMAT || err == CORDON_E_LIMIT);
    cdn_buf_free(&out);
    return 0;
}
