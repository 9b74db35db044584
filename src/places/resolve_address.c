/* SPDX-License-Identifier: Apache-2.0 */
/* resolve_address.c: places of an address, structured, free text, or a mixture with contradictions.
 *
 *  1. The text fields (country if it is no country, region, city, lines) are cut into segments at commas,
 *     semicolons and line ends, folded, and searched for known names, longest first. A name beside a
 *     street word is a street's and does not count. A name is *exact* when it is all of its segment but
 * numbers.
 *  2. The context is the country field; else a US state with ZIP code as the last segment; else a country
 *     named at the end of a segment, the last one; else a country code in the last segment.
 *  3. Each territory of which some sign was found is judged in that context (judge_territory).
 *  4. An exact name that contradicts the context is kept with CDN_DOUBT_CONTEXT: neither side is dropped.
 *
 * Work is bounded: SEGMENTS, TOKENS and MATCHES below; a text beyond them says nothing (CDN_DOUBT_CROWDED).
 * IMPLEMENTS: CS-PLACE-CONTEXT, CS-PLACE-AMBIGUOUS, CS-PLACE-CONFLICT */
#include "places/resolve_priv.h"

#include "places/codes.h"

enum { SEGMENTS = 24, TOKENS = 64, MATCHES = 48 };
enum field { FIELD_COUNTRY, FIELD_REGION, FIELD_CITY, FIELD_LINES };

struct match {
    const struct cdn_p_name *name;
    uint8_t segment, field;
    bool street, exact, at_end;
};
struct address {
    struct cdn_resolving *r;
    struct match matches[MATCHES];
    unsigned match_count, segment_count;
    uint16_t context; /* packed country, 0 none */
    char postal[CDN_POSTAL_MAX + 1];
    cordon_str last; /* last raw segment of the lines */
};
/* What speaks for and against one territory. */
struct signs {
    unsigned territory, names, ambiguous, outside;
    bool exact, clear, postal_here, postal_elsewhere, postal_unmatched;
};

static const struct cdn_p_name *find_name(const struct cdn_places *p, cordon_str folded) {
    const uint32_t hash = (uint32_t)(cdn_hash(folded, 0) >> 32);
    for (uint32_t at = hash & p->slot_mask; p->slots[at].name; at = (at + 1) & p->slot_mask) {
        const struct cdn_p_name *n = &p->names[p->slots[at].name - 1];
        if (p->slots[at].hash == hash && cdn_str_eq(cdn_str(p->text + n->folded.at, n->folded.n), folded)) {
            return n;
        }
    }
    return NULL;
}

static bool has_kind(const struct cdn_places *p, const struct cdn_p_name *name, unsigned kind) {
    for (uint32_t i = 0; name && i < name->ref_count; i++) {
        if (p->refs[name->ref + i].kind == kind) {
            return true;
        }
    }
    return false;
}

static bool is_number(cordon_str token) {
    for (size_t i = 0; i < token.n; i++) {
        if (token.p[i] < '0' || token.p[i] > '9') {
            return false;
        }
    }
    return token.n > 0;
}

/* ---- reading: segments, tokens, names ------------------------------------------------------------------ */

struct words {
    cordon_str t[TOKENS];
    unsigned count;
    bool known[TOKENS]; /* part of a name, or a number */
};

/* False: there are more than fit. */
static bool split_words(cordon_str folded, struct words *w) {
    w->count = 0;
    while (folded.n && w->count < TOKENS) {
        cordon_str rest;
        w->t[w->count] = cdn_str_split(folded, ' ', &rest);
        w->known[w->count] = is_number(w->t[w->count]);
        w->count++;
        folded = rest;
    }
    return folded.n == 0;
}

static bool street_beside(const struct cdn_places *p, const struct words *w, unsigned first, unsigned n) {
    return (first > 0 && has_kind(p, find_name(p, w->t[first - 1]), CDN_NAME_STREET)) ||
           (first + n < w->count && has_kind(p, find_name(p, w->t[first + n]), CDN_NAME_STREET));
}

