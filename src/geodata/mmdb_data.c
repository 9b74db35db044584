/* SPDX-License-Identifier: Apache-2.0 */
/* mmdb_data.c: decodes the values of a MaxMind DB (format 2.0, "Output Data Section" of its specification).
 *
 * A value is a control byte (3 bits of type, 5 of size), up to 3 more bytes of size, and a payload. Maps and
 * arrays are followed by their elements; a pointer stands for the value at another offset of the section.
 *
 * 1. cdn_mm_check() reads nothing outside the section and nests at most MM_DEPTH deep, so that files made to
 *    exhaust the stack, or that contain themselves, end with an error.
 * 2. A value that a pointer leads to is checked once (section.checked), since databases share most of their
 *    values. Overlapping values could still make a small file cost its size squared; section.work, a stated
 *    number of reads, ends that. */
#include "geodata/mmdb_data.h"

#define MM_DEPTH 32 /* known databases nest 5 deep */

static bool have(const struct cdn_mm_section *s, size_t at, size_t n) {
    return at <= s->n && n <= s->n - at;
}

/* The size as the control byte and what follows it say. */
static bool read_size(const struct cdn_mm_section *s, size_t *at, unsigned control, uint32_t *ret) {
    static const uint32_t base[] = {29, 285, 65821};
    const unsigned low = control & 0x1f;
    if (low < 29) {
        *ret = low;
        return true;
    }
    const unsigned n = low - 28;
    if (!have(s, *at, n)) {
        return false;
    }
    uint32_t v = 0;
    for (unsigned i = 0; i < n; i++) {
        v = v << 8 | s->p[(*at)++];
    }
    *ret = base[n - 1] + v;
    return true;
}

static bool read_pointer(const struct cdn_mm_section *s, size_t *at, unsigned control, size_t *ret) {
    static const uint32_t base[] = {0, 2048, 526336, 0};
    const unsigned n = (control >> 3 & 3) + 1;
    if (!have(s, *at, n)) {
        return false;
    }
    uint32_t v = n == 4 ? 0 : control & 7;
    for (unsigned i = 0; i < n; i++) {
        v = v << 8 | s->p[(*at)++];
    }
    *ret = (size_t)v + base[n - 1];
    return true;
}

/* One value without following pointers: for a pointer, ret->at is its target. */
static bool read_raw(const struct cdn_mm_section *s, size_t at, struct cdn_mm_value *ret) {
    if (!have(s, at, 1) || *s->work == 0) {
        return false;
    }
    --*s->work;
    const unsigned control = s->p[at++];
    unsigned type = control >> 5;
    if (type == CDN_MM_POINTER) {
        ret->type = CDN_MM_POINTER;
        ret->size = 0;
        const bool good = read_pointer(s, &at, control, &ret->at);
        ret->after = at;
        return good;
    }
    if (type == 0) {
        if (!have(s, at, 1)) {
            return false;
        }
        type = s->p[at++] + 7u;
        if (type < CDN_MM_I32 || type > CDN_MM_FLOAT || type == 12 || type == 13) {
            return false;
        }
    }
    if (!read_size(s, &at, control, &ret->size)) {
        return false;
    }
    ret->type = (enum cdn_mm_type)type;
    ret->at = at;
    ret->after = at;
    return true;
}

/* Whether the size suits the type; sets ret_payload to the bytes that follow, 0 for containers. */
static bool scalar_size(const struct cdn_mm_value *v, size_t *ret_payload) {
    *ret_payload = v->size;
    switch (v->type) {
    case CDN_MM_STRING:
    case CDN_MM_BYTES:
        return true;
    case CDN_MM_DOUBLE:
        return v->size == 8;
    case CDN_MM_U16:
        return v->size <= 2;
    case CDN_MM_U32:
    case CDN_MM_I32:
        return v->size <= 4;
    case CDN_MM_U64:
        return v->size <= 8;
    case CDN_MM_U128:
        return v->size <= 16;
    case CDN_MM_FLOAT:
        return v->size == 4;
    case CDN_MM_BOOL:
        *ret_payload = 0;
        return v->size <= 1;
    case CDN_MM_MAP:
    case CDN_MM_ARRAY:
    case CDN_MM_POINTER:
        *ret_payload = 0;
        return true;
    }
    return false;
}

static bool check(const struct cdn_mm_section *s, size_t at, unsigned depth, bool is_key, size_t *ret_after);

