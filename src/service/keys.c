/* SPDX-License-Identifier: Apache-2.0 */
/* keys.c: a small number and a lasting text for each key that was ever seen, for rate limits and for records.
 *
 * Readers walk a list that only grows at its head; nothing is ever taken out while the service is open. Keys
 * are few (people and services), so walking is cheaper than a lock. */
#include "service/priv.h"

struct cdn_key_slot {
    struct cdn_key_slot *next;
    size_t n;
    uint32_t slot;
    char id[CDN_KEY_ID_TEXT];
};

static struct cdn_key_slot *find(struct cdn_service *s, cordon_str id) {
    for (struct cdn_key_slot *k = atomic_load_explicit(&s->keys, memory_order_acquire); k; k = k->next) {
        if (cdn_str_eq(cdn_str(k->id, k->n), id))
            return k;
    }
    return NULL;
}

int cdn_keys_slot(
    struct cdn_service *s, cordon_str id, cordon_str *ret_id, uint32_t *ret_slot, struct cordon_error *e) {
    struct cdn_key_slot *k = find(s, id);
    if (!k && id.n < CDN_KEY_ID_TEXT) {
        pthread_mutex_lock(&s->once_lock);
        k = find(s, id);
        if (!k && (k = cdn_alloc_zero(s->alloc, 1, sizeof(*k))) != NULL) {
            memcpy(k->id, id.p, id.n);
            k->n = id.n;
            k->slot = s->next_slot++;
            k->next = atomic_load_explicit(&s->keys, memory_order_relaxed);
            atomic_store_explicit(&s->keys, k, memory_order_release);
        }
        pthread_mutex_unlock(&s->once_lock);
    }
    if (!k)
        return cdn_service_no_memory(e);
    *ret_id = cdn_str(k->id, k->n);
    *ret_slot = k->slot;
    return 0;
}

void cdn_keys_free(struct cdn_service *s) {
    struct cdn_key_slot *k = atomic_load(&s->keys);
    while (k) {
        struct cdn_key_slot *next = k->next;
        cdn_free(s->alloc, k, sizeof(*k));
        k = next;
    }
}
