/* SPDX-License-Identifier: Apache-2.0 */
/* mmdb_writer.c: a plain writer of MaxMind DB files (see mmdb_writer.h).
 *
 * The tree is an array of nodes with two records each: EMPTY, a node (bit 31), or a data number + 1. A
 * network that is added below a record with data first pushes that data down one level. */
#include "mmdb_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EMPTY 0u
#define NODE 0x80000000u

struct bytes {
    uint8_t *p;
    size_t n, cap;
};

struct mmdb_writer {
    uint32_t (*nodes)[2];
    size_t node_count, node_cap;
    struct mmdb_data *data;
    size_t data_count, data_cap;
    uint32_t *slots; /* hash of data: number + 1 */
    size_t slot_count;
};

static void *grown(void *p, size_t n, size_t *cap, size_t item) {
    if (n < *cap) {
        return p;
    }
    *cap = *cap == 0 ? 1024 : 2 * *cap;
    void *const q = realloc(p, *cap * item);
    if (q == NULL) {
        perror("mmdb_writer");
        exit(2);
    }
    return q;
}

static uint32_t new_node(struct mmdb_writer *w, uint32_t both) {
    w->nodes = grown(w->nodes, w->node_count, &w->node_cap, sizeof *w->nodes);
    w->nodes[w->node_count][0] = both;
    w->nodes[w->node_count][1] = both;
    return (uint32_t)w->node_count++;
}

struct mmdb_writer *mmdb_writer_new(void) {
    struct mmdb_writer *const w = calloc(1, sizeof *w);
    if (w == NULL) {
        perror("mmdb_writer");
        exit(2);
    }
    new_node(w, EMPTY);
    w->slot_count = (size_t)1 << 21;
    w->slots = calloc(w->slot_count, sizeof *w->slots);
    if (w->slots == NULL) {
        perror("mmdb_writer");
        exit(2);
    }
    return w;
}

void mmdb_writer_free(struct mmdb_writer *w) {
    free(w->nodes);
    free(w->data);
    free(w->slots);
    free(w);
}

uint32_t mmdb_writer_data(struct mmdb_writer *w, const struct mmdb_data *data) {
    struct mmdb_data d;
    memset(&d, 0, sizeof d);
    memcpy(d.country, data->country, sizeof d.country);
    memcpy(d.subdivision, data->subdivision, sizeof d.subdivision);
    d.asn = data->asn;
    d.accuracy_km = data->accuracy_km;
    d.anonymous = data->anonymous;
    d.satellite = data->satellite;
    d.anycast = data->anycast;
    d.hosting = data->hosting;
    uint64_t hash = 14695981039346656037u;
    const uint8_t *const p = (const uint8_t *)&d;
    for (size_t i = 0; i < sizeof d; i++) {
        hash = (hash ^ p[i]) * 1099511628211u;
    }
    size_t slot = (size_t)hash & (w->slot_count - 1);
    while (w->slots[slot] != 0) {
        if (memcmp(&w->data[w->slots[slot] - 1], &d, sizeof d) == 0) {
            return w->slots[slot] - 1;
        }
        slot = (slot + 1) & (w->slot_count - 1);
    }
    w->data = grown(w->data, w->data_count, &w->data_cap, sizeof *w->data);
    w->data[w->data_count] = d;
    w->slots[slot] = (uint32_t)++w->data_count;
    return (uint32_t)w->data_count - 1;
}

static unsigned bit_of(const uint8_t addr[16], unsigned i) {
    const unsigned byte = addr[i / 8];
    return byte >> (7 - i % 8) & 1u;
}

/* The node that stands for the first `length` bits, made where it is missing. */
static uint32_t node_at(struct mmdb_writer *w, const uint8_t addr[16], unsigned length) {
    uint32_t node = 0;
    for (unsigned i = 0; i < length; i++) {
        const unsigned bit = bit_of(addr, i);
        const uint32_t record = w->nodes[node][bit];
        uint32_t next;
        if ((record & NODE) != 0) {
            next = record & ~NODE;
        } else {
            next = new_node(w, record);
            w->nodes[node][bit] = NODE | next;
        }
        node = next;
    }
    return node;
}

