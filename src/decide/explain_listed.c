/* SPDX-License-Identifier: Apache-2.0 */
/* explain_listed.c: what a test on lists or ownership rests on: candidates with their scores, what speaks for
 * and against each, and what clearances make of them; who owns whom, and what is odd about that.
 *
 * Candidates are told as the engine or the request brought them: sure ones, possible ones, and those that
 * would be either were they not cleared. What else would tell them apart is named as missing. */
#include "decide/explain_priv.h"
#include "screen/explain.h"

enum { MAX_TOLD = 64, MAX_WORDS = 16, MAX_FINDINGS = 32 };

/* ---- words ----------------------------------------------------------------------------------------------
 */

static void push_text(struct cdn_explain *x, struct cdn_list *list, struct cdn_buf *b, uint32_t most) {
    const cordon_str text = cdn_explain_keep(x, b);
    for (uint32_t i = 0; i < list->n; i++) {
        if (cdn_str_eq(((cordon_str *)list->p)[i], text))
            return;
    }
    cordon_str *to = text.n && list->n < most ? cdn_explain_push(x, list, sizeof *to) : NULL;
    if (to)
        *to = text;
}

static cordon_str print_text(struct cdn_explain *x, const uint8_t print[16]) {
    struct cdn_buf b;
    cdn_explain_buf(x, &b);
    cdn_buf_hex(&b, print, 16);
    return cdn_explain_keep(x, &b);
}

/* "by K. Lee until 2027-01-01: born elsewhere" */
static cordon_str clearance_text(struct cdn_explain *x, const struct cdn_state *s) {
    struct cdn_buf b;
    cdn_explain_buf(x, &b);
    cdn_buf_z(&b, s->by.n ? "by " : "cleared");
    cdn_buf_str(&b, s->by);
    if (s->until_have == CDN_HAVE_VALUE) {
        cdn_buf_z(&b, " until ");
        cdn_when_write(&b, s->until);
    }
    if (s->why.n) {
        cdn_buf_z(&b, ": ");
        cdn_buf_str(&b, s->why);
    }
    return cdn_explain_keep(x, &b);
}

static void tell_clearance(struct cdn_explain *x,
                           enum cdn_cleared how,
                           const struct cdn_state *s,
                           struct cdn_candidate_told *c) {
    switch (how) {
    case CDN_CLEARED:
        c->cleared = clearance_text(x, s);
        break;
    case CDN_CLEARED_OVER:
        c->not_cleared = CDN_STR("the clearance is over");
        break;
    case CDN_CLEARED_ENTRY_CHANGED:
        c->not_cleared = CDN_STR("the entry has changed since it was cleared");
        break;
    case CDN_CLEARED_PARTY_CHANGED:
        c->not_cleared = CDN_STR("what is known of the party has changed since it was cleared");
        break;
    case CDN_CLEARED_NO_PRINT:
        c->not_cleared = CDN_STR("the clearance does not say what was compared");
        break;
    case CDN_CLEARED_NOT:
        break;
    }
}

/* ---- the engine's candidates ----------------------------------------------------------------------------
 */

static bool about_ident(unsigned kind) {
    return kind == CDN_EVIDENCE_IDENT_SAME || kind == CDN_EVIDENCE_IDENT_DIFFERS;
}

/* Identifiers lie elsewhere than other evidence: they are told by their number. */
static void tell_ident(struct cdn_explain *x,
                       const struct cdn_screen_candidate *c,
                       const struct cdn_evidence_step *step,
                       struct cdn_buf *b) {
    const struct cdn_screen_query *q = &x->d->asked->query;
    cdn_buf_z(b, cdn_evidence_text((enum cdn_weighed)step->kind));
    if (step->a < q->ident_count) {
        cdn_buf_z(b, ": ");
        cdn_buf_z(b, cdn_ident_kind_word(q->idents[step->a].kind));
        cdn_buf_char(b, ' ');
        cdn_buf_str(b, q->idents[step->a].value);
    }
    if (c->doubtful_ident)
        cdn_buf_z(b, " (the list calls it invalid, or it is of another country)");
}

