/* SPDX-License-Identifier: Apache-2.0 */
/* codes_host.c: the top-level domain of a host name or e-mail address, and the country it stands for
 * (tld.def).
 *
 * 1. Only the last label decides; the others are checked for form, because a value that is no name at all
 * must not become evidence.
 * 2. A label in Unicode is lower-cased (Latin, Greek, Cyrillic, Armenian) and encoded in punycode (RFC 3492),
 * so that "пример.РФ" and "xn--e1afmkfd.xn--p1ai" are the same. The dots U+3002, U+FF0E and U+FF61 separate,
 * too (UTS 46).
 * 3. Two-letter domains are countries' alone: an unknown one is an error, a longer unknown one is generic. */
#include "places/codes_priv.h"

static const struct tld_row {
    const char *name;
    char issuer[3], country[3];
    const char *note;
} tlds[] = {
#define TLD(name, issuer, country, note) {name, issuer, country, note},
#include "places/tld.def"
#undef TLD
};

#define HOST_MAX 253
#define LABEL_MAX 63
#define LABEL_POINTS_MAX 63

/* Reserved for other uses than the public name space (RFC 6761, 6762, 7686, 9476; .internal by ICANN). */
static const char *const reserved[] = {
    "alt", "example", "internal", "invalid", "local", "localhost", "onion", "test"};

/* ---- punycode --------------------------------------------------------------------------------------- */

static char base36(uint32_t d) {
    return (char)(d < 26 ? 'a' + d : '0' + (d - 26));
}

static uint32_t adapt(uint32_t delta, uint32_t points, bool first) {
    uint32_t k = 0;
    delta = first ? delta / 700 : delta / 2;
    delta += delta / points;
    while (delta > 35 * 26 / 2) {
        delta /= 35;
        k += 36;
    }
    return k + 36 * delta / (delta + 38);
}

struct label {
    char p[LABEL_MAX + 1];
    size_t n;
};

static bool put(struct label *out, char c) {
    if (out->n == LABEL_MAX) {
        return false;
    }
    out->p[out->n++] = c;
    out->p[out->n] = '\0';
    return true;
}

/* One delta as a variable-length integer. */
static bool put_delta(struct label *out, uint32_t q, uint32_t bias) {
    for (uint32_t k = 36;; k += 36) {
        const uint32_t t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
        if (q < t) {
            return put(out, base36(q));
        }
        if (!put(out, base36(t + (q - t) % (36 - t)))) {
            return false;
        }
        q = (q - t) / (36 - t);
    }
}

static uint32_t smallest_from(const uint32_t *points, size_t n, uint32_t floor) {
    uint32_t best = UINT32_MAX;
    for (size_t i = 0; i < n; i++) {
        if (points[i] >= floor && points[i] < best) {
            best = points[i];
        }
    }
    return best;
}

/* At most 63 points below 0x110000: delta stays below 63 * 0x110000 * 64 / 63, far from overflow. */
static bool punycode(const uint32_t *points, size_t n, struct label *out) {
    uint32_t next = 128, bias = 72, delta = 0;
    uint32_t done = 0;
    for (size_t i = 0; i < n; i++) {
        if (points[i] < 128) {
            if (!put(out, (char)points[i])) {
                return false;
            }
            done++;
        }
    }
    const uint32_t basic = done;
    if (basic > 0 && !put(out, '-')) {
        return false;
    }
    while (done < n) {
        const uint32_t m = smallest_from(points, n, next);
        delta += (m - next) * (done + 1);
        next = m;
        for (size_t i = 0; i < n; i++) {
            delta += points[i] < next;
            if (points[i] == next) {
                if (!put_delta(out, delta, bias)) {
                    return false;
                }
                bias = adapt(delta, done + 1, done == basic);
                delta = 0;
                done++;
            }
        }
        delta++;
        next++;
    }
    return true;
}

/* ---- labels ----------------------------------------------------------------------------------------- */

