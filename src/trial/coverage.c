/* SPDX-License-Identifier: Apache-2.0 */
/* coverage.c: which measures the scenarios prove, and which not.
 *
 * A measure is proved by a scenario in which it does what it is for (a restriction applies, holds or is
 * lifted; a licence lifts; a statute or protection is one side of a conflict, or a protection holds true), by
 * one in its scope in which its condition is false or excepted, and by its edges: a scenario that hits it is
 * decided again one second before and at its beginning and end. An end or beginning that is not there needs
 * no proof. */
#include "trial/trial_priv.h"

static const struct cdn_account *find(const struct cdn_decision *d, uint32_t measure) {
    for (uint32_t i = 0; i < d->measure_count; i++) {
        if (d->measures[i].hit.measure == measure) {
            return &d->measures[i];
        }
    }
    return NULL;
}

static bool restricts(const struct cdn_account *a) {
    return a && (a->hit.standing == CDN_STANDING_APPLIED || a->hit.standing == CDN_STANDING_LIFTED ||
                 a->hit.standing == CDN_STANDING_HELD_UNKNOWN);
}

static bool does_its_work(const struct cdn_trial *t, const struct cdn_decision *all, uint32_t measure) {
    const unsigned class_ = t->snapshot->measures[measure].class_;
    const struct cdn_account *a = find(all, measure);
    if (class_ == CDN_CLASS_MEASURE) {
        return restricts(a);
    }
    bool found = class_ == CDN_CLASS_PROTECT && a && a->hit.value == CORDON_TRUE &&
                 a->hit.standing == CDN_STANDING_APPLIED;
    for (uint32_t i = 0; i < all->measure_count; i++) {
        found |= all->measures[i].hit.lifted_by == (int32_t)measure;
    }
    for (uint32_t i = 0; i < all->conflict_count; i++) {
        found |= all->conflicts[i].measure == measure || all->conflicts[i].other == measure;
    }
    return found;
}

/* In force one second after the edge and not before it (or the other way round at an end). */
static int edge_proved(
    struct cdn_trial *t, uint32_t measure, int64_t edge, bool begins, bool *ret, struct cordon_error *e) {
    bool in_force[2];
    for (int i = 0; i < 2; i++) {
        struct cdn_decision d;
        const int err = cdn_trial_decide(t, edge - 1 + i, true, &d, e);
        if (err) {
            return err;
        }
        const struct cdn_account *a = find(&d, measure);
        in_force[i] = a && a->hit.standing != CDN_STANDING_NOT_IN_FORCE;
    }
    *ret = begins ? !in_force[0] && in_force[1] : in_force[0] && !in_force[1];
    return 0;
}

/* A measure whose deadline was moved is suspended when it would begin, and begins when that is over. */
static int64_t beginning(const struct cdn_trial *t, const struct cdn_measure_rec *m) {
    int64_t at = m->effective.at;
    for (uint32_t i = 0; i < m->suspensions.count; i++) {
        const struct cdn_suspension_rec *s = &t->snapshot->suspensions[m->suspensions.first + i];
        if (s->from.at <= at && at < s->until.at) {
            at = s->until.at;
        }
    }
    return at;
}

static int cover_edges(struct cdn_trial *t, uint32_t measure, struct cordon_error *e) {
    const struct cdn_measure_rec *m = &t->snapshot->measures[measure];
    const int64_t edges[2] = {beginning(t, m), m->until.at};
    const uint8_t bits[2] = {CDN_PROOF_BEGIN, CDN_PROOF_END};
    for (int i = 0; i < 2; i++) {
        bool proved = false;
        if ((t->proof[measure] & bits[i]) || edges[i] <= CDN_TIME_MIN || edges[i] >= CDN_TIME_MAX) {
            continue;
        }
        const int err = edge_proved(t, measure, edges[i], i == 0, &proved, e);
        if (err) {
            return err;
        }
        if (proved) {
            t->proof[measure] = (uint8_t)(t->proof[measure] | bits[i]);
        }
    }
    return 0;
}

int cdn_trial_cover(struct cdn_trial *t, const struct cdn_decision *all, struct cordon_error *e) {
    for (uint32_t m = 0; m < t->snapshot->count[CDN_T_MEASURE]; m++) {
        const struct cdn_account *a = find(all, m);
        if (does_its_work(t, all, m)) {
            t->proof[m] |= CDN_PROOF_HIT;
            const int err = cover_edges(t, m, e);
            if (err) {
                return err;
            }
        } else if (a && (a->hit.standing == CDN_STANDING_FALSE || a->hit.standing == CDN_STANDING_EXCEPTED ||
                         a->hit.standing == CDN_STANDING_PRESUMED)) {
            t->proof[m] |= CDN_PROOF_MISS;
        }
    }
    return 0;
}

static bool always_true(const struct cdn_trial *t, uint32_t m) {
    return t->snapshot->measures[m].when == CDN_NO_INDEX &&
           t->snapshot->measures[m].except_any == CDN_NO_INDEX;
}

uint32_t cdn_trial_uncovered(struct cdn_trial *t) {
    uint32_t count = 0;
    for (uint32_t m = 0; m < t->snapshot->count[CDN_T_MEASURE]; m++) {
        const struct cdn_measure_rec *r = &t->snapshot->measures[m];
        const bool begin = r->effective.at <= CDN_TIME_MIN || (t->proof[m] & CDN_PROOF_BEGIN);
        const bool end = r->until.at >= CDN_TIME_MAX || (t->proof[m] & CDN_PROOF_END);
        const bool hit = t->proof[m] & CDN_PROOF_HIT;
        const bool miss = (t->proof[m] & CDN_PROOF_MISS) || always_true(t, m);
        if (hit && miss && begin && end) {
            continue;
        }
        const cordon_str id = cdn_snap_str(t->snapshot, r->id);
        count++;
        if (t->options->json) {
            cdn_buf_z(t->out, "{\"measure\":");
            cdn_buf_json(t->out, id);
            cdn_buf_printf(t->out,
                           ",\"proved\":{\"begin\":%s,\"end\":%s,\"hit\":%s,\"miss\":%s}}\n",
                           begin ? "true" : "false",
                           end ? "true" : "false",
                           hit ? "true" : "false",
                           miss ? "true" : "false");
        } else {
            cdn_buf_printf(t->out,
                           "uncovered %.*s: no scenario%s%s%s%s\n",
                           CDN_FMT(id),
                           hit ? "" : " hits it,",
                           miss ? "" : " in its scope misses it,",
                           hit && !begin ? " shows its beginning," : "",
                           hit && !end ? " shows its end," : "");
        }
    }
    return count;
}
