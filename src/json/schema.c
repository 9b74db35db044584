/* SPDX-License-Identifier: Apache-2.0 */
/* schema.c: JSON Schema (draft 2020-12) of requests, from the reader's table, and of decisions.
 *
 *  1. what the request schema refuses the reader refuses, too; the reader also checks what a schema cannot
 * say (that a country exists, that a date does, that no name stands twice);
 *  2. the text is the same for everybody: members in the order of the table, two blanks a level. */
#include "base/limits.h"
#include "request/values.h"
#include "json/json.h"
#include "json/schema_priv.h"

struct pretty {
    struct cdn_buf *b;
    unsigned depth;
    bool first;
};

static void line(struct pretty *p) {
    if (!p->first)
        cdn_buf_char(p->b, ',');
    p->first = false;
    cdn_buf_char(p->b, '\n');
    for (unsigned i = 0; i < p->depth; i++)
        cdn_buf_put(p->b, "  ", 2);
}

static void name(struct pretty *p, const char *key) {
    line(p);
    cdn_buf_json(p->b, cdn_str_z(key));
    cdn_buf_put(p->b, ": ", 2);
}

static void open_with(struct pretty *p, const char *key, char bracket) {
    if (key)
        name(p, key);
    else
        line(p);
    cdn_buf_char(p->b, bracket);
    p->depth++;
    p->first = true;
}

static void close_with(struct pretty *p, char bracket) {
    p->depth--;
    if (!p->first) {
        p->first = true;
        line(p);
    }
    cdn_buf_char(p->b, bracket);
    p->first = false;
}

static void text(struct pretty *p, const char *key, const char *value) {
    name(p, key);
    cdn_buf_json(p->b, cdn_str_z(value));
}

static void raw(struct pretty *p, const char *key, const char *json) {
    name(p, key);
    cdn_buf_z(p->b, json);
}

static void ref(struct pretty *p, const char *target) {
    name(p, "$ref");
    cdn_buf_printf(p->b, "\"#/$defs/%s\"", target);
}

/* One of the alternatives of an anyOf, as JSON on one line. */
static void choice(struct pretty *p, const char *json) {
    line(p);
    cdn_buf_z(p->b, json);
}

static void absent_choices(struct pretty *p, unsigned flags) {
    if (flags & CDN_FIELD_NULL)
        choice(p, "{\"type\": \"null\"}");
    if (flags & CDN_FIELD_NA)
        choice(p, "{\"const\": \"" CDN_NOT_APPLICABLE "\"}");
}

static const char *const decimal_json =
    "{\"type\": [\"number\", \"string\"], \"pattern\": \"^[-+]?[0-9]+([.][0-9]+)?$\"}";

static const char *fact_json(unsigned type) {
    switch ((enum cdn_fact_type)type) {
    case CDN_TYPE_CODE:
    case CDN_TYPE_TEXT:
        return "{\"type\": \"string\", \"minLength\": 1}";
    case CDN_TYPE_CODES:
        return "{\"type\": \"array\", \"items\": {\"type\": \"string\", \"minLength\": 1}, \"maxItems\": "
               "256}";
    case CDN_TYPE_WHEN:
        return "{\"$ref\": \"#/$defs/when\"}";
    case CDN_TYPE_MONEY:
        return "{\"$ref\": \"#/$defs/money\"}";
    case CDN_TYPE_NUMBER:
        return decimal_json;
    case CDN_TYPE_BOOL:
        return "{\"type\": \"boolean\"}";
    case CDN_TYPE_PLACE:
        return "{\"type\": \"string\", \"pattern\": "
               "\"^([A-Za-z]{2,3}|[A-Za-z]{2}-[A-Za-z0-9]{1,3}|[0-9]{3})$\"}";
    case CDN_TYPE_NONE:
        break;
    }
    return "{\"type\": \"string\"}";
}

