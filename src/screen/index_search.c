/* SPDX-License-Identifier: Apache-2.0 */
/* index_search.c: a name → the listed names that score what is wanted (contract in index.h).
 *
 *  1. The name becomes units; each adds to the forms what they could agree on (index_find.c).
 *  2. Most forms are told from that alone to be unable to reach the wanted score; of the others it is bounded
 *     by what the form has besides.
 *  3. Those that are left are scored, in the order of their bound. */
#include "screen/index.h"

static bool names_something(const struct cdn_token *t) {
    return t->class == CDN_TOKEN_PLAIN || t->class == CDN_TOKEN_PATRONYMIC || t->class == CDN_TOKEN_GENERIC ||
           t->class == CDN_TOKEN_NUMBER;
}

/* What is known of the query for bounding scores; weights as they are compared. */
struct query {
    uint32_t weight;  /* of the tokens that are searched by */
    uint32_t left;    /* what at least remains of it when nothing agrees */
    uint32_t initial; /* of single letters, which no key leads to */
    uint32_t most;    /* the heaviest token that is searched by */
    uint32_t letter;  /* weight of one single letter */
    uint32_t listed;  /* of a listed word that a single letter of a person's name may stand for */
    uint32_t light;   /* of titles, particles, legal forms, likewise */
};

#define HEAVIEST 200U /* a token of the lists */

