/* SPDX-License-Identifier: Apache-2.0 */
/* export.c: a rulebook as canonical JSON: files, and in them the declarations in the order in which they
 * stand.
 *
 *  1. each kind's array is in the order of the files, so that merging the arrays by position gives the order
 * of the text, without memory;
 *  2. what is empty or absent is left out; what has a default is written. */
#include "rulebook/export_priv.h"
#include "rulebook/print.h"
#include "rulebook/rulebook_json.h"
#include "rulebook/scenario.h"

#include "places/codes.h"

/* ---- pieces ----------------------------------------------------------------------------------------- */

void cdn_jo_word(struct cdn_json_out *o, const char *words) {
    cdn_jo_comma(o);
    cdn_buf_char(o->b, '"');
    for (; *words; words++)
        cdn_buf_char(o->b, *words == ' ' || *words == '-' ? '_' : *words);
    cdn_buf_char(o->b, '"');
}

void cdn_jo_subject(struct cdn_json_out *o, struct cdn_subject s) {
    cdn_jo_comma(o);
    cdn_buf_char(o->b, '"');
    cdn_subject_write(o->b, s);
    cdn_buf_char(o->b, '"');
}

void cdn_jo_decimal(struct cdn_json_out *o, struct cdn_decimal v) {
    cdn_jo_comma(o);
    cdn_buf_char(o->b, '"');
    cdn_decimal_write(o->b, v);
    cdn_buf_char(o->b, '"');
}

void cdn_jo_money(struct cdn_json_out *o, const struct cdn_money_literal *m) {
    cdn_jo_open(o, '{');
    cdn_jo_key(o, "amount");
    cdn_jo_decimal(o, m->amount);
    cdn_jo_text(o, "currency", cdn_str(m->currency, strnlen(m->currency, 3)));
    cdn_jo_close(o, '}');
}

/* Dates and zones hold nothing that JSON escapes. */
void cdn_jo_moment(struct cdn_json_out *o, const char *key, const struct cdn_moment *m) {
    if (m->written.n == 0)
        return;
    cdn_jo_key(o, key);
    cdn_jo_comma(o);
    cdn_buf_char(o->b, '"');
    cdn_moment_write(o->b, m);
    cdn_buf_char(o->b, '"');
}

void cdn_jo_place(struct cdn_json_out *o, const struct cdn_place *p) {
    cdn_jo_comma(o);
    cdn_buf_char(o->b, '"');
    cdn_place_write(o->b, o->rb, p);
    cdn_buf_char(o->b, '"');
}

static void place_array(struct cdn_json_out *o, const struct cdn_place *items, uint32_t count) {
    cdn_jo_open(o, '[');
    for (uint32_t i = 0; i < count; i++)
        cdn_jo_place(o, &items[i]);
    cdn_jo_close(o, ']');
}

void cdn_jo_places(struct cdn_json_out *o, const struct cdn_place_set *set) {
    cdn_jo_open(o, '{');
    if (set->except_count) {
        cdn_jo_key(o, "except");
        place_array(o, set->except, set->except_count);
    }
    cdn_jo_key(o, "in");
    place_array(o, set->items, set->count);
    cdn_jo_close(o, '}');
}

void cdn_jo_country(struct cdn_json_out *o, uint16_t code) {
    char text[3];
    cdn_country_text(code, text);
    cdn_jo_str(o, cdn_str(text, 2));
}

void cdn_jo_source(struct cdn_json_out *o, const struct cdn_source *s) {
    cdn_jo_open(o, '{');
    cdn_jo_text(o, "accessed", s->accessed);
    cdn_jo_text(o, "title", s->title);
    cdn_jo_text(o, "unverified", s->unverified);
    cdn_jo_text(o, "url", s->url);
    cdn_jo_close(o, '}');
}

void cdn_jo_sources(struct cdn_json_out *o, const struct cdn_source *sources, uint32_t count) {
    if (count == 0)
        return;
    cdn_jo_key(o, "sources");
    cdn_jo_open(o, '[');
    for (uint32_t i = 0; i < count; i++)
        cdn_jo_source(o, &sources[i]);
    cdn_jo_close(o, ']');
}

