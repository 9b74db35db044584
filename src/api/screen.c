/* SPDX-License-Identifier: Apache-2.0 */
/* screen.c: the public face of screening: texts → a query, candidates → texts (screen/screener.h does the
 * work).
 *
 * Everything that one query needs is in the screener, with room for the most that a party may have: nothing
 * allocates after cordon_screener_new. */
#include "cordon/screen.h"

#include "api/handle.h"
#include "base/limits.h"
#include "places/codes.h"
#include "screen/explain.h"
#include "screen/screener.h"

_Static_assert(CORDON_SCREEN_SURE_DEFAULT == CDN_SCREEN_SURE_AT, "one default everywhere");
_Static_assert(CORDON_SCREEN_REVIEW_DEFAULT == CDN_SCREEN_REVIEW_AT, "one default everywhere");

enum { BIRTHS = 16, PLACES = 32, COUNTRIES = 32, LISTS = 512, WORDS = 96 * 1024, DAY_SECONDS = 86400 };

/* A party as it is asked for: the query, and what it points to. */
struct asked {
    struct cdn_screen_query query;
    struct cdn_known_birth births[BIRTHS];
    char nationalities[COUNTRIES][2], countries[COUNTRIES][2];
    struct cdn_screen_ident idents[CDN_SCREEN_IDENTS];
    struct cdn_known_ident shown[CDN_SCREEN_IDENTS]; /* for explaining */
    uint32_t lists[LISTS];
    const cordon_screen_party *party;
};

struct cordon_screener {
    const struct cordon_alloc *alloc;
    cordon_snapshot *snapshot;
    struct cdn_screener *inner;
    struct asked a, b;
    struct cdn_screen_candidate candidates[CDN_SCREEN_CANDIDATES];
    uint32_t count;
    char *words; /* WORDS of them */
    struct {     /* of the last comparison: what its steps are made of */
        bool any;
        cordon_str text;
        size_t evidence_at; /* where in the text the lines of evidence begin */
        const struct cdn_match *match;
        struct cdn_explain_name a, b;
        struct cdn_weighing evidence;
        uint32_t score;
    } compared;
};

/* ---- lists of a snapshot ------------------------------------------------------------------------------- */

static int64_t instant(int64_t t) {
    return t <= CDN_TIME_MIN || t >= CDN_TIME_MAX ? CORDON_NEVER : t;
}

static void with_data(const struct cdn_snapshot *s, uint32_t i, cordon_screen_list *ret) {
    struct cdn_party_list l;
    cdn_parties_list(s->parties, i, &l);
    *ret = (cordon_screen_list){.id = l.id,
                                .title = CDN_STR(""),
                                .source = l.source_id,
                                .publisher = l.publisher,
                                .format = l.format,
                                .date = l.date,
                                .stale = l.stale,
                                .published = instant(l.published),
                                .retrieved = instant(l.retrieved),
                                .count = l.count,
                                .has_data = 1};
    struct cdn_buf b;
    cdn_buf_fixed(&b, ret->digest, sizeof ret->digest - 1);
    cdn_buf_z(&b, "sha256:");
    cdn_buf_hex(&b, l.sha256, 32);
    ret->digest[b.n] = '\0';
    const uint32_t named = cdn_snapshot_symbol(s, CDN_SYMBOL_LIST, cdn_hash(l.id, 0), l.id);
    if (named != CDN_NO_INDEX) {
        ret->named = 1;
        ret->title = cdn_snap_str(s, s->lists[named].title);
    }
}

static bool served(const struct cdn_snapshot *s, uint32_t named) {
    return s->party_lists != NULL && s->party_lists[named] != CDN_PARTIES_NONE;
}

CORDON_API uint32_t cordon_screen_list_count(const cordon_snapshot *snapshot) {
    const struct cdn_snapshot *s = cdn_api_snapshot_const(snapshot);
    uint32_t n = s->parties != NULL ? s->parties->list_count : 0;
    for (uint32_t i = 0; i < s->count[CDN_T_LIST]; i++)
        n += !served(s, i);
    return n;
}

