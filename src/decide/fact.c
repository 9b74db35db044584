/* SPDX-License-Identifier: Apache-2.0 */
/* fact.c: tests on facts: codes, texts, dates, amounts, numbers, yes or no, places; and new customers.
 *
 * Absent and unanswered are unknown, "not applicable" makes a test false, and an empty set of codes is known
 * to be empty (CS-BLANK). Facts that a rulebook declares come by name and are read as the rulebook's type. */
#include "decide/decide_priv.h"

static const struct cdn_value *given_value(const struct cdn_given_fact *given,
                                           uint32_t count,
                                           uint64_t hash,
                                           cordon_str name) {
    for (uint32_t i = 0; i < count; i++) {
        if (given[i].hash == hash && cdn_str_eq(given[i].name, name))
            return &given[i].value;
    }
    return NULL;
}

const struct cdn_value *cdn_decide_value(const struct cdn_decider *d,
                                         const struct cdn_test_rec *t,
                                         int index,
                                         bool is_object) {
    const struct cdn_request *r = d->request;
    const bool of_request = t->subject_kind == CDN_SUBJECT_REQUEST || t->subject_kind == CDN_SUBJECT_NONE;
    if (t->fact < CDN_FACT_BUILTIN_COUNT) {
        if (of_request)
            return cdn_request_fact(r, t->fact);
        return is_object ? cdn_object_fact(&r->objects[index], t->fact)
                         : cdn_party_fact(&r->parties[index], t->fact);
    }
    const struct cdn_named_rec *f = &d->snap->facts[t->fact - CDN_FACT_DECLARED_BASE];
    const cordon_str name = cdn_snap_str(d->snap, f->id);
    if (of_request)
        return given_value(r->given, r->given_count, f->hash, name);
    if (is_object)
        return given_value(r->objects[index].given, r->objects[index].given_count, f->hash, name);
    return given_value(r->parties[index].given, r->parties[index].given_count, f->hash, name);
}

bool cdn_decide_has_code(const struct cdn_decider *d, struct cdn_run codes, uint64_t hash, cordon_str text) {
    uint32_t lo = codes.first, hi = codes.first + codes.count;
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (d->snap->codes[mid].hash < hash)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < codes.first + codes.count && d->snap->codes[lo].hash == hash; lo++) {
        if (cdn_str_eq(cdn_snap_str(d->snap, d->snap->codes[lo].text), text))
            return true;
    }
    return false;
}

static unsigned codes_in(const struct cdn_decider *d,
                         const struct cdn_test_rec *t,
                         const struct cdn_value *v) {
    for (uint32_t i = 0; i < v->count; i++) {
        if (cdn_decide_has_code(d, t->codes, v->hashes[i], v->texts[i]))
            return CORDON_TRUE;
    }
    return CORDON_FALSE;
}

/* One code below another; the given one may be too short to tell. Signs between the digits do not count. */
static unsigned code_below(cordon_str given, cordon_str code) {
    size_t g = 0, c = 0;
    for (;;) {
        while (g < given.n && (given.p[g] == '.' || given.p[g] == ' '))
            g++;
        while (c < code.n && (code.p[c] == '.' || code.p[c] == ' '))
            c++;
        if (c == code.n)
            return CORDON_TRUE;
        if (g == given.n)
            return CORDON_UNKNOWN;
        if (given.p[g++] != code.p[c++])
            return CORDON_FALSE;
    }
}

static unsigned codes_prefix(const struct cdn_decider *d,
                             const struct cdn_test_rec *t,
                             const struct cdn_value *v) {
    unsigned value = CORDON_FALSE;
    for (uint32_t i = 0; i < v->count; i++) {
        for (uint32_t c = t->codes.first; c < t->codes.first + t->codes.count && value != CORDON_TRUE; c++)
            value =
                cdn_truth_or(value, code_below(v->texts[i], cdn_snap_str(d->snap, d->snap->codes[c].text)));
    }
    return value;
}

static unsigned place_in(const struct cdn_decider *d,
                         const struct cdn_test_rec *t,
                         const struct cdn_value *v) {
    if (!v->count || t->set == CDN_NO_INDEX)
        return CORDON_UNKNOWN;
    const cordon_str code = v->texts[0];
    unsigned id = cdn_places_of_code(d->snap->places, code);
    if (!id && code.n > 3 && code.p[2] == '-') /* no rule tells this region from its country */
        id = cdn_places_of_code(d->snap->places, cdn_str(code.p, 2));
    if (!id)
        return CORDON_UNKNOWN;
    if (cdn_snap_set_has(d->snap, t->set, id))
        return CORDON_TRUE;
    return cdn_snap_set_above(d->snap, t->set, id) ? CORDON_UNKNOWN : CORDON_FALSE;
}

