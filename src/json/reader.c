/* SPDX-License-Identifier: Apache-2.0 */
/* reader.c: a request from JSON text, in one pass, driven by the table of schema_table.c.
 *
 *  1. each shape of the table is read by the same loop; its members are marked as seen, so that a second one
 * and a missing one are errors;
 *  2. where one member decides about the others (kind of an object, of evidence) and does not stand first, it
 * is looked up ahead without disturbing anything;
 *  3. lists grow in the arena; what grew out of its place stays there unused until the arena is reset, at
 * most as much again as the list itself;
 *  4. the members are usually in the order of the table: the search for a name begins after the last one
 * found. */
#include "request/values.h"
#include "json/json.h"
#include "json/scan_priv.h"
#include "json/schema_priv.h"

struct reader {
    struct cdn_scan s;
    struct cdn_arena *arena;
    uint32_t evidence_total;
    uint32_t highest_party;
    const char *highest_at;
};

static int read_shape(struct reader *r, const struct cdn_shape *shape, void *out);

static void *member_at(void *out, uint16_t at) {
    return (char *)out + at;
}

static int out_of_memory(struct reader *r) {
    return cdn_json_fail(&r->s, CORDON_E_NOMEM, r->s.p, "out of memory while the request is read");
}

/* ---- names ------------------------------------------------------------------------------------------- */

static bool field_fits(const struct cdn_field *f, unsigned kind) {
    return f->only == 0 || f->only == kind;
}

static const struct cdn_field *field_find(const struct cdn_shape *shape,
                                          cordon_str key,
                                          unsigned kind,
                                          unsigned *hint) {
    unsigned i = *hint;
    for (unsigned n = 0; n < shape->count; n++, i++) {
        if (i >= shape->count)
            i = 0;
        const struct cdn_field *f = &shape->fields[i];
        if (f->n == key.n && cdn_same(f->name, key.p, key.n) && field_fits(f, kind)) {
            *hint = i + 1;
            return f;
        }
    }
    return NULL;
}

/* The same at the text itself, before the end of the name is looked for: one of the next few is there, unless
 * it is written with escapes or unknown. */
static const struct cdn_field *field_here(const struct cdn_scan *s,
                                          const struct cdn_shape *shape,
                                          unsigned kind,
                                          unsigned *hint) {
    for (unsigned i = *hint; i < shape->count; i++) {
        const struct cdn_field *f = &shape->fields[i];
        if (cdn_json_key_is(s, f->name, f->n) && field_fits(f, kind)) {
            *hint = i + 1;
            return f;
        }
    }
    return NULL;
}

static int unknown_member(
    struct reader *r, const struct cdn_shape *shape, cordon_str key, unsigned kind, const char *at) {
    const int code =
        cdn_json_fail(&r->s, CORDON_E_NAME, at, "%s has no member `%.*s`", shape->name, CDN_FMT(key));
    struct cdn_suggest s;
    cdn_suggest_init(&s, key);
    for (unsigned i = 0; i < shape->count; i++) {
        const struct cdn_field *f = &shape->fields[i];
        if (f->n == key.n && memcmp(f->name, key.p, key.n) == 0) {
            cdn_error_hint(r->s.e, "`%s` belongs to %s", f->name, cdn_objects[f->only].name);
            return code;
        }
        if (field_fits(f, kind))
            cdn_suggest_offer(&s, cdn_str(f->name, f->n));
    }
    /* An evidence kind beside the evidence: the commonest mistake. */
    struct cdn_suggest kinds;
    cdn_suggest_init(&kinds, key);
    const bool has_evidence = shape == &cdn_shapes[CDN_SHAPE_PARTY] || shape == &cdn_shapes[CDN_SHAPE_OBJECT];
    for (unsigned i = 1; has_evidence && i < CDN_EVIDENCE_COUNT; i++)
        cdn_suggest_offer(&kinds, cdn_str_z(cdn_evidence_kinds[i].name));
    if (cdn_suggest_found(&kinds) && kinds.best_distance < s.best_distance)
        cdn_error_hint(r->s.e,
                       "`%.*s` is evidence: {\"kind\": \"%.*s\", \"value\": …} in \"evidence\"",
                       CDN_FMT(kinds.best),
                       CDN_FMT(kinds.best));
    else if (cdn_suggest_found(&s))
        cdn_error_hint(r->s.e, "did you mean `%.*s`?", CDN_FMT(s.best));
    else
        cdn_error_hint(r->s.e, "facts that the rulebook declares go under \"facts\"");
    return code;
}

