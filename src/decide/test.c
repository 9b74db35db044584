/* SPDX-License-Identifier: Apache-2.0 */
/* test.c: one test of a condition: whom it asks, what it comes to, and whether a presumption stands in.
 *
 * A test is asked of one subject at a time and remembered for the one that asked last: the same test in a
 * thousand measures is worked out once. The memory is stamped with the number of the decision, so that
 * nothing has to be cleared in between. */
#include "decide/decide_priv.h"

unsigned cdn_decide_fits(const struct cdn_test_rec *t) {
    switch ((enum cdn_test_kind)t->kind) {
    case CDN_TEST_FINDING:
    case CDN_TEST_EVIDENCE:
    case CDN_TEST_TEXT:
        return CDN_FITS_PARTY | CDN_FITS_OBJECT;
    case CDN_TEST_NEW:
    case CDN_TEST_LISTED:
    case CDN_TEST_OWNED:
        return CDN_FITS_PARTY;
    case CDN_TEST_PRESENT:
        return CDN_FITS_PARTY | CDN_FITS_OBJECT | (t->evidence ? 0u : (unsigned)CDN_FITS_REQUEST);
    case CDN_TEST_NOW:
        return CDN_FITS_REQUEST;
    case CDN_TEST_FACT:
        if (t->fact == CDN_FACT_SINCE || t->fact == CDN_FACT_PERIOD_END)
            return CDN_FITS_PARTY;
        if (t->fact == CDN_FACT_UNIT_VALUE || t->fact == CDN_FACT_TLD)
            return CDN_FITS_OBJECT;
        return CDN_FITS_PARTY | CDN_FITS_OBJECT | CDN_FITS_REQUEST;
    case CDN_TEST_NONE:
    default:
        return 0;
    }
}

/* IMPLEMENTS: CS-ROLE */
bool cdn_decide_needed(const struct cdn_decider *d, unsigned kind, unsigned index) {
    if (kind == CDN_SUBJECT_ROLE)
        return (d->needs_roles >> index) & 1u;
    return kind == CDN_SUBJECT_OBJECT && ((d->needs_objects >> index) & 1u);
}

static unsigned test_now(struct cdn_decider *d, const struct cdn_test_rec *t) {
    const struct cdn_when w = {t->when_kind, t->when_first, t->when_after};
    const struct cdn_when right = cdn_when_plus(w, t->right_offset - t->left_offset);
    cdn_decide_edge_when(d, right);
    return cdn_decide_when_cmp(cdn_when_instant(d->at), t->cmp, right);
}

static unsigned test_present(struct cdn_decider *d, const struct cdn_test_rec *t, int index, bool is_object) {
    if (t->evidence) {
        uint32_t n = 0;
        const struct cdn_evidence *e = cdn_decide_evidence(d, index, is_object, &n);
        for (uint32_t i = 0; i < n; i++) {
            if (e[i].kind == t->evidence && e[i].have == CDN_HAVE_VALUE && !cdn_decide_seen_later(d, &e[i]))
                return CORDON_TRUE;
        }
        return CORDON_FALSE;
    }
    const struct cdn_value *v = cdn_decide_value(d, t, index, is_object);
    return v && v->have == CDN_HAVE_VALUE;
}

unsigned cdn_decide_test_of(struct cdn_decider *d, const struct cdn_test_rec *t, int index, bool is_object) {
    switch ((enum cdn_test_kind)t->kind) {
    case CDN_TEST_FINDING:
        return cdn_decide_finding(d, t, index, is_object);
    case CDN_TEST_EVIDENCE:
        return cdn_decide_evidence_in(d, t, index, is_object);
    case CDN_TEST_FACT:
        return cdn_decide_fact(d, t, index, is_object);
    case CDN_TEST_TEXT:
        return cdn_decide_text_in(d, t, index, is_object);
    case CDN_TEST_NEW:
        return cdn_decide_new(d, t, index);
    case CDN_TEST_LISTED:
        return cdn_decide_listed(d, t, index);
    case CDN_TEST_OWNED:
        return cdn_decide_owned(d, t, index);
    case CDN_TEST_NOW:
        return test_now(d, t);
    case CDN_TEST_PRESENT:
        return test_present(d, t, index, is_object);
    case CDN_TEST_NONE:
    default:
        return CORDON_UNKNOWN;
    }
}

/* A role that several parties have and that the measure's own list of roles leaves out, or "any party":
 * true for one is true. */
static unsigned test_any(struct cdn_decider *d, const struct cdn_test_rec *t, bool is_object) {
    const uint32_t n = is_object ? d->request->object_count : d->request->party_count;
    unsigned value = CORDON_FALSE;
    for (uint32_t i = 0; i < n && value != CORDON_TRUE; i++) {
        const unsigned what = is_object ? d->request->objects[i].kind : d->request->parties[i].role;
        if (t->subject_kind == CDN_SUBJECT_ANY_PARTY || what == t->subject_index)
            value = cdn_truth_or(value, cdn_decide_test_of(d, t, (int)i, is_object));
    }
    return value;
}

