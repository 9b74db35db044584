/* SPDX-License-Identifier: Apache-2.0 */
/* test_zone.c: zones against glibc's own reading of the same files, and the hours that occur never or twice.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "support/fault.h"
#include "support/rnd.h"
#include "support/shared.h"
#include "zone/zone.h"

static struct cdn_zone *zone_of(const char *name) {
    struct cdn_zone *z = NULL;
    struct cordon_error e = {0};
    if (cdn_zone_open(CDN_ZONE_DIR, cdn_str_z(name), &cdn_alloc_libc, &z, &e) != 0) {
        fail_msg("%s: %s", name, e.message);
    }
    return z;
}

static int64_t instant_of(const char *z) {
    int64_t t = 0;
    int32_t offset = 0;
    assert_int_equal(cdn_time_parse(cdn_str_z(z), &t, &offset), 0);
    return t;
}

static struct cdn_civil civil_of(const char *z) { /* "2022-03-05T00:00" */
    char whole[40];
    (void)snprintf(whole, sizeof whole, "%sZ", z);
    return cdn_civil_from_time(instant_of(whole));
}

static void resolves(const char *zone, const char *local, const char *utc) {
    struct cdn_zone *z = zone_of(zone);
    const struct cdn_civil c = civil_of(local);
    struct cordon_error e = {0};
    int64_t t = 0;
    int32_t offset = 0;
    if (cdn_zone_resolve(z, &c, CDN_ZONE_ANY_OFFSET, &t, &offset, &e) != 0) {
        fail_msg("%s %s: %s", local, zone, e.message);
    }
    if (t != instant_of(utc)) {
        fail_msg("%s %s is %lld, not %s", local, zone, (long long)t, utc);
    }
    assert_int_equal(cdn_zone_offset_at(z, t).seconds, offset);
    const struct cdn_civil back = cdn_zone_civil(z, t, &offset);
    assert_int_equal(cdn_time_from_civil(&back), cdn_time_from_civil(&c));
    cdn_zone_free(z);
}

static void times_of_real_measures(void **state) {
    (void)state;
    resolves("America/New_York", "2022-03-05T00:00", "2022-03-05T05:00:00Z");
    resolves("America/New_York", "2026-04-01T00:01", "2026-04-01T04:01:00Z");
    resolves("EDT", "2026-04-01T00:01", "2026-04-01T04:01:00Z");
    resolves("EST", "2026-12-16T00:01", "2026-12-16T05:01:00Z");
    resolves(
        "EST", "2026-07-01T00:01", "2026-07-01T05:01:00Z"); /* as written, though clocks show daylight time */
    resolves("EDT", "2026-12-16T00:01", "2026-12-16T04:01:00Z");
    resolves("Europe/Moscow", "2010-07-01T12:00", "2010-07-01T08:00:00Z");
    resolves("Europe/Moscow", "2012-01-01T12:00", "2012-01-01T08:00:00Z");
    resolves("Europe/Moscow", "2022-03-08T12:00", "2022-03-08T09:00:00Z");
    resolves("MSK", "2012-01-01T12:00", "2012-01-01T09:00:00Z");
    resolves("Europe/Kyiv", "2022-07-01T00:00", "2022-06-30T21:00:00Z");
    resolves("Europe/Kiev", "2022-07-01T00:00", "2022-06-30T21:00:00Z");
    resolves("CET", "2022-07-01T00:00", "2022-06-30T23:00:00Z");
    resolves("CEST", "2022-07-01T00:00", "2022-06-30T22:00:00Z");
    resolves("Europe/Brussels", "2022-07-01T00:00", "2022-06-30T22:00:00Z");
    resolves("UTC", "2022-07-01T00:00", "2022-07-01T00:00:00Z");
    resolves("Z", "2022-07-01T00:00", "2022-07-01T00:00:00Z");
    resolves("+03:00", "2022-07-01T00:00", "2022-06-30T21:00:00Z");
    resolves("-0530", "2022-07-01T00:00", "2022-07-01T05:30:00Z");
    resolves("UTC+3", "2022-07-01T00:00", "2022-06-30T21:00:00Z");
    resolves("Etc/GMT+5", "2022-07-01T00:00", "2022-07-01T05:00:00Z");
    resolves("Asia/Kathmandu", "2022-07-01T05:45", "2022-07-01T00:00:00Z");
    resolves(
        "Europe/Dublin", "2090-07-01T01:00", "2090-07-01T00:00:00Z"); /* its winter time is the exception */
    resolves("America/New_York", "2400-07-04T00:00", "2400-07-04T04:00:00Z");
}

