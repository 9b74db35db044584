/* SPDX-License-Identifier: Apache-2.0 */
/* entry.c: the small steps by which readers put an entry together (priv.h). */
#include "lists/priv.h"

#include "places/codes.h"

/* ---- failures and the report ----------------------------------------------------------------------------
 */

void cdn_rd_where(struct cdn_rd *r) {
    cdn_error_where(r->e, cdn_str_z(r->file), r->line, 0);
    if (r->e == NULL) {
        return;
    }
    r->e->offset = r->byte;
    const size_t n = strlen(r->e->message);
    struct cdn_buf tail;
    cdn_buf_fixed(&tail, r->e->message + n, sizeof(r->e->message) - n - 1);
    if (r->pointed > 0) {
        cdn_buf_printf(&tail, " (at %.*s)", (int)r->pointed, r->pointer);
    }
    r->e->message[n + (tail.err != 0 ? 0 : tail.n)] = '\0';
}

/* By hand: it is done for every member of every list in canonical form. */
uint32_t cdn_rd_point(struct cdn_rd *r, const char *name, uint32_t index) {
    const uint32_t before = r->pointed;
    char digits[12];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + index % 10);
        index /= 10;
    } while (index > 0);
    const char *const p = name != NULL ? name : digits + at;
    const size_t n = name != NULL ? strlen(name) : sizeof digits - at;
    if (n + 1 <= sizeof r->pointer - before) {
        r->pointer[before] = '/';
        memcpy(r->pointer + before + 1, p, n);
        r->pointed = before + (uint32_t)n + 1;
    }
    return before;
}

void cdn_rd_point_back(struct cdn_rd *r, uint32_t before) {
    r->pointed = before;
}

void cdn_rd_error(struct cdn_rd *r, int code) {
    if (r->err == 0) {
        r->err = code;
    }
}

static void no_memory(struct cdn_rd *r) {
    cdn_rd_fail(r, CORDON_E_NOMEM, "no memory to read a list");
}

void cdn_rd_report(struct cdn_rd *r, enum cdn_report_kind kind, cordon_str field, cordon_str example) {
    const struct cdn_report_item item = {
        .field = field, .example = example, .count = 1, .line = r->line, .kind = (uint8_t)kind};
    if (r->err == 0 && cdn_report_add(r->report, &item) != 0) {
        no_memory(r);
    }
}

void cdn_rd_tally(struct cdn_rd *r, enum cdn_report_kind kind, cordon_str field, uint64_t count) {
    const struct cdn_report_item item = {.field = field, .count = count, .kind = (uint8_t)kind};
    if (count > 0 && r->err == 0 && cdn_report_add(r->report, &item) != 0) {
        no_memory(r);
    }
}

/* ---- text ------------------------------------------------------------------------------------------------
 */

/* Bytes of white space or a control character at s.p[i]; 0: something else. */
static size_t blank(cordon_str s, size_t i) {
    const unsigned char c = (unsigned char)s.p[i];
    if (c <= 0x20 || c == 0x7f) {
        return 1;
    }
    if (c == 0xc2 && i + 1 < s.n && (unsigned char)s.p[i + 1] == 0xa0) {
        return 2; /* no-break space */
    }
    return 0;
}

cordon_str cdn_rd_text(struct cdn_rd *r, cordon_str s) {
    if (r->err != 0) {
        return (cordon_str){NULL, 0};
    }
    cdn_buf_clear(&r->clean);
    bool gap = false;
    for (size_t i = 0; i < s.n;) {
        const size_t skip = blank(s, i);
        if (skip > 0) {
            gap = true;
            i += skip;
            continue;
        }
        if (gap && r->clean.n > 0) {
            cdn_buf_char(&r->clean, ' ');
        }
        gap = false;
        const size_t from = i;
        while (i < s.n && blank(s, i) == 0) {
            i++;
        }
        cdn_buf_put(&r->clean, s.p + from, i - from);
    }
    cordon_str kept = {NULL, 0};
    if (r->err != 0 || (r->clean.n == 0 && r->clean.err == 0)) {
        return kept;
    }
    if (r->clean.err == CORDON_E_LIMIT) {
        cdn_rd_fail(r, CORDON_E_LIMIT, "a text of more than %zu bytes", (size_t)CDN_MAX_LIST_TEXT);
    } else if (r->entry == &r->one && r->arena.total > CDN_MAX_LIST_ENTRY) {
        cdn_rd_fail(r, CORDON_E_LIMIT, "an entry that needs more than %zu bytes", (size_t)CDN_MAX_LIST_ENTRY);
    } else if (r->clean.err != 0 || cdn_arena_str(&r->arena, cdn_buf_get(&r->clean), &kept) != 0) {
        no_memory(r);
    }
    return kept;
}

