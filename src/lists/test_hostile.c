/* SPDX-License-Identifier: Apache-2.0 */
/* test_hostile.c: files that were made to break a reader: a clear error within bounded work, never a crash,
 * never a list that looks whole. */
#include "lists/read.h"
#include "support/fault.h"
#include "support/rnd.h"

#include <stdio.h>
#include <stdlib.h>

#include <lzma.h>
#include <zlib.h>

static int none(void *ctx, const struct cdn_list_entry *entry, struct cordon_error *e) {
    (void)entry, (void)e;
    (*(size_t *)ctx)++;
    return 0;
}

struct outcome {
    int err;
    size_t entries;
    struct cdn_list_info info;
    struct cordon_error e;
};
static struct outcome read_bytes(const char *p, size_t n) {
    struct outcome o = {.err = 0};
    struct cdn_list_report report;
    cdn_list_report_init(&report, &cdn_alloc_libc);
    const struct cdn_list_file file = {.bytes = {p, n}, .name = "hostile"};
    const struct cdn_list_options options = {.removed = false};
    const struct cdn_list_sink sink = {none, &o.entries};
    o.err = cdn_lists_read((struct cdn_list_files){&file, 1}, &options, &sink, &report, &o.info, &o.e);
    cdn_list_report_free(&report);
    return o;
}
static struct outcome read_text(const char *z) {
    return read_bytes(z, strlen(z));
}

#define UN_HEAD "<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><DATAID>1</DATAID><FIRST_NAME>"
#define UN_TAIL "</FIRST_NAME></INDIVIDUAL></INDIVIDUALS></CONSOLIDATED_LIST>"

/* head + n times `filler` + tail */
static struct outcome read_filled(const char *head, const char *filler, size_t times, const char *tail) {
    const size_t unit = strlen(filler);
    const size_t n = strlen(head) + unit * times + strlen(tail);
    char *const p = malloc(n + 1);
    assert_non_null(p);
    char *at = p;
    memcpy(at, head, strlen(head));
    at += strlen(head);
    for (size_t i = 0; i < times; i++, at += unit) {
        memcpy(at, filler, unit);
    }
    memcpy(at, tail, strlen(tail));
    const struct outcome o = read_bytes(p, n);
    free(p);
    return o;
}

static void nothing_is_not_a_list(void **state) {
    (void)state;
    struct outcome o = read_bytes("", 0);
    assert_int_equal(o.err, CORDON_E_FORMAT);
    assert_non_null(strstr(o.e.message, "empty"));
    assert_int_equal(read_text("hello\n").err, CORDON_E_FORMAT);
    assert_int_equal(read_text("<html><body>404</body></html>").err, CORDON_E_FORMAT);
    assert_int_equal(read_text("\n\n   \n").err, CORDON_E_FORMAT);
}

static void entities_cannot_be_declared(void **state) {
    (void)state;
    const struct outcome o = read_text("<?xml version=\"1.0\"?><!DOCTYPE CONSOLIDATED_LIST [<!ENTITY a "
                                       "\"ha\"><!ENTITY b \"&a;&a;&a;&a;\">]>" UN_HEAD "&b;" UN_TAIL);
    assert_int_equal(o.err, CORDON_E_FORMAT);
    assert_non_null(strstr(o.e.message, "document type"));
    assert_int_equal(
        read_text("<!DOCTYPE CONSOLIDATED_LIST SYSTEM \"file:///etc/passwd\">" UN_HEAD "x" UN_TAIL).err,
        CORDON_E_FORMAT);
    assert_int_equal(read_text(UN_HEAD "&undeclared;" UN_TAIL).err, CORDON_E_FORMAT);
}