static void tell_evidence(struct cdn_explain *x,
                          const struct cdn_screen_candidate *c,
                          struct cdn_list *pro,
                          struct cdn_list *con) {
    const struct cdn_known *known = cdn_screener_known(x->d->screener, c->entry);
    for (uint32_t i = 0; i < c->evidence.steps; i++) {
        const struct cdn_evidence_step *step = &c->evidence.step[i];
        struct cdn_buf b;
        cdn_explain_buf(x, &b);
        if (about_ident(step->kind))
            tell_ident(x, c, step, &b);
        else
            cdn_explain_evidence_step(&b, &x->d->asked->query.known, known, step);
        push_text(x, step->points < 0 || step->kind == CDN_EVIDENCE_IDENT_DIFFERS ? con : pro, &b, MAX_WORDS);
    }
}

static void tell_names(struct cdn_explain *x,
                       const struct cdn_screen_candidate *c,
                       const struct cdn_screen_name_score *best,
                       struct cdn_list *pro,
                       struct cdn_list *con) {
    const struct cdn_match *match = NULL;
    const struct cdn_name *query = NULL, *listed = NULL;
    if (!best->score)
        return;
    cdn_screener_steps(x->d->screener, &x->d->asked->query, c, &match, &query, &listed);
    if (!match || !query || !listed)
        return;
    const struct cdn_explain_name a = {query, x->d->asked->query.names[best->query]}, b = {listed, {NULL, 0}};
    for (uint32_t i = 0; i < match->steps; i++) {
        struct cdn_buf words;
        cdn_explain_buf(x, &words);
        cdn_explain_step(&words, &a, &b, &match->step[i]);
        push_text(x, match->step[i].how == CDN_HOW_NONE ? con : pro, &words, MAX_WORDS);
    }
    const char *const limits[] = {best->thin ? "one word or only common ones agree: a person has to look"
                                             : NULL,
                                  best->weak ? "a weak alias: says little by itself" : NULL,
                                  best->acronym ? "initial letters only" : NULL};
    for (size_t i = 0; i < CDN_ARRAY_LEN(limits); i++) {
        struct cdn_buf words;
        cdn_explain_buf(x, &words);
        cdn_buf_z(&words, limits[i] ? limits[i] : "");
        push_text(x, con, &words, MAX_WORDS);
    }
}

static struct cdn_pointer where_is(struct cdn_explain *x, uint32_t holder, int party) {
    const struct cdn_holder *h = holder < x->d->request->party_count ? NULL : &x->d->holders[holder];
    struct cdn_pointer p = {.kind = CDN_SUBJECT_ROLE, .index = (uint16_t)party, .evidence = -1};
    if (!h) {
        p.index = (uint16_t)holder;
    } else if (h->kind == CDN_HOLDER_NAMED) {
        struct cdn_buf b;
        cdn_explain_buf(x, &b);
        cdn_buf_printf(&b, "owners/%u", (unsigned)h->owner);
        cdn_buf_char(&b, 0);
        p.index = h->party;
        p.field = cdn_explain_keep(x, &b).p;
    }
    return p;
}

static bool told_already(const struct cdn_list *list, const struct cdn_candidate_told *c) {
    const struct cdn_candidate_told *old = list->p;
    for (uint32_t i = 0; i < list->n; i++) {
        if (old[i].supplied == c->supplied && old[i].who.index == c->who.index &&
            old[i].who.field == c->who.field && cdn_str_eq(old[i].entry, c->entry) &&
            cdn_str_eq(old[i].list, c->list))
            return true;
    }
    return false;
}

