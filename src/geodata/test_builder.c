/* SPDX-License-Identifier: Apache-2.0 */
/* test_builder.c: lists of prefixes, several sources side by side, and what a damaged section does. */
#include <stdlib.h>

#include "geodata/builder.h"

#include "base/num.h"
#include "places/ip_format.h"
#include "support/fault.h"
#include "support/rnd.h"
#include "support/shared.h"

#define DAY 1646438400 /* 2022-03-05 */

struct built {
    struct cdn_geodata_builder *b;
    struct cdn_buf section;
    struct cdn_ip_table table;
    struct cordon_error e;
};

static void begin(struct built *x) {
    memset(x, 0, sizeof *x);
    cdn_buf_init(&x->section, &cdn_alloc_libc, CDN_MAX_SNAPSHOT_SECTION);
    assert_int_equal(cdn_geodata_builder_new(&cdn_alloc_libc, &x->b, &x->e), 0);
}

static int add(struct built *x, enum cdn_ip_source_kind kind, const char *name, const char *text) {
    const struct cdn_geodata_source s = {
        .name = cdn_str_z(name), .vendor = CDN_STR("tests"), .licence = CDN_STR("CC0"), .date = DAY};
    return cdn_geodata_add_bytes(x->b, kind, &s, cdn_str_z(text), CDN_STR("list.csv"), &x->e);
}

static void finish(struct built *x) {
    assert_int_equal(cdn_geodata_finish(x->b, &x->section, &x->e), 0);
    assert_int_equal(cdn_ip_open(x->section.p, x->section.n, &x->table, &x->e), 0);
}

static void end(struct built *x) {
    cdn_geodata_builder_free(x->b);
    cdn_buf_free(&x->section);
}

static const struct cdn_ip_answer *ask(const struct built *x, const char *address) {
    struct cdn_ip_addr a;
    assert_int_equal(cdn_ip_parse(cdn_str_z(address), &a), 0);
    return cdn_ip_answers(&x->table, cdn_ip_lookup(&x->table, &a));
}

static void assert_country(const struct cdn_ip_answer *a, const char *country) {
    assert_int_equal(a->country, country[0] == 0 ? 0 : CDN_COUNTRY(country[0], country[1]));
}

static void the_longest_prefix_answers(void **state) {
    (void)state;
    struct built x;
    begin(&x);
    const int err = add(&x,
                        CDN_IP_KIND_CSV,
                        "own",
                        "\xef\xbb\xbf# networks of the example\n\n"
                        "10.0.0.0/8,DE\r\n"
                        "10.1.0.0/16,UA,UA-43,64496,hosting anycast\n"
                        "10.1.2.3,RU\n"
                        "10.1.128.0/17,,,AS64497\n"
                        "2001:db8::/32,UA,UA-40\n"
                        "2001:db8:1::/48,RU,,,tor residential anonymous satellite drop\n"
                        "::ffff:192.0.2.0/120,FR\n"
                        "255.255.255.255,US");
    assert_int_equal(err, 0);
    finish(&x);
    assert_country(ask(&x, "9.255.255.255"), "");
    assert_country(ask(&x, "10.0.0.0"), "DE");
    const struct cdn_ip_answer *a = ask(&x, "10.1.2.2");
    assert_country(a, "UA");
    assert_int_equal(a->asn, 64496);
    assert_int_equal(a->flags, CDN_IP_HOSTING | CDN_IP_ANYCAST);
    assert_true(cdn_str_eq(cdn_ip_region(&x.table, a->region), CDN_STR("UA-43")));
    assert_country(ask(&x, "10.1.2.3"), "RU");
    assert_int_equal(ask(&x, "10.1.2.4")->asn, 64496);
    a = ask(&x, "10.1.200.1"); /* says less, and still is the answer */
    assert_country(a, "");
    assert_int_equal(a->asn, 64497);
    assert_country(ask(&x, "10.255.255.255"), "DE");
    assert_country(ask(&x, "11.0.0.0"), "");
    assert_country(ask(&x, "192.0.2.77"), "FR");
    assert_country(ask(&x, "::ffff:192.0.2.77"), "FR");
    assert_country(ask(&x, "2002:c000:24d::1"), "FR");
    assert_country(ask(&x, "2001:0:1:2:3:4:3fff:fdb2"), "FR");
    assert_country(ask(&x, "255.255.255.255"), "US");
    a = ask(&x, "2001:db8:0:ffff::1");
    assert_country(a, "UA");
    assert_true(cdn_str_eq(cdn_ip_region(&x.table, a->region), CDN_STR("UA-40")));
    assert_int_equal(ask(&x, "2001:db8:1:ffff::")->flags,
                     CDN_IP_TOR_EXIT | CDN_IP_RESIDENTIAL_PROXY | CDN_IP_ANON_NETWORK | CDN_IP_SATELLITE |
                         CDN_IP_DROP);
    assert_country(ask(&x, "2001:db9::"), "");
    struct cdn_ip_source s;
    assert_true(cdn_ip_source(&x.table, 0, &s));
    assert_int_equal(s.networks, 8);
    assert_int_equal(s.date, DAY);
    assert_true(cdn_str_eq(s.licence, CDN_STR("CC0")));
    end(&x);
}

