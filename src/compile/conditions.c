/* SPDX-License-Identifier: Apache-2.0 */
/* conditions.c: tests and expressions. Equal ones are one row, from whichever measure they come. */
#include "compile/build_priv.h"

/* ---- codes
 * --------------------------------------------------------------------------------------------------- */

struct code {
    uint64_t hash;
    cordon_str text;
};

static int code_order(const void *a, const void *b) {
    const struct code *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return cdn_str_cmp(x->text, y->text);
}

static struct cdn_run build_codes(struct cdn_build *b, const cordon_str *texts, uint32_t n) {
    const struct cdn_run none = {0, 0};
    struct code *codes = n ? cdn_build_zero(b, n, sizeof(*codes)) : NULL;
    struct cdn_code_rec *rows = n ? cdn_build_zero(b, n, sizeof(*rows)) : NULL;
    if (!codes || !rows)
        return none;
    for (uint32_t i = 0; i < n; i++)
        codes[i] = (struct code){cdn_hash(texts[i], 0), texts[i]};
    cdn_build_sort(b, codes, n, sizeof(*codes), code_order);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++)
        if (i == 0 || code_order(&codes[i - 1], &codes[i]) != 0)
            rows[kept++] = (struct cdn_code_rec){codes[i].hash, cdn_build_str(b, codes[i].text)};
    return cdn_build_run(b, CDN_T_CODE, rows, kept);
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Names of domains are compared in lower case, whoever wrote them. */
static const cordon_str *texts_of(struct cdn_build *b, const struct cdn_test *t) {
    const bool domain =
        t->kind == CDN_TEST_FACT && (t->fact == CDN_FACT_DOMAIN_NAME || t->fact == CDN_FACT_TLD);
    cordon_str *texts = domain && t->text_count ? cdn_build_zero(b, t->text_count, sizeof(*texts)) : NULL;
    if (!texts)
        return t->texts;
    for (uint32_t i = 0; i < t->text_count; i++) {
        char *p = cdn_build_zero(b, t->texts[i].n + 1, 1);
        for (size_t k = 0; p && k < t->texts[i].n; k++)
            p[k] = lower(t->texts[i].p[k]);
        texts[i] = p ? cdn_str(p, t->texts[i].n) : t->texts[i];
    }
    return texts;
}

/* ---- tests
 * --------------------------------------------------------------------------------------------------- */

static uint8_t fact_type(const struct cdn_rulebook *rb, unsigned fact) {
    if (fact >= CDN_FACT_DECLARED_BASE)
        return fact - CDN_FACT_DECLARED_BASE < rb->fact_count ? rb->facts[fact - CDN_FACT_DECLARED_BASE].type
                                                              : 0;
    return fact < CDN_FACT_BUILTIN_COUNT ? cdn_facts[fact].type : 0;
}

/* Amounts stand in the fields of money; a share in the same. */
static void set_number(struct cdn_test_rec *r, const struct cdn_test *t) {
    if (t->kind == CDN_TEST_OWNED) {
        r->mantissa = t->percent.mantissa;
        r->scale = t->percent.scale;
    } else if (r->type == CDN_TYPE_MONEY || r->type == CDN_TYPE_NUMBER) {
        r->mantissa = t->money.amount.mantissa;
        r->scale = t->money.amount.scale;
        memcpy(r->currency, t->money.currency, sizeof(r->currency));
    }
}

static void set_when(struct cdn_test_rec *r, const struct cdn_test *t, const struct cdn_measure *m) {
    if (t->kind != CDN_TEST_NOW && t->kind != CDN_TEST_NEW && r->type != CDN_TYPE_WHEN)
        return;
    r->left_offset = t->left_offset;
    r->right_offset = t->right_offset;
    if (t->against_now)
        return;
    if (t->kind == CDN_TEST_NEW && t->moment.written.n == 0 && t->when.after == 0) {
        r->when_first = m->effective.written.n ? m->effective.at : CDN_TIME_MIN;
        r->when_after = r->when_first + 1;
        return;
    }
    r->when_kind = t->when.kind;
    r->when_first = t->when.first;
    r->when_after = t->when.after;
}

static uint8_t test_flags(const struct cdn_test *t) {
    return (uint8_t)((t->boolean ? CDN_TEST_BOOLEAN : 0) | (t->against_now ? CDN_TEST_AGAINST_NOW : 0) |
                     (t->percent_strict ? CDN_TEST_STRICT : 0) | (t->aggregate ? CDN_TEST_AGGREGATE : 0) |
                     (t->or_controlled ? CDN_TEST_OR_CONTROLLED : 0));
}

