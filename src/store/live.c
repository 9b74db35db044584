/* SPDX-License-Identifier: Apache-2.0 */
/* live.c: the tables of the live state, merging and reserving. See live.h. */
#include <sodium.h>

#include "store/live_priv.h"

#include "model/request.h"

#define SWEEP_SLOTS 65536

/* ---- items
 * ------------------------------------------------------------------------------------------------------- */

cordon_str cdn_live_text(const struct cdn_live_node *n, unsigned which) {
    size_t at = 0;
    for (unsigned i = 0; i < which; i++)
        at += n->length[i];
    return n->length[which] ? cdn_str(n->bytes + at, n->length[which]) : (cordon_str){NULL, 0};
}

static size_t node_size(const struct cdn_live_node *n) {
    size_t size = sizeof(*n);
    for (unsigned i = 0; i < CDN_ITEM_TEXTS; i++)
        size += n->length[i];
    return size;
}

static void drop(struct cdn_live *l, struct cdn_live_node **at) {
    struct cdn_live_node *n = *at;
    *at = n->next;
    cdn_free(l->alloc, n, node_size(n));
    l->item_count--;
}

bool cdn_live_unhex(cordon_str hex, uint8_t ret[CDN_FP]) {
    const bool good = cdn_record_is_hex(hex, CDN_FINGERPRINT_TEXT);
    if (good)
        cdn_fingerprint_bytes(hex, ret);
    return good;
}

/* ---- parties
 * ------------------------------------------------------------------------------------------------------ */

static size_t slot_of(const uint8_t fp[CDN_FP], size_t slots) {
    uint64_t h = 0;
    memcpy(&h, fp, sizeof(h));
    return (size_t)h & (slots - 1);
}

static struct cdn_live_party *probe(struct cdn_live_party *table, size_t slots, const uint8_t fp[CDN_FP]) {
    size_t i = slot_of(fp, slots);
    while (table[i].taken && memcmp(table[i].fp, fp, CDN_FP) != 0)
        i = (i + 1) & (slots - 1);
    return &table[i];
}

/* A table of that many slots, with the parties that have items. */
static int rehash(struct cdn_live *l, size_t slots) {
    struct cdn_live_party *table = cdn_alloc_zero(l->alloc, slots, sizeof(*table));
    if (!table)
        return CORDON_E_NOMEM;
    size_t count = 0;
    for (size_t i = 0; i < l->party_slots; i++) {
        if (!l->parties[i].first)
            continue;
        *probe(table, slots, l->parties[i].fp) = l->parties[i];
        count++;
    }
    cdn_free(l->alloc, l->parties, l->party_slots * sizeof(*l->parties));
    l->parties = table;
    l->party_slots = slots;
    l->party_count = count;
    l->swept = 0;
    return 0;
}

struct cdn_live_party *cdn_live_party_of(struct cdn_live *l, const uint8_t fp[CDN_FP], bool create) {
    if (!l->party_slots && (!create || rehash(l, 1024) != 0))
        return NULL;
    struct cdn_live_party *p = probe(l->parties, l->party_slots, fp);
    if (p->taken || !create)
        return p->taken ? p : NULL;
    if ((l->party_count + 1) * 3 > l->party_slots * 2) {
        if (rehash(l, l->item_count * 2 > l->party_slots / 2 ? l->party_slots * 2 : l->party_slots) != 0)
            return NULL;
        p = probe(l->parties, l->party_slots, fp);
    }
    memcpy(p->fp, fp, CDN_FP);
    p->taken = true;
    l->party_count++;
    return p;
}

