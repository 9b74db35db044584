/* SPDX-License-Identifier: Apache-2.0 */
/* parse_given.c: the request of a scenario: parties, objects, evidence, facts, state.
 *
 * Values are made by src/request, as those of the JSON reader and the C API are, so that a scenario means
 * what the same request would mean on any surface. */
#include "rulebook/scene.h"

#include "base/limits.h"
#include "places/codes.h"
#include "request/values.h"

/* A value that src/request refused; its message and hint are said at `at`. Always true: the clause goes on.
 */
static bool refused(struct cdn_parser *p, const struct cdn_token *at, int err, const struct cordon_error *e) {
    if (err == CORDON_E_NOMEM) {
        p->err = err;
        return false;
    }
    struct cdn_diagnostic *d = cdn_rb_error(p, "bad-value", cdn_rb_where(p, at), "%s", e->message);
    if (d && e->hint[0])
        d->suggestion = cdn_rb_say(p->diags, "%s", e->hint);
    return true;
}

static bool when_value(struct cdn_parser *p, const char *what, struct cdn_when *ret) {
    struct cdn_moment m = {.at = 0};
    return cdn_rb_moment(p, what, &m, ret);
}

/* ---- facts ------------------------------------------------------------------------------------------ */

/* An instant as the canonical text that src/request reads. */
static bool when_text(struct cdn_parser *p, cordon_str *ret) {
    struct cdn_when when = cdn_when_instant(0);
    char text[40];
    struct cdn_buf b;
    if (!when_value(p, "a date or an instant", &when))
        return false;
    cdn_buf_fixed(&b, text, sizeof(text));
    cdn_when_write(&b, when);
    const int err = cdn_arena_str(p->arena, cdn_buf_get(&b), ret);
    p->err = p->err ? p->err : err;
    return p->err == 0;
}

static bool word_or_text(struct cdn_parser *p, const char *what, cordon_str *ret) {
    const struct cdn_token *t = cdn_rb_peek(p);
    if (t->kind == CDN_TOK_TEXT)
        return cdn_rb_text(p, what, ret);
    if (t->kind != CDN_TOK_WORD && t->kind != CDN_TOK_NAME && t->kind != CDN_TOK_NUMBER)
        return cdn_rb_expected(p, what);
    *ret = cdn_rb_next(p)->text;
    return true;
}

static bool codes_value(struct cdn_parser *p, const struct cdn_value **ret) {
    cordon_str *texts = NULL;
    uint32_t count = 0;
    struct cordon_error e = {0};
    const struct cdn_token *at = cdn_rb_peek(p);
    if (!cdn_rb_take(p, "none")) {
        do {
            cordon_str text;
            if (!word_or_text(p, "a code, or `none`", &text))
                return false;
            cordon_str *slot = cdn_rb_push(p, &texts, &count, sizeof(*slot));
            if (slot)
                *slot = text;
        } while (cdn_rb_take_sign(p, ','));
    }
    if (p->err != 0)
        return false;
    const int err = cdn_request_fact_codes(p->arena, texts, count, ret, &e);
    return err == 0 || refused(p, at, err, &e);
}

static bool money_value(struct cdn_parser *p, struct cdn_money *ret) {
    return cdn_rb_decimal(p, "an amount such as 200 GBP", &ret->amount) && cdn_rb_currency(p, ret->currency);
}

static bool bool_value(struct cdn_parser *p, bool *ret) {
    *ret = cdn_rb_take(p, "true");
    return *ret || cdn_rb_take(p, "false") || cdn_rb_expected(p, "`true` or `false`");
}

/* `unanswered` or `not applicable` in place of a value: enum cdn_have, 0 for neither. */
static unsigned take_no_value(struct cdn_parser *p) {
    if (cdn_rb_take(p, "unanswered"))
        return CDN_HAVE_NULL;
    return cdn_rb_take2(p, "not", "applicable") ? CDN_HAVE_NOT_APPLICABLE : 0;
}

/* The value of a fact of that type. `declared`: as the JSON reader does for facts that only a snapshot knows.
 */
