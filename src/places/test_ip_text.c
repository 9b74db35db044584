/* SPDX-License-Identifier: Apache-2.0 */
/* test_ip_text.c: addresses as text: what is read, what is refused, and that inet_pton() reads the same. */
#include <arpa/inet.h>

#include "places/ip.h"
#include "support/fault.h"
#include "support/rnd.h"

/* Reads with inet_pton(), which is as strict. */
static bool twin(const char *text, struct cdn_ip_addr *ret) {
    struct in_addr v4;
    memset(ret, 0, sizeof *ret);
    if (inet_pton(AF_INET, text, &v4) == 1) {
        ret->family = 4;
        ret->v4 = ntohl(v4.s_addr);
        return true;
    }
    ret->family = 6;
    return inet_pton(AF_INET6, text, ret->v6) == 1;
}

static void compare(const char *text) {
    struct cdn_ip_addr wanted;
    struct cdn_ip_addr got;
    memset(&got, 0, sizeof got);
    const bool good = twin(text, &wanted);
    const int err = cdn_ip_parse(cdn_str_z(text), &got);
    if ((err == 0) != good || (good && memcmp(&got, &wanted, sizeof got) != 0)) {
        fail_msg("`%s`: %d, inet_pton %d", text, err, good);
    }
}

static void good_and_bad_text(void **state) {
    (void)state;
    static const char *const good[] = {"0.0.0.0",
                                       "255.255.255.255",
                                       "::",
                                       "::1",
                                       "1::",
                                       "2001:DB8::a",
                                       "1:2:3:4:5:6:7:8",
                                       "::ffff:1.2.3.4",
                                       "1:2:3:4:5:6:1.2.3.4",
                                       "1::8",
                                       "::2:3:4:5:6:7:8",
                                       "1:2:3:4:5:6:7::",
                                       "64:ff9b::192.0.2.33"};
    static const char *const bad[] = {"",
                                      "1.2.3",
                                      "1.2.3.4.5",
                                      "1.2.3.256",
                                      "01.2.3.4",
                                      "1.2.3.04",
                                      "1..2.3",
                                      "1.2.3.",
                                      ".1.2.3",
                                      "0x1.2.3.4",
                                      "16909060",
                                      " 1.2.3.4",
                                      "1.2.3.4 ",
                                      "1.2.3.4/8",
                                      "1.2.3.4:80",
                                      "[::1]",
                                      "fe80::1%eth0",
                                      ":",
                                      ":::",
                                      "1:2:3:4:5:6:7",
                                      "1:2:3:4:5:6:7:8:9",
                                      "1:2:3:4:5:6:7:8::",
                                      "::1:2:3:4:5:6:7:8",
                                      "1::2::3",
                                      "12345::",
                                      ":1::",
                                      "1:",
                                      "1.2.3.4::",
                                      "::1.2.3",
                                      "::1.2.3.4:5",
                                      "1:2:3:4:5:6:7:1.2.3.4",
                                      "g::"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(good); i++) {
        struct cdn_ip_addr a;
        if (cdn_ip_parse(cdn_str_z(good[i]), &a) != 0) {
            fail_msg("`%s` was refused", good[i]);
        }
        compare(good[i]);
    }
    for (size_t i = 0; i < CDN_ARRAY_LEN(bad); i++) {
        struct cdn_ip_addr a = {.family = 77};
        if (cdn_ip_parse(cdn_str_z(bad[i]), &a) != CORDON_E_SYNTAX || a.family != 77) {
            fail_msg("`%s` was accepted", bad[i]);
        }
        compare(bad[i]);
    }
    struct cdn_ip_addr a;
    assert_int_equal(cdn_ip_parse(cdn_str("1.2.3.4\0", 8), &a), CORDON_E_SYNTAX);
}