int cdn_live_add(struct cdn_live *l,
                 const uint8_t fp[CDN_FP],
                 const struct cdn_live_node *like,
                 const cordon_str texts[CDN_ITEM_TEXTS]) {
    size_t size = sizeof(*like);
    if (l->item_count >= CDN_MAX_LIVE_ITEMS)
        return CORDON_E_LIMIT;
    for (unsigned i = 0; i < CDN_ITEM_TEXTS; i++)
        size += texts[i].n;
    struct cdn_live_party *p = cdn_live_party_of(l, fp, true);
    struct cdn_live_node *n = p && size < UINT32_MAX ? cdn_alloc(l->alloc, size) : NULL;
    if (!n)
        return CORDON_E_NOMEM;
    *n = *like;
    size_t at = 0;
    for (unsigned i = 0; i < CDN_ITEM_TEXTS; i++) {
        n->length[i] = (uint32_t)texts[i].n;
        if (texts[i].n)
            memcpy(n->bytes + at, texts[i].p, texts[i].n);
        at += texts[i].n;
    }
    n->next = p->first;
    p->first = n;
    l->item_count++;
    return 0;
}

void cdn_live_remove(struct cdn_live *l, unsigned kind, uint64_t record) {
    for (size_t i = 0; i < l->party_slots; i++) {
        struct cdn_live_node **at = &l->parties[i].first;
        while (*at) {
            if ((*at)->kind == kind && (*at)->record == record)
                drop(l, at);
            else
                at = &(*at)->next;
        }
    }
}

void cdn_live_empty(struct cdn_live *l) {
    for (size_t i = 0; i < l->party_slots; i++)
        while (l->parties[i].first)
            drop(l, &l->parties[i].first);
    cdn_free(l->alloc, l->parties, l->party_slots * sizeof(*l->parties));
    cdn_free(l->alloc, l->once, l->once_slots * sizeof(*l->once));
    cdn_free(l->alloc, l->keys, l->key_cap * sizeof(*l->keys));
    l->parties = NULL;
    l->once = NULL;
    l->keys = NULL;
    l->party_slots = l->party_count = l->item_count = l->once_slots = l->once_count = l->key_count =
        l->key_cap = l->swept = 0;
    l->incomplete = false;
}

int cdn_live_new(const struct cordon_alloc *alloc, struct cdn_live **ret, struct cordon_error *e) {
    struct cdn_live *l = cdn_alloc_zero(alloc, 1, sizeof(*l));
    if (!l)
        return cdn_fail(e, CORDON_E_NOMEM, "out of memory");
    l->alloc = alloc;
    randombytes_buf(l->mark_key, sizeof(l->mark_key));
    (void)pthread_mutex_init(&l->lock, NULL);
    *ret = l;
    return 0;
}

void cdn_live_free(struct cdn_live *l) {
    if (!l)
        return;
    if (l->store)
        cdn_store_listen(l->store, NULL, NULL);
    cdn_live_empty(l);
    (void)pthread_mutex_destroy(&l->lock);
    cdn_free(l->alloc, l, sizeof(*l));
}

bool cdn_live_complete(struct cdn_live *l) {
    (void)pthread_mutex_lock(&l->lock);
    const bool complete = !l->incomplete;
    (void)pthread_mutex_unlock(&l->lock);
    return complete;
}

/* ---- usage
 * -------------------------------------------------------------------------------------------------------- */

static struct cdn_live_node *find_usage(struct cdn_live *l,
                                        const uint8_t fp[CDN_FP],
                                        const struct cdn_effect_cap *c) {
    const struct cdn_live_party *p = cdn_live_party_of(l, fp, false);
    struct cdn_live_node *n = p ? p->first : NULL;
    while (n && !(n->kind == CDN_STATE_USAGE && n->window == c->window && n->from == c->from &&
                  memcmp(n->currency, c->currency, sizeof(n->currency)) == 0 &&
                  cdn_str_eq(cdn_live_text(n, CDN_T_MEASURE), c->measure)))
        n = n->next;
    return n;
}