static const char *form_json(unsigned form) {
    switch ((enum cdn_value_form)form) {
    case CDN_VALUE_COUNTRY:
        return "{\"$ref\": \"#/$defs/country\"}";
    case CDN_VALUE_ADDRESS:
        return "{\"anyOf\": [{\"type\": \"string\", \"minLength\": 1}, {\"$ref\": \"#/$defs/address\"}]}";
    case CDN_VALUE_IP:
        return "{\"anyOf\": [{\"type\": \"string\", \"anyOf\": [{\"format\": \"ipv4\"}, {\"format\": "
               "\"ipv6\"}]}, "
               "{\"$ref\": \"#/$defs/ip_place\"}]}";
    case CDN_VALUE_TAX:
        return "{\"anyOf\": [{\"type\": \"string\", \"minLength\": 1}, {\"$ref\": \"#/$defs/tax\"}]}";
    case CDN_VALUE_CARD:
        return "{\"anyOf\": [{\"$ref\": \"#/$defs/country\"}, {\"$ref\": \"#/$defs/card\"}]}";
    case CDN_VALUE_POINT:
        return "{\"$ref\": \"#/$defs/point\"}";
    case CDN_VALUE_MCC:
        return "{\"type\": [\"string\", \"integer\"], \"pattern\": \"^[0-9]{3}\"}";
    case CDN_VALUE_ASN:
        return "{\"type\": [\"string\", \"integer\"], \"pattern\": \"^([Aa][Ss])?[0-9]{1,10}$\"}";
    case CDN_VALUE_PHONE:
    case CDN_VALUE_IBAN:
    case CDN_VALUE_BIC:
    case CDN_VALUE_HOST:
    case CDN_VALUE_TEXT:
        break;
    }
    return "{\"type\": \"string\", \"minLength\": 1}";
}

/* The value of a member, without its null and "not_applicable", as JSON on one line. */
static void value_json(struct cdn_buf *b, const struct cdn_field *f) {
    switch ((enum cdn_op)f->op) {
    case CDN_OP_TEXT:
    case CDN_OP_HASHED:
        cdn_buf_printf(b, "{\"type\": \"string\", \"maxLength\": %u}", (unsigned)f->max);
        break;
    case CDN_OP_WORD:
        cdn_buf_z(b, "{\"enum\": [");
        for (unsigned i = 1; i < cdn_word_tables[f->arg].count; i++)
            cdn_buf_printf(b, "%s\"%s\"", i > 1 ? ", " : "", cdn_word_tables[f->arg].words[i].text);
        cdn_buf_z(b, "]}");
        break;
    case CDN_OP_WHEN:
    case CDN_OP_SEEN:
        cdn_buf_z(b, "{\"$ref\": \"#/$defs/when\"}");
        break;
    case CDN_OP_INSTANT:
        cdn_buf_z(b, "{\"type\": \"string\", \"format\": \"date-time\"}");
        break;
    case CDN_OP_DECIMAL:
        cdn_buf_printf(b,
                       "{\"type\": [\"number\", \"string\"], \"minimum\": 0, \"maximum\": %u, "
                       "\"pattern\": \"^[0-9]+([.][0-9]+)?$\"}",
                       (unsigned)f->max);
        break;
    case CDN_OP_AMOUNT:
        cdn_buf_z(b, decimal_json);
        break;
    case CDN_OP_CURRENCY:
        cdn_buf_z(b, "{\"type\": \"string\", \"pattern\": \"^[A-Za-z]{3}$\"}");
        break;
    case CDN_OP_SCORE:
        cdn_buf_printf(b, "{\"type\": \"integer\", \"minimum\": 0, \"maximum\": %u}", (unsigned)f->max);
        break;
    case CDN_OP_BOOL:
    case CDN_OP_LISTED:
        cdn_buf_z(b, "{\"type\": \"boolean\"}");
        break;
    case CDN_OP_COUNTRY:
        cdn_buf_z(b, "{\"$ref\": \"#/$defs/country\"}");
        break;
    case CDN_OP_DEGREES:
        cdn_buf_printf(b,
                       "{\"type\": [\"number\", \"string\"], \"minimum\": -%u, \"maximum\": %u}",
                       (unsigned)f->max,
                       (unsigned)f->max);
        break;
    case CDN_OP_PARTY:
        cdn_buf_printf(b, "{\"type\": \"integer\", \"minimum\": 0, \"maximum\": %d}", CDN_MAX_PARTIES - 1);
        break;
    case CDN_OP_PARTY_OR_NAME:
        cdn_buf_printf(
            b, "{\"type\": [\"integer\", \"string\"], \"minimum\": 0, \"maximum\": %d}", CDN_MAX_PARTIES - 1);
        break;
    case CDN_OP_IIN:
        cdn_buf_z(b, "{\"type\": \"string\", \"pattern\": \"^[0-9]{6,8}$\"}");
        break;
    case CDN_OP_MONEY:
        cdn_buf_z(b, "{\"$ref\": \"#/$defs/money\"}");
        break;
    case CDN_OP_FACT:
        cdn_buf_z(b, fact_json(cdn_facts[f->arg].type));
        break;
    case CDN_OP_GIVEN:
        cdn_buf_printf(b,
                       "{\"type\": \"object\", \"maxProperties\": %u, \"additionalProperties\": {\"$ref\": "
                       "\"#/$defs/declared\"}}",
                       (unsigned)f->max);
        break;
    case CDN_OP_LIST:
        cdn_buf_printf(b,
                       "{\"type\": \"array\", \"maxItems\": %u, \"items\": {\"$ref\": \"#/$defs/%s\"}}",
                       (unsigned)f->max,
                       cdn_shapes[f->arg].name);
        break;
    case CDN_OP_EVIDENCE: /* by kind: see evidence_forms() */
        cdn_buf_z(b, "true");
        break;
    }
}

