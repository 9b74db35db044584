/* SPDX-License-Identifier: Apache-2.0 */
/* test_formats.c: one small invented file of each format (tests/data/lists), and what its reader makes of it.
 * The expected canonical forms stand beside the files and were read by a person before they were committed.
 */
#include "lists/read.h"
#include "support/fault.h"
#include "support/shared.h"

#include <stdio.h>
#include <stdlib.h>

#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

struct fixture {
    const char *files[4]; /* under tests/data/lists/ */
    const char *expected;
    enum cdn_list_format format;
    const char *unknown; /* the field that is in the file to be reported; NULL: none */
};
static const struct fixture fixtures[] = {
    {{"ofac_sdn.csv", "ofac_alt.csv", "ofac_add.csv", "ofac_comments.csv"},
     "ofac_flat.expected",
     CDN_LIST_OFAC_FLAT,
     NULL},
    {{"ofac.xml"}, "ofac.xml.expected", CDN_LIST_OFAC_XML, "sdnList/sdnEntry/addressList/address/planet"},
    {{"ofac_enhanced.xml"}, "ofac_enhanced.xml.expected", CDN_LIST_OFAC_ENHANCED, NULL},
    {{"ofac_advanced.xml"}, "ofac_advanced.xml.expected", CDN_LIST_OFAC_ADVANCED, NULL},
    {{"eu.xml"}, "eu.xml.expected", CDN_LIST_EU_XML, "export/sanctionEntity/nameAlias@shoeSize"},
    {{"eu.csv"}, "eu.csv.expected", CDN_LIST_EU_CSV, "New_Column"},
    {{"un.xml"},
     "un.xml.expected",
     CDN_LIST_UN_XML,
     "CONSOLIDATED_LIST/INDIVIDUALS/INDIVIDUAL/FAVOURITE_COLOUR"},
    {{"uk.xml"}, "uk.xml.expected", CDN_LIST_UK_XML, NULL},
    {{"uk.csv"}, "uk.csv.expected", CDN_LIST_UK_CSV, "Favourite colour"},
    {{"uk_conlist.csv"}, "uk_conlist.csv.expected", CDN_LIST_UK_CONLIST, NULL},
    {{"ch.xml"}, "ch.xml.expected", CDN_LIST_CH_XML, "swiss-sanctions-list/target/object/aura"},
    {{"us_csl.csv"}, "us_csl.csv.expected", CDN_LIST_US_CSL, NULL},
    {{"house.csv"}, "house.csv.expected", CDN_LIST_HOUSE_CSV, "mood"},
    {{"house.jsonl"}, "house.jsonl.expected", CDN_LIST_HOUSE_JSONL, NULL},
};
#define FIXTURES CDN_ARRAY_LEN(fixtures)

struct bytes {
    uint8_t *p;
    size_t n;
};
static struct bytes load(const char *name) {
    char relative[CDN_PATH];
    char path[CDN_PATH];
    (void)snprintf(relative, sizeof relative, "tests/data/lists/%s", name);
    cdn_source_path(path, relative);
    struct bytes b = {NULL, 0};
    b.p = cdn_read_file(path, &b.n);
    if (b.p == NULL) {
        fail_msg("%s cannot be read", path);
    }
    return b;
}

/* Reads a fixture's files, each through `change` if that is given. */
struct reading {
    struct bytes raw[4];
    struct cdn_list_file files[4];
    size_t n;
};
static void open_reading(struct reading *rd, const struct fixture *f) {
    rd->n = 0;
    while (rd->n < 4 && f->files[rd->n] != NULL) {
        rd->raw[rd->n] = load(f->files[rd->n]);
        rd->files[rd->n] = (struct cdn_list_file){.bytes = {(const char *)rd->raw[rd->n].p, rd->raw[rd->n].n},
                                                  .name = f->files[rd->n]};
        rd->n++;
    }
}
static void close_reading(struct reading *rd) {
    for (size_t i = 0; i < rd->n; i++) {
        free(rd->raw[i].p);
    }
}
static int collect(const struct reading *rd,
                   const struct cordon_alloc *alloc,
                   struct cdn_list_report *report,
                   struct cdn_list *list,
                   struct cordon_error *e) {
    const struct cdn_list_options options = {.removed = false};
    cdn_list_report_init(report, alloc);
    cdn_list_init(list, alloc);
    return cdn_lists_collect((struct cdn_list_files){rd->files, rd->n}, &options, report, list, e);
}

static void expect_text(struct cdn_buf *have, const char *name) {
    const struct bytes want = load(name);
    assert_int_equal(have->err, 0);
    if (have->n != want.n || memcmp(have->p, want.p, want.n) != 0) {
        fail_msg("%s:\n%.*s", name, (int)have->n, have->p);
    }
    free(want.p);
}

