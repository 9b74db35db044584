/* SPDX-License-Identifier: Apache-2.0 */
/* effects.c: what a decision changes besides itself, taken from the decision and the snapshot once, when it
 * is made, so that the state is a function of the records alone.
 *
 *  1. a cap is used only by what was not refused: verdict allow or limit;
 *  2. a decision that holds has at least one measure that must be released, with its authority and number of
 * people; where only a conflict holds, the measures of the conflict are it; what an open case waits for
 * already opens no second one;
 *  3. the record is kept as long as the longest duty to keep records demands. */
#include "service/priv.h"

#include "decide/decision_text.h"

static void *take(struct cdn_service_worker *w, size_t n, size_t size) {
    return cdn_arena_zero(&w->effect_memory, n ? n : 1, size);
}

static cordon_str text(const struct cdn_service_worker *w, struct cdn_sref r) {
    return cdn_snap_str(w->snapshot, r);
}

static int note_measures(struct cdn_service_worker *w,
                         const struct cdn_decision *d,
                         struct cdn_effects *ret) {
    cordon_str *ids = take(w, d->measure_count, sizeof(*ids));
    if (!ids)
        return CORDON_E_NOMEM;
    for (uint32_t i = 0; i < d->measure_count; i++)
        ids[i] = text(w, w->snapshot->measures[d->measures[i].hit.measure].id);
    ret->measures = ids;
    ret->measure_count = d->measure_count;
    return 0;
}

static int note_duties(struct cdn_service_worker *w, const struct cdn_decision *d, struct cdn_effects *ret) {
    struct cdn_effect_duty *list = d->duty_count ? take(w, d->duty_count, sizeof(*list)) : NULL;
    ret->keep_until = CDN_INSTANT_NONE;
    if (!d->duty_count)
        return 0;
    if (!list)
        return CORDON_E_NOMEM;
    for (uint32_t i = 0; i < d->duty_count; i++) {
        const struct cdn_duty_due *due = &d->duties[i];
        const struct cdn_duty_rec *duty = &w->snapshot->duties[due->duty];
        list[i] = (struct cdn_effect_duty){.measure = text(w, w->snapshot->measures[due->measure].id),
                                           .kind = cdn_str_z(cdn_decision_duty_name(duty->kind)),
                                           .text = text(w, duty->text),
                                           .to = text(w, duty->to),
                                           .due = due->has_due ? due->due : CDN_INSTANT_NONE,
                                           .provisional = duty->condition != 0};
        if (duty->kind == CDN_DUTY_KEEP_RECORDS && due->has_due)
            ret->keep_until = CDN_MAX(ret->keep_until, due->due);
    }
    ret->duties = list;
    ret->duty_count = d->duty_count;
    return 0;
}

/* ---- holds
 * ---------------------------------------------------------------------------------------------------- */

static void add_hold(struct cdn_service_worker *w,
                     struct cdn_effects *ret,
                     struct cdn_effect_hold *list,
                     uint32_t measure) {
    const struct cdn_measure_rec *m = &w->snapshot->measures[measure];
    const cordon_str id = text(w, m->id);
    for (size_t i = 0; i < ret->hold_count; i++) {
        if (cdn_str_eq(list[i].measure, id))
            return;
    }
    list[ret->hold_count++] =
        (struct cdn_effect_hold){.measure = id,
                                 .reason = text(w, m->reason_class),
                                 .authority = text(w, m->release_authority),
                                 .people = (uint8_t)CDN_MIN(CDN_MAX(m->release_count, 1), 9)};
}

/* Cases that hold it already. What they wait for needs no second case: once they are released, whoever asks
 * again is decided anew. */