/* ---- beginning and handing on
 * ------------------------------------------------------------------------------ */

void cdn_rd_set_id(struct cdn_rd *r, cordon_str id) {
    r->entry->id = cdn_rd_text(r, id);
}

void cdn_rd_begin(struct cdn_rd *r, cordon_str id) {
    cdn_arena_reset(&r->arena);
    r->one = (struct cdn_list_entry){.source_line = r->line, .source_byte = r->byte};
    r->entry = &r->one;
    r->group = 0;
    cdn_rd_set_id(r, id);
}

/* A BIC of its own makes a company a bank: no list says so otherwise. */
static void finish(struct cdn_list_entry *entry) {
    for (uint32_t i = 0; entry->type == CDN_ENTRY_COMPANY && i < entry->identifiers.n; i++) {
        if (entry->identifiers.p[i].kind == CDN_IDENT_BIC) {
            entry->type = CDN_ENTRY_BANK;
        }
    }
}

static void hand_on(struct cdn_rd *r, struct cdn_list_entry *entry) {
    if (r->err != 0) {
        return;
    }
    r->line = entry->source_line;
    r->byte = entry->source_byte;
    finish(entry);
    if (entry->id.n == 0) {
        cdn_rd_fail(r, CORDON_E_FORMAT, "an entry without identifier");
    } else if (entry->names.n == 0) {
        r->info.nameless++;
        cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("entry without a name"), entry->id);
    } else if (entry->removed.known && !r->options->removed) {
        r->info.removed++;
    } else if (r->info.counted >= CDN_MAX_LIST_ENTRIES) {
        cdn_rd_fail(r, CORDON_E_LIMIT, "more than %d entries", CDN_MAX_LIST_ENTRIES);
    } else {
        r->info.counted++;
        const int err = r->sink->entry(r->sink->ctx, entry, r->e);
        if (err != 0) {
            cdn_rd_error(r, err);
        }
    }
}

static uint64_t *seen_place(uint64_t *seen, size_t cap, uint64_t hash) {
    size_t at = (size_t)hash & (cap - 1);
    while (seen[at] != 0 && seen[at] != hash) {
        at = (at + 1) & (cap - 1);
    }
    return &seen[at];
}

/* Whether an id came before: eight bytes for each rather than the ids, so that what a reader needs besides
 * the entry at hand has a bound, 64 MiB at CDN_MAX_LIST_ENTRIES. Two ids with one hash would look like one
 * used twice, and a list with such an id is refused: never the other way round. */
static bool seen_before(struct cdn_rd *r, cordon_str id) {
    if (r->seen_count * 2 >= r->seen_cap) {
        const size_t cap = r->seen_cap == 0 ? 1024 : r->seen_cap * 2;
        uint64_t *const more = cdn_alloc_zero(r->alloc, cap, sizeof *more);
        if (more == NULL) {
            no_memory(r);
            return false;
        }
        for (size_t i = 0; i < r->seen_cap; i++) {
            if (r->seen[i] != 0) {
                *seen_place(more, cap, r->seen[i]) = r->seen[i];
            }
        }
        cdn_free(r->alloc, r->seen, r->seen_cap * sizeof *r->seen);
        r->seen = more;
        r->seen_cap = cap;
    }
    const uint64_t hashed = cdn_hash(id, 0);
    const uint64_t hash = hashed != 0 ? hashed : 1;
    uint64_t *const place = seen_place(r->seen, r->seen_cap, hash);
    const bool before = *place != 0;
    *place = hash;
    r->seen_count += !before;
    return before;
}

