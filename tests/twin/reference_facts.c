/* SPDX-License-Identifier: Apache-2.0 */
/* reference_facts.c: see reference.h. Logic, places, evidence, facts. */
#include "twin/reference_priv.h"

/* ---- logic: the stronger of two values, each operation with its own order of strength ----------------- */

static unsigned cdn_ref_stronger(const uint8_t order[4], unsigned a, unsigned b) {
    for (unsigned i = 0; i < 4; i++) {
        if (order[i] == a || order[i] == b)
            return order[i];
    }
    return U;
}
unsigned cdn_ref_both(unsigned a, unsigned b) {
    static const uint8_t order[] = {F, C, U, T};
    return cdn_ref_stronger(order, a, b);
}
unsigned cdn_ref_either(unsigned a, unsigned b) {
    static const uint8_t order[] = {T, C, U, F};
    return cdn_ref_stronger(order, a, b);
}
unsigned cdn_ref_opposite(unsigned a) {
    return a == T ? F : a == F ? T : a;
}
unsigned cdn_ref_exactly_one(unsigned a, unsigned b) {
    if (a == C || b == C)
        return C;
    return a == U || b == U ? U : a != b;
}
bool cdn_ref_surely_before(struct cdn_when a, struct cdn_when b) {
    return cdn_when_before(a, b) == T;
}
struct cdn_when cdn_ref_now(const struct world *w) {
    return cdn_when_instant(w->at);
}

/* ---- places ------------------------------------------------------------------------------------------- */

static bool is_country_of(cordon_str code, uint16_t country) {
    return code.n >= 2 && (uint8_t)code.p[0] == country >> 8 && (uint8_t)code.p[1] == (country & 0xff) &&
           (code.n == 2 || code.p[2] == '-');
}
/* Is everything that `code` names in the place? */
static bool within(const struct world *w, cordon_str code, const struct cdn_place *p) {
    if (p->kind == CDN_PLACE_COUNTRY)
        return is_country_of(code, p->country);
    return cdn_str_eq(code, p->kind == CDN_PLACE_REGION ? p->region : w->rb->territories[p->territory].id);
}
/* Is a part of the country `code` in the place? */
static bool partly(const struct world *w, cordon_str code, const struct cdn_place *p) {
    if (code.n != 2 || p->kind == CDN_PLACE_COUNTRY)
        return false;
    if (p->kind == CDN_PLACE_REGION)
        return is_country_of(p->region, (uint16_t)(((unsigned)code.p[0] << 8) | (unsigned)code.p[1]));
    const struct cdn_territory *t = &w->rb->territories[p->territory];
    for (uint32_t i = 0; i < t->part_count; i++) {
        if (partly(w, code, &t->parts[i].place))
            return true;
    }
    return false;
}
/* T: in the set, F: outside, U: only a part is in. `code` as one place. */
static unsigned code_in_set(const struct world *w, cordon_str code, const struct cdn_place_set *set) {
    bool in = false, part = false, part_out = false;
    for (uint32_t i = 0; i < set->except_count; i++) {
        if (within(w, code, &set->except[i]))
            return F;
        part_out |= partly(w, code, &set->except[i]);
    }
    for (uint32_t i = 0; i < set->count; i++) {
        in |= within(w, code, &set->items[i]);
        part |= partly(w, code, &set->items[i]);
    }
    if (in)
        return part_out ? U : T;
    return part ? U : F;
}
static bool code_excepted(const struct world *w, cordon_str code, const struct cdn_place_set *set) {
    for (uint32_t i = 0; i < set->except_count; i++) {
        if (within(w, code, &set->except[i]))
            return true;
    }
    return false;
}
struct voice cdn_ref_listen(const struct world *w,
                            const struct cdn_evidence *e,
                            const struct cdn_place_set *set) {
    struct cdn_item item;
    char scratch[256];
    struct cdn_buf b;
    cdn_buf_fixed(&b, scratch, sizeof scratch);
    cdn_places_resolve(w->places, e, w->at, &b, &item);
    struct voice v = {.doubt = item.doubt};
    const unsigned mute = CDN_DOUBT_DISAGREE | CDN_DOUBT_ANONYMOUS | CDN_DOUBT_STALE_DATA |
                          CDN_DOUBT_INVALID | CDN_DOUBT_CROWDED;
    v.speaks = item.count > 0 && !(item.doubt & mute);
    v.in = item.count ? code_in_set(w, cdn_places_code(w->places, item.finest), set) : U;
    bool excepted = false;
    if (v.in == T)
        v.in = F; /* then it is found again below */
    for (unsigned i = 0; i < item.count; i++) {
        if (code_in_set(w, cdn_places_code(w->places, item.places[i]), set) == T)
            v.in = T;
    }
    for (unsigned i = 0; i < item.count; i++) {
        if (code_excepted(w, cdn_places_code(w->places, item.places[i]), set))
            excepted = true;
    }
    for (unsigned i = 0; i < item.maybe_count; i++)
        v.may_mean |= code_in_set(w, cdn_places_code(w->places, item.maybe[i]), set) == T;
    v.may_mean |= (item.doubt & CDN_DOUBT_AMBIGUOUS) && item.count == 0 && item.maybe_count == 0;
    if (excepted)
        v.in = F;
    else if (v.in == F && (v.may_mean || (item.doubt & CDN_DOUBT_CONTEXT)))
        v.in = U;
    return v;
}

