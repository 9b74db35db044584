/* SPDX-License-Identifier: Apache-2.0 */
/* parties.c: opens the sections of listed parties and checks that they belong together (format in parties.h).
 *
 * Every entry owns its runs: they follow each other through the tables without gaps, so that checking is
 * linear in the size of the file whatever it holds. */
#include "screen/parties.h"
#include "base/limits.h"

/* Numbers of rows whose meaning this room does not need. */
enum { CDN_LISTED_SCRIPTS(CDN_LISTED_ENUM, SCRIPT_) };
enum { CDN_LISTED_MEASURES(CDN_LISTED_ENUM, MEASURE_) };
enum { CDN_LISTED_RELATIONS(CDN_LISTED_ENUM, RELATION_) };
static const char *const type_words[] = {CDN_LISTED_TYPES(CDN_LISTED_WORD, CDN_PARTY_)};
static const char *const name_words[] = {CDN_LISTED_NAME_KINDS(CDN_LISTED_WORD, CDN_PARTY_NAME_)};
static const char *const script_words[] = {CDN_LISTED_SCRIPTS(CDN_LISTED_WORD, SCRIPT_)};
static const char *const measure_words[] = {CDN_LISTED_MEASURES(CDN_LISTED_WORD, MEASURE_)};
static const char *const relation_words[] = {CDN_LISTED_RELATIONS(CDN_LISTED_WORD, RELATION_)};
_Static_assert(CDN_ARRAY_LEN(type_words) == CDN_PARTY_TYPES, "a word for each type");
_Static_assert(CDN_ARRAY_LEN(name_words) == CDN_PARTY_NAME_KINDS, "a word for each kind of name");
#define WORD(table, v) ((v) < CDN_ARRAY_LEN(table) ? (table)[v] : NULL)

const char *cdn_party_type_name(unsigned v) {
    return WORD(type_words, v);
}
const char *cdn_party_name_kind_name(unsigned v) {
    return WORD(name_words, v);
}
const char *cdn_party_script_name(unsigned v) {
    return WORD(script_words, v);
}
const char *cdn_party_measure_name(unsigned v) {
    return WORD(measure_words, v);
}
const char *cdn_party_relation_name(unsigned v) {
    return WORD(relation_words, v);
}

/* ---- small checks -------------------------------------------------------------------------------------- */

static bool zero(const void *p, size_t n) {
    const uint8_t *b = p;
    unsigned any = 0;
    for (size_t i = 0; i < n; i++)
        any |= b[i];
    return any == 0;
}

/* The pool is valid UTF-8 as a whole; so is every part of it that begins and ends at a character. */
static bool border(cordon_str pool, size_t at) {
    return at == pool.n || ((uint8_t)pool.p[at] & 0xC0) != 0x80;
}
static bool text(cordon_str pool, struct cdn_ptext t) {
    if (t.n == 0)
        return t.at == 0;
    return t.at < pool.n && t.n <= pool.n - t.at && border(pool, t.at) && border(pool, (size_t)t.at + t.n);
}
static bool pool_valid(cordon_str pool) {
    return pool.n > 0 && pool.p[0] == '\0' && cdn_utf8_valid(pool);
}

/* The next rows of a table. */
static bool next_run(struct cdn_prun r, uint32_t *at, uint32_t count) {
    if (r.count == 0)
        return r.first == 0;
    if (r.first != *at || r.count > count - *at)
        return false;
    *at += r.count;
    return true;
}

static bool country(uint16_t c) {
    const unsigned a = c >> 8, b = c & 0xFF;
    return c == 0 || (a >= 'A' && a <= 'Z' && b >= 'A' && b <= 'Z');
}

static bool dates(const struct cdn_pdates *d) {
    if (d->known == 0)
        return d->from == 0 && d->to == 0 && d->circa == 0 && zero(d->pad, sizeof d->pad);
    return d->known == 1 && d->circa <= 1 && d->from <= d->to && zero(d->pad, sizeof d->pad);
}

