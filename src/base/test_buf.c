/* SPDX-License-Identifier: Apache-2.0 */
/* test_buf.c: output buffers, and the cursor that reads back what they wrote. */
#include "base/base.h"
#include "support/fault.h"
#include "support/rnd.h"

static void assert_buf(const struct cdn_buf *b, const char *want) {
    assert_int_equal(b->err, 0);
    assert_int_equal(b->n, strlen(want));
    assert_true(cdn_str_eq(cdn_buf_get(b), cdn_str_z(want)));
}

static int buffer_collects_every_kind_of_write(const struct cordon_alloc *alloc) {
    struct cdn_buf b;
    cdn_buf_init(&b, alloc, 100000);
    const uint8_t bytes[] = {0x00, 0x9f, 0xff};
    cdn_buf_z(&b, "x");
    cdn_buf_char(&b, ',');
    cdn_buf_str(&b, CDN_STR("yz"));
    cdn_buf_str(&b, cdn_str(NULL, 0));
    cdn_buf_hex(&b, bytes, sizeof(bytes));
    cdn_buf_hex(&b, NULL, 0);
    cdn_buf_printf(&b, "<%d|%s>", -5, "q");
    cdn_buf_printf(&b, "%s", "");
    if (!b.err)
        assert_buf(&b, "x,yz009fff<-5|q>");
    for (size_t i = 0; i < 5000; i++)
        cdn_buf_char(&b, (char)('a' + i % 26));
    cdn_buf_printf(&b, "%600d", 7);
    const int err = b.err;
    if (!err) {
        assert_int_equal(b.n, 16 + 5000 + 600);
        assert_int_equal(b.p[16 + 4999], 'a' + 4999 % 26);
        assert_int_equal(b.p[b.n - 1], '7');
        assert_int_equal(b.p[b.n - 2], ' ');
    }
    cdn_buf_free(&b);
    assert_int_equal(b.n, 0);
    return err;
}

static void numbers_at_their_ends(void **state CDN_UNUSED) {
    char room[64];
    struct cdn_buf b;
    static const int64_t values[] = {0, 7, -1, 10, INT64_MAX, INT64_MIN, -1000, 99};
    for (size_t i = 0; i < CDN_ARRAY_LEN(values); i++) {
        char want[32];
        (void)snprintf(want, sizeof(want), "%lld", (long long)values[i]);
        cdn_buf_fixed(&b, room, sizeof(room));
        cdn_buf_int(&b, values[i]);
        assert_buf(&b, want);
    }
}

static void full_storage_keeps_what_fits_and_stays_failed(void **state CDN_UNUSED) {
    char room[9];
    memset(room, '#', sizeof(room));
    struct cdn_buf b;
    cdn_buf_fixed(&b, room, 8);
    cdn_buf_z(&b, "12345");
    cdn_buf_z(&b, "6789"); /* does not fit: none of it is written */
    assert_int_equal(b.err, CORDON_E_LIMIT);
    cdn_buf_z(&b, "6");
    cdn_buf_char(&b, '6');
    cdn_buf_printf(&b, "6");
    cdn_buf_zero(&b, 1);
    assert_int_equal(b.n, 5);
    assert_memory_equal(room, "12345####", 9);
    cdn_buf_clear(&b);
    cdn_buf_z(&b, "12345678");
    assert_buf(&b, "12345678");
    cdn_buf_clear(&b);
    cdn_buf_printf(&b, "%08d", 42); /* exactly full, no NUL behind it */
    assert_buf(&b, "00000042");
    assert_int_equal(room[8], '#');
    cdn_buf_free(&b); /* the storage is the caller's */
    cdn_buf_fixed(&b, NULL, 0);
    cdn_buf_put(&b, NULL, 0);
    assert_int_equal(b.err, 0);
    cdn_buf_char(&b, 'x');
    assert_int_equal(b.err, CORDON_E_LIMIT);
}