static int read_word(struct reader *r, unsigned table, uint8_t *ret) {
    const struct cdn_words *words = &cdn_word_tables[table];
    if (*r->s.p != '"')
        return cdn_json_expected(&r->s, words->what);
    const char *at = r->s.p;
    cordon_str text;
    const int err = cdn_json_text(&r->s, &text);
    if (err)
        return err;
    *ret = (uint8_t)cdn_word_find(table, text);
    if (*ret)
        return 0;
    const int code = cdn_json_fail(&r->s, CORDON_E_NAME, at, "no %s `%.*s`", words->what, CDN_FMT(text));
    struct cdn_suggest s;
    cdn_suggest_init(&s, text);
    for (unsigned i = 1; i < words->count; i++)
        cdn_suggest_offer(&s, cdn_str(words->words[i].text, words->words[i].n));
    if (cdn_suggest_found(&s))
        cdn_error_hint(r->s.e, "did you mean `%.*s`?", CDN_FMT(s.best));
    else
        cdn_error_hint(r->s.e, "docs/request.md lists them; so does `cordon schema request`");
    return code;
}

/* ---- plain values -------------------------------------------------------------------------------------- */

/* Runs a decoder of request/values.h and gives its error the place `at`. */
#define PLACED(r, at, call) placed((r), (at), (call))
static int placed(struct reader *r, const char *at, int err) {
    return err ? cdn_json_place(&r->s, err, at) : 0;
}

static int read_text(struct reader *r, const char *what, size_t max, cordon_str *ret) {
    if (*r->s.p != '"')
        return cdn_json_expected(&r->s, what);
    const char *at = r->s.p;
    cordon_str text;
    const int err = cdn_json_text(&r->s, &text);
    if (err)
        return err;
    if (text.n > max)
        return cdn_json_fail(&r->s, CORDON_E_LIMIT, at, "%zu bytes; at most %zu", text.n, max);
    *ret = text;
    return 0;
}

/* A decimal as a number or as a text. */
static int read_digits(struct reader *r, const char *what, cordon_str *ret) {
    if (*r->s.p == '-' || (*r->s.p >= '0' && *r->s.p <= '9'))
        return cdn_json_number(&r->s, ret);
    return read_text(r, what, CDN_MAX_JSON_NUMBER, ret);
}

/* null and "not_applicable", where the member allows them. *ret_have is CDN_HAVE_ABSENT when a value stands
 * here. */
static int read_have(struct reader *r, unsigned flags, uint8_t *ret_have) {
    static const char quoted[] = "\"" CDN_NOT_APPLICABLE "\"";
    *ret_have = CDN_HAVE_ABSENT;
    if ((flags & CDN_FIELD_NULL) && *r->s.p == 'n' && cdn_json_word(&r->s, "null"))
        *ret_have = CDN_HAVE_NULL;
    else if ((flags & CDN_FIELD_NA) && r->s.p[0] == '"' && r->s.p[1] == 'n' && cdn_json_word(&r->s, quoted))
        *ret_have = CDN_HAVE_NOT_APPLICABLE;
    return 0;
}

static int read_bool(struct reader *r, bool *ret) {
    if (cdn_json_word(&r->s, "true"))
        *ret = true;
    else if (cdn_json_word(&r->s, "false"))
        *ret = false;
    else
        return cdn_json_expected(&r->s, "true or false");
    return 0;
}

static int read_index(struct reader *r, uint32_t max, const char *what, uint32_t *ret) {
    const char *at = r->s.p;
    cordon_str digits;
    if (*at != '-' && (*at < '0' || *at > '9'))
        return cdn_json_expected(&r->s, what);
    const int err = cdn_json_number(&r->s, &digits);
    if (err)
        return err;
    uint32_t v = 0;
    for (size_t i = 0; i < digits.n; i++) {
        if (digits.p[i] < '0' || digits.p[i] > '9' || i > 6)
            return cdn_json_fail(
                &r->s, CORDON_E_RANGE, at, "%.*s is not a whole number from 0 to %u", CDN_FMT(digits), max);
        v = v * 10 + (uint32_t)(digits.p[i] - '0');
    }
    if (v > max)
        return cdn_json_fail(&r->s, CORDON_E_RANGE, at, "%u is above %u", v, max);
    *ret = v;
    return 0;
}

