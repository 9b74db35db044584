/* SPDX-License-Identifier: Apache-2.0 */
/* live_once.c: idempotency keys between append and index, and API keys. */
#include <sodium.h>

#include "store/live_priv.h"

/* ---- idempotency
 * -------------------------------------------------------------------------------------------------- */

static struct cdn_live_once *probe(struct cdn_live_once *table, size_t slots, const uint8_t id[CDN_FP]) {
    uint64_t h = 0;
    memcpy(&h, id, sizeof(h));
    size_t i = (size_t)h & (slots - 1);
    while (table[i].taken && memcmp(table[i].id, id, CDN_FP) != 0)
        i = (i + 1) & (slots - 1);
    return &table[i];
}

/* A table of that many slots, without records below `indexed`. */
static int rehash(struct cdn_live *l, size_t slots, uint64_t indexed) {
    struct cdn_live_once *table = cdn_alloc_zero(l->alloc, slots, sizeof(*table));
    if (!table)
        return CORDON_E_NOMEM;
    size_t count = 0;
    for (size_t i = 0; i < l->once_slots; i++) {
        if (!l->once[i].taken || l->once[i].record < indexed)
            continue;
        *probe(table, slots, l->once[i].id) = l->once[i];
        count++;
    }
    cdn_free(l->alloc, l->once, l->once_slots * sizeof(*l->once));
    l->once = table;
    l->once_slots = slots;
    l->once_count = count;
    return 0;
}

static struct cdn_live_once *once_of(struct cdn_live *l, const uint8_t id[CDN_FP], bool create) {
    if (!l->once_slots && (!create || rehash(l, 256, 0) != 0))
        return NULL;
    struct cdn_live_once *o = probe(l->once, l->once_slots, id);
    if (o->taken || !create)
        return o->taken ? o : NULL;
    if (l->once_count >= CDN_MAX_LIVE_ITEMS)
        return NULL;
    if ((l->once_count + 1) * 3 > l->once_slots * 2) {
        if (rehash(l, l->once_slots * 2, 0) != 0)
            return NULL;
        o = probe(l->once, l->once_slots, id);
    }
    *o = (struct cdn_live_once){.taken = true, .record = CDN_COUNT_NONE, .at = CDN_INSTANT_NONE};
    memcpy(o->id, id, CDN_FP);
    l->once_count++;
    return o;
}

/* Open addressing: those after it that may have wanted its slot are put in again. */
static void remove_once(struct cdn_live *l, struct cdn_live_once *o) {
    size_t i = (size_t)(o - l->once);
    o->taken = false;
    l->once_count--;
    for (i = (i + 1) & (l->once_slots - 1); l->once[i].taken; i = (i + 1) & (l->once_slots - 1)) {
        const struct cdn_live_once moved = l->once[i];
        l->once[i].taken = false;
        *probe(l->once, l->once_slots, moved.id) = moved;
    }
}

void cdn_live_sweep_once(struct cdn_live *l, uint64_t indexed) {
    size_t old = 0;
    for (size_t i = 0; i < l->once_slots; i++)
        old += l->once[i].taken && l->once[i].record < indexed;
    if (old == 0)
        return;
    size_t slots = 256;
    while (slots < (l->once_count - old) * 3)
        slots *= 2;
    (void)rehash(l, slots, indexed); /* without memory they stay a while longer */
}

int cdn_live_note_once(struct cdn_live *l, uint64_t index, const struct cdn_record_decision *d) {
    uint8_t id[CDN_FP];
    cdn_idempotency_id(d->key, d->idempotency_key, id);
    struct cdn_live_once *o = once_of(l, id, true);
    if (!o)
        return l->once_count >= CDN_MAX_LIVE_ITEMS ? CORDON_E_LIMIT : CORDON_E_NOMEM;
    cdn_idempotency_digest(d->idempotency_digest, o->digest);
    o->record = index;
    o->at = d->recorded;
    return 0;
}

/* Under the lock: CORDON_E_NOTFOUND when it is not known here. */
static int look(struct cdn_live *l,
                const uint8_t id[CDN_FP],
                const uint8_t digest[CDN_FP],
                int64_t since,
                uint64_t *ret_index) {
    const struct cdn_live_once *o = once_of(l, id, false);
    if (!o || (o->record != CDN_COUNT_NONE && o->at < since))
        return CORDON_E_NOTFOUND;
    if (memcmp(o->digest, digest, CDN_FP) != 0)
        return CORDON_E_CONFLICT;
    if (o->record == CDN_COUNT_NONE)
        return CORDON_E_STATE;
    *ret_index = o->record;
    return 0;
}

