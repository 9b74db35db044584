/* SPDX-License-Identifier: Apache-2.0 */
/* screener.c: finds the entries that a party may be, and judges each whole (contract in screener.h).
 *
 * Finding looks for names that score what the thresholds ask for, less what other evidence could add
 * (name_least); judging uses the same bound, so that a scan over all entries gives the same candidates. */
#include "screen/screener.h"

/* The least that a name must score to count at all, whatever else agrees. */
#define NAME_LEAST 600
/* The same when an identifier is equal that does not decide alone. */
#define DOUBTFUL_LEAST 400

struct cdn_screener {
    const struct cdn_parties *parties;
    const struct cordon_alloc *alloc;
    struct cdn_searcher searcher;
    struct cdn_name names[CDN_SCREEN_NAMES], listed;
    uint32_t name_count;
    cordon_str normals[CDN_SCREEN_IDENTS];
    char normal_bytes[CDN_SCREEN_IDENTS][CDN_IDENT_NORMAL];
    uint32_t ident_count;
    uint64_t *wanted; /* by list: is it asked for? */
    const struct cdn_screen_query *query;
    unsigned name_least;
    uint32_t found[CDN_SCREEN_FOUND], found_count;
    struct cdn_index_hit hits[CDN_SCREEN_FOUND];
    struct cdn_screen_candidate candidates[CDN_SCREEN_FOUND];
    uint32_t candidate_count;
    bool partial;
    int64_t steady_from, steady_until;
    struct cdn_known known; /* of the entry at hand */
    struct cdn_known_ident *idents, *query_idents;
    cordon_str *birth_places, *addresses;
    struct cdn_match match;
};

/* ---- life ---------------------------------------------------------------------------------------------- */

static size_t wanted_words(const struct cdn_parties *p) {
    return (size_t)p->list_count / 64 + 1;
}

void cdn_screener_free(struct cdn_screener *s) {
    if (s == NULL)
        return;
    const struct cordon_alloc *a = s->alloc;
    cdn_searcher_free(&s->searcher);
    cdn_free(a, s->wanted, wanted_words(s->parties) * sizeof *s->wanted);
    cdn_free(a, s->idents, ((size_t)s->parties->most_idents + 1) * sizeof *s->idents);
    cdn_free(a, s->query_idents, CDN_SCREEN_IDENTS * sizeof *s->query_idents);
    cdn_free(a, s->birth_places, ((size_t)s->parties->most_places + 1) * sizeof *s->birth_places);
    cdn_free(a, s->addresses, ((size_t)s->parties->most_places + 1) * sizeof *s->addresses);
    cdn_free(a, s, sizeof *s);
}

static bool allowed_name(void *ctx, uint32_t name);

static int take(struct cdn_screener *s, void *ret, size_t n, size_t size) {
    void *p = cdn_alloc_zero(s->alloc, n, size);
    memcpy(ret, &p, sizeof p);
    return p ? 0 : CORDON_E_NOMEM;
}

int cdn_screener_make(const struct cdn_parties *parties,
                      const struct cordon_alloc *alloc,
                      struct cdn_screener **ret,
                      struct cordon_error *e) {
    struct cdn_screener *s = cdn_alloc_zero(alloc, 1, sizeof *s);
    if (s == NULL)
        return cdn_fail(e, CORDON_E_NOMEM, "no memory to screen");
    s->parties = parties;
    s->alloc = alloc;
    const size_t places = (size_t)parties->most_places + 1;
    int err = take(s, &s->wanted, wanted_words(parties), sizeof *s->wanted);
    err = err ? err : take(s, &s->idents, (size_t)parties->most_idents + 1, sizeof *s->idents);
    err = err ? err : take(s, &s->query_idents, CDN_SCREEN_IDENTS, sizeof *s->query_idents);
    err = err ? err : take(s, &s->birth_places, places, sizeof *s->birth_places);
    err = err ? err : take(s, &s->addresses, places, sizeof *s->addresses);
    if (err)
        (void)cdn_fail(e, err, "no memory to screen");
    err = err ? err
              : cdn_searcher_init(
                    &s->searcher, &parties->index, &parties->tables, &cdn_match_defaults, alloc, e);
    if (err) {
        cdn_screener_free(s);
        return err;
    }
    s->searcher.allow = allowed_name;
    s->searcher.allow_ctx = s;
    *ret = s;
    return 0;
}

