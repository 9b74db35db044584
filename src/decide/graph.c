/* SPDX-License-Identifier: Apache-2.0 */
/* graph.c: who holds shares of whom: the owners that the request names, and those of the relations file, as
 * one graph. Made once per decision, when a test on ownership first asks; what follows from it differs by
 * test (owned.c).
 *
 * A party is recognised in the file by an equal identifier, or by the same name where its country is the one
 * that the file says. By a name alone it may be the one whom the file means: its links are then doubtful. A
 * name whose country contradicts is another party.
 *
 *  1. holders 0 … party_count - 1 are the parties, in their order; the others follow as they are met;
 *  2. edges of one holder stand together, those of one owner side by side;
 *  3. what does not fit is left out, and graph_cut says so: then no absence of owners is certain. */
#include "decide/decide_priv.h"

enum { RECOGNISED = 512 };

/* Which party is which node. */
struct recognised {
    struct {
        uint32_t node;
        uint16_t holder;
        bool sure;
    } p[RECOGNISED];
    uint32_t count;
};

struct looking {
    struct cdn_decider *d;
    struct recognised *all;
    uint32_t holder;
    bool by_name;
};

/* ---- recognising ----------------------------------------------------------------------------------------
 */

/* T: the same country, F: another, U: one of them does not say. */
static unsigned same_country(const struct cdn_asked *a, uint16_t country) {
    const char code[2] = {(char)(country >> 8), (char)(country & 0xFF)};
    const struct cdn_known *k = &a->query.known;
    if (!country || !(k->country_count + k->nationality_count))
        return CORDON_UNKNOWN;
    for (uint32_t i = 0; i < k->country_count; i++) {
        if (memcmp(k->countries[i], code, 2) == 0)
            return CORDON_TRUE;
    }
    for (uint32_t i = 0; i < k->nationality_count; i++) {
        if (memcmp(k->nationalities[i], code, 2) == 0)
            return CORDON_TRUE;
    }
    return CORDON_FALSE;
}

static bool note(void *ctx, uint32_t node) {
    struct looking *l = ctx;
    struct recognised *all = l->all;
    bool sure = true;
    if (l->by_name) {
        const unsigned same = same_country(l->d->asked, l->d->snap->owners->nodes[node].country);
        if (same == CORDON_FALSE)
            return true;
        sure = same == CORDON_TRUE;
    }
    for (uint32_t i = 0; i < all->count; i++) {
        if (all->p[i].node == node && all->p[i].holder == l->holder) {
            all->p[i].sure |= sure;
            return true;
        }
    }
    if (all->count == RECOGNISED) {
        l->d->graph_cut = true;
        return false;
    }
    all->p[all->count].node = node;
    all->p[all->count].holder = (uint16_t)l->holder;
    all->p[all->count++].sure = sure;
    return true;
}

static void recognise(struct cdn_decider *d, struct recognised *all, uint32_t holder) {
    struct looking l = {.d = d, .all = all, .holder = holder};
    char storage[CDN_OWNERS_KEY];
    cdn_decide_ask(d, holder, d->asked);
    const struct cdn_screen_query *q = &d->asked->query;
    for (uint32_t i = 0; i < q->ident_count; i++)
        cdn_owners_by_ident(
            d->snap->owners, q->idents[i].kind, q->idents[i].country, q->idents[i].value, note, &l);
    l.by_name = true;
    for (uint32_t i = 0; i < q->name_count && d->snap->parties; i++) {
        const cordon_str key = cdn_owners_key(&d->snap->parties->tables, d->name, q->names[i], storage);
        cdn_owners_by_name(d->snap->owners, key, note, &l);
    }
}

/* ---- holders --------------------------------------------------------------------------------------------
 */

static uint32_t add_holder(struct cdn_decider *d, const struct cdn_holder *h) {
    if (d->holder_count == CDN_MAX_HOLDERS) {
        d->graph_cut = true;
        return CDN_NO_INDEX;
    }
    d->holders[d->holder_count] = *h;
    return d->holder_count++;
}

/* The party that is surely the node, else the node itself. */
static uint32_t holder_of(struct cdn_decider *d, const struct recognised *all, uint32_t node) {
    for (uint32_t i = 0; i < all->count; i++) {
        if (all->p[i].node == node && all->p[i].sure && d->holders[all->p[i].holder].kind == CDN_HOLDER_PARTY)
            return all->p[i].holder;
    }
    for (uint32_t i = d->request->party_count; i < d->holder_count; i++) {
        if (d->holders[i].kind == CDN_HOLDER_NODE && d->holders[i].node == node)
            return i;
    }
    const struct cdn_holder h = {.kind = CDN_HOLDER_NODE, .node = node};
    return add_holder(d, &h);
}

