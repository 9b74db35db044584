/* SPDX-License-Identifier: Apache-2.0 */
/* test_libloc.c: the IP section made from Debian's IPFire Location database answers as the library does, for
 * every boundary of every network and for random addresses; damaged databases are refused. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <unistd.h>

#include <libloc/database.h>

#include "geodata/builder.h"
#include "support/fault.h"
#include "support/rnd.h"
#include "support/shared.h"

#define DATABASE "/usr/share/libloc-location/location.db"
#define DATABASE_DATE 1667023194 /* 29 October 2022 */
#define RANDOM_EACH 100000

static const struct cdn_geodata_source libloc = {.name = {"libloc", 6}};

static struct {
    struct cdn_buf section;
    struct cdn_ip_table table;
    struct loc_ctx *ctx;
    struct loc_database *db;
} g;

static int open_all(void **state) {
    (void)state;
    if (access(DATABASE, R_OK) != 0) {
        return 0;
    }
    struct cordon_error e = {0};
    struct cdn_geodata_builder *b;
    cdn_buf_init(&g.section, &cdn_alloc_libc, CDN_MAX_SNAPSHOT_SECTION);
    assert_int_equal(cdn_geodata_builder_new(&cdn_alloc_libc, &b, &e), 0);
    assert_int_equal(cdn_geodata_add_file(b, CDN_IP_KIND_LIBLOC, &libloc, DATABASE, &e), 0);
    assert_int_equal(cdn_geodata_finish(b, &g.section, &e), 0);
    cdn_geodata_builder_free(b);
    assert_int_equal(cdn_ip_open(g.section.p, g.section.n, &g.table, &e), 0);
    FILE *const f = fopen(DATABASE, "rb");
    assert_non_null(f);
    assert_int_equal(loc_new(&g.ctx), 0);
    assert_int_equal(loc_database_new(g.ctx, &g.db, f), 0);
    fclose(f);
    return 0;
}

static int close_all(void **state) {
    (void)state;
    if (g.db != NULL) {
        loc_database_unref(g.db);
        loc_unref(g.ctx);
        cdn_buf_free(&g.section);
    }
    return 0;
}

static void need_database(void) {
    if (g.db == NULL) {
        printf("# SKIPPED: no " DATABASE " (package libloc-database)\n");
        skip();
    }
}

/* Prefixes whose addresses carry an IPv4 address that is looked up instead (see places/ip.h). */
static bool decoded_otherwise(const struct in6_addr *a) {
    static const uint8_t teredo[4] = {0x20, 0x01, 0, 0};
    return (a->s6_addr[0] == 0x20 && a->s6_addr[1] == 0x02) || memcmp(a->s6_addr, teredo, 4) == 0;
}

static struct cdn_ip_answer ask_library(const struct in6_addr *a) {
    struct cdn_ip_answer answer = {0};
    struct loc_network *network = NULL;
    if (loc_database_lookup(g.db, a, &network) != 0 || network == NULL) {
        return answer;
    }
    const char *const c = loc_network_get_country_code(network);
    if (c != NULL && c[0] >= 'A' && c[0] <= 'Z' && c[1] >= 'A' && c[1] <= 'Z') {
        answer.country = CDN_COUNTRY(c[0], c[1]);
    }
    answer.asn = loc_network_get_asn(network);
    answer.flags |= loc_network_has_flag(network, LOC_NETWORK_FLAG_ANONYMOUS_PROXY) ? CDN_IP_ANON_NETWORK : 0;
    answer.flags |= loc_network_has_flag(network, LOC_NETWORK_FLAG_SATELLITE_PROVIDER) ? CDN_IP_SATELLITE : 0;
    answer.flags |= loc_network_has_flag(network, LOC_NETWORK_FLAG_ANYCAST) ? CDN_IP_ANYCAST : 0;
    answer.flags |= loc_network_has_flag(network, LOC_NETWORK_FLAG_DROP) ? CDN_IP_DROP : 0;
    loc_network_unref(network);
    return answer;
}

struct tally {
    size_t asked, known, excluded;
    struct in6_addr recent[2];
};

