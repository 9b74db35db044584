/* SPDX-License-Identifier: Apache-2.0 */
/* tzif.c: reads a TZif file (RFC 8536, RFC 9636), versions 1 to 4, into a zone.
 *
 *   header 44 bytes: "TZif", version, 15 unused, six counts (big-endian): isut, isstd, leap, time, type, char
 *   data: times (4 bytes each in the first block, 8 in the second), a type index per time, types of 6 bytes
 * (offset, is-dst, abbreviation index), abbreviations, leap seconds, indicators from version 2: a second
 * header and block with 8-byte times, then LF, a POSIX TZ string, LF
 *
 * 1. Sizes are computed from the counts before anything is read; they must add up to the file exactly.
 * 2. Transitions ascend strictly, indices exist, abbreviations end: a zone that was made cannot lead astray.
 * 3. Files that count leap seconds (the `right/` tree) are refused: instants here have none. */
#include "zone/zone_priv.h"

#define HEADER 44
#define TYPES_MAX 256
#define OFFSET_MAX 93599 /* RFC 9636: -25:59:59 to 25:59:59 is what readers must accept at least */

struct counts {
    uint32_t isut, isstd, leap, time, type, chars;
};

struct block {
    struct counts counts;
    unsigned time_size;
    const uint8_t *times, *indices, *types, *abbreviations;
};

static int bad(struct cordon_error *e, cordon_str name, const char *what) {
    return cdn_fail(e, CORDON_E_FORMAT, "time zone `%.*s`: %s", CDN_FMT(name), what);
}