static int read_decimal(struct reader *r, uint32_t max, struct cdn_decimal *ret) {
    const char *at = r->s.p;
    cordon_str digits;
    int err = read_digits(r, "a decimal number", &digits);
    struct cdn_decimal v = {0};
    if (!err)
        err = PLACED(r, at, cdn_request_amount(digits, &v, r->s.e));
    if (err)
        return err;
    if (max && (v.mantissa < 0 || cdn_decimal_cmp(v, (struct cdn_decimal){max, 0}) > 0))
        return cdn_json_fail(&r->s, CORDON_E_RANGE, at, "%.*s is not from 0 to %u", CDN_FMT(digits), max);
    *ret = v;
    return 0;
}

static int read_party_index(struct reader *r, int32_t *ret) {
    const char *at = r->s.p;
    uint32_t v = 0;
    const int err = read_index(r, CDN_MAX_PARTIES - 1, "the index of a party", &v);
    if (err)
        return err;
    *ret = (int32_t)v;
    if (!r->highest_at || v > r->highest_party) {
        r->highest_party = v;
        r->highest_at = at;
    }
    return 0;
}

/* ---- facts --------------------------------------------------------------------------------------------- */

static int read_money(struct reader *r, struct cdn_money *ret) {
    *ret = (struct cdn_money){0};
    return read_shape(r, &cdn_shapes[CDN_SHAPE_MONEY], ret);
}

static int read_codes(struct reader *r, const struct cdn_value **ret) {
    bool more = false;
    const char *at = r->s.p;
    int err = cdn_json_open(&r->s, '[', "a list of codes", &more);
    cordon_str *texts = NULL;
    size_t cap = 0;
    size_t count = 0;
    while (!err && more) {
        if (count == CDN_MAX_ATTESTATIONS)
            return cdn_json_fail(&r->s, CORDON_E_LIMIT, r->s.p, "more than %d codes", CDN_MAX_ATTESTATIONS);
        void *items = texts;
        if (cdn_grow(&r->arena->as_alloc, &items, &cap, count + 1, sizeof(*texts)))
            return out_of_memory(r);
        texts = items;
        err = read_text(r, "a code", CDN_MAX_VALUE_BYTES, &texts[count++]);
        err = err ? err : cdn_json_next(&r->s, '[', &more);
    }
    return err ? err : PLACED(r, at, cdn_request_fact_codes(r->arena, texts, count, ret, r->s.e));
}

static int read_fact_text(struct reader *r, unsigned type, const char *what, const struct cdn_value **ret) {
    const char *at = r->s.p;
    cordon_str text;
    const int err = read_text(r, what, CDN_MAX_VALUE_BYTES, &text);
    return err ? err : PLACED(r, at, cdn_request_fact_text(r->arena, type, text, ret, r->s.e));
}

static int read_fact_number(struct reader *r, const struct cdn_value **ret) {
    const char *at = r->s.p;
    cordon_str digits;
    const int err = read_digits(r, "a number", &digits);
    return err ? err : PLACED(r, at, cdn_request_fact_number(r->arena, digits, ret, r->s.e));
}

static int read_fact_money(struct reader *r, const struct cdn_value **ret) {
    struct cdn_money money;
    const int err = read_money(r, &money);
    return err ? err : PLACED(r, r->s.p, cdn_request_fact_money(r->arena, money, ret, r->s.e));
}

static int read_fact_bool(struct reader *r, const struct cdn_value **ret) {
    bool value = false;
    const int err = read_bool(r, &value);
    return err ? err : PLACED(r, r->s.p, cdn_request_fact_bool(r->arena, value, ret, r->s.e));
}

