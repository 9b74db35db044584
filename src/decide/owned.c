/* SPDX-License-Identifier: Apache-2.0 */
/* owned.c: is a party owned by parties on a list, by the rule of one test: threshold, or more or more than,
 * added up or singly, control or not; through any number of links, round circles.
 *
 * Whether a holder *counts* is the least answer that fits all at once: it counts if it is on the list, or if
 * holders who count hold enough of it. It is found by beginning with who is on the list and going round until
 * nothing changes; answers only ever grow (no, perhaps, yes), so that this ends, and parties who own each
 * other in a circle, with nobody listed, stay clean. */
#include "decide/decide_priv.h"

/* ---- one owner's stake ----------------------------------------------------------------------------------
 */

uint32_t cdn_decide_stake_size(const struct cdn_decider *d, const struct cdn_holder *h, uint32_t first) {
    uint32_t n = 1;
    while (first + n < h->first + h->count && d->edges[first + n].owner == d->edges[first].owner)
        n++;
    return n;
}

/* Several statements about one thing: what all of them allow. */
struct range {
    struct cdn_decimal low, high;
    bool any, settled; /* settled: some statement about it is not doubtful */
    bool differ;
};

static const struct cdn_decimal nothing = {0, 0};

static void widen(struct range *r, struct cdn_decimal low, struct cdn_decimal high, bool doubtful) {
    r->differ |= r->any && (cdn_decimal_cmp(low, r->low) != 0 || cdn_decimal_cmp(high, r->high) != 0);
    if (!r->any || cdn_decimal_cmp(high, r->high) > 0)
        r->high = high;
    if (!doubtful && (!r->settled || cdn_decimal_cmp(low, r->low) < 0))
        r->low = low;
    if (doubtful && !r->settled)
        r->low = nothing;
    r->settled |= !doubtful;
    r->any = true;
}

/* What the request says of one owner adds up; what the file says twice is said of the same shares. Too many
 * digits to add: then nothing is certain. */
void cdn_decide_stake(const struct cdn_decider *d, uint32_t first, uint32_t n, struct cdn_stake *ret) {
    struct range direct = {.any = false}, indirect = {.any = false};
    struct cdn_decimal asked = nothing;
    bool by_request = false, unsaid = false; /* unsaid: a statement about shares that does not say how many */
    *ret = (struct cdn_stake){.open = false};
    for (uint32_t i = first; i < first + n; i++) {
        const struct cdn_edge *e = &d->edges[i];
        ret->control |= e->control;
        ret->sure_control |= e->control && !e->doubtful && e->kind != CDN_OWNER_EITHER;
        if (!e->have) {
            ret->open |= !e->from_file;
            unsaid |= e->kind != CDN_OWNER_CONTROL;
            continue;
        }
        if (e->from_file)
            widen(e->kind == CDN_OWNER_INDIRECT ? &indirect : &direct, e->low, e->high, e->doubtful);
        else if (cdn_decimal_add(asked, e->high, &asked) < 0)
            ret->open = true;
        else
            by_request = true;
    }
    if (by_request)
        widen(&direct, asked, asked, false);
    ret->differ = direct.differ || indirect.differ;
    ret->low = cdn_decimal_cmp(direct.low, indirect.low) > 0 ? direct.low : indirect.low;
    if (cdn_decimal_add(direct.high, indirect.high, &ret->high) < 0)
        ret->open = true;
    if (!direct.any && !indirect.any)
        ret->open |= unsaid;
}

/* ---- shares of the test ---------------------------------------------------------------------------------
 */

static bool enough(const struct cdn_test_rec *t, struct cdn_decimal percent) {
    const int cmp = cdn_decimal_cmp(percent, (struct cdn_decimal){t->mantissa, t->scale});
    return t->flags & CDN_TEST_STRICT ? cmp > 0 : cmp >= 0;
}

/* The sum of the shares, or the largest. Shares too long to add do not happen; then nothing is certain. */
static bool collect(const struct cdn_test_rec *t, struct cdn_decimal percent, struct cdn_decimal *total) {
    if (t->flags & CDN_TEST_AGGREGATE)
        return cdn_decimal_add(*total, percent, total) == 0;
    if (cdn_decimal_cmp(percent, *total) > 0)
        *total = percent;
    return true;
}

void cdn_decide_add_share(const struct cdn_test_rec *t,
                          struct cdn_shares *s,
                          unsigned holder,
                          const struct cdn_stake *stake) {
    if (holder == CORDON_FALSE)
        return;
    if (stake->control && (t->flags & CDN_TEST_OR_CONTROLLED)) {
        s->controlled |= holder == CORDON_TRUE && stake->sure_control;
        s->open = true;
    }
    s->open |= stake->open;
    if (holder == CORDON_TRUE)
        s->open |= !collect(t, stake->low, &s->sure);
    s->open |= !collect(t, stake->high, &s->possible);
}

unsigned cdn_decide_weigh(const struct cdn_test_rec *t, const struct cdn_shares *s) {
    if (s->controlled || enough(t, s->sure))
        return CORDON_TRUE;
    return s->open || enough(t, s->possible) ? CORDON_UNKNOWN : CORDON_FALSE;
}

