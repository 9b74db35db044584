/* SPDX-License-Identifier: Apache-2.0 */
/* check_measures.c: validates measures, the tables that are theirs, and the links between measures.
 *
 * The own tables (outcomes, exceptions, presumptions, suspensions, keeps, duties) are the measures' runs one
 * after the other: `next` says where the next run must begin, so that no row is shared and none is left out.
 */
#include "snapshot/check_priv.h"

struct next {
    uint32_t outcomes, excepts, presumes, suspensions, keeps, duties;
};

/* ---- rows of the own tables ---------------------------------------------------------------------------- */

static bool outcome_ok(struct cdn_check *c, const struct cdn_outcome_rec *r, uint32_t measure) {
    const struct cdn_snapshot *s = c->s;
    const bool any_action = (r->flags & CDN_OUTCOME_ANY_ACTION) != 0;
    const bool any_service = (r->flags & CDN_OUTCOME_ANY_SERVICE) != 0;
    const bool cap = (r->flags & CDN_OUTCOME_CAP) != 0;
    if (r->measure != measure || r->verdict < CORDON_VERDICT_ALLOW || r->verdict > CORDON_VERDICT_FREEZE ||
        r->form >= CDN_FORM_COUNT || r->scope >= CDN_SCOPE_COUNT || r->cap_window >= CDN_UNIT_COUNT ||
        (r->flags & ~CDN_OUTCOME_FLAGS) != 0 || r->pad != 0 || r->pad2 != 0 || !cdn_check_zero(r->pad3, 3) ||
        !cdn_check_subject(r->subject_kind, r->subject_index, false) || !cdn_check_str(c, r->limit_to))
        return false;
    if ((any_action && r->actions.count != 0) || (any_service && r->services.count != 0) ||
        (!any_action && r->not_actions.count != 0))
        return false;
    if (!cdn_check_index(c, r->actions, s->count[CDN_T_ACTION], true) ||
        !cdn_check_index(c, r->not_actions, s->count[CDN_T_ACTION], true) ||
        !cdn_check_index(c, r->services, s->count[CDN_T_SERVICE], true))
        return false;
    if (!cap)
        return r->cap_mantissa == 0 && r->cap_scale == 0 && cdn_check_zero(r->cap_currency, 4) &&
               r->cap_window == 0;
    return cdn_check_currency(r->cap_currency) && r->cap_scale <= 18 && r->cap_mantissa >= 0;
}

static bool duty_ok(const struct cdn_check *c, const struct cdn_duty_rec *r) {
    return cdn_check_str(c, r->text) && cdn_check_str(c, r->to) && r->kind > 0 && r->kind < CDN_DUTY_COUNT &&
           r->unit < CDN_UNIT_COUNT && r->condition <= 1 && cdn_check_zero(r->pad, sizeof(r->pad)) &&
           (r->calendar == CDN_NO_INDEX ? r->unit != CDN_UNIT_BUSINESS_DAYS
                                        : r->calendar < c->s->count[CDN_T_CALENDAR]) &&
           (r->unit == CDN_UNIT_NONE ? r->amount == 0 : r->amount >= 0);
}

