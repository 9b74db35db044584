/* SPDX-License-Identifier: Apache-2.0 */
/* reference_owners.c: see reference.h. Who is found on the lists that were made up, and who owns whom by the
 * request and the relations file together. */
#include "twin/reference_priv.h"

#include "places/codes.h"
#include "screen/owners.h"

/* ---- who is found ------------------------------------------------------------------------------------- */

static uint16_t country_of_party(const struct cdn_party *p) {
    for (uint32_t i = 0; i < p->evidence_count; i++) {
        if (p->evidence[i].kind == CDN_EVIDENCE_REGISTRY_EXTRACT && p->evidence[i].have == CDN_HAVE_VALUE)
            return p->evidence[i].country;
    }
    return 0;
}
/* What somebody is looked for with: one name, one number, one country. */
struct looked_for {
    cordon_str name, number;
    uint16_t country, number_country;
};
static struct looked_for looked_for(const struct world *w, struct ref_who who) {
    struct looked_for l = {.country = 0};
    if (who.kind == REF_NAMED) {
        l.name = w->r->parties[who.party].owners[who.owner].name;
        return l;
    }
    if (who.kind == REF_PERSON) {
        const struct cdn_reference_person *p = &w->lists->persons[who.person];
        l = (struct looked_for){p->name, p->number, p->country, CDN_COUNTRY('R', 'U')};
        return l;
    }
    const struct cdn_party *p = &w->r->parties[who.party];
    l.name = p->name;
    l.country = country_of_party(p);
    if (p->identifier_count) {
        l.number = p->identifiers[0].value;
        l.number_country = p->identifiers[0].country;
    }
    return l;
}
static const struct cdn_reference_entry *entry_named(const struct world *w, cordon_str list, cordon_str id) {
    for (uint32_t i = 0; i < w->lists->entry_count; i++) {
        if (cdn_str_eq(w->lists->entries[i].id, id) && cdn_str_eq(w->lists->entries[i].list, list))
            return &w->lists->entries[i];
    }
    return NULL;
}
static bool on_test_now(const struct world *w,
                        const struct cdn_test *t,
                        const struct cdn_reference_entry *e) {
    for (uint32_t i = 0; i < t->list_count; i++) {
        if (cdn_str_eq(w->rb->lists[t->lists[i]].id, e->list))
            return e->from <= w->at && w->at < e->until;
    }
    return false;
}
static bool cleared_entry(const struct world *w, int party, const struct cdn_reference_entry *e) {
    for (uint32_t i = 0; i < w->r->state_count; i++) {
        const struct cdn_state *s = &w->r->state[i];
        if (s->kind == CDN_STATE_CLEARANCE && s->party == party && cdn_str_eq(s->list, e->list) &&
            cdn_str_eq(s->entry, e->id) && cdn_str_eq(s->by, CDN_STR("right")) &&
            (s->until_have != CDN_HAVE_VALUE || cdn_ref_surely_before(cdn_ref_now(w), s->until)))
            return true;
    }
    return false;
}
unsigned cdn_ref_found(const struct world *w, const struct cdn_test *t, struct ref_who who, int clearer) {
    const struct looked_for l = looked_for(w, who);
    const char country[1][2] = {{(char)(l.country >> 8), (char)(l.country & 0xFF)}};
    const struct cdn_screen_ident ident = {
        .kind = CDN_PARTY_IDENT_REGISTRATION, .country = l.number_country, .value = l.number};
    struct cdn_screen_query q = {
        .names = &l.name, .name_count = l.name.n > 0, .at = w->at, .review = 1, .sure = 1};
    static struct cdn_screen_result found;
    const unsigned sure = t->match ? t->match : CDN_SCREEN_SURE_AT;
    const unsigned review = t->review ? t->review : CDN_SCREEN_REVIEW_AT;
    unsigned value = F;
    q.idents = &ident;
    q.ident_count = l.number.n > 0;
    q.known.countries = country;
    q.known.country_count = l.country != 0;
    if (!q.name_count && !q.ident_count)
        return F;
    cdn_screener_scan(w->lists->screener, &q, &found);
    for (uint32_t i = 0; i < found.count; i++) {
        const struct cdn_party_source *source = NULL;
        const struct cdn_party_rec *r =
            cdn_parties_entry(w->lists->parties, found.candidates[i].entry, &source);
        const struct cdn_reference_entry *e =
            entry_named(w, cdn_party_text(source, source->header->id), cdn_party_text(source, r->id));
        unsigned score = 0;
        enum cdn_screen_strength strength = CDN_SCREEN_FULL;
        if (!e || !on_test_now(w, t, e) || (who.kind == REF_PARTY && cleared_entry(w, clearer, e)))
            continue;
        const enum cdn_screen_verdict v =
            cdn_screen_judge(&found.candidates[i], sure, CDN_MIN(sure, review), &score, &strength);
        value = cdn_ref_either(value, v == CDN_SCREEN_SURE ? T : v == CDN_SCREEN_POSSIBLE ? U : F);
    }
    return value;
}
static bool has_data(const struct world *w, cordon_str list) {
    for (uint32_t i = 0; i < w->lists->have_count; i++) {
        if (cdn_str_eq(w->lists->have[i], list))
            return true;
    }
    return false;
}
bool cdn_ref_engine_answers(const struct world *w, uint32_t list, uint32_t party) {
    const struct cdn_party *p = &w->r->parties[party];
    return has_data(w, w->rb->lists[list].id) && (p->name.n || p->identifier_count);
}

