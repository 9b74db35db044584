/* SPDX-License-Identifier: Apache-2.0 */
/* parse_measure.c: measures, licences, statutes and protections. One table says which clause belongs to
 * which of the four and how often it may stand; each clause has a function. */
#include "rulebook/priv.h"

#include "base/limits.h"
#include "places/codes.h"

enum { M = 1, L = 2, S = 4, P = 8, ALL = 15 }; /* measure, licence, statute, protect */

typedef bool (*clause_fn)(struct cdn_parser *p, struct cdn_measure *m);

unsigned cdn_rb_verdict_named(cordon_str word) {
    for (unsigned v = CORDON_VERDICT_ALLOW; v <= CORDON_VERDICT_FREEZE; v++) {
        if (cdn_str_eq(word, cdn_str_z(cdn_verdict_name(v))))
            return v;
    }
    return 0;
}

static bool do_title(struct cdn_parser *p, struct cdn_measure *m) {
    return cdn_rb_text(p, "the title in quotes", &m->title);
}
static bool do_owner(struct cdn_parser *p, struct cdn_measure *m) {
    return cdn_rb_text(p, "who answers for it, in quotes", &m->owner);
}

static bool operator_named(struct cdn_parser *p, struct cdn_measure *m) {
    const struct cdn_token *t = cdn_rb_peek(p);
    cordon_str name;
    if (!cdn_rb_need(p, "of"))
        return false;
    t = cdn_rb_peek(p);
    if (!cdn_rb_word(p, "an operator", &name))
        return false;
    int32_t *const of = &m->operator;
    *of = cdn_rb_find(p, CDN_DECL_OPERATOR, t, name);
    m->issuer = name;
    return true;
}

static bool basis_law(struct cdn_parser *p, struct cdn_measure *m) {
    const struct cdn_token *t = cdn_rb_peek(p);
    m->basis = CDN_BASIS_LAW;
    if (t->kind != CDN_TOK_TEXT) {
        struct cdn_diagnostic *d =
            cdn_rb_error(p, "no-citation", cdn_rb_where(p, t), "a measure of law names its citation");
        if (d)
            d->expected = CDN_STR("the citation in quotes: law \"31 CFR 587\" of us");
        return false;
    }
    if (!cdn_rb_text(p, "the citation", &m->legal))
        return false;
    if (cdn_str_trim(m->legal).n == 0)
        (void)cdn_rb_error(p, "no-citation", cdn_rb_where(p, t), "a measure of law names its citation");
    if (!cdn_rb_need(p, "of"))
        return false;
    t = cdn_rb_peek(p);
    if (t->kind == CDN_TOK_TEXT)
        return cdn_rb_text(p, "the state or body", &m->issuer);
    if (t->kind != CDN_TOK_WORD && t->kind != CDN_TOK_NAME)
        return cdn_rb_expected(p, "the state or body that issued it, such as `us` or `eu`");
    m->issuer = cdn_rb_next(p)->text;
    return true;
}

static bool do_basis(struct cdn_parser *p, struct cdn_measure *m) {
    if (cdn_rb_take(p, "law"))
        return basis_law(p, m);
    if (cdn_rb_take(p, "policy")) {
        m->basis = CDN_BASIS_POLICY;
        return operator_named(p, m);
    }
    if (cdn_rb_take(p, "protection")) {
        m->basis = CDN_BASIS_PROTECTION;
        return operator_named(p, m);
    }
    if (!cdn_rb_take(p, "supplier"))
        return cdn_rb_expected(p, "`law`, `policy`, `supplier terms` or `protection`");
    m->basis = CDN_BASIS_SUPPLIER;
    return cdn_rb_need(p, "terms") && cdn_rb_need(p, "of") &&
           cdn_rb_text(p, "the supplier in quotes", &m->issuer);
}

static bool do_announced(struct cdn_parser *p, struct cdn_measure *m) {
    return cdn_rb_moment(p, "the instant of the announcement", &m->announced, NULL);
}
static bool do_effective(struct cdn_parser *p, struct cdn_measure *m) {
    return cdn_rb_moment(p, "the instant from which it is in force", &m->effective, NULL);
}
static bool do_recorded(struct cdn_parser *p, struct cdn_measure *m) {
    return cdn_rb_moment(p, "the instant at which it was recorded here", &m->recorded, NULL);
}
static bool do_until(struct cdn_parser *p, struct cdn_measure *m) {
    return cdn_rb_moment(p, "the instant at which it ends", &m->until, NULL);
}

