/* SPDX-License-Identifier: Apache-2.0 */
/* print.c: conditions, tests and the small pieces of outcomes back in the words of the measure language.
 *
 *  1. operators bind as docs/measure-language.md says (or, xor, and, not); a child that binds no tighter than
 *     its parent gets brackets, so that the tree that is read again is this one;
 *  2. a test under `not` takes the negated form where the language has one (is not, not in, !=, outside);
 *  3. a code that would be read as a keyword is written as a text in quotes. */
#include "rulebook/print.h"

#include "base/limits.h"
#include "places/codes.h"

/* ---- words of the enumerations ---------------------------------------------------------------------- */

static const char *word_of(const char *const *words, size_t count, unsigned i) {
    return i < count && words[i] ? words[i] : "?";
}

const char *cdn_form_words(unsigned form) {
    static const char *const words[] = {
        [CDN_FORM_REFUSE] = "refuse",
        [CDN_FORM_RETURN] = "return",
        [CDN_FORM_CLOSE_AND_RETURN] = "close-and-return",
        [CDN_FORM_WITHDRAW] = "withdraw",
        [CDN_FORM_RETAIN] = "retain",
    };
    return word_of(words, CDN_ARRAY_LEN(words), form);
}

const char *cdn_scope_words(unsigned scope) {
    static const char *const words[] = {
        [CDN_SCOPE_REQUEST] = "request",
        [CDN_SCOPE_SESSION] = "session",
        [CDN_SCOPE_TRANSACTION] = "transaction",
        [CDN_SCOPE_INSTRUMENT] = "instrument",
        [CDN_SCOPE_ACCOUNT] = "account",
        [CDN_SCOPE_RELATED_ACCOUNTS] = "related-accounts",
    };
    return word_of(words, CDN_ARRAY_LEN(words), scope);
}

const char *cdn_standard_words(unsigned standard) {
    static const char *const words[] = {
        [CDN_STANDARD_ANY] = "any",
        [CDN_STANDARD_TWO_KINDS] = "two kinds",
        [CDN_STANDARD_STRONG] = "strong",
    };
    return word_of(words, CDN_ARRAY_LEN(words), standard);
}

const char *cdn_duty_words(unsigned duty_kind) {
    static const char *const words[] = {
        [CDN_DUTY_REPORT] = "report",
        [CDN_DUTY_NOTIFY] = "notify",
        [CDN_DUTY_KEEP_RECORDS] = "keep-records",
        [CDN_DUTY_RETURN] = "return",
        [CDN_DUTY_REVIEW] = "review",
        [CDN_DUTY_FREEZE] = "freeze",
        [CDN_DUTY_WARN] = "warn",
    };
    return word_of(words, CDN_ARRAY_LEN(words), duty_kind);
}

const char *cdn_type_words(unsigned fact_type) {
    static const char *const words[] = {
        [CDN_TYPE_CODE] = "code",
        [CDN_TYPE_CODES] = "codes",
        [CDN_TYPE_TEXT] = "text",
        [CDN_TYPE_WHEN] = "when",
        [CDN_TYPE_MONEY] = "money",
        [CDN_TYPE_NUMBER] = "number",
        [CDN_TYPE_BOOL] = "bool",
        [CDN_TYPE_PLACE] = "place",
    };
    return word_of(words, CDN_ARRAY_LEN(words), fact_type);
}

const char *cdn_mark_words(unsigned mark_kind) {
    static const char *const words[] = {
        [CDN_MARK_NAME] = "name",
        [CDN_MARK_CITY] = "city",
        [CDN_MARK_AMBIGUOUS] = "ambiguous",
        [CDN_MARK_NOT] = "not",
        [CDN_MARK_POSTAL] = "postal",
        [CDN_MARK_PHONE] = "phone",
        [CDN_MARK_ASN] = "asn",
        [CDN_MARK_PREFIX] = "prefix",
        [CDN_MARK_AREA] = "area",
    };
    return word_of(words, CDN_ARRAY_LEN(words), mark_kind);
}

