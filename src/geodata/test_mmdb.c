/* SPDX-License-Identifier: Apache-2.0 */
/* test_mmdb.c: the IP section made from MaxMind DB files answers as libmaxminddb does on every network;
 * hostile and damaged files are refused. */
#include <dirent.h>
#include <netinet/in.h>
#include <stdlib.h>

#include <maxminddb.h>

#include "../../tests/support/mmdb_writer.h"
#include "geodata/builder.h"
#include "support/fault.h"
#include "support/rnd.h"
#include "support/shared.h"

#define FIXTURES "data/places/maxmind-db/"

static const struct cdn_geodata_source source = {.name = {"mmdb", 4}};

/* Builds a section from one file. On success *t views b. */
static int make(
    const uint8_t *bytes, size_t n, struct cdn_buf *b, struct cdn_ip_table *t, struct cordon_error *e) {
    struct cdn_geodata_builder *builder;
    cdn_buf_init(b, &cdn_alloc_libc, CDN_MAX_SNAPSHOT_SECTION);
    assert_int_equal(cdn_geodata_builder_new(&cdn_alloc_libc, &builder, e), 0);
    int err = cdn_geodata_add_bytes(
        builder, CDN_IP_KIND_MMDB, &source, cdn_str((const char *)bytes, n), CDN_STR("x.mmdb"), e);
    if (err != 0) {
        struct cordon_error nothing = {0};
        assert_string_equal(e->where, "x.mmdb");
        assert_int_equal(e->code, err);
        assert_true(e->message[0] != 0);
        assert_int_equal(cdn_geodata_finish(builder, b, &nothing), CORDON_E_STATE);
    } else {
        assert_int_equal(cdn_geodata_finish(builder, b, e), 0);
        assert_int_equal(cdn_ip_open(b->p, b->n, t, e), 0);
    }
    cdn_geodata_builder_free(builder);
    return err;
}

/* ---- what the library says ------------------------------------------------------------------------------
 */

struct wanted {
    struct cdn_ip_answer a; /* region is 0 */
    char region[8];
};

static bool get_bool(MMDB_entry_s *entry, const char *map, const char *name) {
    MMDB_entry_data_s d;
    const int err =
        map != NULL ? MMDB_get_value(entry, &d, map, name, NULL) : MMDB_get_value(entry, &d, name, NULL);
    return err == MMDB_SUCCESS && d.has_data && d.type == MMDB_DATA_TYPE_BOOLEAN && d.boolean;
}

static void get_flags(MMDB_entry_s *entry, const char *map, struct cdn_ip_answer *a) {
    static const char *const anonymous[] = {"is_anonymous",
                                            "is_anonymous_vpn",
                                            "is_anonymous_proxy",
                                            "is_public_proxy",
                                            "is_tor_exit_node",
                                            "is_residential_proxy"};
    for (size_t i = 0; i < 6; i++) {
        a->flags |= get_bool(entry, map, anonymous[i]) ? CDN_IP_ANON_NETWORK : 0;
    }
    a->flags |= get_bool(entry, map, "is_tor_exit_node") ? CDN_IP_TOR_EXIT : 0;
    a->flags |= get_bool(entry, map, "is_residential_proxy") ? CDN_IP_RESIDENTIAL_PROXY : 0;
    a->flags |= get_bool(entry, map, "is_hosting_provider") ? CDN_IP_HOSTING : 0;
    a->flags |= get_bool(entry, map, "is_satellite_provider") ? CDN_IP_SATELLITE : 0;
    a->flags |= get_bool(entry, map, "is_anycast") ? CDN_IP_ANYCAST : 0;
}