static bool do_suspended(struct cdn_parser *p, struct cdn_measure *m) {
    struct cdn_suspension s = {{0}, {0}, {{0}, {0}, {0}, {0}, {0}}};
    if (!cdn_rb_moment(p, "the instant at which it is suspended", &s.from, NULL))
        return false;
    if (cdn_rb_take(p, "to")) {
        const struct cdn_token *t = cdn_rb_peek(p);
        if (!cdn_rb_moment(p, "the instant at which it is in force again", &s.until, NULL))
            return false;
        if (s.until.written.n > 0 && s.until.at <= s.from.at)
            (void)cdn_rb_error(p, "ends-before", cdn_rb_where(p, t), "this suspension ends before it begins");
    }
    if (cdn_rb_peek(p)->kind == CDN_TOK_TEXT && !cdn_rb_source(p, &s.source))
        return false;
    struct cdn_suspension *slot = cdn_rb_push(p, &m->suspensions, &m->suspension_count, sizeof(s));
    if (slot)
        *slot = s;
    return true;
}

static bool do_supersedes(struct cdn_parser *p, struct cdn_measure *m) {
    return cdn_rb_name_list(
        p, CDN_DECL_MEASURE, "the measures that end", &m->supersedes, &m->supersede_count);
}
static bool do_forbids(struct cdn_parser *p, struct cdn_measure *m) {
    return cdn_rb_name_list(
        p, CDN_DECL_MEASURE, "the measures that must not be obeyed", &m->forbids, &m->forbid_count);
}
static bool do_lifts(struct cdn_parser *p, struct cdn_measure *m) {
    const struct cdn_token *t = cdn_rb_peek(p);
    if (!cdn_rb_name_list(p, CDN_DECL_MEASURE, "the measures that it lifts", &m->lifts, &m->lift_count))
        return false;
    if (m->lift_count > CDN_MAX_LIFTS)
        (void)cdn_rb_error(p, "too-large", cdn_rb_where(p, t), "a licence lifts at most 4096 measures");
    return true;
}

/* ---- binds
 * -------------------------------------------------------------------------------------------------- */

static void bind_country(struct cdn_parser *p, struct cdn_measure *m, uint16_t country) {
    for (uint32_t i = 0; i < m->bound_country_count; i++) {
        if (m->bound_countries[i] == country)
            return;
    }
    uint16_t *slot = cdn_rb_push(p, &m->bound_countries, &m->bound_country_count, sizeof(*slot));
    if (slot)
        *slot = country;
}

/* The countries that a territory consists of without an end; a territory of regions has none. */
static void bind_place(struct cdn_parser *p,
                       struct cdn_measure *m,
                       const struct cdn_place *place,
                       unsigned depth) {
    if (place->kind == CDN_PLACE_COUNTRY)
        bind_country(p, m, place->country);
    if (place->kind != CDN_PLACE_TERRITORY || depth > CDN_MAX_SET_DEPTH)
        return;
    const struct cdn_territory *t = &p->rb->territories[place->territory];
    for (uint32_t i = 0; i < t->part_count; i++) {
        if (!t->parts[i].exclude && t->parts[i].until == CDN_TIME_MAX)
            bind_place(p, m, &t->parts[i].place, depth + 1);
    }
}

static bool do_binds(struct cdn_parser *p, struct cdn_measure *m) {
    if (!cdn_rb_take2(p, "entities", "in"))
        return cdn_rb_name_list(p,
                                CDN_DECL_ENTITY,
                                "`entities in` and countries, or a legal entity",
                                &m->entities,
                                &m->entity_count);
    const struct cdn_token *t = cdn_rb_peek(p);
    struct cdn_place_set set;
    if (!cdn_rb_places(p, &set))
        return false;
    const size_t errors = p->diags->errors;
    for (uint32_t i = 0; i < set.count; i++) {
        struct cdn_place *slot =
            cdn_rb_push(p, &m->bound_places.items, &m->bound_places.count, sizeof(*slot));
        if (slot)
            *slot = set.items[i];
        bind_place(p, m, &set.items[i], 0);
    }
    if (set.except_count > 0)
        (void)cdn_rb_error(p, "wrong-type", cdn_rb_where(p, t), "`binds` takes no `except`");
    else if (m->bound_country_count == 0 && errors == 0)
        (void)cdn_rb_error(p,
                           "wrong-type",
                           cdn_rb_where(p, t),
                           "legal entities are established in countries, and here is none");
    return true;
}

