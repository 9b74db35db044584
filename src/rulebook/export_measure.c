/* SPDX-License-Identifier: Apache-2.0 */
/* export_measure.c: one measure as canonical JSON: its clauses, outcomes, and conditions as trees.
 *
 * A condition is {"and": […]}, {"or": […]}, {"xor": […]}, {"not": …}, {"any": {"of", "that"}}, {"every": …}
 * or a test, which has the key "test". A chain of xor is one list, from the left.
 *
 *  1. a licence has no `if` clauses, a statute no standard of proof: what cannot be written is not exported;
 *  2. the `as of` of `is new` that is the measure's own date is left out, as in the text. */
#include "rulebook/export_priv.h"
#include "rulebook/print.h"

/* ---- tests ------------------------------------------------------------------------------------------ */

static void key_word(struct cdn_json_out *o, const char *key, const char *word) {
    cdn_jo_key(o, key);
    cdn_jo_word(o, word);
}

static void subject_key(struct cdn_json_out *o, struct cdn_subject s) {
    if (s.kind == CDN_SUBJECT_NONE)
        return;
    cdn_jo_key(o, "subject");
    cdn_jo_subject(o, s);
}

static void set_or_values(struct cdn_json_out *o, const struct cdn_test *t, const char *test) {
    const bool named = t->set >= 0 && (uint32_t)t->set < o->rb->set_count;
    if (named)
        cdn_jo_text(o, "set", o->rb->sets[t->set].id);
    subject_key(o, t->subject);
    key_word(o, "test", test);
    if (named)
        return;
    cdn_jo_key(o, "values");
    cdn_jo_open(o, '[');
    for (uint32_t i = 0; i < t->text_count; i++)
        cdn_jo_str(o, t->texts[i]);
    cdn_jo_close(o, ']');
}

static void when_json(struct cdn_json_out *o, const struct cdn_test *t) {
    if (t->left_offset) {
        cdn_jo_key(o, "plus_seconds");
        cdn_jo_int(o, t->left_offset);
    }
    subject_key(o, t->subject);
    key_word(o, "test", "fact");
    if (t->against_now)
        key_word(o, "than", "now");
    else
        cdn_jo_moment(o, "than", &t->moment);
    if (t->right_offset) {
        cdn_jo_key(o, "than_plus_seconds");
        cdn_jo_int(o, t->right_offset);
    }
}

static void fact_json(struct cdn_json_out *o, const struct cdn_test *t) {
    const unsigned type = cdn_fact_type_of(o->rb, t->fact);
    if (type != CDN_TYPE_BOOL) {
        cdn_jo_key(o, "compare");
        cdn_jo_str(o, cdn_str_z(cdn_cmp_words(t->cmp)));
    }
    cdn_jo_text(o, "fact", cdn_fact_words(o->rb, t->fact));
    switch ((enum cdn_fact_type)type) {
    case CDN_TYPE_BOOL:
        cdn_jo_key(o, "is");
        cdn_jo_bool(o, t->boolean);
        break;
    case CDN_TYPE_MONEY:
        cdn_jo_key(o, "money");
        cdn_jo_money(o, &t->money);
        break;
    case CDN_TYPE_NUMBER:
        cdn_jo_key(o, "number");
        cdn_jo_decimal(o, t->money.amount);
        break;
    case CDN_TYPE_PLACE:
        cdn_jo_key(o, "places");
        cdn_jo_places(o, &t->places);
        break;
    case CDN_TYPE_WHEN:
        when_json(o, t);
        return;
    case CDN_TYPE_CODE:
    case CDN_TYPE_CODES:
    case CDN_TYPE_TEXT:
    case CDN_TYPE_NONE:
        set_or_values(o, t, "fact");
        return;
    }
    subject_key(o, t->subject);
    key_word(o, "test", "fact");
}

static void lists_key(struct cdn_json_out *o, const struct cdn_test *t) {
    cdn_jo_key(o, "lists");
    cdn_jo_open(o, '[');
    for (uint32_t i = 0; i < t->list_count; i++)
        cdn_jo_str(o, t->lists[i] < o->rb->list_count ? o->rb->lists[t->lists[i]].id : CDN_STR("?"));
    cdn_jo_close(o, ']');
}

static void score_key(struct cdn_json_out *o, const char *key, unsigned score) {
    if (score == 0)
        return;
    cdn_jo_key(o, key);
    cdn_jo_int(o, score);
}

