/* SPDX-License-Identifier: Apache-2.0 */
/* check_tests.c: validates codes, sets of places and tests: that a test has the operands that its kind needs.
 */
#include "base/limits.h"
#include "places/places_view.h"
#include "snapshot/check_priv.h"

static int check_codes(struct cdn_check *c) {
    for (uint32_t i = 0; i < c->s->count[CDN_T_CODE]; i++) {
        const struct cdn_code_rec *r = &c->s->codes[i];
        if (!cdn_check_str(c, r->text) || r->hash != cdn_hash(cdn_snap_str(c->s, r->text), 0))
            return CDN_BAD(c, "rules: code %u", i);
    }
    return 0;
}

static bool code_run(struct cdn_check *c, struct cdn_run r) {
    if (!cdn_check_run(r, c->s->count[CDN_T_CODE]) || !cdn_check_spend(c, r.count))
        return false;
    const struct cdn_code_rec *rows = c->s->codes + r.first;
    for (uint32_t i = 1; i < r.count; i++)
        if (rows[i].hash < rows[i - 1].hash ||
            (rows[i].hash == rows[i - 1].hash &&
             cdn_str_cmp(cdn_snap_str(c->s, rows[i - 1].text), cdn_snap_str(c->s, rows[i].text)) >= 0))
            return false;
    return true;
}

/* Three disjoint rows without bit 0 and without bits past the last place. */
static bool set_rows(const struct cdn_check *c, const uint64_t *rows) {
    const uint32_t words = c->s->set_words, places = c->s->rules->place_count;
    for (uint32_t w = 0; w < words; w++) {
        const uint64_t a = rows[w], b = rows[words + w], x = rows[2 * words + w], all = a | b | x;
        if ((a & b) != 0 || (a & x) != 0 || (b & x) != 0 || (w == 0 && (all & 1) != 0))
            return false;
        if (w == words - 1 && places % 64 != 0 && (all >> (places % 64)) != 0)
            return false;
    }
    return true;
}

static int check_sets(struct cdn_check *c) {
    const struct cdn_snapshot *s = c->s;
    const uint64_t each = 3 * (uint64_t)s->set_words;
    if (s->rules->place_count != c->places->place_count)
        return CDN_BAD(c, "rules: made for other places");
    if (s->count[CDN_T_SETWORD] != each * s->count[CDN_T_SET])
        return CDN_BAD(c, "rules: size of the sets");
    for (uint32_t i = 0; i < s->count[CDN_T_SET]; i++) {
        const struct cdn_set_rec *r = &s->sets[i];
        if (r->words != each * i || r->pad != 0 || !cdn_check_str(c, r->text) ||
            !set_rows(c, s->setwords + r->words))
            return CDN_BAD(c, "rules: set %u", i);
    }
    return 0;
}

/* Type of a built-in or declared fact; NONE: there is no such fact. */
static unsigned fact_type(const struct cdn_snapshot *s, unsigned fact) {
    if (fact >= CDN_FACT_DECLARED_BASE)
        return fact - CDN_FACT_DECLARED_BASE < s->count[CDN_T_FACT]
                   ? s->facts[fact - CDN_FACT_DECLARED_BASE].b
                   : CDN_TYPE_NONE;
    return fact > 0 && fact < CDN_FACT_BUILTIN_COUNT ? cdn_facts[fact].type : CDN_TYPE_NONE;
}

static bool fact_test(const struct cdn_snapshot *s, const struct cdn_test_rec *t) {
    if (t->type == CDN_TYPE_NONE || t->type != fact_type(s, t->fact))
        return false;
    switch (t->type) {
    case CDN_TYPE_PLACE:
        return t->set != CDN_NO_INDEX && t->cmp == CDN_CMP_IN;
    case CDN_TYPE_CODE:
    case CDN_TYPE_CODES:
    case CDN_TYPE_TEXT:
        return t->cmp == CDN_CMP_IN || t->cmp == CDN_CMP_PREFIX;
    case CDN_TYPE_BOOL:
        return t->cmp <= CDN_CMP_IN;
    default:
        return t->cmp != CDN_CMP_NONE && t->cmp != CDN_CMP_PREFIX;
    }
}

