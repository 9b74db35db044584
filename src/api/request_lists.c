/* SPDX-License-Identifier: Apache-2.0 */
/* request_lists.c: the builder's lists: evidence, relations, identifiers, owners, results of screening,
 * state. */
#include "api/builder_priv.h"

#include "base/limits.h"
#include "places/codes.h"
#include "request/values.h"

CORDON_API void cordon_evidence_init(cordon_evidence *ev) {
    *ev = (cordon_evidence){.size = sizeof(*ev)};
}

/* ---- evidence
 * ---------------------------------------------------------------------------------------------- */

static int evidence_kind(cordon_str kind, uint8_t *ret, struct cordon_error *e) {
    const unsigned number = cdn_model_evidence(kind);
    if (number) {
        *ret = (uint8_t)number;
        return 0;
    }
    struct cdn_suggest s;
    cdn_suggest_init(&s, kind);
    for (unsigned i = 1; i < CDN_EVIDENCE_COUNT; i++)
        cdn_suggest_offer(&s, cdn_str_z(cdn_evidence_kinds[i].name));
    (void)cdn_fail(e, CORDON_E_NAME, "no kind of evidence `%.*s`", CDN_FMT(kind));
    if (cdn_suggest_found(&s))
        cdn_error_hint(e, "did you mean `%.*s`?", CDN_FMT(s.best));
    return CORDON_E_NAME;
}

static int check_utf8(const cordon_evidence *ev, struct cordon_error *e) {
    const cordon_str all[] = {
        ev->value, ev->source, ev->country, ev->region, ev->city, ev->postal_code, ev->lines};
    for (size_t i = 0; i < CDN_ARRAY_LEN(all); i++) {
        if (!cdn_utf8_valid(all[i]))
            return cdn_fail(e, CORDON_E_SYNTAX, "a text of the evidence is not UTF-8");
    }
    return 0;
}

static int fill_point(const cordon_evidence *ev, struct cdn_evidence *to, struct cordon_error *e) {
    int err = cdn_request_degrees(ev->latitude, 90, &to->latitude, e);
    err = err ? err : cdn_request_degrees(ev->longitude, 180, &to->longitude, e);
    if (!err && ev->country.n)
        err = cdn_request_country(ev->country, &to->country, e);
    to->address.region = ev->region;
    to->has_point = !err;
    return err;
}

/* The forms that consist of more than one text. False: `value` alone says it. */
static bool has_parts(const cordon_evidence *ev, unsigned form) {
    switch ((enum cdn_value_form)form) {
    case CDN_VALUE_ADDRESS:
        return ev->country.n || ev->region.n || ev->city.n || ev->postal_code.n || ev->lines.n;
    case CDN_VALUE_IP:
    case CDN_VALUE_TAX:
        return ev->country.n > 0;
    case CDN_VALUE_CARD:
        return ev->iin.n > 0;
    case CDN_VALUE_POINT:
        return true;
    case CDN_VALUE_COUNTRY:
    case CDN_VALUE_PHONE:
    case CDN_VALUE_IBAN:
    case CDN_VALUE_BIC:
    case CDN_VALUE_MCC:
    case CDN_VALUE_HOST:
    case CDN_VALUE_ASN:
    case CDN_VALUE_TEXT:
        break;
    }
    return false;
}

static int fill_parts(const cordon_evidence *ev,
                      unsigned form,
                      struct cdn_evidence *to,
                      struct cordon_error *e) {
    if (form == CDN_VALUE_ADDRESS) {
        to->address = (struct cdn_address){ev->country, ev->region, ev->city, ev->postal_code, ev->lines};
        return cdn_request_evidence_address(to, e);
    }
    if (form == CDN_VALUE_POINT)
        return fill_point(ev, to, e);
    int err = 0;
    if (form == CDN_VALUE_CARD)
        err = cdn_request_evidence_iin(to, ev->iin, e);
    if (!err && ev->country.n)
        err = cdn_request_country(ev->country, &to->country, e);
    if (form == CDN_VALUE_TAX)
        to->text = ev->value;
    if (form == CDN_VALUE_IP) {
        to->address.region = ev->region;
        to->answer_count = 1;
    }
    return err;
}

