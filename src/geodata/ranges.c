/* SPDX-License-Identifier: Apache-2.0 */
/* ranges.c: runs of addresses with one answer, and the numbering of distinct values. */
#include "geodata/internal.h"

static int push(struct cdn_runs *r, const struct cordon_alloc *alloc, cdn_u128 first, uint32_t answer) {
    if (r->n > 0 && r->p[r->n - 1].answer == answer) {
        return 0;
    }
    if (r->n == CDN_MAX_NETWORKS) {
        return CORDON_E_LIMIT;
    }
    void *items = r->p;
    const int err = cdn_grow(alloc, &items, &r->cap, r->n + 1, sizeof *r->p);
    r->p = items;
    if (err != 0) {
        return err;
    }
    r->p[r->n++] = (struct cdn_run){.hi = (uint64_t)(first >> 64), .lo = (uint64_t)first, .answer = answer};
    return 0;
}

int cdn_runs_add(
    struct cdn_runs *r, const struct cordon_alloc *alloc, cdn_u128 first, cdn_u128 last, uint32_t answer) {
    if (cdn_broken(r->full || first < r->next || last < first)) {
        return CORDON_E_INTERNAL;
    }
    if (answer == 0) {
        return 0; /* the gap is filled by whatever comes next */
    }
    if (first > r->next) {
        const int err = push(r, alloc, r->next, 0);
        if (err != 0) {
            return err;
        }
    }
    const int err = push(r, alloc, first, answer);
    if (err != 0) {
        return err;
    }
    r->next = last + 1;
    r->full = r->next == 0;
    return 0;
}

int cdn_runs_finish(struct cdn_runs *r, const struct cordon_alloc *alloc, int family) {
    if (r->full || r->next > cdn_family_last(family)) {
        return 0;
    }
    return push(r, alloc, r->next, 0);
}

size_t cdn_runs_known(const struct cdn_runs *r) {
    size_t known = 0;
    for (size_t i = 0; i < r->n; i++) {
        known += r->p[i].answer != 0;
    }
    return known;
}

/* ---- distinct values ------------------------------------------------------------------------------------
 */

#define INTERN_FIRST_SLOTS 1024

int cdn_intern_init(struct cdn_intern *in, const struct cordon_alloc *alloc, size_t value_size) {
    *in = (struct cdn_intern){.alloc = alloc, .value_size = value_size};
    const uint8_t zero[16] = {0};
    uint32_t number;
    return cdn_intern_put(in, zero, &number);
}

void cdn_intern_free(struct cdn_intern *in) {
    if (in->alloc != NULL) {
        cdn_free(in->alloc, in->values, in->cap * in->value_size);
        cdn_free(in->alloc, in->slots, in->slot_count * sizeof *in->slots);
    }
    *in = (struct cdn_intern){0};
}

static size_t slot_of(const struct cdn_intern *in, const void *value) {
    size_t slot = (size_t)cdn_hash(cdn_str(value, in->value_size), 0) & (in->slot_count - 1);
    while (in->slots[slot] != 0) {
        const uint8_t *const other = in->values + (size_t)(in->slots[slot] - 1) * in->value_size;
        if (memcmp(other, value, in->value_size) == 0) {
            break;
        }
        slot = (slot + 1) & (in->slot_count - 1);
    }
    return slot;
}

static int more_slots(struct cdn_intern *in) {
    const size_t count = in->slot_count == 0 ? INTERN_FIRST_SLOTS : 2 * in->slot_count;
    uint32_t *const slots = cdn_alloc_zero(in->alloc, count, sizeof *slots);
    if (slots == NULL) {
        return CORDON_E_NOMEM;
    }
    cdn_free(in->alloc, in->slots, in->slot_count * sizeof *slots);
    in->slots = slots;
    in->slot_count = count;
    for (size_t i = 0; i < in->count; i++) {
        slots[slot_of(in, in->values + i * in->value_size)] = (uint32_t)i + 1;
    }
    return 0;
}

int cdn_intern_put(struct cdn_intern *in, const void *value, uint32_t *ret) {
    if (2 * in->count >= in->slot_count) {
        const int err = more_slots(in);
        if (err != 0) {
            return err;
        }
    }
    const size_t slot = slot_of(in, value);
    if (in->slots[slot] == 0) {
        if (in->count == CDN_MAX_NETWORKS) {
            return CORDON_E_LIMIT;
        }
        void *items = in->values;
        const int err = cdn_grow(in->alloc, &items, &in->cap, in->count + 1, in->value_size);
        in->values = items;
        if (err != 0) {
            return err;
        }
        memcpy(in->values + in->count * in->value_size, value, in->value_size);
        in->slots[slot] = (uint32_t)++in->count;
    }
    *ret = in->slots[slot] - 1;
    return 0;
}