const char *cdn_cmp_words(unsigned cmp) {
    static const char *const words[] = {
        [CDN_CMP_IN] = "=",
        [CDN_CMP_LT] = "<",
        [CDN_CMP_LE] = "<=",
        [CDN_CMP_GT] = ">",
        [CDN_CMP_GE] = ">=",
        [CDN_CMP_PREFIX] = "under",
    };
    return word_of(words, CDN_ARRAY_LEN(words), cmp);
}

const char *cdn_owner_words(unsigned owner) {
    if (owner == CDN_OWNER_REQUEST)
        return "request";
    if (owner == CDN_OWNER_PARTY)
        return "party";
    if (owner > CDN_OWNER_OBJECT && owner < CDN_OWNER_OBJECT + CDN_OBJECT_COUNT)
        return cdn_objects[owner - CDN_OWNER_OBJECT].name;
    return "?";
}

static const struct cdn_fact_decl *declared(const struct cdn_rulebook *rb, unsigned fact) {
    if (fact < CDN_FACT_DECLARED_BASE || fact - CDN_FACT_DECLARED_BASE >= rb->fact_count)
        return NULL;
    return &rb->facts[fact - CDN_FACT_DECLARED_BASE];
}

cordon_str cdn_fact_words(const struct cdn_rulebook *rb, unsigned fact) {
    const struct cdn_fact_decl *d = declared(rb, fact);
    if (d)
        return d->name;
    return fact < CDN_FACT_BUILTIN_COUNT && fact ? cdn_str_z(cdn_facts[fact].name) : CDN_STR("?");
}

unsigned cdn_fact_type_of(const struct cdn_rulebook *rb, unsigned fact) {
    const struct cdn_fact_decl *d = declared(rb, fact);
    if (d)
        return d->type;
    return fact < CDN_FACT_BUILTIN_COUNT ? cdn_facts[fact].type : CDN_TYPE_NONE;
}

/* ---- small pieces ----------------------------------------------------------------------------------- */

/* A token is at most CDN_MAX_TEXT_BYTES long, and an escape longer than what it stands for, so that a long
 * text is written in parts; texts side by side are joined. */
void cdn_quoted_write(struct cdn_buf *b, cordon_str text) {
    size_t room = CDN_MAX_TEXT_BYTES / 8;
    cdn_buf_char(b, '"');
    for (size_t i = 0; i < text.n && !b->err; i++) {
        const char c = text.p[i];
        if (room > 0)
            room--;
        if (room == 0 && ((unsigned char)c & 0xC0) != 0x80) { /* not within a character */
            cdn_buf_z(b, "\" \"");
            room = CDN_MAX_TEXT_BYTES / 8;
        }
        if (c == '"' || c == '\\') {
            cdn_buf_char(b, '\\');
            cdn_buf_char(b, c);
        } else if (c == '\n') {
            cdn_buf_z(b, "\\n");
        } else if (c == '\t') {
            cdn_buf_z(b, "\\t");
        } else if ((unsigned char)c < 0x20 || c == 0x7f) {
            cdn_buf_printf(b, "\\u{%X}", (unsigned)(unsigned char)c);
        } else {
            cdn_buf_char(b, c);
        }
    }
    cdn_buf_char(b, '"');
}

void cdn_subject_write(struct cdn_buf *b, struct cdn_subject s) {
    switch ((enum cdn_subject_kind)s.kind) {
    case CDN_SUBJECT_REQUEST:
        cdn_buf_z(b, "request");
        break;
    case CDN_SUBJECT_ROLE:
        cdn_buf_z(b, s.index < CDN_ROLE_COUNT ? cdn_roles[s.index].name : "?");
        break;
    case CDN_SUBJECT_ANY_PARTY:
        cdn_buf_z(b, "party");
        break;
    case CDN_SUBJECT_OBJECT:
        cdn_buf_z(b, s.index < CDN_OBJECT_COUNT ? cdn_objects[s.index].name : "?");
        break;
    case CDN_SUBJECT_IT:
        cdn_buf_z(b, "it");
        break;
    case CDN_SUBJECT_NONE:
        break;
    }
}