static bool fact_value(struct cdn_parser *p, unsigned type, bool declared, const struct cdn_value **ret) {
    struct cordon_error e = {0};
    const struct cdn_token *at = cdn_rb_peek(p);
    struct cdn_money money = {.amount = {0, 0}};
    bool boolean = false;
    cordon_str text = {NULL, 0};
    int err = 0;
    const unsigned have = take_no_value(p);
    if (have) {
        *ret = cdn_request_no_value((enum cdn_have)have);
        return true;
    }
    if (type == CDN_TYPE_CODES)
        return codes_value(p, ret);
    if (type == CDN_TYPE_MONEY) {
        if (!money_value(p, &money))
            return false;
        err = cdn_request_fact_money(p->arena, money, ret, &e);
    } else if (type == CDN_TYPE_BOOL) {
        if (!bool_value(p, &boolean))
            return false;
        err = cdn_request_fact_bool(p->arena, boolean, ret, &e);
    } else if (type == CDN_TYPE_NUMBER) {
        if (at->kind != CDN_TOK_NUMBER)
            return cdn_rb_expected(p, "a number");
        err = cdn_request_fact_number(p->arena, cdn_rb_next(p)->text, ret, &e);
    } else {
        if (type == CDN_TYPE_WHEN ? !when_text(p, &text)
                                  : !word_or_text(p, "a code, or a text in quotes", &text))
            return false;
        err = cdn_request_fact_text(p->arena, declared ? CDN_TYPE_NONE : type, text, ret, &e);
    }
    return err == 0 || refused(p, at, err, &e);
}

static bool add_given(struct cdn_parser *p,
                      struct cdn_scene_item *item,
                      cordon_str name,
                      const struct cdn_value *value) {
    struct cdn_given_fact *slot = cdn_rb_push(p, &item->given, &item->given_count, sizeof(*slot));
    if (slot) {
        slot->name = name;
        slot->hash = cdn_hash(name, 0);
        slot->value = *value;
    }
    return slot != NULL;
}

bool cdn_rb_scene_fact(struct cdn_parser *p,
                       struct cdn_scene_item *item,
                       uint16_t fact,
                       const struct cdn_token *name) {
    const struct cdn_fact_info info = cdn_rb_fact_info(p->rb, fact);
    const bool declared = fact >= CDN_FACT_DECLARED_BASE;
    const struct cdn_value *value = NULL;
    if (fact == CDN_FACT_SINCE || fact == CDN_FACT_PERIOD_END || fact == CDN_FACT_UNIT_VALUE ||
        fact == CDN_FACT_TLD) {
        (void)cdn_rb_error(p,
                           "derived-fact",
                           cdn_rb_where(p, name),
                           "`%.*s` is computed and cannot be given",
                           CDN_FMT(name->text));
        return false;
    }
    if (!fact_value(p, info.type, declared, &value))
        return false;
    if (!value)
        return true; /* refused and reported */
    if (declared)
        return add_given(p, item, p->rb->facts[fact - CDN_FACT_DECLARED_BASE].name, value);
    if (item->facts[cdn_facts[fact].slot])
        (void)cdn_rb_error(
            p, "repeated-clause", cdn_rb_where(p, name), "`%.*s` is given twice", CDN_FMT(name->text));
    cdn_fact_put(item->facts, fact, value);
    return true;
}

/* ---- evidence --------------------------------------------------------------------------------------- */

static bool address_members(struct cdn_parser *p, struct cdn_address *a) {
    static const char *const words[] = {"country", "region", "city", "postal_code", "lines"};
    cordon_str *const members[] = {&a->country, &a->region, &a->city, &a->postal_code, &a->lines};
    do {
        size_t i = 0;
        while (i < CDN_ARRAY_LEN(words) && !cdn_rb_take(p, words[i]))
            i++;
        if (i == CDN_ARRAY_LEN(words))
            return cdn_rb_expected(p,
                                   "`country`, `region`, `city`, `postal_code`, `lines` or a text in quotes");
        if (!word_or_text(p, "a code, or a text in quotes", members[i]))
            return false;
    } while (cdn_rb_take_sign(p, ','));
    return true;
}