void cdn_rd_emit(struct cdn_rd *r) {
    if (r->err == 0 && r->entry->id.n > 0 && seen_before(r, r->entry->id)) {
        cdn_rd_report(r, CDN_REPORT_DUPLICATE, r->entry->id, (cordon_str){NULL, 0});
    }
    hand_on(r, r->entry);
}

bool cdn_rd_exists(struct cdn_rd *r, cordon_str id) {
    size_t at = 0;
    return cdn_map_get(&r->keys, cdn_str_trim(id), &at);
}

bool cdn_rd_select(struct cdn_rd *r, cordon_str id) {
    size_t at = 0;
    if (r->err != 0) {
        return false;
    }
    const cordon_str key = cdn_rd_text(r, id);
    if (r->err != 0) {
        return false;
    }
    if (cdn_map_get(&r->keys, key, &at)) {
        r->entry = r->all[at];
        return false;
    }
    if (r->count >= CDN_MAX_LIST_ENTRIES) {
        cdn_rd_fail(r, CORDON_E_LIMIT, "more than %d entries", CDN_MAX_LIST_ENTRIES);
        return false;
    }
    void *all = r->all;
    struct cdn_list_entry *const entry = cdn_arena_zero(&r->arena, 1, sizeof *entry);
    if (entry == NULL || cdn_grow(r->alloc, &all, &r->cap, r->count + 1, sizeof *r->all) != 0 ||
        cdn_map_put(&r->keys, key, r->count, NULL) != 0) {
        r->all = all;
        no_memory(r);
        return false;
    }
    r->all = all;
    r->all[r->count++] = entry;
    r->group = 0; /* counted within an entry, so that it does not depend on the others */
    entry->id = key;
    entry->source_line = r->line;
    entry->source_byte = r->byte;
    r->entry = entry;
    return true;
}

void cdn_rd_flush(struct cdn_rd *r) {
    for (size_t i = 0; i < r->count && r->err == 0; i++) {
        hand_on(r, r->all[i]);
    }
}

/* ---- fields
 * -------------------------------------------------------------------------------------------------- */

static void *add(struct cdn_rd *r, void *many, size_t size) {
    if (r->err != 0) {
        return NULL;
    }
    const struct cdn_many *const m = many;
    if (m->n >= CDN_MAX_LIST_ITEMS) {
        cdn_rd_fail(r,
                    CORDON_E_LIMIT,
                    "entry %.*s has more than %d items of one kind",
                    CDN_FMT(r->entry->id),
                    CDN_MAX_LIST_ITEMS);
        return NULL;
    }
    void *const item = cdn_many_add(&r->arena, many, size, CDN_MAX_LIST_ITEMS);
    if (item == NULL) {
        no_memory(r);
    }
    return item;
}
#define ADD(many) add(r, &(many), sizeof *(many).p)

/* Takes the last item back when an equal one stands before it. True: it was one. */
static bool undo_repeated(const struct cdn_list_field *field, struct cdn_many *many) {
    if (field == NULL || many->n == 0) { /* every list has its row in the table: tested */
        return false;
    }
    const size_t size = field->record->size;
    const char *const last = (const char *)many->p + (size_t)(many->n - 1) * size;
    for (uint32_t i = 0; i + 1 < many->n; i++) {
        if (cdn_list_record_equal(field->record, (const char *)many->p + i * size, last)) {
            many->n--;
            return true;
        }
    }
    return false;
}

static const struct cdn_list_field *field_at(size_t offset) {
    for (uint32_t i = 0; i < cdn_list_entry_record.count; i++) {
        if (cdn_list_entry_record.fields[i].offset == offset) {
            return &cdn_list_entry_record.fields[i];
        }
    }
    return NULL;
}
#define UNDO_REPEATED(member)                                                                                \
    undo_repeated(field_at(offsetof(struct cdn_list_entry, member)),                                         \
                  (struct cdn_many *)(void *)&r->entry->member)

void cdn_rd_set(struct cdn_rd *r, cordon_str *field, cordon_str value) {
    const cordon_str text = cdn_rd_text(r, value);
    if (text.n > 0) {
        *field = text;
    }
}