static void new_json(struct cdn_json_out *o, const struct cdn_test *t) {
    const struct cdn_measure *m = o->measure;
    const bool own = m && t->moment.at == m->effective.at &&
                     cdn_str_eq(t->moment.written, m->effective.written) &&
                     cdn_str_eq(t->moment.zone, m->effective.zone);
    if (!own)
        cdn_jo_moment(o, "as_of", &t->moment);
    if (t->service >= 0 && (uint32_t)t->service < o->rb->service_count)
        cdn_jo_text(o, "service", o->rb->services[t->service].id);
    subject_key(o, t->subject);
    key_word(o, "test", "new");
}

static void owned_json(struct cdn_json_out *o, const struct cdn_test *t) {
    cdn_jo_key(o, "aggregate");
    cdn_jo_bool(o, t->aggregate);
    lists_key(o, t);
    cdn_jo_key(o, "more_than");
    cdn_jo_bool(o, t->percent_strict);
    cdn_jo_key(o, "or_controlled");
    cdn_jo_bool(o, t->or_controlled);
    cdn_jo_key(o, "percent");
    cdn_jo_decimal(o, t->percent);
    subject_key(o, t->subject);
    key_word(o, "test", "owned");
}

static const char *evidence_name(const struct cdn_test *t) {
    return t->evidence < CDN_EVIDENCE_COUNT && t->evidence ? cdn_evidence_kinds[t->evidence].name : "?";
}

static void placed_json(struct cdn_json_out *o, const struct cdn_test *t, const char *test) {
    cdn_jo_key(o, "places");
    cdn_jo_places(o, &t->places);
    subject_key(o, t->subject);
    key_word(o, "test", test);
}

static void test_members(struct cdn_json_out *o, const struct cdn_test *t) {
    switch ((enum cdn_test_kind)t->kind) {
    case CDN_TEST_FINDING:
        key_word(o, "finding", t->finding < CDN_FINDING_COUNT ? cdn_findings[t->finding].name : "?");
        placed_json(o, t, "finding");
        break;
    case CDN_TEST_EVIDENCE:
        key_word(o, "evidence", evidence_name(t));
        placed_json(o, t, "evidence");
        break;
    case CDN_TEST_TEXT:
        key_word(o, "evidence", evidence_name(t));
        set_or_values(o, t, "evidence");
        break;
    case CDN_TEST_FACT:
        fact_json(o, t);
        break;
    case CDN_TEST_NEW:
        new_json(o, t);
        break;
    case CDN_TEST_LISTED:
        lists_key(o, t);
        score_key(o, "match", t->match);
        score_key(o, "review", t->review);
        subject_key(o, t->subject);
        key_word(o, "test", "listed");
        break;
    case CDN_TEST_OWNED:
        owned_json(o, t);
        break;
    case CDN_TEST_NOW:
        cdn_jo_key(o, "compare");
        cdn_jo_str(o, cdn_str_z(cdn_cmp_words(t->cmp)));
        key_word(o, "test", "now");
        cdn_jo_moment(o, "than", &t->moment);
        break;
    case CDN_TEST_PRESENT:
        if (t->fact)
            cdn_jo_text(o, "fact", cdn_fact_words(o->rb, t->fact));
        else
            key_word(o, "evidence", evidence_name(t));
        subject_key(o, t->subject);
        key_word(o, "test", "given");
        break;
    case CDN_TEST_NONE:
        break;
    }
}

void cdn_jo_test(struct cdn_json_out *o, const struct cdn_test *t) {
    cdn_jo_open(o, '{');
    test_members(o, t);
    cdn_jo_close(o, '}');
}

/* ---- conditions ------------------------------------------------------------------------------------- */

/* The operands of a chain of xor that nests to the left, from the left. */
static void xor_items(struct cdn_json_out *o, const struct cdn_expr *e) {
    if (e->children[0]->op == CDN_EXPR_XOR)
        xor_items(o, e->children[0]);
    else
        cdn_jo_expr(o, e->children[0]);
    cdn_jo_expr(o, e->children[1]);
}

static void list_expr(struct cdn_json_out *o, const char *key, const struct cdn_expr *e) {
    cdn_jo_key(o, key);
    cdn_jo_open(o, '[');
    if (e->op == CDN_EXPR_XOR) {
        xor_items(o, e);
    } else {
        for (uint32_t i = 0; i < e->count; i++)
            cdn_jo_expr(o, e->children[i]);
    }
    cdn_jo_close(o, ']');
}

static void quantified(struct cdn_json_out *o, const char *key, const struct cdn_expr *e) {
    cdn_jo_key(o, key);
    cdn_jo_open(o, '{');
    cdn_jo_key(o, "of");
    cdn_jo_subject(o, e->subject);
    cdn_jo_key(o, "that");
    cdn_jo_expr(o, e->children[0]);
    cdn_jo_close(o, '}');
}

