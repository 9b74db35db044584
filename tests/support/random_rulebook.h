/* SPDX-License-Identifier: Apache-2.0 */
/* random_rulebook.h: rulebooks and requests at random, over a vocabulary so small that they often meet.
 *
 * Everything is in the arena; out of memory ends the test program. What is made is valid: indexes are in
 * range, licences name measures, instants lie within a few weeks of each other (so that edges matter), and
 * equal seeds give equal bytes. The places named: countries RU BY UA DE US, regions UA-43 UA-40 UA-30 RU-MOW
 * DE-BE, and the territory "crimea" (UA-43 and UA-40, dated). */
#ifndef CDN_TEST_RANDOM_RULEBOOK_H
#define CDN_TEST_RANDOM_RULEBOOK_H

#include "model/request.h"
#include "rulebook/rulebook.h"
#include "support/rnd.h"

#define CDN_RANDOM_BASE 1646092800 /* 2022-03-01T00:00:00Z */
enum { CDN_RANDOM_SPAN = 40 * 86400 };
extern const cordon_str cdn_random_places[10]; /* countries and regions, without the territory */

struct cdn_random_options {
    unsigned measures; /* how many at most (at least 1) */
    bool monotone;     /* what is taken away can only make it less certain: no presumptions, no `if unknown
                        * allow`, no question whether something was given */
    bool no_protection;
};
struct cdn_rulebook *cdn_random_rulebook(struct cdn_rnd *rnd,
                                         struct cdn_arena *arena,
                                         struct cdn_random_options options);
/* Finished. Also one whose parties, evidence and objects are the same in another order: `shuffled` of it. */
struct cdn_request *cdn_random_request(struct cdn_rnd *rnd,
                                       const struct cdn_rulebook *rb,
                                       struct cdn_arena *arena);
struct cdn_request *cdn_random_shuffled(struct cdn_rnd *rnd,
                                        const struct cdn_request *r,
                                        struct cdn_arena *arena);
/* The same with one thing taken away that somebody might not have asked: a fact, all evidence of a party,
 * its relations, its screening. NULL: nothing there. *ret_what says what, in words. */
struct cdn_request *cdn_random_without(struct cdn_rnd *rnd,
                                       const struct cdn_request *r,
                                       struct cdn_arena *arena,
                                       const char **ret_what);
int64_t cdn_random_instant(struct cdn_rnd *rnd);

#endif
