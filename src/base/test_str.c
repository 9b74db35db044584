/* SPDX-License-Identifier: Apache-2.0 */
/* test_str.c: slices, the hash and edit distance; suggestions, which rest on it. */
#include "base/base.h"
#include "base/limits.h"
#include "support/fault.h"
#include "support/rnd.h"

static void assert_str(cordon_str got, const char *want) {
    assert_int_equal(got.n, strlen(want));
    assert_true(cdn_str_eq(got, cdn_str_z(want)));
}

static void empty_slices_are_equal_whatever_their_address(void **state CDN_UNUSED) {
    assert_true(cdn_str_eq(cdn_str(NULL, 0), CDN_STR("")));
    assert_int_equal(cdn_str_cmp(cdn_str(NULL, 0), CDN_STR("")), 0);
    assert_true(cdn_str_eq_nocase(cdn_str(NULL, 0), CDN_STR("")));
    assert_true(cdn_str_starts(cdn_str(NULL, 0), cdn_str_z(NULL)));
    assert_int_equal(cdn_str_trim(cdn_str(NULL, 0)).n, 0);
    cordon_str rest = CDN_STR("x");
    assert_int_equal(cdn_str_split(cdn_str(NULL, 0), ',', &rest).n, 0);
    assert_int_equal(rest.n, 0);
    assert_true(cdn_hash(cdn_str(NULL, 0), 1) == cdn_hash(CDN_STR(""), 1));
}

static void case_is_ascii_case_only(void **state CDN_UNUSED) {
    assert_true(cdn_str_eq_nocase(CDN_STR("Crimea"), CDN_STR("cRIMEA")));
    assert_false(cdn_str_eq_nocase(CDN_STR("RU"), CDN_STR("RUS")));
    assert_false(cdn_str_eq_nocase(CDN_STR("[@"), CDN_STR("{`")));
    assert_false(cdn_str_eq_nocase(CDN_STR("\xC3\x84"), CDN_STR("\xC3\xA4"))); /* Ä, ä */
}

