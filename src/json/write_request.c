/* SPDX-License-Identifier: Apache-2.0 */
/* write_request.c: the canonical JSON of a request, walking the same table as the reader.
 *
 *  1. reading what was written gives an equal request; writing that again gives the same bytes;
 *  2. absent members are left out; null and "not_applicable" are written;
 *  3. members are sorted by name, lists keep their order, decimals are written exactly: amounts as texts,
 *     numbers as JSON numbers without exponent. */
#include "places/codes.h"
#include "request/values.h"
#include "json/json.h"

#include "base/limits.h"
#include "json/out_priv.h"
#include "json/schema_priv.h"

#define MOST_MEMBERS 64

static void write_shape(struct cdn_buf *b, const struct cdn_shape *shape, const void *in);

static const void *member_at(const void *in, uint16_t at) {
    return (const char *)in + at;
}

static uint8_t have_of(const struct cdn_field *f, const void *in) {
    return *(const uint8_t *)member_at(in, f->have_at);
}

static cordon_str text_of(const void *in, uint16_t at) {
    return *(const cordon_str *)member_at(in, at);
}

static void write_have(struct cdn_buf *b, unsigned have) {
    cdn_buf_z(b, have == CDN_HAVE_NOT_APPLICABLE ? "\"" CDN_NOT_APPLICABLE "\"" : "null");
}

static void write_when(struct cdn_buf *b, struct cdn_when when) {
    cdn_buf_char(b, '"');
    cdn_when_write(b, when);
    cdn_buf_char(b, '"');
}

static void write_country(struct cdn_buf *b, uint16_t country) {
    char text[3];
    cdn_country_text(country, text);
    cdn_buf_json(b, cdn_str(text, 2));
}

static void write_quoted_decimal(struct cdn_buf *b, struct cdn_decimal v) {
    cdn_buf_char(b, '"');
    cdn_decimal_write(b, v);
    cdn_buf_char(b, '"');
}

static void write_fact(struct cdn_buf *b, const struct cdn_value *v) {
    if (v->have != CDN_HAVE_VALUE) {
        write_have(b, v->have);
        return;
    }
    bool first = true;
    switch ((enum cdn_fact_type)v->type) {
    case CDN_TYPE_NONE:
    case CDN_TYPE_CODE:
    case CDN_TYPE_TEXT:
    case CDN_TYPE_PLACE:
        cdn_buf_json(b, v->count ? v->texts[0] : CDN_STR(""));
        break;
    case CDN_TYPE_CODES:
        cdn_buf_char(b, '[');
        for (unsigned i = 0; i < v->count; i++) {
            cdn_json_comma(b, &first);
            cdn_buf_json(b, v->texts[i]);
        }
        cdn_buf_char(b, ']');
        break;
    case CDN_TYPE_WHEN:
        write_when(b, v->when);
        break;
    case CDN_TYPE_MONEY:
        write_shape(b, &cdn_shapes[CDN_SHAPE_MONEY], &v->money);
        break;
    case CDN_TYPE_NUMBER:
        cdn_decimal_write(b, v->money.amount);
        break;
    case CDN_TYPE_BOOL:
        cdn_json_bool(b, v->boolean);
        break;
    }
}

static void write_given(struct cdn_buf *b, const struct cdn_given_fact *list, unsigned count) {
    uint16_t order[CDN_MAX_ATTESTATIONS];
    count = CDN_MIN(count, (unsigned)CDN_MAX_ATTESTATIONS);
    for (unsigned i = 0; i < count; i++) {
        unsigned k = i;
        for (; k > 0 && cdn_str_cmp(list[order[k - 1]].name, list[i].name) > 0; k--)
            order[k] = order[k - 1];
        order[k] = (uint16_t)i;
    }
    bool first = true;
    cdn_buf_char(b, '{');
    for (unsigned i = 0; i < count; i++) {
        cdn_json_comma(b, &first);
        cdn_buf_json(b, list[order[i]].name);
        cdn_buf_char(b, ':');
        write_fact(b, &list[order[i]].value);
    }
    cdn_buf_char(b, '}');
}

/* ---- evidence ------------------------------------------------------------------------------------------ */

