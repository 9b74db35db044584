/* SPDX-License-Identifier: Apache-2.0 */
/* request.c: building a request member by member. The values are decoded as the JSON reader does
 * (request/values.h).
 *
 * A failed call leaves the request as it was; what it may have copied stays unused in the arena. */
#include "api/builder_priv.h"

#include "base/limits.h"
#include "request/values.h"

enum {
    FIRST_BLOCK = 16384
}; /* a usual request fits, so that reading one into old memory allocates nothing */

int cdn_api_no_memory(struct cordon_error *e) {
    return cdn_fail(e, CORDON_E_NOMEM, "out of memory while a request is built");
}

CORDON_API int cordon_request_new(const cordon_alloc *alloc, cordon_request **ret, cordon_error *e) {
    alloc = cdn_api_alloc(alloc);
    struct cordon_request *r = cdn_alloc_zero(alloc, 1, sizeof(*r));
    if (!r)
        return cdn_api_no_memory(e);
    r->alloc = alloc;
    cdn_arena_init(&r->arena, alloc, 0);
    r->arena.block_size = FIRST_BLOCK;
    *ret = r;
    return CORDON_OK;
}

CORDON_API void cordon_request_free(cordon_request *r) {
    if (!r)
        return;
    cdn_arena_free(&r->arena);
    cdn_free(r->alloc, r, sizeof(*r));
}

CORDON_API void cordon_request_clear(cordon_request *r) {
    cdn_arena_reset(&r->arena);
    r->own = (struct cdn_request){0};
    r->ready = NULL;
    r->parties = NULL;
    r->objects = NULL;
    r->state = NULL;
    r->party_building = NULL;
    r->object_building = NULL;
    r->request_building = (struct cdn_building){0};
    r->party_cap = r->party_building_cap = r->object_cap = r->object_building_cap = r->state_cap = 0;
}

CORDON_API int cordon_request_finish(cordon_request *r, cordon_error *e) {
    if (r->ready)
        return CORDON_OK;
    const int err = cdn_request_finish(&r->own, e);
    if (!err)
        r->ready = &r->own;
    return err;
}

CORDON_API int cordon_request_at(const cordon_request *r, int64_t *ret) {
    const struct cdn_request *q = r->ready ? r->ready : &r->own;
    if (q->at_have != CDN_HAVE_VALUE)
        return CORDON_E_NOTFOUND;
    *ret = q->at;
    return CORDON_OK;
}

/* ---- subjects --------------------------------------------------------------------------------------------
 */

int cdn_api_grow(
    struct cordon_request *r, void **items, size_t *cap, size_t count, size_t size, struct cordon_error *e) {
    return cdn_grow(&r->arena.as_alloc, items, cap, count + 1, size) ? cdn_api_no_memory(e) : 0;
}

int cdn_api_open(const struct cordon_request *r, struct cordon_error *e) {
    if (!r->ready)
        return 0;
    (void)cdn_fail(e, CORDON_E_STATE, "the request is finished");
    cdn_error_hint(e, "cordon_request_clear() begins a new one");
    return CORDON_E_STATE;
}

int cdn_api_subject(struct cordon_request *r,
                    cordon_subject on,
                    struct cdn_api_on *ret,
                    struct cordon_error *e) {
    const int err = cdn_api_open(r, e);
    if (err)
        return err;
    const unsigned i = on & 0xFFFFu;
    if (on == CORDON_ON_REQUEST) {
        *ret = (struct cdn_api_on){
            .owner = CDN_OWNER_REQUEST, .facts = r->own.facts, .building = &r->request_building};
        return 0;
    }
    if ((on & ~0xFFFFu) == CDN_API_PARTY && i < r->own.party_count) {
        struct cdn_party *p = &r->parties[i];
        *ret = (struct cdn_api_on){
            .owner = CDN_OWNER_PARTY, .party = p, .facts = p->facts, .building = &r->party_building[i]};
        return 0;
    }
    if ((on & ~0xFFFFu) == CDN_API_OBJECT && i < r->own.object_count) {
        struct cdn_object *o = &r->objects[i];
        *ret = (struct cdn_api_on){.owner = CDN_OWNER_OBJECT + (unsigned)o->kind,
                                   .object = o,
                                   .facts = o->facts,
                                   .building = &r->object_building[i]};
        return 0;
    }
    return cdn_fail(e, CORDON_E_ARG, "no such subject in this request");
}