static void search_words(struct address *a, struct words *w, enum field field) {
    const struct cdn_places *p = a->r->p;
    const unsigned begin = a->match_count;
    unsigned ends[MATCHES] = {0};
    for (unsigned i = 0; i < w->count;) {
        unsigned n = CDN_MIN((unsigned)CDN_NAME_WORDS, w->count - i);
        const struct cdn_p_name *name = NULL;
        for (; n > 0; n--) {
            const cordon_str slice = {w->t[i].p, (size_t)(w->t[i + n - 1].p + w->t[i + n - 1].n - w->t[i].p)};
            name = find_name(p, slice);
            if (name) {
                break;
            }
        }
        if (name && a->match_count == MATCHES) {
            cdn_resolve_doubt(a->r, CDN_DOUBT_CROWDED);
            return;
        }
        if (name && !is_number(w->t[i])) {
            for (unsigned k = i; k < i + n; k++) {
                w->known[k] = true;
            }
            ends[a->match_count - begin] = i + n;
            a->matches[a->match_count++] = (struct match){
                name, (uint8_t)a->segment_count, (uint8_t)field, street_beside(p, w, i, n), false, false};
        }
        i += CDN_MAX(n, 1u);
    }
    unsigned unknown = 0, last_unknown = 0;
    for (unsigned i = 0; i < w->count; i++) {
        unknown += !w->known[i];
        last_unknown = w->known[i] ? last_unknown : i + 1;
    }
    for (unsigned m = begin; m < a->match_count; m++) {
        a->matches[m].exact = unknown == 0 && !a->matches[m].street;
        a->matches[m].at_end = ends[m - begin] > last_unknown;
    }
}

static void read_segment(struct address *a, cordon_str raw, enum field field) {
    struct words w;
    if (a->segment_count >= SEGMENTS) {
        cdn_resolve_doubt(a->r, CDN_DOUBT_CROWDED);
        return;
    }
    struct cdn_buf *out = a->r->scratch;
    const size_t before = out->n;
    cdn_text_words(&a->r->p->fold, raw, out);
    if (out->err) {
        cdn_resolve_doubt(a->r, CDN_DOUBT_CROWDED);
        return;
    }
    if (out->n > before) { /* not only signs */
        if (!split_words(cdn_str(out->p + before, out->n - before), &w)) {
            cdn_resolve_doubt(a->r, CDN_DOUBT_CROWDED);
        }
        search_words(a, &w, field);
        a->segment_count++;
    }
}

static void read_field(struct address *a, cordon_str text, enum field field) {
    while (text.n) {
        size_t cut = 0;
        while (cut < text.n && text.p[cut] != ',' && text.p[cut] != ';' && text.p[cut] != '\n') {
            cut++;
        }
        const cordon_str raw = cdn_str_trim(cdn_str(text.p, cut));
        if (raw.n) {
            read_segment(a, raw, field);
            a->last = field == FIELD_LINES ? raw : a->last;
        }
        text = cut < text.n ? cdn_str(text.p + cut + 1, text.n - cut - 1) : cdn_str(NULL, 0);
    }
}

/* ---- context ------------------------------------------------------------------------------------------- */

/* Country that a match names, 0 if it names none or two. */
static uint16_t country_of(const struct address *a, const struct match *m) {
    const struct cdn_places *p = a->r->p;
    for (uint32_t i = 0; i < m->name->ref_count; i++) {
        const struct cdn_p_nameref *ref = &p->refs[m->name->ref + i];
        if (ref->kind == CDN_NAME_COUNTRY) {
            return p->places[ref->place].country;
        }
    }
    return 0;
}

static cordon_str last_words(cordon_str raw, cordon_str *ret_rest) {
    cordon_str rest;
    const cordon_str head = cdn_str_split(cdn_str_trim(raw), ' ', &rest);
    *ret_rest = cdn_str_trim(rest);
    return head;
}

/* "CA 95472", "NY 14727-1234": a US state and ZIP code. */
static bool is_us_state_and_zip(cordon_str raw) {
    cordon_str zip;
    const cordon_str state = last_words(raw, &zip);
    uint32_t region;
    if (state.n != 2 || zip.n < 5 || !is_number(cdn_str(zip.p, 5)) || (zip.n > 5 && zip.p[5] != '-')) {
        return false;
    }
    const char us[] = {'U', 'S', '-', state.p[0], state.p[1]};
    return cdn_region_parse(cdn_str(us, sizeof us), &region, NULL) == 0;
}

/* "US", "UA 01001", "95472 US": a country code, in capitals. */
static uint16_t country_code_in(cordon_str raw) {
    cordon_str tail;
    cordon_str head = last_words(raw, &tail);
    uint16_t country = 0;
    if (head.n != 2 && tail.n == 2) {
        head = tail;
    }
    if (head.n == 2 && head.p[0] >= 'A' && head.p[0] <= 'Z' && head.p[1] >= 'A' && head.p[1] <= 'Z' &&
        cdn_country_parse(head, &country, NULL) == 0) {
        return country;
    }
    return 0;
}

