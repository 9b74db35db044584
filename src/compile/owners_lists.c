/* SPDX-License-Identifier: Apache-2.0 */
/* owners_lists.c: what entries of lists say about who owns whom, as links beside those of a relations file.
 *
 * Taken: owned by, owns, parent, subsidiary, as far as they are not former. Acting for, supports, leads,
 * family, associate, linked, operated by, property in the interest of are no ownership under any regime; they
 * stay with the entry. Without a percentage an issuer means "owned or controlled" and does not say which:
 * such a link leaves shares and control open, and proves neither. With one it is a statement about shares.
 *
 *  1. an entry is a node with the ids of all lists that it is on, its names but the weak ones, its country if
 * it has only one, and the identifiers that may decide;
 *  2. the other side is the entry that the file names by id, else a name, which screening looks for;
 *  3. a link holds as long as the entry that says so is on the list: the issuer says it no longer after that;
 *  4. links are in the order of the lists as they were given, of their entries, and of what each says. */
#include "compile/owners_build.h"

struct lists_links {
    struct cdn_owners_build *b;
    const struct cdn_compile_list *in;
    struct cdn_list_map *map;
    struct cdn_link_row *row;
    bool *told; /* of the entries of the list at hand: their names are in */
    struct cdn_buf source;
    struct cordon_error *e;
    uint32_t count;
};

/* Whether the target owns the entry (1), the entry the target (-1), or it is no ownership (0). */
static int direction(const struct cdn_list_relation *x) {
    switch ((enum cdn_list_relation_kind)x->kind) {
    case CDN_LINK_OWNED_BY:
    case CDN_LINK_PARENT:
        return x->former ? 0 : 1;
    case CDN_LINK_OWNS:
    case CDN_LINK_SUBSIDIARY:
        return x->former ? 0 : -1;
    case CDN_LINK_OTHER:
    case CDN_LINK_ACTING_FOR:
    case CDN_LINK_SUPPORTS:
    case CDN_LINK_FAMILY:
    case CDN_LINK_LEADS:
    case CDN_LINK_ASSOCIATE:
    case CDN_LINK_INTEREST:
    case CDN_LINK_LINKED:
    case CDN_LINK_OPERATED_BY:
    default:
        return 0;
    }
}

bool cdn_owners_in_lists(const struct cdn_compile_list *lists, size_t count) {
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < lists[i].list->count; k++) {
            const struct cdn_list_entry *e = &lists[i].list->entries[k];
            for (uint32_t j = 0; j < e->relations.n; j++) {
                if (direction(&e->relations.p[j]))
                    return true;
            }
        }
    }
    return false;
}

/* ---- sides ----------------------------------------------------------------------------------------------
 */

static void add_id(struct cdn_link_side *side, struct cdn_link_id id) {
    if (side->id_count < CDN_MAX_LINK_IDS)
        side->ids[side->id_count++] = id;
}

static bool good_name(const struct cdn_list_name *n) {
    return !n->low && n->kind != CDN_NAME_WEAK && n->full.n > 0 && n->full.n <= CDN_MAX_NAME_BYTES;
}

/* The only country of the entry; 0: none, or several. */
static uint16_t country_of(const struct cdn_list_entry *in) {
    uint16_t only = 0;
    for (uint32_t i = 0; i < in->nationalities.n + in->addresses.n; i++) {
        const uint16_t c = i < in->nationalities.n ? in->nationalities.p[i].country
                                                   : in->addresses.p[i - in->nationalities.n].country;
        if (c && only && c != only)
            return 0;
        only = c ? c : only;
    }
    return only;
}

static void side_of_entry(const struct lists_links *l,
                          const struct cdn_list_entry *in,
                          struct cdn_link_side *side) {
    char storage[CDN_IDENT_NORMAL];
    *side = (struct cdn_link_side){.country = country_of(in)};
    for (uint32_t i = 0; i < in->names.n && !side->name.n; i++) {
        if (good_name(&in->names.p[i]))
            side->name = in->names.p[i].full;
    }
    for (uint32_t i = 0; i < l->map->count; i++) {
        if (cdn_list_map_has(l->map, i, in))
            add_id(side,
                   (struct cdn_link_id){.is_entry = true, .list = l->map->served[i].id, .value = in->id});
    }
    for (uint32_t i = 0; i < in->identifiers.n; i++) {
        const struct cdn_list_ident *d = &in->identifiers.p[i];
        const cordon_str normal = cdn_ident_normal(d->kind, d->value, storage);
        if (!d->invalid && cdn_ident_decides(d->kind, normal, d->country != 0))
            add_id(side, (struct cdn_link_id){.kind = d->kind, .country = d->country, .value = d->value});
    }
}