static int unknown_word(
    const struct cdn_word *words, unsigned count, const char *what, cordon_str word, struct cordon_error *e) {
    struct cdn_suggest s;
    cdn_suggest_init(&s, word);
    for (unsigned i = 1; i < count; i++)
        cdn_suggest_offer(&s, cdn_str_z(words[i].name));
    (void)cdn_fail(e, CORDON_E_NAME, "no %s `%.*s`", what, CDN_FMT(word));
    if (cdn_suggest_found(&s))
        cdn_error_hint(e, "did you mean `%.*s`?", CDN_FMT(s.best));
    return CORDON_E_NAME;
}

CORDON_API int cordon_request_add_party(cordon_request *r,
                                        cordon_str role,
                                        cordon_subject *ret,
                                        cordon_error *e) {
    int err = cdn_api_open(r, e);
    const unsigned number = cdn_model_role(role);
    const size_t n = r->own.party_count;
    if (err)
        return err;
    if (!number)
        return unknown_word(cdn_roles, CDN_ROLE_COUNT, "role", role, e);
    if (n >= CDN_MAX_PARTIES)
        return cdn_fail(e, CORDON_E_LIMIT, "more than %d parties", CDN_MAX_PARTIES);
    void *parties = r->parties;
    void *building = r->party_building;
    err = cdn_api_grow(r, &parties, &r->party_cap, n, sizeof(*r->parties), e);
    err = err ? err : cdn_api_grow(r, &building, &r->party_building_cap, n, sizeof(*r->party_building), e);
    if (parties) /* moved, even when the other list could not grow */
        r->own.parties = r->parties = parties;
    if (err)
        return err;
    r->party_building = building;
    r->parties[n] = (struct cdn_party){.role = (uint8_t)number};
    r->party_building[n] = (struct cdn_building){0};
    r->own.party_count++;
    *ret = CDN_API_PARTY | (cordon_subject)n;
    return CORDON_OK;
}

CORDON_API int cordon_request_add_object(cordon_request *r,
                                         cordon_str kind,
                                         cordon_subject *ret,
                                         cordon_error *e) {
    int err = cdn_api_open(r, e);
    const unsigned number = cdn_model_object(kind);
    const size_t n = r->own.object_count;
    if (err)
        return err;
    if (!number)
        return unknown_word(cdn_objects, CDN_OBJECT_COUNT, "kind of object", kind, e);
    if (n >= CDN_MAX_OBJECTS)
        return cdn_fail(e, CORDON_E_LIMIT, "more than %d objects", CDN_MAX_OBJECTS);
    void *objects = r->objects;
    void *building = r->object_building;
    err = cdn_api_grow(r, &objects, &r->object_cap, n, sizeof(*r->objects), e);
    err = err ? err : cdn_api_grow(r, &building, &r->object_building_cap, n, sizeof(*r->object_building), e);
    if (objects)
        r->own.objects = r->objects = objects;
    if (err)
        return err;
    r->object_building = building;
    r->objects[n] = (struct cdn_object){.kind = (uint8_t)number};
    r->object_building[n] = (struct cdn_building){0};
    r->own.object_count++;
    *ret = CDN_API_OBJECT | (cordon_subject)n;
    return CORDON_OK;
}

/* ---- members ----------------------------------------------------------------------------------------------
 */