static void find_context(struct address *a) {
    if (is_us_state_and_zip(a->last)) { /* says more than a name before it: "Cuba, NY 14727" */
        a->context = CDN_COUNTRY('U', 'S');
        return;
    }
    for (unsigned i = 0; i < a->match_count; i++) {
        const struct match *m = &a->matches[i];
        if (!m->street && (m->exact || m->at_end)) {
            const uint16_t country = country_of(a, m);
            a->context = country ? country : a->context;
        }
    }
    if (!a->context && a->last.n) {
        a->context = country_code_in(a->last);
    }
}

/* A country named exactly in the text that is not the field's. A town called like a country is left to a
 * country that has such towns: "Cuba, NY" in the US. */
static void find_conflicts(struct address *a) {
    for (unsigned i = 0; i < a->match_count; i++) {
        const struct match *m = &a->matches[i];
        const uint16_t country = m->exact ? country_of(a, m) : 0;
        const bool town = a->context == CDN_COUNTRY('U', 'S') && m->field != FIELD_COUNTRY;
        if (country && country != a->context && !town) {
            cdn_resolve_country(a->r, country);
            cdn_resolve_doubt(a->r, CDN_DOUBT_CONTEXT);
        }
    }
}

/* ---- territories ------------------------------------------------------------------------------------------
 */

static void weigh_names(struct address *a, struct signs *s) {
    const struct cdn_places *p = a->r->p;
    for (unsigned i = 0; i < a->match_count; i++) {
        const struct match *m = &a->matches[i];
        bool ambiguous = false; /* one name is one sign, in however many countries it is clear */
        for (uint32_t k = 0; !m->street && k < m->name->ref_count; k++) {
            const struct cdn_p_nameref *ref = &p->refs[m->name->ref + k];
            if (ref->place != s->territory || !cdn_resolve_dated(a->r, ref->from, ref->until)) {
                continue;
            }
            if (ref->kind == CDN_NAME_TERRITORY) {
                s->names++;
                s->exact |= m->exact;
            } else if (ref->kind == CDN_NAME_AMBIGUOUS) {
                ambiguous = true;
                s->clear |= a->context && ref->clear_in == a->context;
            } else if (ref->kind == CDN_NAME_OUTSIDE) {
                s->outside++;
            }
        }
        s->ambiguous += ambiguous;
    }
}

static void weigh_postal(struct address *a, struct signs *s) {
    const struct cdn_places *p = a->r->p;
    const size_t n = strlen(a->postal);
    bool has_ranges = false, matched = false;
    for (uint32_t i = 0; n && i < p->postal_count; i++) {
        const struct cdn_p_postal *z = &p->postal[i];
        if (z->place != s->territory) {
            continue;
        }
        const bool here = z->country == a->context;
        has_ranges |= here;
        if (z->length == n && memcmp(z->first, a->postal, n) <= 0 && memcmp(a->postal, z->last, n) <= 0 &&
            cdn_resolve_dated(a->r, z->from, z->until)) {
            matched |= here;
            s->postal_here |= here;
            s->postal_elsewhere |= !here;
        }
    }
    s->postal_unmatched = has_ranges && !matched;
}

static void judge_territory(struct address *a, unsigned territory) {
    const struct cdn_places *p = a->r->p;
    struct signs s = {.territory = territory};
    weigh_names(a, &s);
    weigh_postal(a, &s);
    const bool in_context =
        !a->context || p->places[territory].any_context || cdn_resolve_within(p, territory, a->context);
    if (!in_context) {
        if (s.names && s.exact && !s.outside) {
            cdn_resolve_territory(a->r, territory);
            cdn_resolve_doubt(a->r, CDN_DOUBT_CONTEXT);
        }
        return;
    }
    const bool postal = a->context && s.postal_here;
    const bool agreeing = (s.names || s.ambiguous) && (s.postal_here || s.postal_elsewhere) && !a->context;
    const bool named = !s.outside && (s.names || s.clear || s.ambiguous > 1);
    if (postal || agreeing || named) {
        cdn_resolve_territory(a->r, territory);
    } else if (s.ambiguous && !s.outside && !(a->context && s.postal_unmatched)) {
        cdn_resolve_maybe(a->r, territory);
    }
}