/* ---- who may be a candidate ---------------------------------------------------------------------------- */

static bool on_wanted_list(const struct cdn_screener *s,
                           const struct cdn_party_source *source,
                           const struct cdn_party_rec *r) {
    for (uint32_t i = 0; i < r->lists.count; i++) {
        const uint32_t list = source->list_of[source->numbers[r->lists.first + i]];
        if (list != CDN_PARTIES_NONE && (s->wanted[list / 64] >> (list % 64) & 1))
            return true;
    }
    return false;
}

/* On a list asked for, at the instant; and how long that stays as it is. */
static bool allowed(struct cdn_screener *s, uint32_t entry) {
    const struct cdn_party_source *source = NULL;
    const struct cdn_party_rec *r = cdn_parties_entry(s->parties, entry, &source);
    const int64_t at = s->query->at;
    if (!on_wanted_list(s, source, r))
        return false;
    if (at < r->from)
        s->steady_until = CDN_MIN(s->steady_until, r->from);
    else if (at < r->until)
        s->steady_until = CDN_MIN(s->steady_until, r->until);
    if (at >= r->until)
        s->steady_from = CDN_MAX(s->steady_from, r->until);
    else if (at >= r->from)
        s->steady_from = CDN_MAX(s->steady_from, r->from);
    return cdn_party_at(r, at);
}

static bool allowed_name(void *ctx, uint32_t name) {
    struct cdn_screener *s = ctx;
    return allowed(s, s->parties->index.names[name].entry);
}

/* ---- the query ----------------------------------------------------------------------------------------- */

/* The most that what is known besides the name can add. */
static unsigned most_bonus(const struct cdn_known *k) {
    int sum = 0;
    sum += k->birth_count > 0 ? cdn_evidence_points(CDN_EVIDENCE_BIRTH_SAME) : 0;
    sum += k->birth_place_count > 0 ? cdn_evidence_points(CDN_EVIDENCE_PLACE_SAME) : 0;
    sum += k->nationality_count > 0 ? cdn_evidence_points(CDN_EVIDENCE_NATION_SAME) : 0;
    sum += k->country_count > 0 ? cdn_evidence_points(CDN_EVIDENCE_COUNTRY_SAME) : 0;
    sum += k->address_count > 0 ? cdn_evidence_points(CDN_EVIDENCE_ADDRESS_SAME) : 0;
    return (unsigned)CDN_MAX(sum, 0);
}

static void begin(struct cdn_screener *s, const struct cdn_screen_query *q) {
    const struct cdn_parties *p = s->parties;
    memset(s->wanted, q->lists == NULL ? 0xFF : 0, wanted_words(p) * sizeof *s->wanted);
    for (uint32_t i = 0; q->lists != NULL && i < q->list_count; i++)
        if (q->lists[i] < p->list_count)
            s->wanted[q->lists[i] / 64] |= UINT64_C(1) << (q->lists[i] % 64);
    s->query = q;
    s->partial = q->name_count > CDN_SCREEN_NAMES || q->ident_count > CDN_SCREEN_IDENTS;
    s->name_count = CDN_MIN(q->name_count, (uint32_t)CDN_SCREEN_NAMES);
    s->ident_count = CDN_MIN(q->ident_count, (uint32_t)CDN_SCREEN_IDENTS);
    for (uint32_t i = 0; i < s->name_count; i++) {
        cdn_name_read(
            &p->tables, &p->index.weights, q->names[i], (enum cdn_screen_kind)q->kind, &s->names[i]);
        s->partial = s->partial || s->names[i].cut;
    }
    for (uint32_t i = 0; i < s->ident_count; i++)
        s->normals[i] = cdn_ident_normal(q->idents[i].kind, q->idents[i].value, s->normal_bytes[i]);
    const unsigned least = CDN_MIN(q->sure, q->review), bonus = most_bonus(&q->known);
    s->name_least = least > bonus ? CDN_MAX(least - bonus, (unsigned)NAME_LEAST) : NAME_LEAST;
    s->found_count = s->candidate_count = 0;
    s->steady_from = CDN_TIME_MIN;
    s->steady_until = CDN_TIME_MAX;
}

