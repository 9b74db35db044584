/* SPDX-License-Identifier: Apache-2.0 */
/* parse_test.c: one test of a condition: SUBJECT, SUBJECT.MEMBER or `now`, and what is asked of it. Tests of
 * a party or object itself are in parse_party.c.
 *
 * The type of a fact decides which forms are possible; a form of another type is an error that says which
 * ones are. "Is not", "not in", `!=`, "outside" and "existing" become NOT over the positive test, so that
 * later stages know one form only. A comparison for equality is CDN_CMP_IN with one value. */
#include "rulebook/target.h"

struct cdn_expr *cdn_rb_new_test(struct cdn_parser *p, unsigned kind, const struct cdn_target *t) {
    struct cdn_expr *e = cdn_rb_expr(p, CDN_EXPR_TEST, cdn_rb_pos(p, t->head));
    struct cdn_test *test = e ? cdn_arena_zero(p->arena, 1, sizeof(*test)) : NULL;
    if (!test) {
        if (e)
            p->err = CORDON_E_NOMEM;
        return NULL;
    }
    test->kind = (uint8_t)kind;
    test->subject = t->subject;
    test->set = test->service = -1;
    test->pos = e->pos;
    e->test = test;
    return e;
}

static struct cdn_expr *wrong_type(struct cdn_parser *p,
                                   const struct cdn_token *t,
                                   const struct cdn_target *target,
                                   const char *is,
                                   const char *forms) {
    struct cdn_diagnostic *d =
        cdn_rb_error(p, "wrong-type", cdn_rb_where(p, t), "`%.*s` is %s", CDN_FMT(target->head->text), is);
    if (d)
        d->expected = cdn_str_z(forms);
    return NULL;
}

/* ---- operands
 * -------------------------------------------------------------------------------------------------- */

static bool add_text(struct cdn_parser *p, struct cdn_test *test, cordon_str text) {
    cordon_str *slot = cdn_rb_push(p, &test->texts, &test->text_count, sizeof(*slot));
    if (slot)
        *slot = text;
    return slot != NULL;
}

static bool one_text(struct cdn_parser *p, struct cdn_test *test, const char *what) {
    const struct cdn_token *t = cdn_rb_peek(p);
    cordon_str text;
    if (t->kind == CDN_TOK_TEXT) {
        if (!cdn_rb_text(p, what, &text))
            return false;
    } else if (t->kind == CDN_TOK_WORD || t->kind == CDN_TOK_NAME || t->kind == CDN_TOK_NUMBER) {
        text = cdn_rb_next(p)->text;
    } else {
        return cdn_rb_expected(p, what);
    }
    return add_text(p, test, text);
}

static bool braced_texts(struct cdn_parser *p, struct cdn_test *test) {
    if (!cdn_rb_need_sign(p, '{', "`{…}` or the name of a set"))
        return false;
    do {
        if (test->text_count > 0 && cdn_rb_is_sign(cdn_rb_peek(p), '}'))
            break;
        if (!one_text(p, test, "a code, or a text in quotes"))
            return false;
    } while (cdn_rb_take_sign(p, ','));
    return cdn_rb_need_sign(p, '}', "`,` or `}`");
}

/* A set's members become the test's texts; the set must be of that kind. */
static void use_set(struct cdn_parser *p, struct cdn_test *test, const struct cdn_token *t, uint32_t index) {
    const struct cdn_set_decl *set = &p->rb->sets[index];
    test->set = (int32_t)index;
    test->texts = set->members;
    test->text_count = set->member_count;
    if ((set->evidence && set->evidence != test->evidence) || (set->fact && set->fact != test->fact))
        (void)cdn_rb_error(
            p, "wrong-type", cdn_rb_where(p, t), "the set `%.*s` is of another kind", CDN_FMT(set->id));
}

/* {a, b} or a set's name. */
static bool text_set(struct cdn_parser *p, struct cdn_test *test) {
    const struct cdn_token *t = cdn_rb_peek(p);
    if (t->kind != CDN_TOK_WORD)
        return braced_texts(p, test);
    (void)cdn_rb_next(p);
    const int32_t index = cdn_rb_find(p, CDN_DECL_SET, t, t->text);
    if (index >= 0)
        use_set(p, test, t, (uint32_t)index);
    return true;
}

