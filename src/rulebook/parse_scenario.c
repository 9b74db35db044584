/* SPDX-License-Identifier: Apache-2.0 */
/* parse_scenario.c: scenarios: instant, request (parse_given.c), expectations. */
#include "base/limits.h"
#include "rulebook/scene.h"

/* ---- expectations
 * ------------------------------------------------------------------------------------------ */

static bool measure_named(struct cdn_parser *p, int32_t *ret) {
    const struct cdn_token *t = cdn_rb_peek(p);
    cordon_str name;
    if (!cdn_rb_word(p, "a measure", &name))
        return false;
    *ret = cdn_rb_find(p, CDN_DECL_MEASURE, t, name);
    return true;
}

static bool expect_measure(struct cdn_parser *p, struct cdn_scenario *s, bool absent) {
    do {
        struct cdn_expect_measure x = {.by = -1, .pos = cdn_rb_pos(p, cdn_rb_peek(p))};
        int32_t measure = -1;
        if (!measure_named(p, &measure))
            return false;
        x.measure = measure < 0 ? 0 : (uint32_t)measure;
        if (absent)
            x.standing = CDN_EXPECT_ABSENT;
        else if (cdn_rb_take(p, "applied"))
            x.standing = CDN_EXPECT_APPLIED;
        else if (cdn_rb_take(p, "held"))
            x.standing = CDN_EXPECT_HELD;
        else if (cdn_rb_take(p, "excepted"))
            x.standing = CDN_EXPECT_EXCEPTED;
        else if (cdn_rb_take(p, "lifted"))
            x.standing = CDN_EXPECT_LIFTED;
        else
            return cdn_rb_expected(p, "`applied`, `lifted`, `held` or `excepted`");
        if (x.standing == CDN_EXPECT_LIFTED && cdn_rb_take(p, "by") && !measure_named(p, &x.by))
            return false;
        struct cdn_expect_measure *slot = cdn_rb_push(p, &s->measures, &s->measure_count, sizeof(x));
        if (slot)
            *slot = x;
    } while (cdn_rb_take_sign(p, ','));
    return true;
}

/* A fact as decisions name it: "customer.kind", "customer based in", "customer is new", "customer is on list
 * us/sdn": the words up to the next comma, one blank between them. */
static bool fact_words(struct cdn_parser *p, struct cdn_expect_fact *ret) {
    char text[300];
    struct cdn_buf b;
    const struct cdn_token *t = cdn_rb_peek(p);
    cordon_str member;
    if (t->kind != CDN_TOK_WORD)
        return cdn_rb_expected(p, "a fact such as `customer.kind` or `customer based in`");
    const cordon_str head = cdn_str_split(t->text, '.', &member);
    if (cdn_rb_subject_named(head).kind == CDN_SUBJECT_NONE && !cdn_str_eq(head, CDN_STR("request")) &&
        !cdn_str_eq(head, CDN_STR("party")) && !cdn_str_eq(head, CDN_STR("it"))) {
        struct cdn_subject ignored;
        (void)cdn_rb_subject(p, "a role", &ignored); /* says that there is none, and which one is near */
        return false;
    }
    ret->pos = cdn_rb_pos(p, t);
    cdn_buf_fixed(&b, text, sizeof(text));
    while (!cdn_rb_at_end(p) && !cdn_rb_is_sign(cdn_rb_peek(p), ',')) {
        if (b.n > 0)
            cdn_buf_char(&b, ' ');
        cdn_buf_str(&b, cdn_rb_next(p)->text);
    }
    if (b.err != 0) {
        (void)cdn_rb_error(p, "too-long", cdn_rb_where(p, t), "this fact is too long");
        return false;
    }
    const int err = cdn_arena_str(p->arena, cdn_buf_get(&b), &ret->text);
    p->err = p->err ? p->err : err;
    return p->err == 0;
}

static bool expect_facts(struct cdn_parser *p,
                         struct cdn_expect_fact **items,
                         uint32_t *count,
                         bool *ret_has) {
    if (ret_has)
        *ret_has = true;
    if (ret_has && cdn_rb_take(p, "none"))
        return true;
    do {
        struct cdn_expect_fact x;
        if (!fact_words(p, &x))
            return false;
        struct cdn_expect_fact *slot = cdn_rb_push(p, items, count, sizeof(x));
        if (slot)
            *slot = x;
    } while (cdn_rb_take_sign(p, ','));
    return true;
}