/* ---- finding ------------------------------------------------------------------------------------------- */

static void found(struct cdn_screener *s, uint32_t entry) {
    for (uint32_t i = 0; i < s->found_count; i++)
        if (s->found[i] == entry)
            return;
    if (s->found_count == CDN_SCREEN_FOUND)
        s->partial = true;
    else
        s->found[s->found_count++] = entry;
}

static void find_by_idents(struct cdn_screener *s) {
    for (uint32_t i = 0; i < s->ident_count; i++) {
        const unsigned kind = s->query->idents[i].kind;
        if (s->normals[i].n < CDN_IDENT_LEAST || kind == CDN_PARTY_IDENT_OTHER)
            continue;
        const struct cdn_ident_row *rows = NULL;
        const uint32_t n =
            cdn_ident_index_find(&s->parties->idents, cdn_ident_hash(kind, s->normals[i]), &rows);
        for (uint32_t k = 0; k < n; k++)
            if (allowed(s, rows[k].entry))
                found(s, rows[k].entry);
    }
}

static void find_by_names(struct cdn_screener *s) {
    for (uint32_t i = 0; i < s->name_count; i++) {
        const uint32_t n =
            cdn_index_search(&s->searcher, &s->names[i], s->name_least, s->hits, CDN_SCREEN_FOUND);
        s->partial = s->partial || s->searcher.partial;
        for (uint32_t k = 0; k < n; k++)
            found(s, s->hits[k].entry);
    }
}

/* ---- judging ------------------------------------------------------------------------------------------- */

static void country_text(uint16_t country, char ret[2]) {
    ret[0] = (char)(country >> 8);
    ret[1] = (char)(country & 0xFF);
}

/* All of what is known of an entry but identifiers. */
static void know(struct cdn_screener *s,
                 const struct cdn_party_source *source,
                 const struct cdn_party_rec *r) {
    for (uint32_t i = 0; i < r->birth_places.count; i++)
        s->birth_places[i] = cdn_party_text(source, source->places[r->birth_places.first + i].text);
    for (uint32_t i = 0; i < r->addresses.count; i++)
        s->addresses[i] = cdn_party_text(source, source->places[r->addresses.first + i].text);
    s->known = (struct cdn_known){
        .births = (const struct cdn_known_birth *)(const void *)(source->births + r->births.first),
        .birth_places = s->birth_places,
        .addresses = s->addresses,
        .nationalities = &source->countries[r->nationalities.first].code,
        .countries = &source->countries[r->countries.first].code,
        .idents = s->idents,
        .birth_count = r->births.count,
        .birth_place_count = r->birth_places.count,
        .address_count = r->addresses.count,
        .nationality_count = r->nationalities.count,
        .country_count = r->countries.count,
        .sex = r->sex,
    };
}

static struct cdn_known_ident listed_ident(const struct cdn_party_source *source,
                                           const struct cdn_party_ident_rec *d) {
    struct cdn_known_ident k = {.kind = d->kind,
                                .single = cdn_ident_single(d->kind) && d->invalid == 0,
                                .value = cdn_party_text(source, d->normal)};
    country_text(d->country, k.country);
    return k;
}