static void member(struct pretty *p, const struct cdn_field *f, bool with_title) {
    open_with(p, f->name, '{');
    if (with_title)
        text(p, "description", f->title);
    open_with(p, "anyOf", '[');
    line(p);
    value_json(p->b, f);
    /* null of a possible match is a value, but the schema writes it the same way */
    absent_choices(p, f->flags);
    close_with(p, ']');
    close_with(p, '}');
}

static void required(struct pretty *p, const struct cdn_shape *shape) {
    bool any = false;
    for (unsigned i = 0; i < shape->count; i++) {
        if (!(shape->fields[i].flags & CDN_FIELD_REQUIRED))
            continue;
        if (!any)
            open_with(p, "required", '[');
        any = true;
        line(p);
        cdn_buf_json(p->b, cdn_str_z(shape->fields[i].name));
    }
    if (any)
        close_with(p, ']');
}

static bool listed_before(const struct cdn_shape *shape, unsigned i) {
    for (unsigned k = 0; k < i; k++) {
        if (strcmp(shape->fields[k].name, shape->fields[i].name) == 0)
            return true;
    }
    return false;
}

static bool given_by_caller(const struct cdn_field *f) {
    return f->op != CDN_OP_FACT || !cdn_fact_derived(f->arg);
}

/* Objects: which members a kind has, and their types there. */
static void object_kinds(struct pretty *p, const struct cdn_shape *shape) {
    open_with(p, "allOf", '[');
    for (unsigned kind = 1; kind < CDN_OBJECT_COUNT; kind++) {
        open_with(p, NULL, '{');
        name(p, "if");
        cdn_buf_printf(p->b,
                       "{\"properties\": {\"kind\": {\"const\": \"%s\"}}, \"required\": [\"kind\"]}",
                       cdn_objects[kind].name);
        open_with(p, "then", '{');
        open_with(p, "properties", '{');
        for (unsigned i = 0; i < shape->count; i++) {
            const struct cdn_field *f = &shape->fields[i];
            if (f->only == kind && given_by_caller(f))
                member(p, f, true);
            else if (f->only && f->only != kind && !listed_before(shape, i)) {
                bool own = false;
                for (unsigned k = 0; k < shape->count; k++)
                    own =
                        own || (shape->fields[k].only == kind && strcmp(shape->fields[k].name, f->name) == 0);
                if (!own)
                    raw(p, f->name, "false");
            }
        }
        close_with(p, '}');
        close_with(p, '}');
        close_with(p, '}');
    }
    close_with(p, ']');
}

static void evidence_forms(struct pretty *p) {
    open_with(p, "allOf", '[');
    for (unsigned kind = 1; kind < CDN_EVIDENCE_COUNT; kind++) {
        open_with(p, NULL, '{');
        name(p, "if");
        cdn_buf_printf(p->b,
                       "{\"properties\": {\"kind\": {\"const\": \"%s\"}}, \"required\": [\"kind\"]}",
                       cdn_evidence_kinds[kind].name);
        open_with(p, "then", '{');
        text(p, "description", cdn_evidence_kinds[kind].title);
        open_with(p, "properties", '{');
        open_with(p, "value", '{');
        open_with(p, "anyOf", '[');
        choice(p, form_json(cdn_evidence_kinds[kind].value));
        absent_choices(p, CDN_FIELD_NULL | CDN_FIELD_NA);
        close_with(p, ']');
        close_with(p, '}');
        close_with(p, '}');
        close_with(p, '}');
        close_with(p, '}');
    }
    close_with(p, ']');
}