static int note_open(struct cdn_service_worker *w, const struct cdn_decision *d, struct cdn_effects *ret) {
    uint64_t *cases = take(w, d->hold_count, sizeof(*cases));
    size_t n = 0;
    if (!cases)
        return CORDON_E_NOMEM;
    for (uint32_t i = 0; i < d->hold_count; i++) {
        const cordon_str text = d->holds[i].reference;
        uint64_t number = 0;
        bool seen = text.n == 0 || text.n > 18;
        for (size_t k = 0; k < text.n && !seen; k++) {
            seen = text.p[k] < '0' || text.p[k] > '9'; /* somebody else's reference */
            number = number * 10 + (uint64_t)(text.p[k] - '0');
        }
        for (size_t k = 0; k < n && !seen; k++)
            seen = cases[k] == number;
        if (!seen)
            cases[n++] = number;
    }
    ret->held_by = cases;
    ret->held_by_count = n;
    return 0;
}

static bool waits_already(const struct cdn_service_worker *w,
                          const struct cdn_decision *d,
                          const struct cdn_effects *f,
                          uint32_t measure) {
    const cordon_str id = text(w, w->snapshot->measures[measure].id);
    for (uint32_t i = 0; i < d->hold_count && f->held_by_count; i++) {
        if (cdn_str_eq(d->holds[i].measure, id))
            return true;
    }
    return false;
}

static int note_holds(struct cdn_service_worker *w, const struct cdn_decision *d, struct cdn_effects *ret) {
    if (d->verdict != CORDON_VERDICT_HOLD)
        return 0;
    struct cdn_effect_hold *list =
        take(w, (size_t)d->measure_count + 2 * (size_t)d->conflict_count, sizeof(*list));
    const int err = note_open(w, d, ret);
    if (err || !list)
        return CORDON_E_NOMEM;
    for (uint32_t i = 0; i < d->measure_count; i++) {
        const struct cdn_hit *hit = &d->measures[i].hit;
        if (hit->verdict == CORDON_VERDICT_HOLD && !waits_already(w, d, ret, hit->measure))
            add_hold(w, ret, list, hit->measure);
    }
    for (uint32_t i = 0; i < d->conflict_count; i++) {
        add_hold(w, ret, list, d->conflicts[i].measure);
        add_hold(w, ret, list, d->conflicts[i].other);
    }
    for (uint32_t i = 0; i < d->measure_count && !ret->hold_count && !ret->held_by_count; i++)
        add_hold(w, ret, list, d->measures[i].hit.measure);
    ret->holds = list;
    return ret->hold_count || ret->held_by_count ? 0 : CORDON_E_INTERNAL;
}

/* ---- caps
 * ------------------------------------------------------------------------------------------------------ */

static const struct cdn_outcome_line *line_of(const struct cdn_decision *d, uint32_t measure) {
    for (uint32_t i = 0; i < d->outcome_count; i++) {
        const struct cdn_outcome_line *o = &d->outcomes[i];
        for (uint32_t k = 0; o->has_cap && k < o->measure_count; k++) {
            if (o->measures[k] == measure)
                return o;
        }
    }
    return NULL;
}

static int used_before(const struct cdn_request *r, cordon_str measure, struct cdn_decimal *ret) {
    *ret = (struct cdn_decimal){0, 0};
    for (unsigned i = 0; i < r->state_count; i++) {
        if (r->state[i].kind == CDN_STATE_USAGE && cdn_str_eq(r->state[i].measure, measure) &&
            cdn_decimal_add(*ret, r->state[i].used.amount, ret) < 0)
            return CORDON_E_RANGE;
    }
    return 0;
}

/* What this request takes: what was left before, less what is left now. Usage is kept in the cap's currency,
 * so both are in it. */
