/* SPDX-License-Identifier: Apache-2.0 */
/* explain_text.c: what a test asks, of whom, and what was found, in words.
 *
 * Words are the names that the request and the measure language use, so that "customer.kind" in an answer is
 * what the caller adds to the next request. Nothing of a person is repeated beyond codes, dates and amounts.
 */
#include "decide/explain_priv.h"

struct cdn_pointer cdn_explain_where(const struct cdn_explain *x,
                                     const struct cdn_test_rec *t,
                                     int index,
                                     bool is_object) {
    (void)x;
    struct cdn_pointer p = {.kind = CDN_SUBJECT_REQUEST, .evidence = -1};
    const bool request = t->subject_kind == CDN_SUBJECT_REQUEST || t->subject_kind == CDN_SUBJECT_NONE;
    if (index >= 0 && !request) {
        p.kind = is_object ? CDN_SUBJECT_OBJECT : CDN_SUBJECT_ROLE;
        p.index = (uint16_t)index;
    }
    return p;
}

/* "customer", "goods"; of IT: what it is. */
static const char *subject_name(const struct cdn_explain *x,
                                const struct cdn_test_rec *t,
                                int index,
                                bool is_object) {
    const struct cdn_request *r = x->d->request;
    if (t->subject_kind == CDN_SUBJECT_ROLE)
        return cdn_roles[t->subject_index].name;
    if (t->subject_kind == CDN_SUBJECT_OBJECT)
        return cdn_objects[t->subject_index].name;
    if (index >= 0 && t->subject_kind == CDN_SUBJECT_IT)
        return is_object ? cdn_objects[r->objects[index].kind].name : cdn_roles[r->parties[index].role].name;
    return t->subject_kind == CDN_SUBJECT_REQUEST || t->subject_kind == CDN_SUBJECT_NONE ? NULL : "party";
}

static cordon_str fact_name(const struct cdn_explain *x, unsigned fact) {
    if (fact >= CDN_FACT_DECLARED_BASE)
        return cdn_snap_str(x->d->snap, x->d->snap->facts[fact - CDN_FACT_DECLARED_BASE].id);
    return cdn_str_z(cdn_facts[fact].name);
}

static bool has_value(const struct cdn_value *v) {
    return v && (v->have == CDN_HAVE_VALUE || v->have == CDN_HAVE_NOT_APPLICABLE);
}

/* The fact that a derived one rests on and that is not there. */
static unsigned missing_base(const struct cdn_explain *x,
                             const struct cdn_test_rec *t,
                             int index,
                             bool is_object) {
    if (t->fact == CDN_FACT_TLD)
        return CDN_FACT_DOMAIN_NAME;
    if (t->fact != CDN_FACT_UNIT_VALUE || index < 0 || !is_object)
        return t->fact;
    const struct cdn_object *o = &x->d->request->objects[index];
    const struct cdn_value *quantity = cdn_object_fact(o, CDN_FACT_QUANTITY);
    const bool counted = has_value(quantity) && quantity->money.amount.mantissa > 0;
    return has_value(cdn_object_fact(o, CDN_FACT_VALUE)) && !counted ? CDN_FACT_QUANTITY : CDN_FACT_VALUE;
}

static void lists_into(const struct cdn_explain *x, const struct cdn_test_rec *t, struct cdn_buf *b) {
    for (uint32_t i = 0; i < t->lists.count; i++) {
        cdn_buf_z(b, i ? ", " : " ");
        cdn_buf_str(b,
                    cdn_snap_str(x->d->snap, x->d->snap->lists[x->d->snap->indexes[t->lists.first + i]].id));
    }
}