static unsigned order(int cmp, unsigned how) {
    switch (how) {
    case CDN_CMP_LT:
        return cmp < 0;
    case CDN_CMP_LE:
        return cmp <= 0;
    case CDN_CMP_GT:
        return cmp > 0;
    case CDN_CMP_GE:
        return cmp >= 0;
    default:
        return cmp == 0;
    }
}

static unsigned when_test(struct cdn_decider *d, const struct cdn_test_rec *t, struct cdn_when left) {
    if (!(t->flags & CDN_TEST_AGAINST_NOW)) {
        const struct cdn_when right = {t->when_kind, t->when_first, t->when_after};
        return cdn_decide_when_cmp(
            cdn_when_plus(left, t->left_offset), t->cmp, cdn_when_plus(right, t->right_offset));
    }
    left = cdn_when_plus(left, t->left_offset - t->right_offset);
    cdn_decide_edge_when(d, left);
    return cdn_decide_when_cmp(left, t->cmp, cdn_when_instant(d->at));
}

/* A date of a declared fact arrives as text. */
static unsigned when_value(struct cdn_decider *d, const struct cdn_test_rec *t, const struct cdn_value *v) {
    struct cdn_when w = v->when;
    if (v->type == CDN_TYPE_NONE && (!v->count || cdn_when_parse(v->texts[0], &w) < 0))
        return CORDON_UNKNOWN;
    return when_test(d, t, w);
}

static unsigned money_test(struct cdn_decider *d, const struct cdn_test_rec *t, const struct cdn_money *m) {
    struct cdn_decimal amount = {0};
    if (!cdn_decide_convert(d, m, t->currency, &amount))
        return CORDON_UNKNOWN;
    return order(cdn_decimal_cmp(amount, (struct cdn_decimal){t->mantissa, t->scale}), t->cmp);
}

static unsigned given_is(struct cdn_decider *d, const struct cdn_test_rec *t, const struct cdn_value *v) {
    switch ((enum cdn_fact_type)t->type) {
    case CDN_TYPE_CODE:
    case CDN_TYPE_CODES:
    case CDN_TYPE_TEXT:
        return t->cmp == CDN_CMP_PREFIX ? codes_prefix(d, t, v) : codes_in(d, t, v);
    case CDN_TYPE_WHEN:
        return when_value(d, t, v);
    case CDN_TYPE_MONEY:
        return money_test(d, t, &v->money);
    case CDN_TYPE_NUMBER:
        return order(cdn_decimal_cmp(v->money.amount, (struct cdn_decimal){t->mantissa, t->scale}), t->cmp);
    case CDN_TYPE_BOOL:
        return v->boolean == ((t->flags & CDN_TEST_BOOLEAN) != 0);
    case CDN_TYPE_PLACE:
        return place_in(d, t, v);
    case CDN_TYPE_NONE:
    default:
        return CORDON_UNKNOWN;
    }
}

/* False when the fact cannot answer; *ret_value then says what the test comes to. */
static bool answers(const struct cdn_value *v, unsigned *ret_value) {
    const unsigned have = v ? v->have : CDN_HAVE_ABSENT;
    *ret_value = have == CDN_HAVE_NOT_APPLICABLE ? CORDON_FALSE : CORDON_UNKNOWN;
    return have == CDN_HAVE_VALUE;
}

bool cdn_decide_relation_is(const struct cdn_relation *r, cordon_str service, uint64_t hash) {
    return r->service_hash == hash && cdn_str_eq(r->service, service);
}

/* since and period_end: of the relation to the request's service; none such: not applicable. */
static unsigned relation_test(struct cdn_decider *d, const struct cdn_test_rec *t, int index) {
    const struct cdn_party *p = &d->request->parties[index];
    if (p->relations_have != CDN_HAVE_VALUE)
        return p->relations_have == CDN_HAVE_NOT_APPLICABLE ? CORDON_FALSE : CORDON_UNKNOWN;
    unsigned value = CORDON_FALSE;
    for (uint32_t i = 0; i < p->relation_count; i++) {
        const struct cdn_relation *r = &p->relations[i];
        if (!cdn_decide_relation_is(r, d->request->service, d->request->service_hash))
            continue;
        const unsigned have = t->fact == CDN_FACT_SINCE ? r->since_have : r->period_end_have;
        unsigned v = have == CDN_HAVE_NOT_APPLICABLE ? CORDON_FALSE : CORDON_UNKNOWN;
        if (have == CDN_HAVE_VALUE)
            v = when_test(d, t, t->fact == CDN_FACT_SINCE ? r->since : r->period_end);
        value = cdn_truth_or(value, v);
    }
    return value;
}

