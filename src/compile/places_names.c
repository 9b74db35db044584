/* SPDX-License-Identifier: Apache-2.0 */
/* places_names.c: the index of names in the PLACES section: folded name → what it may mean. */
#include "compile/places_priv.h"

#include "places/codes.h"

static int put_ref(struct cdn_places_build *b, cordon_str name, struct cdn_p_nameref ref) {
    cdn_buf_clear(&b->folded);
    cdn_text_words(b->fold, name, &b->folded);
    if (b->folded.err || b->folded.n == 0) {
        return b->folded.err; /* nothing but signs: cannot be recognised */
    }
    size_t index = 0;
    int err = 0;
    if (!cdn_map_get(&b->names, cdn_buf_get(&b->folded), &index)) {
        cordon_str key;
        err = cdn_arena_str(b->arena, cdn_buf_get(&b->folded), &key);
        err = err ? err
                  : cdn_grow(&b->arena->as_alloc,
                             (void **)&b->list,
                             &b->list_cap,
                             b->list_count + 1,
                             sizeof *b->list);
        err = err ? err : cdn_map_put(&b->names, key, b->list_count, NULL);
        if (err) {
            return err;
        }
        index = b->list_count++;
        b->list[index] = (struct cdn_places_name){.folded = key};
    }
    struct cdn_places_name *n = &b->list[index];
    for (size_t i = 0; i < n->count; i++) {
        if (n->refs[i].place == ref.place && n->refs[i].kind == ref.kind &&
            n->refs[i].clear_in == ref.clear_in && n->refs[i].from == ref.from &&
            n->refs[i].until == ref.until) {
            return 0; /* said twice: "Krym", "Крым" in two scripts that fold alike */
        }
    }
    err = cdn_grow(&b->arena->as_alloc, (void **)&n->refs, &n->cap, n->count + 1, sizeof *n->refs);
    if (!err) {
        n->refs[n->count++] = ref;
    }
    return err;
}

static int put_known(struct cdn_places_build *b, const char *name, unsigned place, unsigned kind) {
    if (!name || !name[0]) {
        return 0;
    }
    return put_ref(
        b,
        cdn_str_z(name),
        (struct cdn_p_nameref){
            .place = (uint16_t)place, .kind = (uint8_t)kind, .from = CDN_TIME_MIN, .until = CDN_TIME_MAX});
}

struct alias {
    const char *name, *code, *other;
};
static const struct alias aliases[] = {
#define NAME(name_, code_) {name_, code_, NULL},
#define AMBIGUOUS(name_, code_, other_) {name_, code_, other_},
#define FORMER(name_, alpha4_)
#include "places/country_names.def"
#undef NAME
#undef AMBIGUOUS
#undef FORMER
};

static unsigned id_of(const struct cdn_places_build *b, const char *code) {
    const unsigned i = (unsigned)(code[0] - 'A') * 26u + (unsigned)(code[1] - 'A');
    return i < CDN_PLACES_CODES ? b->map->country[i] : 0;
}

static int put_countries(struct cdn_places_build *b) {
    int err = 0;
    for (size_t i = 0; i < CDN_ARRAY_LEN(aliases) && !err; i++) {
        const unsigned kind = aliases[i].other ? CDN_NAME_TWO : CDN_NAME_COUNTRY;
        err = put_known(b, aliases[i].name, id_of(b, aliases[i].code), kind);
        if (!err && aliases[i].other) {
            err = put_known(b, aliases[i].name, id_of(b, aliases[i].other), kind);
        }
    }
    for (size_t i = 0; i < cdn_country_count() && !err; i++) {
        const struct cdn_country *c = cdn_country_get(cdn_country_at(i));
        const char *const names[] = {c->name, c->common, c->official};
        for (unsigned k = 0; k < CDN_ARRAY_LEN(names) && !err; k++) {
            err = put_known(b, names[k], (unsigned)(1 + i), CDN_NAME_COUNTRY);
        }
    }
    return err;
}

/* Words for a street, beside which a place name is the street's. From postal usage in the languages spoken
 * where the territories lie, and in those of the services that ship there. */