static void every_format_becomes_its_canonical_form(void **state) {
    (void)state;
    for (size_t i = 0; i < FIXTURES; i++) {
        struct reading rd;
        struct cdn_list_report report;
        struct cdn_list list;
        struct cordon_error e = {.code = 0};
        open_reading(&rd, &fixtures[i]);
        if (collect(&rd, &cdn_alloc_libc, &report, &list, &e) != 0) {
            fail_msg("%s line %u: %s", e.where, e.line, e.message);
        }
        assert_int_equal(list.info.format, fixtures[i].format);
        assert_true(list.info.clean_end);
        struct cdn_buf out;
        cdn_buf_init(&out, &cdn_alloc_libc, CDN_MIB(16));
        cdn_list_write(&out, &list);
        expect_text(&out, fixtures[i].expected);
        cdn_buf_free(&out);
        cdn_list_free(&list);
        cdn_list_report_free(&report);
        close_reading(&rd);
    }
}

static void what_is_not_understood_is_reported(void **state) {
    (void)state;
    for (size_t i = 0; i < FIXTURES; i++) {
        struct reading rd;
        struct cdn_list_report report;
        struct cdn_list list;
        open_reading(&rd, &fixtures[i]);
        assert_int_equal(collect(&rd, &cdn_alloc_libc, &report, &list, NULL), 0);
        const uint64_t unknown = cdn_list_report_total(&report, CDN_REPORT_FIELD, CDN_STR(""));
        if (fixtures[i].unknown == NULL) {
            assert_int_equal(unknown, 0);
        } else {
            assert_true(unknown > 0);
            assert_int_equal(cdn_list_report_count(&report, CDN_REPORT_FIELD, cdn_str_z(fixtures[i].unknown)),
                             unknown);
        }
        cdn_list_free(&list);
        cdn_list_report_free(&report);
        close_reading(&rd);
    }
}

/* The canonical form read again gives the same canonical form, but for its first line. */
static void canonical_form_survives_a_round_trip(void **state) {
    (void)state;
    for (size_t i = 0; i < FIXTURES; i++) {
        const struct bytes want = load(fixtures[i].expected);
        const struct reading rd = {
            .files = {{.bytes = {(const char *)want.p, want.n}, .name = fixtures[i].expected}}, .n = 1};
        struct cdn_list_report report;
        struct cdn_list list;
        struct cordon_error e = {.code = 0};
        if (collect(&rd, &cdn_alloc_libc, &report, &list, &e) != 0) {
            fail_msg("%s line %u: %s", e.where, e.line, e.message);
        }
        assert_true(list.info.claims);
        assert_int_equal(list.info.claimed, list.count);
        struct cdn_buf out;
        cdn_buf_init(&out, &cdn_alloc_libc, CDN_MIB(16));
        for (size_t k = 0; k < list.count; k++) {
            cdn_list_write_entry(&out, &list.entries[k]);
        }
        cdn_list_write_end(&out, list.count);
        const char *const body = memchr(want.p, '\n', want.n);
        assert_non_null(body);
        const size_t head = (size_t)(body + 1 - (const char *)want.p);
        assert_int_equal(out.n, want.n - head);
        assert_memory_equal(out.p, want.p + head, out.n);
        cdn_buf_free(&out);
        cdn_list_free(&list);
        cdn_list_report_free(&report);
        free(want.p);
    }
}

/* A file cut anywhere is refused, or says of itself that it may be incomplete; it never passes for a whole
 * one with fewer entries. CSV that is cut exactly at the end of a record cannot be told apart from a shorter
 * list. */
static void a_file_cut_anywhere_never_passes_for_a_whole_one(void **state) {
    (void)state;
    for (size_t i = 0; i < FIXTURES; i++) {
        struct reading rd;
        open_reading(&rd, &fixtures[i]);
        const size_t whole = rd.files[0].bytes.n;
        const bool xml = rd.files[0].bytes.p[0] == '<';
        for (size_t cut = 0; cut + 1 < whole; cut++) {
            struct cdn_list_report report;
            struct cdn_list list;
            rd.files[0].bytes.n = cut;
            const int err = collect(&rd, &cdn_alloc_libc, &report, &list, NULL);
            const bool at_line_end = cut > 0 && rd.files[0].bytes.p[cut - 1] == '\n';
            if (err == 0 && (xml || (list.info.clean_end && !at_line_end))) {
                fail_msg("%s cut at %zu of %zu passes", fixtures[i].files[0], cut, whole);
            }
            cdn_list_free(&list);
            cdn_list_report_free(&report);
        }
        close_reading(&rd);
    }
}

/* ---- packed files
 * ------------------------------------------------------------------------------------------------ */

