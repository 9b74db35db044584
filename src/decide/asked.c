/* SPDX-License-Identifier: Apache-2.0 */
/* asked.c: what somebody is screened with. Of a party: its name, birth, gender, identifiers, and what its
 * documents and addresses say; of an owner who is only a name, the name; of a party of the relations file,
 * what that says.
 *
 * Only what identifies somebody is taken: nationality from documents, countries and addresses where somebody
 * is based or registered. Where a connection comes from or a parcel goes says nothing about who it is. */
#include "decide/decide_priv.h"
#include "places/codes.h"

static void add_country(char to[][2], uint32_t *n, uint16_t country) {
    const char code[2] = {(char)(country >> 8), (char)(country & 0xFF)};
    if (!country || *n == CDN_ASKED_ITEMS)
        return;
    for (uint32_t i = 0; i < *n; i++) {
        if (memcmp(to[i], code, 2) == 0)
            return;
    }
    memcpy(to[(*n)++], code, 2);
}

static void add_ident(struct cdn_asked *a, unsigned kind, uint16_t country, cordon_str value) {
    if (!value.n || a->query.ident_count == CDN_SCREEN_IDENTS)
        return;
    a->idents[a->query.ident_count++] =
        (struct cdn_screen_ident){.kind = (uint8_t)kind, .country = country, .value = value};
}

/* ---- what the party is ----------------------------------------------------------------------------------
 */

static uint8_t kind_of(const struct cdn_party *p) {
    static const char *const organizations[] = {"company",
                                                "ngo",
                                                "government",
                                                "bank",
                                                "media",
                                                "network",
                                                "charity",
                                                "organisation",
                                                "organization",
                                                "fund"};
    const struct cdn_value *v = cdn_party_fact(p, CDN_FACT_KIND);
    if (!v || v->have != CDN_HAVE_VALUE || v->count == 0)
        return CDN_SCREEN_ANY;
    if (cdn_str_eq(v->texts[0], CDN_STR("person")))
        return CDN_SCREEN_PERSON;
    if (cdn_str_eq(v->texts[0], CDN_STR("ship")) || cdn_str_eq(v->texts[0], CDN_STR("vessel")))
        return CDN_SCREEN_VESSEL;
    for (size_t i = 0; i < CDN_ARRAY_LEN(organizations); i++) {
        if (cdn_str_eq(v->texts[0], cdn_str_z(organizations[i])))
            return CDN_SCREEN_ORGANIZATION;
    }
    return CDN_SCREEN_ANY;
}

static uint8_t sex_of(cordon_str gender) {
    static const struct {
        const char *word;
        uint8_t sex;
    } words[] = {{"m", CDN_SEX_MALE},
                 {"male", CDN_SEX_MALE},
                 {"man", CDN_SEX_MALE},
                 {"f", CDN_SEX_FEMALE},
                 {"female", CDN_SEX_FEMALE},
                 {"woman", CDN_SEX_FEMALE}};
    for (size_t i = 0; i < CDN_ARRAY_LEN(words); i++) {
        if (cdn_str_eq_nocase(gender, cdn_str_z(words[i].word)))
            return words[i].sex;
    }
    return CDN_SEX_UNKNOWN;
}

/* The days that it may have been. An instant is a day of the zone in which it was written, which is gone. */
static void birth_of(const struct cdn_party *p, struct cdn_asked *a) {
    if (p->birth_have != CDN_HAVE_VALUE)
        return;
    const int64_t last = p->birth.after - 1;
    if (p->birth.first < -INT64_C(86400) * 4000000 || last > INT64_C(86400) * 4000000)
        return;
    a->birth.from = (int32_t)((p->birth.first - (p->birth.first % 86400 + 86400) % 86400) / 86400);
    a->birth.to = (int32_t)((last - (last % 86400 + 86400) % 86400) / 86400);
    a->query.known.births = &a->birth;
    a->query.known.birth_count = 1;
}

/* ---- evidence -------------------------------------------------------------------------------------------
 */

/* One line without the country. */
static void add_address(struct cdn_asked *a, const struct cdn_address *from) {
    const cordon_str parts[] = {from->lines, from->postal_code, from->city, from->region};
    if (a->query.known.address_count == CDN_ASKED_ITEMS)
        return;
    const size_t start = a->text.n;
    size_t need = 0;
    for (size_t i = 0; i < CDN_ARRAY_LEN(parts); i++)
        need += parts[i].n + 1;
    if (start + need > CDN_ASKED_TEXT)
        return;
    for (size_t i = 0; i < CDN_ARRAY_LEN(parts); i++) {
        if (parts[i].n && a->text.n > start)
            cdn_buf_char(&a->text, ' ');
        cdn_buf_str(&a->text, parts[i]);
    }
    if (a->text.n > start)
        a->addresses[a->query.known.address_count++] = cdn_str(a->text.p + start, a->text.n - start);
}