static void a_whole_family_can_be_one_network(void **state) {
    (void)state;
    struct built x;
    begin(&x);
    assert_int_equal(add(&x, CDN_IP_KIND_CSV, "own", "0.0.0.0/0,DE\n::/0,FR\nffff::/16,UA\n"), 0);
    finish(&x);
    assert_country(ask(&x, "0.0.0.0"), "DE");
    assert_country(ask(&x, "255.255.255.255"), "DE");
    assert_country(ask(&x, "::"), "FR");
    assert_country(ask(&x, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), "UA");
    end(&x);
}

static void wrong_lines_are_named(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int code;
        unsigned line;
        const char *says;
    } cases[] = {
        {"10.0.0.0/8,DE\n10.0.0.1/8,DE\n", CORDON_E_RANGE, 2, "10.0.0.1/8"},
        {"10.0.0.0/33,DE\n", CORDON_E_SYNTAX, 1, "10.0.0.0/33"},
        {"# x\n\n10.0.0/8,DE\n", CORDON_E_SYNTAX, 3, "10.0.0/8"},
        {"010.0.0.0/8,DE\n", CORDON_E_SYNTAX, 1, "010.0.0.0/8"},
        {"10.0.0.0/8,de\n", CORDON_E_SYNTAX, 1, "`de`"},
        {"10.0.0.0/8,DEU\n", CORDON_E_SYNTAX, 1, "`DEU`"},
        {"10.0.0.0/8,DE,UA-43\n", CORDON_E_SYNTAX, 1, "UA-43"},
        {"10.0.0.0/8,UA,UA-\n", CORDON_E_SYNTAX, 1, "UA-"},
        {"10.0.0.0/8\n", CORDON_E_SYNTAX, 1, "prefix,country"},
        {"10.0.0.0/8,UA,,,,\n", CORDON_E_SYNTAX, 1, "prefix,country"},
        {"10.0.0.0/8,UA,,4294967296\n", CORDON_E_RANGE, 1, "4294967296"},
        {"10.0.0.0/8,UA,,12x\n", CORDON_E_SYNTAX, 1, "12x"},
        {"10.0.0.0/8,UA,,,hostin\n", CORDON_E_NAME, 1, "hostin"},
        {"10.0.0.0/8,UA\n9.0.0.0/8,UA\n10.0.0.0/8,RU\n", CORDON_E_CONFLICT, 3, "lines 1 and 3"},
        {"# nothing\n", CORDON_E_TYPE, 0, "no prefix"},
        {"# date: soon\n10.0.0.0/8,UA\n", CORDON_E_SYNTAX, 1, "soon"},
        {"10.0.0.0/8,\n", CORDON_E_TYPE, 0, "nothing"},
    };
    for (size_t i = 0; i < CDN_ARRAY_LEN(cases); i++) {
        struct built x;
        begin(&x);
        const int err = add(&x, CDN_IP_KIND_CSV, "own", cases[i].text);
        if (err != cases[i].code || x.e.line != cases[i].line || strstr(x.e.message, cases[i].says) == NULL ||
            strcmp(x.e.where, "list.csv") != 0) {
            fail_msg("%s: code %d, %s:%u: %s", cases[i].text, err, x.e.where, x.e.line, x.e.message);
        }
        if (cases[i].code == CORDON_E_NAME) {
            assert_non_null(strstr(x.e.hint, "hosting"));
        }
        assert_int_equal(cdn_geodata_finish(x.b, &x.section, &x.e), CORDON_E_STATE);
        end(&x);
    }
}

