/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_match.c: the input is two names with a zero byte between them, after one byte for their kinds. Any
 * bytes give a score that does not depend on the order, and a name is itself. */
#include <stdlib.h>

#include "compile/translit_icu.h"
#include "screen/match.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct cdn_buf section;
static struct cdn_screen_tables tables;
static struct cdn_matcher matcher;
static struct cdn_name a, b;
static struct cdn_match result;

static void make(void) {
    cdn_buf_init(&section, &cdn_alloc_libc, 1 << 24);
    if (cdn_compile_screen_tables(&cdn_alloc_libc, &section, NULL) != 0 ||
        cdn_screen_tables_open(cdn_buf_get(&section), &tables, NULL) != 0) {
        abort();
    }
}

/* The tables take ICU seconds under sanitizers: not the time of an input. */
int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    make();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (section.n == 0) {
        make();
    }
    if (size == 0) {
        return 0;
    }
    const char *text = (const char *)data + 1;
    const size_t n = size - 1;
    const char *zero = n > 0 ? memchr(text, 0, n) : NULL;
    const size_t first = zero == NULL ? n : (size_t)(zero - text);
    cdn_name_read(&tables, NULL, cdn_str(text, first), (enum cdn_screen_kind)(data[0] & 3), &a);
    cdn_name_read(
        &tables, NULL, cdn_str(text + first, n - first), (enum cdn_screen_kind)(data[0] >> 2 & 3), &b);
    cdn_match_names(&tables, &cdn_match_defaults, &matcher, &a, &b, &result);
    const unsigned score = result.score;
    cdn_match_names(&tables, &cdn_match_defaults, &matcher, &b, &a, &result);
    if (result.score != score || score > 1000) {
        __builtin_trap();
    }
    cdn_match_names(&tables, &cdn_match_defaults, &matcher, &a, &a, &result);
    if (a.count > 0 && result.score != 1000) {
        __builtin_trap();
    }
    return 0;
}