int cdn_api_evidence(const cordon_evidence *ev, struct cdn_evidence *ret, struct cordon_error *e) {
    struct cdn_evidence to = {0};
    if (!ev || ev->size != sizeof(*ev))
        return cdn_fail(e, CORDON_E_ARG, "evidence that cordon_evidence_init() did not prepare");
    int err = evidence_kind(ev->kind, &to.kind, e);
    err = err ? err : check_utf8(ev, e);
    if (err)
        return err;
    const unsigned form = cdn_evidence_kinds[to.kind].value;
    if (ev->unanswered) {
        to.have = CDN_HAVE_NULL;
    } else if (cdn_str_eq(ev->value, CDN_STR(CDN_NOT_APPLICABLE))) {
        to.have = CDN_HAVE_NOT_APPLICABLE;
    } else {
        to.have = CDN_HAVE_VALUE;
        err =
            has_parts(ev, form) ? fill_parts(ev, form, &to, e) : cdn_request_evidence_text(&to, ev->value, e);
    }
    if (!err && ev->seen.n) {
        err = cdn_request_when(ev->seen, &to.seen, e);
        to.has_seen = true;
    }
    to.source = ev->source;
    if (!err)
        *ret = to;
    return err;
}

/* All texts of `ev` in the arena. */
static int copy_texts(struct cordon_request *r, struct cdn_evidence *ev, struct cordon_error *e) {
    cordon_str *const all[] = {&ev->text,
                               &ev->source,
                               &ev->address.country,
                               &ev->address.region,
                               &ev->address.city,
                               &ev->address.postal_code,
                               &ev->address.lines};
    for (size_t i = 0; i < CDN_ARRAY_LEN(all); i++) {
        if (all[i]->n && cdn_arena_str(&r->arena, *all[i], all[i]))
            return cdn_api_no_memory(e);
    }
    return 0;
}

CORDON_API int cordon_request_add_evidence(cordon_request *r,
                                           cordon_subject subject,
                                           const cordon_evidence *ev,
                                           cordon_error *e) {
    struct cdn_api_on on = {0};
    struct cdn_evidence item;
    int err = cdn_api_subject(r, subject, &on, e);
    if (!err && !on.party && !on.object)
        err = cdn_fail(e, CORDON_E_ARG, "evidence belongs to a party or an object");
    err = err ? err : cdn_api_evidence(ev, &item, e);
    if (err)
        return err;
    uint16_t *count = on.party ? &on.party->evidence_count : &on.object->evidence_count;
    if (*count >= CDN_MAX_EVIDENCE)
        return cdn_fail(e, CORDON_E_LIMIT, "more than %d pieces of evidence", CDN_MAX_EVIDENCE);
    void *items = on.building->evidence;
    err = copy_texts(r, &item, e);
    err = err ? err : cdn_api_grow(r, &items, &on.building->evidence_cap, *count, sizeof(item), e);
    if (err)
        return err;
    on.building->evidence = items;
    on.building->evidence[(*count)++] = item;
    if (on.party)
        on.party->evidence = items;
    else
        on.object->evidence = items;
    return 0;
}

/* ---- lists of a party ------------------------------------------------------------------------------------
 */

static int party_only(struct cordon_request *r,
                      cordon_subject subject,
                      struct cdn_api_on *ret,
                      struct cordon_error *e) {
    const int err = cdn_api_subject(r, subject, ret, e);
    if (!err && !ret->party)
        return cdn_fail(e, CORDON_E_ARG, "this belongs to a party");
    return err;
}