/* How two identifiers compare: 0 not equal, 1 equal but it does not decide, 2 decides. */
static unsigned compare(const struct cdn_screener *s,
                        uint32_t i,
                        const struct cdn_party_source *source,
                        const struct cdn_party_ident_rec *d) {
    const struct cdn_screen_ident *q = &s->query->idents[i];
    if (q->kind != d->kind || q->kind == CDN_PARTY_IDENT_OTHER ||
        !cdn_ident_equal(q->kind, s->normals[i], cdn_party_text(source, d->normal)))
        return 0;
    if (q->country != 0 && d->country != 0 && q->country != d->country)
        return 1;
    const bool same_country = q->country != 0 && q->country == d->country;
    return d->invalid == 0 && cdn_ident_decides(q->kind, s->normals[i], same_country) ? 2 : 1;
}

/* The pair of identifiers that decides, else those that could contradict. What is equal but does not decide
 * is left out: evidence by itself would let it decide. */
static void weigh(struct cdn_screener *s,
                  const struct cdn_party_source *source,
                  const struct cdn_party_rec *r,
                  struct cdn_screen_candidate *c) {
    const struct cdn_screen_query *q = s->query;
    uint16_t rows_a[CDN_SCREEN_IDENTS];
    uint32_t na = 0, nb = 0;
    bool decided = false;
    know(s, source, r);
    for (uint32_t i = 0; i < s->ident_count && !decided; i++) {
        unsigned best = 0;
        for (uint32_t j = 0; j < r->idents.count && best < 2; j++) {
            const struct cdn_party_ident_rec *d = &source->idents[r->idents.first + j];
            const unsigned how = compare(s, i, source, d);
            best = CDN_MAX(best, how);
            if (how == 2) {
                decided = true;
                s->idents[0] = listed_ident(source, d);
                s->query_idents[0] = s->idents[0];
                rows_a[0] = (uint16_t)i;
                nb = j;
            }
        }
        c->doubtful_ident = c->doubtful_ident || best == 1;
        if (best == 0 && cdn_ident_single(q->idents[i].kind)) {
            s->query_idents[na] =
                (struct cdn_known_ident){.kind = q->idents[i].kind, .single = true, .value = s->normals[i]};
            country_text(q->idents[i].country, s->query_idents[na].country);
            rows_a[na++] = (uint16_t)i;
        }
    }
    const uint32_t decided_row = nb;
    if (decided) {
        na = nb = 1;
    } else {
        for (uint32_t j = 0; j < r->idents.count; j++)
            s->idents[nb++] = listed_ident(source, &source->idents[r->idents.first + j]);
    }
    struct cdn_known asked = q->known;
    asked.idents = s->query_idents;
    asked.ident_count = na;
    s->known.ident_count = nb;
    cdn_evidence_weigh(&s->parties->tables, &s->searcher.matcher, &asked, &s->known, &c->evidence);
    for (uint32_t i = 0; i < c->evidence.steps; i++) {
        struct cdn_evidence_step *step = &c->evidence.step[i];
        if (step->kind != CDN_EVIDENCE_IDENT_SAME && step->kind != CDN_EVIDENCE_IDENT_DIFFERS)
            continue;
        step->a = rows_a[step->a];
        step->b = decided ? (uint16_t)decided_row : step->b;
    }
    c->by_ident = decided;
}

/* What s->match says of name i of the query and name j of the other side. */
static void note_score(
    const struct cdn_screener *s, uint32_t i, uint32_t j, bool weak, struct cdn_screen_candidate *c) {
    const struct cdn_screen_name_score score = {.score = s->match.score,
                                                .query = (uint16_t)i,
                                                .name = j,
                                                .thin = s->match.thin,
                                                .acronym = s->match.acronym,
                                                .weak = weak};
    const enum cdn_screen_strength class = weak || s->match.acronym ? CDN_SCREEN_WEAK
                                           : s->match.thin          ? CDN_SCREEN_THIN
                                                                    : CDN_SCREEN_FULL;
    if (score.score > c->best[class].score) /* else the earlier one stays */
        c->best[class] = score;
}