cordon_str cdn_explain_fact(struct cdn_explain *x, const struct cdn_test_rec *t, int index, bool is_object) {
    struct cdn_buf b;
    cdn_explain_buf(x, &b);
    const char *who = subject_name(x, t, index, is_object);
    if (who)
        cdn_buf_z(&b, who);
    switch ((enum cdn_test_kind)t->kind) {
    case CDN_TEST_FINDING:
        cdn_buf_char(&b, ' ');
        cdn_buf_z(&b, cdn_findings[t->finding].words);
        break;
    case CDN_TEST_EVIDENCE:
    case CDN_TEST_TEXT:
        cdn_buf_char(&b, '.');
        cdn_buf_z(&b, cdn_evidence_kinds[t->evidence].name);
        break;
    case CDN_TEST_FACT:
    case CDN_TEST_PRESENT:
        cdn_buf_z(&b, who ? "." : "");
        if (t->evidence)
            cdn_buf_z(&b, cdn_evidence_kinds[t->evidence].name);
        else
            cdn_buf_str(&b, fact_name(x, missing_base(x, t, index, is_object)));
        break;
    case CDN_TEST_NEW:
        cdn_buf_z(&b, ".since");
        break;
    case CDN_TEST_LISTED:
        cdn_buf_z(&b, " on list");
        lists_into(x, t, &b);
        break;
    case CDN_TEST_OWNED:
        cdn_buf_z(&b, " owned by parties on");
        lists_into(x, t, &b);
        break;
    case CDN_TEST_NOW:
        cdn_buf_z(&b, "now");
        break;
    case CDN_TEST_NONE:
    default:
        break;
    }
    return cdn_explain_keep(x, &b);
}

/* ---- what was found ----------------------------------------------------------------------------------- */

/* Most often one place, whose code is told where it stands. */
static cordon_str places_of(struct cdn_explain *x, const struct cdn_test_rec *t, int index, bool is_object) {
    struct cdn_decider *d = x->d;
    struct cdn_buf b;
    cordon_str only = CDN_STR("nothing");
    uint32_t n = 0, found = 0;
    const struct cdn_evidence *e = cdn_decide_evidence(d, index, is_object, &n);
    for (uint32_t i = 0; i < n; i++) {
        const bool asked = t->kind == CDN_TEST_FINDING
                               ? cdn_evidence_kinds[e[i].kind].strength[t->finding] > 0
                               : e[i].kind == t->evidence;
        if (!asked || e[i].have != CDN_HAVE_VALUE)
            continue;
        const struct cdn_item *item = cdn_decide_item(d, index, is_object, i);
        if (!item->finest || !cdn_decide_has_voice(item))
            continue;
        const cordon_str code = cdn_places_code(d->snap->places, item->finest);
        if (++found == 1) {
            only = code;
            continue;
        }
        if (found == 2) {
            cdn_explain_buf(x, &b);
            cdn_buf_str(&b, only);
        }
        cdn_buf_z(&b, ", ");
        cdn_buf_str(&b, code);
    }
    return found < 2 ? only : cdn_explain_keep(x, &b);
}

static void texts_into(
    struct cdn_explain *x, const struct cdn_test_rec *t, int index, bool is_object, struct cdn_buf *b) {
    uint32_t n = 0;
    const struct cdn_evidence *e = cdn_decide_evidence(x->d, index, is_object, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (e[i].kind != t->evidence || e[i].have != CDN_HAVE_VALUE)
            continue;
        cdn_buf_z(b, b->n ? ", " : "");
        cdn_buf_str(b, e[i].text);
    }
}

static void money_into(struct cdn_buf *b, const struct cdn_money *m) {
    cdn_decimal_write(b, m->amount);
    cdn_buf_char(b, ' ');
    cdn_buf_z(b, m->currency);
}

static const char *blank_of(const struct cdn_value *v) {
    static const char *const blanks[] = {"not given", "unanswered", "not applicable"};
    return blanks[v ? v->have : CDN_HAVE_ABSENT];
}

static void value_into(const struct cdn_value *v, unsigned type, struct cdn_buf *b) {
    if (!v || v->have != CDN_HAVE_VALUE) {
        cdn_buf_z(b, blank_of(v));
        return;
    }
    switch ((enum cdn_fact_type)type) {
    case CDN_TYPE_WHEN:
        if (v->type == CDN_TYPE_NONE && v->count)
            cdn_buf_str(b, v->texts[0]);
        else
            cdn_when_write(b, v->when);
        return;
    case CDN_TYPE_MONEY:
        money_into(b, &v->money);
        return;
    case CDN_TYPE_NUMBER:
        cdn_decimal_write(b, v->money.amount);
        return;
    case CDN_TYPE_BOOL:
        cdn_buf_z(b, v->boolean ? "true" : "false");
        return;
    case CDN_TYPE_CODE:
    case CDN_TYPE_CODES:
    case CDN_TYPE_TEXT:
    case CDN_TYPE_PLACE:
    case CDN_TYPE_NONE:
    default:
        for (uint32_t i = 0; i < v->count; i++) {
            cdn_buf_z(b, i ? ", " : "");
            cdn_buf_str(b, v->texts[i]);
        }
        if (!v->count)
            cdn_buf_z(b, "none");
    }
}