void cdn_jo_expr(struct cdn_json_out *o, const struct cdn_expr *e) {
    cdn_jo_open(o, '{');
    switch ((enum cdn_expr_op)e->op) {
    case CDN_EXPR_AND:
        list_expr(o, "and", e);
        break;
    case CDN_EXPR_OR:
        list_expr(o, "or", e);
        break;
    case CDN_EXPR_XOR:
        list_expr(o, "xor", e);
        break;
    case CDN_EXPR_NOT:
        cdn_jo_key(o, "not");
        cdn_jo_expr(o, e->children[0]);
        break;
    case CDN_EXPR_TEST:
        test_members(o, e->test);
        break;
    case CDN_EXPR_ANY:
        quantified(o, "any", e);
        break;
    case CDN_EXPR_EVERY:
        quantified(o, "every", e);
        break;
    case CDN_EXPR_TRUE:
    case CDN_EXPR_NONE:
        break;
    }
    cdn_jo_close(o, '}');
}

/* ---- clauses ---------------------------------------------------------------------------------------- */

static void action_array(struct cdn_json_out *o, const char *key, const uint32_t *items, uint32_t count) {
    if (count == 0)
        return;
    cdn_jo_key(o, key);
    cdn_jo_open(o, '[');
    for (uint32_t i = 0; i < count; i++)
        cdn_jo_str(o, items[i] < o->rb->action_count ? o->rb->actions[items[i]].id : CDN_STR("?"));
    cdn_jo_close(o, ']');
}

static void measure_array(struct cdn_json_out *o, const char *key, const uint32_t *items, uint32_t count) {
    if (count == 0)
        return;
    cdn_jo_key(o, key);
    cdn_jo_open(o, '[');
    for (uint32_t i = 0; i < count; i++)
        cdn_jo_str(o, items[i] < o->rb->measure_count ? o->rb->measures[items[i]].id : CDN_STR("?"));
    cdn_jo_close(o, ']');
}

static void limit_json(struct cdn_json_out *o, const struct cdn_outcome *x) {
    static const char *const windows[CDN_UNIT_COUNT] = {[CDN_UNIT_HOURS] = "hour",
                                                        [CDN_UNIT_DAYS] = "day",
                                                        [CDN_UNIT_MONTHS] = "month",
                                                        [CDN_UNIT_YEARS] = "year"};
    if (x->has_cap) {
        cdn_jo_key(o, "cap");
        cdn_jo_money(o, &x->cap);
        if (x->cap_window < CDN_UNIT_COUNT && windows[x->cap_window])
            key_word(o, "cap_per", windows[x->cap_window]);
    }
}

void cdn_jo_outcome(struct cdn_json_out *o, const struct cdn_outcome *x) {
    cdn_jo_open(o, '{');
    action_array(o, "actions", x->actions, x->any_action ? 0 : x->action_count);
    if (x->any_action) {
        cdn_jo_key(o, "any_action");
        cdn_jo_bool(o, true);
    }
    if (x->any_service) {
        cdn_jo_key(o, "any_service");
        cdn_jo_bool(o, true);
    }
    limit_json(o, x);
    action_array(o, "except_actions", x->not_actions, x->not_action_count);
    if (x->form)
        key_word(o, "form", cdn_form_words(x->form));
    cdn_jo_text(o, "limit_to", x->limit_to);
    if (x->scope)
        key_word(o, "scope", cdn_scope_words(x->scope));
    if (!x->any_service) {
        cdn_jo_key(o, "services");
        cdn_jo_open(o, '[');
        for (uint32_t i = 0; i < x->service_count; i++)
            cdn_jo_str(
                o, x->services[i] < o->rb->service_count ? o->rb->services[x->services[i]].id : CDN_STR("?"));
        cdn_jo_close(o, ']');
    }
    subject_key(o, x->subject);
    key_word(o, "verdict", cdn_verdict_name(x->verdict));
    cdn_jo_close(o, '}');
}