void cdn_place_write(struct cdn_buf *b, const struct cdn_rulebook *rb, const struct cdn_place *p) {
    char code[3];
    switch ((enum cdn_place_kind)p->kind) {
    case CDN_PLACE_COUNTRY:
        cdn_country_text(p->country, code);
        cdn_buf_z(b, code);
        break;
    case CDN_PLACE_REGION:
        cdn_buf_str(b, p->region);
        break;
    case CDN_PLACE_TERRITORY:
        cdn_buf_str(b, p->territory < rb->territory_count ? rb->territories[p->territory].id : CDN_STR("?"));
        break;
    case CDN_PLACE_NONE:
        break;
    }
}

static void place_group(struct cdn_buf *b,
                        const struct cdn_rulebook *rb,
                        const struct cdn_place *items,
                        uint32_t count) {
    if (count != 1)
        cdn_buf_char(b, '{');
    for (uint32_t i = 0; i < count; i++) {
        cdn_buf_z(b, i ? ", " : "");
        cdn_place_write(b, rb, &items[i]);
    }
    if (count != 1)
        cdn_buf_char(b, '}');
}

void cdn_place_set_write(struct cdn_buf *b, const struct cdn_rulebook *rb, const struct cdn_place_set *set) {
    place_group(b, rb, set->items, set->count);
    if (set->except_count == 0)
        return;
    cdn_buf_z(b, " except ");
    place_group(b, rb, set->except, set->except_count);
}

/* An offset stands at the time without a blank, a name behind one. */
void cdn_moment_write(struct cdn_buf *b, const struct cdn_moment *m) {
    cdn_buf_str(b, m->written);
    if (m->zone.n == 0)
        return;
    const char c = m->zone.p[0];
    const bool joined = c == '+' || c == '-' || (m->zone.n == 1 && c == 'Z' && m->written.n > 10);
    cdn_buf_z(b, joined ? "" : " ");
    cdn_buf_str(b, m->zone);
}

void cdn_instant_write(struct cdn_buf *b, int64_t t) {
    if (t % 86400 != 0) {
        cdn_time_write(b, t);
        return;
    }
    const struct cdn_civil c = cdn_civil_from_time(t);
    cdn_buf_printf(b, "%04d-%02u-%02u", (int)c.year, (unsigned)c.month, (unsigned)c.day);
}

void cdn_span_write(struct cdn_buf *b, const struct cdn_rulebook *rb, struct cdn_span span) {
    static const char *const units[CDN_UNIT_COUNT] = {
        [CDN_UNIT_SECONDS] = "second",
        [CDN_UNIT_MINUTES] = "minute",
        [CDN_UNIT_HOURS] = "hour",
        [CDN_UNIT_DAYS] = "day",
        [CDN_UNIT_BUSINESS_DAYS] = "business day",
        [CDN_UNIT_MONTHS] = "month",
        [CDN_UNIT_YEARS] = "year",
    };
    cdn_buf_int(b, span.amount);
    cdn_buf_char(b, ' ');
    cdn_buf_z(b, word_of(units, CDN_ARRAY_LEN(units), span.unit));
    cdn_buf_z(b, span.amount == 1 ? "" : "s");
    if (span.calendar >= 0 && (uint32_t)span.calendar < rb->calendar_count) {
        cdn_buf_z(b, " of ");
        cdn_buf_str(b, rb->calendars[span.calendar].id);
    }
}

void cdn_seconds_write(struct cdn_buf *b, int64_t seconds) {
    static const struct {
        const char *word;
        int64_t seconds;
    } units[] = {{"day", 86400}, {"hour", 3600}, {"minute", 60}, {"second", 1}};
    size_t i = 0;
    while (seconds % units[i].seconds != 0)
        i++;
    const int64_t n = seconds / units[i].seconds;
    cdn_buf_int(b, n);
    cdn_buf_char(b, ' ');
    cdn_buf_z(b, units[i].word);
    cdn_buf_z(b, n == 1 ? "" : "s");
}

