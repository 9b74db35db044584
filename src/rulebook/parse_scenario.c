/* SPDX-License-Identifier: Apache-2.0 */
#include "rulebook/priv.h"
void cdn_rb_parse_scenario(struct cdn_parser *p, const struct cdn_syntax *file, const struct cdn_decl *decl) {
    (void)p;
    (void)file;
    (void)decl;
}
