/* SPDX-License-Identifier: Apache-2.0 */
/* test_decimal.c: decimals against hand-counted cases, 128-bit fractions and long multiplication. */
#include "base/num.h"
#include "support/fault.h"
#include "support/rnd.h"

__extension__ typedef __int128 wide;

#define LARGEST INT64_C(999999999999999999)

static struct cdn_decimal dec(const char *text) {
    struct cdn_decimal v = {0, 0};
    if (cdn_decimal_parse(cdn_str_z(text), &v) != 0)
        fail_msg("%s", text);
    return v;
}

static void assert_written(struct cdn_decimal v, const char *want) {
    char room[32];
    struct cdn_buf b;
    cdn_buf_fixed(&b, room, sizeof(room));
    cdn_decimal_write(&b, v);
    assert_int_equal(b.err, 0);
    if (!cdn_str_eq(cdn_buf_get(&b), cdn_str_z(want)))
        fail_msg("%.*s instead of %s", (int)b.n, b.p, want);
}

static void parses_to_the_shortest_form(void **state CDN_UNUSED) {
    static const struct {
        const char *text;
        int64_t mantissa;
        uint8_t scale;
        const char *again;
    } cases[] = {
        {"0", 0, 0, "0"},
        {"-0.00", 0, 0, "0"},
        {"6200.00", 6200, 0, "6200"},
        {"-3", -3, 0, "-3"},
        {"+3.10", 31, 1, "3.1"},
        {"0.5", 5, 1, "0.5"},
        {"-0.05", -5, 2, "-0.05"},
        {"000123.450", 12345, 2, "123.45"},
        {"999999999999999999", LARGEST, 0, "999999999999999999"},
        {"-999999999999999999", -LARGEST, 0, "-999999999999999999"},
        {"0.000000000000000001", 1, 18, "0.000000000000000001"},
        {"0.999999999999999999", LARGEST, 18, "0.999999999999999999"},
        {"1.00000000000000000000000000", 1, 0, "1"},
        {"00000000000000000000000000001", 1, 0, "1"},
        {"123456789.123456789", INT64_C(123456789123456789), 9, "123456789.123456789"},
    };
    for (size_t i = 0; i < CDN_ARRAY_LEN(cases); i++) {
        const struct cdn_decimal v = dec(cases[i].text);
        assert_true(v.mantissa == cases[i].mantissa);
        assert_int_equal(v.scale, cases[i].scale);
        assert_written(v, cases[i].again);
    }
}

static void refuses_what_is_no_number_and_what_is_too_long(void **state CDN_UNUSED) {
    static const char *const malformed[] = {
        "",
        "-",
        "+",
        ".",
        ".5",
        "5.",
        "-.5",
        "1e3",
        "1,000",
        "1.2.3",
        " 1",
        "1 ",
        "--1",
        "0x1",
        "1_0",
        "\xD9\xA1",
    };
    static const char *const too_long[] = {
        "1000000000000000000",
        "-1000000000000000000",
        "0.0000000000000000001",
        "1.000000000000000001",
        "9999999999.999999999",
        "99999999999999999999999999999999999999999999999999",
    };
    const struct cdn_decimal before = {42, 7};
    for (size_t i = 0; i < CDN_ARRAY_LEN(malformed) + CDN_ARRAY_LEN(too_long); i++) {
        const bool bad = i < CDN_ARRAY_LEN(malformed);
        const char *text = bad ? malformed[i] : too_long[i - CDN_ARRAY_LEN(malformed)];
        struct cdn_decimal v = before;
        assert_int_equal(cdn_decimal_parse(cdn_str_z(text), &v), bad ? CORDON_E_SYNTAX : CORDON_E_RANGE);
        assert_true(v.mantissa == before.mantissa && v.scale == before.scale);
    }
    struct cdn_decimal v;
    assert_int_equal(cdn_decimal_parse(cdn_str("1\0", 2), &v), CORDON_E_SYNTAX);
    assert_int_equal(cdn_decimal_parse(cdn_str("12", 1), &v), 0);
    assert_true(v.mantissa == 1);
}

static void writes_uncanonical_values_too(void **state CDN_UNUSED) {
    assert_written((struct cdn_decimal){620000, 2}, "6200");
    assert_written((struct cdn_decimal){0, 18}, "0");
    assert_written((struct cdn_decimal){INT64_MIN, 0}, "-9223372036854775808");
    assert_written((struct cdn_decimal){INT64_MIN, 18}, "-9.223372036854775808");
    assert_written((struct cdn_decimal){INT64_MAX, 19}, "9.223372036854775807"); /* as scale 18 */
}