CORDON_API int cordon_screen_list_get(const cordon_snapshot *snapshot, uint32_t i, cordon_screen_list *ret) {
    const struct cdn_snapshot *s = cdn_api_snapshot_const(snapshot);
    const uint32_t data = s->parties != NULL ? s->parties->list_count : 0;
    if (i < data) {
        with_data(s, i, ret);
        return CORDON_OK;
    }
    i -= data;
    for (uint32_t k = 0; k < s->count[CDN_T_LIST]; k++) {
        if (served(s, k) || i-- > 0)
            continue;
        *ret = (cordon_screen_list){.id = cdn_snap_str(s, s->lists[k].id),
                                    .title = cdn_snap_str(s, s->lists[k].title),
                                    .published = CORDON_NEVER,
                                    .retrieved = CORDON_NEVER,
                                    .named = 1};
        return CORDON_OK;
    }
    return CORDON_E_NOTFOUND;
}

/* ---- life ---------------------------------------------------------------------------------------------- */

CORDON_API int cordon_screener_new(cordon_snapshot *s,
                                   const cordon_alloc *alloc,
                                   cordon_screener **ret,
                                   cordon_error *e) {
    if (!s || !ret)
        return cdn_fail(e, CORDON_E_ARG, "cordon_screener_new needs a snapshot and a place for the result");
    const struct cdn_parties *parties = cdn_api_snapshot_const(s)->parties;
    if (!parties) {
        const int err = cdn_fail(e, CORDON_E_NOTFOUND, "the snapshot has no lists: nobody can be screened");
        cdn_error_hint(e, "build it with `cordon build --lists FOLDER` or `--list us/sdn=FILE`");
        return err;
    }
    alloc = cdn_api_alloc(alloc);
    struct cordon_screener *x = cdn_alloc_zero(alloc, 1, sizeof *x);
    char *words = x ? cdn_alloc(alloc, WORDS) : NULL;
    int err = words ? 0 : cdn_fail(e, CORDON_E_NOMEM, "no memory to screen");
    err = err ? err : cdn_screener_make(parties, alloc, &x->inner, e);
    if (err) {
        cdn_free(alloc, words, WORDS);
        cdn_free(alloc, x, sizeof *x);
        return err;
    }
    x->alloc = alloc;
    x->words = words;
    x->snapshot = cordon_snapshot_ref(s);
    *ret = x;
    return CORDON_OK;
}

CORDON_API void cordon_screener_free(cordon_screener *x) {
    if (!x)
        return;
    cdn_screener_free(x->inner);
    cdn_free(x->alloc, x->words, WORDS);
    cordon_snapshot_unref(x->snapshot);
    cdn_free(x->alloc, x, sizeof *x);
}

CORDON_API void cordon_screen_party_init(cordon_screen_party *party) {
    memset(party, 0, sizeof *party);
    party->size = sizeof *party;
}

CORDON_API void cordon_screen_options_init(cordon_screen_options *options) {
    memset(options, 0, sizeof *options);
    options->size = sizeof *options;
    options->sure = CORDON_SCREEN_SURE_DEFAULT;
    options->review = CORDON_SCREEN_REVIEW_DEFAULT;
}

/* ---- texts → query ------------------------------------------------------------------------------------- */