static void fails(const char *zone,
                  const char *local,
                  int32_t offset,
                  int code,
                  const char *in_message,
                  const char *in_hint) {
    struct cdn_zone *z = zone_of(zone);
    const struct cdn_civil c = civil_of(local);
    struct cordon_error e = {0};
    int64_t t = 77;
    assert_int_equal(cdn_zone_resolve(z, &c, offset, &t, NULL, &e), code);
    assert_int_equal(t, 77);
    if (strstr(e.message, in_message) == NULL || strstr(e.hint, in_hint) == NULL) {
        fail_msg("%s %s: \"%s\" / \"%s\"", local, zone, e.message, e.hint);
    }
    cdn_zone_free(z);
}

static void hours_that_do_not_exist_or_occur_twice(void **state) {
    (void)state;
    fails("America/New_York",
          "2022-03-13T02:30",
          CDN_ZONE_ANY_OFFSET,
          CORDON_E_RANGE,
          "does not exist",
          "2022-03-13T03:30:00-04:00 or 2022-03-13T01:30:00-05:00");
    fails("America/New_York",
          "2022-03-13T02:30",
          -18000,
          CORDON_E_RANGE,
          "02:00:00-05:00 to 2022-03-13T03:00:00-04:00",
          "");
    fails("America/New_York",
          "2022-11-06T01:30",
          CDN_ZONE_ANY_OFFSET,
          CORDON_E_CONFLICT,
          "occurs twice",
          "2022-11-06T01:30:00-04:00 (EDT) or 2022-11-06T01:30:00-05:00 (EST)");
    fails("America/New_York", "2022-07-01T00:00", -18000, CORDON_E_CONFLICT, "another offset", "-04:00");
    fails("Europe/Kyiv", "2022-03-27T03:30", CDN_ZONE_ANY_OFFSET, CORDON_E_RANGE, "does not exist", "");
    fails("Europe/Moscow", "2014-10-26T01:30", CDN_ZONE_ANY_OFFSET, CORDON_E_CONFLICT, "twice", "+04:00");
    fails("Pacific/Apia", "2011-12-30T12:00", CDN_ZONE_ANY_OFFSET, CORDON_E_RANGE, "does not exist", "");
    fails("America/New_York", "2199-03-10T02:30", CDN_ZONE_ANY_OFFSET, CORDON_E_RANGE, "does not exist", "");
    struct cdn_zone *z = zone_of("America/New_York");
    const struct cdn_civil twice = civil_of("2022-11-06T01:30");
    int64_t early = 0, late = 0;
    int32_t offset = 0;
    assert_int_equal(cdn_zone_resolve(z, &twice, -14400, &early, &offset, NULL), 0);
    assert_int_equal(offset, -14400);
    assert_int_equal(cdn_zone_resolve(z, &twice, -18000, &late, NULL, NULL), 0);
    assert_int_equal(late - early, 3600);
    const struct cdn_civil nonsense = {.year = 2022, .month = 2, .day = 30};
    assert_int_equal(cdn_zone_resolve(z, &nonsense, CDN_ZONE_ANY_OFFSET, &late, NULL, NULL), CORDON_E_RANGE);
    cdn_zone_free(z);
}

