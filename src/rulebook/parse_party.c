/* SPDX-License-Identifier: Apache-2.0 */
/* parse_party.c: the tests of a party or object itself: where it is or belongs, whether it is new, on a list,
 * or owned by those on one. */
#include "rulebook/target.h"

static struct cdn_expr *finding(struct cdn_parser *p,
                                const struct cdn_target *t,
                                unsigned kind,
                                bool outside) {
    struct cdn_expr *e = cdn_rb_new_test(p, CDN_TEST_FINDING, t);
    if (!e || !cdn_rb_places(p, &e->test->places))
        return NULL;
    e->test->finding = (uint16_t)kind;
    if (t->owner_subject.kind == CDN_SUBJECT_REQUEST)
        (void)cdn_rb_error(p,
                           "wrong-type",
                           cdn_rb_where(p, t->head),
                           "a request is at no place; its parties and objects are");
    else if (t->owner_subject.kind == CDN_SUBJECT_OBJECT &&
             (kind == CDN_FINDING_NATIONAL || kind == CDN_FINDING_ESTABLISHED))
        (void)cdn_rb_error(p,
                           "wrong-type",
                           cdn_rb_where(p, t->head),
                           "only parties are %s a country",
                           cdn_findings[kind].words);
    return outside ? cdn_rb_negate(p, e) : e;
}

/* based in|outside, located in|outside, established in|outside, national of; 0: none of them. */
static unsigned take_finding(struct cdn_parser *p, bool *ret_outside) {
    static const struct {
        const char *word;
        unsigned kind;
    } words[] = {{"based", CDN_FINDING_BASED},
                 {"located", CDN_FINDING_LOCATED},
                 {"established", CDN_FINDING_ESTABLISHED}};
    *ret_outside = false;
    for (size_t i = 0; i < CDN_ARRAY_LEN(words); i++) {
        if (cdn_rb_take2(p, words[i].word, "in"))
            return words[i].kind;
        if (cdn_rb_take2(p, words[i].word, "outside")) {
            *ret_outside = true;
            return words[i].kind;
        }
    }
    return cdn_rb_take2(p, "national", "of") ? CDN_FINDING_NATIONAL : 0;
}

static struct cdn_expr *is_new(struct cdn_parser *p, const struct cdn_target *t) {
    struct cdn_expr *e = cdn_rb_new_test(p, CDN_TEST_NEW, t);
    if (!e)
        return NULL;
    if (cdn_rb_take(p, "to")) {
        const struct cdn_token *at = cdn_rb_peek(p);
        cordon_str name;
        if (!cdn_rb_word(p, "a service", &name))
            return NULL;
        e->test->service = cdn_rb_find(p, CDN_DECL_SERVICE, at, name);
    }
    if (cdn_rb_take2(p, "as", "of") && !cdn_rb_moment(p, "an instant", &e->test->moment, &e->test->when))
        return NULL;
    return e;
}

static struct cdn_expr *on_list(struct cdn_parser *p, const struct cdn_target *t) {
    struct cdn_expr *e = cdn_rb_new_test(p, CDN_TEST_LISTED, t);
    uint32_t score = 0;
    if (!e ||
        !cdn_rb_name_list(p, CDN_DECL_LIST, "a list such as us/sdn", &e->test->lists, &e->test->list_count))
        return NULL;
    if (!cdn_rb_take(p, "match"))
        return e;
    if (!cdn_rb_whole(p, "a score from 0 to 1000", 1000, &score))
        return NULL;
    e->test->match = (uint16_t)score;
    if (cdn_rb_take(p, "review")) {
        const struct cdn_token *at = cdn_rb_peek(p);
        if (!cdn_rb_whole(p, "a score from 0 to 1000", 1000, &score))
            return NULL;
        if (score >= e->test->match)
            (void)cdn_rb_error(
                p, "out-of-range", cdn_rb_where(p, at), "the score for a review lies below that for a match");
        e->test->review = (uint16_t)score;
    }
    return e;
}

