/* SPDX-License-Identifier: Apache-2.0 */
/* listed.c: one list of the canonical model → its section of the snapshot (layout in screen/parties.h).
 *
 * What a decision and its reader need goes in: names, birth, places, countries, identifiers, programmes,
 * measures, relations, dates and where it stood. Notes (remarks, reasons) stay in the list itself.
 *
 * Dates of a list have no zone, and law no hour: an entry counts from the first moment at which its day has
 * begun somewhere on earth (14 hours before the same day in UTC), and to the end of the day on which it left.
 */
#include "compile/listed.h"
#include "base/limits.h"
#include "base/num.h"

#define DAY INT64_C(86400)
#define EARLIEST_ZONE (14 * 3600)

struct rows {
    void *p;
    size_t n, cap;
};
struct maker {
    const struct cdn_compile_list *in;
    struct cordon_error *e;
    struct cdn_arena arena;
    struct rows tables[CDN_PARTY_TABLE_COUNT];
    struct cdn_buf pool, line;
    struct cdn_map known; /* texts of the pool */
    struct cdn_list_map map;
    int err;
};
static const size_t row_size[CDN_PARTY_TABLE_COUNT] = {
#define TABLE(field, type) sizeof(type),
    CDN_PARTY_TABLES(TABLE)
#undef TABLE
};

static void failed(struct maker *m, int err) {
    if (!m->err)
        m->err = cdn_fail(m->e, err, "the list %.*s cannot be compiled", CDN_FMT(m->in->id));
}

static struct cdn_ptext intern(struct maker *m, cordon_str s) {
    struct cdn_ptext none = {0, 0};
    size_t at = 0;
    if (m->err || s.n == 0)
        return none;
    if (cdn_map_get(&m->known, s, &at))
        return (struct cdn_ptext){(uint32_t)at, (uint32_t)s.n};
    if (!cdn_utf8_valid(s)) {
        m->err = cdn_fail(m->e, CORDON_E_FORMAT, "list %.*s: a text is not UTF-8", CDN_FMT(m->in->id));
        return none;
    }
    cordon_str kept;
    int err = cdn_arena_str(&m->arena, s, &kept);
    at = m->pool.n;
    if (!err)
        cdn_buf_str(&m->pool, s);
    err = err ? err : m->pool.err;
    err = err ? err : cdn_map_put(&m->known, kept, at, NULL);
    if (err) {
        failed(m, err);
        return none;
    }
    return (struct cdn_ptext){(uint32_t)at, (uint32_t)s.n};
}

/* One more row; NULL after a failure. */
static void *add(struct maker *m, enum cdn_party_table table) {
    struct rows *t = &m->tables[table];
    const int err = m->err ? m->err
                    : t->n >= INT32_MAX
                        ? CORDON_E_LIMIT
                        : cdn_grow(&m->arena.as_alloc, &t->p, &t->cap, t->n + 1, row_size[table]);
    if (err) {
        failed(m, err);
        return NULL;
    }
    void *row = (char *)t->p + t->n++ * row_size[table];
    memset(row, 0, row_size[table]);
    return row;
}

/* The rows added since there were `first`. */
static struct cdn_prun since(const struct maker *m, enum cdn_party_table table, size_t first) {
    const size_t n = m->tables[table].n;
    return n > first ? (struct cdn_prun){(uint32_t)first, (uint32_t)(n - first)} : (struct cdn_prun){0, 0};
}
#define FIRST(m, field) ((m)->tables[CDN_PT_##field].n)
#define SINCE(m, field, first) since(m, CDN_PT_##field, first)

/* ---- parts of an entry --------------------------------------------------------------------------------- */

static struct cdn_pdates put_dates(struct cdn_dates d) {
    struct cdn_pdates r = {0};
    if (d.known)
        r = (struct cdn_pdates){.from = d.from, .to = d.to, .known = 1, .circa = d.circa};
    return r;
}

static struct cdn_prun put_names(struct maker *m, const struct cdn_list_entry *in) {
    const size_t first = FIRST(m, names);
    for (uint32_t i = 0; i < in->names.n; i++) {
        const struct cdn_list_name *n = &in->names.p[i];
        struct cdn_party_name_rec *r = add(m, CDN_PT_names);
        if (!r)
            break;
        *r = (struct cdn_party_name_rec){.full = intern(m, n->full),
                                         .group = n->group,
                                         .kind = n->kind,
                                         .script = n->script,
                                         .weak = n->low || n->kind == CDN_NAME_WEAK};
    }
    return SINCE(m, names, first);
}