static bool address_value(struct cdn_parser *p, struct cdn_evidence *ev) {
    const struct cdn_token *at = cdn_rb_peek(p);
    struct cordon_error e = {0};
    if (!address_members(p, &ev->address))
        return false;
    const int err = cdn_request_evidence_address(ev, &e);
    return err == 0 || refused(p, at, err, &e);
}

/* `ip country RU [, region UA-43]`: what a caller resolved by itself. */
static bool ip_place(struct cdn_parser *p, struct cdn_evidence *ev) {
    (void)cdn_rb_next(p);
    if (!cdn_rb_country(p, &ev->country))
        return false;
    if (cdn_rb_take_sign(p, ',')) {
        if (!cdn_rb_need(p, "region") || !word_or_text(p, "a region such as UA-43", &ev->address.region))
            return false;
    }
    ev->have = CDN_HAVE_VALUE;
    ev->answer_count = 1;
    return true;
}

static bool degrees(struct cdn_parser *p, const char *what, int limit, int32_t *ret) {
    const struct cdn_token *at = cdn_rb_peek(p);
    struct cdn_decimal v;
    struct cordon_error e = {0};
    char text[32];
    struct cdn_buf b;
    if (!cdn_rb_decimal(p, what, &v))
        return false;
    cdn_buf_fixed(&b, text, sizeof(text));
    cdn_decimal_write(&b, v);
    const int err = cdn_request_degrees(cdn_buf_get(&b), limit, ret, &e);
    return err == 0 || refused(p, at, err, &e);
}

static bool point_value(struct cdn_parser *p, struct cdn_evidence *ev) {
    ev->have = CDN_HAVE_VALUE;
    ev->has_point = true;
    return degrees(p, "a latitude and a longitude: 44.95 34.1", 90, &ev->latitude) &&
           degrees(p, "a longitude", 180, &ev->longitude);
}

static bool evidence_value(struct cdn_parser *p, struct cdn_evidence *ev) {
    const unsigned form = cdn_evidence_kinds[ev->kind].value;
    const struct cdn_token *at = cdn_rb_peek(p);
    struct cordon_error e = {0};
    cordon_str text;
    if (form == CDN_VALUE_ADDRESS && at->kind != CDN_TOK_TEXT)
        return address_value(p, ev);
    if (form == CDN_VALUE_IP && cdn_rb_is(at, "country"))
        return ip_place(p, ev);
    if (form == CDN_VALUE_POINT)
        return point_value(p, ev);
    if (form == CDN_VALUE_CARD && cdn_rb_take(p, "iin")) {
        if (!word_or_text(p, "the first digits of the card", &text))
            return false;
        ev->have = CDN_HAVE_VALUE;
        const int err = cdn_request_evidence_iin(ev, text, &e);
        return err == 0 || refused(p, at, err, &e);
    }
    uint16_t country = 0;
    const bool tax = form == CDN_VALUE_TAX && at->kind == CDN_TOK_NAME;
    if (tax && !cdn_rb_country(p, &country))
        return false;
    if (!word_or_text(p, "a code, or a text in quotes", &text))
        return false;
    const int err = cdn_request_evidence_text(ev, text, &e);
    if (tax)
        ev->country = country;
    return err == 0 || refused(p, at, err, &e);
}

static struct cdn_evidence *new_evidence(struct cdn_parser *p, struct cdn_scene_item *item, unsigned kind) {
    const struct cdn_token *at = cdn_rb_peek(p);
    if (item->evidence_count >= CDN_MAX_EVIDENCE) {
        (void)cdn_rb_error(
            p, "too-large", cdn_rb_where(p, at), "more than %d pieces of evidence", (int)CDN_MAX_EVIDENCE);
        return NULL;
    }
    struct cdn_evidence *ev = cdn_rb_push(p, &item->evidence, &item->evidence_count, sizeof(*ev));
    if (ev)
        ev->kind = (uint8_t)kind;
    return ev;
}