static void days_begin(void **state) {
    (void)state;
    static const struct {
        const char *zone;
        int32_t year;
        unsigned month, day;
        const char *utc;
    } rows[] = {{"America/New_York", 2022, 3, 13, "2022-03-13T05:00:00Z"},
                {"America/New_York", 2022, 3, 14, "2022-03-14T04:00:00Z"},
                {"America/Sao_Paulo", 2018, 11, 4, "2018-11-04T03:00:00Z"}, /* midnight is skipped */
                {"America/Havana", 2022, 11, 6, "2022-11-06T04:00:00Z"},    /* midnight occurs twice */
                {"Pacific/Apia", 2011, 12, 30, "2011-12-30T10:00:00Z"},     /* the day is skipped */
                {"Pacific/Apia", 2011, 12, 31, "2011-12-30T10:00:00Z"},
                {"Asia/Beirut", 2100, 3, 28, "2100-03-27T22:00:00Z"}};
    for (size_t i = 0; i < CDN_ARRAY_LEN(rows); i++) {
        struct cdn_zone *z = zone_of(rows[i].zone);
        int64_t t = 0;
        assert_int_equal(cdn_zone_day_start(z, rows[i].year, rows[i].month, rows[i].day, &t, NULL), 0);
        if (t != instant_of(rows[i].utc)) {
            fail_msg("%s row %zu: %lld", rows[i].zone, i, (long long)t);
        }
        assert_int_equal(cdn_zone_day_start(z, 2022, 13, 1, &t, NULL), CORDON_E_RANGE);
        assert_int_equal(cdn_zone_day_start(z, 2022, 2, 29, &t, NULL), CORDON_E_RANGE);
        assert_int_equal(cdn_zone_day_start(z, 2022, 2, 288, &t, NULL), CORDON_E_RANGE);
        cdn_zone_free(z);
    }
}

static void unknown_zones(void **state) {
    (void)state;
    static const struct {
        const char *name, *hint;
    } rows[] = {{"Amerika/New_York", "America/New_York"},
                {"america/new_york", "America/New_York"},
                {"New York", "America/New_York"},
                {"Kyiv", "Europe/Kyiv"},
                {"Europe/Moskow", "Europe/Moscow"},
                {"Atlantis/Centre", ""},
                {"", ""},
                {"../../etc/passwd", ""},
                {"/etc/passwd", ""},
                {"Europe", ""},
                {"Europe/", ""},
                {"Europe//Kyiv", "Europe/Kyiv"},
                {"+15", ""},
                {"+1:30", ""},
                {"UTC3", ""}};
    for (size_t i = 0; i < CDN_ARRAY_LEN(rows); i++) {
        struct cordon_error e = {0};
        struct cdn_zone *z = NULL;
        if (cdn_zone_open(CDN_ZONE_DIR, cdn_str_z(rows[i].name), &cdn_alloc_libc, &z, &e) != CORDON_E_NAME ||
            z != NULL) {
            fail_msg("`%s`: %d %s", rows[i].name, e.code, e.message);
        }
        if (strstr(e.hint, rows[i].hint) == NULL) {
            fail_msg("`%s`: hint \"%s\"", rows[i].name, e.hint);
        }
    }
    struct cordon_error e = {0};
    struct cdn_zone *z = NULL;
    assert_int_equal(cdn_zone_open(CDN_ZONE_DIR, CDN_STR("tzdata.zi"), &cdn_alloc_libc, &z, &e),
                     CORDON_E_NAME);
    assert_int_equal(cdn_zone_open(CDN_ZONE_DIR, CDN_STR("leapseconds"), &cdn_alloc_libc, &z, &e),
                     CORDON_E_FORMAT);
    assert_int_equal(cdn_zone_open("/nonexistent", CDN_STR("Europe/Kyiv"), &cdn_alloc_libc, &z, &e),
                     CORDON_E_NAME);
    assert_int_equal(cdn_zone_open(CDN_ZONE_DIR, CDN_STR("right/UTC"), &cdn_alloc_libc, &z, &e),
                     access(CDN_ZONE_DIR "/right/UTC", R_OK) == 0 ? CORDON_E_FORMAT : CORDON_E_NAME);
}