int cdn_live_idempotency(struct cdn_live *l,
                         struct cdn_store *s,
                         const struct cdn_store_once *once,
                         uint64_t *ret_index,
                         struct cordon_error *e) {
    uint8_t id[CDN_FP];
    uint8_t wanted[CDN_FP];
    cdn_idempotency_id(once->key, once->name, id);
    cdn_idempotency_digest(once->digest, wanted);
    /* Claimed first and looked up in the store after: of two at once, one is told to wait. */
    (void)pthread_mutex_lock(&l->lock);
    int err = look(l, id, wanted, once->since, ret_index);
    bool claimed = false;
    if (err == CORDON_E_NOTFOUND) {
        struct cdn_live_once *o = once_of(l, id, true);
        if (o) {
            o->record = CDN_COUNT_NONE;
            memcpy(o->digest, wanted, CDN_FP);
            claimed = true;
        } else {
            err = CORDON_E_LIMIT;
        }
    }
    (void)pthread_mutex_unlock(&l->lock);
    if (claimed) {
        err = cdn_store_idempotency(s, once, ret_index, e);
        if (err != CORDON_E_NOTFOUND)
            cdn_live_idempotency_give_back(l, once->key, once->name);
        return err;
    }
    if (err == CORDON_E_STATE)
        return cdn_fail(e, err, "a request with this idempotency key is being decided");
    if (err == CORDON_E_CONFLICT)
        return cdn_fail(e, err, "this idempotency key was used for another request");
    return err ? cdn_fail(e, err, "no room for idempotency keys") : 0;
}

void cdn_live_idempotency_give_back(struct cdn_live *l, cordon_str key, cordon_str idempotency_key) {
    uint8_t id[CDN_FP];
    cdn_idempotency_id(key, idempotency_key, id);
    (void)pthread_mutex_lock(&l->lock);
    struct cdn_live_once *o = once_of(l, id, false);
    if (o && o->record == CDN_COUNT_NONE)
        remove_once(l, o);
    (void)pthread_mutex_unlock(&l->lock);
}

/* ---- keys
 * ------------------------------------------------------------------------------------------------------------
 */

static const char *const roles[] = {"decide", "read", "author", "approve", "audit", "replay", "admin"};

unsigned cdn_role_bit_find(cordon_str name) {
    for (unsigned i = 0; i < CDN_ARRAY_LEN(roles); i++)
        if (cdn_str_eq(name, cdn_str_z(roles[i])))
            return 1u << i;
    return 0;
}

const char *cdn_role_bit_name(unsigned bit) {
    for (unsigned i = 0; i < CDN_ARRAY_LEN(roles); i++)
        if (bit == 1u << i)
            return roles[i];
    return NULL;
}

#define PREFIX "cordon_"
#define SECRET_BYTES 32

static void hash_secret(cordon_str secret, uint8_t ret[32]) {
    (void)crypto_hash_sha256(ret, (const unsigned char *)(secret.n ? secret.p : ""), secret.n);
}

/* Lower-case letters and digits without those that look alike. */
static void random_id(char *out, size_t n) {
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789"; /* 32 */
    for (size_t i = 0; i < n; i++)
        out[i] = letters[randombytes_uniform(32)];
}

int cdn_live_make_key(char ret_id[CDN_KEY_ID_TEXT],
                      char ret_secret[CDN_KEY_SECRET_TEXT],
                      char ret_hash[CDN_DIGEST_HEX]) {
    uint8_t secret[SECRET_BYTES];
    uint8_t hash[32];
    char hex[CDN_DIGEST_HEX + 1];
    struct cdn_buf b;
    if (sodium_init() < 0)
        return CORDON_E_INTERNAL;
    memset(ret_id, 0, CDN_KEY_ID_TEXT);
    ret_id[0] = 'k';
    random_id(ret_id + 1, 11);
    randombytes_buf(secret, sizeof(secret));
    cdn_buf_fixed(&b, ret_secret, CDN_KEY_SECRET_TEXT);
    cdn_buf_z(&b, PREFIX);
    cdn_buf_z(&b, ret_id);
    cdn_buf_char(&b, '_');
    cdn_buf_hex(&b, secret, sizeof(secret));
    cdn_buf_char(&b, 0);
    hash_secret(cdn_str_z(ret_secret), hash);
    (void)sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
    memcpy(ret_hash, hex, CDN_DIGEST_HEX);
    sodium_memzero(secret, sizeof(secret));
    return b.err;
}