static void a_list_may_state_its_date(void **state) {
    (void)state;
    static const char dated[] = "# Networks of the example\n# Date: 2026-08-01\n# date: 2020-01-01\n"
                                "# vendor: Example Ltd\n# licence: CC0\n192.0.2.0/24,UA\n";
    static const char undated[] = "192.0.2.0/24,UA\n";
    const struct cdn_geodata_source source = {.name = CDN_STR("own")};
    struct built x;
    struct cdn_ip_source said;
    begin(&x);
    assert_int_equal(
        cdn_geodata_add_bytes(x.b, CDN_IP_KIND_CSV, &source, cdn_str_z(undated), CDN_STR("l"), &x.e),
        CORDON_E_ARG);
    assert_non_null(strstr(x.e.hint, "# date: "));
    assert_int_equal(
        cdn_geodata_add_bytes(x.b, CDN_IP_KIND_CSV, &source, cdn_str_z(dated), CDN_STR("l"), &x.e), 0);
    finish(&x);
    assert_true(cdn_ip_source(&x.table, 0, &said));
    assert_int_equal(said.date, cdn_days_from_civil(2026, 8, 1) * 86400);
    assert_true(cdn_str_eq(said.vendor, CDN_STR("Example Ltd")) && cdn_str_eq(said.licence, CDN_STR("CC0")));
    end(&x);
}

static void a_geofeed_keeps_its_good_lines(void **state) {
    (void)state;
    struct built x;
    begin(&x);
    const int err = add(&x,
                        CDN_IP_KIND_GEOFEED,
                        "feed",
                        "# RFC 8805\n"
                        "192.0.2.0/25,us,US-AL,,\n"
                        "192.0.2.5,US,us-al,Alabaster,\n"
                        "192.0.2.128/25,PL,PL-MZ,\"Warsaw, East\",02-784\n"
                        "2001:db8::/32,,,,\n"
                        "2001:db8::1/32,DE,,,\n"
                        "192.0.2.0/33,DE,,,\n"
                        "198.51.100.0/24,Germany,,,\n"
                        "203.0.113.0/24,FR\n");
    assert_int_equal(err, 0);
    finish(&x);
    const struct cdn_ip_answer *a = ask(&x, "192.0.2.5");
    assert_country(a, "US");
    assert_true(cdn_str_eq(cdn_ip_region(&x.table, a->region), CDN_STR("US-AL")));
    a = ask(&x, "192.0.2.200");
    assert_country(a, "PL");
    assert_true(cdn_str_eq(cdn_ip_region(&x.table, a->region), CDN_STR("PL-MZ")));
    a = ask(&x, "2001:db8::1");
    assert_country(a, "");
    assert_int_equal(a->flags, CDN_IP_NO_GEO);
    assert_country(ask(&x, "203.0.113.9"), "FR");
    assert_country(ask(&x, "198.51.100.9"), "");
    struct cdn_ip_source s;
    assert_true(cdn_ip_source(&x.table, 0, &s));
    assert_int_equal(s.networks, 5);
    assert_int_equal(s.rejected, 3);
    end(&x);
    begin(&x);
    assert_int_equal(add(&x, CDN_IP_KIND_GEOFEED, "feed", "hello\nworld,DE\n"), CORDON_E_SYNTAX);
    end(&x);
}

