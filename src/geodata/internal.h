/* SPDX-License-Identifier: Apache-2.0 */
/* internal.h: what the files of this room share. A reader turns one input into disjoint ascending ranges of
 * addresses, each with the number of an answer; table.c makes the section of the ranges of all sources. */
#ifndef CDN_GEODATA_INTERNAL_H
#define CDN_GEODATA_INTERNAL_H

#include "geodata/builder.h"

__extension__ typedef unsigned __int128 cdn_u128;

enum { CDN_FAMILY4, CDN_FAMILY6, CDN_FAMILIES };

/* From `first` up to the next run (or the end of the address space) the answer is `answer`. IPv4 addresses
 * are numbers below 2^32. */
struct cdn_run {
    uint64_t hi, lo;
    uint32_t answer;
    uint32_t unused;
};
static inline cdn_u128 cdn_run_first(const struct cdn_run *r) {
    return (cdn_u128)r->hi << 64 | r->lo;
}
static inline cdn_u128 cdn_family_last(int family) {
    return family == CDN_FAMILY4 ? UINT32_MAX : ~(cdn_u128)0;
}

/* Runs of one family. Complete (cdn_runs_finish): the first begins at 0, neighbours differ. */
struct cdn_runs {
    struct cdn_run *p;
    size_t n, cap;
    cdn_u128 next; /* first address that no run covers yet */
    bool full;     /* the last address is covered; `next` has wrapped */
};
/* Ranges must ascend. Answer 0 stands for nothing. CORDON_E_NOMEM, CORDON_E_LIMIT; CORDON_E_INTERNAL when
 * they do not ascend. */
int cdn_runs_add(struct cdn_runs *r,
                 const struct cordon_alloc *alloc,
                 cdn_u128 first,
                 cdn_u128 last,
                 uint32_t answer) CORDON_MUST_CHECK;
int cdn_runs_finish(struct cdn_runs *r, const struct cordon_alloc *alloc, int family) CORDON_MUST_CHECK;
size_t cdn_runs_known(const struct cdn_runs *r); /* runs with an answer */

/* Numbers distinct values of fixed size (at most 16 bytes). Number 0 is the all-zero value. */
struct cdn_intern {
    const struct cordon_alloc *alloc;
    uint8_t *values;
    size_t value_size, count, cap;
    uint32_t *slots;
    size_t slot_count;
};
int cdn_intern_init(struct cdn_intern *in,
                    const struct cordon_alloc *alloc,
                    size_t value_size) CORDON_MUST_CHECK;
void cdn_intern_free(struct cdn_intern *in);
int cdn_intern_put(struct cdn_intern *in, const void *value, uint32_t *ret) CORDON_MUST_CHECK;

/* What the file says about itself, for a configuration that does not. */
struct cdn_about {
    cordon_str vendor, licence; /* borrowed from the input */
    int64_t date;
    uint32_t networks, rejected;
};

/* One source while it is read, and afterwards. */
struct cdn_input {
    struct cdn_geodata_builder *builder;
    cordon_str bytes; /* while it is read */
    struct cdn_runs runs[CDN_FAMILIES];
    struct cdn_about about;
    uint64_t answers_seen; /* that are not all zero */
    enum cdn_ip_source_kind kind;
    cordon_str name, vendor, licence; /* owned by the builder's arena */
    int64_t date;
    uint8_t sha256[32];
};

struct cdn_geodata_builder {
    const struct cordon_alloc *alloc;
    struct cdn_arena arena;    /* text of the sources */
    struct cdn_intern answers; /* struct cdn_ip_answer, of all sources */
    struct cdn_intern regions; /* struct cdn_ip_region_bytes */
    struct cdn_input inputs[CDN_IP_SOURCES];
    uint32_t input_count;
};

/* Number of the answer; `region` ("UA-43", or empty) that is not like ISO 3166-2 is left out. */
int cdn_input_answer(struct cdn_input *in, struct cdn_ip_answer a, cordon_str region, uint32_t *ret)
    CORDON_MUST_CHECK;
/* A range of the 128-bit space in which IPv4 is ::ffff:0:0/96; splits it by family. */
int cdn_input_range_mapped(struct cdn_input *in, cdn_u128 first, cdn_u128 last, uint32_t answer)
    CORDON_MUST_CHECK;
int cdn_input_range(struct cdn_input *in, int family, cdn_u128 first, cdn_u128 last, uint32_t answer)
    CORDON_MUST_CHECK;
/* "UA-43": two letters, a hyphen, 1..3 letters or digits. */
bool cdn_region_valid(cordon_str s);
/* 'U' << 8 | 'A', or 0 when it is not two capital letters. */
uint16_t cdn_country_pack(cordon_str s);

int cdn_read_libloc(struct cdn_input *in, struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_read_mmdb(struct cdn_input *in, struct cordon_error *e) CORDON_MUST_CHECK;
int cdn_read_csv(struct cdn_input *in, struct cordon_error *e) CORDON_MUST_CHECK;

#endif
