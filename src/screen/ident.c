/* SPDX-License-Identifier: Apache-2.0 */
/* ident.c: words of identifiers, their normal forms, and the index of them (rules in ident.h). */
#include "screen/ident.h"

static const char *const words[] = {CDN_LISTED_IDENT_KINDS(CDN_LISTED_WORD, CDN_PARTY_IDENT_)};
_Static_assert(CDN_ARRAY_LEN(words) == CDN_PARTY_IDENT_KINDS, "a word for each kind");

/* What people write instead. Sorted by nothing: it is short and read once for each identifier. */
static const struct {
    const char *word;
    uint8_t kind;
} other_words[] = {
    {"national_id", CDN_PARTY_IDENT_NATIONAL},
    {"national", CDN_PARTY_IDENT_NATIONAL},
    {"id", CDN_PARTY_IDENT_NATIONAL},
    {"id-card", CDN_PARTY_IDENT_NATIONAL},
    {"ssn", CDN_PARTY_IDENT_NATIONAL},
    {"tin", CDN_PARTY_IDENT_TAX},
    {"inn", CDN_PARTY_IDENT_TAX},
    {"vat", CDN_PARTY_IDENT_TAX},
    {"tax-id", CDN_PARTY_IDENT_TAX},
    {"tax_id", CDN_PARTY_IDENT_TAX},
    {"ogrn", CDN_PARTY_IDENT_REGISTRATION},
    {"company", CDN_PARTY_IDENT_REGISTRATION},
    {"company-number", CDN_PARTY_IDENT_REGISTRATION},
    {"registration-number", CDN_PARTY_IDENT_REGISTRATION},
    {"swift", CDN_PARTY_IDENT_BIC},
    {"swift-bic", CDN_PARTY_IDENT_BIC},
    {"call_sign", CDN_PARTY_IDENT_CALL_SIGN},
    {"msn", CDN_PARTY_IDENT_AIRCRAFT_SERIAL},
    {"aircraft_serial", CDN_PARTY_IDENT_AIRCRAFT_SERIAL},
    {"tail", CDN_PARTY_IDENT_AIRCRAFT_TAIL},
    {"aircraft_tail", CDN_PARTY_IDENT_AIRCRAFT_TAIL},
    {"wallet-address", CDN_PARTY_IDENT_WALLET},
    {"crypto", CDN_PARTY_IDENT_WALLET},
    {"e-mail", CDN_PARTY_IDENT_EMAIL},
    {"url", CDN_PARTY_IDENT_WEBSITE},
    {"domain", CDN_PARTY_IDENT_WEBSITE},
    {"telephone", CDN_PARTY_IDENT_PHONE},
    {"driving_licence", CDN_PARTY_IDENT_DRIVING},
    {"driving-license", CDN_PARTY_IDENT_DRIVING},
    {"isin", CDN_PARTY_IDENT_SECURITY},
};

const char *cdn_ident_kind_word(unsigned kind) {
    return kind < CDN_PARTY_IDENT_KINDS ? words[kind] : NULL;
}

unsigned cdn_ident_kind_of(cordon_str word) {
    for (unsigned i = 0; i < CDN_PARTY_IDENT_KINDS; i++)
        if (cdn_str_eq_nocase(word, cdn_str_z(words[i])))
            return i;
    for (size_t i = 0; i < CDN_ARRAY_LEN(other_words); i++)
        if (cdn_str_eq_nocase(word, cdn_str_z(other_words[i].word)))
            return other_words[i].kind;
    return CDN_PARTY_IDENT_OTHER;
}

/* Ships are renamed and sold; their IMO number stays. Passports and tax numbers do not: there may be two. */
bool cdn_ident_single(unsigned kind) {
    return kind == CDN_PARTY_IDENT_IMO || kind == CDN_PARTY_IDENT_LEI;
}

/* ---- normal forms -------------------------------------------------------------------------------------- */

struct form {
    char *p;
    size_t n;
};