static int unknown_member(const struct cdn_api_on *on, cordon_str member, struct cordon_error *e) {
    struct cdn_suggest s;
    cdn_suggest_init(&s, member);
    for (unsigned i = 1; i < CDN_FACT_BUILTIN_COUNT; i++) {
        if (cdn_facts[i].owner == on->owner && !cdn_fact_derived(i))
            cdn_suggest_offer(&s, cdn_str_z(cdn_facts[i].name));
    }
    (void)cdn_fail(e, CORDON_E_NAME, "no member `%.*s` here", CDN_FMT(member));
    if (cdn_suggest_found(&s))
        cdn_error_hint(e, "did you mean `%.*s`?", CDN_FMT(s.best));
    else
        cdn_error_hint(e, "facts that the rulebook declares are set as facts/NAME");
    return CORDON_E_NAME;
}

static int put_given(struct cordon_request *r,
                     struct cdn_api_on *on,
                     cordon_str name,
                     const struct cdn_value *value,
                     struct cordon_error *e) {
    uint16_t *count = on->party    ? &on->party->given_count
                      : on->object ? &on->object->given_count
                                   : &r->own.given_count;
    const uint64_t hash = cdn_hash(name, 0);
    struct cdn_building *b = on->building;
    for (unsigned i = 0; i < *count; i++) {
        if (b->given[i].hash == hash && cdn_str_eq(b->given[i].name, name)) {
            b->given[i].value = *value;
            return 0;
        }
    }
    if (*count >= CDN_MAX_ATTESTATIONS)
        return cdn_fail(e, CORDON_E_LIMIT, "more than %d facts", CDN_MAX_ATTESTATIONS);
    void *items = b->given;
    struct cdn_given_fact fact = {.hash = hash, .value = *value};
    int err = cdn_arena_str(&r->arena, name, &fact.name) ? cdn_api_no_memory(e) : 0;
    err = err ? err : cdn_api_grow(r, &items, &b->given_cap, *count, sizeof(*b->given), e);
    if (err)
        return err;
    b->given = items;
    b->given[(*count)++] = fact;
    if (on->party)
        on->party->given = b->given;
    else if (on->object)
        on->object->given = b->given;
    else
        r->own.given = b->given;
    return 0;
}

/* Which fact is meant: a number, 0 for a declared one (its name in *ret_declared), or an error < 0. */
static int find_fact(const struct cdn_api_on *on,
                     cordon_str member,
                     cordon_str *ret_declared,
                     struct cordon_error *e) {
    if (cdn_str_starts(member, CDN_STR("facts/")) && member.n > 6 && member.n <= CDN_MAX_WORD_BYTES) {
        *ret_declared = cdn_str(member.p + 6, member.n - 6);
        return 0;
    }
    const unsigned fact = cdn_model_fact(on->owner, member);
    if (!fact)
        return unknown_member(on, member, e);
    if (cdn_fact_derived(fact))
        return cdn_fail(e, CORDON_E_CONFLICT, "`%.*s` is computed and cannot be set", CDN_FMT(member));
    return (int)fact;
}

static int put_fact(struct cordon_request *r,
                    struct cdn_api_on *on,
                    int fact,
                    cordon_str declared,
                    const struct cdn_value *value,
                    struct cordon_error *e) {
    if (fact == 0)
        return put_given(r, on, declared, value, e);
    cdn_fact_put(on->facts, (unsigned)fact, value);
    return 0;
}

/* The fact must have this type, or be a declared one. */
static int find_typed(const struct cdn_api_on *on,
                      cordon_str member,
                      unsigned type,
                      cordon_str *ret_declared,
                      struct cordon_error *e) {
    const int fact = find_fact(on, member, ret_declared, e);
    if (fact > 0 && cdn_facts[fact].type != type)
        return cdn_fail(e, CORDON_E_TYPE, "`%.*s` is of another type", CDN_FMT(member));
    return fact;
}

struct text_member {
    const char *name;
    cordon_str *at;
};

