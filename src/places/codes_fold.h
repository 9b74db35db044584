/* SPDX-License-Identifier: Apache-2.0 */
/* places/codes_fold.h: the small fold under which country and region names compare (codes_fold.c). */
#ifndef CDN_PLACES_CODES_FOLD_H
#define CDN_PLACES_CODES_FOLD_H

#include "base/base.h"

#define CDN_PLACES_FOLD_MAX 160

/* Writes the fold of `s` and NUL; returns its length, or SIZE_MAX when it does not fit. "Côte d'Ivoire" →
 * "cote divoire", "The Gambia" → "gambia", "St. Helena" → "saint helena", "Trinidad & Tobago" → "trinidad and
 * tobago". Needs nothing but libc: the generator of the tables uses it, too. */
size_t cdn_places_fold(cordon_str s, char ret[CDN_PLACES_FOLD_MAX]);

#endif
