/* SPDX-License-Identifier: Apache-2.0 */
/* import_expr.c: conditions of the JSON form → measure language, with brackets only where the tree needs them
 * (they count against the depth of nesting that the parser allows). */
#include "rulebook/import_priv.h"
#include "rulebook/print.h"

/* ---- tests ------------------------------------------------------------------------------------------ */

enum key {
    AGGREGATE,
    AS_OF,
    COMPARE,
    EVIDENCE,
    FACT,
    FINDING,
    IS,
    LISTS,
    MATCH,
    MONEY,
    MORE_THAN,
    NUMBER,
    OR_CONTROLLED,
    PERCENT,
    PLACES,
    PLUS,
    REVIEW,
    SERVICE,
    SET,
    SUBJECT,
    TEST,
    THAN,
    THAN_PLUS,
    VALUES,
    KEY_COUNT
};
static const char *const keys[KEY_COUNT] = {
    "aggregate",
    "as_of",
    "compare",
    "evidence",
    "fact",
    "finding",
    "is",
    "lists",
    "match",
    "money",
    "more_than",
    "number",
    "or_controlled",
    "percent",
    "places",
    "plus_seconds",
    "review",
    "service",
    "set",
    "subject",
    "test",
    "than",
    "than_plus_seconds",
    "values",
};

struct test {
    struct cdn_importer *im;
    node *object;
    node *m[KEY_COUNT];
    node *subject; /* instead of the test's own, within a short `any` */
    bool negated;
};

#define BIT(key) (UINT32_C(1) << (key))

/* Fails for a member that this test does not have, and for one that it lacks. */
static bool shape(const struct test *t, uint32_t needs, uint32_t may) {
    for (unsigned i = 0; i < KEY_COUNT; i++) {
        if (needs & BIT(i))
            (void)cdn_im_need(t->im, t->object, t->m[i], keys[i]);
        else if (t->m[i] && !(may & BIT(i)) && i != TEST)
            cdn_im_fail(t->im, t->m[i], "this test has no `%s`", keys[i]);
    }
    return !t->im->err;
}

static void not_before(const struct test *t) {
    cdn_im_z(t->im, t->negated ? "not " : "");
}

static void subject(const struct test *t) {
    if (!t->subject && cdn_im_is(t->m[SUBJECT], "party"))
        cdn_im_z(t->im, "any "); /* of a presumption: of each party */
    cdn_im_word(t->im, t->subject ? t->subject : t->m[SUBJECT]);
}

static void member_of(const struct test *t, node *member) {
    subject(t);
    cdn_im_z(t->im, ".");
    cdn_im_word(t->im, member);
}

/* Pieces of evidence take texts in quotes only: a bare word would be a set or a place. */
static void values(const struct test *t, const char *word, bool quoted) {
    struct cdn_importer *im = t->im;
    cdn_im_z(im, t->negated ? " not " : " ");
    cdn_im_z(im, word);
    cdn_im_z(im, " ");
    if (t->m[SET]) {
        cdn_im_word(im, t->m[SET]);
        return;
    }
    cdn_im_z(im, "{");
    cdn_im_list(im, t->m[VALUES], quoted ? cdn_im_quoted : cdn_im_code);
    cdn_im_z(im, "}");
}

static bool one_of(const struct test *t, enum key a, enum key b) {
    if (t->m[a] && t->m[b])
        cdn_im_fail(t->im, t->m[b], "this stands beside `%s`", keys[a]);
    if (!t->m[a] && !t->m[b])
        cdn_im_fail(t->im, t->object, "`%s` or `%s` is missing", keys[a], keys[b]);
    return !t->im->err;
}

static void finding(const struct test *t) {
    struct cdn_importer *im = t->im;
    if (!shape(t, BIT(FINDING) | BIT(PLACES) | BIT(SUBJECT), 0))
        return;
    unsigned f = 1;
    while (f < CDN_FINDING_COUNT && !cdn_im_is(t->m[FINDING], cdn_findings[f].name))
        f++;
    if (f == CDN_FINDING_COUNT) {
        cdn_im_fail(im, t->m[FINDING], "based_in, located_in, established_in or national_of was expected");
        return;
    }
    const bool outside = t->negated && f != CDN_FINDING_NATIONAL;
    const cordon_str words = cdn_str_z(cdn_findings[f].words);
    cdn_im_z(im, t->negated && !outside ? "not " : "");
    subject(t);
    cdn_im_z(im, " ");
    if (!im->err)
        cdn_buf_put(&im->b, words.p, outside ? words.n - strlen("in") : words.n);
    cdn_im_z(im, outside ? "outside " : " ");
    cdn_im_places(im, t->m[PLACES]);
}

