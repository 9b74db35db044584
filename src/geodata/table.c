/* SPDX-License-Identifier: Apache-2.0 */
/* table.c: the ranges of all sources → the IP section (format: places/ip.c).
 *
 * 1. One pass over all sources at once cuts the address space where any of them changes; each piece has one
 *    answer per source. Distinct combinations are the records, numbered as they come, so that the same inputs
 *    give the same bytes.
 * 2. The tree is built level by level: a job is a part of the address space that has more than one record.
 * Each slot of its node is either one record or, being mixed itself, a job of the next level. Nodes are
 * thereby sorted by level, and the number of a child is known before it is built. */
#include "geodata/internal.h"
#include "places/ip_format.h"

/* A part of the address space that begins at `first`; `run` is the piece that covers its beginning. */
struct job {
    uint64_t hi, lo;
    size_t run;
};

struct jobs {
    struct job *p;
    size_t n, cap;
};

struct table {
    const struct cdn_geodata_builder *b;
    const struct cordon_alloc *alloc;
    struct cdn_intern records; /* cdn_ip_answer numbers, one per source */
    struct cdn_runs pieces;    /* of the family in work; .answer is a record */
    struct jobs now, next;
    struct cdn_ip_node *nodes;
    size_t node_count, node_cap;
    uint32_t *leaves;
    size_t leaf_count, leaf_cap;
    uint32_t *top[CDN_FAMILIES];
    uint32_t level_first[CDN_IP_LEVELS];
};

/* ---- pieces ---------------------------------------------------------------------------------------------
 */

/* Where the run after p[at] begins, or one past the family's last address (0 when that wraps). */
static bool next_start(const struct cdn_runs *r, size_t at, cdn_u128 *ret) {
    if (at + 1 >= r->n) {
        return false;
    }
    *ret = cdn_run_first(&r->p[at + 1]);
    return true;
}

static int cut(struct table *t, int family) {
    size_t at[CDN_IP_SOURCES] = {0};
    cdn_u128 from = 0;
    bool more = true;
    while (more) {
        uint32_t numbers[CDN_IP_SOURCES] = {0};
        cdn_u128 end = 0;
        more = false;
        for (uint32_t i = 0; i < t->b->input_count; i++) {
            const struct cdn_runs *const r = &t->b->inputs[i].runs[family];
            cdn_u128 start;
            numbers[i] = r->n > 0 ? r->p[at[i]].answer : 0;
            if (next_start(r, at[i], &start) && (!more || start < end)) {
                end = start;
                more = true;
            }
        }
        uint32_t record;
        int err = cdn_intern_put(&t->records, numbers, &record);
        if (err == 0) {
            err = cdn_runs_add(&t->pieces, t->alloc, from, more ? end - 1 : cdn_family_last(family), record);
        }
        if (err != 0) {
            return err;
        }
        for (uint32_t i = 0; i < t->b->input_count && more; i++) {
            cdn_u128 start;
            at[i] += next_start(&t->b->inputs[i].runs[family], at[i], &start) && start == end;
        }
        from = end;
    }
    return cdn_runs_finish(&t->pieces, t->alloc, family);
}

/* ---- tree -----------------------------------------------------------------------------------------------
 */

static int push_job(struct table *t, cdn_u128 first, size_t run) {
    void *items = t->next.p;
    const int err = cdn_grow(t->alloc, &items, &t->next.cap, t->next.n + 1, sizeof *t->next.p);
    t->next.p = items;
    if (err == 0) {
        t->next.p[t->next.n++] = (struct job){(uint64_t)(first >> 64), (uint64_t)first, run};
    }
    return err;
}

/* The leaf for the addresses first..last; *run moves on to the piece that covers last + 1. `below` is the
 * number that the first node of the next level will have. */
static int make_leaf(
    struct table *t, cdn_u128 first, cdn_u128 last, size_t below, size_t *run, uint32_t *ret) {
    const struct cdn_runs *const r = &t->pieces;
    const size_t start = *run;
    while (*run + 1 < r->n && cdn_run_first(&r->p[*run + 1]) <= last) {
        ++*run;
    }
    const bool mixed = *run != start;
    if (mixed) {
        *ret = CDN_IP_NODE | (uint32_t)(below + t->next.n);
        const int err = push_job(t, first, start);
        if (err != 0) {
            return err;
        }
    } else {
        *ret = r->p[start].answer;
    }
    if (*run + 1 < r->n && cdn_run_first(&r->p[*run + 1]) == last + 1) {
        ++*run;
    }
    return 0;
}