static int damaged(struct cordon_error *e, const char *what, uint32_t i) {
    return cdn_fail(e, CORDON_E_FORMAT, "listed parties: %s %u", what, i);
}

/* ---- one source ---------------------------------------------------------------------------------------- */

static const size_t row_size[CDN_PARTY_TABLE_COUNT] = {
#define TABLE(field, type) sizeof(type),
    CDN_PARTY_TABLES(TABLE)
#undef TABLE
};
#define COUNT(s, field) ((s)->header->tables[CDN_PT_##field].count)

static int place_tables(cordon_str bytes, struct cdn_party_source *s, struct cordon_error *e) {
    const struct cdn_party_source_header *h = (const void *)bytes.p;
    if ((uintptr_t)bytes.p % 8 != 0)
        return cdn_fail(e, CORDON_E_ARG, "listed parties must be aligned");
    if (bytes.n < sizeof *h || memcmp(h->magic, CDN_PARTIES_MAGIC, sizeof h->magic) != 0)
        return cdn_fail(e, CORDON_E_FORMAT, "listed parties: the section does not begin as one");
    if (h->version != CDN_PARTIES_VERSION || h->table_count != CDN_PARTY_TABLE_COUNT)
        return cdn_fail(e, CORDON_E_VERSION, "listed parties of version %u", h->version);
    s->header = h;
    const char *at[CDN_PARTY_TABLE_COUNT];
    uint64_t end = sizeof *h;
    for (unsigned i = 0; i < CDN_PARTY_TABLE_COUNT; i++) {
        const uint64_t begin = (end + 7) & ~UINT64_C(7);
        if (h->tables[i].offset != begin || begin > bytes.n || !zero(bytes.p + end, (size_t)(begin - end)))
            return damaged(e, "table", i);
        end = begin + (uint64_t)h->tables[i].count * row_size[i];
        if (end > bytes.n)
            return damaged(e, "table", i);
        at[i] = bytes.p + begin;
    }
    const uint64_t pool = (end + 7) & ~UINT64_C(7);
    if (h->pool != pool || pool > bytes.n || bytes.n - pool != h->pool_bytes ||
        !zero(bytes.p + end, (size_t)(pool - end)))
        return cdn_fail(e, CORDON_E_FORMAT, "listed parties: the texts are not where they must be");
    s->pool = cdn_str(bytes.p + pool, h->pool_bytes);
#define TABLE(field, type) s->field = (const void *)at[CDN_PT_##field];
    CDN_PARTY_TABLES(TABLE)
#undef TABLE
    return pool_valid(s->pool) ? 0 : cdn_fail(e, CORDON_E_FORMAT, "listed parties: a text is not UTF-8");
}

static int check_header(const struct cdn_party_source *s, struct cordon_error *e) {
    const struct cdn_party_source_header *h = s->header;
    if (!text(s->pool, h->id) || h->id.n == 0 || !text(s->pool, h->issuer) || !text(s->pool, h->format) ||
        !text(s->pool, h->stale) || !text(s->pool, h->date) || h->published < CDN_TIME_MIN ||
        h->published > CDN_TIME_MAX || h->listed > COUNT(s, entries))
        return cdn_fail(e, CORDON_E_FORMAT, "listed parties: what is said of the list");
    if (COUNT(s, served) > CDN_PARTY_SERVED)
        return cdn_fail(e, CORDON_E_LIMIT, "listed parties: %u lists of one source", COUNT(s, served));
    for (uint32_t i = 0; i < COUNT(s, served); i++) {
        const struct cdn_party_list_rec *l = &s->served[i];
        if (!text(s->pool, l->id) || l->id.n == 0 || l->pad != 0 ||
            (i > 0 && cdn_str_cmp(cdn_party_text(s, s->served[i - 1].id), cdn_party_text(s, l->id)) >= 0))
            return damaged(e, "list", i);
    }
    return 0;
}

