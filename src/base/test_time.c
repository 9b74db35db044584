/* SPDX-License-Identifier: Apache-2.0 */
/* test_time.c: the calendar against counting, text both ways, and every comparison of moments. */
#include "base/num.h"
#include "support/fault.h"
#include "support/rnd.h"

#define DAY INT64_C(86400)

static void assert_time_written(int64_t t, const char *want) {
    char room[64];
    struct cdn_buf b;
    cdn_buf_fixed(&b, room, sizeof(room));
    cdn_time_write(&b, t);
    assert_int_equal(b.err, 0);
    if (!cdn_str_eq(cdn_buf_get(&b), cdn_str_z(want)))
        fail_msg("%.*s instead of %s", (int)b.n, b.p, want);
}

/* ---- calendar -------------------------------------------------------------------------------------- */

static void calendar_agrees_with_counting_days(void **state CDN_UNUSED) {
    static const unsigned lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t count = cdn_days_from_civil(1600, 1, 1);
    for (int32_t year = 1600; year <= 2400; year++) {
        const bool leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
        for (unsigned month = 1; month <= 12; month++) {
            const unsigned length = lengths[month - 1] + (month == 2 && leap ? 1 : 0);
            for (unsigned day = 1; day <= length; day++, count++) {
                const struct cdn_civil c = cdn_civil_from_time(count * DAY + 86399);
                if (cdn_days_from_civil(year, month, day) != count || c.year != year || c.month != month ||
                    c.day != day || c.hour != 23 || c.minute != 59 || c.second != 59)
                    fail_msg("%d-%u-%u", (int)year, month, day);
                if (year == 1970 && month == 1 && day == 1)
                    assert_true(count == 0);
            }
            const struct cdn_civil after = {
                .year = year, .month = (uint8_t)month, .day = (uint8_t)(length + 1)};
            const struct cdn_civil last = {.year = year, .month = (uint8_t)month, .day = (uint8_t)length};
            assert_false(cdn_civil_valid(&after));
            assert_true(cdn_civil_valid(&last));
        }
    }
}

static void known_instants(void **state CDN_UNUSED) {
    assert_true(cdn_days_from_civil(1970, 1, 1) == 0);
    assert_true(cdn_days_from_civil(2000, 3, 1) == 11017);
    assert_true(cdn_days_from_civil(2022, 3, 5) == 19056);
    assert_true(cdn_days_from_civil(0, 3, 1) == -719468);
    assert_true(cdn_days_from_civil(-400, 3, 1) == -719468 - 146097);
    assert_true(cdn_days_from_civil(1, 1, 1) == -719162);
    assert_time_written(0, "1970-01-01T00:00:00Z");
    assert_time_written(-1, "1969-12-31T23:59:59Z");
    assert_time_written(1646456400, "2022-03-05T05:00:00Z");
    assert_time_written(253402300799, "9999-12-31T23:59:59Z");
    assert_time_written(253402300800, "+10000-01-01T00:00:00Z");
    assert_time_written(-62167219200, "0000-01-01T00:00:00Z");
    assert_time_written(-62167219201, "-0001-12-31T23:59:59Z");
    assert_time_written(CDN_TIME_MIN, "-infinity");
    assert_time_written(CDN_TIME_MAX, "infinity");
    assert_time_written(INT64_MAX, "infinity");
    assert_time_written(cdn_days_from_civil(INT32_MIN, 1, 1) * DAY, "-2147483648-01-01T00:00:00Z");
    assert_time_written(cdn_days_from_civil(INT32_MAX, 1, 1) * DAY, "+2147483647-01-01T00:00:00Z");
}

static void months_and_days_carry_over(void **state CDN_UNUSED) {
    assert_true(cdn_days_from_civil(2021, 13, 1) == cdn_days_from_civil(2022, 1, 1));
    assert_true(cdn_days_from_civil(2021, 0, 1) == cdn_days_from_civil(2020, 12, 1));
    assert_true(cdn_days_from_civil(2021, 26, 1) == cdn_days_from_civil(2023, 2, 1));
    assert_true(cdn_days_from_civil(2021, 3, 0) == cdn_days_from_civil(2021, 2, 28));
    assert_true(cdn_days_from_civil(2021, 2, 29) == cdn_days_from_civil(2021, 3, 1));
}