static bool expect_conflict(struct cdn_parser *p, struct cdn_scenario *s) {
    struct cdn_expect_conflict x = {.pos = cdn_rb_pos(p, cdn_rb_peek(p))};
    int32_t a = -1, b = -1;
    if (!measure_named(p, &a) || !cdn_rb_need(p, "with") || !measure_named(p, &b))
        return false;
    x.measure = a < 0 ? 0 : (uint32_t)a;
    x.with = b < 0 ? 0 : (uint32_t)b;
    struct cdn_expect_conflict *slot = cdn_rb_push(p, &s->conflicts, &s->conflict_count, sizeof(x));
    if (slot)
        *slot = x;
    return true;
}

static bool expect_duty(struct cdn_parser *p, struct cdn_scenario *s) {
    struct cdn_expect_duty x = {.pos = cdn_rb_pos(p, cdn_rb_peek(p))};
    int32_t measure = -1;
    if (!cdn_rb_duty_kind(p, &x.kind) || !cdn_rb_need(p, "of") || !measure_named(p, &measure))
        return false;
    x.measure = measure < 0 ? 0 : (uint32_t)measure;
    if (cdn_rb_take(p, "due") && !cdn_rb_moment(p, "when it is due", &x.due, NULL))
        return false;
    struct cdn_expect_duty *slot = cdn_rb_push(p, &s->duties, &s->duty_count, sizeof(x));
    if (slot)
        *slot = x;
    return true;
}

static bool verdict(struct cdn_parser *p, uint8_t *ret) {
    const struct cdn_token *t = cdn_rb_peek(p);
    const unsigned v = t->kind == CDN_TOK_WORD ? cdn_rb_verdict_named(t->text) : 0;
    if (!v)
        return cdn_rb_expected(p, "`allow`, `limit`, `hold`, `deny` or `freeze`");
    (void)cdn_rb_next(p);
    *ret = (uint8_t)v;
    return true;
}

static bool expect_outcome(struct cdn_parser *p, struct cdn_scenario *s) {
    struct cdn_expect_outcome x = {.pos = cdn_rb_pos(p, cdn_rb_peek(p))};
    if (!verdict(p, &x.verdict))
        return false;
    if (cdn_rb_take(p, "on")) {
        if (cdn_rb_take(p, "request"))
            x.subject.kind = CDN_SUBJECT_REQUEST;
        else if (!cdn_rb_subject(p, "a role, a kind of object or `request`", &x.subject))
            return false;
    }
    if (cdn_rb_take(p, "scope") && !cdn_rb_take_scope(p, &x.scope))
        return false;
    if (cdn_rb_take(p, "form") && !cdn_rb_take_form(p, &x.form))
        return false;
    struct cdn_expect_outcome *slot = cdn_rb_push(p, &s->outcomes, &s->outcome_count, sizeof(x));
    if (slot)
        *slot = x;
    return true;
}

static bool expect_changes(struct cdn_parser *p, struct cdn_scenario *s) {
    s->has_changes = true;
    s->changes_never = cdn_rb_take(p, "never");
    if (s->changes_never)
        return true;
    return cdn_rb_need(p, "at") && cdn_rb_moment(p, "an instant", &s->changes_at, NULL);
}

static bool expectation(struct cdn_parser *p, struct cdn_scenario *s, bool *ret_known) {
    const struct cdn_token *t = cdn_rb_peek(p);
    *ret_known = true;
    if (cdn_rb_take(p, "expect")) {
        s->verdict_pos = cdn_rb_pos(p, t);
        return verdict(p, &s->verdict);
    }
    if (cdn_rb_take(p, "measure"))
        return expect_measure(p, s, false);
    if (cdn_rb_take(p, "no"))
        return cdn_rb_need(p, "measure") && expect_measure(p, s, true);
    if (cdn_rb_take(p, "evidence"))
        return expect_facts(p, &s->evidence, &s->evidence_count, &s->has_evidence);
    if (cdn_rb_take(p, "missing"))
        return expect_facts(p, &s->missing, &s->missing_count, &s->has_missing);
    if (cdn_rb_take(p, "contradiction"))
        return expect_facts(p, &s->contradictions, &s->contradiction_count, NULL);
    if (cdn_rb_take(p, "presumed"))
        return expect_facts(p, &s->presumed, &s->presumed_count, NULL);
    if (cdn_rb_take(p, "conflict"))
        return expect_conflict(p, s);
    if (cdn_rb_take(p, "keep"))
        return cdn_rb_name_list(p, CDN_DECL_ACTION, "an action", &s->keeps, &s->keep_count);
    if (cdn_rb_take(p, "duty"))
        return expect_duty(p, s);
    if (cdn_rb_take(p, "outcome"))
        return expect_outcome(p, s);
    if (cdn_rb_take(p, "changes"))
        return expect_changes(p, s);
    *ret_known = false;
    return true;
}

