/* SPDX-License-Identifier: Apache-2.0 */
/* decision.c: reading a decision through the public interface. */
#include "api/handle.h"
#include "decide/decision_text.h"

static cordon_str id_of(const struct cordon_decision *d, uint32_t measure) {
    return cdn_snap_str(d->s, d->s->measures[measure].id);
}

static void pointer_text(const struct cdn_pointer *p, char ret[CORDON_POINTER_TEXT]) {
    struct cdn_buf b;
    cdn_buf_fixed(&b, ret, CORDON_POINTER_TEXT - 1);
    cdn_decision_pointer(&b, p);
    ret[b.n] = '\0';
}

CORDON_API cordon_verdict cordon_decision_verdict(const cordon_decision *d) {
    return d && d->s ? (cordon_verdict)d->d.verdict : CORDON_VERDICT_NONE;
}

CORDON_API int cordon_decision_http_status(const cordon_decision *d) {
    return d->d.http_status;
}

CORDON_API int64_t cordon_decision_at(const cordon_decision *d) {
    return d->d.at;
}

CORDON_API int64_t cordon_decision_changes_at(const cordon_decision *d) {
    return d->d.changes_at >= CDN_TIME_MAX ? CORDON_NEVER : d->d.changes_at;
}

/* ---- measures
 * ---------------------------------------------------------------------------------------------- */

CORDON_API uint32_t cordon_decision_measure_count(const cordon_decision *d) {
    return d->d.measure_count;
}

CORDON_API int cordon_decision_get_measure(const cordon_decision *d,
                                           uint32_t i,
                                           cordon_decision_measure *ret) {
    if (i >= d->d.measure_count)
        return CORDON_E_NOTFOUND;
    const struct cdn_account *a = &d->d.measures[i];
    *ret = (cordon_decision_measure){
        .number = a->hit.measure,
        .id = id_of(d, a->hit.measure),
        .standing = cdn_decision_standing_name(a->hit.standing),
        .value = a->hit.value,
        .verdict = (cordon_verdict)a->hit.verdict,
        .lifted_by = a->hit.lifted_by >= 0 ? id_of(d, (uint32_t)a->hit.lifted_by) : CDN_STR(""),
        .why_not = a->why_not,
        .because_count = a->because_count,
    };
    return CORDON_OK;
}

static const struct cdn_because *because_at(const struct cordon_decision *d, uint32_t measure, uint32_t i) {
    if (measure >= d->d.measure_count || i >= d->d.measures[measure].because_count)
        return NULL;
    return &d->d.measures[measure].because[i];
}

CORDON_API int cordon_decision_get_because(const cordon_decision *d,
                                           uint32_t measure,
                                           uint32_t i,
                                           cordon_because *ret) {
    const struct cdn_because *c = because_at(d, measure, i);
    if (!c)
        return CORDON_E_NOTFOUND;
    *ret = (cordon_because){.fact = c->text,
                            .is = c->is,
                            .value = c->value,
                            .presumed = c->presumed,
                            .evidence_count = c->evidence_count};
    return CORDON_OK;
}

CORDON_API int cordon_decision_get_evidence(const cordon_decision *d,
                                            uint32_t measure,
                                            uint32_t because,
                                            uint32_t i,
                                            char ret[CORDON_POINTER_TEXT],
                                            int *ret_against) {
    const struct cdn_because *c = because_at(d, measure, because);
    if (!c || i >= c->evidence_count)
        return CORDON_E_NOTFOUND;
    pointer_text(&c->evidence[i], ret);
    if (ret_against)
        *ret_against = c->against[i];
    return CORDON_OK;
}

/* ---- the rest
 * ----------------------------------------------------------------------------------------------- */

CORDON_API uint32_t cordon_decision_missing_count(const cordon_decision *d) {
    return d->d.missing_count;
}

CORDON_API int cordon_decision_get_missing(const cordon_decision *d, uint32_t i, cordon_missing *ret) {
    if (i >= d->d.missing_count)
        return CORDON_E_NOTFOUND;
    const struct cdn_missing *m = &d->d.missing[i];
    *ret = (cordon_missing){.fact = m->fact, .why = m->why};
    pointer_text(&m->where, ret->where);
    return CORDON_OK;
}

CORDON_API uint32_t cordon_decision_duty_count(const cordon_decision *d) {
    return d->d.duty_count;
}

CORDON_API int cordon_decision_get_duty(const cordon_decision *d, uint32_t i, cordon_duty *ret) {
    if (i >= d->d.duty_count)
        return CORDON_E_NOTFOUND;
    const struct cdn_duty_due *due = &d->d.duties[i];
    const struct cdn_duty_rec *duty = &d->s->duties[due->duty];
    *ret = (cordon_duty){
        .kind = cdn_decision_duty_name(duty->kind),
        .measure = id_of(d, due->measure),
        .text = cdn_snap_str(d->s, duty->text),
        .to = cdn_snap_str(d->s, duty->to),
        .due = due->has_due ? due->due : CORDON_NEVER,
    };
    return CORDON_OK;
}

CORDON_API uint32_t cordon_decision_keep_count(const cordon_decision *d) {
    return d->d.keep_count;
}

CORDON_API cordon_str cordon_decision_get_keep(const cordon_decision *d, uint32_t i) {
    return i < d->d.keep_count ? d->d.keep[i] : CDN_STR("");
}

CORDON_API uint32_t cordon_decision_conflict_count(const cordon_decision *d) {
    return d->d.conflict_count;
}

CORDON_API uint32_t cordon_decision_as_of_count(const cordon_decision *d) {
    return d->d.as_of_count;
}

CORDON_API int cordon_decision_get_as_of(const cordon_decision *d, uint32_t i, cordon_as_of *ret) {
    if (i >= d->d.as_of_count)
        return CORDON_E_NOTFOUND;
    const struct cdn_as_of *a = &d->d.as_of[i];
    *ret = (cordon_as_of){.what = a->what, .date = a->date, .stale = a->stale};
    return CORDON_OK;
}

CORDON_API int cordon_decision_get_conflict(const cordon_decision *d, uint32_t i, cordon_conflict *ret) {
    if (i >= d->d.conflict_count)
        return CORDON_E_NOTFOUND;
    const struct cdn_conflict *c = &d->d.conflicts[i];
    *ret = (cordon_conflict){
        .kind = c->kind, .measure = id_of(d, c->measure), .other = id_of(d, c->other), .text = c->text};
    return CORDON_OK;
}

CORDON_API cordon_str cordon_decision_notice(const cordon_decision *d, cordon_str language) {
    cordon_str after = {NULL, 0};
    cordon_str lang = {NULL, 0};
    cordon_str text = {NULL, 0};
    cordon_str english = {NULL, 0};
    cordon_str any = {NULL, 0};
    while (cdn_decision_notice(&d->d, d->s, after, &lang, &text)) {
        if (cdn_str_eq_nocase(lang, language))
            return text;
        if (cdn_str_eq(lang, CDN_STR("en")))
            english = text;
        if (!any.p)
            any = text;
        after = lang.p ? lang : CDN_STR("");
    }
    return english.p ? english : any.p ? any : CDN_STR("");
}
