/* SPDX-License-Identifier: Apache-2.0 */
/* test_daemon.c: settings, the export, token buckets, limits of connections: what needs no connection. */
#include <netinet/in.h>
#include <sys/socket.h>

#include "csv.h"
#include "server.h"
#include "support/fault.h"
#include "support/rnd.h"

/* ---- settings
 * ---------------------------------------------------------------------------------------------------- */

static void defaults_are_right(void **state CDN_UNUSED) {
    struct config c;
    cordon_error e = {0};
    config_defaults(&c);
    (void)memcpy(c.data, "/x", 3);
    assert_int_equal(config_check(&c, &e), 0);
    assert_string_equal(c.listen, "127.0.0.1:8920");
    assert_int_equal(c.idle_time, 30000);
    assert_int_equal(c.request_size, 1 << 20);
    assert_true(c.journal && c.durable && c.watch && !c.allow_plain);
}

static void a_wrong_line_leaves_everything_as_it_was(void **state CDN_UNUSED) {
    struct config c;
    cordon_error e = {0};
    config_defaults(&c);
    assert_int_equal(config_read(&c, "f", CDN_STR("rate = 5\nrequest_time = 2 weeks\n"), &e),
                     CORDON_E_SYNTAX);
    assert_int_equal(c.rate, 0);
    assert_int_equal(e.line, 2);
    assert_int_equal(e.column, 16);
    assert_string_equal(e.where, "f");
    assert_int_equal(config_read(&c, "f", CDN_STR("rate = 5 # requests\n\n#burst = 7\n\tburst=6"), &e), 0);
    assert_int_equal(c.rate, 5);
    assert_int_equal(c.burst, 6);
}

static void a_reload_changes_what_may_change(void **state CDN_UNUSED) {
    struct config now;
    struct config next;
    cordon_error e = {0};
    unsigned fixed = 0;
    config_defaults(&now);
    next = now;
    assert_int_equal(config_set(&next, CDN_STR("rate=9"), &e), 0);
    assert_int_equal(config_set(&next, CDN_STR("listen=[::1]:1"), &e), 0);
    config_reload(&now, &next, &fixed);
    assert_int_equal(now.rate, 9);
    assert_string_equal(now.listen, "127.0.0.1:8920");
    assert_int_equal(fixed, 1);
}

static void addresses(void **state CDN_UNUSED) {
    static const struct {
        const char *text;
        int err;
        bool loopback;
    } cases[] = {{"127.0.0.1:0", 0, true},
                 {"127.9.9.9:1", 0, true},
                 {":8920", 0, true},
                 {"[::1]:65535", 0, true},
                 {"0.0.0.0:1", 0, false},
                 {"[::]:1", 0, false},
                 {"[::ffff:127.0.0.1]:1", 0, true},
                 {"10.0.0.1:1", 0, false},
                 {"localhost:1", CORDON_E_SYNTAX, false},
                 {"127.0.0.1", CORDON_E_SYNTAX, false},
                 {"127.0.0.1:65536", CORDON_E_SYNTAX, false},
                 {"127.0.0.1:x", CORDON_E_SYNTAX, false},
                 {"[::1", CORDON_E_SYNTAX, false},
                 {"", CORDON_E_SYNTAX, false}};
    for (size_t i = 0; i < CDN_ARRAY_LEN(cases); i++) {
        struct sockaddr_storage a = {0};
        assert_int_equal(config_address(cases[i].text, &a, NULL), cases[i].err);
        if (!cases[i].err)
            assert_int_equal(config_is_loopback(&a), cases[i].loopback);
    }
}

/* ---- the export
 * ------------------------------------------------------------------------------------------------------ */

static int cells_are_quoted(const struct cordon_alloc *alloc) {
    static const char *const columns[] = {"b", "a"};
    struct cdn_buf out;
    cdn_buf_init(&out, alloc, CDN_KIB(4));
    const int err = csv_write(
        CDN_STR("[{\"a\":\"x \\\"y\\\"\\u00e9\\n\",\"b\":1,\"c\":null},{\"a\":\"=SUM(1)\",\"b\":null},{}]"),
        columns,
        2,
        &out);
    if (!err)
        assert_true(cdn_str_eq(cdn_buf_get(&out),
                               CDN_STR("b,a\r\n1,\"x \"\"y\"\"\xC3\xA9\n\"\r\n,\"'=SUM(1)\"\r\n,\r\n")));
    cdn_buf_free(&out);
    return err;
}