static void tell_found(struct cdn_explain *x,
                       const struct cdn_test_rec *t,
                       uint32_t holder,
                       int party,
                       const struct cdn_screen_candidate *c,
                       struct cdn_list *list) {
    struct cdn_decider *d = x->d;
    struct cdn_candidate_told told = {.has_score = true};
    struct cdn_list pro = {0}, con = {0};
    const struct cdn_party_source *source = NULL;
    const struct cdn_state *state = NULL;
    uint32_t on = 0;
    unsigned score = 0;
    uint8_t print[16];
    enum cdn_screen_strength strength = CDN_SCREEN_FULL;
    if (!cdn_decide_entry_on(d, t, c->entry, &on) ||
        cdn_screen_judge(c, cdn_decide_sure(t), cdn_decide_review(t), &score, &strength) == CDN_SCREEN_NO)
        return;
    const struct cdn_party_rec *entry = cdn_parties_entry(d->snap->parties, c->entry, &source);
    const struct cdn_screen_name_score *best = &c->best[strength];
    told.who = where_is(x, holder, party);
    told.list = cdn_snap_str(d->snap, d->snap->lists[on].id);
    told.entry = cdn_party_text(source, entry->id);
    told.name = best->score && best->name < entry->names.count
                    ? cdn_party_text(source, cdn_party_name(source, entry, best->name)->full)
                    : cdn_party_title(source, entry);
    told.name_score = best->score;
    told.score = (uint16_t)score;
    told.value = (uint8_t)cdn_decide_found(d, t, holder, party, c);
    const enum cdn_cleared how = cdn_decide_cleared_entry(d, holder, party, c->entry, &state);
    tell_clearance(x, how, state, &told);
    cdn_decide_entry_print(d, c->entry, print);
    told.entry_fingerprint = print_text(x, print);
    cdn_decide_party_print(d, holder, print);
    told.party_fingerprint = print_text(x, print);
    if (list->n >= MAX_TOLD || told_already(list, &told))
        return;
    cdn_decide_ask(d, holder, d->asked);
    tell_names(x, c, best, &pro, &con);
    tell_evidence(x, c, &pro, &con);
    told.for_ = pro.p;
    told.for_count = pro.n;
    told.against = con.p;
    told.against_count = con.n;
    struct cdn_candidate_told *to = cdn_explain_push(x, list, sizeof *to);
    if (to)
        *to = told;
}

static void tell_supplied(struct cdn_explain *x,
                          const struct cdn_test_rec *t,
                          int party,
                          const struct cdn_listed *l,
                          struct cdn_list *list) {
    const struct cdn_state *state = NULL;
    struct cdn_candidate_told told = {
        .who = {.kind = CDN_SUBJECT_ROLE, .index = (uint16_t)party, .evidence = -1},
        .list = l->list,
        .entry = l->entry,
        .score = l->score,
        .supplied = true,
        .has_score = l->score > 0};
    told.value = (uint8_t)cdn_decide_candidate(x->d, t, party, l);
    const enum cdn_cleared how = cdn_decide_cleared_listed(x->d, party, l, &state);
    if (told.value == CORDON_FALSE && how != CDN_CLEARED)
        return;
    tell_clearance(x, how, state, &told);
    struct cdn_candidate_told *to = list->n >= MAX_TOLD ? NULL : cdn_explain_push(x, list, sizeof *to);
    if (to)
        *to = told;
}

static bool on_test(const struct cdn_explain *x, const struct cdn_test_rec *t, cordon_str list) {
    for (uint32_t i = t->lists.first; i < t->lists.first + t->lists.count; i++) {
        if (cdn_str_eq(cdn_snap_str(x->d->snap, x->d->snap->lists[x->d->snap->indexes[i]].id), list))
            return true;
    }
    return false;
}

static void candidates_of(
    struct cdn_explain *x, const struct cdn_test_rec *t, uint32_t holder, int party, struct cdn_list *list) {
    const struct cdn_screened *s = cdn_decide_screen(x->d, holder);
    for (uint32_t i = 0; s && i < s->count && !x->err; i++)
        tell_found(x, t, holder, party, &x->d->found[s->first + i], list);
    if (holder >= x->d->request->party_count)
        return;
    const struct cdn_party *p = &x->d->request->parties[holder];
    struct cdn_test_rec as = *t;
    for (uint32_t i = 0; i < p->listed_count && !x->err; i++) {
        as.kind = p->listed[i].owned ? CDN_TEST_OWNED : CDN_TEST_LISTED;
        if (p->listed[i].truth != CORDON_FALSE && on_test(x, t, p->listed[i].list) &&
            (t->kind == CDN_TEST_OWNED || !p->listed[i].owned))
            tell_supplied(x, &as, (int)holder, &p->listed[i], list);
    }
}