static void text_array(struct cdn_json_out *o, const char *key, const cordon_str *items, uint32_t count) {
    cdn_jo_key(o, key);
    cdn_jo_open(o, '[');
    for (uint32_t i = 0; i < count; i++)
        cdn_jo_str(o, items[i]);
    cdn_jo_close(o, ']');
}

static void operator_key(struct cdn_json_out *o, int32_t index) {
    if (index >= 0 && (uint32_t)index < o->rb->operator_count)
        cdn_jo_text(o, "operator", o->rb->operators[index].id);
}

static void key_word(struct cdn_json_out *o, const char *key, const char *word) {
    cdn_jo_key(o, key);
    cdn_jo_str(o, cdn_str_z(word));
}

/* ---- the small declarations ------------------------------------------------------------------------- */

static void operator_json(struct cdn_json_out *o, const struct cdn_operator *d) {
    cdn_jo_text(o, "id", d->id);
    key_word(o, "kind", "operator");
    cdn_jo_text(o, "title", d->title);
}

static void entity_json(struct cdn_json_out *o, const struct cdn_entity *d) {
    cdn_jo_key(o, "country");
    cdn_jo_country(o, d->country);
    cdn_jo_text(o, "id", d->id);
    key_word(o, "kind", "entity");
    operator_key(o, (int32_t)d->operator);
    cdn_jo_text(o, "title", d->title);
}

static void service_json(struct cdn_json_out *o, const struct cdn_service *d) {
    if (d->class_count)
        text_array(o, "classes", d->classes, d->class_count);
    cdn_jo_text(o, "id", d->id);
    key_word(o, "kind", "service");
    operator_key(o, d->operator);
    cdn_jo_text(o, "title", d->title);
}

static void subject_bits(struct cdn_json_out *o, const char *key, uint32_t roles, uint32_t objects) {
    if (roles == 0 && objects == 0)
        return;
    cdn_jo_key(o, key);
    cdn_jo_open(o, '[');
    for (unsigned i = 1; i < CDN_ROLE_COUNT; i++) {
        if (roles >> i & 1U)
            cdn_jo_str(o, cdn_str_z(cdn_roles[i].name));
    }
    for (unsigned i = 1; i < CDN_OBJECT_COUNT; i++) {
        if (objects >> i & 1U)
            cdn_jo_str(o, cdn_str_z(cdn_objects[i].name));
    }
    cdn_jo_close(o, ']');
}

static void action_json(struct cdn_json_out *o, const struct cdn_action *d) {
    cdn_jo_text(o, "id", d->id);
    key_word(o, "kind", "action");
    subject_bits(o, "may", d->may_roles, d->may_objects);
    subject_bits(o, "needs", d->needs_roles, d->needs_objects);
    cdn_jo_text(o, "title", d->title);
}

static void fact_name(struct cdn_json_out *o, const char *key, unsigned owner, cordon_str name) {
    cdn_jo_key(o, key);
    cdn_jo_comma(o);
    cdn_buf_char(o->b, '"');
    cdn_buf_z(o->b, cdn_owner_words(owner));
    cdn_buf_char(o->b, '.');
    cdn_buf_str(o->b, name);
    cdn_buf_char(o->b, '"');
}

static void fact_json(struct cdn_json_out *o, const struct cdn_fact_decl *d) {
    fact_name(o, "id", d->owner, d->name);
    key_word(o, "kind", "fact");
    cdn_jo_text(o, "title", d->title);
    key_word(o, "type", cdn_type_words(d->type));
}

static void list_json(struct cdn_json_out *o, const struct cdn_list_decl *d) {
    cdn_jo_text(o, "id", d->id);
    cdn_jo_text(o, "issuer", d->issuer);
    key_word(o, "kind", "list");
    if (d->max_age_days) {
        cdn_jo_key(o, "max_age_days");
        cdn_jo_int(o, d->max_age_days);
    }
    cdn_jo_sources(o, d->sources, d->source_count);
    cdn_jo_text(o, "title", d->title);
}