/* ---- conditions
 * ----------------------------------------------------------------------------------------------- */

static bool do_when(struct cdn_parser *p, struct cdn_measure *m) {
    m->when = cdn_rb_condition(p);
    return m->when != NULL;
}

static bool do_except(struct cdn_parser *p, struct cdn_measure *m) {
    struct cdn_except x = {.pos = cdn_rb_pos(p, cdn_rb_peek(p))};
    if (cdn_rb_peek(p)->kind == CDN_TOK_TEXT && !cdn_rb_text(p, "a label in quotes", &x.label))
        return false;
    x.when = cdn_rb_condition(p);
    if (!x.when)
        return false;
    struct cdn_except *slot = cdn_rb_push(p, &m->excepts, &m->except_count, sizeof(x));
    if (slot)
        *slot = x;
    return true;
}

static bool do_presume(struct cdn_parser *p, struct cdn_measure *m) {
    struct cdn_presume x = {.pos = cdn_rb_pos(p, cdn_rb_peek(p))};
    x.test = cdn_rb_single_test(p, &x.value);
    if (!x.test || !cdn_rb_need(p, "because"))
        return false;
    x.source.pos = cdn_rb_pos(p, cdn_rb_peek(p));
    if (!cdn_rb_text(p, "the reason in quotes", &x.why))
        return false;
    if (cdn_rb_peek(p)->kind == CDN_TOK_URL && !cdn_rb_url(p, &x.source.url))
        return false;
    struct cdn_presume *slot = cdn_rb_push(p, &m->presumes, &m->presume_count, sizeof(x));
    if (slot)
        *slot = x;
    return true;
}

static bool do_evidence(struct cdn_parser *p, struct cdn_measure *m) {
    if (cdn_rb_take(p, "any"))
        m->standard = CDN_STANDARD_ANY;
    else if (cdn_rb_take2(p, "two", "kinds"))
        m->standard = CDN_STANDARD_TWO_KINDS;
    else if (cdn_rb_take(p, "strong"))
        m->standard = CDN_STANDARD_STRONG;
    else
        return cdn_rb_expected(p, "`any`, `two kinds` or `strong`");
    return true;
}

static bool do_if(struct cdn_parser *p, struct cdn_measure *m) {
    const struct cdn_token *t = cdn_rb_peek(p);
    const bool unknown = cdn_rb_take(p, "unknown");
    if (!unknown && !cdn_rb_take(p, "contradictory"))
        return cdn_rb_expected(p, "`unknown` or `contradictory`");
    uint8_t *verdict = unknown ? &m->if_unknown : &m->if_contradictory;
    if (*verdict != 0)
        (void)cdn_rb_error(p, "repeated-clause", cdn_rb_where(p, t), "this stands twice in the measure");
    if (cdn_rb_take(p, "hold"))
        *verdict = CORDON_VERDICT_HOLD;
    else if (cdn_rb_take(p, "deny"))
        *verdict = CORDON_VERDICT_DENY;
    else if (unknown && cdn_rb_is(cdn_rb_peek(p), "allow")) {
        p->if_allow = cdn_rb_where(p, cdn_rb_next(p));
        *verdict = CORDON_VERDICT_ALLOW;
    } else
        return cdn_rb_expected(p, unknown ? "`hold`, `deny` or `allow`" : "`hold` or `deny`");
    return true;
}

/* ---- what comes with the decision
 * -------------------------------------------------------------------------------- */

static bool do_keep(struct cdn_parser *p, struct cdn_measure *m) {
    struct cdn_keep k = {.pos = cdn_rb_pos(p, cdn_rb_peek(p))};
    if (!cdn_rb_name_list(p, CDN_DECL_ACTION, "the actions that stay allowed", &k.actions, &k.action_count))
        return false;
    if (cdn_rb_take(p, "until") && !cdn_rb_moment(p, "an instant", &k.until, NULL))
        return false;
    if (cdn_rb_peek(p)->kind == CDN_TOK_TEXT && !cdn_rb_text(p, "a note", &k.note))
        return false;
    struct cdn_keep *slot = cdn_rb_push(p, &m->keeps, &m->keep_count, sizeof(k));
    if (slot)
        *slot = k;
    return true;
}

