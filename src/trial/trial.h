/* SPDX-License-Identifier: Apache-2.0 */
/* trial.h: runs the scenarios of a rulebook against its snapshot, and says which measures they leave
 * unproved.
 *
 * In: a resolved rulebook with scenarios, and the snapshot that was compiled from it. Out: a report, one line
 * (or one JSON document) for each scenario that failed, and counts. Always true:
 *  1. a scenario passes only if everything that it states holds; each thing that does not is its own line;
 *  2. `evidence` and `missing` lists are complete when written, every other expectation asks for one thing;
 *  3. coverage is computed from what the engine answered, never from what a scenario says of itself. */
#ifndef CDN_TRIAL_H
#define CDN_TRIAL_H

#include "rulebook/rulebook.h"
#include "snapshot/snapshot.h"

struct cdn_trial_options {
    cordon_str only; /* scenarios whose title contains this; empty: all */
    bool coverage;   /* demand for each measure: a hit, a miss in scope, its edges in time */
    bool json, verbose;
};
struct cdn_trial_result {
    uint32_t scenarios, passed, failed;
    uint32_t uncovered; /* measures for which coverage asks for more */
    uint32_t measures;
};

/* Appends the report to `out`. CORDON_OK also when scenarios fail. CORDON_E_NOMEM; CORDON_E_NAME when the
 * snapshot lacks a measure of the rulebook (it was made from another). */
int cdn_trial_run(const struct cdn_rulebook *rb,
                  const struct cdn_snapshot *snapshot,
                  const struct cdn_trial_options *options,
                  const struct cordon_alloc *alloc,
                  struct cdn_buf *out,
                  struct cdn_trial_result *ret,
                  struct cordon_error *e) CORDON_MUST_CHECK;

#endif