static struct cdn_prun put_births(struct maker *m, const struct cdn_list_entry *in) {
    const size_t first = FIRST(m, births);
    for (uint32_t i = 0; i < in->births.n; i++) {
        const struct cdn_dates *d = &in->births.p[i].date;
        struct cdn_party_birth_rec *r = d->known ? add(m, CDN_PT_births) : NULL;
        if (r) {
            r->from = d->from;
            r->to = d->to;
            r->circa = d->circa;
        }
    }
    return SINCE(m, births, first);
}

static cordon_str one_line(struct maker *m, const struct cdn_list_place *p) {
    const cordon_str parts[] = {p->text, p->city, p->region, p->postal_code};
    cdn_buf_clear(&m->line);
    for (size_t i = 0; i < CDN_ARRAY_LEN(parts); i++) {
        if (parts[i].n == 0)
            continue;
        if (m->line.n > 0)
            cdn_buf_z(&m->line, ", ");
        cdn_buf_str(&m->line, parts[i]);
    }
    if (m->line.err)
        failed(m, m->line.err);
    return m->line.err ? cdn_str("", 0) : cdn_buf_get(&m->line);
}

/* Places with a text first, so that those can be compared one by one; then those of which only the country is
 * known. */
static struct cdn_prun put_places(struct maker *m, const struct cdn_list_place *places, uint32_t n) {
    const size_t first = FIRST(m, places);
    for (unsigned pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < n && !m->err; i++) {
            const cordon_str line = one_line(m, &places[i]);
            if ((line.n == 0) != (pass == 1) || (line.n == 0 && places[i].country == 0))
                continue;
            struct cdn_party_place_rec *r = add(m, CDN_PT_places);
            if (r)
                *r = (struct cdn_party_place_rec){.text = intern(m, line), .country = places[i].country};
        }
    }
    return SINCE(m, places, first);
}

static void put_country(struct maker *m, size_t first, uint16_t country) {
    const struct cdn_party_country_rec code = {{(char)(country >> 8), (char)(country & 0xFF)}};
    const struct cdn_party_country_rec *rows = m->tables[CDN_PT_countries].p;
    for (size_t i = first; i < FIRST(m, countries); i++)
        if (memcmp(&rows[i], &code, sizeof code) == 0)
            return;
    struct cdn_party_country_rec *r = country != 0 ? add(m, CDN_PT_countries) : NULL;
    if (r)
        *r = code;
}

/* A flag is where a ship is registered, not whose citizen it is. */
static bool is_flag(const struct cdn_list_nationality *n) {
    return n->kind == CDN_NATION_FLAG || n->kind == CDN_NATION_FORMER_FLAG;
}

static void put_countries(struct maker *m, const struct cdn_list_entry *in, struct cdn_party_rec *r) {
    size_t first = FIRST(m, countries);
    for (uint32_t i = 0; i < in->nationalities.n; i++)
        if (!is_flag(&in->nationalities.p[i]))
            put_country(m, first, in->nationalities.p[i].country);
    r->nationalities = SINCE(m, countries, first);
    first = FIRST(m, countries);
    for (uint32_t i = 0; i < in->addresses.n; i++)
        put_country(m, first, in->addresses.p[i].country);
    for (uint32_t i = 0; i < in->nationalities.n; i++)
        if (is_flag(&in->nationalities.p[i]))
            put_country(m, first, in->nationalities.p[i].country);
    r->countries = SINCE(m, countries, first);
}

static struct cdn_prun put_idents(struct maker *m, const struct cdn_list_entry *in) {
    const size_t first = FIRST(m, idents);
    char storage[CDN_IDENT_NORMAL];
    for (uint32_t i = 0; i < in->identifiers.n; i++) {
        const struct cdn_list_ident *d = &in->identifiers.p[i];
        cordon_str normal = cdn_ident_normal(d->kind, d->value, storage);
        struct cdn_party_ident_rec *r = add(m, CDN_PT_idents);
        if (!r)
            break;
        const struct cdn_party_ident_rec row = {.value = intern(m, d->value),
                                                .normal = intern(m, normal),
                                                .type = intern(m, d->type),
                                                .currency = intern(m, d->currency),
                                                .country = d->country,
                                                .kind = d->kind,
                                                .invalid = d->invalid};
        *r = row;
    }
    return SINCE(m, idents, first);
}

static struct cdn_prun put_texts(struct maker *m, const cordon_str *texts, uint32_t n) {
    const size_t first = FIRST(m, texts);
    for (uint32_t i = 0; i < n; i++) {
        struct cdn_ptext *r = add(m, CDN_PT_texts);
        if (r)
            *r = intern(m, texts[i]);
    }
    return SINCE(m, texts, first);
}

static struct cdn_prun put_measures(struct maker *m, const struct cdn_list_entry *in) {
    const size_t first = FIRST(m, measures);
    for (uint32_t i = 0; i < in->measures.n; i++) {
        struct cdn_party_measure_rec *r = add(m, CDN_PT_measures);
        if (!r)
            break;
        r->text = intern(m, in->measures.p[i].text);
        r->kind = in->measures.p[i].kind;
    }
    return SINCE(m, measures, first);
}

