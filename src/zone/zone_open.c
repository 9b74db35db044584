/* SPDX-License-Identifier: Apache-2.0 */
/* zone_open.c: zones by name: fixed offsets and abbreviations first, then files of the zone database.
 *
 * 1. A name is made of letters, digits, "+", "-", "_" and "/", and no part begins with a dot: it cannot leave
 * the directory.
 * 2. The abbreviations of legal texts are constant offsets, whatever the database has under the same name:
 * "12:01 a.m. eastern standard time" is UTC-5 in July as well. Whoever means the place writes the place.
 * 3. Names to suggest come from tzdata.zi, which every packaged database carries. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "zone/zone_priv.h"

static const struct {
    const char *name;
    int32_t seconds;
    bool dst;
} fixed_zones[] = {
    {"Z", 0, false},       {"UTC", 0, false},      {"GMT", 0, false},     {"EST", -18000, false},
    {"EDT", -14400, true}, {"CST", -21600, false}, {"CDT", -18000, true}, {"MST", -25200, false},
    {"MDT", -21600, true}, {"PST", -28800, false}, {"PDT", -25200, true}, {"MSK", 10800, false},
    {"WET", 0, false},     {"WEST", 3600, true},   {"CET", 3600, false},  {"CEST", 7200, true},
    {"EET", 7200, false},  {"EEST", 10800, true},  {"BST", 3600, true},   {"JST", 32400, false},
};

#define PATH_MAX_HERE 4096

/* ---- fixed zones --------------------------------------------------------------------------------------- */

/* "+03:00", "-0500", "+3", "UTC+3", "GMT-05:30"; at most 14 hours either way. */
static bool parse_offset(cordon_str s, int32_t *ret) {
    int v[4], n = 0;
    if (cdn_str_starts(s, CDN_STR("UTC")) || cdn_str_starts(s, CDN_STR("GMT"))) {
        s = cdn_str(s.p + 3, s.n - 3);
    }
    if (s.n < 2 || (s.p[0] != '+' && s.p[0] != '-')) {
        return false;
    }
    bool colon = false;
    for (size_t i = 1; i < s.n; i++) {
        if (s.p[i] == ':' && n == 2 && !colon) {
            colon = true;
            continue;
        }
        if (s.p[i] < '0' || s.p[i] > '9' || n == 4) {
            return false;
        }
        v[n++] = s.p[i] - '0';
    }
    if (n == 0 || n == 3 || (colon && n != 4)) {
        return false;
    }
    const int hours = n == 1 ? v[0] : v[0] * 10 + v[1], minutes = n == 4 ? v[2] * 10 + v[3] : 0;
    if (hours > 14 || minutes > 59 || (hours == 14 && minutes > 0)) {
        return false;
    }
    const int32_t seconds = hours * 3600 + minutes * 60;
    *ret = s.p[0] == '-' ? -seconds : seconds;
    return true;
}

static bool fixed_type(cordon_str name, struct cdn_zone_type *ret) {
    memset(ret, 0, sizeof *ret);
    for (size_t i = 0; i < CDN_ARRAY_LEN(fixed_zones); i++) {
        if (cdn_str_eq(name, cdn_str_z(fixed_zones[i].name))) {
            ret->seconds = fixed_zones[i].seconds;
            ret->dst = fixed_zones[i].dst;
            memcpy(ret->abbreviation, fixed_zones[i].name, strlen(fixed_zones[i].name) + 1);
            return true;
        }
    }
    if (!parse_offset(name, &ret->seconds) || name.n >= CDN_ZONE_ABBREV) {
        return false;
    }
    memcpy(ret->abbreviation, name.p, name.n);
    return true;
}

/* ---- files ----------------------------------------------------------------------------------------------
 */

static bool good_name(cordon_str name) {
    if (name.n == 0 || name.n >= CDN_ZONE_NAME_MAX || name.p[0] == '/' || name.p[name.n - 1] == '/') {
        return false;
    }
    for (size_t i = 0; i < name.n; i++) {
        const char c = name.p[i];
        const bool part = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                          c == '+' || c == '-' || c == '_' || (c == '/' && name.p[i - 1] != '/');
        if (!part) {
            return false;
        }
    }
    return true;
}