/* KIND VALUE [seen INSTANT] [source "…"] */
static bool evidence_line(struct cdn_parser *p, struct cdn_scene_item *item, unsigned kind) {
    struct cdn_evidence *ev = new_evidence(p, item, kind);
    if (!ev)
        return false;
    ev->have = (uint8_t)take_no_value(p);
    if (ev->have == 0 && !evidence_value(p, ev))
        return false;
    ev->has_seen = cdn_rb_take(p, "seen");
    if (ev->has_seen && !when_value(p, "when it was seen", &ev->seen))
        return false;
    return !cdn_rb_take(p, "source") || cdn_rb_text(p, "who observed it, in quotes", &ev->source);
}

/* ---- what parties have besides
 * ------------------------------------------------------------------------------ */

static bool identifier(struct cdn_parser *p, struct cdn_scene_item *item) {
    struct cdn_identifier *slot = cdn_rb_push(p, &item->identifiers, &item->identifier_count, sizeof(*slot));
    if (!slot || !cdn_rb_word(p, "a kind such as `passport`", &slot->kind))
        return false;
    if (cdn_rb_peek(p)->kind == CDN_TOK_NAME && !cdn_rb_country(p, &slot->country))
        return false;
    return cdn_rb_text(p, "the number in quotes", &slot->value);
}

static bool percent(struct cdn_parser *p, uint8_t *ret_have, struct cdn_decimal *ret) {
    if (cdn_rb_peek(p)->kind != CDN_TOK_NUMBER)
        return true;
    *ret_have = CDN_HAVE_VALUE;
    return cdn_rb_decimal(p, "a percentage", ret) && cdn_rb_need_sign(p, '%', "`%`");
}

static bool listed(struct cdn_parser *p, struct cdn_scene_item *item, bool owned, unsigned truth) {
    const struct cdn_token *t = cdn_rb_peek(p);
    cordon_str name;
    if (!cdn_rb_word(p, "a list such as us/sdn", &name))
        return false;
    (void)cdn_rb_find(p, CDN_DECL_LIST, t, name);
    struct cdn_listed *l = cdn_rb_push(p, &item->listed, &item->listed_count, sizeof(*l));
    if (!l)
        return false;
    l->list = name;
    l->list_hash = cdn_hash(name, 0);
    l->truth = (uint8_t)truth;
    l->owned = owned;
    item->listed_have = CDN_HAVE_VALUE;
    if (cdn_rb_peek(p)->kind == CDN_TOK_TEXT && !cdn_rb_text(p, "the entry", &l->entry))
        return false;
    if (owned && !percent(p, &l->percent_have, &l->percent))
        return false;
    l->control = owned && cdn_rb_take(p, "controlled");
    uint32_t score = truth == CORDON_TRUE ? 1000 : 0;
    if (cdn_rb_take(p, "score") && !cdn_rb_whole(p, "a score from 0 to 1000", 1000, &score))
        return false;
    l->score = (uint16_t)score;
    return true;
}

/* relation SERVICE since DATE [period_end DATE] [until DATE]; for the request's service these stand on the
 * party's own line. */
static bool relation_words(struct cdn_parser *p, struct cdn_relation *r, bool *ret_any) {
    *ret_any = true;
    if (cdn_rb_take(p, "since")) {
        r->since_have = CDN_HAVE_VALUE;
        return when_value(p, "a date", &r->since);
    }
    if (cdn_rb_take(p, "period_end")) {
        r->period_end_have = CDN_HAVE_VALUE;
        return when_value(p, "a date", &r->period_end);
    }
    if (cdn_rb_take(p, "until")) {
        r->until_have = CDN_HAVE_VALUE;
        return when_value(p, "a date", &r->until);
    }
    *ret_any = false;
    return true;
}

