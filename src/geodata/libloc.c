/* SPDX-License-Identifier: Apache-2.0 */
/* libloc.c: reads an IPFire Location database (version 1) as ranges.
 *
 * The format is that of <libloc/format.h>; big endian. A header of 4200 bytes names five parts; used here are
 *
 *   networks  12 bytes each: country (2 letters or NUL), 2 unused, u32 AS number, u16 flags, 2 unused
 *   tree      12 bytes each: u32 child for bit 0, u32 child for bit 1 (0: none), u32 network (~0: none)
 *   pool      NUL-terminated text: vendor, licence
 *
 * The tree is binary over 128 bits, IPv4 under ::ffff:0:0/96. The most specific network on the way down is
 * the answer; one without a country does not inherit its parent's.
 *
 * The file is read here and not through the library, because that crashes on hostile files and needs more
 * than a minute for the whole (README.md has the cases). Tests compare every boundary with the library.
 *
 * 1. No offset or index of the file is used unchecked.
 * 2. A node is visited at most once in a tree, so more visits than nodes are a cycle or a shared subtree:
 * damage. */
#include "geodata/internal.h"

#define LOC_MAGIC "LOCDBXX"
#define LOC_HEADER 4200
#define LOC_NONE UINT32_MAX
#define LOC_FLAGS 0x0f /* CDN_IP_ANON_NETWORK … CDN_IP_DROP have the same values */
#define LOC_DATE_MAX INT64_C(253402300799)

static uint32_t be32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

struct part {
    const uint8_t *p;
    size_t n;
};

struct loc {
    struct cdn_input *in;
    struct part networks, tree, pool;
    uint32_t network_count, node_count, visited;
    uint32_t *answers; /* by network: number of the answer + 1, 0 while unknown */
    struct cordon_error *e;
};

static int damaged(struct loc *l, const char *what) {
    cdn_fail(l->e, CORDON_E_FORMAT, "damaged IPFire Location database: %s", what);
    return CORDON_E_FORMAT;
}

static int read_part(struct loc *l, size_t at, size_t item, const char *name, struct part *ret) {
    const cordon_str b = l->in->bytes;
    const uint8_t *const header = (const uint8_t *)b.p;
    const size_t offset = be32(header + at);
    const size_t n = be32(header + at + 4);
    if (offset > b.n || n > b.n - offset) {
        cdn_fail(l->e,
                 CORDON_E_FORMAT,
                 "damaged IPFire Location database: its %s end at byte %zu, the file at %zu",
                 name,
                 offset + n,
                 b.n);
        cdn_error_hint(l->e, "the file may be cut off; fetch it again");
        return CORDON_E_FORMAT;
    }
    if (n % item != 0) {
        return damaged(l, "a part of it has an odd size");
    }
    *ret = (struct part){header + offset, n};
    return 0;
}

static cordon_str pool_text(const struct loc *l, uint32_t at) {
    if (at >= l->pool.n) {
        return cdn_str(NULL, 0);
    }
    const char *const p = (const char *)l->pool.p + at;
    return cdn_str(p, strnlen(p, l->pool.n - at));
}

static int answer_of(struct loc *l, uint32_t network, uint32_t *ret) {
    if (network >= l->network_count) {
        return damaged(l, "a network that is not there");
    }
    if (l->answers[network] == 0) {
        const uint8_t *const p = l->networks.p + (size_t)network * 12;
        const struct cdn_ip_answer a = {
            .country = cdn_country_pack(cdn_str((const char *)p, 2)),
            .asn = be32(p + 4),
            .flags = (uint16_t)(p[9] & LOC_FLAGS),
        };
        uint32_t number;
        const int err = cdn_input_answer(l->in, a, cdn_str(NULL, 0), &number);
        if (err != 0) {
            return cdn_fail(l->e, err, "too many different answers, or no memory");
        }
        l->answers[network] = number + 1;
    }
    *ret = l->answers[network] - 1;
    return 0;
}

