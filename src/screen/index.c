/* SPDX-License-Identifier: Apache-2.0 */
/* index.c: opens the index of names; the workspace of a search (format and method in index.h). */
#include "screen/index.h"

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
                   p = nt + up8(4ULL * h->name_tokens), fi = p + up8(4ULL * h->postings),
                   bu = fi + up8(1ULL << h->bucket_bits),
                   kt = bu + up8(4ULL * ((1ULL << h->bucket_bits) + 1)),
                   w = kt + up8(h->key_tokens * (uint64_t)sizeof *x->key_tokens),
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
    x->filter = (const void *)(b + fi);
    x->buckets = (const void *)(b + bu);
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
            t->script >= CDN_WRITTEN_COUNT || t->weight > 255 || t->pair > 1 || t->ends > 1 ||
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
        if ((x->postings[i] & ~CDN_INDEX_LIGHT_FORM) >= h->forms) {
            return false;
        }
    }
    return true;
}

static bool check_keys(const struct cdn_index *x) {
    const struct cdn_index_header *h = x->header;
    uint32_t at = 0, weights = 0;
    for (uint32_t i = 0; i <= 1U << h->bucket_bits; i++) {
        if (x->buckets[i] < at || x->buckets[i] > h->key_tokens) {
            return false;
        }
        at = x->buckets[i];
    }
    for (uint32_t i = 0; i < h->key_tokens; i++) {
        if (x->key_tokens[i].token >= h->tokens) {
            return false;
        }
    }
    for (uint32_t i = 0; i < h->weight_slots; i++) {
        weights += x->weights.slots[8 * (size_t)i + 4] != 0 ? 1U : 0U;
    }
    return weights < h->weight_slots;
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
    if (x.header->bucket_bits < 3 || x.header->bucket_bits > 24 || !power_of_two(x.header->weight_slots) ||
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
    s->cache_slots = 256;
    while (s->cache_slots < CDN_INDEX_CACHE && s->cache_slots < tokens / 2) {
        s->cache_slots *= 2;
    }
    s->near_slots = CDN_MAX(s->cache_slots * CDN_INDEX_NEARS, 2 * CDN_INDEX_NEAR);
    s->reached = cdn_alloc_zero(alloc, forms, sizeof *s->reached);
    s->touched = s->reached ? cdn_alloc_zero(alloc, forms, sizeof *s->touched) : NULL;
    s->seen = s->touched ? cdn_alloc_zero(alloc, tokens, sizeof *s->seen) : NULL;
    s->cache = s->seen ? cdn_alloc_zero(alloc, s->cache_slots, sizeof *s->cache) : NULL;
    s->nears = s->cache ? cdn_alloc_zero(alloc, s->near_slots, sizeof *s->nears) : NULL;
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
    cdn_free(s->alloc, s->nears, s->near_slots * sizeof *s->nears);
    cdn_free(s->alloc, s->fresh, CDN_INDEX_NEAR * sizeof *s->fresh);
    cdn_free(s->alloc, s->seen, tokens * sizeof *s->seen);
    cdn_free(s->alloc, s->cache, s->cache_slots * sizeof *s->cache);
    s->alloc = NULL;
}

static void load_token(const struct cdn_index_token *t, struct cdn_token *ret) {
    memcpy(ret, t, sizeof *ret);
    ret->joined = ret->last = false;
    ret->from = ret->to = 0;
}

void cdn_index_form(const struct cdn_index *index, const struct cdn_index_form *f, struct cdn_name *ret) {
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
    cdn_index_form(index, &index->forms[index->names[name].form], ret);
}
