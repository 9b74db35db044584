/* SPDX-License-Identifier: Apache-2.0 */
/* values.c: values of facts from their text. See values.h for what is always true. */
#include "request/values.h"

#include "base/limits.h"
#include "places/codes.h"

/* One allocation for a value with a single text. */
struct single {
    struct cdn_value value;
    cordon_str text;
    uint64_t hash;
};

static const struct cdn_value no_answer = {.have = CDN_HAVE_NULL};
static const struct cdn_value not_applicable = {.have = CDN_HAVE_NOT_APPLICABLE};

const struct cdn_value *cdn_request_no_value(enum cdn_have have) {
    return have == CDN_HAVE_NULL ? &no_answer : have == CDN_HAVE_NOT_APPLICABLE ? &not_applicable : NULL;
}

static int no_memory(struct cordon_error *e) {
    return cdn_fail(e, CORDON_E_NOMEM, "out of memory while the request is read");
}

static struct cdn_value *value_new(struct cdn_arena *arena, unsigned type) {
    struct cdn_value *v = cdn_arena_zero(arena, 1, sizeof(*v));
    if (v) {
        v->have = CDN_HAVE_VALUE;
        v->type = (uint8_t)type;
    }
    return v;
}

static struct cdn_value *single_new(struct cdn_arena *arena, unsigned type, cordon_str text) {
    struct single *one = cdn_arena_take(arena, sizeof(*one));
    if (!one)
        return NULL;
    *one =
        (struct single){.value = {.have = CDN_HAVE_VALUE, .type = (uint8_t)type, .count = 1}, .text = text};
    one->hash = cdn_hash(text, 0);
    one->value.texts = &one->text;
    one->value.hashes = &one->hash;
    return &one->value;
}

static int check_place(cordon_str text, struct cordon_error *e) {
    uint16_t country = 0;
    uint32_t region = 0;
    if (text.n > 3 && text.p[2] == '-')
        return cdn_region_parse(text, &region, e);
    return cdn_request_country(text, &country, e);
}

/* A declared fact's type is not known here: every reading that the text has is filled in. */
static void fill_readings(struct cdn_value *v, cordon_str text) {
    const char c = text.p[0];
    if (c != '-' && c != '+' && (c < '0' || c > '9'))
        return;
    if (cdn_when_parse(text, &v->when))
        v->when = (struct cdn_when){0};
    if (cdn_decimal_parse(text, &v->money.amount))
        v->money.amount = (struct cdn_decimal){0};
}

static int text_of_type(struct cdn_arena *arena,
                        unsigned type,
                        cordon_str text,
                        const struct cdn_value **ret,
                        struct cordon_error *e) {
    if (!text.n)
        return cdn_fail(e, CORDON_E_RANGE, "an empty text; write null where there is no answer");
    if (text.n > CDN_MAX_VALUE_BYTES)
        return cdn_fail(e, CORDON_E_LIMIT, "%zu bytes; at most %zu", text.n, CDN_MAX_VALUE_BYTES);
    const int err = type == CDN_TYPE_PLACE ? check_place(text, e) : 0;
    if (err)
        return err;
    struct cdn_value *v = single_new(arena, type == CDN_TYPE_NONE ? CDN_TYPE_TEXT : type, text);
    if (!v)
        return no_memory(e);
    if (type == CDN_TYPE_NONE)
        fill_readings(v, text);
    *ret = v;
    return 0;
}

static int when_of_text(struct cdn_arena *arena,
                        cordon_str text,
                        const struct cdn_value **ret,
                        struct cordon_error *e) {
    struct cdn_when when;
    const int err = cdn_request_when(text, &when, e);
    if (err)
        return err;
    struct cdn_value *v = value_new(arena, CDN_TYPE_WHEN);
    if (!v)
        return no_memory(e);
    v->when = when;
    *ret = v;
    return 0;
}

int cdn_request_fact_text(struct cdn_arena *arena,
                          unsigned type,
                          cordon_str text,
                          const struct cdn_value **ret,
                          struct cordon_error *e) {
    if (cdn_str_eq(text, CDN_STR(CDN_NOT_APPLICABLE))) {
        *ret = &not_applicable;
        return 0;
    }
    switch ((enum cdn_fact_type)type) {
    case CDN_TYPE_NONE:
    case CDN_TYPE_CODE:
    case CDN_TYPE_TEXT:
    case CDN_TYPE_PLACE:
        return text_of_type(arena, type, text, ret, e);
    case CDN_TYPE_WHEN:
        return when_of_text(arena, text, ret, e);
    case CDN_TYPE_NUMBER:
        return cdn_request_fact_number(arena, text, ret, e);
    case CDN_TYPE_BOOL:
        if (cdn_str_eq(text, CDN_STR("true")) || cdn_str_eq(text, CDN_STR("false")))
            return cdn_request_fact_bool(arena, text.n == 4, ret, e);
        return cdn_fail(e, CORDON_E_TYPE, "a yes or no: true or false");
    case CDN_TYPE_CODES:
        return cdn_fail(e, CORDON_E_TYPE, "a list of codes, not one text");
    case CDN_TYPE_MONEY:
        return cdn_fail(
            e, CORDON_E_TYPE, "an amount needs its currency: {\"amount\": \"12.50\", \"currency\": \"EUR\"}");
    }
    return cdn_fail(e, CORDON_E_ARG, "no fact type %u", type);
}