static void disagreement_stays_visible(void **state) {
    (void)state;
    struct built x;
    begin(&x);
    assert_int_equal(add(&x, CDN_IP_KIND_CSV, "one", "192.0.2.0/24,UA,UA-43\n198.51.100.0/24,DE\n"), 0);
    assert_int_equal(add(&x, CDN_IP_KIND_CSV, "broken", "192.0.2.0/24,Ukraine"), CORDON_E_SYNTAX);
    assert_int_equal(add(&x, CDN_IP_KIND_GEOFEED, "two", "192.0.2.0/25,RU,,,\n203.0.113.0/24,FR,,,\n"), 0);
    assert_int_equal(add(&x, CDN_IP_KIND_CSV, "two", "192.0.2.0/24,UA"), CORDON_E_CONFLICT);
    finish(&x);
    assert_int_equal(x.table.source_count, 2);
    const struct cdn_ip_answer *a = ask(&x, "192.0.2.1");
    assert_country(&a[0], "UA");
    assert_country(&a[1], "RU");
    a = ask(&x, "192.0.2.129");
    assert_country(&a[0], "UA");
    assert_country(&a[1], "");
    a = ask(&x, "203.0.113.1");
    assert_country(&a[0], "");
    assert_country(&a[1], "FR");
    a = ask(&x, "8.8.8.8");
    assert_country(&a[0], "");
    assert_country(&a[1], "");
    struct cdn_ip_source s;
    assert_true(cdn_ip_source(&x.table, 1, &s));
    assert_true(cdn_str_eq(s.name, CDN_STR("two")));
    assert_int_equal(s.kind, CDN_IP_KIND_GEOFEED);
    end(&x);
}

static void sources_need_name_date_and_room(void **state) {
    (void)state;
    struct built x;
    begin(&x);
    const cordon_str list = CDN_STR("192.0.2.0/24,UA");
    struct cdn_geodata_source s = {.name = CDN_STR("own")};
    assert_int_equal(cdn_geodata_add_bytes(x.b, CDN_IP_KIND_CSV, &s, list, CDN_STR("l"), &x.e), CORDON_E_ARG);
    assert_non_null(strstr(x.e.message, "date"));
    s = (struct cdn_geodata_source){.date = DAY};
    assert_int_equal(cdn_geodata_add_bytes(x.b, CDN_IP_KIND_CSV, &s, list, CDN_STR("l"), &x.e), CORDON_E_ARG);
    static const char *const names[] = {"a", "b", "c", "d"};
    for (size_t i = 0; i < CDN_IP_SOURCES; i++) {
        assert_int_equal(add(&x, CDN_IP_KIND_CSV, names[i], "192.0.2.0/24,UA"), 0);
    }
    assert_int_equal(add(&x, CDN_IP_KIND_CSV, "e", "192.0.2.0/24,UA"), CORDON_E_LIMIT);
    assert_int_equal(cdn_geodata_add_file(x.b, CDN_IP_KIND_CSV, &s, "/nowhere/x.csv", &x.e), CORDON_E_IO);
    assert_string_equal(x.e.where, "/nowhere/x.csv");
    assert_true(x.e.system != 0);
    end(&x);
}

/* ---- twin: the longest of the prefixes that contain the address, by looking at each ----------------------
 */

struct twin_prefix {
    struct cdn_ip_addr addr;
    unsigned length;
    uint16_t country;
};

static bool bit_of(const struct cdn_ip_addr *a, unsigned bit) {
    const uint32_t byte = a->family == 4 ? a->v4 >> (24 - bit / 8 * 8) & 0xff : a->v6[bit / 8];
    return (byte >> (7 - bit % 8) & 1) != 0;
}