static bool make_path(const char *dir, cordon_str file, char path[PATH_MAX_HERE]) {
    struct cdn_buf b;
    cdn_buf_fixed(&b, path, PATH_MAX_HERE - 1);
    cdn_buf_z(&b, dir);
    cdn_buf_char(&b, '/');
    cdn_buf_str(&b, file);
    path[b.n] = '\0';
    return b.err == 0;
}

static int io_error(const char *path, struct cordon_error *e) {
    const int system = errno;
    (void)cdn_fail(e, CORDON_E_IO, "%s cannot be read", path);
    if (e != NULL) {
        e->system = system;
    }
    return CORDON_E_IO;
}

static int read_all(int fd, char *p, size_t n) {
    for (size_t have = 0; have < n;) {
        const ssize_t got = read(fd, p + have, n - have);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return -1;
        }
        have += (size_t)got;
    }
    return 0;
}

/* The whole file, to be released with its size. CORDON_E_NOTFOUND: no such regular file. */
static int load_open(
    int fd, const char *path, const struct cordon_alloc *alloc, cordon_str *ret, struct cordon_error *e) {
    struct stat st;
    if (fstat(fd, &st) != 0) {
        return io_error(path, e);
    }
    if (!S_ISREG(st.st_mode)) {
        return cdn_fail(e, CORDON_E_NOTFOUND, "%s is not a file", path);
    }
    if (st.st_size <= 0 || (uint64_t)st.st_size > CDN_ZONE_FILE_MAX) {
        return cdn_fail(e, CORDON_E_FORMAT, "%s is empty or too large", path);
    }
    const size_t n = (size_t)st.st_size;
    char *p = cdn_alloc(alloc, n);
    if (p == NULL) {
        return cdn_fail(e, CORDON_E_NOMEM, "no memory to read %s", path);
    }
    if (read_all(fd, p, n) != 0) {
        const int err = io_error(path, e);
        cdn_free(alloc, p, n);
        return err;
    }
    *ret = cdn_str(p, n);
    return 0;
}

static int load(const char *path, const struct cordon_alloc *alloc, cordon_str *ret, struct cordon_error *e) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        if (errno == ENOENT || errno == ENOTDIR || errno == EISDIR) {
            return cdn_fail(e, CORDON_E_NOTFOUND, "there is no %s", path);
        }
        return io_error(path, e);
    }
    const int err = load_open(fd, path, alloc, ret, e);
    (void)close(fd);
    return err;
}

static int no_such_zone(const char *dir,
                        cordon_str name,
                        const struct cordon_alloc *alloc,
                        struct cordon_error *e) {
    char near[CDN_ZONE_NAME_MAX];
    (void)cdn_fail(e, CORDON_E_NAME, "there is no time zone `%.*s`", CDN_FMT(name));
    if (e != NULL && cdn_zone_suggest(dir, name, alloc, near)) {
        cdn_error_hint(e, "did you mean `%s`?", near);
    }
    return CORDON_E_NAME;
}

int cdn_zone_open(const char *dir,
                  cordon_str name,
                  const struct cordon_alloc *alloc,
                  struct cdn_zone **ret,
                  struct cordon_error *e) {
    struct cdn_zone_type type;
    char path[PATH_MAX_HERE];
    cordon_str bytes = {NULL, 0};
    if (fixed_type(name, &type)) {
        return cdn_zone_make_fixed(name, &type, alloc, ret, e);
    }
    if (!good_name(name) || !make_path(dir, name, path)) {
        return no_such_zone(dir, name, alloc, e);
    }
    int err = load(path, alloc, &bytes, e);
    if (err == CORDON_E_NOTFOUND) {
        return no_such_zone(dir, name, alloc, e);
    }
    if (err != 0) {
        return err;
    }
    err = cdn_zone_parse_tzif(name, bytes, alloc, ret, e);
    cdn_free(alloc, (void *)(uintptr_t)bytes.p, bytes.n);
    return err;
}

/* ---- the database as a whole -------------------------------------------------------------------------- */

