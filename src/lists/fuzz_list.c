/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_list.c: any bytes as any list. The format is found by content, so the corpus steers it; bytes after a
 * line of
 * "\n%%\n" are further files of the same set (the flat files of OFAC). What was read is written in canonical
 * form and read again, which must give the same. */
#include "lists/read.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good) {
    if (!good) {
        abort();
    }
}

static int collect(const struct cdn_list_file *files, size_t n, struct cdn_list *list) {
    const struct cdn_list_options options = {.removed = true};
    struct cdn_list_report report;
    cdn_list_report_init(&report, &cdn_alloc_libc);
    cdn_list_init(list, &cdn_alloc_libc);
    struct cordon_error e = {.code = 0};
    const int err = cdn_lists_collect((struct cdn_list_files){files, n}, &options, &report, list, &e);
    must(err == 0 || (err == e.code && e.message[0] != '\0'));
    cdn_list_report_free(&report);
    return err;
}

static void round_trip(const struct cdn_list *list) {
    struct cdn_buf once;
    struct cdn_buf again;
    struct cdn_list back;
    cdn_buf_init(&once, &cdn_alloc_libc, CDN_MIB(64));
    cdn_buf_init(&again, &cdn_alloc_libc, CDN_MIB(64));
    cdn_list_write(&once, list);
    must(once.err == 0);
    const struct cdn_list_file file = {.bytes = cdn_buf_get(&once)};
    /* A file whose text nearly fills the limit of a line can be refused; nothing else may be. */
    const int err = collect(&file, 1, &back);
    must(err == 0 || err == CORDON_E_LIMIT);
    if (err == 0) {
        must(back.count == list->count);
        for (size_t i = 0; i < back.count; i++) {
            must(cdn_list_entry_equal(&back.entries[i], &list->entries[i]));
        }
    }
    cdn_list_free(&back);
    cdn_buf_free(&once);
    cdn_buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct cdn_list_file files[4] = {{.path = NULL}};
    cordon_str rest = {(const char *)data, size};
    size_t n = 0;
    const cordon_str mark = CDN_STR("\n%%\n");
    while (n < 3) {
        const char *const at = rest.n == 0 ? NULL : memmem(rest.p, rest.n, mark.p, mark.n);
        if (at == NULL) {
            break;
        }
        files[n++].bytes = cdn_str(rest.p, (size_t)(at - rest.p) + 1);
        rest = cdn_str(at + mark.n, rest.n - (size_t)(at + mark.n - rest.p));
    }
    files[n++].bytes = rest;
    struct cdn_list list;
    if (collect(files, n, &list) == 0) {
        round_trip(&list);
    }
    cdn_list_free(&list);
    return 0;
}
