/* SPDX-License-Identifier: Apache-2.0 */
/* parse_decl.c: the small declarations: operators, entities, services, actions, facts, lists, sets,
 * calendars, rates, settings of data. Each has a head line; lists and sets have `source` clauses, calendars
 * `holidays`. */
#include "rulebook/priv.h"

#include "base/limits.h"
#include "places/codes.h"

static bool title(struct cdn_parser *p, cordon_str *ret) {
    return cdn_rb_peek(p)->kind != CDN_TOK_TEXT || cdn_rb_text(p, "a title", ret);
}

static bool of_operator(struct cdn_parser *p, int32_t *ret) {
    const struct cdn_token *t = cdn_rb_peek(p);
    cordon_str name;
    if (!cdn_rb_word(p, "an operator", &name))
        return false;
    *ret = cdn_rb_find(p, CDN_DECL_OPERATOR, t, name);
    return true;
}

static bool parse_operator(struct cdn_parser *p, struct cdn_operator *o) {
    return cdn_rb_id(p, "the operator's name", &o->id) && title(p, &o->title) &&
           cdn_rb_finish_line(p, "a title in quotes or the end of the line");
}

static bool parse_entity(struct cdn_parser *p, struct cdn_entity *e) {
    int32_t of = -1;
    if (!cdn_rb_id(p, "the legal entity's name", &e->id) || !title(p, &e->title) || !cdn_rb_need(p, "of") ||
        !of_operator(p, &of) || !cdn_rb_need(p, "in") || !cdn_rb_country(p, &e->country))
        return false;
    uint32_t *const slot = &e->operator;
    *slot = of < 0 ? 0 : (uint32_t)of;
    return cdn_rb_finish_line(p, "the end of the line");
}

static bool add_class(struct cdn_parser *p, struct cdn_service *s) {
    const struct cdn_token *t = cdn_rb_peek(p);
    cordon_str name;
    size_t index = 0;
    if (!cdn_rb_id(p, "a class of services", &name))
        return false;
    if (cdn_map_get(&p->names[CDN_DECL_SERVICE], name, &index)) {
        (void)cdn_rb_error(p,
                           "ambiguous-name",
                           cdn_rb_where(p, t),
                           "`%.*s` is a service and cannot be a class, too",
                           CDN_FMT(name));
        return true;
    }
    cordon_str *slot = cdn_rb_push(p, &s->classes, &s->class_count, sizeof(*slot));
    if (slot)
        *slot = name;
    if (p->err == 0 && !cdn_map_get(&p->classes, name, &index))
        p->err = cdn_map_put(&p->classes, name, p->classes.count, NULL);
    return p->err == 0;
}

static bool parse_service(struct cdn_parser *p, struct cdn_service *s) {
    int32_t *const of = &s->operator;
    *of = -1;
    if (!cdn_rb_id(p, "the service's name", &s->id) || !title(p, &s->title))
        return false;
    if (cdn_rb_take(p, "of") && !of_operator(p, of))
        return false;
    if (cdn_rb_take(p, "is")) {
        do {
            if (!add_class(p, s))
                return false;
        } while (cdn_rb_take_sign(p, ','));
    }
    return cdn_rb_finish_line(p, "`of`, `is` or the end of the line");
}

static bool subject_bits(struct cdn_parser *p, uint32_t *roles, uint32_t *objects) {
    do {
        struct cdn_subject s;
        if (!cdn_rb_subject(p, "a role or kind of object", &s))
            return false;
        if (s.kind == CDN_SUBJECT_ROLE)
            *roles |= UINT32_C(1) << s.index;
        else if (s.kind == CDN_SUBJECT_OBJECT)
            *objects |= UINT32_C(1) << s.index;
    } while (cdn_rb_take_sign(p, ','));
    return true;
}