/* ---- evidence ----------------------------------------------------------------------------------------- */

const struct cdn_evidence *cdn_ref_evidence_of(struct whom x, uint32_t *n) {
    *n = 0;
    if (x.party)
        *n = x.party->evidence_count;
    else if (x.object)
        *n = x.object->evidence_count;
    return x.party ? x.party->evidence : x.object ? x.object->evidence : NULL;
}
bool cdn_ref_usable(const struct world *w, const struct cdn_evidence *e) {
    return e->have == CDN_HAVE_VALUE && !(e->has_seen && cdn_ref_surely_before(cdn_ref_now(w), e->seen));
}
bool cdn_ref_too_old(const struct world *w, const struct cdn_evidence *e, unsigned finding) {
    const unsigned days = cdn_evidence_kinds[e->kind].fresh_days;
    return finding == CDN_FINDING_LOCATED && days && e->has_seen &&
           cdn_ref_surely_before(cdn_when_plus(e->seen, days * INT64_C(86400)), cdn_ref_now(w));
}
static unsigned grade(const struct world *w, const struct cdn_evidence *e, unsigned finding, struct voice v) {
    const struct cdn_evidence_info *info = &cdn_evidence_kinds[e->kind];
    if (cdn_ref_too_old(w, e, finding))
        return 0;
    return v.doubt & CDN_DOUBT_HOSTING ? CDN_MIN(info->strength[finding], 1) : info->strength[finding];
}
/* Best grade of each kind on each side: [for, against][kind]. */
static unsigned weigh(const unsigned best[CDN_EVIDENCE_COUNT]) {
    unsigned count[4] = {0};
    for (unsigned k = 1; k < CDN_EVIDENCE_COUNT; k++)
        count[best[k]]++;
    return cdn_weight_of(count[1], count[2], count[3]);
}
unsigned cdn_ref_finding(const struct world *w, const struct cdn_test *t, struct whom x) {
    unsigned pro[CDN_EVIDENCE_COUNT] = {0}, con[CDN_EVIDENCE_COUNT] = {0};
    uint32_t n = 0;
    const struct cdn_evidence *e = cdn_ref_evidence_of(x, &n);
    bool hard = false;
    for (uint32_t i = 0; i < n; i++) {
        const struct voice v = cdn_ref_listen(w, &e[i], &t->places);
        const unsigned g = grade(w, &e[i], t->finding, v);
        if (!cdn_ref_usable(w, &e[i]) || !v.speaks || v.in == U)
            continue;
        unsigned *side = v.in == T ? pro : con;
        if (v.in == F && (cdn_evidence_kinds[e[i].kind].flags & CDN_EV_FOR_ONLY))
            continue;
        side[e[i].kind] = CDN_MAX(side[e[i].kind], g);
        hard |= v.in == T && g >= CDN_STRENGTH_MEDIUM;
    }
    for (unsigned k = 1; k < CDN_EVIDENCE_COUNT && hard; k++) {
        if ((cdn_evidence_kinds[k].flags & CDN_EV_CLAIM) && con[k] > CDN_STRENGTH_WEAK)
            con[k] = CDN_STRENGTH_WEAK;
        if (t->finding == CDN_FINDING_NATIONAL)
            con[k] = CDN_STRENGTH_NONE;
    }
    return cdn_standard_table[t->standard][weigh(pro)][weigh(con)];
}
unsigned cdn_ref_evidence_in(const struct world *w, const struct cdn_test *t, struct whom x) {
    uint32_t n = 0;
    const struct cdn_evidence *e = cdn_ref_evidence_of(x, &n);
    unsigned value = F;
    bool asked = false;
    for (uint32_t i = 0; i < n; i++) {
        if (e[i].kind != t->evidence)
            continue;
        asked |= e[i].have == CDN_HAVE_NOT_APPLICABLE || cdn_ref_usable(w, &e[i]);
        if (!cdn_ref_usable(w, &e[i]))
            continue;
        const struct voice v = cdn_ref_listen(w, &e[i], &t->places);
        value = cdn_ref_either(value, v.speaks ? v.in : U);
    }
    return asked ? value : U;
}
unsigned cdn_ref_present(const struct world *w, const struct cdn_test *t, struct whom x) {
    if (!t->evidence)
        return cdn_party_fact(x.party, t->fact) && cdn_party_fact(x.party, t->fact)->have == CDN_HAVE_VALUE;
    uint32_t n = 0;
    const struct cdn_evidence *e = cdn_ref_evidence_of(x, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (e[i].kind == t->evidence && cdn_ref_usable(w, &e[i]))
            return T;
    }
    return F;
}

