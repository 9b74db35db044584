/* SPDX-License-Identifier: Apache-2.0 */
/* index.c: opens the index of names and searches it (format and method in index.h). */
#include "screen/index.h"

#define UNITS_MAX 24

/* ---- opening ---------------------------------------------------------------------------------------- */

static int damaged(struct cordon_error *e, const char *what) {
    return cdn_fail(e, CORDON_E_FORMAT, "index of names: %s", what);
}

static uint64_t up8(uint64_t n) {
    return (n + 7) / 8 * 8;
}

static bool place_arrays(cordon_str bytes, struct cdn_index *x) {
    const struct cdn_index_header *h = x->header;
    const uint64_t t = sizeof *h, n = t + up8((uint64_t)h->tokens * sizeof *x->tokens),
                   f = n + up8((uint64_t)h->names * sizeof *x->names),
                   m = f + up8((uint64_t)h->forms * sizeof *x->forms), nt = m + up8(4ULL * h->names),
                   p = nt + up8(4ULL * h->name_tokens), k = p + up8(4ULL * h->postings),
                   kt = k + up8((uint64_t)h->key_slots * sizeof *x->keys), w = kt + 8ULL * h->key_tokens,
                   end = w + 8ULL * h->weight_slots;
    if (end != bytes.n) {
        return false;
    }
    const char *b = bytes.p;
    x->tokens = (const void *)(b + t);
    x->names = (const void *)(b + n);
    x->forms = (const void *)(b + f);
    x->members = (const void *)(b + m);
    x->name_tokens = (const void *)(b + nt);
    x->postings = (const void *)(b + p);
    x->keys = (const void *)(b + k);
    x->key_tokens = (const void *)(b + kt);
    x->weights = (struct cdn_screen_weights){(const uint8_t *)(b + w), h->weight_slots, (uint8_t)h->unseen};
    return true;
}

static bool power_of_two(uint32_t n) {
    return n > 0 && (n & (n - 1)) == 0;
}

static bool within(uint32_t first, uint32_t count, uint32_t all) {
    return first <= all && count <= all - first;
}

static bool check_tokens(const struct cdn_index *x) {
    for (uint32_t i = 0; i < x->header->tokens; i++) {
        const struct cdn_index_token *t = &x->tokens[i];
        if (t->n > CDN_TOKEN_LETTERS || t->sounds > t->n || t->class >= CDN_TOKEN_CLASSES ||
            t->script >= CDN_WRITTEN_COUNT || t->weight > 255 ||
            !within(t->first, t->count, x->header->postings)) {
            return false;
        }
        for (unsigned k = 0; k < t->sounds; k++) {
            if (t->sound[k] >= CDN_SOUND_DIGIT + 10) {
                return false;
            }
        }
        for (unsigned k = 0; k < t->n; k++) {
            const char c = t->s[k];
            if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) {
                return false;
            }
        }
    }
    return true;
}

static bool check_names(const struct cdn_index *x) {
    const struct cdn_index_header *h = x->header;
    uint32_t at = 0; /* forms follow each other in `members`, so that every name is of one form, once */
    for (uint32_t i = 0; i < h->forms; i++) {
        const struct cdn_index_form *f = &x->forms[i];
        if (f->count > CDN_NAME_TOKENS || f->kind > CDN_SCREEN_VESSEL || f->members != at ||
            !within(f->first, f->count, h->name_tokens) || !within(at, f->member_count, h->names)) {
            return false;
        }
        for (; at < f->members + f->member_count; at++) {
            if (x->members[at] >= h->names || x->names[x->members[at]].form != i) {
                return false;
            }
        }
    }
    if (at != h->names) {
        return false;
    }
    for (uint32_t i = 0; i < h->names; i++) {
        if (x->names[i].kind > CDN_SCREEN_VESSEL || x->names[i].form >= h->forms) {
            return false;
        }
    }
    for (uint32_t i = 0; i < h->name_tokens; i++) {
        if (x->name_tokens[i] >= h->tokens) {
            return false;
        }
    }
    for (uint32_t i = 0; i < h->postings; i++) {
        if (x->postings[i] >= h->forms) {
            return false;
        }
    }
    return true;
}