static bool contains(const struct twin_prefix *p, const struct cdn_ip_addr *a) {
    if (p->addr.family != a->family) {
        return false;
    }
    for (unsigned bit = 0; bit < p->length; bit++) {
        if (bit_of(&p->addr, bit) != bit_of(a, bit)) {
            return false;
        }
    }
    return true;
}

static uint16_t twin(const struct twin_prefix *p, size_t n, const struct cdn_ip_addr *a) {
    const struct twin_prefix *best = NULL;
    for (size_t i = 0; i < n; i++) {
        if (contains(&p[i], a) && (best == NULL || p[i].length > best->length)) {
            best = &p[i];
        }
    }
    return best != NULL ? best->country : 0;
}

static struct cdn_ip_addr random_addr(struct cdn_rnd *r) {
    struct cdn_ip_addr a = {.family = cdn_rnd_chance(r, 500) ? 4 : 6};
    if (a.family == 4) {
        a.v4 = (uint32_t)cdn_rnd_next(r) & 0x030f0303;
    } else {
        for (size_t i = 0; i < 16; i++) {
            a.v6[i] = (uint8_t)(cdn_rnd_next(r) & cdn_rnd_next(r) & 0x11);
        }
        a.v6[0] = 0x2a;
    }
    return a;
}

static void cut_addr(struct cdn_ip_addr *a, unsigned length) {
    if (a->family == 4) {
        a->v4 &= length == 0 ? 0 : UINT32_MAX << (32 - length);
    }
    for (unsigned bit = length; bit < 128 && a->family == 6; bit++) {
        a->v6[bit / 8] &= (uint8_t) ~(1 << (7 - bit % 8));
    }
}

/* The first address after the prefix; false at the end of the space. */
static bool after(const struct twin_prefix *p, struct cdn_ip_addr *ret) {
    *ret = p->addr;
    if (p->addr.family == 4) {
        ret->v4 = p->length == 0 ? 0 : p->addr.v4 + ((uint32_t)1 << (32 - p->length));
        return ret->v4 != 0;
    }
    for (unsigned bit = p->length; bit-- > 0;) {
        ret->v6[bit / 8] ^= (uint8_t)(1 << (7 - bit % 8));
        if ((ret->v6[bit / 8] >> (7 - bit % 8) & 1) != 0) {
            return true;
        }
    }
    return false;
}

static void step_back(struct cdn_ip_addr *a) {
    a->v4--;
    for (size_t i = a->family == 6 ? 16 : 0; i > 0; i--) {
        if (a->v6[i - 1]-- != 0) {
            break;
        }
    }
}

#define TWIN_MAX 60

static size_t random_list(struct cdn_rnd *r, struct twin_prefix p[TWIN_MAX], struct cdn_buf *text) {
    size_t n = 0;
    cdn_buf_clear(text);
    const size_t wanted = 1 + cdn_rnd_below(r, TWIN_MAX);
    for (size_t i = 0; i < wanted; i++) {
        struct twin_prefix q = {.addr = random_addr(r)};
        q.length = (unsigned)cdn_rnd_below(r, q.addr.family == 4 ? 33 : 129);
        q.country = CDN_COUNTRY('A' + cdn_rnd_below(r, 4), 'Z');
        cut_addr(&q.addr, q.length);
        bool known = false;
        for (size_t k = 0; k < n; k++) {
            known |= p[k].length == q.length && memcmp(&p[k].addr, &q.addr, sizeof q.addr) == 0;
        }
        if (known) {
            continue;
        }
        char address[CDN_IP_TEXT];
        cdn_ip_write(&q.addr, address);
        cdn_buf_printf(text, "%s/%u,%c%c\n", address, q.length, q.country >> 8, q.country & 0xff);
        p[n++] = q;
    }
    return n;
}