int cdn_live_add_usage(struct cdn_live *l, const struct cdn_effect_cap *c, struct cdn_decimal amount) {
    uint8_t fp[CDN_FP];
    int64_t from = 0;
    int64_t over = 0;
    if (!cdn_live_unhex(c->party, fp) || cdn_window_at(c->window, c->from, &from, &over) != 0)
        return CORDON_E_ARG;
    struct cdn_live_node *n = find_usage(l, fp, c);
    if (n)
        return cdn_decimal_add(n->used, amount, &n->used);
    const struct cdn_live_node like = {.kind = CDN_STATE_USAGE,
                                       .window = c->window,
                                       .from = c->from,
                                       .over = over,
                                       .used = amount,
                                       .currency = {c->currency[0], c->currency[1], c->currency[2], 0},
                                       .record = CDN_COUNT_NONE,
                                       .due = CDN_INSTANT_NONE,
                                       .done = CDN_INSTANT_NONE,
                                       .until = over};
    const cordon_str texts[CDN_ITEM_TEXTS] = {[CDN_T_MEASURE] = c->measure};
    return cdn_live_add(l, fp, &like, texts);
}

static int used_now(struct cdn_live *l, const struct cdn_effect_cap *c, struct cdn_decimal *ret) {
    uint8_t fp[CDN_FP];
    if (!cdn_live_unhex(c->party, fp))
        return CORDON_E_ARG;
    const struct cdn_live_node *n = find_usage(l, fp, c);
    *ret = n ? n->used : (struct cdn_decimal){0};
    return 0;
}

static struct cdn_decimal negative(struct cdn_decimal v) {
    return (struct cdn_decimal){-v.mantissa, v.scale};
}

static int reserve(struct cdn_live *l,
                   const struct cdn_effect_cap *caps,
                   const struct cdn_decimal *expected,
                   size_t count) {
    struct cdn_decimal now;
    for (size_t i = 0; i < count; i++) {
        int err = used_now(l, &caps[i], &now);
        if (err)
            return err;
        if (cdn_decimal_cmp(now, expected[i]) != 0)
            return CORDON_E_CONFLICT;
        err = cdn_decimal_add(now, caps[i].amount, &now);
        if (err)
            return err;
    }
    for (size_t i = 0; i < count; i++) {
        const int err = cdn_live_add_usage(l, &caps[i], caps[i].amount);
        if (err) {
            for (size_t k = 0; k < i; k++)
                (void)cdn_live_add_usage(l, &caps[k], negative(caps[k].amount));
            return err;
        }
    }
    return 0;
}

int cdn_live_reserve(struct cdn_live *l,
                     const struct cdn_effect_cap *caps,
                     const struct cdn_decimal *expected,
                     size_t count,
                     struct cordon_error *e) {
    (void)pthread_mutex_lock(&l->lock);
    const int err = reserve(l, caps, expected, count);
    (void)pthread_mutex_unlock(&l->lock);
    return err == CORDON_E_CONFLICT ? cdn_fail(e, err, "somebody else took of the cap in between")
           : err                    ? cdn_fail(e, err, "the cap cannot be reserved")
                                    : 0;
}

void cdn_live_unreserve(struct cdn_live *l, const struct cdn_effect_cap *caps, size_t count) {
    (void)pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < count; i++)
        if (cdn_live_add_usage(l, &caps[i], negative(caps[i].amount)) != 0)
            l->incomplete = true;
    (void)pthread_mutex_unlock(&l->lock);
}

/* ---- merging
 * ------------------------------------------------------------------------------------------------------- */

static bool current(const struct cdn_live_node *n, int64_t at) {
    if (n->kind == CDN_STATE_USAGE)
        return n->from <= at && at < n->over;
    return n->until == CDN_INSTANT_NONE || at < n->until;
}

static int copy_text(struct cdn_arena *arena,
                     const struct cdn_live_node *n,
                     unsigned which,
                     cordon_str *ret) {
    const cordon_str text = cdn_live_text(n, which);
    *ret = (cordon_str){NULL, 0};
    return text.n ? cdn_arena_str(arena, text, ret) : 0;
}