/* < <= > >= = !=; 0: none of them. != gives IN and *ret_not. */
static unsigned take_comparison(struct cdn_parser *p, bool *ret_not) {
    static const struct {
        unsigned sign, cmp;
    } signs[] = {{'<', CDN_CMP_LT},
                 {CDN_SIGN_LE, CDN_CMP_LE},
                 {'>', CDN_CMP_GT},
                 {CDN_SIGN_GE, CDN_CMP_GE},
                 {'=', CDN_CMP_IN},
                 {CDN_SIGN_NE, CDN_CMP_IN}};
    *ret_not = cdn_rb_is_sign(cdn_rb_peek(p), CDN_SIGN_NE);
    for (size_t i = 0; i < CDN_ARRAY_LEN(signs); i++) {
        if (cdn_rb_take_sign(p, signs[i].sign))
            return signs[i].cmp;
    }
    return 0;
}

static bool offset(struct cdn_parser *p, int64_t *seconds) {
    for (;;) {
        const bool minus = cdn_rb_is_sign(cdn_rb_peek(p), '-');
        int64_t span = 0;
        if (!minus && !cdn_rb_is_sign(cdn_rb_peek(p), '+'))
            return true;
        (void)cdn_rb_next(p);
        if (!cdn_rb_span_seconds(p, &span))
            return false;
        *seconds += minus ? -span : span;
    }
}

/* ---- facts by type
 * ------------------------------------------------------------------------------------------------ */

static struct cdn_expr *signed_result(struct cdn_parser *p, struct cdn_expr *e, bool negative) {
    return negative ? cdn_rb_negate(p, e) : e;
}

/* is X | is not X | in {…} | not in {…} | = X | != X */
static struct cdn_expr *code_test(struct cdn_parser *p,
                                  const struct cdn_target *t,
                                  struct cdn_expr *e,
                                  bool text) {
    static const char *const forms = "`is`, `is not`, `in`, `not in`, `=` or `!=`";
    bool negative = false;
    const struct cdn_token *at = cdn_rb_peek(p);
    e->test->cmp = CDN_CMP_IN;
    if (cdn_rb_take(p, "is")) {
        negative = cdn_rb_take(p, "not");
        if (!one_text(p, e->test, text ? "a text in quotes" : "a code such as `ngo`"))
            return NULL;
    } else if (cdn_rb_take(p, "in")) {
        if (!text_set(p, e->test))
            return NULL;
    } else if (cdn_rb_take2(p, "not", "in")) {
        negative = true;
        if (!text_set(p, e->test))
            return NULL;
    } else {
        const unsigned cmp = take_comparison(p, &negative);
        if (cmp == 0)
            return cdn_rb_nothing(cdn_rb_expected(p, forms));
        if (cmp != CDN_CMP_IN)
            return wrong_type(p, at, t, text ? "a text: it has no order" : "a code: it has no order", forms);
        if (!one_text(p, e->test, "a code, or a text in quotes"))
            return NULL;
    }
    return signed_result(p, e, negative);
}

/* Digits only, so that "8711.60 10" and "87116010" are one code. */
static void normal_hs(struct cdn_parser *p, struct cdn_test *test) {
    for (uint32_t i = 0; i < test->text_count && p->err == 0; i++) {
        char digits[16];
        size_t n = 0;
        bool good = true;
        for (size_t k = 0; k < test->texts[i].n && good; k++) {
            const char c = test->texts[i].p[k];
            if (c == '.' || c == ' ')
                continue;
            good = c >= '0' && c <= '9' && n < 12;
            if (good)
                digits[n++] = c;
        }
        if (!good || n < 2) {
            (void)cdn_rb_error(p,
                               "bad-code",
                               (struct cdn_at){test->pos, 1},
                               "`%.*s` is no customs code",
                               CDN_FMT(test->texts[i]));
            return;
        }
        const int err = cdn_arena_str(p->arena, cdn_str(digits, n), &test->texts[i]);
        if (err != 0)
            p->err = err;
    }
}