static struct wanted library_answer(MMDB_lookup_result_s *r) {
    struct wanted w = {0};
    if (!r->found_entry) {
        return w;
    }
    MMDB_entry_data_s d;
    if (MMDB_get_value(&r->entry, &d, "country", "iso_code", NULL) == MMDB_SUCCESS && d.has_data) {
        assert_int_equal(d.data_size, 2);
        w.a.country = CDN_COUNTRY(d.utf8_string[0], d.utf8_string[1]);
        if (MMDB_get_value(&r->entry, &d, "subdivisions", "0", "iso_code", NULL) == MMDB_SUCCESS &&
            d.has_data && d.data_size <= 3) {
            snprintf(w.region,
                     sizeof w.region,
                     "%c%c-%.*s",
                     w.a.country >> 8,
                     w.a.country & 0xff,
                     (int)d.data_size,
                     d.utf8_string);
        }
    }
    if (MMDB_get_value(&r->entry, &d, "location", "accuracy_radius", NULL) == MMDB_SUCCESS && d.has_data) {
        w.a.accuracy_km = d.uint16;
    }
    if (MMDB_get_value(&r->entry, &d, "autonomous_system_number", NULL) == MMDB_SUCCESS && d.has_data) {
        w.a.asn = d.uint32;
    }
    if (MMDB_get_value(&r->entry, &d, "traits", "autonomous_system_number", NULL) == MMDB_SUCCESS &&
        d.has_data) {
        w.a.asn = d.uint32;
    }
    get_flags(&r->entry, NULL, &w.a);
    get_flags(&r->entry, "traits", &w.a);
    return w;
}

/* ---- comparing ------------------------------------------------------------------------------------------
 */

struct run {
    MMDB_s mmdb;
    struct cdn_ip_table table;
    uint32_t root4;
    bool v6;
    size_t asked, known, networks;
};

/* ::a.b.c.d is IPv4 in a tree for IPv6. */
static bool is_v4(const struct in6_addr *a) {
    static const uint8_t zero[12];
    return memcmp(a, zero, sizeof zero) == 0;
}

static bool decoded_otherwise(const struct in6_addr *a) {
    static const uint8_t teredo[4] = {0x20, 0x01, 0, 0};
    return memcmp(a, teredo, sizeof teredo) == 0;
}

static void compare(struct run *r, const struct in6_addr *a) {
    struct sockaddr_in in4 = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_addr = *a};
    const bool four = is_v4(a);
    if ((!four && !r->v6) || decoded_otherwise(a)) {
        return;
    }
    memcpy(&in4.sin_addr, a->s6_addr + 12, 4);
    int err;
    MMDB_lookup_result_s found = MMDB_lookup_sockaddr(
        &r->mmdb, four ? (const struct sockaddr *)&in4 : (const struct sockaddr *)&in6, &err);
    assert_int_equal(err, MMDB_SUCCESS);
    const struct wanted w = library_answer(&found);
    const uint32_t record =
        four ? cdn_ip_lookup4(&r->table, ntohl(in4.sin_addr.s_addr)) : cdn_ip_lookup6(&r->table, a->s6_addr);
    struct cdn_ip_answer got = *cdn_ip_answers(&r->table, record);
    const cordon_str region = cdn_ip_region(&r->table, got.region);
    assert_int_equal(region.n, strlen(w.region));
    assert_memory_equal(region.n > 0 ? region.p : "", w.region, region.n);
    got.region = 0;
    assert_memory_equal(&got, &w.a, sizeof got);
    r->asked++;
    r->known += record != 0;
}

static struct in6_addr beside(struct in6_addr a, int by) {
    for (size_t i = 16; i-- > 0;) {
        a.s6_addr[i] = (uint8_t)(a.s6_addr[i] + by);
        if (a.s6_addr[i] != (by > 0 ? 0 : 0xff)) {
            break;
        }
    }
    return a;
}

/* Goes over the tree as the library reads it; `depth` counts as in a tree for IPv6. */
static void every_network(struct run *r, uint32_t node, unsigned depth, struct in6_addr at) {
    MMDB_search_node_s n;
    assert_int_equal(MMDB_read_node(&r->mmdb, node, &n), MMDB_SUCCESS);
    for (unsigned bit = 0; bit < 2; bit++) {
        struct in6_addr first = at;
        first.s6_addr[depth / 8] |= (uint8_t)(bit << (7 - depth % 8));
        const uint8_t type = bit == 0 ? n.left_record_type : n.right_record_type;
        const uint64_t child = bit == 0 ? n.left_record : n.right_record;
        if (type == MMDB_RECORD_TYPE_SEARCH_NODE) {
            const bool alias = r->v6 && child == r->root4 && !is_v4(&first);
            if (!alias) {
                every_network(r, (uint32_t)child, depth + 1, first);
            }
            continue;
        }
        struct in6_addr last = first;
        for (unsigned i = depth + 1; i < 128; i++) {
            last.s6_addr[i / 8] |= (uint8_t)(1 << (7 - i % 8));
        }
        const struct in6_addr all[] = {beside(first, -1), first, last, beside(last, 1)};
        for (size_t i = 0; i < 4; i++) {
            compare(r, &all[i]);
        }
        r->networks++;
    }
}

