/* SPDX-License-Identifier: Apache-2.0 */
/* places.h: from one piece of evidence to the places that it speaks of.
 *
 * A place id is a number in one snapshot: 0 is none, then countries, regions, territories in the order of the
 * PLACES section. A country of the section is found by its packed code in one step.
 *
 * An item speaks of up to CDN_ITEM_PLACES places at once: its country, its region, and every territory that
 * it was recognised as part of at the instant asked. `finest` is the most exact one. Rules (docs/semantics.md
 * CS-PLACE-…):
 *  1. names and codes count in country context only: that of the item itself, else one named in its text;
 *     postal ranges never without context or an agreeing name; an ambiguous name never alone;
 *  2. a territory's worldview wins: Simferopol with country RU speaks of UA, UA-43, crimea, and of RU as
 * claimed;
 *  3. several IP sources that disagree, an anonymising network, data past its age: the item says nothing, and
 * why;
 *  4. what could not be told is in `doubt`, never dropped. */
#ifndef CDN_PLACES_H
#define CDN_PLACES_H

#include "model/request.h"

enum { CDN_ITEM_PLACES = 12, CDN_ITEM_MAYBE = 6 };

enum cdn_doubt {                            /* bits: why an item says less than it seems to */
                 CDN_DOUBT_AMBIGUOUS = 1,   /* a name that several places bear, without a second signal */
                 CDN_DOUBT_DISAGREE = 2,    /* sources disagree */
                 CDN_DOUBT_ANONYMOUS = 4,   /* anonymising network */
                 CDN_DOUBT_HOSTING = 8,     /* data centre: weak for a person's place */
                 CDN_DOUBT_STALE_DATA = 16, /* geodata older than the age limit */
                 CDN_DOUBT_OLD = 32,        /* seen too long ago (set by decide, per finding) */
                 CDN_DOUBT_INVALID = 64,    /* check digit wrong, malformed value */
                 CDN_DOUBT_NOT_PLACED =
                     128, /* well-formed, but says no place (generic domain, unknown address) */
                 CDN_DOUBT_CONTEXT =
                     256, /* the item names two countries that exclude each other (drop-down DE, text Iran) */
                 CDN_DOUBT_RADIUS = 512,  /* region left out: accuracy radius above the limit */
                 CDN_DOUBT_CROWDED = 1024 /* names more than an item can hold: it says nothing */
};
struct cdn_item {
    uint16_t places[CDN_ITEM_PLACES]; /* place ids, no duplicates */
    uint8_t count, maybe_count;
    uint16_t maybe[CDN_ITEM_MAYBE]; /* what an ambiguous name may mean, and the territories around that */
    uint16_t finest;                /* id, 0 none */
    uint16_t doubt;                 /* enum cdn_doubt bits */
    int64_t changes_at;             /* next instant after `at` at which this could come out otherwise */
    uint32_t asn;
};

struct cdn_places; /* view over PLACES, FOLD, GEO, IIN: see places_view.h; opened by the snapshot room */

/* Places of one item at an instant. Bounded work, no allocation; `scratch` is for folding text. */
void cdn_places_resolve(const struct cdn_places *places,
                        const struct cdn_evidence *evidence,
                        int64_t at,
                        struct cdn_buf *scratch,
                        struct cdn_item *ret);
/* Code of a place id: "RU", "UA-43", "crimea". */
cordon_str cdn_places_code(const struct cdn_places *places, unsigned id);
unsigned cdn_places_of_country(const struct cdn_places *places, uint16_t packed); /* 0: not a country */
unsigned cdn_places_of_code(const struct cdn_places *places,
                            cordon_str code); /* "RU", "UA-43", "crimea"; 0 */

#endif
