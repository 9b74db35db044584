/* SPDX-License-Identifier: Apache-2.0 */
/* diff.c: comparing two rulebooks: the frame, and the declarations that are a line each.
 *
 * Two clauses are the same when they have the same words: indexes differ between rulebooks, names do not.
 * Lists are compared as sets of words by hashing, so that a set of 65,536 members costs no more than reading
 * it. */
#include <stdarg.h>
#include <stdio.h>

#include "rulebook/diff_priv.h"

#include "base/limits.h"
#include "places/codes.h"
#include "rulebook/print.h"

#define SHOWN 12 /* items of a list that stand in words; JSON has all */

const char *cdn_effect_name(unsigned effect) {
    static const char *const names[] = {"neutral", "wider", "narrower", "changes"};
    return effect < CDN_ARRAY_LEN(names) ? names[effect] : "?";
}

const char *cdn_diff_kind_name(unsigned kind) {
    static const char *const names[] = {"measure",
                                        "territory",
                                        "set",
                                        "list",
                                        "service",
                                        "action",
                                        "fact",
                                        "operator",
                                        "entity",
                                        "calendar",
                                        "rate",
                                        "geodata"};
    return kind < CDN_ARRAY_LEN(names) ? names[kind] : "?";
}

/* ---- texts and changes ------------------------------------------------------------------------------ */

void cdn_df_begin(struct cdn_differ *d, struct cdn_buf *b) {
    cdn_buf_init(b, &d->arena->as_alloc, CDN_MIB(16));
    if (d->err)
        b->err = d->err;
}

cordon_str cdn_df_end(struct cdn_differ *d, struct cdn_buf *b) {
    if (b->err && !d->err)
        d->err = b->err;
    return b->n && !d->err ? cdn_buf_get(b) : cdn_str("", 0);
}

cordon_str cdn_df_say(struct cdn_differ *d, const char *fmt, ...) {
    char text[512];
    cordon_str ret = {"", 0};
    va_list args;
    va_start(args, fmt);
    const int n = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    if (!d->err && n > 0)
        d->err = cdn_arena_str(d->arena, cdn_str(text, CDN_MIN((size_t)n, sizeof(text) - 1)), &ret);
    return ret;
}

void cdn_df_push(struct cdn_differ *d, struct cdn_texts *list, cordon_str text) {
    void *items = list->items;
    if (d->err)
        return;
    d->err = cdn_grow(&d->arena->as_alloc, &items, &list->cap, list->count + 1, sizeof(*list->items));
    list->items = items;
    if (!d->err)
        list->items[list->count++] = text;
}

struct cdn_change *cdn_df_change(struct cdn_differ *d, unsigned action, const char *clause, unsigned effect) {
    void *items = d->out->items;
    if (d->err)
        return NULL;
    d->err = cdn_grow(&d->arena->as_alloc, &items, &d->out->cap, d->out->count + 1, sizeof(*d->out->items));
    d->out->items = items;
    if (d->err)
        return NULL;
    d->out->effects[effect]++;
    struct cdn_change *c = &d->out->items[d->out->count++];
    *c = (struct cdn_change){.kind = d->kind,
                             .action = (uint8_t)action,
                             .effect = (uint8_t)effect,
                             .clause = clause,
                             .id = d->id,
                             .words = {"", 0}};
    return c;
}

void cdn_df_clause(
    struct cdn_differ *d, const char *clause, cordon_str from, cordon_str to, unsigned effect) {
    struct cdn_buf b;
    if (d->err || cdn_str_eq(from, to))
        return;
    cdn_df_begin(d, &b);
    if (from.n && to.n)
        cdn_buf_printf(&b, "%s: from %.*s to %.*s", clause, CDN_FMT(from), CDN_FMT(to));
    else if (to.n)
        cdn_buf_printf(&b, "%s: now %.*s", clause, CDN_FMT(to));
    else
        cdn_buf_printf(&b, "%s: no longer %.*s", clause, CDN_FMT(from));
    const cordon_str words = cdn_df_end(d, &b);
    struct cdn_change *c = cdn_df_change(d, CDN_DIFF_CHANGED, clause, effect);
    if (!c)
        return;
    c->from = from;
    c->to = to;
    c->words = words;
}