static const char *const street_words[] = {
    "street",    "st",        "str",      "road",         "rd",         "avenue",    "ave",      "lane",
    "ln",        "boulevard", "blvd",     "drive",        "dr",         "way",       "square",   "close",
    "court",     "terrace",   "crescent", "row",          "ul",         "ulitsa",    "ulica",    "ulice",
    "vul",       "vulytsia",  "vulitsa",  "prospekt",     "prospect",   "prosp",     "pereulok", "provulok",
    "ploshchad", "ploshcha",  "shosse",   "naberezhnaya", "ул",         "улица",     "вул",      "вулиця",
    "вулица",    "просп",     "проспект", "переулок",     "пер",        "провулок",  "пров",     "площадь",
    "площа",     "пл",        "шоссе",    "шосе",         "набережная", "набережна", "бульвар",  "бул",
    "вуліца",    "strasse",   "straße",   "weg",          "platz",      "allee",     "gasse",    "ring",
    "rue",       "place",     "chemin",   "quai",         "via",        "viale",     "piazza",   "corso",
    "calle",     "plaza",     "avenida",  "rua",          "straat",     "laan",      "plein",    "gata",
    "gatan",     "vag",       "utca",     "ut",           "ter",        "ulitsya",   "sokak",    "sokagi",
    "cadde",     "caddesi",
};

int cdn_places_put_known_names(struct cdn_places_build *b) {
    int err = put_countries(b);
    for (uint32_t i = 0; i < b->map->region_count && !err; i++) {
        err = put_known(b, cdn_region_name(b->map->regions[i]), b->map->region_first + i, CDN_NAME_REGION);
    }
    for (size_t i = 0; i < CDN_ARRAY_LEN(street_words) && !err; i++) {
        err = put_known(b, street_words[i], 0, CDN_NAME_STREET);
    }
    return err;
}

int cdn_places_put_name(struct cdn_places_build *b, const struct cdn_mark *m, uint16_t place) {
    const unsigned kind = m->kind == CDN_MARK_AMBIGUOUS ? CDN_NAME_AMBIGUOUS
                          : m->kind == CDN_MARK_NOT     ? CDN_NAME_OUTSIDE
                                                        : CDN_NAME_TERRITORY;
    return put_ref(b,
                   m->text,
                   (struct cdn_p_nameref){.place = place,
                                          .kind = (uint8_t)kind,
                                          .clear_in = kind == CDN_NAME_AMBIGUOUS ? m->country : 0,
                                          .from = m->from,
                                          .until = m->until});
}

int cdn_places_finish_names(struct cdn_places_build *b) {
    size_t slots = 16;
    while (slots < 2 * b->list_count) {
        slots *= 2;
    }
    struct cdn_p_nameslot *table = cdn_arena_zero(b->arena, slots, sizeof *table);
    if (!table) {
        return CORDON_E_NOMEM;
    }
    for (size_t i = 0; i < b->list_count; i++) {
        const struct cdn_places_name *n = &b->list[i];
        const struct cdn_p_name row = {
            .folded = {(uint32_t)b->text.n, (uint32_t)n->folded.n},
            .ref = (uint32_t)(b->tables[CDN_P_NAMEREF].n / sizeof(struct cdn_p_nameref)),
            .ref_count = (uint32_t)n->count};
        cdn_buf_str(&b->text, n->folded);
        cdn_buf_put(&b->tables[CDN_P_NAME], &row, sizeof row);
        cdn_buf_put(&b->tables[CDN_P_NAMEREF], n->refs, n->count * sizeof *n->refs);
        const uint32_t hash = (uint32_t)(cdn_hash(n->folded, 0) >> 32);
        size_t at = hash & (slots - 1);
        while (table[at].name) {
            at = (at + 1) & (slots - 1);
        }
        table[at] = (struct cdn_p_nameslot){hash, (uint32_t)(i + 1)};
    }
    cdn_buf_put(&b->tables[CDN_P_NAMESLOT], table, slots * sizeof *table);
    return 0;
}