static void relations_into(struct cdn_explain *x,
                           const struct cdn_test_rec *t,
                           int index,
                           struct cdn_buf *b) {
    const struct cdn_request *r = x->d->request;
    const struct cdn_party *p = &r->parties[index];
    const struct cdn_named_rec *named =
        t->kind == CDN_TEST_NEW && t->service != CDN_NO_INDEX ? &x->d->snap->services[t->service] : NULL;
    const cordon_str service = named ? cdn_snap_str(x->d->snap, named->id) : r->service;
    if (p->relations_have != CDN_HAVE_VALUE) {
        cdn_buf_z(b, p->relations_have == CDN_HAVE_NULL ? "unanswered" : "not given");
        return;
    }
    for (uint32_t i = 0; i < p->relation_count; i++) {
        const struct cdn_relation *rel = &p->relations[i];
        if (!cdn_str_eq(rel->service, service))
            continue;
        const bool end = t->kind == CDN_TEST_FACT && t->fact == CDN_FACT_PERIOD_END;
        cdn_buf_z(b, b->n ? ", " : end ? "until " : "since ");
        if ((end ? rel->period_end_have : rel->since_have) == CDN_HAVE_VALUE)
            cdn_when_write(b, end ? rel->period_end : rel->since);
        else
            cdn_buf_z(b, "unknown");
    }
    if (!b->n)
        cdn_buf_z(b, "no relation");
}

/* "us/sdn 17068 Arkady ROTENBERG (985)" */
static void found_into(struct cdn_explain *x,
                       const struct cdn_test_rec *t,
                       int index,
                       const struct cdn_screen_candidate *c,
                       struct cdn_buf *b) {
    const struct cdn_party_source *source = NULL;
    enum cdn_screen_strength strength = CDN_SCREEN_FULL;
    unsigned score = 0;
    uint32_t list = 0;
    if (cdn_decide_found(x->d, t, (uint32_t)index, index, c) == CORDON_FALSE ||
        !cdn_decide_entry_on(x->d, t, c->entry, &list))
        return;
    (void)cdn_screen_judge(c, cdn_decide_sure(t), cdn_decide_review(t), &score, &strength);
    const struct cdn_party_rec *e = cdn_parties_entry(x->d->snap->parties, c->entry, &source);
    cdn_buf_z(b, b->n ? ", " : "");
    cdn_buf_str(b, cdn_snap_str(x->d->snap, x->d->snap->lists[list].id));
    cdn_buf_char(b, ' ');
    cdn_buf_str(b, cdn_party_text(source, e->id));
    cdn_buf_char(b, ' ');
    cdn_buf_str(b, cdn_party_title(source, e));
    cdn_buf_printf(b, " (%u)", score);
}

static cordon_str listed_of(struct cdn_explain *x, const struct cdn_test_rec *t, int index) {
    struct cdn_buf text, *b = &text;
    cdn_explain_buf(x, b);
    const struct cdn_party *p = &x->d->request->parties[index];
    for (uint32_t i = 0; i < p->listed_count; i++) {
        const struct cdn_listed *l = &p->listed[i];
        if (cdn_decide_candidate(x->d, t, index, l) == CORDON_FALSE)
            continue;
        cdn_buf_z(b, b->n ? ", " : "");
        cdn_buf_str(b, l->list);
        if (l->entry.n) {
            cdn_buf_char(b, ' ');
            cdn_buf_str(b, l->entry);
        }
        if (l->percent_have == CDN_HAVE_VALUE && l->owned) {
            cdn_buf_char(b, ' ');
            cdn_decimal_write(b, l->percent);
            cdn_buf_z(b, " %");
        }
    }
    const struct cdn_screened *s =
        t->kind == CDN_TEST_LISTED ? cdn_decide_screen(x->d, (uint32_t)index) : NULL;
    for (uint32_t i = 0; s && i < s->count; i++)
        found_into(x, t, index, &x->d->found[s->first + i], b);
    if (t->kind == CDN_TEST_OWNED && cdn_decide_owned_through(x->d, t, index, true) != CORDON_FALSE)
        cdn_buf_z(b, b->n ? ", owners" : "owners");
    if (b->n || b->err)
        return cdn_explain_keep(x, b);
    return p->listed_have == CDN_HAVE_VALUE || (s && s->asked) ? CDN_STR("no match")
                                                               : CDN_STR("not screened");
}

