/* SPDX-License-Identifier: Apache-2.0 */
/* builder.c: the list of sources, the reading of their files, and what all readers share.
 *
 * 1. A source joins the builder only when it was read completely: of a failed one nothing stays but answers
 * and regions that nothing refers to.
 * 2. Everything that reaches the section comes from the inputs and the configuration: no clock, no path. */
#include "geodata/builder.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include <openssl/evp.h>

#include "geodata/internal.h"
#include "places/ip_format.h"

int cdn_geodata_builder_new(const struct cordon_alloc *alloc,
                            struct cdn_geodata_builder **ret,
                            struct cordon_error *e) {
    struct cdn_geodata_builder *const b = cdn_alloc_zero(alloc, 1, sizeof *b);
    if (b == NULL) {
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for IP data");
    }
    b->alloc = alloc;
    cdn_arena_init(&b->arena, alloc, 0);
    int err = cdn_intern_init(&b->answers, alloc, sizeof(struct cdn_ip_answer));
    if (err == 0) {
        err = cdn_intern_init(&b->regions, alloc, sizeof(struct cdn_ip_region_bytes));
    }
    if (err != 0) {
        cdn_geodata_builder_free(b);
        return cdn_fail(e, err, "no memory for IP data");
    }
    *ret = b;
    return 0;
}

static void input_free(struct cdn_input *in, const struct cordon_alloc *alloc) {
    for (int f = 0; f < CDN_FAMILIES; f++) {
        cdn_free(alloc, in->runs[f].p, in->runs[f].cap * sizeof *in->runs[f].p);
    }
}

void cdn_geodata_builder_free(struct cdn_geodata_builder *b) {
    if (b == NULL) {
        return;
    }
    for (uint32_t i = 0; i < b->input_count; i++) {
        input_free(&b->inputs[i], b->alloc);
    }
    cdn_intern_free(&b->answers);
    cdn_intern_free(&b->regions);
    cdn_arena_free(&b->arena);
    cdn_free(b->alloc, b, sizeof *b);
}

/* ---- for the readers ------------------------------------------------------------------------------------
 */

static bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

uint16_t cdn_country_pack(cordon_str s) {
    return s.n == 2 && is_upper(s.p[0]) && is_upper(s.p[1]) ? CDN_COUNTRY(s.p[0], s.p[1]) : 0;
}

bool cdn_region_valid(cordon_str s) {
    if (s.n < 4 || s.n > 6 || !is_upper(s.p[0]) || !is_upper(s.p[1]) || s.p[2] != '-') {
        return false;
    }
    for (size_t i = 3; i < s.n; i++) {
        if (!is_upper(s.p[i]) && (s.p[i] < '0' || s.p[i] > '9')) {
            return false;
        }
    }
    return true;
}

int cdn_input_answer(struct cdn_input *in, struct cdn_ip_answer a, cordon_str region, uint32_t *ret) {
    if (cdn_region_valid(region)) {
        struct cdn_ip_region_bytes code = {{0}};
        memcpy(code.code, region.p, region.n);
        uint32_t number;
        const int err = cdn_intern_put(&in->builder->regions, &code, &number);
        if (err != 0) {
            return err;
        }
        if (number >= UINT16_MAX) {
            return CORDON_E_LIMIT;
        }
        a.region = (uint16_t)number;
    }
    return cdn_intern_put(&in->builder->answers, &a, ret);
}

int cdn_input_range(struct cdn_input *in, int family, cdn_u128 first, cdn_u128 last, uint32_t answer) {
    in->answers_seen += answer != 0;
    return cdn_runs_add(&in->runs[family], in->builder->alloc, first, last, answer);
}

int cdn_input_range_mapped(struct cdn_input *in, cdn_u128 first, cdn_u128 last, uint32_t answer) {
    const cdn_u128 mapped = (cdn_u128)0xffff << 32;
    const cdn_u128 mapped_last = mapped | UINT32_MAX;
    if (last < mapped || first > mapped_last) {
        return cdn_input_range(in, CDN_FAMILY6, first, last, answer);
    }
    int err = 0;
    if (first < mapped) {
        err = cdn_input_range(in, CDN_FAMILY6, first, mapped - 1, answer);
    }
    if (err == 0) {
        err = cdn_input_range(
            in, CDN_FAMILY4, (uint32_t)CDN_MAX(first, mapped), (uint32_t)CDN_MIN(last, mapped_last), answer);
    }
    if (err == 0 && last > mapped_last) {
        err = cdn_input_range(in, CDN_FAMILY6, mapped_last + 1, last, answer);
    }
    return err;
}

/* ---- adding ---------------------------------------------------------------------------------------------
 */

static int check_source(const struct cdn_geodata_builder *b,
                        const struct cdn_geodata_source *s,
                        struct cordon_error *e) {
    if (b->input_count == CDN_IP_SOURCES) {
        return cdn_fail(e, CORDON_E_LIMIT, "more than %d sources of IP data", CDN_IP_SOURCES);
    }
    if (s->name.n == 0 || !cdn_utf8_valid(s->name) || !cdn_utf8_valid(s->vendor) ||
        !cdn_utf8_valid(s->licence)) {
        return cdn_fail(
            e, CORDON_E_ARG, "a source of IP data needs a name, in UTF-8 as vendor and licence are");
    }
    for (uint32_t i = 0; i < b->input_count; i++) {
        if (cdn_str_eq(b->inputs[i].name, s->name)) {
            return cdn_fail(
                e, CORDON_E_CONFLICT, "there are two sources of IP data named `%.*s`", CDN_FMT(s->name));
        }
    }
    return 0;
}