static void civil_and_back_for_every_representable_year(void **state CDN_UNUSED) {
    struct cdn_rnd rnd;
    cdn_rnd_init(&rnd, "civil", 8);
    const int64_t last = cdn_days_from_civil(INT32_MAX, 12, 31) * DAY + 86399;
    const int64_t first = cdn_days_from_civil(INT32_MIN, 1, 1) * DAY;
    for (size_t i = 0; i < cdn_rnd_rounds(200000); i++) {
        const int64_t wide_range = cdn_rnd_between(&rnd, first, last);
        const int64_t t = i % 2 ? wide_range : wide_range / 1000000;
        const struct cdn_civil c = cdn_civil_from_time(t);
        assert_true(cdn_civil_valid(&c));
        assert_true(cdn_time_from_civil(&c) == t);
    }
    static const int64_t ends[] = {INT64_MIN, INT64_MAX, CDN_TIME_MIN, CDN_TIME_MAX};
    for (size_t i = 0; i < CDN_ARRAY_LEN(ends); i++) {
        const struct cdn_civil c = cdn_civil_from_time(ends[i]);
        assert_int_equal(c.year, ends[i] < 0 ? INT32_MIN : INT32_MAX);
        assert_true(cdn_civil_valid(&c));
    }
    struct cdn_civil c = cdn_civil_from_time(last);
    assert_true(cdn_time_from_civil(&c) == last);
    c = cdn_civil_from_time(first);
    assert_true(cdn_time_from_civil(&c) == first);
}

static void validity_of_each_member(void **state CDN_UNUSED) {
    const struct cdn_civil good = {2024, 2, 29, 23, 59, 59};
    assert_true(cdn_civil_valid(&good));
    static const struct cdn_civil bad[] = {
        {2023, 2, 29, 0, 0, 0},
        {1900, 2, 29, 0, 0, 0},
        {2024, 0, 1, 0, 0, 0},
        {2024, 13, 1, 0, 0, 0},
        {2024, 1, 0, 0, 0, 0},
        {2024, 1, 1, 24, 0, 0},
        {2024, 1, 1, 0, 60, 0},
        {2024, 1, 1, 0, 0, 60},
    };
    for (size_t i = 0; i < CDN_ARRAY_LEN(bad); i++)
        assert_false(cdn_civil_valid(&bad[i]));
}

/* ---- text ------------------------------------------------------------------------------------------ */

static void parses_instants(void **state CDN_UNUSED) {
    static const struct {
        const char *text;
        int64_t t;
        int32_t offset;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0, 0},
        {"1970-01-01T00:00Z", 0, 0},
        {"2022-03-05T00:00-05:00", 1646456400, -18000},
        {"2022-03-05T05:00:00+00:00", 1646456400, 0},
        {"2022-03-05T05:00:00-00:00", 1646456400, 0},
        {"2022-03-05T10:45:00+05:45", 1646456400, 20700},
        {"2022-03-05T05:00:00.999999999999Z", 1646456400, 0},
        {"1969-12-31T23:59:59.9Z", -1, 0},
        {"2024-02-29T12:00:00Z", 1709208000, 0},
        {"9999-12-31T23:59:59-23:59", 253402300799 + 86340, -86340},
        {"0000-01-01T00:00:00+23:59", -62167219200 - 86340, 86340},
    };
    for (size_t i = 0; i < CDN_ARRAY_LEN(cases); i++) {
        int64_t t = 1;
        int32_t offset = 1;
        assert_int_equal(cdn_time_parse(cdn_str_z(cases[i].text), &t, &offset), 0);
        assert_true(t == cases[i].t);
        assert_int_equal(offset, cases[i].offset);
        t = 1;
        assert_int_equal(cdn_time_parse(cdn_str_z(cases[i].text), &t, NULL), 0);
        assert_true(t == cases[i].t);
    }
}