static void random_text_agrees_with_inet_pton(void **state) {
    (void)state;
    struct cdn_rnd r;
    cdn_rnd_init(&r, "text", 1);
    static const char letters[] = "0123456789abcdefF:::::...0012";
    for (size_t i = 0; i < cdn_rnd_rounds(300000); i++) {
        char text[48];
        struct cdn_ip_addr a = {.family = cdn_rnd_chance(&r, 500) ? 4 : 6, .v4 = (uint32_t)cdn_rnd_next(&r)};
        for (size_t k = 0; k < 16; k++) {
            a.v6[k] = cdn_rnd_chance(&r, 500) ? 0 : (uint8_t)cdn_rnd_next(&r);
        }
        size_t n = cdn_ip_write(&a, text);
        /* Good text with up to two changes. */
        for (uint64_t changes = cdn_rnd_below(&r, 3); changes > 0 && n > 1; changes--) {
            const size_t at = cdn_rnd_below(&r, n);
            if (cdn_rnd_chance(&r, 300)) {
                memmove(text + at, text + at + 1, n - at);
                n--;
            } else {
                text[at] = letters[cdn_rnd_below(&r, sizeof letters - 1)];
            }
        }
        compare(text);
    }
}

static void writing_is_rfc_5952(void **state) {
    (void)state;
    struct cdn_rnd r;
    cdn_rnd_init(&r, "write", 2);
    static const char *const same[] = {"1.20.255.0",
                                       "::",
                                       "::1",
                                       "1::",
                                       "2001:db8::1",
                                       "2001:db8:0:1:1:1:1:1",
                                       "2001:0:0:1::1",
                                       "2001:db8::1:0:0:1",
                                       "::ffff:192.0.2.1",
                                       "1:2:3:4:5:6:7:8"};
    char text[CDN_IP_TEXT];
    struct cdn_ip_addr a;
    for (size_t i = 0; i < CDN_ARRAY_LEN(same); i++) {
        assert_int_equal(cdn_ip_parse(cdn_str_z(same[i]), &a), 0);
        assert_int_equal(cdn_ip_write(&a, text), strlen(same[i]));
        assert_string_equal(text, same[i]);
    }
    for (size_t i = 0; i < cdn_rnd_rounds(100000); i++) {
        struct cdn_ip_addr back;
        memset(&a, 0, sizeof a);
        memset(&back, 0, sizeof back);
        a.family = 6;
        for (size_t k = 0; k < 16; k++) {
            a.v6[k] = cdn_rnd_chance(&r, 600) ? 0 : (uint8_t)cdn_rnd_next(&r);
        }
        const size_t n = cdn_ip_write(&a, text);
        assert_true(n < CDN_IP_TEXT);
        assert_int_equal(cdn_ip_parse(cdn_str(text, n), &back), 0);
        assert_memory_equal(&a, &back, sizeof a);
    }
}

static void prefixes(void **state) {
    (void)state;
    struct cdn_ip_addr a;
    uint8_t length = 0;
    assert_int_equal(cdn_ip_parse_prefix(CDN_STR("10.0.0.0/8"), &a, &length), 0);
    assert_int_equal(length, 8);
    assert_int_equal(cdn_ip_parse_prefix(CDN_STR("10.0.0.1"), &a, &length), 0);
    assert_int_equal(length, 32);
    assert_int_equal(cdn_ip_parse_prefix(CDN_STR("::/0"), &a, &length), 0);
    assert_int_equal(length, 0);
    assert_int_equal(cdn_ip_parse_prefix(CDN_STR("::1/128"), &a, &length), 0);
    assert_int_equal(length, 128);
    static const char *const host_bits[] = {
        "10.0.0.1/31", "128.0.0.0/0", "8000::/0", "::1/127", "2001:db8::/28"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(host_bits); i++) {
        assert_int_equal(cdn_ip_parse_prefix(cdn_str_z(host_bits[i]), &a, &length), CORDON_E_RANGE);
    }
    static const char *const bad[] = {
        "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129", "::/08", "10.0.0.0/8/8", "::/ 1", "::/-1"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(bad); i++) {
        assert_int_equal(cdn_ip_parse_prefix(cdn_str_z(bad[i]), &a, &length), CORDON_E_SYNTAX);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_and_bad_text),
        cmocka_unit_test(random_text_agrees_with_inet_pton),
        cmocka_unit_test(writing_is_rfc_5952),
        cmocka_unit_test(prefixes),
    };
    return cdn_run(tests);
}