static void endless_names_are_refused(void **state) {
    (void)state;
    assert_int_equal(read_filled(UN_HEAD, "x", 10000000, UN_TAIL).err, CORDON_E_LIMIT);
    assert_int_equal(read_filled(UN_HEAD, "x", CDN_MAX_NAME_BYTES + 1, UN_TAIL).err, CORDON_E_LIMIT);
    assert_int_equal(read_filled(UN_HEAD, "x", CDN_MAX_NAME_BYTES, UN_TAIL).err, 0);
    /* an attribute, a tag name, a comment in CSV, a line of JSON */
    assert_int_equal(
        read_filled("<export><sanctionEntity euReferenceNumber=\"", "x", 10000000, "\"/></export>").err,
        CORDON_E_LIMIT);
    assert_int_equal(read_filled("<export><", "x", 10000000, "/></export>").err, CORDON_E_LIMIT);
    assert_int_equal(read_filled("1,\"", "x", 10000000, "\"\n").err, CORDON_E_NOTFOUND); /* comments alone */
    assert_int_equal(
        read_filled("1,\"", "x", 10000000, "\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \n").err,
        CORDON_E_NOTFOUND); /* the same, for all that can be seen */
    assert_int_equal(read_filled("id,type,name\n1,person,\"", "x", 10000000, "\"\n").err, CORDON_E_LIMIT);
    assert_int_equal(read_filled("{\"id\":\"1\",\"names\":[{\"full\":\"", "x", 10000000, "\"}]}\n").err,
                     CORDON_E_LIMIT);
}

static void many_items_are_refused(void **state) {
    (void)state;
    char *const text = malloc(CDN_MIB(2));
    assert_non_null(text);
    size_t n = (size_t)snprintf(text, CDN_MIB(2), "{\"id\":\"1\",\"names\":[{\"full\":\"a\"}");
    for (size_t i = 0; i <= CDN_MAX_LIST_ITEMS; i++) {
        n += (size_t)snprintf(text + n, CDN_MIB(2) - n, ",{\"full\":\"name %zu\"}", i);
    }
    n += (size_t)snprintf(text + n, CDN_MIB(2) - n, "]}\n");
    assert_int_equal(read_bytes(text, n).err, CORDON_E_LIMIT);
    free(text);
}

static void deep_nesting_is_refused(void **state) {
    (void)state;
    assert_int_equal(read_filled("<sdnList>", "<a>", 100000, "").err, CORDON_E_LIMIT);
    assert_int_equal(read_filled("<CONSOLIDATED_LIST>", "<INDIVIDUALS>", 100000, "").err, CORDON_E_LIMIT);
    assert_int_equal(read_filled("{\"id\":\"1\",\"names\":", "[", 100000, "").err, CORDON_E_SYNTAX);
    assert_int_equal(read_filled("{\"id\":\"1\",\"names\":[", "{\"parts\":[", 100000, "").err, CORDON_E_NAME);
}

static void bytes_that_are_no_text_are_refused(void **state) {
    (void)state;
    assert_int_equal(read_text(UN_HEAD "\xc3\x28" UN_TAIL).err, CORDON_E_FORMAT);
    assert_int_equal(read_text(UN_HEAD "\xed\xa0\x80" UN_TAIL).err, CORDON_E_FORMAT);
    assert_int_equal(read_text("id,type,name\n1,person,\xff\xfe\n").err, CORDON_E_FORMAT);
    assert_int_equal(read_text("{\"id\":\"1\",\"names\":[{\"full\":\"\xc0\xaf\"}]}\n").err, CORDON_E_FORMAT);
    assert_int_equal(read_text("{\"id\":\"1\",\"names\":[{\"full\":\"\\u0000\"}]}\n").err, CORDON_E_SYNTAX);
    assert_int_equal(read_text("{\"id\":\"1\",\"names\":[{\"full\":\"\\ud800\"}]}\n").err, CORDON_E_SYNTAX);
    static const char nul_csv[] = "id,type,name\n1,person,a\0b\n";
    assert_int_equal(read_bytes(nul_csv, sizeof nul_csv - 1).err, CORDON_E_FORMAT);
    static const char nul_xml[] = UN_HEAD "a\0b" UN_TAIL;
    assert_int_equal(read_bytes(nul_xml, sizeof nul_xml - 1).err, CORDON_E_FORMAT);
    static const char nul_json[] = "{\"id\":\"1\",\"names\":[{\"full\":\"a\0b\"}]}\n";
    assert_int_equal(read_bytes(nul_json, sizeof nul_json - 1).err, CORDON_E_FORMAT);
}