static bool parse_action(struct cdn_parser *p, struct cdn_action *a) {
    if (!cdn_rb_id(p, "the action's name", &a->id) || !title(p, &a->title))
        return false;
    if (cdn_rb_take(p, "needs") && !subject_bits(p, &a->needs_roles, &a->needs_objects))
        return false;
    if (cdn_rb_take(p, "may") && !subject_bits(p, &a->may_roles, &a->may_objects))
        return false;
    return cdn_rb_finish_line(p, "`needs`, `may` or the end of the line");
}

static const struct {
    const char *word;
    uint8_t type;
} types[] = {
    {"code", CDN_TYPE_CODE},
    {"codes", CDN_TYPE_CODES},
    {"text", CDN_TYPE_TEXT},
    {"when", CDN_TYPE_WHEN},
    {"money", CDN_TYPE_MONEY},
    {"number", CDN_TYPE_NUMBER},
    {"bool", CDN_TYPE_BOOL},
    {"place", CDN_TYPE_PLACE},
};
static bool fact_type(struct cdn_parser *p, uint8_t *ret) {
    for (size_t i = 0; i < CDN_ARRAY_LEN(types); i++) {
        if (cdn_rb_take(p, types[i].word)) {
            *ret = types[i].type;
            return true;
        }
    }
    return cdn_rb_expected(p, "`code`, `codes`, `text`, `when`, `money`, `number`, `bool` or `place`");
}

static bool parse_fact(struct cdn_parser *p, struct cdn_fact_decl *f) {
    const struct cdn_token *t = cdn_rb_peek(p);
    cordon_str whole, member = {NULL, 0};
    if (!cdn_rb_id(p, "a fact such as `customer.tier`", &whole))
        return false;
    const cordon_str head = cdn_str_split(whole, '.', &member);
    struct cdn_subject s = cdn_rb_subject_named(head);
    if (cdn_str_eq(head, CDN_STR("request")))
        s.kind = CDN_SUBJECT_REQUEST;
    else if (cdn_str_eq(head, CDN_STR("party")))
        s.kind = CDN_SUBJECT_ANY_PARTY;
    if (s.kind == CDN_SUBJECT_NONE || member.n == 0 || memchr(member.p, '.', member.n)) {
        struct cdn_diagnostic *d =
            cdn_rb_error(p, "bad-name", cdn_rb_where(p, t), "`%.*s` cannot be a fact", CDN_FMT(whole));
        if (d)
            d->expected = CDN_STR("a role, a kind of object or `request`, a dot, and the fact's name");
        return false;
    }
    f->owner = (uint8_t)cdn_rb_owner_of(s);
    if (cdn_model_fact(f->owner, member) || cdn_model_evidence(member))
        (void)cdn_rb_error(p,
                           "duplicate",
                           cdn_rb_where(p, t),
                           "`%.*s` is known already and need not be declared",
                           CDN_FMT(whole));
    else if (cdn_rb_fact(p, f->owner, member))
        (void)cdn_rb_error(
            p, "duplicate", cdn_rb_where(p, t), "the fact `%.*s` is declared twice", CDN_FMT(member));
    f->name = member;
    return fact_type(p, &f->type) && title(p, &f->title) && cdn_rb_finish_line(p, "a title in quotes");
}

static bool parse_list(struct cdn_parser *p, struct cdn_list_decl *l) {
    if (!cdn_rb_id(p, "the list's name", &l->id) || !title(p, &l->title))
        return false;
    if (cdn_rb_take(p, "issuer") && !cdn_rb_text(p, "the issuer in quotes", &l->issuer))
        return false;
    if (cdn_rb_take(p, "max-age")) {
        if (!cdn_rb_whole(p, "a number of days", 100000, &l->max_age_days))
            return false;
        if (!cdn_rb_take(p, "days") && !cdn_rb_take(p, "day"))
            return cdn_rb_expected(p, "`days`");
    }
    return cdn_rb_finish_line(p, "`issuer`, `max-age` or the end of the line");
}