void cdn_money_write(struct cdn_buf *b, const struct cdn_money_literal *m) {
    cdn_decimal_write(b, m->amount);
    if (m->currency[0]) {
        cdn_buf_char(b, ' ');
        cdn_buf_put(b, m->currency, 3);
    }
}

void cdn_source_write(struct cdn_buf *b, const struct cdn_source *s) {
    cdn_quoted_write(b, s->title);
    if (s->url.n) {
        cdn_buf_z(b, " <");
        cdn_buf_str(b, s->url);
        cdn_buf_char(b, '>');
    }
    if (s->accessed.n) {
        cdn_buf_z(b, " accessed ");
        cdn_buf_str(b, s->accessed);
    }
}

/* ---- operands of tests ------------------------------------------------------------------------------ */

struct words {
    struct cdn_buf *b;
    const struct cdn_rulebook *rb;
    const struct cdn_measure *measure;
};

/* Whether a code may stand without quotes: an identifier that means nothing else behind `is` or `in`. */
static bool bare_code(cordon_str s) {
    static const char *const taken[] = {"not",
                                        "given",
                                        "new",
                                        "existing",
                                        "on",
                                        "owned",
                                        "true",
                                        "false",
                                        "in",
                                        "now",
                                        "and",
                                        "or",
                                        "xor",
                                        "except"};
    if (s.n == 0 || s.p[0] < 'a' || s.p[0] > 'z')
        return false;
    for (size_t i = 1; i < s.n; i++) {
        const char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
            return false;
    }
    for (size_t i = 0; i < CDN_ARRAY_LEN(taken); i++) {
        if (cdn_str_eq(s, cdn_str_z(taken[i])))
            return false;
    }
    return true;
}

void cdn_code_write(struct cdn_buf *b, cordon_str s) {
    if (bare_code(s))
        cdn_buf_str(b, s);
    else
        cdn_quoted_write(b, s);
}

static void code_write(struct cdn_buf *b, cordon_str s, bool code) {
    if (code)
        cdn_code_write(b, s);
    else
        cdn_quoted_write(b, s);
}

static void texts_write(const struct words *w, const struct cdn_test *t, bool code) {
    cdn_buf_char(w->b, '{');
    for (uint32_t i = 0; i < t->text_count; i++) {
        cdn_buf_z(w->b, i ? ", " : "");
        code_write(w->b, t->texts[i], code);
    }
    cdn_buf_char(w->b, '}');
}

/* "in five-banks", "in {"A", "B"}", "is paid"; `code`: without quotes where possible. */
static void member_write(const struct words *w, const struct cdn_test *t, bool code, bool negated) {
    struct cdn_buf *b = w->b;
    if (t->cmp == CDN_CMP_PREFIX) {
        cdn_buf_z(b, negated ? " not under " : " under ");
    } else if (t->set < 0 && t->text_count == 1 && code) {
        cdn_buf_z(b, negated ? " is not " : " is ");
        code_write(b, t->texts[0], code);
        return;
    } else {
        cdn_buf_z(b, negated ? " not in " : " in ");
    }
    if (t->set >= 0 && (uint32_t)t->set < w->rb->set_count)
        cdn_buf_str(b, w->rb->sets[t->set].id);
    else
        texts_write(w, t, code);
}

static void cmp_write(struct cdn_buf *b, const struct cdn_test *t, bool negated) {
    cdn_buf_char(b, ' ');
    cdn_buf_z(b, negated && t->cmp == CDN_CMP_IN ? "!=" : cdn_cmp_words(t->cmp));
    cdn_buf_char(b, ' ');
}