static void shape_body(struct pretty *p, const struct cdn_shape *shape) {
    text(p, "description", shape->title);
    text(p, "type", "object");
    raw(p, "additionalProperties", "false");
    required(p, shape);
    open_with(p, "properties", '{');
    for (unsigned i = 0; i < shape->count; i++) {
        const struct cdn_field *f = &shape->fields[i];
        if (!given_by_caller(f) || listed_before(shape, i))
            continue;
        if (f->only)
            raw(p, f->name, "true"); /* by kind, below */
        else
            member(p, f, true);
    }
    close_with(p, '}');
    if (shape == &cdn_shapes[CDN_SHAPE_OBJECT])
        object_kinds(p, shape);
    if (shape == &cdn_shapes[CDN_SHAPE_EVIDENCE])
        evidence_forms(p);
}

static void head(struct pretty *p, const char *id, const char *title) {
    cdn_buf_char(p->b, '{');
    p->depth = 1;
    p->first = true;
    text(p, "$schema", "https://json-schema.org/draft/2020-12/schema");
    text(p, "$id", id);
    text(p, "title", title);
}

static void tail(struct pretty *p) {
    close_with(p, '}');
    cdn_buf_char(p->b, '\n');
}

int cdn_json_write_request_schema(struct cdn_buf *out) {
    struct pretty p = {.b = out};
    head(&p, "urn:cordon:request:1", "A request to Cordon");
    shape_body(&p, &cdn_shapes[CDN_SHAPE_REQUEST]);
    open_with(&p, "$defs", '{');
    for (unsigned i = CDN_SHAPE_REQUEST + 1; i < CDN_SHAPE_COUNT; i++) {
        open_with(&p, cdn_shapes[i].name, '{');
        shape_body(&p, &cdn_shapes[i]);
        close_with(&p, '}');
    }
    raw(&p,
        "country",
        "{\"description\": \"ISO 3166-1: alpha-2, alpha-3 or numeric code\", \"type\": \"string\", "
        "\"pattern\": \"^([A-Za-z]{2,3}|[0-9]{3})$\"}");
    raw(&p,
        "when",
        "{\"description\": \"an instant (RFC 3339) or a day, month or year\", \"type\": \"string\", "
        "\"pattern\": "
        "\"^[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?(Z|[-+][0-9]{2}:[0-9]{2}))"
        "?)?)?$\"}");
    open_with(&p, "declared", '{');
    text(&p, "description", "a fact that the rulebook declares, in the form of its type");
    open_with(&p, "anyOf", '[');
    choice(&p, "{\"type\": [\"string\", \"number\", \"boolean\", \"null\"]}");
    choice(&p, fact_json(CDN_TYPE_CODES));
    choice(&p, fact_json(CDN_TYPE_MONEY));
    close_with(&p, ']');
    close_with(&p, '}');
    close_with(&p, '}');
    tail(&p);
    return out->err;
}

/* ---- decisions -------------------------------------------------------------------------------------------
 */

#define INSTANT "{\"type\": [\"string\", \"null\"], \"format\": \"date-time\"}"
#define POINTERS "{\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/pointer\"}}"
#define IDS "{\"type\": \"array\", \"items\": {\"type\": \"string\"}}"
#define STRING "{\"type\": \"string\"}"
#define LIST_OF(what) "{\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/" what "\"}}"
#define TRUTH "{\"enum\": [\"false\", \"true\", \"unknown\", \"contradictory\"]}"
#define SCORE "{\"type\": \"integer\", \"minimum\": 0, \"maximum\": 1000}"
#define FINGERPRINT "{\"type\": \"string\", \"pattern\": \"^[0-9a-f]{32}$\"}"
#define VERDICT "{\"enum\": [\"none\", \"allow\", \"limit\", \"hold\", \"deny\", \"freeze\"]}"
#define BASIS "{\"enum\": [\"law\", \"policy\", \"supplier\", \"protection\"]}"

struct answer_member {
    const char *name, *json;
    bool optional;
};
struct answer_shape {
    const char *name, *title;
    const struct answer_member *members;
    size_t count;
};