/* ---- ownership ------------------------------------------------------------------------------------------
 */

static cordon_str name_of(const struct cdn_explain *x, uint32_t holder) {
    const struct cdn_holder *h = &x->d->holders[holder];
    const struct cdn_request *r = x->d->request;
    if (h->kind == CDN_HOLDER_NODE)
        return cdn_owners_title(x->d->snap->owners, h->node);
    if (h->kind == CDN_HOLDER_NAMED)
        return r->parties[h->party].owners[h->owner].name;
    const struct cdn_party *p = &r->parties[h->party];
    return p->name.n ? p->name : cdn_str_z(cdn_roles[p->role].name);
}

static cordon_str percent_text(struct cdn_explain *x, const struct cdn_edge *e) {
    struct cdn_buf b;
    cdn_explain_buf(x, &b);
    if (e->have) {
        cdn_decimal_write(&b, e->low);
        if (cdn_decimal_cmp(e->low, e->high) != 0) {
            cdn_buf_char(&b, '-');
            cdn_decimal_write(&b, e->high);
        }
    }
    return cdn_explain_keep(x, &b);
}

static void tell_link(struct cdn_explain *x, const struct cdn_edge *e, struct cdn_list *list) {
    const struct cdn_owners *o = x->d->snap->owners;
    struct cdn_link_told told = {.owner = name_of(x, e->owner), .owned = name_of(x, e->owned)};
    told.percent = percent_text(x, e);
    told.kind = cdn_str_z(cdn_owners_kind_name(e->from_file ? e->kind
                                               : e->control ? CDN_OWNER_CONTROL
                                                            : CDN_OWNER_UNSTATED));
    told.source = CDN_STR("request");
    if (e->from_file) {
        told.source = cdn_owner_text(o, o->links[e->link].source);
        told.source = told.source.n ? told.source : cdn_owner_text(o, o->header->name);
        told.disputed = o->links[e->link].disputed;
    }
    told.counts = x->d->holders[e->owner].counts;
    struct cdn_link_told *to = list->n >= MAX_TOLD ? NULL : cdn_explain_push(x, list, sizeof *to);
    if (to)
        *to = told;
}

static void finding(struct cdn_explain *x,
                    struct cdn_list *list,
                    const char *before,
                    uint32_t owner,
                    const char *between,
                    uint32_t owned,
                    const char *after) {
    struct cdn_buf b;
    cdn_explain_buf(x, &b);
    cdn_buf_z(&b, before);
    if (owner != CDN_NO_INDEX)
        cdn_buf_str(&b, name_of(x, owner));
    cdn_buf_z(&b, between);
    cdn_buf_str(&b, name_of(x, owned));
    cdn_buf_z(&b, after);
    push_text(x, list, &b, MAX_FINDINGS);
}

/* Do its shares lead back to it? */
static bool in_circle(const struct cdn_decider *d, uint32_t holder) {
    uint16_t todo[CDN_MAX_HOLDERS];
    bool seen[CDN_MAX_HOLDERS] = {false};
    uint32_t n = 0;
    todo[n++] = (uint16_t)holder;
    while (n > 0) {
        const struct cdn_holder *h = &d->holders[todo[--n]];
        for (uint32_t i = h->first; i < h->first + h->count; i++) {
            const uint16_t owner = d->edges[i].owner;
            if (owner == holder)
                return true;
            if (!seen[owner])
                todo[n++] = owner;
            seen[owner] = true;
        }
    }
    return false;
}

static void odd_stake(
    struct cdn_explain *x, uint32_t first, uint32_t n, const struct cdn_stake *s, struct cdn_list *list) {
    const uint32_t owner = x->d->edges[first].owner, owned = x->d->edges[first].owned;
    if (s->open)
        finding(x, list, "the share of ", owner, " in ", owned, " is not stated");
    if (s->differ)
        finding(x, list, "statements about the share of ", owner, " in ", owned, " differ");
    for (uint32_t i = first; i < first + n; i++) {
        const struct cdn_edge *e = &x->d->edges[i];
        if (!e->from_file || !e->doubtful)
            continue;
        if (x->d->snap->owners->links[e->link].disputed)
            finding(x, list, "the share of ", owner, " in ", owned, " is disputed");
        else
            finding(x,
                    list,
                    "it is not certain that ",
                    CDN_NO_INDEX,
                    "",
                    owned,
                    " is the one whom the relations file means");
    }
}