static int read_type(cordon_str type, uint8_t *ret, struct cordon_error *e) {
    static const struct {
        const char *word;
        uint8_t kind;
    } words[] = {{"", CDN_SCREEN_ANY},
                 {"person", CDN_SCREEN_PERSON},
                 {"individual", CDN_SCREEN_PERSON},
                 {"company", CDN_SCREEN_ORGANIZATION},
                 {"organization", CDN_SCREEN_ORGANIZATION},
                 {"organisation", CDN_SCREEN_ORGANIZATION},
                 {"entity", CDN_SCREEN_ORGANIZATION},
                 {"bank", CDN_SCREEN_ORGANIZATION},
                 {"ship", CDN_SCREEN_VESSEL},
                 {"vessel", CDN_SCREEN_VESSEL},
                 {"aircraft", CDN_SCREEN_VESSEL},
                 {"wallet", CDN_SCREEN_ANY},
                 {"other", CDN_SCREEN_ANY}};
    for (size_t i = 0; i < CDN_ARRAY_LEN(words); i++) {
        if (cdn_str_eq_nocase(type, cdn_str_z(words[i].word))) {
            *ret = words[i].kind;
            return 0;
        }
    }
    const int err = cdn_fail(e, CORDON_E_NAME, "`%.*s` is no type of party", CDN_FMT(type));
    cdn_error_hint(e, "person, company, ship, aircraft, wallet or bank");
    return err;
}

static int read_birth(cordon_str text, struct cdn_known_birth *ret, struct cordon_error *e) {
    text = cdn_str_trim(text);
    const bool circa = text.n > 0 && text.p[0] == '~';
    struct cdn_when w;
    const int err = cdn_when_parse(cdn_str(text.p + circa, text.n - circa), &w);
    if (err || w.kind == CDN_WHEN_INSTANT) {
        const int code = cdn_fail(e, CORDON_E_SYNTAX, "`%.*s` is no date of birth", CDN_FMT(text));
        cdn_error_hint(e, "write 1965-12-12, 1965-12, 1965 or ~1965");
        return code;
    }
    *ret = (struct cdn_known_birth){
        (int32_t)(w.first / DAY_SECONDS), (int32_t)(w.after / DAY_SECONDS - 1), circa};
    return 0;
}

static int too_many(size_t n, size_t most, const char *what, struct cordon_error *e) {
    return n > most ? cdn_fail(e, CORDON_E_LIMIT, "%zu %s; a query may have %zu", n, what, most) : 0;
}

static int read_countries(
    const cordon_str *texts, size_t n, char (*ret)[2], const char *what, struct cordon_error *e) {
    int err = too_many(n, COUNTRIES, what, e);
    for (size_t i = 0; !err && i < n; i++) {
        uint16_t country = 0;
        err = cdn_country_any(texts[i], &country, e);
        ret[i][0] = (char)(country >> 8);
        ret[i][1] = (char)(country & 0xFF);
    }
    return err;
}

static int read_idents(const cordon_screen_party *party, struct asked *a, struct cordon_error *e) {
    int err = too_many(party->identifier_count, CDN_SCREEN_IDENTS, "identifiers", e);
    for (size_t i = 0; !err && i < party->identifier_count; i++) {
        const cordon_screen_identifier *in = &party->identifiers[i];
        uint16_t country = 0;
        if (in->country.n)
            err = cdn_country_any(in->country, &country, e);
        const uint8_t kind = (uint8_t)cdn_ident_kind_of(in->kind);
        a->idents[i] = (struct cdn_screen_ident){kind, country, in->value};
        a->shown[i] = (struct cdn_known_ident){.kind = kind,
                                               .single = cdn_ident_single(kind),
                                               .country = {(char)(country >> 8), (char)(country & 0xFF)},
                                               .value = in->value};
    }
    return err;
}

static int read_gender(cordon_str gender, uint8_t *ret, struct cordon_error *e) {
    static const char *const words[][2] = {{"", ""}, {"male", "m"}, {"female", "f"}};
    for (uint8_t i = 0; i < CDN_ARRAY_LEN(words); i++) {
        if (cdn_str_eq_nocase(gender, cdn_str_z(words[i][0])) ||
            cdn_str_eq_nocase(gender, cdn_str_z(words[i][1]))) {
            *ret = i;
            return 0;
        }
    }
    if (cdn_str_eq_nocase(gender, CDN_STR("other"))) {
        *ret = CDN_SEX_UNKNOWN;
        return 0;
    }
    return cdn_fail(e, CORDON_E_NAME, "`%.*s`: male, female, other or nothing", CDN_FMT(gender));
}