static int check_names(const struct cdn_party_source *s, struct cordon_error *e) {
    for (uint32_t i = 0; i < COUNT(s, names); i++) {
        const struct cdn_party_name_rec *n = &s->names[i];
        if (!text(s->pool, n->full) || n->kind >= CDN_PARTY_NAME_KINDS || n->weak > 1 || n->pad != 0 ||
            n->script >= CDN_ARRAY_LEN(script_words))
            return damaged(e, "name", i);
    }
    for (uint32_t i = 0; i < COUNT(s, births); i++) {
        const struct cdn_party_birth_rec *b = &s->births[i];
        if (b->from > b->to || b->circa > 1 || !zero(b->pad, sizeof b->pad))
            return damaged(e, "birth", i);
    }
    for (uint32_t i = 0; i < COUNT(s, places); i++) {
        const struct cdn_party_place_rec *p = &s->places[i];
        if (!text(s->pool, p->text) || !country(p->country) || !zero(p->pad, sizeof p->pad))
            return damaged(e, "place", i);
    }
    for (uint32_t i = 0; i < COUNT(s, countries); i++) {
        const char *c = s->countries[i].code;
        if (c[0] < 'A' || c[0] > 'Z' || c[1] < 'A' || c[1] > 'Z')
            return damaged(e, "country", i);
    }
    for (uint32_t i = 0; i < COUNT(s, texts); i++)
        if (!text(s->pool, s->texts[i]))
            return damaged(e, "text", i);
    return 0;
}

static int check_idents(const struct cdn_party_source *s, struct cordon_error *e) {
    char storage[CDN_IDENT_NORMAL];
    for (uint32_t i = 0; i < COUNT(s, idents); i++) {
        const struct cdn_party_ident_rec *d = &s->idents[i];
        if (!text(s->pool, d->value) || !text(s->pool, d->normal) || !text(s->pool, d->type) ||
            !text(s->pool, d->currency) || !country(d->country) || d->kind >= CDN_PARTY_IDENT_KINDS ||
            d->invalid > 1 ||
            !cdn_str_eq(cdn_ident_normal(d->kind, cdn_party_text(s, d->value), storage),
                        cdn_party_text(s, d->normal)))
            return damaged(e, "identifier", i);
    }
    for (uint32_t i = 0; i < COUNT(s, measures); i++) {
        const struct cdn_party_measure_rec *m = &s->measures[i];
        if (!text(s->pool, m->text) || m->kind >= CDN_ARRAY_LEN(measure_words) ||
            !zero(m->pad, sizeof m->pad))
            return damaged(e, "measure", i);
    }
    for (uint32_t i = 0; i < COUNT(s, relations); i++) {
        const struct cdn_party_relation_rec *r = &s->relations[i];
        if (!text(s->pool, r->target) || !text(s->pool, r->name) || !text(s->pool, r->text) ||
            (r->entry != CDN_PARTIES_NONE && r->entry >= COUNT(s, entries)) || r->percent > 10000 ||
            r->kind >= CDN_ARRAY_LEN(relation_words) || r->former > 1 || !zero(r->pad, sizeof r->pad))
            return damaged(e, "relation", i);
    }
    return 0;
}

/* How far the tables have been taken by the entries looked at. */
struct taken {
    uint32_t names, births, places, countries, idents, texts, measures, relations, numbers;
};

static bool check_runs(const struct cdn_party_source *s, const struct cdn_party_rec *r, struct taken *t) {
    return next_run(r->names, &t->names, COUNT(s, names)) &&
           next_run(r->births, &t->births, COUNT(s, births)) &&
           next_run(r->birth_places, &t->places, COUNT(s, places)) &&
           next_run(r->nationalities, &t->countries, COUNT(s, countries)) &&
           next_run(r->countries, &t->countries, COUNT(s, countries)) &&
           next_run(r->addresses, &t->places, COUNT(s, places)) &&
           next_run(r->idents, &t->idents, COUNT(s, idents)) &&
           next_run(r->programmes, &t->texts, COUNT(s, texts)) &&
           next_run(r->references, &t->texts, COUNT(s, texts)) &&
           next_run(r->measures, &t->measures, COUNT(s, measures)) &&
           next_run(r->relations, &t->relations, COUNT(s, relations)) &&
           next_run(r->lists, &t->numbers, COUNT(s, numbers));
}