void cdn_rd_type(struct cdn_rd *r, enum cdn_entry_type type) {
    r->entry->type = (uint8_t)type;
}

void cdn_rd_gender(struct cdn_rd *r, cordon_str text) {
    const cordon_str s = cdn_str_trim(text);
    if (s.n == 0 || r->err != 0) {
        return;
    }
    if (cdn_str_eq_nocase(s, CDN_STR("male")) || cdn_str_eq_nocase(s, CDN_STR("m"))) {
        r->entry->gender = CDN_GENDER_MALE;
    } else if (cdn_str_eq_nocase(s, CDN_STR("female")) || cdn_str_eq_nocase(s, CDN_STR("f"))) {
        r->entry->gender = CDN_GENDER_FEMALE;
    } else {
        cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("gender"), s);
        cdn_rd_note(r, CDN_NOTE_DETAIL, CDN_STR("Gender"), s);
    }
}

static struct cdn_list_name *put_name(
    struct cdn_rd *r, enum cdn_name_kind kind, bool low, cordon_str full, bool *ret_new) {
    *ret_new = false;
    if (full.n > CDN_MAX_NAME_BYTES) {
        cdn_rd_fail(
            r, CORDON_E_LIMIT, "a name of %zu bytes; the longest allowed has %d", full.n, CDN_MAX_NAME_BYTES);
    }
    if (r->err != 0 || full.n == 0) {
        return NULL;
    }
    for (uint32_t i = 0; i < r->entry->names.n; i++) {
        struct cdn_list_name *const other = &r->entry->names.p[i];
        if (cdn_str_eq(other->full, full)) {
            if (kind < other->kind) {
                other->kind = (uint8_t)kind;
            }
            other->low = other->low && low;
            return other;
        }
    }
    struct cdn_list_name *const name = ADD(r->entry->names);
    if (name != NULL) {
        *ret_new = true;
        name->full = full;
        name->kind = (uint8_t)kind;
        name->low = low;
        name->script = (uint8_t)cdn_script_of(full);
    }
    return name;
}

struct cdn_list_name *cdn_rd_name(struct cdn_rd *r, enum cdn_name_kind kind, bool low, cordon_str full) {
    bool is_new = false;
    struct cdn_list_name *const name =
        put_name(r, kind, low || kind == CDN_NAME_WEAK, cdn_rd_text(r, full), &is_new);
    return is_new ? name : NULL;
}

void cdn_rd_part(struct cdn_rd *r,
                 struct cdn_list_name *name,
                 enum cdn_name_part_kind kind,
                 cordon_str text) {
    const cordon_str kept = name == NULL ? (cordon_str){NULL, 0} : cdn_rd_text(r, text);
    if (kept.n == 0) {
        return;
    }
    struct cdn_name_part *const part = ADD(name->parts);
    if (part != NULL) {
        part->text = kept;
        part->kind = (uint8_t)kind;
    }
}

struct cdn_list_name *cdn_rd_name_parts(
    struct cdn_rd *r, enum cdn_name_kind kind, bool low, const struct cdn_part *parts, size_t count) {
    char storage[4 * CDN_MAX_NAME_BYTES];
    struct cdn_buf full;
    cdn_buf_fixed(&full, storage, sizeof storage);
    size_t filled = 0;
    for (size_t i = 0; i < count; i++) {
        if (cdn_str_trim(parts[i].text).n > 0) {
            cdn_buf_str(&full, filled++ > 0 ? CDN_STR(" ") : CDN_STR(""));
            cdn_buf_str(&full, parts[i].text);
        }
    }
    if (full.err != 0) {
        cdn_rd_fail(r, CORDON_E_LIMIT, "a name of more than %d bytes", CDN_MAX_NAME_BYTES);
        return NULL;
    }
    struct cdn_list_name *const name = cdn_rd_name(r, kind, low, cdn_buf_get(&full));
    for (size_t i = 0; filled > 1 && i < count; i++) {
        cdn_rd_part(r, name, parts[i].kind, parts[i].text);
    }
    return name;
}