static void csv_that_is_not_csv_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "id,type,name\n1,person,a \"b\"\n",  /* a quotation mark in an unquoted field */
        "id,type,name\n1,person,\"a\" b\n",  /* something after the closing one */
        "id,type,name\n1,person,\"a\n",      /* no closing one */
        "id,type,name\n1,person\n",          /* too few */
        "id,type,name\n1,person,a,b\n",      /* too many */
        "id,type,name\n1,person,a\x1a\nx\n", /* an end mark within */
        "id,type,name\n1,dragon,a\n",        /* no such type */
        "id,type,name\n,person,a\n",         /* no id */
    };
    for (size_t i = 0; i < CDN_ARRAY_LEN(bad); i++) {
        const struct outcome o = read_text(bad[i]);
        if (i == 5) {
            assert_int_equal(o.entries, 1); /* within a field it is a control character like any other */
        } else if (o.err == 0) {
            fail_msg("accepted: %s", bad[i]);
        } else {
            assert_int_equal(o.e.line, i == 2 ? 3 : 2); /* an open quotation mark shows at the end */
        }
    }
}

static void in_house_mistakes_are_named(void **state) {
    (void)state;
    struct outcome o =
        read_text("{\"id\":\"1\",\"names\":[{\"full\":\"a\"}]}\n{\"id\":\"2\",\"adresses\":[]}\n");
    assert_int_equal(o.err, CORDON_E_NAME);
    assert_int_equal(o.e.line, 2);
    assert_non_null(strstr(o.e.hint, "addresses"));
    o = read_text("{\"id\":\"1\",\"type\":\"persn\",\"names\":[{\"full\":\"a\"}]}\n");
    assert_int_equal(o.err, CORDON_E_NAME);
    assert_non_null(strstr(o.e.hint, "person"));
    assert_int_equal(read_text("{\"id\":\"1\",\"id\":\"2\"}\n").err, CORDON_E_CONFLICT);
    assert_int_equal(read_text("{\"id\":\"1\",\"listed\":\"soon\"}\n").err, CORDON_E_TYPE);
    assert_int_equal(read_text("{\"id\":\"1\",\"relations\":[{\"percent\":\"100.01\"}]}\n").err,
                     CORDON_E_RANGE);
    assert_int_equal(read_text("{\"cordon_list\":2}\n").err, CORDON_E_VERSION);
    assert_int_equal(read_text("{\"count\":0,\"end\":true}\n{\"id\":\"1\"}\n").err, CORDON_E_SYNTAX);
}

static void retired_and_partial_files_say_so(void **state) {
    (void)state;
    const struct outcome o = read_text("<swiss-sanctions-list list-type=\"delta\" date=\"2026-01-01\"/>");
    assert_int_equal(o.err, CORDON_E_FORMAT);
    assert_non_null(strstr(o.e.message, "whole list"));
}

/* A hundred thousand words, in every format that has a name. */
static void endless_tokens_are_refused(void **state) {
    (void)state;
    assert_int_equal(read_filled(UN_HEAD, "ab ", 100000, UN_TAIL).err, CORDON_E_LIMIT);
    assert_int_equal(read_filled("id,type,name\n1,person,", "ab ", 100000, "\n").err, CORDON_E_LIMIT);
    assert_int_equal(read_filled("{\"id\":\"1\",\"names\":[{\"full\":\"", "ab ", 100000, "\"}]}\n").err,
                     CORDON_E_LIMIT);
    assert_int_equal(read_filled("<sdnList><sdnEntry><uid>1</uid><lastName>",
                                 "ab ",
                                 100000,
                                 "</lastName><sdnType>Entity</sdnType></sdnEntry></sdnList>")
                         .err,
                     CORDON_E_LIMIT);
    assert_int_equal(read_filled("<export><sanctionEntity euReferenceNumber=\"1\"><nameAlias wholeName=\"",
                                 "ab ",
                                 100000,
                                 "\"/></sanctionEntity></export>")
                         .err,
                     CORDON_E_LIMIT);
    assert_int_equal(read_filled("1,\"A\",-0- ,\"X\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n2,\"",
                                 "ab ",
                                 100000,
                                 "\",-0- ,\"X\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n")
                         .err,
                     CORDON_E_LIMIT);
}

/* One entry that grows without end, each text of it within its limit. */
static void endless_entries_are_refused(void **state) {
    (void)state;
    const size_t unit = CDN_KIB(512);
    char *const text = malloc(64 * unit);
    assert_non_null(text);
    static const char head[] = "<export><sanctionEntity euReferenceNumber=\"1\"><nameAlias wholeName=\"A\"/>";
    size_t n = sizeof head - 1;
    memcpy(text, head, n);
    for (size_t i = 0; i < 60; i++) {
        memset(text + n, 'x', unit);
        memcpy(text + n, "<remark>", 8);
        text[n + 8] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01234567"[i];
        memcpy(text + n + unit - 9, "</remark>", 9);
        n += unit;
    }
    static const char tail[] = "</sanctionEntity></export>";
    memcpy(text + n, tail, sizeof tail - 1);
    const struct outcome o = read_bytes(text, n + sizeof tail - 1);
    free(text);
    assert_int_equal(o.err, CORDON_E_LIMIT);
    assert_non_null(strstr(o.e.message, "an entry that needs more than"));
}

