/* SPDX-License-Identifier: Apache-2.0 */
/* index.c: the groups: which outcomes speak about which action and service (format.h, "The index"). */
#include "compile/build_priv.h"

struct entry {
    uint32_t action, service, outcome;
};

static int entry_order(const void *a, const void *b) {
    const struct entry *x = a, *y = b;
    if (x->action != y->action)
        return x->action < y->action ? -1 : 1;
    if (x->service != y->service)
        return x->service < y->service ? -1 : 1;
    return (x->outcome > y->outcome) - (x->outcome < y->outcome);
}

/* One entry for each pair (action or any) × (service or any). */
static struct entry *make_entries(struct cdn_build *b, size_t *ret_count) {
    const struct cdn_outcome_rec *outcomes = CDN_BUILD_ROWS(b, OUTCOME, struct cdn_outcome_rec);
    const uint32_t *numbers = CDN_BUILD_ROWS(b, INDEX, uint32_t);
    const size_t n = b->tables[CDN_T_OUTCOME].count;
    uint64_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += (uint64_t)((outcomes[i].flags & CDN_OUTCOME_ANY_ACTION) ? 1 : outcomes[i].actions.count) *
                 ((outcomes[i].flags & CDN_OUTCOME_ANY_SERVICE) ? 1 : outcomes[i].services.count);
    if (total > UINT32_C(1) << 24) {
        (void)cdn_build_fail(b, CORDON_E_LIMIT, "the outcomes name too many pairs of action and service");
        return NULL;
    }
    struct entry *entries = cdn_build_zero(b, (size_t)total, sizeof(*entries));
    if (!entries)
        return NULL;
    size_t at = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct cdn_outcome_rec *o = &outcomes[i];
        const bool any_action = o->flags & CDN_OUTCOME_ANY_ACTION,
                   any_service = o->flags & CDN_OUTCOME_ANY_SERVICE;
        for (uint32_t a = 0; a < (any_action ? 1 : o->actions.count); a++)
            for (uint32_t s = 0; s < (any_service ? 1 : o->services.count); s++)
                entries[at++] = (struct entry){any_action ? CDN_NO_INDEX : numbers[o->actions.first + a],
                                               any_service ? CDN_NO_INDEX : numbers[o->services.first + s],
                                               i};
    }
    cdn_build_sort(b, entries, at, sizeof(*entries), entry_order);
    *ret_count = at;
    return entries;
}

static void add_post(struct cdn_build *b, uint32_t outcome) {
    const uint32_t measure = CDN_BUILD_ROWS(b, OUTCOME, struct cdn_outcome_rec)[outcome].measure;
    const struct cdn_measure_rec *m = &CDN_BUILD_ROWS(b, MEASURE, struct cdn_measure_rec)[measure];
    const struct cdn_post_rec p = {outcome, measure, m->effective.at, m->until.at};
    (void)cdn_build_add(b, CDN_T_POST, &p, 1);
}

static void add_slots(struct cdn_build *b) {
    const uint32_t groups = (uint32_t)b->tables[CDN_T_GROUP].count;
    uint32_t count = 16;
    while (count < groups * UINT64_C(2))
        count *= 2;
    struct cdn_groupslot_rec *slots = cdn_build_zero(b, count, sizeof(*slots));
    if (!slots)
        return;
    for (uint32_t i = 0; i < count; i++)
        slots[i].group = CDN_NO_INDEX;
    const struct cdn_group_rec *g = CDN_BUILD_ROWS(b, GROUP, struct cdn_group_rec);
    for (uint32_t i = 0; i < groups; i++) {
        uint32_t at = cdn_snap_group_slot(g[i].action, g[i].service, count);
        while (slots[at].group != CDN_NO_INDEX)
            at = (at + 1) & (count - 1);
        slots[at] = (struct cdn_groupslot_rec){g[i].action, g[i].service, i};
    }
    (void)cdn_build_add(b, CDN_T_GROUPSLOT, slots, count);
}

void cdn_build_index(struct cdn_build *b) {
    if (b->err)
        return;
    size_t count = 0;
    const struct entry *entries = make_entries(b, &count);
    for (size_t i = 0; i < count && !b->err;) {
        struct cdn_group_rec g;
        memset(&g, 0, sizeof(g));
        g.posts.first = (uint32_t)b->tables[CDN_T_POST].count;
        g.action = entries[i].action;
        g.service = entries[i].service;
        for (; i < count && entries[i].action == g.action && entries[i].service == g.service && !b->err;
             i++) {
            add_post(b, entries[i].outcome);
            g.posts.count++;
        }
        g.words = (g.posts.count + 63) / 64;
        (void)cdn_build_add(b, CDN_T_GROUP, &g, 1);
    }
    if (!b->err)
        add_slots(b);
}