static bool check_entry(const struct cdn_party_source *s, const struct cdn_party_rec *r) {
    return text(s->pool, r->id) && r->id.n > 0 && text(s->pool, r->sub_list) && r->from >= CDN_TIME_MIN &&
           r->until <= CDN_TIME_MAX && r->from <= r->until && dates(&r->listed) && dates(&r->first_seen) &&
           dates(&r->updated) && dates(&r->removed) && dates(&r->ends) && r->pad2 == 0 && r->pad == 0 &&
           r->type < CDN_PARTY_TYPES && r->sex <= CDN_SEX_FEMALE && r->kind <= CDN_SCREEN_VESSEL;
}

static int check_entries(const struct cdn_party_source *s, struct cordon_error *e) {
    struct taken t = {0};
    uint32_t on[CDN_PARTY_SERVED] = {0}, listed = 0;
    for (uint32_t i = 0; i < COUNT(s, entries); i++) {
        const struct cdn_party_rec *r = &s->entries[i];
        if (!check_entry(s, r) || !check_runs(s, r, &t))
            return damaged(e, "entry", i);
        if (i > 0 && cdn_str_cmp(cdn_party_text(s, s->entries[i - 1].id), cdn_party_text(s, r->id)) > 0)
            return damaged(e, "order of entry", i);
        for (uint32_t k = 0; k < r->lists.count; k++) {
            const uint32_t *at = &s->numbers[r->lists.first + k];
            if (*at >= COUNT(s, served) || (k > 0 && *at <= at[-1]))
                return damaged(e, "lists of entry", i);
            on[*at] += r->removed.known == 0;
        }
        listed += r->removed.known == 0;
    }
    if (t.names != COUNT(s, names) || t.births != COUNT(s, births) || t.places != COUNT(s, places) ||
        t.countries != COUNT(s, countries) || t.idents != COUNT(s, idents) || t.texts != COUNT(s, texts) ||
        t.measures != COUNT(s, measures) || t.relations != COUNT(s, relations) ||
        t.numbers != COUNT(s, numbers))
        return cdn_fail(e, CORDON_E_FORMAT, "listed parties: rows that belong to no entry");
    for (uint32_t i = 0; i < COUNT(s, served); i++)
        if (on[i] != s->served[i].count)
            return damaged(e, "count of list", i);
    return listed == s->header->listed ? 0 : cdn_fail(e, CORDON_E_FORMAT, "listed parties: their count");
}

int cdn_party_source_open(cordon_str bytes, struct cdn_party_source *ret, struct cordon_error *e) {
    struct cdn_party_source s;
    memset(&s, 0, sizeof s);
    int err = place_tables(bytes, &s, e);
    err = err ? err : check_header(&s, e);
    err = err ? err : check_names(&s, e);
    err = err ? err : check_idents(&s, e);
    err = err ? err : check_entries(&s, e);
    if (!err)
        *ret = s;
    return err;
}

/* ---- LISTS --------------------------------------------------------------------------------------------- */