static int note_cap(struct cdn_service_worker *w,
                    const struct cdn_request *r,
                    const struct cdn_decision *d,
                    const struct cdn_hit *hit,
                    struct cdn_effect_cap *to,
                    size_t *n) {
    const struct cdn_outcome_rec *o = &w->snapshot->outcomes[hit->outcome];
    const struct cdn_outcome_line *line = line_of(d, hit->measure);
    const cordon_str id = text(w, w->snapshot->measures[hit->measure].id);
    const unsigned window = cdn_cap_window(o->cap_window);
    const int mark = cdn_cap_mark(w, r, o);
    int64_t from = 0, until = 0;
    struct cdn_decimal used = {0, 0}, left = {0, 0};
    if (!(o->flags & CDN_OUTCOME_CAP) || window == CDN_WINDOW_NONE || !line || mark < 0)
        return 0;
    int err = cdn_window_at(window, d->at, &from, &until);
    err = err ? err : used_before(r, id, &used);
    err = err ? err : cdn_decimal_sub((struct cdn_decimal){o->cap_mantissa, o->cap_scale}, used, &left);
    err = err ? err : cdn_decimal_sub(left, line->remaining.amount, &left);
    if (err)
        return err;
    *to = (struct cdn_effect_cap){.measure = id,
                                  .party = w->marks.slice[mark],
                                  .window = (uint8_t)window,
                                  .from = from,
                                  .amount = left};
    memcpy(to->currency, o->cap_currency, sizeof(to->currency));
    (*n)++;
    return 0;
}

static int note_caps(struct cdn_service_worker *w,
                     const struct cdn_request *r,
                     const struct cdn_decision *d,
                     struct cdn_effects *ret) {
    if (!w->capped_count || (d->verdict != CORDON_VERDICT_ALLOW && d->verdict != CORDON_VERDICT_LIMIT))
        return 0;
    struct cdn_effect_cap *list = take(w, d->measure_count, sizeof(*list));
    if (!list)
        return CORDON_E_NOMEM;
    int err = 0;
    for (uint32_t i = 0; i < d->measure_count && !err; i++) {
        const struct cdn_hit *hit = &d->measures[i].hit;
        if (hit->verdict == CORDON_VERDICT_LIMIT)
            err = note_cap(w, r, d, hit, &list[ret->cap_count], &ret->cap_count);
    }
    ret->caps = list;
    return err;
}

/* ---- the whole
 * --------------------------------------------------------------------------------------------------- */

int cdn_effects_of(struct cdn_service_worker *w,
                   const struct cdn_request *r,
                   const struct cdn_decision *d,
                   struct cdn_effects *ret,
                   struct cordon_error *e) {
    *ret = (struct cdn_effects){.verdict = d->verdict,
                                .reference = r->reference,
                                .action = r->action,
                                .service = r->service,
                                .parties = w->marks.slice,
                                .party_count = w->marks.count};
    int err = note_measures(w, d, ret);
    err = err ? err : note_duties(w, d, ret);
    err = err ? err : note_holds(w, d, ret);
    err = err ? err : note_caps(w, r, d, ret);
    return err ? cdn_fail(e, err, "the effects of the decision could not be told: %s", cdn_status_text(err))
               : 0;
}

/* The strictest restriction by law: its first source's address, else who issued it. A limit counts: where
 * nobody can limit, it is enforced as a refusal. */
cordon_str cdn_blocked_by(const struct cdn_service_worker *w, const struct cdn_decision *d) {
    const struct cdn_snapshot *s = w->snapshot;
    const struct cdn_measure_rec *best = NULL;
    unsigned strictest = CORDON_VERDICT_ALLOW;
    for (uint32_t i = 0; i < d->measure_count; i++) {
        const struct cdn_hit *hit = &d->measures[i].hit;
        const struct cdn_measure_rec *m = &s->measures[hit->measure];
        if (m->basis == CDN_BASIS_LAW && hit->verdict > strictest) {
            strictest = hit->verdict;
            best = m;
        }
    }
    if (!best)
        return cdn_str(NULL, 0);
    for (uint32_t i = 0; i < best->sources.count; i++) {
        const cordon_str url = text(w, s->sources[best->sources.first + i].url);
        if (url.n)
            return url;
    }
    return text(w, best->issuer);
}