static const struct answer_member decision_members[] = {
    {"appeals", LIST_OF("open"), true},
    {"as_of", "{\"type\": \"object\", \"additionalProperties\": {\"$ref\": \"#/$defs/as_of\"}}", false},
    {"at", INSTANT, false},
    {"changes_at", INSTANT, false},
    {"conflicts", LIST_OF("conflict"), false},
    {"contradictions", LIST_OF("contradiction"), false},
    {"duties", LIST_OF("duty"), false},
    {"holds", LIST_OF("open"), true},
    {"http_status", "{\"type\": \"integer\"}", false},
    {"keep", IDS, false},
    {"measures", LIST_OF("measure"), false},
    {"missing", LIST_OF("missing"), false},
    {"notice", "{\"type\": \"object\", \"additionalProperties\": {\"type\": \"string\"}}", false},
    {"outcomes", LIST_OF("outcome"), false},
    {"semantics", "{\"type\": \"integer\", \"minimum\": 1}", false},
    {"verdict", VERDICT, false},
};
static const struct answer_member as_of_members[] = {
    {"count", "{\"type\": \"integer\", \"minimum\": 0}", true},
    {"date", STRING, false},
    {"digest", "{\"type\": \"string\", \"pattern\": \"^[0-9a-f]{64}$\"}", true},
    {"stale", "{\"type\": \"boolean\"}", false},
};
static const struct answer_member conflict_members[] = {
    {"kind", STRING, false},
    {"measures", IDS, false},
    {"text", STRING, false},
};
static const struct answer_member contradiction_members[] = {
    {"against", POINTERS, false},
    {"fact", STRING, false},
    {"for", POINTERS, false},
    {"measure", STRING, false},
};
static const struct answer_member duty_members[] = {
    {"due", INSTANT, false},
    {"kind",
     "{\"enum\": [\"report\", \"notify\", \"keep_records\", \"return\", \"review\", \"freeze\", \"warn\"]}",
     false},
    {"measure", STRING, false},
    {"text", STRING, false},
    {"to", STRING, false},
};
static const struct answer_member missing_members[] = {
    {"fact", STRING, false},
    {"measures", IDS, false},
    {"where", "{\"$ref\": \"#/$defs/pointer\"}", false},
    {"why", STRING, false},
};
static const struct answer_member outcome_members[] = {
    {"basis", BASIS, false},
    {"cap", "{\"$ref\": \"#/$defs/money\"}", true},
    {"form",
     "{\"enum\": [\"none\", \"refuse\", \"return\", \"close_and_return\", \"withdraw\", \"retain\"]}",
     false},
    {"limit_to", STRING, true},
    {"measures", IDS, false},
    {"remaining", "{\"$ref\": \"#/$defs/money\"}", true},
    {"scope",
     "{\"enum\": [\"none\", \"request\", \"session\", \"transaction\", \"instrument\", \"account\", "
     "\"related_accounts\"]}",
     false},
    {"subject", "{\"$ref\": \"#/$defs/pointer\"}", false},
    {"verdict", VERDICT, false},
};
static const struct answer_member money_members[] = {
    {"amount", STRING, false},
    {"currency", STRING, false},
};
static const struct answer_member because_members[] = {
    {"against", POINTERS, false},
    {"candidates", LIST_OF("candidate"), true},
    {"evidence", POINTERS, false},
    {"fact", STRING, false},
    {"findings", IDS, true},
    {"is", STRING, false},
    {"owners", LIST_OF("link"), true},
    {"value", TRUTH, false},
};
static const struct answer_member candidate_members[] = {
    {"against", IDS, false},
    {"cleared", STRING, true},
    {"entry", STRING, false},
    {"entry_fingerprint", FINGERPRINT, true},
    {"for", IDS, false},
    {"list", STRING, false},
    {"name", STRING, true},
    {"name_score", SCORE, true},
    {"not_cleared", STRING, true},
    {"party_fingerprint", FINGERPRINT, true},
    {"score", SCORE, true},
    {"source", "{\"enum\": [\"engine\", \"request\"]}", false},
    {"value", TRUTH, false},
    {"who", "{\"$ref\": \"#/$defs/pointer\"}", false},
};
static const struct answer_member link_members[] = {
    {"counts", TRUTH, false},
    {"disputed", "{\"type\": \"boolean\"}", false},
    {"kind", "{\"enum\": [\"direct\", \"indirect\", \"control\", \"not stated\"]}", false},
    {"owned", STRING, false},
    {"owner", STRING, false},
    {"percent", "{\"type\": [\"string\", \"null\"]}", false},
    {"source", STRING, false},
};
static const struct answer_member open_members[] = {
    {"by", STRING, true},
    {"measure", STRING, true},
    {"reference", STRING, true},
    {"subject", "{\"$ref\": \"#/$defs/pointer\"}", false},
    {"until", "{\"type\": [\"string\", \"null\"]}", false},
    {"why", STRING, true},
};
static const struct answer_member presumed_members[] = {
    {"fact", STRING, false},
    {"why", STRING, false},
};
static const struct answer_member source_members[] = {
    {"accessed", STRING, true},
    {"title", STRING, false},
    {"unverified", STRING, true},
    {"url", STRING, false},
};
static const struct answer_member measure_members[] = {
    {"appeal", STRING, true},
    {"basis", BASIS, false},
    {"because", LIST_OF("because"), false},
    {"except", STRING, true},
    {"id", STRING, false},
    {"issuer", STRING, true},
    {"legal", STRING, true},
    {"lifted_by", "{\"type\": [\"string\", \"null\"]}", false},
    {"outcome", VERDICT, false},
    {"presumed", LIST_OF("presumed"), false},
    {"provisional", "{\"const\": true}", true},
    {"sources", LIST_OF("source"), true},
    {"standing",
     "{\"enum\": [\"applied\", \"lifted\", \"excepted\", \"held\", \"false\", \"not_in_force\", "
     "\"not_bound\", "
     "\"other_action\", \"presumed\"]}",
     false},
    {"subject", "{\"$ref\": \"#/$defs/pointer\"}", false},
    {"title", STRING, true},
    {"value", TRUTH, false},
    {"version", STRING, false},
    {"why_not", STRING, true},
};