static int place_lists(cordon_str bytes,
                       uint32_t source_count,
                       const struct cdn_lists_source_rec **ret_sources,
                       const uint32_t **ret_numbers,
                       struct cdn_parties *p,
                       struct cordon_error *e) {
    const struct cdn_lists_header *h = (const void *)bytes.p;
    if ((uintptr_t)bytes.p % 8 != 0)
        return cdn_fail(e, CORDON_E_ARG, "the table of lists must be aligned");
    if (bytes.n < sizeof *h || memcmp(h->magic, CDN_LISTS_MAGIC, sizeof h->magic) != 0)
        return cdn_fail(e, CORDON_E_FORMAT, "table of lists: it does not begin as one");
    if (h->version != CDN_PARTIES_VERSION)
        return cdn_fail(e, CORDON_E_VERSION, "table of lists of version %u", h->version);
    const uint64_t lists = sizeof *h + (uint64_t)h->source_count * sizeof **ret_sources,
                   numbers = lists + (uint64_t)h->list_count * sizeof *p->lists,
                   end = numbers + 4ULL * h->number_count, pool = (end + 7) & ~UINT64_C(7);
    if (h->pad != 0 || h->source_count != source_count || pool + h->pool_bytes != bytes.n ||
        !zero(bytes.p + end, (size_t)(pool - end)))
        return cdn_fail(e, CORDON_E_FORMAT, "table of lists: its size is not what its header says");
    *ret_sources = (const void *)(bytes.p + sizeof *h);
    *ret_numbers = (const void *)(bytes.p + numbers);
    p->lists = (const void *)(bytes.p + lists);
    p->list_count = h->list_count;
    p->lists_pool = cdn_str(bytes.p + pool, h->pool_bytes);
    return pool_valid(p->lists_pool) ? 0
                                     : cdn_fail(e, CORDON_E_FORMAT, "table of lists: a text is not UTF-8");
}

static cordon_str list_id(const struct cdn_parties *p, uint32_t i) {
    return cdn_str(p->lists_pool.p + p->lists[i].id.at, p->lists[i].id.n);
}

/* Each list is served by one source, and that source's map leads back to it. */
static int check_lists(const struct cdn_parties *p, struct cordon_error *e) {
    for (uint32_t i = 0; i < p->list_count; i++) {
        const struct cdn_lists_list_rec *l = &p->lists[i];
        if (!text(p->lists_pool, l->id) || l->source >= p->source_count ||
            l->served >= COUNT(&p->sources[l->source], served) ||
            p->sources[l->source].list_of[l->served] != i)
            return damaged(e, "table of lists, row", i);
        const struct cdn_party_source *s = &p->sources[l->source];
        if (!cdn_str_eq(list_id(p, i), cdn_party_text(s, s->served[l->served].id)) ||
            (i > 0 && cdn_str_cmp(list_id(p, i - 1), list_id(p, i)) >= 0))
            return damaged(e, "table of lists, row", i);
    }
    for (uint32_t i = 0; i < p->source_count; i++) {
        const struct cdn_party_source *s = &p->sources[i];
        for (uint32_t k = 0; k < COUNT(s, served); k++) {
            const uint32_t number = s->list_of[k];
            if (number != CDN_PARTIES_NONE &&
                (number >= p->list_count || p->lists[number].source != i || p->lists[number].served != k))
                return damaged(e, "table of lists, source", i);
        }
    }
    return 0;
}

static int open_sources(const struct cdn_parties_bytes *bytes,
                        struct cdn_party_source *sources,
                        struct cdn_parties *p,
                        struct cordon_error *e) {
    const struct cdn_lists_source_rec *rows = NULL;
    const uint32_t *numbers = NULL;
    int err = place_lists(bytes->lists, bytes->source_count, &rows, &numbers, p, e);
    const uint32_t number_count =
        err ? 0 : ((const struct cdn_lists_header *)(const void *)bytes->lists.p)->number_count;
    uint32_t at = 0;
    for (uint32_t i = 0; !err && i < bytes->source_count; i++) {
        struct cdn_party_source *s = &sources[i];
        err = cdn_party_source_open(bytes->sources[i], s, e);
        if (err)
            return err;
        if (rows[i].retrieved < CDN_TIME_MIN || rows[i].retrieved > CDN_TIME_MAX ||
            rows[i].lists.count != COUNT(s, served) || !next_run(rows[i].lists, &at, number_count))
            return damaged(e, "table of lists, source", i);
        if (i > 0 &&
            cdn_str_cmp(cdn_party_text(s - 1, s[-1].header->id), cdn_party_text(s, s->header->id)) >= 0)
            return damaged(e, "order of source", i);
        if (COUNT(s, entries) > UINT32_MAX / 2 - p->entry_count ||
            COUNT(s, names) > UINT32_MAX / 2 - p->name_count)
            return cdn_fail(e, CORDON_E_LIMIT, "too many listed parties");
        s->retrieved = rows[i].retrieved;
        s->list_of = numbers + rows[i].lists.first;
        s->first_entry = p->entry_count;
        s->first_name = p->name_count;
        p->entry_count += COUNT(s, entries);
        p->name_count += COUNT(s, names);
    }
    p->sources = sources;
    p->source_count = bytes->source_count;
    if (!err && at != number_count)
        return cdn_fail(e, CORDON_E_FORMAT, "table of lists: numbers that belong to no source");
    return err ? err : check_lists(p, e);
}