void mmdb_writer_add(struct mmdb_writer *w, const uint8_t addr[16], unsigned length, uint32_t data) {
    const uint32_t node = node_at(w, addr, length - 1);
    w->nodes[node][bit_of(addr, length - 1)] = data + 1;
}

/* Replaces nodes with two equal records of data (or nothing) by that record. */
static uint32_t pruned(struct mmdb_writer *w, uint32_t record) {
    if ((record & NODE) == 0) {
        return record;
    }
    const uint32_t node = record & ~NODE;
    const uint32_t zero = pruned(w, w->nodes[node][0]);
    const uint32_t one = pruned(w, w->nodes[node][1]);
    w->nodes[node][0] = zero;
    w->nodes[node][1] = one;
    return zero == one && (zero & NODE) == 0 ? zero : record;
}

/* ---- bytes ----------------------------------------------------------------------------------------------
 */

static void put(struct bytes *b, const void *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        b->p = grown(b->p, b->n, &b->cap, 1);
        b->p[b->n++] = ((const uint8_t *)p)[i];
    }
}

static void put_byte(struct bytes *b, unsigned v) {
    const uint8_t byte = (uint8_t)v;
    put(b, &byte, 1);
}

static void put_text(struct bytes *b, const char *s) {
    put_byte(b, 2u << 5 | (unsigned)strlen(s)); /* shorter than 29 */
    put(b, s, strlen(s));
}

static void put_map(struct bytes *b, unsigned pairs) {
    put_byte(b, 7u << 5 | pairs);
}

static void put_number(struct bytes *b, unsigned type, uint64_t v, unsigned size) {
    put_byte(b, type < 8 ? type << 5 | size : size);
    if (type >= 8) {
        put_byte(b, type - 7);
    }
    for (unsigned i = size; i > 0; i--) {
        put_byte(b, (unsigned)(v >> (8 * (i - 1)) & 0xff));
    }
}

static void put_true(struct bytes *b, const char *key) {
    put_text(b, key);
    put_byte(b, 1);
    put_byte(b, 14 - 7);
}

static void put_record(struct bytes *b, const struct mmdb_data *d) {
    const unsigned traits = (unsigned)d->anonymous + d->satellite + d->anycast + d->hosting;
    put_map(b,
            (unsigned)(d->country[0] != 0) + (d->subdivision[0] != 0) + (d->asn != 0) +
                (d->accuracy_km != 0) + (traits != 0));
    if (d->country[0] != 0) {
        put_text(b, "country");
        put_map(b, 1);
        put_text(b, "iso_code");
        put_text(b, d->country);
    }
    if (d->subdivision[0] != 0) {
        put_text(b, "subdivisions");
        put_byte(b, 1);
        put_byte(b, 11 - 7);
        put_map(b, 1);
        put_text(b, "iso_code");
        put_text(b, d->subdivision);
    }
    if (d->asn != 0) {
        put_text(b, "autonomous_system_number");
        put_number(b, 6, d->asn, 4);
    }
    if (d->accuracy_km != 0) {
        put_text(b, "location");
        put_map(b, 1);
        put_text(b, "accuracy_radius");
        put_number(b, 5, d->accuracy_km, 2);
    }
    if (traits != 0) {
        static const char *const names[] = {
            "is_anonymous", "is_satellite_provider", "is_anycast", "is_hosting_provider"};
        const uint8_t set[] = {d->anonymous, d->satellite, d->anycast, d->hosting};
        put_text(b, "traits");
        put_map(b, traits);
        for (size_t i = 0; i < 4; i++) {
            if (set[i] != 0) {
                put_true(b, names[i]);
            }
        }
    }
}

/* Numbers the nodes that are reached, in the order of a walk. */
static void number(const struct mmdb_writer *w, uint32_t node, uint32_t *numbers, uint32_t *next) {
    if (numbers[node] != 0) {
        return; /* by an alias */
    }
    numbers[node] = ++*next;
    for (unsigned bit = 0; bit < 2; bit++) {
        if ((w->nodes[node][bit] & NODE) != 0) {
            number(w, w->nodes[node][bit] & ~NODE, numbers, next);
        }
    }
}