static uint32_t root_of_v4(MMDB_s *mmdb) {
    uint64_t node = 0;
    for (int i = 0; i < 96; i++) {
        MMDB_search_node_s n;
        if (MMDB_read_node(mmdb, (uint32_t)node, &n) != MMDB_SUCCESS ||
            n.left_record_type != MMDB_RECORD_TYPE_SEARCH_NODE) {
            return UINT32_MAX;
        }
        node = n.left_record;
    }
    return (uint32_t)node;
}

/* True when the file was used. */
static bool file_agrees(const char *path, size_t *asked) {
    struct cordon_error e = {0};
    struct cdn_buf b;
    struct run r = {0};
    size_t n;
    uint8_t *const bytes = cdn_read_file(path, &n);
    assert_non_null(bytes);
    const int err = make(bytes, n, &b, &r.table, &e);
    if (err == 0) {
        assert_int_equal(MMDB_open(path, MMDB_MODE_MMAP, &r.mmdb), MMDB_SUCCESS);
        r.v6 = r.mmdb.metadata.ip_version == 6;
        r.root4 = r.v6 ? root_of_v4(&r.mmdb) : 0;
        every_network(&r, 0, r.v6 ? 0 : 96, in6addr_any);
        assert_true(r.known > 0);
        struct cdn_ip_source s;
        assert_true(cdn_ip_source(&r.table, 0, &s));
        assert_int_equal((uint64_t)s.date, r.mmdb.metadata.build_epoch);
        MMDB_close(&r.mmdb);
        *asked += r.asked;
    } else {
        printf("# %s: %s\n", strrchr(path, '/') + 1, e.message);
    }
    cdn_buf_free(&b);
    free(bytes);
    return err == 0;
}

static bool names_mmdb(const struct dirent *d) {
    const size_t n = strlen(d->d_name);
    return n > 5 && strcmp(d->d_name + n - 5, ".mmdb") == 0;
}

static void every_fixture_agrees(void **state) {
    (void)state;
    char folder[CDN_PATH];
    cdn_shared_or_skip(folder, FIXTURES "test-data");
    static const char *const usable[] = {"GeoIP-Anonymous-Plus-Test.mmdb",
                                         "GeoIP2-Anonymous-IP-Test.mmdb",
                                         "GeoIP2-City-Shield-Test.mmdb",
                                         "GeoIP2-City-Test.mmdb",
                                         "GeoIP2-Country-Shield-Test.mmdb",
                                         "GeoIP2-Country-Test.mmdb",
                                         "GeoIP2-Enterprise-Shield-Test.mmdb",
                                         "GeoIP2-Enterprise-Test.mmdb",
                                         "GeoIP2-ISP-Test.mmdb",
                                         "GeoIP2-Precision-Enterprise-Shield-Test.mmdb",
                                         "GeoIP2-Precision-Enterprise-Test.mmdb",
                                         "GeoLite2-ASN-Test.mmdb",
                                         "GeoLite2-City-Test.mmdb",
                                         "GeoLite2-Country-Test.mmdb"};
    DIR *const dir = opendir(folder);
    assert_non_null(dir);
    size_t asked = 0;
    size_t files = 0;
    for (struct dirent *d = readdir(dir); d != NULL; d = readdir(dir)) {
        if (!names_mmdb(d)) {
            continue;
        }
        char path[2 * CDN_PATH];
        snprintf(path, sizeof path, "%s/%s", folder, d->d_name);
        const bool used = file_agrees(path, &asked);
        files++;
        for (size_t i = 0; i < CDN_ARRAY_LEN(usable); i++) {
            if (strcmp(d->d_name, usable[i]) == 0 && !used) {
                fail_msg("%s must be usable", d->d_name);
            }
        }
    }
    closedir(dir);
    printf("# %zu files, %zu addresses agree\n", files, asked);
    assert_true(files >= CDN_ARRAY_LEN(usable));
    assert_true(asked > 10000);
}

