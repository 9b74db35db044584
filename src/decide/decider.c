/* SPDX-License-Identifier: Apache-2.0 */
/* decider.c: the workspace of one thread: allocated once, as large as the snapshot and the limits need. */
#include "decide/decide_priv.h"

static uint32_t widest_group(const struct cdn_snapshot *s) {
    uint32_t words = 1;
    for (uint32_t i = 0; i < s->count[CDN_T_GROUP]; i++)
        words = CDN_MAX(words, s->groups[i].words);
    return words;
}

/* Which of the groups with "any" exist at all: most snapshots spare three look-ups. */
static void find_any_groups(struct cdn_decider *d) {
    for (uint32_t i = 0; i < d->snap->count[CDN_T_GROUPSLOT]; i++) {
        const struct cdn_groupslot_rec *g = &d->snap->groupslots[i];
        if (g->group == CDN_NO_INDEX)
            continue;
        d->any_groups[(g->action == CDN_NO_INDEX ? 1 : 0) + (g->service == CDN_NO_INDEX ? 2 : 0)] = true;
    }
    for (uint32_t i = 0; i < d->snap->count[CDN_T_MEASURE]; i++)
        d->snap_protects |= d->snap->measures[i].class_ == CDN_CLASS_PROTECT;
}

static void brief(const struct cdn_snapshot *s, const struct cdn_measure_rec *m, struct cdn_brief *ret) {
    ret->when = m->when;
    ret->except_any = m->except_any;
    ret->flags = (uint8_t)((m->suspensions.count ? CDN_BRIEF_SUSPENDED : 0) |
                           (m->entities.count || m->bound_countries.count ? CDN_BRIEF_BINDS : 0) |
                           (m->lifted_by.count ? CDN_BRIEF_LIFTED : 0) |
                           (m->forbidden_by.count ? CDN_BRIEF_FORBIDDEN : 0) |
                           (m->duties.count || m->keeps.count ? CDN_BRIEF_AFTER : 0) |
                           (m->presumes.count ? CDN_BRIEF_PRESUMES : 0));
    ret->subject_kind = CDN_SUBJECT_REQUEST;
    if (m->roles.count) {
        ret->subject_kind = CDN_SUBJECT_ROLE;
        ret->subject_index = (uint8_t)s->indexes[m->roles.first];
    } else if (m->objects.count) {
        ret->subject_kind = CDN_SUBJECT_OBJECT;
        ret->subject_index = (uint8_t)s->indexes[m->objects.first];
    }
}

static void prepare(struct cdn_decider *d) {
    for (uint32_t i = 0; i < d->snap->count[CDN_T_MEASURE]; i++)
        brief(d->snap, &d->snap->measures[i], &d->briefs[i]);
    for (uint32_t i = 0; i < d->snap->count[CDN_T_TEST] * CDN_MEMOS; i++)
        d->memo[i].fits = (uint8_t)cdn_decide_fits(&d->snap->tests[i / CDN_MEMOS]);
    for (unsigned i = 0; i < CDN_ROLE_COUNT; i++)
        d->home.role[i] = CDN_BIND_ABSENT;
    for (unsigned i = 0; i < CDN_OBJECT_COUNT; i++)
        d->home.object[i] = CDN_BIND_ABSENT;
    d->home.it = CDN_BIND_NONE;
}

/* Lists that the rulebook names and the snapshot has data of; the lowest thresholds of any test. */
static int find_lists(struct cdn_decider *d) {
    const struct cdn_snapshot *s = d->snap;
    d->screen_lists = cdn_alloc(d->alloc, (s->count[CDN_T_LIST] + 1) * sizeof *d->screen_lists);
    if (!d->screen_lists)
        return CORDON_E_NOMEM;
    for (uint32_t i = 0; i < s->count[CDN_T_LIST]; i++) {
        if (cdn_decide_party_list(d, i) != CDN_PARTIES_NONE)
            d->screen_lists[d->screen_list_count++] = cdn_decide_party_list(d, i);
    }
    d->screen_sure = d->screen_review = 1000;
    for (uint32_t i = 0; i < s->count[CDN_T_TEST]; i++) {
        const struct cdn_test_rec *t = &s->tests[i];
        if (t->kind != CDN_TEST_LISTED && t->kind != CDN_TEST_OWNED)
            continue;
        d->screen_sure = (uint16_t)CDN_MIN(d->screen_sure, cdn_decide_sure(t));
        d->screen_review = (uint16_t)CDN_MIN(d->screen_review, cdn_decide_review(t));
    }
    return 0;
}

static int take_screening(struct cdn_decider *d) {
    d->screened = cdn_alloc_zero(d->alloc, CDN_MAX_HOLDERS, sizeof *d->screened);
    d->asked = d->screened ? cdn_alloc_zero(d->alloc, 1, sizeof *d->asked) : NULL;
    d->name = d->asked ? cdn_alloc_zero(d->alloc, 1, sizeof *d->name) : NULL;
    d->holders = d->name ? cdn_alloc_zero(d->alloc, CDN_MAX_HOLDERS, sizeof *d->holders) : NULL;
    d->edges = d->holders ? cdn_alloc_zero(d->alloc, CDN_MAX_EDGES, sizeof *d->edges) : NULL;
    if (!d->edges || find_lists(d) < 0)
        return CORDON_E_NOMEM;
    if (!d->snap->parties || !d->screen_list_count)
        return 0;
    d->found = cdn_alloc(d->alloc, CDN_MAX_FOUND * sizeof *d->found);
    return d->found ? cdn_screener_make(d->snap->parties, d->alloc, &d->screener, NULL) : CORDON_E_NOMEM;
}

