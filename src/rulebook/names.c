/* SPDX-License-Identifier: Apache-2.0 */
/* names.c: from names to what they stand for, with a suggestion where nothing bears the name.
 *
 *  1. the names of all declarations of all files were collected before anything is looked up here;
 *  2. of several near names the one declared first is suggested, so that messages are the same every time. */
#include "rulebook/priv.h"

#include "base/limits.h"
#include "places/codes.h"

static const char *const kind_names[CDN_DECL_COUNT] = {
    [CDN_DECL_NONE] = "",
    [CDN_DECL_OPERATOR] = "operator",
    [CDN_DECL_ENTITY] = "entity",
    [CDN_DECL_SERVICE] = "service",
    [CDN_DECL_ACTION] = "action",
    [CDN_DECL_FACT] = "fact",
    [CDN_DECL_LIST] = "list",
    [CDN_DECL_SET] = "set",
    [CDN_DECL_CALENDAR] = "calendar",
    [CDN_DECL_RATE] = "rate",
    [CDN_DECL_GEODATA] = "geodata",
    [CDN_DECL_TERRITORY] = "territory",
    [CDN_DECL_MEASURE] = "measure",
    [CDN_DECL_SCENARIO] = "scenario",
};
const char *cdn_rb_kind_name(unsigned kind) {
    return kind < CDN_DECL_COUNT ? kind_names[kind] : "";
}

static void offer_all(struct cdn_suggest *s, const struct cdn_map *names) {
    for (size_t i = 0; i < names->count; i++)
        cdn_suggest_offer(s, names->entries[i].key);
}

static void unknown(struct cdn_parser *p, unsigned kind, const struct cdn_token *t, cordon_str name) {
    static const char *const codes[CDN_DECL_COUNT] = {
        [CDN_DECL_OPERATOR] = "unknown-operator",
        [CDN_DECL_ENTITY] = "unknown-entity",
        [CDN_DECL_SERVICE] = "unknown-service",
        [CDN_DECL_ACTION] = "unknown-action",
        [CDN_DECL_FACT] = "unknown-fact",
        [CDN_DECL_LIST] = "unknown-list",
        [CDN_DECL_SET] = "unknown-set",
        [CDN_DECL_CALENDAR] = "unknown-calendar",
        [CDN_DECL_TERRITORY] = "unknown-place",
        [CDN_DECL_MEASURE] = "unknown-measure",
    };
    struct cdn_diagnostic *d = cdn_rb_error(p,
                                            codes[kind] ? codes[kind] : "unknown-name",
                                            cdn_rb_where(p, t),
                                            "no %s is called `%.*s`",
                                            cdn_rb_kind_name(kind),
                                            CDN_FMT(name));
    if (!d)
        return;
    struct cdn_suggest s;
    cdn_suggest_init(&s, name);
    offer_all(&s, &p->names[kind]);
    if (kind == CDN_DECL_SERVICE)
        offer_all(&s, &p->classes);
    if (cdn_suggest_found(&s))
        cdn_rb_suggest(p, d, s.best);
    else if (d && p->names[kind].count == 0)
        d->suggestion = cdn_rb_say(p->diags, "the rulebook declares no %s", cdn_rb_kind_name(kind));
}

int32_t cdn_rb_find(struct cdn_parser *p, unsigned kind, const struct cdn_token *t, cordon_str name) {
    size_t index = 0;
    if (cdn_map_get(&p->names[kind], name, &index))
        return (int32_t)index;
    unknown(p, kind, t, name);
    return -1;
}

bool cdn_rb_glob_match(cordon_str pattern, cordon_str name) {
    size_t i = 0, j = 0, star = SIZE_MAX, mark = 0;
    while (j < name.n) {
        if (i < pattern.n && pattern.p[i] == '*') {
            star = i++;
            mark = j;
        } else if (i < pattern.n && pattern.p[i] == name.p[j]) {
            i++;
            j++;
        } else if (star != SIZE_MAX) {
            i = star + 1;
            j = ++mark;
        } else {
            return false;
        }
    }
    while (i < pattern.n && pattern.p[i] == '*')
        i++;
    return i == pattern.n;
}

static bool has(const uint32_t *items, uint32_t count, uint32_t value) {
    for (uint32_t i = 0; i < count; i++) {
        if (items[i] == value)
            return true;
    }
    return false;
}