static int copy_text(
    struct cordon_request *r, cordon_str from, size_t max, cordon_str *ret, struct cordon_error *e) {
    if (from.n > max || !cdn_utf8_valid(from))
        return cdn_fail(e, CORDON_E_RANGE, "a text is longer than %zu bytes or not UTF-8", max);
    *ret = (cordon_str){NULL, 0};
    if (from.n && cdn_arena_str(&r->arena, from, ret))
        return cdn_api_no_memory(e);
    return 0;
}

static int copy_name(struct cordon_request *r, cordon_str from, cordon_str *ret, struct cordon_error *e) {
    if (!from.n)
        return cdn_fail(e, CORDON_E_RANGE, "an empty name");
    return copy_text(r, from, CDN_MAX_WORD_BYTES, ret, e);
}

static int optional_when(cordon_str text, uint8_t *have, struct cdn_when *ret, struct cordon_error *e) {
    if (!text.n)
        return 0;
    *have = CDN_HAVE_VALUE;
    return cdn_request_when(text, ret, e);
}

static int optional_percent(cordon_str text, uint8_t *have, struct cdn_decimal *ret, struct cordon_error *e) {
    if (!text.n)
        return 0;
    *have = CDN_HAVE_VALUE;
    const int err = cdn_request_amount(text, ret, e);
    if (!err && (ret->mantissa < 0 || cdn_decimal_cmp(*ret, (struct cdn_decimal){100, 0}) > 0))
        return cdn_fail(e, CORDON_E_RANGE, "%.*s is not from 0 to 100 per cent", CDN_FMT(text));
    return err;
}

CORDON_API int cordon_request_add_relation(cordon_request *r,
                                           cordon_subject party,
                                           cordon_str service,
                                           cordon_str since,
                                           cordon_str period_end,
                                           cordon_str until,
                                           cordon_error *e) {
    struct cdn_api_on on = {0};
    struct cdn_relation item = {0};
    int err = party_only(r, party, &on, e);
    err = err ? err : copy_name(r, service, &item.service, e);
    err = err ? err : optional_when(since, &item.since_have, &item.since, e);
    err = err ? err : optional_when(period_end, &item.period_end_have, &item.period_end, e);
    err = err ? err : optional_when(until, &item.until_have, &item.until, e);
    if (err)
        return err;
    item.service_hash = cdn_hash(item.service, 0);
    if (on.party->relation_count >= CDN_MAX_RELATIONS)
        return cdn_fail(e, CORDON_E_LIMIT, "more than %d relations", CDN_MAX_RELATIONS);
    void *items = on.building->relations;
    err = cdn_api_grow(r, &items, &on.building->relation_cap, on.party->relation_count, sizeof(item), e);
    if (err)
        return err;
    on.building->relations = items;
    on.building->relations[on.party->relation_count++] = item;
    on.party->relations = items;
    on.party->relations_have = CDN_HAVE_VALUE;
    return 0;
}

CORDON_API int cordon_request_add_identifier(cordon_request *r,
                                             cordon_subject party,
                                             cordon_str kind,
                                             cordon_str country,
                                             cordon_str value,
                                             cordon_error *e) {
    struct cdn_api_on on = {0};
    struct cdn_identifier item = {0};
    int err = party_only(r, party, &on, e);
    err = err ? err : copy_name(r, kind, &item.kind, e);
    err = err ? err : copy_text(r, value, CDN_MAX_NAME_BYTES, &item.value, e);
    if (!err && country.n)
        err = cdn_request_country(country, &item.country, e);
    if (err)
        return err;
    if (on.party->identifier_count >= CDN_MAX_IDENTIFIERS)
        return cdn_fail(e, CORDON_E_LIMIT, "more than %d identifiers", CDN_MAX_IDENTIFIERS);
    void *items = on.building->identifiers;
    err = cdn_api_grow(r, &items, &on.building->identifier_cap, on.party->identifier_count, sizeof(item), e);
    if (err)
        return err;
    on.building->identifiers = items;
    on.building->identifiers[on.party->identifier_count++] = item;
    on.party->identifiers = items;
    return 0;
}