static int take_memory(struct cdn_decider *d) {
    const struct cdn_snapshot *s = d->snap;
    d->row_words = widest_group(s);
    d->candidate_cap = CDN_MAX(s->count[CDN_T_OUTCOME], 1u);
    d->hit_cap = CDN_MAX(s->count[CDN_T_MEASURE], 1u);
    d->test_cap = CDN_MAX(s->count[CDN_T_TEST], 1u);
    d->memo = cdn_alloc_zero(d->alloc, (size_t)d->test_cap * CDN_MEMOS, sizeof *d->memo);
    d->item_epoch = d->memo ? cdn_alloc_zero(d->alloc, CDN_MAX_EVIDENCE_TOTAL, sizeof *d->item_epoch) : NULL;
    d->items = d->item_epoch ? cdn_alloc(d->alloc, CDN_MAX_EVIDENCE_TOTAL * sizeof *d->items) : NULL;
    d->hits = d->items ? cdn_alloc(d->alloc, d->hit_cap * sizeof *d->hits) : NULL;
    d->assessed = d->hits ? cdn_alloc(d->alloc, d->hit_cap * sizeof *d->assessed) : NULL;
    d->candidates =
        d->assessed ? cdn_alloc(d->alloc, 2 * (size_t)d->candidate_cap * sizeof *d->candidates) : NULL;
    d->live = d->candidates ? cdn_alloc(d->alloc, 2 * (size_t)d->row_words * sizeof *d->live) : NULL;
    d->briefs = d->live ? cdn_alloc_zero(d->alloc, d->hit_cap, sizeof *d->briefs) : NULL;
    d->scratch = d->briefs ? cdn_alloc(d->alloc, CDN_DECIDE_SCRATCH) : NULL;
    if (!d->scratch)
        return CORDON_E_NOMEM;
    if (take_screening(d) < 0)
        return CORDON_E_NOMEM;
    d->row = d->live + d->row_words;
    cdn_buf_fixed(&d->scratch_buf, d->scratch, CDN_DECIDE_SCRATCH);
    return 0;
}

int cdn_decider_new(const struct cdn_snapshot *snapshot,
                    const struct cordon_alloc *alloc,
                    struct cdn_decider **ret,
                    struct cordon_error *e) {
    if (!snapshot || !alloc || !ret)
        return cdn_fail(e, CORDON_E_ARG, "a decider needs a snapshot and an allocator");
    if (snapshot->header && snapshot->header->semantics != CDN_SEMANTICS)
        return cdn_fail(e,
                        CORDON_E_VERSION,
                        "semantics %u of the snapshot; this build carries %u",
                        snapshot->header->semantics,
                        (unsigned)CDN_SEMANTICS);
    struct cdn_decider *d = cdn_alloc_zero(alloc, 1, sizeof *d);
    if (!d)
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for a decider");
    d->snap = snapshot;
    d->alloc = alloc;
    if (take_memory(d) < 0) {
        cdn_decider_free(d);
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for a decider");
    }
    find_any_groups(d);
    prepare(d);
    *ret = d;
    return 0;
}

void cdn_decider_free(struct cdn_decider *d) {
    if (!d)
        return;
    cdn_free(d->alloc, d->memo, (size_t)d->test_cap * CDN_MEMOS * sizeof *d->memo);
    cdn_free(d->alloc, d->item_epoch, CDN_MAX_EVIDENCE_TOTAL * sizeof *d->item_epoch);
    cdn_free(d->alloc, d->items, CDN_MAX_EVIDENCE_TOTAL * sizeof *d->items);
    cdn_free(d->alloc, d->hits, d->hit_cap * sizeof *d->hits);
    cdn_free(d->alloc, d->assessed, d->hit_cap * sizeof *d->assessed);
    cdn_free(d->alloc, d->candidates, 2 * (size_t)d->candidate_cap * sizeof *d->candidates);
    cdn_free(d->alloc, d->live, 2 * (size_t)d->row_words * sizeof *d->live);
    cdn_free(d->alloc, d->briefs, d->hit_cap * sizeof *d->briefs);
    cdn_free(d->alloc, d->scratch, CDN_DECIDE_SCRATCH);
    cdn_screener_free(d->screener);
    cdn_free(d->alloc, d->found, CDN_MAX_FOUND * sizeof *d->found);
    cdn_free(d->alloc, d->screen_lists, (d->snap->count[CDN_T_LIST] + 1) * sizeof *d->screen_lists);
    cdn_free(d->alloc, d->edges, CDN_MAX_EDGES * sizeof *d->edges);
    cdn_free(d->alloc, d->holders, CDN_MAX_HOLDERS * sizeof *d->holders);
    cdn_free(d->alloc, d->name, sizeof *d->name);
    cdn_free(d->alloc, d->asked, sizeof *d->asked);
    cdn_free(d->alloc, d->screened, CDN_MAX_HOLDERS * sizeof *d->screened);
    cdn_free(d->alloc, d, sizeof *d);
}

const struct cdn_snapshot *cdn_decider_snapshot(const struct cdn_decider *d) {
    return d->snap;
}