/* In whole units, as a duration has at most a million of one. */
void cdn_offset_write(struct cdn_buf *b, int64_t seconds) {
    static const int64_t units[] = {86400, 3600, 60, 1};
    const char *sign = seconds < 0 ? " - " : " + ";
    uint64_t left = seconds < 0 ? UINT64_C(0) - (uint64_t)seconds : (uint64_t)seconds;
    for (size_t i = 0; i < CDN_ARRAY_LEN(units) && !b->err; i++) {
        while (left >= (uint64_t)units[i] && !b->err) {
            const uint64_t n = CDN_MIN(left / (uint64_t)units[i], UINT64_C(1000000));
            cdn_buf_z(b, sign);
            cdn_seconds_write(b, (int64_t)n * units[i]);
            left -= n * (uint64_t)units[i];
        }
    }
}

static void when_operand(struct cdn_buf *b, const struct cdn_test *t) {
    if (t->against_now)
        cdn_buf_z(b, "now");
    else if (t->moment.written.n)
        cdn_moment_write(b, &t->moment);
    else
        cdn_when_write(b, t->when);
    cdn_offset_write(b, t->right_offset);
}

static void fact_write(const struct words *w, const struct cdn_test *t, bool negated) {
    struct cdn_buf *b = w->b;
    switch ((enum cdn_fact_type)cdn_fact_type_of(w->rb, t->fact)) {
    case CDN_TYPE_CODE:
    case CDN_TYPE_CODES:
        member_write(w, t, true, negated);
        break;
    case CDN_TYPE_TEXT:
    case CDN_TYPE_NONE:
        member_write(w, t, false, negated);
        break;
    case CDN_TYPE_PLACE:
        cdn_buf_z(b, negated ? " not in " : " in ");
        cdn_place_set_write(b, w->rb, &t->places);
        break;
    case CDN_TYPE_BOOL:
        cdn_buf_z(b, t->boolean ? " is true" : " is false");
        break;
    case CDN_TYPE_WHEN:
        cdn_offset_write(b, t->left_offset);
        cmp_write(b, t, negated);
        when_operand(b, t);
        break;
    case CDN_TYPE_MONEY:
    case CDN_TYPE_NUMBER:
        cmp_write(b, t, negated);
        cdn_money_write(b, &t->money);
        break;
    }
}

static void lists_write(const struct words *w, const struct cdn_test *t) {
    for (uint32_t i = 0; i < t->list_count; i++) {
        cdn_buf_z(w->b, i ? ", " : "");
        cdn_buf_str(w->b, t->lists[i] < w->rb->list_count ? w->rb->lists[t->lists[i]].id : CDN_STR("?"));
    }
}

static void listed_write(const struct words *w, const struct cdn_test *t) {
    cdn_buf_z(w->b, " is on list ");
    lists_write(w, t);
    if (t->match) {
        cdn_buf_printf(w->b, " match %u", (unsigned)t->match);
        if (t->review)
            cdn_buf_printf(w->b, " review %u", (unsigned)t->review);
    }
}

static void owned_write(const struct words *w, const struct cdn_test *t) {
    cdn_buf_z(w->b, t->percent_strict ? " is owned more than " : " is owned ");
    cdn_decimal_write(w->b, t->percent);
    cdn_buf_z(w->b, t->percent_strict ? " % by parties on " : " % or more by parties on ");
    lists_write(w, t);
    cdn_buf_z(w->b, t->aggregate ? "" : " singly");
    cdn_buf_z(w->b, t->or_controlled ? " or controlled" : "");
}

static bool own_date(const struct cdn_measure *m, const struct cdn_test *t) {
    return m && t->moment.at == m->effective.at && cdn_str_eq(t->moment.written, m->effective.written) &&
           cdn_str_eq(t->moment.zone, m->effective.zone);
}

static void new_write(const struct words *w, const struct cdn_test *t, bool negated) {
    cdn_buf_z(w->b, negated ? " is existing" : " is new");
    if (t->service >= 0 && (uint32_t)t->service < w->rb->service_count) {
        cdn_buf_z(w->b, " to ");
        cdn_buf_str(w->b, w->rb->services[t->service].id);
    }
    if (t->moment.written.n && !own_date(w->measure, t)) {
        cdn_buf_z(w->b, " as of ");
        cdn_moment_write(w->b, &t->moment);
    }
}

