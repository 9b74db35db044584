/* SPDX-License-Identifier: Apache-2.0 */
/* A damaged snapshot is refused, or everything in it can still be read: never a crash, never an endless walk.
 * And the digests notice whatever the validators let pass. */
#include <stdio.h>
#include <stdlib.h>

#include "compile/compile.h"
#include "compile/fold_icu.h"
#include "support/fault.h"
#include "support/shared.h"
#include "support/walk_snapshot.h"
#include "support/wide_rulebook.h"

static struct cdn_arena arena;
static char *image; /* a bundle without a folding table: nothing here needs one */
static size_t size;

static const char *const text =
    "operator acme \"Acme\"\n"
    "entity acme-de \"Acme GmbH\" of acme in DE\n"
    "service cloud \"Cloud\" of acme is hosting\n"
    "service shop \"Shop\" of acme is goods\n"
    "action account.open \"open an account\" needs customer\n"
    "action order.ship \"ship\" needs customer may recipient, goods\n"
    "list us/sdn \"SDN\" issuer \"OFAC\"\n"
    "    source \"SDN list\" <https://example.org/sdn>\n"
    "fact customer.tier code \"tier\"\n"
    "calendar cal \"Days\" zone UTC weekend sat, sun\n"
    "    holidays 2022-01-17\n"
    "rate EUR to USD 1.0871 from 2022-03-10 UTC \"rate\" <https://example.org/rate>\n"
    "territory crimea \"Crimea\"\n"
    "    within UA\n"
    "    includes UA-43\n"
    "    includes UA-40 from 2014-03-18 UTC\n"
    "measure acme/new\n"
    "    title \"No new customers\"\n"
    "    basis policy of acme\n"
    "    source \"Statement\" <https://example.org/1>\n"
    "    effective 2022-03-05 UTC\n"
    "    deny account.open on cloud for customer scope account\n"
    "    when customer is new and customer based in {RU, BY} and customer.kind is person\n"
    "    except \"press\" customer.kind is ngo\n"
    "    keep order.ship\n"
    "    notice en \"Not available.\"\n"
    "measure us/crimea\n"
    "    title \"Crimea\"\n"
    "    basis law \"EO 13685\" of us\n"
    "    source \"EO\" <https://example.org/2>\n"
    "    effective 2014-12-19 UTC\n"
    "    deny any action on any service\n"
    "    freeze order.ship on shop for customer scope account\n"
    "    when any party (it located in UA except {UA-30} or it is on list us/sdn)\n"
    "licence us/gl\n"
    "    title \"Licence\"\n"
    "    basis law \"GL 1\" of us\n"
    "    source \"GL\" <https://example.org/3>\n"
    "    effective 2022-01-01 UTC\n"
    "    lifts us/crimea\n"
    "    when customer.tier in {free, pro} xor goods.value > 300 EUR\n"
    "    on condition report \"it\" to \"OFAC\" within 10 business days of cal\n";

static struct cdn_rulebook *load(struct cdn_arena *a) {
    struct cdn_diagnostics d = {.arena = a};
    const struct cdn_rulebook_source source = {CDN_STR("small.measure"), cdn_str_z(text)};
    struct cdn_rulebook *rb = NULL;
    if (cdn_rulebook_load(&source, 1, "/usr/share/zoneinfo", a, &d, &rb) != 0) {
        struct cdn_buf b;
        cdn_buf_init(&b, &a->as_alloc, 1 << 20);
        for (size_t i = 0; i < d.count; i++)
            cdn_diagnostic_write(&b, &source, &d.items[i], false);
        (void)fprintf(stderr, "%.*s\n", CDN_FMT(cdn_buf_get(&b)));
        return NULL;
    }
    return rb;
}

/* The bundle without its FOLD section. */
static int setup(void **state CDN_UNUSED) {
    struct cdn_compiled c;
    struct cordon_error e = {0};
    static const struct cdn_compile_options o;
    struct cdn_buf b;
    cdn_arena_init(&arena, &cdn_alloc_libc, 0);
    const struct cdn_rulebook *rb = load(&arena);
    if (!rb || cdn_compile(rb, &o, &arena, &c, &e) != 0) {
        (void)fprintf(stderr, "%s\n", e.message);
        return -1;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < c.section_count; i++)
        if (c.sections[i].kind != CDN_SECTION_FOLD)
            c.sections[kept++] = c.sections[i];
    c.section_count = kept;
    cdn_buf_init(&b, &arena.as_alloc, (size_t)1 << 24);
    cdn_compile_bundle(&c, &b);
    image = b.p;
    size = b.n;
    return b.err;
}

static int teardown(void **state CDN_UNUSED) {
    cdn_arena_free(&arena);
    return 0;
}

static bool opens(const char *bytes, size_t n) {
    static volatile uint64_t sink;
    struct cdn_snapshot *s = NULL;
    struct cordon_error e = {0};
    uint64_t *copy = malloc(n ? n : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, n);
    const int err = cdn_snapshot_open_bytes(cdn_str((char *)copy, n), &cdn_alloc_libc, &s, &e);
    if (err == 0) {
        sink = sink + cdn_walk_snapshot(s);
        assert_int_equal(cdn_compile_verify(s, &e), memcmp(bytes, image, size) == 0 ? 0 : CORDON_E_DIGEST);
        cdn_snapshot_unref(s);
    } else {
        assert_int_equal(e.code, err);
        assert_true(e.message[0] != '\0');
    }
    free(copy);
    return err == 0;
}