/* ---- the request
 * --------------------------------------------------------------------------------------------- */

static bool request_line(struct cdn_parser *p, struct cdn_scenario *s) {
    const struct cdn_token *t = cdn_rb_peek(p);
    if (!cdn_rb_word(p, "an action", &s->request.action))
        return false;
    s->action = cdn_rb_find(p, CDN_DECL_ACTION, t, s->request.action);
    if (!cdn_rb_need(p, "on"))
        return false;
    t = cdn_rb_peek(p);
    if (!cdn_rb_word(p, "a service", &s->request.service))
        return false;
    s->service = cdn_rb_find(p, CDN_DECL_SERVICE, t, s->request.service);
    if (!cdn_rb_take(p, "by"))
        return true;
    t = cdn_rb_peek(p);
    if (!cdn_rb_word(p, "a legal entity", &s->request.acting_entity))
        return false;
    s->entity = cdn_rb_find(p, CDN_DECL_ENTITY, t, s->request.acting_entity);
    return true;
}

static struct cdn_scene_item *new_item(struct cdn_parser *p, struct cdn_scene *scene, struct cdn_subject s) {
    const struct cdn_token *t = cdn_rb_peek(p);
    if (scene->item_count >= CDN_MAX_PARTIES) {
        (void)cdn_rb_error(
            p, "too-large", cdn_rb_where(p, t), "more than %d parties and objects", (int)CDN_MAX_PARTIES);
        return NULL;
    }
    struct cdn_scene_item *item = cdn_rb_push(p, &scene->items, &scene->item_count, sizeof(*item));
    if (item) {
        item->owner = (uint8_t)cdn_rb_owner_of(s);
        item->index = s.index;
    }
    return item;
}

struct reading {
    struct cdn_scenario *s;
    struct cdn_scene scene;
    bool item_open; /* lines further in belong to the last item */
    bool at_written, request_written, expect_written;
};

static void unknown_clause(struct cdn_parser *p, const struct cdn_token *t) {
    struct cdn_diagnostic *d =
        cdn_rb_error(p, "syntax", cdn_rb_where(p, t), "did not expect `%.*s` here", CDN_FMT(t->text));
    if (!d)
        return;
    d->expected = CDN_STR(
        "`at`, `request`, a role, a kind of object, a fact of the request, `state`, `expect`, `measure`, "
        "`no measure`, `evidence`, `missing`, `contradiction`, `presumed`, `conflict`, `keep`, `duty`, "
        "`outcome` or `changes`");
    static const char *const words[] = {"request",
                                        "state",
                                        "expect",
                                        "measure",
                                        "evidence",
                                        "missing",
                                        "contradiction",
                                        "presumed",
                                        "conflict",
                                        "keep",
                                        "duty",
                                        "outcome",
                                        "changes"};
    struct cdn_suggest s;
    cdn_suggest_init(&s, t->text);
    for (unsigned i = 1; i < CDN_ROLE_COUNT; i++)
        cdn_suggest_offer(&s, cdn_str_z(cdn_roles[i].name));
    for (unsigned i = 1; i < CDN_OBJECT_COUNT; i++)
        cdn_suggest_offer(&s, cdn_str_z(cdn_objects[i].name));
    for (size_t i = 0; i < CDN_ARRAY_LEN(words); i++)
        cdn_suggest_offer(&s, cdn_str_z(words[i]));
    if (cdn_suggest_found(&s))
        cdn_rb_suggest(p, d, s.best);
}