static void judge_territories(struct address *a) {
    const struct cdn_places *p = a->r->p;
    unsigned seen[MATCHES + 8], count = 0;
    for (unsigned i = 0; i < a->match_count; i++) {
        for (uint32_t k = 0; k < a->matches[i].name->ref_count; k++) {
            const unsigned place = p->refs[a->matches[i].name->ref + k].place;
            if (p->places[place].kind == 3 && count < MATCHES) {
                seen[count++] = place;
            }
        }
    }
    for (uint32_t i = 0; a->postal[0] && a->context && i < p->postal_count && count < CDN_ARRAY_LEN(seen);
         i++) {
        const struct cdn_p_postal *z = &p->postal[i];
        if (z->country == a->context && z->length == strlen(a->postal) &&
            memcmp(z->first, a->postal, z->length) <= 0 && memcmp(a->postal, z->last, z->length) <= 0) {
            seen[count++] = z->place;
        }
    }
    for (unsigned i = 0; i < count; i++) {
        bool again = false;
        for (unsigned k = 0; k < i; k++) {
            again |= seen[k] == seen[i];
        }
        if (!again) {
            judge_territory(a, seen[i]);
        }
    }
}

/* Regions by name count in their country's context; a name that means two countries is doubt. */
static void add_regions(struct address *a) {
    const struct cdn_places *p = a->r->p;
    for (unsigned i = 0; i < a->match_count; i++) {
        const struct match *m = &a->matches[i];
        for (uint32_t k = 0; !m->street && k < m->name->ref_count; k++) {
            const struct cdn_p_nameref *ref = &p->refs[m->name->ref + k];
            if (ref->kind == CDN_NAME_REGION && a->context && p->places[ref->place].country == a->context) {
                cdn_resolve_add(a->r, ref->place);
            } else if (ref->kind == CDN_NAME_TWO && !a->context && m->exact) {
                cdn_resolve_maybe(a->r, ref->place);
            }
        }
    }
}

/* A postal code in free text: the first number of five or six digits. */
static void postal_of_lines(struct address *a, cordon_str lines) {
    for (size_t i = 0; i < lines.n && !a->postal[0];) {
        size_t n = 0;
        while (i + n < lines.n && lines.p[i + n] >= '0' && lines.p[i + n] <= '9') {
            n++;
        }
        if (n == 5 || n == 6) {
            memcpy(a->postal, lines.p + i, n);
            a->postal[n] = '\0';
        }
        i += CDN_MAX(n, (size_t)1);
    }
}

void cdn_resolve_address(struct cdn_resolving *r) {
    const struct cdn_evidence *ev = r->evidence;
    struct address a = {.r = r, .context = ev->country};
    uint32_t region = 0;
    if (!a.context && ev->address.country.n) {
        const int err = cdn_country_any(ev->address.country, &a.context, NULL);
        if (err == CORDON_E_CONFLICT) {
            cdn_resolve_doubt(r, CDN_DOUBT_AMBIGUOUS);
        }
    }
    if (ev->address.region.n && cdn_region_parse(ev->address.region, &region, NULL) == 0 && !a.context) {
        a.context = cdn_region_country(region);
    }
    if (r->p->has_fold) {
        cdn_buf_clear(r->scratch);
        if (!a.context) {
            read_field(&a, ev->address.country, FIELD_COUNTRY);
        }
        read_field(&a, region ? cdn_str(NULL, 0) : ev->address.region, FIELD_REGION);
        read_field(&a, ev->address.city, FIELD_CITY);
        read_field(&a, ev->address.lines, FIELD_LINES);
    }
    if (!ev->address.postal_code.n || cdn_postal_normal(ev->address.postal_code, a.postal, NULL)) {
        postal_of_lines(&a, ev->address.lines);
    }
    if (!a.context) {
        find_context(&a);
    }
    cdn_resolve_country(r, a.context);
    if (region) {
        cdn_resolve_add(r, cdn_places_of_code(r->p, ev->address.region));
        if (cdn_region_country(region) != a.context) {
            cdn_resolve_country(r, cdn_region_country(region));
            cdn_resolve_doubt(r, CDN_DOUBT_CONTEXT);
        }
    }
    if (a.context) {
        find_conflicts(&a);
    }
    judge_territories(&a);
    add_regions(&a);
}
