/* SPDX-License-Identifier: Apache-2.0 */
/* wide_rulebook.h: rulebooks that nobody would write and every room must cope with, for comparing a fast
 * way with a slow one. The same seed gives the same rulebook; everything is in the arena. */
#ifndef CDN_TEST_WIDE_RULEBOOK_H
#define CDN_TEST_WIDE_RULEBOOK_H

#include "rulebook/rulebook.h"
#include "support/rnd.h"

struct cdn_wide_shape {
    uint32_t measures, actions, services; /* at least 1 action and 1 service */
    unsigned any_of_1000;                 /* chance that an outcome is about any action (any service) */
    unsigned depth;                       /* of conditions */
    bool plain; /* conditions of findings, evidence and codes only, joined by `and`: what guards are for */
};
extern const struct cdn_wide_shape cdn_wide_small; /* a few dozen measures, everything in them */

/* Aborts when memory is out. Names: actions "act.0" …, services "svc-0" …, measures "m/0" …, lists "list/0"
 * …, entities "ent-0" …, declared party fact "tier" (code: free, pro, gold), territories "crimea" (UA-43
 * always, UA-40 from 2014-03-18), "union" (DE, FR and GB until 2020-01-31T23:00Z), "town" (names only, within
 * UA), "south" (crimea and UA-65). */
struct cdn_rulebook *cdn_wide_rulebook(struct cdn_rnd *r,
                                       const struct cdn_wide_shape *shape,
                                       struct cdn_arena *arena);

/* Values that its conditions ask about, so that requests can hit them. */
extern const char *const cdn_wide_codes[6];     /* of every fact of type code or codes */
extern const char *const cdn_wide_countries[8]; /* and "UA-43", "UA-30" as regions */

#endif