/* value / quantity against the limit, as value against limit * quantity: nothing is rounded. */
static unsigned unit_value_test(struct cdn_decider *d, const struct cdn_test_rec *t, int index) {
    const struct cdn_value *value = cdn_object_fact(&d->request->objects[index], CDN_FACT_VALUE);
    const struct cdn_value *quantity = cdn_object_fact(&d->request->objects[index], CDN_FACT_QUANTITY);
    unsigned blank = CORDON_UNKNOWN;
    if (!answers(value, &blank) || !answers(quantity, &blank))
        return blank;
    struct cdn_decimal amount = {0}, limit = {0};
    const struct cdn_decimal n = quantity->money.amount;
    if (n.mantissa <= 0 || value->money.amount.mantissa < 0 ||
        !cdn_decide_convert(d, &value->money, t->currency, &amount) ||
        cdn_decimal_mul((struct cdn_decimal){t->mantissa, t->scale}, n, &limit) < 0)
        return CORDON_UNKNOWN;
    return order(cdn_decimal_cmp(amount, limit), t->cmp);
}

/* The name in lower case, as the snapshot has it, or its last label only. */
static unsigned domain_test(const struct cdn_decider *d, const struct cdn_test_rec *t, int index) {
    const struct cdn_value *name = cdn_object_fact(&d->request->objects[index], CDN_FACT_DOMAIN_NAME);
    unsigned blank = CORDON_UNKNOWN;
    if (!answers(name, &blank))
        return blank;
    cordon_str s = name->count ? name->texts[0] : CDN_STR("");
    if (s.n && s.p[s.n - 1] == '.')
        s.n--;
    size_t from = t->fact == CDN_FACT_TLD ? s.n : 0;
    while (from > 0 && s.p[from - 1] != '.')
        from--;
    char text[CDN_MAX_WORD_BYTES];
    const size_t n = s.n - from;
    if (n == 0 || n > sizeof text)
        return CORDON_UNKNOWN;
    for (size_t i = 0; i < n; i++) {
        const char c = s.p[from + i];
        text[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    const cordon_str lower = cdn_str(text, n);
    return cdn_decide_has_code(d, t->codes, cdn_hash(lower, 0), lower);
}

/* IMPLEMENTS: CS-BLANK CS-WHEN */
unsigned cdn_decide_fact(struct cdn_decider *d, const struct cdn_test_rec *t, int index, bool is_object) {
    switch (t->fact) {
    case CDN_FACT_SINCE:
    case CDN_FACT_PERIOD_END:
        return relation_test(d, t, index);
    case CDN_FACT_UNIT_VALUE:
        return unit_value_test(d, t, index);
    case CDN_FACT_DOMAIN_NAME:
    case CDN_FACT_TLD:
        return domain_test(d, t, index);
    default:
        break;
    }
    const struct cdn_value *v = cdn_decide_value(d, t, index, is_object);
    unsigned blank = CORDON_UNKNOWN;
    return answers(v, &blank) ? given_is(d, t, v) : blank;
}

/* IMPLEMENTS: CS-NEW */
unsigned cdn_decide_new(struct cdn_decider *d, const struct cdn_test_rec *t, int party) {
    const struct cdn_party *p = &d->request->parties[party];
    if (p->relations_have != CDN_HAVE_VALUE)
        return p->relations_have == CDN_HAVE_NOT_APPLICABLE ? CORDON_TRUE : CORDON_UNKNOWN;
    const bool own = t->service == CDN_NO_INDEX;
    const cordon_str service =
        own ? d->request->service : cdn_snap_str(d->snap, d->snap->services[t->service].id);
    const uint64_t hash = own ? d->request->service_hash : d->snap->services[t->service].hash;
    const struct cdn_when as_of = {t->when_kind, t->when_first, t->when_after};
    unsigned existing = CORDON_FALSE;
    for (uint32_t i = 0; i < p->relation_count; i++) {
        const struct cdn_relation *r = &p->relations[i];
        if (!cdn_decide_relation_is(r, service, hash))
            continue;
        existing = cdn_truth_or(existing,
                                r->since_have == CDN_HAVE_VALUE ? (unsigned)cdn_when_before(r->since, as_of)
                                                                : CORDON_UNKNOWN);
    }
    return cdn_truth_not(existing);
}
