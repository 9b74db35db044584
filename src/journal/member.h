/* SPDX-License-Identifier: Apache-2.0 */
/* member.h: looking into the canonical JSON of a record without building anything: values are slices of it.
 */
#ifndef CDN_JOURNAL_MEMBER_H
#define CDN_JOURNAL_MEMBER_H

#include "base/base.h"

struct cdn_walk {
    const char *p, *end;
    char close; /* 0: at its end, or not a list or object */
    bool first;
};
/* Begins at '{' or '['. */
struct cdn_walk cdn_walk_begin(cordon_str value);
/* The next member or element. *ret_key is the name between its quotes, still escaped; of an element it is
 * empty. False at the end, and where the text is no JSON. */
bool cdn_walk_next(struct cdn_walk *w, cordon_str *ret_key, cordon_str *ret_value);
/* The value of a member; {NULL,0} when the object has none. */
cordon_str cdn_member(cordon_str object, const char *name);
/* What stands between the quotes of a text that needs no unescaping to be compared; {NULL,0} if it is no
 * text. */
cordon_str cdn_member_text(cordon_str object, const char *name);
/* Appends the text with its escapes resolved. False: not a text. */
bool cdn_text_append(struct cdn_buf *out, cordon_str value);
bool cdn_member_number(cordon_str object, const char *name, uint64_t *ret);

#endif
