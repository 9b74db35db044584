/* SPDX-License-Identifier: Apache-2.0 */
/* mmdb.c: reads a MaxMind DB (format 2.x) as ranges.
 *
 * The file is a binary tree (nodes of two records of 24, 28 or 32 bits), 16 zero bytes, the data section, and
 * after a marker the metadata. A record below node_count is a node, node_count means nothing, above
 * node_count + 16 it is an offset into the data. IPv4 is under ::/96 when the tree is for IPv6.
 *
 * Fields that are used, by their names in the GeoIP2, GeoLite2 and similar databases:
 *   country              country/iso_code; never registered_country (of the holder) or represented_country
 *                        (of a base abroad). As text also country, country_code
 *   region               subdivisions/0/iso_code, joined to the country: UA-43
 *   accuracy radius      location/accuracy_radius, km
 *   AS number            autonomous_system_number, also in traits; asn as number or "AS64496"
 *   flags                is_anonymous, is_anonymous_vpn, is_anonymous_proxy, is_public_proxy,
 * is_tor_exit_node, is_residential_proxy, is_hosting_provider, is_satellite_provider, is_anycast; at the top
 * (Anonymous IP) or in traits
 *
 * Trees reach their IPv4 part a second time, from ::ffff:0:0/96 and 2002::/16 (and 2001::/32 in old ones).
 * These aliases are not followed: look-ups in the section decode such addresses themselves. A tree without
 * aliases has each node once, so more visits than nodes mean damage.
 *
 * It is read here and not through libmaxminddb, because the version that Debian 12 ships crashes on hostile
 * files (README.md has the case) and reads no memory. Tests compare every network with the library. */
#include "geodata/internal.h"
#include "geodata/mmdb_data.h"

#define MM_MARKER "\xab\xcd\xefMaxMind.com"
#define MM_MARKER_SIZE 14
#define MM_METADATA_MAX 131072 /* the marker is searched for in that many last bytes */
#define MM_GAP 16
#define MM_NODE_MAX (UINT32_MAX / 2)
#define MM_WORK 64 /* reads per byte: real databases need less than 2 */
#define MM_DATE_MAX UINT64_C(253402300799)

struct mm {
    struct cdn_input *in;
    const uint8_t *tree;
    uint32_t node_count, record_bits, root4, visited;
    bool v6;
    struct cdn_mm_section data;
    struct cordon_error *e;
    uint32_t *answers; /* hash table: offset + 1, then number, in turn */
    size_t slots, used;
};

static int damaged(struct mm *m, const char *what) {
    cdn_fail(m->e, CORDON_E_FORMAT, "damaged MaxMind DB: %s", what);
    return CORDON_E_FORMAT;
}

/* ---- one record of data ---------------------------------------------------------------------------------
 */

static uint16_t flag_of(cordon_str key) {
    static const struct {
        const char *name;
        uint16_t flag;
    } names[] = {
        {"is_anonymous", CDN_IP_ANON_NETWORK},
        {"is_anonymous_vpn", CDN_IP_ANON_NETWORK},
        {"is_anonymous_proxy", CDN_IP_ANON_NETWORK},
        {"is_public_proxy", CDN_IP_ANON_NETWORK},
        {"is_tor_exit_node", CDN_IP_ANON_NETWORK | CDN_IP_TOR_EXIT},
        {"is_residential_proxy", CDN_IP_ANON_NETWORK | CDN_IP_RESIDENTIAL_PROXY},
        {"is_hosting_provider", CDN_IP_HOSTING},
        {"is_satellite_provider", CDN_IP_SATELLITE},
        {"is_anycast", CDN_IP_ANYCAST},
    };
    for (size_t i = 0; i < CDN_ARRAY_LEN(names); i++) {
        if (cdn_str_eq(key, cdn_str_z(names[i].name))) {
            return names[i].flag;
        }
    }
    return 0;
}