/* ---- lists ------------------------------------------------------------------------------------------ */

/* Items of `a` that are not in `b`. */
static void minus(struct cdn_differ *d,
                  const struct cdn_texts *a,
                  const struct cdn_texts *b,
                  struct cdn_texts *ret) {
    struct cdn_map map;
    size_t at = 0;
    cdn_map_init(&map, &d->arena->as_alloc);
    for (size_t i = 0; i < b->count && !d->err; i++)
        d->err = cdn_map_put(&map, b->items[i], i, NULL);
    for (size_t i = 0; i < a->count && !d->err; i++) {
        if (!cdn_map_get(&map, a->items[i], &at))
            cdn_df_push(d, ret, a->items[i]);
    }
    cdn_map_free(&map);
}

static void enumerate(struct cdn_buf *b, const struct cdn_texts *list) {
    for (size_t i = 0; i < list->count && i < SHOWN; i++) {
        cdn_buf_z(b, i ? ", " : "");
        cdn_buf_str(b, list->items[i]);
    }
    if (list->count > SHOWN)
        cdn_buf_printf(b, " and %zu more", list->count - SHOWN);
}

static cordon_str list_text(struct cdn_differ *d, const struct cdn_texts *list) {
    struct cdn_buf b;
    if (list->count > SHOWN || list->count == 0)
        return cdn_str("", 0);
    cdn_df_begin(d, &b);
    cdn_buf_char(&b, '{');
    enumerate(&b, list);
    cdn_buf_char(&b, '}');
    return cdn_df_end(d, &b);
}

static cordon_str list_words(struct cdn_differ *d,
                             cordon_str head,
                             const struct cdn_texts *added,
                             const struct cdn_texts *removed,
                             const struct cdn_change *c) {
    struct cdn_buf b;
    cdn_df_begin(d, &b);
    cdn_buf_str(&b, head);
    cdn_buf_z(&b, head.n ? ": " : "");
    if (added->count) {
        cdn_buf_z(&b, "now also ");
        enumerate(&b, added);
    }
    if (removed->count) {
        cdn_buf_z(&b, added->count ? ", no longer " : "no longer ");
        enumerate(&b, removed);
    }
    if (c->from.n && c->to.n)
        cdn_buf_printf(&b, " (from %.*s to %.*s)", CDN_FMT(c->from), CDN_FMT(c->to));
    return cdn_df_end(d, &b);
}

void cdn_df_lists(struct cdn_differ *d,
                  const char *clause,
                  cordon_str head,
                  const struct cdn_texts *from,
                  const struct cdn_texts *to,
                  unsigned more) {
    struct cdn_texts added = {0}, removed = {0};
    minus(d, to, from, &added);
    minus(d, from, to, &removed);
    if (d->err || (added.count == 0 && removed.count == 0))
        return;
    unsigned effect = more;
    if (added.count && removed.count && more != CDN_EFFECT_NEUTRAL)
        effect = CDN_EFFECT_CHANGES;
    else if (!added.count)
        effect = cdn_effect_flip(more);
    struct cdn_change c = {.from = list_text(d, from), .to = list_text(d, to)};
    c.words = list_words(d, head, &added, &removed, &c);
    struct cdn_change *slot = cdn_df_change(d, CDN_DIFF_CHANGED, clause, effect);
    if (!slot)
        return;
    slot->from = c.from;
    slot->to = c.to;
    slot->words = c.words;
    slot->added = added.items;
    slot->removed = removed.items;
    slot->added_count = (uint32_t)added.count;
    slot->removed_count = (uint32_t)removed.count;
}

