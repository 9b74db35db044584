/* SPDX-License-Identifier: Apache-2.0 */
/* mmdb_data.h: the values of a MaxMind DB's data section or metadata. */
#ifndef CDN_GEODATA_MMDB_DATA_H
#define CDN_GEODATA_MMDB_DATA_H

#include "base/base.h"

enum cdn_mm_type {
    CDN_MM_POINTER = 1,
    CDN_MM_STRING,
    CDN_MM_DOUBLE,
    CDN_MM_BYTES,
    CDN_MM_U16,
    CDN_MM_U32,
    CDN_MM_MAP,
    CDN_MM_I32,
    CDN_MM_U64,
    CDN_MM_U128,
    CDN_MM_ARRAY,
    CDN_MM_BOOL = 14,
    CDN_MM_FLOAT
};

/* A section of values. */
struct cdn_mm_section {
    const uint8_t *p;
    size_t n;
    uint8_t
        *checked; /* a bit per offset: a value that pointers lead to, known to be sound; NULL: none is kept */
    uint64_t *work; /* values that may still be read; at 0 every read fails */
};

struct cdn_mm_value {
    enum cdn_mm_type type; /* never POINTER: pointers are followed */
    size_t at;             /* of the payload; for maps and arrays, of the first element */
    uint32_t size;         /* bytes of the payload; pairs of a map, elements of an array; value of a bool */
    size_t after;          /* of what follows the value where it stands (the pointer, if it was one) */
};

/* Checks the value at `at`, and everything that it contains or points to: types, sizes, ends, UTF-8, nesting
 * (which also ends circles). */
bool cdn_mm_check(const struct cdn_mm_section *s, size_t at, size_t *ret_after);
/* Reads a value that was checked; false when it is not one. */
bool cdn_mm_get(const struct cdn_mm_section *s, size_t at, struct cdn_mm_value *ret);
/* Where the value after `v` starts, over all that `v` contains. `v` was checked. */
size_t cdn_mm_end(const struct cdn_mm_section *s, const struct cdn_mm_value *v);

/* Goes over the pairs of a checked map:  for (m = cdn_mm_pairs(…, &v); cdn_mm_next(&m);) use m.key, m.value
 */
struct cdn_mm_pairs {
    const struct cdn_mm_section *section;
    size_t at;
    uint32_t left;
    cordon_str key;
    struct cdn_mm_value value;
};
struct cdn_mm_pairs cdn_mm_pairs(const struct cdn_mm_section *s,
                                 const struct cdn_mm_value *map); /* not a map: none */
bool cdn_mm_next(struct cdn_mm_pairs *m);

cordon_str cdn_mm_text(const struct cdn_mm_section *s,
                       const struct cdn_mm_value *v); /* empty for other types */
/* Unsigned integers up to 64 bits and non-negative I32; UINT64_MAX for all else and what is larger. */
uint64_t cdn_mm_number(const struct cdn_mm_section *s, const struct cdn_mm_value *v);

#endif