/* ---- sets ------------------------------------------------------------------------------------------- */

/* `of bic` (a kind of evidence) or `of content.outlet` (a fact). */
static bool set_kind(struct cdn_parser *p, struct cdn_set_decl *s) {
    const struct cdn_token *t = cdn_rb_peek(p);
    cordon_str whole, member = {NULL, 0};
    if (!cdn_rb_word(p, "a kind of evidence such as `bic`, or a fact such as `content.outlet`", &whole))
        return false;
    s->evidence = (uint16_t)cdn_model_evidence(whole);
    if (s->evidence)
        return true;
    const cordon_str head = cdn_str_split(whole, '.', &member);
    struct cdn_subject subject = cdn_rb_subject_named(head);
    if (cdn_str_eq(head, CDN_STR("request")))
        subject.kind = CDN_SUBJECT_REQUEST;
    else if (cdn_str_eq(head, CDN_STR("party")))
        subject.kind = CDN_SUBJECT_ANY_PARTY;
    s->owner = (uint8_t)cdn_rb_owner_of(subject);
    s->fact = s->owner ? cdn_rb_fact(p, s->owner, member) : 0;
    if (s->fact == 0) {
        struct cdn_diagnostic *d = cdn_rb_error(p,
                                                "unknown-fact",
                                                cdn_rb_where(p, t),
                                                "no kind of evidence and no fact is called `%.*s`",
                                                CDN_FMT(whole));
        struct cdn_suggest g;
        cdn_suggest_init(&g, whole);
        for (unsigned i = 1; i < CDN_EVIDENCE_COUNT; i++)
            cdn_suggest_offer(&g, cdn_str_z(cdn_evidence_kinds[i].name));
        if (cdn_suggest_found(&g))
            cdn_rb_suggest(p, d, g.best);
        return true;
    }
    const unsigned type = cdn_rb_fact_info(p->rb, s->fact).type;
    if (type != CDN_TYPE_CODE && type != CDN_TYPE_CODES && type != CDN_TYPE_TEXT && type != CDN_TYPE_NONE)
        (void)cdn_rb_error(p,
                           "wrong-type",
                           cdn_rb_where(p, t),
                           "a set holds codes or texts, not values of `%.*s`",
                           CDN_FMT(whole));
    return true;
}

static bool set_members(struct cdn_parser *p, struct cdn_set_decl *s) {
    if (!cdn_rb_need_sign(p, '{', "`{` and the members"))
        return false;
    do {
        const struct cdn_token *t = cdn_rb_peek(p);
        cordon_str member;
        if (s->member_count > 0 && cdn_rb_is_sign(t, '}'))
            break;
        if (t->kind == CDN_TOK_TEXT) {
            if (!cdn_rb_text(p, "a member", &member))
                return false;
        } else if (t->kind == CDN_TOK_WORD || t->kind == CDN_TOK_NAME || t->kind == CDN_TOK_NUMBER) {
            member = cdn_rb_next(p)->text;
        } else {
            return cdn_rb_expected(p, "a code or a text in quotes");
        }
        if (s->member_count >= CDN_MAX_SET_MEMBERS) {
            (void)cdn_rb_error(p, "too-large", cdn_rb_where(p, t), "a set has at most 65536 members");
            return false;
        }
        cordon_str *slot = cdn_rb_push(p, &s->members, &s->member_count, sizeof(*slot));
        if (slot)
            *slot = member;
    } while (cdn_rb_take_sign(p, ','));
    return cdn_rb_need_sign(p, '}', "`,` or `}`") && cdn_rb_finish_line(p, "the end of the line");
}

static bool parse_set(struct cdn_parser *p, struct cdn_set_decl *s) {
    return cdn_rb_id(p, "the set's name", &s->id) && cdn_rb_need(p, "of") && set_kind(p, s) &&
           title(p, &s->title) && set_members(p, s);
}