/* Plain texts of the request and of a party. */
static cordon_str *plain_text(struct cordon_request *r, struct cdn_api_on *on, cordon_str member) {
    const struct text_member members[] = {
        {"action", on->owner == CDN_OWNER_REQUEST ? &r->own.action : NULL},
        {"service", on->owner == CDN_OWNER_REQUEST ? &r->own.service : NULL},
        {"acting_entity", on->owner == CDN_OWNER_REQUEST ? &r->own.acting_entity : NULL},
        {"reference", on->owner == CDN_OWNER_REQUEST ? &r->own.reference : NULL},
        {"name", on->party ? &on->party->name : NULL},
        {"gender", on->party ? &on->party->gender : NULL},
    };
    for (size_t i = 0; i < CDN_ARRAY_LEN(members); i++) {
        if (members[i].at && cdn_str_eq(member, cdn_str_z(members[i].name)))
            return members[i].at;
    }
    return NULL;
}

CORDON_API int cordon_request_set(
    cordon_request *r, cordon_subject subject, cordon_str member, cordon_str value, cordon_error *e) {
    struct cdn_api_on on = {0};
    int err = cdn_api_subject(r, subject, &on, e);
    if (err)
        return err;
    cordon_str *plain = plain_text(r, &on, member);
    if (plain) {
        if (value.n > CDN_MAX_NAME_BYTES || !cdn_utf8_valid(value))
            return cdn_fail(e, CORDON_E_RANGE, "`%.*s` is too long or not UTF-8", CDN_FMT(member));
        return cdn_arena_str(&r->arena, value, plain) ? cdn_api_no_memory(e) : CORDON_OK;
    }
    if (on.owner == CDN_OWNER_REQUEST && cdn_str_eq(member, CDN_STR("at"))) {
        err = cdn_request_instant(value, &r->own.at, e);
        r->own.at_have = err ? r->own.at_have : CDN_HAVE_VALUE;
        return err;
    }
    if (on.party && cdn_str_eq(member, CDN_STR("birth_date"))) {
        err = cdn_request_when(value, &on.party->birth, e);
        on.party->birth_have = err ? on.party->birth_have : CDN_HAVE_VALUE;
        return err;
    }
    cordon_str declared = {NULL, 0};
    const int fact = find_fact(&on, member, &declared, e);
    if (fact < 0)
        return fact;
    if (!cdn_utf8_valid(value))
        return cdn_fail(e, CORDON_E_SYNTAX, "the value of `%.*s` is not UTF-8", CDN_FMT(member));
    cordon_str copy;
    const struct cdn_value *v = NULL;
    err = cdn_arena_str(&r->arena, value, &copy) ? cdn_api_no_memory(e) : 0;
    err = err ? err
              : cdn_request_fact_text(&r->arena, fact ? cdn_facts[fact].type : CDN_TYPE_NONE, copy, &v, e);
    return err ? err : put_fact(r, &on, fact, declared, v, e);
}

CORDON_API int cordon_request_set_codes(cordon_request *r,
                                        cordon_subject subject,
                                        cordon_str member,
                                        const cordon_str *codes,
                                        size_t count,
                                        cordon_error *e) {
    struct cdn_api_on on = {0};
    cordon_str declared = {NULL, 0};
    int err = cdn_api_subject(r, subject, &on, e);
    if (err)
        return err;
    const int fact = find_typed(&on, member, CDN_TYPE_CODES, &declared, e);
    if (fact < 0)
        return fact;
    if (count > CDN_MAX_ATTESTATIONS)
        return cdn_fail(e, CORDON_E_LIMIT, "more than %d codes", CDN_MAX_ATTESTATIONS);
    cordon_str *copies = cdn_arena_zero(&r->arena, count + 1, sizeof(*copies));
    if (!copies)
        return cdn_api_no_memory(e);
    for (size_t i = 0; i < count; i++) {
        if (!cdn_utf8_valid(codes[i]))
            return cdn_fail(e, CORDON_E_SYNTAX, "code %zu is not UTF-8", i);
        if (cdn_arena_str(&r->arena, codes[i], &copies[i]))
            return cdn_api_no_memory(e);
    }
    const struct cdn_value *v = NULL;
    err = cdn_request_fact_codes(&r->arena, copies, count, &v, e);
    return err ? err : put_fact(r, &on, fact, declared, v, e);
}