static bool check_target(const struct cdn_mm_section *s, size_t target, unsigned depth, bool is_key) {
    struct cdn_mm_value v;
    if (!read_raw(s, target, &v) || v.type == CDN_MM_POINTER || (is_key && v.type != CDN_MM_STRING)) {
        return false; /* outside, a pointer to a pointer, or a key that is no text */
    }
    if (s->checked != NULL && (s->checked[target / 8] >> (target % 8) & 1) != 0) {
        return true;
    }
    size_t after;
    if (!check(s, target, depth + 1, is_key, &after)) {
        return false;
    }
    if (s->checked != NULL) {
        s->checked[target / 8] |= (uint8_t)(1 << (target % 8));
    }
    return true;
}

static bool check(const struct cdn_mm_section *s, size_t at, unsigned depth, bool is_key, size_t *ret_after) {
    struct cdn_mm_value v;
    size_t payload;
    if (depth > MM_DEPTH || !read_raw(s, at, &v) || !scalar_size(&v, &payload) || !have(s, v.at, payload)) {
        return false;
    }
    if (v.type == CDN_MM_POINTER) {
        *ret_after = v.after;
        return check_target(s, v.at, depth, is_key);
    }
    if (is_key && v.type != CDN_MM_STRING) {
        return false;
    }
    if (v.type == CDN_MM_STRING && !cdn_utf8_valid(cdn_str((const char *)s->p + v.at, v.size))) {
        return false;
    }
    size_t next = v.at + payload;
    if (v.type == CDN_MM_MAP || v.type == CDN_MM_ARRAY) {
        const bool map = v.type == CDN_MM_MAP;
        for (uint32_t i = 0; i < v.size; i++) {
            if ((map && !check(s, next, depth + 1, true, &next)) ||
                !check(s, next, depth + 1, false, &next)) {
                return false;
            }
        }
    }
    *ret_after = next;
    return true;
}

bool cdn_mm_check(const struct cdn_mm_section *s, size_t at, size_t *ret_after) {
    return check(s, at, 0, false, ret_after);
}

bool cdn_mm_get(const struct cdn_mm_section *s, size_t at, struct cdn_mm_value *ret) {
    struct cdn_mm_value v;
    if (!read_raw(s, at, &v)) {
        return false;
    }
    if (v.type == CDN_MM_POINTER) {
        const size_t after = v.after;
        if (!read_raw(s, v.at, &v) || v.type == CDN_MM_POINTER) {
            return false;
        }
        v.after = after;
    } else {
        v.after = 0; /* the caller asks cdn_mm_end() */
    }
    *ret = v;
    return true;
}

/* Over a value where it stands: `pending` counts the values still to pass, contained ones included. */
size_t cdn_mm_end(const struct cdn_mm_section *s, const struct cdn_mm_value *v) {
    if (v->after != 0) {
        return v->after;
    }
    struct cdn_mm_value now = *v;
    size_t pending = 1;
    size_t at = v->at;
    for (;;) {
        size_t payload;
        if (!scalar_size(&now, &payload)) {
            return s->n;
        }
        at = now.type == CDN_MM_POINTER ? now.after : now.at + payload;
        pending--;
        pending += now.type == CDN_MM_MAP ? 2 * (size_t)now.size : now.type == CDN_MM_ARRAY ? now.size : 0;
        if (pending == 0 || !read_raw(s, at, &now)) {
            return at;
        }
    }
}

struct cdn_mm_pairs cdn_mm_pairs(const struct cdn_mm_section *s, const struct cdn_mm_value *map) {
    return (struct cdn_mm_pairs){
        .section = s, .at = map->at, .left = map->type == CDN_MM_MAP ? map->size : 0};
}

bool cdn_mm_next(struct cdn_mm_pairs *m) {
    struct cdn_mm_value key;
    if (m->left == 0 || !cdn_mm_get(m->section, m->at, &key)) {
        return false;
    }
    m->left--;
    m->key = cdn_mm_text(m->section, &key);
    if (!cdn_mm_get(m->section, cdn_mm_end(m->section, &key), &m->value)) {
        return false;
    }
    m->at = cdn_mm_end(m->section, &m->value);
    return true;
}

cordon_str cdn_mm_text(const struct cdn_mm_section *s, const struct cdn_mm_value *v) {
    return v->type == CDN_MM_STRING ? cdn_str((const char *)s->p + v->at, v->size) : cdn_str(NULL, 0);
}

uint64_t cdn_mm_number(const struct cdn_mm_section *s, const struct cdn_mm_value *v) {
    const bool number = v->type == CDN_MM_U16 || v->type == CDN_MM_U32 || v->type == CDN_MM_U64 ||
                        (v->type == CDN_MM_I32 && (v->size < 4 || s->p[v->at] < 0x80));
    if (!number) {
        return UINT64_MAX;
    }
    uint64_t n = 0;
    for (uint32_t i = 0; i < v->size; i++) {
        n = n << 8 | s->p[v->at + i];
    }
    return n;
}
