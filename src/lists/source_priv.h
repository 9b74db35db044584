/* SPDX-License-Identifier: Apache-2.0 */
/* source_priv.h: the bytes of a file, unpacked on the way, with their digest. */
#ifndef CDN_LISTS_SOURCE_PRIV_H
#define CDN_LISTS_SOURCE_PRIV_H

#include "lists/read.h"

#define CDN_SOURCE_CHUNK CDN_KIB(64)

struct cdn_list_source;

int cdn_list_source_open(const struct cdn_list_file *file,
                         const struct cordon_alloc *alloc,
                         struct cdn_list_source **ret,
                         struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_list_source_close(struct cdn_list_source *s); /* accepts NULL */
/* The beginning, without taking it: up to CDN_SOURCE_CHUNK bytes, fewer only if the file is shorter. */
int cdn_list_source_peek(struct cdn_list_source *s,
                         cordon_str *ret,
                         struct cordon_error *e) CORDON_MUST_CHECK;
/* The next bytes, valid until the next call; n == 0 at the end. */
int cdn_list_source_next(struct cdn_list_source *s,
                         cordon_str *ret,
                         struct cordon_error *e) CORDON_MUST_CHECK;
const char *cdn_list_source_name(const struct cdn_list_source *s);
uint64_t cdn_list_source_bytes(const struct cdn_list_source *s); /* handed out so far */
/* Every byte that is handed out is added to `sha` (an EVP_MD_CTX of libcrypto). */
void cdn_list_source_digest(struct cdn_list_source *s, void *sha);

#endif
