/* SPDX-License-Identifier: Apache-2.0 */
/* ip.c: opening the IP section of a snapshot, and looking addresses up in it.
 *
 * Format (version 1; little endian; the structs are in ip_format.h). Parts follow the 192-byte header, each
 * at a multiple of 64 bytes, gaps are zero:
 *
 *   sources   88 bytes each       who says it, when, under which licence; text as offset and length
 *   regions    8 bytes each       ISO 3166-2 codes; entry 0 is empty
 *   answers   12 bytes each       record r of source s is answer r * source_count + s; record 0 is all zero
 *   text                          names of the sources, UTF-8
 *   top4      65536 leaves        by the first 16 bits of an IPv4 address
 *   top6      65536 leaves        by the first 16 bits of an IPv6 address
 *   nodes     64 bytes each       256 slots, for the next 8 bits
 *   leaves     4 bytes each       of nodes with more than 6 runs
 *
 * A leaf is a record number, or (top bit set) a node number. Neighbouring slots of a node mostly have the
 * same answer, so a node stores runs: a bitmap says which slots begin a run, and the run of slot s is the
 * number of begun runs up to s, minus 1. Two reads (node, leaf) decide 8 bits, and a node with at most 6 runs
 * carries its leaves in the same cache line. Nodes are sorted by level: IPv4 bits 16..23, 24..31, then IPv6
 * bits 16..23, 24..31, … 120..127.
 *
 * Invariants, checked by cdn_ip_open() so that look-ups need no checks:
 *  1. every part lies within the section, aligned, and the parts have the sizes that the header implies;
 *  2. slot 0 of each node begins a run, and rank[] counts the bitmap;
 *  3. the leaves of a node are in the node, or are base .. base + runs - 1 of the leaf part;
 *  4. a leaf of level n is a record that exists or a node of level n + 1 of the same family; the last level
 * of each family has records only. Look-ups therefore end after 2 or 14 steps;
 *  5. answers name existing regions, known flags and two-letter countries; record 0 is all zero. */
#include "places/ip.h"

#include "places/ip_format.h"

/* ---- opening --------------------------------------------------------------------------------------------
 */