CORDON_API int cordon_request_add_owner(cordon_request *r,
                                        cordon_subject party,
                                        cordon_subject owner,
                                        cordon_str name,
                                        cordon_str percent,
                                        int control,
                                        cordon_error *e) {
    struct cdn_api_on on = {0};
    struct cdn_api_on other = {0};
    struct cdn_ownership item = {.party = -1, .control = control != 0};
    int err = party_only(r, party, &on, e);
    if (!err && owner != CORDON_ON_REQUEST) {
        err = party_only(r, owner, &other, e);
        item.party = err ? -1 : (int32_t)(other.party - r->parties);
    } else if (!err) {
        err = name.n ? copy_text(r, name, CDN_MAX_NAME_BYTES, &item.name, e)
                     : cdn_fail(e, CORDON_E_ARG, "an owner is a party of the request or has a name");
    }
    err = err ? err : optional_percent(percent, &item.percent_have, &item.percent, e);
    if (err)
        return err;
    if (on.party->owner_count >= CDN_MAX_OWNERS)
        return cdn_fail(e, CORDON_E_LIMIT, "more than %d owners", CDN_MAX_OWNERS);
    void *items = on.building->owners;
    err = cdn_api_grow(r, &items, &on.building->owner_cap, on.party->owner_count, sizeof(item), e);
    if (err)
        return err;
    on.building->owners = items;
    on.building->owners[on.party->owner_count++] = item;
    on.party->owners = items;
    on.party->owners_have = CDN_HAVE_VALUE;
    return 0;
}

CORDON_API int cordon_request_add_listed(cordon_request *r,
                                         cordon_subject party,
                                         cordon_str list,
                                         cordon_str entry,
                                         int truth,
                                         int score,
                                         cordon_error *e) {
    struct cdn_api_on on = {0};
    struct cdn_listed item = {0};
    int err = party_only(r, party, &on, e);
    err = err ? err : copy_name(r, list, &item.list, e);
    err = err ? err : copy_text(r, entry, CDN_MAX_NAME_BYTES, &item.entry, e);
    if (!err && (truth < CORDON_FALSE || truth > CORDON_UNKNOWN || score < 0 || score > 1000))
        err = cdn_fail(
            e, CORDON_E_RANGE, "a result of screening is true, false or unknown, its score 0 to 1000");
    if (err)
        return err;
    item.list_hash = cdn_hash(item.list, 0);
    item.truth = (uint8_t)truth;
    item.score = (uint16_t)score;
    if (on.party->listed_count >= CDN_MAX_OWNERS)
        return cdn_fail(e, CORDON_E_LIMIT, "more than %d results of screening", CDN_MAX_OWNERS);
    void *items = on.building->listed;
    err = cdn_api_grow(r, &items, &on.building->listed_cap, on.party->listed_count, sizeof(item), e);
    if (err)
        return err;
    on.building->listed = items;
    on.building->listed[on.party->listed_count++] = item;
    on.party->listed = items;
    on.party->listed_have = CDN_HAVE_VALUE;
    return 0;
}

/* ---- state ----------------------------------------------------------------------------------------------
 */

CORDON_API void cordon_state_init(cordon_state *s) {
    *s = (cordon_state){.size = sizeof(*s)};
}

static int state_kind(cordon_str kind, uint8_t *ret, struct cordon_error *e) {
    static const char *const words[] = {"usage", "duty", "clearance", "hold", "appeal"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(words); i++) {
        if (cdn_str_eq(kind, cdn_str_z(words[i]))) {
            *ret = (uint8_t)(CDN_STATE_USAGE + i);
            return 0;
        }
    }
    return cdn_fail(
        e, CORDON_E_NAME, "no kind of state `%.*s`: usage, duty, clearance, hold, appeal", CDN_FMT(kind));
}

