/* SPDX-License-Identifier: Apache-2.0 */
/* missing.h: what becomes of denied requests when a fact is taken out. */
#ifndef CDN_BENCH_MISSING_H
#define CDN_BENCH_MISSING_H

#include "decide/decide.h"
#include "workload.h"

/* Prints the table and its targets; false when one is not met. */
bool bench_missing(struct cdn_decider *d, const struct cdn_workload *w);

#endif