/* ---- that they belong together ------------------------------------------------------------------------- */

/* Name i of the index is name i of the entries. */
static int check_index(struct cdn_parties *p, struct cordon_error *e) {
    if (p->index.header->names != p->name_count)
        return cdn_fail(e, CORDON_E_FORMAT, "the index of names is of other lists");
    uint32_t at = 0;
    for (uint32_t k = 0; k < p->source_count; k++) {
        const struct cdn_party_source *s = &p->sources[k];
        for (uint32_t i = 0; i < COUNT(s, entries); i++) {
            const struct cdn_party_rec *r = &s->entries[i];
            p->most_idents = CDN_MAX(p->most_idents, r->idents.count);
            p->most_places = CDN_MAX(p->most_places, CDN_MAX(r->birth_places.count, r->addresses.count));
            for (uint32_t n = 0; n < r->names.count; n++, at++) {
                const struct cdn_index_name *x = &p->index.names[at];
                if (x->entry != s->first_entry + i || x->weak != s->names[r->names.first + n].weak ||
                    x->kind != r->kind)
                    return damaged(e, "the index of names is of other lists, from name", at);
            }
        }
    }
    return 0;
}

static bool indexed(const struct cdn_party_ident_rec *d) {
    return d->kind != CDN_PARTY_IDENT_OTHER && d->normal.n >= CDN_IDENT_LEAST;
}

/* The index has every identifier that can be compared, once, under its own hash. */
static int check_ident_index(const struct cdn_parties *p, struct cordon_error *e) {
    const struct cdn_ident_index *x = &p->idents;
    uint64_t expected = 0;
    for (uint32_t k = 0; k < p->source_count; k++)
        for (uint32_t i = 0; i < COUNT(&p->sources[k], idents); i++)
            expected += indexed(&p->sources[k].idents[i]);
    if (expected != x->row_count)
        return cdn_fail(e, CORDON_E_FORMAT, "the index of identifiers is of other lists");
    for (uint32_t i = 0; i < x->slot_count; i++) {
        const struct cdn_ident_slot *slot = &x->slots[i];
        const struct cdn_ident_row *rows = NULL;
        if (slot->count == 0)
            continue;
        if (cdn_ident_index_find(x, slot->hash, &rows) != slot->count || rows != x->rows + slot->first)
            return damaged(e, "index of identifiers, slot", i);
        for (uint32_t n = 0; n < slot->count; n++) {
            if (rows[n].entry >= p->entry_count ||
                (n > 0 && (rows[n].entry < rows[n - 1].entry ||
                           (rows[n].entry == rows[n - 1].entry && rows[n].ident <= rows[n - 1].ident))))
                return damaged(e, "index of identifiers, slot", i);
            const struct cdn_party_source *s = NULL;
            const struct cdn_party_rec *r = cdn_parties_entry(p, rows[n].entry, &s);
            const struct cdn_party_ident_rec *d =
                rows[n].ident < r->idents.count ? &s->idents[r->idents.first + rows[n].ident] : NULL;
            if (d == NULL || !indexed(d) ||
                cdn_ident_hash(d->kind, cdn_party_text(s, d->normal)) != slot->hash)
                return damaged(e, "index of identifiers, slot", i);
        }
    }
    return 0;
}