static uint32_t lower(uint32_t cp) {
    if ((cp >= 'A' && cp <= 'Z') || (cp >= 0x410 && cp <= 0x42F) ||
        (cp >= 0x391 && cp <= 0x3AB && cp != 0x3A2) || (cp >= 0xC0 && cp <= 0xDE && cp != 0xD7)) {
        return cp + 32;
    }
    if (cp >= 0x400 && cp <= 0x40F) {
        return cp + 80;
    }
    if (cp >= 0x531 && cp <= 0x556) {
        return cp + 48;
    }
    if (cp >= 0x460 && cp <= 0x52F && (cp < 0x482 || cp > 0x489) && (cp < 0x4C0 || cp > 0x4CF)) {
        return cp | 1; /* extended Cyrillic: capital even, small odd */
    }
    return cp;
}

/* Whether a code point beyond ASCII may stand in a label at all: no controls, spaces, invisible characters,
 * noncharacters. (IDNA's full tables belong to the registry; the TLD is compared with a closed list anyway.)
 */
static bool possible(int32_t cp) {
    return cp >= 0xB7 && cp != 0xD7 && cp != 0xF7 &&
           !(cp >= 0x2000 && cp <= 0x206F && cp != 0x200C && cp != 0x200D) && cp != 0x3000 && cp != 0xFEFF &&
           !(cp >= 0xE000 && cp <= 0xF8FF) && !(cp >= 0xFFF0 && cp <= 0xFFFF) && cp < 0xE0000;
}

/* Checks a label and writes its lower-case ASCII form. */
static bool read_label(cordon_str s, struct label *out) {
    uint32_t points[LABEL_POINTS_MAX];
    size_t n = 0;
    bool ascii = true;
    out->n = 0;
    out->p[0] = '\0';
    for (size_t at = 0; at < s.n;) {
        const int32_t cp = cdn_utf8_strict(s, &at);
        if (cp < 0 || n == LABEL_POINTS_MAX) {
            return false;
        }
        const uint32_t low = lower((uint32_t)cp);
        if (low < 128 ? !((low >= 'a' && low <= 'z') || (low >= '0' && low <= '9') || low == '-')
                      : !possible(cp)) {
            return false;
        }
        ascii = ascii && low < 128;
        points[n++] = low;
    }
    if (n == 0 || points[0] == '-' || points[n - 1] == '-') {
        return false;
    }
    if (!ascii) {
        static const char ace[] = "xn--";
        for (size_t i = 0; i < 4; i++) {
            (void)put(out, ace[i]);
        }
        return punycode(points, n, out);
    }
    for (size_t i = 0; i < n; i++) {
        (void)put(out, (char)points[i]);
    }
    return n < 4 || memcmp(out->p + 2, "--", 2) != 0 || (memcmp(out->p, "xn", 2) == 0 && n > 4);
}

/* Length of the dot at s[at]: 1, 3 for the ideographic ones, 0 for none. */
static size_t dot_at(cordon_str s, size_t at) {
    if (s.p[at] == '.') {
        return 1;
    }
    if (s.n - at >= 3 &&
        (memcmp(s.p + at, "\xE3\x80\x82", 3) == 0 || memcmp(s.p + at, "\xEF\xBC\x8E", 3) == 0 ||
         memcmp(s.p + at, "\xEF\xBD\xA1", 3) == 0)) {
        return 3;
    }
    return 0;
}

static int not_a_host(cordon_str s, const char *why, struct cordon_error *e) {
    return cdn_fail(e, CORDON_E_SYNTAX, "`%.*s` is not a host name: %s", CDN_FMT(s), why);
}