bool cdn_rb_duty_kind(struct cdn_parser *p, uint8_t *ret) {
    static const struct {
        const char *word;
        uint8_t kind;
    } words[] = {{"report", CDN_DUTY_REPORT},
                 {"notify", CDN_DUTY_NOTIFY},
                 {"keep-records", CDN_DUTY_KEEP_RECORDS},
                 {"return", CDN_DUTY_RETURN},
                 {"review", CDN_DUTY_REVIEW},
                 {"freeze", CDN_DUTY_FREEZE},
                 {"warn", CDN_DUTY_WARN}};
    for (size_t i = 0; i < CDN_ARRAY_LEN(words); i++) {
        if (cdn_rb_take(p, words[i].word)) {
            *ret = words[i].kind;
            return true;
        }
    }
    return cdn_rb_expected(p, "`report`, `notify`, `keep-records`, `return`, `review`, `freeze` or `warn`");
}

static bool duty(struct cdn_parser *p, struct cdn_measure *m, bool condition) {
    struct cdn_duty d = {
        .condition = condition, .pos = cdn_rb_pos(p, cdn_rb_peek(p)), .span = {.calendar = -1}};
    if (!cdn_rb_duty_kind(p, &d.kind))
        return false;
    if (cdn_rb_peek(p)->kind == CDN_TOK_TEXT && !cdn_rb_text(p, "what is to be done", &d.text))
        return false;
    if (cdn_rb_take(p, "to") && !cdn_rb_text(p, "to whom, in quotes", &d.to))
        return false;
    d.has_span = cdn_rb_take(p, "within");
    if (d.has_span && !cdn_rb_span(p, &d.span))
        return false;
    struct cdn_duty *slot = cdn_rb_push(p, &m->duties, &m->duty_count, sizeof(d));
    if (slot)
        *slot = d;
    return true;
}
static bool do_duty(struct cdn_parser *p, struct cdn_measure *m) {
    return duty(p, m, false);
}
static bool do_condition(struct cdn_parser *p, struct cdn_measure *m) {
    return cdn_rb_need(p, "condition") && duty(p, m, true);
}

static bool do_release(struct cdn_parser *p, struct cdn_measure *m) {
    if (!cdn_rb_text(p, "the class of reasons in quotes", &m->reason_class) || !cdn_rb_need(p, "by") ||
        !cdn_rb_text(p, "who may release it, in quotes", &m->release_authority))
        return false;
    const struct cdn_token *t = cdn_rb_peek(p);
    uint32_t people = 0;
    if (!cdn_rb_take(p, "people"))
        return true;
    t = cdn_rb_peek(p);
    if (!cdn_rb_whole(p, "how many people", 100, &people))
        return false;
    if (people == 0)
        (void)cdn_rb_error(p, "out-of-range", cdn_rb_where(p, t), "at least one person releases a hold");
    m->release_count = (uint8_t)people;
    return true;
}

static bool do_notice(struct cdn_parser *p, struct cdn_measure *m) {
    struct cdn_quote q = {{NULL, 0}, {NULL, 0}};
    const struct cdn_token *t = cdn_rb_peek(p);
    if (!cdn_rb_word(p, "a language such as `en`", &q.lang) ||
        !cdn_rb_text(p, "the notice in quotes", &q.text))
        return false;
    for (uint32_t i = 0; i < m->notice_count; i++) {
        if (cdn_str_eq(m->notices[i].lang, q.lang))
            (void)cdn_rb_error(
                p, "repeated-clause", cdn_rb_where(p, t), "a second notice in `%.*s`", CDN_FMT(q.lang));
    }
    struct cdn_quote *slot = cdn_rb_push(p, &m->notices, &m->notice_count, sizeof(q));
    if (slot)
        *slot = q;
    return true;
}
static bool do_appeal(struct cdn_parser *p, struct cdn_measure *m) {
    return cdn_rb_url(p, &m->appeal);
}

/* ---- the table of clauses
 * -------------------------------------------------------------------------------------------- */

