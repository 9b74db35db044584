/* SPDX-License-Identifier: Apache-2.0 */
/* rulebook_case.h: loading rulebooks in the tests of the measure language, and reading their case files. */
#ifndef CDN_TEST_RULEBOOK_CASE_H
#define CDN_TEST_RULEBOOK_CASE_H

#include <stdlib.h>

#include "rulebook/priv.h"
#include "rulebook/rulebook.h"
#include "support/fault.h"
#include "support/rnd.h"
#include "support/shared.h"

struct loaded {
    struct cdn_arena arena, messages;
    struct cdn_diagnostics diags;
    struct cdn_rulebook_source sources[4];
    size_t source_count;
    struct cdn_rulebook *rb;
    int err;
};
static CDN_UNUSED void loaded_free(struct loaded *l) {
    cdn_arena_free(&l->arena);
    cdn_arena_free(&l->messages);
}
/* Up to two texts; `second` may be empty. */
static CDN_UNUSED void load_with(const struct cordon_alloc *alloc,
                                 struct loaded *l,
                                 cordon_str first,
                                 cordon_str second) {
    memset(l, 0, sizeof(*l));
    cdn_arena_init(&l->arena, alloc, 0);
    cdn_arena_init(&l->messages, alloc, 0);
    l->diags.arena = &l->messages;
    l->sources[0] = (struct cdn_rulebook_source){CDN_STR("vocabulary.measure"), first};
    l->sources[1] = (struct cdn_rulebook_source){CDN_STR("case.measure"), second};
    l->source_count = 2;
    l->err = cdn_rulebook_load(l->sources, 2, CDN_ZONE_DIR, &l->arena, &l->diags, &l->rb);
}

/* All messages from `first` on as they are shown; into `b`. */
static CDN_UNUSED void show(const struct loaded *l, struct cdn_buf *b) {
    for (size_t i = 0; i < l->diags.count; i++)
        cdn_diagnostic_write(b, l->sources, &l->diags.items[i], false);
}

static CDN_UNUSED cordon_str source_file(const char *relative) {
    char path[CDN_PATH];
    size_t n = 0;
    cdn_source_path(path, relative);
    uint8_t *p = cdn_read_file(path, &n);
    if (!p)
        fail_msg("cannot read %s", path);
    return cdn_str((const char *)p, n);
}

/* A file of cases: "==== NAME\nINPUT----\nEXPECTED". */
struct test_case {
    cordon_str name, input, expected;
};
static CDN_UNUSED bool next_case(cordon_str *rest, struct test_case *ret) {
    if (!cdn_str_starts(*rest, CDN_STR("==== ")))
        return false;
    cordon_str text = cdn_str(rest->p + 5, rest->n - 5);
    ret->name = cdn_str_split(text, '\n', &text);
    const char *middle = memmem(text.p, text.n, "----\n", 5);
    if (!middle)
        return false;
    ret->input = cdn_str(text.p, (size_t)(middle - text.p));
    text = cdn_str(middle + 5, text.n - ret->input.n - 5);
    const char *end = cdn_str_starts(text, CDN_STR("==== ")) ? text.p : memmem(text.p, text.n, "\n==== ", 6);
    const size_t n = !end ? text.n : end == text.p ? 0 : (size_t)(end - text.p) + 1;
    ret->expected = cdn_str(text.p, n);
    *rest = cdn_str(text.p + n, text.n - n);
    return true;
}

#endif