static struct cdn_expr *hs_test(struct cdn_parser *p, const struct cdn_target *t, struct cdn_expr *e) {
    const bool negative = cdn_rb_is(cdn_rb_peek(p), "not") && cdn_rb_is(cdn_rb_peek2(p), "under");
    if (negative)
        (void)cdn_rb_next(p);
    if (!cdn_rb_take(p, "under"))
        return code_test(p, t, e, true);
    e->test->cmp = CDN_CMP_PREFIX;
    const bool named = cdn_rb_peek(p)->kind == CDN_TOK_WORD;
    if (!named && cdn_rb_peek(p)->kind == CDN_TOK_TEXT ? !one_text(p, e->test, "a customs code in quotes")
                                                       : !text_set(p, e->test))
        return NULL;
    if (named && e->test->text_count > 0) { /* the set's own texts stay as they are written */
        cordon_str *copy = cdn_arena_zero(p->arena, e->test->text_count, sizeof(*copy));
        if (!copy) {
            p->err = CORDON_E_NOMEM;
            return NULL;
        }
        memcpy(copy, e->test->texts, e->test->text_count * sizeof(*copy));
        e->test->texts = copy;
    }
    normal_hs(p, e->test);
    return signed_result(p, e, negative);
}

static struct cdn_expr *bool_test(struct cdn_parser *p, const struct cdn_target *t, struct cdn_expr *e) {
    const struct cdn_token *at = cdn_rb_peek(p);
    if (!cdn_rb_take(p, "is"))
        return wrong_type(p, at, t, "true or false", "`is true` or `is false`");
    const bool negative = cdn_rb_take(p, "not");
    e->test->cmp = CDN_CMP_IN;
    if (cdn_rb_take(p, "true"))
        e->test->boolean = !negative;
    else if (cdn_rb_take(p, "false"))
        e->test->boolean = negative;
    else
        return cdn_rb_nothing(cdn_rb_expected(p, "`true` or `false`"));
    return e;
}

static struct cdn_expr *place_test(struct cdn_parser *p, const struct cdn_target *t, struct cdn_expr *e) {
    bool negative = false;
    const struct cdn_token *at = cdn_rb_peek(p);
    if (cdn_rb_take(p, "is"))
        negative = cdn_rb_take(p, "not");
    else if (cdn_rb_take2(p, "not", "in"))
        negative = true;
    else if (!cdn_rb_take(p, "in"))
        return wrong_type(p, at, t, "a place", "`in`, `not in`, `is` or `is not`");
    e->test->cmp = CDN_CMP_IN;
    return cdn_rb_places(p, &e->test->places) ? signed_result(p, e, negative) : NULL;
}

static struct cdn_expr *number_test(struct cdn_parser *p,
                                    const struct cdn_target *t,
                                    struct cdn_expr *e,
                                    bool money) {
    bool negative = false;
    const struct cdn_token *at = cdn_rb_peek(p);
    const unsigned cmp = take_comparison(p, &negative);
    if (cmp == 0)
        return wrong_type(
            p, at, t, money ? "an amount of money" : "a number", "`<`, `<=`, `>`, `>=`, `=` or `!=`");
    e->test->cmp = (uint8_t)cmp;
    if (!cdn_rb_decimal(p, money ? "an amount such as 300 EUR" : "a number", &e->test->money.amount))
        return NULL;
    at = cdn_rb_peek(p);
    if (money && at->kind != CDN_TOK_NAME) {
        struct cdn_diagnostic *d = cdn_rb_error(p,
                                                "wrong-unit",
                                                cdn_rb_where(p, at),
                                                "`%.*s` is money: the currency is missing",
                                                CDN_FMT(t->head->text));
        if (d)
            d->expected = CDN_STR("a currency such as EUR");
        return NULL;
    }
    if (money)
        return cdn_rb_currency(p, e->test->money.currency) ? signed_result(p, e, negative) : NULL;
    if (at->kind == CDN_TOK_NAME) {
        (void)cdn_rb_error(p,
                           "wrong-unit",
                           cdn_rb_where(p, at),
                           "`%.*s` is a number and has no currency",
                           CDN_FMT(t->head->text));
        (void)cdn_rb_next(p);
    }
    return signed_result(p, e, negative);
}