/* A declared fact: its JSON form says what it is; the snapshot's declaration is compared when it is used. */
static int read_fact_any(struct reader *r, const struct cdn_value **ret) {
    switch (*r->s.p) {
    case '"':
        return read_fact_text(r, CDN_TYPE_NONE, "a value", ret);
    case '[':
        return read_codes(r, ret);
    case '{':
        return read_fact_money(r, ret);
    case 't':
    case 'f':
        return read_fact_bool(r, ret);
    default:
        if (*r->s.p == '-' || (*r->s.p >= '0' && *r->s.p <= '9'))
            return read_fact_number(r, ret);
        return cdn_json_expected(&r->s,
                                 "a text, number, true, false, list of codes, or amount with currency");
    }
}

static int read_fact(struct reader *r, unsigned type, const struct cdn_value **ret) {
    uint8_t have = 0;
    int err = read_have(r, CDN_FIELD_NULL | CDN_FIELD_NA, &have);
    if (err || have) {
        *ret = cdn_request_no_value((enum cdn_have)have);
        return err;
    }
    switch ((enum cdn_fact_type)type) {
    case CDN_TYPE_CODE:
        return read_fact_text(r, type, "a code", ret);
    case CDN_TYPE_TEXT:
        return read_fact_text(r, type, "a text", ret);
    case CDN_TYPE_PLACE:
        return read_fact_text(r, type, "the code of a country or region", ret);
    case CDN_TYPE_WHEN:
        return read_fact_text(r, type, "a date or instant", ret);
    case CDN_TYPE_CODES:
        return read_codes(r, ret);
    case CDN_TYPE_MONEY:
        return read_fact_money(r, ret);
    case CDN_TYPE_NUMBER:
        return read_fact_number(r, ret);
    case CDN_TYPE_BOOL:
        return read_fact_bool(r, ret);
    case CDN_TYPE_NONE:
        break;
    }
    return read_fact_any(r, ret);
}

static int given_name(
    struct reader *r, struct cdn_given_fact *list, size_t count, cordon_str name, const char *at) {
    if (!name.n || name.n > CDN_MAX_WORD_BYTES)
        return cdn_json_fail(
            &r->s, CORDON_E_RANGE, at, "the name of a fact has 1 to %d bytes", CDN_MAX_WORD_BYTES);
    if (count == CDN_MAX_ATTESTATIONS)
        return cdn_json_fail(&r->s, CORDON_E_LIMIT, at, "more than %d facts", CDN_MAX_ATTESTATIONS);
    const uint64_t hash = cdn_hash(name, 0);
    for (size_t i = 0; i < count; i++) {
        if (list[i].hash == hash && cdn_str_eq(list[i].name, name))
            return cdn_json_fail(&r->s, CORDON_E_CONFLICT, at, "`%.*s` is given twice", CDN_FMT(name));
    }
    list[count] = (struct cdn_given_fact){.name = name, .hash = hash};
    return 0;
}

static int read_given(struct reader *r, const struct cdn_field *f, void *out) {
    bool more = false;
    int err = cdn_json_open(&r->s, '{', "an object of facts", &more);
    struct cdn_given_fact *list = NULL;
    size_t cap = 0;
    size_t count = 0;
    while (!err && more) {
        void *items = list;
        if (cdn_grow(&r->arena->as_alloc, &items, &cap, count + 1, sizeof(*list)))
            return out_of_memory(r);
        list = items;
        const char *at = r->s.p;
        cordon_str name;
        const struct cdn_value *value = NULL;
        err = cdn_json_key(&r->s, &name);
        err = err ? err : given_name(r, list, count, name, at);
        err = err ? err : read_fact(r, CDN_TYPE_NONE, &value);
        if (!err)
            list[count++].value = *value;
        err = err ? err : cdn_json_next(&r->s, '{', &more);
    }
    if (err)
        return err;
    *(const struct cdn_given_fact **)member_at(out, f->at) = list;
    *(uint16_t *)member_at(out, f->count_at) = (uint16_t)count;
    return 0;
}

/* ---- evidence ------------------------------------------------------------------------------------------ */

static int read_address(struct reader *r, struct cdn_evidence *ev) {
    const char *at = r->s.p;
    const int err = read_shape(r, &cdn_shapes[CDN_SHAPE_ADDRESS], &ev->address);
    return err ? err : PLACED(r, at, cdn_request_evidence_address(ev, r->s.e));
}