static bool relation(struct cdn_parser *p, struct cdn_scene_item *item) {
    const struct cdn_token *t = cdn_rb_peek(p);
    cordon_str name;
    if (!cdn_rb_word(p, "a service", &name))
        return false;
    (void)cdn_rb_find(p, CDN_DECL_SERVICE, t, name);
    struct cdn_relation *r = cdn_rb_push(p, &item->relations, &item->relation_count, sizeof(*r));
    if (!r)
        return false;
    r->service = name;
    r->service_hash = cdn_hash(name, 0);
    item->relations_have = CDN_HAVE_VALUE;
    for (bool any = true; any;) {
        (void)cdn_rb_take_sign(p, ',');
        if (!relation_words(p, r, &any))
            return false;
    }
    return true;
}

/* owned by ROLE|"name" [51 %] [controlled] · owned by none · owned LIST … */
static bool owned(struct cdn_parser *p, struct cdn_scene_item *item) {
    if (!cdn_rb_take(p, "by"))
        return listed(p, item, true, CORDON_TRUE);
    item->owners_have = CDN_HAVE_VALUE;
    if (cdn_rb_take(p, "none"))
        return true;
    struct cdn_scene_owner *o = cdn_rb_push(p, &item->owners, &item->owner_count, sizeof(*o));
    if (!o)
        return false;
    o->at = *cdn_rb_peek(p);
    o->own.party = -1;
    struct cdn_subject s = {CDN_SUBJECT_NONE, 0};
    if (cdn_rb_peek(p)->kind == CDN_TOK_TEXT) {
        if (!cdn_rb_text(p, "the owner's name", &o->own.name))
            return false;
    } else if (!cdn_rb_subject(p, "a role, a name in quotes, or `none`", &s)) {
        return false;
    }
    o->role = s.kind == CDN_SUBJECT_ROLE ? s.index : 0;
    if (!percent(p, &o->own.percent_have, &o->own.percent))
        return false;
    o->own.control = cdn_rb_take(p, "controlled");
    return true;
}

/* `unanswered X`, `not applicable X`: asked without an answer, or not to be asked here. */
static bool no_value(struct cdn_parser *p, struct cdn_scene_item *item, enum cdn_have have) {
    const struct cdn_token *t = cdn_rb_peek(p);
    cordon_str name;
    if (!cdn_rb_word(p, "a fact or a kind of evidence", &name))
        return false;
    const bool party = item->owner == CDN_OWNER_PARTY;
    static const char *const words[] = {"birth_date", "relations", "owners", "listed"};
    uint8_t *const haves[] = {
        &item->birth_have, &item->relations_have, &item->owners_have, &item->listed_have};
    for (size_t i = 0; party && i < CDN_ARRAY_LEN(words); i++) {
        if (cdn_str_eq(name, cdn_str_z(words[i]))) {
            *haves[i] = (uint8_t)have;
            return true;
        }
    }
    const uint16_t fact = cdn_rb_fact(p, item->owner, name);
    const unsigned evidence = item->owner == CDN_OWNER_REQUEST ? 0 : cdn_model_evidence(name);
    if (fact >= CDN_FACT_DECLARED_BASE)
        return add_given(p, item, name, cdn_request_no_value(have));
    if (fact) {
        cdn_fact_put(item->facts, fact, cdn_request_no_value(have));
        return true;
    }
    if (!evidence) {
        (void)cdn_rb_error(
            p, "unknown-fact", cdn_rb_where(p, t), "no fact or evidence is called `%.*s`", CDN_FMT(name));
        return true;
    }
    struct cdn_evidence *ev = new_evidence(p, item, evidence);
    if (ev)
        ev->have = (uint8_t)have;
    return ev != NULL;
}

static bool not_clause(struct cdn_parser *p, struct cdn_scene_item *item) {
    if (cdn_rb_take(p, "applicable"))
        return no_value(p, item, CDN_HAVE_NOT_APPLICABLE);
    if (cdn_rb_take(p, "listed"))
        return listed(p, item, false, CORDON_FALSE);
    if (cdn_rb_take(p, "owned"))
        return listed(p, item, true, CORDON_FALSE);
    return cdn_rb_expected(p, "`listed`, `owned` or `applicable`");
}