static bool top_clause(struct cdn_parser *p, struct reading *r) {
    const struct cdn_token *t = cdn_rb_peek(p);
    bool known = false;
    r->item_open = false;
    if (t->kind != CDN_TOK_WORD)
        return cdn_rb_expected(p, "`at`, `request`, a role, a kind of object or an expectation");
    if (cdn_rb_take(p, "at")) {
        r->at_written = true;
        return cdn_rb_moment(p, "an instant", &r->s->at, NULL);
    }
    if (cdn_rb_take(p, "request")) {
        r->request_written = true;
        return request_line(p, r->s);
    }
    if (cdn_rb_take(p, "state"))
        return cdn_rb_scene_state(p, &r->scene);
    r->expect_written = r->expect_written || cdn_rb_is(t, "expect");
    const bool good = expectation(p, r->s, &known);
    if (known)
        return good;
    const struct cdn_subject subject = cdn_rb_subject_named(t->text);
    if (subject.kind != CDN_SUBJECT_NONE) {
        struct cdn_scene_item *item = new_item(p, &r->scene, subject);
        (void)cdn_rb_next(p);
        r->item_open = item != NULL;
        return item && cdn_rb_scene_head(p, item);
    }
    if (!cdn_rb_is(t, "unanswered") && !cdn_rb_is(t, "not") && !cdn_rb_fact(p, CDN_OWNER_REQUEST, t->text)) {
        unknown_clause(p, t);
        r->item_open = true; /* what stands below is skipped, not misread */
        return false;
    }
    return cdn_rb_scene_detail(p, &r->scene.request);
}

/* ---- handing over
 * ------------------------------------------------------------------------------------------------ */

static int32_t party_of_role(const struct cdn_scene *scene, unsigned role) {
    int32_t n = 0;
    for (uint32_t i = 0; i < scene->item_count; i++) {
        if (scene->items[i].owner != CDN_OWNER_PARTY)
            continue;
        if (scene->items[i].index == role)
            return n;
        n++;
    }
    return -1;
}

static void no_such_party(struct cdn_parser *p, const struct cdn_token *at, unsigned role) {
    (void)cdn_rb_error(
        p, "unknown-party", cdn_rb_where(p, at), "the scenario has no %s", cdn_roles[role].name);
}

/* The owners with their party numbers, which are known only now. */
static struct cdn_ownership *owners_of(struct cdn_parser *p,
                                       const struct cdn_scene *scene,
                                       const struct cdn_scene_item *item) {
    struct cdn_ownership *list =
        item->owner_count ? cdn_arena_zero(p->arena, item->owner_count, sizeof(*list)) : NULL;
    if (item->owner_count && !list)
        p->err = CORDON_E_NOMEM;
    for (uint32_t i = 0; i < item->owner_count && p->err == 0; i++) {
        list[i] = item->owners[i].own;
        if (item->owners[i].role) {
            list[i].party = party_of_role(scene, item->owners[i].role);
            if (list[i].party < 0)
                no_such_party(p, &item->owners[i].at, item->owners[i].role);
        }
    }
    return list;
}

static void hand_party(struct cdn_parser *p,
                       struct reading *r,
                       struct cdn_scene_item *item,
                       struct cdn_party *ret) {
    if (item->has_here) {
        struct cdn_relation *slot = cdn_rb_push(p, &item->relations, &item->relation_count, sizeof(*slot));
        if (!slot)
            return;
        *slot = item->here;
        slot->service = r->s->request.service;
        slot->service_hash = cdn_hash(slot->service, 0);
    }
    *ret = (struct cdn_party){.role = item->index,
                              .name = item->name,
                              .birth_have = item->birth_have,
                              .birth = item->birth,
                              .gender = item->gender,
                              .given = item->given,
                              .evidence = item->evidence,
                              .identifiers = item->identifiers,
                              .relations = item->relations,
                              .owners = owners_of(p, &r->scene, item),
                              .listed = item->listed,
                              .given_count = (uint16_t)item->given_count,
                              .evidence_count = (uint16_t)item->evidence_count,
                              .identifier_count = (uint16_t)item->identifier_count,
                              .relation_count = (uint16_t)item->relation_count,
                              .owner_count = (uint16_t)item->owner_count,
                              .listed_count = (uint16_t)item->listed_count,
                              .relations_have = item->relations_have,
                              .owners_have = item->owners_have,
                              .listed_have = item->listed_have};
    memcpy(ret->facts, item->facts, sizeof(ret->facts));
}

