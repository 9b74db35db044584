/* SPDX-License-Identifier: Apache-2.0 */
/* floor.h: programs that know the neutral workload and can do nothing else: countries as bits, names as
 * numbers, nothing unknown, no reasons. What an answer costs at least, with an index and without. */
#ifndef CDN_BENCH_FLOOR_H
#define CDN_BENCH_FLOOR_H

#include "workload.h"

struct bench_floor;
struct bench_floor *bench_floor_new(const struct cdn_workload *w);
void bench_floor_free(struct bench_floor *f);
/* How many measures deny the request; `ctx` is a struct bench_floor. */
uint32_t bench_floor_scan(void *ctx, uint32_t request);
uint32_t bench_floor_index(void *ctx, uint32_t request);

#endif