static int copy_item(struct cdn_arena *arena,
                     const struct cdn_live_node *n,
                     uint32_t party,
                     struct cdn_live_item *ret) {
    cordon_str *const to[CDN_ITEM_TEXTS] = {&ret->measure,
                                            &ret->reference,
                                            &ret->list,
                                            &ret->entry,
                                            &ret->entry_fingerprint,
                                            &ret->party_fingerprint,
                                            &ret->by,
                                            &ret->why};
    ret->kind = n->kind;
    ret->party = party;
    ret->window = n->window;
    ret->from = n->from;
    ret->used = n->used;
    memcpy(ret->currency, n->currency, sizeof(ret->currency));
    ret->due = n->due;
    ret->done = n->done;
    ret->until = n->until;
    ret->record = n->record;
    int err = 0;
    for (unsigned i = 0; i < CDN_ITEM_TEXTS && !err; i++)
        err = copy_text(arena, n, i, to[i]);
    return err;
}

static int compare_items(const struct cdn_live_item *a, const struct cdn_live_item *b) {
    const cordon_str left[] = {a->measure, a->list, a->entry, a->reference};
    const cordon_str right[] = {b->measure, b->list, b->entry, b->reference};
    int c = (a->party > b->party) - (a->party < b->party);
    c = c ? c : (a->kind > b->kind) - (a->kind < b->kind);
    for (size_t i = 0; i < CDN_ARRAY_LEN(left) && !c; i++)
        c = cdn_str_cmp(left[i], right[i]);
    c = c ? c : (a->window > b->window) - (a->window < b->window);
    c = c ? c : memcmp(a->currency, b->currency, sizeof(a->currency));
    c = c ? c : (a->due > b->due) - (a->due < b->due);
    return c ? c : (a->record > b->record) - (a->record < b->record);
}

/* Few items: each is put where it belongs. */
static void insert(struct cdn_live_item *items, size_t count) {
    const struct cdn_live_item item = items[count];
    size_t i = count;
    while (i > 0 && compare_items(&items[i - 1], &item) > 0) {
        items[i] = items[i - 1];
        i--;
    }
    items[i] = item;
}

struct merging {
    struct cdn_live *l;
    struct cdn_arena *arena;
    int64_t at;
    struct cdn_live_state state;
    size_t cap;
};
static int merge_party(struct merging *m, cordon_str hex, uint32_t party) {
    struct cdn_live_state *ret = &m->state;
    uint8_t fp[CDN_FP];
    if (!cdn_live_unhex(hex, fp))
        return hex.n ? CORDON_E_ARG : 0;
    const struct cdn_live_party *p = cdn_live_party_of(m->l, fp, false);
    for (const struct cdn_live_node *n = p ? p->first : NULL; n; n = n->next) {
        if (!current(n, m->at))
            continue;
        if (ret->count >= CDN_MAX_STATE)
            return CORDON_E_LIMIT;
        int err =
            cdn_grow(&m->arena->as_alloc, (void **)&ret->items, &m->cap, ret->count + 1, sizeof(*ret->items));
        err = err ? err : copy_item(m->arena, n, party, &ret->items[ret->count]);
        if (err)
            return err;
        insert(ret->items, ret->count++);
    }
    return 0;
}

int cdn_live_merge(struct cdn_live *l,
                   const struct cdn_texts *parties,
                   int64_t at,
                   struct cdn_arena *arena,
                   struct cdn_live_state *ret,
                   struct cordon_error *e) {
    struct merging m = {.l = l, .arena = arena, .at = at};
    int err = 0;
    (void)pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < parties->count && !err; i++)
        err = merge_party(&m, parties->items[i], (uint32_t)i);
    (void)pthread_mutex_unlock(&l->lock);
    if (err)
        return cdn_fail(e, err, "the state of the parties cannot be told");
    *ret = m.state;
    return 0;
}

/* ---- decisions
 * ------------------------------------------------------------------------------------------------------ */