/* ---- edges ----------------------------------------------------------------------------------------------
 */

/* At its place by owner. */
static void add_edge(struct cdn_decider *d, struct cdn_holder *h, const struct cdn_edge *e) {
    if (d->edge_count == CDN_MAX_EDGES || e->owner == UINT16_MAX) {
        d->graph_cut = true;
        return;
    }
    uint32_t at = d->edge_count++;
    for (; at > h->first && d->edges[at - 1].owner > e->owner; at--)
        d->edges[at] = d->edges[at - 1];
    d->edges[at] = *e;
    h->count++;
}

static void edges_of_party(struct cdn_decider *d, uint32_t holder) {
    const struct cdn_party *p = &d->request->parties[holder];
    for (uint32_t i = 0; p->owners_have == CDN_HAVE_VALUE && i < p->owner_count; i++) {
        const struct cdn_ownership *o = &p->owners[i];
        uint32_t owner = CDN_NO_INDEX;
        if (o->party >= 0 && o->party < d->request->party_count) {
            owner = (uint32_t)o->party;
        } else if (o->party < 0) {
            const struct cdn_holder named = {
                .kind = CDN_HOLDER_NAMED, .party = (uint16_t)holder, .owner = (uint16_t)i};
            owner = add_holder(d, &named);
        }
        if (owner == CDN_NO_INDEX)
            continue;
        struct cdn_edge e = {
            .owner = (uint16_t)owner, .owned = (uint16_t)holder, .link = i, .control = o->control};
        e.have = o->percent_have == CDN_HAVE_VALUE;
        if (e.have)
            e.low = e.high = o->percent;
        add_edge(d, &d->holders[holder], &e);
    }
}

static void edges_of_node(
    struct cdn_decider *d, const struct recognised *all, uint32_t holder, uint32_t node, bool sure) {
    const struct cdn_owner_node *n = &d->snap->owners->nodes[node];
    for (uint32_t i = n->links.first; i < n->links.first + n->links.count; i++) {
        const struct cdn_owner_link *l = &d->snap->owners->links[i];
        cdn_decide_edge(d, l->since);
        cdn_decide_edge(d, l->until);
        if (d->at < l->since || d->at >= l->until)
            continue;
        const uint32_t owner = holder_of(d, all, l->owner);
        if (owner == CDN_NO_INDEX)
            return;
        struct cdn_edge e = {
            .owner = (uint16_t)owner, .owned = (uint16_t)holder, .link = i, .from_file = true};
        e.kind = l->kind;
        e.control = l->kind == CDN_OWNER_CONTROL || l->kind == CDN_OWNER_EITHER;
        e.have = l->known;
        e.doubtful = l->disputed || !sure;
        e.low = (struct cdn_decimal){l->from, 2};
        e.high = (struct cdn_decimal){l->to, 2};
        add_edge(d, &d->holders[holder], &e);
    }
}

static void edges_of(struct cdn_decider *d, struct recognised *all, uint32_t holder) {
    struct cdn_holder *h = &d->holders[holder];
    h->first = d->edge_count;
    h->count = 0;
    if (h->kind == CDN_HOLDER_PARTY)
        edges_of_party(d, holder);
    if (!d->snap->owners)
        return;
    if (h->kind == CDN_HOLDER_NODE) {
        edges_of_node(d, all, holder, h->node, true);
        return;
    }
    if (h->kind == CDN_HOLDER_NAMED)
        recognise(d, all, holder);
    for (uint32_t i = 0; i < all->count; i++) {
        if (all->p[i].holder == holder)
            edges_of_node(d, all, holder, all->p[i].node, all->p[i].sure);
    }
}

void cdn_decide_graph(struct cdn_decider *d) {
    struct recognised all; /* 4 KiB: only what is counted is read */
    if (d->graph_epoch == d->epoch)
        return;
    all.count = 0;
    d->graph_epoch = d->epoch;
    d->graph_cut = false;
    d->holder_count = d->edge_count = 0;
    for (uint16_t i = 0; i < d->request->party_count; i++)
        d->holders[d->holder_count++] = (struct cdn_holder){.kind = CDN_HOLDER_PARTY, .party = i};
    for (uint32_t i = 0; i < d->request->party_count && d->snap->owners; i++)
        recognise(d, &all, i);
    for (uint32_t i = 0; i < d->holder_count; i++)
        edges_of(d, &all, i);
}