static void evidence(const struct test *t) {
    if (!shape(t, BIT(EVIDENCE) | BIT(SUBJECT), BIT(PLACES) | BIT(SET) | BIT(VALUES)))
        return;
    member_of(t, t->m[EVIDENCE]);
    if (t->m[PLACES]) {
        cdn_im_z(t->im, t->negated ? " not in " : " in ");
        cdn_im_places(t->im, t->m[PLACES]);
        if (t->m[SET] || t->m[VALUES])
            cdn_im_fail(t->im, t->m[PLACES], "places stand alone");
    } else if (one_of(t, SET, VALUES)) {
        values(t, "in", true);
    }
}

static bool comparison(const struct test *t) {
    static const char *const signs[] = {"=", "<", "<=", ">", ">="};
    for (size_t i = 0; i < CDN_ARRAY_LEN(signs); i++) {
        if (!cdn_im_is(t->m[COMPARE], signs[i]))
            continue;
        cdn_im_z(t->im, " ");
        cdn_im_z(t->im, i == 0 && t->negated ? "!=" : signs[i]);
        cdn_im_z(t->im, " ");
        return true;
    }
    cdn_im_fail(t->im, t->m[COMPARE], "=, <, <=, > or >= was expected");
    return false;
}

static void offset(struct cdn_importer *im, node *n) {
    if (!n || im->err)
        return;
    if (n->kind != CDN_JSON_INT || n->number > INT64_C(1000000000000) || n->number < -INT64_C(1000000000000))
        cdn_im_fail(im, n, "a whole number of seconds was expected");
    else
        cdn_offset_write(&im->b, n->number);
}

static void ordered(const struct test *t) {
    struct cdn_importer *im = t->im;
    if (!shape(t,
               BIT(FACT) | BIT(SUBJECT) | BIT(COMPARE),
               BIT(THAN) | BIT(PLUS) | BIT(THAN_PLUS) | BIT(MONEY) | BIT(NUMBER)))
        return;
    if (!cdn_im_is(t->m[COMPARE], "="))
        not_before(t);
    member_of(t, t->m[FACT]);
    offset(im, t->m[PLUS]);
    if (!comparison(t))
        return;
    if (t->m[MONEY])
        cdn_im_money(im, t->m[MONEY]);
    else if (t->m[NUMBER])
        cdn_im_decimal(im, t->m[NUMBER]);
    else if (cdn_im_is(t->m[THAN], "now"))
        cdn_im_z(im, "now");
    else
        cdn_im_moment(im, t->m[THAN]);
    offset(im, t->m[THAN_PLUS]);
}

static void fact_in(const struct test *t) {
    const bool under = cdn_im_is(t->m[COMPARE], "under");
    if (!shape(t, BIT(FACT) | BIT(SUBJECT) | BIT(COMPARE), BIT(SET) | BIT(VALUES)) || !one_of(t, SET, VALUES))
        return;
    member_of(t, t->m[FACT]);
    if (!under && !cdn_im_is(t->m[COMPARE], "=")) {
        cdn_im_fail(t->im, t->m[COMPARE], "= or under was expected");
    } else if (!under && t->m[VALUES] && t->m[VALUES]->count == 1) {
        cdn_im_z(t->im, t->negated ? " is not " : " is ");
        cdn_im_list(t->im, t->m[VALUES], cdn_im_code);
    } else {
        values(t, under ? "under" : "in", false);
    }
}

