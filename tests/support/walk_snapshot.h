/* SPDX-License-Identifier: Apache-2.0 */
/* walk_snapshot.h: reads everything that an opened snapshot promises can be read, so that a sanitizer sees
 * any promise that is not kept. Header only: fuzz targets use it, too. */
#ifndef CDN_TEST_WALK_SNAPSHOT_H
#define CDN_TEST_WALK_SNAPSHOT_H

#include "places/places_view.h"
#include "snapshot/snapshot.h"

/* What was read goes into a sum, so that no read is optimised away. */
struct cdn_walk {
    const struct cdn_snapshot *s;
    uint64_t sum;
    uint64_t left; /* steps; shared rows could make a walk endless */
};

static inline void cdn_walk_text(struct cdn_walk *w, struct cdn_sref r) {
    const cordon_str text = cdn_snap_str(w->s, r);
    size_t at = 0;
    while (at < text.n && w->left > 0) {
        w->sum += (uint64_t)cdn_utf8_strict(text, &at);
        w->left--;
    }
}

static inline void cdn_walk_numbers(struct cdn_walk *w, struct cdn_run r) {
    for (uint32_t i = 0; i < r.count && w->left > 0; i++, w->left--)
        w->sum += w->s->indexes[r.first + i];
}

static inline void cdn_walk_test(struct cdn_walk *w, uint32_t test) {
    const struct cdn_test_rec *t = &w->s->tests[test];
    cdn_walk_text(w, t->text);
    cdn_walk_numbers(w, t->lists);
    for (uint32_t i = 0; i < t->codes.count && w->left > 0; i++, w->left--)
        cdn_walk_text(w, w->s->codes[t->codes.first + i].text);
    if (t->set != CDN_NO_INDEX)
        for (uint32_t id = 0; id < w->s->rules->place_count && w->left > 0; id++, w->left--)
            w->sum += cdn_snap_set_has(w->s, t->set, id) + 2u * cdn_snap_set_above(w->s, t->set, id) +
                      4u * cdn_snap_set_except(w->s, t->set, id);
    if (t->service != CDN_NO_INDEX)
        cdn_walk_text(w, w->s->services[t->service].id);
    if (t->fact >= CDN_FACT_DECLARED_BASE)
        cdn_walk_text(w, w->s->facts[t->fact - CDN_FACT_DECLARED_BASE].id);
    else
        w->sum += cdn_facts[t->fact].type;
    w->sum += cdn_findings[t->finding].words != NULL;
    w->sum += cdn_evidence_kinds[t->evidence].value;
}

static inline void cdn_walk_expr(struct cdn_walk *w, uint32_t expr) {
    const struct cdn_expr_rec *r = &w->s->exprs[expr];
    if (w->left == 0)
        return;
    w->left--;
    if (r->op == CDN_EXPR_TEST)
        cdn_walk_test(w, r->test);
    for (uint32_t i = 0; i < r->children.count; i++)
        cdn_walk_expr(w, w->s->indexes[r->children.first + i]);
}

static inline void cdn_walk_source(struct cdn_walk *w, const struct cdn_source_rec *r) {
    cdn_walk_text(w, r->title);
    cdn_walk_text(w, r->url);
    cdn_walk_text(w, r->accessed);
    cdn_walk_text(w, r->unverified);
}

static inline void cdn_walk_own(struct cdn_walk *w, const struct cdn_measure_rec *m) {
    const struct cdn_snapshot *s = w->s;
    for (uint32_t i = m->outcomes.first; i < m->outcomes.first + m->outcomes.count; i++) {
        cdn_walk_numbers(w, s->outcomes[i].actions);
        cdn_walk_numbers(w, s->outcomes[i].not_actions);
        cdn_walk_numbers(w, s->outcomes[i].services);
        cdn_walk_text(w, s->outcomes[i].limit_to);
    }
    for (uint32_t i = m->excepts.first; i < m->excepts.first + m->excepts.count; i++) {
        cdn_walk_text(w, s->excepts[i].label);
        cdn_walk_expr(w, s->excepts[i].when);
    }
    for (uint32_t i = m->presumes.first; i < m->presumes.first + m->presumes.count; i++)
        cdn_walk_test(w, s->presumes[i].test);
    for (uint32_t i = m->suspensions.first; i < m->suspensions.first + m->suspensions.count; i++)
        cdn_walk_source(w, &s->suspensions[i].source);
    for (uint32_t i = m->keeps.first; i < m->keeps.first + m->keeps.count; i++)
        cdn_walk_numbers(w, s->keeps[i].actions);
    for (uint32_t i = m->duties.first; i < m->duties.first + m->duties.count; i++) {
        cdn_walk_text(w, s->duties[i].text);
        if (s->duties[i].calendar != CDN_NO_INDEX)
            w->sum += s->caldays[s->calendars[s->duties[i].calendar].days.first].business;
    }
    for (uint32_t i = m->sources.first; i < m->sources.first + m->sources.count && w->left > 0;
         i++, w->left--)
        cdn_walk_source(w, &s->sources[i]);
    for (uint32_t i = m->notices.first; i < m->notices.first + m->notices.count && w->left > 0;
         i++, w->left--)
        cdn_walk_text(w, s->quotes[i].text);
}