/* The part of the tree below `node`, which stands for the addresses first .. first + 2^(128-depth) - 1. */
static int walk(struct loc *l, uint32_t node, unsigned depth, cdn_u128 first, uint32_t inherited) {
    if (node >= l->node_count || l->visited++ >= l->node_count) {
        return damaged(l, "the tree of networks leads astray");
    }
    const uint8_t *const p = l->tree.p + (size_t)node * 12;
    const uint32_t child[2] = {be32(p), be32(p + 4)};
    const uint32_t network = be32(p + 8);
    uint32_t answer = inherited;
    if (network != LOC_NONE) {
        const int err = answer_of(l, network, &answer);
        if (err != 0) {
            return err;
        }
        l->in->about.networks++;
    }
    const cdn_u128 span = depth == 0 ? 0 : (cdn_u128)1 << (128 - depth); /* 0: all, after wrapping */
    if (child[0] == 0 && child[1] == 0) {
        const int err = cdn_input_range_mapped(l->in, first, first + (span - 1), answer);
        return err == 0 ? 0 : cdn_fail(l->e, err, "too many ranges, or no memory");
    }
    if (depth == 128) {
        return damaged(l, "a network longer than an address");
    }
    const cdn_u128 half = (cdn_u128)1 << (127 - depth);
    for (unsigned i = 0; i < 2; i++) {
        const cdn_u128 from = first + (i == 0 ? 0 : half);
        int err;
        if (child[i] != 0) {
            err = walk(l, child[i], depth + 1, from, answer);
        } else {
            err = cdn_input_range_mapped(l->in, from, from + (half - 1), answer);
            err = err == 0 ? 0 : cdn_fail(l->e, err, "too many ranges, or no memory");
        }
        if (err != 0) {
            return err;
        }
    }
    return 0;
}

static int read_header(struct loc *l) {
    const cordon_str b = l->in->bytes;
    const uint8_t *const p = (const uint8_t *)b.p;
    if (b.n < 8 || memcmp(p, LOC_MAGIC, 7) != 0) {
        return cdn_fail(l->e, CORDON_E_FORMAT, "not an IPFire Location database");
    }
    if (p[7] != 1) {
        return cdn_fail(l->e, CORDON_E_VERSION, "IPFire Location database of version %u, known is 1", p[7]);
    }
    if (b.n < LOC_HEADER) {
        return damaged(l, "the header is cut off");
    }
    const uint64_t date = (uint64_t)be32(p + 8) << 32 | be32(p + 12);
    if (date > LOC_DATE_MAX) {
        return damaged(l, "its date is out of range");
    }
    l->in->about.date = (int64_t)date;
    struct part unused;
    int err = read_part(l, 28, 8, "AS numbers", &unused);
    err = err != 0 ? err : read_part(l, 36, 12, "networks", &l->networks);
    err = err != 0 ? err : read_part(l, 44, 12, "tree nodes", &l->tree);
    err = err != 0 ? err : read_part(l, 52, 8, "countries", &unused);
    return err != 0 ? err : read_part(l, 60, 1, "names", &l->pool);
}

int cdn_read_libloc(struct cdn_input *in, struct cordon_error *e) {
    struct loc l = {.in = in, .e = e};
    int err = read_header(&l);
    if (err != 0) {
        return err;
    }
    in->about.vendor = pool_text(&l, be32((const uint8_t *)in->bytes.p + 16));
    in->about.licence = pool_text(&l, be32((const uint8_t *)in->bytes.p + 24));
    l.network_count = (uint32_t)(l.networks.n / 12);
    l.node_count = (uint32_t)(l.tree.n / 12);
    if (l.network_count == 0 || l.node_count == 0) {
        return damaged(&l, "it has no networks");
    }
    l.answers = cdn_alloc_zero(in->builder->alloc, l.network_count, sizeof *l.answers);
    if (l.answers == NULL) {
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for %u networks", l.network_count);
    }
    err = walk(&l, 0, 0, 0, 0);
    cdn_free(in->builder->alloc, l.answers, (size_t)l.network_count * sizeof *l.answers);
    return err;
}