static void version_of_the_database(void **state) {
    (void)state;
    char version[16] = "";
    assert_int_equal(cdn_zone_db_version(CDN_ZONE_DIR, version, NULL), 0);
    assert_true(strlen(version) >= 5 && memcmp(version, "20", 2) == 0);
    assert_int_equal(cdn_zone_db_version("/nonexistent", version, NULL), CORDON_E_NOTFOUND);
}

/* ---- against glibc --------------------------------------------------------------------------------------
 */

static const char *const many[] = {"Africa/Abidjan",
                                   "Africa/Cairo",
                                   "Africa/Casablanca",
                                   "Africa/El_Aaiun",
                                   "Africa/Johannesburg",
                                   "Africa/Juba",
                                   "America/Argentina/Buenos_Aires",
                                   "America/Asuncion",
                                   "America/Caracas",
                                   "America/Chicago",
                                   "America/Denver",
                                   "America/Havana",
                                   "America/Indiana/Knox",
                                   "America/Los_Angeles",
                                   "America/Mexico_City",
                                   "America/New_York",
                                   "America/Nuuk",
                                   "America/Phoenix",
                                   "America/Santiago",
                                   "America/Sao_Paulo",
                                   "America/Scoresbysund",
                                   "America/St_Johns",
                                   "Antarctica/Macquarie",
                                   "Antarctica/Troll",
                                   "Asia/Almaty",
                                   "Asia/Beirut",
                                   "Asia/Dhaka",
                                   "Asia/Dubai",
                                   "Asia/Gaza",
                                   "Asia/Hong_Kong",
                                   "Asia/Jerusalem",
                                   "Asia/Kathmandu",
                                   "Asia/Kolkata",
                                   "Asia/Pyongyang",
                                   "Asia/Shanghai",
                                   "Asia/Tehran",
                                   "Asia/Tokyo",
                                   "Asia/Ulaanbaatar",
                                   "Asia/Vladivostok",
                                   "Atlantic/Azores",
                                   "Australia/Adelaide",
                                   "Australia/Lord_Howe",
                                   "Australia/Sydney",
                                   "Etc/GMT+12",
                                   "Etc/GMT-14",
                                   "Etc/UTC",
                                   "Europe/Brussels",
                                   "Europe/Dublin",
                                   "Europe/Istanbul",
                                   "Europe/Kaliningrad",
                                   "Europe/Kyiv",
                                   "Europe/London",
                                   "Europe/Minsk",
                                   "Europe/Moscow",
                                   "Europe/Samara",
                                   "Europe/Simferopol",
                                   "Europe/Volgograd",
                                   "Pacific/Apia",
                                   "Pacific/Auckland",
                                   "Pacific/Chatham",
                                   "Pacific/Easter",
                                   "Pacific/Fiji",
                                   "Pacific/Kiritimati",
                                   "Pacific/Norfolk"};

static void use_in_glibc(const char *name) {
    char path[128];
    (void)snprintf(path, sizeof path, ":" CDN_ZONE_DIR "/%s", name);
    assert_int_equal(setenv("TZ", path, 1), 0);
    tzset();
}

static void same_as_glibc(const struct cdn_zone *z, const char *name, int64_t t) {
    const time_t then = (time_t)t;
    struct tm tm;
    assert_non_null(localtime_r(&then, &tm));
    const struct cdn_zone_offset o = cdn_zone_offset_at(z, t);
    if (o.seconds != tm.tm_gmtoff || o.dst != (tm.tm_isdst > 0) || strcmp(o.abbreviation, tm.tm_zone) != 0) {
        fail_msg("%s at %lld: %d %s, glibc %ld %s",
                 name,
                 (long long)t,
                 (int)o.seconds,
                 o.abbreviation,
                 tm.tm_gmtoff,
                 tm.tm_zone);
    }
}