static int read_kind(struct cdn_input *in, struct cordon_error *e) {
    switch (in->kind) {
    case CDN_IP_KIND_LIBLOC:
        return cdn_read_libloc(in, e);
    case CDN_IP_KIND_MMDB:
        return cdn_read_mmdb(in, e);
    case CDN_IP_KIND_CSV:
    case CDN_IP_KIND_GEOFEED:
        return cdn_read_csv(in, e);
    }
    return cdn_fail(e, CORDON_E_ARG, "no kind %d of IP data", (int)in->kind);
}

static cordon_str either(cordon_str configured, cordon_str from_file) {
    return configured.n > 0 ? configured : cdn_utf8_valid(from_file) ? from_file : cdn_str(NULL, 0);
}

/* Takes over what the file or the configuration says, after a successful read. */
static int complete(struct cdn_input *in, const struct cdn_geodata_source *s, struct cordon_error *e) {
    for (int f = 0; f < CDN_FAMILIES; f++) {
        const int err = cdn_runs_finish(&in->runs[f], in->builder->alloc, f);
        if (err != 0) {
            return cdn_fail(e, err, "no memory for IP data");
        }
    }
    if (in->answers_seen == 0) {
        return cdn_fail(e, CORDON_E_TYPE, "it says nothing about any address");
    }
    in->date = s->date != 0 ? s->date : in->about.date;
    if (in->date == 0) {
        cdn_fail(e, CORDON_E_ARG, "the data of source `%.*s` has no date", CDN_FMT(s->name));
        cdn_error_hint(
            e,
            in->kind == CDN_IP_KIND_CSV || in->kind == CDN_IP_KIND_GEOFEED
                ? "state it in a line of the file: `# date: 2026-08-01`; an answer without age is no "
                  "evidence"
                : "an answer without age is no evidence");
        return CORDON_E_ARG;
    }
    struct cdn_arena *const arena = &in->builder->arena;
    int err = cdn_arena_str(arena, s->name, &in->name);
    if (err == 0) {
        err = cdn_arena_str(arena, either(s->vendor, in->about.vendor), &in->vendor);
    }
    if (err == 0) {
        err = cdn_arena_str(arena, either(s->licence, in->about.licence), &in->licence);
    }
    unsigned n = sizeof in->sha256;
    if (err == 0 && EVP_Digest(in->bytes.p, in->bytes.n, in->sha256, &n, EVP_sha256(), NULL) != 1) {
        err = CORDON_E_NOMEM;
    }
    return err == 0 ? 0 : cdn_fail(e, err, "no memory for IP data");
}

int cdn_geodata_add_bytes(struct cdn_geodata_builder *b,
                          enum cdn_ip_source_kind kind,
                          const struct cdn_geodata_source *source,
                          cordon_str bytes,
                          cordon_str where,
                          struct cordon_error *e) {
    int err = check_source(b, source, e);
    if (err != 0) {
        return err;
    }
    struct cdn_input *const in = &b->inputs[b->input_count];
    *in = (struct cdn_input){.builder = b, .bytes = bytes, .kind = kind};
    err = bytes.n > CDN_MAX_GEODATA_FILE
              ? cdn_fail(e, CORDON_E_LIMIT, "larger than %zu bytes", CDN_MAX_GEODATA_FILE)
              : read_kind(in, e);
    if (err == 0) {
        err = complete(in, source, e);
    }
    in->bytes = cdn_str(NULL, 0);
    if (err != 0) {
        input_free(in, b->alloc);
        *in = (struct cdn_input){0};
        cdn_error_where(e, where, e != NULL ? e->line : 0, e != NULL ? e->column : 0);
        return err;
    }
    b->input_count++;
    return 0;
}

/* The whole file, to be released with cdn_free(alloc, p, *ret_n). */
static int slurp(
    const struct cordon_alloc *alloc, const char *path, char **ret, size_t *ret_n, struct cordon_error *e) {
    FILE *const f = fopen(path, "rbe");
    struct stat st;
    if (f == NULL || fstat(fileno(f), &st) != 0) {
        const int why = errno;
        if (f != NULL) {
            fclose(f);
        }
        cdn_fail(e, CORDON_E_IO, "cannot be opened: %s", strerrordesc_np(why));
        if (e != NULL) {
            e->system = why;
        }
        return CORDON_E_IO;
    }
    int err = 0;
    char *p = NULL;
    const size_t n = (size_t)st.st_size;
    if (!S_ISREG(st.st_mode) || st.st_size <= 0) {
        err = cdn_fail(e, CORDON_E_FORMAT, "not a file with content");
    } else if (n > CDN_MAX_GEODATA_FILE) {
        err = cdn_fail(e, CORDON_E_LIMIT, "larger than %zu bytes", CDN_MAX_GEODATA_FILE);
    } else if ((p = cdn_alloc(alloc, n)) == NULL) {
        err = cdn_fail(e, CORDON_E_NOMEM, "no memory for %zu bytes", n);
    } else if (fread(p, 1, n, f) != n) {
        err = cdn_fail(e, CORDON_E_IO, "cannot be read completely");
        cdn_free(alloc, p, n);
    }
    fclose(f);
    if (err == 0) {
        *ret = p;
        *ret_n = n;
    }
    return err;
}

int cdn_geodata_add_file(struct cdn_geodata_builder *b,
                         enum cdn_ip_source_kind kind,
                         const struct cdn_geodata_source *source,
                         const char *path,
                         struct cordon_error *e) {
    char *p;
    size_t n;
    const cordon_str where = cdn_str_z(path);
    int err = slurp(b->alloc, path, &p, &n, e);
    if (err != 0) {
        cdn_error_where(e, where, 0, 0);
        return err;
    }
    err = cdn_geodata_add_bytes(b, kind, source, cdn_str(p, n), where, e);
    cdn_free(b->alloc, p, n);
    return err;
}