/* Entries that own each other, and themselves: relations are data, nobody follows them while reading. */
static void circles_are_read(void **state) {
    (void)state;
    static const char text[] =
        "{\"id\":\"a\",\"names\":[{\"full\":\"A\"}],\"relations\":[{\"kind\":\"owned-by\",\"target\":\"b\"}]}"
        "\n"
        "{\"id\":\"b\",\"names\":[{\"full\":\"B\"}],\"relations\":[{\"kind\":\"owned-by\",\"target\":\"c\"}]}"
        "\n"
        "{\"id\":\"c\",\"names\":[{\"full\":\"C\"}],\"relations\":[{\"kind\":\"owned-by\",\"target\":\"a\"},"
        "{\"kind\":\"owns\",\"target\":\"c\"},{\"kind\":\"owns\",\"target\":\"nobody\"}]}\n";
    const struct outcome o = read_text(text);
    assert_int_equal(o.err, 0);
    assert_int_equal(o.entries, 3);
    const struct outcome x = read_text(
        "<sanctionsData><publicationInfo><dataAsOf>2026-01-01</dataAsOf></publicationInfo><entities>"
        "<entity id=\"1\"><generalInfo><entityType>Entity</entityType></generalInfo><names><name "
        "id=\"1\"><isPrimary>true"
        "</isPrimary><translations><translation "
        "id=\"1\"><script>Latin</script><formattedLastName>A</formattedLastName>"
        "</translation></translations></name></names><relationships><relationship id=\"1\"><type>Owned or "
        "Controlled By"
        "</type><relatedEntity "
        "entityId=\"1\">A</relatedEntity></relationship></relationships></entity></entities>"
        "</sanctionsData>");
    assert_int_equal(x.err, 0);
    assert_int_equal(x.entries, 1);
}

/* ---- packed bombs ---- */

struct packed {
    char *p;
    size_t n;
};

/* `head`, then `times` MiB of one letter, as gzip. */
static struct packed gzip_bomb(const char *head, size_t times) {
    struct packed ret = {malloc(CDN_MIB(4)), 0};
    char *const chunk = malloc(CDN_MIB(1));
    assert_non_null(ret.p);
    assert_non_null(chunk);
    memset(chunk, 'a', CDN_MIB(1));
    z_stream z = {.avail_out = CDN_MIB(4)};
    z.next_out = (Bytef *)ret.p;
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    char *const copy = strdup(head);
    z.next_in = (Bytef *)copy;
    z.avail_in = (uInt)strlen(head);
    assert_int_equal(deflate(&z, Z_NO_FLUSH), Z_OK);
    for (size_t i = 0; i < times; i++) {
        z.next_in = (Bytef *)chunk;
        z.avail_in = CDN_MIB(1);
        assert_int_equal(deflate(&z, Z_NO_FLUSH), Z_OK);
    }
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    ret.n = CDN_MIB(4) - z.avail_out;
    (void)deflateEnd(&z);
    free(copy);
    free(chunk);
    return ret;
}

/* A few kilobytes that unpack to a gigabyte: reading ends at the first limit, long before. */
static void packed_bombs_are_refused(void **state) {
    (void)state;
    static const char *const heads[] = {"id,type,name\n1,person,",
                                        UN_HEAD,
                                        "{\"id\":\"1\",\"names\":[{\"full\":\"",
                                        "<sdnList><sdnEntry><",
                                        "1,\""};
    for (size_t i = 0; i < CDN_ARRAY_LEN(heads); i++) {
        const struct packed bomb = gzip_bomb(heads[i], 256);
        assert_true(bomb.n < CDN_MIB(1));
        const struct outcome o = read_bytes(bomb.p, bomb.n);
        assert_true(o.err == CORDON_E_LIMIT || (i == 4 && o.err == CORDON_E_NOTFOUND));
        free(bomb.p);
    }
    /* packed twice: what comes out is no list */
    const struct packed once = gzip_bomb("id,type,name\n1,person,", 1);
    uLongf room = compressBound(once.n) + 32;
    struct packed twice = {malloc(room), 0};
    z_stream z = {.next_in = (Bytef *)once.p,
                  .avail_in = (uInt)once.n,
                  .next_out = (Bytef *)twice.p,
                  .avail_out = (uInt)room};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    twice.n = room - z.avail_out;
    (void)deflateEnd(&z);
    assert_int_equal(read_bytes(twice.p, twice.n).err, CORDON_E_FORMAT);
    free(once.p);
    free(twice.p);
}