static int maximum_is_kept(const struct cordon_alloc *alloc) {
    struct cdn_buf b;
    cdn_buf_init(&b, alloc, 1000);
    for (size_t i = 0; i < 1000; i++)
        cdn_buf_char(&b, 'x');
    const int err = b.err;
    if (!err) {
        assert_int_equal(b.n, 1000);
        assert_int_equal(b.cap, 1000);
        cdn_buf_char(&b, 'x');
        assert_int_equal(b.err, CORDON_E_LIMIT);
        assert_int_equal(b.n, 1000);
    }
    cdn_buf_free(&b);
    cdn_buf_init(&b, alloc, SIZE_MAX);
    cdn_buf_hex(&b, (const uint8_t *)"", SIZE_MAX / 2 + 2);
    assert_int_equal(b.err, CORDON_E_LIMIT);
    cdn_buf_free(&b);
    return err;
}

static void json_text(void **state CDN_UNUSED) {
    static const struct {
        const char *text;
        size_t n;
        const char *json;
    } cases[] = {
        {"", 0, "\"\""},
        {"plain / text", 12, "\"plain / text\""},
        {"a\"b\\c", 5, "\"a\\\"b\\\\c\""},
        {"\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\""},
        {"\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\x7f\""},
        {"\xD0\x9A\xD0\xB8\xD1\x97\xD0\xB2", 8, "\"\xD0\x9A\xD0\xB8\xD1\x97\xD0\xB2\""},
        {"\xF0\x9F\x87\xBA", 4, "\"\xF0\x9F\x87\xBA\""},
        {"x\xFFy", 3, "\"x\xEF\xBF\xBDy\""},
        {"\xED\xA0\x80", 3, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""}, /* a surrogate */
        {"\xE2\x82", 2, "\"\xEF\xBF\xBD\""},                             /* cut short */
    };
    for (size_t i = 0; i < CDN_ARRAY_LEN(cases); i++) {
        char room[64];
        struct cdn_buf b;
        cdn_buf_fixed(&b, room, sizeof(room));
        cdn_buf_json(&b, cdn_str(cases[i].text, cases[i].n));
        assert_buf(&b, cases[i].json);
        for (size_t size = 0; size < strlen(cases[i].json); size++) { /* all or nothing */
            cdn_buf_fixed(&b, room, size);
            cdn_buf_json(&b, cdn_str(cases[i].text, cases[i].n));
            assert_int_equal(b.err, CORDON_E_LIMIT);
            assert_int_equal(b.n, 0);
        }
    }
}

/* Byte by byte: what the one that takes sixteen at a time must give. */
static size_t slow_json(const char *p, size_t n, char *to) {
    static const char special[] = "\"\\\b\t\n\f\r";
    size_t k = 0;
    to[k++] = '"';
    for (size_t i = 0; i < n; i++) {
        const char *named = p[i] ? strchr(special, p[i]) : NULL;
        if (named) {
            to[k++] = '\\';
            to[k++] = "\"\\btnfr"[named - special];
        } else if ((unsigned char)p[i] < 0x20) {
            k += (size_t)snprintf(to + k, 7, "\\u%04x", (unsigned)p[i]);
        } else {
            to[k++] = p[i];
        }
    }
    to[k++] = '"';
    return k;
}

static void json_text_of_any_length(void **state CDN_UNUSED) {
    static const char odd[] = "\"\\\n\x01\x1f\x7f ~!";
    uint64_t seed = 7;
    for (unsigned round = 0; round < 20000; round++) {
        char text[100], want[800], got[800];
        struct cdn_buf b;
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
        const size_t n = (seed >> 33) % 80;
        const unsigned rare = (seed >> 50) % 3 ? 200 : 8;
        for (size_t i = 0; i < n; i++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
            const unsigned r = (unsigned)(seed >> 33);
            text[i] = r % rare ? (char)('a' + r % 26) : odd[(r / rare) % (sizeof(odd) - 1)];
        }
        const size_t size = slow_json(text, n, want);
        cdn_buf_fixed(&b, got, (seed >> 40) % 2 ? size : sizeof(got));
        cdn_buf_json(&b, cdn_str(text, n));
        assert_int_equal(b.err, 0);
        assert_int_equal(b.n, size);
        assert_memory_equal(got, want, size);
        cdn_buf_fixed(&b, got, size - 1);
        cdn_buf_json(&b, cdn_str(text, n));
        assert_int_equal(b.err, CORDON_E_LIMIT);
        assert_int_equal(b.n, 0);
    }
}