static void source_texts(struct cdn_differ *d,
                         const struct cdn_source *s,
                         uint32_t n,
                         struct cdn_texts *ret) {
    for (uint32_t i = 0; i < n; i++) {
        struct cdn_buf b;
        cdn_df_begin(d, &b);
        cdn_source_write(&b, &s[i]);
        if (s[i].unverified.n) {
            cdn_buf_z(&b, " unverified ");
            cdn_quoted_write(&b, s[i].unverified);
        }
        cdn_df_push(d, ret, cdn_df_end(d, &b));
    }
}

void cdn_df_sources(struct cdn_differ *d,
                    const struct cdn_source *from,
                    uint32_t from_count,
                    const struct cdn_source *to,
                    uint32_t to_count) {
    struct cdn_texts a = {0}, b = {0};
    source_texts(d, from, from_count, &a);
    source_texts(d, to, to_count, &b);
    cdn_df_lists(d, "sources", CDN_STR("source"), &a, &b, CDN_EFFECT_NEUTRAL);
}

static void texts_of(struct cdn_differ *d, const cordon_str *items, uint32_t count, struct cdn_texts *ret) {
    for (uint32_t i = 0; i < count; i++)
        cdn_df_push(d, ret, items[i]);
}

/* ---- the small declarations ------------------------------------------------------------------------- */

static cordon_str operator_id(const struct cdn_rulebook *rb, int32_t index) {
    return index >= 0 && (uint32_t)index < rb->operator_count ? rb->operators[index].id : cdn_str("", 0);
}

static void title(struct cdn_differ *d, cordon_str a, cordon_str b) {
    cdn_df_clause(d, "title", a, b, CDN_EFFECT_NEUTRAL);
}

static void diff_operator(struct cdn_differ *d, uint32_t i, uint32_t k) {
    title(d, d->old->operators[i].title, d->new->operators[k].title);
}

static void diff_entity(struct cdn_differ *d, uint32_t i, uint32_t k) {
    const struct cdn_entity *a = &d->old->entities[i], *b = &d->new->entities[k];
    char from[3], to[3];
    title(d, a->title, b->title);
    cdn_df_clause(d,
                  "operator",
                  operator_id(d->old, (int32_t)a->operator),
                  operator_id(d->new, (int32_t)b->operator),
                  CDN_EFFECT_CHANGES);
    cdn_country_text(a->country, from);
    cdn_country_text(b->country, to);
    cdn_df_clause(d, "country", cdn_df_say(d, "%s", from), cdn_df_say(d, "%s", to), CDN_EFFECT_CHANGES);
}

static void diff_service(struct cdn_differ *d, uint32_t i, uint32_t k) {
    const struct cdn_service *a = &d->old->services[i], *b = &d->new->services[k];
    struct cdn_texts from = {0}, to = {0};
    title(d, a->title, b->title);
    cdn_df_clause(d,
                  "operator",
                  operator_id(d->old, a->operator),
                  operator_id(d->new, b->operator),
                  CDN_EFFECT_CHANGES);
    texts_of(d, a->classes, a->class_count, &from);
    texts_of(d, b->classes, b->class_count, &to);
    /* what a class brings about stands in the outcomes, which name services one by one */
    cdn_df_lists(d, "classes", CDN_STR("is"), &from, &to, CDN_EFFECT_NEUTRAL);
}

static void subject_texts(struct cdn_differ *d, uint32_t roles, uint32_t objects, struct cdn_texts *ret) {
    for (unsigned i = 1; i < CDN_ROLE_COUNT; i++) {
        if (roles >> i & 1U)
            cdn_df_push(d, ret, cdn_str_z(cdn_roles[i].name));
    }
    for (unsigned i = 1; i < CDN_OBJECT_COUNT; i++) {
        if (objects >> i & 1U)
            cdn_df_push(d, ret, cdn_str_z(cdn_objects[i].name));
    }
}