/* Frames that ask for a window of gigabytes get an error and not the memory. */
static void packed_windows_are_limited(void **state) {
    (void)state;
    static const unsigned char zst[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0x00, 0x00}; /* 2^31 */
    assert_int_equal(read_bytes((const char *)zst, sizeof zst).err, CORDON_E_FORMAT);
    /* an LZMA2 filter with a dictionary of 4 GiB - 1 */
    lzma_options_lzma options;
    assert_false(lzma_lzma_preset(&options, 0));
    options.dict_size = UINT32_C(1) << 30;
    lzma_filter filters[] = {{.id = LZMA_FILTER_LZMA2, .options = &options},
                             {.id = LZMA_VLI_UNKNOWN, .options = NULL}};
    static const char text[] = "id,type,name\n1,person,A\n";
    uint8_t out[1024];
    size_t n = 0;
    assert_int_equal(
        lzma_stream_buffer_encode(
            filters, LZMA_CHECK_CRC32, NULL, (const uint8_t *)text, sizeof text - 1, out, &n, sizeof out),
        LZMA_OK);
    const struct outcome o = read_bytes((const char *)out, n);
    assert_int_equal(o.err, CORDON_E_LIMIT);
    assert_non_null(strstr(o.e.message, "128 MiB"));
}

/* Random damage to a small file: any outcome but a crash, and an error that is one of ours. */
static void damage_never_crashes(void **state) {
    (void)state;
    static const char *const seeds[] = {
        UN_HEAD "a" UN_TAIL,
        "<sdnList><publshInformation><Record_Count>1</Record_Count></publshInformation><sdnEntry><uid>1</uid>"
        "<lastName>A</lastName><sdnType>Entity</sdnType></sdnEntry></sdnList>",
        "id,type,name\n1,person,\"a, b\"\n2,ship,c\n",
        "1,\"A, B\",\"individual\",\"X\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"DOB 1951; a.k.a. "
        "'Q'.\"\r\n\x1a",
        "{\"id\":\"1\",\"names\":[{\"full\":\"a\",\"parts\":[{\"kind\":\"given\",\"text\":\"a\"}]}]}\n{"
        "\"count\":1,\"end\":true}\n",
    };
    struct cdn_rnd rnd;
    cdn_rnd_init(&rnd, "damage", 20261121);
    char text[512];
    for (size_t round = 0; round < cdn_rnd_rounds(20000); round++) {
        const char *const seed = seeds[cdn_rnd_below(&rnd, CDN_ARRAY_LEN(seeds))];
        const size_t n = strlen(seed);
        memcpy(text, seed, n);
        for (uint64_t k = 1 + cdn_rnd_below(&rnd, 4); k > 0; k--) {
            text[cdn_rnd_below(&rnd, n)] = (char)cdn_rnd_below(&rnd, 256);
        }
        const struct outcome o = read_bytes(text, n);
        assert_true(o.err <= 0 && o.err > CORDON_E_INTERNAL);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_not_a_list),
        cmocka_unit_test(entities_cannot_be_declared),
        cmocka_unit_test(endless_names_are_refused),
        cmocka_unit_test(many_items_are_refused),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(bytes_that_are_no_text_are_refused),
        cmocka_unit_test(csv_that_is_not_csv_is_refused),
        cmocka_unit_test(in_house_mistakes_are_named),
        cmocka_unit_test(retired_and_partial_files_say_so),
        cmocka_unit_test(endless_tokens_are_refused),
        cmocka_unit_test(endless_entries_are_refused),
        cmocka_unit_test(circles_are_read),
        cmocka_unit_test(packed_bombs_are_refused),
        cmocka_unit_test(packed_windows_are_limited),
        cmocka_unit_test(damage_never_crashes),
    };
    return cdn_run(tests);
}
