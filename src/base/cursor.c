/* SPDX-License-Identifier: Apache-2.0 */
/* cursor.c: reading little-endian binary input that may be damaged or hostile.
 *
 *  1. at <= n; no byte outside p[0..n-1] is read;
 *  2. the first read past the end sets `err` to CORDON_E_FORMAT; from then on every read gives 0 and the
 *     position stays, so that the caller checks once, before it uses what it read;
 *  3. the values do not depend on the machine's byte order or on alignment. */
#include "base/base.h"

void cdn_cursor_init(struct cdn_cursor *c, const void *p, size_t n) {
    *c = (struct cdn_cursor){.p = p, .n = n};
}

/* The next `n` bytes, or NULL (also for n == 0 in an empty input that has no address). */
static const uint8_t *take(struct cdn_cursor *c, size_t n) {
    if (c->err || n > c->n - c->at) {
        c->err = CORDON_E_FORMAT;
        return NULL;
    }
    const uint8_t *p = c->n ? c->p + c->at : c->p;
    c->at += n;
    return p;
}

static uint64_t take_number(struct cdn_cursor *c, size_t n) {
    const uint8_t *p = take(c, n);
    uint64_t v = 0;
    for (size_t i = 0; p && i < n; i++)
        v |= (uint64_t)p[i] << (8 * i);
    return v;
}

uint8_t cdn_cursor_u8(struct cdn_cursor *c) {
    return (uint8_t)take_number(c, 1);
}

uint16_t cdn_cursor_u16(struct cdn_cursor *c) {
    return (uint16_t)take_number(c, 2);
}

uint32_t cdn_cursor_u32(struct cdn_cursor *c) {
    return (uint32_t)take_number(c, 4);
}

uint64_t cdn_cursor_u64(struct cdn_cursor *c) {
    return take_number(c, 8);
}

cordon_str cdn_cursor_bytes(struct cdn_cursor *c, size_t n) {
    const uint8_t *p = take(c, n);
    return p ? cdn_str((const char *)p, n) : cdn_str(NULL, 0);
}

void cdn_cursor_skip(struct cdn_cursor *c, size_t n) {
    (void)take(c, n);
}
