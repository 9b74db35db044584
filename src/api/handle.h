/* SPDX-License-Identifier: Apache-2.0 */
/* handle.h: what stands behind the opaque handles of cordon/cordon.h, for the companion libraries.
 *
 * A cordon_snapshot is a struct cdn_snapshot; the casts are here and nowhere else.
 *
 *  1. `ready` is NULL while a request is being built, and points to a finished request afterwards: to `own`,
 * or to what the JSON reader made in the arena;
 *  2. everything that a request points to is in its arena;
 *  3. a decision is part of its decider and says nothing (snapshot NULL) until one was made. */
#ifndef CDN_API_HANDLE_H
#define CDN_API_HANDLE_H

#include "cordon/cordon.h"

#include "decide/decide.h"
#include "snapshot/snapshot.h"

/* Builder's side of one party, object, or the request: the lists that its const pointers show. */
struct cdn_building {
    struct cdn_given_fact *given;
    struct cdn_evidence *evidence;
    struct cdn_identifier *identifiers;
    struct cdn_relation *relations;
    struct cdn_ownership *owners;
    struct cdn_listed *listed;
    size_t given_cap, evidence_cap, identifier_cap, relation_cap, owner_cap, listed_cap;
};

struct cordon_request {
    const struct cordon_alloc *alloc;
    struct cdn_arena arena;
    struct cdn_request own;
    const struct cdn_request *ready;
    struct cdn_party *parties;
    struct cdn_object *objects;
    struct cdn_state *state;
    struct cdn_building *party_building, *object_building, request_building;
    size_t party_cap, party_building_cap, object_cap, object_building_cap, state_cap;
};

struct cordon_decision {
    struct cdn_decision d;
    const struct cdn_snapshot *s; /* NULL: none made */
};

struct cordon_decider {
    const struct cordon_alloc *alloc;
    cordon_snapshot *snapshot;
    struct cdn_decider *decider;
    struct cdn_arena arena; /* of the full account */
    struct cordon_decision decision;
};

static inline struct cdn_snapshot *cdn_api_snapshot(cordon_snapshot *s) {
    return (struct cdn_snapshot *)(void *)s;
}
static inline const struct cdn_snapshot *cdn_api_snapshot_const(const cordon_snapshot *s) {
    return (const struct cdn_snapshot *)(const void *)s;
}

/* Values of `ev` as a piece of evidence; texts are borrowed. Used by the builder and by look-ups of places.
 */
int cdn_api_evidence(const cordon_evidence *ev,
                     struct cdn_evidence *ret,
                     struct cordon_error *e) CORDON_MUST_CHECK;

static inline const struct cordon_alloc *cdn_api_alloc(const struct cordon_alloc *a) {
    return a ? a : &cdn_alloc_libc;
}

#endif
