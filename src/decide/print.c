/* SPDX-License-Identifier: Apache-2.0 */
/* print.c: fingerprints, and what clearances make of a candidate.
 *
 * A clearance says "not this person" of one party and one entry of a list, as both were when somebody looked
 * at them. It carries the fingerprints of both, as a decision tells them; when either is another one now,
 * somebody has to look again. A fingerprint is the first half of a SHA-256 over the sum of the SHA-256s of
 * what is compared, so that order says nothing; scores, dates of the list and positions are not in it. */
#include "base/sha256.h"
#include "decide/decide_priv.h"

struct print {
    uint64_t sum[4];
    struct cdn_sha256 item;
};

static void begin(struct print *p, const char *what) {
    cdn_sha256_begin(&p->item);
    cdn_sha256_add(&p->item, what, strlen(what) + 1);
}
static void text(struct print *p, cordon_str s) {
    const uint64_t n = s.n;
    uint8_t length[8];
    for (unsigned i = 0; i < 8; i++)
        length[i] = (uint8_t)(n >> (8 * i));
    cdn_sha256_add(&p->item, length, sizeof length);
    if (s.n)
        cdn_sha256_add(&p->item, s.p, s.n);
}
static void number(struct print *p, int64_t v) {
    uint8_t bytes[8];
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)v >> (8 * i));
    cdn_sha256_add(&p->item, bytes, sizeof bytes);
}
static void end(struct print *p) {
    uint8_t digest[32];
    cdn_sha256_end(&p->item, digest);
    for (unsigned i = 0; i < 4; i++) {
        uint64_t word = 0;
        for (unsigned k = 0; k < 8; k++)
            word = word << 8 | digest[8 * i + k];
        p->sum[i] += word;
    }
}
static void finish(struct print *p, uint8_t ret[16]) {
    uint8_t digest[32];
    begin(p, "sum");
    for (unsigned i = 0; i < 4; i++)
        number(p, (int64_t)p->sum[i]);
    cdn_sha256_end(&p->item, digest);
    memcpy(ret, digest, 16);
}

static void one_text(struct print *p, const char *what, cordon_str s) {
    begin(p, what);
    text(p, s);
    end(p);
}
static void one_birth(struct print *p, int32_t from, int32_t to, bool circa) {
    begin(p, "birth");
    number(p, from);
    number(p, to);
    number(p, circa);
    end(p);
}
static void one_ident(struct print *p, unsigned kind, uint16_t country, cordon_str value) {
    char storage[CDN_IDENT_NORMAL];
    const cordon_str normal = cdn_ident_normal(kind, value, storage);
    begin(p, "ident");
    number(p, kind);
    number(p, country);
    text(p, normal.n ? normal : value);
    end(p);
}
static void one_number(struct print *p, const char *what, int64_t v) {
    begin(p, what);
    number(p, v);
    end(p);
}

void cdn_decide_party_print(struct cdn_decider *d, uint32_t holder, uint8_t ret[16]) {
    struct cdn_screened *s = &d->screened[holder];
    if (s->epoch == d->epoch && s->has_print) {
        memcpy(ret, s->print, 16);
        return;
    }
    struct print p = {.sum = {0}};
    cdn_decide_ask(d, holder, d->asked);
    const struct cdn_screen_query *q = &d->asked->query;
    const struct cdn_known *k = &q->known;
    /* An owner of the same name is somebody else: who clears the party has not looked at its owner. */
    if (holder >= d->request->party_count)
        one_text(&p, "owner", cdn_str(NULL, 0));
    one_number(&p, "kind", q->kind);
    one_number(&p, "sex", k->sex);
    for (uint32_t i = 0; i < q->name_count; i++)
        one_text(&p, "name", q->names[i]);
    for (uint32_t i = 0; i < k->birth_count; i++)
        one_birth(&p, k->births[i].from, k->births[i].to, k->births[i].circa);
    for (uint32_t i = 0; i < k->nationality_count; i++)
        one_text(&p, "nation", cdn_str(k->nationalities[i], 2));
    for (uint32_t i = 0; i < k->country_count; i++)
        one_text(&p, "country", cdn_str(k->countries[i], 2));
    for (uint32_t i = 0; i < k->address_count; i++)
        one_text(&p, "address", k->addresses[i]);
    for (uint32_t i = 0; i < q->ident_count; i++)
        one_ident(&p, q->idents[i].kind, q->idents[i].country, q->idents[i].value);
    finish(&p, ret);
    if (s->epoch == d->epoch) {
        memcpy(s->print, ret, 16);
        s->has_print = true;
    }
}

void cdn_decide_entry_print(const struct cdn_decider *d, uint32_t entry, uint8_t ret[16]) {
    const struct cdn_party_source *s = NULL;
    const struct cdn_party_rec *e = cdn_parties_entry(d->snap->parties, entry, &s);
    struct print p = {.sum = {0}};
    one_text(&p, "id", cdn_party_text(s, e->id));
    one_number(&p, "type", e->type);
    one_number(&p, "sex", e->sex);
    for (uint32_t i = 0; i < e->names.count; i++) {
        const struct cdn_party_name_rec *n = cdn_party_name(s, e, i);
        begin(&p, n->weak ? "weak name" : "name");
        text(&p, cdn_party_text(s, n->full));
        end(&p);
    }
    for (uint32_t i = e->births.first; i < e->births.first + e->births.count; i++)
        one_birth(&p, s->births[i].from, s->births[i].to, s->births[i].circa);
    for (uint32_t i = e->birth_places.first; i < e->birth_places.first + e->birth_places.count; i++)
        one_text(&p, "birth place", cdn_party_text(s, s->places[i].text));
    for (uint32_t i = e->addresses.first; i < e->addresses.first + e->addresses.count; i++)
        one_text(&p, "address", cdn_party_text(s, s->places[i].text));
    for (uint32_t i = e->nationalities.first; i < e->nationalities.first + e->nationalities.count; i++)
        one_text(&p, "nation", cdn_str(s->countries[i].code, 2));
    for (uint32_t i = e->countries.first; i < e->countries.first + e->countries.count; i++)
        one_text(&p, "country", cdn_str(s->countries[i].code, 2));
    for (uint32_t i = e->idents.first; i < e->idents.first + e->idents.count; i++)
        one_ident(&p, s->idents[i].kind, s->idents[i].country, cdn_party_text(s, s->idents[i].value));
    finish(&p, ret);
}

