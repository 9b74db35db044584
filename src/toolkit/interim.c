/* SPDX-License-Identifier: Apache-2.0 */
/* interim.c: parts of other rooms that are still to come. Weak: the real ones take their place. */
#include "toolkit/toolkit_priv.h"

__attribute__((weak)) CORDON_API int cordon_rulebook_test(cordon_rulebook *rb CDN_UNUSED,
                                                          const cordon_compile_options *o CDN_UNUSED,
                                                          cordon_str only CDN_UNUSED,
                                                          uint32_t flags CDN_UNUSED,
                                                          cordon_buffer *out CDN_UNUSED,
                                                          cordon_test_result *ret CDN_UNUSED,
                                                          cordon_error *e) {
    return cdn_fail(e, CORDON_E_STATE, "this build cannot run scenarios yet");
}
