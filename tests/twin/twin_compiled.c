/* SPDX-License-Identifier: Apache-2.0 */
/* twin_compiled.c: as twin_decide.c, under snapshots that the compiler made and the reader checked, with the
 * places room as it is: what the compiler makes of sets of places, guards and shared conditions is compared
 * with what the rulebook says. */
#define CDN_TWIN_COMPILED 1
#define CDN_TWIN_QUICK 40000
#define CDN_TWIN_SHARE 40
#include "twin/twin_decide.c"