static void what_is_no_such_array_is_refused(void **state CDN_UNUSED) {
    static const char *const wrong[] = {
        "", "{}", "[{]", "[{\"a\"}]", "[{\"a\":[1]}]", "[{\"a\":{}}]", "[{\"a\":1}", "[{\"a\":\"x}]"};
    static const char *const columns[] = {"a"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(wrong); i++) {
        struct cdn_buf out;
        cdn_buf_init(&out, &cdn_alloc_libc, CDN_KIB(4));
        assert_int_equal(csv_write(cdn_str_z(wrong[i]), columns, 1, &out), CORDON_E_FORMAT);
        cdn_buf_free(&out);
    }
}

/* ---- token buckets
 * ---------------------------------------------------------------------------------------------------- */

/* Beside a bucket that counts tokens in nanoseconds, step by step. */
static void buckets_agree_with_counting(void **state CDN_UNUSED) {
    struct limits *l = limits_new();
    assert_non_null(l);
    const uint64_t rate = 10;
    const uint64_t burst = 5;
    const uint64_t step = UINT64_C(1000000000) / rate;
    uint64_t now = UINT64_C(1000000000000);
    uint64_t full_at = 0;
    for (unsigned i = 0; i < 20000; i++) {
        uint64_t wait = 0;
        now += (uint64_t)(i * 7919u % 13u) * step / 7;
        const uint64_t from = full_at > now ? full_at : now;
        const bool may = from - now + step <= burst * step;
        assert_int_equal(limits_take(l, 3, rate, burst, now, &wait), may);
        if (may)
            full_at = from + step;
        else
            assert_true(wait >= 1 && wait <= 1 + (full_at - now) / UINT64_C(1000000000));
    }
    uint64_t wait = 0;
    assert_true(limits_take(l, 4, rate, burst, now, &wait));   /* another key's bucket is full */
    assert_true(limits_take(l, UINT32_MAX, 0, 0, now, &wait)); /* no limit */
    limits_free(l);
}

/* ---- connections
 * ------------------------------------------------------------------------------------------------------ */

static struct guest guest_number(unsigned i) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x0a000000u + i)};
    return guest_of((const struct sockaddr *)&a);
}

/* Beside a plain count of each, coming and going at random. */
static void guests_are_counted(void **state CDN_UNUSED) {
    enum { MOST = 50, EACH = 7, ADDRESSES = 23 };
    struct guests *g = guests_new(MOST, EACH);
    unsigned open[ADDRESSES] = {0};
    unsigned all = 0;
    uint32_t random = 1;
    assert_non_null(g);
    for (unsigned i = 0; i < 20000; i++) {
        random = random * 1664525u + 1013904223u;
        const unsigned who = (random >> 8) % ADDRESSES;
        const struct guest guest = guest_number(who);
        const bool leave = (random >> 20) % 100 < (i / 500 % 2 ? 60u : 40u);
        if (leave && open[who] > 0) {
            guests_leave(g, &guest);
            open[who]--;
            all--;
        } else if (!leave) {
            const bool may = all < MOST && open[who] < EACH;
            assert_int_equal(guests_enter(g, &guest), may);
            open[who] += may;
            all += may;
        }
    }
    guests_free(g);
    assert_non_null(g = guests_new(2, 0)); /* one address may have all */
    const struct guest one = guest_number(1);
    assert_true(guests_enter(g, &one) && guests_enter(g, &one) && !guests_enter(g, &one));
    guests_free(g);
}

static void addresses_of_two_families_are_two_guests(void **state CDN_UNUSED) {
    struct guests *g = guests_new(10, 1);
    struct sockaddr_in6 a = {.sin6_family = AF_INET6};
    const struct guest six = guest_of((const struct sockaddr *)&a);
    const struct guest four = guest_number(0u - 0x0a000000u);
    assert_non_null(g);
    assert_true(guests_enter(g, &six) && guests_enter(g, &four));
    assert_false(guests_enter(g, &six) || guests_enter(g, &four));
    guests_free(g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guests_are_counted),
        cmocka_unit_test(addresses_of_two_families_are_two_guests),
        cmocka_unit_test(defaults_are_right),
        cmocka_unit_test(a_wrong_line_leaves_everything_as_it_was),
        cmocka_unit_test(a_reload_changes_what_may_change),
        cmocka_unit_test(addresses),
        cdn_fault_test(cells_are_quoted),
        cmocka_unit_test(what_is_no_such_array_is_refused),
        cmocka_unit_test(buckets_agree_with_counting),
    };
    return cdn_run(tests);
}