static void compare(struct tally *t, const struct in6_addr *a) {
    /* Neighbouring networks share their boundaries. */
    if (memcmp(a, &t->recent[0], sizeof *a) == 0 || memcmp(a, &t->recent[1], sizeof *a) == 0) {
        return;
    }
    t->recent[0] = t->recent[1];
    t->recent[1] = *a;
    if (decoded_otherwise(a)) {
        t->excluded++;
        return;
    }
    const struct cdn_ip_answer wanted = ask_library(a);
    const uint32_t record = cdn_ip_lookup6(&g.table, a->s6_addr);
    const struct cdn_ip_answer *const got = cdn_ip_answers(&g.table, record);
    if (memcmp(got, &wanted, sizeof wanted) != 0) {
        char text[INET6_ADDRSTRLEN];
        inet_ntop(AF_INET6, a, text, sizeof text);
        fail_msg("%s: library %c%c AS%u flags %x, section %c%c AS%u flags %x",
                 text,
                 wanted.country >> 8,
                 wanted.country & 0xff,
                 wanted.asn,
                 wanted.flags,
                 got->country >> 8,
                 got->country & 0xff,
                 got->asn,
                 got->flags);
    }
    t->asked++;
    t->known += record != 0;
}

/* One up or down, round the ends. */
static struct in6_addr beside(const struct in6_addr *a, int by) {
    struct in6_addr r = *a;
    const uint8_t carry = by > 0 ? 0xff : 0;
    size_t i = 16;
    do {
        i--;
        r.s6_addr[i] = (uint8_t)(r.s6_addr[i] + by);
    } while (i > 0 && a->s6_addr[i] == carry);
    return r;
}

static void every_boundary_agrees(void **state) {
    (void)state;
    need_database();
    struct loc_database_enumerator *all;
    assert_int_equal(loc_database_enumerator_new(&all, g.db, LOC_DB_ENUMERATE_NETWORKS, 0), 0);
    struct tally t = {0};
    size_t networks = 0;
    for (;;) {
        struct loc_network *n = NULL;
        assert_int_equal(loc_database_enumerator_next_network(all, &n), 0);
        if (n == NULL) {
            break;
        }
        const struct in6_addr first = *loc_network_get_first_address(n);
        const struct in6_addr last = *loc_network_get_last_address(n);
        loc_network_unref(n);
        const struct in6_addr before = beside(&first, -1);
        const struct in6_addr after = beside(&last, 1);
        compare(&t, &before);
        compare(&t, &first);
        compare(&t, &last);
        compare(&t, &after);
        networks++;
    }
    loc_database_enumerator_unref(all);
    struct cdn_ip_source s;
    assert_true(cdn_ip_source(&g.table, 0, &s));
    assert_int_equal(s.networks, networks);
    printf("# %zu networks, %zu boundaries agree, %zu in 2002::/16 or 2001::/32 left out\n",
           networks,
           t.asked,
           t.excluded);
    assert_true(networks > 1000000);
    assert_true(t.asked > networks);
    assert_true(t.excluded < 10);
}

static void random_addresses_agree(void **state) {
    (void)state;
    need_database();
    struct cdn_rnd r;
    cdn_rnd_init(&r, "libloc", 1);
    struct tally t = {0};
    const size_t rounds = cdn_rnd_rounds(RANDOM_EACH);
    for (size_t i = 0; i < rounds; i++) {
        struct in6_addr a = {.s6_addr = {[10] = 0xff, [11] = 0xff}};
        cdn_rnd_bytes(&r, a.s6_addr + 12, 4);
        compare(&t, &a);
    }
    assert_int_equal(t.asked, rounds);
    assert_true(t.known > rounds / 2);
    for (size_t i = 0; i < rounds; i++) {
        struct in6_addr a;
        cdn_rnd_bytes(&r, &a, sizeof a);
        static const uint8_t allocated[] = {0x20, 0x24, 0x26, 0x28, 0x2a, 0x2c};
        a.s6_addr[0] = allocated[cdn_rnd_below(&r, sizeof allocated)];
        a.s6_addr[1] &= 0x1f;
        compare(&t, &a);
    }
    assert_true(t.asked > 2 * rounds - rounds / 10);
}