static uint16_t country_of(const struct cdn_evidence *e) {
    uint16_t c = e->country;
    if (!c && e->address.country.n && cdn_country_any(e->address.country, &c, NULL) < 0)
        c = 0;
    return c;
}

static void add_evidence(struct cdn_asked *a, const struct cdn_evidence *e) {
    struct cdn_known *k = &a->query.known;
    switch (e->kind) {
    case CDN_EVIDENCE_PASSPORT:
    case CDN_EVIDENCE_IDENTITY_CARD:
        add_country(a->nations, &k->nationality_count, e->country);
        return;
    case CDN_EVIDENCE_BILLING_ADDRESS:
    case CDN_EVIDENCE_REGISTERED_ADDRESS:
    case CDN_EVIDENCE_ADDRESS:
    case CDN_EVIDENCE_DOCUMENT:
        add_country(a->countries, &k->country_count, country_of(e));
        add_address(a, &e->address);
        return;
    case CDN_EVIDENCE_DECLARED_COUNTRY:
    case CDN_EVIDENCE_RESIDENCE_PERMIT:
    case CDN_EVIDENCE_REGISTRY_EXTRACT:
        add_country(a->countries, &k->country_count, e->country);
        return;
    case CDN_EVIDENCE_TAX_ID:
        add_ident(a, CDN_PARTY_IDENT_TAX, e->country, e->text);
        return;
    case CDN_EVIDENCE_BIC:
        add_ident(a, CDN_PARTY_IDENT_BIC, 0, e->text);
        return;
    case CDN_EVIDENCE_EMAIL:
        add_ident(a, CDN_PARTY_IDENT_EMAIL, 0, e->text);
        return;
    case CDN_EVIDENCE_WEBSITE:
        add_ident(a, CDN_PARTY_IDENT_WEBSITE, 0, e->text);
        return;
    case CDN_EVIDENCE_PHONE:
        add_ident(a, CDN_PARTY_IDENT_PHONE, 0, e->text);
        return;
    default:
        return;
    }
}

/* ---- whole ----------------------------------------------------------------------------------------------
 */

static void ask_party(const struct cdn_decider *d, uint32_t index, struct cdn_asked *a) {
    const struct cdn_party *p = &d->request->parties[index];
    if (p->name.n)
        a->names[a->query.name_count++] = p->name;
    a->query.kind = kind_of(p);
    a->query.known.sex = sex_of(p->gender);
    birth_of(p, a);
    for (uint32_t i = 0; i < p->identifier_count; i++)
        add_ident(
            a, cdn_ident_kind_of(p->identifiers[i].kind), p->identifiers[i].country, p->identifiers[i].value);
    for (uint32_t i = 0; i < p->evidence_count; i++) {
        if (p->evidence[i].have == CDN_HAVE_VALUE)
            add_evidence(a, &p->evidence[i]);
    }
}

static void ask_node(const struct cdn_decider *d, uint32_t node, struct cdn_asked *a) {
    const struct cdn_owners *o = d->snap->owners;
    const struct cdn_owner_node *n = &o->nodes[node];
    for (uint32_t i = 0; i < n->names.count && a->query.name_count < CDN_SCREEN_NAMES; i++)
        a->names[a->query.name_count++] = cdn_owner_text(o, o->names[n->names.first + i].full);
    for (uint32_t i = 0; i < n->idents.count; i++) {
        const struct cdn_owner_ident *id = &o->idents[n->idents.first + i];
        add_ident(a, id->kind, id->country, cdn_owner_text(o, id->normal));
    }
    add_country(a->countries, &a->query.known.country_count, n->country);
}

void cdn_decide_ask(const struct cdn_decider *d, uint32_t holder, struct cdn_asked *ret) {
    struct cdn_asked *a = ret;
    a->query = (struct cdn_screen_query){.at = d->at,
                                         .lists = d->screen_lists,
                                         .list_count = d->screen_list_count,
                                         .sure = d->screen_sure,
                                         .review = d->screen_review};
    memset(&a->birth, 0, sizeof a->birth);
    cdn_buf_fixed(&a->text, a->storage, sizeof a->storage);
    a->query.names = a->names;
    a->query.idents = a->idents;
    a->query.known.nationalities = (const char(*)[2])a->nations;
    a->query.known.countries = (const char(*)[2])a->countries;
    a->query.known.addresses = a->addresses;
    if (holder < d->request->party_count) {
        ask_party(d, holder, a);
        return;
    }
    const struct cdn_holder *h = &d->holders[holder];
    if (h->kind == CDN_HOLDER_NODE)
        ask_node(d, h->node, a);
    else
        a->names[a->query.name_count++] = d->request->parties[h->party].owners[h->owner].name;
}