static const struct {
    const char *word;
    uint8_t classes; /* in which of the four it may stand */
    bool once;
    clause_fn read;
} clauses[] = {
    {"title", ALL, true, do_title},
    {"basis", ALL, true, do_basis},
    {"owner", ALL, true, do_owner},
    {"announced", ALL, true, do_announced},
    {"effective", ALL, true, do_effective},
    {"recorded", ALL, true, do_recorded},
    {"until", ALL, true, do_until},
    {"suspended", ALL, false, do_suspended},
    {"supersedes", ALL, false, do_supersedes},
    {"binds", ALL, false, do_binds},
    {"lifts", L, false, do_lifts},
    {"forbids", S, false, do_forbids},
    {"when", M | L | P, true, do_when},
    {"except", M | L | P, false, do_except},
    {"presume", M | P, false, do_presume}, /* an unknown licence never lifts */
    {"evidence", M | L | P, true, do_evidence},
    {"if", M | P, false, do_if},
    {"keep", M | P, false, do_keep},
    {"duty", M | L | P, false, do_duty},
    {"on", L, false, do_condition},
    {"release", M | L | S, true, do_release},
    {"notice", ALL, false, do_notice},
    {"appeal", ALL, true, do_appeal},
};
static const char *const class_words[] = {"measure", "licence", "statute", "protect"};

/* The clauses that may stand in this class, as a list for a message. */
static void expected_clause(struct cdn_parser *p, unsigned class_bit) {
    char text[600];
    struct cdn_buf b;
    cdn_buf_fixed(&b, text, sizeof(text) - 1);
    cdn_buf_z(&b, "a clause: ");
    if (class_bit & (M | P))
        cdn_buf_z(&b, class_bit & M ? "`deny`, `freeze`, `hold`, `limit`, " : "`allow`, ");
    for (size_t i = 0; i < CDN_ARRAY_LEN(clauses); i++) {
        if (clauses[i].classes & class_bit)
            cdn_buf_printf(&b, "`%s`, ", clauses[i].word);
    }
    cdn_buf_z(&b, "`source` or `unverified`");
    text[b.n] = '\0';
    (void)cdn_rb_expected(p, text);
}

static void misplaced(struct cdn_parser *p, const struct cdn_token *t, unsigned class_bit, unsigned classes) {
    unsigned i = 0, home = 0;
    while (i < 3 && !(class_bit >> i & 1U))
        i++;
    while (home < 3 && !(classes >> home & 1U))
        home++;
    struct cdn_diagnostic *d = cdn_rb_error(
        p, "misplaced-clause", cdn_rb_where(p, t), "a %s has no `%.*s`", class_words[i], CDN_FMT(t->text));
    if (d)
        d->suggestion = cdn_rb_say(p->diags, "it belongs to a %s", class_words[home]);
}

static void outcome_clause(struct cdn_parser *p,
                           struct cdn_measure *m,
                           unsigned class_bit,
                           unsigned verdict) {
    const struct cdn_token *t = cdn_rb_next(p);
    const unsigned home = verdict == CORDON_VERDICT_ALLOW ? P : M;
    struct cdn_outcome o;
    if (!(class_bit & home)) {
        misplaced(p, t, class_bit, home);
        return;
    }
    if (!cdn_rb_outcome(p, verdict, &o))
        return;
    struct cdn_outcome *slot = cdn_rb_push(p, &m->outcomes, &m->outcome_count, sizeof(o));
    if (slot) {
        *slot = o;
        slot->pos = cdn_rb_pos(p, t);
    }
}

static void parse_clause(struct cdn_parser *p, struct cdn_measure *m, unsigned class_bit) {
    const struct cdn_token *t = cdn_rb_peek(p);
    bool known = false;
    if (!cdn_rb_source_clause(p, &m->sources, &m->source_count, &known) || known)
        return;
    const unsigned verdict = t->kind == CDN_TOK_WORD ? cdn_rb_verdict_named(t->text) : 0;
    if (verdict) {
        outcome_clause(p, m, class_bit, verdict);
        return;
    }
    for (size_t i = 0; i < CDN_ARRAY_LEN(clauses); i++) {
        if (!cdn_rb_is(t, clauses[i].word))
            continue;
        if (!(clauses[i].classes & class_bit)) {
            misplaced(p, t, class_bit, clauses[i].classes);
            return;
        }
        if (clauses[i].once && p->seen >> i & 1U)
            (void)cdn_rb_error(
                p, "repeated-clause", cdn_rb_where(p, t), "`%s` stands twice", clauses[i].word);
        p->seen |= UINT32_C(1) << i;
        (void)cdn_rb_next(p);
        if (clauses[i].read(p, m))
            (void)cdn_rb_finish_line(p, "the end of the line");
        return;
    }
    expected_clause(p, class_bit);
}

