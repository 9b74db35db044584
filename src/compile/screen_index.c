/* SPDX-License-Identifier: Apache-2.0 */
/* screen_index.c: from listed names to the index of screen/index.h.
 *
 *  1. count tokens of all names → weights;
 *  2. read every name with those weights; give each distinct token (letters, class, script, group) a number;
 *  3. names of the same tokens and kind are one form; postings: pairs (token, form), sorted;
 *  4. keys: pairs (hash, token), sorted; buckets by the first bits of the hash, and a filter. */
#include <stdlib.h>

#include "compile/screen_index.h"
#include "compile/screen_weights.h"

struct pair {
    uint32_t key, value;
};

struct pairs {
    struct pair *p;
    size_t n, cap;
};

struct maker {
    const struct cordon_alloc *alloc;
    struct cdn_arena arena;
    struct cdn_map numbers;      /* token → its number */
    struct cdn_map form_numbers; /* kind and tokens → number of the form */
    struct cdn_index_token *tokens;
    size_t token_count, token_cap;
    struct cdn_index_name *names;
    struct cdn_index_form *forms;
    size_t form_count, form_cap;
    uint32_t *name_tokens;
    size_t name_token_count, name_token_cap;
    struct pairs posts, keys;
    struct cdn_name name;
};

static int add_pair(struct maker *m, struct pairs *list, uint32_t key, uint32_t value) {
    const int err = cdn_grow(m->alloc, (void **)&list->p, &list->cap, list->n + 1, sizeof *list->p);
    if (err == 0) {
        list->p[list->n++] = (struct pair){key, value};
    }
    return err;
}

static int by_both(const void *a, const void *b) {
    const struct pair *x = a, *y = b;
    if (x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }
    return x->value < y->value ? -1 : x->value > y->value ? 1 : 0;
}

static void sort_unique(struct pairs *list) {
    size_t kept = 0;
    if (list->n > 0) {
        qsort(list->p, list->n, sizeof *list->p, by_both);
    }
    for (size_t i = 0; i < list->n; i++) {
        if (kept == 0 || by_both(&list->p[kept - 1], &list->p[i]) != 0) {
            list->p[kept++] = list->p[i];
        }
    }
    list->n = kept;
}

static int token_number(struct maker *m, const struct cdn_token *t, bool pair, uint32_t *ret) {
    char key[CDN_TOKEN_LETTERS + 8];
    memcpy(key, t->s, t->n);
    const char tail[6] = {(char)('A' + t->class),
                          (char)('A' + t->script),
                          (char)(t->id & 0xFF),
                          (char)(t->id >> 8),
                          (char)('A' + pair),
                          0};
    memcpy(key + t->n, tail, 5);
    const cordon_str text = cdn_str(key, t->n + 5U);
    size_t at = 0;
    if (cdn_map_get(&m->numbers, text, &at)) {
        *ret = (uint32_t)at;
        return 0;
    }
    cordon_str kept;
    int err = cdn_arena_str(&m->arena, text, &kept);
    err = err != 0 ? err : cdn_map_put(&m->numbers, kept, m->token_count, NULL);
    err = err != 0
              ? err
              : cdn_grow(m->alloc, (void **)&m->tokens, &m->token_cap, m->token_count + 1, sizeof *m->tokens);
    if (err != 0) {
        return err;
    }
    struct cdn_index_token *out = &m->tokens[m->token_count];
    memset(out, 0, sizeof *out);
    memcpy(out->s, t->s, t->n);
    memcpy(out->sound, t->sound, t->sounds);
    out->n = t->n;
    out->sounds = t->sounds;
    out->class = t->class;
    out->script = t->script;
    out->id = t->id;
    out->weight = t->weight;
    out->letters = t->letters;
    out->pair = pair ? 1 : 0;
    *ret = (uint32_t)m->token_count++;
    uint32_t keys[CDN_INDEX_KEYS_MAX];
    const uint32_t n = cdn_index_keys(t, pair, true, keys);
    for (uint32_t i = 0; err == 0 && i < n; i++) {
        err = add_pair(m, &m->keys, keys[i], *ret);
    }
    return err;
}