static void mapped_and_plain_ipv4_are_one(void **state) {
    (void)state;
    need_database();
    struct cdn_rnd r;
    cdn_rnd_init(&r, "mapped", 2);
    for (size_t i = 0; i < RANDOM_EACH; i++) {
        const uint32_t v4 = (uint32_t)cdn_rnd_next(&r);
        const uint8_t be[4] = {(uint8_t)(v4 >> 24), (uint8_t)(v4 >> 16), (uint8_t)(v4 >> 8), (uint8_t)v4};
        uint8_t mapped[16] = {[10] = 0xff, [11] = 0xff};
        uint8_t six_to_four[16] = {0x20, 0x02};
        uint8_t teredo[16] = {0x20, 0x01};
        memcpy(mapped + 12, be, 4);
        memcpy(six_to_four + 2, be, 4);
        for (size_t k = 0; k < 4; k++) {
            teredo[12 + k] = (uint8_t)~be[k];
        }
        const uint32_t wanted = cdn_ip_lookup4(&g.table, v4);
        assert_int_equal(cdn_ip_lookup6(&g.table, mapped), wanted);
        assert_int_equal(cdn_ip_lookup6(&g.table, six_to_four), wanted);
        assert_int_equal(cdn_ip_lookup6(&g.table, teredo), wanted);
    }
}

static void the_source_states_its_age_and_licence(void **state) {
    (void)state;
    need_database();
    struct cdn_ip_source s;
    assert_true(cdn_ip_source(&g.table, 0, &s));
    assert_true(cdn_str_eq(s.name, CDN_STR("libloc")));
    assert_true(cdn_str_eq(s.vendor, CDN_STR("IPFire Project")));
    assert_true(cdn_str_eq(s.licence, CDN_STR("CC BY-SA 4.0")));
    assert_int_equal(s.date, DATABASE_DATE);
    assert_int_equal(s.kind, CDN_IP_KIND_LIBLOC);
    assert_false(cdn_ip_source(&g.table, 1, &s));
}

/* Refused, or (when the damage is where nothing of use is) accepted; never more than that. */
static int add_damaged(cordon_str bytes, bool must_fail) {
    struct cordon_error e = {0};
    struct cdn_geodata_builder *b;
    assert_int_equal(cdn_geodata_builder_new(&cdn_alloc_libc, &b, &e), 0);
    const int err = cdn_geodata_add_bytes(b, CDN_IP_KIND_LIBLOC, &libloc, bytes, CDN_STR("cut.db"), &e);
    if (must_fail || err != 0) {
        assert_true(err < 0);
        assert_string_equal(e.where, "cut.db");
        assert_true(e.message[0] != 0);
        struct cdn_buf out;
        cdn_buf_init(&out, &cdn_alloc_libc, CDN_MAX_SNAPSHOT_SECTION);
        assert_int_equal(cdn_geodata_finish(b, &out, &e), CORDON_E_STATE);
        cdn_buf_free(&out);
    }
    cdn_geodata_builder_free(b);
    return err;
}

static void cut_and_garbled_databases_are_refused(void **state) {
    (void)state;
    need_database();
    size_t n;
    uint8_t *const whole = cdn_read_file(DATABASE, &n);
    assert_non_null(whole);
    const size_t cuts[] = {0,
                           1,
                           7,
                           8,
                           72,
                           4199,
                           4200,
                           8192,
                           757760,
                           38169332,
                           38170624,
                           53651260,
                           53653504,
                           n / 2,
                           n - 1657407,
                           n - 1};
    for (size_t i = 0; i < CDN_ARRAY_LEN(cuts); i++) {
        add_damaged(cdn_str((const char *)whole, cuts[i]), true);
    }
    struct cdn_rnd r;
    cdn_rnd_init(&r, "garbled", 3);
    for (size_t i = 0; i < 12; i++) {
        /* A header field, or a stretch of the tree. */
        const size_t at = i < 6 ? 28 + 4 * cdn_rnd_below(&r, 10) : 757760 + 4096 * cdn_rnd_below(&r, 9000);
        uint8_t saved[64];
        memcpy(saved, whole + at, sizeof saved);
        cdn_rnd_bytes(&r, whole + at, i < 6 ? 4 : sizeof saved);
        add_damaged(cdn_str((const char *)whole, n), i >= 6);
        memcpy(whole + at, saved, sizeof saved);
    }
    memset(whole, 'x', 7);
    add_damaged(cdn_str((const char *)whole, n), true);
    free(whole);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_boundary_agrees),
        cmocka_unit_test(random_addresses_agree),
        cmocka_unit_test(mapped_and_plain_ipv4_are_one),
        cmocka_unit_test(the_source_states_its_age_and_licence),
        cmocka_unit_test(cut_and_garbled_databases_are_refused),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
