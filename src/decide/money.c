/* SPDX-License-Identifier: Apache-2.0 */
/* money.c: amounts in another currency, at the snapshot's dated rates, and caps on amounts. */
#include "decide/decide_priv.h"

static int pair_cmp(const struct cdn_rate_rec *r, const char from[4], const char to[4]) {
    const int c = memcmp(r->from, from, 4);
    return c ? c : memcmp(r->to, to, 4);
}

/* The latest rate not after the instant; NULL: none. The next one of the pair is an edge. */
static const struct cdn_rate_rec *rate_of(struct cdn_decider *d, const char from[4], const char to[4]) {
    uint32_t lo = 0, hi = d->snap->count[CDN_T_RATE];
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        const int c = pair_cmp(&d->snap->rates[mid], from, to);
        if (c < 0 || (c == 0 && d->snap->rates[mid].since <= d->at))
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo < d->snap->count[CDN_T_RATE] && pair_cmp(&d->snap->rates[lo], from, to) == 0)
        cdn_decide_edge(d, d->snap->rates[lo].since);
    if (lo == 0 || pair_cmp(&d->snap->rates[lo - 1], from, to) != 0)
        return NULL;
    return &d->snap->rates[lo - 1];
}

static bool times(struct cdn_decimal a, struct cdn_decimal rate, struct cdn_decimal *ret) {
    return cdn_decimal_mul(a, rate, ret) == 0;
}

static bool divided(struct cdn_decimal a, struct cdn_decimal rate, struct cdn_decimal *ret) {
    return rate.mantissa > 0 && cdn_decimal_div(a, rate, 8, ret) == 0;
}

/* IMPLEMENTS: CS-MONEY */
bool cdn_decide_convert(struct cdn_decider *d,
                        const struct cdn_money *m,
                        const char to[4],
                        struct cdn_decimal *ret) {
    if (memcmp(m->currency, to, 4) == 0) {
        *ret = m->amount;
        return true;
    }
    const struct cdn_rate_rec *r = rate_of(d, m->currency, to);
    if (r)
        return times(m->amount, (struct cdn_decimal){r->mantissa, (uint8_t)r->scale}, ret);
    r = rate_of(d, to, m->currency);
    return r && divided(m->amount, (struct cdn_decimal){r->mantissa, (uint8_t)r->scale}, ret);
}

/* What the request itself takes: the sum of its payments. False: cannot be told. */
static bool request_amount(struct cdn_decider *d, const char currency[4], struct cdn_decimal *ret) {
    const struct cdn_request *r = d->request;
    *ret = (struct cdn_decimal){0, 0};
    bool any = false;
    for (uint32_t i = 0; i < r->object_count; i++) {
        if (r->objects[i].kind != CDN_OBJECT_PAYMENT)
            continue;
        any = true;
        const struct cdn_value *v = cdn_object_fact(&r->objects[i], CDN_FACT_AMOUNT);
        struct cdn_decimal amount = {0};
        if (!v || v->have != CDN_HAVE_VALUE ||
            v->money.amount.mantissa < 0 || /* would make room for others */
            !cdn_decide_convert(d, &v->money, currency, &amount) || cdn_decimal_add(*ret, amount, ret) < 0)
            return false;
    }
    return any || !cdn_decide_needed(d, CDN_SUBJECT_OBJECT, CDN_OBJECT_PAYMENT);
}

/* What earlier requests have used up in the window: all that the state says of it. */
static bool used_amount(struct cdn_decider *d,
                        const struct cdn_measure_rec *m,
                        const struct cdn_outcome_rec *o,
                        struct cdn_decimal *ret) {
    const cordon_str id = cdn_snap_str(d->snap, m->id);
    *ret = (struct cdn_decimal){0, 0};
    if (o->cap_window == CDN_UNIT_NONE)
        return true;
    bool any = false;
    for (uint32_t i = 0; i < d->request->state_count; i++) {
        struct cdn_decimal used;
        const struct cdn_state *s = &d->request->state[i];
        if (s->kind != CDN_STATE_USAGE || !cdn_str_eq(s->measure, id))
            continue;
        if (s->until_have == CDN_HAVE_VALUE && cdn_decide_at_before(d, s->until) != CORDON_TRUE)
            continue; /* of a window that is over */
        if (!cdn_decide_convert(d, &s->used, o->cap_currency, &used) || cdn_decimal_add(*ret, used, ret) < 0)
            return false;
        any = true;
    }
    return any;
}

/* IMPLEMENTS: CS-CAP */
unsigned cdn_decide_cap(struct cdn_decider *d,
                        const struct cdn_measure_rec *m,
                        const struct cdn_outcome_rec *o,
                        struct cdn_decimal *ret_remaining) {
    const struct cdn_decimal cap = {o->cap_mantissa, o->cap_scale};
    struct cdn_decimal amount = {0}, used = {0}, left = {0};
    if (!request_amount(d, o->cap_currency, &amount) || !used_amount(d, m, o, &used) ||
        cdn_decimal_sub(cap, used, &left) < 0 || cdn_decimal_sub(left, amount, &left) < 0)
        return CORDON_UNKNOWN;
    if (left.mantissa < 0)
        return CORDON_FALSE;
    *ret_remaining = left;
    return CORDON_TRUE;
}