/* Counts bits without the popcnt instruction, which the baseline of x86-64 does not have. */
static inline uint32_t count_bits(uint64_t v) {
    v -= v >> 1 & 0x5555555555555555u;
    v = (v & 0x3333333333333333u) + (v >> 2 & 0x3333333333333333u);
    v = (v + (v >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return (uint32_t)(v * 0x0101010101010101u >> 56);
}

static bool part_fits(const struct cdn_ip_header *h, struct cdn_ip_part part, size_t item) {
    return part.offset % CDN_IP_ALIGN == 0 && part.offset >= sizeof *h && part.offset <= h->size &&
           part.count <= (h->size - part.offset) / item;
}

static bool header_fits(const struct cdn_ip_header *h) {
    const struct cdn_ip_part tops[] = {h->top4, h->top6};
    for (size_t i = 0; i < 2; i++) {
        if (!part_fits(h, tops[i], sizeof(uint32_t)) || tops[i].count != CDN_IP_TOP) {
            return false;
        }
    }
    for (size_t i = 0; i < sizeof h->zero; i++) {
        if (h->zero[i] != 0) {
            return false;
        }
    }
    return h->source_count >= 1 && h->source_count <= CDN_IP_SOURCES && h->record_count >= 1 &&
           h->record_count < CDN_IP_NODE / CDN_IP_SOURCES &&
           part_fits(h, h->sources, sizeof(struct cdn_ip_source_bytes)) &&
           h->sources.count == h->source_count &&
           part_fits(h, h->regions, sizeof(struct cdn_ip_region_bytes)) && h->regions.count >= 1 &&
           h->regions.count <= UINT16_MAX && part_fits(h, h->answers, sizeof(struct cdn_ip_answer)) &&
           h->answers.count == h->record_count * h->source_count && part_fits(h, h->text, 1) &&
           part_fits(h, h->nodes, sizeof(struct cdn_ip_node)) && h->nodes.count < CDN_IP_NODE &&
           part_fits(h, h->leaves, sizeof(uint32_t));
}

static bool is_upper(unsigned c) {
    return c >= 'A' && c <= 'Z';
}

static bool answers_valid(const struct cdn_ip_table *t) {
    const size_t n = (size_t)t->record_count * t->source_count;
    for (size_t i = 0; i < n; i++) {
        const struct cdn_ip_answer *const a = &t->answers[i];
        const bool country = a->country == 0 || (is_upper(a->country >> 8) && is_upper(a->country & 0xff));
        if (!country || a->region >= t->region_count || (a->flags & ~(unsigned)CDN_IP_FLAGS_ALL) != 0) {
            return false;
        }
    }
    const struct cdn_ip_answer none = {0};
    for (size_t i = 0; i < t->source_count; i++) {
        if (memcmp(&t->answers[i], &none, sizeof none) != 0) {
            return false;
        }
    }
    return true;
}

static bool regions_valid(const struct cdn_ip_table *t) {
    for (uint32_t i = 0; i < t->region_count; i++) {
        const char *const c = t->regions[i].code;
        size_t n = 0;
        while (n < 6 && c[n] != 0) {
            n++;
        }
        for (size_t k = n; k < sizeof t->regions[i].code; k++) {
            if (c[k] != 0) {
                return false;
            }
        }
        for (size_t k = 0; k < n; k++) {
            const bool letter = is_upper((unsigned char)c[k]);
            const bool good = k < 2 ? letter : k == 2 ? c[k] == '-' : letter || (c[k] >= '0' && c[k] <= '9');
            if (!good) {
                return false;
            }
        }
        if (i == 0 ? n != 0 : n < 4) {
            return false;
        }
    }
    return true;
}

static bool text_valid(const struct cdn_ip_header *h, const char *text, struct cdn_ip_part part) {
    return part.offset <= h->text.count && part.count <= h->text.count - part.offset &&
           cdn_utf8_valid(cdn_str(text + part.offset, part.count));
}

static bool sources_valid(const struct cdn_ip_header *h, const struct cdn_ip_table *t) {
    for (uint32_t i = 0; i < t->source_count; i++) {
        const struct cdn_ip_source_bytes *const s = &t->sources[i];
        if (!text_valid(h, t->text, s->name) || !text_valid(h, t->text, s->vendor) ||
            !text_valid(h, t->text, s->licence) || s->zero != 0 || s->kind < CDN_IP_KIND_LIBLOC ||
            s->kind > CDN_IP_KIND_GEOFEED) {
            return false;
        }
    }
    return true;
}

/* What a leaf may be: a record below `records`, or a node first .. after - 1. */
struct leaf_limits {
    uint32_t records, first, after;
};

static bool leaves_valid(const uint32_t *leaf, size_t n, struct leaf_limits limits) {
    uint32_t bad = 0;
    for (size_t i = 0; i < n; i++) {
        const uint32_t v = leaf[i];
        const uint32_t node = v & ~CDN_IP_NODE;
        const uint32_t bad_node = (uint32_t)(node - limits.first >= limits.after - limits.first);
        bad |= (v & CDN_IP_NODE) != 0 ? bad_node : (uint32_t)(v >= limits.records);
    }
    return bad == 0;
}

static bool node_valid(const struct cdn_ip_node *node,
                       const uint32_t *leaves,
                       uint32_t leaf_count,
                       struct leaf_limits limits) {
    uint32_t runs = 0;
    for (size_t w = 0; w < 4; w++) {
        if (node->rank[w] != runs) {
            return false;
        }
        runs += count_bits(node->starts[w]);
    }
    if ((node->starts[0] & 1) == 0) {
        return false;
    }
    if (node->base == CDN_IP_BASE_INLINE) {
        return runs <= CDN_IP_INLINE && leaves_valid(node->leaf, runs, limits);
    }
    return node->base <= leaf_count && runs <= leaf_count - node->base &&
           leaves_valid(leaves + node->base, runs, limits);
}

static bool tree_valid(const struct cdn_ip_header *h, const struct cdn_ip_table *t) {
    uint32_t first[CDN_IP_LEVELS + 1];
    memcpy(first, h->level_first, sizeof h->level_first);
    first[CDN_IP_LEVELS] = h->nodes.count;
    for (size_t i = 0; i < CDN_IP_LEVELS; i++) {
        if (first[i] > first[i + 1]) {
            return false;
        }
    }
    if (first[0] != 0) {
        return false;
    }
    const uint32_t top6 = first[CDN_IP_LEVELS4];
    if (!leaves_valid(t->top4, CDN_IP_TOP, (struct leaf_limits){t->record_count, 0, first[1]}) ||
        !leaves_valid(
            t->top6, CDN_IP_TOP, (struct leaf_limits){t->record_count, top6, first[CDN_IP_LEVELS4 + 1]})) {
        return false;
    }
    for (size_t level = 0; level < CDN_IP_LEVELS; level++) {
        const bool last = level == CDN_IP_LEVELS4 - 1 || level == CDN_IP_LEVELS - 1;
        const struct leaf_limits limits = {
            t->record_count, last ? 0 : first[level + 1], last ? 0 : first[level + 2]};
        for (uint32_t n = first[level]; n < first[level + 1]; n++) {
            if (!node_valid(&t->nodes[n], t->leaves, h->leaves.count, limits)) {
                return false;
            }
        }
    }
    return true;
}

int cdn_ip_open(const void *section, size_t size, struct cdn_ip_table *ret, struct cordon_error *e) {
    if ((uintptr_t)section % 8 != 0) {
        return cdn_fail(e, CORDON_E_ARG, "the IP section is not 8-aligned");
    }
    const uint8_t *const p = section;
    const struct cdn_ip_header *const h = section;
    if (size < sizeof *h || memcmp(h->magic, CDN_IP_MAGIC, sizeof h->magic) != 0) {
        return cdn_fail(e, CORDON_E_FORMAT, "not an IP section");
    }
    if (h->version != CDN_IP_VERSION) {
        return cdn_fail(e,
                        CORDON_E_VERSION,
                        "IP section of version %lu, this build reads %d",
                        (unsigned long)h->version,
                        CDN_IP_VERSION);
    }
    if (h->size != size || !header_fits(h)) {
        return cdn_fail(e, CORDON_E_FORMAT, "the header of the IP section is damaged");
    }
    const struct cdn_ip_table t = {
        .top4 = (const uint32_t *)(const void *)(p + h->top4.offset),
        .top6 = (const uint32_t *)(const void *)(p + h->top6.offset),
        .leaves = (const uint32_t *)(const void *)(p + h->leaves.offset),
        .nodes = (const struct cdn_ip_node *)(const void *)(p + h->nodes.offset),
        .answers = (const struct cdn_ip_answer *)(const void *)(p + h->answers.offset),
        .regions = (const struct cdn_ip_region_bytes *)(const void *)(p + h->regions.offset),
        .sources = (const struct cdn_ip_source_bytes *)(const void *)(p + h->sources.offset),
        .text = (const char *)p + h->text.offset,
        .record_count = h->record_count,
        .source_count = h->source_count,
        .region_count = h->regions.count,
    };
    const char *const broken = !sources_valid(h, &t) ? "source list"
                               : !regions_valid(&t)  ? "region list"
                               : !answers_valid(&t)  ? "answers"
                               : !tree_valid(h, &t)  ? "address tree"
                                                     : NULL;
    if (broken != NULL) {
        return cdn_fail(e, CORDON_E_FORMAT, "the %s of the IP section is damaged", broken);
    }
    *ret = t;
    return 0;
}

/* ---- look-up --------------------------------------------------------------------------------------------
 */

static inline uint32_t step(const struct cdn_ip_table *t, uint32_t leaf, uint32_t slot) {
    const struct cdn_ip_node *const node = &t->nodes[leaf & ~CDN_IP_NODE];
    const uint32_t word = slot >> 6;
    /* The bits up to and including the slot: the shift drops those above it. */
    const uint32_t run = node->rank[word] + count_bits(node->starts[word] << (63 - (slot & 63))) - 1;
    const uint32_t *const leaves = node->base == CDN_IP_BASE_INLINE ? node->leaf : t->leaves + node->base;
    return leaves[run];
}

uint32_t cdn_ip_lookup4(const struct cdn_ip_table *t, uint32_t host_order_addr) {
    uint32_t leaf = t->top4[host_order_addr >> 16];
    if ((leaf & CDN_IP_NODE) != 0) {
        leaf = step(t, leaf, host_order_addr >> 8 & 0xff);
        if ((leaf & CDN_IP_NODE) != 0) {
            leaf = step(t, leaf, host_order_addr & 0xff);
        }
    }
    return leaf;
}

static inline uint32_t read_be32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* False: the address is not one of the three forms that carry an IPv4 address. */
static inline bool embedded4(const uint8_t addr[16], uint32_t *ret) {
    const uint32_t first = read_be32(addr);
    if (first >> 16 == 0x2002) {
        *ret = read_be32(addr + 2);
        return true;
    }
    if (first == 0x20010000) {
        *ret = ~read_be32(addr + 12);
        return true;
    }
    if (first == 0 && read_be32(addr + 4) == 0 && read_be32(addr + 8) == 0xffff) {
        *ret = read_be32(addr + 12);
        return true;
    }
    return false;
}

uint32_t cdn_ip_lookup6(const struct cdn_ip_table *t, const uint8_t addr[16]) {
    uint32_t v4;
    if (embedded4(addr, &v4)) {
        return cdn_ip_lookup4(t, v4);
    }
    uint32_t leaf = t->top6[(uint32_t)addr[0] << 8 | addr[1]];
    const uint8_t *at = addr + 2;
    while ((leaf & CDN_IP_NODE) != 0) {
        leaf = step(t, leaf, *at++);
    }
    return leaf;
}

uint32_t cdn_ip_lookup(const struct cdn_ip_table *t, const struct cdn_ip_addr *addr) {
    return addr->family == 4   ? cdn_ip_lookup4(t, addr->v4)
           : addr->family == 6 ? cdn_ip_lookup6(t, addr->v6)
                               : 0;
}

const struct cdn_ip_answer *cdn_ip_answers(const struct cdn_ip_table *t, uint32_t record) {
    return t->answers + (size_t)(record < t->record_count ? record : 0) * t->source_count;
}

cordon_str cdn_ip_region(const struct cdn_ip_table *t, uint16_t region) {
    if (region >= t->region_count) {
        return cdn_str(NULL, 0);
    }
    const char *const code = t->regions[region].code;
    size_t n = 0;
    while (n < sizeof t->regions[region].code && code[n] != 0) {
        n++;
    }
    return cdn_str(code, n);
}

bool cdn_ip_source(const struct cdn_ip_table *t, uint32_t i, struct cdn_ip_source *ret) {
    if (i >= t->source_count) {
        return false;
    }
    const struct cdn_ip_source_bytes *const s = &t->sources[i];
    *ret = (struct cdn_ip_source){
        .name = cdn_str(t->text + s->name.offset, s->name.count),
        .vendor = cdn_str(t->text + s->vendor.offset, s->vendor.count),
        .licence = cdn_str(t->text + s->licence.offset, s->licence.count),
        .date = s->date,
        .networks = s->networks,
        .ranges4 = s->ranges4,
        .ranges6 = s->ranges6,
        .rejected = s->rejected,
        .kind = (enum cdn_ip_source_kind)s->kind,
    };
    memcpy(ret->sha256, s->sha256, sizeof ret->sha256);
    return true;
}