CORDON_API int cordon_request_set_money(cordon_request *r,
                                        cordon_subject subject,
                                        cordon_str member,
                                        cordon_str amount,
                                        cordon_str currency,
                                        cordon_error *e) {
    struct cdn_api_on on = {0};
    cordon_str declared = {NULL, 0};
    int err = cdn_api_subject(r, subject, &on, e);
    if (err)
        return err;
    const int fact = find_typed(&on, member, CDN_TYPE_MONEY, &declared, e);
    if (fact < 0)
        return fact;
    struct cdn_money money = {0};
    const struct cdn_value *v = NULL;
    err = cdn_request_amount(amount, &money.amount, e);
    err = err ? err : cdn_request_currency(currency, money.currency, e);
    err = err ? err : cdn_request_fact_money(&r->arena, money, &v, e);
    return err ? err : put_fact(r, &on, fact, declared, v, e);
}

CORDON_API int cordon_request_set_bool(
    cordon_request *r, cordon_subject subject, cordon_str member, int value, cordon_error *e) {
    struct cdn_api_on on = {0};
    cordon_str declared = {NULL, 0};
    int err = cdn_api_subject(r, subject, &on, e);
    if (err)
        return err;
    const int fact = find_typed(&on, member, CDN_TYPE_BOOL, &declared, e);
    if (fact < 0)
        return fact;
    const struct cdn_value *v = NULL;
    err = cdn_request_fact_bool(&r->arena, value != 0, &v, e);
    return err ? err : put_fact(r, &on, fact, declared, v, e);
}

/* The member that says whether a list is known at all. */
static uint8_t *list_have(struct cdn_api_on *on, cordon_str member) {
    if (!on->party)
        return NULL;
    if (cdn_str_eq(member, CDN_STR("relations")))
        return &on->party->relations_have;
    if (cdn_str_eq(member, CDN_STR("owners")))
        return &on->party->owners_have;
    if (cdn_str_eq(member, CDN_STR("listed")))
        return &on->party->listed_have;
    return NULL;
}

static int set_have(cordon_request *r,
                    cordon_subject subject,
                    cordon_str member,
                    enum cdn_have have,
                    struct cordon_error *e) {
    struct cdn_api_on on = {0};
    cordon_str declared = {NULL, 0};
    const int err = cdn_api_subject(r, subject, &on, e);
    if (err)
        return err;
    uint8_t *list = list_have(&on, member);
    if (list) {
        *list = (uint8_t)have;
        return 0;
    }
    if (on.party && cdn_str_eq(member, CDN_STR("birth_date"))) {
        on.party->birth_have = (uint8_t)have;
        return 0;
    }
    const int fact = find_fact(&on, member, &declared, e);
    return fact < 0 ? fact : put_fact(r, &on, fact, declared, cdn_request_no_value(have), e);
}

CORDON_API int cordon_request_set_unanswered(cordon_request *r,
                                             cordon_subject on,
                                             cordon_str member,
                                             cordon_error *e) {
    return set_have(r, on, member, CDN_HAVE_NULL, e);
}

CORDON_API int cordon_request_set_not_applicable(cordon_request *r,
                                                 cordon_subject on,
                                                 cordon_str member,
                                                 cordon_error *e) {
    return set_have(r, on, member, CDN_HAVE_NOT_APPLICABLE, e);
}

CORDON_API int cordon_request_set_none(cordon_request *r,
                                       cordon_subject subject,
                                       cordon_str member,
                                       cordon_error *e) {
    struct cdn_api_on on = {0};
    const int err = cdn_api_subject(r, subject, &on, e);
    if (err)
        return err;
    uint8_t *list = list_have(&on, member);
    if (!list)
        return cdn_fail(
            e, CORDON_E_NAME, "`%.*s` is not relations, owners or listed of a party", CDN_FMT(member));
    *list = CDN_HAVE_VALUE;
    return 0;
}