/* Whether the negated form is made inside the test rather than by `not` before it. */
static bool negates_inside(const struct cdn_rulebook *rb, const struct cdn_test *t) {
    switch ((enum cdn_test_kind)t->kind) {
    case CDN_TEST_FINDING:
        return t->finding != CDN_FINDING_NATIONAL;
    case CDN_TEST_EVIDENCE:
    case CDN_TEST_TEXT:
    case CDN_TEST_NEW:
    case CDN_TEST_PRESENT:
        return true;
    case CDN_TEST_FACT:
        return t->cmp == CDN_CMP_IN && cdn_fact_type_of(rb, t->fact) != CDN_TYPE_BOOL;
    case CDN_TEST_LISTED:
    case CDN_TEST_OWNED:
    case CDN_TEST_NOW:
    case CDN_TEST_NONE:
        break;
    }
    return false;
}

static void finding_write(const struct words *w, const struct cdn_test *t, bool negated) {
    const cordon_str words =
        cdn_str_z(t->finding < CDN_FINDING_COUNT && t->finding ? cdn_findings[t->finding].words : "?");
    cdn_buf_char(w->b, ' ');
    cdn_buf_put(w->b, words.p, negated ? words.n - strlen("in") : words.n);
    cdn_buf_z(w->b, negated ? "outside " : " ");
    cdn_place_set_write(w->b, w->rb, &t->places);
}

/* "customer.kind": the subject and its fact or evidence. */
static void member_of(const struct words *w, const struct cdn_test *t) {
    cdn_subject_write(w->b, t->subject);
    cdn_buf_char(w->b, '.');
    if (t->fact)
        cdn_buf_str(w->b, cdn_fact_words(w->rb, t->fact));
    else
        cdn_buf_z(w->b, t->evidence < CDN_EVIDENCE_COUNT ? cdn_evidence_kinds[t->evidence].name : "?");
}

/* What stands behind the subject. */
static void predicate_write(const struct words *w, const struct cdn_test *t, bool negated) {
    struct cdn_buf *b = w->b;
    switch ((enum cdn_test_kind)t->kind) {
    case CDN_TEST_FINDING:
        finding_write(w, t, negated);
        break;
    case CDN_TEST_EVIDENCE:
        cdn_buf_z(b, negated ? " not in " : " in ");
        cdn_place_set_write(b, w->rb, &t->places);
        break;
    case CDN_TEST_TEXT:
        member_write(w, t, false, negated);
        break;
    case CDN_TEST_FACT:
        fact_write(w, t, negated);
        break;
    case CDN_TEST_NEW:
        new_write(w, t, negated);
        break;
    case CDN_TEST_LISTED:
        listed_write(w, t);
        break;
    case CDN_TEST_OWNED:
        owned_write(w, t);
        break;
    case CDN_TEST_NOW:
        cmp_write(b, t, false);
        when_operand(b, t);
        break;
    case CDN_TEST_PRESENT:
        cdn_buf_z(b, negated ? " is not given" : " is given");
        break;
    case CDN_TEST_NONE:
        break;
    }
}

static bool of_member(const struct cdn_test *t) {
    return t->kind == CDN_TEST_EVIDENCE || t->kind == CDN_TEST_TEXT || t->kind == CDN_TEST_FACT ||
           t->kind == CDN_TEST_PRESENT;
}

static void test_write(const struct words *w, const struct cdn_test *t, bool negated) {
    const bool inside = negated && negates_inside(w->rb, t);
    if (negated && !inside)
        cdn_buf_z(w->b, "not ");
    if (t->kind == CDN_TEST_NOW) {
        cdn_buf_z(w->b, "now");
        cdn_offset_write(w->b, t->left_offset);
    } else if (of_member(t)) {
        member_of(w, t);
    } else {
        cdn_subject_write(w->b, t->subject);
    }
    predicate_write(w, t, inside);
}