static int read_party(const cordon_screen_party *party, struct asked *a, struct cordon_error *e) {
    if (!party || party->size != sizeof *party)
        return cdn_fail(e, CORDON_E_ARG, "a party that cordon_screen_party_init() did not prepare");
    if (party->name_count == 0 && party->identifier_count == 0)
        return cdn_fail(e, CORDON_E_ARG, "a party needs a name or an identifier");
    struct cdn_screen_query *q = &a->query;
    *q = (struct cdn_screen_query){.names = party->names, .name_count = (uint32_t)party->name_count};
    a->party = party;
    int err = too_many(party->name_count, CDN_SCREEN_NAMES, "names", e);
    err = err ? err : too_many(party->birth_count, BIRTHS, "dates of birth", e);
    err = err ? err : too_many(party->birth_place_count, PLACES, "places of birth", e);
    err = err ? err : too_many(party->address_count, PLACES, "addresses", e);
    err = err ? err : read_type(party->type, &q->kind, e);
    err = err ? err : read_gender(party->gender, &q->known.sex, e);
    for (size_t i = 0; !err && i < party->birth_count; i++)
        err = read_birth(party->births[i], &a->births[i], e);
    err = err ? err
              : read_countries(
                    party->nationalities, party->nationality_count, a->nationalities, "nationalities", e);
    err = err ? err : read_countries(party->countries, party->country_count, a->countries, "countries", e);
    err = err ? err : read_idents(party, a, e);
    if (err)
        return err;
    struct cdn_known *k = &q->known;
    k->births = a->births;
    k->birth_count = (uint32_t)party->birth_count;
    k->birth_places = party->birth_places;
    k->birth_place_count = (uint32_t)party->birth_place_count;
    k->addresses = party->addresses;
    k->address_count = (uint32_t)party->address_count;
    k->nationalities = (const char(*)[2])a->nationalities;
    k->nationality_count = (uint32_t)party->nationality_count;
    k->countries = (const char(*)[2])a->countries;
    k->country_count = (uint32_t)party->country_count;
    q->idents = a->idents;
    q->ident_count = (uint32_t)party->identifier_count;
    return 0;
}

static int read_list(const struct cdn_snapshot *s, cordon_str id, uint32_t *ret, struct cordon_error *e) {
    const uint32_t list = cdn_parties_find_list(s->parties, id);
    if (list != CDN_PARTIES_NONE) {
        *ret = list;
        return 0;
    }
    if (cdn_snapshot_symbol(s, CDN_SYMBOL_LIST, cdn_hash(id, 0), id) != CDN_NO_INDEX)
        return cdn_fail(e, CORDON_E_NOTFOUND, "the snapshot was built without the list %.*s", CDN_FMT(id));
    struct cdn_suggest near;
    cdn_suggest_init(&near, id);
    for (uint32_t i = 0; i < s->parties->list_count; i++) {
        struct cdn_party_list l;
        cdn_parties_list(s->parties, i, &l);
        cdn_suggest_offer(&near, l.id);
    }
    const int err = cdn_fail(e, CORDON_E_NAME, "no list `%.*s`", CDN_FMT(id));
    if (cdn_suggest_found(&near))
        cdn_error_hint(e, "did you mean `%.*s`?", CDN_FMT(near.best));
    return err;
}

static int read_options(const struct cordon_screener *x,
                        const cordon_screen_options *o,
                        struct asked *a,
                        struct cordon_error *e) {
    if (!o || o->size != sizeof *o)
        return cdn_fail(e, CORDON_E_ARG, "options that cordon_screen_options_init() did not prepare");
    if (o->sure > 1000 || o->review > 1000)
        return cdn_fail(e, CORDON_E_ARG, "a threshold is above 1000");
    int err = too_many(o->list_count, LISTS, "lists", e);
    for (size_t i = 0; !err && i < o->list_count; i++)
        err = read_list(cdn_api_snapshot_const(x->snapshot), o->lists[i], &a->lists[i], e);
    a->query.at = o->at;
    a->query.sure = (uint16_t)o->sure;
    a->query.review = (uint16_t)o->review;
    a->query.lists = o->list_count ? a->lists : NULL;
    a->query.list_count = (uint32_t)o->list_count;
    return err;
}