/* What each kind must have; the rest is checked for every kind alike. */
static bool kind_ok(const struct cdn_snapshot *s, const struct cdn_test_rec *t) {
    switch (t->kind) {
    case CDN_TEST_FINDING:
        return t->finding != 0 && t->standard != 0 && t->set != CDN_NO_INDEX;
    case CDN_TEST_EVIDENCE:
        return t->evidence != 0 && t->set != CDN_NO_INDEX;
    case CDN_TEST_FACT:
        return fact_test(s, t);
    case CDN_TEST_TEXT:
        return t->evidence != 0;
    case CDN_TEST_LISTED:
    case CDN_TEST_OWNED:
        return t->lists.count > 0;
    case CDN_TEST_NOW:
        return t->cmp != CDN_CMP_NONE && t->cmp != CDN_CMP_PREFIX;
    case CDN_TEST_PRESENT:
        return (t->fact != 0) != (t->evidence != 0) &&
               (t->fact == 0 || fact_type(s, t->fact) != CDN_TYPE_NONE);
    case CDN_TEST_NEW:
        return true;
    default:
        return false;
    }
}

/* A field that the kind has no use for is 0. */
static bool fields_ok(const struct cdn_test_rec *t) {
    const bool present = t->kind == CDN_TEST_PRESENT;
    return (t->finding == 0 || t->kind == CDN_TEST_FINDING) &&
           (t->standard == 0 || t->kind == CDN_TEST_FINDING) &&
           (t->evidence == 0 || t->kind == CDN_TEST_EVIDENCE || t->kind == CDN_TEST_TEXT || present) &&
           (t->fact == 0 || t->kind == CDN_TEST_FACT || present) &&
           (t->type == 0 || t->kind == CDN_TEST_FACT);
}

static bool numbers_ok(const struct cdn_test_rec *t) {
    static const char none[4];
    return (memcmp(t->currency, none, sizeof(none)) == 0 || cdn_check_currency(t->currency)) &&
           t->scale <= 18 && t->when_kind <= CDN_WHEN_YEAR && cdn_check_time(t->when_first) &&
           cdn_check_time(t->when_after) && t->when_first <= t->when_after &&
           cdn_check_time(t->left_offset) && cdn_check_time(t->right_offset) && t->match <= 1000 &&
           t->review <= 1000;
}

static bool test_ok(struct cdn_check *c, const struct cdn_test_rec *t) {
    const struct cdn_snapshot *s = c->s;
    return t->cmp < CDN_CMP_COUNT && cdn_check_subject(t->subject_kind, t->subject_index, true) &&
           t->finding < CDN_FINDING_COUNT && t->evidence < CDN_EVIDENCE_COUNT &&
           t->standard < CDN_STANDARD_COUNT && t->type <= CDN_TYPE_PLACE &&
           (t->flags & ~CDN_TEST_FLAGS) == 0 && t->pad == 0 &&
           (t->set == CDN_NO_INDEX || t->set < s->count[CDN_T_SET]) &&
           (t->service == CDN_NO_INDEX || t->service < s->count[CDN_T_SERVICE]) && code_run(c, t->codes) &&
           cdn_check_index(c, t->lists, s->count[CDN_T_LIST], true) && cdn_check_str(c, t->text) &&
           numbers_ok(t) && kind_ok(s, t) && fields_ok(t);
}

int cdn_snapshot_check_tests(struct cdn_check *c) {
    int err = check_codes(c);
    if (!err)
        err = check_sets(c);
    for (uint32_t i = 0; !err && i < c->s->count[CDN_T_TEST]; i++)
        if (!test_ok(c, &c->s->tests[i]))
            err = CDN_BAD(c, "rules: test %u", i);
    return err;
}