int cdn_parties_open(const struct cdn_parties_bytes *bytes,
                     struct cdn_party_source *sources,
                     struct cdn_parties *ret,
                     struct cordon_error *e) {
    struct cdn_parties p;
    memset(&p, 0, sizeof p);
    int err = open_sources(bytes, sources, &p, e);
    err = err ? err : cdn_screen_tables_open(bytes->tables, &p.tables, e);
    err = err ? err : cdn_index_open(bytes->names, &p.index, e);
    err = err ? err : cdn_ident_index_open(bytes->idents, &p.idents, e);
    err = err ? err : check_index(&p, e);
    err = err ? err : check_ident_index(&p, e);
    if (!err)
        *ret = p;
    return err;
}

/* ---- look-ups ------------------------------------------------------------------------------------------ */

void cdn_parties_list(const struct cdn_parties *p, uint32_t i, struct cdn_party_list *ret) {
    const struct cdn_lists_list_rec *l = &p->lists[i];
    const struct cdn_party_source *s = &p->sources[l->source];
    const struct cdn_party_source_header *h = s->header;
    *ret = (struct cdn_party_list){
        .id = list_id(p, i),
        .source_id = cdn_party_text(s, h->id),
        .publisher = cdn_party_text(s, h->issuer),
        .format = cdn_party_text(s, h->format),
        .date = cdn_party_text(s, h->date),
        .stale = cdn_party_text(s, h->stale),
        .published = h->published,
        .retrieved = s->retrieved,
        .sha256 = h->sha256,
        .count = s->served[l->served].count,
        .source = l->source,
    };
}

uint32_t cdn_parties_find_list(const struct cdn_parties *p, cordon_str id) {
    uint32_t lo = 0, hi = p->list_count;
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        const int cmp = cdn_str_cmp(list_id(p, mid), id);
        if (cmp == 0)
            return mid;
        if (cmp < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return CDN_PARTIES_NONE;
}

const struct cdn_party_rec *cdn_parties_entry(const struct cdn_parties *p,
                                              uint32_t entry,
                                              const struct cdn_party_source **ret_source) {
    uint32_t lo = 0, hi = p->source_count;
    while (hi - lo > 1) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (p->sources[mid].first_entry <= entry)
            lo = mid;
        else
            hi = mid;
    }
    *ret_source = &p->sources[lo];
    return &p->sources[lo].entries[entry - p->sources[lo].first_entry];
}

uint32_t cdn_parties_find_entry(const struct cdn_parties *p, uint32_t list, cordon_str id) {
    const struct cdn_party_source *s = &p->sources[p->lists[list].source];
    uint32_t lo = 0, hi = COUNT(s, entries);
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (cdn_str_cmp(cdn_party_text(s, s->entries[mid].id), id) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < COUNT(s, entries) && cdn_str_eq(cdn_party_text(s, s->entries[lo].id), id)
               ? s->first_entry + lo
               : CDN_PARTIES_NONE;
}

cordon_str cdn_party_title(const struct cdn_party_source *s, const struct cdn_party_rec *entry) {
    for (uint32_t i = 0; i < entry->names.count; i++)
        if (cdn_party_name(s, entry, i)->kind == CDN_PARTY_NAME_PRIMARY)
            return cdn_party_text(s, cdn_party_name(s, entry, i)->full);
    return entry->names.count > 0 ? cdn_party_text(s, cdn_party_name(s, entry, 0)->full) : cdn_str("", 0);
}

bool cdn_party_on(const struct cdn_party_source *s, const struct cdn_party_rec *entry, uint32_t list) {
    for (uint32_t i = 0; i < entry->lists.count; i++)
        if (s->list_of[s->numbers[entry->lists.first + i]] == list)
            return true;
    return false;
}