/* Its other names, once. */
static int other_names(struct lists_links *l,
                       const struct cdn_list_entry *in,
                       const struct cdn_link_side *side) {
    bool *told = &l->told[in - l->in->list->entries];
    if (*told)
        return 0;
    *told = true;
    for (uint32_t i = 0; i < in->names.n; i++) {
        if (!good_name(&in->names.p[i]) || cdn_str_eq(in->names.p[i].full, side->name))
            continue;
        struct cdn_link_side other = {.name = in->names.p[i].full, .country = side->country};
        add_id(&other, side->ids[0]);
        const int err = cdn_owners_build_also(l->b, &other, l->e);
        if (err)
            return err;
    }
    return 0;
}

static int side_of_target(struct lists_links *l,
                          const struct cdn_list_relation *x,
                          struct cdn_link_side *side) {
    const struct cdn_list_entry *target = x->target.n ? cdn_list_find(l->in->list, x->target) : NULL;
    if (target) {
        side_of_entry(l, target, side);
        return other_names(l, target, side);
    }
    *side = (struct cdn_link_side){.country = 0};
    if (x->name.n <= CDN_MAX_NAME_BYTES)
        side->name = x->name;
    if (x->target.n)
        add_id(side, (struct cdn_link_id){.is_entry = true, .list = l->in->id, .value = x->target});
    return 0;
}

/* ---- links ----------------------------------------------------------------------------------------------
 */

static int one_link(struct lists_links *l,
                    const struct cdn_list_entry *in,
                    const struct cdn_list_relation *x) {
    const int way = direction(x);
    int64_t since = 0, until = 0;
    if (!way || (x->target.n && cdn_str_eq(x->target, in->id)))
        return 0;
    struct cdn_link_side *entry = way > 0 ? &l->row->owned : &l->row->owner,
                         *target = way > 0 ? &l->row->owner : &l->row->owned;
    side_of_entry(l, in, entry);
    int err = other_names(l, in, entry);
    err = err ? err : side_of_target(l, x, target);
    if (err || (!target->name.n && !target->id_count))
        return err;
    l->row->known = x->percent > 0;
    l->row->from = l->row->to = (uint16_t)CDN_MIN(x->percent, 10000U);
    l->row->kind = l->row->known ? CDN_LINKED_UNSTATED : CDN_LINKED_EITHER;
    cdn_buf_clear(&l->source);
    cdn_buf_printf(&l->source, "%.*s %.*s", CDN_FMT(l->in->id), CDN_FMT(in->id));
    if (x->text.n) {
        cdn_buf_z(&l->source, ": ");
        cdn_buf_str(&l->source, x->text);
    }
    if (l->source.err)
        return cdn_fail(l->e, l->source.err, "no memory for a link");
    l->row->source = cdn_buf_get(&l->source);
    l->row->line = in->source_line;
    cdn_compile_entry_times(in, &since, &until);
    l->count++;
    return cdn_owners_build_between(l->b, l->row, since, until, l->e);
}

static int one_list(struct lists_links *l) {
    int err = 0;
    cdn_list_map_make(l->in, l->map);
    for (size_t k = 0; k < l->in->list->count && !err; k++) {
        const struct cdn_list_entry *e = &l->in->list->entries[k];
        for (uint32_t j = 0; j < e->relations.n && !err; j++)
            err = one_link(l, e, &e->relations.p[j]);
    }
    return err;
}

int cdn_owners_build_lists(struct cdn_owners_build *b,
                           const struct cdn_compile_list *lists,
                           size_t count,
                           struct cdn_arena *arena,
                           uint32_t *ret_links,
                           struct cordon_error *e) {
    struct lists_links l = {.b = b, .e = e};
    int err = 0;
    l.map = cdn_arena_zero(arena, 1, sizeof *l.map);
    l.row = cdn_arena_zero(arena, 1, sizeof *l.row);
    if (!l.map || !l.row)
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for a link");
    cdn_buf_init(&l.source, &arena->as_alloc, CDN_MAX_LIST_TEXT);
    for (size_t i = 0; i < count && !err; i++) {
        l.in = &lists[i];
        l.told = cdn_arena_zero(arena, l.in->list->count + 1, sizeof *l.told);
        err = l.told ? one_list(&l) : cdn_fail(e, CORDON_E_NOMEM, "no memory for a link");
    }
    if (!err)
        *ret_links = l.count;
    return err;
}
