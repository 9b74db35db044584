/* SPDX-License-Identifier: Apache-2.0 */
/* evidence.c: the value of one piece of evidence from its text, by the form that its kind has.
 *
 * Only what cannot be a mistake of the person observed is an error: an address that is no IP address, a
 * country code that nobody assigned. A tax number with a wrong check digit, or a domain that says no country,
 * is evidence all the same and is judged when it is used. */
#include <arpa/inet.h>

#include "base/limits.h"
#include "places/codes.h"
#include "request/values.h"

const char *cdn_request_form_name(unsigned value_form) {
    static const char *const names[] = {[CDN_VALUE_COUNTRY] = "country",
                                        [CDN_VALUE_ADDRESS] = "address",
                                        [CDN_VALUE_IP] = "ip",
                                        [CDN_VALUE_PHONE] = "phone",
                                        [CDN_VALUE_IBAN] = "iban",
                                        [CDN_VALUE_BIC] = "bic",
                                        [CDN_VALUE_MCC] = "mcc",
                                        [CDN_VALUE_TAX] = "tax",
                                        [CDN_VALUE_HOST] = "host",
                                        [CDN_VALUE_POINT] = "point",
                                        [CDN_VALUE_ASN] = "asn",
                                        [CDN_VALUE_CARD] = "card",
                                        [CDN_VALUE_TEXT] = "text"};
    return value_form < CDN_ARRAY_LEN(names) && names[value_form] ? names[value_form] : "?";
}

/* "1.2.3.4" with decimal numbers without leading zeros, as inet_pton has it. */
static bool ip4_parse(cordon_str s, uint8_t ret[4]) {
    size_t at = 0;
    for (unsigned part = 0; part < 4; part++) {
        if (part > 0 && (at >= s.n || s.p[at++] != '.'))
            return false;
        unsigned v = 0;
        const size_t from = at;
        while (at < s.n && at - from < 3 && s.p[at] >= '0' && s.p[at] <= '9')
            v = v * 10 + (unsigned)(s.p[at++] - '0');
        if (at == from || v > 255 || (at - from > 1 && s.p[from] == '0'))
            return false;
        ret[part] = (uint8_t)v;
    }
    return at == s.n;
}

static bool ip6_parse(cordon_str s, uint8_t ret[16]) {
    char text[INET6_ADDRSTRLEN + 1];
    if (s.n >= sizeof(text) || memchr(s.p, '\0', s.n))
        return false;
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    return inet_pton(AF_INET6, text, ret) == 1;
}

static int fill_ip(struct cdn_evidence *ev, cordon_str text, struct cordon_error *e) {
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    uint8_t ip[16] = {0};
    ev->ip_is6 = false;
    if (!ip4_parse(text, ip)) {
        if (!ip6_parse(text, ip)) {
            (void)cdn_fail(e, CORDON_E_SYNTAX, "`%.*s` is not an IP address", CDN_FMT(text));
            cdn_error_hint(e, "one IPv4 or IPv6 address without port, prefix length or zone");
            return CORDON_E_SYNTAX;
        }
        ev->ip_is6 = memcmp(ip, mapped, sizeof(mapped)) != 0;
        if (!ev->ip_is6) {
            memmove(ip, ip + 12, 4);
            memset(ip + 4, 0, 12);
        }
    }
    memcpy(ev->ip, ip, sizeof(ip));
    ev->ip_parsed = true;
    return 0;
}

static bool all_digits(cordon_str s) {
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    }
    return s.n > 0;
}

static uint32_t digits_value(cordon_str s) {
    uint32_t v = 0;
    for (size_t i = 0; i < s.n; i++)
        v = v * 10 + (uint32_t)(s.p[i] - '0');
    return v;
}

/* "250", "25001", "250-01" or an IMSI: the first three digits count. */
static int fill_mcc(struct cdn_evidence *ev, cordon_str text, struct cordon_error *e) {
    const cordon_str three = {text.p, CDN_MIN(text.n, (size_t)3)};
    if (three.n < 3 || !all_digits(three) || text.n > 16)
        return cdn_fail(
            e, CORDON_E_SYNTAX, "`%.*s` does not begin with a mobile country code", CDN_FMT(text));
    ev->number = digits_value(three);
    return 0;
}

