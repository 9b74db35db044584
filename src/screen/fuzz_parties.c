/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a section of listed parties, or as an index of identifiers: refused, or everything can be
 * read. */
#include <stdlib.h>

#include "support/walk_parties.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static volatile uint64_t sink;
    uint64_t *copy = malloc(size ? size : 1); /* aligned, and of exactly the size of the input */
    struct cordon_error e = {0};
    struct cdn_party_source source;
    struct cdn_ident_index index;
    if (!copy)
        return 0;
    memcpy(copy, data, size);
    const cordon_str bytes = cdn_str((const char *)copy, size);
    const int err = cdn_party_source_open(bytes, &source, &e);
    if (err == 0)
        sink = sink + cdn_walk_party_source(&source);
    else if (e.code != err || e.message[0] == '\0')
        abort(); /* refused without a reason */
    if (cdn_ident_index_open(bytes, &index, &e) == 0) {
        for (uint32_t i = 0; i < 64; i++) {
            const struct cdn_ident_row *rows = NULL;
            const uint32_t n =
                cdn_ident_index_find(&index, i < index.slot_count ? index.slots[i].hash : i, &rows);
            for (uint32_t k = 0; k < n; k++)
                sink = sink + rows[k].entry;
        }
    }
    /* as an identifier, too: the first byte says which kind */
    char storage[CDN_IDENT_NORMAL];
    if (size > 0) {
        const cordon_str value = cdn_str((const char *)copy + 1, size - 1);
        const unsigned kind = data[0] % (CDN_PARTY_IDENT_KINDS + 1);
        const cordon_str normal = cdn_ident_normal(kind, value, storage);
        sink = sink + cdn_ident_hash(kind, normal) + cdn_ident_decides(kind, normal, true) +
               cdn_ident_kind_of(value);
        if (normal.n >= CDN_IDENT_LEAST && !cdn_ident_equal(kind, normal, normal))
            abort();
    }
    free(copy);
    return 0;
}