/* ---- clearances -----------------------------------------------------------------------------------------
 */

static bool is_print(cordon_str hex, const uint8_t print[16]) {
    char storage[33];
    struct cdn_buf b;
    cdn_buf_fixed(&b, storage, sizeof storage);
    cdn_buf_hex(&b, print, 16);
    return cdn_str_eq(hex, cdn_buf_get(&b));
}

/* The better of two answers: what counts, else what comes nearest to it. */
static enum cdn_cleared better(enum cdn_cleared a, enum cdn_cleared b) {
    return a == CDN_CLEARED || (b != CDN_CLEARED && a != CDN_CLEARED_NOT) ? a : b;
}

static bool over(struct cdn_decider *d, const struct cdn_state *s) {
    return s->until_have == CDN_HAVE_VALUE && cdn_decide_at_before(d, s->until) != CORDON_TRUE;
}

/* Is the entry on the list that the clearance names? */
static bool names_entry(const struct cdn_decider *d, const struct cdn_state *s, uint32_t entry) {
    const struct cdn_party_source *source = NULL;
    const struct cdn_party_rec *e = cdn_parties_entry(d->snap->parties, entry, &source);
    if (!cdn_str_eq(cdn_party_text(source, e->id), s->entry))
        return false;
    const uint32_t list = cdn_parties_find_list(d->snap->parties, s->list);
    return list != CDN_PARTIES_NONE && cdn_party_on(source, e, list);
}

static enum cdn_cleared weigh(struct cdn_decider *d,
                              const struct cdn_state *s,
                              uint32_t holder,
                              uint32_t entry) {
    uint8_t print[16];
    if (over(d, s))
        return CDN_CLEARED_OVER;
    if (!s->entry_fingerprint.n || !s->party_fingerprint.n)
        return CDN_CLEARED_NO_PRINT;
    cdn_decide_entry_print(d, entry, print);
    if (!is_print(s->entry_fingerprint, print))
        return CDN_CLEARED_ENTRY_CHANGED;
    cdn_decide_party_print(d, holder, print);
    return is_print(s->party_fingerprint, print) ? CDN_CLEARED : CDN_CLEARED_PARTY_CHANGED;
}

/* IMPLEMENTS: CS-CLEARED */
enum cdn_cleared cdn_decide_cleared_entry(
    struct cdn_decider *d, uint32_t holder, int party, uint32_t entry, const struct cdn_state **ret_state) {
    enum cdn_cleared best = CDN_CLEARED_NOT;
    for (uint32_t i = 0; i < d->request->state_count && best != CDN_CLEARED; i++) {
        const struct cdn_state *s = &d->request->state[i];
        if (s->kind != CDN_STATE_CLEARANCE || s->party != party || !names_entry(d, s, entry))
            continue;
        const enum cdn_cleared now = better(best, weigh(d, s, holder, entry));
        if (now != best && ret_state)
            *ret_state = s;
        best = now;
    }
    return best;
}

/* Where the snapshot has the entry and the clearance says what it was: is it still that? */
static bool entry_as_cleared(const struct cdn_decider *d, const struct cdn_state *s) {
    uint8_t print[16];
    const uint32_t list =
        d->snap->parties ? cdn_parties_find_list(d->snap->parties, s->list) : CDN_PARTIES_NONE;
    const uint32_t entry =
        list == CDN_PARTIES_NONE ? list : cdn_parties_find_entry(d->snap->parties, list, s->entry);
    if (entry == CDN_PARTIES_NONE || !s->entry_fingerprint.n)
        return true;
    cdn_decide_entry_print(d, entry, print);
    return is_print(s->entry_fingerprint, print);
}

/* IMPLEMENTS: CS-CLEARED
 * Of a result that the request supplied what is recorded is compared, as far as it can be; where the snapshot
 * has the list, the engine looks by itself, too. */
enum cdn_cleared cdn_decide_cleared_listed(struct cdn_decider *d,
                                           int party,
                                           const struct cdn_listed *l,
                                           const struct cdn_state **ret_state) {
    enum cdn_cleared best = CDN_CLEARED_NOT;
    for (uint32_t i = 0; i < d->request->state_count && best != CDN_CLEARED; i++) {
        const struct cdn_state *s = &d->request->state[i];
        uint8_t print[16];
        if (s->kind != CDN_STATE_CLEARANCE || s->party != party || !cdn_str_eq(s->list, l->list) ||
            !cdn_str_eq(s->entry, l->entry))
            continue;
        enum cdn_cleared now = over(d, s) ? CDN_CLEARED_OVER : CDN_CLEARED;
        if (now == CDN_CLEARED && !entry_as_cleared(d, s))
            now = CDN_CLEARED_ENTRY_CHANGED;
        if (now == CDN_CLEARED && s->party_fingerprint.n) {
            cdn_decide_party_print(d, (uint32_t)party, print);
            now = is_print(s->party_fingerprint, print) ? CDN_CLEARED : CDN_CLEARED_PARTY_CHANGED;
        }
        now = better(best, now);
        if (now != best && ret_state)
            *ret_state = s;
        best = now;
    }
    return best;
}