static void order_is_by_bytes_and_a_prefix_comes_first(void **state CDN_UNUSED) {
    static const char *const ordered[] = {"", "A", "AA", "B", "a", "ab", "b", "\x7F", "\x80", "\xFF"};
    for (size_t i = 0; i < CDN_ARRAY_LEN(ordered); i++) {
        for (size_t j = 0; j < CDN_ARRAY_LEN(ordered); j++) {
            const int order = cdn_str_cmp(cdn_str_z(ordered[i]), cdn_str_z(ordered[j]));
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
}

static void prefix_trim_and_split(void **state CDN_UNUSED) {
    assert_true(cdn_str_starts(CDN_STR("us/gl-25"), CDN_STR("us/")));
    assert_true(cdn_str_starts(CDN_STR("us/"), CDN_STR("us/")));
    assert_false(cdn_str_starts(CDN_STR("us"), CDN_STR("us/")));
    assert_str(cdn_str_trim(CDN_STR(" \t\r\n a b\v\f ")), "a b");
    assert_str(cdn_str_trim(CDN_STR(" \n ")), "");
    assert_str(cdn_str_trim(CDN_STR("\xC2\xA0")), "\xC2\xA0"); /* a no-break space is not ASCII */
    cordon_str rest;
    assert_str(cdn_str_split(CDN_STR("a=b=c"), '=', &rest), "a");
    assert_str(rest, "b=c");
    assert_str(cdn_str_split(rest, '=', &rest), "b");
    assert_str(cdn_str_split(rest, '=', &rest), "c");
    assert_str(rest, "");
    assert_str(cdn_str_split(CDN_STR("=x"), '=', &rest), "");
    assert_str(rest, "x");
    assert_str(cdn_str_split(CDN_STR("x="), '=', &rest), "x");
    assert_str(rest, "");
}

/* These values stand in snapshots: a change of the hash must fail here, on every machine. */
static void hash_values_never_change(void **state CDN_UNUSED) {
    static const struct {
        const char *text;
        uint64_t seed, hash;
    } known[] = {
        {"", 0, UINT64_C(0x1c0b3b7725a923ea)},
        {"", 1, UINT64_C(0x98d1c35e1c617e8c)},
        {"R", 0, UINT64_C(0x0a0064c2d24e4da5)},
        {"RU", 0, UINT64_C(0xecaedff988133447)},
        {"Yal", 0, UINT64_C(0x575c7840d1eaea55)},
        {"UA-43", 0, UINT64_C(0x6fa8329023effa94)},
        {"UA-43", 1, UINT64_C(0xbe7853f0bf3b769d)},
        {"address", 0, UINT64_C(0x83007ae4ecb3c9ba)},
        {"customer", 0, UINT64_C(0x20a5f7ccb2b61aee)},
        {"based in", 0, UINT64_C(0xfc3d627f11b3288c)},
        {"evidence.", 0, UINT64_C(0x7757026cc8311b4b)},
        {"evidence.", 1, UINT64_C(0x489120704e1bfb32)},
        {"measure/amazon00", 0, UINT64_C(0x866484380c147b24)},
        {"measure/amazon000", 0, UINT64_C(0x8e121c65dbb887f9)},
        {"a text of more than thirty-two bytes, as titles are", 0, UINT64_C(0x8ac4870761382ef7)},
    };
    for (size_t i = 0; i < CDN_ARRAY_LEN(known); i++) {
        const uint64_t hash = cdn_hash(cdn_str_z(known[i].text), known[i].seed);
        if (hash != known[i].hash)
            print_error("{\"%s\", %llu, UINT64_C(0x%016llx)},\n",
                        known[i].text,
                        (unsigned long long)known[i].seed,
                        (unsigned long long)hash);
        assert_true(hash == known[i].hash);
    }
}

static void hash_does_not_depend_on_alignment(void **state CDN_UNUSED) {
    char room[80];
    for (size_t n = 0; n <= 64; n++) {
        uint64_t first = 0;
        for (size_t shift = 0; shift < 8; shift++) {
            memset(room, (int)(shift * 37), sizeof(room));
            for (size_t i = 0; i < n; i++)
                room[shift + i] = (char)(i * 7 + 1);
            const uint64_t h = cdn_hash(cdn_str(room + shift, n), 5);
            if (shift == 0)
                first = h;
            assert_true(h == first);
        }
    }
}

/* Chi-squared of 2^16 keys in 4096 buckets: mean 4095, standard deviation about 90. */
static void check_spread(const uint16_t counts[4096], const char *what) {
    uint64_t squares = 0;
    for (size_t i = 0; i < 4096; i++) {
        const uint64_t off = counts[i] > 16 ? counts[i] - 16U : 16U - counts[i];
        squares += off * off;
    }
    const uint64_t chi = squares / 16;
    if (chi < 3500 || chi > 4700)
        print_error("%s: chi-squared %llu\n", what, (unsigned long long)chi);
    assert_in_range(chi, 3500, 4700);
}

static void hash_spreads_regular_keys_evenly(void **state CDN_UNUSED) {
    static const char *const forms[] = {"%u", "key-%05u", "measure/amazon/retail-%u/shipments", "%x"};
    for (size_t f = 0; f <= CDN_ARRAY_LEN(forms); f++) {
        static uint16_t low[4096];
        static uint16_t high[4096];
        memset(low, 0, sizeof(low));
        memset(high, 0, sizeof(high));
        for (unsigned i = 0; i < 65536; i++) {
            char key[64] = {(char)(i & 0xFF), (char)(i >> 8)};
            size_t n = 2; /* all keys of two bytes */
            switch (f) {
            case 0:
                n = (size_t)snprintf(key, sizeof(key), "%u", i);
                break;
            case 1:
                n = (size_t)snprintf(key, sizeof(key), "key-%05u", i);
                break;
            case 2:
                n = (size_t)snprintf(key, sizeof(key), "measure/amazon/retail-%u/shipments", i);
                break;
            case 3:
                n = (size_t)snprintf(key, sizeof(key), "%016x", i << 16);
                break;
            default:
                break;
            }
            const uint64_t h = cdn_hash(cdn_str(key, n), 0);
            low[h & 4095]++;
            high[h >> 52]++;
        }
        check_spread(low, f < 4 ? forms[f] : "two bytes, low bits");
        check_spread(high, f < 4 ? forms[f] : "two bytes, high bits");
    }
}

static void each_bit_of_the_key_changes_half_of_the_hash(void **state CDN_UNUSED) {
    struct cdn_rnd rnd;
    cdn_rnd_init(&rnd, "avalanche", 11);
    for (size_t n = 1; n <= 40; n++) {
        unsigned flips[64] = {0};
        unsigned tries = 0;
        for (size_t round = 0; round < 40; round++) {
            char key[40];
            cdn_rnd_bytes(&rnd, key, n);
            if (round == 0)
                memset(key, 0, n); /* regular keys are the hard ones */
            const uint64_t h = cdn_hash(cdn_str(key, n), round);
            for (size_t bit = 0; bit < n * 8; bit++, tries++) {
                key[bit / 8] = (char)(key[bit / 8] ^ (1 << (bit % 8)));
                const uint64_t changed = h ^ cdn_hash(cdn_str(key, n), round);
                key[bit / 8] = (char)(key[bit / 8] ^ (1 << (bit % 8)));
                assert_true(changed != 0);
                for (size_t out = 0; out < 64; out++)
                    flips[out] += (unsigned)(changed >> out & 1);
            }
        }
        for (size_t out = 0; out < 64; out++) /* 320 tries at least: 0.5 give or take 0.028 */
            assert_in_range(flips[out] * 1000 / tries, 350, 650);
    }
}

static void length_and_seed_are_part_of_the_hash(void **state CDN_UNUSED) {
    static const char zeros[64] = {0};
    uint64_t seen[65 * 4];
    for (size_t n = 0; n <= 64; n++) {
        for (size_t seed = 0; seed < 4; seed++) {
            const uint64_t h = cdn_hash(cdn_str(zeros, n), seed);
            for (size_t i = 0; i < n * 4 + seed; i++)
                assert_true(seen[i] != h);
            seen[n * 4 + seed] = h;
        }
    }
}

/* ---- edit distance --------------------------------------------------------------------------------- */

static void distance_of_known_pairs(void **state CDN_UNUSED) {
    static const struct {
        const char *a, *b;
        unsigned limit, distance;
    } pairs[] = {
        {"", "", 0, 0},
        {"", "abc", 5, 3},
        {"Belrus", "Belarus", 3, 1},
        {"Belarsu", "belarus", 3, 1},
        {"CA", "ABC", 5, 2}, /* a swap and an insertion between: the unrestricted distance */
        {"kitten", "sitting", 5, 3},
        {"kitten", "sitting", 3, 3},
        {"kitten", "sitting", 2, 3},
        {"kitten", "sitting", 0, 1},
        {"RU", "BY", 1, 2},
        {"abcdef", "uvwxyz", 100, 6},
    };
    for (size_t i = 0; i < CDN_ARRAY_LEN(pairs); i++) {
        const cordon_str a = cdn_str_z(pairs[i].a);
        const cordon_str b = cdn_str_z(pairs[i].b);
        assert_int_equal(cdn_str_distance(a, b, pairs[i].limit), pairs[i].distance);
        assert_int_equal(cdn_str_distance(b, a, pairs[i].limit), pairs[i].distance);
    }
}

static void long_texts_give_up_instead_of_using_stack(void **state CDN_UNUSED) {
    static char a[1000];
    static char b[1000];
    memset(a, 'a', sizeof(a));
    memset(b, 'b', sizeof(b));
    assert_int_equal(cdn_str_distance(cdn_str(a, 1000), cdn_str(b, 1000), 3), 4);
    assert_int_equal(cdn_str_distance(cdn_str(a, 1000), cdn_str(b, 1000), UINT32_MAX), UINT32_MAX);
    assert_int_equal(cdn_str_distance(cdn_str(a, 1000), cdn_str(a, 998), 3), 2);
    const size_t most = CDN_MAX_DISTANCE_TEXT;
    assert_int_equal(cdn_str_distance(cdn_str(a, most), cdn_str(b, most), UINT32_MAX), most);
    assert_int_equal(cdn_str_distance(cdn_str(a, most), cdn_str(b, 1), UINT32_MAX), most);
}

/* The twin: a graph of all texts of up to 5 letters a, b, c, in which one edit is one step, searched
 * breadth first. */
#define NODES 364 /* (3^6 - 1) / 2 */
struct node {
    char text[5];
    size_t n;
};

static size_t node_index(const char *text, size_t n) {
    size_t index = 0;
    for (size_t i = 0; i < n; i++)
        index = index * 3 + (size_t)(text[i] - 'a') + 1;
    return index;
}

static struct node node_of(size_t index) {
    struct node node = {.n = 0};
    char reversed[5];
    for (; index; index = (index - 1) / 3)
        reversed[node.n++] = (char)('a' + (index - 1) % 3);
    for (size_t i = 0; i < node.n; i++)
        node.text[i] = reversed[node.n - 1 - i];
    return node;
}

static size_t neighbours(struct node node, size_t out[64]) {
    size_t count = 0;
    for (size_t i = 0; i <= node.n && node.n < 5; i++) {
        for (char c = 'a'; c <= 'c'; c++) {
            struct node longer = node;
            memmove(longer.text + i + 1, node.text + i, node.n - i);
            longer.text[i] = c;
            out[count++] = node_index(longer.text, node.n + 1);
        }
    }
    for (size_t i = 0; i < node.n; i++) {
        struct node other = node;
        memmove(other.text + i, node.text + i + 1, node.n - i - 1);
        out[count++] = node_index(other.text, node.n - 1);
        other = node;
        for (char c = 'a'; c <= 'c'; c++) {
            other.text[i] = c;
            out[count++] = node_index(other.text, node.n);
        }
        if (i + 1 < node.n) {
            other = node;
            other.text[i] = node.text[i + 1];
            other.text[i + 1] = node.text[i];
            out[count++] = node_index(other.text, node.n);
        }
    }
    return count;
}

static void distance_is_the_fewest_edits(void **state CDN_UNUSED) {
    for (size_t from = 0; from < NODES; from++) {
        unsigned steps[NODES];
        size_t queue[NODES];
        size_t head = 0;
        size_t tail = 0;
        memset(steps, 0xFF, sizeof(steps));
        steps[from] = 0;
        queue[tail++] = from;
        while (head < tail) {
            const size_t at = queue[head++];
            size_t next[64];
            const size_t count = neighbours(node_of(at), next);
            for (size_t i = 0; i < count; i++) {
                if (steps[next[i]] == UINT32_MAX) {
                    steps[next[i]] = steps[at] + 1;
                    queue[tail++] = next[i];
                }
            }
        }
        assert_int_equal(tail, NODES);
        const struct node a = node_of(from);
        for (size_t to = 0; to < NODES; to++) {
            const struct node b = node_of(to);
            for (unsigned limit = 0; limit < 6; limit += 1 + limit) {
                const unsigned want = CDN_MIN(steps[to], limit + 1);
                assert_int_equal(cdn_str_distance(cdn_str(a.text, a.n), cdn_str(b.text, b.n), limit), want);
            }
        }
    }
}

/* ---- suggestions ----------------------------------------------------------------------------------- */

static void suggests_the_nearest_name(void **state CDN_UNUSED) {
    struct cdn_suggest s;
    cdn_suggest_init(&s, CDN_STR("Belrus"));
    assert_false(cdn_suggest_found(&s));
    cdn_suggest_offer(&s, CDN_STR("Russia"));
    assert_false(cdn_suggest_found(&s));
    cdn_suggest_offer(&s, CDN_STR("Belurs")); /* one swap */
    cdn_suggest_offer(&s, CDN_STR("Belarus"));
    assert_true(cdn_suggest_found(&s));
    assert_str(s.best, "Belurs");
    cdn_suggest_offer(&s, CDN_STR("BELRUS"));
    assert_str(s.best, "BELRUS");
    assert_int_equal(s.best_distance, 0);
    cdn_suggest_offer(&s, CDN_STR("belrus"));
    assert_str(s.best, "BELRUS");
}

static void allows_a_third_of_the_length_and_three_edits_at_most(void **state CDN_UNUSED) {
    static const struct {
        const char *wanted, *offered;
        bool found;
    } cases[] = {
        {"R", "RU", true},
        {"XX", "YY", false},
        {"", "a", true},
        {"", "", false},
        {"adress", "address", true},
        {"abcdef", "abcdxyz", false},
        {"abcdefghijkl", "abcdefghiXYZ", true},
        {"abcdefghijklmnop", "abcdefghijklWXYZ", false},
    };
    for (size_t i = 0; i < CDN_ARRAY_LEN(cases); i++) {
        struct cdn_suggest s;
        cdn_suggest_init(&s, cdn_str_z(cases[i].wanted));
        cdn_suggest_offer(&s, cdn_str_z(cases[i].offered));
        assert_int_equal(cdn_suggest_found(&s), cases[i].found);
    }
}

/* Each length, each place of a difference: the loads of a comparison overlap. */
static void equality_looks_at_every_byte(void **state) {
    (void)state;
    char a[64], b[64];
    for (size_t n = 0; n < 40; n++) {
        for (size_t i = 0; i < sizeof(a); i++)
            a[i] = b[i] = (char)('a' + (i * 7 + n) % 26);
        b[n] = '#'; /* behind the end */
        assert_true(cdn_str_eq(cdn_str(a, n), cdn_str(b, n)));
        for (size_t at = 0; at < n; at++) {
            b[at] = (char)(b[at] ^ 1);
            assert_false(cdn_str_eq(cdn_str(a, n), cdn_str(b, n)));
            b[at] = (char)(b[at] ^ 1);
        }
        assert_false(cdn_str_eq(cdn_str(a, n), cdn_str(a, n + 1)));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equality_looks_at_every_byte),
        cmocka_unit_test(empty_slices_are_equal_whatever_their_address),
        cmocka_unit_test(case_is_ascii_case_only),
        cmocka_unit_test(order_is_by_bytes_and_a_prefix_comes_first),
        cmocka_unit_test(prefix_trim_and_split),
        cmocka_unit_test(hash_values_never_change),
        cmocka_unit_test(hash_does_not_depend_on_alignment),
        cmocka_unit_test(hash_spreads_regular_keys_evenly),
        cmocka_unit_test(each_bit_of_the_key_changes_half_of_the_hash),
        cmocka_unit_test(length_and_seed_are_part_of_the_hash),
        cmocka_unit_test(distance_of_known_pairs),
        cmocka_unit_test(long_texts_give_up_instead_of_using_stack),
        cmocka_unit_test(distance_is_the_fewest_edits),
        cmocka_unit_test(suggests_the_nearest_name),
        cmocka_unit_test(allows_a_third_of_the_length_and_three_edits_at_most),
    };
    return cdn_run(tests);
}