static const struct tld_row *find_tld(const char *name) {
    size_t low = 0, high = CDN_ARRAY_LEN(tlds);
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(tlds[middle].name, name);
        if (order == 0) {
            return &tlds[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

static int judge(cordon_str s, const struct label *tld, struct cdn_ident *ret, struct cordon_error *e) {
    struct cdn_ident id = cdn_places_ident(tld->p, tld->n);
    const struct tld_row *row = find_tld(tld->p);
    if (row != NULL) {
        id.issuer = cdn_places_lit(row->issuer);
        id.country = cdn_places_lit(row->country);
        id.note = row->note;
        *ret = id;
        return 0;
    }
    if (strspn(tld->p, "0123456789") == tld->n) {
        return not_a_host(s, "an address or a number, not a name", e);
    }
    for (size_t i = 0; i < CDN_ARRAY_LEN(reserved); i++) {
        if (strcmp(tld->p, reserved[i]) == 0) {
            return cdn_fail(e, CORDON_E_NAME, "`.%s` is reserved and in no public name", reserved[i]);
        }
    }
    if (tld->n < 3) {
        return cdn_fail(e, CORDON_E_NAME, "there is no top-level domain `.%s`", tld->p);
    }
    *ret = id; /* generic, new or geographic */
    return 0;
}

int cdn_host_parse(cordon_str s, struct cdn_ident *ret, struct cordon_error *e) {
    const cordon_str in = cdn_str_trim(s);
    struct label label = {.n = 0};
    size_t begin = 0, total = 0, labels = 0;
    if (in.n == 0 || in.n > 4 * (size_t)HOST_MAX) {
        return not_a_host(s, in.n == 0 ? "empty" : "too long", e);
    }
    for (size_t at = 0; at <= in.n;) {
        const size_t dot = at < in.n ? dot_at(in, at) : 0;
        if (at < in.n && dot == 0) {
            at++;
            continue;
        }
        if (at == begin && at == in.n && labels > 0) {
            break; /* the final dot of an absolute name */
        }
        if (!read_label(cdn_str(in.p + begin, at - begin), &label)) {
            return not_a_host(
                s, "a label is empty, too long, or holds a character that names cannot hold", e);
        }
        total += label.n + 1;
        labels++;
        at += dot;
        begin = at;
        if (dot == 0) {
            break;
        }
    }
    if (total > HOST_MAX + 1) {
        return not_a_host(s, "too long", e);
    }
    if (labels < 2) {
        return not_a_host(s, "it has no dot", e);
    }
    if (label.n > CDN_IDENT_MAX) {
        struct cdn_ident generic = cdn_places_ident("", 0);
        generic.note = "a long internationalised generic domain";
        *ret = generic;
        return 0;
    }
    return judge(s, &label, ret, e);
}

/* ---- e-mail ----------------------------------------------------------------------------------------- */

static bool local_part(cordon_str s) {
    static const char extra[] = "!#$%&'*+-/=?^_`{|}~.";
    if (s.n == 0 || s.n > 64) {
        return false;
    }
    if (s.p[0] == '"') { /* quoted: anything printable, quotes and backslashes escaped */
        for (size_t i = 1; i + 1 < s.n; i++) {
            if (s.p[i] == '\\' && i + 2 < s.n) {
                i++;
            } else if (s.p[i] == '"' || s.p[i] == '\\') {
                return false;
            }
            if ((uint8_t)s.p[i] < 0x20 || s.p[i] == 0x7F) {
                return false;
            }
        }
        return s.n >= 2 && s.p[s.n - 1] == '"' && cdn_utf8_valid(s);
    }
    for (size_t i = 0; i < s.n; i++) {
        const char c = cdn_places_upper(s.p[i]);
        const bool atom = cdn_places_is_upper(c) || cdn_places_is_digit(c) || (uint8_t)c >= 0x80 ||
                          (c != '\0' && strchr(extra, c) != NULL);
        if (!atom || (c == '.' && (i == 0 || i + 1 == s.n || s.p[i - 1] == '.'))) {
            return false;
        }
    }
    return cdn_utf8_valid(s);
}

int cdn_email_parse(cordon_str s, struct cdn_ident *ret, struct cordon_error *e) {
    const cordon_str in = cdn_str_trim(s);
    size_t at = in.n;
    while (at > 0 && in.p[at - 1] != '@') {
        at--;
    }
    if (at == 0 || !local_part(cdn_str(in.p, at - 1))) {
        return cdn_fail(e, CORDON_E_SYNTAX, "`%.*s` is not an e-mail address", CDN_FMT(s));
    }
    if (at < in.n && in.p[at] == '[') {
        return cdn_fail(
            e, CORDON_E_SYNTAX, "`%.*s` ends in an address literal, which has no domain", CDN_FMT(s));
    }
    return cdn_host_parse(cdn_str(in.p + at, in.n - at), ret, e);
}