static void hand_items(struct cdn_parser *p, struct reading *r) {
    struct cdn_request *q = &r->s->request;
    struct cdn_party *parties = cdn_arena_zero(p->arena, r->scene.item_count + 1, sizeof(*parties));
    struct cdn_object *objects =
        parties ? cdn_arena_zero(p->arena, r->scene.item_count + 1, sizeof(*objects)) : NULL;
    if (!objects) {
        p->err = CORDON_E_NOMEM;
        return;
    }
    for (uint32_t i = 0; i < r->scene.item_count && p->err == 0; i++) {
        struct cdn_scene_item *item = &r->scene.items[i];
        if (item->owner == CDN_OWNER_PARTY) {
            hand_party(p, r, item, &parties[q->party_count++]);
            continue;
        }
        struct cdn_object *o = &objects[q->object_count++];
        *o = (struct cdn_object){.kind = item->index,
                                 .given = item->given,
                                 .evidence = item->evidence,
                                 .given_count = (uint16_t)item->given_count,
                                 .evidence_count = (uint16_t)item->evidence_count};
        memcpy(o->facts, item->facts, sizeof(o->facts));
    }
    q->parties = parties;
    q->objects = objects;
    memcpy(q->facts, r->scene.request.facts, sizeof(q->facts));
    q->given = r->scene.request.given;
    q->given_count = (uint16_t)r->scene.request.given_count;
}

static void hand_state(struct cdn_parser *p, struct reading *r) {
    const uint32_t n = r->scene.state_count;
    if (n > CDN_MAX_STATE) {
        (void)cdn_rb_error(
            p, "too-large", (struct cdn_at){r->s->pos, 1}, "more than %d lines of state", (int)CDN_MAX_STATE);
        return;
    }
    struct cdn_state *state = n && p->err == 0 ? cdn_arena_zero(p->arena, n, sizeof(*state)) : NULL;
    if (n && !state) {
        p->err = p->err ? p->err : CORDON_E_NOMEM;
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        state[i] = r->scene.state[i].state;
        if (r->scene.state[i].role) {
            state[i].party = party_of_role(&r->scene, r->scene.state[i].role);
            if (state[i].party < 0)
                no_such_party(p, &r->scene.state[i].at, r->scene.state[i].role);
        }
    }
    r->s->request.state = state;
    r->s->request.state_count = (uint16_t)n;
}

static void require(
    struct cdn_parser *p, const struct cdn_at *at, bool written, const char *message, const char *example) {
    struct cdn_diagnostic *d = written ? NULL : cdn_rb_error(p, "incomplete-scenario", *at, "%s", message);
    if (d)
        d->expected = cdn_str_z(example);
}

static void hand_over(struct cdn_parser *p,
                      struct reading *r,
                      const struct cdn_at *at,
                      size_t errors_before) {
    struct cordon_error e = {0};
    require(p,
            at,
            r->at_written,
            "the scenario does not say when",
            "a clause such as: at 2022-03-06T10:00 Europe/Moscow");
    require(p,
            at,
            r->request_written,
            "the scenario asks for nothing",
            "a clause such as: request account.open on aws");
    require(p, at, r->expect_written, "the scenario expects nothing", "a clause such as: expect deny");
    hand_items(p, r);
    hand_state(p, r);
    if (p->err != 0 || p->diags->errors > errors_before)
        return;
    r->s->request.at_have = CDN_HAVE_VALUE;
    r->s->request.at = r->s->at.at;
    if (cdn_request_finish(&r->s->request, &e) != 0)
        (void)cdn_rb_error(p, "bad-value", *at, "%s", e.message);
}

void cdn_rb_parse_scenario(struct cdn_parser *p, const struct cdn_syntax *file, const struct cdn_decl *decl) {
    struct reading r = {.s = &p->rb->scenarios[decl->index]};
    const size_t errors = p->diags->errors;
    cdn_rb_open(p, file, decl->line);
    const struct cdn_at at = cdn_rb_where(p, cdn_rb_next(p));
    r.s->pos = at.pos;
    r.s->action = r.s->service = r.s->entity = -1;
    r.scene.request.owner = CDN_OWNER_REQUEST;
    if (cdn_rb_text(p, "the scenario's title in quotes", &r.s->title))
        (void)cdn_rb_finish_line(p, "the end of the line");
    for (uint32_t line = decl->line + 1; line < decl->end && p->err == 0; line++) {
        if (file->lines[line].comment)
            continue;
        cdn_rb_open(p, file, line);
        bool good;
        if (file->lines[line].depth == 2 && r.scene.item_count > 0 && r.item_open)
            good = cdn_rb_scene_detail(p, &r.scene.items[r.scene.item_count - 1]);
        else if (file->lines[line].depth == 2 && r.item_open)
            continue;
        else if (file->lines[line].depth == 2)
            good = cdn_rb_expected(
                p, "this line no further in than the others; only parties and objects have lines below them");
        else
            good = top_clause(p, &r);
        if (good)
            (void)cdn_rb_finish_line(p, "the end of the line");
    }
    if (p->err == 0)
        hand_over(p, &r, &at, errors);
}