static void arithmetic_by_hand(void **state CDN_UNUSED) {
    struct cdn_decimal r;
    assert_int_equal(cdn_decimal_add(dec("0.1"), dec("0.2"), &r), 0);
    assert_written(r, "0.3");
    assert_int_equal(cdn_decimal_sub(dec("0.3"), dec("0.30"), &r), 0);
    assert_written(r, "0");
    assert_int_equal(cdn_decimal_mul(dec("-1.5"), dec("0.02"), &r), 0);
    assert_written(r, "-0.03");
    assert_int_equal(cdn_decimal_mul(dec("0.000000001"), dec("1000000000"), &r), 0);
    assert_written(r, "1");
    r = dec("5");
    assert_int_equal(cdn_decimal_add(dec("999999999999999999"), dec("1"), &r), CORDON_E_RANGE);
    assert_int_equal(cdn_decimal_add(dec("10000000000000000"), dec("0.1"), &r), 0);
    assert_int_equal(cdn_decimal_add(dec("10000000000000000"), dec("0.01"), &r), CORDON_E_RANGE);
    assert_int_equal(cdn_decimal_sub(dec("-999999999999999999"), dec("1"), &r), CORDON_E_RANGE);
    assert_int_equal(cdn_decimal_mul(dec("1000000000"), dec("1000000000"), &r), CORDON_E_RANGE);
    assert_int_equal(cdn_decimal_mul(dec("0.0000000001"), dec("0.000000001"), &r), CORDON_E_RANGE);
    assert_written(r, "10000000000000000.1"); /* the last success; failures left it alone */
}

static void division_rounds_half_to_even(void **state CDN_UNUSED) {
    static const struct {
        const char *a, *b;
        uint8_t scale;
        const char *quotient;
    } cases[] = {
        {"1", "3", 4, "0.3333"},
        {"2", "3", 4, "0.6667"},
        {"1", "2", 0, "0"},
        {"3", "2", 0, "2"},
        {"5", "2", 0, "2"},
        {"-1", "2", 0, "0"},
        {"-3", "2", 0, "-2"},
        {"-5", "2", 0, "-2"},
        {"7", "-2", 0, "-4"},
        {"0.125", "1", 2, "0.12"},
        {"0.135", "1", 2, "0.14"},
        {"0.12500000001", "1", 2, "0.13"},
        {"1", "3", 18, "0.333333333333333333"},
        {"999999999999999999", "1", 18, "999999999999999999"},
        {"12345678901234567", "0.12345678901234567", 18, "100000000000000000"},
        {"0.000000000000000001", "999999999999999999", 18, "0"},
        {"0.4999", "1", 0, "0"},
        {"0", "5", 18, "0"},
    };
    for (size_t i = 0; i < CDN_ARRAY_LEN(cases); i++) {
        struct cdn_decimal r = {9, 0};
        assert_int_equal(cdn_decimal_div(dec(cases[i].a), dec(cases[i].b), cases[i].scale, &r), 0);
        assert_written(r, cases[i].quotient);
    }
    struct cdn_decimal r = {9, 0};
    assert_int_equal(cdn_decimal_div(dec("1"), dec("0"), 2, &r), CORDON_E_RANGE);
    assert_int_equal(cdn_decimal_div(dec("10"), dec("3"), 18, &r), CORDON_E_RANGE);
    assert_int_equal(cdn_decimal_div(dec("999999999999999999"), dec("0.000000000000000001"), 18, &r),
                     CORDON_E_RANGE);
    assert_int_equal(cdn_decimal_div(dec("1"), dec("3"), 19, &r), CORDON_E_ARG);
    assert_int_equal(
        cdn_decimal_div((struct cdn_decimal){INT64_MIN, 0}, (struct cdn_decimal){-1, 18}, 18, &r),
        CORDON_E_RANGE);
    assert_written(r, "9");
}

static void scale_above_18_is_refused(void **state CDN_UNUSED) {
    const struct cdn_decimal bad = {1, 19};
    const struct cdn_decimal one = {1, 0};
    struct cdn_decimal r = {9, 0};
    assert_int_equal(cdn_decimal_add(bad, one, &r), CORDON_E_ARG);
    assert_int_equal(cdn_decimal_sub(one, bad, &r), CORDON_E_ARG);
    assert_int_equal(cdn_decimal_mul(bad, one, &r), CORDON_E_ARG);
    assert_int_equal(cdn_decimal_div(one, bad, 2, &r), CORDON_E_ARG);
    assert_written(r, "9");
}