/* ---- asking -------------------------------------------------------------------------------------------- */

CORDON_API int cordon_screen(cordon_screener *x,
                             const cordon_screen_party *party,
                             const cordon_screen_options *options,
                             cordon_screen_result *ret,
                             cordon_error *e) {
    if (!x || !ret)
        return cdn_fail(e, CORDON_E_ARG, "cordon_screen needs a screener and a place for the result");
    x->count = 0;
    x->compared.any = false;
    int err = read_party(party, &x->a, e);
    err = err ? err : read_options(x, options, &x->a, e);
    if (err)
        return err;
    struct cdn_screen_result r;
    cdn_screener_screen(x->inner, &x->a.query, &r);
    memcpy(x->candidates, r.candidates, r.count * sizeof x->candidates[0]);
    x->count = r.count;
    *ret = (cordon_screen_result){.count = r.count,
                                  .verdict = r.count > 0 ? r.candidates[0].verdict
                                             : r.partial ? CORDON_SCREEN_POSSIBLE
                                                         : CORDON_SCREEN_NO,
                                  .partial = r.partial,
                                  .steady_from = r.steady_from,
                                  .steady_until =
                                      r.steady_until >= CDN_TIME_MAX ? CORDON_NEVER : r.steady_until};
    return CORDON_OK;
}

static const char *const strengths[] = {"full", "thin", "weak"};

static const struct cdn_parties *parties_of(const struct cordon_screener *x) {
    return cdn_api_snapshot_const(x->snapshot)->parties;
}

static void write_day(const struct cdn_party_rec *r, char ret[16]) {
    const struct cdn_pdates *d = r->listed.known ? &r->listed : &r->first_seen;
    struct cdn_buf b;
    cdn_buf_fixed(&b, ret, 15);
    if (d->known) {
        char text[32];
        struct cdn_buf whole;
        cdn_buf_fixed(&whole, text, sizeof text);
        cdn_time_write(&whole, d->from * (int64_t)DAY_SECONDS);
        cdn_buf_put(&b, text, CDN_MIN(whole.n, (size_t)10));
    }
    ret[b.n] = '\0';
}

static bool on_asked(const struct cordon_screener *x, uint32_t list) {
    const struct cdn_screen_query *q = &x->a.query;
    for (uint32_t i = 0; i < q->list_count; i++)
        if (q->lists[i] == list)
            return true;
    return q->lists == NULL && list != CDN_PARTIES_NONE;
}

/* The k-th of the lists asked for that the entry is on; NONE: it is on fewer. */
static uint32_t asked_list(const struct cordon_screener *x,
                           const struct cdn_party_source *source,
                           const struct cdn_party_rec *r,
                           uint32_t k) {
    for (uint32_t i = 0; i < r->lists.count; i++) {
        const uint32_t list = source->list_of[source->numbers[r->lists.first + i]];
        if (on_asked(x, list) && k-- == 0)
            return list;
    }
    return CDN_PARTIES_NONE;
}