static void fact(const struct test *t) {
    struct cdn_importer *im = t->im;
    if (t->m[SET] || t->m[VALUES]) {
        fact_in(t);
    } else if (t->m[IS]) {
        if (!shape(t, BIT(FACT) | BIT(SUBJECT) | BIT(IS), 0))
            return;
        not_before(t);
        member_of(t, t->m[FACT]);
        cdn_im_z(im, cdn_im_true(im, t->m[IS]) ? " is true" : " is false");
    } else if (t->m[PLACES]) {
        if (!shape(t, BIT(FACT) | BIT(SUBJECT) | BIT(COMPARE) | BIT(PLACES), 0))
            return;
        if (!cdn_im_is(t->m[COMPARE], "="))
            cdn_im_fail(im, t->m[COMPARE], "= was expected");
        member_of(t, t->m[FACT]);
        cdn_im_z(im, t->negated ? " not in " : " in ");
        cdn_im_places(im, t->m[PLACES]);
    } else if (t->m[MONEY] || t->m[NUMBER] || t->m[THAN]) {
        ordered(t);
    } else {
        cdn_im_fail(im, t->object, "what the fact is compared with is missing");
    }
}

static void is_new(const struct test *t) {
    if (!shape(t, BIT(SUBJECT), BIT(AS_OF) | BIT(SERVICE)))
        return;
    subject(t);
    cdn_im_z(t->im, t->negated ? " is existing" : " is new");
    if (t->m[SERVICE]) {
        cdn_im_z(t->im, " to ");
        cdn_im_word(t->im, t->m[SERVICE]);
    }
    if (t->m[AS_OF]) {
        cdn_im_z(t->im, " as of ");
        cdn_im_moment(t->im, t->m[AS_OF]);
    }
}

static void listed(const struct test *t) {
    if (!shape(t, BIT(SUBJECT) | BIT(LISTS), BIT(MATCH) | BIT(REVIEW)))
        return;
    not_before(t);
    subject(t);
    cdn_im_z(t->im, " is on list ");
    cdn_im_list(t->im, t->m[LISTS], cdn_im_word);
    if (t->m[MATCH]) {
        cdn_im_z(t->im, " match ");
        cdn_im_whole(t->im, t->m[MATCH]);
    }
    if (t->m[REVIEW]) {
        cdn_im_z(t->im, " review ");
        cdn_im_whole(t->im, t->m[REVIEW]);
    }
}

static void owned(const struct test *t) {
    struct cdn_importer *im = t->im;
    if (!shape(t,
               BIT(SUBJECT) | BIT(LISTS) | BIT(PERCENT),
               BIT(AGGREGATE) | BIT(MORE_THAN) | BIT(OR_CONTROLLED)))
        return;
    const bool strict = cdn_im_true(im, t->m[MORE_THAN]);
    not_before(t);
    subject(t);
    cdn_im_z(im, strict ? " is owned more than " : " is owned ");
    cdn_im_decimal(im, t->m[PERCENT]);
    cdn_im_z(im, strict ? " % by parties on " : " % or more by parties on ");
    cdn_im_list(im, t->m[LISTS], cdn_im_word);
    cdn_im_z(im, !t->m[AGGREGATE] || cdn_im_true(im, t->m[AGGREGATE]) ? "" : " singly");
    cdn_im_z(im, cdn_im_true(im, t->m[OR_CONTROLLED]) ? " or controlled" : "");
}

static void now(const struct test *t) {
    if (!shape(t, BIT(COMPARE) | BIT(THAN), 0))
        return;
    if (!cdn_im_is(t->m[COMPARE], "="))
        not_before(t);
    cdn_im_z(t->im, "now");
    if (comparison(t))
        cdn_im_moment(t->im, t->m[THAN]);
}

static void given(const struct test *t) {
    if (!shape(t, BIT(SUBJECT), BIT(FACT) | BIT(EVIDENCE)) || !one_of(t, FACT, EVIDENCE))
        return;
    member_of(t, t->m[t->m[FACT] ? FACT : EVIDENCE]);
    cdn_im_z(t->im, t->negated ? " is not given" : " is given");
}

