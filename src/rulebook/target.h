/* SPDX-License-Identifier: Apache-2.0 */
/* target.h: what a test is about, while it is read; private to parse_test.c and parse_party.c. */
#ifndef CDN_RULEBOOK_TARGET_H
#define CDN_RULEBOOK_TARGET_H

#include "rulebook/priv.h"

struct cdn_target {                            /* what is being asked about */
    const struct cdn_token *head;              /* for messages */
    struct cdn_subject subject, owner_subject; /* owner_subject: what `it` stands for */
    cordon_str member;
};
struct cdn_expr *cdn_rb_new_test(struct cdn_parser *p, unsigned kind, const struct cdn_target *t);
/* The tests of a party or object itself, behind its name. NULL: reported. */
struct cdn_expr *cdn_rb_party_test(struct cdn_parser *p, const struct cdn_target *t);
/* Swallows the false of a function that has reported. */
static inline struct cdn_expr *cdn_rb_nothing(bool ignored) {
    (void)ignored;
    return NULL;
}

#endif
