/* SPDX-License-Identifier: Apache-2.0 */
/* once.c: requests with an idempotency key that are under way.
 *
 * The first of several equal requests claims the key; those that come before it is answered wait, and get a
 * copy of its answer, whatever that is. Who comes later finds the record. Another body under the same key is
 * a conflict, at any time. The list is short: it has only what was claimed and is not answered yet. */
#include "service/priv.h"

static struct cdn_once *find(struct cdn_service *s, cordon_str key, cordon_str text) {
    for (struct cdn_once *o = s->once; o; o = o->next) {
        if (cdn_str_eq(o->text, text) && cdn_str_eq(o->key, key))
            return o;
    }
    return NULL;
}

static struct cdn_once *claim(struct cdn_service *s,
                              cordon_str key,
                              cordon_str text,
                              const char digest[CDN_DIGEST_HEX]) {
    const size_t size = sizeof(struct cdn_once) + key.n + text.n;
    struct cdn_once *o = cdn_alloc_zero(s->alloc, 1, size);
    if (!o)
        return NULL;
    o->size = size;
    memcpy(o->bytes, key.p, key.n);
    memcpy(o->bytes + key.n, text.p, text.n);
    o->key = cdn_str(o->bytes, key.n);
    o->text = cdn_str(o->bytes + key.n, text.n);
    memcpy(o->digest, digest, CDN_DIGEST_HEX);
    return o;
}

static int different(struct cordon_error *e) {
    (void)cdn_fail(e, CORDON_E_CONFLICT, "this idempotency key was used for another request");
    cdn_error_hint(e, "use a new key for a new request; repeat a request byte by byte");
    return CORDON_E_CONFLICT;
}

/* With once_lock held. */
static int begin(struct cdn_service *s,
                 struct cdn_once *mine,
                 int64_t since,
                 struct cdn_reply *r,
                 struct cdn_once **ret_claim,
                 uint64_t *ret_index,
                 struct cordon_error *e) {
    struct cdn_once *other = find(s, mine->key, mine->text);
    if (other && memcmp(other->digest, mine->digest, CDN_DIGEST_HEX) != 0)
        return different(e);
    if (other && !r)
        return cdn_fail(e, CORDON_E_STATE, "a request with this idempotency key is being decided");
    if (other) {
        r->waiting.next = other->followers ? &other->followers->waiting : NULL;
        other->followers = r;
        return 0;
    }
    uint64_t index = 0;
    const struct cdn_store_once once = {mine->key, mine->text, cdn_str(mine->digest, CDN_DIGEST_HEX), since};
    const int err = cdn_live_idempotency(s->live, s->store, &once, &index, e);
    if (err == 0) {
        *ret_index = index;
        return 0;
    }
    if (err == CORDON_E_CONFLICT)
        return different(e);
    if (err != CORDON_E_NOTFOUND)
        return err;
    mine->next = s->once;
    s->once = mine;
    *ret_claim = mine;
    return 0;
}

int cdn_once_begin(struct cdn_service *s,
                   cordon_str key,
                   cordon_str text,
                   const char digest[CDN_DIGEST_HEX],
                   int64_t since,
                   struct cdn_reply *r,
                   struct cdn_once **ret_claim,
                   uint64_t *ret_index,
                   struct cordon_error *e) {
    *ret_claim = NULL;
    *ret_index = UINT64_MAX;
    if (text.n > MAX_IDEMPOTENCY)
        return cdn_fail(e, CORDON_E_LIMIT, "an idempotency key of more than %d bytes", MAX_IDEMPOTENCY);
    struct cdn_once *mine = claim(s, key, text, digest);
    if (!mine)
        return cdn_service_no_memory(e);
    pthread_mutex_lock(&s->once_lock);
    const int err = begin(s, mine, since, r, ret_claim, ret_index, e);
    pthread_mutex_unlock(&s->once_lock);
    if (*ret_claim != mine)
        cdn_free(s->alloc, mine, mine->size);
    return err;
}

/* A follower's answer: the same bytes, said to be repeated. Without memory it is refused; the record is there
 * for the next try. */
static void copy(struct cdn_reply *to, const struct cdn_reply *from) {
    if (from->pub.code) {
        cdn_reply_refuse(to, from->pub.refusal, from->pub.code, &from->pub.error);
        return;
    }
    cdn_buf_clear(&to->text);
    cdn_buf_str(&to->text, from->pub.body);
    if (to->text.err) {
        cdn_reply_refuse(to, CDN_REFUSED_MEMORY, CORDON_E_NOMEM, NULL);
        return;
    }
    to->pub = from->pub;
    to->pub.repeated = true;
    to->pub.body = cdn_buf_get(&to->text);
    memcpy(to->blocked_by, from->blocked_by, sizeof(to->blocked_by));
    to->pub.blocked_by = cdn_str(to->blocked_by, from->pub.blocked_by.n);
}

static void unlink_once(struct cdn_service *s, const struct cdn_once *o) {
    for (struct cdn_once **at = &s->once; *at; at = &(*at)->next) {
        if (*at == o) {
            *at = o->next;
            return;
        }
    }
}

static struct cdn_reply *of_waiting(struct cdn_waiting *w) {
    return w ? (struct cdn_reply *)(void *)((char *)w - offsetof(struct cdn_reply, waiting)) : NULL;
}

void cdn_once_end(struct cdn_service *s, struct cdn_once *o, const struct cdn_reply *r) {
    pthread_mutex_lock(&s->once_lock);
    unlink_once(s, o);
    if (!o->recorded)
        cdn_live_idempotency_give_back(s->live, o->key, o->text);
    struct cdn_reply *f = o->followers;
    pthread_mutex_unlock(&s->once_lock);
    while (f) {
        struct cdn_reply *next = of_waiting(f->waiting.next);
        f->waiting.next = NULL;
        copy(f, r);
        cdn_reply_deliver(f);
        f = next;
    }
    cdn_free(s->alloc, o, o->size);
}

void cdn_once_drop(struct cdn_service *s, struct cdn_once *o) {
    pthread_mutex_lock(&s->once_lock);
    unlink_once(s, o);
    if (!o->recorded)
        cdn_live_idempotency_give_back(s->live, o->key, o->text);
    struct cdn_reply *f = o->followers;
    pthread_mutex_unlock(&s->once_lock);
    while (f) { /* of a batch's line: nobody has an answer to copy; the record, if there is one, is found next
                   time */
        struct cdn_reply *next = of_waiting(f->waiting.next);
        struct cordon_error e = {0};
        f->waiting.next = NULL;
        (void)cdn_fail(
            &e, CORDON_E_STATE, "a batch is deciding a request with this idempotency key; ask again");
        cdn_reply_refuse(f, CDN_REFUSED_BUSY, e.code, &e);
        cdn_reply_deliver(f);
        f = next;
    }
    cdn_free(s->alloc, o, o->size);
}