/* The tokens to search by, one by one first, the rarest before others, then neighbours written as one. */
static uint32_t make_units(const struct cdn_match_params *p,
                           const struct cdn_name *name,
                           struct cdn_index_unit *units,
                           struct query *ret) {
    uint32_t n = 0;
    *ret = (struct query){.letter = cdn_match_weight(p, &(struct cdn_token){.class = CDN_TOKEN_INITIAL})};
    for (uint32_t i = 0; i < name->count; i++) {
        const struct cdn_token *t = &name->token[i];
        for (unsigned pair = 0; pair < 2; pair++) {
            struct cdn_index_unit u = {.pair = pair != 0};
            if (pair == 0) {
                const uint32_t weight = cdn_match_weight(p, t);
                u.token = *t;
                u.light = t->class == CDN_TOKEN_PARTICLE;
                if (!names_something(t)) {
                    *(t->class == CDN_TOKEN_INITIAL ? &ret->initial : &ret->light) += weight;
                } else {
                    ret->weight += weight;
                    ret->most = CDN_MAX(ret->most, weight);
                    ret->left += cdn_index_left(p, name, i, weight);
                }
                if (!names_something(t) && !u.light) {
                    continue;
                }
            } else if (name->count > 8 || !cdn_index_pair(name, i, &u.token)) {
                continue;
            }
            u.weight = u.light ? cdn_match_weight(p, t) : u.token.weight;
            u.cover = u.pair ? 2 * u.weight : u.weight;
            u.least = cdn_match_weight(p, &u.token);
            uint32_t at = n < CDN_INDEX_UNITS ? n++ : CDN_INDEX_UNITS;
            if (at == CDN_INDEX_UNITS) {
                ret->light += u.pair || u.light ? 0 : u.weight;
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
    ret->listed = ret->initial > 0 && name->kind == CDN_SCREEN_PERSON ? HEAVIEST : 0;
    return n;
}

/* What can agree when `found` of weight was found in a form with so much of single letters and light tokens.
 */
static uint32_t most_agree(const struct query *q, uint32_t found, uint32_t initial, uint32_t light) {
    return CDN_MIN(found, q->weight) + q->initial + initial + CDN_MAX(q->light, light);
}

/* What at least speaks against it when `a` of one name and `b` of the other are left over. */
static uint32_t least_against(const struct cdn_match_params *p, uint32_t agree, uint32_t a, uint32_t b) {
    const uint32_t conflict = CDN_MIN(a, b) * p->uneven / 256; /* match.c: set_against */
    uint32_t surplus = CDN_MAX(a, b) - conflict;
    if (agree >= CDN_MATCH_FULL / 1000) {
        surplus = CDN_MIN(surplus, agree * p->surplus_most / 256);
    }
    return conflict * p->conflict + surplus * p->surplus;
}

/* The most that names of a form can score when what was found of them agrees on `reached` of weight. */
static uint32_t most_score(const struct cdn_match_params *p,
                           const struct query *q,
                           const struct cdn_index_form *f,
                           const struct cdn_reached *r) {
    const uint32_t agree =
        most_agree(q, CDN_MIN(r->agree & ~CDN_INDEX_LIGHT_FORM, (uint32_t)f->weight), f->initial, f->light);
    /* a single letter that fits leaves nothing over of the word it stands for */
    const uint32_t letter = CDN_MAX(q->letter, 1U);
    const uint32_t agree_q = agree + r->query + f->initial / letter * q->most,
                   agree_f = agree + r->listed + q->listed;
    const uint32_t a = q->left > agree_q ? q->left - agree_q : 0,
                   b = f->left > agree_f ? f->left - agree_f : 0;
    return agree == 0 ? 0
                      : (uint32_t)((uint64_t)agree * 256000 / (agree * 256 + least_against(p, agree, a, b)));
}

/* The same without looking at the form, which takes longer than all else: false: it cannot score `least`. */
static bool may_score(const struct cdn_match_params *p,
                      const struct query *q,
                      const struct cdn_reached *r,
                      unsigned least) {
    if ((r->agree & CDN_INDEX_LIGHT_FORM) != 0) {
        return true;
    }
    const uint32_t agree = most_agree(q, r->agree, 0, CDN_INDEX_LIGHT), agree_q = agree + r->query;
    const uint32_t a = q->left > agree_q ? q->left - agree_q : 0;
    return (uint64_t)least * (agree * 256 + least_against(p, agree, a, 0)) <= (uint64_t)agree * 256000;
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
 * is from here on the most that they can score, of all others it is cleared. */
static uint32_t bound_reached(struct cdn_searcher *s, const struct query *q, unsigned least) {
    uint32_t kept = 0, last = 0;
    for (uint32_t i = 0; i < s->touched_count; i++) {
        const uint32_t id = s->touched[i];
        if (may_score(s->params, q, &s->reached[id], least)) {
            __builtin_prefetch(&s->index->forms[id]);
            s->touched[kept++] = id;
        } else {
            s->reached[id] = (struct cdn_reached){0, 0, 0};
        }
    }
    for (uint32_t i = 0; i < kept; i++) {
        const uint32_t id = s->touched[i];
        const struct cdn_index_form *f = &s->index->forms[id];
        struct cdn_reached *r = &s->reached[id];
        const uint32_t most = most_score(s->params, q, f, r), agree = r->agree & ~CDN_INDEX_LIGHT_FORM;
        if (most >= least && allowed(s, f)) {
            /* of equals that on which more agrees for sure */
            r->agree = most << 16 | CDN_MIN(agree, 0xFFFFU);
            s->touched[last++] = id;
        } else {
            *r = (struct cdn_reached){0, 0, 0};
        }
    }
    s->touched_count = last;
    return last;
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
        const uint32_t pairs = (uint32_t)name->count * f->count * (many ? 2U : 1U) + 16;
        if (s->scoring + pairs > CDN_INDEX_SCORING) {
            s->partial = true;
            break;
        }
        s->scoring += pairs;
        s->touched[0] = s->touched[left - 1];
        s->touched[left - 1] = id;
        sink(s, s->touched, left - 1, 0);
        cdn_index_form(s->index, f, &s->candidate);
        cdn_match_names(s->tables, s->params, &s->matcher, name, &s->candidate, &s->match);
        s->rescored++;
        if (s->match.score >= least) {
            count = keep_form(s, f, ret, count, max);
        }
    }
    return count;
}

/* Weight, times 1000, that pairs of tokens of a name may disagree on when it is to score `least`: with all of
 * its weight agreeing otherwise, so much conflict brings it there. */
static uint32_t budget_of(const struct cdn_match_params *p,
                          const struct query *q,
                          unsigned least,
                          bool joins) {
    const uint64_t all = q->weight + q->initial + q->light + (joins ? 40U : 0U); /* of a joint, its mate's */
    const uint64_t lost = (uint64_t)(1000 - CDN_MIN(least, 1000U)) * 256;
    return (uint32_t)(all * 1000 * lost / (CDN_MAX(least, 1U) * (uint64_t)p->conflict + lost + 1));
}

uint32_t cdn_index_search(struct cdn_searcher *s,
                          const struct cdn_name *name,
                          unsigned least,
                          struct cdn_index_hit *ret,
                          uint32_t max) {
    struct cdn_index_unit units[CDN_INDEX_UNITS];
    struct query q;
    const uint32_t n = make_units(s->params, name, units, &q);
    const uint32_t budget = budget_of(s->params, &q, least, name->count > 1);
    s->work = s->rescored = s->touched_count = s->scoring = 0;
    s->partial = false;
    if (s->stamp > UINT32_MAX - 2 * CDN_INDEX_UNITS) {
        memset(s->seen, 0, ((size_t)s->index->header->tokens + 1) * sizeof *s->seen);
        s->stamp = 0;
    }
    for (uint32_t i = 0; i < n; i++) { /* each has its part, and what those before it left */
        s->work_most = CDN_MAX(CDN_INDEX_WORK / n * (i + 1), s->work + CDN_INDEX_WORK_LEAST);
        if (!cdn_index_reach(s, &units[i], budget)) { /* what was not looked for may agree */
            q.light += units[i].pair || units[i].light ? 0 : units[i].weight;
        }
        if (s->light && !units[i].pair &&
            !units[i].light) { /* it may stand against what no form is found by */
            q.left -= CDN_MIN(q.left, units[i].weight);
        }
    }
    const uint32_t kept = bound_reached(s, &q, least);
    const uint32_t count = score_reached(s, name, kept, least, ret, max);
    for (uint32_t i = 0; i < s->touched_count; i++) {
        s->reached[s->touched[i]] = (struct cdn_reached){0, 0, 0};
    }
    return count;
}
