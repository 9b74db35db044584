/* SPDX-License-Identifier: Apache-2.0 */
/* trial_priv.h: shared by the files of this room. */
#ifndef CDN_TRIAL_PRIV_H
#define CDN_TRIAL_PRIV_H

#include "decide/decide.h"
#include "rulebook/scenario.h"
#include "trial/trial.h"

enum { CDN_PROOF_HIT = 1, CDN_PROOF_MISS = 2, CDN_PROOF_BEGIN = 4, CDN_PROOF_END = 8 };

struct cdn_trial {
    const struct cdn_rulebook *rb;
    const struct cdn_snapshot *snapshot;
    const struct cdn_trial_options *options;
    struct cdn_decider *decider;
    struct cdn_arena arena; /* of one scenario */
    struct cdn_buf *out;
    uint32_t *snapshot_measure; /* by measure of the rulebook */
    uint8_t *proof;             /* CDN_PROOF_* by measure of the snapshot */
    /* of the scenario at hand */
    const struct cdn_scenario *scenario;
    struct cdn_buf failures; /* lines, or JSON strings separated by commas */
    uint32_t failure_count;
};

/* Decides the scenario's request at an instant; with `all`, every measure is in the account. */
int cdn_trial_decide(struct cdn_trial *t,
                     int64_t at,
                     bool all,
                     struct cdn_decision *ret,
                     struct cordon_error *e) CORDON_MUST_CHECK;
/* One thing that does not hold. */
void cdn_trial_fail(struct cdn_trial *t, struct cdn_pos pos, const char *fmt, ...) CDN_PRINTF(3, 4);

/* compare.c: states every expectation that `d` does not meet. `all` has every measure in its account. */
void cdn_trial_compare(struct cdn_trial *t, const struct cdn_decision *d, const struct cdn_decision *all);
/* coverage.c */
int cdn_trial_cover(struct cdn_trial *t,
                    const struct cdn_decision *all,
                    struct cordon_error *e) CORDON_MUST_CHECK;
uint32_t cdn_trial_uncovered(struct cdn_trial *t); /* reports them; returns how many */

#endif