/* ---- calendars, rates, data ------------------------------------------------------------------------- */

static bool weekend(struct cdn_parser *p, uint8_t *ret) {
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    uint8_t bits = 0;
    do {
        unsigned i = 0;
        while (i < 7 && !cdn_rb_take(p, days[i]))
            i++;
        if (i == 7)
            return cdn_rb_expected(p, "`mon`, `tue`, `wed`, `thu`, `fri`, `sat` or `sun`");
        bits = (uint8_t)(bits | 1U << i);
    } while (cdn_rb_take_sign(p, ','));
    *ret = bits;
    return true;
}

static bool parse_calendar(struct cdn_parser *p, struct cdn_calendar_decl *c) {
    c->weekend = 0x60;
    if (!cdn_rb_id(p, "the calendar's name", &c->id) || !title(p, &c->title) || !cdn_rb_need(p, "zone"))
        return false;
    const struct cdn_token *t = cdn_rb_peek(p);
    if (t->kind != CDN_TOK_NAME)
        return cdn_rb_expected(p, "a time zone such as America/New_York");
    (void)cdn_rb_next(p);
    c->zone = t->text;
    (void)cdn_rb_zone(p, t, t->text);
    if (cdn_rb_take(p, "weekend") && !weekend(p, &c->weekend))
        return false;
    return cdn_rb_finish_line(p, "`weekend` or the end of the line");
}

static bool holidays(struct cdn_parser *p, struct cdn_calendar_decl *c) {
    do {
        int32_t day = 0;
        if (!cdn_rb_day(p, "a date such as 2022-01-17", &day))
            return false;
        int32_t *slot = cdn_rb_push(p, &c->holidays, &c->holiday_count, sizeof(*slot));
        if (!slot)
            return false;
        *slot = day;
        for (uint32_t i = c->holiday_count - 1; i > 0 && c->holidays[i - 1] > c->holidays[i]; i--) {
            const int32_t later = c->holidays[i - 1];
            c->holidays[i - 1] = c->holidays[i];
            c->holidays[i] = later;
        }
    } while (cdn_rb_take_sign(p, ','));
    return cdn_rb_finish_line(p, "`,` or the end of the line");
}

static bool parse_rate(struct cdn_parser *p, struct cdn_rate *r) {
    if (!cdn_rb_currency(p, r->from) || !cdn_rb_need(p, "to") || !cdn_rb_currency(p, r->to))
        return false;
    const struct cdn_token *t = cdn_rb_peek(p);
    if (!cdn_rb_decimal(p, "the rate, such as 1.0871", &r->rate))
        return false;
    if (r->rate.mantissa <= 0)
        (void)cdn_rb_error(p, "out-of-range", cdn_rb_where(p, t), "a rate is more than zero");
    if (!cdn_rb_need(p, "from") || !cdn_rb_moment(p, "the day from which it holds", &r->since, NULL))
        return false;
    if (cdn_rb_peek(p)->kind == CDN_TOK_TEXT && !cdn_rb_source(p, &r->source))
        return false;
    return cdn_rb_finish_line(p, "the source in quotes or the end of the line");
}

static bool parse_geodata(struct cdn_parser *p) {
    for (;;) {
        const bool age = cdn_rb_is(cdn_rb_peek(p), "max-age");
        if (cdn_rb_at_end(p))
            return true;
        if (!age && !cdn_rb_is(cdn_rb_peek(p), "max-radius"))
            return cdn_rb_expected(p, "`max-age` or `max-radius`");
        (void)cdn_rb_next(p);
        uint32_t n = 0;
        if (!cdn_rb_whole(p, age ? "a number of days" : "a number of kilometres", 100000, &n))
            return false;
        if (!(age ? cdn_rb_take(p, "days") || cdn_rb_take(p, "day") : cdn_rb_take(p, "km")))
            return cdn_rb_expected(p, age ? "`days`" : "`km`");
        if (age)
            p->rb->geo_max_age_days = n;
        else
            p->rb->geo_max_radius_km = n;
    }
}

