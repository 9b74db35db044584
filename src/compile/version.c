/* SPDX-License-Identifier: Apache-2.0 */
/* version.c: the version of a measure: a digest of what it says, written as JSON.
 *
 * Names are written, not numbers, so that a measure keeps its version while others come and go. What is
 * written is what has a meaning for a decision or for a person who reads it; positions in files are not. */
#include "compile/build_priv.h"

struct json {
    const struct cdn_rulebook *rb;
    const struct cdn_measure *measure;
    struct cdn_buf *out;
    bool comma;
};

static void key(struct json *j, const char *name) {
    if (j->comma)
        cdn_buf_char(j->out, ',');
    cdn_buf_char(j->out, '"');
    cdn_buf_z(j->out, name);
    cdn_buf_z(j->out, "\":");
    j->comma = true;
}

static void text(struct json *j, const char *name, cordon_str s) {
    if (s.n == 0)
        return;
    key(j, name);
    cdn_buf_json(j->out, s);
}

static void number(struct json *j, const char *name, int64_t v) {
    if (v == 0)
        return;
    key(j, name);
    cdn_buf_int(j->out, v);
}

static void open_(struct json *j, const char *name, char bracket) {
    if (name)
        key(j, name);
    else if (j->comma)
        cdn_buf_char(j->out, ',');
    cdn_buf_char(j->out, bracket);
    j->comma = false;
}

static void close_(struct json *j, char bracket) {
    cdn_buf_char(j->out, bracket);
    j->comma = true;
}

static void item(struct json *j, cordon_str s) {
    if (j->comma)
        cdn_buf_char(j->out, ',');
    cdn_buf_json(j->out, s);
    j->comma = true;
}

static void moment(struct json *j, const char *name, const struct cdn_moment *m) {
    if (m->written.n == 0)
        return;
    open_(j, name, '[');
    cdn_buf_int(j->out, m->at);
    j->comma = true;
    item(j, m->written);
    item(j, m->zone);
    close_(j, ']');
}

static void source(struct json *j, const char *name, const struct cdn_source *s) {
    open_(j, name, '{');
    text(j, "accessed", s->accessed);
    text(j, "title", s->title);
    text(j, "unverified", s->unverified);
    text(j, "url", s->url);
    close_(j, '}');
}

enum list { ACTIONS, SERVICES, ENTITIES, MEASURES };

static void names(struct json *j, const char *name, const uint32_t *numbers, uint32_t n, enum list list) {
    if (n == 0)
        return;
    open_(j, name, '[');
    for (uint32_t i = 0; i < n; i++)
        item(j,
             list == ACTIONS    ? j->rb->actions[numbers[i]].id
             : list == SERVICES ? j->rb->services[numbers[i]].id
             : list == ENTITIES ? j->rb->entities[numbers[i]].id
                                : j->rb->measures[numbers[i]].id);
    close_(j, ']');
}

static void words(struct json *j, const struct cdn_test *t) {
    char bytes[512];
    struct cdn_buf b;
    /* Too long for this buffer: the parts below say the same. */
    cdn_buf_fixed(&b, bytes, sizeof(bytes));
    cdn_test_write(&b, j->rb, j->measure, t, false);
    open_(j, NULL, '{');
    text(j, "is", b.err ? CDN_STR("long") : cdn_buf_get(&b));
    if (t->kind == CDN_TEST_FINDING)
        number(j, "standard", t->standard);
    if (b.err) {
        number(j, "evidence", t->evidence);
        number(j, "fact", t->fact);
        number(j, "finding", t->finding);
        number(j, "kind", t->kind);
        open_(j, "places", '"');
        cdn_place_set_write(j->out, j->rb, &t->places);
        close_(j, '"');
    }
    if (t->text_count) {
        open_(j, "texts", '[');
        for (uint32_t i = 0; i < t->text_count; i++)
            item(j, t->texts[i]);
        close_(j, ']');
    }
    close_(j, '}');
}

static void expr(struct json *j, const char *name, const struct cdn_expr *x, unsigned depth) {
    static const char *const ops[CDN_EXPR_OP_COUNT] = {[CDN_EXPR_AND] = "and",
                                                       [CDN_EXPR_OR] = "or",
                                                       [CDN_EXPR_XOR] = "xor",
                                                       [CDN_EXPR_NOT] = "not",
                                                       [CDN_EXPR_TEST] = "test",
                                                       [CDN_EXPR_ANY] = "any",
                                                       [CDN_EXPR_EVERY] = "every",
                                                       [CDN_EXPR_TRUE] = "true"};
    if (!x || x->op >= CDN_EXPR_OP_COUNT || !ops[x->op] || depth > CDN_MAX_EXPR_DEPTH)
        return;
    open_(j, name, '[');
    item(j, cdn_str_z(ops[x->op]));
    if (x->op == CDN_EXPR_ANY || x->op == CDN_EXPR_EVERY)
        item(j,
             cdn_str_z(x->subject.kind == CDN_SUBJECT_ROLE     ? cdn_roles[x->subject.index].name
                       : x->subject.kind == CDN_SUBJECT_OBJECT ? cdn_objects[x->subject.index].name
                                                               : "party"));
    if (x->op == CDN_EXPR_TEST)
        words(j, x->test);
    for (uint32_t i = 0; i < x->count; i++)
        expr(j, NULL, x->children[i], depth + 1);
    close_(j, ']');
}