/* Most often a single code or a word, told where it stands. */
static cordon_str fact_of(struct cdn_explain *x, const struct cdn_test_rec *t, int index, bool is_object) {
    const struct cdn_request *r = x->d->request;
    struct cdn_buf b;
    cdn_explain_buf(x, &b);
    if (t->fact == CDN_FACT_SINCE || t->fact == CDN_FACT_PERIOD_END) {
        relations_into(x, t, index, &b);
    } else if (t->fact == CDN_FACT_UNIT_VALUE) {
        value_into(cdn_object_fact(&r->objects[index], CDN_FACT_VALUE), CDN_TYPE_MONEY, &b);
        cdn_buf_z(&b, " for ");
        value_into(cdn_object_fact(&r->objects[index], CDN_FACT_QUANTITY), CDN_TYPE_NUMBER, &b);
    } else if (t->fact == CDN_FACT_TLD) {
        value_into(cdn_object_fact(&r->objects[index], CDN_FACT_DOMAIN_NAME), CDN_TYPE_TEXT, &b);
    } else {
        const struct cdn_value *v = cdn_decide_value(x->d, t, index, is_object);
        if (!v || v->have != CDN_HAVE_VALUE)
            return cdn_str_z(blank_of(v));
        if (v->count == 1 && (t->type == CDN_TYPE_CODE || t->type == CDN_TYPE_CODES))
            return v->texts[0];
        value_into(v, t->type, &b);
    }
    return cdn_explain_keep(x, &b);
}

cordon_str cdn_explain_is(struct cdn_explain *x, const struct cdn_test_rec *t, int index, bool is_object) {
    if (index < 0)
        return index == CDN_BIND_OPEN ? CDN_STR("several") : CDN_STR("nobody named");
    if (!(cdn_decide_fits(t) & cdn_decide_fit_of(t, is_object)))
        return CDN_STR("cannot be asked");
    struct cdn_buf b;
    cdn_explain_buf(x, &b);
    switch ((enum cdn_test_kind)t->kind) {
    case CDN_TEST_FINDING:
    case CDN_TEST_EVIDENCE:
        return places_of(x, t, index, is_object);
    case CDN_TEST_TEXT:
        texts_into(x, t, index, is_object, &b);
        break;
    case CDN_TEST_FACT:
        return fact_of(x, t, index, is_object);
    case CDN_TEST_NEW:
        relations_into(x, t, index, &b);
        break;
    case CDN_TEST_LISTED:
    case CDN_TEST_OWNED:
        return listed_of(x, t, index);
    case CDN_TEST_NOW:
        cdn_time_write(&b, x->d->at);
        break;
    case CDN_TEST_PRESENT:
    case CDN_TEST_NONE:
    default:
        break;
    }
    return cdn_explain_keep(x, &b);
}

/* ---- why it is unknown -------------------------------------------------------------------------------- */

static const char *why_doubt(unsigned doubt) {
    static const struct {
        unsigned bit;
        const char *why;
    } reasons[] = {{CDN_DOUBT_AMBIGUOUS, "ambiguous"},
                   {CDN_DOUBT_DISAGREE, "sources disagree"},
                   {CDN_DOUBT_ANONYMOUS, "anonymous network"},
                   {CDN_DOUBT_STALE_DATA, "stale"},
                   {CDN_DOUBT_OLD, "seen too long ago"},
                   {CDN_DOUBT_INVALID, "invalid"},
                   {CDN_DOUBT_RADIUS, "not exact enough"},
                   {CDN_DOUBT_NOT_PLACED, "says no place"}};
    for (size_t i = 0; i < CDN_ARRAY_LEN(reasons); i++) {
        if (doubt & reasons[i].bit)
            return reasons[i].why;
    }
    return NULL;
}