static void span_json(struct cdn_json_out *o, struct cdn_span span) {
    static const char *const units[CDN_UNIT_COUNT] = {
        [CDN_UNIT_NONE] = "?",
        [CDN_UNIT_SECONDS] = "seconds",
        [CDN_UNIT_MINUTES] = "minutes",
        [CDN_UNIT_HOURS] = "hours",
        [CDN_UNIT_DAYS] = "days",
        [CDN_UNIT_BUSINESS_DAYS] = "business days",
        [CDN_UNIT_MONTHS] = "months",
        [CDN_UNIT_YEARS] = "years",
    };
    cdn_jo_key(o, "within");
    cdn_jo_open(o, '{');
    cdn_jo_key(o, "amount");
    cdn_jo_int(o, span.amount);
    if (span.calendar >= 0 && (uint32_t)span.calendar < o->rb->calendar_count)
        cdn_jo_text(o, "calendar", o->rb->calendars[span.calendar].id);
    key_word(o, "unit", units[span.unit < CDN_UNIT_COUNT ? span.unit : 0]);
    cdn_jo_close(o, '}');
}

void cdn_jo_duty(struct cdn_json_out *o, const struct cdn_duty *d) {
    cdn_jo_open(o, '{');
    if (d->condition) {
        cdn_jo_key(o, "condition");
        cdn_jo_bool(o, true);
    }
    key_word(o, "duty", cdn_duty_words(d->kind));
    cdn_jo_text(o, "text", d->text);
    cdn_jo_text(o, "to", d->to);
    if (d->has_span)
        span_json(o, d->span);
    cdn_jo_close(o, '}');
}

void cdn_jo_keep(struct cdn_json_out *o, const struct cdn_keep *k) {
    cdn_jo_open(o, '{');
    action_array(o, "actions", k->actions, k->action_count);
    cdn_jo_text(o, "note", k->note);
    cdn_jo_moment(o, "until", &k->until);
    cdn_jo_close(o, '}');
}

void cdn_jo_presume(struct cdn_json_out *o, const struct cdn_presume *p) {
    cdn_jo_open(o, '{');
    cdn_jo_text(o, "because", p->why);
    cdn_jo_key(o, "test");
    cdn_jo_test(o, p->test);
    cdn_jo_text(o, "url", p->source.url);
    cdn_jo_key(o, "value");
    cdn_jo_bool(o, p->value);
    cdn_jo_close(o, '}');
}

static void basis_json(struct cdn_json_out *o, const struct cdn_measure *m) {
    cdn_jo_key(o, "basis");
    cdn_jo_open(o, '{');
    cdn_jo_text(o, "citation", m->legal);
    key_word(o, "kind", cdn_basis_name(m->basis));
    cdn_jo_text(o, "of", m->issuer);
    cdn_jo_close(o, '}');
}

static void binds_json(struct cdn_json_out *o, const struct cdn_measure *m) {
    if (m->entity_count == 0 && m->bound_places.count == 0)
        return;
    cdn_jo_key(o, "binds");
    cdn_jo_open(o, '{');
    if (m->entity_count) {
        cdn_jo_key(o, "entities");
        cdn_jo_open(o, '[');
        for (uint32_t i = 0; i < m->entity_count; i++)
            cdn_jo_str(
                o, m->entities[i] < o->rb->entity_count ? o->rb->entities[m->entities[i]].id : CDN_STR("?"));
        cdn_jo_close(o, ']');
    }
    if (m->bound_places.count) {
        cdn_jo_key(o, "places");
        cdn_jo_open(o, '[');
        for (uint32_t i = 0; i < m->bound_places.count; i++)
            cdn_jo_place(o, &m->bound_places.items[i]);
        cdn_jo_close(o, ']');
    }
    cdn_jo_close(o, '}');
}

/* The start of an array under a key; false: it is empty and left out. */
static bool begin(struct cdn_json_out *o, const char *key, uint32_t count) {
    if (count == 0)
        return false;
    cdn_jo_key(o, key);
    cdn_jo_open(o, '[');
    return true;
}

static void excepts_json(struct cdn_json_out *o, const struct cdn_measure *m) {
    if (!begin(o, "excepts", m->except_count))
        return;
    for (uint32_t i = 0; i < m->except_count; i++) {
        cdn_jo_open(o, '{');
        cdn_jo_text(o, "label", m->excepts[i].label);
        cdn_jo_key(o, "when");
        cdn_jo_expr(o, m->excepts[i].when);
        cdn_jo_close(o, '}');
    }
    cdn_jo_close(o, ']');
}

static void duties_json(struct cdn_json_out *o, const struct cdn_measure *m) {
    if (!begin(o, "duties", m->duty_count))
        return;
    for (uint32_t i = 0; i < m->duty_count; i++)
        cdn_jo_duty(o, &m->duties[i]);
    cdn_jo_close(o, ']');
}

static void keeps_json(struct cdn_json_out *o, const struct cdn_measure *m) {
    if (!begin(o, "keeps", m->keep_count))
        return;
    for (uint32_t i = 0; i < m->keep_count; i++)
        cdn_jo_keep(o, &m->keeps[i]);
    cdn_jo_close(o, ']');
}