static void random_lists_agree_with_the_twin(void **state) {
    (void)state;
    struct cdn_rnd r;
    cdn_rnd_init(&r, "twin", 6);
    struct cdn_buf text;
    cdn_buf_init(&text, &cdn_alloc_libc, CDN_MIB(1));
    const size_t rounds = cdn_rnd_rounds(400);
    size_t known = 0;
    for (size_t round = 0; round < rounds; round++) {
        static struct twin_prefix lists[CDN_IP_SOURCES][TWIN_MAX];
        size_t n[CDN_IP_SOURCES];
        const size_t sources = 1 + cdn_rnd_below(&r, CDN_IP_SOURCES);
        static const char *const names[] = {"a", "b", "c", "d"};
        struct built x;
        begin(&x);
        for (size_t s = 0; s < sources; s++) {
            n[s] = random_list(&r, lists[s], &text);
            cdn_buf_char(&text, 0);
            assert_int_equal(add(&x, CDN_IP_KIND_CSV, names[s], text.p), 0);
        }
        finish(&x);
        for (size_t i = 0; i < 400; i++) {
            const size_t list = cdn_rnd_below(&r, sources);
            const struct twin_prefix *const p = &lists[list][cdn_rnd_below(&r, n[list])];
            struct cdn_ip_addr a = p->addr;
            const unsigned way = (unsigned)cdn_rnd_below(&r, 4);
            if (way == 0) {
                a = random_addr(&r);
            } else if (way == 1) {
                step_back(&a);
            } else if (way == 2 && after(p, &a)) {
                step_back(&a);
            } else if (way == 3) {
                (void)after(p, &a);
            }
            const bool embedded = a.family == 6 && (a.v6[0] == 0 || a.v6[0] == 0x20);
            if (embedded) {
                continue; /* may be a mapped, 6to4 or Teredo address */
            }
            const struct cdn_ip_answer *const got = cdn_ip_answers(&x.table, cdn_ip_lookup(&x.table, &a));
            for (size_t s = 0; s < sources; s++) {
                const uint16_t wanted = twin(lists[s], n[s], &a);
                known += wanted != 0;
                assert_int_equal(got[s].country, wanted);
            }
        }
        end(&x);
    }
    cdn_buf_free(&text);
    assert_true(known > rounds * 100);
}

/* ---- the section ----------------------------------------------------------------------------------------
 */

static const char mixed_list[] =
    "10.0.0.0/8,DE\n10.1.2.0/24,UA,UA-43,64496\n10.1.3.7,RU\n10.1.3.9,RU\n10.1.3.11,RU\n"
    "10.1.3.13,FR\n10.1.3.15,FR\n10.1.3.17,RU\n2a00::/16,FR\n2a00:1:2::/48,UA,UA-40\n"
    "2a00:1:2::1,RU\n2a00:1:3::/49,,,,anycast\n";

static void the_same_input_gives_the_same_bytes(void **state) {
    (void)state;
    struct built x;
    struct built y;
    begin(&x);
    begin(&y);
    assert_int_equal(add(&x, CDN_IP_KIND_CSV, "own", mixed_list), 0);
    assert_int_equal(add(&x, CDN_IP_KIND_GEOFEED, "feed", "10.0.0.0/9,PL"), 0);
    assert_int_equal(add(&y, CDN_IP_KIND_CSV, "own", mixed_list), 0);
    assert_int_equal(add(&y, CDN_IP_KIND_GEOFEED, "feed", "10.0.0.0/9,PL"), 0);
    finish(&x);
    finish(&y);
    assert_int_equal(x.section.n, y.section.n);
    assert_memory_equal(x.section.p, y.section.p, x.section.n);
    end(&x);
    end(&y);
}