static void refuses_instants_that_are_not(void **state CDN_UNUSED) {
    static const struct {
        const char *text;
        int err;
    } cases[] = {
        {"", CORDON_E_SYNTAX},
        {"2022-03-05", CORDON_E_SYNTAX},
        {"2022-03-05T05:00:00", CORDON_E_SYNTAX},
        {"2022-03-05 05:00:00Z", CORDON_E_SYNTAX},
        {"2022-03-05t05:00:00z", CORDON_E_SYNTAX},
        {"2022-3-05T05:00:00Z", CORDON_E_SYNTAX},
        {"2022-03-05T5:00:00Z", CORDON_E_SYNTAX},
        {"2022-03-05T05Z", CORDON_E_SYNTAX},
        {"2022-03-05T05:00:00.Z", CORDON_E_SYNTAX},
        {"2022-03-05T05:00.5Z", CORDON_E_SYNTAX},
        {"2022-03-05T05:00:00+0500", CORDON_E_SYNTAX},
        {"2022-03-05T05:00:00+05", CORDON_E_SYNTAX},
        {"2022-03-05T05:00:00ZZ", CORDON_E_SYNTAX},
        {"2022-03-05T05:00:00Z ", CORDON_E_SYNTAX},
        {"+2022-03-05T05:00:00Z", CORDON_E_SYNTAX},
        {"12022-03-05T05:00:00Z", CORDON_E_SYNTAX},
        {"2022-02-30T00:00:00Z", CORDON_E_RANGE},
        {"2023-02-29T00:00:00Z", CORDON_E_RANGE},
        {"2022-13-01T00:00:00Z", CORDON_E_RANGE},
        {"2022-00-01T00:00:00Z", CORDON_E_RANGE},
        {"2022-01-00T00:00:00Z", CORDON_E_RANGE},
        {"2022-01-01T24:00:00Z", CORDON_E_RANGE},
        {"2022-01-01T00:60:00Z", CORDON_E_RANGE},
        {"2016-12-31T23:59:60Z", CORDON_E_RANGE},
        {"2022-01-01T00:00:00+24:00", CORDON_E_RANGE},
        {"2022-01-01T00:00:00-01:60", CORDON_E_RANGE},
    };
    for (size_t i = 0; i < CDN_ARRAY_LEN(cases); i++) {
        int64_t t = 42;
        int32_t offset = 43;
        if (cdn_time_parse(cdn_str_z(cases[i].text), &t, &offset) != cases[i].err)
            fail_msg("%s", cases[i].text);
        assert_true(t == 42);
        assert_int_equal(offset, 43);
    }
}

static void every_cut_of_an_instant_is_refused(void **state CDN_UNUSED) {
    static const char text[] = "2022-03-05T05:00:00.25+05:45";
    for (size_t n = 0; n < sizeof(text) - 1; n++) {
        int64_t t = 0;
        assert_int_equal(cdn_time_parse(cdn_str(text, n), &t, NULL), CORDON_E_SYNTAX);
    }
}

static void written_instants_parse_to_the_same(void **state CDN_UNUSED) {
    struct cdn_rnd rnd;
    cdn_rnd_init(&rnd, "instants", 9);
    for (size_t i = 0; i < 50000; i++) {
        const int64_t t = cdn_rnd_between(&rnd, -62167219200, 253402300799);
        char room[32];
        struct cdn_buf b;
        cdn_buf_fixed(&b, room, sizeof(room));
        cdn_time_write(&b, t);
        int64_t again = t - 1;
        assert_int_equal(cdn_time_parse(cdn_buf_get(&b), &again, NULL), 0);
        assert_true(again == t);
    }
}

/* ---- moments --------------------------------------------------------------------------------------- */

static struct cdn_when when(const char *text) {
    struct cdn_when w = {0, 0, 0};
    if (cdn_when_parse(cdn_str_z(text), &w) != 0)
        fail_msg("%s", text);
    return w;
}

static void assert_when_written(struct cdn_when w, const char *want) {
    char room[64];
    struct cdn_buf b;
    cdn_buf_fixed(&b, room, sizeof(room));
    cdn_when_write(&b, w);
    assert_int_equal(b.err, 0);
    if (!cdn_str_eq(cdn_buf_get(&b), cdn_str_z(want)))
        fail_msg("%.*s instead of %s", (int)b.n, b.p, want);
}