static void unknown_item(struct cdn_parser *p, const struct cdn_scene_item *item, const struct cdn_token *t) {
    struct cdn_diagnostic *d = cdn_rb_error(
        p, "unknown-fact", cdn_rb_where(p, t), "no evidence or fact is called `%.*s`", CDN_FMT(t->text));
    if (!d)
        return;
    struct cdn_suggest s;
    cdn_suggest_init(&s, t->text);
    for (unsigned i = 1; i < CDN_EVIDENCE_COUNT; i++)
        cdn_suggest_offer(&s, cdn_str_z(cdn_evidence_kinds[i].name));
    for (unsigned i = 1; i < CDN_FACT_BUILTIN_COUNT; i++) {
        if (cdn_facts[i].owner == item->owner)
            cdn_suggest_offer(&s, cdn_str_z(cdn_facts[i].name));
    }
    if (cdn_suggest_found(&s))
        cdn_rb_suggest(p, d, s.best);
}

static bool party_clause(struct cdn_parser *p, struct cdn_scene_item *item, bool *ret_known) {
    *ret_known = true;
    if (cdn_rb_take(p, "name"))
        return cdn_rb_text(p, "the name in quotes", &item->name);
    if (cdn_rb_take(p, "gender"))
        return word_or_text(p, "the gender as in the document", &item->gender);
    if (cdn_rb_take(p, "birth_date")) {
        item->birth_have = CDN_HAVE_VALUE;
        return when_value(p, "a date", &item->birth);
    }
    if (cdn_rb_take(p, "identifier"))
        return identifier(p, item);
    if (cdn_rb_take(p, "relation"))
        return relation(p, item);
    if (cdn_rb_take(p, "listed"))
        return listed(p, item, false, CORDON_TRUE);
    if (cdn_rb_take(p, "perhaps"))
        return cdn_rb_need(p, "listed") && listed(p, item, false, CORDON_UNKNOWN);
    if (cdn_rb_take(p, "owned"))
        return owned(p, item);
    *ret_known = false;
    return true;
}

bool cdn_rb_scene_detail(struct cdn_parser *p, struct cdn_scene_item *item) {
    const struct cdn_token *t = cdn_rb_peek(p);
    if (t->kind != CDN_TOK_WORD)
        return cdn_rb_expected(p, "a kind of evidence, or a fact");
    if (cdn_rb_take(p, "unanswered"))
        return no_value(p, item, CDN_HAVE_NULL);
    if (cdn_rb_take(p, "not"))
        return not_clause(p, item);
    const uint16_t fact = cdn_rb_fact(p, item->owner, t->text);
    bool known = false;
    const bool good = fact || item->owner != CDN_OWNER_PARTY || party_clause(p, item, &known);
    if (known)
        return good;
    if (fact) {
        (void)cdn_rb_next(p);
        return cdn_rb_scene_fact(p, item, fact, t);
    }
    const unsigned kind = cdn_model_evidence(t->text);
    if (!kind || item->owner == CDN_OWNER_REQUEST) {
        unknown_item(p, item, t);
        return false;
    }
    (void)cdn_rb_next(p);
    return evidence_line(p, item, kind);
}

/* What may stand on the line of a party, after its role: "name", kind, new, since …, screened, not listed ….
 */
static bool head_word(struct cdn_parser *p, struct cdn_scene_item *item) {
    const struct cdn_token *t = cdn_rb_peek(p);
    bool any = false;
    if (t->kind == CDN_TOK_TEXT)
        return cdn_rb_text(p, "the name in quotes", &item->name);
    if (item->owner != CDN_OWNER_PARTY)
        return cdn_rb_scene_detail(p, item);
    if (cdn_rb_take(p, "new")) {
        item->relations_have = CDN_HAVE_VALUE;
        return true;
    }
    if (cdn_rb_take(p, "screened")) {
        item->listed_have = CDN_HAVE_VALUE;
        return true;
    }
    if (cdn_rb_take(p, "not"))
        return not_clause(p, item);
    if (cdn_rb_take(p, "listed"))
        return listed(p, item, false, CORDON_TRUE);
    if (!relation_words(p, &item->here, &any))
        return false;
    if (any) {
        item->has_here = true;
        item->relations_have = CDN_HAVE_VALUE;
        return true;
    }
    if (t->kind != CDN_TOK_WORD)
        return cdn_rb_expected(
            p, "a kind such as `person`, `new`, `since`, `period_end`, `screened`, `listed` or a name");
    return cdn_rb_scene_fact(p, item, CDN_FACT_KIND, t);
}