static struct cdn_live_holder *holder_of(struct cdn_live *l, cordon_str id) {
    for (size_t i = 0; i < l->key_count; i++)
        if (cdn_str_eq(cdn_str_z(l->keys[i].key.id), id))
            return &l->keys[i];
    return NULL;
}

int cdn_live_add_key(struct cdn_live *l, const struct cdn_ev_key_created *ev) {
    struct cdn_live_holder h = {.key = {.rate = ev->rate, .burst = ev->burst, .expires = ev->expires}};
    if (ev->key.n >= CDN_KEY_ID_TEXT || !cdn_record_is_hex(ev->hash, CDN_DIGEST_HEX) || holder_of(l, ev->key))
        return 0; /* such a key can never be presented */
    memcpy(h.key.id, ev->key.p, ev->key.n);
    for (size_t i = 0; i < ev->roles.count; i++)
        h.key.roles |= cdn_role_bit_find(ev->roles.items[i]);
    if (sodium_hex2bin(h.hash, sizeof(h.hash), ev->hash.p, ev->hash.n, NULL, NULL, NULL) != 0)
        return CORDON_E_FORMAT;
    const int err = cdn_grow(l->alloc, (void **)&l->keys, &l->key_cap, l->key_count + 1, sizeof(*l->keys));
    if (!err)
        l->keys[l->key_count++] = h;
    return err;
}

void cdn_live_revoke(struct cdn_live *l, cordon_str id) {
    struct cdn_live_holder *h = holder_of(l, id);
    if (h)
        h->revoked = true;
}

/* The id within the text that a client sends; empty: it has not that form. */
static cordon_str id_of(cordon_str secret) {
    if (!cdn_str_starts(secret, CDN_STR(PREFIX)))
        return (cordon_str){NULL, 0};
    cordon_str rest = cdn_str(secret.p + sizeof(PREFIX) - 1, secret.n - (sizeof(PREFIX) - 1));
    const cordon_str id = cdn_str_split(rest, '_', &rest);
    return id;
}

static const char *wrong_with(const struct cdn_live_holder *h, bool right, int64_t at) {
    if (!h)
        return "no such key";
    if (!right)
        return "a wrong secret";
    if (h->revoked)
        return "a revoked key";
    return h->key.expires != CDN_INSTANT_NONE && at >= h->key.expires ? "an expired key" : NULL;
}

/* Hashing the secret costs a request more than all else that is asked about its key. So a secret that was
 * once found right leaves a mark, made with a random key that only this process has (SipHash-2-4, 128 bits),
 * which is compared first. Neither mark nor hash tells anything about the secret to who cannot try them here.
 */
int cdn_live_find_key(
    struct cdn_live *l, cordon_str secret, int64_t at, struct cdn_live_key *ret, struct cordon_error *e) {
    uint8_t hash[32];
    uint8_t mark[16];
    struct cdn_live_key key = {0};
    if (secret.n >= 4 * (size_t)CDN_KEY_SECRET_TEXT)
        secret = (cordon_str){NULL, 0};
    const unsigned char *bytes = (const unsigned char *)(secret.n ? secret.p : "");
    (void)crypto_shorthash_siphashx24(mark, bytes, secret.n, l->mark_key);
    (void)pthread_mutex_lock(&l->lock);
    struct cdn_live_holder *h = holder_of(l, id_of(secret));
    bool right = h && h->marked && sodium_memcmp(h->mark, mark, sizeof(mark)) == 0;
    if (!right) {
        hash_secret(secret, hash); /* also for a key that is not there: both take the same time */
        right = h && sodium_memcmp(h->hash, hash, sizeof(hash)) == 0;
        if (right) {
            memcpy(h->mark, mark, sizeof(mark));
            h->marked = true;
        }
    }
    const char *why = wrong_with(h, right, at);
    if (!why)
        key = h->key;
    (void)pthread_mutex_unlock(&l->lock);
    if (why)
        return cdn_fail(e, CORDON_E_NOTFOUND, "%s", why);
    *ret = key;
    return 0;
}