/* A number, or text such as "AS64496"; 0 for anything else. */
static uint32_t asn_of(const struct cdn_mm_section *s, const struct cdn_mm_value *v) {
    uint64_t n = cdn_mm_number(s, v);
    const cordon_str text = cdn_mm_text(s, v);
    if (text.n > 2 && text.n <= 12 && text.p[0] == 'A' && text.p[1] == 'S') {
        n = 0;
        for (size_t i = 2; i < text.n; i++) {
            if (text.p[i] < '0' || text.p[i] > '9') {
                return 0;
            }
            n = n * 10 + (unsigned)(text.p[i] - '0');
        }
    }
    return n <= UINT32_MAX ? (uint32_t)n : 0;
}

static void read_trait(const struct cdn_mm_pairs *pair, struct cdn_ip_answer *a) {
    const struct cdn_mm_value *const v = &pair->value;
    if (v->type == CDN_MM_BOOL) {
        if (v->size != 0) {
            a->flags |= flag_of(pair->key);
        }
    } else if (cdn_str_eq(pair->key, CDN_STR("autonomous_system_number")) ||
               cdn_str_eq(pair->key, CDN_STR("asn"))) {
        a->asn = asn_of(pair->section, v);
    }
}

/* The text under `key` of a map, empty if there is none. */
static cordon_str text_under(const struct cdn_mm_section *s,
                             const struct cdn_mm_value *map,
                             const char *key) {
    struct cdn_mm_pairs m = cdn_mm_pairs(s, map);
    while (cdn_mm_next(&m)) {
        if (cdn_str_eq(m.key, cdn_str_z(key))) {
            return cdn_mm_text(s, &m.value);
        }
    }
    return cdn_str(NULL, 0);
}

static cordon_str first_subdivision(const struct cdn_mm_section *s, const struct cdn_mm_value *list) {
    struct cdn_mm_value first;
    if (list->type != CDN_MM_ARRAY || list->size == 0 || !cdn_mm_get(s, list->at, &first)) {
        return cdn_str(NULL, 0);
    }
    return text_under(s, &first, "iso_code");
}

static uint16_t radius_of(const struct cdn_mm_section *s, const struct cdn_mm_value *location) {
    struct cdn_mm_pairs m = cdn_mm_pairs(s, location);
    while (cdn_mm_next(&m)) {
        if (cdn_str_eq(m.key, CDN_STR("accuracy_radius"))) {
            const uint64_t km = cdn_mm_number(s, &m.value);
            return km <= UINT16_MAX ? (uint16_t)km : 0;
        }
    }
    return 0;
}

static int decode(struct mm *m, const struct cdn_mm_value *record, uint32_t *ret) {
    const struct cdn_mm_section *const s = &m->data;
    struct cdn_ip_answer a = {0};
    cordon_str country = {NULL, 0};
    cordon_str subdivision = {NULL, 0};
    struct cdn_mm_pairs top = cdn_mm_pairs(s, record);
    while (cdn_mm_next(&top)) {
        const struct cdn_mm_value *const v = &top.value;
        if (cdn_str_eq(top.key, CDN_STR("country"))) {
            country = v->type == CDN_MM_MAP ? text_under(s, v, "iso_code") : cdn_mm_text(s, v);
        } else if (cdn_str_eq(top.key, CDN_STR("country_code"))) {
            country = cdn_mm_text(s, v);
        } else if (cdn_str_eq(top.key, CDN_STR("subdivisions"))) {
            subdivision = first_subdivision(s, v);
        } else if (cdn_str_eq(top.key, CDN_STR("location"))) {
            a.accuracy_km = radius_of(s, v);
        } else if (cdn_str_eq(top.key, CDN_STR("traits"))) {
            struct cdn_mm_pairs traits = cdn_mm_pairs(s, v);
            while (cdn_mm_next(&traits)) {
                read_trait(&traits, &a);
            }
        } else {
            read_trait(&top, &a);
        }
    }
    if (*s->work == 0) {
        return CORDON_E_LIMIT;
    }
    a.country = cdn_country_pack(country);
    char region[6];
    size_t n = 0;
    if (a.country != 0 && subdivision.n >= 1 && subdivision.n <= 3) {
        memcpy(region, country.p, 2);
        region[2] = '-';
        memcpy(region + 3, subdivision.p, subdivision.n);
        n = 3 + subdivision.n;
    }
    return cdn_input_answer(m->in, a, cdn_str(region, n), ret);
}