static int state_sense(const struct cdn_state *s, struct cordon_error *e) {
    if ((s->kind == CDN_STATE_USAGE || s->kind == CDN_STATE_DUTY) && !s->measure.n)
        return cdn_fail(e, CORDON_E_ARG, "usage and duties are of a measure");
    if (s->kind == CDN_STATE_USAGE && !s->used.currency[0])
        return cdn_fail(e, CORDON_E_ARG, "usage is an amount of a currency");
    if (s->kind == CDN_STATE_CLEARANCE && (!s->list.n || !s->entry.n))
        return cdn_fail(e, CORDON_E_ARG, "a clearance needs list and entry: it clears of one candidate only");
    return 0;
}

static int fill_state(struct cordon_request *r,
                      const cordon_state *s,
                      struct cdn_state *to,
                      struct cordon_error *e) {
    struct cdn_api_on on = {0};
    int err = state_kind(s->kind, &to->kind, e);
    err = err ? err : copy_text(r, s->measure, CDN_MAX_WORD_BYTES, &to->measure, e);
    err = err ? err : copy_text(r, s->reference, CDN_MAX_NAME_BYTES, &to->reference, e);
    err = err ? err : copy_text(r, s->list, CDN_MAX_WORD_BYTES, &to->list, e);
    err = err ? err : copy_text(r, s->entry, CDN_MAX_NAME_BYTES, &to->entry, e);
    err = err ? err : copy_text(r, s->entry_fingerprint, CDN_MAX_WORD_BYTES, &to->entry_fingerprint, e);
    err = err ? err : copy_text(r, s->party_fingerprint, CDN_MAX_WORD_BYTES, &to->party_fingerprint, e);
    err = err ? err : copy_text(r, s->by, CDN_MAX_NAME_BYTES, &to->by, e);
    err = err ? err : copy_text(r, s->why, CDN_MAX_VALUE_BYTES, &to->why, e);
    err = err ? err : optional_when(s->due, &to->due_have, &to->due, e);
    err = err ? err : optional_when(s->done, &to->done_have, &to->done, e);
    err = err ? err : optional_when(s->until, &to->until_have, &to->until, e);
    if (!err && s->used.n) {
        err = cdn_request_amount(s->used, &to->used.amount, e);
        err = err ? err : cdn_request_currency(s->currency, to->used.currency, e);
    }
    if (!err && s->party != CORDON_ON_REQUEST) {
        err = party_only(r, s->party, &on, e);
        to->party = err ? -1 : (int32_t)(on.party - r->parties);
    }
    return err ? err : state_sense(to, e);
}

CORDON_API int cordon_request_add_state(cordon_request *r, const cordon_state *s, cordon_error *e) {
    struct cdn_state item = {.party = -1};
    int err = cdn_api_open(r, e);
    if (!err && (!s || s->size != sizeof(*s)))
        err = cdn_fail(e, CORDON_E_ARG, "state that cordon_state_init() did not prepare");
    err = err ? err : fill_state(r, s, &item, e);
    if (err)
        return err;
    if (r->own.state_count >= CDN_MAX_STATE)
        return cdn_fail(e, CORDON_E_LIMIT, "more than %d facts of state", CDN_MAX_STATE);
    void *items = r->state;
    err = cdn_api_grow(r, &items, &r->state_cap, r->own.state_count, sizeof(item), e);
    if (err)
        return err;
    r->own.state = r->state = items;
    r->state[r->own.state_count++] = item;
    return 0;
}

CORDON_API int cordon_request_add_usage(
    cordon_request *r, cordon_str measure, cordon_str amount, cordon_str currency, cordon_error *e) {
    cordon_state s;
    cordon_state_init(&s);
    s.kind = CDN_STR("usage");
    s.measure = measure;
    s.used = amount;
    s.currency = currency;
    if (!measure.n || !amount.n)
        return cdn_fail(e, CORDON_E_RANGE, "usage names a measure and an amount");
    return cordon_request_add_state(r, &s, e);
}