static void write_evidence(struct cdn_buf *b, const struct cdn_evidence *ev) {
    if (ev->have != CDN_HAVE_VALUE) {
        write_have(b, ev->have);
        return;
    }
    const unsigned form = ev->kind < CDN_EVIDENCE_COUNT ? cdn_evidence_kinds[ev->kind].value : 0;
    const struct cdn_address *a = &ev->address;
    if (form == CDN_VALUE_ADDRESS && (a->country.n || a->region.n || a->city.n || a->postal_code.n))
        write_shape(b, &cdn_shapes[CDN_SHAPE_ADDRESS], a);
    else if (form == CDN_VALUE_ADDRESS)
        cdn_buf_json(b, a->lines);
    else if (form == CDN_VALUE_IP && ev->answer_count)
        write_shape(b, &cdn_shapes[CDN_SHAPE_IP_PLACE], ev);
    else if (form == CDN_VALUE_CARD && ev->number)
        write_shape(b, &cdn_shapes[CDN_SHAPE_CARD], ev);
    else if (form == CDN_VALUE_TAX && ev->country)
        write_shape(b, &cdn_shapes[CDN_SHAPE_TAX], ev);
    else if (form == CDN_VALUE_POINT)
        write_shape(b, &cdn_shapes[CDN_SHAPE_POINT], ev);
    else
        cdn_buf_json(b, ev->text);
}

/* ---- members ------------------------------------------------------------------------------------------- */

static bool optional_present(const struct cdn_field *f, const void *in) {
    const void *at = member_at(in, f->at);
    switch ((enum cdn_op)f->op) {
    case CDN_OP_TEXT:
    case CDN_OP_HASHED:
    case CDN_OP_IIN:
        return ((f->flags & CDN_FIELD_REQUIRED) != 0) || text_of(in, f->at).n > 0;
    case CDN_OP_WHEN:
    case CDN_OP_INSTANT:
    case CDN_OP_DECIMAL:
        return have_of(f, in) != CDN_HAVE_ABSENT;
    case CDN_OP_SEEN:
        return *(const bool *)member_at(in, f->have_at);
    case CDN_OP_SCORE:
        return *(const uint16_t *)at != 0;
    case CDN_OP_BOOL:
        return *(const bool *)at;
    case CDN_OP_COUNTRY:
        return *(const uint16_t *)at != 0;
    case CDN_OP_PARTY:
        return *(const int32_t *)at >= 0;
    case CDN_OP_MONEY:
        return ((const struct cdn_money *)at)->currency[0] != '\0';
    case CDN_OP_FACT:
        return *(const struct cdn_value *const *)at != NULL;
    case CDN_OP_GIVEN:
        return *(const uint16_t *)member_at(in, f->count_at) > 0;
    case CDN_OP_LIST:
        return *(const uint16_t *)member_at(in, f->count_at) > 0 ||
               (f->have_at != CDN_NO_MEMBER && have_of(f, in) != CDN_HAVE_ABSENT);
    case CDN_OP_WORD:
    case CDN_OP_AMOUNT:
    case CDN_OP_CURRENCY:
    case CDN_OP_LISTED:
    case CDN_OP_DEGREES:
    case CDN_OP_PARTY_OR_NAME:
    case CDN_OP_EVIDENCE:
        break;
    }
    return true;
}

static void write_list(struct cdn_buf *b, const struct cdn_field *f, const void *in) {
    const struct cdn_shape *shape = &cdn_shapes[f->arg];
    const char *items = *(const char *const *)member_at(in, f->at);
    const unsigned count = *(const uint16_t *)member_at(in, f->count_at);
    if (count == 0 && f->have_at != CDN_NO_MEMBER && have_of(f, in) != CDN_HAVE_VALUE) {
        write_have(b, have_of(f, in));
        return;
    }
    bool first = true;
    cdn_buf_char(b, '[');
    for (unsigned i = 0; i < count; i++) {
        cdn_json_comma(b, &first);
        write_shape(b, shape, items + i * (size_t)shape->size);
    }
    cdn_buf_char(b, ']');
}

static void write_owner(struct cdn_buf *b, const struct cdn_field *f, const void *in) {
    const int32_t party = *(const int32_t *)member_at(in, f->at);
    if (party >= 0)
        cdn_buf_int(b, party);
    else
        cdn_buf_json(b, text_of(in, f->have_at));
}

static void write_word(struct cdn_buf *b, const struct cdn_field *f, unsigned i) {
    const struct cdn_words *words = &cdn_word_tables[f->arg];
    cdn_buf_json(b, i < words->count ? cdn_str(words->words[i].text, words->words[i].n) : CDN_STR("?"));
}

static void write_number(struct cdn_buf *b, const struct cdn_field *f, const void *in) {
    const void *at = member_at(in, f->at);
    switch ((int)f->op) {
    case CDN_OP_DECIMAL:
        cdn_decimal_write(b, *(const struct cdn_decimal *)at);
        break;
    case CDN_OP_AMOUNT:
        write_quoted_decimal(b, *(const struct cdn_decimal *)at);
        break;
    case CDN_OP_SCORE:
        cdn_buf_int(b, *(const uint16_t *)at);
        break;
    case CDN_OP_DEGREES:
        cdn_decimal_write(b, (struct cdn_decimal){*(const int32_t *)at, 6});
        break;
    default:
        cdn_buf_int(b, *(const int32_t *)at);
        break;
    }
}