static void append(struct cdn_parser *p, uint32_t **items, uint32_t *count, uint32_t value) {
    if (has(*items, *count, value))
        return;
    uint32_t *slot = cdn_rb_push(p, items, count, sizeof(**items));
    if (slot)
        *slot = value;
}

bool cdn_rb_glob(
    struct cdn_parser *p, unsigned kind, const struct cdn_token *t, uint32_t **items, uint32_t *count) {
    const struct cdn_map *names = &p->names[kind];
    bool found = false;
    for (size_t i = 0; i < names->count && p->err == 0; i++) {
        if (cdn_rb_glob_match(t->text, names->entries[i].key)) {
            append(p, items, count, (uint32_t)names->entries[i].value);
            found = true;
        }
    }
    if (!found)
        (void)cdn_rb_error(p,
                           "empty-pattern",
                           cdn_rb_where(p, t),
                           "the pattern `%.*s` matches no %s",
                           CDN_FMT(t->text),
                           cdn_rb_kind_name(kind));
    return found;
}

bool cdn_rb_name_list(
    struct cdn_parser *p, unsigned kind, const char *what, uint32_t **items, uint32_t *count) {
    do {
        const struct cdn_token *t = cdn_rb_peek(p);
        cordon_str name;
        if (!cdn_rb_word(p, what, &name))
            return false;
        if (memchr(name.p, '*', name.n)) {
            (void)cdn_rb_glob(p, kind, t, items, count);
            continue;
        }
        const int32_t index = cdn_rb_find(p, kind, t, name);
        if (index >= 0)
            append(p, items, count, (uint32_t)index);
    } while (cdn_rb_take_sign(p, ','));
    return true;
}

static void add_class(struct cdn_parser *p, cordon_str name, uint32_t **items, uint32_t *count) {
    for (uint32_t i = 0; i < p->rb->service_count; i++) {
        const struct cdn_service *s = &p->rb->services[i];
        for (uint32_t k = 0; k < s->class_count; k++) {
            if (cdn_str_eq(s->classes[k], name))
                append(p, items, count, i);
        }
    }
}

bool cdn_rb_service_list(struct cdn_parser *p, uint32_t **items, uint32_t *count) {
    do {
        const struct cdn_token *t = cdn_rb_peek(p);
        cordon_str name;
        if (!cdn_rb_word(p, "a service, a class of services or `any service`", &name))
            return false;
        size_t index = 0;
        if (memchr(name.p, '*', name.n))
            (void)cdn_rb_glob(p, CDN_DECL_SERVICE, t, items, count);
        else if (cdn_map_get(&p->names[CDN_DECL_SERVICE], name, &index))
            append(p, items, count, (uint32_t)index);
        else if (cdn_map_get(&p->classes, name, &index))
            add_class(p, name, items, count);
        else
            unknown(p, CDN_DECL_SERVICE, t, name);
    } while (cdn_rb_take_sign(p, ','));
    return true;
}

/* ---- places ----------------------------------------------------------------------------------------- */

static void unknown_place(struct cdn_parser *p, const struct cdn_token *t) {
    struct cdn_diagnostic *d = cdn_rb_error(p,
                                            "unknown-place",
                                            cdn_rb_where(p, t),
                                            "no country, region or territory is called `%.*s`",
                                            CDN_FMT(t->text));
    if (!d)
        return;
    struct cdn_suggest s;
    cdn_suggest_init(&s, t->text);
    offer_all(&s, &p->names[CDN_DECL_TERRITORY]);
    struct cordon_error e = {0};
    uint32_t region = 0;
    char text[CDN_COUNTRY_SUGGEST_SIZE];
    if (cdn_suggest_found(&s)) {
        cdn_rb_suggest(p, d, s.best);
    } else if (t->text.n > 3 && t->text.p[2] == '-' && cdn_region_parse(t->text, &region, &e) != 0 &&
               e.hint[0]) {
        d->suggestion = cdn_rb_say(p->diags, "%.2s: %s", t->text.p, e.hint);
    } else if (cdn_country_suggest(t->text, text)) {
        d->suggestion = cdn_rb_say(p->diags, "did you mean `%.2s` (%s)?", text, text + 3);
    } else {
        d->expected = CDN_STR("a country (RU), a region (UA-43) or a declared territory");
    }
}