/* ---- who counts -----------------------------------------------------------------------------------------
 */

/* By the entries that the file says it is. Where the snapshot has the list, the entry must be on it. */
static unsigned node_entries(const struct cdn_decider *d, const struct cdn_test_rec *t, uint32_t node) {
    const struct cdn_owners *o = d->snap->owners;
    const struct cdn_orun run = o->nodes[node].entries;
    for (uint32_t i = run.first; i < run.first + run.count; i++) {
        for (uint32_t k = t->lists.first; k < t->lists.first + t->lists.count; k++) {
            const uint32_t list = d->snap->indexes[k];
            if (!cdn_str_eq(cdn_owner_text(o, o->entries[i].list),
                            cdn_snap_str(d->snap, d->snap->lists[list].id)))
                continue;
            const uint32_t number = cdn_decide_party_list(d, list);
            if (number == CDN_PARTIES_NONE)
                return CORDON_TRUE;
            const uint32_t entry =
                cdn_parties_find_entry(d->snap->parties, number, cdn_owner_text(o, o->entries[i].id));
            if (entry != CDN_PARTIES_NONE && cdn_decide_entry_on(d, t, entry, NULL))
                return CORDON_TRUE;
        }
    }
    return CORDON_FALSE;
}

static unsigned own_value(
    struct cdn_decider *d, const struct cdn_test_rec *t, uint32_t holder, int party, bool matches_only) {
    const struct cdn_holder *h = &d->holders[holder];
    if (h->kind == CDN_HOLDER_PARTY) {
        if (matches_only && !cdn_decide_is_match(d, t, (int)holder))
            return CORDON_FALSE;
        return cdn_truth_or(cdn_decide_listed(d, t, (int)holder),
                            cdn_decide_owned_as_screened(d, t, (int)holder));
    }
    unsigned value = h->kind == CDN_HOLDER_NODE ? node_entries(d, t, h->node) : (unsigned)CORDON_FALSE;
    if (value != CORDON_TRUE)
        value = cdn_truth_or(value, cdn_decide_all_found(d, t, holder, party));
    return value;
}

/* Marks everybody whom shares of `party` lead to. */
static void reach(struct cdn_decider *d, uint32_t party) {
    uint16_t todo[CDN_MAX_HOLDERS];
    uint32_t n = 0;
    for (uint32_t i = 0; i < d->holder_count; i++)
        d->holders[i].reached = false;
    d->holders[party].reached = true;
    todo[n++] = (uint16_t)party;
    while (n > 0) {
        const struct cdn_holder *h = &d->holders[todo[--n]];
        for (uint32_t i = h->first; i < h->first + h->count; i++) {
            const uint16_t owner = d->edges[i].owner;
            if (d->holders[owner].reached)
                continue;
            d->holders[owner].reached = true;
            todo[n++] = owner;
        }
    }
}

static unsigned by_holders(const struct cdn_decider *d, const struct cdn_test_rec *t, uint32_t holder) {
    const struct cdn_holder *h = &d->holders[holder];
    struct cdn_shares s = {.open = false};
    for (uint32_t i = h->first, n = 0; i < h->first + h->count; i += n) {
        struct cdn_stake stake;
        n = cdn_decide_stake_size(d, h, i);
        if (d->holders[d->edges[i].owner].counts == CORDON_FALSE)
            continue;
        cdn_decide_stake(d, i, n, &stake);
        cdn_decide_add_share(t, &s, d->holders[d->edges[i].owner].counts, &stake);
    }
    return cdn_decide_weigh(t, &s);
}

/* IMPLEMENTS: CS-OWNED */
unsigned cdn_decide_owned_through(struct cdn_decider *d,
                                  const struct cdn_test_rec *t,
                                  int party,
                                  bool matches_only) {
    cdn_decide_graph(d);
    const struct cdn_holder *asked = &d->holders[party];
    if (!asked->count)
        return d->graph_cut && !matches_only ? CORDON_UNKNOWN : CORDON_FALSE;
    reach(d, (uint32_t)party);
    for (uint32_t i = 0; i < d->holder_count; i++) {
        struct cdn_holder *h = &d->holders[i];
        h->own = h->counts = CORDON_FALSE;
        /* What the party is by itself is another question, unless its shares lead back to it. */
        if (h->reached)
            h->own = h->counts = (uint8_t)own_value(d, t, i, party, matches_only);
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 0; i < d->holder_count; i++) {
            struct cdn_holder *h = &d->holders[i];
            if (!h->reached || h->counts == CORDON_TRUE)
                continue;
            const unsigned v = cdn_truth_or(h->counts, by_holders(d, t, i));
            changed |= v != h->counts;
            h->counts = (uint8_t)v;
        }
    }
    const unsigned value = by_holders(d, t, (uint32_t)party);
    return d->graph_cut && !matches_only ? cdn_truth_or(value, CORDON_UNKNOWN) : value;
}