static void write_member(struct cdn_buf *b, const struct cdn_field *f, const void *in) {
    const void *at = member_at(in, f->at);
    const bool has_have = f->op == CDN_OP_WHEN || f->op == CDN_OP_INSTANT || f->op == CDN_OP_DECIMAL;
    if (has_have && have_of(f, in) != CDN_HAVE_VALUE) {
        write_have(b, have_of(f, in));
        return;
    }
    switch ((enum cdn_op)f->op) {
    case CDN_OP_TEXT:
    case CDN_OP_HASHED:
        cdn_buf_json(b, text_of(in, f->at));
        break;
    case CDN_OP_IIN:
        cdn_buf_json(b, ((const struct cdn_evidence *)in)->text);
        break;
    case CDN_OP_WORD:
        write_word(b, f, *(const uint8_t *)at);
        break;
    case CDN_OP_WHEN:
    case CDN_OP_SEEN:
        write_when(b, *(const struct cdn_when *)at);
        break;
    case CDN_OP_INSTANT:
        cdn_json_instant(b, *(const int64_t *)at);
        break;
    case CDN_OP_DECIMAL:
    case CDN_OP_AMOUNT:
    case CDN_OP_SCORE:
    case CDN_OP_DEGREES:
    case CDN_OP_PARTY:
        write_number(b, f, in);
        break;
    case CDN_OP_CURRENCY:
        cdn_buf_json(b, cdn_str_z((const char *)at));
        break;
    case CDN_OP_BOOL:
        cdn_json_bool(b, *(const bool *)at);
        break;
    case CDN_OP_LISTED: {
        const unsigned truth = *(const uint8_t *)at;
        cdn_buf_z(b, truth == CORDON_TRUE ? "true" : truth == CORDON_FALSE ? "false" : "null");
        break;
    }
    case CDN_OP_COUNTRY:
        write_country(b, *(const uint16_t *)at);
        break;
    case CDN_OP_PARTY_OR_NAME:
        write_owner(b, f, in);
        break;
    case CDN_OP_MONEY:
        write_shape(b, &cdn_shapes[CDN_SHAPE_MONEY], at);
        break;
    case CDN_OP_FACT:
        write_fact(b, *(const struct cdn_value *const *)at);
        break;
    case CDN_OP_GIVEN:
        write_given(
            b, *(const struct cdn_given_fact *const *)at, *(const uint16_t *)member_at(in, f->count_at));
        break;
    case CDN_OP_LIST:
        write_list(b, f, in);
        break;
    case CDN_OP_EVIDENCE:
        write_evidence(b, in);
        break;
    }
}

/* Names differ in their first letter, mostly. */
static bool stands_behind(const struct cdn_field *a, const struct cdn_field *b) {
    return a->name[0] != b->name[0] ? a->name[0] > b->name[0] : strcmp(a->name, b->name) > 0;
}

/* Comma, name and colon as one piece. */
static void write_name(struct cdn_buf *b, const struct cdn_field *f, bool first) {
    enum { MOST = UINT8_MAX };
    char piece[MOST + 4];
    size_t n = 0;
    if (!first)
        piece[n++] = ',';
    piece[n++] = '"';
    memcpy(piece + n, f->name, f->n);
    n += f->n;
    piece[n++] = '"';
    piece[n++] = ':';
    cdn_buf_put(b, piece, n);
}

static void write_shape(struct cdn_buf *b, const struct cdn_shape *shape, const void *in) {
    const unsigned kind = shape == &cdn_shapes[CDN_SHAPE_OBJECT] ? ((const struct cdn_object *)in)->kind : 0;
    const struct cdn_field *order[MOST_MEMBERS];
    unsigned n = 0;
    for (unsigned i = 0; i < shape->count; i++) {
        const struct cdn_field *f = &shape->fields[i];
        if ((f->only && f->only != kind) || !optional_present(f, in))
            continue;
        unsigned k = n++;
        for (; k > 0 && stands_behind(order[k - 1], f); k--)
            order[k] = order[k - 1];
        order[k] = f;
    }
    cdn_buf_char(b, '{');
    for (unsigned i = 0; i < n; i++) {
        write_name(b, order[i], i == 0);
        write_member(b, order[i], in);
    }
    cdn_buf_char(b, '}');
}

int cdn_json_write_request(struct cdn_buf *out, const struct cdn_request *r) {
    write_shape(out, &cdn_shapes[CDN_SHAPE_REQUEST], r);
    return out->err;
}