CORDON_API int cordon_screen_candidate(const cordon_screener *x, uint32_t i, cordon_candidate *ret) {
    if (!x || !ret || i >= x->count)
        return CORDON_E_NOTFOUND;
    const struct cdn_screen_candidate *c = &x->candidates[i];
    const struct cdn_screen_name_score *n = &c->best[c->strength];
    const struct cdn_party_source *source = NULL;
    const struct cdn_party_rec *r = cdn_parties_entry(parties_of(x), c->entry, &source);
    *ret = (cordon_candidate){.entry = cdn_party_text(source, r->id),
                              .source = cdn_party_text(source, source->header->id),
                              .title = cdn_party_title(source, r),
                              .type = cdn_party_type_name(r->type),
                              .name_kind = "",
                              .strength = strengths[c->strength],
                              .verdict = c->verdict,
                              .score = c->score,
                              .name_score = n->score,
                              .by_identifier = c->by_ident,
                              .source_line = r->source_line};
    if (n->score > 0) {
        const struct cdn_party_name_rec *name = cdn_party_name(source, r, n->name);
        ret->name = cdn_party_text(source, name->full);
        ret->name_kind = cdn_party_name_kind_name(name->kind);
        ret->asked = x->a.query.names[n->query];
    }
    while (asked_list(x, source, r, ret->list_count) != CDN_PARTIES_NONE)
        ret->list_count++;
    write_day(r, ret->listed);
    return CORDON_OK;
}

CORDON_API int cordon_screen_candidate_list(const cordon_screener *x,
                                            uint32_t i,
                                            uint32_t k,
                                            cordon_screen_list *ret) {
    if (!x || !ret || i >= x->count)
        return CORDON_E_NOTFOUND;
    const struct cdn_party_source *source = NULL;
    const struct cdn_party_rec *r = cdn_parties_entry(parties_of(x), x->candidates[i].entry, &source);
    const uint32_t list = asked_list(x, source, r, k);
    if (list == CDN_PARTIES_NONE)
        return CORDON_E_NOTFOUND;
    with_data(cdn_api_snapshot_const(x->snapshot), list, ret);
    return CORDON_OK;
}

static int nth(const struct cdn_party_source *s,
               const struct cdn_ptext *texts,
               struct cdn_prun run,
               uint32_t n,
               cordon_str *ret) {
    if (n >= run.count)
        return CORDON_E_NOTFOUND;
    *ret = cdn_party_text(s, texts[run.first + n]);
    return CORDON_OK;
}

CORDON_API int cordon_screen_candidate_part(
    const cordon_screener *x, uint32_t i, cordon_candidate_part part, uint32_t n, cordon_str *ret) {
    if (!x || !ret || i >= x->count)
        return CORDON_E_NOTFOUND;
    const struct cdn_party_source *s = NULL;
    const struct cdn_party_rec *r = cdn_parties_entry(parties_of(x), x->candidates[i].entry, &s);
    switch (part) {
    case CORDON_CANDIDATE_NAME:
        return n < r->names.count ? nth(s, &cdn_party_name(s, r, n)->full, (struct cdn_prun){0, 1}, 0, ret)
                                  : CORDON_E_NOTFOUND;
    case CORDON_CANDIDATE_PROGRAMME:
        return nth(s, s->texts, r->programmes, n, ret);
    case CORDON_CANDIDATE_REFERENCE:
        return nth(s, s->texts, r->references, n, ret);
    case CORDON_CANDIDATE_MEASURE:
        if (n >= r->measures.count)
            return CORDON_E_NOTFOUND;
        *ret = cdn_str_z(cdn_party_measure_name(s->measures[r->measures.first + n].kind));
        return CORDON_OK;
    case CORDON_CANDIDATE_IDENTIFIER:
        return n < r->idents.count
                   ? nth(s, &s->idents[r->idents.first + n].value, (struct cdn_prun){0, 1}, 0, ret)
                   : CORDON_E_NOTFOUND;
    default:
        return CORDON_E_NOTFOUND;
    }
}

/* ---- explaining ---------------------------------------------------------------------------------------- */