struct cdn_list_name *cdn_rd_name_comma(
    struct cdn_rd *r, enum cdn_name_kind kind, bool low, bool person, cordon_str text) {
    cordon_str given = {NULL, 0};
    const cordon_str family = person ? cdn_str_split(text, ',', &given) : text;
    const struct cdn_part parts[] = {{CDN_PART_GIVEN, given}, {CDN_PART_FAMILY, family}};
    return cdn_str_trim(given).n == 0 ? cdn_rd_name(r, kind, low, text)
                                      : cdn_rd_name_parts(r, kind, low, parts, 2);
}

/* ---- dates
 * ------------------------------------------------------------------------------------------------------ */

void cdn_rd_birth_span(struct cdn_rd *r, struct cdn_dates span, cordon_str text) {
    for (uint32_t i = 0; span.known && i < r->entry->births.n; i++) {
        const struct cdn_dates *const have = &r->entry->births.p[i].date;
        if (have->known && have->from == span.from && have->to == span.to && have->circa == span.circa) {
            return;
        }
    }
    struct cdn_list_birth *const birth = ADD(r->entry->births);
    if (birth != NULL) {
        birth->date = span;
        birth->text = cdn_rd_text(r, text);
        (void)UNDO_REPEATED(births);
    }
}

/* Whether the canonical form says the same, so that the text need not be kept. */
static bool says_the_same(struct cdn_dates span, cordon_str text) {
    char storage[64];
    struct cdn_buf out;
    cdn_buf_fixed(&out, storage, sizeof storage);
    cdn_dates_write(&out, span);
    return cdn_str_eq(cdn_buf_get(&out), cdn_str_trim(text));
}

void cdn_rd_birth(struct cdn_rd *r, cordon_str text, const char *field) {
    if (cdn_str_trim(text).n == 0) {
        return;
    }
    struct cdn_dates span = {0};
    if (!cdn_dates_parse(text, &span)) {
        cdn_rd_report(r, CDN_REPORT_VALUE, cdn_str_z(field), text);
    }
    cdn_rd_birth_span(r, span, says_the_same(span, text) ? (cordon_str){NULL, 0} : text);
}

void cdn_rd_date(struct cdn_rd *r, struct cdn_dates *field, cordon_str text, const char *name) {
    struct cdn_dates span = {0};
    if (cdn_str_trim(text).n == 0) {
        return;
    }
    if (cdn_dates_parse(text, &span)) {
        *field = span;
    } else {
        cdn_rd_report(r, CDN_REPORT_VALUE, cdn_str_z(name), text);
        cdn_rd_note(r, CDN_NOTE_DETAIL, cdn_str_z(name), text);
    }
}

/* ---- countries, places
 * ------------------------------------------------------------------------------------------- */

struct alias {
    const char *name;
    uint16_t code; /* 0: known not to be one country */
};
static const struct alias aliases[] = {
    {"UK", CDN_COUNTRY('G', 'B')},
    {"Palestinian", CDN_COUNTRY('P', 'S')},
    {"Occupied Palestinian Territories", CDN_COUNTRY('P', 'S')},
    {"Palestinian Territory, Occupied", CDN_COUNTRY('P', 'S')},
    {"Gaza Strip", CDN_COUNTRY('P', 'S')},
    {"West Bank", CDN_COUNTRY('P', 'S')},
    {"Gaza", CDN_COUNTRY('P', 'S')},
    {"Region: Gaza", CDN_COUNTRY('P', 'S')},
    {"Region: Crimea", CDN_COUNTRY('U', 'A')},
    {"Crimea", CDN_COUNTRY('U', 'A')},
    {"Region: Northern Mali", CDN_COUNTRY('M', 'L')},
    {"Congo, Democratic Republic of the", CDN_COUNTRY('C', 'D')},
    {"Congo (Democratic Republic)", CDN_COUNTRY('C', 'D')},
    {"Congo, Republic of the", CDN_COUNTRY('C', 'G')},
    {"Korea, North", CDN_COUNTRY('K', 'P')},
    {"Korea, South", CDN_COUNTRY('K', 'R')},
    {"North Korea", CDN_COUNTRY('K', 'P')},
    {"South Korea", CDN_COUNTRY('K', 'R')},
    {"Burma", CDN_COUNTRY('M', 'M')},
    {"Macau", CDN_COUNTRY('M', 'O')},
    {"undetermined", 0},
    {"unknown", 0},
    {"00", 0},
    {"USSR", 0},
    {"Soviet Union", 0},
    {"Former Soviet Union", 0},
    {"former USSR", 0},
};