static struct bytes pack_gzip(struct bytes in) {
    struct bytes out = {malloc(in.n + 1024), in.n + 1024};
    z_stream z = {.next_in = in.p, .avail_in = (uInt)in.n, .next_out = out.p, .avail_out = (uInt)out.n};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out.n = z.total_out;
    (void)deflateEnd(&z);
    return out;
}
static struct bytes pack_xz(struct bytes in) {
    struct bytes out = {malloc(in.n + 1024), in.n + 1024};
    size_t at = 0;
    assert_int_equal(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, NULL, in.p, in.n, out.p, &at, out.n),
                     LZMA_OK);
    out.n = at;
    return out;
}
static struct bytes pack_zstd(struct bytes in) {
    struct bytes out = {malloc(ZSTD_compressBound(in.n)), ZSTD_compressBound(in.n)};
    out.n = ZSTD_compress(out.p, out.n, in.p, in.n, 3);
    assert_false(ZSTD_isError(out.n));
    return out;
}

static void packed_files_read_like_plain_ones(void **state) {
    (void)state;
    struct bytes (*const packers[])(struct bytes) = {pack_gzip, pack_xz, pack_zstd};
    const struct bytes plain = load("un.xml");
    for (size_t i = 0; i < 3; i++) {
        const struct bytes packed = packers[i](plain);
        struct reading rd = {.files = {{.bytes = {(const char *)packed.p, packed.n}}}, .n = 1};
        struct cdn_list_report report;
        struct cdn_list list;
        assert_int_equal(collect(&rd, &cdn_alloc_libc, &report, &list, NULL), 0);
        assert_int_equal(list.count, 2);
        assert_int_equal(list.info.bytes, plain.n);
        struct cdn_buf out;
        cdn_buf_init(&out, &cdn_alloc_libc, CDN_MIB(1));
        cdn_list_write(&out, &list);
        expect_text(&out, "un.xml.expected");
        cdn_buf_free(&out);
        cdn_list_free(&list);
        cdn_list_report_free(&report);
        for (size_t cut = 0; cut < packed.n; cut++) { /* cut anywhere: an error */
            rd.files[0].bytes.n = cut;
            if (collect(&rd, &cdn_alloc_libc, &report, &list, NULL) == 0) {
                fail_msg("packing %zu cut at %zu passes", i, cut);
            }
            cdn_list_free(&list);
            cdn_list_report_free(&report);
        }
        free(packed.p);
    }
    free(plain.p);
}

/* ---- memory that runs out
 * ------------------------------------------------------------------------------------------ */

static int read_fixture(const struct cordon_alloc *alloc, size_t i) {
    struct reading rd;
    struct cdn_list_report report;
    struct cdn_list list;
    open_reading(&rd, &fixtures[i]);
    const int err = collect(&rd, alloc, &report, &list, NULL);
    if (err == 0) {
        assert_true(list.count > 0);
    } else {
        assert_int_equal(list.count, 0);
    }
    cdn_list_free(&list);
    cdn_list_report_free(&report);
    close_reading(&rd);
    return err;
}
#define FAULT(name, i)                                                                                       \
    static int name(const struct cordon_alloc *alloc) {                                                      \
        return read_fixture(alloc, i);                                                                       \
    }
FAULT(flat_without_memory, 0)
FAULT(xml_without_memory, 1)
FAULT(enhanced_without_memory, 2)
FAULT(advanced_without_memory, 3)
FAULT(eu_xml_without_memory, 4)
FAULT(eu_csv_without_memory, 5)
FAULT(un_without_memory, 6)
FAULT(uk_xml_without_memory, 7)
FAULT(uk_csv_without_memory, 8)
FAULT(conlist_without_memory, 9)
FAULT(ch_without_memory, 10)
FAULT(csl_without_memory, 11)
FAULT(house_csv_without_memory, 12)
FAULT(house_jsonl_without_memory, 13)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_becomes_its_canonical_form),
        cmocka_unit_test(what_is_not_understood_is_reported),
        cmocka_unit_test(canonical_form_survives_a_round_trip),
        cmocka_unit_test(a_file_cut_anywhere_never_passes_for_a_whole_one),
        cmocka_unit_test(packed_files_read_like_plain_ones),
        cdn_fault_test(flat_without_memory),
        cdn_fault_test(xml_without_memory),
        cdn_fault_test(enhanced_without_memory),
        cdn_fault_test(advanced_without_memory),
        cdn_fault_test(eu_xml_without_memory),
        cdn_fault_test(eu_csv_without_memory),
        cdn_fault_test(un_without_memory),
        cdn_fault_test(uk_xml_without_memory),
        cdn_fault_test(uk_csv_without_memory),
        cdn_fault_test(conlist_without_memory),
        cdn_fault_test(ch_without_memory),
        cdn_fault_test(csl_without_memory),
        cdn_fault_test(house_csv_without_memory),
        cdn_fault_test(house_jsonl_without_memory),
    };
    return cdn_run(tests);
}