static int note_holds(struct cdn_live *l,
                      uint64_t index,
                      const uint8_t fp[CDN_FP],
                      const struct cdn_record_decision *d) {
    char reference[24];
    struct cdn_buf b;
    int err = 0;
    cdn_buf_fixed(&b, reference, sizeof(reference));
    cdn_buf_int(&b, (int64_t)index);
    for (size_t i = 0; i < d->effects.hold_count && !err; i++) {
        const struct cdn_effect_hold *h = &d->effects.holds[i];
        const struct cdn_live_node like = {.kind = CDN_STATE_HOLD,
                                           .record = index,
                                           .number = i,
                                           .due = CDN_INSTANT_NONE,
                                           .done = CDN_INSTANT_NONE,
                                           .until = CDN_INSTANT_NONE};
        const cordon_str texts[CDN_ITEM_TEXTS] = {
            [CDN_T_MEASURE] = h->measure, [CDN_T_REFERENCE] = cdn_buf_get(&b), [CDN_T_WHY] = h->reason};
        err = cdn_live_add(l, fp, &like, texts);
    }
    return err;
}

static int note_duties(struct cdn_live *l,
                       uint64_t index,
                       const uint8_t fp[CDN_FP],
                       const struct cdn_record_decision *d) {
    int err = 0;
    for (size_t i = 0; i < d->effects.duty_count && !err; i++) {
        const struct cdn_effect_duty *t = &d->effects.duties[i];
        if (!t->provisional || !cdn_duty_is_task(t))
            continue;
        const struct cdn_live_node like = {.kind = CDN_STATE_DUTY,
                                           .record = index,
                                           .number = i,
                                           .due = t->due,
                                           .done = CDN_INSTANT_NONE,
                                           .until = CDN_INSTANT_NONE};
        const cordon_str texts[CDN_ITEM_TEXTS] = {
            [CDN_T_MEASURE] = t->measure, [CDN_T_REFERENCE] = d->effects.reference};
        err = cdn_live_add(l, fp, &like, texts);
    }
    return err;
}

int cdn_live_decision(struct cdn_live *l,
                      uint64_t index,
                      const struct cdn_record_decision *d,
                      bool reserved,
                      struct cordon_error *e) {
    uint8_t fp[CDN_FP];
    int err = 0;
    if (d->appeal != CDN_COUNT_NONE)
        return 0;
    (void)pthread_mutex_lock(&l->lock);
    const bool seen = index < l->seen;
    for (size_t i = 0; i < d->effects.cap_count && !reserved && !seen && !err; i++)
        err = cdn_live_add_usage(l, &d->effects.caps[i], d->effects.caps[i].amount);
    if (!err && !seen && d->effects.party_count && cdn_live_unhex(d->effects.parties[0], fp)) {
        err = note_holds(l, index, fp, d);
        err = err ? err : note_duties(l, index, fp, d);
    }
    if (!err && d->idempotency_key.n)
        err = cdn_live_note_once(l, index, d);
    if (err)
        l->incomplete = true;
    (void)pthread_mutex_unlock(&l->lock);
    return err ? cdn_fail(e, err, "the live state could not take in a decision") : 0;
}

/* ---- sweeping
 * -------------------------------------------------------------------------------------------------------- */

void cdn_live_sweep(struct cdn_live *l, uint64_t indexed, int64_t at) {
    (void)pthread_mutex_lock(&l->lock);
    size_t end = CDN_MIN(l->swept + SWEEP_SLOTS, l->party_slots);
    for (size_t i = l->swept; i < end; i++) {
        struct cdn_live_node **n = &l->parties[i].first;
        while (*n) {
            const bool over = (*n)->kind == CDN_STATE_USAGE
                                  ? at >= (*n)->over
                                  : (*n)->until != CDN_INSTANT_NONE && at >= (*n)->until;
            if (over)
                drop(l, n);
            else
                n = &(*n)->next;
        }
    }
    l->swept = end == l->party_slots ? 0 : end;
    cdn_live_sweep_once(l, indexed);
    (void)pthread_mutex_unlock(&l->lock);
}