static void diff_action(struct cdn_differ *d, uint32_t i, uint32_t k) {
    const struct cdn_action *a = &d->old->actions[i], *b = &d->new->actions[k];
    struct cdn_texts from = {0}, to = {0}, may_from = {0}, may_to = {0};
    title(d, a->title, b->title);
    subject_texts(d, a->needs_roles, a->needs_objects, &from);
    subject_texts(d, b->needs_roles, b->needs_objects, &to);
    cdn_df_lists(d, "needs", CDN_STR("needs"), &from, &to, CDN_EFFECT_CHANGES);
    subject_texts(d, a->may_roles, a->may_objects, &may_from);
    subject_texts(d, b->may_roles, b->may_objects, &may_to);
    cdn_df_lists(d, "may", CDN_STR("may have"), &may_from, &may_to, CDN_EFFECT_CHANGES);
}

static void diff_fact(struct cdn_differ *d, uint32_t i, uint32_t k) {
    const struct cdn_fact_decl *a = &d->old->facts[i], *b = &d->new->facts[k];
    title(d, a->title, b->title);
    cdn_df_clause(d,
                  "type",
                  cdn_str_z(cdn_type_words(a->type)),
                  cdn_str_z(cdn_type_words(b->type)),
                  CDN_EFFECT_CHANGES);
}

static void diff_list(struct cdn_differ *d, uint32_t i, uint32_t k) {
    const struct cdn_list_decl *a = &d->old->lists[i], *b = &d->new->lists[k];
    title(d, a->title, b->title);
    cdn_df_clause(d, "issuer", a->issuer, b->issuer, CDN_EFFECT_NEUTRAL);
    if (a->max_age_days != b->max_age_days)
        cdn_df_clause(d,
                      "max-age",
                      a->max_age_days ? cdn_df_say(d, "%u days", (unsigned)a->max_age_days) : CDN_STR(""),
                      b->max_age_days ? cdn_df_say(d, "%u days", (unsigned)b->max_age_days) : CDN_STR(""),
                      CDN_EFFECT_CHANGES);
    cdn_df_sources(d, a->sources, a->source_count, b->sources, b->source_count);
}

static cordon_str set_kind(struct cdn_differ *d,
                           const struct cdn_rulebook *rb,
                           const struct cdn_set_decl *s) {
    if (s->evidence && s->evidence < CDN_EVIDENCE_COUNT)
        return cdn_str_z(cdn_evidence_kinds[s->evidence].name);
    const cordon_str fact = cdn_fact_words(rb, s->fact);
    return cdn_df_say(d, "%s.%.*s", cdn_owner_words(s->owner), CDN_FMT(fact));
}

static void diff_set(struct cdn_differ *d, uint32_t i, uint32_t k) {
    const struct cdn_set_decl *a = &d->old->sets[i], *b = &d->new->sets[k];
    struct cdn_texts from = {0}, to = {0};
    title(d, a->title, b->title);
    cdn_df_clause(d, "of", set_kind(d, d->old, a), set_kind(d, d->new, b), CDN_EFFECT_CHANGES);
    texts_of(d, a->members, a->member_count, &from);
    texts_of(d, b->members, b->member_count, &to);
    cdn_df_lists(d, "members", cdn_str("", 0), &from, &to, cdn_df_use(d->new, CDN_USED_SET, k));
    cdn_df_sources(d, a->sources, a->source_count, b->sources, b->source_count);
}

static void holiday_texts(struct cdn_differ *d, const struct cdn_calendar_decl *c, struct cdn_texts *ret) {
    for (uint32_t i = 0; i < c->holiday_count; i++) {
        struct cdn_buf b;
        cdn_df_begin(d, &b);
        cdn_instant_write(&b, (int64_t)c->holidays[i] * 86400);
        cdn_df_push(d, ret, cdn_df_end(d, &b));
    }
}