static int make_top(struct table *t, int family) {
    const unsigned shift = family == CDN_FAMILY4 ? 16 : 112;
    t->top[family] = cdn_alloc(t->alloc, CDN_IP_TOP * sizeof *t->top[family]);
    if (t->top[family] == NULL) {
        return CORDON_E_NOMEM;
    }
    size_t run = 0;
    for (uint32_t slot = 0; slot < CDN_IP_TOP; slot++) {
        const cdn_u128 first = (cdn_u128)slot << shift;
        const cdn_u128 last = first + (((cdn_u128)1 << shift) - 1);
        const int err = make_leaf(t, first, last, t->node_count, &run, &t->top[family][slot]);
        if (err != 0) {
            return err;
        }
    }
    return 0;
}

static int store_node(struct table *t, const uint32_t slots[256]) {
    struct cdn_ip_node node = {.base = CDN_IP_BASE_INLINE};
    uint32_t run[256];
    size_t runs = 0;
    for (size_t s = 0; s < 256; s++) {
        if (s % 64 == 0) {
            node.rank[s / 64] = (uint8_t)runs;
        }
        if (s == 0 || slots[s] != slots[s - 1]) {
            node.starts[s / 64] |= UINT64_C(1) << (s % 64);
            run[runs++] = slots[s];
        }
    }
    void *items = t->leaves;
    int err = cdn_grow(t->alloc, &items, &t->leaf_cap, t->leaf_count + runs, sizeof *t->leaves);
    t->leaves = items;
    if (err != 0) {
        return err;
    }
    if (runs <= CDN_IP_INLINE) {
        memcpy(node.leaf, run, runs * sizeof *run);
    } else {
        node.base = (uint32_t)t->leaf_count;
        memcpy(t->leaves + t->leaf_count, run, runs * sizeof *run);
        t->leaf_count += runs;
    }
    items = t->nodes;
    err = cdn_grow(t->alloc, &items, &t->node_cap, t->node_count + 1, sizeof *t->nodes);
    t->nodes = items;
    if (err == 0) {
        t->nodes[t->node_count++] = node;
    }
    return err;
}

/* All nodes of one level; `shift` bits stay for the levels below. */
static int make_level(struct table *t, unsigned shift) {
    const size_t below = t->node_count + t->now.n;
    for (size_t j = 0; j < t->now.n; j++) {
        const cdn_u128 base = (cdn_u128)t->now.p[j].hi << 64 | t->now.p[j].lo;
        size_t run = t->now.p[j].run;
        uint32_t slots[256];
        for (uint32_t s = 0; s < 256; s++) {
            const cdn_u128 first = base + ((cdn_u128)s << shift);
            const cdn_u128 last = first + (((cdn_u128)1 << shift) - 1);
            const int err = make_leaf(t, first, last, below, &run, &slots[s]);
            if (err != 0) {
                return err;
            }
        }
        const int err = store_node(t, slots);
        if (err != 0) {
            return err;
        }
    }
    return 0;
}

static int make_family(struct table *t, int family) {
    const unsigned levels = family == CDN_FAMILY4 ? CDN_IP_LEVELS4 : CDN_IP_LEVELS6;
    uint32_t *const first = t->level_first + (family == CDN_FAMILY4 ? 0 : CDN_IP_LEVELS4);
    t->pieces.n = 0;
    t->pieces.next = 0;
    t->pieces.full = false;
    t->next.n = 0;
    int err = cut(t, family);
    if (err == 0) {
        err = make_top(t, family);
    }
    for (unsigned level = 0; level < levels && err == 0; level++) {
        const struct jobs done = t->now;
        t->now = t->next;
        t->next = done;
        t->next.n = 0;
        first[level] = (uint32_t)t->node_count;
        err = make_level(t, 8 * (levels - 1 - level));
    }
    return err;
}

/* ---- bytes ----------------------------------------------------------------------------------------------
 */

static struct cdn_ip_part begin_part(struct cdn_buf *out, size_t start, size_t count) {
    cdn_buf_align(out, CDN_IP_ALIGN);
    return (struct cdn_ip_part){(uint32_t)(out->n - start), (uint32_t)count};
}

static struct cdn_ip_part put_text(struct cdn_buf *text, cordon_str s) {
    const struct cdn_ip_part part = {(uint32_t)text->n, (uint32_t)s.n};
    cdn_buf_str(text, s);
    return part;
}

static void describe_sources(const struct table *t, struct cdn_ip_source_bytes ret[], struct cdn_buf *text) {
    for (uint32_t i = 0; i < t->b->input_count; i++) {
        const struct cdn_input *const in = &t->b->inputs[i];
        ret[i] = (struct cdn_ip_source_bytes){
            .date = in->date,
            .name = put_text(text, in->name),
            .vendor = put_text(text, in->vendor),
            .licence = put_text(text, in->licence),
            .networks = in->about.networks,
            .ranges4 = (uint32_t)cdn_runs_known(&in->runs[CDN_FAMILY4]),
            .ranges6 = (uint32_t)cdn_runs_known(&in->runs[CDN_FAMILY6]),
            .rejected = in->about.rejected,
            .kind = (uint32_t)in->kind,
        };
        memcpy(ret[i].sha256, in->sha256, sizeof ret[i].sha256);
    }
}