static void moments_keep_what_was_written(void **state CDN_UNUSED) {
    static const char *const texts[] = {
        "2022-03-05T05:00:00Z",
        "2022-03-05",
        "2024-02-29",
        "2022-12-31",
        "2022-03",
        "2022-12",
        "2022",
        "0000",
        "9999",
    };
    static const int kinds[] = {
        CDN_WHEN_INSTANT,
        CDN_WHEN_DAY,
        CDN_WHEN_DAY,
        CDN_WHEN_DAY,
        CDN_WHEN_MONTH,
        CDN_WHEN_MONTH,
        CDN_WHEN_YEAR,
        CDN_WHEN_YEAR,
        CDN_WHEN_YEAR,
    };
    for (size_t i = 0; i < CDN_ARRAY_LEN(texts); i++) {
        assert_int_equal(when(texts[i]).kind, kinds[i]);
        assert_when_written(when(texts[i]), texts[i]);
    }
    assert_true(when("2024-02").after - when("2024-02").first == 29 * DAY);
    assert_true(when("2022-12").after == when("2023").first);
    assert_true(when("2022-12-31").after == when("2023-01-01").first);
    assert_true(when("2024").after - when("2024").first == 366 * DAY);
    assert_true(when("2022-03-05T00:00-05:00").first == 1646456400);
    assert_true(when("2022-03-05T00:00-05:00").after == 1646456401);
}

static void refuses_moments_that_are_not(void **state CDN_UNUSED) {
    static const struct {
        const char *text;
        int err;
    } cases[] = {
        {"", CORDON_E_SYNTAX},
        {"202", CORDON_E_SYNTAX},
        {"20222", CORDON_E_SYNTAX},
        {"2022-", CORDON_E_SYNTAX},
        {"2022-3", CORDON_E_SYNTAX},
        {"2022-033", CORDON_E_SYNTAX},
        {"2022-03-", CORDON_E_SYNTAX},
        {"2022-03-5", CORDON_E_SYNTAX},
        {"2022/03/05", CORDON_E_SYNTAX},
        {"05.03.2022", CORDON_E_SYNTAX},
        {"2022-03-05T", CORDON_E_SYNTAX},
        {"2022-02-30", CORDON_E_RANGE},
        {"2022-13", CORDON_E_RANGE},
        {"2022-00", CORDON_E_RANGE},
        {"2022-04-31", CORDON_E_RANGE},
    };
    for (size_t i = 0; i < CDN_ARRAY_LEN(cases); i++) {
        struct cdn_when w = {9, 8, 7};
        if (cdn_when_parse(cdn_str_z(cases[i].text), &w) != cases[i].err)
            fail_msg("%s", cases[i].text);
        assert_true(w.kind == 9 && w.first == 8 && w.after == 7);
    }
}

/* The twin: candidates written out, then every pair compared. Of the seconds of a calendar value it suffices
 * to list those at its ends and the one that is the other moment: nothing else can change the answer. */
struct candidates {
    int64_t at[400];
    size_t n;
};

static struct candidates candidates_of(struct cdn_when w, struct cdn_when other, bool by_days) {
    struct candidates c = {.n = 0};
    if (w.kind == CDN_WHEN_INSTANT) {
        c.at[c.n++] = w.first;
    } else if (by_days) {
        for (int64_t day = w.first; day < w.after; day += DAY)
            c.at[c.n++] = day;
    } else {
        for (int64_t k = 0; k < 3; k++) {
            c.at[c.n++] = w.first - 14 * 3600 + k;
            c.at[c.n++] = w.after + 12 * 3600 - 1 - k;
        }
        if (other.first >= w.first - 14 * 3600 && other.first < w.after + 12 * 3600)
            c.at[c.n++] = other.first;
    }
    return c;
}

enum relation { BEFORE, NOT_AFTER, SAME };

