/* SPDX-License-Identifier: Apache-2.0 */
/* index_find.c: from a token to the forms that have one like it.
 *
 *  1. All keys of the token are computed; the filter drops those that no listed token has.
 *  2. What lies under the others is gathered, then compared letter by letter. Everything is asked for from
 *     memory before it is needed: the loops are short, and their reads do not depend on each other.
 *  3. Tokens that are alike are remembered with the token, with how much they might disagree.
 *  4. To each form with one of them is added what it could agree on.
 *
 * Always true here: the same work is counted whether a token was remembered or not. */
#include "screen/index.h"

#define GATHERED 256 /* tokens compared in one go */

static void ahead(const void *p) {
    __builtin_prefetch(p);
}

static uint16_t plus(uint16_t a, uint32_t b) {
    return (uint16_t)CDN_MIN(a + b, 60000U);
}

/* Adds to every form that has the token what it could agree on. Neighbours written as one add to what was
 * found one by one, which may be other words of the form. */
static void reach(struct cdn_searcher *s, const struct cdn_index_unit *u, const struct cdn_near *near) {
    const uint32_t weight = CDN_MIN(u->weight, (uint32_t)near->weight),
                   agree = weight * near->alike / 1000 + 1;
    const uint32_t listed = (near->pair != 0 ? 2U : 1U) * near->weight - weight, query = u->cover - weight;
    const uint32_t *p = s->index->postings + near->first;
    const uint32_t count = CDN_MIN(near->count, (s->work_most - s->work) * 8);
    for (uint32_t i = 0; i < count; i++) {
        if (i + 8 < count) {
            ahead(&s->reached[p[i + 8] & ~CDN_INDEX_LIGHT_FORM]);
        }
        const uint32_t form = p[i] & ~CDN_INDEX_LIGHT_FORM;
        struct cdn_reached *at = &s->reached[form];
        if (at->agree == 0) {
            s->touched[s->touched_count++] = form;
            at->agree = p[i] & CDN_INDEX_LIGHT_FORM;
        }
        at->agree += agree;
        at->query = plus(at->query, query);
        at->listed = plus(at->listed, listed);
    }
    s->work += count < near->count ? s->work_most - s->work + 1 : count / 8;
}

/* A pair of tokens of so much weight that is less alike disagrees on more than the budget. */
static uint32_t least_alike(uint32_t weight, uint32_t budget) {
    return (uint64_t)weight * 1000 <= budget ? 1 : 1000 - budget / weight;
}

static bool wanted(const struct cdn_index_unit *u, const struct cdn_near *near, uint32_t budget) {
    return near->alike >= least_alike(CDN_MIN(u->least, (uint32_t)near->least), budget);
}

