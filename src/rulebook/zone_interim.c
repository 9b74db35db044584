/* SPDX-License-Identifier: Apache-2.0 */
/* zone_interim.c: weak stand-ins for src/zone until that room is written: transitions of a TZif file, no
 * footer. To be deleted with it. */
#include <stdio.h>

#include "zone/zone.h"

struct cdn_zone {
    bool fixed;
    int32_t offset;
    uint32_t n;
    int64_t at[400];
    int32_t off[401]; /* off[i] before at[i] */
};
#define WEAK __attribute__((weak))

static int64_t be(const uint8_t *p, unsigned n) {
    uint64_t v = n == 4 && (p[0] & 0x80) ? UINT64_MAX : 0;
    for (unsigned i = 0; i < n; i++)
        v = v << 8 | p[i];
    return (int64_t)v;
}

static size_t slurp(const char *dir, cordon_str name, uint8_t *data, size_t size) {
    char path[512];
    struct cdn_buf b;
    cdn_buf_fixed(&b, path, sizeof(path) - 1);
    cdn_buf_printf(&b, "%s/%.*s", dir, CDN_FMT(name));
    path[b.n] = '\0';
    FILE *f = fopen(path, "rb");
    if (!f)
        return 0;
    const size_t n = fread(data, 1, size, f);
    (void)fclose(f);
    return n;
}

static bool fixed(cordon_str s, int32_t *ret) {
    static const struct {
        const char *word;
        int hours;
    } words[] = {{"UTC", 0}, {"GMT", 0}, {"Z", 0}, {"EST", -5}, {"EDT", -4}, {"MSK", 3}, {"CET", 1}, {"CEST", 2}};
    for (size_t i = 0; i < CDN_ARRAY_LEN(words); i++) {
        if (cdn_str_eq(s, cdn_str_z(words[i].word))) {
            *ret = words[i].hours * 3600;
            return true;
        }
    }
    if (s.n != 6 || (s.p[0] != '+' && s.p[0] != '-'))
        return false;
    *ret = ((s.p[1] - '0') * 10 + s.p[2] - '0') * 3600 + ((s.p[4] - '0') * 10 + s.p[5] - '0') * 60;
    *ret = s.p[0] == '-' ? -*ret : *ret;
    return true;
}

static bool read_tzif(struct cdn_zone *z, const uint8_t *d, size_t n) {
    if (n < 44 || memcmp(d, "TZif", 4) != 0)
        return false;
    const size_t skip = 44 + (size_t)(be(d + 32, 4) * 5 + be(d + 36, 4) * 6 + be(d + 40, 4) + be(d + 28, 4) * 8 +
                                      be(d + 24, 4) + be(d + 20, 4));
    if (skip + 44 > n)
        return false;
    d += skip;
    const size_t times = (size_t)be(d + 32, 4);
    const uint8_t *at = d + 44, *idx = at + times * 8, *types = idx + times;
    if (times > 399 || skip + 44 + times * 9 > n)
        return false;
    z->off[0] = (int32_t)be(types, 4);
    for (size_t i = 0; i < times; i++) {
        z->at[i] = be(at + i * 8, 8);
        z->off[i + 1] = (int32_t)be(types + (size_t)idx[i] * 6, 4);
    }
    z->n = (uint32_t)times;
    return true;
}

WEAK int cdn_zone_open(const char *dir,
                       cordon_str name,
                       const struct cordon_alloc *alloc,
                       struct cdn_zone **ret,
                       struct cordon_error *e) {
    uint8_t data[8192];
    struct cdn_zone *z = cdn_alloc_zero(alloc, 1, sizeof(*z));
    if (!z)
        return CORDON_E_NOMEM;
    z->fixed = fixed(name, &z->offset);
    if (!z->fixed && !read_tzif(z, data, slurp(dir, name, data, sizeof(data)))) {
        cdn_free(alloc, z, sizeof(*z));
        return cdn_fail(e, CORDON_E_NAME, "no such zone");
    }
    *ret = z;
    return 0;
}

static int32_t offset_at(const struct cdn_zone *z, int64_t t) {
    uint32_t i = 0;
    if (z->fixed)
        return z->offset;
    while (i < z->n && z->at[i] <= t)
        i++;
    return z->off[i];
}

WEAK int cdn_zone_resolve(const struct cdn_zone *z,
                          const struct cdn_civil *civil,
                          int32_t offset,
                          int64_t *ret_instant,
                          int32_t *ret_offset,
                          struct cordon_error *e) {
    const int64_t local = cdn_time_from_civil(civil);
    const int32_t before = offset_at(z, local - 86400), after = offset_at(z, local + 86400);
    const bool a = offset_at(z, local - before) == before, b = offset_at(z, local - after) == after;
    (void)offset;
    if (!a && !b)
        return cdn_fail(e, CORDON_E_RANGE, "this local time does not exist");
    if (a && b && before != after)
        return cdn_fail(e, CORDON_E_CONFLICT, "this local time exists twice");
    *ret_offset = a ? before : after;
    *ret_instant = local - *ret_offset;
    return 0;
}

WEAK int cdn_zone_day_start(const struct cdn_zone *z,
                            int32_t year,
                            unsigned month,
                            unsigned day,
                            int64_t *ret_instant,
                            struct cordon_error *e) {
    const struct cdn_civil c = {.year = year, .month = (uint8_t)month, .day = (uint8_t)day};
    int32_t offset = 0;
    return cdn_zone_resolve(z, &c, CDN_ZONE_ANY_OFFSET, ret_instant, &offset, e);
}

WEAK int cdn_zone_db_version(const char *dir, char ret[16], struct cordon_error *e) {
    (void)dir;
    (void)ret;
    return cdn_fail(e, CORDON_E_NOTFOUND, "not known");
}
WEAK bool
cdn_zone_suggest(const char *dir, cordon_str name, const struct cordon_alloc *alloc, char ret[CDN_ZONE_NAME_MAX]) {
    (void)dir;
    (void)name;
    (void)alloc;
    (void)ret;
    return false;
}