/* Every name of the entry against every name of the query. */
static void match_names(struct cdn_screener *s,
                        const struct cdn_party_source *source,
                        const struct cdn_party_rec *r,
                        struct cdn_screen_candidate *c,
                        unsigned least) {
    for (uint32_t j = 0; j < r->names.count; j++) {
        const bool weak = source->names[r->names.first + j].weak != 0;
        cdn_index_name(&s->parties->index, source->first_name + r->names.first + j, &s->listed);
        for (uint32_t i = 0; i < s->name_count; i++) {
            cdn_match_names(&s->parties->tables,
                            s->searcher.params,
                            &s->searcher.matcher,
                            &s->names[i],
                            &s->listed,
                            &s->match);
            if (s->match.score >= least)
                note_score(s, i, j, weak, c);
        }
    }
}

enum cdn_screen_verdict cdn_screen_judge(const struct cdn_screen_candidate *c,
                                         unsigned sure,
                                         unsigned review,
                                         unsigned *ret_score,
                                         enum cdn_screen_strength *ret_strength) {
    enum cdn_screen_verdict best = CDN_SCREEN_NO;
    unsigned best_score = 0, best_class = CDN_SCREEN_FULL;
    for (unsigned class = 0; class < CDN_SCREEN_STRENGTHS; class ++) {
        const struct cdn_screen_name_score *n = &c->best[class];
        if (n->score == 0 && !(c->by_ident && class == CDN_SCREEN_FULL))
            continue;
        const struct cdn_match m = {.score = n->score, .thin = n->thin, .acronym = n->acronym};
        unsigned score = 0;
        enum cdn_screen_verdict v = cdn_evidence_final(&m, n->weak, &c->evidence, sure, review, &score);
        if (v == CDN_SCREEN_NO && c->doubtful_ident && n->score >= DOUBTFUL_LEAST)
            v = CDN_SCREEN_POSSIBLE;
        if (v > best || (v == best && score > best_score)) {
            best = v;
            best_score = score;
            best_class = class;
        }
    }
    *ret_score = best_score;
    if (ret_strength != NULL)
        *ret_strength = (enum cdn_screen_strength)best_class;
    return best;
}

static int order(const struct cdn_screen_candidate *a, const struct cdn_screen_candidate *b) {
    if (a->verdict != b->verdict)
        return a->verdict > b->verdict ? -1 : 1;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return a->entry < b->entry ? -1 : a->entry > b->entry;
}

/* Keeps the best CDN_SCREEN_FOUND, in order. */
static void keep(struct cdn_screener *s, const struct cdn_screen_candidate *c) {
    if (s->candidate_count == CDN_SCREEN_FOUND) {
        s->partial = true;
        if (order(c, &s->candidates[s->candidate_count - 1]) >= 0)
            return;
        s->candidate_count--;
    }
    uint32_t at = s->candidate_count++;
    for (; at > 0 && order(c, &s->candidates[at - 1]) < 0; at--)
        s->candidates[at] = s->candidates[at - 1];
    s->candidates[at] = *c;
}

static void judge(struct cdn_screener *s, uint32_t entry) {
    struct cdn_screen_candidate c;
    memset(&c, 0, sizeof c);
    c.entry = entry;
    const struct cdn_party_source *source = NULL;
    const struct cdn_party_rec *r = cdn_parties_entry(s->parties, entry, &source);
    bool equal = false;
    for (uint32_t i = 0; i < s->ident_count && !equal; i++)
        for (uint32_t j = 0; j < r->idents.count && !equal; j++)
            equal = compare(s, i, source, &source->idents[r->idents.first + j]) != 0;
    match_names(s, source, r, &c, equal ? DOUBTFUL_LEAST : s->name_least);
    if (!equal && c.best[CDN_SCREEN_FULL].score == 0 && c.best[CDN_SCREEN_THIN].score == 0 &&
        c.best[CDN_SCREEN_WEAK].score == 0)
        return;
    weigh(s, source, r, &c);
    unsigned score = 0;
    enum cdn_screen_strength strength = CDN_SCREEN_FULL;
    c.verdict = (uint8_t)cdn_screen_judge(&c, s->query->sure, s->query->review, &score, &strength);
    c.score = (uint16_t)score;
    c.strength = (uint8_t)strength;
    if (c.verdict != CDN_SCREEN_NO)
        keep(s, &c);
}

