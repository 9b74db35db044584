/* SPDX-License-Identifier: Apache-2.0 */
/* ip.h: what is known about an IP address: country, region, AS, flags, per source of data.
 *
 * A table is a view of the bytes of a snapshot section (format: ip.c). It is checked completely when it is
 * opened; look-ups then neither fail nor allocate, and any number of threads may use one table.
 *
 * Several sources (at most CDN_IP_SOURCES) may speak about one address. Each gives its own answer, side by
 * side: nothing is merged, so disagreement stays visible, and each source states the age of its data. */
#ifndef CDN_PLACES_IP_H
#define CDN_PLACES_IP_H

#include "base/base.h"
#include "places/codes.h"

#define CDN_IP_SOURCES 4 /* per table */

enum cdn_ip_flag {
    CDN_IP_ANON_NETWORK = 1 << 0, /* anonymising proxy, VPN or relay */
    CDN_IP_SATELLITE = 1 << 1,    /* satellite provider: users may be anywhere in its footprint */
    CDN_IP_ANYCAST = 1 << 2,      /* one address at many places */
    CDN_IP_DROP = 1 << 3,         /* hijacked or otherwise hostile network */
    CDN_IP_HOSTING = 1 << 4,      /* hosting provider: a server rather than a person */
    CDN_IP_TOR_EXIT = 1 << 5,
    CDN_IP_RESIDENTIAL_PROXY = 1 << 6,
    CDN_IP_NO_GEO = 1 << 7, /* the publisher asks that the network be not located (RFC 8805, 2.1.1.2) */
    CDN_IP_FLAGS_ALL = (1 << 8) - 1
};

/* What one source says. All zero: it knows nothing about the address. */
struct cdn_ip_answer {
    uint16_t country;     /* 'U' << 8 | 'A' as the source writes it (that may be EU or AP); 0 unknown */
    uint16_t region;      /* for cdn_ip_region(); 0 unknown */
    uint32_t asn;         /* AS number; 0 unknown */
    uint16_t accuracy_km; /* radius; 0 unknown */
    uint16_t flags;       /* enum cdn_ip_flag */
};

enum cdn_ip_source_kind { CDN_IP_KIND_LIBLOC = 1, CDN_IP_KIND_MMDB, CDN_IP_KIND_CSV, CDN_IP_KIND_GEOFEED };

/* Where answers come from. Text is borrowed from the section. */
struct cdn_ip_source {
    cordon_str name;           /* as configured: "libloc" */
    cordon_str vendor;         /* as the file or the configuration says */
    cordon_str licence;        /* of the data */
    int64_t date;              /* of the data, seconds since 1970 */
    uint8_t sha256[32];        /* of the input file */
    uint32_t networks;         /* in the input */
    uint32_t ranges4, ranges6; /* with an answer, after nesting is resolved */
    uint32_t rejected;         /* geofeed lines that could not be used */
    enum cdn_ip_source_kind kind;
};

/* Treat as opaque. The section must outlive it. */
struct cdn_ip_table {
    const uint32_t *top4, *top6, *leaves;
    const struct cdn_ip_node *nodes;
    const struct cdn_ip_answer *answers;
    const struct cdn_ip_region_bytes *regions;
    const struct cdn_ip_source_bytes *sources;
    const char *text;
    uint32_t record_count, source_count, region_count;
};

/* `section` must be 8-aligned (64 is faster). CORDON_E_ARG when it is not, CORDON_E_VERSION, CORDON_E_FORMAT
 * when anything in it breaks the format. */
int cdn_ip_open(const void *section, size_t size, struct cdn_ip_table *ret, struct cordon_error *e)
    CORDON_MUST_CHECK;

/* Number of the record for an address, 0 when no source knows anything. */
uint32_t cdn_ip_lookup4(const struct cdn_ip_table *t, uint32_t host_order_addr);
/* An IPv4 address in IPv6 clothes is looked up as that IPv4 address, because it is the host's own:
 *   ::ffff:0:0/96 (mapped), 2002::/16 (6to4: bits 16..47), 2001:0::/32 (Teredo: the client, last 32 bits
 * inverted). What sources say about these three prefixes themselves is not used. */
uint32_t cdn_ip_lookup6(const struct cdn_ip_table *t, const uint8_t addr[16]);

/* t->source_count answers, in the order of the sources. An unknown number gives those of record 0. */
const struct cdn_ip_answer *cdn_ip_answers(const struct cdn_ip_table *t, uint32_t record);
/* "UA-43"; empty for 0 and for numbers that the table does not have. */
cordon_str cdn_ip_region(const struct cdn_ip_table *t, uint16_t region);
/* False when there is no source `i`. */
bool cdn_ip_source(const struct cdn_ip_table *t, uint32_t i, struct cdn_ip_source *ret);

/* ---- ip_text.c: addresses as text --------------------------------------------------------------------- */

struct cdn_ip_addr {
    uint8_t family; /* 4 or 6 */
    uint32_t v4;    /* host order, for family 4 */
    uint8_t v6[16]; /* network order, for family 6 */
};

/* Strict: "192.0.2.1" (no leading zeros, exactly four numbers) or an address of RFC 4291 2.2, without
 * brackets, zone, port or white space. CORDON_E_SYNTAX. */
int cdn_ip_parse(cordon_str text, struct cdn_ip_addr *ret) CORDON_MUST_CHECK;
/* An address, optionally with "/length"; bits after the length must be 0 (else CORDON_E_RANGE), a missing
 * length is 32 or 128. */
int cdn_ip_parse_prefix(cordon_str text, struct cdn_ip_addr *ret, uint8_t *ret_length) CORDON_MUST_CHECK;
/* RFC 5952 text, at most CDN_IP_TEXT bytes with the final NUL; returns its length. */
#define CDN_IP_TEXT 46
size_t cdn_ip_write(const struct cdn_ip_addr *addr, char ret[CDN_IP_TEXT]);
uint32_t cdn_ip_lookup(const struct cdn_ip_table *t, const struct cdn_ip_addr *addr);

#endif
