/* SPDX-License-Identifier: Apache-2.0 */
/* places_build.h: makes the PLACES section (layout: places/places_view.h) of a rulebook. Write side.
 *
 * Place ids: 0 none; all countries by code; all regions of countries of which
 * the rulebook names one, or in whose context a territory is recognised, by code; territories in the order of
 * the rulebook. */
#ifndef CDN_COMPILE_PLACES_BUILD_H
#define CDN_COMPILE_PLACES_BUILD_H

#include "places/places_view.h"
#include "rulebook/rulebook.h"

struct cdn_place_map {
    uint16_t country[CDN_PLACES_CODES];
    uint32_t *regions; /* packed (codes.h), ascending; region i has id region_first + i */
    uint32_t region_count;
    uint16_t region_first, territory_first;
    uint32_t place_count;
};
/* Id of a place that the rulebook names; 0 cannot happen for a resolved rulebook. */
unsigned cdn_place_map_id(const struct cdn_place_map *map, const struct cdn_place *place);

/* Appends the section to `out` (aligned to 8); everything temporary and the map are in `arena`. The same
 * rulebook and folding table give the same bytes. */
int cdn_places_build(const struct cdn_rulebook *rb,
                     const struct cdn_text *fold,
                     struct cdn_arena *arena,
                     struct cdn_buf *out,
                     struct cdn_place_map *ret_map,
                     struct cordon_error *e) CORDON_MUST_CHECK;

#endif
