/* SPDX-License-Identifier: Apache-2.0 */
/* codes_currency.c: ISO 4217 currencies by code. */
#include "places/codes.h"
#include "places/codes_tables.h"

size_t cdn_currency_count(void) {
    return cdn_places_currency_count;
}

const struct cdn_currency *cdn_currency_at(size_t i) {
    return i < cdn_places_currency_count ? &cdn_places_currencies[i] : NULL;
}

const struct cdn_currency *cdn_currency_get(uint16_t code) {
    size_t low = 0, high = cdn_places_currency_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (cdn_places_currencies[middle].code == code) {
            return &cdn_places_currencies[middle];
        }
        if (cdn_places_currencies[middle].code < code) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

int cdn_currency_minor(uint16_t code) {
    const struct cdn_currency *c = cdn_currency_get(code);
    return c == NULL ? -1 : c->minor;
}

void cdn_currency_text(uint16_t code, char ret[4]) {
    for (unsigned i = 0; i < 3; i++) {
        ret[i] = code == 0 ? '-' : (char)(64U + ((unsigned)code >> (10 - 5 * i) & 31U));
    }
    ret[3] = '\0';
}

int cdn_currency_parse(cordon_str s, uint16_t *ret, struct cordon_error *e) {
    unsigned c[3];
    bool right = s.n == 3;
    for (size_t i = 0; right && i < 3; i++) {
        c[i] = (uint8_t)s.p[i] & 0xDFU;
        right = c[i] >= 'A' && c[i] <= 'Z';
    }
    if (!right) {
        return cdn_fail(e, CORDON_E_SYNTAX, "`%.*s` is not a currency code (three letters)", CDN_FMT(s));
    }
    const uint16_t code = CDN_CURRENCY(c[0], c[1], c[2]);
    if (cdn_currency_get(code) == NULL) {
        (void)cdn_fail(e, CORDON_E_NAME, "no currency has the code `%.*s`", CDN_FMT(s));
        if (code == CDN_CURRENCY('R', 'U', 'R')) {
            cdn_error_hint(e, "the Russian rouble has been RUB since 1998");
        } else if (code == CDN_CURRENCY('B', 'Y', 'R')) {
            cdn_error_hint(e, "the Belarusian rouble has been BYN since 2016");
        }
        return CORDON_E_NAME;
    }
    *ret = code;
    return 0;
}
