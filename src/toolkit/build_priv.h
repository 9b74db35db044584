/* SPDX-License-Identifier: Apache-2.0 */
/* build_priv.h: one compilation under way; building a file and testing scenarios both begin with it. */
#ifndef CDN_TOOLKIT_BUILD_PRIV_H
#define CDN_TOOLKIT_BUILD_PRIV_H

#include <unicode/uversion.h>

#include "base/limits.h"
#include "compile/compile.h"
#include "places/ip.h"
#include "toolkit/toolkit_priv.h"

struct cdn_toolkit_build {
    struct cordon_rulebook *rb;
    const cordon_compile_options *o;
    struct cordon_error *e;
    struct cdn_arena arena; /* what the compiler makes */
    struct cdn_buf fold, geo, source, owners;
    struct cdn_compile_input inputs[4 + CDN_IP_SOURCES + CDN_MAX_LISTS];
    size_t input_count;
    struct cdn_compile_list *lists; /* CDN_MAX_LISTS of them */
    struct cdn_list *read;          /* what they point to */
    size_t list_count;
    char icu[U_MAX_VERSION_STRING_LENGTH];
    char dates[CDN_IP_SOURCES][32];
};

/* `e` is where every step reports. After success cdn_toolkit_end() gives everything back. */
int cdn_toolkit_begin(struct cdn_toolkit_build *b,
                      struct cordon_rulebook *rb,
                      const cordon_compile_options *o,
                      struct cordon_error *e) CORDON_MUST_CHECK;
/* The sections; they live until cdn_toolkit_end(). */
int cdn_toolkit_compile(struct cdn_toolkit_build *b, struct cdn_compiled *ret) CORDON_MUST_CHECK;
/* build_lists.c: the lists that the options name, judged, for cdn_compile; and giving them back. */
int cdn_toolkit_read_lists(struct cdn_toolkit_build *b) CORDON_MUST_CHECK;
void cdn_toolkit_free_lists(struct cdn_toolkit_build *b);
void cdn_toolkit_end(struct cdn_toolkit_build *b);

#endif