static void set_json(struct cdn_json_out *o, const struct cdn_set_decl *d) {
    cdn_jo_text(o, "id", d->id);
    key_word(o, "kind", "set");
    text_array(o, "members", d->members, d->member_count);
    if (d->evidence && d->evidence < CDN_EVIDENCE_COUNT)
        key_word(o, "of", cdn_evidence_kinds[d->evidence].name);
    else
        fact_name(o, "of", d->owner, cdn_fact_words(o->rb, d->fact));
    cdn_jo_sources(o, d->sources, d->source_count);
    cdn_jo_text(o, "title", d->title);
}

static void calendar_json(struct cdn_json_out *o, const struct cdn_calendar_decl *d) {
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    if (d->holiday_count) {
        cdn_jo_key(o, "holidays");
        cdn_jo_open(o, '[');
        for (uint32_t i = 0; i < d->holiday_count; i++) {
            cdn_jo_comma(o);
            cdn_buf_char(o->b, '"');
            cdn_instant_write(o->b, (int64_t)d->holidays[i] * 86400);
            cdn_buf_char(o->b, '"');
        }
        cdn_jo_close(o, ']');
    }
    cdn_jo_text(o, "id", d->id);
    key_word(o, "kind", "calendar");
    cdn_jo_text(o, "title", d->title);
    cdn_jo_key(o, "weekend");
    cdn_jo_open(o, '[');
    for (unsigned i = 0; i < CDN_ARRAY_LEN(days); i++) {
        if (d->weekend >> i & 1U)
            cdn_jo_str(o, cdn_str_z(days[i]));
    }
    cdn_jo_close(o, ']');
    cdn_jo_text(o, "zone", d->zone);
}

static void rate_json(struct cdn_json_out *o, const struct cdn_rate *d) {
    cdn_jo_text(o, "from", cdn_str(d->from, 3));
    key_word(o, "kind", "rate");
    cdn_jo_key(o, "rate");
    cdn_jo_decimal(o, d->rate);
    cdn_jo_moment(o, "since", &d->since);
    if (d->source.title.n || d->source.url.n) {
        cdn_jo_key(o, "source");
        cdn_jo_source(o, &d->source);
    }
    cdn_jo_text(o, "to", cdn_str(d->to, 3));
}

/* ---- territories ------------------------------------------------------------------------------------ */

static void part_json(struct cdn_json_out *o, const struct cdn_territory_part *p) {
    cdn_jo_open(o, '{');
    if (p->exclude) {
        cdn_jo_key(o, "exclude");
        cdn_jo_bool(o, true);
    }
    cdn_jo_moment(o, "from", &p->from_written);
    cdn_jo_key(o, "place");
    cdn_jo_place(o, &p->place);
    cdn_jo_moment(o, "until", &p->until_written);
    cdn_jo_close(o, '}');
}

static void points_json(struct cdn_json_out *o, const struct cdn_mark *m) {
    cdn_jo_key(o, "points");
    cdn_jo_open(o, '[');
    for (uint32_t i = 0; i < m->point_count; i++) {
        cdn_jo_open(o, '[');
        cdn_jo_decimal(o, (struct cdn_decimal){m->points[2 * i], 6});
        cdn_jo_decimal(o, (struct cdn_decimal){m->points[2 * i + 1], 6});
        cdn_jo_close(o, ']');
    }
    cdn_jo_close(o, ']');
}

static void mark_json(struct cdn_json_out *o, const struct cdn_mark *m) {
    cdn_jo_open(o, '{');
    if (m->country) {
        cdn_jo_key(o, "country");
        cdn_jo_country(o, m->country);
    }
    cdn_jo_text(o, "first", m->first);
    cdn_jo_moment(o, "from", &m->from_written);
    cdn_jo_text(o, "lang", m->lang);
    cdn_jo_text(o, "last", m->last);
    key_word(o, "mark", cdn_mark_words(m->kind));
    if (m->kind == CDN_MARK_ASN) {
        cdn_jo_key(o, "number");
        cdn_jo_int(o, m->number);
    }
    if (m->kind == CDN_MARK_AREA)
        points_json(o, m);
    cdn_jo_text(o, "text", m->text);
    cdn_jo_moment(o, "until", &m->until_written);
    cdn_jo_close(o, '}');
}

