/* SPDX-License-Identifier: Apache-2.0 */
/* body.h: the body of a command: one JSON object of a few named members, read strictly. */
#ifndef CDN_SERVICE_BODY_H
#define CDN_SERVICE_BODY_H

#include "base/base.h"

enum { CDN_BODY_MEMBERS = 24 };
struct cdn_body {
    struct cdn_arena *arena;
    struct cdn_body_member {
        cordon_str name, value; /* value: JSON, without the white space around it */
    } members[CDN_BODY_MEMBERS];
    unsigned count;
};
/* `names`: what may be there, NULL-terminated; NULL: anything. An empty text is {}. E_SYNTAX, E_NAME (with
 * pointer and suggestion), E_CONFLICT (a member twice), E_LIMIT, E_NOMEM. */
int cdn_body_read(cordon_str text,
                  const char *const *names,
                  struct cdn_arena *arena,
                  struct cdn_body *ret,
                  struct cordon_error *e) CORDON_MUST_CHECK;
/* {NULL, 0}: absent or null. */
cordon_str cdn_body_raw(const struct cdn_body *b, const char *name);
/* Absent leaves *ret alone; E_TYPE, E_RANGE with pointer. */
int cdn_body_text(const struct cdn_body *b, const char *name, cordon_str *ret, struct cordon_error *e)
    CORDON_MUST_CHECK;
int cdn_body_count(const struct cdn_body *b, const char *name, uint64_t *ret, struct cordon_error *e)
    CORDON_MUST_CHECK;
int cdn_body_instant(const struct cdn_body *b, const char *name, int64_t *ret, struct cordon_error *e)
    CORDON_MUST_CHECK;
int cdn_body_texts(const struct cdn_body *b,
                   const char *name,
                   const cordon_str **ret,
                   size_t *ret_count,
                   struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_body_counts(const struct cdn_body *b,
                    const char *name,
                    const uint64_t **ret,
                    size_t *ret_count,
                    struct cordon_error *e) CORDON_MUST_CHECK;

/* The next item of a JSON array that is known to be well formed; *at begins at 0. False: there is no more. */
bool cdn_body_item(cordon_str array, size_t *at, cordon_str *ret);
/* All digits, at most 2^63-1. */
bool cdn_body_number(cordon_str text, uint64_t *ret);

#endif