int cdn_request_fact_codes(struct cdn_arena *arena,
                           const cordon_str *texts,
                           size_t count,
                           const struct cdn_value **ret,
                           struct cordon_error *e) {
    if (count > CDN_MAX_ATTESTATIONS)
        return cdn_fail(e, CORDON_E_LIMIT, "%zu codes; at most %d", count, CDN_MAX_ATTESTATIONS);
    struct cdn_value *v = value_new(arena, CDN_TYPE_CODES);
    uint64_t *hashes = v ? cdn_arena_zero(arena, count + 1, sizeof(*hashes)) : NULL;
    if (!hashes)
        return no_memory(e);
    for (size_t i = 0; i < count; i++) {
        if (!texts[i].n || texts[i].n > CDN_MAX_VALUE_BYTES)
            return cdn_fail(
                e, CORDON_E_RANGE, "code %zu is empty or longer than %zu bytes", i, CDN_MAX_VALUE_BYTES);
        hashes[i] = cdn_hash(texts[i], 0);
    }
    v->texts = texts;
    v->hashes = hashes;
    v->count = (uint16_t)count;
    *ret = v;
    return 0;
}

int cdn_request_fact_bool(struct cdn_arena *arena,
                          bool value,
                          const struct cdn_value **ret,
                          struct cordon_error *e) {
    struct cdn_value *v = value_new(arena, CDN_TYPE_BOOL);
    if (!v)
        return no_memory(e);
    v->boolean = value;
    *ret = v;
    return 0;
}

int cdn_request_fact_number(struct cdn_arena *arena,
                            cordon_str digits,
                            const struct cdn_value **ret,
                            struct cordon_error *e) {
    struct cdn_decimal amount;
    const int err = cdn_request_amount(digits, &amount, e);
    if (err)
        return err;
    struct cdn_value *v = value_new(arena, CDN_TYPE_NUMBER);
    if (!v)
        return no_memory(e);
    v->money.amount = amount;
    *ret = v;
    return 0;
}

int cdn_request_fact_money(struct cdn_arena *arena,
                           struct cdn_money money,
                           const struct cdn_value **ret,
                           struct cordon_error *e) {
    struct cdn_value *v = value_new(arena, CDN_TYPE_MONEY);
    if (!v)
        return no_memory(e);
    v->money = money;
    *ret = v;
    return 0;
}

int cdn_request_amount(cordon_str digits, struct cdn_decimal *ret, struct cordon_error *e) {
    const int err = cdn_decimal_parse(digits, ret);
    if (err == CORDON_E_RANGE)
        return cdn_fail(e, err, "`%.*s` needs more than 18 digits", CDN_FMT(digits));
    if (err) {
        (void)cdn_fail(e, err, "`%.*s` is not a decimal number", CDN_FMT(digits));
        cdn_error_hint(
            e, "digits, with one point before the fraction: 6200.00; no exponent, no thousands separator");
    }
    return err;
}

int cdn_request_currency(cordon_str code, char ret[4], struct cordon_error *e) {
    uint16_t packed = 0;
    const int err = cdn_currency_parse(code, &packed, e);
    if (!err)
        cdn_currency_text(packed, ret);
    return err;
}

int cdn_request_when(cordon_str text, struct cdn_when *ret, struct cordon_error *e) {
    const int err = cdn_when_parse(text, ret);
    if (err) {
        (void)cdn_fail(e, err, "`%.*s` is neither a date nor an instant", CDN_FMT(text));
        cdn_error_hint(e, "2022-03-10, 2022-03, 2022, or an instant with its zone: 2022-03-10T09:00:00Z");
    }
    return err;
}

int cdn_request_instant(cordon_str text, int64_t *ret, struct cordon_error *e) {
    int32_t offset = 0;
    const int err = cdn_time_parse(text, ret, &offset);
    if (err) {
        (void)cdn_fail(e, err, "`%.*s` is not an instant", CDN_FMT(text));
        cdn_error_hint(e, "date, time and zone: 2022-03-10T09:00:00Z or 2022-03-10T10:00:00+01:00");
    }
    return err;
}

int cdn_request_country(cordon_str code, uint16_t *ret, struct cordon_error *e) {
    if (code.n == 2) {
        const uint16_t packed = CDN_COUNTRY((uint8_t)code.p[0], (uint8_t)code.p[1]);
        if (cdn_country_index(packed) >= 0) {
            *ret = packed;
            return 0;
        }
    }
    const int err = cdn_country_parse(code, ret, e);
    if (err && e && !e->hint[0]) {
        char near[CDN_COUNTRY_SUGGEST_SIZE];
        if (cdn_country_suggest(code, near))
            cdn_error_hint(e, "did you mean %s?", near);
        else
            cdn_error_hint(e, "an ISO 3166-1 code such as RU; null where the country is not known");
    }
    return err;
}

int cdn_request_degrees(cordon_str digits, int limit, int32_t *ret, struct cordon_error *e) {
    struct cdn_decimal v;
    int err = cdn_request_amount(digits, &v, e);
    if (err)
        return err;
    const struct cdn_decimal one = {1, 0};
    if (cdn_decimal_cmp(v, (struct cdn_decimal){limit, 0}) > 0 ||
        cdn_decimal_cmp(v, (struct cdn_decimal){-limit, 0}) < 0)
        return cdn_fail(
            e, CORDON_E_RANGE, "%.*s is outside -%d to %d degrees", CDN_FMT(digits), limit, limit);
    err = cdn_decimal_div(v, one, 6, &v);
    if (err)
        return cdn_fail(e, err, "`%.*s` has too many digits", CDN_FMT(digits));
    int64_t micro = v.mantissa;
    for (unsigned i = v.scale; i < 6; i++)
        micro *= 10;
    *ret = (int32_t)micro;
    return 0;
}