/* The forms that may be objects. */
static int read_evidence_object(struct reader *r, struct cdn_evidence *ev, unsigned form) {
    unsigned shape = 0;
    switch ((enum cdn_value_form)form) {
    case CDN_VALUE_ADDRESS:
        return read_address(r, ev);
    case CDN_VALUE_IP:
        shape = CDN_SHAPE_IP_PLACE;
        break;
    case CDN_VALUE_TAX:
        shape = CDN_SHAPE_TAX;
        break;
    case CDN_VALUE_CARD:
        shape = CDN_SHAPE_CARD;
        break;
    case CDN_VALUE_POINT:
        shape = CDN_SHAPE_POINT;
        break;
    case CDN_VALUE_COUNTRY:
    case CDN_VALUE_PHONE:
    case CDN_VALUE_IBAN:
    case CDN_VALUE_BIC:
    case CDN_VALUE_MCC:
    case CDN_VALUE_HOST:
    case CDN_VALUE_ASN:
    case CDN_VALUE_TEXT:
        return cdn_json_expected(&r->s, form == CDN_VALUE_COUNTRY ? "the code of a country" : "a text");
    }
    const int err = read_shape(r, &cdn_shapes[shape], ev);
    if (err)
        return err;
    ev->have = CDN_HAVE_VALUE;
    if (shape == CDN_SHAPE_POINT)
        ev->has_point = true;
    if (shape == CDN_SHAPE_IP_PLACE)
        ev->answer_count = 1;
    return 0;
}

static int read_evidence_value(struct reader *r, struct cdn_evidence *ev) {
    uint8_t have = 0;
    int err = read_have(r, CDN_FIELD_NULL | CDN_FIELD_NA, &have);
    if (err || have) {
        ev->have = have;
        return err;
    }
    if (!ev->kind)
        return cdn_json_fail(
            &r->s, CORDON_E_TYPE, r->s.p, "evidence needs its `kind`, which says how `value` is read");
    const unsigned form = cdn_evidence_kinds[ev->kind].value;
    const char *at = r->s.p;
    if (*at == '{')
        return read_evidence_object(r, ev, form);
    cordon_str text;
    if (form == CDN_VALUE_MCC || form == CDN_VALUE_ASN)
        err = read_digits(r, "a number", &text);
    else
        err = read_text(r,
                        form == CDN_VALUE_POINT ? "an object with latitude and longitude" : "a text",
                        CDN_MAX_VALUE_BYTES,
                        &text);
    return err ? err : PLACED(r, at, cdn_request_evidence_text(ev, text, r->s.e));
}

/* ---- members ------------------------------------------------------------------------------------------- */

static int element_room(
    struct reader *r, const struct cdn_shape *shape, void **items, size_t *cap, size_t count) {
    if (count < *cap)
        return 0;
    const size_t wanted = *cap ? *cap * 2 : shape->first;
    void *p = *cap ? r->arena->as_alloc.resize(r->arena, *items, *cap * shape->size, wanted * shape->size)
                   : cdn_arena_take(r->arena, wanted * shape->size);
    if (!p)
        return out_of_memory(r);
    *items = p;
    *cap = wanted;
    return 0;
}

static int read_list(struct reader *r, const struct cdn_field *f, void *out) {
    const struct cdn_shape *shape = &cdn_shapes[f->arg];
    bool more = false;
    void *items = NULL;
    size_t cap = 0;
    size_t count = 0;
    int err = cdn_json_open(&r->s, '[', "a list", &more);
    while (!err && more) {
        if (count == f->max ||
            (f->arg == CDN_SHAPE_EVIDENCE && r->evidence_total++ == CDN_MAX_EVIDENCE_TOTAL))
            return cdn_json_fail(&r->s, CORDON_E_LIMIT, r->s.p, "more than %u %s", (unsigned)f->max, f->name);
        err = element_room(r, shape, &items, &cap, count);
        if (err)
            return err;
        char *element = (char *)items + count * shape->size;
        memset(element, 0, shape->size);
        err = read_shape(r, shape, element);
        count++;
        err = err ? err : cdn_json_next(&r->s, '[', &more);
    }
    if (err)
        return err;
    *(void **)member_at(out, f->at) = items;
    *(uint16_t *)member_at(out, f->count_at) = (uint16_t)count;
    if (f->have_at != CDN_NO_MEMBER)
        *(uint8_t *)member_at(out, f->have_at) = CDN_HAVE_VALUE;
    return 0;
}

