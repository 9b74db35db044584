/* SPDX-License-Identifier: Apache-2.0 */
/* marks.c: the fingerprints under which the parties of a request are found again.
 *
 * A party's marks are, in this order: the operator's own id; each identifier, with kind and country; the name
 * with the date of birth; the bare name. The request's reference is one, too. Texts are taken with ASCII
 * letters in lower case and without white space at the ends and doubled within, and not folded any further: a
 * mark must be the same years later, under another snapshot.
 *
 * A bare name is weak: it finds decisions, and lends nobody another's clearance or cap. */
#include "service/priv.h"

#include "places/codes.h"

enum { MARK_TEXT = 1024, IDENTIFIER_TEXT = 256 };

/* At most MARK_TEXT bytes; a longer text is marked by its beginning. */
static cordon_str plain(cordon_str text, char ret[MARK_TEXT]) {
    size_t n = 0;
    bool space = false;
    text = cdn_str_trim(text);
    for (size_t i = 0; i < text.n && n < MARK_TEXT; i++) {
        const char c = text.p[i];
        const bool white = c == ' ' || c == '\t';
        if (white && space)
            continue;
        space = white;
        ret[n++] = white ? ' ' : c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    }
    return cdn_str(ret, n);
}

void cdn_mark(const struct cdn_service *s, cordon_str what, cordon_str text, char ret[CDN_FINGERPRINT_TEXT]) {
    char folded[MARK_TEXT];
    cdn_fingerprint(s->mark_key, what, plain(text, folded), ret);
}

static void add(const struct cdn_service *s,
                struct cdn_marks *m,
                int party,
                bool strong,
                cordon_str what,
                cordon_str text) {
    if (m->count == MAX_PARTY_MARKS || !text.n)
        return;
    const size_t i = m->count++;
    cdn_mark(s, what, text, m->text[i]);
    m->slice[i] = cdn_str(m->text[i], CDN_FINGERPRINT_TEXT);
    m->party[i] = (int16_t)party;
    m->strong[i] = strong;
}

static void add_name(const struct cdn_service *s, struct cdn_marks *m, int index, const struct cdn_party *p) {
    char storage[MARK_TEXT + 64];
    struct cdn_buf b;
    if (!p->name.n)
        return;
    if (p->birth_have == CDN_HAVE_VALUE) {
        cdn_buf_fixed(&b, storage, sizeof(storage));
        cdn_buf_put(&b, p->name.p, CDN_MIN(p->name.n, (size_t)MARK_TEXT));
        cdn_buf_char(&b, '\n');
        cdn_when_write(&b, p->birth);
        add(s, m, index, true, CDN_STR("name+birth"), cdn_buf_get(&b));
    }
    add(s, m, index, false, CDN_STR("name"), p->name);
}

static cordon_str identifier(cordon_str kind, uint16_t country, char storage[IDENTIFIER_TEXT]) {
    struct cdn_buf b;
    cdn_buf_fixed(&b, storage, IDENTIFIER_TEXT);
    cdn_buf_z(&b, "identifier:");
    cdn_buf_put(&b, kind.p, CDN_MIN(kind.n, (size_t)128));
    cdn_buf_char(&b, ':');
    cdn_buf_int(&b, country);
    return cdn_buf_get(&b);
}

void cdn_mark_identifier(const struct cdn_service *s,
                         cordon_str kind,
                         cordon_str country,
                         cordon_str value,
                         char ret[CDN_FINGERPRINT_TEXT]) {
    char storage[IDENTIFIER_TEXT];
    uint16_t packed = 0;
    if (country.n && cdn_country_parse(country, &packed, NULL) < 0)
        packed = 0;
    cdn_mark(s, identifier(kind, packed, storage), value, ret);
}

static void add_party(const struct cdn_service *s,
                      struct cdn_marks *m,
                      int index,
                      const struct cdn_party *p) {
    const struct cdn_value *id = cdn_party_fact(p, CDN_FACT_ID);
    if (id && id->have == CDN_HAVE_VALUE && id->count)
        add(s, m, index, true, CDN_STR("id"), id->texts[0]);
    for (unsigned i = 0; i < p->identifier_count; i++) {
        char storage[IDENTIFIER_TEXT];
        add(s,
            m,
            index,
            true,
            identifier(p->identifiers[i].kind, p->identifiers[i].country, storage),
            p->identifiers[i].value);
    }
    add_name(s, m, index, p);
}

void cdn_marks_of(const struct cdn_service *s, const struct cdn_request *r, struct cdn_marks *ret) {
    ret->count = 0;
    for (unsigned i = 0; i < r->party_count; i++)
        add_party(s, ret, (int)i, &r->parties[i]);
    add(s, ret, -1, true, CDN_STR("reference"), r->reference);
}