static bool check_keys(const struct cdn_index *x) {
    const struct cdn_index_header *h = x->header;
    uint32_t used = 0, weights = 0;
    for (uint32_t i = 0; i < h->key_slots; i++) {
        used += x->keys[i].count != 0 ? 1U : 0U;
        if (!within(x->keys[i].first, x->keys[i].count, h->key_tokens)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < h->key_tokens; i++) {
        if (x->key_tokens[i].token >= h->tokens) {
            return false;
        }
    }
    for (uint32_t i = 0; i < h->weight_slots; i++) {
        weights += x->weights.slots[8 * (size_t)i + 4] != 0 ? 1U : 0U;
    }
    return used < h->key_slots && weights < h->weight_slots;
}

int cdn_index_open(cordon_str bytes, struct cdn_index *ret, struct cordon_error *e) {
    struct cdn_index x;
    memset(&x, 0, sizeof x);
    if ((uintptr_t)bytes.p % 8 != 0) {
        return cdn_fail(e, CORDON_E_ARG, "the index of names must be aligned");
    }
    if (bytes.n < sizeof *x.header || memcmp(bytes.p, CDN_INDEX_MAGIC, 8) != 0) {
        return damaged(e, "it does not begin as one");
    }
    x.header = (const void *)bytes.p;
    if (x.header->version != CDN_INDEX_VERSION) {
        return cdn_fail(
            e, CORDON_E_VERSION, "index of names of version %lu", (unsigned long)x.header->version);
    }
    if (!power_of_two(x.header->key_slots) || !power_of_two(x.header->weight_slots) ||
        x.header->unseen > 255 || !place_arrays(bytes, &x)) {
        return damaged(e, "its size is not what its header says");
    }
    if (!check_tokens(&x) || !check_names(&x) || !check_keys(&x)) {
        return damaged(e, "an entry leads nowhere");
    }
    *ret = x;
    return 0;
}

/* ---- workspace -------------------------------------------------------------------------------------- */

int cdn_searcher_init(struct cdn_searcher *s,
                      const struct cdn_index *index,
                      const struct cdn_screen_tables *tables,
                      const struct cdn_match_params *params,
                      const struct cordon_alloc *alloc,
                      struct cordon_error *e) {
    memset(s, 0, sizeof *s);
    s->index = index;
    s->tables = tables;
    s->params = params;
    s->alloc = alloc;
    const uint32_t forms = index->header->forms + 1, tokens = index->header->tokens + 1;
    s->reached = cdn_alloc_zero(alloc, forms, sizeof *s->reached);
    s->touched = s->reached ? cdn_alloc_zero(alloc, forms, sizeof *s->touched) : NULL;
    s->seen = s->touched ? cdn_alloc_zero(alloc, tokens, sizeof *s->seen) : NULL;
    s->cache = s->seen ? cdn_alloc_zero(alloc, CDN_INDEX_CACHE, sizeof *s->cache) : NULL;
    s->nears = s->cache ? cdn_alloc_zero(alloc, CDN_INDEX_NEARS, sizeof *s->nears) : NULL;
    s->fresh = s->nears ? cdn_alloc_zero(alloc, CDN_INDEX_NEAR, sizeof *s->fresh) : NULL;
    if (s->fresh == NULL) {
        cdn_searcher_free(s);
        return cdn_fail(e, CORDON_E_NOMEM, "no memory to search names");
    }
    return 0;
}

void cdn_searcher_free(struct cdn_searcher *s) {
    if (s == NULL || s->alloc == NULL) {
        return;
    }
    const size_t forms = (size_t)s->index->header->forms + 1, tokens = (size_t)s->index->header->tokens + 1;
    cdn_free(s->alloc, s->reached, forms * sizeof *s->reached);
    cdn_free(s->alloc, s->touched, forms * sizeof *s->touched);
    cdn_free(s->alloc, s->nears, CDN_INDEX_NEARS * sizeof *s->nears);
    cdn_free(s->alloc, s->fresh, CDN_INDEX_NEAR * sizeof *s->fresh);
    cdn_free(s->alloc, s->seen, tokens * sizeof *s->seen);
    cdn_free(s->alloc, s->cache, CDN_INDEX_CACHE * sizeof *s->cache);
    s->alloc = NULL;
}

static void load_token(const struct cdn_index_token *t, struct cdn_token *ret) {
    memcpy(ret, t, sizeof *ret);
    ret->joined = ret->last = false;
    ret->from = ret->to = 0;
}

static void load_form(const struct cdn_index *index, const struct cdn_index_form *f, struct cdn_name *ret) {
    ret->count = f->count;
    ret->kind = f->kind;
    ret->cut = ret->mixed = false;
    for (uint32_t i = 0; i < f->count; i++) {
        load_token(&index->tokens[index->name_tokens[f->first + i]], &ret->token[i]);
    }
    if (f->count > 0) {
        ret->token[f->count - 1].last = true;
    }
}

void cdn_index_name(const struct cdn_index *index, uint32_t name, struct cdn_name *ret) {
    load_form(index, &index->forms[index->names[name].form], ret);
}

/* ---- search ----------------------------------------------------------------------------------------- */

struct unit {
    struct cdn_token token;
    uint32_t weight;
    uint32_t cover; /* of all tokens that it is made of */
    bool pair;
};

static const struct cdn_index_key *find_key(const struct cdn_index *x, uint32_t hash) {
    const uint32_t mask = x->header->key_slots - 1;
    for (uint32_t slot = hash & mask;; slot = (slot + 1) & mask) {
        if (x->keys[slot].count == 0) {
            return NULL;
        }
        if (x->keys[slot].hash == hash) {
            return &x->keys[slot];
        }
    }
}

static uint16_t plus(uint16_t a, uint32_t b) {
    return (uint16_t)CDN_MIN(a + b, 60000U);
}

/* Adds to every form that has the token what it could agree on. Two neighbours written as one add only where
 * they are not found one by one. */
static void reach(struct cdn_searcher *s, const struct unit *u, struct cdn_near near) {
    const struct cdn_index_token *t = &s->index->tokens[near.token];
    const uint32_t weight = CDN_MIN(u->weight, (uint32_t)t->weight), agree = weight * near.alike / 1000 + 1;
    const uint32_t listed = (t->pair != 0 ? 2U : 1U) * t->weight - weight, query = u->cover - weight;
    const uint32_t *p = s->index->postings + t->first;
    for (uint32_t i = 0; i < t->count; i++) {
        struct cdn_reached *at = &s->reached[p[i]];
        if (at->agree == 0) {
            s->touched[s->touched_count++] = p[i];
        } else if (u->pair && at->agree >= agree) {
            continue;
        }
        at->agree += agree;
        at->query = plus(at->query, query);
        at->listed = plus(at->listed, listed);
    }
    s->work += t->count / 8 + 1;
}

static bool same_unit(const struct cdn_expansion *x, const struct unit *u) {
    const struct cdn_token *b = &u->token;
    return x->pair == u->pair && x->n == b->n && x->class == b->class && x->script == b->script &&
           x->id == b->id && x->last == b->last && x->n > 0 && memcmp(x->s, b->s, b->n) == 0;
}

/* Both Latin, and the letters differ by more than any likeness of letters.c allows. */
static bool looks_other(uint32_t a, uint32_t b) {
    const unsigned n = CDN_MAX(a >> 27, b >> 27);
    return (a & b & 1U << 26) != 0 &&
           (unsigned)__builtin_popcount((a ^ b) & 0x3FFFFFFU) > CDN_MAX(5U, n / 2 + 1);
}

/* Fills s->fresh with the tokens of the lists that are like the unit's; returns their number. At the end of
 * the budget, or when there are too many, s->partial says so. */
static uint32_t look_up(struct cdn_searcher *s, const struct unit *u) {
    uint32_t keys[CDN_INDEX_KEYS_MAX], count = 0;
    const uint32_t n = cdn_index_keys(&u->token, u->pair, keys);
    const uint32_t look = cdn_index_look(&u->token);
    s->stamp++;
    for (uint32_t k = 0; k < n; k++) {
        const struct cdn_index_key *key = find_key(s->index, keys[k]);
        const bool in_group = k == 1 && u->token.id != 0;
        for (uint32_t i = 0; key != NULL && i < key->count; i++) {
            const struct cdn_index_under under = s->index->key_tokens[key->first + i];
            if (!in_group && looks_other(look, under.look)) {
                continue;
            }
            const struct cdn_index_token *t = &s->index->tokens[under.token];
            if (s->seen[under.token] == s->stamp || (u->pair && t->pair != 0)) {
                continue;
            }
            s->seen[under.token] = s->stamp;
            if (++s->work > CDN_INDEX_WORK || count == CDN_INDEX_NEAR) {
                s->partial = true;
                return count;
            }
            enum cdn_match_how how;
            const unsigned alike = cdn_match_tokens(
                s->tables, s->params, &u->token, (const struct cdn_token *)(const void *)t, &how);
            if (alike > 0) {
                s->fresh[count++] = (struct cdn_near){under.token, alike};
            }
        }
    }
    return count;
}

static void remember(
    struct cdn_searcher *s, struct cdn_expansion *x, const struct unit *u, uint32_t count, uint32_t work) {
    const struct cdn_token *t = &u->token;
    memcpy(x->s, t->s, t->n);
    x->n = t->n;
    x->class = t->class;
    x->script = t->script;
    x->last = t->last;
    x->pair = u->pair;
    x->id = t->id;
    x->count = count;
    x->work = work;
    x->at = s->near_count;
    for (uint32_t i = 0; i < count; i++) {
        s->nears[s->near_count++ & (CDN_INDEX_NEARS - 1)] = s->fresh[i];
    }
}

/* Reaches the names of every token that is like the unit's. False when the budget is used up. */
static bool expand(struct cdn_searcher *s, const struct unit *u) {
    struct cdn_expansion *x =
        &s->cache[cdn_hash(cdn_str(u->token.s, u->token.n), u->pair) & (CDN_INDEX_CACHE - 1)];
    if (same_unit(x, u) && s->near_count - x->at <= CDN_INDEX_NEARS && s->work + x->work <= CDN_INDEX_WORK) {
        s->work += x->work;
        for (uint32_t i = 0; i < x->count; i++) {
            reach(s, u, s->nears[(x->at + i) & (CDN_INDEX_NEARS - 1)]);
        }
    } else {
        const uint32_t before = s->work, count = look_up(s, u);
        if (!s->partial) {
            remember(s, x, u, count, s->work - before);
        }
        for (uint32_t i = 0; i < count; i++) {
            reach(s, u, s->fresh[i]);
        }
    }
    s->partial = s->partial || s->work > CDN_INDEX_WORK;
    return !s->partial;
}

static bool names_something(const struct cdn_token *t) {
    return t->class == CDN_TOKEN_PLAIN || t->class == CDN_TOKEN_PATRONYMIC || t->class == CDN_TOKEN_GENERIC ||
           t->class == CDN_TOKEN_NUMBER;
}

/* What is known of the query for bounding scores; weights as they are compared. */
struct query {
    uint32_t weight;  /* of the tokens that are searched by */
    uint32_t left;    /* what at least remains of it when nothing agrees */
    uint32_t initial; /* of single letters, which no key leads to */
    uint32_t light;   /* of titles, particles, legal forms, likewise */
};

/* The tokens to search by, one by one first, the rarest before others, then neighbours written as one. */
static uint32_t make_units(const struct cdn_match_params *p,
                           const struct cdn_name *name,
                           struct unit *units,
                           struct query *ret) {
    uint32_t n = 0;
    *ret = (struct query){0, 0, 0, 0};
    for (uint32_t i = 0; i < name->count; i++) {
        const struct cdn_token *t = &name->token[i];
        for (unsigned pair = 0; pair < 2; pair++) {
            struct unit u = {.pair = pair != 0};
            if (pair == 0) {
                const uint32_t weight = cdn_match_weight(p, t);
                u.token = *t;
                if (!names_something(t)) {
                    *(t->class == CDN_TOKEN_INITIAL ? &ret->initial : &ret->light) += weight;
                    continue;
                }
                ret->weight += weight;
                ret->left += t->class == CDN_TOKEN_PATRONYMIC ? weight / 3 : weight;
            } else if (name->count > 8 || !cdn_index_pair(name, i, &u.token)) {
                continue;
            }
            u.weight = u.token.weight;
            u.cover = u.pair ? 2 * u.weight : u.weight;
            uint32_t at = n < UNITS_MAX ? n++ : UNITS_MAX;
            if (at == UNITS_MAX) {
                ret->light += u.pair ? 0 : u.weight;
                continue;
            }
            for (; at > 0 &&
                   (units[at - 1].pair == u.pair ? units[at - 1].weight < u.weight : units[at - 1].pair);
                 at--) {
                units[at] = units[at - 1];
            }
            units[at] = u;
        }
    }
    return n;
}

/* The most that names of a form can score when what was found of them agrees on `reached` of weight. */
static uint32_t most_score(const struct cdn_match_params *p,
                           const struct query *q,
                           const struct cdn_index_form *f,
                           const struct cdn_reached *r) {
    const uint32_t found = CDN_MIN(r->agree, CDN_MIN(q->weight, (uint32_t)f->weight));
    const uint32_t agree = found + q->initial + f->initial + CDN_MAX(q->light, (uint32_t)f->light);
    const uint32_t agree_q = agree + r->query, agree_f = agree + r->listed;
    const uint32_t a = q->left > agree_q ? q->left - agree_q : 0,
                   b = f->left > agree_f ? f->left - agree_f : 0;
    const uint32_t conflict = CDN_MIN(a, b) * 3 / 4; /* tokens of unequal weight agree on the lesser */
    const uint32_t surplus = (CDN_MAX(a, b) - CDN_MIN(a, b)) / 2; /* repeated words count less */
    const uint32_t against =
        conflict * p->conflict + CDN_MIN(surplus, agree * p->surplus_most / 256) * p->surplus;
    return agree == 0 ? 0 : (uint32_t)((uint64_t)agree * 256000 / (agree * 256 + against));
}

static bool better(const struct cdn_index_hit *a, const struct cdn_index_hit *b) {
    return a->score != b->score ? a->score > b->score : a->entry < b->entry;
}

static uint32_t keep_hit(struct cdn_index_hit *ret, uint32_t count, uint32_t max, struct cdn_index_hit hit) {
    for (uint32_t i = 0; i < count; i++) {
        if (ret[i].entry == hit.entry) {
            const bool strong = ret[i].weak && !hit.weak && hit.score == ret[i].score;
            if (!better(&hit, &ret[i]) && !strong) {
                return count;
            }
            memmove(&ret[i], &ret[i + 1], (count - i - 1) * sizeof *ret);
            count--;
            break;
        }
    }
    uint32_t at = count;
    while (at > 0 && better(&hit, &ret[at - 1])) {
        at--;
    }
    if (at >= max) {
        return count;
    }
    count = CDN_MIN(count + 1, max);
    memmove(&ret[at + 1], &ret[at], (count - at - 1) * sizeof *ret);
    ret[at] = hit;
    return count;
}

/* A heap: s->reached greatest first, then the lesser number. */
static bool sooner(const struct cdn_searcher *s, uint32_t a, uint32_t b) {
    const uint32_t x = s->reached[a].agree, y = s->reached[b].agree;
    return x != y ? x > y : a < b;
}

static void sink(const struct cdn_searcher *s, uint32_t *heap, uint32_t n, uint32_t at) {
    const uint32_t id = heap[at];
    for (uint32_t child = 2 * at + 1; child < n; child = 2 * at + 1) {
        if (child + 1 < n && sooner(s, heap[child + 1], heap[child])) {
            child++;
        }
        if (!sooner(s, heap[child], id)) {
            break;
        }
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = id;
}

static bool allowed(const struct cdn_searcher *s, const struct cdn_index_form *f) {
    for (uint32_t i = 0; s->allow != NULL && i < f->member_count; i++) {
        if (s->allow(s->allow_ctx, s->index->members[f->members + i])) {
            return true;
        }
    }
    return s->allow == NULL;
}

/* The forms that could score `least`, at the front of s->touched; returns their number. s->reached of those
 * is from here on the most that they can score. */
static uint32_t bound_reached(struct cdn_searcher *s, const struct query *q, unsigned least) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->touched_count; i++) {
        const uint32_t id = s->touched[i];
        const struct cdn_index_form *f = &s->index->forms[id];
        const uint32_t most = most_score(s->params, q, f, &s->reached[id]);
        /* of equals that on which more agrees for sure */
        s->reached[id].agree = most << 16 | CDN_MIN(s->reached[id].agree, 0xFFFFU);
        if (most >= least && allowed(s, f)) {
            const uint32_t out = s->touched[kept];
            s->touched[kept++] = id;
            s->touched[i] = out;
        }
    }
    return kept;
}