static void put_answers(const struct table *t, struct cdn_buf *out) {
    const struct cdn_ip_answer *const answers = (const void *)t->b->answers.values;
    const uint32_t *const numbers = (const void *)t->records.values;
    for (size_t r = 0; r < t->records.count; r++) {
        for (uint32_t i = 0; i < t->b->input_count; i++) {
            cdn_buf_put(out, &answers[numbers[r * CDN_IP_SOURCES + i]], sizeof *answers);
        }
    }
}

static void put_section(const struct table *t, struct cdn_buf *out, struct cdn_buf *text) {
    const size_t start = out->n;
    struct cdn_ip_source_bytes sources[CDN_IP_SOURCES];
    describe_sources(t, sources, text);
    if (text->err != 0) {
        return;
    }
    struct cdn_ip_header h = {.magic = CDN_IP_MAGIC,
                              .version = CDN_IP_VERSION,
                              .source_count = t->b->input_count,
                              .record_count = (uint32_t)t->records.count};
    memcpy(h.level_first, t->level_first, sizeof h.level_first);
    cdn_buf_zero(out, sizeof h);
    h.sources = begin_part(out, start, t->b->input_count);
    cdn_buf_put(out, sources, t->b->input_count * sizeof *sources);
    h.regions = begin_part(out, start, t->b->regions.count);
    cdn_buf_put(out, t->b->regions.values, t->b->regions.count * sizeof(struct cdn_ip_region_bytes));
    h.answers = begin_part(out, start, t->records.count * t->b->input_count);
    put_answers(t, out);
    h.text = begin_part(out, start, text->n);
    cdn_buf_put(out, text->p, text->n);
    h.top4 = begin_part(out, start, CDN_IP_TOP);
    cdn_buf_put(out, t->top[CDN_FAMILY4], CDN_IP_TOP * sizeof(uint32_t));
    h.top6 = begin_part(out, start, CDN_IP_TOP);
    cdn_buf_put(out, t->top[CDN_FAMILY6], CDN_IP_TOP * sizeof(uint32_t));
    h.nodes = begin_part(out, start, t->node_count);
    cdn_buf_put(out, t->nodes, t->node_count * sizeof *t->nodes);
    h.leaves = begin_part(out, start, t->leaf_count);
    cdn_buf_put(out, t->leaves, t->leaf_count * sizeof *t->leaves);
    cdn_buf_align(out, CDN_IP_ALIGN);
    h.size = (uint32_t)(out->n - start);
    if (out->err == 0) {
        memcpy(out->p + start, &h, sizeof h);
    }
}

static void free_table(struct table *t) {
    cdn_intern_free(&t->records);
    cdn_free(t->alloc, t->pieces.p, t->pieces.cap * sizeof *t->pieces.p);
    cdn_free(t->alloc, t->now.p, t->now.cap * sizeof *t->now.p);
    cdn_free(t->alloc, t->next.p, t->next.cap * sizeof *t->next.p);
    cdn_free(t->alloc, t->nodes, t->node_cap * sizeof *t->nodes);
    cdn_free(t->alloc, t->leaves, t->leaf_cap * sizeof *t->leaves);
    cdn_free(t->alloc, t->top[CDN_FAMILY4], CDN_IP_TOP * sizeof(uint32_t));
    cdn_free(t->alloc, t->top[CDN_FAMILY6], CDN_IP_TOP * sizeof(uint32_t));
}

int cdn_geodata_finish(const struct cdn_geodata_builder *b, struct cdn_buf *ret, struct cordon_error *e) {
    if (b->input_count == 0) {
        return cdn_fail(e, CORDON_E_STATE, "IP data without a source");
    }
    if (ret->n % CDN_IP_ALIGN != 0) {
        return cdn_fail(e, CORDON_E_ARG, "an IP section must begin at a multiple of %d", CDN_IP_ALIGN);
    }
    struct table t = {.b = b, .alloc = b->alloc};
    int err = cdn_intern_init(&t.records, b->alloc, CDN_IP_SOURCES * sizeof(uint32_t));
    for (int family = 0; family < CDN_FAMILIES && err == 0; family++) {
        err = make_family(&t, family);
    }
    struct cdn_buf text;
    cdn_buf_init(&text, b->alloc, CDN_MAX_SNAPSHOT_SECTION);
    if (err == 0) {
        put_section(&t, ret, &text);
        err = text.err != 0 ? text.err : ret->err;
    }
    cdn_buf_free(&text);
    free_table(&t);
    return err == 0 ? 0 : cdn_fail(e, err, "the IP data does not fit into memory or a section");
}