static const char *why_evidence(struct cdn_explain *x,
                                const struct cdn_test_rec *t,
                                int index,
                                bool is_object) {
    uint32_t n = 0, asked = 0, hard = 0, vague = 0;
    unsigned doubts = 0;
    const struct cdn_evidence *e = cdn_decide_evidence(x->d, index, is_object, &n);
    for (uint32_t i = 0; i < n; i++) {
        const bool wanted = t->kind == CDN_TEST_FINDING
                                ? cdn_evidence_kinds[e[i].kind].strength[t->finding] > 0
                                : e[i].kind == t->evidence;
        if (!wanted)
            continue;
        asked |= e[i].have == CDN_HAVE_VALUE ? 2u : 1u;
        if (e[i].have != CDN_HAVE_VALUE || t->kind == CDN_TEST_TEXT)
            continue;
        unsigned doubt = 0;
        const struct cdn_item *item = cdn_decide_item(x->d, index, is_object, i);
        const unsigned finding = t->kind == CDN_TEST_FINDING ? t->finding : CDN_FINDING_BASED;
        hard += cdn_decide_strength(x->d, &e[i], item, finding, &doubt) >= CDN_STRENGTH_MEDIUM;
        vague += item->count && t->set != CDN_NO_INDEX &&
                 cdn_decide_speaks(x->d->snap, item, t->set) == CDN_SPEAKS_NOT;
        doubts |= doubt;
    }
    if (!asked)
        return "not asked";
    if (asked == 1)
        return "unanswered";
    if (why_doubt(doubts))
        return why_doubt(doubts);
    if (vague)
        return "not exact enough";
    return hard ? t->standard == CDN_STANDARD_STRONG ? "not strong enough" : "one kind only" : "weak only";
}

static const char *why_have(unsigned have) {
    return have == CDN_HAVE_NULL ? "unanswered" : have == CDN_HAVE_VALUE ? "not exact enough" : "not asked";
}

static const char *why_fact(struct cdn_explain *x, const struct cdn_test_rec *t, int index, bool is_object) {
    struct cdn_test_rec base = *t;
    base.fact = (uint16_t)missing_base(x, t, index, is_object);
    if (t->fact == CDN_FACT_SINCE || t->fact == CDN_FACT_PERIOD_END)
        return why_have(x->d->request->parties[index].relations_have);
    const struct cdn_value *v = cdn_decide_value(x->d, &base, index, is_object);
    if (v && v->have == CDN_HAVE_VALUE && t->type == CDN_TYPE_MONEY && base.fact != CDN_FACT_QUANTITY)
        return memcmp(v->money.currency, t->currency, 4) != 0 ? "no rate" : "not exact enough";
    return why_have(v ? v->have : CDN_HAVE_ABSENT);
}

static const char *why_listed(struct cdn_explain *x, const struct cdn_test_rec *t, int index) {
    const struct cdn_screened *s = cdn_decide_screen(x->d, (uint32_t)index);
    if (cdn_decide_all_found(x->d, t, (uint32_t)index, index) != CORDON_FALSE)
        return "possible match";
    for (uint32_t i = t->lists.first; s && i < t->lists.first + t->lists.count; i++) {
        const uint32_t list = x->d->snap->indexes[i];
        if (cdn_decide_party_list(x->d, list) == CDN_PARTIES_NONE)
            continue;
        if (cdn_decide_list_stale(x->d, list, NULL))
            return "stale";
        if (!s->asked)
            return "no name";
        if (s->partial)
            return "too many to compare";
    }
    return "not screened";
}

const char *cdn_explain_why(struct cdn_explain *x, const struct cdn_test_rec *t, int index, bool is_object) {
    if (index < 0)
        return "nobody named";
    if (!(cdn_decide_fits(t) & cdn_decide_fit_of(t, is_object)))
        return "cannot be asked";
    switch ((enum cdn_test_kind)t->kind) {
    case CDN_TEST_FINDING:
    case CDN_TEST_EVIDENCE:
    case CDN_TEST_TEXT:
        return why_evidence(x, t, index, is_object);
    case CDN_TEST_FACT:
        return why_fact(x, t, index, is_object);
    case CDN_TEST_NEW:
        return why_have(x->d->request->parties[index].relations_have);
    case CDN_TEST_LISTED:
    case CDN_TEST_OWNED:
        for (uint32_t i = 0; i < x->d->request->parties[index].listed_count; i++) {
            if (cdn_decide_candidate(x->d, t, index, &x->d->request->parties[index].listed[i]) !=
                CORDON_FALSE)
                return t->kind == CDN_TEST_LISTED ? "possible match" : "share not certain";
        }
        if (t->kind == CDN_TEST_OWNED && cdn_decide_owned_through(x->d, t, index, true) != CORDON_FALSE)
            return "share not certain";
        return t->kind == CDN_TEST_LISTED ? why_listed(x, t, index) : "not screened";
    case CDN_TEST_NOW:
    case CDN_TEST_PRESENT:
    case CDN_TEST_NONE:
    default:
        return "not exact enough";
    }
}