static struct cdn_expr *when_test(struct cdn_parser *p, const struct cdn_target *t, struct cdn_expr *e) {
    struct cdn_test *test = e->test;
    bool negative = false;
    const struct cdn_token *at = cdn_rb_peek(p);
    if (!offset(p, &test->left_offset))
        return NULL;
    const unsigned cmp = take_comparison(p, &negative);
    if (cmp == 0)
        return wrong_type(p, at, t, "a date", "`<`, `<=`, `>`, `>=`, `=` or `!=`, or `is given`");
    test->cmp = (uint8_t)cmp;
    if (cdn_rb_take(p, "now"))
        test->against_now = true;
    else if (!cdn_rb_moment(p, "a date, an instant or `now`", &test->moment, &test->when))
        return NULL;
    return offset(p, &test->right_offset) ? signed_result(p, e, negative) : NULL;
}

static struct cdn_expr *fact_test(struct cdn_parser *p, const struct cdn_target *t, uint16_t fact) {
    struct cdn_expr *e = cdn_rb_new_test(p, CDN_TEST_FACT, t);
    if (!e)
        return NULL;
    e->test->fact = fact;
    switch ((enum cdn_fact_type)cdn_rb_fact_info(p->rb, fact).type) {
    case CDN_TYPE_CODE:
    case CDN_TYPE_CODES:
        return code_test(p, t, e, false);
    case CDN_TYPE_TEXT:
        return fact == CDN_FACT_HS ? hs_test(p, t, e) : code_test(p, t, e, true);
    case CDN_TYPE_WHEN:
        return when_test(p, t, e);
    case CDN_TYPE_MONEY:
        return number_test(p, t, e, true);
    case CDN_TYPE_NUMBER:
        return number_test(p, t, e, false);
    case CDN_TYPE_BOOL:
        return bool_test(p, t, e);
    case CDN_TYPE_PLACE:
        return place_test(p, t, e);
    case CDN_TYPE_NONE:
        break; /* a declaration with an error of its own, reported there */
    }
    return NULL;
}

/* ---- one kind of evidence
 * -------------------------------------------------------------------------------------------- */

static bool has_text(unsigned evidence) {
    const unsigned form = cdn_evidence_kinds[evidence].value;
    return form != CDN_VALUE_COUNTRY && form != CDN_VALUE_ADDRESS && form != CDN_VALUE_POINT &&
           form != CDN_VALUE_IP;
}

/* True when the operand at the cursor is texts rather than places. */
static bool texts_follow(const struct cdn_parser *p) {
    const struct cdn_token *t = cdn_rb_peek(p);
    size_t index = 0;
    if (cdn_rb_is_sign(t, '{'))
        t = cdn_rb_peek2(p);
    else if (t->kind == CDN_TOK_WORD)
        return cdn_map_get(&p->names[CDN_DECL_SET], t->text, &index);
    return t->kind == CDN_TOK_TEXT || t->kind == CDN_TOK_NUMBER ||
           (t->kind == CDN_TOK_NAME && t->text.n > 3 && t->text.p[2] >= '0' &&
            t->text.p[2] <= '9'); /* AS31133 */
}

/* A bare name behind `in` that is neither a set nor a territory is reported as either. */
static bool unknown_operand(struct cdn_parser *p, const struct cdn_token *t) {
    size_t index = 0;
    if (t->kind != CDN_TOK_WORD || cdn_map_get(&p->names[CDN_DECL_SET], t->text, &index) ||
        cdn_map_get(&p->names[CDN_DECL_TERRITORY], t->text, &index))
        return false;
    struct cdn_diagnostic *d = cdn_rb_error(
        p, "unknown-set", cdn_rb_where(p, t), "no set and no territory is called `%.*s`", CDN_FMT(t->text));
    if (!d)
        return true;
    struct cdn_suggest s;
    cdn_suggest_init(&s, t->text);
    for (size_t i = 0; i < p->names[CDN_DECL_SET].count; i++)
        cdn_suggest_offer(&s, p->names[CDN_DECL_SET].entries[i].key);
    for (size_t i = 0; i < p->names[CDN_DECL_TERRITORY].count; i++)
        cdn_suggest_offer(&s, p->names[CDN_DECL_TERRITORY].entries[i].key);
    if (cdn_suggest_found(&s))
        cdn_rb_suggest(p, d, s.best);
    return true;
}

