/* SPDX-License-Identifier: Apache-2.0 */
/* plain_snapshot.h: the tables of a snapshot made from a rulebook in the plainest way, in memory, for tests
 * of the decider that must not depend on the compiler (and to compare it with). Equal tests share a row, so
 * that presumptions find them; nothing else is shared. Texts for people are left out where a decision does
 * not show them. */
#ifndef CDN_TEST_PLAIN_SNAPSHOT_H
#define CDN_TEST_PLAIN_SNAPSHOT_H

#include "rulebook/rulebook.h"
#include "snapshot/snapshot.h"
#include "support/plain_places.h"

/* malloc()s everything; NULL: out of memory. `places` is borrowed. */
struct cdn_snapshot *cdn_plain_snapshot(const struct cdn_rulebook *rb, const struct cdn_plain_places *places);
void cdn_plain_snapshot_free(struct cdn_snapshot *s);

#endif