static void alignment_is_filled_with_zeros(void **state CDN_UNUSED) {
    char room[64];
    memset(room, '#', sizeof(room));
    struct cdn_buf b;
    cdn_buf_fixed(&b, room, sizeof(room));
    cdn_buf_align(&b, 8);
    assert_int_equal(b.n, 0);
    cdn_buf_char(&b, 'x');
    cdn_buf_align(&b, 8);
    assert_int_equal(b.n, 8);
    cdn_buf_align(&b, 8);
    assert_int_equal(b.n, 8);
    cdn_buf_zero(&b, 3);
    cdn_buf_align(&b, 12);
    assert_int_equal(b.n, 12);
    cdn_buf_align(&b, 0);
    assert_int_equal(b.n, 12);
    assert_memory_equal(room, "x\0\0\0\0\0\0\0\0\0\0\0", 12);
}

/* ---- cursor ---------------------------------------------------------------------------------------- */

static void cursor_reads_little_endian(void **state CDN_UNUSED) {
    static const uint8_t bytes[] = {
        0xFE, 0x02, 0x01, 0x04, 0x03, 0x02, 0x81, 1, 2, 3, 4, 5, 6, 7, 0x88, 'a', 'b', 'c'};
    struct cdn_cursor c;
    cdn_cursor_init(&c, bytes, sizeof(bytes));
    assert_int_equal(cdn_cursor_u8(&c), 0xFE);
    assert_int_equal(cdn_cursor_u16(&c), 0x0102);
    assert_true(cdn_cursor_u32(&c) == 0x81020304);
    assert_true(cdn_cursor_u64(&c) == UINT64_C(0x8807060504030201));
    cdn_cursor_skip(&c, 1);
    const cordon_str s = cdn_cursor_bytes(&c, 2);
    assert_true(cdn_str_eq(s, CDN_STR("bc")));
    assert_int_equal(c.err, 0);
    assert_int_equal(cdn_cursor_bytes(&c, 0).n, 0);
    assert_int_equal(c.err, 0);
    assert_int_equal(cdn_cursor_u8(&c), 0);
    assert_int_equal(c.err, CORDON_E_FORMAT);
}

/* At every length, each read fails exactly when it would pass the end, and everything after it gives 0. */
static void cursor_never_passes_the_end(void **state CDN_UNUSED) {
    static const uint8_t bytes[16] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    static const size_t sizes[] = {1, 2, 4, 8, 5, 7};
    for (size_t n = 0; n <= sizeof(bytes); n++) {
        for (size_t kind = 0; kind < CDN_ARRAY_LEN(sizes); kind++) {
            struct cdn_cursor c;
            cdn_cursor_init(&c, n ? bytes : NULL, n);
            for (size_t at = 0; at + sizes[kind] <= n; at += sizes[kind]) {
                const bool some = kind == 0   ? cdn_cursor_u8(&c) != 0
                                  : kind == 1 ? cdn_cursor_u16(&c) != 0
                                  : kind == 2 ? cdn_cursor_u32(&c) != 0
                                  : kind == 3 ? cdn_cursor_u64(&c) != 0
                                  : kind == 4 ? cdn_cursor_bytes(&c, 5).p != NULL
                                              : (cdn_cursor_skip(&c, 7), true);
                assert_true(some);
                assert_int_equal(c.err, 0);
                assert_int_equal(c.at, at + sizes[kind]);
            }
            const size_t at = c.at;
            cdn_cursor_skip(&c, n - at + 1);
            assert_int_equal(c.err, CORDON_E_FORMAT);
            assert_int_equal(c.at, at);
            assert_int_equal(cdn_cursor_u8(&c), 0);
            assert_null(cdn_cursor_bytes(&c, 0).p);
            cdn_cursor_skip(&c, SIZE_MAX);
            assert_int_equal(c.at, at);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cdn_fault_test(buffer_collects_every_kind_of_write),
        cmocka_unit_test(numbers_at_their_ends),
        cmocka_unit_test(full_storage_keeps_what_fits_and_stays_failed),
        cdn_fault_test(maximum_is_kept),
        cmocka_unit_test(json_text),
        cmocka_unit_test(json_text_of_any_length),
        cmocka_unit_test(alignment_is_filled_with_zeros),
        cmocka_unit_test(cursor_reads_little_endian),
        cmocka_unit_test(cursor_never_passes_the_end),
    };
    return cdn_run(tests);
}