static struct cdn_expr *evidence_test(struct cdn_parser *p, const struct cdn_target *t, unsigned evidence) {
    struct cdn_expr *e = cdn_rb_new_test(p, CDN_TEST_EVIDENCE, t);
    bool negative = false, single = false;
    const struct cdn_token *at = cdn_rb_peek(p);
    if (!e)
        return NULL;
    e->test->evidence = (uint16_t)evidence;
    e->test->cmp = CDN_CMP_IN;
    if (cdn_rb_take(p, "is")) {
        negative = cdn_rb_take(p, "not");
        single = true;
    } else if (cdn_rb_take2(p, "not", "in") || cdn_rb_take(p, "outside")) {
        negative = true;
    } else if (!cdn_rb_take(p, "in")) {
        return wrong_type(p, at, t, "a piece of evidence", "`in`, `not in`, `is`, `is not` or `is given`");
    }
    const bool only_text = cdn_evidence_kinds[evidence].value == CDN_VALUE_TEXT;
    at = cdn_rb_peek(p);
    if (has_text(evidence) && unknown_operand(p, at)) {
        (void)cdn_rb_next(p);
        return e;
    }
    if (!only_text && !texts_follow(p))
        return cdn_rb_places(p, &e->test->places) ? signed_result(p, e, negative) : NULL;
    e->test->kind = CDN_TEST_TEXT;
    if (!has_text(evidence))
        return wrong_type(p,
                          at,
                          t,
                          "evidence of a place",
                          "a country (RU), a region (UA-43), a territory, or several in `{…}`");
    if (single                                 ? !one_text(p, e->test, "a text in quotes")
        : cdn_rb_peek(p)->kind == CDN_TOK_TEXT ? !one_text(p, e->test, "a text")
                                               : !text_set(p, e->test))
        return NULL;
    return signed_result(p, e, negative);
}

/* ---- SUBJECT.MEMBER
 * ------------------------------------------------------------------------------------------------------ */

static struct cdn_expr *present_test(struct cdn_parser *p,
                                     const struct cdn_target *t,
                                     uint16_t fact,
                                     unsigned evidence) {
    const bool plain = cdn_rb_is(cdn_rb_peek2(p), "given");
    (void)cdn_rb_next(p);
    if (!plain)
        (void)cdn_rb_next(p);
    (void)cdn_rb_next(p);
    struct cdn_expr *e = cdn_rb_new_test(p, CDN_TEST_PRESENT, t);
    if (!e)
        return NULL;
    e->test->fact = fact;
    e->test->evidence = (uint16_t)(fact ? 0 : evidence);
    return signed_result(p, e, !plain);
}

/* `is given` or `is not given` at the cursor. */
static bool given_follows(struct cdn_parser *p) {
    if (!cdn_rb_is(cdn_rb_peek(p), "is"))
        return false;
    if (cdn_rb_is(cdn_rb_peek2(p), "given"))
        return true;
    const uint32_t at = p->at;
    (void)cdn_rb_next(p);
    const bool yes = cdn_rb_is(cdn_rb_peek(p), "not") && cdn_rb_is(cdn_rb_peek2(p), "given");
    p->at = at;
    return yes;
}

static void unknown_fact(struct cdn_parser *p, const struct cdn_target *t, unsigned owner) {
    struct cdn_diagnostic *d =
        cdn_rb_error(p,
                     "unknown-fact",
                     cdn_rb_where(p, t->head),
                     "a %s has no fact or evidence `%.*s`",
                     owner == CDN_OWNER_PARTY ? "party" : cdn_rb_subject_name(t->owner_subject),
                     CDN_FMT(t->member));
    if (!d)
        return;
    struct cdn_suggest s;
    cdn_suggest_init(&s, t->member);
    for (unsigned i = 1; i < CDN_FACT_BUILTIN_COUNT; i++) {
        if (cdn_facts[i].owner == owner)
            cdn_suggest_offer(&s, cdn_str_z(cdn_facts[i].name));
    }
    for (uint32_t i = 0; i < p->rb->fact_count; i++) {
        if (p->rb->facts[i].owner == owner)
            cdn_suggest_offer(&s, p->rb->facts[i].name);
    }
    for (unsigned i = 1; owner != CDN_OWNER_REQUEST && i < CDN_EVIDENCE_COUNT; i++)
        cdn_suggest_offer(&s, cdn_str_z(cdn_evidence_kinds[i].name));
    if (cdn_suggest_found(&s))
        cdn_rb_suggest(p, d, s.best);
}

/* Skips a test about an unknown fact, so that the rest of the condition is still read: up to the next word
 * that joins tests. */