/* ---- twins ----------------------------------------------------------------------------------------- */

/* Any mantissa of up to 64 bits, often round or at an end, and any scale. */
static struct cdn_decimal any_decimal(struct cdn_rnd *rnd) {
    static const int64_t ends[] = {0, 1, -1, 5, 10, LARGEST, -LARGEST, INT64_MAX, INT64_MIN, LARGEST + 1};
    struct cdn_decimal v = {(int64_t)cdn_rnd_next(rnd), (uint8_t)cdn_rnd_below(rnd, 19)};
    v.mantissa /= (int64_t)1 << cdn_rnd_below(rnd, 63);
    if (cdn_rnd_chance(rnd, 200))
        v.mantissa = ends[cdn_rnd_below(rnd, CDN_ARRAY_LEN(ends))];
    for (uint64_t zeros = cdn_rnd_below(rnd, 6);
         zeros && v.mantissa <= INT64_MAX / 10 && v.mantissa >= INT64_MIN / 10;
         zeros--)
        v.mantissa *= 10;
    return v;
}

static wide at_scale_18(struct cdn_decimal v) {
    wide m = v.mantissa;
    for (unsigned s = v.scale; s < 18; s++)
        m *= 10;
    return m;
}

/* Whether v * 10^-18 can be written with 18 digits: zeros at the end cost nothing behind the point only. */
static bool has_18_digits(wide v) {
    for (unsigned scale = 18; scale > 0 && v % 10 == 0; scale--)
        v /= 10;
    return v <= LARGEST && v >= -LARGEST;
}

static bool is_canonical(struct cdn_decimal v) {
    return v.scale <= 18 && v.mantissa <= LARGEST && v.mantissa >= -LARGEST &&
           (v.scale == 0 || v.mantissa % 10 != 0);
}

static void sums_and_order_agree_with_128_bits(void **state CDN_UNUSED) {
    struct cdn_rnd rnd;
    cdn_rnd_init(&rnd, "decimal sums", 3);
    size_t fits = 0;
    const size_t rounds = cdn_rnd_rounds(200000);
    for (size_t i = 0; i < rounds; i++) {
        const struct cdn_decimal a = any_decimal(&rnd);
        const struct cdn_decimal b = any_decimal(&rnd);
        const wide x = at_scale_18(a);
        const wide y = at_scale_18(b);
        assert_int_equal(cdn_decimal_cmp(a, b), (x > y) - (x < y));
        for (int sign = -1; sign <= 1; sign += 2) {
            const wide sum = sign < 0 ? x - y : x + y;
            struct cdn_decimal r = {0, 0};
            const int err = sign < 0 ? cdn_decimal_sub(a, b, &r) : cdn_decimal_add(a, b, &r);
            assert_int_equal(err, has_18_digits(sum) ? 0 : CORDON_E_RANGE);
            fits += err == 0;
            if (!err) {
                assert_true(is_canonical(r));
                assert_true(at_scale_18(r) == sum);
            }
        }
    }
    assert_in_range(fits, rounds / 10, rounds * 2 - 1); /* both cases were met */
}

/* Long multiplication, digit by digit. Returns the number of significant digits. */
static size_t multiply_digits(int64_t a, int64_t b, uint8_t out[40]) {
    char x[24];
    char y[24];
    const int n = snprintf(x, sizeof(x), "%lld", (long long)a);
    const int m = snprintf(y, sizeof(y), "%lld", (long long)b);
    unsigned sums[40] = {0};
    for (int i = n - 1; i >= 0 && x[i] != '-'; i--) {
        for (int j = m - 1; j >= 0 && y[j] != '-'; j--)
            sums[(n - 1 - i) + (m - 1 - j)] += (unsigned)(x[i] - '0') * (unsigned)(y[j] - '0');
    }
    size_t length = 0;
    unsigned carry = 0;
    for (size_t i = 0; i < 40; i++) {
        carry += sums[i];
        out[i] = (uint8_t)(carry % 10);
        carry /= 10;
        if (out[i])
            length = i + 1;
    }
    return length;
}