static void hostile_files_are_refused(void **state) {
    (void)state;
    static const char *const folders[] = {"libmaxminddb", "maxminddb-golang", "maxminddb-python"};
    size_t files = 0;
    for (size_t i = 0; i < CDN_ARRAY_LEN(folders); i++) {
        char relative[CDN_PATH];
        char folder[CDN_PATH];
        snprintf(relative, sizeof relative, FIXTURES "bad-data/%s", folders[i]);
        cdn_shared_or_skip(folder, relative);
        DIR *const dir = opendir(folder);
        assert_non_null(dir);
        for (struct dirent *d = readdir(dir); d != NULL; d = readdir(dir)) {
            if (!names_mmdb(d)) {
                continue;
            }
            char path[2 * CDN_PATH];
            snprintf(path, sizeof path, "%s/%s", folder, d->d_name);
            struct cordon_error e = {0};
            struct cdn_buf b;
            struct cdn_ip_table t;
            size_t n;
            uint8_t *const bytes = cdn_read_file(path, &n);
            assert_non_null(bytes);
            if (make(bytes, n, &b, &t, &e) == 0) {
                fail_msg("%s was accepted", d->d_name);
            }
            printf("# %s: %s\n", d->d_name, e.message);
            cdn_buf_free(&b);
            free(bytes);
            files++;
        }
        closedir(dir);
    }
    assert_int_equal(files, 21);
}

static void cut_files_are_refused(void **state) {
    (void)state;
    char path[CDN_PATH];
    cdn_shared_or_skip(path, FIXTURES "test-data/GeoIP2-City-Test.mmdb");
    size_t n;
    uint8_t *const bytes = cdn_read_file(path, &n);
    assert_non_null(bytes);
    for (size_t cut = 0; cut < n; cut += 61) {
        uint8_t *const part = malloc(cut + 1);
        assert_non_null(part);
        memcpy(part, bytes, cut);
        struct cordon_error e = {0};
        struct cdn_buf b;
        struct cdn_ip_table t;
        assert_true(make(part, cut, &b, &t, &e) < 0);
        cdn_buf_free(&b);
        free(part);
    }
    free(bytes);
}

static void garbled_files_never_crash(void **state) {
    (void)state;
    char path[CDN_PATH];
    cdn_shared_or_skip(path, FIXTURES "test-data/GeoIP2-Enterprise-Test.mmdb");
    size_t n;
    uint8_t *const bytes = cdn_read_file(path, &n);
    assert_non_null(bytes);
    struct cdn_rnd r;
    cdn_rnd_init(&r, "garbled", 4);
    size_t refused = 0;
    const size_t rounds = cdn_rnd_rounds(2000);
    for (size_t i = 0; i < rounds; i++) {
        const size_t at = cdn_rnd_below(&r, n);
        const uint8_t saved = bytes[at];
        bytes[at] = (uint8_t)cdn_rnd_next(&r);
        struct cordon_error e = {0};
        struct cdn_buf b;
        struct cdn_ip_table t;
        refused += make(bytes, n, &b, &t, &e) != 0;
        cdn_buf_free(&b);
        bytes[at] = saved;
    }
    free(bytes);
    assert_true(refused > rounds / 10);
}

/* ---- files of our own writer, of each record size --------------------------------------------------------
 */