/* False: no country that is known here. */
static bool look_up(cordon_str s, uint16_t *ret) {
    for (size_t i = 0; i < CDN_ARRAY_LEN(aliases); i++) {
        if (cdn_str_eq_nocase(s, cdn_str_z(aliases[i].name))) {
            *ret = aliases[i].code;
            return true;
        }
    }
    const int err = cdn_country_any(s, ret, NULL);
    if (err == 0 || err == CORDON_E_NOTFOUND) {
        return true; /* NOTFOUND: a country of former times */
    }
    const size_t bracket = cdn_str_find_nocase(s, CDN_STR(" ("));
    return bracket != SIZE_MAX && cdn_country_any(cdn_str(s.p, bracket), ret, NULL) == 0;
}

bool cdn_rd_is_country(cordon_str text) {
    uint16_t code = 0;
    return cdn_str_trim(text).n > 0 && look_up(cdn_str_trim(text), &code);
}

uint16_t cdn_rd_country(struct cdn_rd *r, cordon_str text) {
    cordon_str s = cdn_str_trim(text);
    while (s.n > 1 && (s.p[s.n - 1] == '.' || s.p[s.n - 1] == ',')) {
        s = cdn_str_trim(cdn_str(s.p, s.n - 1));
    }
    size_t value = 0;
    if (s.n == 0 || r->err != 0) {
        return 0;
    }
    const bool cached = cdn_map_get(&r->countries, s, &value);
    if (!cached) {
        uint16_t code = 0;
        value = look_up(s, &code) ? code : SIZE_MAX;
        cordon_str key = {NULL, 0};
        if (r->countries.count < 4096 && s.n <= 128 && /* what is longer or further is looked up each time */
            (cdn_arena_str(&r->kept, s, &key) != 0 || cdn_map_put(&r->countries, key, value, NULL) != 0)) {
            no_memory(r);
        }
    }
    if (value == SIZE_MAX) {
        cdn_rd_report(r, CDN_REPORT_VALUE, CDN_STR("country"), s);
        return 0;
    }
    return (uint16_t)value;
}

static bool place_fill(struct cdn_rd *r, struct cdn_list_place *place, const struct cdn_place_in *in) {
    place->text = cdn_rd_text(r, in->text);
    place->city = cdn_rd_text(r, in->city);
    place->region = cdn_rd_text(r, in->region);
    place->postal_code = cdn_rd_text(r, in->postal_code);
    place->country_text = cdn_rd_text(r, in->country);
    place->note = cdn_rd_text(r, in->note);
    if (cdn_str_eq(place->city, CDN_STR("-"))) {
        place->city = (cordon_str){NULL, 0};
    }
    if (cdn_str_starts(place->country_text, CDN_STR("Region: ")) && place->region.n == 0) {
        place->region = cdn_str_after(place->country_text, 8);
    }
    place->country = cdn_rd_country(r, place->country_text);
    return place->text.n + place->city.n + place->region.n + place->postal_code.n + place->country_text.n +
               place->note.n >
           0;
}

void cdn_rd_address(struct cdn_rd *r, const struct cdn_place_in *in) {
    struct cdn_list_place *const place = ADD(r->entry->addresses);
    if (place != NULL && !place_fill(r, place, in)) {
        r->entry->addresses.n--;
    } else if (place != NULL) {
        (void)UNDO_REPEATED(addresses);
    }
}

void cdn_rd_birth_place(struct cdn_rd *r, const struct cdn_place_in *in) {
    struct cdn_list_place *const place = ADD(r->entry->birth_places);
    if (place != NULL && !place_fill(r, place, in)) {
        r->entry->birth_places.n--;
    } else if (place != NULL) {
        (void)UNDO_REPEATED(birth_places);
    }
}