/* The civil time of t resolves to instants that show it; t is one of them. */
static void resolves_back(const struct cdn_zone *z, int64_t t) {
    int32_t offset = 0;
    int64_t back = 0;
    const struct cdn_civil c = cdn_zone_civil(z, t, &offset);
    assert_int_equal(cdn_zone_resolve(z, &c, offset, &back, NULL, NULL), 0);
    assert_int_equal(back, t);
    const int err = cdn_zone_resolve(z, &c, CDN_ZONE_ANY_OFFSET, &back, &offset, NULL);
    assert_true(err == CORDON_E_CONFLICT || (err == 0 && back == t));
}

static void random_instants_as_glibc_has_them(void **state) {
    (void)state;
    struct cdn_rnd rnd;
    cdn_rnd_init(&rnd, "zones", 1884);
    size_t zones = 0;
    for (size_t i = 0; i < CDN_ARRAY_LEN(many); i++) {
        char path[128];
        (void)snprintf(path, sizeof path, CDN_ZONE_DIR "/%s", many[i]);
        if (access(path, R_OK) != 0) {
            print_message("# %s is not installed\n", many[i]);
            continue;
        }
        struct cdn_zone *z = zone_of(many[i]);
        use_in_glibc(many[i]);
        zones++;
        for (size_t k = 0; k < cdn_rnd_rounds(1500); k++) {
            const int64_t t = cdn_rnd_between(&rnd, 0, 4102444800); /* 1970 to 2100 */
            same_as_glibc(z, many[i], t);
            resolves_back(z, t);
        }
        int64_t t = -1;
        for (size_t k = 0; k < 400 && t < 4102444800; k++) { /* every change, and the second before it */
            t = cdn_zone_next_change(z, t);
            if (t < 4102444800) {
                same_as_glibc(z, many[i], t);
                same_as_glibc(z, many[i], t - 1);
                resolves_back(z, t);
                resolves_back(z, t - 1);
            }
        }
        cdn_zone_free(z);
    }
    assert_int_equal(setenv("TZ", "UTC", 1), 0);
    tzset();
    assert_true(zones > 40);
}

/* mktime() with the flag of summer time taken from the clock itself must find the same instant. */
static void random_civil_times_as_mktime_has_them(void **state) {
    (void)state;
    struct cdn_rnd rnd;
    cdn_rnd_init(&rnd, "civil", 1918);
    size_t gaps = 0, twice = 0;
    for (size_t i = 0; i < CDN_ARRAY_LEN(many); i += 3) {
        struct cdn_zone *z = zone_of(many[i]);
        use_in_glibc(many[i]);
        for (size_t k = 0; k < cdn_rnd_rounds(1000); k++) {
            int64_t near = cdn_rnd_between(&rnd, 86400, 4102444800);
            const int64_t change = cdn_zone_next_change(z, near);
            near = cdn_rnd_chance(&rnd, 500) && change < 4102444800
                       ? change + cdn_rnd_between(&rnd, -7200, 7200)
                       : near;
            const struct cdn_civil c = cdn_civil_from_time(near);
            struct tm tm = {.tm_year = c.year - 1900,
                            .tm_mon = c.month - 1,
                            .tm_mday = c.day,
                            .tm_hour = c.hour,
                            .tm_min = c.minute,
                            .tm_sec = c.second,
                            .tm_isdst = -1};
            const struct tm asked = tm;
            const int64_t theirs = mktime(&tm);
            int64_t ours = 0;
            const int err = cdn_zone_resolve(z, &c, CDN_ZONE_ANY_OFFSET, &ours, NULL, NULL);
            if (err == 0) {
                assert_int_equal(ours, theirs);
            } else if (err == CORDON_E_RANGE) { /* mktime() moves the time out of the gap */
                assert_true(tm.tm_hour != asked.tm_hour || tm.tm_min != asked.tm_min ||
                            tm.tm_mday != asked.tm_mday);
                gaps++;
            } else {
                const int32_t offset = (int32_t)(cdn_time_from_civil(&c) - theirs);
                assert_int_equal(cdn_zone_resolve(z, &c, offset, &ours, NULL, NULL), 0);
                twice++;
            }
        }
        cdn_zone_free(z);
    }
    assert_int_equal(setenv("TZ", "UTC", 1), 0);
    tzset();
    print_message("# %zu gaps, %zu overlaps\n", gaps, twice);
    assert_true(gaps > 0 && twice > 0);
}