static void weekend_texts(struct cdn_differ *d, unsigned weekend, struct cdn_texts *ret) {
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (unsigned i = 0; i < CDN_ARRAY_LEN(days); i++) {
        if (weekend >> i & 1U)
            cdn_df_push(d, ret, cdn_str_z(days[i]));
    }
}

static void diff_calendar(struct cdn_differ *d, uint32_t i, uint32_t k) {
    const struct cdn_calendar_decl *a = &d->old->calendars[i], *b = &d->new->calendars[k];
    struct cdn_texts from = {0}, to = {0}, days_from = {0}, days_to = {0};
    title(d, a->title, b->title);
    cdn_df_clause(d, "zone", a->zone, b->zone, CDN_EFFECT_CHANGES);
    weekend_texts(d, a->weekend, &days_from);
    weekend_texts(d, b->weekend, &days_to);
    cdn_df_lists(d, "weekend", CDN_STR("weekend"), &days_from, &days_to, CDN_EFFECT_CHANGES);
    holiday_texts(d, a, &from);
    holiday_texts(d, b, &to);
    cdn_df_lists(d, "holidays", CDN_STR("holidays"), &from, &to, CDN_EFFECT_CHANGES);
}

static void diff_territory(struct cdn_differ *d, uint32_t i, uint32_t k) {
    d->sign = 1;
    cdn_df_territory(d, &d->old->territories[i], &d->new->territories[k]);
}

/* ---- matching by id --------------------------------------------------------------------------------- */

static cordon_str id_of(struct cdn_differ *d, const struct cdn_rulebook *rb, unsigned kind, uint32_t i) {
    switch (kind) {
    case CDN_DIFF_TERRITORY:
        return rb->territories[i].id;
    case CDN_DIFF_SET:
        return rb->sets[i].id;
    case CDN_DIFF_LIST:
        return rb->lists[i].id;
    case CDN_DIFF_SERVICE:
        return rb->services[i].id;
    case CDN_DIFF_ACTION:
        return rb->actions[i].id;
    case CDN_DIFF_FACT:
        return cdn_df_say(d, "%s.%.*s", cdn_owner_words(rb->facts[i].owner), CDN_FMT(rb->facts[i].name));
    case CDN_DIFF_OPERATOR:
        return rb->operators[i].id;
    case CDN_DIFF_ENTITY:
        return rb->entities[i].id;
    case CDN_DIFF_CALENDAR:
        return rb->calendars[i].id;
    default:
        return cdn_str("", 0);
    }
}

struct decls {
    uint8_t kind;
    uint32_t old_count, new_count;
    void (*compare)(struct cdn_differ *d, uint32_t i, uint32_t k);
};

static void whole(struct cdn_differ *d, unsigned kind, cordon_str id, unsigned action) {
    d->kind = (uint8_t)kind;
    d->id = id;
    struct cdn_change *c = cdn_df_change(d, action, "", CDN_EFFECT_NEUTRAL);
    if (c)
        c->words =
            cdn_df_say(d, "%s %s", action == CDN_DIFF_ADDED ? "new" : "removed:", cdn_diff_kind_name(kind));
}

static void match(struct cdn_differ *d, const struct decls *k) {
    struct cdn_map a, b;
    size_t at = 0;
    cdn_map_init(&a, &d->arena->as_alloc);
    cdn_map_init(&b, &d->arena->as_alloc);
    for (uint32_t i = 0; i < k->old_count && !d->err; i++)
        d->err = cdn_map_put(&a, id_of(d, d->old, k->kind, i), i, NULL);
    for (uint32_t i = 0; i < k->new_count && !d->err; i++)
        d->err = cdn_map_put(&b, id_of(d, d->new, k->kind, i), i, NULL);
    for (size_t i = 0; i < a.count && !d->err; i++) {
        if (!cdn_map_get(&b, a.entries[i].key, &at))
            whole(d, k->kind, a.entries[i].key, CDN_DIFF_REMOVED);
    }
    for (size_t i = 0; i < b.count && !d->err; i++) {
        d->kind = k->kind;
        d->id = b.entries[i].key;
        if (cdn_map_get(&a, b.entries[i].key, &at))
            k->compare(d, (uint32_t)at, (uint32_t)b.entries[i].value);
        else
            whole(d, k->kind, b.entries[i].key, CDN_DIFF_ADDED);
    }
    cdn_map_free(&a);
    cdn_map_free(&b);
}