static struct cdn_prun put_relations(struct maker *m, const struct cdn_list_entry *in) {
    const size_t first = FIRST(m, relations);
    for (uint32_t i = 0; i < in->relations.n; i++) {
        const struct cdn_list_relation *x = &in->relations.p[i];
        const struct cdn_list_entry *target = x->target.n ? cdn_list_find(m->in->list, x->target) : NULL;
        struct cdn_party_relation_rec *r = add(m, CDN_PT_relations);
        if (!r)
            break;
        *r = (struct cdn_party_relation_rec){.target = intern(m, x->target),
                                             .name = intern(m, x->name),
                                             .text = intern(m, x->text),
                                             .entry = target ? (uint32_t)(target - m->in->list->entries)
                                                             : CDN_PARTIES_NONE,
                                             .percent = CDN_MIN(x->percent, 10000U),
                                             .kind = x->kind,
                                             .former = x->former};
    }
    return SINCE(m, relations, first);
}

static struct cdn_prun put_lists(struct maker *m, const struct cdn_list_entry *in) {
    const size_t first = FIRST(m, numbers);
    for (uint32_t i = 0; i < m->map.count; i++) {
        if (!cdn_list_map_has(&m->map, i, in))
            continue;
        uint32_t *r = add(m, CDN_PT_numbers);
        struct cdn_party_list_rec *served = m->tables[CDN_PT_served].p;
        if (!r)
            break;
        *r = i;
        served[i].count += in->removed.known ? 0 : 1;
    }
    return SINCE(m, numbers, first);
}

/* ---- the entry ----------------------------------------------------------------------------------------- */

static uint8_t compared_as(unsigned type) {
    switch ((enum cdn_entry_type)type) {
    case CDN_ENTRY_PERSON:
        return CDN_SCREEN_PERSON;
    case CDN_ENTRY_COMPANY:
    case CDN_ENTRY_BANK:
        return CDN_SCREEN_ORGANIZATION;
    case CDN_ENTRY_SHIP:
    case CDN_ENTRY_AIRCRAFT:
        return CDN_SCREEN_VESSEL;
    case CDN_ENTRY_UNKNOWN:
    case CDN_ENTRY_WALLET:
    case CDN_ENTRY_OTHER:
    default:
        return CDN_SCREEN_ANY;
    }
}

/* From the day that the issuer states, else from that on which somebody first saw it, else since ever; until
 * it was seen to be gone, or its measures end by themselves. */
void cdn_compile_entry_times(const struct cdn_list_entry *in, int64_t *ret_from, int64_t *ret_until) {
    const struct cdn_dates *from = in->listed.known ? &in->listed : &in->first_seen;
    *ret_from = from->known ? from->from * DAY - EARLIEST_ZONE : CDN_TIME_MIN;
    *ret_until = CDN_TIME_MAX;
    if (in->removed.known)
        *ret_until = (in->removed.to + INT64_C(1)) * DAY;
    if (in->until.known)
        *ret_until = CDN_MIN(*ret_until, (in->until.to + INT64_C(1)) * DAY);
    *ret_until = CDN_MAX(*ret_until, *ret_from);
}

static void put_times(const struct cdn_list_entry *in, struct cdn_party_rec *r) {
    cdn_compile_entry_times(in, &r->from, &r->until);
    r->listed = put_dates(in->listed);
    r->first_seen = put_dates(in->first_seen);
    r->updated = put_dates(in->updated);
    r->removed = put_dates(in->removed);
    r->ends = put_dates(in->until);
}

static void put_entry(struct maker *m, const struct cdn_list_entry *in) {
    struct cdn_party_rec r;
    memset(&r, 0, sizeof r);
    r.id = intern(m, in->id);
    r.sub_list = intern(m, in->sub_list);
    r.names = put_names(m, in);
    r.births = put_births(m, in);
    r.birth_places = put_places(m, in->birth_places.p, in->birth_places.n);
    put_countries(m, in, &r);
    r.addresses = put_places(m, in->addresses.p, in->addresses.n);
    r.idents = put_idents(m, in);
    r.programmes = put_texts(m, in->programmes.p, in->programmes.n);
    r.references = put_texts(m, in->references.p, in->references.n);
    r.measures = put_measures(m, in);
    r.relations = put_relations(m, in);
    r.lists = put_lists(m, in);
    put_times(in, &r);
    r.source_byte = in->source_byte;
    r.source_line = in->source_line;
    r.type = in->type;
    r.sex = in->gender == CDN_GENDER_MALE     ? CDN_SEX_MALE
            : in->gender == CDN_GENDER_FEMALE ? CDN_SEX_FEMALE
                                              : CDN_SEX_UNKNOWN;
    r.kind = compared_as(in->type);
    void *row = add(m, CDN_PT_entries);
    if (row)
        memcpy(row, &r, sizeof r);
}