static int read_when(struct reader *r, const char *what, struct cdn_when *ret) {
    const char *at = r->s.p;
    cordon_str text;
    const int err = read_text(r, what, CDN_MAX_JSON_NUMBER, &text);
    return err ? err : PLACED(r, at, cdn_request_when(text, ret, r->s.e));
}

static int read_owner(struct reader *r, const struct cdn_field *f, void *out) {
    int32_t *party = member_at(out, f->at);
    if (*r->s.p == '"') {
        *party = -1;
        return read_text(r, "a name", CDN_MAX_NAME_BYTES, member_at(out, f->have_at));
    }
    return read_party_index(r, party);
}

/* Members that are texts in JSON and become something else. */
static int read_decoded(struct reader *r, const struct cdn_field *f, void *out) {
    const char *at = r->s.p;
    void *to = member_at(out, f->at);
    cordon_str text;
    const bool number = f->op == CDN_OP_DEGREES;
    const int err =
        number ? read_digits(r, "degrees", &text) : read_text(r, "a text", CDN_MAX_VALUE_BYTES, &text);
    if (err)
        return err;
    switch (f->op) {
    case CDN_OP_INSTANT:
        return PLACED(r, at, cdn_request_instant(text, to, r->s.e));
    case CDN_OP_CURRENCY:
        return PLACED(r, at, cdn_request_currency(text, to, r->s.e));
    case CDN_OP_COUNTRY:
        return PLACED(r, at, cdn_request_country(text, to, r->s.e));
    case CDN_OP_DEGREES:
        return PLACED(r, at, cdn_request_degrees(text, (int)f->max, to, r->s.e));
    case CDN_OP_IIN:
        return PLACED(r, at, cdn_request_evidence_iin(out, text, r->s.e));
    default:
        return cdn_json_fail(&r->s, CORDON_E_INTERNAL, at, "no reader for `%s`", f->name);
    }
}

static int read_hashed(struct reader *r, const struct cdn_field *f, void *out) {
    const char *at = r->s.p;
    cordon_str *text = member_at(out, f->at);
    const int err = read_text(r, "a name", f->max, text);
    if (err)
        return err;
    if (!text->n)
        return cdn_json_fail(&r->s, CORDON_E_RANGE, at, "an empty name");
    *(uint64_t *)member_at(out, f->have_at) = cdn_hash(*text, 0);
    return 0;
}

static int read_fact_member(struct reader *r, const struct cdn_field *f, void *out) {
    if (cdn_fact_derived(f->arg))
        return cdn_json_fail(&r->s,
                             CORDON_E_CONFLICT,
                             r->s.p,
                             "`%s` is computed from other members and cannot be given",
                             f->name);
    return read_fact(r, cdn_facts[f->arg].type, member_at(out, f->at));
}

static int read_value(struct reader *r, const struct cdn_field *f, void *out) {
    void *to = member_at(out, f->at);
    uint32_t number = 0;
    int err = 0;
    switch ((enum cdn_op)f->op) {
    case CDN_OP_TEXT:
        return read_text(r, "a text", f->max, to);
    case CDN_OP_HASHED:
        return read_hashed(r, f, out);
    case CDN_OP_WORD:
        return read_word(r, f->arg, to);
    case CDN_OP_WHEN:
    case CDN_OP_SEEN:
        return read_when(r, "a date or instant", to);
    case CDN_OP_DECIMAL:
    case CDN_OP_AMOUNT:
        return read_decimal(r, f->max, to);
    case CDN_OP_SCORE:
        err = read_index(r, f->max, "a whole number", &number);
        if (!err)
            *(uint16_t *)to = (uint16_t)number;
        return err;
    case CDN_OP_BOOL:
        return read_bool(r, to);
    case CDN_OP_LISTED: {
        bool listed = false;
        err = read_bool(r, &listed);
        if (!err)
            *(uint8_t *)to = listed ? CORDON_TRUE : CORDON_FALSE;
        return err;
    }
    case CDN_OP_PARTY:
        return read_party_index(r, to);
    case CDN_OP_PARTY_OR_NAME:
        return read_owner(r, f, out);
    case CDN_OP_MONEY:
        return read_money(r, to);
    case CDN_OP_FACT:
        return read_fact_member(r, f, out);
    case CDN_OP_GIVEN:
        return read_given(r, f, out);
    case CDN_OP_LIST:
        return read_list(r, f, out);
    case CDN_OP_EVIDENCE:
        return read_evidence_value(r, out);
    case CDN_OP_INSTANT:
    case CDN_OP_CURRENCY:
    case CDN_OP_COUNTRY:
    case CDN_OP_DEGREES:
    case CDN_OP_IIN:
        return read_decoded(r, f, out);
    }
    return cdn_json_fail(&r->s, CORDON_E_INTERNAL, r->s.p, "no reader for `%s`", f->name);
}

