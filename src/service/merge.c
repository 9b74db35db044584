/* SPDX-License-Identifier: Apache-2.0 */
/* merge.c: what is known from earlier requests becomes `state` of this one, before it is decided and
 * recorded.
 *
 *  1. state comes from here alone: a caller who sends any is refused, but for replay;
 *  2. where a cap with a window could concern the request and nothing was used yet, the state says "nothing
 * used": what is not in the state is unknown;
 *  3. the order is that of the live state, then the order of the outcomes: the same state gives the same
 * bytes. */
#include "service/priv.h"

static struct cdn_when instant(int64_t t) {
    return cdn_when_instant(t);
}

static uint8_t set_when(struct cdn_when *to, int64_t t) {
    if (t == CDN_INSTANT_NONE)
        return CDN_HAVE_ABSENT;
    *to = instant(t);
    return CDN_HAVE_VALUE;
}

static void copy_item(const struct cdn_live_item *from, int party, struct cdn_state *to) {
    *to = (struct cdn_state){.kind = from->kind,
                             .measure = from->measure,
                             .reference = from->reference,
                             .list = from->list,
                             .entry = from->entry,
                             .entry_fingerprint = from->entry_fingerprint,
                             .party_fingerprint = from->party_fingerprint,
                             .party = party};
    to->due_have = set_when(&to->due, from->due);
    to->done_have = set_when(&to->done, from->done);
    to->until_have = set_when(&to->until, from->until);
    if (from->kind == CDN_STATE_USAGE) {
        to->used.amount = from->used;
        memcpy(to->used.currency, from->currency, sizeof(to->used.currency));
    }
}

/* ---- usage that is nothing yet
 * ------------------------------------------------------------------------------ */

static bool names(const struct cdn_snapshot *s, struct cdn_run run, uint32_t number) {
    for (uint32_t i = run.first; i < run.first + run.count; i++) {
        if (s->indexes[i] == number)
            return true;
    }
    return false;
}

static bool could_concern(const struct cdn_snapshot *s,
                          const struct cdn_outcome_rec *o,
                          const struct cdn_request *r) {
    const uint32_t action = cdn_snapshot_symbol(s, CDN_SYMBOL_ACTION, r->action_hash, r->action);
    const uint32_t service = cdn_snapshot_symbol(s, CDN_SYMBOL_SERVICE, r->service_hash, r->service);
    return ((o->flags & CDN_OUTCOME_ANY_ACTION) || names(s, o->actions, action)) &&
           ((o->flags & CDN_OUTCOME_ANY_SERVICE) || names(s, o->services, service));
}

int cdn_cap_mark(const struct cdn_service_worker *w,
                 const struct cdn_request *r,
                 const struct cdn_outcome_rec *o) {
    for (size_t i = 0; i < w->marks.count; i++) {
        const int party = w->marks.party[i];
        if (party >= 0 && w->marks.strong[i] &&
            (o->subject_kind != CDN_SUBJECT_ROLE || r->parties[party].role == o->subject_index))
            return (int)i;
    }
    return -1;
}

static bool known(const struct cdn_state *items, size_t n, cordon_str measure) {
    for (size_t i = 0; i < n; i++) {
        if (items[i].kind == CDN_STATE_USAGE && cdn_str_eq(items[i].measure, measure))
            return true;
    }
    return false;
}

static size_t add_unused(struct cdn_service_worker *w,
                         const struct cdn_request *r,
                         int64_t at,
                         struct cdn_state *items,
                         size_t n) {
    const struct cdn_snapshot *s = w->snapshot;
    for (size_t i = 0; i < w->capped_count; i++) {
        const struct cdn_outcome_rec *o = &s->outcomes[w->capped[i]];
        const cordon_str id = cdn_snap_str(s, s->measures[o->measure].id);
        const int mark = could_concern(s, o, r) ? cdn_cap_mark(w, r, o) : -1;
        int64_t from = 0, until = 0;
        if (mark < 0 || known(items, n, id) ||
            cdn_window_at(cdn_cap_window(o->cap_window), at, &from, &until) < 0)
            continue;
        struct cdn_state *to = &items[n++];
        *to = (struct cdn_state){.kind = CDN_STATE_USAGE, .measure = id, .party = w->marks.party[mark]};
        memcpy(to->used.currency, o->cap_currency, sizeof(to->used.currency));
        to->until_have = set_when(&to->until, until);
    }
    return n;
}

unsigned cdn_cap_window(unsigned unit) {
    switch (unit) {
    case CDN_UNIT_HOURS:
        return CDN_WINDOW_HOUR;
    case CDN_UNIT_DAYS:
        return CDN_WINDOW_DAY;
    case CDN_UNIT_MONTHS:
        return CDN_WINDOW_MONTH;
    case CDN_UNIT_YEARS:
        return CDN_WINDOW_YEAR;
    default:
        return CDN_WINDOW_NONE;
    }
}

/* Usage of somebody else than whom the cap is for (a recipient who has sent money himself) is not this
 * request's. */
static bool counts_here(const struct cdn_service_worker *w,
                        const struct cdn_request *r,
                        const struct cdn_live_item *item,
                        size_t mark) {
    const struct cdn_snapshot *s = w->snapshot;
    if (item->kind != CDN_STATE_USAGE)
        return true;
    for (size_t i = 0; i < w->capped_count; i++) {
        const struct cdn_outcome_rec *o = &s->outcomes[w->capped[i]];
        if (cdn_str_eq(cdn_snap_str(s, s->measures[o->measure].id), item->measure) &&
            cdn_cap_mark(w, r, o) == (int)mark)
            return true;
    }
    return false;
}

/* ---- the whole
 * ------------------------------------------------------------------------------------------------ */

int cdn_merge_state(struct cdn_service_worker *w,
                    struct cdn_request *r,
                    int64_t at,
                    struct cdn_live_state *ret,
                    struct cordon_error *e) {
    cordon_str strong[MAX_PARTY_MARKS];
    uint32_t of[MAX_PARTY_MARKS];
    size_t count = 0;
    for (size_t i = 0; i < w->marks.count; i++) {
        if (w->marks.strong[i]) {
            of[count] = (uint32_t)i;
            strong[count++] = w->marks.slice[i];
        }
    }
    *ret = (struct cdn_live_state){0};
    const int err =
        cdn_live_merge(w->s->live, &(struct cdn_texts){strong, count}, at, &w->request_memory, ret, e);
    if (err)
        return err;
    const size_t most = ret->count + w->capped_count;
    if (!most)
        return 0;
    if (ret->count > CDN_MAX_STATE - CDN_MIN(w->capped_count, (size_t)CDN_MAX_STATE))
        return cdn_fail(e, CORDON_E_LIMIT, "more than %d items of state concern this request", CDN_MAX_STATE);
    struct cdn_state *items = cdn_arena_zero(&w->request_memory, most, sizeof(*items));
    if (!items)
        return cdn_service_no_memory(e);
    size_t n = 0;
    for (size_t i = 0; i < ret->count; i++) {
        if (ret->items[i].party >= count)
            return cdn_fail(e, CORDON_E_INTERNAL, "state of a party that was not asked for");
        const size_t mark = of[ret->items[i].party];
        if (counts_here(w, r, &ret->items[i], mark))
            copy_item(&ret->items[i], w->marks.party[mark], &items[n++]);
    }
    n = add_unused(w, r, at, items, n);
    r->state = n ? items : NULL;
    r->state_count = (uint16_t)n;
    return 0;
}