unsigned cdn_decide_test_anew(
    struct cdn_decider *d, uint32_t test, int index, bool is_object, struct cdn_memo *memo) {
    const struct cdn_test_rec *t = &d->snap->tests[test];
    unsigned value = CORDON_FALSE;
    if (!(memo->fits & cdn_decide_fit_of(t, is_object)))
        value = CORDON_UNKNOWN;
    else if (index >= 0)
        value = cdn_decide_test_of(d, t, index, is_object);
    else if (index == CDN_BIND_OPEN)
        value = test_any(d, t, is_object);
    else if (cdn_decide_needed(d, t->subject_kind, t->subject_index))
        value = CORDON_UNKNOWN;
    memo->epoch = d->epoch;
    memo->subject = cdn_decide_memo_key(index, is_object);
    memo->value = (uint8_t)value;
    return value;
}

static bool evidence_silent(struct cdn_decider *d, const struct cdn_test_rec *t, int index, bool is_object) {
    uint32_t n = 0;
    const struct cdn_evidence *e = cdn_decide_evidence(d, index, is_object, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (e[i].have != CDN_HAVE_VALUE || cdn_decide_seen_later(d, &e[i]))
            continue;
        if (t->kind == CDN_TEST_FINDING ? !cdn_evidence_kinds[e[i].kind].strength[t->finding]
                                        : e[i].kind != t->evidence)
            continue;
        const struct cdn_item *item = cdn_decide_item(d, index, is_object, i);
        unsigned doubt = 0;
        if (t->kind == CDN_TEST_FINDING)
            (void)cdn_decide_strength(d, &e[i], item, t->finding, &doubt);
        if (t->set == CDN_NO_INDEX || (doubt & CDN_DOUBT_OLD)) /* what is too old says nothing */
            continue;
        if (cdn_decide_may_mean(d->snap, item, t->set) ||
            cdn_decide_speaks(d->snap, item, t->set) == CDN_SPEAKS_FOR)
            return false;
    }
    return true;
}

bool cdn_decide_test_silent(struct cdn_decider *d, const struct cdn_test_rec *t, int index, bool is_object) {
    if (index < 0 || !(cdn_decide_fits(t) & cdn_decide_fit_of(t, is_object)))
        return index == CDN_BIND_ABSENT;
    switch ((enum cdn_test_kind)t->kind) {
    case CDN_TEST_FINDING:
    case CDN_TEST_EVIDENCE:
    case CDN_TEST_TEXT:
        return evidence_silent(d, t, index, is_object);
    case CDN_TEST_NEW:
        return d->request->parties[index].relations_have != CDN_HAVE_VALUE;
    case CDN_TEST_LISTED:
    case CDN_TEST_OWNED:
        for (uint32_t i = 0; i < d->request->parties[index].listed_count; i++) {
            if (cdn_decide_candidate(d, t, index, &d->request->parties[index].listed[i]) != CORDON_FALSE)
                return false;
        }
        if (t->kind == CDN_TEST_LISTED)
            return cdn_decide_all_found(d, t, (uint32_t)index, index) == CORDON_FALSE;
        return cdn_decide_owned_through(d, t, index, true) == CORDON_FALSE;
    case CDN_TEST_FACT: {
        if (t->fact == CDN_FACT_SINCE || t->fact == CDN_FACT_PERIOD_END)
            return d->request->parties[index].relations_have != CDN_HAVE_VALUE;
        const struct cdn_value *v = cdn_decide_value(d, t, index, is_object);
        return !v || v->have != CDN_HAVE_VALUE;
    }
    case CDN_TEST_NONE:
    case CDN_TEST_NOW:
    case CDN_TEST_PRESENT:
    default:
        return false;
    }
}

/* IMPLEMENTS: CS-PRESUME */
int64_t cdn_decide_presumed(struct cdn_decider *d, const struct cdn_asking *asked) {
    const struct cdn_run run = d->presumer->presumes;
    struct cdn_memo *memo = asked->memo;
    uint32_t i = run.first;
    while (i < run.first + run.count && d->snap->presumes[i].test != asked->test)
        i++;
    if (i == run.first + run.count)
        return -1;
    if (!(memo->value & CDN_MEMO_SILENT_KNOWN)) {
        const bool silent =
            cdn_decide_test_silent(d, &d->snap->tests[asked->test], asked->index, asked->is_object);
        memo->value |= silent ? CDN_MEMO_SILENT_KNOWN | CDN_MEMO_SILENT : CDN_MEMO_SILENT_KNOWN;
    }
    return memo->value & CDN_MEMO_SILENT ? (int64_t)i : -1;
}
