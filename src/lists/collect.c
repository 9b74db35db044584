/* SPDX-License-Identifier: Apache-2.0 */
/* collect.c: a whole list in memory, sorted by id. */
#include "lists/model.h"

void cdn_list_init(struct cdn_list *list, const struct cordon_alloc *alloc) {
    *list = (struct cdn_list){.alloc = alloc};
    cdn_arena_init(&list->arena, alloc, 0);
}

void cdn_list_free(struct cdn_list *list) {
    const struct cordon_alloc *const alloc = list->alloc;
    if (alloc == NULL) {
        return;
    }
    cdn_free(alloc, list->entries, list->cap * sizeof *list->entries);
    cdn_arena_free(&list->arena);
    cdn_list_init(list, alloc);
}

int cdn_list_append(struct cdn_list *list, const struct cdn_list_entry *entry) {
    if (list->count >= CDN_MAX_LIST_ENTRIES) {
        return CORDON_E_LIMIT;
    }
    void *p = list->entries;
    int err = cdn_grow(list->alloc, &p, &list->cap, list->count + 1, sizeof *list->entries);
    list->entries = p;
    if (err == 0) {
        err = cdn_list_entry_copy(&list->arena, entry, &list->entries[list->count]);
    }
    list->count += err == 0;
    return err;
}

/* Stable merge sort of numbers, then entries are moved once. qsort() would allocate by itself. */
static void sort(const struct cdn_list_entry *entries, uint32_t *order, uint32_t *work, size_t n) {
    uint32_t *from = order;
    uint32_t *to = work;
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t at = 0; at < n; at += 2 * width) {
            size_t a = at;
            size_t b = CDN_MIN(at + width, n);
            const size_t a_end = b;
            const size_t b_end = CDN_MIN(at + 2 * width, n);
            for (size_t k = at; k < b_end; k++) {
                const bool first =
                    b == b_end || (a < a_end && cdn_str_cmp(entries[from[a]].id, entries[from[b]].id) <= 0);
                to[k] = first ? from[a++] : from[b++];
            }
        }
        uint32_t *const swap = from;
        from = to;
        to = swap;
    }
    if (from != order) {
        memcpy(order, from, n * sizeof *order);
    }
}

int cdn_list_finish(struct cdn_list *list) {
    const size_t n = list->count;
    if (n < 2) {
        return 0;
    }
    uint32_t *const order = cdn_alloc(list->alloc, 2 * n * sizeof *order);
    struct cdn_list_entry *const sorted = order == NULL ? NULL : cdn_alloc(list->alloc, n * sizeof *sorted);
    if (sorted == NULL) {
        cdn_free(list->alloc, order, 2 * n * sizeof *order);
        return CORDON_E_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        order[i] = (uint32_t)i;
    }
    sort(list->entries, order, order + n, n);
    for (size_t i = 0; i < n; i++) {
        sorted[i] = list->entries[order[i]];
    }
    cdn_free(list->alloc, order, 2 * n * sizeof *order);
    cdn_free(list->alloc, list->entries, list->cap * sizeof *list->entries);
    list->entries = sorted;
    list->cap = n;
    return 0;
}

const struct cdn_list_entry *cdn_list_find(const struct cdn_list *list, cordon_str id) {
    size_t low = 0;
    size_t high = list->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (cdn_str_cmp(list->entries[middle].id, id) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < list->count && cdn_str_eq(list->entries[low].id, id) ? &list->entries[low] : NULL;
}