static uint32_t be32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t be_time(const uint8_t *p, unsigned size) {
    if (size == 4) {
        return (int32_t)be32(p);
    }
    return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

/* Reads one header and finds its data; moves the cursor past them. */
static int read_block(struct cdn_cursor *c,
                      cordon_str name,
                      unsigned time_size,
                      struct block *ret,
                      int *ret_version,
                      struct cordon_error *e) {
    const cordon_str header = cdn_cursor_bytes(c, HEADER);
    if (c->err != 0 || memcmp(header.p, "TZif", 4) != 0) {
        return bad(e, name, "not a TZif file, or it ends early");
    }
    const uint8_t *p = (const uint8_t *)header.p;
    const struct counts n = {
        be32(p + 20), be32(p + 24), be32(p + 28), be32(p + 32), be32(p + 36), be32(p + 40)};
    if (p[4] != 0 && (p[4] < '2' || p[4] > '4')) {
        return cdn_fail(e, CORDON_E_VERSION, "time zone `%.*s`: unknown version of TZif", CDN_FMT(name));
    }
    if (n.type == 0 || n.type > TYPES_MAX || n.chars == 0 || n.chars > CDN_ZONE_FILE_MAX ||
        n.time > CDN_ZONE_FILE_MAX || n.leap > CDN_ZONE_FILE_MAX || (n.isut != 0 && n.isut != n.type) ||
        (n.isstd != 0 && n.isstd != n.type)) {
        return bad(e, name, "a count in its header is out of range");
    }
    struct block b = {.counts = n, .time_size = time_size};
    b.times = (const uint8_t *)cdn_cursor_bytes(c, (size_t)n.time * time_size).p;
    b.indices = (const uint8_t *)cdn_cursor_bytes(c, n.time).p;
    b.types = (const uint8_t *)cdn_cursor_bytes(c, (size_t)n.type * 6).p;
    b.abbreviations = (const uint8_t *)cdn_cursor_bytes(c, n.chars).p;
    cdn_cursor_skip(c, (size_t)n.leap * (time_size + 4) + n.isstd + n.isut);
    if (c->err != 0) {
        return bad(e, name, "it ends early");
    }
    *ret = b;
    *ret_version = p[4];
    return 0;
}

static int read_footer(struct cdn_cursor *c,
                       cordon_str name,
                       struct cdn_zone_footer *ret,
                       struct cordon_error *e) {
    const cordon_str rest = cdn_cursor_bytes(c, c->n - c->at);
    if (rest.n < 2 || rest.p[0] != '\n' || rest.p[rest.n - 1] != '\n' ||
        memchr(rest.p + 1, '\n', rest.n - 2) != NULL) {
        return bad(e, name, "its last line is missing or damaged");
    }
    return cdn_zone_parse_footer(cdn_str(rest.p + 1, rest.n - 2), ret, e);
}

static bool copy_types(const struct block *b, struct cdn_zone_type *types) {
    for (size_t i = 0; i < b->counts.type; i++) {
        const uint8_t *p = b->types + 6 * i;
        const int32_t seconds = (int32_t)be32(p);
        if (seconds < -OFFSET_MAX || seconds > OFFSET_MAX || p[4] > 1 || p[5] >= b->counts.chars) {
            return false;
        }
        const char *name = (const char *)b->abbreviations + p[5];
        const char *end = memchr(name, '\0', b->counts.chars - p[5]);
        if (end == NULL || end - name >= CDN_ZONE_ABBREV) {
            return false;
        }
        types[i].seconds = seconds;
        types[i].dst = p[4] == 1;
        memcpy(types[i].abbreviation, name, (size_t)(end - name) + 1);
    }
    return true;
}

static bool copy_times(const struct block *b, int64_t *times, uint8_t *kinds) {
    for (size_t i = 0; i < b->counts.time; i++) {
        times[i] = be_time(b->times + i * b->time_size, b->time_size);
        kinds[i] = b->indices[i];
        if (kinds[i] >= b->counts.type || times[i] < CDN_TIME_MIN || times[i] > CDN_TIME_MAX ||
            (i > 0 && times[i] <= times[i - 1])) {
            return false;
        }
    }
    return true;
}

/* A zeroed zone with room for its arrays and its name; they are filled through the returned pointers. */
static struct cdn_zone *make_zone(cordon_str name,
                                  size_t times,
                                  size_t types,
                                  const struct cordon_alloc *alloc) {
    const size_t at_times = sizeof(struct cdn_zone), at_types = at_times + times * sizeof(int64_t);
    const size_t at_kinds = at_types + types * sizeof(struct cdn_zone_type), at_name = at_kinds + times;
    struct cdn_zone *z = cdn_alloc_zero(alloc, 1, at_name + name.n + 1);
    if (z == NULL) {
        return NULL;
    }
    char *base = (char *)z;
    z->alloc = alloc;
    z->size = at_name + name.n + 1;
    z->times = (const int64_t *)(void *)(base + at_times);
    z->types = (const struct cdn_zone_type *)(void *)(base + at_types);
    z->kinds = (const uint8_t *)(base + at_kinds);
    z->time_count = times;
    z->type_count = types;
    if (name.n > 0) {
        memcpy(base + at_name, name.p, name.n);
    }
    z->name = cdn_str(base + at_name, name.n);
    return z;
}

int cdn_zone_parse_tzif(cordon_str name,
                        cordon_str bytes,
                        const struct cordon_alloc *alloc,
                        struct cdn_zone **ret,
                        struct cordon_error *e) {
    struct cdn_cursor c;
    struct block b;
    struct cdn_zone_footer footer;
    int version = 0, again = 0;
    memset(&footer, 0, sizeof footer);
    if (bytes.n > CDN_ZONE_FILE_MAX) {
        return cdn_fail(e, CORDON_E_LIMIT, "time zone `%.*s`: the file is too large", CDN_FMT(name));
    }
    cdn_cursor_init(&c, bytes.p, bytes.n);
    int err = read_block(&c, name, 4, &b, &version, e);
    if (err == 0 && version != 0) {
        err = read_block(&c, name, 8, &b, &again, e);
        if (err == 0 && again != version) {
            err = bad(e, name, "its two headers differ in version");
        }
        if (err == 0) {
            err = read_footer(&c, name, &footer, e);
        }
    } else if (err == 0 && c.at != c.n) {
        err = bad(e, name, "something follows its data");
    }
    if (err == 0 && b.counts.leap != 0) {
        err = bad(e, name, "it counts leap seconds; use the file outside of `right/`");
    }
    if (err != 0) {
        return err;
    }
    struct cdn_zone *z = make_zone(name, b.counts.time, b.counts.type, alloc);
    if (z == NULL) {
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for a time zone");
    }
    z->footer = footer;
    char *base = (char *)z;
    int64_t *times = (int64_t *)(void *)(base + sizeof *z);
    struct cdn_zone_type *types = (struct cdn_zone_type *)(void *)(times + b.counts.time);
    if (!copy_types(&b, types) || !copy_times(&b, times, (uint8_t *)(types + b.counts.type))) {
        cdn_zone_free(z);
        return bad(e, name, "a transition or a type is out of range");
    }
    *ret = z;
    return 0;
}

int cdn_zone_make_fixed(cordon_str name,
                        const struct cdn_zone_type *type,
                        const struct cordon_alloc *alloc,
                        struct cdn_zone **ret,
                        struct cordon_error *e) {
    struct cdn_zone *z = make_zone(name, 0, 1, alloc);
    if (z == NULL) {
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for a time zone");
    }
    memcpy((char *)z + sizeof *z, type, sizeof *type);
    z->fixed = true;
    *ret = z;
    return 0;
}