/* The token ends a name: words may be cut off where it ends. */
static int note_end(struct maker *m, uint32_t id, const struct cdn_token *t) {
    if (m->tokens[id].ends != 0) {
        return 0;
    }
    m->tokens[id].ends = 1;
    const uint32_t key = m->tokens[id].pair == 0 ? cdn_index_end_key(t) : 0;
    return key != 0 ? add_pair(m, &m->keys, key, id) : 0;
}

static bool is_searched(const struct cdn_token *t) {
    return t->class == CDN_TOKEN_PLAIN || t->class == CDN_TOKEN_PATRONYMIC || t->class == CDN_TOKEN_GENERIC ||
           t->class == CDN_TOKEN_NUMBER;
}

/* Adds the postings of a new form, and the tokens of two neighbours written as one. */
static int add_form(struct maker *m, const uint32_t *ids, uint8_t kind, uint32_t *ret) {
    const struct cdn_match_params *p = &cdn_match_defaults;
    int err = cdn_grow(m->alloc, (void **)&m->forms, &m->form_cap, m->form_count + 1, sizeof *m->forms);
    err = err != 0 ? err
                   : cdn_grow(m->alloc,
                              (void **)&m->name_tokens,
                              &m->name_token_cap,
                              m->name_token_count + m->name.count,
                              sizeof *m->name_tokens);
    if (err != 0) {
        return err;
    }
    const uint32_t number = (uint32_t)m->form_count++;
    struct cdn_index_form *f = &m->forms[number];
    *f = (struct cdn_index_form){
        .first = (uint32_t)m->name_token_count, .count = (uint8_t)m->name.count, .kind = kind};
    for (uint32_t i = 0; err == 0 && i < m->name.count; i++) {
        const struct cdn_token *t = &m->name.token[i];
        const unsigned weight = cdn_match_weight(p, t);
        m->name_tokens[m->name_token_count++] = ids[i];
        if (is_searched(t)) {
            f->weight = (uint16_t)(f->weight + weight);
            f->left = (uint16_t)(f->left + cdn_index_left(p, &m->name, i, weight));
            err = add_pair(m, &m->posts, ids[i], number);
            err = err == 0 && t->last ? note_end(m, ids[i], t) : err;
        } else if (t->class == CDN_TOKEN_INITIAL) {
            f->initial = (uint16_t)(f->initial + weight);
        } else {
            f->light = (uint16_t)(f->light + weight);
        }
        struct cdn_token joined;
        uint32_t id = 0;
        if (err == 0 && m->name.count <= 8 && cdn_index_pair(&m->name, i, &joined)) {
            err = token_number(m, &joined, true, &id);
            err = err != 0 ? err : add_pair(m, &m->posts, id, number);
        }
    }
    *ret = number;
    return err;
}

static int add_name(struct maker *m, uint32_t number, const struct cdn_listed_name *in) {
    uint32_t ids[CDN_NAME_TOKENS + 1];
    ids[0] = in->kind;
    for (uint32_t i = 0; i < m->name.count; i++) {
        const int err = token_number(m, &m->name.token[i], false, &ids[i + 1]);
        if (err != 0) {
            return err;
        }
    }
    const cordon_str key = cdn_str((const char *)ids, (m->name.count + 1U) * sizeof ids[0]);
    size_t known = 0;
    uint32_t form = 0;
    if (cdn_map_get(&m->form_numbers, key, &known)) {
        form = (uint32_t)known;
    } else {
        cordon_str kept;
        int err = cdn_arena_str(&m->arena, key, &kept);
        err = err != 0 ? err : add_form(m, ids + 1, in->kind, &form);
        err = err != 0 ? err : cdn_map_put(&m->form_numbers, kept, form, NULL);
        if (err != 0) {
            return err;
        }
    }
    m->forms[form].member_count++;
    m->names[number] =
        (struct cdn_index_name){.entry = in->entry, .form = form, .kind = in->kind, .weak = in->weak ? 1 : 0};
    return 0;
}

