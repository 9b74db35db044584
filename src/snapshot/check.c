/* SPDX-License-Identifier: Apache-2.0 */
/* check.c: what several validators need, the text pool, and the layout of the tables of RULES. */
#include "base/limits.h"
#include "snapshot/check_priv.h"

bool cdn_check_zero(const void *p, size_t n) {
    const uint8_t *bytes = p;
    for (size_t i = 0; i < n; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

/* Both ends of a slice of valid UTF-8 are at the beginning of a character: then the slice is valid, too. */
static bool boundary(const struct cdn_check *c, size_t at) {
    return at == c->s->strings.n || ((uint8_t)c->s->strings.p[at] & 0xC0) != 0x80;
}

bool cdn_check_str(const struct cdn_check *c, struct cdn_sref r) {
    if (r.n == 0)
        return r.at == 0;
    const size_t size = c->s->strings.n;
    return r.at < size && r.n <= size - r.at && boundary(c, r.at) && boundary(c, (size_t)r.at + r.n);
}

bool cdn_check_index(struct cdn_check *c, struct cdn_run r, uint32_t limit, bool sorted) {
    if (!cdn_check_run(r, c->s->count[CDN_T_INDEX]) || !cdn_check_spend(c, r.count))
        return false;
    const uint32_t *rows = c->s->indexes + r.first;
    for (uint32_t i = 0; i < r.count; i++)
        if (rows[i] >= limit || (sorted && i > 0 && rows[i] <= rows[i - 1]))
            return false;
    return true;
}

bool cdn_check_has(const struct cdn_check *c, struct cdn_run r, uint32_t value) {
    uint32_t lo = r.first, hi = r.first + r.count;
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (c->s->indexes[mid] == value)
            return true;
        if (c->s->indexes[mid] < value)
            lo = mid + 1;
        else
            hi = mid;
    }
    return false;
}

bool cdn_check_moment(const struct cdn_check *c, struct cdn_moment_rec m) {
    return cdn_check_time(m.at) && cdn_check_str(c, m.written);
}

bool cdn_check_source(const struct cdn_check *c, const struct cdn_source_rec *r) {
    return cdn_check_str(c, r->title) && cdn_check_str(c, r->url) && cdn_check_str(c, r->accessed) &&
           cdn_check_str(c, r->unverified);
}

bool cdn_check_currency(const char text[4]) {
    for (unsigned i = 0; i < 3; i++)
        if (text[i] < 'A' || text[i] > 'Z')
            return false;
    return text[3] == '\0';
}

bool cdn_check_subject(unsigned kind, unsigned index, bool it) {
    switch (kind) {
    case CDN_SUBJECT_ROLE:
        return index > 0 && index < CDN_ROLE_COUNT;
    case CDN_SUBJECT_OBJECT:
        return index > 0 && index < CDN_OBJECT_COUNT;
    case CDN_SUBJECT_NONE:
    case CDN_SUBJECT_REQUEST:
    case CDN_SUBJECT_ANY_PARTY:
        return index == 0;
    case CDN_SUBJECT_IT:
        return it && index == 0;
    default:
        return false;
    }
}

int cdn_snapshot_check_strings(struct cdn_check *c) {
    const cordon_str pool = c->s->strings;
    if (pool.n == 0 || pool.p[0] != '\0')
        return CDN_BAD(c, "strings: the pool does not begin with a zero byte");
    if (!cdn_utf8_valid(pool))
        return CDN_BAD(c, "strings: not UTF-8");
    return 0;
}

static const uint32_t row_size[CDN_TABLE_COUNT] = {
#define TABLE(sym, field, type) (uint32_t)sizeof(type),
    CDN_SNAPSHOT_TABLES(TABLE)
#undef TABLE
};
static const char *const table_name[CDN_TABLE_COUNT] = {
#define TABLE(sym, field, type) #field,
    CDN_SNAPSHOT_TABLES(TABLE)
#undef TABLE
};

static int check_tables(struct cdn_check *c, cordon_str section, const struct cdn_rules_header *h) {
    size_t end = sizeof(*h);
    for (unsigned i = 0; i < CDN_TABLE_COUNT; i++) {
        const size_t begin = (end + 7) & ~(size_t)7;
        const uint32_t count = h->tables[i].count;
        if (h->tables[i].offset != begin || begin > section.n || count > (section.n - begin) / row_size[i] ||
            !cdn_check_zero(section.p + end, begin - end))
            return CDN_BAD(c, "rules: table %s is not where it belongs", table_name[i]);
        end = begin + (size_t)count * row_size[i];
    }
    return end == section.n ? 0 : CDN_BAD(c, "rules: bytes after the last table");
}

int cdn_snapshot_check_layout(struct cdn_check *c, cordon_str section) {
    const struct cdn_rules_header *h = (const void *)section.p;
    if ((uintptr_t)section.p % 8 != 0 || section.n < sizeof(*h))
        return CDN_BAD(c, "rules: cut off");
    if (h->version != 1 || h->table_count != CDN_TABLE_COUNT)
        return cdn_fail(c->e, CORDON_E_VERSION, "rules: version %u is not one of this build", h->version);
    const int err = check_tables(c, section, h);
    if (err)
        return err;
    struct cdn_snapshot *s = c->s;
    s->rules = h;
    s->set_words = h->place_words;
#define TABLE(sym, field, type)                                                                              \
    s->field = (const void *)(section.p + h->tables[CDN_T_##sym].offset);                                    \
    s->count[CDN_T_##sym] = h->tables[CDN_T_##sym].count;
    CDN_SNAPSHOT_TABLES(TABLE)
#undef TABLE
    if (s->count[CDN_T_MEASURE] > CDN_MAX_MEASURES)
        return cdn_fail(c->e, CORDON_E_LIMIT, "rules: %u measures", s->count[CDN_T_MEASURE]);
    if (h->place_words != (h->place_count + 63) / 64)
        return CDN_BAD(c, "rules: words of a set of places");
    return 0;
}