static void notices_json(struct cdn_json_out *o, const struct cdn_measure *m) {
    if (!begin(o, "notices", m->notice_count))
        return;
    for (uint32_t i = 0; i < m->notice_count; i++) {
        cdn_jo_open(o, '{');
        cdn_jo_text(o, "lang", m->notices[i].lang);
        cdn_jo_text(o, "text", m->notices[i].text);
        cdn_jo_close(o, '}');
    }
    cdn_jo_close(o, ']');
}

static void outcomes_json(struct cdn_json_out *o, const struct cdn_measure *m) {
    if (!begin(o, "outcomes", m->outcome_count))
        return;
    for (uint32_t i = 0; i < m->outcome_count; i++)
        cdn_jo_outcome(o, &m->outcomes[i]);
    cdn_jo_close(o, ']');
}

static void presumes_json(struct cdn_json_out *o, const struct cdn_measure *m) {
    if (!begin(o, "presumes", m->presume_count))
        return;
    for (uint32_t i = 0; i < m->presume_count; i++)
        cdn_jo_presume(o, &m->presumes[i]);
    cdn_jo_close(o, ']');
}

static void release_json(struct cdn_json_out *o, const struct cdn_measure *m) {
    if (m->reason_class.n == 0 && m->release_authority.n == 0)
        return;
    cdn_jo_key(o, "release");
    cdn_jo_open(o, '{');
    cdn_jo_text(o, "by", m->release_authority);
    if (m->release_count) {
        cdn_jo_key(o, "people");
        cdn_jo_int(o, m->release_count);
    }
    cdn_jo_text(o, "reason_class", m->reason_class);
    cdn_jo_close(o, '}');
}

static void suspensions_json(struct cdn_json_out *o, const struct cdn_measure *m) {
    if (!begin(o, "suspensions", m->suspension_count))
        return;
    for (uint32_t i = 0; i < m->suspension_count; i++) {
        const struct cdn_suspension *s = &m->suspensions[i];
        cdn_jo_open(o, '{');
        cdn_jo_moment(o, "from", &s->from);
        if (s->source.title.n || s->source.url.n) {
            cdn_jo_key(o, "source");
            cdn_jo_source(o, &s->source);
        }
        cdn_jo_moment(o, "until", &s->until);
        cdn_jo_close(o, '}');
    }
    cdn_jo_close(o, ']');
}

static void verdict_key(struct cdn_json_out *o, const char *key, unsigned verdict) {
    if (verdict)
        key_word(o, key, cdn_verdict_name(verdict));
}

/* From `announced` to `keeps`. */
static void first_half(struct cdn_json_out *o, const struct cdn_measure *m) {
    const bool proves = m->class_ != CDN_CLASS_STATUTE;
    const bool answers = m->class_ == CDN_CLASS_MEASURE || m->class_ == CDN_CLASS_PROTECT;
    cdn_jo_moment(o, "announced", &m->announced);
    cdn_jo_text(o, "appeal", m->appeal);
    basis_json(o, m);
    binds_json(o, m);
    duties_json(o, m);
    cdn_jo_moment(o, "effective", &m->effective);
    if (proves && m->standard)
        key_word(o, "evidence", cdn_standard_words(m->standard));
    excepts_json(o, m);
    measure_array(o, "forbids", m->forbids, m->forbid_count);
    cdn_jo_text(o, "id", m->id);
    if (answers) {
        verdict_key(o, "if_contradictory", m->if_contradictory);
        verdict_key(o, "if_unknown", m->if_unknown);
    }
    keeps_json(o, m);
}

void cdn_jo_measure(struct cdn_json_out *o, const struct cdn_measure *m) {
    o->measure = m;
    first_half(o, m);
    key_word(o, "kind", cdn_class_name(m->class_));
    measure_array(o, "lifts", m->lifts, m->lift_count);
    notices_json(o, m);
    outcomes_json(o, m);
    cdn_jo_text(o, "owner", m->owner);
    presumes_json(o, m);
    cdn_jo_moment(o, "recorded", &m->recorded);
    release_json(o, m);
    cdn_jo_sources(o, m->sources, m->source_count);
    measure_array(o, "supersedes", m->supersedes, m->supersede_count);
    suspensions_json(o, m);
    cdn_jo_text(o, "title", m->title);
    cdn_jo_moment(o, "until", &m->until);
    if (m->when) {
        cdn_jo_key(o, "when");
        cdn_jo_expr(o, m->when);
    }
    o->measure = NULL;
}