void cdn_test_write(struct cdn_buf *b,
                    const struct cdn_rulebook *rb,
                    const struct cdn_measure *measure,
                    const struct cdn_test *t,
                    bool negated) {
    const struct words w = {b, rb, measure};
    test_write(&w, t, negated);
}

/* ---- expressions ------------------------------------------------------------------------------------ */

/* How tightly an expression binds, as it will be written; `top` of a list of alternatives is 1. */
static unsigned binding(const struct cdn_expr *e) {
    switch ((enum cdn_expr_op)e->op) {
    case CDN_EXPR_OR:
        return 1;
    case CDN_EXPR_XOR:
        return 2;
    case CDN_EXPR_AND:
        return 3;
    case CDN_EXPR_NOT:
        return 4;
    case CDN_EXPR_TEST:
    case CDN_EXPR_ANY:
    case CDN_EXPR_EVERY:
    case CDN_EXPR_TRUE:
    case CDN_EXPR_NONE:
        break;
    }
    return 5;
}

static void expr_write(const struct words *w, const struct cdn_expr *e, unsigned depth);

static void child_write(const struct words *w, const struct cdn_expr *e, unsigned at_least, unsigned depth) {
    const bool brackets = binding(e) < at_least;
    if (brackets)
        cdn_buf_char(w->b, '(');
    expr_write(w, e, depth + 1);
    if (brackets)
        cdn_buf_char(w->b, ')');
}

/* "any shareholder national of RU", "any goods.hs under …": a test about the one at hand needs no brackets.
 */
static void quantified_write(const struct words *w, const struct cdn_expr *e, unsigned depth) {
    const struct cdn_expr *body = e->children[0];
    cdn_buf_z(w->b, e->op == CDN_EXPR_ANY ? "any " : "every ");
    if (body->op == CDN_EXPR_TEST && body->test->subject.kind == CDN_SUBJECT_IT) {
        struct cdn_test t = *body->test;
        t.subject = e->subject;
        test_write(w, &t, false);
        return;
    }
    cdn_subject_write(w->b, e->subject);
    cdn_buf_z(w->b, " (");
    expr_write(w, body, depth + 1);
    cdn_buf_char(w->b, ')');
}

static void expr_write(const struct words *w, const struct cdn_expr *e, unsigned depth) {
    static const char *const joins[CDN_EXPR_OP_COUNT] = {
        [CDN_EXPR_AND] = " and ", [CDN_EXPR_OR] = " or ", [CDN_EXPR_XOR] = " xor "};
    if (depth > CDN_MAX_EXPR_DEPTH * CDN_MAX_EXPR_DEPTH * 2) { /* no parser makes that */
        w->b->err = w->b->err ? w->b->err : CORDON_E_LIMIT;
        return;
    }
    switch ((enum cdn_expr_op)e->op) {
    case CDN_EXPR_AND:
    case CDN_EXPR_OR:
    case CDN_EXPR_XOR:
        for (uint32_t i = 0; i < e->count; i++) {
            cdn_buf_z(w->b, i ? joins[e->op] : "");
            child_write(w, e->children[i], binding(e) + (e->op != CDN_EXPR_XOR || i > 0), depth);
        }
        break;
    case CDN_EXPR_NOT:
        if (e->children[0]->op == CDN_EXPR_TEST) {
            test_write(w, e->children[0]->test, true);
        } else {
            cdn_buf_z(w->b, "not ");
            child_write(w, e->children[0], binding(e) + 1, depth);
        }
        break;
    case CDN_EXPR_TEST:
        test_write(w, e->test, false);
        break;
    case CDN_EXPR_ANY:
    case CDN_EXPR_EVERY:
        quantified_write(w, e, depth);
        break;
    case CDN_EXPR_TRUE:
        cdn_buf_z(w->b, "always");
        break;
    case CDN_EXPR_NONE:
        break;
    }
}

void cdn_expr_write(struct cdn_buf *b,
                    const struct cdn_rulebook *rb,
                    const struct cdn_measure *measure,
                    const struct cdn_expr *e) {
    const struct words w = {b, rb, measure};
    expr_write(&w, e, 0);
}