static int slowly_compare(struct cdn_when a, struct cdn_when b, enum relation relation) {
    const bool by_days = a.kind != CDN_WHEN_INSTANT && b.kind != CDN_WHEN_INSTANT;
    const struct candidates x = candidates_of(a, b, by_days);
    const struct candidates y = candidates_of(b, a, by_days);
    size_t holds = 0;
    for (size_t i = 0; i < x.n; i++) {
        for (size_t k = 0; k < y.n; k++) {
            const bool is = relation == BEFORE      ? x.at[i] < y.at[k]
                            : relation == NOT_AFTER ? x.at[i] <= y.at[k]
                                                    : x.at[i] == y.at[k];
            holds += is;
        }
    }
    return holds == x.n * y.n ? CORDON_TRUE : holds == 0 ? CORDON_FALSE : CORDON_UNKNOWN;
}

/* Instants on both sides of every border at which a comparison can change, and calendar values around. */
static size_t all_moments(struct cdn_when out[200]) {
    static const char *const texts[] = {
        "2021",
        "2022",
        "2023",
        "2022-02",
        "2022-03",
        "2022-04",
        "2022-12",
        "2022-02-28",
        "2022-03-01",
        "2022-03-02",
        "2022-03-31",
        "2022-04-01",
        "2022-01-01",
        "2022-12-31",
        "2021-12-31",
        "2023-01-01",
    };
    size_t n = 0;
    for (size_t i = 0; i < CDN_ARRAY_LEN(texts); i++)
        out[n++] = when(texts[i]);
    for (size_t i = 0; i < CDN_ARRAY_LEN(texts); i++) {
        for (int64_t off = -1; off <= 1; off++) {
            out[n++] = cdn_when_instant(out[i].first - 14 * 3600 + off);
            out[n++] = cdn_when_instant(out[i].after + 12 * 3600 + off);
            out[n++] = cdn_when_instant(out[i].first + off);
        }
    }
    out[n++] = cdn_when_instant(CDN_TIME_MIN);
    out[n++] = cdn_when_instant(CDN_TIME_MAX);
    return n;
}

static void every_comparison_agrees_with_its_candidates(void **state CDN_UNUSED) {
    static struct cdn_when moments[200];
    const size_t n = all_moments(moments);
    size_t seen[3][3] = {{0}};
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++) {
            const struct cdn_when a = moments[i];
            const struct cdn_when b = moments[k];
            const int before = cdn_when_before(a, b);
            const int not_after = cdn_when_not_after(a, b);
            const int same = cdn_when_same(a, b);
            assert_int_equal(before, slowly_compare(a, b, BEFORE));
            assert_int_equal(not_after, slowly_compare(a, b, NOT_AFTER));
            assert_int_equal(same, slowly_compare(a, b, SAME));
            assert_int_equal(same, cdn_when_same(b, a));
            /* a <= b is the contrary of b < a */
            const int after = cdn_when_before(b, a);
            assert_int_equal(not_after, after == CORDON_UNKNOWN ? CORDON_UNKNOWN : !after);
            seen[0][before]++;
            seen[1][not_after]++;
            seen[2][same]++;
        }
    }
    for (size_t i = 0; i < 9; i++)
        assert_true(seen[i / 3][i % 3] > 0);
}

static void comparisons_as_the_header_says(void **state CDN_UNUSED) {
    static const struct {
        const char *a, *b;
        int before, not_after, same;
    } cases[] = {
        {"2022-03-05", "2022-03-05", CORDON_FALSE, CORDON_TRUE, CORDON_TRUE},
        {"2022-03-05", "2022-03-06", CORDON_TRUE, CORDON_TRUE, CORDON_FALSE},
        {"2022-03", "2022-03-05", CORDON_UNKNOWN, CORDON_UNKNOWN, CORDON_UNKNOWN},
        {"2022-03-01", "2022-03", CORDON_UNKNOWN, CORDON_TRUE, CORDON_UNKNOWN},
        {"2022-03-31", "2022-03", CORDON_FALSE, CORDON_UNKNOWN, CORDON_UNKNOWN},
        {"2022-03", "2022-03", CORDON_UNKNOWN, CORDON_UNKNOWN, CORDON_UNKNOWN},
        {"2022-02", "2022-03", CORDON_TRUE, CORDON_TRUE, CORDON_FALSE},
        {"2021", "2022-01-01", CORDON_TRUE, CORDON_TRUE, CORDON_FALSE},
        {"2022-03-05T09:59:59Z", "2022-03-06", CORDON_TRUE, CORDON_TRUE, CORDON_FALSE},
        {"2022-03-05T10:00:00Z", "2022-03-06", CORDON_UNKNOWN, CORDON_TRUE, CORDON_UNKNOWN},
        {"2022-03-07T11:59:59Z", "2022-03-06", CORDON_FALSE, CORDON_UNKNOWN, CORDON_UNKNOWN},
        {"2022-03-07T12:00:00Z", "2022-03-06", CORDON_FALSE, CORDON_FALSE, CORDON_FALSE},
        {"2022-03-05T12:00:00Z", "2022-03-05T13:00:00+01:00", CORDON_FALSE, CORDON_TRUE, CORDON_TRUE},
    };
    for (size_t i = 0; i < CDN_ARRAY_LEN(cases); i++) {
        const struct cdn_when a = when(cases[i].a);
        const struct cdn_when b = when(cases[i].b);
        assert_int_equal(cdn_when_before(a, b), cases[i].before);
        assert_int_equal(cdn_when_not_after(a, b), cases[i].not_after);
        assert_int_equal(cdn_when_same(a, b), cases[i].same);
    }
}

