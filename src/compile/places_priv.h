/* SPDX-License-Identifier: Apache-2.0 */
/* places_priv.h: what places_build.c and places_names.c share. */
#ifndef CDN_COMPILE_PLACES_PRIV_H
#define CDN_COMPILE_PLACES_PRIV_H

#include "compile/places_build.h"

struct cdn_places_name { /* one folded name and what it may mean, in order of declaration */
    cordon_str folded;
    struct cdn_p_nameref *refs;
    size_t count, cap;
};
struct cdn_places_build {
    const struct cdn_rulebook *rb;
    const struct cdn_text *fold;
    struct cdn_arena *arena;
    const struct cdn_place_map *map;
    struct cdn_buf tables[CDN_P_COUNT];
    struct cdn_buf text, folded;
    struct cdn_map names; /* folded → index into list */
    struct cdn_places_name *list;
    size_t list_count, list_cap;
};

/* Names of countries, of the regions that have ids, and street words. */
int cdn_places_put_known_names(struct cdn_places_build *b) CORDON_MUST_CHECK;
/* A NAME, CITY, AMBIGUOUS or NOT mark of a territory. */
int cdn_places_put_name(struct cdn_places_build *b,
                        const struct cdn_mark *m,
                        uint16_t place) CORDON_MUST_CHECK;
/* Fills P_NAME, P_NAMEREF and P_NAMESLOT. */
int cdn_places_finish_names(struct cdn_places_build *b) CORDON_MUST_CHECK;

#endif