bool cdn_rb_scene_head(struct cdn_parser *p, struct cdn_scene_item *item) {
    while (!cdn_rb_at_end(p)) {
        if (!head_word(p, item))
            return false;
        if (!cdn_rb_take_sign(p, ','))
            break;
    }
    return cdn_rb_finish_line(p, "`,` or the end of the line");
}

/* ---- state
 * ---------------------------------------------------------------------------------------------------- */

static bool state_times(struct cdn_parser *p, struct cdn_state *s) {
    for (;;) {
        if (cdn_rb_take(p, "due")) {
            s->due_have = CDN_HAVE_VALUE;
            if (!when_value(p, "when it is due", &s->due))
                return false;
        } else if (cdn_rb_take(p, "done")) {
            s->done_have = CDN_HAVE_VALUE;
            if (!when_value(p, "when it was done", &s->done))
                return false;
        } else if (cdn_rb_take(p, "until")) {
            s->until_have = CDN_HAVE_VALUE;
            if (!when_value(p, "when it ends", &s->until))
                return false;
        } else {
            return true;
        }
    }
}

bool cdn_rb_scene_state(struct cdn_parser *p, struct cdn_scene *scene) {
    static const struct {
        const char *word;
        uint8_t kind;
    } words[] = {{"usage", CDN_STATE_USAGE},
                 {"duty", CDN_STATE_DUTY},
                 {"clearance", CDN_STATE_CLEARANCE},
                 {"hold", CDN_STATE_HOLD},
                 {"appeal", CDN_STATE_APPEAL}};
    struct cdn_scene_state st = {.state = {.party = -1}};
    struct cdn_state *s = &st.state;
    size_t i = 0;
    while (i < CDN_ARRAY_LEN(words) && !cdn_rb_take(p, words[i].word))
        i++;
    if (i == CDN_ARRAY_LEN(words))
        return cdn_rb_expected(p, "`usage`, `duty`, `clearance`, `hold` or `appeal`");
    s->kind = words[i].kind;
    const struct cdn_token *t = cdn_rb_peek(p);
    const bool clearance = s->kind == CDN_STATE_CLEARANCE;
    cordon_str name;
    if (!cdn_rb_word(p, clearance ? "a list" : "a measure", &name))
        return false;
    (void)cdn_rb_find(p, clearance ? CDN_DECL_LIST : CDN_DECL_MEASURE, t, name);
    if (clearance)
        s->list = name;
    else
        s->measure = name;
    if (clearance ? !cdn_rb_text(p, "the entry in quotes", &s->entry)
                  : cdn_rb_peek(p)->kind == CDN_TOK_TEXT && !cdn_rb_text(p, "a reference", &s->reference))
        return false;
    if (s->kind == CDN_STATE_USAGE && !money_value(p, &s->used))
        return false;
    if (!state_times(p, s))
        return false;
    st.at = *cdn_rb_peek(p);
    if (cdn_rb_take(p, "for")) {
        struct cdn_subject subject;
        st.at = *cdn_rb_peek(p);
        if (!cdn_rb_subject(p, "a role", &subject))
            return false;
        st.role = subject.kind == CDN_SUBJECT_ROLE ? subject.index : 0;
    }
    struct cdn_scene_state *slot = cdn_rb_push(p, &scene->state, &scene->state_count, sizeof(st));
    if (slot)
        *slot = st;
    return cdn_rb_finish_line(p, "`due`, `done`, `until`, `for` or the end of the line");
}