uint32_t cdn_build_test(struct cdn_build *b, const struct cdn_test *t) {
    struct cdn_test_rec r;
    memset(&r, 0, sizeof(r));
    r.kind = t->kind;
    r.cmp = t->cmp;
    r.subject_kind = t->subject.kind;
    r.subject_index = t->subject.index;
    const bool present = t->kind == CDN_TEST_PRESENT;
    r.finding = t->kind == CDN_TEST_FINDING ? t->finding : 0;
    r.evidence = t->kind == CDN_TEST_EVIDENCE || t->kind == CDN_TEST_TEXT || present ? t->evidence : 0;
    r.fact = t->kind == CDN_TEST_FACT || present ? t->fact : 0;
    r.standard = t->kind == CDN_TEST_FINDING ? t->standard : 0;
    r.type = t->kind == CDN_TEST_FACT ? fact_type(b->rb, t->fact) : 0;
    r.flags = test_flags(t);
    r.match = t->match;
    r.review = t->review;
    r.set = cdn_build_set(b, &t->places);
    r.codes = build_codes(b, texts_of(b, t), t->text_count);
    r.lists = cdn_build_numbers(b, t->lists, t->list_count);
    r.service = t->kind == CDN_TEST_NEW && t->service >= 0 ? (uint32_t)t->service : CDN_NO_INDEX;
    set_number(&r, t);
    set_when(&r, t, b->measure);
    cdn_buf_clear(&b->scratch);
    cdn_test_write(&b->scratch, b->rb, b->measure, t, false);
    if (b->scratch.err)
        (void)cdn_build_fail(b, b->scratch.err, "a test is too long");
    r.text = cdn_build_copy(b, cdn_buf_get(&b->scratch));
    return cdn_build_row(b, CDN_T_TEST, &r);
}

/* ---- expressions
 * ------------------------------------------------------------------------------------------------ */

static uint32_t build_node(struct cdn_build *b,
                           struct cdn_expr_rec *r,
                           const uint32_t *children,
                           uint32_t n) {
    unsigned depth = 0;
    for (uint32_t i = 0; i < n && !b->err; i++)
        depth = CDN_MAX(depth, CDN_BUILD_ROWS(b, EXPR, struct cdn_expr_rec)[children[i]].depth);
    if (depth + 1 > CDN_MAX_EXPR_DEPTH)
        (void)cdn_build_fail(b, CORDON_E_LIMIT, "a condition is nested too deeply");
    r->depth = (uint8_t)(depth + 1);
    r->children = cdn_build_run(b, CDN_T_INDEX, children, n);
    return cdn_build_row(b, CDN_T_EXPR, r);
}

static uint32_t build_expr(struct cdn_build *b, const struct cdn_expr *x, unsigned level) {
    if (level > CDN_MAX_EXPR_DEPTH)
        (void)cdn_build_fail(b, CORDON_E_LIMIT, "a condition is nested too deeply");
    uint32_t *children = cdn_build_zero(b, x->count, sizeof(*children));
    if (!children)
        return 0;
    struct cdn_expr_rec r;
    memset(&r, 0, sizeof(r));
    r.op = x->op;
    r.test = CDN_NO_INDEX;
    if (x->op == CDN_EXPR_TEST)
        r.test = cdn_build_test(b, x->test);
    if (x->op == CDN_EXPR_ANY || x->op == CDN_EXPR_EVERY) {
        r.subject_kind = x->subject.kind;
        r.subject_index = x->subject.index;
    }
    for (uint32_t i = 0; i < x->count && !b->err; i++)
        children[i] = build_expr(b, x->children[i], level + 1);
    return build_node(b, &r, children, x->count);
}

uint32_t cdn_build_expr(struct cdn_build *b, const struct cdn_expr *x) {
    return x ? build_expr(b, x, 1) : CDN_NO_INDEX;
}

uint32_t cdn_build_any_of(struct cdn_build *b, const uint32_t *exprs, size_t n) {
    if (n == 0 || b->err)
        return CDN_NO_INDEX;
    if (n == 1)
        return exprs[0];
    struct cdn_expr_rec r;
    memset(&r, 0, sizeof(r));
    r.op = CDN_EXPR_OR;
    r.test = CDN_NO_INDEX;
    return build_node(b, &r, exprs, (uint32_t)n);
}