/* ---- facts -------------------------------------------------------------------------------------------- */

static const struct cdn_value *declared(const struct cdn_given_fact *given, uint32_t n, cordon_str name) {
    for (uint32_t i = 0; i < n; i++) {
        if (cdn_str_eq(given[i].name, name))
            return &given[i].value;
    }
    return NULL;
}
const struct cdn_value *cdn_ref_fact_of(const struct world *w, const struct cdn_test *t, struct whom x) {
    if (t->fact >= CDN_FACT_DECLARED_BASE) {
        const cordon_str name = w->rb->facts[t->fact - CDN_FACT_DECLARED_BASE].name;
        if (t->subject.kind == CDN_SUBJECT_REQUEST)
            return declared(w->r->given, w->r->given_count, name);
        return x.party ? declared(x.party->given, x.party->given_count, name)
                       : declared(x.object->given, x.object->given_count, name);
    }
    if (t->subject.kind == CDN_SUBJECT_REQUEST)
        return cdn_request_fact(w->r, t->fact);
    return x.party ? cdn_party_fact(x.party, t->fact) : cdn_object_fact(x.object, t->fact);
}
static unsigned type_of(const struct world *w, const struct cdn_test *t) {
    return t->fact >= CDN_FACT_DECLARED_BASE ? w->rb->facts[t->fact - CDN_FACT_DECLARED_BASE].type
                                             : cdn_facts[t->fact].type;
}
static unsigned ordered(int cmp, unsigned how) {
    return how == CDN_CMP_LT   ? cmp < 0
           : how == CDN_CMP_LE ? cmp <= 0
           : how == CDN_CMP_GT ? cmp > 0
                               : cmp >= 0;
}
unsigned cdn_ref_compare_when(struct cdn_when a, unsigned how, struct cdn_when b) {
    if (how == CDN_CMP_LT || how == CDN_CMP_GE) {
        const unsigned before =
            (unsigned)(how == CDN_CMP_LT ? cdn_when_before(a, b) : cdn_when_not_after(b, a));
        return before;
    }
    return (unsigned)(how == CDN_CMP_LE ? cdn_when_not_after(a, b) : cdn_when_before(b, a));
}
static unsigned date_test(const struct world *w, const struct cdn_test *t, struct cdn_when left) {
    if (t->against_now)
        return cdn_ref_compare_when(
            cdn_when_plus(left, t->left_offset - t->right_offset), t->cmp, cdn_ref_now(w));
    return cdn_ref_compare_when(
        cdn_when_plus(left, t->left_offset), t->cmp, cdn_when_plus(t->when, t->right_offset));
}
static const struct cdn_rate *latest_rate(const struct world *w, const char from[4], const char to[4]) {
    const struct cdn_rate *best = NULL;
    for (uint32_t i = 0; i < w->rb->rate_count; i++) {
        const struct cdn_rate *x = &w->rb->rates[i];
        if (memcmp(x->from, from, 4) == 0 && memcmp(x->to, to, 4) == 0 && x->since.at <= w->at &&
            (!best || x->since.at > best->since.at))
            best = x;
    }
    return best;
}
bool cdn_ref_convert(const struct world *w,
                     const struct cdn_money *m,
                     const char to[4],
                     struct cdn_decimal *ret) {
    *ret = m->amount;
    if (memcmp(m->currency, to, 4) == 0)
        return true;
    const struct cdn_rate *rate = latest_rate(w, m->currency, to);
    if (rate)
        return cdn_decimal_mul(m->amount, rate->rate, ret) == 0;
    rate = latest_rate(w, to, m->currency);
    return rate && cdn_decimal_div(m->amount, rate->rate, 8, ret) == 0;
}
static bool has_text(const struct cdn_test *t, cordon_str s) {
    for (uint32_t i = 0; i < t->text_count; i++) {
        if (cdn_str_eq(t->texts[i], s))
            return true;
    }
    return false;
}
static unsigned below(const struct cdn_test *t, cordon_str s) {
    unsigned value = F;
    for (uint32_t i = 0; i < t->text_count; i++) {
        if (cdn_str_starts(s, t->texts[i]))
            value = T;
        else if (cdn_str_starts(t->texts[i], s))
            value = cdn_ref_either(value, U);
    }
    return value;
}
static unsigned unit_value(const struct world *w, const struct cdn_test *t, const struct cdn_object *o) {
    const struct cdn_value *v = cdn_object_fact(o, CDN_FACT_VALUE),
                           *q = cdn_object_fact(o, CDN_FACT_QUANTITY);
    if (v && v->have == CDN_HAVE_NOT_APPLICABLE)
        return F;
    if (!v || v->have != CDN_HAVE_VALUE)
        return U;
    if (q && q->have == CDN_HAVE_NOT_APPLICABLE)
        return F;
    struct cdn_decimal amount, limit;
    if (!q || q->have != CDN_HAVE_VALUE || q->money.amount.mantissa <= 0 || v->money.amount.mantissa < 0 ||
        !cdn_ref_convert(w, &v->money, t->money.currency, &amount) ||
        cdn_decimal_mul(t->money.amount, q->money.amount, &limit) < 0)
        return U;
    return ordered(cdn_decimal_cmp(amount, limit), t->cmp);
}
static unsigned relation_date(const struct world *w, const struct cdn_test *t, const struct cdn_party *p) {
    if (p->relations_have != CDN_HAVE_VALUE)
        return p->relations_have == CDN_HAVE_NOT_APPLICABLE ? F : U;
    unsigned value = F;
    for (uint32_t i = 0; i < p->relation_count; i++) {
        const struct cdn_relation *x = &p->relations[i];
        if (!cdn_str_eq(x->service, w->r->service))
            continue;
        const unsigned have = t->fact == CDN_FACT_SINCE ? x->since_have : x->period_end_have;
        if (have == CDN_HAVE_VALUE)
            value =
                cdn_ref_either(value, date_test(w, t, t->fact == CDN_FACT_SINCE ? x->since : x->period_end));
        else if (have != CDN_HAVE_NOT_APPLICABLE)
            value = cdn_ref_either(value, U);
    }
    return value;
}
static unsigned value_test(const struct world *w, const struct cdn_test *t, const struct cdn_value *v) {
    unsigned value = F;
    struct cdn_decimal amount;
    switch (type_of(w, t)) {
    case CDN_TYPE_BOOL:
        return v->boolean == t->boolean;
    case CDN_TYPE_WHEN:
        return date_test(w, t, v->when);
    case CDN_TYPE_MONEY:
        return cdn_ref_convert(w, &v->money, t->money.currency, &amount)
                   ? ordered(cdn_decimal_cmp(amount, t->money.amount), t->cmp)
                   : U;
    case CDN_TYPE_PLACE:
        return code_in_set(w, v->texts[0], &t->places);
    default:
        for (uint32_t i = 0; i < v->count; i++)
            value = cdn_ref_either(
                value, t->cmp == CDN_CMP_PREFIX ? below(t, v->texts[i]) : has_text(t, v->texts[i]));
        return value;
    }
}
unsigned cdn_ref_fact(const struct world *w, const struct cdn_test *t, struct whom x) {
    if (t->fact == CDN_FACT_SINCE || t->fact == CDN_FACT_PERIOD_END)
        return relation_date(w, t, x.party);
    if (t->fact == CDN_FACT_UNIT_VALUE)
        return unit_value(w, t, x.object);
    const struct cdn_value *v = cdn_ref_fact_of(w, t, x);
    if (!v || v->have == CDN_HAVE_NULL || v->have == CDN_HAVE_ABSENT)
        return U;
    return v->have == CDN_HAVE_NOT_APPLICABLE ? F : value_test(w, t, v);
}
unsigned cdn_ref_is_new(const struct world *w, const struct cdn_test *t, const struct cdn_party *p) {
    const cordon_str service = t->service < 0 ? w->r->service : w->rb->services[t->service].id;
    if (p->relations_have == CDN_HAVE_NOT_APPLICABLE)
        return T;
    if (p->relations_have != CDN_HAVE_VALUE)
        return U;
    unsigned existing = F;
    for (uint32_t i = 0; i < p->relation_count; i++) {
        if (cdn_str_eq(p->relations[i].service, service))
            existing = cdn_ref_either(existing,
                                      p->relations[i].since_have == CDN_HAVE_VALUE
                                          ? (unsigned)cdn_when_before(p->relations[i].since, t->when)
                                          : U);
    }
    return cdn_ref_opposite(existing);
}
