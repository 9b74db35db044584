/* SPDX-License-Identifier: Apache-2.0 */
/* snapshot.c: opening, sharing, naming and replacing snapshots. */
#include "api/handle.h"
#include "decide/decision_text.h"
#include "snapshot/swap.h"

static cordon_snapshot *public_of(struct cdn_snapshot *s) {
    return (cordon_snapshot *)(void *)s;
}

CORDON_API int cordon_snapshot_open(const char *path,
                                    const cordon_alloc *alloc,
                                    cordon_snapshot **ret,
                                    cordon_error *e) {
    if (!path || !ret)
        return cdn_fail(e, CORDON_E_ARG, "cordon_snapshot_open needs a path and a place for the result");
    struct cdn_snapshot *s = NULL;
    const int err = cdn_snapshot_open(path, cdn_api_alloc(alloc), &s, e);
    if (!err)
        *ret = public_of(s);
    return err;
}

CORDON_API int cordon_snapshot_open_bytes(
    const void *bytes, size_t size, const cordon_alloc *alloc, cordon_snapshot **ret, cordon_error *e) {
    if (!bytes || !ret)
        return cdn_fail(e, CORDON_E_ARG, "cordon_snapshot_open_bytes needs bytes and a place for the result");
    struct cdn_snapshot *s = NULL;
    const int err = cdn_snapshot_open_bytes(cdn_str(bytes, size), cdn_api_alloc(alloc), &s, e);
    if (!err)
        *ret = public_of(s);
    return err;
}

CORDON_API cordon_snapshot *cordon_snapshot_ref(cordon_snapshot *s) {
    return public_of(cdn_snapshot_ref(cdn_api_snapshot(s)));
}

CORDON_API void cordon_snapshot_unref(cordon_snapshot *s) {
    cdn_snapshot_unref(cdn_api_snapshot(s));
}

CORDON_API void cordon_snapshot_digest(const cordon_snapshot *s, char ret[CORDON_DIGEST_TEXT]) {
    struct cdn_buf b;
    cdn_buf_fixed(&b, ret, CORDON_DIGEST_TEXT - 1);
    cdn_buf_z(&b, "sha256:");
    cdn_buf_hex(&b, cdn_api_snapshot_const(s)->digest, 32);
    ret[b.n] = '\0';
}

CORDON_API uint32_t cordon_snapshot_semantics(const cordon_snapshot *s) {
    return cdn_api_snapshot_const(s)->header->semantics;
}

CORDON_API cordon_str cordon_snapshot_info(const cordon_snapshot *s) {
    return cdn_api_snapshot_const(s)->info;
}

CORDON_API cordon_str cordon_snapshot_source(const cordon_snapshot *s) {
    return cdn_api_snapshot_const(s)->source;
}

CORDON_API uint32_t cordon_snapshot_section_count(const cordon_snapshot *s) {
    return cdn_api_snapshot_const(s)->header->section_count;
}

CORDON_API int cordon_snapshot_section(const cordon_snapshot *s, uint32_t i, cordon_section *ret) {
    const struct cdn_snapshot *snap = cdn_api_snapshot_const(s);
    if (i >= snap->header->section_count)
        return CORDON_E_NOTFOUND;
    const struct cdn_snap_entry *entry = &snap->entries[i];
    *ret = (cordon_section){
        .kind = cdn_decision_section_name(entry->kind), .instance = entry->instance, .length = entry->length};
    memcpy(ret->sha256, entry->sha256, sizeof(ret->sha256));
    return CORDON_OK;
}

CORDON_API uint32_t cordon_snapshot_measure_count(const cordon_snapshot *s) {
    return cdn_api_snapshot_const(s)->count[CDN_T_MEASURE];
}

CORDON_API int cordon_snapshot_measure(const cordon_snapshot *s, uint32_t i, cordon_measure *ret) {
    const struct cdn_snapshot *snap = cdn_api_snapshot_const(s);
    if (i >= snap->count[CDN_T_MEASURE])
        return CORDON_E_NOTFOUND;
    const struct cdn_measure_rec *m = &snap->measures[i];
    *ret = (cordon_measure){
        .id = cdn_snap_str(snap, m->id),
        .title = cdn_snap_str(snap, m->title),
        .version = cdn_snap_str(snap, m->version),
        .owner = cdn_snap_str(snap, m->owner),
        .issuer = cdn_snap_str(snap, m->issuer),
        .legal = cdn_snap_str(snap, m->legal),
        .appeal = cdn_snap_str(snap, m->appeal),
        .kind = cdn_class_name(m->class_),
        .basis = cdn_basis_name(m->basis),
        .effective = m->effective.at,
        .until = m->until.at >= CDN_TIME_MAX ? CORDON_NEVER : m->until.at,
    };
    return CORDON_OK;
}

CORDON_API int cordon_snapshot_find(const cordon_snapshot *s, cordon_str id, uint32_t *ret) {
    const uint32_t i =
        cdn_snapshot_symbol(cdn_api_snapshot_const(s), CDN_SYMBOL_MEASURE, cdn_hash(id, 0), id);
    if (i == CDN_NO_INDEX)
        return CORDON_E_NOTFOUND;
    *ret = i;
    return CORDON_OK;
}

/* ---- slots -----------------------------------------------------------------------------------------------
 */

struct cordon_slot {
    struct cdn_swap swap;
    const struct cordon_alloc *alloc;
};

CORDON_API int cordon_slot_new(const cordon_alloc *alloc, cordon_slot **ret, cordon_error *e) {
    alloc = cdn_api_alloc(alloc);
    struct cordon_slot *slot = cdn_alloc_zero(alloc, 1, sizeof(*slot));
    if (!slot)
        return cdn_fail(e, CORDON_E_NOMEM, "out of memory for a slot");
    slot->alloc = alloc;
    cdn_swap_init(&slot->swap);
    *ret = slot;
    return CORDON_OK;
}

CORDON_API void cordon_slot_free(cordon_slot *slot) {
    if (!slot)
        return;
    /* Emptying has no address to refuse. */
    if (cdn_broken(cdn_swap_put(&slot->swap, NULL, NULL) != 0))
        return;
    cdn_free(slot->alloc, slot, sizeof(*slot));
}

CORDON_API int cordon_slot_set(cordon_slot *slot, cordon_snapshot *s, cordon_error *e) {
    return cdn_swap_put(&slot->swap, cdn_api_snapshot(s), e);
}

CORDON_API cordon_snapshot *cordon_slot_get(cordon_slot *slot) {
    return public_of(cdn_swap_take(&slot->swap));
}