/* The member that says whether there is a value; a value's own reader has run before. */
static void set_have(const struct cdn_field *f, void *out, uint8_t have) {
    switch ((enum cdn_op)f->op) {
    case CDN_OP_WHEN:
    case CDN_OP_INSTANT:
    case CDN_OP_DECIMAL:
        *(uint8_t *)member_at(out, f->have_at) = have;
        break;
    case CDN_OP_SEEN:
        *(bool *)member_at(out, f->have_at) = have == CDN_HAVE_VALUE;
        break;
    case CDN_OP_LIST:
        if (f->have_at != CDN_NO_MEMBER)
            *(uint8_t *)member_at(out, f->have_at) = have;
        break;
    case CDN_OP_LISTED:
        if (have == CDN_HAVE_NULL)
            *(uint8_t *)member_at(out, f->at) = CORDON_UNKNOWN;
        break;
    case CDN_OP_TEXT:
    case CDN_OP_HASHED:
    case CDN_OP_WORD:
    case CDN_OP_AMOUNT:
    case CDN_OP_CURRENCY:
    case CDN_OP_SCORE:
    case CDN_OP_BOOL:
    case CDN_OP_COUNTRY:
    case CDN_OP_DEGREES:
    case CDN_OP_PARTY:
    case CDN_OP_PARTY_OR_NAME:
    case CDN_OP_IIN:
    case CDN_OP_MONEY:
    case CDN_OP_FACT:
    case CDN_OP_GIVEN:
    case CDN_OP_EVIDENCE:
        break;
    }
}

static int read_member(struct reader *r, const struct cdn_field *f, void *out) {
    /* Facts and evidence keep null by themselves. */
    uint8_t have = CDN_HAVE_ABSENT;
    if (f->op != CDN_OP_FACT && f->op != CDN_OP_EVIDENCE) {
        const int err = read_have(r, f->flags, &have);
        if (err)
            return err;
    }
    if (have == CDN_HAVE_ABSENT) {
        const int err = read_value(r, f, out);
        if (err)
            return err;
        have = CDN_HAVE_VALUE;
    }
    set_have(f, out, have);
    return 0;
}

/* ---- shapes -------------------------------------------------------------------------------------------- */

static int missing_member(
    struct reader *r, const struct cdn_shape *shape, uint64_t seen, unsigned kind, const char *at) {
    for (unsigned i = 0; i < shape->required; i++) {
        const struct cdn_field *f = &shape->fields[i];
        if ((f->flags & CDN_FIELD_REQUIRED) && field_fits(f, kind) && !(seen >> i & 1))
            return cdn_json_fail(
                &r->s, CORDON_E_TYPE, at, "%s needs `%s`: %s", shape->name, f->name, f->title);
    }
    return 0;
}

