/* SPDX-License-Identifier: Apache-2.0 */
/* codes_check.c: check-digit arithmetic and the compact form that the parsers of identifiers share.
 *
 * What the schemes promise: Luhn, ISO 7064 and modulo-97 find each wrong single digit; sums modulo 11 do,
 * unless the scheme folds remainder 10 onto another digit (Russian INN, Ukrainian EDRPOU and others). */
#include "places/codes_priv.h"

size_t cdn_places_compact(cordon_str s, const char *skip, char *out, size_t max) {
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        const char c = cdn_places_upper(s.p[i]);
        if (c != '\0' && strchr(skip, c) != NULL) {
            continue;
        }
        if ((!cdn_places_is_digit(c) && !cdn_places_is_upper(c)) || n == max) {
            return SIZE_MAX;
        }
        out[n++] = c;
    }
    out[n] = '\0';
    return n;
}

bool cdn_places_all_digits(const char *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (!cdn_places_is_digit(p[i])) {
            return false;
        }
    }
    return true;
}

struct cdn_ident cdn_places_ident(const char *value, size_t n) {
    struct cdn_ident id;
    memset(&id, 0, sizeof id);
    n = CDN_MIN(n, CDN_IDENT_MAX);
    memcpy(id.value, value, n);
    id.n = (uint8_t)n;
    return id;
}

bool cdn_places_luhn(const char *p, size_t n) {
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned d = (unsigned)(p[n - 1 - i] - '0');
        if (i % 2 == 1) {
            d = d < 5 ? d * 2 : d * 2 - 9;
        }
        sum += d;
    }
    return sum % 10 == 0;
}

bool cdn_places_mod11_10(const char *p, size_t n) {
    unsigned product = 10;
    for (size_t i = 0; i + 1 < n; i++) {
        const unsigned sum = ((unsigned)(p[i] - '0') + product) % 10;
        product = (sum == 0 ? 10 : sum) * 2 % 11;
    }
    return n > 0 && (product + (unsigned)(p[n - 1] - '0')) % 10 == 1;
}

unsigned cdn_places_mod(const char *p, size_t n, unsigned m) {
    unsigned r = 0;
    for (size_t i = 0; i < n; i++) {
        r = (r * 10 + (unsigned)(p[i] - '0')) % m;
    }
    return r;
}

int cdn_places_weighted(const char *p, const int8_t *weights, size_t n) {
    int sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (p[i] - '0') * weights[i];
    }
    return sum;
}

int cdn_places_wrong_check(struct cordon_error *e, const char *what, cordon_str s) {
    return cdn_fail(e, CORDON_E_DIGEST, "the check digit of %s `%.*s` is wrong", what, CDN_FMT(s));
}