/* Every look-up that could reach every node: all of the 16-bit beginnings, and addresses of the list. */
static void use_everything(const struct cdn_ip_table *t) {
    for (uint32_t top = 0; top < 65536; top += 7) {
        (void)cdn_ip_answers(t, cdn_ip_lookup4(t, top << 16))->country;
    }
    for (uint32_t low = 0; low < 65536; low++) {
        const struct cdn_ip_answer *const a = cdn_ip_answers(t, cdn_ip_lookup4(t, 0x0a010000 | low));
        (void)cdn_ip_region(t, a->region);
        uint8_t v6[16] = {0x2a, 0, 0, 1, 0, (uint8_t)(low >> 8), (uint8_t)low};
        (void)cdn_ip_lookup6(t, v6);
        memset(v6 + 6, (int)(low & 0xff), 10);
        v6[5] = 2;
        (void)cdn_ip_lookup6(t, v6);
    }
    struct cdn_ip_source s;
    for (uint32_t i = 0; cdn_ip_source(t, i, &s); i++) {
        assert_true(cdn_utf8_valid(s.name));
    }
}

static void damaged_sections_are_refused_or_harmless(void **state) {
    (void)state;
    struct built x;
    begin(&x);
    assert_int_equal(add(&x, CDN_IP_KIND_CSV, "own", mixed_list), 0);
    finish(&x);
    use_everything(&x.table);
    struct cdn_rnd r;
    cdn_rnd_init(&r, "section", 7);
    uint8_t *const copy = malloc(x.section.n);
    assert_non_null(copy);
    memcpy(copy, x.section.p, x.section.n);
    const struct cdn_ip_header *const h = (const struct cdn_ip_header *)(const void *)x.section.p;
    /* Header, sources, regions, answers; nodes and leaves; a stretch of the tops that is in use. */
    const size_t parts[][2] = {{0, h->top4.offset},
                               {h->nodes.offset, x.section.n},
                               {h->top4.offset + 4 * 0x0a00, h->top4.offset + 4 * 0x0a02}};
    size_t refused = 0;
    const size_t rounds = cdn_rnd_rounds(3000);
    for (size_t i = 0; i < rounds; i++) {
        const size_t *const part = parts[cdn_rnd_below(&r, 3)];
        const size_t at = part[0] + cdn_rnd_below(&r, part[1] - part[0]);
        const uint8_t saved = copy[at];
        const uint64_t changed =
            cdn_rnd_chance(&r, 500) ? saved ^ UINT64_C(1) << cdn_rnd_below(&r, 8) : cdn_rnd_next(&r);
        copy[at] = (uint8_t)changed;
        struct cdn_ip_table t = {0};
        const int err = cdn_ip_open(copy, x.section.n, &t, &x.e);
        if (err == 0 && i % 16 == 0) {
            use_everything(&t);
        } else if (err != 0) {
            assert_true(err == CORDON_E_FORMAT || err == CORDON_E_VERSION);
            assert_null(t.nodes);
            refused++;
        }
        copy[at] = saved;
    }
    assert_true(refused > rounds / 10);
    for (size_t n = 0; n < x.section.n; n += n < 1024 ? 1 : 4099) {
        uint8_t *const part = malloc(n + 1);
        assert_non_null(part);
        memcpy(part, copy, n);
        assert_int_equal(cdn_ip_open(part, n, &x.table, NULL), CORDON_E_FORMAT);
        free(part);
    }
    assert_int_equal(cdn_ip_open(copy + 4, x.section.n - 4, &x.table, NULL), CORDON_E_ARG);
    free(copy);
    end(&x);
}

