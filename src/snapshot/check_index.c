/* SPDX-License-Identifier: Apache-2.0 */
/* check_index.c: validates that the groups find exactly the outcomes that a scan over all outcomes finds.
 *
 * An outcome belongs to one group for each of its pairs (action or any) × (service or any). Every post of a
 * group is shown to belong there; the posts of one group ascend, so that none is there twice; each pair has
 * one group at most; and there are as many posts as outcomes have pairs. Hence none is missing. */
#include "snapshot/check_priv.h"

static bool pair_of(const struct cdn_check *c,
                    const struct cdn_outcome_rec *o,
                    uint32_t action,
                    uint32_t service) {
    const bool a = (o->flags & CDN_OUTCOME_ANY_ACTION) != 0 ? action == CDN_NO_INDEX
                                                            : cdn_check_has(c, o->actions, action);
    const bool s = (o->flags & CDN_OUTCOME_ANY_SERVICE) != 0 ? service == CDN_NO_INDEX
                                                             : cdn_check_has(c, o->services, service);
    return a && s;
}

static bool post_ok(const struct cdn_check *c,
                    const struct cdn_post_rec *p,
                    const struct cdn_groupslot_rec *slot) {
    const struct cdn_snapshot *s = c->s;
    if (p->outcome >= s->count[CDN_T_OUTCOME])
        return false;
    const struct cdn_outcome_rec *o = &s->outcomes[p->outcome];
    const struct cdn_measure_rec *m = &s->measures[o->measure];
    return p->measure == o->measure && p->effective == m->effective.at && p->until == m->until.at &&
           pair_of(c, o, slot->action, slot->service);
}

static int check_group(struct cdn_check *c, const struct cdn_groupslot_rec *slot) {
    const struct cdn_snapshot *s = c->s;
    const struct cdn_group_rec *g = &s->groups[slot->group];
    if (!cdn_check_run(g->posts, s->count[CDN_T_POST]) || g->posts.count == 0 || g->action != slot->action ||
        g->service != slot->service || g->words != (g->posts.count + 63) / 64)
        return CDN_BAD(c, "rules: group %u", slot->group);
    for (uint32_t i = g->posts.first; i < g->posts.first + g->posts.count; i++)
        if (!post_ok(c, &s->posts[i], slot) ||
            (i > g->posts.first && s->posts[i].outcome <= s->posts[i - 1].outcome))
            return CDN_BAD(c, "rules: post %u of group %u", i, slot->group);
    return 0;
}

/* Groups are runs of POST one after the other: a post belongs to one group. */
static int check_runs(struct cdn_check *c) {
    const struct cdn_snapshot *s = c->s;
    uint32_t next = 0;
    for (uint32_t i = 0; i < s->count[CDN_T_GROUP]; i++) {
        if (!cdn_check_run(s->groups[i].posts, s->count[CDN_T_POST]) || s->groups[i].posts.first != next)
            return CDN_BAD(c, "rules: posts of group %u", i);
        next += s->groups[i].posts.count;
    }
    return next == s->count[CDN_T_POST] ? 0 : CDN_BAD(c, "rules: posts of no group");
}

static bool slot_found(struct cdn_check *c, const struct cdn_groupslot_rec *r) {
    const struct cdn_snapshot *s = c->s;
    const uint32_t slots = s->count[CDN_T_GROUPSLOT];
    uint32_t at = cdn_snap_group_slot(r->action, r->service, slots);
    for (; s->groupslots[at].group != CDN_NO_INDEX; at = (at + 1) & (slots - 1)) {
        if (!cdn_check_spend(c, 1))
            return false;
        if (s->groupslots[at].action == r->action && s->groupslots[at].service == r->service)
            return &s->groupslots[at] == r;
    }
    return false;
}

/* Each used slot is the one that its pair finds, so pairs differ; there is one for each group. */
static int check_slots(struct cdn_check *c) {
    const struct cdn_snapshot *s = c->s;
    const uint32_t slots = s->count[CDN_T_GROUPSLOT], groups = s->count[CDN_T_GROUP];
    uint32_t used = 0;
    if (slots == 0 || (slots & (slots - 1)) != 0 || (uint64_t)groups * 2 > slots)
        return CDN_BAD(c, "rules: size of the table of groups");
    for (uint32_t i = 0; i < slots; i++) {
        const struct cdn_groupslot_rec *r = &s->groupslots[i];
        if (r->group == CDN_NO_INDEX ? r->action != 0 || r->service != 0 : r->group >= groups)
            return CDN_BAD(c, "rules: slot %u of the table of groups", i);
        used += r->group != CDN_NO_INDEX;
    }
    return used == groups ? 0 : CDN_BAD(c, "rules: the table of groups does not have one slot for each");
}

int cdn_snapshot_check_index(struct cdn_check *c) {
    const struct cdn_snapshot *s = c->s;
    int err = check_slots(c);
    if (!err)
        err = check_runs(c);
    /* A group has the pair of its slot, each pair finds one slot, and there are as many slots as groups: so
     * each group is reached once. */
    uint64_t reached = 0;
    for (uint32_t i = 0; !err && i < s->count[CDN_T_GROUPSLOT]; i++) {
        const struct cdn_groupslot_rec *r = &s->groupslots[i];
        if (r->group == CDN_NO_INDEX)
            continue;
        if (!slot_found(c, r) || !cdn_check_spend(c, s->groups[r->group].posts.count))
            return CDN_BAD(c, "rules: slot %u of the table of groups is not found", i);
        err = check_group(c, r);
        reached += s->groups[r->group].posts.count;
    }
    uint64_t expected = 0;
    for (uint32_t i = 0; !err && i < s->count[CDN_T_OUTCOME]; i++) {
        const struct cdn_outcome_rec *o = &s->outcomes[i];
        expected += (uint64_t)((o->flags & CDN_OUTCOME_ANY_ACTION) ? 1 : o->actions.count) *
                    ((o->flags & CDN_OUTCOME_ANY_SERVICE) ? 1 : o->services.count);
    }
    if (!err && (reached != expected || expected != s->count[CDN_T_POST]))
        err = CDN_BAD(c, "rules: the index does not have every outcome once");
    return err;
}