static void moments_move_and_stop_at_the_ends_of_time(void **state CDN_UNUSED) {
    assert_when_written(cdn_when_plus(when("2022-02-28"), DAY), "2022-03-01");
    assert_when_written(cdn_when_plus(when("2022-03-05T05:00:00Z"), -1), "2022-03-05T04:59:59Z");
    assert_when_written(cdn_when_plus(when("2022-03"), 31 * DAY), "2022-04-01/2022-05-01");
    assert_when_written(cdn_when_plus(when("2022-03"), 0), "2022-03");
    assert_when_written(cdn_when_plus(when("2022"), 365 * DAY), "2023");
    assert_when_written(cdn_when_plus(when("2022-03-05"), 43200), "2022-03-05/2022-03-06");
    const struct cdn_when forever = cdn_when_instant(INT64_MAX);
    const struct cdn_when ever = cdn_when_instant(INT64_MIN);
    assert_true(forever.first == CDN_TIME_MAX && ever.first == CDN_TIME_MIN);
    assert_true(cdn_when_plus(forever, -DAY).first == CDN_TIME_MAX);
    assert_true(cdn_when_plus(ever, DAY).first == CDN_TIME_MIN);
    static const char *const texts[] = {"2022-03-05T05:00:00Z", "2022-03-05", "1950"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(texts); i++) {
        const struct cdn_when far = cdn_when_plus(when(texts[i]), INT64_MAX);
        const struct cdn_when early = cdn_when_plus(when(texts[i]), INT64_MIN);
        assert_true(far.first == CDN_TIME_MAX);
        assert_true(early.first == CDN_TIME_MIN);
        assert_int_equal(cdn_when_before(early, far), CORDON_TRUE);
        assert_int_equal(cdn_when_before(when("2022"), far), CORDON_TRUE);
        assert_int_equal(cdn_when_before(early, when("2022-03-05T05:00:00Z")), CORDON_TRUE);
    }
    assert_int_equal(cdn_when_same(forever, forever), CORDON_TRUE);
    assert_int_equal(cdn_when_before(when("9999"), forever), CORDON_TRUE);
    assert_int_equal(cdn_when_before(ever, when("0000")), CORDON_TRUE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calendar_agrees_with_counting_days),
        cmocka_unit_test(known_instants),
        cmocka_unit_test(months_and_days_carry_over),
        cmocka_unit_test(civil_and_back_for_every_representable_year),
        cmocka_unit_test(validity_of_each_member),
        cmocka_unit_test(parses_instants),
        cmocka_unit_test(refuses_instants_that_are_not),
        cmocka_unit_test(every_cut_of_an_instant_is_refused),
        cmocka_unit_test(written_instants_parse_to_the_same),
        cmocka_unit_test(moments_keep_what_was_written),
        cmocka_unit_test(refuses_moments_that_are_not),
        cmocka_unit_test(every_comparison_agrees_with_its_candidates),
        cmocka_unit_test(comparisons_as_the_header_says),
        cmocka_unit_test(moments_move_and_stop_at_the_ends_of_time),
    };
    return cdn_run(tests);
}
