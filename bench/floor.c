/* SPDX-License-Identifier: Apache-2.0 */
/* floor.c: see floor.h */
#include "floor.h"

#include <stdlib.h>

static bool licensed(const struct cdn_workload_measure *m, const struct cdn_workload_request *x) {
    for (uint32_t i = 0; i < x->licence_count; i++) {
        if (cdn_str_eq(x->licences[i], m->licence))
            return true;
    }
    return false;
}
static bool forbids(const struct cdn_workload_measure *m, const struct cdn_workload_request *x) {
    if (x->time < m->from || (m->except_existing && x->since < m->from) ||
        (m->except_ngo && x->ngo && licensed(m, x)))
        return false;
    for (uint32_t i = 0; i < m->country_count; i++) {
        if (m->countries[i] == x->country)
            return true;
    }
    return false;
}
struct bench_floor {
    const struct cdn_workload *w;
    uint32_t hits[10000];
    struct slot {
        uint32_t *list, count;
    } slots[256][256];
};
uint32_t bench_floor_scan(void *ctx, uint32_t request) {
    struct bench_floor *f = ctx;
    const struct cdn_workload_request *x = &f->w->requests[request];
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->w->measure_count; i++) {
        const struct cdn_workload_measure *m = &f->w->measures[i];
        if (m->action == x->action && m->service == x->service && forbids(m, x))
            f->hits[n++] = i;
    }
    return n;
}
uint32_t bench_floor_index(void *ctx, uint32_t request) {
    struct bench_floor *f = ctx;
    const struct cdn_workload_request *x = &f->w->requests[request];
    const struct slot *s = &f->slots[x->action][x->service];
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        if (forbids(&f->w->measures[s->list[i]], x))
            f->hits[n++] = s->list[i];
    }
    return n;
}
struct bench_floor *bench_floor_new(const struct cdn_workload *w) {
    struct bench_floor *f = calloc(1, sizeof *f);
    if (!f)
        abort();
    f->w = w;
    for (uint32_t i = 0; i < w->measure_count; i++) {
        struct slot *s = &f->slots[w->measures[i].action][w->measures[i].service];
        s->list = realloc(s->list, (s->count + 1) * sizeof *s->list);
        if (!s->list)
            abort();
        s->list[s->count++] = i;
    }
    return f;
}
void bench_floor_free(struct bench_floor *f) {
    for (unsigned a = 0; a < 256; a++) {
        for (unsigned s = 0; s < 256; s++)
            free(f->slots[a][s].list);
    }
    free(f);
}