static void put_array(struct cdn_buf *out, const void *p, size_t bytes) {
    cdn_buf_put(out, p, bytes);
    cdn_buf_align(out, 8);
}

static int write_keys(struct maker *m, struct cdn_buf *out, uint32_t bits) {
    const uint32_t count = 1U << bits;
    uint32_t *buckets = cdn_arena_zero(&m->arena, (size_t)count + 2, sizeof *buckets);
    uint8_t *filter = cdn_arena_zero(&m->arena, count, 1);
    if (buckets == NULL || filter == NULL) {
        return CORDON_E_NOMEM;
    }
    for (size_t i = 0; i < m->keys.n; i++) {
        const uint32_t key = m->keys.p[i].key, bit = key >> (32 - bits - 3);
        buckets[(key >> (32 - bits)) + 1]++;
        filter[bit / 8] |= (uint8_t)(1U << bit % 8);
    }
    for (uint32_t i = 0; i < count; i++) {
        buckets[i + 1] += buckets[i];
    }
    put_array(out, filter, count);
    put_array(out, buckets, ((size_t)count + 1) * sizeof *buckets);
    for (size_t i = 0; i < m->keys.n; i++) {
        const uint32_t id = m->keys.p[i].value;
        const struct cdn_token *t = (const struct cdn_token *)(const void *)&m->tokens[id];
        const struct cdn_index_under under = {id,
                                              cdn_index_look(t),
                                              (uint16_t)m->keys.p[i].key,
                                              (uint16_t)cdn_match_weight(&cdn_match_defaults, t)};
        cdn_buf_put(out, &under, sizeof under);
    }
    cdn_buf_align(out, 8);
    return out->err;
}

/* Names by form; fills in where those of each form begin. */
static int write_members(struct maker *m, size_t names, struct cdn_buf *out) {
    uint32_t *members = cdn_arena_zero(&m->arena, names + 1, sizeof *members);
    if (members == NULL) {
        return CORDON_E_NOMEM;
    }
    uint32_t at = 0;
    for (size_t i = 0; i < m->form_count; i++) {
        m->forms[i].members = at;
        at += m->forms[i].member_count;
        m->forms[i].member_count = 0;
    }
    for (size_t i = 0; i < names; i++) {
        struct cdn_index_form *f = &m->forms[m->names[i].form];
        members[f->members + f->member_count++] = (uint32_t)i;
    }
    put_array(out, m->forms, m->form_count * sizeof *m->forms);
    put_array(out, members, names * sizeof *members);
    return out->err;
}

static int write_all(struct maker *m, size_t names, const struct cdn_buf *weights, struct cdn_buf *out) {
    sort_unique(&m->posts);
    sort_unique(&m->keys);
    uint32_t bits = 3; /* of buckets: one or two keys in each */
    while (bits < 24 && (size_t)2 << bits < m->keys.n) {
        bits++;
    }
    for (size_t i = 0; i < m->posts.n; i++) {
        struct cdn_index_token *t = &m->tokens[m->posts.p[i].key];
        t->first = t->count == 0 ? (uint32_t)i : t->first;
        t->count++;
    }
    const struct cdn_index_header h = {.magic = CDN_INDEX_MAGIC,
                                       .version = CDN_INDEX_VERSION,
                                       .tokens = (uint32_t)m->token_count,
                                       .names = (uint32_t)names,
                                       .name_tokens = (uint32_t)m->name_token_count,
                                       .postings = (uint32_t)m->posts.n,
                                       .bucket_bits = bits,
                                       .key_tokens = (uint32_t)m->keys.n,
                                       .weight_slots = (uint32_t)(weights->n / 8),
                                       .unseen = 200,
                                       .forms = (uint32_t)m->form_count};
    cdn_buf_put(out, &h, sizeof h);
    put_array(out, m->tokens, m->token_count * sizeof *m->tokens);
    put_array(out, m->names, names * sizeof *m->names);
    int err = write_members(m, names, out);
    put_array(out, m->name_tokens, m->name_token_count * sizeof *m->name_tokens);
    for (size_t i = 0; i < m->posts.n; i++) {
        const struct cdn_index_form *f = &m->forms[m->posts.p[i].value];
        const uint32_t post =
            m->posts.p[i].value | (f->initial > 0 || f->light > CDN_INDEX_LIGHT ? CDN_INDEX_LIGHT_FORM : 0);
        cdn_buf_put(out, &post, 4);
    }
    cdn_buf_align(out, 8);
    err = err != 0 ? err : write_keys(m, out, bits);
    cdn_buf_str(out, cdn_buf_get(weights));
    return err != 0 ? err : out->err;
}