static inline void cdn_walk_measure(struct cdn_walk *w, uint32_t measure) {
    const struct cdn_measure_rec *m = &w->s->measures[measure];
    cdn_walk_text(w, m->id);
    cdn_walk_text(w, m->title);
    cdn_walk_text(w, m->version);
    cdn_walk_text(w, m->effective.written);
    cdn_walk_text(w, m->until.written);
    if (m->when != CDN_NO_INDEX)
        cdn_walk_expr(w, m->when);
    if (m->except_any != CDN_NO_INDEX)
        cdn_walk_expr(w, m->except_any);
    cdn_walk_own(w, m);
    const struct cdn_run links[] = {m->lifts, m->lifted_by, m->forbids, m->forbidden_by};
    for (unsigned k = 0; k < 4; k++)
        for (uint32_t i = 0; i < links[k].count && w->left > 0; i++, w->left--)
            cdn_walk_text(w, w->s->measures[w->s->indexes[links[k].first + i]].id);
    for (uint32_t i = 0; i < m->entities.count && w->left > 0; i++, w->left--)
        cdn_walk_text(w, w->s->entities[w->s->indexes[m->entities.first + i]].id);
    for (uint32_t i = 0; i < m->roles.count; i++)
        w->sum += cdn_roles[w->s->indexes[m->roles.first + i]].name != NULL;
    for (uint32_t i = 0; i < m->objects.count; i++)
        w->sum += cdn_objects[w->s->indexes[m->objects.first + i]].name != NULL;
}

/* The group of each pair, its posts, and every row of its axes. */
static inline void cdn_walk_group(struct cdn_walk *w, uint32_t action, uint32_t service) {
    const struct cdn_snapshot *s = w->s;
    const uint32_t group = cdn_snapshot_group(s, action, service);
    if (group == CDN_NO_INDEX)
        return;
    const struct cdn_group_rec *g = &s->groups[group];
    for (uint32_t i = g->posts.first; i < g->posts.first + g->posts.count && w->left > 0; i++, w->left--)
        w->sum += s->outcomes[s->posts[i].outcome].verdict + s->measures[s->posts[i].measure].class_;
    for (uint32_t a = g->axes.first; a < g->axes.first + g->axes.count; a++) {
        const struct cdn_axis_rec *x = &s->axes[a];
        for (uint32_t k = 0; k < g->words && w->left > 0; k++, w->left--)
            w->sum += s->words[x->unguarded + k];
        for (uint32_t i = x->guards.first; i < x->guards.first + x->guards.count; i++)
            for (uint32_t k = 0; k < g->words && w->left > 0; k++, w->left--)
                w->sum += s->words[s->guards[i].row + k];
    }
}

static inline uint64_t cdn_walk_snapshot(const struct cdn_snapshot *s) {
    struct cdn_walk w = {s, 0, UINT64_C(4) << 20};
    for (uint32_t i = 0; i < s->count[CDN_T_MEASURE]; i++)
        cdn_walk_measure(&w, i);
    for (uint32_t a = 0; a <= s->count[CDN_T_ACTION]; a++)
        for (uint32_t k = 0; k <= s->count[CDN_T_SERVICE] && w.left > 0; k++, w.left--)
            cdn_walk_group(&w,
                           a == s->count[CDN_T_ACTION] ? CDN_NO_INDEX : a,
                           k == s->count[CDN_T_SERVICE] ? CDN_NO_INDEX : k);
    for (uint32_t i = 0; i < s->count[CDN_T_RATE]; i++)
        cdn_walk_source(&w, &s->rates[i].source);
    for (unsigned id = 0; id < s->places->place_count; id++)
        w.sum +=
            cdn_places_code(s->places, id).n + cdn_places_of_code(s->places, cdn_places_code(s->places, id));
    return w.sum;
}

#endif
