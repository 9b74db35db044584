/* SPDX-License-Identifier: Apache-2.0 */
/* places.c: what one piece of evidence says, asked outside of a decision. */
#include "api/handle.h"

enum { SCRATCH = 64 * 1024 };

static void doubt_text(unsigned doubt, char *ret, size_t size) {
    static const char *const words[] = {"ambiguous",
                                        "sources disagree",
                                        "anonymising network",
                                        "hosting",
                                        "stale data",
                                        "seen too long ago",
                                        "invalid",
                                        "not placed",
                                        "conflicting context",
                                        "accuracy too low"};
    struct cdn_buf b;
    cdn_buf_fixed(&b, ret, size - 1);
    for (unsigned i = 0; i < CDN_ARRAY_LEN(words); i++) {
        if (!(doubt >> i & 1u))
            continue;
        if (b.n)
            cdn_buf_z(&b, ", ");
        cdn_buf_z(&b, words[i]);
    }
    ret[b.n] = '\0';
}

CORDON_API int cordon_snapshot_places(
    const cordon_snapshot *s, const cordon_evidence *ev, int64_t at, cordon_places *ret, cordon_error *e) {
    const struct cdn_places *places = cdn_api_snapshot_const(s)->places;
    struct cdn_evidence item;
    const int err = cdn_api_evidence(ev, &item, e);
    if (err)
        return err;
    char storage[SCRATCH];
    struct cdn_buf scratch;
    struct cdn_item found = {0};
    cdn_buf_fixed(&scratch, storage, sizeof(storage));
    cdn_places_resolve(places, &item, at, &scratch, &found);
    *ret = (cordon_places){.count = found.count, .asn = found.asn};
    for (unsigned i = 0; i < found.count && i < CORDON_PLACES; i++)
        ret->codes[i] = cdn_places_code(places, found.places[i]);
    ret->finest = found.finest ? cdn_places_code(places, found.finest) : CDN_STR("");
    ret->changes_at = found.changes_at >= CDN_TIME_MAX ? CORDON_NEVER : found.changes_at;
    doubt_text(found.doubt, ret->doubt, sizeof(ret->doubt));
    return CORDON_OK;
}