static void finish(struct cdn_screener *s, struct cdn_screen_result *ret) {
    s->partial = s->partial || s->candidate_count > CDN_SCREEN_CANDIDATES;
    *ret = (struct cdn_screen_result){.candidates = s->candidates,
                                      .count = CDN_MIN(s->candidate_count, (uint32_t)CDN_SCREEN_CANDIDATES),
                                      .partial = s->partial,
                                      .steady_from = s->steady_from,
                                      .steady_until = s->steady_until};
}

void cdn_screener_screen(struct cdn_screener *s,
                         const struct cdn_screen_query *query,
                         struct cdn_screen_result *ret) {
    begin(s, query);
    find_by_idents(s);
    find_by_names(s);
    for (uint32_t i = 0; i < s->found_count; i++)
        judge(s, s->found[i]);
    finish(s, ret);
}

void cdn_screener_scan(struct cdn_screener *s,
                       const struct cdn_screen_query *query,
                       struct cdn_screen_result *ret) {
    begin(s, query);
    for (uint32_t i = 0; i < s->parties->entry_count; i++)
        if (allowed(s, i))
            judge(s, i);
    finish(s, ret);
}

/* ---- two parties --------------------------------------------------------------------------------------- */

static void read_name(const struct cdn_screener *s, cordon_str text, unsigned kind, struct cdn_name *ret) {
    const struct cdn_parties *p = s->parties;
    cdn_name_read(&p->tables, &p->index.weights, text, (enum cdn_screen_kind)kind, ret);
}

static struct cdn_known_ident asked_ident(const struct cdn_screen_ident *q, cordon_str normal) {
    struct cdn_known_ident k = {.kind = q->kind, .single = cdn_ident_single(q->kind), .value = normal};
    country_text(q->country, k.country);
    return k;
}

/* As compare() with an entry. */
static unsigned compare_asked(const struct cdn_screen_ident *a,
                              cordon_str a_normal,
                              const struct cdn_screen_ident *b,
                              cordon_str b_normal) {
    if (a->kind != b->kind || a->kind == CDN_PARTY_IDENT_OTHER ||
        !cdn_ident_equal(a->kind, a_normal, b_normal))
        return 0;
    if (a->country != 0 && b->country != 0 && a->country != b->country)
        return 1;
    return cdn_ident_decides(a->kind, a_normal, a->country != 0 && a->country == b->country) ? 2 : 1;
}

static void weigh_asked(struct cdn_screener *s,
                        const struct cdn_screen_query *a,
                        const struct cdn_screen_query *b,
                        struct cdn_screen_candidate *c) {
    struct cdn_known x = a->known, y = b->known;
    struct cdn_known_ident one, two;
    uint16_t at_a = 0, at_b = 0;
    unsigned best = 0;
    for (uint32_t i = 0; i < s->ident_count; i++) {
        for (uint32_t j = 0; j < b->ident_count && best < 2; j++) {
            char storage[CDN_IDENT_NORMAL];
            const cordon_str normal = cdn_ident_normal(b->idents[j].kind, b->idents[j].value, storage);
            const unsigned how = compare_asked(&a->idents[i], s->normals[i], &b->idents[j], normal);
            const bool differs = how == 0 && a->idents[i].kind == b->idents[j].kind &&
                                 cdn_ident_single(a->idents[i].kind) && x.ident_count == 0;
            if (how == 2 || (differs && best < 2)) {
                one = asked_ident(&a->idents[i], s->normals[i]);
                two = asked_ident(&b->idents[j], how == 2 ? s->normals[i] : b->idents[j].value);
                at_a = (uint16_t)i;
                at_b = (uint16_t)j;
                x.ident_count = y.ident_count = 1;
            }
            best = CDN_MAX(best, how);
        }
    }
    x.idents = &one;
    y.idents = &two;
    x.ident_count = y.ident_count = best == 1 ? 0 : x.ident_count;
    c->by_ident = best == 2;
    c->doubtful_ident = best == 1;
    cdn_evidence_weigh(&s->parties->tables, &s->searcher.matcher, &x, &y, &c->evidence);
    for (uint32_t i = 0; i < c->evidence.steps; i++) {
        struct cdn_evidence_step *step = &c->evidence.step[i];
        if (step->kind == CDN_EVIDENCE_IDENT_SAME || step->kind == CDN_EVIDENCE_IDENT_DIFFERS) {
            step->a = at_a;
            step->b = at_b;
        }
    }
}