static void products_agree_with_long_multiplication(void **state CDN_UNUSED) {
    struct cdn_rnd rnd;
    cdn_rnd_init(&rnd, "decimal products", 4);
    size_t fits = 0;
    const size_t rounds = cdn_rnd_rounds(100000);
    for (size_t i = 0; i < rounds; i++) {
        const struct cdn_decimal a = any_decimal(&rnd);
        const struct cdn_decimal b = any_decimal(&rnd);
        uint8_t digits[40];
        const size_t length = multiply_digits(a.mantissa, b.mantissa, digits);
        size_t scale = length ? (size_t)a.scale + b.scale : 0;
        size_t skip = 0;
        for (; scale && skip < length && digits[skip] == 0; skip++)
            scale--;
        struct cdn_decimal r = {0, 0};
        const int err = cdn_decimal_mul(a, b, &r);
        assert_int_equal(err, length - skip <= 18 && scale <= 18 ? 0 : CORDON_E_RANGE);
        if (err)
            continue;
        fits++;
        int64_t mantissa = 0;
        for (size_t k = length; k > skip; k--)
            mantissa = mantissa * 10 + digits[k - 1];
        assert_true(r.mantissa == ((a.mantissa < 0) != (b.mantissa < 0) ? -mantissa : mantissa));
        assert_int_equal(r.scale, scale);
    }
    assert_in_range(fits, rounds / 20, rounds - 1);
}

/* q is right when |a - q*b| is at most half a unit of q's last place times |b|, and at a tie q is even. */
static void quotients_are_the_nearest(void **state CDN_UNUSED) {
    struct cdn_rnd rnd;
    cdn_rnd_init(&rnd, "decimal quotients", 5);
    size_t ties = 0;
    const size_t rounds = cdn_rnd_rounds(100000);
    for (size_t i = 0; i < rounds; i++) {
        const struct cdn_decimal a = {cdn_rnd_between(&rnd, -1000000, 1000000),
                                      (uint8_t)cdn_rnd_below(&rnd, 7)};
        const int64_t most = cdn_rnd_chance(&rnd, 500) ? 16 : 100000;
        const struct cdn_decimal b = {cdn_rnd_between(&rnd, 1, most) * (i % 2 ? 1 : -1),
                                      (uint8_t)cdn_rnd_below(&rnd, 5)};
        const uint8_t scale = (uint8_t)cdn_rnd_below(&rnd, 7);
        struct cdn_decimal q;
        assert_int_equal(cdn_decimal_div(a, b, scale, &q), 0);
        assert_true(is_canonical(q) && q.scale <= scale);
        wide unit = q.mantissa; /* q in units of 10^-scale */
        for (unsigned s = q.scale; s < scale; s++)
            unit *= 10;
        /* everything times 10^(a.scale + b.scale + scale) */
        wide left = a.mantissa;
        for (unsigned s = 0; s < (unsigned)b.scale + scale; s++)
            left *= 10;
        wide step = b.mantissa;
        for (unsigned s = 0; s < a.scale; s++)
            step *= 10;
        wide off = (left - unit * step) * 2;
        off = off < 0 ? -off : off;
        step = step < 0 ? -step : step;
        assert_true(off <= step);
        if (off == step) {
            ties++;
            assert_true(unit % 2 == 0);
        }
    }
    assert_true(ties > rounds / 1000);
}

static void what_is_written_parses_to_the_same(void **state CDN_UNUSED) {
    struct cdn_rnd rnd;
    cdn_rnd_init(&rnd, "decimal text", 6);
    for (size_t i = 0; i < 50000; i++) {
        const struct cdn_decimal v = any_decimal(&rnd);
        char room[32];
        struct cdn_buf b;
        cdn_buf_fixed(&b, room, sizeof(room));
        cdn_decimal_write(&b, v);
        struct cdn_decimal r;
        const int err = cdn_decimal_parse(cdn_buf_get(&b), &r);
        if (!err) {
            assert_true(is_canonical(r));
            assert_int_equal(cdn_decimal_cmp(r, v), 0);
        } else {
            assert_int_equal(err, CORDON_E_RANGE);
            assert_true(v.mantissa > LARGEST || v.mantissa < -LARGEST);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_to_the_shortest_form),
        cmocka_unit_test(refuses_what_is_no_number_and_what_is_too_long),
        cmocka_unit_test(writes_uncanonical_values_too),
        cmocka_unit_test(arithmetic_by_hand),
        cmocka_unit_test(division_rounds_half_to_even),
        cmocka_unit_test(scale_above_18_is_refused),
        cmocka_unit_test(sums_and_order_agree_with_128_bits),
        cmocka_unit_test(products_agree_with_long_multiplication),
        cmocka_unit_test(quotients_are_the_nearest),
        cmocka_unit_test(what_is_written_parses_to_the_same),
    };
    return cdn_run(tests);
}
