/* SPDX-License-Identifier: Apache-2.0 */
/* test_calendar.c: "within 10 business days" in New York, and the table against counting day by day. */
#include "support/fault.h"
#include "support/rnd.h"
#include "zone/zone.h"

static struct cdn_zone *zone_of(const char *name) {
    struct cdn_zone *z = NULL;
    assert_int_equal(cdn_zone_open(CDN_ZONE_DIR, cdn_str_z(name), &cdn_alloc_libc, &z, NULL), 0);
    return z;
}

static int64_t at(const char *z) {
    int64_t t = 0;
    int32_t offset = 0;
    assert_int_equal(cdn_time_parse(cdn_str_z(z), &t, &offset), 0);
    return t;
}

static int32_t day(int32_t year, unsigned month, unsigned d) {
    return (int32_t)cdn_days_from_civil(year, month, d);
}

static void reports_are_due_after_ten_business_days(void **state) {
    (void)state;
    struct cdn_zone *ny = zone_of("America/New_York");
    const int32_t holidays[] = {day(2022, 11, 24), day(2022, 11, 11), day(2022, 11, 11)};
    const struct cdn_calendar_rules rules = {0x60, holidays, CDN_ARRAY_LEN(holidays)};
    struct cdn_calendar c;
    int64_t due = 0;
    assert_int_equal(cdn_calendar_build(ny, &rules, 2022, 2022, &cdn_alloc_libc, &c, NULL), 0);
    /* Blocked on Thursday 10 November, 23:00 in New York (already the 11th in UTC): Veterans Day, two
     * weekends and Thanksgiving do not count; the tenth day is Monday the 28th. */
    assert_int_equal(cdn_calendar_after(&c, at("2022-11-11T04:00:00Z"), 10, &due), 0);
    assert_int_equal(due, at("2022-11-29T05:00:00Z"));
    /* An hour later it is the 11th in New York as well: the count begins on Monday just the same. */
    assert_int_equal(cdn_calendar_after(&c, at("2022-11-11T05:00:00Z"), 10, &due), 0);
    assert_int_equal(due, at("2022-11-29T05:00:00Z"));
    assert_int_equal(cdn_calendar_after(&c, at("2022-03-11T17:00:00Z"), 1, &due),
                     0); /* over the change of clocks */
    assert_int_equal(due, at("2022-03-15T04:00:00Z"));
    due = 5;
    assert_int_equal(cdn_calendar_after(&c, at("2022-12-30T17:00:00Z"), 1, &due), CORDON_E_RANGE);
    assert_int_equal(cdn_calendar_after(&c, at("2021-12-30T17:00:00Z"), 1, &due), CORDON_E_RANGE);
    assert_int_equal(cdn_calendar_after(&c, at("2023-01-01T05:00:00Z"), 1, &due), CORDON_E_RANGE);
    assert_int_equal(cdn_calendar_after(&c, at("2022-05-01T05:00:00Z"), 0, &due), CORDON_E_RANGE);
    assert_int_equal(due, 5);
    cdn_calendar_free(&c);
    cdn_calendar_free(&c); /* freeing twice is harmless */
    cdn_zone_free(ny);
}

/* Counts civil days one by one, asking the zone for each. */
static int64_t slow_after(const struct cdn_zone *z,
                          const struct cdn_calendar_rules *rules,
                          int64_t instant,
                          unsigned n) {
    int32_t offset = 0;
    const struct cdn_civil c = cdn_zone_civil(z, instant, &offset);
    int64_t d = cdn_days_from_civil(c.year, c.month, c.day), begin = 0, end = 0;
    while (n > 0) {
        d++;
        bool counts = (rules->weekend >> (unsigned)((d + 3) % 7) & 1) == 0;
        for (size_t i = 0; i < rules->holiday_count; i++) {
            counts = counts && rules->holidays[i] != d;
        }
        const struct cdn_civil today = cdn_civil_from_time(d * 86400),
                               tomorrow = cdn_civil_from_time((d + 1) * 86400);
        assert_int_equal(cdn_zone_day_start(z, today.year, today.month, today.day, &begin, NULL), 0);
        assert_int_equal(cdn_zone_day_start(z, tomorrow.year, tomorrow.month, tomorrow.day, &end, NULL), 0);
        n -= counts && begin < end;
    }
    return end;
}