void cdn_screener_compare(struct cdn_screener *s,
                          const struct cdn_screen_query *a,
                          const struct cdn_screen_query *b,
                          struct cdn_screen_candidate *ret) {
    struct cdn_screen_candidate c;
    memset(&c, 0, sizeof c);
    c.entry = CDN_PARTIES_NONE;
    begin(s, a);
    for (uint32_t j = 0; j < b->name_count; j++) {
        read_name(s, b->names[j], b->kind, &s->listed);
        for (uint32_t i = 0; i < s->name_count; i++) {
            cdn_match_names(&s->parties->tables,
                            s->searcher.params,
                            &s->searcher.matcher,
                            &s->names[i],
                            &s->listed,
                            &s->match);
            note_score(s, i, j, false, &c);
        }
    }
    weigh_asked(s, a, b, &c);
    unsigned score = 0;
    enum cdn_screen_strength strength = CDN_SCREEN_FULL;
    c.verdict = (uint8_t)cdn_screen_judge(&c, a->sure, a->review, &score, &strength);
    c.score = (uint16_t)score;
    c.strength = (uint8_t)strength;
    *ret = c;
}

/* ---- explaining ---------------------------------------------------------------------------------------- */

void cdn_screener_pair(struct cdn_screener *s,
                       cordon_str a,
                       unsigned a_kind,
                       cordon_str b,
                       unsigned b_kind,
                       const struct cdn_match **ret,
                       const struct cdn_name **ret_a,
                       const struct cdn_name **ret_b) {
    read_name(s, a, a_kind, &s->names[0]);
    read_name(s, b, b_kind, &s->listed);
    cdn_match_names(
        &s->parties->tables, s->searcher.params, &s->searcher.matcher, &s->names[0], &s->listed, &s->match);
    *ret = &s->match;
    *ret_a = &s->names[0];
    *ret_b = &s->listed;
}

void cdn_screener_steps(struct cdn_screener *s,
                        const struct cdn_screen_query *query,
                        const struct cdn_screen_candidate *c,
                        const struct cdn_match **ret,
                        const struct cdn_name **ret_query,
                        const struct cdn_name **ret_listed) {
    const struct cdn_screen_name_score *n = &c->best[c->strength];
    const struct cdn_party_source *source = NULL;
    const struct cdn_party_rec *r = cdn_parties_entry(s->parties, c->entry, &source);
    static const cordon_str none = {NULL, 0};
    const cordon_str text = n->query < query->name_count ? query->names[n->query] : none;
    const cordon_str listed =
        n->name < r->names.count ? cdn_party_text(source, cdn_party_name(source, r, n->name)->full) : none;
    cdn_screener_pair(s, text, query->kind, listed, r->kind, ret, ret_query, ret_listed);
}

const struct cdn_known *cdn_screener_known(struct cdn_screener *s, uint32_t entry) {
    const struct cdn_party_source *source = NULL;
    const struct cdn_party_rec *r = cdn_parties_entry(s->parties, entry, &source);
    know(s, source, r);
    for (uint32_t j = 0; j < r->idents.count; j++) {
        s->idents[j] = listed_ident(source, &source->idents[r->idents.first + j]);
        s->idents[j].value = cdn_party_text(source, source->idents[r->idents.first + j].value);
    }
    s->known.ident_count = r->idents.count;
    return &s->known;
}