static uint32_t keep_form(const struct cdn_searcher *s,
                          const struct cdn_index_form *f,
                          struct cdn_index_hit *ret,
                          uint32_t count,
                          uint32_t max) {
    for (uint32_t i = 0; i < f->member_count; i++) {
        const uint32_t name = s->index->members[f->members + i];
        const struct cdn_index_name *n = &s->index->names[name];
        if (s->allow == NULL || s->allow(s->allow_ctx, name)) {
            count =
                keep_hit(ret,
                         count,
                         max,
                         (struct cdn_index_hit){name, n->entry, s->match.score, n->weak != 0, s->match.thin});
        }
    }
    return count;
}

/* The forms most worth scoring come first. What was touched stays among s->touched, for clearing. */
static uint32_t score_reached(struct cdn_searcher *s,
                              const struct cdn_name *name,
                              uint32_t kept,
                              unsigned least,
                              struct cdn_index_hit *ret,
                              uint32_t max) {
    uint32_t count = 0;
    for (uint32_t i = kept / 2; i > 0; i--) {
        sink(s, s->touched, kept, i - 1);
    }
    for (uint32_t left = kept; left > 0; left--) {
        const uint32_t id = s->touched[0];
        const struct cdn_index_form *f = &s->index->forms[id];
        if (count == max && max > 0 && s->reached[id].agree >> 16 <= ret[max - 1].score) {
            break; /* nothing that is left can be better */
        }
        const bool many = name->count > 12 || f->count > 12;
        s->scoring += (uint32_t)name->count * f->count * (many ? 2U : 1U) + 16;
        if (s->scoring > CDN_INDEX_SCORING) {
            s->partial = true;
            break;
        }
        s->touched[0] = s->touched[left - 1];
        s->touched[left - 1] = id;
        sink(s, s->touched, left - 1, 0);
        load_form(s->index, f, &s->candidate);
        cdn_match_names(s->tables, s->params, &s->matcher, name, &s->candidate, &s->match);
        s->rescored++;
        if (s->match.score >= least) {
            count = keep_form(s, f, ret, count, max);
        }
    }
    return count;
}

uint32_t cdn_index_search(struct cdn_searcher *s,
                          const struct cdn_name *name,
                          unsigned least,
                          struct cdn_index_hit *ret,
                          uint32_t max) {
    struct unit units[UNITS_MAX];
    struct query q;
    const uint32_t n = make_units(s->params, name, units, &q);
    s->work = s->rescored = s->touched_count = s->scoring = 0;
    s->partial = false;
    if (s->stamp > UINT32_MAX - 2 * UNITS_MAX) {
        memset(s->seen, 0, ((size_t)s->index->header->tokens + 1) * sizeof *s->seen);
        s->stamp = 0;
    }
    uint32_t done = 0;
    while (done < n && expand(s, &units[done])) {
        done++;
    }
    for (; done < n; done++) { /* what was not looked for may agree */
        q.light += units[done].pair ? 0 : units[done].weight;
    }
    const uint32_t kept = bound_reached(s, &q, least);
    const uint32_t count = score_reached(s, name, kept, least, ret, max);
    for (uint32_t i = 0; i < s->touched_count; i++) {
        s->reached[s->touched[i]] = (struct cdn_reached){0, 0, 0};
    }
    return count;
}