/* ---- files ------------------------------------------------------------------------------------------------
 */

static void damaged_files_are_refused_or_total(void **state) {
    (void)state;
    struct cdn_rnd rnd;
    size_t n = 0, opened = 0;
    uint8_t *file = cdn_read_file(CDN_ZONE_DIR "/America/New_York", &n);
    assert_non_null(file);
    cdn_rnd_init(&rnd, "damage", 7);
    for (size_t cut = 0; cut < n; cut++) {
        struct cdn_zone *z = NULL;
        uint8_t *copy = malloc(cut + 1);
        assert_non_null(copy);
        memcpy(copy, file, cut);
        assert_int_not_equal(
            cdn_zone_from_tzif(CDN_STR("x"), cdn_str((char *)copy, cut), &cdn_alloc_libc, &z, NULL), 0);
        free(copy);
    }
    for (size_t i = 0; i < cdn_rnd_rounds(3000); i++) {
        struct cdn_zone *z = NULL;
        const size_t at = (size_t)cdn_rnd_below(&rnd, n);
        const uint8_t old = file[at];
        file[at] = (uint8_t)cdn_rnd_next(&rnd);
        if (cdn_zone_from_tzif(CDN_STR("x"), cdn_str((char *)file, n), &cdn_alloc_libc, &z, NULL) == 0) {
            opened++;
            const int64_t t = cdn_rnd_between(&rnd, CDN_TIME_MIN, CDN_TIME_MAX);
            (void)cdn_zone_offset_at(z, t);
            assert_true(cdn_zone_next_change(z, t) > t || t == CDN_TIME_MAX);
            cdn_zone_free(z);
        }
        file[at] = old;
    }
    assert_true(opened > 0);
    free(file);
}

static int opening_survives_lack_of_memory(const struct cordon_alloc *alloc) {
    struct cdn_zone *z = NULL;
    const int err = cdn_zone_open(CDN_ZONE_DIR, CDN_STR("America/New_York"), alloc, &z, NULL);
    if (err == 0) {
        assert_true(cdn_str_eq(cdn_zone_name(z), CDN_STR("America/New_York")));
        assert_false(cdn_zone_is_fixed(z));
        cdn_zone_free(z);
    }
    return err;
}

static int fixed_zones_survive_lack_of_memory(const struct cordon_alloc *alloc) {
    struct cdn_zone *z = NULL;
    const int err = cdn_zone_open(CDN_ZONE_DIR, CDN_STR("EDT"), alloc, &z, NULL);
    if (err == 0) {
        assert_true(cdn_zone_is_fixed(z));
        const struct cdn_zone_offset o = cdn_zone_offset_at(z, 0);
        assert_int_equal(o.seconds, -14400);
        assert_true(o.dst);
        assert_string_equal(o.abbreviation, "EDT");
        assert_int_equal(cdn_zone_next_change(z, 0), CDN_TIME_MAX);
        cdn_zone_free(z);
    }
    return err;
}

/* Hand-made files: version 1, an empty rule, rules of every form. */
static struct cdn_zone *made(const char *rule, int version) {
    char file[256];
    size_t n = 0;
    for (int pass = 0; pass < (version == 0 ? 1 : 2); pass++) {
        memset(file + n, 0, 44 + 6 + 4);
        memcpy(file + n, "TZif", 4);
        file[n + 4] = (char)version;
        file[n + 39] = 1; /* one type */
        file[n + 43] = 4; /* "LMT" */
        n += 44;
        file[n + 3] = 60; /* offset */
        memcpy(file + n + 6, "LMT", 4);
        n += 10;
    }
    if (version != 0) {
        n += (size_t)snprintf(file + n, sizeof file - n, "\n%s\n", rule);
    }
    struct cdn_zone *z = NULL;
    return cdn_zone_from_tzif(CDN_STR("made"), cdn_str(file, n), &cdn_alloc_libc, &z, NULL) == 0 ? z : NULL;
}