/* Names, then evidence, then the sum: a line each. */
static int write_words(struct cordon_screener *x,
                       const struct cdn_screen_candidate *c,
                       const struct cdn_explain_name *a,
                       const struct cdn_explain_name *b,
                       const struct cdn_match *match,
                       const struct cdn_known *listed,
                       cordon_str *ret,
                       struct cordon_error *e) {
    struct cdn_buf out;
    struct cdn_known asked = x->a.query.known;
    asked.idents = x->a.shown;
    asked.ident_count = x->a.query.ident_count;
    cdn_buf_fixed(&out, x->words, WORDS);
    if (match) {
        cdn_buf_printf(&out, "`%.*s` and `%.*s`\n", CDN_FMT(a->text), CDN_FMT(b->text));
        cdn_explain_match(&out, a, b, match);
    } else {
        cdn_buf_z(&out, "no name is alike\n");
    }
    if (out.n > 0 && out.p[out.n - 1] != '\n')
        cdn_buf_char(&out, '\n');
    x->compared.evidence_at = out.n;
    cdn_explain_evidence(&out, &asked, listed, &c->evidence);
    if (out.n > 0 && out.p[out.n - 1] != '\n')
        cdn_buf_char(&out, '\n');
    if (c->doubtful_ident && !c->by_ident)
        cdn_buf_z(&out,
                  "an identifier is equal that does not decide alone: short, of another country, or called "
                  "invalid by the list\n");
    if (c->strength == CDN_SCREEN_WEAK && c->best[CDN_SCREEN_WEAK].weak)
        cdn_buf_z(&out, "a weak alias: counts only with other evidence\n");
    cdn_buf_printf(
        &out, "%u of 1000: %s", c->score, cdn_explain_verdict((enum cdn_screen_verdict)c->verdict));
    if (out.err)
        return cdn_fail(e, CORDON_E_LIMIT, "the account of a match is too long");
    *ret = cdn_buf_get(&out);
    return CORDON_OK;
}

CORDON_API int cordon_screen_explain(cordon_screener *x, uint32_t i, cordon_str *ret, cordon_error *e) {
    if (!x || !ret || i >= x->count)
        return cdn_fail(e, CORDON_E_NOTFOUND, "no candidate of that number");
    const struct cdn_screen_candidate *c = &x->candidates[i];
    const struct cdn_screen_name_score *n = &c->best[c->strength];
    const struct cdn_party_source *source = NULL;
    const struct cdn_party_rec *r = cdn_parties_entry(parties_of(x), c->entry, &source);
    const struct cdn_known *known = cdn_screener_known(x->inner, c->entry);
    struct cdn_explain_name a = {0}, b = {0};
    const struct cdn_match *match = NULL;
    if (n->score > 0) {
        cdn_screener_steps(x->inner, &x->a.query, c, &match, &a.name, &b.name);
        a.text = x->a.query.names[n->query];
        b.text = cdn_party_text(source, cdn_party_name(source, r, n->name)->full);
    }
    return write_words(x, c, &a, &b, match, known, ret, e);
}

CORDON_API int cordon_screen_compare(cordon_screener *x,
                                     const cordon_screen_party *a,
                                     const cordon_screen_party *b,
                                     const cordon_screen_options *options,
                                     cordon_comparison *ret,
                                     cordon_error *e) {
    if (!x || !ret)
        return cdn_fail(e, CORDON_E_ARG, "cordon_screen_compare needs a screener and a place for the result");
    x->count = 0;
    x->compared.any = false;
    int err = read_party(a, &x->a, e);
    err = err ? err : read_party(b, &x->b, e);
    err = err ? err : read_options(x, options, &x->a, e);
    if (err)
        return err;
    struct cdn_screen_candidate c;
    cdn_screener_compare(x->inner, &x->a.query, &x->b.query, &c);
    const struct cdn_screen_name_score *n = &c.best[c.strength];
    cordon_comparison out = {.verdict = c.verdict,
                             .score = c.score,
                             .name_score = n->score,
                             .strength = strengths[c.strength],
                             .by_identifier = c.by_ident};
    struct cdn_explain_name one = {0}, two = {0};
    const struct cdn_match *match = NULL;
    if (n->score > 0) {
        out.a = one.text = a->names[n->query];
        out.b = two.text = b->names[n->name];
        cdn_screener_pair(
            x->inner, one.text, x->a.query.kind, two.text, x->b.query.kind, &match, &one.name, &two.name);
    }
    struct cdn_known listed = x->b.query.known;
    listed.idents = x->b.shown;
    listed.ident_count = x->b.query.ident_count;
    err = write_words(x, &c, &one, &two, match, &listed, &out.text, e);
    if (err)
        return err;
    x->compared.any = true;
    x->compared.text = out.text;
    x->compared.match = match;
    x->compared.a = one;
    x->compared.b = two;
    x->compared.evidence = c.evidence;
    x->compared.score = c.score;
    *ret = out;
    return CORDON_OK;
}

