/* SPDX-License-Identifier: Apache-2.0 */
/* resolve_priv.h: what the decoders of this folder share while one item is resolved. */
#ifndef CDN_PLACES_RESOLVE_PRIV_H
#define CDN_PLACES_RESOLVE_PRIV_H

#include "places/places_view.h"

struct cdn_resolving {
    const struct cdn_places *p;
    const struct cdn_evidence *evidence;
    int64_t at;
    struct cdn_buf *scratch;
    struct cdn_item *item;
};

/* Is a dated row in force? Notes its ends in changes_at either way. */
bool cdn_resolve_dated(struct cdn_resolving *r, int64_t from, int64_t until);
/* Adds a place (once; 0 is ignored) and makes it the finest if it is more exact than the one so far. */
void cdn_resolve_add(struct cdn_resolving *r, unsigned place);
/* Adds a territory that was recognised, with the country of its worldview. */
void cdn_resolve_territory(struct cdn_resolving *r, unsigned territory);
void cdn_resolve_country(struct cdn_resolving *r, uint16_t packed);
/* A region by its packed code (codes.h), with its country. */
void cdn_resolve_region(struct cdn_resolving *r, uint32_t region);
/* An ambiguous name may mean this place. */
void cdn_resolve_maybe(struct cdn_resolving *r, unsigned place);
static inline void cdn_resolve_doubt(struct cdn_resolving *r, unsigned doubt) {
    r->item->doubt = (uint16_t)(r->item->doubt | doubt);
}
/* Is `packed` one of the countries in whose context the territory's names count? */
bool cdn_resolve_within(const struct cdn_places *p, unsigned territory, uint16_t packed);

void cdn_resolve_address(struct cdn_resolving *r); /* resolve_address.c */
void cdn_resolve_ip(struct cdn_resolving *r);      /* resolve_net.c */
void cdn_resolve_asn(struct cdn_resolving *r, uint32_t asn);
void cdn_resolve_phone(struct cdn_resolving *r);
void cdn_resolve_point(struct cdn_resolving *r);

#endif
