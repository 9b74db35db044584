/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_index.c: hostile sections. The input is pairs of (place, byte), 4 and 1 bytes, written over the index
 * of a few names, then a zero-length rest; or, when it begins with the magic, a section by itself. Whatever
 * opens can be searched: nothing outside of it is read, and work is bounded. */
#include <stdlib.h>

#include "compile/screen_index.h"
#include "compile/translit_icu.h"
#include "screen/index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct cdn_buf section, bytes;
static struct cdn_screen_tables tables;
static struct cdn_name query;

static const struct cdn_listed_name names[] = {
    {CDN_STR("Vladimir Vladimirovich Putin"), 0, CDN_SCREEN_PERSON, false},
    {CDN_STR("Владимир Путин"), 0, CDN_SCREEN_PERSON, false},
    {CDN_STR("Volodya"), 0, CDN_SCREEN_PERSON, true},
    {CDN_STR("Abd al-Rahman Muhammad"), 1, CDN_SCREEN_PERSON, false},
    {CDN_STR("11420 Corp."), 2, CDN_SCREEN_ORGANIZATION, false},
    {CDN_STR("OOO Gazprom Trading Company Limited"), 3, CDN_SCREEN_ORGANIZATION, false},
    {CDN_STR("Akademik Cherskiy"), 4, CDN_SCREEN_VESSEL, false},
};

static void make(void) {
    cdn_buf_init(&section, &cdn_alloc_libc, 1 << 24);
    cdn_buf_init(&bytes, &cdn_alloc_libc, 1 << 24);
    if (cdn_compile_screen_tables(&cdn_alloc_libc, &section, NULL) != 0 ||
        cdn_screen_tables_open(cdn_buf_get(&section), &tables, NULL) != 0 ||
        cdn_compile_screen_index(names, CDN_ARRAY_LEN(names), &tables, &cdn_alloc_libc, &bytes, NULL) != 0) {
        abort();
    }
}

static void search(const struct cdn_index *x) {
    static const cordon_str texts[] = {CDN_STR("Vladimir Putin"),
                                       CDN_STR("Abdul Rahman Mohammed"),
                                       CDN_STR("Gasprom LLC"),
                                       CDN_STR("11420 CORP")};
    struct cdn_searcher s;
    struct cdn_index_hit hits[4];
    if (x->header->names > 1U << 20 || x->header->tokens > 1U << 20 || x->header->forms > 1U << 20 ||
        cdn_searcher_init(&s, x, &tables, &cdn_match_defaults, &cdn_alloc_libc, NULL) != 0) {
        return;
    }
    for (size_t i = 0; i < CDN_ARRAY_LEN(texts); i++) {
        cdn_name_read(&tables, &x->weights, texts[i], (enum cdn_screen_kind)(i < 2 ? 1 : 2), &query);
        const uint32_t n = cdn_index_search(&s, &query, CDN_MATCH_THRESHOLD, hits, 4);
        for (uint32_t k = 0; k < n; k++) {
            if (hits[k].score > 1000 || hits[k].name >= x->header->names) {
                __builtin_trap();
            }
        }
    }
    cdn_searcher_free(&s);
}

/* The tables take ICU seconds under sanitizers: not the time of an input. */
int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    make();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct cdn_index x;
    if (section.n == 0) {
        make();
    }
    const bool whole = size >= 8 && memcmp(data, CDN_INDEX_MAGIC, 8) == 0;
    const size_t n = whole ? size : bytes.n;
    char *copy =
        aligned_alloc(8, (n + 15) / 8 * 8); /* at a multiple of 8, and of its own: leaving it is seen */
    if (copy == NULL) {
        return 0;
    }
    memcpy(copy, whole ? (const char *)data : bytes.p, n);
    for (size_t i = 0; !whole && i + 5 <= size; i += 5) {
        const size_t at = (size_t)data[i] | (size_t)data[i + 1] << 8 | (size_t)data[i + 2] << 16 |
                          (size_t)data[i + 3] << 24;
        copy[at % n] = (char)data[i + 4];
    }
    if (cdn_index_open(cdn_str(copy, n), &x, NULL) == 0) {
        search(&x);
    }
    free(copy);
    return 0;
}