static void test(struct cdn_importer *im, node *n, node *instead, bool negated) {
    static const struct {
        const char *name;
        void (*write)(const struct test *t);
    } kinds[] = {{"finding", finding},
                 {"evidence", evidence},
                 {"fact", fact},
                 {"new", is_new},
                 {"listed", listed},
                 {"owned", owned},
                 {"now", now},
                 {"given", given}};
    struct test t = {.im = im, .object = n, .subject = instead, .negated = negated};
    cdn_im_members(im, n, keys, KEY_COUNT, t.m);
    if (im->err || !cdn_im_need(im, n, t.m[TEST], "test"))
        return;
    for (size_t i = 0; i < CDN_ARRAY_LEN(kinds); i++) {
        if (cdn_im_is(t.m[TEST], kinds[i].name)) {
            kinds[i].write(&t);
            return;
        }
    }
    cdn_im_fail(im, t.m[TEST], "finding, evidence, fact, new, listed, owned, now or given was expected");
}

void cdn_im_test(struct cdn_importer *im, node *n, bool negated) {
    test(im, n, NULL, negated);
}

/* ---- conditions ------------------------------------------------------------------------------------- */

enum { OP_TEST, OP_OR, OP_XOR, OP_AND, OP_NOT, OP_ANY, OP_EVERY, OP_COUNT };
static const char *const ops[OP_COUNT] = {NULL, "or", "xor", "and", "not", "any", "every"};

static node *member(node *n, const char *key) {
    for (node *m = n && n->kind == CDN_JSON_OBJECT ? n->first : NULL; m; m = m->next) {
        if (cdn_str_eq(m->key, cdn_str_z(key)))
            return m;
    }
    return NULL;
}

/* The operation of an expression and its operands; a test when there is none. */
static unsigned op_of(node *n, node **ret) {
    *ret = NULL;
    for (unsigned i = OP_OR; i < OP_COUNT; i++) {
        *ret = member(n, ops[i]);
        if (*ret)
            return i;
    }
    return OP_TEST;
}

static unsigned binding(unsigned op) {
    return op >= OP_OR && op <= OP_NOT ? op : OP_COUNT;
}

static void expr(struct cdn_importer *im, node *n);

static void child(struct cdn_importer *im, node *n, unsigned at_least) {
    node *operands;
    const bool brackets = binding(op_of(n, &operands)) < at_least;
    cdn_im_z(im, brackets ? "(" : "");
    expr(im, n);
    cdn_im_z(im, brackets ? ")" : "");
}

static void chain(struct cdn_importer *im, node *array, unsigned op) {
    if (!cdn_im_array(im, array))
        return;
    if (array->count < 2)
        cdn_im_fail(im, array, "`%s` joins two or more", ops[op]);
    for (node *c = array->first; c && !im->err; c = c->next) {
        if (c != array->first) {
            cdn_im_z(im, " ");
            cdn_im_z(im, ops[op]);
            cdn_im_z(im, " ");
        }
        child(im, c, op + 1);
    }
}

static void quantified(struct cdn_importer *im, node *n, unsigned op) {
    static const char *const inner[] = {"of", "that"};
    node *m[2], *operands;
    cdn_im_members(im, n, inner, 2, m);
    if (im->err || !cdn_im_need(im, n, m[0], "of") || !cdn_im_need(im, n, m[1], "that"))
        return;
    cdn_im_z(im, ops[op]);
    cdn_im_z(im, " ");
    if (op_of(m[1], &operands) == OP_TEST && cdn_im_is(member(m[1], "subject"), "it")) {
        test(im, m[1], m[0], false);
        return;
    }
    cdn_im_word(im, m[0]);
    cdn_im_z(im, " (");
    expr(im, m[1]);
    cdn_im_z(im, ")");
}

static void expr(struct cdn_importer *im, node *n) {
    node *operands, *inner;
    const unsigned op = op_of(n, &operands);
    if (im->err)
        return;
    if (op == OP_TEST) {
        test(im, n, NULL, false);
        return;
    }
    if (n->count != 1) {
        cdn_im_fail(im, n, "`%s` stands alone in its object", ops[op]);
        return;
    }
    switch (op) {
    case OP_OR:
    case OP_XOR:
    case OP_AND:
        chain(im, operands, op);
        break;
    case OP_NOT:
        if (op_of(operands, &inner) == OP_TEST) {
            test(im, operands, NULL, true);
        } else {
            cdn_im_z(im, "not ");
            child(im, operands, OP_NOT + 1);
        }
        break;
    default:
        quantified(im, operands, op);
        break;
    }
}

void cdn_im_expr(struct cdn_importer *im, node *n) {
    expr(im, n);
}