/* ---- the section --------------------------------------------------------------------------------------- */

static void put_header(struct maker *m, struct cdn_party_source_header *h) {
    const struct cdn_list_info *info = &m->in->list->info;
    char day[32];
    struct cdn_buf b;
    cdn_buf_fixed(&b, day, sizeof day);
    if (info->date.known)
        cdn_dates_write(&b, info->date);
    memcpy(h->magic, CDN_PARTIES_MAGIC, sizeof h->magic);
    h->version = CDN_PARTIES_VERSION;
    h->table_count = CDN_PARTY_TABLE_COUNT;
    h->id = intern(m, m->in->id);
    h->issuer = intern(m, info->issuer);
    h->format = intern(m, cdn_str_z(cdn_list_format_name(info->format)));
    h->stale = intern(m, info->stale);
    h->date = intern(m, cdn_buf_get(&b));
    h->published = info->date.known ? info->date.from * DAY : CDN_TIME_MIN;
    h->bytes = info->bytes;
    h->claimed =
        info->claims && info->claimed < CDN_PARTIES_NONE ? (uint32_t)info->claimed : CDN_PARTIES_NONE;
    memcpy(h->sha256, info->sha256, sizeof h->sha256);
    for (size_t i = 0; i < m->in->list->count; i++)
        h->listed += m->in->list->entries[i].removed.known ? 0 : 1;
}

static void put_section(struct maker *m, struct cdn_party_source_header *h, struct cdn_buf *out) {
    const size_t start = out->n;
    uint64_t end = sizeof *h;
    for (unsigned i = 0; i < CDN_PARTY_TABLE_COUNT; i++) {
        end = (end + 7) & ~UINT64_C(7);
        h->tables[i].offset = (uint32_t)end;
        h->tables[i].count = (uint32_t)m->tables[i].n;
        end += m->tables[i].n * row_size[i];
    }
    end = (end + 7) & ~UINT64_C(7);
    if (end + m->pool.n > CDN_MAX_SNAPSHOT_SECTION) {
        failed(m, CORDON_E_LIMIT);
        return;
    }
    h->pool = (uint32_t)end;
    h->pool_bytes = (uint32_t)m->pool.n;
    cdn_buf_put(out, h, sizeof *h);
    for (unsigned i = 0; i < CDN_PARTY_TABLE_COUNT; i++) {
        cdn_buf_zero(out, (size_t)((start - out->n) & 7));
        if (m->tables[i].n)
            cdn_buf_put(out, m->tables[i].p, m->tables[i].n * row_size[i]);
    }
    cdn_buf_zero(out, (size_t)((start - out->n) & 7));
    cdn_buf_str(out, cdn_buf_get(&m->pool));
    if (out->err)
        failed(m, out->err);
}

static void make(struct maker *m, struct cdn_buf *out) {
    const struct cdn_list *list = m->in->list;
    struct cdn_party_source_header h;
    memset(&h, 0, sizeof h);
    cdn_buf_zero(&m->pool, 1);
    if (m->pool.err)
        failed(m, m->pool.err);
    put_header(m, &h);
    for (uint32_t i = 0; i < m->map.count; i++) {
        struct cdn_party_list_rec *r = add(m, CDN_PT_served);
        if (r)
            r->id = intern(m, m->map.served[i].id);
    }
    for (size_t i = 0; i < list->count && !m->err; i++)
        put_entry(m, &list->entries[i]);
    if (!m->err)
        put_section(m, &h, out);
}

int cdn_compile_listed(const struct cdn_compile_list *in, struct cdn_buf *out, struct cordon_error *e) {
    struct maker *m = cdn_alloc_zero(out->alloc, 1, sizeof *m);
    if (m == NULL)
        return cdn_fail(e, CORDON_E_NOMEM, "no memory to compile a list");
    m->in = in;
    m->e = e;
    cdn_arena_init(&m->arena, out->alloc, 0);
    cdn_buf_init(&m->pool, out->alloc, CDN_MAX_SNAPSHOT_SECTION);
    cdn_buf_init(&m->line, out->alloc, CDN_MAX_LIST_TEXT * 4);
    cdn_map_init(&m->known, out->alloc);
    cdn_list_map_make(in, &m->map);
    make(m, out);
    const int err = m->err;
    cdn_map_free(&m->known);
    cdn_buf_free(&m->line);
    cdn_buf_free(&m->pool);
    cdn_arena_free(&m->arena);
    cdn_free(out->alloc, m, sizeof *m);
    return err;
}