static bool kind_stands_first(const char *p) {
    do
        p++;
    while (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r');
    return strncmp(p, "\"kind\"", 6) == 0;
}

/* Finds out the deciding member of the shape before any other is read. */
static void find_kind(struct reader *r, const struct cdn_shape *shape, void *out) {
    const unsigned table =
        shape->fields == cdn_shapes[CDN_SHAPE_OBJECT].fields ? CDN_WORDS_OBJECT : CDN_WORDS_EVIDENCE;
    char storage[CDN_JSON_PEEK];
    const cordon_str kind = cdn_json_peek(&r->s, CDN_STR("kind"), storage);
    *(uint8_t *)member_at(out, shape->kind_at) = kind.p ? (uint8_t)cdn_word_find(table, kind) : 0;
}

static int check_state(struct reader *r, const struct cdn_state *st, const char *at) {
    if (st->kind == CDN_STATE_USAGE && (!st->measure.n || !st->used.currency[0]))
        return cdn_json_fail(&r->s, CORDON_E_TYPE, at, "usage needs `measure` and `used`");
    if (st->kind == CDN_STATE_DUTY && !st->measure.n)
        return cdn_json_fail(&r->s, CORDON_E_TYPE, at, "a duty needs `measure`");
    if (st->kind == CDN_STATE_CLEARANCE && (!st->list.n || !st->entry.n))
        return cdn_json_fail(&r->s,
                             CORDON_E_TYPE,
                             at,
                             "a clearance needs `list` and `entry`: it clears of one candidate only");
    return 0;
}

/* Values that a zeroed struct does not have. */
static void set_defaults(const struct cdn_shape *shape, void *out) {
    if (shape == &cdn_shapes[CDN_SHAPE_STATE])
        ((struct cdn_state *)out)->party = -1;
    else if (shape == &cdn_shapes[CDN_SHAPE_OWNERSHIP])
        ((struct cdn_ownership *)out)->party = -1;
}

static int read_shape(struct reader *r, const struct cdn_shape *shape, void *out) {
    const char *begin = r->s.p;
    uint64_t seen = 0;
    unsigned hint = 0;
    unsigned kind = 0;
    bool more = false;
    set_defaults(shape, out);
    if (shape->kind_at != CDN_NO_MEMBER && *begin == '{' && !kind_stands_first(begin))
        find_kind(r, shape, out);
    int err = cdn_json_open(&r->s, '{', shape->name, &more);
    while (!err && more) {
        const char *at = r->s.p;
        if (shape->kind_at != CDN_NO_MEMBER)
            kind = *(const uint8_t *)member_at(out, shape->kind_at);
        const struct cdn_field *f = field_here(&r->s, shape, kind, &hint);
        if (f) {
            err = cdn_json_key_take(&r->s, f->n);
        } else {
            cordon_str key;
            err = cdn_json_key(&r->s, &key);
            f = err ? NULL : field_find(shape, key, kind, &hint);
            if (!err && !f)
                return unknown_member(r, shape, key, kind, at);
        }
        if (err)
            return err;
        const uint64_t bit = UINT64_C(1) << (hint - 1);
        if (seen & bit)
            return cdn_json_fail(&r->s, CORDON_E_CONFLICT, at, "`%s` is given twice", f->name);
        seen |= bit;
        err = read_member(r, f, out);
        err = err ? err : cdn_json_next(&r->s, '{', &more);
    }
    if (!err)
        err = missing_member(r, shape, seen, kind, begin);
    if (!err && shape == &cdn_shapes[CDN_SHAPE_STATE])
        err = check_state(r, out, begin);
    return err;
}

int cdn_json_read_request(cordon_str text,
                          struct cdn_arena *arena,
                          struct cdn_request **ret,
                          struct cordon_error *e) {
    struct reader r;
    r.arena = arena;
    r.evidence_total = 0;
    r.highest_party = 0;
    r.highest_at = NULL;
    int err = cdn_json_begin(&r.s, text, arena, e);
    if (err)
        return err;
    struct cdn_request *request = cdn_arena_zero(arena, 1, sizeof(*request));
    if (!request)
        return out_of_memory(&r);
    err = read_shape(&r, &cdn_shapes[CDN_SHAPE_REQUEST], request);
    err = err ? err : cdn_json_end(&r.s);
    if (!err && r.highest_at && r.highest_party >= request->party_count)
        err = cdn_json_fail(&r.s,
                            CORDON_E_RANGE,
                            r.highest_at,
                            "there is no party %u: the request has %u",
                            r.highest_party,
                            request->party_count);
    if (!err) {
        err = cdn_request_finish(request, e);
        if (err)
            return cdn_json_place(&r.s, err, r.s.begin);
    }
    if (!err)
        *ret = request;
    return err;
}

int cdn_json_check(cordon_str text, struct cdn_arena *arena, struct cordon_error *e) {
    struct cdn_scan s;
    int err = cdn_json_begin(&s, text, arena, e);
    err = err ? err : cdn_json_skip(&s);
    return err ? err : cdn_json_end(&s);
}