static void odd_holder(struct cdn_explain *x, uint32_t holder, struct cdn_list *list) {
    const struct cdn_decider *d = x->d;
    const struct cdn_holder *h = &d->holders[holder];
    struct cdn_decimal sum = {0, 0};
    for (uint32_t i = h->first, n = 0; i < h->first + h->count && !x->err; i += n) {
        struct cdn_stake stake;
        n = cdn_decide_stake_size(d, h, i);
        cdn_decide_stake(d, i, n, &stake);
        if (cdn_decimal_add(sum, stake.low, &sum) < 0)
            break;
        odd_stake(x, i, n, &stake, list);
    }
    if (cdn_decimal_cmp(sum, (struct cdn_decimal){100, 0}) > 0) {
        struct cdn_buf b;
        cdn_explain_buf(x, &b);
        cdn_buf_z(&b, "shares of ");
        cdn_buf_str(&b, name_of(x, holder));
        cdn_buf_z(&b, " sum to ");
        cdn_decimal_write(&b, sum);
        cdn_buf_z(&b, " %");
        push_text(x, list, &b, MAX_FINDINGS);
    }
    if (h->count && in_circle(d, holder))
        finding(x, list, "a circle of ownership through ", CDN_NO_INDEX, "", holder, "");
}

static void tell_owners(struct cdn_explain *x,
                        const struct cdn_test_rec *t,
                        int party,
                        struct cdn_because *b,
                        struct cdn_list *candidates) {
    struct cdn_decider *d = x->d;
    struct cdn_list links = {0}, findings = {0};
    uint32_t looked = 0;
    (void)cdn_decide_owned_through(d, t, party, false);
    for (uint32_t i = 0; i < d->holder_count && d->holders[party].count && !x->err; i++) {
        const struct cdn_holder *h = &d->holders[i];
        if (!h->reached)
            continue;
        for (uint32_t k = h->first; k < h->first + h->count; k++)
            tell_link(x, &d->edges[k], &links);
        if (looked++ < MAX_TOLD)
            odd_holder(x, i, &findings);
        if (i != (uint32_t)party)
            candidates_of(x, t, i, party, candidates);
    }
    if (d->graph_cut) {
        struct cdn_buf words;
        cdn_explain_buf(x, &words);
        cdn_buf_z(&words, "more owners than are followed");
        push_text(x, &findings, &words, MAX_FINDINGS);
    }
    b->links = links.p;
    b->link_count = links.n;
    b->findings = findings.p;
    b->finding_count = findings.n;
}

/* ---- whole ----------------------------------------------------------------------------------------------
 */

void cdn_explain_listed(struct cdn_explain *x,
                        const struct cdn_test_rec *t,
                        int party,
                        struct cdn_because *b) {
    struct cdn_list candidates = {0};
    if (t->kind == CDN_TEST_LISTED)
        candidates_of(x, t, (uint32_t)party, party, &candidates);
    if (t->kind == CDN_TEST_OWNED) {
        const struct cdn_party *p = &x->d->request->parties[party];
        for (uint32_t i = 0; i < p->listed_count && !x->err; i++) {
            if (p->listed[i].owned && p->listed[i].truth != CORDON_FALSE && on_test(x, t, p->listed[i].list))
                tell_supplied(x, t, party, &p->listed[i], &candidates);
        }
        tell_owners(x, t, party, b, &candidates);
    }
    b->candidates = candidates.p;
    b->candidate_count = candidates.n;
}