static void put(struct form *f, char c) {
    if (f->n < CDN_IDENT_NORMAL)
        f->p[f->n++] = c;
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool digit(char c) {
    return c >= '0' && c <= '9';
}

static bool plain(char c) {
    return digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static void letters_and_digits(struct form *f, cordon_str s) {
    for (size_t i = 0; i < s.n; i++)
        if (plain(s.p[i]))
            put(f, s.p[i] >= 'a' && s.p[i] <= 'z' ? (char)(s.p[i] - 'a' + 'A') : s.p[i]);
}

static void digits_only(struct form *f, cordon_str s, bool phone) {
    for (size_t i = 0; i < s.n; i++)
        if (digit(s.p[i]))
            put(f, s.p[i]);
    size_t zeros = 0;
    while (phone && zeros < f->n && zeros < 2 && f->p[zeros] == '0')
        zeros++;
    if (zeros > 0)
        memmove(f->p, f->p + zeros, f->n -= zeros);
}

/* Hexadecimal and bech32 addresses mean the same in any case; base58 ones do not. */
static bool wallet_folds(cordon_str s) {
    static const char *const prefixes[] = {"0x", "bc1", "ltc1", "bitcoincash:", "xdc", "tb1", "addr1"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(prefixes); i++) {
        const size_t n = strlen(prefixes[i]);
        if (s.n > n && cdn_str_eq_nocase(cdn_str(s.p, n), cdn_str_z(prefixes[i])))
            return true;
    }
    return false;
}

static void visible(struct form *f, cordon_str s, bool fold) {
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] > ' ')
            put(f, fold ? lower(s.p[i]) : s.p[i]);
}

static void website(struct form *f, cordon_str s) {
    visible(f, s, true);
    static const char *const prefixes[] = {"http://", "https://", "www."};
    for (size_t i = 0; i < CDN_ARRAY_LEN(prefixes); i++) {
        const size_t n = strlen(prefixes[i]);
        if (f->n >= n && memcmp(f->p, prefixes[i], n) == 0)
            memmove(f->p, f->p + n, f->n -= n);
    }
    while (f->n > 0 && f->p[f->n - 1] == '/')
        f->n--;
}

cordon_str cdn_ident_normal(unsigned kind, cordon_str value, char storage[CDN_IDENT_NORMAL]) {
    struct form f = {storage, 0};
    switch (kind) {
    case CDN_PARTY_IDENT_OTHER:
        break;
    case CDN_PARTY_IDENT_IMO:
    case CDN_PARTY_IDENT_MMSI:
    case CDN_PARTY_IDENT_PHONE:
        digits_only(&f, value, kind == CDN_PARTY_IDENT_PHONE);
        break;
    case CDN_PARTY_IDENT_WALLET:
        visible(&f, value, wallet_folds(cdn_str_trim(value)));
        break;
    case CDN_PARTY_IDENT_EMAIL:
        visible(&f, value, true);
        break;
    case CDN_PARTY_IDENT_WEBSITE:
        website(&f, value);
        break;
    default:
        if (kind < CDN_PARTY_IDENT_KINDS)
            letters_and_digits(&f, value);
        break;
    }
    if (kind == CDN_PARTY_IDENT_BIC && f.n == 11 && memcmp(f.p + 8, "XXX", 3) == 0)
        f.n = 8;
    return cdn_str(storage, f.n);
}

bool cdn_ident_equal(unsigned kind, cordon_str a, cordon_str b) {
    if (a.n < CDN_IDENT_LEAST || b.n < CDN_IDENT_LEAST)
        return false;
    if (kind == CDN_PARTY_IDENT_BIC && (a.n == 8 || b.n == 8))
        return a.n >= 8 && b.n >= 8 && memcmp(a.p, b.p, 8) == 0;
    return cdn_str_eq(a, b);
}