/* A clause whose reading failed was written all the same: nothing may be said to be missing. */
static bool written(const struct cdn_parser *p, const char *word) {
    for (size_t i = 0; i < CDN_ARRAY_LEN(clauses); i++) {
        if (strcmp(clauses[i].word, word) == 0)
            return p->seen >> i & 1U;
    }
    return false;
}

static void require(struct cdn_parser *p,
                    const struct cdn_at *at,
                    const char *code,
                    const char *message,
                    const char *example) {
    struct cdn_diagnostic *d = cdn_rb_error(p, code, *at, "%s", message);
    if (d)
        d->expected = cdn_str_z(example);
}

static void check_complete(struct cdn_parser *p,
                           const struct cdn_measure *m,
                           const struct cdn_at *at,
                           bool outcome_written) {
    if (!written(p, "effective"))
        require(p,
                at,
                "no-effective",
                "it is not said from when this is in force",
                "a clause such as: effective 2022-03-05T00:00 America/New_York");
    if (!written(p, "basis"))
        require(p,
                at,
                "no-basis",
                "it is not said why this binds",
                "a clause such as: basis policy of amazon, or: basis law \"31 CFR 587\" of us");
    if ((m->class_ == CDN_CLASS_MEASURE || m->class_ == CDN_CLASS_PROTECT) && !outcome_written)
        require(p,
                at,
                "no-outcome",
                "it is not said what this does",
                m->class_ == CDN_CLASS_MEASURE ? "an outcome such as: deny account.open on aws"
                                               : "an outcome such as: allow any action on aws");
    if (m->class_ == CDN_CLASS_LICENCE && !written(p, "lifts"))
        require(p,
                at,
                "lifts-nothing",
                "this licence lifts nothing",
                "a clause such as: lifts us/telecom-services");
    if (m->class_ == CDN_CLASS_STATUTE && !written(p, "forbids"))
        require(p,
                at,
                "forbids-nothing",
                "this statute forbids nothing",
                "a clause such as: forbids us/cuba-embargo");
}

static void defaults(struct cdn_measure *m) {
    if (m->standard == 0)
        m->standard = m->basis == CDN_BASIS_LAW ? CDN_STANDARD_ANY : CDN_STANDARD_TWO_KINDS;
    if (m->if_unknown == 0)
        m->if_unknown = CORDON_VERDICT_HOLD;
    if (m->if_contradictory == 0)
        m->if_contradictory = CORDON_VERDICT_HOLD;
}

void cdn_rb_parse_measure(struct cdn_parser *p, const struct cdn_syntax *file, const struct cdn_decl *decl) {
    struct cdn_measure *m = &p->rb->measures[decl->index];
    cdn_rb_open(p, file, decl->line);
    const struct cdn_token *keyword = cdn_rb_next(p);
    unsigned i = 0;
    while (i < 3 && !cdn_rb_is(keyword, class_words[i]))
        i++;
    m->class_ = (uint8_t)(CDN_CLASS_MEASURE + i);
    int32_t *const of = &m->operator;
    *of = -1;
    const struct cdn_token *name = cdn_rb_peek(p);
    const struct cdn_at at = cdn_rb_where(p, name);
    m->pos = at.pos;
    if (cdn_rb_id(p, "the measure's name, such as amazon/aws-new-customers", &m->id))
        (void)cdn_rb_finish_line(p, "the end of the line; the title is a clause");
    p->seen = 0;
    bool outcome_written = false;
    for (uint32_t line = decl->line + 1; line < decl->end && p->err == 0; line++) {
        if (file->lines[line].comment)
            continue;
        cdn_rb_open(p, file, line);
        const struct cdn_token *t = cdn_rb_peek(p);
        outcome_written = outcome_written || (t->kind == CDN_TOK_WORD && cdn_rb_verdict_named(t->text));
        parse_clause(p, m, 1U << i);
    }
    if (p->err != 0)
        return;
    check_complete(p, m, &at, outcome_written);
    defaults(m);
    cdn_rb_finish_measure(p, m);
}