static bool own_rows(struct cdn_check *c, const struct cdn_measure_rec *m, uint32_t measure) {
    const struct cdn_snapshot *s = c->s;
    for (uint32_t i = m->outcomes.first; i < m->outcomes.first + m->outcomes.count; i++)
        if (!outcome_ok(c, &s->outcomes[i], measure))
            return false;
    for (uint32_t i = m->excepts.first; i < m->excepts.first + m->excepts.count; i++)
        if (!cdn_check_str(c, s->excepts[i].label) || s->excepts[i].pad != 0)
            return false;
    for (uint32_t i = m->presumes.first; i < m->presumes.first + m->presumes.count; i++)
        if (s->presumes[i].test >= s->count[CDN_T_TEST] || s->presumes[i].value > 1 ||
            !cdn_check_str(c, s->presumes[i].why) || !cdn_check_source(c, &s->presumes[i].source))
            return false;
    for (uint32_t i = m->suspensions.first; i < m->suspensions.first + m->suspensions.count; i++)
        if (!cdn_check_moment(c, s->suspensions[i].from) || !cdn_check_moment(c, s->suspensions[i].until) ||
            !cdn_check_source(c, &s->suspensions[i].source))
            return false;
    for (uint32_t i = m->keeps.first; i < m->keeps.first + m->keeps.count; i++)
        if (!cdn_check_index(c, s->keeps[i].actions, s->count[CDN_T_ACTION], true) ||
            !cdn_check_moment(c, s->keeps[i].until) || !cdn_check_str(c, s->keeps[i].note))
            return false;
    for (uint32_t i = m->duties.first; i < m->duties.first + m->duties.count; i++)
        if (!duty_ok(c, &s->duties[i]))
            return false;
    return true;
}

/* ---- measures -------------------------------------------------------------------------------------------
 */

static bool take(struct cdn_run r, uint32_t count, uint32_t *next) {
    if (!cdn_check_run(r, count) || (r.count != 0 && r.first != *next))
        return false;
    *next += r.count;
    return true;
}

static bool own_runs(const struct cdn_snapshot *s, const struct cdn_measure_rec *m, struct next *n) {
    return take(m->outcomes, s->count[CDN_T_OUTCOME], &n->outcomes) &&
           take(m->excepts, s->count[CDN_T_EXCEPT], &n->excepts) &&
           take(m->presumes, s->count[CDN_T_PRESUME], &n->presumes) &&
           take(m->suspensions, s->count[CDN_T_SUSPENSION], &n->suspensions) &&
           take(m->keeps, s->count[CDN_T_KEEP], &n->keeps) &&
           take(m->duties, s->count[CDN_T_DUTY], &n->duties);
}

static bool texts_ok(const struct cdn_check *c, const struct cdn_measure_rec *m) {
    return cdn_check_str(c, m->title) && cdn_check_str(c, m->legal) && cdn_check_str(c, m->issuer) &&
           cdn_check_str(c, m->owner) && cdn_check_str(c, m->appeal) && cdn_check_str(c, m->reason_class) &&
           cdn_check_str(c, m->release_authority) && cdn_check_str(c, m->version) &&
           cdn_check_moment(c, m->announced) && cdn_check_moment(c, m->effective) &&
           cdn_check_moment(c, m->until) && cdn_check_moment(c, m->recorded);
}

/* IMPLEMENTS: CS-CLOSED
 * A law that lets the unknown pass cannot be compiled; a file that holds one was made by somebody else. */
static bool fails_closed(const struct cdn_measure_rec *m) {
    const bool restricts = m->basis == CDN_BASIS_LAW && m->class_ == CDN_CLASS_MEASURE;
    return !restricts || (m->if_unknown >= CORDON_VERDICT_HOLD && m->if_contradictory >= CORDON_VERDICT_HOLD);
}

static bool enums_ok(const struct cdn_measure_rec *m) {
    return m->class_ > 0 && m->class_ < CDN_CLASS_COUNT && m->basis > 0 && m->basis < CDN_BASIS_COUNT &&
           m->standard > 0 && m->standard < CDN_STANDARD_COUNT && m->if_unknown >= CORDON_VERDICT_ALLOW &&
           m->if_unknown <= CORDON_VERDICT_FREEZE && m->if_contradictory >= CORDON_VERDICT_ALLOW &&
           m->if_contradictory <= CORDON_VERDICT_FREEZE && m->pad[0] == 0 && m->pad[1] == 0 &&
           fails_closed(m);
}

