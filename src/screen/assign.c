/* SPDX-License-Identifier: Apache-2.0 */
/* assign.c: the best alignment of two sets of tokens, exactly (the Hungarian method with potentials, in
 * O(n^3) for n tokens; n is at most CDN_NAME_TOKENS). */
#include "screen/match.h"

#define SIDE (CDN_NAME_TOKENS + 1)
#define FAR (INT32_MAX / 2)

struct solver {
    const int32_t *value;
    uint32_t n, m; /* n <= m */
    bool turned;   /* rows are b */
    uint32_t nb;
    int32_t u[SIDE], v[SIDE], least[SIDE];
    uint32_t row_of[SIDE], way[SIDE];
    bool used[SIDE];
};

static int32_t cost(const struct solver *s, uint32_t i, uint32_t j) { /* 1-based */
    return -(s->turned ? s->value[(j - 1) * s->nb + (i - 1)] : s->value[(i - 1) * s->nb + (j - 1)]);
}

/* One step of the search for a free column; returns the column to go on with. */
static uint32_t widen(struct solver *s, uint32_t j0) {
    const uint32_t i0 = s->row_of[j0];
    int32_t delta = FAR;
    uint32_t j1 = 0;
    s->used[j0] = true;
    for (uint32_t j = 1; j <= s->m; j++) {
        if (s->used[j]) {
            continue;
        }
        const int32_t c = cost(s, i0, j) - s->u[i0] - s->v[j];
        if (c < s->least[j]) {
            s->least[j] = c;
            s->way[j] = j0;
        }
        if (s->least[j] < delta) {
            delta = s->least[j];
            j1 = j;
        }
    }
    for (uint32_t j = 0; j <= s->m; j++) {
        if (s->used[j]) {
            s->u[s->row_of[j]] += delta;
            s->v[j] -= delta;
        } else {
            s->least[j] -= delta;
        }
    }
    return j1;
}

void cdn_match_assign(const int32_t *value, uint32_t na, uint32_t nb, uint8_t *mate_a) {
    struct solver s;
    memset(&s, 0, sizeof s);
    s.value = value;
    s.nb = nb;
    s.turned = na > nb;
    s.n = s.turned ? nb : na;
    s.m = s.turned ? na : nb;
    for (uint32_t i = 1; i <= s.n; i++) {
        uint32_t j0 = 0;
        s.row_of[0] = i;
        for (uint32_t j = 0; j <= s.m; j++) {
            s.least[j] = FAR;
            s.used[j] = false;
        }
        do {
            j0 = widen(&s, j0);
        } while (s.row_of[j0] != 0);
        while (j0 != 0) {
            const uint32_t j1 = s.way[j0];
            s.row_of[j0] = s.row_of[j1];
            j0 = j1;
        }
    }
    memset(mate_a, 0xFF, na);
    for (uint32_t j = 1; j <= s.m; j++) {
        if (s.row_of[j] != 0) {
            const uint32_t i = s.turned ? j - 1 : s.row_of[j] - 1, k = s.turned ? s.row_of[j] - 1 : j - 1;
            mate_a[i] = value[i * nb + k] > 0 ? (uint8_t)k : 0xFF;
        }
    }
}
