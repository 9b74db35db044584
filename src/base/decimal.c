/* SPDX-License-Identifier: Apache-2.0 */
/* decimal.c: exact decimal numbers of up to 18 digits.
 *
 * Sums and products are formed in 128 bits, where nothing can overflow, and only then checked; a quotient
 * is made digit by digit, as on paper.
 *
 *  1. every result is canonical: no trailing zero in the fraction, |mantissa| < 10^18, and 0 has scale 0,
 *     so that equal values have equal members;
 *  2. nothing is rounded except by cdn_decimal_div, half to even: a sum or product that needs more than
 *     18 digits is CORDON_E_RANGE;
 *  3. any mantissa and any scale up to 18 are accepted as operands; a larger scale is CORDON_E_ARG. */
#include "base/num.h"

#define MAX_DIGITS 18

__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 uwide;

static const int64_t power_of_ten[MAX_DIGITS + 1] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
};

static bool operands_fit(struct cdn_decimal a, struct cdn_decimal b) {
    return a.scale <= MAX_DIGITS && b.scale <= MAX_DIGITS;
}

/* The canonical form of mantissa * 10^-scale, scale up to 36. */
static int from_wide(wide mantissa, unsigned scale, struct cdn_decimal *ret) {
    while (scale > 0 && mantissa % 10 == 0) {
        mantissa /= 10;
        scale--;
    }
    const wide limit = power_of_ten[MAX_DIGITS];
    if (scale > MAX_DIGITS || mantissa >= limit || mantissa <= -limit)
        return CORDON_E_RANGE;
    *ret = (struct cdn_decimal){(int64_t)mantissa, (uint8_t)scale};
    return 0;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Reads digits at s[*at] and appends their value to *mantissa, which becomes and stays 10^18 when it would
 * have more than 18. Returns how many digits were read. */
static size_t read_digits(cordon_str s, size_t *at, int64_t *mantissa) {
    const size_t from = *at;
    for (; *at < s.n && is_digit(s.p[*at]); (*at)++) {
        if (*mantissa < power_of_ten[MAX_DIGITS - 1])
            *mantissa = *mantissa * 10 + (s.p[*at] - '0');
        else
            *mantissa = power_of_ten[MAX_DIGITS];
    }
    return *at - from;
}

int cdn_decimal_parse(cordon_str s, struct cdn_decimal *ret) {
    size_t at = 0;
    const bool negative = s.n && s.p[0] == '-';
    if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
        at++;
    int64_t mantissa = 0;
    if (read_digits(s, &at, &mantissa) == 0)
        return CORDON_E_SYNTAX;
    size_t scale = 0;
    if (at < s.n && s.p[at] == '.') {
        const size_t from = ++at;
        size_t end = from;
        while (end < s.n && is_digit(s.p[end]))
            end++;
        if (end == from || end != s.n)
            return CORDON_E_SYNTAX;
        while (end > from && s.p[end - 1] == '0') /* zeros at the end need no digits */
            end--;
        scale = read_digits(cdn_str(s.p, end), &at, &mantissa);
    } else if (at != s.n) {
        return CORDON_E_SYNTAX;
    }
    if (mantissa >= power_of_ten[MAX_DIGITS] || scale > MAX_DIGITS)
        return CORDON_E_RANGE;
    *ret = (struct cdn_decimal){negative ? -mantissa : mantissa, (uint8_t)scale};
    return 0;
}

/* The mantissa at `scale`, which is not below v.scale. */
static wide rescale(struct cdn_decimal v, unsigned scale) {
    return (wide)v.mantissa * power_of_ten[scale - v.scale];
}

/* A scale above 18 is a broken invariant here, since there is no error to return; it counts as 18. */
int cdn_decimal_cmp(struct cdn_decimal a, struct cdn_decimal b) {
    if (cdn_broken(!operands_fit(a, b))) {
        a.scale = CDN_MIN(a.scale, MAX_DIGITS);
        b.scale = CDN_MIN(b.scale, MAX_DIGITS);
    }
    const unsigned scale = CDN_MAX(a.scale, b.scale);
    const wide x = rescale(a, scale);
    const wide y = rescale(b, scale);
    return (x > y) - (x < y);
}

int cdn_decimal_add(struct cdn_decimal a, struct cdn_decimal b, struct cdn_decimal *ret) {
    if (!operands_fit(a, b))
        return CORDON_E_ARG;
    const unsigned scale = CDN_MAX(a.scale, b.scale);
    return from_wide(rescale(a, scale) + rescale(b, scale), scale, ret);
}

int cdn_decimal_sub(struct cdn_decimal a, struct cdn_decimal b, struct cdn_decimal *ret) {
    if (!operands_fit(a, b))
        return CORDON_E_ARG;
    const unsigned scale = CDN_MAX(a.scale, b.scale);
    return from_wide(rescale(a, scale) - rescale(b, scale), scale, ret);
}

int cdn_decimal_mul(struct cdn_decimal a, struct cdn_decimal b, struct cdn_decimal *ret) {
    if (!operands_fit(a, b))
        return CORDON_E_ARG;
    return from_wide((wide)a.mantissa * b.mantissa, (unsigned)a.scale + b.scale, ret);
}

static uint64_t magnitude(int64_t v) {
    return v < 0 ? UINT64_C(0) - (uint64_t)v : (uint64_t)v;
}

static uwide unsigned_power(int exponent) {
    return (uint64_t)power_of_ten[exponent];
}

int cdn_decimal_div(struct cdn_decimal a, struct cdn_decimal b, uint8_t scale, struct cdn_decimal *ret) {
    if (!operands_fit(a, b) || scale > MAX_DIGITS)
        return CORDON_E_ARG;
    if (b.mantissa == 0)
        return CORDON_E_RANGE;
    /* quotient * 10^-scale == a / b, therefore quotient == a.mantissa * 10^shift / b.mantissa */
    const int shift = (int)scale + b.scale - a.scale;
    uwide divisor = magnitude(b.mantissa);
    if (shift < 0)
        divisor *= unsigned_power(-shift);
    uwide quotient = magnitude(a.mantissa) / divisor;
    uwide rest = magnitude(a.mantissa) % divisor;
    /* At most 10^18 * 10^scale can become a value of 18 digits. */
    const uwide limit = unsigned_power(MAX_DIGITS) * unsigned_power(scale);
    for (int i = 0; i < shift; i++) {
        rest *= 10; /* below 10 * 2^63, because the divisor was multiplied only when shift < 0 */
        quotient = quotient * 10 + rest / divisor;
        rest %= divisor;
        if (quotient >= limit)
            return CORDON_E_RANGE;
    }
    const uwide twice = rest * 2;
    if (twice > divisor || (twice == divisor && (quotient & 1)))
        quotient++;
    const bool negative = (a.mantissa < 0) != (b.mantissa < 0);
    return from_wide(negative ? -(wide)quotient : (wide)quotient, scale, ret);
}

void cdn_decimal_write(struct cdn_buf *b, struct cdn_decimal v) {
    unsigned scale = CDN_MIN(v.scale, MAX_DIGITS);
    uint64_t left = magnitude(v.mantissa);
    while (scale > 0 && left % 10 == 0) {
        left /= 10;
        scale--;
    }
    char text[24]; /* sign, 19 digits, point */
    size_t at = sizeof(text);
    for (unsigned digits = 0; left || digits <= scale; digits++) {
        if (digits == scale && scale > 0)
            text[--at] = '.';
        text[--at] = (char)('0' + left % 10);
        left /= 10;
    }
    if (v.mantissa < 0)
        text[--at] = '-';
    cdn_buf_put(b, text + at, sizeof(text) - at);
}