static void rate_texts(struct cdn_differ *d, const struct cdn_rulebook *rb, struct cdn_texts *ret) {
    for (uint32_t i = 0; i < rb->rate_count; i++) {
        struct cdn_buf b;
        cdn_df_begin(d, &b);
        cdn_buf_printf(&b, "%.3s to %.3s ", rb->rates[i].from, rb->rates[i].to);
        cdn_decimal_write(&b, rb->rates[i].rate);
        cdn_buf_z(&b, " from ");
        cdn_moment_write(&b, &rb->rates[i].since);
        if (rb->rates[i].source.title.n || rb->rates[i].source.url.n) {
            cdn_buf_char(&b, ' ');
            cdn_source_write(&b, &rb->rates[i].source);
        }
        cdn_df_push(d, ret, cdn_df_end(d, &b));
    }
}

static void diff_settings(struct cdn_differ *d) {
    const struct cdn_rulebook *a = d->old, *b = d->new;
    struct cdn_texts from = {0}, to = {0};
    d->kind = CDN_DIFF_RATE;
    d->id = CDN_STR("rates");
    rate_texts(d, a, &from);
    rate_texts(d, b, &to);
    cdn_df_lists(d, "rates", cdn_str("", 0), &from, &to, CDN_EFFECT_CHANGES);
    d->kind = CDN_DIFF_GEODATA;
    d->id = CDN_STR("geodata");
    if (a->geo_max_age_days != b->geo_max_age_days)
        cdn_df_clause(d,
                      "max-age",
                      cdn_df_say(d, "%u days", (unsigned)a->geo_max_age_days),
                      cdn_df_say(d, "%u days", (unsigned)b->geo_max_age_days),
                      CDN_EFFECT_CHANGES);
    if (a->geo_max_radius_km != b->geo_max_radius_km)
        cdn_df_clause(d,
                      "max-radius",
                      cdn_df_say(d, "%u km", (unsigned)a->geo_max_radius_km),
                      cdn_df_say(d, "%u km", (unsigned)b->geo_max_radius_km),
                      CDN_EFFECT_CHANGES);
}

int cdn_rulebook_diff(const struct cdn_rulebook *old,
                      const struct cdn_rulebook *new,
                      struct cdn_arena *arena,
                      struct cdn_diff *ret) {
    struct cdn_diff out = {0};
    struct cdn_differ d = {.old = old, .new = new, .arena = arena, .out = &out, .sign = 1};
    const struct decls kinds[] = {
        {CDN_DIFF_TERRITORY, old->territory_count, new->territory_count, diff_territory},
        {CDN_DIFF_SET, old->set_count, new->set_count, diff_set},
        {CDN_DIFF_LIST, old->list_count, new->list_count, diff_list},
        {CDN_DIFF_SERVICE, old->service_count, new->service_count, diff_service},
        {CDN_DIFF_ACTION, old->action_count, new->action_count, diff_action},
        {CDN_DIFF_FACT, old->fact_count, new->fact_count, diff_fact},
        {CDN_DIFF_OPERATOR, old->operator_count, new->operator_count, diff_operator},
        {CDN_DIFF_ENTITY, old->entity_count, new->entity_count, diff_entity},
        {CDN_DIFF_CALENDAR, old->calendar_count, new->calendar_count, diff_calendar},
    };
    cdn_df_measures(&d);
    for (size_t i = 0; i < CDN_ARRAY_LEN(kinds); i++)
        match(&d, &kinds[i]);
    diff_settings(&d);
    if (d.err)
        return d.err;
    *ret = out;
    return 0;
}