static struct cdn_expr *skip_test(struct cdn_parser *p, const struct cdn_target *t) {
    unsigned open = 0;
    for (;;) {
        const struct cdn_token *at = cdn_rb_peek(p);
        if (at->kind == CDN_TOK_END ||
            (open == 0 && (cdn_rb_is(at, "and") || cdn_rb_is(at, "or") || cdn_rb_is(at, "xor") ||
                           cdn_rb_is(at, "because") || cdn_rb_is_sign(at, ')'))))
            break;
        if (cdn_rb_is_sign(at, '{') || cdn_rb_is_sign(at, '('))
            open++;
        else if (open > 0 && (cdn_rb_is_sign(at, '}') || cdn_rb_is_sign(at, ')')))
            open--;
        (void)cdn_rb_next(p);
    }
    return cdn_rb_new_test(p, CDN_TEST_PRESENT, t);
}

struct cdn_expr *cdn_rb_test_of(struct cdn_parser *p,
                                struct cdn_subject subject,
                                cordon_str member,
                                const struct cdn_token *head) {
    const struct cdn_target t = {head, subject, subject.kind == CDN_SUBJECT_IT ? p->it : subject, member};
    const unsigned owner = cdn_rb_owner_of(t.owner_subject);
    if (member.n == 0 && subject.kind == CDN_SUBJECT_REQUEST)
        return cdn_rb_nothing(cdn_rb_expected(p, "a dot and a fact, such as `request.purpose`"));
    if (member.n == 0)
        return cdn_rb_party_test(p, &t);
    const uint16_t fact = cdn_rb_fact(p, owner, member);
    const unsigned evidence = owner == CDN_OWNER_REQUEST ? 0 : cdn_model_evidence(member);
    if (!fact && !evidence) {
        unknown_fact(p, &t, owner);
        return skip_test(p, &t);
    }
    if (given_follows(p))
        return present_test(p, &t, fact, evidence);
    return fact ? fact_test(p, &t, fact) : evidence_test(p, &t, evidence);
}

static unsigned mirrored(unsigned cmp) {
    switch ((enum cdn_cmp)cmp) {
    case CDN_CMP_LT:
        return CDN_CMP_GT;
    case CDN_CMP_LE:
        return CDN_CMP_GE;
    case CDN_CMP_GT:
        return CDN_CMP_LT;
    case CDN_CMP_GE:
        return CDN_CMP_LE;
    case CDN_CMP_NONE:
    case CDN_CMP_IN:
    case CDN_CMP_PREFIX:
        break;
    }
    return cmp;
}

static bool split_subject(struct cdn_parser *p,
                          const struct cdn_token *t,
                          struct cdn_subject *ret,
                          cordon_str *ret_member);

/* now CMP INSTANT, or now [± span] CMP SUBJECT.FACT, which is the fact's test turned round. */
static struct cdn_expr *now_test(struct cdn_parser *p, const struct cdn_token *head) {
    struct cdn_target t = {head, {CDN_SUBJECT_NONE, 0}, {CDN_SUBJECT_NONE, 0}, {NULL, 0}};
    int64_t left = 0, right = 0;
    bool negative = false;
    if (!offset(p, &left))
        return NULL;
    const unsigned cmp = take_comparison(p, &negative);
    if (cmp == 0)
        return cdn_rb_nothing(cdn_rb_expected(p, "`<`, `<=`, `>`, `>=`, `=` or `!=`"));
    const struct cdn_token *operand = cdn_rb_peek(p);
    if (operand->kind == CDN_TOK_DATE) {
        struct cdn_expr *e = cdn_rb_new_test(p, CDN_TEST_NOW, &t);
        if (!e || !cdn_rb_moment(p, "an instant", &e->test->moment, &e->test->when))
            return NULL;
        e->test->cmp = (uint8_t)cmp;
        e->test->when = cdn_when_instant(e->test->moment.at);
        if (left != 0 || cdn_rb_is_sign(cdn_rb_peek(p), '+') || cdn_rb_is_sign(cdn_rb_peek(p), '-'))
            return wrong_type(
                p, head, &t, "compared with a fixed instant", "that instant itself, with no duration to add");
        return signed_result(p, e, negative);
    }
    if (operand->kind != CDN_TOK_WORD)
        return cdn_rb_nothing(cdn_rb_expected(p, "an instant, or a fact that is a date"));
    (void)cdn_rb_next(p);
    if (!split_subject(p, operand, &t.subject, &t.member))
        return NULL;
    t.head = operand;
    t.owner_subject = t.subject.kind == CDN_SUBJECT_IT ? p->it : t.subject;
    const uint16_t fact = cdn_rb_fact(p, cdn_rb_owner_of(t.owner_subject), t.member);
    if (!fact) {
        unknown_fact(p, &t, cdn_rb_owner_of(t.owner_subject));
        return skip_test(p, &t);
    }
    if (cdn_rb_fact_info(p->rb, fact).type != CDN_TYPE_WHEN)
        return wrong_type(p, operand, &t, "no date", "a fact that is a date, or an instant");
    struct cdn_expr *e = cdn_rb_new_test(p, CDN_TEST_FACT, &t);
    if (!e || !offset(p, &right))
        return NULL;
    e->test->fact = fact;
    e->test->cmp = (uint8_t)mirrored(cmp);
    e->test->against_now = true;
    e->test->left_offset = right;
    e->test->right_offset = left;
    return signed_result(p, e, negative);
}

