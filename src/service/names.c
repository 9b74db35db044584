/* SPDX-License-Identifier: Apache-2.0 */
/* names.c: the words for roles and refusals, and the HTTP status that a refusal has. */
#include "service/priv.h"

#include <openssl/sha.h>
#include <stdarg.h>
#include <stdio.h>

const char *cdn_service_role_name(unsigned bit) {
    static const char *const names[] = {"decide", "read", "author", "approve", "audit", "replay", "admin"};
    for (unsigned i = 0; i < CDN_ARRAY_LEN(names); i++) {
        if (bit == 1u << i)
            return names[i];
    }
    return NULL;
}

static const struct {
    const char *name;
    int status;
} refusals[CDN_REFUSAL_COUNT] = {
    [CDN_REFUSED_NOT] = {"none", 200},
    [CDN_REFUSED_ROLE] = {"role", 403},
    [CDN_REFUSED_REQUEST] = {"request", 400},
    [CDN_REFUSED_SIZE] = {"size", 413},
    [CDN_REFUSED_CONFLICT] = {"conflict", 409},
    [CDN_REFUSED_NOTFOUND] = {"notfound", 404},
    [CDN_REFUSED_CLOCK] = {"clock", 503},
    [CDN_REFUSED_JOURNAL] = {"journal", 503},
    [CDN_REFUSED_DISK] = {"disk", 507},
    [CDN_REFUSED_BUSY] = {"busy", 503},
    [CDN_REFUSED_DEADLINE] = {"deadline", 504},
    [CDN_REFUSED_MEMORY] = {"memory", 503},
    [CDN_REFUSED_CLOSING] = {"closing", 503},
    [CDN_REFUSED_INTERNAL] = {"internal", 500},
};

const char *cdn_service_refusal_name(unsigned refusal) {
    return refusal < CDN_REFUSAL_COUNT ? refusals[refusal].name : "internal";
}

int cdn_service_refusal_status(unsigned refusal, int code) {
    if (refusal == CDN_REFUSED_REQUEST && (code == CORDON_E_NAME || code == CORDON_E_RANGE))
        return 422;
    return refusal < CDN_REFUSAL_COUNT ? refusals[refusal].status : 500;
}

unsigned cdn_service_refusal_of(int code) {
    switch (code) {
    case CORDON_OK:
        return CDN_REFUSED_NOT;
    case CORDON_E_SYNTAX:
    case CORDON_E_NAME:
    case CORDON_E_TYPE:
    case CORDON_E_RANGE:
    case CORDON_E_ARG:
    case CORDON_E_FORMAT:
    case CORDON_E_DIGEST:
        return CDN_REFUSED_REQUEST;
    case CORDON_E_LIMIT:
        return CDN_REFUSED_SIZE;
    case CORDON_E_CONFLICT:
    case CORDON_E_STATE:
        return CDN_REFUSED_CONFLICT;
    case CORDON_E_NOTFOUND:
        return CDN_REFUSED_NOTFOUND;
    case CORDON_E_NOMEM:
        return CDN_REFUSED_MEMORY;
    case CORDON_E_IO:
        return CDN_REFUSED_JOURNAL;
    default:
        return CDN_REFUSED_INTERNAL;
    }
}

int cdn_service_no_memory(struct cordon_error *e) {
    return cdn_fail(e, CORDON_E_NOMEM, "out of memory");
}

void cdn_sha256_hex(cordon_str bytes, char ret[CDN_DIGEST_HEX]) {
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[SHA256_DIGEST_LENGTH];
    (void)SHA256((const unsigned char *)bytes.p, bytes.n, digest);
    for (size_t i = 0; i < sizeof(digest); i++) {
        ret[2 * i] = digits[digest[i] >> 4];
        ret[2 * i + 1] = digits[digest[i] & 15];
    }
}

void cdn_service_note(const struct cdn_service *s, int severity, const char *event, const char *fmt, ...) {
    char detail[CORDON_ERROR_TEXT * 3];
    va_list args;
    if (!s->o.log)
        return;
    va_start(args, fmt);
    (void)vsnprintf(detail, sizeof(detail), fmt, args);
    va_end(args);
    s->o.log(s->o.log_ctx, severity, event, detail);
}

void cdn_service_observe(struct cdn_histogram *h, uint64_t ns) {
    const uint64_t us = ns / 1000;
    unsigned i = 0;
    while (i < CDN_SERVICE_BUCKETS - 1 && us >= (UINT64_C(1) << i))
        i++;
    atomic_fetch_add_explicit(&h->buckets[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&h->count, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&h->sum, ns, memory_order_relaxed);
}