static int make(struct maker *m,
                const struct cdn_listed_name *names,
                size_t count,
                const struct cdn_screen_tables *tables,
                struct cdn_buf *weights,
                struct cdn_buf *out) {
    struct cdn_screen_counter counter;
    cdn_screen_counter_init(&counter, m->alloc, tables);
    int err = 0;
    for (size_t i = 0; err == 0 && i < count; i++) {
        err = cdn_screen_counter_add(&counter, names[i].text, (enum cdn_screen_kind)names[i].kind);
    }
    err = err != 0 ? err : cdn_screen_counter_write(&counter, weights);
    cdn_screen_counter_free(&counter);
    m->names = cdn_arena_zero(&m->arena, count + 1, sizeof *m->names);
    err = err == 0 && m->names == NULL ? CORDON_E_NOMEM : err;
    const struct cdn_screen_weights w = {(const uint8_t *)weights->p, (uint32_t)(weights->n / 8), 200};
    for (size_t i = 0; err == 0 && i < count; i++) {
        cdn_name_read(tables, &w, names[i].text, (enum cdn_screen_kind)names[i].kind, &m->name);
        err = add_name(m, (uint32_t)i, &names[i]);
    }
    return err != 0 ? err : write_all(m, count, weights, out);
}

int cdn_compile_screen_index(const struct cdn_listed_name *names,
                             size_t count,
                             const struct cdn_screen_tables *tables,
                             const struct cordon_alloc *alloc,
                             struct cdn_buf *out,
                             struct cordon_error *e) {
    struct cdn_buf weights;
    struct maker *m = cdn_alloc_zero(alloc, 1, sizeof *m);
    if (m == NULL || count > UINT32_MAX / 64) {
        cdn_free(alloc, m, sizeof *m);
        return cdn_fail(e, m == NULL ? CORDON_E_NOMEM : CORDON_E_LIMIT, "the index of names cannot be made");
    }
    m->alloc = alloc;
    cdn_arena_init(&m->arena, alloc, 0);
    cdn_map_init(&m->numbers, alloc);
    cdn_map_init(&m->form_numbers, alloc);
    cdn_buf_init(&weights, alloc, (size_t)1 << 30);
    const int err = make(m, names, count, tables, &weights, out);
    cdn_buf_free(&weights);
    cdn_map_free(&m->numbers);
    cdn_map_free(&m->form_numbers);
    cdn_free(alloc, m->forms, m->form_cap * sizeof *m->forms);
    cdn_free(alloc, m->tokens, m->token_cap * sizeof *m->tokens);
    cdn_free(alloc, m->name_tokens, m->name_token_cap * sizeof *m->name_tokens);
    cdn_free(alloc, m->posts.p, m->posts.cap * sizeof *m->posts.p);
    cdn_free(alloc, m->keys.p, m->keys.cap * sizeof *m->keys.p);
    cdn_arena_free(&m->arena);
    cdn_free(alloc, m, sizeof *m);
    return err != 0 ? cdn_fail(e, err, "the index of %zu names cannot be made", count) : 0;
}