static void would_settle(struct cdn_explain *x, int party, const char *what, const char *field) {
    struct cdn_buf b;
    cdn_explain_buf(x, &b);
    cdn_buf_z(&b, cdn_roles[x->d->request->parties[party].role].name);
    cdn_buf_z(&b, what);
    const struct cdn_pointer where = {
        .kind = CDN_SUBJECT_ROLE, .index = (uint16_t)party, .evidence = -1, .field = field};
    cdn_explain_missing(x, cdn_explain_keep(x, &b), where, "would tell the candidates apart");
}

/* What the list says of a possible match and the request does not say of the party. */
void cdn_explain_apart(struct cdn_explain *x, const struct cdn_test_rec *t, int party) {
    struct cdn_decider *d = x->d;
    const struct cdn_screened *s = cdn_decide_screen(d, (uint32_t)party);
    bool birth = false, nation = false, ident = false;
    for (uint32_t i = 0; s && i < s->count; i++) {
        const struct cdn_screen_candidate *c = &d->found[s->first + i];
        const struct cdn_party_source *source = NULL;
        const struct cdn_party_rec *e = cdn_parties_entry(d->snap->parties, c->entry, &source);
        if (cdn_decide_found(d, t, (uint32_t)party, party, c) != CORDON_UNKNOWN)
            continue;
        birth |= e->births.count > 0;
        nation |= e->nationalities.count > 0;
        ident |= e->idents.count > 0;
    }
    cdn_decide_ask(d, (uint32_t)party, d->asked);
    const struct cdn_screen_query *q = &d->asked->query;
    if (birth && !q->known.birth_count)
        would_settle(x, party, ".birth_date", "birth_date");
    if (nation && !q->known.nationality_count)
        would_settle(x, party, " national of", "evidence");
    if (ident && !q->ident_count)
        would_settle(x, party, ".identifiers", "identifiers");
}

static void list_as_of(struct cdn_explain *x, uint32_t list) {
    struct cdn_party_list p;
    struct cdn_buf b;
    cdn_parties_list(x->d->snap->parties, cdn_decide_party_list(x->d, list), &p);
    struct cdn_as_of *to = cdn_explain_push(x, &x->as_of, sizeof *to);
    if (!to)
        return;
    cdn_explain_buf(x, &b);
    cdn_buf_z(&b, "list/");
    cdn_buf_str(&b, cdn_snap_str(x->d->snap, x->d->snap->lists[list].id));
    to->what = cdn_explain_keep(x, &b);
    to->date = p.date;
    const int64_t since = p.published != CDN_TIME_MIN ? p.published : p.retrieved;
    if (!p.date.n && since != CDN_TIME_MIN) {
        const int64_t day = since - (since % 86400 + 86400) % 86400;
        cdn_when_write(&b, (struct cdn_when){CDN_WHEN_DAY, day, day + 86400});
        to->date = cdn_explain_keep(x, &b);
    }
    to->stale = cdn_decide_list_stale(x->d, list, NULL);
    to->count = p.count;
    cdn_buf_hex(&b, p.sha256, 32);
    to->digest = cdn_explain_keep(x, &b);
}

/* The lists that were asked, and the relations file. */
void cdn_explain_lists_as_of(struct cdn_explain *x) {
    const struct cdn_snapshot *s = x->d->snap;
    for (uint32_t i = 0; x->result->screened && i < s->count[CDN_T_LIST] && !x->err; i++) {
        if (cdn_decide_party_list(x->d, i) != CDN_PARTIES_NONE)
            list_as_of(x, i);
    }
    if (!x->result->owners_asked || !s->owners)
        return;
    struct cdn_buf b;
    struct cdn_as_of *to = cdn_explain_push(x, &x->as_of, sizeof *to);
    if (!to)
        return;
    cdn_explain_buf(x, &b);
    cdn_buf_z(&b, "owners/");
    cdn_buf_str(&b, cdn_owner_text(s->owners, s->owners->header->name));
    to->what = cdn_explain_keep(x, &b);
    to->date = cdn_owner_text(s->owners, s->owners->header->date);
    to->count = s->owners->count[CDN_OT_links];
    cdn_buf_hex(&b, s->owners->header->sha256, 32);
    to->digest = cdn_explain_keep(x, &b);
}