/* Codes in capitals only, so that `in` or `is` is never taken for a country. */
static bool code_place(const struct cdn_token *t, struct cdn_place *ret) {
    uint32_t region = 0;
    if (t->kind != CDN_TOK_NAME)
        return false;
    for (size_t i = 0; i < t->text.n; i++) {
        if (t->text.p[i] >= 'a' && t->text.p[i] <= 'z')
            return false;
    }
    if (t->text.n == 2 && cdn_country_parse(t->text, &ret->country, NULL) == 0) {
        ret->kind = CDN_PLACE_COUNTRY;
        return true;
    }
    if (t->text.n < 4 || t->text.p[2] != '-' || cdn_region_parse(t->text, &region, NULL) != 0)
        return false;
    ret->kind = CDN_PLACE_REGION;
    ret->country = cdn_region_country(region);
    ret->region = t->text;
    return true;
}

bool cdn_rb_place(struct cdn_parser *p, struct cdn_place *ret) {
    const struct cdn_token *t = cdn_rb_peek(p);
    struct cdn_place place = {.pos = cdn_rb_pos(p, t)};
    size_t index = 0;
    if (t->kind != CDN_TOK_NAME && t->kind != CDN_TOK_WORD)
        return cdn_rb_expected(p, "a country (RU), a region (UA-43), a territory, or several in `{…}`");
    (void)cdn_rb_next(p);
    if (t->kind == CDN_TOK_WORD && cdn_map_get(&p->names[CDN_DECL_TERRITORY], t->text, &index)) {
        place.kind = CDN_PLACE_TERRITORY;
        place.territory = (uint32_t)index;
    } else if (!code_place(t, &place)) {
        unknown_place(p, t);
    }
    *ret = place;
    return true;
}

static bool place_group(struct cdn_parser *p, struct cdn_place **items, uint32_t *count) {
    const bool braces = cdn_rb_take_sign(p, '{');
    do {
        struct cdn_place place;
        if (braces && *count > 0 && cdn_rb_is_sign(cdn_rb_peek(p), '}'))
            break; /* a comma behind the last one */
        if (!cdn_rb_place(p, &place))
            return false;
        struct cdn_place *slot = cdn_rb_push(p, items, count, sizeof(place));
        if (slot)
            *slot = place;
    } while (braces && cdn_rb_take_sign(p, ','));
    return !braces || cdn_rb_need_sign(p, '}', "`,` or `}`");
}

bool cdn_rb_places(struct cdn_parser *p, struct cdn_place_set *ret) {
    struct cdn_place_set set = {0};
    if (!place_group(p, &set.items, &set.count))
        return false;
    if (cdn_rb_take(p, "except") && !place_group(p, &set.except, &set.except_count))
        return false;
    *ret = set;
    return true;
}

bool cdn_rb_country(struct cdn_parser *p, uint16_t *ret) {
    const struct cdn_token *t = cdn_rb_peek(p);
    struct cdn_place place = {0};
    if (t->kind != CDN_TOK_NAME)
        return cdn_rb_expected(p, "a country such as UA");
    (void)cdn_rb_next(p);
    if (code_place(t, &place) && place.kind == CDN_PLACE_COUNTRY)
        *ret = place.country;
    else
        unknown_place(p, t);
    return true;
}

static void unknown_zone(struct cdn_parser *p, const struct cdn_token *t, cordon_str name) {
    struct cdn_diagnostic *d =
        cdn_rb_error(p, "unknown-zone", cdn_rb_where(p, t), "no time zone is called `%.*s`", CDN_FMT(name));
    char best[CDN_ZONE_NAME_MAX];
    if (d && cdn_zone_suggest(p->zoneinfo, name, p->arena->parent, best))
        cdn_rb_suggest(p, d, cdn_str_z(best));
}

struct cdn_zone *cdn_rb_zone(struct cdn_parser *p, const struct cdn_token *t, cordon_str name) {
    size_t index = 0;
    if (p->err != 0)
        return NULL;
    if (cdn_map_get(&p->zones, name, &index)) {
        if (!p->zone_items[index])
            unknown_zone(p, t, name);
        return p->zone_items[index];
    }
    struct cdn_zone *zone = NULL;
    const int err = cdn_zone_open(p->zoneinfo, name, &p->arena->as_alloc, &zone, NULL);
    if (err == CORDON_E_NOMEM) {
        p->err = err;
        return NULL;
    }
    if (err == CORDON_E_NAME)
        unknown_zone(p, t, name);
    else if (err != 0)
        (void)cdn_rb_error(p,
                           "unreadable-zone",
                           cdn_rb_where(p, t),
                           "the time zone `%.*s` cannot be read from %s",
                           CDN_FMT(name),
                           p->zoneinfo);
    struct cdn_zone **slot = cdn_rb_push(p, &p->zone_items, &p->zone_count, sizeof(*slot));
    if (!slot)
        return NULL;
    *slot = zone;
    const int put = cdn_map_put(&p->zones, name, p->zone_count - 1, NULL);
    if (put != 0)
        p->err = put;
    return p->err ? NULL : zone;
}