/* Line n of the text (from 0); *ret_at: where it begins. */
static bool line_of(cordon_str text, uint32_t n, cordon_str *ret, size_t *ret_at) {
    cordon_str rest = text;
    for (;; n--) {
        if (rest.n == 0)
            return false;
        *ret_at = (size_t)(rest.p - text.p);
        *ret = cdn_str_split(rest, '\n', &rest);
        if (n == 0)
            return true;
    }
}

static void words_step(const struct cordon_screener *x, const struct cdn_match_step *s, cordon_step *ret) {
    const struct cdn_explain_name *a = &x->compared.a, *b = &x->compared.b, *has = s->a_count > 0 ? a : b;
    const uint8_t first = s->a_count > 0 ? s->a : s->b;
    ret->a = cdn_explain_written(a, s->a, s->a_count);
    ret->b = cdn_explain_written(b, s->b, s->b_count);
    ret->what = first < has->name->count ? cdn_explain_class(has->name->token[first].class) : "";
    ret->weight = s->weight;
    ret->kind = s->a_count == 0   ? CORDON_STEP_SECOND
                : s->b_count == 0 ? CORDON_STEP_FIRST
                                  : CORDON_STEP_WORDS;
    if (ret->kind != CORDON_STEP_WORDS)
        return;
    ret->how = cdn_match_how_text((enum cdn_match_how)s->how);
    ret->alike = s->alike;
    ret->points = (int32_t)((uint32_t)s->weight * s->alike / 1000);
}

static void evidence_step(const struct cordon_screener *x,
                          const struct cdn_evidence_step *s,
                          cordon_step *ret) {
    struct cdn_known a = x->a.query.known, b = x->b.query.known;
    a.idents = x->a.shown;
    a.ident_count = x->a.query.ident_count;
    b.idents = x->b.shown;
    b.ident_count = x->b.query.ident_count;
    ret->kind = CORDON_STEP_EVIDENCE;
    ret->what = cdn_evidence_text((enum cdn_weighed)s->kind);
    ret->a = cdn_explain_value(s->kind, &a, s->a, ret->values[0]);
    ret->b = cdn_explain_value(s->kind, &b, s->b, ret->values[1]);
    ret->decides = s->kind == CDN_EVIDENCE_IDENT_SAME;
    ret->points = s->points;
}

CORDON_API int cordon_screen_compare_step(const cordon_screener *x, uint32_t i, cordon_step *ret) {
    size_t at = 0;
    cordon_str line;
    if (!x || !ret || !x->compared.any || i == UINT32_MAX || !line_of(x->compared.text, i + 1, &line, &at))
        return CORDON_E_NOTFOUND;
    *ret = (cordon_step){.kind = CORDON_STEP_NOTE, .what = "", .how = "", .why = line};
    const uint32_t words = x->compared.match ? x->compared.match->steps : 0;
    uint32_t k = 0;
    for (cordon_str other; k <= i; k++) { /* how many lines of evidence come before */
        size_t begins = 0;
        if (line_of(x->compared.text, k, &other, &begins) && begins >= x->compared.evidence_at)
            break;
    }
    if (i < words)
        words_step(x, &x->compared.match->step[i], ret);
    else if (at >= x->compared.evidence_at && i + 1 - k < x->compared.evidence.steps)
        evidence_step(x, &x->compared.evidence.step[i + 1 - k], ret);
    else if (at + line.n == x->compared.text.n) {
        ret->kind = CORDON_STEP_RESULT;
        ret->points = (int32_t)x->compared.score;
    }
    return CORDON_OK;
}
