/* SPDX-License-Identifier: Apache-2.0 */
/* reference.c: see reference.h. Everything is worked out again whenever it is needed. */
#include "twin/reference.h"

#include <string.h>

#include "base/limits.h"

enum { F = CORDON_FALSE, T = CORDON_TRUE, U = CORDON_UNKNOWN, C = CORDON_CONTRADICTORY };
enum { NOBODY = -1, SEVERAL = -2, MAX_WAYS = 64 };

struct world {
    const struct cdn_rulebook *rb;
    const struct cdn_places *places;
    const struct cdn_request *r;
    int64_t at;
    const struct cdn_action *action;
    uint32_t action_number, service_number;
    const struct cdn_measure *owner; /* whose condition is read: standard, presumptions */
    bool presume_nothing;
    int role[CDN_ROLE_COUNT], object[CDN_OBJECT_COUNT], it;
    bool it_is_object;
};

/* ---- logic: the stronger of two values, each operation with its own order of strength ----------------- */

static unsigned stronger(const uint8_t order[4], unsigned a, unsigned b) {
    for (unsigned i = 0; i < 4; i++) {
        if (order[i] == a || order[i] == b)
            return order[i];
    }
    return U;
}
static unsigned both(unsigned a, unsigned b) {
    static const uint8_t order[] = {F, C, U, T};
    return stronger(order, a, b);
}
static unsigned either(unsigned a, unsigned b) {
    static const uint8_t order[] = {T, C, U, F};
    return stronger(order, a, b);
}
static unsigned opposite(unsigned a) {
    return a == T ? F : a == F ? T : a;
}
static unsigned exactly_one(unsigned a, unsigned b) {
    if (a == C || b == C)
        return C;
    return a == U || b == U ? U : a != b;
}
static bool surely_before(struct cdn_when a, struct cdn_when b) {
    return cdn_when_before(a, b) == T;
}
static struct cdn_when now(const struct world *w) {
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
struct voice {
    bool speaks; /* no doubt silences it */
    unsigned in; /* T for, F against, U silent about this set */
    unsigned doubt;
    bool may_mean; /* an ambiguous name may mean a place of the set */
};
static struct voice listen(const struct world *w,
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

struct whom {
    const struct cdn_party *party;
    const struct cdn_object *object;
    int index;
};
static const struct cdn_evidence *evidence_of(struct whom x, uint32_t *n) {
    *n = 0;
    if (x.party)
        *n = x.party->evidence_count;
    else if (x.object)
        *n = x.object->evidence_count;
    return x.party ? x.party->evidence : x.object ? x.object->evidence : NULL;
}
static bool usable(const struct world *w, const struct cdn_evidence *e) {
    return e->have == CDN_HAVE_VALUE && !(e->has_seen && surely_before(now(w), e->seen));
}
static bool too_old(const struct world *w, const struct cdn_evidence *e, unsigned finding) {
    const unsigned days = cdn_evidence_kinds[e->kind].fresh_days;
    return finding == CDN_FINDING_LOCATED && days && e->has_seen &&
           surely_before(cdn_when_plus(e->seen, days * INT64_C(86400)), now(w));
}
static unsigned grade(const struct world *w, const struct cdn_evidence *e, unsigned finding, struct voice v) {
    const struct cdn_evidence_info *info = &cdn_evidence_kinds[e->kind];
    if (too_old(w, e, finding))
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
static unsigned finding(const struct world *w, const struct cdn_test *t, struct whom x) {
    unsigned pro[CDN_EVIDENCE_COUNT] = {0}, con[CDN_EVIDENCE_COUNT] = {0};
    uint32_t n = 0;
    const struct cdn_evidence *e = evidence_of(x, &n);
    bool hard = false;
    for (uint32_t i = 0; i < n; i++) {
        const struct voice v = listen(w, &e[i], &t->places);
        const unsigned g = grade(w, &e[i], t->finding, v);
        if (!usable(w, &e[i]) || !v.speaks || v.in == U)
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
static unsigned evidence_in(const struct world *w, const struct cdn_test *t, struct whom x) {
    uint32_t n = 0;
    const struct cdn_evidence *e = evidence_of(x, &n);
    unsigned value = F;
    bool asked = false;
    for (uint32_t i = 0; i < n; i++) {
        if (e[i].kind != t->evidence)
            continue;
        asked |= e[i].have == CDN_HAVE_NOT_APPLICABLE || usable(w, &e[i]);
        if (!usable(w, &e[i]))
            continue;
        const struct voice v = listen(w, &e[i], &t->places);
        value = either(value, v.speaks ? v.in : U);
    }
    return asked ? value : U;
}
static unsigned present(const struct world *w, const struct cdn_test *t, struct whom x) {
    if (!t->evidence)
        return cdn_party_fact(x.party, t->fact) && cdn_party_fact(x.party, t->fact)->have == CDN_HAVE_VALUE;
    uint32_t n = 0;
    const struct cdn_evidence *e = evidence_of(x, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (e[i].kind == t->evidence && usable(w, &e[i]))
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
static const struct cdn_value *fact_of(const struct world *w, const struct cdn_test *t, struct whom x) {
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
static unsigned compare_when(struct cdn_when a, unsigned how, struct cdn_when b) {
    if (how == CDN_CMP_LT || how == CDN_CMP_GE) {
        const unsigned before =
            (unsigned)(how == CDN_CMP_LT ? cdn_when_before(a, b) : cdn_when_not_after(b, a));
        return before;
    }
    return (unsigned)(how == CDN_CMP_LE ? cdn_when_not_after(a, b) : cdn_when_before(b, a));
}
static unsigned date_test(const struct world *w, const struct cdn_test *t, struct cdn_when left) {
    if (t->against_now)
        return compare_when(cdn_when_plus(left, t->left_offset - t->right_offset), t->cmp, now(w));
    return compare_when(cdn_when_plus(left, t->left_offset), t->cmp, cdn_when_plus(t->when, t->right_offset));
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
static bool convert(const struct world *w,
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
            value = either(value, U);
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
        !convert(w, &v->money, t->money.currency, &amount) ||
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
            value = either(value, date_test(w, t, t->fact == CDN_FACT_SINCE ? x->since : x->period_end));
        else if (have != CDN_HAVE_NOT_APPLICABLE)
            value = either(value, U);
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
        return convert(w, &v->money, t->money.currency, &amount)
                   ? ordered(cdn_decimal_cmp(amount, t->money.amount), t->cmp)
                   : U;
    case CDN_TYPE_PLACE:
        return code_in_set(w, v->texts[0], &t->places);
    default:
        for (uint32_t i = 0; i < v->count; i++)
            value =
                either(value, t->cmp == CDN_CMP_PREFIX ? below(t, v->texts[i]) : has_text(t, v->texts[i]));
        return value;
    }
}
static unsigned fact(const struct world *w, const struct cdn_test *t, struct whom x) {
    if (t->fact == CDN_FACT_SINCE || t->fact == CDN_FACT_PERIOD_END)
        return relation_date(w, t, x.party);
    if (t->fact == CDN_FACT_UNIT_VALUE)
        return unit_value(w, t, x.object);
    const struct cdn_value *v = fact_of(w, t, x);
    if (!v || v->have == CDN_HAVE_NULL || v->have == CDN_HAVE_ABSENT)
        return U;
    return v->have == CDN_HAVE_NOT_APPLICABLE ? F : value_test(w, t, v);
}
static unsigned is_new(const struct world *w, const struct cdn_test *t, const struct cdn_party *p) {
    const cordon_str service = t->service < 0 ? w->r->service : w->rb->services[t->service].id;
    if (p->relations_have == CDN_HAVE_NOT_APPLICABLE)
        return T;
    if (p->relations_have != CDN_HAVE_VALUE)
        return U;
    unsigned existing = F;
    for (uint32_t i = 0; i < p->relation_count; i++) {
        if (cdn_str_eq(p->relations[i].service, service))
            existing = either(existing,
                              p->relations[i].since_have == CDN_HAVE_VALUE
                                  ? (unsigned)cdn_when_before(p->relations[i].since, t->when)
                                  : U);
    }
    return opposite(existing);
}

/* ---- lists -------------------------------------------------------------------------------------------- */

static bool cleared(const struct world *w, int party, const struct cdn_listed *l) {
    for (uint32_t i = 0; i < w->r->state_count; i++) {
        const struct cdn_state *s = &w->r->state[i];
        if (s->kind == CDN_STATE_CLEARANCE && s->party == party && cdn_str_eq(s->list, l->list) &&
            cdn_str_eq(s->entry, l->entry) &&
            (s->until_have != CDN_HAVE_VALUE || surely_before(now(w), s->until)))
            return true;
    }
    return false;
}
static unsigned candidate_as(const struct world *w,
                             const struct cdn_test *t,
                             struct whom x,
                             const struct cdn_listed *l,
                             bool as_owned) {
    bool wanted = false;
    for (uint32_t i = 0; i < t->list_count; i++)
        wanted |= cdn_str_eq(w->rb->lists[t->lists[i]].id, l->list);
    if (!wanted || l->owned != as_owned || cleared(w, x.index, l))
        return F;
    if (l->truth != T || l->score == 0)
        return l->truth;
    return l->score >= t->match ? T : l->score >= t->review ? U : F;
}
static unsigned candidate(const struct world *w,
                          const struct cdn_test *t,
                          struct whom x,
                          const struct cdn_listed *l) {
    return candidate_as(w, t, x, l, t->kind == CDN_TEST_OWNED);
}
static bool all_screened(const struct world *w,
                         const struct cdn_test *t,
                         const struct cdn_party *p,
                         bool as_owned) {
    if (p->listed_have == CDN_HAVE_NOT_APPLICABLE)
        return true;
    if (p->listed_have == CDN_HAVE_VALUE && p->listed_count == 0)
        return true;
    if (as_owned && p->owners_have == CDN_HAVE_VALUE && p->owner_count == 0)
        return true;
    for (uint32_t i = 0; i < t->list_count; i++) {
        bool found = false;
        for (uint32_t k = 0; k < p->listed_count; k++)
            found |=
                cdn_str_eq(p->listed[k].list, w->rb->lists[t->lists[i]].id) && p->listed[k].owned == as_owned;
        if (!found || p->listed_have != CDN_HAVE_VALUE)
            return false;
    }
    return true;
}
static unsigned listed(const struct world *w, const struct cdn_test *t, struct whom x) {
    if (!x.party)
        return U;
    unsigned value = all_screened(w, t, x.party, false) ? F : U;
    for (uint32_t i = 0; i < x.party->listed_count; i++)
        value = either(value, candidate_as(w, t, x, &x.party->listed[i], false));
    return value;
}
static bool reaches(const struct cdn_test *t, int64_t tenths) {
    const struct cdn_decimal share = {tenths, 1};
    const int c = cdn_decimal_cmp(share, t->percent);
    return t->percent_strict ? c > 0 : c >= 0;
}
static int64_t in_tenths(struct cdn_decimal d) { /* the generator gives one decimal */
    return d.scale == 0 ? d.mantissa * 10 : d.mantissa;
}
static unsigned owned_as_screened(const struct world *w, const struct cdn_test *t, struct whom x) {
    int64_t sure = 0, most = 0;
    if (!x.party)
        return U;
    bool open = !all_screened(w, t, x.party, true);
    for (uint32_t i = 0; i < x.party->listed_count; i++) {
        const struct cdn_listed *l = &x.party->listed[i];
        const unsigned v = candidate_as(w, t, x, l, true);
        if (v == F)
            continue;
        if (l->control && t->or_controlled && v == T)
            return T;
        open |= (l->control && t->or_controlled) || l->percent_have != CDN_HAVE_VALUE;
        if (l->percent_have != CDN_HAVE_VALUE)
            continue;
        const int64_t share = in_tenths(l->percent);
        most = t->aggregate ? most + share : CDN_MAX(most, share);
        if (v == T)
            sure = t->aggregate ? sure + share : CDN_MAX(sure, share);
    }
    return reaches(t, sure) ? T : open || reaches(t, most) ? U : F;
}
/* By going down from owner to owner; nobody is asked again who is already on the way. */
static unsigned owned_down(
    const struct world *w, const struct cdn_test *t, int party, const bool *on_the_way, bool matches_only);
static unsigned counts(
    const struct world *w, const struct cdn_test *t, int party, const bool *on_the_way, bool matches_only) {
    const struct cdn_party *p = &w->r->parties[party];
    const struct whom x = {.party = p, .index = party};
    bool match = !matches_only;
    for (uint32_t i = 0; i < p->listed_count; i++)
        match |= candidate_as(w, t, x, &p->listed[i], p->listed[i].owned) != F;
    const unsigned own = match ? either(listed(w, t, x), owned_as_screened(w, t, x)) : F;
    return either(own, owned_down(w, t, party, on_the_way, matches_only));
}
static unsigned owned_down(
    const struct world *w, const struct cdn_test *t, int party, const bool *on_the_way, bool matches_only) {
    const struct cdn_party *p = &w->r->parties[party];
    bool way[CDN_MAX_PARTIES];
    int64_t sure = 0, most = 0;
    bool open = false, controlled = false;
    for (int i = 0; i < CDN_MAX_PARTIES; i++)
        way[i] = on_the_way && on_the_way[i];
    way[party] = true;
    for (uint32_t i = 0; p->owners_have == CDN_HAVE_VALUE && i < p->owner_count; i++) {
        const struct cdn_ownership *o = &p->owners[i];
        if (o->party < 0)
            continue;
        unsigned v;
        if (way[o->party]) { /* what it is by itself; what it owns comes round again */
            const struct whom x = {.party = &w->r->parties[o->party], .index = o->party};
            bool match = !matches_only;
            for (uint32_t k = 0; k < x.party->listed_count; k++)
                match |= candidate_as(w, t, x, &x.party->listed[k], x.party->listed[k].owned) != F;
            v = match ? either(listed(w, t, x), owned_as_screened(w, t, x)) : F;
        } else {
            v = counts(w, t, o->party, way, matches_only);
        }
        if (v == F)
            continue;
        controlled |= o->control && t->or_controlled && v == T;
        open |= (o->control && t->or_controlled) || o->percent_have != CDN_HAVE_VALUE;
        if (o->percent_have != CDN_HAVE_VALUE)
            continue;
        const int64_t share = in_tenths(o->percent);
        most = t->aggregate ? most + share : CDN_MAX(most, share);
        if (v == T)
            sure = t->aggregate ? sure + share : CDN_MAX(sure, share);
    }
    return controlled || reaches(t, sure) ? T : open || reaches(t, most) ? U : F;
}
static unsigned owned(const struct world *w, const struct cdn_test *t, struct whom x) {
    if (!x.party)
        return U;
    return either(owned_as_screened(w, t, x), owned_down(w, t, x.index, NULL, false));
}

/* ---- conditions --------------------------------------------------------------------------------------- */

static bool needed(const struct world *w, struct cdn_subject s) {
    if (s.kind == CDN_SUBJECT_ROLE)
        return w->action->needs_roles >> s.index & 1;
    return s.kind == CDN_SUBJECT_OBJECT && (w->action->needs_objects >> s.index & 1);
}
static unsigned ask(const struct world *w, const struct cdn_test *t, struct whom x) {
    switch (t->kind) {
    case CDN_TEST_FINDING:
        return finding(w, t, x);
    case CDN_TEST_EVIDENCE:
        return evidence_in(w, t, x);
    case CDN_TEST_FACT:
        return fact(w, t, x);
    case CDN_TEST_NEW:
        return is_new(w, t, x.party);
    case CDN_TEST_LISTED:
        return listed(w, t, x);
    case CDN_TEST_OWNED:
        return owned(w, t, x);
    case CDN_TEST_PRESENT:
        return present(w, t, x);
    default:
        return U;
    }
}
static bool find_whom(const struct world *w, struct cdn_subject s, struct whom *ret) {
    const bool is_object = s.kind == CDN_SUBJECT_OBJECT || (s.kind == CDN_SUBJECT_IT && w->it_is_object);
    const int i = s.kind == CDN_SUBJECT_IT ? w->it : is_object ? w->object[s.index] : w->role[s.index];
    *ret = (struct whom){.index = i};
    if (i < 0)
        return false;
    if (is_object)
        ret->object = &w->r->objects[i];
    else
        ret->party = &w->r->parties[i];
    return true;
}
/* Nothing speaks for it, and no name was ambiguous. */
static bool silent(const struct world *w, const struct cdn_test *t) {
    struct whom x = {0};
    if (t->subject.kind != CDN_SUBJECT_REQUEST && !find_whom(w, t->subject, &x))
        return x.index == NOBODY;
    if (t->kind == CDN_TEST_NEW ||
        (t->kind == CDN_TEST_FACT && (t->fact == CDN_FACT_SINCE || t->fact == CDN_FACT_PERIOD_END)))
        return x.party->relations_have != CDN_HAVE_VALUE;
    if (t->kind == CDN_TEST_LISTED || t->kind == CDN_TEST_OWNED) {
        for (uint32_t i = 0; i < x.party->listed_count; i++) {
            if (candidate(w, t, x, &x.party->listed[i]) != F)
                return false;
        }
        return t->kind == CDN_TEST_LISTED || owned_down(w, t, x.index, NULL, true) == F;
    }
    if (t->kind == CDN_TEST_FACT) {
        const struct cdn_value *v = fact_of(w, t, x);
        return !v || v->have != CDN_HAVE_VALUE;
    }
    if (t->kind != CDN_TEST_FINDING && t->kind != CDN_TEST_EVIDENCE)
        return false;
    uint32_t n = 0;
    const struct cdn_evidence *e = evidence_of(x, &n);
    for (uint32_t i = 0; i < n; i++) {
        const bool asked = t->kind == CDN_TEST_FINDING
                               ? cdn_evidence_kinds[e[i].kind].strength[t->finding] > 0
                               : e[i].kind == t->evidence;
        const struct voice v = listen(w, &e[i], &t->places);
        if (asked && usable(w, &e[i]) && (v.may_mean || v.in == T) &&
            !(t->kind == CDN_TEST_FINDING && too_old(w, &e[i], t->finding)))
            return false;
    }
    return true;
}
/* Two tests that ask the same; lists and places only when they are one and the same test. */
static bool same_question(const struct cdn_test *a, const struct cdn_test *b) {
    if (a == b)
        return true;
    if (a->kind != b->kind || a->cmp != b->cmp || a->subject.kind != b->subject.kind ||
        a->subject.index != b->subject.index || a->evidence != b->evidence || a->fact != b->fact ||
        a->finding != b->finding || a->text_count != b->text_count || a->boolean != b->boolean ||
        a->service != b->service || a->places.count || b->places.count || a->list_count || b->list_count ||
        a->against_now != b->against_now || a->left_offset != b->left_offset ||
        a->right_offset != b->right_offset || memcmp(a->money.currency, b->money.currency, 4) != 0 ||
        a->money.amount.mantissa != b->money.amount.mantissa || a->when.first != b->when.first ||
        a->when.kind != b->when.kind)
        return false;
    for (uint32_t i = 0; i < a->text_count; i++) {
        if (!cdn_str_eq(a->texts[i], b->texts[i]))
            return false;
    }
    return true;
}
static unsigned test(const struct world *w, const struct cdn_test *t) {
    struct whom x = {0};
    unsigned value;
    if (t->kind == CDN_TEST_NOW)
        value = compare_when(now(w), t->cmp, cdn_when_plus(t->when, t->right_offset - t->left_offset));
    else if (t->subject.kind == CDN_SUBJECT_REQUEST || find_whom(w, t->subject, &x))
        value = ask(w, t, x);
    else
        value = needed(w, t->subject) ? U : F;
    for (uint32_t i = 0; value == U && !w->presume_nothing && i < w->owner->presume_count; i++) {
        if (same_question(w->owner->presumes[i].test, t))
            return silent(w, t) ? w->owner->presumes[i].value : U;
    }
    return value;
}
static unsigned condition(struct world *w, const struct cdn_expr *x);
static unsigned quantified(struct world *w, const struct cdn_expr *x) {
    const bool objects = x->subject.kind == CDN_SUBJECT_OBJECT;
    const int saved = w->it;
    const bool saved_kind = w->it_is_object;
    unsigned value = x->op == CDN_EXPR_ANY ? F : T;
    uint32_t seen = 0;
    for (uint32_t i = 0; i < (objects ? w->r->object_count : w->r->party_count); i++) {
        if (objects ? w->r->objects[i].kind != x->subject.index
                    : x->subject.kind == CDN_SUBJECT_ROLE && w->r->parties[i].role != x->subject.index)
            continue;
        seen++;
        w->it = (int)i;
        w->it_is_object = objects;
        const unsigned v = condition(w, x->children[0]);
        value = x->op == CDN_EXPR_ANY ? either(value, v) : both(value, v);
    }
    w->it = saved;
    w->it_is_object = saved_kind;
    return seen ? value : needed(w, x->subject) ? U : F;
}
static unsigned condition(struct world *w, const struct cdn_expr *x) {
    unsigned value = T;
    switch (x->op) {
    case CDN_EXPR_TRUE:
        return T;
    case CDN_EXPR_TEST:
        return test(w, x->test);
    case CDN_EXPR_NOT:
        return opposite(condition(w, x->children[0]));
    case CDN_EXPR_XOR:
        return exactly_one(condition(w, x->children[0]), condition(w, x->children[1]));
    case CDN_EXPR_AND:
        for (uint32_t i = 0; i < x->count; i++)
            value = both(value, condition(w, x->children[i]));
        return value;
    case CDN_EXPR_OR:
        value = F;
        for (uint32_t i = 0; i < x->count; i++)
            value = either(value, condition(w, x->children[i]));
        return value;
    default:
        return quantified(w, x);
    }
}

/* ---- measures ----------------------------------------------------------------------------------------- */

struct wanted {
    struct cdn_subject list[64];
    uint32_t count;
};
static void want(struct wanted *x, const struct cdn_expr *e) {
    if (e && e->op == CDN_EXPR_TEST &&
        (e->test->subject.kind == CDN_SUBJECT_ROLE || e->test->subject.kind == CDN_SUBJECT_OBJECT)) {
        bool known = false;
        for (uint32_t i = 0; i < x->count; i++)
            known |= x->list[i].kind == e->test->subject.kind && x->list[i].index == e->test->subject.index;
        if (!known)
            x->list[x->count++] = e->test->subject;
    }
    for (uint32_t i = 0; e && i < e->count; i++)
        want(x, e->children[i]);
}
static struct wanted wanted_by(const struct cdn_measure *m) {
    struct wanted x = {.count = 0};
    want(&x, m->when);
    for (uint32_t i = 0; i < m->except_count; i++)
        want(&x, m->excepts[i].when);
    return x;
}
static int *slot_of(struct world *w, struct cdn_subject s) {
    return s.kind == CDN_SUBJECT_ROLE ? &w->role[s.index] : &w->object[s.index];
}
static uint32_t how_many(const struct world *w, struct cdn_subject s) {
    uint32_t n = 0;
    for (uint32_t i = 0; s.kind == CDN_SUBJECT_ROLE && i < w->r->party_count; i++)
        n += w->r->parties[i].role == s.index;
    for (uint32_t i = 0; s.kind == CDN_SUBJECT_OBJECT && i < w->r->object_count; i++)
        n += w->r->objects[i].kind == s.index;
    return n;
}
static int the_nth(const struct world *w, struct cdn_subject s, uint32_t n) {
    const uint32_t of = s.kind == CDN_SUBJECT_ROLE ? w->r->party_count : w->r->object_count;
    for (uint32_t i = 0; i < of; i++) {
        if ((s.kind == CDN_SUBJECT_ROLE ? w->r->parties[i].role : w->r->objects[i].kind) == s.index &&
            n-- == 0)
            return (int)i;
    }
    return NOBODY;
}
/* All ways, one call of `each` for each; false when there are too many. */
typedef void (*each_way)(struct world *w, void *ctx);
static void fill(struct world *w, const struct wanted *x, uint32_t from, each_way each, void *ctx) {
    while (from < x->count && *slot_of(w, x->list[from]) != SEVERAL)
        from++;
    if (from == x->count) {
        each(w, ctx);
        return;
    }
    for (uint32_t i = 0; i < how_many(w, x->list[from]); i++) {
        *slot_of(w, x->list[from]) = the_nth(w, x->list[from], i);
        fill(w, x, from + 1, each, ctx);
        *slot_of(w, x->list[from]) = SEVERAL;
    }
}
static bool every_way(struct world *w, const struct cdn_measure *m, each_way each, void *ctx) {
    const struct wanted x = wanted_by(m);
    uint64_t ways = 1;
    for (uint32_t i = 0; i < x.count; i++) {
        if (*slot_of(w, x.list[i]) == SEVERAL)
            ways *= how_many(w, x.list[i]);
        if (ways > MAX_WAYS)
            return false;
    }
    fill(w, &x, 0, each, ctx);
    return true;
}
static bool in_force(const struct world *w, const struct cdn_measure *m) {
    if ((m->effective.written.n && w->at < m->effective.at) || (m->until.written.n && w->at >= m->until.at))
        return false;
    for (uint32_t i = 0; i < m->suspension_count; i++) {
        const struct cdn_suspension *s = &m->suspensions[i];
        if (w->at >= s->from.at && (!s->until.written.n || w->at < s->until.at))
            return false;
    }
    return true;
}
static bool bound(const struct world *w, const struct cdn_measure *m) {
    if (!m->entity_count && !m->bound_country_count)
        return true;
    for (uint32_t e = 0; e < w->rb->entity_count; e++) {
        if (!cdn_str_eq(w->rb->entities[e].id, w->r->acting_entity))
            continue;
        for (uint32_t i = 0; i < m->entity_count; i++) {
            if (m->entities[i] == e)
                return true;
        }
        for (uint32_t i = 0; i < m->bound_country_count; i++) {
            if (m->bound_countries[i] == w->rb->entities[e].country)
                return true;
        }
        return false;
    }
    return true; /* not named, not known */
}
static unsigned exceptions(struct world *w, const struct cdn_measure *m) {
    unsigned value = F;
    for (uint32_t i = 0; i < m->except_count; i++)
        value = either(value, condition(w, m->excepts[i].when));
    return value;
}
static unsigned when(struct world *w, const struct cdn_measure *m) {
    return m->when ? condition(w, m->when) : T;
}
static void or_value(struct world *w, void *ctx) {
    unsigned *value = ctx;
    *value = either(*value, both(when(w, w->owner), opposite(exceptions(w, w->owner))));
}
/* A licence or statute, with the roles as they are filled. */
static unsigned other_value(const struct world *w, const struct cdn_measure *m) {
    struct world mine = *w;
    mine.owner = m;
    unsigned value = F;
    if (!in_force(w, m) || !bound(w, m))
        return F;
    return every_way(&mine, m, or_value, &value) ? value : U;
}
static unsigned licence_value(const struct world *w, const struct cdn_measure *m) {
    unsigned value = other_value(w, m);
    bool known = !m->entity_count && !m->bound_country_count;
    for (uint32_t e = 0; e < w->rb->entity_count; e++)
        known |= cdn_str_eq(w->rb->entities[e].id, w->r->acting_entity);
    value = known ? value : both(value, U);
    for (uint32_t i = 0; i < w->r->state_count; i++) {
        const struct cdn_state *s = &w->r->state[i];
        if (s->kind != CDN_STATE_DUTY || !cdn_str_eq(s->measure, m->id) || s->due_have != CDN_HAVE_VALUE ||
            (s->reference.n && w->r->reference.n && !cdn_str_eq(s->reference, w->r->reference)))
            continue;
        unsigned in_time = (unsigned)cdn_when_not_after(now(w), s->due);
        if (s->done_have == CDN_HAVE_VALUE)
            in_time = either(in_time, (unsigned)cdn_when_not_after(s->done, s->due));
        value = both(value, in_time);
    }
    return value;
}
static bool names(const uint32_t *list, uint32_t n, uint32_t what) {
    for (uint32_t i = 0; i < n; i++) {
        if (list[i] == what)
            return true;
    }
    return false;
}
static bool concerns(const struct world *w, const struct cdn_outcome *o) {
    const bool action = o->any_action ? !names(o->not_actions, o->not_action_count, w->action_number)
                                      : names(o->actions, o->action_count, w->action_number);
    return action && (o->any_service || names(o->services, o->service_count, w->service_number));
}
static unsigned capped(const struct world *w, const struct cdn_measure *m, const struct cdn_outcome *o) {
    struct cdn_decimal total = {0, 0}, used = {0, 0}, amount;
    bool any = false, found = o->cap_window == CDN_UNIT_NONE;
    for (uint32_t i = 0; i < w->r->object_count; i++) {
        const struct cdn_object *x = &w->r->objects[i];
        if (x->kind != CDN_OBJECT_PAYMENT)
            continue;
        any = true;
        const struct cdn_value *v = cdn_object_fact(x, CDN_FACT_AMOUNT);
        if (!v || v->have != CDN_HAVE_VALUE || v->money.amount.mantissa < 0 ||
            !convert(w, &v->money, o->cap.currency, &amount) || cdn_decimal_add(total, amount, &total) < 0)
            return CORDON_VERDICT_HOLD;
    }
    if (!any && (w->action->needs_objects >> CDN_OBJECT_PAYMENT & 1))
        return CORDON_VERDICT_HOLD;
    for (uint32_t i = 0; i < w->r->state_count && o->cap_window != CDN_UNIT_NONE; i++) {
        const struct cdn_state *s = &w->r->state[i];
        if (s->kind != CDN_STATE_USAGE || !cdn_str_eq(s->measure, m->id) ||
            (s->until_have == CDN_HAVE_VALUE && !surely_before(now(w), s->until)))
            continue;
        if (!convert(w, &s->used, o->cap.currency, &amount) || cdn_decimal_add(used, amount, &used) < 0)
            return CORDON_VERDICT_HOLD;
        found = true;
    }
    if (!found)
        return CORDON_VERDICT_HOLD;
    if (cdn_decimal_add(total, used, &total) < 0)
        return CORDON_VERDICT_HOLD;
    return cdn_decimal_cmp(total, o->cap.amount) <= 0 ? CORDON_VERDICT_LIMIT : CORDON_VERDICT_DENY;
}

/* ---- hits --------------------------------------------------------------------------------------------- */

enum { KEEPS = 1, GIVES = 2 };
struct trial { /* of one measure */
    struct cdn_reference_hit hit;
    uint32_t outcome;
    unsigned rank;
    bool applied, held, lifted, excepted, presumed;
    struct cdn_reference *ret;
    uint8_t (*forms)[600]; /* by subject */
    bool look_for_conflict, in_conflict;
};
static unsigned forms_of(const struct cdn_outcome *o) {
    if (o->verdict == CORDON_VERDICT_FREEZE || o->form == CDN_FORM_RETAIN)
        return KEEPS;
    return o->form == CDN_FORM_RETURN || o->form == CDN_FORM_CLOSE_AND_RETURN || o->form == CDN_FORM_WITHDRAW
               ? GIVES
               : 0;
}
/* Every subject that the outcome binds gets the forms; true: on one of them they contradict each other. */
static bool mark(struct world *w,
                 const struct cdn_measure *m,
                 const struct cdn_outcome *o,
                 uint8_t forms[600]) {
    struct cdn_subject s = o->subject;
    const struct wanted x = wanted_by(m);
    for (unsigned kind = CDN_SUBJECT_ROLE; !s.kind && kind <= CDN_SUBJECT_OBJECT; kind++) {
        for (uint32_t i = 0; !s.kind && i < x.count; i++) {
            if (x.list[i].kind == kind)
                s = x.list[i];
        }
    }
    bool conflict = false;
    const bool object = s.kind == CDN_SUBJECT_OBJECT;
    if (s.kind != CDN_SUBJECT_ROLE && !object) {
        forms[599] |= (uint8_t)forms_of(o);
        return forms[599] == 3;
    }
    const int who = *slot_of(w, s);
    if (who == NOBODY) {
        forms[599] |= (uint8_t)forms_of(o);
        return forms[599] == 3;
    }
    for (uint32_t i = 0; i < (object ? w->r->object_count : w->r->party_count); i++) {
        if (who >= 0 ? (int)i != who : (object ? w->r->objects[i].kind : w->r->parties[i].role) != s.index)
            continue;
        uint8_t *slot = &forms[(object ? 256 : 0) + i];
        *slot |= (uint8_t)forms_of(o);
        conflict |= *slot == 3;
    }
    return conflict;
}
static bool find_licence(const struct world *w, uint32_t number) {
    for (uint32_t i = 0; i < w->rb->measure_count; i++) {
        const struct cdn_measure *x = &w->rb->measures[i];
        if (x->class_ == CDN_CLASS_LICENCE && names(x->lifts, x->lift_count, number) &&
            licence_value(w, x) == T)
            return true;
    }
    return false;
}
static bool find_statute(const struct world *w, uint32_t number) {
    for (uint32_t i = 0; i < w->rb->measure_count; i++) {
        const struct cdn_measure *x = &w->rb->measures[i];
        if (x->class_ == CDN_CLASS_STATUTE && names(x->forbids, x->forbid_count, number) &&
            other_value(w, x) != F)
            return true;
    }
    return false;
}
static void contribute(struct world *w, struct trial *t, unsigned value, bool statute) {
    const struct cdn_measure *m = w->owner;
    for (uint32_t i = 0; i < m->outcome_count; i++) {
        const struct cdn_outcome *o = &m->outcomes[i];
        if (!concerns(w, o))
            continue;
        unsigned verdict = value == U ? m->if_unknown : m->if_contradictory;
        if (value == T)
            verdict = o->has_cap ? capped(w, m, o) : o->verdict;
        if (statute && verdict > CORDON_VERDICT_ALLOW) {
            verdict = CORDON_VERDICT_HOLD;
            t->ret->conflict = true;
        }
        if (value == T && !statute && forms_of(o)) {
            if (!t->look_for_conflict)
                (void)mark(w, m, o, *t->forms);
            else if (i == t->outcome)
                t->in_conflict |= mark(w, m, o, *t->forms);
        }
        const unsigned rank = verdict * 2 + (value == T) + 1;
        if (!t->look_for_conflict && (rank > t->rank || (rank == t->rank && i < t->outcome))) {
            t->rank = rank;
            t->outcome = i;
            t->hit.verdict = (uint8_t)verdict;
        }
    }
}
static void try_way(struct world *w, void *ctx) {
    struct trial *t = ctx;
    const unsigned holds = when(w, w->owner);
    const unsigned value = both(holds, opposite(exceptions(w, w->owner)));
    t->hit.value = (uint8_t)either(t->hit.value, value);
    if (value == F) {
        t->excepted |= holds != F;
        w->presume_nothing = true;
        t->presumed |= when(w, w->owner) != F;
        w->presume_nothing = false;
        return;
    }
    if (find_licence(w, t->hit.measure)) {
        t->lifted = true;
        return;
    }
    t->applied |= value == T;
    t->held |= value != T;
    contribute(w, t, value, find_statute(w, t->hit.measure));
}
static void try_measure(struct world *w, struct trial *t) {
    if (every_way(w, w->owner, try_way, t))
        return;
    t->hit.value = U;
    t->held = true;
    contribute(w, t, U, false);
}
static bool has_outcome(const struct world *w, const struct cdn_measure *m) {
    for (uint32_t i = 0; i < m->outcome_count; i++) {
        if (concerns(w, &m->outcomes[i]))
            return true;
    }
    return false;
}
static void forms_conflict(struct world *w,
                           struct trial *trials,
                           struct cdn_reference *ret,
                           uint8_t forms[600]) {
    bool any = false;
    for (unsigned i = 0; i < 600; i++)
        any |= forms[i] == 3;
    ret->conflict |= any;
    for (uint32_t i = 0; any && i < ret->hit_count; i++) {
        if (ret->hits[i].verdict <= CORDON_VERDICT_ALLOW || ret->hits[i].standing != CDN_STANDING_APPLIED)
            continue;
        w->owner = &w->rb->measures[ret->hits[i].measure];
        trials[i].look_for_conflict = true;
        try_measure(w, &trials[i]);
        if (trials[i].in_conflict)
            ret->hits[i].verdict = CORDON_VERDICT_HOLD;
    }
}
static void protection(const struct world *w, struct cdn_reference *ret) {
    bool covered = false;
    for (uint32_t i = 0; i < ret->hit_count; i++)
        covered |= ret->hits[i].standing == CDN_STANDING_APPLIED && ret->hits[i].value == T &&
                   w->rb->measures[ret->hits[i].measure].class_ == CDN_CLASS_PROTECT;
    for (uint32_t i = 0; covered && i < ret->hit_count; i++) {
        if (ret->hits[i].verdict <= CORDON_VERDICT_ALLOW)
            continue;
        ret->conflict = true;
        if (w->rb->measures[ret->hits[i].measure].basis != CDN_BASIS_LAW)
            ret->hits[i].verdict = CORDON_VERDICT_HOLD;
    }
}

/* A hold is over when its end has surely come, and reaches what its measure does. */
static bool still_held(const struct world *w, const struct cdn_state *s) {
    const bool over = s->until_have == CDN_HAVE_VALUE && cdn_when_before(now(w), s->until) == F;
    for (uint32_t i = 0; i < w->rb->measure_count; i++) {
        const struct cdn_measure *m = &w->rb->measures[i];
        if (cdn_str_eq(m->id, s->measure) && m->outcome_count)
            return !over && has_outcome(w, m);
    }
    return !over;
}

void cdn_reference_decide(const struct cdn_rulebook *rb,
                          const struct cdn_places *places,
                          const struct cdn_request *r,
                          int64_t at,
                          struct cdn_reference *ret) {
    struct world w = {.rb = rb, .places = places, .r = r, .at = at, .it = NOBODY};
    static struct trial trials[256];
    uint8_t forms[600] = {0};
    *ret = (struct cdn_reference){.verdict = CORDON_VERDICT_ALLOW};
    for (uint32_t i = 0; i < rb->action_count; i++) {
        if (cdn_str_eq(rb->actions[i].id, r->action)) {
            w.action = &rb->actions[i];
            w.action_number = i;
        }
    }
    for (uint32_t i = 0; i < rb->service_count; i++) {
        if (cdn_str_eq(rb->services[i].id, r->service))
            w.service_number = i;
    }
    for (unsigned i = 0; i < CDN_ROLE_COUNT; i++) {
        const struct cdn_subject s = {CDN_SUBJECT_ROLE, (uint8_t)i};
        w.role[i] = how_many(&w, s) > 1 ? SEVERAL : the_nth(&w, s, 0);
    }
    for (unsigned i = 0; i < CDN_OBJECT_COUNT; i++) {
        const struct cdn_subject s = {CDN_SUBJECT_OBJECT, (uint8_t)i};
        w.object[i] = how_many(&w, s) > 1 ? SEVERAL : the_nth(&w, s, 0);
    }
    for (uint32_t i = 0; i < rb->measure_count; i++) {
        w.owner = &rb->measures[i];
        if (!in_force(&w, w.owner) || !bound(&w, w.owner) || !has_outcome(&w, w.owner))
            continue;
        struct trial t = {
            .hit = {.measure = i, .verdict = CORDON_VERDICT_ALLOW}, .ret = ret, .forms = &forms};
        try_measure(&w, &t);
        t.hit.standing = t.applied    ? CDN_STANDING_APPLIED
                         : t.held     ? CDN_STANDING_HELD_UNKNOWN
                         : t.lifted   ? CDN_STANDING_LIFTED
                         : t.excepted ? CDN_STANDING_EXCEPTED
                         : t.presumed ? CDN_STANDING_PRESUMED
                                      : CDN_STANDING_NONE;
        if (t.hit.standing != CDN_STANDING_NONE) {
            trials[ret->hit_count] = t;
            ret->hits[ret->hit_count++] = t.hit;
        }
    }
    forms_conflict(&w, trials, ret, forms);
    protection(&w, ret);
    for (uint32_t i = 0; i < ret->hit_count; i++)
        ret->verdict = CDN_MAX(ret->verdict, ret->hits[i].verdict);
    for (uint32_t i = 0; i < r->state_count; i++) {
        if (r->state[i].kind == CDN_STATE_HOLD && still_held(&w, &r->state[i]))
            ret->verdict = CDN_MAX(ret->verdict, CORDON_VERDICT_HOLD);
    }
}