static int build_of_two_lists(const struct cordon_alloc *alloc) {
    const struct cdn_geodata_source one = {.name = CDN_STR("one"), .date = DAY};
    const struct cdn_geodata_source two = {.name = CDN_STR("two"), .date = DAY};
    struct cdn_geodata_builder *b = NULL;
    struct cdn_buf out;
    struct cdn_ip_table t;
    cdn_buf_init(&out, alloc, CDN_MAX_SNAPSHOT_SECTION);
    int err = cdn_geodata_builder_new(alloc, &b, NULL);
    if (err == 0) {
        err = cdn_geodata_add_bytes(b, CDN_IP_KIND_CSV, &one, cdn_str_z(mixed_list), CDN_STR("x"), NULL);
    }
    if (err == 0) {
        err = cdn_geodata_add_bytes(
            b, CDN_IP_KIND_GEOFEED, &two, CDN_STR("10.1.2.0/24,RU,,,\nx,DE,,,"), CDN_STR("x"), NULL);
    }
    if (err == 0) {
        err = cdn_geodata_finish(b, &out, NULL);
    }
    if (err == 0) {
        assert_int_equal(cdn_ip_open(out.p, out.n, &t, NULL), 0);
        const struct cdn_ip_answer *const a = cdn_ip_answers(&t, cdn_ip_lookup4(&t, 0x0a010203));
        assert_country(&a[0], "UA");
        assert_country(&a[1], "RU");
    }
    cdn_buf_free(&out);
    cdn_geodata_builder_free(b);
    return err;
}

/* No surprise at size: two million networks, in memory that a laptop has. */
static void two_million_networks(void **state) {
    (void)state;
    struct cdn_fault counted;
    struct cdn_buf text;
    struct cordon_error e = {0};
    cdn_fault_init(&counted, 0);
    cdn_buf_init(&text, &cdn_alloc_libc, CDN_MIB(256));
    for (uint32_t i = 0; i < 2000000; i++) {
        cdn_buf_printf(&text,
                       "%u.%u.%u.%u/29,%c%c,,%u\n",
                       1 + (i >> 21),
                       i >> 13 & 255,
                       i >> 5 & 255,
                       (i & 31) * 8,
                       'A' + (int)(i % 26),
                       'A' + (int)(i / 26 % 26),
                       i % 50000 + 1);
    }
    assert_int_equal(text.err, 0);
    const struct cdn_geodata_source s = {.name = CDN_STR("big"), .date = DAY};
    struct cdn_geodata_builder *b;
    struct cdn_buf out;
    struct cdn_ip_table t;
    cdn_buf_init(&out, &counted.alloc, CDN_MAX_SNAPSHOT_SECTION);
    assert_int_equal(cdn_geodata_builder_new(&counted.alloc, &b, &e), 0);
    assert_int_equal(cdn_geodata_add_bytes(b, CDN_IP_KIND_CSV, &s, cdn_buf_get(&text), CDN_STR("x"), &e), 0);
    assert_int_equal(cdn_geodata_finish(b, &out, &e), 0);
    assert_int_equal(cdn_ip_open(out.p, out.n, &t, &e), 0);
    for (uint32_t i = 0; i < 2000000; i += 997) {
        assert_int_equal(cdn_ip_answers(&t, cdn_ip_lookup4(&t, 0x01000000 + i * 8 + 7))->asn, i % 50000 + 1);
    }
    printf("# peak memory %zu MB, section %zu MB\n", counted.peak_bytes >> 20, out.n >> 20);
    assert_true(counted.peak_bytes < CDN_MIB(1024));
    cdn_buf_free(&out);
    cdn_geodata_builder_free(b);
    cdn_buf_free(&text);
    assert_int_equal(cdn_fault_free(&counted), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_prefix_answers),
        cmocka_unit_test(a_whole_family_can_be_one_network),
        cmocka_unit_test(wrong_lines_are_named),
        cmocka_unit_test(a_list_may_state_its_date),
        cmocka_unit_test(a_geofeed_keeps_its_good_lines),
        cmocka_unit_test(disagreement_stays_visible),
        cmocka_unit_test(sources_need_name_date_and_room),
        cmocka_unit_test(random_lists_agree_with_the_twin),
        cmocka_unit_test(the_same_input_gives_the_same_bytes),
        cmocka_unit_test(damaged_sections_are_refused_or_harmless),
        cdn_fault_test_retry(build_of_two_lists), /* an arena tries a smaller block */
        cmocka_unit_test(two_million_networks),
    };
    return cdn_run(tests);
}