/* Reaches what is like the unit; `at` and `mask`: where in a ring. */
static void reach_all(struct cdn_searcher *s,
                      const struct cdn_index_unit *u,
                      const struct cdn_near *ring,
                      uint64_t at,
                      uint64_t mask,
                      uint32_t count,
                      uint32_t budget) {
    for (uint32_t i = 0; i < count; i++) {
        const struct cdn_near *near = &ring[(at + i) & mask];
        if (near->count == 0) {
            s->light = true;
        } else if (wanted(u, near, budget)) {
            ahead(s->index->postings + near->first);
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct cdn_near *near = &ring[(at + i) & mask];
        if (near->count > 0 && wanted(u, near, budget)) {
            ahead(&s->reached[s->index->postings[near->first] & ~CDN_INDEX_LIGHT_FORM]);
        }
    }
    for (uint32_t i = 0; i < count && s->work <= s->work_most; i++) {
        const struct cdn_near *near = &ring[(at + i) & mask];
        if (wanted(u, near, budget)) {
            reach(s, u, near);
        }
    }
}

/* ---- comparing -------------------------------------------------------------------------------------- */

struct gathered {
    struct one {
        uint32_t token, least; /* least alike */
    } p[GATHERED];
    uint32_t n;
};

/* Both Latin, and told by their letters to be less alike. */
static bool looks_other(const struct cdn_searcher *s, uint32_t a, uint32_t b, uint32_t least) {
    return (a & b & 1U << 26) != 0 && a >> 27 < 31 && b >> 27 < 31 &&
           !cdn_match_may(s->tables, s->params, a & 0x3FFFFFFU, a >> 27, b & 0x3FFFFFFU, b >> 27, least);
}

/* Adds those that are alike to s->fresh; false: there are too many. */
static bool compare(struct cdn_searcher *s,
                    const struct cdn_index_unit *u,
                    struct gathered *g,
                    uint32_t *count) {
    for (uint32_t i = 0; i < g->n; i++) {
        const struct one *c = &g->p[i];
        const struct cdn_index_token *t = &s->index->tokens[c->token];
        if (s->seen[c->token] == s->stamp || (u->pair && t->pair != 0)) {
            continue;
        }
        s->seen[c->token] = s->stamp;
        enum cdn_match_how how;
        const unsigned alike = cdn_match_tokens_from(
            s->tables, s->params, &u->token, (const struct cdn_token *)(const void *)t, c->least, &how);
        if (alike == 0 || alike < c->least) {
            continue;
        }
        if (*count == CDN_INDEX_NEAR) {
            return false;
        }
        s->fresh[(*count)++] = (struct cdn_near){
            .first = t->first,
            .count = t->count,
            .alike = (uint16_t)alike,
            .weight = (uint8_t)t->weight,
            .least = (uint8_t)cdn_match_weight(s->params, (const struct cdn_token *)(const void *)t),
            .pair = t->pair};
    }
    g->n = 0;
    return true;
}

/* ---- keys ------------------------------------------------------------------------------------------- */

struct asked {
    uint32_t key, first, after;
    bool group; /* other letters */
};

/* The keys that some listed token has, and where it is. */
static uint32_t find_keys(const struct cdn_index *x, const struct cdn_index_unit *u, struct asked *ret) {
    uint32_t keys[CDN_INDEX_KEYS_MAX], count = 0;
    const uint32_t of_token = cdn_index_keys(&u->token, u->pair, false, keys), n = u->light ? 1 : of_token,
                   shift = 32 - x->header->bucket_bits;
    for (uint32_t k = 0; k < n; k++) {
        ahead(&x->filter[keys[k] >> shift]);
    }
    for (uint32_t k = 0; k < n; k++) {
        if ((x->filter[keys[k] >> shift] >> (keys[k] >> (shift - 3) & 7U) & 1U) != 0) {
            ahead(&x->buckets[keys[k] >> shift]);
            ret[count++] = (struct asked){.key = keys[k], .group = k == 1 && u->token.id != 0};
        }
    }
    for (uint32_t k = 0; k < count; k++) {
        ret[k].first = x->buckets[ret[k].key >> shift];
        ret[k].after = x->buckets[(ret[k].key >> shift) + 1];
        ahead(&x->key_tokens[ret[k].first]);
    }
    return count;
}

/* Fills s->fresh with the tokens of the lists that are like the unit's; returns their number. At the end of
 * the unit's part of the work, or when there are too many, *ret_cut is set. */
static uint32_t look_up(struct cdn_searcher *s,
                        const struct cdn_index_unit *u,
                        uint32_t budget,
                        bool *ret_cut) {
    struct asked asked[CDN_INDEX_KEYS_MAX];
    struct gathered g = {.n = 0};
    uint32_t count = 0;
    const uint32_t n = find_keys(s->index, u, asked), look = cdn_index_look(&u->token);
    s->stamp++;
    for (uint32_t k = 0; k < n; k++) {
        s->work += (asked[k].after - asked[k].first) / 16;
        for (uint32_t i = asked[k].first; i < asked[k].after; i++) {
            const struct cdn_index_under *under = &s->index->key_tokens[i];
            if (under->check != (uint16_t)asked[k].key) {
                continue;
            }
            if (++s->work > s->work_most) {
                *ret_cut = true;
                (void)compare(s, u, &g, &count);
                return count;
            }
            const uint32_t least = least_alike(CDN_MIN(u->least, (uint32_t)under->weight), budget);
            if (!asked[k].group &&
                looks_other(s, look, under->look, CDN_MAX(least, (uint32_t)s->params->cut))) {
                continue;
            }
            ahead(&s->index->tokens[under->token]);
            ahead(&s->index->tokens[under->token].n);
            ahead(&s->seen[under->token]);
            g.p[g.n++] = (struct one){under->token, least};
            if (g.n == GATHERED && !compare(s, u, &g, &count)) {
                *ret_cut = true;
                return count;
            }
        }
    }
    *ret_cut = !compare(s, u, &g, &count);
    return count;
}

/* ---- what was found before -------------------------------------------------------------------------- */

static bool same_unit(const struct cdn_expansion *x, const struct cdn_index_unit *u) {
    const struct cdn_token *b = &u->token;
    return x->pair == u->pair && x->n == b->n && x->class == b->class && x->script == b->script &&
           x->id == b->id && x->last == b->last && x->n > 0 && memcmp(x->s, b->s, b->n) == 0;
}

static void remember(struct cdn_searcher *s,
                     struct cdn_expansion *x,
                     const struct cdn_index_unit *u,
                     uint32_t budget,
                     uint32_t count,
                     uint32_t work) {
    const struct cdn_token *t = &u->token;
    memcpy(x->s, t->s, t->n);
    x->n = t->n;
    x->class = t->class;
    x->script = t->script;
    x->last = t->last;
    x->pair = u->pair;
    x->id = t->id;
    x->budget = budget;
    x->count = count;
    x->work = work;
    x->at = s->near_count;
    for (uint32_t i = 0; i < count; i++) {
        s->nears[s->near_count++ & (s->near_slots - 1)] = s->fresh[i];
    }
}

/* Budgets are remembered in steps, so that a name of a little more weight need not look again. */
#define BUDGET_STEP 16384U

bool cdn_index_reach(struct cdn_searcher *s, const struct cdn_index_unit *u, uint32_t budget) {
    bool cut = false;
    s->light = false;
    struct cdn_expansion *x =
        &s->cache[cdn_hash(cdn_str(u->token.s, u->token.n), u->pair) & (s->cache_slots - 1)];
    if (same_unit(x, u) && x->budget >= budget && s->near_count - x->at <= s->near_slots &&
        s->work + x->work <= s->work_most) {
        s->work += x->work;
        reach_all(s, u, s->nears, x->at, s->near_slots - 1, x->count, budget);
    } else {
        const uint32_t before = s->work, most = (budget / BUDGET_STEP + 1) * BUDGET_STEP,
                       count = look_up(s, u, most, &cut);
        if (!cut) {
            remember(s, x, u, most, count, s->work - before);
        }
        reach_all(s, u, s->fresh, 0, UINT64_MAX, count, budget);
    }
    cut = cut || s->work > s->work_most;
    s->partial = s->partial || cut;
    return !cut;
}
