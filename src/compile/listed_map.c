/* SPDX-License-Identifier: Apache-2.0 */
/* listed_map.c: which lists of a rulebook a published file serves (the table is list_map.def). */
#include "compile/listed.h"

#define ANY_KIND UINT8_MAX

enum origin { OTHER, OFAC_SDN, OFAC_CONSOLIDATED, EU, UN, UK, UK_CONLIST, US_CSL };

static const struct rule {
    const char *list;
    uint8_t origin;
    const char *programme, *sub_list;
    uint8_t kind;
    const char *text;
} rules[] = {
#define LIST(id, origin, programme, sub_list, kind, text) {id, origin, programme, sub_list, kind, text},
#include "compile/list_map.def"
#undef LIST
};
_Static_assert(CDN_ARRAY_LEN(rules) < CDN_LIST_RULES, "room for all rules and the list itself");
_Static_assert(CDN_LIST_RULES <= CDN_PARTY_SERVED, "a section holds them");

static bool names_rule(cordon_str id, unsigned origin) {
    for (size_t i = 0; i < CDN_ARRAY_LEN(rules); i++)
        if (rules[i].origin == origin && cdn_str_eq(id, cdn_str_z(rules[i].list)))
            return true;
    return false;
}

/* OFAC's formats do not say which of its two files they are: the option does, or the id. */
static unsigned ofac(const struct cdn_compile_list *in) {
    if (in->part == CDN_LIST_PART_CONSOLIDATED)
        return OFAC_CONSOLIDATED;
    if (in->part == CDN_LIST_PART_UNSAID &&
        (cdn_str_eq(in->id, CDN_STR("us/consolidated")) || names_rule(in->id, OFAC_CONSOLIDATED)))
        return OFAC_CONSOLIDATED;
    return OFAC_SDN;
}

static unsigned origin_of(const struct cdn_compile_list *in) {
    switch ((enum cdn_list_format)in->list->info.format) {
    case CDN_LIST_OFAC_FLAT:
    case CDN_LIST_OFAC_XML:
    case CDN_LIST_OFAC_ADVANCED:
    case CDN_LIST_OFAC_ENHANCED:
        return ofac(in);
    case CDN_LIST_EU_XML:
    case CDN_LIST_EU_CSV:
        return EU;
    case CDN_LIST_UN_XML:
        return UN;
    case CDN_LIST_UK_XML:
    case CDN_LIST_UK_CSV:
        return UK;
    case CDN_LIST_UK_CONLIST:
        return UK_CONLIST;
    case CDN_LIST_US_CSL:
        return US_CSL;
    case CDN_LIST_UNKNOWN:
    case CDN_LIST_CH_XML:
    case CDN_LIST_HOUSE_CSV:
    case CDN_LIST_HOUSE_JSONL:
    default:
        return OTHER;
    }
}

static void add(struct cdn_list_map *map, cordon_str id, uint32_t rank, bool all) {
    uint32_t at = 0;
    while (at < map->count && cdn_str_cmp(map->served[at].id, id) < 0)
        at++;
    if (at < map->count && cdn_str_eq(map->served[at].id, id)) {
        map->served[at].rank = CDN_MIN(map->served[at].rank, rank);
        return;
    }
    memmove(&map->served[at + 1], &map->served[at], (map->count - at) * sizeof map->served[0]);
    map->served[at] = (struct cdn_list_served){id, rank, all};
    map->count++;
}

void cdn_list_map_make(const struct cdn_compile_list *in, struct cdn_list_map *ret) {
    memset(ret, 0, sizeof *ret);
    ret->origin = origin_of(in);
    add(ret, in->id, 0, !names_rule(in->id, ret->origin));
    for (uint32_t i = 0; i < CDN_ARRAY_LEN(rules); i++)
        if (rules[i].origin == ret->origin)
            add(ret, cdn_str_z(rules[i].list), i + 1, false);
}

static bool has_measure(const struct cdn_list_entry *entry, const struct rule *r) {
    if (r->kind == ANY_KIND && r->text[0] == '\0')
        return true;
    for (uint32_t i = 0; i < entry->measures.n; i++) {
        const struct cdn_list_measure *m = &entry->measures.p[i];
        if ((r->kind == ANY_KIND || m->kind == r->kind) && cdn_str_starts(m->text, cdn_str_z(r->text)))
            return true;
    }
    return false;
}

static bool has_programme(const struct cdn_list_entry *entry, const struct rule *r) {
    for (uint32_t i = 0; i < entry->programmes.n; i++)
        if (cdn_str_eq(entry->programmes.p[i], cdn_str_z(r->programme)))
            return true;
    return r->programme[0] == '\0';
}

bool cdn_list_map_has(const struct cdn_list_map *map, uint32_t served, const struct cdn_list_entry *entry) {
    const struct cdn_list_served *l = &map->served[served];
    if (l->all)
        return true;
    for (size_t i = 0; i < CDN_ARRAY_LEN(rules); i++) {
        const struct rule *r = &rules[i];
        if (r->origin == map->origin && cdn_str_eq(l->id, cdn_str_z(r->list)) && has_programme(entry, r) &&
            cdn_str_starts(entry->sub_list, cdn_str_z(r->sub_list)) && has_measure(entry, r))
            return true;
    }
    return false;
}
