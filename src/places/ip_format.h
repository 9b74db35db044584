/* SPDX-License-Identifier: Apache-2.0 */
/* ip_format.h: the bytes of the IP section, as places/ip.c reads and geodata/table.c writes them.
 *
 * The layout is described in ip.c. All numbers are little endian; the structs are laid over the bytes of the
 * section, so this code is for little-endian machines (checked below). */
#ifndef CDN_PLACES_IP_FORMAT_H
#define CDN_PLACES_IP_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "places/ip.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "the IP section is read in place: little endian only");

#define CDN_IP_MAGIC "CDNIPTAB"
#define CDN_IP_VERSION 1
#define CDN_IP_ALIGN 64   /* of each part within the section */
#define CDN_IP_TOP 65536  /* entries of each top table */
#define CDN_IP_LEVELS4 2  /* 8-bit steps after the 16 bits of the top table */
#define CDN_IP_LEVELS6 14 /* the same for 128-bit addresses */
#define CDN_IP_LEVELS (CDN_IP_LEVELS4 + CDN_IP_LEVELS6)
#define CDN_IP_NODE 0x80000000u /* a leaf with this bit is a node number, else a record number */
#define CDN_IP_INLINE 6         /* leaves that fit into the node itself */

/* Where an array lies: `offset` bytes from the start of the section, `count` elements. */
struct cdn_ip_part {
    uint32_t offset;
    uint32_t count;
};

struct cdn_ip_header {
    char magic[8];                       /*   0 CDN_IP_MAGIC */
    uint32_t version;                    /*   8 CDN_IP_VERSION */
    uint32_t source_count;               /*  12 1..CDN_IP_SOURCES */
    uint32_t size;                       /*  16 of the section, bytes */
    uint32_t record_count;               /*  20 including record 0 */
    struct cdn_ip_part sources;          /*  24 struct cdn_ip_source_bytes */
    struct cdn_ip_part regions;          /*  32 struct cdn_ip_region_bytes */
    struct cdn_ip_part answers;          /*  40 struct cdn_ip_answer, record_count * source_count */
    struct cdn_ip_part text;             /*  48 bytes of the names that sources point to */
    struct cdn_ip_part top4;             /*  56 uint32_t[CDN_IP_TOP], by the first 16 bits */
    struct cdn_ip_part top6;             /*  64 uint32_t[CDN_IP_TOP] */
    struct cdn_ip_part nodes;            /*  72 struct cdn_ip_node */
    struct cdn_ip_part leaves;           /*  80 uint32_t */
    uint32_t level_first[CDN_IP_LEVELS]; /*  88 first node of each level: 2 of IPv4, then 14 of IPv6 */
    uint8_t zero[40];                    /* 152 */
};
_Static_assert(sizeof(struct cdn_ip_header) == 192, "IP section header");
_Static_assert(offsetof(struct cdn_ip_header, level_first) == 88, "IP section header");

struct cdn_ip_source_bytes {
    int64_t date;               /*  0 of the data, seconds since 1970 */
    uint8_t sha256[32];         /*  8 of the input file */
    struct cdn_ip_part name;    /* 40 offset and length within the text part, as the next two */
    struct cdn_ip_part vendor;  /* 48 */
    struct cdn_ip_part licence; /* 56 */
    uint32_t networks;          /* 64 read from the input */
    uint32_t ranges4;           /* 68 with an answer, after nested networks are resolved */
    uint32_t ranges6;           /* 72 */
    uint32_t rejected;          /* 76 lines of a geofeed that could not be used */
    uint32_t kind;              /* 80 enum cdn_ip_source_kind */
    uint32_t zero;              /* 84 */
};
_Static_assert(sizeof(struct cdn_ip_source_bytes) == 88, "IP source");

/* ISO 3166-2 code, padded with NUL; entry 0 is all NUL. */
struct cdn_ip_region_bytes {
    char code[8];
};
_Static_assert(sizeof(struct cdn_ip_region_bytes) == 8, "IP region");
_Static_assert(sizeof(struct cdn_ip_answer) == 12, "IP answer");

/* 256 slots as runs of equal leaves. One cache line. */
struct cdn_ip_node {
    uint64_t starts[4];           /*  0 bit s of word s/64: slot s begins a new run; slot 0 always does */
    uint32_t base;                /* 32 first leaf in the leaf part; UINT32_MAX: they are in `leaf` */
    uint8_t rank[4];              /* 36 runs that begin before word 0..3 */
    uint32_t leaf[CDN_IP_INLINE]; /* 40 */
};
_Static_assert(sizeof(struct cdn_ip_node) == 64, "IP node");
#define CDN_IP_BASE_INLINE UINT32_MAX

#endif