/* The name of a zone or link in a line of tzdata.zi: "Z Africa/Abidjan -0:16:8 …", "L target name". */
static cordon_str zone_of_line(cordon_str line) {
    cordon_str rest;
    const cordon_str kind = cdn_str_split(line, ' ', &rest);
    cordon_str name = cdn_str_split(rest, ' ', &rest);
    if (cdn_str_eq(kind, CDN_STR("L"))) {
        name = cdn_str_split(rest, ' ', &rest);
    } else if (!cdn_str_eq(kind, CDN_STR("Z"))) {
        return cdn_str(NULL, 0);
    }
    return good_name(name) ? name : cdn_str(NULL, 0);
}

static cordon_str last_part(cordon_str name) {
    for (size_t i = name.n; i > 0; i--) {
        if (name.p[i - 1] == '/') {
            return cdn_str(name.p + i, name.n - i);
        }
    }
    return name;
}

/* "New York", "new_york" and "New_York" are all meant as the last part of America/New_York. */
static bool is_city(cordon_str name, cordon_str wanted) {
    const cordon_str city = last_part(name);
    if (city.n == name.n || city.n != wanted.n) {
        return false;
    }
    for (size_t i = 0; i < city.n; i++) {
        const char a = (char)(city.p[i] | 0x20), b = (char)(wanted.p[i] | 0x20);
        if (a != b && !(city.p[i] == '_' && wanted.p[i] == ' ')) {
            return false;
        }
    }
    return true;
}

bool cdn_zone_suggest(const char *dir,
                      cordon_str name,
                      const struct cordon_alloc *alloc,
                      char ret[CDN_ZONE_NAME_MAX]) {
    char path[PATH_MAX_HERE];
    cordon_str text = {NULL, 0}, city = {NULL, 0};
    struct cdn_suggest near;
    if (name.n > CDN_ZONE_NAME_MAX || !make_path(dir, CDN_STR("tzdata.zi"), path) ||
        load(path, alloc, &text, NULL) != 0) {
        return false;
    }
    cdn_suggest_init(&near, name);
    for (cordon_str rest = text; rest.n > 0;) {
        const cordon_str zone = zone_of_line(cdn_str_split(rest, '\n', &rest));
        if (zone.n > 0) {
            cdn_suggest_offer(&near, zone);
            city = city.n == 0 && is_city(zone, name) ? zone : city;
        }
    }
    const cordon_str best = city.n > 0 ? city : cdn_suggest_found(&near) ? near.best : city;
    const bool found = best.n > 0;
    if (found) {
        memcpy(ret, best.p, best.n);
        ret[best.n] = '\0';
    }
    cdn_free(alloc, (void *)(uintptr_t)text.p, text.n);
    return found;
}

/* First `n` bytes of a file; how many there were, 0 when it cannot be read. */
static size_t read_start(const char *dir, const char *file, char *p, size_t n) {
    char path[PATH_MAX_HERE];
    if (!make_path(dir, cdn_str_z(file), path)) {
        return 0;
    }
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        return 0;
    }
    const ssize_t got = read(fd, p, n);
    (void)close(fd);
    return got > 0 ? (size_t)got : 0;
}

/* "2026f": a year and letters. */
static bool good_version(cordon_str v) {
    bool good = v.n >= 5 && v.n < 16;
    for (size_t i = 0; good && i < v.n; i++) {
        const char c = v.p[i];
        good = i < 4 ? c >= '0' && c <= '9'
                     : (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    }
    return good;
}

int cdn_zone_db_version(const char *dir, char ret[16], struct cordon_error *e) {
    char text[64];
    cordon_str rest;
    cordon_str line =
        cdn_str_split(cdn_str(text, read_start(dir, "tzdata.zi", text, sizeof text)), '\n', &rest);
    if (cdn_str_starts(line, CDN_STR("# version "))) {
        line = cdn_str_trim(cdn_str(line.p + 10, line.n - 10));
    }
    if (!good_version(line)) {
        line = cdn_str_trim(cdn_str(text, read_start(dir, "+VERSION", text, sizeof text)));
    }
    if (!good_version(line)) {
        return cdn_fail(
            e, CORDON_E_NOTFOUND, "the version of the time zone database in %s is not stated", dir);
    }
    memcpy(ret, line.p, line.n);
    ret[line.n] = '\0';
    return 0;
}
