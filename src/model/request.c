/* SPDX-License-Identifier: Apache-2.0 */
/* request.c: the last step of building a request: limits, hashes, and the index by role and object kind. */
#include "model/request.h"

#include "base/limits.h"

static int check_limits(const struct cdn_request *r, struct cordon_error *e) {
    if (r->party_count > CDN_MAX_PARTIES) {
        return cdn_fail(
            e, CORDON_E_LIMIT, "%u parties; at most %u", r->party_count, (unsigned)CDN_MAX_PARTIES);
    }
    if (r->object_count > CDN_MAX_OBJECTS) {
        return cdn_fail(
            e, CORDON_E_LIMIT, "%u objects; at most %u", r->object_count, (unsigned)CDN_MAX_OBJECTS);
    }
    for (unsigned i = 0; i < r->party_count; i++) {
        const struct cdn_party *p = &r->parties[i];
        if (p->role == CDN_ROLE_NONE || p->role >= CDN_ROLE_COUNT) {
            return cdn_fail(e, CORDON_E_ARG, "party %u has no role", i);
        }
        if (p->evidence_count > CDN_MAX_EVIDENCE) {
            return cdn_fail(e,
                            CORDON_E_LIMIT,
                            "party %u: %u pieces of evidence; at most %u",
                            i,
                            p->evidence_count,
                            (unsigned)CDN_MAX_EVIDENCE);
        }
    }
    for (unsigned i = 0; i < r->object_count; i++) {
        const struct cdn_object *o = &r->objects[i];
        if (o->kind == CDN_OBJECT_NONE || o->kind >= CDN_OBJECT_COUNT) {
            return cdn_fail(e, CORDON_E_ARG, "object %u has no kind", i);
        }
        if (o->evidence_count > CDN_MAX_EVIDENCE) {
            return cdn_fail(e,
                            CORDON_E_LIMIT,
                            "object %u: %u pieces of evidence; at most %u",
                            i,
                            o->evidence_count,
                            (unsigned)CDN_MAX_EVIDENCE);
        }
    }
    return 0;
}

/* What can only be a slip, and would let somebody pass if it were taken at its word. */
static int check_sense(const struct cdn_request *r, struct cordon_error *e) {
    for (unsigned i = 0; i < r->party_count; i++) {
        const struct cdn_party *p = &r->parties[i];
        for (unsigned k = 0; k < p->listed_count; k++) {
            const struct cdn_listed *l = &p->listed[k];
            if (l->truth != CORDON_FALSE || !l->owned ||
                (!l->control && (l->percent_have != CDN_HAVE_VALUE || l->percent.mantissa == 0)))
                continue;
            (void)cdn_fail(
                e,
                CORDON_E_ARG,
                "party %u: `listed` %u says that it is not owned by parties on the list, and how much",
                i,
                k);
            cdn_error_hint(e,
                           "owned by them: `listed` true and `owned` true; not on the list itself: an entry "
                           "of its own with `listed` false");
            return CORDON_E_ARG;
        }
    }
    for (unsigned i = 0; i < r->state_count; i++) {
        if (r->state[i].kind == CDN_STATE_USAGE && r->state[i].used.amount.mantissa < 0)
            return cdn_fail(e, CORDON_E_RANGE, "state %u: usage below zero would widen the cap", i);
    }
    return 0;
}

int cdn_request_finish(struct cdn_request *r, struct cordon_error *e) {
    if (!r->action.n) {
        return cdn_fail(e, CORDON_E_ARG, "a request names its action");
    }
    if (!r->service.n) {
        return cdn_fail(e, CORDON_E_ARG, "a request names its service");
    }
    int err = check_limits(r, e);
    if (!err) {
        err = check_sense(r, e);
    }
    if (err) {
        return err;
    }
    r->action_hash = cdn_hash(r->action, 0);
    r->service_hash = cdn_hash(r->service, 0);
    r->entity_hash = r->acting_entity.n ? cdn_hash(r->acting_entity, 0) : 0;
    memset(r->role_first, 0, sizeof r->role_first);
    memset(r->role_count, 0, sizeof r->role_count);
    memset(r->object_first, 0, sizeof r->object_first);
    memset(r->object_count_of, 0, sizeof r->object_count_of);
    for (unsigned i = r->party_count; i-- > 0;) {
        r->role_first[r->parties[i].role] = (uint16_t)i;
        r->role_count[r->parties[i].role]++;
    }
    for (unsigned i = r->object_count; i-- > 0;) {
        r->object_first[r->objects[i].kind] = (uint16_t)i;
        r->object_count_of[r->objects[i].kind]++;
    }
    return 0;
}