static void ownership_words(struct cdn_parser *p, struct cdn_test *test) {
    for (;;) {
        if (cdn_rb_take(p, "singly"))
            test->aggregate = false;
        else if (cdn_rb_take2(p, "or", "controlled"))
            test->or_controlled = true;
        else
            return;
    }
}

/* is owned 50 % or more | more than 50 %, by parties on LISTS [singly] [or controlled] */
static struct cdn_expr *is_owned(struct cdn_parser *p, const struct cdn_target *t) {
    struct cdn_expr *e = cdn_rb_new_test(p, CDN_TEST_OWNED, t);
    if (!e)
        return NULL;
    struct cdn_test *test = e->test;
    test->aggregate = true;
    test->percent_strict = cdn_rb_take2(p, "more", "than");
    const struct cdn_token *at = cdn_rb_peek(p);
    if (!cdn_rb_decimal(p,
                        test->percent_strict ? "a percentage" : "`more than` or a percentage such as 50 %",
                        &test->percent))
        return NULL;
    if (test->percent.mantissa < 0 || cdn_decimal_cmp(test->percent, (struct cdn_decimal){100, 0}) > 0)
        (void)cdn_rb_error(p, "out-of-range", cdn_rb_where(p, at), "a share lies between 0 and 100 %%");
    if (!cdn_rb_need_sign(p, '%', "`%`"))
        return NULL;
    if (!test->percent_strict && !cdn_rb_take2(p, "or", "more"))
        return cdn_rb_nothing(cdn_rb_expected(p, "`or more` (or write `more than` before the share)"));
    ownership_words(p, test);
    if (!cdn_rb_need(p, "by") || !cdn_rb_need(p, "parties") || !cdn_rb_need(p, "on") ||
        !cdn_rb_name_list(p, CDN_DECL_LIST, "a list such as us/sdn", &test->lists, &test->list_count))
        return NULL;
    ownership_words(p, test);
    return e;
}

#define PARTY_FORMS                                                                                          \
    "`based in`, `located in`, `established in`, `national of`, `is new`, `is existing`, `is on list`, "     \
    "`is owned`, or a dot and a fact"

struct cdn_expr *cdn_rb_party_test(struct cdn_parser *p, const struct cdn_target *t) {
    bool outside = false;
    const bool not_first = cdn_rb_take(p, "not");
    const unsigned kind = take_finding(p, &outside);
    if (kind)
        return finding(p, t, kind, outside != not_first);
    if (not_first || !cdn_rb_take(p, "is"))
        return cdn_rb_nothing(cdn_rb_expected(p, PARTY_FORMS));
    const bool negative = cdn_rb_take(p, "not");
    const struct cdn_token *at = cdn_rb_peek(p);
    struct cdn_expr *e;
    if (cdn_rb_take(p, "new"))
        e = is_new(p, t);
    else if (cdn_rb_take(p, "existing"))
        e = cdn_rb_negate(p, is_new(p, t));
    else if (cdn_rb_take2(p, "on", "list"))
        e = on_list(p, t);
    else if (cdn_rb_take(p, "owned"))
        e = is_owned(p, t);
    else {
        const unsigned f = take_finding(p, &outside);
        if (!f)
            return cdn_rb_nothing(cdn_rb_expected(
                p, "`new`, `existing`, `on list` or `owned`; a kind is asked as `customer.kind is ngo`"));
        return finding(p, t, f, outside != negative);
    }
    const unsigned owner = t->owner_subject.kind;
    if (owner == CDN_SUBJECT_OBJECT || owner == CDN_SUBJECT_REQUEST)
        (void)cdn_rb_error(p,
                           "wrong-type",
                           cdn_rb_where(p, at),
                           "only a party can be that, not a %s",
                           cdn_rb_subject_name(t->owner_subject));
    return negative ? cdn_rb_negate(p, e) : e;
}