static void written_files_agree(void **state) {
    (void)state;
    struct cdn_rnd r;
    cdn_rnd_init(&r, "written", 5);
    char path[CDN_PATH];
    cdn_build_path(path, "test-mmdb-written.mmdb");
    size_t asked = 0;
    for (unsigned round = 0; round < 30; round++) {
        struct mmdb_writer *const w = mmdb_writer_new();
        const size_t networks = 1 + cdn_rnd_below(&r, 200);
        for (size_t i = 0; i < networks; i++) {
            uint8_t addr[16] = {0};
            const bool four = cdn_rnd_chance(&r, 500);
            const unsigned length =
                four ? 97 + (unsigned)cdn_rnd_below(&r, 32) : 8 + (unsigned)cdn_rnd_below(&r, 121);
            cdn_rnd_bytes(&r, addr + (four ? 12 : 0), four ? 4 : 16);
            addr[four ? 12 : 0] = (uint8_t)(four ? cdn_rnd_below(&r, 4) : 0x28 + cdn_rnd_below(&r, 4));
            for (unsigned bit = length; bit < 128; bit++) {
                addr[bit / 8] &= (uint8_t) ~(1 << (7 - bit % 8));
            }
            const struct mmdb_data d = {.country = {(char)('A' + cdn_rnd_below(&r, 3)), 'Q', 0},
                                        .subdivision = {(char)('1' + cdn_rnd_below(&r, 3)), 0},
                                        .asn = (uint32_t)cdn_rnd_below(&r, 3) * 70000,
                                        .accuracy_km = (uint16_t)(cdn_rnd_below(&r, 2) * 1000),
                                        .anycast = cdn_rnd_chance(&r, 100),
                                        .hosting = cdn_rnd_chance(&r, 100)};
            mmdb_writer_add(w, addr, length, mmdb_writer_data(w, &d));
        }
        size_t n;
        uint8_t *const bytes = mmdb_writer_finish(w, 24 + 4 * (round % 3), round % 2 == 0, &n);
        mmdb_writer_free(w);
        FILE *const f = fopen(path, "wb");
        assert_non_null(f);
        assert_int_equal(fwrite(bytes, 1, n, f), n);
        assert_int_equal(fclose(f), 0);
        free(bytes);
        assert_true(file_agrees(path, &asked));
    }
    remove(path);
    assert_true(asked > 10000);
}

/* ---- small things ---------------------------------------------------------------------------------------
 */

static int build_of_a_small_file(const struct cordon_alloc *alloc) {
    struct mmdb_writer *const w = mmdb_writer_new();
    const struct mmdb_data d = {
        .country = "UA", .subdivision = "43", .asn = 64496, .accuracy_km = 50, .anonymous = 1};
    const uint8_t addr[16] = {[12] = 192, [14] = 2};
    mmdb_writer_add(w, addr, 120, mmdb_writer_data(w, &d));
    size_t n;
    uint8_t *const bytes = mmdb_writer_finish(w, 24, 0, &n);
    mmdb_writer_free(w);
    struct cdn_geodata_builder *b = NULL;
    struct cdn_buf out;
    cdn_buf_init(&out, alloc, CDN_MAX_SNAPSHOT_SECTION);
    int err = cdn_geodata_builder_new(alloc, &b, NULL);
    if (err == 0) {
        err = cdn_geodata_add_bytes(
            b, CDN_IP_KIND_MMDB, &source, cdn_str((const char *)bytes, n), CDN_STR("x"), NULL);
    }
    if (err == 0) {
        err = cdn_geodata_finish(b, &out, NULL);
    }
    if (err == 0) {
        struct cdn_ip_table t;
        assert_int_equal(cdn_ip_open(out.p, out.n, &t, NULL), 0);
        const struct cdn_ip_answer *const a = cdn_ip_answers(&t, cdn_ip_lookup4(&t, 0xc00002ff));
        assert_int_equal(a->country, CDN_COUNTRY('U', 'A'));
        assert_int_equal(a->asn, 64496);
        assert_int_equal(a->accuracy_km, 50);
        assert_int_equal(a->flags, CDN_IP_ANON_NETWORK);
        assert_true(cdn_str_eq(cdn_ip_region(&t, a->region), CDN_STR("UA-43")));
        assert_int_equal(cdn_ip_lookup4(&t, 0xc0000300), 0);
    }
    cdn_buf_free(&out);
    cdn_geodata_builder_free(b);
    free(bytes);
    return err;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fixture_agrees),
        cmocka_unit_test(hostile_files_are_refused),
        cmocka_unit_test(cut_files_are_refused),
        cmocka_unit_test(garbled_files_never_crash),
        cmocka_unit_test(written_files_agree),
        cdn_fault_test_retry(build_of_a_small_file) /* an arena tries a smaller block */,
    };
    return cdn_run(tests);
}