static void territory_json(struct cdn_json_out *o, const struct cdn_territory *d) {
    if (d->any_context) {
        cdn_jo_key(o, "any_context");
        cdn_jo_bool(o, true);
    }
    cdn_jo_text(o, "id", d->id);
    key_word(o, "kind", "territory");
    if (d->mark_count) {
        cdn_jo_key(o, "marks");
        cdn_jo_open(o, '[');
        for (uint32_t i = 0; i < d->mark_count; i++)
            mark_json(o, &d->marks[i]);
        cdn_jo_close(o, ']');
    }
    if (d->part_of_count) {
        cdn_jo_key(o, "part_of");
        place_array(o, d->part_of, d->part_of_count);
    }
    if (d->part_count) {
        cdn_jo_key(o, "parts");
        cdn_jo_open(o, '[');
        for (uint32_t i = 0; i < d->part_count; i++)
            part_json(o, &d->parts[i]);
        cdn_jo_close(o, ']');
    }
    cdn_jo_sources(o, d->sources, d->source_count);
    cdn_jo_text(o, "title", d->title);
    if (d->within_count) {
        cdn_jo_key(o, "within");
        cdn_jo_open(o, '[');
        for (uint32_t i = 0; i < d->within_count; i++)
            cdn_jo_country(o, d->within[i]);
        cdn_jo_close(o, ']');
    }
}

/* ---- all declarations in the order of the text ------------------------------------------------------ */

enum kind {
    OPERATOR,
    ENTITY,
    SERVICE,
    ACTION,
    FACT,
    LIST,
    SET,
    CALENDAR,
    RATE,
    TERRITORY,
    MEASURE,
    SCENARIO,
    KIND_COUNT
};

static struct cdn_pos pos_of(const struct cdn_rulebook *rb, enum kind kind, uint32_t i) {
    switch (kind) {
    case OPERATOR:
        return rb->operators[i].pos;
    case ENTITY:
        return rb->entities[i].pos;
    case SERVICE:
        return rb->services[i].pos;
    case ACTION:
        return rb->actions[i].pos;
    case FACT:
        return rb->facts[i].pos;
    case LIST:
        return rb->lists[i].pos;
    case SET:
        return rb->sets[i].pos;
    case CALENDAR:
        return rb->calendars[i].pos;
    case RATE:
        return rb->rates[i].source.pos;
    case TERRITORY:
        return rb->territories[i].pos;
    case MEASURE:
        return rb->measures[i].pos;
    case SCENARIO:
        return rb->scenarios[i].pos;
    case KIND_COUNT:
        break;
    }
    return (struct cdn_pos){0, 0, 0};
}

static void counts_of(const struct cdn_rulebook *rb, uint32_t counts[KIND_COUNT]) {
    counts[OPERATOR] = rb->operator_count;
    counts[ENTITY] = rb->entity_count;
    counts[SERVICE] = rb->service_count;
    counts[ACTION] = rb->action_count;
    counts[FACT] = rb->fact_count;
    counts[LIST] = rb->list_count;
    counts[SET] = rb->set_count;
    counts[CALENDAR] = rb->calendar_count;
    counts[RATE] = rb->rate_count;
    counts[TERRITORY] = rb->territory_count;
    counts[MEASURE] = rb->measure_count;
    counts[SCENARIO] = rb->scenario_count;
}

static bool before(struct cdn_pos a, struct cdn_pos b) {
    if (a.file != b.file)
        return a.file < b.file;
    return a.line != b.line ? a.line < b.line : a.column < b.column;
}

static void scenario_json(struct cdn_json_out *o, const struct cdn_text_walk *w) {
    key_word(o, "kind", "scenario");
    cdn_jo_key(o, "lines");
    cdn_jo_scenario_lines(o, w->text, w->head);
}