/* The digest in the image is of the sections with FOLD: set the right one. */
static void sound_one_opens(void **state CDN_UNUSED) {
    struct cdn_snap_header *h = (struct cdn_snap_header *)(void *)image;
    uint8_t digest[32];
    assert_int_equal(cdn_compile_manifest_digest(
                         h, (const struct cdn_snap_entry *)(const void *)(image + sizeof(*h)), digest),
                     0);
    memcpy(h->digest, digest, sizeof(digest));
    assert_true(opens(image, size));
}

/* The corpus of the fuzz target begins with this very snapshot: rewritten with CORDON_WRITE_CORPUS=1. */
static void corpus_is_current(void **state CDN_UNUSED) {
    char path[CDN_PATH];
    size_t n = 0;
    cdn_source_path(path, "tests/corpus/snapshot/small.snapshot");
    if (getenv("CORDON_WRITE_CORPUS")) { // NOLINT(concurrency-mt-unsafe)
        FILE *f = fopen(path, "wb");
        assert_non_null(f);
        assert_int_equal(fwrite(image, 1, size, f), size);
        assert_int_equal(fclose(f), 0);
    }
    uint8_t *p = cdn_read_file(path, &n);
    assert_non_null(p);
    struct cdn_snapshot *s = NULL;
    struct cordon_error e = {0};
    const int err = cdn_snapshot_open_bytes(cdn_str((char *)p, n), &cdn_alloc_libc, &s, &e);
    if (err)
        fail_msg("%s; rewrite it with CORDON_WRITE_CORPUS=1", e.message);
    cdn_snapshot_unref(s);
    free(p);
}

static void every_cut(void **state CDN_UNUSED) {
    for (size_t n = 0; n < size; n += n < 2048 ? 1 : 97)
        assert_false(opens(image, n));
}

/* Every byte of manifest, texts and rules; a sample of the rest, whose rooms have tests of their own. */
static void every_byte(void **state CDN_UNUSED) {
    struct cdn_rnd r;
    cdn_rnd_init(&r, "damage", 3);
    const struct cdn_snap_entry *entries =
        (const struct cdn_snap_entry *)(const void *)(image + sizeof(struct cdn_snap_header));
    size_t rules_end = 0, passed = 0, tried = 0;
    for (unsigned i = 0; i < 8 && entries[i].kind <= CDN_SECTION_RULES; i++)
        rules_end = (size_t)(entries[i].offset + entries[i].length);
    for (size_t at = 0; at < size; at += at < rules_end ? 1 : 1 + (size_t)cdn_rnd_below(&r, 400)) {
        const char old = image[at];
        const unsigned how = (unsigned)cdn_rnd_below(&r, 4);
        const char bad = (char)(how == 0   ? old ^ (1 << cdn_rnd_below(&r, 8))
                                : how == 1 ? old + 1
                                : how == 2 ? (char)0xFF
                                           : (char)cdn_rnd_below(&r, 256));
        if (bad == old)
            continue;
        char *copy = image;
        copy[at] = bad;
        struct cdn_snapshot *s = NULL;
        struct cordon_error e = {0};
        const int err = cdn_snapshot_open_bytes(cdn_str(image, size), &cdn_alloc_libc, &s, &e);
        if (err == 0) {
            (void)cdn_walk_snapshot(s);
            passed++;
            const int verdict = cdn_compile_verify(s, &e);
            if (verdict != CORDON_E_DIGEST)
                fail_msg("byte %zu: the digest did not notice", at);
            cdn_snapshot_unref(s);
        }
        tried++;
        copy[at] = old;
    }
    printf("# %zu of %zu damaged snapshots could be read\n", passed, tried);
    assert_true(tried > rules_end / 2);
}

/* Whole words of the rules replaced by numbers that mean something: 0, all ones, a near index. */
static void every_number(void **state CDN_UNUSED) {
    struct cdn_rnd r;
    cdn_rnd_init(&r, "numbers", 4);
    const struct cdn_snap_entry *entries =
        (const struct cdn_snap_entry *)(const void *)(image + sizeof(struct cdn_snap_header));
    const size_t begin = (size_t)entries[1].offset, end = begin + (size_t)entries[1].length;
    for (size_t at = begin; at + 4 <= end; at += 4) {
        uint32_t old, bad;
        memcpy(&old, image + at, 4);
        const uint32_t values[] = {0, 1, UINT32_MAX, old + 1, old - 1, old * 2, old ^ 0x80000000u, 64};
        bad = values[cdn_rnd_below(&r, 8)];
        memcpy(image + at, &bad, 4);
        struct cdn_snapshot *s = NULL;
        struct cordon_error e = {0};
        if (cdn_snapshot_open_bytes(cdn_str(image, size), &cdn_alloc_libc, &s, &e) == 0) {
            (void)cdn_walk_snapshot(s);
            cdn_snapshot_unref(s);
        }
        memcpy(image + at, &old, 4);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_one_opens),
        cmocka_unit_test(corpus_is_current),
        cmocka_unit_test(every_cut),
        cmocka_unit_test(every_byte),
        cmocka_unit_test(every_number),
    };
    return _cmocka_run_group_tests(__FILE__, tests, CDN_ARRAY_LEN(tests), setup, teardown);
}