/* ---- answers by offset, so that shared data is decoded once ----------------------------------------------
 */

static size_t slot_of(const struct mm *m, uint32_t offset) {
    size_t slot = (size_t)(offset * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (m->slots - 1);
    while (m->answers[2 * slot] != 0 && m->answers[2 * slot] != offset + 1) {
        slot = (slot + 1) & (m->slots - 1);
    }
    return slot;
}

static int more_slots(struct mm *m) {
    const struct cordon_alloc *const alloc = m->in->builder->alloc;
    const struct mm old = *m;
    uint32_t *const fresh = cdn_alloc_zero(alloc, 2 * (old.slots == 0 ? 1024 : 2 * old.slots), sizeof *fresh);
    if (fresh == NULL) {
        return CORDON_E_NOMEM;
    }
    m->answers = fresh;
    m->slots = old.slots == 0 ? 1024 : 2 * old.slots;
    for (size_t i = 0; i < old.slots; i++) {
        if (old.answers[2 * i] != 0) {
            const size_t slot = slot_of(m, old.answers[2 * i] - 1);
            memcpy(m->answers + 2 * slot, old.answers + 2 * i, 2 * sizeof *fresh);
        }
    }
    cdn_free(alloc, old.answers, 2 * old.slots * sizeof *fresh);
    return 0;
}

static int answer_at(struct mm *m, uint32_t offset, uint32_t *ret) {
    if (2 * m->used >= m->slots) {
        const int err = more_slots(m);
        if (err != 0) {
            return cdn_fail(m->e, err, "no memory");
        }
    }
    const size_t slot = slot_of(m, offset);
    if (m->answers[2 * slot] == 0) {
        size_t after;
        struct cdn_mm_value record;
        uint32_t number;
        if (!cdn_mm_check(&m->data, offset, &after) || !cdn_mm_get(&m->data, offset, &record)) {
            cdn_fail(m->e, CORDON_E_FORMAT, "damaged MaxMind DB: bad data at offset %u of the data", offset);
            return CORDON_E_FORMAT;
        }
        const int err = decode(m, &record, &number);
        if (err != 0) {
            return cdn_fail(m->e, err, "too many different answers, or no memory");
        }
        m->answers[2 * slot] = offset + 1;
        m->answers[2 * slot + 1] = number;
        m->used++;
    }
    *ret = m->answers[2 * slot + 1];
    return 0;
}

/* ---- the tree -------------------------------------------------------------------------------------------
 */

static uint32_t be24(const uint8_t *p) {
    return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static uint32_t child_of(const struct mm *m, uint32_t node, unsigned bit) {
    const uint8_t *const p = m->tree + (size_t)node * (m->record_bits / 4);
    switch (m->record_bits) {
    case 24:
        return be24(p + 3 * bit);
    case 28:
        return bit == 0 ? (uint32_t)(p[3] >> 4) << 24 | be24(p) : (uint32_t)(p[3] & 0xf) << 24 | be24(p + 4);
    default:
        return (uint32_t)p[4 * bit] << 24 | be24(p + 4 * bit + 1);
    }
}

static int add_range(struct mm *m, unsigned depth, cdn_u128 first, uint32_t answer) {
    const unsigned bits = m->v6 ? 128 : 32;
    const cdn_u128 span = bits == 128 && depth == 0 ? 0 : (cdn_u128)1 << (bits - depth);
    const cdn_u128 last = first + (span - 1);
    m->in->about.networks++;
    int err = 0;
    if (!m->v6 || (first == 0 && depth <= 96)) {
        err = cdn_input_range(m->in, CDN_FAMILY4, first, m->v6 ? UINT32_MAX : last, answer);
    } else if (first <= UINT32_MAX) {
        err = cdn_input_range(m->in, CDN_FAMILY4, first, last, answer);
    }
    if (err == 0 && m->v6 && last > UINT32_MAX) {
        const cdn_u128 from = CDN_MAX(first, (cdn_u128)UINT32_MAX + 1);
        err = cdn_input_range(m->in, CDN_FAMILY6, from, last, answer);
    }
    return err == 0 ? 0 : cdn_fail(m->e, err, "too many ranges, or no memory");
}

/* What `record` stands for at `depth`: another node, nothing, or data. */
static int walk(struct mm *m, uint32_t record, unsigned depth, cdn_u128 first) {
    if (record > m->node_count) {
        const uint32_t offset = record - m->node_count - MM_GAP;
        if (record - m->node_count < MM_GAP || offset >= m->data.n) {
            return damaged(m, "the search tree leads outside the data");
        }
        uint32_t answer = 0;
        const int err = answer_at(m, offset, &answer);
        return err != 0 ? err : add_range(m, depth, first, answer);
    }
    if (record == m->node_count) {
        return 0;
    }
    if (m->v6 && record == m->root4 && first != 0) {
        return 0; /* an alias of the IPv4 part */
    }
    if (depth >= (m->v6 ? 128u : 32u) || m->visited++ >= m->node_count) {
        return damaged(m, "the search tree has a circle or a shared part");
    }
    const int err = walk(m, child_of(m, record, 0), depth + 1, first);
    if (err != 0) {
        return err;
    }
    const cdn_u128 half = (cdn_u128)1 << ((m->v6 ? 127u : 31u) - depth);
    return walk(m, child_of(m, record, 1), depth + 1, first + half);
}

/* The node of ::/96, or node_count when the tree does not go there by nodes. */
static uint32_t find_root4(const struct mm *m) {
    uint32_t node = 0;
    for (unsigned depth = 0; depth < 96 && node < m->node_count; depth++) {
        node = child_of(m, node, 0);
    }
    return node < m->node_count ? node : m->node_count;
}

/* ---- the file -------------------------------------------------------------------------------------------
 */

/* Offset of what follows the last marker, 0 if there is none. */
static size_t find_metadata(cordon_str b) {
    const size_t least = b.n > MM_METADATA_MAX ? b.n - MM_METADATA_MAX : 0;
    for (size_t at = b.n; at >= least + MM_MARKER_SIZE; at--) {
        if (memcmp(b.p + at - MM_MARKER_SIZE, MM_MARKER, MM_MARKER_SIZE) == 0) {
            return at;
        }
    }
    return 0;
}

struct metadata {
    uint64_t node_count, record_size, ip_version, major, epoch;
    cordon_str type, description;
};

static int read_metadata(struct mm *m, size_t at, struct metadata *ret) {
    uint64_t work = MM_WORK * (uint64_t)MM_METADATA_MAX;
    const struct cdn_mm_section s = {
        .p = (const uint8_t *)m->in->bytes.p + at, .n = m->in->bytes.n - at, .checked = NULL, .work = &work};
    struct cdn_mm_value v;
    size_t after;
    if (!cdn_mm_check(&s, 0, &after) || !cdn_mm_get(&s, 0, &v) || v.type != CDN_MM_MAP) {
        return damaged(m, "unreadable metadata");
    }
    *ret = (struct metadata){UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, {0}, {0}};
    struct cdn_mm_pairs pairs = cdn_mm_pairs(&s, &v);
    while (cdn_mm_next(&pairs)) {
        const struct {
            const char *name;
            uint64_t *number;
        } numbers[] = {{"node_count", &ret->node_count},
                       {"record_size", &ret->record_size},
                       {"ip_version", &ret->ip_version},
                       {"binary_format_major_version", &ret->major},
                       {"build_epoch", &ret->epoch}};
        for (size_t i = 0; i < CDN_ARRAY_LEN(numbers); i++) {
            if (cdn_str_eq(pairs.key, cdn_str_z(numbers[i].name))) {
                *numbers[i].number = cdn_mm_number(&s, &pairs.value);
            }
        }
        if (cdn_str_eq(pairs.key, CDN_STR("database_type"))) {
            ret->type = cdn_mm_text(&s, &pairs.value);
        } else if (cdn_str_eq(pairs.key, CDN_STR("description"))) {
            ret->description = text_under(&s, &pairs.value, "en");
        }
    }
    return 0;
}

static int read_layout(struct mm *m, const struct metadata *meta, size_t metadata_at) {
    if (meta->major != 2) {
        return cdn_fail(m->e, CORDON_E_VERSION, "a MaxMind DB of another format version than 2");
    }
    if (meta->record_size != 24 && meta->record_size != 28 && meta->record_size != 32) {
        return damaged(m, "its record size is none of 24, 28 and 32");
    }
    if (meta->ip_version != 4 && meta->ip_version != 6) {
        return damaged(m, "its IP version is neither 4 nor 6");
    }
    if (meta->epoch > MM_DATE_MAX) {
        return damaged(m, "its build date is out of range");
    }
    const size_t before = metadata_at - MM_MARKER_SIZE;
    const uint64_t node_bytes = meta->record_size / 4;
    if (meta->node_count == 0 || meta->node_count > MM_NODE_MAX || before < MM_GAP ||
        meta->node_count > (before - MM_GAP) / node_bytes) {
        return damaged(m, "it is too short for its search tree");
    }
    const size_t tree_size = (size_t)(meta->node_count * node_bytes);
    m->tree = (const uint8_t *)m->in->bytes.p;
    for (size_t i = 0; i < MM_GAP; i++) {
        if (m->tree[tree_size + i] != 0) {
            return damaged(m, "its search tree does not end where it should");
        }
    }
    m->node_count = (uint32_t)meta->node_count;
    m->record_bits = (uint32_t)meta->record_size;
    m->v6 = meta->ip_version == 6;
    m->data.p = m->tree + tree_size + MM_GAP;
    m->data.n = before - tree_size - MM_GAP;
    m->root4 = m->v6 ? find_root4(m) : 0;
    m->in->about.date = (int64_t)meta->epoch;
    m->in->about.vendor = meta->description.n > 0 ? meta->description : meta->type;
    return 0;
}

int cdn_read_mmdb(struct cdn_input *in, struct cordon_error *e) {
    struct mm m = {.in = in, .e = e};
    const struct cordon_alloc *const alloc = in->builder->alloc;
    const size_t at = find_metadata(in->bytes);
    if (at == 0) {
        return cdn_fail(e, CORDON_E_FORMAT, "not a MaxMind DB, or cut off: it has no metadata");
    }
    struct metadata meta;
    int err = read_metadata(&m, at, &meta);
    err = err != 0 ? err : read_layout(&m, &meta, at);
    if (err != 0) {
        return err;
    }
    const size_t checked = m.data.n / 8 + 1;
    uint64_t work = MM_WORK * ((uint64_t)m.data.n + 1024);
    m.data.work = &work;
    m.data.checked = cdn_alloc_zero(alloc, checked, 1);
    if (m.data.checked == NULL) {
        return cdn_fail(e, CORDON_E_NOMEM, "no memory");
    }
    err = walk(&m, 0, 0, 0);
    cdn_free(alloc, m.data.checked, checked);
    cdn_free(alloc, m.answers, 2 * m.slots * sizeof *m.answers);
    if (err == 0 && in->answers_seen == 0) {
        err = cdn_fail(e,
                       CORDON_E_TYPE,
                       "a MaxMind DB of type `%.*s` without country, AS number or flags",
                       CDN_FMT(meta.type));
        cdn_error_hint(e, "use one of type Country, City, Enterprise, ASN, ISP or Anonymous-IP");
    }
    return err;
}
