/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_links.c: any bytes as a file of links. What is handed on keeps the promises of links.h. */
#include "lists/links.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good) {
    if (!good)
        abort();
}

static int look(void *ctx, const struct cdn_link_row *row, struct cordon_error *e) {
    (void)ctx;
    (void)e;
    must(row->from <= row->to && row->to <= 10000 && (row->known || row->to == 0));
    must(row->owner.name.n || row->owner.id_count);
    must(row->owned.name.n || row->owned.id_count);
    must(cdn_utf8_valid(row->owner.name) && cdn_utf8_valid(row->source));
    for (uint32_t i = 0; i < row->owned.id_count; i++)
        must(row->owned.ids[i].value.n > 0);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct cdn_list_file file = {.bytes = {(const char *)data, size}, .name = "links"};
    const struct cdn_link_sink sink = {look, NULL};
    struct cdn_links_info info;
    struct cordon_error e = {.code = 0};
    const int err = cdn_links_read(&file, &cdn_alloc_libc, &sink, &info, &e);
    must(err == 0 || (err == e.code && e.message[0]));
    return 0;
}