static void outcome(struct json *j, const struct cdn_outcome *o) {
    open_(j, NULL, '{');
    names(j, "actions", o->actions, o->action_count, ACTIONS);
    number(j, "any_action", o->any_action);
    number(j, "any_service", o->any_service);
    if (o->has_cap) {
        key(j, "cap");
        cdn_buf_char(j->out, '"');
        cdn_decimal_write(j->out, o->cap.amount);
        cdn_buf_z(j->out, o->cap.currency);
        cdn_buf_char(j->out, '"');
        number(j, "cap_window", o->cap_window);
    }
    number(j, "form", o->form);
    text(j, "limit_to", o->limit_to);
    names(j, "not_actions", o->not_actions, o->not_action_count, ACTIONS);
    number(j, "scope", o->scope);
    names(j, "services", o->services, o->service_count, SERVICES);
    number(j, "subject", o->subject.kind * 256 + o->subject.index);
    number(j, "verdict", o->verdict);
    close_(j, '}');
}

static void duty(struct json *j, const struct cdn_duty *d) {
    open_(j, NULL, '{');
    if (d->has_span) {
        number(j, "amount", d->span.amount);
        if (d->span.calendar >= 0)
            text(j, "calendar", j->rb->calendars[d->span.calendar].id);
    }
    number(j, "condition", d->condition);
    number(j, "kind", d->kind);
    text(j, "text", d->text);
    text(j, "to", d->to);
    if (d->has_span)
        number(j, "unit", d->span.unit);
    close_(j, '}');
}

static void conditions(struct json *j, const struct cdn_measure *m) {
    open_(j, "excepts", '[');
    for (uint32_t i = 0; i < m->except_count; i++) {
        item(j, m->excepts[i].label);
        expr(j, NULL, m->excepts[i].when, 1);
    }
    close_(j, ']');
    open_(j, "presumes", '[');
    for (uint32_t i = 0; i < m->presume_count; i++) {
        item(j, m->presumes[i].value ? CDN_STR("true") : CDN_STR("false"));
        words(j, m->presumes[i].test);
        item(j, m->presumes[i].why);
        source(j, NULL, &m->presumes[i].source);
    }
    close_(j, ']');
    expr(j, "when", m->when, 1);
}

static void consequences(struct json *j, const struct cdn_measure *m) {
    open_(j, "duties", '[');
    for (uint32_t i = 0; i < m->duty_count; i++)
        duty(j, &m->duties[i]);
    close_(j, ']');
    open_(j, "keeps", '[');
    for (uint32_t i = 0; i < m->keep_count; i++) {
        open_(j, NULL, '{');
        names(j, "actions", m->keeps[i].actions, m->keeps[i].action_count, ACTIONS);
        text(j, "note", m->keeps[i].note);
        moment(j, "until", &m->keeps[i].until);
        close_(j, '}');
    }
    close_(j, ']');
    open_(j, "notices", '[');
    for (uint32_t i = 0; i < m->notice_count; i++) {
        item(j, m->notices[i].lang);
        item(j, m->notices[i].text);
    }
    close_(j, ']');
    open_(j, "outcomes", '[');
    for (uint32_t i = 0; i < m->outcome_count; i++)
        outcome(j, &m->outcomes[i]);
    close_(j, ']');
}

static void links(struct json *j, const struct cdn_measure *m) {
    open_(j, "bound_countries", '[');
    for (uint32_t i = 0; i < m->bound_country_count; i++) {
        const char code[2] = {(char)(m->bound_countries[i] >> 8), (char)(m->bound_countries[i] & 0xFF)};
        item(j, cdn_str(code, 2));
    }
    close_(j, ']');
    names(j, "entities", m->entities, m->entity_count, ENTITIES);
    names(j, "forbids", m->forbids, m->forbid_count, MEASURES);
    names(j, "lifts", m->lifts, m->lift_count, MEASURES);
    open_(j, "suspensions", '[');
    for (uint32_t i = 0; i < m->suspension_count; i++) {
        open_(j, NULL, '{');
        moment(j, "from", &m->suspensions[i].from);
        source(j, "source", &m->suspensions[i].source);
        moment(j, "until", &m->suspensions[i].until);
        close_(j, '}');
    }
    close_(j, ']');
    names(j, "supersedes", m->supersedes, m->supersede_count, MEASURES);
}

static void measure(struct json *j, const struct cdn_measure *m) {
    open_(j, NULL, '{');
    text(j, "appeal", m->appeal);
    number(j, "basis", m->basis);
    number(j, "class", m->class_);
    text(j, "id", m->id);
    number(j, "if_contradictory", m->if_contradictory);
    number(j, "if_unknown", m->if_unknown);
    text(j, "issuer", m->issuer);
    text(j, "legal", m->legal);
    text(j, "owner", m->owner);
    text(j, "reason_class", m->reason_class);
    text(j, "release_authority", m->release_authority);
    number(j, "release_count", m->release_count);
    number(j, "standard", m->standard);
    text(j, "title", m->title);
    moment(j, "announced", &m->announced);
    moment(j, "effective", &m->effective);
    moment(j, "recorded", &m->recorded);
    moment(j, "until", &m->until);
    open_(j, "sources", '[');
    for (uint32_t i = 0; i < m->source_count; i++)
        source(j, NULL, &m->sources[i]);
    close_(j, ']');
    conditions(j, m);
    consequences(j, m);
    links(j, m);
    close_(j, '}');
}

int cdn_compile_measure_version(const struct cdn_rulebook *rb,
                                const struct cdn_measure *m,
                                struct cdn_buf *scratch,
                                char ret[16]) {
    struct json j = {rb, m, scratch, false};
    uint8_t digest[32];
    cdn_buf_clear(scratch);
    measure(&j, m);
    if (scratch->err)
        return scratch->err;
    const int err = cdn_compile_sha256(scratch->p, scratch->n, digest);
    if (err)
        return err;
    struct cdn_buf hex;
    cdn_buf_fixed(&hex, ret, 16);
    cdn_buf_hex(&hex, digest, 8);
    return hex.err;
}