static void put_node(struct bytes *b, const uint32_t v[2], unsigned bits) {
    if (bits == 24) {
        const uint32_t both[] = {v[0] << 8 | v[1] >> 16, v[1] & 0xffff};
        put_byte(b, both[0] >> 24);
        put_byte(b, both[0] >> 16 & 0xff);
        put_byte(b, both[0] >> 8 & 0xff);
        put_byte(b, both[0] & 0xff);
        put_byte(b, both[1] >> 8);
        put_byte(b, both[1] & 0xff);
        return;
    }
    for (unsigned bit = 0; bit < 2; bit++) {
        const unsigned top = bits == 28 ? (v[0] >> 24) << 4 | v[1] >> 24 : v[bit] >> 24;
        if (bits == 32 || bit == 1) {
            put_byte(b, top);
        }
        put_byte(b, v[bit] >> 16 & 0xff);
        put_byte(b, v[bit] >> 8 & 0xff);
        put_byte(b, v[bit] & 0xff);
    }
}

static void put_metadata(struct bytes *b, uint32_t node_count, unsigned record_bits) {
    put(b, "\xab\xcd\xefMaxMind.com", 14);
    put_map(b, 9);
    put_text(b, "binary_format_major_version");
    put_number(b, 5, 2, 2);
    put_text(b, "binary_format_minor_version");
    put_number(b, 5, 0, 2);
    put_text(b, "build_epoch");
    put_number(b, 9, 1667023194, 8);
    put_text(b, "database_type");
    put_text(b, "Cordon-Test");
    put_text(b, "description");
    put_map(b, 1);
    put_text(b, "en");
    put_text(b, "written by a test");
    put_text(b, "ip_version");
    put_number(b, 5, 6, 2);
    put_text(b, "languages");
    put_byte(b, 1);
    put_byte(b, 11 - 7);
    put_text(b, "en");
    put_text(b, "node_count");
    put_number(b, 6, node_count, 4);
    put_text(b, "record_size");
    put_number(b, 5, record_bits, 2);
}

static void put_tree(struct bytes *out,
                     const struct mmdb_writer *w,
                     const uint32_t *order,
                     const uint32_t *numbers,
                     uint32_t count,
                     const uint32_t *offsets,
                     unsigned record_bits) {
    for (uint32_t i = 0; i < count; i++) {
        uint32_t v[2];
        for (unsigned bit = 0; bit < 2; bit++) {
            const uint32_t record = w->nodes[order[i]][bit];
            v[bit] = record == EMPTY        ? count
                     : (record & NODE) != 0 ? numbers[record & ~NODE] - 1
                                            : count + 16 + offsets[record - 1];
        }
        put_node(out, v, record_bits);
    }
}

uint8_t *mmdb_writer_finish(struct mmdb_writer *w, unsigned record_bits, int alias, size_t *ret_size) {
    uint8_t addr[16] = {0};
    (void)pruned(w, NODE);
    const uint32_t root = node_at(w, addr, 96);
    if (alias) {
        addr[10] = 0xff;
        addr[11] = 0xff;
        w->nodes[node_at(w, addr, 95)][1] = NODE | root;
        const uint8_t six_to_four[16] = {0x20, 0x02};
        w->nodes[node_at(w, six_to_four, 15)][0] = NODE | root;
    }
    uint32_t *const numbers = calloc(w->node_count, sizeof *numbers);
    uint32_t *const order = calloc(w->node_count, sizeof *order);
    uint32_t *const offsets = calloc(w->data_count + 1, sizeof *offsets);
    if (numbers == NULL || order == NULL || offsets == NULL) {
        perror("mmdb_writer");
        exit(2);
    }
    uint32_t count = 0;
    number(w, 0, numbers, &count);
    for (size_t i = 0; i < w->node_count; i++) {
        if (numbers[i] != 0) {
            order[numbers[i] - 1] = (uint32_t)i;
        }
    }
    struct bytes data = {NULL, 0, 0};
    for (size_t i = 0; i < w->data_count; i++) {
        offsets[i] = (uint32_t)data.n;
        put_record(&data, &w->data[i]);
    }
    struct bytes out = {NULL, 0, 0};
    put_tree(&out, w, order, numbers, count, offsets, record_bits);
    static const uint8_t gap[16];
    put(&out, gap, sizeof gap);
    put(&out, data.p, data.n);
    put_metadata(&out, count, record_bits);
    free(data.p);
    free(numbers);
    free(order);
    free(offsets);
    *ret_size = out.n;
    return out.p;
}