/* ---- who owns whom ------------------------------------------------------------------------------------ */

enum { MOST = 256 };
struct people {
    struct ref_who who[MOST];
    uint32_t count;
    unsigned counts[MOST];
};
/* T: the party is surely that person, U: perhaps, F: not. */
static unsigned is_person(const struct world *w, struct ref_who who, uint32_t person) {
    const struct cdn_reference_person *p = &w->lists->persons[person];
    const struct looked_for l = looked_for(w, who);
    if (p->number.n && cdn_str_eq(p->number, l.number))
        return T;
    if (!cdn_str_eq_nocase(p->name, l.name))
        return F;
    if (!p->country || !l.country)
        return U;
    return p->country == l.country ? T : F;
}
/* As an owner: the first party who surely is the person, else the person itself. */
static bool owner_is(const struct world *w, uint32_t person, struct ref_who who) {
    for (uint32_t i = 0; i < w->r->party_count; i++) {
        if (is_person(w, (struct ref_who){REF_PARTY, i, 0, 0}, person) == T)
            return who.kind == REF_PARTY && who.party == i;
    }
    return who.kind == REF_PERSON && who.person == person;
}
struct stake {
    int64_t direct_low, direct_high, indirect_low, indirect_high, asked;
    bool direct, indirect, direct_sure, indirect_sure;
    bool open, unsaid, control, sure_control, by_request;
};
static void state_share(
    bool *any, bool *sure, int64_t *low, int64_t *high, int64_t from, int64_t to, bool doubtful) {
    *high = *any ? CDN_MAX(*high, to) : to;
    if (!doubtful)
        *low = *sure ? CDN_MIN(*low, from) : from;
    else if (!*sure)
        *low = 0;
    *any = true;
    *sure |= !doubtful;
}
static void stake_by_request(const struct world *w,
                             struct ref_who owned,
                             struct ref_who owner,
                             struct stake *s) {
    const struct cdn_party *p = &w->r->parties[owned.party];
    for (uint32_t i = 0; owned.kind == REF_PARTY && p->owners_have == CDN_HAVE_VALUE && i < p->owner_count;
         i++) {
        const struct cdn_ownership *o = &p->owners[i];
        const bool is = o->party >= 0
                            ? owner.kind == REF_PARTY && owner.party == (uint32_t)o->party
                            : owner.kind == REF_NAMED && owner.party == owned.party && owner.owner == i;
        if (!is)
            continue;
        s->control |= o->control;
        s->sure_control |= o->control;
        s->open |= o->percent_have != CDN_HAVE_VALUE;
        if (o->percent_have != CDN_HAVE_VALUE)
            continue;
        s->by_request = true;
        s->asked += o->percent.mantissa * (o->percent.scale == 0 ? 100 : o->percent.scale == 1 ? 10 : 1);
    }
}
static void stake_by_file(const struct world *w,
                          struct ref_who owned,
                          struct ref_who owner,
                          struct stake *s) {
    for (uint32_t i = 0; i < w->lists->link_count; i++) {
        const struct cdn_reference_link *l = &w->lists->links[i];
        const unsigned is =
            owned.kind == REF_PERSON ? (owned.person == l->owned ? T : F) : is_person(w, owned, l->owned);
        const bool either = l->kind == CDN_OWNER_EITHER, control = either || l->kind == CDN_OWNER_CONTROL;
        const bool doubtful = l->disputed || is != T;
        if (is == F || w->at < l->since || w->at >= l->until || !owner_is(w, l->owner, owner))
            continue;
        s->control |= control;
        s->sure_control |= control && !either && !doubtful;
        s->unsaid |= !l->known && l->kind != CDN_OWNER_CONTROL;
        if (l->known && l->kind == CDN_OWNER_INDIRECT)
            state_share(&s->indirect,
                        &s->indirect_sure,
                        &s->indirect_low,
                        &s->indirect_high,
                        l->low,
                        l->high,
                        doubtful);
        else if (l->known)
            state_share(
                &s->direct, &s->direct_sure, &s->direct_low, &s->direct_high, l->low, l->high, doubtful);
    }
}
static bool enough(const struct cdn_test *t, int64_t hundredths) {
    const int c = cdn_decimal_cmp((struct cdn_decimal){hundredths, 2}, t->percent);
    return t->percent_strict ? c > 0 : c >= 0;
}
static unsigned by_owners(const struct world *w,
                          const struct cdn_test *t,
                          const struct people *p,
                          uint32_t owned) {
    int64_t sure = 0, most = 0;
    bool open = false, controlled = false;
    for (uint32_t i = 0; i < p->count; i++) {
        struct stake s = {.asked = 0};
        if (p->counts[i] == F)
            continue;
        stake_by_request(w, p->who[owned], p->who[i], &s);
        stake_by_file(w, p->who[owned], p->who[i], &s);
        if (s.by_request)
            state_share(&s.direct, &s.direct_sure, &s.direct_low, &s.direct_high, s.asked, s.asked, false);
        s.open |= !s.direct && !s.indirect && s.unsaid;
        const int64_t low = CDN_MAX(s.direct_low, s.indirect_low), high = s.direct_high + s.indirect_high;
        if (s.control && t->or_controlled) {
            controlled |= p->counts[i] == T && s.sure_control;
            open = true;
        }
        open |= s.open;
        if (p->counts[i] == T)
            sure = t->aggregate ? sure + low : CDN_MAX(sure, low);
        most = t->aggregate ? most + high : CDN_MAX(most, high);
    }
    return controlled || enough(t, sure) ? T : open || enough(t, most) ? U : F;
}
static unsigned by_itself(
    const struct world *w, const struct cdn_test *t, struct ref_who who, uint32_t party, bool matches_only) {
    if (who.kind == REF_PARTY) {
        const struct whom x = {.party = &w->r->parties[who.party], .index = (int)who.party};
        bool match = !matches_only || cdn_ref_found(w, t, who, x.index) != F;
        for (uint32_t i = 0; i < x.party->listed_count; i++)
            match |= cdn_ref_candidate_as(w, t, x, &x.party->listed[i], x.party->listed[i].owned) != F;
        return match ? cdn_ref_either(cdn_ref_listed(w, t, x), cdn_ref_owned_as_screened(w, t, x)) : F;
    }
    unsigned value = F;
    if (who.kind == REF_PERSON && w->lists->persons[who.person].entry.n) {
        const struct cdn_reference_person *p = &w->lists->persons[who.person];
        const struct cdn_reference_entry *e = entry_named(w, p->list, p->entry);
        value = e && on_test_now(w, t, e) ? T : F;
        for (uint32_t i = 0; i < t->list_count && !has_data(w, p->list); i++)
            value = cdn_str_eq(w->rb->lists[t->lists[i]].id, p->list) ? T : value;
    }
    return cdn_ref_either(value, cdn_ref_found(w, t, who, (int)party));
}
static void add(struct people *p, struct ref_who who) {
    if (p->count < MOST)
        p->who[p->count++] = who;
}
unsigned cdn_ref_owned_through(const struct world *w,
                               const struct cdn_test *t,
                               uint32_t party,
                               bool matches_only) {
    struct people p = {.count = 0};
    for (uint32_t i = 0; i < w->r->party_count; i++)
        add(&p, (struct ref_who){REF_PARTY, i, 0, 0});
    for (uint32_t i = 0; i < w->r->party_count; i++) {
        const struct cdn_party *x = &w->r->parties[i];
        for (uint32_t k = 0; x->owners_have == CDN_HAVE_VALUE && k < x->owner_count; k++) {
            if (x->owners[k].party < 0)
                add(&p, (struct ref_who){REF_NAMED, i, k, 0});
        }
    }
    for (uint32_t i = 0; i < w->lists->person_count; i++)
        add(&p, (struct ref_who){REF_PERSON, 0, 0, i});
    for (uint32_t i = 0; i < p.count; i++)
        p.counts[i] = by_itself(w, t, p.who[i], party, matches_only);
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 0; i < p.count; i++) {
            const unsigned v = cdn_ref_either(p.counts[i], by_owners(w, t, &p, i));
            changed |= v != p.counts[i];
            p.counts[i] = v;
        }
    }
    return by_owners(w, t, &p, party);
}