/* "AS31133" or "31133". */
static int fill_asn(struct cdn_evidence *ev, cordon_str text, struct cordon_error *e) {
    cordon_str digits = text;
    if (digits.n > 2 && (digits.p[0] | 32) == 'a' && (digits.p[1] | 32) == 's')
        digits = cdn_str(text.p + 2, text.n - 2);
    uint64_t v = 0;
    for (size_t i = 0; i < digits.n && i < 11; i++)
        v = v * 10 + (uint64_t)(digits.p[i] - '0');
    if (!all_digits(digits) || digits.n > 10 || v == 0 || v > UINT32_MAX)
        return cdn_fail(e, CORDON_E_SYNTAX, "`%.*s` is not an AS number", CDN_FMT(text));
    ev->number = (uint32_t)v;
    return 0;
}

int cdn_request_evidence_iin(struct cdn_evidence *ev, cordon_str digits, struct cordon_error *e) {
    if (!all_digits(digits) || digits.n < 6)
        return cdn_fail(e, CORDON_E_SYNTAX, "an issuer number has six to eight digits");
    if (digits.n > 8) {
        /* The digits are not repeated in the message: they may be a card number. */
        (void)cdn_fail(e, CORDON_E_RANGE, "%zu digits are more than an issuer number has", digits.n);
        cdn_error_hint(
            e, "give the first six to eight digits; a whole card number does not belong in a request");
        return CORDON_E_RANGE;
    }
    ev->text = digits;
    ev->number = digits_value(digits);
    return 0;
}

static int fill_card(struct cdn_evidence *ev, cordon_str text, struct cordon_error *e) {
    if (text.n > 3 && all_digits(text)) {
        (void)cdn_fail(e, CORDON_E_TYPE, "digits where the issuer's country is expected");
        cdn_error_hint(e, "the country: \"RU\"; or the card's first digits: {\"iin\": \"424242\"}");
        return CORDON_E_TYPE;
    }
    return cdn_request_country(text, &ev->country, e);
}

int cdn_request_evidence_text(struct cdn_evidence *ev, cordon_str text, struct cordon_error *e) {
    const unsigned form = cdn_evidence_kinds[ev->kind].value;
    if (!text.n)
        return cdn_fail(e, CORDON_E_RANGE, "an empty value; write null where there is no answer");
    if (text.n > CDN_MAX_VALUE_BYTES)
        return cdn_fail(e, CORDON_E_LIMIT, "%zu bytes; at most %zu", text.n, CDN_MAX_VALUE_BYTES);
    ev->have = CDN_HAVE_VALUE;
    ev->text = text;
    switch ((enum cdn_value_form)form) {
    case CDN_VALUE_COUNTRY:
        return cdn_request_country(text, &ev->country, e);
    case CDN_VALUE_ADDRESS:
        ev->address.lines = text;
        return 0;
    case CDN_VALUE_IP:
        return fill_ip(ev, text, e);
    case CDN_VALUE_MCC:
        return fill_mcc(ev, text, e);
    case CDN_VALUE_ASN:
        return fill_asn(ev, text, e);
    case CDN_VALUE_CARD:
        return fill_card(ev, text, e);
    case CDN_VALUE_POINT:
        (void)cdn_fail(e, CORDON_E_TYPE, "a position is not a text");
        cdn_error_hint(e, "{\"latitude\": 44.952117, \"longitude\": 34.102417}");
        return CORDON_E_TYPE;
    case CDN_VALUE_PHONE:
    case CDN_VALUE_IBAN:
    case CDN_VALUE_BIC:
    case CDN_VALUE_TAX:
    case CDN_VALUE_HOST:
    case CDN_VALUE_TEXT:
        return 0;
    }
    return cdn_fail(e, CORDON_E_ARG, "evidence without a kind");
}

int cdn_request_evidence_address(struct cdn_evidence *ev, struct cordon_error *e) {
    const struct cdn_address *a = &ev->address;
    const size_t n = a->country.n + a->region.n + a->city.n + a->postal_code.n + a->lines.n;
    if (n == 0) {
        (void)cdn_fail(e, CORDON_E_RANGE, "an address without anything in it");
        cdn_error_hint(e, "write null where there is no answer");
        return CORDON_E_RANGE;
    }
    if (n > CDN_MAX_VALUE_BYTES)
        return cdn_fail(e, CORDON_E_LIMIT, "%zu bytes; at most %zu", n, CDN_MAX_VALUE_BYTES);
    ev->have = CDN_HAVE_VALUE;
    if (n == a->lines.n)
        ev->text = a->lines; /* as if it had been given in free text */
    uint16_t country = 0;
    /* What is neither a code nor one country's name stays text: people write addresses as they like. */
    if (a->country.n && (cdn_request_country(a->country, &country, NULL) == 0 ||
                         cdn_country_any(a->country, &country, NULL) == 0))
        ev->country = country;
    return 0;
}