/* ---- dispatch --------------------------------------------------------------------------------------- */

static void parse_head(struct cdn_parser *p, const struct cdn_decl *decl, struct cdn_pos pos) {
    struct cdn_rulebook *rb = p->rb;
    const uint32_t i = decl->index;
    switch ((enum cdn_decl_kind)decl->kind) {
    case CDN_DECL_OPERATOR:
        rb->operators[i].pos = pos;
        (void)parse_operator(p, &rb->operators[i]);
        break;
    case CDN_DECL_ENTITY:
        rb->entities[i].pos = pos;
        (void)parse_entity(p, &rb->entities[i]);
        break;
    case CDN_DECL_SERVICE:
        rb->services[i].pos = pos;
        (void)parse_service(p, &rb->services[i]);
        break;
    case CDN_DECL_ACTION:
        rb->actions[i].pos = pos;
        (void)parse_action(p, &rb->actions[i]);
        break;
    case CDN_DECL_FACT:
        rb->facts[i].pos = pos;
        (void)parse_fact(p, &rb->facts[i]);
        break;
    case CDN_DECL_LIST:
        rb->lists[i].pos = pos;
        (void)parse_list(p, &rb->lists[i]);
        break;
    case CDN_DECL_SET:
        rb->sets[i].pos = pos;
        (void)parse_set(p, &rb->sets[i]);
        break;
    case CDN_DECL_CALENDAR:
        rb->calendars[i].pos = pos;
        (void)parse_calendar(p, &rb->calendars[i]);
        break;
    case CDN_DECL_RATE:
        rb->rates[i].source.pos = pos;
        (void)parse_rate(p, &rb->rates[i]);
        break;
    case CDN_DECL_GEODATA:
        (void)parse_geodata(p);
        break;
    case CDN_DECL_TERRITORY:
    case CDN_DECL_MEASURE:
    case CDN_DECL_SCENARIO:
    case CDN_DECL_NONE:
    case CDN_DECL_COUNT:
        break;
    }
}

static void parse_clause(struct cdn_parser *p, const struct cdn_decl *decl) {
    struct cdn_rulebook *rb = p->rb;
    const uint32_t i = decl->index;
    bool known = false;
    if (decl->kind == CDN_DECL_LIST)
        (void)cdn_rb_source_clause(p, &rb->lists[i].sources, &rb->lists[i].source_count, &known);
    else if (decl->kind == CDN_DECL_SET)
        (void)cdn_rb_source_clause(p, &rb->sets[i].sources, &rb->sets[i].source_count, &known);
    else if (decl->kind == CDN_DECL_CALENDAR && cdn_rb_take(p, "holidays"))
        known = holidays(p, &rb->calendars[i]) || true;
    if (known)
        return;
    if (decl->kind == CDN_DECL_LIST || decl->kind == CDN_DECL_SET)
        (void)cdn_rb_expected(p, "`source` or `unverified`");
    else if (decl->kind == CDN_DECL_CALENDAR)
        (void)cdn_rb_expected(p, "`holidays`");
    else
        (void)cdn_rb_expected(p,
                              "the next declaration at the beginning of the line; this one has no clauses");
}

void cdn_rb_parse_decl(struct cdn_parser *p, const struct cdn_syntax *file, const struct cdn_decl *decl) {
    cdn_rb_open(p, file, decl->line);
    (void)cdn_rb_next(p); /* the keyword */
    parse_head(p, decl, cdn_rb_pos(p, cdn_rb_peek(p)));
    for (uint32_t line = decl->line + 1; line < decl->end && p->err == 0; line++) {
        if (file->lines[line].comment)
            continue;
        cdn_rb_open(p, file, line);
        parse_clause(p, decl);
    }
}