static void rules_of_every_form(void **state) {
    (void)state;
    static const struct {
        const char *rule, *utc;
        int32_t seconds;
        bool dst;
    } rows[] = {{"", "2030-01-01T00:00:00Z", 60, false},
                {"EST5", "2030-07-01T00:00:00Z", -18000, false},
                {"<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", "2030-07-01T00:00:00Z", -7200, true},
                {"IST-1GMT0,M10.5.0,M3.5.0/1", "2030-07-01T00:00:00Z", 3600, false},
                {"IST-1GMT0,M10.5.0,M3.5.0/1", "2030-12-31T00:00:00Z", 0, true},
                {"XXX0YYY,J60,J300", "2028-03-01T01:59:59Z", 0, false},
                {"XXX0YYY,J60,J300", "2028-03-01T02:00:00Z", 3600, true},
                {"XXX0YYY,59,300", "2028-02-29T02:00:00Z", 3600, true},
                {"XXX0YYY,59,300", "2027-03-01T02:00:00Z", 3600, true},
                {"AEST-10AEDT,M10.1.0,M4.1.0/3", "2030-01-01T00:00:00Z", 39600, true},
                {"XXX3EDT4,0/0,J365/23", "2030-12-31T23:59:59Z", -14400, true}, /* all year summer time */
                {"XXX3EDT4,0/0,J365/23", "2031-01-01T03:00:00Z", -14400, true},
                {"XXX0YYY,M1.1.1/167,M12.5.0/-167", "2030-06-01T00:00:00Z", 3600, true}};
    for (size_t i = 0; i < CDN_ARRAY_LEN(rows); i++) {
        struct cdn_zone *z = made(rows[i].rule, '3');
        assert_non_null(z);
        const struct cdn_zone_offset o = cdn_zone_offset_at(z, instant_of(rows[i].utc));
        if (o.seconds != rows[i].seconds || o.dst != rows[i].dst) {
            fail_msg("`%s` at %s: %d", rows[i].rule, rows[i].utc, (int)o.seconds);
        }
        cdn_zone_free(z);
    }
    const char *const bad[] = {"E5",
                               "EST",
                               "EST5EDT",
                               "EST5EDT,M3.2.0",
                               "EST5EDT,M3.2.0,M11.1.0,",
                               "EST5EDT,M13.1.0,M1.1.0",
                               "EST5EDT,M3.6.0,M1.1.0",
                               "EST5EDT,J0,J1",
                               "EST5EDT,366,1",
                               "EST25",
                               "<EST5",
                               "<E?T>5",
                               "EST5EDT,M3.2.0/168,M11.1.0",
                               " EST5",
                               "EST5 ",
                               "ABCDEFGHIJKLMNOPQ5"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(bad); i++) {
        assert_null(made(bad[i], '2'));
    }
    struct cdn_zone *z = made("", 0);
    assert_non_null(z);
    assert_int_equal(cdn_zone_offset_at(z, 0).seconds, 60);
    cdn_zone_free(z);
    assert_null(made("", '5'));
    cdn_zone_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_of_real_measures),
        cmocka_unit_test(hours_that_do_not_exist_or_occur_twice),
        cmocka_unit_test(days_begin),
        cmocka_unit_test(unknown_zones),
        cmocka_unit_test(version_of_the_database),
        cmocka_unit_test(random_instants_as_glibc_has_them),
        cmocka_unit_test(random_civil_times_as_mktime_has_them),
        cmocka_unit_test(damaged_files_are_refused_or_total),
        cdn_fault_test(opening_survives_lack_of_memory),
        cdn_fault_test(fixed_zones_survive_lack_of_memory),
        cmocka_unit_test(rules_of_every_form),
    };
    return cdn_run(tests);
}
