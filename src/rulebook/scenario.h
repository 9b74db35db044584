/* SPDX-License-Identifier: Apache-2.0 */
/* scenario.h: what a `scenario` declaration says: a request, an instant, and what to expect of the decision.
 * `cordon test` decides the request under the snapshot of the same rulebook and compares.
 *
 *  1. `request` is finished (cdn_request_finish) and may be decided as it is;
 *  2. measures are indexes into cdn_rulebook.measures; names of actions and services are those declared;
 *  3. an expectation that was not written expects nothing: only what is listed is compared, except that
 *     `evidence` and `missing` lists are complete when written. */
#ifndef CDN_SCENARIO_H
#define CDN_SCENARIO_H

#include "model/request.h"
#include "rulebook/rulebook.h"

enum cdn_expect_standing {
    CDN_EXPECT_NONE,
    CDN_EXPECT_APPLIED,
    CDN_EXPECT_LIFTED, /* by a licence */
    CDN_EXPECT_HELD,   /* what is unknown or contradictory made it a hold */
    CDN_EXPECT_EXCEPTED,
    CDN_EXPECT_ABSENT /* `no measure`: not among the decision's */
};
struct cdn_expect_measure {
    uint32_t measure;
    uint8_t standing; /* enum cdn_expect_standing */
    int32_t by;       /* LIFTED: the licence, -1 any */
    struct cdn_pos pos;
};
/* A fact, piece of evidence or finding of a subject: "customer.billing_address", "customer based in". */
struct cdn_expect_fact {
    cordon_str text; /* as written in requests and decisions: "customer.kind", "customer.based_in" */
    struct cdn_pos pos;
};
struct cdn_expect_conflict {
    uint32_t measure, with;
    struct cdn_pos pos;
};
struct cdn_expect_duty {
    uint8_t kind; /* enum cdn_duty_kind */
    uint32_t measure;
    struct cdn_moment due; /* written.n == 0: not expected in particular */
    struct cdn_pos pos;
};
struct cdn_expect_outcome {
    uint8_t verdict, scope, form; /* 0: not compared */
    struct cdn_subject subject;   /* NONE: not compared */
    struct cdn_pos pos;
};
struct cdn_scenario {
    cordon_str title;
    struct cdn_pos pos;
    struct cdn_moment at;
    struct cdn_request request;
    int32_t action, service, entity; /* indexes; entity -1: none */
    uint8_t verdict;                 /* cordon_verdict; required */
    struct cdn_pos verdict_pos;
    struct cdn_expect_measure *measures;
    struct cdn_expect_fact *evidence, *missing, *contradictions, *presumed;
    struct cdn_expect_conflict *conflicts;
    struct cdn_expect_duty *duties;
    struct cdn_expect_outcome *outcomes;
    uint32_t *keeps; /* actions */
    uint32_t measure_count, evidence_count, missing_count, contradiction_count, presumed_count,
        conflict_count, duty_count, outcome_count, keep_count;
    bool has_evidence, has_missing; /* written at all: then the list is complete (`missing none`: empty) */
    bool has_changes, changes_never;
    struct cdn_moment changes_at;
};

#endif