static void as_counting_day_by_day(void **state) {
    (void)state;
    static const char *const names[] = {
        "America/New_York", "Europe/Moscow", "Pacific/Apia", "Asia/Dubai", "UTC"};
    struct cdn_rnd rnd;
    cdn_rnd_init(&rnd, "calendar", 11);
    for (size_t i = 0; i < CDN_ARRAY_LEN(names); i++) {
        struct cdn_zone *z = zone_of(names[i]);
        int32_t holidays[40];
        for (size_t k = 0; k < CDN_ARRAY_LEN(holidays); k++) {
            holidays[k] = day(2010, 1, 1) + (int32_t)cdn_rnd_below(&rnd, 1500);
        }
        const struct cdn_calendar_rules rules = {i == 3 ? 0x30 : 0x60, holidays, CDN_ARRAY_LEN(holidays)};
        struct cdn_calendar c;
        assert_int_equal(cdn_calendar_build(z, &rules, 2010, 2014, &cdn_alloc_libc, &c, NULL), 0);
        for (size_t k = 0; k < cdn_rnd_rounds(400); k++) {
            const int64_t t = cdn_rnd_between(&rnd, c.from, c.until - 90 * 86400);
            const unsigned n = 1 + (unsigned)cdn_rnd_below(&rnd, 30);
            int64_t due = 0;
            assert_int_equal(cdn_calendar_after(&c, t, n, &due), 0);
            assert_int_equal(due, slow_after(z, &rules, t, n));
        }
        cdn_calendar_free(&c);
        cdn_zone_free(z);
    }
}

static void nth_weekdays(void **state) {
    (void)state;
    int32_t d = 0;
    assert_int_equal(cdn_nth_weekday(2022, 11, 3, 4, &d), 0); /* Thanksgiving */
    assert_int_equal(d, day(2022, 11, 24));
    assert_int_equal(cdn_nth_weekday(2022, 5, 0, -1, &d), 0); /* Memorial Day */
    assert_int_equal(d, day(2022, 5, 30));
    assert_int_equal(cdn_nth_weekday(2022, 12, 6, 1, &d), 0);
    assert_int_equal(d, day(2022, 12, 4));
    assert_int_equal(cdn_nth_weekday(2022, 2, 0, 5, &d), CORDON_E_RANGE);
    assert_int_equal(cdn_nth_weekday(2022, 13, 0, 1, &d), CORDON_E_RANGE);
    assert_int_equal(cdn_nth_weekday(2022, 1, 7, 1, &d), CORDON_E_RANGE);
    assert_int_equal(cdn_nth_weekday(2022, 1, 0, 0, &d), CORDON_E_RANGE);
    assert_int_equal(d, day(2022, 12, 4));
}

static int building_survives_lack_of_memory(const struct cordon_alloc *alloc) {
    struct cdn_zone *z = NULL;
    struct cdn_calendar c;
    const struct cdn_calendar_rules rules = {0x60, NULL, 0};
    int err = cdn_zone_open(CDN_ZONE_DIR, CDN_STR("MSK"), alloc, &z, NULL);
    if (err == 0) {
        err = cdn_calendar_build(z, &rules, 2022, 2023, alloc, &c, NULL);
    }
    if (err == 0) {
        assert_int_equal(c.count, 260 + 260);
        cdn_calendar_free(&c);
    }
    cdn_zone_free(z);
    return err;
}

static void years_out_of_range(void **state) {
    (void)state;
    struct cdn_zone *z = zone_of("UTC");
    struct cdn_calendar c;
    const struct cdn_calendar_rules rules = {0x60, NULL, 0};
    assert_int_equal(cdn_calendar_build(z, &rules, 2022, 2021, &cdn_alloc_libc, &c, NULL), CORDON_E_RANGE);
    assert_int_equal(cdn_calendar_build(z, &rules, 1, 9998, &cdn_alloc_libc, &c, NULL), CORDON_E_RANGE);
    assert_int_equal(cdn_calendar_build(z, &rules, 0, 3, &cdn_alloc_libc, &c, NULL), CORDON_E_RANGE);
    cdn_zone_free(z);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_are_due_after_ten_business_days),
        cmocka_unit_test(as_counting_day_by_day),
        cmocka_unit_test(nth_weekdays),
        cdn_fault_test(building_survives_lack_of_memory),
        cmocka_unit_test(years_out_of_range),
    };
    return cdn_run(tests);
}