void cdn_rd_nationality(struct cdn_rd *r, enum cdn_nationality_kind kind, cordon_str country) {
    const cordon_str text = cdn_rd_text(r, country);
    struct cdn_list_nationality *const n = text.n == 0 ? NULL : ADD(r->entry->nationalities);
    if (n != NULL) {
        n->text = text;
        n->country = cdn_rd_country(r, text);
        n->kind = (uint8_t)kind;
        (void)UNDO_REPEATED(nationalities);
    }
}

/* ---- identifiers, measures, relations, notes
 * ------------------------------------------------------------------------ */

struct cdn_list_ident *cdn_rd_ident(struct cdn_rd *r, const struct cdn_ident_in *in) {
    cordon_str value = cdn_str_trim(in->value);
    if (in->kind == CDN_IDENT_IMO && cdn_str_starts_nocase(value, CDN_STR("IMO"))) {
        value = cdn_str_trim(cdn_str_after(value, 3));
    }
    value = cdn_rd_text(r, value);
    struct cdn_list_ident *const ident = value.n == 0 ? NULL : ADD(r->entry->identifiers);
    if (ident == NULL) {
        return NULL;
    }
    ident->value = value;
    ident->kind = (uint8_t)in->kind;
    ident->type = cdn_rd_text(r, in->type);
    ident->currency = cdn_rd_text(r, in->currency);
    ident->country_text = cdn_rd_text(r, in->country);
    ident->country = cdn_rd_country(r, ident->country_text);
    ident->note = cdn_rd_text(r, in->note);
    ident->invalid = in->invalid;
    return UNDO_REPEATED(identifiers) ? NULL : ident;
}

static void add_text(struct cdn_rd *r, struct cdn_many *many, cordon_str text) {
    const cordon_str kept = cdn_rd_text(r, text);
    for (uint32_t i = 0; i < many->n; i++) {
        if (cdn_str_eq(((const cordon_str *)many->p)[i], kept)) {
            return;
        }
    }
    cordon_str *const item = kept.n == 0 ? NULL : add(r, many, sizeof kept);
    if (item != NULL) {
        *item = kept;
    }
}

void cdn_rd_programme(struct cdn_rd *r, cordon_str programme) {
    add_text(r, (struct cdn_many *)(void *)&r->entry->programmes, programme);
}

void cdn_rd_reference(struct cdn_rd *r, cordon_str reference) {
    add_text(r, (struct cdn_many *)(void *)&r->entry->references, reference);
}

void cdn_rd_measure(struct cdn_rd *r, enum cdn_measure_kind kind, cordon_str text) {
    struct cdn_list_measure *const measure = ADD(r->entry->measures);
    if (measure != NULL) {
        measure->kind = (uint8_t)kind;
        measure->text = cdn_rd_text(r, text);
        (void)UNDO_REPEATED(measures);
    }
}

struct cdn_list_relation *cdn_rd_relation(
    struct cdn_rd *r, enum cdn_list_relation_kind kind, cordon_str target, cordon_str name, cordon_str text) {
    const cordon_str target_kept = cdn_rd_text(r, target);
    const cordon_str name_kept = cdn_rd_text(r, name);
    if (target_kept.n + name_kept.n == 0) {
        return NULL;
    }
    struct cdn_list_relation *const relation = ADD(r->entry->relations);
    if (relation == NULL) {
        return NULL;
    }
    relation->target = target_kept;
    relation->name = name_kept;
    relation->text = cdn_rd_text(r, text);
    relation->kind = (uint8_t)kind;
    return UNDO_REPEATED(relations) ? NULL : relation;
}

void cdn_rd_note(struct cdn_rd *r, enum cdn_note_kind kind, cordon_str label, cordon_str text) {
    const cordon_str kept = cdn_rd_text(r, text);
    struct cdn_list_note *const note = kept.n == 0 ? NULL : ADD(r->entry->notes);
    if (note != NULL) {
        note->kind = (uint8_t)kind;
        note->label = cdn_rd_text(r, label);
        note->text = kept;
        (void)UNDO_REPEATED(notes);
    }
}
