/* SPDX-License-Identifier: Apache-2.0 */
/* json_in_priv.h: JSON of a record, member by member, without a tree.
 *
 * Why another reader: the one of requests is made for requests (its copy, its table), and most of a record,
 * request and decision, is not looked at here at all, only stepped over as fast as memory is read.
 *
 *  1. any bytes are accepted; nothing is read beyond `end`;
 *  2. the first error is sticky: every later call fails, so that callers check once per object;
 *  3. texts are valid UTF-8 without NUL; those without escapes point into the input, others into the arena.
 */
#ifndef CDN_STORE_JSON_IN_PRIV_H
#define CDN_STORE_JSON_IN_PRIV_H

#include "base/base.h"

struct cdn_in {
    const char *begin, *p, *end;
    struct cdn_arena *arena;
    struct cordon_error *e;
    int err;
};
void cdn_in_init(struct cdn_in *in, cordon_str text, struct cdn_arena *arena, struct cordon_error *e);
/* Fails with a message and the offset; gives the sticky code. */
int cdn_in_fail(struct cdn_in *in, int code, const char *what, cordon_str which);
/* True when `c` was the next byte but white space, and was taken. */
bool cdn_in_take(struct cdn_in *in, char c);
/* Members: cdn_in_open('{'), then while (cdn_in_member(&in, &first, &key)) { … }. False at '}' (taken) or
 * after an error. */
bool cdn_in_open(struct cdn_in *in, char bracket);
bool cdn_in_member(struct cdn_in *in, bool *first, cordon_str *ret_key);
/* Elements likewise, after cdn_in_open('['). */
bool cdn_in_element(struct cdn_in *in, bool *first);
void cdn_in_text(struct cdn_in *in, cordon_str *ret);
void cdn_in_count(struct cdn_in *in, uint64_t *ret); /* a whole number without sign, below 2^63 */
void cdn_in_flag(struct cdn_in *in, bool *ret);
void cdn_in_instant(struct cdn_in *in, int64_t *ret); /* a text in RFC 3339 */
/* Any value, checked, at most CDN_MAX_RECORD_DEPTH deep. */
void cdn_in_value(struct cdn_in *in, cordon_str *ret);
/* An object, of which only brackets and quotes are looked at. */
void cdn_in_step_over(struct cdn_in *in, cordon_str *ret);
/* Nothing but white space is left. */
void cdn_in_end(struct cdn_in *in);

#endif