/* Kinds that one authority gives out for the whole world. */
static bool worldwide(unsigned kind) {
    switch (kind) {
    case CDN_PARTY_IDENT_IMO:
    case CDN_PARTY_IDENT_MMSI:
    case CDN_PARTY_IDENT_AIRCRAFT_TAIL:
    case CDN_PARTY_IDENT_BIC:
    case CDN_PARTY_IDENT_LEI:
    case CDN_PARTY_IDENT_WALLET:
    case CDN_PARTY_IDENT_WEBSITE:
    case CDN_PARTY_IDENT_EMAIL:
        return true;
    default:
        return false;
    }
}

bool cdn_ident_decides(unsigned kind, cordon_str normal, bool same_country) {
    unsigned different = 0;
    for (size_t i = 0; i < normal.n && different < 3; i++)
        different += memchr(normal.p, normal.p[i], i) == NULL;
    if (different < 3 || kind == CDN_PARTY_IDENT_CALL_SIGN)
        return false;
    return worldwide(kind) || normal.n >= CDN_IDENT_LONG || (same_country && normal.n > CDN_IDENT_LEAST);
}

uint32_t cdn_ident_hash(unsigned kind, cordon_str normal) {
    if (kind == CDN_PARTY_IDENT_BIC && normal.n > 8)
        normal.n = 8;
    const uint64_t h = cdn_hash(normal, kind);
    return (uint32_t)(h >> 32) ^ (uint32_t)h;
}

/* ---- the index ----------------------------------------------------------------------------------------- */

int cdn_ident_index_open(cordon_str bytes, struct cdn_ident_index *ret, struct cordon_error *e) {
    const struct cdn_ident_header *h = (const void *)bytes.p;
    if ((uintptr_t)bytes.p % 8 != 0)
        return cdn_fail(e, CORDON_E_ARG, "the index of identifiers must be aligned");
    if (bytes.n < sizeof *h || memcmp(h->magic, CDN_IDENT_MAGIC, sizeof h->magic) != 0)
        return cdn_fail(e, CORDON_E_FORMAT, "index of identifiers: it does not begin as one");
    if (h->version != CDN_IDENT_VERSION)
        return cdn_fail(
            e, CORDON_E_VERSION, "index of identifiers of version %lu", (unsigned long)h->version);
    const uint64_t size = sizeof *h + (uint64_t)h->slots * sizeof(struct cdn_ident_slot) +
                          (uint64_t)h->rows * sizeof(struct cdn_ident_row);
    if (h->pad != 0 || h->slots == 0 || (h->slots & (h->slots - 1)) != 0 || size != bytes.n)
        return cdn_fail(e, CORDON_E_FORMAT, "index of identifiers: its size is not what its header says");
    struct cdn_ident_index x = {.slots = (const void *)(h + 1), .slot_count = h->slots, .row_count = h->rows};
    x.rows = (const void *)(x.slots + x.slot_count);
    uint32_t used = 0, at = 0;
    for (uint32_t i = 0; i < x.slot_count; i++) {
        const struct cdn_ident_slot *s = &x.slots[i];
        if (s->pad != 0 || (s->count == 0 && (s->hash | s->first) != 0) || s->first > x.row_count ||
            s->count > x.row_count - s->first)
            return cdn_fail(e, CORDON_E_FORMAT, "index of identifiers: slot %u leads nowhere", i);
        used += s->count != 0;
        at += s->count; /* at most row_count for each: checked against the sum below */
    }
    if (used >= x.slot_count || at != x.row_count)
        return cdn_fail(e, CORDON_E_FORMAT, "index of identifiers: rows without a slot, or no free slot");
    *ret = x;
    return 0;
}

uint32_t cdn_ident_index_find(const struct cdn_ident_index *x,
                              uint32_t hash,
                              const struct cdn_ident_row **ret) {
    const uint32_t mask = x->slot_count - 1;
    for (uint32_t i = hash & mask; x->slot_count > 0 && x->slots[i].count != 0; i = (i + 1) & mask) {
        if (x->slots[i].hash == hash) {
            *ret = x->rows + x->slots[i].first;
            return x->slots[i].count;
        }
    }
    return 0;
}