#define ANSWER(name, title, members)                                                                         \
    { name, title, members, CDN_ARRAY_LEN(members) }
static const struct answer_shape answer_shapes[] = {
    ANSWER(
        "decision", "the pure part: the same for the same request, snapshot and instant", decision_members),
    ANSWER("as_of", "of what date data is, and whether it is past its age limit", as_of_members),
    ANSWER("conflict", "two measures that cannot both be obeyed; the verdict is hold", conflict_members),
    ANSWER("contradiction", "hard evidence on both sides", contradiction_members),
    ANSWER("duty", "what must be done as well, and by when", duty_members),
    ANSWER("missing", "a fact that would settle what is unknown", missing_members),
    ANSWER("outcome", "what becomes of whom", outcome_members),
    ANSWER("money", "an exact amount of a currency", money_members),
    ANSWER("measure", "a measure that counted, with its reasons", measure_members),
    ANSWER("because", "one test of its condition, with the evidence for and against", because_members),
    ANSWER("candidate", "somebody on a list who may be the party", candidate_members),
    ANSWER("link", "an owner of the party, or of its owners", link_members),
    ANSWER("open", "a hold or appeal that is open", open_members),
    ANSWER("presumed", "a fact that was presumed, and why", presumed_members),
    ANSWER("source", "where the measure is written", source_members),
};

static void answer_body(struct pretty *p, const struct answer_shape *shape) {
    text(p, "description", shape->title);
    text(p, "type", "object");
    raw(p, "additionalProperties", "false");
    open_with(p, "required", '[');
    for (size_t i = 0; i < shape->count; i++) {
        if (!shape->members[i].optional) {
            line(p);
            cdn_buf_json(p->b, cdn_str_z(shape->members[i].name));
        }
    }
    close_with(p, ']');
    open_with(p, "properties", '{');
    for (size_t i = 0; i < shape->count; i++)
        raw(p, shape->members[i].name, shape->members[i].json);
    close_with(p, '}');
}

int cdn_json_write_decision_schema(struct cdn_buf *out) {
    struct pretty p = {.b = out};
    head(&p, "urn:cordon:decision:1", "An answer of Cordon");
    text(&p, "type", "object");
    raw(&p, "additionalProperties", "false");
    raw(&p, "required", "[\"decision\", \"snapshot\"]");
    open_with(&p, "properties", '{');
    open_with(&p, "decision", '{');
    ref(&p, "decision");
    close_with(&p, '}');
    raw(&p, "envelope", "{\"description\": \"what differs from run to run\", \"type\": \"object\"}");
    raw(&p, "snapshot", "{\"type\": \"string\", \"pattern\": \"^sha256:[0-9a-f]{64}$\"}");
    close_with(&p, '}');
    open_with(&p, "$defs", '{');
    for (size_t i = 0; i < CDN_ARRAY_LEN(answer_shapes); i++) {
        open_with(&p, answer_shapes[i].name, '{');
        answer_body(&p, &answer_shapes[i]);
        close_with(&p, '}');
    }
    raw(&p,
        "pointer",
        "{\"description\": \"JSON pointer into the request; empty: the request itself\", \"type\": "
        "\"string\"}");
    close_with(&p, '}');
    tail(&p);
    return out->err;
}
