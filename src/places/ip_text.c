/* SPDX-License-Identifier: Apache-2.0 */
/* ip_text.c: IP addresses and prefixes as text.
 *
 * Strict on purpose: "010.0.0.1" is 10.0.0.1 to some programs and 8.0.0.1 to others, and an address that two
 * programs read differently is a way round a measure. Text is written as RFC 5952 says. */
#include "places/ip.h"

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static int hex_digit(char c) {
    return is_digit(c)            ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* A number of at most 3 digits without leading zeros, at most `max`. */
static bool read_small(cordon_str s, size_t *at, unsigned max, unsigned *ret) {
    unsigned v = 0;
    size_t n = 0;
    while (*at + n < s.n && is_digit(s.p[*at + n]) && n < 4) {
        v = v * 10 + (unsigned)(s.p[*at + n] - '0');
        n++;
    }
    if (n == 0 || n > 3 || v > max || (n > 1 && s.p[*at] == '0')) {
        return false;
    }
    *at += n;
    *ret = v;
    return true;
}

static bool parse4(cordon_str s, uint32_t *ret) {
    uint32_t v = 0;
    size_t at = 0;
    for (int i = 0; i < 4; i++) {
        unsigned byte;
        if (i > 0 && (at >= s.n || s.p[at++] != '.')) {
            return false;
        }
        if (!read_small(s, &at, 255, &byte)) {
            return false;
        }
        v = v << 8 | byte;
    }
    if (at != s.n) {
        return false;
    }
    *ret = v;
    return true;
}

/* The groups of an IPv6 address: `n` of them, `gap` before which "::" stands, or -1. */
struct groups {
    uint16_t v[8];
    int n, gap;
};

static bool add_group(struct groups *g, unsigned v) {
    if (g->n == 8) {
        return false;
    }
    g->v[g->n++] = (uint16_t)v;
    return true;
}

/* One hex group at *at; false if there is none of 1..4 digits. */
static bool read_group(cordon_str s, size_t *at, struct groups *g) {
    unsigned v = 0;
    size_t n = 0;
    while (*at + n < s.n && hex_digit(s.p[*at + n]) >= 0) {
        if (n == 4) {
            return false;
        }
        v = v << 4 | (unsigned)hex_digit(s.p[*at + n]);
        n++;
    }
    *at += n;
    return n > 0 && add_group(g, v);
}

static bool read_groups(cordon_str s, struct groups *g) {
    size_t at = 0;
    if (s.n >= 2 && s.p[0] == ':' && s.p[1] == ':') {
        g->gap = 0;
        at = 2;
    }
    while (at < s.n) {
        size_t end = at;
        while (end < s.n && s.p[end] != ':') {
            end++;
        }
        const cordon_str part = cdn_str(s.p + at, end - at);
        uint32_t v4;
        if (end == s.n && parse4(part, &v4)) {
            return add_group(g, v4 >> 16) && add_group(g, v4 & 0xffff);
        }
        if (!read_group(s, &at, g) || at != end) {
            return false;
        }
        if (at == s.n) {
            return true;
        }
        at++; /* the colon, which something must follow */
        if (at == s.n) {
            return false;
        }
        if (s.p[at] == ':') {
            if (g->gap >= 0) {
                return false;
            }
            g->gap = g->n;
            at++;
        }
    }
    return g->gap >= 0;
}

static bool parse6(cordon_str s, uint8_t ret[16]) {
    struct groups g = {.gap = -1};
    if (!read_groups(s, &g) || (g.gap < 0 ? g.n != 8 : g.n > 7)) {
        return false;
    }
    uint8_t out[16] = {0};
    for (int i = 0; i < g.n; i++) {
        const int to = g.gap >= 0 && i >= g.gap ? i + 8 - g.n : i;
        out[2 * to] = (uint8_t)(g.v[i] >> 8);
        out[2 * to + 1] = (uint8_t)g.v[i];
    }
    memcpy(ret, out, sizeof out);
    return true;
}

int cdn_ip_parse(cordon_str text, struct cdn_ip_addr *ret) {
    struct cdn_ip_addr a = {.family = 4};
    if (text.n >= CDN_IP_TEXT) {
        return CORDON_E_SYNTAX;
    }
    if (!parse4(text, &a.v4)) {
        a.family = 6;
        if (!parse6(text, a.v6)) {
            return CORDON_E_SYNTAX;
        }
    }
    *ret = a;
    return 0;
}

/* Whether a bit from `length` on is set. */
static bool has_host_bits(const struct cdn_ip_addr *a, unsigned length) {
    if (a->family == 4) {
        return length < 32 && (a->v4 & (UINT32_MAX >> length)) != 0;
    }
    for (unsigned bit = length; bit < 128; bit++) {
        if ((a->v6[bit / 8] >> (7 - bit % 8) & 1) != 0) {
            return true;
        }
    }
    return false;
}

int cdn_ip_parse_prefix(cordon_str text, struct cdn_ip_addr *ret, uint8_t *ret_length) {
    cordon_str rest;
    const cordon_str head = cdn_str_split(text, '/', &rest);
    struct cdn_ip_addr a;
    const int err = cdn_ip_parse(head, &a);
    if (err != 0) {
        return err;
    }
    unsigned length = a.family == 4 ? 32 : 128;
    if (head.n != text.n) {
        size_t at = 0;
        if (!read_small(rest, &at, length, &length) || at != rest.n) {
            return CORDON_E_SYNTAX;
        }
    }
    if (has_host_bits(&a, length)) {
        return CORDON_E_RANGE;
    }
    *ret = a;
    *ret_length = (uint8_t)length;
    return 0;
}

static size_t write_number(char *p, unsigned v) {
    size_t n = 0;
    if (v >= 100) {
        p[n++] = (char)('0' + v / 100);
    }
    if (v >= 10) {
        p[n++] = (char)('0' + v / 10 % 10);
    }
    p[n++] = (char)('0' + v % 10);
    return n;
}

static size_t write4(char *p, uint32_t v) {
    size_t n = 0;
    for (int shift = 24; shift >= 0; shift -= 8) {
        n += write_number(p + n, v >> shift & 0xff);
        if (shift > 0) {
            p[n++] = '.';
        }
    }
    return n;
}

static size_t write_hex(char *p, unsigned v) {
    size_t n = 0;
    for (int shift = 12; shift >= 0; shift -= 4) {
        const unsigned digit = v >> shift & 0xf;
        if (digit != 0 || n > 0 || shift == 0) {
            p[n++] = "0123456789abcdef"[digit];
        }
    }
    return n;
}

/* The longest run of at least two zero groups, the first of equal ones. */
static void longest_zeros(const uint16_t g[8], int *ret_from, int *ret_n) {
    *ret_from = -1;
    *ret_n = 1;
    for (int i = 0; i < 8; i++) {
        int n = 0;
        while (i + n < 8 && g[i + n] == 0) {
            n++;
        }
        if (n > *ret_n) {
            *ret_from = i;
            *ret_n = n;
        }
    }
}

static size_t write6(char *p, const uint8_t v[16]) {
    uint16_t g[8];
    for (int i = 0; i < 8; i++) {
        g[i] = (uint16_t)(v[2 * i] << 8 | v[2 * i + 1]);
    }
    int from;
    int zeros;
    longest_zeros(g, &from, &zeros);
    const bool mapped = from == 0 && zeros == 5 && g[5] == 0xffff;
    const int groups = mapped ? 6 : 8;
    size_t n = 0;
    for (int i = 0; i < groups; i++) {
        if (i == from) {
            p[n++] = ':';
            p[n++] = ':';
            i += zeros - 1;
            continue;
        }
        if (i > 0 && i != from + zeros) {
            p[n++] = ':';
        }
        n += write_hex(p + n, g[i]);
    }
    if (mapped) {
        p[n++] = ':';
        n += write4(p + n, (uint32_t)g[6] << 16 | g[7]);
    }
    return n;
}

size_t cdn_ip_write(const struct cdn_ip_addr *addr, char ret[CDN_IP_TEXT]) {
    const size_t n = addr->family == 4 ? write4(ret, addr->v4) : write6(ret, addr->v6);
    ret[n] = 0;
    return n;
}
