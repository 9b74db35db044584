/* SPDX-License-Identifier: Apache-2.0 */
/* test_utf8.c: decoding against encoding over all code points, and every malformed short sequence. */
#include "base/base.h"
#include "support/fault.h"

static bool is_scalar(uint32_t cp) {
    return cp <= 0x10FFFF && (cp < 0xD800 || cp > 0xDFFF);
}

static void every_code_point_comes_back(void **state CDN_UNUSED) {
    for (uint32_t cp = 0; cp < 0x110100; cp++) {
        char text[4];
        const size_t n = cdn_utf8_encode(cp, text);
        const uint32_t want = is_scalar(cp) ? cp : 0xFFFD;
        const size_t length = want < 0x80 ? 1 : want < 0x800 ? 2 : want < 0x10000 ? 3 : 4;
        size_t at = 0;
        if (n != length || cdn_utf8_next(cdn_str(text, n), &at) != want || at != n)
            fail_msg("U+%04X", (unsigned)cp);
        at = 0;
        if (cdn_utf8_strict(cdn_str(text, n), &at) != (int32_t)want || at != n)
            fail_msg("U+%04X, strict", (unsigned)cp);
        for (size_t cut = 1; cut < n; cut++) {
            at = 0;
            if (cdn_utf8_strict(cdn_str(text, cut), &at) != -1 || at != cut)
                fail_msg("U+%04X cut to %zu bytes", (unsigned)cp, cut);
        }
    }
    char text[4];
    assert_int_equal(cdn_utf8_encode(UINT32_MAX, text), 3);
    assert_memory_equal(text, "\xEF\xBF\xBD", 3);
}

/* The twin: a sequence is well formed when encoding the value that its bits spell gives the same bytes. */
static bool slowly_valid(const uint8_t *p, size_t n) {
    static const uint32_t masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t cp = p[0] & masks[n];
    for (size_t i = 1; i < n; i++)
        cp = cp << 6 | (p[i] & 0x3F);
    char again[4];
    return is_scalar(cp) && cdn_utf8_encode(cp, again) == n && memcmp(again, p, n) == 0;
}

static void all_sequences_of_up_to_three_bytes(void **state CDN_UNUSED) {
    for (uint32_t bits = 0; bits < 0x1000000; bits++) {
        const uint8_t p[3] = {(uint8_t)(bits >> 16), (uint8_t)(bits >> 8), (uint8_t)bits};
        if (p[0] >= 0xF0 && (bits & 0x3F) > 1) /* four bytes: below */
            continue;
        size_t want = 0;
        for (size_t n = 1; n <= 3 && !want; n++)
            want = slowly_valid(p, n) ? n : 0;
        size_t at = 0;
        const int32_t cp = cdn_utf8_strict(cdn_str((const char *)p, 3), &at);
        if ((cp >= 0) != (want != 0) || (want && at != want) || at < 1 || at > 3)
            fail_msg("%02x %02x %02x", p[0], p[1], p[2]);
    }
}

static void four_byte_sequences_at_their_borders(void **state CDN_UNUSED) {
    static const uint8_t borders[] = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF};
    for (unsigned lead = 0xEF; lead <= 0xFF; lead++) {
        for (unsigned second = 0; second < 256; second++) {
            for (size_t i = 0; i < 100; i++) {
                const uint8_t p[4] = {(uint8_t)lead, (uint8_t)second, borders[i / 10], borders[i % 10]};
                size_t at = 0;
                const int32_t cp = cdn_utf8_strict(cdn_str((const char *)p, 4), &at);
                const bool want = slowly_valid(p, 4) || slowly_valid(p, 3);
                assert_int_equal(cp >= 0, want);
                assert_in_range(at, 1, 4);
            }
        }
    }
}

static void damage_does_not_swallow_its_neighbour(void **state CDN_UNUSED) {
    /* From the Unicode standard, conformance chapter, "U+FFFD substitution of maximal subparts". */
    static const struct {
        const char *text;
        size_t n;
        const char *codes; /* ? is U+FFFD */
    } cases[] = {
        {"\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41", 9, "????????A"},
        {"\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41", 9, "????????A"},
        {"\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42", 9, "?????A??B"},
        {"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", 9, "????A"},
    };
    for (size_t i = 0; i < CDN_ARRAY_LEN(cases); i++) {
        const cordon_str s = cdn_str(cases[i].text, cases[i].n);
        size_t at = 0;
        size_t k = 0;
        while (at < s.n) {
            const char want = cases[i].codes[k++];
            assert_int_equal(cdn_utf8_next(s, &at), want == '?' ? 0xFFFD : want);
        }
        assert_int_equal(cases[i].codes[k], '\0');
        assert_int_equal(cdn_utf8_length(s), k);
        assert_false(cdn_utf8_valid(s));
    }
}

static void length_counts_code_points(void **state CDN_UNUSED) {
    assert_int_equal(cdn_utf8_length(cdn_str(NULL, 0)), 0);
    assert_true(cdn_utf8_valid(cdn_str(NULL, 0)));
    const cordon_str s = CDN_STR("\xD0\x9A\xD0\xB8\xD1\x97\xD0\xB2, \xE2\x82\xAC\xF0\x9F\x87\xBA");
    assert_int_equal(cdn_utf8_length(s), 8);
    assert_true(cdn_utf8_valid(s));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_comes_back),
        cmocka_unit_test(all_sequences_of_up_to_three_bytes),
        cmocka_unit_test(four_byte_sequences_at_their_borders),
        cmocka_unit_test(damage_does_not_swallow_its_neighbour),
        cmocka_unit_test(length_counts_code_points),
    };
    return cdn_run(tests);
}