static bool unknown_subject(struct cdn_parser *p, const struct cdn_token *t, cordon_str head) {
    struct cdn_diagnostic *d = cdn_rb_error(
        p, "unknown-role", cdn_rb_where(p, t), "no role or kind of object is called `%.*s`", CDN_FMT(head));
    struct cdn_suggest s;
    cdn_suggest_init(&s, head);
    cdn_suggest_offer(&s, CDN_STR("request"));
    for (unsigned i = 1; i < CDN_ROLE_COUNT; i++)
        cdn_suggest_offer(&s, cdn_str_z(cdn_roles[i].name));
    for (unsigned i = 1; i < CDN_OBJECT_COUNT; i++)
        cdn_suggest_offer(&s, cdn_str_z(cdn_objects[i].name));
    if (cdn_suggest_found(&s))
        cdn_rb_suggest(p, d, s.best);
    else if (d)
        d->expected = CDN_STR("a role such as `customer`, a kind of object such as `goods`, `request`, "
                              "`now`, `any` or `every`");
    return false;
}

static bool split_subject(struct cdn_parser *p,
                          const struct cdn_token *t,
                          struct cdn_subject *ret,
                          cordon_str *ret_member) {
    const cordon_str head = cdn_str_split(t->text, '.', ret_member);
    struct cdn_subject s = cdn_rb_subject_named(head);
    if (cdn_str_eq(head, CDN_STR("request"))) {
        s.kind = CDN_SUBJECT_REQUEST;
    } else if (cdn_str_eq(head, CDN_STR("it"))) {
        if (p->it.kind == CDN_SUBJECT_NONE) {
            (void)cdn_rb_error(p,
                               "no-it",
                               cdn_rb_where(p, t),
                               "`it` means something only within `any … (…)` or `every … (…)`");
            return false;
        }
        s.kind = CDN_SUBJECT_IT;
    } else if (cdn_str_eq(head, CDN_STR("party"))) {
        struct cdn_diagnostic *d = cdn_rb_error(p, "unknown-role", cdn_rb_where(p, t), "which party?");
        if (d)
            d->expected = CDN_STR("a role such as `customer`, or `any party …`");
        return false;
    } else if (s.kind == CDN_SUBJECT_NONE) {
        return unknown_subject(p, t, head);
    }
    *ret = s;
    return true;
}

struct cdn_expr *cdn_rb_test(struct cdn_parser *p) {
    const struct cdn_token *t = cdn_rb_peek(p);
    struct cdn_subject subject;
    cordon_str member;
    if (t->kind != CDN_TOK_WORD)
        return cdn_rb_nothing(cdn_rb_expected(p, "a test, such as `customer based in RU`"));
    (void)cdn_rb_next(p);
    if (cdn_rb_is(t, "now"))
        return now_test(p, t);
    if (!split_subject(p, t, &subject, &member)) {
        const struct cdn_target none = {t, {CDN_SUBJECT_NONE, 0}, {CDN_SUBJECT_NONE, 0}, {NULL, 0}};
        return skip_test(p, &none);
    }
    return cdn_rb_test_of(p, subject, member, t);
}