static void declaration_json(struct cdn_json_out *o,
                             enum kind kind,
                             uint32_t i,
                             const struct cdn_text_walk *w) {
    const struct cdn_rulebook *rb = o->rb;
    cdn_jo_open(o, '{');
    cdn_jo_comment(o, w->text, w->comment, w->comment_end);
    switch (kind) {
    case OPERATOR:
        operator_json(o, &rb->operators[i]);
        break;
    case ENTITY:
        entity_json(o, &rb->entities[i]);
        break;
    case SERVICE:
        service_json(o, &rb->services[i]);
        break;
    case ACTION:
        action_json(o, &rb->actions[i]);
        break;
    case FACT:
        fact_json(o, &rb->facts[i]);
        break;
    case LIST:
        list_json(o, &rb->lists[i]);
        break;
    case SET:
        set_json(o, &rb->sets[i]);
        break;
    case CALENDAR:
        calendar_json(o, &rb->calendars[i]);
        break;
    case RATE:
        rate_json(o, &rb->rates[i]);
        break;
    case TERRITORY:
        territory_json(o, &rb->territories[i]);
        break;
    case MEASURE:
        cdn_jo_measure(o, &rb->measures[i]);
        break;
    case SCENARIO:
        scenario_json(o, w);
        break;
    case KIND_COUNT:
        break;
    }
    cdn_jo_close(o, '}');
}

static void file_json(struct cdn_json_out *o, uint32_t file, uint32_t at[KIND_COUNT]) {
    const struct cdn_rulebook *rb = o->rb;
    const cordon_str text = rb->texts ? rb->texts[file] : cdn_str("", 0);
    uint32_t counts[KIND_COUNT];
    size_t from = 0;
    struct cdn_text_walk walk;
    counts_of(rb, counts);
    cdn_jo_open(o, '{');
    const size_t header = cdn_text_header(text, &from);
    cdn_jo_comment(o, text, from, header);
    cdn_jo_key(o, "declarations");
    cdn_jo_open(o, '[');
    cdn_text_walk_init(&walk, text);
    while (!o->b->err) {
        enum kind next = KIND_COUNT;
        struct cdn_pos first = {file + 1, 0, 0};
        for (enum kind k = OPERATOR; k < KIND_COUNT; k++) {
            if (at[k] < counts[k] && before(pos_of(rb, k, at[k]), first)) {
                next = k;
                first = pos_of(rb, k, at[k]);
            }
        }
        if (next == KIND_COUNT)
            break;
        cdn_text_walk_to(&walk, first.line);
        declaration_json(o, next, at[next]++, &walk);
    }
    cdn_jo_close(o, ']');
    cdn_jo_text(o, "name", rb->files[file]);
    cdn_jo_close(o, '}');
}

static void geodata_json(struct cdn_json_out *o) {
    const struct cdn_rulebook *rb = o->rb;
    if (rb->geo_max_age_days == 0 && rb->geo_max_radius_km == 0)
        return;
    cdn_jo_key(o, "geodata");
    cdn_jo_open(o, '{');
    if (rb->geo_max_age_days) {
        cdn_jo_key(o, "max_age_days");
        cdn_jo_int(o, rb->geo_max_age_days);
    }
    if (rb->geo_max_radius_km) {
        cdn_jo_key(o, "max_radius_km");
        cdn_jo_int(o, rb->geo_max_radius_km);
    }
    cdn_jo_close(o, '}');
}

int cdn_rulebook_export_json(const struct cdn_rulebook *rb, struct cdn_buf *out) {
    struct cdn_json_out o = {.b = out, .rb = rb};
    uint32_t at[KIND_COUNT] = {0};
    cdn_jo_open(&o, '{');
    cdn_jo_key(&o, "files");
    cdn_jo_open(&o, '[');
    for (uint32_t i = 0; i < rb->file_count; i++)
        file_json(&o, i, at);
    cdn_jo_close(&o, ']');
    key_word(&o, "format", "cordon-rulebook/1");
    geodata_json(&o);
    cdn_jo_close(&o, '}');
    return out->err;
}

int cdn_measure_json(const struct cdn_rulebook *rb, uint32_t measure, struct cdn_buf *out) {
    if (measure >= rb->measure_count)
        return CORDON_E_ARG;
    struct cdn_json_out o = {.b = out, .rb = rb};
    cdn_jo_open(&o, '{');
    cdn_jo_measure(&o, &rb->measures[measure]);
    cdn_jo_close(&o, '}');
    return out->err;
}