static bool index_runs(struct cdn_check *c, const struct cdn_measure_rec *m) {
    const uint32_t measures = c->s->count[CDN_T_MEASURE];
    return cdn_check_index(c, m->entities, c->s->count[CDN_T_ENTITY], true) &&
           cdn_check_index(c, m->lifts, measures, true) && cdn_check_index(c, m->forbids, measures, true) &&
           cdn_check_index(c, m->lifted_by, measures, true) &&
           cdn_check_index(c, m->forbidden_by, measures, true) &&
           cdn_check_index(c, m->bound_countries, UINT16_MAX, true) &&
           cdn_check_index(c, m->roles, CDN_ROLE_COUNT, false) &&
           cdn_check_index(c, m->objects, CDN_OBJECT_COUNT, false) && m->roles.count < CDN_ROLE_COUNT &&
           m->objects.count < CDN_OBJECT_COUNT;
}

/* Sources and notices may be shared between measures. */
static bool shared_runs(struct cdn_check *c, const struct cdn_measure_rec *m) {
    return cdn_check_run(m->sources, c->s->count[CDN_T_SOURCE]) &&
           cdn_check_run(m->notices, c->s->count[CDN_T_QUOTE]);
}

int cdn_snapshot_check_measures(struct cdn_check *c) {
    const struct cdn_snapshot *s = c->s;
    struct next n = {0};
    for (uint32_t i = 0; i < s->count[CDN_T_SOURCE]; i++)
        if (!cdn_check_source(c, &s->sources[i]))
            return CDN_BAD(c, "rules: source %u", i);
    for (uint32_t i = 0; i < s->count[CDN_T_QUOTE]; i++)
        if (!cdn_check_str(c, s->quotes[i].lang) || !cdn_check_str(c, s->quotes[i].text))
            return CDN_BAD(c, "rules: text %u", i);
    for (uint32_t i = 0; i < s->count[CDN_T_MEASURE]; i++) {
        const struct cdn_measure_rec *m = &s->measures[i];
        if (!texts_ok(c, m) || !enums_ok(m) || !shared_runs(c, m) || !index_runs(c, m))
            return CDN_BAD(c, "rules: measure %u", i);
        if (!own_runs(s, m, &n) || !own_rows(c, m, i))
            return CDN_BAD(c, "rules: outcomes, exceptions or duties of measure %u", i);
    }
    if (n.outcomes != s->count[CDN_T_OUTCOME] || n.excepts != s->count[CDN_T_EXCEPT] ||
        n.presumes != s->count[CDN_T_PRESUME] || n.suspensions != s->count[CDN_T_SUSPENSION] ||
        n.keeps != s->count[CDN_T_KEEP] || n.duties != s->count[CDN_T_DUTY])
        return CDN_BAD(c, "rules: rows of no measure");
    return 0;
}

/* ---- links ----------------------------------------------------------------------------------------------
 */

/* Both directions have as many links, and each one forward is there backward: so they are the same. */
static bool mirrored(const struct cdn_check *c, size_t forward, size_t backward) {
    const struct cdn_snapshot *s = c->s;
    uint64_t there = 0, back = 0;
    for (uint32_t i = 0; i < s->count[CDN_T_MEASURE]; i++) {
        struct cdn_run f, b;
        memcpy(&f, (const char *)&s->measures[i] + forward, sizeof(f));
        memcpy(&b, (const char *)&s->measures[i] + backward, sizeof(b));
        there += f.count;
        back += b.count;
        for (uint32_t k = 0; k < f.count; k++) {
            struct cdn_run other;
            memcpy(&other, (const char *)&s->measures[s->indexes[f.first + k]] + backward, sizeof(other));
            if (!cdn_check_has(c, other, i))
                return false;
        }
    }
    return there == back;
}

int cdn_snapshot_check_links(struct cdn_check *c) {
    if (!mirrored(c, offsetof(struct cdn_measure_rec, lifts), offsetof(struct cdn_measure_rec, lifted_by)))
        return CDN_BAD(c, "rules: lifts and lifted_by disagree");
    if (!mirrored(
            c, offsetof(struct cdn_measure_rec, forbids), offsetof(struct cdn_measure_rec, forbidden_by)))
        return CDN_BAD(c, "rules: forbids and forbidden_by disagree");
    return 0;
}
