/* SPDX-License-Identifier: Apache-2.0 */
/* diff.h: what changes from one rulebook to another, in the words of somebody who answers for measures, and
 * as JSON.
 *
 *  1. declarations are matched by kind and id; two rulebooks of equal JSON (comments, scenarios and order
 * apart) have no changes, and every difference of that JSON is in at least one change;
 *  2. `effect` says whether the restriction reaches further. It is WIDER or NARROWER only where that follows
 * from the change itself (more places, an earlier date, a stricter verdict; the other way round within an
 * exception, a licence or a protection); CHANGES wherever it does not, NEUTRAL for what no decision rests on
 * (titles, sources);
 *  3. the order is that of the kinds in enum cdn_diff_kind, then of the new rulebook, what was removed first.
 */
#ifndef CDN_RULEBOOK_DIFF_H
#define CDN_RULEBOOK_DIFF_H

#include "rulebook/rulebook.h"

enum cdn_effect {
    CDN_EFFECT_NEUTRAL,
    CDN_EFFECT_WIDER,
    CDN_EFFECT_NARROWER,
    CDN_EFFECT_CHANGES,
    CDN_EFFECT_COUNT
};
enum cdn_diff_kind {
    CDN_DIFF_MEASURE, /* licences, statutes and protections, too */
    CDN_DIFF_TERRITORY,
    CDN_DIFF_SET,
    CDN_DIFF_LIST,
    CDN_DIFF_SERVICE,
    CDN_DIFF_ACTION,
    CDN_DIFF_FACT,
    CDN_DIFF_OPERATOR,
    CDN_DIFF_ENTITY,
    CDN_DIFF_CALENDAR,
    CDN_DIFF_RATE,
    CDN_DIFF_GEODATA,
    CDN_DIFF_KIND_COUNT
};
enum cdn_diff_action { CDN_DIFF_ADDED, CDN_DIFF_REMOVED, CDN_DIFF_CHANGED };

struct cdn_change {
    uint8_t kind, action, effect;
    const char *clause; /* "effective", "when", "marks" …; "" for a whole declaration */
    cordon_str id;
    cordon_str from, to; /* of the clause, in the measure language; empty: absent, or see the two below */
    cordon_str *added, *removed; /* of a clause that is a list */
    uint32_t added_count, removed_count;
    cordon_str words; /* "now also BY (from {RU} to {RU, BY})" */
};
struct cdn_diff {
    struct cdn_change *items;
    size_t count, cap;
    size_t effects[CDN_EFFECT_COUNT]; /* how many of each */
};
/* Everything is in `arena`; texts may point into both rulebooks. CORDON_E_NOMEM. */
int cdn_rulebook_diff(const struct cdn_rulebook *old,
                      const struct cdn_rulebook *new,
                      struct cdn_arena *arena,
                      struct cdn_diff *ret) CORDON_MUST_CHECK;
/* One line each: "amazon/retail-shipments: now also BY (from {RU} to {RU, BY}) — wider". */
void cdn_diff_write_words(struct cdn_buf *b, const struct cdn_diff *diff);
/* {"changes":[…],"summary":{…}}, canonical; docs/schema/diff.schema.json */
void cdn_diff_write_json(struct cdn_buf *b, const struct cdn_diff *diff);
const char *cdn_effect_name(unsigned effect);  /* "neutral", "wider", "narrower", "changes" */
const char *cdn_diff_kind_name(unsigned kind); /* "measure" … */

#endif
