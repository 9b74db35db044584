/* SPDX-License-Identifier: Apache-2.0 */
/* builder_priv.h: what the builder's two files share. */
#ifndef CDN_API_BUILDER_PRIV_H
#define CDN_API_BUILDER_PRIV_H

#include "api/handle.h"

#define CDN_API_PARTY 0x10000u /* in a cordon_subject, above the index */
#define CDN_API_OBJECT 0x20000u

struct cdn_api_on { /* a subject, resolved; at most one of party and object is set */
    unsigned owner;
    struct cdn_party *party;
    struct cdn_object *object;
    const struct cdn_value **facts;
    struct cdn_building *building;
};

/* CORDON_E_STATE: the request is finished. */
int cdn_api_open(const struct cordon_request *r, struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_api_subject(struct cordon_request *r,
                    cordon_subject on,
                    struct cdn_api_on *ret,
                    struct cordon_error *e) CORDON_MUST_CHECK;
/* Room for one more element. */
int cdn_api_grow(struct cordon_request *r,
                 void **items,
                 size_t *cap,
                 size_t count,
                 size_t size,
                 struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_api_no_memory(struct cordon_error *e);

#endif