/* ---- subjects and facts ----------------------------------------------------------------------------- */

struct cdn_subject cdn_rb_subject_named(cordon_str name) {
    const unsigned role = cdn_model_role(name), object = cdn_model_object(name);
    if (role)
        return (struct cdn_subject){CDN_SUBJECT_ROLE, (uint8_t)role};
    if (object)
        return (struct cdn_subject){CDN_SUBJECT_OBJECT, (uint8_t)object};
    return (struct cdn_subject){CDN_SUBJECT_NONE, 0};
}

const char *cdn_rb_subject_name(struct cdn_subject s) {
    switch ((enum cdn_subject_kind)s.kind) {
    case CDN_SUBJECT_REQUEST:
        return "request";
    case CDN_SUBJECT_ROLE:
        return cdn_roles[s.index].name;
    case CDN_SUBJECT_OBJECT:
        return cdn_objects[s.index].name;
    case CDN_SUBJECT_ANY_PARTY:
        return "party";
    case CDN_SUBJECT_IT:
        return "it";
    case CDN_SUBJECT_NONE:
        break;
    }
    return "";
}

bool cdn_rb_subject(struct cdn_parser *p, const char *what, struct cdn_subject *ret) {
    const struct cdn_token *t = cdn_rb_peek(p);
    cordon_str name;
    if (!cdn_rb_word(p, what, &name))
        return false;
    *ret = cdn_rb_subject_named(name);
    if (ret->kind != CDN_SUBJECT_NONE)
        return true;
    struct cdn_diagnostic *d = cdn_rb_error(
        p, "unknown-role", cdn_rb_where(p, t), "no role or kind of object is called `%.*s`", CDN_FMT(name));
    if (!d)
        return true;
    struct cdn_suggest s;
    cdn_suggest_init(&s, name);
    for (unsigned i = 1; i < CDN_ROLE_COUNT; i++)
        cdn_suggest_offer(&s, cdn_str_z(cdn_roles[i].name));
    for (unsigned i = 1; i < CDN_OBJECT_COUNT; i++)
        cdn_suggest_offer(&s, cdn_str_z(cdn_objects[i].name));
    if (cdn_suggest_found(&s))
        cdn_rb_suggest(p, d, s.best);
    return true;
}

unsigned cdn_rb_owner_of(struct cdn_subject s) {
    switch ((enum cdn_subject_kind)s.kind) {
    case CDN_SUBJECT_REQUEST:
        return CDN_OWNER_REQUEST;
    case CDN_SUBJECT_ROLE:
    case CDN_SUBJECT_ANY_PARTY:
        return CDN_OWNER_PARTY;
    case CDN_SUBJECT_OBJECT:
        return CDN_OWNER_OBJECT + s.index;
    case CDN_SUBJECT_IT:
    case CDN_SUBJECT_NONE:
        break;
    }
    return 0;
}

uint16_t cdn_rb_fact(const struct cdn_parser *p, unsigned owner, cordon_str name) {
    const unsigned builtin = cdn_model_fact(owner, name);
    if (builtin)
        return (uint16_t)builtin;
    for (uint32_t i = 0; i < p->rb->fact_count; i++) {
        const struct cdn_fact_decl *f = &p->rb->facts[i];
        if (f->owner == owner && cdn_str_eq(f->name, name))
            return (uint16_t)(CDN_FACT_DECLARED_BASE + i);
    }
    return 0;
}

/* name and title are set for built-in facts only; those of declared ones are slices in the rulebook. */
struct cdn_fact_info cdn_rb_fact_info(const struct cdn_rulebook *rb, unsigned fact) {
    if (fact < CDN_FACT_BUILTIN_COUNT)
        return cdn_facts[fact];
    const struct cdn_fact_decl *f = &rb->facts[fact - CDN_FACT_DECLARED_BASE];
    return (struct cdn_fact_info){.name = "", .title = "", .owner = f->owner, .type = f->type};
}
