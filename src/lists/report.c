/* SPDX-License-Identifier: Apache-2.0 */
/* report.c: counts of what a reader met, by field name. Keyed by kind and field; the first one is kept as
 * example. A hostile file can name endless fields: after CDN_MAX_LIST_REPORT of them the rest is one number.
 */
#include "lists/priv.h"

#define EXAMPLE 120

static const char *const kinds[] = {
    "unknown field", "not understood", "belongs to no entry", "id used twice", "read", "left out"};

const char *cdn_report_kind_name(unsigned kind) {
    return kind < CDN_ARRAY_LEN(kinds) ? kinds[kind] : NULL;
}

void cdn_list_report_init(struct cdn_list_report *r, const struct cordon_alloc *alloc) {
    *r = (struct cdn_list_report){.alloc = alloc};
    cdn_arena_init(&r->arena, alloc, 0);
    cdn_map_init(&r->index, alloc);
}

void cdn_list_report_free(struct cdn_list_report *r) {
    const struct cordon_alloc *const alloc = r->alloc;
    if (alloc == NULL) {
        return;
    }
    cdn_map_free(&r->index);
    cdn_free(alloc, r->items, r->cap * sizeof *r->items);
    cdn_arena_free(&r->arena);
    cdn_list_report_init(r, alloc);
}

static int add_item(struct cdn_list_report *r, const struct cdn_report_item *like, cordon_str key) {
    void *items = r->items;
    int err = cdn_grow(r->alloc, &items, &r->cap, r->count + 1, sizeof *r->items);
    r->items = items;
    struct cdn_report_item item = *like;
    cordon_str kept = {NULL, 0};
    if (err == 0) {
        err = cdn_arena_str(&r->arena, key, &kept);
    }
    if (err == 0) {
        item.field = cdn_str(kept.p + 1, kept.n - 1);
        item.example = (cordon_str){NULL, 0};
        size_t n = CDN_MIN(like->example.n, (size_t)EXAMPLE);
        while (n > 0 && n < like->example.n && ((unsigned char)like->example.p[n] & 0xc0U) == 0x80U) {
            n--; /* not in the middle of a character */
        }
        err = n == 0 ? 0 : cdn_arena_str(&r->arena, cdn_str(like->example.p, n), &item.example);
    }
    if (err == 0) {
        err = cdn_map_put(&r->index, kept, r->count, NULL);
    }
    if (err == 0) {
        r->items[r->count++] = item;
    }
    return err;
}

int cdn_report_add(struct cdn_list_report *r, const struct cdn_report_item *what) {
    char storage[512];
    struct cdn_buf key;
    cdn_buf_fixed(&key, storage, sizeof storage);
    cdn_buf_char(&key, (char)('0' + what->kind));
    cdn_buf_str(&key, cdn_str(what->field.p, CDN_MIN(what->field.n, sizeof storage - 1)));
    size_t at = 0;
    if (cdn_map_get(&r->index, cdn_buf_get(&key), &at)) {
        r->items[at].count += what->count;
        return 0;
    }
    if (r->count >= CDN_MAX_LIST_REPORT) {
        r->others += what->count;
        return 0;
    }
    return add_item(r, what, cdn_buf_get(&key));
}

uint64_t cdn_list_report_total(const struct cdn_list_report *r,
                               enum cdn_report_kind kind,
                               cordon_str prefix) {
    uint64_t total = 0;
    for (size_t i = 0; i < r->count; i++) {
        if (r->items[i].kind == kind && cdn_str_starts(r->items[i].field, prefix)) {
            total += r->items[i].count;
        }
    }
    return total;
}

uint64_t cdn_list_report_count(const struct cdn_list_report *r, enum cdn_report_kind kind, cordon_str field) {
    for (size_t i = 0; i < r->count; i++) {
        if (r->items[i].kind == kind && cdn_str_eq(r->items[i].field, field)) {
            return r->items[i].count;
        }
    }
    return 0;
}

void cdn_list_report_write(struct cdn_buf *out, const struct cdn_list_report *r) {
    for (size_t i = 0; i < r->count; i++) {
        const struct cdn_report_item *const item = &r->items[i];
        cdn_buf_printf(out, "%llu × %s: ", (unsigned long long)item->count, cdn_report_kind_name(item->kind));
        cdn_buf_str(out, item->field);
        if (item->line > 0) {
            cdn_buf_printf(out, ", first in line %u", item->line);
        }
        if (item->example.n > 0) {
            cdn_buf_z(out, ": ");
            cdn_buf_str(out, item->example);
        }
        cdn_buf_char(out, '\n');
    }
    if (r->others > 0) {
        cdn_buf_printf(out, "%llu × further fields\n", (unsigned long long)r->others);
    }
}
